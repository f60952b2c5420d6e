"""Runs replays: a question of an attempt is run again for staff, and the values are stored.

The time until which a row is claimed is also its lease: it is extended while the replay runs, and a worker that finds
another time there has lost the row. If a worker dies, the next one gets the row once that time has passed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, select, update

from autograder.course import SubmissionId
from autograder.engine.messages import GradeTask, ReplayTask, WorkItem, WorkResult
from autograder.engine.replay import replay
from autograder.errors import AutograderError
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, Replay
from autograder.web.worker.open_course import OpenCourse
from autograder.web.worker.timing import Timing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _ClaimedReplay:
    """A row that is claimed until a moment, and what to run."""

    row: int
    until: datetime
    submission: SubmissionId
    path: str
    question: str
    score: float | None


class ReplayRunner:
    """Runs one replay at a time, so that grading never waits for more than one."""

    name = "replay"

    def __init__(
        self,
        database: Database,
        task: Callable[[OpenCourse, SubmissionId, str], GradeTask],
        timing: Timing,
        clock: Callable[[], datetime],
    ) -> None:
        """Set up the runner. task: returns what a worker process needs to grade a file, or raises AutograderError."""
        self._database, self._task, self._timing, self._clock = database, task, timing, clock
        self._claimed: _ClaimedReplay | None = None
        self._result: Mapping[str, Any] | None = None
        """The result, until it is stored."""

    def step(self, opened: OpenCourse) -> None:
        """Store a result, extend the lease, or start the next replay."""
        if self._result is not None:
            self._write()
        elif self._claimed is not None:
            self._extend(self._claimed)
        elif opened.slots and (claimed := self._claim()) is not None:
            self._begin(opened, claimed)

    def take(self, opened: OpenCourse, finished: WorkResult) -> None:
        """Take the result of a worker process."""
        if self._claimed is None or finished.key != (self.name, self._claimed.row):
            return
        self._result = {"failed": finished.error.to_dict()} if finished.error else finished.value
        self._write()

    def forget(self) -> None:
        """Drop the current replay; it is claimed again when its lease expires."""
        self._claimed = self._result = None

    def _begin(self, opened: OpenCourse, claimed: _ClaimedReplay) -> None:
        try:
            task = ReplayTask(
                self._task(opened, claimed.submission, claimed.path), claimed.question, claimed.score
            )
        except AutograderError as error:
            self._claimed, self._result = claimed, {"failed": error.message.to_dict()}
            self._write()
        else:
            self._claimed = claimed
            opened.engine.submit(WorkItem((self.name, claimed.row), replay, task))

    def _claim(self) -> _ClaimedReplay | None:
        moment = self._clock()
        waiting = select(Replay).where(Replay.seen.is_(None), Replay.free_at <= moment)
        with self._database.read() as session:  # an empty poll takes no write lock
            if session.scalars(waiting.limit(1)).first() is None:
                return None
        with self._database.write() as session:
            first = waiting.order_by(Replay.free_at, Replay.id).limit(1).with_for_update(skip_locked=True)
            row = session.scalars(first).first()
            if row is None:
                return None
            attempt: Attempt = row.attempt
            row.free_at = moment + timedelta(seconds=self._timing.lease)
            submission = SubmissionId(attempt.person.student_id or "", attempt.course_link.assignment or "")
            score = _score(attempt.report, row.question)
            return _ClaimedReplay(row.id, row.free_at, submission, attempt.path, row.question, score)

    def _extend(self, claimed: _ClaimedReplay) -> None:
        moment = self._clock()
        if claimed.until > moment + timedelta(seconds=self._timing.lease / 2):
            return
        until = moment + timedelta(seconds=self._timing.lease)
        if self._update(claimed, free_at=until):
            self._claimed = _ClaimedReplay(
                claimed.row, until, claimed.submission, claimed.path, claimed.question, claimed.score
            )
        else:
            self._claimed = None

    def _write(self) -> None:
        assert self._claimed is not None
        assert self._result is not None
        if not self._update(self._claimed, seen=dict(self._result), seen_at=self._clock()):
            log.warning(
                "replay %s is no longer claimed by this worker; its result is dropped", self._claimed.row
            )
        self.forget()

    def _update(self, claimed: _ClaimedReplay, **values: Any) -> bool:
        """Update the row if it is still claimed by this worker. Returns whether it was."""
        still_claimed = (Replay.id == claimed.row, Replay.seen.is_(None), Replay.free_at == claimed.until)
        with self._database.write() as session:
            result = session.execute(update(Replay).where(*still_claimed).values(**values))
            assert isinstance(result, CursorResult)
            return result.rowcount == 1


def _score(report: Mapping[str, Any] | None, question: str) -> float | None:
    """Return the score of a question in a report; None if it has none."""
    questions = (report or {}).get("questions", ())
    return next((float(item["score"]) for item in questions if item["question"] == question), None)

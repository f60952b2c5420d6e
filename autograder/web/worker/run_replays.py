"""Why these points: what staff want to see of an attempt is run once more, and what was seen is written down.

The moment until which a row is held is its lease as well: it is moved on while the row is worked at, and whoever finds
another one there has lost it. A worker that dies leaves the row to the next one, once that moment has passed.
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
class _Held:
    """A row in our hands until a moment, and what is to be run."""

    row: int
    until: datetime
    job: SubmissionId
    path: str
    question: str
    score: float | None


class ReplayRunner:
    """One replay at a time: nobody's grading waits for more than that."""

    name = "replay"

    def __init__(
        self,
        database: Database,
        task: Callable[[OpenCourse, SubmissionId, str], GradeTask],
        pace: Timing,
        clock: Callable[[], datetime],
    ) -> None:
        """task: what a worker needs to grade a file, as grading has it. Raises AutograderError where there is none."""
        self._database, self._task, self._pace, self._clock = database, task, pace, clock
        self._held: _Held | None = None
        self._seen: Mapping[str, Any] | None = None
        """What was seen, until it is written down."""

    def step(self, opened: OpenCourse) -> None:
        """Put down what was seen, keep what is under way, or begin what waits."""
        if self._seen is not None:
            self._write()
        elif self._held is not None:
            self._extend(self._held)
        elif opened.slots and (held := self._claim()) is not None:
            self._begin(opened, held)

    def take(self, opened: OpenCourse, finished: WorkResult) -> None:
        """What a worker sent back."""
        if self._held is None or finished.key != (self.name, self._held.row):
            return
        self._seen = {"failed": finished.error} if finished.error else finished.value
        self._write()

    def forget(self) -> None:
        """Let go of what is under way; it is taken again when its moment has passed."""
        self._held = self._seen = None

    def _begin(self, opened: OpenCourse, held: _Held) -> None:
        try:
            again = ReplayTask(self._task(opened, held.job, held.path), held.question, held.score)
        except AutograderError as error:
            self._held, self._seen = held, {"failed": str(error)}
            self._write()
        else:
            self._held = held
            opened.engine.submit(WorkItem((self.name, held.row), replay, again))

    def _claim(self) -> _Held | None:
        moment = self._clock()
        waiting = select(Replay).where(Replay.seen.is_(None), Replay.free_at <= moment)
        with self._database.read() as session:  # nobody stands in line behind a look that finds nothing
            if session.scalars(waiting.limit(1)).first() is None:
                return None
        with self._database.write() as session:
            first = waiting.order_by(Replay.free_at, Replay.id).limit(1).with_for_update(skip_locked=True)
            row = session.scalars(first).first()
            if row is None:
                return None
            attempt: Attempt = row.attempt
            row.free_at = moment + timedelta(seconds=self._pace.lease)
            job = SubmissionId(attempt.person.student_id or "", attempt.course_link.assignment or "")
            score = _score(attempt.report, row.question)
            return _Held(row.id, row.free_at, job, attempt.path, row.question, score)

    def _extend(self, held: _Held) -> None:
        moment = self._clock()
        if held.until > moment + timedelta(seconds=self._pace.lease / 2):
            return
        until = moment + timedelta(seconds=self._pace.lease)
        if self._changed(held, free_at=until):
            self._held = _Held(held.row, until, held.job, held.path, held.question, held.score)
        else:
            self._held = None

    def _write(self) -> None:
        assert self._held is not None
        assert self._seen is not None
        if not self._changed(self._held, seen=dict(self._seen), seen_at=self._clock()):
            log.warning("replay %s is no longer ours; what it saw is dropped", self._held.row)
        self.forget()

    def _changed(self, held: _Held, **values: Any) -> bool:
        """Write into the row if it is still ours; false where it is another's by now, or gone."""
        ours = (Replay.id == held.row, Replay.seen.is_(None), Replay.free_at == held.until)
        with self._database.write() as session:
            result = session.execute(update(Replay).where(*ours).values(**values))
            assert isinstance(result, CursorResult)
            return result.rowcount == 1


def _score(report: Mapping[str, Any] | None, question: str) -> float | None:
    """What a question earned when it was graded; None where it was not."""
    told = (report or {}).get("questions", ())
    return next((float(one["score"]) for one in told if one["question"] == question), None)

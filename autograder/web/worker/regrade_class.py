"""Regrades a class: grades attempts beside their scores, and writes results or takes them back when staff say so.

Grading takes half of the worker processes at most, and none while hand-ins wait for one. Until a regrade is applied,
its results are files beside each attempt. They are applied, and undone, student by student, so that a score changes
once at the LMS. Whatever is killed on the way, the next worker continues: each step may be repeated.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.engine.messages import (
    Regrade,
    WorkItem,
    WorkResult,
    changes,
    grade_with,
    render_with,
    scores_that_stay,
)
from autograder.errors import AutograderError
from autograder.grading.fingerprint import Fingerprints, RegradeReason, difference
from autograder.grading.regrade_log import new_log, next_number, read_logs, write_log
from autograder.i18n import _
from autograder.nbgrader.graded_notebook import record_in, reports_in, with_earlier
from autograder.nbgrader.records import GradeRecord
from autograder.text import Text
from autograder.web.db import final_grades, kept_cases, regrades
from autograder.web.db.database import Database
from autograder.web.db.locking import lock_people
from autograder.web.db.models import Attempt, ClassRegrade, FinalGrade, RegradedAttempt
from autograder.web.worker.attempt_files import AttemptFolder, Side
from autograder.web.worker.attempt_result import result_of
from autograder.web.worker.error_text import AWAY, format_error
from autograder.web.worker.grade_attempts import AttemptGrader, AttemptWork, load_work, page_task
from autograder.web.worker.open_course import OpenCourse, state_of
from autograder.web.worker.regrade_results import change_to_row, regrade_data_of, regrade_rows
from autograder.web.worker.timing import Timing

log = logging.getLogger(__name__)
AT_ONCE = 20
"""Students whose scores are written before the loop turns to other tasks."""
TRIES = 3
"""How often an attempt is graded that fails, or that other question files than those of the regrade grade."""
RESULT = ("score", "points", "report", "versions")
"""The columns of an attempt that hold its result, besides the time."""


@dataclass
class _Regraded:
    """An attempt that is graded for a regrade."""

    work: AttemptWork
    regrade: int
    asked: Regrade
    questions: str
    """The digest of the question files when the regrade was begun."""
    earlier: Any = None
    """The graded notebook of the score that counts."""
    why: Text | None = None
    """Why it is graded again."""
    stay: tuple[str, ...] = ()
    """The questions whose score of before stays."""
    changes: tuple[dict[str, Any], ...] = ()
    reason: Text | None = None
    """Why a question could not be graded; its score stays."""


class ClassRegrader:
    """Works on the regrades that are not done: grades, applies, undoes and discards."""

    name = "regrade"

    def __init__(
        self, database: Database, grader: AttemptGrader, timing: Timing, clock: Callable[[], datetime]
    ) -> None:
        """Begin with nothing. grader: has precedence, and makes the tasks."""
        self._database, self._grader, self._timing, self._clock = database, grader, timing, clock
        self._in_progress: dict[int, _Regraded] = {}
        """By row of `regraded_attempt`."""
        self._failures: Counter[int] = Counter()
        """How often each row could not be graded."""
        self._postponed: dict[int, float] = {}
        """When to try those again, by the monotonic clock."""
        self._records: tuple[OpenCourse, Fingerprints] | None = None
        self._checked: tuple[int, OpenCourse] | None = None
        """The last regrade for which the course was found to be current."""

    def step(self, opened: OpenCourse) -> None:
        """Do the next part of each regrade."""
        with self._database.read() as session:
            waiting = session.scalars(
                select(ClassRegrade)
                .where(ClassRegrade.state.in_(regrades.UNFINISHED))
                .order_by(ClassRegrade.id)
            ).all()
        for regrade in waiting:
            if regrade.state == "grading":
                self._grade_more(opened, regrade)
            elif regrade.state == "stopping":
                self._discard(opened, regrade)
            else:
                self._write_more(opened, regrade)

    def take(self, opened: OpenCourse, finished: WorkResult) -> None:
        """Take the result of a worker process."""
        _name, step, row = finished.key
        regraded = self._in_progress.pop(row, None)
        if regraded is None:
            return
        if finished.error:
            self._fail(row, regraded, finished.error)
        elif step == "page":
            regraded.work.page = finished.value
            self._save(opened, row, regraded)
        elif finished.value.reason:
            self._fail(row, regraded, finished.value.reason)
        else:
            self._render(opened, row, regraded, finished.value)

    def forget(self) -> None:
        """Drop what is being graded, since the worker processes are replaced; it is graded anew."""
        self._in_progress.clear()
        self._records = self._checked = None

    def _grade_more(self, opened: OpenCourse, regrade: ClassRegrade) -> None:
        query = (
            select(RegradedAttempt)
            .where(RegradedAttempt.regrade_id == regrade.id, RegradedAttempt.state == "waiting")
            .where(RegradedAttempt.id.not_in({*self._in_progress, *self._waiting_for_another_try()}))
            .order_by(RegradedAttempt.id)
            .limit(AT_ONCE)
        )
        if not self._has_place(opened) or not self._is_current(opened, regrade.id):
            return
        asked = Regrade(regrade.question, keep_better=regrade.keep_better)
        with self._database.read() as session:
            found = {
                row.id: _Regraded(
                    load_work(session, opened.course, row.attempt), regrade.id, asked, regrade.questions
                )
                for row in session.scalars(query)
            }
        for row, regraded in found.items():
            if not self._has_place(opened):
                break
            self._begin(opened, row, regraded, everything=regrade.everything)

    def _is_current(self, opened: OpenCourse, regrade: int) -> bool:
        """Whether the course is open as its files were when a regrade was begun; else it is opened anew shortly."""
        if self._checked != (regrade, opened) and state_of(opened.course) == opened.state:
            self._checked = regrade, opened
        return self._checked == (regrade, opened)

    def _waiting_for_another_try(self) -> set[int]:
        moment = time.monotonic()
        self._postponed = {row: until for row, until in self._postponed.items() if until > moment}
        return set(self._postponed)

    def _has_place(self, opened: OpenCourse) -> bool:
        places = max(1, opened.slots // 2)
        graded = opened.in_slots((self.name, "grade", row) for row in self._in_progress)
        return opened.slots > 0 and graded < places and not self._grader.is_full(opened)

    def _begin(self, opened: OpenCourse, row: int, regraded: _Regraded, *, everything: bool) -> None:
        """Have an attempt graded, unless nothing has changed since it was."""
        work = regraded.work
        try:
            folder = AttemptFolder(opened.course, work.path)
            regraded.earlier = json.loads(folder.graded.read_bytes())
            now = self._fingerprints(opened).of(work.submission.assignment)
            why = difference(record_in(regraded.earlier), now, of_scores=True)
            if not why.reason and not everything:
                self._drop(row)
                return
            regraded.why = (why if why.reason else RegradeReason("asked")).text
            self._submit(opened, row, regraded)
        except AWAY:
            raise
        except (OSError, ValueError, KeyError, TypeError) as error:
            problem = format_error(error)
            reason = _("the graded notebook of this attempt cannot be read: {error}", error=problem)
            self._leave(row, regraded, reason)
        except AutograderError as error:
            self._leave(row, regraded, error.message)

    def _submit(self, opened: OpenCourse, row: int, regraded: _Regraded) -> None:
        task = self._grader.task(opened, regraded.work.submission, regraded.work.path)
        self._in_progress[row] = regraded
        opened.engine.submit(WorkItem((self.name, "grade", row), grade_with, task))

    def _render(self, opened: OpenCourse, row: int, regraded: _Regraded, graded: GradeRecord) -> None:
        """Keep the scores that do not change, and have the page rendered."""
        if record_in(json.loads(graded.notebook))["questions"] != regraded.questions:
            reason = _("the question files changed after this regrade was begun; discard it and begin anew")
            self._fail(row, regraded, reason)
            return
        graded = _held(regraded, graded)
        page = page_task(opened, regraded.work, graded)
        if page is None:
            assert regraded.work.error is not None
            self._leave(row, regraded, regraded.work.error)
            return
        regraded.work.graded = graded
        self._in_progress[row] = regraded
        opened.engine.submit(WorkItem((self.name, "page", row), render_with, page))

    def _save(self, opened: OpenCourse, row: int, regraded: _Regraded) -> None:
        """Keep a result beside the attempt."""
        work = regraded.work
        assert work.graded is not None
        assert work.page is not None
        result = result_of(opened, work.graded)
        values = {name: getattr(result, name) for name in RESULT} | {"graded_at": self._clock().isoformat()}
        failing = kept_cases.as_data(result.failing)
        with self._database.write() as session:
            lock_people(session, [work.person], shared=True)  # so that the student is not erased meanwhile
            found = session.get(RegradedAttempt, row, populate_existing=True)
            if found is None or found.regrade.state != "grading":
                return  # the student was erased, or the regrade is discarded: nothing may be left behind
            earlier = kept_cases.saved(session, work.attempt)
            values["failing"] = {
                **{name: cases for name, cases in failing.items() if name not in regraded.stay},
                **{name: earlier[name] for name in regraded.stay if name in earlier},
            }
            saved = AttemptFolder(opened.course, work.path).saved(regraded.regrade, "after")
            saved.save(values, work.graded.notebook.encode(), work.page.encode())
            found.state, found.why, found.reason = "graded", regraded.why, regraded.reason
            found.changes = list(regraded.changes)
            found.counts = _counts(session, found.attempt)

    def _fail(self, row: int, regraded: _Regraded, reason: Text) -> None:
        """Have an attempt graded again later, a few times: the course may be opened anew meanwhile."""
        self._failures[row] += 1
        if self._failures[row] >= TRIES:
            self._leave(row, regraded, reason)
            return
        pauses = self._timing.retry_pauses
        self._postponed[row] = time.monotonic() + pauses[min(self._failures[row], len(pauses)) - 1]

    def _leave(self, row: int, regraded: _Regraded, reason: Text) -> None:
        """Note that an attempt cannot be graded; its score stays."""
        with self._database.write() as session:
            found = session.get(RegradedAttempt, row)
            if found is not None:
                found.state, found.why, found.reason = "ungraded", regraded.why, reason
                found.counts = _counts(session, found.attempt)

    def _drop(self, row: int) -> None:
        """Leave out an attempt for which nothing has changed."""
        with self._database.write() as session:
            found = session.get(RegradedAttempt, row)
            if found is not None:
                found.regrade.up_to_date += 1
                session.delete(found)

    def _write_more(self, opened: OpenCourse, regrade: ClassRegrade) -> None:
        """Write the next results, or put the next ones back."""
        if regrade.assignment not in opened.course.assignments:
            return
        wanted = "graded" if regrade.state == "applying" else "applied"
        query = (
            select(Attempt.person_id)
            .join(RegradedAttempt, RegradedAttempt.attempt_id == Attempt.id)
            .where(RegradedAttempt.regrade_id == regrade.id, RegradedAttempt.state == wanted)
            .distinct()
            .order_by(Attempt.person_id)
            .limit(AT_ONCE)
        )
        with self._database.read() as session:
            people = session.scalars(query).all()
        for person in people:
            with self._database.write() as session:
                rows = (
                    select(RegradedAttempt)
                    .join(RegradedAttempt.attempt)
                    .where(
                        RegradedAttempt.regrade_id == regrade.id,
                        RegradedAttempt.state == wanted,
                        Attempt.person_id == person,
                    )
                    .order_by(Attempt.id)
                    .with_for_update()
                )
                found = session.scalars(rows).all()  # attempts are locked before people
                lock_people(session, [person])
                for row in found:
                    self._switch(session, opened, row, "after" if wanted == "graded" else "before")
                final_grades.mark_stale(session, regrade.course_link_id, person)
        if not people:
            self._finish(opened, regrade.id)

    def _switch(self, session: Session, opened: OpenCourse, row: RegradedAttempt, side: Side) -> None:
        """Give an attempt its result of one side of the regrade, unless it was graded again since."""
        attempt = session.get_one(Attempt, row.attempt_id, populate_existing=True)
        folder = AttemptFolder(opened.course, attempt.path)
        before, after = folder.saved(row.regrade_id, "before"), folder.saved(row.regrade_id, "after")
        if attempt.graded_at is None or not folder.graded.exists() or not after.exists():
            row.state = "left"  # its files were deleted, as the settings say
            return
        was_graded_since = attempt.graded_at > _time(after.values)
        if was_graded_since or (side == "before" and not before.exists()):
            row.state = "left"
            return
        if side == "after":
            row.counts = _counts(session, attempt)
            if not before.exists():
                values = {name: getattr(attempt, name) for name in RESULT}
                values["graded_at"] = attempt.graded_at.isoformat()
                values["failing"] = kept_cases.saved(session, attempt.id)
                before.save(values, folder.graded.read_bytes(), folder.page.read_bytes())
        written = after if side == "after" else before
        folder.write_files(*written.files)
        values = written.values
        for name in RESULT:
            setattr(attempt, name, values[name])
        attempt.graded_at = _time(values)
        kept_cases.put(session, attempt.id, values["failing"])
        row.state = "applied" if side == "after" else "undone"

    def _finish(self, opened: OpenCourse, number: int) -> None:
        """Log a regrade whose results are all written, or put back."""
        with self._database.write() as session:
            regrade = session.get(ClassRegrade, number, with_for_update=True, populate_existing=True)
            if regrade is None:
                return
            regrade.state = "applied" if regrade.state == "applying" else "undone"
            if regrade.state == "applied":
                regrades.answer_requests(session, regrade, at=self._clock())
            try:
                regrade.log = _write_log(session, opened, regrade)
            except AutograderError as error:  # another log was edited by hand
                log.error("regrade %s is not listed in regrades/: %s", number, error)
        log.info("regrade %s of link %s is %s", number, regrade.course_link_id, regrade.state)

    def _discard(self, opened: OpenCourse, regrade: ClassRegrade) -> None:
        """Delete a regrade that was not applied, and its results."""
        self._in_progress = {
            row: regraded for row, regraded in self._in_progress.items() if regraded.regrade != regrade.id
        }
        with self._database.write() as session:
            paths = session.scalars(
                select(Attempt.path)
                .join(RegradedAttempt, RegradedAttempt.attempt_id == Attempt.id)
                .where(RegradedAttempt.regrade_id == regrade.id)
            ).all()
            for path in paths:
                AttemptFolder(opened.course, path).forget(regrade.id)
            session.delete(session.get_one(ClassRegrade, regrade.id))

    def _fingerprints(self, opened: OpenCourse) -> Fingerprints:
        if self._records is None or self._records[0] is not opened:
            self._records = opened, Fingerprints(opened.course)
        return self._records[1]


def _held(regraded: _Regraded, graded: GradeRecord) -> GradeRecord:
    """Return what was graded, with those scores of before that the regrade does not change; note the changes."""
    submission, earlier = graded.submission, reports_in(regraded.earlier)
    before = {name: report.recorded_score for name, report in earlier.items()}
    held, better = scores_that_stay(submission, before, earlier, graded.reports, regraded.asked)
    stay = [
        replace(change, stays=True)
        for change in changes(submission, earlier, graded.reports)
        if change.question in better
    ]
    regraded.reason = next(
        (graded.reports[name].ungraded for name in held if graded.reports[name].ungraded), None
    )
    regraded.stay = (*held, *better)
    if regraded.stay:
        graded = with_earlier(graded, regraded.earlier, regraded.stay, is_current=not held)
    regraded.changes = tuple(map(change_to_row, [*changes(submission, earlier, graded.reports), *stay]))
    return graded


def _counts(session: Session, attempt: Attempt) -> bool:
    grade = session.get(FinalGrade, (attempt.course_link_id, attempt.person_id))
    return grade is not None and grade.attempt_id == attempt.id


def _time(values: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(values["graded_at"])


def _write_log(session: Session, opened: OpenCourse, regrade: ClassRegrade) -> int:
    """Write the file of a regrade in `regrades/`, and return its number."""
    course = opened.course
    assert regrade.applied_at is not None
    at = regrade.applied_at.astimezone(course.zone).isoformat(timespec="seconds")
    data = regrade_data_of(session, course, regrade, regrade_rows(session, regrade, counting=True))
    # the file may be there already: of a worker that was killed before it could commit its number
    numbers = [log["number"] for log in read_logs(course) if log.get("web") and log["at"] == at]
    number = regrade.log or next(iter(numbers), None) or next_number(course)
    undone = regrade.undone_at and {
        "at": regrade.undone_at.astimezone(course.zone).isoformat(timespec="seconds"),
        "account": regrade.undone_by,
        "left": [],
    }
    log = new_log(data, number=number, at=at, account=regrade.applied_by, because=regrade.because)
    write_log(course, {**log, "undone": undone, "web": True})
    return number

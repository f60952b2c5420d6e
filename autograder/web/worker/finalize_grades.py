"""Computes final grades: writes the attempt that counts to the gradebook, and announces the resulting score to the LMS.

The state that determines a final grade is read, acted on, and read again in the transaction that writes the grade. If
it changed in between, the grade stays stale and is recomputed. So nothing is lost if the worker is killed at any point,
or a page changes something meanwhile.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from autograder.course import Course, SubmissionId
from autograder.engine.batch import keep_graded
from autograder.engine.messages import RenderTask, WorkItem, WorkResult, render_with
from autograder.errors import AutograderError, GraderError
from autograder.files import atomic_write
from autograder.grading.given_out import BY_WEB, give_out
from autograder.grading.report import PRECISION
from autograder.i18n import _
from autograder.nbgrader.final_grades import Entry
from autograder.nbgrader.records import GradeRecord, Scores
from autograder.web.db import job_queue, outbox
from autograder.web.db.database import Database
from autograder.web.db.locking import lock_people
from autograder.web.db.models import Attempt, FinalGrade, Override, Person, RegradeRequest, ResourceLink
from autograder.web.lti.claims import language_of
from autograder.web.worker.attempt_files import AttemptFolder
from autograder.web.worker.attempt_selection import (
    CountingAttempt,
    Enrollment,
    GradingState,
    effective_late_penalty,
    load_grading_state,
    select_counting_attempt,
)
from autograder.web.worker.error_text import AWAY, format_error
from autograder.web.worker.open_course import OpenCourse
from autograder.web.worker.score_comment import comment
from autograder.web.worker.timing import Timing

log = logging.getLogger(__name__)
AT_ONCE = 20
"""Final grades to start before the loop turns to other tasks."""


@dataclass(frozen=True)
class _Pending:
    """A final grade that is in the gradebook already, and waits for its feedback page."""

    state: GradingState
    counting: CountingAttempt | None
    graded: GradeRecord | None
    scores: Scores | None


class GradeFinalizer:
    """Recomputes the stale final grades."""

    name = "final grades"

    def __init__(self, database: Database, timing: Timing, clock: Callable[[], datetime]) -> None:
        self._database, self._timing, self._clock = database, timing, clock
        self._pending: dict[str, _Pending] = {}
        """By the key of the work item that renders the page."""
        self._postponed: dict[tuple[int, int], tuple[float, str]] = {}
        """Grades that could not be computed: when to try again, and the error."""
        self._given_out: set[SubmissionId] = set()
        """Those that are known to be on the record of scores that are given out."""

    def step(self, opened: OpenCourse) -> None:
        """Start recomputing some of them."""
        moment = time.monotonic()
        skipped = {
            (enrollment.link, enrollment.person)
            for item in self._pending.values()
            for enrollment in item.state.enrollments
        }
        skipped |= {key for key, (until, _) in self._postponed.items() if until > moment}
        with self._database.read() as session:
            stale = session.execute(
                select(FinalGrade.course_link_id, FinalGrade.person_id)
                .where(FinalGrade.stale)
                .order_by(FinalGrade.changed_at)
                .limit(AT_ONCE + len(skipped))
            ).all()
        for key in [(link, person) for link, person in stale if (link, person) not in skipped][:AT_ONCE]:
            if 0 < 2 * opened.slots <= len(self._pending):
                break
            try:
                self._begin(opened, *key)
            except AWAY:
                raise
            except Exception as error:  # one that fails must not block the others
                _, previous = self._postponed.get(key, (0.0, ""))
                reason = str(format_error(error))
                self._postponed[key] = moment + self._timing.retry_unavailable, reason
                if reason != previous:
                    log.error(
                        "cannot compute the final grade of person %s in link %s: %s; trying again later",
                        *key[::-1],
                        reason,
                    )
            else:
                self._postponed.pop(key, None)

    def take(self, opened: OpenCourse, finished: WorkResult) -> None:
        """Take the page that a worker process rendered."""
        # removed first: if the rest fails, the grade is still stale and starts again
        pending = self._pending.pop(finished.key[1], None)
        if pending is None or pending.counting is None or pending.graded is None or pending.scores is None:
            return
        if not self._is_current(opened, pending.state):
            return  # starts again, unless the student was erased: then nothing of theirs may be written any more
        if finished.error:  # the previous page stays; the score does not wait for a page
            log.error(
                "cannot render a feedback page of %s: %s",
                pending.counting.enrollment.pseudonym,
                finished.error,
            )
        else:
            folder = AttemptFolder(opened.course, pending.counting.attempt.path)
            atomic_write(folder.page, finished.value)
            keep_graded(opened.course, pending.graded, finished.value)
        self._record(opened, pending)

    def forget(self) -> None:
        """Drop all pending work, since the worker processes are replaced."""
        self._pending.clear()
        self._postponed.clear()
        self._given_out.clear()

    def _begin(self, opened: OpenCourse, link: int, person: int) -> None:
        with self._database.read() as session:
            state = load_grading_state(session, opened.course, link, person)
        if state is None:
            with self._database.write() as session:
                session.execute(
                    update(FinalGrade)
                    .where(FinalGrade.course_link_id == link, FinalGrade.person_id == person)
                    .values(stale=False)
                )
            return
        submission, course = state.submission, opened.course
        opened.assignment(submission.assignment)  # registers it in the gradebook
        self._regrade_lost_results(course, state)
        counting = select_counting_attempt(
            opened.gradebook, state, lambda attempt: AttemptFolder(course, attempt.path).graded.exists()
        )
        graded = None
        if counting is not None:
            folder = AttemptFolder(course, counting.attempt.path)
            folder.submit_to_nbgrader(submission, counting.attempt.received_at)
            graded = folder.read_graded(submission)
        else:
            course.graded_path(submission).unlink(missing_ok=True)
        scores = opened.gradebook.record_final(
            submission,
            graded,
            _penalty(opened, state, counting),
            [override for _, override in state.overrides],
        )
        if counting is not None and scores is not None:
            scores = replace(scores, attempt=counting.attempt.number)
        pending = _Pending(state, counting, graded, scores)
        if counting is None or graded is None or scores is None:
            self._record(opened, pending)
            return
        level = course.assignment(submission.assignment).feedback_level(self._clock())
        page = AttemptFolder(course, counting.attempt.path).page_of(scores, level)
        if page is not None:
            keep_graded(course, graded, page)
            self._record(opened, pending)
            return
        if not opened.slots:
            raise GraderError(_("no worker process is available to render the feedback page"))
        key = f"{submission.assignment}/{submission.student}"
        self._pending[key] = pending
        opened.engine.submit(
            WorkItem((self.name, key), render_with, RenderTask(submission, graded.notebook, scores))
        )

    def _is_current(self, opened: OpenCourse, state: GradingState) -> bool:
        """Check whether the state is unchanged."""
        with self._database.read() as session:
            return (
                load_grading_state(
                    session, opened.course, state.enrollments[0].link, state.enrollments[0].person
                )
                == state
            )

    def _regrade_lost_results(self, course: Course, state: GradingState) -> None:
        """Regrade attempts that have a score and a submitted file, but no graded notebook."""
        for attempt in (attempt for enrollment in state.enrollments for attempt in enrollment.attempts):
            folder = AttemptFolder(course, attempt.path)
            if not folder.graded.exists() and folder.submitted.exists():
                log.error("the graded notebook of attempt %s is missing; regrading it", attempt.id)
                with self._database.write() as session:
                    if session.get_one(Attempt, attempt.id).state == "graded":
                        job_queue.requeue(session, attempt.id, at=self._clock())

    def _record(self, opened: OpenCourse, pending: _Pending) -> None:
        """Write the final grade, and announce it to the LMS."""
        state = pending.state
        entry = opened.gradebook.entries(state.submission).get(state.submission.whole, Entry())
        with self._database.write() as session:
            lock_people(session, [enrollment.person for enrollment in state.enrollments])
            rows = [_locked(session, enrollment) for enrollment in state.enrollments]
            first = state.enrollments[0]
            if load_grading_state(session, opened.course, first.link, first.person) != state:
                return  # still stale: start again
            for override, _ in state.overrides:
                session.get_one(Override, override).applied_at = self._clock()
            for enrollment, row in zip(state.enrollments, rows, strict=True):
                if row is not None:
                    self._write(opened, row, entry, pending)
                    self._announce(session, opened, enrollment, row, entry, pending)
        if pending.counting is not None:
            self._give_out(opened.course, state.submission)

    def _give_out(self, course: Course, submission: SubmissionId) -> None:
        """Record that a student may read the score, so that no command changes it unasked."""
        if submission in self._given_out:
            return
        submissions = {submission}
        if not self._given_out:  # of earlier versions, which recorded none
            with self._database.read() as session:
                submissions |= set(_with_scores(session, course))
        try:
            give_out(course, submissions, BY_WEB)
        except AutograderError as error:
            log.error("%s", error)
        else:
            self._given_out |= submissions

    def _write(self, opened: OpenCourse, row: FinalGrade, entry: Entry, pending: _Pending) -> None:
        bonus = opened.assignment(pending.state.submission.assignment).bonus
        values = {
            "attempt_id": pending.counting and pending.counting.attempt.id,
            "score": sum(cell["score"] for cell in entry.cells.values()) if pending.scores else None,
            "maximum": sum(cell["points"] for cell in entry.cells.values()) - bonus
            if pending.scores
            else None,
            "late": entry.late,
            "cells": {name: dict(cell) for name, cell in entry.cells.items()},
        }
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.changed_at = self._clock()
        row.stale = False

    def _announce(
        self,
        session: Session,
        opened: OpenCourse,
        enrollment: Enrollment,
        row: FinalGrade,
        entry: Entry,
        pending: _Pending,
    ) -> None:
        """Announce the score if the LMS has a grade column for it and the grade is complete."""
        if not enrollment.sends_scores or not entry.is_whole or row.score is None or not row.maximum:
            return
        report = None
        if pending.counting is not None:
            report = session.get_one(Attempt, pending.counting.attempt.id).report
        outbox.announce(
            session,
            enrollment.link,
            enrollment.person,
            score=round(max(0.0, row.score - row.late), PRECISION),
            maximum=row.maximum,
            comment=comment(
                opened.course,
                pending.state.submission.assignment,
                entry,
                report,
                language_of(enrollment.locale, opened.course.languages),
                self._clock(),
                _answers(session, enrollment),
            ),
            at=self._clock(),
        )


def _with_scores(session: Session, course: Course) -> Iterator[SubmissionId]:
    """Yield the submissions of which an attempt counts."""
    query = (
        select(Person.student_id, ResourceLink.assignment)
        .select_from(FinalGrade)
        .join(Person, FinalGrade.person_id == Person.id)
        .join(ResourceLink, FinalGrade.course_link_id == ResourceLink.id)
        .where(FinalGrade.attempt_id.is_not(None))
    )
    for student, assignment in session.execute(query):
        if student and assignment in course.assignments:
            yield SubmissionId(student, assignment)


def _locked(session: Session, enrollment: Enrollment) -> FinalGrade | None:
    """Return the row of a final grade, locked so that it cannot be marked stale until the transaction ends."""
    return session.get(
        FinalGrade, (enrollment.link, enrollment.person), with_for_update=True, populate_existing=True
    )


def _answers(session: Session, enrollment: Enrollment) -> Mapping[str, Sequence[str]]:
    """Return the answers to a person's regrade requests in a link, by question, the oldest first."""
    answered: dict[str, list[str]] = {}
    for question, answer in session.execute(
        select(RegradeRequest.question, RegradeRequest.answer)
        .join(Attempt, RegradeRequest.attempt_id == Attempt.id)
        .where(
            Attempt.course_link_id == enrollment.link,
            Attempt.person_id == enrollment.person,
            RegradeRequest.answer.is_not(None),
        )
        .order_by(RegradeRequest.answered_at, RegradeRequest.id)
    ):
        answered.setdefault(question, []).append(answer or "")
    return answered


def _penalty(
    opened: OpenCourse, state: GradingState, counting: CountingAttempt | None
) -> Callable[[float], float | None]:
    if counting is None:
        return lambda score: None
    enrollment, attempt = counting.enrollment, counting.attempt
    return effective_late_penalty(opened.gradebook, state.submission, enrollment.policy, attempt.received_at)

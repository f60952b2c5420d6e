"""Works out what stands: the attempt that counts goes into the gradebook, what the gradebook then says to the LMS.

What a standing is worked out from is read, acted on, and read again in the transaction that writes the standing down:
where something changed in between, the standing stays stale and it all begins anew. So whoever is killed on the way,
and whatever pages change meanwhile, nothing is lost.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from autograder.course import Course, Tells
from autograder.engine import worker
from autograder.engine.batch import keep_graded
from autograder.engine.messages import RenderTask, WorkItem, WorkResult
from autograder.errors import GraderError
from autograder.nbgrader.final_grades import Entry
from autograder.nbgrader.records import GradedSubmission, Scores
from autograder.web.db import job_queue, outbox
from autograder.web.db.database import Database
from autograder.web.db.locking import lock_people
from autograder.web.db.models import Attempt, FinalGrade, Override
from autograder.web.lti.claims import language_of
from autograder.web.worker.attempt_files import Folder
from autograder.web.worker.attempt_selection import (
    CountingAttempt,
    Enrollment,
    GradingState,
    lateness,
    load_grading_state,
    select_counting_attempt,
)
from autograder.web.worker.error_text import AWAY, format_error
from autograder.web.worker.open_course import OpenCourse
from autograder.web.worker.score_comment import comment
from autograder.web.worker.timing import Timing

log = logging.getLogger(__name__)
AT_ONCE = 20
"""Standings that are begun before the loop looks after other things."""


@dataclass(frozen=True)
class _Begun:
    """What is in the gradebook already, and waits for its page."""

    facts: GradingState
    counts: CountingAttempt | None
    graded: GradedSubmission | None
    scores: Scores | None
    tells: Tells
    """How much the page is to tell."""


class GradeFinalizer:
    """The standings that are stale."""

    name = "stand"

    def __init__(self, database: Database, pace: Timing, clock: Callable[[], datetime]) -> None:
        self._database, self._pace, self._clock = database, pace, clock
        self._begun: dict[str, _Begun] = {}
        """By what a page is asked for with."""
        self._later: dict[tuple[int, int], tuple[float, str]] = {}
        """Those that could not be worked out: when to look at them again, and why."""

    def step(self, opened: OpenCourse) -> None:
        """Begin with some of them."""
        moment = time.monotonic()
        skipped = {(seat.link, seat.person) for one in self._begun.values() for seat in one.facts.seats}
        skipped |= {key for key, (until, _) in self._later.items() if until > moment}
        with self._database.read() as session:
            stale = session.execute(
                select(FinalGrade.course_link_id, FinalGrade.person_id)
                .where(FinalGrade.stale)
                .order_by(FinalGrade.changed_at)
                .limit(AT_ONCE + len(skipped))
            ).all()
        for key in [(link, person) for link, person in stale if (link, person) not in skipped][:AT_ONCE]:
            if 0 < 2 * opened.slots <= len(self._begun):
                break
            try:
                self._begin(opened, *key)
            except AWAY:
                raise
            except Exception as error:  # one that cannot be worked out keeps no other waiting
                _, before = self._later.get(key, (0.0, ""))
                self._later[key] = moment + self._pace.closed, format_error(error)
                if format_error(error) != before:
                    log.error(
                        "what stands for person %s in link %s: %s; left for later",
                        *key[::-1],
                        format_error(error),
                    )
            else:
                self._later.pop(key, None)

    def take(self, opened: OpenCourse, finished: WorkResult) -> None:
        """A page that a worker rendered."""
        # taken out first: where the rest fails the standing is stale, and begun anew
        begun = self._begun.pop(finished.key[1], None)
        if begun is None or begun.counts is None or begun.graded is None or begun.scores is None:
            return
        if not self._still(opened, begun.facts):
            return  # begun anew, unless the student is forgotten: nothing more of theirs may be written down
        if finished.error:  # the page of before stays; the score does not wait for it
            log.error("a feedback page of %s was not made: %s", begun.counts.seat.pseudonym, finished.error)
        else:
            folder = Folder(opened.course, begun.counts.made.path)
            folder.keep_page(finished.value, begun.scores, begun.tells)
            keep_graded(opened.course, begun.graded, finished.value)
        self._done(opened, begun)

    def forget(self) -> None:
        """Begin again with all of it: the workers are others."""
        self._begun.clear()
        self._later.clear()

    def _begin(self, opened: OpenCourse, link: int, person: int) -> None:
        with self._database.read() as session:
            facts = load_grading_state(session, opened.course, link, person)
        if facts is None:
            with self._database.write() as session:
                session.execute(
                    update(FinalGrade)
                    .where(FinalGrade.course_link_id == link, FinalGrade.person_id == person)
                    .values(stale=False)
                )
            return
        job, course = facts.job, opened.course
        opened.assignment(job.assignment)  # or the gradebook does not know it
        self._regrade_what_is_lost(course, facts)
        counts = select_counting_attempt(
            opened.book, facts, lambda made: Folder(course, made.path).graded.exists()
        )
        graded = None
        if counts is not None:
            folder = Folder(course, counts.made.path)
            folder.hand_to_nbgrader(job, counts.made.received_at)
            graded = folder.read_graded(job)
        else:
            course.graded_path(job).unlink(missing_ok=True)
        scores = opened.book.record_final(
            job, graded, _late(opened, facts, counts), [one for _, one in facts.given]
        )
        tells = course.feedback_tells(job.assignment, self._clock())
        begun = _Begun(facts, counts, graded, scores, tells)
        if counts is None or graded is None or scores is None:
            self._done(opened, begun)
            return
        page = Folder(course, counts.made.path).page_of(scores, tells)
        if page is not None:
            keep_graded(course, graded, page)
            self._done(opened, begun)
            return
        if not opened.slots:
            raise GraderError("no worker is there to make its feedback page")
        key = f"{job.assignment}/{job.student}"
        self._begun[key] = begun
        opened.engine.submit(
            WorkItem((self.name, key), worker.render, RenderTask(job, graded.notebook, scores))
        )

    def _still(self, opened: OpenCourse, facts: GradingState) -> bool:
        """Whether what decides is as it was."""
        with self._database.read() as session:
            return (
                load_grading_state(session, opened.course, facts.seats[0].link, facts.seats[0].person)
                == facts
            )

    def _regrade_what_is_lost(self, course: Course, facts: GradingState) -> None:
        """Grade anew what has a score and a file, and of which nothing else is there."""
        for made in (made for seat in facts.seats for made in seat.made):
            folder = Folder(course, made.path)
            if not folder.graded.exists() and folder.handed_in.exists():
                log.error("what grading attempt %s gave is gone; it is graded anew", made.attempt)
                with self._database.write() as session:
                    if session.get_one(Attempt, made.attempt).state == "graded":
                        job_queue.requeue(session, made.attempt, at=self._clock())

    def _done(self, opened: OpenCourse, begun: _Begun) -> None:
        """Write down what stands, and have the LMS told."""
        facts = begun.facts
        entry = opened.book.entries(facts.job).get(facts.job, Entry())
        with self._database.write() as session:
            lock_people(session, [seat.person for seat in facts.seats])
            rows = [_locked(session, seat) for seat in facts.seats]
            first = facts.seats[0]
            if load_grading_state(session, opened.course, first.link, first.person) != facts:
                return  # still stale: begin anew
            for override, _ in facts.given:
                session.get_one(Override, override).applied_at = self._clock()
            for seat, row in zip(facts.seats, rows, strict=True):
                if row is not None:
                    self._write(opened, row, entry, begun)
                    self._announce(session, opened, seat, row, entry, begun)

    def _write(self, opened: OpenCourse, row: FinalGrade, entry: Entry, begun: _Begun) -> None:
        bonus = opened.assignment(begun.facts.job.assignment).bonus
        found = {
            "attempt_id": begun.counts and begun.counts.made.attempt,
            "score": sum(cell["score"] for cell in entry.cells.values()) if begun.scores else None,
            "maximum": sum(cell["points"] for cell in entry.cells.values()) - bonus if begun.scores else None,
            "late": entry.late,
            "cells": {name: dict(cell) for name, cell in entry.cells.items()},
        }
        if any(getattr(row, name) != value for name, value in found.items()):
            for name, value in found.items():
                setattr(row, name, value)
            row.changed_at = self._clock()
        row.stale = False

    def _announce(
        self,
        session: Session,
        opened: OpenCourse,
        seat: Enrollment,
        row: FinalGrade,
        entry: Entry,
        begun: _Begun,
    ) -> None:
        """Have the LMS told, where it keeps a grade of this person and all of it is settled."""
        if not seat.is_told or not entry.is_whole or row.score is None or not row.maximum:
            return
        report = None
        if begun.counts is not None:
            report = session.get_one(Attempt, begun.counts.made.attempt).report
        outbox.announce(
            session,
            seat.link,
            seat.person,
            score=round(max(0.0, row.score - row.late), 4),
            maximum=row.maximum,
            comment=comment(
                opened.course,
                begun.facts.job.assignment,
                entry,
                report,
                language_of(seat.locale, opened.course.languages),
                self._clock(),
            ),
            at=self._clock(),
        )


def _locked(session: Session, seat: Enrollment) -> FinalGrade | None:
    """The row of a standing, which nobody else can ask to be worked out anew until this transaction ends."""
    return session.get(FinalGrade, (seat.link, seat.person), with_for_update=True, populate_existing=True)


def _late(
    opened: OpenCourse, facts: GradingState, counts: CountingAttempt | None
) -> Callable[[float], float | None]:
    if counts is None:
        return lambda score: None
    seat, made = counts.seat, counts.made
    return lateness(opened.book, facts.job, seat.terms, seat.own_due, made.received_at)

"""Attempts on their way: claimed, graded by a worker process, rendered by one, and put into the record."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from autograder.course import SubmissionId, Tells
from autograder.engine import worker
from autograder.engine.messages import GradeTask, RenderTask, WorkItem, WorkResult
from autograder.errors import AutograderError, CourseError, LeaseLost, UnreadableSubmission
from autograder.nbgrader.records import GradedSubmission, Scores
from autograder.web.db import final_grades, job_queue, models
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, Person
from autograder.web.policy import SubmissionPolicy
from autograder.web.worker.attempt_files import Folder
from autograder.web.worker.attempt_result import result_of, wrong_scores
from autograder.web.worker.attempt_selection import lateness, terms_of
from autograder.web.worker.error_text import AWAY, format_error
from autograder.web.worker.open_course import OpenCourse
from autograder.web.worker.timing import Timing

log = logging.getLogger(__name__)
AT_ONCE = 10
"""Claims before the loop looks after other things."""
_STUDENTS = select(Person.student_id).where(Person.student_id.is_not(None)).distinct()


@dataclass
class _Held:
    """An attempt in our hands."""

    claim: job_queue.Claim
    job: SubmissionId
    link: int
    person: int
    pseudonym: str
    path: str
    received_at: datetime
    terms: SubmissionPolicy
    own_due: bool
    graded: GradedSubmission | None = None
    """Once it is."""
    scores: Scores | None = None
    """What its page shows."""
    tells: Tells = "diagnosis"
    """How much its page tells."""
    page: str | None = None
    fault: str | None = None
    """Why it could not be graded."""
    counts: bool = True
    """Whether the fault is a try: not where the assignment as a whole cannot be graded."""

    @property
    def is_done(self) -> bool:
        """Whether it can go into the record, or back."""
        return self.page is not None or self.fault is not None


@contextmanager
def _as_its_fault(held: _Held) -> Iterator[None]:
    """What goes wrong with one attempt keeps no other waiting; what may be mended by waiting is waited out."""
    try:
        yield
    except (*AWAY, LeaseLost, OSError):
        raise
    except Exception as error:
        held.fault = format_error(error)


class AttemptGrader:
    """The attempts that this process has claimed: as many at once as there are workers."""

    name = "grade"

    def __init__(
        self, database: Database, worker_id: str, pace: Timing, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._worker, self._pace, self._clock = database, worker_id, pace, clock
        self._held: dict[str, _Held] = {}
        """By lease."""

    @property
    def holds(self) -> bool:
        """Whether attempts are under way."""
        return bool(self._held)

    def step(self, opened: OpenCourse) -> None:
        """Keep what is under way, put down what is done, and claim more."""
        self._extend()
        self.record(opened)
        for held in self._held.values():
            if held.graded is not None and held.scores is None and held.fault is None:
                with _as_its_fault(held):
                    self._render(opened, held, held.graded)
        self._claim_more(opened)

    def _claim_more(self, opened: OpenCourse) -> None:
        for _ in range(AT_ONCE):
            if sum(held.graded is None and not held.is_done for held in self._held.values()) >= opened.slots:
                break
            held = self._claim(opened)
            if held is None:
                break
            self._held[held.claim.lease] = held
            self._begin(opened, held)
        self.record(opened)

    def take(self, opened: OpenCourse, finished: WorkResult) -> None:
        """What a worker sent back."""
        _, what, lease = finished.key
        held = self._held.get(lease)
        if held is None:  # the lease was lost
            return
        if finished.error:
            held.fault = finished.error
        elif what == "page":
            held.page = finished.value
        elif finished.value.reason:
            held.fault = finished.value.reason
        else:
            held.graded = finished.value

    def record(self, opened: OpenCourse) -> None:
        """Put what is done into the record; what cannot be written now stays in our hands."""
        for lease, held in [*self._held.items()]:
            if not held.is_done:
                continue
            try:
                if held.fault is None:
                    with _as_its_fault(held):
                        self._finish(opened, held)
                if held.fault is not None:
                    self._give_back(held)
            except LeaseLost as lost:
                log.warning("%s", lost)
            del self._held[lease]

    def give_all_back(self, opened: OpenCourse) -> None:
        """Put down what is graded, and let others have the rest at once; it was no try, whatever became of it."""
        for held in self._held.values():
            held.fault = None  # the workers may have been told to end before we were
        self.record(opened)
        with self._database.write() as session:
            for held in sorted(self._held.values(), key=lambda held: held.claim.attempt):
                with suppress(LeaseLost):
                    job_queue.give_back(session, held.claim, at=self._clock())
        self.forget()

    def forget(self) -> None:
        """Hold nothing any more."""
        self._held.clear()

    def _claim(self, opened: OpenCourse) -> _Held | None:
        moment = self._clock()
        with self._database.read() as session:  # nobody stands in line behind a look that finds nothing
            waiting = select(models.GradingJob.id).where(
                models.GradingJob.state != "done", models.GradingJob.free_at <= moment
            )
            if session.scalars(waiting.limit(1)).first() is None:
                return None
        with self._database.write() as session:
            claim = job_queue.claim(session, self._worker, seconds=self._pace.lease, at=moment)
            if claim is None:
                return None
            attempt = session.get_one(Attempt, claim.attempt)
            link, person = attempt.course_link, attempt.person
            holds = terms_of(session, opened.course, link, person.id)
            return _Held(
                claim=claim,
                job=SubmissionId(person.student_id or "", link.assignment or ""),
                link=link.id,
                person=person.id,
                pseudonym=person.pseudonym,
                path=attempt.path,
                received_at=attempt.received_at,
                terms=holds,
                own_due=link.due_at is not None or holds.extended,
            )

    def _begin(self, opened: OpenCourse, held: _Held) -> None:
        """Give an attempt to a worker."""
        try:
            task = self.task(opened, held.job, held.path)
        except (
            UnreadableSubmission
        ) as refusal:  # it could be read when it was taken, so no student is to get 0 for it
            held.fault = f"the file handed in cannot be read any more: {refusal}"
            return
        except AutograderError as error:
            held.fault, held.counts = str(error), False
            return
        except (
            *AWAY,
            OSError,
        ) as error:  # given back once that is over: nobody else could claim it until then
            held.fault, held.counts = format_error(error), False
            raise
        except Exception as error:
            held.fault = format_error(error)
            return
        opened.engine.submit(WorkItem((self.name, "grade", held.claim.lease), worker.grade, task))

    def task(self, opened: OpenCourse, job: SubmissionId, path: str) -> GradeTask:
        """What a worker needs to grade a file handed in. Raises AutograderError where it cannot be graded now."""
        if not job.student:
            raise CourseError("nobody knows yet who this is in the gradebook; mend the roster")
        assignment, known = opened.assignment(job.assignment), self._known(opened)
        submitted = Folder(opened.course, path).read(f"{job.assignment}.ipynb")
        owner = opened.owner(job.assignment, job.student, known)
        return GradeTask(job, (submitted,), assignment.recorded, known, owner)

    def _known(self, opened: OpenCourse) -> Mapping[str, str]:
        with self._database.read() as session:
            changed = session.execute(select(func.max(Person.id), func.count(Person.id))).one()
            return opened.known(tuple(changed), lambda: session.scalars(_STUDENTS))

    def _render(self, opened: OpenCourse, held: _Held, graded: GradedSubmission) -> None:
        """Have the page rendered, with what the gradebook will say if this attempt counts and nobody gave points."""
        most = opened.assignment(held.job.assignment).recorded.cells
        held.fault = wrong_scores(graded, most)
        if held.fault is not None:
            return
        cells = {
            name: (score or 0.0, most[name].max_score or 0.0) for name, score in graded.auto_scores.items()
        }
        score = sum(earned for earned, _ in cells.values())
        late = lateness(opened.book, held.job, held.terms, held.own_due, held.received_at)(score)
        held.scores = Scores(
            cells=cells,
            comments=graded.auto_comments,
            score=score,
            max_score=sum(points for _, points in cells.values()),
            late_penalty=late,
        )
        held.tells = opened.course.feedback_tells(held.job.assignment, self._clock())
        page = RenderTask(held.job, graded.notebook, held.scores)
        opened.engine.submit(WorkItem((self.name, "page", held.claim.lease), worker.render, page))

    def _extend(self) -> None:
        """Keep what is under way."""
        soon = self._clock() + timedelta(seconds=self._pace.lease / 2)
        # by attempt, as a regrade of many locks them: in another order each could wait for the other
        expiring = sorted(
            (held for held in self._held.values() if held.claim.until < soon),
            key=lambda held: held.claim.attempt,
        )
        if not expiring:
            return
        lost = []
        with self._database.write() as session:
            for held in expiring:
                try:
                    held.claim = job_queue.extend(
                        session, held.claim, seconds=self._pace.lease, at=self._clock()
                    )
                except (
                    LeaseLost
                ) as error:  # it is to be graded anew, or is gone: the worker's result is dropped
                    log.warning("%s", error)
                    lost.append(held.claim.lease)
        for lease in lost:
            del self._held[lease]

    def _give_back(self, held: _Held) -> None:
        reason, moment = held.fault, self._clock()
        pauses = self._pace.after_fault
        pause = pauses[min(held.claim.tries, len(pauses)) - 1] if held.counts else self._pace.closed
        with self._database.write() as session:
            job_queue.give_back(
                session, held.claim, reason=reason if held.counts else None, pause=pause, at=moment
            )
            final_grades.mark_stale(session, held.link, held.person)
        if held.counts:  # else the log has it already, once for all
            log.error(
            "attempt %s of %s (%s) could not be graded in try %s: %s",
            held.claim.attempt, held.pseudonym, held.job.assignment, held.claim.tries, reason,
        )  # fmt: skip

    def _finish(self, opened: OpenCourse, held: _Held) -> None:
        assert held.graded is not None
        assert held.scores is not None
        assert held.page is not None
        Folder(opened.course, held.path).keep(held.graded, held.page, held.scores, held.tells)
        with self._database.write() as session:
            job_queue.finish(session, held.claim, result_of(opened, held.graded), at=self._clock())
            final_grades.mark_stale(session, held.link, held.person)
        log.info("attempt %s of %s (%s) is graded", held.claim.attempt, held.pseudonym, held.job.assignment)

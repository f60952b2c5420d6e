"""Grades attempts: claims them, has worker processes grade and render them, and records the results."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.course import Course, SubmissionId
from autograder.engine.messages import GradeTask, RenderTask, WorkItem, WorkResult, grade_with, render_with
from autograder.errors import AutograderError, CourseError, LeaseLost, UnreadableSubmission
from autograder.grading.course_secret import recorded_hand_in, recorded_metadata, unrecorded_hand_in
from autograder.i18n import _
from autograder.nbgrader.records import GradeRecord, Scores
from autograder.submissions import selection
from autograder.text import Text
from autograder.web.db import final_grades, job_queue
from autograder.web.db.attempts import ordinal
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, GradingJob, Person
from autograder.web.policy import SubmissionPolicy
from autograder.web.worker.attempt_files import AttemptFolder
from autograder.web.worker.attempt_result import invalid_scores, result_of
from autograder.web.worker.attempt_selection import accepted_policy, effective_late_penalty
from autograder.web.worker.error_text import AWAY, format_error
from autograder.web.worker.open_course import OpenCourse
from autograder.web.worker.timing import Timing

log = logging.getLogger(__name__)
AT_ONCE = 10
"""Attempts to claim before the loop turns to other tasks."""
_STUDENTS = select(Person.student_id).where(Person.student_id.is_not(None)).distinct()


@dataclass(kw_only=True)
class AttemptWork:
    """An attempt that is graded, and what there is of its result."""

    attempt: int
    submission: SubmissionId
    link: int
    person: int
    pseudonym: str
    path: str
    received_at: datetime
    number: int
    """Which of the person's attempts it is, from 1."""
    policy: SubmissionPolicy
    graded: GradeRecord | None = None
    """Set once it is graded."""
    scores: Scores | None = None
    """The scores on its page."""
    page: str | None = None
    error: Text | None = None
    """Why it could not be graded."""


def load_work(session: Session, course: Course, attempt: Attempt) -> AttemptWork:
    """Return an attempt as work to do."""
    link, person = attempt.course_link, attempt.person
    return AttemptWork(
        attempt=attempt.id,
        submission=SubmissionId(person.student_id or "", link.assignment or ""),
        link=link.id,
        person=person.id,
        pseudonym=person.pseudonym,
        path=attempt.path,
        received_at=attempt.received_at,
        number=ordinal(session, attempt),
        policy=accepted_policy(session, course, link, person.id),
    )


def page_task(opened: OpenCourse, work: AttemptWork, graded: GradeRecord) -> RenderTask | None:
    """Return how to render the page of an attempt, as if no person gave it points; None if its scores are invalid."""
    cells_by_name = opened.assignment(work.submission.assignment).recorded.cells
    work.error = invalid_scores(graded, cells_by_name)
    if work.error is not None:
        return None
    cells = {
        name: (score or 0.0, cells_by_name[name].max_score or 0.0)
        for name, score in graded.auto_scores.items()
    }
    score = sum(earned for earned, _ in cells.values())
    penalty = effective_late_penalty(opened.gradebook, work.submission, work.policy, work.received_at)
    work.scores = Scores(
        cells=cells,
        comments=graded.auto_comments,
        score=score,
        max_score=sum(points for _, points in cells.values()),
        late_penalty=penalty(score),
        waiting=tuple(sorted(name for name, score in graded.auto_scores.items() if score is None)),
        handed_in=work.received_at.isoformat(),
        attempt=work.number,
    )
    return RenderTask(graded.submission, graded.notebook, work.scores)


@dataclass(kw_only=True)
class _ClaimedAttempt(AttemptWork):
    """An attempt that this process has claimed."""

    claim: job_queue.Claim
    counts_as_try: bool = True
    """False if the assignment as a whole cannot be graded."""

    @property
    def is_done(self) -> bool:
        """Whether it can be recorded or released."""
        return self.page is not None or self.error is not None


@contextmanager
def _attempt_errors(claimed: _ClaimedAttempt) -> Iterator[None]:
    """Turn an exception into the attempt's error, so that it blocks no other; raise what may pass by waiting."""
    try:
        yield
    except (*AWAY, LeaseLost, OSError):
        raise
    except Exception as error:
        claimed.error = format_error(error)


class AttemptGrader:
    """Grades the attempts that this process has claimed, as many at once as there are worker processes."""

    name = "grade"

    def __init__(
        self, database: Database, worker_id: str, timing: Timing, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._worker, self._timing, self._clock = database, worker_id, timing, clock
        self._claimed: dict[str, _ClaimedAttempt] = {}
        """By lease."""
        self._doubtful = ""
        """The lease of a claim of which it is not known whether it was committed."""

    @property
    def holds(self) -> bool:
        """Whether any attempt is being graded."""
        return bool(self._claimed)

    def is_full(self, opened: OpenCourse) -> bool:
        """Return whether every slot grades an attempt."""
        being_graded = (
            (self.name, "grade", lease)
            for lease, claimed in self._claimed.items()
            if claimed.graded is None and not claimed.is_done
        )
        return opened.in_slots(being_graded) >= opened.slots

    def step(self, opened: OpenCourse) -> None:
        """Record what is done, and claim more."""
        self.record(opened)
        for claimed in self._claimed.values():
            if claimed.graded is not None and claimed.scores is None and claimed.error is None:
                with _attempt_errors(claimed):
                    self._render(opened, claimed, claimed.graded)
        self._claim_more(opened)

    def _claim_more(self, opened: OpenCourse) -> None:
        for _number in range(AT_ONCE):
            if self.is_full(opened):
                break
            claimed = self._claim(opened)
            if claimed is None:
                break
            self._claimed[claimed.claim.lease] = claimed
            self._begin(opened, claimed)
        self.record(opened)

    def take(self, opened: OpenCourse, finished: WorkResult) -> None:
        """Take the result of a worker process."""
        _, step, lease = finished.key
        claimed = self._claimed.get(lease)
        if claimed is None:  # the lease was lost
            return
        if finished.error:
            claimed.error = finished.error
        elif step == "page":
            claimed.page = finished.value
        elif finished.value.reason:
            claimed.error = finished.value.reason
        else:
            claimed.graded = finished.value

    def record(self, opened: OpenCourse) -> None:
        """Record finished attempts; what cannot be written now stays claimed."""
        for lease, claimed in [*self._claimed.items()]:
            if not claimed.is_done:
                continue
            try:
                if claimed.error is None:
                    with _attempt_errors(claimed):
                        self._finish(opened, claimed)
                if claimed.error is not None:
                    self._give_back(claimed)
            except LeaseLost as lost:
                log.warning("%s", lost)
            del self._claimed[lease]

    def give_all_back(self, opened: OpenCourse) -> None:
        """Record what is graded and release the rest at once, without counting the try."""
        for claimed in self._claimed.values():
            claimed.error = None  # the worker processes may have been stopped before this one
        self.record(opened)
        with self._database.write() as session:
            for claimed in sorted(self._claimed.values(), key=lambda claimed: claimed.claim.attempt):
                with suppress(LeaseLost):
                    job_queue.give_back(session, claimed.claim, at=self._clock())
        self.forget()

    def forget(self) -> None:
        """Drop all claims."""
        self._claimed.clear()

    def _claim(self, opened: OpenCourse) -> _ClaimedAttempt | None:
        moment = self._clock()
        if self._doubtful:
            with self._database.write() as session:
                job_queue.void_leases(session, lease=self._doubtful)
            self._doubtful = ""
        with self._database.read() as session:  # an empty poll takes no write lock
            waiting = select(GradingJob.id).where(GradingJob.state == "queued", GradingJob.free_at <= moment)
            if session.scalars(waiting.limit(1)).first() is None:
                return None
        lease = self._doubtful = job_queue.new_lease()
        with self._database.write() as session:
            claimed = self._claimed_in(session, opened, lease, moment)
        self._doubtful = ""
        return claimed

    def _claimed_in(
        self, session: Session, opened: OpenCourse, lease: str, moment: datetime
    ) -> _ClaimedAttempt | None:
        claim = job_queue.claim(session, self._worker, lease=lease, at=moment)
        if claim is None:
            return None
        attempt = session.get_one(Attempt, claim.attempt)
        return _ClaimedAttempt(**vars(load_work(session, opened.course, attempt)), claim=claim)

    def _begin(self, opened: OpenCourse, claimed: _ClaimedAttempt) -> None:
        """Submit an attempt to a worker process."""
        try:
            task = self.task(opened, claimed.submission, claimed.path)
        except UnreadableSubmission as error:
            # it could be read when it was submitted, so the student must not get 0 for it
            claimed.error = _("cannot read the submitted file any more: {error}", error=error.message)
            return
        except AutograderError as error:
            claimed.error, claimed.counts_as_try = error.message, False
            return
        except (*AWAY, OSError) as error:
            # released once that is over: no other worker could claim it until then
            claimed.error, claimed.counts_as_try = format_error(error), False
            raise
        except Exception as error:
            claimed.error = format_error(error)
            return
        opened.engine.submit(WorkItem((self.name, "grade", claimed.claim.lease), grade_with, task))

    def task(self, opened: OpenCourse, submission: SubmissionId, path: str) -> GradeTask:
        """Return the grading task of a submitted file. Raises AutograderError if it cannot be graded now."""
        if not submission.student:
            raise CourseError(_("this LMS user is not linked to a student; add them to the roster"))
        assignment, known = opened.assignment(submission.assignment), self._known(opened)
        submission = opened.course.submission(submission.student, submission.assignment)
        folder = AttemptFolder(opened.course, path)
        submitted = (folder.read(f"{submission.notebook}.ipynb"),)
        digest = selection.digest(submitted)
        metadata = recorded_metadata(folder.graded)
        recorded = recorded_hand_in(opened.course, submission.assignment, metadata, digest)
        owner = opened.owner(submission.assignment, submission.student, known)
        return GradeTask(
            submission, submitted, assignment.recorded, known, owner, recorded or unrecorded_hand_in(path),
            tests=assignment.proof,
        )  # fmt: skip

    def _known(self, opened: OpenCourse) -> Mapping[str, str]:
        with self._database.read() as session:
            changed = session.execute(select(func.max(Person.id), func.count(Person.id))).one()
            return opened.known(tuple(changed), lambda: session.scalars(_STUDENTS))

    def _render(self, opened: OpenCourse, claimed: _ClaimedAttempt, graded: GradeRecord) -> None:
        """Have the page rendered, with the scores of the gradebook if this attempt counts and has no override."""
        page = page_task(opened, claimed, graded)
        if page is not None:
            opened.engine.submit(WorkItem((self.name, "page", claimed.claim.lease), render_with, page))

    def _give_back(self, claimed: _ClaimedAttempt) -> None:
        reason, moment = claimed.error, self._clock()
        pauses = self._timing.retry_pauses
        pause = (
            pauses[min(claimed.claim.tries, len(pauses)) - 1]
            if claimed.counts_as_try
            else self._timing.retry_unavailable
        )
        with self._database.write() as session:
            job_queue.give_back(
                session,
                claimed.claim,
                reason=reason if claimed.counts_as_try else None,
                pause=pause,
                at=moment,
            )
            final_grades.mark_stale(session, claimed.link, claimed.person)
        if claimed.counts_as_try:  # otherwise it was logged once for the assignment
            log.error(
            "cannot grade attempt %s of %s (%s) in try %s: %s",
            claimed.claim.attempt, claimed.pseudonym, claimed.submission.assignment, claimed.claim.tries, reason,
        )  # fmt: skip

    def _finish(self, opened: OpenCourse, claimed: _ClaimedAttempt) -> None:
        assert claimed.graded is not None
        assert claimed.page is not None
        AttemptFolder(opened.course, claimed.path).write(claimed.graded, claimed.page)
        with self._database.write() as session:
            job_queue.finish(session, claimed.claim, result_of(opened, claimed.graded), at=self._clock())
            final_grades.mark_stale(session, claimed.link, claimed.person)
        log.info(
            "attempt %s of %s (%s) is graded",
            claimed.claim.attempt,
            claimed.pseudonym,
            claimed.submission.assignment,
        )

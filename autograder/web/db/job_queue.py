"""The queue of attempts to grade: one job per attempt.

A course has one worker at a time, which holds a lock that ends with its process. So what a worker finds claimed when it
starts was claimed by one that has died, by whatever signal, and waits again in its place: `void_leases`. An attempt may
be graded twice, but its result is recorded once: each claim draws a new lease, and only the last lease drawn may write.
Attempts that were never graded come first, then regrades of attempts that count, then other regrades. Among equals, the
newest attempt of each person comes before anybody's older ones, and nobody has two graded at once: one person's
endless notebooks delay no one else.
After `TRIES` tries without a result the attempt is ungraded, with the reason and without a score; an attempt that was
graded before keeps its score, and the reason says that regrading failed.

Every function works in the caller's transaction, `Database.write()`; that of `claim` must end before the grading.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from autograder.errors import LeaseLost
from autograder.grading.failing_cases import FailingCases
from autograder.i18n import _
from autograder.text import Text
from autograder.web.db import kept_cases
from autograder.web.db.models import Attempt, FinalGrade, GradingJob, now

TRIES = 3


@dataclass(frozen=True)
class Claim:
    """A job that a worker has claimed."""

    job: int
    attempt: int
    worker: str
    tries: int
    """Including this one."""
    lease: str


@dataclass(frozen=True)
class AttemptResult:
    """The result of grading an attempt. Raises ValueError for a score that is not finite."""

    score: float
    points: float
    """The maximum score."""
    report: Mapping[str, Any]
    """Must be serializable as JSON."""
    versions: Mapping[str, Any]
    """Versions of the software and the question files that graded it."""
    failing: Mapping[str, FailingCases] = field(default_factory=dict, repr=False)
    """Failing cases, for staff, of each question without full marks."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.score) and math.isfinite(self.points)):
            raise ValueError(f"a score must be finite, not {self.score} of {self.points}")


def enqueue(session: Session, attempt: int) -> None:
    """Queue an attempt for grading. Idempotent, also when called concurrently."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(GradingJob).values(attempt_id=attempt).on_conflict_do_nothing(index_elements=["attempt_id"])
    )


def requeue(session: Session, attempt: int, *, at: datetime | None = None) -> None:
    """Queue an attempt for regrading, with all its tries. One that waits or is being graded keeps its place.

    The attempt keeps its score until it is regraded.
    """
    enqueue(session, attempt)
    job = session.scalars(_locked(GradingJob.attempt_id == attempt)).one()
    # what is being graded is so by the questions as they are: after a change the worker gives it back
    if job.state == "leased":
        return
    at = at or now()
    _queue(job, at if job.state == "done" else min(job.free_at, at))
    job.tries = 0


def regrades_waiting(session: Session, link: int) -> int:
    """Return how many attempts in a resource link wait to be graded again."""
    waiting = select(func.count()).select_from(GradingJob).join(Attempt).where(*_is_waiting_regrade(link))
    return session.scalars(waiting).one()


def cancel_regrades(session: Session, link: int) -> int:
    """Have the attempts in a resource link that wait to be graded again keep what they have. Returns their number.

    What is being graded is not stopped, and what was never graded goes on waiting.
    """
    waiting = _locked(*_is_waiting_regrade(link)).join(Attempt).order_by(GradingJob.attempt_id)
    jobs = session.scalars(waiting).all()
    for job in jobs:
        job.state = "done"
        job.attempt.state = "ungraded" if job.attempt.score is None else "graded"
    return len(jobs)


def _is_waiting_regrade(link: int) -> tuple[ColumnElement[bool], ...]:
    return GradingJob.state == "queued", Attempt.course_link_id == link, Attempt.graded_at.is_not(None)


def jobs_ahead(session: Session, attempt: int) -> int:
    """Count the jobs before an attempt's own: the claimed ones, and those that are claimed earlier."""
    place = func.row_number().over(order_by=_order()).label("place")
    queued = (
        select(GradingJob.attempt_id, place)
        .join(Attempt, Attempt.id == GradingJob.attempt_id)
        .where(GradingJob.state == "queued")
        .subquery()
    )
    own = session.scalars(select(queued.c.place).where(queued.c.attempt_id == attempt)).first()
    if own is None:
        return 0
    leased = session.scalars(select(func.count()).where(GradingJob.state == "leased")).one()
    return int(own) - 1 + leased


def _order() -> tuple[Any, ...]:
    """Return what jobs are ordered by, for a query that joins their attempts."""
    newer = aliased(Attempt)
    newer_ones = (
        select(func.count())
        .where(
            newer.course_link_id == Attempt.course_link_id,
            newer.person_id == Attempt.person_id,
            newer.id > Attempt.id,
        )
        .scalar_subquery()
    )
    counts = exists().where(FinalGrade.attempt_id == Attempt.id)
    kind = case((Attempt.score.is_(None), 0), (counts, 1), else_=2)
    return kind, newer_ones, GradingJob.free_at, GradingJob.id


def void_leases(session: Session, *, lease: str | None = None) -> None:
    """Queue every claimed job again, in its place, of a worker that is known to have ended. The tries count.

    lease: to queue only the job that was claimed under it.
    """
    only = () if lease is None else (GradingJob.lease == lease,)
    for job in session.scalars(_locked(GradingJob.state == "leased", *only)):
        _queue(job, job.free_at)


def new_lease() -> str:
    """Draw a lease, under which one job or delivery is claimed."""
    return secrets.token_hex(16)


def claim(session: Session, worker: str, *, lease: str = "", at: datetime | None = None) -> Claim | None:
    """Claim the next job; None if there is none that may be claimed now.

    lease: drawn by `new_lease`; empty to have it drawn here. Whoever drew it can void it if it is not known whether the
    transaction was committed.
    """
    at = at or now()
    theirs, other = aliased(GradingJob), aliased(Attempt)
    busy = select(other.person_id).join(theirs, theirs.attempt_id == other.id).where(theirs.state == "leased")
    waiting = (
        _locked(GradingJob.state == "queued", GradingJob.free_at <= at, skip=True)
        .join(Attempt, Attempt.id == GradingJob.attempt_id)
        .where(Attempt.person_id.not_in(busy))
        .order_by(*_order())
        .limit(1)
    )
    while (job := session.scalars(waiting).first()) is not None:
        if job.tries >= TRIES:
            _end(job, _("grading was started {number} times and never finished", number=job.tries), at=at)
            continue
        job.state, job.worker, job.lease = "leased", worker, lease or new_lease()
        job.tries += 1
        job.attempt.state = "grading"
        return Claim(job.id, job.attempt_id, worker, job.tries, job.lease)
    return None


def finish(session: Session, claim: Claim, result: AttemptResult, *, at: datetime | None = None) -> None:
    """Record the result. Raises LeaseLost if the job was claimed anew, or is no longer there."""
    at = at or now()
    job = _claimed(session, claim)
    _end(job, None, at=at)
    attempt = job.attempt
    attempt.score, attempt.points = result.score, result.points
    attempt.report, attempt.versions = dict(result.report), dict(result.versions)
    kept_cases.store(session, attempt.id, result.failing)


def give_back(
    session: Session,
    claim: Claim,
    *,
    reason: Text | None = None,
    pause: float = 0,
    at: datetime | None = None,
) -> None:
    """Release the job, to be claimed again after a pause in seconds; without one, in its place. Raises LeaseLost.

    reason: why it could not be graded. With a reason the try counts, and the last one ends the job; without one, for
    example when the worker is stopped, the try does not count.
    """
    at = at or now()
    job = _claimed(session, claim)
    if reason is None:
        job.tries -= 1
    if reason is not None and job.tries >= TRIES:
        _end(job, reason, at=at)
    else:
        _queue(job, at + timedelta(seconds=pause) if pause else job.free_at)


def _locked(*conditions: Any, skip: bool = False) -> Any:
    return (
        select(GradingJob)
        .where(*conditions)
        .with_for_update(skip_locked=skip, of=GradingJob)
        .execution_options(populate_existing=True)
    )


def _claimed(session: Session, claim: Claim) -> GradingJob:
    job: GradingJob | None = session.scalars(
        _locked(GradingJob.id == claim.job, GradingJob.lease == claim.lease)
    ).first()
    if job is None:
        raise LeaseLost(
            f"attempt {claim.attempt} is no longer claimed by {claim.worker}; its result is dropped"
        )
    return job


def _queue(job: GradingJob, free_at: datetime) -> None:
    job.state, job.free_at, job.lease, job.worker = "queued", free_at, None, None
    job.attempt.state = "queued"


def _end(job: GradingJob, reason: Text | None, *, at: datetime) -> None:
    """End a job; with a reason the attempt is ungraded, or keeps its earlier score."""
    job.state, job.lease = "done", None
    attempt: Attempt = job.attempt
    if reason is not None and attempt.score is not None:
        attempt.state, attempt.reason = "graded", reason
        return
    attempt.state = "ungraded" if reason is not None else "graded"
    attempt.reason, attempt.graded_at = reason, at
    attempt.score = attempt.points = attempt.report = attempt.versions = None

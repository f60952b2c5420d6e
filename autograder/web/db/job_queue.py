"""What is to be graded: one job an attempt, claimed under a lease.

A worker that dies, by whatever signal, loses its lease in time and another begins again. So an attempt may be graded
twice, but goes into the record once: each claim draws a lease of its own, and only the last one drawn may write.
A job that nobody brought to an end in `TRIES` tries leaves its attempt ungraded, with the reason and without a score;
one that was graded before keeps its score, and the reason says that grading it again did not work.

Every function works in the caller's transaction, `Database.write()`; `claim` in one that ends before the grading.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from autograder.errors import LeaseLost
from autograder.web.db.models import Attempt, GradingJob, now

TRIES = 3


@dataclass(frozen=True)
class Claim:
    """A job in a worker's hands."""

    job: int
    attempt: int
    worker: str
    tries: int
    """This one included."""
    lease: str
    until: datetime


@dataclass(frozen=True)
class Result:
    """What grading an attempt gave. Raises ValueError for a number that is none."""

    score: float
    points: float
    """The most that could be earned."""
    report: Mapping[str, Any]
    """As JSON holds it."""
    versions: Mapping[str, Any]
    """Of what graded it."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.score) and math.isfinite(self.points)):
            raise ValueError(f"not a score: {self.score} of {self.points}")


def put(session: Session, attempt: int) -> None:
    """Have an attempt graded. It gets one job, however often and by however many this is said."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(GradingJob).values(attempt_id=attempt).on_conflict_do_nothing(index_elements=["attempt_id"])
    )


def put_again(session: Session, attempt: int, *, at: datetime | None = None) -> None:
    """Have an attempt graded anew, with all tries. Whoever is at it may write no more; its score stands until then."""
    put(session, attempt)
    job = session.scalars(_locked(GradingJob.attempt_id == attempt)).one()
    _queue(job, at or now())
    job.tries = 0


def ahead(session: Session, attempt: int) -> int:
    """How many jobs come before an attempt's own: those in a worker's hands, and those that have waited longer."""
    own = session.scalars(select(GradingJob).where(GradingJob.attempt_id == attempt)).first()
    if own is None or own.state != "queued":
        return 0
    longer = (GradingJob.state == "queued") & (
        tuple_(GradingJob.free_at, GradingJob.id) < tuple_(own.free_at, own.id)
    )
    return session.scalars(select(func.count()).where(or_(GradingJob.state == "leased", longer))).one()


def claim(session: Session, worker: str, *, seconds: float, at: datetime | None = None) -> Claim | None:
    """The job that has waited longest, for so many seconds; None where there is none."""
    at = at or now()
    waiting = (
        _locked(GradingJob.state != "done", GradingJob.free_at <= at, skip=True)
        .order_by(GradingJob.free_at, GradingJob.id)
        .limit(1)
    )
    while (job := session.scalars(waiting).first()) is not None:
        if job.tries >= TRIES:
            _end(job, f"grading was begun {job.tries} times and not once brought to an end", at=at)
            continue
        job.state, job.worker, job.lease = "leased", worker, secrets.token_hex(16)
        job.tries += 1
        job.free_at = at + timedelta(seconds=seconds)
        job.attempt.state = "grading"
        return Claim(job.id, job.attempt_id, worker, job.tries, job.lease, job.free_at)
    return None


def extend(session: Session, claim: Claim, *, seconds: float, at: datetime | None = None) -> Claim:
    """The claim with a lease that runs so many seconds from now. Raises LeaseLost."""
    job = _held(session, claim)
    job.free_at = (at or now()) + timedelta(seconds=seconds)
    return replace(claim, until=job.free_at)


def finish(session: Session, claim: Claim, result: Result, *, at: datetime | None = None) -> None:
    """Put the result into the record. Raises LeaseLost where another worker has the job, or nobody needs it now."""
    at = at or now()
    job = _held(session, claim)
    _end(job, None, at=at)
    attempt = job.attempt
    attempt.score, attempt.points = result.score, result.points
    attempt.report, attempt.versions = dict(result.report), dict(result.versions)


def give_back(
    session: Session,
    claim: Claim,
    *,
    reason: str | None = None,
    pause: float = 0,
    at: datetime | None = None,
) -> None:
    """Let others have the job after a pause in seconds. Raises LeaseLost.

    With the reason why it could not be graded the try counts, and the last one ends the job; without one, as when
    the worker is told to stop, it was no try.
    """
    at = at or now()
    job = _held(session, claim)
    if reason is None:
        job.tries -= 1
    if reason is not None and job.tries >= TRIES:
        _end(job, reason, at=at)
    else:
        _queue(job, at + timedelta(seconds=pause))


def _locked(*conditions: Any, skip: bool = False) -> Any:
    return (
        select(GradingJob)
        .where(*conditions)
        .with_for_update(skip_locked=skip)
        .execution_options(populate_existing=True)
    )


def _held(session: Session, claim: Claim) -> GradingJob:
    job: GradingJob | None = session.scalars(
        _locked(GradingJob.id == claim.job, GradingJob.lease == claim.lease)
    ).first()
    if job is None:
        raise LeaseLost(f"attempt {claim.attempt} is no longer with {claim.worker}; what it found is dropped")
    return job


def _queue(job: GradingJob, free_at: datetime) -> None:
    job.state, job.free_at, job.lease, job.worker = "queued", free_at, None, None
    job.attempt.state = "queued"


def _end(job: GradingJob, reason: str | None, *, at: datetime) -> None:
    """No more of this job; with a reason the attempt is ungraded, or keeps what it had earned before."""
    job.state, job.lease = "done", None
    attempt: Attempt = job.attempt
    if reason is not None and attempt.score is not None:
        attempt.state, attempt.reason = "graded", reason
        return
    attempt.state = "ungraded" if reason is not None else "graded"
    attempt.reason, attempt.graded_at = reason, at
    attempt.score = attempt.points = attempt.report = attempt.versions = None

"""What waits: for a worker, or for an LMS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from autograder.web.db.models import Attempt, Delivery, FinalGrade, GradingJob, Replay

SOON = timedelta(minutes=1)
"""A worker that runs claims a job well before."""


@dataclass(frozen=True)
class Waiting:
    """How much there is to do at a moment."""

    free: int
    """Hand-ins that any worker may claim now."""
    since: datetime | None
    """From when on the one that has waited longest might have been claimed."""
    busy: int
    """Hand-ins that a worker is at."""
    later: int
    """Hand-ins whose next try is not due yet."""
    unsettled: int
    """Students for whom what stands is still to be worked out, and replays that staff asked for."""
    due: int
    """Scores to be sent now, or under way."""
    unsent: int
    """All scores that an LMS has not confirmed yet and may still."""
    refused: int
    last: datetime | None
    """When something was graded last."""

    @property
    def for_now(self) -> int:
        """What a worker has to do now."""
        return self.free + self.busy + self.unsettled + self.due

    def too_long(self, moment: datetime) -> bool:
        """Whether a hand-in has waited for longer than it does where a worker has nothing else to do."""
        return self.since is not None and moment - self.since > SOON


def waiting(session: Session, moment: datetime) -> Waiting:
    """What waits at a moment."""
    free = select(func.count(), func.min(GradingJob.free_at)).where(
        GradingJob.state != "done", GradingJob.free_at <= moment
    )
    number, since = session.execute(free).one()
    states = dict(
        session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).tuples().all()
    )
    return Waiting(
        free=number,
        since=since,
        busy=_count(session, GradingJob, GradingJob.state == "leased", GradingJob.free_at > moment),
        later=_count(session, GradingJob, GradingJob.state == "queued", GradingJob.free_at > moment),
        unsettled=_count(session, FinalGrade, FinalGrade.stale)
        + _count(session, Replay, Replay.seen.is_(None)),
        due=_count(
            session,
            Delivery,
            Delivery.state == "waiting",
            or_(Delivery.next_try_at <= moment, Delivery.lease.is_not(None)),
        ),
        unsent=states.get("waiting", 0),
        refused=states.get("refused", 0),
        last=session.scalar(select(func.max(Attempt.graded_at))),
    )


def _count(session: Session, table: type, *conditions: object) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0  # type: ignore[arg-type]

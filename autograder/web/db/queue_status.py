"""The length of the queues: attempts to grade, and scores to send."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from autograder.i18n import ngettext
from autograder.text import Text
from autograder.web.db import outbox
from autograder.web.db.models import Attempt, Delivery, FinalGrade, GradingJob

MAX_AGE = timedelta(minutes=1)
"""A running worker claims a job well before."""


@dataclass(frozen=True)
class QueueStatus:
    """The pending work at a moment."""

    free: int
    """Attempts that any worker may claim now."""
    since: datetime | None
    """When the oldest of them became free to claim."""
    busy: int
    """Attempts that a worker is grading."""
    later: int
    """Attempts whose next try is not due yet."""
    unsettled: int
    """Stale final grades."""
    due: int
    """Scores that are due now, or being sent."""
    unsent: int
    """Scores that wait for the confirmation of an LMS, without the hidden ones."""
    hidden: int
    """Scores that wait until students may see them."""
    refused: int

    @property
    def hidden_text(self) -> Text:
        """How many scores wait until students may see them."""
        return ngettext(
            "{n} score is sent once students may see it (scores_hidden_until)",
            "{n} scores are sent once students may see them (scores_hidden_until)",
            self.hidden,
        )

    @property
    def for_now(self) -> int:
        """The number of tasks that a worker has now."""
        return self.free + self.busy + self.unsettled + self.due

    def too_long(self, moment: datetime) -> bool:
        """Check whether an attempt has waited longer than an idle worker would let it."""
        return self.since is not None and moment - self.since > MAX_AGE


def read_queue_status(session: Session, moment: datetime, hidden: Collection[str] = ()) -> QueueStatus:
    """Count the pending work at a moment. hidden: assignments whose scores are not sent yet."""
    free = select(func.count(), func.min(GradingJob.free_at)).where(
        GradingJob.state == "queued", GradingJob.free_at <= moment
    )
    number, since = session.execute(free).one()
    held = _count(session, Delivery, Delivery.state == "waiting", outbox.of(hidden))
    states = dict(
        session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).tuples().all()
    )
    return QueueStatus(
        free=number,
        since=since,
        busy=_count(session, GradingJob, GradingJob.state == "leased"),
        later=_count(session, GradingJob, GradingJob.state == "queued", GradingJob.free_at > moment),
        unsettled=_count(session, FinalGrade, FinalGrade.stale),
        due=_count(
            session,
            Delivery,
            Delivery.state == "waiting",
            or_(Delivery.next_try_at <= moment, Delivery.lease.is_not(None)),
            ~outbox.of(hidden),
        ),
        unsent=states.get("waiting", 0) - held,
        hidden=held,
        refused=states.get("refused", 0),
    )


def read_waiting(session: Session, moment: datetime) -> tuple[int, datetime | None]:
    """Return how many attempts are to be graded, and since when the oldest of them could be."""
    unfinished = select(func.count(), func.min(GradingJob.free_at)).where(GradingJob.state != "done")
    number, since = session.execute(unfinished).one()
    return number, since if since is not None and since <= moment else None


def has_waiting_attempt(session: Session, person: int) -> bool:
    """Return whether an attempt of a person is to be graded."""
    return _count(session, Attempt, Attempt.person_id == person, Attempt.state.in_(("queued", "grading"))) > 0


def _count(session: Session, table: type, *conditions: object) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0  # type: ignore[arg-type]

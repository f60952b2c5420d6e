"""A transactional outbox of the scores to send to LMSs.

A delivery is one change of one person's score, or of its comment, in one resource link. It waits until the LMS
confirms it, through as many tries as that takes, or refuses it, which a teacher must see. For one person and link at
most one delivery waits, the newest, and at most one is being sent.

Delivery is at least once: if a sender dies after the LMS has responded and before that is recorded, the delivery is
sent again, with the same score and comment and a later timestamp. The LMS then stores what it has already, so no
score changes. "Exactly once" is impossible across two machines.

Every function works in the caller's transaction, `Database.write()`; that of `claim` must end before the sending.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from autograder.errors import LeaseLost
from autograder.text import Text
from autograder.web.db.job_queue import new_lease
from autograder.web.db.locking import lock_people
from autograder.web.db.models import Delivery, ResourceLink, now
from autograder.web.db.types import storable

FIRST_PAUSE = 4.0
"""Maximum seconds before the second try; doubled with every further try."""
LONGEST_PAUSE = 3600.0
MAX_IMMEDIATE_TRIES = 3
"""Tries without a pause, for a score that the LMS considers too old."""
SECOND = timedelta(seconds=1)
"""Moodle compares whole seconds, and answers 409 to a timestamp that is not later than the last."""
MAX_ERROR = 2000
"""Characters stored of an LMS's error message, in each language."""


@dataclass(frozen=True)
class Sending:
    """A delivery that a sender has claimed: what to send to the LMS."""

    delivery: int
    course_link: int
    person: int
    score: float
    maximum: float
    comment: str
    timestamp: datetime
    """Of the score; at least one whole second later than any sent before for this person and link."""
    tries: int
    """Including this one."""
    lease: str


def announce(
    session: Session,
    course_link: int,
    person: int,
    *,
    score: float,
    maximum: float,
    comment: str,
    at: datetime | None = None,
) -> bool:
    """Queue a score if it differs from the last one, in place of one that still waits. Returns whether it does.

    A score that the LMS refused is not queued again by announcing the same: see `resend`. Raises ValueError for
    a number that is not finite.
    """
    if not (math.isfinite(score) and math.isfinite(maximum) and maximum > 0):
        raise ValueError(f"expected a finite score of a positive maximum, not {score} of {maximum}")
    comment = storable(comment)
    lock_people(session, [person])  # so that no two scores of one person are announced at once
    last = _last(session, course_link, person)
    if last is not None:
        same = (last.score, last.maximum, last.comment) == (score, maximum, comment)
        if same and last.state != "replaced":
            return False
        if last.state == "waiting":
            last.state = "replaced"
            session.flush()
    at = at or now()
    session.add(
        Delivery(
            course_link_id=course_link,
            person_id=person,
            score=score,
            maximum=maximum,
            comment=comment,
            made_at=at,
            next_try_at=at,
        )
    )
    session.flush()
    return True


def of(assignments: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a delivery is of one of these assignments."""
    links = select(ResourceLink.id).where(ResourceLink.assignment.in_(assignments))
    return Delivery.course_link_id.in_(links)


def claim(
    session: Session, *, lease: str = "", at: datetime | None = None, hidden: Collection[str] = ()
) -> Sending | None:
    """Claim the next delivery; None if nothing is due. It is nobody else's until its outcome is recorded.

    lease: as for `job_queue.claim`. hidden: assignments whose scores are not sent yet. A delivery waits while an older
    one of the same person and link is in flight, so that the LMS never receives two at once.
    """
    at = at or now()
    other = aliased(Delivery)
    in_flight = exists().where(
        other.course_link_id == Delivery.course_link_id,
        other.person_id == Delivery.person_id,
        other.lease.is_not(None),
    )
    # PostgreSQL checks these again if another transaction has just changed the row; it does not run a subquery again
    due = Delivery.state == "waiting", Delivery.next_try_at <= at, Delivery.lease.is_(None)
    first: Delivery | None = session.scalars(
        _locked(*due, ~in_flight, ~of(hidden), skip=True).order_by(Delivery.next_try_at, Delivery.id).limit(1)
    ).first()
    if first is None:
        return None
    last_sent = session.scalar(
        select(func.max(Delivery.timestamp)).where(
            Delivery.course_link_id == first.course_link_id, Delivery.person_id == first.person_id
        )
    )
    whole = at.replace(microsecond=0)
    first.timestamp = max(whole, last_sent + SECOND) if last_sent else whole
    first.tries += 1
    first.lease = lease or new_lease()
    return Sending(
        first.id,
        first.course_link_id,
        first.person_id,
        first.score,
        first.maximum,
        first.comment,
        first.timestamp,
        first.tries,
        first.lease,
    )


def void_leases(session: Session, *, lease: str | None = None, at: datetime | None = None) -> None:
    """Make every delivery due that a sender claimed which is known to have ended. lease: only the one under it."""
    claimed = update(Delivery).where(
        Delivery.lease.is_not(None) if lease is None else Delivery.lease == lease
    )
    session.execute(claimed.values(lease=None, next_try_at=at or now()))


def confirmed(session: Session, sending: Sending, *, at: datetime | None = None) -> None:
    """Record that the LMS has the score. Raises LeaseLost if another sender took over; it will get the same answer."""
    delivery = _released(session, sending)
    delivery.state, delivery.confirmed_at = "confirmed", at or now()
    delivery.lms_error = None


def schedule_retry(
    session: Session, sending: Sending, error: Text, *, after: float = 0, at: datetime | None = None
) -> None:
    """Schedule another try after a temporary failure (no response, 429, 5xx), and store the error.

    The pause doubles with every try up to an hour, minus a random part so that many senders spread out. It is at
    least `after`, the seconds that the LMS requested. Raises LeaseLost.
    """
    delivery = _released(session, sending)
    pause = min(FIRST_PAUSE * 2 ** min(sending.tries - 1, 20), LONGEST_PAUSE)
    pause = max(SystemRandom().uniform(pause / 2, pause), min(after, LONGEST_PAUSE))
    delivery.next_try_at = (at or now()) + timedelta(seconds=pause)
    delivery.lms_error = _shortened(error)


def conflict(session: Session, sending: Sending, error: Text, *, at: datetime | None = None) -> None:
    """Make a delivery due at once after a timestamp conflict: `claim` gives it a later timestamp.

    After `MAX_IMMEDIATE_TRIES` it pauses as in `schedule_retry`: the LMS's clock may be ahead. Raises LeaseLost.
    """
    if sending.tries > MAX_IMMEDIATE_TRIES:
        schedule_retry(session, sending, error, at=at)
        return
    delivery = _released(session, sending)
    delivery.next_try_at = at or now()
    delivery.lms_error = _shortened(error)


def give_back(session: Session, sending: Sending, *, at: datetime | None = None) -> None:
    """Release a delivery that was not sent; the try does not count. Raises LeaseLost."""
    delivery = _released(session, sending)
    delivery.tries -= 1
    delivery.next_try_at = at or now()


def refused(session: Session, sending: Sending, error: Text) -> None:
    """Record a permanent failure (4xx), and store the error for the teacher. Raises LeaseLost."""
    delivery = _released(session, sending)
    delivery.lms_error = _shortened(error)
    if delivery.state == "waiting":
        delivery.state = "refused"


def resend(session: Session, delivery: int, *, at: datetime | None = None) -> bool:
    """Queue a refused delivery again. Returns false if it is not refused, or a newer one has replaced it."""
    row = session.get(Delivery, delivery)
    if row is None:
        return False
    lock_people(session, [row.person_id])
    last = _last(session, row.course_link_id, row.person_id)
    if last is not row or row.state != "refused":
        return False
    row.state, row.tries, row.next_try_at = "waiting", 0, at or now()
    return True


def restart(session: Session, course_link: int, *, at: datetime | None = None) -> None:
    """Start over for a link whose scores the LMS now keeps at another URL, where it has none of them yet.

    Waiting deliveries go to the new URL. Sent ones are marked replaced, so that announcing the same score counts as a
    change once.
    """
    deliveries = update(Delivery).where(Delivery.course_link_id == course_link)
    lock_people(session, select(Delivery.person_id).where(Delivery.course_link_id == course_link))
    # the sender loses its lease: the response of the old URL must not be recorded
    session.execute(deliveries.where(Delivery.state != "waiting").values(state="replaced", lease=None))
    waiting = deliveries.where(Delivery.state == "waiting")
    session.execute(waiting.values(lease=None, tries=0, next_try_at=at or now()))


def _locked(*conditions: Any, skip: bool = False) -> Any:
    return (
        select(Delivery)
        .where(*conditions)
        .with_for_update(skip_locked=skip, of=Delivery)
        .execution_options(populate_existing=True)
    )


def _last(session: Session, course_link: int, person: int) -> Delivery | None:
    newest: Delivery | None = session.scalars(
        _locked(Delivery.course_link_id == course_link, Delivery.person_id == person)
        .order_by(Delivery.id.desc())
        .limit(1)
    ).first()
    return newest


def _shortened(error: Text) -> Text:
    return error.map(lambda text: text[:MAX_ERROR])


def _released(session: Session, sending: Sending) -> Delivery:
    """Return the delivery with its lease cleared."""
    delivery: Delivery | None = session.scalars(
        _locked(Delivery.id == sending.delivery, Delivery.lease == sending.lease)
    ).first()
    if delivery is None:
        raise LeaseLost(
            f"delivery {sending.delivery} was claimed by another sender; the LMS's response is dropped"
        )
    delivery.lease = None
    return delivery

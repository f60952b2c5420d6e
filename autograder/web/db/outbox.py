"""Scores on their way to an LMS.

A delivery is one change of one person's score, or of its comment, in one course link. It waits until the LMS has
confirmed it, through as many tries as that takes, or has refused it, which somebody must see. Of one person and link
at most one waits, the newest, and at most one is under way.

This is "at least once": a sender that dies between the LMS's answer and its record leaves a delivery that is sent
again, the same score with the same comment and a later timestamp. The LMS then stores what it has already, so
nobody's score changes. "Exactly once" is not to be had across two machines.

Every function works in the caller's transaction, `Database.write()`; `due` in one that ends before the sending.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from autograder.errors import LeaseLost
from autograder.text import Text
from autograder.web.db.locking import hold
from autograder.web.db.models import Delivery, now
from autograder.web.db.types import storable

FIRST_PAUSE = 4.0
"""Seconds before the second try, at most; doubled from try to try."""
LONGEST_PAUSE = 3600.0
TRIES_AT_ONCE = 3
"""Of a score that the LMS finds too old."""
SECOND = timedelta(seconds=1)
"""Moodle compares timestamps by the second, and answers 409 to one that is not later than the last."""
MAX_ERROR = 2000
"""Characters stored of an LMS's error message."""


@dataclass(frozen=True)
class Sending:
    """A delivery in a sender's hands: what to tell the LMS."""

    delivery: int
    course_link: int
    person: int
    score: float
    maximum: float
    comment: str
    timestamp: datetime
    """Of the score; later by whole seconds than any that was sent for this person and link."""
    tries: int
    """This one included."""
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
    """Whether this differs from what was announced last, and so is on its way now in the place of what still waits.

    What the LMS refused is not announced again by saying the same: see `send_again`. Raises ValueError for a number
    that is none.
    """
    if not (math.isfinite(score) and math.isfinite(maximum) and maximum > 0):
        raise ValueError(f"not a score: {score} of {maximum}")
    comment = storable(comment)
    hold(session, [person])  # of one person's scores no two are announced at once
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


def due(session: Session, *, seconds: float, at: datetime | None = None) -> Sending | None:
    """What to send next, for so many seconds in this sender's hands; None where nothing is due.

    The lease must be longer than the sending may take with all its time limits. A delivery waits while an older one
    of the same person and link may still be under way, so that the LMS is never told two at once.
    """
    at = at or now()
    other = aliased(Delivery)
    under_way = exists().where(
        other.course_link_id == Delivery.course_link_id,
        other.person_id == Delivery.person_id,
        other.lease.is_not(None),
        other.next_try_at > at,
    )
    first: Delivery | None = session.scalars(
        _locked(Delivery.state == "waiting", Delivery.next_try_at <= at, ~under_way, skip=True)
        .order_by(Delivery.next_try_at, Delivery.id)
        .limit(1)
    ).first()
    if first is None:
        return None
    told = session.scalar(
        select(func.max(Delivery.timestamp)).where(
            Delivery.course_link_id == first.course_link_id, Delivery.person_id == first.person_id
        )
    )
    whole = at.replace(microsecond=0)
    first.timestamp = max(whole, told + SECOND) if told else whole
    first.tries += 1
    first.lease = secrets.token_hex(16)
    first.next_try_at = at + timedelta(seconds=seconds)
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


def confirmed(session: Session, sending: Sending, *, at: datetime | None = None) -> None:
    """The LMS has it. Raises LeaseLost where another sender took over; that one will hear the same."""
    delivery = _released(session, sending)
    delivery.state, delivery.confirmed_at = "confirmed", at or now()
    _set_error(delivery, Text())


def try_again(
    session: Session,
    sending: Sending,
    error: Text,
    *,
    after: float = 0,
    at: datetime | None = None,
) -> None:
    """The LMS did not answer, or not well (429, 5xx): send it later, and keep what the LMS said.

    The pause doubles from try to try up to an hour, less a random part so that many senders spread out, and is no
    shorter than `after`, the seconds that the LMS asked for. Raises LeaseLost.
    """
    delivery = _released(session, sending)
    pause = min(FIRST_PAUSE * 2 ** min(sending.tries - 1, 20), LONGEST_PAUSE)
    pause = max(SystemRandom().uniform(pause / 2, pause), min(after, LONGEST_PAUSE))
    delivery.next_try_at = (at or now()) + timedelta(seconds=pause)
    _set_error(delivery, error)


def conflict(session: Session, sending: Sending, error: Text, *, at: datetime | None = None) -> None:
    """The LMS has a score of the same time or a later one: `due` gives this one a later timestamp at once.

    Beyond `TRIES_AT_ONCE` with pauses, as `try_again`: the LMS's clock may be ahead of ours. Raises LeaseLost.
    """
    if sending.tries > TRIES_AT_ONCE:
        try_again(session, sending, error, at=at)
        return
    delivery = _released(session, sending)
    delivery.next_try_at = at or now()
    _set_error(delivery, error)


def give_back(session: Session, sending: Sending, *, at: datetime | None = None) -> None:
    """It was taken and not sent: any sender may take it at once, and this was no try. Raises LeaseLost."""
    delivery = _released(session, sending)
    delivery.tries -= 1
    delivery.next_try_at = at or now()


def refused(session: Session, sending: Sending, error: Text) -> None:
    """The LMS will not have it (4xx): keep its words for the teacher. Raises LeaseLost."""
    delivery = _released(session, sending)
    _set_error(delivery, error)
    if delivery.state == "waiting":
        delivery.state = "refused"


def send_again(session: Session, delivery: int, *, at: datetime | None = None) -> bool:
    """Whether a refused delivery waits once more; not where a newer one has taken its place."""
    row = session.get(Delivery, delivery)
    if row is None:
        return False
    hold(session, [row.person_id])
    last = _last(session, row.course_link_id, row.person_id)
    if last is not row or row.state != "refused":
        return False
    row.state, row.tries, row.next_try_at = "waiting", 0, at or now()
    return True


def elsewhere(session: Session, course_link: int, *, at: datetime | None = None) -> None:
    """The LMS keeps a link's scores in another place from now on, where nothing of what it was told is.

    What waits goes there, what was told counts no more, so that announcing the same is a change once.
    """
    here = update(Delivery).where(Delivery.course_link_id == course_link)
    hold(session, select(Delivery.person_id).where(Delivery.course_link_id == course_link))
    # whoever is sending it finds the lease lost: what the old place answers is not to be recorded
    session.execute(here.where(Delivery.state != "waiting").values(state="replaced", lease=None))
    waiting = here.where(Delivery.state == "waiting")
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


def _set_error(delivery: Delivery, error: Text) -> None:
    delivery.lms_error, delivery.lms_error_ko = error.en[:MAX_ERROR], error.ko[:MAX_ERROR]


def _released(session: Session, sending: Sending) -> Delivery:
    """The delivery, out of the sender's hands."""
    delivery: Delivery | None = session.scalars(
        _locked(Delivery.id == sending.delivery, Delivery.lease == sending.lease)
    ).first()
    if delivery is None:
        raise LeaseLost(
            f"delivery {sending.delivery} is in another sender's hands; what the LMS said is dropped"
        )
    delivery.lease = None
    return delivery

"""The roles of people in a course of an LMS. Of two statements of the LMS the newer one holds, whatever came first."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from autograder.web.db.models import Context, Membership, Person, Role
from autograder.web.errors import ROLE_WITHDRAWN, RequestRejected
from autograder.web.lti.claims import Claims
from autograder.web.lti.contexts import require_confirmed
from autograder.web.lti.launch import MAX_LOGIN


def stated_at(claims: Claims, moment: datetime) -> datetime:
    """Return when the LMS stated the claims of a launch that arrives at `moment`.

    A launch may be held back and arrive after a newer statement. Tokens name their time in whole seconds of the LMS's
    clock, which may be wrong: no token is older than its login.
    """
    issued = max(claims.issued_at + 1, (moment - MAX_LOGIN).timestamp())
    return min(moment, datetime.fromtimestamp(min(issued, moment.timestamp()), UTC))


def state_role(
    session: Session, person: Person, context: Context, role: Role, *, active: bool = True,
    stated: datetime, moment: datetime,
) -> Membership:  # fmt: skip
    """Store a person's role in a course, unless the LMS stated one later. Returns the membership that holds.

    stated: when the LMS stated it. moment: now; a statement from after it was stored under a wrong clock.
    """
    session.flush()
    key = (person.id, context.id)
    membership = session.get(Membership, key, with_for_update=True, populate_existing=True)
    if membership is None:
        membership = Membership(
            person_id=person.id, context_id=context.id, role=role, active=active, stated_at=stated
        )
        session.add(membership)
    elif membership.stated_at is None or not stated < membership.stated_at <= moment:
        membership.role, membership.active, membership.stated_at = role, active, stated
    return membership


def require_access(context: Context, membership: Membership) -> None:
    """Raise RequestRejected if nobody confirmed the course, or the LMS withdrew the person's role in it."""
    require_confirmed(context, membership.role if membership.active else "student")
    if not membership.active:
        raise RequestRejected(ROLE_WITHDRAWN)

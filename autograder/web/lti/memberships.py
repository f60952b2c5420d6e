"""The roles of people in a course of an LMS. Of two statements of the LMS the newer one holds, whatever came first.

A launch and the roster may differ for a while: of two roles of staff the narrower one holds, and the roster makes
nobody a student whom a launch called staff.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from sqlalchemy.orm import Session

from autograder.web.db.models import Context, Membership, Person, Role
from autograder.web.errors import ROLE_WITHDRAWN, RequestRejected
from autograder.web.lti.claims import Claims
from autograder.web.lti.contexts import require_confirmed
from autograder.web.lti.launch import MAX_LOGIN

Source = Literal["launch", "roster"]
STAFF: tuple[Role, ...] = ("teacher", "assistant")


def stated_at(claims: Claims, moment: datetime) -> datetime:
    """Return when the LMS stated the claims of a launch that arrives at `moment`.

    A launch may be held back and arrive after a newer statement. Tokens name their time in whole seconds of the LMS's
    clock, which may be wrong: no token is older than its login.
    """
    issued = max(claims.issued_at + 1, (moment - MAX_LOGIN).timestamp())
    return min(moment, datetime.fromtimestamp(min(issued, moment.timestamp()), UTC))


def state_role(
    session: Session, person: Person, context: Context, role: Role, *, active: bool = True,
    source: Source = "launch", stated: datetime, moment: datetime,
) -> Membership:  # fmt: skip
    """Store a person's role in a course, unless the LMS stated one later. Returns the membership that holds.

    source: where the LMS stated it. stated: when. moment: now; a statement from after it was stored under a wrong
    clock. What the roster says of staff refines what a launch said, and cannot make them students: Moodle's roster
    lists non-editing teachers as students.
    """
    session.flush()
    key = (person.id, context.id)
    membership = session.get(Membership, key, with_for_update=True, populate_existing=True)
    if membership is None:
        membership = Membership(person_id=person.id, context_id=context.id, role=role, active=active)
        session.add(membership)
    elif membership.stated_at is not None and stated < membership.stated_at <= moment:
        return membership
    if not active:
        membership.launch_role = membership.roster_role = None
    elif source == "launch":
        membership.launch_role = role
        if role == "student":
            membership.roster_role = None
    else:
        membership.roster_role = role
        if role == "student" and membership.launch_role in STAFF:
            return membership  # its time stays that of the launch, so that a withdrawal since then still comes in
        if membership.launch_role == "student":
            membership.launch_role = None
    if active:
        membership.role = _narrowest(membership.launch_role, membership.roster_role)
    membership.active, membership.stated_at = active, stated
    return membership


def _narrowest(*roles: Role | None) -> Role:
    """Return the role of a person whom a launch and the roster call so; who is staff in one of them is no student."""
    if "assistant" in roles:
        return "assistant"
    return "teacher" if "teacher" in roles else "student"


def require_access(context: Context, membership: Membership) -> None:
    """Raise RequestRejected if nobody confirmed the course, or the LMS withdrew the person's role in it."""
    require_confirmed(context, membership.role if membership.active else "student")
    if not membership.active:
        raise RequestRejected(ROLE_WITHDRAWN)

"""The courses of an LMS (contexts). A person confirms each of them once, before it gives anyone access.

An LMS vouches for a role in one of its courses. It does not vouch for the course: whoever teaches any course of the LMS
can add an activity of the tool to it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.errors import CourseError
from autograder.i18n import _
from autograder.web.db.database import Database
from autograder.web.db.models import Context, Platform, Role
from autograder.web.errors import UNCONFIRMED, UNCONFIRMED_FOR_STAFF, RequestRejected
from autograder.web.lti.claims import Claims

MAX_NUMBER = 2**31 - 1
"""The largest id that a database gives its rows."""


def upsert_context(session: Session, platform: Platform, claims: Claims) -> Context:
    """Return the course of a launch, created if missing; a new one is not confirmed."""
    context = session.scalars(
        select(Context).where(
            Context.platform_id == platform.id,
            Context.deployment == claims.deployment,
            Context.lms_id == claims.context_id,
        )
    ).first()
    if context is None:
        context = Context(
            platform_id=platform.id, deployment=claims.deployment, lms_id=claims.context_id, title=""
        )
        session.add(context)
        session.flush()
    context.title = claims.context_title or context.title
    context.nrps_url = claims.members_url or context.nrps_url
    return context


def require_confirmed(context: Context, role: Role) -> None:
    """Raise RequestRejected for a course that is not confirmed; staff are told how to have it confirmed."""
    if context.confirmed_at is not None:
        return
    if role == "student":
        raise RequestRejected(UNCONFIRMED)
    facts = (
        (_("Command"), f"autograder lms confirm {context.id}"),
        (_("Course"), context.title or context.lms_id),
    )
    raise RequestRejected(UNCONFIRMED_FOR_STAFF, facts=facts)


def set_confirmed(database: Database, number: int, moment: datetime | None) -> Context:
    """Confirm the course with this id, or withdraw that (None). Returns it with its platform.

    Raises CourseError if there is none.
    """
    with database.write() as session:
        context = session.get(Context, number) if 0 < number <= MAX_NUMBER else None
        if context is None:
            raise CourseError(
                _(
                    "no course of an LMS has the number {number}; `autograder lms list` shows the numbers of "
                    "those in which an activity was opened",
                    number=number,
                )
            )
        context.confirmed_at = (context.confirmed_at or moment) if moment else None
        session.refresh(context, ["platform"])
    return context

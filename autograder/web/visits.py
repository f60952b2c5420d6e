"""Visits: authenticated sessions that begin with a launch.

The URLs of a visit's pages begin with `/v/<name>`, where the name is the first characters of its token. The cookie of
that name holds the whole token. So one browser can have several activities open, even as different people, and a URL
alone gives access to nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, g, redirect, request, url_for
from sqlalchemy import select

from autograder.web.db.database import Database
from autograder.web.db.models import Context, Launch, Membership, Person, ResourceLink, Role
from autograder.web.errors import INVALID_CSRF, NO_ASSIGNMENT, STAFF_ONLY, VISIT_OVER, RequestRejected
from autograder.web.headers import COOKIE, set_cookie
from autograder.web.lti.accounts import Launched
from autograder.web.lti.memberships import require_access

LIFETIME = timedelta(hours=12)
"""A working day; then the assignment is opened from the LMS again."""
NAME_LENGTH = 16
"""Characters of a token that the URL shows; the rest is a secret of 160 bits."""


@dataclass(frozen=True)
class Visit:
    """A visit of a person to an activity, as the LMS launched it, with the role that the LMS stated last."""

    name: str
    """Its name in URLs."""
    csrf: str
    """The CSRF token that its forms send."""
    person: Person
    context: Context
    link: ResourceLink
    role: Role
    language: str

    @property
    def is_staff(self) -> bool:
        """Whether the person is a teacher or an assistant of the course."""
        return self.role != "student"

    @property
    def assignment(self) -> str:
        """The assignment that the activity opens."""
        return self.link.assignment or ""


def start_visit(database: Database, launched: Launched, *, clock: Callable[[], datetime]) -> Response:
    """Start a visit: set its cookie and redirect to its first page."""
    with database.write() as session:
        launch = session.scalars(select(Launch).where(Launch.token == launched.token)).one()
        launch.expires_at = clock() + LIFETIME
    response = redirect(url_for("home.index", visit_name=launched.token[:NAME_LENGTH]), 303)
    return set_cookie(response, launched.token, seconds=int(LIFETIME.total_seconds()))  # type: ignore[arg-type]


def authenticate(
    database: Database, name: str, *, clock: Callable[[], datetime], staff: bool = False
) -> Visit:
    """Return the visit that the current request belongs to. A request that changes something needs its `csrf`.

    name: from the URL. staff: whether only teachers and assistants are allowed.
    Raises RequestRejected; the error page then shows what was written in the form.
    """
    token = request.cookies.get(COOKIE + name, "")
    if len(name) != NAME_LENGTH or not hmac.compare_digest(token[:NAME_LENGTH].encode(), name.encode()):
        raise RequestRejected(VISIT_OVER)
    with database.read() as session:
        launch = session.scalars(select(Launch).where(Launch.token == token)).first()
        if launch is None or launch.expires_at <= clock():
            raise RequestRejected(VISIT_OVER)
        claims: dict[str, Any] = launch.claims or {}
        link = session.get(ResourceLink, claims["link"]) if claims.get("link") else None
        if link is None or link.assignment is None:
            raise RequestRejected(NO_ASSIGNMENT)
        membership = session.get_one(Membership, (claims["person"], claims["context"]))
        visit = Visit(
            name=name,
            csrf=hashlib.sha256(f"form of {token}".encode()).hexdigest()[:32],
            person=session.get_one(Person, claims["person"]),
            context=session.get_one(Context, claims["context"]),
            link=link,
            role=membership.role,
            language=claims["language"],
        )
    g.visit = visit  # an error page then links back to the visit, and puts its language first
    if claims.get("origin"):
        g.frames = (claims["origin"],)
    if request.method not in ("GET", "HEAD"):
        csrf = request.form.get("csrf", "")
        if not hmac.compare_digest(csrf.encode(errors="replace"), visit.csrf.encode()):
            raise RequestRejected(INVALID_CSRF)
        # only now: the page must not show what another site has a browser send
        fields = request.form.items(multi=True)
        g.written = [text for field, text in fields if field != "csrf" and text.strip()]
    require_access(visit.context, membership)
    if staff and not visit.is_staff:
        raise RequestRejected(STAFF_ONLY)
    return visit

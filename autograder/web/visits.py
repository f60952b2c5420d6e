"""Visits: authenticated sessions that begin with a launch.

The URLs of a visit's pages begin with `/v/<name>`, where the name is the first characters of its token. The cookie of
that name holds the whole token. So one browser can have several activities open, even as different people, and a URL
alone gives access to nothing.

A browser keeps the cookie of a frame apart from that of a window. So a page in a frame has a code, which for a few
minutes opens the visit in a window.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, g, redirect, request, url_for
from sqlalchemy import select

from autograder.web.db.database import Database
from autograder.web.db.models import Context, Launch, Membership, Person, ResourceLink, Role
from autograder.web.errors import (
    INVALID_CSRF,
    NO_ASSIGNMENT,
    STAFF_ONLY,
    VISIT_OVER,
    WINDOW_OVER,
    RequestRejected,
)
from autograder.web.headers import COOKIE, set_cookie
from autograder.web.lti.accounts import Launched
from autograder.web.lti.memberships import require_access

LIFETIME = timedelta(hours=12)
"""A working day; then the assignment is opened from the LMS again."""
WINDOW_LIFETIME = timedelta(minutes=10)
"""Of the code that opens a visit in a window. It is as good as the cookie, which no page shows."""
NOT_WRITTEN = (
    "csrf", "person", "kept", "all", "about", "cell", "question", "answered", "stands", "late_rule",
    "keep_better", "everything", "grant", "back", "delivery",
)  # fmt: skip
"""Fields that hold what our pages put there: the secret of the form, ids, and values of what is picked or ticked."""
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
    lms_origin: str = ""
    """The origin of the LMS's page that frames it; empty if the LMS named none."""
    window_code: str = field(default="", repr=False)
    """Opens the visit in a window of its own; see `open_in_window`."""

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
            lms_origin=claims.get("origin", ""),
            window_code=_window_code(token, clock() + WINDOW_LIFETIME),
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
        g.written = [text for field, text in fields if field not in NOT_WRITTEN and text.strip()]
    require_access(visit.context, membership)
    if staff and not visit.is_staff:
        raise RequestRejected(STAFF_ONLY)
    return visit


def open_in_window(database: Database, name: str, *, clock: Callable[[], datetime]) -> Response:
    """Open a visit in a window: set its cookie there, and redirect to its first page.

    The request has the code of a page of ours in a frame, and comes from there: with a code that another site sends,
    somebody would work in the visit of another person. Raises RequestRejected.
    """
    code = request.form.get("code", "")
    until = code.partition(".")[0]
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or not until.isdecimal() or len(until) > 10:
        raise RequestRejected(WINDOW_OVER)
    ends = datetime.fromtimestamp(int(until), UTC)
    with database.read() as session:
        named = Launch.token.startswith(name, autoescape=True)
        token = session.scalars(select(Launch.token).where(named, Launch.expires_at > clock())).first()
    is_over = token is None or len(name) != NAME_LENGTH or ends <= clock()
    if is_over or not hmac.compare_digest(code.encode(), _window_code(token or "", ends).encode()):
        raise RequestRejected(WINDOW_OVER)
    response = redirect(url_for("home.index", visit_name=name), 303)
    return set_cookie(response, token or "", seconds=int(LIFETIME.total_seconds()))  # type: ignore[arg-type]


def _window_code(token: str, ends: datetime) -> str:
    """Return the code that opens the visit of a token in a window. ends: when it is over, to the second."""
    until = int(ends.timestamp())
    return f"{until}.{hashlib.sha256(f'window until {until} of {token}'.encode()).hexdigest()}"

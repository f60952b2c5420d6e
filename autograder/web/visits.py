"""Who is looking at a page: a launch gone on with, known by a cookie that only this browser holds.

The address of a visit's pages begins with `/v/<name>`, the first letters of its token; the cookie of that name holds
the whole token. So one browser can have several activities open, as different people even, and an address alone shows
nobody anything.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from flask import Response, g, redirect, request, url_for
from sqlalchemy import select

from autograder.web.db.database import Database
from autograder.web.db.models import Context, Launch, Person, ResourceLink, Role
from autograder.web.errors import NO_ASSIGNMENT, STAFF_ONLY, STRANGE_FORM, VISIT_OVER, RequestRejected
from autograder.web.headers import COOKIE, keep
from autograder.web.lti.accounts import Launched

LASTS = timedelta(hours=12)
"""A working day; then the assignment is opened from the LMS again."""
NAME = 16
"""Letters of a token that its address shows; the rest is a secret of 160 bits."""


@dataclass(frozen=True)
class Visit:
    """Somebody who looks at an activity, as the LMS sent them."""

    name: str
    """In the address."""
    csrf: str
    """What forms of this visit bring along."""
    person: Person
    context: Context
    link: ResourceLink
    role: Role
    language: Literal["ko", "en"]

    @property
    def is_staff(self) -> bool:
        """Whether they teach or assist here."""
        return self.role != "student"

    def say(self, ko: str, en: str) -> str:
        """The one of two texts that is in the visit's language."""
        return ko if self.language == "ko" else en


def welcome(database: Database, launched: Launched, *, clock: Callable[[], datetime]) -> Response:
    """Begin a visit: the cookie, and the way to its first page."""
    with database.write() as session:
        launch = session.scalars(select(Launch).where(Launch.token == launched.token)).one()
        launch.expires_at = clock() + LASTS
    response = redirect(url_for("pages.home", visit=launched.token[:NAME]), 303)
    return keep(response, launched.token, seconds=int(LASTS.total_seconds()))  # type: ignore[arg-type]


def visiting(database: Database, name: str, *, clock: Callable[[], datetime], staff: bool = False) -> Visit:
    """Whose request this is; one that changes something must bring the visit's own `csrf`.

    staff: whether only those who teach or assist may go on. Raises Refused.
    """
    token = request.cookies.get(COOKIE + name, "")
    if len(name) != NAME or not hmac.compare_digest(token[:NAME].encode(), name.encode()):
        raise RequestRejected(VISIT_OVER)
    with database.read() as session:
        launch = session.scalars(select(Launch).where(Launch.token == token)).first()
        if launch is None or launch.expires_at <= clock():
            raise RequestRejected(VISIT_OVER)
        told: dict[str, Any] = launch.claims or {}
        link = session.get(ResourceLink, told["link"]) if told.get("link") else None
        if link is None or link.assignment is None:
            raise RequestRejected(NO_ASSIGNMENT)
        visit = Visit(
            name=name,
            csrf=hashlib.sha256(f"form of {token}".encode()).hexdigest()[:32],
            person=session.get_one(Person, told["person"]),
            context=session.get_one(Context, told["context"]),
            link=link,
            role=told["role"],
            language=told["language"],
        )
    g.visit = visit  # a page that turns them down leads back, and speaks their language first
    if told.get("origin"):
        g.frames = (told["origin"],)
    if request.method not in ("GET", "HEAD"):
        brought = request.form.get("csrf", "")
        if not hmac.compare_digest(brought.encode(errors="replace"), visit.csrf.encode()):
            raise RequestRejected(STRANGE_FORM)
    if staff and not visit.is_staff:
        raise RequestRejected(STAFF_ONLY)
    return visit

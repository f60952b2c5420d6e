"""Stores the person, course, activity and role of a launch."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.errors import CourseError
from autograder.roster import STUDENT, Roster, Unmatched
from autograder.suggestions import plain
from autograder.web.db import final_grades, outbox
from autograder.web.db.database import Database
from autograder.web.db.models import (
    Attempt,
    Context,
    Launch,
    Person,
    Platform,
    ResourceLink,
    Role,
)
from autograder.web.http import origin
from autograder.web.lti.claims import Claims, language_of
from autograder.web.lti.contexts import require_confirmed, upsert_context
from autograder.web.lti.memberships import require_access, state_role, stated_at

log = logging.getLogger(__name__)
LIFETIME = timedelta(hours=1)
"""How long a launch can be continued, for example while a teacher selects an assignment."""


@dataclass(frozen=True)
class Launched:
    """A launched user and the target of the launch."""

    token: str
    """Identifies the launch in our own pages; unguessable."""
    person: Person
    context: Context
    link: ResourceLink | None
    """None if the launch is to select an assignment."""
    role: Role
    language: str


@dataclass(frozen=True)
class LmsPerson:
    """A person as described by the LMS. Texts are empty if it does not send them."""

    subject: str
    name: str
    email: str
    locale: str = ""
    student_number: str | None = None
    """None if the source never sends it, such as a roster; then no student id changes because of it."""


def load_roster(course: Course) -> Roster | None:
    """Return the course's roster; None if it cannot be read, and then new people get no student id."""
    try:
        return Roster.of(course)
    except CourseError:
        # its contents must not be logged
        log.error("cannot read the roster, so new people get no student id; see `autograder roster`")
        return None


def record(
    database: Database, course: Course, launch: Launch, claims: Claims, *, moment: datetime
) -> Launched:
    """Store a verified launch and give it a token.

    Values that the LMS sent in an earlier launch and leaves out of this one are kept.
    Raises RequestRejected if nobody has confirmed the course, of which nothing else is stored then, or if the LMS
    withdrew the person's role in it after it made the launch.
    """
    with database.write() as session:
        platform = session.get_one(Platform, launch.platform_id, with_for_update=True)
        context = upsert_context(session, platform, claims)
    require_confirmed(context, claims.role)
    roster = load_roster(course)
    language = language_of(claims.locale, course.languages)
    token = secrets.token_urlsafe(32)
    with database.write() as session:
        # serializes the launches of an LMS: two at once would create the same person twice
        platform = session.get_one(Platform, launch.platform_id, with_for_update=True)
        context = session.get_one(Context, context.id)
        link, old_url = (None, None) if claims.picking else _link(session, context, claims)
        details = LmsPerson(claims.subject, claims.name, claims.email, claims.locale, claims.student_number)
        person = upsert_person(session, platform, details, roster)
        stated = stated_at(claims, moment)
        membership = state_role(session, person, context, claims.role, stated=stated, moment=moment)
        session.flush()
        if link is not None and link.lineitem_url != old_url:
            outbox.restart(session, link.id, at=moment)
            final_grades.mark_stale(session, link.id)
        kept: dict[str, Any] = {"person": person.id, "context": context.id}
        kept |= {"language": language, "link": link and link.id}
        if claims.return_url:
            kept["origin"] = origin(claims.return_url)
        if claims.picking:
            kept |= {"picking": dict(claims.picking.settings)}
        row = session.get_one(Launch, launch.id)
        row.token, row.claims, row.expires_at = token, kept, moment + LIFETIME
    require_access(context, membership)
    return Launched(token, person, context, link, membership.role, language)


def _link(session: Session, context: Context, claims: Claims) -> tuple[ResourceLink, str | None]:
    """Return the activity, and the line item URL that it had before this launch."""
    link = session.scalars(
        select(ResourceLink).where(
            ResourceLink.context_id == context.id, ResourceLink.resource_link_id == claims.resource_link_id
        )
    ).first()
    if link is None:
        link = ResourceLink(
            context_id=context.id, resource_link_id=claims.resource_link_id, title="", scopes=[]
        )
        session.add(link)
    old_url = link.lineitem_url
    link.title = claims.resource_link_title or link.title
    link.assignment = claims.assignment or link.assignment
    if claims.service:
        link.lineitem_url = claims.service.lineitem or link.lineitem_url
        link.lineitems_url = claims.service.lineitems or link.lineitems_url
        link.scopes = list(claims.service.scopes)
    return link, old_url


def upsert_person(session: Session, platform: Platform, details: LmsPerson, roster: Roster | None) -> Person:
    """Return the row of a person, created if missing, updated with the details.

    The caller must hold the lock of the platform's row: two at once would create the same person twice.
    """
    person = session.scalars(
        select(Person).where(Person.platform_id == platform.id, Person.subject == details.subject)
    ).first()
    if person is None:
        person = Person(
            platform_id=platform.id,
            subject=details.subject,
            name="",
            email="",
            pseudonym=secrets.token_hex(4),
        )
        session.add(person)
        session.flush()
    person.name, person.email = details.name or person.name, details.email or person.email
    person.locale = details.locale or person.locale
    attempted = session.scalars(select(Attempt.id).where(Attempt.person_id == person.id).limit(1)).first()
    # another id would separate existing attempts from their scores
    is_fixed = attempted is not None or details.student_number is None
    if roster is not None and (person.student_id is None or not is_fixed):
        person.student_id = _student_id(session, platform, person, details.student_number or "", roster)
    return person


def _student_id(
    session: Session, platform: Platform, person: Person, student_number: str, roster: Roster
) -> str:
    """Return a person's student id: that of the matching roster entry, else a unique id of their own.

    No person gets the id of another one, in the roster or in the database.
    """
    # the most reliable first: some LMSs let students change their address and name, none their number
    identifiers = {"lti_subject": person.subject, "student_number": student_number, "email": person.email}
    match = roster.find(identifiers)
    if not isinstance(match, Unmatched):  # a name identifies nobody, but it may contradict
        match = roster.find({**identifiers, "name": person.name})
    if not isinstance(match, Unmatched):
        on_platform = (
            select(Person.id)
            .where(Person.platform_id == platform.id, Person.student_id == match.student_id)
            .where(Person.id != person.id)
        )
        if session.scalars(on_platform.limit(1)).first() is None:
            return match.student_id
        log.warning(
            "the roster entry that matches %s is already linked to another account of the LMS",
            person.pseudonym,
        )
    same = select(Platform.id).where(Platform.issuer == platform.issuer)
    others = select(Person.student_id).where(
        (Person.subject != person.subject) | Person.platform_id.not_in(same), Person.student_id.is_not(None)
    )
    taken = {plain(entry.student_id) for entry in roster.people}
    taken |= {plain(student_id) for student_id in session.scalars(others) if student_id}
    # people know the number of their institution, and the LMS's own id of them is often a small number
    for own in (student_number, person.subject):
        if STUDENT.fullmatch(own) and plain(own) not in taken:
            return own
    digest = hashlib.sha256(f"{platform.issuer}\n{person.subject}".encode()).hexdigest()
    return f"lti-{digest[:16]}"

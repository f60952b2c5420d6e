"""Writes down who launched what: person, course, activity and role, as this launch says them."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.errors import CourseError
from autograder.roster import STUDENT, Roster, Unmatched, plain
from autograder.web.db import final_grades, outbox
from autograder.web.db.database import Database
from autograder.web.db.models import (
    Attempt,
    Context,
    Launch,
    Membership,
    Person,
    Platform,
    ResourceLink,
    Role,
)
from autograder.web.http import origin
from autograder.web.lti.claims import Claims, language_of

log = logging.getLogger(__name__)
STAYS = timedelta(hours=1)
"""How long a launch can be gone on with: while a teacher picks an assignment."""


@dataclass(frozen=True)
class Launched:
    """Somebody whom an LMS sent, and to what."""

    token: str
    """Names the launch in our own pages; not to be guessed."""
    person: Person
    context: Context
    link: ResourceLink | None
    """None where the launch is to pick an assignment."""
    role: Role
    language: Literal["ko", "en"]


@dataclass(frozen=True)
class LmsPerson:
    """Somebody as the LMS tells of them. Texts are empty where it tells nothing."""

    subject: str
    name: str
    email: str
    locale: str = ""
    student_number: str | None = None
    """None: the LMS would not say, as in a roster; then nobody's student id changes by it."""


def roster_of(course: Course) -> Roster | None:
    """The course's roster; None where it cannot be read, and then nobody new gets a student id."""
    try:
        return Roster.of(course)
    except CourseError:
        # what stands in it is not for the log
        log.error(
            "the roster cannot be read, so new people stay without a student id; see `autograder roster`"
        )
        return None


def record(
    database: Database, course: Course, launch: Launch, claims: Claims, *, moment: datetime
) -> Launched:
    """Store what a checked launch says, and give it a token.

    What the LMS leaves out of this launch, and said in an earlier one, stays.
    """
    roster = roster_of(course)
    language = language_of(claims.locale, course.languages)
    token = secrets.token_urlsafe(32)
    with database.write() as session:
        # one launch of an LMS after another: two at once would make the same person twice
        platform = session.get_one(Platform, launch.platform_id, with_for_update=True)
        context = _context(session, platform, claims)
        link, before = (None, None) if claims.picking else _link(session, context, claims)
        told = LmsPerson(claims.subject, claims.name, claims.email, claims.locale, claims.student_number)
        person = known_person(session, platform, told, roster)
        enrolled(session, person, context, claims.role)
        session.flush()
        if link is not None and link.lineitem_url != before:
            outbox.restart(session, link.id, at=moment)
            final_grades.mark_stale(session, link.id)
        kept: dict[str, Any] = {"person": person.id, "context": context.id, "role": claims.role}
        kept |= {"language": language, "link": link and link.id}
        if claims.return_url:
            kept["origin"] = origin(claims.return_url)
        if claims.picking:
            kept |= {"picking": dict(claims.picking.settings)}
        row = session.get_one(Launch, launch.id)
        row.token, row.claims, row.expires_at = token, kept, moment + STAYS
    return Launched(token, person, context, link, claims.role, language)


def _context(session: Session, platform: Platform, claims: Claims) -> Context:
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


def _link(session: Session, context: Context, claims: Claims) -> tuple[ResourceLink, str | None]:
    """The activity, and where the LMS kept its scores before this launch."""
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
    before = link.lineitem_url
    link.title = claims.resource_link_title or link.title
    link.assignment = claims.assignment or link.assignment
    if claims.service:
        link.lineitem_url = claims.service.lineitem or link.lineitem_url
        link.lineitems_url = claims.service.lineitems or link.lineitems_url
        link.scopes = list(claims.service.scopes)
    return link, before


def known_person(session: Session, platform: Platform, told: LmsPerson, roster: Roster | None) -> Person:
    """The row of somebody, made where there is none, with what is told of them now.

    The caller has the platform's row locked: two at once would make the same person twice.
    """
    person = session.scalars(
        select(Person).where(Person.platform_id == platform.id, Person.subject == told.subject)
    ).first()
    if person is None:
        person = Person(
            platform_id=platform.id,
            subject=told.subject,
            name="",
            email="",
            pseudonym=secrets.token_hex(4),
        )
        session.add(person)
        session.flush()
    person.name, person.email = told.name or person.name, told.email or person.email
    person.locale = told.locale or person.locale
    attempted = session.scalars(select(Attempt.id).where(Attempt.person_id == person.id).limit(1)).first()
    # with hand-ins under one id, another would part them from their scores
    settled = attempted is not None or told.student_number is None
    if roster is not None and (person.student_id is None or not settled):
        person.student_id = _student_id(session, platform, person, told.student_number or "", roster)
    return person


def _student_id(
    session: Session, platform: Platform, person: Person, student_number: str, roster: Roster
) -> str:
    """Who somebody is in the gradebook: whom the roster knows, else an id of their own.

    Nobody gets an id that somebody else has: neither who is in the roster, nor who came before.
    """
    # the surest first: students may change their address and name in some LMSs, their number in none
    told = {"lti_subject": person.subject, "student_number": student_number}
    found = roster.find({**told, "email": person.email, "name": person.name})
    if not isinstance(found, Unmatched):
        on_platform = (
            select(Person.id)
            .where(Person.platform_id == platform.id, Person.student_id == found.student_id)
            .where(Person.id != person.id)
        )
        if session.scalars(on_platform.limit(1)).first() is None:
            return found.student_id
        log.warning(
            "the roster's person whom %s would be is another account of the LMS already", person.pseudonym
        )
    same = select(Platform.id).where(Platform.issuer == platform.issuer)
    others = select(Person.student_id).where(
        (Person.subject != person.subject) | Person.platform_id.not_in(same), Person.student_id.is_not(None)
    )
    taken = {plain(one.student_id) for one in roster.people}
    taken |= {plain(one) for one in session.scalars(others) if one}
    if STUDENT.fullmatch(person.subject) and plain(person.subject) not in taken:
        return person.subject
    digest = hashlib.sha256(f"{platform.issuer}\n{person.subject}".encode()).hexdigest()
    return f"lti-{digest[:16]}"


def enrolled(session: Session, person: Person, context: Context, role: Role, *, active: bool = True) -> None:
    """Note what somebody is in a course of the LMS."""
    session.flush()
    membership = session.get(Membership, (person.id, context.id))
    if membership is None:
        session.add(Membership(person_id=person.id, context_id=context.id, role=role, active=active))
    else:
        membership.role, membership.active = role, active

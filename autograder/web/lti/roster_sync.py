"""Stores the members of an LMS course from its roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update

from autograder.course import Course
from autograder.web.db.database import Database
from autograder.web.db.locking import lock_people
from autograder.web.db.models import Context, Membership, Person, Platform
from autograder.web.lti.accounts import LmsPerson, load_roster, upsert_person
from autograder.web.lti.memberships import state_role
from autograder.web.lti.services import Member

BATCH = 50
"""People per transaction, so that submissions in between do not wait for the whole class."""


@dataclass(frozen=True)
class Fetch:
    """When a roster was fetched, and by whom."""

    began: datetime
    """What the LMS states in it is at least as new."""
    ended: datetime
    person: int
    """The id of the member of staff who asked for it."""


def store_members(
    database: Database, course: Course, context: Context, members: Sequence[Member], fetch: Fetch
) -> None:
    """Store the members of a course; people who are not among them any more become inactive.

    Whoever asked for the roster stays active without being in it: an administrator of the LMS may be no member.
    """
    roster = load_roster(course)
    for start in range(0, len(members), BATCH):
        with database.write() as session:
            platform = session.get_one(Platform, context.platform_id, with_for_update=True)
            batch = members[start : start + BATCH]
            subjects = [member.subject for member in batch]
            lock_people(
                session,
                select(Person.id).where(Person.platform_id == platform.id, Person.subject.in_(subjects)),
            )
            for member in batch:
                details = LmsPerson(
                    member.subject, member.name, member.email, student_number=member.student_number
                )
                person = upsert_person(session, platform, details, roster)
                state_role(
                    session, person, context, member.role, active=member.active, source="roster",
                    stated=fetch.began, moment=fetch.ended,
                )  # fmt: skip
    listed = {member.subject for member in members}
    with database.write() as session:
        enrolled = session.execute(
            select(Person.id, Person.subject).join(Membership).where(Membership.context_id == context.id)
        )
        left = [row.id for row in enrolled if row.subject not in listed and row.id != fetch.person]
        stated = Membership.stated_at
        session.execute(
            update(Membership)
            .where(Membership.context_id == context.id, Membership.person_id.in_(left))
            .where(or_(stated.is_(None), stated <= fetch.began, stated > fetch.ended))
            .values(active=False, launch_role=None, roster_role=None, stated_at=fetch.began)
        )

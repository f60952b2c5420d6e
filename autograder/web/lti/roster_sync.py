"""Stores the members of an LMS course from its roster."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from autograder.course import Course
from autograder.web.db.database import Database
from autograder.web.db.locking import lock_people
from autograder.web.db.models import Context, Membership, Person, Platform
from autograder.web.lti.accounts import LmsPerson, load_roster, set_membership, upsert_person
from autograder.web.lti.services import Member

BATCH = 50
"""People per transaction, so that submissions in between do not wait for the whole class."""


def store_members(database: Database, course: Course, context: Context, members: Sequence[Member]) -> None:
    """Store the members of a course; people who are not among them any more become inactive."""
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
                details = LmsPerson(member.subject, member.name, member.email)
                person = upsert_person(session, platform, details, roster)
                set_membership(session, person, context, member.role, active=member.active)
    listed = {member.subject for member in members}
    with database.write() as session:
        enrolled = session.execute(
            select(Person.id, Person.subject).join(Membership).where(Membership.context_id == context.id)
        )
        left = [person.id for person in enrolled if person.subject not in listed]
        session.execute(
            update(Membership)
            .where(Membership.context_id == context.id, Membership.person_id.in_(left))
            .values(active=False)
        )

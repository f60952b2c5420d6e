"""Writes down who is in an LMS course, as its roster says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from autograder.course import Course
from autograder.web.db.database import Database
from autograder.web.db.locking import lock_people
from autograder.web.db.models import Context, Membership, Person, Platform
from autograder.web.lti.accounts import LmsPerson, enrolled, known_person, roster_of
from autograder.web.lti.services import Member

BATCH = 50
"""People a transaction: those who hand in meanwhile do not wait for the whole class."""


def enrol(database: Database, course: Course, context: Context, members: Sequence[Member]) -> None:
    """Store the people of a course; who is not among them any more stays, as one who has left."""
    roster = roster_of(course)
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
                told = LmsPerson(member.subject, member.name, member.email)
                person = known_person(session, platform, told, roster)
                enrolled(session, person, context, member.role, active=member.active)
    listed = {member.subject for member in members}
    with database.write() as session:
        here = session.execute(
            select(Person.id, Person.subject).join(Membership).where(Membership.context_id == context.id)
        )
        left = [one.id for one in here if one.subject not in listed]
        session.execute(
            update(Membership)
            .where(Membership.context_id == context.id, Membership.person_id.in_(left))
            .values(active=False)
        )

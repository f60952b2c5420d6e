"""The score that stands: pages read it, and ask the worker to work it out anew; the worker alone writes it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from autograder.web.db.locking import hold
from autograder.web.db.models import Attempt, FinalGrade


def ask(session: Session, link: int, person: int | None = None) -> None:
    """Have the worker work out anew what stands for a person in a link, or for everybody who handed in there.

    After whatever may change it: a rule of the link, an allowance, points that a teacher gives.
    """
    if person is not None:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(
            insert(FinalGrade)
            .values(course_link_id=link, person_id=person, stale=True)
            .on_conflict_do_update(index_elements=["course_link_id", "person_id"], set_={"stale": True})
        )
        return
    people = session.scalars(
        select(Attempt.person_id)
        .where(Attempt.course_link_id == link)
        .union(select(FinalGrade.person_id).where(FinalGrade.course_link_id == link))
    ).all()
    hold(session, people, lightly=True)
    for one in sorted(people):
        ask(session, link, one)


def ask_again(session: Session, standings: Collection[tuple[int, int]]) -> None:
    """Have standings that are there, by link and person, worked out anew."""
    hold(session, {person for _, person in standings}, lightly=True)
    for link, person in sorted(standings):
        session.execute(
            update(FinalGrade)
            .where(FinalGrade.course_link_id == link, FinalGrade.person_id == person)
            .values(stale=True)
        )

"""Final grades: pages read them and mark them stale; only the worker computes and writes them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from autograder.web.db.locking import lock_people
from autograder.web.db.models import Attempt, FinalGrade


def mark_stale(session: Session, link: int, person: int | None = None) -> None:
    """Have the worker recompute the final grade of a person in a link, or of everyone who submitted there.

    Call it after any change that may affect the grade: a rule of the link, an extension, an override.
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
    lock_people(session, people, shared=True)
    for submitter in sorted(people):
        mark_stale(session, link, submitter)


def mark_existing_stale(session: Session, grades: Collection[tuple[int, int]]) -> None:
    """Have final grades recomputed, given by link and person; those that do not exist are not created."""
    lock_people(session, {person for _, person in grades}, shared=True)
    for link, person in sorted(grades):
        session.execute(
            update(FinalGrade)
            .where(FinalGrade.course_link_id == link, FinalGrade.person_id == person)
            .values(stale=True)
        )

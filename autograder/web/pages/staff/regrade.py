"""Grading again: one attempt, all of one student, or the whole class. What stands stays until the worker is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from autograder.web.db.job_queue import requeue
from autograder.web.db.models import Attempt
from autograder.web.pages.lti import Tool
from autograder.web.pages.staff.access import NUMBER, PERSON, attempt, done, note, show, staff, student
from autograder.web.settings import folder_of
from autograder.web.visits import Visit

BATCH = 100
"""Attempts a transaction: those who hand in meanwhile do not wait for the whole class."""


def add_regrading(blueprint: Blueprint, tool: Tool) -> None:
    """Add grading again."""

    def again(attempts: Sequence[int]) -> None:
        for start in range(0, len(attempts), BATCH):
            with tool.database.write() as session:
                for one in attempts[start : start + BATCH]:
                    requeue(session, one, at=tool.clock())

    def attempts_of(who: Visit, *conditions: Any) -> list[int]:
        """Those whose files are still there; of the others, what they earned once is all there will be."""
        here = select(Attempt.id, Attempt.path).where(Attempt.course_link_id == who.link.id, *conditions)
        with tool.database.read() as session:
            found = session.execute(here.order_by(Attempt.id)).tuples().all()
        files = folder_of(tool.course) / "files"
        return [number for number, path in found if (files / path).is_file()]

    @blueprint.post(f"/staff/attempts/{NUMBER}/regrade")
    def regrade_attempt(visit: str, number: int) -> ResponseReturnValue:
        who = staff(tool, visit)
        with tool.database.read() as session:
            person = attempt(session, who, number).person
        attempts = attempts_of(who, Attempt.id == number)
        again(attempts)
        note(who, f"put attempt {number} to be graded again", person.pseudonym)
        return done(who, "person_page", "regrade", person=person.id, n=len(attempts))

    @blueprint.post(f"/staff/people/{PERSON}/regrade")
    def regrade_person(visit: str, person: int) -> ResponseReturnValue:
        who = staff(tool, visit)
        with tool.database.read() as session:
            whom = student(session, who, person)
        attempts = attempts_of(who, Attempt.person_id == person)
        again(attempts)
        note(who, "put all attempts to be graded again", whom.pseudonym)
        return done(who, "person_page", "regrade", person=person, n=len(attempts))

    @blueprint.get("/staff/regrade")
    def regrade_page(visit: str) -> ResponseReturnValue:
        who = staff(tool, visit)
        with tool.database.read() as session:
            here = Attempt.course_link_id == who.link.id
            attempts, people = session.execute(
                select(func.count(), func.count(Attempt.person_id.distinct())).where(here)
            ).one()
        return show(tool, who, "staff_regrade.html", attempts=attempts, people=people)

    @blueprint.post("/staff/regrade")
    def regrade_class(visit: str) -> ResponseReturnValue:
        who = staff(tool, visit)
        attempts = attempts_of(who)
        again(attempts)
        note(who, "put all attempts of the class to be graded again")
        return done(who, "class_page", "regrade", n=len(attempts))

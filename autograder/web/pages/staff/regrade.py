"""Regrading of one attempt, of one student, or of the class. Final grades stay until the worker is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from autograder.web.context import tool
from autograder.web.db.job_queue import requeue
from autograder.web.db.models import Attempt
from autograder.web.pages.staff.access import (
    NUMBER,
    PERSON,
    STAFF,
    authenticate_staff,
    find_attempt,
    find_student,
    log_change,
    redirect_with_notice,
    show,
)
from autograder.web.visits import Visit

BATCH = 100
"""Attempts per transaction, so that submissions that arrive meanwhile do not wait for the whole class."""

blueprint = Blueprint("regrade", __name__, url_prefix=STAFF)


@blueprint.post(f"/attempts/{NUMBER}/regrade")
def one_attempt(visit_name: str, number: int) -> ResponseReturnValue:
    """Regrade one attempt."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        person = find_attempt(session, visit, number).person
    attempts = _gradable(visit, Attempt.id == number)
    _enqueue(attempts)
    log_change(visit, f"requested a regrade of attempt {number}", person.pseudonym)
    return redirect_with_notice(
        visit, "staff_student.page", "regrade", person=person.id, attempt=number, n=len(attempts)
    )


@blueprint.post(f"/people/{PERSON}/regrade")
def one_student(visit_name: str, person: int) -> ResponseReturnValue:
    """Regrade all attempts of one student."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        student = find_student(session, visit, person)
    attempts = _gradable(visit, Attempt.person_id == person)
    _enqueue(attempts)
    log_change(visit, "requested a regrade of all attempts", student.pseudonym)
    return redirect_with_notice(visit, "staff_student.page", "regrade", person=person, n=len(attempts))


@blueprint.get("/regrade")
def page(visit_name: str) -> ResponseReturnValue:
    """Ask for confirmation before the class is regraded."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        attempts, people = session.execute(
            select(func.count(), func.count(Attempt.person_id.distinct())).where(
                Attempt.course_link_id == visit.link.id
            )
        ).one()
    return show(visit, "staff/regrade.html", attempts=attempts, people=people)


@blueprint.post("/regrade")
def whole_class(visit_name: str) -> ResponseReturnValue:
    """Regrade all attempts of the class."""
    visit = authenticate_staff(visit_name)
    attempts = _gradable(visit)
    _enqueue(attempts)
    log_change(visit, "requested a regrade of the class")
    return redirect_with_notice(visit, "class_list.page", "regrade", n=len(attempts))


def _gradable(visit: Visit, *conditions: Any) -> list[int]:
    """Return the attempts whose files still exist; without its file, an attempt keeps the score that it has."""
    query = select(Attempt).where(Attempt.course_link_id == visit.link.id, *conditions).order_by(Attempt.id)
    with tool.database.read() as session:
        attempts = session.scalars(query.options(load_only(Attempt.path))).all()
    return [attempt.id for attempt in attempts if tool.submissions.submitted_file(attempt).is_file()]


def _enqueue(attempts: Sequence[int]) -> None:
    for start in range(0, len(attempts), BATCH):
        with tool.database.write() as session:
            for number in attempts[start : start + BATCH]:
                requeue(session, number, at=tool.clock())

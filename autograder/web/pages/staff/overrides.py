"""Overrides: points that staff give by hand for a question, and revoke. The worker writes them into the gradebook."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.i18n import _
from autograder.web.context import tool
from autograder.web.db.final_grades import mark_stale
from autograder.web.db.models import FinalGrade, Override
from autograder.web.pages.staff.access import (
    PERSON,
    STAFF,
    authenticate_staff,
    display_name,
    find_student,
    log_change,
    redirect_with_notice,
)
from autograder.web.pages.staff.forms import FormError, parse_points, parse_text
from autograder.web.pages.staff.student import student_page
from autograder.web.visits import Visit

blueprint = Blueprint("overrides", __name__, url_prefix=STAFF)


@blueprint.post(f"/people/{PERSON}/points")
def save(visit_name: str, person: int) -> ResponseReturnValue:
    """Override the score of a question, or revoke the override."""
    visit = authenticate_staff(visit_name)
    form = request.form
    cell, revoke = form.get("cell", ""), bool(form.get("back"))
    try:
        with tool.database.write() as session:
            student = find_student(session, visit, person)
            if revoke:
                revoke_override(session, visit, person, cell)
            else:
                reason = parse_text(
                    form.get("reason", ""), missing=_("Write the reason; the student reads it on their page.")
                )
                add_override(session, visit, person, cell, form.get("points", ""), reason)
    except FormError as error:
        return student_page(visit, person, error.message)
    log_change(visit, "revoked an override" if revoke else "added an override", student.pseudonym)
    notice = "back" if revoke else "points"
    return redirect_with_notice(visit, "staff_student.page", notice, person=person, anchor="points")


def add_override(session: Session, visit: Visit, person: int, cell: str, points: str, reason: str) -> None:
    """Override the score of a grade cell. points: as typed. Raises FormError."""
    grade = session.get(FinalGrade, (visit.link.id, person))
    maximum = (grade.cells if grade else {}).get(cell, {}).get("points")
    if maximum is None:
        raise FormError(
            _("No points can be given for this question yet: an attempt has to be graded once before.")
        )
    _store(session, visit, person, cell, parse_points(points, maximum), reason)


def revoke_override(session: Session, visit: Visit, person: int, cell: str) -> None:
    """Have the grader's score count again. Raises FormError if no override is in force."""
    last = session.scalars(
        select(Override)
        .where(Override.course_link_id == visit.link.id, Override.person_id == person, Override.cell == cell)
        .order_by(Override.id.desc())
        .limit(1)
    ).first()
    if last is None or last.points is None:
        raise FormError(
            _(
                "There is nothing to take back: no points were given for this question, or they are taken "
                "back already."
            )
        )
    _store(session, visit, person, cell, None, "")


def _store(session: Session, visit: Visit, person: int, cell: str, points: float | None, reason: str) -> None:
    session.add(
        Override(
            course_link_id=visit.link.id,
            person_id=person,
            cell=cell,
            points=points,
            reason=reason,
            made_by=display_name(visit),
            made_at=tool.clock(),
        )
    )
    mark_stale(session, visit.link.id, person)

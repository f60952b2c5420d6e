"""Overrides: points that staff give by hand for a question, and revoke. The worker writes them into the gradebook.

A grant is the override that gives what is blocked as too easy, with a reason of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.grading.report import PRECISION, Report
from autograder.i18n import _
from autograder.notebooks.cells import GRADE_SUFFIX, cell_of
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.db.final_grades import mark_stale
from autograder.web.db.models import Attempt, FinalGrade, Override
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.pages.forms import Form, FormError, TextField, points_field
from autograder.web.pages.staff.access import (
    NUMBER,
    PERSON,
    STAFF,
    authenticate_staff,
    display_name,
    find_attempt,
    find_student,
    log_change,
    redirect_with_notice,
)
from autograder.web.pages.staff.student import anchor, reports_of, student_page
from autograder.web.visits import Visit

REASON = _("Your teacher carried this over: it follows from your own earlier answer.")
NOT_GRADED = _("No points can be given for this question yet: an attempt has to be graded once before.")

blueprint = Blueprint("overrides", __name__, url_prefix=STAFF)


class OverrideForm(Form):
    """Points by hand, and why."""

    points = points_field()
    reason = TextField(_("Write the reason; the student reads it on their page."))


@blueprint.post(f"/people/{PERSON}/points")
def save(visit_name: str, person: int) -> ResponseReturnValue:
    """Override the score of a question, or revoke the override."""
    visit = authenticate_staff(visit_name)
    cell, revoke = request.form.get("cell", ""), bool(request.form.get("back"))
    try:
        with tool.database.write() as session:
            student = find_student(session, visit, person)
            grade = session.get(FinalGrade, (visit.link.id, person))
            if revoke:
                revoke_override(session, visit, person, cell)
            else:
                form = OverrideForm(request.form)
                form.points.maximum = maximum_points(session, visit, person, cell)
                form.check()
                add_override(session, visit, person, cell, form.points.data, form.reason.data)
    except FormError as error:
        return student_page(visit, person, error)
    log_change(visit, "revoked an override" if revoke else "added an override", student.pseudonym)
    notice = "back" if revoke else "points"
    return _redirect(
        visit, notice, person, grade.attempt_id if grade else None, cell.removesuffix(GRADE_SUFFIX)
    )


@blueprint.post(f"/attempts/{NUMBER}/grant/<question>")
def grant(visit_name: str, number: int, question: str) -> ResponseReturnValue:
    """Grant what is blocked as too easy in a question."""
    visit = authenticate_staff(visit_name)
    try:
        with tool.database.write() as session:
            attempt = find_attempt(session, visit, number)
            person, student = attempt.person_id, attempt.person.pseudonym
            add_grant(session, visit, attempt, question, grant_reason(attempt, visit))
    except FormError as error:
        return student_page(visit, person, error)
    log_change(visit, "granted what was blocked as too easy", student)
    return _redirect(visit, "points", person, number, question)


def _redirect(visit: Visit, notice: str, person: int, attempt: int | None, question: str) -> Response:
    """Redirect to a question on the page of a student."""
    place = anchor(attempt, question)
    return redirect_with_notice(visit, "staff_student.page", notice, person=person, at=question, anchor=place)


def grant_reason(attempt: Attempt, visit: Visit) -> str:
    """Return the reason of a grant, for the student."""
    return REASON.in_language(attempt.edition or visit.language)


def add_grant(session: Session, visit: Visit, attempt: Attempt, question: str, reason: str) -> None:
    """Override the score of a question by what it earns if what is blocked as too easy is carried over.

    Raises FormError if `grant_refusal` says why not.
    """
    report = reports_of(attempt).get(question)
    if report is None:
        raise RequestRejected(NOT_FOUND)
    grade = session.get(FinalGrade, (visit.link.id, attempt.person_id), with_for_update=True)
    refusal = grant_refusal(session, visit, attempt, report, grade)
    if refusal is not None:
        raise FormError(refusal)
    assert grade is not None
    cell, points = cell_of(question, grade.cells), round(report.granted.score, PRECISION)
    add_override(session, visit, attempt.person_id, cell, points, reason)


def grant_refusal(
    session: Session, visit: Visit, attempt: Attempt, report: Report, grade: FinalGrade | None
) -> Text | None:
    """Return why nothing can be granted in a question, or None. grade: the student's final grade."""
    cell = cell_of(report.question, grade.cells if grade else ())
    if grade is None or cell not in grade.cells:
        return NOT_GRADED
    if grade.attempt_id != attempt.id:
        return _("Another attempt counts by now; look at that one.")
    if not report.at_stake:
        return _("There is nothing to grant: the attempt was graded again in the meantime.")
    if grade.cells[cell].get("manual") or is_overridden(session, visit, attempt.person_id, cell):
        return _("Points by hand count for this question already.")
    return None


def is_overridden(session: Session, visit: Visit, person: int, cell: str) -> bool:
    """Return whether an override of a grade cell is in force."""
    points = session.scalars(
        select(Override.points)
        .where(Override.course_link_id == visit.link.id, Override.person_id == person, Override.cell == cell)
        .order_by(Override.id.desc())
        .limit(1)
    ).first()
    return points is not None


def maximum_points(session: Session, visit: Visit, person: int, cell: str) -> float:
    """Return the points of a grade cell. Raises FormError if the student has no grade for it yet."""
    grade = session.get(FinalGrade, (visit.link.id, person))
    maximum: float | None = (grade.cells if grade else {}).get(cell, {}).get("points")
    if maximum is None:
        raise FormError(NOT_GRADED)
    return maximum


def revoke_override(session: Session, visit: Visit, person: int, cell: str) -> None:
    """Have the grader's score count again. Raises FormError if no override is in force."""
    if not is_overridden(session, visit, person, cell):
        raise FormError(
            _(
                "There is nothing to take back: no points were given for this question, or they are taken "
                "back already."
            )
        )
    add_override(session, visit, person, cell, None, "")


def add_override(
    session: Session, visit: Visit, person: int, cell: str, points: float | None, reason: str
) -> None:
    """Override the score of a grade cell. points: None to revoke the override in force."""
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

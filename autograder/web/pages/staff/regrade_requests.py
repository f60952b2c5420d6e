"""Regrade requests of students, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from autograder.i18n import _
from autograder.notebooks.cells import cell_of
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.db.models import Attempt, FinalGrade, RegradeRequest
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.pages.staff.access import (
    NUMBER,
    STAFF,
    authenticate_staff,
    display_name,
    find_attempt,
    log_change,
    redirect_with_notice,
    show,
)
from autograder.web.pages.staff.forms import FormError, parse_text
from autograder.web.pages.staff.overrides import add_grant, add_override, grant_reason, grant_refusal
from autograder.web.pages.staff.student import reports_of
from autograder.web.visits import Visit

MAX_ANSWERED = 50
"""Answered requests on the page."""

blueprint = Blueprint("regrade_requests", __name__, url_prefix=f"{STAFF}/looks")


@blueprint.get("")
def page(visit_name: str) -> ResponseReturnValue:
    """Show open requests, and those answered last."""
    return _page(authenticate_staff(visit_name))


@blueprint.post(f"/{NUMBER}")
def answer(visit_name: str, number: int) -> ResponseReturnValue:
    """Answer a request, and override the score if the form has points, or grants what is blocked as too easy."""
    visit = authenticate_staff(visit_name)
    try:
        with tool.database.write() as session:
            row = session.get(RegradeRequest, number, with_for_update=True)
            if row is None:
                raise RequestRejected(NOT_FOUND)
            person = find_attempt(session, visit, row.attempt_id).person
            if row.answer is not None:
                raise FormError(
                    _("{name} answered this in the meantime; the answer stands below.", name=row.answered_by)
                )
            typed, points = request.form.get("answer", ""), request.form.get("points", "")
            is_grant = bool(request.form.get("grant"))
            if is_grant and not typed.strip():
                typed = grant_reason(row.attempt, visit)
            text = parse_text(typed, missing=_("Write an answer; the student reads it on their page."))
            if is_grant:
                add_grant(session, visit, row.attempt, row.question, text)
            elif points.strip():
                grade = session.get(FinalGrade, (visit.link.id, person.id))
                cell = cell_of(row.question, grade.cells if grade else ())
                add_override(session, visit, person.id, cell, points, text)
            row.answer, row.answered_by, row.answered_at = text, display_name(visit), tool.clock()
    except FormError as error:
        return _page(visit, error.message)
    log_change(visit, "answered a regrade request", person.pseudonym)
    return redirect_with_notice(visit, "regrade_requests.page", "answered")


def _cell_in(cells: Mapping[str, Any], question: str) -> Any:
    """Return the grade cell of a question among those of a student, or None."""
    return cells.get(cell_of(question, cells))


def _page(visit: Visit, problem: Text | None = None) -> Response:
    requests = (
        select(RegradeRequest)
        .join(Attempt)
        .where(Attempt.course_link_id == visit.link.id)
        .options(selectinload(RegradeRequest.attempt).selectinload(Attempt.person))
    )
    with tool.database.read() as session:
        waiting = session.scalars(
            requests.where(RegradeRequest.answer.is_(None)).order_by(RegradeRequest.id)
        ).all()
        answered = session.scalars(
            requests.where(RegradeRequest.answer.is_not(None))
            .order_by(RegradeRequest.answered_at.desc(), RegradeRequest.id)
            .limit(MAX_ANSWERED)
        ).all()
        final_grades = session.scalars(
            select(FinalGrade).where(
                FinalGrade.course_link_id == visit.link.id,
                FinalGrade.person_id.in_({row.attempt.person_id for row in waiting}),
            )
        )
        grades = {grade.person_id: grade for grade in final_grades}
        reports = {row.attempt_id: reports_of(row.attempt) for row in (*waiting, *answered)}
        grantable = {
            row.id
            for row in waiting
            for report in [reports[row.attempt_id].get(row.question)]
            if report is not None
            and any(check.too_easy and row.check in ("", check.name) for check in report.checks)
            and not grant_refusal(session, visit, row.attempt, report, grades.get(row.attempt.person_id))
        }
    cells = {person: grade.cells for person, grade in grades.items()}
    return show(
        visit,
        "staff/regrade_requests.html",
        problem=problem,
        waiting=waiting,
        answered=answered,
        report=lambda row: reports[row.attempt_id].get(row.question),
        may_grant=lambda row: row.id in grantable,
        cell=lambda row: _cell_in(cells.get(row.attempt.person_id, {}), row.question),
    )

"""Regrade requests of students, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from autograder.i18n import _
from autograder.notebooks.cells import cell_of
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.db.final_grades import mark_stale
from autograder.web.db.models import Attempt, FinalGrade, RegradeRequest
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.pages.forms import Form, FormError, Problem, TextField, points_field
from autograder.web.pages.results import QuestionResult
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
from autograder.web.pages.staff.answers import ShownAttempt, card_context, load_attempts
from autograder.web.pages.staff.overrides import (
    add_grant,
    add_override,
    grant_reason,
    grant_refusal,
    maximum_points,
)
from autograder.web.pages.staff.student import reports_of
from autograder.web.visits import Visit

MAX_OPEN, MAX_ANSWERED = 20, 50
"""Open and answered requests on the page."""

blueprint = Blueprint("regrade_requests", __name__, url_prefix=f"{STAFF}/looks")


class AnswerForm(Form):
    """The answer to a request, and new points if they are to change."""

    answer = TextField(_("Write an answer; the student reads it on their page."))
    points = points_field(may_be_empty=True)


@dataclass(frozen=True)
class OpenRequest:
    """A request that waits for an answer."""

    row: RegradeRequest
    shown: ShownAttempt
    """The attempt that it is about."""
    result: QuestionResult | None
    """The question in that attempt; None if the attempt has lost it."""
    cell: Mapping[str, Any] | None
    """The grade cell of the question, as the attempt that counts has it."""
    may_grant: bool
    """Whether what is blocked as too easy can be granted."""


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
            form = AnswerForm(request.form)
            if request.form.get("grant"):
                del form.points
                form.answer.missing = None
                form.check()
                text = form.answer.data or grant_reason(row.attempt, visit)
                add_grant(session, visit, row.attempt, row.question, text)
            else:
                grade = session.get(FinalGrade, (visit.link.id, person.id))
                cell = cell_of(row.question, grade.cells if grade else ())
                if request.form.get("points", "").strip():
                    form.points.maximum = maximum_points(session, visit, person.id, cell)
                form.check()
                text = form.answer.data
                if form.points.data is not None:
                    add_override(session, visit, person.id, cell, form.points.data, text)
            row.answer, row.answered_by, row.answered_at = text, display_name(visit), tool.clock()
            mark_stale(session, visit.link.id, person.id)  # the comment in the LMS has the answer
    except FormError as error:
        return _page(visit, error, number)
    log_change(visit, "answered a regrade request", person.pseudonym)
    with tool.database.read() as session:
        following = next(iter(_open_requests(session, visit, number)), None)
    place = f"look-{following}" if following else None
    return redirect_with_notice(
        visit, "regrade_requests.page", "answered", look=following, at=following, anchor=place
    )


def _open_requests(session: Session, visit: Visit, start: int) -> list[int]:
    """Return the open requests, the oldest first; but those before `start` at the end."""
    numbers = session.scalars(
        select(RegradeRequest.id)
        .join(Attempt)
        .where(Attempt.course_link_id == visit.link.id, RegradeRequest.answer.is_(None))
        .order_by(RegradeRequest.id)
    ).all()
    return sorted(numbers, key=lambda number: (number < start, number))


def _page(visit: Visit, problem: Problem | None = None, start: int | None = None) -> Response:
    """Render the page. start: the request to begin with; else the one that the URL names."""
    start = request.args.get("look", 0, type=int) if start is None else start
    rows = select(RegradeRequest).options(selectinload(RegradeRequest.attempt).selectinload(Attempt.person))
    with tool.database.read() as session:
        numbers = _open_requests(session, visit, start)
        found = session.scalars(rows.where(RegradeRequest.id.in_(numbers[:MAX_OPEN]))).all()
        waiting = sorted(found, key=lambda row: numbers.index(row.id))
        answered = session.scalars(
            rows.join(Attempt)
            .where(Attempt.course_link_id == visit.link.id, RegradeRequest.answer.is_not(None))
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
        attempts = {row.attempt_id: row.attempt for row in waiting}
        shown = load_attempts(session, visit, attempts.values(), grades)
        open_requests = []
        for row in waiting:
            grade, of_attempt = grades.get(row.attempt.person_id), shown[row.attempt_id]
            cells = grade.cells if grade else {}
            open_requests.append(
                OpenRequest(
                    row,
                    of_attempt,
                    of_attempt.result(row.question),
                    cells.get(cell_of(row.question, cells)),
                    _may_grant(session, visit, row, grade),
                )
            )
    titles = tool.catalog.info(visit.assignment).questions
    return show(
        visit,
        "staff/regrade_requests.html",
        **card_context(visit),
        problem=problem,
        waiting=open_requests,
        more=len(numbers) - len(waiting),
        answered=answered,
        title_of=lambda row: titles.get(row.question, Text.same(row.question)),
    )


def _may_grant(session: Session, visit: Visit, row: RegradeRequest, grade: FinalGrade | None) -> bool:
    report = reports_of(row.attempt).get(row.question)
    return (
        report is not None
        and any(check.too_easy and row.check in ("", check.name) for check in report.checks)
        and not grant_refusal(session, visit, row.attempt, report, grade)
    )

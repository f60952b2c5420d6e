"""The page of one student: every attempt with its feedback, overrides, extensions, and the submitted files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, send_from_directory
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from autograder.grading.report import Report, from_dict
from autograder.notebooks.cells import GRADE_SUFFIX, cell_of
from autograder.text import Text, one_line
from autograder.web.context import tool
from autograder.web.db.models import Attempt, Extension, FinalGrade, Override, RegradeRequest
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.pages.class_queries import last_deliveries, net_score
from autograder.web.pages.staff.access import (
    NUMBER,
    PERSON,
    STAFF,
    authenticate_staff,
    find_attempt,
    find_student,
    log_change,
    show,
)
from autograder.web.policy import policy_for
from autograder.web.settings import files_of
from autograder.web.visits import Visit

blueprint = Blueprint("staff_student", __name__, url_prefix=STAFF)


@blueprint.get(f"/people/{PERSON}")
def page(visit_name: str, person: int) -> ResponseReturnValue:
    """Show the page of a student."""
    return student_page(authenticate_staff(visit_name), person)


@blueprint.get(f"/attempts/{NUMBER}/file")
def submitted_file(visit_name: str, number: int) -> ResponseReturnValue:
    """Send the file of an attempt."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        attempt = find_attempt(session, visit, number)
    try:
        response = send_from_directory(
            files_of(tool.course),
            attempt.path,
            mimetype="application/octet-stream",  # a browser must never open a student's file as a page of ours
            as_attachment=True,
            download_name=one_line(attempt.file_name).replace("/", " ") or "hand-in.ipynb",
        )
    except NotFound:
        raise RequestRejected(NOT_FOUND) from None
    log_change(visit, f"downloaded the file of attempt {number}")
    return response


def student_page(visit: Visit, person_id: int, problem: Text | None = None) -> Response:
    """Render the page of a member of the course, or of anyone with an attempt. Raises RequestRejected for others."""
    link = visit.link
    with tool.database.read() as session:
        person = find_student(session, visit, person_id)
        attempts = session.scalars(
            select(Attempt)
            .where(Attempt.course_link_id == link.id, Attempt.person_id == person_id)
            .order_by(Attempt.id.desc())
        ).all()
        final_grade = session.get(FinalGrade, (link.id, person_id))
        deliveries = last_deliveries(session, link, {person_id: final_grade} if final_grade else {})
        overrides = session.scalars(
            select(Override)
            .where(Override.course_link_id == link.id, Override.person_id == person_id)
            .order_by(Override.id.desc())
        ).all()
        extension = session.get(Extension, (link.id, person_id))
        requests = session.scalars(
            select(RegradeRequest)
            .where(RegradeRequest.attempt_id.in_([attempt.id for attempt in attempts]))
            .order_by(RegradeRequest.id)
        ).all()
        policy = policy_for(session, tool.course, link, person_id)
    reports = {attempt.id: reports_of(attempt) for attempt in attempts}
    if final_grade is not None and final_grade.attempt_id in reports:
        counting = reports[final_grade.attempt_id]
        for name, report in counting.items():
            counting[name] = report.as_scored(
                final_grade.cells.get(cell_of(name, final_grade.cells), {}).get("score")
            )
    titles = {
        report.question: report.title
        for attempt in reversed(attempts)
        for report in reports[attempt.id].values()
    }
    return show(
        visit,
        "staff/student.html",
        problem=problem,
        person=person,
        attempts=attempts,
        reports=reports,
        final_grade=final_grade,
        score=net_score(final_grade),
        delivery=deliveries.get(person_id),
        cells=_cells(final_grade, titles, overrides),
        overrides=overrides,
        title_of=lambda cell: _title(cell, titles),
        extension=extension,
        requests=requests,
        policy=policy,
        late_refused=policy.refuses_late and policy.is_late(tool.clock()),
    )


def reports_of(attempt: Attempt) -> dict[str, Report]:
    """Return the reports of an attempt by question, as the database has them."""
    return {data["question"]: from_dict(data) for data in (attempt.report or {}).get("questions", ())}


def _cells(
    grade: FinalGrade | None, titles: dict[str, Text], overrides: Sequence[Override]
) -> list[dict[str, Any]]:
    """Return the grade cells, each with whether an override is in force. overrides: the newest first."""
    latest = {override.cell: override for override in reversed(overrides)}
    return [
        {
            "cell": cell,
            "question": cell.removesuffix(GRADE_SUFFIX),
            "title": _title(cell, titles),
            "score": data.get("score"),
            "points": data.get("points"),
            "manual": data.get("manual", False),
            "waits": data.get("waits", False),
            "comment": data.get("comment") or "",
            "overridden": cell in latest and latest[cell].points is not None,
        }
        for cell, data in (grade.cells if grade else {}).items()
    ]


def _title(cell: str, titles: dict[str, Text]) -> Text:
    return titles.get(cell.removesuffix(GRADE_SUFFIX), Text.same(cell))

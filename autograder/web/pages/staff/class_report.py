"""The instructor's report on one activity: the same page as `autograder report` writes, from the tool's own data."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.notebooks.cells import GRADE_SUFFIX, graded_by
from autograder.submissions.selection import manual_points, points_of_tests
from autograder.web.catalog import versions_of
from autograder.web.context import tool
from autograder.web.db.models import Attempt, FinalGrade, ResourceLink
from autograder.web.pages.class_queries import Row, load_rows
from autograder.web.pages.render import render_header
from autograder.web.pages.results import graded_notebook
from autograder.web.pages.sections import load_sections
from autograder.web.pages.staff.access import STAFF, attachment, authenticate_staff, log_change
from autograder.web.pages.staff.student import anchor
from autograder.web.visits import Visit

blueprint = Blueprint("class_report", __name__, url_prefix=STAFF)


@dataclass(frozen=True)
class ClassReport:
    """The report on the class in one activity."""

    data: Mapping[str, Any]
    """As `report_data` returns it."""
    people: Mapping[str, tuple[int, int | None]]
    """The person and the attempt that counts, by the student's id in the report."""


@blueprint.get("/report")
def page(visit_name: str) -> ResponseReturnValue:
    """Show the report in the language of the visit."""
    from autograder.reports.report_page import Links, render

    visit = authenticate_staff(visit_name)
    report = _report_of(visit)

    def submission(student: str) -> str:
        _, attempt = report.people[student]
        return (
            url_for("staff_student.submitted_file", visit_name=visit.name, number=attempt) if attempt else ""
        )

    def feedback(student: str) -> str:
        person, attempt = report.people[student]
        return url_for("staff_student.page", visit_name=visit.name, person=person, attempt=attempt)

    def grant(student: str, question: str) -> str:
        person, attempt = report.people[student]
        place = anchor(attempt, question)
        return url_for(
            "staff_student.page", visit_name=visit.name, person=person, attempt=attempt, _anchor=place
        )

    links = Links(
        submission=submission,
        feedback=feedback,
        grant=grant,
        data=url_for("class_report.data", visit_name=visit.name),
        table=url_for("class_report.table", visit_name=visit.name),
        stylesheets=[
            url_for("feedback.static", filename="design.css"),
            url_for("static", filename="app.css"),
            url_for("reports.static", filename="report.css"),
        ],
        head=render_header(visit, tool.course.assignment(visit.assignment).title.in_language(visit.language)),
    )
    return Response(render(report.data, visit.language, links))


@blueprint.get("/report.json")
def data(visit_name: str) -> ResponseReturnValue:
    """Send the report's data."""
    from autograder.reports.write_report import json_of

    visit = authenticate_staff(visit_name)
    return _file(visit, json_of(_report_of(visit).data).encode(), "application/json", "json")


@blueprint.get("/report.csv")
def table(visit_name: str) -> ResponseReturnValue:
    """Send the scores by question."""
    from autograder.reports.write_report import table_of

    visit = authenticate_staff(visit_name)
    return _file(visit, table_of(_report_of(visit).data), "text/csv", "csv")


def _file(visit: Visit, content: bytes, mimetype: str, suffix: str) -> Response:
    log_change(visit, f"exported the report as {suffix}")
    return attachment(content, mimetype, f"{visit.assignment}-report.{suffix}")


def _report_of(visit: Visit) -> ClassReport:
    """Return the report on the activity of a visit; computed anew only if something in it has changed."""
    assignment = tool.course.assignment(visit.assignment)
    files = [assignment.release(), *assignment.question_files, tool.course.root / "nbgrader_config.py"]
    with tool.database.read() as session:
        rows = [row for row in load_rows(session, visit.link, load_sections()) if not row.is_staff]
        counting = _counting_attempts(session, visit.link)
        version: Hashable = (
            tuple(
                (row.person, row.name, row.student_id, row.email, row.section, row.state, row.attempts)
                for row in rows
            ),
            tuple(
                (attempt.person_id, attempt.id, attempt.graded_at, attempt.late, repr(attempt.cells))
                for attempt in counting
            ),
            visit.link.due_at,
            versions_of(files),
        )

    def compute() -> ClassReport:
        with tool.database.read() as session:
            return _compute(session, visit, rows, counting)

    report: ClassReport = tool.reports.get(visit.link.id, version, compute)
    return report


def _counting_attempts(session: Session, link: ResourceLink) -> list[Any]:
    """Return the attempts that count, with their scores, without their reports."""
    columns = (Attempt.person_id, Attempt.id, Attempt.graded_at, Attempt.received_at, Attempt.path)
    query = (
        select(*columns, FinalGrade.late, FinalGrade.cells)
        .join(FinalGrade, FinalGrade.attempt_id == Attempt.id)
        .where(FinalGrade.course_link_id == link.id, Attempt.report.is_not(None))
    )
    return list(session.execute(query))


def _compute(session: Session, visit: Visit, rows: list[Row], counting: list[Any]) -> ClassReport:
    # these bring nbgrader and NumPy, which no other page needs
    from autograder.nbgrader.class_scores import SubmissionScores
    from autograder.reports.class_results import Student, StudentState
    from autograder.reports.read_class import class_results, graded_student
    from autograder.reports.report_data import report_data

    counting_of = {attempt.person_id: attempt for attempt in counting}
    query = select(Attempt.id, Attempt.report).join(FinalGrade, FinalGrade.attempt_id == Attempt.id)
    reports: dict[int, Any] = dict(
        session.execute(query.where(FinalGrade.course_link_id == visit.link.id)).tuples().all()
    )
    files = tool.submissions
    students, people = [], {}
    for row in rows:
        attempt = counting_of.get(row.person)
        name = row.student_id if row.student_id and row.student_id not in people else f"#{row.person}"
        people[name] = (row.person, attempt.id if attempt else None)
        if attempt is not None:
            scores = SubmissionScores(
                {
                    cell.removesuffix(GRADE_SUFFIX): None if grade.get("waits") else grade.get("score")
                    for cell, grade in attempt.cells.items()
                },
                [
                    cell.removesuffix(GRADE_SUFFIX)
                    for cell, grade in attempt.cells.items()
                    if grade.get("waits")
                ],
                attempt.late,
                attempt.received_at,
            )
            graded = graded_notebook(reports[attempt.id], files.graded_file(attempt))
            students.append(
                graded_student(
                    graded,
                    scores,
                    id=name,
                    name=row.name,
                    email=row.email,
                    section=row.section,
                    attempts=row.attempts,
                )
            )
        elif row.state == "nothing":
            students.append(Student(name, row.name, row.email, "absent", section=row.section))
        else:
            state: StudentState = "ungraded" if row.state == "ungraded" else "waiting"
            students.append(
                Student(
                    name, row.name, row.email, state, row.reason, attempts=row.attempts, section=row.section
                )
            )
    assignment = tool.course.assignment(visit.assignment)
    by_hand = manual_points(assignment)
    points = {question.id: question.points for question in assignment.readable_questions}
    points |= points_of_tests(assignment) | by_hand
    order = {
        graded_by(cell): index for index, cell in enumerate(tool.catalog.release_of(assignment.name).cells)
    }
    results = class_results(
        tool.course, assignment.name, students, manual=by_hand, due_at=visit.link.due_at,
        points={name: points[name] for name in sorted(points, key=lambda name: order.get(name, len(order)))},
    )  # fmt: skip
    return ClassReport(report_data(results), people)

"""One student's page: every attempt with its feedback, the points, what was granted, and the files handed in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, send_from_directory
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from autograder.grading.feedback import from_dict
from autograder.grading.question_grader import Report
from autograder.notebooks.stamp import GRADE_SUFFIX
from autograder.text import Text, one_line
from autograder.web.context import Tool
from autograder.web.db.models import Attempt, Extension, FinalGrade, Override, RegradeRequest
from autograder.web.errors import NOT_HERE, RequestRejected
from autograder.web.pages.class_queries import last_sent, stands_after_all
from autograder.web.pages.staff.access import NUMBER, PERSON, attempt, note, show, staff, student
from autograder.web.policy import policy_for
from autograder.web.settings import folder_of
from autograder.web.visits import Visit


def add_person(blueprint: Blueprint, tool: Tool) -> None:
    """Add the page of one student, and the files."""

    @blueprint.get(f"/staff/people/{PERSON}")
    def person_page(visit: str, person: int) -> ResponseReturnValue:
        return page_of_person(tool, staff(tool, visit), person)

    @blueprint.get(f"/staff/attempts/{NUMBER}/file")
    def attempt_file(visit: str, number: int) -> ResponseReturnValue:
        who = staff(tool, visit)
        with tool.database.read() as session:
            found = attempt(session, who, number)
        try:
            response = send_from_directory(
                folder_of(tool.course) / "files",
                found.path,
                mimetype="application/octet-stream",  # a student's file is never opened as a page of ours
                as_attachment=True,
                download_name=one_line(found.file_name).replace("/", " ") or "hand-in.ipynb",
            )
        except NotFound:
            raise RequestRejected(NOT_HERE) from None
        note(who, f"took the file of attempt {number}")
        return response


def page_of_person(tool: Tool, who: Visit, number: int, problem: Text | None = None) -> Response:
    """The page of somebody who is a student here or handed something in. Raises Refused for anybody else."""
    link = who.link
    with tool.database.read() as session:
        person = student(session, who, number)
        attempts = session.scalars(
            select(Attempt)
            .where(Attempt.course_link_id == link.id, Attempt.person_id == number)
            .order_by(Attempt.id.desc())
        ).all()
        standing = session.get(FinalGrade, (link.id, number))
        sent = last_sent(session, link, {number: standing} if standing else {}).get(number)
        given = session.scalars(
            select(Override)
            .where(Override.course_link_id == link.id, Override.person_id == number)
            .order_by(Override.id.desc())
        ).all()
        allowance = session.get(Extension, (link.id, number))
        looks = session.scalars(
            select(RegradeRequest)
            .where(RegradeRequest.attempt_id.in_([one.id for one in attempts]))
            .order_by(RegradeRequest.id)
        ).all()
        rule = policy_for(session, tool.course, link, number)
    reports = {one.id: reports_of(one) for one in attempts}
    titles = {
        report.question: report.title for one in reversed(attempts) for report in reports[one.id].values()
    }
    return show(
        tool,
        who,
        "staff/student.html",
        problem=problem,
        person=person,
        attempts=attempts,
        reports=reports,
        standing=standing,
        score=stands_after_all(standing),
        sent=sent,
        cells=_cells(standing, titles, given),
        given=given,
        named=lambda cell: _named(cell, titles),
        allowance=allowance,
        looks=looks,
        terms=rule,
        late_refused=rule.refuses_late and rule.is_late(tool.clock()),
    )


def reports_of(one: Attempt) -> dict[str, Report]:
    """The reports of an attempt by question, as they stand in its record."""
    return {data["question"]: from_dict(data) for data in (one.report or {}).get("questions", ())}


def _cells(standing: FinalGrade | None, titles: dict[str, Text], given: Any) -> list[dict[str, Any]]:
    """The grade cells, with what stands of what a person gave for each."""
    latest: dict[str, Override] = {}
    for one in reversed(given):
        latest[one.cell] = one
    return [
        {
            "cell": cell,
            "title": _named(cell, titles),
            "score": told.get("score"),
            "points": told.get("points"),
            "manual": told.get("manual", False),
            "waits": told.get("waits", False),
            "comment": told.get("comment") or "",
            "ours": cell in latest and latest[cell].points is not None,
        }
        for cell, told in (standing.cells if standing else {}).items()
    ]


def _named(cell: str, titles: dict[str, Text]) -> Text:
    return titles.get(cell.removesuffix(GRADE_SUFFIX), Text(ko=cell, en=cell))

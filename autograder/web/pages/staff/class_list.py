"""The class: a table of everybody, what the class misunderstood, the roster from the LMS, and the table as a file."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from autograder.files import as_cell
from autograder.grading.feedback import plain
from autograder.text import Text
from autograder.web.lti.roster_sync import store_members
from autograder.web.lti.services import Services
from autograder.web.pages.class_queries import Row, mistakes_of, rows_of
from autograder.web.pages.lti import Tool
from autograder.web.pages.staff.access import done, note, show, staff
from autograder.web.visits import Visit

SHOWN = ("handed-in", "missing", "waiting", "ungraded", "looks", "refused")
"""Parts of the class that a page can be narrowed to, as the counts at its top count them."""
COLUMNS = (
    Text(ko="이름", en="name"),
    Text(ko="학번", en="student id"),
    Text(ko="이메일", en="e-mail"),
    Text(ko="점수", en="score"),
    Text(ko="지각 감점", en="taken off for lateness"),
    Text(ko="만점", en="maximum"),
    Text(ko="제출 횟수", en="attempts"),
    Text(ko="상태", en="state"),
)
NOTHING, WAITING = Text(ko="제출하지 않음", en="nothing handed in"), Text(ko="채점 대기", en="waiting")
UNGRADED, GRADED = Text(ko="채점하지 못함", en="not graded"), Text(ko="채점됨", en="graded")
STATES = (("nothing", NOTHING), ("waiting", WAITING), ("ungraded", UNGRADED), ("graded", GRADED))


def add_class(blueprint: Blueprint, tool: Tool, services: Services) -> None:
    """Add the pages of the class."""

    @blueprint.get("/staff/")
    def class_page(visit: str) -> ResponseReturnValue:
        return page_of_class(tool, staff(tool, visit))

    @blueprint.get("/staff/mistakes")
    def mistakes(visit: str) -> ResponseReturnValue:
        who = staff(tool, visit)
        with tool.database.read() as session:
            found, titles, count = mistakes_of(session, who.link)
        return show(tool, who, "staff_mistakes.html", found=found, titles=titles, count=count)

    @blueprint.post("/staff/roster")
    def fetch_roster(visit: str) -> ResponseReturnValue:
        who = staff(tool, visit)
        members = services.members(who.context)
        if not isinstance(members, tuple):
            told = Text(
                ko=f"명단을 가져오지 못했습니다. {members.error.ko}",
                en=f"The roster could not be fetched: {members.error.en}",
            )
            return page_of_class(tool, who, told, status=200)
        store_members(tool.database, tool.course, who.context, members)
        note(who, "fetched the roster")
        return done(who, "class_page", "roster", n=len(members))

    @blueprint.get("/staff/scores.csv")
    def export(visit: str) -> ResponseReturnValue:
        who = staff(tool, visit)
        with tool.database.read() as session:
            rows = [row for row in rows_of(session, who.link) if not row.is_staff]
        note(who, "exported the scores")
        response = Response(_table(rows, who.language), mimetype="text/csv")
        name = quote(f"{who.link.assignment}.csv")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return response


def page_of_class(tool: Tool, who: Visit, problem: Text | None = None, *, status: int = 0) -> Response:
    """The table of everybody, or of the part that the address asks for."""
    with tool.database.read() as session:
        rows = rows_of(session, who.link)
    shown = request.args.get("show", "")
    shown = shown if shown in SHOWN else ""
    return show(
        tool,
        who,
        "staff_class.html",
        problem=problem,
        status=status,
        rows=[row for row in rows if row.is_among(shown)],
        counts={name: sum(row.is_among(name) for row in rows) for name in SHOWN},
        students=sum(row.is_enrolled for row in rows),
        shown=shown,
        states=dict(STATES),
        ticked=request.form.getlist("person") if problem else [],
    )


def _table(rows: list[Row], language: str) -> bytes:
    """The class as CSV, with the mark by which spreadsheets know UTF-8; no text in it is run as a formula."""
    states = dict(STATES)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.in_language(language) for column in COLUMNS])
    for row in rows:
        told = (row.name, row.student_id, row.email)
        has_score = row.score is not None
        writer.writerow(
            [
                *map(as_cell, told),
                plain(row.score) if row.score is not None else "",
                plain(row.late) if has_score else "",
                plain(row.maximum) if row.maximum is not None else "",
                row.attempts,
                states[row.state].in_language(language),
            ]
        )
    return text.getvalue().encode("utf-8-sig", errors="replace")

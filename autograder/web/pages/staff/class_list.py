"""The class: the table of all students, the roster of the LMS, and the table as CSV."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from autograder.files import csv_file
from autograder.grading.wording import plain
from autograder.i18n import _
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.lti.roster_sync import Fetch, store_members
from autograder.web.pages.class_queries import GROUPS, Row, load_rows
from autograder.web.pages.staff.access import (
    STAFF,
    attachment,
    authenticate_staff,
    log_change,
    redirect_with_notice,
    show,
)
from autograder.web.visits import Visit

COLUMNS = (
    _("name"),
    _("student id"),
    _("e-mail"),
    _("score"),
    _("late penalty"),
    _("maximum"),
    _("attempts"),
    _("state"),
)
STATES: Mapping[str, Text] = {
    "nothing": _("nothing handed in"),
    "waiting": _("waiting"),
    "ungraded": _("not graded"),
    "graded": _("graded"),
}

blueprint = Blueprint("class_list", __name__, url_prefix=STAFF)


@blueprint.get("/")
def page(visit_name: str) -> ResponseReturnValue:
    """Show the table of the class, or the group of it that the URL names."""
    return class_page(authenticate_staff(visit_name))


@blueprint.post("/roster")
def fetch_roster(visit_name: str) -> ResponseReturnValue:
    """Fetch the roster from the LMS."""
    visit, began = authenticate_staff(visit_name), tool.clock()
    members = tool.services.members(visit.context)
    if not isinstance(members, tuple):
        problem = _("The roster could not be fetched: {error}", error=members.error)
        return class_page(visit, problem, status=200)
    fetch = Fetch(began, tool.clock(), visit.person.id)
    store_members(tool.database, tool.course, visit.context, members, fetch)
    log_change(visit, "fetched the roster")
    return redirect_with_notice(visit, "class_list.page", "roster", n=len(members))


@blueprint.get("/scores.csv")
def export_csv(visit_name: str) -> ResponseReturnValue:
    """Send the table of the students as CSV."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        rows = [row for row in load_rows(session, visit.link) if not row.is_staff]
    log_change(visit, "exported the scores")
    return attachment(_to_csv(rows, visit.language), "text/csv", f"{visit.assignment}.csv")


def class_page(visit: Visit, problem: Text | None = None, *, status: int = 0) -> Response:
    """Render the table of the class, or the group of it that the URL names."""
    with tool.database.read() as session:
        rows = load_rows(session, visit.link)
    group = request.args.get("show", "")
    group = group if group in GROUPS else ""
    return show(
        visit,
        "staff/class_list.html",
        problem=problem,
        status=status,
        rows=[row for row in rows if row.is_in(group)],
        counts={name: sum(row.is_in(name) for row in rows) for name in GROUPS},
        students=sum(row.is_enrolled for row in rows),
        group=group,
        states=STATES,
        ticked=request.form.getlist("person") if problem else [],
    )


def _to_csv(rows: list[Row], language: str) -> bytes:
    """Return the rows as a CSV file."""
    lines = [
        (
            row.name,
            row.student_id,
            row.email,
            plain(row.score) if row.score is not None else "",
            plain(row.late) if row.score is not None else "",
            plain(row.maximum) if row.maximum is not None else "",
            row.attempts,
            STATES[row.state].in_language(language),
        )
        for row in rows
    ]
    return csv_file([[column.in_language(language) for column in COLUMNS], *lines])

"""The class: the table of all students, and the roster of the LMS."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from autograder.i18n import _
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.db.attempts import DIGITS
from autograder.web.lti.roster_sync import Fetch, store_members
from autograder.web.pages.class_queries import load_rows
from autograder.web.pages.class_view import GROUPS, View, search, sections_of
from autograder.web.pages.forms import Problem
from autograder.web.pages.sections import load_sections
from autograder.web.pages.staff.access import (
    STAFF,
    authenticate_staff,
    log_change,
    redirect_with_notice,
    show,
)
from autograder.web.pages.staff.selection import FIELDS
from autograder.web.visits import Visit

STATES: Mapping[str, Text] = {
    "nothing": _("nothing handed in"),
    "waiting": _("waiting"),
    "ungraded": _("not graded"),
    "graded": _("graded"),
}

blueprint = Blueprint("class_list", __name__, url_prefix=STAFF)


@blueprint.get("/")
def page(visit_name: str) -> ResponseReturnValue:
    """Show the table of the class, or the part of it that the URL names."""
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


def class_page(visit: Visit, problem: Problem | None = None, *, status: int = 0) -> Response:
    """Render the table of the class, or the part of it that the URL names.

    problem: why the submitted form changed nothing; its input and the selection then stay.
    """
    with tool.database.read() as session:
        rows = load_rows(session, visit.link, load_sections())
    sections = sections_of(rows)
    shown = search(rows, View.of(request.args, sections=sections))
    typed = request.form if problem else {}
    selected = {
        number for name in FIELDS[:2] for text in request.form.getlist(name) for number in text.split()
    }
    on_page = {str(row.person) for row in shown.rows}
    current = tool.catalog.questions_digest(visit.assignment)[:DIGITS]
    students = {str(row.person) for row in rows if row.is_enrolled}
    return show(
        visit,
        "staff/class_list.html",
        problem=problem,
        status=status,
        shown=shown,
        view=shown.view,
        sections=sections,
        found=[row.person for row in shown.found if row.is_enrolled],
        counts={name: sum(map(belongs, rows)) for name, belongs in GROUPS.items()},
        people=len(rows),
        students=len(students),
        outdated=sum(row.is_enrolled and row.graded_by not in (None, current) for row in rows),
        states=STATES,
        selected=selected & on_page & students if problem else set(),
        kept=sorted(selected - on_page & students if problem else (), key=int),
        all_selected="all" in typed,
    )


def redirect_to_class(visit: Visit, notice: str, n: int) -> Response:
    """Redirect to the table of the class with a notice, to the same part of it. n: the number in the notice."""
    view = View.of(request.args, sections=set(load_sections().values()))
    return redirect_with_notice(visit, "class_list.page", notice, n=n, **view.url(page=view.page))

"""The first page of a visit: `/v/<visit_name>/`."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from autograder.web.context import tool
from autograder.web.visits import authenticate, open_in_window

blueprint = Blueprint("home", __name__, url_prefix="/v/<visit_name>")


@blueprint.get("/")
def index(visit_name: str) -> ResponseReturnValue:
    """Redirect staff to the class and students to the assignment."""
    visit = authenticate(tool.database, visit_name, clock=tool.clock)
    endpoint = "class_list.page" if visit.is_staff else "student.assignment"
    return redirect(url_for(endpoint, visit_name=visit_name), 303)


@blueprint.post("/window")
def own_window(visit_name: str) -> ResponseReturnValue:
    """Open the visit in a window of its own, from a page in the LMS's frame."""
    return open_in_window(tool.database, visit_name, clock=tool.clock)

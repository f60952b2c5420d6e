"""The addresses of a visit: `/v/<visit>/...`."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from autograder.web.context import Tool
from autograder.web.pages.staff.routes import add_staff
from autograder.web.pages.student import add_student
from autograder.web.visits import visiting


def pages(tool: Tool) -> Blueprint:
    """The blueprint of everything that somebody who was launched sees."""
    blueprint = Blueprint("pages", __name__, url_prefix="/v/<visit>")
    add_student(blueprint, tool)

    @blueprint.get("/")
    def home(visit: str) -> ResponseReturnValue:
        who = visiting(tool.database, visit, clock=tool.clock)
        return redirect(url_for(".class_page" if who.is_staff else ".mine", visit=visit), 303)

    add_staff(blueprint, tool)
    return blueprint

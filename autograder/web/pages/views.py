"""The addresses of a visit: `/v/<visit>/...`."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from autograder.web.lti.assignments import title_of
from autograder.web.lti.views import Tool
from autograder.web.pages.visit import visiting


def pages(tool: Tool) -> Blueprint:
    """The blueprint of everything that somebody who was launched sees."""
    blueprint = Blueprint("pages", __name__, url_prefix="/v/<visit>")

    @blueprint.get("/")
    def home(visit: str) -> ResponseReturnValue:
        who = visiting(tool.database, visit, clock=tool.clock)
        title = title_of(tool.course, who.link.assignment or "").in_language(who.language)
        return render_template("launched.html", launched=who, title=title)

    return blueprint

"""Renders the pages of a visit."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from flask import Response, make_response, render_template, request
from markupsafe import Markup

from autograder.grading.wording import format_points, plain
from autograder.i18n import format_distance, format_moment, format_short, language_name
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.pages.navigation import tabs_of
from autograder.web.pages.status import delay_of
from autograder.web.visits import Visit


def show(visit: Visit, template: str, **values: Any) -> Response:
    """Render a page in the visit's language.

    Besides `values`, templates get `localized(text)`, a Text in the language of the visit; `when(moment)`, a time in
    the course's zone, and `in_short(moment)` without its year; `distance(moment)`, how far off it is;
    `points(number)` with its unit and `plain(number)` without; `language_name(tag)`; and what the head of the page
    needs.
    """
    return make_response(render_template(template, **_context(visit), **values))


def render_header(visit: Visit, title: str) -> Markup:
    """Return the head of the pages of a visit, for a page that is made elsewhere. title: of the assignment."""
    return Markup(render_template("header.html", title=title, **_context(visit)))  # noqa: S704 - our own template


def is_framed() -> bool:
    """Return whether the page of the current request stands in a frame, as far as the browser tells."""
    return request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame")


def _context(visit: Visit) -> dict[str, Any]:
    """Return what every page of a visit needs."""
    language = visit.language

    def localized(text: Text) -> str:
        return text.in_language(language)

    def when(moment: datetime) -> str:
        return format_moment(moment, tool.course.zone, language)

    def distance(moment: datetime) -> str:
        return format_distance(moment, tool.clock(), language)

    def in_short(moment: datetime) -> str:
        return format_short(moment, tool.course.zone, language)

    return {
        "visit": visit,
        "language": language,
        "zone": tool.course.settings.timezone,
        "localized": localized,
        "when": when,
        "in_short": in_short,
        "distance": distance,
        "points": partial(format_points, language=language),
        "plain": plain,
        "language_name": language_name,
        "delay": delay_of(visit),
        "framed": is_framed(),
        "tabs": tabs_of(visit),
    }

"""Renders the pages of a visit."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from flask import Response, make_response, render_template

from autograder.grading.wording import format_points, plain
from autograder.i18n import format_moment, language_name
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.pages.status import delay_of
from autograder.web.visits import Visit


def show(visit: Visit, template: str, **values: Any) -> Response:
    """Render a page in the visit's language.

    Besides `values`, templates get `localized(text)`, a Text in the language of the visit; `when(moment)`, a time in
    the course's zone; `points(number)` with its unit and `plain(number)` without; and `language_name(tag)`.
    """
    language = visit.language

    def localized(text: Text) -> str:
        return text.in_language(language)

    def when(moment: datetime) -> str:
        return format_moment(moment, tool.course.zone, language)

    page = render_template(
        template,
        visit=visit,
        language=language,
        zone=tool.course.settings.timezone,
        localized=localized,
        when=when,
        points=partial(format_points, language=language),
        plain=plain,
        language_name=language_name,
        delay=delay_of(visit),
        **values,
    )
    return make_response(page)

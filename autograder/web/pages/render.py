"""Shows a page of a visit."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from flask import Response, make_response, render_template

from autograder.course import Course
from autograder.grading.feedback import plain
from autograder.text import Text
from autograder.web.formatting import moment_of, points_of
from autograder.web.visits import Visit


def show(visit: Visit, course: Course, template: str, **given: Any) -> Response:
    """A page in the visit's language.

    A template finds in it beside what is given: `say(ko, en)`; `told(text)`, a Text in the language of the visit;
    `when(moment)`, a time in the course's zone; `points(number)` with its unit and `plain(number)` without.
    """
    language = visit.language

    def told(text: Text) -> str:
        return text.in_language(language)

    def when(moment: datetime) -> str:
        return moment_of(moment, course.zone, language)

    page = render_template(
        template,
        visit=visit,
        language=language,
        zone=course.settings.timezone,
        say=visit.say,
        told=told,
        when=when,
        points=partial(points_of, language=language),
        plain=plain,
        **given,
    )
    return make_response(page)

"""Writes the preview of a regrade: a page in each language of the course, and its data as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from autograder.course import Course
from autograder.engine.regrade_data import question_text
from autograder.files import atomic_write
from autograder.i18n import _, format_moment, language_name
from autograder.reports.report_page import page_environment
from autograder.reports.write_report import json_of
from autograder.text import Text

NAME = "regrade"
HEADING = _("Regrade: preview")


def write_preview(course: Course, data: Mapping[str, Any]) -> dict[str, Path]:
    """Write the preview of a regrade; see `regrade_data`. Return its pages, by language."""
    pages = {language: course.reports / f"{NAME}.{language}.html" for language in course.languages}
    for language, path in pages.items():
        others = {tag: page.name for tag, page in pages.items() if tag != language}
        atomic_write(path, render_preview(data, language, others))
    atomic_write(course.reports / f"{NAME}.json", json_of(data))
    return pages


def render_preview(data: Mapping[str, Any], language: str, other_languages: Mapping[str, str]) -> str:
    """Return the page of a preview. other_languages: the addresses of the same page in others."""
    zone = ZoneInfo(data["timezone"])

    def localized(text: Mapping[str, str]) -> str:
        return Text(**text).in_language(language)

    def when(moment: str) -> str:
        return format_moment(datetime.fromisoformat(moment), zone, language)

    page: str = page_environment().get_template("regrade.html").render(
        data=data, language=language, language_name=language_name, other_languages=other_languages,
        heading=HEADING.in_language(language), localized=localized, when=when, points=points_text,
        moved=len({(change["student"], change["assignment"]) for change in data["changes"]}),
        name_of=lambda question: question_text(question).in_language(language),
    )  # fmt: skip
    return page


def points_text(score: float | None) -> str:
    """Return a score as shown to people; a dash if there is none."""
    return "–" if score is None else f"{score:g}"

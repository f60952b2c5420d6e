"""Writes the preview of a regrade: a page in each language of the course, and its data as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from autograder.course import Course
from autograder.engine.regrade_data import question_text, students_moved
from autograder.files import atomic_write
from autograder.i18n import _, format_moment, language_name
from autograder.reports.report_page import page_environment
from autograder.reports.write_report import json_of
from autograder.text import Text

NAME = "regrade"
HEADING = _("Regrade: preview")
NAMED, UNFOLDED = 4, 30
"""Students who are in view at once, where the same happens to several, and lines of a table."""


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
        moved=students_moved(data),
        grouped=grouped, label=student_label, named=NAMED, unfolded=UNFOLDED,
        has_several=has_several_assignments(data), command=command_that_applies(data),
        counted={key for one in data["summary"] for key, number in one.items() if number},
        name_of=lambda question: question_text(question).in_language(language),
    )  # fmt: skip
    return page


def grouped(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes of a regrade that differ in the student alone as one, with its `students`.

    By assignment and question. Within a question those come first that take points away, then the most frequent.
    """
    groups: dict[str, dict[str, Any]] = {}
    for change in changes:
        same = {name: value for name, value in change.items() if name not in ("student", "name")}
        group = groups.setdefault(json_of(same), {**same, "students": []})
        group["students"].append(student_label(change))
    places = {(one["assignment"], one["question"]): place for place, one in enumerate(groups.values())}

    def order(group: Mapping[str, Any]) -> tuple[int, bool, int]:
        before, after = (group[side] if group[side] is not None else -1.0 for side in ("before", "after"))
        return places[group["assignment"], group["question"]], after >= before, -len(group["students"])

    return sorted(groups.values(), key=order)


def student_label(change: Mapping[str, Any]) -> str:
    """Return the id of the student of a change, with the name if it is known and another."""
    student, name = change["student"], change["name"]
    return f"{student} ({name})" if name and name != student else student


def has_several_assignments(data: Mapping[str, Any]) -> bool:
    """Return whether the scores of a regrade are those of several assignments, so that each is named with its own."""
    return len(data["versions"]) > 1


def command_that_applies(data: Mapping[str, Any]) -> str:
    """Return the command that writes what a preview shows."""
    names = [*data["versions"]] if len(data["versions"]) == 1 else []
    better = ["--keep-better"] if data["keep_better"] else []
    words = [*names, *([data["question"]] if data["question"] else []), *better, '--apply --because "…"']
    return " ".join(("autograder regrade", *words))


def points_text(score: float | None) -> str:
    """Return a score as shown to people; a dash if there is none."""
    return "–" if score is None else f"{score:g}"

"""A student's feedback in a few lines, for an LMS's field of comments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

from autograder.course import Course
from autograder.engine.data import Job
from autograder.engine.run import graded_path
from autograder.engine.work import reports_in
from autograder.feedback import plain
from autograder.grading import Report
from autograder.lms.standing import Standing
from autograder.notebook import NAMESPACE
from autograder.text import Text, one_line

LATE = Text(ko="늦게 제출함: −{points}", en="Handed in late: −{points}")
MORE = Text(ko="자세한 내용은 피드백 파일을 보세요.", en="The feedback file tells more.")


def comment_lines(course: Course, standing: Standing, assignment: str) -> list[str]:
    """One line for each question, with the mistakes that were named, then what else there is to know.

    Empty where nothing is graded.

    In the language of the edition that was handed in; as much as feedback may tell today.
    """
    try:
        graded = json.loads(graded_path(course, Job(standing.student, assignment)).read_bytes())
    except (OSError, ValueError):
        return []
    language = graded["metadata"].get(NAMESPACE, {}).get("edition", course.languages[0])
    tells = course.feedback_tells(assignment, datetime.now(UTC))
    reports = reports_in(graded).values()
    lines = [line for report in reports for line in _lines(report, language, tells != "score")]
    if not lines:
        return []
    notes = dict.fromkeys(one_line(note.in_language(language)) for report in reports for note in report.notes)
    late = [LATE.in_language(language).format(points=plain(standing.late))] if standing.late else []
    return [*lines, *late, *(f"* {note}" for note in notes), MORE.in_language(language)]


def openings(course: Course, assignment: str) -> tuple[str, ...]:
    """What such a comment may begin with: the title of a question, in any language."""
    return tuple(
        text
        for question in course.questions(assignment)
        for text in question.title.to_dict().values()
        if text
    )


def is_ours(comment: str, openings: tuple[str, ...]) -> bool:
    """Whether a comment is one of these, however the LMS joined its lines, and nobody has written on."""
    told = unescape(comment)
    return told.startswith(openings) and told.endswith((MORE.ko, MORE.en))


def _lines(report: Report, language: str, diagnosis: bool) -> Iterator[str]:
    yield f"{report.title.in_language(language)}: {plain(report.score)} / {plain(report.points)}"
    if diagnosis:
        for told in (*(named.text for named in report.misconceptions), *report.computed):
            yield f"– {one_line(told.in_language(language))}"

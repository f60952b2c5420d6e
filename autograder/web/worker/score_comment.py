"""What an LMS is told of a score, as plain text in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from autograder.course import Course
from autograder.grading.feedback import from_dict, plain
from autograder.lms.comments import IN_LMS, LATE, question_lines
from autograder.nbgrader.final_grades import Entry
from autograder.notebooks.stamp import GRADE_SUFFIX
from autograder.text import Text, one_line

TEACHER = Text(ko="– 선생님 의견: {reason}", en="– From your teacher: {reason}")
LONGEST = 500
"""Letters of a teacher's words; the page has them all."""


def comment(
    course: Course,
    assignment: str,
    entry: Entry,
    report: Mapping[str, Any] | None,
    language: str,
    at: datetime,
) -> str:
    """The score of each question with the mistakes named, what people gave and why, lateness, where to read more.

    report: of the attempt that counts; None where there is none and people gave all points.
    As much as feedback may tell at this time.
    """
    why = course.feedback_tells(assignment, at) != "score"
    left = dict(entry.cells)
    lines: list[str] = []
    for told in (report or {}).get("questions", ()):
        question = from_dict(told)
        cell = left.pop(question.question + GRADE_SUFFIX, {})
        lines += question_lines(question, language, why=why, score=cell.get("score"))
        lines += _reason(cell, language)
    for name, cell in left.items():  # of a teacher's own questions, or where nothing was graded
        lines.append(f"{name.removesuffix(GRADE_SUFFIX)}: {plain(cell['score'])} / {plain(cell['points'])}")
        lines += _reason(cell, language)
    if entry.late:
        lines.append(LATE.in_language(language).format(points=plain(entry.late)))
    return "\n".join([*lines, IN_LMS.in_language(language)])


def _reason(cell: Mapping[str, Any], language: str) -> list[str]:
    words = one_line(cell.get("comment", ""))
    if len(words) > LONGEST:
        words = words[:LONGEST] + "…"
    return [TEACHER.in_language(language).format(reason=words)] if words else []

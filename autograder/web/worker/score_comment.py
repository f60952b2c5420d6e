"""The comment that an LMS receives with a score: a few lines of plain text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from autograder.course import Course
from autograder.grading.report import from_dict
from autograder.grading.wording import plain
from autograder.lms.comments import IN_LMS, LATE, question_lines, teacher_lines
from autograder.nbgrader.final_grades import Entry
from autograder.notebooks.cells import GRADE_SUFFIX


def comment(
    course: Course,
    assignment: str,
    entry: Entry,
    report: Mapping[str, Any] | None,
    language: str,
    at: datetime,
) -> str:
    """Return the score and the mistakes of each question, overrides with their reasons, and the late penalty.

    It discloses as much as feedback may at this time, and says where to read more.
    report: of the attempt that counts; None if there is none and all points are overrides.
    """
    why = course.assignment(assignment).feedback_level(at) != "score"
    remaining = dict(entry.cells)
    lines: list[str] = []
    for data in (report or {}).get("questions", ()):
        question = from_dict(data)
        cell = remaining.pop(question.question + GRADE_SUFFIX, {})
        lines += question_lines(question, language, why=why, score=cell.get("score"))
        lines += teacher_lines(cell.get("comment", ""), language)
    for name, cell in remaining.items():  # manually graded questions, or an attempt that was not graded
        lines.append(f"{name.removesuffix(GRADE_SUFFIX)}: {plain(cell['score'])} / {plain(cell['points'])}")
        lines += teacher_lines(cell.get("comment", ""), language)
    if entry.late:
        lines.append(LATE.in_language(language).format(points=plain(entry.late)))
    return "\n".join([*lines, IN_LMS.in_language(language)])

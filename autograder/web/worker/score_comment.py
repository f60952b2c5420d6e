"""The comment that an LMS receives with a score: a few lines of plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from autograder.course import Course
from autograder.grading.report import from_dict
from autograder.grading.wording import plain
from autograder.lms.comments import IN_LMS, LATE, essay_titles, fitted, question_lines, teacher_lines
from autograder.nbgrader.final_grades import Entry
from autograder.notebooks.cells import GRADE_SUFFIX, cell_of, grade_id, read_notebook


def comment(
    course: Course,
    assignment: str,
    entry: Entry,
    report: Mapping[str, Any] | None,
    language: str,
    at: datetime,
    answers: Mapping[str, Sequence[str]],
) -> str:
    """Return the score and the mistakes of each question, what teachers wrote about it, and the late penalty.

    Questions and essays are in the order of the release, essays under the heading above them. It
    discloses as much as feedback may at this time, and says where to read more.
    report: of the attempt that counts; None if there is none and all points are overrides.
    answers: to the student's regrade requests, by question, the oldest first.
    """
    why = course.assignment(assignment).feedback_level(at) != "score"
    remaining = dict(entry.cells)
    release = course.assignment(assignment).release(language)
    notebook: Mapping[str, Any] = read_notebook(release) if release.is_file() else {"cells": []}
    titles = essay_titles(notebook, assignment)
    parts: dict[str, list[str]] = {}
    """Lines of each question, by grade id."""
    for data in (report or {}).get("questions", ()):
        question = from_dict(data)
        name = cell_of(question.question, entry.cells)
        cell = remaining.pop(name, {})
        parts[name] = [*question_lines(question, language, why=why, score=cell.get("score"))]
        written = (cell.get("comment", ""), *answers.get(question.question, ()))
        parts[name] += dict.fromkeys(line for text in written for line in teacher_lines(text, language))
    for name, cell in remaining.items():  # manually graded questions, or an attempt that was not graded
        title = titles.get(name, name.removesuffix(GRADE_SUFFIX))
        parts[name] = [f"{title}: {plain(cell['score'])} / {plain(cell['points'])}"]
        parts[name] += teacher_lines(cell.get("comment", ""), language)
    places = {grade_id(cell): place for place, cell in enumerate(notebook["cells"])}
    order = sorted(parts, key=lambda name: places.get(name, len(places)))
    lines = [line for name in order for line in parts[name]]
    if entry.late:
        lines.append(LATE.in_language(language).format(points=plain(entry.late)))
    return "\n".join(fitted(lines, IN_LMS.in_language(language)))

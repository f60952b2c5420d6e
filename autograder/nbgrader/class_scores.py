"""Reads the scores of a class in one assignment from the gradebook."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.course import Course, SubmissionId
from autograder.nbgrader.gradebook_queries import CELL, grade_rows, notebook_rows
from autograder.nbgrader.open_gradebook import open_gradebook
from autograder.notebooks.cells import GRADE_SUFFIX


@dataclass
class SubmissionScores:
    """The scores of one submission."""

    scores: dict[str, float | None] = field(default_factory=dict)
    """By question, or by grade id of a manually graded cell; None if there is no score."""
    waiting: list[str] = field(default_factory=list)
    """The cells that wait for a person."""
    late: float = 0.0
    submitted_at: datetime | None = None


@dataclass(frozen=True)
class ClassScores:
    """The scores of a class in one assignment."""

    submissions: Mapping[str, SubmissionScores]
    """By student."""
    people: Mapping[str, tuple[str, str]]
    """Name and email of each student of the course, by id."""
    points: Mapping[str, float]
    """The maximum score of each question, or manually graded cell, in the order of the notebook."""
    manual: frozenset[str]
    """Those of `points` that a person grades."""


def read_class_scores(course: Course, assignment: str) -> ClassScores:
    """Read the scores of a class; empty if the assignment is not in the gradebook yet."""
    points: dict[str, float] = {}
    manual: set[str] = set()
    with open_gradebook(course) as gradebook:
        people = {
            student.id: (
                ", ".join(filter(None, (student.last_name, student.first_name))),
                student.email or "",
            )
            for student in gradebook.students
        }
        for name in course.assignment(assignment).notebooks:
            try:
                notebook = gradebook.find_notebook(name, assignment)
            except MissingEntry:
                return ClassScores({}, people, {}, frozenset())
            tasks = {cell.name for cell in notebook.task_cells}
            answers = {cell.name for cell in notebook.solution_cells} | tasks
            for cell in (*notebook.grade_cells, *notebook.task_cells):
                full_name = SubmissionId("", assignment, name).full_name(_question(cell.name))
                points[full_name] = float(cell.max_score)
                manual |= {full_name} if cell.name in answers else set()
        return ClassScores(_submissions(gradebook, assignment, manual), people, points, frozenset(manual))


def _submissions(
    gradebook: Gradebook, assignment: str, manual: Collection[str]
) -> dict[str, SubmissionScores]:
    submissions: dict[str, SubmissionScores] = {}
    columns = (
        SubmittedAssignment.student_id,
        SubmittedAssignment.timestamp,
        SubmittedNotebook.late_submission_penalty,
    )
    notebooks = notebook_rows(gradebook, *columns)
    for student, time, late in notebooks.filter(Assignment.name == assignment):
        moment = None if time is None else time.replace(tzinfo=UTC)
        submission = submissions.setdefault(student, SubmissionScores(submitted_at=moment))
        submission.late += float(late or 0.0)
    for student, name, score, waits in _grades(gradebook, assignment):
        submission = submissions.setdefault(student, SubmissionScores())
        submission.scores[_question(name)] = score
        if waits and (score is not None or _question(name) in manual):
            submission.waiting.append(_question(name))
    return submissions


def _grades(gradebook: Gradebook, assignment: str) -> Any:
    """Yield student, cell, score (None if there is none) and whether it waits for a person, of every grade."""
    columns = (
        SubmittedAssignment.student_id, CELL, Grade.auto_score, Grade.manual_score, Grade.extra_credit,
        Grade.needs_manual_grade,
    )  # fmt: skip
    grades = grade_rows(gradebook, Grade, *columns).filter(Assignment.name == assignment)
    for student, name, auto, manual, extra, waits in grades:
        score = auto if manual is None else manual
        yield student, name, None if score is None else float(score) + float(extra or 0.0), bool(waits)


def _question(cell: str) -> str:
    return str(cell).removesuffix(GRADE_SUFFIX)

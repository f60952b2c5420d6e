"""Queries of the gradebook over all submissions: their state, and what waits for a person."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import and_, case, exists, or_
from sqlalchemy.orm import undefer

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.feedback.page_state import scores_digest, state_of_page
from autograder.i18n import ngettext
from autograder.nbgrader.converters import copy_gradebook
from autograder.nbgrader.open_gradebook import open_gradebook
from autograder.nbgrader.records import TOLERANCE, ManualCell, ScoreAboveMaximum
from autograder.notebooks.cells import GRADE_SUFFIX
from autograder.text import some_of

CELL = case((Notebook.name == Assignment.name, BaseCell.name), else_=Notebook.name + "/" + BaseCell.name)
"""The name of a cell in the rows of `grade_rows`; see `SubmissionId.full_name`."""


def submissions_of(gradebook: Gradebook, assignment: Any) -> dict[str, Any]:
    """Return the submissions to an assignment, by student, with their scores."""
    query = gradebook.db.query(SubmittedAssignment).filter(SubmittedAssignment.assignment_id == assignment.id)
    # the column properties of nbgrader's rows are deferred: each would be a query of its own for each submission
    with_scores = query.options(
        undefer(SubmittedAssignment.score), undefer(SubmittedAssignment.late_submission_penalty)
    )
    return {submission.student_id: submission for submission in with_scores}


def scores_of(gradebook: Gradebook, assignment: Any) -> dict[str, tuple[float, float]]:
    """Return score and late penalty of each student with a submission."""
    return {
        student: (final_score(submission), submission.late_submission_penalty or 0.0)
        for student, submission in submissions_of(gradebook, assignment).items()
    }


def final_score(submission: Any) -> float:
    """Return the score after the late penalty, at least 0."""
    score: float = submission.score - (submission.late_submission_penalty or 0.0)
    return max(0.0, score)


def digests_of(gradebook: Gradebook, assignment: str, notebook: str) -> dict[str, str]:
    """Return the digest of the scores that an up-to-date feedback page of a notebook shows, by student."""
    here = (Assignment.name == assignment, SubmittedNotebook.name == notebook)
    scores: dict[str, dict[str, tuple[float, float]]] = {}
    comments: dict[str, dict[str, str | None]] = {}
    person, cell = SubmittedAssignment.student_id, BaseCell.name
    waiting: dict[str, list[str]] = {}
    columns = (Grade.score, Grade.max_score, Grade.auto_score, Grade.manual_score)
    graded = grade_rows(gradebook, Grade, person, cell, *columns)
    for student, name, score, max_score, auto, manual in graded.filter(*here):
        scores.setdefault(student, {})[name] = score, max_score
        if auto is None and manual is None:
            waiting.setdefault(student, []).append(name)
    commented = grade_rows(gradebook, Comment, person, cell, Comment.comment)
    for student, name, comment in commented.filter(*here):
        comments.setdefault(student, {})[name] = comment
    late = notebook_rows(gradebook, person, SubmittedNotebook.late_submission_penalty).filter(*here)
    return {
        student: scores_digest(
            scores.get(student, {}), comments.get(student, {}), penalty, waiting.get(student, ())
        )
        for student, penalty in late
    }


def check_pages(course: Course, assignment: str) -> None:
    """Check that scores and feedback pages may go to students.

    Raises CourseError if students may not see them yet, or if a page differs from the gradebook.
    """
    course.assignment(assignment).check_shown(datetime.now(UTC))
    with open_gradebook(course) as gradebook:
        ungraded = ungraded_submissions(gradebook)
        stale = {
            student: None
            for notebook in course.assignment(assignment).notebooks
            for student, digest in digests_of(gradebook, assignment, notebook).items()
            if (assignment, student) not in ungraded
            and (page := course.feedback_path(SubmissionId(student, assignment, notebook))).is_file()
            and state_of_page(page).scores != digest
        }
    if stale:
        raise CourseError(
            ngettext(
                "{n} feedback page of {assignment} shows other scores or comments than the gradebook: "
                "{students}; run `autograder grade {assignment}` to render it again",
                "{n} feedback pages of {assignment} show other scores or comments than the gradebook: "
                "{students}; run `autograder grade {assignment}` to render them again",
                len(stale),
                assignment=assignment,
                students=some_of([*stale]),
            )
        )


def scores_by_hand(gradebook: Gradebook, assignment: str) -> dict[str, dict[str, tuple[float, float]]]:
    """Return score and points of each manually graded cell, by student and name."""
    scores: dict[str, dict[str, tuple[float, float]]] = {}
    columns = (
        SubmittedAssignment.student_id,
        CELL,
        Grade.manual_score,
        Grade.extra_credit,
        Grade.max_score,
    )
    rows = grade_rows(gradebook, Grade, *columns).filter(
        Assignment.name == assignment,
        or_(Grade.manual_score.is_not(None), ~is_automatic()),
    )
    for student, cell, score, extra, max_score in rows:
        scores.setdefault(student, {})[cell] = ((score or 0.0) + (extra or 0.0), max_score)
    return scores


def manual_cells(gradebook: Gradebook) -> dict[tuple[SubmissionId, str], ManualCell]:
    """Return the manually graded cells of all submissions, by name."""
    columns = (
        Assignment.name, SubmittedAssignment.student_id, CELL, Grade.manual_score, Grade.auto_score,
        Grade.extra_credit, Grade.max_score, Grade.needs_manual_grade,
    )  # fmt: skip
    rows = grade_rows(gradebook, Grade, *columns).filter(~is_automatic())
    comments = manual_comments(gradebook)
    return {
        (SubmissionId(student, assignment), cell): ManualCell(
            auto if manual is None else manual,
            extra or 0.0,
            maximum,
            waits,
            comments.get((assignment, student, cell), ""),
        )
        for assignment, student, cell, manual, auto, extra, maximum, waits in rows
    }


def manual_comments(gradebook: Gradebook) -> dict[tuple[str, str, str], str]:
    """Return the comments that people wrote, by assignment, student and name of the cell."""
    columns = (Assignment.name, SubmittedAssignment.student_id, CELL, Comment.manual_comment)
    return {
        (assignment, student, cell): comment
        for assignment, student, cell, comment in grade_rows(gradebook, Comment, *columns)
        if comment
    }


def waiting_cells(gradebook: Gradebook) -> dict[tuple[str, str], list[str]]:
    """Return the cells that wait for manual grading, or for a manual score's review, by assignment and student."""
    waiting: dict[tuple[str, str], list[str]] = {}
    rows = (
        grade_rows(gradebook, Grade, Assignment.name, SubmittedAssignment.student_id, CELL)
        .filter(Grade.needs_manual_grade)
        .filter(~_without_score())
        .order_by(Assignment.name, SubmittedAssignment.student_id, CELL)
    )
    for assignment, student, cell in rows:
        waiting.setdefault((assignment, student), []).append(cell.removesuffix(GRADE_SUFFIX))
    return waiting


def scores_above_maximum(gradebook: Gradebook) -> list[ScoreAboveMaximum]:
    """Return the scores of people above the points of their cells, which were lowered after the score was given."""
    columns = (
        Assignment.name, SubmittedAssignment.student_id, CELL, Grade.manual_score, Grade.max_score,
    )  # fmt: skip
    rows = grade_rows(gradebook, Grade, *columns).filter(Grade.manual_score > Grade.max_score + TOLERANCE)
    return [
        ScoreAboveMaximum(SubmissionId(student, assignment), cell.removesuffix(GRADE_SUFFIX), score, maximum)
        for assignment, student, cell, score, maximum in sorted(map(tuple, rows))
    ]


def graded_assignments(course: Course) -> set[str]:
    """Return the assignments with scores. The gradebook is not written, and need not be there."""
    with tempfile.TemporaryDirectory(prefix="gradebook-") as folder:
        copy = Path(folder, "gradebook.db")
        copy_gradebook(course, copy)
        if not copy.is_file():
            return set()
        with Gradebook(f"sqlite:///{copy}", course.id) as gradebook:
            has_score = or_(Grade.auto_score.is_not(None), Grade.manual_score.is_not(None))
            return {
                name for (name,) in grade_rows(gradebook, Grade, Assignment.name).filter(has_score).distinct()
            }


def has_auto_score(course: Course, submission: SubmissionId) -> bool:
    """Return whether the gradebook has an automatic score of a submission."""
    with open_gradebook(course) as gradebook:
        rows = grade_rows(gradebook, Grade, Grade.auto_score).filter(
            SubmittedAssignment.student_id == submission.student,
            Assignment.name == submission.assignment,
            Grade.auto_score.is_not(None),
        )
        return rows.first() is not None


def recorded_scores(course: Course) -> dict[tuple[str, str], dict[str, float]]:
    """Return the automatic scores on record: by student and assignment, by name of the cell."""
    scores: dict[tuple[str, str], dict[str, float]] = {}
    with open_gradebook(course) as gradebook:
        columns = (SubmittedAssignment.student_id, Assignment.name, CELL, Grade.auto_score)
        rows = grade_rows(gradebook, Grade, *columns).filter(Grade.auto_score.is_not(None), is_automatic())
        for student, assignment, cell, score in rows:
            scores.setdefault((student, assignment), {})[cell] = float(score)
    return scores


def ungraded_submissions(gradebook: Gradebook) -> set[tuple[str, str]]:
    """Return (assignment, student) of each submission with an automatically graded cell that has no score at all."""
    rows = grade_rows(gradebook, Grade, Assignment.name, SubmittedAssignment.student_id).filter(
        _without_score()
    )
    return {(assignment, student) for assignment, student in rows.distinct()}


def settled_notebooks(gradebook: Gradebook) -> set[tuple[str, str, str]]:
    """Return student, assignment and notebook wherever every automatically graded cell has a score."""
    columns = (SubmittedAssignment.student_id, Assignment.name, Notebook.name)
    of_notebook = SubmittedNotebook.notebook_id == Notebook.id
    rows = notebook_rows(gradebook, *columns).join(Notebook, of_notebook)
    ungraded = grade_rows(gradebook, Grade, *columns).filter(_without_score())
    return {*map(tuple, rows)} - {*map(tuple, ungraded.distinct())}


def grade_rows(gradebook: Gradebook, table: Any, *columns: Any) -> Any:
    """Return a query of all grades, or comments, of all submissions."""
    return (
        gradebook.db.query(*columns)
        .select_from(table)
        .join(SubmittedNotebook, table.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(BaseCell, table.cell_id == BaseCell.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
    )


def notebook_rows(gradebook: Gradebook, *columns: Any) -> Any:
    """Return a query of the notebooks of all submissions."""
    return (
        gradebook.db.query(*columns)
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
    )


def _without_score() -> Any:
    """Return a filter for automatically graded cells without any score, which a fault leaves behind."""
    return and_(Grade.auto_score.is_(None), Grade.manual_score.is_(None), is_automatic())


def is_automatic() -> Any:
    """Return a condition for the cells of `grade_rows` that are graded by checks or tests, and not by a person."""
    answers = BaseCell.__table__.alias()
    is_answer = exists(answers.c.id).where(
        answers.c.name == BaseCell.name,
        answers.c.notebook_id == BaseCell.notebook_id,
        answers.c.type == "SolutionCell",
    )
    return and_(BaseCell.type == "GradeCell", ~is_answer)

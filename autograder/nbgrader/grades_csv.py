"""The grades of a gradebook as CSV: totals with nbgrader's columns, and the score of each question.

Submissions that are not graded have blank scores. Rows are sorted by assignment and student.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.plugins import ExportPlugin
from sqlalchemy import and_, or_
from sqlalchemy.orm import selectinload, undefer

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.files import atomic_write, csv_file
from autograder.grading.feedback import shown_in, state_of
from autograder.i18n import ngettext
from autograder.nbgrader.records import ManualCell
from autograder.notebooks.cells import GRADE_SUFFIX
from autograder.text import some_of

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip
QUESTION_COLUMNS = (
    "assignment", "student_id", "last_name", "first_name", "question", "score", "max_score", "bonus", "graded_by",
    "state", "grader", "comment",
)  # fmt: skip


class GradesExport(ExportPlugin):  # type: ignore[misc]
    """Export plugin that writes nbgrader's grades file, but leaves an ungraded submission blank instead of 0.0."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the file. Exit with an error after that if a submission is not graded."""
        target = Path(self.to or "grades.csv")
        content, ungraded = _grades_file(
            gradebook,
            Course.open(Path.cwd()),
            students=set(map(str, self.student)),
            assignments=set(map(str, self.assignment)),
        )
        target.write_bytes(content)  # which may be no file: /dev/stdout
        self.log.info("Grades written to %s", target)
        chosen = (set(map(str, self.assignment)), set(map(str, self.student)))
        waiting = {
            (assignment, student): cells
            for (assignment, student), cells in waiting_cells(gradebook).items()
            if all(not only or name in only for name, only in zip((assignment, student), chosen, strict=True))
        }
        if waiting:
            listed = ", ".join(
                f"{assignment} of {student} ({', '.join(cells)})"
                for (assignment, student), cells in sorted(waiting.items())
            )
            self.log.warning("Preliminary in %s, a manual score is still to come: %s.", target, listed)
        if ungraded:
            listed = ", ".join(f"{assignment} of {student}" for assignment, student in ungraded)
            self.log.error("Not graded, left blank in %s: %s. Run `autograder grade` again.", target, listed)
            raise SystemExit(1)


def write_grades_file(course: Course) -> list[tuple[str, str]]:
    """Write `grades.csv` and `question_scores.csv` into the course.

    Return (assignment, student) of the ungraded submissions, left blank.
    """
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        atomic_write(course.root / "question_scores.csv", _scores_file(gradebook, course))
        content, ungraded = _grades_file(gradebook, course)
        atomic_write(course.root / "grades.csv", content)
    return ungraded


def _scores_file(gradebook: Gradebook, course: Course) -> bytes:
    """Return the score of each question and manually graded cell of each submission as CSV.

    Late penalties are of the whole submission, so they are in no score here. `state` is empty, `waiting` for a score or
    a review by a person, or `not graded`. `grader` says who grades a manually graded cell: of n graders of the course,
    each gets every n-th student. `comment` is that of a person.
    """
    graders = course.settings.graders
    bonus = {
        (name, question.id)
        for name in course.assignments
        for question in course.assignment(name).readable_questions
        if question.bonus
    }
    people = {student.id: (student.last_name, student.first_name) for student in gradebook.students}
    grader = dict(zip(sorted(people), itertools.cycle(graders), strict=False)) if graders else {}
    columns = (
        Assignment.name, SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score, Grade.manual_score,
        Grade.extra_credit, Grade.max_score, Grade.needs_manual_grade,
    )  # fmt: skip
    rows = sorted(map(tuple, query_cells(gradebook, Grade, *columns)), key=lambda row: row[:3])
    comments = _manual_comments(gradebook)
    written: list[tuple[object, ...]] = [QUESTION_COLUMNS]
    for assignment, student, cell, auto, manual, extra, maximum, waits in rows:
        name = cell.removesuffix(GRADE_SUFFIX)
        by_person = manual is not None or not cell.endswith(GRADE_SUFFIX)
        score = auto if manual is None else manual
        state = "waiting" if waits and (by_person or score is not None) else ""
        if score is None and not state:
            state = "not graded"
        written.append((
            assignment, student, *people.get(student, ("", "")), name,
            None if score is None else score + (extra or 0.0), maximum,
            "yes" if (assignment, name) in bonus else "", "person" if by_person else "autograder", state,
            grader.get(student, "") if by_person else "", comments.get((assignment, student, cell), ""),
        ))  # fmt: skip
    return csv_file(written)


def _grades_file(
    gradebook: Gradebook,
    course: Course,
    *,
    students: Set[str] = frozenset(),
    assignments: Set[str] = frozenset(),
) -> tuple[bytes, list[tuple[str, str]]]:
    """Return the scores of a gradebook as CSV, and (assignment, student) of the ungraded submissions.

    A score may include the points of bonus questions; the maximum does not. Students without a submission get 0, as in
    nbgrader's own export, or no score, as the course's `not_handed_in` says.
    """
    absent = course.settings.not_handed_in
    ungraded: list[tuple[str, str]] = []
    without_score = ungraded_submissions(gradebook)
    written: list[Sequence[object]] = [COLUMNS]
    for assignment in sorted(gradebook.assignments, key=lambda one: one.name):
        if assignments and assignment.name not in assignments:
            continue
        submissions = _submissions(gradebook, assignment)
        bonus = course.assignment(assignment.name).bonus_points
        for student in sorted(gradebook.students, key=lambda one: one.id):
            if students and student.id not in students:
                continue
            row = _row(assignment, student, submissions.get(student.id))
            row["max_score"] -= bonus
            is_ungraded = (assignment.name, student.id) in without_score
            if is_ungraded or (absent == "blank" and student.id not in submissions):
                row |= {"raw_score": "", "late_submission_penalty": "", "score": ""}
            if is_ungraded:
                ungraded.append((assignment.name, student.id))
            written.append([row[name] for name in COLUMNS])
    return csv_file(written), ungraded


def _submissions(gradebook: Gradebook, assignment: Any) -> dict[str, Any]:
    """Return the submissions to an assignment, by student, with their scores."""
    query = gradebook.db.query(SubmittedAssignment).filter(SubmittedAssignment.assignment_id == assignment.id)
    with_scores = query.options(
        undefer(SubmittedAssignment.score), selectinload(SubmittedAssignment.notebooks)
    )
    return {submission.student_id: submission for submission in with_scores}


def scores_of(gradebook: Gradebook, assignment: Any) -> dict[str, tuple[float, float]]:
    """Return score and late penalty of each student with a submission."""
    return {
        student: (_score(submission), submission.late_submission_penalty or 0.0)
        for student, submission in _submissions(gradebook, assignment).items()
    }


def states_of(gradebook: Gradebook, assignment: str) -> dict[str, str]:
    """Return the state that an up-to-date feedback page shows, see `feedback.state_of`, by student."""
    scores: dict[str, dict[str, tuple[float, float]]] = {}
    comments: dict[str, dict[str, str | None]] = {}
    person, cell = SubmittedAssignment.student_id, BaseCell.name
    waiting: dict[str, list[str]] = {}
    columns = (Grade.score, Grade.max_score, Grade.auto_score, Grade.manual_score)
    graded = query_cells(gradebook, Grade, person, cell, *columns)
    for student, name, score, max_score, auto, manual in graded.filter(Assignment.name == assignment):
        scores.setdefault(student, {})[name] = score, max_score
        if auto is None and manual is None and not name.endswith(GRADE_SUFFIX):
            waiting.setdefault(student, []).append(name)
    commented = query_cells(gradebook, Comment, person, cell, Comment.comment)
    for student, name, comment in commented.filter(Assignment.name == assignment):
        comments.setdefault(student, {})[name] = comment
    late = query_notebooks(gradebook, person, SubmittedNotebook.late_submission_penalty).filter(
        Assignment.name == assignment, SubmittedNotebook.name == assignment
    )
    return {
        student: state_of(
            scores.get(student, {}), comments.get(student, {}), penalty, waiting.get(student, ())
        )
        for student, penalty in late
    }


def check_pages(course: Course, assignment: str) -> None:
    """Check that scores and feedback pages may go to students.

    Raises CourseError if students may not see them yet, or if a page differs from the gradebook.
    """
    course.assignment(assignment).check_shown(datetime.now(UTC))
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        ungraded = ungraded_submissions(gradebook)
        stale = [
            student
            for student, state in states_of(gradebook, assignment).items()
            if (assignment, student) not in ungraded
            and (page := course.feedback_path(SubmissionId(student, assignment))).is_file()
            and shown_in(page) != state
        ]
    if stale:
        raise CourseError(
            ngettext(
                "{n} feedback page of {assignment} shows other scores or comments than the gradebook: "
                "{students}; run `autograder grade {assignment}` to render it again",
                "{n} feedback pages of {assignment} show other scores or comments than the gradebook: "
                "{students}; run `autograder grade {assignment}` to render them again",
                len(stale),
                assignment=assignment,
                students=some_of(stale),
            )
        )


def scores_by_hand(gradebook: Gradebook, assignment: str) -> dict[str, dict[str, tuple[float, float]]]:
    """Return score and points of each manually graded cell, by student and grade id."""
    scores: dict[str, dict[str, tuple[float, float]]] = {}
    columns = (
        SubmittedAssignment.student_id,
        BaseCell.name,
        Grade.manual_score,
        Grade.extra_credit,
        Grade.max_score,
    )
    rows = query_cells(gradebook, Grade, *columns).filter(
        Assignment.name == assignment,
        or_(Grade.manual_score.is_not(None), ~BaseCell.name.endswith(GRADE_SUFFIX)),
    )
    for student, cell, score, extra, max_score in rows:
        scores.setdefault(student, {})[cell] = ((score or 0.0) + (extra or 0.0), max_score)
    return scores


def manual_cells(gradebook: Gradebook) -> dict[tuple[SubmissionId, str], ManualCell]:
    """Return the manually graded cells of all submissions, by grade id."""
    columns = (
        Assignment.name, SubmittedAssignment.student_id, BaseCell.name, Grade.manual_score, Grade.auto_score,
        Grade.extra_credit, Grade.max_score, Grade.needs_manual_grade,
    )  # fmt: skip
    rows = query_cells(gradebook, Grade, *columns).filter(~BaseCell.name.endswith(GRADE_SUFFIX))
    comments = _manual_comments(gradebook)
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


def _manual_comments(gradebook: Gradebook) -> dict[tuple[str, str, str], str]:
    """Return the comments that people wrote, by assignment, student and grade id."""
    columns = (Assignment.name, SubmittedAssignment.student_id, BaseCell.name, Comment.manual_comment)
    return {
        (assignment, student, cell): comment
        for assignment, student, cell, comment in query_cells(gradebook, Comment, *columns)
        if comment
    }


def _score(submission: Any) -> float:
    score: float = submission.score - (submission.late_submission_penalty or 0.0)
    return max(0.0, score)


def _row(assignment: Any, student: Any, submission: Any) -> dict[str, Any]:
    row = {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "max_score": assignment.max_score,
        "timestamp": "",
        "raw_score": 0.0,
        "late_submission_penalty": 0.0,
        "score": 0.0,
    }
    if submission is None:
        return row
    return row | {
        "timestamp": submission.timestamp,
        "raw_score": submission.score,
        "late_submission_penalty": submission.late_submission_penalty or 0.0,
        "score": _score(submission),
    }


def waiting_cells(gradebook: Gradebook) -> dict[tuple[str, str], list[str]]:
    """Return the cells that wait for manual grading, or for a manual score's review, by assignment and student."""
    waiting: dict[tuple[str, str], list[str]] = {}
    rows = (
        query_cells(gradebook, Grade, Assignment.name, SubmittedAssignment.student_id, BaseCell.name)
        .filter(Grade.needs_manual_grade)
        .filter(~_without_score())
        .order_by(Assignment.name, SubmittedAssignment.student_id, BaseCell.name)
    )
    for assignment, student, cell in rows:
        waiting.setdefault((assignment, student), []).append(cell.removesuffix(GRADE_SUFFIX))
    return waiting


def ungraded_submissions(gradebook: Gradebook) -> set[tuple[str, str]]:
    """Return (assignment, student) of each submission with an automatically graded cell that has no score at all."""
    rows = query_cells(gradebook, Grade, Assignment.name, SubmittedAssignment.student_id).filter(
        _without_score()
    )
    return {(assignment, student) for assignment, student in rows.distinct()}


def query_cells(gradebook: Gradebook, table: Any, *columns: Any) -> Any:
    """Return a query of all grades, or comments, of all submissions."""
    return (
        gradebook.db.query(*columns)
        .select_from(table)
        .join(SubmittedNotebook, table.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(BaseCell, table.cell_id == BaseCell.id)
    )


def query_notebooks(gradebook: Gradebook, *columns: Any) -> Any:
    """Return a query of the notebooks of all submissions."""
    return (
        gradebook.db.query(*columns)
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
    )


def _without_score() -> Any:
    """Return a filter for automatically graded cells without any score, which a fault leaves behind."""
    return and_(
        Grade.auto_score.is_(None), Grade.manual_score.is_(None), BaseCell.name.endswith(GRADE_SUFFIX)
    )

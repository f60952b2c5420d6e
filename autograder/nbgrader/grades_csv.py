"""The grades of a gradebook as CSV: totals with nbgrader's columns, and the score of each question.

Submissions that are not graded have blank scores. Rows are sorted by assignment and student.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    SubmittedAssignment,
)
from nbgrader.plugins import ExportPlugin

from autograder.course import Course
from autograder.files import atomic_write, csv_file
from autograder.nbgrader.gradebook_queries import (
    CELL,
    final_score,
    grade_rows,
    is_automatic,
    manual_comments,
    submissions_of,
    ungraded_submissions,
    waiting_cells,
)
from autograder.nbgrader.open_gradebook import open_gradebook
from autograder.notebooks.cells import GRADE_SUFFIX
from autograder.questions.question import total_points

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


def write_grades_files(course: Course) -> list[tuple[str, str]]:
    """Write `grades.csv` and `question_scores.csv` into the course.

    Return (assignment, student) of the ungraded submissions, left blank.
    """
    with open_gradebook(course) as gradebook:
        atomic_write(course.root / "question_scores.csv", _question_scores_file(gradebook, course))
        content, ungraded = _grades_file(gradebook, course)
        atomic_write(course.root / "grades.csv", content)
    return ungraded


def _question_scores_file(gradebook: Gradebook, course: Course) -> bytes:
    """Return the score of each question and manually graded cell of each submission as CSV.

    Late penalties are of the whole submission, so they are in no score here. `state` is empty, `waiting` for a score or
    a review by a person, or `not graded`. `grader` says who grades a manually graded cell: of n graders of the course,
    each gets every n-th student. `comment` is that of a person.
    """
    graders = course.settings.graders
    people = {student.id: (student.last_name, student.first_name) for student in gradebook.students}
    grader = dict(zip(sorted(people), itertools.cycle(graders), strict=False)) if graders else {}
    columns = (
        Assignment.name, SubmittedAssignment.student_id, CELL, Grade.auto_score, Grade.manual_score,
        Grade.extra_credit, Grade.max_score, Grade.needs_manual_grade, is_automatic(),
    )  # fmt: skip
    rows = sorted(map(tuple, grade_rows(gradebook, Grade, *columns)), key=lambda row: row[:3])
    bonus = {
        (name, question.id)
        for name in {row[0] for row in rows}
        for question in course.assignment(name).readable_questions
        if question.bonus
    }
    comments = manual_comments(gradebook)
    written: list[tuple[object, ...]] = [QUESTION_COLUMNS]
    for assignment, student, cell, auto, manual, extra, maximum, waits, automatic in rows:
        name = cell.removesuffix(GRADE_SUFFIX)
        by_person = manual is not None or not automatic
        score = auto if manual is None else manual
        state = "waiting" if waits and (by_person or score is not None) else ""
        if score is None and not state:
            state = "not graded"
        written.append((
            assignment, student, *people.get(student, ("", "")), name,
            None if score is None else total_points([score, extra or 0.0]), maximum,
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
    for assignment in sorted(gradebook.assignments, key=lambda assignment: assignment.name):
        if assignments and assignment.name not in assignments:
            continue
        submissions = submissions_of(gradebook, assignment)
        bonus = course.assignment(assignment.name).bonus_points
        for student in sorted(gradebook.students, key=lambda student: student.id):
            if students and student.id not in students:
                continue
            row = _row(assignment, student, submissions.get(student.id))
            row["max_score"] -= bonus
            row |= {name: total_points([row[name]]) for name in COLUMNS[-4:]}
            is_ungraded = (assignment.name, student.id) in without_score
            if is_ungraded or (absent == "blank" and student.id not in submissions):
                row |= {"raw_score": "", "late_submission_penalty": "", "score": ""}
            if is_ungraded:
                ungraded.append((assignment.name, student.id))
            written.append([row[name] for name in COLUMNS])
    return csv_file(written), ungraded


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
        "score": final_score(submission),
    }

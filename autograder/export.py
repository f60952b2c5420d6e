"""The grades of a gradebook as CSV: nbgrader's columns, but blank where nothing was graded."""

from __future__ import annotations

import csv
from collections.abc import Set
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip


class GradesExport(ExportPlugin):  # type: ignore[misc]
    """nbgrader's grades file, but a submission that could not be graded is blank and listed, never 0.0."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; exit with an error after writing where a submission is not graded."""
        target = Path(self.to or "grades.csv")
        ungraded = write_grades(
            gradebook,
            target,
            students=set(map(str, self.student)),
            assignments=set(map(str, self.assignment)),
        )
        self.log.info("Grades written to %s", target)
        if ungraded:
            listed = ", ".join(f"{assignment} of {student}" for assignment, student in ungraded)
            self.log.error("Not graded, left blank in %s: %s. Run `autograder grade` again.", target, listed)
            raise SystemExit(1)


def write_grades(
    gradebook: Gradebook,
    target: Path,
    *,
    students: Set[str] = frozenset(),
    assignments: Set[str] = frozenset(),
) -> list[tuple[str, str]]:
    """Write the scores of a gradebook as CSV; returns (assignment, student) of what is not graded.

    A student who handed in nothing has a score of 0, as nbgrader's own export says.
    """
    ungraded: list[tuple[str, str]] = []
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for assignment in gradebook.assignments:
            if assignments and assignment.name not in assignments:
                continue
            for student in gradebook.students:
                if students and student.id not in students:
                    continue
                row = _row(gradebook, assignment, student)
                if row["score"] == "":
                    ungraded.append((assignment.name, student.id))
                writer.writerow(["" if row[name] is None else row[name] for name in COLUMNS])
    return ungraded


def _row(gradebook: Gradebook, assignment: Any, student: Any) -> dict[str, Any]:
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
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return row
    row["timestamp"] = submission.timestamp
    if is_ungraded(submission):
        return row | {"raw_score": "", "late_submission_penalty": "", "score": ""}
    penalty = submission.late_submission_penalty or 0.0
    return row | {
        "raw_score": submission.score,
        "late_submission_penalty": penalty,
        "score": max(0.0, submission.score - penalty),
    }


def is_ungraded(submission: Any) -> bool:
    """Whether a grade cell of ours has no score at all: neither an automatic nor a manual one."""
    return any(
        grade.auto_score is None and grade.manual_score is None and grade.cell.name.endswith("-check")
        for notebook in submission.notebooks
        for grade in notebook.grades
    )

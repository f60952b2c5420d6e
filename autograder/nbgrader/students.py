"""Students in the gradebook: find one, return what it holds about one, remove one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader.api import MissingEntry

from autograder.course import Course
from autograder.nbgrader.open_gradebook import open_gradebook


@contextmanager
def _found(course: Course, student_id: str | None) -> Iterator[Any]:
    """Give nbgrader's row of a student, or None. A missing gradebook is not created."""
    path = course.gradebook_file
    if student_id is None or (path is not None and not path.is_file()):
        yield None
        return
    with open_gradebook(course) as gradebook:
        try:
            student = gradebook.find_student(student_id)
        except MissingEntry:
            student = None
        yield student


def is_in_gradebook(course: Course, student_id: str | None) -> bool:
    """Check whether a student is in the gradebook."""
    with _found(course, student_id) as student:
        return student is not None


def remove_student(course: Course, student_id: str) -> None:
    """Remove a student, with all submissions, from the gradebook."""
    with open_gradebook(course) as gradebook:
        gradebook.remove_student(student_id)


def student_record(course: Course, student_id: str | None) -> dict[str, Any] | None:
    """Return everything that the gradebook holds about a student, or None if they are not in it."""
    with _found(course, student_id) as student:
        if student is None:
            return None
        names = ("id", "first_name", "last_name", "email", "lms_user_id")
        return {
            "student": {name: getattr(student, name) for name in names},
            "submissions": [_submission(submission) for submission in student.submissions],
        }


def _submission(submission: Any) -> dict[str, Any]:
    return {
        "assignment": submission.assignment.name,
        "timestamp": submission.timestamp,
        "extension_seconds": submission.extension and submission.extension.total_seconds(),
        "late_penalty": submission.late_submission_penalty,
        "grades": [
            {"cell": grade.name, "auto": grade.auto_score, "manual": grade.manual_score}
            for notebook in submission.notebooks
            for grade in notebook.grades
        ],
        "comments": [
            {"cell": comment.name, "auto": comment.auto_comment, "manual": comment.manual_comment}
            for notebook in submission.notebooks
            for comment in notebook.comments
        ],
    }

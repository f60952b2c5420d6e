"""Which scores are given out: students may have read them, so from then on only a regrade changes them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.grading.regrade_log import STATES
from autograder.i18n import _

RECORD = Path("regrades", "given_out.json")
"""By assignment and student: when a score was given out, and by what."""
PENDING = STATES / "pending.json"
"""The file that is there while a regrade, or its undo, is being written."""
BY_WEB = "web tool"
"""By what: the web tool shows every score, and keeps the attempts that scores come from."""
EARLIER = "graded before this was recorded"
"""What the record says of scores whose students may or may not have read them."""


@dataclass(frozen=True)
class GivenOut:
    """The submissions whose scores are given out."""

    students: dict[str, dict[str, str]]
    """By assignment and student, when and by what."""

    def __contains__(self, submission: object) -> bool:
        """Return whether the score of a submission, or of one of its notebooks, is given out."""
        return isinstance(submission, SubmissionId) and submission.student in self.students.get(
            submission.assignment, {}
        )

    def is_by_web(self, submission: SubmissionId) -> bool:
        """Return whether the web tool gave out the score of a submission."""
        return self.students.get(submission.assignment, {}).get(submission.student, "").endswith(BY_WEB)


def given_out(course: Course) -> GivenOut:
    """Return the scores of a course that are given out.

    Without a record, everything that is graded counts: by an earlier version, or before the record was deleted.
    Raises CourseError if the record cannot be read.
    """
    path = course.root / RECORD
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return GivenOut(_graded(course))
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    for assignment, students in written.items() if isinstance(written, dict) else [("", None)]:
        if not isinstance(students, dict) or not all(isinstance(when, str) for when in students.values()):
            problem = _(
                'expected {{"assignment": {{"student": "when"}}}}, found something else at {place}',
                place=repr(assignment),
            )
            raise _damaged(path, problem)
    return GivenOut(written)


def check_no_regrade_pending(course: Course) -> None:
    """Raise CourseError if a regrade was interrupted while it was written."""
    if (course.root / PENDING).exists():
        raise CourseError(
            _(
                "a regrade was interrupted while it was written; `autograder regrade` finishes it, then run this again"
            )
        )


def begin_record(course: Course, *, freely: Collection[str] = ()) -> int:
    """Write the record of a course if there is none. Return how many scores count as given out because of that.

    freely: assignments of which no score counts as given out.
    """
    if (course.root / RECORD).exists():
        return 0
    students = {name: found for name, found in _graded(course).items() if name not in freely}
    _write(course, students)
    return sum(map(len, students.values()))


def remove_record(course: Course) -> None:
    """Remove the record of a course in which nothing was given out since it was begun."""
    students = given_out(course).students.values()
    if all(when == EARLIER for found in students for when in found.values()):
        (course.root / RECORD).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # there are logs of regrades in it
            (course.root / RECORD).parent.rmdir()


def give_out(course: Course, submissions: Iterable[SubmissionId], how: str) -> int:
    """Record that students may read the scores of submissions. Return how many were not given out before.

    how: the command that gives them out. Raises CourseError if the record cannot be read, or if a regrade was
    interrupted.
    """
    check_no_regrade_pending(course)
    students = given_out(course).students
    when = f"{datetime.now(course.zone).isoformat(timespec='minutes')} {how}"
    new, changed = 0, False
    for submission in submissions:
        of_assignment = students.setdefault(submission.assignment, {})
        before = of_assignment.get(submission.student)
        if before in (None, EARLIER):
            of_assignment[submission.student] = when
            new += before is None
            changed = True
    if changed or not (course.root / RECORD).exists():
        _write(course, students)
    return new


def forget(course: Course, student: str) -> None:
    """Remove a student from the record. Raises CourseError if it cannot be read, or if a regrade was interrupted."""
    check_no_regrade_pending(course)
    if (course.root / RECORD).exists():
        record = given_out(course).students
        _write(course, {name: _without(student, of_assignment) for name, of_assignment in record.items()})


def _without(student: str, students: dict[str, str]) -> dict[str, str]:
    return {name: when for name, when in students.items() if name != student}


def _graded(course: Course) -> dict[str, dict[str, str]]:
    """Return the students with a graded notebook, by assignment."""
    students: dict[str, dict[str, str]] = {}
    for path in course.autograded.glob("*/*/*.ipynb"):
        students.setdefault(path.parent.name, {})[path.parent.parent.name] = EARLIER
    return students


def _write(course: Course, students: dict[str, dict[str, str]]) -> None:
    ordered = {name: dict(sorted(students[name].items())) for name in sorted(students)}
    atomic_write(course.root / RECORD, json.dumps(ordered, ensure_ascii=False, indent=1) + "\n")


def _damaged(path: Path, problem: object) -> CourseError:
    return CourseError(
        _(
            "{path}, which says whose scores are given out, cannot be read: {problem}. Restore it, from a backup or "
            "from version control; if there is none, delete it: every score that there is then counts as given out",
            path=path,
            problem=problem,
        )
    )

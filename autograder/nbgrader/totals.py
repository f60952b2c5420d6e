"""The totals of submissions in the gradebook, as reports and files for an LMS show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.nbgrader.gradebook_queries import (
    manual_comments,
    scores_above_maximum,
    scores_by_hand,
    scores_of,
    ungraded_submissions,
    waiting_cells,
)
from autograder.nbgrader.open_gradebook import open_gradebook
from autograder.nbgrader.records import ScoreAboveMaximum
from autograder.roster import RosterEntry


@dataclass(frozen=True)
class Total:
    """The gradebook's total of a submission, as in `grades.csv`."""

    score: float
    max_score: float
    """Maximum score without bonus questions."""
    late: float = 0.0
    """Late penalty, already subtracted from the score."""
    waiting: Sequence[str] = ()
    """The cells that wait for manual grading."""


@dataclass(frozen=True)
class AssignmentTotals:
    """What the gradebook says about an assignment and its submissions."""

    max_score: float
    """Maximum score without bonus questions."""
    due: datetime | None
    by_student: Mapping[str, Total]
    ungraded: Set[str]
    """The students whose submission has a cell without any score."""
    by_hand: Mapping[str, Mapping[str, tuple[float, float]]]
    """Score and points of each manually graded cell, by student and grade id."""
    comments: Mapping[str, Mapping[str, str]]
    """Comments of people, by student and grade id."""
    people: Sequence[RosterEntry]
    """All students of the gradebook."""


def totals_of(course: Course) -> dict[SubmissionId, Total]:
    """Return the total of each submission to the course."""
    with open_gradebook(course) as gradebook:
        return _totals(course, gradebook, gradebook.assignments)


def above_maximum(course: Course) -> list[ScoreAboveMaximum]:
    """Return the scores that people gave above the points of their cells; see `scores_above_maximum`."""
    with open_gradebook(course) as gradebook:
        return scores_above_maximum(gradebook)


def assignment_totals(course: Course, name: str) -> AssignmentTotals:
    """Return the totals of one assignment. Raises CourseError if it is not in the gradebook."""
    with open_gradebook(course) as gradebook:
        try:
            assignment = gradebook.find_assignment(name)
        except MissingEntry:
            raise CourseError(
                _("{name} is not in the gradebook; run `autograder grade {name}` first", name=name)
            ) from None
        totals = _totals(course, gradebook, [assignment])
        return AssignmentTotals(
            assignment.max_score - course.assignment(name).bonus_points,
            assignment.duedate and assignment.duedate.replace(tzinfo=UTC),
            {submission.student: total for submission, total in totals.items()},
            {student for ungraded, student in ungraded_submissions(gradebook) if ungraded == name},
            scores_by_hand(gradebook, name),
            _comments(gradebook, name),
            tuple(map(_person, gradebook.students)),
        )


def _totals(course: Course, gradebook: Gradebook, assignments: Iterable[Any]) -> dict[SubmissionId, Total]:
    waiting, totals = waiting_cells(gradebook), dict[SubmissionId, Total]()
    for assignment in assignments:
        max_score = assignment.max_score - course.assignment(assignment.name).bonus_points
        for student, (score, late) in scores_of(gradebook, assignment).items():
            waits = waiting.get((assignment.name, student), ())
            totals[SubmissionId(student, assignment.name)] = Total(score, max_score, late, waits)
    return totals


def _comments(gradebook: Gradebook, assignment: str) -> dict[str, dict[str, str]]:
    comments: dict[str, dict[str, str]] = {}
    for (commented, student, cell), comment in manual_comments(gradebook).items():
        if commented == assignment:
            comments.setdefault(student, {})[cell] = comment
    return comments


def _person(student: Any) -> RosterEntry:
    name = ", ".join(filter(None, (student.last_name, student.first_name)))
    return RosterEntry(student.id, name, student.lms_user_id or "", student.email or "")

"""Each student's score in one assignment, as it is sent to an LMS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from autograder.course import Course
from autograder.i18n import _
from autograder.nbgrader.totals import assignment_totals
from autograder.roster import Roster, Unmatched
from autograder.text import Text

ScoreState = Literal["settled", "waiting", "ungraded", "absent"]
"""Waiting: graded except for manually graded cells. Ungraded: not graded because of a fault."""


@dataclass(frozen=True)
class StudentScore:
    """One student's score in an assignment, or why there is none."""

    student: str
    """The id in the gradebook, and the name of the feedback folder."""
    state: ScoreState
    score: float = 0.0
    """After the late penalty; 0 without a submission."""
    late: float = 0.0
    """The late penalty, in points."""
    waits: Sequence[str] = ()
    """Manually graded cells without a score."""
    by_hand: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Score and points of each manually graded cell, by grade id."""
    comments: Mapping[str, str] = field(default_factory=dict)
    """Comments of people, by grade id."""


@dataclass(frozen=True)
class LmsScores:
    """The scores of all students in an assignment, and who they are."""

    assignment: str
    most: float
    """The maximum score without bonus questions."""
    roster: Roster
    by_person: Mapping[str, StudentScore] = field(default_factory=dict)
    """By student id of the roster."""
    due: datetime | None = None
    strangers: Sequence[Text] = ()
    """Submissions that match no student of the roster, or one that is matched already, and why."""


def class_scores(course: Course, assignment: str) -> LmsScores:
    """Return the score of each student. Without a roster file, the gradebook's students are the roster.

    Raises CourseError if the assignment is not in the gradebook.
    """
    course.check_assignment(assignment)
    totals = assignment_totals(course, assignment)
    roster = Roster.of(course) or Roster(tuple(totals.people))
    handed_in: dict[str, StudentScore] = {}
    for student, total in totals.by_student.items():
        state: ScoreState = (
            "ungraded" if student in totals.ungraded else "waiting" if total.waiting else "settled"
        )
        handed_in[student] = StudentScore(
            student, state, total.score, total.late, total.waiting,
            totals.by_hand.get(student, {}), totals.comments.get(student, {}),
        )  # fmt: skip
    for path in course.submitted.glob(f"*/{assignment}"):
        handed_in.setdefault(path.parent.name, StudentScore(path.parent.name, "ungraded"))
    by_person = {person.student_id: StudentScore(person.student_id, "absent") for person in roster.people}
    strangers: list[Text] = []
    for student, standing in handed_in.items():
        person = roster.find_any(student)
        if isinstance(person, Unmatched):
            strangers.append(
                _(
                    "{student} in {folder}: {problem}",
                    student=student,
                    folder=course.submitted,
                    problem=person.text,
                )
            )
        elif (earlier := by_person[person.student_id]).state == "absent":
            by_person[person.student_id] = standing
        else:
            by_person[person.student_id] = StudentScore(earlier.student, "ungraded")
            strangers.append(
                _(
                    "{student} and {other} match the same student of the roster; keep one of the two submissions",
                    student=student,
                    other=earlier.student,
                )
            )
    due = course.assignment(assignment).due or totals.due
    due = due and due.astimezone(course.zone)
    return LmsScores(assignment, totals.max_score, roster, by_person, due, strangers)

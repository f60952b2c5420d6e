"""Each student's score in one assignment, as it is sent to an LMS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from nbgrader.api import Gradebook, MissingEntry

from autograder.course import Course
from autograder.errors import CourseError
from autograder.nbgrader.grades_csv import (
    bonus_points,
    scores_by_hand,
    scores_of,
    ungraded_submissions,
    waiting_cells,
)
from autograder.roster import Person, Roster, Unmatched

State = Literal["settled", "waiting", "ungraded", "absent"]
"""Waiting: graded except for manually graded cells. Ungraded: not graded because of a fault."""


@dataclass(frozen=True)
class StudentScore:
    """One student's score in an assignment, or why there is none."""

    student: str
    """The id in the gradebook, and the name of the feedback folder."""
    state: State
    score: float = 0.0
    """After the late penalty; 0 without a submission."""
    late: float = 0.0
    """The late penalty, in points."""
    waits: Sequence[str] = ()
    """Manually graded cells without a score."""
    by_hand: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Score and points of each manually graded cell, by grade id."""


@dataclass(frozen=True)
class ClassScores:
    """The scores of all students in an assignment, and who they are."""

    assignment: str
    most: float
    """The maximum score without bonus questions."""
    roster: Roster
    by_person: Mapping[str, StudentScore] = field(default_factory=dict)
    """By student id of the roster."""
    due: datetime | None = None
    strangers: Mapping[str, str] = field(default_factory=dict)
    """Submissions that match no student of the roster, or one that is matched already, and why."""


def class_scores(course: Course, assignment: str) -> ClassScores:
    """Return the score of each student. Without a roster file, the gradebook's students are the roster.

    Raises CourseError if the assignment is not in the gradebook.
    """
    course.check_assignment(assignment)
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        try:
            graded = gradebook.find_assignment(assignment)
        except MissingEntry:
            raise CourseError(
                f"{assignment} is not in the gradebook; run `autograder grade {assignment}` first"
            ) from None
        roster = Roster.of(course) or _of_gradebook(gradebook)
        most = graded.max_score - bonus_points(course).get(assignment, 0)
        open_ones, waiting = ungraded_submissions(gradebook), waiting_cells(gradebook)
        by_hand = scores_by_hand(gradebook, assignment)
        handed_in: dict[str, StudentScore] = {}
        for student, (score, late) in scores_of(gradebook, graded).items():
            waits = waiting.get((assignment, student), [])
            state: State = (
                "ungraded" if (assignment, student) in open_ones else "waiting" if waits else "settled"
            )
            handed_in[student] = StudentScore(student, state, score, late, waits, by_hand.get(student, {}))
        due = course.due(assignment) or (graded.duedate and graded.duedate.replace(tzinfo=UTC))
        for path in course.submitted.glob(f"*/{assignment}"):
            handed_in.setdefault(path.parent.name, StudentScore(path.parent.name, "ungraded"))
    by_person = {person.student_id: StudentScore(person.student_id, "absent") for person in roster.people}
    strangers = {}
    for student, standing in handed_in.items():
        person = roster.find_any(student)
        if isinstance(person, Unmatched):
            strangers[student] = f"in {course.submitted}: {person}"
        elif (other := by_person[person.student_id]).state == "absent":
            by_person[person.student_id] = standing
        else:
            by_person[person.student_id] = StudentScore(other.student, "ungraded")
            strangers[student] = (
                f"and {other.student} are one person of the roster; keep one of the two hand-ins"
            )
    return ClassScores(assignment, most, roster, by_person, due, strangers)


def _of_gradebook(gradebook: Any) -> Roster:
    return Roster(
        tuple(
            Person(
                student.id,
                ", ".join(filter(None, (student.last_name, student.first_name))),
                student.lms_user_id or "",
                student.email or "",
            )
            for student in gradebook.students
        )
    )

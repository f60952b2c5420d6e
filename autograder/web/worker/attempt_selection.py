"""Selects the attempt that counts and computes its late penalty, from the rows of the database alone.

The gradebook has one submission per student and assignment, while several activities may open that assignment, in one
LMS or in many. So the final grade is computed for all of them together: each activity selects an attempt by its own
policy, and the best of these after late penalties goes into the gradebook, the earlier one of equals. That one score
is sent to all of these activities, and so to all LMSs. So a submission in one activity never lowers what was earned in
another, and an override in one place holds in all.

An override does not change which attempt counts: it belongs to the cell, whatever the answer in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.course import Course, SubmissionId
from autograder.nbgrader.final_grades import FinalGrades, GradeOverride
from autograder.web.db.attempts import ordinal
from autograder.web.db.models import (
    Attempt,
    AttemptPolicy,
    FinalGrade,
    Membership,
    Override,
    Person,
    ResourceLink,
)
from autograder.web.policy import SubmissionPolicy, policy_for


@dataclass(frozen=True)
class GradedAttempt:
    """An attempt that has a score."""

    id: int
    path: str
    received_at: datetime
    graded_at: datetime | None
    score: float
    number: int
    """Which of the person's attempts it is, from 1."""


@dataclass(frozen=True)
class Enrollment:
    """One person in one resource link: their graded attempts, and the policy for them."""

    link: int
    person: int
    pseudonym: str
    locale: str
    sends_scores: bool
    """Whether the LMS receives the score: it has a grade column for the link, and the person is not staff."""
    attempt_policy: AttemptPolicy
    policy: SubmissionPolicy
    attempts: tuple[GradedAttempt, ...]
    """Oldest first."""


@dataclass(frozen=True)
class GradingState:
    """Everything that determines the final grade of a student in an assignment."""

    submission: SubmissionId
    enrollments: tuple[Enrollment, ...]
    overrides: tuple[tuple[int, GradeOverride], ...]
    """Set or withdrawn by staff and not yet in the gradebook, oldest first, with the ids of their rows."""


@dataclass(frozen=True)
class CountingAttempt:
    """The attempt that counts, and the enrollment that it belongs to."""

    enrollment: Enrollment
    attempt: GradedAttempt


def load_grading_state(session: Session, course: Course, link: int, person: int) -> GradingState | None:
    """Load what determines a person's final grade in a link; None if the assignment or the student is unknown.

    Raises CourseError if the assignment has several notebooks.
    """
    own_link, own_person = session.get(ResourceLink, link), session.get(Person, person)
    if own_link is None or own_person is None or own_link.assignment is None or own_person.student_id is None:
        return None
    pairs = session.execute(
        select(ResourceLink, Person)
        .select_from(FinalGrade)
        .join(ResourceLink, FinalGrade.course_link_id == ResourceLink.id)
        .join(Person, FinalGrade.person_id == Person.id)
        .where(ResourceLink.assignment == own_link.assignment, Person.student_id == own_person.student_id)
        .order_by(ResourceLink.id, Person.id)
    ).all()
    pending = [
        (override.id, GradeOverride(override.cell, override.points, override.reason))
        for other_link, account in pairs
        for override in session.scalars(
            select(Override).where(
                Override.course_link_id == other_link.id,
                Override.person_id == account.id,
                Override.applied_at.is_(None),
            )
        )
    ]
    return GradingState(
        course.submission(own_person.student_id, own_link.assignment),
        tuple(_enrollment(session, course, other_link, account) for other_link, account in pairs),
        tuple(sorted(pending, key=lambda override: override[0])),
    )


def _enrollment(session: Session, course: Course, link: ResourceLink, person: Person) -> Enrollment:
    membership = session.get(Membership, (person.id, link.context_id))
    rows = session.scalars(
        select(Attempt)
        .where(Attempt.course_link_id == link.id, Attempt.person_id == person.id, Attempt.score.is_not(None))
        .order_by(Attempt.received_at, Attempt.id)
    )
    return Enrollment(
        link=link.id,
        person=person.id,
        pseudonym=person.pseudonym,
        locale=person.locale,
        sends_scores=bool(link.lineitem_url) and (membership is None or membership.role == "student"),
        attempt_policy=link.stands,
        policy=accepted_policy(session, course, link, person.id),
        attempts=tuple(
            GradedAttempt(
                row.id,
                row.path,
                row.received_at,
                row.graded_at,
                row.score or 0.0,
                ordinal(session, row),
            )
            for row in rows
            # an activity may have opened another assignment before, whose attempts do not count for this one
            if (row.report or {}).get("assignment", link.assignment) == link.assignment
        ),
    )


def accepted_policy(session: Session, course: Course, link: ResourceLink, person: int) -> SubmissionPolicy:
    """Return the policy for attempts that were already accepted: how many more are allowed does not matter."""
    return replace(policy_for(session, course, link, person), attempts=0, attempts_left=None)


def effective_late_penalty(
    gradebook: FinalGrades, submission: SubmissionId, policy: SubmissionPolicy, received_at: datetime
) -> Callable[[float], float | None]:
    """Return the late penalty as a function of the score: by the link's rule, else by the course's policy."""
    due = policy.due_at if policy.has_own_due else gradebook.due(submission) or policy.due_at
    seconds = (received_at - due).total_seconds() if due is not None else 0.0
    rule = replace(policy, due_at=due)

    def penalty(score: float) -> float | None:
        by_rule = rule.late_penalty(score, received_at)
        return (
            gradebook.course_late_penalty(submission.student, score, seconds) if by_rule is None else by_rule
        )

    return penalty


def select_counting_attempt(
    gradebook: FinalGrades, state: GradingState, has_result: Callable[[GradedAttempt], bool]
) -> CountingAttempt | None:
    """Return the attempt that counts; None if none is graded.

    has_result: whether the graded notebook of an attempt still exists.
    """
    best: tuple[float, CountingAttempt] | None = None
    for enrollment in state.enrollments:
        attempts = [attempt for attempt in enrollment.attempts if has_result(attempt)]
        for attempt in attempts[-1:] if enrollment.attempt_policy == "last" else attempts:
            penalty = effective_late_penalty(
                gradebook, state.submission, enrollment.policy, attempt.received_at
            )
            score = round(attempt.score - (penalty(attempt.score) or 0.0), 6)
            earlier = best is not None and attempt.received_at < best[1].attempt.received_at
            if best is None or score > best[0] or (score == best[0] and earlier):
                best = score, CountingAttempt(enrollment, attempt)
    return None if best is None else best[1]

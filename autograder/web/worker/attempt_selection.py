"""Which attempt counts, and what being late costs it: worked out from the database's rows alone.

The gradebook has one submission of a student for an assignment, and several activities may open that assignment, in
one LMS or in many. So what stands is worked out for all of them together: each activity names the attempt that counts
by its own rule, and of these the best after lateness stands in the gradebook, the earlier one where two are equal.
All of these activities, and so all LMSs, are told that one score. So a hand-in here never costs anybody what they
earned there, and what a teacher gives in one place holds in all.

Points that a person gives do not change which attempt counts: they were given to the cell, whichever answer is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.course import Course, SubmissionId
from autograder.nbgrader.final_grades import FinalGrades, GradeOverride
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
    """An attempt that the grader gave a score."""

    attempt: int
    path: str
    sha256: str
    received_at: datetime
    graded_at: datetime | None
    score: float


@dataclass(frozen=True)
class Enrollment:
    """One person in one course link: what they made there, and what holds for it."""

    link: int
    person: int
    pseudonym: str
    locale: str
    is_told: bool
    """Whether the LMS wants to hear of a score: it has a gradebook for this, and it is no trial of the staff's."""
    stands: AttemptPolicy
    own_due: bool
    """Whether the due date was chosen here; else what the gradebook says comes first."""
    terms: SubmissionPolicy
    made: tuple[GradedAttempt, ...]
    """Oldest first."""


@dataclass(frozen=True)
class GradingState:
    """All that decides what stands of a student in an assignment."""

    job: SubmissionId
    seats: tuple[Enrollment, ...]
    given: tuple[tuple[int, GradeOverride], ...]
    """What staff gave or took back and the gradebook does not hold yet, oldest first, by the ids of its rows."""


@dataclass(frozen=True)
class CountingAttempt:
    """The attempt that counts, and where it was made."""

    seat: Enrollment
    made: GradedAttempt


def load_grading_state(session: Session, course: Course, link: int, person: int) -> GradingState | None:
    """What decides about a person in a link; None where there is nothing to decide: no assignment, or nobody."""
    here, who = session.get(ResourceLink, link), session.get(Person, person)
    if here is None or who is None or here.assignment is None or who.student_id is None:
        return None
    pairs = session.execute(
        select(ResourceLink, Person)
        .select_from(FinalGrade)
        .join(ResourceLink, FinalGrade.course_link_id == ResourceLink.id)
        .join(Person, FinalGrade.person_id == Person.id)
        .where(ResourceLink.assignment == here.assignment, Person.student_id == who.student_id)
        .order_by(ResourceLink.id, Person.id)
    ).all()
    waiting = [
        (override.id, GradeOverride(override.cell, override.points, override.reason))
        for one, other in pairs
        for override in session.scalars(
            select(Override).where(
                Override.course_link_id == one.id,
                Override.person_id == other.id,
                Override.applied_at.is_(None),
            )
        )
    ]
    return GradingState(
        SubmissionId(who.student_id, here.assignment),
        tuple(_seat(session, course, one, other) for one, other in pairs),
        tuple(sorted(waiting, key=lambda one: one[0])),
    )


def _seat(session: Session, course: Course, link: ResourceLink, person: Person) -> Enrollment:
    membership = session.get(Membership, (person.id, link.context_id))
    rows = session.scalars(
        select(Attempt)
        .where(Attempt.course_link_id == link.id, Attempt.person_id == person.id, Attempt.score.is_not(None))
        .order_by(Attempt.received_at, Attempt.id)
    )
    holds = terms_of(session, course, link, person.id)
    return Enrollment(
        link=link.id,
        person=person.id,
        pseudonym=person.pseudonym,
        locale=person.locale,
        is_told=bool(link.lineitem_url) and (membership is None or membership.role == "student"),
        stands=link.stands,
        own_due=link.due_at is not None or holds.extended,
        terms=holds,
        made=tuple(
            GradedAttempt(row.id, row.path, row.sha256, row.received_at, row.graded_at, row.score or 0.0)
            for row in rows
            # an activity may have opened another assignment before; what was earned there is nothing of this one's
            if (row.report or {}).get("assignment", link.assignment) == link.assignment
        ),
    )


def terms_of(session: Session, course: Course, link: ResourceLink, person: int) -> SubmissionPolicy:
    """What holds for a hand-in that was taken already: how many more may come does not matter."""
    return replace(policy_for(session, course, link, person), attempts=0, attempts_left=None)


def lateness(
    book: FinalGrades, job: SubmissionId, holds: SubmissionPolicy, own_due: bool, received_at: datetime
) -> Callable[[float], float | None]:
    """What being handed in at a moment takes off a score: by the link's rule, else by the course's own policy."""
    due = holds.due_at if own_due else book.due(job) or holds.due_at
    seconds = (received_at - due).total_seconds() if due is not None else 0.0
    by_rule = replace(holds, due_at=due)

    def penalty(score: float) -> float | None:
        ruled = by_rule.penalty(score, received_at)
        return book.penalty(job.student, score, seconds) if ruled is None else ruled

    return penalty


def select_counting_attempt(
    book: FinalGrades, facts: GradingState, is_there: Callable[[GradedAttempt], bool]
) -> CountingAttempt | None:
    """The attempt that counts; None where none is graded.

    is_there: whether what grading it gave is still kept.
    """
    best: tuple[float, CountingAttempt] | None = None
    for seat in facts.seats:
        for made in _named(seat, [made for made in seat.made if is_there(made)]):
            penalty = lateness(book, facts.job, seat.terms, seat.own_due, made.received_at)(made.score)
            worth = round(made.score - (penalty or 0.0), 6)
            earlier = best is not None and made.received_at < best[1].made.received_at
            if best is None or worth > best[0] or (worth == best[0] and earlier):
                best = worth, CountingAttempt(seat, made)
    return None if best is None else best[1]


def _named(seat: Enrollment, made: list[GradedAttempt]) -> list[GradedAttempt]:
    """Those of which the best is what counts in a link."""
    return made[-1:] if seat.stands == "last" else made

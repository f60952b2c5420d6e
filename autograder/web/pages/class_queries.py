"""Queries for the class in one activity: attempts, final grades, deliveries. One query per table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from autograder.text import Text
from autograder.web.db.models import (
    Attempt,
    Delivery,
    DeliveryState,
    Extension,
    FinalGrade,
    Membership,
    Person,
    RegradeRequest,
    ResourceLink,
    Role,
)

EnrollmentState = Literal["nothing", "waiting", "ungraded", "graded"]
TOLERANCE = 1e-4
"""Points that make no difference: scores are sent to the LMS with four decimals."""


@dataclass(frozen=True)
class LastDelivery:
    """The last score that was sent to the LMS, or is to be sent."""

    id: int
    state: DeliveryState
    score: float
    maximum: float
    lms_error: Text | None
    """Why the LMS has not confirmed it; None if nothing went wrong."""
    next_try_at: datetime
    confirmed_at: datetime | None
    differs: bool = False
    """Whether the final grade has changed since."""


@dataclass(frozen=True)
class Row:
    """A person in the table of the class."""

    person: int
    name: str
    student_id: str
    email: str
    role: Role | None
    """None if the LMS does not list them as a member of the course."""
    active: bool
    attempts: int
    state: EnrollmentState
    """Overall state of the attempts: waiting if any is, else ungraded if any could not be graded."""
    reason: Text | None
    """Why an attempt could not be graded."""
    score: float | None
    """Final score, after the late penalty."""
    late: float
    maximum: float | None
    stale: bool
    """Whether the final grade is being recomputed."""
    by_hand: bool
    """Whether a person gave some of the points."""
    needs_grading: bool
    """Whether a cell is still to be graded by a person; no score is sent to the LMS before."""
    due_at: datetime | None
    """Due date of the extension."""
    more_attempts: int
    open_requests: int
    """Unanswered regrade requests."""
    delivery: LastDelivery | None

    @property
    def is_enrolled(self) -> bool:
        """Whether the person is a student of the course today."""
        return self.role == "student" and self.active

    @property
    def is_staff(self) -> bool:
        """Whether the person is staff. Their attempts are trials, of which no score is sent to the LMS."""
        return self.role in ("teacher", "assistant")

    def is_in(self, group: str) -> bool:
        """Return whether a count at the top of the page includes this person. group: a name of `GROUPS`."""
        return {
            "handed-in": self.is_enrolled and self.attempts > 0,
            "missing": self.is_enrolled and self.attempts == 0,
            "waiting": self.state == "waiting",
            "ungraded": self.state == "ungraded",
            "looks": self.open_requests > 0,
            "refused": self.delivery is not None and self.delivery.state == "refused",
        }.get(group, True)


GROUPS = ("handed-in", "missing", "waiting", "ungraded", "looks", "refused")
"""Parts of the class that are counted at the top of its page, and that the table can be narrowed to."""


def load_rows(session: Session, link: ResourceLink) -> list[Row]:
    """Load the students of the course, and everyone else with an attempt, ordered by name."""
    attempts_of: dict[int, list[Any]] = {}
    columns = (Attempt.person_id, Attempt.state, Attempt.reason)
    for attempt in session.execute(
        select(*columns).where(Attempt.course_link_id == link.id).order_by(Attempt.id)
    ):
        attempts_of.setdefault(attempt.person_id, []).append(attempt)
    attempted = select(Attempt.person_id).where(Attempt.course_link_id == link.id)
    membership = and_(Membership.person_id == Person.id, Membership.context_id == link.context_id)
    people = session.execute(
        select(Person, Membership.role, Membership.active)
        .outerjoin(Membership, membership)
        .where(or_(Membership.role == "student", Person.id.in_(attempted)))
    ).all()
    final_grades = {
        grade.person_id: grade
        for grade in session.scalars(select(FinalGrade).where(FinalGrade.course_link_id == link.id))
    }
    extensions = {
        extension.person_id: extension
        for extension in session.scalars(select(Extension).where(Extension.course_link_id == link.id))
    }
    deliveries = last_deliveries(session, link, final_grades)
    open_requests = Counter(
        session.scalars(
            select(Attempt.person_id)
            .join(RegradeRequest, RegradeRequest.attempt_id == Attempt.id)
            .where(Attempt.course_link_id == link.id, RegradeRequest.answer.is_(None))
        )
    )
    rows = []
    for person, role, active in people:
        attempts = attempts_of.get(person.id, [])
        grade, extension = final_grades.get(person.id), extensions.get(person.id)
        if not attempts and not active:
            continue  # left the course without a trace here
        state, reason = _summarize(attempts)
        rows.append(
            Row(
                person=person.id,
                name=person.name,
                student_id=person.student_id or "",
                email=person.email,
                role=role,
                active=bool(active),
                attempts=len(attempts),
                state=state,
                reason=reason,
                score=net_score(grade),
                late=grade.late if grade else 0.0,
                maximum=grade.maximum if grade else None,
                stale=grade is not None and grade.stale,
                by_hand=grade is not None and any(cell.get("manual") for cell in grade.cells.values()),
                needs_grading=grade is not None and any(cell.get("waits") for cell in grade.cells.values()),
                due_at=extension.due_at if extension else None,
                more_attempts=extension.more_attempts if extension else 0,
                open_requests=open_requests[person.id],
                delivery=deliveries.get(person.id),
            )
        )
    return sorted(rows, key=lambda row: (row.name.casefold(), row.student_id, row.person))


def last_deliveries(
    session: Session, link: ResourceLink, final_grades: Mapping[int, FinalGrade]
) -> dict[int, LastDelivery]:
    """Load the last delivery of each person, by person. final_grades: by person."""
    newest = (
        select(func.max(Delivery.id))
        .where(Delivery.course_link_id == link.id, Delivery.state != "replaced")
        .group_by(Delivery.person_id)
    )
    deliveries = {}
    for delivery in session.scalars(select(Delivery).where(Delivery.id.in_(newest))):
        grade = final_grades.get(delivery.person_id)
        score = net_score(grade)
        differs = (
            grade is not None
            and score is not None
            and not grade.stale
            and (
                abs(score - delivery.score) > TOLERANCE
                or abs((grade.maximum or delivery.maximum) - delivery.maximum) > TOLERANCE
            )
        )
        deliveries[delivery.person_id] = LastDelivery(
            delivery.id,
            delivery.state,
            delivery.score,
            delivery.maximum,
            delivery.lms_error,
            delivery.next_try_at,
            delivery.confirmed_at,
            differs,
        )
    return deliveries


def net_score(grade: FinalGrade | None) -> float | None:
    """Return the final score after the late penalty, as it is sent to the LMS; None if there is none."""
    return None if grade is None or grade.score is None else max(0.0, grade.score - grade.late)


def _summarize(attempts: Iterable[Any]) -> tuple[EnrollmentState, Text | None]:
    """Return the state of all attempts of a person, and why one could not be graded."""
    reasons: dict[str, Text | None] = {attempt.state: attempt.reason for attempt in attempts}
    if "queued" in reasons or "grading" in reasons:
        return "waiting", None
    if "ungraded" in reasons:
        return "ungraded", reasons["ungraded"]
    return ("graded" if reasons else "nothing"), None

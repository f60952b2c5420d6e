"""Queries for the class in one activity: attempts, final grades, deliveries. One query per table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from autograder.text import Text
from autograder.web.db.attempts import QUESTION_FILES
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


class Grade(NamedTuple):
    """The columns of a final grade that the table needs."""

    person_id: int
    attempt_id: int | None
    score: float | None
    maximum: float | None
    late: float
    stale: bool
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A person in the table of the class."""

    person: int
    name: str
    student_id: str
    email: str
    section: str
    """In the roster file; empty without one."""
    role: Role | None
    """None if the LMS does not list them as a member of the course."""
    active: bool
    attempts: int
    received_at: datetime | None
    """When the attempt that counts was handed in, or the last one while none counts."""
    graded_by: str | None
    """The digest of the question files that graded the attempt that counts; None if none does, or it is not known."""
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
    cells: Mapping[str, Any]
    """The grade cells of the final grade, as `FinalGrade.cells`."""
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


def load_rows(session: Session, link: ResourceLink, sections: Mapping[str, str]) -> list[Row]:
    """Load the students of the course, and everyone else with an attempt, ordered by name.

    sections: by student id.
    """
    attempts_of: dict[int, list[Any]] = {}
    # columns in place of objects: a page of a large class is made several times as fast
    graded_by = Attempt.versions[QUESTION_FILES].as_string().label("graded_by")
    columns = (
        Attempt.id, Attempt.person_id, Attempt.state, Attempt.reason, Attempt.received_at, graded_by,
    )  # fmt: skip
    for attempt in session.execute(
        select(*columns).where(Attempt.course_link_id == link.id).order_by(Attempt.id)
    ):
        attempts_of.setdefault(attempt.person_id, []).append(attempt)
    attempted = select(Attempt.person_id).where(Attempt.course_link_id == link.id)
    membership = and_(Membership.person_id == Person.id, Membership.context_id == link.context_id)
    people = session.execute(
        select(Person.id, Person.name, Person.student_id, Person.email, Membership.role, Membership.active)
        .outerjoin(Membership, membership)
        .where(or_(Membership.role == "student", Person.id.in_(attempted)))
    ).all()
    final_grades = load_grades(session, link)
    extensions = {
        extension.person_id: extension
        for extension in session.execute(
            select(Extension.person_id, Extension.due_at, Extension.more_attempts).where(
                Extension.course_link_id == link.id
            )
        )
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
    for person in people:
        attempts = attempts_of.get(person.id, [])
        grade, extension = final_grades.get(person.id), extensions.get(person.id)
        if not attempts and not person.active:
            continue  # left the course without a trace here
        state, reason = _summarize(attempts)
        counting = next((one for one in attempts if grade and one.id == grade.attempt_id), None)
        rows.append(
            Row(
                person=person.id,
                name=person.name,
                student_id=person.student_id or "",
                email=person.email,
                section=sections.get(person.student_id or "", ""),
                role=person.role,
                active=bool(person.active),
                attempts=len(attempts),
                received_at=(counting or attempts[-1]).received_at if attempts else None,
                graded_by=counting.graded_by if counting else None,
                state=state,
                reason=reason,
                score=net_score(grade),
                late=grade.late if grade else 0.0,
                maximum=grade.maximum if grade else None,
                stale=grade is not None and grade.stale,
                by_hand=grade is not None and any(cell.get("manual") for cell in grade.cells.values()),
                needs_grading=grade is not None and any(cell.get("waits") for cell in grade.cells.values()),
                cells=grade.cells if grade else {},
                due_at=extension.due_at if extension else None,
                more_attempts=extension.more_attempts if extension else 0,
                open_requests=open_requests[person.id],
                delivery=deliveries.get(person.id),
            )
        )
    return sorted(rows, key=lambda row: (row.name.casefold(), row.student_id, row.person))


def load_grades(session: Session, link: ResourceLink) -> dict[int, Grade]:
    """Load the final grades of an activity, by person."""
    columns = (
        FinalGrade.person_id, FinalGrade.attempt_id, FinalGrade.score, FinalGrade.maximum, FinalGrade.late,
        FinalGrade.stale, FinalGrade.cells,
    )  # fmt: skip
    query = select(*columns).where(FinalGrade.course_link_id == link.id)
    return {row.person_id: Grade(*row) for row in session.execute(query)}


def newest_deliveries(link: ResourceLink) -> Select[int]:
    """Return the query for the ids of each person's last delivery that no newer one has replaced."""
    return (
        select(func.max(Delivery.id))
        .where(Delivery.course_link_id == link.id, Delivery.state != "replaced")
        .group_by(Delivery.person_id)
    )


def last_deliveries(
    session: Session, link: ResourceLink, final_grades: Mapping[int, Grade | FinalGrade]
) -> dict[int, LastDelivery]:
    """Load the last delivery of each person, by person. final_grades: by person."""
    columns = (
        Delivery.person_id, Delivery.id, Delivery.state, Delivery.score, Delivery.maximum, Delivery.lms_error,
        Delivery.next_try_at, Delivery.confirmed_at,
    )  # fmt: skip
    deliveries = {}
    for row in session.execute(select(*columns).where(Delivery.id.in_(newest_deliveries(link)))):
        delivery = LastDelivery(
            id=row.id,
            state=row.state,
            score=row.score,
            maximum=row.maximum,
            lms_error=row.lms_error,
            next_try_at=row.next_try_at,
            confirmed_at=row.confirmed_at,
        )
        grade = final_grades.get(row.person_id)
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
        deliveries[row.person_id] = replace(delivery, differs=True) if differs else delivery
    return deliveries


def net_score(grade: Grade | FinalGrade | None) -> float | None:
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

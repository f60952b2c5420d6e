"""Everybody of a class in one activity: what they handed in, what stands, what the LMS has. One query per table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from autograder.engine.messages import Result, SubmissionId
from autograder.grading.feedback import from_dict
from autograder.reports.misconceptions import Misunderstood, misunderstood
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

State = Literal["nothing", "waiting", "ungraded", "graded"]
CLOSE = 1e-4
"""Points that are no difference; the LMS is told four decimals."""


@dataclass(frozen=True)
class Sent:
    """The last score that the LMS was told, or is to be told."""

    delivery: int
    state: DeliveryState
    score: float
    maximum: float
    lms_error: Text
    """Why the LMS has not confirmed it; empty if nothing went wrong."""
    next_try_at: datetime
    confirmed_at: datetime | None
    differs: bool = False
    """Whether another score stands by now."""


@dataclass(frozen=True)
class Row:
    """Somebody of the class."""

    person: int
    name: str
    student_id: str
    email: str
    role: Role | None
    """None: the LMS does not count them among the course's people."""
    active: bool
    attempts: int
    last_at: datetime | None
    state: State
    """Of all attempts: whether one waits, else whether one is not graded through our fault."""
    reason: str
    """Why one is not graded."""
    score: float | None
    """That stands, with lateness taken off."""
    late: float
    maximum: float | None
    stale: bool
    """Whether what stands is being worked out anew."""
    by_hand: bool
    """Whether some of the points are a person's."""
    waits: bool
    """Whether a cell of the notebook is for a person to grade, and nobody has yet: the LMS is told nothing before."""
    due_at: datetime | None
    """The extension."""
    more_attempts: int
    looks: int
    """Requests for a look that nobody answered yet."""
    sent: Sent | None

    @property
    def is_enrolled(self) -> bool:
        """Whether they are a student of the course today."""
        return self.role == "student" and self.active

    @property
    def is_staff(self) -> bool:
        """Whether they teach or assist here: what they hand in is a trial, of which the LMS hears nothing."""
        return self.role in ("teacher", "assistant")

    def is_among(self, shown: str) -> bool:
        """Whether they are of those that a count at the top of the page counts."""
        return {
            "handed-in": self.is_enrolled and self.attempts > 0,
            "missing": self.is_enrolled and self.attempts == 0,
            "waiting": self.state == "waiting",
            "ungraded": self.state == "ungraded",
            "looks": self.looks > 0,
            "refused": self.sent is not None and self.sent.state == "refused",
        }.get(shown, True)


def rows_of(session: Session, link: ResourceLink) -> list[Row]:
    """The students of the course, and whoever else handed something in; by name."""
    made: dict[int, list[Any]] = {}
    columns = (Attempt.person_id, Attempt.state, Attempt.received_at, Attempt.reason)
    for one in session.execute(
        select(*columns).where(Attempt.course_link_id == link.id).order_by(Attempt.id)
    ):
        made.setdefault(one.person_id, []).append(one)
    attempted = select(Attempt.person_id).where(Attempt.course_link_id == link.id)
    here = and_(Membership.person_id == Person.id, Membership.context_id == link.context_id)
    people = session.execute(
        select(Person, Membership.role, Membership.active)
        .outerjoin(Membership, here)
        .where(or_(Membership.role == "student", Person.id.in_(attempted)))
    ).all()
    stands = {
        one.person_id: one
        for one in session.scalars(select(FinalGrade).where(FinalGrade.course_link_id == link.id))
    }
    allowed = {
        one.person_id: one
        for one in session.scalars(select(Extension).where(Extension.course_link_id == link.id))
    }
    sent = last_sent(session, link, stands)
    looks = Counter(
        session.scalars(
            select(Attempt.person_id)
            .join(RegradeRequest, RegradeRequest.attempt_id == Attempt.id)
            .where(Attempt.course_link_id == link.id, RegradeRequest.answer.is_(None))
        )
    )
    rows = []
    for person, role, active in people:
        attempts, standing, allowance = (
            made.get(person.id, []),
            stands.get(person.id),
            allowed.get(person.id),
        )
        if not attempts and not active:
            continue  # left the course without a trace here
        state, reason = _state(attempts)
        rows.append(
            Row(
                person=person.id,
                name=person.name,
                student_id=person.student_id or "",
                email=person.email,
                role=role,
                active=bool(active),
                attempts=len(attempts),
                last_at=attempts[-1].received_at if attempts else None,
                state=state,
                reason=reason,
                score=stands_after_all(standing),
                late=standing.late if standing else 0.0,
                maximum=standing.maximum if standing else None,
                stale=standing is not None and standing.stale,
                by_hand=standing is not None and any(one.get("manual") for one in standing.cells.values()),
                waits=standing is not None and any(one.get("waits") for one in standing.cells.values()),
                due_at=allowance.due_at if allowance else None,
                more_attempts=allowance.more_attempts if allowance else 0,
                looks=looks[person.id],
                sent=sent.get(person.id),
            )
        )
    return sorted(rows, key=lambda one: (one.name.casefold(), one.student_id, one.person))


def last_sent(session: Session, link: ResourceLink, stands: Mapping[int, FinalGrade]) -> dict[int, Sent]:
    """The last delivery of everybody, by person. stands: what stands, by person."""
    counts = (Delivery.course_link_id == link.id, Delivery.state != "replaced")
    newest = select(func.max(Delivery.id)).where(*counts)
    found = {}
    for one in session.scalars(select(Delivery).where(Delivery.id.in_(newest.group_by(Delivery.person_id)))):
        standing = stands.get(one.person_id)
        score = stands_after_all(standing)
        differs = (
            standing is not None
            and score is not None
            and not standing.stale
            and (
                abs(score - one.score) > CLOSE or abs((standing.maximum or one.maximum) - one.maximum) > CLOSE
            )
        )
        found[one.person_id] = Sent(
            one.id,
            one.state,
            one.score,
            one.maximum,
            Text(ko=one.lms_error_ko or one.lms_error, en=one.lms_error),
            one.next_try_at,
            one.confirmed_at,
            differs,
        )
    return found


def stands_after_all(standing: FinalGrade | None) -> float | None:
    """The score that stands with lateness taken off, as the LMS is told; None where none stands."""
    return None if standing is None or standing.score is None else max(0.0, standing.score - standing.late)


def mistakes_of(session: Session, link: ResourceLink) -> tuple[list[Misunderstood], dict[str, Text], int]:
    """What the attempts that count misunderstood; the questions' titles; how many attempts that are."""
    counting = (
        select(Attempt.person_id, Attempt.report)
        .join(FinalGrade, FinalGrade.attempt_id == Attempt.id)
        .outerjoin(
            Membership,
            and_(Membership.person_id == Attempt.person_id, Membership.context_id == link.context_id),
        )
        .where(FinalGrade.course_link_id == link.id, Attempt.report.is_not(None))
        .where(or_(Membership.role.is_(None), Membership.role == "student"))
    )
    results: list[Result] = []
    titles: dict[str, Text] = {}
    for person, report in session.execute(counting):
        reports = [from_dict(one) for one in report.get("questions", ())]
        titles |= {one.question: one.title for one in reports}
        job = SubmissionId(str(person), link.assignment or "")
        results.append(Result(job, "graded", reports={one.question: one for one in reports}))
    return misunderstood(results), titles, len(results)


def _state(attempts: Iterable[Any]) -> tuple[State, str]:
    states: dict[str, str] = {one.state: one.reason or "" for one in attempts}
    if "queued" in states or "grading" in states:
        return "waiting", ""
    if "ungraded" in states:
        return "ungraded", states["ungraded"]
    return ("graded", "") if states else ("nothing", "")

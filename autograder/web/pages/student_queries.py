"""What a student's pages show: their own rows in this activity, and nobody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from autograder.course import Course, Tells
from autograder.grading.feedback import from_dict
from autograder.grading.question_grader import Report
from autograder.notebooks.stamp import GRADE_SUFFIX
from autograder.text import Text
from autograder.web.catalog import AssignmentInfo
from autograder.web.db import job_queue
from autograder.web.db.models import Attempt, Delivery, DeliveryState, FinalGrade, Override, RegradeRequest
from autograder.web.errors import NOT_HERE, RequestRejected
from autograder.web.pages.class_queries import CLOSE, stands_after_all
from autograder.web.policy import SubmissionPolicy, policy_for
from autograder.web.visits import Visit


@dataclass(frozen=True)
class DisplayedOverride:
    """Points or words of a person on one grade cell."""

    title: Text
    score: float | None
    points: float | None
    manual: bool
    """Whether these points stand in the place of what the grader found."""
    reason: str
    by: str


@dataclass(frozen=True)
class Overview:
    """What the first page shows."""

    terms: SubmissionPolicy
    attempts: Sequence[Attempt]
    """The oldest first; without their reports."""
    standing: FinalGrade | None
    delivery: DeliveryState | None
    """Of the newest score; None where none was announced, or the LMS has another one than stands by now."""
    given: Mapping[str, DisplayedOverride]
    """By grade cell."""
    answered: frozenset[int]
    """Attempts on which a teacher has answered a question of theirs."""


@dataclass(frozen=True)
class Judged:
    """A question of a graded attempt."""

    report: Report
    given: DisplayedOverride | None
    solution: str
    """Empty where none may be shown yet."""
    looks: Sequence[RegradeRequest]
    """What was asked about it, the oldest first."""

    @property
    def may_ask(self) -> bool:
        """Whether nothing asked about it is still open."""
        return all(look.answer is not None for look in self.looks)


def overview(session: Session, course: Course, visit: Visit, material: AssignmentInfo) -> Overview:
    """What stands for the one who looks."""
    link, person = visit.link.id, visit.person.id
    attempts = session.scalars(
        select(Attempt)
        .where(Attempt.course_link_id == link, Attempt.person_id == person)
        .order_by(Attempt.id)
        .options(defer(Attempt.report), defer(Attempt.versions))
    ).all()
    deliveries = (
        select(Delivery)
        .where(Delivery.course_link_id == link, Delivery.person_id == person, Delivery.state != "replaced")
        .order_by(Delivery.id.desc())
    )
    looks = select(RegradeRequest.attempt_id).where(
        RegradeRequest.attempt_id.in_([one.id for one in attempts]), RegradeRequest.answer.is_not(None)
    )
    standing = session.get(FinalGrade, (link, person))
    last, score = session.scalars(deliveries.limit(1)).first(), stands_after_all(standing)
    is_old = last is not None and last.state == "confirmed" and abs(last.score - (score or 0.0)) > CLOSE
    return Overview(
        terms=policy_for(session, course, visit.link, person),
        attempts=attempts,
        standing=standing,
        delivery=None if last is None or is_old else last.state,
        given=given(session, visit, material),
        answered=frozenset(session.scalars(looks)),
    )


def given(session: Session, visit: Visit, material: AssignmentInfo) -> dict[str, DisplayedOverride]:
    """What people gave or wrote, by grade cell, as it stands."""
    link, person = visit.link.id, visit.person.id
    standing = session.get(FinalGrade, (link, person))
    overrides = session.scalars(
        select(Override)
        .where(Override.course_link_id == link, Override.person_id == person)
        .order_by(Override.id)
    )
    latest = {one.cell: one for one in overrides}
    found = {}
    for cell, told in ({} if standing is None else standing.cells).items():
        comment = str(told.get("comment") or "")
        if not told.get("manual") and not comment and cell.endswith(GRADE_SUFFIX):
            continue
        why = latest.get(cell)
        applies = why is not None and why.points is not None and told.get("manual")
        question = cell.removesuffix(GRADE_SUFFIX)
        found[cell] = DisplayedOverride(
            title=material.questions.get(question, Text(ko=cell, en=cell)),
            score=told.get("score"),
            points=told.get("points"),
            manual=bool(told.get("manual")),
            reason=why.reason if why is not None and applies else comment,
            by=why.made_by if why is not None and applies else "",
        )
    return found


def own_attempt(session: Session, visit: Visit, number: int, *, lock: bool = False) -> Attempt:
    """An attempt of the one who looks, in the activity they look at. Raises Refused for any other."""
    wanted = select(Attempt).where(
        Attempt.id == number,
        Attempt.course_link_id == visit.link.id,
        Attempt.person_id == visit.person.id,
    )
    attempt: Attempt | None = session.scalars(wanted.with_for_update() if lock else wanted).first()
    if attempt is None:
        raise RequestRejected(NOT_HERE)
    return attempt


def place_of(session: Session, attempt: Attempt) -> int:
    """Which of its owner's attempts it is, from 1."""
    before = select(Attempt.id).where(
        Attempt.course_link_id == attempt.course_link_id,
        Attempt.person_id == attempt.person_id,
        Attempt.id <= attempt.id,
    )
    return len(session.scalars(before).all())


def ahead_of(session: Session, attempt: Attempt) -> int:
    """How many attempts are graded before it; 0 where it does not wait."""
    return job_queue.jobs_ahead(session, attempt.id) if attempt.state == "queued" else 0


def judged(
    session: Session, visit: Visit, attempt: Attempt, material: AssignmentInfo, tells: Tells
) -> list[Judged]:
    """The questions of an attempt, as much as may be told of them; none where it is not graded."""
    looks = session.scalars(
        select(RegradeRequest).where(RegradeRequest.attempt_id == attempt.id).order_by(RegradeRequest.id)
    ).all()
    by_people = given(session, visit, material)
    reports = [from_dict(told) for told in (attempt.report or {}).get("questions", ())]
    return [
        Judged(
            report=report,
            given=by_people.get(report.question + GRADE_SUFFIX),
            solution=material.solutions.get(report.question, "") if tells == "solution" else "",
            looks=[look for look in looks if look.question == report.question],
        )
        for report in reports
    ]


def ask_for_look(
    session: Session, visit: Visit, number: int, *, question: str, check: str, words: str, moment: datetime
) -> bool:
    """Ask for a human look at a question, or one check of it; whether nothing asked about it was open.

    Raises Refused where there is no such attempt, question or check of theirs.
    """
    # locked, so that a button pressed twice asks once
    attempt = own_attempt(session, visit, number, lock=True)
    reports: Sequence[Mapping[str, Any]] = (attempt.report or {}).get("questions", ())
    checks = {told["question"]: {one["name"] for one in told["checks"]} for told in reports}
    if question not in checks or check not in checks[question] | {""}:
        raise RequestRejected(NOT_HERE)
    unanswered = select(RegradeRequest.id).where(
        RegradeRequest.attempt_id == attempt.id,
        RegradeRequest.question == question,
        RegradeRequest.answer.is_(None),
    )
    if session.scalars(unanswered.limit(1)).first() is not None:
        return False
    session.add(
        RegradeRequest(attempt_id=attempt.id, question=question, check=check, words=words, asked_at=moment)
    )
    return True

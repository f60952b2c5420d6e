"""Queries for the student's pages: a student's own rows in one activity, and nobody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from autograder.course import Course
from autograder.course_settings import FeedbackLevel
from autograder.web.catalog import AssignmentInfo
from autograder.web.db import job_queue
from autograder.web.db.models import (
    Attempt,
    Delivery,
    DeliveryState,
    FinalGrade,
    Override,
    RegradeRequest,
    StaffMessage,
)
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.pages.class_queries import TOLERANCE, net_score
from autograder.web.pages.results import (
    DisplayedOverride,
    QuestionResult,
    displayed_overrides,
    question_results,
)
from autograder.web.policy import SubmissionPolicy, policy_for
from autograder.web.visits import Visit


@dataclass(frozen=True)
class Overview:
    """The data of the assignment page."""

    policy: SubmissionPolicy
    attempts: Sequence[Attempt]
    """The oldest first; without their reports."""
    final_grade: FinalGrade | None
    delivery: DeliveryState | None
    """State of the newest score; None if no score was announced, or if the LMS has one that no longer counts."""
    overrides: Mapping[str, DisplayedOverride]
    """By grade cell."""
    answered: frozenset[int]
    """Ids of the attempts with an answered regrade request."""
    messages: Sequence[StaffMessage]
    """Of staff to this person, the newest first."""


def load_overview(session: Session, course: Course, visit: Visit, info: AssignmentInfo) -> Overview:
    """Load the data of the assignment page."""
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
    answered = select(RegradeRequest.attempt_id).where(
        RegradeRequest.attempt_id.in_([attempt.id for attempt in attempts]),
        RegradeRequest.answer.is_not(None),
    )
    final_grade = session.get(FinalGrade, (link, person))
    last, score = session.scalars(deliveries.limit(1)).first(), net_score(final_grade)
    outdated = last is not None and last.state == "confirmed" and abs(last.score - (score or 0.0)) > TOLERANCE
    return Overview(
        policy=policy_for(session, course, visit.link, person),
        attempts=attempts,
        final_grade=final_grade,
        delivery=None if last is None or outdated else last.state,
        overrides=load_overrides(session, visit, info),
        answered=frozenset(session.scalars(answered)),
        messages=load_messages(session, link, person),
    )


def load_messages(session: Session, link: int, person: int) -> Sequence[StaffMessage]:
    """Load the messages of staff to a person in an activity, the newest first."""
    query = select(StaffMessage).where(StaffMessage.course_link_id == link, StaffMessage.person_id == person)
    return session.scalars(query.order_by(StaffMessage.id.desc())).all()


def load_overrides(session: Session, visit: Visit, info: AssignmentInfo) -> dict[str, DisplayedOverride]:
    """Load the points and comments in force that teachers gave, by grade cell."""
    link, person = visit.link.id, visit.person.id
    overrides = session.scalars(
        select(Override)
        .where(Override.course_link_id == link, Override.person_id == person)
        .order_by(Override.id)
    )
    return displayed_overrides(session.get(FinalGrade, (link, person)), overrides, info)


def find_own_attempt(session: Session, visit: Visit, number: int, *, lock: bool = False) -> Attempt:
    """Return an attempt of the visit's person in the visit's activity. Raises RequestRejected for any other."""
    query = select(Attempt).where(
        Attempt.id == number,
        Attempt.course_link_id == visit.link.id,
        Attempt.person_id == visit.person.id,
    )
    attempt: Attempt | None = session.scalars(query.with_for_update() if lock else query).first()
    if attempt is None:
        raise RequestRejected(NOT_FOUND)
    return attempt


def attempts_ahead(session: Session, attempt: Attempt) -> int:
    """Return how many attempts are graded before it; 0 if it is not queued."""
    return job_queue.jobs_ahead(session, attempt.id) if attempt.state == "queued" else 0


def load_results(
    session: Session, visit: Visit, attempt: Attempt, info: AssignmentInfo, level: FeedbackLevel, graded: Path
) -> list[QuestionResult]:
    """Load the questions of an attempt, as far as feedback may tell them; empty if it is not graded.

    graded: the graded notebook, which has the student's code.
    """
    requests = session.scalars(
        select(RegradeRequest).where(RegradeRequest.attempt_id == attempt.id).order_by(RegradeRequest.id)
    )
    return question_results(
        attempt,
        visit.language,
        graded,
        overrides=load_overrides(session, visit, info),
        requests=requests,
        solutions=info.solutions if level == "solution" else {},
    )


def request_regrade(
    session: Session, visit: Visit, number: int, *, question: str, check: str, words: str, moment: datetime
) -> bool:
    """Store a regrade request for a question, or for one check of it.

    Returns False, and stores nothing, if the question already has an open request.
    Raises RequestRejected if the visit's person has no such attempt, question or check.
    """
    # locked, so that a button pressed twice stores one request
    attempt = find_own_attempt(session, visit, number, lock=True)
    reports: Sequence[Mapping[str, Any]] = (attempt.report or {}).get("questions", ())
    checks = {report["question"]: {check["name"] for check in report["checks"]} for report in reports}
    if question not in checks or check not in checks[question] | {""}:
        raise RequestRejected(NOT_FOUND)
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

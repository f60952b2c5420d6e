"""Regrades of a class: attempts are graded again, a person looks at the scores that would change, and applies them.

A regrade that is applied can be undone, the last one first. There is one at a time in an activity, until it is applied
or discarded. Every function works in the caller's transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.errors import AutograderError
from autograder.i18n import _
from autograder.web.db.models import Attempt, ClassRegrade, RegradedAttempt, RegradeRequest, ResourceLink

UNFINISHED = ("grading", "applying", "undoing", "stopping")


class RegradeRefused(AutograderError):
    """A step of a regrade that is not possible now."""


def begin(session: Session, regrade: ClassRegrade, attempts: Iterable[int]) -> int:
    """Add a regrade of these attempts, and return its id. Raises RegradeRefused while there is another."""
    session.get_one(ResourceLink, regrade.course_link_id, with_for_update=True)
    if unfinished(session, regrade.course_link_id) is not None:
        raise RegradeRefused(
            _("There is a regrade already that is neither applied nor discarded; it is listed below.")
        )
    session.add(regrade)
    session.flush()
    session.add_all(RegradedAttempt(regrade_id=regrade.id, attempt_id=attempt) for attempt in attempts)
    return regrade.id


def unfinished(session: Session, link: int) -> ClassRegrade | None:
    """Return the regrade of an activity that is neither applied nor discarded."""
    query = select(ClassRegrade).where(
        ClassRegrade.course_link_id == link, ClassRegrade.state.in_(UNFINISHED)
    )
    return session.scalars(query).first()


def all_of(session: Session, link: int) -> list[ClassRegrade]:
    """Return the regrades of an activity, the newest first."""
    query = select(ClassRegrade).where(ClassRegrade.course_link_id == link).order_by(ClassRegrade.id.desc())
    return list(session.scalars(query))


def count(session: Session, regrade: int) -> Counter[str]:
    """Return how many attempts of a regrade are in which state."""
    query = (
        select(RegradedAttempt.state, func.count())
        .where(RegradedAttempt.regrade_id == regrade)
        .group_by(RegradedAttempt.state)
    )
    return Counter(dict(session.execute(query).tuples().all()))


def apply(
    session: Session, regrade: ClassRegrade, *, because: str, answered: Collection[str], by: str, at: datetime
) -> None:
    """Have the worker write the scores. Raises RegradeRefused if not all attempts are graded."""
    if regrade.state != "grading" or count(session, regrade.id)["waiting"]:
        raise RegradeRefused(_("This regrade cannot be applied, or not yet: see its state below."))
    regrade.state, regrade.because, regrade.answered = "applying", because, sorted(answered)
    regrade.applied_by, regrade.applied_at = by, at


def undo(session: Session, regrade: ClassRegrade, *, by: str, at: datetime) -> None:
    """Have the worker put the scores of before back. Raises RegradeRefused if it is not the last one, or undone."""
    if unfinished(session, regrade.course_link_id) is not None:
        raise RegradeRefused(_("Apply or discard the regrade that is open first."))
    applied = [other.id for other in all_of(session, regrade.course_link_id) if other.state == "applied"]
    if regrade.id not in applied:
        raise RegradeRefused(_("This regrade is not applied, so there is nothing to undo."))
    if regrade.id != applied[0]:
        raise RegradeRefused(_("Another regrade was applied after this one; undo that one first."))
    regrade.state, regrade.undone_by, regrade.undone_at = "undoing", by, at


def discard(regrade: ClassRegrade) -> None:
    """Have the worker stop grading, and forget the results. Raises RegradeRefused once it is applied."""
    if regrade.state != "grading":
        raise RegradeRefused(_("This regrade is applied already; undo it instead."))
    regrade.state = "stopping"


def open_requests(session: Session, link: int) -> Counter[str]:
    """Return how many regrade requests wait for an answer, by question."""
    query = (
        select(RegradeRequest.question, func.count())
        .join(Attempt, Attempt.id == RegradeRequest.attempt_id)
        .where(Attempt.course_link_id == link, RegradeRequest.answer.is_(None))
        .group_by(RegradeRequest.question)
    )
    return Counter(dict(session.execute(query).tuples().all()))


def answer_requests(session: Session, regrade: ClassRegrade, *, at: datetime) -> None:
    """Answer the open requests that a regrade answers, with its reason."""
    requests = (
        select(RegradeRequest)
        .join(Attempt, Attempt.id == RegradeRequest.attempt_id)
        .where(
            Attempt.course_link_id == regrade.course_link_id,
            RegradeRequest.answer.is_(None),
            RegradeRequest.question.in_(regrade.answered),
            RegradeRequest.asked_at <= regrade.applied_at,
        )
        .with_for_update(of=RegradeRequest)
    )
    for request in session.scalars(requests):
        request.answer, request.answered_by, request.answered_at = regrade.because, regrade.applied_by, at

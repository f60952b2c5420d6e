"""Explains a question's score: it is run once more, and the page shows every case that was checked."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.text import Text
from autograder.web.context import tool
from autograder.web.db.models import Attempt, FinalGrade, Replay
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.pages.staff.access import (
    NUMBER,
    STAFF,
    authenticate_staff,
    find_attempt,
    log_change,
    show,
)
from autograder.web.pages.staff.answers import card_context, load_attempts
from autograder.web.pages.staff.student import anchor, reports_of
from autograder.web.visits import Visit

blueprint = Blueprint("explanation", __name__, url_prefix=f"{STAFF}/attempts/{NUMBER}/why/<question>")


@blueprint.post("")
def request_replay(visit_name: str, number: int, question: str) -> ResponseReturnValue:
    """Have a question run again, unless a replay is already waiting."""
    visit = authenticate_staff(visit_name)
    with tool.database.write() as session:
        attempt, replay = _load(session, visit, number, question)
        student = attempt.person.pseudonym
        if replay is None or replay.seen is not None:
            moment = tool.clock()
            session.add(Replay(attempt_id=number, question=question, asked_at=moment, free_at=moment))
    log_change(visit, f"requested a replay of attempt {number}", student)
    return redirect(url_for(".page", visit_name=visit_name, number=number, question=question), 303)


@blueprint.get("")
def page(visit_name: str, number: int, question: str) -> ResponseReturnValue:
    """Show a question's feedback and the results of its last replay."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        attempt, replay = _load(session, visit, number, question)
        person = attempt.person
        grade = session.get(FinalGrade, (visit.link.id, person.id))
        shown = load_attempts(session, visit, [attempt], {person.id: grade} if grade else {})[number]
    return show(
        visit,
        "staff/explanation.html",
        **card_context(visit),
        attempt=attempt,
        person=person,
        shown=shown,
        result=shown.result(question),
        place=anchor(number, question),
        replay=replay,
        seen=replay.seen if replay else None,
        text=lambda data: Text(**data).in_language(visit.language),
    )


def _load(session: Session, visit: Visit, number: int, question: str) -> tuple[Attempt, Replay | None]:
    """Return an attempt and the last replay of a question. Raises RequestRejected if there is no such question."""
    attempt = find_attempt(session, visit, number)
    if question not in reports_of(attempt):
        raise RequestRejected(NOT_FOUND)
    replays = (
        select(Replay)
        .where(Replay.attempt_id == number, Replay.question == question)
        .order_by(Replay.id.desc())
    )
    return attempt, session.scalars(replays.limit(1)).first()

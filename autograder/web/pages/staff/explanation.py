"""Why a question earned its points: it is run once more for staff, and the page shows what was seen."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.text import Text
from autograder.web.context import Tool
from autograder.web.db.models import Attempt, Replay
from autograder.web.errors import NOT_HERE, RequestRejected
from autograder.web.pages.staff.access import NUMBER, attempt, note, show, staff
from autograder.web.pages.staff.student import reports_of
from autograder.web.visits import Visit


def add_why(blueprint: Blueprint, tool: Tool) -> None:
    """Add asking, and what was seen."""

    def asked(session: Session, who: Visit, number: int, question: str) -> tuple[Attempt, Replay | None]:
        found = attempt(session, who, number)
        if question not in reports_of(found):
            raise RequestRejected(NOT_HERE)
        same = (Replay.attempt_id == number, Replay.question == question)
        return found, session.scalars(select(Replay).where(*same).order_by(Replay.id.desc()).limit(1)).first()

    @blueprint.post(f"/staff/attempts/{NUMBER}/why/<question>")
    def ask_why(visit: str, number: int, question: str) -> ResponseReturnValue:
        who = staff(tool, visit)
        with tool.database.write() as session:
            found, last = asked(session, who, number, question)
            whom = found.person.pseudonym
            if last is None or last.seen is not None:
                moment = tool.clock()
                session.add(Replay(attempt_id=number, question=question, asked_at=moment, free_at=moment))
        note(who, f"asked why attempt {number} earned its points", whom)
        url = url_for("pages.why", visit=visit, number=number, question=question)
        return redirect(url, 303)

    @blueprint.get(f"/staff/attempts/{NUMBER}/why/<question>")
    def why(visit: str, number: int, question: str) -> ResponseReturnValue:
        who = staff(tool, visit)
        with tool.database.read() as session:
            found, replay = asked(session, who, number, question)
            person = found.person
        return show(
            tool,
            who,
            "staff/explanation.html",
            attempt=found,
            person=person,
            question=question,
            report=reports_of(found)[question],
            replay=replay,
            seen=replay.seen if replay else None,
            text=lambda told: Text(**told).in_language(who.language),
        )

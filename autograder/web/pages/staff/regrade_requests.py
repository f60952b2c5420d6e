"""Students' requests for a human look, and the answers."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from autograder.text import Text
from autograder.web.context import Tool
from autograder.web.db.models import Attempt, FinalGrade, RegradeRequest
from autograder.web.errors import NOT_HERE, RequestRejected
from autograder.web.pages.staff.access import NUMBER, attempt, cell_of, done, note, show, signature, staff
from autograder.web.pages.staff.forms import FormError, words_of
from autograder.web.pages.staff.overrides import give_points
from autograder.web.pages.staff.student import reports_of
from autograder.web.visits import Visit

RECENT = 50
"""Answered requests that the page still shows."""


def add_looks(blueprint: Blueprint, tool: Tool) -> None:
    """Add the list of requests, and answering."""

    def page(who: Visit, problem: Text | None = None) -> Response:
        here = (
            select(RegradeRequest)
            .join(Attempt)
            .where(Attempt.course_link_id == who.link.id)
            .options(selectinload(RegradeRequest.attempt).selectinload(Attempt.person))
        )
        with tool.database.read() as session:
            waiting = session.scalars(
                here.where(RegradeRequest.answer.is_(None)).order_by(RegradeRequest.id)
            ).all()
            answered = session.scalars(
                here.where(RegradeRequest.answer.is_not(None))
                .order_by(RegradeRequest.answered_at.desc(), RegradeRequest.id)
                .limit(RECENT)
            ).all()
            stands = {
                one.person_id: one.cells
                for one in session.scalars(
                    select(FinalGrade).where(
                        FinalGrade.course_link_id == who.link.id,
                        FinalGrade.person_id.in_({one.attempt.person_id for one in waiting}),
                    )
                )
            }
        reports = {one.attempt_id: reports_of(one.attempt) for one in (*waiting, *answered)}
        return show(
            tool,
            who,
            "staff/regrade_requests.html",
            problem=problem,
            waiting=waiting,
            answered=answered,
            report=lambda look: reports[look.attempt_id].get(look.question),
            cell=lambda look: stands.get(look.attempt.person_id, {}).get(cell_of(look.question)),
        )

    @blueprint.get("/staff/looks")
    def looks(visit: str) -> ResponseReturnValue:
        return page(staff(tool, visit))

    @blueprint.post(f"/staff/looks/{NUMBER}")
    def answer(visit: str, number: int) -> ResponseReturnValue:
        who = staff(tool, visit)
        try:
            with tool.database.write() as session:
                look = session.get(RegradeRequest, number, with_for_update=True)
                if look is None:
                    raise RequestRejected(NOT_HERE)
                person = attempt(session, who, look.attempt_id).person
                if look.answer is not None:
                    raise FormError(
                        ko=f"{look.answered_by} 님이 그사이에 답했습니다. 답은 아래에 있습니다.",
                        en=f"{look.answered_by} answered this in the meantime; the answer stands below.",
                    )
                words = words_of(
                    request.form.get("answer", ""),
                    ko="답을 써 주세요. 학생이 자기 화면에서 읽습니다.",
                    en="Write an answer; the student reads it on their page.",
                )
                typed = request.form.get("points", "")
                if typed.strip():
                    give_points(tool, session, who, person.id, cell_of(look.question), typed, words)
                look.answer, look.answered_by, look.answered_at = words, signature(who), tool.clock()
        except FormError as mistyped:
            return page(who, mistyped.told)
        note(who, "answered a request for a look", person.pseudonym)
        return done(who, "looks", "answered")

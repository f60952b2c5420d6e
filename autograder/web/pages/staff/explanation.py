"""Explains a question's score by the failing cases that were kept when the attempt was graded."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from autograder.engine.replay import draw_notes
from autograder.web.context import tool
from autograder.web.db import kept_cases
from autograder.web.db.models import FinalGrade
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

blueprint = Blueprint("explanation", __name__, url_prefix=f"{STAFF}/attempts/{NUMBER}/why/<question>")


@blueprint.get("")
def page(visit_name: str, number: int, question: str) -> ResponseReturnValue:
    """Show a question's feedback and its failing cases."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        attempt = find_attempt(session, visit, number)
        report = reports_of(attempt).get(question)
        if report is None:
            raise RequestRejected(NOT_FOUND)
        person = attempt.person
        grade = session.get(FinalGrade, (visit.link.id, person.id))
        shown = load_attempts(session, visit, [attempt], {person.id: grade} if grade else {})[number]
        kept = kept_cases.load(session, number, question)
    log_change(visit, f"opened the failing cases of attempt {number}", person.pseudonym)
    checks = {check.name: check for check in report.checks}
    return show(
        visit,
        "staff/explanation.html",
        **card_context(visit),
        attempt=attempt,
        person=person,
        shown=shown,
        result=shown.result(question),
        place=anchor(number, question),
        report=report,
        kept=kept,
        failing=[(checks[one.name], one) for one in kept.checks if one.name in checks] if kept else [],
        notes=draw_notes(report),
    )

"""Deliveries: scores that wait to be sent to the LMS, that it refused, and that it confirmed."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from autograder.web.context import tool
from autograder.web.db import outbox
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.pages.class_queries import Row, load_rows
from autograder.web.pages.class_view import SENT, View, search, sections_of
from autograder.web.pages.sections import load_sections
from autograder.web.pages.staff.access import (
    STAFF,
    authenticate_staff,
    log_change,
    parse_ids,
    redirect_with_notice,
    show,
)
from autograder.web.visits import Visit

blueprint = Blueprint("deliveries", __name__, url_prefix=f"{STAFF}/deliveries")


@blueprint.get("")
def page(visit_name: str) -> ResponseReturnValue:
    """Show the last delivery of each student."""
    visit = authenticate_staff(visit_name)
    rows = _load_rows(visit)
    counts = {state: sum(map(belongs, rows)) for state, belongs in SENT.items()}
    sections = sections_of(rows)
    shown = search(rows, View.of(request.args, SENT, sections=sections, sort="lms"), SENT)
    return show(
        visit,
        "staff/deliveries.html",
        shown=shown,
        view=shown.view,
        sections=sections,
        counts=counts,
        people=len(rows),
    )


@blueprint.post("")
def resend(visit_name: str) -> ResponseReturnValue:
    """Send one refused score again, or all of them if none is named."""
    visit = authenticate_staff(visit_name)
    refused = {
        row.delivery.id: row.person
        for row in _load_rows(visit)
        if row.delivery and row.delivery.state == "refused"
    }
    named = request.form.get("delivery", "")
    chosen = parse_ids([named]) if named else sorted(refused, key=lambda delivery: refused[delivery])
    if named and (not chosen or chosen[0] not in refused):
        raise RequestRejected(NOT_FOUND)
    with tool.database.write() as session:
        count = sum(outbox.resend(session, delivery, at=tool.clock()) for delivery in chosen)
    log_change(visit, f"sent {count} refused scores again")
    return redirect_with_notice(visit, "deliveries.page", "sent", n=count)


def _load_rows(visit: Visit) -> list[Row]:
    with tool.database.read() as session:
        rows = load_rows(session, visit.link, load_sections())
    return [row for row in rows if row.delivery or (row.score is not None and not row.is_staff)]

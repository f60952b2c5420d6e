"""What the LMS was told: scores that wait, that it refused, and that it has; and sending the refused ones again."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from autograder.web.context import Tool
from autograder.web.db.outbox import send_again
from autograder.web.errors import NOT_HERE, RequestRejected
from autograder.web.pages.class_queries import Row, rows_of
from autograder.web.pages.staff.access import done, note, numbers_of, show, staff
from autograder.web.visits import Visit

ORDER = ("refused", "waiting", "confirmed")


def add_deliveries(blueprint: Blueprint, tool: Tool) -> None:
    """Add the list of scores on their way, and sending again."""

    def told(who: Visit) -> list[Row]:
        with tool.database.read() as session:
            rows = rows_of(session, who.link)
        return [row for row in rows if row.sent or (row.score is not None and not row.is_staff)]

    @blueprint.get("/staff/deliveries")
    def deliveries(visit: str) -> ResponseReturnValue:
        who = staff(tool, visit)
        rows = told(who)
        rows.sort(key=lambda row: ORDER.index(row.sent.state) if row.sent else 0)
        counts = {
            state: sum(row.sent is not None and row.sent.state == state for row in rows) for state in ORDER
        }
        return show(tool, who, "staff/deliveries.html", rows=rows, counts=counts)

    @blueprint.post("/staff/deliveries")
    def send(visit: str) -> ResponseReturnValue:
        """One delivery, or all that the LMS refused where none is named."""
        who = staff(tool, visit)
        refused = {
            row.sent.delivery: row.person for row in told(who) if row.sent and row.sent.state == "refused"
        }
        named = request.form.get("delivery", "")
        chosen = numbers_of([named]) if named else sorted(refused, key=lambda one: refused[one])
        if named and (not chosen or chosen[0] not in refused):
            raise RequestRejected(NOT_HERE)
        with tool.database.write() as session:
            sent = sum(send_again(session, one, at=tool.clock()) for one in chosen)
        note(who, f"sent {sent} refused scores again")
        return done(who, "deliveries", "sent", n=sent)

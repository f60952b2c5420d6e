"""The tabs of the staff pages, and what waits behind each."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.i18n import _, pgettext
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.db.models import Attempt, Delivery, RegradeRequest, ResourceLink
from autograder.web.pages.class_queries import newest_deliveries
from autograder.web.visits import Visit

TABS = (
    ("class_list.page", _("Class")),
    ("class_report.page", pgettext("on a class", "Report")),
    ("regrade_requests.page", _("Requests")),
    ("deliveries.page", _("LMS scores")),
    ("activity_settings.page", _("Settings")),
    ("student.assignment", _("Student view")),
)
"""Each page stands under the tab of its blueprint, else under the class, of whose students it is."""


@dataclass(frozen=True)
class Waiting:
    """What waits for staff in an activity."""

    requests: int
    """Open regrade requests."""
    ungraded: int
    """Students of whom an attempt could not be graded, and none is being graded."""
    refused: int
    """Students whose last score the LMS refused."""


@dataclass(frozen=True)
class Tab:
    """A tab of the navigation."""

    url: str
    name: Text
    current: str
    """The value of aria-current; empty for a tab that the page does not stand under."""
    waiting: Text | None
    """The text on what waits there, with the number; None if nothing does."""
    number: int
    """How much waits there."""


def load_waiting(session: Session, link: ResourceLink) -> Waiting:
    """Count what waits for staff, in one query."""
    requests = (
        select(func.count(RegradeRequest.id))
        .join(Attempt)
        .where(Attempt.course_link_id == link.id, RegradeRequest.answer.is_(None))
    )
    attempts = select(Attempt.person_id).where(Attempt.course_link_id == link.id)
    ungraded = select(func.count(Attempt.person_id.distinct())).where(
        Attempt.course_link_id == link.id,
        Attempt.state == "ungraded",
        Attempt.person_id.not_in(attempts.where(Attempt.state.in_(("queued", "grading")))),
    )
    refused = select(func.count(Delivery.id)).where(
        Delivery.id.in_(newest_deliveries(link)), Delivery.state == "refused"
    )
    counts = select(*(query.scalar_subquery() for query in (requests, ungraded, refused)))
    return Waiting(*session.execute(counts).one())


def tabs_of(visit: Visit) -> list[Tab]:
    """Return the tabs, as the page of the current request shows them; none for students."""
    if not visit.is_staff:
        return []
    with tool.database.read() as session:
        waiting = _texts(load_waiting(session, visit.link))
    here = request.endpoint or ""
    group = here.partition(".")[0]
    above = next((endpoint for endpoint, _name in TABS if endpoint.startswith(f"{group}.")), TABS[0][0])
    tabs = []
    for endpoint, name in TABS:
        text, number = waiting.get(endpoint, (None, 0))
        current = "page" if here == endpoint else "true" if above == endpoint else ""
        tabs.append(Tab(url_for(endpoint, visit_name=visit.name), name, current, text, number))
    return tabs


def _texts(waiting: Waiting) -> dict[str, tuple[Text | None, int]]:
    """Return what waits behind a tab, and how much, by endpoint."""
    texts = (
        ("class_list.page", waiting.ungraded, _("{n} not graded", n=waiting.ungraded)),
        ("regrade_requests.page", waiting.requests, _("{n} open", n=waiting.requests)),
        ("deliveries.page", waiting.refused, _("{n} refused", n=waiting.refused)),
    )
    return {endpoint: (text, number) for endpoint, number, text in texts if number}

"""Access control, rendering and notices of all staff pages.

Assistants see everything and may do whatever concerns single students: points, extensions, regrade requests,
regrading. The settings of the activity, which hold for the whole class, are for teachers only.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, g, make_response, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.errors import AutograderError
from autograder.i18n import _
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.db.models import Attempt, Membership, Person
from autograder.web.errors import NOT_FOUND, TEACHERS_ONLY, RequestRejected
from autograder.web.pages import render
from autograder.web.pages.forms import FormError, Problem
from autograder.web.visits import Visit, authenticate

log = logging.getLogger(__name__)
STAFF = "/v/<visit_name>/staff"
MAX_ID = 2**31 - 1
"""The largest id that a database gives its rows."""
PERSON = f"<int(max={MAX_ID}):person>"
NUMBER = f"<int(max={MAX_ID}):number>"

NOTICES: Mapping[str, Text] = {
    "points": _("The points are given. They will count shortly, and the new score will be sent to the LMS."),
    "back": _("The points given by hand are taken back. What the grader found will count again in a moment."),
    "allowed": _("Granted. Students: {n}"),
    "disallowed": _("What was granted is taken back."),
    "message": _("Sent. The message stands on the page of the assignment. Students: {n}"),
    "regrade": _("To be graded again. Attempts: {n}"),
    "regrade-begun": _("The regrade has begun. No score changes before it is applied."),
    "regrade-applied": _("The new scores are being written."),
    "regrade-undone": _("The scores of before are being put back."),
    "regrade-discarded": _("The regrade is discarded. No score has changed."),
    "regrade-stopped": _("Stopped. Attempts that keep what they have: {n}"),
    "settings": _("The settings are saved."),
    "settings-shortened": _(
        "The settings are saved. Extensions that would now end before the due date are dropped. Students: {n}"
    ),
    "sent": _("To be sent again. Scores: {n}"),
    "answered": _("Answered. The student can read it on their page."),
    "roster": _("The roster is fetched. People: {n}"),
}


def admit_staff(visit_name: str) -> None:
    """Admit the visit of the current request, before any view of a staff page runs. Raises RequestRejected."""
    g.admitted = authenticate(tool.database, visit_name, clock=tool.clock, staff=True)


def authenticate_staff(visit_name: str, *, teacher: bool = False) -> Visit:
    """Return the visit that `admit_staff` has admitted.

    teacher: whether assistants are refused. Raises RequestRejected for those.
    """
    visit: Visit = g.admitted
    assert visit.name == visit_name
    if teacher and visit.role != "teacher":
        raise RequestRejected(TEACHERS_ONLY)
    return visit


def show(
    visit: Visit, template: str, *, problem: Problem | None = None, status: int = 0, **values: Any
) -> Response:
    """Render a staff page. problem: why the submitted form changed nothing; the page then keeps its input.

    The page shows the messages of a FormError at the fields that it names, too.
    """
    message = problem.message if isinstance(problem, AutograderError) else problem
    assignment = tool.course.assignment(visit.assignment)
    page = render.show(
        visit,
        template,
        hidden_until=assignment.hidden_until(tool.clock()),
        title=assignment.title.in_language(visit.language),
        notice=_notice(visit.language),
        at=request.args.get("at", ""),
        problem=message,
        refused=problem.errors if isinstance(problem, FormError) else {},
        typed=request.form if problem else {},
        **values,
    )
    page.status_code = status or (422 if problem else 200)
    return page


def attachment(content: bytes | Iterable[bytes], mimetype: str, name: str) -> Response:
    """Return a file that the browser saves under a name."""
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def redirect_with_notice(
    visit: Visit, endpoint: str, notice: str, *, n: int = 1, anchor: str | None = None, **values: Any
) -> Response:
    """Redirect to a page that shows a notice of `NOTICES`. n: the number in its text.

    values: of the URL; with `at`, the page shows the notice there, if it has such a place.
    """
    url = url_for(endpoint, visit_name=visit.name, done=notice, n=n, _anchor=anchor, **values)
    return make_response(redirect(url, 303))


def log_change(visit: Visit, change: str, student: str = "") -> None:
    """Log who changed what, under pseudonyms."""
    log.info(
        "%s (%s) in link %d: %s%s",
        visit.person.pseudonym,
        visit.role,
        visit.link.id,
        change,
        student and f" for {student}",
    )


def display_name(visit: Visit) -> str:
    """Return the name that appears beside the points and answers that this person gives."""
    return visit.person.name or visit.person.student_id or visit.person.pseudonym


def find_student(session: Session, visit: Visit, person_id: int) -> Person:
    """Return a member of the course, or someone who has an attempt here. Raises RequestRejected for others."""
    person = session.get(Person, person_id)
    member = session.get(Membership, (person_id, visit.context.id))
    attempted = select(Attempt.id).where(
        Attempt.course_link_id == visit.link.id, Attempt.person_id == person_id
    )
    if person is None or (member is None and session.scalars(attempted.limit(1)).first() is None):
        raise RequestRejected(NOT_FOUND)
    return person


def find_attempt(session: Session, visit: Visit, number: int) -> Attempt:
    """Return an attempt of this activity. Raises RequestRejected for any other."""
    attempt = session.get(Attempt, number)
    if attempt is None or attempt.course_link_id != visit.link.id:
        raise RequestRejected(NOT_FOUND)
    return attempt


def parse_ids(values: Iterable[str]) -> list[int]:
    """Return the ids of rows in the fields of a form, sorted; anything else is ignored."""
    ids = {int(value) for value in values if value.isdecimal() and len(value) < 11}
    return sorted(number for number in ids if number <= MAX_ID)


def _notice(language: str) -> str:
    text = NOTICES.get(request.args.get("done", ""))
    count = request.args.get("n", "")
    if text is None or request.method == "POST":
        return ""
    return text.in_language(language).format(n=count if count.isdecimal() and len(count) < 7 else "")

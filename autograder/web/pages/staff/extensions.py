"""Extensions: more attempts or a later due date for single students."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from autograder.i18n import _, moment_text
from autograder.web.context import tool
from autograder.web.db.final_grades import mark_stale
from autograder.web.db.locking import lock_people
from autograder.web.db.models import Extension, Person, ResourceLink
from autograder.web.pages.staff.access import (
    PERSON,
    STAFF,
    authenticate_staff,
    display_name,
    find_student,
    log_change,
    parse_ids,
    redirect_with_notice,
)
from autograder.web.pages.staff.class_list import class_page
from autograder.web.pages.staff.forms import FormError, parse_count, parse_moment
from autograder.web.pages.staff.student import student_page
from autograder.web.policy import policy_for
from autograder.web.visits import Visit

MAX_MORE_ATTEMPTS = 20
"""More attempts than anyone means to grant at once."""

blueprint = Blueprint("extensions", __name__, url_prefix=STAFF)


@blueprint.post(f"/people/{PERSON}/allow")
def grant_one(visit_name: str, person: int) -> ResponseReturnValue:
    """Grant an extension to one student, or revoke it."""
    visit = authenticate_staff(visit_name)
    revoke = bool(request.form.get("back"))
    try:
        _grant(visit, [person], revoke=revoke)
    except FormError as error:
        return student_page(visit, person, error.message)
    notice = "disallowed" if revoke else "allowed"
    return redirect_with_notice(visit, "staff_student.page", notice, person=person, anchor="granted")


@blueprint.post("/allow")
def grant_many(visit_name: str) -> ResponseReturnValue:
    """Grant an extension to the students ticked in the table of the class."""
    visit = authenticate_staff(visit_name)
    ticked = parse_ids(request.form.getlist("person"))
    try:
        _grant(visit, ticked, revoke=False)
    except FormError as error:
        return class_page(visit, error.message)
    return redirect_with_notice(visit, "class_list.page", "allowed", n=len(ticked))


def _grant(visit: Visit, people: list[int], *, revoke: bool) -> None:
    """Apply the form to all of the people, or to none. Raises FormError, and RequestRejected for a stranger."""
    due = parse_moment(request.form.get("due_at", ""), tool.course.zone)
    more = parse_count(request.form.get("more_attempts", ""), maximum=MAX_MORE_ATTEMPTS) or 0
    if not people:
        raise FormError(_("Select some students in the table of the class first."))
    if not revoke and due is None and not more:
        raise FormError(_("Write how many more attempts, or the new due date."))
    if more and visit.link.attempts_allowed is None:
        raise FormError(_("This activity has no limit of attempts, so there is nothing to grant."))
    with tool.database.write() as session:
        pseudonyms = []
        # a weak lock: it puts changes of extensions one after another; submissions and the worker do not wait
        session.get_one(ResourceLink, visit.link.id, with_for_update={"key_share": True})
        lock_people(session, people, shared=True)
        for number in people:
            person = find_student(session, visit, number)
            if due is not None and not revoke:
                _check_later(session, visit, person, due)
            extension = session.get(Extension, (visit.link.id, number), populate_existing=True)
            if extension is None:
                extension = Extension(course_link_id=visit.link.id, person_id=number, more_attempts=0)
                session.add(extension)
            if revoke:
                extension.due_at, extension.more_attempts = None, 0
            else:
                extension.due_at = due or extension.due_at
                extension.more_attempts += more
            extension.made_by, extension.made_at = display_name(visit), tool.clock()
            session.flush()
            mark_stale(session, visit.link.id, number)
            pseudonyms.append(person.pseudonym)
    for pseudonym in pseudonyms:
        log_change(visit, "revoked an extension" if revoke else "granted an extension", pseudonym)


def _check_later(session: Session, visit: Visit, person: Person, new_due: datetime) -> None:
    """Raise FormError if an extension would give a student no more time."""
    due = policy_for(session, tool.course, visit.link, person.id).due_at
    name = person.name or person.student_id or "–"
    if due is None:
        raise FormError(_("This activity has no due date, so there is nothing to extend."))
    if new_due <= due:
        moment = moment_text(due, tool.course.zone)
        raise FormError(
            _(
                "The new due date has to be later than the present one. {name}: due {shown}",
                name=name,
                shown=moment,
            )
        )

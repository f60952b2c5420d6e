"""Extensions: more attempts or a later due date for single students."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.i18n import _, moment_text
from autograder.web.context import tool
from autograder.web.db.final_grades import mark_stale
from autograder.web.db.locking import lock_people
from autograder.web.db.models import Extension, Person, ResourceLink
from autograder.web.pages.forms import Form, FormError, MomentField, count_field
from autograder.web.pages.staff.access import (
    PERSON,
    STAFF,
    authenticate_staff,
    display_name,
    find_student,
    log_change,
    redirect_with_notice,
)
from autograder.web.pages.staff.class_list import class_page, redirect_to_class
from autograder.web.pages.staff.selection import load_students, named, selected_ids
from autograder.web.pages.staff.student import student_page
from autograder.web.visits import Visit

MAX_MORE_ATTEMPTS = 20
"""More attempts than anyone means to grant at once."""

blueprint = Blueprint("extensions", __name__, url_prefix=STAFF)


class ExtensionForm(Form):
    """An extension: more attempts, a new due date, or both."""

    due_at = MomentField()
    more_attempts = count_field(maximum=MAX_MORE_ATTEMPTS)


@blueprint.post(f"/people/{PERSON}/allow")
def grant_one(visit_name: str, person: int) -> ResponseReturnValue:
    """Grant an extension to one student, or revoke it."""
    visit = authenticate_staff(visit_name)
    revoke = bool(request.form.get("back"))
    try:
        if revoke:
            _revoke(visit, person)
        else:
            _grant(visit, [person], find_students=lambda session: [find_student(session, visit, person)])
    except FormError as error:
        return student_page(visit, person, error)
    notice = "disallowed" if revoke else "allowed"
    return redirect_with_notice(visit, "staff_student.page", notice, person=person, anchor="granted")


@blueprint.post("/allow")
def grant_many(visit_name: str) -> ResponseReturnValue:
    """Grant an extension to the students selected in the table of the class."""
    visit = authenticate_staff(visit_name)
    try:
        selected = selected_ids()
        _grant(visit, selected, find_students=lambda session: load_students(session, visit, selected))
    except FormError as error:
        return class_page(visit, error)
    return redirect_to_class(visit, "allowed", len(selected))


def _grant(
    visit: Visit, people: Sequence[int], *, find_students: Callable[[Session], Sequence[Person]]
) -> None:
    """Apply the form to all of the people, or to none. Raises FormError, and whatever `find_students` raises."""
    form = ExtensionForm(request.form)
    form.check()
    due, more = form.due_at.data, int(form.more_attempts.data or 0)
    if due is None and not more:
        raise FormError(_("Write how many more attempts, or the new due date."), "due_at")
    if more and visit.link.attempts_allowed is None:
        raise FormError(
            _("This activity has no limit of attempts, so there is nothing to grant."), "more_attempts"
        )
    if due is not None and due <= tool.clock():
        moment = moment_text(due, tool.course.zone)
        raise FormError(_("New due date: {moment} is in the past.", moment=moment), "due_at")
    with tool.database.write() as session:
        _lock(session, visit, people)
        students = find_students(session)
        extensions = _extensions(session, visit, people)
        if due is not None:
            _check_later(visit, students, extensions, due)
        for student in students:
            extension = extensions.get(student.id)
            if extension is None:
                extension = Extension(course_link_id=visit.link.id, person_id=student.id, more_attempts=0)
                session.add(extension)
            extension.due_at = due or extension.due_at
            extension.more_attempts += more
            extension.made_by, extension.made_at = display_name(visit), tool.clock()
        session.flush()
        for student in students:
            mark_stale(session, visit.link.id, student.id)
    for student in students:
        log_change(visit, "granted an extension", student.pseudonym)


def _revoke(visit: Visit, person: int) -> None:
    with tool.database.write() as session:
        _lock(session, visit, [person])
        student = find_student(session, visit, person)
        if extension := _extensions(session, visit, [person]).get(person):
            extension.due_at, extension.more_attempts = None, 0
            extension.made_by, extension.made_at = display_name(visit), tool.clock()
        session.flush()
        mark_stale(session, visit.link.id, person)
    log_change(visit, "revoked an extension", student.pseudonym)


def _lock(session: Session, visit: Visit, people: Sequence[int]) -> None:
    # a weak lock: it puts changes of extensions one after another; submissions and the worker do not wait
    session.get_one(ResourceLink, visit.link.id, with_for_update={"key_share": True})
    lock_people(session, people, shared=True)


def _extensions(session: Session, visit: Visit, people: Sequence[int]) -> dict[int, Extension]:
    query = select(Extension).where(
        Extension.course_link_id == visit.link.id, Extension.person_id.in_(people)
    )
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {extension.person_id: extension for extension in rows}


def _check_later(
    visit: Visit, students: Sequence[Person], extensions: Mapping[int, Extension], new_due: datetime
) -> None:
    """Raise FormError, with the name, if an extension would give a student no more time."""
    of_class = visit.link.due_at or tool.course.assignment(visit.assignment).due
    for student in students:
        extension = extensions.get(student.id)
        due = (extension.due_at if extension else None) or of_class
        if due is None:
            raise FormError(_("There is no due date to extend. Set one under Settings first."), "due_at")
        if new_due <= due:
            raise FormError(
                _(
                    "The new due date has to be later than the present one. {name}: due {shown}",
                    name=named([student]),
                    shown=moment_text(due, tool.course.zone),
                ),
                "due_at",
            )

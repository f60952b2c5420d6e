"""Messages of staff to selected students, who read them on the page of the assignment."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from autograder.i18n import _
from autograder.web.context import tool
from autograder.web.db.locking import lock_people
from autograder.web.db.models import StaffMessage
from autograder.web.pages.forms import Form, FormError, TextField
from autograder.web.pages.staff.access import STAFF, authenticate_staff, display_name, log_change
from autograder.web.pages.staff.class_list import class_page, redirect_to_class
from autograder.web.pages.staff.selection import load_students, selected_ids

blueprint = Blueprint("staff_messages", __name__, url_prefix=STAFF)


class MessageForm(Form):
    """A message to students."""

    words = TextField(_("Message: write what the students shall read."))


@blueprint.post("/selection/message")
def send(visit_name: str) -> ResponseReturnValue:
    """Send a message to the students selected in the table of the class."""
    visit = authenticate_staff(visit_name)
    try:
        selected = selected_ids()
        form = MessageForm(request.form)
        form.check()
        words = form.words.data
        with tool.database.write() as session:
            lock_people(session, selected, shared=True)
            students = load_students(session, visit, selected)
            # a second press of the button sends nothing twice
            newest = (
                select(func.max(StaffMessage.id))
                .where(StaffMessage.course_link_id == visit.link.id, StaffMessage.person_id.in_(selected))
                .group_by(StaffMessage.person_id)
            )
            have_it = {
                *session.scalars(
                    select(StaffMessage.person_id).where(
                        StaffMessage.id.in_(newest), StaffMessage.words == words
                    )
                )
            }
            session.add_all(
                StaffMessage(
                    course_link_id=visit.link.id,
                    person_id=student.id,
                    words=words,
                    made_by=display_name(visit),
                    made_at=tool.clock(),
                )
                for student in students
                if student.id not in have_it
            )
    except FormError as error:
        return class_page(visit, error)
    for student in students:
        log_change(visit, "sent a message", student.pseudonym)
    return redirect_to_class(visit, "message", len(students))

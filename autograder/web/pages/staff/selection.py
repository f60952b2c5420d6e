"""The students who are selected in the table of the class."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask import request
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from autograder.i18n import _
from autograder.text import Text, joined
from autograder.web.db.models import Attempt, Membership, Person
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.pages.forms import FormError
from autograder.web.pages.staff.access import parse_ids
from autograder.web.visits import Visit

FIELDS = ("person", "kept", "all")
"""Of the form: rows of the page, people selected on other pages, and everybody whom the search found."""
FIELD = "person"
MAX_NAMED = 5
"""People whom a message names."""


def selected_ids() -> list[int]:
    """Return the ids of the people selected in the form of the current request, sorted. Raises FormError if none is."""
    values = (number for field in FIELDS for text in request.form.getlist(field) for number in text.split())
    if not (people := parse_ids(values)):
        raise FormError(_("Students: nobody is selected. Select some in the table first."), FIELD)
    return people


def load_students(session: Session, visit: Visit, people: Collection[int]) -> Sequence[Person]:
    """Return these people in the order of their ids.

    Raises FormError, with their names, if some are no students of the course any more, and RequestRejected for
    whoever neither is in the course nor handed in.
    """
    of_course = and_(Membership.person_id == Person.id, Membership.context_id == visit.context.id)
    rows = session.execute(
        select(Person, Membership.role, Membership.active)
        .outerjoin(Membership, of_course)
        .where(Person.id.in_(people))
        .order_by(Person.id)
    ).all()
    outside = [person.id for person, role, _active in rows if role is None]
    attempts = select(Attempt.person_id).where(
        Attempt.course_link_id == visit.link.id, Attempt.person_id.in_(outside)
    )
    if len(rows) < len(people) or {*outside} - {*session.scalars(attempts)}:
        raise RequestRejected(NOT_FOUND)
    if others := [person for person, role, active in rows if role != "student" or not active]:
        raise FormError(
            _(
                "Students: {names} – not enrolled in this course as a student any more. The others are still "
                "selected.",
                names=named(others),
            ),
            FIELD,
        )
    return [person for person, _role, _active in rows]


def named(people: Sequence[Person]) -> Text:
    """Return the names of people; of many, the first ones and how many more there are."""
    names = [Text.same(person.name or person.student_id or f"#{person.id}") for person in people]
    more = len(names) - MAX_NAMED
    return joined(", ", names if more <= 0 else [*names[:MAX_NAMED], _("{n} more", n=more)])

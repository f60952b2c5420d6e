"""What is granted to single students beyond the rest of the class: more attempts, a later due date."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from autograder.web.db.final_grades import mark_stale
from autograder.web.db.locking import lock_people
from autograder.web.db.models import Extension, Person, ResourceLink
from autograder.web.pages.lti import Tool
from autograder.web.pages.staff.access import PERSON, done, note, numbers_of, signature, staff, student
from autograder.web.pages.staff.class_list import page_of_class
from autograder.web.pages.staff.forms import FormError, moment_of, whole_of
from autograder.web.pages.staff.student import page_of_person
from autograder.web.policy import policy_for
from autograder.web.visits import Visit

MANY = 20
"""More attempts than anybody means to grant at once."""


def add_allowing(blueprint: Blueprint, tool: Tool) -> None:
    """Add granting, to one student or to those ticked in the table of the class."""

    @blueprint.post(f"/staff/people/{PERSON}/allow")
    def allow_one(visit: str, person: int) -> ResponseReturnValue:
        who = staff(tool, visit)
        back = bool(request.form.get("back"))
        try:
            _allow(tool, who, [person], back=back)
        except FormError as mistyped:
            return page_of_person(tool, who, person, mistyped.told)
        what = "disallowed" if back else "allowed"
        return done(who, "person_page", what, person=person, anchor="granted")

    @blueprint.post("/staff/allow")
    def allow_many(visit: str) -> ResponseReturnValue:
        who = staff(tool, visit)
        ticked = numbers_of(request.form.getlist("person"))
        try:
            _allow(tool, who, ticked, back=False)
        except FormError as mistyped:
            return page_of_class(tool, who, mistyped.told)
        return done(who, "class_page", "allowed", n=len(ticked))


def _allow(tool: Tool, who: Visit, people: list[int], *, back: bool) -> None:
    """Grant what the form says to all of them, or to none. Raises Mistyped, and Refused for a stranger."""
    until = moment_of(request.form.get("due_at", ""), tool.course.zone)
    more = whole_of(request.form.get("more_attempts", ""), most=MANY) or 0
    if not people:
        raise FormError(
            ko="먼저 표에서 학생을 골라 주세요.", en="Tick some students in the table of the class first."
        )
    if not back and until is None and not more:
        raise FormError(
            ko="더 허용할 횟수나 새 기한을 써 주세요.",
            en="Write how many more attempts, or the new due date.",
        )
    if more and who.link.attempts_allowed is None:
        raise FormError(
            ko="이 과제는 제출 횟수에 제한이 없어서 더 허용할 것이 없습니다.",
            en="This activity has no limit of attempts, so there is nothing to grant.",
        )
    with tool.database.write() as session:
        pseudonyms = []
        # one change of what is granted here after another; who hands in, and the worker, wait for none of them
        session.get_one(ResourceLink, who.link.id, with_for_update={"key_share": True})
        lock_people(session, people, shared=True)
        for number in people:
            person = student(session, who, number)
            if until is not None and not back:
                _later(tool, session, who, person, until)
            allowance = session.get(Extension, (who.link.id, number), populate_existing=True)
            if allowance is None:
                allowance = Extension(course_link_id=who.link.id, person_id=number, more_attempts=0)
                session.add(allowance)
            if back:
                allowance.due_at, allowance.more_attempts = None, 0
            else:
                allowance.due_at = until or allowance.due_at
                allowance.more_attempts += more
            allowance.made_by, allowance.made_at = signature(who), tool.clock()
            session.flush()
            mark_stale(session, who.link.id, number)
            pseudonyms.append(person.pseudonym)
    for pseudonym in pseudonyms:
        note(who, "took back what was granted" if back else "granted attempts or time", pseudonym)


def _later(tool: Tool, session: Session, who: Visit, person: Person, until: datetime) -> None:
    """Raises Mistyped where an extension would give somebody no more time."""
    due = policy_for(session, tool.course, who.link, person.id).due_at
    name = person.name or person.student_id or "–"
    if due is None:
        raise FormError(
            ko="이 과제에는 기한이 없어서 연장할 것이 없습니다.",
            en="This activity has no due date, so there is nothing to extend.",
        )
    if until <= due:
        told = due.astimezone(tool.course.zone).strftime("%Y-%m-%d %H:%M")
        raise FormError(
            ko=f"새 기한은 지금 기한보다 늦어야 합니다. {name}: 지금 기한 {told}",
            en=f"The new due date has to be later than the present one. {name}: due {told}",
        )

"""The rules of the activity, which hold for the whole class: which attempt stands, how many, until when."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.text import Text
from autograder.web.db.final_grades import mark_stale
from autograder.web.db.models import AttemptPolicy, Extension, LateRule, ResourceLink
from autograder.web.pages.lti import Tool
from autograder.web.pages.staff.access import done, note, show, staff
from autograder.web.pages.staff.forms import FormError, moment_of, percent_of, whole_of
from autograder.web.visits import Visit


def add_settings(blueprint: Blueprint, tool: Tool) -> None:
    """Add the page of the settings, which everybody of the staff sees and teachers change."""

    def page(who: Visit, problem: Text | None = None) -> Response:
        due = tool.course.due(who.link.assignment or "")
        return show(tool, who, "staff_settings.html", problem=problem, link=who.link, course_due=due)

    @blueprint.get("/staff/settings")
    def settings(visit: str) -> ResponseReturnValue:
        return page(staff(tool, visit))

    @blueprint.post("/staff/settings")
    def save(visit: str) -> ResponseReturnValue:
        who = staff(tool, visit, teacher=True)
        form = request.form
        try:
            stands, late_rule = form.get("stands", ""), form.get("late_rule", "")
            if stands not in get_args(AttemptPolicy) or late_rule not in get_args(LateRule):
                raise FormError(
                    ko="반영할 제출과 지각 규칙을 하나씩 골라 주세요.",
                    en="Choose which attempt stands, and the rule for late ones.",
                )
            allowed = whole_of(form.get("attempts_allowed", ""))
            due = moment_of(form.get("due_at", ""), tool.course.zone)
            percent = percent_of(form.get("late_percent", "")) if late_rule == "deduct" else 0.0
        except FormError as mistyped:
            return page(who, mistyped.told)
        with tool.database.write() as session:
            # those who hand in meanwhile refer to the row, which this lock lets them
            link = session.get_one(ResourceLink, who.link.id, with_for_update={"key_share": True})
            link.stands, link.attempts_allowed, link.due_at = stands, allowed, due  # type: ignore[assignment]
            link.late_rule, link.late_percent = late_rule, percent  # type: ignore[assignment]
            dropped = _drop_extensions(session, link, due or tool.course.due(link.assignment or ""))
            mark_stale(session, link.id)
        note(who, "changed the settings of the activity")
        return done(who, "settings", "settings-shortened" if dropped else "settings", n=dropped)


def _drop_extensions(session: Session, link: ResourceLink, due: datetime | None) -> int:
    """Take away extensions that would leave somebody less time than the class has; how many those were."""
    granted = session.scalars(
        select(Extension)
        .where(Extension.course_link_id == link.id, Extension.due_at.is_not(None))
        .order_by(Extension.person_id)
        .with_for_update()
    ).all()
    shorter = [one for one in granted if due is None or (one.due_at is not None and one.due_at <= due)]
    for one in shorter:
        one.due_at = None
    return len(shorter)

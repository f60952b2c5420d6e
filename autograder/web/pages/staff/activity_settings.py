"""The settings of the activity, which hold for the whole class: which attempt counts, how many, until when."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import Field, StringField

from autograder.i18n import _
from autograder.web.context import tool
from autograder.web.db.final_grades import mark_stale
from autograder.web.db.models import AttemptPolicy, Extension, LateRule, ResourceLink
from autograder.web.pages.forms import (
    Form,
    FormError,
    MomentField,
    NumberField,
    Problem,
    count_field,
    local_time,
    one_of,
)
from autograder.web.pages.staff.access import (
    STAFF,
    authenticate_staff,
    log_change,
    redirect_with_notice,
    show,
)
from autograder.web.visits import Visit

CHOOSE = _("Choose which attempt stands, and the rule for late ones.")

blueprint = Blueprint("activity_settings", __name__, url_prefix=f"{STAFF}/settings")


class SettingsForm(Form):
    """The settings of an activity."""

    stands = StringField(validators=[one_of(get_args(AttemptPolicy), CHOOSE)])
    attempts_allowed = count_field()
    due_at = MomentField()
    late_rule = StringField(validators=[one_of(get_args(LateRule), CHOOSE)])
    late_percent = NumberField(
        _("The deduction per day is a number above 0 and at most 100; found {shown}."),
        lambda number, maximum: 0 < number <= maximum,
        maximum=100,
    )

    def validate_late_percent(self, field: Field) -> None:
        """Accept any input if nothing is deducted."""
        if self.late_rule.data != "deduct":
            field.errors, field.data = [], 0.0


@blueprint.get("")
def page(visit_name: str) -> ResponseReturnValue:
    """Show the settings, which all staff see and teachers can change."""
    return _page(authenticate_staff(visit_name))


@blueprint.post("")
def save(visit_name: str) -> ResponseReturnValue:
    """Save the settings and have all final grades recomputed."""
    visit = authenticate_staff(visit_name, teacher=True)
    form = SettingsForm(request.form)
    try:
        form.check()
    except FormError as error:
        return _page(visit, error)
    with tool.database.write() as session:
        # a weak lock: submissions that arrive meanwhile refer to the row and must not wait
        link = session.get_one(ResourceLink, visit.link.id, with_for_update={"key_share": True})
        link.stands, link.late_rule = form.stands.data, form.late_rule.data  # type: ignore[assignment]
        link.due_at = form.due_at.data
        link.attempts_allowed = int(form.attempts_allowed.data or 0) or None
        link.late_percent = form.late_percent.data
        dropped = _drop_extensions(session, link, link.due_at or tool.course.assignment(visit.assignment).due)
        mark_stale(session, link.id)
    log_change(visit, "changed the settings of the activity")
    notice = "settings-shortened" if dropped else "settings"
    return redirect_with_notice(visit, "activity_settings.page", notice, n=dropped)


def _page(visit: Visit, problem: Problem | None = None) -> Response:
    return show(
        visit,
        "staff/activity_settings.html",
        problem=problem,
        link=visit.link,
        due=local_time(visit.link.due_at, tool.course.zone),
        course_due=tool.course.assignment(visit.assignment).due,
    )


def _drop_extensions(session: Session, link: ResourceLink, due: datetime | None) -> int:
    """Remove extensions that no longer give more time than the class has. Returns their number."""
    granted = session.scalars(
        select(Extension)
        .where(Extension.course_link_id == link.id, Extension.due_at.is_not(None))
        .order_by(Extension.person_id)
        .with_for_update()
    ).all()
    useless = [
        extension
        for extension in granted
        if due is None or (extension.due_at is not None and extension.due_at <= due)
    ]
    for extension in useless:
        extension.due_at = None
    return len(useless)

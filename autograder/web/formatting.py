"""Formats times, points, rules and states for the pages, as the language of the reader writes them."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.course import Course
from autograder.grading.wording import plain
from autograder.i18n import _
from autograder.text import Text
from autograder.web.policy import SubmissionPolicy


def late_rule(course: Course, policy: SubmissionPolicy) -> Text | None:
    """Describe what a late submission costs; None if there is no due date."""
    if policy.due_at is None:
        return None
    if policy.refuses_late:
        return _("Nothing is taken after the due date.")
    if policy.late_percent:
        percent = plain(policy.late_percent)
        return _(
            "Late hand-ins are taken; each day begun after the due date takes off {percent}% of the score.",
            percent=percent,
        )
    config = course.config
    if config.AssignLatePenalties.get("plugin_class"):
        return _("Late hand-ins are taken; the course's own rule says what that costs.")
    if config.LateSubmissionPlugin.get("penalty_method") == "zero":
        return _("A late hand-in gets no points.")
    return _("Late hand-ins are taken, and being late costs nothing.")


STATES: Mapping[str, Text] = {
    "queued": _("waiting to be graded"),
    "grading": _("being graded"),
    "graded": _("graded"),
    "ungraded": _("could not be graded"),
}


def queue_state(state: str, ahead: int) -> Text:
    """Describe the state of an attempt. ahead: how many attempts are graded before it."""
    if state != "queued":
        return STATES[state]
    if ahead == 0:
        return _("next to be graded")
    return _("waiting to be graded, {ahead} before yours", ahead=ahead)

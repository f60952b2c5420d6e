"""The staff's side: the class, a student, looks, scores on their way, settings. See `staffroom` for who may do what."""

from __future__ import annotations

from flask import Blueprint

from autograder.web.context import Tool
from autograder.web.lti.services import Services
from autograder.web.pages.staff.activity_settings import add_settings
from autograder.web.pages.staff.class_list import add_class
from autograder.web.pages.staff.deliveries import add_deliveries
from autograder.web.pages.staff.explanation import add_why
from autograder.web.pages.staff.extensions import add_allowing
from autograder.web.pages.staff.overrides import add_points
from autograder.web.pages.staff.regrade import add_regrading
from autograder.web.pages.staff.regrade_requests import add_looks
from autograder.web.pages.staff.student import add_person


def add_staff(blueprint: Blueprint, tool: Tool) -> None:
    """Add the staff's addresses, all below `/staff/`; whoever is a student is refused at each."""
    add_class(blueprint, tool, Services(tool.database, tool.http))
    add_person(blueprint, tool)
    add_points(blueprint, tool)
    add_allowing(blueprint, tool)
    add_regrading(blueprint, tool)
    add_why(blueprint, tool)
    add_looks(blueprint, tool)
    add_deliveries(blueprint, tool)
    add_settings(blueprint, tool)

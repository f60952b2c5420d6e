"""`autograder lms confirm`, and the courses of an LMS in `autograder lms list`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command
from autograder.cli.web.options import database_option, opened_course, opened_database
from autograder.i18n import _
from autograder.text import Text, one_line

if TYPE_CHECKING:
    from autograder.web.db.models import Context


def add_confirm(within: Commands) -> None:
    """Add `confirm` to the commands of `autograder lms`."""
    confirm = add_command(
        within, "confirm", _confirm, _("connect a course of an LMS with the tool"),
        _("Whoever teaches any course of a registered LMS can open the tool from it. Confirm the courses that "
        "are yours: only then their teachers are staff here, and their students can hand in. The number "
        "stands on the page that the course's teacher sees, and in `autograder lms list`."),
        "autograder lms confirm 1",
        ("autograder lms confirm 1 --withdraw", _("its data stays")),
    )  # fmt: skip
    confirm.add_argument("number", type=int, metavar="NUMBER", help=_("the number of the course"))
    confirm.add_argument("--withdraw", action="store_true", help=_("disconnect the course from the tool"))
    database_option(confirm)


def describe(context: Context) -> Text:
    """Describe a course of an LMS in a line."""
    state = _("confirmed") if context.confirmed_at else _("not confirmed")
    return _(
        "{number}  “{title}”, course id {id}, deployment {deployment}: {state}",
        number=context.id,
        title=one_line(context.title),
        id=one_line(context.lms_id) or "-",
        deployment=one_line(context.deployment),
        state=state,
    )


def _confirm(arguments: argparse.Namespace, console: Console) -> int:
    course = opened_course(arguments)

    from autograder.web.db.models import now
    from autograder.web.lti.contexts import set_confirmed

    with opened_database(course) as database:
        context = set_confirmed(database, arguments.number, None if arguments.withdraw else now())
    console.print(context.platform.issuer, markup=False)
    console.print(describe(context), markup=False)
    if not context.lms_id and context.confirmed_at:
        console.print(
            _("note: the LMS does not say which course it is, so this holds for all of its courses"), markup=False
        )  # fmt: skip
    return 0

"""`autograder package`: pack an assignment for a service that grades it elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, usage_error
from autograder.course import Course
from autograder.i18n import _, ngettext


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    package = add_command(
        commands, "package", None, _("write what another grading service needs to grade an assignment"),
        _("Writes an assignment with its checks for a service that grades submissions itself."),
    )  # fmt: skip
    services = package.add_subparsers(title=_("services"), required=True, metavar="SERVICE")
    gradescope = add_command(
        services, "gradescope", _package_gradescope, _("an autograder to upload to Gradescope"),
        _("Writes a zip to upload as the autograder of a programming assignment: the kit, one assignment with its "
        "answers and checks, and of the roster ids and e-mail addresses alone. See `autograder docs gradescope`."),
        "autograder package gradescope week1",
        "autograder package gradescope week2 --minutes 20", alone=True,
    )  # fmt: skip
    gradescope.add_argument("assignment", metavar="ASSIGNMENT")
    gradescope.add_argument(
        "--to", type=Path, metavar="FILE", help=_("the zip (default: build/gradescope/ASSIGNMENT.zip)")
    )
    gradescope.add_argument(
        "--minutes", type=_minutes, default=10, metavar="N",
        help=_("the autograder timeout that you set at Gradescope, from 2 to 40 (default: %(default)s, as there)"),
    )  # fmt: skip


def _minutes(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 2 <= number <= 40:
        raise usage_error(_("expected a number of minutes from 2 to 40, found {text}", text=repr(text)))
    return number


def _package_gradescope(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.lms.gradescope.package import package

    packed = package(Course.open(), arguments.assignment, target=arguments.to, minutes=arguments.minutes)
    points = _("{points:g} autograder points", points=packed.points)
    if packed.bonus:
        points = _(
            "{points:g} autograder points, and a bonus of {bonus:g}",
            points=packed.points,
            bonus=packed.bonus,
        )
    container = _("a container of 3 GB") if packed.needs_tensorflow else _("the default container")
    console.print(_("wrote {path}", path=escape(str(packed.path))))
    console.print(
        _(
            "at Gradescope: {points}; {container}; a timeout of {minutes} minutes",
            points=points,
            container=container,
            minutes=arguments.minutes,
        )
    )
    if packed.by_hand:
        cells = ", ".join(f"{name} ({points:g})" for name, points in packed.by_hand.items())
        console.print(
            _(
                "[yellow]graded by hand:[/] {points:g} more points, which the autograder does not give: "
                "{cells}; at Gradescope tick “Enable Manual Grading” and add a question for each",
                points=sum(packed.by_hand.values()),
                cells=escape(cells),
            )
        )
    if packed.students:
        console.print(
            ngettext(
                "{n} student of the roster has their own numbers by their e-mail address",
                "{n} students of the roster have their own numbers by their e-mail address",
                packed.students,
            )
        )
    else:
        console.print(
            _("[yellow]note:[/] no e-mail addresses in a roster: the id in the notebook chooses the numbers")
        )
    console.print(_("next: `autograder docs gradescope`, and keep the zip to yourself: it holds the answers"))
    return 0

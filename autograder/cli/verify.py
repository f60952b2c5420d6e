"""`autograder verify`: prove the release and write its certificate."""

from __future__ import annotations

import argparse

from rich.console import Console

from autograder.cli.build import build_release, totals
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, jobs_option
from autograder.i18n import _


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "verify", run, _("prove the release and write its certificate"),
        _("Proves that release/ is what the sources build and that every law holds for every question and every "
        "variant: right answers earn full points, wrong ones are refused and explained, attacks fail, nothing "
        "leaks. Writes build/certificate.json and a page for people. What was proved before and has not changed "
        "is not proved again."),
        ("autograder verify", _("all of it")),
        ("autograder verify --force", _("also what was proved before")), alone=True,
    )  # fmt: skip
    command.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help=_("all where none is named"))
    command.add_argument("--force", action="store_true", help=_("also prove what was proved before"))
    jobs_option(command)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    built, code = build_release(arguments, console, check_only=True)
    if built is not None:
        console.print(_("{totals}: release/ is current and every law holds", totals=totals(built)))
        console.print(_("certificate: {certificate}", certificate=built.certificate))
    return code

"""`autograder docs`: say where the documentation is."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.markup import escape

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, language_of, language_option
from autograder.documentation import pages, title_of
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.suggestions import unknown


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "docs", run, _("list the pages of the documentation, or print where one is"),
        _("The documentation comes with the package, as Markdown files. Without a name, lists the pages with their "
        "titles; with one, prints the path of that page."),
        "autograder docs",
        ("autograder docs api", _("what a question file may use")),
    )  # fmt: skip
    command.add_argument("page", nargs="?", metavar="PAGE", help=_("its name, as in the list"))
    language_option(command)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    known = pages(language_of(arguments))
    if not arguments.page:
        for name, path in known.items():
            console.print(f"{name:<16} {escape(title_of(path))}")
        return 0
    if arguments.page not in known:
        raise CourseError(unknown("page", arguments.page, [*known]))
    console.print(escape(str(known[arguments.page])))
    return 0

"""`autograder new`: write a question file from the template."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.markup import escape

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command
from autograder.course import Course
from autograder.i18n import _


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "new", run, _("write a question file from the template"),
        _("Writes solutions/ASSIGNMENT/QUESTION.py, a whole question that builds at once: change it step by step. "
        "QUESTION is the name that the student will define."),
        "autograder new my_assignment my_question", alone=True,
    )  # fmt: skip
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument("question", metavar="QUESTION")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.authoring.scaffold import new_question

    path = new_question(Course.open(), arguments.assignment, arguments.question)
    console.print(
        _(
            "wrote {path}\nnext: change it, then `autograder build {assignment}`",
            path=escape(str(path)),
            assignment=arguments.assignment,
        ),
        soft_wrap=True,
    )
    return 0

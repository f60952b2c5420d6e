"""`autograder essays`: record scores and comments of manually graded cells from a spreadsheet."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, print_list
from autograder.course import Course
from autograder.i18n import _, ngettext


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "essays", run, _("record scores of essays from a spreadsheet"),
        _("Reads scores and comments of manually graded cells from question_scores.csv, which `autograder grade` "
        "writes, or from another CSV file with its columns assignment, student_id, question, and score, comment or "
        "both. Empty scores and comments change nothing. If a line is wrong, nothing is recorded."),
        ("autograder essays question_scores.csv", _("after filling in the column score")), alone=True,
    )  # fmt: skip
    command.add_argument("file", type=Path, metavar="FILE", help=_("a CSV file of these columns"))


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.nbgrader.manual_scores import record

    recorded = record(Course.open(), arguments.file)
    console.print(
        _(
            "recorded: {scores}, {comments}",
            scores=ngettext("{n} score", "{n} scores", recorded.scores),
            comments=ngettext("{n} comment", "{n} comments", recorded.comments),
        )
    )
    print_list(console, _("[yellow]replaces an earlier score:[/]"), recorded.replaced)
    if recorded.assignments:
        command = f"autograder grade {' '.join(recorded.assignments)}"
        console.print(_("next: `{command}` writes feedback pages and grades.csv", command=command))
    return 0

"""`autograder pool`: fill a pool with variants."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.markup import escape

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, language_of, size
from autograder.course import Course
from autograder.i18n import _


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "pool", run, _("fill a pool with numbers that tell every known mistake apart"),
        _("Writes variants into solutions/ASSIGNMENT/POOL.json: numbers within its `ranges` with which no known "
        "mistake of a question that uses the pool is right, and no two give the same number. Variants that still "
        "hold are kept: only students whose variant has gone, or who draw an added one, get other numbers. Change "
        "pools before students hand in."),
        "autograder pool week1 journey",
        "autograder pool week1 journey --size 400", alone=True,
    )  # fmt: skip
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument("pool", metavar="POOL", help=_("its name: the file's, without .json"))
    command.add_argument(
        "--size", type=size, default=240, metavar="N", help=_("variants (default: %(default)s)")
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.authoring.pool_generator import fill

    language = language_of(arguments)
    with console.status("") as status:
        filled = fill(
            Course.open(), arguments.assignment, arguments.pool, size=arguments.size,
            on_progress=lambda text: status.update(escape(text.in_language(language))),
        )  # fmt: skip
    console.print(
        _(
            "wrote {path}: {kept} variants kept, {added} added, {removed} removed",
            path=escape(str(filled.path)),
            kept=filled.kept,
            added=filled.added,
            removed=filled.removed,
        )
    )
    for question, chance in filled.chances.items():
        console.print(
            _(
                "{question}: two students have the same answer with a chance of {chance:.2%}",
                question=question,
                chance=chance,
            )
        )
    return 0

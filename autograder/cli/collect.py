"""`autograder collect`: import submissions from folders, archives or notebooks."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.cli.deadlines import note_worksheet_times, take_worksheet
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command
from autograder.course import Course
from autograder.i18n import _, ngettext
from autograder.text import visible

MAX_SHOWN = 1000


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "collect", run, _("import submissions from folders, archives or notebooks"),
        _("Reads every notebook of a folder or archive, whatever its name, and copies the one that counts into "
        "submitted/. The student is taken from the folder of the file, or from the file name. Submission zips of "
        "Moodle and Canvas are read as downloaded; the roster identifies the students."),
        ("autograder collect downloads", _("downloads/<student>/anything.ipynb")),
        "autograder collect 'Copy of x.ipynb' --student kim",
        "autograder collect moodle.zip --assignment cells --worksheet worksheet.csv", alone=True,
    )  # fmt: skip
    command.add_argument(
        "source", type=Path, metavar="PATH", help=_("a folder, an archive (.zip, .tar.gz) or a notebook")
    )
    command.add_argument(
        "--student", default="", metavar="ID", help=_("the student that every file belongs to")
    )
    command.add_argument(
        "--assignment", default="", metavar="ASSIGNMENT", help=_("the assignment that every file belongs to")
    )
    command.add_argument(
        "--worksheet", type=Path, metavar="FILE",
        help=_(
            "Moodle's grading worksheet of the assignment: participants of its zip, submission times, and extensions"
        ),
    )  # fmt: skip


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.submissions.collect import collect

    def shown(name: str) -> str:
        """Return a name from outside as text that the terminal does not interpret."""
        return escape(visible(name, MAX_SHOWN))

    course = Course.open()
    worksheet = None
    if arguments.worksheet:
        worksheet = take_worksheet(course, arguments.assignment, arguments.worksheet, console)
    collected = collect(
        course,
        arguments.source,
        student=arguments.student,
        assignment=arguments.assignment,
        participants={person.number: person.identifiers for person in worksheet.participants}
        if worksheet
        else {},
    )
    for placed in collected.placed:
        counts = _("counts") if placed.counts else _("[yellow]a newer one counts[/]")
        console.print(
            ngettext(
                "{student} {assignment}: {counts}, recognized {how}, {n} answer worked on [dim]({file})[/]",
                "{student} {assignment}: {counts}, recognized {how}, {n} answers worked on [dim]({file})[/]",
                placed.worked,
                student=shown(placed.student),
                assignment=placed.assignment,
                counts=counts,
                how=placed.recognized_by,
                file=shown(placed.file.name),
            )
        )
    for lost in collected.unplaced:
        console.print(
            _("[red]not placed:[/] {name}: {reason}", name=shown(lost.name), reason=lost.reason.map(shown))
        )
    if worksheet:
        note_worksheet_times(course, arguments.assignment, worksheet, console)
    counting = sum(placed.counts for placed in collected.placed)
    console.print(
        ngettext(
            "{n} submission collected, {files} not placed",
            "{n} submissions collected, {files} not placed",
            counting,
            files=ngettext("{n} file", "{n} files", len(collected.unplaced)),
        )
    )
    return 1 if collected.unplaced or not counting else 0

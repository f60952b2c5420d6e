"""`autograder collect`: import submissions from folders, archives or notebooks."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder.cli.deadlines import note_worksheet_times, take_worksheet
from autograder.cli.exit_codes import finish
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, print_list
from autograder.course import Course
from autograder.errors import part_done
from autograder.i18n import _, moment_text, ngettext
from autograder.text import Text, joined, visible

if TYPE_CHECKING:
    from autograder.lms.moodle.worksheet import Worksheet
    from autograder.submissions.placement import Placement

MAX_SHOWN = 1000


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "collect", run, _("import submissions from folders, archives or notebooks"),
        _("Reads every notebook of a folder or archive, whatever its name, and copies the one that counts into "
        "submitted/. The student is taken from the folder of the file, or from the file name. Submission zips of "
        "Moodle and Canvas are read as downloaded; the roster identifies the students. A submission that is newer than "
        "the collected file stays; what is replaced is listed, and kept in build/replaced/."),
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
    command.add_argument(
        "--replace-newer",
        action="store_true",
        help=_("also replace submissions that are newer than the file"),
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.submissions.collect import collect

    def shown(name: str) -> str:
        """Return a name from outside as text that the terminal does not interpret."""
        return escape(visible(name, MAX_SHOWN))

    course = Course.open()
    worksheet: Worksheet | None = None
    unknown: Sequence[Text] = ()
    if arguments.worksheet:
        worksheet, unknown = take_worksheet(course, arguments.assignment, arguments.worksheet, console)
    wrote_groups = worksheet is not None and worksheet.is_of_a_team
    with part_done(lambda: wrote_groups):
        collected = collect(
            course,
            arguments.source,
            student=arguments.student,
            assignment=arguments.assignment,
            participants={person.number: person.identifiers for person in worksheet.participants}
            if worksheet
            else {},
            replace_newer=arguments.replace_newer,
        )
    for placed in collected.placed:
        counts = _("counts") if placed.is_taken else _("[yellow]a newer one counts[/]")
        console.print(
            ngettext(
                "{student} {assignment}: {counts}, recognized {how}, {n} answer worked on [dim]({file})[/]",
                "{student} {assignment}: {counts}, recognized {how}, {n} answers worked on [dim]({file})[/]",
                placed.worked,
                student=shown(placed.student),
                assignment="/".join(filter(None, (placed.assignment, placed.notebook))),
                counts=counts,
                how=placed.recognized_by,
                file=shown(placed.file.name),
            )
        )
        for placement in placed.placements:
            _print_placement(console, course, placed.assignment, placement)
    for lost in collected.unplaced:
        console.print(
            _("[red]not placed:[/] {name}: {reason}", name=shown(lost.name), reason=lost.reason.map(shown))
        )
    print_list(console, Text.same(f"[red]{escape(course.settings.groups)}:[/]"), collected.strangers)
    kept = [placed for placed in collected.placed if placed.counts and not placed.is_taken]
    needs = len(unknown) + len(collected.strangers) + len(kept) + len(collected.unplaced)
    counting = len({(placed.student, placed.assignment) for placed in collected.placed if placed.is_taken})
    changed = bool(counting or wrote_groups)
    if worksheet:
        with part_done(lambda: changed):
            noted = note_worksheet_times(course, arguments.assignment, worksheet, console)
        needs += len(noted.lost)
        changed = changed or bool(noted.handed_in or noted.extended)
    done = ngettext(
        "{n} submission collected, {files} not placed",
        "{n} submissions collected, {files} not placed",
        counting,
        files=ngettext("{n} file", "{n} files", len(collected.unplaced)),
    )
    return finish(console, done, needs or not counting, changed=changed)


def _print_placement(console: Console, course: Course, assignment: str, placement: Placement) -> None:
    """Print which submission was replaced, or kept because it is newer."""
    if placement.outcome in ("new", "same"):
        return
    unknown = _("an unknown time")
    times = {
        name: moment_text(time, course.zone) if time else unknown
        for name, time in (("before", placement.before), ("time", placement.time))
    }
    texts = {
        "replaced": _("[yellow]replaces[/] the submission of {before} by one of {time}"),
        "undated": _(
            "[yellow]replaces[/] the submission of {before} by one of {time}: which one is newer is not known"
        ),
        "older": _(
            "[red]not taken:[/] it is of {time}, and the submission of {before} is newer (--replace-newer takes it)"
        ),
    }
    console.print(
        joined(
            ": ",
            [
                Text.same(f"  {escape(placement.student)} {assignment}"),
                texts[placement.outcome].format(**times),
            ],
        )
    )

"""`autograder roster`: fill and check the roster."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.cli.exit_codes import finish
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, print_list
from autograder.course import Course
from autograder.i18n import _, ngettext
from autograder.text import Text


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    roster = add_command(
        commands, "roster", run, _("fill and check the roster"),
        _("The roster, roster.csv, maps each student to a name, student number, email, and ids in LMSs and hubs. "
        "Without a file, this checks it. With files that an LMS exported (Moodle's grading worksheet or list of "
        "participants, Canvas's gradebook, Gradescope's roster), it fills in missing data and never changes existing "
        "data."),
        "autograder roster",
        ("autograder roster participants.csv --new-by email", _("the address becomes the id")),
        ("autograder roster worksheet.csv --match", _("keep the ids of the folders in submitted/")),
        ("autograder roster worksheet.csv --assignment week1", _("also Moodle's numbers of that assignment")),
        alone=True,
    )  # fmt: skip
    roster.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help=_("CSV files that an LMS exported")
    )
    roster.add_argument(
        "--new-by", default="", choices=("student_id", "student_number", "email", "username"),
        help=_("add missing people with this field as the id; without it they are only listed"),
    )  # fmt: skip
    roster.add_argument(
        "--match", action="store_true",
        help=_("add missing people who have submitted, with the name of their folder in submitted/ as the id"),
    )  # fmt: skip
    roster.add_argument(
        "--assignment",
        default="",
        metavar="ASSIGNMENT",
        help=_("assignment of the worksheet's participant numbers"),
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.lms import sheet
    from autograder.lms.roster_import import learn
    from autograder.roster import Roster, Unmatched, write

    course = Course.open()
    if arguments.assignment:
        course.check_assignment(arguments.assignment)
    path = course.root / course.settings.roster
    roster = before = Roster.of(course)
    unmatched: list[Text] = []
    there = course.submitted.iterdir() if course.submitted.is_dir() else ()
    folders = sorted(folder.name for folder in there if folder.is_dir())
    for file in arguments.files:
        learned = learn(
            roster,
            sheet.read(file),
            assignment=arguments.assignment,
            new_by=arguments.new_by,
            folders=folders if arguments.match else (),
        )
        console.print(
            _(
                "{file}: {added} added, {filled} filled in, {unmatched} not in the roster",
                file=escape(str(file)),
                added=len(learned.added),
                filled=learned.filled,
                unmatched=len(learned.unmatched),
            )
        )
        print_list(console, _("[yellow]kept:[/]"), learned.differing)
        unmatched += learned.unmatched
        roster = Roster(tuple(learned.people), path)
    if arguments.files and roster:
        write(path, roster.people)
    print_list(console, _("[red]not in the roster:[/]"), unmatched)
    if unmatched and not arguments.new_by:
        console.print(_("add them with --new-by email (or student_number, username): what becomes their id"))
    strangers = [match.text for name in folders if isinstance(match := roster.find_any(name), Unmatched)]
    if roster:
        print_list(
            console,
            _("[red]in {folder}, not in the roster:[/]", folder=escape(str(course.submitted))),
            strangers,
        )
    if not roster:
        console.print(_("make it from a file of your LMS: see `autograder roster --help`"))
    needs = len(unmatched) + len(strangers) if roster else max(1, len(unmatched))
    done = ngettext("{n} person in {path}", "{n} people in {path}", len(roster.people), path=path)
    return finish(console, done, needs, changed=not arguments.files or roster.people != before.people)

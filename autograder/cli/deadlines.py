"""`autograder deadlines`: record submission times and extensions, also from the worksheet that `collect` reads."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.exit_codes import finish
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, print_list
from autograder.course import Course
from autograder.errors import CourseError
from autograder.i18n import _, ngettext
from autograder.text import Text

if TYPE_CHECKING:
    from autograder.lms.deadlines import Noted
    from autograder.lms.moodle.worksheet import Worksheet


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "deadlines", run, _("record submission times and extensions"),
        _("Reads submission times and extensions from Moodle's grading worksheet, or from a CSV file with the columns "
        "student_id, assignment, handed_in and extended_until, and records them for nbgrader's late policy. Times "
        "without a zone are in c.CourseSettings.timezone. Students and assignments that the course does not have are "
        "listed, and the command exits with 1; all other lines are recorded."),
        "autograder deadlines extensions.csv",
        "autograder deadlines worksheet.csv --assignment week1", alone=True,
    )  # fmt: skip
    command.add_argument(
        "file", type=Path, metavar="FILE", help=_("a CSV file of these columns, or a worksheet")
    )
    command.add_argument("--assignment", default="", metavar="ASSIGNMENT", help=_("of a worksheet"))


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.lms import deadlines
    from autograder.lms.moodle.worksheet import read_worksheet
    from autograder.roster import Roster

    course = Course.open()
    if arguments.assignment:
        course.check_assignment(arguments.assignment)
        sheet = read_worksheet(arguments.file, course.zone)
        times = deadlines.of_worksheet(sheet, Roster.of(course), arguments.assignment)
    else:
        times = deadlines.of_file(course, arguments.file, Roster.known(course))
    noted = deadlines.note(course, times)
    _print_unrecorded(noted, console)
    changed = bool(noted.handed_in or noted.extended)
    return finish(console, _recorded(course, noted), len(noted.lost), changed=changed)


def _recorded(course: Course, noted: Noted) -> Text:
    """Return how many times were recorded."""
    return _(
        "recorded, read in the time zone {timezone}: {times}, {extensions}",
        times=ngettext("{n} submission time", "{n} submission times", noted.handed_in),
        extensions=ngettext("{n} extension", "{n} extensions", noted.extended),
        timezone=course.settings.timezone,
    )


def _print_unrecorded(noted: Noted, console: Console) -> None:
    print_list(console, _("[yellow]not recorded:[/]"), noted.early)
    print_list(console, _("[red]not recorded:[/]"), noted.lost)


def take_worksheet(
    course: Course, assignment: str, path: Path, console: Console
) -> tuple[Worksheet, Sequence[Text]]:
    """Read Moodle's worksheet and write its groups into the course.

    Return it, and the members of groups who are not in the roster. Raises CourseError if it is invalid.
    """
    from autograder.lms.moodle.worksheet import groups_in, read_worksheet
    from autograder.roster import Roster, write_groups

    if not assignment:
        raise CourseError(_("--worksheet needs --assignment: Moodle has a worksheet for each assignment"))
    sheet = read_worksheet(path, course.zone)
    unknown: Sequence[Text] = ()
    if sheet.is_of_a_team:
        groups, unknown = groups_in(sheet, Roster.of(course), assignment)
        write_groups(course, assignment, groups)
        console.print(
            ngettext(
                "{n} group of {assignment} written into {groups}",
                "{n} groups of {assignment} written into {groups}",
                len(groups),
                assignment=assignment,
                groups=course.settings.groups,
            )
        )
        print_list(console, _("[red]not in the roster:[/]"), unknown)
    return sheet, unknown


def note_worksheet_times(course: Course, assignment: str, worksheet: Worksheet, console: Console) -> Noted:
    """Record the submission times and extensions of a worksheet and print what was recorded and what was not."""
    from autograder.lms import deadlines
    from autograder.roster import Roster

    times = deadlines.of_worksheet(worksheet, Roster.of(course), assignment)
    noted = deadlines.note(course, times)
    console.print(_recorded(course, noted))
    _print_unrecorded(noted, console)
    return noted

"""The command that notes hand-in times and extensions, and what `collect` takes from a worksheet of Moodle's."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.options import add_command, print_list
from autograder.course import Course
from autograder.errors import CourseError

if TYPE_CHECKING:
    from autograder.lms.deadlines import Noted
    from autograder.lms.moodle.worksheet import Worksheet


def add_times_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to the parser of `autograder`."""
    command = add_command(
        commands, "times", _times, "note when hand-ins came, and extensions",
        "Takes hand-in times and extensions from Moodle's grading worksheet, or from a CSV file with the columns "
        "student_id, assignment, handed_in and extended_until, to where nbgrader's late policy looks for them. Times "
        "that name no zone are in c.CourseSettings.timezone.",
        "autograder times extensions.csv",
        "autograder times worksheet.csv --assignment lstm_parameters", alone=True,
    )  # fmt: skip
    command.add_argument(
        "file", type=Path, metavar="FILE", help="a CSV file of these columns, or a worksheet"
    )
    command.add_argument("--assignment", default="", metavar="ASSIGNMENT", help="of a worksheet")


def _times(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.lms import deadlines
    from autograder.lms.moodle.worksheet import read_worksheet
    from autograder.roster import Roster

    course = Course.open()
    roster = Roster.of(course)
    if arguments.assignment:
        course.check_assignment(arguments.assignment)
        sheet = read_worksheet(arguments.file, course.zone)
        found = deadlines.of_worksheet(sheet, roster, arguments.assignment)
    else:
        found = deadlines.of_file(course, arguments.file, roster)
    return _tell_times(course, deadlines.note(course, found), console)


def _tell_times(course: Course, noted: Noted, console: Console) -> int:
    console.print(
        f"{noted.handed_in} hand-in time(s) and {noted.extended} extension(s) noted, read in the zone "
        f"{course.settings.timezone}"
    )
    print_list(console, "[yellow]not noted:[/]", noted.without)
    return 0


def take_worksheet(course: Course, assignment: str, path: Path, console: Console) -> Worksheet:
    """Moodle's worksheet, for collecting by; its groups become the course's. Raises CourseError where it is none."""
    from autograder.lms.moodle.worksheet import groups_in, read_worksheet
    from autograder.roster import Roster, write_groups

    if not assignment:
        raise CourseError("--worksheet needs --assignment: Moodle has a worksheet for each")
    sheet = read_worksheet(path, course.zone)
    if sheet.is_of_a_team:
        groups, unknown = groups_in(sheet, Roster.of(course), assignment)
        write_groups(course, assignment, groups)
        console.print(f"{len(groups)} group(s) of {assignment} written into {course.settings.groups}")
        print_list(console, "[red]not in the roster:[/]", unknown)
    return sheet


def note_worksheet_times(course: Course, assignment: str, worksheet: Worksheet, console: Console) -> None:
    """Note the hand-in times and extensions that a worksheet tells."""
    from autograder.lms import deadlines
    from autograder.roster import Roster

    found = deadlines.of_worksheet(worksheet, Roster.of(course), assignment)
    _tell_times(course, deadlines.note(course, found), console)

"""`autograder report`: write the instructor's report on graded assignments."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from rich.console import Console
from rich.markup import escape

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, language_of, language_option
from autograder.course import Course
from autograder.errors import CourseError
from autograder.i18n import _, format_moment, ngettext
from autograder.text import Text

REPORT = _("report")


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "report", run, _("write a page on each assignment: who needs help, what was misunderstood"),
        _("Writes reports/<assignment>.<language>.html, and its data as .json and .csv: who needs help, what the class "
        "misunderstood, every answer grouped by what it does, whether the questions are any good, and work that is "
        "shared and unusual. It reads what `autograder grade` left, and grades nothing."),
        ("autograder report", _("every assignment with submissions")),
        ("autograder report week1", _("one")), alone=True,
    )  # fmt: skip
    command.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help=_("all where none is named"))
    language_option(command)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    course = Course.open()
    names = [course.check_assignment(name) for name in arguments.assignments]
    if not names:
        names = [name for name in course.assignments if any(course.submitted.glob(f"*/{name}"))]
    if not names:
        raise CourseError(
            _("no submissions in {folder}; import them with `autograder collect`", folder=course.submitted)
        )
    print_reports(course, names, console, language_of(arguments))
    return 0


def print_reports(
    course: Course,
    assignments: Iterable[str],
    console: Console,
    language: str,
    *,
    reasons: Mapping[str, Mapping[str, Text]] = MappingProxyType({}),
) -> None:
    """Write the reports on some assignments and print where they are.

    reasons: why submissions could not be graded, by assignment and student.
    """
    from autograder.reports.write_report import write_report

    for name in assignments:
        written = write_report(course, name, reasons=reasons.get(name, {}))
        console.print(f"{REPORT.in_language(language)}: {written.page(language)}")
        for one in written.data["regrades"]:
            text = ngettext(
                "regrade {number} of {assignment}, {at}: {n} student moved, because: {because}",
                "regrade {number} of {assignment}, {at}: {n} students moved, because: {because}",
                one["moved"],
                number=one["number"],
                assignment=name,
                at=format_moment(datetime.fromisoformat(one["at"]), course.zone, language),
                because=one["because"],
            )
            console.print((_("{regrade} (undone)", regrade=text) if one["undone"] else text).map(escape))

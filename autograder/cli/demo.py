"""`autograder demo`: grade a simulated class and compare the scores with what it deserves."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.cli.grade import grade_and_report
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, jobs_option, language_of, language_option
from autograder.course import Course
from autograder.i18n import _, ngettext


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "demo", run, _("grade a simulated class and check the scores"),
        _("Copies the course, submits a class of real notebooks (right in many ways, wrong in many ways, broken), "
        "grades them, and compares scores and diagnoses with those in the class files."),
        ("autograder demo --assignment lstm_parameters", _("only a part of it")), alone=True,
    )  # fmt: skip
    command.add_argument(
        "--folder", type=Path, default=Path("build/demo"), help=_("where (default: %(default)s)")
    )
    command.add_argument(
        "--class", dest="class_folder", type=Path, default=None, metavar="FOLDER",
        help=_("where the class is, <assignment>/demo_class.toml (default: solutions/ of the course)"),
    )  # fmt: skip
    command.add_argument(
        "--assignment", action="append", default=[], metavar="ASSIGNMENT", help=_("only this one")
    )
    jobs_option(command)
    language_option(command)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.authoring import demo_class

    course = Course.open()
    for name in arguments.assignment:
        course.check_assignment(name)
    students = [
        student
        for student in demo_class.read_class(arguments.class_folder or course.root / "solutions")
        if not arguments.assignment or student.assignment in arguments.assignment
    ]
    copied = demo_class.copy_course(course, (Path.cwd() / arguments.folder).resolve())
    copied = copied.with_settings(seal="preferred")  # the kit's own class, which runs on any machine
    jobs = demo_class.submit(copied, students)
    console.print(
        _("{number} students handed in; grading them in {root}", number=len(students), root=copied.root),
        soft_wrap=True,
    )
    language = language_of(arguments)
    _code, results = grade_and_report(
        copied, jobs, console, language, workers=arguments.jobs, force=True, scheduler=""
    )
    console.print(_("gradebook: {path}", path=copied.root / "gradebook.db"), soft_wrap=True)
    differences = demo_class.compare(students, results)
    for one in differences:
        console.print(
            _(
                "[red]{student} {question}:[/] expected {expected}, found {found}",
                student=escape(one.student),
                question=one.question,
                expected=one.expected,
                found=one.found,
            ),
            soft_wrap=True,
        )
    if differences:
        console.print(
            ngettext(
                "[red]{n} result is not what the class deserves[/]",
                "[red]{n} results are not what the class deserves[/]",
                len(differences),
            )
        )
        return 1
    console.print(
        _(
            "every score and diagnosis of the {number} students is what the class deserves",
            number=len(students),
        )
    )
    return 0

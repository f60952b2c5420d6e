"""`autograder demo`: grade a simulated class and compare the scores with what it deserves."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder.cli.exit_codes import finish
from autograder.cli.grade import grade_and_report
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, jobs_option, language_of, language_option
from autograder.course import Course
from autograder.i18n import _, ngettext
from autograder.reports.report_files import page_paths

if TYPE_CHECKING:
    from autograder.authoring.demo_class import DemoStudent
    from autograder.course import SubmissionId
    from autograder.engine.messages import Result


OPEN = {"darwin": "open", "win32": "start"}.get(sys.platform, "xdg-open")
"""The command that opens a file in the browser."""


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "demo", run, _("grade a simulated class and check the scores"),
        _("Copies the course, submits a class of real notebooks (right in many ways, wrong in many ways, broken), "
        "grades them, and compares scores and diagnoses with those in the class files. Assignments that train models "
        "take minutes: they are graded only with --all."),
        ("autograder demo", _("grade a simulated class and see what comes out")),
        ("autograder demo --all", _("also what trains models")),
        ("autograder demo --assignment week1", _("only a part of it")), alone=True,
    )  # fmt: skip
    command.add_argument(
        "--folder", type=Path, default=None, help=_("where (default: build/demo of the course)")
    )
    command.add_argument(
        "--class", dest="class_folder", type=Path, default=None, metavar="FOLDER",
        help=_("where the class is, <assignment>/demo_class.toml (default: solutions/ of the course)"),
    )  # fmt: skip
    command.add_argument(
        "--assignment", action="append", default=[], metavar="ASSIGNMENT", help=_("only this one")
    )
    command.add_argument("--all", action="store_true", help=_("also assignments that train models"))
    jobs_option(command)
    language_option(command)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.authoring import demo_class
    from autograder.cli.grading_summary import run_totals

    course = Course.open()
    for name in arguments.assignment:
        course.check_assignment(name)
    everybody = demo_class.read_class(arguments.class_folder or course.root / "solutions")
    names = [name for name in course.assignments if any(student.assignment == name for student in everybody)]
    fast = [name for name in names if course.assignment(name).profile == "counting"]
    chosen = arguments.assignment or (names if arguments.all else fast or names)
    students = [student for student in everybody if student.assignment in chosen]
    folder = arguments.folder or course.root / "build" / "demo"
    copied = demo_class.copy_course(course, folder.resolve())
    copied = copied.with_settings(seal="preferred")  # the kit's own class, which runs on any machine
    jobs = demo_class.submit(copied, students)
    console.print(
        _("{number} students handed in; grading them in {root}", number=len(students), root=copied.root)
    )
    language = language_of(arguments)
    # what trains models is graded last, so that the first report is soon there
    results: list[Result] = []
    for part in (
        [job for job in jobs if job.assignment in fast],
        [job for job in jobs if job.assignment not in fast],
    ):
        if part:
            results += grade_and_report(
                copied, part, console, language, workers=arguments.jobs, force=True, scheduler=""
            ).results
    console.print(_("gradebook: {path}", path=copied.root / "gradebook.db"))
    differences = demo_class.compare(students, results)
    for difference in differences:
        console.print(
            _(
                "[red]{student} {question}:[/] expected {expected}, found {found}",
                student=escape(difference.student),
                question=difference.question,
                expected=difference.expected,
                found=difference.found,
            )
        )
    if differences:
        console.print(
            ngettext(
                "[red]{n} result is not what the class deserves[/]",
                "[red]{n} results are not what the class deserves[/]",
                len(differences),
            )
        )
        return finish(console, run_totals(results, preview=False), len(differences))
    console.print(
        _(
            "every score and diagnosis of the {number} students is what the class deserves",
            number=len(students),
        )
    )
    _print_next(
        copied,
        submission_to_show(students, results, language, copied.languages[0]),
        console,
        language=language,
        left_out=[name for name in names if name not in chosen],
    )
    return 0


def submission_to_show(
    students: Sequence[DemoStudent], results: Sequence[Result], language: str, first: str
) -> SubmissionId:
    """Return a submission whose page is worth reading: in the reader's language if there is one, with a named mistake.

    first: the language of students who have none.
    """
    editions = {student.submission: student.edition or first for student in students}
    return max(
        results,
        key=lambda result: (
            language.startswith(editions.get(result.submission, first)),
            any(report.misconceptions for report in result.reports.values()),
        ),
    ).submission


def _print_next(
    course: Course, submission: SubmissionId, console: Console, *, language: str, left_out: Sequence[str]
) -> None:
    """Print what to look at and what to do now."""
    report = page_paths(course, submission.assignment)
    page = report.get(language) or next(iter(report.values()))
    lines = [
        (f"{OPEN} {shlex.quote(str(course.feedback_path(submission)))}", _("what a student reads")),
        (f"{OPEN} {shlex.quote(str(page))}", _("what the instructor reads about the class")),
        ("autograder init ../my_course", _("make a course of your own")),
    ]
    if left_out:
        lines.append(
            (
                "autograder demo --all",
                _("also what trains models: {assignments}", assignments=", ".join(left_out)),
            )
        )
    console.print(_("next:"))
    for line, text in lines:
        console.print(f"  {escape(line)}\n    {text.in_language(language)}")

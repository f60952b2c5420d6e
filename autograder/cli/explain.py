"""`autograder explain`: show why an answer earned its points."""

from __future__ import annotations

import argparse
from dataclasses import replace

from rich.console import Console

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, language_of, language_option
from autograder.course import Course
from autograder.errors import GraderError
from autograder.i18n import _
from autograder.text import Text, without_commands


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "explain", run, _("show why an answer earned its points"),
        _("Grades a submission in submitted/ again without changing anything, and shows for one question the inputs, "
        "the expected and the returned values of each check, and the diagnosis. It shows hidden inputs and right "
        "answers: for staff only."),
        "autograder explain kim week1 seconds",
        "autograder explain kim week1 seconds --language ko",
    )  # fmt: skip
    command.add_argument("student", metavar="STUDENT", help=_("a folder of submitted/"))
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument("question", metavar="QUESTION", help=_("its name, as the student defines it"))
    language_option(command)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.cli.explanation import print_explanation
    from autograder.engine.batch import find_submissions, replay_submission
    from autograder.notebooks.cells import grade_id, graded_by, is_solution, is_test, read_notebook

    course, language = Course.open(), language_of(arguments)
    [job] = find_submissions(course, [arguments.assignment], [arguments.student])
    with console.status(""):
        seen = replay_submission(course, job, arguments.question)
    if "checks" not in seen:
        raise GraderError(Text(**seen["failed"]))
    print_explanation(console, seen, language)
    notebook, _slash, name = arguments.question.rpartition("/")
    path = course.graded_path(replace(job, part=notebook))
    answer = above = ""
    for cell in read_notebook(path).cells if path.is_file() else []:
        if is_solution(cell):
            above = cell.source
            answer = above if grade_id(cell) == name else answer
        elif graded_by(cell) == name:
            answer = answer or above
            if is_test(cell):
                _print_code(console, _("the test:").in_language(language), cell.source)
            break
    if answer:
        _print_code(console, _("the answer:").in_language(language), answer)
    return 0


def _print_code(console: Console, title: str, source: str) -> None:
    from rich.syntax import Syntax

    console.print(title)
    console.print(Syntax(without_commands(source, but="\n\t"), "python", theme="ansi_light"))

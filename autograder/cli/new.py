"""`autograder new`: write a question file from the template."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.markup import escape

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command
from autograder.course import Course
from autograder.errors import CourseError, part_done
from autograder.i18n import _


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "new", run, _("write a question from a template"),
        _("Writes solutions/ASSIGNMENT/QUESTION.py, a whole question that builds at once and explains itself: change "
        "it step by step. QUESTION is the name that the student will define. The kinds: a function that students "
        "complete; a number with a variant for each student, and its pool; a Keras model; and manual or manual-code, "
        "text or code that a person grades, such as a plot, which is added to the source notebook."),
        "autograder new my_assignment my_question",
        "autograder new my_assignment my_count --kind number",
        ("autograder new ps1 squares --replace test_squares",
         _("the question takes the place of a test of nbgrader's own")), alone=True,
    )  # fmt: skip
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument("question", metavar="QUESTION")
    command.add_argument(
        "--kind",
        choices=("function", "number", "model", "manual", "manual-code"),
        default="function",
        help=_("what students answer with (default: %(default)s)"),
    )
    command.add_argument(
        "--replace",
        metavar="CELL",
        help=_(
            "nbgrader's id of a test that the question takes the place of, with its points; the calls in its "
            "assertions become cases, and the author's solution the right answer"
        ),
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.authoring.scaffold import new_question

    course, assignment = Course.open(), arguments.assignment
    if arguments.replace:
        return _replace(arguments, course, console)
    if course.is_released_by_nbgrader:
        raise CourseError(
            _(
                "nbgrader releases this course, so a question takes the place of a test: `autograder new {assignment} "
                "{question} --replace CELL`",
                assignment=assignment,
                question=arguments.question,
            )
        )
    paths = new_question(course, assignment, arguments.question, kind=arguments.kind)
    for path in paths:
        console.print(_("wrote {path}", path=escape(str(path))))
    if arguments.kind == "number":
        from autograder.authoring.pool_generator import fill

        with part_done():
            fill(course, assignment, paths[-1].stem)
    if not arguments.kind.startswith("manual"):
        next_step = _("next: change it, then `autograder build {assignment}`", assignment=assignment)
    elif assignment in course.assignments:
        next_step = _(
            "next: write the prompt and the model answer in JupyterLab, then `autograder build {assignment}`",
            assignment=assignment,
        )
    else:
        next_step = _(
            "next: write the prompt and the model answer in JupyterLab; add a question that grades itself, "
            "`autograder new {assignment} NAME`, as an assignment needs one; then `autograder build {assignment}`",
            assignment=assignment,
        )
    console.print(next_step)
    return 0


def _replace(arguments: argparse.Namespace, course: Course, console: Console) -> int:
    from autograder.authoring.replacement import replace_test

    assignment = arguments.assignment
    question, notebook = replace_test(course, assignment, arguments.question, arguments.replace)
    console.print(_("wrote {path}", path=escape(str(question))))
    console.print(
        _("changed {path}: {cell} is a question now", path=escape(str(notebook)), cell=arguments.replace)
    )
    if course.is_released_by_nbgrader:
        next_step = _(
            "next: read its cases and checks, then `autograder build {assignment}` and `nbgrader generate_assignment "
            "{assignment} --force`",
            assignment=assignment,
        )
    else:
        next_step = _(
            "next: read its cases and checks, then `autograder build {assignment}`", assignment=assignment
        )
    console.print(next_step)
    return 0

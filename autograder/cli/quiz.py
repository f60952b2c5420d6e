"""`autograder quiz`: write number questions as question banks of an LMS."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.cli.exit_codes import UNCHANGED
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, size
from autograder.course import Course
from autograder.i18n import _


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    quiz = add_command(
        commands, "quiz", run, _("write number questions as question banks for Moodle and Canvas"),
        _("Writes the number questions of each assignment, in many variants, as files that an LMS imports: Moodle "
        "XML, in which every known mistake has its own feedback, and a QTI package for Canvas's Classic Quizzes, "
        "in which known mistakes are the choices beside the right number. One file for each language."),
        ("autograder quiz", _("every assignment that has number questions")),
        ("autograder quiz week1 --variants 50", _("fifty sets of numbers for each question")),
    )  # fmt: skip
    quiz.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help=_("all where none is named"))
    quiz.add_argument(
        "--variants", type=size, default=20, metavar="N",
        help=_("of each question, the first of its pool, or all there are (default: %(default)s)"),
    )  # fmt: skip
    quiz.add_argument(
        "--to", type=Path, default=None, metavar="FOLDER", help=_("where (default: build/quiz of the course)")
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.lms.quiz.moodle_xml import as_moodle_xml
    from autograder.lms.quiz.qti import as_qti_zip
    from autograder.lms.quiz.question_bank import quiz_of

    course = Course.open()
    folder = arguments.to or course.root / "build" / "quiz"
    names = arguments.assignments or course.assignments
    quizzes = [quiz_of(course, name, variants=arguments.variants) for name in names]
    asked = [quiz for quiz in quizzes if quiz.questions]
    files = {
        f"{quiz.assignment}.{language}{suffix}": write(quiz, language)
        for quiz in asked
        for language in course.languages
        for suffix, write in ((".xml", as_moodle_xml), (".qti.zip", as_qti_zip))
    }
    for name, content in files.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for quiz in quizzes:
        if quiz.left_out:
            console.print(
                _("[yellow]left out of {assignment}:[/] {left_out} (write in the question file what a quiz "
"asks: in_quiz=Text(...))", assignment=quiz.assignment, left_out=', '.join(quiz.left_out))
            )  # fmt: skip
        elif not quiz.questions:
            console.print(_("{assignment}: no number questions, so no quiz", assignment=quiz.assignment))
    for quiz in asked:
        variants = [variant for question in quiz.questions for variant in question.variants]
        wrong = sum(len(variant.wrong) for variant in variants)
        console.print(
            _("{assignment}: {number} questions, {found} variants, {wrong} wrong answers with feedback of "
"their own", assignment=quiz.assignment, number=len(quiz.questions), found=len(variants), wrong=wrong)
        )  # fmt: skip
    for name in files:
        console.print(_("  wrote {path}", path=escape(str(folder / name))))
    if not files:
        return UNCHANGED
    console.print(
        _(
            "Moodle: Question bank > Import > Moodle XML format, the .xml; then add random questions "
            "from each category\nCanvas: Settings > Import Course Content > QTI .zip file, the .qti.zip "
            "(Classic Quizzes); then Publish\n[yellow]note:[/] import each file once: Moodle has no "
            "update and would hold every question twice"
        )
    )
    return 0

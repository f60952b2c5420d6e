"""`autograder init`: make a course."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.cli.exit_codes import UNCHANGED
from autograder.cli.help_format import Commands, locale_language
from autograder.cli.options import add_command, agrees, language_of, language_tag
from autograder.course import course_around
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.text import SOURCE_LANGUAGE, are_languages


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "init", run, _("make a course of your own"),
        _("Writes a small course that builds and grades at once: a function question, a number question with a "
        "variant for each student, an essay, and a simulated class. Change it step by step. Existing files are never "
        "overwritten. With --from, the course has the questions and settings of an earlier one, without its "
        "students, with other variants and other hidden inputs. With --existing, the course of nbgrader's in DIR is "
        "graded here by the tests that it has: the command looks at it, says what it would change, and asks."),
        ("autograder init my_course", _("a course to start from")),
        ("autograder init my_course --language de", _("in German: its texts are in English, to translate")),
        ("autograder init my_course --example convolutions", _("a larger example, on convolutions and NumPy")),
        ("autograder init autumn --from spring", _("the next term of the course in spring/")),
        ("autograder init --existing", _("grade the nbgrader course in this folder by its own tests")),
        ("autograder init --existing --undo", _("take that back")),
    )  # fmt: skip
    command.add_argument(
        "folder", type=Path, metavar="DIR", nargs="?",
        help=_("where; it is made if it is missing (with --existing: that of the course, by default this one)"),
    )  # fmt: skip
    command.add_argument(
        "--existing", action="store_true", help=_("grade a course of nbgrader's by the tests that it has")
    )
    command.add_argument(
        "--take", action="append", metavar="ASSIGNMENT", default=[],
        help=_("with --existing: grade this assignment, too, although it has scores already (repeatable)"),
    )  # fmt: skip
    command.add_argument("--undo", action="store_true", help=_("with --existing: take everything back"))
    command.add_argument(
        "--yes", action="store_true", help=_("with --existing, or --from an archive: do not ask")
    )
    command.add_argument(
        "--language", dest="languages", action="append", type=language_tag, metavar="TAG", default=[],
        help=_(
            "a language of the course, such as en (repeatable; default: that of the terminal); with --existing, that "
            "of the output"
        ),
    )  # fmt: skip
    command.add_argument(
        "--example", metavar="NAME", default="", help=_("starter (the default) or convolutions")
    )
    command.add_argument(
        "--from",
        dest="earlier",
        type=Path,
        metavar="COURSE",
        help=_("an earlier course: its folder, or its archive"),
    )
    command.add_argument(
        "--course-id", default="", metavar="ID", help=_("default: from the name of the folder")
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    if arguments.existing or arguments.undo:
        from autograder.cli.existing import take_existing, undo_existing

        folder = arguments.folder or Path.cwd()
        return undo_existing(folder, console) if arguments.undo else take_existing(folder, arguments, console)
    from autograder.authoring.new_course import STARTER, languages_of, new_course, next_term

    if arguments.folder is None:
        raise CourseError(_("name the folder of the new course, as in `autograder init my_course`"))
    folder = arguments.folder
    if (outer := course_around(folder.resolve())) is not None:
        raise CourseError(
            _(
                "{folder} lies inside the course {course}, where students' files may be; choose a folder outside it",
                folder=folder,
                course=outer,
            )
        )
    if arguments.earlier:
        if arguments.example or arguments.languages:
            raise CourseError(
                _("--from takes questions and languages from the earlier course; leave out the other option")
            )
        if arguments.earlier.is_file():
            console.print(
                _(
                    "{archive} holds {file}, a program that runs with your rights: use only an archive that you trust",
                    archive=escape(str(arguments.earlier)),
                    file=CONFIG_FILE,
                )
            )
            if not agrees(arguments, console):
                console.print(_("nothing was changed"))
                return UNCHANGED
        assignments = next_term(folder, arguments.earlier, course_id=arguments.course_id)
    else:
        example, languages = arguments.example or STARTER, arguments.languages
        available = languages_of(example)
        if not languages:
            here = locale_language(os.environ)
            languages = [here if here in available else SOURCE_LANGUAGE]
        if not are_languages(languages):
            raise CourseError(_("--language: a language is named twice"))
        assignments = new_course(folder, example=example, languages=languages, course_id=arguments.course_id)
    console.print(
        _(
            "wrote a course in {folder}, with {assignments}",
            folder=escape(str(folder)),
            assignments=", ".join(assignments),
        )
    )
    if arguments.earlier:
        console.print(
            _("nbgrader_config.py holds the dates of the earlier term as comments: fill in the new ones")
        )
    first = assignments[0] if assignments else "my_assignment"
    lines = [
        (f"cd {shlex.quote(str(folder))}", _("where every command runs")),
        ("autograder build", _("makes release/, the notebooks for students, and proves them")),
        ("autograder demo", _("grades a simulated class")),
        (f"autograder new {first} my_question", _("adds a question of yours")),
    ]
    width = max(len(line) for line, _text in lines)
    console.print(_("next:"))
    for line, text in lines:
        console.print(f"  {escape(line):{width}}   {text.in_language(language_of(arguments))}")
    return 0

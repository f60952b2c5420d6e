"""The `autograder` command: parses the arguments, runs one command, and reports errors."""

from __future__ import annotations

import argparse
import contextlib
import errno
import shutil
import sys
from collections.abc import Sequence
from tempfile import gettempdir

from rich.markup import escape
from traitlets import TraitError

from autograder import __version__
from autograder.cli import (
    archive,
    build,
    collect,
    deadlines,
    demo,
    docs,
    doctor,
    essays,
    explain,
    export,
    grade,
    init,
    new,
    package,
    pool,
    quiz,
    regrade,
    report,
    roster,
    verify,
)
from autograder.cli.exit_codes import INTERRUPTED, NEEDS_YOU, UNCHANGED, UNFINISHED
from autograder.cli.help_format import Examples, Parser
from autograder.cli.options import Terminal, language_of
from autograder.cli.web import platforms, privacy, serve, worker
from autograder.course import Course, folder_of_course
from autograder.course_lock import hold
from autograder.errors import AutograderError, CourseError, is_nothing_done, is_part_done
from autograder.i18n import _
from autograder.nbgrader.config_check import check_config
from autograder.nbgrader.sqlite_errors import explain_error, untraced
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.permissions import closed_files
from autograder.text import Text, joined

COMMANDS = (
    init, build, verify, new, pool, grade, regrade, essays, report, explain, collect, demo, doctor, docs,
    roster, deadlines, export, quiz, package, archive,
    serve, worker, platforms, privacy,
)  # fmt: skip
"""In the order of the help. Each imports what it needs when it runs: nbgrader takes a second, `--help` should not."""
NEED_BUILT_RELEASE = (pool, quiz)
"""Commands that do not work in a course that nbgrader releases."""
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""A failed write has one of these errors, often without a file name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; see `exit_codes`."""
    argv = sys.argv[1:] if argv is None else argv
    arguments = _parser().parse_args(argv)
    console = Terminal(highlight=False, language=language_of(arguments))
    try:
        with untraced(), closed_files(folder_of_course()), _alone(arguments, argv):
            _check_config(arguments, argv)
            code: int = arguments.run(arguments, console)
    except KeyboardInterrupt as interrupt:
        stopped = _("interrupted; finished work is saved. Run the same command again to continue")
        if is_nothing_done(interrupt):
            stopped = _("interrupted; nothing was written")
        Terminal(stderr=True).print("\n" + stopped.in_language(language_of(arguments)))
        return INTERRUPTED
    except Exception as error:
        message = _message_of(error)
        if message is None:
            raise
        errors = Terminal(stderr=True, highlight=False, language=language_of(arguments))
        errors.print(joined(" ", [Text.same("[red]autograder:[/]"), message.map(escape)]))
        if not is_part_done(error):
            return UNCHANGED
        errors.print(UNFINISHED)
        return NEEDS_YOU
    return code


def _message_of(error: Exception) -> Text | None:
    """Return an error as the operator reads it, or None for a bug of ours, whose traceback is shown."""
    if message := _database_message(error):
        return Text.same(message)
    if isinstance(error, AutograderError):
        return error.message
    if isinstance(error, TraitError):
        # a value that `check_config` cannot judge, such as a class that cannot be imported
        return _("{file}: {error}", file=CONFIG_FILE, error=error)
    if isinstance(error, OSError) and (error.filename or error.errno in DISK_FULL):
        text = ": ".join(filter(None, (str(error.filename or ""), error.strerror)))
        if error.errno in DISK_FULL:
            return _("{message}; {places}", message=text, places=_free_space())
        return Text.same(text)
    return None


def _alone(arguments: argparse.Namespace, argv: Sequence[str]) -> contextlib.AbstractContextManager[None]:
    """Return the lock of the course for a command that needs it, else a context that does nothing."""
    if not arguments.alone:
        return contextlib.nullcontext()
    return hold(Course.open().root, f"autograder {argv[0]}")  # what follows may name a student


def _check_config(arguments: argparse.Namespace, argv: Sequence[str]) -> None:
    """Check the config of the course, if there is one.

    Raises CourseError for what nbgrader would ignore or refuse, and for a command that does not work in the course.
    """
    if arguments.run in (doctor.run, init.run):  # one lists it among other findings, one needs no course
        return
    try:
        course = Course.open()
    except CourseError:  # a command that needs a course says so itself
        return
    check_config(course.config, course.root / CONFIG_FILE)
    if course.is_released_by_nbgrader and arguments.run.__module__ in {
        command.__name__ for command in NEED_BUILT_RELEASE
    }:
        raise CourseError(
            _(
                "nbgrader releases this course, and `autograder {command}` needs a release of `autograder build`; see "
                "`autograder docs nbgrader-courses`",
                command=argv[0],
            )
        )


def _database_message(error: Exception) -> str:
    """Return the message for an SQLite error; empty for any other error."""
    with contextlib.suppress(AutograderError):  # a command may run outside a course
        return explain_error(error, Course.open().gradebook_url.removeprefix("sqlite:///"))
    return explain_error(error)


def _free_space() -> Text:
    """Return what to do on a full disk: where commands write, and how much is free there."""
    folders: list[object] = []
    with contextlib.suppress(AutograderError):
        folders.append(folder_of_course())
    with contextlib.suppress(OSError):  # there may be no room for a file that tries a folder
        folders.append(gettempdir())
    megabytes = {str(folder): shutil.disk_usage(str(folder)).free // 2**20 for folder in folders if folder}
    return _(
        "free: {free}. Make room, then run the same command again: finished work is saved",
        free=", ".join(f"{free} MB in {folder}" for folder, free in megabytes.items()),
    )


def _parser() -> Parser:
    parser = Parser(
        prog="autograder",
        description=_(
            "Exercises that grade themselves: author once, release without answers, grade a class."
        ),
        epilog=Examples(
            (
                ("autograder demo", _("grade a simulated class and see what comes out")),
                ("autograder init my_course", _("make a course of your own")),
                ("autograder new week1 my_question", _("write a question file to start from")),
                ("autograder build", _("release every assignment, proved")),
                ("autograder collect downloads", _("import submissions")),
                ("autograder grade week1", _("grade the submissions of one assignment")),
            )
        ).followed_by(
            _("exit codes: 0 nothing is left to do, 1 done and a person is needed, 2 nothing was changed")
        ),
    )
    parser.add_argument("--version", action="version", version=f"autograder {__version__}")
    commands = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    return parser

"""`autograder archive`: pack a finished term."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command
from autograder.course import Course
from autograder.i18n import _


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "archive", run, _("pack a finished term into one file"),
        _("Packs questions, releases, submissions, the gradebook, grades, feedback, reports, the secret of the hidden "
        "inputs and the versions of the software into a zip file that only you may read, with a checksum of each file. "
        "The course stays as it is. Start the next term with `autograder init FOLDER --from ARCHIVE`."),
        ("autograder archive", _("archives/<course id>-<date>.zip")),
        "autograder archive /backup/spring.zip", alone=True,
    )  # fmt: skip
    command.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help=_("default: archives/<course id>-<date>.zip in the course"),
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.authoring.term_archive import FOLDER, pack

    course = Course.open()
    today = datetime.now(course.zone).date()
    packed = pack(course, arguments.file or course.root / FOLDER / f"{course.id or 'course'}-{today}.zip")
    console.print(
        _(
            "wrote {path}: {files} files, the submissions of {students} students; SHA-256 {sha256}",
            path=escape(str(packed.path)),
            files=packed.files,
            students=packed.students,
            sha256=packed.sha256,
        )
    )
    console.print(_("It holds students' data and the answers: keep it as private as the course."))
    return 0

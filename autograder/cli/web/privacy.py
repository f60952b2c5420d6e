"""`autograder erase-student` and `autograder export-student-data`: what is kept of one student."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from rich.console import Console

from autograder.cli.exit_codes import NEEDS_YOU, finish
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command
from autograder.cli.web.options import database_option, opened_course, opened_database
from autograder.errors import part_done
from autograder.i18n import _, ngettext

WHO = _("student id, e-mail address, the LMS's own id, or the name that logs show instead")


def add_parser(commands: Commands) -> None:
    """Add `erase-student` and `export-student-data` to the parser of `autograder`."""
    erase = add_command(
        commands, "erase-student", _erase, _("delete everything that is kept of one student"),
        _("Shows the student and what is kept; with --yes it deletes it: rows of the web tool, files, scores "
        "in the gradebook, the folders in submitted/, autograded/ and feedback/, their lines in roster.csv and "
        "groups.csv. What the LMS holds, backups, and files that you exported stay, see `autograder docs "
        "privacy`. A student who opens an activity again is a new person."),
        ("autograder erase-student minji@example.org", _("shows what would be deleted")),
        ("autograder erase-student minji@example.org --yes", _("deletes it")), alone=True,
    )  # fmt: skip
    erase.add_argument("student", metavar="STUDENT", help=WHO)
    erase.add_argument("--yes", action="store_true", help=_("delete it; this cannot be undone"))
    database_option(erase)
    export = add_command(
        commands, "export-student-data", _export, _("write everything that is kept of one student, to give to them"),
        _("Writes a zip: rows as JSON, the submitted notebooks with their feedback pages, and a README in Korean and "
        "English. It holds nothing of another student, no hidden test and no hidden input."),
        "autograder export-student-data minji@example.org --to minji.zip",
    )  # fmt: skip
    export.add_argument("student", metavar="STUDENT", help=WHO)
    export.add_argument("--to", type=Path, required=True, metavar="FILE.zip", help=_("a new file"))
    database_option(export)


def _erase(arguments: argparse.Namespace, console: Console) -> int:
    course = opened_course(arguments)
    say = partial(console.print, markup=False)

    from autograder.web.privacy.erase import erase_student, find_stored_data

    with opened_database(course) as database:
        kept = find_stored_data(database, course, arguments.student)
        say(_("found: {student}", student=kept.student))
        for table, number in kept.rows.items():
            say(ngettext("  {n} row of {table}", "  {n} rows of {table}", number, table=table))
        for folder in kept.folders:
            say(_("  the folder {folder}", folder=folder))
        if kept.in_gradebook:
            say(_("  the student and all scores in the gradebook"))
        if kept.in_roster:
            say(_("  the line in {roster}", roster=course.settings.roster))
        for name in kept.groups:
            say(_("  the place in a group of {name}", name=name))
        if not arguments.yes:
            say(_("nothing is deleted yet: run it again with --yes"))
            return NEEDS_YOU
        with part_done(lambda: any(not folder.exists() for folder in kept.folders)):
            left = erase_student(database, course, kept)
    for problem in left:
        say(
            _(
                "the rows are deleted, but their traces in the file are not overwritten yet: {problem}; run "
                '`sqlite3 FILE "VACUUM"` once `autograder serve` and `autograder worker` have ended',
                problem=problem,
            )
        )
    return finish(
        console,
        _(
            "deleted. What the LMS holds, backups, and files that you exported are not this command's to "
            "delete"
        ),
        len(left),
    )


def _export(arguments: argparse.Namespace, console: Console) -> int:
    course = opened_course(arguments)

    from autograder.web.privacy.export import export_student

    with opened_database(course) as database:
        student = export_student(database, course, arguments.student, arguments.to)
    console.print(
        _(
            "wrote {path}: everything that is kept of {student}",
            path=arguments.to,
            student=student.student_id or arguments.student,
        ),
        markup=False,
    )
    return 0

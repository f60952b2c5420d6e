"""`autograder export`: write scores and feedback into the files of an LMS."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder.cli.exit_codes import finish
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, language_option, print_list, progress_bar
from autograder.course import Course
from autograder.errors import CourseError, part_done
from autograder.i18n import _, ngettext
from autograder.text import Text

if TYPE_CHECKING:
    from canvasapi import Canvas

    from autograder.lms.canvas import Gradebook
    from autograder.lms.fill import Filled

CANVAS_URL, CANVAS_TOKEN = "CANVAS_API_URL", "CANVAS_API_TOKEN"


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "export", None, _("write scores and feedback into the files of an LMS"),
        _("Fills one column of a file that the LMS exported and leaves everything else unchanged. Students without a "
        "grade are left unchanged and listed, and the command exits with 1. Students who wait for a manual score are "
        "left unchanged and listed too; that alone is not an error. The scores are then given out: from now on only "
        "`autograder regrade` changes them."),
        ("autograder export moodle cells worksheet.csv", _("writes build/moodle/cells/worksheet.csv and feedback.zip")),
        ("autograder export canvas cells Grades.csv", _("writes build/canvas/cells.csv")),
    )  # fmt: skip
    lms = command.add_subparsers(title=_("LMSs"), required=True, metavar="LMS")
    moodle_command = add_command(
        lms, "moodle", _export_moodle, _("Moodle's grading worksheet, and feedback pages in a zip"),
        _("Fills the grading worksheet that Moodle gave, in English or Korean: grades, and a comment where there is "
        "none yet. Writes the feedback pages as the zip that Moodle takes."),
        "autograder export moodle week1 worksheet.csv", alone=True,
    )  # fmt: skip
    moodle_command.add_argument("assignment", metavar="ASSIGNMENT")
    moodle_command.add_argument(
        "worksheet", type=Path, metavar="WORKSHEET", help=_("as downloaded from Moodle")
    )
    moodle_command.add_argument(
        "--to", type=Path, metavar="FOLDER", help=_("output folder (default: build/moodle/ASSIGNMENT)")
    )
    moodle_command.add_argument(
        "--submissions", type=Path, metavar="ZIP",
        help=_("Moodle's zip of submissions: it names the folders of groups that submit together"),
    )  # fmt: skip
    moodle_command.add_argument(
        "--replace-comments", action="store_true", help=_("also overwrite existing comments")
    )
    language_option(moodle_command)
    canvas = add_command(
        lms, "canvas", _export_canvas, _("the gradebook file that Canvas exported"),
        _("Fills the assignment's column of the gradebook that Canvas exported. With --feedback it also comments on "
        "each submission through Canvas's API: {url} and {token} say where and as whom.",
        url=CANVAS_URL, token=CANVAS_TOKEN),
        "autograder export canvas week1 Grades.csv",
        "autograder export canvas week1 Grades.csv --column 'Week 3 (20041)' --feedback 1234", alone=True,
    )  # fmt: skip
    canvas.add_argument("assignment", metavar="ASSIGNMENT")
    canvas.add_argument("gradebook", type=Path, metavar="GRADEBOOK", help=_("as exported from Canvas"))
    canvas.add_argument(
        "--to", type=Path, metavar="FILE", help=_("output file (default: build/canvas/ASSIGNMENT.csv)")
    )
    canvas.add_argument(
        "--column",
        default="",
        metavar="TITLE",
        help=_("the column title, if Canvas has another name for the assignment"),
    )
    canvas.add_argument(
        "--keep-bonus",
        action="store_true",
        help=_("allow scores above the points possible; otherwise they are capped"),
    )
    canvas.add_argument(
        "--feedback", default="", metavar="COURSE", help=_("also comment in the course with this Canvas id")
    )
    language_option(canvas)


def _export_moodle(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.lms.moodle.fill_worksheet import fill_worksheet, group_folders
    from autograder.lms.moodle.worksheet import read_worksheet

    course = Course.open()
    worksheet = read_worksheet(arguments.worksheet, course.zone)
    target = arguments.to or course.root / "build" / "moodle" / arguments.assignment
    folders = group_folders(arguments.submissions) if arguments.submissions else None
    exported = fill_worksheet(
        course, arguments.assignment, worksheet, target, folders=folders,
        replace_comments=arguments.replace_comments,
    )  # fmt: skip
    needs = _tell_filled(console, course, arguments.worksheet, exported.filled, exported.scaled, "Moodle")
    if exported.comments_kept:
        console.print(
            ngettext(
                "{n} existing comment was kept (--replace-comments overwrites it)",
                "{n} existing comments were kept (--replace-comments overwrites them)",
                exported.comments_kept,
            )
        )
    if worksheet.is_of_a_team and folders is None:
        console.print(
            _(
                "[yellow]no feedback.zip:[/] groups submit together; give --submissions, Moodle's zip of "
                "submissions"
            )
        )
    console.print(_("worksheet: {path}", path=escape(str(exported.worksheet))))
    if exported.feedback:
        console.print(
            ngettext(
                "feedback: {path}, {n} page",
                "feedback: {path}, {n} pages",
                exported.pages,
                path=escape(str(exported.feedback)),
            )
        )
    console.print(
        ngettext(
            "next, in Moodle: Upload grading worksheet, with “Allow updating records that have been "
            "modified more recently in Moodle” ticked; it should say that it updated {n} grade",
            "next, in Moodle: Upload grading worksheet, with “Allow updating records that have been "
            "modified more recently in Moodle” ticked; it should say that it updated {n} grades",
            exported.updates,
        )
    )
    return _finish(console, course, arguments.assignment, exported.filled, needs)


def _export_canvas(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.lms import canvas, sheet

    course = Course.open()
    gradebook = canvas.gradebook(
        sheet.read(arguments.gradebook), arguments.assignment, column=arguments.column
    )
    connection = _canvas(gradebook) if arguments.feedback else None
    target = arguments.to or course.root / "build" / "canvas" / f"{arguments.assignment}.csv"
    exported = canvas.export(course, arguments.assignment, gradebook, target, keep_bonus=arguments.keep_bonus)
    needs = _tell_filled(console, course, arguments.gradebook, exported.filled, exported.scaled, "Canvas")
    console.print(_("gradebook: {path}; next, in Canvas: Grades, Import", path=escape(str(target))))
    if connection is not None:
        settled = sum(standing.state == "settled" for standing in exported.filled.standings.values())
        with part_done(), progress_bar(console, settled) as advance:
            lost = list(
                canvas.send_feedback(
                    course, arguments.assignment, gradebook, exported.filled, connection,
                    course_id=arguments.feedback, sent=course.root / "build" / "canvas" / "sent.json", done=advance,
                )
            )  # fmt: skip
        print_list(
            console, _("[red]feedback not sent:[/]"), [f"{student}: {reason}" for student, reason in lost]
        )
        needs += len(lost)
    return _finish(console, course, arguments.assignment, exported.filled, needs)


def _finish(console: Console, course: Course, assignment: str, filled: Filled, needs: int) -> int:
    """Print that the scores are given out, and the last line; return the exit code."""
    from autograder.cli.grading_summary import with_outdated
    from autograder.engine.kept_grades import outdated_scores
    from autograder.grading.given_out import RECORD

    given_out = ngettext(
        "{n} score is given out: from now on only `autograder regrade` changes it ({path})",
        "{n} scores are given out: from now on only `autograder regrade` changes them ({path})",
        len(filled.given_out(assignment)),
        path=escape(str(course.root / RECORD)),
    )
    console.print(given_out)
    outdated = outdated_scores(course, [assignment])
    return finish(console, with_outdated(_rows_filled(filled), len(outdated)), needs)


def _canvas(gradebook: Gradebook) -> Canvas:
    """Return the connection to Canvas's API. Raises CourseError if something is missing that it needs."""
    from canvasapi import Canvas

    url, token = os.environ.get(CANVAS_URL), os.environ.get(CANVAS_TOKEN)
    if not url or not token or not gradebook.assignment_id:
        raise CourseError(
            _(
                "--feedback needs {url} and {token} in the environment, and a column whose title ends with "
                "Canvas's number of the assignment",
                url=CANVAS_URL,
                token=CANVAS_TOKEN,
            )
        )
    return Canvas(url, token)


def _rows_filled(filled: Filled) -> Text:
    absent = sum(
        standing.state == "absent" for row, standing in filled.standings.items() if row in filled.scores
    )
    if not absent:
        return ngettext("{n} row filled", "{n} rows filled", len(filled.scores))
    return ngettext(
        "{n} row filled, {absent} with 0 because nothing was submitted",
        "{n} rows filled, {absent} with 0 because nothing was submitted",
        len(filled.scores),
        absent=absent,
    )


def _tell_filled(
    console: Console, course: Course, file: Path, filled: Filled, scaled: tuple[float, float] | None, lms: str
) -> int:
    """Print what was not filled as it is here; return how many of the LMS's or our students need a person."""
    if scaled:
        console.print(
            _(
                "[yellow]scaled:[/] {ours:g} points here are {theirs:g} in {lms}",
                ours=scaled[0],
                theirs=scaled[1],
                lms=lms,
            )
        )
    print_list(console, _("[yellow]cut to {lms}'s maximum:[/]", lms=lms), filled.capped)
    print_list(console, _("[yellow]left as it is:[/]"), filled.kept)
    waiting = [f"{cell}: {', '.join(students)}" for cell, students in filled.waiting.items()]
    print_list(console, _("[yellow]waiting for a manual score, left as it is:[/]"), waiting)
    print_list(console, _("[red]not graded, left as it is:[/]"), filled.ungraded)
    print_list(console, _("[red]in {lms}'s file, not matched:[/]", lms=lms), filled.unmatched)
    print_list(console, _("[red]graded, and not in {lms}'s file:[/]", lms=lms), filled.missing)
    if filled.missing and not (course.root / course.settings.roster).is_file():
        console.print(
            _(
                "there is no roster, which knows the folders of submitted/ and the people of {lms}: "
                "`autograder roster {file} --match` makes it from this file",
                lms=lms,
                file=escape(str(file)),
            )
        )
    return len(filled.ungraded) + len(filled.missing)

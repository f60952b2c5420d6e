"""The commands that bring hand-ins and scores into and out of an LMS."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder.course import Course
from autograder.errors import CourseError
from autograder.options import add_command, progress_bar

if TYPE_CHECKING:
    from autograder.lms.filling import Filled
    from autograder.lms.worksheet import Worksheet

CANVAS_URL, CANVAS_TOKEN = "CANVAS_API_URL", "CANVAS_API_TOKEN"


def add_lms_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add them to the parser of `autograder`."""
    roster = add_command(
        commands, "roster", _roster, "who is who: make and check the roster",
        "The roster, roster.csv, maps each student to name, student number, email, and to what LMSs and hubs call "
        "them. Without a file this checks it. With files that an LMS exported (Moodle's grading worksheet or list of "
        "participants, Canvas's gradebook, Gradescope's roster) it fills in what the roster does not know yet; it "
        "never changes what stands there.",
        "autograder roster",
        "autograder roster participants.csv --new-by email       the address becomes the id",
        "autograder roster worksheet.csv --assignment cells      also Moodle's numbers of that assignment",
    )  # fmt: skip
    roster.add_argument("files", nargs="*", type=Path, metavar="FILE", help="CSV files that an LMS exported")
    roster.add_argument(
        "--new-by", default="", choices=("student_id", "student_number", "email", "username"),
        help="add who is not in the roster yet, with this as the id; without it they are listed",
    )  # fmt: skip
    roster.add_argument(
        "--assignment", default="", metavar="ASSIGNMENT", help="whose participant numbers a worksheet has"
    )

    times = add_command(
        commands, "times", _times, "note when hand-ins came, and extensions",
        "Takes hand-in times and extensions from Moodle's grading worksheet, or from a CSV file with the columns "
        "student_id, assignment, handed_in and extended_until, to where nbgrader's late policy looks for them. Times "
        "that name no zone are in c.CourseSettings.timezone.",
        "autograder times extensions.csv",
        "autograder times worksheet.csv --assignment lstm_parameters",
    )  # fmt: skip
    times.add_argument("file", type=Path, metavar="FILE", help="a CSV file of these columns, or a worksheet")
    times.add_argument("--assignment", default="", metavar="ASSIGNMENT", help="of a worksheet")

    export = add_command(
        commands, "export", None, "scores and feedback into the files of an LMS",
        "Fills the file that the LMS exported, one column of it, and leaves everything else in it as it is. Who is "
        "not graded stays as the file has them, is listed, and the command exits with 1.",
        "autograder export moodle cells worksheet.csv   writes build/moodle/cells/worksheet.csv and feedback.zip",
        "autograder export canvas cells Grades.csv      writes build/canvas/cells.csv",
    )  # fmt: skip
    lms = export.add_subparsers(title="LMSs", required=True, metavar="LMS")
    moodle = add_command(
        lms, "moodle", _export_moodle, "Moodle's grading worksheet, and feedback pages in a zip",
        "Fills the grading worksheet that Moodle gave, in English or Korean: grades, and a comment where there is "
        "none yet. Writes the feedback pages as the zip that Moodle takes.",
        "autograder export moodle lstm_parameters worksheet.csv",
    )  # fmt: skip
    moodle.add_argument("assignment", metavar="ASSIGNMENT")
    moodle.add_argument("worksheet", type=Path, metavar="WORKSHEET", help="as downloaded from Moodle")
    moodle.add_argument("--to", type=Path, metavar="FOLDER", help="where (default: build/moodle/ASSIGNMENT)")
    moodle.add_argument(
        "--submissions", type=Path, metavar="ZIP",
        help="Moodle's zip of submissions: names the folders of groups that hand in together",
    )  # fmt: skip
    moodle.add_argument(
        "--replace-comments", action="store_true", help="also write over comments that stand there"
    )
    canvas = add_command(
        lms, "canvas", _export_canvas, "the gradebook file that Canvas exported",
        "Fills the assignment's column of the gradebook that Canvas exported. With --feedback it also comments on "
        f"each submission through Canvas's API: {CANVAS_URL} and {CANVAS_TOKEN} say where and as whom.",
        "autograder export canvas lstm_parameters Grades.csv",
        "autograder export canvas lstm_parameters Grades.csv --column 'Week 3 (20041)' --feedback 1234",
    )  # fmt: skip
    canvas.add_argument("assignment", metavar="ASSIGNMENT")
    canvas.add_argument("gradebook", type=Path, metavar="GRADEBOOK", help="as exported from Canvas")
    canvas.add_argument(
        "--to", type=Path, metavar="FILE", help="where (default: build/canvas/ASSIGNMENT.csv)"
    )
    canvas.add_argument(
        "--column", default="", metavar="TITLE", help="where Canvas calls the assignment otherwise"
    )
    canvas.add_argument(
        "--keep-bonus",
        action="store_true",
        help="let scores be above the points possible; else they are cut there",
    )
    canvas.add_argument(
        "--feedback", default="", metavar="COURSE", help="comment in this course, Canvas's number of it"
    )


def _roster(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.lms import sheets
    from autograder.lms.people import learn
    from autograder.roster import Roster, Unmatched, write

    course = Course.open()
    if arguments.assignment:
        course.check_assignment(arguments.assignment)
    path = course.root / course.settings.roster
    roster = Roster.of(course)
    unmatched: list[str] = []
    for file in arguments.files:
        learned = learn(roster, sheets.read(file), assignment=arguments.assignment, new_by=arguments.new_by)
        console.print(
            f"{escape(str(file))}: {len(learned.added)} added, {learned.filled} filled in, "
            f"{len(learned.unmatched)} not in the roster", soft_wrap=True,
        )  # fmt: skip
        _list(console, "[yellow]kept:[/]", learned.differing)
        unmatched += learned.unmatched
        roster = Roster(tuple(learned.people), path)
    if arguments.files:
        write(path, roster.people)
    _list(console, "[red]not in the roster:[/]", unmatched)
    folders = sorted(one.name for one in course.submitted.iterdir()) if course.submitted.is_dir() else []
    strangers = [str(found) for name in folders if isinstance(found := roster.find_any(name), Unmatched)]
    if roster:
        _list(console, f"[red]in {escape(str(course.submitted))}, not in the roster:[/]", strangers)
    console.print(f"{len(roster.people)} people in {escape(str(path))}", soft_wrap=True)
    if not roster:
        console.print("make it from a file of your LMS: see `autograder roster --help`")
    return 1 if unmatched or (roster and strangers) or not roster else 0


def _times(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.lms import times
    from autograder.roster import Roster

    course = Course.open()
    roster = Roster.of(course)
    if arguments.assignment:
        course.check_assignment(arguments.assignment)
        sheet = read_worksheet(course, arguments.file)
        found = times.of_worksheet(sheet, roster, arguments.assignment)
    else:
        found = times.of_file(course, arguments.file, roster)
    return _tell_times(course, times.note(course, found), console)


def _tell_times(course: Course, noted: object, console: Console) -> int:
    from autograder.lms.times import Noted

    assert isinstance(noted, Noted)
    console.print(
        f"{noted.handed_in} hand-in time(s) and {noted.extended} extension(s) noted, read in the zone "
        f"{course.settings.timezone}"
    )
    _list(console, "[yellow]not noted:[/]", noted.without)
    return 0


def read_worksheet(course: Course, path: Path) -> Worksheet:
    """Moodle's worksheet in a file. Raises CourseError where it is none."""
    from autograder.lms import sheets
    from autograder.lms.worksheet import worksheet

    return worksheet(sheets.read(path), course.zone)


def take_worksheet(
    course: Course, assignment: str, path: Path, console: Console
) -> Mapping[str, Mapping[str, str]]:
    """What a worksheet tells of its participants, for collecting; its groups become the course's."""
    from autograder.lms.worksheet import groups_in
    from autograder.roster import Roster, write_groups

    if not assignment:
        raise CourseError("--worksheet needs --assignment: Moodle has a worksheet for each")
    sheet = read_worksheet(course, path)
    if sheet.is_of_a_team:
        groups, unknown = groups_in(sheet, Roster.of(course))
        write_groups(course, assignment, groups)
        console.print(f"{len(groups)} group(s) of {assignment} written into {course.settings.groups}")
        _list(console, "[red]not in the roster:[/]", unknown)
    return {one.number: one.told for one in sheet.participants}


def note_worksheet_times(course: Course, assignment: str, path: Path, console: Console) -> None:
    """Note the hand-in times and extensions that a worksheet tells."""
    from autograder.lms import times
    from autograder.roster import Roster

    found = times.of_worksheet(read_worksheet(course, path), Roster.of(course), assignment)
    _tell_times(course, times.note(course, found), console)


def _export_moodle(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.lms import moodle

    course = Course.open()
    worksheet = read_worksheet(course, arguments.worksheet)
    target = arguments.to or course.root / "build" / "moodle" / arguments.assignment
    folders = moodle.group_folders(arguments.submissions) if arguments.submissions else None
    exported = moodle.export(
        course, arguments.assignment, worksheet, target, folders=folders,
        replace_comments=arguments.replace_comments,
    )  # fmt: skip
    code = _tell_filled(console, exported.filled, exported.scaled, "Moodle")
    if exported.comments_kept:
        console.print(f"{exported.comments_kept} comment(s) stood there and were left (--replace-comments)")
    if worksheet.is_of_a_team and folders is None:
        console.print(
            "[yellow]no feedback.zip:[/] groups hand in together; give --submissions, Moodle's zip of them"
        )
    console.print(f"worksheet: {escape(str(exported.worksheet))}", soft_wrap=True)
    if exported.feedback:
        console.print(f"feedback: {escape(str(exported.feedback))}, {exported.pages} page(s)", soft_wrap=True)
    console.print(
        "next, in Moodle: Upload grading worksheet, with “Allow updating records that have been modified more recently "
        f"in Moodle” ticked; it should say that it updated {exported.updates} grade(s)", soft_wrap=True,
    )  # fmt: skip
    return code


def _export_canvas(arguments: argparse.Namespace, console: Console) -> int:
    from autograder.lms import canvas, sheets

    course = Course.open()
    gradebook = canvas.gradebook(
        sheets.read(arguments.gradebook), arguments.assignment, column=arguments.column
    )
    target = arguments.to or course.root / "build" / "canvas" / f"{arguments.assignment}.csv"
    exported = canvas.export(course, arguments.assignment, gradebook, target, keep_bonus=arguments.keep_bonus)
    code = _tell_filled(console, exported.filled, exported.scaled, "Canvas")
    console.print(f"gradebook: {escape(str(target))}; next, in Canvas: Grades, Import", soft_wrap=True)
    if arguments.feedback:
        code = max(code, _send_canvas_feedback(arguments, course, gradebook, exported.filled, console))
    return code


def _send_canvas_feedback(
    arguments: argparse.Namespace, course: Course, gradebook: object, filled: Filled, console: Console
) -> int:
    from canvasapi import Canvas

    from autograder.lms import canvas

    assert isinstance(gradebook, canvas.Gradebook)
    url, token = os.environ.get(CANVAS_URL), os.environ.get(CANVAS_TOKEN)
    if not url or not token or not gradebook.assignment_id:
        raise CourseError(
            f"--feedback needs {CANVAS_URL} and {CANVAS_TOKEN} in the environment, and a column whose title ends with "
            "Canvas's number of the assignment"
        )
    with progress_bar(console, sum(one.state == "settled" for one in filled.standings.values())) as advance:
        lost = list(
            canvas.send_feedback(
                course, arguments.assignment, gradebook, filled, Canvas(url, token), course_id=arguments.feedback,
                sent=course.root / "build" / "canvas" / "sent.json", done=advance,
            )
        )  # fmt: skip
    _list(console, "[red]feedback not sent:[/]", [f"{student}: {reason}" for student, reason in lost])
    return 1 if lost else 0


def _tell_filled(console: Console, filled: Filled, scaled: tuple[float, float] | None, lms: str) -> int:
    """Say who got a score and who did not, and why; 0 where everybody who handed in has one."""
    if scaled:
        console.print(f"[yellow]scaled:[/] {scaled[0]:g} points here are {scaled[1]:g} in {lms}")
    absent = sum(one.state == "absent" for row, one in filled.standings.items() if row in filled.scores)
    console.print(f"{len(filled.scores)} row(s) filled, {absent} of them 0 for handing in nothing")
    _list(console, f"[yellow]cut to {lms}'s maximum:[/]", filled.capped)
    _list(console, "[yellow]left as it is:[/]", filled.kept)
    _list(console, "[red]not graded, left as it is:[/]", filled.ungraded)
    _list(console, f"[red]in {lms}'s file, not matched:[/]", filled.unmatched)
    _list(console, f"[red]graded, and not in {lms}'s file:[/]", filled.missing)
    return 0 if filled.is_whole else 1


def _list(console: Console, title: str, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(f"{title} {escape(line)}", soft_wrap=True)

"""`autograder regrade`: change scores that are given out, on purpose, and take that back."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.cli.exit_codes import finish
from autograder.cli.help_format import Commands
from autograder.cli.options import (
    Terminal,
    add_command,
    jobs_option,
    language_of,
    language_option,
    progress_bar,
    scheduler_option,
)
from autograder.course import Course, SubmissionId
from autograder.engine.preload import expect_workers
from autograder.errors import AutograderError, CourseError, nothing_done, part_done
from autograder.i18n import _, ngettext, pgettext
from autograder.suggestions import unknown
from autograder.text import Text, some_of

if TYPE_CHECKING:
    from autograder.engine.messages import Regrade, Result
    from autograder.engine.regrading import Regraded

MAX_ROWS, MAX_NAMED = 20, 3
EXPORT_AGAIN = _(
    "for files that were exported: export and upload them again; students may have read the earlier scores"
)


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "regrade", run, _("change scores that were given out: preview, apply, undo"),
        _("Scores that students have been given stay as they are when a question file, the release, a setting or a "
        "version changes. This command grades them as the course is today and shows who would get another score, "
        "and why: in a table, and on a page in reports/. It writes nothing before you say --apply, with the reason. "
        "Scores given by hand stay. Each regrade is logged in regrades/, and --undo undoes the last one. Scores "
        "that nobody has been given are graded by `autograder grade`."),
        ("autograder regrade", _("who would get another score?")),
        ("autograder regrade week1 trip --keep-better", _("one question, and no score goes down")),
        ("autograder regrade week1 trip --apply --because 'the check refused tuples'", _("write the new scores")),
        ("autograder regrade --undo", _("put scores, comments and pages back")),
        alone=True,
    )  # fmt: skip
    command.add_argument("assignment", nargs="?", metavar="ASSIGNMENT", help=_("all where none is named"))
    command.add_argument(
        "question", nargs="?", metavar="QUESTION", help=_("the only one whose scores change (default: all)")
    )
    command.add_argument(
        "--keep-better",
        action="store_true",
        help=_("where a score would be lower, the one that was given out stays"),
    )
    command.add_argument("--json", action="store_true", help=_("print the preview as JSON, and nothing else"))
    command.add_argument("--apply", action="store_true", help=_("write the new scores"))
    command.add_argument(
        "--undo", action="store_true", help=_("undo the last regrade that is not undone yet")
    )
    command.add_argument("--because", metavar="REASON", help=_("why, in a sentence; needed with --apply"))
    command.add_argument(
        "--overwrite", action="append", default=[], metavar="STUDENT/ASSIGNMENT/QUESTION",
        help=_("with --undo: overwrite this score, which was given by hand since (repeatable)"),
    )  # fmt: skip
    command.add_argument(
        "--keep-manual",
        action="store_true",
        help=_("with --undo: leave other scores that were given by hand since"),
    )
    scheduler_option(command)
    jobs_option(command)
    language_option(command)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    from autograder.grading.given_out import PENDING

    course = Course.open()
    course.check_settings()
    if arguments.apply and not (arguments.because or "").strip():
        raise CourseError(
            _('--apply needs --because "…": a sentence that says why, which is kept with the regrade')
        )
    if arguments.undo and (arguments.apply or arguments.assignment):
        raise CourseError(_("--undo undoes the last regrade as a whole; give it without --apply and names"))
    submissions, of_web = _given_out(course, arguments.assignment, arguments.question)
    if of_web and not arguments.undo:
        line = ngettext(
            "{n} score comes from the web tool, which regrades it: on the page *Regrade* of the activity",
            "{n} scores come from the web tool, which regrades them: on the page *Regrade* of the activity",
            of_web,
        )
        _notes(console, arguments).print(line)
    with part_done(lambda: (course.root / PENDING).exists()):  # what is pending is written in part
        return _run(course, submissions, arguments, console)


def _run(
    course: Course, submissions: Sequence[SubmissionId], arguments: argparse.Namespace, console: Console
) -> int:
    """Finish what was interrupted, then preview, apply or undo; return the exit code."""
    from autograder.engine.messages import Regrade
    from autograder.engine.regrading import finish_interrupted

    if (log := finish_interrupted(course)) is not None:
        notes = _notes(console, arguments)
        notes.print(_("[yellow]finished:[/] a regrade that was interrupted while it was written"))
        _write_files(course, log, notes, arguments)
        if arguments.undo if log["undone"] else arguments.apply:  # it is what is asked for
            return _written(log, console)
    if arguments.undo:
        return _undo(course, arguments, console)
    if not submissions:
        return finish(console, _("no score of this is given out: `autograder grade` changes it"), 0)
    expect_workers(arguments.jobs, apart=True)
    regrade = Regrade(arguments.question or "", keep_better=arguments.keep_better)
    return _regrade(course, submissions, regrade, arguments, console)


def _given_out(
    course: Course, assignment: str | None, question: str | None
) -> tuple[list[SubmissionId], int]:
    """Return the submissions whose scores are given out, of an assignment or of all, and how many are the web tool's.

    Raises CourseError, with suggestions, for an unknown assignment or question.
    """
    from autograder.grading.given_out import given_out

    names = course.assignments if assignment is None else [course.check_assignment(assignment)]
    if question is not None and course.assignment(names[0]).is_built:
        known = [each.id for each in course.assignment(names[0]).questions]
        if question not in known:
            raise CourseError(unknown("question", question, known))
    out = given_out(course)
    found = [
        submission
        for name in names
        for student in sorted(out.students.get(name, {}))
        if course.submitted_folder(submission := SubmissionId(student, name)).is_dir()
    ]
    own = [submission for submission in found if not out.is_by_web(submission)]
    return own, len(found) - len(own)


def _regrade(
    course: Course,
    submissions: Sequence[SubmissionId],
    regrade: Regrade,
    arguments: argparse.Namespace,
    console: Console,
) -> int:
    """Preview or apply a regrade, print what changes, and return the exit code."""
    from autograder.cli.grade import listener_of, write_and_report
    from autograder.engine.regrade_data import students_moved
    from autograder.engine.regrading import apply_regrade, preview_regrade
    from autograder.grading.given_out import PENDING
    from autograder.nbgrader.grades_csv import write_grades_files

    how: dict[str, Any] = {"workers": arguments.jobs, "scheduler": arguments.scheduler}
    quiet = Console(quiet=True) if arguments.json else console
    is_begun = (course.root / PENDING).exists
    with nothing_done(lambda: not is_begun()), progress_bar(quiet, len(submissions)) as advance:
        how["listener"] = listener_of(quiet, language_of(arguments), advance)
        if arguments.apply:
            regraded = apply_regrade(course, submissions, regrade, arguments.because, **how)
        else:
            regraded = preview_regrade(course, submissions, regrade, **how)
    needs = {
        result.submission
        for result in regraded.results
        if result.state == "ungraded" or (result.outdated.reason and not regrade.question)
    }
    if arguments.json:
        from autograder.reports.write_report import json_of

        console.out(json_of(regraded.data), end="", highlight=False)
        return int(bool(needs))
    others = untouched(course, submissions, regraded.results) if arguments.assignment is None else ()
    if regraded.log is None:
        if arguments.apply:  # the run that wrote the scores may have been killed before this
            write_grades_files(course)
        _show(course, regraded, others, console, language_of(arguments))
        return finish(console, _previewed(regraded), len(needs))
    with part_done():
        _print_table(regraded.data, console, language_of(arguments))
        _print_untouched(others, console)
        needs |= write_and_report(course, regraded.results, console, language_of(arguments))
        console.print(_("log: {path}", path=escape(str(regraded.log))))
        console.print(EXPORT_AGAIN)
    done = ngettext(
        "{n} student has another score; `autograder regrade --undo` undoes that",
        "{n} students have another score; `autograder regrade --undo` undoes that",
        students_moved(regraded.data),
    )
    if not students_moved(regraded.data):
        done = _("no score has changed; what was given out is up to date now")
    return finish(console, done, len(needs))


def untouched(
    course: Course, submissions: Iterable[SubmissionId], results: Sequence[Result]
) -> tuple[Text, ...]:
    """Return a line on the assignments whose scores are up to date, and one on those whose scores were never given out.

    submissions: those that are given out.
    """
    from autograder.grading.given_out import given_out

    touched = {result.submission.assignment for result in results if result.state != "kept"}
    if not touched:
        return ()
    current = [name for name in dict.fromkeys(one.assignment for one in submissions) if name not in touched]
    out = given_out(course).students
    to_grade = [
        name for name in course.assignments if not out.get(name) and any(course.submitted.glob(f"*/{name}"))
    ]
    lines = (
        (current, _("up to date: {names}", names=some_of(current, MAX_ROWS))),
        (
            to_grade,
            _("not given out, so `autograder grade` changes it: {names}", names=some_of(to_grade, MAX_ROWS)),
        ),
    )
    return tuple(line for names, line in lines if names)


def _print_untouched(lines: Iterable[Text], console: Console) -> None:
    for line in lines:
        console.print(line.map(escape))


def _show(
    course: Course, regraded: Regraded, others: Iterable[Text], console: Console, language: str
) -> None:
    """Print a preview, and write its page."""
    from autograder.cli.grading_summary import print_preview
    from autograder.reports.regrade_page import write_preview

    _print_table(regraded.data, console, language)
    _print_untouched(others, console)
    print_preview(console, regraded.results, language)
    pages = write_preview(course, regraded.data)
    page = pages.get(language) or next(iter(pages.values()))
    console.print(_("preview: {path}", path=escape(str(page))))


def _print_table(data: Mapping[str, Any], console: Console, language: str) -> None:
    """Print who moves, from what to what and why: by question, then the first students."""
    from autograder.engine.regrade_data import question_text
    from autograder.reports.regrade_page import grouped, has_several_assignments, points_text

    has_several = has_several_assignments(data)

    def show(text: Text) -> str:
        return text.in_language(language)

    for one in data["reasons"]:
        line = ngettext(
            "graded again: {n} score of {assignment}, because {why}",
            "graded again: {n} scores of {assignment}, because {why}",
            one["scores"],
            assignment=one["assignment"],
            why=Text(**one["text"]),
        )
        console.print(line.map(escape))
    for one in data["summary"]:
        name = f"{one['assignment']} {show(question_text(one['question']))}"
        lines: list[Text] = [
            _("{question}: {up} up, {down} down", question=name, up=one["up"], down=one["down"])
        ]
        if one["new"]:
            lines.append(
                ngettext("  {n} score where there was none", "  {n} scores where there were none", one["new"])
            )
        if one["kept"]:
            lines.append(ngettext("  {n} better score stays", "  {n} better scores stay", one["kept"]))
        if one["by_hand"]:
            lines.append(
                ngettext("  {n} score given by hand stays", "  {n} scores given by hand stay", one["by_hand"])
            )
        if one["carried"]:
            lines.append(
                _("  {n} of them through what is carried over from another question", n=one["carried"])
            )
        for text in lines:
            console.print(text.map(escape))
    moved, kept = grouped(data["changes"]), grouped(data["kept"])
    rows = [*moved, *kept]
    if not rows:
        return
    table = Table()
    for title in (pgettext("table", "students"), _("question"), _("score"), _("because")):
        table.add_column(show(title), overflow="fold")
    for place, change in enumerate(rows[:MAX_ROWS]):
        name, why = show(question_text(change["question"])), show(Text(**change["why"]))
        if change["by_hand"] is not None:
            why += " " + show(
                _("(the score given by hand, {score}, stays)", score=points_text(change["by_hand"]))
            )
        if place >= len(moved):
            why += " " + show(_("(the better score stays)"))
        table.add_row(
            escape(some_of(change["students"], MAX_NAMED)),
            escape(f"{change['assignment']} {name}" if has_several else name),
            f"{points_text(change['before'])} → {points_text(change['after'])}",
            escape(why),
        )
    console.print(table)
    if len(rows) > MAX_ROWS:
        console.print(_("{number} more", number=len(rows) - MAX_ROWS))


def _previewed(regraded: Regraded) -> Text:
    """Return the last line of a run that wrote nothing."""
    from autograder.engine.regrade_data import students_moved
    from autograder.reports.regrade_page import command_that_applies

    if any(result.outdated.reason or result.reason for result in regraded.results):
        return _("not everything could be graded again, see above; nothing was written")
    if not regraded.data["graded"]:
        return _("every score that was given out is up to date; nothing was written")
    if not students_moved(regraded.data):
        return _(
            "no score would change; `{command}` marks the scores as up to date",
            command=command_that_applies(regraded.data),
        )
    return ngettext(
        '{n} student would get another score; nothing was written: --apply --because "…" writes it',
        '{n} students would get another score; nothing was written: --apply --because "…" writes them',
        students_moved(regraded.data),
    )


def _undo(course: Course, arguments: argparse.Namespace, console: Console) -> int:
    from autograder.engine.regrading import undo_regrade

    undone = undo_regrade(course, overwrite=arguments.overwrite, keep_manual=arguments.keep_manual)
    if undone.left:
        names = some_of([f"{one.student} ({one.assignment})" for one in undone.left])
        console.print(_("[yellow]handed in again since, so left as it is:[/] {names}", names=escape(names)))
    if undone.manual:
        names = some_of(undone.manual)
        console.print(_("[yellow]given by hand since, so left as it is:[/] {names}", names=escape(names)))
    _write_files(course, undone.log, console, arguments)
    return _written(undone.log, console)


def _notes(console: Console, arguments: argparse.Namespace) -> Console:
    """Return the console for what is not the preview, which stands alone in the output where it is JSON."""
    if arguments.json:
        return Terminal(stderr=True, highlight=False, language=language_of(arguments))
    return console


def _write_files(
    course: Course, log: Mapping[str, Any], console: Console, arguments: argparse.Namespace
) -> None:
    """Write the grades and the reports that follow from a regrade that was written or taken back."""
    from autograder.cli.report import print_reports
    from autograder.grading.regrade_log import log_path
    from autograder.nbgrader.grades_csv import write_grades_files

    with part_done():
        write_grades_files(course)
        console.print(_("grades: {path}", path=course.root / "grades.csv"))
        names = [name for name in log["versions"] if any(course.submitted.glob(f"*/{name}"))]
        try:
            print_reports(course, names, console, language_of(arguments))
        except AutograderError as error:
            console.print(f"[yellow]{escape(error.message.in_language(language_of(arguments)))}[/]")
        console.print(_("log: {path}", path=escape(str(log_path(course, log["number"])))))
        console.print(EXPORT_AGAIN)


def _written(log: Mapping[str, Any], console: Console) -> int:
    """Print the last line on a regrade that was written or taken back; return the exit code."""
    if log["undone"]:
        done = _(
            "regrade {number} is undone ({because}); put the question file back, too, or the next regrade changes the "
            "scores again",
            number=log["number"],
            because=log["because"],
        )
    else:
        done = _("regrade {number} is written ({because})", number=log["number"], because=log["because"])
    return finish(console, done, 0)

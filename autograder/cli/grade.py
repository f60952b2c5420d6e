"""`autograder grade`: grade submissions, write feedback and grades."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder.cli.exit_codes import finish
from autograder.cli.help_format import Commands
from autograder.cli.options import (
    add_command,
    jobs_option,
    language_of,
    language_option,
    print_list,
    progress_bar,
    scheduler_option,
)
from autograder.course import Course, SubmissionId
from autograder.engine.preload import expect_workers
from autograder.errors import AutograderError, nothing_done, part_done
from autograder.i18n import _, ngettext
from autograder.permissions import closing_command, open_to_others
from autograder.text import Text, some_of

if TYPE_CHECKING:
    from autograder.engine.batch import Listener
    from autograder.engine.messages import Result, ScoreChange


UNSEALED_WARNING = _("warning: grading unsealed: student code runs with your own rights")


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "grade", run, _("grade submissions, write feedback and grades"),
        _("Grades the notebooks in submitted/<student>/<assignment>/ through nbgrader into gradebook.db, writes "
        "feedback/, grades.csv and question_scores.csv, and reports what the class misunderstood. A grade is kept "
        "until its answers, question files, release, secret, settings or versions change; regrades are listed with "
        "their reasons. Once a score is given out, by `autograder export` or with --given-out, only what concerns its "
        "submission changes it; `autograder regrade` changes the others."),
        ("autograder grade", _("everything that is new")),
        ("autograder grade week1 --student kim", _("one submission")),
        ("autograder grade --force", _("regrade everything")),
        ("autograder grade --preview", _("what would a fixed question change?")),
        ("autograder grade week1 --given-out", _("students have these scores now")),
        ("autograder grade --jobs 8", _("eight submissions in parallel")),
        ("autograder grade --scheduler tcp://lab1:8786", _("on the workers of a Dask cluster")), alone=True,
    )  # fmt: skip
    command.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help=_("all where none is named"))
    command.add_argument(
        "--student", action="append", default=[], metavar="ID", help=_("only this one (repeatable)")
    )
    command.add_argument("--force", action="store_true", help=_("regrade what has not changed, too"))
    command.add_argument(
        "--preview", action="store_true",
        help=_("list the scores of earlier runs that would change; write nothing"),
    )  # fmt: skip
    command.add_argument(
        "--given-out", action="store_true",
        help=_("record that students have the scores that there are, as `autograder export` does; grade nothing"),
    )  # fmt: skip
    command.add_argument(
        "--compare", action="store_true",
        help=_("in a course of nbgrader's: list where scores on record would be others, and why; writes nothing"),
    )  # fmt: skip
    command.add_argument(
        "--new-secret", action="store_true",
        help=_("where the secret of the course and its backup are lost: make a new one and regrade everything"),
    )  # fmt: skip
    command.add_argument(
        "--unsealed", action="store_true",
        help=_("run student code with your own permissions where no seal holds: only if you trust every submission"),
    )  # fmt: skip
    command.add_argument(
        "--stock-fit", action="store_true",
        help=_("train models with Keras's own fit alone, which takes longer (the results are the same)"),
    )  # fmt: skip
    scheduler_option(command)
    jobs_option(command)
    language_option(command)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    course = Course.open()
    if arguments.unsealed:
        course = course.with_settings(seal="none")
    if arguments.stock_fit:
        course = course.with_settings(fit="stock")
    course.check_settings()
    if arguments.compare:
        from autograder.cli.comparison import compare_scores

        return compare_scores(arguments, course, console)
    scheduler = course.settings.scheduler if arguments.scheduler is None else arguments.scheduler
    if not scheduler and (arguments.force or _has_new(course, arguments.assignments, arguments.student)):
        expect_workers(arguments.jobs, apart=True)
    from autograder.cli.grading_summary import with_outdated
    from autograder.engine.batch import find_submissions
    from autograder.grading.course_secret import KEY_FILE, ensure_secret

    if (secret := course.root.resolve() / KEY_FILE) in (exposed := open_to_others(course.root)):
        console.print(
            _(
                "[yellow]open to other users of this machine:[/] {path}, the secret of the hidden inputs; close it "
                "with `{command}`",
                path=escape(str(secret)),
                command=escape(closing_command(course.root, exposed)),
            )
        )
    submissions = find_submissions(course, arguments.assignments, arguments.student)
    if arguments.given_out:
        return _give_out(course, submissions, console)
    if arguments.new_secret and not ensure_secret(course, replace_lost=True):
        console.print(
            _(
                "[yellow]kept:[/] {path}; --new-secret makes a secret only where it is missing",
                path=escape(str(course.root / KEY_FILE)),
            )
        )
    with part_done(lambda: arguments.new_secret):
        graded = grade_and_report(
            course, submissions, console, language_of(arguments), workers=arguments.jobs, force=arguments.force,
            scheduler=arguments.scheduler, preview=arguments.preview,
        )  # fmt: skip
    there = {submission.assignment for submission in submissions}
    absent = [Text.same(name) for name in dict.fromkeys(arguments.assignments) if name not in there]
    print_list(console, _("[red]no submissions to grade:[/]"), absent)
    return finish(console, with_outdated(graded.text, graded.outdated), graded.needs + len(absent))


def _has_new(course: Course, assignments: Collection[str], students: Collection[str]) -> bool:
    """Return whether there seems to be work, by the times of folders alone: workers are started before that is known.

    They are started later where this is wrong, as where a question file changed.
    """
    try:
        return any(
            not (graded := course.autograded / folder.relative_to(course.submitted)).is_dir()
            or folder.stat().st_mtime > graded.stat().st_mtime
            for folder in course.submitted.glob("*/*")
            if (not assignments or folder.name in assignments)
            and (not students or folder.parent.name in students)
        )
    except OSError:  # removed meanwhile, or a link to nothing
        return True


def _give_out(course: Course, submissions: Sequence[SubmissionId], console: Console) -> int:
    """Record that scores are given out, print how many, and return the exit code."""
    from autograder.grading.given_out import RECORD, give_out

    def is_graded(submission: SubmissionId) -> bool:
        return any(course.graded_path(submission).parent.glob("*.ipynb"))

    graded = [submission for submission in submissions if is_graded(submission)]
    new = give_out(course, graded, "autograder grade --given-out")
    console.print(_("record: {path}", path=escape(str(course.root / RECORD))))
    done = ngettext(
        "{n} score is given out, {new} of them new; from now on only `autograder regrade` changes it",
        "{n} scores are given out, {new} of them new; from now on only `autograder regrade` changes them",
        len(graded),
        new=new,
    )
    return finish(console, done, 0)


@dataclass(frozen=True)
class Graded:
    """The outcome of a grading run."""

    results: list[Result]
    text: Text
    """The number of submissions in each state."""
    needs: int
    """The number of things that a person has to see to; each was printed."""
    outdated: int
    """The number of submissions whose score, which is given out, is out of date."""


def grade_and_report(
    course: Course,
    submissions: list[SubmissionId],
    console: Console,
    language: str,
    *,
    workers: int,
    force: bool,
    scheduler: str | None,
    preview: bool = False,
) -> Graded:
    """Grade with a progress bar and print the summary."""
    from autograder.cli.grading_summary import print_changes, print_preview, run_totals
    from autograder.engine.batch import grade_class
    from autograder.grading.given_out import RECORD, begin_record

    if course.settings.seal == "none":
        console.print(f"[bold red]{UNSEALED_WARNING.in_language(language)}[/]")
    lost: list[ScoreChange] = []
    if not preview and (earlier := begin_record(course)):
        text = ngettext(
            "{n} earlier score counts as given out, because nothing says that it was not; if no student has seen it, "
            "delete its line in {path} and run the command again",
            "{n} earlier scores count as given out, because nothing says that they were not; if no student has seen "
            "them, delete their lines in {path} and run the command again",
            earlier,
            path=course.root / RECORD,
        )
        console.print(f"[yellow]{escape(text.in_language(language))}[/]")

    def changed(changes: Sequence[ScoreChange]) -> None:
        lost.extend(change for change in changes if change.after is None)
        print_changes(console, changes, language, course.root / "build" / "regrade.csv", written=not preview)

    with nothing_done(lambda: preview), progress_bar(console, len(submissions)) as advance:
        results = grade_class(
            course, submissions, workers=workers, apart=True, force=force, scheduler=scheduler,
            preview=preview, listener=replace(listener_of(console, language, advance), on_changes=changed),
        )  # fmt: skip
    needs = {change.submission for change in lost}
    if preview:
        print_preview(console, results, language)
    else:
        with part_done(lambda: any(result.state == "graded" for result in results)):
            needs |= write_and_report(course, results, console, language)
    needs |= {result.submission for result in results if result.state == "ungraded"}
    outdated = sum(bool(result.outdated.reason) for result in results)
    return Graded(results, run_totals(results, preview=preview), len(needs), outdated)


def listener_of(console: Console, language: str, advance: Callable[[str], None]) -> Listener:
    """Return what shows a run: its messages on a console, and each result by a step of a progress bar."""
    from autograder.engine.batch import Listener

    return Listener(
        on_result=lambda result: advance(result.submission.student),
        on_message=lambda text: console.print(f"[yellow]{escape(text.in_language(language))}[/]"),
        on_progress=lambda text: console.print(f"[dim]{escape(text.in_language(language))}[/]"),
    )


def write_and_report(
    course: Course, results: Sequence[Result], console: Console, language: str
) -> set[SubmissionId]:
    """Print the summary of a run, write its grades and reports, and return the submissions that need a person."""
    from autograder.cli.grading_summary import preliminary, print_above_maximum, print_summary
    from autograder.cli.report import print_reports
    from autograder.engine.kept_grades import changed_points
    from autograder.nbgrader.grades_csv import write_grades_files
    from autograder.nbgrader.totals import above_maximum, totals_of
    from autograder.roster import Roster

    totals = totals_of(course)
    people = Roster.of(course).people
    print_summary(console, results, language, totals, {person.student_id: person.name for person in people})
    ungraded = write_grades_files(course)
    console.print(_("grades: {path}", path=course.root / "grades.csv"))
    console.print(_("scores of each question: {path}", path=course.root / "question_scores.csv"))
    for name, questions in changed_points(course, results).items():
        unlike = _(
            "{questions} of {assignment} had other points when scores were given out, so scores and maximum in "
            "grades.csv do not fit each other before `autograder regrade {assignment}`",
            questions=some_of(questions),
            assignment=name,
        )
        console.print(f"[yellow]{escape(unlike.in_language(language))}[/]")
    if note := preliminary(totals, language):
        console.print(f"[yellow]{note}[/]")
    console.print(_("feedback: {feedback}", feedback=course.feedback))
    reasons: dict[str, dict[str, Text]] = {result.submission.assignment: {} for result in results}
    for result in results:
        if result.reason:
            reasons[result.submission.assignment][result.submission.student] = result.reason
    try:
        print_reports(course, reasons, console, language, reasons=reasons)
    except AutograderError as error:  # grades are written; `groups.csv` may be wrong, as was said above
        console.print(f"[yellow]{escape(error.message.in_language(language))}[/]")
    too_high = [score for score in above_maximum(course) if score.submission.assignment in reasons]
    print_above_maximum(console, too_high, language)
    blank = {SubmissionId(student, assignment) for assignment, student in ungraded}
    return blank | {score.submission for score in too_high}

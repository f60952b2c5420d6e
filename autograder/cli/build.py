"""`autograder build`: build the release of assignments and prove it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, jobs_option, language_of
from autograder.course import Course
from autograder.i18n import _, ngettext
from autograder.text import Text, joined

if TYPE_CHECKING:
    from autograder.authoring.build import BuildResult


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    command = add_command(
        commands, "build", run, _("build the release, without answers, and prove it"),
        _("Stamps the question files into source/, lets nbgrader make each edition of release/, proves every law, "
        "and swaps the result in. A mistake stops it before anything is written."),
        ("autograder build week1", _("release one assignment")),
        ("autograder build --check", _("is release/ what source/ and solutions/ build?")), alone=True,
    )  # fmt: skip
    command.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help=_("all where none is named"))
    command.add_argument(
        "--check",
        action="store_true",
        help=_("write nothing but the certificate; fail where release/ is not current"),
    )
    command.add_argument(
        "--no-solutions",
        action="store_true",
        help=_("run and write no solved notebook: a cell that raises is not found"),
    )
    command.add_argument("--force", action="store_true", help=_("also prove what was proved before"))
    jobs_option(command)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    built, code = build_release(
        arguments, console, solutions=not arguments.no_solutions, check_only=arguments.check
    )
    if built is None:
        return code
    if arguments.check:
        console.print(_("release/ is current: {assignments}", assignments=", ".join(built.assignments)))
        return code
    for path in built.changed:
        console.print(_("  wrote {path}", path=escape(path)))
    console.print(
        _(
            "{totals}; {files} changed; every law holds",
            totals=totals(built),
            files=ngettext("{n} file", "{n} files", len(built.changed)),
        )
    )
    return code


def build_release(
    arguments: argparse.Namespace, console: Console, **options: bool
) -> tuple[BuildResult | None, int]:
    """Build or check what is built of the assignments, prove what nbgrader releases, and show progress and notes.

    options: `solutions` and `check_only` of `autograder.authoring.build.build`.
    Returns what was built, None if nothing was to be built, and the exit code.
    """
    from autograder.cli.tested_course import prove_tests

    course = Course.open()
    course.check_settings()
    chosen = [course.check_assignment(name) for name in arguments.assignments] or course.assignments
    built_names = [name for name in chosen if course.assignment(name).is_built]
    built = None
    if built_names or not chosen:
        built = _build(arguments, course, built_names, console, **options)
    tested = [name for name in chosen if name not in built_names or course.assignment(name).has_tests]
    return built, prove_tests(arguments, course, tested, console) if tested else 0


def _build(
    arguments: argparse.Namespace, course: Course, names: Sequence[str], console: Console, **options: bool
) -> BuildResult:
    from autograder.authoring.build import build
    from autograder.verification.answer_bank import ENOUGH_RIGHT, ENOUGH_WRONG

    language = language_of(arguments)
    with console.status("") as status:
        built = build(
            course, names, on_progress=lambda text: status.update(escape(text.in_language(language))),
            jobs=arguments.jobs, force=arguments.force, **options,
        )  # fmt: skip
    for warning in built.warnings:
        console.print(_("[yellow]note:[/] {warning}", warning=warning.map(escape)))
    if built.drafts:
        console.print(
            _(
                "[yellow]drafts:[/] {drafts} ({right} right and {wrong} wrong answers in "
                "solutions/<assignment>/answers/<question>/ make a draft a question)",
                drafts=", ".join(built.drafts),
                right=ENOUGH_RIGHT,
                wrong=ENOUGH_WRONG,
            )
        )
    return built


def totals(built: BuildResult) -> Text:
    """Return one line that counts assignments, questions and points."""
    counts = [
        ngettext("{n} assignment", "{n} assignments", len(built.assignments)),
        ngettext("{n} question", "{n} questions", built.questions),
        _points(built.points),
    ]
    if built.tests:
        points = _points(sum(built.tests.values()))
        counts.append(
            ngettext(
                "{n} test of nbgrader's own ({points})",
                "{n} tests of nbgrader's own ({points})",
                len(built.tests),
                points=points,
            )
        )
    if built.by_hand:
        counts += [
            ngettext(
                "{n} manually graded cell ({points})",
                "{n} manually graded cells ({points})",
                len(built.by_hand),
                points=_points(sum(built.by_hand.values())),
            )
        ]
    return _(
        "{counts}, in {languages}",
        counts=joined(", ", counts),
        languages=", ".join(Course.open().languages),
    )


def _points(points: float) -> Text:
    number = int(points) if points == int(points) else 2  # a fraction, such as 2.5, is shown as several are
    return ngettext("{points} point", "{points} points", number, points=f"{points:g}")

"""`autograder grade --compare`: where the scores on record would be others here, and why."""

from __future__ import annotations

import argparse
from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.cli.exit_codes import finish
from autograder.cli.options import language_of, print_list, progress_bar
from autograder.course import Course
from autograder.engine.preload import expect_workers
from autograder.errors import CourseError
from autograder.i18n import _, ngettext
from autograder.text import Text, joined, one_line

MAX_LISTED = 200
MAX_REASON = 160


def compare_scores(arguments: argparse.Namespace, course: Course, console: Console) -> int:
    """Compare the scores of submissions with those on record, print the differences, and return the exit code."""
    if not course.is_released_by_nbgrader:
        raise CourseError(
            _("--compare is for courses with nbgrader's own tests; --preview shows what grading would change")
        )
    expect_workers(arguments.jobs, apart=True)
    from autograder.engine.batch import Listener, find_submissions
    from autograder.engine.comparison import compare

    language = language_of(arguments)
    submissions = find_submissions(course, arguments.assignments, arguments.student)
    with progress_bar(console, len(submissions)) as advance:
        found = compare(
            course, submissions, workers=arguments.jobs,
            listener=Listener(
                on_result=lambda result: advance(result.submission.student),
                on_progress=lambda text: console.print(f"[dim]{escape(text.in_language(language))}[/]"),
            ),
        )  # fmt: skip
    table = Table()
    for heading in (_("student"), _("test"), _("on record"), _("here"), _("reason")):
        table.add_column(heading.in_language(language), overflow="fold")
    ordered = sorted(
        found.differences,
        key=lambda found: (found.submission.assignment, found.test, found.submission.student),
    )
    for difference in ordered[:MAX_LISTED]:
        here = "–" if difference.here is None else f"{difference.here:g}"
        table.add_row(
            escape(difference.submission.student),
            escape(f"{difference.submission.assignment}/{difference.test}"),
            f"{difference.recorded:g}",
            here,
            escape(one_line(difference.why.in_language(language))[:MAX_REASON]),
        )
    if ordered:
        console.print(table)
    if (more := len(ordered) - MAX_LISTED) > 0:
        console.print(ngettext("… and {n} more", "… and {n} more", more))
    by_test = Counter(f"{found.submission.assignment}/{found.test}" for found in ordered)
    print_list(
        console,
        _("another score for:"),
        [
            joined(": ", [Text.same(test), ngettext("{n} student", "{n} students", number)])
            for test, number in by_test.most_common()
        ],
    )
    if found.without_record:
        console.print(
            ngettext(
                "{n} score here has none on record: a notebook or test that was not graded then",
                "{n} scores here have none on record: notebooks or tests that were not graded then",
                found.without_record,
            )
        )
    refused = [result for result in found.results if result.state == "ungraded" and result.reason]
    print_list(
        console,
        _("[red]not graded here:[/]"),
        [
            joined(
                ": ",
                [Text.same(f"{result.submission.student} {result.submission.assignment}"), result.reason],
            )
            for result in refused
            if result.reason
        ],
    )
    done = ngettext(
        "{n} score compared with the one on record, {others} differ; nothing was written",
        "{n} scores compared with those on record, {others} differ; nothing was written",
        found.compared,
        others=len(ordered),
    )
    return finish(console, done, len(ordered) + len(refused))

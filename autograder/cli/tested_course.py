"""What `autograder build` and `verify` do for nbgrader's own tests, and for questions in notebooks that it releases."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.cli.exit_codes import finish
from autograder.cli.options import language_of, print_list, steps_shown
from autograder.course import Course
from autograder.engine.tested_class import Proofs
from autograder.errors import CourseError
from autograder.i18n import _, ngettext
from autograder.test_cells.plan import Step
from autograder.test_cells.proof import Outcome, Proof
from autograder.text import Text, joined, one_line

MAX_REASON = 160
SLOW_SECONDS = 1
"""Seconds from which the author's cells are reported as slow."""
OF_NETWORK = ("URLError", "HTTPError", "ConnectionError", "gaierror", "name resolution", "unreachable")
"""Words of errors that a cell has without a network."""


def prove_tests(arguments: argparse.Namespace, course: Course, names: Sequence[str], console: Console) -> int:
    """Prove the tests of assignments on the author's solutions, print what was found, and return the exit code.

    The questions of assignments that nbgrader releases are proved, too.
    """
    from autograder.authoring.verify import prove_all
    from autograder.engine.tested_class import prove_assignments

    language = language_of(arguments)
    assignments = map(course.assignment, names)
    questions = {one.name: one.questions for one in assignments if one.has_questions and not one.is_built}
    problems: list[Text] = []
    with steps_shown(console, language) as on_progress:
        if questions:
            proved = prove_all(
                course, course.root, questions, jobs=arguments.jobs, force=arguments.force, on_progress=on_progress
            )  # fmt: skip
            problems = proved.problems
        found = prove_assignments(course, names, force=arguments.force, on_progress=on_progress)
    number, needs = print_proofs(console, found, language)
    needs += print_missing(console, course, found)
    print_list(console, _("[red]a law does not hold:[/]"), problems)
    counts: list[Text] = [ngettext("{n} test proved", "{n} tests proved", number)]
    if questions:
        proved_questions = sum(map(len, questions.values()))
        counts.append(ngettext("{n} question proved", "{n} questions proved", proved_questions))
    return finish(console, joined(", ", counts), needs + len(problems))


def print_proofs(console: Console, found: Mapping[str, Proofs], language: str) -> tuple[int, int]:
    """Print what is known of the tests of assignments. Return how many pass, and how much a person has to see to."""
    table = Table()
    for heading in (_("assignment"), _("notebook"), _("tests"), _("separate"), _("together"), _("failing")):
        table.add_column(heading.in_language(language), overflow="fold")
    needs = 0
    number = 0
    for name, proofs in found.items():
        if isinstance(proofs, CourseError):
            continue
        for notebook, proof in proofs.items():
            tests = len(proof.plan.tests)
            apart = tests - len({*proof.together, *proof.failing})
            counts = (tests, apart, len(proof.together), len(proof.failing))
            table.add_row(escape(name), escape(notebook), *map(str, counts))
            number += tests - len(proof.failing)
    console.print(table)
    for name, proofs in found.items():
        if isinstance(proofs, CourseError):
            needs += 1
            print_list(console, _("[red]not graded here:[/]"), [proofs.message])
        else:
            needs += _print_findings(console, name, proofs)
    return number, needs


def print_missing(console: Console, course: Course, found: Mapping[str, Proofs]) -> int:
    """Print the packages that notebooks import and kernels cannot; return how many assignments need some."""
    from autograder.nbgrader.tested_assignment import TestedAssignment

    lacking = 0
    for name, proofs in found.items():
        if isinstance(proofs, CourseError) or not (
            missing := TestedAssignment(course, name).missing_imports()
        ):
            continue
        lacking += 1
        if absent := [module for module, place in missing.items() if not place]:
            text = _(
                "{assignment} imports {modules}; install it, or put your own version of a module that students hand "
                "in into source/{assignment}",
                assignment=name,
                modules=", ".join(absent),
            )
            print_list(console, _("[red]not installed here:[/]"), [text])
        unseen = [
            _(
                "{assignment} imports {module}, which is in {place}",
                assignment=name,
                module=module,
                place=place,
            )
            for module, place in missing.items()
            if place
        ]
        print_list(
            console,
            _(
                "[red]outside what kernels see (install it with pip, without -e and --user, or put it beside the "
                "notebooks):[/]"
            ),
            unseen,
        )
    return lacking


def _print_findings(console: Console, name: str, proofs: Mapping[str, Proof]) -> int:
    """Print the tests that run among student code, or fail, or that nobody fails; return how many fail."""
    failing = 0
    for notebook, proof in proofs.items():
        points = {step.id: step for step in proof.plan.tests}

        def line(test: str, reason: str | Text = "", notebook: str = notebook) -> Text:
            place = Text.same(f"{name}/{notebook} {test}".rstrip())
            return (
                joined(": ", [place, reason if isinstance(reason, Text) else Text.same(reason)])
                if reason
                else place
            )

        together = [line(test, reason.map(_cut)) for test, reason in proof.together.items()]
        print_list(console, _("[yellow]runs among the student's code, which may forge it:[/]"), together)
        failed = [line(test, _why(outcome)) for test, outcome in proof.failing.items()]
        print_list(console, _("[red]the author's solution does not get full points:[/]"), failed)
        if proof.first_error:
            first = Text.same(one_line(proof.first_error)[:MAX_REASON])
            if any(word in proof.first_error for word in OF_NETWORK):
                first = joined(" ", [first, _("(kernels have no network)")])
            print_list(console, _("[red]the first cell that stops:[/]"), [line("", first)])
        print_list(console, _("[yellow]passed by an empty notebook:[/]"), [line(test) for test in proof.free])
        if proof.author_seconds >= SLOW_SECONDS:
            runs = 4 if any(step.has_hidden_tests for step in proof.plan.tests) else 2
            print_list(
                console, _("[yellow]the author's cells are slow, and run again for each submission:[/]"),
                [line("", f"{runs} × {proof.author_seconds:.0f} s")],
            )  # fmt: skip
        failing += sum(_counts(points[test]) for test in proof.failing)
    return failing


def _cut(text: str) -> str:
    return one_line(text)[:MAX_REASON]


def _counts(step: Step) -> bool:
    return step.points > 0


def _why(outcome: Outcome) -> Text:
    if outcome.ungraded is not None:
        return outcome.ungraded
    if not outcome.error:
        return _("it gives {points:g} points", points=outcome.earned)
    return Text.same(f"{outcome.error}: {one_line(outcome.message)[:MAX_REASON]}".removesuffix(": "))

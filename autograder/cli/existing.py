"""`autograder init --existing`: grade a course of nbgrader's by its own tests, and take that back."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.cli.exit_codes import DONE, UNCHANGED, finish
from autograder.cli.options import agrees, language_of, print_list, steps_shown
from autograder.cli.tested_course import print_missing, print_proofs
from autograder.errors import CourseError
from autograder.i18n import _, ngettext
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.suggestions import unknown
from autograder.text import Text


def take_existing(folder: Path, arguments: argparse.Namespace, console: Console) -> int:
    """Look at a course, say what would be changed, ask, and change it. Return the exit code."""
    from autograder.authoring.existing_course import look_at
    from autograder.nbgrader.tested_assignment import TestedAssignment
    from autograder.sandbox import seal
    from autograder.sandbox.fork_server import try_seals
    from autograder.sandbox.profiles import KERNEL_PROFILES

    language = language_of(arguments)
    existing = look_at(folder)
    for name in arguments.take:
        if name not in existing.assignments:
            raise CourseError(unknown("assignment", name, existing.assignments))
    with console.status(_("trying the seals").in_language(language)):
        tried = try_seals(KERNEL_PROFILES["counting"], private=(str(existing.root),))
    holds = next((layer for layer, reason in tried if not reason), None)
    if holds is None:
        raise CourseError(seal.refusal([f"{layer.name}: {reason}" for layer, reason in tried]))
    console.print(_("student code is sealed by: {seal}", seal=holds.text))
    taken = [name for name in existing.assignments if name not in existing.graded or name in arguments.take]
    left = [name for name in existing.assignments if name not in taken]
    with steps_shown(console, language) as on_progress:
        found = existing.prove(taken, on_progress)
    number, needs = print_proofs(console, found, language)
    needs += print_missing(console, existing.course, found)
    print_list(
        console,
        _("[yellow]has scores, and is left alone (--take ASSIGNMENT grades it, too):[/]"),
        [Text.same(name) for name in left],
    )
    print_list(
        console,
        _(
            "[yellow]nbgrader's commands refuse what an earlier nbgrader made (run `nbgrader update source`):[/]"
        ),
        [
            Text.same(path.relative_to(existing.root))
            for name in existing.assignments
            for path in TestedAssignment(existing.course, name).outdated()
        ],
    )
    console.print(_("to be added to {file}:", file=escape(str(existing.root / CONFIG_FILE))))
    console.print(escape(existing.lines(arguments.take)), style="cyan")
    if not agrees(arguments, console):
        console.print(_("nothing was changed"))
        return UNCHANGED
    backup = existing.take(arguments.take, found)
    if backup is not None:
        console.print(_("the gradebook as it was: {path}", path=escape(str(backup))))
    commands: list[tuple[str, Text]] = []
    if existing.graded:
        compared = f"autograder grade --compare {existing.graded[0]}"
        commands.append((compared, _("shows where scores of last term would be others, and why")))
    if taken:
        commands.append((f"nbgrader generate_assignment {taken[0]}", _("releases it, as before")))
        commands.append((f"autograder grade {taken[0]}", _("grades, with feedback pages and a report")))
    commands.append(("autograder init --existing --undo", _("takes everything back")))
    for line, what in commands:
        console.print(f"  {escape(line):45}   {what.in_language(language)}")
    done = ngettext("{n} test is graded here", "{n} tests are graded here", number)
    return finish(console, done, needs)


def undo_existing(folder: Path, console: Console) -> int:
    """Take back what `take_existing` did. Return the exit code."""
    from autograder.authoring.existing_course import undo

    for note in undo(folder):
        console.print(note.map(escape))
    console.print(_("{file} is as it was before; nbgrader grades as it did", file=CONFIG_FILE))
    return DONE

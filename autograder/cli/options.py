"""What the commands of `autograder` share: their options, the help of each, a progress bar."""

from __future__ import annotations

import argparse
import os
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text as RichText

from autograder.course import Course
from autograder.text import LANGUAGES, without_commands

MAX_JOBS = 256


def examples(*lines: str) -> str:
    """The end of a help text: lines to copy."""
    return "examples:\n" + textwrap.indent("\n".join(lines), "  ")


def add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace, Console], int] | None,
    short: str,
    long: str,
    *shown: str,
    alone: bool = False,
) -> argparse.ArgumentParser:
    """A command with its help: one line of what it does, a paragraph, examples.

    run: None where a command of its own below it runs. alone: whether it writes what other commands read or write, so
    that no two such commands run in a course at once.
    """
    command = commands.add_parser(
        name,
        help=short,
        description=textwrap.fill(long, 90),
        epilog=examples(*shown),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if run is not None:
        command.set_defaults(run=run, alone=alone)
    return command


def jobs_option(command: argparse.ArgumentParser, what: str = "submissions are graded") -> None:
    """How many pieces of work go on side by side."""
    command.add_argument(
        "--jobs", type=count, default=cores(), metavar="N",
        help=f"how many {what} side by side (default: the cores, here %(default)s)",
    )  # fmt: skip


def scheduler_option(command: argparse.ArgumentParser, what: str) -> None:
    """Where a cluster is."""
    command.add_argument("--scheduler", metavar="ADDRESS", help=what)


def count(text: str) -> int:
    """A number of workers, as typed."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= MAX_JOBS:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to {MAX_JOBS}, found {text!r}")
    return number


def size(text: str) -> int:
    """A number from 1, as typed."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1, found {text!r}")
    return number


def cores() -> int:
    """The cores that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MAX_JOBS)


def language_option(command: argparse.ArgumentParser, what: str = "of the summary") -> None:
    """The language of what is told."""
    command.add_argument(
        "--language", choices=LANGUAGES, help=f"{what} (default: the course's first language)"
    )


def language_of(arguments: argparse.Namespace) -> str:
    """The language asked for, else the course's first one."""
    asked: str | None = getattr(arguments, "language", None)
    return asked or Course.open().languages[0]


class Terminal(Console):
    """A terminal, or a file in its place, to which nothing that is printed gives a command."""

    def render_str(self, text: str, **given: Any) -> RichText:
        """A text as it will be shown: names and messages come from students, and may hold anything."""
        return super().render_str(without_commands(text, but="\n\t"), **given)


@contextmanager
def progress_bar(console: Console, total: int) -> Iterator[Callable[[str], None]]:
    """A bar for so many things; called with what is done now."""
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total)
        yield lambda text: bar.update(task, advance=1, description=escape(without_commands(text)))


def print_list(console: Console, title: str, lines: Iterable[str]) -> None:
    """A line for each thing, with what it is before it. title: may hold markup."""
    for line in lines:
        console.print(f"{title} {escape(line)}", soft_wrap=True)

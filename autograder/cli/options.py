"""Options, help texts, terminal and progress bar that the commands share."""

from __future__ import annotations

import argparse
import os
import sys
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
from rich.prompt import Confirm
from rich.text import Text as RichText

from autograder.cli.help_format import Commands, Example, Examples, Parser, locale_language
from autograder.i18n import _
from autograder.text import SOURCE_LANGUAGE, Text, are_languages, joined, without_commands

MAX_JOBS = 256
GRADE_ON_CLUSTER = _("grade on the Dask cluster of this scheduler (default: the course's setting)")


def add_command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace, Console], int] | None,
    short: Text,
    long: Text,
    *examples: Example,
    alone: bool = False,
) -> Parser:
    """Add a command with its help (a line, a paragraph, examples) and return its parser.

    run: None where a subcommand runs instead. alone: whether the command writes files that other commands read or
    write; two such commands never run in one course at the same time.
    """
    command = commands.add_parser(
        name,
        help=short,  # type: ignore[arg-type]  # the formatter translates it
        description=long,  # type: ignore[arg-type]
        epilog=Examples(examples),  # type: ignore[arg-type]
    )
    if run is not None:
        command.set_defaults(run=run, alone=alone)
    return command


def jobs_option(command: Parser) -> None:
    """Add the option for the number of worker processes."""
    command.add_argument(
        "--jobs", type=count, default=cores(), metavar="N",
        help=_("the number of parallel worker processes (default: the number of cores, here %(default)s)"),
    )  # fmt: skip


def scheduler_option(command: Parser, what: Text = GRADE_ON_CLUSTER) -> None:
    """Add the option for the address of a cluster."""
    command.add_argument("--scheduler", metavar="ADDRESS", help=what)


def usage_error(message: Text) -> argparse.ArgumentTypeError:
    """Return the error of an option's value, in the language of the terminal."""
    return argparse.ArgumentTypeError(message.in_language(locale_language(os.environ)))


def count(text: str) -> int:
    """Parse a number of workers."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= MAX_JOBS:
        raise usage_error(
            _("expected a number from 1 to {most}, found {text}", most=MAX_JOBS, text=repr(text))
        )
    return number


def size(text: str) -> int:
    """Parse a positive whole number."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise usage_error(_("expected a number from 1, found {text}", text=repr(text)))
    return number


def cores() -> int:
    """Return the number of cores that this process may use, at most `MAX_JOBS`."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MAX_JOBS)


def language_option(command: Parser) -> None:
    """Add the option for the language of the output."""
    command.add_argument(
        "--language", type=language_tag, metavar="TAG",
        help=_("language of the output, such as en (default: that of the terminal)"),
    )  # fmt: skip


def language_tag(text: str) -> str:
    """Parse a language tag, such as `en` or `pt-BR`."""
    if not are_languages([text]):
        raise usage_error(_("expected a language tag such as en or pt-BR, found {text}", text=repr(text)))
    return text


def language_of(arguments: argparse.Namespace) -> str:
    """Return the language of `--language`, else that of the locale, else English.

    To `init`, the option names languages of the new course, unless the course exists.
    """
    language: str | None = getattr(arguments, "language", None)
    if getattr(arguments, "existing", False):
        language = next(iter(arguments.languages), None)
    return language or locale_language(os.environ)


class Terminal(Console):
    """A console that prints texts in one language, and strips terminal control sequences from everything.

    language: of each `Text` that is printed.
    """

    def __init__(self, *, language: str = SOURCE_LANGUAGE, **options: Any) -> None:
        super().__init__(**options)
        self.language = language

    def print(self, *objects: Any, **options: Any) -> None:
        """Print objects as rich does, each `Text` in the terminal's language; lines of text are not folded."""
        if "no_wrap" not in options and all(isinstance(item, (str, Text)) for item in objects):
            options.setdefault("soft_wrap", True)
        localized = (item.in_language(self.language) if isinstance(item, Text) else item for item in objects)
        super().print(*localized, **options)

    def render_str(self, text: str, **options: Any) -> RichText:
        """Strip control sequences: names and messages come from students and may hold anything."""
        return super().render_str(without_commands(text, but="\n\t"), **options)


@contextmanager
def progress_bar(console: Console, total: int) -> Iterator[Callable[[str], None]]:
    """Show a progress bar for `total` items; yields a function to call with the name of each finished item."""
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


@contextmanager
def steps_shown(console: Console, language: str) -> Iterator[Callable[[Text], None]]:
    """Yield a function that shows what is done now: in place of what was done before, or line by line in a file."""
    if not console.is_terminal:
        yield lambda text: console.print(f"[dim]{escape(text.in_language(language))}[/]")
        return
    with console.status("") as status:
        yield lambda text: status.update(escape(text.in_language(language)))


def agrees(arguments: argparse.Namespace, console: Console) -> bool:
    """Ask whether to do what was said; `--yes` answers. Without a terminal, say how to answer, and return no."""
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        console.print(_("run the command again with --yes to do this"))
        return False
    try:
        return Confirm.ask(_("do this?").in_language(language_of(arguments)), console=console, default=False)
    except EOFError:  # Ctrl-D
        console.print()
        return False


def print_list(console: Console, title: Text, lines: Iterable[Text | str]) -> None:
    """Print a line for each item, after a title that may hold markup. A name is a string."""
    for line in lines:
        text = line if isinstance(line, Text) else Text.same(line)
        console.print(joined(" ", [title, text.map(escape)]))

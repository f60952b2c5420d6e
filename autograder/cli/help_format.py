"""Help texts in the language of the terminal, argparse's own words included."""

from __future__ import annotations

import argparse
import copy
import os
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from rich.cells import cell_len

from autograder.i18n import _, interface_language
from autograder.text import Text

LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Environment variables that name the language of messages; the first that is set counts (POSIX, section 8.2)."""
WIDTH = 90
"""Of the paragraph that describes a command."""
ARGPARSE: Mapping[str, Text] = {
    "usage: ": _("usage: "),
    "options": _("options"),
    "positional arguments": _("positional arguments"),
    "show this help message and exit": _("show this help message and exit"),
    "show program's version number and exit": _("show program's version number and exit"),
}
"""The words that argparse itself prints in a help text."""
Example = str | tuple[str, Text]
"""A command to copy, and what it does."""


def locale_language(environment: Mapping[str, str]) -> str:
    """Return the language that a POSIX locale asks for, or English where the kit does not have it."""
    name = next((environment[key] for key in LOCALE_VARIABLES if environment.get(key)), "")
    return interface_language(name)


class Examples(tuple[Example, ...]):
    """The end of a help text: example lines to copy, and a note after them."""

    note: Text | None = None

    def followed_by(self, note: Text) -> Examples:
        """Return the examples with a note after them."""
        examples = Examples(self)
        examples.note = note
        return examples

    def in_language(self, language: str) -> str:
        """Return the lines, with the explanations in one column."""
        pairs = [(line, None) if isinstance(line, str) else line for line in self]
        width = max((len(command) for command, what in pairs if what is not None), default=0)
        lines = [
            command if what is None else f"{command:{width}}  {what.in_language(language)}"
            for command, what in pairs
        ]
        note = "" if self.note is None else f"\n\n{self.note.in_language(language)}"
        return _("examples:").in_language(language) + "\n" + textwrap.indent("\n".join(lines), "  ") + note


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Formats a help text in the language of the terminal, in which Korean letters are two columns wide."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """Add the line that shows the arguments."""
        super().add_usage(usage, actions, groups, _shown("usage: ") if prefix is None else prefix)

    def start_section(self, heading: object) -> None:
        """Begin a section under a heading."""
        super().start_section(None if heading is None else _shown(heading))

    def add_text(self, text: object) -> None:
        """Add a paragraph or the examples."""
        content = None if text is None else _shown(text)
        super().add_text(_fill(content, WIDTH) if content and isinstance(text, Text) else content)

    def _format_action(self, action: argparse.Action) -> str:
        action = copy.copy(action)
        action.help = None if action.help is None else _shown(action.help)
        return super()._format_action(action)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return _fill(" ".join(text.split()), width).splitlines()


class Parser(argparse.ArgumentParser):
    """A parser whose help texts are texts in every language."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=HelpFormatter, **options)

    def add_argument(self, *names: str, help: Text | str | None = None, **options: Any) -> argparse.Action:
        """Add an argument. help: a `Text`."""
        if help is not None:
            options["help"] = help
        return super().add_argument(*names, **options)

    def add_subparsers(self, *, title: Text, **options: Any) -> Commands:  # type: ignore[override]
        """Return what commands are added to, under a title."""
        return super().add_subparsers(title=title, parser_class=Parser, **options)  # type: ignore[call-overload,no-any-return]


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def _shown(text: object) -> str:
    text = ARGPARSE.get(text, text) if isinstance(text, str) else text
    return text.in_language(locale_language(os.environ)) if isinstance(text, (Text, Examples)) else str(text)


def _fill(text: str, columns: int) -> str:
    """Break a text into lines of about so many columns."""
    return textwrap.fill(text, max(11, columns * len(text) // max(1, cell_len(text))))

"""Texts in the languages of a course, and safe display of untrusted text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Text:
    """A text in each language of the course.

    A course with one language leaves the other empty.
    """

    ko: str = ""
    en: str = ""

    def in_language(self, language: str) -> str:
        """Return the text in `language`, or in the other language if that one is empty."""
        chosen: str = getattr(self, language)
        return chosen or self.ko or self.en

    def lacks(self, languages: tuple[str, ...]) -> list[str]:
        """Return those of `languages` in which the text is empty."""
        return [language for language in languages if not getattr(self, language).strip()]

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        """Unpickle to the interned instance: most reports of a class have the same texts."""
        return intern_text, (self.ko, self.en)

    def to_dict(self) -> dict[str, str]:
        """Return the text as plain data, for a report."""
        return {"ko": self.ko, "en": self.en}


@lru_cache(10_000)
def intern_text(ko: str, en: str) -> Text:
    """Return the interned text, so that equal recent texts take memory once."""
    return Text(ko, en)


def some_of(names: Sequence[str], limit: int = 10) -> str:
    """Return names on one line: the first ones, and the number of those left out."""
    left_out = len(names) - limit
    return ", ".join(names[:limit]) + (f" (+{left_out})" if left_out > 0 else "")


def one_line(value: object) -> str:
    """Return an untrusted text on one line, with only printable characters."""
    text = "".join(character if character.isprintable() else " " for character in str(value)[:10_000])
    return " ".join(text.split())


def visible(value: object, max_length: int) -> str:
    """Return an untrusted text of limited length, with escape codes and line breaks shown as escapes."""
    shown = without_commands(str(value)[: max_length + 1])
    return shown if len(shown) <= max_length else shown[: max_length - 1] + "…"


def without_commands(text: str, *, but: str = "") -> str:
    """Return a text with every unprintable character, such as an escape code, written as a Python escape.

    but: characters that stay as they are.
    """
    return "".join(
        character
        if character.isprintable() or character in but
        else character.encode("unicode_escape").decode()
        for character in text
    )


LANGUAGES: tuple[str, ...] = tuple(field.name for field in fields(Text))

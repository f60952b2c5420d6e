"""A text in the languages of a course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Text:
    """One text, written once in each language of the course.

    A course with one language leaves the other empty.
    """

    ko: str = ""
    en: str = ""

    def in_language(self, language: str) -> str:
        """The text in `language`, or in the other language where that one is empty."""
        chosen: str = getattr(self, language)
        return chosen or self.ko or self.en

    def lacks(self, languages: tuple[str, ...]) -> list[str]:
        """The languages among `languages` in which the text is empty."""
        return [language for language in languages if not getattr(self, language).strip()]

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        """Sent between processes it arrives as the one that has come before: a class's reports say the same."""
        return shared, (self.ko, self.en)

    def to_dict(self) -> dict[str, str]:
        """The text as plain data, for a report."""
        return {"ko": self.ko, "en": self.en}


@lru_cache(10_000)
def shared(ko: str, en: str) -> Text:
    """The one text that says this, of those asked for lately: held once, however many reports hold it."""
    return Text(ko, en)


def some_of(names: Sequence[str], most: int = 10) -> str:
    """Return names in one line; of many the first, and how many more there are."""
    left = len(names) - most
    return ", ".join(names[:most]) + (f" (+{left})" if left > 0 else "")


def one_line(told: object) -> str:
    """A student's text on one line of what any file and terminal can show."""
    text = "".join(character if character.isprintable() else " " for character in str(told)[:10_000])
    return " ".join(text.split())


def visible(told: object, most: int) -> str:
    """A text from anybody as at most so many letters that do nothing: escape codes and line ends show as such."""
    shown = without_commands(str(told)[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def without_commands(text: str, *, but: str = "") -> str:
    """A text in which every letter that is not shown, such as an escape code, stands as Python writes it.

    but: those that are left as they are.
    """
    return "".join(
        letter if letter.isprintable() or letter in but else letter.encode("unicode_escape").decode()
        for letter in text
    )


LANGUAGES: tuple[str, ...] = tuple(field.name for field in fields(Text))

"""Texts in several languages, and safe display of untrusted text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

SOURCE_LANGUAGE = "en"
"""The language that interface texts are written in, and that stands in for a language without a text."""
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
"""Language, script and region of BCP 47 (RFC 5646, section 2.1), in the case of letters that it recommends."""

MAX_INTERNED = 2_000
"""Characters of a text that is kept once: longer ones are of one student each."""
P = ParamSpec("P")
Made = TypeVar("Made")


def remember_short(
    number: int, longest: int
) -> Callable[[Callable[Concatenate[str, P], Made]], Callable[Concatenate[str, P], Made]]:
    """Return a decorator that caches what a function makes of its last texts; a long text is made anew each time.

    Students write texts of any length, so their number alone would bound no memory.
    longest: in characters. The arguments after the text must be hashable.
    """

    def decorate(function: Callable[Concatenate[str, P], Made]) -> Callable[Concatenate[str, P], Made]:
        cached: Any = lru_cache(number)(function)

        @wraps(function)
        def remembering(text: str, /, *args: P.args, **kwargs: P.kwargs) -> Made:
            made: Made = (cached if len(text) <= longest else function)(text, *args, **kwargs)
            return made

        return remembering

    return decorate


class Text:
    """An immutable text in each of several languages, such as `Text(ko="정수", en="whole number")`.

    Languages are given by their tags (BCP 47). Two texts are equal if they are in every language.
    """

    __slots__ = ("_texts",)

    def __init__(self, **texts: str) -> None:
        self._texts = {language: text for language, text in texts.items() if text}

    @classmethod
    def same(cls, text: object) -> Text:
        """Return a text that is the same in every language, such as a name or another program's message."""
        return Text(**{SOURCE_LANGUAGE: str(text)})

    def to_dict(self) -> dict[str, str]:
        """Return the text by language, as plain data; a language without a text is left out."""
        return dict(self._texts)

    def in_language(self, language: str) -> str:
        """Return the text in `language`, else in the language without region, else in English, else in any."""
        texts = self.to_dict()
        for tag in (*with_parents(language), SOURCE_LANGUAGE, *texts):
            if tag in texts:
                return texts[tag]
        return ""

    def lacks(self, languages: tuple[str, ...]) -> list[str]:
        """Return those of `languages` in which the text is empty."""
        texts = self.to_dict()
        return [language for language in languages if not texts.get(language, "").strip()]

    def map(self, function: Callable[[str], str]) -> Text:
        """Return the text with a function applied to it in each language."""
        return Text(**{language: function(text) for language, text in self.to_dict().items()})

    def format(self, **values: object) -> Text:
        """Return the text with its `{name}` placeholders filled in; a value may be a `Text` itself."""
        return Text(
            **{
                language: text.format(**values_in(values, language))
                for language, text in self.to_dict().items()
            }
        )

    @property
    def ko(self) -> str:
        """The text in Korean, or an empty string."""
        return self.to_dict().get("ko", "")

    @property
    def en(self) -> str:
        """The text in English, or an empty string."""
        return self.to_dict().get("en", "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(frozenset(self.to_dict().items()))

    def __repr__(self) -> str:
        return f"Text({', '.join(f'{language}={text!r}' for language, text in self.to_dict().items())})"

    def __str__(self) -> str:
        """Return the text in English, as logs have it."""
        return self.in_language(SOURCE_LANGUAGE)

    def __reduce__(self) -> tuple[Any, tuple[dict[str, str]]]:
        """Unpickle to the interned instance: most reports of a class have the same texts."""
        return intern_text, (self.to_dict(),)


def intern_text(texts: Mapping[str, str]) -> Text:
    """Return the interned text, so that equal recent texts take memory once, unless they are long."""
    is_short = sum(map(len, texts.values())) <= MAX_INTERNED
    return _interned(tuple(texts.items())) if is_short else Text(**texts)


@lru_cache(10_000)
def _interned(texts: tuple[tuple[str, str], ...]) -> Text:
    return Text(**dict(texts))


def are_languages(tags: Sequence[str]) -> bool:
    """Return whether the tags are one or more different language tags in their usual form, such as `en` or `pt-BR`."""
    return bool(tags) and len(set(tags)) == len(tags) and all(map(LANGUAGE_TAG.fullmatch, tags))


def in_all(text: Text, languages: Iterable[str]) -> str:
    """Return the text in each of the languages on one line, for what all editions share; equal texts once."""
    return " / ".join(dict.fromkeys(text.in_language(language) for language in languages))


def joined(separator: str, texts: Iterable[Text]) -> Text:
    """Return texts joined by a separator, in every language that one of them is in."""
    texts = list(texts)
    languages = dict.fromkeys(language for text in texts for language in text.to_dict())
    return Text(
        **{language: separator.join(text.in_language(language) for text in texts) for language in languages}
    )


def values_in(values: Mapping[str, object], language: str) -> dict[str, object]:
    """Return values of placeholders with each `Text` among them in `language`."""
    return {
        name: value.in_language(language) if isinstance(value, Text) else value
        for name, value in values.items()
    }


def with_parents(language: str) -> Iterator[str]:
    """Yield a language tag, then the tags it specializes, such as `pt-BR`, `pt`."""
    parts = language.split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])


def some_of(names: Sequence[str], limit: int = 10) -> str:
    """Return names on one line: the first ones, and the number of those left out."""
    left_out = len(names) - limit
    return ", ".join(names[:limit]) + (f" (+{left_out})" if left_out > 0 else "")


def sentence(text: str) -> str:
    """Return the text with a capital at its start and a full stop at its end."""
    text = capitalized(text)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def capitalized(text: str) -> str:
    """Return the text with a capital at its start, unless it starts with a name from code, such as h_seq or z."""
    first = re.match(r"\w*", text)
    word = first[0] if first else ""
    is_name = (len(word) == 1 and word not in "aA") or not word.isalpha()
    return text if is_name else text[:1].upper() + text[1:]


def one_line(value: object) -> str:
    """Return an untrusted text on one line, with only printable characters."""
    text = "".join(character if character.isprintable() else " " for character in str(value)[:10_000])
    return " ".join(text.split())


def visible(value: object, max_length: int) -> str:
    """Return an untrusted text of limited length, with escape codes and line breaks shown as escapes."""
    text = without_commands(str(value)[: max_length + 1])
    return text if len(text) <= max_length else text[: max_length - 1] + "…"


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

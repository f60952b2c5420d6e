"""Interface texts: written in English in the code, translated by the gettext catalogs in `locale/`.

A language of the interface is one file, `locale/<language>/LC_MESSAGES/autograder.po`. It is read when a text is first
shown in that language; English needs none. CONTRIBUTING.md gives the commands that update the catalogs.
"""

from __future__ import annotations

import io
import math
import re
from datetime import timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from autograder.text import SOURCE_LANGUAGE, Text, values_in, with_parents

if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo

    from babel import Locale
    from jinja2 import Environment
    from jinja2.runtime import Context

LOCALE = Path(__file__).with_name("locale")
DOMAIN = "autograder"
LANGUAGES: tuple[str, ...] = (
    *sorted(path.parts[-3].replace("_", "-") for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po")),
    SOURCE_LANGUAGE,
)
"""The languages of the interface."""
DISTANCES: tuple[tuple[Literal["day", "hour", "minute"], timedelta], ...] = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)


def interface_language(locale: str) -> str:
    """Return the language of the interface for a locale such as `ko_KR.UTF-8` or `pt-BR`; English if it has none."""
    tag = re.split("[.@]", locale)[0].replace("_", "-").lower()
    by_tag = {language.lower(): language for language in LANGUAGES}
    return next((by_tag[parent] for parent in with_parents(tag) if parent in by_tag), SOURCE_LANGUAGE)


class Message(Text):
    """An interface text, looked up in the catalogs when it is shown."""

    __slots__ = ("_context", "_count", "_message", "_plural", "_values")

    def __init__(
        self, context: str, message: str, plural: str, count: int, values: dict[str, object]
    ) -> None:
        super().__init__()
        self._context, self._message, self._plural, self._count = context, message, plural, count
        # a value may change before the text is shown
        self._values = {
            name: value if isinstance(value, (Text, str, int, float)) else str(value)
            for name, value in values.items()
        }

    def in_language(self, language: str) -> str:
        """Return the text in `language`, or in English where the catalogs lack it."""
        catalog = _catalog(language)
        if self._plural:
            text = catalog.ngettext(self._message, self._plural, self._count)
        elif self._context:
            text = catalog.pgettext(self._context, self._message)
        else:
            text = catalog.gettext(self._message)
        return text.format(**values_in(self._values, language)) if self._values else text

    def to_dict(self) -> dict[str, str]:
        """Return the text in every language of the interface."""
        return {language: self.in_language(language) for language in LANGUAGES}

    def format(self, **values: object) -> Message:
        """Return the text with more of its `{name}` placeholders filled in; a value may be a `Text` itself."""
        return Message(self._context, self._message, self._plural, self._count, self._values | values)


def _(message: str, /, **values: object) -> Message:
    """Return an interface text. values: of its `{name}` placeholders; a value may be a `Text` itself.

    `pybabel extract` finds it by the name of this function, so `message` must be a literal.
    """
    return Message("", message, "", 0, values)


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> Message:
    """Return an interface text that depends on a number, which fills in `{n}`."""
    return Message("", singular, plural, n, {"n": n} | values)


def pgettext(context: str, message: str, /, **values: object) -> Message:
    """Return an interface text whose English has several meanings. context: which one is meant."""
    return Message(context, message, "", 0, values)


def install(environment: Environment) -> None:
    """Give templates `_`, `ngettext` and `pgettext`, which return a text in the `language` of the template."""
    from jinja2 import pass_context

    @pass_context
    def translate(context: Context, message: str, /, **values: object) -> str:
        return _(message, **values).in_language(context["language"])

    @pass_context
    def translate_number(context: Context, singular: str, plural: str, n: int, /, **values: object) -> str:
        return ngettext(singular, plural, n, **values).in_language(context["language"])

    @pass_context
    def translate_in_context(context: Context, meaning: str, message: str, /, **values: object) -> str:
        return pgettext(meaning, message, **values).in_language(context["language"])

    environment.globals.update(_=translate, ngettext=translate_number, pgettext=translate_in_context)


def locale_of(language: str) -> Locale:
    """Return the formats of dates and numbers of a language, or those of English for one that Babel does not know."""
    from babel import Locale, UnknownLocaleError  # here, as in `_catalog`

    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale(SOURCE_LANGUAGE)


def language_name(language: str) -> str:
    """Return what a language calls itself, such as `Deutsch`, or its tag if Babel does not know it."""
    locale = locale_of(language)
    is_known = language.split("-")[0] == locale.language
    return (is_known and locale.get_display_name()) or language


def format_moment(moment: datetime, zone: tzinfo | None, language: str) -> str:
    """Format a time in a zone, to the minute."""
    from babel.dates import format_skeleton, get_datetime_format  # here, as in `_catalog`

    local, locale = moment.astimezone(zone), locale_of(language)
    date = format_skeleton("yMMMEd", local, locale=locale)
    time = format_skeleton("Hm", local, locale=locale)
    return str(get_datetime_format("medium", locale=locale)).format(time, date)


def format_distance(moment: datetime, now: datetime, language: str) -> str:
    """Format how far off a time is, such as "in 2 days" or "3 hours ago".

    A unit is used from two of it on, and what is begun of it is left out, so that no time seems further off than it is.
    """
    from babel.dates import format_timedelta  # here, as in `_catalog`

    minute = timedelta(minutes=1)
    unit, size = next(
        (unit, size) for unit, size in DISTANCES if abs(moment - now) >= 2 * size or size == minute
    )
    whole = abs(moment - now) // size * size
    # without a threshold, Babel goes down to the unit named
    return format_timedelta(
        whole if moment >= now else -whole,
        unit,
        threshold=math.inf,
        add_direction=True,
        locale=locale_of(language),
    )


def format_short(moment: datetime, zone: tzinfo | None, language: str) -> str:
    """Format a time in a zone for a narrow column: month, day and minute."""
    from babel.dates import format_skeleton  # here, as in `_catalog`

    local, locale = moment.astimezone(zone), locale_of(language)
    return " ".join(str(format_skeleton(part, local, locale=locale)) for part in ("MMMd", "Hm"))


def moment_text(moment: datetime, zone: tzinfo | None) -> Text:
    """Return a time in a zone, in every language of the interface."""
    return Text(**{language: format_moment(moment, zone, language) for language in LANGUAGES})


def date_text(day: date) -> Text:
    """Return a day, in every language of the interface."""
    from babel.dates import format_date  # here, as in `_catalog`

    return Text(**{language: format_date(day, "long", locale=locale_of(language)) for language in LANGUAGES})


def read_catalogs() -> None:
    """Read the translations to every language, each of which is otherwise read at first use."""
    for language in LANGUAGES:
        _catalog(language)


@cache
def _catalog(language: str) -> NullTranslations:
    """Return the translations to `language`, or to the language without region; else those that change nothing."""
    language = interface_language(language)
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    path = LOCALE / language.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"
    # imported here: it takes longer than a command in English takes to start
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language.replace("-", "_")))
    compiled.seek(0)
    return GNUTranslations(compiled)

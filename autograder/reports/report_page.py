"""Renders the instructor's report as a self-contained HTML page: no network, no script."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import jinja2
from babel.dates import format_skeleton
from jinja2.runtime import Context
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.feedback.markup import rich
from autograder.grading.wording import OUTCOMES, SYMBOLS, exact, format_points, plain
from autograder.i18n import _, format_moment, install, language_name, locale_of
from autograder.text import Text, capitalized, remember_short

ADDRESSES = 40
"""Addresses in one mailto link: mail programs cut longer ones."""
MOST_TICKS = 7
"""Dates and times under a plot."""
MAX_COLORED, MAX_REMEMBERED = 4_000, 1_000
"""Characters of a code that is coloured, and of one that is coloured only once."""

KINDS: Mapping[str, Text] = {
    "right": Text(),
    "carried": Text(),
    "too_easy": Text(),
    "named": _("named misconception"),
    "formula": _("recovered formula"),
    "alike": _("no name"),
    "error": _("error"),
    "missing": Text(),
}
LEVELS: Mapping[str, Text] = {
    "alarm": _("▲ check it"),
    "note": _("◆ note"),
    "fine": _("✔ fine"),
    "unknown": _("? unknown"),
}
EVIDENCE: Mapping[str, Text] = {
    "id": _("a notebook with the id of the other"),
    "numbers": _("a number that is right for the other's numbers"),
    "wrong": _("the same rare mistake"),
    "comment": _("the same comment"),
    "string": _("the same string"),
    "name": _("the same odd name"),
}


@dataclass(frozen=True)
class Links:
    """Where the pages of a report lead. Each returns an address, or an empty text if there is none."""

    submission: Callable[[str], str] = lambda student: ""
    feedback: Callable[[str], str] = lambda student: ""
    other_languages: Mapping[str, str] = field(default_factory=dict)
    """The same page in other languages, by language."""
    data: str = ""
    """The report as JSON."""
    table: str = ""
    """The scores by question as CSV."""
    stylesheets: Sequence[str] = ()
    """The page has its styles within if there are none."""
    grant: Callable[[str, str], str] | None = None
    """Where staff grant a student, the first, what is blocked as too easy in a question; None if there is no page."""
    head: Markup | None = None
    """The head of the pages of the web tool, if the report is one of them."""


def render(data: Mapping[str, Any], language: str, links: Links) -> str:
    """Return the page of a report. data: see `report_data`."""
    people = {student["id"]: student for student in data["students"]}
    zone = ZoneInfo(data["timezone"])

    def localized(text: Mapping[str, str]) -> str:
        return Text(**text).in_language(language)

    titles = {
        question["id"]: localized(question["title"]) or question["id"] for question in data["questions"]
    }

    def when(moment: str) -> str:
        return format_moment(datetime.fromisoformat(moment), zone, language)

    def label(student: str) -> str:
        name = people[student]["name"]
        return f"{name} ({student})" if name and name != student else student

    def mail(students: Sequence[str], subject: str) -> list[dict[str, str]]:
        return _mail([people[student]["email"] for student in students], subject)

    def files(student: str) -> Markup:
        """Return links to a student's submission and feedback."""
        targets = (
            (links.submission(student), _("submission").in_language(language)),
            (links.feedback(student), _("feedback").in_language(language)),
        )
        return Markup("").join(
            Markup('<a href="{}">{}</a> ').format(*target) for target in targets if target[0]
        )

    def pseudonym(letter: str) -> str:
        return _("Student {letter}", letter=letter).in_language(language)

    page: str = page_environment().get_template("report.html").render(
        data=data, language=language, language_name=language_name, links=links, people=people,
        titles=titles, worth=partial(format_points, language=language), exact=exact, localized=localized,
        when=when, label=label, pseudonym=pseudonym, mail=mail, files=files,
        plain=plain, zone=data["timezone"],
        kinds=_words(KINDS, language), levels=_words(LEVELS, language), evidence=_words(EVIDENCE, language),
        outcomes=_words(OUTCOMES, language), symbols=SYMBOLS,
        editions=sorted({edition for question in data["questions"] for edition in question["by_edition"]}),
        score_bars=_score_bars(data["distribution"]), time_bars=_time_bars(data["times"], language),
        attempt_bars=_attempt_bars(data["attempts"]),
    )  # fmt: skip
    return page


def _words(texts: Mapping[str, Text], language: str) -> dict[str, str]:
    return {name: text.in_language(language) for name, text in texts.items()}


def _score_bars(bins: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the bars of the distribution of scores, with the lower limit of each at its left end."""
    every = 2 if len(bins) > 8 else 1
    return [
        {
            "count": bar["students"],
            "label": f"{plain(bar['low'])}–{plain(bar['high'])}",
            "tick": plain(bar["low"]) if index % every == 0 else "",
            "end": plain(bar["high"]),
            "centred": False,
        }
        for index, bar in enumerate(bins)
    ]


def _time_bars(times: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return the bars of submissions over time, with a date under some of them."""
    periods, minutes = times.get("periods", ()), times.get("minutes", 0)
    bars, index_of_last, day_of_last = [], -len(periods), ""
    for index, period in enumerate(periods):
        start = datetime.fromisoformat(period["start"])
        day = format_skeleton("MMMd", start, locale=locale_of(language))
        full = day if minutes >= 24 * 60 else f"{day} {start:%H:%M}"
        tick = day if day != day_of_last else f"{start:%H:%M}" if minutes < 6 * 60 else ""
        if tick and index - index_of_last >= len(periods) / MOST_TICKS:
            index_of_last, day_of_last = index, day
        else:
            tick = ""
        bars.append(
            {"count": period["submissions"], "label": full, "tick": tick, "end": "", "centred": index > 0}
        )
    return bars


def _attempt_bars(attempts: Sequence[Mapping[str, int]]) -> list[dict[str, Any]]:
    numbers = [(entry["students"], str(entry["attempts"])) for entry in attempts]
    return [
        {"count": count, "label": number, "tick": number, "end": "", "centred": True}
        for count, number in numbers
    ]


@lru_cache(1)
def page_environment() -> jinja2.Environment:
    """Return the templates of pages for instructors."""
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("autograder.reports", "templates"),
                jinja2.PackageLoader("autograder.reports", "static"),
                jinja2.PackageLoader("autograder.feedback", "static"),  # design.css
            ]
        ),
        undefined=jinja2.StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    install(environment)
    environment.filters |= {
        "code": _colored, "ticks": partial(rich, typeset=False), "percent": _percent, "number": _number, "plain": plain,
        "sentence": capitalized, "localize": _of_page("localized"), "labelled": _of_page("label"),
        "pseudonym": _of_page("pseudonym"),
    }  # fmt: skip
    return environment


def _of_page(name: str) -> Callable[[Context, Any], str]:
    """Return a filter that calls a function of the page, so that one environment serves every page."""

    @jinja2.pass_context
    def call(context: Context, value: Any) -> str:
        return str(context[name](value))

    return call


@remember_short(20_000, MAX_REMEMBERED)
def _colored(code: str) -> Markup:
    """Return code as HTML with a class for each kind of token."""
    if not code.strip():
        return Markup()
    if len(code) > MAX_COLORED:
        return Markup(html.escape(code))  # noqa: S704 - escaped
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    return Markup(highlight(code, lexer, _formatter()))  # noqa: S704 - Pygments escapes


@lru_cache(1)
def _formatter() -> HtmlFormatter[str]:
    """Return the formatter of all codes: making one takes as long as formatting an answer."""
    return HtmlFormatter(nowrap=True, classprefix="")


def _percent(share: float | None) -> str:
    """Return a share as a percentage without decimals; a dash if it is undefined."""
    return "–" if share is None else f"{share * 100:.0f}\N{NARROW NO-BREAK SPACE}%"


def _number(value: float | None, digits: int = 2) -> str:
    """Return a number with some decimals and a proper minus sign; a dash if it is undefined."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


def _mail(addresses: Sequence[str], subject: str) -> list[dict[str, str]]:
    """Return mailto links to all addresses as blind copies, as many as mail programs need, with their numbers."""
    recipients = sorted({address for address in addresses if address})
    parts = [recipients[start : start + ADDRESSES] for start in range(0, len(recipients), ADDRESSES)]
    return [
        {
            "href": f"mailto:?bcc={','.join(quote(address, safe='@+') for address in part)}&subject={quote(subject)}",
            "part": "" if len(parts) == 1 else f"{index * ADDRESSES + 1}–{index * ADDRESSES + len(part)}",
        }
        for index, part in enumerate(parts)
    ]

"""The feedback page: one self-contained file per graded notebook, which needs no network and runs no script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.course_settings import FeedbackLevel
from autograder.feedback import markup
from autograder.feedback.cards import STATES, SYMBOLS, Card, WrittenAnswer, sections_to_reread
from autograder.feedback.words import STAFF_WORDS, WORDS
from autograder.grading import wording
from autograder.grading.report import Report
from autograder.grading.wording import exact, plain
from autograder.i18n import _, format_moment
from autograder.text import Text

SIZE, PER_CARD, LEAST = 50_000, 2_300, 8_000
"""Bytes of a page besides plots: in all, for a card without the student's texts, and for all of these at least."""
STAFF_SIZE, STAFF_TEXT = 2_000_000, 20_000
"""Bytes of the students' texts on a page for staff, and of one text."""
FILTERS: Mapping[str, Callable[..., str]] = {
    "plain": plain, "exact": exact, "rich": markup.rich, "code": markup.code,
}  # fmt: skip
"""The filters of `card.html`."""
LEFT_OUT = _("(Too long for this page; your notebook has all of it.)")
LEFT_OUT_AT_ALL = _("(Too long for this page; the file has all of it.)")
LEFT_OUT_FOR_STAFF = _("(Too long for this page; the notebook as handed in has all of it.)")


@dataclass(frozen=True)
class Page:
    """What a page shows."""

    title: str
    language: str
    cards: Sequence[Card]
    score: float
    """After the late penalty."""
    points: float
    late_penalty: float = 0.0
    handed_in: datetime | None = None
    attempt: int | None = None
    level: FeedbackLevel = "diagnosis"
    contact: str = ""
    """The contact for questions about the score."""
    has_draws: bool = True
    """Whether the submission was graded with hidden inputs."""
    written: Sequence[WrittenAnswer] = field(default=(), repr=False)
    """Everything that the student wrote, in order."""

    @property
    def in_order_of_need(self) -> list[Card]:
        """The cards, those first that say something, each kind in the order of the notebook."""
        return sorted(self.cards, key=lambda card: card.is_folded)

    @property
    def share(self) -> int:
        """The score in percent of the points."""
        return max(0, min(100, round(100 * self.score / self.points))) if self.points else 0


class Room:
    """The space on a page for texts of the student, so that no notebook makes the page long."""

    def __init__(self, language: str, cards: int) -> None:
        self._language, self._left = language, max(LEAST, SIZE - PER_CARD * cards)
        self._left_out, self._per_text = LEFT_OUT, self._left

    @classmethod
    def for_staff(cls, language: str, *, whole: bool = False) -> Room:
        """Return the space on a page for staff, where one long text takes no space from the others.

        whole: whether the page shows the notebook as handed in, whose texts may be longer.
        """
        room = cls(language, 0)
        room._left, room._per_text = STAFF_SIZE, STAFF_SIZE if whole else STAFF_TEXT
        room._left_out = LEFT_OUT_AT_ALL if whole else LEFT_OUT_FOR_STAFF
        return room

    def code(self, source: str) -> Markup:
        """Return code in colours."""
        return self._fit(markup.code(source), source)

    def text(self, source: str) -> Markup:
        """Return a text as typed."""
        return self._fit(escape(source), source)

    def prose(self, source: str) -> Markup:
        """Return markdown as HTML."""
        from autograder.feedback.prose import prose  # brings nbconvert's renderer, which few pages need

        html = prose(source, self._language)
        if len(html.encode()) <= self._free:
            return self._fit(html, source)
        return Markup("<pre>{}</pre>").format(self.text(source))

    @property
    def _free(self) -> int:
        return min(self._left, self._per_text)

    def _fit(self, html: Markup, source: str) -> Markup:
        size = len(html.encode())
        if size <= self._free:
            self._left -= size
            return html
        kept = source.encode()[: self._free].decode(errors="ignore")
        while len(escape(kept).encode()) > self._free:  # markup takes up to six times its length
            kept = kept[: len(kept) // 2]
        self._left -= len(escape(kept).encode())
        return escape(kept) + Markup("\n<em>{}</em>").format(self._left_out.in_language(self._language))


def render(page: Page) -> str:
    """Return the page as HTML."""
    return _environment().get_template("page.html").render(
        page=page, room=Room(page.language, len(page.cards)), titles={card.name: card.title for card in page.cards},
        when=lambda moment: format_moment(moment, moment.tzinfo, page.language),
        **_shared(page.language, page.level),
    )  # fmt: skip


def render_handed_in(
    written: Sequence[WrittenAnswer],
    language: str,
    *,
    title: str,
    questions: Mapping[str, Text] = MappingProxyType({}),
    notes: Sequence[Text] = (),
    back: str = "",
) -> str:
    """Return a notebook as it was handed in, for staff, as a page that runs and fetches nothing.

    written: its cells. questions: their titles, by id. notes: what is to be known about the page.
    back: the address of the page that it was opened from, if it needs a link.
    """
    return _environment().get_template("handed_in.html").render(
        written=written, title=title, questions=questions, notes=notes, back=back,
        room=Room.for_staff(language, whole=True), **_shared(language, "diagnosis"),
    )  # fmt: skip


def render_report(
    report: Report,
    language: str,
    *,
    level: FeedbackLevel = "diagnosis",
    solution: str = "",
    for_staff: bool = False,
) -> str:
    """Return what a page says of one question, as HTML without classes, for a page of someone else's.

    for_staff: whether to say how a person grants what is blocked as too easy.
    """
    title = report.title.in_language(language)
    card = Card(
        report.question, title, report.points, report.score, report, solution=solution,
        reread=sections_to_reread(report, language),
    )  # fmt: skip
    shared = _shared(language, level, typeset=False)
    values = {"card": card, "room": None, "grant": wording.GRANT if for_staff else None}
    return _environment().get_template("fragment.html").render(**values, **shared)


def _shared(language: str, level: FeedbackLevel, *, typeset: bool = True) -> Mapping[str, Any]:
    return {"language": language, "localized": lambda text: text.in_language(language)} | card_values(
        language, level, typeset=typeset
    )


def card_values(
    language: str, level: FeedbackLevel, *, typeset: bool = True, for_staff: bool = False
) -> dict[str, Any]:
    """Return what the macros of `card.html` need, besides `room` and `localized(text)`.

    typeset: whether formulas become MathML. for_staff: whether staff read the card, and not the student.
    """
    words = {**WORDS, **STAFF_WORDS} if for_staff else WORDS
    return {
        "level": level,
        "word": lambda name: words[name].in_language(language),
        "sentence": lambda text: markup.sentence(text.in_language(language), language, typeset=typeset),
        "states": STATES,
        "symbols": SYMBOLS,
        "outcomes": wording.OUTCOMES,
        "marks": wording.SYMBOLS,
    }


def compile_templates() -> None:
    """Compile the templates of pages, each of which is otherwise compiled at first use."""
    for name in _environment().list_templates(extensions=["html"]):
        _environment().get_template(name)


@lru_cache(1)
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("autograder.feedback", folder) for folder in ("templates", "static")]),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= FILTERS
    return environment

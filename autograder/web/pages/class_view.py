"""Which rows of a class a table shows, as its URL says: a search, a part of the class, an order, and a page.

The whole class is loaded in any case, for the counts at the top of the page. Searching it here, in place of the
database, compares names without regard to case and accents on SQLite and PostgreSQL alike, and has no wildcards.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal

from autograder.roster import natural
from autograder.web.pages.class_queries import Row

PAGE_SIZE = 50
MAX_SEARCH = 200
"""Characters of a search; the rest is ignored."""
WITHOUT_ACCENTS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters that Unicode does not divide into a letter and an accent."""

Direction = Literal["asc", "desc"]
GROUPS: Mapping[str, Callable[[Row], bool]] = MappingProxyType({
    "handed-in": lambda row: row.is_enrolled and row.attempts > 0,
    "missing": lambda row: row.is_enrolled and row.attempts == 0,
    "waiting": lambda row: row.state == "waiting",
    "ungraded": lambda row: row.state == "ungraded",
    "looks": lambda row: row.open_requests > 0,
    "refused": lambda row: row.delivery is not None and row.delivery.state == "refused",
})  # fmt: skip
"""Parts of the class that are counted at the top of its page, and that the table can be narrowed to."""
SENT: Mapping[str, Callable[[Row], bool]] = MappingProxyType({
    "refused": GROUPS["refused"],
    "waiting": lambda row: row.delivery is not None and row.delivery.state == "waiting",
    "confirmed": lambda row: row.delivery is not None and row.delivery.state == "confirmed",
})  # fmt: skip
"""The same for the page of scores sent to the LMS."""
ORDERS: Mapping[str, Callable[[Row], Any]] = MappingProxyType({
    "name": lambda row: row.name.casefold() or None,
    "id": lambda row: row.student_id.casefold() or None,
    "section": lambda row: natural(row.section) or None,
    "attempts": lambda row: row.attempts,
    "state": lambda row: ("ungraded", "waiting", "nothing", "graded").index(row.state),
    "score": lambda row: row.score,
    "late": lambda row: row.late or None,
    "granted": lambda row: (row.more_attempts, row.due_at.timestamp() if row.due_at else 0.0)
    if row.due_at or row.more_attempts
    else None,
    "lms": lambda row: (row.delivery.state != "refused", not row.delivery.differs, row.delivery.state == "confirmed")
    if row.delivery
    else None,
})  # fmt: skip
"""What the table can be sorted by; None comes last in both directions.

By delivery, what somebody has to act on comes first.
"""


@dataclass(frozen=True)
class View:
    """Which rows a table shows."""

    q: str = ""
    """Words that a person's name, id or e-mail address contains."""
    state: str = ""
    """The name of a part of the class; empty for all."""
    section: str = ""
    """Empty for all."""
    sort: str = "name"
    dir: Direction = "asc"
    page: int = 1

    @classmethod
    def of(
        cls,
        args: Mapping[str, str],
        states: Collection[str] = GROUPS,
        *,
        sections: Collection[str] = (),
        sort: str = "name",
    ) -> View:
        """Read a view from the arguments of a URL. What is unknown gives way to the default, without an error.

        states, sections: the known parts of the class. sort: the default order.
        """
        state, order, page = args.get("state", ""), args.get("sort", ""), args.get("page", "")
        return cls(
            q=" ".join(args.get("q", "")[:MAX_SEARCH].split()),
            state=state if state in states else "",
            section=section if (section := args.get("section", "")) in sections else "",
            sort=order if order in ORDERS else sort,
            dir="desc" if args.get("dir") == "desc" else "asc",
            page=int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
        )

    def url(self, **changed: Any) -> dict[str, Any]:
        """Return the arguments of the URL of this view with some values changed; defaults are left out.

        A change of anything but the page leads to the first page.
        """
        view = replace(self, **({"page": 1} | changed))
        return {name: value for name, value in vars(view).items() if value != getattr(View, name)}

    def order(self, key: str) -> dict[str, Any]:
        """Return the arguments of the URL that sorts by a column; a second time turns the order around."""
        turned = self.sort == key and self.dir == "asc"
        return self.url(sort=key, dir="desc" if turned else "asc")


@dataclass(frozen=True)
class Shown:
    """The rows that a view finds, and those on its page."""

    view: View
    """With the page that is shown, which exists."""
    found: Sequence[Row]
    pages: int

    @property
    def rows(self) -> Sequence[Row]:
        """The rows on the page."""
        return self.found[self.first : self.first + PAGE_SIZE]

    @property
    def near(self) -> Sequence[int | None]:
        """The numbers of the first, the last and the nearest pages; None stands for those between them."""
        near = [number for number in range(1, self.pages + 1)
                if number in (1, self.pages) or abs(number - self.view.page) <= 2]  # fmt: skip
        gaps = [[None] if number - before > 1 else [] for before, number in pairwise([0, *near])]
        return [one for gap, number in zip(gaps, near, strict=True) for one in (*gap, number)]

    @property
    def first(self) -> int:
        """The number of rows before the page."""
        return (self.view.page - 1) * PAGE_SIZE


def sections_of(rows: Iterable[Row]) -> list[str]:
    """Return the sections that people are in, in order."""
    return sorted({row.section for row in rows if row.section}, key=natural)


def search(rows: Sequence[Row], view: View, states: Mapping[str, Callable[[Row], bool]] = GROUPS) -> Shown:
    """Return the rows that a view shows, of rows that are ordered by name. A page beyond the end is the last one."""
    words, belongs = comparable(view.q).split(), states.get(view.state)
    found = [
        row
        for row in rows
        if (belongs is None or belongs(row)) and view.section in ("", row.section) and contains(row, words)
    ]
    key = ORDERS[view.sort]
    last = [row for row in found if key(row) is None]
    found = [row for row in found if key(row) is not None]
    found.sort(key=key, reverse=view.dir == "desc")
    pages = max(1, -(-(len(found) + len(last)) // PAGE_SIZE))
    return Shown(replace(view, page=min(max(view.page, 1), pages)), [*found, *last], pages)


def contains(row: Row, words: Sequence[str]) -> bool:
    """Check whether a person's name, id and e-mail address contain all words, which are `comparable`."""
    if not words:
        return True
    text = comparable(f"{row.name}\n{row.student_id}\n{row.email}")
    return all(word in text for word in words)


def comparable(text: str) -> str:
    """Return a text as it is searched: without case and accents. A Korean syllable stays whole."""
    letters = unicodedata.normalize("NFKD", text.casefold()).casefold()
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare.translate(WITHOUT_ACCENTS))

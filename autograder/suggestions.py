"""Messages for an unknown name, with the known ones that could be meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from autograder.i18n import _
from autograder.text import Text

Kind = Literal["student", "assignment", "question", "pool", "example", "setting", "page", "test"]
KINDS: Mapping[Kind, Text] = MappingProxyType({
    "student": _("student"),
    "assignment": _("assignment"),
    "question": _("question"),
    "pool": _("pool"),
    "example": _("example"),
    "setting": _("setting"),
    "page": _("page"),
    "test": _("test"),
})  # fmt: skip
MAX_NEAR = 3


def plain(text: str) -> str:
    """Normalize a name for comparison: Unicode form, spaces and case do not matter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def near_names(wanted: str, names: Iterable[str], *, cutoff: float = 0.6) -> list[str]:
    """Return the names that are most like the wanted one, the nearest first; case does not matter.

    cutoff: the least likeness, from 0 to 1, as `difflib` measures it.
    """
    by_plain: dict[str, list[str]] = {}
    for name in names:
        by_plain.setdefault(plain(name), []).append(name)
    hits = difflib.get_close_matches(plain(wanted), by_plain, n=MAX_NEAR, cutoff=cutoff)
    return [name for hit in hits for name in by_plain[hit]]


def unknown(kind: Kind, name: str, names: Sequence[str]) -> Text:
    """Return the message for an unknown name: the names that could be meant, else all known ones."""
    if near := near_names(name, names, cutoff=0.5):
        return _(
            "no {kind} {name}; did you mean {near}?", kind=KINDS[kind], name=repr(name), near=", ".join(near)
        )
    known: Text | str = ", ".join(names) or _("none yet")
    return _("no {kind} {name}; known: {known}", kind=KINDS[kind], name=repr(name), known=known)

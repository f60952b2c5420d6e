"""The mark at the end of a feedback page: the scores that it shows, and how much it discloses."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.report import PRECISION
from autograder.text import Text

MARK = re.compile(rb"<!-- shows ([0-9a-f]{16}) ?(\w*) ?([0-9a-f]{8})? -->\s*$")
TAIL = 100


@dataclass(frozen=True)
class PageState:
    """What a feedback page shows."""

    scores: str
    """Digest of the scores and comments; empty if there is no page, or if it has no mark."""
    level: str = ""
    """How much the page discloses, as `FeedbackLevel`."""
    contact: str = ""
    """Digest of the contact for questions; empty if there is none."""


def scores_digest(
    scores: Mapping[str, tuple[float, float]],
    comments: Mapping[str, str | None],
    late_penalty: float | None,
    waiting: Collection[str] = (),
) -> str:
    """Return a digest of a submission's scores and comments in the gradebook.

    scores: score and maximum of each cell. waiting: manually graded cells without a score.
    """
    content = {
        "scores": {name: [round(float(value), PRECISION) for value in pair] for name, pair in scores.items()},
        "comments": {name: comment for name, comment in comments.items() if comment},
        "late": round(float(late_penalty or 0), PRECISION),
        "waiting": sorted(waiting),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def contact_digest(contact: Text) -> str:
    """Return a digest of the contact for questions about scores; empty if there is none."""
    words = json.dumps(contact.to_dict(), sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()[:8] if contact.in_language("en") else ""


def with_mark(page: str, state: PageState) -> str:
    """Return a page that ends with the mark of what it shows; `state_of_page` reads it."""
    shown = " ".join(filter(None, (state.scores, state.level, state.contact)))
    return f"{page.rstrip()}\n<!-- shows {shown} -->\n"


def without_mark(page: bytes) -> bytes:
    """Return a page that counts as out of date whatever scores it shows."""
    return MARK.sub(b"", page)


def state_of_page(path: Path) -> PageState:
    """Return what a page shows."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            match = MARK.search(file.read())
    except OSError:
        return PageState("")
    return PageState(*(group.decode() for group in match.groups(b""))) if match else PageState("")

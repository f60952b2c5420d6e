"""The words and marks of outcomes, worked solutions, and whether a feedback page is current."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from autograder.grading.report import PRECISION
from autograder.i18n import _, ngettext
from autograder.notebooks.stamp import answer_text
from autograder.questions.question import Question
from autograder.text import Text

OUTCOMES: Mapping[str, Text] = {
    "passed": _("passed"),
    "carried": _("carried over"),
    "failed": _("failed"),
    "errored": _("did not run"),
    "blocked": _("not looked at"),
    "too_easy": _("not carried over"),
}
"""By `CheckResult.shown_as`."""
SYMBOLS: Mapping[str, str] = {
    "passed": "✔", "carried": "↪", "failed": "✘", "errored": "!", "blocked": "–", "too_easy": "⊘",
}  # fmt: skip
GRANT = _("To grant it, enter {score} as the score of this cell.")


def plain(points: float) -> str:
    """Format points without a needless fraction."""
    return f"{round(points, 2):g}"


def exact(points: float) -> str:
    """Format points as a person enters them in the gradebook, with as many decimals as it has."""
    return f"{round(points, PRECISION):g}"


def format_points(points: float, language: str) -> str:
    """Format a number of points with its unit."""
    shown = plain(points)
    number = int(points) if points == int(points) else 2  # a fraction, such as 2.5, is shown as several are
    return ngettext("{points} point", "{points} points", number, points=shown).in_language(language)


def worked_solutions(questions: Sequence[Question]) -> dict[str, str]:
    """Return the right answer to each question, as feedback shows it."""
    return {
        question.id: "\n".join(
            line for line in answer_text(question).splitlines() if not line.strip().startswith("### ")
        )
        for question in questions
    }


SHOWN = re.compile(rb"<!-- shows ([0-9a-f]{16}) -->\s*$")
TAIL = 100


def state_of(
    scores: Mapping[str, tuple[float, float]],
    comments: Mapping[str, str | None],
    late_penalty: float | None,
    waiting: Collection[str] = (),
) -> str:
    """Return a digest of a submission's scores and comments in the gradebook; a current page holds the same.

    scores: score and maximum of each cell. waiting: manually graded cells without a score.
    """
    state = {
        "scores": {name: [round(float(value), 4) for value in pair] for name, pair in scores.items()},
        "comments": {name: comment for name, comment in comments.items() if comment},
        "late": round(float(late_penalty or 0), 4),
        "waiting": sorted(waiting),
    }
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16]


def with_state(page: str, state: str) -> str:
    """Return the page with the gradebook state that it shows appended; `shown_in` reads it."""
    return f"{page.rstrip()}\n<!-- shows {state} -->\n"


def shown_in(page: Path) -> str:
    """Return the gradebook state that a page shows; empty if the page is missing or holds none."""
    try:
        with page.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            match = SHOWN.search(file.read())
    except OSError:
        return ""
    return match[1].decode() if match else ""

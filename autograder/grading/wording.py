"""The words and marks of outcomes, and points as text."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.grading.report import PRECISION
from autograder.i18n import _, ngettext
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
    text = plain(points)
    number = int(points) if points == int(points) else 2  # a fraction, such as 2.5, is shown as several are
    return ngettext("{points} point", "{points} points", number, points=text).in_language(language)

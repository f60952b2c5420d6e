"""A feedback page says at its end what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.feedback.page_state import PageState, scores_digest, state_of_page, with_mark

SCORES = {"p1-check": (1.5, 2.0)}
STATE = PageState(scores_digest(SCORES, {}, 0.0), "diagnosis")


def test_mark_round_trips(tmp_path: Path) -> None:
    """Whatever the page holds before it."""
    page = tmp_path / "page.html"
    page.write_text(with_mark("<p>안녕</p>\n\n", STATE), encoding="utf-8")
    assert state_of_page(page) == STATE


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (f"<!-- shows {STATE.scores} -->\n", PageState(STATE.scores)),
        ("<!-- shows nothing -->\n", PageState("")),
        ("</html>\n", PageState("")),
        (f"<!-- shows {STATE.scores} solution --> and more", PageState("")),
        ("", PageState("")),
    ],
    ids=["of an earlier version", "of something else", "none", "not at the end", "an empty page"],
)
def test_page_without_a_mark_at_its_end_shows_nothing(tmp_path: Path, end: str, state: PageState) -> None:
    """The mark of an earlier version had no level."""
    page = tmp_path / "page.html"
    page.write_text(end, encoding="utf-8")
    assert state_of_page(page) == state


def test_missing_page_shows_nothing(tmp_path: Path) -> None:
    """As one that was never made."""
    assert state_of_page(tmp_path / "page.html") == PageState("")


@pytest.mark.parametrize(
    "changed",
    [
        scores_digest({"p1-check": (1.0, 2.0)}, {}, 0.0),
        scores_digest({"p1-check": (1.5, 3.0)}, {}, 0.0),
        scores_digest(SCORES, {"p1-check": "well done"}, 0.0),
        scores_digest(SCORES, {}, 0.5),
        scores_digest(SCORES, {}, 0.0, ["p1-check"]),
    ],
    ids=["score", "maximum", "comment", "late penalty", "waiting"],
)
def test_digest_changes_with_everything_shown(changed: str) -> None:
    """A page with another one is rendered again."""
    assert changed != STATE.scores


def test_digest_ignores_what_is_not_shown() -> None:
    """An empty comment, no penalty, and what four decimals do not show."""
    same = scores_digest({"p1-check": (1.500004, 2.0)}, {"p1-check": ""}, None)
    assert same == STATE.scores

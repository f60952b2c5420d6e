"""How points are written, and that a graded notebook keeps a report."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.grading.report import CheckResult, Counterexample, Report, from_dict, to_dict
from autograder.grading.wording import plain
from autograder.lms.comments import question_lines
from autograder.text import Text
from tests.feedback.samples import report


class TestPoints:
    """How points are written."""

    @pytest.mark.parametrize(
        ("points", "shown"), [(6.0, "6"), (2.5, "2.5"), (0.0, "0"), (1 / 3, "0.33"), (100.0, "100"), (4, "4")]
    )
    def test_points_have_no_needless_fraction(self, points: float, shown: str) -> None:
        """Six points are 6, not 6.0."""
        assert plain(points) == shown


TEXTS = st.builds(Text, ko=st.text(max_size=10), en=st.text(max_size=10))
POINTS = st.floats(0.25, 100)
REPORTS = st.builds(
    Report,
    question=st.text(max_size=10),
    title=TEXTS,
    points=POINTS,
    checks=st.lists(
        st.builds(
            CheckResult,
            name=st.text(max_size=10),
            text=TEXTS,
            outcome=st.sampled_from(["passed", "failed", "errored", "blocked"]),
            points=POINTS,
            message=TEXTS,
        ),
        max_size=4,
    ).map(tuple),
    misconceptions=st.lists(
        st.builds(NamedMisconception, name=st.text(max_size=10), text=TEXTS, credit=st.floats(0, 1)),
        max_size=2,
    ).map(tuple),
    notes=st.lists(TEXTS, max_size=2).map(tuple),
    fault=st.sampled_from([None, "missing", "raised", "timed out", "died", "not data"]),
    numbers=st.lists(
        st.tuples(st.text(max_size=5), st.integers()), max_size=2, unique_by=lambda one: one[0]
    ).map(tuple),
    counterexample=st.none() | st.builds(Counterexample, st.text(max_size=10), st.text(max_size=10)),
    example=st.sampled_from(["passed", "failed", ""]),
    near_credit=st.floats(0, 1),
)


class TestGranted:
    """What a person may grant of what is blocked as too easy."""

    CHECKS = (
        CheckResult("a", Text(), "passed", 1.0),
        CheckResult("b", Text(), "blocked", 1.5, too_easy=True),
        CheckResult("c", Text(), "blocked", 2.0),
        CheckResult("d", Text(), "failed", 0.5),
    )

    @pytest.mark.parametrize(
        ("credit", "granted", "at_stake"), [(0.0, 2.5, 1.5), (2.0, 2.5, 0.5), (4.0, 4.0, 0.0)]
    )
    def test_grant_gives_what_carrying_over_gives(
        self, credit: float, granted: float, at_stake: float
    ) -> None:
        """A check that waits for another one stays blocked, and points come on top of no credit."""
        known = (NamedMisconception("m", Text(), credit),)
        one = Report("q", Text(), 5.0, self.CHECKS, known)
        assert (one.granted.score, one.at_stake) == (granted, at_stake)
        assert [check.outcome for check in one.granted.checks] == ["passed", "carried", "blocked", "failed"]

    @pytest.mark.parametrize(
        ("score", "is_granted"), [(2.5, True), (1.0, False), (2.0, False), (None, False)]
    )
    def test_score_of_the_gradebook_tells_of_a_grant(self, score: float | None, is_granted: bool) -> None:
        """Where the score is the one that a grant gives, and no other."""
        one = Report("q", Text(), 5.0, self.CHECKS)
        assert one.as_scored(score) == (one.granted if is_granted else one)

    def test_comment_says_why_there_are_no_points(self) -> None:
        """In the LMS, too, once; and no longer after a grant."""
        reason = Text(ko="점수 없음", en="no points: fix X")
        blocked = (replace(self.CHECKS[1], message=reason), replace(self.CHECKS[1], name="e", message=reason))
        one = Report("q", Text(en="Title"), 3.0, blocked)
        assert [*question_lines(one, "en", why=True)] == ["Title: 0 / 3", "– no points: fix X"]
        assert [*question_lines(one, "en", why=False)] == ["Title: 0 / 3"]
        assert [*question_lines(one, "en", why=True, score=3.0)] == ["Title: 3 / 3"]


class TestKept:
    """A report is kept in the graded notebook as plain data, and rendered anew later."""

    @settings(max_examples=100)
    @given(REPORTS)
    def test_report_comes_back_as_it_was(self, one: Report) -> None:
        """Through JSON and back every part is the same, the score too."""
        back = from_dict(json.loads(json.dumps(to_dict(one))))
        assert back == one
        assert back.score == one.score

    def test_the_data_say_what_they_are(self) -> None:
        """The score stands in the data, so that they can be read without the package."""
        data = to_dict(report())
        assert data["score"] == 2.5
        assert data["points"] == 6.5
        assert data["checks"][1] == {
            "name": "big",
            "text": {"ko": "큰 층", "en": "a big layer"},
            "outcome": "failed",
            "points": 2.0,
            "message": {"ko": "개수가 맞지 않습니다.", "en": "the count is not right"},
            "too_easy": False,
        }
        assert data["misconceptions"] == [
            {
                "name": "no_bias",
                "text": {"ko": "편향이 빠졌습니다", "en": "the bias is missing"},
                "credit": 0.0,
                "section": {},
            }
        ]

    def test_change_in_the_data_changes_the_report(self) -> None:
        """The comparison of these tests sees a single changed word."""
        data = to_dict(report())
        data["checks"][0]["outcome"] = "failed"
        assert from_dict(data) != report()
        assert from_dict(data).score == 0.0

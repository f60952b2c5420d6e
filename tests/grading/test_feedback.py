"""Feedback: what a report says as text, in either language, and that a graded notebook keeps it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading.diagnosis import NamedMisconception
from autograder.grading.feedback import as_text, plain
from autograder.grading.report import CheckResult, Counterexample, Report, from_dict, to_dict
from autograder.text import Text
from tests.feedback.samples import report


class TestText:
    """Feedback for a terminal."""

    def test_in_english(self) -> None:
        """Score, a line for each check with its outcome and message, the mistake, the note."""
        assert as_text(report(), "en").splitlines() == [
            "Weights of an LSTM: 2.5 / 6.5",
            "  ✔ any size (passed)",
            "  ✘ a big layer (failed): the count is not right",
            "  ! in time (did not run): did not finish within 2 s",
            "  – a whole number (not looked at): needs first: a big layer",
            "  → the bias is missing",
            "  * found by its name",
        ]

    def test_in_korean(self) -> None:
        """The same in Korean, without a word of English."""
        assert as_text(report(), "ko").splitlines() == [
            "LSTM의 가중치: 2.5 / 6.5",
            "  ✔ 어떤 크기든 (통과)",
            "  ✘ 큰 층 (틀림): 개수가 맞지 않습니다.",
            "  ! 빠르게 (실행되지 않음): 2초 안에 끝나지 않았습니다.",
            "  – 정수 (보지 않음): 먼저 통과해야 합니다: 큰 층",
            "  → 편향이 빠졌습니다",
            "  * 이름으로 찾았습니다.",
        ]

    def test_a_course_in_one_language_shows_that_one(self) -> None:
        """Where a text lacks the language asked for, the other one stands in its place."""
        assert as_text(report(title=Text(ko="", en="Weights")), "ko").startswith("Weights: ")
        assert as_text(report(title=Text(ko="가중치", en="")), "en").startswith("가중치: ")

    @pytest.mark.parametrize(
        "message", ["boom\n  ✔ any size (passed)", "a\rb", "\x1b[2J\x1b[31mred", "a\x00b\x07"]
    )
    def test_a_student_s_message_stays_on_its_line(self, message: str) -> None:
        """A message cannot add a line of its own or move the terminal's cursor."""
        check = CheckResult("c", Text(en="any size"), "errored", 1.0, Text(en=message))
        text = as_text(report(checks=(check,), misconceptions=(), notes=()), "en")
        assert len(text.splitlines()) == 2
        assert all(character.isprintable() or character == "\n" for character in text)

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
)


class TestKept:
    """A report is kept in the graded notebook as plain data, and rendered anew later."""

    @settings(max_examples=100)
    @given(REPORTS)
    def test_a_report_comes_back_as_it_was(self, one: Report) -> None:
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
        }
        assert data["misconceptions"] == [
            {
                "name": "no_bias",
                "text": {"ko": "편향이 빠졌습니다", "en": "the bias is missing"},
                "credit": 0.0,
            }
        ]

    def test_a_rendering_of_kept_data_is_the_same(self) -> None:
        """Feedback rendered from the kept data is what was rendered at once."""
        assert as_text(from_dict(to_dict(report())), "ko") == as_text(report(), "ko")

    def test_a_change_in_the_data_changes_the_report(self) -> None:
        """The comparison of these tests sees a single changed word."""
        data = to_dict(report())
        data["checks"][0]["outcome"] = "failed"
        assert from_dict(data) != report()
        assert from_dict(data).score == 0.0

"""The comment of a score in an LMS: what it says of each question, and how long it may be."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.grading.report import UNANSWERED, CheckResult, Report
from autograder.lms.comments import EXPLANATIONS, MAX_LENGTH, fitted, question_lines
from autograder.text import Text

LAST = "That is all."


def failed(message: str, outcome: str = "failed") -> CheckResult:
    return CheckResult(message, Text(en="a check"), outcome, 1.0, Text(en=message))  # type: ignore[arg-type]


def lines_of(*checks: CheckResult, **changed: object) -> list[str]:
    return [*question_lines(Report("q", Text(en="Title"), 2.0, checks, **changed), "en", why=True)]  # type: ignore[arg-type]


def test_first_message_is_told_where_no_mistake_is_named() -> None:
    """One, as on the card; where a mistake is named, that alone."""
    checks = failed("raises NameError", "errored"), failed("is 3, not 4")
    assert lines_of(*checks) == ["Title: 0 / 2", "– raises NameError"]
    named = NamedMisconception("m", Text(en="the bias is missing"), 0.0)
    assert lines_of(*checks, misconceptions=(named,)) == ["Title: 0 / 2", "– the bias is missing"]
    assert lines_of(*checks, computed=(Text(en="it computes n²"),)) == ["Title: 0 / 2", "– it computes n²"]


def test_right_answers_and_score_only_questions_have_no_message() -> None:
    """Nor of what only waits for another check."""
    assert lines_of(failed("", "passed"), failed("needs another check", "blocked")) == ["Title: 1 / 2"]
    report = Report("q", Text(en="Title"), 2.0, (failed("wrong"),))
    assert [*question_lines(report, "en", why=False)] == ["Title: 0 / 2"]


def test_lost_answer_is_told_by_its_reason() -> None:
    """Not by the message that every check has."""
    check = CheckResult("c", Text(en="a check"), "errored", 2.0, UNANSWERED)
    assert lines_of(check, fault="missing") == ["Title: 0 / 2", f"– {UNANSWERED.en}"]
    why = (Text(en="the cell was deleted"),)
    assert lines_of(check, fault="missing", notes=why) == ["Title: 0 / 2", "– the cell was deleted"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["", *EXPLANATIONS]), st.text("ab`\N{HANGUL SYLLABLE GA} ", max_size=900)),
        max_size=40,
    )
)
@example([("– ", "x" * 900)] * 40)
@example([("", "x" * 900)] * 40)
def test_comment_is_never_too_long(parts: list[tuple[str, str]]) -> None:
    """Whatever is in it; the last line is there, scores come before explanations, and no backtick stays."""
    lines = [start + text for start, text in parts]
    made = fitted(lines, LAST)
    assert len("\n".join(made)) <= MAX_LENGTH
    assert made[-1] == LAST
    assert "`" not in "".join(made)
    scores = [text.replace("`", "") for start, text in parts if not start]
    kept = [line for line in made[:-1] if not line.startswith(EXPLANATIONS)]
    assert kept == scores or (kept[-1] == "…" and kept[:-1] == scores[: len(kept) - 1])


@pytest.mark.parametrize("size", [100, 400, 900])
def test_explanations_are_cut_alike(size: int) -> None:
    """Short ones stay whole, and each question keeps its score."""
    lines = [
        line for number in range(10) for line in (f"Question {number}: 0 / 2", "– " + "x" * size, "– short")
    ]
    made = fitted(lines, LAST)
    assert [line for line in made if line.startswith("Q")] == lines[::3]
    assert made.count("– short") == 10
    assert len({line for line in made if line.startswith("– x")}) == 1

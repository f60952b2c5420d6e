"""Law 13: no worse answer earns more, whether it is listed or lies between a listed one and the right one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.diagnosis.case_result import CaseResult
from autograder.grading import question_grader
from autograder.grading.report import CheckResult, Report
from autograder.questions.loader import load_question
from autograder.questions.question import Case
from autograder.text import Text
from autograder.verification.answer_bank import BankAnswer, wrongly_judged_wrong
from autograder.verification.laws import violations
from autograder.verification.nearness import unfair_pairs
from tests.grading.test_near_credit import COUNT

TRIPLE = """

@question.check(points=2, text=text("a multiple of three, or right"))
def triple(got, case, want):
    expect.count(0 if expect.whole(got) == want else got % 3, 0)
"""


def told(folder: Path, text: str) -> list[str]:
    """What is told of law 13 about a question of the given text."""
    path = folder / "count.py"
    path.write_text(text, encoding="utf-8")
    return [str(one.problem) for one in violations(load_question(path, ("ko", "en"))) if one.law == 13]


def test_credit_that_nearer_answers_earn_as_well(tmp_path: Path) -> None:
    """A mistake that earns credit breaks no law, since what lies between it and the right answer earns it, too."""
    assert told(tmp_path, COUNT) == []


def test_credit_that_nearer_answers_do_not_earn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credit for one set of values alone is told, with every correction that would lose it."""
    monkeypatch.setattr(question_grader, "near_credit", lambda *args: 0.0)
    assert set(told(tmp_path, COUNT)) == {
        f"misconception three_sets earns more than the same with {corrected} corrected"
        for corrected in (
            "every other case",
            "`a*a`",
            "`a*b`",
            "`a`",
            "`a*a`, `a*b`",
            "`a`, `a*a`",
            "`a`, `a*b`",
        )
    }


def test_check_that_a_nearer_count_fails(tmp_path: Path) -> None:
    """A check of something else than nearness, which one wrong term passes and its half would not, is told."""
    corrected = "misconception three_sets earns more than the same with `a*a`, `a*b` corrected"
    assert corrected in told(tmp_path, COUNT + TRIPLE)


def test_answer_of_the_bank_whose_correction_earns_less(tmp_path: Path) -> None:
    """What lies between the right answer and one of the bank is tried as well."""
    path = tmp_path / "count.py"
    path.write_text(COUNT + TRIPLE, encoding="utf-8")
    question = load_question(path, ("ko", "en"))
    answer = BankAnswer("six sets", "def count(a, b):\n    return 6 * a * (a + b + 1)", 2, [])
    told = [str(one) for one in wrongly_judged_wrong(question, [answer], [], [0])]
    assert "count: the wrong answer 'six sets' earns more than the same with `a*a` corrected" in told


def test_listed_answer_that_is_nearer_and_earns_less(tmp_path: Path) -> None:
    """Of two listed mistakes, the nearer one must not earn less."""
    text = COUNT.replace("terms=", "#") + (
        '\n\n@question.misconception(text=text("one too many"), fails=[right])\n'
        "def one_too_many(a, b):\n    return 4 * a * (a + b + 1) + 1\n"
    )
    assert told(tmp_path, text) == [
        "misconception one_too_many is nearer to the right answer than three_sets but earns less"
    ]


def test_credit_for_what_a_trivial_answer_beats(tmp_path: Path) -> None:
    """Credit for a count so far off that a product of the sizes is nearer is told."""
    text = COUNT.replace("return 3 * a * (a + b + 1)", "return b if a < b else a")
    text = text.replace("((1, 9), (9, 1), (2, 3)", "((2, 9), (2, 3)").replace("(8, 4), ", "")
    assert any("the trivial answer a * b is no farther" in one for one in told(tmp_path, text))


def report(score: float, got: Any, want: Any) -> Report:
    """A report of an answer that was called once."""
    checks = (CheckResult("right", Text(en="right"), "passed", score),)
    return Report("q", Text(en="q"), 4, checks, cases=(CaseResult(Case(1), want, got),))


@pytest.mark.parametrize(
    ("nearer", "farther", "unfair"),
    [
        ([1, 2, 0], [1, 0, 0], True),
        ([1, 2, 0], [0, 0, 0], False),
        ([1, 2, 0], [1, 0, 3], False),
        ([1, 2, 0], [1, 2, 9], False),
    ],
)
def test_arrays_are_compared_by_what_is_right_in_both(
    nearer: list[float], farther: list[float], unfair: bool
) -> None:
    """All right entries of the other and more are nearer; an array without any may be right in another convention."""
    want = np.array([1.0, 2.0, 3.0])
    judged = [("nearer", report(1, np.array(nearer), want)), ("farther", report(2, np.array(farther), want))]
    assert list(unfair_pairs(judged)) == ([("nearer", "farther")] if unfair else [])

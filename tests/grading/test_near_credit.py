"""Credit by nearness: an answer no farther from the right one than a mistake that earns something earns it, too."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.grading.report import Report
from autograder.questions.loader import load_question
from autograder.questions.question import Question

COUNT = '''
from autograder import Case, Question, Term, Text, expect


def text(line):
    return Text(ko=line + " (ko)", en=line)


question = Question(
    title=text("count"),
    statement=text("Count."),
    terms=(Term("a*a", text("squares")), Term("a*b", text("products")), Term("a", text("lengths")), Term("1")),
)


@question.answer
def count(a, b):
    """Weights. a, b: int."""
    return 4 * a * (a + b + 1)


@question.cases
def cases(rng):
    return [Case(a, b) for a, b in ((1, 9), (9, 1), (2, 3), (4, 5), (6, 7), (8, 4), (30, 2), (3, 40))]


@question.check(points=4, text=text("right"))
def right(got, case, want):
    expect.count(got, want)


@question.misconception(text=text("three sets"), fails=[right], credit=1)
def three_sets(a, b):
    return 3 * a * (a + b + 1)
'''


@pytest.fixture
def count(tmp_path: Path) -> Question:
    """A counting question with one mistake that earns a quarter."""
    return loaded(tmp_path, COUNT)


def loaded(folder: Path, text: str) -> Question:
    """A question of the given text."""
    path = folder / "count.py"
    path.write_text(text, encoding="utf-8")
    return load_question(path, ("ko", "en"))


def graded(question: Question, answer: Callable[..., Any]) -> Report:
    """The report of an answer in this process."""
    return grade(question, DirectSession(answer))


@pytest.mark.parametrize(
    "answer",
    [
        lambda a, b: 3 * a * a + 4 * a * b + 3 * a,
        lambda a, b: 4 * a * a + 3 * a * b + 4 * a,
        lambda a, b: 5 * a * (a + b + 1),
        lambda a, b: 3 * a * (a + b + 1) + 1,
        lambda a, b: Fraction(7, 2) * a * (a + b + 1),
    ],
)
def test_nearer_count_earns_the_credit(count: Question, answer: Callable[..., Any]) -> None:
    """A count that no author lists, nearer in every case than a mistake with credit, earns as much."""
    report = graded(count, answer)
    assert report.misconceptions == ()
    assert report.score == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda a, b: 3 * a * (a + b + 1) - 1,
        lambda a, b: 3 * a * (a + b),
        lambda a, b: 4 * a * (a + b + 1) if a > 1 else 0,
    ],
)
def test_count_that_is_farther_in_one_case_earns_nothing(count: Question, answer: Callable[..., Any]) -> None:
    """Where one value is farther than what the mistake gives, nothing is earned."""
    assert graded(count, answer).score == 0


def test_the_mistake_in_some_cases_only_earns_the_credit(count: Question) -> None:
    """An answer that is right for some inputs and makes the mistake for the others is not worse than the mistake."""
    assert graded(count, lambda a, b: (4 if a > b else 3) * a * (a + b + 1)).score == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda a, b: 0,
        lambda a, b: 1,
        lambda a, b: 60,
        lambda a, b: a,
        lambda a, b: b,
        lambda a, b: a + b,
        lambda a, b: a * b,
        lambda a, b: a + 1,
        lambda a, b: {(1, 9): 44, (9, 1): 396, (2, 3): 48}.get((a, b), 300),
    ],
)
def test_trivial_answer_earns_no_credit(count: Question, answer: Callable[..., Any]) -> None:
    """Constants, arguments, their sum and product, and tables of some inputs follow no count through all sizes."""
    assert graded(count, answer).score == 0


@pytest.mark.parametrize(
    "answer",
    [
        lambda a, b: complex(4 * a * (a + b + 1)),
        lambda a, b: str(4 * a * (a + b + 1)),
        lambda a, b: [4 * a * (a + b + 1)],
        lambda a, b: None,
        lambda a, b: 3 * a * (a + b + 1) // (a != 30),
    ],
)
def test_incomparable_answers_earn_no_near_credit(count: Question, answer: Callable[..., Any]) -> None:
    """A right count in another type, or an answer that raises for some input, cannot be compared."""
    assert graded(count, answer).score == 0


def test_numbers_without_terms_are_not_compared(tmp_path: Path) -> None:
    """Where no formula is asked for, a number near the right one by chance earns nothing."""
    question = loaded(tmp_path, COUNT.replace("    terms=", "    #"))
    assert graded(question, lambda a, b: 5 * a * (a + b + 1)).score == 0
    assert graded(question, lambda a, b: 3 * a * (a + b + 1)).score == 1


def test_the_points_of_passed_checks_count_if_they_are_more(tmp_path: Path) -> None:
    """Credit by nearness is not added to what the checks earn."""
    text = COUNT + (
        '\n\n@question.check(points=2, text=text("a multiple of a"))\n'
        "def multiple(got, case, want):\n    expect.count(expect.whole(got) % case.args[0], 0)\n"
    )
    report = graded(loaded(tmp_path, text), lambda a, b: 5 * a * (a + b + 1))
    assert (report.near_credit, report.score) == (1, 2)


def test_mistake_seen_in_some_cases_only_earns_the_credit(tmp_path: Path) -> None:
    """What shows a mistake by `seen_in` in every wrong case earns its credit, too."""
    text = COUNT.replace("    terms=", "    #").replace("credit=1)", "credit=1, seen_in=is_short)")
    text = text.replace(
        '@question.misconception(text=text("three sets")',
        "def is_short(got, case, want):\n    expect.shown(got < want)\n\n\n"
        '@question.misconception(text=text("three sets")',
    )
    question = loaded(tmp_path, text)
    assert graded(question, lambda a, b: 4 * a * (a + b + 1) - (a > b)).score == 1
    assert graded(question, lambda a, b: 4 * a * (a + b + 1) + (a > b)).score == 0

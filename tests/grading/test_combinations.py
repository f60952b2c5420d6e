"""Two known mistakes in one answer, each recognized in its own part of the values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder import Case
from autograder.grading.question_grader import grade
from autograder.questions import expect
from autograder.verification.laws import DirectSession
from tests.grading.test_observations import asked_about


def pair(a: int, b: int, flag: bool) -> list[int]:
    """A reference of lists."""
    return [a * b, a + b + flag]


def product_as_sum(a: int, b: int, flag: bool) -> list[int]:
    return [a + b, a + b + flag]


def flag_ignored(a: int, b: int, flag: bool) -> list[int]:
    return [a * b, a + b]


def flag_counted_twice(a: int, b: int, flag: bool) -> list[int]:
    return [a * b, a + b + 2 * flag]


CASES = [Case(a, b, flag) for a, b in ((3, 5), (4, 9), (7, 2), (8, 6)) for flag in (True, False)]
PAIRS = asked_about(pair, CASES, expect.counts, known=[product_as_sum, flag_ignored, flag_counted_twice])


def named(question: Any, answer: Callable[..., Any]) -> list[str]:
    """What is named, in English; none of it earns credit."""
    found = grade(question, DirectSession(answer)).misconceptions
    assert all(one.credit == 0 and one.with_others for one in found)
    return [one.text.en for one in found]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            lambda a, b, flag: [a + b, a + b],
            ["Two things are wrong: This is product_as_sum.", "This is flag_ignored."],
        ),
        (
            lambda a, b, flag: [a + b, a + b + 2 * flag],
            ["Two things are wrong: This is product_as_sum.", "This is flag_counted_twice."],
        ),
        (lambda a, b, flag: [a + b, a + b + 3 * flag], []),
        (lambda a, b, flag: [a + b + (a == 3), a + b], []),
    ],
)
def test_two_at_once(answer: Callable[..., Any], expected: list[str]) -> None:
    """Both are named where each explains its parts, and the two together explain all."""
    assert named(PAIRS, answer) == expected


def flag_ignored_too(a: int, b: int, flag: bool) -> list[int]:
    return flag_ignored(a, b, flag)


def test_several_pairs_tell_nothing() -> None:
    """Where the values do not tell which two it is, none is named."""
    question = asked_about(pair, CASES, expect.counts, known=[product_as_sum, flag_ignored, flag_ignored_too])
    assert named(question, lambda a, b, flag: [a + b, a + b]) == []


def states(x: Any) -> tuple[Any, Any]:
    """A reference of arrays, of which the second follows from the first."""
    first = np.tanh(x)
    return first, first**2


def no_tanh(x: Any) -> tuple[Any, Any]:
    return x, x**2


def first_squared(x: Any) -> tuple[Any, Any]:
    return np.tanh(x) ** 2, np.tanh(x) ** 2


def from_the_input(x: Any) -> tuple[Any, Any]:
    return x, np.tanh(x) ** 2


STATES = [Case(np.random.default_rng(seed).normal(size=(3, 4))) for seed in range(4)]


@pytest.mark.parametrize(
    ("known", "answer", "expected"),
    [
        ([no_tanh], lambda x: (x, x**3), ["More than one thing is wrong; this is one. This is no_tanh."]),
        ([no_tanh, from_the_input], lambda x: (x, x**3), []),
        ([first_squared], lambda x: (x, np.tanh(x) ** 3), []),
    ],
)
def test_one_array_of_several(
    known: list[Callable[..., Any]], answer: Callable[..., Any], expected: list[str]
) -> None:
    """A mistake is named by one array alone where only that mistake gives it, and the rest is wrong in another way."""
    question = asked_about(
        states,
        STATES,
        lambda got, want: [expect.array(*both) for both in zip(got, want, strict=True)],
        known=known,
    )
    assert named(question, answer) == expected


def test_a_mistake_that_the_answer_contradicts() -> None:
    """A mistake that gives one wrong array is not named where it makes another wrong that the answer has right."""
    question = asked_about(
        states,
        STATES,
        lambda got, want: [expect.array(*both) for both in zip(got, want, strict=True)],
        known=[no_tanh],
    )
    assert named(question, lambda x: (x, np.tanh(x) ** 2)) == []


def test_korean() -> None:
    """The sentences exist in Korean."""
    found = grade(PAIRS, DirectSession(lambda a, b, flag: [a + b, a + b])).misconceptions
    assert found[0].text.ko == "두 가지가 틀렸습니다. This is product_as_sum."

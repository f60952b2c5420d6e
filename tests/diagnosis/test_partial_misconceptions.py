"""Known mistakes in a part of what came back: where the answer ran, for one setting, or in one item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograder import Case
from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.questions import expect
from tests.diagnosis.test_observations import asked_about


def named(question: Any, answer: Callable[..., Any]) -> list[str]:
    """What is named, in English; none of it earns credit."""
    found = grade(question, DirectSession(answer)).misconceptions
    assert all(one.credit == 0 and (one.with_others or one.in_part) for one in found)
    return [one.text.en for one in found]


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
ONE = "More than one thing is wrong; this is one. This is product_as_sum."


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
        (lambda a, b, flag: [a + b, a + b + 3 * flag], [ONE]),
        (lambda a, b, flag: [a + b + (a == 3), a + b + 3 * flag], []),
    ],
)
def test_two_mistakes_are_named_by_their_items(answer: Callable[..., Any], expected: list[str]) -> None:
    """Each item of a list that one mistake alone gives names that mistake."""
    assert named(PAIRS, answer) == expected


def flag_ignored_too(a: int, b: int, flag: bool) -> list[int]:
    return flag_ignored(a, b, flag)


def triple(a: int, b: int, flag: bool) -> list[int]:
    return [a * b, a + b, a - b + flag]


def first_two_exchanged(a: int, b: int, flag: bool) -> list[int]:
    return [a + b, a * b, a - b + flag]


def flag_subtracted(a: int, b: int, flag: bool) -> list[int]:
    return [a * b, a + b, a - b - flag]


def test_items_that_one_more_mistake_exchanges_are_named_beside_another() -> None:
    """An exchanged item alone could come of any order; all that are left over together tell which."""
    question = asked_about(triple, CASES, expect.counts, known=[first_two_exchanged, flag_subtracted])
    assert named(question, lambda a, b, flag: [a + b, a * b, a - b - flag]) == [
        "Two things are wrong: This is flag_subtracted.",
        "This is first_two_exchanged.",
    ]
    assert named(question, lambda a, b, flag: [a - b + flag, a + b, a * b]) == []


def test_item_that_two_mistakes_give_names_none() -> None:
    """Where the values of an item do not tell which mistake it is, none is named by it."""
    question = asked_about(pair, CASES, expect.counts, known=[product_as_sum, flag_ignored, flag_ignored_too])
    assert named(question, lambda a, b, flag: [a + b, a + b]) == [ONE]


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


def about_states(known: Sequence[Callable[..., Any]]) -> Any:
    return asked_about(
        states,
        STATES,
        lambda got, want: [expect.array(*both) for both in zip(got, want, strict=True)],
        known=known,
    )


@pytest.mark.parametrize(
    ("known", "answer", "expected"),
    [
        ([no_tanh], lambda x: (x, x**3), ["More than one thing is wrong; this is one. This is no_tanh."]),
        ([no_tanh, from_the_input], lambda x: (x, x**3), []),
        ([first_squared], lambda x: (x, np.tanh(x) ** 3), []),
    ],
)
def test_mistake_is_named_by_one_array_that_only_it_gives(
    known: list[Callable[..., Any]], answer: Callable[..., Any], expected: list[str]
) -> None:
    """One array of several names the only mistake that gives it, while the rest is wrong in another way."""
    assert named(about_states(known), answer) == expected


def test_mistake_that_the_answer_contradicts_is_not_named() -> None:
    """A mistake that gives one wrong array is not named where it makes another wrong that the answer has right."""
    assert named(about_states([no_tanh]), lambda x: (x, np.tanh(x) ** 2)) == []


def scaled(x: Any, mode: str = "plain") -> Any:
    """A reference with a setting, which has a default."""
    return np.tanh(x) * {"plain": 1.0, "double": 2.0}[mode]


def without_tanh(x: Any, mode: str = "plain") -> Any:
    return x * {"plain": 1.0, "double": 2.0}[mode]


def squared(x: Any, mode: str = "plain") -> Any:
    return scaled(x, mode) ** 2


def always_doubled(x: Any, mode: str = "plain") -> Any:
    return scaled(x, "double")


DRAWN = [np.random.default_rng(seed).normal(size=(3, 4)) for seed in range(8)]
MODES = asked_about(
    scaled,
    [*(Case(x, mode) for x in DRAWN[:3] for mode in ("plain", "double")), *(Case(x) for x in DRAWN[3:5])],
    expect.array,
    known=[without_tanh, squared, always_doubled],
)


def needs_the_mode(x: Any, mode: str) -> Any:
    return without_tanh(x, mode)


def fails_for_double(x: Any, mode: str = "plain") -> Any:
    if mode == "double":
        raise ValueError
    return squared(x, mode)


def fails_and_is_unknown(x: Any, mode: str) -> Any:
    return x**3


def right_where_it_runs(x: Any, mode: str) -> Any:
    return scaled(x, mode)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            needs_the_mode,
            "Of the inputs tried, it raises an error only where `mode` is left out. For the others, something else is "
            "wrong: This is without_tanh.",
        ),
        (
            fails_for_double,
            "Of the inputs tried, it raises no error only where `mode` is 'plain'. For the others, something else is "
            "wrong: This is squared.",
        ),
    ],
)
def test_error_hides_no_mistake(answer: Callable[..., Any], expected: str) -> None:
    """Where an answer raises for some inputs, the mistake in all others is named, and where it raises is told apart."""
    assert named(MODES, answer) == [expected]


@pytest.mark.parametrize("answer", [fails_and_is_unknown, right_where_it_runs])
def test_beside_an_error_only_a_mistake_in_all_other_values_is_named(answer: Callable[..., Any]) -> None:
    """Nothing is named of an answer that is right where it runs, or wrong in no known way there."""
    assert named(MODES, answer) == []


def test_where_nothing_comes_back_hides_no_mistake() -> None:
    """An answer that returns nothing for one setting is told so, and the mistake in all others is named."""
    assert named(MODES, lambda x, mode="plain": without_tanh(x, mode) if mode == "plain" else None) == [
        "Of the inputs tried, something came back only where `mode` is 'plain'. For the others, something else is "
        "wrong: This is without_tanh."
    ]


def test_each_setting_names_its_own_mistake() -> None:
    """Two mistakes for two settings of one argument are named with these settings."""
    assert named(
        MODES, lambda x, mode="plain": without_tanh(x, mode) if mode == "plain" else squared(x, mode)
    ) == ["Where `mode` is 'plain': This is without_tanh.", "Where `mode` is 'double': This is squared."]


def test_mistake_that_ignores_a_setting_is_not_named_for_it() -> None:
    """A mistake that treats all settings alike is not named for one of them: the answer tells them apart."""
    answer = lambda x, mode="plain": always_doubled(x) if mode == "plain" else x**3  # noqa: E731
    assert named(MODES, answer) == []


def test_the_sentences_exist_in_korean() -> None:
    """The sentence about the inputs comes before the mistake in Korean, too."""
    [found] = grade(MODES, DirectSession(needs_the_mode)).misconceptions
    assert found.text.ko == (
        "시험한 입력 가운데 `mode`을(를) 생략한 경우일 때만 오류가 납니다. "
        "나머지 입력에서는 다른 것이 틀렸습니다. This is without_tanh."
    )

"""What all wrong arrays went through: a function, a running sum, other zeros, digits lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder import Case, expect
from tests.diagnosis.test_observations import asked_about, explanations


def steps(x: Any) -> Any:
    """A reference of arrays, with zeros."""
    return np.where(x > 1, 0.0, x + 0.5)


def pair(x: Any) -> tuple[Any, Any]:
    """A reference of two arrays, the second without any number above 1."""
    return 3 * x, np.tanh(x)


DRAWN = [Case(np.random.default_rng(seed).normal(size=(3, 5))) for seed in range(4)]
STEPS = asked_about(steps, DRAWN, expect.array)
PAIR = asked_about(
    pair, DRAWN, lambda got, want: [expect.array(*both) for both in zip(got, want, strict=True)]
)
NEAR = "all values are nearly right, off by less than 0.01: is something rounded on the way?"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            lambda x: np.tanh(steps(x)),
            "the values are the right ones after `tanh`; they should not go through it",
        ),
        (
            lambda x: 1 / (1 + np.exp(-steps(x))),
            "the values are the right ones after `sigmoid`; they should not go through it",
        ),
        (
            lambda x: steps(x).cumsum(axis=1),
            "along axis 1 each place holds the sum of all right values up to it",
        ),
        (
            lambda x: np.where(steps(x) == 0, -1, steps(x)),
            "everything is right but the zeros: -1 stands in their place",
        ),
    ],
)
def test_one_change_of_all_values_is_told(answer: Callable[..., Any], told: str) -> None:
    """The change that gives every wrong value of the right ones is told in its own sentence."""
    assert explanations(STEPS, answer) == [told]


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: np.tanh(x),
        lambda x: steps(x).cumsum(axis=1) + 0.1,
        lambda x: np.where(steps(x) == 0, np.round(x), steps(x)),
        lambda x: steps(x) + 0.02 * x,
    ],
)
def test_change_that_does_not_give_every_value_is_not_told(answer: Callable[..., Any]) -> None:
    """A tanh of something else, a sum with more in it, zeros with several numbers: nothing is said of them."""
    assert not any(
        word in text for text in explanations(STEPS, answer) for word in ("tanh", "sum of", "zeros", "nearly")
    )


def test_one_change_of_several_items_is_told_once() -> None:
    """What all items have in common is told even if only some of them show it."""
    assert explanations(PAIR, lambda x: [part.astype(int) for part in pair(x)]) == [
        "the values are the right ones without their decimals: are they written into an array of whole numbers?"
    ]


def test_values_that_are_nearly_right_are_told_so() -> None:
    """Numbers that are off by little, and are no rounded right ones, were rounded on the way."""
    assert explanations(PAIR, lambda x: pair(np.round(x, 3))) == [NEAR]


def test_change_of_one_item_names_the_item() -> None:
    """If only one item of a list went through a function, both the item and the function are told."""
    told = explanations(PAIR, lambda x: (3 * x, np.tanh(np.tanh(x))))
    assert len(told) == 2
    assert told[1] == "the values are the right ones after `tanh`; they should not go through it"

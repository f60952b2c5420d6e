"""Two known mistakes in one answer, of which one changes only what goes in, or the order of what comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder import Case
from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.questions import expect
from autograder.text import Text
from tests.diagnosis.test_observations import asked_about


def step(x: Any, bias: Any) -> Any:
    """A reference with two results, and a bias of two rows."""
    return np.tanh(x + bias[0]), x * bias[1]


def exchanged(x: Any, bias: Any) -> Any:
    return step(x, bias)[::-1]


def no_bias(x: Any, bias: Any) -> Any:
    return step(x, 0 * bias)


def second_row_left_out(x: Any, bias: Any) -> Any:
    return np.tanh(x + bias[0]), 0 * x


def no_tanh(x: Any, bias: Any) -> Any:
    return x + bias[0], x * bias[1]


def halved(x: Any, bias: Any) -> Any:
    return np.tanh(x + bias[0]) / 2, x * bias[1] / 2


def arrays(got: Any, want: Any) -> None:
    for one, right in zip(expect.sequence(got, Text(en="two arrays")), want, strict=True):
        expect.array(one, right)


def rounded(x: Any, bias: Any) -> Any:
    return tuple(np.round(part, 2) for part in step(x, bias))


def blocks_turned(x: Any, bias: Any) -> Any:
    """The last block comes first."""
    return step(np.roll(x, 2), np.roll(bias, 2, axis=1))


DRAW = np.random.default_rng(1)
CASES = [Case(DRAW.normal(size=6), DRAW.normal(size=(2, 6))) for _ in range(5)]
KNOWN = [exchanged, no_bias, second_row_left_out, no_tanh, halved, rounded, blocks_turned]
QUESTION = asked_about(step, CASES, arrays, known=KNOWN)


def named(answer: Callable[..., Any]) -> list[str]:
    """What is named, in English; none of it earns credit."""
    found = grade(QUESTION, DirectSession(answer)).misconceptions
    assert all(one.credit == 0 and one.with_others for one in found)
    return [one.text.en for one in found]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda x, bias: no_tanh(x, bias)[::-1], {"exchanged", "no_tanh"}),
        (lambda x, bias: no_tanh(x, 0 * bias), {"no_bias", "no_tanh"}),
        (lambda x, bias: halved(x, bias * [[1], [0]]), {"second_row_left_out", "halved"}),
        (lambda x, bias: tuple(np.round(part, 2) for part in no_tanh(x, bias)), {"rounded", "no_tanh"}),
        (lambda x, bias: halved(np.roll(x, 2), np.roll(bias, 2, axis=1)), {"blocks_turned", "halved"}),
    ],
)
def test_both_are_named(answer: Callable[..., Any], expected: set[str]) -> None:
    """Parts or blocks in another order, an argument or a row left out, and rounding, each besides another mistake."""
    one, other = named(answer)
    assert {one.removeprefix("Two things are wrong: "), other} == {f"This is {name}." for name in expected}
    assert one.startswith("Two things are wrong: ")


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, bias: (x + bias[0] + 1, 3 * x),
        lambda x, bias: (3 * x, x + bias[0] + 1),
        lambda x, bias: None,
    ],
)
def test_no_pair_is_named_that_does_not_give_every_value(answer: Callable[..., Any]) -> None:
    """Nor one that would explain one of the two results."""
    assert named(answer) == []


def test_single_mistake_forms_no_pair() -> None:
    """An order that is known is no pair with itself."""
    [found] = grade(QUESTION, DirectSession(exchanged)).misconceptions
    assert (found.name, found.with_others) == ("exchanged", False)

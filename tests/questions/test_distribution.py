"""Samples that are compared by their distributions: right ones pass, in whatever order, and wrong ones do not."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from autograder.errors import Fail
from autograder.questions import expect

Draw = Callable[[np.random.Generator, int], np.ndarray]
N = 2_000


def dice(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.integers(1, 7, n) + rng.integers(1, 7, n)


def dice_one_by_one(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.array([sum(pair) for pair in rng.integers(1, 7, (n, 2))])


def tenths(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.integers(1, 4, n) * 0.1


def tenths_by_division(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.permutation(rng.integers(1, 4, n)) / 10


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (dice, dice_one_by_one),
        (tenths, tenths_by_division),
        (lambda rng, n: rng.normal(5, 2, n), lambda rng, n: 5 + 2 * rng.standard_normal(n)),
        (lambda rng, n: rng.exponential(3, n), lambda rng, n: -3 * np.log(rng.random(n))),
        (lambda rng, n: rng.standard_cauchy(n), lambda rng, n: rng.normal(size=n) / rng.normal(size=n)),
    ],
    ids=["dice", "digits that differ", "normal", "exponential", "heavy tails"],
)
def test_right_sample_passes_whatever_its_order(one: Draw, other: Draw) -> None:
    """Of 400 samples that were drawn in another way, none fails; their distances stay below half of the limit."""
    for seed in range(400):
        expect.distribution(one(np.random.default_rng(seed), N), other(np.random.default_rng(seed), N))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda rng, n: 2 * rng.integers(1, 7, n),
        lambda rng, n: dice(rng, n) + 1,
        lambda rng, n: np.full(n, 7),
        lambda rng, n: rng.integers(1, 7, n) + rng.integers(0, 6, n),
    ],
    ids=["doubled", "shifted", "constant", "from 0"],
)
def test_sample_of_another_distribution_fails(wrong: Draw) -> None:
    """A wrong simulation fails for every seed."""
    for seed in range(100):
        with pytest.raises(Fail, match="another distribution"):
            expect.distribution(
                wrong(np.random.default_rng(seed), 10_000), dice(np.random.default_rng(seed + 1), 10_000)
            )


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_rounding_to_float32_moves_no_value(scale: float) -> None:
    """The few values of a discrete distribution are the same in float32, also those that should be 0."""
    values = scale * np.array([40.5, 79.3, -40.5, 65.0])
    for seed in range(20):
        drawn = np.random.default_rng(seed).choice(values, (4000, 4))
        expect.distribution(drawn.astype("float32").mean(axis=1), drawn.mean(axis=1))


def test_numbers_far_from_zero_are_told_apart() -> None:
    """What is the same number depends on the spread: dates that are a second too late are not."""
    drawn = 1.7e9 + np.random.default_rng(1).integers(0, 6, 4000)
    with pytest.raises(Fail, match="another distribution"):
        expect.distribution(drawn + 1, drawn)


def test_limit_has_the_stated_error_rate() -> None:
    """The limit is where the bound on the error of both samples together is 1e-6: half of it for each of the two."""
    limit = math.sqrt(2 * math.log(4 / expect.ERROR_RATE) / N)
    assert 2 * 2 * math.exp(-2 * N * (limit / 2) ** 2) == pytest.approx(1e-6)
    right = np.arange(N, dtype=float)
    inside = right + math.floor(limit * N)
    expect.distribution(inside, right)
    with pytest.raises(Fail):
        expect.distribution(inside + 1, right)


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (np.zeros(5), "there are not as many numbers as asked for"),
        (np.zeros((2, 1000)), "expected a list of numbers, got an array of shape"),
        (np.full(N, np.nan), "one of the numbers is not finite"),
        (["7"] * N, "expected a list of numbers, got a string"),
        (None, "expected a list of numbers, got None"),
    ],
)
def test_other_values_fail_with_a_message(got: object, message: str) -> None:
    """What is no sample of the right size is no error of the check."""
    with pytest.raises(Fail, match=message):
        expect.distribution(got, np.arange(N))


def test_sample_that_is_too_small_is_a_fault_of_the_question() -> None:
    """Few values tell nothing: the author is told, no student."""
    with pytest.raises(ValueError, match="draw at least 500 values, not 499"):
        expect.distribution(np.zeros(499), np.zeros(499))

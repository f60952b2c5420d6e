"""Describe a change that all wrong values of an answer went through: a function, a running sum, other zeros.

Derived from the values alone, and worded without a right value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.diagnosis.comparison import same
from autograder.i18n import _
from autograder.text import Text

Pairs = Sequence[tuple[Any, Any]]
"""Arrays that came back and expected ones."""

NEAR = 0.01

FUNCTIONS: Sequence[tuple[str, Callable[[Any], Any]]] = (
    ("tanh", np.tanh),
    ("sigmoid", lambda want: 1 / (1 + np.exp(-want))),
    ("ReLU", lambda want: np.maximum(want, 0)),
    ("exp", np.exp),
    ("abs", np.abs),
    ("softmax", lambda want: np.exp(want) / np.exp(want).sum(axis=-1, keepdims=True)),
)


def changed_values(pairs: Pairs) -> Text | None:
    """Describe how all these arrays were made of the expected ones, of the same shape; None if no change fits."""
    arrays = [(got.astype(float), want.astype(float)) for got, want in pairs]
    with np.errstate(over="ignore", invalid="ignore"):
        for name, function in FUNCTIONS:
            if all(same(got, function(want)) for got, want in arrays):
                return _(
                    "the values are the right ones after `{name}`; they should not go through it", name=name
                )
        for axis in range(min(want.ndim for _got, want in arrays)):
            if all(same(got, np.cumsum(want, axis)) for got, want in arrays):
                return _("along axis {axis} each place holds the sum of all right values up to it", axis=axis)
    if other := _other_zeros(arrays):
        return other
    if all(np.abs(got - want).max(initial=0) < NEAR for got, want in arrays) and _are_large(arrays):
        return _(
            "all values are nearly right, off by less than {near}: is something rounded on the way?",
            near=NEAR,
        )
    return None


def _other_zeros(arrays: Pairs) -> Text | None:
    """Say that one other number stands wherever a zero belongs, if all else is right."""
    instead = [got[want == 0] for got, want in arrays]
    met = {float(number) for numbers in instead for number in numbers.ravel()}
    if len(met) != 1 or not all(same(got[want != 0], want[want != 0]) for got, want in arrays):
        return None
    return _("everything is right but the zeros: {number} stands in their place", number=f"{met.pop():g}")


def _are_large(arrays: Pairs) -> bool:
    """Return whether the expected numbers are far larger than what counts as near."""
    return all(np.abs(want).mean() > 5 * NEAR for _got, want in arrays if want.size)

"""Which of two wrong answers is nearer to the right one, read off the values that they gave.

A worse answer must never earn more. What is worse is not for an author to say: of two answers that met the same cases,
one is nearer where it is at least as near in every case, and nearer in some.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from autograder.grading.diagnosis import CaseResult, same
from autograder.grading.report import Report


def unfair_pairs(judged: Sequence[tuple[str, Report]]) -> Iterator[tuple[str, str]]:
    """Pairs of answers by name, of which the first is nearer to the right one and earns less.

    judged: each with its report, which holds what was asked, the same cases for all. What is carried over from another
    answer is measured by that one, and is left out.
    """
    by_the_truth = [one for one in judged if all(check.outcome != "carried" for check in one[1].checks)]
    for pair in combinations(by_the_truth, 2):
        for (one, its_report), (other, other_report) in (pair, pair[::-1]):
            if its_report.score < other_report.score and is_nearer(its_report.cases, other_report.cases):
                yield one, other


def is_nearer(one: Sequence[CaseResult], other: Sequence[CaseResult]) -> bool:
    """Whether an answer is at least as near to the right one as another in every case, and nearer in some."""
    signs = [_sign(ours, theirs) for ours, theirs in zip(one, other, strict=True)]
    return all(sign is not None and sign >= 0 for sign in signs) and any(signs)


def _sign(one: CaseResult, other: CaseResult) -> int | None:
    """1 where `one` is nearer, 0 where both are as near, -1 where `other` is; None where nobody can tell."""
    right = [asked.error is None and same(asked.got, asked.want) for asked in (one, other)]
    if any(right):
        return right[0] - right[1]
    if one.error is not None or other.error is not None:
        return 0 if one.error is not None and other.error is not None else None
    if same(one.got, other.got):
        return 0
    numbers = [_number(value) for value in (one.got, other.got, one.want)]
    if None not in numbers:
        got, given, want = numbers
        ours, theirs = abs(got - want), abs(given - want)
        return int(ours < theirs) - int(ours > theirs)
    ours_right, theirs_right = (_right_entries(asked.got, asked.want) for asked in (one, other))
    if ours_right is None or theirs_right is None or ours_right == theirs_right:
        return None
    return 1 if ours_right > theirs_right else -1 if ours_right < theirs_right else None


def _number(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)) and value.shape == ():
        value = value.item()  # an int8 would overflow
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole or (isinstance(value, float) and math.isfinite(value)) else None


def _right_entries(got: Any, want: Any) -> set[tuple[Any, ...]] | None:
    """The places in a value that hold what is wanted there; None where it is not built as what is wanted."""
    if isinstance(want, np.ndarray) and isinstance(got, np.ndarray):
        if got.shape != want.shape:
            return None
        return {tuple(place) for place in np.argwhere(np.isclose(got.astype(float), want, atol=1e-6))}
    if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
        return _among(((key, got[key], value) for key, value in want.items()))
    if isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)) and len(got) == len(want):
        return _among(((place, *pair) for place, pair in enumerate(zip(got, want, strict=True))))
    return None


def _among(items: Iterator[tuple[Any, Any, Any]]) -> set[tuple[Any, ...]]:
    found: set[tuple[Any, ...]] = set()
    for place, got, want in items:
        if same(got, want):
            found.add((place,))
        else:
            found |= {(place, *inner) for inner in _right_entries(got, want) or ()}
    return found

"""Credit for an answer that is at least as near to the right one as a misconception that earns it.

A misconception is recognized by the same values in every case. Without this, an answer that is right in one case more,
or a count that comes nearer, would earn less than the mistake.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.misconceptions import shows
from autograder.questions.question import Misconception, Question


def near_credit(
    question: Question, results: Sequence[CaseResult], is_right: Callable[[CaseResult], bool]
) -> float:
    """Return the most credit of the misconceptions that are at least as far from the right answer in every case.

    is_right: whether the checks accept what the answer gave for a case. Returns 0 for a number question, whose one
    value says nothing about the calculation, and where misconceptions run only in the student's kernel.
    """
    if question.is_number or question.needs_tensorflow:
        return 0.0
    credited = [misconception for misconception in question.misconceptions if misconception.credit]
    if not credited or any(result.error is not None for result in results):
        return 0.0
    wrong = [result for result in results if not is_right(result)]
    return max(
        (
            misconception.credit
            for misconception in credited
            if _is_no_farther(question, misconception, wrong)
        ),
        default=0.0,
    )


def _is_no_farther(question: Question, misconception: Misconception, wrong: Sequence[CaseResult]) -> bool:
    """Return whether an answer gave what a misconception gives for these inputs, or a count that is as near."""
    return all(
        shows(misconception, [result], typed=False)
        or (bool(question.terms) and _is_as_near(misconception, result))
        for result in wrong
    )


def _is_as_near(misconception: Misconception, result: CaseResult) -> bool:
    try:
        mistaken = result.case.given_by(misconception.answer)
    except Exception:  # a misconception may be undefined for some input
        return False
    return is_as_near(result.got, mistaken, result.want)


def is_as_near(got: Any, other: Any, want: Any) -> bool:
    """Return whether a number is at most as far from the expected one as another; False if one is not a number."""
    ours, theirs, right = map(number_of, (got, other, want))
    return None not in (ours, theirs, right) and abs(ours - right) <= abs(theirs - right)


def number_of(value: Any) -> Any:
    """Return a finite real number as Python's own, or None for anything else, Booleans included."""
    if isinstance(value, (np.ndarray, np.generic)) and value.shape == ():
        value = value.item()  # an int8 would overflow
    whole = isinstance(value, (int, Fraction)) and not isinstance(value, bool)
    return value if whole or (isinstance(value, float) and math.isfinite(value)) else None

"""Answers of number questions: numbers, strings, and lists or arrays of these."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.errors import Fail
from autograder.questions.question import Case, Question


def type_of(answer: Any) -> str:
    """Return the type of a right answer as the self-check names it: "int", "float", "str", "array" or "list"."""
    if isinstance(answer, np.ndarray) and answer.shape:
        return "array"
    if isinstance(answer, (list, tuple)):
        return "list"
    if isinstance(answer, str):
        return "str"
    return "int" if is_whole(answer) else "float"


def is_whole(answer: Any) -> bool:
    """Return whether an answer is an integer, of Python or NumPy; a Boolean is not."""
    return isinstance(answer, (int, np.integer)) and not isinstance(answer, bool)


def is_blank(answer: Any, right: Any) -> bool:
    """Return whether nothing was answered: the answer is None, or empty and not of the right answer's type.

    A stub whose placeholder was deleted is an empty pair of brackets.
    """
    empty = isinstance(answer, (tuple, list, str)) and not answer
    return answer is None or (empty and type_of(answer) != type_of(right))


def key_of(answer: Any) -> Any:
    """Return a hashable value by which equal answers to different variants are found."""
    return answer if isinstance(answer, (int, str)) else repr(np.asarray(answer).tolist())


def are_alike(question: Question, numbers: Mapping[str, Any], answer: Any, right: Any) -> bool:
    """Return whether the checks of a number question would accept `answer` if `right` were the right answer.

    Answers have the precision that the checks ask for: two floats may be alike though they are not equal.
    """
    if is_whole(answer) and is_whole(right):
        return bool(answer == right)
    case = Case(**numbers)
    try:
        for check in question.checks:
            check.judge(answer, case, right)
    except Fail:
        return False
    except Exception:  # a check that cannot compare them does not take one for the other
        return False
    return True


def tolerance(question: Question, numbers: Mapping[str, Any], right: float) -> float:
    """Return by how much a number may differ from the right one and still pass the checks, to a power of ten.

    0 if only the right number itself passes.
    """
    size = abs(right) or 1.0
    for power in range(math.floor(math.log10(size)), -13, -1):
        step = 10.0**power
        if all(are_alike(question, numbers, float(right) + sign * step, right) for sign in (-1, 1)):
            return step
    return 0.0

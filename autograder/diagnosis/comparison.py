"""Compare answers by their values."""

from __future__ import annotations

import decimal
import math
from fractions import Fraction
from typing import Any

import numpy as np


def same(first: Any, second: Any, *, typed: bool = False) -> bool:
    """Return whether two answers are the same value, whatever number or sequence type holds it.

    typed: also require that both are arrays if one is, and that their dtypes agree.
    """
    first, second = (value[()] if isinstance(value, np.ndarray) else value for value in (first, second))
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        if first.shape != second.shape or (typed and first.dtype != second.dtype):
            return False
        rough = np.float32 in (first.dtype, second.dtype)
        first, second = first.astype(float), second.astype(float)
        # the difference of large float32 numbers is only as exact as these are
        size = np.abs(second[np.isfinite(second)]).max(initial=1.0) if rough else 1.0
        if first.size and abs(first.item(0) - second.item(0)) > 1e-6 * size + 1e-5 * abs(second.item(0)):
            return False  # most values end here, at a tenth of the cost of comparing all numbers
        return bool(np.allclose(first, second, rtol=1e-5, atol=1e-6 * size, equal_nan=True))
    sequences = (list, tuple) if typed else (list, tuple, np.ndarray)
    if isinstance(first, sequences) and isinstance(second, sequences):
        # a nested list is not equal to an array with more axes: it would first have to be converted to one
        flat = all(value.ndim == 1 for value in (first, second) if isinstance(value, np.ndarray))
        pairs = zip(first, second, strict=False)
        return flat and len(first) == len(second) and all(same(*pair, typed=typed) for pair in pairs)
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(
            same(value, second[key], typed=typed) for key, value in first.items()
        )
    if any(isinstance(value, (list, tuple, np.ndarray, dict)) for value in (first, second)):
        return False
    try:
        return bool(first == second) or (first != first and second != second) or _same_quotient(first, second)
    except (TypeError, ValueError, ArithmeticError):  # a signaling NaN cannot be compared
        return False


def _same_quotient(first: Any, second: Any) -> bool:
    """Return whether two non-integers are the same quotient, as a Fraction and its float are."""
    quotients = (float, np.floating, Fraction, decimal.Decimal)
    both = isinstance(first, quotients) and isinstance(second, quotients)
    return both and math.isclose(first, second, rel_tol=1e-12)

"""The formula that a wrong counting function really computes, as a function of the grader."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.formula_fit import fit, fit_formula, points_by_setting, setting_of
from autograder.questions.question import Question, Term

Coefficients = Mapping[Term, Fraction]


@dataclass(frozen=True)
class Formula:
    """The coefficients of a counting function, for each setting of the arguments that are in no term."""

    settings: Mapping[str, Coefficients]
    keeps_products: bool
    """Whether it has every product of arguments that the right formula has, with any factors but zero.

    A single argument, as that of the biases, is one only where the right formula has no product of several.
    """

    def function(self, question: Question) -> Callable[..., int | Fraction]:
        """Return it as a function of the reference's arguments, which raises KeyError for a setting not tried."""
        assert question.reference is not None
        signature = inspect.signature(question.reference)
        products = {
            setting: [(_as_integer(number), term.factors) for term, number in coefficients.items() if number]
            for setting, coefficients in self.settings.items()
        }

        def compute(*args: Any, **kwargs: Any) -> int | Fraction:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            arguments = bound.arguments
            total: int | Fraction = 0
            for number, factors in products[setting_of(question, arguments)]:
                total += number * math.prod(arguments[name] for name in factors)
            return total

        return compute


def _as_integer(number: Fraction) -> int | Fraction:
    return int(number) if number.denominator == 1 else number


def recover_formula(question: Question, results: Sequence[CaseResult]) -> Formula | None:
    """Return the formula that gives every value of a counting function exactly; None if there is none, or several."""
    if not question.terms or any(result.error is not None for result in results):
        return None
    settings: dict[str, Coefficients] = {}
    keeps = True
    for setting, points in points_by_setting(question, results).items():
        right = fit(question.terms, [(arguments, want) for arguments, _, want in points])
        returned = [(arguments, got) for arguments, got, _ in points]
        solution = fit_formula(question.terms, returned)
        if right is None or solution is None:
            return None
        terms, fitted = solution
        settings[setting] = dict(zip(terms, fitted, strict=True))
        products = [
            (len(term.factors), got)
            for term, got, want in zip(question.terms, fitted, right, strict=False)
            if want
        ]
        longest = max((length for length, _got in products), default=0)
        keeps = keeps and all(got for length, got in products if length >= min(2, longest))
    return Formula(settings, keeps)

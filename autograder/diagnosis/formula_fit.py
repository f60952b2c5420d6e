"""Fit the values of a counting function with a sum of products of its arguments."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import CaseResult, arguments_of
from autograder.i18n import _
from autograder.questions.question import Question, Term
from autograder.text import Text

SPARE = 2
"""Points beyond the number of terms that a formula must also fit before it is accepted."""

MAX_DEGREE = 3
"""Factors of a product that no term of a question has."""

Point = tuple[Mapping[str, Any], Any, Any]
"""Arguments by name, the actual value, the expected value."""


def points_by_setting(question: Question, results: Sequence[CaseResult]) -> dict[str, list[Point]]:
    """Return the points at which the answer returned a value, by setting: the arguments in no term, such as flags."""
    groups: dict[str, list[Point]] = {}
    for result in results:
        if result.error is None:
            arguments = arguments_of(question, result)
            point = (arguments, result.got, result.want)
            groups.setdefault(setting_of(question, arguments), []).append(point)
    return groups


def setting_of(question: Question, arguments: Mapping[str, Any]) -> str:
    """Return the arguments that are in no term, such as flags, as code."""
    sizes = {name for term in question.terms for name in term.factors}
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items() if name not in sizes)


def as_fraction(value: Any) -> Fraction | None:
    """Return a number as an exact fraction, or None if it is not a finite number."""
    if isinstance(value, (np.ndarray, np.generic)) and value.shape == ():
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        return None
    return Fraction(value) if math.isfinite(value) else None


def fit_formula(
    terms: Sequence[Term], points: Sequence[tuple[Mapping[str, Any], Any]]
) -> tuple[Sequence[Term], list[Fraction]] | None:
    """Return the terms, with other products if need be, and the coefficients that give every value; None if none do."""
    if any(as_fraction(value) is None for _arguments, value in points):
        return None
    fitted = fit(terms, points)
    return _fit_with_other_products(terms, points) if fitted is None else (terms, fitted)


def fit(terms: Sequence[Term], points: Sequence[tuple[Mapping[str, Any], Any]]) -> list[Fraction] | None:
    """Return the coefficients of `terms` that give every value exactly, or None if not unique or absent.

    Uses Gauss-Jordan elimination in whole numbers, point by point: most wrong answers end at the first point that the
    earlier ones contradict.
    """
    if len(points) < len(terms) + SPARE:
        return None
    solved: dict[int, list[int]] = {}
    """Reduced rows by the column of their first entry that is not 0, the value last."""
    for arguments, value in points:
        number = as_fraction(value)
        if number is None:
            return None
        row = _whole_row([*(Fraction(term_value(term, arguments)) for term in terms), number])
        for column, solved_row in solved.items():
            row = _eliminated(row, solved_row, column)
        lead = next((column for column in range(len(terms)) if row[column]), None)
        if lead is None:
            if row[-1]:
                return None
            continue
        solved = {column: _eliminated(solved_row, row, lead) for column, solved_row in solved.items()} | {
            lead: row
        }
    if len(solved) < len(terms):
        return None
    return [Fraction(solved[column][-1], solved[column][column]) for column in range(len(terms))]


def _whole_row(entries: Sequence[Fraction]) -> list[int]:
    """Return a multiple of a row in whole numbers, which are much faster to compute with."""
    multiple = math.lcm(*(entry.denominator for entry in entries))
    return [entry.numerator * (multiple // entry.denominator) for entry in entries]


def _eliminated(row: list[int], pivot_row: list[int], column: int) -> list[int]:
    """Return a multiple of a row, less as much of another as makes it 0 in a column."""
    factor, pivot = row[column], pivot_row[column]
    if not factor:
        return row
    less = [pivot * entry - factor * other for entry, other in zip(row, pivot_row, strict=True)]
    divisor = math.gcd(*less) or 1
    return [entry // divisor for entry in less]


def _fit_with_other_products(
    terms: Sequence[Term], points: Sequence[tuple[Mapping[str, Any], Any]]
) -> tuple[list[Term], list[Fraction]] | None:
    """Return the terms with one or two other products of the same parameters, and coefficients that give every value.

    Returns None unless exactly one formula does. A floating-point test excludes most products; `fit` checks the rest
    exactly.
    """
    names = [*dict.fromkeys(name for term in terms for name in term.factors)]
    products = {tuple(sorted(term.factors, key=names.index)) for term in terms}
    others = [
        Term("*".join(factors))
        for degree in range(1, MAX_DEGREE + 1)
        for factors in combinations_with_replacement(names, degree)
        if factors not in products
    ]
    table = np.array(
        [[term_value(term, arguments) for term in (*terms, *others)] for arguments, _ in points], float
    )
    values = np.array([float(value) for _, value in points])
    table, values = table / np.abs(table).max(axis=0), values / max(1.0, np.abs(values).max())
    basis, _ = np.linalg.qr(table[:, : len(terms)])
    columns = table[:, len(terms) :]
    columns, values = columns - basis @ (basis.T @ columns), values - basis @ (basis.T @ values)
    for count in (1, 2):
        matches = []
        for chosen in combinations(range(len(others)), count):
            _, residual, rank, _ = np.linalg.lstsq(columns[:, chosen], values, rcond=1e-9)
            if rank == count and residual.size and residual[0] < 1e-12:
                tried = [*terms, *(others[index] for index in chosen)]
                fitted = fit(tried, points)
                if fitted is not None:
                    matches.append((tried, fitted))
        if matches:
            return matches[0] if len(matches) == 1 else None
    return None


def term_value(term: Term, arguments: Mapping[str, Any]) -> int:
    """Return the product of the arguments that a term multiplies."""
    return math.prod(int(arguments[name]) for name in term.factors)


def errors_by_term(question: Question, results: Sequence[CaseResult]) -> list[dict[str, Fraction]]:
    """Return for each case by how much each wrong term of an answer's formula is off: the error is their sum.

    Empty if the terms give no formula of the answer in some setting, or if the answer failed for a case.
    """
    if any(result.error is not None for result in results):
        return []
    wrong: dict[str, list[tuple[Term, Fraction]]] = {}
    for setting, points in points_by_setting(question, results).items():
        fitted = fit(question.terms, [(arguments, got) for arguments, got, _want in points])
        right = fit(question.terms, [(arguments, want) for arguments, _got, want in points])
        if fitted is None or right is None:
            return []
        pairs = zip(question.terms, fitted, right, strict=True)
        wrong[setting] = [(term, got - want) for term, got, want in pairs if got != want]
    errors = []
    for result in results:
        [(setting, [(arguments, _got, _want)])] = points_by_setting(question, [result]).items()
        errors.append({term.product: number * term_value(term, arguments) for term, number in wrong[setting]})
    return errors


def unexplained(question: Question, results: Sequence[CaseResult]) -> Iterator[Text]:
    """Yield why the right answers are not a unique sum of the terms, for each setting in which they are not."""
    for setting, points in points_by_setting(question, results).items():
        if fit(question.terms, [(arguments, want) for arguments, _, want in points]) is not None:
            continue
        inputs = [arguments for arguments, _, _ in points]
        if len(inputs) < len(question.terms) + SPARE:
            problem = _(
                "there are {number} drawn inputs, which leaves the formula open: draw at least {least}",
                number=len(inputs),
                least=len(question.terms) + SPARE,
            )
        elif alike := _dependent(question.terms, inputs):
            problem = _(
                "the terms {terms} cannot be told apart at the drawn inputs: draw more inputs",
                terms=", ".join(alike),
            )
        else:
            problem = _(
                "no sum of its terms gives what the reference returns: the reference is wrong, or terms= lacks a term"
            )
        yield _("with {setting}, {problem}", setting=setting, problem=problem) if setting else problem


def _dependent(terms: Sequence[Term], inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the products of the terms of which one is a sum of multiples of the others at all inputs."""
    table = np.array([[term_value(term, arguments) for term in terms] for arguments in inputs], float)
    table /= np.abs(table).max(axis=0, initial=1.0)
    rank = np.linalg.matrix_rank(table)
    if rank == len(terms):
        return []
    return [
        term.product
        for index, term in enumerate(terms)
        if np.linalg.matrix_rank(np.delete(table, index, axis=1)) == rank
    ]

"""Compare two wrong answers by the values they returned: which one is nearer to the right answer.

A worse answer must never earn more. Which is worse is not left to the author: of two answers that were called with the
same cases, one is nearer if it is at least as near in every case and nearer in some. As no author lists every answer,
those between a listed one and the right one are tried as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import permutations
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import CaseResult, arguments_of
from autograder.diagnosis.comparison import same
from autograder.diagnosis.formula_fit import errors_by_term
from autograder.grading.near_credit import is_as_near, near_credit, number_of
from autograder.grading.question_grader import points_earned
from autograder.grading.report import Report
from autograder.i18n import _
from autograder.questions.question import Question
from autograder.text import Text


class _Outcome:
    """What an answer gave for a case. What is found out about it is kept, because it is compared with many others."""

    def __init__(self, result: CaseResult) -> None:
        self.got, self.want, self.failed = result.got, result.want, result.error is not None

    @cached_property
    def right(self) -> bool:
        """Whether it is the right value."""
        return not self.failed and same(self.got, self.want)

    @cached_property
    def right_entries(self) -> set[tuple[Any, ...]] | None:
        """The positions in the value that are right, or None if its structure differs from the expected one."""
        return _right_entries(self.got, self.want)


def unfair_pairs(judged: Sequence[tuple[str, Report]]) -> Iterator[tuple[str, str]]:
    """Yield pairs of answer names of which the first is nearer to the right answer but earns less.

    judged: each answer with its report, which includes the cases, the same for all. Answers with a carried-over check
    are left out, because that check is measured against another answer.
    """
    answers = [
        (name, report.score, [_Outcome(result) for result in report.cases])
        for name, report in judged
        if all(check.outcome != "carried" for check in report.checks)
    ]
    for (first, score, outcomes), (second, higher, others) in permutations(answers, 2):
        if score < higher and _is_nearer(outcomes, others):
            yield first, second


def unfair_between(question: Question, report: Report) -> Iterator[Text]:
    """Yield in words the answers between a wrong one and the right one that are nearer, but earn less.

    report: of the wrong answer, with its cases.
    """
    if not report.score or any(check.outcome == "carried" for check in report.checks):
        return
    outcomes = [_Outcome(result) for result in report.cases]
    for correction, results in _between(question, report.cases):
        nearer = _is_nearer([_Outcome(result) for result in results], outcomes)
        if nearer and points_earned(question, results) < report.score:
            yield correction


def credited_trivial_counts(question: Question, cases: Sequence[CaseResult]) -> Iterator[tuple[str, float]]:
    """Yield counts that take no thought and yet earn credit by their nearness, with what they earn.

    cases: of any answer.
    """
    inputs = [arguments_of(question, result) for result in cases]
    sizes = list(dict.fromkeys(name for term in question.terms for name in term.factors))
    counts = {"0": [0 for _ in inputs], "1": [1 for _ in inputs]}
    counts |= {name: [arguments[name] for arguments in inputs] for name in sizes}
    counts[" + ".join(sizes)] = [sum(arguments[name] for name in sizes) for arguments in inputs]
    counts[" * ".join(sizes)] = [math.prod(arguments[name] for name in sizes) for arguments in inputs]
    counts |= {f"{name} + 1": [arguments[name] + 1 for arguments in inputs] for name in sizes[:1]}
    for name, values in counts.items():
        results = [
            CaseResult(result.case, result.want, value) for result, value in zip(cases, values, strict=True)
        ]
        if credit := near_credit(question, results, lambda result: same(result.got, result.want)):
            yield name, credit


def _between(question: Question, cases: Sequence[CaseResult]) -> Iterator[tuple[Text, list[CaseResult]]]:
    """Yield what is corrected in a wrong answer, and what it then gives for each case.

    Corrected are every other wrong case or, where the answer is a sum of the question's terms, one of its wrong terms,
    or all but one.
    """
    wrong = [index for index, result in enumerate(cases) if not same(result.got, result.want)]
    for indices in (wrong[::2], wrong[1::2]):
        yield (
            _("every other case"),
            [
                CaseResult(result.case, result.want, result.want) if index in indices else result
                for index, result in enumerate(cases)
            ],
        )
    errors = errors_by_term(question, cases) if question.terms else []
    products = {product for by_term in errors for product in by_term}
    for product in sorted(products):
        for terms in ({product}, products - {product}):
            yield (
                Text.same(", ".join(f"`{term}`" for term in sorted(terms))),
                [
                    replace(result, got=_less(result.got, sum(by_term.get(term, 0) for term in terms)))
                    for result, by_term in zip(cases, errors, strict=True)
                ],
            )


def _less(count: Any, error: Fraction | int) -> Any:
    """Return a count less what is too much of it, as an integer if it is one."""
    left = Fraction(number_of(count)) - error
    return int(left) if left.denominator == 1 else left


def _is_nearer(first: Sequence[_Outcome], second: Sequence[_Outcome]) -> bool:
    """Return whether an answer is at least as near to the right one as another in every case, and nearer in some."""
    nearer = False
    for ours, theirs in zip(first, second, strict=True):
        sign = _sign(ours, theirs)
        if sign is None or sign < 0:
            return False
        nearer = nearer or sign > 0
    return nearer


def _sign(first: _Outcome, second: _Outcome) -> int | None:
    """Return 1 if `first` is nearer, 0 if both are equally near, -1 if `second` is, None if that cannot be decided."""
    if first.right or second.right:
        return first.right - second.right
    if first.failed or second.failed:
        return 0 if first.failed and second.failed else None
    if same(first.got, second.got):
        return 0
    if None not in map(number_of, (first.got, second.got, first.want)):
        return is_as_near(first.got, second.got, first.want) - is_as_near(second.got, first.got, first.want)
    ours_right, theirs_right = first.right_entries, second.right_entries
    if not ours_right or not theirs_right or ours_right == theirs_right:
        return None  # how near a value is of which no entry is right, its entries do not say
    return 1 if ours_right > theirs_right else -1 if ours_right < theirs_right else None


def _right_entries(got: Any, want: Any) -> set[tuple[Any, ...]] | None:
    """Return the positions in a value that are right, or None if its structure differs from the expected one."""
    if isinstance(want, np.ndarray) and isinstance(got, np.ndarray):
        if got.shape != want.shape:
            return None
        return {tuple(position) for position in np.argwhere(np.isclose(got.astype(float), want, atol=1e-6))}
    if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
        return _right_positions(((key, got[key], value) for key, value in want.items()))
    if isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)) and len(got) == len(want):
        return _right_positions(((index, *pair) for index, pair in enumerate(zip(got, want, strict=True))))
    return None


def _right_positions(items: Iterator[tuple[Any, Any, Any]]) -> set[tuple[Any, ...]]:
    positions: set[tuple[Any, ...]] = set()
    for key, got, want in items:
        if same(got, want):
            positions.add((key,))
        else:
            positions |= {(key, *inner) for inner in _right_entries(got, want) or ()}
    return positions

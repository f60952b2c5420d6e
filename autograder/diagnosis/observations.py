"""Observations on a wrong answer that matches no misconception on every input: how its values differ, and where.

Derived from the values alone, and worded without a right value. Inputs are described in the question's own terms:
parameters, settings, and the size 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from autograder.diagnosis.calculation_slips import edited_calculation
from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.changed_inputs import changed_calculation, changed_input
from autograder.diagnosis.comparison import same
from autograder.diagnosis.failing_inputs import common_inputs
from autograder.diagnosis.replaced_sizes import replaced_argument
from autograder.diagnosis.value_differences import ROUNDED, common_difference, places_difference, wrong_parts
from autograder.diagnosis.wrong_sizes import columns_of, name_of, off_by, wrong_sizes
from autograder.i18n import _
from autograder.questions.question import Question
from autograder.text import Text


def likely_cause(question: Question, results: Sequence[CaseResult]) -> tuple[Text, ...]:
    """Return the one small change of the right answer that gives what came back: of an argument, or of a formula."""
    pairs = [(result.got, result.want) for result in results if not same(result.got, result.want)]
    with_parts = all(isinstance(want, (np.ndarray, list, tuple)) for _got, want in pairs)
    if with_parts and common_difference(pairs) is not None:  # this is simpler
        return ()
    replaced = replaced_argument(question, results)
    if replaced or not question.terms:
        return replaced
    slip = edited_calculation(question, results)
    return () if slip is None else (slip,)


def observations(
    question: Question, results: Sequence[CaseResult], wrong: Sequence[CaseResult]
) -> Iterator[Text]:
    """Yield what is true of all wrong values, and what their inputs have in common.

    wrong: the `results` that a check rejects. Yields nothing for what only a check knows.
    """
    if question.is_number:
        slip = changed_calculation(question, results[0])
        yield from [] if slip is None else [slip]
        return
    if any(result.error is not None for result in results):
        yield from _where_it_raises(question, results)
        return
    judged = [result for result in wrong if result.error is None and result.want is not None]
    if question.needs_tensorflow or len(judged) < len(wrong) or not judged:
        return
    pairs = [(result.got, result.want) for result in judged if not same(result.got, result.want)]
    difference = common_difference(pairs, counted=bool(question.terms)) or (
        None if question.terms else off_by(question, judged)
    )
    if difference is None and (condition := changed_input(question, results)) is not None:
        yield condition
        return
    difference = difference or places_difference(pairs)
    if difference is not None:
        yield difference
    else:
        yield from wrong_sizes(question, judged, results) or wrong_parts(pairs)
    where = common_inputs(question, results, wrong)
    if where is not None and difference is not ROUNDED:  # which numbers survive rounding is chance
        yield where


def _where_it_raises(question: Question, results: Sequence[CaseResult]) -> Iterator[Text]:
    """Yield what the inputs have in common for which an answer raises or is wrong, if it is right for others."""
    if question.needs_tensorflow or any(
        result.error is not None and result.error.fault != "raised" for result in results
    ):
        return
    wrong = [result for result in results if result.error is not None or not same(result.got, result.want)]
    misfit = _misfit(question, results)
    if misfit is not None:
        yield misfit
    where = common_inputs(question, results, wrong)
    if where is not None and len(results) - len(wrong) > 1:  # a single input may be right by chance
        yield where


_MISFITS: Sequence[tuple[re.Pattern[str], Text]] = (
    (
        re.compile(r"matmul: .*\(size (?P<right>\d+) is different from (?P<left>\d+)\)"),
        _(
            "a product `A @ B` adds up along the last axis of `A` and the axis of `B` that it meets, so both need the "
            "same length; here they have `{left}` and `{right}` (number by number, arrays are multiplied with `*`)"
        ),
    ),
    (
        re.compile(r"shapes? \((?P<left>[\d,]+)\) (?:and )?\((?P<right>[\d,]+)\)"),
        _(
            "two arrays do not fit, because an axis of the one has the length `{left}` and the same axis of the other "
            "has `{right}`"
        ),
    ),
)
"""Errors that NumPy raises for arrays whose shapes do not fit, and their explanations."""


def _misfit(question: Question, results: Sequence[CaseResult]) -> Text | None:
    """Describe in the question's terms which sizes met where NumPy raised; None if it did not always do so."""
    failed = [
        (index, str(result.error.message)) for index, result in enumerate(results) if result.error is not None
    ]
    columns = columns_of(question, results)
    for pattern, text in _MISFITS:
        matches = [(index, pattern.search(message)) for index, message in failed]
        met = [(index, _met(match["left"], match["right"])) for index, match in matches if match is not None]
        if len(met) == len(failed):
            names = [
                name_of(columns, [(pair[side], index) for index, pair in met if pair is not None])
                for side in (0, 1)
            ]
            if all(pair is not None for _, pair in met) and None not in names:
                return text.format(left=names[0], right=names[1])
    return None


def _met(left: str, right: str) -> tuple[int, int] | None:
    """Return the two sizes of the last axis along which two shapes do not fit; None if they fit."""
    ours, theirs = ([int(size) for size in shape.split(",") if size] for shape in (left, right))
    # an axis of length 1 is repeated, except in a product
    repeated = set() if len(ours) == len(theirs) == 1 else {1}
    pairs = zip(ours[::-1], theirs[::-1], strict=False)
    return next((pair for pair in pairs if pair[0] != pair[1] and not repeated & {*pair}), None)

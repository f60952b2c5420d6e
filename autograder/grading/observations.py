"""Observations on a wrong answer that matches no misconception on every input: how its values differ, and where.

Derived from the values alone, and worded without a right value. Inputs are described in the question's own terms:
parameters, settings, and the size 1.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from autograder.grading.calculations import edited_calculation
from autograder.grading.changed_inputs import changed_calculation, changed_input
from autograder.grading.changes import is_setting, treats_alike
from autograder.grading.diagnosis import ENOUGH, CaseResult, NamedMisconception, arguments_of, same, shows
from autograder.grading.differences import ROUNDED, common_difference, places_difference, wrong_parts
from autograder.grading.input_conditions import common_inputs
from autograder.grading.replaced_arguments import replaced_argument
from autograder.grading.wrong_sizes import columns_of, name_of, off_by, wrong_sizes
from autograder.i18n import _
from autograder.questions.question import Misconception, Question
from autograder.text import Text, joined, sentence


def partial_misconceptions(
    question: Question, results: Sequence[CaseResult], failed: Collection[str]
) -> list[NamedMisconception]:
    """Return the misconceptions that explain every wrong value, if the inputs of the wrong values can be described.

    Of several, those that match most of the right values, too; none that differs from the answer on most inputs, and
    none that treats settings alike which the answer tells apart. They earn no credit.
    failed: as for `recognized_misconceptions`.
    """
    if question.needs_tensorflow or any(one.error is not None or one.want is None for one in results):
        return []
    wrong = [one for one in results if not same(one.got, one.want)]
    where = common_inputs(question, results, wrong) if len(wrong) >= ENOUGH else None
    if where is None:
        return []
    agreeing: dict[int, list[Misconception]] = {}
    for known in question.misconceptions:
        if any(check.name in failed for check in known.fails) and shows(known, wrong, typed=False):
            agreed = sum(shows(known, [one], typed=False) for one in results)
            agreeing.setdefault(agreed, []).append(known)
    most = max(agreeing, default=0)
    if 2 * most < len(results):
        return []
    kept = [
        one for one in agreeing[most] if not _is_too_general(question, one, results, wrong, leniently=True)
    ]
    exact = [one for one in kept if not _is_too_general(question, one, results, wrong, leniently=False)]
    return [
        NamedMisconception(
            known.name, joined(" ", [where.map(sentence), known.text]), section=known.section, in_part=True
        )
        for known in exact or kept
    ]


def _is_too_general(
    question: Question,
    known: Misconception,
    results: Sequence[CaseResult],
    wrong: Sequence[CaseResult],
    *,
    leniently: bool,
) -> bool:
    """Return whether the answer depends on a setting that a misconception ignores, which "whatever the mode" denies.

    It does if it is right for two values that the reference does not treat alike, or wrong for one value and right for
    another. leniently: of the latter only values that the reference treats alike, as a misconception may be meant for
    one of others.
    """
    given = [arguments_of(question, one) for one in results]
    is_wrong = [any(one is other for other in wrong) for one in results]
    assert question.reference is not None
    for name in (name for name, value in given[0].items() if is_setting(value)):
        kinds: dict[Any, set[bool]] = {}
        for values, found in zip(given, is_wrong, strict=True):
            kinds.setdefault(values[name], set()).add(found)
        for values, one, found in zip(given, results, is_wrong, strict=True):
            if found or shows(known, [one], typed=False):
                continue
            for value in kinds.keys() - {values[name]}:
                changed = {**values, name: value}
                if not treats_alike(known.answer, values, changed):
                    continue
                alike = treats_alike(question.reference, values, changed)
                if (alike or not leniently) and kinds[values[name]] == {False} and kinds[value] == {True}:
                    return True
                if not alike and kinds[value] == {False}:
                    return True
    return False


def likely_cause(question: Question, results: Sequence[CaseResult]) -> tuple[Text, ...]:
    """Return the one small change of the right answer that gives what came back: of an argument, or of a formula."""
    pairs = [(one.got, one.want) for one in results if not same(one.got, one.want)]
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
    if any(one.error is not None for one in results):
        yield from _where_it_raises(question, results)
        return
    judged = [one for one in wrong if one.error is None and one.want is not None]
    if question.needs_tensorflow or len(judged) < len(wrong) or not judged:
        return
    pairs = [(one.got, one.want) for one in judged if not same(one.got, one.want)]
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
        one.error is not None and one.error.fault != "raised" for one in results
    ):
        return
    wrong = [one for one in results if one.error is not None or not same(one.got, one.want)]
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
    failed = [(place, str(one.error.message)) for place, one in enumerate(results) if one.error is not None]
    columns = columns_of(question, results)
    for pattern, text in _MISFITS:
        found = [(place, pattern.search(message)) for place, message in failed]
        met = [(place, _met(match["left"], match["right"])) for place, match in found if match is not None]
        if len(met) == len(failed):
            names = [
                name_of(columns, [(pair[side], place) for place, pair in met if pair is not None])
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

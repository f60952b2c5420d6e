"""Recognize two misconceptions in one answer, one of which changes only what goes in, or the form of what comes out.

Such a misconception can be put on top of any other: a bias that is not added, blocks of weights in another order, parts
that are returned in another order, or rounded numbers, besides whatever else is wrong.
"""

from __future__ import annotations

import copy
import itertools
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import ENOUGH, CaseResult, arguments_of
from autograder.diagnosis.comparison import same
from autograder.diagnosis.misconceptions import TOGETHER, NamedMisconception, candidates, shows
from autograder.questions.question import Misconception, Question
from autograder.text import joined

BLOCKS = (3, 4)
"""Numbers of equal blocks into which the last axis of weights is divided."""

Function = Callable[..., Any]
Change = Callable[..., Any]
"""Calls its first argument, a function, with changed arguments, or reorders or rounds what that returns."""


@dataclass(frozen=True)
class _OnTop:
    """A misconception that a change of the right answer amounts to."""

    misconception: Misconception
    change: Change


def two_misconceptions(
    question: Question, results: Sequence[CaseResult], failed: Collection[str]
) -> list[NamedMisconception]:
    """Return the two misconceptions that give every value together; none if several pairs do. They earn no credit.

    failed: as for `recognized_misconceptions`.
    """
    if question.is_number or question.needs_tensorflow or question.terms or question.reference is None:
        return []
    wrong = [result for result in results if not same(result.got, result.want)]
    if len(wrong) < ENOUGH or any(result.error is not None or result.got is None for result in results):
        return []
    ordered = [*wrong, *(result for result in results if same(result.got, result.want))]
    inputs = [arguments_of(question, result) for result in ordered]
    misconceptions = candidates(question, failed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, of inputs that a misconception was not written for
        matches = [
            (misconception, top.misconception)
            for top in _on_top(question.reference, misconceptions, ordered, inputs)
            for misconception in misconceptions
            if misconception is not top.misconception
            and all(
                same(case.got, _value(partial(top.change, misconception.answer), arguments))
                for case, arguments in zip(ordered, inputs, strict=True)
            )
        ]
    pairs = {frozenset((first.name, second.name)): (first, second) for first, second in matches}
    if len(pairs) != 1:
        return []
    [(first, second)] = pairs.values()
    return [
        NamedMisconception(
            first.name, joined(" ", [TOGETHER, first.text]), section=first.section, with_others=True
        ),
        NamedMisconception(second.name, second.text, section=second.section, with_others=True),
    ]


def _on_top(
    reference: Function,
    misconceptions: Sequence[Misconception],
    results: Sequence[CaseResult],
    inputs: Sequence[Mapping[str, Any]],
) -> Iterator[_OnTop]:
    """Yield the misconceptions that are a change of the right answer, each with this change.

    inputs: the arguments of each case.
    """
    mistaken = [
        (misconception, value)
        for misconception in misconceptions
        if (value := _value(misconception.answer, inputs[0])) is not None
    ]
    for change in _changes(inputs, results[0].want):
        value = _value(partial(change, reference), inputs[0])
        if value is None or same(value, results[0].want):
            continue
        alike = [misconception for misconception, mistaken_value in mistaken if same(value, mistaken_value)]
        changed = [
            replace(result, got=_value(partial(change, reference), arguments))
            for result, arguments in zip(results, inputs, strict=True)
            if alike
        ]
        yield from (
            _OnTop(misconception, change)
            for misconception in alike
            if shows(misconception, changed, typed=False)
        )


def _value(function: Function, arguments: Mapping[str, Any]) -> Any:
    """Return what a function gives; None if it raises, as for arguments that it was not written for."""
    try:
        return function(**{name: _copied(value) for name, value in arguments.items()})  # it may change them
    except Exception:  # any kind
        return None


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else copy.deepcopy(value)


def _changes(arguments: Sequence[Mapping[str, Any]], value: Any) -> Iterator[Change]:
    """Yield the changes to try. arguments: those of every case. value: what comes back for one of them."""
    for name, argument in arguments[0].items():
        if isinstance(argument, np.ndarray) and argument.dtype.kind == "f":
            yield partial(_without, name, None)
            if any(_has_two_rows(values[name]) for values in arguments):
                yield partial(_without, name, 0)
                yield partial(_without, name, 1)
    for name, argument in arguments[0].items():
        if isinstance(argument, np.ndarray) and argument.ndim:
            alike = [
                other
                for other, array in arguments[0].items()
                if isinstance(array, np.ndarray) and array.ndim and array.shape[-1] == argument.shape[-1]
            ]
            if alike[0] == name:
                for number in BLOCKS:
                    for order in itertools.islice(itertools.permutations(range(number)), 1, None):
                        yield partial(_in_order, alike, order)
    if isinstance(value, tuple) and len(value) == 2:
        yield _exchanged
    yield _rounded


def _has_two_rows(argument: Any) -> bool:
    return isinstance(argument, np.ndarray) and argument.ndim == 2 and len(argument) == 2


def _without(name: str, row: int | None, function: Function, /, **arguments: Any) -> Any:
    """Return what a function gives with zeros in the place of an argument, or of one of its two rows."""
    changed = np.array(arguments[name])
    if row is None:
        changed[:] = 0
    elif _has_two_rows(changed):
        changed[row] = 0
    return function(**{**arguments, name: changed})


def _in_order(names: Sequence[str], order: Sequence[int], function: Function, /, **arguments: Any) -> Any:
    """Return what a function gives with the blocks of some arrays, along their last axes, in another order."""
    changed = {}
    for name in names:
        blocks = np.split(arguments[name], len(order), axis=-1)
        changed[name] = np.concatenate([blocks[index] for index in order], axis=-1)
    return function(**{**arguments, **changed})


def _rounded(function: Function, /, **arguments: Any) -> Any:
    value = function(**arguments)
    return tuple(np.round(part, 2) for part in value) if isinstance(value, tuple) else np.round(value, 2)


def _exchanged(function: Function, /, **arguments: Any) -> Any:
    first, second = function(**arguments)
    return second, first

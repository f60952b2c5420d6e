"""Find the size in whose place a wrong answer uses another: a fixed number, a neighbour, half of it, another argument.

Derived from the returned values alone: they are what the reference gives for the replaced argument.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Any

from autograder.diagnosis.case_result import ENOUGH, CaseResult, arguments_of
from autograder.diagnosis.comparison import same
from autograder.diagnosis.failing_inputs import common_inputs
from autograder.i18n import _
from autograder.questions.question import Question
from autograder.text import Text

MAX_CONSTANT = 20
"""The largest fixed number that is tried in the place of an argument, besides those of the question's sample."""

Values = dict[str, Any]

IN_PLACE = _("every wrong value is what `{replacement}` in the place of `{name}` gives")

ALWAYS = _(
    "every wrong value is the one for `{name} = {number}`: does a fixed number stand where `{name}` should?"
)

EXCHANGED = _("every wrong value is the one for `{one}` and `{other}` exchanged")

NO_EFFECT = _(
    "`{name}` makes no difference to what comes back: does a fixed number, or another name, stand in its place?"
)


@dataclass(frozen=True)
class _Replacement:
    """A change of the arguments that a wrong answer may amount to."""

    text: Text
    of: Callable[[Values], Values]
    name: str = field(default="", kw_only=True)
    """The argument that a fixed number replaces; empty for any other change."""


def replaced_argument(question: Question, results: Sequence[CaseResult]) -> tuple[Text, ...]:
    """Return which argument an answer replaces by what, if that explains every wrong value.

    Returns nothing if nothing does, or if the values do not tell two replacements apart. Where the answer is right
    although the replaced argument would make it wrong, the inputs of the wrong values must have something in common,
    which is told as well.
    """
    reference = question.reference
    if reference is None or question.needs_tensorflow or question.is_number:
        return ()
    if any(result.error is not None or result.got is None for result in results):
        return ()
    wrong = [result for result in results if not same(result.got, result.want)]
    if len(wrong) < ENOUGH:
        return ()
    arguments = [arguments_of(question, result) for result in results]
    arguments_by_id = {id(result): values for result, values in zip(results, arguments, strict=True)}
    wrong.sort(
        key=lambda result: _size(arguments_by_id[id(result)])
    )  # a reference may search for long, and most fail at once
    right = [result for result in results if all(result is not other for other in wrong)]

    def explains(replacement: _Replacement, result: CaseResult) -> bool:
        try:
            return same(result.got, reference(**replacement.of(arguments_by_id[id(result)])))
        except Exception:  # any kind: the reference was not written for what a replacement makes
            return False

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, of inputs that the reference was not written for
        matches = [
            replacement
            for replacement in _replacements(question, arguments)
            if all(explains(replacement, result) for result in wrong)
            and (
                not replacement.name
                or _differ(arguments_by_id[id(result)][replacement.name] for result in wrong)
            )
        ]
        everywhere = [
            replacement for replacement in matches if all(explains(replacement, result) for result in right)
        ]
    if everywhere or not matches:
        texts = [replacement.text for replacement in everywhere]
        if not matches and not question.terms:  # a formula shows it
            texts = _without_effect(results, arguments)
        return tuple(texts) if len(texts) == 1 else ()
    where = common_inputs(question, results, wrong)
    return () if where is None or len(matches) > 1 else (matches[0].text, where)


def _size(values: Mapping[str, Any]) -> int:
    return sum(value for value in values.values() if type(value) is int)


def _differ(values: Iterator[Any]) -> bool:
    return len(set(values)) > 1


def _replacements(question: Question, arguments: Sequence[Values]) -> Iterator[_Replacement]:
    """Yield the changes of sizes that make sense for these arguments."""
    names = [name for name, value in arguments[0].items() if type(value) is int]
    samples = {value for value in question.sample or () if type(value) is int}
    for name in names:
        for number in sorted({*range(1, MAX_CONSTANT + 1), *samples}):
            always = partial(_with, {name: partial(_constant, number)})
            yield _Replacement(ALWAYS.format(name=name, number=number), always, name=name)
        instead: dict[str, Callable[[Values], Any]] = {
            f"{name} - 1": partial(_changed, name, 1, -1),
            f"{name} + 1": partial(_changed, name, 1, 1),
            f"2 * {name}": partial(_changed, name, 2, 0),
            f"{name} // 2": partial(_halved, name),
            **{other: itemgetter(other) for other in names if other != name},
        }
        for replacement, size in instead.items():
            text = IN_PLACE.format(replacement=replacement, name=name)
            yield _Replacement(text, partial(_with, {name: size}))
    for first, second in itertools.combinations(names, 2):
        exchanged = {first: itemgetter(second), second: itemgetter(first)}
        yield _Replacement(EXCHANGED.format(one=first, other=second), partial(_with, exchanged))


def _with(changed: Mapping[str, Callable[[Values], Any]], arguments: Values) -> Values:
    """Return arguments of which some are computed anew from all."""
    return {**arguments, **{name: size(arguments) for name, size in changed.items()}}


def _changed(name: str, factor: int, added: int, arguments: Values) -> int:
    return int(factor * arguments[name] + added)


def _halved(name: str, arguments: Values) -> int:
    return int(arguments[name] // 2)


def _constant(number: int, arguments: Values) -> int:
    return number


def _without_effect(results: Sequence[CaseResult], arguments: Sequence[Values]) -> list[Text]:
    """Return for each size that makes no difference to an answer although it should that it makes none.

    Compares the inputs that differ in this argument alone. Returns nothing if the same comes back for all inputs.
    """
    if all(same(result.got, results[0].got) for result in results[1:]):
        return []
    texts: list[Text] = []
    for name in (name for name, value in arguments[0].items() if type(value) is int):
        groups: dict[str, list[CaseResult]] = {}
        for result, values in zip(results, arguments, strict=True):
            others = {key: value for key, value in values.items() if key != name}
            groups.setdefault(repr(others), []).append(result)
        telling = [
            group
            for group in groups.values()
            if any(not same(result.want, group[0].want) for result in group[1:])
        ]
        if len(telling) > 1 and all(
            same(result.got, group[0].got) for group in telling for result in group[1:]
        ):
            texts.append(NO_EFFECT.format(name=name))
    return texts

"""Observations on a wrong answer that shows no known misconception: how its values differ, and on which inputs.

They are derived from the values alone and never mention a right value. Inputs are described in the question's own
terms: parameters, settings and the size 1.
"""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading.diagnosis import CaseResult, same
from autograder.questions.question import Question
from autograder.text import Text

ENOUGH = 3
"""Minimum number of wrong values before a common property is reported."""
MAX_AXES = 3
MAX_REPORTED = 3
"""Maximum number of sizes whose wrong replacement is reported."""


def observations(
    question: Question, results: Sequence[CaseResult], wrong: Sequence[CaseResult]
) -> Iterator[Text]:
    """Yield what is true of all wrong values, and what their inputs have in common.

    wrong: those of `results` in which a check fails. Yields nothing for number questions, nor for values of which only
    a check knows what is right.
    """
    judged = [result for result in wrong if result.error is None and result.want is not None]
    if question.is_number or question.needs_tensorflow or len(judged) < len(wrong) or not judged:
        return
    pairs = [(result.got, result.want) for result in judged if not same(result.got, result.want)]
    text = _common_difference(pairs, counted=bool(question.terms)) if len(pairs) >= ENOUGH else None
    if text is not None:
        yield text
    else:
        yield from [*itertools.islice(_replacements(question, judged), MAX_REPORTED)] or _wrong_parts(pairs)
    inputs = _common_inputs(question, results, wrong)
    if inputs is not None:
        yield inputs


Pairs = Sequence[tuple[Any, Any]]
"""Actual and expected values."""


def _common_difference(pairs: Pairs, *, counted: bool) -> Text | None:
    """Describe how all wrong values differ in the same way, or return None. counted: whether a formula is reported."""
    if all(_number(value) is not None for pair in pairs for value in pair):
        return None if counted else _numbers_difference(pairs)
    if all(isinstance(value, np.ndarray) for pair in pairs for value in pair):
        return _arrays_difference(pairs)
    if all(isinstance(value, (list, tuple)) for pair in pairs for value in pair):
        return _items_difference(pairs)
    return None


def _number(value: Any) -> float | None:
    """Return a finite number as a float, or None for anything else."""
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _numbers_difference(pairs: Pairs) -> Text | None:
    numbers = [(float(got), float(want)) for got, want in pairs]
    if all(want for _, want in numbers) and _agree([got / want for got, want in numbers]):
        return Text(
            ko="틀린 값은 모두 맞는 값에 같은 수를 곱한 것입니다.",
            en="every wrong value is the right one times the same factor",
        )
    if _agree([got - want for got, want in numbers]):
        return Text(
            ko="틀린 값은 모두 맞는 값과 같은 만큼 다릅니다.",
            en="every wrong value is off by the same amount",
        )
    if _agree([got for got, _ in numbers]):
        return Text(ko="틀린 값이 모두 같습니다.", en="every wrong value is the same")
    return None


def _agree(values: Sequence[float]) -> bool:
    return all(math.isclose(value, values[0], rel_tol=1e-9, abs_tol=1e-12) for value in values)


def _arrays_difference(pairs: Pairs) -> Text | None:
    for text, rearranged in _REARRANGEMENTS:
        if all(any(same(array, want) for array in rearranged(got)) for got, want in pairs):
            return text
    if all(_are_permuted(got, want) for got, want in pairs):
        return Text(
            ko="값은 모두 맞지만 놓인 자리가 다릅니다.",
            en="all the right values are there, but at other places",
        )
    if all(got.shape == want.shape for got, want in pairs) and _is_one_factor(pairs):
        return Text(
            ko="값이 모두 맞는 값에 같은 수를 곱한 것입니다.",
            en="every value is the right one times the same factor",
        )
    return None


def _axes_swapped(got: Any) -> Iterator[Any]:
    if 2 <= got.ndim <= MAX_AXES:
        yield from (got.transpose(axes) for axes in itertools.permutations(range(got.ndim)))


def _reversed(got: Any) -> Iterator[Any]:
    yield from (np.flip(got, axis) for axis in range(got.ndim))


def _rolled(got: Any) -> Iterator[Any]:
    yield from (np.roll(got, step, axis) for axis in range(got.ndim) for step in (1, -1))


_REARRANGEMENTS: Sequence[tuple[Text, Callable[[Any], Iterator[Any]]]] = (
    (
        Text(
            ko="값은 맞지만 축의 순서가 다릅니다.",
            en="the values are right, but the axes are in another order",
        ),
        _axes_swapped,
    ),
    (
        Text(
            ko="값은 맞지만 한 축의 순서가 거꾸로입니다.",
            en="the values are right, but one axis runs backwards",
        ),
        _reversed,
    ),
    (
        Text(
            ko="값은 맞지만 한 축을 따라 한 칸 밀려 있습니다.",
            en="the values are right, but shifted by one along an axis",
        ),
        _rolled,
    ),
)


def _are_permuted(got: Any, want: Any) -> bool:
    """Return whether an array holds exactly the expected numbers, in any order."""
    numbers = [np.sort(array.astype(float), axis=None) for array in (got, want)]
    return got.size > 1 and got.size == want.size and same(*numbers)


def _is_one_factor(pairs: Pairs) -> bool:
    """Return whether all arrays are the expected ones times one common factor."""
    got = np.concatenate([pair[0].astype(float).ravel() for pair in pairs])
    want = np.concatenate([pair[1].astype(float).ravel() for pair in pairs])
    size = float(want @ want)
    return bool(size) and bool(np.allclose(got, want * (got @ want / size), atol=1e-6)) and bool(np.any(got))


def _items_difference(pairs: Pairs) -> Text | None:
    if any(len(got) != len(want) for got, want in pairs):
        return None
    if all(same(list(got)[::-1], list(want)) for got, want in pairs):
        return Text(
            ko="항목은 모두 맞지만 순서가 거꾸로입니다.", en="the items are right, but in reverse order"
        )
    if all(any(same(list(one), list(want)) for one in _orders(got)) for got, want in pairs):
        return Text(ko="항목은 모두 맞지만 순서가 다릅니다.", en="the items are right, but in another order")
    return None


def _orders(items: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    return itertools.permutations(items) if len(items) <= 4 else iter(())


def _wrong_parts(pairs: Pairs) -> Iterator[Text]:
    """Yield which items, or which entries of a dict, are wrong if the others never are."""
    if len(pairs) < ENOUGH:
        return
    kinds = {type(value) for pair in pairs for value in pair}
    if kinds == {dict} and all(got.keys() == want.keys() for got, want in pairs):
        whole = {key for _, want in pairs for key in want}
        wrong = {key for got, want in pairs for key in want if not same(got[key], want[key])}
        if wrong < whole:
            keys = ", ".join(sorted(map(repr, wrong)))
            yield Text(ko=f"틀린 것은 키 {keys}의 값뿐입니다.", en=f"only what stands under {keys} is wrong")
    elif kinds <= {list, tuple} and len({len(value) for pair in pairs for value in pair}) == 1:
        count = len(pairs[0][1])
        wrong = {place for got, want in pairs for place in range(count) if not same(got[place], want[place])}
        if len(wrong) < count:
            places = ", ".join(str(place + 1) for place in sorted(wrong))
            yield Text(
                ko=f"틀린 것은 {places}번째 항목뿐입니다.",
                en=f"the only wrong items are {places}" if len(wrong) > 1 else f"only item {places} is wrong",
            )


def _replacements(question: Question, judged: Sequence[CaseResult]) -> Iterator[Text]:
    """Yield what replaces wrong sizes, if it is a parameter or a simple expression of one or two."""
    assert question.reference is not None
    signature = inspect.signature(question.reference)
    wrong: dict[Place, list[tuple[int, dict[str, int]]]] = {}
    for result in judged:
        got, want = _entries(result.got), _entries(result.want)
        given = {name: value for name, value in _arguments(signature, result).items() if type(value) is int}
        for place, value in got.items():
            if value != want.get(place):
                wrong.setdefault(place, []).append((value, given))
    for place, pairs in wrong.items():
        if len(pairs) >= ENOUGH and len({value for value, _ in pairs}) > 1:
            names = [name for name, values in _candidates(pairs) if values == [value for value, _ in pairs]]
            if len(names) == 1:
                yield _replacement_text(place, names[0])


Place = tuple[str, int, int]
"""Location of a number in a returned value: kind of container, item of it (0 if it has none), index."""


def _entries(value: Any) -> dict[Place, int]:
    """Return the integers in a list, in a list of shapes or in the shape of an array; empty for anything else."""
    if isinstance(value, np.ndarray):
        return {("axis", 0, place): size for place, size in enumerate(value.shape)}
    if not isinstance(value, (list, tuple)):
        return {}
    if all(type(item) is int for item in value):
        return {("number", 0, place): item for place, item in enumerate(value)}
    inner = [
        (outer, item)
        for outer, shape in enumerate(value)
        if isinstance(shape, (list, tuple))
        for item in enumerate(shape)
    ]
    return {("size", outer, place): size for outer, (place, size) in inner if type(size) is int}


def _candidates(pairs: Sequence[tuple[int, dict[str, int]]]) -> Iterator[tuple[str, list[int]]]:
    """Yield each parameter, and simple expressions of one or two, with their values in all pairs."""
    names = [name for name in pairs[0][1] if all(name in given for _, given in pairs)]
    columns = {name: [given[name] for _, given in pairs] for name in names}
    for name, values in columns.items():
        yield name, values
        yield f"2 * {name}", [2 * value for value in values]
        yield f"{name} + 1", [value + 1 for value in values]
        yield f"{name} - 1", [value - 1 for value in values]
    for (one, ours), (other, theirs) in itertools.combinations(columns.items(), 2):
        yield f"{one} * {other}", [a * b for a, b in zip(ours, theirs, strict=True)]
        yield f"{one} + {other}", [a + b for a, b in zip(ours, theirs, strict=True)]


def _replacement_text(place: Place, name: str) -> Text:
    kind, outer, inner = place
    ko, en = {
        "axis": (f"배열의 {inner}번 축의 길이는", f"axis {inner} of the array has the length"),
        "number": (f"{inner + 1}번째 수는", f"number {inner + 1} is"),
        "size": (
            f"{outer + 1}번째 모양의 {inner + 1}번째 수는",
            f"number {inner + 1} of shape {outer + 1} is",
        ),
    }[kind]
    return Text(ko=f"틀린 값에서 {ko} 언제나 `{name}`입니다.", en=f"where it is wrong, {en} always `{name}`")


def _arguments(signature: inspect.Signature, result: CaseResult) -> dict[str, Any]:
    """Return the arguments of a case by name, with defaults for those that it leaves out."""
    bound = signature.bind(*result.case.args, **result.case.kwargs)
    bound.apply_defaults()
    return dict(bound.arguments)


def _common_inputs(
    question: Question, results: Sequence[CaseResult], wrong: Sequence[CaseResult]
) -> Text | None:
    """Describe what the inputs of the wrong values, and no others, have in common; None if nothing."""
    flags = [any(result is other for other in wrong) for result in results]
    if all(flags):
        return None
    assert question.reference is not None
    signature = inspect.signature(question.reference)
    seen = [[*_features(signature, result)] for result in results]
    known = [*dict.fromkeys(itertools.chain(*seen))]
    order = [*signature.parameters]
    settings = sorted(
        (feature for feature in known if feature.is_setting), key=lambda feature: order.index(feature.name)
    )
    for features in (*((feature,) for feature in known), *itertools.combinations(settings, 2)):
        # a setting has one value at a time
        either = len(features) > 1 and len({feature.name for feature in features}) == 1
        joined, ko_word, en_word = (any, "이거나 ", " or ") if either else (all, "이고 ", " and ")
        holds = [joined(feature in present for feature in features) for present in seen]
        ko, en = (
            ko_word.join(feature.ko for feature in features),
            en_word.join(feature.en for feature in features),
        )
        if holds == flags:
            return Text(
                ko=f"시험한 입력 가운데 {ko}일 때만 틀립니다.",
                en=f"of the inputs tried, it is wrong only where {en}",
            )
        if [not held for held in holds] == flags:
            return Text(
                ko=f"시험한 입력 가운데 {ko}일 때만 맞습니다.",
                en=f"of the inputs tried, it is right only where {en}",
            )
    return None


@dataclass(frozen=True)
class Feature:
    """A property of the arguments of a case."""

    name: str
    ko: str
    """Precedes `일 때` or `이고`."""
    en: str
    is_setting: bool = False


def _features(signature: inspect.Signature, result: CaseResult) -> Iterator[Feature]:
    bound = signature.bind(*result.case.args, **result.case.kwargs)
    for name in signature.parameters:
        if name not in bound.arguments:
            yield Feature(name, f"`{name}`을(를) 생략한 경우", f"`{name}` is left out")
    sizes = []
    for name, value in _arguments(signature, result).items():
        if value is None or isinstance(value, (bool, str)):
            yield Feature(name, f"`{name}={value!r}`", f"`{name}` is {value!r}", is_setting=True)
        elif isinstance(value, (int, np.integer)):
            sizes.append((name, int(value)))
            if value == 1:
                yield Feature(name, f"`{name}=1`", f"`{name}` is 1")
        elif isinstance(value, (list, tuple)):
            yield Feature(name, f"`len({name})={len(value)}`", f"`{name}` has the length {len(value)}")
        elif isinstance(value, np.ndarray):
            yield from _of_an_array(name, value)
    for (one_name, size), (other_name, other) in itertools.combinations(sizes, 2):
        sign = "=" if size == other else ">" if size > other else "<"
        yield Feature(one_name, f"`{one_name} {sign} {other_name}`", f"`{one_name} {sign} {other_name}`")


def _of_an_array(name: str, value: Any) -> Iterator[Feature]:
    for axis, size in enumerate(value.shape):
        if size == 1:
            yield Feature(name, f"`{name}.shape[{axis}]=1`", f"`{name}.shape[{axis}]` is 1")
    yield Feature(name, f"`{name}.dtype={value.dtype}`", f"`{name}.dtype` is {value.dtype}")

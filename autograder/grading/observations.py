"""What is true of a wrong answer that shows no known mistake: how its values differ, and on which inputs.

Read off the values alone, and told without a right value. Inputs are told in the question's own words: parameters,
settings, and the size 1.
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
"""Wrong values before it is said what is true of all of them."""
MAX_AXES = 3
MAX_TOLD = 3
"""Sizes of which it is told what stands in their place."""


def observations(
    question: Question, asked: Sequence[CaseResult], wrong: Sequence[CaseResult]
) -> Iterator[Text]:
    """What is true of all wrong values, and what their inputs have in common.

    wrong: those of `asked` to which a check objects. Nothing is told of a number that a student wrote down, nor of what
    only a check knows.
    """
    judged = [one for one in wrong if one.error is None and one.want is not None]
    if question.is_number or question.needs_tensorflow or len(judged) < len(wrong) or not judged:
        return
    pairs = [(one.got, one.want) for one in judged if not same(one.got, one.want)]
    told = _how(pairs, counted=bool(question.terms)) if len(pairs) >= ENOUGH else None
    if told is not None:
        yield told
    else:
        yield from [*itertools.islice(_instead(question, judged), MAX_TOLD)] or _only(pairs)
    where = _where(question, asked, wrong)
    if where is not None:
        yield where


Pairs = Sequence[tuple[Any, Any]]
"""What came back, and what is wanted."""


def _how(pairs: Pairs, *, counted: bool) -> Text | None:
    """How wrong values differ from the right ones, where all do in one way. counted: whether a formula is told."""
    if all(_number(value) is not None for pair in pairs for value in pair):
        return None if counted else _how_numbers(pairs)
    if all(isinstance(value, np.ndarray) for pair in pairs for value in pair):
        return _how_arrays(pairs)
    if all(isinstance(value, (list, tuple)) for pair in pairs for value in pair):
        return _how_items(pairs)
    return None


def _number(value: Any) -> float | None:
    """A finite number, as a float; None for anything else."""
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _how_numbers(pairs: Pairs) -> Text | None:
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


def _how_arrays(pairs: Pairs) -> Text | None:
    for told, turned in _TURNED:
        if all(any(same(one, want) for one in turned(got)) for got, want in pairs):
            return told
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


_TURNED: Sequence[tuple[Text, Callable[[Any], Iterator[Any]]]] = (
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
    """Whether an array holds the numbers that are wanted, and no others."""
    numbers = [np.sort(array.astype(float), axis=None) for array in (got, want)]
    return got.size > 1 and got.size == want.size and same(*numbers)


def _is_one_factor(pairs: Pairs) -> bool:
    """Whether all arrays are the wanted ones times one factor."""
    got = np.concatenate([pair[0].astype(float).ravel() for pair in pairs])
    want = np.concatenate([pair[1].astype(float).ravel() for pair in pairs])
    size = float(want @ want)
    return bool(size) and bool(np.allclose(got, want * (got @ want / size), atol=1e-6)) and bool(np.any(got))


def _how_items(pairs: Pairs) -> Text | None:
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


def _only(pairs: Pairs) -> Iterator[Text]:
    """Which items are wrong, or which entries of a dict, where the others never are."""
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


def _instead(question: Question, judged: Sequence[CaseResult]) -> Iterator[Text]:
    """What stands in the place of wrong sizes, where that is one parameter or little more."""
    assert question.reference is not None
    signature = inspect.signature(question.reference)
    wrong: dict[Place, list[tuple[int, dict[str, int]]]] = {}
    for one in judged:
        got, want = _entries(one.got), _entries(one.want)
        given = {name: value for name, value in _arguments(signature, one).items() if type(value) is int}
        for place, value in got.items():
            if value != want.get(place):
                wrong.setdefault(place, []).append((value, given))
    for place, pairs in wrong.items():
        if len(pairs) >= ENOUGH and len({value for value, _ in pairs}) > 1:
            made = [name for name, values in _made(pairs) if values == [value for value, _ in pairs]]
            if len(made) == 1:
                yield _stands(place, made[0])


Place = tuple[str, int, int]
"""Of a number in what came back: in what kind of thing, in which item of it (0 where it has none), at which place."""


def _entries(value: Any) -> dict[Place, int]:
    """The whole numbers in a list, in a list of shapes, or in the shape of an array; empty for anything else."""
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


def _made(pairs: Sequence[tuple[int, dict[str, int]]]) -> Iterator[tuple[str, list[int]]]:
    """Each parameter, and what little can be made of it or of two, with its values in all pairs."""
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


def _stands(place: Place, name: str) -> Text:
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


def _arguments(signature: inspect.Signature, one: CaseResult) -> dict[str, Any]:
    """The arguments of a case by name, those that it leaves out with their defaults."""
    bound = signature.bind(*one.case.args, **one.case.kwargs)
    bound.apply_defaults()
    return dict(bound.arguments)


def _where(question: Question, asked: Sequence[CaseResult], wrong: Sequence[CaseResult]) -> Text | None:
    """What the inputs of the wrong values have in common, and the others have not."""
    flags = [any(one is other for other in wrong) for one in asked]
    if all(flags):
        return None
    assert question.reference is not None
    signature = inspect.signature(question.reference)
    seen = [[*_features(signature, one)] for one in asked]
    known = [*dict.fromkeys(itertools.chain(*seen))]
    order = [*signature.parameters]
    settings = sorted((one for one in known if one.is_setting), key=lambda one: order.index(one.name))
    for features in (*((one,) for one in known), *itertools.combinations(settings, 2)):
        # a setting has one value at a time
        either = len(features) > 1 and len({one.name for one in features}) == 1
        joined, ko_word, en_word = (any, "이거나 ", " or ") if either else (all, "이고 ", " and ")
        where = [joined(one in found for one in features) for found in seen]
        ko, en = ko_word.join(one.ko for one in features), en_word.join(one.en for one in features)
        if where == flags:
            return Text(
                ko=f"시험한 입력 가운데 {ko}일 때만 틀립니다.",
                en=f"of the inputs tried, it is wrong only where {en}",
            )
        if [not one for one in where] == flags:
            return Text(
                ko=f"시험한 입력 가운데 {ko}일 때만 맞습니다.",
                en=f"of the inputs tried, it is right only where {en}",
            )
    return None


@dataclass(frozen=True)
class Feature:
    """What is true of the arguments of a case."""

    name: str
    ko: str
    """Before `일 때` or `이고`."""
    en: str
    is_setting: bool = False


def _features(signature: inspect.Signature, one: CaseResult) -> Iterator[Feature]:
    bound = signature.bind(*one.case.args, **one.case.kwargs)
    for name in signature.parameters:
        if name not in bound.arguments:
            yield Feature(name, f"`{name}`을(를) 생략한 경우", f"`{name}` is left out")
    sizes = []
    for name, value in _arguments(signature, one).items():
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

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

from autograder.diagnosis import Asked, same
from autograder.question import Question
from autograder.text import Text

ENOUGH = 3
"""Wrong values before it is said what is true of all of them."""
MAX_AXES = 3


def observed(question: Question, asked: Sequence[Asked], wrong: Sequence[Asked]) -> Iterator[Text]:
    """What is true of all wrong values, and what their inputs have in common.

    wrong: those of `asked` to which a check objects. Nothing is told of a number that a student wrote down, nor of what
    only a check knows.
    """
    judged = [one for one in wrong if one.error is None and one.want is not None]
    if question.is_number or question.needs_tensorflow or len(judged) < len(wrong) or not judged:
        return
    told = _how(
        [(one.got, one.want) for one in judged if not same(one.got, one.want)], counted=bool(question.terms)
    )
    if told is not None:
        yield told
    where = _where(question, asked, wrong)
    if where is not None:
        yield where


Pairs = Sequence[tuple[Any, Any]]
"""What came back, and what is wanted."""


def _how(pairs: Pairs, *, counted: bool) -> Text | None:
    """How wrong values differ from the right ones, where all do in one way. counted: whether a formula is told."""
    if len(pairs) < ENOUGH:
        return None
    if all(_number(value) is not None for pair in pairs for value in pair):
        return None if counted else _how_numbers(pairs)
    if all(isinstance(value, np.ndarray) for pair in pairs for value in pair):
        return _how_arrays(pairs)
    if all(isinstance(value, (list, tuple)) for pair in pairs for value in pair):
        return _how_items(pairs)
    if all(isinstance(value, dict) for pair in pairs for value in pair):
        return _how_keys(pairs)
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
    lengths = {len(want) for _, want in pairs}
    wrong = [
        {place for place in range(len(want)) if not same(got[place], want[place])} for got, want in pairs
    ]
    if len(lengths) == 1 and len(set.union(*wrong)) < min(lengths):
        places = ", ".join(str(place + 1) for place in sorted(set.union(*wrong)))
        return Text(
            ko=f"틀린 것은 {places}번째 항목뿐입니다.",
            en=f"the only wrong items are {places}" if "," in places else f"only item {places} is wrong",
        )
    return None


def _orders(items: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    return itertools.permutations(items) if len(items) <= 4 else iter(())


def _how_keys(pairs: Pairs) -> Text | None:
    if any(got.keys() != want.keys() for got, want in pairs):
        return None
    wrong = {key for got, want in pairs for key in want if not same(got[key], want[key])}
    if len(wrong) == len(pairs[0][1]):
        return None
    keys = ", ".join(f"{key!r}" for key in sorted(wrong, key=repr))
    return Text(ko=f"틀린 것은 키 {keys}의 값뿐입니다.", en=f"only what stands under {keys} is wrong")


def _where(question: Question, asked: Sequence[Asked], wrong: Sequence[Asked]) -> Text | None:
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
        both = [all(one in found for one in features) for found in seen]
        either = [any(one in found for one in features) for found in seen]
        one_name = len({one.name for one in features}) == 1
        for where, ko_and, en_and in ((both, "이고 ", " and "), (either, "이거나 ", " or ")):
            if (where is either) is (one_name and len(features) > 1):
                ko = ko_and.join(one.ko for one in features)
                en = en_and.join(one.en for one in features)
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


def _features(signature: inspect.Signature, one: Asked) -> Iterator[Feature]:
    bound = signature.bind(*one.case.args, **one.case.kwargs)
    for name in signature.parameters:
        if name not in bound.arguments:
            yield Feature(name, f"`{name}`을(를) 생략한 경우", f"`{name}` is left out")
    bound.apply_defaults()
    sizes = []
    for name, value in bound.arguments.items():
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

"""Changes of an argument that a wrong answer may amount to: an array of zeros, a list cut short, settings exchanged.

Each is worded as the condition under which the answer would be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np

from autograder.text import Text

Places = Callable[[int], Sequence[int]]
"""Returns the places to keep of so many, in order."""


class InapplicableError(Exception):
    """A change makes no sense for a value, or leaves it as it is."""


@dataclass(frozen=True)
class Change:
    """A change of one value. ko, en: the condition, with `{}` for the name of the value."""

    ko: str
    en: str
    of: Callable[[Any], Any]
    """Returns the changed value; raises InapplicableError."""

    def condition(self, name: Text) -> Text:
        """Return the condition with the name of the value."""
        return Text(ko=self.ko.format(name.ko), en=self.en.format(name.en))


def changes_of(value: Any) -> Iterator[Change]:
    """Yield the changes that make sense for values like this one."""
    if isinstance(value, np.ndarray) and value.ndim:
        yield from _OF_ARRAYS
        for axis in range(value.ndim):
            yield from _of_an_axis(axis)
    elif isinstance(value, list):
        yield from _OF_LISTS
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from _OF_NUMBERS


def is_setting(value: Any) -> bool:
    """Return whether a value chooses among a few ways, rather than being a size or data."""
    return value is None or isinstance(value, (bool, str))


def setting_changes(name: str, values: Sequence[Any]) -> Iterator[Change]:
    """Yield the changes that read one value of a setting as another."""
    for one, other in permutations(values, 2):

        def read(value: Any, one: Any = one, other: Any = other) -> Any:
            if value != one:
                raise InapplicableError
            return other

        yield Change(
            f"`{name}={one!r}`의 뜻이 `{name}={other!r}`의 뜻과 같다면",
            f"`{name}={one!r}` meant the same as `{name}={other!r}`",
            read,
        )
    if len(values) == 2:
        first, second = values
        yield Change(
            f"`{name}`의 두 값의 뜻이 서로 바뀐다면",
            f"the two values of `{name}` were exchanged",
            lambda value: second if value == first else first,
        )


def pair_changes(
    one: str, other: str
) -> Iterator[tuple[Text, Callable[[Mapping[str, Any]], dict[str, Any]]]]:
    """Yield the changes of two arguments of the same kind: the condition, and the changed arguments."""
    yield (
        Text(ko=f"`{one}`의 값과 `{other}`의 값이 서로 바뀐다면", en=f"`{one}` and `{other}` were exchanged"),
        lambda given: {**given, one: given[other], other: given[one]},
    )
    yield (
        Text(ko=f"`{one}`의 값이 `{other}`의 값과 같다면", en=f"`{one}` were the same as `{other}`"),
        lambda given: {**given, one: given[other]},
    )
    yield (
        Text(ko=f"`{other}`의 값이 `{one}`의 값과 같다면", en=f"`{other}` were the same as `{one}`"),
        lambda given: {**given, other: given[one]},
    )


def are_alike(one: Any, other: Any) -> bool:
    """Return whether a student may take one value for the other: arrays of one shape, sizes, or lists."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return bool(one.shape == other.shape)
    return type(one) is type(other) and isinstance(one, (int, list, tuple)) and not isinstance(one, bool)


def _transposed(array: Any) -> Any:
    if array.ndim != 2 or 1 in array.shape:
        raise InapplicableError
    return array.T


_OF_ARRAYS = (
    Change("{}의 값이 모두 0이라면", "{} held only zeros", np.zeros_like),
    Change("{}의 값이 모두 1이라면", "{} held only ones", np.ones_like),
    Change("{}의 부호가 반대라면", "{} had the opposite sign", np.negative),
    Change("{}의 값이 두 배라면", "{} were twice as large", lambda array: 2 * array),
    Change("{}의 값이 절반이라면", "{} were half as large", lambda array: array / 2),
    Change("{}의 두 축이 서로 바뀐다면", "the two axes of {} were exchanged", _transposed),
    Change("{}의 값이 모두 첫 값과 같다면", "{} held its first number only", lambda array: 0 * array + array.flat[0]),
    Change("{}의 값이 모두 평균과 같다면", "{} held the mean of its numbers only",
           lambda array: 0 * array + array.mean()),
    Change("{}의 값을 절댓값으로 바꾼다면", "{} held absolute values", np.abs),
    Change("{}의 값에 tanh를 씌운다면", "{} went through tanh first", np.tanh),
    Change("{}의 값을 소수점 아래 한 자리로 반올림한다면", "{} were rounded to one digit",
           lambda array: np.round(array, 1)),
)  # fmt: skip


def _of_an_axis(axis: int) -> Iterator[Change]:
    ko, en = f"{{}}의 {axis}번 축", f"axis {axis} of {{}}"

    def taken(places: Places, array: Any) -> Any:
        size = array.shape[axis]
        wanted = [*places(size)]
        if wanted == [*range(size)]:
            raise InapplicableError
        return array.take(wanted, axis)

    parts: Sequence[tuple[str, str, Places]] = (
        (f"{ko}이 거꾸로라면", f"{en} ran backwards", lambda size: range(size)[::-1]),
        (f"{ko}에 첫 자리가 없다면", f"{en} lacked its first place", lambda size: range(size)[1:]),
        (f"{ko}에 마지막 자리가 없다면", f"{en} lacked its last place", lambda size: range(size)[:-1]),
        (f"{ko}에 첫 자리만 있다면", f"{en} held its first place only", lambda size: range(size)[:1]),
        (f"{ko}에 마지막 자리만 있다면", f"{en} held its last place only", lambda size: range(size)[-1:]),
        (f"{ko}에 첫 두 자리만 있다면", f"{en} held its first two places only", lambda size: range(size)[:2]),
        (f"{ko}에 마지막 두 자리만 있다면", f"{en} held its last two places only", lambda size: range(size)[-2:]),
        (f"{ko}에 앞쪽 절반만 있다면", f"{en} held its first half only", lambda size: range(size)[: size // 2]),
        (f"{ko}에 뒤쪽 절반만 있다면", f"{en} held its second half only", lambda size: range(size)[size // 2 :]),
        (f"{ko}에 한 자리씩 건너뛰어 있다면", f"{en} held every second place only", lambda size: range(size)[::2]),
        (f"{ko}에 둘째 자리부터 한 자리씩 건너뛰어 있다면", f"{en} held every second place only, from the second on",
         lambda size: range(size)[1::2]),
        (f"{ko}의 모든 자리가 첫 자리와 같다면", f"every place along {en} were like the first",
         lambda size: [0] * size),
        (f"{ko}의 모든 자리가 마지막 자리와 같다면", f"every place along {en} were like the last",
         lambda size: [size - 1] * size),
        (f"{ko}이 한 자리 뒤로 밀린다면", f"{en} were shifted by one place, the last one going first",
         lambda size: [size - 1, *range(size - 1)]),
        (f"{ko}이 한 자리 앞으로 밀린다면", f"{en} were shifted back by one place, the first one going last",
         lambda size: [*range(1, size), 0]),
    )  # fmt: skip
    for ko_words, en_words, places in parts:
        yield Change(ko_words, en_words, partial(taken, places))

    def first_zero(array: Any) -> Any:
        changed = array.copy()
        changed[(slice(None),) * axis + (0,)] = 0
        return changed

    yield Change(f"{ko}의 첫 자리가 0이라면", f"the first place along {en} held zeros", first_zero)


def _lowered(items: list[Any]) -> list[Any]:
    if not all(isinstance(item, str) for item in items):
        raise InapplicableError
    return [item.lower() for item in items]


_OF_LISTS = (
    Change("{}의 순서가 거꾸로라면", "{} ran backwards", lambda items: items[::-1]),
    Change("{}의 순서가 크기순이나 가나다순이라면", "{} were sorted", sorted),
    Change("{}에 첫 항목이 없다면", "{} lacked its first item", lambda items: items[1:]),
    Change("{}에 마지막 항목이 없다면", "{} lacked its last item", lambda items: items[:-1]),
    Change("{}에 첫 항목만 있다면", "{} held its first item only", lambda items: items[:1]),
    Change("{}에 마지막 항목만 있다면", "{} held its last item only", lambda items: items[-1:]),
    Change("{}에 한 항목씩 건너뛰어 있다면", "{} held every second item only", lambda items: items[::2]),
    Change("{}의 항목이 모두 첫 항목과 같다면", "all items of {} were like the first",
           lambda items: items[:1] * len(items)),
    Change("{}의 항목이 모두 마지막 항목과 같다면", "all items of {} were like the last",
           lambda items: items[-1:] * len(items)),
    Change("{}이(가) 한 자리 밀린다면", "{} were shifted by one place", lambda items: items[-1:] + items[:-1]),
    Change("{}이(가) 한 자리 당겨진다면", "{} were shifted back by one place", lambda items: items[1:] + items[:1]),
    Change("{}에 같은 항목이 한 번씩만 있다면", "{} held no item twice", lambda items: [*dict.fromkeys(items)]),
    Change("{}의 대문자가 소문자라면", "{} were in lower case", _lowered),
)  # fmt: skip
_OF_NUMBERS = (
    Change("{}의 값이 1만큼 크다면", "{} were larger by 1", lambda number: number + 1),
    Change("{}의 값이 1만큼 작다면", "{} were smaller by 1", lambda number: number - 1),
    Change("{}의 값이 두 배라면", "{} were twice as large", lambda number: 2 * number),
    Change("{}의 값이 언제나 1이라면", "{} were always 1", lambda number: 1),
)

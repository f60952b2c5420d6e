"""Changes of an argument that a wrong answer may amount to: an array of zeros, a list cut short, settings exchanged.

Each is worded as the condition under which the answer would be right.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np

from autograder.diagnosis.comparison import same
from autograder.i18n import _
from autograder.text import Text

Indices = Callable[[int], Sequence[int]]
"""Returns the indices to keep of so many, in order."""


class InapplicableError(Exception):
    """A change makes no sense for a value, or leaves it as it is."""


@dataclass(frozen=True)
class Change:
    """A change of one value."""

    condition: Text
    """The condition, with `{value}` for the name of the value."""
    of: Callable[[Any], Any]
    """Returns the changed value; raises InapplicableError."""


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


def treats_alike(answer: Callable[..., Any], *inputs: dict[str, Any]) -> bool:
    """Return whether an answer gives the same for two sets of arguments; False if it raises for one of them."""
    try:
        first, second = (answer(**copy.deepcopy(arguments)) for arguments in inputs)
    except Exception:  # an array may fit one value of a setting only
        return False
    return same(first, second)


def setting_changes(name: str, values: Sequence[Any]) -> Iterator[Change]:
    """Yield the changes that read one value of a setting as another."""
    for written, meant in permutations(values, 2):

        def read(value: Any, written: Any = written, meant: Any = meant) -> Any:
            if value != written:
                raise InapplicableError
            return meant

        yield Change(
            _(
                "`{name}={one}` meant the same as `{name}={other}`",
                name=name,
                one=repr(written),
                other=repr(meant),
            ),
            read,
        )
    if len(values) == 2:
        first, second = values
        yield Change(
            _("the two values of `{name}` were exchanged", name=name),
            lambda value: second if value == first else first,
        )


def pair_changes(
    first: str, second: str
) -> Iterator[tuple[Text, Callable[[Mapping[str, Any]], dict[str, Any]]]]:
    """Yield the changes of two arguments of the same kind: the condition, and the changed arguments."""
    yield (
        _("`{one}` were the same as `{other}`", one=first, other=second),
        lambda arguments: {**arguments, first: arguments[second]},
    )
    yield (
        _("`{other}` were the same as `{one}`", other=second, one=first),
        lambda arguments: {**arguments, second: arguments[first]},
    )
    yield (
        _("`{one}` and `{other}` were exchanged", one=first, other=second),
        lambda arguments: {**arguments, first: arguments[second], second: arguments[first]},
    )


def are_alike(first: Any, second: Any) -> bool:
    """Return whether a student may take one value for the other: arrays of one shape, sizes, flags, or lists."""
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return bool(first.shape == second.shape)
    return type(first) is type(second) and isinstance(first, (int, list, tuple))


def _transposed(array: Any) -> Any:
    if array.ndim != 2 or 1 in array.shape:
        raise InapplicableError
    return array.T


_OF_ARRAYS = (
    Change(_("{value} held only zeros"), np.zeros_like),
    Change(_("{value} held only ones"), np.ones_like),
    Change(_("{value} had the opposite sign"), np.negative),
    Change(_("{value} were twice as large"), lambda array: 2 * array),
    Change(_("{value} were half as large"), lambda array: array / 2),
    Change(_("the two axes of {value} were exchanged"), _transposed),
    Change(_("{value} held its first number only"), lambda array: 0 * array + array.flat[0]),
    Change(_("{value} held the mean of its numbers only"),
           lambda array: 0 * array + array.mean()),
    Change(_("{value} held absolute values"), np.abs),
    Change(_("{value} went through tanh first"), np.tanh),
    Change(_("{value} were rounded to one digit"),
           lambda array: np.round(array, 1)),
)  # fmt: skip


def _of_an_axis(axis: int) -> Iterator[Change]:
    def taken(indices: Indices, array: Any) -> Any:
        size = array.shape[axis]
        wanted = [*indices(size)]
        if wanted == [*range(size)]:
            raise InapplicableError
        return array.take(wanted, axis)

    parts: Sequence[tuple[Text, Indices]] = (
        (_("axis {axis} of {value} ran backwards", axis=axis), lambda size: range(size)[::-1]),
        (_("axis {axis} of {value} lacked its first place", axis=axis), lambda size: range(size)[1:]),
        (_("axis {axis} of {value} lacked its last place", axis=axis), lambda size: range(size)[:-1]),
        (_("axis {axis} of {value} held its first place only", axis=axis), lambda size: range(size)[:1]),
        (_("axis {axis} of {value} held its last place only", axis=axis), lambda size: range(size)[-1:]),
        (_("axis {axis} of {value} held its first two places only", axis=axis), lambda size: range(size)[:2]),
        (_("axis {axis} of {value} held its last two places only", axis=axis), lambda size: range(size)[-2:]),
        (_("axis {axis} of {value} held its first half only", axis=axis), lambda size: range(size)[: size // 2]),
        (_("axis {axis} of {value} held its second half only", axis=axis), lambda size: range(size)[size // 2 :]),
        (_("axis {axis} of {value} held every second place only", axis=axis), lambda size: range(size)[::2]),
        (_("axis {axis} of {value} held every second place only, from the second on", axis=axis),
         lambda size: range(size)[1::2]),
        (_("every place along axis {axis} of {value} were like the first", axis=axis),
         lambda size: [0] * size),
        (_("every place along axis {axis} of {value} were like the last", axis=axis),
         lambda size: [size - 1] * size),
        (_("axis {axis} of {value} were shifted by one place, the last one going first", axis=axis),
         lambda size: [size - 1, *range(size - 1)]),
        (_("axis {axis} of {value} were shifted back by one place, the first one going last", axis=axis),
         lambda size: [*range(1, size), 0]),
    )  # fmt: skip
    for condition, indices in parts:
        yield Change(condition, partial(taken, indices))

    def first_zero(array: Any) -> Any:
        changed = array.copy()
        changed[(slice(None),) * axis + (0,)] = 0
        return changed

    yield Change(_("the first place along axis {axis} of {value} held zeros", axis=axis), first_zero)


def _lowered(items: list[Any]) -> list[Any]:
    if not all(isinstance(item, str) for item in items):
        raise InapplicableError
    return [item.lower() for item in items]


_OF_LISTS = (
    Change(_("{value} ran backwards"), lambda items: items[::-1]),
    Change(_("{value} were sorted"), sorted),
    Change(_("{value} lacked its first item"), lambda items: items[1:]),
    Change(_("{value} lacked its last item"), lambda items: items[:-1]),
    Change(_("{value} held its first item only"), lambda items: items[:1]),
    Change(_("{value} held its last item only"), lambda items: items[-1:]),
    Change(_("{value} held every second item only"), lambda items: items[::2]),
    Change(_("all items of {value} were like the first"),
           lambda items: items[:1] * len(items)),
    Change(_("all items of {value} were like the last"),
           lambda items: items[-1:] * len(items)),
    Change(_("{value} were shifted by one place"), lambda items: items[-1:] + items[:-1]),
    Change(_("{value} were shifted back by one place"), lambda items: items[1:] + items[:1]),
    Change(_("{value} held no item twice"), lambda items: [*dict.fromkeys(items)]),
    Change(_("{value} were in lower case"), _lowered),
)  # fmt: skip
_OF_NUMBERS = (
    Change(_("{value} were larger by 1"), lambda number: number + 1),
    Change(_("{value} were smaller by 1"), lambda number: number - 1),
    Change(_("{value} were twice as large"), lambda number: 2 * number),
    Change(_("{value} were always 1"), lambda number: 1),
)

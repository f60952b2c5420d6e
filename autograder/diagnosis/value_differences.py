"""Descriptions of how all wrong values of an answer differ from the right ones in the same way.

Derived from the values alone, and worded without a right value.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import ENOUGH
from autograder.diagnosis.comparison import same
from autograder.diagnosis.value_changes import changed_values
from autograder.i18n import _, ngettext, pgettext
from autograder.text import Text, joined

MAX_AXES = 3

Pairs = Sequence[tuple[Any, Any]]
"""Returned and expected values."""

ROUNDED = _(
    "the values are near the right ones, but digits were lost: they are rounded, or "
    "kept in a type with few, such as float16"
)

TRUNCATED = _(
    "the values are the right ones without their decimals: are they written into an array of whole numbers?"
)

UNCHANGING = _("the same comes back whatever the input is: is it made from the arguments of the function?")


def common_difference(pairs: Pairs, *, counted: bool = False) -> Text | None:
    """Describe how all wrong values differ in the same way; None for too few values.

    counted: whether a formula is reported for numbers.
    """
    if len(pairs) < ENOUGH:
        return None
    if all(_number(value) is not None for pair in pairs for value in pair):
        return None if counted else _numbers_difference(pairs)
    if all(isinstance(value, np.ndarray) for pair in pairs for value in pair):
        return _arrays_difference(pairs) or _unchanging(pairs)
    if all(isinstance(value, (list, tuple)) for pair in pairs for value in pair):
        return _items_difference(pairs) or _unchanging(pairs)
    return None


def _unchanging(pairs: Pairs) -> Text | None:
    got, want = pairs[0]
    if all(same(value, got) for value, _ in pairs) and not all(same(value, want) for _, value in pairs):
        return UNCHANGING
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
    unchanging = _agree([got for got, _ in numbers])
    if not unchanging and all(want for _, want in numbers) and _agree([got / want for got, want in numbers]):
        return _("every wrong value is the right one times the same factor")
    if _agree([got - want for got, want in numbers]):
        return _off_by_one_amount(numbers[0][0] - numbers[0][1])
    if unchanging:
        return _("every wrong value is the same")
    return None


def _off_by_one_amount(amount: float) -> Text:
    text = f"{abs(amount):.6g}"
    if amount > 0:
        return _("every wrong value is {amount} too large", amount=text)
    return _("every wrong value is {amount} too small", amount=text)


def _agree(values: Sequence[float]) -> bool:
    return all(math.isclose(value, values[0], rel_tol=1e-9, abs_tol=1e-12) for value in values)


def _arrays_difference(pairs: Pairs) -> Text | None:
    for text, turned in _TURNED:
        if all(any(same(array, want) for array in turned(got)) for got, want in pairs):
            return text
    if all(_are_permuted(got, want) for got, want in pairs):
        return _("all the right values are there, but at other places")
    if any(got.shape != want.shape for got, want in pairs):
        return _empty(pairs) or _cut(pairs)
    if _is_one_factor(pairs):
        return _("every value is the right one times the same factor")
    if all((got == np.trunc(want)).all() for got, want in pairs) and any(got.any() for got, _ in pairs):
        return TRUNCATED
    if all(got.size > 1 and (got == got.flat[0]).all() for got, _ in pairs):
        return _("all the numbers in the array are the same")
    if all(_is_rounded(got.astype(float), want.astype(float)) for got, want in pairs):
        return ROUNDED
    return changed_values(pairs)


def _empty(pairs: Pairs) -> Text | None:
    """Say along which axis all arrays are empty; None if they are not, or if they should be."""
    for axis in range(min(pair[0].ndim for pair in pairs)):
        if all(got.shape[axis] == 0 < want.size for got, want in pairs):
            return _(
                "the array is empty, since axis {axis} has the length 0: where does a slice begin, and where does "
                "it end?",
                axis=axis,
            )
    return None


def _cut(pairs: Pairs) -> Text | None:
    """Describe along which axis all arrays lack something at an end, or have too much there; None if not so."""
    if len({array.ndim for pair in pairs for array in pair}) > 1 or not all(want.size for _, want in pairs):
        return None
    for axis in range(pairs[0][0].ndim):
        for text, is_so in _ENDS:
            if any(got.size for got, _ in pairs) and all(is_so(*pair, axis) for pair in pairs):
                return text.format(axis=axis)
    return None


def _is_part_of(part: Any, whole: Any, axis: int, *, end: bool) -> bool:
    """Return whether an array is the beginning, or the end, of a longer one along an axis."""
    size = part.shape[axis]
    indices = range(whole.shape[axis])
    return size < len(indices) and same(
        part, whole.take(indices[len(indices) - size :] if end else indices[:size], axis)
    )


_ENDS: Sequence[tuple[Text, Callable[[Any, Any, int], bool]]] = (
    (
        _("along axis {axis} the array ends too early; what it holds is right"),
        lambda got, want, axis: _is_part_of(got, want, axis, end=False),
    ),
    (
        _("along axis {axis} the array begins too late; what it holds is right"),
        lambda got, want, axis: _is_part_of(got, want, axis, end=True),
    ),
    (
        _("along axis {axis} the array goes on too far; up to there it is right"),
        lambda got, want, axis: _is_part_of(want, got, axis, end=False),
    ),
    (
        _("along axis {axis} the array begins too early; after that it is right"),
        lambda got, want, axis: _is_part_of(want, got, axis, end=True),
    ),
)


def places_difference(pairs: Pairs) -> Text | None:
    """Describe along which axis all arrays repeat a value, or which end or half of it is wrong; None if not so."""
    arrays = all(isinstance(value, np.ndarray) for pair in pairs for value in pair)
    if len(pairs) < ENOUGH or not arrays or any(got.shape != want.shape for got, want in pairs):
        return None
    axes = range(min(got.ndim for got, _ in pairs))
    return next(
        (where for axis in axes for where in (_repeated(pairs, axis), _part(pairs, axis)) if where), None
    )


def _axes_swapped(got: Any) -> Iterator[Any]:
    if 2 <= got.ndim <= MAX_AXES:
        yield from (got.transpose(axes) for axes in itertools.permutations(range(got.ndim)))


_TURNED: Sequence[tuple[Text, Callable[[Any], Iterator[Any]]]] = (
    (_("the values are right, but the axes are in another order"), _axes_swapped),
    (
        _("the values are right, but one axis runs backwards"),
        lambda got: (np.flip(got, axis) for axis in range(got.ndim)),
    ),
    (
        _("the values are right, but shifted by one along an axis"),
        lambda got: (np.roll(got, step, axis) for axis in range(got.ndim) for step in (1, -1)),
    ),
)


def _are_permuted(got: Any, want: Any) -> bool:
    """Return whether an array holds exactly the expected numbers in any order. False if few of them are distinct."""
    numbers = [np.sort(array.astype(float), axis=None) for array in (got, want)]
    return 2 * np.unique(want).size > want.size > 1 and got.size == want.size and same(*numbers)


def _is_one_factor(pairs: Pairs) -> bool:
    """Return whether all arrays are the expected ones times one common factor."""
    got = np.concatenate([pair[0].astype(float).ravel() for pair in pairs])
    want = np.concatenate([pair[1].astype(float).ravel() for pair in pairs])
    size = float(want @ want)
    return bool(size) and bool(np.allclose(got, want * (got @ want / size), atol=1e-6)) and bool(np.any(got))


def _is_rounded(got: Any, want: Any) -> bool:
    """Return whether an array holds the expected numbers with fewer digits."""
    with np.errstate(over="ignore"):
        shorter = (*(np.round(want, digits) for digits in range(1, 6)), want.astype(np.float16))
    return any(np.allclose(got, array, rtol=1e-6, atol=1e-7) for array in shorter)


def _repeated(pairs: Pairs, axis: int) -> Text | None:
    """Describe an axis along which every entry is the same although the expected values differ."""
    long = [(got, want) for got, want in pairs if got.shape[axis] > 1]
    if len(long) < ENOUGH or not all(
        _is_constant(got, axis) > _is_constant(want, axis) for got, want in long
    ):
        return None
    return _("along axis {axis} of the array every place holds the same; the places should differ", axis=axis)


def _is_constant(array: Any, axis: int) -> bool:
    return bool(np.allclose(array, array.take([0], axis)))


PARTS: Sequence[tuple[Text, Callable[[int], set[int]]]] = (
    (_("the first place is wrong"), lambda size: {0}),
    (_("the last place is wrong"), lambda size: {size - 1}),
    (_("the first place is right"), lambda size: {*range(1, size)}),
    (_("the last place is right"), lambda size: {*range(size - 1)}),
    (_("the first half is wrong"), lambda size: {*range(size // 2)}),
    (_("the second half is wrong"), lambda size: {*range(size // 2, size)}),
)
"""What may be wrong in a sequence: along the axis of an array, or in a list."""


def _part(pairs: Pairs, axis: int) -> Text | None:
    """Describe which indices along an axis are wrong, if they are one end or one half."""
    wrong_by_case = []
    for got, want in pairs:
        if (size := want.shape[axis]) > 1:
            others = tuple(other for other in range(want.ndim) if other != axis)
            wrong = ~np.isclose(got.astype(float), want.astype(float), atol=1e-6).all(axis=others)
            wrong_by_case.append((size, {*np.flatnonzero(wrong).tolist()}))
    where = _end_or_half(wrong_by_case)
    return where and _("along axis {axis} of the array only {where}", axis=axis, where=where)


def _end_or_half(wrong_by_case: Sequence[tuple[int, set[int]]]) -> Text | None:
    """Describe the wrong positions of sequences, given the length and the wrong indices of each."""
    if len(wrong_by_case) < ENOUGH:
        return None
    return next(
        (where for where, indices in PARTS if all(wrong == indices(size) for size, wrong in wrong_by_case)),
        None,
    )


def _is_shorter(part: list[Any], whole: list[Any], *, end: bool) -> bool:
    """Return whether a list is the beginning, or the end, of a longer one."""
    size = len(part)
    return 0 < size < len(whole) and same(part, whole[-size:] if end else whole[:size])


_LIST_ENDS: Sequence[tuple[Text, Callable[[list[Any], list[Any]], bool]]] = (
    (
        _("the list ends too early; what it holds is right"),
        lambda got, want: _is_shorter(got, want, end=False),
    ),
    (
        _("the list begins too late: its first item is missing, and the rest is right"),
        lambda got, want: len(want) - len(got) == 1 and _is_shorter(got, want, end=True),
    ),
    (
        _("the list begins too late; what it holds is right"),
        lambda got, want: _is_shorter(got, want, end=True),
    ),
    (
        _("the list goes on too far; up to there it is right"),
        lambda got, want: _is_shorter(want, got, end=False),
    ),
    (
        _("the list begins too early; after that it is right"),
        lambda got, want: _is_shorter(want, got, end=True),
    ),
)


def _items_difference(pairs: Pairs) -> Text | None:
    if any(len(got) != len(want) for got, want in pairs):
        return next(
            (text for text, is_so in _LIST_ENDS if all(is_so([*got], [*want]) for got, want in pairs)), None
        )
    if all(same(list(got)[::-1], list(want)) for got, want in pairs):
        return _("the items are right, but in reverse order")
    if all(_are_reordered(got, want) for got, want in pairs):
        return _("the items are right, but in another order")
    texts = [both for pair in pairs for both in zip(*pair, strict=True)]
    if all(isinstance(text, str) for both in texts for text in both):
        return next((text for text, made in _OF_STRINGS if all(made(*both) for both in texts)), None)
    return None


def _are_reordered(got: Sequence[Any], want: Sequence[Any]) -> bool:
    """Return whether a list holds exactly the expected items in any order. Of long lists only numbers are compared."""
    if len(got) <= 4:
        return any(same(list(order), list(want)) for order in itertools.permutations(got))
    numbers = [
        sorted(number for item in items if (number := _number(item)) is not None) for items in (got, want)
    ]
    return len(numbers[0]) == len(got) and same(*numbers)


_OF_STRINGS: Sequence[tuple[Text, Callable[[str, str], bool]]] = (
    (_("the strings are cut off at the end"), lambda got, want: want.startswith(got)),
    (_("the strings end right, but their beginnings are missing"), lambda got, want: want.endswith(got)),
    (_("the letters of the strings are in reverse order"), lambda got, want: got == want[::-1]),
    (_("the letters of the strings were sorted"), lambda got, want: [*got] == sorted(want)),
    (
        _("each string holds no letter twice: letters that come again are missing"),
        lambda got, want: got == "".join(dict.fromkeys(want)),
    ),
    (
        _("letters equal to the one before them are missing in the strings"),
        lambda got, want: got == "".join(letter for letter, _ in itertools.groupby(want)),
    ),
    (_("the strings hold every second letter only"), lambda got, want: got in (want[::2], want[1::2])),
    (_("upper and lower case differ in the strings"), lambda got, want: got.casefold() == want.casefold()),
    (
        _("the letters of the strings are right, but others, or spaces, stand between them"),
        lambda got, want: (
            len(got) > len(want) and "".join(letter for letter in got if letter.isalnum()) == want
        ),
    ),
    (
        _("the letters of the strings are right, but in another order"),
        lambda got, want: sorted(got) == sorted(want),
    ),
)
"""What all strings may have in common; the first that fits is told."""


def wrong_parts(pairs: Pairs) -> Iterator[Text]:
    """Yield which items of a list or entries of a dict are wrong if the others never are, and how they differ."""
    if len(pairs) < ENOUGH:
        return
    kinds = {type(value) for pair in pairs for value in pair}
    if kinds == {dict}:
        if any(got.keys() != want.keys() for got, want in pairs):
            return
        keys = sorted(pairs[0][1], key=repr)
    elif kinds <= {list, tuple} and len({len(value) for pair in pairs for value in pair}) == 1:
        keys = [*range(len(pairs[0][1]))]
    else:
        if kinds <= {list, tuple} and all(len(got) == len(want) > 1 for got, want in pairs):
            wrong_by_case = [
                (len(want), {index for index in range(len(want)) if not same(got[index], want[index])})
                for got, want in pairs
            ]
            if where := _end_or_half(wrong_by_case):
                yield _("in the list only {where}", where=where)
        return
    columns = {key: [(got[key], want[key]) for got, want in pairs] for key in keys}
    wrong = [key for key, column in columns.items() if not all(same(*pair) for pair in column)]
    if len(wrong) == 1:
        for key in keys:
            if key != wrong[0] and all(same(got[wrong[0]], want[key]) for got, want in pairs):
                yield _only_another(wrong[0], key, pairs)
                return
    if len(wrong) < len(keys):
        yield _only(wrong, pairs)
    differing = [[pair for pair in columns[key] if not same(*pair)] for key in wrong]
    ways = {common_difference(column) or places_difference(column) for column in differing}
    if len(ways) > 1:  # what all have in common may show in some of them only
        ways = {common_difference([pair for column in differing for pair in column])}
    if len(ways) == 1:
        yield from filter(None, ways)


def _only(wrong: Sequence[Any], pairs: Pairs) -> Text:
    """Say which parts of a list or a dict are wrong."""
    if isinstance(pairs[0][1], dict):
        keys = ", ".join(map(repr, wrong))
        return ngettext(
            "only the value of the key {keys} is wrong",
            "only the values of the keys {keys} are wrong",
            len(wrong),
            keys=keys,
        )
    noun = _noun(pairs[0][1], len(wrong))
    return ngettext(
        "only the {places} {noun} is wrong",
        "only the {places} {noun} are wrong",
        len(wrong),
        places=ordinals(wrong),
        noun=noun,
    )


def _only_another(wrong: Any, other: Any, pairs: Pairs) -> Text:
    """Say which part alone is wrong, and which other part it is."""
    if isinstance(pairs[0][1], dict):
        return _(
            "only the value of the key {key} is wrong: it is that of the key {other}",
            key=repr(wrong),
            other=repr(other),
        )
    return _(
        "only the {place} {noun} is wrong: it is the {other} one",
        place=ordinals([wrong]),
        noun=_noun(pairs[0][1], 1),
        other=ordinals([other]),
    )


def _noun(items: Sequence[Any], number: int) -> Text:
    """Return what the items of a list are called."""
    if all(isinstance(item, np.ndarray) for item in items):
        return ngettext("array", "arrays", number)
    if all(_number(item) is not None for item in items):
        return ngettext("number", "numbers", number)
    if all(isinstance(item, tuple) and all(type(size) is int for size in item) for item in items):
        return ngettext("shape", "shapes", number)
    return ngettext("item", "items", number)


_ORDINALS = (
    pgettext("place", "first"),
    pgettext("place", "second"),
    pgettext("place", "third"),
    pgettext("place", "fourth"),
    pgettext("place", "fifth"),
    pgettext("place", "sixth"),
)


def ordinals(indices: Sequence[int]) -> Text:
    """Return which ones places that count from 0 are, such as `first, second and fourth`."""
    words = [
        _ORDINALS[index] if index < len(_ORDINALS) else pgettext("place", "{number}th", number=index + 1)
        for index in indices
    ]
    if len(words) == 1:
        return words[0]
    return pgettext("place", "{first} and {last}", first=joined(", ", words[:-1]), last=words[-1])

"""Observations on a wrong answer that matches no misconception on every input: how its values differ, and where.

Derived from the values alone, and worded without a right value. Inputs are described in the question's own terms:
parameters, settings, and the size 1.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading.changed_inputs import changed_calculation, changed_input
from autograder.grading.changes import is_setting
from autograder.grading.diagnosis import (
    ENOUGH,
    CaseResult,
    NamedMisconception,
    arguments_of,
    left_out,
    same,
    shows,
)
from autograder.grading.differences import ROUNDED, common_difference, places_difference, wrong_parts
from autograder.i18n import _, ngettext
from autograder.questions.question import Misconception, Question
from autograder.text import Text, joined, sentence

MAX_TOLD = 3
"""Number of wrong sizes whose replacement is reported."""


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
    return [
        NamedMisconception(
            known.name, joined(" ", [where.map(sentence), known.text]), section=known.section, in_part=True
        )
        for known in agreeing[most]
        if not _is_too_general(question, known, results, wrong)
    ]


def _is_too_general(
    question: Question, known: Misconception, results: Sequence[CaseResult], wrong: Sequence[CaseResult]
) -> bool:
    """Return whether the answer depends on a setting that a misconception ignores, which "whatever the mode" denies.

    It does if it is wrong for one value and right for another that the reference treats alike, or if it is right for
    two values that the reference does not treat alike.
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
                if _treats_alike(known.answer, values, changed) and (
                    kinds[values[name]] == {False} and kinds[value] == {True}
                    if _treats_alike(question.reference, values, changed)
                    else kinds[value] == {False}
                ):
                    return True
    return False


def _treats_alike(answer: Callable[..., Any], *given: dict[str, Any]) -> bool:
    try:
        one, other = (answer(**copy.deepcopy(arguments)) for arguments in given)
    except Exception:  # an array may fit one value of a setting only
        return False
    return same(one, other)


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
        None if question.terms else _off_by(question, judged)
    )
    if difference is None and (condition := changed_input(question, results)) is not None:
        yield condition
        return
    difference = difference or places_difference(pairs)
    if difference is not None:
        yield difference
    else:
        yield from [*itertools.islice(_replacements(question, judged, results), MAX_TOLD)] or wrong_parts(
            pairs
        )
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
    if where is not None:
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
    columns = _columns([_all_sizes(question, one) for one in results])
    for pattern, text in _MISFITS:
        found = [(place, pattern.search(message)) for place, message in failed]
        met = [(place, _met(match["left"], match["right"])) for place, match in found if match is not None]
        if len(met) == len(failed):
            names = [
                _name_of(columns, [(pair[side], place) for place, pair in met if pair is not None])
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


def _off_by(question: Question, judged: Sequence[CaseResult]) -> Text | None:
    """Describe by how much numbers are too large or too small, if it is a parameter or a simple expression."""
    if len(judged) < ENOUGH or any(type(value) is not int for one in judged for value in (one.got, one.want)):
        return None
    columns = _columns([_sizes(question, one) for one in judged])
    candidates = [*columns.items(), *_scaled(columns, (1, 2)), *_combined(columns)]
    for sign in (1, -1):
        off = [sign * (one.got - one.want) for one in judged]
        made = [name for name, values in candidates if values == off]
        if len(made) == 1:
            size = made[0]
            if sign > 0:
                return _("every wrong value is too large by `{size}`", size=size)
            return _("every wrong value is too small by `{size}`", size=size)
    return None


def _replacements(
    question: Question, judged: Sequence[CaseResult], results: Sequence[CaseResult]
) -> Iterator[Text]:
    """Yield what replaces wrong sizes, if it is a parameter or a simple expression of one or two."""
    columns = _columns([_all_sizes(question, one) for one in results])
    wrong: dict[Place, list[tuple[int, int]]] = {}
    for one in judged:
        got, want = _entries(one.got), _entries(one.want)
        case = next(place for place, other in enumerate(results) if other is one)
        for place, value in got.items():
            if place in want and value != want[place]:
                wrong.setdefault(place, []).append((value, case))
    named: dict[tuple[str, int, int, str], list[int]] = {}
    for place, pairs in wrong.items():
        name = _name_of(columns, pairs, factors=(1, 2) if place[0] == "number" else (1, 2, 3, 4))
        if name is not None:
            kind, outer, inner = place
            together = 0 if kind == "axis of an item" else outer
            named.setdefault((kind, together, inner, name), []).append(outer)
    for (kind, _together, inner, name), items in named.items():
        yield _replacement_text((kind, items[0], inner), name, items)


def _name_of(
    columns: Columns, pairs: Sequence[tuple[int, int]], *, factors: Sequence[int] = (1, 2, 3, 4)
) -> str | None:
    """Return the simplest expression of the sizes that gives all these values, each with the index of its case.

    None for too few values, if all are equal, or if two expressions that are equally simple differ elsewhere.
    """
    if len(pairs) < ENOUGH or len({value for value, _ in pairs}) == 1:
        return None
    by_values: dict[tuple[int, ...], str] = {}
    # a parameter before an axis of the same length
    for name in sorted(columns, key=lambda name: "." in name):
        by_values.setdefault(tuple(columns[name]), name)
    distinct = {name: [*values] for values, name in by_values.items()}
    for candidates in (distinct.items(), _scaled(distinct, factors), _combined(distinct)):
        made = {
            tuple(values): name
            for name, values in reversed([*candidates])
            if all(values[case] == value for value, case in pairs)
        }
        if made:
            return next(iter(made.values())) if len(made) == 1 else None
    return None


Columns = dict[str, list[int]]
"""The values of each size of the inputs, by name: one for each case."""

Place = tuple[str, int, int]
"""Position of a number in a returned value: kind of container, outer index (0 if there is none), inner index."""


def _entries(value: Any) -> dict[Place, int]:
    """Return the integers in a list, in a list of shapes or in the shape of an array; empty for anything else."""
    if isinstance(value, np.ndarray):
        return {("axis", 0, place): size for place, size in enumerate(value.shape)}
    if not isinstance(value, (list, tuple)):
        return {}
    if all(isinstance(item, np.ndarray) for item in value):
        return {
            ("axis of an item", outer, place): size
            for outer, item in enumerate(value)
            for place, size in enumerate(item.shape)
        }
    if all(type(item) is int for item in value):
        return {("number", 0, place): item for place, item in enumerate(value)}
    inner = [
        (outer, item)
        for outer, shape in enumerate(value)
        if isinstance(shape, (list, tuple))
        for item in enumerate(shape)
    ]
    return {("size", outer, place): size for outer, (place, size) in inner if type(size) is int}


def _columns(sizes: Sequence[dict[str, int]]) -> Columns:
    """Return the values of the sizes that every case has."""
    names = [name for name in sizes[0] if all(name in given for given in sizes)]
    return {name: [given[name] for given in sizes] for name in names}


def _scaled(columns: Columns, factors: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    for name, values in columns.items():
        for factor in factors:
            for added in (-1, 0, 1):
                if (factor, added) != (1, 0):
                    multiple = name if factor == 1 else f"{factor} * {name}"
                    shown = f"{multiple} {'+-'[added < 0]} 1" if added else multiple
                    yield shown, [factor * value + added for value in values]


def _combined(columns: Columns) -> Iterator[tuple[str, list[int]]]:
    for (one, ours), (other, theirs) in itertools.combinations(columns.items(), 2):
        yield f"{one} * {other}", [a * b for a, b in zip(ours, theirs, strict=True)]
        yield f"{one} + {other}", [a + b for a, b in zip(ours, theirs, strict=True)]


def _replacement_text(place: Place, name: str, items: Sequence[int]) -> Text:
    kind, outer, inner = place
    if kind == "axis":
        return _(
            "where it is wrong, axis {axis} of the array has the length always `{name}`",
            axis=inner,
            name=name,
        )
    if kind == "axis of an item":
        return ngettext(
            "where it is wrong, axis {axis} of the array in item {items} always has the length `{name}`",
            "where they are wrong, axis {axis} of the arrays in items {items} always has the length `{name}`",
            len(items),
            axis=inner,
            items=", ".join(str(item + 1) for item in items),
            name=name,
        )
    if kind == "number":
        return _("where it is wrong, number {number} is always `{name}`", number=inner + 1, name=name)
    return _(
        "where it is wrong, number {number} of shape {shape} is always `{name}`",
        number=inner + 1,
        shape=outer + 1,
        name=name,
    )


def _all_sizes(question: Question, one: CaseResult) -> dict[str, int]:
    """Return the integer arguments of a case and the lengths of its arrays' axes, by name."""
    sizes = _sizes(question, one)
    for name, value in arguments_of(question, one).items():
        if isinstance(value, np.ndarray):
            sizes |= {f"{name}.shape[{axis}]": size for axis, size in enumerate(value.shape)}
    return sizes


def _sizes(question: Question, one: CaseResult) -> dict[str, int]:
    """Return the integer arguments of a case, by name."""
    return {name: value for name, value in arguments_of(question, one).items() if type(value) is int}


WRONG = (
    _("of the inputs tried, it is wrong only where {inputs}"),
    _("of the inputs tried, it is right only where {inputs}"),
)
ERRORS = (
    _("of the inputs tried, it raises an error only where {inputs}"),
    _("of the inputs tried, it raises no error only where {inputs}"),
)
NOTHING_BACK = (
    _("of the inputs tried, nothing came back only where {inputs}"),
    _("of the inputs tried, something came back only where {inputs}"),
)
"""What is said of inputs that have something in common, and of all others."""


def common_inputs(
    question: Question,
    results: Sequence[CaseResult],
    wrong: Sequence[CaseResult],
    words: tuple[Text, Text] = WRONG,
) -> Text | None:
    """Describe what the inputs of the wrong values, and no others, have in common; None if nothing."""
    flags = [any(one is other for other in wrong) for one in results]
    if all(flags):
        return None
    seen = [[*_features(question, one)] for one in results]
    known = [*dict.fromkeys(itertools.chain(*seen))]
    order = [*arguments_of(question, results[0])]
    settings = sorted((one for one in known if one.is_setting), key=lambda one: order.index(one.name))
    fitting = {
        one: condition
        for one in known
        if (condition := _condition(one.text, [one in found for found in seen], flags, words)) is not None
    }
    if fitting:
        # sizes may follow from a setting; which of several arguments it depends on otherwise is not known
        settings_fit = {one.name for one in fitting if one.is_setting}
        names = settings_fit or {one.name for one in fitting}
        described = [fitting[one] for one in fitting if one.name in names]
        return described[0] if len(names) == 1 and (settings_fit or len(described) == 1) else None
    for first, other in itertools.combinations(settings, 2):
        if first.name == other.name:  # a setting has one value at a time
            both = _("{first} or {other}", first=first.text, other=other.text)
            where = [first in found or other in found for found in seen]
        else:
            both = _("{first} and {other}", first=first.text, other=other.text)
            where = [first in found and other in found for found in seen]
        condition = _condition(both, where, flags, words)
        if condition is not None:
            return condition
    return None


def _condition(
    inputs: Text, where: Sequence[bool], wrong: Sequence[bool], words: tuple[Text, Text]
) -> Text | None:
    """Return that an answer is wrong, or right, only for these inputs; None if neither holds.

    where: for each case, whether it has such inputs. wrong: for each case, whether its value is wrong.
    """
    if where == wrong:
        return words[0].format(inputs=inputs)
    if all(one != other for one, other in zip(where, wrong, strict=True)):
        return words[1].format(inputs=inputs)
    return None


@dataclass(frozen=True)
class Feature:
    """A property of the arguments of a case."""

    name: str
    text: Text
    """In Korean, precedes `일 때` or `이고`."""
    is_setting: bool = False


def _features(question: Question, result: CaseResult) -> Iterator[Feature]:
    for name in left_out(question, result):
        yield Feature(name, _("`{name}` is left out", name=name))
    sizes = []
    given = arguments_of(question, result)
    for name, value in given.items():
        if is_setting(value):
            yield Feature(name, _is(name, repr(value)), is_setting=True)
        elif isinstance(value, (int, np.integer)):
            sizes.append((name, int(value)))
            if value == 1:
                yield Feature(name, _is(name, "1"))
        elif isinstance(value, (list, tuple)):
            yield Feature(name, _("`{name}` has the length {length}", name=name, length=len(value)))
        elif isinstance(value, np.ndarray):
            yield from _of_an_array(name, value)
    arrays = [
        (f"{name}.shape[{value.ndim - 1}]", value.shape[-1])
        for name, value in given.items()
        if isinstance(value, np.ndarray) and value.ndim > 1
    ]
    for (one_name, size), (other_name, other) in itertools.combinations(arrays, 2):
        if size == other:
            yield Feature(one_name, Text.same(f"`{one_name} = {other_name}`"))
    for (one_name, size), (other_name, other) in itertools.combinations(sizes, 2):
        sign = "=" if size == other else ">" if size > other else "<"
        yield Feature(one_name, Text.same(f"`{one_name} {sign} {other_name}`"))


def _of_an_array(name: str, value: Any) -> Iterator[Feature]:
    for axis, size in enumerate(value.shape):
        if size == 1:
            yield Feature(name, _is(f"{name}.shape[{axis}]", "1"))
    yield Feature(name, _is(f"{name}.dtype", str(value.dtype)))


def _is(name: str, shown: str) -> Text:
    return _("`{name}` is {value}", name=name, value=shown)

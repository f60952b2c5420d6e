"""Describe wrong sizes as expressions of the inputs' sizes: numbers in lists, shapes, and the axes of arrays."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import ENOUGH, CaseResult, arguments_of
from autograder.diagnosis.input_changes import is_setting
from autograder.diagnosis.value_differences import ordinals
from autograder.i18n import _, ngettext
from autograder.questions.question import Question
from autograder.text import Text, joined

MAX_TOLD = 3
"""Number of wrong sizes whose replacement is reported."""


def off_by(question: Question, judged: Sequence[CaseResult]) -> Text | None:
    """Describe by how much numbers are too large or too small, if it is a parameter or a simple expression."""
    if len(judged) < ENOUGH or any(
        type(value) is not int for result in judged for value in (result.got, result.want)
    ):
        return None
    columns = _columns([_sizes(question, result) for result in judged])
    candidates = [*columns.items(), *_scaled(columns, (1, 2)), *_combined(columns)]
    for sign in (1, -1):
        off = [sign * (result.got - result.want) for result in judged]
        made = [name for name, values in candidates if values == off]
        if len(made) == 1:
            size = made[0]
            if sign > 0:
                return _("every wrong value is too large by `{size}`", size=size)
            return _("every wrong value is too small by `{size}`", size=size)
    return None


def wrong_sizes(
    question: Question, judged: Sequence[CaseResult], results: Sequence[CaseResult]
) -> list[Text]:
    """Return what the wrong shapes are, else what replaces wrong sizes, if it can be told in terms of the inputs.

    judged: those of the `results` with a wrong value.
    """
    columns = columns_of(question, results)
    return _wrong_shapes(question, columns, judged, results) or [
        *itertools.islice(_replacements(columns, judged, results), MAX_TOLD)
    ]


def columns_of(question: Question, results: Sequence[CaseResult]) -> Columns:
    """Return the sizes of the arguments in each case, by name: integers, and the lengths of the axes of arrays."""
    return _columns([_all_sizes(question, result) for result in results])


def _wrong_shapes(
    question: Question, columns: Columns, judged: Sequence[CaseResult], results: Sequence[CaseResult]
) -> list[Text]:
    """Return what each wrong shape is; empty unless every number of all of them can be told."""
    settings = [_settings(question, result) for result in results]
    wrong: dict[int, list[tuple[Shape, Shape, int]]] = {}
    for result in judged:
        got, want = _shapes(result.got), _shapes(result.want)
        if not want or got.keys() != want.keys():
            return []
        case = next(index for index, other in enumerate(results) if other is result)
        for index, shape in got.items():
            if shape != want[index]:
                wrong.setdefault(index, []).append((shape, want[index], case))
    indices_of: dict[tuple[str, ...], list[int]] = {}
    for index, wrong_shapes in wrong.items():
        forms = _reordered(wrong_shapes) or _forms(columns, settings, wrong_shapes)
        if not forms:
            return []
        indices_of.setdefault(forms, []).append(index)
    return [_shapes_text(forms, indices) for forms, indices in indices_of.items()]


def _reordered(wrong_shapes: Sequence[tuple[Shape, Shape, int]]) -> tuple[str, ...]:
    """Return SWAPPED or MOVED if all wrong shapes are the right ones with their axes in one other order."""
    length = len(wrong_shapes[0][1])
    if len(wrong_shapes) < ENOUGH or {len(shape) for shapes in wrong_shapes for shape in shapes[:2]} != {
        length
    }:
        return ()
    orders = [*itertools.permutations(range(min(length, 4)))][1:]
    if any(
        all(got == tuple(want[axis] for axis in order) for got, want, _ in wrong_shapes) for order in orders
    ):
        return (SWAPPED if length == 2 else MOVED,)
    return ()


SWAPPED, MOVED = "swapped", "moved"


def _forms(
    columns: Columns, settings: Sequence[str], wrong_shapes: Sequence[tuple[Shape, Shape, int]]
) -> tuple[str, ...]:
    """Return what wrong shapes are, as code, once for all or for each setting; empty if that is not known."""
    for by_setting in (False, True):
        kinds: dict[tuple[int, str], list[tuple[Shape, int]]] = {}
        for got, _want, case in wrong_shapes:
            kind = len(got), settings[case] if by_setting else ""
            kinds.setdefault(kind, []).append((got, case))
        forms = [_form(columns, shapes) for shapes in kinds.values()]
        if None not in forms:
            return tuple(dict.fromkeys(form for form in forms if form is not None))
    return ()


def _form(columns: Columns, shapes: Sequence[tuple[Shape, int]]) -> str | None:
    """Return the expressions of shapes with equally many numbers, as code; None if one is not known."""
    length = len(shapes[0][0])
    names = [_size_name(columns, [(shape[axis], case) for shape, case in shapes]) for axis in range(length)]
    if not names or None in names:
        return None
    return f"`({', '.join(map(str, names))}{',' * (length == 1)})`"


def _size_name(columns: Columns, pairs: Sequence[tuple[int, int]]) -> str | None:
    """Return the expression, or the fixed number, that gives all these values, as `name_of` does."""
    [first, *others] = {value for value, _ in pairs}
    if others or len(pairs) < ENOUGH:
        return name_of(columns, pairs)
    is_size = any(all(values[case] == first for _, case in pairs) for values in columns.values())
    return None if is_size else str(first)


def _shapes_text(forms: tuple[str, ...], indices: Sequence[int]) -> Text:
    number = len(indices)
    if indices == [WHOLE]:
        if forms == (SWAPPED,):
            return _("the two axes of the shape are swapped")
        if forms == (MOVED,):
            return _("the numbers of the shape are right, but in another order")
        return _("wherever the shape is wrong, it is {shape}", shape=_either(forms))
    if forms == (SWAPPED,):
        return ngettext(
            "the two axes of the {places} shape are swapped",
            "the two axes of the {places} shapes are swapped",
            number,
            places=ordinals(indices),
        )
    if forms == (MOVED,):
        return ngettext(
            "the numbers of the {places} shape are right, but in another order",
            "the numbers of the {places} shapes are right, but in another order",
            number,
            places=ordinals(indices),
        )
    return ngettext(
        "wherever the {places} shape is wrong, it is {shape}",
        "wherever the {places} shapes are wrong, they are {shape}",
        number,
        places=ordinals(indices),
        shape=_either(forms),
    )


def _either(forms: Sequence[str]) -> Text:
    return joined("", [Text.same(forms[0]), *(_(" or {shape}", shape=form) for form in forms[1:])])


def _shapes(value: Any) -> Mapping[int, Shape]:
    """Return the shapes in a list by index, a single shape at `WHOLE`; empty for anything else."""
    if not isinstance(value, (list, tuple)):
        return {}
    if isinstance(value, tuple) and value and all(type(size) is int for size in value):
        return {WHOLE: value}
    if all(isinstance(shape, (list, tuple)) and all(type(size) is int for size in shape) for shape in value):
        return {index: tuple(shape) for index, shape in enumerate(value)}
    return {}


Shape = tuple[int, ...]

WHOLE = -1
"""Index of a value that is a single shape."""


def _replacements(
    columns: Columns, judged: Sequence[CaseResult], results: Sequence[CaseResult]
) -> Iterator[Text]:
    """Yield what replaces wrong sizes, if it is a parameter or a simple expression of one or two."""
    wrong: dict[Place, list[tuple[int, int]]] = {}
    for result in judged:
        got, want = _entries(result.got), _entries(result.want)
        case = next(index for index, other in enumerate(results) if other is result)
        for place, value in got.items():
            if place in want and value != want[place]:
                wrong.setdefault(place, []).append((value, case))
    named: dict[tuple[str, int, int, str], list[int]] = {}
    for place, pairs in wrong.items():
        name = name_of(columns, pairs, factors=(1, 2) if place[0] == "number" else (1, 2, 3, 4))
        if name is not None:
            kind, outer, inner = place
            together = 0 if kind == "axis of an item" else outer
            named.setdefault((kind, together, inner, name), []).append(outer)
    for (kind, _together, inner, name), items in named.items():
        yield _replacement_text((kind, items[0], inner), name, items)


def name_of(
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
        return {("axis", 0, index): size for index, size in enumerate(value.shape)}
    if not isinstance(value, (list, tuple)):
        return {}
    if all(isinstance(item, np.ndarray) for item in value):
        return {
            ("axis of an item", outer, index): size
            for outer, item in enumerate(value)
            for index, size in enumerate(item.shape)
        }
    if all(type(item) is int for item in value):
        return {("number", 0, index): item for index, item in enumerate(value)}
    inner = [
        (outer, item)
        for outer, shape in enumerate(value)
        if isinstance(shape, (list, tuple))
        for item in enumerate(shape)
    ]
    return {("size", outer, index): size for outer, (index, size) in inner if type(size) is int}


def _columns(sizes: Sequence[dict[str, int]]) -> Columns:
    """Return the values of the sizes that every case has."""
    names = [name for name in sizes[0] if all(name in case_sizes for case_sizes in sizes)]
    return {name: [case_sizes[name] for case_sizes in sizes] for name in names}


def _scaled(columns: Columns, factors: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    for name, values in columns.items():
        for factor in factors:
            for added in (-1, 0, 1):
                if (factor, added) != (1, 0):
                    multiple = name if factor == 1 else f"{factor} * {name}"
                    expression = f"{multiple} {'+-'[added < 0]} 1" if added else multiple
                    yield expression, [factor * value + added for value in values]
            if factor > 1:
                yield f"{factor} * ({name} + 1)", [factor * (value + 1) for value in values]
                yield f"{factor} * ({name} - 1)", [factor * (value - 1) for value in values]
        yield f"{name} // 2", [value // 2 for value in values]


def _combined(columns: Columns) -> Iterator[tuple[str, list[int]]]:
    for (first, ours), (second, theirs) in itertools.combinations(columns.items(), 2):
        yield f"{first} * {second}", [a * b for a, b in zip(ours, theirs, strict=True)]
        yield f"{first} + {second}", [a + b for a, b in zip(ours, theirs, strict=True)]


def _replacement_text(place: Place, name: str, items: Sequence[int]) -> Text:
    kind, outer, inner = place
    if kind == "axis":
        return _(
            "wherever the array is wrong, its axis {axis} has the length `{name}`", axis=inner, name=name
        )
    if kind == "axis of an item":
        return ngettext(
            "wherever the {places} array is wrong, its axis {axis} has the length `{name}`",
            "wherever the {places} arrays are wrong, their axis {axis} has the length `{name}`",
            len(items),
            places=ordinals(items),
            axis=inner,
            name=name,
        )
    if kind == "number":
        return _("wherever the {number} number is wrong, it is `{name}`", number=ordinals([inner]), name=name)
    return _(
        "wherever the {shape} shape is wrong, its {number} number is `{name}`",
        number=ordinals([inner]),
        shape=ordinals([outer]),
        name=name,
    )


def _all_sizes(question: Question, result: CaseResult) -> dict[str, int]:
    """Return the integer arguments of a case and the lengths of its arrays' axes, by name."""
    sizes = _sizes(question, result)
    for name, value in arguments_of(question, result).items():
        if isinstance(value, np.ndarray):
            sizes |= {f"{name}.shape[{axis}]": size for axis, size in enumerate(value.shape)}
    return sizes


def _settings(question: Question, result: CaseResult) -> str:
    """Return the arguments of a case that choose among a few ways, as text."""
    return repr([value for value in arguments_of(question, result).values() if is_setting(value)])


def _sizes(question: Question, result: CaseResult) -> dict[str, int]:
    """Return the integer arguments of a case, by name."""
    return {name: value for name, value in arguments_of(question, result).items() if type(value) is int}

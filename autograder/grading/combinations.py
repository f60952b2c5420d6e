"""Recognize two misconceptions at once, each of which shows in other parts of the returned values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from autograder.grading.diagnosis import ENOUGH, TOGETHER, CaseResult, NamedMisconception, same
from autograder.i18n import _
from autograder.questions.question import Misconception, Question
from autograder.text import Text, joined

Place = tuple[int, Any]
"""A part of the returned values: the case, and the index or key in its value (None for a value without parts)."""

AMONG_OTHERS = _("More than one thing is wrong; this is one.")


def combined_misconceptions(
    question: Question, results: Sequence[CaseResult], failed: Collection[str]
) -> list[NamedMisconception]:
    """Return the two misconceptions that together explain every wrong part of the values.

    Each is shown wherever it makes a difference, the two make none in the same part, and at least `ENOUGH` parts show
    each. Returns an empty list if several pairs do, because the values do not tell which. They earn no credit.
    failed: as for `recognized_misconceptions`.
    """
    nothing = any(one.error is not None or one.got is None for one in results)
    if nothing or question.is_number or question.needs_tensorflow:
        return []
    parts = [_parts(one.want, one.got) for one in results]
    if any(part is None for part in parts):
        return []
    wrong = _differing([one.want for one in results], [one.got for one in results])
    shown: list[tuple[Misconception, frozenset[Place]]] = []
    for known in question.misconceptions:
        if any(check.name in failed for check in known.fails):
            places = _shown_in(known, results)
            if places is not None and len(places) >= ENOUGH:
                shown.append((known, places))
    pairs = [
        (one, other)
        for (one, first), (other, second) in combinations(shown, 2)
        if not first & second and first | second == wrong
    ]
    if len(pairs) != 1:
        return _of_single_items(question, results, wrong)
    return _named(pairs[0], TOGETHER)


def _named(known: Sequence[Misconception], introduction: Text) -> list[NamedMisconception]:
    texts = [joined(" ", [introduction, known[0].text]), *(one.text for one in known[1:])]
    return [
        NamedMisconception(one.name, text, section=one.section, with_others=True)
        for one, text in zip(known, texts, strict=True)
    ]


def _of_single_items(
    question: Question, results: Sequence[CaseResult], wrong: Collection[Place]
) -> list[NamedMisconception]:
    """Return for each wrong item that is an array the only misconception that gives it in all cases.

    An array that belongs in another item, or that holds one number only, tells nothing.
    """
    keys = sorted({key for _, key in wrong if key is not None}, key=repr)
    explained: dict[Any, Misconception] = {}
    for key in keys:
        try:
            column = [one.got[key] for one in results]
            others = [
                [one.want[other] for one in results]
                for other in _parts(results[0].want, results[0].got) or ()
            ]
        except (LookupError, TypeError):  # lists of different lengths have no items in common
            return []
        if not all(isinstance(got, np.ndarray) and got.size for got in column) or all(
            (got == got.flat[0]).all() for got in column
        ):
            continue
        if any(all(map(same, column, other)) for other in others):
            continue
        named = [known for known in question.misconceptions if _gives(known, key, results)]
        if len(named) == 1:
            explained[key] = named[0]
    if not explained:
        return []
    known = list({one.name: one for one in explained.values()}.values())
    return _named(known, TOGETHER if len(explained) == len(keys) and len(known) > 1 else AMONG_OTHERS)


def _gives(known: Misconception, key: Any, results: Sequence[CaseResult]) -> bool:
    """Return whether a misconception gives an item in all cases, and makes nothing wrong that the answer has right."""
    for one in results:
        try:
            mistaken = one.case.passed_to(known.answer)
            item = mistaken[key]
        except Exception:  # a misconception may be undefined for some inputs, or have no such item
            return False
        if not same(item, one.got[key]) or _parts(one.want, mistaken) is None:
            return False
        aligned = _aligned(one.want, mistaken, one.got)
        if any(same(want, got) and not same(want, value) for _, want, value, got in aligned):
            return False
    return True


def _shown_in(known: Misconception, results: Sequence[CaseResult]) -> frozenset[Place] | None:
    """Return the parts that a misconception makes wrong, or None if the answer is not so in one of them."""
    places = set()
    for number, one in enumerate(results):
        try:
            mistaken = one.case.passed_to(known.answer)
        except Exception:  # a misconception may be undefined for some inputs
            return None
        if _parts(one.want, mistaken) is None:
            return None
        for key, want, value, got in _aligned(one.want, mistaken, one.got):
            if not same(value, want):
                if not same(value, got, typed=True):
                    return None
                places.add((number, key))
    return frozenset(places)


def _differing(wants: Sequence[Any], gots: Sequence[Any]) -> frozenset[Place]:
    return frozenset(
        (number, key)
        for number, (want, got) in enumerate(zip(wants, gots, strict=True))
        for key, right, _, value in _aligned(want, want, got)
        if not same(right, value)
    )


def _parts(want: Any, got: Any) -> Collection[Any] | None:
    """Return the indices or keys that two values have in common; None if they are not built alike."""
    if isinstance(want, dict):
        return want.keys() if isinstance(got, dict) and got.keys() == want.keys() else None
    if isinstance(want, (list, tuple)):
        return range(len(want)) if isinstance(got, (list, tuple)) and len(got) == len(want) else None
    return [None]


def _aligned(want: Any, value: Any, got: Any) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Yield each part of a value with its place: the place, then the three parts."""
    for key in _parts(want, got) or ():
        yield (key, want, value, got) if key is None else (key, want[key], value[key], got[key])

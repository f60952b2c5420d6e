"""Recognize misconceptions in parts of what came back: where an answer ran, for one setting, or in one item.

Each such part shows one mistake, and an error or another mistake is in the rest. None of them earns credit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

from autograder.grading.changes import is_setting, treats_alike
from autograder.grading.diagnosis import (
    ENOUGH,
    TOGETHER,
    CaseResult,
    NamedMisconception,
    arguments_of,
    same,
    shows,
)
from autograder.grading.input_conditions import ERRORS, NOTHING_BACK, common_inputs
from autograder.i18n import _
from autograder.questions.question import Misconception, Question
from autograder.text import joined, sentence

AMONG_OTHERS = _("More than one thing is wrong; this is one.")
SOME_RAISE = _("It raises an error for some inputs.")
SOME_GIVE_NOTHING = _("Nothing came back for some inputs.")
ELSEWHERE = _("For the others, something else is wrong: {text}")
WITH_SETTING = _("Where `{name}` is {value}: {text}")


def misconceptions_in_parts(
    question: Question, results: Sequence[CaseResult], failed: Collection[str]
) -> list[NamedMisconception]:
    """Return the misconceptions that explain a part of the values each.

    failed: as for `recognized_misconceptions`.
    """
    if question.is_number or question.needs_tensorflow:
        return []
    known = [
        one
        for one in question.misconceptions
        if one.seen_in is None and any(check.name in failed for check in one.fails)
    ]
    return (
        _where_it_ran(question, known, results)
        or _in_items(question.misconceptions, results)
        or _for_settings(question, known, results)
    )


def _where_it_ran(
    question: Question, known: Sequence[Misconception], results: Sequence[CaseResult]
) -> list[NamedMisconception]:
    """Return the misconception that explains what came back where the answer raises no error, and returns something."""
    raised = [one for one in results if one.error is not None]
    if any(one.error is not None and one.error.fault != "raised" for one in raised):
        return []
    lost = raised or [one for one in results if one.got is None and one.want is not None]
    ran = [one for one in results if not _contains(lost, one)]
    if not lost or 2 * len(ran) < len(results):  # a few values may come of anything
        return []
    found = _explaining(known, ran)
    if found is None:
        return []
    where = common_inputs(question, results, lost, ERRORS if raised else NOTHING_BACK)
    if where is None:
        where = SOME_RAISE if raised else SOME_GIVE_NOTHING
    text = joined(" ", [where.map(sentence), ELSEWHERE.format(text=found.text)])
    return [NamedMisconception(found.name, text, section=found.section, in_part=True)]


def _for_settings(
    question: Question, known: Sequence[Misconception], results: Sequence[CaseResult]
) -> list[NamedMisconception]:
    """Return the misconceptions that explain all values for one setting of an argument each, if all that are wrong are.

    None that ignores the setting: the answer does not. The formula of a counting function says more.
    """
    if question.terms or any(one.got is None for one in results):
        return []
    given = [arguments_of(question, one) for one in results]
    for name in (name for name, value in given[0].items() if is_setting(value)):
        groups: dict[Any, list[CaseResult]] = {}
        for arguments, one in zip(given, results, strict=True):
            groups.setdefault(arguments[name], []).append(one)
        named = []
        for value, group in groups.items():
            if not any(map(_is_wrong, group)):
                continue
            specific = [
                one for one in known if not _ignores(one, name, groups, arguments_of(question, group[0]))
            ]
            found = _explaining(specific, group)
            if found is None:
                break
            text = WITH_SETTING.format(name=name, value=repr(value), text=found.text)
            named.append(NamedMisconception(found.name, text, section=found.section, with_others=True))
        else:
            if len({one.name for one in named}) > 1:
                return named
    return []


def _ignores(known: Misconception, name: str, values: Iterable[Any], arguments: dict[str, Any]) -> bool:
    return any(
        treats_alike(known.answer, arguments, {**arguments, name: value})
        for value in values
        if value != arguments[name]
    )


def _explaining(known: Sequence[Misconception], results: Sequence[CaseResult]) -> Misconception | None:
    """Return the one misconception that gives all these values, of which enough are wrong.

    Of several, the one that fails the fewest checks; None if several do.
    """
    wrong = [one for one in results if _is_wrong(one)]
    if len(wrong) < ENOUGH or any(one.error is not None for one in results):
        return None
    ordered = [*wrong, *(one for one in results if not _is_wrong(one))]
    found = [one for one in known if shows(one, ordered, typed=False)]
    fewest = min((len(one.fails) for one in found), default=0)
    found = [one for one in found if len(one.fails) == fewest]
    return found[0] if len(found) == 1 else None


def _in_items(known: Sequence[Misconception], results: Sequence[CaseResult]) -> list[NamedMisconception]:
    """Return for each wrong item the misconception that gives it in all cases, and more items than any other does.

    An item that belongs in another place, or that always holds the same number, tells nothing.
    """
    if any(one.error is not None for one in results):
        return []
    keys = _keys(results)
    if keys is None:
        return []
    columns = {key: [(one.got[key], one.want[key]) for one in results] for key in keys}
    wrong = [key for key in keys if sum(not same(*pair) for pair in columns[key]) >= ENOUGH]
    telling = []
    for key in wrong:
        column = [got for got, _want in columns[key]]
        if not _tells_nothing(column) and not any(
            all(same(got, right[1]) for got, right in zip(column, columns[other], strict=True))
            for other in keys
        ):
            telling.append(key)
    given = {one.name: [key for key in telling if _gives(one, key, results)] for one in known}
    explained: dict[Any, Misconception] = {}
    for key in telling:
        giving = [one for one in known if key in given[one.name]]
        most = max((len(given[one.name]) for one in giving), default=0)
        named = [one for one in giving if len(given[one.name]) == most]
        if len(named) == 1:
            explained[key] = named[0]
    rest = [key for key in wrong if key not in explained]
    if explained and len(rest) > 1:  # several items that one more misconception gives together tell enough
        giving = [one for one in known if all(_gives(one, key, results) for key in rest)]
        if len(giving) == 1:
            explained |= dict.fromkeys(rest, giving[0])
    found = list({one.name: one for one in explained.values()}.values())
    if not found:
        return []
    all_explained = len(found) == 2 and all(
        key in explained or all(same(*pair) for pair in columns[key]) for key in keys
    )
    texts = [
        joined(" ", [TOGETHER if all_explained else AMONG_OTHERS, found[0].text]),
        *(one.text for one in found[1:]),
    ]
    return [
        NamedMisconception(one.name, text, section=one.section, with_others=True)
        for one, text in zip(found, texts, strict=True)
    ]


def _keys(results: Sequence[CaseResult]) -> list[Any] | None:
    """Return the indices or keys that all values have, both returned and expected; None if they are not built alike."""
    kinds = [_keys_of(value) for one in results for value in (one.got, one.want)]
    return kinds[0] if kinds[0] and all(keys == kinds[0] for keys in kinds) else None


def _keys_of(value: Any) -> list[Any] | None:
    if isinstance(value, dict):
        return sorted(value, key=repr)
    return [*range(len(value))] if isinstance(value, (list, tuple)) else None


def _tells_nothing(column: Sequence[Any]) -> bool:
    if all(isinstance(value, np.ndarray) for value in column):
        return all(not value.size or (value == value.flat[0]).all() for value in column)
    return all(same(value, column[0]) for value in column)


def _gives(known: Misconception, key: Any, results: Sequence[CaseResult]) -> bool:
    """Return whether a misconception gives an item in all cases, and makes nothing wrong that the answer has right."""
    for one in results:
        try:
            mistaken = one.case.passed_to(known.answer)
            if _keys_of(mistaken) != _keys_of(one.want) or not same(mistaken[key], one.got[key]):
                return False
            right = [other for other in _keys_of(one.want) or () if same(one.want[other], one.got[other])]
            if not all(same(one.want[other], mistaken[other]) for other in right):
                return False
        except Exception:  # a misconception may be undefined for some inputs, or have no such item
            return False
    return True


def _is_wrong(one: CaseResult) -> bool:
    return one.error is not None or not same(one.got, one.want)


def _contains(results: Sequence[CaseResult], one: CaseResult) -> bool:
    return any(one is other for other in results)

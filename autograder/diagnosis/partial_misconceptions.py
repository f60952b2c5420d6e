"""Recognize misconceptions in parts of what came back: where an answer ran, for one setting, or in one item.

Each such part shows one mistake, and an error or another mistake is in the rest. None of them earns credit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import ENOUGH, CaseResult, arguments_of
from autograder.diagnosis.comparison import same
from autograder.diagnosis.failing_inputs import ERRORS, NOTHING_BACK, common_inputs
from autograder.diagnosis.input_changes import is_setting, treats_alike
from autograder.diagnosis.misconceptions import TOGETHER, NamedMisconception, candidates, shows
from autograder.i18n import _
from autograder.questions.question import Misconception, Question
from autograder.text import joined, sentence

AMONG_OTHERS = _("More than one thing is wrong; this is one.")
SOME_RAISE = _("It raises an error for some inputs.")
SOME_GIVE_NOTHING = _("Nothing came back for some inputs.")
ELSEWHERE = _("For the others, something else is wrong: {text}")
WITH_SETTING = _("Where `{name}` is {value}: {text}")


def partial_misconceptions(
    question: Question, results: Sequence[CaseResult], failed: Collection[str]
) -> list[NamedMisconception]:
    """Return the misconceptions that explain every wrong value, if the inputs of the wrong values can be described.

    Of several, those that match most of the right values, too; none that differs from the answer on most inputs, and
    none that treats settings alike which the answer tells apart. They earn no credit.
    failed: as for `recognized_misconceptions`.
    """
    if question.needs_tensorflow or any(
        result.error is not None or result.want is None for result in results
    ):
        return []
    wrong = [result for result in results if not same(result.got, result.want)]
    where = common_inputs(question, results, wrong) if len(wrong) >= ENOUGH else None
    if where is None:
        return []
    agreeing: dict[int, list[Misconception]] = {}
    for misconception in question.misconceptions:
        if any(check.name in failed for check in misconception.fails) and shows(
            misconception, wrong, typed=False
        ):
            agreed = sum(shows(misconception, [result], typed=False) for result in results)
            agreeing.setdefault(agreed, []).append(misconception)
    most = max(agreeing, default=0)
    if 2 * most < len(results):
        return []
    kept = [
        misconception
        for misconception in agreeing[most]
        if not _is_too_general(question, misconception, results, wrong, leniently=True)
    ]
    exact = [
        misconception
        for misconception in kept
        if not _is_too_general(question, misconception, results, wrong, leniently=False)
    ]
    return [
        NamedMisconception(
            misconception.name,
            joined(" ", [where.map(sentence), misconception.text]),
            section=misconception.section,
            in_part=True,
        )
        for misconception in exact or kept
    ]


def _is_too_general(
    question: Question,
    misconception: Misconception,
    results: Sequence[CaseResult],
    wrong: Sequence[CaseResult],
    *,
    leniently: bool,
) -> bool:
    """Return whether the answer depends on a setting that a misconception ignores, which "whatever the mode" denies.

    It does if it is right for two values that the reference does not treat alike, or wrong for one value and right for
    another. leniently: of the latter only values that the reference treats alike, as a misconception may be meant for
    one of others.
    """
    inputs = [arguments_of(question, result) for result in results]
    is_wrong = [any(result is other for other in wrong) for result in results]
    assert question.reference is not None
    for name in (name for name, value in inputs[0].items() if is_setting(value)):
        kinds: dict[Any, set[bool]] = {}
        for values, is_wrong_here in zip(inputs, is_wrong, strict=True):
            kinds.setdefault(values[name], set()).add(is_wrong_here)
        for values, result, is_wrong_here in zip(inputs, results, is_wrong, strict=True):
            if is_wrong_here or shows(misconception, [result], typed=False):
                continue
            for value in kinds.keys() - {values[name]}:
                changed = {**values, name: value}
                if not treats_alike(misconception.answer, values, changed):
                    continue
                alike = treats_alike(question.reference, values, changed)
                if (alike or not leniently) and kinds[values[name]] == {False} and kinds[value] == {True}:
                    return True
                if not alike and kinds[value] == {False}:
                    return True
    return False


def misconceptions_in_parts(
    question: Question, results: Sequence[CaseResult], failed: Collection[str]
) -> list[NamedMisconception]:
    """Return the misconceptions that explain a part of the values each.

    failed: as for `recognized_misconceptions`.
    """
    if question.is_number or question.needs_tensorflow:
        return []
    misconceptions = candidates(question, failed)
    return (
        _where_it_ran(question, misconceptions, results)
        or _in_items(question.misconceptions, results)
        or _for_settings(question, misconceptions, results)
    )


def _where_it_ran(
    question: Question, misconceptions: Sequence[Misconception], results: Sequence[CaseResult]
) -> list[NamedMisconception]:
    """Return the misconception that explains what came back where the answer raises no error, and returns something."""
    raised = [result for result in results if result.error is not None]
    if any(result.error is not None and result.error.fault != "raised" for result in raised):
        return []
    lost = raised or [result for result in results if result.got is None and result.want is not None]
    ran = [result for result in results if not _contains(lost, result)]
    if not lost or 2 * len(ran) < len(results):  # a few values may come of anything
        return []
    misconception = _explaining(misconceptions, ran)
    if misconception is None:
        return []
    where = common_inputs(question, results, lost, ERRORS if raised else NOTHING_BACK)
    if where is None:
        where = SOME_RAISE if raised else SOME_GIVE_NOTHING
    text = joined(" ", [where.map(sentence), ELSEWHERE.format(text=misconception.text)])
    return [NamedMisconception(misconception.name, text, section=misconception.section, in_part=True)]


def _for_settings(
    question: Question, misconceptions: Sequence[Misconception], results: Sequence[CaseResult]
) -> list[NamedMisconception]:
    """Return the misconceptions that explain all values for one setting of an argument each, if all that are wrong are.

    None that ignores the setting: the answer does not. The formula of a counting function says more.
    """
    if question.terms or any(result.got is None for result in results):
        return []
    inputs = [arguments_of(question, result) for result in results]
    for name in (name for name, value in inputs[0].items() if is_setting(value)):
        groups: dict[Any, list[CaseResult]] = {}
        for arguments, result in zip(inputs, results, strict=True):
            groups.setdefault(arguments[name], []).append(result)
        named = []
        for value, group in groups.items():
            if not any(map(_is_wrong, group)):
                continue
            specific = [
                misconception
                for misconception in misconceptions
                if not _ignores(misconception, name, groups, arguments_of(question, group[0]))
            ]
            misconception = _explaining(specific, group)
            if misconception is None:
                break
            text = WITH_SETTING.format(name=name, value=repr(value), text=misconception.text)
            named.append(
                NamedMisconception(misconception.name, text, section=misconception.section, with_others=True)
            )
        else:
            if len({misconception.name for misconception in named}) > 1:
                return named
    return []


def _ignores(
    misconception: Misconception, name: str, values: Iterable[Any], arguments: dict[str, Any]
) -> bool:
    return any(
        treats_alike(misconception.answer, arguments, {**arguments, name: value})
        for value in values
        if value != arguments[name]
    )


def _explaining(
    misconceptions: Sequence[Misconception], results: Sequence[CaseResult]
) -> Misconception | None:
    """Return the one misconception that gives all these values, of which enough are wrong.

    Of several, the one that fails the fewest checks; None if several do.
    """
    wrong = [result for result in results if _is_wrong(result)]
    if len(wrong) < ENOUGH or any(result.error is not None for result in results):
        return None
    ordered = [*wrong, *(result for result in results if not _is_wrong(result))]
    matches = [
        misconception for misconception in misconceptions if shows(misconception, ordered, typed=False)
    ]
    fewest = min((len(misconception.fails) for misconception in matches), default=0)
    matches = [misconception for misconception in matches if len(misconception.fails) == fewest]
    return matches[0] if len(matches) == 1 else None


def _in_items(
    misconceptions: Sequence[Misconception], results: Sequence[CaseResult]
) -> list[NamedMisconception]:
    """Return for each wrong item the misconception that gives it in all cases, and more items than any other does.

    An item that belongs in another place, or that always holds the same number, tells nothing.
    """
    if any(result.error is not None for result in results):
        return []
    keys = _keys(results)
    if keys is None:
        return []
    columns = {key: [(result.got[key], result.want[key]) for result in results] for key in keys}
    wrong = [key for key in keys if sum(not same(*pair) for pair in columns[key]) >= ENOUGH]
    telling = []
    for key in wrong:
        column = [got for got, _want in columns[key]]
        if not _tells_nothing(column) and not any(
            all(same(got, right[1]) for got, right in zip(column, columns[other], strict=True))
            for other in keys
        ):
            telling.append(key)
    given_keys = {
        misconception.name: [key for key in telling if _gives(misconception, key, results)]
        for misconception in misconceptions
    }
    explained: dict[Any, Misconception] = {}
    for key in telling:
        giving = [misconception for misconception in misconceptions if key in given_keys[misconception.name]]
        most = max((len(given_keys[misconception.name]) for misconception in giving), default=0)
        named = [misconception for misconception in giving if len(given_keys[misconception.name]) == most]
        if len(named) == 1:
            explained[key] = named[0]
    rest = [key for key in wrong if key not in explained]
    if explained and len(rest) > 1:  # several items that one more misconception gives together tell enough
        giving = [
            misconception
            for misconception in misconceptions
            if all(_gives(misconception, key, results) for key in rest)
        ]
        if len(giving) == 1:
            explained |= dict.fromkeys(rest, giving[0])
    distinct = list({misconception.name: misconception for misconception in explained.values()}.values())
    if not distinct:
        return []
    all_explained = len(distinct) == 2 and all(
        key in explained or all(same(*pair) for pair in columns[key]) for key in keys
    )
    texts = [
        joined(" ", [TOGETHER if all_explained else AMONG_OTHERS, distinct[0].text]),
        *(misconception.text for misconception in distinct[1:]),
    ]
    return [
        NamedMisconception(misconception.name, text, section=misconception.section, with_others=True)
        for misconception, text in zip(distinct, texts, strict=True)
    ]


def _keys(results: Sequence[CaseResult]) -> list[Any] | None:
    """Return the indices or keys that all values have, both returned and expected; None if they are not built alike."""
    kinds = [_keys_of(value) for result in results for value in (result.got, result.want)]
    return kinds[0] if kinds[0] and all(keys == kinds[0] for keys in kinds) else None


def _keys_of(value: Any) -> list[Any] | None:
    if isinstance(value, dict):
        return sorted(value, key=repr)
    return [*range(len(value))] if isinstance(value, (list, tuple)) else None


def _tells_nothing(column: Sequence[Any]) -> bool:
    if all(isinstance(value, np.ndarray) for value in column):
        return all(not value.size or (value == value.flat[0]).all() for value in column)
    return all(same(value, column[0]) for value in column)


def _gives(misconception: Misconception, key: Any, results: Sequence[CaseResult]) -> bool:
    """Return whether a misconception gives an item in all cases, and makes nothing wrong that the answer has right."""
    for result in results:
        try:
            mistaken = result.case.given_by(misconception.answer)
            if _keys_of(mistaken) != _keys_of(result.want) or not same(mistaken[key], result.got[key]):
                return False
            right = [
                other for other in _keys_of(result.want) or () if same(result.want[other], result.got[other])
            ]
            if not all(same(result.want[other], mistaken[other]) for other in right):
                return False
        except Exception:  # a misconception may be undefined for some inputs, or have no such item
            return False
    return True


def _is_wrong(result: CaseResult) -> bool:
    return result.error is not None or not same(result.got, result.want)


def _contains(results: Sequence[CaseResult], result: CaseResult) -> bool:
    return any(result is other for other in results)

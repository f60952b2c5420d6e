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
    kept = [
        one for one in agreeing[most] if not _is_too_general(question, one, results, wrong, leniently=True)
    ]
    exact = [one for one in kept if not _is_too_general(question, one, results, wrong, leniently=False)]
    return [
        NamedMisconception(
            known.name, joined(" ", [where.map(sentence), known.text]), section=known.section, in_part=True
        )
        for known in exact or kept
    ]


def _is_too_general(
    question: Question,
    known: Misconception,
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
                if not treats_alike(known.answer, values, changed):
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
    known = candidates(question, failed)
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

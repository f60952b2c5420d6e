"""Find a changed input for which a wrong answer would be right.

The change is made to an argument of the reference, or to what the reference gives to and gets from the questions that
it follows. It is reported only if it explains every returned value, the wrong and the right ones. The one value of a
number question may also come of a slip in its calculation.
"""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Any

from autograder.diagnosis.calculation_slips import SLIP, WRONG_DIGIT, calculation_slips, has_wrong_digit
from autograder.diagnosis.case_result import ENOUGH, CaseResult, arguments_of
from autograder.diagnosis.comparison import same
from autograder.diagnosis.input_changes import (
    Change,
    InapplicableError,
    are_alike,
    changes_of,
    is_setting,
    pair_changes,
    setting_changes,
)
from autograder.i18n import _
from autograder.questions.question import Followed, Question
from autograder.text import Text

OTHER_VARIANTS = 5
"""Variants in which two slips give the same numbers if they are the same."""

MAX_CALLS = 100
"""Calls of a followed function under one change; a search may not end under it."""

RIGHT_IF = _("what came back would be right if {condition}")

Values = dict[str, Any]
Candidate = tuple[Text, Callable[[Values], Any]]
"""A condition, and what the reference computes under it."""


def changed_input(question: Question, results: Sequence[CaseResult]) -> Text | None:
    """Return a condition on the inputs under which every returned value would be right; None if there is none.

    Requires a reference that runs here, a value for every input, and `ENOUGH` wrong ones. Counting functions are left
    to their formula, which says more.
    """
    computed_here = question.reference is not None and not question.needs_tensorflow
    if not computed_here or question.terms or any(result.error for result in results):
        return None
    wrong = [result for result in results if not same(result.got, result.want)]
    if len(wrong) < ENOUGH:
        return None
    # the wrong values first: they rule most changes out
    ordered = [*wrong, *(result for result in results if same(result.got, result.want))]
    arguments = [arguments_of(question, result) for result in ordered]
    return next(
        (
            RIGHT_IF.format(condition=condition)
            for condition, compute in _candidates(question, arguments)
            if all(
                _explains(compute, values, result) for values, result in zip(arguments, ordered, strict=True)
            )
        ),
        None,
    )


def changed_calculation(question: Question, result: CaseResult) -> Text | None:
    """Return the changed number, or the slip in the calculation, that gives the answer to a number question.

    Two are returned together if both give it but not in every variant. None if there are more.
    """
    if question.reference is None or question.needs_tensorflow or result.error is not None:
        return None
    arguments = arguments_of(question, result)
    candidates: list[Candidate] = [
        *(
            (RIGHT_IF.format(condition=condition), compute)
            for condition, compute in _argument_changes(question.reference, [arguments])
        ),
        *((SLIP.format(edited=edited), compute) for edited, compute in calculation_slips(question)),
    ]
    pool = question.pool
    others = [pool.mapping(variant) for variant in pool.variants[:OTHER_VARIANTS]] if pool is not None else []
    slips: dict[tuple[Any, ...], Text] = {}
    for slip, compute in candidates:
        if _explains(compute, arguments, result):
            slips.setdefault(tuple(compute(numbers) for numbers in others), slip)
    match [*slips.values()]:
        case [] if has_wrong_digit(question, arguments, result.got):
            return WRONG_DIGIT
        case [slip]:
            return slip
        case [first, second]:
            return _("it is one of two things: {one}; or {other}", one=first, other=second)
    return None


def _explains(compute: Callable[[Values], Any], arguments: Values, result: CaseResult) -> bool:
    """Return whether the answer gave what the reference gives under a change; where that changes nothing, the truth."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's, of inputs that the reference was not written for
            expected = compute(copy.deepcopy(arguments))
    except InapplicableError:
        expected = result.want
    except Exception:  # any kind: the reference was not written for what a change makes
        return False
    return same(result.got, expected)


def _candidates(question: Question, arguments: Sequence[Values]) -> Iterator[Candidate]:
    assert question.reference is not None
    yield from _argument_changes(question.reference, arguments)
    if question.followed is not None:
        for name in question.followed.references:
            yield from _call_changes(question.followed, name, arguments[0])


def _argument_changes(reference: Callable[..., Any], arguments: Sequence[Values]) -> Iterator[Candidate]:
    """Yield the changes of the reference's arguments."""

    def with_one(name: str, change: Change, values: Values) -> Any:
        return reference(**{**values, name: change.of(values[name])})

    def with_all(change: Callable[[Values], Values], values: Values) -> Any:
        return reference(**change(values))

    for name, value in arguments[0].items():
        settings = [*dict.fromkeys(values[name] for values in arguments if is_setting(values[name]))]
        for change in setting_changes(name, settings) if is_setting(value) else changes_of(value):
            yield change.condition.format(value=f"`{name}`"), partial(with_one, name, change)
    for first, second in combinations(arguments[0], 2):
        if are_alike(arguments[0][first], arguments[0][second]):
            for condition, change_pair in pair_changes(first, second):
                yield condition, partial(with_all, change_pair)


@dataclass
class _Calls:
    """The calls of a followed function while the reference computes one value."""

    function: Callable[..., Any]
    arguments: list[Values] = field(default_factory=list)
    returned: list[Any] = field(default_factory=list)

    def call(self, *args: Any, change: Callable[[_Calls], Values] | None = None) -> Any:
        """Call the function, with the arguments that `change` makes of all given so far. Raises RuntimeError if called
        too often.
        """
        if len(self.arguments) >= MAX_CALLS:
            raise RuntimeError("this is a search, or it does not end")
        self.arguments.append(dict(inspect.signature(self.function).bind(*args).arguments))
        changed = self.arguments[-1] if change is None else change(self)
        self.returned.append(self.function(*changed.values()))
        return self.returned[-1]


@dataclass(frozen=True)
class _Which:
    """The calls of a followed function that a change is made at."""

    index: int | None
    argument: Text
    """What is changed there, with `{function}` and `{argument}`."""
    result: Text
    """What is changed there, with `{function}` and `{place}`."""

    def selects(self, calls: _Calls) -> bool:
        return self.index is None or len(calls.arguments) - 1 == self.index


_EVERY = _Which(None, _("`{argument}` of `{function}`"), _("result {place} of `{function}`"))
_WHICH = (
    _EVERY,
    _Which(
        0,
        _("`{argument}` of `{function}` at its first call"),
        _("result {place} of `{function}` at its first call"),
    ),
    _Which(
        1,
        _("`{argument}` of `{function}` at its second call"),
        _("result {place} of `{function}` at its second call"),
    ),
)
_EARLIER: Sequence[tuple[Text, Callable[[_Calls, str], Any]]] = (
    (_("{value} were always as at the first call"), lambda calls, name: calls.arguments[0][name]),
    (
        _("{value} were the result of the call before"),
        lambda calls, name: calls.returned[-1] if calls.returned else calls.arguments[0][name],
    ),
    (
        _("{value} were the sum of those of all calls so far"),
        lambda calls, name: sum(values[name] for values in calls.arguments),
    ),
)
"""What an argument may be made from by mistake: the calls before."""


def _call_changes(followed: Followed, name: str, arguments: Values) -> Iterator[Candidate]:
    """Yield the changes of what a followed function is given, and of what it returns."""

    def computed(wrap: Callable[[_Calls], Callable[..., Any]], values: Values) -> Any:
        calls = _Calls(followed.references[name])
        return followed.by({**followed.references, name: wrap(calls)})(**values)

    seen = _Calls(followed.references[name])
    try:
        computed_once = followed.by({**followed.references, name: seen.call})
        computed_once(**copy.deepcopy(arguments))
    except Exception:  # any kind: a search, or an input for which an own function cannot be judged
        return
    if not seen.arguments:
        return
    first_call = seen.arguments[0]
    for which in _WHICH:
        for argument, value in first_call.items():
            called = which.argument.format(function=name, argument=argument)
            for change in changes_of(value):
                wrap = partial(_giving, partial(_with_changed, argument, change, which))
                yield change.condition.format(value=called), partial(computed, wrap)
        items = seen.returned[0] if isinstance(seen.returned[0], tuple) else ()
        for index, value in enumerate(items):
            called = which.result.format(function=name, place=index + 1)
            for change in changes_of(value):
                wrap = partial(_returning, index, change, which)
                yield change.condition.format(value=called), partial(computed, wrap)
    for argument in first_call:
        for text, made in _EARLIER:
            condition = text.format(value=_EVERY.argument.format(function=name, argument=argument))
            yield condition, partial(computed, partial(_giving, partial(_with_earlier, argument, made)))
    for first, second in combinations(first_call, 2):
        if are_alike(first_call[first], first_call[second]):
            for condition, change_pair in pair_changes(first, second):
                wrap = partial(_giving, partial(_with_pair, change_pair))
                yield (_("{condition} in `{name}`", condition=condition, name=name), partial(computed, wrap))


def _giving(change: Callable[[_Calls], Values], calls: _Calls) -> Callable[..., Any]:
    return partial(calls.call, change=change)


def _with_changed(name: str, change: Change, which: _Which, calls: _Calls) -> Values:
    arguments = calls.arguments[-1]
    return {**arguments, name: change.of(arguments[name])} if which.selects(calls) else arguments


def _with_pair(change: Callable[[Values], Values], calls: _Calls) -> Values:
    return change(calls.arguments[-1])


def _with_earlier(name: str, made: Callable[[_Calls, str], Any], calls: _Calls) -> Values:
    return {**calls.arguments[-1], name: made(calls, name)}


def _returning(index: int, change: Change, which: _Which, calls: _Calls) -> Callable[..., Any]:
    def wrapped(*args: Any) -> Any:
        items = list(calls.call(*args))
        if which.selects(calls):
            items[index] = change.of(items[index])
        return tuple(items)

    return wrapped

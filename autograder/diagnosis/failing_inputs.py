"""What the inputs of the wrong values of an answer, and no others, have in common.

They are described in the question's own terms: parameters, settings, and the size 1.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import CaseResult, arguments_of, left_out
from autograder.diagnosis.input_changes import is_setting
from autograder.i18n import _
from autograder.questions.question import Question
from autograder.text import Text

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
    flags = [any(result is other for other in wrong) for result in results]
    if all(flags):
        return None
    seen = [[*_features(question, result)] for result in results]
    features = [*dict.fromkeys(itertools.chain(*seen))]
    order = [*arguments_of(question, results[0])]
    settings = sorted(
        (feature for feature in features if feature.is_setting), key=lambda feature: order.index(feature.name)
    )
    fitting = {
        feature: condition
        for feature in features
        if (
            condition := _condition(
                feature.text, [feature in case_features for case_features in seen], flags, words
            )
        )
        is not None
    }
    if fitting:
        # sizes may follow from a setting; which of several arguments it depends on otherwise is not known
        settings_fit = {feature.name for feature in fitting if feature.is_setting}
        names = settings_fit or {feature.name for feature in fitting}
        described = [fitting[feature] for feature in fitting if feature.name in names]
        return described[0] if len(names) == 1 and (settings_fit or len(described) == 1) else None
    for first, other in itertools.combinations(settings, 2):
        if first.name == other.name:  # a setting has one value at a time
            both = _("{first} or {other}", first=first.text, other=other.text)
            where = [first in case_features or other in case_features for case_features in seen]
        else:
            both = _("{first} and {other}", first=first.text, other=other.text)
            where = [first in case_features and other in case_features for case_features in seen]
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
    if all(first != second for first, second in zip(where, wrong, strict=True)):
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
    arguments = arguments_of(question, result)
    for name, value in arguments.items():
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
        for name, value in arguments.items()
        if isinstance(value, np.ndarray) and value.ndim > 1
    ]
    for (one_name, size), (other_name, other_size) in itertools.combinations(arrays, 2):
        if size == other_size:
            yield Feature(one_name, Text.same(f"`{one_name} = {other_name}`"))
    for (one_name, size), (other_name, other_size) in itertools.combinations(sizes, 2):
        sign = "=" if size == other_size else ">" if size > other_size else "<"
        yield Feature(one_name, Text.same(f"`{one_name} {sign} {other_name}`"))


def _of_an_array(name: str, value: Any) -> Iterator[Feature]:
    for axis, size in enumerate(value.shape):
        if size == 1:
            yield Feature(name, _is(f"{name}.shape[{axis}]", "1"))
    yield Feature(name, _is(f"{name}.dtype", str(value.dtype)))


def _is(name: str, text: str) -> Text:
    return _("`{name}` is {value}", name=name, value=text)

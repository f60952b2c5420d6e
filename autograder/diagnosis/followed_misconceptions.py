"""Recognize mistakes across questions that follow each other.

An answer may build on a wrong function of its own, or write out wrongly what that function computes. Both
show in its values: a misconception of the followed question takes the place of the right function, here on the trusted
side.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.misconceptions import NamedMisconception, candidates, shows
from autograder.diagnosis.own_functions import GradedAnswer, OwnFunction, answers_of, inherited, own_functions
from autograder.i18n import _
from autograder.questions.question import Followed, Misconception, Question
from autograder.text import Text

MAX_NAMED = 2
"""Misconceptions of a followed question that are named together; more tell nothing."""
BESIDES = _("Besides what is wrong in your own `{name}`: {text}")
INSIDE = _("What `{name}` should compute is wrong here: {text}")


def misconceptions_below(
    question: Question,
    results: Sequence[CaseResult],
    failed: Collection[str],
    earlier: Mapping[str, GradedAnswer],
) -> list[NamedMisconception]:
    """Return the misconceptions that explain an answer together with a question that it follows. They earn no credit.

    These are its own, on top of the student's wrong function; else those of a followed question, where it should have
    called that function. failed: as for `recognized_misconceptions`. earlier: the reports of followed questions.
    """
    followed = question.followed
    if followed is None or question.is_number or question.needs_tensorflow:
        return []
    ran = [result for result in results if result.error is None]
    if 2 * len(ran) < len(results):  # an error alone tells too little
        return []
    if any(_holds_truth_values(result.got) for result in ran):  # True is no 1 that was computed
        return []
    own = own_functions(followed, earlier)
    if own and _follows(followed, own, results):
        return []
    if own:
        misconceptions = [
            dataclasses.replace(
                misconception, answer=followed.applied_to(misconception.applied, answers_of(followed, own))
            )
            for misconception in candidates(question, failed)
            if misconception.applied is not None
        ]
        if named := _named(misconceptions, results, BESIDES, _wrong_names(own)):
            return named
    for name in followed.questions:
        inside = [
            misconception
            for misconception in inherited(followed)
            if misconception.name.startswith(f"{name}.")
        ]
        named = _named(inside, results, INSIDE, name)
        if 0 < len(named) <= MAX_NAMED:
            return named
    return []


def _holds_truth_values(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_truth_values, value))
    return isinstance(value, (bool, np.bool_))


def errors_below(
    question: Question, results: Sequence[CaseResult], earlier: Mapping[str, GradedAnswer]
) -> Iterator[Text]:
    """Yield why an answer raises, if its error comes from a function of the student that it follows."""
    followed, errors = question.followed, [result.error for result in results if result.error is not None]
    if followed is None or not errors or any(error.fault != "raised" for error in errors):
        return
    if len(errors) == len(results) and all("NoneType" in error.message.en for error in errors):
        for name in _names_below(followed):
            if name in earlier and earlier[name].gave_nothing:
                yield _(
                    "your own `{name}` returned None: is it written, and does it return its result?",
                    name=name,
                )
                return
    own = own_functions(followed, earlier)
    if _wrong_names(own) and _follows(followed, own, results):
        yield _("the error comes from your own `{name}`: fix that first", name=_wrong_names(own))


def _follows(followed: Followed, own: Mapping[str, OwnFunction], results: Sequence[CaseResult]) -> bool:
    """Return whether an answer gives what follows from the student's own wrong functions, errors included."""
    follower = Misconception("", Text(), followed.by(answers_of(followed, own)), ())
    return shows(follower, results, typed=False)


def _named(
    misconceptions: Sequence[Misconception], results: Sequence[CaseResult], text: Text, name: str
) -> list[NamedMisconception]:
    return [
        NamedMisconception(
            misconception.name,
            text.format(name=name, text=misconception.text) if name else misconception.text,
            section=misconception.section,
        )
        for misconception in misconceptions
        if shows(misconception, results, typed=False)
    ]


def _wrong_names(own: Mapping[str, OwnFunction]) -> str:
    return "`, `".join(dict.fromkeys(name for function in own.values() for name in function.wrong))


def _names_below(followed: Followed) -> Iterator[str]:
    """Yield the names of the questions that are followed, the deepest first."""
    for name, below in followed.questions.items():
        if below.followed is not None:
            yield from _names_below(below.followed)
        yield name

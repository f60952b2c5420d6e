"""Represent a student's own wrong functions as functions of the grader."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from autograder.diagnosis.formula import Formula
from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.questions.question import Followed, Misconception, Question

Function = Callable[..., Any]


class GradedAnswer(Protocol):
    """The report of a question, as far as the diagnosis of the questions that follow it reads it."""

    @property
    def right(self) -> bool:
        """Return whether the answer earned every point."""

    @property
    def other(self) -> str:
        """Return the name of the other right answer that it gives; empty for the reference."""

    @property
    def misconceptions(self) -> tuple[NamedMisconception, ...]:
        """Return the misconceptions that were named."""

    @property
    def formula(self) -> Formula | None:
        """Return the recovered formula of a counting function."""

    @property
    def varies(self) -> bool:
        """Return whether the answer gave different values for different inputs."""

    @property
    def is_carried(self) -> bool:
        """Return whether the answer follows from the student's own wrong functions."""

    @property
    def gave_nothing(self) -> bool:
        """Return whether the answer gave no value."""


@dataclass(frozen=True)
class OwnFunction:
    """A function of the student that is not the reference, as misconceptions or its formula give it."""

    answer: Function
    wrong: tuple[str, ...]
    """The functions in which the mistake is: itself, or those below it; none for another right answer."""
    keeps_difficulty: bool
    """Whether what follows from it is as hard as what follows from a right one."""


def own_function(question: Question, earlier: Mapping[str, GradedAnswer]) -> OwnFunction | None:
    """Return what a student's answer to a question computes; None if that is unknown, or what the reference does.

    It is another right answer. Or a misconception explains every value, on its own or on top of wrong functions below;
    or a formula does; or the answer follows from wrong functions below.
    """
    report, followed = earlier.get(question.id), question.followed
    if report is not None and report.other:
        answer = next(other for other in question.others if other.__name__ == report.other)
        return OwnFunction(answer, (), keeps_difficulty=True)
    if report is None or report.right:
        return None
    below = {} if followed is None else own_functions(followed, earlier)
    is_known = followed is None or all(
        name in below or name not in earlier or earlier[name].right for name in followed.names
    )
    names = [
        misconception.name
        for misconception in report.misconceptions
        if not misconception.in_part and not misconception.with_others
    ]
    named = [
        misconception
        for misconception in (*question.misconceptions, *inherited(followed))
        if misconception.name in names
    ]
    if named:
        recognized = named[0]
        keeps = report.varies and not any(misconception.trivial for misconception in named)
        if followed is None or recognized.applied is None or not below:
            return OwnFunction(recognized.answer, (question.id,), keeps)
        return _on_top(followed, recognized.applied, below, (question.id,), keeps) if is_known else None
    if report.formula is not None:
        answer = report.formula.function(question)
        return OwnFunction(answer, (question.id,), report.varies and report.formula.keeps_products)
    if followed is not None and below and is_known and report.is_carried:
        return _on_top(followed, followed.applied, below, (), report.varies)
    return None


def own_functions(followed: Followed, earlier: Mapping[str, GradedAnswer]) -> dict[str, OwnFunction]:
    """Return the student's own functions of which it is known how they are wrong, by name."""
    own = {name: own_function(below, earlier) for name, below in followed.questions.items()}
    return {name: function for name, function in own.items() if function is not None}


def answers_of(followed: Followed, own: Mapping[str, OwnFunction]) -> dict[str, Function]:
    """Return the functions that a question follows: these own ones, else the references."""
    return {**followed.references, **{name: function.answer for name, function in own.items()}}


def inherited(followed: Followed | None) -> Iterator[Misconception]:
    """Yield the misconceptions of the questions that are followed, as answers to the one that follows them.

    Those that only their values show are left out: these are not what comes back here.
    """
    if followed is None:
        return
    for name, below in followed.questions.items():
        for misconception in (*below.misconceptions, *inherited(below.followed)):
            if misconception.seen_in is None:
                answer = followed.by({**followed.references, name: misconception.answer})
                yield dataclasses.replace(
                    misconception, name=f"{name}.{misconception.name}", answer=answer, applied=None
                )


def _on_top(
    followed: Followed,
    applied: Function,
    below: Mapping[str, OwnFunction],
    wrong: tuple[str, ...],
    keeps: bool,
) -> OwnFunction:
    names = [name for function in below.values() for name in function.wrong]
    hard = keeps and all(function.keeps_difficulty for function in below.values())
    return OwnFunction(followed.applied_to(applied, answers_of(followed, below)), (*names, *wrong), hard)

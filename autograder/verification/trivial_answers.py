"""Measure what a student earns by trivial functions and by what follows from them, without solving a question."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from graphlib import TopologicalSorter
from operator import add, itemgetter, mul
from typing import Any

import numpy as np

from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.grading.report import Report
from autograder.i18n import _
from autograder.questions.question import Case, Question
from autograder.text import Text

SHARE = 0.1
"""Share of an assignment's points that trivial functions may earn."""

Function = Callable[..., Any]
Trivial = Callable[[Sequence[Any]], Any]
"""A trivial function of the arguments, however many there are."""


def most_by_trivial_answers(questions: Sequence[Question]) -> tuple[float, Text]:
    """Return the most points that trivial answers earn in the questions that follow others or are followed.

    Also returns what they compute, such as the sum of the arguments. The followers are consistent: they give what
    follows from the trivial functions, however it is written. No points if no question follows another.
    """
    linked = _linked(questions)
    scores = [(sum(_scores(linked, trivial)), name) for name, trivial in _trivial_functions(linked)]
    return max(scores, key=itemgetter(0), default=(0.0, Text()))


def _linked(questions: Sequence[Question]) -> list[Question]:
    """Return the questions that follow others or are followed, each after those that it follows."""
    by_id = {question.id: question for question in questions}
    order = TopologicalSorter(
        {question.id: question.followed_names for question in questions if question.followed_names}
    ).static_order()
    return [by_id[name] for name in order]


def _trivial_functions(questions: Sequence[Question]) -> Iterator[tuple[Text, Trivial]]:
    counts = [
        len(inspect.signature(question.reference).parameters)
        for question in questions
        if question.reference is not None
    ]
    for position in range(max(counts, default=0)):
        yield _("argument {number} alone", number=position + 1), partial(_argument, position)
    yield _("the sum of the arguments"), partial(reduce, add)
    yield _("the product of the arguments"), partial(reduce, mul)
    yield Text.same("0"), lambda arguments: 0
    yield Text.same("1"), lambda arguments: 1
    yield _("all arguments"), tuple
    yield _("the first argument plus 1"), lambda arguments: arguments[0] + 1
    yield _("two arguments plus 1"), lambda arguments: (arguments[1] + 1, arguments[2] + 1)


def _argument(position: int, arguments: Sequence[Any]) -> Any:
    return arguments[min(position, len(arguments) - 1)]


def _scores(questions: Sequence[Question], trivial: Trivial) -> Iterator[float]:
    """Yield the score of each question, answered by a trivial function or by what follows from them."""
    functions: dict[str, Function] = {}
    reports: dict[str, Report] = {}
    for question in questions:
        if question.followed is None:
            answer: Function = partial(_trivially, trivial)
        else:
            answer = question.followed.by(dict(functions))
        functions[question.id] = answer
        session = _Session(_value(answer, question) if question.is_number else answer, functions)
        with np.errstate(all="ignore"):  # what follows from a trivial function may divide by 0
            reports[question.id] = grade(question, session, earlier=reports)
        yield min(reports[question.id].score, question.points)


def _trivially(trivial: Trivial, *args: Any, **kwargs: Any) -> Any:
    return trivial([*args, *kwargs.values()])


def _value(answer: Function, question: Question) -> Any:
    try:
        return Case(**question.variants[0]).passed_to(answer)
    except Exception:  # what follows from a trivial function may be undefined
        return None


class _Session(DirectSession):
    """A session that holds an answer, and the functions that other questions ask for."""

    def __init__(self, answer: Any, functions: Mapping[str, Function]) -> None:
        super().__init__(answer)
        self._functions = functions

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call the function of this name."""
        return DirectSession.call(DirectSession(self._functions[name]), name, *args, **kwargs)

"""What near and trivial answers to this course's questions earn."""

from __future__ import annotations

import inspect
import math
import random
from collections.abc import Callable, Iterator
from functools import partial, reduce
from typing import Any

import numpy as np
import pytest

from autograder.course import Course
from autograder.diagnosis.case_result import CaseResult
from autograder.grading.draws import draw_cases, reference_value
from autograder.grading.question_grader import points_earned
from autograder.questions.question import Case, Question
from tests.support import ROOT

COURSE = Course.open(ROOT)
QUESTIONS = [
    question
    for name in ("shapes", "lstm_parameters", "gru_parameters")
    for question in COURSE.assignment(name).questions
    if not question.is_number and question.reference and inspect.signature(question.reference).parameters
]
"""Those with arguments: any weights may be right where a unit is designed."""
COUNTS = [question for question in QUESTIONS if question.terms]
DRAWS = 8

TRIVIAL: dict[str, Callable[..., Any]] = {
    "zero": lambda *given: 0,
    "one": lambda *given: 1,
    "sum": lambda *given: reduce(lambda one, other: one + other, given),
    "product": lambda *given: math.prod(given),
    "first plus one": lambda *given: given[0] + 1,
    "arguments": lambda *given: list(given),
    **{f"argument {place}": (lambda *given, place=place: given[place % len(given)]) for place in range(4)},
}


def called(answer: Callable[..., Any], question: Question, case: Case) -> Any:
    """What an answer gives when all arguments are passed in order; None where it raises."""
    assert question.reference is not None
    bound = inspect.signature(question.reference).bind(*case.args, **case.kwargs)
    bound.apply_defaults()
    try:
        return answer(*bound.args)
    except (TypeError, ValueError):
        return None


def score(question: Question, answer: Callable[[Case], Any], seed: int) -> float:
    """What an answer earns on one draw."""
    cases = draw_cases(question, np.random.default_rng(seed))
    return points_earned(
        question, [CaseResult(case, reference_value(question, case), answer(case)) for case in cases]
    )


@pytest.mark.parametrize("name", TRIVIAL)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_trivial_answers_earn_nothing(question: Question, name: str) -> None:
    """Constants, arguments, their sum and product are no part of any answer."""
    assert score(question, lambda case: called(TRIVIAL[name], question, case), 0) == 0


def off_by(question: Question, errors: dict[str, int], case: Case) -> Any:
    """The right count and some products of sizes more or less."""
    assert question.reference is not None
    bound = inspect.signature(question.reference).bind(*case.args, **case.kwargs)
    factors = {term.product: term.factors for term in question.terms}
    return reference_value(question, case) + sum(
        times * math.prod(bound.arguments[size] for size in factors[product])
        for product, times in errors.items()
    )


def wrong_counts(question: Question) -> Iterator[tuple[str, Callable[[Case], Any]]]:
    """Known mistakes, and counts with one to three terms that are off."""
    for known in question.misconceptions:
        yield known.name, lambda case, known=known: case.passed_to(known.answer)
    chosen = random.Random(question.id)
    products = [term.product for term in question.terms]
    for _place in range(60):
        errors = {
            product: chosen.choice([-8, -4, -3, -2, -1, 1, 2, 3, 4, 8])
            for product in chosen.sample(products, chosen.choice([1, 1, 2, 3]))
        }
        yield str(errors), partial(off_by, question, errors)


@pytest.mark.long
@pytest.mark.parametrize("question", COUNTS, ids=lambda question: question.id)
def test_points_of_counts_do_not_depend_on_the_draw(question: Question) -> None:
    """The drawn sizes include extremes, so that an answer is as near for one student as for another."""
    unequal = {
        name: earned
        for name, answer in wrong_counts(question)
        if len(earned := {score(question, answer, seed) for seed in range(DRAWS)}) > 1
    }
    assert unequal == {}

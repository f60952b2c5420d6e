"""Diagnose a wrong answer: its misconceptions, its formula, or the differences between its values and the right ones.

All is derived from the returned values, never from the source text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.followed_misconceptions import errors_below, misconceptions_below
from autograder.diagnosis.formula import Formula, recover_formula
from autograder.diagnosis.formula_text import describe_formulas
from autograder.diagnosis.misconception_pairs import two_misconceptions
from autograder.diagnosis.misconceptions import NamedMisconception, recognized_misconceptions
from autograder.diagnosis.observations import likely_cause, observations
from autograder.diagnosis.own_functions import GradedAnswer
from autograder.diagnosis.partial_misconceptions import misconceptions_in_parts, partial_misconceptions
from autograder.questions.question import Question
from autograder.text import Text


@dataclass(frozen=True)
class Diagnosis:
    """The diagnosis of a wrong answer."""

    misconceptions: tuple[NamedMisconception, ...] = ()
    computed: tuple[Text, ...] = ()
    """The formula of the answer, or the differences between its values and the right ones."""
    formula: Formula | None = None
    """The recovered formula of a counting function; None if a misconception explains every value."""


def diagnose(
    question: Question,
    results: Sequence[CaseResult],
    *,
    failed: Collection[str],
    rejected: Callable[[], Sequence[CaseResult]],
    earlier: Mapping[str, GradedAnswer],
) -> Diagnosis:
    """Return the diagnosis of an answer that failed a check.

    failed: names of the checks that failed or errored. rejected: returns the results that a failed check refuses.
    earlier: the student's answers to the questions that this one may follow, by question id.
    """
    named = choose_misconceptions(question, results, failed, earlier)
    explained = any(not (misconception.in_part or misconception.with_others) for misconception in named)
    cause = () if named else likely_cause(question, results)
    computed = (*describe_formulas(question, results, name_parts=not named and not cause), *cause)
    if not named and not cause:
        computed += tuple(errors_below(question, results, earlier)) or tuple(
            observations(question, results, rejected())
        )
    return Diagnosis(named, computed, None if explained else recover_formula(question, results))


def choose_misconceptions(
    question: Question,
    results: Sequence[CaseResult],
    failed: Collection[str],
    earlier: Mapping[str, GradedAnswer],
) -> tuple[NamedMisconception, ...]:
    """Return the misconceptions that explain the answer: alone, else with others, else its values in part."""
    return tuple(
        recognized_misconceptions(question, results, failed)
        or misconceptions_below(question, results, failed, earlier)
        or partial_misconceptions(question, results, failed)
        or two_misconceptions(question, results, failed)
        or misconceptions_in_parts(question, results, failed)
    )

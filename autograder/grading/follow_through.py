"""Carry over what follows from a student's own wrong functions, where these keep the task's difficulty.

Examiners call it error carried forward, unless the error makes the task easier. A function keeps the difficulty if a
misconception that is not trivial explains all its values, if the formula that it computes has every product of the
right one, if it was itself carried over, or if the author of the question that follows it has declared it enough.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.comparison import same
from autograder.diagnosis.own_functions import answers_of, own_function
from autograder.errors import TOO_SLOW, GraderError
from autograder.grading.judge import failure_message, judge
from autograder.grading.own_calls import Late, Own, compute_side_by_side
from autograder.grading.report import EARNS, CheckResult, Report
from autograder.i18n import _
from autograder.questions.question import Case, Check, Followed, Question
from autograder.sandbox.session import Session
from autograder.text import Text, joined

FOLLOWS = _(
    "this follows from your own answer to {questions}, so it costs nothing here; see the feedback there"
)
TOO_EASY = _(
    "no points: this needs {questions} to be right, or wrong in a way that keeps this question as hard"
)
FOLLOWS_TOO_SLOWLY = _(
    "your own answer to {questions} took too long to see whether this one follows from it; if it does, ask for a "
    "regrade"
)

Function = Callable[..., Any]


def follow_through(
    question: Question,
    followed: Followed,
    session: Session,
    case_results: Sequence[CaseResult],
    outcomes: Mapping[str, CheckResult],
    earlier: Mapping[str, Report],
) -> tuple[dict[str, CheckResult], list[Text]]:
    """Return the outcomes, with the checks that pass on values computed by the student's own functions.

    These functions are wrong, or right by another answer than the reference. The checks are carried over where the
    functions keep the difficulty, and blocked where they do not. A function that gave no value in time for its own
    question is not called again. Also returns a note if one is too slow to decide.
    """
    judged = dict(outcomes)
    own = [
        name
        for name in followed.names
        if name in earlier
        and (not earlier[name].right or earlier[name].other)
        and earlier[name].fault not in TOO_SLOW
    ]
    undecided: Text | None = None
    for names in (names for size in range(len(own)) for names in itertools.combinations(own, size + 1)):
        if all(result.outcome in EARNS for result in judged.values()):
            break
        expected = _expected(followed, names, session, case_results, earlier)
        if expected is None:
            continue
        titles = joined(", ", [_("“{title}”", title=earlier[name].title) for name in names])
        for check in question.checks:
            result = judged[check.name]
            if result.outcome == "blocked" and not result.too_easy:
                result = judged[check.name] = judge(
                    check, case_results, judged
                )  # its prerequisite may pass by now
            if result.outcome in EARNS or not _passes(check, expected.results, judged):
                continue
            late = any(
                by_own is None and check.covers(result.case) and failure_message(check, result) is not None
                for result, by_own in zip(case_results, expected.results, strict=True)
            )
            if late:
                undecided = FOLLOWS_TOO_SLOWLY.format(questions=titles)
            elif expected.keeps_difficulty and not _waits_for_too_easy(check, judged):
                message = FOLLOWS.format(questions=titles)
                judged[check.name] = replace(
                    result, outcome="carried", message=message, quotes="", too_easy=False
                )
            elif not result.too_easy:
                message = TOO_EASY.format(questions=titles)
                judged[check.name] = replace(
                    result, outcome="blocked", message=message, quotes="", too_easy=True
                )
    if undecided is None or all(result.outcome in EARNS for result in judged.values()):
        return judged, []
    return judged, [undecided]


def _waits_for_too_easy(check: Check, judged: Mapping[str, CheckResult]) -> bool:
    return check.needs is not None and judged[check.needs.name].too_easy


def _passes(check: Check, results: Sequence[CaseResult | None], judged: Mapping[str, CheckResult]) -> bool:
    """Return whether a check passes when the student's own functions give the expected values, so far as in time."""
    if check.needs is not None:
        needed = judged[check.needs.name]
        if needed.outcome not in EARNS and not needed.too_easy:
            return False
    try:
        return all(
            failure_message(check, result) is None
            or (check.judges == "value" and same(result.got, result.want))
            for result in results
            if result is not None and check.covers(result.case)
        )
    except GraderError:  # a check need not handle values that no reference returns
        return False


@dataclass(frozen=True)
class _Expected:
    """The values that follow from a student's own functions."""

    results: Sequence[CaseResult | None]
    """The cases with the values expected from them; None where one gave no value in time."""
    keeps_difficulty: bool


def _expected(
    followed: Followed,
    names: Sequence[str],
    session: Session,
    case_results: Sequence[CaseResult],
    earlier: Mapping[str, Report],
) -> _Expected | None:
    """Return what follows from these own functions, or None if they fail in any case.

    Functions that are known to compute the same stand in for them: they end in time, and do the same for every caller.
    """
    own = {name: own_function(followed.questions[name], earlier) for name in names}
    stand_ins = {name: function for name, function in own.items() if function is not None}
    if len(stand_ins) == len(names):
        function = followed.by(answers_of(followed, stand_ins))
        try:
            with np.errstate(all="ignore"):  # of inputs and values that the question was not written for
                results = [replace(result, want=result.case.passed_to(function)) for result in case_results]
        except Exception:  # any kind: a misconception may be undefined for some inputs
            return None
        keeps = all(function.keeps_difficulty for function in stand_ins.values())
        return _Expected(results, keeps_difficulty=keeps)
    ask = followed.enough
    if not all(function.keeps_difficulty for function in stand_ins.values()):
        ask = None
    elif all(earlier[name].is_carried for name in names if name not in stand_ins):
        ask = _always
    unknown = [followed.questions[name] for name in names if name not in stand_ins]
    return _by_own_calls(followed, unknown, answers_of(followed, stand_ins), session, case_results, ask)


def _always(*_functions_and_arguments: Any) -> bool:
    return True


def _by_own_calls(
    followed: Followed,
    questions: Sequence[Question],
    followed_functions: Mapping[str, Function],
    session: Session,
    case_results: Sequence[CaseResult],
    enough: Callable[..., bool] | None,
) -> _Expected | None:
    """Return what follows from the own answers to some questions, which are called in the student's kernel.

    followed_functions: all functions that it follows, with the references for `questions`. enough: says in each case
    whether the functions keep the difficulty; None if they do not.
    """

    def functions(own: Own) -> dict[str, Function]:
        return {**followed_functions, **{question.id: partial(own, question.id) for question in questions}}

    def expected(case: Case, own: Own) -> Any:
        with np.errstate(all="ignore"):  # what follows from a wrong value may divide by 0
            return case.passed_to(followed.by(functions(own)))

    def is_enough(asked: Callable[..., bool], case: Case, own: Own) -> bool:
        try:
            with np.errstate(all="ignore"):
                return bool(case.passed_to(followed.applied_to(asked, functions(own))))
        except Exception:  # any kind: it need not handle what a wrong function returns
            return False

    cases = [result.case for result in case_results]
    computations = [partial(expected, case) for case in cases]
    if enough is not None:
        computations += [partial(is_enough, enough, case) for case in cases]
    computed = compute_side_by_side(
        computations, session, {question.id: question.id_hash >> 1 for question in questions}
    )
    if computed is None:
        return None
    values, answers = computed[: len(cases)], computed[len(cases) :] or [False] * len(cases)
    results = [
        None if Late in map(type, (value, answer)) else replace(result, want=value)
        for result, value, answer in zip(case_results, values, answers, strict=True)
    ]
    return _Expected(results, keeps_difficulty=all(answers))

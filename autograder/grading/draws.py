"""Draws of hidden inputs. Each is proved before an answer is judged by it.

Students have one draw each, and what holds for some draws need not hold for theirs. So a draw counts only if the
reference passes every check on it, and every misconception fails what its author says. Otherwise the next draw of the
same seed is tried: which one counts follows from the seed and the question file. A question that needs TensorFlow is
not computed here; its checks have to cover a case, and `build` proves it on a few draws.
"""

from __future__ import annotations

import operator
import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import CaseResult
from autograder.errors import AnswerError, GraderError
from autograder.grading.direct_session import DirectSession
from autograder.grading.judge import call_author, failure_message
from autograder.i18n import _
from autograder.questions.question import Case, Check, Question
from autograder.sandbox.inside.codec import NotSerializable, encode
from autograder.text import Text, visible

MAX_DRAWS = 20
"""Number of draws that are tried for one seed."""
MAX_ARGUMENTS = 120
"""Characters of the arguments that a reason shows."""


class UnfitDraws(GraderError):
    """No draw of a seed tells right from wrong."""


@dataclass(frozen=True)
class Draw:
    """The hidden inputs of a question, and what the reference returns for them."""

    cases: tuple[Case, ...]
    wants: tuple[Any, ...]
    """None for each case of a question whose reference runs only in a kernel."""
    order: tuple[int, ...]
    """The order in which an answer is called with the cases, by index."""
    skipped: int = 0
    """How many draws of the seed before this one were unfit."""


@dataclass
class SharedDraws:
    """The draws of one seed for all answers that are judged by them, as in public runs; each is proved once."""

    seed: int
    _known: dict[str, tuple[Question, Draw]] = field(default_factory=dict)

    def of(self, question: Question) -> Draw:
        """Return the draw of a question. Raises UnfitDraws."""
        known = self._known.get(question.path)
        if known is None or known[0] is not question:
            known = self._known[question.path] = question, fit_draw(question, self.seed)
        return known[1]


def fit_draw(question: Question, seed: int, again: int = 0) -> Draw:
    """Return the first draw of a seed that is fit to judge by. Raises UnfitDraws if none of the first few is.

    again: how often an answer was judged already in the run, which may remember the inputs.
    """
    reason = Text()
    for number in range(MAX_DRAWS):
        try:
            draw = draw_number(question, seed, number, again)
            problem = unfit(question, draw)
        except GraderError as error:
            problem = error.message
        if problem is None:
            return draw
        reason = problem
    raise UnfitDraws(
        _(
            "none of {n} draws of hidden inputs tells right from wrong; of the last one: {reason}",
            n=MAX_DRAWS,
            reason=reason,
        )
    )


def draw_number(question: Question, seed: int, number: int = 0, again: int = 0) -> Draw:
    """Return a draw without proving it. number: its place among those of the seed, from 0. Raises GraderError.

    again: as for `fit_draw`.
    """
    later = (number, again) if again else (number,) if number else ()
    rng = np.random.default_rng([seed, question.id_hash, *later])
    cases = draw_cases(question, rng)
    return Draw(
        tuple(cases),
        tuple(reference_value(question, case) for case in cases),
        tuple(int(index) for index in rng.permutation(len(cases))),
        number,
    )


def draw_of_numbers(question: Question, numbers: Mapping[str, Any]) -> Draw:
    """Return the one case of a number question, for one variant; `build` proves every variant."""
    case = Case(**numbers)
    return Draw((case,), (reference_value(question, case),), (0,))


def draw_cases(question: Question, rng: np.random.Generator) -> list[Case]:
    """Draw the cases of a question's file; for a number question, the case of its public numbers."""
    if question.is_number:
        return [Case(**question.variants[0])]
    assert question.draw_cases is not None
    cases = list(call_author(question.draw_cases, rng))
    try:
        for case in cases:
            encode([list(case.args), dict(case.kwargs)])
    except NotSerializable as error:
        raise GraderError(
            _("{path}: a case cannot be sent to a kernel: {error}", path=question.path, error=error)
        ) from error
    return cases


def reference_value(question: Question, case: Case) -> Any:
    """Return the reference's value for a case, or None if computing it needs the student's kernel."""
    if question.needs_tensorflow or question.reference is None:
        return None
    return case.passed_to(partial(call_author, question.reference))


def unfit(question: Question, draw: Draw) -> Text | None:
    """Return why a draw is unfit to judge answers by, or None if it is fit. Raises GraderError if a check fails."""
    pairs = [*zip(draw.cases, draw.wants, strict=True)]
    right: dict[int, CaseResult] = {}
    for check in question.checks:
        covered = [index for index, case in enumerate(draw.cases) if check.covers(case)]
        if not covered:
            return _("check {check} covers none of the drawn cases", check=check.name)
        if question.needs_tensorflow:
            continue
        for index in covered:
            if index not in right:
                right[index] = _right_result(question, *pairs[index])
            if (reason := _wrongly_judged_reference(check, right[index])) is not None:
                return reason
    if question.needs_tensorflow:
        return None
    for misconception in question.misconceptions:
        results: dict[int, CaseResult] = {}
        for check in misconception.fails:
            if not _fails(question, misconception.answer, check, pairs, results):
                return _(
                    "misconception {name} passes check {check}", name=misconception.name, check=check.name
                )
    return _unfit_for_others(question, draw)


def other_results(other: Callable[..., Any], results: Sequence[CaseResult]) -> list[CaseResult]:
    """Return results of an answer with what another right answer of the question gives. Raises GraderError."""
    right = partial(call_author, other)
    return [replace(result, want=result.case.passed_to(right)) for result in results]


def _unfit_for_others(question: Question, draw: Draw) -> Text | None:
    """Return why a draw is unfit to judge by the other right answers of a question; see `unfit`."""
    for other in question.others:
        wants = [case.passed_to(partial(call_author, other)) for case in draw.cases]
        pairs = [*zip(draw.cases, wants, strict=True)]
        results: dict[int, CaseResult] = {}
        for check in question.checks:
            if _fails(question, other, check, pairs, results):
                return _(
                    "{name}, which is also right, fails check {check}", name=other.__name__, check=check.name
                )
        for misconception in question.misconceptions:
            given: dict[int, CaseResult] = {}
            if not any(
                _fails(question, misconception.answer, check, pairs, given) for check in question.checks
            ):
                return _(
                    "misconception {name} passes every check by {other}, which is also right",
                    name=misconception.name,
                    other=other.__name__,
                )
    return None


def results_of(question: Question, answer: Callable[..., Any] | None, draw: Draw) -> list[CaseResult]:
    """Return what an answer of the question file does in each case, as it would come back from a kernel."""
    return [_result_of(question, answer, *pair) for pair in zip(draw.cases, draw.wants, strict=True)]


def _right_result(question: Question, case: Case, want: Any) -> CaseResult:
    """Return what the reference does in a case, without calling it again if it need not be asked."""
    if question.ask is not None and not question.is_number:
        return _result_of(question, question.reference, case, want)
    return CaseResult(case, want, want)


def _wrongly_judged_reference(check: Check, result: CaseResult) -> Text | None:
    """Return how a check judges the reference wrongly, or None if it does not."""
    if failure_message(check, result) is not None:
        text = _("the reference fails check {check} for the arguments {arguments}")
    elif check.judges == "value" and _accepts_anything_for_nan(check, result):
        text = _(
            "the reference gives NaN for the arguments {arguments}, and check {check} accepts any number there"
        )
    else:
        return None
    arguments = visible(reprlib.repr([*result.case.args, *result.case.kwargs.values()]), MAX_ARGUMENTS)
    return text.format(check=check.name, arguments=arguments)


def _accepts_anything_for_nan(check: Check, result: CaseResult) -> bool:
    """Return whether a check passes 0 where the reference gives NaN, with which nothing compares."""
    other = _without_nan(result.got)
    return other is not result.got and failure_message(check, replace(result, got=other)) is None


def _without_nan(value: Any) -> Any:
    """Return a value with 0 for each NaN in it; the value itself if it contains none."""
    if isinstance(value, (float, np.floating)):
        return 0.0 if value != value else value
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.nan_to_num(value) if np.isnan(value).any() else value
    if isinstance(value, (list, tuple)):
        items = [_without_nan(item) for item in value]
        return value if all(map(operator.is_, items, value)) else type(value)(items)
    return value


def _fails(
    question: Question,
    answer: Callable[..., Any],
    check: Check,
    pairs: Sequence[tuple[Case, Any]],
    results: dict[int, CaseResult],
) -> bool:
    """Return whether a wrong answer fails a check in any case. results: those so far, by case; more are added."""
    for index, (case, want) in enumerate(pairs):
        if not check.covers(case):
            continue
        if index not in results:
            results[index] = _result_of(question, answer, case, want)
        if failure_message(check, results[index]) is not None:
            return True
    return False


def _result_of(question: Question, answer: Callable[..., Any] | None, case: Case, want: Any) -> CaseResult:
    """Return what an answer of the question file does in a case, as it would come back from a kernel."""
    assert answer is not None
    try:
        if question.ask is not None and not question.is_number:
            return CaseResult(case, want, question.ask(DirectSession(answer), case))
        args, kwargs = case.copied()
        return CaseResult(case, want, answer(*args, **kwargs), args)
    except AnswerError as error:
        return CaseResult(case, want, None, error=error)
    except Exception as error:  # a misconception may be undefined for some input, as an answer may be
        return CaseResult(case, want, None, error=AnswerError("raised", Text.same(repr(error))))

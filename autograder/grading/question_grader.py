"""Grade one question in one session. Pure and seeded: the same seed gives the same report.

The trusted process calls the student's answer with cases that it draws itself, in a shuffled order and some of them
twice, and judges the returned values. The answer never sees a check.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.comparison import same
from autograder.diagnosis.diagnose import Diagnosis, diagnose
from autograder.errors import TOO_SLOW, AnswerError, Fail, GraderError
from autograder.grading.draws import (
    Draw,
    draw_cases,
    draw_of_numbers,
    fit_draw,
    other_results,
    reference_value,
)
from autograder.grading.follow_through import follow_through
from autograder.grading.judge import failure_message, judge_checks
from autograder.grading.near_credit import near_credit
from autograder.grading.report import EARNS, NOTHING, UNANSWERED, CheckResult, Counterexample, Report
from autograder.grading.unanswered import gave_nothing, is_unanswered
from autograder.i18n import _
from autograder.questions.number_answers import are_alike, is_blank
from autograder.questions.question import Case, Question, total_points
from autograder.questions.variants import EARLIER, PUBLIC, VariantChoice
from autograder.sandbox.session import Session
from autograder.sandbox.wire import Reply
from autograder.text import Text, one_line, visible

REPEATED = 3
OTHER_DRAW = 1
"""A seed other than that of the inputs of the public run."""
MAX_CALL, MAX_ENTRIES = 100, 12
"""Characters of a call that a counterexample shows, and numbers of an array."""
SHOWN_DIGITS = 2
"""Decimals of the numbers in an array that a counterexample passes; it shows what comes back for these."""


def grade(
    question: Question,
    session: Session,
    *,
    seed: int = 0,
    draw: Draw | None = None,
    variant: VariantChoice = VariantChoice(),  # noqa: B008
    earlier: Mapping[str, Report] = MappingProxyType({}),
    untouched: bool = False,
    record_cases: bool = False,
) -> Report:
    """Grade the answer to `question` that the session holds.

    draw: the hidden inputs; by default, the first fit draw of the seed. variant: the student's variant, for a number
    question, which has no draw. earlier: reports of the questions that this one may follow.
    untouched: whether the answer cell is as released; the question is not answered then, unless another cell defines
    an answer that gives a value. A number question is not answered either if nothing is between its brackets.
    record_cases: include every case in the report.
    Raises GraderError if a check, a reference or the drawing of cases fails.
    """
    if question.is_number:
        draw = draw_of_numbers(question, variant.numbers(question))
    draw = draw or fit_draw(question, seed)
    call_all = partial(_call_all, question, draw=draw)
    case_results = call_all(session)
    if _is_blank(question, case_results) or (
        untouched and is_unanswered(question, session, case_results, call_all)
    ):
        report = _unanswered(question, variant)
        return replace(report, cases=tuple(case_results)) if record_cases else report
    notes = [variant.note] if question.pool and question.pool.variants and variant.note else []
    if variant.pool is not None:
        notes.append(EARLIER)
    shown_case = _shown_case(question, case_results)
    outcomes = judge_checks(question, case_results, shown_case)
    other = ""
    if not _all_passed(outcomes):
        for right in question.others:
            results = other_results(right, case_results)
            if _all_passed(by_other := judge_checks(question, results)):
                outcomes, case_results, other = by_other, results, right.__name__
                break
    if question.followed is not None:
        outcomes, remarks = follow_through(
            question, question.followed, session, case_results, outcomes, earlier
        )
        notes.extend(remarks)
    failed = [check.name for check in outcomes.values() if check.outcome in ("failed", "errored")]
    checks = tuple(outcomes.values())
    wrong = bool(failed)
    diagnosis = Diagnosis()
    if wrong:
        diagnosis = diagnose(
            question,
            case_results,
            failed=failed,
            rejected=partial(_failed_cases, question, case_results, outcomes),
            earlier=earlier,
        )
    if wrong and _fits_public_numbers(question, case_results, variant):
        notes.append(PUBLIC)
    fault = next((result.error.fault for result in case_results if result.error is not None), None)
    if any(check.outcome in (*EARNS, "failed") for check in checks):
        fault = None
    return Report(
        question.id, question.title, question.rubric_points, checks, diagnosis.misconceptions, diagnosis.computed,
        tuple(notes), fault,
        numbers=_numbers(question, variant),
        counterexample=_counterexample(question, session, shown_case) if wrong else None,
        section=question.section,
        cases=tuple(case_results) if record_cases else (),
        near_credit=near_credit(question, case_results, partial(_is_accepted, question)) if wrong else 0.0,
        varies=_differ([result.got for result in case_results if result.error is None]),
        formula=diagnosis.formula,
        gave_nothing=all(map(gave_nothing, case_results)),
        skipped_draws=draw.skipped,
        other=other,
    )  # fmt: skip


def _all_passed(outcomes: Mapping[str, CheckResult]) -> bool:
    return all(check.outcome == "passed" for check in outcomes.values())


def _is_accepted(question: Question, result: CaseResult) -> bool:
    """Return whether every check of values that tests a case passes on it."""
    try:
        return all(
            failure_message(check, result) is None
            for check in question.checks
            if check.judges == "value" and check.covers(result.case)
        )
    except GraderError:  # a blocked check need not handle the value
        return False


def _failed_cases(
    question: Question, results: Sequence[CaseResult], outcomes: Mapping[str, CheckResult]
) -> list[CaseResult]:
    """Return the cases in which a check of values fails and is not carried over."""
    checks = [
        check
        for check in question.checks
        if check.judges == "value" and outcomes[check.name].outcome == "failed"
    ]
    return [
        result
        for result in results
        if any(check.covers(result.case) and failure_message(check, result) for check in checks)
    ]


def _counterexample(
    question: Question, session: Session, shown_case: CaseResult | None
) -> Counterexample | None:
    """Return the call that the feedback shows with what it returns; None if there is none, or it is right as shown."""
    if shown_case is None or shown_case.error is not None:
        return None
    if question.is_number:
        return Counterexample("", shown_value(shown_case.got))
    case, got = _as_shown(shown_case.case), shown_case.got
    if case is not shown_case.case:
        try:
            got = session.call(question.id, *case.args, **case.kwargs).value
            if same(got, reference_value(question, case)):
                return None
        except (AnswerError, GraderError):  # the numbers as shown may suit neither
            return None
    return Counterexample(_call_text(question, case), shown_value(got))


def _as_shown(case: Case) -> Case:
    """Return a case with its arrays rounded as the feedback shows them; the case itself if nothing is rounded."""
    args = tuple(map(_rounded, case.args))
    kwargs = {name: _rounded(value) for name, value in case.kwargs.items()}
    pairs = zip((*args, *kwargs.values()), (*case.args, *case.kwargs.values()), strict=True)
    return case if all(first is second for first, second in pairs) else Case(*args, **kwargs)


def _rounded(value: Any) -> Any:
    """Return an array of floats with the digits that a call shows; anything else as it is."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return value
    rounded = np.round(value.astype(float), SHOWN_DIGITS)
    return value if np.array_equal(rounded, value) else rounded


def _shown_case(question: Question, results: Sequence[CaseResult]) -> CaseResult | None:
    """Return the shortest call with a wrong value; None if none fits on a line. A number question has one case.

    Inputs that every draw contains are left out: an answer could be written for them alone.
    """
    if question.is_number:
        return results[0]
    if question.needs_tensorflow or question.ask is not None:
        return None
    wrong = [result for result in results if result.error is None and not same(result.got, result.want)]
    calls = {call: result for result in wrong if (call := _call_text(question, result.case))}
    if calls:
        for case in draw_cases(question, np.random.default_rng(OTHER_DRAW)):
            calls.pop(_call_text(question, case), None)
    return calls[min(calls, key=len)] if calls else None


def _call_text(question: Question, case: Case) -> str:
    """Return the call of an answer as code; empty if an argument does not fit on a line."""
    arguments = [
        *map(_argument, case.args),
        *(f"{name}={_argument(value)}" for name, value in case.kwargs.items()),
    ]
    text = f"{question.id}({', '.join(arguments)})"
    return "" if "…" in text or len(text) > MAX_CALL else text


def _argument(value: Any) -> str:
    """Return an argument as code: an array is built as one, because a right answer may fail on a list."""
    text = shown_value(_rounded(value))
    return f"np.array({text})" if isinstance(value, np.ndarray) else text


def shown_value(value: Any) -> str:
    """Return a value as code on one line; a large array is its shape, and anything else that is long is cut."""
    if isinstance(value, (np.ndarray, np.generic)):
        if value.size > MAX_ENTRIES:
            return f"array(…, shape={value.shape})"
        value = np.round(value, 4).tolist() if value.dtype.kind == "f" else value.tolist()
    try:
        return visible(one_line(repr(value)), MAX_CALL)
    except ValueError:  # Python writes no integer of thousands of digits
        return "…"


def _differ(values: Sequence[Any]) -> bool:
    return any(not same(value, values[0]) for value in values[1:])


def _fits_public_numbers(question: Question, results: Sequence[CaseResult], variant: VariantChoice) -> bool:
    if not question.is_number or not variant.student or results[0].error is not None:
        return False
    [public] = draw_cases(question, np.random.default_rng(0))
    return are_alike(question, public.kwargs, results[0].got, reference_value(question, public))


def without_answer(question: Question, reason: Text) -> Report:
    """Return the report of a question whose answer could not be called. reason: why, for the student."""
    checks = _all_errored(question, NOTHING)
    return Report(
        question.id, question.title, question.rubric_points, checks, notes=(reason,), fault="missing",
        section=question.section,
    )  # fmt: skip


def _is_blank(question: Question, results: Sequence[CaseResult]) -> bool:
    """Return whether the answer to a number question is an empty pair of brackets, or the like."""
    return question.is_number and all(
        result.error is None and is_blank(result.got, result.want) for result in results
    )


def _unanswered(question: Question, variant: VariantChoice) -> Report:
    """Return the report of a question that was not answered: each check says no more than this."""
    checks, numbers = _all_errored(question, UNANSWERED), _numbers(question, variant)
    return Report(
        question.id, question.title, question.rubric_points, checks, fault="missing", numbers=numbers,
        section=question.section,
        gave_nothing=True,
    )  # fmt: skip


def _all_errored(question: Question, message: Text) -> tuple[CheckResult, ...]:
    return tuple(
        CheckResult(check.name, check.text, "errored", check.points, message) for check in question.checks
    )


def _numbers(question: Question, variant: VariantChoice) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(variant.numbers(question).items())) if question.is_number else ()


def _call_all(question: Question, session: Session, draw: Draw) -> list[CaseResult]:
    cases, order = draw.cases, draw.order
    # the same for every draw: resubmitting must not be a second chance for a random answer
    seed = question.id_hash >> 1
    plain = question.ask is None and not question.is_number
    again = order[:REPEATED] if plain else ()
    replies: deque[Reply | AnswerError] = deque()
    if plain:
        # one call hung or ended the kernel: calling one by one shows which
        with contextlib.suppress(AnswerError):
            calls = [(cases[index].args, dict(cases[index].kwargs)) for index in (*order, *again)]
            replies.extend(session.call_all(question.id, calls, seed))
    if not replies and not question.is_number:
        _seed(session, seed)
    results: dict[int, CaseResult] = {}
    for index in order:
        results[index] = _call(question, session, cases[index], draw.wants[index], replies)
        error = results[index].error
        if not replies and error is not None and error.fault in ("missing", *TOO_SLOW):
            # each further call would cost the same time limit, or another kernel
            untried = {
                i: CaseResult(cases[i], draw.wants[i], None, error=error, tried=False)
                for i in order
                if i not in results
            }
            return [(results | untried)[i] for i in range(len(cases))]
    for index in again:
        second = _call(question, session, cases[index], draw.wants[index], replies)
        if not same(second.got, results[index].got) and second.error is None:
            results[index] = CaseResult(cases[index], results[index].want, None, error=_CHANGES)
    return [results[index] for index in range(len(cases))]


def _seed(session: Session, seed: int) -> None:
    try:
        session.seed(seed)
    except AnswerError:  # the kernel died meanwhile; the session starts a new one at its next verb
        with contextlib.suppress(AnswerError):
            session.seed(seed)


CHANGES = _("called twice with the same arguments, it gave two different values")
_CHANGES = AnswerError("not data", CHANGES)


def _call(
    question: Question, session: Session, case: Case, want: Any, replies: deque[Reply | AnswerError]
) -> CaseResult:
    """Return the answer's value for a case, from the next of `replies` if there is one."""
    try:
        if question.is_number:
            return CaseResult(case, want, session.get(question.id))
        if question.ask is not None:
            return CaseResult(case, want, question.ask(session, case))
        reply = replies.popleft() if replies else session.call(question.id, *case.args, **case.kwargs)
        if isinstance(reply, AnswerError):
            raise reply
        return CaseResult(case, want, reply.value, reply.arguments)
    except AnswerError as error:
        return CaseResult(case, want, None, error=error)
    except Fail as error:
        return CaseResult(case, want, None, error=AnswerError("not data", error.message, is_judgement=True))


def points_earned(question: Question, case_results: Sequence[CaseResult]) -> float:
    """Return what an answer earns that no misconception explains, carrying nothing over."""
    outcomes = judge_checks(question, case_results)
    near = near_credit(question, case_results, partial(_is_accepted, question))
    return min(question.rubric_points, max(total_points(check.earned for check in outcomes.values()), near))

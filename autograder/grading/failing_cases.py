"""Failing cases of an answer, kept for staff alone: hidden inputs with the expected and the returned values, as texts.

They are rendered in the grading of which the report tells, and travel beside the reports, never in one: all that
students get is made of reports.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from autograder.diagnosis.case_result import CaseResult
from autograder.errors import GraderError
from autograder.grading.judge import compared_values, failure_message
from autograder.grading.report import CheckResult, Report
from autograder.grading.value_format import arguments, short
from autograder.questions.question import Check, Question
from autograder.text import Text, visible

MAX_CASES = 5
"""Cases of one check."""
MAX_MESSAGE = 400
"""Characters of the message on a case, in each language."""
MAX_TEXT = 2000
"""Characters of any other text, in each language."""


@dataclass(frozen=True)
class FailingCase:
    """A case in which a check fails, as short lines of text."""

    given: str
    wanted: str
    """Empty if only the check knows it."""
    got: str
    """Empty if nothing came back."""
    message: Text


@dataclass(frozen=True)
class FailingCheck:
    """A check that does not pass, or a test of nbgrader's, which has no cases."""

    name: str
    message: Text
    """As judged, with what it says of hidden inputs."""
    cases: tuple[FailingCase, ...] = ()
    more: int = 0
    """The number of failing cases left out."""
    untried: int = 0
    """The number of cases in which the answer was not called any more, because it took too long in an earlier one."""


@dataclass(frozen=True)
class FailingCases:
    """The details of a wrong answer that only staff see."""

    checks: tuple[FailingCheck, ...] = ()
    computed: tuple[Text, ...] = ()
    """The formula that a wrong counting function computes, found from the hidden inputs; see `Report.computed`."""

    def first(self, number: int) -> FailingCases:
        """Return these with at most so many cases of each check."""
        return replace(
            self,
            checks=tuple(
                replace(check, cases=check.cases[:number], more=check.more + len(check.cases[number:]))
                for check in self.checks
            ),
        )


def failing_cases(question: Question, report: Report) -> FailingCases:
    """Return the failing cases of a report in which every case is recorded. It calls neither answer nor reference."""
    checks = {check.name: check for check in question.checks}
    if report.unanswered:
        return FailingCases()
    return FailingCases(
        tuple(
            _failing(question, checks[result.name], result, report.cases)
            for result in report.checks
            if result.outcome in ("failed", "errored", "carried") or result.too_easy
        ),
        tuple(limited(text, MAX_TEXT) for text in report.computed),
    )


def rendered(question: Question, check: Check, result: CaseResult) -> tuple[str, str, str]:
    """Return what was given in a case, what a check wants, and what it got, as in `FailingCase`."""
    got, want = compared_values(check, result)
    unknown = check.judges == "value" and (question.needs_tensorflow or question.reference is None)
    return (
        arguments(question, result.case),
        "" if unknown else short(want),
        "" if result.error is not None else short(got),
    )


def limited(text: Text, max_length: int) -> Text:
    """Return a text of limited length, with control characters escaped: it may quote a student."""
    return text.map(partial(visible, max_length=max_length))


def _failing(
    question: Question, check: Check, result: CheckResult, cases: Sequence[CaseResult]
) -> FailingCheck:
    covered = [case for case in cases if check.covers(case.case)]
    failing = (
        (case, message) for case in covered if case.tried and (message := _message(check, case)) is not None
    )
    kept = tuple(
        FailingCase(*rendered(question, check, case), limited(message, MAX_MESSAGE))
        for case, message in itertools.islice(failing, MAX_CASES)
    )
    return FailingCheck(
        result.name,
        limited(result.message, MAX_TEXT),
        kept,
        more=sum(1 for _ in failing),
        untried=sum(not case.tried for case in covered),
    )


def _message(check: Check, result: CaseResult) -> Text | None:
    try:
        return failure_message(check, result)
    except GraderError as error:  # after another case failed, it need not handle the value
        return error.message

"""Judge the checks of a question by the values that an answer returned."""

from __future__ import annotations

import reprlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import Any

from autograder.diagnosis.case_result import CaseResult
from autograder.errors import AnswerFault, Fail, GraderError
from autograder.grading.report import EARNS, NOTHING, CheckResult, Outcome, Quotes
from autograder.i18n import _
from autograder.questions.question import Check, Question
from autograder.text import Text, visible

ALIKE = 0.8
"""Share of characters that two messages have in common if they say the same."""
QUOTED: Mapping[AnswerFault, Quotes] = {"raised": "error", "not data": "type"}


def judge_checks(
    question: Question, case_results: Sequence[CaseResult], shown_case: CaseResult | None = None
) -> dict[str, CheckResult]:
    """Return the results of the checks on the reference's values, by name. shown_case: as for `judge`."""
    outcomes: dict[str, CheckResult] = {}
    for check in question.checks:
        outcomes[check.name] = judge(check, case_results, outcomes, shown_case)
    return outcomes


def judge(
    check: Check,
    case_results: Sequence[CaseResult],
    earlier: Mapping[str, CheckResult],
    shown_case: CaseResult | None = None,
) -> CheckResult:
    """Judge one check. shown_case: the one in the feedback; the message speaks of it if the check fails there."""

    def result(outcome: Outcome, message: Text = NOTHING, quotes: Quotes = "") -> CheckResult:
        return CheckResult(check.name, check.text, outcome, check.points, message, quotes)

    if check.needs is not None and earlier[check.needs.name].outcome not in EARNS:
        needed = check.needs.text
        return result("blocked", _("needs first: {needed}", needed=needed))
    covered = [case_result for case_result in case_results if check.covers(case_result.case)]
    if not covered:
        raise GraderError(_("check {check} covers none of the drawn cases", check=check.name))
    for case_result in covered:
        if case_result.error is not None:
            error = case_result.error
            quotes = "value" if error.is_judgement else QUOTED.get(error.fault, "")
            return result("errored", error.message, quotes)
    failed = [
        (case_result, message)
        for case_result in covered
        if (message := failure_message(check, case_result)) is not None
    ]
    if not failed:
        return result("passed")
    quoted = next((message for case_result, message in failed if case_result is shown_case), failed[0][1])
    alike = all(_are_alike(quoted, message) for _, message in failed)
    return result("failed", _with_count(quoted, len(failed), len(covered), alike=alike), "value")


def compared_values(check: Check, result: CaseResult) -> tuple[Any, Any]:
    """Return what a check compares: actual and expected value, or the arguments after and before the call."""
    if check.judges == "arguments":
        return result.case.args if result.arguments is None else result.arguments, result.case.args
    return result.got, result.want


def failure_message(check: Check, result: CaseResult) -> Text | None:
    """Return the message of a failed check, or None if it passes. Raises GraderError if the check itself fails."""
    if result.error is not None:
        return result.error.message
    got, want = compared_values(check, result)
    try:
        check.judge(got, result.case, want)
    except Fail as error:
        return error.message
    except Exception as error:
        raise GraderError(
            _(
                "{place}: check {check} raised {error} for the value {value}; let it raise Fail",
                place=_place(check.judge, error),
                check=check.name,
                error=_raised(error),
                value=visible(reprlib.repr(got), 80),
            )
        ) from error
    return None


def _are_alike(first: Text, second: Text) -> bool:
    """Return whether two messages say the same, of other values."""
    return first.en == second.en or SequenceMatcher(None, first.en, second.en).ratio() > ALIKE


def _with_count(message: Text, failed: int, covered: int, *, alike: bool) -> Text:
    """Return a message with the number of inputs that failed. alike: whether all of them failed in this way."""
    if covered == 1:
        return message
    if alike:
        text = _("{message} ({failed} of the {covered} inputs tried)")
    else:
        text = _("{message} (this is one of the {failed} that are wrong among the {covered} inputs tried)")
    return text.format(message=message, failed=failed, covered=covered)


def call_author(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a function of the question file; a failure is a GraderError, never the student's."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        while isinstance(function, partial):
            function = function.func
        fix = _("fix it there, or change the cases that it receives")
        if isinstance(error, FileNotFoundError):
            assignment = Path(function.__code__.co_filename).parent.name
            fix = _("put data files that it reads into source/{assignment}/", assignment=assignment)
        elif isinstance(error, NameError) and _is_question(error.name, function):
            fix = _(
                "a question file cannot call the answer to another question: compute it here, and write "
                '@question.follows("{name}") if it may follow from the student\'s own {name} (`autograder docs '
                "questions`)",
                name=error.name,
            )
        raise GraderError(
            _(
                "{place}: {name} raised {error}; {fix}",
                place=_place(function, error),
                name=function.__name__,
                error=_raised(error),
                fix=fix,
            )
        ) from error


def _is_question(name: str | None, function: Callable[..., Any]) -> bool:
    """Return whether a name is that of a question beside the file of a function."""
    path = Path(function.__code__.co_filename)
    return path.with_name(f"{name}.py").is_file() and path.stem != name


def _place(function: Callable[..., Any], error: Exception) -> str:
    """Return the file and line of the author's code that raised."""
    path = function.__code__.co_filename
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    line = lines[-1] if lines else function.__code__.co_firstlineno
    return f"{path}:{line}"


def _raised(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip()

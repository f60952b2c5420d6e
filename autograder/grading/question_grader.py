"""Grade one question in one session. Pure and seeded: the same seed gives the same report.

The trusted process calls the student's answer with cases that it draws itself, in a shuffled order and some of them
twice, and judges the returned values. The answer never sees a check.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import reprlib
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations, takewhile
from types import MappingProxyType
from typing import Any

import greenlet
import numpy as np

from autograder.errors import TOO_SLOW, AnswerError, AnswerFault, Fail, GraderError
from autograder.grading.diagnosis import CaseResult, formulas, same
from autograder.grading.misconceptions import choose_misconceptions
from autograder.grading.observations import observations
from autograder.grading.report import EARNS, NOTHING, CheckResult, Counterexample, Outcome, Quotes, Report
from autograder.grading.unanswered import is_unanswered
from autograder.i18n import _
from autograder.questions.number_answers import are_alike
from autograder.questions.question import Case, Check, Followed, Question
from autograder.questions.variants import PUBLIC, VariantChoice
from autograder.sandbox.inside.codec import NotSerializable, encode
from autograder.sandbox.session import Arguments, Session
from autograder.sandbox.wire import Reply
from autograder.text import Text, joined, one_line, visible

REPEATED = 3
OTHER_DRAW = 1
"""A seed other than that of the inputs of a rehearsal."""
MAX_CALL, MAX_ENTRIES = 100, 12
"""Characters of a call that a counterexample shows, and numbers of an array."""
MAX_OWN_CALLS = 5_000
"""Calls of a student's own functions, for one question that follows them."""
MAX_LATE_CALLS = 2
"""Calls of them that run into a limit, after which no more are made."""
FOLLOWS = _(
    "this follows from your own answer to {questions}, so it costs nothing here; see the feedback there"
)
FOLLOWS_A_CONSTANT = _(
    "this follows from your own answer to {questions}, which gives the same for every input: fix that first"
)
FOLLOWS_TOO_SLOWLY = _(
    "your own answer to {questions} took too long to see whether this one follows from it; if it does, ask for a "
    "regrade"
)
UNANSWERED = _("not answered: no answer was written in its cell")
QUOTED: Mapping[AnswerFault, Quotes] = {"raised": "error", "not data": "type"}


def grade(
    question: Question,
    session: Session,
    *,
    seed: int = 0,
    variant: VariantChoice = VariantChoice(),  # noqa: B008
    earlier: Mapping[str, Report] = MappingProxyType({}),
    untouched: bool = False,
    record_cases: bool = False,
) -> Report:
    """Grade the answer to `question` that the session holds.

    variant: the student's variant, for a number question. earlier: reports of the questions that this one may follow.
    untouched: whether the answer cell is as released; the question is not answered then, unless another cell defines
    an answer that gives a value. record_cases: include every case in the report.
    Raises GraderError if a check, a reference or the drawing of cases fails.
    """

    def call_all(session: Session) -> list[CaseResult]:
        rng = np.random.default_rng([seed, _number_of(question.id)])
        return _call_all(question, session, draw_cases(question, rng, variant), rng)

    case_results = call_all(session)
    if untouched and is_unanswered(question, session, case_results, call_all):
        report = _unanswered(question, variant)
        return replace(report, cases=tuple(case_results)) if record_cases else report
    notes = [variant.note] if question.pool and question.pool.variants and variant.note else []
    shown = _shown_case(question, case_results)
    outcomes: dict[str, CheckResult] = {}
    for check in question.checks:
        outcomes[check.name] = _judge(check, case_results, outcomes, shown)
    if question.followed is not None:
        outcomes, remarks = _follow_through(
            question, question.followed, session, case_results, outcomes, earlier
        )
        notes.extend(remarks)
    failed = [check.name for check in outcomes.values() if check.outcome in ("failed", "errored")]
    checks = tuple(outcomes.values())
    wrong = bool(failed)
    named = choose_misconceptions(question, case_results, failed) if wrong else ()
    computed = tuple(formulas(question, case_results, name_parts=not named)) if wrong else ()
    if wrong and not named:
        computed += tuple(
            observations(question, case_results, _failed_cases(question, case_results, outcomes))
        )
    if wrong and _fits_public_numbers(question, case_results, variant):
        notes.append(PUBLIC)
    fault = next((result.error.fault for result in case_results if result.error is not None), None)
    if any(check.outcome in (*EARNS, "failed") for check in checks):
        fault = None
    return Report(
        question.id, question.title, question.points, checks, named, computed, tuple(notes), fault,
        numbers=_numbers(question, variant),
        counterexample=_counterexample(question, shown) if wrong else None,
        cases=tuple(case_results) if record_cases else (),
        varies=_differ([result.got for result in case_results if result.error is None]),
    )  # fmt: skip


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


def _counterexample(question: Question, shown: CaseResult | None) -> Counterexample | None:
    if shown is None or shown.error is not None:
        return None
    return Counterexample(
        "" if question.is_number else _call_text(question, shown.case), shown_value(shown.got)
    )


def _shown_case(question: Question, results: Sequence[CaseResult]) -> CaseResult | None:
    """Return the shortest call with a wrong value; None if none fits on a line. A number question has one case.

    Inputs that every draw contains are left out: an answer could be written for them alone.
    """
    if question.is_number:
        return results[0]
    if question.needs_tensorflow or question.ask is not None:
        return None
    wrong = [one for one in results if one.error is None and not same(one.got, one.want)]
    calls = {call: one for one in wrong if (call := _call_text(question, one.case))}
    if calls:
        for case in draw_cases(question, np.random.default_rng(OTHER_DRAW)):
            calls.pop(_call_text(question, case), None)
    return calls[min(calls, key=len)] if calls else None


def _call_text(question: Question, case: Case) -> str:
    """Return the call of an answer as code; empty if an argument does not fit on a line."""
    given = [
        *map(_argument, case.args),
        *(f"{name}={_argument(value)}" for name, value in case.kwargs.items()),
    ]
    text = f"{question.id}({', '.join(given)})"
    return "" if "…" in text or len(text) > MAX_CALL else text


def _argument(value: Any) -> str:
    """Return an argument as code: an array is built as one, because a right answer may fail on a list."""
    text = shown_value(value)
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


def _is_constant(calls: Sequence[tuple[Arguments, Any]]) -> bool:
    """Return whether calls of a student's own function had different arguments, and all gave the same value.

    A function can tell where it is called from: for its own question it may vary.
    """
    return _differ([[*args, kwargs] for (args, kwargs), _value in calls]) and not _differ(
        [value for _arguments, value in calls]
    )


def _differ(values: Sequence[Any]) -> bool:
    return any(not same(value, values[0]) for value in values[1:])


def _follow_through(
    question: Question,
    followed: Followed,
    session: Session,
    case_results: Sequence[CaseResult],
    results: Mapping[str, CheckResult],
    earlier: Mapping[str, Report],
) -> tuple[dict[str, CheckResult], list[Text]]:
    """Return the results, carrying over the checks that pass on values computed by the student's own wrong functions.

    A function that returns the same value for every input, there or here, would make these checks trivial: it blocks
    them. One that returns nothing, or another value each time, carries nothing over. Where one runs into a time limit,
    the other inputs decide, and never earn more than the wrong functions lost. Also returns a note if they cannot
    decide. One that gave no value in time for its own question is not called again.
    """
    judged = dict(results)
    wrong = [
        name
        for name in followed.formulas
        if name in earlier and not earlier[name].right and earlier[name].fault not in TOO_SLOW
    ]
    undecided: Text | None = None
    for names in (names for size in range(len(wrong)) for names in combinations(wrong, size + 1)):
        if all(result.outcome in EARNS for result in judged.values()):
            break
        calls: dict[str, list[tuple[Arguments, Any]]] = {name: [] for name in names}
        own_results = _with_own_functions(followed, calls, session, case_results)
        questions = joined(", ", [_("“{title}”", title=earlier[name].title) for name in names])
        varies = all(earlier[name].varies and not _is_constant(calls[name]) for name in names)
        lost = sum(earlier[name].points - earlier[name].score for name in names)
        lost -= _on_trust(report for name, report in earlier.items() if name != question.id)
        for check in question.checks:
            if judged[check.name].outcome == "blocked":
                judged[check.name] = _judge(
                    check, case_results, judged
                )  # its prerequisite may be carried over by now
            result = judged[check.name]
            if own_results is None or result.outcome in EARNS:
                continue
            if not _passes(check, [own for own in own_results if own is not None], judged):
                continue
            # where the reference rejects the answer, own functions decide: some may have given no value in time
            deciding = [
                own
                for one, own in zip(case_results, own_results, strict=True)
                if check.covers(one.case) and failure_message(check, one) is not None
            ]
            on_trust = any(own is None for own in deciding)
            if on_trust and (lost < check.points or all(own is None for own in deciding)):
                undecided = FOLLOWS_TOO_SLOWLY.format(questions=questions)
                continue
            lost -= check.points * on_trust
            outcome: Outcome = "carried" if varies else "blocked"
            message = (FOLLOWS if varies else FOLLOWS_A_CONSTANT).format(questions=questions)
            judged[check.name] = replace(
                result, outcome=outcome, message=message, quotes="", on_trust=on_trust and varies
            )
    if undecided is None or all(result.outcome in EARNS for result in judged.values()):
        return judged, []
    return judged, [undecided]


def _on_trust(reports: Iterable[Report]) -> float:
    """Return the points that were carried over although some inputs could not be judged."""
    return sum(check.points for report in reports for check in report.checks if check.on_trust)


def _passes(check: Check, results: Sequence[CaseResult], earlier: Mapping[str, CheckResult]) -> bool:
    """Return whether a check passes when the student's own functions give the expected values."""
    if check.needs is not None and earlier[check.needs.name].outcome not in EARNS:
        return False
    try:
        return all(
            failure_message(check, result) is None
            or (check.judges == "value" and same(result.got, result.want))
            for result in results
            if check.covers(result.case)
        )
    except GraderError:  # a check need not handle values that no reference returns
        return False


def _with_own_functions(
    followed: Followed,
    calls: Mapping[str, list[tuple[Arguments, Any]]],
    session: Session,
    results: Sequence[CaseResult],
) -> list[CaseResult | None] | None:
    """Return the cases with the values expected from the student's own functions, or None if these fail in any case.

    calls: by the name of each of these functions; the calls that are made are added, with their values.
    There is None in the place of a case that waits for a value which twice did not come in time, and, if there are
    several, of each case that is not computed by then.
    """
    grader = greenlet.getcurrent()

    def own(name: str, *args: Any, **kwargs: Any) -> Any:
        return grader.switch((name, (args, kwargs)))  # goes on when the value has come

    by = followed.by(
        {name: partial(own, name) if name in calls else right for name, right in followed.references.items()}
    )

    def expected(result: CaseResult) -> CaseResult:
        return replace(result, want=result.case.passed_to(by))

    # A request takes milliseconds, and a search makes many calls. So all cases are computed side by side: each stops
    # where it needs a value, and one request asks for the values of all.
    cases = [greenlet.greenlet(expected) for _result in results]
    late = set[int]()
    number = 0
    try:
        reached = [case.switch(result) for case, result in zip(cases, results, strict=True)]
        # a wrong function may keep a search going for ever
        while number < MAX_OWN_CALLS and len(late) < MAX_LATE_CALLS:
            waiting = [place for place, case in enumerate(cases) if not case.dead and place not in late]
            if not waiting:
                break
            name = reached[waiting[0]][0]
            waiting = [place for place in waiting if reached[place][0] == name]
            number += len(waiting)
            values = _own_values(session, name, [reached[place][1] for place in waiting])
            for place, value in zip(waiting, values, strict=False):
                if value is not None:
                    # a copy, since what follows may change its arrays in place
                    calls[name].append(copy.deepcopy((reached[place][1], value)))
                    reached[place] = cases[place].switch(value)
                    continue
                late.add(place)
                if len(late) == MAX_LATE_CALLS:
                    break
    except GraderError:  # a fault of the machine
        raise
    except Exception:  # any kind: a student's function may return anything
        return None
    return [one if case.dead else None for case, one in zip(cases, reached, strict=True)]


def _own_values(session: Session, name: str, calls: Sequence[Arguments]) -> Iterator[Any]:
    """Yield the values of a student's own function, each of which it must give twice; None if one is late.

    A late call has run into a limit in a request of many, and twice when it was made alone, as on a busy machine.
    Raises AnswerError if a call fails, ValueError for a value that changes or is None.
    """
    replies: deque[Reply | AnswerError] = deque()
    one_by_one = False
    for place, call in enumerate(calls):
        if len(replies) < 2 and not one_by_one:
            replies = _in_one_request(session, name, [one for one in calls[place:] for _twice in range(2)])
            # any of the calls may have hung: with the others, each request would run into the limit again
            one_by_one = len(replies) < 2
        while len(replies) < 2 and (reply := _called_again(session, name, call)) is not None:
            replies.append(reply)
        if len(replies) < 2:
            yield None
            continue
        first, second = (_value_of(replies.popleft()) for _twice in range(2))
        if first is None or not same(first, second):
            raise ValueError(f"{name} returns nothing, or another value each time")
        yield first


def _in_one_request(session: Session, name: str, calls: Sequence[Arguments]) -> deque[Reply | AnswerError]:
    """Return the replies to the first calls, up to one that ran into a limit; none if they cannot be read together."""
    try:
        replies = session.call_all(name, calls, _number_of(name) >> 1)
    except AnswerError:  # calling one by one shows which call it was, if it was one
        return deque()
    return deque(
        takewhile(lambda reply: not (isinstance(reply, AnswerError) and reply.fault in TOO_SLOW), replies)
    )


def _called_again(session: Session, name: str, call: Arguments) -> Reply | None:
    """Call a student's own function, and once more if it ran into a limit; None if it did so twice."""
    args, kwargs = call
    for _attempt in range(2):
        try:
            return session.call(name, *args, **kwargs)
        except AnswerError as error:
            if error.fault not in TOO_SLOW:
                raise
    return None


def _value_of(reply: Reply | AnswerError) -> Any:
    if isinstance(reply, AnswerError):
        raise reply
    return reply.value


def _fits_public_numbers(question: Question, results: Sequence[CaseResult], variant: VariantChoice) -> bool:
    if not question.is_number or not variant.student or results[0].error is not None:
        return False
    [public] = draw_cases(question, np.random.default_rng(0))
    return are_alike(question, public.kwargs, results[0].got, reference_value(question, public))


def without_answer(question: Question, reason: Text) -> Report:
    """Return the report of a question whose answer could not be called. reason: why, for the student."""
    checks = _all_errored(question, NOTHING)
    return Report(question.id, question.title, question.points, checks, notes=(reason,), fault="missing")


def _unanswered(question: Question, variant: VariantChoice) -> Report:
    """Return the report of a question that was not answered: each check says no more than this."""
    checks, numbers = _all_errored(question, UNANSWERED), _numbers(question, variant)
    return Report(question.id, question.title, question.points, checks, fault="missing", numbers=numbers)


def _all_errored(question: Question, message: Text) -> tuple[CheckResult, ...]:
    return tuple(
        CheckResult(check.name, check.text, "errored", check.points, message) for check in question.checks
    )


def _numbers(question: Question, variant: VariantChoice) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(variant.numbers(question).items())) if question.is_number else ()


def draw_cases(
    question: Question,
    rng: np.random.Generator,
    variant: VariantChoice = VariantChoice(),  # noqa: B008
) -> list[Case]:
    """Draw the hidden inputs: the student's numbers for a number question, else the cases that its file draws."""
    if question.is_number:
        return [Case(**variant.numbers(question))]
    assert question.draw_cases is not None
    cases = list(_call_ours(question.draw_cases, rng))
    try:
        for case in cases:
            encode([list(case.args), dict(case.kwargs)])
    except NotSerializable as error:
        raise GraderError(
            _("{path}: a case cannot be sent to a kernel: {error}", path=question.path, error=error)
        ) from error
    return cases


def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


def _call_ours(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a function of the question file; a failure is a GraderError, never the student's."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        while isinstance(function, partial):
            function = function.func
        raise GraderError(
            _(
                "{place}: {name} raised {error}; fix it there, or change the cases that it receives",
                place=_place(function, error),
                name=function.__name__,
                error=_raised(error),
            )
        ) from error


def _place(function: Callable[..., Any], error: Exception) -> str:
    """Return the file and line of the author's code that raised."""
    path = function.__code__.co_filename
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    line = lines[-1] if lines else function.__code__.co_firstlineno
    return f"{path}:{line}"


def _raised(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip()


def reference_value(question: Question, case: Case) -> Any:
    """Return the reference's value for a case, or None if computing it needs the student's kernel."""
    if question.needs_tensorflow or question.reference is None:
        return None
    return case.passed_to(partial(_call_ours, question.reference))


def _call_all(
    question: Question, session: Session, cases: Sequence[Case], rng: np.random.Generator
) -> list[CaseResult]:
    # the same for every draw: resubmitting must not be a second chance for a random answer
    seed = _number_of(question.id) >> 1
    order = [int(place) for place in rng.permutation(len(cases))]
    plain = question.ask is None and not question.is_number
    again = order[:REPEATED] if plain else []
    replies: deque[Reply | AnswerError] = deque()
    if plain:
        # one call hung or ended the kernel: calling one by one shows which
        with contextlib.suppress(AnswerError):
            calls = [(cases[place].args, dict(cases[place].kwargs)) for place in (*order, *again)]
            replies.extend(session.call_all(question.id, calls, seed))
    if not replies and not question.is_number:
        _seed(session, seed)
    results: dict[int, CaseResult] = {}
    for place in order:
        results[place] = _call(question, session, cases[place], replies)
        error = results[place].error
        if not replies and error is not None and error.fault in ("missing", *TOO_SLOW):
            # each further call would cost the same time limit, or another kernel
            unasked = {i: CaseResult(cases[i], None, None, error=error) for i in order if i not in results}
            return [(results | unasked)[i] for i in range(len(cases))]
    for place in again:
        second = _call(question, session, cases[place], replies)
        if not same(second.got, results[place].got) and second.error is None:
            results[place] = CaseResult(cases[place], results[place].want, None, error=_CHANGES)
    return [results[place] for place in range(len(cases))]


def _seed(session: Session, seed: int) -> None:
    try:
        session.seed(seed)
    except AnswerError:  # the kernel died meanwhile; the session starts a new one at its next verb
        with contextlib.suppress(AnswerError):
            session.seed(seed)


_CHANGES = AnswerError("not data", _("called twice with the same arguments, it gave two different values"))


def _call(
    question: Question, session: Session, case: Case, replies: deque[Reply | AnswerError]
) -> CaseResult:
    """Return the answer's value for a case, from the next of `replies` if there is one."""
    want = reference_value(question, case)
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


def _judge(
    check: Check,
    case_results: Sequence[CaseResult],
    earlier: dict[str, CheckResult],
    shown: CaseResult | None = None,
) -> CheckResult:
    """Judge one check. shown: the case that the feedback shows; the message speaks of it if the check fails there."""

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
    quoted = next((message for case_result, message in failed if case_result is shown), failed[0][1])
    return result("failed", _with_count(quoted, len(failed), len(covered)), "value")


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


def _with_count(message: Text, failed: int, covered: int) -> Text:
    if covered == 1:
        return message
    return _(
        "{message} ({failed} of the {covered} inputs tried)", message=message, failed=failed, covered=covered
    )

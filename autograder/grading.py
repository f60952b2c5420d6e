"""One question against one session: a report. Pure and seeded: same seed, same report.

The trusted process calls the student's answer with cases it draws itself, in a shuffled order, some of
them twice, and judges what comes back. The answer never sees a check.
"""

from __future__ import annotations

import contextlib
import copy
import decimal
import fractions
import hashlib
import math
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from autograder.errors import AnswerError, AnswerFault, Fail, GraderError
from autograder.question import Case, Check, Misconception, Question
from autograder.sandbox.inside.codec import NotData, encode
from autograder.sandbox.session import Reply, Session
from autograder.text import Text

Outcome = Literal["passed", "failed", "errored", "blocked"]
REPEATED = 3
NOTHING = Text()


@dataclass(frozen=True)
class CheckResult:
    """What one check found."""

    name: str
    text: Text
    outcome: Outcome
    points: float
    message: Text = NOTHING

    @property
    def earned(self) -> float:
        """Points this check adds to the score."""
        return self.points if self.outcome == "passed" else 0.0


@dataclass(frozen=True)
class Named:
    """A misconception that an answer shows."""

    name: str
    text: Text
    credit: float = 0.0


@dataclass(frozen=True)
class Report:
    """One question of one submission: its checks, the mistakes it shows, its score."""

    question: str
    title: Text
    points: float
    checks: tuple[CheckResult, ...]
    misconceptions: tuple[Named, ...] = ()
    notes: tuple[Text, ...] = ()
    """What else the student should know: how the answer was found, why it was lost."""
    fault: AnswerFault | None = None
    """Why there was nothing to judge, where no check could look at anything."""

    @property
    def score(self) -> float:
        """Sum of the passed checks, or the credit of a matching misconception where that is more."""
        earned = sum(check.earned for check in self.checks)
        credit = max((named.credit for named in self.misconceptions), default=0.0)
        return min(self.points, max(earned, credit))


@dataclass(frozen=True)
class _Asked:
    """A case, what the answer gave for it, and its arguments after the call where it changed them."""

    case: Case
    want: Any
    got: Any
    arguments: tuple[Any, ...] | None = None
    error: AnswerError | None = None


def grade(question: Question, session: Session, *, seed: int = 0) -> Report:
    """Judge the answer that the session holds to `question`.

    Raises GraderError where a check, a reference or a draw of ours fails.
    """
    rng = np.random.default_rng([seed, _number_of(question.id)])
    asked = _ask_all(question, session, draw_cases(question, rng), rng)
    results: dict[str, CheckResult] = {}
    for check in question.checks:
        results[check.name] = _judge(check, asked, results)
    checks = tuple(results.values())
    wrong = any(check.outcome != "passed" for check in checks)
    named = tuple(_diagnose(question, asked, results)) if wrong else ()
    fault = next((one.error.fault for one in asked if one.error is not None), None)
    if any(check.outcome in ("passed", "failed") for check in checks):
        fault = None
    return Report(question.id, question.title, question.points, checks, named, fault=fault)


def without_answer(question: Question, reason: Text) -> Report:
    """The report of a question whose answer could not be asked for, and why."""
    checks = tuple(CheckResult(check.name, check.text, "errored", check.points) for check in question.checks)
    return Report(question.id, question.title, question.points, checks, notes=(reason,), fault="missing")


def draw_cases(question: Question, rng: np.random.Generator) -> list[Case]:
    """The hidden inputs: for a number question its public variant, else what its file draws."""
    if question.is_number:
        return [Case(**question.numbers[0])]
    assert question.draw_cases is not None
    cases = list(_ours(question.draw_cases, rng))
    try:
        for case in cases:
            encode([list(case.args), dict(case.kwargs)])
    except NotData as error:
        raise GraderError(f"{question.path}: a case cannot be sent to a kernel: {error}") from error
    return cases


def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


def _ours(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a function of the question file; its failure is never the student's."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        raise GraderError(
            f"{_blame(function, function.__name__, error)}; mend it there, or the cases it is given"
        ) from error


def _blame(function: Callable[..., Any], name: str, error: Exception) -> str:
    """File and line of the author's own code that raised, and what it raised."""
    path = function.__code__.co_filename
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    line = lines[-1] if lines else function.__code__.co_firstlineno
    return f"{path}:{line}: {name} raised {type(error).__name__}: {error}"


def wanted(question: Question, case: Case) -> Any:
    """What the reference gives for a case; None where it needs the student's kernel."""
    if question.needs_tensorflow or question.reference is None:
        return None
    given = copy.deepcopy(case)  # a reference or a mistake may change its arguments
    return _ours(question.reference, *given.args, **given.kwargs)


def _ask_all(
    question: Question, session: Session, cases: Sequence[Case], rng: np.random.Generator
) -> list[_Asked]:
    seed = int(rng.integers(2**31))
    order = [int(place) for place in rng.permutation(len(cases))]
    plain = question.ask is None and not question.is_number
    again = order[:REPEATED] if plain else []
    replies: deque[Reply | AnswerError] = deque()
    if plain:
        with contextlib.suppress(
            AnswerError
        ):  # one of them hung or ended the kernel: asked one by one it shows
            calls = [(cases[place].args, dict(cases[place].kwargs)) for place in (*order, *again)]
            replies.extend(session.call_all(question.id, calls, seed))
    if not replies and not question.is_number:
        _seed(session, seed)
    asked: dict[int, _Asked] = {}
    for place in order:
        asked[place] = _ask(question, session, cases[place], replies)
        error = asked[place].error
        if error is not None and error.fault in ("missing", "timed out", "died"):
            # asking on would cost the same limit, or the same kernel, each time
            rest = {i: _Asked(cases[i], None, None, error=error) for i in order if i not in asked}
            return [(asked | rest)[i] for i in range(len(cases))]
    for place in again:
        second = _ask(question, session, cases[place], replies)
        if not _same(second.got, asked[place].got) and second.error is None:
            asked[place] = _Asked(cases[place], asked[place].want, None, error=_CHANGES)
    return [asked[place] for place in range(len(cases))]


def _seed(session: Session, seed: int) -> None:
    try:
        session.seed(seed)
    except AnswerError:  # the kernel died meanwhile; the session has a new one at its next verb
        with contextlib.suppress(AnswerError):
            session.seed(seed)


_CHANGES = AnswerError(
    "not data",
    Text(
        ko="같은 인수로 두 번 불렀더니 다른 값을 돌려주었습니다.",
        en="called twice with the same arguments, it gave two different values",
    ),
)


def _ask(question: Question, session: Session, case: Case, replies: deque[Reply | AnswerError]) -> _Asked:
    """What the answer gives for a case; the next of `replies` where there is one."""
    want = wanted(question, case)
    try:
        if question.is_number:
            return _Asked(case, want, session.get(question.id))
        if question.ask is not None:
            return _Asked(case, want, question.ask(session, case))
        reply = replies.popleft() if replies else session.call(question.id, *case.args, **case.kwargs)
        if isinstance(reply, AnswerError):
            raise reply
        return _Asked(case, want, reply.value, reply.arguments)
    except AnswerError as error:
        return _Asked(case, want, None, error=error)
    except Fail as error:
        return _Asked(case, want, None, error=AnswerError("not data", error.message))


def _judge(check: Check, asked: Sequence[_Asked], earlier: dict[str, CheckResult]) -> CheckResult:
    def result(outcome: Outcome, message: Text = NOTHING) -> CheckResult:
        return CheckResult(check.name, check.text, outcome, check.points, message)

    if check.needs is not None and earlier[check.needs.name].outcome != "passed":
        needed = check.needs.text
        return result(
            "blocked",
            Text(ko=f"먼저 통과해야 합니다: {needed.ko}", en=f"needs first: {needed.en}"),
        )
    covered = [one for one in asked if check.covers(one.case)]
    if not covered:
        raise GraderError(f"check {check.name} looks at none of the cases drawn")
    for one in covered:
        if one.error is not None:
            return result("errored", one.error.message)
    failed = [message for one in covered if (message := _fails(check, one)) is not None]
    if not failed:
        return result("passed")
    return result("failed", _among(failed[0], len(failed), len(covered)))


def _fails(check: Check, one: _Asked) -> Text | None:
    """What the check has against an answer, or None where it is right."""
    got, want = one.got, one.want
    if check.judges == "arguments":
        got = one.case.args if one.arguments is None else one.arguments
        want = one.case.args
    try:
        check.judge(got, one.case, want)
    except Fail as error:
        return error.message
    except Exception as error:
        blame = _blame(check.judge, f"check {check.name}", error)
        raise GraderError(f"{blame}; let it raise Fail") from error
    return None


def _among(message: Text, failed: int, covered: int) -> Text:
    if covered == 1:
        return message
    return Text(
        ko=f"{message.ko} (시험한 입력 {covered}개 가운데 {failed}개)",
        en=f"{message.en} ({failed} of the {covered} inputs tried)",
    )


def _diagnose(question: Question, asked: Sequence[_Asked], results: Mapping[str, CheckResult]) -> list[Named]:
    """The misconceptions that give exactly what the answer gave, raise where it raised, and fail what it failed.

    Where none gives it in the same type, those that give the same numbers.
    """
    judged = [one for one in asked if one.error is None]
    if not judged or any(one.error is not None and one.error.fault != "raised" for one in asked):
        return []
    for typed in (True, False):
        if not typed and all(_same(one.got, one.want) for one in judged):
            break  # the numbers are right: only a mistake about their type could be named
        named = [
            Named(known.name, known.text, known.credit)
            for known in question.misconceptions
            if all(results[check.name].outcome in ("failed", "errored") for check in known.fails)
            and _shows(known, asked, typed=typed)
        ]
        if named:
            return named
    return []


def _shows(known: Misconception, asked: Sequence[_Asked], *, typed: bool) -> bool:
    if known.seen_in is not None:
        seen_in = known.seen_in
        return all(one.error is None and _is_silent(seen_in, one) for one in asked)
    for one in asked:
        given = copy.deepcopy(one.case)
        try:
            mistaken = known.answer(*given.args, **given.kwargs)
        except Exception:  # a mistake may be undefined for some input, as the answer was
            if one.error is None:
                return False
            continue
        if one.error is not None or not _same(one.got, mistaken, typed=typed):
            return False
    return True


def _is_silent(judge: Callable[[Any, Case, Any], None], one: _Asked) -> bool:
    try:
        judge(one.got, one.case, one.want)
    except Fail:
        return False
    return True


def _same(one: Any, other: Any, *, typed: bool = False) -> bool:
    """Whether two answers are the same value, whatever number type or sequence type holds it.

    typed: arrays must also agree in dtype, and be arrays both.
    """
    one, other = (value[()] if isinstance(value, np.ndarray) else value for value in (one, other))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.shape != other.shape or (typed and one.dtype != other.dtype):
            return False
        return bool(np.allclose(one.astype(float), other.astype(float), atol=1e-6, equal_nan=True))
    sequences = (list, tuple) if typed else (list, tuple, np.ndarray)
    if isinstance(one, sequences) and isinstance(other, sequences):
        # a nested list is no array of more axes: it would have to be turned into one
        flat = all(value.ndim == 1 for value in (one, other) if isinstance(value, np.ndarray))
        pairs = zip(one, other, strict=False)
        return flat and len(one) == len(other) and all(_same(*pair, typed=typed) for pair in pairs)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            _same(value, other[key], typed=typed) for key, value in one.items()
        )
    if any(isinstance(value, (list, tuple, np.ndarray, dict)) for value in (one, other)):
        return False
    try:
        return bool(one == other) or (one != one and other != other) or _same_quotient(one, other)
    except (TypeError, ValueError, ArithmeticError):  # a signalling NaN compares with nothing
        return False


def _same_quotient(one: Any, other: Any) -> bool:
    """Whether two numbers, neither of them an integer, are one quotient: a Fraction and its float are."""
    quotients = (float, np.floating, fractions.Fraction, decimal.Decimal)
    both = isinstance(one, quotients) and isinstance(other, quotients)
    return both and math.isclose(one, other, rel_tol=1e-12)

"""One question against one session: a report. Pure and seeded: same seed, same report.

The trusted process calls the student's answer with cases it draws itself, in a shuffled order, some of
them twice, and judges what comes back. The answer never sees a check.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

import numpy as np

from autograder.diagnosis import Asked, Named, formulas, mistakes, same
from autograder.errors import AnswerError, AnswerFault, Fail, GraderError
from autograder.question import Case, Check, Question
from autograder.sandbox.inside.codec import NotData, encode
from autograder.sandbox.session import Reply, Session
from autograder.text import Text
from autograder.variants import PUBLIC, Chosen

Outcome = Literal["passed", "failed", "errored", "blocked"]
Quotes = Literal["error", "type", "value", ""]
REPEATED = 3
QUOTED: Mapping[AnswerFault, Quotes] = {"raised": "error", "not data": "type"}
NOTHING = Text()


@dataclass(frozen=True)
class CheckResult:
    """What one check found."""

    name: str
    text: Text
    outcome: Outcome
    points: float
    message: Text = NOTHING
    quotes: Quotes = field(default="", compare=False)
    """Of what the message may hold a part that the answer chose; see `disclosure`. It is no part of what is kept."""

    @property
    def earned(self) -> float:
        """Points this check adds to the score."""
        return self.points if self.outcome == "passed" else 0.0


@dataclass(frozen=True)
class Report:
    """One question of one submission: its checks, the mistakes it shows, its score."""

    question: str
    title: Text
    points: float
    checks: tuple[CheckResult, ...]
    misconceptions: tuple[Named, ...] = ()
    computed: tuple[Text, ...] = ()
    """What a wrong counting function computes, and which part of it is wrong."""
    notes: tuple[Text, ...] = ()
    """What else the student should know: how the answer was found, why it was lost."""
    fault: AnswerFault | None = None
    """Why there was nothing to judge, where no check could look at anything."""
    ungraded: str = ""
    """Why there is no score, through no fault of the student's: for staff."""
    asked: tuple[Asked, ...] = field(default=(), repr=False, compare=False)
    """Every case with what was wanted and what came back, where that is to be shown; it is no part of what is kept."""

    @property
    def score(self) -> float:
        """Sum of the passed checks, or the credit of a matching misconception where that is more."""
        earned = sum(check.earned for check in self.checks)
        credit = max((named.credit for named in self.misconceptions), default=0.0)
        return min(self.points, max(earned, credit))


def grade(
    question: Question,
    session: Session,
    *,
    seed: int = 0,
    chosen: Chosen = Chosen(),  # noqa: B008
    shown: bool = False,
) -> Report:
    """Judge the answer that the session holds to `question`.

    chosen: whose numbers a number question has. shown: let the report hold what was asked.
    Raises GraderError where a check, a reference or a draw of ours fails.
    """
    rng = np.random.default_rng([seed, _number_of(question.id)])
    asked = _ask_all(question, session, draw_cases(question, rng, chosen), rng)
    results: dict[str, CheckResult] = {}
    for check in question.checks:
        results[check.name] = _judge(check, asked, results)
    failed = [check.name for check in results.values() if check.outcome in ("failed", "errored")]
    notes = [chosen.note] if question.pool and question.pool.variants and chosen.note else []
    checks = tuple(results.values())
    wrong = any(check.outcome != "passed" for check in checks)
    named = tuple(mistakes(question, asked, failed)) if wrong else ()
    computed = tuple(formulas(question, asked, tell_parts=not named)) if wrong else ()
    if wrong and _fits_the_public_numbers(question, asked, chosen):
        notes.append(PUBLIC)
    fault = next((one.error.fault for one in asked if one.error is not None), None)
    if any(check.outcome in ("passed", "failed") for check in checks):
        fault = None
    return Report(
        question.id, question.title, question.points, checks, named, computed, tuple(notes), fault,
        asked=tuple(asked) if shown else (),
    )  # fmt: skip


def carried_on(question: Question, report: Report, reports: Mapping[str, Report], chosen: Chosen) -> Report:
    """The report of a number question, with full marks where a wrong number is right by a formula judged elsewhere.

    reports: on all questions, by name; the formula may be asked for above the number or below it.
    """
    if not report.misconceptions:
        return report
    names = {named.name for named in report.misconceptions}
    for followed in question.followed:
        formula = reports.get(followed.formula)
        if not followed.carried_on or formula is None:
            continue
        numbers = chosen.numbers(question)
        given = next(known.answer(**numbers) for known in question.misconceptions if known.name in names)
        for named in formula.misconceptions:
            applied = followed.mistakes.get(named.name)
            if applied is not None and same(given, _number_by(applied, numbers)):
                checks = tuple(replace(one, outcome="passed", message=NOTHING) for one in report.checks)
                notes = tuple(note for note in report.notes if note is not PUBLIC)
                told = _follows(formula.title)
                return replace(report, checks=checks, misconceptions=(), computed=(), notes=(*notes, told))
    return report


def _number_by(mistake: Callable[..., Any], numbers: Mapping[str, Any]) -> Any:
    """What a known mistake gives; None where it is undefined for these numbers."""
    try:
        return mistake(**numbers)
    except Exception:
        return None


def _follows(title: Text) -> Text:
    return Text(
        ko=f"‘{title.ko}’에 쓴 식을 그대로 따른 값이어서 여기에서는 점수를 잃지 않습니다. 식은 그 문제의 피드백을 보고 "
        "고치세요.",
        en=f"this follows from your own formula in “{title.en}”, so it costs nothing here; see the feedback "
        "there for the formula itself",
    )


def _fits_the_public_numbers(question: Question, asked: Sequence[Asked], chosen: Chosen) -> bool:
    if not question.is_number or not chosen.student or asked[0].error is not None:
        return False
    return same(asked[0].got, wanted(question, draw_cases(question, np.random.default_rng(0))[0]))


def without_answer(question: Question, reason: Text) -> Report:
    """The report of a question whose answer could not be asked for, and why."""
    checks = tuple(CheckResult(check.name, check.text, "errored", check.points) for check in question.checks)
    return Report(question.id, question.title, question.points, checks, notes=(reason,), fault="missing")


def draw_cases(
    question: Question,
    rng: np.random.Generator,
    chosen: Chosen = Chosen(),  # noqa: B008
) -> list[Case]:
    """The hidden inputs: for a number question the numbers of the one who is judged, else what its file draws."""
    if question.is_number:
        return [Case(**chosen.numbers(question))]
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
        while isinstance(function, partial):
            function = function.func
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
) -> list[Asked]:
    # the same for every draw: what is random in an answer is no lottery that handing in again could win
    seed = _number_of(question.id) >> 1
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
    asked: dict[int, Asked] = {}
    for place in order:
        asked[place] = _ask(question, session, cases[place], replies)
        error = asked[place].error
        if error is not None and error.fault in ("missing", "timed out", "died"):
            # asking on would cost the same limit, or the same kernel, each time
            rest = {i: Asked(cases[i], None, None, error=error) for i in order if i not in asked}
            return [(asked | rest)[i] for i in range(len(cases))]
    for place in again:
        second = _ask(question, session, cases[place], replies)
        if not same(second.got, asked[place].got) and second.error is None:
            asked[place] = Asked(cases[place], asked[place].want, None, error=_CHANGES)
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


def _ask(question: Question, session: Session, case: Case, replies: deque[Reply | AnswerError]) -> Asked:
    """What the answer gives for a case; the next of `replies` where there is one."""
    want = wanted(question, case)
    try:
        if question.is_number:
            return Asked(case, want, session.get(question.id))
        if question.ask is not None:
            return Asked(case, want, question.ask(session, case))
        reply = replies.popleft() if replies else session.call(question.id, *case.args, **case.kwargs)
        if isinstance(reply, AnswerError):
            raise reply
        return Asked(case, want, reply.value, reply.arguments)
    except AnswerError as error:
        return Asked(case, want, None, error=error)
    except Fail as error:
        return Asked(case, want, None, error=AnswerError("not data", error.message))


def _judge(check: Check, asked: Sequence[Asked], earlier: dict[str, CheckResult]) -> CheckResult:
    def result(outcome: Outcome, message: Text = NOTHING, quotes: Quotes = "") -> CheckResult:
        return CheckResult(check.name, check.text, outcome, check.points, message, quotes)

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
            return result("errored", one.error.message, QUOTED.get(one.error.fault, ""))
    failed = [message for one in covered if (message := objection(check, one)) is not None]
    if not failed:
        return result("passed")
    return result("failed", _among(failed[0], len(failed), len(covered)), "value")


def compared(check: Check, one: Asked) -> tuple[Any, Any]:
    """What a check compares: what came back and what is wanted, or the arguments after the call and before it."""
    if check.judges == "arguments":
        return one.case.args if one.arguments is None else one.arguments, one.case.args
    return one.got, one.want


def objection(check: Check, one: Asked) -> Text | None:
    """What the check has against an answer, or None where it is right. Raises GraderError where the check fails."""
    if one.error is not None:
        return one.error.message
    got, want = compared(check, one)
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

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
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from autograder.diagnosis import Asked, Named, formulas, mistakes, same
from autograder.errors import AnswerError, AnswerFault, Fail, GraderError
from autograder.observations import in_part, observed
from autograder.question import Case, Check, Followed, Question
from autograder.sandbox.inside.codec import NotData, encode
from autograder.sandbox.session import Reply, Session
from autograder.text import Text
from autograder.variants import PUBLIC, Chosen

Outcome = Literal["passed", "carried", "failed", "errored", "blocked"]
Quotes = Literal["error", "type", "value", ""]
EARNS: tuple[Outcome, ...] = ("passed", "carried")
REPEATED = 3
MAX_OWN_CALLS = 5_000
"""Of a student's own functions, for one question that follows them."""
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
        return self.points if self.outcome in EARNS else 0.0


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
    varies: bool = field(default=False, compare=False)
    """Whether the answer gave different values for different cases; it is no part of what is kept."""

    @property
    def right(self) -> bool:
        """Whether every check is passed by the truth."""
        return all(check.outcome == "passed" for check in self.checks)

    @property
    def score(self) -> float:
        """Sum of the checks that are passed or carried over, or the credit of a known mistake where that is more."""
        earned = sum(check.earned for check in self.checks)
        credit = max((named.credit for named in self.misconceptions), default=0.0)
        return min(self.points, max(earned, credit))

    @property
    def credit(self) -> float:
        """Points for a known mistake, above those of the checks."""
        return self.score - sum(check.earned for check in self.checks)


def grade(
    question: Question,
    session: Session,
    *,
    seed: int = 0,
    chosen: Chosen = Chosen(),  # noqa: B008
    earlier: Mapping[str, Report] = MappingProxyType({}),
    shown: bool = False,
) -> Report:
    """Judge the answer that the session holds to `question`.

    chosen: whose numbers a number question has. earlier: the reports of the questions that this one may follow.
    shown: let the report hold what was asked.
    Raises GraderError where a check, a reference or a draw of ours fails.
    """
    rng = np.random.default_rng([seed, _number_of(question.id)])
    asked = _ask_all(question, session, draw_cases(question, rng, chosen), rng)
    results: dict[str, CheckResult] = {}
    for check in question.checks:
        results[check.name] = _judge(check, asked, results)
    if question.followed is not None:
        results = _carried_over(question, question.followed, session, asked, results, earlier)
    failed = [check.name for check in results.values() if check.outcome in ("failed", "errored")]
    notes = [chosen.note] if question.pool and question.pool.variants and chosen.note else []
    checks = tuple(results.values())
    wrong = bool(failed)
    named = tuple(mistakes(question, asked, failed) or in_part(question, asked, failed)) if wrong else ()
    computed = tuple(formulas(question, asked, tell_parts=not named)) if wrong else ()
    if wrong and not named:
        computed += tuple(observed(question, asked, _objected(question, asked, results)))
    if wrong and _fits_the_public_numbers(question, asked, chosen):
        notes.append(PUBLIC)
    fault = next((one.error.fault for one in asked if one.error is not None), None)
    if any(check.outcome in (*EARNS, "failed") for check in checks):
        fault = None
    return Report(
        question.id, question.title, question.points, checks, named, computed, tuple(notes), fault,
        asked=tuple(asked) if shown else (), varies=_varies(asked),
    )  # fmt: skip


def _objected(question: Question, asked: Sequence[Asked], results: Mapping[str, CheckResult]) -> list[Asked]:
    """The cases to which a check objects that judges values and is not carried over."""
    checks = [
        check
        for check in question.checks
        if check.judges == "value" and results[check.name].outcome == "failed"
    ]
    return [one for one in asked if any(check.covers(one.case) and objection(check, one) for check in checks)]


def _varies(asked: Sequence[Asked]) -> bool:
    given = [one.got for one in asked if one.error is None]
    return any(not same(one, given[0]) for one in given[1:])


def _carried_over(
    question: Question,
    followed: Followed,
    session: Session,
    asked: Sequence[Asked],
    results: Mapping[str, CheckResult],
    earlier: Mapping[str, Report],
) -> dict[str, CheckResult]:
    """The results, with those checks carried over that are passed by the student's own wrong functions.

    A function that gives the same for everything would make them trivial: by it they are blocked. By one that
    gives nothing, or another value each time, nothing is carried over.
    """
    judged = dict(results)
    wrong = [name for name in followed.formulas if name in earlier and not earlier[name].right]
    for names in (names for size in range(len(wrong)) for names in combinations(wrong, size + 1)):
        if all(result.outcome in EARNS for result in judged.values()):
            break
        by_own = _by_own(followed, names, session, asked)
        titles = [earlier[name].title for name in names]
        varies = all(earlier[name].varies for name in names)
        for check in question.checks:
            if judged[check.name].outcome == "blocked":
                judged[check.name] = _judge(check, asked, judged)  # what it needs may be carried over by now
            result = judged[check.name]
            if result.outcome not in EARNS and _is_passed(check, by_own, judged):
                outcome: Outcome = "carried" if varies else "blocked"
                told = _follows(titles) if varies else _is_constant(titles)
                judged[check.name] = replace(result, outcome=outcome, message=told, quotes="")
    return judged


def _is_passed(check: Check, asked: Sequence[Asked] | None, earlier: Mapping[str, CheckResult]) -> bool:
    """Whether a check is passed by what is wanted by the student's own functions, whatever these give."""
    if asked is None or (check.needs is not None and earlier[check.needs.name].outcome not in EARNS):
        return False
    try:
        return all(
            objection(check, one) is None or (check.judges == "value" and same(one.got, one.want))
            for one in asked
            if check.covers(one.case)
        )
    except GraderError:  # a check need not know what to say of values that no reference gives
        return False


def _by_own(
    followed: Followed, names: Collection[str], session: Session, asked: Sequence[Asked]
) -> list[Asked] | None:
    """The cases with what is wanted by the student's own functions; None where they do not give it for all."""
    calls = iter(range(MAX_OWN_CALLS))

    def own(name: str, *args: Any, **kwargs: Any) -> Any:
        next(calls)  # a wrong function may lead a search on for ever
        given, again = (session.call(name, *args, **kwargs).value for _ in range(2))
        if given is None or not same(given, again):
            raise ValueError(f"{name} gives nothing, or another value each time")
        return given

    by = followed.by(
        {name: partial(own, name) if name in names else right for name, right in followed.references.items()}
    )
    wanted = []
    for one in asked:
        given = copy.deepcopy(one.case)
        try:
            wanted.append(replace(one, want=by(*given.args, **given.kwargs)))
        except Exception:  # of whatever kind: it is the student's function that gives what nobody foresaw
            return None
    return wanted


def _follows(titles: Sequence[Text]) -> Text:
    ko, en = _listed(titles)
    return Text(
        ko=f"{ko}에 쓴 식을 그대로 따른 값이어서 여기에서는 점수를 잃지 않습니다. 그 문제의 피드백을 보세요.",
        en=f"this follows from your own answer to {en}, so it costs nothing here; see the feedback there",
    )


def _is_constant(titles: Sequence[Text]) -> Text:
    ko, en = _listed(titles)
    return Text(
        ko=f"{ko}에 쓴 함수가 입력과 상관없이 같은 값을 돌려주어서 볼 수 없습니다. 그 문제를 먼저 고치세요.",
        en=f"this follows from your own answer to {en}, which gives the same for every input: mend that first",
    )


def _listed(titles: Sequence[Text]) -> tuple[str, str]:
    return ", ".join(f"‘{title.ko}’" for title in titles), ", ".join(f"“{title.en}”" for title in titles)


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

    if check.needs is not None and earlier[check.needs.name].outcome not in EARNS:
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

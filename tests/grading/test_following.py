"""Questions that follow others: a mistake costs once, and never pays."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.errors import AnswerError, AnswerFault, QuestionError, SessionLost
from autograder.feedback.page import render_report
from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.grading.report import Report
from autograder.questions.question import Question
from autograder.sandbox.session import Arguments
from autograder.sandbox.wire import Reply
from autograder.text import Text
from autograder.verification.laws import violations
from tests.support import ROOT, small_course

PAIR = '''\
"""Two Dense layers."""

from autograder import Case, Question, Text, expect

question = Question(title=Text(ko="두 층", en="Two layers"), statement=Text(ko="세세요.", en="Count."))


@question.answer
def pair(inputs, units):
    """Number of parameters, layer by layer, and their sum."""
    return [units * (inputs + 1), units * (units + 1)]


@question.cases
def cases(rng):
    return [Case(int(inputs), int(inputs) + 3) for inputs in rng.permutation(range(2, 30))[:8]]


@question.check(points=1, text=Text(ko="첫 층", en="the first layer"))
def first(got, case, want):
    expect.counts(got, want, where=slice(0, 1))


@question.check(points=2, text=Text(ko="둘째 층", en="the second layer"), needs=first)
def second(got, case, want):
    expect.counts(got, want, where=slice(1, None))


@question.follows("dense")
def by_own(dense, inputs, units):
    return [dense(inputs, units), dense(units, units)]


@question.misconception(text=Text(ko="모두 하나.", en="Ones."), fails=[first])
def ones(inputs, units):
    return [1, units * (units + 1)]


@question.misconception(text=Text(ko="아래층.", en="Look below."), fails=[second])
def reads_the_input(inputs, units):
    return [units * (inputs + 1)] * 2
'''
DECLARED = PAIR.replace(
    '@question.follows("dense")',
    """def reads_the_input(dense, inputs, units):
    return dense(inputs, units) != dense(inputs + 1, units)


@question.follows("dense", enough=reads_the_input)""",
).replace("def reads_the_input(inputs, units)", "def the_input_twice(inputs, units)")
DENSE = '''\
"""A Dense layer."""

from autograder import Case, Question, Text, expect

question = Question(title=Text(ko="식", en="The formula"), statement=Text(ko="세세요.", en="Count."))


@question.answer
def dense(inputs, units):
    """Number of parameters."""
    return units * (inputs + 1)


@question.cases
def cases(rng):
    return [Case(int(inputs), int(inputs) + 3) for inputs in rng.permutation(range(2, 30))[:8]]


@question.check(points=4, text=Text(ko="맞다", en="right"))
def right(got, case, want):
    expect.count(got, want)


@question.misconception(text=Text(ko="편향이 없습니다.", en="The bias is missing."), fails=[right], credit=2)
def no_bias(inputs, units):
    return units * inputs
'''


def no_bias(inputs: int, units: int) -> int:
    """A wrong formula."""
    return units * inputs


def odd(inputs: int, units: int) -> int:
    """A wrong formula that no misconception explains."""
    return inputs * inputs + 2 * units


def right_dense(inputs: int, units: int) -> int:
    """The right one."""
    return units * (inputs + 1)


def course_of(folder: Path, pair: str) -> Course:
    """A course with a formula and a question that follows it."""
    opened = Course.open(small_course(folder / "course", languages=("ko", "en")))
    questions = opened.root / "solutions" / "layers"
    questions.mkdir(parents=True)
    (questions / "dense.py").write_text(DENSE, encoding="utf-8")
    (questions / "pair.py").write_text(pair, encoding="utf-8")
    return opened


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course in which only known mistakes of the formula keep the question as hard."""
    return course_of(tmp_path_factory.mktemp("followed"), PAIR)


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course in which any formula that reads its input keeps the question as hard."""
    return course_of(tmp_path_factory.mktemp("declared"), DECLARED)


def judged(course: Course, dense: Callable[..., Any], pair: Callable[..., Any]) -> Mapping[str, Report]:
    """The reports on a formula and on what follows it."""
    questions = {question.id: question for question in course.assignment("layers").questions}
    formula = grade(questions["dense"], DirectSession(dense))
    session = FollowingSession(pair, {"dense": dense})
    return {"dense": formula, "pair": grade(questions["pair"], session, earlier={"dense": formula})}


def outcomes(report: Report) -> list[str]:
    """The outcome of each check."""
    return [check.outcome for check in report.checks]


class TestAFunctionThatFollows:
    """It is judged by the student's own function where that one is wrong."""

    def test_mistake_costs_once(self, course: Course) -> None:
        """What follows from a wrong function is carried over, says so, and names no mistake again."""
        report = judged(course, no_bias, lambda d, u: [no_bias(d, u), no_bias(u, u)])["pair"]
        assert (report.score, outcomes(report)) == (3, ["carried", "carried"])
        assert report.misconceptions == ()
        assert report.checks[0].message.en == (
            "this follows from your own answer to “The formula”, so it costs nothing here; see the feedback there"
        )
        assert "앞의 답에 따라 인정" in render_report(report, "ko")

    def test_the_truth_is_right_whatever_the_formula(self, course: Course) -> None:
        """One who does not call the wrong function keeps the points, too."""
        report = judged(course, no_bias, lambda d, u: [right_dense(d, u), right_dense(u, u)])["pair"]
        assert outcomes(report) == ["passed", "passed"]

    def test_each_check_for_itself(self, course: Course) -> None:
        """A mistake of its own costs what it costs, beside what is carried over."""
        report = judged(course, no_bias, lambda d, u: [no_bias(d, u), no_bias(d, u)])["pair"]
        assert (report.score, outcomes(report)) == (1, ["carried", "failed"])

    def test_right_formula_carries_nothing(self, course: Course) -> None:
        """A wrong formula of the question's own is its own mistake."""
        report = judged(course, right_dense, lambda d, u: [no_bias(d, u), no_bias(u, u)])["pair"]
        assert (report.score, outcomes(report)) == (0, ["failed", "blocked"])

    def test_easier_task_pays_nothing(self, course: Course) -> None:
        """What follows from a function that makes it easier is blocked, and says why."""
        for easy in (lambda d, u: 7, lambda d, u: d, lambda d, u: d + u, lambda d, u: d + 1):
            report = judged(course, easy, lambda d, u, easy=easy: [easy(d, u), easy(u, u)])["pair"]
            assert (report.score, outcomes(report)) == (0, ["blocked", "blocked"])
            assert [check.too_easy for check in report.checks] == [True, True]
            assert report.checks[1].message.en == (
                "no points: this needs “The formula” to be right, or wrong in a way that keeps this question as hard"
            )
            assert (report.misconceptions, report.computed) == ((), ())

    def test_trivial_mistake_blocks(self, tmp_path: Path) -> None:
        """A known mistake that its author has marked as trivial carries nothing over, whatever else is declared."""
        easy = course_of(tmp_path, DECLARED)
        file = easy.root / "solutions" / "layers" / "dense.py"
        file.write_text(DENSE.replace("credit=2)", "credit=2, trivial=True)"), encoding="utf-8")
        report = judged(easy, no_bias, lambda d, u: [no_bias(d, u), no_bias(u, u)])["pair"]
        assert outcomes(report) == ["blocked", "blocked"]

    def test_declared_function_is_enough(self, course: Course, declared: Course) -> None:
        """A formula that is wrong in an unknown way carries over where the author has declared it enough."""
        odd = lambda d, u: d * d + 2 * u  # noqa: E731
        pair = lambda d, u: [odd(d, u), odd(u, u)]  # noqa: E731
        assert outcomes(judged(declared, odd, pair)["pair"]) == ["carried", "carried"]
        assert outcomes(judged(course, odd, pair)["pair"]) == ["blocked", "blocked"]

    def test_declaration_does_not_hold_of_every_function(self, declared: Course) -> None:
        """A formula that ignores its input is not enough where the author asks that it reads it."""
        assert outcomes(judged(declared, lambda d, u: u, lambda d, u: [u, u])["pair"]) == [
            "blocked",
            "blocked",
        ]

    def test_function_that_answers_otherwise_where_it_is_followed(self, course: Course) -> None:
        """A known mistake in its own question that is a constant elsewhere helps no constant answer."""
        asked = itertools.count()
        own_cases = 8 + 3  # three of them twice
        helps = lambda d, u: d * u if next(asked) < own_cases else 7  # noqa: E731
        report = judged(course, helps, lambda d, u: [7, 7])["pair"]
        assert (report.score, outcomes(report)) == (0, ["failed", "blocked"])

    @pytest.mark.parametrize("strange", [None, [1], "7", float("nan"), {}])
    def test_function_that_gives_no_number(self, course: Course, strange: object) -> None:
        """What it gives may be anything: nothing is carried over, and the grader goes on."""
        flags = itertools.cycle([strange, 3])
        reports = judged(course, lambda d, u: next(flags), lambda d, u: [strange, strange])
        assert reports["pair"].score == 0

    def test_function_that_gives_lists(self, declared: Course) -> None:
        """What follows from values of another kind is carried over, too, where it is the same."""
        reports = judged(declared, lambda d, u: [u * d, u], lambda d, u: [[u * d, u], [u * u, u]])
        assert outcomes(reports["pair"]) == ["carried", "carried"]

    def test_function_that_sometimes_returns_nothing(self, course: Course) -> None:
        """An unanswered question is None, too, and is not paid for it."""
        reports = judged(course, lambda d, u: None if d == u else d * u, lambda d, u: [d * u, None])
        assert outcomes(reports["pair"]) == ["carried", "failed"]

    def test_function_that_answers_by_chance(self, course: Course) -> None:
        """One that gives another value each time carries nothing over, though it may meet the answer."""
        drawn = itertools.cycle([3, 4])
        pairs = (lambda d, u: [4, 3], lambda d, u: [3, 4])
        assert [judged(course, lambda d, u: next(drawn), pair)["pair"].score for pair in pairs] == [0, 0]

    def test_function_that_raises(self, course: Course) -> None:
        """One that raises for some input carries nothing over."""

        def raises(inputs: int, units: int) -> int:
            return 1 // (inputs % 2) * no_bias(inputs, units)

        report = judged(course, raises, lambda d, u: [no_bias(d, u), no_bias(u, u)])["pair"]
        assert outcomes(report) == ["failed", "blocked"]


class TestAFormula:
    """A counting function that no misconception explains keeps the difficulty by its formula."""

    def outcomes(self, formula: Callable[..., int]) -> list[str]:
        """The outcomes of a search that follows a wrong count."""
        questions = {one.id: one for one in Course.open(ROOT).assignment("lstm_parameters").questions}
        search = questions["max_lstm_units"]
        assert search.followed is not None
        functions = {"lstm_params": formula}
        report = grade(questions["lstm_params"], DirectSession(formula))
        assert (report.right, report.misconceptions) == (False, ())
        session = FollowingSession(search.followed.by(functions), functions)
        return outcomes(grade(search, session, earlier={"lstm_params": report}))

    @pytest.mark.parametrize(
        "formula",
        [
            lambda input_dim, units: 7 * units * units + 2 * units * input_dim + 9 * units,
            lambda input_dim, units: units * units // 1 + units * input_dim - 3 * units + 100,
            lambda input_dim, units: 4 * units * (units + input_dim + 1) + input_dim * input_dim,
            lambda input_dim, units: units * units + 4 * units * input_dim + 4,
        ],
    )
    def test_every_product_with_other_factors_carries_over(self, formula: Callable[..., int]) -> None:
        """The search stays as hard, also without the biases, which are a single argument."""
        assert set(self.outcomes(formula)) <= {"carried", "passed"}

    @pytest.mark.parametrize(
        "formula",
        [
            lambda input_dim, units: 7 * units * input_dim + 9 * units,
            lambda input_dim, units: 5 * units * units + 4 * units,
            lambda input_dim, units: 9 * units + input_dim,
        ],
    )
    def test_missing_product_blocks(self, formula: Callable[..., int]) -> None:
        """A formula without one of the products makes the search easier."""
        assert "blocked" in self.outcomes(formula)


class FollowingSession(DirectSession):
    """A session that also answers for the functions of other questions, by name."""

    def __init__(self, answer: Callable[..., Any], others: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(answer)
        self._others = others

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call the function of this name."""
        if name in self._others:
            return DirectSession(self._others[name]).call(name, *args, **kwargs)
        return super().call(name, *args, **kwargs)


class SlowSession(FollowingSession):
    """A session in which calls of `dense` end with an error: those numbered in `slow`, counted from 0."""

    def __init__(
        self, pair: Callable[..., Any], dense: Callable[..., Any], slow: Iterable[int], error: Exception
    ):
        super().__init__(pair, {"dense": dense})
        self._slow, self._error, self.calls = frozenset(slow), error, itertools.count()

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call a function, unless its turn is to fail."""
        if name == "dense" and next(self.calls) in self._slow:
            raise self._error
        return super().call(name, *args, **kwargs)


class TestAFunctionThatIsTooSlow:
    """A limit that the student's own function meets costs no right answer, and earns none more than was lost."""

    def judged(
        self,
        course: Course,
        dense: Callable[..., Any],
        slow: Iterable[int],
        pair: Callable[..., Any] | None = None,
    ) -> Report:
        """The report on what follows a wrong function, some of whose calls run into a limit."""
        questions = {question.id: question for question in course.assignment("layers").questions}
        formula = grade(questions["dense"], DirectSession(dense))
        late = AnswerError("timed out", Text(en="it took more than 20 s"))
        session = SlowSession(pair or (lambda d, u: [dense(d, u), dense(u, u)]), dense, slow, late)
        return grade(questions["pair"], session, earlier={"dense": formula})

    def test_one_that_loops_for_ever(self, course: Course) -> None:
        """A function that timed out for its own question is not called again, which took minutes for each dependent."""
        questions = {question.id: question for question in course.assignment("layers").questions}
        late = AnswerError("timed out", Text(en="it took more than 20 s"))
        formula = grade(questions["dense"], SlowSession(no_bias, no_bias, range(1000), late))
        session = SlowSession(lambda d, u: [0, 0], no_bias, range(1000), late)
        report = grade(questions["pair"], session, earlier={"dense": formula})
        assert formula.fault == "timed out"
        assert (report.score, next(session.calls)) == (0, 0)

    def test_busy_machine(self, declared: Course) -> None:
        """A call that is in time when it is made again has cost nothing."""
        report = self.judged(declared, odd, (0, 5))
        assert (outcomes(report), report.notes) == (["carried", "carried"], ())

    def test_known_mistake_is_not_called(self, course: Course) -> None:
        """Where a misconception explains the function, its own speed decides nothing."""
        report = self.judged(course, no_bias, range(1000))
        assert (outcomes(report), report.notes) == (["carried", "carried"], ())

    def test_undecided_is_said(self, declared: Course) -> None:
        """What may follow from a function that is too slow stays wrong, and the student may ask for a regrade."""
        for slow in (range(1000), (30, 31)):
            report = self.judged(declared, odd, slow)
            assert report.score == 0
            assert [note.en for note in report.notes] == [
                "your own answer to “The formula” took too long to see whether this one follows from it; if it does, "
                "ask for a regrade"
            ]

    def test_contradictions_are_not_undecided(self, declared: Course) -> None:
        """One input for which the answer does not follow is enough."""
        pair = lambda d, u: [odd(d, u) + 1, odd(u, u)]  # noqa: E731
        report = self.judged(declared, odd, range(56, 1000), pair)
        assert (report.score, report.notes) == (0, ())

    def test_lost_session_is_not_a_verdict(self, declared: Course) -> None:
        """When the machine loses the kernel, the question is not judged by the reference alone."""
        questions = {question.id: question for question in declared.assignment("layers").questions}
        formula = grade(questions["dense"], DirectSession(odd))
        lost = SlowSession(
            lambda d, u: [odd(d, u), odd(u, u)],
            odd,
            range(9),
            SessionLost("the fork server ended"),
        )
        with pytest.raises(SessionLost, match="the fork server ended"):
            grade(questions["pair"], lost, earlier={"dense": formula})


class Counted(FollowingSession):
    """A session that answers many calls at once and counts the requests."""

    requests = 0

    def call_all(self, name: str, calls: Sequence[Arguments], seed: int) -> list[Reply | AnswerError]:
        """Call a function for each set of arguments, in one request."""
        self.requests += 1
        return [self.call(name, *args, **kwargs) for args, kwargs in calls]


class Limited(Counted):
    """A session in which one input of `dense` hangs, and with it a request that contains it."""

    def __init__(self, hangs: int, fault: AnswerFault, *, alone: bool = False) -> None:
        super().__init__(lambda d, u: [odd(d, u), odd(u, u)], {"dense": odd})
        self._hangs, self._fault, self._alone = hangs, fault, alone

    def call_all(self, name: str, calls: Sequence[Arguments], seed: int) -> list[Reply | AnswerError]:
        """Call a function for each set of arguments, unless one of them hangs."""
        if any(self._is_late(name, args) for args, _kwargs in calls):
            self.requests += 1
            raise AnswerError(self._fault, Text(en="of the whole request"))
        return super().call_all(name, calls, seed)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call a function with arguments that do not hang it."""
        if self._is_late(name, args) and self._alone:
            raise AnswerError(self._fault, Text(en="of the call"))
        return super().call(name, *args, **kwargs)

    def _is_late(self, name: str, args: Sequence[Any]) -> bool:
        return name == "dense" and args[0] == self._hangs


class TestARequestThatFails:
    """Calls that fail as a batch are made one by one."""

    def judged(self, declared: Course, session: DirectSession) -> Report:
        """The report on what follows `odd`."""
        questions = {question.id: question for question in declared.assignment("layers").questions}
        formula = grade(questions["dense"], DirectSession(odd))
        return grade(questions["pair"], session, earlier={"dense": formula})

    def last_input(self, declared: Course) -> int:
        """The input that the last case of `pair` asks for."""
        questions = {question.id: question for question in declared.assignment("layers").questions}
        report = grade(questions["pair"], DirectSession(right_dense), record_cases=True)
        return int(report.cases[-1].case.args[0])

    def test_only_one_request_waits_for_a_call_that_hangs(self, declared: Course) -> None:
        """The seven inputs before it would each cost the time limit once more: the submission would run out of time."""
        session = Limited(self.last_input(declared), "timed out", alone=True)
        report = self.judged(declared, session)
        assert (report.score, outcomes(report)) == (0, ["failed", "blocked"])
        assert session.requests == 2

    def test_values_that_are_too_many_for_one_reply(self, declared: Course) -> None:
        """Each on its own is small enough, so they are carried over."""
        report = self.judged(declared, Limited(self.last_input(declared), "not data"))
        assert outcomes(report) == ["carried", "carried"]


def test_one_request_asks_for_all_inputs(declared: Course) -> None:
    """Following a wrong function with four calls for each of eight inputs takes two requests, not 64."""
    questions = {question.id: question for question in declared.assignment("layers").questions}
    formula = grade(questions["dense"], DirectSession(odd))
    session = Counted(lambda d, u: [odd(d, u), odd(u, u)], {"dense": odd})
    report = grade(questions["pair"], session, earlier={"dense": formula})
    assert outcomes(report) == ["carried", "carried"]
    assert session.requests == 3  # the first asks the answer itself


class TestWhatAnAuthorIsTold:
    """A file that follows what it cannot is refused."""

    def changed(self, course: Course, tmp_path: Path, name: str, text: str) -> Course:
        """The course with another text of a question."""
        opened = Course.open(small_course(tmp_path / "course", languages=("ko", "en")))
        folder = opened.root / "solutions" / "layers"
        folder.mkdir(parents=True)
        for path in (course.root / "solutions" / "layers").glob("*.py"):
            (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        return opened

    def test_circle(self, course: Course, tmp_path: Path) -> None:
        """Two questions cannot follow each other."""
        round_about = DENSE + '\n\n@question.follows("pair")\ndef by(pair, inputs, units):\n    return 0\n'
        with pytest.raises(QuestionError, match="it follows itself: dense -> pair -> dense"):
            _ = self.changed(course, tmp_path, "dense", round_about).assignment("layers").questions

    def test_other_parameters(self, course: Course, tmp_path: Path) -> None:
        """It takes the formulas, then what the reference takes."""
        text = PAIR.replace("def by_own(dense, inputs, units)", "def by_own(inputs, units)")
        with pytest.raises(QuestionError, match=r"what follows dense takes \(inputs, units\)"):
            _ = self.changed(course, tmp_path, "pair", text).assignment("layers").questions

    def test_other_parameters_of_a_declaration(self, course: Course, tmp_path: Path) -> None:
        """What is enough takes the same."""
        text = DECLARED.replace("def reads_the_input(dense, inputs, units)", "def reads_the_input(dense)")
        with pytest.raises(QuestionError, match=r"enough= takes \(dense\)"):
            _ = self.changed(course, tmp_path, "pair", text).assignment("layers").questions

    def test_declaration_that_refuses_right_functions(self, course: Course, tmp_path: Path) -> None:
        """Right functions are enough: law 12 says which declaration denies it."""
        text = DECLARED.replace("dense(inputs, units) != dense", "dense(inputs, units) == dense")
        questions = self.changed(course, tmp_path, "pair", text).assignment("layers").questions
        (question,) = (one for one in questions if one.id == "pair")
        assert [str(one.text).partition(": ")[2] for one in violations(question)] == [
            "law 12: reads_the_input says that the right dense make the question easier"
        ]

    def test_law_12(self, course: Course, tmp_path: Path) -> None:
        """By right functions it gives what the reference gives."""
        text = PAIR.replace("dense(units, units)]", "dense(inputs, units)]")
        (question,) = (
            one
            for one in self.changed(course, tmp_path, "pair", text).assignment("layers").questions
            if one.id == "pair"
        )
        assert [str(one.text).partition(": ")[2] for one in violations(question)] == [
            "law 12: by_own does not give the reference's value with the right dense"
        ]


FOLLOWING = [
    question
    for assignment in Course.open(ROOT).assignments
    for question in Course.open(ROOT).assignment(assignment).questions
    if question.followed is not None and not question.is_number
]


@pytest.mark.parametrize("question", FOLLOWING, ids=lambda question: question.id)
def test_wrong_formula_costs_once_and_never_pays(question: Question) -> None:
    """With any known mistake in a formula, what follows it keeps its points, and the total is below the full one."""
    assert question.followed is not None
    formulas = {one.id: one for one in Course.open(ROOT).assignment(question.assignment).questions}
    for name in question.followed.names:
        for known in formulas[name].misconceptions:
            functions = dict(question.followed.references) | {name: known.answer}
            formula = grade(formulas[name], DirectSession(known.answer), record_cases=True)
            if any(isinstance(one.got, (list, tuple)) for one in formula.cases):
                continue  # from what is no number nothing can be counted
            session = FollowingSession(question.followed.by(functions), functions)
            report = grade(question, session, earlier={name: formula})
            context = f"{name}: {known.name}, {report}"
            assert formula.score + report.score < formula.points + report.points, context
            found = {check.outcome for check in report.checks}
            # a list in the place of a number may end what calls the function
            assert found <= {"passed", "carried"} or "errored" in found, context

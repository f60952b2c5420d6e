"""Grading: outcomes, partial credit, diagnosis, and whose fault a failure is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import AnswerError, GraderError
from autograder.grading.direct_session import DirectSession
from autograder.grading.draws import draw_cases
from autograder.grading.question_grader import grade, without_answer
from autograder.grading.report import Report
from autograder.questions.loader import load_question
from autograder.questions.question import Case, Question
from autograder.sandbox.session import Arguments
from autograder.sandbox.wire import Reply
from autograder.text import Text

HEAD = '''\
"""A question of the tests."""

import random
import numpy as np

from autograder import Case, Fail, Question, Text, expect


def text(line):
    return Text(ko=line + " (ko)", en=line)


question = Question(title=text("title"), statement=text("statement"){settings})
'''

SPREAD = '''
@question.answer
def spread(values):
    """Smallest and largest."""
    low, high = min(values), max(values)
    return [low, high]


@question.cases
def cases(rng):
    return [Case([int(n) for n in rng.permutation(90)[:4] + 10]) for _ in range(6)]


@question.check(points=1, text=text("two numbers"))
def two_numbers(got, case, want):
    expect.counts(got, want, where=slice(0, 0))


@question.check(points=2, text=text("the lowest"), needs=two_numbers)
def lowest(got, case, want):
    expect.counts(got, want, where=slice(0, 1))


@question.check(points=3, text=text("the highest"), needs=two_numbers)
def highest(got, case, want):
    expect.counts(got, want, where=slice(1, 2))


@question.check(points=4, text=text("leaves its list"), judges="arguments")
def leaves_its_list(got, case, want):
    if got != want:
        raise Fail(text("the list given was changed"))


@question.misconception(text=text("sorts the list given"), fails=[leaves_its_list])
def sorts_in_place(values):
    values.sort()
    return [values[0], values[-1]]


@question.misconception(text=text("takes the ends unsorted"), fails=[lowest, highest]{credit})
def unsorted_ends(values):
    return [values[0], values[-1]]


@question.misconception(text=text("one number"), fails=[two_numbers])
def only_the_width(values):
    return max(values) - min(values)
'''

NUMBER = '''
@question.answer
def weights(inputs, units):
    """Number of weights."""
    return units * (inputs + 1)


@question.check(points=2, text=text("the count is right"))
def is_right(got, case, want):
    expect.number(got, want)


@question.misconception(text=text("no bias"), fails=[is_right])
def no_bias(inputs, units):
    return units * inputs
'''


def question_of(folder: Path, name: str, body: str, *, settings: str = "", credit: str = "") -> Question:
    """A loaded question whose file is made of the head above and `body`."""
    path = folder / "tests" / f"{name}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEAD.format(settings=settings) + body.replace("{credit}", credit), encoding="utf-8")
    return load_question(path, ("ko", "en"))


def echo_question(folder: Path, check: str, *, more: str = "", settings: str = "") -> Question:
    """A question whose right answer gives its argument back, with one check of the given body."""
    body = (
        "@question.answer\ndef same(value):\n    return value\n\n"
        "@question.cases\ndef cases(rng):\n    return [Case(n) for n in range(11, 15)]\n\n"
        '@question.check(points=2, text=text("gives it back"))\n'
        f"def gives_it_back(got, case, want):\n    {check}\n{more}"
    )
    return question_of(folder, "same", body, settings=settings)


DIVIDES = """

@question.misconception(text=text("divides"), fails=[gives_it_back])
def divides(value):
    return 12 // (value - 12)
"""


@pytest.fixture
def spread(tmp_path: Path) -> Question:
    """A function question of four checks."""
    return question_of(tmp_path, "spread", SPREAD)


@pytest.fixture
def weights(tmp_path: Path) -> Question:
    """A number question of one check."""
    return question_of(tmp_path, "weights", NUMBER, settings=', numbers=({"inputs": 5, "units": 7},)')


def graded(question: Question, answer: Any, seed: int = 0) -> Report:
    """The report of an answer in this process."""
    return grade(question, DirectSession(answer), seed=seed)


def outcomes(report: Report) -> list[str]:
    """What became of each check, in order."""
    return [check.outcome for check in report.checks]


class Told(DirectSession):
    """A session that keeps what it was asked, and may fail at a call."""

    def __init__(self, answer: Any, fault: AnswerError | None = None, at: int = 1) -> None:
        super().__init__(answer)
        self.calls: list[tuple[Any, ...]] = []
        self.fault, self.at = fault, at

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Note the arguments, then answer or fail."""
        self.calls.append(args)
        if self.fault is not None and len(self.calls) >= self.at:
            raise self.fault
        return super().call(name, *args, **kwargs)


class Batched(DirectSession):
    """A session that replies to many calls at once, to the fifth with a fault."""

    def __init__(self, answer: Any, fault: AnswerError) -> None:
        super().__init__(answer)
        self.fault = fault

    def call_all(self, name: str, calls: Sequence[Arguments], seed: int) -> list[Reply | AnswerError]:
        """Call a function once per set of arguments."""
        replies: list[Reply | AnswerError] = [self.call(name, *args, **kwargs) for args, kwargs in calls]
        replies[4] = self.fault
        return replies


class TestOutcomes:
    """What each check of an answer becomes."""

    def test_the_right_answer_earns_everything(self, spread: Question) -> None:
        """Every check passes, and no mistake is named."""
        report = graded(spread, lambda values: [min(values), max(values)])
        assert outcomes(report) == ["passed"] * 4
        assert (report.score, report.points, report.misconceptions) == (10, 10, ())

    def test_half_right_answer_earns_its_half(self, spread: Question) -> None:
        """One wrong place costs the points of its check alone."""
        report = graded(spread, lambda values: [min(values), 0])
        assert outcomes(report) == ["passed", "passed", "failed", "passed"]
        assert report.score == 7

    def test_dependants_of_a_failed_check_are_blocked(self, spread: Question) -> None:
        """A check whose need failed is blocked, and says in both languages what comes first."""
        report = graded(spread, lambda values: [0])
        assert outcomes(report) == ["failed", "blocked", "blocked", "passed"]
        assert report.score == 4
        assert report.checks[1].message == Text(
            ko="먼저 통과해야 합니다: two numbers (ko)", en="needs first: two numbers"
        )

    def test_answer_that_raises_is_errored(self, spread: Question) -> None:
        """Where the answer raises nothing is earned, and the fault is kept."""
        report = graded(spread, lambda values: values[99])
        assert outcomes(report) == ["errored", "blocked", "blocked", "errored"]
        assert report.checks[0].message.en == "IndexError('list index out of range')"
        assert (report.score, report.fault) == (0, "raised")

    def test_question_that_was_not_answered_is_not_blamed(self, spread: Question) -> None:
        """The released function returns nothing: each check says that there is no answer, and nothing of a return."""
        report = grade(spread, DirectSession(lambda values: None), untouched=True)
        assert {check.message.en for check in report.checks} == {
            "not answered: no answer was written in its cell"
        }
        assert (report.fault, report.score, report.computed) == ("missing", 0, ())
        printed = graded(spread, lambda values: None)
        assert "is a `return` missing?" in printed.checks[0].message.en

    def test_answer_in_another_cell_is_judged(self, spread: Question) -> None:
        """A function that gives values is an answer, although its cell is as released."""
        answer = DirectSession(lambda values: [min(values), 0])
        assert grade(spread, answer, untouched=True).score == 7

    def test_answer_that_gives_no_data_is_errored(self, spread: Question) -> None:
        """A value that cannot cross the wire is told, not judged."""
        report = graded(spread, lambda values: object())
        assert report.checks[0].outcome == "errored"
        assert report.checks[0].message.en == "its type is object"
        assert report.fault == "not data"

    def test_failure_tells_how_often(self, spread: Question) -> None:
        """With several inputs the message says how many of them went wrong, in both languages."""
        message = graded(spread, lambda values: [min(values), 0]).checks[2].message
        assert message.en.endswith("(6 of the 6 inputs tried)")
        assert message.ko.endswith("(시험한 입력 6개 가운데 6개)")

    def test_different_failures_are_not_counted_as_one(self, tmp_path: Path) -> None:
        """The message speaks of one input; where others fail otherwise, it says that it is one of them."""
        question = echo_question(tmp_path, "expect.count(got, want)")
        report = graded(question, lambda value: "twelve" if value == 12 else 0)
        told, other = (
            "expected a whole number, got a string",
            "a whole number came back, but the count is not right",
        )
        assert report.checks[0].message.en in (
            f"{one} (this is one of the 4 that are wrong among the 4 inputs tried)" for one in (told, other)
        )

    def test_answer_that_is_sometimes_wrong_fails(self, tmp_path: Path) -> None:
        """One wrong input of four is enough, and told as one."""
        question = echo_question(tmp_path, "expect.count(got, want)")
        report = graded(question, lambda value: 0 if value == 12 else value)
        assert report.checks[0].message.en == (
            "a whole number came back, but the count is not right (1 of the 4 inputs tried)"
        )

    def test_the_call_that_is_shown_builds_its_array(self, tmp_path: Path) -> None:
        """Students paste it, and an answer for arrays fails on a list."""
        body = (
            "@question.answer\ndef tripled(values):\n    return 3 * values\n\n"
            "@question.cases\ndef cases(rng):\n    return [Case(rng.integers(9, size=2)) for _ in range(3)]\n\n"
            '@question.check(points=2, text=text("triples"))\n'
            "def triples(got, case, want):\n    expect.array(got, want)\n"
        )
        report = graded(question_of(tmp_path, "tripled", body), lambda values: 2 * values + 1)
        assert report.counterexample is not None
        assert re.fullmatch(r"tripled\(np\.array\(\[\d, \d\]\)\)", report.counterexample.call)

    def test_the_call_that_is_shown_gives_the_value_that_is_shown(self, tmp_path: Path) -> None:
        """Both are of the numbers that the page shows, which have fewer digits than the hidden ones."""
        body = (
            "import numpy as np\n\n@question.answer\ndef tripled(values):\n    return 3 * values\n\n"
            "@question.cases\ndef cases(rng):\n    return [Case(rng.normal(size=2)) for _ in range(3)]\n\n"
            '@question.check(points=2, text=text("triples"))\n'
            "def triples(got, case, want):\n    expect.array(got, want)\n"
        )
        report = graded(question_of(tmp_path, "tripled", body), lambda values: 100 * values)
        assert report.counterexample is not None
        shown = report.counterexample
        given = eval(shown.call.removeprefix("tripled"), {"np": np})
        assert shown.value == repr(np.round(100 * given, 4).tolist())

    def test_answer_that_is_right_as_it_is_shown_shows_no_call(self, tmp_path: Path) -> None:
        """Where rounding the numbers makes an answer right, no call tells what is wrong."""
        body = (
            "import numpy as np\n\n@question.answer\ndef tripled(values):\n    return 3 * values\n\n"
            "@question.cases\ndef cases(rng):\n    return [Case(rng.normal(size=2)) for _ in range(3)]\n\n"
            '@question.check(points=2, text=text("triples"))\n'
            "def triples(got, case, want):\n    expect.array(got, want)\n"
        )
        report = graded(question_of(tmp_path, "tripled", body), lambda values: 3 * np.round(values, 2))
        assert report.counterexample is None

    def test_check_looks_only_at_its_cases(self, tmp_path: Path) -> None:
        """A check with `when` is not failed by an input that it does not look at."""
        more = (
            '\n@question.check(points=3, text=text("small"), when=lambda case: case.args[0] < 12)\n'
            "def small(got, case, want):\n    expect.count(got, want)\n"
        )
        question = echo_question(tmp_path, "expect.count(got, want)", more=more)
        report = graded(question, lambda value: value if value < 12 else 1 // 0)
        assert outcomes(report) == ["errored", "passed"]
        assert (report.score, report.fault) == (3, None)

    def test_changed_arguments_are_judged(self, spread: Question) -> None:
        """A check of the arguments sees them before and after the call."""
        report = graded(spread, lambda values: (values.sort(), [values[0], values[-1]])[1])
        assert outcomes(report) == ["passed", "passed", "passed", "failed"]
        assert report.checks[3].message.en.startswith("the list given was changed")

    def test_answer_that_changes_between_calls_is_errored(self, tmp_path: Path) -> None:
        """The same arguments must give the same value; the message says that they did not."""
        question = echo_question(tmp_path, "pass")
        turn = itertools.count()
        report = graded(question, lambda value: next(turn))
        assert outcomes(report) == ["errored"]
        assert report.checks[0].message == Text(
            ko="같은 인수로 두 번 불렀더니 다른 값을 돌려주었습니다.",
            en="called twice with the same arguments, it gave two different values",
        )

    def test_answer_equal_to_everything_earns_nothing(self, spread: Question, weights: Question) -> None:
        """An object that claims to equal whatever it is compared with does not reach a check."""

        class Everything:
            def __eq__(self, other: object) -> bool:
                return True

            def __hash__(self) -> int:
                return 0

        class EveryNumber(Everything, int):
            pass

        assert graded(spread, lambda values: Everything()).score == 0
        assert graded(weights, Everything()).score == 0
        # of a number that claims so, the number itself is judged
        assert graded(weights, EveryNumber(3)) == graded(weights, 3)

    def test_value_that_is_not_a_number_does_not_change(self, tmp_path: Path) -> None:
        """NaN twice is the same answer twice: it is wrong, not unsteady."""
        question = echo_question(tmp_path, "expect.count(got, want)")
        message = graded(question, lambda value: float("nan")).checks[0].message
        assert message.en.startswith("expected a whole number, got nan")


class TestNumbers:
    """A number question."""

    def test_the_right_number_earns_everything(self, weights: Question) -> None:
        """A whole float is right too."""
        assert graded(weights, 42).score == 2
        assert graded(weights, 42.0).score == 2

    def test_wrong_number_is_shown_and_diagnosed(self, weights: Question) -> None:
        """The message shows what was read, once, and the mistake is named."""
        report = graded(weights, 35)
        assert report.checks[0].message.en == "got 35, which is not right"
        assert [named.text.en for named in report.misconceptions] == ["no bias"]
        assert report.score == 0

    def test_its_case_is_the_public_variant(self, weights: Question) -> None:
        """Grading uses the numbers that the statement names."""
        assert draw_cases(weights, np.random.default_rng(3)) == [Case(inputs=5, units=7)]


class TestWhatAnAnswerIsAsked:
    """The calls that an answer gets."""

    def test_some_inputs_are_asked_twice_and_in_another_order(self, tmp_path: Path) -> None:
        """An answer cannot count its calls to know which input comes."""
        question = echo_question(tmp_path, "pass")
        orders = set()
        for seed in range(5):
            session = Told(lambda value: value)
            grade(question, session, seed=seed)
            assert len(session.calls) == 7
            assert {args[0] for args in session.calls} == {11, 12, 13, 14}
            orders.add(tuple(session.calls))
        assert len(orders) > 1

    @pytest.mark.parametrize("fault", ["missing", "timed out", "died"])
    def test_lost_answer_is_not_asked_on(self, spread: Question, fault: Any) -> None:
        """After a limit or a dead kernel no further call is made; every input counts as errored."""
        lost = AnswerError(fault, Text(ko="없음", en="gone"))
        session = Told(lambda values: [min(values), max(values)], lost, at=3)
        report = grade(spread, session)
        assert len(session.calls) == 3
        assert outcomes(report) == ["errored", "blocked", "blocked", "errored"]
        assert (report.checks[0].message.en, report.fault) == ("gone", fault)

    def test_results_beside_a_lost_answer_count(self, spread: Question) -> None:
        """One input that fills the memory does not hide how the others in its request went."""
        full = AnswerError("died", Text(ko="메모리", en="memory"))
        session = Batched(lambda values: [min(values), max(values)], full)
        report = grade(spread, session, record_cases=True)
        assert [case.error for case in report.cases if case.error is not None] == [full]

    def test_answer_that_raises_is_asked_on(self, spread: Question) -> None:
        """One input that raises does not hide how the others went."""
        session = Told(lambda values: values[99])
        grade(spread, session)
        assert len({tuple(args[0]) for args in session.calls}) == 6

    def test_question_may_ask_in_its_own_way(self, tmp_path: Path) -> None:
        """With `asks` the checks judge what that function made of the session."""
        more = "\n@question.asks\ndef ask(session, case):\n    return session.call('same', case.args[0] + 100).value\n"
        question = echo_question(tmp_path, "expect.count(got, case.args[0] + 100)", more=more)
        assert graded(question, lambda value: value).score == 2

    def test_fail_while_asking_is_the_students(self, tmp_path: Path) -> None:
        """Where `asks` finds nothing to judge, its words reach the student."""
        more = (
            "\n@question.asks\ndef ask(session, case):\n"
            "    value = session.call('same', *case.args).value\n"
            "    if value is None:\n        raise Fail(text('the model has no layers'))\n    return value\n"
        )
        question = echo_question(tmp_path, "pass", more=more)
        report = graded(question, lambda value: None)
        assert outcomes(report) == ["errored"]
        assert report.checks[0].message.en == "the model has no layers"
        assert report.checks[0].quotes == "value"  # it is not the kernel's

    def test_reference_that_changes_its_list_spoils_no_answer(self, tmp_path: Path) -> None:
        """The answer is given the case as it was drawn, whatever the reference does to its own copy."""
        body = SPREAD.replace("    low, high =", "    values.sort()\n    low, high =")
        question = question_of(tmp_path, "spread", body)
        session = Told(lambda values: [min(values), max(values)])
        grade(question, session)
        assert any(list(args[0]) != sorted(args[0]) for args in session.calls)


class TestSeeds:
    """Pure and seeded."""

    @pytest.mark.parametrize("seed", [0, 1, 20260])
    def test_the_same_seed_gives_the_same_report(self, spread: Question, seed: int) -> None:
        """A regrade tells the student the same to the letter."""

        def wrong(values: list[int]) -> list[int]:
            return [values[0], max(values)]

        assert graded(spread, wrong, seed) == graded(spread, wrong, seed)

    def test_another_seed_draws_other_inputs(self, spread: Question) -> None:
        """What one seed's inputs were does not tell the next one's."""
        asked = []
        for seed in (0, 1):
            session = Told(lambda values: [min(values), max(values)])
            grade(spread, session, seed=seed)
            asked.append({tuple(args[0]) for args in session.calls})
        assert not asked[0] & asked[1]

    def test_the_draws_leave_numpys_own_generator_to_the_answer(self, tmp_path: Path) -> None:
        """An answer that uses NumPy's seeded generator gets the same numbers at each grading."""
        question = echo_question(tmp_path, "pass")
        seen: list[float] = []
        for _ in range(2):
            grade(question, DirectSession(lambda value: seen.append(np.random.rand()) or 1), seed=4)
        assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]


class TestDiagnosis:
    """Which known mistakes an answer shows."""

    def test_known_mistake_is_named(self, spread: Question) -> None:
        """An answer that gives what a misconception gives is told its text."""
        report = graded(spread, lambda values: [values[0], values[-1]])
        assert [named.name for named in report.misconceptions] == ["unsorted_ends"]
        assert report.misconceptions[0].text.ko == "takes the ends unsorted (ko)"

    def test_mistake_is_named_in_whatever_type_it_comes(self, spread: Question) -> None:
        """A tuple of floats shows the same mistake as a list of integers."""
        report = graded(spread, lambda values: (float(values[0]), float(values[-1])))
        assert [named.name for named in report.misconceptions] == ["unsorted_ends"]

    def test_mistake_is_named_in_an_array_without_axes(self, spread: Question) -> None:
        """A 0-d array is the number in it, for a diagnosis as for a check."""
        report = graded(spread, lambda values: np.array(max(values) - min(values)))
        assert [named.name for named in report.misconceptions] == ["only_the_width"]

    @pytest.mark.parametrize(
        "third", [lambda n: n / 3, lambda n: n * (1 / 3), lambda n: Fraction(n, 3), lambda n: np.float64(n) / 3]
    )  # fmt: skip
    def test_quotient_shows_its_mistake_in_any_type(self, tmp_path: Path, third: Any) -> None:
        """A Fraction is the float of the same quotient, and a float's last digits tell nothing."""
        more = (
            '\n@question.misconception(text=text("divides"), fails=[gives_it_back])\n'
            "def divides(value):\n    return value / 3\n"
        )
        question = echo_question(tmp_path, "expect.number(got, want)", more=more)
        assert [named.name for named in graded(question, third).misconceptions] == ["divides"]
        assert graded(question, lambda n: n / 3 + 1e-6).misconceptions == ()

    def test_unknown_mistake_is_not_named(self, spread: Question) -> None:
        """A wrong answer that is none of the known ones is told nothing that may not be true."""
        assert graded(spread, lambda values: [0, 0]).misconceptions == ()

    def test_mistake_must_show_for_every_input(self, spread: Question) -> None:
        """An answer that agrees with a mistake on some inputs only shows it in the items that agree on all."""

        def mixed(values: list[int]) -> list[int]:
            return [values[0], values[-1] + (values[0] % 2)]

        found = graded(spread, mixed).misconceptions
        assert [(one.name, one.with_others, one.credit) for one in found] == [("unsorted_ends", True, 0)]

    def test_answer_that_only_raises_shows_nothing(self, spread: Question) -> None:
        """Where every input raised there is no telling."""
        assert graded(spread, lambda values: values[99]).misconceptions == ()

    def test_mistake_that_raises_where_the_answer_raised_is_shown(self, tmp_path: Path) -> None:
        """A mistake undefined for some input is recognised by the others, and by raising there."""
        question = echo_question(tmp_path, "expect.count(got, want)", more=DIVIDES)
        assert [one.name for one in graded(question, lambda value: 12 // (value - 12)).misconceptions] == [
            "divides"
        ]

    def test_mistake_must_raise_nowhere_else(self, tmp_path: Path) -> None:
        """An answer that raises where the mistake gives a value, or the other way round, shows another."""
        question = echo_question(tmp_path, "expect.count(got, want)", more=DIVIDES)
        assert graded(question, lambda value: 0 if value == 12 else 12 // (value - 12)).misconceptions == ()
        assert graded(question, lambda value: 12 // (value - 12) // (value != 13)).misconceptions == ()

    def test_answer_lost_in_another_way_shows_nothing(self, tmp_path: Path) -> None:
        """Only raising is a mistake's own doing: a value that cannot be read tells nothing of it."""
        question = echo_question(tmp_path, "expect.count(got, want)", more=DIVIDES)
        report = graded(question, lambda value: object() if value == 12 else 12 // (value - 12))
        assert (outcomes(report), report.misconceptions) == (["errored"], ())

    def test_mistake_that_changes_its_list_hides_no_other(self, spread: Question) -> None:
        """Trying one misconception on the cases leaves them as they were for the next and the last."""
        report = graded(spread, lambda values: [values[0], values[-1]])
        again = graded(spread, lambda values: [values[0], values[-1]])
        assert [named.name for named in report.misconceptions] == ["unsorted_ends"]
        assert report == again

    def test_credit_of_a_mistake_is_earned(self, tmp_path: Path) -> None:
        """A mistake may earn more than the checks that it passes, once for all."""
        question = question_of(tmp_path, "spread", SPREAD, credit=", credit=6.5")
        report = graded(question, lambda values: [values[0], values[-1]])
        assert [check.earned for check in report.checks] == [1, 0, 0, 4]
        assert report.score == 6.5

    def test_credit_of_a_mistake_takes_nothing_away(self, tmp_path: Path) -> None:
        """Where the checks earn more than the credit, they count."""
        question = question_of(tmp_path, "spread", SPREAD, credit=", credit=2")
        assert graded(question, lambda values: [values[0], values[-1]]).score == 5

    def test_seen_in_recognises_what_cannot_be_computed(self, tmp_path: Path) -> None:
        """With `seen_in` a mistake is recognised by a judgement on what came back."""
        more = (
            "\ndef is_doubled(got, case, want):\n    expect.count(got, 2 * case.args[0])\n\n"
            '@question.misconception(text=text("doubled"), fails=[gives_it_back], seen_in=is_doubled)\n'
            "def doubled(value):\n    raise RuntimeError\n"
        )
        question = echo_question(tmp_path, "expect.count(got, want)", more=more)
        assert [named.name for named in graded(question, lambda value: 2 * value).misconceptions] == [
            "doubled"
        ]
        assert graded(question, lambda value: 3 * value).misconceptions == ()

    def test_seen_in_does_not_judge_an_input_that_raised(self, tmp_path: Path) -> None:
        """What came back for one input of several does not show a mistake for all of them."""
        more = (
            "\ndef is_anything(got, case, want):\n    pass\n\n"
            '@question.misconception(text=text("any"), fails=[gives_it_back], seen_in=is_anything)\n'
            "def anything(value):\n    return 0\n"
        )
        question = echo_question(tmp_path, "expect.count(got, want)", more=more)
        assert graded(question, lambda value: 12 // (value - 12)).misconceptions == ()


class TestOurOwnFaults:
    """A GraderError is never a score."""

    @pytest.mark.parametrize(
        ("check", "message"),
        [
            (
                "raise ValueError('no such thing')",
                "raised ValueError: no such thing for the value 11; let it raise Fail",
            ),
            ("assert got == 0", "raised AssertionError: for the value 11; let it raise Fail"),
        ],
    )  # fmt: skip
    def test_check_that_raises_anything_else(self, tmp_path: Path, check: str, message: str) -> None:
        """A check raises Fail or is silent; anything else is the author's mistake, told with its line."""
        question = echo_question(tmp_path, check)
        with pytest.raises(GraderError) as caught:
            graded(question, lambda value: value)
        lines = Path(question.path).read_text(encoding="utf-8").splitlines()
        line = next(place for place, text in enumerate(lines, 1) if text.strip() == check)
        assert str(caught.value).endswith(f" {question.path}:{line}: check gives_it_back {message}")

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("    return value\n", "    return 1 // 0\n", "same raised ZeroDivisionError"),
            (
                "    return [Case(n)",
                "    return 1 // 0\n    return [Case(n)",
                "cases raised ZeroDivisionError",
            ),
        ],
    )
    def test_function_of_the_file_that_raises(self, tmp_path: Path, old: str, new: str, message: str) -> None:
        """A reference or a draw that raises is told with its file, its line and its name."""
        path = Path(echo_question(tmp_path, "pass").path)
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        question = load_question(path, ("ko", "en"))
        with pytest.raises(GraderError) as caught:
            graded(question, lambda value: value)
        lines = path.read_text(encoding="utf-8").splitlines()
        line = next(place for place, text in enumerate(lines, 1) if text.strip() == "return 1 // 0")
        assert f" {path}:{line}: {message}" in str(caught.value)

    def test_check_that_looks_at_nothing(self, tmp_path: Path) -> None:
        """A check whose `when` covers no case would pass unseen; it is refused."""
        more = (
            '\n@question.check(points=1, text=text("never"), when=lambda case: False)\n'
            "def never(got, case, want):\n    pass\n"
        )
        question = echo_question(tmp_path, "pass", more=more)
        with pytest.raises(GraderError, match="check never covers none of the drawn cases"):
            graded(question, lambda value: value)

    def test_case_that_is_no_data(self, tmp_path: Path) -> None:
        """A draw that gives what cannot be sent to a kernel is the author's, and told so."""
        path = Path(echo_question(tmp_path, "pass").path)
        source = path.read_text(encoding="utf-8").replace("Case(n)", "Case(object())")
        path.write_text(source, encoding="utf-8")
        with pytest.raises(GraderError):
            graded(load_question(path, ("ko", "en")), lambda value: value)


class TestWithoutAnAnswer:
    """A question of a submission that could not be read."""

    def test_every_check_is_errored_and_the_reason_told_once(self, spread: Question) -> None:
        """The report has the whole rubric and no points, and says why in one note."""
        report = without_answer(spread, Text(ko="깨진 파일", en="the file is broken"))
        assert outcomes(report) == ["errored"] * 4
        assert report.notes == (Text(ko="깨진 파일", en="the file is broken"),)
        assert (report.score, report.points, report.fault) == (0, 10, "missing")


ARRAYS = st.sampled_from(
    [np.array(5), np.zeros(0), np.ones((2, 2)), np.arange(3), np.array([True, False]), np.array([np.nan])]
)
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=3),
        st.sampled_from([Decimal("NaN"), Decimal("sNaN"), Decimal("1e400")]), st.fractions(), ARRAYS,
        st.sampled_from([np.float32(3), np.int8(3), np.bool_(True)]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=1), inner, max_size=2),
    ),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=100)
@given(value=VALUES)
def test_whatever_an_answer_gives_is_graded(spread: Question, value: Any) -> None:
    """Any data gives a report, never an error of ours; and a wrong constant never full points."""
    report = graded(spread, lambda values: value)
    assert 0 <= report.score < report.points
    assert len(report.checks) == 4


NO_LIST = "expected a list with one count a layer, got "


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param({"a": np.array([1, 2])}, NO_LIST + "a dict", id="dict with an array"),
        pytest.param([{"a": np.array([1, 2])}], "the list is not as long", id="list of such a dict"),
        pytest.param({"a": float("nan")}, NO_LIST + "a dict", id="dict with a NaN"),
        pytest.param(np.array(5), NO_LIST + "an array of shape () int64", id="array without axes"),
    ],
)
def test_strange_value_is_a_wrong_answer(spread: Question, value: Any, message: str) -> None:
    """A value of a strange kind is failed by the first check as any wrong type is."""
    first = graded(spread, lambda values: value).checks[0]
    assert first.outcome == "failed"
    assert first.message.en.startswith(message)


def test_value_that_compares_with_nothing_earns_nothing(spread: Question, weights: Question) -> None:
    """A signalling NaN raises at every comparison; the student loses the marks, not we the report."""
    assert graded(spread, lambda values: Decimal("sNaN")).score == 0
    assert graded(weights, Decimal("sNaN")).score == 0


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: {"a": np.array([1, 2])}, id="dict"),
        pytest.param(lambda: [np.array(5)], id="list"),
        pytest.param(lambda: np.array(5), id="array without axes"),
    ],
)
def test_equal_value_is_no_change(tmp_path: Path, make: Callable[[], Any]) -> None:
    """A value that holds arrays and is given twice is the same answer twice."""
    question = echo_question(tmp_path, "pass")
    assert graded(question, lambda value: make()).score == 2

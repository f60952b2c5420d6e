"""Failing cases for staff: what is kept of a wrong answer, and that it never costs a grade."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.errors import AnswerError, AnswerFault
from autograder.grading import notebook_grader
from autograder.grading.direct_session import DirectSession
from autograder.grading.failing_cases import MAX_CASES, MAX_MESSAGE, FailingCases, FailingCheck, failing_cases
from autograder.grading.question_grader import grade
from autograder.grading.value_format import MAX_VALUE, short
from autograder.plain_data import from_data, to_data
from autograder.questions.question import Question
from autograder.sandbox.session import Session
from autograder.text import Text
from tests.grading.test_question_grader import NUMBER, SPREAD, Told, echo_question, question_of


@pytest.fixture
def echo(tmp_path: Path) -> Question:
    """A question whose right answer gives its argument back: 11, 12, 13 or 14."""
    return echo_question(tmp_path, "expect.count(got, want)")


def kept(question: Question, session: Session) -> FailingCases:
    """What is kept of an answer."""
    return failing_cases(question, grade(question, session, record_cases=True))


def kept_of(question: Question, answer: Any) -> FailingCheck:
    """What is kept of the only check that fails."""
    [check] = kept(question, DirectSession(answer)).checks
    return check


def test_only_failing_cases_are_kept(echo: Question) -> None:
    """Each with what was given, what was wanted and what came back; the check has its message as judged."""
    check = kept_of(echo, lambda value: value + (value > 12))
    assert sorted((case.given, case.wanted, case.got) for case in check.cases) == [
        ("value=13", "13", "14"),
        ("value=14", "14", "15"),
    ]
    assert (check.name, check.more, check.untried) == ("gives_it_back", 0, 0)
    assert "2 of the 4 inputs tried" in check.message.en


def test_right_answer_keeps_nothing(echo: Question) -> None:
    """No check failed."""
    assert kept(echo, DirectSession(lambda value: value)) == FailingCases()


def test_five_of_a_check_are_kept(tmp_path: Path) -> None:
    """The number of the others is told, for each check on its own."""
    question = question_of(tmp_path, "spread", SPREAD)
    checks = kept(question, DirectSession(lambda values: [0.5, 0.25])).checks
    assert len(checks) > 1
    for check in checks:
        assert len(check.cases) == MAX_CASES
        assert check.more > 0


def test_question_of_numbers_keeps_its_case(tmp_path: Path) -> None:
    """The numbers of the variant by which it was judged."""
    question = question_of(tmp_path, "weights", NUMBER, settings=', numbers=({"inputs": 5, "units": 7},)')
    [case] = kept_of(question, 1).cases
    assert (case.given, case.wanted, case.got) == ("inputs=5, units=7", "42", "1")


def test_answer_that_raises_says_so_in_each_case(echo: Question) -> None:
    """Nothing came back, and the right value is there."""
    for case in kept_of(echo, lambda value: value / 0).cases:
        assert (case.got, case.given) == ("", f"value={case.wanted}")
        assert "ZeroDivisionError" in case.message.en


@pytest.mark.parametrize("fault", ["missing", "timed out", "died"])
def test_input_that_was_not_tried_is_no_case(echo: Question, fault: AnswerFault) -> None:
    """Where the second call hung, that one is kept, and two are counted."""
    session = Told(lambda value: value, AnswerError(fault, Text(en="gone")), at=2)
    [check] = kept(echo, session).checks
    [case] = check.cases
    assert (case.given, case.got, case.message.en) == (f"value={session.calls[-1][0]}", "", "gone")
    assert (check.more, check.untried) == (0, 2)


def test_answer_that_nobody_wrote_keeps_nothing(echo: Question) -> None:
    """Its cases would all say the same."""
    report = grade(echo, DirectSession(lambda value: None), record_cases=True, untouched=True)
    assert report.unanswered
    assert failing_cases(echo, report) == FailingCases()


def test_check_that_breaks_on_a_value_after_another_failed(tmp_path: Path) -> None:
    """Grading stops at the first case that raised; the check never judged this value, and says so to staff."""
    question = echo_question(tmp_path, "expect.count(got.real, want)")

    def answer(value: int) -> Any:
        return 1 / 0 if value == 11 else "no number"

    messages = [case.message.en for case in kept_of(question, answer).cases]
    assert "ZeroDivisionError" in messages[0]
    assert "raised AttributeError" in messages[1]


def test_fault_in_rendering_costs_no_grade(echo: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    """Staff see no case then, and the report stays."""

    def broken(*_: object) -> FailingCases:
        raise RuntimeError("a value that nobody thought of")

    monkeypatch.setattr(notebook_grader, "failing_cases", broken)
    report = grade(echo, DirectSession(lambda value: -value), record_cases=True)
    assert notebook_grader._failing_cases(echo, report) == FailingCases()


class TestTexts:
    """Values are rendered as short, harmless texts."""

    def test_no_repr_of_a_student_is_asked(self, echo: Question) -> None:
        """A value crosses the wire as what it is."""

        class Lie(int):
            def __repr__(self) -> str:
                raise AssertionError("it was asked")

            __str__ = __repr__

        assert {case.got for case in kept_of(echo, lambda value: Lie(7)).cases} == {"7"}

    def test_control_characters_are_escaped(self, echo: Question) -> None:
        """In values and in messages; markup stays text."""
        value = "\x1b[2J\u202e\0\ud800<script>"
        check = kept_of(echo, lambda _: value)
        text = repr(to_data(check))
        assert text.isprintable()
        assert "<script>" in check.cases[0].got

        def raising(_: int) -> None:
            raise ValueError(value)

        assert repr(to_data(kept_of(echo, raising))).isprintable()

    @pytest.mark.parametrize(
        "value",
        ["x" * 90_000, [["y" * 900] * 900] * 9, dict.fromkeys(range(900), "z" * 80), 10**39],
        ids=["text", "nested", "dict", "integer"],
    )
    def test_long_values_are_cut(self, echo: Question, value: Any) -> None:
        """However much comes back, a line of it is kept, and the same of a message."""
        for case in kept_of(echo, lambda _: value).cases:
            assert 0 < len(case.got) <= MAX_VALUE
            assert all(len(text) <= MAX_MESSAGE for text in case.message.to_dict().values())

    def test_integer_that_python_does_not_write(self) -> None:
        """One of thousands of digits is a dot of dots, alone and inside a list."""
        assert [short(value) for value in (10**5000, [10**5000])] == ["…", "…"]

    def test_they_travel_as_plain_data(self, echo: Question) -> None:
        """To the database and from a cluster."""
        cases = kept(echo, DirectSession(lambda value: -value))
        assert from_data(to_data(cases), FailingCases) == cases

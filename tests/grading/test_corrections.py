"""What corrections of a question give in the report on an answer to it."""

from __future__ import annotations

import pytest

from autograder.grading.corrections import corrected
from autograder.grading.report import UNANSWERED, CheckResult, Outcome, Report, from_dict, to_dict
from autograder.questions.question import Question
from autograder.text import Text

TITLE = Text(ko="합", en="Sum")
TOLD = Text(
    ko="2026년 12월 1일에 채점 기준을 정정했습니다: 합이면 됩니다.",
    en="The marking was corrected on December 1, 2026: Any sum is right.",
)


def question_with(**effects: object) -> Question:
    """A question of two points with one correction."""
    question = Question(title=TITLE, statement=Text(en="Add."))
    question.check(points=2, text=Text(en="adds"))(lambda got, case, want: None)
    question.correction("2026-12-01", text=Text(ko="합이면 됩니다.", en="Any sum is right."), **effects)  # type: ignore[arg-type]
    return question


def report(outcome: Outcome = "failed", message: Text = Text(), **changes: object) -> Report:  # noqa: B008
    """A report with one check."""
    check = CheckResult("adds", Text(en="adds"), outcome, 2, message)
    return Report(**{"question": "sum", "title": TITLE, "points": 2.0, "checks": (check,), **changes})  # type: ignore[arg-type]


WRONG = report()
EMPTY = report("errored", UNANSWERED, fault="missing")
LOST = report("errored", Text(en="no function"), fault="missing")
UNGRADED = Report.not_graded("sum", TITLE, 2.0, Text(en="the machine lacks pandas"))


def test_students_are_told_in_each_language() -> None:
    """The date as people write it, and the author's sentence; the score is that of the checks."""
    told = corrected(question_with(), WRONG, untouched=False)
    assert [text.to_dict() for text in told.corrections] == [TOLD.to_dict()]
    assert (told.score, told.marking) == (0, "")
    assert from_dict(to_dict(told)) == told


@pytest.mark.parametrize(
    ("answer", "untouched", "answered", "everybody"),
    [
        (WRONG, False, 2.0, 2.0),
        (WRONG, True, 2.0, 2.0),  # the answer is in a cell of the student's own
        (LOST, False, 2.0, 2.0),
        (LOST, True, 0.0, 2.0),  # deleted, or a notebook that cannot be read
        (EMPTY, True, 0.0, 2.0),
        (EMPTY, False, 0.0, 2.0),  # empty brackets with a space more
        (UNGRADED, False, 2.0, 2.0),
        (UNGRADED, True, None, 2.0),
    ],
)
def test_full_marks_are_for_whom_they_say(
    answer: Report, untouched: bool, answered: float | None, everybody: float
) -> None:
    """Who wrote an answer, or everybody; a fault of ours costs nobody what a correction gives."""
    some = corrected(question_with(full_marks="answered"), answer, untouched=untouched)
    all_of_them = corrected(question_with(full_marks="everybody"), answer, untouched=untouched)
    assert (some.recorded_score, all_of_them.recorded_score) == (answered, everybody)


def test_full_marks_are_no_credit_for_a_mistake() -> None:
    """What the checks found stays as it is, and a right answer is one by its own."""
    given = corrected(question_with(full_marks="everybody"), WRONG, untouched=False)
    assert (given.checks, given.credit, given.at_stake) == (WRONG.checks, 0, 0)
    assert corrected(question_with(full_marks="everybody"), report("passed"), untouched=False).marking == ""


@pytest.mark.parametrize("answer", [WRONG, EMPTY, report("passed"), UNGRADED])
def test_answer_that_is_not_counted_has_no_points(answer: Report) -> None:
    """Neither earned nor possible; what the checks found stays."""
    left = corrected(question_with(not_counted=True), answer, untouched=False)
    assert (left.recorded_score, left.points) == (0, 0)
    assert [check.outcome for check in left.checks] == [check.outcome for check in answer.checks]
    assert sum(check.points for check in left.checks) == 0


def test_question_without_corrections_has_the_same_report() -> None:
    """Nothing is added."""
    question = Question(title=TITLE, statement=Text(en="Add."))
    assert corrected(question, WRONG, untouched=False) is WRONG

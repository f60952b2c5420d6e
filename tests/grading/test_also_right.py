"""A question with a second right answer: who gives either has full points, and what follows from it is carried over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.errors import QuestionError
from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.questions.loader import load_question
from autograder.questions.question import Question
from autograder.questions.syntax import private_functions
from autograder.verification.laws import violations
from tests.grading.test_following import DENSE, PAIR, course_of, judged, no_bias, outcomes, right_dense
from tests.questions.test_loader import NUMBER, write

MISTAKE = next(line for line in DENSE.splitlines() if "The bias is missing." in line)
ALSO = DENSE.replace(MISTAKE, "@question.also_right") + (
    '\n\n@question.misconception(text=Text(ko="합.", en="A sum."), fails=[right])\n'
    "def added(inputs, units):\n    return inputs + units\n"
)
NUMBER_ALSO = NUMBER + (
    "\n\n@question.also_right\ndef counts_twice(inputs, units):\n    return 2 * units * (inputs + 1)\n"
)
BOTH = ("ko", "en")


def with_formula(folder: Path, dense: str) -> Course:
    """The course of a formula and what follows it, with another file of the formula."""
    course = course_of(folder, PAIR)
    (course.root / "solutions" / "layers" / "dense.py").write_text(dense, encoding="utf-8")
    return course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course in whose formula the bias may be left out."""
    return with_formula(tmp_path, ALSO)


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Question]:
    """Load a question file."""
    return lambda text: load_question(write(tmp_path, text), BOTH)


def question_of(course: Course, name: str = "dense") -> Question:
    return next(question for question in course.assignment("layers").questions if question.id == name)


def score(question: Question, answer: Any) -> float:
    return grade(question, DirectSession(answer)).score


def test_either_answer_has_full_points(course: Course) -> None:
    """Nothing is found wrong in it."""
    for answer in (right_dense, no_bias):
        report = grade(question_of(course), DirectSession(answer))
        assert (report.score, report.right, report.misconceptions, report.computed) == (4, True, (), ())


def test_mixture_of_both_is_wrong(course: Course) -> None:
    """An answer has to be one of them in every case."""
    for odd in (0, 1):
        mixture = lambda d, u, odd=odd: no_bias(d, u) if d % 2 == odd else right_dense(d, u)  # noqa: E731
        assert score(question_of(course), mixture) == 0


def test_carry_over_survives_another_right_answer(tmp_path: Path) -> None:
    """Who had the points for what follows from the answer before it was right has them afterwards."""
    before, after = with_formula(tmp_path / "a", DENSE), with_formula(tmp_path / "b", ALSO)
    pair = lambda d, u: [no_bias(d, u), no_bias(u, u)]  # noqa: E731
    assert judged(before, no_bias, pair)["pair"].score == 3
    reports = judged(after, no_bias, pair)
    assert (reports["dense"].score, reports["pair"].score) == (4, 3)
    assert outcomes(reports["pair"]) == ["carried", "carried"]
    assert judged(after, no_bias, lambda d, u: [right_dense(d, u), right_dense(u, u)])["pair"].score == 3


def test_it_carries_nothing_for_those_who_gave_the_reference(course: Course) -> None:
    """It is no second answer to what follows."""
    report = judged(course, right_dense, lambda d, u: [no_bias(d, u), no_bias(u, u)])["pair"]
    assert report.score == 0


def test_number_may_be_either(load: Callable[[str], Question]) -> None:
    """By the student's own numbers."""
    question = load(NUMBER_ALSO)
    right = question.right_number(question.variants[0])
    assert [score(question, number) for number in (right, 2 * right, 3 * right)] == [1, 1, 0]


def test_laws_hold_for_both(course: Course) -> None:
    """A formula with two right answers is a sound question."""
    assert [*violations(question_of(course))] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    return inputs + units",
            "    return units * inputs",
            "misconception added fails [], its file says ['right']",
        ),
        (
            "    expect.count(got, want)",
            "    expect.count(got, case.args[1] * (case.args[0] + 1))",
            "no_bias, which is also right, earns 0 of 4",
        ),
    ],
)
def test_law_is_broken_by_it(tmp_path: Path, old: str, new: str, said: str) -> None:
    """It is a known mistake as well, or a check refuses it."""
    course = with_formula(tmp_path, ALSO.replace(old, new))
    assert said in " ".join(str(violation) for violation in violations(question_of(course)))


def test_its_body_is_private(course: Course) -> None:
    """A release that holds a statement of it is refused."""
    assert "no_bias" in [name for name, _node in private_functions(question_of(course))]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("def counts_twice(inputs, units)", "def counts_twice(units, inputs)", "takes (units, inputs)"),
        ("def counts_twice", "def total", "two right answers are called total"),
        (
            "    numbers=",
            "    needs_tensorflow=True,\n    numbers=",
            "counts_twice is also right, and needs TensorFlow",
        ),
    ],
)
def test_mistake_is_refused(load: Callable[[str], Question], old: str, new: str, problem: str) -> None:
    """What an author can get wrong."""
    with pytest.raises(QuestionError) as caught:
        load(NUMBER_ALSO.replace(old, new))
    assert problem in str(caught.value)

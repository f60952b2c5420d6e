"""The slip in a calculation that a wrong number comes of."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.diagnosis.calculation_slips import SLIP, WRONG_DIGIT
from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.questions.loader import load_question
from autograder.questions.variants import VariantChoice

QUESTION = load_question(Path(__file__).parent / "first_layer" / "layer1.py", ("ko", "en"))
CHOICE = VariantChoice(student="kim")
NUMBERS = CHOICE.numbers(QUESTION)
T, D, A, B, K = NUMBERS.values()


def told(answer: int) -> list[str]:
    report = grade(QUESTION, DirectSession(answer), variant=CHOICE)
    assert report.misconceptions == ()
    return [text.en for text in report.computed]


@pytest.mark.parametrize(
    ("answer", "edited"),
    [
        (4 * A * D + A + 1, "without the brackets around a sum"),
        (4 * D + A + 1 * A, "without the brackets around a sum"),
        (4 * A * (D + B + 1), "with `second_units` in the place of one `first_units`"),
        (4 * A * (D + 2 * A + 1), "with one `first_units` doubled"),
        (4 * A * (D + A - 1), "with a `-` in the place of one `+`"),
        (4 + A * (D + A + 1), "with a `+` in the place of one `*`"),
        (4 * A * A * (D + A + 1), "with `first_units` as a factor twice"),
        (4 * A * (D + A + 1) + B, "with `second_units` added at the end"),
        (4 * A * (D + A + 1) * B, "multiplied by `second_units`"),
    ],
)
def test_the_slip_is_told(answer: int, edited: str) -> None:
    """A number that comes of the right calculation by one edit is told as that edit."""
    assert told(answer) == [SLIP.format(edited=edited).en]


@pytest.mark.parametrize(
    "answer", [4 * A * (D + A + 1 + 40), 4 * (A * (D + A + 1) - 100), (4 * A - 3) * (D + A + 1)]
)
def test_wrong_digit_of_intermediate_result_is_named(answer: int) -> None:
    """Of the sum, of a product and of another one; not which digit."""
    assert told(answer) == [WRONG_DIGIT.en]


def test_number_that_no_slip_gives_is_not_explained() -> None:
    """Of any other number it is said that it is wrong, and no more."""
    assert told(4 * A * (D + A + 1) - 1013) == []


def test_two_slips_that_give_one_number_are_both_told() -> None:
    """Where a student's numbers make two slips alike that differ for others, both are told."""
    choice = VariantChoice(student="s2")
    _, inputs, units, upper, _ = choice.numbers(QUESTION).values()
    answer = DirectSession(4 * units * (inputs + upper + 1))
    [text] = grade(QUESTION, answer, variant=choice).computed
    assert text.en == (
        "it is one of two things: what came back would be right if `first_units` were the same as `input_dim`; or your "
        "number is what the right calculation gives with `second_units` in the place of one `first_units`"
    )

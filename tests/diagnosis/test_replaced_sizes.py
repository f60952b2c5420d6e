"""The size in whose place an answer uses another, told of whole answers to questions of the course."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.questions.loader import load_question
from tests.support import ROOT


def told(assignment: str, name: str, answer: Callable[..., Any]) -> list[str]:
    """What is told of an answer that shows no known mistake."""
    question = load_question(ROOT / "solutions" / assignment / f"{name}.py", ("ko", "en"))
    report = grade(question, DirectSession(answer))
    assert [one.name for one in report.misconceptions] == []
    return [text.en for text in report.computed]


def fixed(name: str, number: int) -> str:
    return f"every wrong value is the one for `{name} = {number}`: does a fixed number stand where `{name}` should?"


def instead(replacement: str, name: str) -> str:
    return f"every wrong value is what `{replacement}` in the place of `{name}` gives"


def units_of_the_lecture(sequence: Any, units: int) -> Any:
    return np.concatenate([sequence[:, -1, :3], sequence[:, 0, 3:]], axis=-1)


def border_one_too_late(sequence: Any, units: int) -> Any:
    return np.concatenate([sequence[:, -1, : units + 1], sequence[:, 0, units + 1 :]], axis=-1)


def shapes_of_five_units(input_dim: int, units: int, reset_after: bool) -> Any:
    return [(input_dim, 15), (5, 15), (2, 15) if reset_after else (15,)]


def three_inputs(input_dim: int, budget: int) -> int:
    units = 0
    while 4 * (units + 1) * (3 + units + 2) <= budget:
        units += 1
    return units


def one_tag_too_few(input_dim: int, units: int, n_tags: int, merge_mode: str = "concat") -> int:
    width = 2 * units if merge_mode == "concat" else units
    return 8 * units * (input_dim + units + 1) + (n_tags - 1) * (width + 1)


def no_row_for_the_mask_that_is_off(
    vocab_size: int, embedding_dim: int, units: int, mask_zero: bool = True
) -> int:
    rows = vocab_size if mask_zero else vocab_size - 1
    return rows * embedding_dim + 4 * units * (embedding_dim + units + 1)


@pytest.mark.parametrize(
    ("assignment", "name", "answer", "text"),
    [
        ("shapes", "bi_final", units_of_the_lecture, fixed("units", 3)),
        ("shapes", "bi_final", border_one_too_late, instead("units + 1", "units")),
        ("gru_parameters", "gru_weight_shapes", shapes_of_five_units, fixed("units", 5)),
        ("lstm_parameters", "max_lstm_units", three_inputs, fixed("input_dim", 3)),
        ("gru_parameters", "bilstm_tagger_params", one_tag_too_few, instead("n_tags - 1", "n_tags")),
        ("lstm_parameters", "lstm_params", lambda d, u: 4 * u * (3 + u + 1), fixed("input_dim", 3)),
    ],
)
def test_replaced_size_is_told(assignment: str, name: str, answer: Callable[..., Any], text: str) -> None:
    """A fixed number, a neighbour or another size in the place of an argument is told, after any formula."""
    assert told(assignment, name, answer)[-1] == text


def test_size_replaced_in_one_setting_is_told_with_the_setting() -> None:
    """Where the answer is right for other inputs, it is told for which it is not."""
    assert told("gru_parameters", "embedding_lstm_params", no_row_for_the_mask_that_is_off)[-2:] == [
        instead("vocab_size - 1", "vocab_size"),
        "of the inputs tried, it is right only where `mask_zero` is True",
    ]


def test_size_without_effect_is_told() -> None:
    """Where the same comes back for other values of one argument, it is told to make no difference."""
    found = told("lstm_parameters", "max_lstm_units", lambda input_dim, budget: 2 * round(budget**0.5) + 7)
    assert found == [
        "`input_dim` makes no difference to what comes back: does a fixed number, or another name, stand in its place?"
    ]


def test_another_slip_with_a_fixed_number_is_not_told_as_one() -> None:
    """A number in the place of one of several uses of an argument is not the argument replaced."""

    def last_axis_alone(input_dim: int, units: int, reset_after: bool) -> Any:
        return [(input_dim, 15), (units, 15), (2, 15) if reset_after else (15,)]

    found = told("gru_parameters", "gru_weight_shapes", last_axis_alone)
    assert not any("in the place of" in text or "fixed number" in text for text in found)


def test_search_with_an_end_depends_on_its_input() -> None:
    """One number for several inputs with the same large budget does not show that the input is not used."""

    def ends_at_a_hundred(input_dim: int, budget: int) -> int:
        fitting = [n for n in range(1, 101) if 4 * n * (input_dim + n + 2) <= budget]
        return max(fitting, default=0)

    assert not any(
        "no difference" in text for text in told("lstm_parameters", "max_lstm_units", ends_at_a_hundred)
    )


@pytest.mark.parametrize(
    "answer",
    [
        lambda d, u: 4 * u * d + u + 1,
        lambda d, u: 4 * (u * d + u + 1),
        lambda d, u: 4 * d + u + 1 * u,
    ],
)
def test_lost_brackets_in_a_function_are_told(answer: Callable[..., Any]) -> None:
    """Whichever brackets of a counting function are lost, the formula is followed by that."""
    formula, slip = told("lstm_parameters", "lstm_params", answer)
    assert formula.startswith("what your function really computes is")
    assert slip == "this is the right calculation without the brackets around a sum"


def test_two_lost_terms_are_no_edit_of_the_calculation() -> None:
    """A formula that no single edit gives is told part by part."""
    found = told("lstm_parameters", "lstm_params", lambda d, u: 4 * u * u + 7)
    assert not any("right calculation" in text for text in found)

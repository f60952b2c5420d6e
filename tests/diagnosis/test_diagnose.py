"""The formula that a wrong function computes, recovered from its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.comparison import same
from autograder.diagnosis.formula_text import describe_formulas
from autograder.grading.direct_session import DirectSession
from autograder.grading.draws import draw_cases, reference_value
from autograder.grading.question_grader import grade
from autograder.questions.loader import load_question
from autograder.questions.question import Question
from tests.support import ROOT


def load(assignment: str, name: str) -> Question:
    return load_question(ROOT / "solutions" / assignment / f"{name}.py", ("ko", "en"))


LSTM, GRU = load("lstm_parameters", "lstm_params"), load("gru_parameters", "gru_params")


def explanations(question: Question, answer: Callable[..., Any]) -> list[str]:
    """What a student reads of the formula, in English."""
    report = grade(question, DirectSession(answer), seed=4)
    return [text.en for text in report.computed]


class TestTheFormula:
    """Exactly the student's own, in ordinary notation."""

    @given(st.lists(st.integers(-9, 9), min_size=6, max_size=6))
    def test_any_sum_of_the_terms_is_found(self, coefficients: list[int]) -> None:
        """Whatever whole coefficients a function has, its formula is shown with them."""
        a, b, c, d, e, f = coefficients

        def answer(input_dim: int, units: int) -> int:
            i, u = input_dim, units
            return a * u * u + b * u * i + c * u + d * i * i + e * i + f

        texts = explanations(LSTM, answer)
        if (a, b, c, d, e, f) == (4, 4, 4, 0, 0, 0):
            assert texts == []
            return
        shown = texts[0].removeprefix("what your function really computes is ")
        products = ("units²", "units·input_dim", "units", "input_dim²", "input_dim", "")
        parts = []
        for number, product in zip(coefficients, products, strict=True):
            if number:
                size = "" if abs(number) == 1 and product else str(abs(number))
                parts.append(("- " if number < 0 else "+ ") + "·".join(filter(None, (size, product))))
        wanted_text = " ".join(parts).removeprefix("+ ")
        wanted_text = "-" + wanted_text[2:] if wanted_text.startswith("- ") else wanted_text
        assert shown == f"`{wanted_text or 0}`"

    def test_halves(self) -> None:
        """Coefficients are exact: a half is shown as one."""
        assert (
            explanations(LSTM, lambda d, u: 2.5 * u * u)[0]
            == "what your function really computes is `5/2·units²`"
        )

    def test_korean(self) -> None:
        """The sentence exists in Korean."""
        report = grade(LSTM, DirectSession(lambda d, u: 9 * u), seed=4)
        assert report.computed[0].ko == "함수가 실제로 계산하는 식은 `9·units`입니다."

    @pytest.mark.parametrize(
        "answer", [lambda d, u: 2 ** (u % 9), lambda d, u: 4 * u * (u + d + 1) + (u > 30), lambda d, u: u / d]
    )
    def test_no_sum_of_the_terms(self, answer: Callable[..., Any]) -> None:
        """A function that is no such sum, at a single point even, is told to be none."""
        assert explanations(LSTM, answer) == [
            "no sum of products of the arguments gives what your function returns: is there a division in it?"
        ]

    def test_lost_factor(self) -> None:
        """What lost a factor is missing, and nothing is called too many in whose term it stands."""
        assert explanations(LSTM, lambda d, u: 4 * (3 * u + u * d + u)) == [
            "what your function really computes is `4·units·input_dim + 16·units`",
            "missing: recurrent weights (the term in `units²`)",
        ]

    def test_square(self) -> None:
        """The square of a formula is shown as one."""
        assert explanations(LSTM, lambda d, u: (u * d + 2 * u) ** 2) == [
            "what your function really computes is `(units·input_dim + 2·units)²`"
        ]

    def test_count_divided_and_rounded_down(self) -> None:
        """A right count divided without remainder is told as that."""
        dense = load("lstm_parameters", "dense_params")
        assert explanations(dense, lambda d, u: (d + 1) * u // 2) == [
            "what your function gives is the right count // 2"
        ]

    def test_number_in_the_place_of_a_parameter(self) -> None:
        """Where a fixed number replaces a parameter, that is told, and no term is called too many."""
        dense = load("lstm_parameters", "dense_params")
        assert explanations(dense, lambda d, u: (8 + 1) * u) == [
            "what your function really computes is `9·units`",
            "every wrong value is the one for `input_dim = 8`: does a fixed number stand where `input_dim` should?",
        ]

    @pytest.mark.parametrize(
        ("answer", "formula", "product"),
        [
            (lambda d, u: 5 * u * u * d + 4 * u, "4·units + 5·units²·input_dim", "units²·input_dim"),
            (lambda d, u: u**3, "units³", "units³"),
            (
                lambda d, u: 4 * u * u + d * d * u + d**3 + u,
                "4·units² + units + units·input_dim² + input_dim³",
                "input_dim³",
            ),
        ],
    )
    def test_products_that_no_term_of_the_question_has(
        self, answer: Callable[..., Any], formula: str, product: str
    ) -> None:
        """Up to two other products of the sizes are found, and asked about."""
        texts = explanations(LSTM, answer)
        assert texts[0] == f"what your function really computes is `{formula}`"
        assert f"no weights are counted by a term in `{product}`: what did you mean to count by it?" in texts

    def test_each_way_of_calling_has_its_own(self) -> None:
        """With a flag the formula of the wrong setting is shown, and only that."""

        def answer(input_dim: int, units: int, reset_after: bool = True) -> int:
            return 3 * units * (input_dim + units + 2) + (0 if reset_after else 7)

        (shown, *_) = texts = explanations(GRU, answer)
        assert shown == (
            "with reset_after=False, what your function really computes is `3·units² + 3·units·input_dim + 6·units + 7`"
        )
        assert not any("reset_after=True" in text for text in texts)

    @pytest.mark.parametrize(
        "answer", [lambda d, u: "many", lambda d, u: [1], lambda d, u: None, lambda d, u: True]
    )
    def test_no_numbers_no_formula(self, answer: Callable[..., Any]) -> None:
        """Nothing is said of a formula where no numbers came back."""
        assert explanations(LSTM, answer) == []

    def test_right_answer_is_told_nothing(self) -> None:
        """Right however it is written: no formula."""
        assert explanations(LSTM, lambda d, u: 4.0 * (u * u + d * u + u)) == []

    def test_too_few_points_are_not_believed(self) -> None:
        """As many points as terms fit any function: nothing is claimed."""
        cases = draw_cases(LSTM, __import__("numpy").random.default_rng(1))[:7]
        asked = [CaseResult(case, reference_value(LSTM, case), 5) for case in cases]
        assert list(describe_formulas(LSTM, asked, name_parts=True)) == []


WRONG: Mapping[str, tuple[Callable[..., Any], list[str]]] = {
    "no recurrent weights, and a constant": (
        lambda d, u: 4 * u * d + 4 * u + 1,
        [
            "missing: recurrent weights (the term in `units²`)",
            "no weights are counted by a constant: what did you mean to count that does not depend on the sizes?",
        ],
    ),
    "seven gates": (
        lambda d, u: 7 * u * (u + d + 1),
        ["every part is there too many times: count again how many sets of weights there are"],
    ),
    "half of the recurrent weights": (
        lambda d, u: 2 * u * u + 4 * u * d + 4 * u,
        ["too few recurrent weights (the term in `units²`): count them again"],
    ),
    "too many input weights": (
        lambda d, u: 4 * u * u + 6 * u * d + 4 * u,
        ["too many weights of the input (the term in `units·input_dim`): count them again"],
    ),
    "subtracted biases": (
        lambda d, u: 4 * u * u + 4 * u * d - 4 * u,
        ["this is the right calculation with a `-` in the place of one `+`"],
    ),
    "the input squared": (
        lambda d, u: 4 * u * u + 4 * u * d + 4 * u + d * d,
        ["no weights are counted by a term in `input_dim²`: what did you mean to count by it?"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_wrong_part_is_named(name: str) -> None:
    """A mistake that nobody listed is named by the part of the formula that is wrong."""
    answer, parts = WRONG[name]
    report = grade(LSTM, DirectSession(answer), seed=4)
    assert report.misconceptions == ()
    assert [text.en for text in report.computed[1:]] == parts
    assert all(text.ko for text in report.computed)


def test_known_mistake_is_named_with_its_formula_and_no_parts() -> None:
    """Where a misconception is named, the formula stands beside it and the parts are left to its text."""
    report = grade(LSTM, DirectSession(lambda d, u: 4 * u * (u + d)), seed=4)
    assert [known.name for known in report.misconceptions] == ["no_bias"]
    assert [text.en for text in report.computed] == [
        "what your function really computes is `4·units² + 4·units·input_dim`"
    ]


def test_the_right_coefficients_are_never_told() -> None:
    """No text of a diagnosis holds a number that the student's own formula does not hold."""
    for answer, _ in WRONG.values():
        report = grade(LSTM, DirectSession(answer), seed=4)
        for text in report.computed[1:]:
            assert not any(letter in "0123456789" for letter in text.en + text.ko)


def test_no_formula_is_told_of_a_wrong_default() -> None:
    """Right with the flag given and wrong without it are two formulas: that no sum fits both says nothing."""

    def answer(input_dim: int, units: int, reset_after: bool = False) -> int:
        return 3 * units * (input_dim + units + 1 + reset_after)

    report = grade(GRU, DirectSession(answer), seed=4)
    assert [known.name for known in report.misconceptions] == ["default_is_false"]
    assert report.computed == ()


def test_wrong_default_denies_no_formula() -> None:
    """Calls that leave the flag out, where the answer has another default, do not show that no sum fits."""

    def answer(input_dim: int, units: int, reset_after: bool = False) -> int:
        return 3 * units * (input_dim + units + 1 + reset_after) + 5 * reset_after

    report = grade(GRU, DirectSession(answer), seed=4)
    assert [text.en for text in report.computed] == [
        "of the inputs tried, it is wrong only where `reset_after` is True"
    ]


def test_fractions_stay_exact() -> None:
    """Large sizes lose no digit: coefficients far beyond a float's are recovered."""
    big = 10**17 + 3
    report = grade(LSTM, DirectSession(lambda d, u: big * u), seed=4)
    assert report.computed[0].en == f"what your function really computes is `{Fraction(big)}·units`"


def test_form_that_raises_is_named_whatever_the_type_of_what_is_right() -> None:
    """An answer that is right where it gives something, in another type, may show a mistake where it raises."""
    question = load("cells", "gru_step")
    right: Any = question.reference

    def one_form_alone(
        x: Any, h: Any, kernel: Any, recurrent_kernel: Any, bias: Any, reset_after: bool = True
    ) -> Any:
        if reset_after:
            raise NotImplementedError
        return right(x, h, kernel, recurrent_kernel, bias, False).astype("float64")

    report = grade(question, DirectSession(one_form_alone))
    assert [named.name for named in report.misconceptions] == ["form_with_reset_after_raises"]


def test_another_error_is_another_mistake() -> None:
    """An answer that raises where a known mistake raises is named only where the error is that one."""
    question = load("cells", "gru_step")
    right: Any = question.reference

    def raising(error: Exception) -> Any:
        def answer(
            x: Any, h: Any, kernel: Any, recurrent_kernel: Any, bias: Any, reset_after: bool = True
        ) -> Any:
            if not reset_after:
                raise error
            return right(x, h, kernel, recurrent_kernel, bias, True)

        return [one.name for one in grade(question, DirectSession(answer)).misconceptions]

    assert "two_rows_always" in raising(ValueError("too many values to unpack (expected 2)"))
    assert "two_rows_always" not in raising(ValueError("shapes do not fit"))
    assert "two_rows_always" not in raising(TypeError("too many values to unpack (expected 2)"))


@pytest.mark.parametrize(("dtype", "is_same"), [(np.float32, True), (np.float64, False)])
def test_float32_rounding_makes_no_difference(dtype: type, is_same: bool) -> None:
    """Small numbers beside large ones, as a mistake and an answer that makes it compute them in another order."""
    one, other = np.array([667.0, 0.5], dtype), np.array([667.0, 0.50009], dtype)
    assert same(one, other) is is_same


def test_answer_that_always_raises_is_known_by_the_text_of_its_error() -> None:
    """Where every call raises, a mistake is named that raises the same texts, and none that raises without one."""
    question = load("shapes", "split_outputs")

    def named(answer: Callable[..., Any]) -> list[str]:
        report = grade(question, DirectSession(answer))
        return [mistake.name for mistake in report.misconceptions]

    assert named(lambda outputs: {"h_seq": outputs[0], "h": outputs[1], "c": outputs[3]}) == [
        "beyond_the_last_output"
    ]
    assert named(lambda outputs: outputs["h"]) == []

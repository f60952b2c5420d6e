"""The input for which a wrong answer would be right, found from its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder import Case, Question
from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.questions import expect
from autograder.questions.loader import load_question
from autograder.questions.question import Followed
from autograder.questions.variants import VariantChoice
from autograder.text import Text
from tests.diagnosis.test_observations import asked_about, explanations
from tests.support import ROOT


def answered_by(reference: Callable[..., Any]) -> Question:
    """A question with this right answer, to be followed."""
    question = Question(title=Text(ko="아래", en="Below"), statement=Text(ko="쓰세요.", en="Write."))
    question.answer(reference)
    return question


def step(x: Any, state: Any) -> tuple[Any, Any]:
    """A reference that another question follows."""
    return np.tanh(x + 0.5 * state), x - state


def walk_by(step: Callable[..., Any], xs: Any, start: Any, mode: str, flag: bool) -> Any:
    """What follows from a step."""
    state, met = start, []
    for place in range(xs.shape[1]):
        state, rest = step(xs[:, place], state)
        met.append(state + 0.1 * rest if flag else state)
    return np.stack(met, axis=1) * {"plain": 1.0, "double": 2.0, "triple": 3.0}[mode]


def walk(xs: Any, start: Any, mode: str = "plain", flag: bool = True) -> Any:
    """A reference of arrays that follows another."""
    return walk_by(step, xs, start, mode, flag)


def following() -> Question:
    rng = np.random.default_rng(1)
    cases = [
        Case(rng.normal(size=(2, steps, 3)), rng.normal(size=(2, 3)), mode=mode, flag=flag)
        for steps, mode, flag in (
            (3, "plain", True), (4, "double", False), (5, "triple", True), (4, "plain", False), (6, "double", True),
        )
    ]  # fmt: skip
    question = asked_about(walk, cases, expect.array)
    object.__setattr__(
        question, "followed", Followed(("step",), walk_by, questions={"step": answered_by(step)})
    )
    return question


WALK = following()


def right_if(condition: str) -> list[str]:
    return [f"what came back would be right if {condition}"]


@pytest.mark.parametrize(
    ("answer", "condition"),
    [
        (lambda xs, start, mode, flag: walk(xs, 0 * start, mode, flag), "`start` held only zeros"),
        (lambda xs, start, mode, flag: walk(xs, -start, mode, flag), "`start` had the opposite sign"),
        (
            lambda xs, start, mode, flag: walk(xs[:, [0] * xs.shape[1]], start, mode, flag),
            "every place along axis 1 of `xs` were like the first",
        ),
        (
            lambda xs, start, mode, flag: walk(xs, start, {"triple": "double"}.get(mode, mode), flag),
            None,
        ),
        (
            lambda xs, start, mode, flag: walk(xs, start, {"double": "triple"}.get(mode, mode), not flag),
            None,
        ),
        (
            lambda xs, start, mode, flag: walk(xs, start, mode, not flag),
            "the two values of `flag` were exchanged",
        ),
        (
            lambda xs, start, mode, flag: walk_by(
                lambda x, state: step(np.tanh(x), state), xs, start, mode, flag
            ),
            "`xs` went through tanh first",
        ),
        (
            lambda xs, start, mode, flag: walk_by(lambda x, state: step(x, start), xs, start, mode, flag),
            "`state` of `step` were always as at the first call",
        ),
        (
            lambda xs, start, mode, flag: walk_by(lambda x, state: step(state, x), xs, start, mode, flag),
            "`x` and `state` were exchanged in `step`",
        ),
        (
            lambda xs, start, mode, flag: walk_by(
                lambda x, state: (2 * step(x, state)[0], step(x, state)[1]), xs, start, mode, flag
            ),
            "result 1 of `step` were twice as large",
        ),
        (lambda xs, start, mode, flag: walk(xs, start, mode, flag) + xs**2, None),
    ],
)
def test_the_input_is_told(answer: Callable[..., Any], condition: str | None) -> None:
    """A change of an argument, or of what a followed function gets and gives, is told where it explains all values."""
    found = [text for text in explanations(WALK, answer) if text.startswith("what came back would be right")]
    assert found == ([] if condition is None else right_if(condition))


def test_only_a_change_that_explains_the_right_values_too() -> None:
    """A change is not told of an answer that is right where the change would make it wrong."""

    def answer(xs: Any, start: Any, mode: str, flag: bool) -> Any:
        return walk(xs, 0 * start if flag else start, mode, flag)

    assert explanations(WALK, answer) == ["of the inputs tried, it is wrong only where `flag` is True"]


def test_first_call_is_told_apart() -> None:
    """What is changed at the first call of a followed function alone is told with the call."""

    def answer(xs: Any, start: Any, mode: str, flag: bool) -> Any:
        calls = iter([True])
        return walk_by(
            lambda x, state: step(0 * x + 1 if next(calls, False) else x, state), xs, start, mode, flag
        )

    assert explanations(WALK, answer) == right_if("`x` of `step` at its first call held only ones")


def test_search_by_a_followed_function_ends() -> None:
    """A followed function that is called again and again under a change ends the search for it, not the grader."""

    def cost(units: int) -> int:
        return units * units

    def largest_by(cost: Callable[[int], int], budget: int) -> list[int]:
        units = 0
        while cost(units + 1) <= budget:
            units += 1
        return [units]

    def largest(budget: int) -> list[int]:
        return largest_by(cost, budget)

    question = asked_about(largest, [Case(budget) for budget in (5, 17, 40, 70)], expect.counts)
    object.__setattr__(
        question, "followed", Followed(("cost",), largest_by, questions={"cost": answered_by(cost)})
    )
    assert explanations(question, lambda budget: [budget // 3 + 2]) == []


def test_both_languages_tell_it() -> None:
    """A Korean reader is told the same."""
    report = grade(WALK, DirectSession(lambda xs, start, mode, flag: walk(xs, 0 * start, mode, flag)))
    assert [text.ko for text in report.computed] == ["`start`의 값이 모두 0이라면 맞을 값을 돌려주었습니다."]


def test_one_number() -> None:
    """Of a number, the one changed size that gives it is told."""
    question = load_question(ROOT / "solutions" / "lstm_parameters" / "p1.py", ("ko", "en"))
    numbers = VariantChoice().numbers(question)
    units, inputs = numbers["units"], numbers["input_dim"]
    larger = grade(question, DirectSession(4 * (units + 1) * (inputs + units + 2)))
    assert [text.en for text in larger.computed] == right_if("`units` were larger by 1")

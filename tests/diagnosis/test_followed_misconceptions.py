"""Mistakes across questions that follow each other: in the loop, in the step, or in both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.errors import QuestionError
from autograder.grading.question_grader import grade
from autograder.grading.report import Report
from autograder.questions.loader import load_question
from autograder.questions.question import Question
from tests.course.mutants import Notebook
from tests.support import ROOT

CELLS = ROOT / "solutions" / "cells"
STEP, FORWARD, TWO = (
    load_question(CELLS / f"{name}.py", ("ko", "en"))
    for name in ("lstm_step", "lstm_forward", "two_layer_forward")
)


def step(gates: str = "i, f, g, o", bias: str = "+ bias", returned: str = "s(o) * np.tanh(c2), c2") -> str:
    """The text of a step as a student writes it."""
    return f"""
import numpy as np
def lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    s = lambda a: 1 / (1 + np.exp(-a))
    {gates} = np.split(x @ kernel + h @ recurrent_kernel {bias}, 4, axis=1)
    c2 = s(f) * c + s(i) * np.tanh(g)
    return {returned}
"""


def forward(call: str = "lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)", axis: int = 1) -> str:
    """The text of a loop as a student writes it."""
    return f"""
def lstm_forward(X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((len(X), recurrent_kernel.shape[0]))
    every = []
    for t in range(X.shape[1]):
        h, c = {call}
        every.append(h)
    return np.stack(every, axis={axis}), h, c
"""


INSIDE = """
def lstm_forward(X, kernel, recurrent_kernel, bias):
    s = lambda a: 1 / (1 + np.exp(-a))
    h = c = np.zeros((len(X), recurrent_kernel.shape[0]))
    every = []
    for t in range(X.shape[1]):
        i, f, o, g = np.split(X[:, t] @ kernel + h @ recurrent_kernel + bias, 4, axis=1)
        c = s(f) * c + s(i) * np.tanh(g)
        h = s(o) * np.tanh(c)
        every.append(h)
    return np.stack(every, axis=1), h, c
"""
AS_IT_WAS = """
def two_layer_forward(X, first, second):
    h_seq, h, c = lstm_forward(X, *first)
    return lstm_forward(h[:, np.newaxis], *second)[1]
"""
NO_STEP = "import numpy as np\ndef lstm_step(x, h, c, kernel, recurrent_kernel, bias): ...\n"


def reports(source: str, *questions: Question) -> list[Report]:
    """The reports of one notebook, each question with those before it."""
    met: dict[str, Report] = {}
    for question in questions:
        met[question.id] = grade(question, Notebook(question, source), earlier=met)
    return [*met.values()]


def told(report: Report) -> list[str]:
    return [one.text.en for one in report.misconceptions] + [text.en for text in report.computed]


def test_mistake_in_the_loop_is_named_on_top_of_a_wrong_step() -> None:
    """The loop's own mistake is recognized although the step that it calls is wrong, too."""
    _step, found = reports(step(bias="") + forward(axis=0), STEP, FORWARD)
    assert [one.name for one in found.misconceptions] == ["time_axis_first"]
    assert told(found)[0].startswith(
        "Besides what is wrong in your own `lstm_step`: The time axis comes first."
    )
    assert found.misconceptions[0].credit == 0


def test_wrong_step_alone_is_not_named_in_the_loop() -> None:
    """A right loop over a wrong step is carried over, and nothing more is said there."""
    _step, found = reports(step(bias="") + forward(), STEP, FORWARD)
    assert found.score == 3
    assert told(found) == []


def test_step_that_is_written_inside_is_named_by_its_own_mistake() -> None:
    """A misconception about the step is recognized in a loop that does not call the step."""
    _step, found = reports(step() + INSIDE, STEP, FORWARD)
    assert [one.name for one in found.misconceptions] == ["lstm_step.order_i_f_o_c"]
    assert told(found)[0].startswith("What `lstm_step` should compute is wrong here: The output gate and")
    assert found.score == 0


def test_the_second_layer_is_named_two_functions_above_the_wrong_one() -> None:
    """A wrong step shows through a carried-over loop; what the layers do wrong is named on top of it."""
    *_below, found = reports(step(bias="") + forward() + AS_IT_WAS, STEP, FORWARD, TWO)
    assert [one.name for one in found.misconceptions] == ["left_as_it_was"]
    assert told(found)[0].startswith("Besides what is wrong in your own `lstm_step`: It still computes")


def test_unknown_mistake_on_top_of_a_wrong_step_is_not_named() -> None:
    """Nothing is named of a loop that does what no misconception does."""
    call = "lstm_step(X[:, t], h / 3, c, kernel, recurrent_kernel, bias)"
    _step, found = reports(step(bias="") + forward(call), STEP, FORWARD)
    assert found.misconceptions == ()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (NO_STEP, "your own `lstm_step` returned None: is it written, and does it return its result?"),
        (
            step(returned="s(o) * np.tanh(c2)"),
            "the error comes from your own `lstm_step`: fix that first",
        ),
    ],
)
def test_error_is_traced_to_the_function_below(source: str, expected: str) -> None:
    """A loop that raises because the step gives None, or one array, is told so."""
    _step, found = reports(source + forward(), STEP, FORWARD)
    assert told(found) == [expected]


def test_error_two_functions_above_names_the_empty_one() -> None:
    """The function that gave None is named, not the one between that raises because of it."""
    *_below, found = reports(NO_STEP + forward() + AS_IT_WAS, STEP, FORWARD, TWO)
    assert told(found) == [
        "your own `lstm_step` returned None: is it written, and does it return its result?"
    ]


def test_loop_with_an_error_of_its_own_is_not_traced_to_the_step() -> None:
    """An error that a wrong step does not explain is left as it is."""
    _step, found = reports(step(bias="") + forward("nothing"), STEP, FORWARD)
    assert not any("your own" in text for text in told(found))


FOLLOWED = '''
from autograder import Case, Question, Text, expect

question = Question(title=Text(ko="앞", en="Before"), statement=Text(ko="답하세요.", en="Answer."))


@question.answer
def {name}(a):
    """A number."""
    return {value}


@question.cases
def cases(rng):
    return [Case(a) for a in range(1, 9)]


@question.check(points=1, text=Text(ko="맞다", en="right"))
def right(got, case, want):
    expect.count(got, want)
'''
WRONG = """

@question.misconception(text=Text(ko="틀림.", en="Wrong."), fails=[right])
def wrong({parameters}):
    return {value}
"""


def test_parameters_of_another_function_are_refused(tmp_path: Path) -> None:
    """A misconception takes the followed functions, then the reference's parameters, or these alone."""
    folder = tmp_path / "any"
    folder.mkdir()
    (folder / "once.py").write_text(FOLLOWED.format(name="once", value="2 * a"), encoding="utf-8")
    twice = FOLLOWED.format(name="twice", value="4 * a") + (
        '\n\n@question.follows("once")\ndef by_own(once, a):\n    return 2 * once(a)\n'
    )
    path = folder / "twice.py"
    path.write_text(twice + WRONG.format(parameters="once, a", value="3 * once(a)"), encoding="utf-8")
    [known] = load_question(path, ("ko", "en")).misconceptions
    assert known.answer(5) == 30
    assert known.applied is not None
    assert known.applied(lambda a: a, 5) == 15
    path.write_text(twice + WRONG.format(parameters="other, a", value="a"), encoding="utf-8")
    with pytest.raises(QuestionError, match="takes"):
        load_question(path, ("ko", "en"))


def test_the_sentences_exist_in_korean() -> None:
    """What is said of a mistake on top of another exists in Korean."""
    found: Any = reports(step(bias="") + forward(axis=0), STEP, FORWARD)[1].misconceptions[0]
    assert found.text.ko.startswith("직접 쓴 `lstm_step`에서 틀린 것 말고도 틀린 것이 있습니다. 시점 축이")

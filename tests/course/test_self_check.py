"""What the last cell of every released notebook says of answers that are untouched, half done, and solved.

A build runs every solved notebook as a whole, and a visible test that fails stops it; here the answers that need
TensorFlow are left out.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode

from autograder.course import Course
from autograder.notebooks.cells import cell_metadata, grade_id, is_solution
from autograder.notebooks.self_check import CHECK_ALL, tools_code
from autograder.notebooks.stamp import answer_text
from autograder.questions.question import Question

COURSE = Course.open(Path(__file__).parents[2])
EDITIONS = [(name, language) for name in COURSE.assignments for language in COURSE.languages]
UNTOUCHED = {"en": "not answered yet", "ko": "아직 답하지 않았습니다"}
NOTHING = {"en": "returned nothing; is there a `return`?", "ko": "돌려준 값이 없습니다. `return`이 있습니까?"}
WRONG = {"en": "wrong type: expected a whole number, got str", "ko": "자료형이 다릅니다: 정수 대신 str"}
ANSWERED = {"en": "answered", "ko": "답 있음"}


def states(notebook: NotebookNode, answers: dict[str, str]) -> dict[str, str]:
    """What the last cell says of each answer; `answers` replace the sources of answer cells."""
    space: dict[str, Any] = {"np": np}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        for cell in notebook.cells:
            if cell_metadata(cell).get("part") in ("tools", "answer", "hand-in") and cell.cell_type == "code":
                exec(answers.get(grade_id(cell), cell.source) if is_solution(cell) else cell.source, space)
    lines = out.getvalue().partition("\n\n")[0].splitlines()
    return {name: state.strip() for name, state in (line.split(" ", 1) for line in lines)}


@pytest.mark.parametrize(("name", "language"), EDITIONS)
class TestTheLastCell:
    """It says of each answer what it is, in the language of the edition."""

    def test_untouched_notebook_is_not_answered(self, name: str, language: str) -> None:
        """No stub counts as an answer."""
        notebook = nbformat.read(COURSE.assignment(name).release(language), as_version=4)
        found = states(notebook, {})
        assert found == dict.fromkeys(found, UNTOUCHED[language])
        assert found.keys() == {question.id for question in COURSE.assignment(name).questions}

    def test_half_done_notebook_is_told_what_is_missing(self, name: str, language: str) -> None:
        """A function without a return returns nothing, whether it is tried or not; a string is no number."""
        notebook = nbformat.read(COURSE.assignment(name).release(language), as_version=4)
        questions = COURSE.assignment(name).questions
        stubs = {grade_id(cell): cell.source for cell in notebook.cells if is_solution(cell)}
        answers = {
            question.id: f"{question.id} = 'seven'"
            if question.is_number
            else re.sub(r"\.\.\.$", "half = 1", stubs[question.id])
            for question in questions
        }
        found = states(notebook, answers)
        for question in questions:
            if question.is_number:
                assert found[question.id] == WRONG[language]
            elif not question.is_in_exam and (question.returns or question.sample is not None):
                assert found[question.id] == NOTHING[language]

    def test_solved_notebook_is_answered(self, name: str, language: str) -> None:
        """What needs no TensorFlow is tried, the rest is only seen to be there."""
        notebook = nbformat.read(COURSE.assignment(name).release(language), as_version=4)
        solved = {
            question.id: answer_text(question)
            for question in COURSE.assignment(name).questions
            if question.sample is None or not question.needs_tensorflow
        }
        found = states(notebook, solved)
        assert {
            name for name, state in found.items() if state.startswith(ANSWERED[language])
        } >= solved.keys()


PARTS = [
    question
    for name in COURSE.assignments
    for question in COURSE.assignment(name).questions
    if question.parts and not question.is_number
]


@pytest.mark.parametrize("question", PARTS, ids=lambda question: question.id)
class TestSeveralValues:
    """The answers that are pairs, or more values at once."""

    def state(self, question: Question, change: Callable[[Sequence[Any]], Any]) -> str:
        """What the last cell says of the right values after a change."""
        assert question.reference is not None and question.sample is not None
        right = question.reference(*question.sample)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = f"{tools_code([question], 'en', {})}\n{CHECK_ALL}"
            exec(code, {question.id: lambda *args: change(right)})
        return out.getvalue().split(maxsplit=1)[1].strip()

    def test_all_of_them_are_an_answer(self, question: Question) -> None:
        """In a tuple and in a list."""
        assert self.state(question, tuple) == self.state(question, list) == "answered"

    def test_one_of_them_alone_is_none(self, question: Question) -> None:
        """Also where it is an array: none has as many rows for the sample as there are values."""
        for place in range(question.parts):
            told = self.state(question, lambda right, place=place: right[place])
            assert re.fullmatch(r"wrong number of values: expected \w+ (arrays|numbers), got one", told)

    def test_too_many_are_none(self, question: Question) -> None:
        """As from a function that returns what Keras returns."""
        told = self.state(question, lambda right: [right[0], *right])
        assert told.endswith(f"got list of length {question.parts + 1}")


def test_every_answer_that_trains_nothing_is_tried() -> None:
    """The last cell calls each function, but for those that would train a model in it."""
    functions = [
        question
        for name in COURSE.assignments
        for question in COURSE.assignment(name).questions
        if not question.is_number
    ]
    assert {question.id for question in functions if question.sample is None} == {
        "train",
        "generalise",
        "tag_mixed_order",
    }


def test_the_code_to_repair_fails_the_example() -> None:
    """Pasted unchanged, the silenced stack of two LSTMs is stopped by its visible example."""
    questions = {question.id: question for question in COURSE.assignment("cells").questions}
    question = questions["two_layer_forward"]
    broken = re.search(r"```python\n(.*?)```", question.statement.en, re.DOTALL)
    assert broken is not None
    space: dict[str, Any] = {"np": np, "lstm_forward": questions["lstm_forward"].reference}
    exec(broken[1], space)
    assert question.examples is not None
    question.examples(question.reference)
    with pytest.raises(AssertionError):
        question.examples(space["two_layer_forward"])

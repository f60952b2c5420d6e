"""The answer bank: answers as students write them get the points and the diagnosis that they deserve.

The bank stands in `answers/<question>/right.toml` and `wrong.toml`, written from the statements and the
rubric, apart from the question files.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from support import ROOT

from autograder.course import Course
from autograder.grading import Report, grade
from autograder.loading import load_question
from autograder.question import Question
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import KernelSession, open_session

ANSWERS = ROOT / "tests" / "answers"
ASSIGNMENTS = {
    "lstm_params": "lstm_parameters",
    "dense_params": "lstm_parameters",
    "stacked_params": "lstm_parameters",
    "gru_params": "gru_parameters",
    "gru_weight_shapes": "gru_parameters",
    "encode": "tagging",
    "decode_tags": "tagging",
    "build_tagger": "tagging",
    "train": "tagging",
    "build_gru_stack": "tagging",
    "generalise": "tagging",
    "tag_mixed_order": "tagging",
}
QUESTIONS = {
    name: load_question(ROOT / "solutions" / assignment / f"{name}.py", ("ko", "en"))
    for name, assignment in ASSIGNMENTS.items()
}
SECOND_SEED = 20_240_601
OURS = "_ours = set(globals()) | {'_ours'}"
CLEAN = (
    "for _name in set(globals()) - _ours:\n    if not _name.startswith('_'):\n        del globals()[_name]"
)


@dataclass(frozen=True)
class Answer:
    """An answer of the bank: its cell, and what it deserves."""

    question: str
    note: str
    source: str
    score: float | None = None
    mistakes: Sequence[str] | None = None


def read(kind: str) -> list[Answer]:
    """All right or all wrong answers of the bank."""
    return [
        Answer(question, **one)
        for question in ASSIGNMENTS
        for one in tomllib.loads((ANSWERS / question / f"{kind}.toml").read_text(encoding="utf-8"))["answer"]
    ]


def graded(kind: str) -> list[Any]:
    """The answers as parameters of a test: the kernel each is graded in, and the answer."""
    marks = {
        name: [pytest.mark.tensorflow] * question.needs_tensorflow for name, question in QUESTIONS.items()
    }
    return [
        pytest.param(
            answer.question, answer, id=f"{answer.question}/{answer.note}", marks=marks[answer.question]
        )
        for answer in read(kind)
    ]


def setup_of(question: Question) -> str:
    """What the notebook imports above every answer, where the question is graded with TensorFlow."""
    if not question.needs_tensorflow:
        return "import numpy as np"
    path = ROOT / "source" / question.assignment / f"{question.assignment}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "".join(next(cell["source"] for cell in cells if cell["id"] == "setup"))


@pytest.fixture(scope="class")
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KernelSession]:
    """One kernel for all right or all wrong answers to a question; each finds it as the first one did."""
    question = QUESTIONS[request.param]
    profile, limits = "counting", Limits(call=3)
    if question.needs_tensorflow:
        profile, limits = "tensorflow", Limits()
    with open_session(profile, tmp_path_factory.mktemp("kernel"), limits=limits) as opened:
        opened.run(setup_of(question))
        opened.run(OURS)
        yield opened


def reports(answer: Answer, session: KernelSession) -> list[Report]:
    """What the grader finds with the course's seed and, where nothing is trained, with another."""
    question = QUESTIONS[answer.question]
    session.run(CLEAN)
    session.run(answer.source)
    seeds = [Course.open(ROOT).seed(question.assignment), SECOND_SEED]
    return [grade(question, session, seed=seed) for seed in seeds[: 1 if question.needs_tensorflow else 2]]


class TestRightAnswers:
    """However it is written, a right answer earns all points."""

    @pytest.mark.parametrize(("session", "answer"), graded("right"), indirect=["session"])
    def test_it_gets_full_points_and_names_no_mistake(self, answer: Answer, session: KernelSession) -> None:
        """With any seed, and no mistake is named."""
        for report in reports(answer, session):
            told = [check.message.en for check in report.checks if check.outcome != "passed"]
            assert (report.score, told, report.misconceptions) == (report.points, [], ())


class TestWrongAnswers:
    """A wrong answer earns the points of what it gets right."""

    @pytest.mark.parametrize(("session", "answer"), graded("wrong"), indirect=["session"])
    def test_it_gets_what_it_deserves(self, answer: Answer, session: KernelSession) -> None:
        """And exactly the mistakes that it shows are named."""
        for report in reports(answer, session):
            told = [f"{check.name} {check.outcome}: {check.message.en}" for check in report.checks]
            assert report.score == answer.score, told
            if answer.mistakes is not None:
                named = sorted(mistake.name for mistake in report.misconceptions)
                assert named == sorted(answer.mistakes), told


@pytest.mark.parametrize("question", ASSIGNMENTS)
def test_the_bank_is_large(question: str) -> None:
    """Each question has at least 20 right and 30 wrong answers, each with a note of its own."""
    notes = [[one.note for one in read(kind) if one.question == question] for kind in ("right", "wrong")]
    assert len(notes[0]) >= 20
    assert len(notes[1]) >= 30
    assert len(set(notes[0])) == len(notes[0])
    assert len(set(notes[1])) == len(notes[1])

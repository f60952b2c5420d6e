"""The answer bank: answers as students write them get the points and the diagnosis that they deserve.

The bank stands in `answers/<question>/right.toml` and `wrong.toml`, written from the statements and the
rubric, apart from the question files.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    "split_gates": "cells",
    "lstm_step": "cells",
    "lstm_forward": "cells",
    "two_layer_forward": "cells",
    "gru_step": "cells",
}
SECOND_SEED = 20_240_601
START = "import numpy as np\n_ours = set(globals()) | {'_ours'}"
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


def named(answer: Answer) -> str:
    return f"{answer.question}/{answer.note}"


RIGHT, WRONG = read("right"), read("wrong")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    """One kernel as counting is graded in; every answer finds it as the first one did."""
    with open_session("counting", tmp_path_factory.mktemp("kernel"), limits=Limits(call=3)) as opened:
        opened.run(START)
        yield opened


@pytest.fixture(scope="module")
def questions() -> dict[str, Question]:
    """The questions that the bank answers, by name."""
    return {
        name: load_question(ROOT / "solutions" / assignment / f"{name}.py", ("ko", "en"))
        for name, assignment in ASSIGNMENTS.items()
    }


def reports(answer: Answer, question: Question, session: KernelSession) -> list[Report]:
    """What the grader finds with the course's seed and with another."""
    session.run(CLEAN)
    session.run(answer.source)
    course_seed = Course.open(ROOT).seed(ASSIGNMENTS[answer.question])
    return [grade(question, session, seed=seed) for seed in (course_seed, SECOND_SEED)]


@pytest.mark.parametrize("answer", RIGHT, ids=named)
def test_a_right_answer_gets_full_points_and_names_no_mistake(
    answer: Answer, questions: dict[str, Question], session: KernelSession
) -> None:
    """However it is written, a right answer earns all points with any seed, and no mistake is named."""
    question = questions[answer.question]
    for report in reports(answer, question, session):
        told = [check.message.en for check in report.checks if check.outcome != "passed"]
        assert (report.score, told, report.misconceptions) == (question.points, [], ())


@pytest.mark.parametrize("answer", WRONG, ids=named)
def test_a_wrong_answer_gets_what_it_deserves(
    answer: Answer, questions: dict[str, Question], session: KernelSession
) -> None:
    """A wrong answer earns the points of what it gets right, and exactly the mistakes it shows are named."""
    for report in reports(answer, questions[answer.question], session):
        told = [f"{check.name} {check.outcome}: {check.message.en}" for check in report.checks]
        assert report.score == answer.score, told
        if answer.mistakes is not None:
            assert sorted(mistake.name for mistake in report.misconceptions) == sorted(answer.mistakes), told


@pytest.mark.parametrize("question", ASSIGNMENTS)
def test_the_bank_is_large(question: str) -> None:
    """Each question has at least 20 right and 30 wrong answers, each with a note of its own."""
    notes = [[one.note for one in answers if one.question == question] for answers in (RIGHT, WRONG)]
    assert len(notes[0]) >= 20
    assert len(notes[1]) >= 30
    assert len(set(notes[0])) == len(notes[0])
    assert len(set(notes[1])) == len(notes[1])

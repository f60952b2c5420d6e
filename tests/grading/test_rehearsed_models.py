"""What a student is told of answers in a notebook that trains models, where only some can be called again."""

from __future__ import annotations

import nbformat
import pytest

from autograder.course import Course
from autograder.grading import notebook_grader
from autograder.grading.notebook_grader import GradingOptions, KernelOptions
from autograder.grading.report import Report
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions import rebuild
from tests.support import ROOT

pytestmark = [pytest.mark.tensorflow, pytest.mark.seal, pytest.mark.long]


def graded(monkeypatch: pytest.MonkeyPatch, answers: dict[str, str]) -> tuple[dict[str, Report], list[str]]:
    """The reports on the answers to some questions of `tagging`, and the questions of the rehearsal."""
    rehearsed: list[str] = []
    judging = notebook_grader._grade_in_session

    def judge(notebook: object, questions: list[object], *options: object, **given: object) -> object:
        if given.get("run_examples"):
            rehearsed.extend(sorted(question.id for question in questions))  # type: ignore[attr-defined]
        return judging(notebook, questions, *options, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(notebook_grader, "_grade_in_session", judge)
    assignment = Course.open(ROOT).assignment("tagging")
    release = nbformat.read(assignment.release("en"), as_version=4)
    submitted = nbformat.read(assignment.release("en"), as_version=4)
    for cell in submitted.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    questions = [question for question in assignment.questions if question.id in answers]
    with ForkServerPool() as pool:
        notebook = rebuild.rebuild(submitted, release).notebook
        reports = notebook_grader.grade_notebook(
            notebook, questions, GradingOptions(5), KernelOptions("tensorflow", need="preferred", pool=pool)
        )
    return reports, rehearsed


def test_errors_are_quoted_and_nothing_is_trained_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error comes from public inputs; an answer that trained, right or wrong, is not called with them."""
    reports, rehearsed = graded(
        monkeypatch,
        {
            "build_gru_stack": "def build_gru_stack():\n    return keras.Sequential([GRU(9)])",
            "train": "def train(model, X, Y):\n    model.fit(X, 0 * Y, epochs=9, verbose=0)",
            "decode_tags": "def decode_tags(probs, idx2tag):\n"
            "    return [''.join(idx2tag[k] for k in row) for row in probs.argmax(-1)][2:] * 2",
        },
    )
    assert reports["build_gru_stack"].checks[0].message.en == (
        "running the answer raised NameError: name 'GRU' is not defined"
    )
    assert reports["decode_tags"].example == "failed"
    assert reports["train"].score == 0
    assert rehearsed == ["build_gru_stack", "decode_tags"]


def test_right_answers_are_not_rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run costs seconds, and has nothing to tell."""
    right = "def decode_tags(probs, idx2tag):\n"
    right += "    return [''.join(idx2tag[k] for k in row) for row in probs.argmax(-1)]"
    assert graded(monkeypatch, {"decode_tags": right})[1] == []

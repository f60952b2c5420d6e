"""What a page tells of answers in a notebook that trains models, where nothing is trained with public inputs."""

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


def graded(answers: dict[str, str]) -> tuple[dict[str, Report], list[str]]:
    """The reports on the answers to some questions of `tagging`, and what its last cell printed."""
    assignment = Course.open(ROOT).assignment("tagging")
    release = nbformat.read(assignment.release("en"), as_version=4)
    submitted = nbformat.read(assignment.release("en"), as_version=4)
    for cell in submitted.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    submitted.cells.append(nbformat.v4.new_code_cell("print(calls)"))
    questions = [question for question in assignment.questions if question.id in answers]
    notebook = rebuild.rebuild(submitted, release).notebook
    with ForkServerPool() as pool:
        kernels = KernelOptions("tensorflow", need="preferred", pool=pool)
        reports = notebook_grader.grade_notebook(notebook, questions, GradingOptions(5), kernels).reports
    return reports, [output.text for output in notebook.cells[-1].outputs]


TRAIN = (
    "calls = []\ndef train(model, X, Y):\n    calls.append('called')\n"
    "    try:\n        model.fit(X, {y}, epochs=60, verbose=0)\n"
    "    except Exception:\n        pass\n    calls.append('trained')"
)


def test_errors_are_quoted_and_nothing_is_trained() -> None:
    """The error comes from public inputs; an answer that trains is stopped there, and judged all the same."""
    reports, [printed] = graded(
        {
            "build_gru_stack": "def build_gru_stack():\n    return keras.Sequential([GRU(9)])",
            "train": TRAIN.format(y="0 * Y"),
            "decode_tags": "def decode_tags(probs, idx2tag):\n"
            "    return [''.join(idx2tag[k] for k in row) for row in probs.argmax(-1)][2:] * 2",
        },
    )
    assert reports["build_gru_stack"].checks[0].message.en == (
        "running the answer raised NameError: name 'GRU' is not defined"
    )
    assert reports["build_gru_stack"].example == "failed"
    assert reports["decode_tags"].example == "failed"
    assert reports["decode_tags"].checks[0].message.en.startswith("there should be one string a sentence")
    assert reports["train"].score == 0
    assert not reports["train"].example
    assert {check.message.en.partition(" to ")[0] for check in reports["train"].checks} == {
        "the LSTM model gave the right tag",
    }
    assert "called" in printed
    assert "trained" not in printed


def test_right_answer_that_trains_keeps_its_points() -> None:
    """Training is stopped in the public run alone."""
    reports, [printed] = graded(
        {
            "train": TRAIN.format(y="Y"),
        }
    )
    assert reports["train"].score == reports["train"].points
    assert "called" in printed

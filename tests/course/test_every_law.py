"""Every law holds for every question of this course. (`autograder verify` proves that too, and the answer banks.)

What takes seconds of computing is left to `--full`, and in CI to `verify`.
"""

from __future__ import annotations

import pytest

from autograder.course import Course
from autograder.verification.proofs import Subject, prove_laws
from tests.support import ROOT

COURSE = Course.open(ROOT)
COSTLY = {
    "gru_step",
    "two_layer_forward",
    "lstm_step",
    "lstm_forward",
    "max_lstm_units",
    "bilstm_tagger_params",
    "split_outputs",
    "embedding_lstm_params",
    "split_gates",
    "gru_outputs",
    "rnn_output_shapes",
    "bilstm_params",
    "keep_first",
    "cell_gradients",
}
QUESTIONS = [
    pytest.param(
        Subject(ROOT, ROOT, name, question.id),
        id=f"exam-{question.id}" if question.is_in_exam else question.id,
        marks=[pytest.mark.tensorflow, pytest.mark.full]
        if question.needs_tensorflow
        else [pytest.mark.full] * (question.id in COSTLY),
    )
    for name in COURSE.assignments
    for question in COURSE.assignment(name).questions
]

pytestmark = pytest.mark.long


@pytest.mark.parametrize("subject", QUESTIONS)
def test_the_laws_hold(subject: Subject) -> None:
    """Reference, stub, examples, misconceptions, trivial answers and languages, as docs/questions tells."""
    assert prove_laws(subject).problems == ()

"""No answer one edit away from the reference, or from another right answer, is paid in full unless it is right."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import numpy as np
import pytest

from autograder.questions.question import Case, Question
from autograder.verification.answer_bank import read_bank
from tests.course.allowed import ALLOWED
from tests.course.mutants import difference, is_paid_in_full, mutants, named_alone, questions, reference_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="endless mutants are stopped by a signal")

EVERYDAY = 15
"""Mutants of a question that every run tries; `--full` tries all."""
OF_RIGHT = 50
"""Mutants of the right answers to a question that `--full` tries."""
INPUTS = 200
OF_NAMED = 60
"""Inputs on which a named mistake is compared with the answer."""
UNLIKE = {
    (
        "gru_step",
        "another_default",
    ),  # it adds two rows of biases to one sample, which each answer does in its way
}
"""Mistakes that are named rightly of answers that give something else for some inputs."""


def allowed(question: Question) -> Sequence[Case]:
    rng = np.random.default_rng(sum(question.id.encode()))
    return [ALLOWED[question.id](rng) for _ in range(INPUTS)]


def holes(question: Question, sources: Sequence[str], *, seeds: int = 1) -> list[str]:
    """Sources paid in full for some seed although there is an allowed input for which they are wrong."""
    paid = [
        source
        for source in sources
        if any(is_paid_in_full(question, source, seed=seed) for seed in range(seeds))
    ]
    cases = allowed(question) if paid else ()
    differing = {source: case for source in paid if (case := difference(question, source, cases)) is not None}
    return [f"{source}\ndiffers for {case}" for source, case in differing.items()]


@pytest.fixture
def full(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--full"))


@pytest.mark.long
@pytest.mark.parametrize("question", questions(), ids=lambda question: question.id)
def test_no_mutant_of_the_reference_is_paid_in_full(question: Question, *, full: bool) -> None:
    """Every answer one edit away from the reference that differs from it on any allowed input loses points."""
    sources = mutants(question, reference_of(question))
    step = 1 if full else -(-len(sources) // EVERYDAY)
    assert holes(question, sources[::step], seeds=3 if full else 1) == []


@pytest.mark.long
@pytest.mark.parametrize("question", questions(), ids=lambda question: question.id)
def test_mistake_that_is_named_is_the_one_that_is_made(question: Question, *, full: bool) -> None:
    """What is named of an answer by its values for the inputs drawn is what it does on any allowed input.

    What is named in part is what it does where it is wrong. Not tried are mistakes with a `seen_in`, of whose kind
    their own answer is but one, and mistakes beside others, which test_combinations.py tries by the parts of values.
    """
    known = {
        one.name: one.answer
        for one in question.misconceptions
        if one.seen_in is None and (question.id, one.name) not in UNLIKE
    }
    sources = mutants(question, reference_of(question))
    cases = allowed(question)[:OF_NAMED]
    assert [
        f"{named.name}:\n{source}\ndiffers for {case}"
        for source in sources[:: 1 if full else -(-len(sources) // EVERYDAY)]
        for named in named_alone(question, source)
        if named.name in known
        for tried in [
            [case for case in cases if not named.in_part or difference(question, source, [case]) is not None]
        ]
        if (case := difference(question, source, tried, than=known[named.name])) is not None
    ] == []


@pytest.mark.full
@pytest.mark.long
@pytest.mark.parametrize("question", questions(), ids=lambda question: question.id)
def test_no_mutant_of_a_right_answer_is_paid_in_full(question: Question) -> None:
    """Nor is one edit away from an answer of the bank, which may go about it in another way."""
    answers = [
        answer.source
        for answer in read_bank(question).right
        # where TensorFlow is imported, a kernel has a stub of it, and this process has not
        if not re.search("tensorflow|keras", answer.source)
        # some are right given a wrong answer to another question
        and difference(question, answer.source, allowed(question)) is None
    ]
    sources = [source for answer in answers for source in mutants(question, answer)]
    assert holes(question, sources[:: -(-len(sources) // OF_RIGHT)]) == []


def test_every_question_has_allowed_inputs() -> None:
    """Inputs are drawn for each question that is tried, and for no other."""
    assert set(ALLOWED) == {question.id for question in questions()}


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.id)
def test_the_reference_takes_every_allowed_input(question: Question) -> None:
    """What is drawn here is allowed: the reference gives what a second call of it gives, and raises nothing."""
    assert difference(question, reference_of(question), allowed(question)[:40]) is None


@pytest.mark.parametrize(
    ("source", "edited"),
    [
        ("return a * (b + 1)", "return a * b + 1"),
        ("return a * (b + 1)", "return b * (b + 1)"),
        ("return a * (b + 1)", "return a * (b + 2)"),
        ("return a * (b + 1)", "return b + 1"),
        ("return a[:, -1, :b]", "return a[-1, :, :b]"),
        ("return a[:, -1, :b]", "return a[:, 1, :b]"),
        ("return a[:, -1, :b]", "return a[:, -1, :b + 1]"),
        ("return a[:, -1, :b]", "return a[:, -1, b:]"),
        ("return np.concatenate([a, b], axis=-1)", "return np.concatenate([b, a], axis=-1)"),
        ("return np.concatenate([a, b], axis=-1)", "return np.concatenate([a, b], axis=1)"),
        ("return np.concatenate([a, b], axis=-1)", "return np.concatenate([a, b])"),
        ("return np.stack(a, axis=1)", "return np.concatenate(a, axis=1)"),
        ("return np.tanh(a @ b)", "return a @ b"),
        ("return np.tanh(a @ b)", "return np.tanh(a @ b.T)"),
        ("return np.tanh(a)", "return (lambda z: 1 / (1 + np.exp(-z)))(a)"),
        ("return 1 / (1 + np.exp(-a))", "return np.tanh(a)"),
        ("h, c = step(a, b)", "c, h = step(a, b)"),
        ("for x in a:\n        b.append(x)", "for x in list(a)[::-1]:\n        b.append(x)"),
        ("for x in a:\n        b.append(x)", "for x in a:\n        pass"),
        ("return a if b == 0 else 1", "return 1 if b == 0 else a"),
        ("if a:\n        b = 1", "if not a:\n        b = 1"),
    ],
)
def test_common_slips_are_one_edit_away(source: str, edited: str) -> None:
    """A factor, a name, an axis, a bound, an order, a function, brackets, a branch: each is changed for itself."""
    question = questions()[0]
    head = f"def {question.id}(a, b):\n    "
    assert head + edited in mutants(question, head + source)


def test_code_of_other_questions_is_not_mutated() -> None:
    """A mutant has its slip in the answer that is judged, or in a helper of it."""
    helper, answer = "def lstm_step(x):\n    return x", "def lstm_forward(x):\n    return -lstm_step(x)"
    question = next(one for one in questions() if one.id == "lstm_forward")
    assert [one for one in mutants(question, f"{helper}\n\n{answer}") if not one.startswith(helper)] == []

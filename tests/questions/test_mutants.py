"""No answer one edit away from the reference, or from another right answer, is paid in full unless it is right."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from allowed import ALLOWED
from mutants import difference, judged, mutants, questions, reference_of
from support import ROOT

from autograder.answers import read_bank
from autograder.question import Case, Question

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="endless mutants are stopped by a signal")

EVERYDAY = 40
"""Mutants of a question that every run tries; `--full` tries all."""
OF_RIGHT = 100
"""Mutants of the right answers to a question that `--full` tries."""
INPUTS = 200


def allowed(question: Question) -> Sequence[Case]:
    rng = np.random.default_rng(sum(question.id.encode()))
    return [ALLOWED[question.id](rng) for _ in range(INPUTS)]


def holes(question: Question, sources: Sequence[str], *, seeds: int = 1) -> list[str]:
    """Sources paid in full for some seed although there is an allowed input for which they are wrong."""
    paid = [
        source
        for source in sources
        if any(judged(question, source, seed=seed).score == question.points for seed in range(seeds))
    ]
    cases = allowed(question) if paid else ()
    differing = {source: case for source in paid if (case := difference(question, source, cases)) is not None}
    return [f"{source}\ndiffers for {case}" for source, case in differing.items()]


@pytest.fixture
def full(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--full"))


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.id)
def test_no_mutant_of_the_reference_is_paid_in_full(question: Question, *, full: bool) -> None:
    """Every answer one edit away from the reference that differs from it on any allowed input loses points."""
    sources = mutants(question, reference_of(question))
    step = 1 if full else -(-len(sources) // EVERYDAY)
    assert holes(question, sources[::step], seeds=3 if full else 1) == []


@pytest.mark.full
@pytest.mark.parametrize("question", questions(), ids=lambda question: question.id)
def test_no_mutant_of_a_right_answer_is_paid_in_full(question: Question) -> None:
    """Nor is one edit away from an answer of the bank, which may go about it in another way."""
    answers = [
        answer.source
        for answer in read_bank(ROOT, question).right
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
    assert difference(question, reference_of(question), allowed(question)) is None

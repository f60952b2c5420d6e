"""Answers that compute the same earn the same, whatever inputs their submissions meet."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.grading.course_secret import PUBLIC_KEY
from autograder.questions.loader import load_question
from autograder.verification.answer_bank import read_bank, wrongly_judged_right, wrongly_judged_wrong
from tests.support import ROOT

pytestmark = [pytest.mark.seal, pytest.mark.long]
FUNCTIONS = [
    pytest.param(path, id=path.stem, marks=[] if path.stem == "dense_params" else [pytest.mark.slow])
    for name in ("cells", "gru_parameters", "lstm_parameters", "shapes")
    for path in sorted((ROOT / "solutions" / name).glob("*.py"))
    if (path.parent / "answers" / path.stem).is_dir()
]


@pytest.mark.parametrize("path", FUNCTIONS)
def test_equal_functions_earn_equal_scores(path: Path, request: pytest.FixtureRequest) -> None:
    """Whatever is drawn, each answer of the bank earns what it deserves and is told the same mistakes.

    By fifty draws with `--slow`, which takes many minutes; `verify` tries whole banks on three.
    """
    question = load_question(path, ("ko", "en"))
    bank = read_bank(question)
    source = nbformat.read(ROOT / "source" / path.parent.name / f"{path.parent.name}.ipynb", as_version=4)
    slow = request.config.getoption("--slow")
    seeds = [PUBLIC_KEY.proof(number) for number in range(50 if slow else 10)]
    judged = (wrongly_judged_right, bank.right), (wrongly_judged_wrong, bank.wrong)
    assert [
        problem
        for judge, answers in judged
        for problem in judge(question, answers if slow else answers[:8], source.cells, seeds)
    ] == []

"""The laws and the answer bank of a question with corrections."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.questions.question import Question
from autograder.verification.answer_bank import BankAnswer, wrongly_judged_right, wrongly_judged_wrong
from autograder.verification.laws import violations
from tests.grading.test_following import DENSE, PAIR, course_of

RIGHT = BankAnswer("right", "def dense(inputs, units):\n    return units * (inputs + 1)")
HALF = BankAnswer("no bias", "def dense(inputs, units):\n    return units * inputs", 2.0)
EFFECTS = ("points=1.5", "points=0.7", "not_counted=True", 'full_marks="everybody"')


def corrected(folder: Path, effect: str, text: str = DENSE) -> Question:
    """The formula of four points with a correction."""
    course = course_of(folder, PAIR)
    line = f'\n\nquestion.correction("2026-12-01", text=Text(ko="정정", en="corrected"), {effect})\n'
    path = course.root / "solutions" / "layers" / "dense.py"
    path.write_text(text + line, encoding="utf-8")
    return next(question for question in course.assignment("layers").questions if question.id == "dense")


@pytest.mark.parametrize("effect", EFFECTS)
def test_laws_and_bank_hold_for_it(tmp_path: Path, effect: str) -> None:
    """The scores of the bank stay those of the rubric before, and the laws are still about points."""
    question = corrected(tmp_path, effect)
    assert [*violations(question)] == []
    assert [*wrongly_judged_right(question, [RIGHT], (), (0,))] == []
    assert [*wrongly_judged_wrong(question, [HALF], (), (0,))] == []


@pytest.mark.parametrize("effect", EFFECTS)
def test_laws_find_what_is_wrong_in_it(tmp_path: Path, effect: str) -> None:
    """Neither full marks nor no points hide a check that refuses the reference."""
    text = DENSE.replace("expect.count(got, want)", "expect.count(got, want + 1)")
    assert "the reference earns 0 of" in " ".join(map(str, violations(corrected(tmp_path, effect, text))))

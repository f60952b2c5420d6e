"""Corrections of a released question, as its file gives them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import QuestionError
from autograder.notebooks.stamp import statement_text
from autograder.questions.loader import load_question
from autograder.questions.question import Question
from tests.questions.test_loader import BOTH, SOUND, write

TEXT = 'text=Text(ko="합이면 됩니다.", en="Any sum is right.")'
FIRST = f'question.correction("2026-12-01", {TEXT}{{}})\n'
SECOND = f'question.correction("2026-12-08", {TEXT}{{}})\n'
CREDIT = "fails=[adds])"


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Question]:
    """Load the sample question with corrections, given as lines of its file."""

    def loaded(*lines: str, text: str = SOUND) -> Question:
        return load_question(write(tmp_path, text + "\n\n" + "".join(lines)), BOTH)

    return loaded


def test_sentence_alone_changes_nothing(load: Callable[..., Question]) -> None:
    """The question is worth what it was, and marked by its checks."""
    question = load(FIRST.format(""))
    assert (question.points, question.full_marks, question.is_not_counted) == (3, "", False)
    assert [correction.date for correction in question.corrections] == ["2026-12-01"]


def test_new_points_keep_the_share_of_each_check(load: Callable[..., Question]) -> None:
    """Checks that need others and misconceptions name the checks with the new points; credit keeps its share."""
    text = SOUND.replace(CREDIT, "fails=[adds], credit=1)")
    question = load(FIRST.format(", points=1.5"), text=text)
    is_whole, adds = question.checks
    assert (is_whole.points, adds.points, question.points) == (0.5, 1.0, 1.5)
    assert adds.needs is is_whole
    assert [one.fails for one in question.misconceptions] == [(adds,), (is_whole,)]
    assert question.misconceptions[0].credit == 0.5


@pytest.mark.parametrize("points", [1, 2, 0.7, 10])
def test_checks_add_up_to_the_new_points(load: Callable[..., Question], points: float) -> None:
    """Three points are divided anew without a rest."""
    assert load(FIRST.format(f", points={points}")).points == points


def test_question_that_is_not_counted_is_worth_nothing(load: Callable[..., Question]) -> None:
    """Its rubric stays, so that its laws say something, and its heading tells students."""
    question = load(FIRST.format(", not_counted=True"))
    assert (question.points, question.rubric_points) == (0, 3)
    assert "### The sum of two numbers (not counted)" in statement_text(question, "en")
    assert "(점수에 넣지 않음)" in statement_text(question, "ko")


def test_several_corrections_add_up(load: Callable[..., Question]) -> None:
    """Other points on one day, and full marks on another."""
    question = load(FIRST.format(", points=6"), SECOND.format(', full_marks="answered"'))
    assert (question.points, question.full_marks) == (6, "answered")


MISTAKES = {
    "a date that is none": (
        FIRST.format("").replace("2026-12-01", "1 December"),
        "the date of a correction is '1 December'",
        'write it in ISO 8601, as in "2026-12-01"',
    ),
    "a day that is none": (
        FIRST.format("").replace("2026-12-01", "2026-02-30"),
        "the date of a correction is '2026-02-30'",
        'write it in ISO 8601, as in "2026-12-01"',
    ),
    "a missing language": (
        'question.correction("2026-12-01", text=Text(en="Any sum."))\n',
        "its text of correction 2026-12-01 has no 'ko'",
        'write it: Text(..., ko="...")',
    ),
    "no points": (
        FIRST.format(", points=0"),
        "correction '2026-12-01' gives points=0",
        "give more than 0; a question that counts no more has not_counted=True",
    ),
    "points that are no number": (
        FIRST.format(', points="2"'),
        "correction '2026-12-01' gives points='2'",
        "give more than 0; a question that counts no more has not_counted=True",
    ),
    "points without end": (
        FIRST.format(', points=float("inf")'),
        "correction '2026-12-01' gives points=inf",
        "give more than 0; a question that counts no more has not_counted=True",
    ),
    "full marks for others": (
        FIRST.format(', full_marks="all"'),
        "correction '2026-12-01' gives full_marks='all'",
        "known: answered, everybody",
    ),
    "not counted, in words": (
        FIRST.format(', not_counted="yes"'),
        "correction '2026-12-01' gives not_counted='yes'",
        "write not_counted=True, or leave it out",
    ),
    "full marks and not counted": (
        FIRST.format(", not_counted=True") + SECOND.format(', full_marks="everybody"'),
        "its corrections give not_counted= and full_marks=",
        "keep one of them: a question that is not counted has no points",
    ),
    "points twice": (
        FIRST.format(", points=2") + SECOND.format(", points=4"),
        "several corrections give points=: 2026-12-01, 2026-12-08",
        "keep it in the one that is to count; the others may stay with date and text alone",
    ),
    "a misspelt keyword": (
        FIRST.format(", full_mark='everybody'"),
        "loading it raised TypeError: Question.correction() got an unexpected keyword argument 'full_mark'",
        "did you mean 'full_marks'?",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_refused_with_its_fix(load: Callable[..., Question], name: str) -> None:
    """What is wrong, and what to write."""
    line, problem, fix = MISTAKES[name]
    with pytest.raises(QuestionError) as caught:
        load(line)
    assert problem in str(caught.value)
    assert fix in str(caught.value)

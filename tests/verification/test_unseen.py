"""What is told of answers that no diagnosis was written by, `solutions/<assignment>/answers/<question>/unseen.toml`.

They were written as students write, with one slip each, by somebody who wrote none of the known mistakes. They
measure; nothing is to be tuned by them. `python -m tests.verification.test_unseen` prints what each earns and is told.
"""

from __future__ import annotations

import functools
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import nbformat
import pytest

from autograder.grading.question_grader import grade
from autograder.grading.report import Report
from autograder.questions.loader import load_assignment
from autograder.questions.question import Question
from autograder.sandbox.session import Session, open_session
from autograder.verification.answer_bank import BANK_LIMITS, BEGIN, CLEAN, bank_folder
from autograder.verification.laws import run_setup
from tests.course.mutants import SOLUTIONS, Notebook, shared_draws
from tests.support import ROOT

AT_LEAST = 0.95
"""Of the wrong answers, how many are to hear what their mistake is or does."""

BARE = re.compile(r"(?:is|are) not(?: right)?(?: \(.* the \d+ inputs tried\))?$")
"""How a check's words end that say no more than that something is wrong."""


@dataclass(frozen=True)
class Unseen:
    """The text of an answer cell, and what its author did."""

    note: str
    source: str
    right: bool = False
    follows: str = ""
    """A question whose answer, in the same text, has the slip; this one's is right given it."""


Judged = list[tuple[Unseen, Report]]
QUESTIONS = {
    question.id: question
    for folder in sorted(path for path in SOLUTIONS.iterdir() if path.is_dir())
    for question in load_assignment(folder, ("ko", "en"))
    if (bank_folder(question) / "unseen.toml").exists() and not question.is_in_exam
}
FULL = [pytest.mark.full, pytest.mark.tensorflow, pytest.mark.long]
NAMES = [
    pytest.param(name, marks=FULL if question.needs_tensorflow else [])
    for name, question in QUESTIONS.items()
]


def read(question: Question) -> list[Unseen]:
    path = bank_folder(question) / "unseen.toml"
    return [Unseen(**one) for one in tomllib.loads(path.read_text(encoding="utf-8"))["answer"]]


@functools.cache
def judged(name: str) -> Judged:
    """The answers to a question with their reports; TensorFlow runs in a kernel alone, NumPy as well here."""
    question = QUESTIONS[name]
    if question.needs_tensorflow:
        return list(in_a_kernel(question))
    return [(one, report(question, Notebook(question, one.source))) for one in read(question)]


def in_a_kernel(question: Question) -> Iterator[tuple[Unseen, Report]]:
    notebook = ROOT / "source" / question.assignment / f"{question.assignment}.ipynb"
    with open_session("tensorflow", need="preferred") as session:
        session.run("")  # the first kernel has the fast fit tried, and has it not itself
    with open_session("tensorflow", limits=BANK_LIMITS, need="preferred") as session:
        run_setup(session, nbformat.read(notebook, as_version=4).cells)
        session.run(BEGIN)
        for one in read(question):
            session.run(CLEAN)
            session.run(one.source)
            yield one, report(question, session)


def report(question: Question, session: Session) -> Report:
    """The report of an answer, after those of the questions that it follows."""
    names = question.followed.names if question.followed is not None else ()
    earlier = {name: report(QUESTIONS[name], session) for name in names}
    return grade(question, session, draw=shared_draws(0).of(question), earlier=earlier)


def is_told(report: Report) -> bool:
    """Whether it is said of a wrong answer what its mistake is or does, or at least of what kind its values are."""
    failed = [check.message.en for check in report.checks if check.outcome in ("failed", "errored")]
    return bool(report.misconceptions or report.computed or any(not BARE.search(words) for words in failed))


@pytest.mark.parametrize("name", NAMES)
def test_no_right_answer_is_refused(name: str) -> None:
    """Each earns all points, and no mistake is named of it."""
    question = QUESTIONS[name]
    assert [
        f"{one.note}: {found.score:g} of {question.points:g}, {diagnoses(found)}"
        for one, found in judged(name)
        if one.right and (found.score != question.points or diagnoses(found))
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_wrong_answer_is_paid_in_full(name: str) -> None:
    """Each slip costs something."""
    wrong = [one for one in judged(name) if not one[0].right and not one[0].follows]
    assert [one.note for one, found in wrong if found.score == QUESTIONS[name].points] == []


@pytest.mark.parametrize("name", NAMES)
def test_mistake_made_elsewhere_costs_nothing_here(name: str) -> None:
    """An answer that is right given a wrong one to another question earns all points."""
    question = QUESTIONS[name]
    following = [one for one in judged(name) if one[0].follows]
    assert [one.note for one, found in following if found.score != question.points] == []


@pytest.mark.parametrize("tensorflow", [False, pytest.param(True, marks=FULL)])
def test_nearly_every_slip_is_named(*, tensorflow: bool) -> None:
    """Of all wrong answers taken together, but for a few, it is told what the mistake is or does."""
    names = [name for name, question in QUESTIONS.items() if question.needs_tensorflow == tensorflow]
    wrong = [
        (f"{name}: {one.note}", found)
        for name in names
        for one, found in judged(name)
        if not one.right and not one.follows
    ]
    silent = [note for note, found in wrong if not is_told(found)]
    assert 1 - len(silent) / len(wrong) >= AT_LEAST, silent


def diagnoses(report: Report) -> list[str]:
    """What an answer is told, in English: the mistakes by name, else what its values show, else the checks' words."""
    named = [f"[{named.name}] {named.text.en}" for named in report.misconceptions]
    failed = [check.message.en for check in report.checks if check.outcome in ("failed", "errored")]
    return [*named, *(text.en for text in report.computed)] or failed


if __name__ == "__main__":
    for name in sys.argv[1:] or QUESTIONS:
        for one, found in judged(name):
            kind = "right" if one.right else f"follows {one.follows}" if one.follows else "wrong"
            print(
                f"{name} | {kind} | {one.note} | {found.score:g} of {found.points:g}",
                *diagnoses(found),
                sep="\n    ",
            )

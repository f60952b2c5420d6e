"""An answer cell that nobody has written in is "not answered", whatever `asks` makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.questions.loader import load_question
from autograder.questions.question import Question
from autograder.verification.laws import violations

NOT_ANSWERED = "not answered: no answer was written in its cell"

FILL = '''\
"""Fill a list in place, or return one: what `asks` returns is data, whatever the answer does."""

import random

from autograder import Case, Fail, Question, Text, expect


def text(line):
    return Text(ko=line, en=line)


question = Question(title=text("fill"), statement=text("Put a 7 into the list."))


@question.answer
def fill(values):
    """list -> list, or None where it changes the list given"""
    values.append(7)


@question.cases
def cases(rng):
    return [Case([int(n) for n in rng.permutation(90)[:4]]) for _ in range(3)]


@question.asks
def asks(session, case):
    reply = session.call("fill", *case.args)
    after = reply.value if reply.value is not None else (reply.arguments or case.args)[0]
    return {"changed": after != case.args[0], "has it": isinstance(after, list) and 7 in after, "noise": NOISE}


@question.check(points=2, text=text("has the 7"))
def has_it(got, case, want):
    if not got["has it"]:
        raise Fail(text("there is no 7"))


def shows_no_change(got, case, want):
    expect.shown(not got["changed"])


@question.misconception(text=text("nothing was put into the list"), fails=[has_it], seen_in=shows_no_change)
def left_as_it_was(values):
    return values
'''


def fill(folder: Path, noise: str = "0") -> Question:
    """The question whose `asks` returns a dict for every answer."""
    path = folder / "fill.py"
    path.write_text(FILL.replace("NOISE", noise), encoding="utf-8")
    return load_question(path, ("ko", "en"))


def other_number(values: list[Any]) -> None:
    """Put another number into the list."""
    values.append(8)


def test_untouched_stub_is_not_answered_although_asks_returns_data(tmp_path: Path) -> None:
    """No check fails on its merits, no misconception is named, and the score is 0."""
    report = grade(fill(tmp_path), DirectSession(lambda values: None), untouched=True)
    assert [check.message.en for check in report.checks] == [NOT_ANSWERED]
    assert (report.fault, report.score, report.misconceptions) == ("missing", 0, ())


def test_written_answer_that_does_nothing_is_judged(tmp_path: Path) -> None:
    """Whoever changed the cell gets the misconception, although the values are those of the stub."""
    report = grade(fill(tmp_path), DirectSession(lambda values: None))
    assert [check.message.en for check in report.checks] == ["there is no 7 (3 of the 3 inputs tried)"]
    assert [known.text.en for known in report.misconceptions] == ["nothing was put into the list"]


def test_answer_in_another_cell_that_returns_nothing_is_judged(tmp_path: Path) -> None:
    """A function that changes its argument and returns None is an answer, right or wrong."""
    right = grade(fill(tmp_path), DirectSession(lambda values: values.append(7)), untouched=True)
    wrong = grade(fill(tmp_path), DirectSession(other_number), untouched=True)
    assert (right.score, right.fault) == (2, None)
    assert [check.message.en for check in wrong.checks] == ["there is no 7 (3 of the 3 inputs tried)"]


@pytest.mark.parametrize(("noise", "laws"), [("0", []), ("random.random()", [2])])
def test_build_refuses_a_question_whose_stub_is_judged(tmp_path: Path, noise: str, laws: list[int]) -> None:
    """What `asks` makes of an answer that does nothing has to be the same each time."""
    found = list(violations(fill(tmp_path, noise)))
    assert [one.law for one in found] == laws
    assert all("is judged as an answer, not reported as “not answered”" in one.problem.en for one in found)

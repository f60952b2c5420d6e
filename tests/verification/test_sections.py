"""Law 15: a section to read again is a heading of the notebook, in every edition."""

from __future__ import annotations

import copy
import dataclasses
from functools import partial
from typing import Any

import pytest

from autograder import Question, Text
from autograder.course import Course
from autograder.notebooks.cells import read_notebook
from autograder.verification.sections import unknown_sections
from tests.support import ROOT

LANGUAGES = ("ko", "en")
COURSE = Course.open(ROOT)


def prose(source: str, **metadata: str) -> dict[str, Any]:
    """A cell of the author's prose."""
    return {"cell_type": "markdown", "source": source, "metadata": {"autograder": metadata}}


NOTEBOOK = (
    prose("# LSTM", lang="ko"), prose("# The LSTM", lang="en"),
    prose("## 한 시점\n\n식입니다.\n\n### `fit`이 돌려주는 것", lang="ko"),
    prose("## One **step**\n\nEquations.\n\n### What `fit` returns", lang="en"),
    prose("## NumPy"),
    prose("### Count the weights (2 points)", lang="en", question="total", part="statement"),
)  # fmt: skip


def question(*sections: Text | None, default: Text | None = None) -> Question:
    """A question with a misconception for each section."""
    asked = Question(Text(en="Total"), Text(en="Add."), **({"section": default} if default else {}))
    for number, section in enumerate(sections):

        def wrong() -> int:
            return 0

        wrong.__name__ = f"wrong_{number}"
        asked.misconception(text=Text(en="wrong"), fails=[], section=section)(wrong)
    asked.seal(id="total", assignment="sums", path="total.py")
    return asked


def problems(*sections: Text | None, default: Text | None = None) -> list[str]:
    """What the law says of a question."""
    found = unknown_sections(question(*sections, default=default), NOTEBOOK, LANGUAGES)
    return [str(violation.text) for violation in found]


@pytest.mark.parametrize(
    "section",
    [
        Text(ko="한 시점", en="One step"),
        Text(ko="fit이 돌려주는 것", en="What `fit` returns"),
        Text(ko="NumPy", en="NumPy"),
    ],
)
def test_heading_of_both_editions_is_accepted(section: Text) -> None:
    """Whatever its level, with or without its markup, and from a cell of both editions."""
    assert problems(section, default=section) == []


def test_question_without_sections_is_accepted() -> None:
    """The feedback then names the last part above the question."""
    assert problems(None) == []


def test_unknown_heading_is_told_with_file_misconception_and_the_nearest() -> None:
    """In the one edition that lacks it."""
    assert problems(Text(ko="한 시점", en="One stop")) == [
        "total.py: law 15: misconception wrong_0 names the section “One stop”, which is no heading of the notebook in "
        "English; did you mean “One step”?"
    ]


def test_heading_of_the_other_edition_does_not_count() -> None:
    """A text that was left untranslated is told."""
    [told] = problems(Text(ko="One step", en="One step"))
    assert "in 한국어; did you mean" in told


def test_the_heading_of_a_question_does_not_count() -> None:
    """It explains nothing."""
    [told] = problems(Text(ko="NumPy", en="Count the weights (2 points)"))
    assert "misconception wrong_0 names the section “Count the weights (2 points)”" in told


def test_the_default_of_a_question_is_told_once() -> None:
    """Its misconceptions have it too."""
    [told] = problems(None, None, default=Text(ko="NumPy", en="Numbers"))
    assert "law 15: the question names the section “Numbers”" in told


def test_inherited_misconception_is_told_with_its_own_question() -> None:
    """A number question that follows a function has the function's misconceptions."""
    [known] = question(Text(ko="NumPy", en="Numbers")).misconceptions
    follower = question()
    inherited = dataclasses.replace(known, answer=partial(known.answer))
    follower = Question(Text(en="Total"), Text(en="Add."))
    follower.seal(id="p1", assignment="sums", path="p1.py", inherited=[inherited])
    assert list(unknown_sections(follower, NOTEBOOK, LANGUAGES)) == []


@pytest.mark.parametrize("name", [name for name in COURSE.assignments if name != "exam"])
class TestThisCourse:
    """The law holds for every assignment that explains anything, and would not if a heading changed."""

    def test_every_section_exists(self, name: str) -> None:
        """In both editions of the notebook."""
        assignment = COURSE.assignment(name)
        cells = read_notebook(assignment.source).cells
        assert [
            str(violation.text)
            for question in assignment.questions
            for violation in unknown_sections(question, cells, COURSE.languages)
        ] == []

    def test_renamed_heading_is_found(self, name: str) -> None:
        """A planted change of all headings breaks the law in both editions."""
        assignment = COURSE.assignment(name)
        cells = copy.deepcopy(read_notebook(assignment.source).cells)
        for cell in cells:
            cell.source = cell.source.replace("## ", "## Old: ")
        found = [
            str(violation.problem)
            for question in assignment.questions
            for violation in unknown_sections(question, cells, COURSE.languages)
        ]
        assert {"English" in text for text in found} == {"한국어" in text for text in found} == {True, False}

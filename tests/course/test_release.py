"""The release that is committed."""

from __future__ import annotations

import functools
import io
import itertools
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.notebooks.cells import cell_metadata, question_of
from autograder.sandbox.session import open_session
from autograder.verification.leaks import search
from tests.support import ROOT

COURSE = Course.open(ROOT)
QUESTIONS = [question for name in COURSE.assignments for question in COURSE.assignment(name).questions]
RELEASES = sorted((ROOT / "release").rglob("*.ipynb"))


def cells(path: Path) -> Iterator[dict[str, object]]:
    yield from json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_nothing_private_stands_in_the_release() -> None:
    """No statement of a private body and no answer of a number question, in any edition."""
    assert [str(leak) for leak in search(ROOT / "release", QUESTIONS).leaks] == []


def test_the_editions_differ_in_prose_alone() -> None:
    """Every nbgrader cell is the same to the byte in both: one gradebook serves both editions."""
    for name in COURSE.assignments:
        graded = {}
        for language in COURSE.languages:
            found = [
                cell
                for cell in cells(COURSE.assignment(name).release(language))
                if "nbgrader" in cell["metadata"]
            ]
            graded[language] = json.dumps(found, sort_keys=True)
        assert graded["ko"] == graded["en"]


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
class TestReleasedNotebook:
    """What can be said of each notebook alone."""

    def test_it_has_one_main_heading_and_skips_no_level(self, path: Path) -> None:
        """A reader with a screen reader can walk through the headings."""
        levels = [
            len(line) - len(line.lstrip("#"))
            for cell in cells(path)
            if cell["cell_type"] == "markdown"
            for line in "".join(cell["source"]).splitlines()
            if line.startswith("#")
        ]
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))

    def test_no_table_holds_an_equation(self, path: Path) -> None:
        """In an HTML page MathJax breaks it into a term a line, and the other columns into a word a line."""
        rows = [
            line
            for cell in cells(path)
            if cell["cell_type"] == "markdown"
            for line in "".join(cell["source"]).splitlines()
            if line.startswith("|")
        ]
        assert [row for row in rows if re.search(r"\$[^$]*=[^$]*\$", row)] == []

    def test_it_holds_no_output_and_no_other_language(self, path: Path) -> None:
        """Outputs are cleared, and every cell of one language is of this edition's."""
        language = path.parts[-3]
        for cell in cells(path):
            assert not cell.get("outputs")
            assert cell["metadata"].get("autograder", {}).get("lang", language) == language

    def test_the_code_of_both_editions_holds_no_comment(self, path: Path) -> None:
        """A word in code that both editions share would be of another language in one of them."""
        shared = ["".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "code"]
        comments = {
            token.string
            for source in shared
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.COMMENT
        }
        assert {comment for comment in comments if not comment.startswith("# @title")} <= {"# TensorFlow"}


@functools.cache
def worked(name: str) -> tuple[list[tuple[str, str]], str, str]:
    """Run the solved notebook's cells, demonstrations too: what failed, and the texts on stdout and stderr."""
    path = COURSE.assignment(name).source
    failed: list[tuple[str, str]] = []
    outputs: list[Any] = []
    with open_session("tensorflow", path.parent) as session:
        for cell in cells(path):
            if (
                cell["cell_type"] == "code"
                and cell_metadata(cell).get("lang", "en") == "en"
                and not question_of(cell)
            ):
                result = session.run("".join(cell["source"]))
                if result.error is not None:
                    failed.append(("".join(cell["source"]), result.detail))
                outputs += result.outputs
    printed = {
        stream: "".join(output["text"] for output in outputs if output.get("name") == stream)
        for stream in ("stdout", "stderr")
    }
    return failed, printed["stdout"], printed["stderr"]


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name == "shapes" else pytest.mark.full) for name in COURSE.assignments],
)
def test_the_worked_cells_run_without_errors_and_warnings(name: str) -> None:
    """The solved notebook runs top to bottom on this Keras, demonstrations too."""
    failed, printed, warned = worked(name)
    assert failed == []
    assert len(printed) > 200
    assert "Warning" not in warned
    assert "WARNING" not in printed
    assert "StubModuleError" not in warned


@pytest.mark.tensorflow
@pytest.mark.full
def test_the_answers_of_tagging_make_a_pipeline_that_reads_both_sentences() -> None:
    """Encoded, built, trained and decoded by the references, both sentences are tagged right by both cells."""
    _, printed, _ = worked("tagging")
    assert "lstm SVO SVO\ngru SVO SVO\n" in printed

"""Texts made to cost much: each takes about as long as any other of its length, and little memory for long."""

from __future__ import annotations

import ast
import time
import weakref
from collections.abc import Iterator

import pytest

from autograder.notebooks.headings import headings
from autograder.questions.syntax import parse_source
from autograder.submissions.parse import MAX_PARSED, MAX_REMEMBERED, remembered
from autograder.submissions.statements import statements_of
from tests.submissions.test_definitions import with_code_in
from tests.submissions.test_rebuild import cell, handed_in, own_of, rebuilt

SECONDS = 2.0
LENGTH = 50_000
"""Characters: an expression that looks again at each of them from each of them takes half a minute."""


@pytest.fixture
def _quickly() -> Iterator[None]:
    """Fail a test whose computing takes long."""
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS


@pytest.mark.usefixtures("_quickly")
class TestTime:
    """What a pattern meets in vain, it meets once."""

    @pytest.mark.parametrize("blank", ["\n", " ", " \n", "\t"], ids=repr)
    def test_blank_part_of_a_cell_is_read_quickly(self, blank: str) -> None:
        """Lines that only IPython reads are looked for in each cell, also while the web tool takes an upload."""
        found = statements_of(f"a = 1\n{blank * LENGTH}\nb = 2")
        assert found is not None
        assert [*found[0].defines, *found[1].defines] == ["a", "b"]

    @pytest.mark.parametrize("blank", ["\n", " "], ids=repr)
    def test_blank_part_of_an_essay_is_read_quickly(self, blank: str) -> None:
        """Whether an essay is as released is asked without the space around it."""
        submission = rebuilt(handed_in(essay=f"Because{blank * LENGTH}it is."))
        assert "essay" not in submission.untouched

    @pytest.mark.parametrize("inside", [" ", "#", "# "], ids=repr)
    def test_blank_part_of_a_heading_is_read_quickly(self, inside: str) -> None:
        """The page of an essay looks for headings in it."""
        [(level, text)] = headings(cell("essay", f"## Why{inside * LENGTH}not? ##", "markdown"))
        assert level == 2
        assert text.startswith("Why")


@pytest.mark.parametrize(
    "source", ["C#", "C #", "`C` ##", "  C  "], ids=["mark", "mark and space", "closed", "spaces"]
)
def test_heading_is_without_what_closes_it(source: str) -> None:
    """Markdown allows marks at its end."""
    assert [*headings(cell("title", f"# {source}", "markdown"))] == [(1, "C")]


def test_long_chain_of_branches_in_a_locked_cell_is_taken() -> None:
    """Its tree is deeper than recursion goes."""
    chain = "\n".join(f"elif n == {number}:\n    tens = {number}" for number in range(900))
    source = f"if n == 0:\n    tens = 0\n{chain}"
    assert own_of(with_code_in("given", f"LIMIT = 10\n{source}")) == [source]


def test_copies_of_a_locked_cell_are_parsed_up_to_a_number_of_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As other cells are; what was added to them makes cells of the student's own."""
    parsed: list[str] = []

    def parse(source: str) -> ast.Module:
        parsed.append(source)
        return parse_source(source)

    monkeypatch.setattr("autograder.submissions.parse.parse_source", parse)
    notebook = handed_in()
    for number in range(10):
        copied = cell("given", f"x{number} = [{'1, ' * 20_000}]", grade_id="given", locked=True)
        notebook.cells.insert(4, copied)
    assert rebuilt(notebook).found_by["p1"] == "grade id"
    assert sum(map(len, parsed)) <= MAX_PARSED


def test_parsed_cells_of_one_notebook_are_remembered_and_not_of_many() -> None:
    """A tree takes hundreds of times the memory of its text, and a process reads one notebook after another."""

    class Tree:
        """What is parsed."""

    alive = weakref.WeakSet[Tree]()
    read: list[str] = []

    @remembered
    def parse(source: str) -> Tree:
        read.append(source)
        tree = Tree()
        alive.add(tree)
        return tree

    cells = [f"{number}" * (MAX_REMEMBERED // 3) for number in range(9)]
    for source in cells:
        assert parse(source) is parse(source)
    assert read == cells
    assert len(alive) <= 3

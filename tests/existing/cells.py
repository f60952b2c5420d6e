"""Cells and notebooks of the synthetic course, written as literals, and the forms in which they occur."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from textwrap import dedent
from typing import Any, Literal

import nbformat
from nbformat import NotebookNode

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}
CODE_STUB = {
    "python": "# YOUR CODE HERE\nraise NotImplementedError()",
    "julia": '# YOUR CODE HERE\nerror("no answer yet")',
}
TEXT_STUB = "YOUR ANSWER HERE"
SOLUTION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION\n?", re.DOTALL | re.MULTILINE
)
HIDDEN = re.compile(r"^[ \t]*### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n?", re.DOTALL | re.MULTILINE)

Scores = tuple[float | None, float | None, float | None]
"""nbgrader's automatic scores of `solved`, `untouched` and `half`; None where a person has to grade."""


@dataclass(frozen=True)
class Cell:
    """A cell of a source notebook."""

    source: str
    type: Literal["code", "markdown"] = "code"
    id: str = ""
    """nbgrader's `grade_id`; empty for a cell that nbgrader does not know."""
    role: Literal["", "locked", "answer", "test", "manual", "task"] = ""
    points: float = 0
    half: str | None = None
    """What stands there in the submission `half`, if not the same as in `solved`."""
    earned: Scores = (None, None, None)

    def metadata(self) -> dict[str, Any]:
        """Return nbgrader's metadata of the cell, schema 3."""
        if not self.role:
            return {}
        graded = self.role in ("test", "manual")
        found: dict[str, Any] = {
            "schema_version": 3,
            "grade_id": self.id,
            "grade": graded,
            "solution": self.role in ("answer", "manual"),
            "locked": self.role in ("locked", "test", "task"),
            "task": self.role == "task",
        }
        return found | {"points": self.points} if graded or self.role == "task" else found

    def with_source(self, source: str) -> NotebookNode:
        """Return the cell as a notebook holds it."""
        new = nbformat.v4.new_code_cell if self.type == "code" else nbformat.v4.new_markdown_cell
        metadata = self.metadata()
        return new(source, metadata={"nbgrader": metadata} if metadata else {})

    def released(self, language: str) -> str:
        """Return what `nbgrader generate_assignment` makes of the source."""
        if self.role in ("answer", "manual"):
            stub = CODE_STUB[language] if self.type == "code" else TEXT_STUB
            if not SOLUTION.search(self.source):
                return stub
            indented = SOLUTION.sub(
                lambda found: re.sub("^", found[1], stub, flags=re.MULTILINE) + "\n", self.source
            )
            return indented.removesuffix("\n")
        return HIDDEN.sub("", self.source).removesuffix("\n")

    def solved(self) -> str:
        """Return what an honest student hands in: the solution, without markers and hidden tests."""
        return HIDDEN.sub("", SOLUTION.sub(r"\2", self.source)).removesuffix("\n")


def prose(text: str) -> Cell:
    """Return a Markdown cell that nbgrader does not know."""
    return Cell(clean(text), "markdown")


def free(code: str) -> Cell:
    """Return a code cell of the author's that a student may edit."""
    return Cell(clean(code))


def locked(name: str, code: str) -> Cell:
    """Return a code cell that nbgrader restores before grading."""
    return Cell(clean(code), id=name, role="locked")


def answer(name: str, code: str, *, half: str | None = None) -> Cell:
    """Return a solution cell; `half` is the whole cell in the submission `half`."""
    return Cell(clean(code), id=name, role="answer", half=None if half is None else clean(half))


def test(name: str, points: float, code: str, *, earned: Scores) -> Cell:
    """Return an automatically graded cell."""
    return Cell(clean(code), id=name, role="test", points=points, earned=earned)


def manual(name: str, points: float, source: str, *, half: str | None = None, code: bool = False) -> Cell:
    """Return an answer that a person grades; nbgrader gives 0 where it is unchanged."""
    return Cell(
        clean(source),
        "code" if code else "markdown",
        name,
        "manual",
        points,
        None if half is None else clean(half),
        (None, 0, None),
    )


def task(name: str, points: float, text: str) -> Cell:
    """Return a task: its text is locked, and students add cells of their own below."""
    return Cell(clean(text), "markdown", name, "task", points)


def clean(text: str) -> str:
    """Return a literal without its indentation and the empty lines around it."""
    return dedent(text).strip("\n").rstrip()


@dataclass(frozen=True)
class Notebook:
    """A source notebook and the submissions made of it."""

    name: str
    cells: tuple[Cell, ...]
    kernelspec: dict[str, str] = field(default_factory=PYTHON.copy)

    def source(self) -> NotebookNode:
        """Return the notebook as the author wrote it."""
        return self._of([cell.source for cell in self.cells])

    def released(self) -> NotebookNode:
        """Return the notebook as students get it, without nbgrader's checksums."""
        return self._of([cell.released(self.kernelspec["language"]) for cell in self.cells])

    def solved(self) -> NotebookNode:
        """Return a submission that answers everything as the author does."""
        return self._of([cell.solved() for cell in self.cells])

    def half(self) -> NotebookNode:
        """Return a submission with some wrong answers."""
        return self._of([cell.solved() if cell.half is None else cell.half for cell in self.cells])

    def cheating(self, attack: str) -> NotebookNode:
        """Return the released notebook with the attack's code in the place of the first answer, and no other answer."""
        first = next(cell for cell in self.cells if cell.role == "answer")
        released = (cell.released(self.kernelspec["language"]) for cell in self.cells)
        return self._of(
            [
                attack if cell is first else "" if cell.role == "answer" else source
                for cell, source in zip(self.cells, released, strict=True)
            ]
        )

    def earned(self, submission: Literal["solved", "untouched", "half"]) -> dict[str, float | None]:
        """Return the score that nbgrader must give each grade cell of a submission."""
        column = ("solved", "untouched", "half").index(submission)
        return {cell.id: cell.earned[column] for cell in self.cells if cell.role in ("test", "manual")}

    def renamed(self, old: str, new: str) -> Notebook:
        """Return the notebook with a delimiter replaced in its cells."""
        return replace(
            self, cells=tuple(replace(cell, source=cell.source.replace(old, new)) for cell in self.cells)
        )

    def _of(self, sources: list[str]) -> NotebookNode:
        cells = [cell.with_source(source) for cell, source in zip(self.cells, sources, strict=True)]
        for number, cell in enumerate(cells):
            cell.id = f"cell-{number}"  # the same on every run
        metadata = {
            "kernelspec": dict(self.kernelspec),
            "language_info": {"name": self.kernelspec["language"]},
        }
        return nbformat.v4.new_notebook(cells=cells, metadata=metadata)

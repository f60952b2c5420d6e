"""The plan of a notebook with nbgrader's own tests: its cells in order, and what is run where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Literal

from nbformat import NotebookNode

from autograder.notebooks.cells import grade_id, is_solution, is_test, runs_when_graded
from autograder.test_cells.names import Names, names_in, with_bodies

StepKind = Literal["answer", "shared", "test"]
"""A cell that a student fills in; one of the author's that students have as well; a test."""
HIDDEN_TESTS = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
"""nbgrader's default delimiters, here so that reading a source need not import nbconvert."""


@dataclass(frozen=True)
class Step:
    """A code cell of a release."""

    id: str
    """nbgrader's id, or else the cell's."""
    kind: StepKind
    source: str
    """The author's text, with solutions and hidden tests."""
    released: str
    """The text that students have."""
    points: float = 0.0
    defined: Set[str] = frozenset()
    imported: Set[str] = frozenset()
    """Those among `defined` that nothing but an import defines."""
    mentioned: Set[str] = frozenset()
    """Including what functions mention that it may call, and names in strings that a cell defines."""
    mentioned_openly: Set[str] = frozenset()
    """The same of `released`."""
    texts: Set[str] = frozenset()
    """The strings that stand in `source`, and what of them may be run as code."""
    hidden_lines: Set[int] = frozenset()
    """Of `source`, from 1."""
    used_later: bool = False
    """Whether later cells use what students have of this test."""

    @property
    def has_hidden_tests(self) -> bool:
        """Whether students have only a part of it."""
        return bool(self.hidden_lines)


@dataclass(frozen=True)
class Plan:
    """The code cells of a notebook's release, in order."""

    steps: Sequence[Step]
    libraries: Set[str] = frozenset()
    """Packages that the author's cells import."""
    needed: Set[str] = frozenset()
    """Those without which one of these cells stops."""
    changed: Mapping[str, Set[str]] = field(default_factory=dict)
    """By answer cell: names of other cells whose value the author's solution changes."""

    @property
    def tests(self) -> list[Step]:
        """The tests."""
        return [step for step in self.steps if step.kind == "test"]

    @property
    def answer_names(self) -> Set[str]:
        """The names that the author's solutions define or change."""
        defined = (step.defined for step in self.steps if step.kind == "answer")
        return frozenset().union(*defined, *self.changed.values())

    @property
    def assigned_names(self) -> Set[str]:
        """Those of `answer_names` that solutions do not only import."""
        assigned = (step.defined - step.imported for step in self.steps if step.kind == "answer")
        return frozenset().union(*assigned, *self.changed.values())

    @property
    def texts(self) -> Set[str]:
        """The strings that stand in tests and in the author's other cells, but not in solutions."""
        return frozenset().union(*(step.texts for step in self.steps if step.kind != "answer"))

    def step_of(self, cell: NotebookNode) -> Step | None:
        """Return the step of a cell of a rebuilt notebook, or None for one of the student's own."""
        return next((step for step in self.steps if step.id in (grade_id(cell), cell.get("id", ""))), None)


def plan_of(source: NotebookNode, release: NotebookNode, delimiters: tuple[str, str] = HIDDEN_TESTS) -> Plan:
    """Return the plan of a notebook.

    source: with solutions and hidden tests. release: whose cells have ids. delimiters: of hidden tests.
    """
    author = {grade_id(cell): cell.source for cell in source.cells if grade_id(cell)}
    cells = [cell for cell in release.cells if is_run(cell)]
    texts = [author.get(grade_id(cell), cell.source) for cell in cells]
    found = {text: names_in(text) for text in {*texts, *(cell.source for cell in cells)}}
    defined = frozenset[str]().union(*(found[text].defined for text in texts))
    steps: list[Step] = []
    bodies: dict[str, Set[str]] = {}
    libraries: set[str] = set()
    needed: set[str] = set()

    def mentioned(text: str) -> Set[str]:
        # the student's kernel learns what it is asked for, and a string may be a hidden input
        return with_bodies(found[text].mentioned | found[text].quoted & defined, bodies)

    for cell, text in zip(cells, texts, strict=True):
        kind = _kind(cell)
        names = found[text]
        libraries |= names.libraries
        needed |= names.needed
        if kind != "answer":
            bodies |= names.bodies
        steps.append(
            Step(
                grade_id(cell) or cell["id"], kind, text, cell.source,
                points=float(cell.metadata.get("nbgrader", {}).get("points") or 0) if kind == "test" else 0.0,
                defined=names.defined,
                imported=names.imported,
                mentioned=mentioned(text),
                mentioned_openly=mentioned(cell.source),
                texts=names.texts,
                hidden_lines=hidden_lines(text, delimiters) if kind == "test" else frozenset(),
            )
        )  # fmt: skip
    return Plan([*_with_uses(steps, found)], frozenset(libraries), frozenset(needed))


def _with_uses(steps: Sequence[Step], found: Mapping[str, Names]) -> list[Step]:
    """Return the steps, each test with whether later cells of students use its names. found: names by text."""
    marked = []
    for number, step in enumerate(steps):
        names = found[step.released]
        later = [other for other in steps[number + 1 :] if other.kind != "test"]
        used = any(names.defined & other.mentioned for other in later)
        marked.append(replace(step, used_later=step.kind == "test" and used))
    return marked


def is_run(cell: NotebookNode) -> bool:
    """Return whether a cell is run when tests are: every one of code, but for those that only students run."""
    return runs_when_graded(cell) or (cell.cell_type == "code" and is_test(cell))


def _kind(cell: NotebookNode) -> StepKind:
    if is_solution(cell):
        return "answer"
    return "test" if is_test(cell) else "shared"


def hidden_lines(source: str, delimiters: tuple[str, str]) -> Set[int]:
    """Return the lines of hidden tests, from 1, with those of the delimiters."""
    begin, end = (re.compile(re.escape(delimiter)) for delimiter in delimiters)
    hidden, inside = set(), False
    for number, line in enumerate(source.splitlines(), 1):
        inside = inside or bool(begin.search(line))
        if inside:
            hidden.add(number)
            inside = not end.search(line)
    return frozenset(hidden)

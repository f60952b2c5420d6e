"""Which cell of a submission holds an answer, and which definition of its name counts.

The rule is that of Jupyter when it runs a notebook from top to bottom. An answer is checked where its check is: the
last definition above the check counts, and one below it only if there is none above. Execution counts are not
considered, since a student can write any there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from nbformat import NotebookNode

from autograder.i18n import _
from autograder.notebooks.cells import (
    GRADE_SUFFIX,
    cell_id,
    cell_metadata,
    grade_id,
    is_solution,
    runs_when_graded,
)
from autograder.submissions.locked_cells import SEPARATED, LeftOut, is_marked
from autograder.submissions.parse import MAX_PARSED, names_by_regex, names_defined
from autograder.submissions.statements import needed_by, statements_of
from autograder.text import Text, joined

FoundBy = Literal["grade id", "cell id", "name", "place", "nowhere"]
_SEVERAL = _(
    "the answer cell was untouched or had lost its mark, and {number} cells define {name}; the last one was taken "
    "(cell {cell})"
)
_SEVERAL_ABOVE = _(
    "the answer cell was untouched or had lost its mark, and {number} cells define {name}; the last one above its "
    "check was taken (cell {cell})"
)
CELL_NUMBER = re.compile(rf"-(\d+)(?:{SEPARATED})?$")
"""In the id of a cell that `parse_submitted` numbered from 0, or that was made of it."""


@dataclass(frozen=True)
class Answer:
    """Where an answer was found."""

    found_by: FoundBy
    indices: Sequence[int] = ()
    """Its cells in the submission, the one that counts last."""
    note: Text | None = None
    stays: bool = False
    """Whether the cell that counts also runs in its own place, since it needs what was run before it there."""


@dataclass(frozen=True)
class Submission:
    """A submitted notebook beside its release."""

    notebook: NotebookNode
    release: NotebookNode
    matches: Sequence[str]
    """For each submitted cell, the id of the released cell that it is, or an empty string."""

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each released cell, by its id."""
        return {cell["id"]: place for place, cell in enumerate(self.release.cells)}

    @cached_property
    def texts(self) -> Collection[str]:
        """The texts of the released cells."""
        return {cell.source.strip() for cell in self.release.cells}

    def find(self, name: str, released: NotebookNode) -> Answer:
        """Find the answer to a question whose released answer cell is given."""
        cells = list(enumerate(self.notebook.cells))
        stub, part = released.source.strip(), cell_metadata(released).get("part")
        method: FoundBy = "grade id"
        by_id = [
            index
            for index, cell in cells
            if grade_id(cell) == name or (part == "student" and cell_metadata(cell).get("part") == part)
        ]
        if not by_id:
            method = "cell id"
            by_id = [index for index, cell in cells if cell_id(cell) == released["id"]]
        changed = [index for index in by_id if self.notebook.cells[index].source.strip() not in ("", stub)]
        if changed:
            return Answer(method, *self._last_changed(by_id, changed, name))
        # a statement may show code that defines the name; it is not an answer
        by_name = [
            index
            for index, cell in cells
            if cell.source.strip() not in self.texts
            and (not is_marked(cell) or is_solution(cell))
            and (part is not None or not self._is_answer(index))
            and name in names_defined(cell)
        ]
        by_name = [index for index in by_name if self.notebook.cells[index].cell_type == "code"] or by_name
        if by_name:
            return self._last_by_name(name, by_name, released)
        if by_id:
            return Answer(method, by_id)
        note = _("no cell with the answer to {name} was found in the notebook handed in", name=name)
        return Answer("nowhere", note=note)

    def _last_changed(
        self, by_id: Sequence[int], changed: Sequence[int], name: str
    ) -> tuple[list[int], Text | None]:
        """Return the indices of cells with the same id, the one that counts at the end, and a note."""
        if len(by_id) == 1:
            return [*by_id], None
        best = [index for index in changed if name in names_defined(self.notebook.cells[index])] or changed
        note = _(
            "there were {number} answer cells for {name}; the last one worked on was taken",
            number=len(by_id),
            name=name,
        )
        return [index for index in by_id if index != best[-1]] + [best[-1]], note

    def _last_by_name(self, name: str, by_name: Sequence[int], released: NotebookNode) -> Answer:
        """Return the definition that counts of those in cells without the mark of the answer."""
        check = max(
            (index for index, match in enumerate(self.matches) if self._is_check(match, name)),
            default=len(self.matches),
        )
        above = [index for index in by_name if index < check]
        index = (above or by_name)[-1]
        cell = self.notebook.cells[index]
        if len(by_name) == 1:
            note = _(
                "the answer cell was untouched or had lost its mark; the one cell that defines {name} was taken",
                name=name,
            )
        else:
            note = _SEVERAL_ABOVE if above else _SEVERAL
            note = note.format(number=len(by_name), name=name, cell=number_of(cell))
        is_below = self._place_above(index) >= self.order[released["id"]]
        alone = len(by_name) == 1 and _is_self_contained(cell)
        return Answer("name", [index], note, stays=is_below and not alone)

    def _is_answer(self, index: int) -> bool:
        """Return whether a cell is an answer of the release.

        For nbgrader's own tests it is that answer alone: an author may name another one like a function in it. A copy
        of such a cell may be meant for another.
        """
        match = self.matches[index]
        return (
            self.matches.count(match) == 1
            and match in self.order
            and is_solution(self.release.cells[self.order[match]])
        )

    def _is_check(self, match: str, name: str) -> bool:
        return match in self.order and grade_id(self.release.cells[self.order[match]]) == name + GRADE_SUFFIX

    def _place_above(self, index: int) -> int:
        """Return the place of the released cell that a cell of the student's own comes after; -1 if there is none."""
        return next((self.order[match] for match in reversed(self.matches[: index + 1]) if match), -1)


def match_released(submitted: NotebookNode, release: NotebookNode) -> list[str]:
    """Return for each submitted cell the id of the released cell that it is, or an empty string.

    It is recognized by its id, by its grade id, or by its text.
    """
    ids = {cell["id"] for cell in release.cells}
    by_grade_id = {name: cell["id"] for cell in release.cells if (name := grade_id(cell))}
    by_text = {(cell.cell_type, cell.source.strip()): cell["id"] for cell in release.cells}
    return [
        cell_id(cell)
        if cell_id(cell) in ids
        else by_grade_id.get(grade_id(cell)) or by_text.get((cell.cell_type, cell.source.strip()), "")
        for cell in submitted.cells
    ]


def number_of(cell: NotebookNode) -> int:
    """Return the number of a submitted cell in its notebook, from 1; 0 if it is not known."""
    match = CELL_NUMBER.search(str(cell.get("id", "")))
    return int(match[1]) + 1 if match else 0


def definition_notes(notebook: NotebookNode, answered: Collection[str]) -> dict[str, Text]:
    """Return, for each answer that is defined more than once, which definition counts when it is graded.

    notebook: a rebuilt one. answered: the questions whose answer cell holds an answer.
    """
    checks = {grade_id(cell): place for place, cell in enumerate(notebook.cells) if grade_id(cell)}
    places: dict[str, list[int]] = {}
    characters = 0
    for place, cell in enumerate(notebook.cells):
        metadata = cell_metadata(cell)
        if runs_when_graded(cell) and (metadata.get("own") or metadata.get("part") == "answer"):
            characters += len(cell.source)
            for name in _defined_in(cell) if characters <= MAX_PARSED else names_by_regex(cell.source):
                if name != metadata.get("question") or name in answered:
                    places.setdefault(name, []).append(place)
    notes: dict[str, Text] = {}
    for cell in notebook.cells:
        name = str(cell_metadata(cell).get("question", ""))
        found = places.get(name, [])
        if cell_metadata(cell).get("part") != "answer" or name + GRADE_SUFFIX not in checks:
            continue
        if len({notebook.cells[place].source for place in found}) < 2:
            continue
        above = [place for place in found if place < checks[name + GRADE_SUFFIX]]
        counting = notebook.cells[(above or found)[-1]]
        if counting is cell or counting.source == cell.source:
            text = _("{name} is defined in {number} cells; the definition in its answer cell counts")
        else:
            text = _(
                "{name} is defined in {number} cells; the definition in cell {cell} counts, the last one above its "
                "check"
            )
        notes[name] = text.format(name=name, number=len(found), cell=number_of(counting))
    return notes


def left_out_notes(
    notebook: NotebookNode, questions: Collection[str], left_out: Sequence[LeftOut]
) -> Iterator[tuple[str, Text]]:
    """Yield each question whose answer is or needs what was left out, with what that is."""
    if not left_out:
        return
    for name in questions:
        needed = {name}.union(*(statement.uses for statement in needed_by(name, notebook)))
        texts = [part.note for part in left_out if part.names & needed]
        if texts:
            yield name, joined(" ", texts)


def _defined_in(cell: NotebookNode) -> set[str]:
    statements = statements_of(cell.source)
    if statements is None:
        return set(names_defined(cell))
    return {name for statement in statements for name in statement.defines}


def _is_self_contained(cell: NotebookNode) -> bool:
    """Return whether a cell defines the same wherever it runs."""
    statements = statements_of(cell.source)
    return statements is not None and all(statement.is_self_contained for statement in statements)

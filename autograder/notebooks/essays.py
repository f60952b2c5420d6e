"""Essays: answers that a person grades, in nbgrader's manually graded cells.

If a notebook has lost the id of an essay's cell, the answer is found by its place: between the released cells that are
still recognized. An essay is never lost: if its text is in doubt, the essay waits for a person.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from autograder.i18n import _
from autograder.notebooks.cells import grade_id, whole_text
from autograder.questions.syntax import parse_source
from autograder.text import Text


def is_essay(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell holds an answer that a person grades."""
    metadata = cell.get("metadata", {}).get("nbgrader", {})
    return bool(metadata.get("grade") and metadata.get("solution"))


def is_task(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell is a task: students answer in cells of their own below it, and a person grades them."""
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("task"))


def manual_cells(notebook: NotebookNode) -> dict[str, float]:
    """Return the points of the manually graded cells, by grade id."""
    return {
        grade_id(cell): float(cell.metadata.nbgrader.get("points", 0))
        for cell in notebook.cells
        if is_essay(cell) or is_task(cell)
    }


def manual_texts(cells: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what a person grades in a graded notebook, by grade id; of a task, with the student's cells below it."""
    texts: dict[str, str] = {}
    task = ""
    for cell in cells:
        source = whole_text(cell["source"])
        if is_essay(cell) or is_task(cell):
            name = grade_id(cell)
            task = name if is_task(cell) else ""
            texts[name] = source
        elif task and str(cell.get("id", "")).startswith("own-"):
            texts[task] += f"\0{source}"
        else:
            task = ""
    return texts


@dataclass(frozen=True)
class SubmittedCells:
    """The cells of a submitted notebook, prepared for matching essays."""

    cells: Sequence[NotebookNode]
    released_ids: Sequence[str]
    """For each cell, the id of its released cell; empty if it has none or its text occurs several times there."""
    own: Collection[int]
    """Indices of the student's own cells that belong to no answer."""
    rewritten: Collection[int]
    """Indices of released cells whose text the student changed."""


@dataclass
class Match:
    """The cells that answer an essay."""

    indices: list[int] = field(default_factory=list)
    """In order."""
    waits: bool = False
    """Whether there is no answer, but text of the student's that may be it."""


def match_by_place(
    released: Sequence[NotebookNode],
    essays: Collection[str],
    submitted: SubmittedCells,
    found_ids: Collection[str],
) -> dict[str, Match]:
    """Match essays that were not found by an id to submitted cells, by their places.

    essays: their cell ids. found_ids: those of the other essays, which were found by an id.
    """
    matcher = _Matcher(released, essays, submitted, found_ids)
    for (above, below), group in matcher.gaps().items():
        for kind in dict.fromkeys(cell.cell_type for cell in group):
            matcher.match_gap(above, below, [cell for cell in group if cell.cell_type == kind])
    matcher.flag_doubtful()
    return matcher.matches


class _Matcher:
    def __init__(
        self,
        released: Sequence[NotebookNode],
        essays: Collection[str],
        submitted: SubmittedCells,
        found_ids: Collection[str],
    ) -> None:
        self._released, self._submitted, self._found_ids = released, submitted, found_ids
        self._missing = {cell["id"]: cell for cell in released if cell["id"] in essays}
        self._stubs = {cell.source.strip() for cell in self._missing.values()}
        self.matches = {name: Match() for name in self._missing}
        self._present: set[str] = set()
        """The essays whose untouched cell is in the notebook."""
        self._anchors = {
            index: name
            for index, name in enumerate(submitted.released_ids)
            if name and name not in self._missing and not self._is_stub(index)
        }

    def _is_stub(self, index: int) -> bool:
        return self._submitted.cells[index].source.strip() in self._stubs

    def gaps(self) -> dict[tuple[int, int], list[NotebookNode]]:
        """Group the essays by the indices of the nearest recognized cells above and below."""
        order = [cell["id"] for cell in self._released]
        index_of: dict[str, int] = {}
        for index, name in self._anchors.items():
            index_of.setdefault(name, index)
        gaps: dict[tuple[int, int], list[NotebookNode]] = {}
        for name, cell in self._missing.items():
            position = order.index(name)
            above = next((index_of[other] for other in reversed(order[:position]) if other in index_of), -1)
            below = next(
                (index_of[other] for other in order[position + 1 :] if other in index_of),
                len(self._submitted.cells),
            )
            if below <= above:  # the student moved one of them
                below = min(
                    (index for index in self._anchors if index > above), default=len(self._submitted.cells)
                )
            gaps.setdefault((above, below), []).append(cell)
        return gaps

    def match_gap(self, above: int, below: int, essays: Sequence[NotebookNode]) -> None:
        """Assign the cells of a gap to its essays, which are all of one type."""
        kind = essays[0].cell_type
        inside = [index for index in range(above + 1, below) if index not in self._anchors]
        answers = {index for index in inside if self._may_answer(index, kind)}
        if kind == "markdown" and not answers:  # written into a cell of another type
            answers = {index for index in inside if index in self._submitted.own and self._is_prose(index)}
        markers = self._markers(inside, essays)
        relevant = [
            index
            for index in inside
            if index in answers or index in markers or self._is_stub_of(index, essays)
        ]
        segments: list[tuple[str, list[int]]] = [("", [])]
        for index in relevant:
            if index in markers:
                segments.append((markers[index], []))
            else:
                segments[-1][1].append(index)
        self._present.update(markers.values())
        order = [cell["id"] for cell in essays]
        for marker, indices in segments:
            unseen = self._unseen_after(marker, order)
            if unseen:
                self._share(marker, indices, unseen, answers)
            elif marker:
                self.matches[marker].indices += [index for index in indices if index in answers]
            elif self._anchors.get(above) in self._found_ids:  # it may belong to the essay above it
                self.matches[order[0]].waits = any(index in answers for index in indices)
            else:
                self.matches[order[0]].indices += [index for index in indices if index in answers]
        first = self.matches[order[0]]
        prompt = self._submitted.cells[above] if above in self._submitted.rewritten else None
        if kind == "markdown" and not first.indices and prompt is not None and prompt.cell_type == kind:
            first.indices.append(above)

    def _may_answer(self, index: int, kind: str) -> bool:
        return index in self._submitted.own and self._submitted.cells[index].cell_type == kind

    def _is_prose(self, index: int) -> bool:
        """Return whether a cell of another type than markdown holds prose: anything but valid Python."""
        cell = self._submitted.cells[index]
        if cell.cell_type != "code":
            return True
        if cell.metadata.get("autograder", {}).get("unparsed"):
            return False
        try:
            with warnings.catch_warnings():
                # syntax warnings about a student's code concern the student only
                warnings.simplefilter("ignore")
                parse_source(cell.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return True
        return False

    def _is_stub_of(self, index: int, essays: Sequence[NotebookNode]) -> bool:
        cell = self._submitted.cells[index]
        return cell.cell_type == essays[0].cell_type and cell.source.strip() in {
            essay.source.strip() for essay in essays
        }

    def _markers(self, inside: Iterable[int], essays: Sequence[NotebookNode]) -> dict[int, str]:
        """Return the untouched cells of essays in a gap, if it is clear to which essay each belongs."""
        names = {cell["id"] for cell in essays}
        markers: dict[int, str] = {}
        for index in inside:
            name = self._submitted.released_ids[index]
            if name in names and name not in markers.values():
                markers[index] = name
        for stub in {cell.source.strip() for cell in essays}:
            indices = [index for index in inside if index not in markers and self._is_stub_of(index, essays)]
            indices = [index for index in indices if self._submitted.cells[index].source.strip() == stub]
            unmarked = [
                cell["id"]
                for cell in essays
                if cell.source.strip() == stub and cell["id"] not in markers.values()
            ]
            if len(indices) == len(unmarked):
                markers.update(zip(indices, unmarked, strict=True))
        return markers

    def _unseen_after(self, marker: str, order: Sequence[str]) -> list[str]:
        """Return the essays whose cells are gone, from a marked essay, or from the start, to the next present one."""
        after = order[order.index(marker) + 1 :] if marker else order
        return [*itertools.takewhile(lambda name: name not in self._present, after)]

    def _share(
        self, marker: str, indices: Sequence[int], unseen: Sequence[str], answers: Collection[int]
    ) -> None:
        """Assign cells to essays in order; the last takes the rest. If that is a guess, an unanswered essay waits.

        marker: the essay whose untouched cell is above, to which the first of the cells may belong.
        """
        for index, name in zip(indices, unseen, strict=False):
            if index in answers:
                self.matches[name].indices.append(index)
            elif len(indices) == len(unseen):  # else it is not clear whose untouched cell it is
                self._present.add(name)
        self.matches[unseen[-1]].indices += [index for index in indices[len(unseen) :] if index in answers]
        if (marker or len(indices) != len(unseen)) and any(index in answers for index in indices):
            for name in filter(None, (marker, *unseen)):
                self.matches[name].waits = True
        for name, index, below in zip(unseen, indices, indices[1:], strict=False):
            # the answer may have been written below the cell instead of in it
            if index not in answers and below in answers:
                self.matches[name].waits = True

    def flag_doubtful(self) -> None:
        """Let an essay without an answer wait if a text of the student's, or the essay itself, has no place."""
        used = {index for match in self.matches.values() for index in match.indices}
        unused = [
            index
            for index in self._submitted.own
            if index not in used
            and (self._submitted.cells[index].cell_type != "code" or self._is_prose(index))
        ]
        first = min(self._anchors, default=len(self._submitted.cells))
        last = max(self._anchors, default=-1)
        outside = [index for index in unused if index < first or index > last]
        code = [index for index in self._submitted.own if index not in used and index not in unused]
        for name, match in self.matches.items():
            if name in self._present:
                doubtful = bool(outside)
            else:  # its cell is gone, and what was taken for another essay may have been meant for it
                doubtful = bool(unused or used or (self._missing[name].cell_type == "code" and code))
            match.waits = not match.indices and (match.waits or doubtful)


def join_sources(cells: Iterable[NotebookNode]) -> str:
    """Join the texts of an answer that a student split, each once, in order."""
    return "\n\n".join(dict.fromkeys(cell.source for cell in cells))


def found_by_place_note(name: str, number: int) -> Text:
    """Return the note about an answer that was found in `number` cells in the place of its own cell."""
    if number == 1:
        return _(
            "the answer cell of {name} was untouched or had lost its mark; the cell in its place was taken",
            name=name,
        )
    return _(
        "the answer cell of {name} was untouched or had lost its mark; the {number} cells in its "
        "place were taken together",
        name=name,
        number=number,
    )


def joined_note(name: str, number: int) -> Text:
    """Return the note about an answer whose id `number` cells carry."""
    return _(
        "there were {number} answer cells for {name}; they were taken together", number=number, name=name
    )


def not_found_note(name: str) -> Text:
    """Return the text for the cell of an essay whose answer a person has to look for."""
    return _(
        "For the grader: no answer to {name} was found in its cell or its place. The student added "
        "cells of their own; look through this notebook for the answer.",
        name=name,
    )


def as_source(cell: NotebookNode, text: str) -> str:
    """Return a sentence as the source of a cell: a comment in a code cell."""
    return f"# {text}" if cell.cell_type == "code" else text

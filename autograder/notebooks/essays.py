"""Essays: answers that a person grades, in nbgrader's own manually graded cells.

Where a notebook has lost the mark of an essay's cell, the answer is found by its place: between the released cells
that are still recognised. An essay is never lost: where its text is in doubt, the essay waits for a person.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from autograder.questions.syntax import parse_source
from autograder.text import Text


def is_essay(cell: Mapping[str, Any]) -> bool:
    """Whether a person grades what stands in the cell."""
    told = cell.get("metadata", {}).get("nbgrader", {})
    return bool(told.get("grade") and told.get("solution"))


def is_task(cell: Mapping[str, Any]) -> bool:
    """Whether a person grades what students put below the cell, in cells of their own."""
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("task"))


def manual_cells(notebook: NotebookNode) -> dict[str, float]:
    """The points of each cell that a person grades, by grade id."""
    return {
        str(cell.metadata.nbgrader["grade_id"]): float(cell.metadata.nbgrader.get("points", 0))
        for cell in notebook.cells
        if is_essay(cell) or is_task(cell)
    }


def texts_by_hand(cells: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a person grades in a graded notebook's cells, by grade id: of a task, the student's cells below it."""
    texts: dict[str, str] = {}
    task = ""
    for cell in cells:
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        if is_essay(cell) or is_task(cell):
            name = str(cell["metadata"]["nbgrader"]["grade_id"])
            task = name if is_task(cell) else ""
            texts[name] = source
        elif task and str(cell.get("id", "")).startswith("own-"):
            texts[task] += f"\0{source}"
        else:
            task = ""
    return texts


@dataclass(frozen=True)
class Written:
    """The cells of a submitted notebook, as a search for essays sees them."""

    cells: Sequence[NotebookNode]
    known: Sequence[str]
    """Of each, the id of the released cell that it is; empty where it is none, or where its text stands in several."""
    own: Collection[int]
    """Places of the student's own cells that belong to no answer."""
    rewritten: Collection[int]
    """Places of released cells whose text the student changed."""


@dataclass
class Place:
    """What the place of an essay holds."""

    places: list[int] = field(default_factory=list)
    """Of the cells that are its answer, in order."""
    waits: bool = False
    """Whether there is no answer, but text of the student's that may be it."""


def find(
    released: Sequence[NotebookNode], essays: Collection[str], written: Written, given: Collection[str]
) -> dict[str, Place]:
    """Find the answers to the essays of these cell ids, which are not found by a mark, by their places.

    given: the ids of the essays that are found.
    """
    search = _Search(released, essays, written, given)
    for (above, below), group in search.gaps().items():
        for kind in dict.fromkeys(cell.cell_type for cell in group):
            search.settle(above, below, [cell for cell in group if cell.cell_type == kind])
    search.doubt()
    return search.found


class _Search:
    def __init__(
        self,
        released: Sequence[NotebookNode],
        essays: Collection[str],
        written: Written,
        given: Collection[str],
    ) -> None:
        self._released, self._written, self._given = released, written, given
        self._open = {cell["id"]: cell for cell in released if cell["id"] in essays}
        self._stubs = {cell.source.strip() for cell in self._open.values()}
        self.found = {name: Place() for name in self._open}
        self._present: set[str] = set()
        """The essays whose untouched cell is there."""
        self._anchors = {
            place: name
            for place, name in enumerate(written.known)
            if name and name not in self._open and not self._is_stub(place)
        }

    def _is_stub(self, place: int) -> bool:
        return self._written.cells[place].source.strip() in self._stubs

    def gaps(self) -> dict[tuple[int, int], list[NotebookNode]]:
        """The essays, by the places of the nearest recognised cells above and below."""
        order = [cell["id"] for cell in self._released]
        at: dict[str, int] = {}
        for place, name in self._anchors.items():
            at.setdefault(name, place)
        gaps: dict[tuple[int, int], list[NotebookNode]] = {}
        for name, cell in self._open.items():
            here = order.index(name)
            above = next((at[one] for one in reversed(order[:here]) if one in at), -1)
            below = next((at[one] for one in order[here + 1 :] if one in at), len(self._written.cells))
            if below <= above:  # the student moved one of them
                below = min((one for one in self._anchors if one > above), default=len(self._written.cells))
            gaps.setdefault((above, below), []).append(cell)
        return gaps

    def settle(self, above: int, below: int, essays: Sequence[NotebookNode]) -> None:
        """Give the cells of a gap to its essays, all of one type."""
        kind = essays[0].cell_type
        inside = [place for place in range(above + 1, below) if place not in self._anchors]
        items = {place for place in inside if self._may_answer(place, kind)}
        if kind == "markdown" and not items:  # written into a cell of another type
            items = {place for place in inside if place in self._written.own and self._is_prose(place)}
        markers = self._markers(inside, essays)
        tokens = [
            place
            for place in inside
            if place in items or place in markers or self._is_a_stub_of(place, essays)
        ]
        segments: list[tuple[str, list[int]]] = [("", [])]
        for place in tokens:
            if place in markers:
                segments.append((markers[place], []))
            else:
                segments[-1][1].append(place)
        self._present.update(markers.values())
        order = [cell["id"] for cell in essays]
        for marker, places in segments:
            unseen = self._following(marker, order)
            if unseen:
                self._share(marker, places, unseen, items)
            elif marker:
                self.found[marker].places += [place for place in places if place in items]
            elif self._anchors.get(above) in self._given:  # it may belong to the essay above it
                self.found[order[0]].waits = any(place in items for place in places)
            else:
                self.found[order[0]].places += [place for place in places if place in items]
        first = self.found[order[0]]
        prompt = self._written.cells[above] if above in self._written.rewritten else None
        if kind == "markdown" and not first.places and prompt is not None and prompt.cell_type == kind:
            first.places.append(above)

    def _may_answer(self, place: int, kind: str) -> bool:
        return place in self._written.own and self._written.cells[place].cell_type == kind

    def _is_prose(self, place: int) -> bool:
        """Whether a cell that is no markdown holds a text for people: it is no code that Python reads."""
        cell = self._written.cells[place]
        if cell.cell_type != "code":
            return True
        if cell.metadata.get("autograder", {}).get("unparsed"):
            return False
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what Python thinks of a student's string is for the student
                parse_source(cell.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return True
        return False

    def _is_a_stub_of(self, place: int, essays: Sequence[NotebookNode]) -> bool:
        cell = self._written.cells[place]
        return cell.cell_type == essays[0].cell_type and cell.source.strip() in {
            essay.source.strip() for essay in essays
        }

    def _markers(self, inside: Iterable[int], essays: Sequence[NotebookNode]) -> dict[int, str]:
        """The untouched cells of essays in a gap, where it is clear of which."""
        names = {cell["id"] for cell in essays}
        markers: dict[int, str] = {}
        for place in inside:
            name = self._written.known[place]
            if name in names and name not in markers.values():
                markers[place] = name
        for stub in {cell.source.strip() for cell in essays}:
            places = [one for one in inside if one not in markers and self._is_a_stub_of(one, essays)]
            places = [one for one in places if self._written.cells[one].source.strip() == stub]
            left = [
                cell["id"]
                for cell in essays
                if cell.source.strip() == stub and cell["id"] not in markers.values()
            ]
            if len(places) == len(left):
                markers.update(zip(places, left, strict=True))
        return markers

    def _following(self, marker: str, order: Sequence[str]) -> list[str]:
        """The essays after a marked one, or before the first, whose cells are not to be seen."""
        after = order[order.index(marker) + 1 :] if marker else order
        return [*itertools.takewhile(lambda name: name not in self._present, after)]

    def _share(
        self, marker: str, places: Sequence[int], unseen: Sequence[str], items: Collection[int]
    ) -> None:
        """Give cells to essays in order; the last takes the rest. Where that is a guess, one without an answer waits.

        marker: the essay whose untouched cell stands above, to which the first of them may belong.
        """
        for place, name in zip(places, unseen, strict=False):
            if place in items:
                self.found[name].places.append(place)
            elif len(places) == len(unseen):  # else it is not clear whose untouched cell it is
                self._present.add(name)
        self.found[unseen[-1]].places += [place for place in places[len(unseen) :] if place in items]
        if (marker or len(places) != len(unseen)) and any(place in items for place in places):
            for name in filter(None, (marker, *unseen)):
                self.found[name].waits = True
        for name, place, below in zip(unseen, places, places[1:], strict=False):
            if (
                place not in items and below in items
            ):  # which may have been written below the cell instead of in it
                self.found[name].waits = True

    def doubt(self) -> None:
        """Let an essay without an answer wait where a text of the student's has no place, or the essay has none."""
        used = {place for found in self.found.values() for place in found.places}
        left = [
            place
            for place in self._written.own
            if place not in used and (self._written.cells[place].cell_type != "code" or self._is_prose(place))
        ]
        first, last = min(self._anchors, default=len(self._written.cells)), max(self._anchors, default=-1)
        nowhere = [place for place in left if place < first or place > last]
        code = [place for place in self._written.own if place not in used and place not in left]
        for name, found in self.found.items():
            if name in self._present:
                doubtful = bool(nowhere)
            else:  # its cell is gone, and what was taken for another essay may have been meant for it
                doubtful = bool(left or used or (self._open[name].cell_type == "code" and code))
            found.waits = not found.places and (found.waits or doubtful)


def joined(cells: Iterable[NotebookNode]) -> str:
    """The texts of an answer that a student split, each once, in order."""
    return "\n\n".join(dict.fromkeys(cell.source for cell in cells))


def taken_by_place(name: str, number: int) -> Text:
    """How an answer was found that stood in `number` cells in the place of its own."""
    if number == 1:
        return Text(
            ko=f"{name}의 답 칸이 비었거나 표시가 없어져서, 그 자리에 있는 셀을 답으로 보았습니다.",
            en=f"the answer cell of {name} was untouched or had lost its mark; the cell in its place was taken",
        )
    return Text(
        ko=f"{name}의 답 칸이 비었거나 표시가 없어져서, 그 자리에 있는 셀 {number}개를 이어서 답으로 보았습니다.",
        en=f"the answer cell of {name} was untouched or had lost its mark; the {number} cells in its place were "
        "taken together",
    )


def joined_of(name: str, number: int) -> Text:
    """How an answer was found of which several cells carry the mark."""
    return Text(
        ko=f"{name}의 답 칸이 {number}개 있어서 이어서 답으로 보았습니다.",
        en=f"there were {number} answer cells for {name}; they were taken together",
    )


def not_found(name: str) -> Text:
    """What stands in the cell of an essay whose answer a person has to look for."""
    return Text(
        ko=f"채점하시는 분께: {name}의 답을 답 칸에서도 그 자리에서도 찾지 못했습니다. 학생이 따로 만든 셀이 있으니, "
        "답이 거기에 있는지 이 노트북에서 찾아보세요.",
        en=f"For the grader: no answer to {name} was found in its cell or its place. The student added cells of their "
        "own; look through this notebook for the answer.",
    )


def in_cell(cell: NotebookNode, told: str) -> str:
    """A sentence as the text of a cell."""
    return f"# {told}" if cell.cell_type == "code" else told

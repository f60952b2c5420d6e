"""Untrusted notebook -> clean submission: the released notebook with the student's answers in it.

Only answer texts and the student's own cells are taken. Answers are found by grade id, else by cell id, else
by the unambiguous name that they define, an essay else by its place; how each was found is told.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import nbformat
from nbformat import NotebookNode

from autograder.notebooks import essays, markdown
from autograder.notebooks.cells import MAX_ID, NAMESPACE, cell_id, cell_metadata, grade_id, is_solution
from autograder.submissions.parse import names_defined
from autograder.text import Text

How = Literal["grade id", "cell id", "name", "place", "nowhere"]


@dataclass(frozen=True)
class Submission:
    """A submission rebuilt from the release: its notebook, and how each answer was found."""

    notebook: NotebookNode
    found: Mapping[str, How] = field(default_factory=dict)
    notes: Mapping[str, Text] = field(default_factory=dict)
    """What the student should know of an answer, by question."""


def rebuild(
    submitted: NotebookNode,
    release: NotebookNode,
    *,
    elsewhere: Mapping[str, Text] = MappingProxyType({}),
) -> Submission:
    """The released notebook with the answers and the student's own cells of a submitted one.

    elsewhere: what is to be told of an answer in another notebook, by grade id; an essay that is empty here waits then.
    """
    notebook = copy.deepcopy(release)
    answers = {grade_id(cell): cell for cell in notebook.cells if is_solution(cell)}
    # the id is found as an answer is, and told of nowhere
    answers.update(
        ("student_id", cell) for cell in notebook.cells if cell_metadata(cell).get("part") == "student"
    )
    ours = {name for name, cell in answers.items() if cell_metadata(cell).get("part") == "answer"}
    given = {cell.source.strip() for cell in release.cells}
    taken: dict[int, str] = {}
    above: dict[str, list[NotebookNode]] = {}
    found: dict[str, How] = {}
    notes: dict[str, Text] = {}
    for name, cell in answers.items():
        how, places, note = _find(name, cell, submitted, given)
        found[name] = how
        if essays.is_essay(cell):
            ours.add(name)
            if how == "name" and cell.cell_type != "code":  # prose defines no name
                found[name], places, note = "nowhere", [], None
            places, note = _whole_essay(name, cell.source, submitted, places, note)
            if places:
                cell.source = essays.joined(submitted.cells[place] for place in places)
        elif places:
            split = _split_off(name, cell.source, submitted, places)
            above[cell["id"]] = [_own(submitted.cells[place], place) for place in split]
            cell.source = submitted.cells[places[-1]].source
        if note is not None:
            notes[name] = note
        taken.update((place, cell["id"]) for place in places)
    told = _place_essays(notebook, submitted, release, taken, found, notes, elsewhere)
    _take_own_cells(notebook, submitted, release, taken)
    notebook.cells = [
        one
        for cell in notebook.cells
        for one in (*above.get(cell["id"], ()), cell, *told.get(cell["id"], ()))
    ]
    _clean_markdown(notebook)
    return Submission(
        notebook,
        {name: how for name, how in found.items() if name in ours},
        {name: note for name, note in notes.items() if name in ours},
    )


def _clean_markdown(notebook: NotebookNode) -> None:
    """Let nothing run of what the student wrote as markdown, whoever renders it; raw cells are rendered as they are."""
    for cell in notebook.cells:
        if cell.cell_type == "raw" and cell_metadata(cell).get("own"):
            cell.cell_type, cell.source = "markdown", markdown.as_typed(cell.source)
        elif cell.cell_type == "markdown" and (cell_metadata(cell).get("own") or is_solution(cell)):
            cell.source = markdown.harmless(cell.source)


def _whole_essay(
    name: str, stub: str, submitted: NotebookNode, places: list[int], note: Text | None
) -> tuple[list[int], Text | None]:
    """All the cells with an essay's mark that were worked on, in order; an editor may have split one into several."""
    worked = sorted(
        place for place in places if submitted.cells[place].source.strip() not in ("", stub.strip())
    )
    number = len({submitted.cells[place].source for place in worked})
    if len(places) == 1:
        return worked, note if worked else None
    return worked, essays.joined_of(name, number) if number > 1 else None


def _place_essays(
    notebook: NotebookNode,
    submitted: NotebookNode,
    release: NotebookNode,
    taken: dict[int, str],
    found: dict[str, How],
    notes: dict[str, Text],
    elsewhere: Mapping[str, Text],
) -> dict[str, list[NotebookNode]]:
    """Put the essays that are not found by a mark into their cells; returns what is told of essays, by cell id."""
    cells = {cell["id"]: cell for cell in notebook.cells if essays.is_essay(cell)}
    if not cells:
        return {}
    there = set(taken.values())
    known = [taken.get(place, name) for place, name in enumerate(_recognised(submitted, release))]
    sources = {cell["id"]: cell.source.strip() for cell in release.cells}
    given, own, rewritten = set(sources.values()), set(), set()
    for place, cell in enumerate(submitted.cells):
        if not known[place]:
            if cell.source.strip() not in given and _is_own(cell, release):
                own.add(place)
        elif known[place] not in cells and cell.source.strip() not in ("", sources[known[place]]):
            rewritten.add(place)
    written = essays.Written(submitted.cells, known, own, rewritten)
    by_place = essays.find(release.cells, cells.keys() - there, written, cells.keys() & there)
    language = str(release.metadata.get(NAMESPACE, {}).get("edition", "en"))
    told: dict[str, list[NotebookNode]] = {}
    for name, cell in ((grade_id(cell), cell) for cell in cells.values()):
        at = by_place.get(cell["id"], essays.Place())
        if at.places:
            found[name], notes[name] = "place", essays.taken_by_place(name, len(at.places))
            cell.source = essays.joined(submitted.cells[place] for place in at.places)
            taken.update((place, cell["id"]) for place in at.places)
        elif cell["id"] not in there and (at.waits or name in elsewhere):
            found[name], notes[name] = "nowhere", elsewhere.get(name) or essays.not_found(name)
            cell.source = essays.in_cell(cell, notes[name].in_language(language))
            continue
        elif cell["id"] not in there:
            notes.pop(name, None)
        shown = [note.in_language(language) for note in (notes.get(name), elsewhere.get(name)) if note]
        if shown:
            text = "\n\n".join(f"*{one}*" for one in shown)
            note_cell = nbformat.from_dict({"cell_type": "markdown", "source": text, "metadata": {}})
            told[cell["id"]] = [_own(note_cell, f"note-{name}")]
            told[cell["id"]][0].metadata[NAMESPACE]["ours"] = True  # it stands among the student's cells
    return told


def _split_off(name: str, stub: str, submitted: NotebookNode, places: list[int]) -> Iterator[int]:
    """Of the cells that carry an answer's mark, those that an editor split off above it: they define no answer."""
    *others, last = places
    for place in others:
        cell = submitted.cells[place]
        untouched = cell.source.strip() in ("", stub.strip(), submitted.cells[last].source.strip())
        if not untouched and cell.cell_type == "code" and name not in names_defined(cell):
            yield place


def _find(
    name: str, released: NotebookNode, submitted: NotebookNode, given: set[str]
) -> tuple[How, list[int], Text | None]:
    """How and where an answer was found: places of its cells, the one that counts last.

    given: the release's own texts. A statement may show code that defines the name, and is no answer.
    """
    stub = released.source.strip()
    cells = list(enumerate(submitted.cells))
    how: How = "grade id"
    part = cell_metadata(released).get("part")
    marked = [
        place
        for place, cell in cells
        if grade_id(cell) == name or (part == "student" and cell_metadata(cell).get("part") == part)
    ]
    if not marked:
        how = "cell id"
        marked = [place for place, cell in cells if cell_id(cell) == released["id"]]
    worked = [place for place in marked if submitted.cells[place].source.strip() not in ("", stub)]
    if worked:
        return how, *_of_several(marked, worked, name, submitted)
    named = [
        place
        for place, cell in cells
        if cell.source.strip() not in given
        and (not _is_ours(cell) or is_solution(cell))
        and name in names_defined(cell)
    ]
    if len(named) == 1:
        return (
            "name",
            named,
            Text(
                ko=f"답 칸이 비었거나 표시가 없어져서, {name}을(를) 정의한 셀을 답으로 보았습니다.",
                en=f"the answer cell was untouched or had lost its mark; the one cell that defines {name} was taken",
            ),
        )
    if marked:
        return how, marked, None
    if named:
        return (
            "nowhere",
            [],
            Text(
                ko=f"답 칸이 없고 {name}을(를) 정의한 셀이 {len(named)}개라서 어느 것인지 알 수 없습니다.",
                en=f"the answer cell is gone and {len(named)} cells define {name}: it is not clear which one counts",
            ),
        )
    return (
        "nowhere",
        [],
        Text(
            ko=f"제출한 노트북에서 {name}의 답 칸을 찾지 못했습니다.",
            en=f"no cell with the answer to {name} was found in the notebook handed in",
        ),
    )


def _of_several(
    marked: list[int], worked: list[int], name: str, submitted: NotebookNode
) -> tuple[list[int], Text | None]:
    """Of cells that carry the same id the last one that was worked on, as running them all would give."""
    if len(marked) == 1:
        return marked, None
    best = [place for place in worked if name in names_defined(submitted.cells[place])] or worked
    note = Text(
        ko=f"{name}의 답 칸이 {len(marked)}개 있어서, 고쳐 쓴 마지막 것을 답으로 보았습니다.",
        en=f"there were {len(marked)} answer cells for {name}; the last one worked on was taken",
    )
    return [place for place in marked if place != best[-1]] + [best[-1]], note


def _recognised(submitted: NotebookNode, release: NotebookNode) -> list[str]:
    """Of each submitted cell, the id of the released one that it is by its id, its grade id or its text, or nothing."""
    ids = {cell["id"] for cell in release.cells}
    by_grade_id = {grade_id(cell): cell["id"] for cell in release.cells}
    texts = Counter((cell.cell_type, cell.source.strip()) for cell in release.cells)
    by_text = {
        key: cell["id"]
        for cell in release.cells
        if texts[key := (cell.cell_type, cell.source.strip())] == 1 and key[1]
    }
    found = []
    for cell in submitted.cells:
        name = cell_id(cell)
        name = name if name in ids else by_grade_id.get(grade_id(cell), "") if grade_id(cell) else ""
        found.append(name or by_text.get((cell.cell_type, cell.source.strip()), ""))
    return found


def _is_own(cell: NotebookNode, release: NotebookNode) -> bool:
    """Whether a cell has a text and no mark of the release, or of its edition in another language."""
    language = cell_metadata(cell).get("lang")
    theirs = language is None or language == release.metadata.get(NAMESPACE, {}).get("edition", language)
    return bool(cell.source.strip()) and theirs and not _is_ours(cell)


def _take_own_cells(
    notebook: NotebookNode, submitted: NotebookNode, release: NotebookNode, taken: Collection[int]
) -> None:
    """Put the student's own cells where they stood, and the student's version of an editable code cell."""
    by_id = {cell["id"]: cell for cell in notebook.cells}
    # where ids were lost, a cell with the release's own text is still the release's
    by_text = {(cell.cell_type, cell.source.strip()): cell["id"] for cell in release.cells}
    after: dict[str, list[NotebookNode]] = {}
    anchor = ""
    for place, cell in enumerate(submitted.cells):
        known = by_id.get(cell_id(cell)) or by_id.get(by_text.get((cell.cell_type, cell.source.strip()), ""))
        if known is not None:
            anchor = known["id"]
            editable = not known.metadata.get("nbgrader") and cell_metadata(known).get("part") is None
            if editable and known.cell_type == cell.cell_type == "code" and place not in taken:
                if cell.source.strip() != known.source.strip():
                    known.metadata.pop(NAMESPACE, None)
                known.source = cell.source
            if essays.is_task(known) and cell.source.strip() not in ("", known.source.strip()):
                # the answer, written into the task itself
                after.setdefault(anchor, []).append(_own(cell, place))
            continue
        if place in taken or _is_ours(cell) or not cell.source.strip():
            continue
        after.setdefault(anchor, []).append(_own(cell, place))
    cells = after.pop("", [])
    for cell in notebook.cells:
        cells.append(cell)
        cells.extend(after.get(cell["id"], []))
    notebook.cells = cells


def _own(cell: NotebookNode, place: int | str) -> NotebookNode:
    own = copy.deepcopy(cell)
    own.metadata = nbformat.from_dict({NAMESPACE: {"own": True}})
    own["id"] = f"own-{place}"[:MAX_ID]
    return own


def _is_ours(cell: NotebookNode) -> bool:
    """Whether a cell carries a mark that only a released cell has: the release's own text counts."""
    return (
        bool(cell.metadata.get("nbgrader", {}).get("grade_id")) or cell_metadata(cell).get("part") is not None
    )

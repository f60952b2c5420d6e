"""Rebuilding of a clean submission: the released notebook with the answers from an untrusted one.

Only the texts of answers, the student's own cells and what was defined in cells of the release are taken. An answer is
found by its grade id, else by its cell id, else by the name that it defines; an essay, else by its place. The feedback
says how each was found.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import nbformat
from nbformat import NotebookNode

from autograder.notebooks import essays, markdown
from autograder.notebooks.cells import MAX_ID, NAMESPACE, cell_id, cell_metadata, grade_id, is_solution
from autograder.submissions.definitions import (
    FoundBy,
    Submission,
    definition_notes,
    left_out_notes,
    match_released,
)
from autograder.submissions.locked_cells import is_marked, separate_code
from autograder.submissions.parse import unread_note
from autograder.text import Text, joined


@dataclass(frozen=True)
class RebuiltSubmission:
    """A submission rebuilt from the release: its notebook, and how each answer was found."""

    notebook: NotebookNode
    found_by: Mapping[str, FoundBy] = field(default_factory=dict)
    notes: Mapping[str, Text] = field(default_factory=dict)
    """By question: a note for the student about the answer."""
    definitions: Mapping[str, Text] = field(default_factory=dict)
    """By question: which definition counts, of an answer that is defined more than once."""
    untouched: frozenset[str] = frozenset()
    """The questions whose answer cell is empty or as released, apart from comments and white space in code."""


def rebuild(
    submitted: NotebookNode,
    release: NotebookNode,
    *,
    elsewhere: Mapping[str, Text] = MappingProxyType({}),
) -> RebuiltSubmission:
    """Return the released notebook with the answers and the student's own cells of a submitted one.

    elsewhere: notes about answers in another notebook, by grade id; an essay that is empty here then waits for a
    person.
    """
    notebook = copy.deepcopy(release)
    answers = {grade_id(cell): cell for cell in notebook.cells if is_solution(cell)}
    # the student id is found as an answer is, but not reported
    answers.update(
        ("student_id", cell) for cell in notebook.cells if cell_metadata(cell).get("part") == "student"
    )
    reported = {name for name, cell in answers.items() if cell_metadata(cell).get("part") == "answer"}
    stubs = {name: cell.source.strip() for name, cell in answers.items()}
    by_id = {cell["id"]: cell for cell in release.cells}
    matches = [by_id.get(match) for match in match_released(submitted, release)]
    submitted, left_out = separate_code(submitted, matches)
    places = Submission(submitted, release, match_released(submitted, release))
    taken: dict[int, str] = {}
    above: dict[str, list[NotebookNode]] = {}
    found_by: dict[str, FoundBy] = {}
    notes: dict[str, Text] = {}
    for name, cell in answers.items():
        answer = places.find(name, cell)
        method, indices, note = answer.found_by, [*answer.indices], answer.note
        found_by[name] = method
        if essays.is_essay(cell):
            reported.add(name)
            if method == "name" and cell.cell_type != "code":  # prose defines no name
                found_by[name], indices, note = "nowhere", [], None
            indices, note = _whole_essay(name, cell.source, submitted, indices, note)
            if indices:
                cell.source = essays.join_sources(submitted.cells[index] for index in indices)
        elif indices:
            split = _split_off(cell.source, submitted, indices)
            above[cell["id"]] = [_as_own(submitted.cells[index]) for index in split]
            cell.source = submitted.cells[indices[-1]].source
            indices = [] if answer.stays else indices
        if note is not None:
            notes[name] = note
        taken.update((index, cell["id"]) for index in indices)
    note_cells = _place_essays(notebook, submitted, release, taken, found_by, notes, elsewhere)
    _take_own_cells(notebook, places, taken)
    notebook.cells = [
        placed
        for cell in notebook.cells
        for placed in (*above.get(cell["id"], ()), cell, *note_cells.get(cell["id"], ()))
    ]
    _clean_markdown(notebook)
    untouched = frozenset(name for name in reported if _is_untouched(answers[name], stubs[name]))
    for name, note in left_out_notes(notebook, reported, left_out):
        notes[name] = joined(" ", [notes[name], note]) if name in notes else note
    if (unread := unread_note(submitted)) is not None:
        notes.update((name, unread) for name in untouched)
    # an answer cell that nbgrader's author named need not be named like its question
    question_of = {name: str(cell_metadata(answers[name]).get("question", name)) for name in reported}
    return RebuiltSubmission(
        notebook,
        {question_of[name]: method for name, method in found_by.items() if name in reported},
        {question_of[name]: note for name, note in notes.items() if name in reported},
        {
            question_of[name]: note
            for name, note in definition_notes(notebook, reported - untouched).items()
            if name in reported and name not in notes
        },
        frozenset(question_of[name] for name in untouched),
    )


def _is_untouched(cell: NotebookNode, stub: str) -> bool:
    if essays.is_essay(cell):  # comments may be the answer of an essay in code
        return cell.source.strip() in ("", stub.strip())
    written, released = (re.sub(r"#.*|\s", "", source) for source in (cell.source, stub))
    return written in ("", released)


def _clean_markdown(notebook: NotebookNode) -> None:
    """Make the student's markdown harmless to render; raw cells become markdown that shows them as typed."""
    for cell in notebook.cells:
        if cell.cell_type == "raw" and cell_metadata(cell).get("own"):
            cell.cell_type, cell.source = "markdown", markdown.as_typed(cell.source)
        elif cell.cell_type == "markdown" and (cell_metadata(cell).get("own") or is_solution(cell)):
            cell.source = markdown.harmless(cell.source)


def _whole_essay(
    name: str, stub: str, submitted: NotebookNode, indices: list[int], note: Text | None
) -> tuple[list[int], Text | None]:
    """Return the changed cells with an essay's id, in order, and a note; an editor may have split one into several."""
    changed = sorted(
        index for index in indices if submitted.cells[index].source.strip() not in ("", stub.strip())
    )
    number = len({submitted.cells[index].source for index in changed})
    if len(indices) == 1:
        return changed, note if changed else None
    return changed, essays.joined_note(name, number) if number > 1 else None


def _place_essays(
    notebook: NotebookNode,
    submitted: NotebookNode,
    release: NotebookNode,
    taken: dict[int, str],
    found_by: dict[str, FoundBy],
    notes: dict[str, Text],
    elsewhere: Mapping[str, Text],
) -> dict[str, list[NotebookNode]]:
    """Fill in the essays that are not found by an id; return cells with notes about essays, by cell id.

    taken, found_by, notes: updated.
    """
    cells = {cell["id"]: cell for cell in notebook.cells if essays.is_essay(cell)}
    if not cells:
        return {}
    found_ids = set(taken.values())
    released_ids = [taken.get(index, name) for index, name in enumerate(_match_uniquely(submitted, release))]
    sources = {cell["id"]: cell.source.strip() for cell in release.cells}
    release_texts, own, rewritten = set(sources.values()), set(), set()
    for index, cell in enumerate(submitted.cells):
        if not released_ids[index]:
            if cell.source.strip() not in release_texts and _is_own(cell, release):
                own.add(index)
        elif released_ids[index] not in cells and cell.source.strip() not in (
            "",
            sources[released_ids[index]],
        ):
            rewritten.add(index)
    candidates = essays.SubmittedCells(submitted.cells, released_ids, own, rewritten)
    matches = essays.match_by_place(
        release.cells, cells.keys() - found_ids, candidates, cells.keys() & found_ids
    )
    language = str(release.metadata.get(NAMESPACE, {}).get("edition", "en"))
    note_cells: dict[str, list[NotebookNode]] = {}
    for name, cell in ((grade_id(cell), cell) for cell in cells.values()):
        match = matches.get(cell["id"], essays.Match())
        if match.indices:
            found_by[name], notes[name] = "place", essays.found_by_place_note(name, len(match.indices))
            cell.source = essays.join_sources(submitted.cells[index] for index in match.indices)
            taken.update((index, cell["id"]) for index in match.indices)
        elif cell["id"] not in found_ids and (match.waits or name in elsewhere):
            found_by[name], notes[name] = "nowhere", elsewhere.get(name) or essays.not_found_note(name)
            cell.source = essays.as_source(cell, notes[name].in_language(language))
            continue
        elif cell["id"] not in found_ids:
            notes.pop(name, None)
        texts = [note.in_language(language) for note in (notes.get(name), elsewhere.get(name)) if note]
        if texts:
            source = "\n\n".join(f"*{text}*" for text in texts)
            note_cell = nbformat.from_dict({"cell_type": "markdown", "source": source, "metadata": {}})
            note_cells[cell["id"]] = [_as_own(note_cell, f"note-{name}")]
            # it is placed among the student's own cells, but is not the student's
            note_cells[cell["id"]][0].metadata[NAMESPACE]["ours"] = True
    return note_cells


def _split_off(stub: str, submitted: NotebookNode, indices: Sequence[int]) -> Iterator[int]:
    """Yield the indices of cells with the id of an answer that run above it: parts that an editor split off, drafts."""
    *earlier, last = indices
    for index in earlier:
        cell = submitted.cells[index]
        untouched = cell.source.strip() in ("", stub.strip(), submitted.cells[last].source.strip())
        if not untouched and cell.cell_type == "code":
            yield index


def _match_uniquely(submitted: NotebookNode, release: NotebookNode) -> list[str]:
    """Return for each submitted cell the id of its released cell, or an empty string.

    As `match_released`, but only by a text that occurs once in the release.
    """
    ids = {cell["id"] for cell in release.cells}
    by_grade_id = {grade_id(cell): cell["id"] for cell in release.cells}
    texts = Counter((cell.cell_type, cell.source.strip()) for cell in release.cells)
    by_text = {
        key: cell["id"]
        for cell in release.cells
        if texts[key := (cell.cell_type, cell.source.strip())] == 1 and key[1]
    }
    matches = []
    for cell in submitted.cells:
        name = cell_id(cell)
        name = name if name in ids else by_grade_id.get(grade_id(cell), "") if grade_id(cell) else ""
        matches.append(name or by_text.get((cell.cell_type, cell.source.strip()), ""))
    return matches


def _is_own(cell: NotebookNode, release: NotebookNode) -> bool:
    """Return whether a cell has text and belongs neither to the release nor to its edition in another language."""
    language = cell_metadata(cell).get("lang")
    same_edition = language is None or language == release.metadata.get(NAMESPACE, {}).get(
        "edition", language
    )
    return bool(cell.source.strip()) and same_edition and not is_marked(cell)


def _take_own_cells(notebook: NotebookNode, places: Submission, taken: Collection[int]) -> None:
    """Insert the student's own cells in their places and take the student's versions of editable code cells."""
    by_id = {cell["id"]: cell for cell in notebook.cells}
    after: dict[str, list[NotebookNode]] = {}
    edited: set[str] = set()
    anchor = ""
    for index, (cell, match) in enumerate(zip(places.notebook.cells, places.matches, strict=True)):
        released = by_id.get(match)
        if released is not None:
            anchor = released["id"]
            original = places.release.cells[places.order[anchor]].source.strip()
            editable = not released.metadata.get("nbgrader") and cell_metadata(released).get("part") is None
            if editable and released.cell_type == cell.cell_type == "code" and index not in taken:
                if anchor in edited:  # a part of the cell that an editor split off, or a copy
                    if cell.source.strip() not in ("", original, released.source.strip()):
                        after.setdefault(anchor, []).append(_as_own(cell))
                    continue
                if cell.source.strip() != original:
                    edited.add(anchor)
                    released.metadata.pop(NAMESPACE, None)
                released.source = cell.source
            if essays.is_task(released) and cell.source.strip() not in ("", released.source.strip()):
                # the answer was written into the task itself
                after.setdefault(anchor, []).append(_as_own(cell))
            continue
        if index in taken or is_marked(cell) or not cell.source.strip():
            continue
        after.setdefault(anchor, []).append(_as_own(cell))
    cells = after.pop("", [])
    for cell in notebook.cells:
        cells.append(cell)
        cells.extend(after.get(cell["id"], []))
    notebook.cells = cells


def _as_own(cell: NotebookNode, name: str = "") -> NotebookNode:
    """Return a copy of a cell, marked as the student's own. name: replaces the number of the cell in its id."""
    own = copy.deepcopy(cell)
    own.metadata = nbformat.from_dict({NAMESPACE: {"own": True}})
    own["id"] = f"own-{name or str(cell['id']).removeprefix('submitted-')}"[:MAX_ID]
    return own

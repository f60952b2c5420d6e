"""Code of a student in cells that are not the student's: locked and example cells, checks and tools.

The release's version of such a cell counts, since the student may have changed it by accident. What the student defined
there beside it is taken over as a cell of the student's own. It can do no more there than in a cell that the student
added. What cannot be taken over is kept as text, and the feedback says so.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from autograder.i18n import _
from autograder.notebooks.cells import NAMESPACE, cell_metadata, grade_id, is_solution, question_of
from autograder.submissions.parse import names_by_regex
from autograder.submissions.statements import Statement, statements_of
from autograder.text import Text

TOOLS = "tools"
"""The part of the cell with the code behind the numbers and the tests."""
SEPARATED = "-added"
"""Suffix of the id of a cell with code from another one."""


@dataclass(frozen=True)
class LeftOut:
    """Code of a student that is not run."""

    names: frozenset[str]
    """What it defines, as far as that can be read."""
    note: Text


def separate_code(
    submitted: NotebookNode, matches: Sequence[NotebookNode | None]
) -> tuple[NotebookNode, list[LeftOut]]:
    """Return a submission in which what was defined in cells of the release has cells of its own.

    matches: for each submitted cell, the released cell that it is, if any. The second item: what is not taken over.
    """
    cells: list[NotebookNode] = []
    left_out: list[LeftOut] = []
    for number, (cell, released) in enumerate(zip(submitted.cells, matches, strict=True), 1):
        if not _is_protected(cell, released):
            cells.append(cell)
            continue
        taken, omitted = _split(cell, released, number)
        added = [_own_cell(cell, source, "code") for source in taken]
        added += [_own_cell(cell, source, "raw") for source, _reason in omitted]
        left_out += [reason for _source, reason in omitted]
        if not added:
            cells.append(cell)
            continue
        # as released, so that the same code is not found twice
        given = [] if released is None else [nbformat.from_dict(dict(cell) | {"source": released.source})]
        # in a check, it has run before the check did
        is_check = released is not None and question_of(released) is not None
        cells += [*added, *given] if is_check else [*given, *added]
    return nbformat.from_dict(dict(submitted) | {"cells": cells}), left_out


def is_marked(cell: NotebookNode) -> bool:
    """Return whether a cell carries metadata that only released cells have; the release's own text counts for it."""
    return bool(grade_id(cell)) or cell_metadata(cell).get("part") is not None


def _is_protected(cell: NotebookNode, released: NotebookNode | None) -> bool:
    """Return whether a cell of code is one of the release that students must not change, and was changed."""
    if cell.cell_type != "code" or not cell.source.strip():
        return False
    if released is None:
        return is_marked(cell)
    if is_solution(released):
        return False
    locked = grade_id(released) or cell_metadata(released).get("part") not in (None, "student")
    return bool(locked) and cell.source.strip() != released.source.strip()


def _split(
    cell: NotebookNode, released: NotebookNode | None, number: int
) -> tuple[list[str], list[tuple[str, LeftOut]]]:
    """Return what a student defined in a cell of the release, and what of it cannot be taken over, with the reason.

    number: of the cell in the submission, from 1.
    """
    is_code = released is not None and released.cell_type == "code"
    given_source = released.source if released is not None and is_code else ""
    written = None if cell_metadata(cell).get("unparsed") else statements_of(cell.source)
    if written is None:
        # it runs, or stops with an error, as it does in Jupyter
        names = names_by_regex(cell.source) - names_by_regex(given_source)
        return [cell.source] if names else [], []
    given = statements_of(given_source) or ()
    known = {statement.key for statement in given}
    given_names = {name for statement in given for name in statement.defines}
    added = [statement for statement in written if statement.key not in known and statement.is_definition]
    part = cell_metadata(cell if released is None else released).get("part")
    if part not in (None, TOOLS):  # what an example defines is not run otherwise
        return [_text(added)] if added else [], []
    taken = [statement for statement in added if not statement.defines & given_names]
    # the tools are not run, and a notebook of an earlier release has other ones
    kept = [] if part == TOOLS else [statement for statement in added if statement not in taken]
    names = {name for statement in kept for name in statement.defines & given_names}
    omitted = [(_text(kept), LeftOut(frozenset(names), _given(number, names)))] if kept else []
    return [_text(taken)] if taken else [], omitted


def _text(statements: Sequence[Statement]) -> str:
    """Return the source of statements; of several in one line, once."""
    texts: Mapping[tuple[int, int], str] = {
        (statement.lines.start, statement.lines.stop): statement.text for statement in statements
    }
    return "\n\n".join(texts.values())


def _own_cell(cell: NotebookNode, source: str, kind: str) -> NotebookNode:
    """Return a cell of the student's own with code from another one."""
    own = copy.deepcopy(cell)
    own.source, own.cell_type = source, kind
    own["id"] = f"{cell['id']}{SEPARATED}{'' if kind == 'code' else '-' + kind}"
    kept = {"unparsed": True} if cell_metadata(cell).get("unparsed") else {}
    own.metadata = nbformat.from_dict({NAMESPACE: {"cell_id": "", **kept}})
    if kind != "code":
        own.pop("outputs", None)
        own.pop("execution_count", None)
    return own


def _given(number: int, names: Set[str]) -> Text:
    return _(
        "the change of {names} in cell {number} was left out: the cell is locked, and its own {names} counts",
        names=", ".join(sorted(names)),
        number=number,
    )

"""Vocabulary of notebook cells: their metadata, their ids, and the question that a cell belongs to."""

from __future__ import annotations

import json
from collections.abc import Collection, Container, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import nbformat
from nbformat import NotebookNode, ValidationError
from nbformat.v4.rwbase import split_lines, strip_transient

from autograder.errors import CourseError
from autograder.graded_cells import GRADE_SUFFIX as GRADE_SUFFIX
from autograder.graded_cells import NAMESPACE as NAMESPACE
from autograder.graded_cells import cell_metadata as cell_metadata
from autograder.graded_cells import grade_id as grade_id
from autograder.graded_cells import graded_by as graded_by
from autograder.graded_cells import is_test as is_test
from autograder.graded_cells import question_of as question_of
from autograder.i18n import _
from autograder.text import Text

WRITTEN_LEVELS = 6
"""Levels of a notebook, down to the data of an output, in which nbformat splits texts to write them."""
MAX_ID = 64  # nbformat's limit for the length of a cell id
KERNELSPEC: Mapping[str, str] = {"name": "python3", "display_name": "Python 3", "language": "python"}


def whole_text(value: str | Sequence[str]) -> str:
    """Return a text of a notebook file, which holds it as a string or as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def cell_id(cell: Mapping[str, Any]) -> str:
    """Return the id that a cell was submitted with, or an empty string."""
    return str(cell_metadata(cell).get("cell_id", cell.get("id", "")))


def is_solution(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell holds an answer."""
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("solution"))


def is_setup(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell is author's code that answers may use: neither stamped nor a demonstration."""
    is_author_cell = not {"question", "part", "shows", "demonstration"} & set(cell_metadata(cell))
    return cell.get("cell_type") == "code" and is_author_cell


def runs_when_graded(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell is run before answers are called: they may need what it defines."""
    needed = cell_metadata(cell).get("part") in (None, "answer", "student") and not graded_by(cell)
    return cell.get("cell_type") == "code" and needed and not cell_metadata(cell).get("demonstration")


def code_of(notebook: NotebookNode, *, setup: bool) -> str:
    """Return the code of a notebook with the package's metadata, in order.

    setup: include only the code that answers may use.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and (not setup or is_setup(cell))]
    return "\n".join(f"{cell.source}\n{dict(cell_metadata(cell))}" for cell in cells)


def cell_of(question: str, cells: Container[str]) -> str:
    """Return the grade id of a question, or of a test of nbgrader's own, whose id may be its name. cells: grade ids."""
    name = f"{question}{GRADE_SUFFIX}"
    return question if name not in cells and question in cells else name


def missing_questions(release: NotebookNode, question_ids: Collection[str], folder: Path) -> dict[str, Text]:
    """Return an error message, by question, for each grade cell that has no question file.

    nbgrader would give full points for such a cell.

    question_ids: those of the questions with a file. folder: their folder.
    """
    missing: dict[str, Text] = {}
    for cell in release.cells:
        name = graded_by(cell)
        if name and name not in question_ids and not is_test(cell):
            missing[name] = _(
                "{name} is in the release, and there is no {file}: put the file back; to make a released question "
                "count no more, write question.correction(..., not_counted=True)",
                name=name,
                file=f"{folder / name}.py",
            )
    return missing


def notebook_json(notebook: NotebookNode) -> str:
    """Return a notebook as the text that nbformat writes.

    nbformat copies the notebook whole, and indents with Python's slower JSON encoder: that takes twice as long as to
    copy what it changes, encode in C, and indent the text afterwards.
    """
    try:
        changed = strip_transient(split_lines(_copied(notebook, WRITTEN_LEVELS)))
        return str(msgspec.json.format(json.dumps(changed, sort_keys=True, ensure_ascii=False), indent=1))
    except ValueError:  # NaN and a lone surrogate are not JSON, but nbformat writes them
        return str(nbformat.v4.writes(notebook))


def _copied(value: Any, levels: int) -> Any:
    """Return a copy of dictionaries and lists down to a level; what is below is shared."""
    if levels and isinstance(value, dict):
        return NotebookNode({key: _copied(part, levels - 1) for key, part in value.items()})
    if levels and isinstance(value, list):
        return [_copied(part, levels - 1) for part in value]
    return value


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook of the course. Raises CourseError if it is not a valid notebook."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, ValidationError) as error:
        [reason, *_rest] = str(error).splitlines() or [type(error).__name__]
        raise CourseError(
            _(
                "{path} is not a valid notebook: {reason}; check it for merge conflict markers, or restore "
                "the file",
                path=path,
                reason=reason[:200],
            )
        ) from error


def with_ids(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook each of whose cells has an id; those of older formats have none.

    What nbgrader notes of a cell without a name is removed: its older versions note it of cells that it knows no more.
    """
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{number}")
        if not grade_id(cell):
            cell.metadata.pop("nbgrader", None)
    notebook.nbformat, notebook.nbformat_minor = 4, max(5, notebook.nbformat_minor)
    return notebook

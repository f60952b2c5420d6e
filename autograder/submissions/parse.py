"""Parsing of untrusted notebooks: cells reduced to type, id, metadata and text."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator, Set
from functools import lru_cache
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import UnreadableSubmission
from autograder.notebooks.cells import NAMESPACE, cell_id, cell_metadata
from autograder.questions.syntax import parse_source
from autograder.text import LANGUAGES, Text

MAX_CELLS = 2_000
MAX_CELL_TEXT = 200_000
MAX_PARSED = 300_000
"""Letters of a notebook whose cells are parsed; in what is beyond, names are found by a pattern."""


def parse_submitted(raw: bytes) -> NotebookNode:
    """The notebook in a file's bytes, its cells reduced to type, id, metadata and text.

    Raises Refusal where there is none.
    """
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise UnreadableSubmission(
            Text(
                ko="제출한 파일이 노트북(JSON)이 아니어서 읽을 수 없습니다. 노트북을 다시 저장해 제출하세요.",
                en="the file handed in is no notebook (not JSON) and cannot be read; save the notebook "
                "and hand it in again",
            )
        ) from None
    cells = data.get("cells") if isinstance(data, dict) else None
    if cells is None and isinstance(data, dict) and isinstance(data.get("worksheets"), list):
        sheets = [sheet for sheet in data["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]
    if not isinstance(cells, list):
        raise UnreadableSubmission(
            Text(
                ko="제출한 파일에 노트북의 셀이 없습니다. .ipynb 파일을 제출하세요.",
                en="the file handed in holds no notebook cells; hand in the .ipynb file",
            )
        )
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [clean for cell in cells[:MAX_CELLS] if (clean := _clean(cell)) is not None]
    letters = 0
    for place, clean in enumerate(notebook.cells):
        clean["id"] = f"submitted-{place}"
        letters += len(clean.source)
        if letters > MAX_PARSED:
            clean.metadata[NAMESPACE]["unparsed"] = True
    metadata = data.get("metadata")
    ours = metadata.get(NAMESPACE) if isinstance(metadata, dict) else None
    if isinstance(ours, dict):
        kept = {key: ours.get(key) for key in ("course", "assignment", "edition")}
        notebook.metadata[NAMESPACE] = {key: value for key, value in kept.items() if isinstance(value, str)}
    return notebook


def _clean(cell: Any) -> NotebookNode | None:
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str) or len(source) > MAX_CELL_TEXT:
        return None
    source = source.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    told = cell.get("metadata")
    metadata: dict[str, Any] = told if isinstance(told, dict) else {}
    kept = {
        key: {name: value for name, value in metadata[key].items() if isinstance(value, (str, int, float))}
        for key in ("nbgrader", NAMESPACE)
        if isinstance(metadata.get(key), dict)
    }
    kind = str(cell.get("cell_type"))
    # nbformat's own makers of cells validate each by itself, which takes longer than all the rest of reading a notebook
    clean: NotebookNode = nbformat.from_dict(
        {"cell_type": kind if kind in ("code", "markdown") else "raw", "source": source, "metadata": kept}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
    )
    # nbformat would change an id that stands twice: keep what was handed in beside it
    cell_id = cell.get("id") or metadata.get("id")  # Colab keeps the id in the metadata
    clean.metadata.setdefault(NAMESPACE, {})["cell_id"] = cell_id if isinstance(cell_id, str) else ""
    return clean


def edition_of(notebook: NotebookNode, default: str) -> str:
    """The language of the edition that was handed in: by metadata, else cell ids, else its prose."""
    told = notebook.metadata.get(NAMESPACE, {}).get("edition")
    if told in LANGUAGES:
        return str(told)
    ids = [cell_id(cell) for cell in notebook.cells]
    votes = {
        language: sum(name.endswith((f"-statement-{language}", f"-{language}")) for name in ids)
        for language in LANGUAGES
    }
    best = max(votes, key=lambda language: votes[language])
    if votes[best] > 0:
        return best
    prose = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    if not prose.strip():
        return default
    return "ko" if re.search("[가-힣]", prose) else "en"


def names_defined(cell: NotebookNode) -> Set[str]:
    """The names that a code cell's text defines at its top level."""
    return _by_pattern(cell.source) if cell_metadata(cell).get("unparsed") else _by_parsing(cell.source)


@lru_cache(MAX_CELLS)  # each cell is asked once for every answer that is missing
def _by_parsing(source: str) -> Set[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python thinks of a student's string is for the student
            tree = parse_source(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _by_pattern(source)
    return frozenset(name for node in tree.body for name in _names(node))


def _by_pattern(source: str) -> Set[str]:
    pattern = r"^def\s+(\w+)\s*\(|^(\w+)\s*=(?!=)"
    return frozenset(one or other for one, other in re.findall(pattern, source, re.MULTILINE))


def _names(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (
            part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)
        )
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id

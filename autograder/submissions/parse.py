"""Parsing of untrusted notebooks: cells reduced to type, id, metadata and text."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import wraps
from threading import Lock
from typing import Any, TypeVar

import nbformat
from nbformat import NotebookNode

from autograder.errors import UnreadableSubmission
from autograder.i18n import _, ngettext
from autograder.notebooks.cells import NAMESPACE, cell_id, cell_metadata
from autograder.questions.syntax import parse_source
from autograder.submissions.file_kind import explain_file
from autograder.text import SOURCE_LANGUAGE, Text

Parsed = TypeVar("Parsed")
MAX_CELLS = 2_000
MAX_CELL_TEXT = 200_000
MAX_PARSED = 300_000
"""Characters of a notebook whose cells are parsed; in cells beyond them, names are found by a regular expression."""
MAX_REMEMBERED = 2 * MAX_PARSED
"""Characters of cells that stay parsed: all of a notebook, whatever was read before it."""


def parse_submitted(raw: bytes, *, outputs: bool = False) -> NotebookNode:
    """Parse a submitted notebook; its cells keep type, id, metadata and text.

    outputs: whether they also keep what they printed and drew.
    Raises UnreadableSubmission if the bytes are not a notebook.
    """
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise UnreadableSubmission(explain_file(raw)) from None
    cells = data.get("cells") if isinstance(data, dict) else None
    if cells is None and isinstance(data, dict) and isinstance(data.get("worksheets"), list):
        sheets = [sheet for sheet in data["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]
    if not isinstance(cells, list):
        raise UnreadableSubmission(_("the file handed in holds no notebook cells; hand in the .ipynb file"))
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        clean for cell in cells[:MAX_CELLS] if (clean := _clean(cell, outputs=outputs)) is not None
    ]
    unread = len(cells) - len(notebook.cells)
    characters = 0
    for index, clean in enumerate(notebook.cells):
        clean["id"] = f"submitted-{index}"
        characters += len(clean.source)
        if characters > MAX_PARSED:
            clean.metadata[NAMESPACE]["unparsed"] = True
    metadata = data.get("metadata")
    ours = metadata.get(NAMESPACE) if isinstance(metadata, dict) else None
    if isinstance(ours, dict):
        kept = {key: ours.get(key) for key in ("course", "assignment", "edition")}
        notebook.metadata[NAMESPACE] = {key: value for key, value in kept.items() if isinstance(value, str)}
    if unread:
        notebook.metadata.setdefault(NAMESPACE, {})["unread"] = unread
    return notebook


def unread_note(notebook: NotebookNode) -> Text | None:
    """Return that cells of a submitted notebook were not read, or None if all were."""
    number = notebook.metadata.get(NAMESPACE, {}).get("unread")
    if not number:
        return None
    return ngettext(
        "{n} cell of the notebook was not read: it is malformed, longer than {length} characters, or comes after "
        "{most} cells",
        "{n} cells of the notebook were not read: they are malformed, longer than {length} characters, or come after "
        "{most} cells",
        number,
        length=MAX_CELL_TEXT,
        most=MAX_CELLS,
    )


def _clean(cell: Any, *, outputs: bool) -> NotebookNode | None:
    """Return a cell with what is kept of it, or None if it is malformed or too long."""
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str) or len(source) > MAX_CELL_TEXT:
        return None
    source = source.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    metadata: dict[str, Any] = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
    kept = {
        key: {name: value for name, value in metadata[key].items() if isinstance(value, (str, int, float))}
        for key in ("nbgrader", NAMESPACE)
        if isinstance(metadata.get(key), dict)
    }
    kind = str(cell.get("cell_type"))
    # nbformat's constructors validate each cell by itself, which takes longer than the rest of reading a notebook
    clean: NotebookNode = nbformat.from_dict(
        {"cell_type": kind if kind in ("code", "markdown") else "raw", "source": source, "metadata": kept}
        | (
            {"outputs": [*_outputs(cell)] if outputs else [], "execution_count": None}
            if kind == "code"
            else {}
        )
    )
    # nbformat would change a duplicate id: keep the submitted one in the metadata
    submitted_id = cell.get("id") or metadata.get("id")  # Colab keeps the id in the metadata
    clean.metadata.setdefault(NAMESPACE, {})["cell_id"] = (
        submitted_id if isinstance(submitted_id, str) else ""
    )
    return clean


def _outputs(cell: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the text and the pictures among the outputs of a cell, in the form of nbformat 4."""
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        if output.get("output_type") == "stream":
            yield {"output_type": "stream", "name": "stdout", "text": _joined(output.get("text"))}
        elif output.get("output_type") == "error":
            name, value = _joined(output.get("ename")), _joined(output.get("evalue"))
            yield {"output_type": "error", "ename": name, "evalue": value, "traceback": []}
        elif isinstance(data, dict):
            kept = {kind: _joined(data[kind]) for kind in ("text/plain", "image/png") if kind in data}
            yield {"output_type": "display_data", "data": kept, "metadata": {}}


def _joined(text: Any) -> str:
    parts = text if isinstance(text, list) else [text]
    return "".join(part for part in parts if isinstance(part, str)).encode("utf-8", "replace").decode("utf-8")


def edition_of(notebook: NotebookNode, languages: Sequence[str], default: str) -> str:
    """Return the language of a submitted edition: from its metadata, else its cell ids, else its prose.

    languages: those of the course. default: what to return if nothing tells.
    """
    language = notebook.metadata.get(NAMESPACE, {}).get("edition")
    if language in languages:
        return str(language)
    if not languages:
        return default
    ids = [cell_id(cell) for cell in notebook.cells]
    votes = {
        language: sum(name.endswith((f"-statement-{language}", f"-{language}")) for name in ids)
        for language in languages
    }
    best = max(votes, key=lambda language: votes[language])
    if votes[best] > 0:
        return best
    prose = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    if not prose.strip():
        return default
    written = "ko" if re.search("[가-힣]", prose) else SOURCE_LANGUAGE
    return written if written in languages else default


def names_defined(cell: NotebookNode) -> Set[str]:
    """Return the names that a code cell defines at its top level."""
    return names_by_regex(cell.source) if cell_metadata(cell).get("unparsed") else _names_by_ast(cell.source)


def remembered(parse: Callable[[str], Parsed]) -> Callable[[str], Parsed]:
    """Return a parser of cells that remembers the last notebook: each of its cells is read again for every question.

    What is parsed takes hundreds of times the memory of its text, so the number of cells would be no limit.
    """
    known: dict[str, Parsed] = {}
    lock, room = Lock(), MAX_REMEMBERED

    @wraps(parse)
    def remembering(source: str) -> Parsed:
        nonlocal room
        with lock:
            if source not in known:
                parsed = parse(source)
                room -= len(source)
                while known and room < 0:
                    oldest = next(iter(known))
                    del known[oldest]
                    room += len(oldest)
                known[source] = parsed
            return known[source]

    return remembering


@remembered
def _names_by_ast(source: str) -> Set[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # syntax warnings about a student's code concern the student only
            tree = parse_source(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return names_by_regex(source)
    return frozenset(name for node in tree.body for name in _targets(node))


def names_by_regex(source: str) -> Set[str]:
    """Return the names that lines of a text seem to define at the top level, also where it is not valid Python."""
    pattern = r"^def\s+(\w+)\s*\(|^(\w+)\s*=(?!=)"
    return frozenset(function or variable for function, variable in re.findall(pattern, source, re.MULTILINE))


def _targets(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (
            part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)
        )
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id

"""Pictures: from the files of `source/pictures/` into the cells of a release, and from there onto feedback pages.

A source notebook links to the file, which keeps it small and is shown by its editor; a release holds the picture
itself, as an attachment of the cell.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.notebooks.cells import cell_metadata

FOLDER = "pictures"
PNG = "image/png"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PICTURE = 200_000
FEWEST_WORDS = 5
# the alternative text may hold pairs of brackets, as those of a list
PICTURE = re.compile(
    r"(!\[((?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\])\((?:attachment:|\.\./pictures/)([\w.-]+)\)", re.DOTALL
)
MEANT = re.compile(r"""(?:\]\(|src\s*=)\s*["'<]?(?:attachment:|\.\./pictures/)""")
PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


def mistakes(notebook: NotebookNode, folder: Path) -> Iterator[str]:
    """What is wrong with the pictures of a source notebook: cell by cell, and how to mend it."""
    for cell in _prose(notebook):
        found = PICTURE.findall(cell.source)
        where = f"cell {cell.get('id')}"
        if cell.get("attachments"):
            names = ", ".join(cell.attachments)
            yield f"{where}: holds {names}, pasted; save it in source/{FOLDER}/ and link to it there"
        elif len(MEANT.findall(cell.source)) > len(found):
            yield f"{where}: a picture is not written ![what it shows](../{FOLDER}/NAME.png)"
        for _, words, name in found:
            if len(words.split()) < FEWEST_WORDS:
                yield (
                    f"{where}: the alternative text of {name} is {words!r}; tell in words, at least "
                    f"{FEWEST_WORDS}, what the picture shows"
                )
            problem = _unfit(folder / name)
            if problem:
                yield f"{where}: the picture source/{FOLDER}/{name} {problem}"


def _unfit(path: Path) -> str:
    """Why a file cannot be a picture of a release; empty where it can."""
    if not path.is_file():
        names = ", ".join(sorted(other.name for other in path.parent.glob("*.png")))
        return f"is missing; there are: {names or 'none'}"
    raw = path.read_bytes()
    if path.suffix != ".png" or not raw.startswith(PNG_SIGNATURE):
        return "is no .png file; save it as one"
    if len(raw) > MAX_PICTURE:
        return f"has {len(raw)} bytes, more than {MAX_PICTURE}; make it smaller, or its colours fewer"
    return ""


def link(notebook: NotebookNode) -> None:
    """Let the author's cells link to the files, however the pictures were written."""
    for cell in _prose(notebook):
        if not cell_metadata(cell).get("part"):
            cell.source = PICTURE.sub(rf"\1(../{FOLDER}/\3)", cell.source)


def embed(notebook: NotebookNode, folder: Path) -> None:
    """Put the pictures themselves into the cells that link to them, so that the notebook needs no other file."""
    for cell in _prose(notebook):
        names = {name for _, _, name in PICTURE.findall(cell.source)}
        if names:
            cell.source = PICTURE.sub(r"\1(attachment:\3)", cell.source)
            pictures = {
                name: base64.b64encode((folder / name).read_bytes()).decode() for name in sorted(names)
            }
            cell.attachments = nbformat.from_dict({name: {PNG: data} for name, data in pictures.items()})


def _prose(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == "markdown")


def of_the_release(cell: Mapping[str, Any]) -> dict[str, str]:
    """The pictures of a graded notebook's cell that may be shown, by name: checked PNG files in base64.

    There are none in a cell that the student added; all others were taken from the release.
    """
    if cell_metadata(cell).get("own"):
        return {}
    held = {name: bundle.get(PNG) for name, bundle in cell.get("attachments", {}).items()}
    return {name: data for name, data in held.items() if decoded(data)}


def decoded(data: object) -> bytes:
    """The PNG file in base64, in one string or in lines as a file may hold it; empty where there is none."""
    lines = [line for line in (data if isinstance(data, list) else [data]) if isinstance(line, str)]
    try:
        raw = base64.b64decode("".join(lines).replace("\n", ""), validate=True)
    except ValueError:
        return b""
    return raw if raw.startswith(PNG_SIGNATURE) else b""


def text_in(png: bytes) -> str:
    """What a PNG file holds beside its pixels."""
    place, rest, kind = len(PNG_SIGNATURE), [], b""
    while place < len(png) and kind != b"IEND":
        length, kind = int.from_bytes(png[place : place + 4]), png[place + 4 : place + 8]
        if kind not in PIXEL_CHUNKS:
            rest.append(png[place + 8 : place + 8 + length])
        place += length + 12
    return b"\n".join([*rest, png[place:]]).decode("latin-1").strip()

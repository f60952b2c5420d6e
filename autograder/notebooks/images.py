"""Images: from the files of `source/pictures/` into the cells of a release, and from there into feedback pages.

A source notebook links to the file, so that it stays small and editors show the image; a release embeds the image as
an attachment of the cell.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.i18n import _
from autograder.notebooks.cells import cell_metadata
from autograder.text import Text

FOLDER = "pictures"
PNG = "image/png"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_IMAGE = 200_000  # bytes
MIN_WORDS = 5
# the alternative text may contain pairs of brackets, such as those of a list
IMAGE = re.compile(
    r"(!\[((?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\])\((?:attachment:|\.\./pictures/)([\w.-]+)\)", re.DOTALL
)
IMAGE_LIKE = re.compile(r"""(?:\]\(|src\s*=)\s*["'<]?(?:attachment:|\.\./pictures/)""")
PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


def mistakes(notebook: NotebookNode, folder: Path) -> Iterator[Text]:
    """Yield what is wrong with the images of a source notebook, by cell, and how to fix it."""
    for cell in _prose(notebook):
        links = IMAGE.findall(cell.source)
        where = {"cell": cell.get("id"), "folder": FOLDER}
        if cell.get("attachments"):
            names = ", ".join(cell.attachments)
            yield _(
                "cell {cell}: holds {names}, pasted; save it in source/{folder}/ and link to it there",
                names=names,
                **where,
            )
        elif len(IMAGE_LIKE.findall(cell.source)) > len(links):
            yield _("cell {cell}: a picture is not written ![what it shows](../{folder}/NAME.png)", **where)
        for _link, description, name in links:
            if len(description.split()) < MIN_WORDS:
                yield _(
                    "cell {cell}: the alternative text of {name} is {description}; describe the picture in at least "
                    "{least} words",
                    name=name,
                    description=repr(description),
                    least=MIN_WORDS,
                    **where,
                )
            problem = _problem_of(folder / name)
            if problem:
                yield _(
                    "cell {cell}: the picture source/{folder}/{name} {problem}",
                    name=name,
                    problem=problem,
                    **where,
                )


def _problem_of(path: Path) -> Text | None:
    """Return why a file cannot be an image of a release, or None if it can."""
    if not path.is_file():
        names = ", ".join(sorted(image.name for image in path.parent.glob("*.png")))
        return _("is missing; there are: {names}", names=names or _("none"))
    raw = path.read_bytes()
    if path.suffix != ".png" or not raw.startswith(PNG_SIGNATURE):
        return _("is not a .png file; save it as one")
    if len(raw) > MAX_IMAGE:
        return _(
            "has {size} bytes, more than {limit}; reduce its size or its number of colours",
            size=len(raw),
            limit=MAX_IMAGE,
        )
    return None


def link(notebook: NotebookNode) -> None:
    """Make the author's cells link to the image files, also where they refer to attachments."""
    for cell in _prose(notebook):
        if not cell_metadata(cell).get("part"):
            cell.source = IMAGE.sub(rf"\1(../{FOLDER}/\3)", cell.source)


def embed(notebook: NotebookNode, folder: Path) -> None:
    """Embed images in the cells that link to them, so that the notebook needs no other file."""
    for cell in _prose(notebook):
        names = {name for _, _, name in IMAGE.findall(cell.source)}
        if names:
            cell.source = IMAGE.sub(r"\1(attachment:\3)", cell.source)
            images = {name: base64.b64encode((folder / name).read_bytes()).decode() for name in sorted(names)}
            cell.attachments = nbformat.from_dict({name: {PNG: data} for name, data in images.items()})


def _prose(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == "markdown")


def decode_png(data: object) -> bytes:
    """Decode a PNG file in base64, given as a string or as lines; return no bytes if it is not one."""
    lines = [line for line in (data if isinstance(data, list) else [data]) if isinstance(line, str)]
    try:
        raw = base64.b64decode("".join(lines).replace("\n", ""), validate=True)
    except ValueError:
        return b""
    return raw if raw.startswith(PNG_SIGNATURE) else b""


def non_pixel_data(png: bytes) -> str:
    """Return what a PNG file contains besides its pixels, as text."""
    position, rest, kind = len(PNG_SIGNATURE), [], b""
    while position < len(png) and kind != b"IEND":
        length, kind = int.from_bytes(png[position : position + 4]), png[position + 4 : position + 8]
        if kind not in PIXEL_CHUNKS:
            rest.append(png[position + 8 : position + 8 + length])
        position += length + 12
    return b"\n".join([*rest, png[position:]]).decode("latin-1").strip()

"""What a file that is not a notebook is, and what the person who handed it in can do."""

from __future__ import annotations

import re

from autograder.i18n import _
from autograder.text import Text

LOOKED_AT = 20_000
"""Bytes at the start of a text that are searched for signs of a Python program."""
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")
"""The first bytes of zip (with files, and empty), gzip, 7z and RAR."""
OFFICE_PART = b"[Content_Types].xml"
"""The name of a file in every zip that is a document of Word and the like."""
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UTF16 = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")
"""The first bytes of UTF-16: its byte order mark, or a brace in either order."""
HTML = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
PYTHON = re.compile(
    rb"^(?:import \w|from [\w.]+ import\b|def \w+\(|class \w+\b|# ?%%|# In ?\[|#!.*python)", re.MULTILINE
)
PART_OF_NOTEBOOK = re.compile(rb'"(?:cells|cell_type|nbformat)"')

EMPTY = _("the file handed in is empty; open your notebook, save it, and hand in the file that you saved")
ARCHIVE = _("the file handed in is an archive (such as .zip); unpack it, and hand in the .ipynb file from it")
IN_UTF16 = _(
    "the file handed in is a text in UTF-16, and notebooks are in UTF-8; open your notebook in Jupyter or Colab, "
    "save it, and hand in the file that you saved"
)
DAMAGED = _(
    "the file handed in begins like a notebook, but is damaged or incomplete; open your notebook in Jupyter or Colab, "
    "save it, and hand in the file that you saved"
)
UNKNOWN = _(
    "the file handed in is no notebook (not JSON) and cannot be read; save the notebook and hand it in again"
)
OFFICE = _("an office document (such as .docx)")
PDF = _("a PDF file")
PAGE = _("a web page (.html)")
PROGRAM = _("a Python program (.py)")


def explain_file(raw: bytes) -> Text:
    """Return what a file is that cannot be read as a notebook, and what to do. Nothing is unpacked or run."""
    if not raw.strip():
        return EMPTY
    start = raw[:LOOKED_AT]
    if start.startswith(ARCHIVES) and not _is_office(raw):
        return ARCHIVE
    if start.startswith(UTF16):
        return IN_UTF16
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") and PART_OF_NOTEBOOK.search(start):
        return DAMAGED
    kind = _exported(raw, start)
    if kind is None:
        return UNKNOWN
    return _(
        "the file handed in is {kind}, not a notebook; hand in the notebook itself, the .ipynb file: in Jupyter, "
        "File > Download; in Colab, File > Download > Download .ipynb",
        kind=kind,
    )


def _is_office(raw: bytes) -> bool:
    return raw.startswith(OLD_OFFICE) or (raw.startswith(b"PK") and OFFICE_PART in raw)


def _exported(raw: bytes, start: bytes) -> Text | None:
    """Return what was made of a notebook, or written in its place; None if that is not known."""
    if _is_office(raw):
        return OFFICE
    if b"%PDF-" in start[:1024]:
        return PDF
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") and HTML.search(start[:1024]):
        return PAGE
    if b"\0" not in start and PYTHON.search(start):
        return PROGRAM
    return None

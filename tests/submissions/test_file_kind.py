"""What a file that is no notebook is said to be."""

from __future__ import annotations

import gzip
import io
import time
import zipfile

import nbformat
import pytest

from autograder.errors import UnreadableSubmission
from autograder.submissions import file_kind
from autograder.submissions.parse import parse_submitted
from autograder.text import Text

NOTEBOOK = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import numpy as np")]))


def zipped(**files: str) -> bytes:
    """A zip of these files; `__` in a name stands for a slash."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return made.getvalue()


KINDS: dict[str, tuple[bytes, Text]] = {
    "empty": (b"", file_kind.EMPTY),
    "blank": (b" \n\n", file_kind.EMPTY),
    "zip": (zipped(homework=NOTEBOOK), file_kind.ARCHIVE),
    "empty zip": (zipped(), file_kind.ARCHIVE),
    "gzip": (gzip.compress(NOTEBOOK.encode()), file_kind.ARCHIVE),
    "docx": (zipped(**{"[Content_Types].xml": "<Types/>", "word__document.xml": "x"}), file_kind.OFFICE),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), file_kind.OFFICE),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", file_kind.PDF),
    "html": (b"\n<!DOCTYPE html>\n<html><head>", file_kind.PAGE),
    "html with a byte order mark": (b"\xef\xbb\xbf<html lang='ko'>", file_kind.PAGE),
    "page saved from a browser": (b"<!-- saved from url=(0016)http://localhost -->\n<html>", file_kind.PAGE),
    "python": (b"# answers\n\nimport numpy as np\n", file_kind.PROGRAM),
    "python exported by Jupyter": (
        b"#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n",
        file_kind.PROGRAM,
    ),
    "a function": (b"x = 1\n\ndef f(a):\n    return a\n", file_kind.PROGRAM),
    "UTF-16": (NOTEBOOK.encode("utf-16"), file_kind.IN_UTF16),
    "UTF-16 without a mark": (NOTEBOOK.encode("utf-16-le"), file_kind.IN_UTF16),
    "UTF-16, the other order": (NOTEBOOK.encode("utf-16-be"), file_kind.IN_UTF16),
    "half a notebook": (NOTEBOOK[:-40].encode(), file_kind.DAMAGED),
    "a notebook in Latin-1": (NOTEBOOK.replace("numpy", "\xe4").encode("latin-1"), file_kind.DAMAGED),
    "text": (b"My answers are below.", file_kind.UNKNOWN),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0", file_kind.UNKNOWN),
    "binary": (bytes(range(256)), file_kind.UNKNOWN),
}


@pytest.mark.parametrize("case", KINDS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_refusal_says_what_the_file_is(case: str, language: str) -> None:
    """In either language, and what to hand in."""
    raw, kind = KINDS[case]
    with pytest.raises(UnreadableSubmission) as refused:
        parse_submitted(raw)
    said = refused.value.reason.in_language(language)
    assert kind.in_language(language) in said
    assert file_kind.UNKNOWN.in_language(language) == said or kind is not file_kind.UNKNOWN


def test_notebook_with_a_byte_order_mark_is_read() -> None:
    """Editors on Windows write one."""
    assert len(parse_submitted(b"\xef\xbb\xbf" + NOTEBOOK.encode()).cells) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"<!--" * 2_500_000, b"<!---->" * 1_400_000, b"from " * 2_000_000, b"class a" * 1_400_000, b"#!" * 5_000_000,
        b"{" * 10_000_000, b" " * 10_000_000 + b"x", b"PK\x03\x04" * 2_500_000,
    ],
)  # fmt: skip
def test_largest_file_is_told_at_once(raw: bytes) -> None:
    """Ten megabytes that make a search go back and forth."""
    began = time.process_time()
    file_kind.explain_file(raw)
    assert time.process_time() - began < 0.5


def test_nothing_is_unpacked() -> None:
    """A zip bomb stays packed: the answer takes no more than the file itself."""
    bomb = zipped(bomb="0" * 50_000_000)
    assert len(bomb) < 100_000
    assert file_kind.explain_file(bomb) is file_kind.ARCHIVE

"""CSV files of an LMS: read and written back with nothing changed except the filled cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.i18n import _, ngettext

ENCODINGS = ("utf-8-sig", "cp949")  # Korean Excel saves CSV in the second encoding
QUOTED = re.compile(r'="(?P<text>.*)"')  # how Canvas keeps a spreadsheet from evaluating a name
TEST_STUDENT = "Student, Test"  # Canvas's test student, with a login of its own in the gradebook
BOM = "\ufeff"


@dataclass(frozen=True)
class Sheet:
    """A table of texts with the encoding and dialect of its file."""

    path: Path
    rows: tuple[tuple[str, ...], ...]
    """Rows of cells, the header first."""
    delimiter: str = ","
    newline: str = "\n"
    encoding: str = "utf-8"
    marked: bool = False
    """Whether the file begins with a UTF-8 byte order mark."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.rows[0]

    def column(self, names: Sequence[str]) -> int | None:
        """Return the index of the column with one of these names, ignoring case, or None."""
        wanted = [name.casefold() for name in names]
        indices = [index for index, name in enumerate(self.header) if name.strip().casefold() in wanted]
        return indices[0] if indices else None

    def cell(self, row: int, column: int) -> str:
        """Return the stripped text of a cell; empty if the row is too short."""
        cells = self.rows[row]
        text = cells[column].strip() if column < len(cells) else ""
        quoted = QUOTED.fullmatch(text)
        return quoted["text"] if quoted else text

    def filled(self, cells: Mapping[tuple[int, int], str]) -> Sheet:
        """Return the sheet with new texts in some cells, by row (the header is 0) and column."""
        rows = [list(row) for row in self.rows]
        for (row, column), text in cells.items():
            rows[row] += [""] * (column + 1 - len(rows[row]))
            rows[row][column] = text
        return replace(self, rows=tuple(map(tuple, rows)))

    def write(self, path: Path) -> None:
        """Write the sheet in the format of its source, atomically."""
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline).writerows(self.rows)
        # a comment is HTML, where a character that the encoding lacks can be written as an entity
        content = ((BOM if self.marked else "") + text.getvalue()).encode(self.encoding, "xmlcharrefreplace")
        atomic_write(path, content)


def read(path: Path) -> Sheet:
    """Read a CSV file separated by commas, semicolons or tabs, in UTF-8 or cp949.

    Raises CourseError if the file is not one.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CourseError(_("{path} cannot be read: {reason}", path=path, reason=error.strerror)) from error
    text, encoding = _decoded(path, raw)
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [
            tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        ]
    except csv.Error as error:
        raise CourseError(_("{path} is not a CSV file: {error}", path=path, error=error)) from error
    if len(rows) < 2:
        raise CourseError(
            ngettext(
                "{path}: expected a line of column names and a line for each student, found {n} line",
                "{path}: expected a line of column names and a line for each student, found {n} lines",
                len(rows),
                path=path,
            )
        )
    return Sheet(
        path, tuple(rows), delimiter, "\r\n" if "\r\n" in text else "\n",
        "utf-8" if encoding == "utf-8-sig" else encoding, raw.startswith(BOM.encode()),
    )  # fmt: skip


def _decoded(path: Path, raw: bytes) -> tuple[str, str]:
    if raw.startswith(b"PK"):
        raise CourseError(
            _("{path} is an archive or a workbook; save the sheet as CSV and name that file", path=path)
        )
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise CourseError(_("{path} is neither UTF-8 nor cp949; save it as CSV in UTF-8", path=path))

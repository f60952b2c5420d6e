"""Sheets of an LMS: read in whatever way they are spelt, written again as they came."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import CourseError
from autograder.lms.sheet import read

HARD = ('Kim, "Minji"', "김민지", "=SUM(1,2)", "O'Neil", "Müller; Jörg", "줄\n바꿈", "\\")
CELLS = st.sampled_from(HARD) | st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=8)
TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=6).map(
        lambda rows: [tuple(f"c{place}" for place in range(width)), *rows]
    )
)


def write_csv(path: Path, rows: list[tuple[str, ...]], *, encoding: str = "utf-8", **dialect: str) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, **dialect).writerows(rows)
    return path


@given(
    rows=TABLES,
    delimiter=st.sampled_from(",;\t"),
    newline=st.sampled_from(["\n", "\r\n"]),
    marked=st.booleans(),
)
def test_any_table_survives(rows: list[tuple[str, ...]], delimiter: str, newline: str, marked: bool) -> None:
    """Read and written again, Python's own reader finds the same texts, separated and marked as they were."""
    with tempfile.TemporaryDirectory() as folder:
        encoding = "utf-8-sig" if marked else "utf-8"
        path = write_csv(
            Path(folder) / "a.csv", rows, encoding=encoding, delimiter=delimiter, lineterminator=newline
        )
        again = Path(folder) / "b.csv"
        read(path).write(again)
        with again.open(encoding=encoding, newline="") as file:
            assert [tuple(row) for row in csv.reader(file, delimiter=delimiter)] == rows
        assert again.read_bytes().startswith(b"\xef\xbb\xbf") == marked


@given(rows=TABLES, data=st.data(), text=CELLS)
def test_filling_a_cell_changes_that_cell_alone(
    rows: list[tuple[str, ...]], data: st.DataObject, text: str
) -> None:
    """Every other cell is the one that was read."""
    with tempfile.TemporaryDirectory() as folder:
        sheet = read(write_csv(Path(folder) / "a.csv", rows))
        row, column = data.draw(st.integers(1, len(rows) - 1)), data.draw(st.integers(0, len(rows[0]) - 1))
        sheet.filled({(row, column): text}).write(sheet.path)
        filled = read(sheet.path)
        for place, cells in enumerate(rows):
            expected = list(cells)
            if place == row:
                expected[column] = text
            assert list(filled.rows[place]) == expected


def test_sheet_saved_by_korean_excel_is_read_and_kept(tmp_path: Path) -> None:
    """In the encoding of Korean Windows; what is filled in is written in it too."""
    path = write_csv(tmp_path / "a.csv", [("이름", "성적"), ("김민지", "")], encoding="cp949")
    read(path).filled({(1, 1): "4"}).write(tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_bytes() == "이름,성적\n김민지,4\n".encode("cp949").replace(
        b"\n", b"\r\n"
    )


def test_sign_that_korean_windows_has_not_is_written_as_html(tmp_path: Path) -> None:
    """A comment is HTML to Moodle."""
    path = write_csv(tmp_path / "a.csv", [("이름", "코멘트"), ("김민지", "")], encoding="cp949")
    read(path).filled({(1, 1): "\u2011"}).write(path)
    assert read(path).cell(1, 1) == "&#8209;"


def test_name_that_canvas_guards_is_read_as_the_name(tmp_path: Path) -> None:
    """Canvas writes a name with a leading = so that no spreadsheet runs it; the file keeps it so."""
    path = write_csv(tmp_path / "a.csv", [("Student", "ID"), ('="=SUM(1,2)"', "1")])
    assert read(path).cell(1, 0) == "=SUM(1,2)"
    assert read(path).rows[1][0] == '="=SUM(1,2)"'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04zip", "is an archive or a workbook; save the sheet as CSV"),
        (b"\xff\xfe\x00\xd8", "is neither UTF-8 nor cp949"),
        (b"", "expected a line of column names and a line for each student, found 0 lines"),
        (b'a,b\n"1,2\n', "is not a CSV file"),
    ],
)
def test_file_that_is_no_sheet_is_refused_with_advice(tmp_path: Path, content: bytes, message: str) -> None:
    """The message names the file, what was found and what was expected."""
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    with pytest.raises(CourseError) as error:
        read(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)

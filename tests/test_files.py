"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.files import as_cell, atomic_file, atomic_write, csv_file, of_cell, replace_all


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """The old file, and none beside it."""
    path = tmp_path / "a folder" / "grades.csv"
    atomic_write(path, "old")
    with pytest.raises(KeyboardInterrupt), atomic_file(path) as file:
        file.write(b"half of the ne")
        file.flush()
        raise KeyboardInterrupt
    assert [one.name for one in path.parent.iterdir()] == ["grades.csv"]
    assert path.read_text() == "old"


def test_file_that_was_read_only_is_replaced(tmp_path: Path) -> None:
    """By one with its own rights, in UTF-8."""
    path = tmp_path / "graded.ipynb"
    atomic_write(path, "옛것", mode=0o444)
    atomic_write(path, "새것", mode=0o444)
    assert path.read_bytes() == "새것".encode()
    assert path.stat().st_mode & 0o777 == 0o444


def test_replaced_files_keep_the_umask(tmp_path: Path) -> None:
    """The umask of a command holds for what it replaces, too."""
    before = os.umask(0o077)
    try:
        atomic_write(tmp_path / "grades.csv", "kim,4")
    finally:
        os.umask(before)
    assert (tmp_path / "grades.csv").stat().st_mode & 0o777 == 0o600


def test_of_several_files_all_are_replaced_or_none(tmp_path: Path) -> None:
    """One that cannot be copied is named, and the others are as they were, with nothing left beside them."""
    for name in ("old/a", "old/b", "new/a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    old, new = tmp_path / "old", tmp_path / "new"
    with pytest.raises(OSError) as error:
        replace_all({old / "a": new / "a", old / "b": new / "b"})
    assert error.value.filename == str(old / "b")
    assert sorted(path.name for path in old.iterdir()) == ["a", "b"]
    assert (old / "a").read_text(encoding="utf-8") == "old/a"


def test_spreadsheet_takes_no_text_for_a_formula_and_sees_utf_8() -> None:
    """A lone surrogate, which UTF-8 cannot encode, becomes a question mark; nothing else is lost."""
    written = csv_file([("학번", "score"), ("=1+1", -3.5), ("-x", None), ("\ud800", "a,b")])
    assert written == "\ufeff학번,score\r\n'=1+1,-3.5\r\n'-x,\r\n?,\"a,b\"\r\n".encode()


@pytest.mark.parametrize("separator", [";", "|", "\t", "\r", "\n"])
def test_no_formula_for_any_separator(separator: str) -> None:
    """In many countries it divides at semicolons; a text is left as it is where it says nothing of the kind."""
    assert as_cell(f"well{separator}=1+1{separator}-x") == f"well{separator}'=1+1{separator}'-x"
    assert as_cell(f'well{separator}"=1+1') == f"well{separator}'\"=1+1"
    assert as_cell(f"well{separator} - done") == f"well{separator} - done"
    assert as_cell("＝1+1") == "'＝1+1"


@given(st.text(alphabet="=+-@;|\t\n'\"＝a "))
def test_escaped_cells_round_trip(text: str) -> None:
    """Whatever stands in it, also what looks escaped already."""
    assert of_cell(str(as_cell(text))) == text

"""A folder in which somebody else can write is copied as it is at one moment, and nothing outside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from autograder.errors import UnreadableSubmission
from autograder.submissions import safe_read
from autograder.submissions.safe_read import copy_folder, is_plain_throughout

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the exchange is on Unix alone")


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A folder of a student's with a file in a folder of its own."""
    folder = tmp_path / "theirs"
    (folder / "data").mkdir(parents=True)
    (folder / "week1.ipynb").write_text("{}", encoding="utf-8")
    (folder / "data" / "words.csv").write_text("a,b\n", encoding="utf-8")
    os.utime(folder / "week1.ipynb", (1_700_000_000, 1_700_000_000))
    return folder


def contents(folder: Path) -> dict[str, str]:
    """The files of a folder."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_copy_keeps_contents_and_times(theirs: Path, tmp_path: Path) -> None:
    """Folders too, with the modes that new files get: a group that grades together keeps its rights."""
    copy_folder(theirs, tmp_path / "copy")
    assert contents(tmp_path / "copy") == {"week1.ipynb": "{}", "data/words.csv": "a,b\n"}
    assert (tmp_path / "copy" / "week1.ipynb").stat().st_mtime == 1_700_000_000
    (tmp_path / "new").mkdir()
    assert (tmp_path / "copy" / "data").stat().st_mode == (tmp_path / "new").stat().st_mode


@pytest.mark.parametrize("kind", ["file", "folder", "itself", "second name", "pipe"])
def test_links_and_pipes_are_refused(theirs: Path, tmp_path: Path, kind: str) -> None:
    """A link to anything, a second name of a file, or a pipe, which would wait for ever."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "answers.txt").write_text("72", encoding="utf-8")
    if kind == "file":
        (theirs / "x.txt").symlink_to(secret / "answers.txt")
    elif kind == "folder":
        (theirs / "x").symlink_to(secret)
    elif kind == "itself":
        theirs.rename(tmp_path / "moved")
        theirs.symlink_to(tmp_path / "moved")
    elif kind == "second name":
        (theirs / "x.txt").hardlink_to(secret / "answers.txt")
    else:
        os.mkfifo(theirs / "x.txt")
    with pytest.raises(UnreadableSubmission, match="is a link, or no regular file"):
        copy_folder(theirs, tmp_path / "copy")
    assert "72" not in contents(tmp_path).get("copy/x.txt", "")


def test_file_of_another_owner_is_refused(theirs: Path, tmp_path: Path) -> None:
    """The exchange asks for one owner of the whole folder."""
    with pytest.raises(UnreadableSubmission, match="belongs to another user"):
        copy_folder(theirs, tmp_path / "copy", owner=os.geteuid() + 1)


@pytest.mark.parametrize(("limit", "value"), [("MAX_COPY", 4), ("MAX_COPIED_FILES", 1), ("MAX_DEPTH", 1)])
def test_size_and_depth_are_bounded(
    theirs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    """Nobody fills the disk of the instructor, or the stack."""
    monkeypatch.setattr(safe_read, limit, value)
    with pytest.raises(UnreadableSubmission, match="more than"):
        copy_folder(theirs, tmp_path / "copy")


@pytest.mark.parametrize("read", ["copy", "look"])
def test_empty_folders_are_bounded(
    theirs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    """They have no bytes; a folder that still grows is read no further either."""
    for number in range(10):
        (theirs / f"empty-{number}").mkdir()
    monkeypatch.setattr(safe_read, "MAX_COPIED_FILES", 9)
    with pytest.raises(UnreadableSubmission, match="it holds more than 1,000,000,000 bytes or 9 files"):
        copy_folder(theirs, tmp_path / "copy") if read == "copy" else is_plain_throughout(theirs)
    assert not list((tmp_path / "copy").glob("*"))

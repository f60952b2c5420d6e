"""What the commands say where SQLite cannot read or write a database."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import sqlite3
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from autograder.authoring.build import build
from autograder.course import Course
from autograder.nbgrader.sqlite_errors import explain_error
from autograder.text import Text
from tests.support import cli

FULL = "max_page_count = 1"  # no database grows any more, as on a full disk
READ_ONLY = "query_only = 1"
SAID = {
    FULL: "the disk is full; free some space, and run the command again",
    READ_ONLY: "the file or its folder is read-only; give this user write permission on both, and run the "
    "command again",
}


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A copy of it with a hand-in of somebody whom the gradebook does not know."""
    opened = Course.open(shutil.copytree(released, tmp_path / "course"))
    target = opened.root / "submitted" / "kim" / "arithmetic" / "arithmetic.ipynb"
    target.parent.mkdir(parents=True)
    target.write_bytes(opened.assignment("arithmetic").release("en").read_bytes())
    return opened


@contextlib.contextmanager
def limited(pragma: str) -> Iterator[None]:
    """Let SQLite itself refuse to write, whoever runs the test and wherever."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def fill(path: Path) -> None:
    """Leave no room in a gradebook's pages, not even for one more student."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as gradebook:
        gradebook.execute(f"PRAGMA {FULL}")
        with contextlib.suppress(sqlite3.OperationalError):
            for letters in itertools.product(string.ascii_lowercase, repeat=3):
                gradebook.execute("INSERT INTO student (id) VALUES (?)", ["".join(letters)])


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program that writes to a database and does not end."""
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@pytest.mark.parametrize("pragma", [FULL, READ_ONLY])
def test_gradebook_that_cannot_be_written_is_told_in_one_sentence(course: Course, pragma: str) -> None:
    """Which file, what is wrong and what to do, no SQL and no traceback; afterwards grading goes on."""
    fill(course.root / "gradebook.db")
    with limited(pragma):
        done = cli("grade", cwd=course.root)
    assert done.returncode == 2
    assert done.stderr == f"autograder: cannot write {course.root}/gradebook.db: {SAID[pragma]}\n"
    again = cli("grade", cwd=course.root)
    assert "1 graded, 0 kept from before, 0 not graded" in again.stdout


def test_the_database_of_the_web_tool_is_told_by_its_own_name(course: Course) -> None:
    """Not the gradebook, which has nothing to do with it."""
    with limited(FULL):
        done = cli("lms", "list", cwd=course.root)
    assert done.returncode == 2
    assert done.stderr == f"autograder: cannot write {course.root}/web/web.db: {SAID[FULL]}\n"


@pytest.mark.parametrize("command", [pytest.param("build", marks=pytest.mark.full), "grade"])
def test_locked_gradebook_is_waited_for_some_seconds_and_told(course: Course, command: str) -> None:
    """Neither command waits without an end, and a build has written nothing by then."""
    path = course.root / "solutions" / "arithmetic" / "add_two.py"
    path.write_text(path.read_text(encoding="utf-8").replace("The sum of two numbers", "The sum"))
    before = course.assignment("arithmetic").release("en").read_bytes()
    with locked(course.root / "gradebook.db"):
        done = cli(command, cwd=course.root)
    assert done.returncode == 2
    assert done.stderr == (
        f"autograder: {course.root}/gradebook.db is locked by another program that is writing to it; wait until "
        "that has ended, and run the command again\n"
    )
    assert course.assignment("arithmetic").release("en").read_bytes() == before


@pytest.mark.full
def test_lock_that_comes_during_the_build_is_found_before_the_swap(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gradebook is written last, so that it is looked at before the release is replaced."""
    path = course.root / "solutions" / "arithmetic" / "add_two.py"
    path.write_text(path.read_text(encoding="utf-8").replace("The sum of two numbers", "The sum"))
    before = course.assignment("arithmetic").release("en").read_bytes()
    with contextlib.ExitStack() as stack:

        def lock(step: Text) -> None:
            if step.en == "looking for leaks":
                stack.enter_context(locked(course.root / "gradebook.db"))

        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            build(course, solutions=False, on_progress=lock)
    assert course.assignment("arithmetic").release("en").read_bytes() == before


def test_gradebook_that_is_none_is_told(course: Course) -> None:
    """As an upload that broke off leaves it."""
    (course.root / "gradebook.db").write_bytes(b"no database" * 100)
    done = cli("grade", cwd=course.root)
    assert done.returncode == 2
    assert f"{course.root}/gradebook.db is not an SQLite database; restore it from a backup" in done.stderr
    assert "Traceback" not in done.stderr


def test_error_of_another_kind_is_none_of_a_database() -> None:
    """Only what SQLite says of its file is put in words; a mistake of ours keeps its traceback."""
    assert explain_error(ValueError("database is locked")) == ""
    assert explain_error(sqlite3.OperationalError("no such table: student")) == ""


@pytest.mark.parametrize("content", ["nothing", "another program's tables"])
def test_gradebook_without_tables_is_not_filled(course: Course, content: str) -> None:
    """A disk that was full leaves such a file, and the scores are in a backup."""
    path = course.root / "gradebook.db"
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as database:
        if content != "nothing":
            database.execute("CREATE TABLE notes (text)")
    path.touch()
    before = path.read_bytes()
    done = cli("grade", "--language", "en", cwd=course.root)
    assert done.returncode == 2
    assert "is empty, or no gradebook of nbgrader's: restore it from a backup" in " ".join(
        done.stderr.split()
    )
    assert path.read_bytes() == before

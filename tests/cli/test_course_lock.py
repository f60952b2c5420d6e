"""One command at a time writes in a course."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.course_lock import hold
from tests.support import cli, clone, small_course

PROGRAM = str(Path(sys.executable).parent / "autograder")
HOLD = """
import sys, time
from pathlib import Path
from autograder.course_lock import hold
with hold(Path(sys.argv[1]), "autograder build"):
    print("held", flush=True)
    time.sleep(600)
"""
WRITE = [
    ["build"], ["build", "--check"], ["verify"], ["new", "arithmetic", "another"], ["pool", "arithmetic", "numbers"],
    ["grade"], ["regrade"], ["regrade", "--undo"], ["export", "moodle", "arithmetic", "worksheet.csv"],
    ["collect", "downloads"], ["roster"], ["deadlines", "times.csv"],
    ["package", "gradescope", "arithmetic"], ["erase-student", "kim"], ["demo"],
]  # fmt: skip


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A clone of it."""
    return clone(released, tmp_path)


@pytest.fixture
def other(course: Course) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of the course."""
    words = [sys.executable, "-c", HOLD, str(course.root)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.parametrize("arguments", WRITE, ids=" ".join)
def test_command_that_writes_is_refused_beside_another(course: Course, arguments: list[str]) -> None:
    """It says at once which command is at work and what to do, and changes nothing."""
    with hold(course.root, "autograder build"):
        before = {path: path.stat().st_mtime_ns for path in course.root.rglob("*")}
        done = cli(*arguments, cwd=course.root)
        assert done.returncode == 2
        assert done.stderr == (
            f"autograder: another `autograder build` (process {os.getpid()}) is running in {course.root}; wait for "
            "it, or stop it, and run this command again\n"
        )
        assert {path: path.stat().st_mtime_ns for path in course.root.rglob("*")} == before


def test_command_that_only_reads_takes_no_lock(course: Course) -> None:
    """What a student got can be looked at while the class is graded."""
    target = course.root / "submitted" / "kim" / "arithmetic" / "arithmetic.ipynb"
    target.parent.mkdir(parents=True)
    target.write_bytes(course.assignment("arithmetic").release("en").read_bytes())
    with hold(course.root, "autograder grade"):
        done = cli("explain", "kim", "arithmetic", "add_two", cwd=course.root)
    assert done.returncode == 0, done.stderr
    assert "The sum of two numbers: 0 / 2" in done.stdout


def test_killed_command_leaves_no_lock(course: Course, other: subprocess.Popen[str]) -> None:
    """The lock ends with its process, though nothing is left to clean up behind it."""
    done = cli("build", "--no-solutions", cwd=course.root)
    assert f"another `autograder build` (process {other.pid}) is running in {course.root}" in done.stderr
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert cli("build", "--no-solutions", cwd=course.root).returncode == 0
    assert not (course.root / "build" / "command.json").exists()


@pytest.mark.full
def test_second_build_is_refused_and_the_first_goes_on(course: Course) -> None:
    """Two terminals, one course: one release comes out, whole."""
    path = course.root / "solutions" / "arithmetic" / "add_two.py"
    path.write_text(path.read_text(encoding="utf-8").replace("The sum of two numbers", "The sum"))
    words = [PROGRAM, "build", "--no-solutions", "--force"]
    with subprocess.Popen(words, cwd=course.root, stdout=subprocess.PIPE, text=True) as first:
        end = time.monotonic() + 60
        while not (course.root / "build" / "command.json").exists() and time.monotonic() < end:
            time.sleep(0.02)
        second = cli("build", cwd=course.root)
        assert f"another `autograder build` (process {first.pid}) is running in" in second.stderr
        said, _ = first.communicate(timeout=120)
    assert first.returncode == 0
    assert "wrote release/en/arithmetic/arithmetic.ipynb" in said
    assert cli("verify", cwd=course.root).returncode == 0


def test_course_of_its_own_has_a_lock_of_its_own(course: Course, tmp_path: Path) -> None:
    """Two courses are built side by side."""
    with hold(course.root, "autograder build"):
        second = small_course(tmp_path / "second")
        assert cli("new", "arithmetic", "add_two", cwd=second).returncode == 0


def test_the_holder_may_have_no_name_yet(course: Course) -> None:
    """Between taking the lock and writing its name a command can be met."""
    with hold(course.root, "autograder build"):
        (course.root / "build" / "command.json").write_text("", encoding="utf-8")
        done = cli("build", cwd=course.root)
    assert "autograder: another command of `autograder` is running in" in done.stderr

"""Commands that are given in a student's folder run nothing that the student put there."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from autograder.course import Course, folder_of_course
from autograder.engine.preload import expect_workers, safe_path
from autograder.errors import CourseError
from tests.support import cli, clone, command

PLANTED = (
    "selectors.py", "sitecustomize.py", "usercustomize.py", "encodings/__init__.py", "nbformat.py",
    "nbgrader/__init__.py", "numpy.py", "traitlets.py", "multiprocessing/__init__.py", "autograder.py",
    "jupyter_config.py",
)  # fmt: skip
STUDENT = "mal"


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A clone of it, with a submission beside which every name is planted that a command could import."""
    course = clone(released, tmp_path)
    folder = course.submitted / STUDENT / "arithmetic"
    folder.mkdir(parents=True)
    (folder / "arithmetic.ipynb").write_bytes(course.assignment("arithmetic").release().read_bytes())
    for where in (folder, folder.parent, course.submitted):
        for name in PLANTED:
            plant(where / name, tmp_path)
    return course


def plant(path: Path, into: Path) -> None:
    """Write a module that leaves a file, named after it, when it is imported."""
    path.parent.mkdir(parents=True, exist_ok=True)
    trace = into / f"ran-{path.parent.name}-{path.name}"
    path.write_text(f"open({str(trace)!r}, 'w').close()\n", encoding="utf-8")


def traces(folder: Path) -> list[str]:
    """What was imported of the planted files."""
    return sorted(path.name for path in folder.glob("ran-*"))


@pytest.mark.long
@pytest.mark.parametrize(
    "words",
    [
        ["grade", "arithmetic"],
        ["explain", STUDENT, "arithmetic", "add_two"],
        ["doctor"],
        *(
            pytest.param(words, marks=pytest.mark.full)
            for words in (
                ["build"],
                ["verify"],
                ["collect", "."],
                ["report", "arithmetic"],
                ["export", "canvas", "--help"],
                ["package", "gradescope", "arithmetic"],
                ["roster"],
                ["demo"],
                ["archive", "term.zip"],
                ["worker", "--help"],
            )
        ),
    ],
    ids=" ".join,
)
def test_student_folders_are_off_the_import_path(course: Course, tmp_path: Path, words: list[str]) -> None:
    """Neither by the command nor by a process that it starts."""
    command("autograder", *words, cwd=course.submitted / STUDENT)
    assert traces(tmp_path) == []


@pytest.mark.parametrize("words", [["grade"], ["doctor"], ["report", "arithmetic"]], ids=" ".join)
def test_student_config_is_refused(course: Course, tmp_path: Path, words: list[str]) -> None:
    """The command stops, and names the file, the course and what to do."""
    folder = course.submitted / STUDENT
    plant(folder / "nbgrader_config.py", tmp_path)
    done = command("autograder", *words, "--language", "en", cwd=folder)
    assert traces(tmp_path) == []
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert f"nbgrader_config.py in {folder} was not read" in said
    assert f"Change to {course.root}" in said


def test_config_below_downloads_is_refused(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the folder is called."""
    folder = course.root / "downloads" / "kim"
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text("", encoding="utf-8")
    monkeypatch.chdir(folder)
    with pytest.raises(CourseError, match="was not read"):
        folder_of_course()


@pytest.mark.parametrize(
    ("below", "allowed"),
    [("demo", True), ("refused/from-1/mal", False), ("replaced", False), ("other", False)],
)
def test_only_the_demonstration_opens_inside_another_course(
    course: Course, monkeypatch: pytest.MonkeyPatch, below: str, *, allowed: bool
) -> None:
    """`build/` holds it, and what was refused or replaced of the students' files."""
    folder = course.root / "build" / below
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text("", encoding="utf-8")
    if below != "other":
        (folder / ".autograder-demo").touch()
    monkeypatch.chdir(folder)
    if allowed:
        assert folder_of_course() == folder
    else:
        with pytest.raises(CourseError, match="was not read"):
            folder_of_course()


def test_linked_submitted_folder_belongs_to_its_course(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`submitted` may be a link: the shell still names the course."""
    elsewhere = tmp_path / "elsewhere"
    course.submitted.rename(elsewhere)
    course.submitted.symlink_to(elsewhere)
    plant(elsewhere / STUDENT / "nbgrader_config.py", tmp_path)
    folder = course.submitted / STUDENT
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PWD", str(folder))
    with pytest.raises(CourseError, match="was not read"):
        folder_of_course()


def test_config_without_a_course_above_is_ignored(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of a Jupyter server in a home folder."""
    (course.root.parent / "nbgrader_config.py").write_text("", encoding="utf-8")
    monkeypatch.chdir(course.submitted)
    assert folder_of_course() == course.root


def test_init_inside_a_course_is_refused(course: Course) -> None:
    """It would be refused when it is used."""
    done = cli("init", "mine", "--language", "en", cwd=course.submitted)
    assert done.returncode == 2
    assert "lies inside the course" in " ".join(done.stderr.split())
    assert not (course.submitted / "mine").exists()


def test_environment_survives_the_start_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it starts itself may import from where it lies."""
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    expect_workers(2)
    assert "PYTHONSAFEPATH" not in os.environ
    monkeypatch.setenv("PYTHONSAFEPATH", "0")
    expect_workers(2)
    assert os.environ["PYTHONSAFEPATH"] == "0"


def test_environment_survives_threads_that_start_workers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One begins while another one is at it, and ends later."""
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    begun, is_over = threading.Event(), threading.Event()

    def start_worker() -> None:
        begun.set()
        with safe_path():
            is_over.wait(60)

    with safe_path():
        later = threading.Thread(target=start_worker)
        later.start()
        begun.wait(60)
        later.join(0.2)  # it waits for its turn; without one, it would have begun
    is_over.set()
    later.join()
    assert "PYTHONSAFEPATH" not in os.environ

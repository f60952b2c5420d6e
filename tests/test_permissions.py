"""Who may read what the commands write: the one who grades, or the group that does; a release is for all."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from traitlets.config import Config

from autograder.cli import doctor
from autograder.cli.main import main
from autograder.course import Course
from autograder.grading.course_secret import KEY_FILE
from autograder.nbgrader.submission_reader import prepare_submission
from autograder.permissions import close_files_of_nbgrader, make_closed, open_to_others
from autograder.reports.finding import Finding
from autograder.sandbox import fork_server
from autograder.sandbox.seal import Seal
from autograder.text import Text
from tests.support import cli, small_course

WRITTEN = (
    "gradebook.db",
    "grades.csv",
    "question_scores.csv",
    "submitted",
    "autograded",
    "feedback",
    "reports",
    "build",
    "solutions",
)


def modes(root: Path) -> dict[str, int]:
    """The rights of what the commands wrote into a course, by its path."""
    return {name: stat.S_IMODE((root / name).stat().st_mode) for name in WRITTEN}


def graded_course(root: Path) -> Path:
    """A course in which each step was done by its command; a student handed in."""
    course = Course.open(small_course(root))
    assert cli("new", "arithmetic", "add_two", cwd=root).returncode == 0
    (root / "source" / "arithmetic" / "data").mkdir(parents=True)
    (root / "source" / "arithmetic" / "data" / "words.csv").write_text("John,loves,Jane")
    assert cli("build", "--no-solutions", cwd=root).returncode == 0
    notebook = nbformat.read(course.assignment("arithmetic").release("en"), as_version=4)
    (root / "kim").mkdir()
    nbformat.write(notebook, root / "kim" / "arithmetic.ipynb")
    assert (
        cli("collect", str(root / "kim" / "arithmetic.ipynb"), "--student", "kim", cwd=root).returncode == 0
    )
    assert cli("grade", cwd=root).returncode == 0
    return root


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded course of one person's, who set no umask of their own."""
    before = os.umask(0o022)
    try:
        return graded_course(tmp_path_factory.mktemp("own") / "course")
    finally:
        os.umask(before)


def test_files_of_a_command_are_closed_to_others(course: Path) -> None:
    """Scores, hand-ins, feedback and answers: each file, or the folder above it, is closed to group and others."""
    assert {name: mode & 0o077 for name, mode in modes(course).items()} == dict.fromkeys(WRITTEN, 0)


def test_release_may_be_given_out(course: Path) -> None:
    """Students may be sent to the folder itself: they can read all of it, and write none."""
    for path in (course / "release", *(course / "release").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644), path


def test_folders_that_nbgrader_releases_are_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that its command creates, once it ends; a folder that was closed before stays closed."""
    at_end: list[Callable[[], None]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["nbgrader", "generate_assignment", "ps2"])
    monkeypatch.setattr("atexit.register", at_end.append)
    (tmp_path / "release" / "ps1").mkdir(parents=True)
    (tmp_path / "release" / "ps1").chmod(0o700)
    before = os.umask(0o022)
    try:
        close_files_of_nbgrader(Config())
        (tmp_path / "release" / "ps2" / "data").mkdir(parents=True)
    finally:
        os.umask(before)
    [open_folders] = at_end
    open_folders()
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "release").rglob("*")}
    assert found == {"ps1": 0o700, "ps2": 0o755, "data": 0o755}


def test_group_that_grades_together_keeps_its_rights(tmp_path: Path) -> None:
    """Where the course's folder is the group's to write to; others are kept out all the same."""
    root = tmp_path / "course"
    root.mkdir()
    root.chmod(0o2775)
    before = os.umask(0o002)
    try:
        cli("new", "arithmetic", "add_two", cwd=small_course(root))
    finally:
        os.umask(before)
    found = {path.name: path.stat().st_mode for path in (root / "solutions").rglob("*")}
    assert {name: mode & 0o077 for name, mode in found.items()} == {"arithmetic": 0o070, "add_two.py": 0o060}


def test_the_owner_of_a_course_is_not_locked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By root in a container, who writes into a folder of the host: the umask stays as it was."""
    root = small_course(tmp_path / "course")
    monkeypatch.setattr(os, "geteuid", lambda: root.stat().st_uid + 1)
    before = os.umask(0o022)
    try:
        cli("new", "arithmetic", "add_two", cwd=root)
        make_closed(root / "autograded")
    finally:
        os.umask(before)
    assert stat.S_IMODE((root / "solutions" / "arithmetic" / "add_two.py").stat().st_mode) == 0o644
    assert stat.S_IMODE((root / "autograded").stat().st_mode) == 0o755


@pytest.mark.parametrize(("root_mode", "made"), [(0o755, 0o700), (0o2775, 0o2770)])
def test_folders_of_formgrader_are_closed_to_others(tmp_path: Path, root_mode: int, made: int) -> None:
    """It runs nbgrader in Jupyter, whose umask is not ours to set: folders for grades and feedback are closed by it."""
    root = small_course(tmp_path / "course")
    root.chmod(root_mode)
    before = os.umask(0o022)
    try:
        with contextlib.chdir(root):
            prepare_submission("a", "kim", [str(root / "submitted" / "kim" / "a" / "a.ipynb")])
    finally:
        os.umask(before)
    for name in ("autograded", "feedback"):
        assert stat.S_IMODE((root / name).stat().st_mode) == made


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_command_leaves_the_process_as_it_was(tmp_path: Path, umask: int) -> None:
    """A program that calls it writes its other files as before."""
    before = os.umask(umask)
    try:
        cli("new", "arithmetic", "add_two", cwd=small_course(tmp_path / "course"))
        assert os.umask(umask) == umask
    finally:
        os.umask(before)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every user of this machine may enter; pytest's own is its owner's."""
    folder = Path(tempfile.mkdtemp(prefix="course-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.name != "posix", reason="rights of a group and of others")
class TestDoctor:
    """What the doctor says of a course at rest."""

    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No seal is tried."""
        monkeypatch.setattr(fork_server, "try_seals", lambda profile, private: [])

    def finding(self, root: Path) -> tuple[bool, str]:
        """Whether all is well, and what is told."""
        [one] = [one for one in doctor.examine(root).findings if "other users" in one.name.en]
        return one.good, f"{one.name.en}: {one.seen}"

    def test_spare_seal_that_does_not_hold_is_no_problem(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A stronger one holds, so no run needs it; a stronger one that does not is told with its reason."""
        strong, held, spare = (
            Seal("namespaces", user_namespace=True),
            Seal("landlock"),
            Seal("user", other_user=True),
        )
        tried = [(strong, "OSError: refused"), (held, ""), (spare, "OSError: no such module")]
        monkeypatch.setattr(fork_server, "try_seals", lambda profile, private: tried)
        found = {one.name.en: (one.good, str(one.seen)) for one in doctor.examine().findings}
        assert found[strong.text.en] == (None, "OSError: refused")
        assert found[held.text.en] == (True, "")
        assert found[spare.text.en] == (None, "not usable here, and not needed (no such module)")

    def test_seal_that_does_not_hold_is_a_problem_where_none_does(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each of them."""
        tried = [(Seal("namespaces", user_namespace=True), "refused"), (Seal("landlock"), "refused")]
        monkeypatch.setattr(fork_server, "try_seals", lambda profile, private: tried)
        found = {one.name.en: one.good for one in doctor.examine().findings}
        assert [found[layer.text.en] for layer, _ in tried] == [False, False]

    @pytest.mark.parametrize(("free", "good"), [(0, False), (999, False), (1000, True), (10**6, True)])
    def test_free_space(
        self, reachable: Path, monkeypatch: pytest.MonkeyPatch, free: int, good: bool
    ) -> None:
        """Of the course and of temporary files, with what is free; too little is told with what is needed."""
        usage = shutil.disk_usage(reachable)._replace(free=free * 10**6)
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
        found = {one.name.en: (one.good, str(one.seen)) for one in doctor.examine(reachable).findings}
        expected = f"{free} MB" if good else f"{free} MB; make room, at least 1000 MB"
        assert found[f"free space in {reachable}"] == (good, expected)
        assert found[f"free space in {tempfile.gettempdir()}"][0] == (free >= 200)

    @pytest.mark.parametrize("good", [True, False, None])
    def test_exit_code_is_1_whenever_a_problem_is_printed(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        good: bool | None,
    ) -> None:
        """Whatever part of the machine has it."""
        found = Finding(Text.same("something"), good, "seen")
        diagnosis = doctor.Diagnosis((found,), Seal("landlock"), Text.same("sealed"), None)
        monkeypatch.setattr(doctor, "examine", lambda folder: diagnosis)
        monkeypatch.chdir(tmp_path)
        code = main(["doctor", "--language", "en"])
        assert ("✘" in capsys.readouterr().out, code) == (good is False, int(good is False))

    def test_open_course_is_told_with_what_closes_it(self, reachable: Path) -> None:
        """The command closes what is not for students, and leaves them the release."""
        for name in ("solutions", "submitted", "release"):
            (reachable / name).mkdir(mode=0o755)
        (reachable / "gradebook.db").touch()
        (reachable / "gradebook.db").chmod(0o644)
        good, text = self.finding(reachable)
        assert not good
        names = " ".join(
            str(reachable.resolve() / name) for name in ("solutions", "submitted", "gradebook.db")
        )
        assert text == f"open to other users of this machine; close it with: chmod go= {names}"
        subprocess.run(text.partition(": ")[2].split(), check=True)
        assert self.finding(reachable) == (True, f"closed to other users of this machine: {reachable}")
        assert (reachable / "release").stat().st_mode & 0o005

    def test_folder_that_the_configuration_renames_is_told_too(self, reachable: Path) -> None:
        """Graded notebooks may lie elsewhere than in `autograded`."""
        with (small_course(reachable) / "nbgrader_config.py").open("a") as config:
            config.write('c.CourseDirectory.autograded_directory = "marked"\n')
        (reachable / "marked").mkdir(mode=0o755)
        assert self.finding(reachable)[1].endswith(f" chmod go= {reachable.resolve() / 'marked'}")

    def test_open_secret_is_reported(self, reachable: Path) -> None:
        """Whoever has it knows every hidden input."""
        small_course(reachable)
        (reachable / KEY_FILE).touch(mode=0o644)
        (reachable / KEY_FILE).chmod(0o644)
        assert self.finding(reachable)[1].endswith(f" chmod go= {reachable.resolve() / KEY_FILE}")

    def test_open_secret_is_reported_where_it_is_used(self, reachable: Path) -> None:
        """By `grade`, each time; once it is closed, no more."""
        small_course(reachable)
        assert cli("new", "arithmetic", "add_two", cwd=reachable).returncode == 0
        (reachable / KEY_FILE).write_text("course: 00", encoding="utf-8")
        (reachable / KEY_FILE).chmod(0o644)
        told = f"chmod go= {reachable.resolve() / KEY_FILE}"
        assert told in "".join(cli("grade", "--language", "en", cwd=reachable).stdout.splitlines())
        (reachable / KEY_FILE).chmod(0o600)
        assert told not in "".join(cli("grade", "--language", "en", cwd=reachable).stdout.splitlines())

    def test_folder_above_that_is_closed_closes_the_course(self, reachable: Path) -> None:
        """As a home folder usually is."""
        root = reachable / "home" / "course"
        (root / "solutions").mkdir(parents=True)
        assert open_to_others(root)
        (reachable / "home").chmod(0o750)
        assert open_to_others(root) == []

    def test_group_that_grades_together_is_left_its_rights(self, reachable: Path) -> None:
        """The command takes those of others alone."""
        reachable.chmod(0o2775)
        (reachable / "solutions").mkdir(mode=0o755)
        assert " chmod o= " in self.finding(reachable)[1]

"""Every student can write into the folder of the exchange in which submissions lie."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory

from autograder.course import Course
from autograder.nbgrader import exchange
from tests.nbgrader.test_exchange import SETTINGS
from tests.support import command, nested_folders, small_course

pytestmark = [pytest.mark.long, pytest.mark.skipif("sys.platform == 'win32'", reason="it has no exchange")]
ME = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course and its exchange: what this user submitted, a newer one with a link, one in another's name."""
    root = small_course(tmp_path / "course")
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(SETTINGS.format(exchange=tmp_path / "exchange"))
    (root / "secret.ipynb").write_text("the solution")
    inbound = tmp_path / "exchange" / "rnn" / "inbound"
    for user, minute in ((ME, 1), (ME, 2), ("daemon", 3)):
        folder = inbound / f"{user}+arithmetic+2026-05-08 10:0{minute}:00 UTC"
        folder.mkdir(parents=True)
        (folder / "timestamp.txt").write_text(f"2026-05-08 10:0{minute}:00 UTC")
        if (user, minute) == (ME, 2):
            (folder / "arithmetic.ipynb").symlink_to(root / "secret.ipynb")
        else:
            (folder / "arithmetic.ipynb").write_text(f"the work of {user}")
    (tmp_path / "exchange").chmod(0o777)
    return root


def collect_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Collect the assignment in this process."""
    monkeypatch.chdir(root)
    config = Course.open(root).config
    config.CourseDirectory.assignment_id = "arithmetic"
    exchange.CollectByRoster(coursedir=CourseDirectory(config=config), config=config).start()


@pytest.mark.full
def test_link_is_not_followed_and_the_honest_one_before_it_counts(root: Path) -> None:
    """The instructor may read what the link points to."""
    done = command("nbgrader", "collect", "arithmetic", cwd=root)
    text = (root / "submitted" / ME / "arithmetic" / "arithmetic.ipynb").read_text(encoding="utf-8")
    assert text == f"the work of {ME}", done.stderr


def test_link_planted_after_the_check_is_not_followed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is what another user put there: nbgrader copies what was copied and checked, file by file."""
    monkeypatch.setattr(exchange.CollectByRoster, "_refusal", lambda *_: "")
    collect_in(root, monkeypatch)
    collected = [path.read_text() for path in (root / "submitted").rglob("*.ipynb")]
    assert collected == []


@pytest.mark.full
def test_files_of_another_user_are_named_and_left(root: Path) -> None:
    """Unless all students are one user of the system, and the course says so."""
    done = command("nbgrader", "collect", "arithmetic", cwd=root)
    assert "it claims to be from daemon, but" in done.stderr
    assert not (root / "submitted" / "daemon").exists()
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("c.ExchangeCollect.check_owner = False\n")
    command("nbgrader", "collect", "arithmetic", cwd=root)
    assert (root / "submitted" / "daemon" / "arithmetic" / "arithmetic.ipynb").exists()


def test_odd_folders_of_students_stop_nobody_else(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nbgrader did not write, and folders without end, are named and left."""
    inbound = root.parent / "exchange" / "rnn" / "inbound"
    (inbound / "mal+arithmetic+whenever+x").mkdir()
    with nested_folders(inbound / "bin+arithmetic+2026-05-08 10:04:00 UTC"):
        collect_in(root, monkeypatch)
    assert [path.name for path in (root / "submitted").iterdir()] == [ME]


def test_folder_with_too_much_in_it_is_left_before_it_is_copied(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner may go on to fill it; the looking ends all the same, and nobody else is stopped."""
    inbound = root.parent / "exchange" / "rnn" / "inbound"
    full = inbound / f"{ME}+arithmetic+2026-05-08 10:04:00 UTC"
    for number in range(6):
        (full / str(number)).mkdir(parents=True)
    copied: list[Path] = []
    copy_folder = exchange.copy_folder

    def copying(source: Path, target: Path, *, owner: int | None) -> None:
        copied.append(source)
        copy_folder(source, target, owner=owner)

    monkeypatch.setattr(exchange, "copy_folder", copying)
    monkeypatch.setattr("autograder.submissions.safe_read.MAX_COPIED_FILES", 5)
    collect_in(root, monkeypatch)
    assert full not in copied
    assert [path.name for path in (root / "submitted").iterdir()] == [ME]

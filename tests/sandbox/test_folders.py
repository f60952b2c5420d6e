"""Folders that kernels leave: removed and measured whatever is in them, and only where nobody holds them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import scratch
from autograder.sandbox.inside import folders

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what the seal's kernels leave is on Linux")
DEEP = "import os\nfor _ in range(1200):\n    os.mkdir('deeper')\n    os.chdir('deeper')\nopen('file', 'w').close()"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder to be filled."""
    made = tmp_path / "filled"
    made.mkdir()
    yield made
    folders.remove(str(made))


def as_nobody(folder: Path, code: str) -> None:
    """Run code in a folder, with `folders` at hand, as a user to whom a closed folder is closed."""
    place = Path(folders.__file__).parent.parent
    becomes = f"import os, sys\nsys.path.insert(0, {str(place)!r})\nfrom inside import folders\n"
    if os.geteuid() == 0:
        folder.chmod(0o777)
        becomes += "os.setresuid(65534, 65534, 65534)\n"
    subprocess.run([sys.executable, "-c", becomes + code], cwd=folder, check=True)


class TestRemove:
    """Nothing that a kernel can make keeps its folder on the machine."""

    def test_folders_deeper_than_a_path_is_long(self, folder: Path) -> None:
        """1,200 folders, each in the one before."""
        subprocess.run([sys.executable, "-c", DEEP], cwd=folder, check=True)
        folders.remove(str(folder))
        assert not folder.exists()

    def test_folders_that_their_user_has_closed(self, tmp_path: Path) -> None:
        """With files in them, by the user that closed them."""
        as_nobody(
            tmp_path,
            "os.makedirs('filled/a/b/c')\nopen('filled/a/b/c/file', 'w').close()\n"
            "for place in ('filled/a/b/c', 'filled/a/b', 'filled/a', 'filled'):\n    os.chmod(place, 0)\n"
            "folders.remove('filled')",
        )
        assert not (tmp_path / "filled").exists()

    def test_link_is_removed_and_what_it_leads_to_stays(self, folder: Path, tmp_path: Path) -> None:
        """Wherever it leads: to a file, a folder, or the folder above."""
        (tmp_path / "kept").mkdir()
        (tmp_path / "kept" / "file").touch()
        for name, target in (("a", "../kept"), ("b", "../kept/file"), ("c", "..")):
            (folder / name).symlink_to(target)
        (folder / "deeper").mkdir()
        (folder / "deeper" / "link").symlink_to("../../kept")
        folders.remove(str(folder))
        assert not folder.exists()
        assert (tmp_path / "kept" / "file").exists()


class TestSizes:
    """What a folder holds is counted in time, or there is too much of it."""

    def test_every_file_is_counted(self, folder: Path) -> None:
        """In every folder, closed ones among them."""
        as_nobody(
            folder,
            "os.makedirs('a/b')\nopen('a/b/file', 'wb').write(bytes(1 << 20))\n"
            "os.chmod('a/b', 0)\nos.chmod('a', 0)\n"
            "assert sum(size for _, _, size in folders.sizes('.')) >= 1 << 20",
        )

    @pytest.mark.parametrize(
        "code",
        [DEEP, "import os\nfor number in range(201):\n    os.mkdir(str(number))"],
        ids=["too deep", "too many"],
    )
    def test_more_than_anybody_needs_is_too_many(
        self, folder: Path, code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is told before all of it has been looked at."""
        monkeypatch.setattr(folders, "MAX_ENTRIES", 200)
        subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
        with pytest.raises(folders.TooManyEntries):
            list(folders.sizes(str(folder)))


class TestClearUp:
    """What a grader that was killed has left goes at the next start; what a running one holds stays."""

    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """An own place for temporary folders, in which all are old."""
        monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))
        monkeypatch.setattr(folders, "FRESH_SECONDS", -1.0)
        return tmp_path

    def test_nobodys_folder_is_removed(self, place: Path) -> None:
        """With all that is in it."""
        for prefix in (folders.KERNEL_PREFIX, folders.FORK_SERVER_PREFIX):
            (place / f"{prefix}x" / "home").mkdir(parents=True)
        scratch.remove_abandoned()
        assert list(place.iterdir()) == []

    def test_folder_that_somebody_holds_stays(self, place: Path) -> None:
        """Until its owner has ended, however that ends."""
        code = (
            "from autograder.sandbox.scratch import Scratch\nmade = Scratch('autograder-k-')\n"
            "print(made.path, flush=True)\ninput()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"TMPDIR": str(place)}, text=True,
        ) as owner:  # fmt: skip
            assert owner.stdout is not None
            held = Path(owner.stdout.readline().strip())
            scratch.remove_abandoned()
            assert held.exists()
            owner.kill()
        scratch.remove_abandoned()
        assert not held.exists()

    def test_folder_that_somebody_holds_costs_no_descriptor(self, place: Path) -> None:
        """Else a program that starts fork servers for weeks runs out of them, and so do servers that use select()."""
        held = scratch.Scratch(folders.KERNEL_PREFIX)
        before = sorted(Path("/proc/self/fd").iterdir())
        scratch.remove_abandoned()
        assert sorted(Path("/proc/self/fd").iterdir()) == before
        assert held.path.exists()
        held.remove()

    def test_folder_that_was_just_made_stays(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its owner may not have come to lock it yet."""
        monkeypatch.setattr(folders, "FRESH_SECONDS", 600.0)
        fresh = place / f"{folders.KERNEL_PREFIX}x"
        fresh.mkdir()
        scratch.remove_abandoned()
        assert fresh.exists()
        monkeypatch.setattr(time, "time", lambda: fresh.stat().st_ctime + 601)
        scratch.remove_abandoned()
        assert not fresh.exists()

    def test_other_folders_stay(self, place: Path) -> None:
        """Whatever else is temporary."""
        (place / "kernel-x").mkdir()
        scratch.remove_abandoned()
        assert (place / "kernel-x").exists()

"""Control groups of kernels: with the limits of one, left by nobody, and done without where the system grants none."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from autograder.sandbox.inside import cgroups
from autograder.sandbox.limits import ResourceLimits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="control groups are Linux's")
LIMITS = asdict(ResourceLimits())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the system's, in which a group's files come by being written."""

    def write(place: int, name: str, text: str) -> None:
        for path in (tmp_path / name, (tmp_path / name).with_name("cgroup.procs")):
            path.touch()
        (tmp_path / name).write_text(text)

    monkeypatch.setattr(cgroups, "_write", write)
    return tmp_path


def test_a_group_has_the_limits_of_a_kernel(place: Path) -> None:
    """Files that it writes are memory too; its processes end together where there is no more."""
    group = cgroups.create(os.open(place, os.O_RDONLY), LIMITS)
    assert group is not None
    [made] = place.iterdir()
    assert {path.name: path.read_text() for path in made.iterdir()} == {
        "memory.max": str((1000 + 192 + 64) << 20), "memory.swap.max": "0", "memory.oom.group": "1", "pids.max": "256",
        "cgroup.procs": "",
    }  # fmt: skip


def test_a_place_that_grants_no_group_is_done_without(tmp_path: Path) -> None:
    """And nothing is left of the try."""
    place = os.open(tmp_path, os.O_RDONLY)
    assert cgroups.create(place, LIMITS) is None
    assert list(tmp_path.iterdir()) == []


def test_what_counts_no_memory_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group of such would hold nothing."""
    (tmp_path / "cgroup.subtree_control").write_text("cpu pids\n")
    monkeypatch.setattr(cgroups, "_candidates", lambda: [tmp_path])
    monkeypatch.setattr(cgroups, "create", lambda *given: pytest.fail("it was tried"))
    assert cgroups.find_parent(LIMITS) is None


def test_a_process_that_joined_ends_with_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system that has such groups, whatever they count; nothing is left."""
    real = cgroups._write
    monkeypatch.setattr(cgroups, "_write", lambda *given: real(*given) if "kill" in given[1] else None)
    top = next(iter(cgroups._candidates()), None)
    if top is None or not os.access(top, os.W_OK):
        pytest.skip("this system grants no control groups")
    before = set(top.iterdir())
    place = os.open(top, os.O_RDONLY)
    group = cgroups.create(place, LIMITS)
    if group is None:
        pytest.skip("this system grants no control groups here")
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        group.join()
        os.write(write, b"joined")
        signal.pause()
    assert os.read(read, 64) == b"joined"
    assert f"/{cgroups.NAME}" in Path(f"/proc/{child}/cgroup").read_text()
    group.remove()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert set(top.iterdir()) == before
    for descriptor in (read, write, place):
        os.close(descriptor)


def test_more_memory_than_a_group_has_ends_what_is_in_it() -> None:
    """On a system whose groups count memory: that of files without a name too, which no process is said to hold."""
    parent = cgroups.find_parent(LIMITS)
    group = cgroups.create(parent, LIMITS | {"memory_mb": 32, "disk_mb": 0}) if parent is not None else None
    if group is None:
        pytest.xfail("this system grants no control groups that count memory")
    if (child := os.fork()) == 0:
        group.join()
        file = os.memfd_create("held")
        for _ in range(32 + 2 * cgroups.OVERHEAD_MB):
            os.write(file, bytes(1 << 20))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    os.close(group.procs_fd)
    group.remove()

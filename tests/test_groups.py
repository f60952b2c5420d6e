"""Control groups of kernels: with the limits of one, left by nobody, and done without where the system grants none."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import cast

import pytest

from autograder.sandbox.inside import cgroups, supervisor
from autograder.sandbox.inside.rlimits import Usage
from autograder.sandbox.limits import ResourceLimits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="control groups are Linux's")
LIMITS = asdict(ResourceLimits())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the system's, in which a group's files come by being written."""

    def write(place: int, name: str, text: str) -> None:
        path = Path(f"/proc/self/fd/{place}").readlink() / name
        path.with_name("cgroup.procs").touch()
        path.write_text(text)

    monkeypatch.setattr(cgroups, "_write", write)
    return tmp_path


def test_group_has_the_limits_of_a_kernel(place: Path) -> None:
    """Files that it writes are memory too; its processes end together where there is no more."""
    group = cgroups.create([cgroups.Tree("unified", os.open(place, os.O_RDONLY))], LIMITS)
    assert group is not None
    [made] = place.iterdir()
    assert {path.name: path.read_text() for path in made.iterdir()} == {
        "memory.max": str((1000 + 192 + 64) << 20), "memory.swap.max": "0", "memory.oom.group": "1", "pids.max": "256",
        "cgroup.procs": "",
    }  # fmt: skip


def test_place_that_grants_no_group_is_done_without(tmp_path: Path) -> None:
    """And nothing is left of the try."""
    place = os.open(tmp_path, os.O_RDONLY)
    assert cgroups.create([cgroups.Tree("unified", place)], LIMITS) is None
    assert list(tmp_path.iterdir()) == []


def test_groups_without_memory_accounting_are_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group of such would hold nothing."""
    (tmp_path / "cgroup.subtree_control").write_text("cpu pids\n")
    monkeypatch.setattr(cgroups, "_own_group", lambda kind, name: (tmp_path, tmp_path if not name else None))
    monkeypatch.setattr(cgroups, "create", lambda *given: pytest.fail("it was tried"))
    assert cgroups.find_trees(LIMITS) is None


def test_groups_of_version_1_have_the_limits_in_each_tree(place: Path) -> None:
    """Memory in sockets, and the system's own tables, are counted by that of memory."""
    kinds: tuple[cgroups.Kind, ...] = ("memory", "pids")
    for kind in kinds:
        (place / kind).mkdir()
    group = cgroups.create([cgroups.Tree(kind, os.open(place / kind, os.O_RDONLY)) for kind in kinds], LIMITS)
    assert group is not None
    memory = str((1000 + 192 + 64) << 20)
    made = {path.name: path.read_text() for kind in kinds for path in (place / kind).glob("*/*")}
    assert made == {
        "memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory, "pids.max": "256",
        "memory.kmem.tcp.limit_in_bytes": memory, "cgroup.procs": "",
    }  # fmt: skip


@pytest.fixture
def trees() -> Iterator[list[cgroups.Tree]]:
    """Trees in which this system grants groups."""
    found = cgroups.find_trees(LIMITS)
    if found is None:
        pytest.xfail("this system grants no control groups that count memory")
    yield found
    for tree in found:
        os.close(tree.fd)


def groups_in(tree: cgroups.Tree) -> set[str]:
    """Names of what is in a tree of groups."""
    return {path.name for path in Path(f"/proc/self/fd/{tree.fd}").iterdir()}


def test_process_that_joined_ends_with_its_group(trees: list[cgroups.Tree]) -> None:
    """In every tree; nothing is left."""
    group = cgroups.create(trees, LIMITS)
    assert group is not None
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        group.join()
        os.write(write, b"joined")
        signal.pause()
    assert os.read(read, 64) == b"joined"
    assert Path(f"/proc/{child}/cgroup").read_text().count(f"/{cgroups.NAME}") == len(trees)
    group.remove()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert not any(group.name in groups_in(tree) for tree in trees)
    for descriptor in (read, write):
        os.close(descriptor)


def test_groups_of_killed_supervisors_are_removed(
    trees: list[cgroups.Tree], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the next run, unless something is in them or they are so young that it may be about to be."""
    group = cgroups.create(trees, LIMITS)
    assert group is not None
    for fd in group.procs_fds:
        os.close(fd)
    cgroups._remove_abandoned(trees[0].fd)
    assert group.name in groups_in(trees[0])
    monkeypatch.setattr(cgroups.time, "time", lambda: 1e12)
    monkeypatch.setattr(cgroups, "NAME", group.name)  # those of other tests may be about to be joined
    for tree in trees:
        cgroups._remove_abandoned(tree.fd)
        assert group.name not in groups_in(tree)


def killed_in(group: cgroups.Cgroup, megabytes: int) -> bool:
    """Let a process of the group write so much into a file without a name; returns whether it was killed."""
    if (child := os.fork()) == 0:
        group.join()
        file = os.memfd_create("held")
        for _ in range(megabytes):
            os.write(file, bytes(1 << 20))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_more_memory_than_a_group_has_ends_what_is_in_it(trees: list[cgroups.Tree]) -> None:
    """That of files without a name too, which no process is said to hold; and it is known for whose memory."""
    group = cgroups.create(trees, LIMITS | {"memory_mb": 32, "disk_mb": 0})
    assert group is not None
    assert group.memory_fault() == ""
    assert killed_in(group, 32 + 2 * cgroups.OVERHEAD_MB)
    assert group.memory_fault() == "group"
    for fd in group.procs_fds:
        os.close(fd)
    group.remove()


def test_memory_of_a_group_above_is_not_that_of_the_group(trees: list[cgroups.Tree]) -> None:
    """As in a container with less memory than a kernel may use."""
    container = cgroups.create(trees, LIMITS | {"memory_mb": 32, "disk_mb": 0})
    assert container is not None
    for tree in trees:
        if tree.kind == "unified":
            cgroups._write(tree.fd, f"{container.name}/cgroup.subtree_control", "+memory +pids")
    inner = [
        cgroups.Tree(tree.kind, os.open(container.name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=tree.fd))
        for tree in trees
    ]
    group = cgroups.create(inner, LIMITS)
    assert group is not None
    assert killed_in(group, 32 + 2 * cgroups.OVERHEAD_MB)
    assert group.memory_fault() == "machine"
    for fd in (*group.procs_fds, *container.procs_fds):
        os.close(fd)
    group.remove()
    container.remove()
    for tree in inner:
        os.close(tree.fd)


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        ("oom 0\noom_kill 0\n", ""),
        ("oom 2\noom_kill 2\n", "group"),
        ("max 9\noom 0\noom_kill 1\n", "machine"),
    ],
)
def test_group_of_version_2_tells_for_whose_memory_it_was_ended(place: Path, events: str, fault: str) -> None:
    """Linux counts there how often the limit of the group left no room."""
    group = cgroups.create([cgroups.Tree("unified", os.open(place, os.O_RDONLY))], LIMITS)
    assert group is not None
    [made] = place.iterdir()
    (made / "memory.events").write_text(f"low 0\nhigh 0\n{events}oom_group_kill 0\n")
    assert group.memory_fault() == fault


class _LostOne:
    """A group of which the system ended a process."""

    def memory_fault(self) -> cgroups.MemoryFault:
        return "group"


class _Little(Usage):
    """Usage within all limits."""

    def exceeds(self) -> bool:
        return False


def test_kernel_whose_group_lost_a_process_is_ended() -> None:
    """Its other processes would go on with what it had computed."""
    usage = _Little(LIMITS, "1")
    assert not supervisor._exceeds(usage, None)
    assert supervisor._exceeds(usage, cast(cgroups.Cgroup, _LostOne()))

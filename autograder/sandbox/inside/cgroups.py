"""A control group for each kernel, if the system allows it: a kernel cannot evade its accounting.

It accounts at all times, and also for the memory of files, sockets, pipes and the system's own tables. Where processors
are shared out by group, a kernel of many processes gets no more than another. `rlimits` works without it, but only
samples. Groups of version 2 are one tree; of version 1, one tree for each resource.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from .rlimits import MEGABYTE

NEEDED = frozenset(["memory", "pids"])
MEMORY, SWAP, PIDS = "memory", "swap", "pids"
SETTINGS: Mapping[str, Sequence[tuple[str, str]]] = {
    "unified": (("memory.max", MEMORY), ("pids.max", PIDS), ("memory.swap.max", SWAP), ("memory.oom.group", "1")),
    "memory": (
        ("memory.limit_in_bytes", MEMORY), ("memory.memsw.limit_in_bytes", MEMORY),
        ("memory.kmem.tcp.limit_in_bytes", MEMORY),
    ),
    "pids": (("pids.max", PIDS),),
    "cpu": (),
}  # fmt: skip
"""Files of a group with what is written to them, by kind of tree; its defaults share processors out equally."""
LOWERED: Mapping[str, Sequence[tuple[str, str]]] = {
    "unified": (("cpu.weight", "3"), ("cpu.idle", "1")), "cpu": (("cpu.shares", "34"), ("cpu.idle", "1"))
}  # fmt: skip
"""A thirtieth of the defaults; since Linux 5.15 what others leave, interrupted at once by what wakes up beside it."""
OPTIONAL = frozenset(["memory.swap.max", "memory.memsw.limit_in_bytes", "memory.kmem.tcp.limit_in_bytes"])
"""Missing where there is no swap, or where Linux was built without them."""
NAME = "autograder-"
AT_ONCE = 4 * MEGABYTE
"""More than Linux grants to a group at once. Version 1 does not count how often a limit was reached (Linux 6.18)."""
OVERHEAD_MB = 64  # kernel memory that the system uses on behalf of the processes
REMOVE_SECONDS = 1.0
ABANDONED_SECONDS = 600.0


Kind = Literal["unified", "memory", "pids", "cpu"]
"""What a tree is for: all resources, in version 2; else the one named."""


MemoryFault = Literal["", "group", "machine"]
"""Whose memory was too small: that of the group, or of the machine or a group above; empty if neither was."""


class Tree(NamedTuple):
    """A folder in which groups can be created."""

    kind: Kind
    fd: int


class Cgroup:
    """The control group of one kernel, in each of some trees."""

    def __init__(self, trees: Sequence[Tree], name: str) -> None:
        self.tree_fds, self.name = [tree.fd for tree in trees], name
        self._kinds = [tree.kind for tree in trees]
        # opened here, because they cannot be written from within the namespaces to come
        self.procs_fds = [os.open(f"{name}/cgroup.procs", os.O_WRONLY, dir_fd=fd) for fd in self.tree_fds]

    def join(self) -> None:
        """Add this process, and all that it starts, to the group, and close the descriptors."""
        try:
            for fd in self.procs_fds:
                os.write(fd, b"0")
        finally:
            for fd in (*self.procs_fds, *self.tree_fds):
                os.close(fd)

    def memory_fault(self) -> MemoryFault:
        """Return for want of whose memory the system ended a process of the group.

        A group of version 2 ends with all its processes, one of version 1 goes on without it.
        """
        fault: MemoryFault = ""
        for kind, fd in zip(self._kinds, self.tree_fds, strict=True):
            if kind == "unified":
                events = _numbers(fd, f"{self.name}/memory.events")
                is_full = events.get("oom", 0) > 0
            elif kind == "memory":
                events = _numbers(fd, f"{self.name}/memory.oom_control")
                most = int(_read(fd, f"{self.name}/memory.max_usage_in_bytes"))
                is_full = most > int(_read(fd, f"{self.name}/memory.limit_in_bytes")) - AT_ONCE
            else:
                continue
            if events.get("oom_kill", 0) > 0:
                fault = "group" if is_full else "machine"
        return fault

    def lower_priority(self) -> None:
        """Give the group little more than the time that other groups leave."""
        for kind, fd in zip(self._kinds, self.tree_fds, strict=True):
            for file, value in LOWERED.get(kind, ()):
                with contextlib.suppress(OSError):  # version 2 without `cpu`, or an older Linux
                    _write(fd, f"{self.name}/{file}", value)

    def remove(self) -> None:
        """Kill the remaining processes and remove the group."""
        end = time.monotonic() + REMOVE_SECONDS
        for fd in self.tree_fds:
            while time.monotonic() < end:
                self._kill(fd)
                try:
                    os.rmdir(self.name, dir_fd=fd)
                except FileNotFoundError:
                    break
                except OSError:  # a killed process has not quite ended
                    time.sleep(0.005)
                else:
                    break

    def _kill(self, fd: int) -> None:
        try:
            _write(fd, f"{self.name}/cgroup.kill", "1")
        except OSError:  # version 1, or an older Linux
            with contextlib.suppress(OSError):
                for pid in _read(fd, f"{self.name}/cgroup.procs").split():
                    if pid != "0":  # of a namespace that cannot be seen from here
                        os.kill(int(pid), signal.SIGKILL)


def create(trees: Sequence[Tree], limits: dict[str, Any]) -> Cgroup | None:
    """Create a group with the limits of one kernel; None if the system does not allow it."""
    name = f"{NAME}{os.urandom(8).hex()}"
    memory_bytes = (limits["memory_mb"] + limits["disk_mb"] + OVERHEAD_MB) * MEGABYTE
    values = {MEMORY: str(memory_bytes), SWAP: "0", PIDS: str(limits["processes"])}
    try:
        for tree in trees:
            os.mkdir(name, 0o755, dir_fd=tree.fd)
            for file, value in SETTINGS[tree.kind]:
                try:
                    _write(tree.fd, f"{name}/{file}", values.get(value, value))
                except OSError:
                    if file not in OPTIONAL:
                        raise
        return Cgroup(trees, name)
    except OSError:
        for tree in trees:
            with contextlib.suppress(OSError):
                os.rmdir(name, dir_fd=tree.fd)
        return None


def find_trees(limits: dict[str, Any]) -> list[Tree] | None:
    """Return trees in which groups can be created, or None.

    Each candidate is tested by creating a group that a process joins.
    """
    for paths in (*_unified_candidates(), *_separate_candidates()):
        trees: list[Tree] = []
        with contextlib.suppress(OSError):
            trees += [Tree(kind, os.open(path, os.O_RDONLY | os.O_DIRECTORY)) for kind, path in paths.items()]
            if (group := create(trees, limits)) is not None and _accepts_processes(group):
                for tree in trees:
                    _remove_abandoned(tree.fd)
                return trees
        for tree in trees:
            os.close(tree.fd)
    return None


def _unified_candidates() -> Iterator[dict[Kind, Path]]:
    """Yield our own group of version 2 and those above it, as far as they are visible and count what is needed."""
    top, own = _own_group("cgroup2", "")
    if top is None or own is None:
        return
    for path in (own, *own.parents):
        with contextlib.suppress(OSError):
            counted = (path / "cgroup.subtree_control").read_text().split()
            if path.is_relative_to(top) and set(counted) >= NEEDED:
                yield {"unified": path}


def _separate_candidates() -> Iterator[dict[Kind, Path]]:
    """Yield our own groups of version 1: with that of processors, and without it."""
    kinds: tuple[Kind, ...] = ("memory", "pids", "cpu")
    own = {kind: path for kind in kinds if (path := _own_group("cgroup", kind)[1]) is not None}
    if own.keys() >= NEEDED:
        yield own
        yield {kind: path for kind, path in own.items() if kind in NEEDED}


def _own_group(file_system: str, controller: str) -> tuple[Path | None, Path | None]:
    """Return where a tree is mounted, and our own group in it; None where they are not visible.

    controller: that of a tree of version 1; empty for version 2.
    """
    try:
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        memberships = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return None, None
    own = next((path for _, names, path in memberships if controller in names.split(",")), None)
    for mount, _, kind in (line.partition(" - ") for line in mounts):
        if (
            own is not None
            and kind.startswith(f"{file_system} ")
            and controller in ["", *kind.split()[-1].split(",")]
        ):
            root, top = mount.split()[3:5]
            return Path(top), Path(f"{top}/{own.removeprefix(root)}")
    return None, None


def _remove_abandoned(fd: int) -> None:
    """Remove the empty groups of kernels whose supervisor was ended."""
    with os.scandir(fd) as entries:
        for entry in entries:
            # a younger one may be about to be joined
            if entry.name.startswith(NAME) and time.time() - entry.stat().st_ctime > ABANDONED_SECONDS:
                with contextlib.suppress(OSError):
                    os.rmdir(entry.name, dir_fd=fd)


def _accepts_processes(group: Cgroup) -> bool:
    if (child := os.fork()) == 0:
        try:
            group.join()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    for fd in group.procs_fds:
        os.close(fd)
    group.remove()
    return status == 0


def _write(fd: int, name: str, text: str) -> None:
    descriptor = os.open(name, os.O_WRONLY, dir_fd=fd)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _read(fd: int, name: str) -> str:
    descriptor = os.open(name, os.O_RDONLY, dir_fd=fd)
    with os.fdopen(descriptor) as file:
        return file.read()


def _numbers(fd: int, name: str) -> dict[str, int]:
    """Return the numbers in a file of lines with a name and a number."""
    return {
        words[0]: int(words[1]) for line in _read(fd, name).splitlines() if len(words := line.split()) == 2
    }

"""A control group for each kernel, if the system allows it: a kernel cannot evade its accounting.

It accounts at all times, and also for the memory of files, sockets and pipes. `rlimits` works without it, but only
samples.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .rlimits import MEGABYTE

NEEDED = frozenset(["memory", "pids"])
NAME = "autograder-"
OVERHEAD_MB = 64  # kernel memory that the system uses on behalf of the processes
REMOVE_SECONDS = 1.0


class Cgroup:
    """The control group of one kernel, in the folder with descriptor `parent_fd`."""

    def __init__(self, parent_fd: int, name: str) -> None:
        self.parent_fd, self._name = parent_fd, name
        # opened here, because it cannot be written from within the namespaces to come
        self.procs_fd = os.open(f"{name}/cgroup.procs", os.O_WRONLY, dir_fd=parent_fd)

    def join(self) -> None:
        """Add this process, and all that it starts, to the group, and close the descriptors."""
        try:
            os.write(self.procs_fd, b"0")
        finally:
            os.close(self.procs_fd)
            os.close(self.parent_fd)

    def remove(self) -> None:
        """Kill the remaining processes and remove the group."""
        with contextlib.suppress(OSError):
            _write(self.parent_fd, f"{self._name}/cgroup.kill", "1")
        end = time.monotonic() + REMOVE_SECONDS
        while time.monotonic() < end:
            try:
                os.rmdir(self._name, dir_fd=self.parent_fd)
            except FileNotFoundError:
                return
            except OSError:  # a killed process has not quite ended
                time.sleep(0.005)
            else:
                return


def create(parent_fd: int, limits: dict[str, Any]) -> Cgroup | None:
    """Create a group with the limits of one kernel; None if the system does not allow it."""
    name = f"{NAME}{os.urandom(8).hex()}"
    memory_bytes = (limits["memory_mb"] + limits["disk_mb"] + OVERHEAD_MB) * MEGABYTE
    try:
        os.mkdir(name, 0o755, dir_fd=parent_fd)
        _write(parent_fd, f"{name}/memory.max", str(memory_bytes))
        _write(parent_fd, f"{name}/pids.max", str(limits["processes"]))
        with contextlib.suppress(OSError):  # the machine has no swap
            _write(parent_fd, f"{name}/memory.swap.max", "0")
        _write(parent_fd, f"{name}/memory.oom.group", "1")
        return Cgroup(parent_fd, name)
    except OSError:
        with contextlib.suppress(OSError):
            os.rmdir(name, dir_fd=parent_fd)
        return None


def find_parent(limits: dict[str, Any]) -> int | None:
    """Return the descriptor of a control group in which groups can be created, or None.

    Each candidate is tested by creating a group that a process joins.
    """
    for path in _candidates():
        with contextlib.suppress(OSError):
            if not set((path / "cgroup.subtree_control").read_text().split()) >= NEEDED:
                continue
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            if (group := create(fd, limits)) is not None and _accepts_processes(group):
                return fd
            os.close(fd)
    return None


def _candidates() -> Iterator[Path]:
    """Yield our own group and those above it, as far as they are visible."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().split("\n")]
        memberships = Path("/proc/self/cgroup").read_text().split("\n")
    except OSError:
        return
    mount_points = [Path(words[4]) for words in mounts if "cgroup2" in words]
    own = next((line[3:] for line in memberships if line.startswith("0::")), None)
    if mount_points and own is not None:
        path = Path(f"{mount_points[0]}{own}")
        yield from (
            candidate for candidate in (path, *path.parents) if candidate.is_relative_to(mount_points[0])
        )


def _accepts_processes(group: Cgroup) -> bool:
    if (child := os.fork()) == 0:
        try:
            group.join()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    os.close(group.procs_fd)
    group.remove()
    return status == 0


def _write(fd: int, name: str, text: str) -> None:
    descriptor = os.open(name, os.O_WRONLY, dir_fd=fd)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)

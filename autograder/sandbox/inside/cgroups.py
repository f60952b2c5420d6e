"""A control group for each kernel, where the system grants one: what it counts, no process can hide.

That is memory of files, sockets and pipes too, at every moment; `limits` holds without it, but looks now and then.
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
OVERHEAD_MB = 64  # for what the system itself holds for a kernel
REMOVE_SECONDS = 1.0


class Cgroup:
    """A group for one kernel: its name, and where it lies, as a descriptor."""

    def __init__(self, parent_fd: int, name: str) -> None:
        self.parent_fd, self._name = parent_fd, name
        # opened here, since nobody may write to it from within the namespaces to come
        self.procs_fd = os.open(f"{name}/cgroup.procs", os.O_WRONLY, dir_fd=parent_fd)

    def join(self) -> None:
        """Let this process, and all that it will start, be counted; and forget the way out."""
        try:
            os.write(self.procs_fd, b"0")
        finally:
            os.close(self.procs_fd)
            os.close(self.parent_fd)

    def remove(self) -> None:
        """End what is left in it, and remove it."""
        with contextlib.suppress(OSError):
            _write(self.parent_fd, f"{self._name}/cgroup.kill", "1")
        end = time.monotonic() + REMOVE_SECONDS
        while time.monotonic() < end:
            try:
                os.rmdir(self._name, dir_fd=self.parent_fd)
            except FileNotFoundError:
                return
            except OSError:  # what was ended is still on its way out
                time.sleep(0.005)
            else:
                return


class CgroupParent:
    """A place in which groups can be made, as a descriptor."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def make(self, limits: dict[str, Any]) -> Cgroup | None:
        """A group with the limits of one kernel; None where the system does not grant it."""
        name = f"{NAME}{os.urandom(8).hex()}"
        memory_bytes = (limits["memory_mb"] + limits["disk_mb"] + OVERHEAD_MB) * MEGABYTE
        try:
            os.mkdir(name, 0o755, dir_fd=self._fd)
            _write(self._fd, f"{name}/memory.max", str(memory_bytes))
            _write(self._fd, f"{name}/pids.max", str(limits["processes"]))
            with contextlib.suppress(OSError):  # where there is no swap
                _write(self._fd, f"{name}/memory.swap.max", "0")
            _write(self._fd, f"{name}/memory.oom.group", "1")
            return Cgroup(self._fd, name)
        except OSError:
            with contextlib.suppress(OSError):
                os.rmdir(name, dir_fd=self._fd)
            return None


def find_parent(limits: dict[str, Any]) -> CgroupParent | None:
    """Where groups can be made, found out by making one and letting a process join it; None where nowhere."""
    for path in _candidates():
        with contextlib.suppress(OSError):
            if not set((path / "cgroup.subtree_control").read_text().split()) >= NEEDED:
                continue
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            parent = CgroupParent(fd)
            if (group := parent.make(limits)) is not None and _accepts_processes(group):
                return parent
            os.close(fd)
    return None


def _candidates() -> Iterator[Path]:
    """Our own group, and those above it, as far as they are shown here."""
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

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
SPARE_MB = 64  # for what the system itself holds for a kernel
REMOVE_SECONDS = 1.0


class Group:
    """A group for one kernel: its name, and where it lies, as a descriptor."""

    def __init__(self, place: int, name: str) -> None:
        self.place, self._name = place, name
        # opened here, since nobody may write to it from within the namespaces to come
        self.members = os.open(f"{name}/cgroup.procs", os.O_WRONLY, dir_fd=place)

    def join(self) -> None:
        """Let this process, and all that it will start, be counted; and forget the way out."""
        try:
            os.write(self.members, b"0")
        finally:
            os.close(self.members)
            os.close(self.place)

    def remove(self) -> None:
        """End what is left in it, and remove it."""
        with contextlib.suppress(OSError):
            _write(self.place, f"{self._name}/cgroup.kill", "1")
        end = time.monotonic() + REMOVE_SECONDS
        while time.monotonic() < end:
            try:
                os.rmdir(self._name, dir_fd=self.place)
            except FileNotFoundError:
                return
            except OSError:  # what was ended is still on its way out
                time.sleep(0.005)
            else:
                return


class Groups:
    """A place in which groups can be made, as a descriptor."""

    def __init__(self, place: int) -> None:
        self._place = place

    def make(self, limits: dict[str, Any]) -> Group | None:
        """A group with the limits of one kernel; None where the system does not grant it."""
        name = f"{NAME}{os.urandom(8).hex()}"
        most = (limits["memory_mb"] + limits["disk_mb"] + SPARE_MB) * MEGABYTE
        try:
            os.mkdir(name, 0o755, dir_fd=self._place)
            _write(self._place, f"{name}/memory.max", str(most))
            _write(self._place, f"{name}/pids.max", str(limits["processes"]))
            with contextlib.suppress(OSError):  # where there is no swap
                _write(self._place, f"{name}/memory.swap.max", "0")
            _write(self._place, f"{name}/memory.oom.group", "1")
            return Group(self._place, name)
        except OSError:
            with contextlib.suppress(OSError):
                os.rmdir(name, dir_fd=self._place)
            return None


def granted(limits: dict[str, Any]) -> Groups | None:
    """Where groups can be made, found out by making one and letting a process join it; None where nowhere."""
    for path in _places():
        with contextlib.suppress(OSError):
            if not set((path / "cgroup.subtree_control").read_text().split()) >= NEEDED:
                continue
            place = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            groups = Groups(place)
            if (group := groups.make(limits)) is not None and _takes_members(group):
                return groups
            os.close(place)
    return None


def _places() -> Iterator[Path]:
    """Our own group, and those above it, as far as they are shown here."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().split("\n")]
        mine = Path("/proc/self/cgroup").read_text().split("\n")
    except OSError:
        return
    tops = [Path(words[4]) for words in mounts if "cgroup2" in words]
    own = next((line[3:] for line in mine if line.startswith("0::")), None)
    if tops and own is not None:
        path = Path(f"{tops[0]}{own}")
        yield from (one for one in (path, *path.parents) if one.is_relative_to(tops[0]))


def _takes_members(group: Group) -> bool:
    if (child := os.fork()) == 0:
        try:
            group.join()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    os.close(group.members)
    group.remove()
    return status == 0


def _write(place: int, name: str, text: str) -> None:
    descriptor = os.open(name, os.O_WRONLY, dir_fd=place)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)

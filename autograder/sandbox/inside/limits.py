"""What one kernel may use."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path
from typing import Any

MEGABYTE = 1 << 20
RESERVED = 2_000 * MEGABYTE  # address space that threads and allocators reserve and never use


def set_limits(limits: dict[str, Any], *, count_processes: bool) -> None:
    """Bound this process and all that it will start.

    limits: `memory_mb` above what it uses now, `processes` (threads among them), `file_mb`, `cpu_seconds`.
    count_processes: whether the user is this kernel's own, so that a count of its processes means something.
    """
    memory = limits["memory_mb"] * MEGABYTE
    wanted = {
        resource.RLIMIT_CORE: 1,  # byte; with 0 a crash is still told to a handler of the host, where there is one
        resource.RLIMIT_DATA: _sizes("/proc/self/status", ("VmData:",)) + memory,
        resource.RLIMIT_AS: _sizes("/proc/self/status", ("VmSize:",)) + memory + RESERVED,
        resource.RLIMIT_FSIZE: limits["file_mb"] * MEGABYTE,
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_NOFILE: 1024,
        resource.RLIMIT_MEMLOCK: 64 * 1024,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if count_processes:
        wanted[resource.RLIMIT_NPROC] = limits["processes"]
    with contextlib.suppress(OSError):  # where memory ends, the system ends this before the grader
        Path("/proc/self/oom_score_adj").write_text("1000")
    for limit, value in wanted.items():
        _, most = resource.getrlimit(limit)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (value, value))


def exceeded(limits: dict[str, Any]) -> bool:
    """Whether all processes in /proc together are too many, or hold too much memory."""
    pids = [name for name in os.listdir("/proc") if name.isdigit()]
    most: int = limits["memory_mb"] * MEGABYTE
    return len(pids) > int(limits["processes"]) or _memory_of(pids) > most


def overfull(folder: str, limits: dict[str, Any]) -> bool:
    """Whether the files in a folder, with no size of its own, are more than `disk_mb` together."""
    try:
        size = sum(
            _size_in(descriptor, name) for _, _, names, descriptor in os.fwalk(folder) for name in names
        )
    except OSError:  # a folder was removed meanwhile; it is looked at again soon
        return False
    except RecursionError:  # no honest notebook makes folders so deep
        return True
    return size > int(limits["disk_mb"]) * MEGABYTE


def _size_in(folder: int, name: str) -> int:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_blocks * 512
    except FileNotFoundError:
        return 0


def _memory_of(pids: list[str]) -> int:
    """Bytes; pages that several share are counted once, but only where it matters: it takes longer."""
    quick = sum(_sizes(f"/proc/{pid}/status", ("RssAnon:", "RssShmem:", "VmSwap:")) for pid in pids)
    if quick < 500 * MEGABYTE:
        return quick
    return sum(_sizes(f"/proc/{pid}/smaps_rollup", ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")) for pid in pids)


def _sizes(path: str, names: tuple[str, ...]) -> int:
    """The sum of some sizes in a file of /proc, in bytes; 0 where the process has ended."""
    try:
        lines = (
            Path(path).read_bytes().split(b"\n")
        )  # a process's title stands in it, and may hold other line ends
    except OSError:
        return 0
    read = [line.split() for line in lines if line.startswith(tuple(name.encode() for name in names))]
    return sum(int(words[1]) * 1024 for words in read if len(words) > 1 and words[1].isdigit())

"""Resource limits of one kernel."""

from __future__ import annotations

import contextlib
import os
import resource
import stat
from pathlib import Path
from typing import Any

from . import folders, libc, sockets
from .overhead import Overhead
from .proc import lines, sizes
from .processor_use import ProcessorMeter, ProcessorUse

MEGABYTE = 1 << 20
UNREADABLE = "unreadable"
ATTEMPTS, MAX_UNREADABLE = 3, 8
"""Readings of a process whose threads come and go, and successive measurements, a quarter of a second apart, in which
it may stay unreadable: one that is about to end is for a moment."""
UNCOUNTED_MAPPING = b" /dev/zero (deleted)"
"""End of the line in /proc/PID/maps of a shared mapping of /dev/zero, which user rights alone cannot refuse. Its pages
may stay when they are unmapped, so its size is unknown."""
RESERVED_ADDRESS_BYTES = 2_000 * MEGABYTE  # address space that threads and allocators reserve and never use


def set_limits(limits: dict[str, Any], *, count_processes: bool) -> None:
    """Limit this process and all processes that it starts.

    limits: `memory_mb` on top of current use, `processes` (including threads), `file_mb`, `cpu_seconds`.
    count_processes: whether the user runs this kernel only, so that RLIMIT_NPROC is meaningful.
    """
    memory = limits["memory_mb"] * MEGABYTE
    rlimits = {
        resource.RLIMIT_CORE: 1,  # byte; with 0, the host's core-dump handler, if any, still hears of a crash
        resource.RLIMIT_DATA: sizes("/proc/self/status", ("VmData:",)) + memory,
        resource.RLIMIT_AS: sizes("/proc/self/status", ("VmSize:",)) + memory + RESERVED_ADDRESS_BYTES,
        resource.RLIMIT_FSIZE: limits["file_mb"] * MEGABYTE,
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_NOFILE: 1024,
        resource.RLIMIT_MEMLOCK: 64 * 1024,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if count_processes:
        rlimits[resource.RLIMIT_NPROC] = limits["processes"]
    with contextlib.suppress(
        OSError
    ):  # when memory runs out, the system kills this process before the grader
        Path("/proc/self/oom_score_adj").write_text("1000")
    for limit, value in rlimits.items():
        _, hard = resource.getrlimit(limit)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))


class Usage:
    """Resource usage of one kernel, compared with its limits."""

    def __init__(self, limits: dict[str, Any], kernel: str) -> None:
        self._limits, self._pid = limits, kernel
        self._meter, self._overhead = ProcessorMeter(kernel), Overhead()
        self._unreadable = 0
        """Number of successive measurements that could not read a living process."""

    def processor_use(self) -> ProcessorUse:
        """Measure the use of processors."""
        return self._meter.measure(self._pids())

    def _pids(self) -> list[str]:
        """Return the ids of all processes."""
        raise NotImplementedError

    def exceeds(self) -> bool:
        """Return whether the kernel exceeds a limit. Raises OSError if that cannot be measured now."""
        raise NotImplementedError

    def _stays_unreadable(self, tasks: list[str]) -> bool:
        """Return whether one of these results of `living_task` has been unreadable for too long."""
        self._unreadable = self._unreadable + 1 if UNREADABLE in tasks else 0
        return self._unreadable >= MAX_UNREADABLE


class NamespaceUsage(Usage):
    """Resource usage of all processes in /proc, which shows those of one kernel only."""

    def __init__(self, limits: dict[str, Any]) -> None:
        super().__init__(limits, "1")

    def _pids(self) -> list[str]:
        return [name for name in os.listdir("/proc") if name.isdigit()]

    def exceeds(self) -> bool:
        """Return whether the processes together exceed the limit on threads or memory."""
        pids = self._pids()
        if _thread_count(pids) > int(self._limits["processes"]):
            return True
        tasks = [living_task(pid) for pid in pids]
        if self._stays_unreadable(tasks):
            return True
        readable = [task for task in tasks if task not in ("", UNREADABLE)]
        in_sockets = sockets.most_bytes(f"{readable[0]}/net") if readable else 0
        held = _memory_bytes(readable) + self._overhead.measure(readable) + in_sockets
        return held > int(self._limits["memory_mb"]) * MEGABYTE


def living_task(pid: str) -> str:
    """Return the /proc folder of a process, or of a thread that lives on after its first thread has exited.

    That folder shows what all threads share: memory, descriptors and network. Returns an empty string for a process
    that has ended, and `UNREADABLE` for one whose living threads show nothing.
    """
    process = f"/proc/{pid}"
    for _ in range(ATTEMPTS):
        if sizes(f"{process}/status", ("VmSize:",)):
            return process
        if sizes(f"{process}/status", ("Threads:",), unit=1) < 2:
            return ""
        with contextlib.suppress(OSError):
            for task in os.listdir(f"{process}/task"):
                if sizes(f"{process}/task/{task}/status", ("VmSize:",)):
                    return f"{process}/task/{task}"
    return UNREADABLE


class ProcessUsage(Usage):
    """Resource usage of a single-process kernel without namespaces, which would show it and bound its folder."""

    def __init__(self, kernel: int, folder: str, limits: dict[str, Any]) -> None:
        super().__init__(limits, str(kernel))
        self._folder = folder
        self._kernel = f"/proc/{kernel}"
        """The /proc folder of a living thread."""

    def _pids(self) -> list[str]:
        return [self._pid]

    def exceeds(self) -> bool:
        """Return whether the kernel exceeds a limit on threads, files, memory or disk."""
        task = living_task(self._pid)
        self._kernel = f"/proc/{self._pid}" if task in ("", UNREADABLE) else task
        if (
            self._stays_unreadable([task])
            or _thread_count([self._pid]) > int(self._limits["processes"])
            or _memory_bytes([self._kernel]) + self._overhead.measure([self._kernel])
            > int(self._limits["memory_mb"]) * MEGABYTE
        ):
            return True
        try:
            held = {(device, number): size for device, number, size in folders.sizes(self._folder)}
            owner = os.stat(self._kernel)
            with libc.as_filesystem_user(owner.st_uid, owner.st_gid):
                mappings = lines(f"{self._kernel}/maps")
                if any(line.endswith(UNCOUNTED_MAPPING) for line in mappings):
                    return True
                held |= self._unlinked_files(held, mappings)
        except folders.TooManyEntries:
            return True
        return sum(held.values()) > int(self._limits["disk_mb"]) * MEGABYTE

    def _unlinked_files(
        self, named: dict[tuple[int, int], int], mappings: list[bytes]
    ) -> dict[tuple[int, int], int]:
        """Return the files that the kernel has removed and still holds: open, mapped, or in transit through a socket.

        The size of one that is only mapped or in transit is invisible from outside: it counts as the largest allowed.
        """
        held: dict[tuple[int, int], int] = {}
        largest = int(self._limits["file_mb"]) * MEGABYTE
        names: list[str] = []
        with contextlib.suppress(PermissionError):  # a process that must not be traced
            names = os.listdir(f"{self._kernel}/fd")
        for name in names:
            with contextlib.suppress(FileNotFoundError, PermissionError):
                status = os.stat(f"{self._kernel}/fd/{name}")
                if stat.S_ISREG(status.st_mode) and not status.st_nlink:
                    held[status.st_dev, status.st_ino] = status.st_blocks * 512
                elif stat.S_ISSOCK(status.st_mode):
                    sent = sizes(f"{self._kernel}/fdinfo/{name}", ("scm_fds:",), unit=1)
                    held[status.st_dev, status.st_ino] = sent * largest
        for line in mappings:
            words = line.split(maxsplit=5)
            if line.endswith(b" (deleted)") and words[5].startswith(self._folder.encode()):
                major, minor = (int(part, 16) for part in words[3].split(b":"))
                key = os.makedev(major, minor), int(words[4])
                if key not in named:
                    held.setdefault(key, largest)
        return held


def _thread_count(pids: list[str]) -> int:
    return sum(sizes(f"/proc/{pid}/status", ("Threads:",), unit=1) for pid in pids)


def _memory_bytes(tasks: list[str]) -> int:
    """Return the memory of processes. Shared pages are counted once, but only for large totals: that takes longer.

    For a process of another user it may not be allowed either. tasks: a /proc folder of each process.
    """
    quick = [sizes(f"{task}/status", ("RssAnon:", "RssShmem:", "VmSwap:")) for task in tasks]
    if sum(quick) < 500 * MEGABYTE:
        return sum(quick)
    return sum(
        sizes(f"{task}/smaps_rollup", ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")) or held
        for task, held in zip(tasks, quick, strict=True)
    )

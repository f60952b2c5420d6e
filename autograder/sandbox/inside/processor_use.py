"""How much a kernel computes, and waits for a processor."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass

from .proc import lines

MAX_THREADS = 64  # of which the time that they run and wait is measured
STATE, USER_TIME, SYSTEM_TIME, STARTED = 0, 11, 12, 19
"""Places in /proc/PID/stat after the name (proc(5))."""


@dataclass(frozen=True)
class ProcessorUse:
    """How much a kernel has computed and waited since it started, in seconds."""

    threads: dict[str, tuple[float, float]]
    """How long each thread ran, and how long it was ready to run and had no processor."""
    used: float
    """Processor time of all its processes, at most: see `ProcessorMeter`."""

    def waited_since(self, before: ProcessorUse, processors: int) -> float:
        """Return how long a thread has waited at most for what other programs ran, of which there are `processors`.

        What all other threads of the kernel computed meanwhile is subtracted: while they keep all processors from it,
        the thread waits for its own kernel. A thread is left out if it may be an earlier one that was not measured.
        """
        waited, all_measured = 0.0, len(before.threads) < MAX_THREADS
        for thread, now in self.threads.items():
            if thread not in before.threads and not all_measured:
                continue
            earlier = before.threads.get(thread, (0.0, 0.0))
            ran, ready = now[0] - earlier[0], now[1] - earlier[1]
            others = max(self.used - before.used - ran, 0.0)
            waited = max(waited, ready - others / processors)
        return waited


class ProcessorMeter:
    """Measures the use of processors by a kernel, again and again.

    A process that ends takes with it what it computed since the last measurement, and nobody has to wait for a process
    whose parent ignores its end. So one that has ended since counts as if it had computed ever since, and so does one
    that was not there before, if it is ready to run.

    Linux adds the time for which a thread has waited when the thread runs again, which takes seconds where many others
    run. So a thread counts as waiting since it was first found ready to run, until it runs.
    """

    def __init__(self, kernel: str) -> None:
        self._kernel = kernel
        """Its process id."""
        self._processes: dict[tuple[str, bytes], int] = {}
        """Clock ticks that each living process has used, by its id and the time of its start."""
        self._ended_ticks = 0
        self._brief_seconds = 0.0
        """Seconds for which processes may have computed that were measured too late, or for the last time too early."""
        self._measured = time.monotonic()
        self._threads: dict[str, tuple[float, float]] = {}
        """How long each thread had run, and had waited before it did, when it was last measured."""
        self._ready_since: dict[str, float] = {}
        """When each thread that is ready to run and has not run since was first found so."""

    def measure(self, pids: list[str]) -> ProcessorUse:
        """Measure now. pids: ids of all processes.

        Source: /proc/PID/task/TID/schedstat (Documentation/scheduler/sched-stats.rst) and /proc/PID/stat.
        """
        processes, brief = {}, 0
        for pid in pids:
            words = _stat(f"/proc/{pid}")
            if not words:
                brief += 1  # it has ended since it was listed
                continue
            process = pid, words[STARTED]
            processes[process] = int(words[USER_TIME]) + int(words[SYSTEM_TIME])
            if process not in self._processes and pid != self._kernel:
                brief += _ready_tasks(pid)
        ended = [ticks for process, ticks in self._processes.items() if process not in processes]
        self._ended_ticks += sum(ended)
        brief += len(ended)
        self._processes, before, self._measured = processes, self._measured, time.monotonic()
        self._brief_seconds += brief * (self._measured - before)
        ticks = self._ended_ticks + sum(processes.values())
        return ProcessorUse(
            self._measure_threads(pids), ticks / os.sysconf("SC_CLK_TCK") + self._brief_seconds
        )

    def _measure_threads(self, pids: list[str]) -> dict[str, tuple[float, float]]:
        """Return how long each thread has run and waited, with the time for which it still waits."""
        before, self._threads = self._threads, _threads(pids)
        still = [
            thread for thread, now in self._threads.items() if before.get(thread) == now and _is_ready(thread)
        ]
        self._ready_since = {thread: self._ready_since.get(thread, self._measured) for thread in still}
        waits = {thread: self._measured - since for thread, since in self._ready_since.items()}
        return {
            thread: (ran, ready + waits.get(thread, 0.0)) for thread, (ran, ready) in self._threads.items()
        }


def _threads(pids: list[str]) -> dict[str, tuple[float, float]]:
    """Return how long each thread has run and waited, of as many as are measured, those of the first processes."""
    threads: dict[str, tuple[float, float]] = {}
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended
            for task in os.listdir(f"/proc/{pid}/task")[: MAX_THREADS - len(threads)]:
                words = b" ".join(lines(f"/proc/{pid}/task/{task}/schedstat")).split()
                if len(words) > 1:
                    threads[f"{pid}/task/{task}"] = int(words[0]) / 1e9, int(words[1]) / 1e9
    return threads


def _ready_tasks(pid: str) -> int:
    """Return the number of threads of a process that run or wait for a processor."""
    with contextlib.suppress(OSError):
        return sum(_is_ready(f"{pid}/task/{task}") for task in os.listdir(f"/proc/{pid}/task"))
    return 1


def _is_ready(thread: str) -> bool:
    return _stat(f"/proc/{thread}")[STATE : STATE + 1] == [b"R"]


def _stat(task: str) -> list[bytes]:
    """Return what is after the name in the status of a process or thread; empty if it has ended."""
    return b"\n".join(lines(f"{task}/stat")).rpartition(b")")[2].split()

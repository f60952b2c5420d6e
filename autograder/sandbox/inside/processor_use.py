"""How much a kernel computes, and waits for a processor."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass

from .proc import lines

MAX_THREADS = 64  # of which the time that they wait is measured
STATE, USER_TIME, SYSTEM_TIME, STARTED = 0, 11, 12, 19
"""Places in /proc/PID/stat after the name (proc(5))."""


@dataclass(frozen=True)
class ProcessorUse:
    """How much a kernel has computed and waited since it started, in seconds."""

    waited: dict[str, float]
    """How long each thread of the kernel was ready to run and had no processor."""
    used: float
    """Processor time of all its processes, at most: see `ProcessorMeter`."""


class ProcessorMeter:
    """Measures the use of processors by a kernel, again and again.

    A process that ends takes with it what it computed since the last measurement, and nobody has to wait for a process
    whose parent ignores its end. So one that has ended since counts as if it had computed ever since, and so does one
    that was not there before, if it is ready to run.
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
        return ProcessorUse(self._waited_seconds(), ticks / os.sysconf("SC_CLK_TCK") + self._brief_seconds)

    def _waited_seconds(self) -> dict[str, float]:
        waited = {}
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{self._kernel}/task")[:MAX_THREADS]:
                words = lines(f"/proc/{self._kernel}/task/{task}/schedstat")[:1]
                if words and len(numbers := words[0].split()) > 1:
                    waited[task] = int(numbers[1]) / 1e9
        return waited


def _ready_tasks(pid: str) -> int:
    """Return the number of threads of a process that run or wait for a processor."""
    with contextlib.suppress(OSError):
        tasks = os.listdir(f"/proc/{pid}/task")
        return sum(_stat(f"/proc/{pid}/task/{task}")[STATE : STATE + 1] == [b"R"] for task in tasks)
    return 1


def _stat(task: str) -> list[bytes]:
    """Return what is after the name in the status of a process or thread; empty if it has ended."""
    return b"\n".join(lines(f"{task}/stat")).rpartition(b")")[2].split()

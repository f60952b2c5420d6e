"""Supervisor of one kernel: a process outside its seal that alone knows for certain how it ended.

It holds the connection to the kernel's owner: it forwards interrupts, says how much the kernel has computed and
waited, lowers its priority, ends it when the owner asks for it or disconnects, and finally reports the end. If that
report is missing, the supervisor itself was ended.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from typing import Any, NoReturn

from . import cgroups, folders, rlimits
from .proc import lines
from .processor_use import ProcessorUse

INTERRUPT, END, USE, LOWER = b"interrupt", b"end", b"use", b"lower"
ENDED, OUT_OF_MEMORY = b'{"ended": true}', b'{"ended": "the machine is out of memory"}'
"""How a kernel ended, the last message to its owner: `OUT_OF_MEMORY` through no fault of its own."""
WATCH_MILLISECONDS = 125  # and up to twice as many more, at random: code cannot hide from the next look
LOWER_BY = 15
"""Added to the niceness of a kernel to lower its priority. Where processors are short, it then gets about a thirtieth
of the time of another kernel (sched(7))."""
MAX_MEASURED = 2_000  # of eight minutes; from then on, earlier measurements are thinned out


def supervise(
    kernel: int,
    owner: socket.socket | None,
    limits: dict[str, Any],
    folder: str | None,
    group: cgroups.Cgroup | None = None,
    autogroup: int | None = None,
) -> NoReturn:
    """Wait for a kernel, and end it if all its processes together exceed `limits`.

    owner: connection to the owner; None for a test of the seal.
    folder: where the kernel writes, removed at its end; None if it has its own file system.
    group: the control group that accounts for it, if any.
    autogroup: file descriptor of its /proc/PID/autogroup, if there is one.
    Whatever fails here, the kernel has ended when the report is sent, so that nobody blames the machine for its end.
    """
    kept_fds = {owner.fileno() if owner is not None else 2, *(group.tree_fds if group is not None else [])}
    if autogroup is not None:
        kept_fds.add(autogroup)
    for low, high in itertools.pairwise([2, *sorted(kept_fds - {2}), 1 << 16]):
        os.closerange(low + 1, high)
    ended = os.pidfd_open(kernel)
    if folder is not None:
        folders.lock(folder)
    final, killed_before = ENDED, killed_for_memory()
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        has_ended = _watch(
            ended, owner,
            rlimits.NamespaceUsage(limits) if folder is None else rlimits.ProcessUsage(kernel, folder, limits),
            group, lambda: _lower_priority(kernel, niceness + LOWER_BY, autogroup, group),
        )  # fmt: skip
        if group is not None:
            is_out_of_memory = group.memory_fault() == "machine"
        else:
            is_out_of_memory = has_ended and _is_killed(ended) and killed_for_memory() > killed_before
        final = OUT_OF_MEMORY if is_out_of_memory else ENDED
    finally:
        with contextlib.suppress(BaseException):
            os.kill(kernel, signal.SIGKILL)
            os.waitpid(kernel, 0)
        if group is not None:
            with contextlib.suppress(BaseException):
                group.remove()
        if folder is not None:
            with contextlib.suppress(BaseException):
                os.killpg(kernel, signal.SIGKILL)
            with contextlib.suppress(BaseException):
                folders.remove(folder)
        if owner is not None:
            with contextlib.suppress(BaseException):
                owner.send(final)
        os._exit(0)


def _watch(
    ended: int,
    owner: socket.socket | None,
    usage: rlimits.Usage,
    group: cgroups.Cgroup | None,
    lower_priority: Callable[[], bool],
) -> bool:
    """Return when the kernel has ended or must be ended, and whether it has ended by itself. ended: its pidfd."""
    poller, uses, is_to_be_lowered = select.poll(), _ProcessorUses(usage), False
    poller.register(ended, select.POLLIN)
    if owner is not None:
        poller.register(owner, select.POLLIN)
    while ended not in (
        ready := [descriptor for descriptor, _ in poller.poll(WATCH_MILLISECONDS + os.urandom(1)[0])]
    ):
        if owner is not None and owner.fileno() in ready:
            word = _receive(owner)
            if word.startswith(USE):
                owner.send(uses.during(float(word.removeprefix(USE))))
            elif word == INTERRUPT:
                signal.pidfd_send_signal(ended, signal.SIGINT)
            elif word == LOWER:
                is_to_be_lowered = True
            else:
                return False
        elif _exceeds(usage, group):
            return False
        if is_to_be_lowered:
            is_to_be_lowered = not lower_priority()
        uses.measure()
    return True


def _lower_priority(kernel: int, niceness: int, autogroup: int | None, group: cgroups.Cgroup | None) -> bool:
    """Lower the priority of a kernel, all threads of it, for good. Return False if it has to be tried again.

    Linux shares processors among control groups; where there are none, among sessions, each kernel being one, if the
    file `autogroup` exists (see `supervise`); and within these by niceness.
    """
    if group is not None:
        group.lower_priority()
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PGRP, kernel, niceness)
    if autogroup is not None:
        try:
            os.write(autogroup, b"%d" % LOWER_BY)
        except BlockingIOError:  # Linux allows this to one process of the machine in a tenth of a second
            return False
        except OSError:
            return True
    return True


def _is_killed(ended: int) -> bool:
    """Return whether a process was ended by the signal that Linux sends where there is no more memory.

    ended: its pidfd. It is not reaped.
    """
    result = os.waitid(os.P_PIDFD, ended, os.WEXITED | os.WNOWAIT)
    return result is not None and (result.si_code, result.si_status) == (os.CLD_KILLED, signal.SIGKILL)


def killed_for_memory() -> int:
    """Return how many processes of this machine Linux has ended for want of memory; 0 if it does not tell."""
    for line in lines("/proc/vmstat"):
        name, _, value = line.partition(b" ")
        if name == b"oom_kill":
            return int(value)
    return 0


class _ProcessorUses:
    """How much a kernel has computed and waited for a processor, measured whenever its limits are checked."""

    def __init__(self, usage: rlimits.Usage) -> None:
        self._usage = usage
        nothing = ProcessorUse({}, 0.0)
        self._measured = [(time.monotonic(), nothing)]
        self._processors = len(os.sched_getaffinity(0))

    def measure(self) -> None:
        """Measure now."""
        with contextlib.suppress(OSError, ValueError, MemoryError):  # it has ended, or memory is short
            self._measured.append((time.monotonic(), self._usage.processor_use()))
        if len(self._measured) > MAX_MEASURED:
            del self._measured[1 : MAX_MEASURED // 2 : 2]

    def during(self, seconds: float) -> bytes:
        """Return how long a thread has waited for others at most in these last seconds, and how much was computed."""
        self.measure()
        since, now = time.monotonic() - seconds, self._measured[-1][1]
        before = self._measured[0][1]
        for moment, use in self._measured:
            if moment <= since:
                before = use
        return b"%f %f" % (now.waited_since(before, self._processors), now.used - before.used)


def _exceeds(usage: rlimits.Usage, group: cgroups.Cgroup | None) -> bool:
    try:
        if group is not None and group.memory_fault():
            return True
        if isinstance(usage, rlimits.NamespaceUsage) and not _proc_shows_kernel_only():
            return False
        return usage.exceeds()
    except (OSError, MemoryError):  # it has ended, or the machine is short of resources: check again later
        return False


def _receive(owner: socket.socket) -> bytes:
    try:
        return owner.recv(64) or END
    except OSError:
        return END


def _proc_shows_kernel_only() -> bool:
    """Return whether /proc is the one that a kernel mounted in its namespace, which does not include this process."""
    return not os.path.exists("/proc/self")

"""Supervisor of one kernel: a process outside its seal that alone knows for certain how it ended.

It holds the connection to the kernel's owner: it forwards interrupts, says how much the kernel has computed and
waited, ends the kernel when the owner asks for it or disconnects, and finally reports the end. If that report is
missing, the supervisor itself was ended.
"""

from __future__ import annotations

import collections
import contextlib
import itertools
import os
import select
import signal
import socket
import time
from typing import Any, NoReturn

from . import cgroups, folders, rlimits
from .processor_use import ProcessorUse

INTERRUPT, END, USE, ENDED = b"interrupt", b"end", b"use", b'{"ended": true}'
WATCH_MILLISECONDS = 125  # and up to twice as many more, at random: code cannot hide from the next look
MAX_MEASURED = 2_000  # of eight minutes, more than the longest limit of a cell or a call


def supervise(
    kernel: int,
    owner: socket.socket | None,
    limits: dict[str, Any],
    folder: str | None,
    group: cgroups.Cgroup | None = None,
) -> NoReturn:
    """Wait for a kernel, and end it if all its processes together exceed `limits`.

    owner: connection to the owner; None for a test of the seal.
    folder: where the kernel writes, removed at its end; None if it has its own file system.
    group: the control group that accounts for it, if any.
    Whatever fails here, the kernel has ended when the report is sent, so that nobody blames the machine for its end.
    """
    kept_fds = {owner.fileno() if owner is not None else 2, *(group.tree_fds if group is not None else [])}
    for low, high in itertools.pairwise([2, *sorted(kept_fds - {2}), 1 << 16]):
        os.closerange(low + 1, high)
    ended = os.pidfd_open(kernel)
    if folder is not None:
        folders.lock(folder)
    try:
        _watch(
            ended, owner,
            rlimits.NamespaceUsage(limits) if folder is None else rlimits.ProcessUsage(kernel, folder, limits),
            group,
        )  # fmt: skip
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
                owner.send(ENDED)
        os._exit(0)


def _watch(
    ended: int, owner: socket.socket | None, usage: rlimits.Usage, group: cgroups.Cgroup | None
) -> None:
    """Return when the kernel has ended or must be ended. ended: its pidfd."""
    poller, uses = select.poll(), _ProcessorUses(usage)
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
            else:
                return
        elif _exceeds(usage, group):
            return
        uses.measure()


class _ProcessorUses:
    """How much a kernel has computed and waited for a processor, measured whenever its limits are checked."""

    def __init__(self, usage: rlimits.Usage) -> None:
        self._usage = usage
        nothing = ProcessorUse({}, 0.0)
        self._measured = collections.deque([(time.monotonic(), nothing)], MAX_MEASURED)

    def measure(self) -> None:
        """Measure now."""
        with contextlib.suppress(OSError, ValueError, MemoryError):  # it has ended, or memory is short
            self._measured.append((time.monotonic(), self._usage.processor_use()))

    def during(self, seconds: float) -> bytes:
        """Return how long a thread has waited at most in these last seconds, and how much was computed, as text."""
        self.measure()
        since, now = time.monotonic() - seconds, self._measured[-1][1]
        before = self._measured[0][1]
        for moment, use in self._measured:
            if moment <= since:
                before = use
        waited = max((now.waited[task] - before.waited.get(task, 0.0) for task in now.waited), default=0.0)
        return b"%f %f" % (waited, now.used - before.used)


def _exceeds(usage: rlimits.Usage, group: cgroups.Cgroup | None) -> bool:
    try:
        if group is not None and group.is_out_of_memory():
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

"""Supervisor of one kernel: a process outside its seal that alone knows for certain how it ended.

It holds the connection to the kernel's owner: it forwards interrupts, says how long the kernel has waited for a
processor, ends the kernel when the owner asks for it or disconnects, and finally reports the end. If that report is
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

INTERRUPT, END, WAITED, ENDED = b"interrupt", b"end", b"waited", b'{"ended": true}'
WATCH_MILLISECONDS = 250
MAX_MEASURED = 10_000  # of the last 40 minutes, more than the longest time limit


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
    kept_fds = {owner.fileno() if owner is not None else 2, group.parent_fd if group is not None else 2}
    for low, high in itertools.pairwise([2, *sorted(kept_fds - {2}), 1 << 16]):
        os.closerange(low + 1, high)
    ended = os.pidfd_open(kernel)
    if folder is not None:
        folders.lock(folder)
    try:
        _watch(
            ended, owner,
            rlimits.NamespaceUsage(limits) if folder is None else rlimits.ProcessUsage(kernel, folder, limits),
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
    ended: int, owner: socket.socket | None, usage: rlimits.NamespaceUsage | rlimits.ProcessUsage
) -> None:
    """Return when the kernel has ended or must be ended. ended: its pidfd."""
    poller, waits = select.poll(), _Waits(usage)
    poller.register(ended, select.POLLIN)
    if owner is not None:
        poller.register(owner, select.POLLIN)
    while ended not in (ready := [descriptor for descriptor, _ in poller.poll(WATCH_MILLISECONDS)]):
        if owner is not None and owner.fileno() in ready:
            word = _receive(owner)
            if word.startswith(WAITED):
                owner.send(b"%f" % waits.during(float(word.removeprefix(WAITED))))
            elif word == INTERRUPT:
                signal.pidfd_send_signal(ended, signal.SIGINT)
            else:
                return
        elif _exceeds(usage):
            return
        waits.measure()


class _Waits:
    """How long a kernel has waited for a processor, measured whenever its use is looked at."""

    def __init__(self, usage: rlimits.NamespaceUsage | rlimits.ProcessUsage) -> None:
        self._usage = usage
        self._measured = collections.deque([(time.monotonic(), 0.0)], MAX_MEASURED)
        """Times, and how long it had waited by then."""

    def measure(self) -> None:
        """Measure now."""
        self._measured.append((time.monotonic(), self._usage.waited_seconds()))

    def during(self, seconds: float) -> float:
        """Return how long it has waited in these last seconds."""
        since = time.monotonic() - seconds
        before = [waited for moment, waited in self._measured if moment <= since]
        return self._usage.waited_seconds() - (before[-1] if before else self._measured[0][1])


def _exceeds(usage: rlimits.NamespaceUsage | rlimits.ProcessUsage) -> bool:
    try:
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

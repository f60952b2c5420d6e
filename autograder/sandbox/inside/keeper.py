"""The keeper of one kernel: stands outside its seal, and is the only one who knows for sure how it ended.

It holds the connection to the kernel's owner: passes an interrupt on, ends the kernel when the owner asks or
has gone, and says at last that it has ended. Where that word is missing, the keeper itself was ended.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
from typing import Any, NoReturn

from . import limits

INTERRUPT, END, ENDED = b"interrupt", b"end", b'{"ended": true}'
WATCH_MILLISECONDS = 250


def keep(kernel: int, owner: socket.socket | None, bounds: dict[str, Any], folder: str | None) -> NoReturn:
    """Wait for a kernel and end it where all its processes together exceed `bounds`.

    owner: None for a trial. folder: where the kernel writes, removed at its end, if that is not its own to lose.
    """
    kept = owner.fileno() if owner is not None else -1
    for low, high in ((3, kept), (kept + 1, 1 << 16)) if kept >= 3 else ((3, 1 << 16),):
        os.closerange(low, high)
    ended = os.pidfd_open(kernel)
    poller = select.poll()
    poller.register(ended, select.POLLIN)
    if owner is not None:
        poller.register(owner, select.POLLIN)
    while ended not in (ready := [descriptor for descriptor, _ in poller.poll(WATCH_MILLISECONDS)]):
        if owner is not None and owner.fileno() in ready:
            with contextlib.suppress(ProcessLookupError):
                os.kill(kernel, signal.SIGINT if _heard(owner) == INTERRUPT else signal.SIGKILL)
        elif (
            limits.overfull(folder, bounds)
            if folder
            else _sees_the_kernel_alone() and limits.exceeded(bounds)
        ):
            os.kill(kernel, signal.SIGKILL)
    os.waitpid(kernel, 0)
    if folder is not None:
        with contextlib.suppress(OSError):
            os.killpg(kernel, signal.SIGKILL)
        with contextlib.suppress(
            RecursionError
        ):  # folders too deep for it are left, and no student is held up
            shutil.rmtree(folder, ignore_errors=True)
    if owner is not None:
        with contextlib.suppress(OSError):
            owner.send(ENDED)
    os._exit(0)


def _heard(owner: socket.socket) -> bytes:
    try:
        return owner.recv(64) or END
    except OSError:
        return END


def _sees_the_kernel_alone() -> bool:
    """Whether /proc is the one that a kernel has mounted in its namespace, in which this process is not."""
    return not os.path.exists("/proc/self")

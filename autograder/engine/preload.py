"""Imports what worker processes need before they are started. Imports nothing slow itself."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator

SAFE_PATH = "PYTHONSAFEPATH"
ENVIRONMENT = threading.RLock()
STARTUP, WORK, FREEZE = "autograder.startup", "autograder.engine.worker", "autograder.engine.freeze"


def expect_workers(workers: int, *, apart: bool = False) -> None:
    """Start importing what workers need, which takes seconds, while the caller prepares other things.

    apart: whether even a single worker is a separate process.
    """
    if (workers > 1 or apart) and sys.platform == "linux":
        from multiprocessing import forkserver  # missing on some systems

        multiprocessing.get_context("forkserver").set_forkserver_preload([STARTUP, WORK, FREEZE])
        with safe_path(), _no_interrupts():
            forkserver.ensure_running()


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """Let processes that are started in the block ignore Ctrl-C: it is for the command, which ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def safe_path() -> Iterator[None]:
    """Let processes that are started in the block import nothing from the current folder.

    A command may be given in a student's folder. Threads wait for each other: the environment is that of all of them.
    """
    with ENVIRONMENT:
        before = os.environ.get(SAFE_PATH)
        os.environ[SAFE_PATH] = "1"
        try:
            yield
        finally:
            if before is None:
                del os.environ[SAFE_PATH]
            else:
                os.environ[SAFE_PATH] = before

"""Imports what worker processes need before they are started. Imports nothing slow itself."""

from __future__ import annotations

import multiprocessing
import os
import sys

STARTUP, WORK = "autograder.startup", "autograder.engine.worker"


def expect_workers(workers: int, *, apart: bool = False) -> None:
    """Start importing what workers need, which takes seconds, while the caller prepares other things.

    apart: whether even a single worker is a separate process.
    """
    # a command may be given in a student's folder, whose files must not be imported where it starts processes
    os.environ["PYTHONSAFEPATH"] = "1"
    if (workers > 1 or apart) and sys.platform == "linux":
        from multiprocessing import forkserver  # missing on some systems

        multiprocessing.get_context("forkserver").set_forkserver_preload([STARTUP, WORK])
        forkserver.ensure_running()

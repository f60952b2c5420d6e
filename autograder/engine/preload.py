"""What worker processes import, imported before they are asked for. Imports nothing slow itself."""

from __future__ import annotations

import multiprocessing
import sys

WORK = "autograder.engine.worker"


def expect_workers(workers: int, *, apart: bool = False) -> None:
    """Let what workers need be imported beside all that comes before them: it takes seconds.

    apart: whether even one is a process of its own.
    """
    if (workers > 1 or apart) and sys.platform == "linux":
        from multiprocessing import forkserver  # other systems may not have it

        multiprocessing.get_context("forkserver").set_forkserver_preload([WORK])
        forkserver.ensure_running()

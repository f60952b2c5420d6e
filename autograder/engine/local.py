"""Workers on this machine: in processes of their own, or in this one."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing import connection
from typing import Any

from pebble import ProcessExpired, ProcessPool

from autograder.course import Course
from autograder.engine.data import Engine, WorkerLost
from autograder.engine.work import Worker
from autograder.sandbox.warm import Sources, WarmParents

TASKS_OF_A_WORKER = 500  # then it is replaced, whatever its libraries have kept


def open_engine(course: Course, jobs: int) -> Engine:
    """`jobs` workers for a course. The warm parents that they need run already."""
    return InThisProcess(course) if jobs == 1 else Pool(course, jobs)


class InThisProcess:
    """One worker, in this process: nothing to start, and nothing to lose."""

    slots = 1

    def __init__(self, course: Course) -> None:
        Worker.clear_instance()
        Worker.instance(root=str(course.root), seal=course.settings.seal)

    def submit(self, work: Callable[[Any], Any], data: Any) -> Future[Any]:
        """Do a piece of work at once."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(data))
        except Exception as error:
            future.set_exception(error)
        return future

    def look_after(self) -> None:
        """A warm parent is replaced when it is asked for a kernel."""

    def close(self) -> None:
        """Let go of the course."""
        Worker.clear_instance()


class Pool:
    """Workers in processes of their own, which share the warm parents of this one."""

    def __init__(self, course: Course, slots: int) -> None:
        self.slots = slots
        context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
        if sys.platform == "linux":
            context.set_forkserver_preload([Worker.__module__])  # imported once, not in each worker
        self._pool = ProcessPool(
            max_workers=slots, max_tasks=TASKS_OF_A_WORKER, initializer=_begin, context=context,
            initargs=(str(course.root), course.settings.seal, WarmParents.instance().revive()),
        )  # fmt: skip

    def submit(self, work: Callable[[Any], Any], data: Any) -> Future[Any]:
        """Begin a piece of work; WorkerLost is its error where its worker ended before it did."""
        outer: Future[Any] = Future()
        inner: Future[Any] = self._pool.schedule(work, args=[data])
        inner.add_done_callback(lambda done: _hand_over(done, outer))
        return outer

    def look_after(self) -> None:
        """Replace a warm parent that has ended; the pool replaces its workers itself."""
        WarmParents.instance().revive()

    def close(self) -> None:
        """End the workers, whatever they are at."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _hand_over(done: Future[Any], outer: Future[Any]) -> None:
    if done.cancelled():
        outer.cancel()
        return
    error = done.exception()
    if isinstance(error, ProcessExpired):
        outer.set_exception(WorkerLost(f"its worker ended ({error.exitcode})"))
    elif error is not None:
        outer.set_exception(error)
    else:
        outer.set_result(done.result())


def _begin(root: str, seal: str, sources: Sources) -> None:
    """What a worker process does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who writes the gradebook
    threading.Thread(target=_end_with_parent, daemon=True).start()
    WarmParents.instance().sources = sources
    Worker.instance(root=root, seal=seal)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        with contextlib.suppress(OSError):
            connection.wait([parent.sentinel])
        os._exit(1)

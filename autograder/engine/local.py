"""Workers on this machine: in processes of their own, or in this one."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from multiprocessing import connection
from multiprocessing.context import BaseContext
from typing import Any

from autograder.course import Course
from autograder.engine.messages import Executor, RenderTask, WorkItem, WorkResult
from autograder.engine.preload import expect_workers
from autograder.engine.worker import Worker
from autograder.grading.budget import Budget, ended_over_time
from autograder.sandbox.fork_server import ForkServerAddresses, ForkServerPool
from autograder.sandbox.limits import Limits

ITEMS_PER_WORKER = 1000  # then it is replaced, whatever its libraries have kept
BUDGET = Budget()
IDLE_SECONDS = 5  # then a worker keeps no kernel for a next piece that others have taken


def open_local(course: Course, jobs: int, *, apart: bool = False) -> Executor:
    """`jobs` workers for a course; one works in this process, unless `apart`. Their warm parents run already."""
    return InlineExecutor(course) if jobs == 1 and not apart else ProcessPool(course, jobs)


class InlineExecutor:
    """One worker, in this process: nothing to start, and nothing to lose."""

    slots = 1

    def __init__(self, course: Course) -> None:
        self._waiting: deque[WorkItem] = deque()
        Worker.clear_instance()
        Worker.instance(root=str(course.root), seal=course.settings.seal, fit=course.settings.fit)

    def submit(self, piece: WorkItem) -> None:
        """Put a piece of work in the queue."""
        self._waiting.append(piece)

    def completed(self, seconds: float) -> Iterator[WorkResult]:
        """Do the next piece of work; a warm parent is replaced when it is asked for a kernel."""
        if self._waiting:
            yield _done(self._waiting.popleft())

    def close(self) -> None:
        """Let go of the course, and of the kernel for a next piece that did not come."""
        ForkServerPool.instance().cancel_next()
        Worker.clear_instance()


class ProcessPool:
    """Workers in processes of their own, which share the warm parents of this one.

    Each has a pipe of its own and shares nothing with the others: killed, it is replaced, and they go on.
    """

    budget = BUDGET

    def __init__(self, course: Course, slots: int) -> None:
        self.slots = slots
        self._course = course
        self._context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
        expect_workers(slots, apart=True)  # imported once, not in each worker
        self._waiting: deque[WorkItem] = deque()
        self._workers = [self._hire() for _ in range(slots)]

    def submit(self, piece: WorkItem) -> None:
        """Give a piece of work to a worker that is idle, or put it in the queue."""
        self._waiting.append(piece)
        self._hand_out()

    def completed(self, seconds: float) -> Iterator[WorkResult]:
        """What workers have sent back. A warm parent or a worker that has ended is replaced."""
        ForkServerPool.instance().revive()
        yield from self._overdue()
        by_pipe = {worker.pipe: place for place, worker in enumerate(self._workers)}
        for pipe in connection.wait(list(by_pipe), seconds):
            place = by_pipe[pipe]  # type: ignore[index]
            worker = self._workers[place]
            piece, worker.piece = worker.piece, None
            try:
                value = worker.pipe.recv()
            except (EOFError, OSError):
                worker.terminate()
                self._workers[place] = self._hire()
                if piece is not None:
                    code = worker.process.exitcode
                    if ended_over_time(code):
                        yield WorkResult(piece.key, error=self.budget.over_time)
                    else:
                        yield WorkResult(piece.key, error=f"its worker ended ({code})", lost=True)
            else:
                if worker.done == ITEMS_PER_WORKER:
                    worker.terminate()
                    self._workers[place] = self._hire()
                self._hand_out()  # nobody waits while the gradebook is written
                yield value
        self._hand_out()

    def _overdue(self) -> Iterator[WorkResult]:
        """End the workers that are at a piece of work for longer than it may take."""
        for place, worker in enumerate(self._workers):
            piece = worker.piece
            if piece is not None and time.monotonic() > worker.due and not worker.pipe.poll():
                worker.terminate()
                self._workers[place] = self._hire()
                yield WorkResult(piece.key, error=self.budget.over_time)

    def close(self) -> None:
        """End the workers, whatever they are at."""
        for worker in self._workers:
            worker.terminate()

    def _hire(self) -> _WorkerProcess:
        sources = ForkServerPool.instance().revive()
        settings = self._course.settings
        return _WorkerProcess(
            self._context, str(self._course.root), settings.seal, settings.fit, sources, self.budget
        )

    def _hand_out(self) -> None:
        for worker in self._workers:
            if worker.piece is None and self._waiting:
                piece = self._waiting.popleft()
                worker.assign(piece, seconds_of(piece, self.budget, self._course.limits))


class _WorkerProcess:
    """A worker process, seen from the one that hands out work; `piece` is what it is at."""

    def __init__(self, context: BaseContext, *given: Any) -> None:
        self.pipe, theirs = context.Pipe()
        self.process: Any = context.Process(target=_work, args=(theirs, *given), daemon=True)  # type: ignore[attr-defined]
        self.process.start()
        theirs.close()
        self.piece: WorkItem | None = None
        self.due = 0.0
        """When it is to have done that, by the monotonic clock."""
        self.done = 0

    def assign(self, piece: WorkItem, seconds: float) -> None:
        """Let it do a piece of work; where it has ended, its pipe says so when it is read."""
        self.piece, self.done, self.due = piece, self.done + 1, time.monotonic() + seconds
        with contextlib.suppress(OSError):
            self.pipe.send(piece)

    def terminate(self) -> None:
        """End it."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _work(pipe: Any, root: str, seal: str, fit: str, sources: ForkServerAddresses, budget: Budget) -> None:
    """What a worker process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who writes the gradebook
    threading.Thread(target=_end_with_parent, daemon=True).start()
    ForkServerPool.instance().addresses = sources
    Worker.instance(root=root, seal=seal, fit=fit)
    while True:
        if not pipe.poll(IDLE_SECONDS):
            ForkServerPool.instance().cancel_next()
        piece = pipe.recv()
        with budget.bounds() if is_of_a_submission(piece) else contextlib.nullcontext():
            done = _done(piece, budget)
        pipe.send(done)


def is_of_a_submission(piece: WorkItem) -> bool:
    """Whether a piece of work is about something that was handed in, and not about a question of ours."""
    return hasattr(piece.data, "job")


def seconds_of(piece: WorkItem, budget: Budget, limits: Limits) -> float:
    """How long a piece of work may take by the clock. limits: those of the student's code in it."""
    if not is_of_a_submission(piece):
        return float("inf")
    return budget.page_seconds if isinstance(piece.data, RenderTask) else budget.judging_seconds(limits)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _done(piece: WorkItem, budget: Budget = BUDGET) -> WorkResult:
    try:
        return WorkResult(piece.key, piece.work(piece.data))
    except MemoryError:
        return WorkResult(piece.key, error=budget.over_memory)
    except Exception as error:
        return WorkResult(piece.key, error=f"{type(error).__name__}: {error}")

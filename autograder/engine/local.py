"""Executors on this machine: in this process, or a pool of worker processes."""

from __future__ import annotations

import contextlib
import math
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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course import Course
from autograder.engine.messages import Executor, GradeTask, RenderTask, ReplayTask, WorkItem, WorkResult
from autograder.engine.preload import expect_workers, safe_path
from autograder.errors import message_of
from autograder.i18n import _
from autograder.sandbox.budget import Budget, ended_over_time
from autograder.sandbox.fit_mode import Fit
from autograder.sandbox.fork_server import ForkServerAddresses, ForkServerPool
from autograder.sandbox.limits import SLOWER, Limits

if TYPE_CHECKING:
    from autograder.engine.worker import Worker

ITEMS_PER_WORKER = 1000  # then the worker is replaced, so that leaks in its libraries do not accumulate
BUDGET = Budget()
LATELY, FEW, FOUR_OF_FIVE = 20, 5, 0.8
"""Number of timed submissions of a notebook, at most and at least, and the part of them that counts as most."""
UNUSUAL_TIMES, UNUSUAL_SECONDS, WARM_UP_SECONDS = 1.5, 1.0, 2.0
"""A submission is unusually long after this multiple of what most take, and after this many seconds. The first one of a
worker has `WARM_UP_SECONDS` more."""
BESIDE_EACH_SLOT = 2  # how many submissions that take long may have left their slots, for each of these
IDLE_SECONDS = 5  # then a worker drops the kernel prepared for a next item, which others have taken


def open_local(
    course: Course,
    pool: ForkServerPool,
    workers: int,
    *,
    apart: bool = False,
    long_seconds: float = math.inf,
) -> Executor:
    """Open an executor with a number of workers. A single one runs in this process unless `apart`.

    pool: running fork servers, which belong to the executor from here on. long_seconds: see `ProcessPool`.
    """
    if workers == 1 and not apart:
        return InlineExecutor(course, pool)
    return ProcessPool(course, pool, workers, long_seconds=long_seconds)


class InlineExecutor:
    """Executor that runs work items in the calling process."""

    slots, beside_slots = 1, ()

    def __init__(self, course: Course, pool: ForkServerPool) -> None:
        from autograder.engine.worker import Worker

        self._waiting: deque[WorkItem] = deque()
        self._pool, self._worker = pool, Worker(course, pool)

    @property
    def fit(self) -> Fit:
        """How models are trained now."""
        return self._pool.trained_by()

    def submit(self, item: WorkItem) -> None:
        """Queue an item."""
        self._waiting.append(item)

    def completed(self, seconds: float) -> Iterator[WorkResult]:
        """Run the next item. A fork server that has ended is replaced when a kernel is requested."""
        if self._waiting:
            yield _run(self._worker, self._waiting.popleft())

    def close(self) -> None:
        """End the fork servers."""
        self._pool.close()


class ProcessPool:
    """Executor with worker processes, which share the fork servers of this one.

    Each worker has its own pipe and shares nothing with the others, so killing one only replaces that one.
    A submission that takes long leaves its slot to others: its worker goes on beside them. If it takes much longer than
    others have taken, its kernels also get a lower priority.
    """

    budget = BUDGET

    def __init__(
        self, course: Course, pool: ForkServerPool, slots: int, *, long_seconds: float = math.inf
    ) -> None:
        """Start the workers.

        long_seconds: after which a submission leaves its slot, or earlier if it takes much longer than others; by
        default, none leaves.
        """
        self.slots, self._long_seconds = slots, long_seconds
        self._lately: dict[tuple[str, str], deque[float]] = {}
        """How long the last submissions took that were graded, in seconds, by assignment and notebook."""
        self._course, self._pool = course, pool
        self._context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
        expect_workers(slots, apart=True)  # so that modules are imported once, not in each worker
        self._waiting: deque[WorkItem] = deque()
        spare = 0 if math.isinf(long_seconds) else 1
        self._workers = [self._spawn() for _ in range(slots + spare)]
        """The workers of the slots, and a spare one that takes a slot at once when an item has left it."""
        self._beside: list[_WorkerProcess] = []
        """The workers whose items have left their slots; each ends with its item."""

    @property
    def fit(self) -> Fit:
        """How models are trained now."""
        return self._pool.trained_by()

    @property
    def beside_slots(self) -> list[Any]:
        """The keys of the items that have left their slots."""
        return [worker.item.key for worker in self._beside if worker.item is not None]

    def submit(self, item: WorkItem) -> None:
        """Give an item to an idle worker, or queue it."""
        self._waiting.append(item)
        self._dispatch()

    def completed(self, seconds: float) -> Iterator[WorkResult]:
        """Yield what workers have sent back. A fork server or worker that has ended is replaced."""
        self._pool.revive()
        yield from self._overdue()
        self._let_long_items_leave()
        by_pipe = {worker.pipe: worker for worker in (*self._workers, *self._beside)}
        for pipe in connection.wait(list(by_pipe), seconds):
            worker = by_pipe[pipe]  # type: ignore[index]
            item, worker.item = worker.item, None
            try:
                value = worker.pipe.recv()
            except (EOFError, OSError):
                self._replace(worker)
                if item is not None:
                    code = worker.process.exitcode
                    if ended_over_time(code):
                        yield WorkResult(item.key, error=self.budget.over_time)
                    else:
                        ended = _(
                            "its worker process ended unexpectedly (exit status {status})", status=str(code)
                        )
                        yield WorkResult(item.key, error=ended, lost=True)
            else:
                task = item.data if item is not None else None
                if (
                    isinstance(task, GradeTask)
                    and not value.error
                    and not getattr(value.value, "reason", None)
                ):
                    taken = self._lately.setdefault(_notebook_of(task), deque(maxlen=LATELY))
                    taken.append(time.monotonic() - worker.since)
                if worker.assigned == ITEMS_PER_WORKER or worker in self._beside:
                    self._replace(worker)
                self._dispatch()  # so that no worker is idle while the gradebook is written
                yield value
        self._dispatch()

    def _overdue(self) -> Iterator[WorkResult]:
        """Kill the workers that exceed the time limit of their item."""
        for worker in (*self._workers, *self._beside):
            item = worker.item
            if item is not None and time.monotonic() > worker.due and not worker.pipe.poll():
                self._replace(worker)
                yield WorkResult(item.key, error=self.budget.over_time)

    def _let_long_items_leave(self) -> None:
        """Give slots of submissions that take long to new workers, `BESIDE_EACH_SLOT` times for each slot at most."""
        if math.isinf(self._long_seconds):
            return
        for index, worker in enumerate(self._workers):
            if len(self._beside) < BESIDE_EACH_SLOT * self.slots and self._takes_long(worker):
                self._workers[index] = self._spawn()
                self._beside.append(worker)
        for worker in self._beside:
            item = worker.item
            if (
                item is not None
                and not worker.has_low_priority
                and worker.seconds > self._unusual_seconds(item)
            ):
                worker.lower_priority()

    def _takes_long(self, worker: _WorkerProcess) -> bool:
        item = worker.item
        if item is None or not is_untrusted(item) or worker.pipe.poll():
            return False
        return worker.seconds > min(self._long_seconds, self._unusual_seconds(item))

    def _unusual_seconds(self, item: WorkItem) -> float:
        """Return the seconds after which an item takes unusually long; infinite while that is not known.

        The time of nbgrader's own tests includes that of calls between two kernels: they keep their share.
        """
        task = item.data
        if not isinstance(task, GradeTask) or task.tests is not None:
            return math.inf
        lately = sorted(self._lately.get(_notebook_of(task), ()))
        if len(lately) < FEW:
            return math.inf
        most = lately[int(FOUR_OF_FIVE * len(lately))]
        return max(UNUSUAL_SECONDS, UNUSUAL_TIMES * most)

    def close(self) -> None:
        """Kill the workers, even at work, and end the fork servers."""
        for worker in (*self._workers, *self._beside):
            worker.terminate()
        self._pool.close()

    def _replace(self, worker: _WorkerProcess) -> None:
        """Kill a worker, and start another one if it has a slot."""
        worker.terminate()
        if worker in self._beside:
            self._beside.remove(worker)
        else:
            self._workers[self._workers.index(worker)] = self._spawn()

    def _spawn(self) -> _WorkerProcess:
        addresses = self._pool.revive()
        settings = self._course.settings
        return _WorkerProcess(
            self._context, str(self._course.root), settings.seal, settings.fit, addresses, self.budget
        )

    def _dispatch(self) -> None:
        idle = [worker for worker in self._workers if worker.item is None]
        free = self.slots - (len(self._workers) - len(idle))
        # in turn, so that also the spare one has loaded what it needs
        for worker in sorted(idle, key=lambda each: each.assigned)[:free]:
            if self._waiting:
                item = self._waiting.popleft()
                worker.assign(item, time_limit(item, self.budget, self._course.limits))


class _WorkerProcess:
    """The dispatcher's handle on a worker process."""

    def __init__(self, context: BaseContext, *args: Any) -> None:
        self.pipe, worker_pipe = context.Pipe()
        self.process: Any = context.Process(target=_serve, args=(worker_pipe, *args), daemon=True)  # type: ignore[attr-defined]
        with safe_path():
            self.process.start()
        worker_pipe.close()
        self.item: WorkItem | None = None
        """The item in progress."""
        self.since = 0.0
        """When the item in progress was assigned, by the monotonic clock."""
        self.due = 0.0
        """The deadline of the item in progress, by the monotonic clock."""
        self.assigned = 0
        """The number of items assigned so far."""
        self.has_low_priority = False
        """Whether its kernels have low priority."""

    @property
    def seconds(self) -> float:
        """How long the item in progress has taken so far, without the time in which the worker may still load."""
        return time.monotonic() - self.since - (WARM_UP_SECONDS if self.assigned == 1 else 0.0)

    def assign(self, item: WorkItem, seconds: float) -> None:
        """Send an item. If the process has ended, reading its pipe reports that."""
        self.item, self.assigned, self.since = item, self.assigned + 1, time.monotonic()
        self.due = self.since + seconds
        with contextlib.suppress(OSError):
            self.pipe.send(item)

    def lower_priority(self) -> None:
        """Lower the priority of its kernels, for good. It gets no further item."""
        self.has_low_priority = True
        self.due += (SLOWER - 1) * (self.due - self.since)
        with contextlib.suppress(OSError):
            self.pipe.send(None)

    def terminate(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Any, root: str, seal: str, fit: str, addresses: ForkServerAddresses, budget: Budget) -> None:
    """Run the main loop of a worker process."""
    import numpy as np

    from autograder.engine.worker import Worker  # which the process that writes the gradebook does without

    os.chdir(root)  # the folder in which the fork server was started may be gone
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes the gradebook
    threading.Thread(target=_end_with_parent, daemon=True).start()
    np.random.seed()  # else every worker has the numbers of the process that it was forked from
    pool = ForkServerPool(
        addresses=addresses, has_low_priority=pipe.poll
    )  # no other message arrives during an item
    worker = Worker(Course.open(Path(root)).with_settings(seal=seal, fit=fit), pool)
    while True:
        if not pipe.poll(IDLE_SECONDS):
            pool.cancel_next()
        item = pipe.recv()
        if item is None:  # the priority was to be lowered; the item had ended
            return
        with budget.bounds() if is_untrusted(item) else contextlib.nullcontext():
            result = _run(worker, item, budget)
        pipe.send(result)


def is_untrusted(item: WorkItem) -> bool:
    """Return whether an item processes a submission, rather than a question of the course."""
    return hasattr(item.data, "submission")


def _notebook_of(task: GradeTask) -> tuple[str, str]:
    """Return the names of the assignment and of the notebook."""
    return task.submission.assignment, task.submission.notebook


def time_limit(item: WorkItem, budget: Budget, limits: Limits) -> float:
    """Return the wall-clock seconds that an item may take. limits: those of the student's code in it."""
    if not is_untrusted(item):
        return float("inf")
    if isinstance(item.data, RenderTask):
        return budget.page_seconds
    task = item.data.task if isinstance(item.data, ReplayTask) else item.data
    return budget.judging_seconds(limits, has_tests=getattr(task, "tests", None) is not None)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _run(worker: Worker, item: WorkItem, budget: Budget = BUDGET) -> WorkResult:
    try:
        return WorkResult(item.key, item.work(worker, item.data))
    except MemoryError:
        return WorkResult(item.key, error=budget.over_memory)
    except Exception as error:
        return WorkResult(item.key, error=message_of(error))

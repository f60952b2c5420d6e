"""The executor on a Dask cluster: one submission at a time for each thread of each accepted worker.

A worker first describes itself, then receives the course and seals itself, then receives work. Work is sent to workers
by name, not wherever Dask would put it. So a refused worker gets none, and a slow submission occupies only its own
thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograder.course import Course
from autograder.engine.cluster import dask_task
from autograder.engine.cluster.connection import (
    CLOSE_SECONDS,
    CONNECT_SECONDS,
    Connection,
    SchedulerPoll,
    WorkerReply,
    check,
    differences,
)
from autograder.engine.cluster.requests import Requests
from autograder.engine.cluster.serialization import Data, dumps, loads
from autograder.engine.cluster.workers import (
    ClusterWorker,
    PendingRequest,
    no_answer,
    no_workers,
    reason_in,
    scheduler_gone,
    scheduler_timeout,
    with_address,
    worker_refused,
)
from autograder.engine.messages import WorkItem, WorkResult
from autograder.errors import GraderError
from autograder.i18n import _
from autograder.sandbox.fit_mode import NO_FIT
from autograder.text import Text, joined

POLL_SECONDS, WAIT_SECONDS, ANSWER_SECONDS = 1.0, 90.0, 300.0
NO_REASON, ENDED = _("it gave no reason"), _("it ended before it answered")


class ClusterExecutor:
    """Executor with workers on other machines."""

    patience = WAIT_SECONDS
    """Seconds without any usable worker before that is an error."""
    fit = NO_FIT
    """Unknown here: each worker logs how it trains models."""

    def __init__(
        self,
        course: Course,
        assignments: Sequence[str],
        address: str,
        *,
        wait: bool = True,
        on_message: Callable[[Text], None] = lambda text: None,
    ) -> None:
        """Join the cluster.

        wait: whether to wait for a worker; otherwise items queue until one comes, and `slots` is 0. Raises CourseError
        if the scheduler cannot be reached or an assignment cannot be graded, and GraderError if all of its workers are
        refused.
        """
        check(address)
        self._address, self._on_message = address, on_message
        self._requests = Requests(course, assignments)
        self._versions = dask_task.versions(of_tests=self._requests.have_tests)
        self._waiting: deque[tuple[WorkItem, Data]] = deque()
        self._done: deque[WorkResult] = deque()
        self._workers: dict[str, ClusterWorker] = {}
        self._pending: dict[str, PendingRequest] = {}
        self._last_poll, self._last_seen = 0.0, time.monotonic()
        """Times of the last poll, and of the last time a usable worker was known."""
        self._poll: SchedulerPoll | None = None
        self._outage_reported = False
        self._connection = Connection(address) if wait else None
        """None while the scheduler is away."""
        if wait:
            try:
                self._wait_for_a_worker()
            except BaseException:
                self.close()
                raise

    @property
    def slots(self) -> int:
        """The number of threads of the workers that are ready at present; 0 if there are none."""
        return sum(worker.threads for worker in self._workers.values() if worker.state == "ready")

    @property
    def beside_slots(self) -> tuple[Any, ...]:
        """Return no keys: a cluster's workers have slots enough."""
        return ()

    def submit(self, item: WorkItem) -> None:
        """Send an item to a worker with an idle thread, or queue it."""
        try:
            self._waiting.append((item, self._requests.of(item)))
        except GraderError as error:  # the submitter is unknown
            self._done.append(WorkResult(item.key, error=error.message))
        self._dispatch()

    def completed(self, seconds: float) -> Iterator[WorkResult]:
        """Yield the results that workers sent back, and the items lost with a worker that has gone.

        Raises GraderError if no usable worker has been there for `patience` seconds, and again at each call until one
        is: the caller may continue to wait.
        """
        self._update()
        self._receive(0 if self._done else seconds)
        self._dispatch()  # so that no worker is idle while the gradebook is written
        while self._done:
            yield self._done.popleft()

    def close(self) -> None:
        """Leave the cluster. Its workers finish their items, whose results are discarded."""
        if self._poll is not None:
            self._poll.join(CONNECT_SECONDS + CLOSE_SECONDS)
            self._connection = self._poll.connection
        if self._connection is not None:
            self._connection.close()

    def _wait_for_a_worker(self) -> None:
        while not any(worker.state == "ready" for worker in self._workers.values()):
            if self._workers and all(worker.state == "refused" for worker in self._workers.values()):
                raise GraderError(
                    no_workers(_("no worker can be used"), self._address, self._workers.values())
                )
            self._update()
            self._receive(POLL_SECONDS)

    def _update(self) -> None:
        """Poll the scheduler for workers that came or went, without blocking if it does not answer."""
        if self._poll is None:
            if time.monotonic() < self._last_poll + POLL_SECONDS:
                return
            if self._connection is not None and not self._connection.is_open:
                self._disconnect()
            self._poll = SchedulerPoll(self._address, self._connection)
        if self._poll.is_alive():
            self._check_patience()
            return
        poll, self._poll, self._last_poll = self._poll, None, time.monotonic()
        before, self._connection = self._connection, poll.connection
        if poll.workers is None:
            self._disconnect(poll.reason)
        else:
            if before is None:  # its workers may take a while to come
                self._last_seen, self._outage_reported = self._last_poll, False
            self._update_workers(poll.workers)
        self._check_patience()

    def _update_workers(self, threads: dict[str, int]) -> None:
        for address in set(self._workers) - set(threads):
            self._remove(address)
        for address in set(threads) - set(self._workers):
            self._workers[address] = ClusterWorker(address, threads[address])
            self._send(self._workers[address], dask_task.describe, {})
        for worker in self._workers.values():
            if worker.state in ("asked", "opening") and self._last_poll > worker.since + ANSWER_SECONDS:
                self._refuse(worker, no_answer(ANSWER_SECONDS))

    def _check_patience(self) -> None:
        now = time.monotonic()
        if any(worker.state != "refused" for worker in self._workers.values()):
            self._last_seen = now
        if now < self._last_seen + self.patience:
            return
        if self._connection is None:
            raise GraderError(scheduler_timeout(self._address, self.patience))
        raise GraderError(no_workers(_("no worker is left"), self._address, self._workers.values()))

    def _disconnect(self, reason: Text | None = None) -> None:
        """Drop a scheduler that is gone, or was never there. Its items are queued again."""
        for address in list(self._workers):
            self._remove(address, suspect=False)
        if self._connection is not None:
            # a client that has lost its scheduler takes seconds to close
            threading.Thread(target=self._connection.close, daemon=True).start()
            self._connection = None
        if not self._outage_reported:
            self._outage_reported = True
            self._on_message(scheduler_gone(self._address, self.patience, reason))

    def _remove(self, address: str, *, suspect: bool = True) -> None:
        """Remove a worker that has gone.

        suspect: its items may have ended it, so they are reported as lost; otherwise they are queued again.
        """
        worker = self._workers.pop(address)
        for key in [key for key, request in self._pending.items() if request.worker is worker]:
            request = self._pending.pop(key)
            if request.item is None:
                continue
            if suspect:
                error = _("its worker {address} has gone", address=address)
                self._done.append(WorkResult(request.item.key, error=error, lost=True))
            else:
                self._waiting.appendleft((request.item, request.data))

    def _dispatch(self) -> None:
        ready = [worker for worker in self._workers.values() if worker.state == "ready"]
        while self._waiting and ready and self._connection is not None and self._connection.is_open:
            worker = min(ready, key=lambda worker: worker.active - worker.threads)
            if worker.active >= worker.threads:
                return
            item, data = self._waiting.popleft()
            worker.active += 1
            self._send(worker, dask_task.forward, data, item)

    def _send(
        self,
        worker: ClusterWorker,
        function: Callable[[bytes], bytes],
        data: Data,
        item: WorkItem | None = None,
    ) -> None:
        try:
            if self._connection is None:
                raise ConnectionError
            key = self._connection.send(worker.address, function, dumps(data))
        except OSError:  # the scheduler is gone, as the next poll finds out
            if item is not None:
                worker.active -= 1
                self._waiting.appendleft((item, data))
            return
        self._pending[key] = PendingRequest(worker, data, item)

    def _receive(self, seconds: float) -> None:
        """Handle the replies of workers, after waiting at most `seconds` for the first."""
        if self._connection is None:
            if self._poll is None:
                time.sleep(seconds)
            else:
                self._poll.join(seconds)
            return
        reply = self._connection.next_reply(seconds)
        while reply is not None:
            request = self._pending.pop(reply.key, None)
            if request is not None and request.item is None:
                self._handle_status(request.worker, reply)
            elif request is not None:
                request.worker.active -= 1
                self._handle_result(request, request.item, reply)
            reply = self._connection.next_reply(0)

    def _handle_status(self, worker: ClusterWorker, reply: WorkerReply) -> None:
        """Handle a worker's description of itself, or its report that it has opened the course."""
        if reply.lost:
            return self._remove(worker.address)
        try:
            data = loads(reply.answer) if not reply.error else {}
            if worker.state == "asked" and not reply.error:
                mismatches = differences(data["versions"], self._versions)
                if mismatches:
                    return self._refuse(worker, joined("; ", mismatches))
                worker.state = "opening"
                return self._send(worker, dask_task.forward, self._requests.opening)
            if data.get("state") == "open":
                worker.state = "ready"
                return None
            return self._refuse(worker, reason_in(data, Text.same(reply.error) if reply.error else ENDED))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return self._refuse(worker, _("its answer cannot be read ({error})", error=repr(error)))

    def _refuse(self, worker: ClusterWorker, reason: Text) -> None:
        worker.state, worker.reason = "refused", reason
        self._on_message(worker_refused(worker))

    def _handle_result(self, request: PendingRequest, item: Any, reply: WorkerReply) -> None:
        """Handle the result of an item, or its absence."""
        address = request.worker.address
        if reply.lost:  # in transit, through no fault of the worker's
            return self._waiting.appendleft((item, request.data))
        if not reply.answer:
            reason = Text.same(reply.error) if reply.error else _("the process that grades there has ended")
            return self._done.append(WorkResult(item.key, error=with_address(address, reason), lost=True))
        try:
            data = loads(reply.answer)
            if data["state"] == "need":  # it has opened another course in the meantime
                request.worker.active += 1
                both = request.data | self._requests.opening
                return self._send(request.worker, dask_task.forward, both, item)
            if data["state"] == "refused":  # it could not open this course again
                self._refuse(request.worker, reason_in(data, NO_REASON))
                return self._waiting.appendleft((item, request.data))
            if data["state"] == "done":
                self._done.append(WorkResult(item.key, self._requests.result(item, data)))
            else:
                error, lost = with_address(address, reason_in(data, NO_REASON)), data["state"] == "lost"
                self._done.append(WorkResult(item.key, error=error, lost=lost))
            return None
        except (KeyError, TypeError, ValueError) as error:
            invalid = _("{address} sent an invalid result: {error}", address=address, error=error)
            self._done.append(WorkResult(item.key, error=invalid))

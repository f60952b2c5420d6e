"""The executor on a cluster: one submission at a time for each thread of each worker that may grade.

A worker is asked what it is, then gets the course and seals itself, then gets work. Work goes to workers by name, not
wherever Dask would put it: so a worker that may not grade gets none, and a slow submission holds up its own thread
alone.
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
    joined,
)
from autograder.engine.cluster.requests import Requests
from autograder.engine.cluster.serialization import Data, dumps, loads
from autograder.engine.cluster.workers import (
    ClusterWorker,
    PendingRequest,
    gone,
    nobody,
    not_back,
    reason_in,
    refused,
    silent,
)
from autograder.engine.messages import WorkItem, WorkResult
from autograder.errors import GraderError
from autograder.text import Text

POLL_SECONDS, WAIT_SECONDS, ANSWER_SECONDS = 1.0, 90.0, 300.0


class ClusterExecutor:
    """Workers on other machines. Raises CourseError, or GraderError where none of them may grade."""

    patience = WAIT_SECONDS
    """Seconds for which it may be that nobody is there, before that is an error."""

    def __init__(
        self,
        course: Course,
        assignments: Sequence[str],
        address: str,
        *,
        wait: bool = True,
        on_message: Callable[[Text], None] = lambda text: None,
    ) -> None:
        """Join it. wait: until a worker is there; else what is begun before waits for one, and `slots` is 0."""
        check(address)
        self._address, self._on_message = address, on_message
        self._requests = Requests(course, assignments)
        self._versions = dask_task.versions()
        self._waiting: deque[tuple[WorkItem, Data]] = deque()
        self._done: deque[WorkResult] = deque()
        self._members: dict[str, ClusterWorker] = {}
        self._asked: dict[str, PendingRequest] = {}
        self._looked, self._seen = 0.0, time.monotonic()
        """When it last looked who is there, and when anybody was."""
        self._poll: SchedulerPoll | None = None
        self._told_that_it_is_away = False
        self._connection = Connection(address) if wait else None
        """None while the scheduler is away."""
        if wait:
            try:
                self._wait_for_the_first()
            except BaseException:
                self.close()
                raise

    @property
    def slots(self) -> int:
        """Threads of the workers that may grade, as they are now; 0 where there are none."""
        return sum(member.threads for member in self._members.values() if member.state == "ready")

    def submit(self, item: WorkItem) -> None:
        """Give a piece of work to a worker with an idle thread, or put it in the queue."""
        try:
            self._waiting.append((item, self._requests.of(item)))
        except GraderError as error:  # nobody knows whose it is
            self._done.append(WorkResult(item.key, error=str(error)))
        self._dispatch()

    def completed(self, seconds: float) -> Iterator[WorkResult]:
        """What workers have sent back, and what was lost with one that has gone.

        Raises GraderError where nobody has been there for as long as `patience` says, and again each time until
        somebody is: who wants to wait on may.
        """
        self._look()
        self._hear(0 if self._done else seconds)
        self._dispatch()  # nobody waits while the gradebook is written
        while self._done:
            yield self._done.popleft()

    def close(self) -> None:
        """Leave the cluster. What its workers are at they finish, and it is thrown away."""
        if self._poll is not None:
            self._poll.join(CONNECT_SECONDS + CLOSE_SECONDS)
            self._connection = self._poll.connection
        if self._connection is not None:
            self._connection.close()

    def _wait_for_the_first(self) -> None:
        while not any(member.state == "ready" for member in self._members.values()):
            if self._members and all(member.state == "refused" for member in self._members.values()):
                raise GraderError(
                    nobody("none of the workers may grade", self._address, self._members.values())
                )
            self._look()
            self._hear(POLL_SECONDS)

    def _look(self) -> None:
        """See who has come and who has gone. Nobody waits for a scheduler that does not answer."""
        if self._poll is None:
            if time.monotonic() < self._looked + POLL_SECONDS:
                return
            if self._connection is not None and not self._connection.holds:
                self._lose_all()
            self._poll = SchedulerPoll(self._address, self._connection)
        if self._poll.is_alive():
            self._expect_somebody()
            return
        found, self._poll, self._looked = self._poll, None, time.monotonic()
        before, self._connection = self._connection, found.connection
        if found.workers is None:
            self._lose_all(found.reason)
        else:
            if before is None:  # its workers may take a while to come
                self._seen, self._told_that_it_is_away = self._looked, False
            self._meet(found.workers)
        self._expect_somebody()

    def _meet(self, there: dict[str, int]) -> None:
        for address in set(self._members) - set(there):
            self._lose(address)
        for address in set(there) - set(self._members):
            self._members[address] = ClusterWorker(address, there[address])
            self._ask(self._members[address], dask_task.about, {})
        for member in self._members.values():
            if member.state in ("asked", "opening") and self._looked > member.since + ANSWER_SECONDS:
                self._refuse(member, silent(ANSWER_SECONDS))

    def _expect_somebody(self) -> None:
        moment = time.monotonic()
        if any(member.state != "refused" for member in self._members.values()):
            self._seen = moment
        if moment < self._seen + self.patience:
            return
        if self._connection is None:
            raise GraderError(not_back(self._address, self.patience))
        raise GraderError(nobody("no worker is left", self._address, self._members.values()))

    def _lose_all(self, reason: str = "") -> None:
        """Let go of a scheduler that is gone, or was never there. All that was under way is begun anew later."""
        for address in list(self._members):
            self._lose(address, by_itself=False)
        if self._connection is not None:
            # a client that has lost its scheduler takes seconds to let go
            threading.Thread(target=self._connection.close, daemon=True).start()
            self._connection = None
        if not self._told_that_it_is_away:
            self._told_that_it_is_away = True
            self._on_message(gone(self._address, self.patience, reason))

    def _lose(self, address: str, *, by_itself: bool = True) -> None:
        """Forget a worker that has gone.

        by_itself: it may be that what it was at ended it, so that is told as lost; else others just do that.
        """
        member = self._members.pop(address)
        for key in [key for key, asked in self._asked.items() if asked.member is member]:
            asked = self._asked.pop(key)
            if asked.item is None:
                continue
            if by_itself:
                self._done.append(
                    WorkResult(asked.item.key, error=f"its worker {address} has gone", lost=True)
                )
            else:
                self._waiting.appendleft((asked.item, asked.request))

    def _dispatch(self) -> None:
        ready = [member for member in self._members.values() if member.state == "ready"]
        while self._waiting and ready and self._connection is not None and self._connection.holds:
            member = min(ready, key=lambda one: one.at - one.threads)
            if member.at >= member.threads:
                return
            item, request = self._waiting.popleft()
            member.at += 1
            self._ask(member, dask_task.ask, request, item)

    def _ask(
        self,
        member: ClusterWorker,
        function: Callable[[bytes], bytes],
        request: Data,
        item: WorkItem | None = None,
    ) -> None:
        try:
            if self._connection is None:
                raise ConnectionError
            key = self._connection.send(member.address, function, dumps(request))
        except OSError:  # the scheduler is gone, as the next look finds out
            if item is not None:
                member.at -= 1
                self._waiting.appendleft((item, request))
            return
        self._asked[key] = PendingRequest(member, request, item)

    def _hear(self, seconds: float) -> None:
        """Take what workers have told."""
        if self._connection is None:
            if self._poll is None:
                time.sleep(seconds)
            else:
                self._poll.join(seconds)
            return
        told = self._connection.told(seconds)
        while told is not None:
            asked = self._asked.pop(told.key, None)
            if asked is not None and asked.item is None:
                self._hear_of(asked.member, told)
            elif asked is not None:
                asked.member.at -= 1
                self._hear_back(asked, asked.item, told)
            told = self._connection.told(0)

    def _hear_of(self, member: ClusterWorker, told: WorkerReply) -> None:
        """A worker has told of itself, or has opened the course."""
        if told.lost:
            return self._lose(member.address)
        try:
            data = loads(told.answer) if not told.error else {}
            if member.state == "asked" and not told.error:
                wrong = differences(data["versions"], self._versions)
                if wrong:
                    return self._refuse(member, joined(wrong))
                member.state = "opening"
                return self._ask(member, dask_task.ask, self._requests.opening)
            if data.get("state") == "open":
                member.state = "ready"
                return None
            return self._refuse(member, reason_in(data, told.error or "it ended before it answered"))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return self._refuse(member, reason_in({}, f"it gave no answer that can be read ({error!r})"))

    def _refuse(self, member: ClusterWorker, why: Text) -> None:
        member.state, member.why = "refused", why
        self._on_message(refused(member))

    def _hear_back(self, asked: PendingRequest, item: Any, told: WorkerReply) -> None:
        """A piece of work has come back, or has not."""
        where = asked.member.address
        if told.lost:  # on the way, by no fault of the worker's
            return self._waiting.appendleft((item, asked.request))
        if not told.answer:
            lost = told.error or "the process that grades there has ended"
            return self._done.append(WorkResult(item.key, error=f"{where}: {lost}", lost=True))
        try:
            data = loads(told.answer)
            if data["state"] == "need":  # it has another course by now
                asked.member.at += 1
                return self._ask(asked.member, dask_task.ask, asked.request | self._requests.opening, item)
            if data["state"] == "refused":  # and could not open ours again
                self._refuse(asked.member, reason_in(data, "it tells no reason"))
                return self._waiting.appendleft((item, asked.request))
            if data["state"] == "done":
                self._done.append(WorkResult(item.key, self._requests.result(item, data)))
            else:
                reason = reason_in(data, "it tells no reason").en
                self._done.append(
                    WorkResult(item.key, error=f"{where}: {reason}", lost=data["state"] == "lost")
                )
            return None
        except (KeyError, TypeError, ValueError) as error:
            self._done.append(
                WorkResult(item.key, error=f"{where} sent back what is no result of its work: {error}")
            )

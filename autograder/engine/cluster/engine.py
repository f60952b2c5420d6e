"""The engine on a cluster: one submission at a time for each thread of each worker that may grade.

A worker is asked what it is, then gets the course and seals itself, then gets work. Work goes to workers by name, not
wherever Dask would put it: so a worker that may not grade gets none, and a slow submission holds up its own thread
alone.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograder.course import Course
from autograder.engine.cluster import host
from autograder.engine.cluster.connection import Connection, Told, differences, joined
from autograder.engine.cluster.encoding import Data, dumps, loads
from autograder.engine.cluster.members import Asked, Member, reason_in, silent
from autograder.engine.cluster.requests import Requests
from autograder.engine.data import Finished, Piece
from autograder.errors import CourseError, GraderError
from autograder.text import Text

LOOK_SECONDS, WAIT_SECONDS, RETRY_SECONDS, ANSWER_SECONDS = 1.0, 90.0, 1.0, 300.0


class Cluster:
    """Workers on other machines. Raises CourseError, or GraderError where none of them may grade."""

    patience = WAIT_SECONDS
    """Seconds to wait for a scheduler or for workers that have gone."""

    def __init__(
        self,
        course: Course,
        assignments: Sequence[str],
        address: str,
        *,
        tell: Callable[[Text], None] = lambda text: None,
    ) -> None:
        self._address, self._tell = address, tell
        self._requests = Requests(course, assignments)
        self._versions = host.versions()
        self._waiting: deque[tuple[Piece, Data]] = deque()
        self._done: deque[Finished] = deque()
        self._members: dict[str, Member] = {}
        self._asked: dict[str, Asked] = {}
        self._looked, self._seen = 0.0, time.monotonic()
        self._connection = Connection(address)
        try:
            self._wait_for_the_first()
        except BaseException:
            self.close()
            raise

    @property
    def slots(self) -> int:
        """Threads of the workers that may grade, as they are now."""
        return max(1, sum(member.threads for member in self._members.values() if member.state == "ready"))

    def begin(self, piece: Piece) -> None:
        """Give a piece of work to a worker with an idle thread, or put it in the queue."""
        try:
            self._waiting.append((piece, self._requests.of(piece)))
        except GraderError as error:  # nobody knows whose it is
            self._done.append(Finished(piece.key, error=str(error)))
        self._hand_out()

    def finished(self, seconds: float) -> Iterator[Finished]:
        """What workers have sent back, and what was lost with one that has gone.

        Raises GraderError where none is left.
        """
        self._look()
        self._hear(0 if self._done else seconds)
        self._hand_out()  # nobody waits while the gradebook is written
        while self._done:
            yield self._done.popleft()

    def close(self) -> None:
        """Leave the cluster. What its workers are at they finish, and it is thrown away."""
        self._connection.close()

    def _wait_for_the_first(self) -> None:
        while not any(member.state == "ready" for member in self._members.values()):
            if self._members and all(member.state == "refused" for member in self._members.values()):
                raise GraderError(self._nobody("none of the workers may grade"))
            self._look()
            self._hear(LOOK_SECONDS)

    def _look(self) -> None:
        """See who has come and who has gone."""
        if time.monotonic() < self._looked + LOOK_SECONDS:
            return
        there = self._connection.workers() if self._connection.holds else None
        if there is None:
            there = self._connected_again()
        for address in set(self._members) - set(there):
            self._lose(address)
        for address in set(there) - set(self._members):
            self._members[address] = Member(address, there[address])
            self._ask(self._members[address], host.about, {})
        self._looked = time.monotonic()
        for member in self._members.values():
            if member.state in ("asked", "opening") and self._looked > member.since + ANSWER_SECONDS:
                self._refuse(member, silent(ANSWER_SECONDS))
        if any(member.state != "refused" for member in self._members.values()):
            self._seen = self._looked
        elif self._looked > self._seen + self.patience:
            raise GraderError(self._nobody("no worker is left"))

    def _connected_again(self) -> dict[str, int]:
        """The workers of the scheduler that has come back. All that was under way is lost."""
        self._tell(
            Text(
                ko=f"{self._address}의 스케줄러와 연결이 끊겼습니다. {self.patience:g}초까지 기다립니다",
                en=f"the scheduler at {self._address} is gone; waiting for it, at most {self.patience:g} s",
            )
        )
        for address in list(self._members):
            self._lose(address, by_itself=False)
        self._connection.close()
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            try:
                self._connection = Connection(self._address)
                there = self._connection.workers()
            except CourseError:
                there = None
            if there is not None:
                self._seen = time.monotonic()
                return there
            time.sleep(RETRY_SECONDS)
        raise GraderError(
            f"the scheduler at {self._address} has not come back within {self.patience:g} s; what is graded is kept: "
            "start it and its workers, and run the same command again"
        )

    def _lose(self, address: str, *, by_itself: bool = True) -> None:
        """Forget a worker that has gone.

        by_itself: it may be that what it was at ended it, so that is told as lost; else others just do that.
        """
        member = self._members.pop(address)
        for key in [key for key, asked in self._asked.items() if asked.member is member]:
            asked = self._asked.pop(key)
            if asked.piece is None:
                continue
            if by_itself:
                self._done.append(
                    Finished(asked.piece.key, error=f"its worker {address} has gone", lost=True)
                )
            else:
                self._waiting.appendleft((asked.piece, asked.request))

    def _nobody(self, what: str) -> str:
        reasons = [f"\n  {member.address}: {member.why.en}" for member in self._members.values()]
        listed = "".join(reasons) or f"\n  there is none: start some with `dask worker {self._address}`"
        return (
            f"{what} at {self._address}:{listed}\nwhat is graded is kept; `autograder doctor --scheduler "
            f"{self._address}` tells more, and the same command goes on when a worker is there"
        )

    def _hand_out(self) -> None:
        ready = [member for member in self._members.values() if member.state == "ready"]
        while self._waiting and ready and self._connection.holds:
            member = min(ready, key=lambda one: one.at - one.threads)
            if member.at >= member.threads:
                return
            piece, request = self._waiting.popleft()
            member.at += 1
            self._ask(member, host.ask, request, piece)

    def _ask(
        self, member: Member, function: Callable[[bytes], bytes], request: Data, piece: Piece | None = None
    ) -> None:
        try:
            key = self._connection.send(member.address, function, dumps(request))
        except OSError:  # the scheduler is gone, as the next look finds out
            if piece is not None:
                member.at -= 1
                self._waiting.appendleft((piece, request))
            return
        self._asked[key] = Asked(member, request, piece)

    def _hear(self, seconds: float) -> None:
        """Take what workers have told."""
        told = self._connection.told(seconds)
        while told is not None:
            asked = self._asked.pop(told.key, None)
            if asked is not None and asked.piece is None:
                self._hear_of(asked.member, told)
            elif asked is not None:
                asked.member.at -= 1
                self._hear_back(asked, asked.piece, told)
            told = self._connection.told(0)

    def _hear_of(self, member: Member, told: Told) -> None:
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
                return self._ask(member, host.ask, self._requests.opening)
            if data.get("state") == "open":
                member.state = "ready"
                return None
            return self._refuse(member, reason_in(data, told.error or "it ended before it answered"))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return self._refuse(member, reason_in({}, f"it gave no answer that can be read ({error!r})"))

    def _refuse(self, member: Member, why: Text) -> None:
        member.state, member.why = "refused", why
        self._tell(
            Text(
                ko=f"쓰지 않는 작업자 {member.address}: {why.ko}", en=f"not used: {member.address}: {why.en}"
            )
        )

    def _hear_back(self, asked: Asked, piece: Any, told: Told) -> None:
        """A piece of work has come back, or has not."""
        where = asked.member.address
        if told.lost:  # on the way, by no fault of the worker's
            return self._waiting.appendleft((piece, asked.request))
        if not told.answer:
            lost = told.error or "the process that grades there has ended"
            return self._done.append(Finished(piece.key, error=f"{where}: {lost}", lost=True))
        try:
            data = loads(told.answer)
            if data["state"] == "need":  # it has another course by now
                asked.member.at += 1
                return self._ask(asked.member, host.ask, asked.request | self._requests.opening, piece)
            if data["state"] == "refused":  # and could not open ours again
                self._refuse(asked.member, reason_in(data, "it tells no reason"))
                return self._waiting.appendleft((piece, asked.request))
            if data["state"] == "done":
                self._done.append(Finished(piece.key, self._requests.result(piece, data)))
            else:
                reason = reason_in(data, "it tells no reason").en
                self._done.append(
                    Finished(piece.key, error=f"{where}: {reason}", lost=data["state"] == "lost")
                )
            return None
        except (KeyError, TypeError, ValueError) as error:
            self._done.append(
                Finished(piece.key, error=f"{where} sent back what is no result of its work: {error}")
            )

"""One IPython kernel process: start it, run a cell, send the agent a request, stop it.

Everything read from the kernel is bounded: the size of its outputs and replies, and the time it takes.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import nbformat
import zmq
from jupyter_client.session import Session as JupyterSession

from autograder.errors import GraderError, message_of
from autograder.i18n import _
from autograder.sandbox.agent_channel import AgentChannel, MalformedMessage
from autograder.sandbox.fork_server import START_SECONDS, ForkServerDied, ForkServerPool
from autograder.sandbox.inside.channel import (
    ANSWER,
    CELL,
    ID_BYTES,
    QUESTION,
    REPLY,
    REQUEST,
    Message,
)
from autograder.sandbox.limits import SLOWER
from autograder.sandbox.profiles import KernelProfile
from autograder.sandbox.seal import Need, Seal
from autograder.sandbox.separate_kernel import SeparateKernel
from autograder.text import one_line

INTERRUPT_SECONDS, SILENCE_SECONDS, FINAL_MESSAGE_SECONDS = 5.0, 2.0, 2.0
LONGEST, SHORTEST, LITTLE = 4, 0.5, 0.05
"""A time limit does not include the time for which code waits for a processor, up to `LONGEST` times the limit, or
`SLOWER` times that if the kernel has low priority. What is left of a limit, up to `SHORTEST`
seconds, is not prolonged, and no limit by less than its part `LITTLE`."""
MAX_OUTPUT_BYTES = 2_000_000
RECONNECT_MILLISECONDS = 1_000_000_000  # eleven days, in effect never
POLL_MILLISECONDS = 50
MAX_MEMORY_GROWTH_MB = 300
MAX_MESSAGES = 100_000
"""Maximum number of outputs of one kernel, and of messages for which nobody waits, together."""
MAX_QUEUED_OUTPUTS = 50
"""Maximum number of outputs that ZeroMQ queues while nothing reads them."""
MAX_OUTPUT_MESSAGE_BYTES = 4_000_000
"""Maximum size of one part of an output; a longer one closes the connection."""
MAX_CELL_END = 50_000
"""Maximum length of what the agent says of the end of a cell."""
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
START_ATTEMPTS = 3
T = TypeVar("T")
Conversation = Generator[str, str, T]
"""Work of a kernel that asks for something meanwhile: yields each request, is sent the reply, and returns a result."""


def result_of(work: Conversation[T]) -> T:
    """Return the result of work in which the kernel asks for nothing."""
    try:
        next(work)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("the kernel asked for something")


class KernelDied(Exception):
    """The kernel process ended during a request."""


class KernelTimeout(Exception):
    """The kernel did not answer in time; `interrupted` is whether an interrupt made it responsive again."""

    def __init__(self, *, interrupted: bool) -> None:
        self.interrupted = interrupted
        super().__init__(f"interrupted: {interrupted}")


@dataclass(frozen=True)
class CellResult:
    """Result of running one cell: nbformat outputs, and the name and text of the error that it raised."""

    outputs: list[Any] = field(default_factory=list)
    error: str | None = None
    detail: str = ""
    used_stub_modules: bool = False
    stopped: bool = False
    """Whether the cell was not run, hung or ended the kernel. `error` gives the reason."""
    interrupted: bool = False
    """Whether the cell was interrupted at its time limit. What it did before the interrupt remains in effect."""


class _Outputs(list[Any]):
    """The nbformat outputs of a cell, bounded in size."""

    size = 0

    def add(self, message: dict[str, Any]) -> None:
        """Add an output message, unless the outputs are too large already."""
        kind = message["header"]["msg_type"]
        if kind not in ("stream", "display_data", "execute_result", "error"):
            return
        content = message["content"]
        try:
            self.size += len(str(content))
            if self.size > MAX_OUTPUT_BYTES:
                return
            output = nbformat.v4.output_from_msg(message)
            if kind == "stream":
                output.text = "".join(output.text)
                output.name = "stderr" if output.name == "stderr" else "stdout"
        except Exception:  # a forged message that is not a valid output
            return
        if kind == "stream" and self and self[-1].get("name") == output.name:
            self[-1].text += output.text
        else:
            self.append(output)


class KernelProcess(Protocol):
    """The process of a kernel, and what it is reached by: forked from a fork server, or one of its own."""

    connection: socket.socket
    """To the agent."""
    key: str
    """Of the messages with outputs."""
    lost: bool
    """Whether it ended together with its fork server."""
    lacked_memory: bool
    """Whether it was ended because the machine had no more memory, while it had used less than it may."""

    @property
    def outputs(self) -> str:
        """Return the address at which the kernel publishes outputs."""
        ...

    def interrupt(self) -> None:
        """Interrupt the kernel, as Ctrl-C does."""
        ...

    def lower_priority(self) -> None:
        """Give the kernel less of the processors than others have, for good."""
        ...

    def has_ended(self, seconds: float) -> bool:
        """Return whether the kernel has ended, or ends within `seconds`."""
        ...

    def end(self) -> None:
        """End the kernel and all processes that it started, and release what reaches it."""
        ...

    def processor_use(self, seconds: float) -> tuple[float, float]:
        """Return how many of the last seconds the kernel waited for a processor, and how many it computed."""
        ...


class Kernel:
    """A kernel process that runs the agent. seal: the seal that contains it."""

    def __init__(self, process: KernelProcess, seal: Seal, has_low_priority: Callable[[], bool]) -> None:
        """Connect to a kernel that listens, and end it if that fails. has_low_priority: see `ForkServerPool`.

        Raises KernelDied, KernelTimeout, GraderError or OSError.
        """
        self.seal = seal
        self._process, self._channel = process, AgentChannel(process.connection)
        self._context = zmq.Context()
        self._stopped, self._has_low_priority, self._slower = False, has_low_priority, 1
        self.lacked_seconds = 0.0
        """Seconds by which limits were prolonged since the kernel has low priority."""
        self._memory_before_mb, self._messages_read = _memory_mb(), 0
        self.is_starved = False
        """Whether the last time limit was reached before the code had its seconds of processor time or sleep."""
        try:
            self._session = JupyterSession(key=process.key.encode())
            self._outputs = _output_socket(self._context, process.outputs)
            self._await_outputs()
        except BaseException:
            self.stop()
            raise

    @classmethod
    def start(cls, pool: ForkServerPool, profile: KernelProfile, data: Path | None, need: Need) -> Kernel:
        """Fork a kernel from a fork server, or start a separate process if there is none and `need` allows that.

        data: folder whose files the kernel gets. A fork server that dies meanwhile is replaced.
        Raises GraderError if no kernel starts.
        """
        for attempt in range(START_ATTEMPTS):
            address = pool.get(profile, need)
            try:
                if address is None:
                    return cls(SeparateKernel(profile, data), Seal("none"), pool.has_low_priority)
                return cls(pool.fork(address, data), address.seal, pool.has_low_priority)
            except (ForkServerDied, OSError, KernelDied, KernelTimeout, zmq.ZMQError) as error:
                if attempt == START_ATTEMPTS - 1:
                    raise GraderError(_("cannot start a kernel: {error}", error=message_of(error))) from error
        raise AssertionError("unreachable")

    @property
    def lost_fork_server(self) -> bool:
        """Return whether the kernel ended because its fork server did, which is not the student's fault."""
        return not self._stopped and self._process.has_ended(FINAL_MESSAGE_SECONDS) and self._process.lost

    @property
    def lacked_memory(self) -> bool:
        """Return whether the machine had no more memory for the kernel, which is not the student's fault either."""
        return self._process.lacked_memory

    def processor_use(self, seconds: float) -> tuple[float, float]:
        """Return how many of the last seconds the kernel waited for a processor, and how many it computed.

        Both are 0 if that is not known.
        """
        return (0.0, 0.0) if self._stopped else self._process.processor_use(seconds)

    def run(self, source: str, limit: float) -> CellResult:
        """Run a cell for at most `limit` seconds. If it is interrupted in time, the result's error says so.

        Raises KernelDied, or KernelTimeout if an interrupt does not make the kernel responsive again.
        """
        return result_of(self.converse_in_cell(source, limit, converses=False))

    def converse_in_cell(
        self, source: str, limit: float, *, converses: bool = True
    ) -> Conversation[CellResult]:
        """Run a cell as `run` does; its code may ask for something meanwhile, for which no time is counted."""
        outputs = _Outputs()
        try:
            reply = yield from self._exchange(CELL, source, limit, outputs.add, converses=converses)
        except KernelTimeout as error:
            if not error.interrupted:
                raise
            return CellResult(outputs, f"ran longer than {limit:g} s", interrupted=True)
        ended = _cell_end(reply)
        error_name = ended.get("error")
        if error_name is None:
            return CellResult(outputs, used_stub_modules=ended.get("used") is True)
        name = _short(error_name, 100) or "error"
        return CellResult(outputs, name, _short(ended.get("detail"), 300), name == "StubModuleError")

    def ask(self, request: str, limit: float) -> str:
        """Return the agent's reply to a request, as unchecked JSON text."""
        return result_of(self.converse(request, limit, converses=False))

    def converse(self, request: str, limit: float, *, converses: bool = True) -> Conversation[str]:
        """Send a request as `ask` does; the agent may ask for something meanwhile, for which no time is counted."""
        return self._exchange(REQUEST, request, limit, _ignore, converses=converses)

    def stop(self) -> None:
        """End the kernel and all processes that it started, immediately."""
        if self._stopped:
            return
        self._stopped = True
        self._context.destroy(linger=0)
        self._process.end()

    def _await_outputs(self) -> None:
        """Wait until the kernel's outputs arrive: anything that it publishes before is lost."""
        end = time.monotonic() + START_SECONDS
        while not self._outputs.poll(POLL_MILLISECONDS):
            result_of(self._exchange(CELL, "", end - time.monotonic(), _ignore, silence=0.0, converses=False))

    def _exchange(
        self,
        kind: bytes,
        text: str,
        limit: float,
        on_output: Callable[[dict[str, Any]], None],
        *,
        converses: bool,
        silence: float = SILENCE_SECONDS,
    ) -> Conversation[str]:
        """Send a request or a cell, collect its outputs, and return the text of the reply.

        converses: whether what it asks for on the way is yielded. silence: how long the end of the outputs may take.
        """
        request = Message(kind, os.urandom(ID_BYTES), text, converses)
        self._channel.send(request)
        started, asked = time.monotonic(), 0.0
        end, interrupted = started + limit, False
        reply: str | None = None
        idle = kind != CELL
        while reply is None or not idle:
            if self._slower == 1 and self._has_low_priority():
                self._slower = SLOWER
                self._process.lower_priority()
            output_ready, messages = self._receive()
            if output_ready and (output := self._next_output(request)) is not None:
                if output["header"]["msg_type"] != "status":
                    on_output(output)
                elif output["content"].get("execution_state") == "idle":
                    idle = True
            for message in messages:
                if message.id != request.id or reply is not None:
                    self._messages_read += 1  # forged, or of a request for which nobody waits any more
                elif message.kind == REPLY:
                    reply = message.text
                    # the end of the outputs may have been dropped
                    end = min(end, time.monotonic() + silence * self._slower)
                elif message.kind == QUESTION and converses:
                    if self._channel.has_unsent:  # an agent reads an answer to its end before it asks again
                        self.stop()
                        raise KernelDied
                    began = time.monotonic()
                    answer = yield message.text
                    self._channel.send(Message(ANSWER, request.id, answer))
                    asked += time.monotonic() - began
                    end += time.monotonic() - began
                else:
                    self._messages_read += 1
            if time.monotonic() < end:
                if not (output_ready or messages or reply is not None) and self._process.has_ended(0):
                    raise KernelDied
                continue
            if reply is not None:
                break
            if interrupted:
                raise KernelTimeout(interrupted=False)
            passed = time.monotonic() - started
            longest = limit * LONGEST * self._slower
            lacked, left = self._lacked_seconds(limit, passed, asked), longest - (passed - asked)
            if lacked > 0 and left > 0:
                end += min(lacked, left)
                self.lacked_seconds += min(lacked, left) if self._slower > 1 else 0.0
                continue
            self.is_starved = lacked > 0
            self._process.interrupt()
            interrupted, end = True, time.monotonic() + INTERRUPT_SECONDS * self._slower
        if interrupted:
            raise KernelTimeout(interrupted=True)
        return reply

    def _lacked_seconds(self, limit: float, passed: float, asked: float) -> float:
        """Return how many seconds of a limit code has not had, because it waited for a processor; 0 if only few.

        passed: since it was started, with those in which it waited for what it asked for.
        Code that has computed for its limit, in all its processes, has had it, and so has code that slept.
        """
        waited, used = self.processor_use(passed) if limit > SHORTEST else (0.0, 0.0)
        lacked = waited - (passed - asked - limit)
        return lacked if used < limit and lacked > LITTLE * limit else 0.0

    def _receive(self) -> tuple[bool, list[Message]]:
        """Wait for a moment. Return whether there is an output, and what the agent has sent. Raises KernelDied."""
        # ZeroMQ limits the size of each part of an output, not the number of parts
        if _memory_mb() > self._memory_before_mb + MAX_MEMORY_GROWTH_MB or self._messages_read > MAX_MESSAGES:
            self.stop()
            raise KernelDied
        poller = zmq.Poller()
        poller.register(self._outputs, zmq.POLLIN)
        poller.register(self._channel, zmq.POLLIN | (zmq.POLLOUT if self._channel.has_unsent else 0))
        try:
            ready = dict(poller.poll(POLL_MILLISECONDS))
            messages = self._channel.transfer() if self._channel.fileno() in ready else []
        except MalformedMessage as error:
            self.stop()
            raise KernelDied from error
        except OSError as error:  # it has ended, or closed the connection
            raise KernelDied from error
        return self._outputs in ready, messages

    def _next_output(self, request: Message) -> dict[str, Any] | None:
        """Return the next output; None if it is malformed, or not of this cell."""
        self._messages_read += 1
        try:
            message = dict(self._session.recv(self._outputs)[1])
            parent = message["parent_header"]["msg_id"]
        except Exception:  # malformed
            return None
        is_well_formed = isinstance(message["header"], dict) and isinstance(message["content"], dict)
        return message if is_well_formed and parent == request.id.hex() else None


def _ignore(output: dict[str, Any]) -> None:
    """Do nothing with an output."""


def _cell_end(text: str) -> dict[str, Any]:
    """Return what the agent says of the end of a cell; nothing if that is malformed."""
    try:
        ended = json.loads(text) if len(text) <= MAX_CELL_END else None
    except (ValueError, RecursionError):
        ended = None
    return ended if isinstance(ended, dict) else {}


def _short(text: Any, max_length: int) -> str:
    """Return a text on one line, shortened; empty if it is not text."""
    return one_line(text)[:max_length] if isinstance(text, str) else ""


def _output_socket(context: zmq.Context[Any], address: str) -> zmq.Socket[Any]:
    """Connect to what a kernel publishes."""
    outputs: zmq.Socket[Any] = context.socket(zmq.SUB)
    outputs.linger = 0
    outputs.setsockopt(zmq.RCVHWM, MAX_QUEUED_OUTPUTS)
    outputs.setsockopt(zmq.MAXMSGSIZE, MAX_OUTPUT_MESSAGE_BYTES)
    # never reconnect: a student may have replaced the socket. Not -1 either: with it, a connection that ends within a
    # message of several parts may abort this process ("Assertion failed: !_more", libzmq 4.3.5)
    outputs.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MILLISECONDS)
    outputs.subscribe(b"")
    outputs.connect(address)
    return outputs


def _memory_mb() -> int:
    """Return the resident memory of this process; 0 if the system does not report it."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * PAGE >> 20
    except OSError:
        return 0

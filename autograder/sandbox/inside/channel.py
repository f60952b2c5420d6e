"""The connection between the grader and the agent in a kernel.

The grader sends a request to the agent, or a cell, and gets one reply. Code of a kernel that converses may ask for
something meanwhile. Student code can do with the agent's end whatever the agent can: a message counts only for the
request whose random id it bears, and the grader bounds what it reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

AGENT = "autograder_agent"
"""Name of the module that has the agent."""
OUTPUTS_PORT = 1
"""Last part of the name of the socket at which a kernel publishes outputs."""
REQUEST, CELL, ANSWER = b"r", b"c", b"a"
"""Kinds of messages of the grader: a request to the agent, code to run as a cell, the answer to a question."""
REPLY, QUESTION = b"R", b"Q"
"""Kinds of messages of the agent: the one reply to a request or a cell, and what it asks before that."""
MAX_ERROR_TEXT = 2_000
ID_BYTES = 16
HEADER = struct.Struct(f"!c?{ID_BYTES}sI")
"""Kind of a message, whether the code may ask for something, id of the request, and bytes of the text that follows."""


class Message(NamedTuple):
    """One message. converses: whether the code of a request or a cell may ask for something."""

    kind: bytes
    id: bytes
    text: str
    converses: bool = False

    def packed(self) -> bytes:
        """Return the bytes of this message."""
        data = self.text.encode("utf-8", "surrogatepass")
        return HEADER.pack(self.kind, self.converses, self.id, len(data)) + data


class NotAnswered(Exception):
    """The code of a kernel asked for something that it is not given."""


class Abandoned(BaseException):
    """The grader no longer waits for the code that asked for something: it has sent another request."""


class AgentServer:
    """The kernel's end of the connection. It answers on the main thread's event loop, where cells run."""

    def __init__(self, connection: socket.socket, shell: Any, loop: Any) -> None:
        self._connection, self._shell, self._loop = connection, shell, loop
        self._process = os.getpid()
        self._answered: Message | None = None
        """The request or cell that is being answered."""
        self._next: Message | None = None
        """A request that came in the place of an answer."""
        connection.setblocking(True)

    def listen(self) -> None:
        """Answer the next request, whenever the event loop is idle."""
        self._loop.add_handler(self._connection.fileno(), self._on_readable, self._loop.READ)

    def ask(self, text: str) -> str:
        """Ask the grader for something, for the request that is being answered, and return the answer.

        Raises NotAnswered if that request allows no questions.
        """
        if self._answered is None or not self._answered.converses:
            raise NotAnswered("nobody answers here")
        self._send(Message(QUESTION, self._answered.id, text))
        message = self._receive()
        if message.kind != ANSWER:
            self._next = message
            raise Abandoned
        return message.text

    def _on_readable(self, descriptor: int, events: int) -> None:
        self._loop.remove_handler(descriptor)
        self._task = asyncio.ensure_future(self._answer())  # an event loop refers to its tasks weakly

    async def _answer(self) -> None:
        """Answer one request, or several that replaced each other. Where that fails, the kernel is of no use."""
        try:
            self._next = self._receive()
            while (request := self._next) is not None:
                self._answered, self._next = request, None
                text: Any = ""
                try:
                    signal.signal(signal.SIGINT, signal.default_int_handler)
                    text = await (
                        self._run_cell(request) if request.kind == CELL else self._ask_agent(request)
                    )
                    signal.signal(signal.SIGINT, signal.SIG_IGN)
                except (
                    BaseException
                ):  # an interrupt between two statements of ours, or there is no agent any more
                    signal.signal(signal.SIGINT, signal.SIG_IGN)
                # a child that the code has forked, and that goes on as its parent
                if os.getpid() != self._process:
                    os._exit(0)
                self._send(Message(REPLY, request.id, text if isinstance(text, str) else ""))
            self.listen()
        except BaseException:
            os._exit(1)

    async def _ask_agent(self, request: Message) -> str:
        reply: str = sys.modules[AGENT].agent.reply(request.text)
        return reply

    async def _run_cell(self, request: Message) -> str:
        """Run a cell as Jupyter's execute request does, and return how it ended, as JSON text."""
        kernel = self._shell.kernel
        parent = kernel.session.msg("execute_request", {"code": request.text})
        parent["msg_id"] = parent["header"]["msg_id"] = request.id.hex()
        kernel.set_parent([], parent)
        with contextlib.suppress(Exception):  # the notebook has replaced it
            # where Jupyter looks whether a ";" at the end hides the value
            self._shell.history_manager.input_hist_parsed[-1:] = [request.text]
        try:
            result = await kernel.do_execute(request.text, silent=False, store_history=False)
        except Exception as error:  # the notebook has broken what runs cells
            result = {"status": "error", "ename": type(error).__name__, "evalue": str(error)}
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):  # replaced by the notebook
                    stream.flush()
            kernel._publish_status("idle", "shell")
        if result["status"] == "error":
            return json.dumps({"error": result["ename"], "detail": str(result["evalue"])[:MAX_ERROR_TEXT]})
        used = sys.modules[AGENT].agent.used_stand_ins()
        return json.dumps({"used": used})

    def _send(self, message: Message) -> None:
        with _uninterrupted():
            self._connection.sendall(message.packed())

    def _receive(self) -> Message:
        """Wait for the next message. Raises OSError if the connection is closed."""
        self._connection.recv(1, socket.MSG_PEEK)  # an interrupt of this wait loses nothing
        with _uninterrupted():
            kind, converses, number, size = HEADER.unpack(self._exactly(HEADER.size))
            return Message(kind, number, self._exactly(size).decode("utf-8", "surrogatepass"), converses)

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = self._connection.recv(min(size - len(data), 1 << 20))
            if not part:
                raise ConnectionResetError
            data += part
        return bytes(data)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Put off an interrupt until a message is whole."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

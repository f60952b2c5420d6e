"""The grader's end of the connection to an agent: nothing here waits, and all that is read is bounded."""

from __future__ import annotations

import contextlib
import socket

from autograder.sandbox.inside.channel import HEADER, Message
from autograder.sandbox.inside.codec import MAX_MODEL

MAX_TEXT_BYTES = MAX_MODEL
"""Maximum size of the text of one message."""
CHUNK = 1 << 20


class MalformedMessage(Exception):
    """What came over the connection cannot be from the agent."""


class AgentChannel:
    """Messages to and from an agent. connection: the socket, which is closed by its owner."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.setblocking(False)
        self._unsent, self._unread = bytearray(), bytearray()

    def fileno(self) -> int:
        """Return the file descriptor of the connection."""
        return self._connection.fileno()

    @property
    def has_unsent(self) -> bool:
        """Return whether a part of a message is still to be sent."""
        return bool(self._unsent)

    def send(self, message: Message) -> None:
        """Send a message, or as much of it as the connection takes now; `transfer` sends the rest."""
        self._unsent += message.packed()
        with contextlib.suppress(OSError):  # `transfer` raises it
            self._send_some()

    def transfer(self) -> list[Message]:
        """Send and receive what is possible now. Return the messages that are complete.

        Raises MalformedMessage, or OSError if the connection was closed.
        """
        with contextlib.suppress(BlockingIOError):
            part = self._connection.recv(CHUNK)
            if not part:
                raise ConnectionResetError
            self._unread += part
        self._send_some()
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _send_some(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._unsent:
                del self._unsent[: self._connection.send(self._unsent)]

    def _next(self) -> Message | None:
        """Remove a complete message from what has been read; None while there is none."""
        if len(self._unread) < HEADER.size:
            return None
        kind, _, number, size = HEADER.unpack_from(self._unread)
        if size > MAX_TEXT_BYTES:
            raise MalformedMessage
        end = HEADER.size + size
        if len(self._unread) < end:
            return None
        text = self._unread[HEADER.size : end].decode(
            "ascii", "replace"
        )  # the agent escapes all other characters
        del self._unread[:end]
        return Message(kind, number, text)

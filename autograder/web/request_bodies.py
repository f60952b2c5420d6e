"""Receives requests with waitress: a body that is too large is read to its end, but not kept.

A browser shows our page about such a file only if its whole request was read. What is not kept takes neither memory nor
room on the disk, whoever sends it.
"""

from __future__ import annotations

from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import BadRequest

MAX_READ = 100 * 1024 * 1024
"""Bytes of a request that are read to answer it with a page of ours; `nginx.conf` allows as many for a hand-in."""
MAX_LINE = 16_384
"""Bytes of a line between the chunks of a request, which waitress reads again from its start with each packet."""


class BoundedBuffer(OverflowableBuffer):
    """A buffer that keeps a body of at most `limit` bytes, and of a longer one nothing but its length."""

    def __init__(self, overflow: int, limit: int) -> None:
        super().__init__(overflow)
        self.limit, self.length = limit, 0

    def __len__(self) -> int:
        return self.length

    def append(self, s: bytes) -> None:
        """Keep more of the body."""
        self.length += len(s)
        if self.length <= self.limit:
            super().append(s)
        else:
            self.close()
            self.buf, self.strbuf = None, b""


def channel_class(kept: int) -> type[HTTPChannel]:
    """Return a channel whose requests keep bodies of at most `kept` bytes.

    A longer body is empty for the application, which sees its length and must refuse it.
    """

    class Parser(HTTPRequestParser):
        def received(self, data: bytes) -> int:
            consumed = int(super().received(data))
            lines = getattr(self.body_rcv, "control_line", b""), getattr(self.body_rcv, "trailer", b"")
            if max(map(len, lines)) > MAX_LINE:
                self.error, self.completed = BadRequest("a line between chunks is too long"), True
            return consumed

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if self.body_rcv is not None:
                self.body_rcv.buf = BoundedBuffer(self.adj.inbuf_overflow, kept)

    class Channel(HTTPChannel):
        parser_class = Parser

    return Channel

"""Requests that are too large, too slow or no requests at all: what they take from the tool, and what it answers."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest
import requests
from flask import Flask, request
from waitress.adjustments import Adjustments

from autograder.web.request_bodies import MAX_LINE, MAX_READ, channel_class
from autograder.web.server import create
from tests.web.loopback import end

KEPT = 100_000
MIB = 1024 * 1024


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """The port of a server that tells the length of what it was sent, and how much of it there is."""
    app = Flask("lengths")

    @app.route("/", methods=["GET", "POST"])
    def lengths() -> str:
        request.max_content_length = None
        return f"{request.content_length or 0} {len(request.get_data())}"

    listener = socket.create_server(("127.0.0.1", 0))
    server = create(app, listener, threads=2, max_kept=KEPT)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        end(server, thread)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as made:
        yield made


def post(port: int, size: int, *, chunked: bool = False) -> str:
    """Send a body, and return what the server saw of it."""
    whole = b"0" * size
    body = (whole[start : start + 50_000] for start in range(0, size, 50_000)) if chunked else whole
    headers = {"Connection": "close"}
    answer = requests.post(f"http://127.0.0.1:{port}/", data=body, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [1, KEPT - 1, KEPT, KEPT + 1, 5_000_000])
def test_body_up_to_the_limit_is_kept(port: int, size: int, chunked: bool) -> None:
    """Of a longer one the application sees the length, and nothing else."""
    assert post(port, size, chunked=chunked) == f"{size} {size if size <= KEPT else 0}"


@pytest.mark.parametrize("chunked", [False, True])
def test_large_body_takes_no_memory_and_no_room(chunked: bool) -> None:
    """While a hundred megabytes arrive, at most as much as the limit is held, in memory or in a file."""
    parser = channel_class(KEPT).parser_class(Adjustments())
    head = b"POST / HTTP/1.1\r\nHost: x\r\n"
    packet = b"0" * 65_536
    if chunked:
        parser.received(head + b"Transfer-Encoding: chunked\r\n\r\n")
        packet = b"10000\r\n" + packet + b"\r\n"
    else:
        parser.received(head + b"Content-Length: %d\r\n\r\n" % (MAX_READ - 1))
    tracemalloc.start()
    for _ in range(1500):
        assert parser.received(packet) > 0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert parser.error is None
    assert peak < KEPT + 4 * MIB
    assert not parser.body_rcv.getbuf().getfile().read()


def test_body_above_what_is_read_is_refused_before_it_is_sent(port: int) -> None:
    """By the length that the browser states."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (MAX_READ + 1))
        assert client.recv(1000).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("part", [b"", b"1;", b"0\r\nA: "], ids=["size", "extension", "trailer"])
def test_endless_line_between_chunks_is_refused(port: int, part: bytes) -> None:
    """Each packet would have it read again from its start, and no other request is answered meanwhile."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client, contextlib.suppress(OSError):
        client.sendall(head + part)
        while sent < 100 * MAX_LINE:
            sent += client.send(b"1" * 8192)
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                assert client.recv(1000).startswith(b"HTTP/1.1 400")
                break
            client.setblocking(True)
            time.sleep(0.01)
    assert sent < 100 * MAX_LINE


def test_slow_uploads_keep_nobody_waiting(port: int) -> None:
    """Requests that have not arrived take no thread: with forty of them half sent, others are answered at once."""
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"0" * 1000)
        began = time.monotonic()
        assert post(port, 10) == "10 10"
        assert time.monotonic() - began < 5

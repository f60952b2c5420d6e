"""Serves the web tool until it is told to end; a request that is being answered then is answered first."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable
from types import FrameType

from flask import Flask
from waitress.server import create_server

from autograder.errors import CourseError

log = logging.getLogger(__name__)
PROXY_TELLS = frozenset({"x-forwarded-for", "x-forwarded-proto"})
PATIENCE = 15
"""Seconds that requests have to be answered in, once we are to end."""


def listening(address: str) -> socket.socket:
    """A socket that listens at `HOST:PORT`. Raises CourseError where the address is none, or cannot be had."""
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise CourseError(f"cannot listen on {address!r}; expected HOST:PORT, such as 127.0.0.1:8000")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family, backlog=1024)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise CourseError(
            f"cannot listen on {address}: {reason}; end what listens there, or give another "
            "address with --listen"
        ) from None


def serve(
    app: Flask,
    at: socket.socket,
    *,
    threads: int,
    behind_proxy: bool,
    largest: int,
    ready: Callable[[], None],
) -> None:
    """Serve until SIGTERM or SIGINT comes; a second one ends at once. To be called in the main thread.

    behind_proxy: whether the web server before us tells who a browser is, and whether it came by https.
    largest: bytes of a request; one that is larger is turned down before the application sees it.
    ready: called once requests are answered.
    """
    server = create_server(
        app,
        sockets=[at],
        threads=threads,
        ident=None,
        max_request_body_size=largest,
        trusted_proxy="*" if behind_proxy else None,
        trusted_proxy_headers=PROXY_TELLS if behind_proxy else set(),
    )

    def told(number: int, frame: FrameType | None) -> None:
        log.info("told to end: what is being answered is answered first")
        raise SystemExit  # the server's loop takes it as the word to end

    before = {one: signal.signal(one, told) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        ready()
        server.run()
        server.task_dispatcher.shutdown(timeout=PATIENCE)  # the loop itself waits a few seconds
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        server.close()
    log.info("ended")

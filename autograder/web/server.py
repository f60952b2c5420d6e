"""Serves the web tool, and shuts down gracefully: requests in progress are completed."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

from flask import Flask
from waitress.server import create_server

from autograder.errors import CourseError
from autograder.i18n import _
from autograder.web.request_bodies import MAX_READ, channel_class

log = logging.getLogger(__name__)
PROXY_HEADERS = frozenset({"x-forwarded-for", "x-forwarded-proto"})
SHUTDOWN_SECONDS = 15
"""Seconds that requests in progress have to complete on shutdown."""


def listening(address: str) -> socket.socket:
    """Open a socket that listens on `HOST:PORT`. Raises CourseError if the address is invalid or not available."""
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise CourseError(
            _("cannot listen on {address}; expected HOST:PORT, such as 127.0.0.1:8000", address=repr(address))
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family, backlog=1024)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise CourseError(
            _(
                "cannot listen on {address}: {reason}; stop the program that listens there, or pass another "
                "address with --listen",
                address=address,
                reason=reason,
            )
        ) from None


def create(
    app: Flask, listener: socket.socket, *, threads: int, behind_proxy: bool = False, max_kept: int
) -> Any:
    """Create a server of waitress's.

    behind_proxy: whether a reverse proxy states the browser's address, and whether it came by https.
    max_kept: maximum size in bytes of a request with its content; of a larger one the application sees the size alone.
    """
    server: Any = create_server(
        app,
        sockets=[listener],
        threads=threads,
        ident=None,
        max_request_body_size=MAX_READ + 1,
        trusted_proxy="*" if behind_proxy else None,
        trusted_proxy_headers=PROXY_HEADERS if behind_proxy else set(),
    )
    server.channel_class = channel_class(max_kept)
    return server


def serve(server: Any, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; a second signal ends it at once. Call it in the main thread.

    server: as `create` returns it. on_ready: called once requests are accepted.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        log.info("shutting down: requests in progress are completed first")
        raise SystemExit  # the server's loop catches it and ends

    previous = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        on_ready()
        server.run()
        server.task_dispatcher.shutdown(timeout=SHUTDOWN_SECONDS)  # the loop itself waits a few seconds
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        server.close()
    log.info("stopped")

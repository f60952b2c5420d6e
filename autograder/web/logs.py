"""Logs of the web tool: people under pseudonyms, requests without the secrets in their URLs."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask, Response

log = logging.getLogger(__name__)
SECRET = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|(?<![\w/.-])[\w-]{40,}|(?<=/lti/register/)[\w-]+")
"""A signed token, a token of our own, or an invitation, in case one gets into a log line, as in an error text."""


class RedactingFormatter(logging.Formatter):
    """A formatter that replaces whatever looks like a token by `…`."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record, with its traceback if it has one."""
        return SECRET.sub("…", super().format(record))


def log_to_stderr() -> None:
    """Configure logging to standard error; a service manager stores and rotates it."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # at INFO, libraries log their calls, and so personal data
    logging.getLogger("autograder").setLevel(logging.INFO)


def log_requests(app: Flask) -> None:
    """Log a line per request: the URL rule, never the URL itself or its query."""
    from flask import g, request

    @app.before_request
    def start_timer() -> None:
        g.started = time.monotonic()

    @app.after_request
    def log_request(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "(no such URL)"
        milliseconds = 1000 * (time.monotonic() - g.get("started", time.monotonic()))
        log.info("%s %s: %d in %.0f ms", request.method, rule, response.status_code, milliseconds)
        return response

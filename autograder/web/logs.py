"""Logs of the web tool: people under their pseudonyms, requests without what is secret in their addresses."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask, Response

log = logging.getLogger(__name__)
SECRET = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|(?<![\w/.-])[\w-]{40,}|(?<=/lti/register/)[\w-]+")
"""A signed token, a token of our own, an invitation: should one come into a line, as in the text of an error."""


class Redacting(logging.Formatter):
    """Writes a dash in the place of whatever looks like a token."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the traceback where there is one."""
        return SECRET.sub("…", super().format(record))


def log_to_stderr() -> None:
    """Have everything that is told logged to standard error, from here on; a service manager adds the rest."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # libraries tell of their calls, and so of people, at INFO
    logging.getLogger("autograder").setLevel(logging.INFO)


def log_requests(app: Flask) -> None:
    """Log a line for each request: the rule that its address follows, never the address itself or its query."""
    from flask import g, request

    @app.before_request
    def began() -> None:
        g.began = time.monotonic()

    @app.after_request
    def answered(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "(no such address)"
        took = 1000 * (time.monotonic() - g.get("began", time.monotonic()))
        log.info("%s %s: %d in %.0f ms", request.method, rule, response.status_code, took)
        return response

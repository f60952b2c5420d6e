"""The web tool as a WSGI application."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask import Flask, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from autograder.course import Course
from autograder.errors import CourseError
from autograder.web.context import Tool
from autograder.web.db.database import Database
from autograder.web.db.models import now
from autograder.web.errors import NOT_HERE, OURS, UNREADABLE, RequestRejected
from autograder.web.headers import guard
from autograder.web.http import LmsHttpClient, is_url
from autograder.web.lti.launch import LaunchFlow
from autograder.web.lti.platform_keys import KeySets
from autograder.web.lti.platforms import frame_origins
from autograder.web.pages.lti import addresses
from autograder.web.pages.routes import pages
from autograder.web.visits import welcome

log = logging.getLogger(__name__)
MAX_REQUEST = 256 * 1024
"""Bytes; launches are well below."""


def make_app(
    database: Database,
    course: Course,
    *,
    base_url: str,
    http: LmsHttpClient | None = None,
    clock: Callable[[], datetime] = now,
) -> Flask:
    """The application, ready to be served.

    base_url: where browsers and LMSs reach it, such as https://tool.example.org; never taken from a request.
    Raises CourseError for a base URL that no LMS would take.
    """
    base_url = base_url.rstrip("/")
    if not is_url(base_url) or base_url.count("/") != 2:
        raise CourseError(
            f"the address of the web tool is {base_url!r}; expected one like https://tool.example.org"
        )
    http = http or LmsHttpClient()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = MAX_REQUEST
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    launching = LaunchFlow(database, KeySets(http), f"{base_url}/lti/launch", clock=clock)
    welcomed = partial(welcome, database, clock=clock)
    tool = Tool(database, course, base_url, http, launching, welcomed, clock)
    app.register_blueprint(addresses(tool))
    app.register_blueprint(pages(tool))

    @app.after_request
    def guarded(response: Response) -> Response:
        # a page that tells what went wrong holds nothing to click, and the LMS that shows it may be one we do not know
        frames = ("*",) if g.get("refused") else (*_known(database), *g.get("frames", ()))
        forms, sealed = g.get("forms", ()), g.get("sealed", False)
        return guard(response, frames=sorted(set(frames)), forms=forms, sealed=sealed)

    @app.errorhandler(RequestRejected)
    def refused(error: RequestRejected) -> ResponseReturnValue:
        log.info("turned down: %s", error.reason.name)
        return _told(error, error.reason.status)

    @app.errorhandler(HTTPException)
    def not_served(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        if code < 400:
            return error.get_response(request.environ)
        return _told(RequestRejected(NOT_HERE if code in (404, 405) else UNREADABLE), code)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> ResponseReturnValue:
        log.exception("a page could not be shown")
        return _told(RequestRejected(OURS), 500)

    return app


def _told(error: RequestRejected, status: int) -> ResponseReturnValue:
    visit = g.get("visit")
    g.refused, g.sealed = visit is None, False
    page = render_template("error.html", reason=error.reason, facts=error.facts, visit=visit)
    return make_response(page, status)


def _known(database: Database) -> tuple[str, ...]:
    try:
        with database.read() as session:
            return frame_origins(session)
    except SQLAlchemyError:
        log.error("the database cannot be read, so no page may be framed")
        return ()

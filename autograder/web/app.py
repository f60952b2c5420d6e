"""The web tool as a WSGI application."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from autograder.course import Course
from autograder.feedback.page import FILTERS
from autograder.i18n import LANGUAGES, _, install
from autograder.web.cache import VersionedCache
from autograder.web.catalog import AssignmentCatalog
from autograder.web.context import EXTENSION, Tool
from autograder.web.db.database import Database
from autograder.web.db.models import now
from autograder.web.errors import INTERNAL_ERROR, NOT_FOUND, UNREADABLE, RequestRejected
from autograder.web.headers import set_security_headers
from autograder.web.http import LmsHttpClient
from autograder.web.lti.launch import LaunchFlow
from autograder.web.lti.platform_keys import KeySets
from autograder.web.lti.platforms import frame_origins
from autograder.web.lti.services import Services
from autograder.web.pages import home, lti, status, student
from autograder.web.pages.staff.access import admit_staff
from autograder.web.pages.staff.routes import STAFF_PAGES
from autograder.web.settings import settings_of
from autograder.web.static_files import add_versions, is_static
from autograder.web.submissions import SubmissionService

log = logging.getLogger(__name__)
BACK = _("Back to the assignment")
WRITTEN = _("What you wrote")
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
    """Create the application.

    base_url: where browsers and LMSs reach it, as `base_url_of` returns it; never taken from a request.
    Raises CourseError for malformed settings of the course.
    """
    course.zone  # noqa: B018 - an invalid time zone fails now, not on the first page
    http = http or LmsHttpClient()
    catalog = AssignmentCatalog(course)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = MAX_REQUEST
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= FILTERS
    install(app.jinja_env)
    app.extensions[EXTENSION] = Tool(
        database=database,
        course=course,
        catalog=catalog,
        submissions=SubmissionService(database, course, settings_of(course), catalog),
        base_url=base_url,
        http=http,
        launches=LaunchFlow(database, KeySets(http), f"{base_url}/lti/launch", clock=clock),
        services=Services(database, http),
        clock=clock,
        reports=VersionedCache(),
        sections=VersionedCache(),
    )
    staff_pages = {page.blueprint.name for page in STAFF_PAGES}
    for page in (status, lti, home, student, *STAFF_PAGES):
        app.register_blueprint(page.blueprint)
    app.register_blueprint(
        Blueprint("feedback", "autograder.feedback", template_folder="templates", static_folder="static",
                  static_url_path="/feedback")
    )  # fmt: skip
    app.register_blueprint(
        Blueprint("reports", "autograder.reports", static_folder="static", static_url_path="/reports")
    )

    add_versions(app)

    @app.after_request
    def secure(response: Response) -> Response:
        if is_static():  # no page: it needs no look into the database for who may frame it
            return set_security_headers(response, frames=())
        # an error page outside a visit has nothing to click, and the LMS that shows it may not be registered here
        frames = ("*",) if g.get("any_frame") else (*_frame_origins(database), *g.get("frames", ()))
        forms, sealed = g.get("forms", ()), g.get("sealed", False)
        return set_security_headers(response, frames=sorted(set(frames)), forms=forms, sealed=sealed)

    @app.before_request
    def admit() -> None:
        """Decide for all staff pages at once who may see them, whatever each page does."""
        if request.blueprint in staff_pages:
            admit_staff((request.view_args or {})["visit_name"])

    @app.errorhandler(RequestRejected)
    def rejected(error: RequestRejected) -> ResponseReturnValue:
        log.info("request rejected: %s", "; ".join(filter(None, (error.reason.name, error.cause))))
        return _error_page(error, error.reason.status)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        if code < 400:
            return error.get_response(request.environ)
        if isinstance(error, MethodNotAllowed) and (page := _page_of_form(app, error)):
            return redirect(page, 303)
        return _error_page(RequestRejected(NOT_FOUND if code in (404, 405) else UNREADABLE), code)

    @app.errorhandler(Exception)
    def unexpected_error(error: Exception) -> ResponseReturnValue:
        log.exception("failed to handle a request")
        return _error_page(RequestRejected(INTERNAL_ERROR), 500)

    return app


def _page_of_form(app: Flask, error: MethodNotAllowed) -> str | None:
    """Return the page to show where a browser opens the URL that a form is sent to, as it may after a refusal."""
    adapter = app.create_url_adapter(request)
    if request.method not in ("GET", "HEAD") or "POST" not in (error.valid_methods or ()) or adapter is None:
        return None
    try:
        endpoint, arguments = adapter.match(method="POST")
    except HTTPException:  # werkzeug names the method also where a number in the URL is too large for it
        return None
    page = "student.assignment" if endpoint.startswith("student.") else "home.index"
    return url_for(page, visit_name=arguments["visit_name"]) if "visit_name" in arguments else None


def _error_page(error: RequestRejected, status: int) -> ResponseReturnValue:
    visit = g.get("visit")
    g.any_frame, g.sealed = visit is None, False
    languages = list(dict.fromkeys((*([visit.language] if visit else ()), *LANGUAGES)))
    page = render_template(
        "error.html", reason=error.reason, facts=error.facts, visit=visit, languages=languages, back=BACK,
        written=g.get("written", ()), written_title=WRITTEN,
    )  # fmt: skip
    return make_response(page, status)


def _frame_origins(database: Database) -> tuple[str, ...]:
    try:
        with database.read() as session:
            return frame_origins(session)
    except SQLAlchemyError:
        log.error("cannot read the database; framing is disabled")
        return ()

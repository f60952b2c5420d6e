"""The LTI endpoints, below `/lti`: login, launch, deep linking, dynamic registration and our key set."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from autograder.grading.wording import format_points
from autograder.i18n import LANGUAGES
from autograder.web.catalog import assignment_options, refusals
from autograder.web.context import tool
from autograder.web.db.models import Context, Launch, Membership, Platform
from autograder.web.errors import (
    EXPIRED,
    NO_ASSIGNMENT,
    NO_COOKIE,
    NOT_STAFF,
    SEVERAL_NOTEBOOKS,
    RequestRejected,
)
from autograder.web.headers import cookie_name, delete_cookie, set_cookie
from autograder.web.http import origin
from autograder.web.lti import dynamic_registration
from autograder.web.lti.accounts import LIFETIME, record
from autograder.web.lti.deep_linking import deep_linking_response
from autograder.web.lti.launch import HINTS, MAX_LOGIN, Login
from autograder.web.lti.memberships import require_access
from autograder.web.lti.platforms import registration_of
from autograder.web.lti.tool_keys import published_keys, signing_key
from autograder.web.visits import start_visit

log = logging.getLogger(__name__)
blueprint = Blueprint("lti", __name__, url_prefix="/lti")


@blueprint.get("/jwks")
def jwks() -> ResponseReturnValue:
    """Return the tool's public keys."""
    return jsonify(published_keys(tool.database, tool.clock()))


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Begin a login that the LMS initiated."""
    return _set_state_cookie(tool.launches.begin(_first_values(request.values)))


@blueprint.get("/again")
def login_again() -> ResponseReturnValue:
    """Begin the same login once more, in a window of its own."""
    return _set_state_cookie(tool.launches.restart(_first_values(request.args)))


@blueprint.get("/go")
def continue_login() -> ResponseReturnValue:
    """Send the browser to the LMS, or offer a new window if it keeps no cookies here.

    This is a request of its own: an LMS answers a login only once, so the cookie is checked before.
    """
    params = _first_values(request.args)
    url = tool.launches.login_url(params)
    if _has_cookie(params["state"]):
        return redirect(url)
    log.info("the browser keeps no cookies in this frame")
    hints = {name: params[name] for name in HINTS if name in params}
    return render_template(
        "lti/new_window.html", again=_url("lti.login_again", hints, params["state"]), languages=LANGUAGES
    )


@blueprint.post("/launch")
def launch() -> ResponseReturnValue:
    """Check a launch, then start a visit or show the assignments to pick from."""
    state = request.form.get("state", "")
    row, _, claims = tool.launches.accept(
        _first_values(request.form), request.cookies.get(cookie_name(state), "")
    )
    launched = record(tool.database, tool.course, row, claims, moment=tool.clock())
    log.info("launch of %s as %s", launched.person.pseudonym, launched.role)
    if claims.return_url:
        g.frames = (origin(claims.return_url),)
    if claims.picking:
        if launched.role == "student":
            raise RequestRejected(NOT_STAFF)
        page = render_template(
            "lti/pick_assignment.html",
            launched=launched,
            language=launched.language,
            points=format_points,
            options=assignment_options(tool.course),
            refusals=refusals(tool.course),
        )
        response = set_cookie(make_response(page), launched.token, seconds=int(LIFETIME.total_seconds()))
    elif launched.link is None or launched.link.assignment not in tool.course.assignments:
        raise RequestRejected(NO_ASSIGNMENT)
    elif launched.link.assignment in refusals(tool.course):
        raise RequestRejected(SEVERAL_NOTEBOOKS)
    else:
        response = start_visit(tool.database, launched, clock=tool.clock)
    return delete_cookie(response, state)


@blueprint.post("/pick")
def pick_assignment() -> ResponseReturnValue:
    """Return the picked assignment to the LMS, which makes an activity of it (deep linking)."""
    token = request.form.get("token", "")
    if not _has_cookie(token):
        raise RequestRejected(NO_COOKIE)
    with tool.database.read() as session:
        row = session.scalars(select(Launch).where(Launch.token == token)).first()
        claims = (row and row.claims) or {}
        if row is None or row.expires_at <= tool.clock() or "picking" not in claims:
            raise RequestRejected(EXPIRED)
        platform = session.get_one(Platform, row.platform_id)
        context = session.get_one(Context, claims["context"])
        membership = session.get_one(Membership, (claims["person"], context.id))
    require_access(context, membership)
    if membership.role == "student":
        raise RequestRejected(NOT_STAFF)
    options = {option.name: option for option in assignment_options(tool.course)}
    option = options.get(request.form.get("assignment", ""))
    if option is None:
        raise RequestRejected(NO_ASSIGNMENT)
    settings, language = claims["picking"], claims["language"]
    registration = registration_of(platform, signing_key(tool.database))
    answer = deep_linking_response(
        registration, context.deployment, settings, option, language=language, launch_url=tool.launch_url
    )
    return_url = settings["deep_link_return_url"]
    g.frames = g.forms = (origin(return_url),)
    return render_template("lti/return_to_lms.html", url=return_url, answer=answer, language=language)


@blueprint.get("/register/<secret>")
def register(secret: str) -> ResponseReturnValue:
    """Register the LMS that was given this invitation (dynamic registration)."""
    platform = dynamic_registration.register(
        tool.database, tool.http, tool.base_url, secret, _first_values(request.args)
    )
    log.info("platform %d registered itself", platform.id)
    return render_template("lti/registered.html", platform=platform, languages=LANGUAGES)


def _set_state_cookie(login: Login) -> Response:
    response = make_response(redirect(_url("lti.continue_login", login.hints, login.state), 303))
    return set_cookie(response, login.state, seconds=int(MAX_LOGIN.total_seconds()))


def _url(endpoint: str, hints: Mapping[str, str], state: str) -> str:
    parameters: dict[str, Any] = {**hints, "state": state}
    return url_for(endpoint, **parameters)


def _has_cookie(value: str) -> bool:
    """Return whether the browser sent the cookie that holds a value."""
    cookie = request.cookies.get(cookie_name(value), "")
    return bool(value) and hmac.compare_digest(cookie.encode(), value.encode())


def _first_values(values: Mapping[str, str]) -> dict[str, str]:
    """Return a plain dict; of a parameter that was sent twice, it has the first value."""
    return {name: values[name] for name in values}

"""The addresses that an LMS and a person's browser meet."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from autograder.course import Course
from autograder.web.db.database import Database
from autograder.web.db.models import Context, Launch, Platform
from autograder.web.errors import EXPIRED, NO_ASSIGNMENT, NO_COOKIE, NOT_STAFF, RequestRejected
from autograder.web.headers import cookie_of, keep, let_go
from autograder.web.http import LmsHttpClient, origin
from autograder.web.lti import dynamic_registration
from autograder.web.lti.accounts import LIFETIME, Launched, record
from autograder.web.lti.deep_linking import deep_linking_response
from autograder.web.lti.launch import MAX_LOGIN, LaunchFlow, Login
from autograder.web.lti.platforms import registration_of
from autograder.web.lti.tool_keys import published_keys, signing_key
from autograder.web.offers import offers

log = logging.getLogger(__name__)

Page = Callable[[Launched], ResponseReturnValue]
"""Shows somebody who was launched what they came for."""


@dataclass(frozen=True)
class Tool:
    """What the addresses work with."""

    database: Database
    course: Course
    base_url: str
    """Where browsers and LMSs reach us, without a slash at the end."""
    http: LmsHttpClient
    launching: LaunchFlow
    page: Page
    clock: Callable[[], datetime]

    @property
    def launch_url(self) -> str:
        """Where an LMS sends a launch."""
        return f"{self.base_url}/lti/launch"


def addresses(tool: Tool) -> Blueprint:
    """The blueprint of everything below `/lti`."""
    lti = Blueprint("lti", __name__, url_prefix="/lti")

    @lti.get("/jwks")
    def jwks() -> ResponseReturnValue:
        return jsonify(published_keys(tool.database, tool.clock()))

    @lti.route("/login", methods=["GET", "POST"])
    def login() -> ResponseReturnValue:
        return _on_the_way(tool.launching.begin(_one_each(request.values)))

    @lti.get("/again")
    def again() -> ResponseReturnValue:
        return _on_the_way(tool.launching.restart(request.args.get("state", "")))

    @lti.get("/go")
    def go() -> ResponseReturnValue:
        # a step of its own: an LMS answers a login once, so the browser is asked for the cookie before
        state = request.args.get("state", "")
        url = tool.launching.login_url(state)
        if _kept(state):
            return redirect(url)
        log.info("a browser keeps no cookie in this frame")
        return render_template("window.html", again=url_for("lti.again", state=state))

    @lti.post("/launch")
    def launch() -> ResponseReturnValue:
        state = request.form.get("state", "")
        row, _, claims = tool.launching.accept(
            _one_each(request.form), request.cookies.get(cookie_of(state), "")
        )
        launched = record(tool.database, tool.course, row, claims, moment=tool.clock())
        log.info("launch of %s as %s", launched.person.pseudonym, launched.role)
        if claims.return_url:
            g.frames = (origin(claims.return_url),)
        if claims.picking:
            if launched.role == "student":
                raise RequestRejected(NOT_STAFF)
            page = render_template("pick.html", launched=launched, offers=offers(tool.course))
            response = keep(make_response(page), launched.token, seconds=int(LIFETIME.total_seconds()))
        elif launched.link is None or launched.link.assignment not in tool.course.assignments:
            raise RequestRejected(NO_ASSIGNMENT)
        else:
            response = make_response(tool.page(launched))
        return let_go(response, state)

    @lti.post("/pick")
    def pick() -> ResponseReturnValue:
        token = request.form.get("token", "")
        if not _kept(token):
            raise RequestRejected(NO_COOKIE)
        with tool.database.read() as session:
            row = session.scalars(select(Launch).where(Launch.token == token)).first()
            claims = (row and row.claims) or {}
            if row is None or row.expires_at <= tool.clock() or "picking" not in claims:
                raise RequestRejected(EXPIRED)
            platform = session.get_one(Platform, row.platform_id)
            context = session.get_one(Context, claims["context"])
        if claims["role"] == "student":
            raise RequestRejected(NOT_STAFF)
        offer = next((one for one in offers(tool.course) if one.name == request.form.get("assignment")), None)
        if offer is None:
            raise RequestRejected(NO_ASSIGNMENT)
        settings, language = claims["picking"], claims["language"]
        registration = registration_of(platform, signing_key(tool.database))
        answer = deep_linking_response(
            registration, context.deployment, settings, offer, language=language, launch_url=tool.launch_url
        )
        return_url = settings["deep_link_return_url"]
        g.frames = g.forms = (origin(return_url),)
        return render_template("picked.html", url=return_url, answer=answer, language=language)

    @lti.get("/register/<secret>")
    def register(secret: str) -> ResponseReturnValue:
        platform = dynamic_registration.register(
            tool.database, tool.http, tool.base_url, secret, _one_each(request.args)
        )
        log.info("platform %d registered itself", platform.id)
        return render_template("registered.html", platform=platform)

    return lti


def _on_the_way(login: Login) -> Response:
    response = make_response(redirect(url_for("lti.go", state=login.state), 303))
    return keep(response, login.state, seconds=int(MAX_LOGIN.total_seconds()))


def _kept(value: str) -> bool:
    """Whether the browser sends back a value that it was to keep."""
    kept = request.cookies.get(cookie_of(value), "")
    return bool(value) and hmac.compare_digest(kept.encode(), value.encode())


def _one_each(values: Mapping[str, str]) -> dict[str, str]:
    return {name: values[name] for name in values}

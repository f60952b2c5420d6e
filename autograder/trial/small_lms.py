"""A small LMS: people, activities that show the tool in a frame, a gradebook, and LTI 1.3 as a tool sees it.

Whoever can reach it may be anybody, so it listens on loopback alone.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jwt.algorithms import RSAAlgorithm

from autograder.i18n import install
from autograder.text import Text
from autograder.web.lti.claims import AGS, LTI, MEMBERSHIP, NRPS, SCORE

CLIENT_ID, DEPLOYMENT, COURSE_ID, KEY_ID = "autograder", "1", "trial", "small-lms"
ROSTER_PAGE = 100
"""People on a page of the roster."""
LIFETIME = 300
"""Seconds for which a launch is valid."""


@dataclass(frozen=True)
class Member:
    """Somebody in the LMS's only course."""

    id: str
    name: str
    language: str
    is_teacher: bool = False

    @property
    def role(self) -> str:
        """The role in the words of LTI."""
        return f"{MEMBERSHIP}#{'Instructor' if self.is_teacher else 'Learner'}"


@dataclass(frozen=True)
class Activity:
    """An activity of the course that shows an assignment."""

    assignment: str
    title: Text
    points: float


@dataclass
class SmallLms:
    """The LMS's data. Thread-safe."""

    address: str
    tool: str
    """The tool's URL."""
    title: str
    members: Mapping[str, Member]
    activities: Mapping[str, Activity]
    scores: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """What the tool sent last, by assignment and person."""
    _key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def login_url(self, member: Member, activity: Activity) -> str:
        """Return the tool's URL at which a launch begins."""
        hint = json.dumps([member.id, activity.assignment])
        target = {"iss": self.address, "client_id": CLIENT_ID, "login_hint": hint}
        return f"{self.tool}/lti/login?{urlencode(target | {'target_link_uri': f'{self.tool}/lti/launch'})}"

    def token(self, hint: str, nonce: str) -> str:
        """Return the signed launch of somebody. hint: of the login. Raises LookupError or ValueError."""
        name, assignment = json.loads(hint)
        member, activity = self.members[name], self.activities[assignment]
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "sub": member.id,
            "iat": now,
            "exp": now + LIFETIME,
            "nonce": nonce,
            "name": member.name,
            LTI + "version": "1.3.0",
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "deployment_id": DEPLOYMENT,
            LTI + "roles": [member.role],
            LTI + "resource_link": {
                "id": assignment,
                "title": activity.title.in_language(member.language),
            },
            LTI + "context": {"id": COURSE_ID, "title": self.title},
            LTI + "custom": {"assignment": assignment},
            LTI + "lis": {"person_sourcedid": member.id},
            LTI + "launch_presentation": {"locale": member.language},
            AGS: {"lineitem": f"{self.address}/lineitems/{assignment}", "scope": [SCORE]},
            NRPS: {"context_memberships_url": f"{self.address}/members"},
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": KEY_ID})

    @property
    def public_keys(self) -> dict[str, Any]:
        """The key set by which a tool verifies launches."""
        key = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [key | {"kid": KEY_ID, "alg": "RS256", "use": "sig"}]}

    def keep_score(self, assignment: str, score: Mapping[str, Any]) -> bool:
        """Store a score unless a newer one is there, and return whether it was stored. Raises KeyError."""
        key = assignment, str(score["userId"])
        with self._lock:
            if key in self.scores and self.scores[key]["timestamp"] >= score["timestamp"]:
                return False
            self.scores[key] = dict(score)
        return True


def make_lms(lms: SmallLms) -> Flask:
    """Return the LMS as a WSGI application."""
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    install(app.jinja_env)
    teachers = [member for member in lms.members.values() if member.is_teacher]
    learners = [member for member in lms.members.values() if not member.is_teacher]

    def page(template: str, language: str, **values: Any) -> str:
        return render_template(template, lms=lms, language=language, teachers=teachers, **values)

    def member_of(name: str) -> Member:
        return lms.members.get(name) or abort(404)

    @app.get("/")
    def home() -> ResponseReturnValue:
        language = request.accept_languages.best_match([member.language for member in teachers])
        return page("home.html", language or teachers[0].language, learners=learners)

    @app.get("/as/<name>")
    def course(name: str) -> ResponseReturnValue:
        member = member_of(name)
        return page("course.html", member.language, member=member, learners=learners)

    @app.get("/as/<name>/<assignment>")
    def activity(name: str, assignment: str) -> ResponseReturnValue:
        member, shown = member_of(name), lms.activities.get(assignment) or abort(404)
        frame = lms.login_url(member, shown)
        return page("activity.html", member.language, member=member, activity=shown, frame=frame)

    @app.get("/as/<name>/grades")
    def grades(name: str) -> ResponseReturnValue:
        member = member_of(name)
        rows: Sequence[Member] = learners if member.is_teacher else [member]
        return page("grades.html", member.language, member=member, rows=rows)

    @app.get("/somebody")
    def somebody() -> ResponseReturnValue:
        return redirect(url_for("course", name=secrets.choice(learners).id))

    @app.get("/auth")
    def authorize() -> ResponseReturnValue:
        try:
            token = lms.token(request.args["login_hint"], request.args["nonce"])
            target, state = request.args["redirect_uri"], request.args["state"]
        except (LookupError, ValueError):
            abort(400)
        if target != f"{lms.tool}/lti/launch":
            abort(400)
        return page("launch.html", "en", target=target, state=state, token=token)

    @app.get("/keys")
    def keys() -> ResponseReturnValue:
        return jsonify(lms.public_keys)

    @app.post("/token")
    def access_token() -> ResponseReturnValue:
        return jsonify({"access_token": "for-loopback-alone", "token_type": "Bearer", "expires_in": 3600})

    @app.get("/members")
    def roster() -> ResponseReturnValue:
        start = request.args.get("start", 0, type=int)
        everybody = [*lms.members.values()]
        shown = everybody[start : start + ROSTER_PAGE]
        response = jsonify(
            id=f"{lms.address}/members",
            context={"id": COURSE_ID},
            members=[
                {"user_id": one.id, "name": one.name, "roles": [one.role], "status": "Active"}
                for one in shown
            ],
        )
        if start + ROSTER_PAGE < len(everybody):
            more = f"{lms.address}/members?start={start + ROSTER_PAGE}"
            response.headers["Link"] = f'<{more}>; rel="next"'
        response.content_type = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
        return response

    @app.post("/lineitems/<assignment>/scores")
    def score(assignment: str) -> ResponseReturnValue:
        data = request.get_json(force=True)
        if assignment not in lms.activities or data.get("userId") not in lms.members:
            abort(404)
        return Response(status=200 if lms.keep_score(assignment, data) else 409)

    return app

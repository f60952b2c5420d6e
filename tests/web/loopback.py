"""The tool and LMSs of these tests on loopback."""

from __future__ import annotations

import contextlib
import functools
import html
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import select

from autograder.course import Course
from autograder.web.app import make_app
from autograder.web.db.database import Database
from autograder.web.db.models import Context, Platform, now
from autograder.web.http import LmsHttpClient
from autograder.web.lti.claims import AGS, DEEP_LINKING, LTI, NRPS, SCORE
from autograder.web.lti.platforms import PlatformDetails, register_platform
from autograder.web.server import create

ROLES = "http://purl.imsglobal.org/vocab/lis/v2/membership"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
MAX_KEPT = 11 * 1024 * 1024
"""Bytes of a request that the tool keeps, as with the default settings."""
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Web:
    """A tool that is served, and its database."""

    database: Database
    course: Course
    base_url: str
    app: Flask


@contextlib.contextmanager
def tool(
    folder: Path,
    course: Path,
    *,
    url: str | None = None,
    listening: socket.socket | None = None,
    base_url: str = "",
    **settings: Any,
) -> Iterator[Web]:
    """The tool over real HTTP, for the time of a block.

    url: of its database, where it is no file in `folder`. base_url: where browsers find it, if not where it listens.
    """
    database = Database.open(url or folder / "web.db")
    listening = listening or socket.create_server(("127.0.0.1", 0))
    base_url = base_url or f"http://127.0.0.1:{listening.getsockname()[1]}"
    opened = Course.open(course)
    app = make_app(database, opened, base_url=base_url, **settings)
    server = create(app, listening, threads=4, max_kept=MAX_KEPT)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Web(database, opened, base_url, app)
    finally:
        end(server, thread)
        database.close()


def end(server: Any, thread: threading.Thread) -> None:
    """End a server of waitress's that runs in a thread: there, since its loop fails where others close its sockets."""
    server.task_dispatcher.shutdown(timeout=10)
    server.trigger.pull_trigger(server.close)
    thread.join(10)


class Clock:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead


class Browser(requests.Session):
    """A browser as far as cookies go: it takes `127.0.0.1` for as good as HTTPS, as real ones do."""

    def __init__(self, *, cookies: bool = True) -> None:
        super().__init__()
        self.trust_env = False
        self.keeps = cookies
        self.headers["Connection"] = "close"  # or the server's end of it would outlive a test

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """See requests, which keeps secure cookies from plain HTTP on any host."""
        request.headers.pop("Cookie", None)
        if self.keeps and len(self.cookies):
            request.headers["Cookie"] = "; ".join(f"{one.name}={one.value}" for one in self.cookies)
        return super().send(request, **kwargs)

    def go(self, url: str) -> requests.Response:
        """Open a page and follow our own redirects, up to the one that leaves for the LMS."""
        response = self.get(url, allow_redirects=False)
        while response.is_redirect and "/lti/" in response.headers["Location"]:
            response = self.get(
                requests.compat.urljoin(response.url, response.headers["Location"]), allow_redirects=False
            )
        return response


@dataclass
class Lms:
    """An LMS of our own making that does what a test tells it to."""

    address: str = ""
    answers: dict[str, Callable[[Handler], None]] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str], str]] = field(default_factory=list)
    """Path, headers and body of every request."""

    def answer(
        self, path: str, status: int, body: object = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer a path so from now on. body: bytes as they are, anything else as JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.answers[path] = functools.partial(send, status=status, data=data, headers=dict(headers or {}))

    def register(self, database: Database, **changed: Any) -> Platform:
        """Register it with a tool, with its courses confirmed."""
        data: dict[str, Any] = {
            "issuer": self.address,
            "client_id": "client-1",
            "auth_login_url": f"{self.address}/auth",
            "auth_token_url": f"{self.address}/token",
            "key_set_url": f"{self.address}/keys",
            "deployments": ["1"],
        }
        platform = register_platform(database, PlatformDetails(**(data | changed)))
        for deployment in platform.deployments:
            for course in ("course-1", "course-2"):
                confirm(database, platform, deployment, course)
        return platform


def confirm(database: Database, platform: Platform, deployment: str, course: str) -> None:
    """Confirm a course of an LMS that nobody has opened yet, unless it is confirmed."""
    of_course = select(Context).where(
        Context.platform_id == platform.id, Context.deployment == deployment, Context.lms_id == course
    )
    with database.write() as session:
        context = session.scalars(of_course).first()
        if context is None:
            context = Context(platform_id=platform.id, deployment=deployment, lms_id=course)
            session.add(context)
        context.confirmed_at = context.confirmed_at or now()


class Handler(BaseHTTPRequestHandler):
    """One request to it."""

    lms: Lms

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()

    def serve(self) -> None:
        """Note the request and give the answer that the test wants."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.lms.asked.append((self.path, dict(self.headers), body))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.lms.answers.get(self.path, functools.partial(send, status=404, data=b"", headers={}))(self)


def send(handler: Handler, *, status: int, data: bytes, headers: Mapping[str, str]) -> None:
    """Answer at once."""
    handler.send_response(status)
    for name, value in {
        "Content-Type": "application/json",
        "Content-Length": str(len(data)),
        **headers,
    }.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)


def silence(handler: Handler) -> None:
    """Answer nothing for longer than anybody should wait."""
    time.sleep(30)


def drip(handler: Handler) -> None:
    """Answer a byte now and then, which no limit between two bytes ever sees."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(300):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


@contextlib.contextmanager
def lms() -> Iterator[Lms]:
    """An LMS that publishes its key and gives access tokens, for the time of a block."""
    made = Lms()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"lms": made}))
    server.daemon_threads = True
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.answer("/keys", 200, {"keys": [public(KEY, "key-1")]})
    made.answer("/token", 200, {"access_token": "SECRET-TOKEN-1", "expires_in": 3600})
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def quick() -> LmsHttpClient:
    """Outgoing calls with limits that a test can wait for."""
    return LmsHttpClient(connect=0.5, read=0.5, total=1.0)


def public(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    """The public part of a key as a key set shows it."""
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "alg": "RS256", "use": "sig"}


def body(lms: Lms, nonce: str, *roles: str, **changed: Any) -> dict[str, Any]:
    """The claims of a launch; those of `changed` stand in their place, and None takes one away."""
    now = int(datetime.now(UTC).timestamp())
    claims: dict[str, Any] = {
        "iss": lms.address,
        "aud": "client-1",
        "sub": "user-1",
        "iat": now,
        "exp": now + 300,
        "nonce": nonce,
        "name": "김민지",
        "email": "minji@example.org",
        LTI + "version": "1.3.0",
        LTI + "message_type": "LtiResourceLinkRequest",
        LTI + "deployment_id": "1",
        LTI + "roles": [f"{ROLES}{role}" for role in roles or ("#Learner",)],
        LTI + "resource_link": {"id": "link-1", "title": "Homework"},
        LTI + "context": {"id": "course-1", "title": "Recurrent networks"},
        LTI + "custom": {"assignment": "shapes"},
        LTI + "launch_presentation": {"locale": "en", "return_url": f"{lms.address}/course"},
        AGS: {
            "lineitem": f"{lms.address}/ags/1?type_id=2",
            "lineitems": f"{lms.address}/ags",
            "scope": [SCORE],
        },
        NRPS: {"context_memberships_url": f"{lms.address}/members"},
    }
    return {name: value for name, value in (claims | changed).items() if value is not None}


def picking(lms: Lms, **settings: Any) -> dict[str, Any]:
    """What makes a launch one to pick an assignment."""
    defaults = {
        "deep_link_return_url": f"{lms.address}/picked",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
        "data": "opaque",
    }
    return {
        LTI + "message_type": "LtiDeepLinkingRequest",
        LTI + "resource_link": None,
        LTI + "custom": None,
        DEEP_LINKING: defaults | settings,
    }


def signed(claims: Mapping[str, Any], *, key: Any = KEY, kid: str = "key-1", algorithm: str = "RS256") -> str:
    """A token."""
    return jwt.encode(dict(claims), key, algorithm=algorithm, headers={"kid": kid})


def begin(browser: Browser, web: Web, lms: Lms, **changed: str) -> dict[str, str]:
    """Begin a login; what the tool asks the LMS for."""
    params = {
        "iss": lms.address,
        "client_id": "client-1",
        "login_hint": "7",
        "target_link_uri": "x",
    } | changed
    response = browser.post(f"{web.base_url}/lti/login", data=params, allow_redirects=False)
    assert response.status_code == 303, words(response)
    response = browser.go(requests.compat.urljoin(web.base_url, response.headers["Location"]))
    assert response.headers["Location"].startswith(f"{lms.address}/auth?")
    return {
        name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()
    }


def launch(browser: Browser, web: Web, lms: Lms, *roles: str, **changed: Any) -> requests.Response:
    """A whole launch."""
    asked = begin(browser, web, lms)
    token = signed(body(lms, asked["nonce"], *roles, **changed))
    return browser.post(f"{web.base_url}/lti/launch", data={"state": asked["state"], "id_token": token})


def refused_field(response: requests.Response) -> tuple[str, str]:
    """The one field that a page marks as refused, and the message that describes it."""
    [refused] = refused_fields(response).items()
    return refused


def refused_fields(response: requests.Response) -> dict[str, str]:
    """The message that describes each field that a page marks as refused."""
    marked = re.findall(r'name="(\w+)"[^>]* aria-invalid="true" aria-describedby="([\w-]+)', response.text)
    messages = dict(re.findall(r'(?s)id="(wrong-\w+)"[^>]*>(.*?)</span>', response.text))
    return {name: html.unescape(messages[described]) for name, described in marked}


def words(response: requests.Response) -> str:
    """What a person reads on a page."""
    text = re.sub(r"(?s)<head>.*?</head>|<[^>]+>", " ", response.text)
    return " ".join(text.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&").split())

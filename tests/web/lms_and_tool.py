"""An LMS that shows the tool in a frame, as browsers see it: two sites, over HTTPS.

The LMS is `https://lms.test`, the tool `https://tool.test`; a browser that takes every `*.test` for this machine finds
them on loopback. The LMS's services (key set, tokens, scores) stand on plain HTTP on loopback, where the tool calls
them without TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import waitress
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, Response, redirect, request
from markupsafe import escape

from autograder.course import Course
from autograder.web.lti.claims import AGS, DEEP_LINKING, LTI, SCORE
from autograder.web.settings import folder_of
from tests.web.loopback import Lms, Web, body, end, lms, picking, signed, tool

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{ margin: 0 }} iframe {{ width: 100%; height: 44rem; border: 0 }}</style></head>
<body><main><h1>{title}</h1>{content}</main></body></html>"""
FORM = """<form id="go" method="post" action="{url}">{fields}<button>Go on</button></form>
<script>document.getElementById("go").submit()</script>"""


@dataclass
class LmsAndTool:
    """The two sites, and what the LMS was told."""

    web: Web
    lms: Lms
    url: str
    """Of the LMS."""
    picked: list[dict[str, Any]] = field(default_factory=list)
    """The content items of every deep linking answer."""

    def activity(
        self, *, user: str = "user-1", role: str = "Learner", locale: str = "en", **launched: Any
    ) -> str:
        """The LMS's page that shows somebody an activity, in a frame or (`frame=False`) as a whole page.

        launched: the assignment, or `picking`.
        """
        frame = launched.pop("frame", True)
        hint = json.dumps({"sub": user, "role": role, "locale": locale, **launched})
        return f"{self.url}/{'course' if frame else 'window'}?{urlencode({'hint': hint})}"

    def scores(self, user: str) -> list[dict[str, Any]]:
        """What the LMS was told of somebody's score, in order."""
        sent = [json.loads(body) for path, _, body in list(self.lms.asked) if "/scores" in path]
        return [one for one in sent if one["userId"] == user]


@contextlib.contextmanager
def lms_and_tool(course: Path, **settings: Any) -> Iterator[LmsAndTool]:
    """The two sites, for the time of a block; the tool keeps its things where a worker in the course looks for them."""
    folder = folder_of(Course.open(course))
    behind, before = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    certificate = folder / "site.pem"
    certificate.write_bytes(_certificate("lms.test", "tool.test"))
    with contextlib.ExitStack() as stack:
        secure, lms_secure = (
            stack.enter_context(_tls(one.getsockname()[1], certificate)) for one in (behind, before)
        )
        services = stack.enter_context(lms())
        web = stack.enter_context(
            tool(folder, course, listening=behind, base_url=f"https://tool.test:{secure}", **settings)
        )
        made = LmsAndTool(web, services, f"https://lms.test:{lms_secure}")
        services.register(web.database, issuer=made.url, auth_login_url=f"{made.url}/auth")
        server = waitress.create_server(_pages(made), sockets=[before], threads=4)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            end(server, thread)


@contextlib.contextmanager
def worker(course: Path, log: Path) -> Iterator[None]:
    """`autograder worker` in a course as a process of its own, for the time of a block; it must live until the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "autograder", "worker"],
            cwd=course,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
        assert process.poll() is None, log.read_text(encoding="utf-8")
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _pages(made: LmsAndTool) -> Flask:
    """What the LMS shows."""
    app = Flask("lms")

    def login() -> str:
        asked = {
            "iss": made.url,
            "client_id": "client-1",
            "login_hint": request.args["hint"],
            "target_link_uri": "x",
        }
        return f"{made.web.base_url}/lti/login?{urlencode(asked)}"

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    @app.get("/course")
    def course() -> str:
        return PAGE.format(
            title="LMS", content=f'<iframe name="tool" title="Activity" src="{escape(login())}"></iframe>'
        )

    @app.get("/window")
    def window() -> Any:
        return redirect(login())

    @app.get("/auth")
    def auth() -> str:
        hint = json.loads(request.args["login_hint"])
        changed: dict[str, Any] = {
            "iss": made.url,
            "sub": hint["sub"],
            "name": hint.get("name", "김민지"),
            LTI + "launch_presentation": {"locale": hint["locale"], "return_url": f"{made.url}/back"},
        }
        if hint.get("assignment"):
            name = hint["assignment"]
            changed[LTI + "custom"] = {"assignment": name}
            changed[LTI + "resource_link"] = {"id": f"link-{name}", "title": "Homework"}
            changed[AGS] = {"lineitem": f"{made.lms.address}/ags/{name}", "scope": [SCORE]}
            made.lms.answer(f"/ags/{name}/scores", 200)
        if hint.get("picking"):
            changed |= picking(made.lms)
            changed[DEEP_LINKING] |= {"deep_link_return_url": f"{made.url}/picked"}
        token = signed(body(made.lms, request.args["nonce"], f"#{hint['role']}", **changed))
        given = {"state": request.args["state"], "id_token": token}
        fields = "".join(f'<input type="hidden" name="{name}" value="{given[name]}">' for name in given)
        return PAGE.format(title="LMS", content=FORM.format(url=request.args["redirect_uri"], fields=fields))

    @app.post("/picked")
    def picked() -> str:
        answer = jwt.decode(request.form["JWT"], options={"verify_signature": False})
        made.picked += answer["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"]
        return PAGE.format(title="Picked", content="")

    return app


def _certificate(*hosts: str) -> bytes:
    """A certificate for these hosts, with its key, which nobody signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hosts[0])])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in hosts]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@contextlib.contextmanager
def _tls(port: int, certificate: Path) -> Iterator[int]:
    """A port with TLS, as a web server before the tool has one, whose connections go on to a plain one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening = socket.create_server(("127.0.0.1", 0))
    loop, over = asyncio.new_event_loop(), asyncio.Event()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_copy(reader, back_writer), _copy(back_reader, writer))

    async def serve() -> None:
        async with await asyncio.start_server(connect, sock=listening, ssl=context):
            await over.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What comes in goes out, until there is no more; then the connection is closed."""
    with contextlib.suppress(OSError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    writer.close()

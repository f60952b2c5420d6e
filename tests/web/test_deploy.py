"""The files of `docs/deploy`: what nginx writes down and lets through, and how the services are closed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask, request

from autograder.web.request_bodies import MAX_READ
from autograder.web.server import create
from tests.support import copy_course
from tests.web.loopback import end
from tests.web.worker_course import wait_for

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
SECRET = "q9-7Swig_secret"


def test_nginx_lets_as_much_through_as_the_tool_reads() -> None:
    """For a hand-in; so our own page answers, whatever stands before the tool."""
    written = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    hand_in = re.search(r"location ~ (\S+hand-in\S*) \{(.*?)\}", written, re.DOTALL)
    assert hand_in
    assert re.search(hand_in[1], "/v/Ab3_-x/mine/hand-in")
    limit = re.search(r"client_max_body_size (\d+)m;", hand_in[2])
    assert limit
    assert int(limit[1]) * 1024 * 1024 == MAX_READ


@contextlib.contextmanager
def behind_nginx(folder: Path) -> Iterator[str]:
    """The address of nginx with our file, without TLS, before an application that tells what it was asked."""
    app = Flask("echo")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def echo(path: str) -> str:
        return f"{path} {request.content_length or 0} {request.scheme}"

    listener, port = socket.create_server(("127.0.0.1", 0)), free_port()
    written = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for before, after in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port}"),
        ("127.0.0.1:8000", f"127.0.0.1:{listener.getsockname()[1]}"),
        ("/var/log/nginx", str(folder)),
    ):
        assert before in written
        written = written.replace(before, after)
    site = re.sub(r"ssl_certificate\S* .*;", "", written)
    (folder / "site.conf").write_text(site, encoding="utf-8")
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; events {{}} "
        f"http {{ client_body_temp_path {folder}/bodies; {places} include {folder}/site.conf; }}"
    )
    server = create(app, listener, threads=2, behind_proxy=True, max_kept=1_000_000)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    user = ["-g", "user root;"] if os.getuid() == 0 else []
    process = subprocess.Popen(["nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf", *user])
    try:
        wait_for(lambda: process.poll() is not None or _accepts(port))
        assert process.poll() is None
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
        end(server, thread)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_writes_down_no_invitation_no_visit_and_no_query(tmp_path: Path) -> None:
    """Neither of what is passed on nor of what is refused; a hand-in of 40 MB reaches the tool."""
    with behind_nginx(tmp_path) as address:
        for path in (
            f"/lti/register/{SECRET}?openid_configuration={SECRET}",
            f"/v/{SECRET}/mine?at={SECRET}",
        ):
            assert requests.get(address + path, timeout=30).status_code == 200
        whole = requests.post(f"{address}/v/{SECRET}/mine/hand-in", data=b"0" * 40_000_000, timeout=60)
        assert whole.text == f"v/{SECRET}/mine/hand-in 40000000 http"
        refused = requests.post(f"{address}/lti/register/{SECRET}", data=b"0" * 2_000_000, timeout=60)
        assert refused.status_code == 413
    logged = (tmp_path / "autograder.log").read_text()
    found = [line.split()[1:4] for line in logged.splitlines()]
    assert found == [
        ["GET", "/lti/register/-", "200"],
        ["GET", "/v/-/mine", "200"],
        ["POST", "/v/-/mine/hand-in", "200"],
        ["POST", "/lti/register/-", "413"],
    ]
    assert SECRET not in logged + (tmp_path / "autograder-error.log").read_text()


def unit(name: str) -> list[tuple[str, str]]:
    """The settings of a service, in order."""
    written = (DEPLOY / f"autograder-{name}.service").read_text(encoding="utf-8")
    lines = [line for line in written.splitlines() if "=" in line and not line.startswith("#")]
    return [(line.partition("=")[0], line.partition("=")[2]) for line in lines]


def allowed_calls() -> set[str]:
    """The system calls that the web tool's service allows, by systemd's own sets."""
    listed = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True)
    sets: dict[str, set[str]] = {}
    for line in listed.stdout.splitlines():
        if line.startswith("@"):
            found = sets[line.strip()] = set()
        elif line.strip() and not line.strip().startswith("#") and sets:
            found.add(line.strip())

    def members(name: str) -> set[str]:
        inside = sets.get(name)
        return {name} if inside is None else set().union(*map(members, inside))

    allowed: set[str] = set()
    for name, value in unit("serve"):
        if name == "SystemCallFilter":
            change = set().union(*map(members, value.removeprefix("~").split()))
            allowed = allowed - change if value.startswith("~") else allowed | change
    return allowed


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize(("name", "most"), [("serve", 2.0), ("worker", 9.0)])
def test_service_is_closed(tmp_path: Path, name: str, most: float) -> None:
    """As systemd reads the file, and as it rates what is open to the process, from 0 to 10."""
    written = (DEPLOY / f"autograder-{name}.service").read_text(encoding="utf-8")
    here = written.replace("/srv/course/.venv/bin/autograder", "/bin/true").replace(
        "/srv/course", str(tmp_path)
    )
    path = tmp_path / f"autograder-{name}.service"
    path.write_text(here.replace("User=autograder", "User=daemon"), encoding="utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True)
    complaints = [line for line in verified.stderr.splitlines() if path.name in line]
    assert (verified.returncode, complaints) == (0, [])
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", path], capture_output=True, text=True
    )
    level = re.search(r"exposure level for \S+: ([\d.]+)", rated.stdout)
    assert level, rated.stderr
    assert float(level[1]) <= most


@pytest.mark.skipif(
    not all(map(shutil.which, ("systemd-analyze", "strace", "setpriv"))),
    reason="needs systemd, strace, setpriv",
)
def test_web_tool_needs_no_more_than_its_service_allows(tmp_path: Path) -> None:
    """Started, asked, sent a file and stopped: each of its system calls is allowed, and each kind of connection."""
    course, port = copy_course(tmp_path / "course", "shapes"), free_port()
    serve = ["-W", "ignore", "-m", "autograder", "serve", "--url", "https://tool.example.org"]
    words = [
        "strace", "-f", "-qq", "-o", tmp_path / "calls", "setpriv", "--no-new-privs", "--bounding-set=-all",
        "--inh-caps=-all", sys.executable, *serve, "--listen", f"127.0.0.1:{port}",
    ]  # fmt: skip
    process = subprocess.Popen(
        words, cwd=course, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        wait_for(lambda: process.poll() is not None or _accepts(port))
        address = f"http://127.0.0.1:{port}"
        assert requests.get(f"{address}/healthz", timeout=60).status_code == 503
        assert len(requests.get(f"{address}/lti/jwks", timeout=60).json()["keys"]) == 1
        assert (
            requests.post(f"{address}/v/x/mine/hand-in", data=b"0" * 3_000_000, timeout=60).status_code == 400
        )
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 0, said
    traced = (tmp_path / "calls").read_text(errors="replace")
    traced = traced[traced.index("execve(" + json.dumps(sys.executable)) :]  # after setpriv
    called = set(re.findall(r"^\d+ +(\w+)\(", traced, re.MULTILINE))
    assert {"accept4", "fdatasync"} <= called
    assert called - allowed_calls() == set()
    families = dict(unit("serve"))["RestrictAddressFamilies"].split()
    assert set(re.findall(r" socket\((AF_\w+)", traced)) <= set(families)

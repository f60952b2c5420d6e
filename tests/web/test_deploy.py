"""The files of `docs/deploy`: what nginx writes down and lets through, and how the services are closed."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask, request

from autograder.web.request_bodies import MAX_READ
from autograder.web.server import create
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

    listener, free = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
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

"""The commands of the web tool, as processes of their own where they are ones."""

from __future__ import annotations

import ast
import io
import json
import logging
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests
from sqlalchemy import select, update

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.cli.main import _parser, main
from autograder.course import Course
from autograder.text import Text
from autograder.web import health
from autograder.web import settings as web_settings
from autograder.web.db.database import Database
from autograder.web.db.models import Context, Delivery, GradingJob, Launch, Person, Platform, now
from autograder.web.logs import RedactingFormatter
from autograder.web.lti.claims import LTI
from autograder.web.lti.tool_keys import published_keys
from autograder.web.settings import WebSettings, folder_of
from tests.support import ROOT, small_course
from tests.web import database_rows
from tests.web.loopback import Browser, Lms, Web, launch, lms, silence, words
from tests.web.worker_course import QUESTIONS, SLOW, WorkerCourse, answers, wait_for, worker_course

pytestmark = pytest.mark.long

SECRET = "of-the-database"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course of two questions worth 2 points each."""
    root = small_course(tmp_path_factory.mktemp("commands") / "course", languages=("ko", "en"))
    for name in QUESTIONS:
        new_question(Course.open(root), "arithmetic", name)
    build(Course.open(root), solutions=False)
    return root


@pytest.fixture
def other() -> Iterator[Lms]:
    """An LMS."""
    with lms() as made:
        yield made


@pytest.fixture
def here(
    released: Path, tmp_path: Path, other: Lms, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WorkerCourse]:
    """A course with the web tool's database where the commands look for it, and a known LMS."""
    folder_of(Course.open(released))
    with worker_course(released, tmp_path, tmp_path / "course" / "web" / "web.db", other) as made:
        monkeypatch.chdir(made.course.root)
        yield made


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course in which nothing was set up for the web."""
    course = Course.open(small_course(tmp_path / "course"))
    monkeypatch.chdir(course.root)
    return course


def set_up(course: Course, line: str) -> None:
    """Add a line to the settings."""
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@dataclass
class Running:
    """A command that runs, and what it wrote."""

    process: subprocess.Popen[bytes]
    written: Path

    @property
    def text(self) -> str:
        return self.written.read_text(encoding="utf-8")

    def says(self, expected: str) -> None:
        """Wait until it wrote this."""
        wait_for(lambda: expected in self.text or self.process.poll() is not None)
        assert expected in self.text, self.text

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit code, once it was told to end."""
        self.process.send_signal(number)
        return self.process.wait(120)


@contextmanager
def running(course: Course, *arguments: str, code: str = "") -> Iterator[Running]:
    """A command of `autograder`, or a program of ours, as a process in a course, for the time of a block."""
    program = ["-c", code] if code else ["-m", "autograder"]
    written = course.root.parent / f"{arguments[0] if arguments else 'program'}-{time.monotonic_ns()}.log"
    with written.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, *program, *arguments], cwd=course.root, stdout=file, stderr=file,
            env={**os.environ, "PYTHONUNBUFFERED": "1"}, start_new_session=True,
        )  # fmt: skip
    try:
        yield Running(process, written)
    finally:
        process.kill()
        process.wait(60)


def served_at(port: int) -> Web:
    """What `launch` needs to know of a tool in another process."""
    return cast(Web, SimpleNamespace(base_url=f"http://127.0.0.1:{port}"))


@pytest.mark.full
class TestARound:
    """From nothing to a score in the LMS, with the commands alone."""

    def test_from_a_registered_lms_to_the_score_there(
        self,
        here: WorkerCourse,
        other: Lms,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Launch, download, hand-in, grading and score, then a clean end; the logs tell of nobody and no secret."""
        port = free_port()
        set_up(here.course, f"c.WebSettings.url = 'http://127.0.0.1:{port}'")
        other.answer("/ags/1/scores?type_id=2", 200)
        with ExitStack() as stack:
            serve = stack.enter_context(running(here.course, "serve", "--listen", f"127.0.0.1:{port}"))
            serve.says("`autograder worker` must run too")
            assert f"at http://127.0.0.1:{port}\n" in serve.text
            assert f"launched by {other.address} (client id client-1)\n" in serve.text
            worker = stack.enter_context(running(here.course, "worker", "--jobs", "1"))
            worker.says("grading for the course in")
            browser = Browser()
            home = launch(
                browser, served_at(port), other, sub="subject-of-minji", name="김민지", email="minji@example.org",
                **{LTI + "custom": {"assignment": "arithmetic"}},
            )  # fmt: skip
            assert home.status_code == 200, words(home)
            mine = f"{home.url.split('/v/')[0]}/v/{home.url.split('/v/')[1].split('/')[0]}/mine"
            page = browser.get(mine)
            csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
            assert csrf is not None, words(page)
            notebook = here.write(
                "1/by-hand/hand-in.ipynb", answers(add_two="def {name}(a, b):\n    return a * b")
            )
            handed_in = browser.post(
                f"{mine}/hand-in",
                data={"csrf": csrf[1]},
                files={"notebook": ("mine.ipynb", notebook.read_bytes())},
            )
            assert handed_in.status_code == 200, words(handed_in)
            bodies = wait_for(
                lambda: [body for path, _, body in other.asked if path.startswith("/ags/1/scores")]
            )
            assert json.loads(bodies[0])["userId"] == "subject-of-minji"
            assert (json.loads(bodies[0])["scoreGiven"], json.loads(bodies[0])["scoreMaximum"]) == (2.0, 4.0)
            here.all_done()
            assert main(["doctor", "--language", "en"]) in (
                0,
                1,
            )  # whether this machine seals is another matter
            seen = capsys.readouterr().out
            assert f"✔ this tool answers at its URL: http://127.0.0.1:{port}/lti/jwks\n" in seen
            assert f"✔ LMS {other.address} (client-1): 1\n" in seen
            assert "✔ no submission waiting to be graded\n" in seen
            assert "✔ 0 scores waiting to be sent, 0 refused by an LMS\n" in seen
            assert (worker.end(), serve.end()) == (0, 0), worker.text + serve.text
            assert "stopped: 0 submissions wait to be graded, 0 scores to be sent, 0 refused\n" in worker.text
            logs = serve.text + worker.text
        with here.database.read() as session:
            person = session.scalars(select(Person)).one()
            launches = session.scalars(select(Launch)).all()
        assert f"launch of {person.pseudonym} as student\n" in logs
        assert re.search(rf"attempt \d+ of {person.pseudonym} \(arithmetic\) is graded\n", logs)
        assert f"the LMS confirmed the score of {person.pseudonym} in link 1\n" in logs
        assert re.search(r"POST /v/<visit_name>/mine/hand-in: 303 in \d+ ms\n", logs)
        secrets = {
            "SECRET-TOKEN-1",
            csrf[1],
            "김민지",
            "minji@example.org",
            "subject-of-minji",
            str(person.student_id),
        }
        secrets |= {text for one in launches for text in (one.state, one.nonce, one.token) if text}
        secrets |= {one.value for one in browser.cookies if one.value}
        assert [one for one in secrets if one in logs] == []


class TestServe:
    """The web process."""

    @pytest.mark.full
    def test_requests_in_progress_are_answered_before_the_end(self, here: WorkerCourse, other: Lms) -> None:
        """A request that takes seconds gets its page, though SIGTERM came meanwhile."""
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        other.answers["/slow"] = silence
        main(["lms", "register", "--invite", "--url", address])
        with here.database.read() as session:
            secret = session.scalars(select(Launch)).one().state
        got: list[requests.Response] = []
        with running(here.course, "serve", "--url", address, "--listen", f"127.0.0.1:{port}") as serve:
            serve.says("must run too")
            url = f"{address}/lti/register/{secret}?openid_configuration={other.address}/slow"
            asking = threading.Thread(target=lambda: got.append(requests.get(url, timeout=60)))
            asking.start()
            wait_for(lambda: any(path == "/slow" for path, _, _ in other.asked))
            assert serve.end() == 0, serve.text
            asking.join(60)
            assert secret not in serve.text
            assert "GET /lti/register/<secret>: 400 in" in serve.text
        assert got[0].status_code == 400
        assert "cannot be reached" in words(got[0])

    def test_ctrl_c_ends_it_too(self, here: WorkerCourse) -> None:
        """SIGINT is as good as SIGTERM, and leaves no traceback."""
        port = free_port()
        with running(
            here.course, "serve", "--url", f"http://127.0.0.1:{port}", "--listen", f"127.0.0.1:{port}"
        ) as serve:
            serve.says("must run too")
            assert serve.end(signal.SIGINT) == 0
            assert "Traceback" not in serve.text

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ([], "set c.WebSettings.url = 'https://tool.example.org' in"),
            (
                ["--url", "http://tool.example.org"],
                "put a reverse proxy with TLS in front of it (`autograder docs web`)",
            ),
            (
                ["--url", "https://tool.example.org/lti"],
                "expected scheme and host without a path, such as https://tool.example.org",
            ),
            (
                ["--url", "https://t.example.org", "--listen", "8000"],
                "expected HOST:PORT, such as 127.0.0.1:8000",
            ),
            (
                ["--url", "https://t.example.org", "--database", "mysql://a:of-the-database@b/c"],
                "unsupported database URL mysql://a:***@b/c",
            ),
        ],
    )
    def test_says_what_is_wrong_with_its_settings(
        self, bare: Course, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
    ) -> None:
        """Each mistake is told with what was expected, and no password."""
        assert main(["serve", *arguments]) == 2
        said = capsys.readouterr().err
        assert message in said
        assert SECRET not in said

    def test_says_that_a_port_is_taken(self, bare: Course, capsys: pytest.CaptureFixture[str]) -> None:
        """Another server at the address is told with the way out."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            where = f"127.0.0.1:{taken.getsockname()[1]}"
            assert main(["serve", "--url", "https://tool.example.org", "--listen", where]) == 2
        said = capsys.readouterr().err
        assert (
            f"cannot listen on {where}: Address already in use; stop the program that listens there" in said
        )

    def test_says_which_packages_are_missing(
        self, bare: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without the packages of the web tool, the command says how they come."""
        monkeypatch.setattr(
            web_settings, "find_spec", lambda name: None if name == "flask" else find_spec(name)
        )
        for command in (["serve"], ["worker"], ["lms", "list"], ["erase-student", "somebody"]):
            assert main(command) == 2
            assert '(flask); in the clone run `pip install ".[course,web]"`' in capsys.readouterr().err

    @pytest.mark.parametrize(("behind", "seen"), [(True, "https 203.0.113.9"), (False, "http 127.0.0.1")])
    def test_believes_the_web_server_before_it_only_where_there_is_one(
        self, bare: Course, behind: bool, seen: str
    ) -> None:
        """What a proxy tells of a browser is taken, and dropped where the settings say that there is none."""
        code = (
            "import sys; from flask import Flask, request; from autograder.web.server import create, listening, serve\n"
            "app = Flask('x'); at = listening('127.0.0.1:0')\n"
            "app.add_url_rule('/', view_func=lambda: f'{request.scheme} {request.remote_addr}')\n"
            "ready = lambda: print('at', at.getsockname()[1])\n"
            f"serve(create(app, at, threads=1, behind_proxy={behind}, max_kept=1000), ready)"
        )
        with running(bare, code=code) as program:
            program.says("at ")
            port = wait_for(lambda: re.search(r"at (\d+)\n", program.text))[1]
            headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
            assert requests.get(f"http://127.0.0.1:{port}/", headers=headers, timeout=60).text == seen


class TestWorker:
    """The grading process."""

    def test_once_grades_what_waits_and_ends(self, here: WorkerCourse) -> None:
        """With --once what waits is graded and sent, and the process ends by itself."""
        link, person = here.link(), here.person("s1")
        here.hand_in(link, person, answers())
        with running(here.course, "worker", "--once", "--jobs", "1") as worker:
            assert worker.process.wait(300) == 0, worker.text
            assert "stopped: 0 submissions wait to be graded, 0 scores to be sent, 0 refused\n" in worker.text
        assert here.last_sent_score(link, person) == 4.0

    @pytest.mark.full
    def test_once_tells_what_it_had_to_leave(self, here: WorkerCourse, other: Lms) -> None:
        """A score that the LMS does not take for now is no success."""
        link, person = here.link(), here.person("s1")
        here.hand_in(link, person, answers())
        other.answer(here.links[link], 503)
        with running(here.course, "worker", "--once", "--jobs", "1") as worker:
            assert worker.process.wait(300) == 1, worker.text
            assert "0 submissions wait to be graded, 1 score to be sent" in worker.text

    def test_gives_back_what_it_is_at(self, here: WorkerCourse) -> None:
        """Told to end while it grades, it ends, and any other worker may begin at once."""
        attempt = here.hand_in(here.link(), here.person("s1"), answers(add_two=SLOW + "{name} = 1"))

        def state() -> str:
            with here.database.read() as session:
                return session.scalars(select(GradingJob.state).where(GradingJob.attempt_id == attempt)).one()

        with running(here.course, "worker", "--jobs", "1") as worker:
            wait_for(lambda: state() == "leased")
            assert worker.end() == 0, worker.text
            assert "stopping: work in progress is returned to the queue" in worker.text
            assert "stopped: 1 submission waits to be graded" in worker.text
            assert "Traceback" not in worker.text
        with here.database.read() as session:
            job = session.scalars(select(GradingJob)).one()
        assert (job.state, job.tries, job.lease) == ("queued", 0, None)
        assert job.free_at <= now()


HAND = (
    "--issuer https://lms.example.org --client-id c1 --login-url https://lms.example.org/auth "
    "--token-url https://lms.example.org/token --keys-url https://lms.example.org/keys"
)
REGISTERED = (
    (f"{HAND} --deployment 1 --deployment 2 --audience theirs --name Ours",
     ("https://lms.example.org", "/auth", "/token", "/keys", ["1", "2"], "theirs", "Ours")),
    ("--moodle https://moodle.example.org/ --client-id c1 --deployment 3",
     ("https://moodle.example.org", "/mod/lti/auth.php", "/mod/lti/token.php", "/mod/lti/certs.php", ["3"], None,
      "Moodle")),
    ("--canvas --client-id c1 --deployment 7:ab",
     ("https://canvas.instructure.com", "https://sso.canvaslms.com/api/lti/authorize_redirect",
      "https://sso.canvaslms.com/login/oauth2/token", "https://sso.canvaslms.com/api/lti/security/jwks", ["7:ab"], None,
      "Canvas")),
    ("--canvas https://canvas.example.org --client-id c1 --deployment 1",
     ("https://canvas.example.org", "/api/lti/authorize_redirect", "/login/oauth2/token", "/api/lti/security/jwks",
      ["1"], None, "Canvas")),
    ("--blackboard --client-id c1 --deployment d1",
     ("https://blackboard.com", "https://developer.blackboard.com/api/v1/gateway/oidcauth",
      "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
      "https://developer.blackboard.com/api/v1/management/applications/c1/jwks.json", ["d1"], None, "Blackboard")),
    ("--openedx https://edx.example.org --client-id c1 --number 5f2c",
     ("https://edx.example.org", "/api/lti_consumer/v1/launch/", "/api/lti_consumer/v1/token/5f2c",
      "/api/lti_consumer/v1/public_keysets/5f2c", ["1"], None, "Open edX")),
    ("--sakai https://sakai.example.org --client-id c1 --number 12 --name Ours",
     ("https://sakai.example.org", "/imsoidc/lti13/oidc_auth", "/imsblis/lti13/token/12", "/imsblis/lti13/keyset",
      ["1"], None, "Ours")),
)  # fmt: skip


class TestLms:
    """The commands about LMSs."""

    @pytest.mark.parametrize(("arguments", "expected"), REGISTERED, ids=lambda one: str(one)[:20])
    def test_registers_one(
        self, bare: Course, capsys: pytest.CaptureFixture[str], arguments: str, expected: tuple[Any, ...]
    ) -> None:
        """What is given and what the LMS's documentation says ends up in the database, and is listed."""
        assert main(["lms", "register", *arguments.split()]) == 0
        issuer, login, token, keys, deployments, audience, name = expected
        said = f"registered: {issuer}, client id c1, deployments {', '.join(deployments)}\n"
        assert capsys.readouterr().out == said
        found = Database.open(folder_of(bare) / "web.db")
        with found.read() as session:
            one = session.scalars(select(Platform)).one()
        found.close()
        urls = [url if url.startswith("https:") else issuer + url for url in (login, token, keys)]
        assert [one.auth_login_url, one.auth_token_url, one.key_set_url] == urls
        assert (one.deployments, one.audience, one.name) == (deployments, audience, name)
        assert main(["lms", "list"]) == 0
        assert capsys.readouterr().out == (
            f"on  {issuer}  client id c1  deployments {', '.join(deployments)}  ({name})\n"
        )

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (
                "",
                "--issuer, --client-id, --login-url, --token-url, --keys-url must be given too; or --invite, or one of",
            ),
            ("--moodle https://moodle.example.org", "Moodle needs --client-id: the id that it gave the tool"),
            (
                "--sakai https://s.example.org --client-id 1",
                "Sakai also needs --number: the last part of the token URL",
            ),
            (
                "--moodle http://m.example.org --client-id 1",
                "login URL is 'http://m.example.org/mod/lti/auth.php'",
            ),
        ],
    )
    def test_says_what_is_missing(
        self, bare: Course, capsys: pytest.CaptureFixture[str], arguments: str, message: str
    ) -> None:
        """A registration that cannot be says which part is missing or wrong."""
        assert main(["lms", "register", *arguments.split()]) == 2
        assert message in capsys.readouterr().err

    def test_without_a_deployment_it_says_how_one_is_found(
        self, bare: Course, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A registration that lets nobody in yet says so, and so does the list."""
        assert main(["lms", "register", "--moodle", "https://m.example.org", "--client-id", "c1"]) == 0
        assert "the page that turns the first one down names the id" in capsys.readouterr().out
        assert main(["lms", "list"]) == 0
        assert "deployments none yet: no launch is let in" in capsys.readouterr().out

    def test_invites(self, bare: Course, capsys: pytest.CaptureFixture[str]) -> None:
        """The invitation is a URL of ours, with how long it lasts and where to click."""
        assert main(["lms", "register", "--invite", "--url", "https://tool.example.org"]) == 0
        url, note = capsys.readouterr().out.splitlines()
        found = Database.open(folder_of(bare) / "web.db")
        with found.read() as session:
            waiting = session.scalars(select(Launch)).one()
        found.close()
        assert url == f"https://tool.example.org/lti/register/{waiting.state}"
        assert "valid for one LMS, for 24 hours, while `autograder serve` runs" in note
        assert (
            "External tool, Manage tools; paste it as Tool URL, press Add LTI Advantage, then Activate"
            in note
        )

    def test_switches_one_off_and_on(self, bare: Course, capsys: pytest.CaptureFixture[str]) -> None:
        """Off is listed as off, and registering again switches it on; one that is not known is told."""
        again = [
            "lms",
            "register",
            "--moodle",
            "https://m.example.org",
            "--client-id",
            "c1",
            "--deployment",
            "1",
        ]
        main(again)
        assert main(["lms", "disable", "https://m.example.org", "c1"]) == 0
        main(["lms", "list"])
        main(again)
        main(["lms", "list"])
        output = capsys.readouterr().out
        assert "off https://m.example.org  client id c1" in output
        assert output.splitlines()[-1].startswith("on  https://m.example.org")
        assert main(["lms", "disable", "https://m.example.org", "c2"]) == 2
        assert "and client id 'c2'; `autograder lms list` shows those that are" in capsys.readouterr().err

    def test_rotates_the_key(self, bare: Course, capsys: pytest.CaptureFixture[str]) -> None:
        """A new key signs, and the old one is published for a while."""
        opened = Database.open(folder_of(bare) / "web.db")
        [old] = published_keys(opened)["keys"]
        assert main(["lms", "rotate-key"]) == 0
        kids = [one["kid"] for one in published_keys(opened)["keys"]]
        opened.close()
        assert kids[0] == old["kid"]
        assert len(kids) == 2
        assert (
            f"key {kids[1]} signs from now on; the one before stays published for 24 hours"
            in capsys.readouterr().out
        )

    def test_tells_what_to_enter(self, bare: Course, capsys: pytest.CaptureFixture[str]) -> None:
        """The addresses of the tool, by the names that LMSs have for them."""
        set_up(bare, "c.WebSettings.url = 'https://tool.example.org/'")
        assert main(["lms", "show"]) == 0
        output = capsys.readouterr().out
        for what, value in (
            ("tool URL, target link URI", "launch"), ("login URL, OpenID Connect initiation URL", "login"),
            ("redirect URI", "launch"), ("key set URL, JWKS", "jwks"),
        ):  # fmt: skip
            assert f"{what}:\n    https://tool.example.org/lti/{value}\n" in output

    def test_tells_canvas_as_json(self, bare: Course, capsys: pytest.CaptureFixture[str]) -> None:
        """For Canvas the whole is the JSON of a developer key, and asks for scores and roster alone."""
        assert main(["lms", "show", "--canvas", "--url", "https://tool.example.org"]) == 0
        key = json.loads(capsys.readouterr().out)
        assert key["oidc_initiation_url"] == "https://tool.example.org/lti/login"
        assert key["public_jwk_url"] == "https://tool.example.org/lti/jwks"
        assert [scope.rsplit("/", 1)[1] for scope in key["scopes"]] == ["score", "contextmembership.readonly"]
        [extension] = key["extensions"]
        assert extension["domain"] == "tool.example.org"
        placements = {one["placement"]: one["message_type"] for one in extension["settings"]["placements"]}
        assert placements == dict.fromkeys(
            ("assignment_selection", "link_selection"), "LtiDeepLinkingRequest"
        )


class TestHealth:
    """What the doctor says of the web tool."""

    def findings(self, course: Course, language: str = "en") -> dict[str, tuple[bool, str]]:
        return {
            one.name.in_language(language): (one.good, str(one.seen))
            for one in health.check_web_tool(Course.open(course.root))
        }

    def test_says_nothing_where_there_is_none(self, bare: Course) -> None:
        """A course without an address has no web tool to look at."""
        assert self.findings(bare) == {}

    def test_says_what_is_wrong_with_the_address(self, bare: Course) -> None:
        """An address that no LMS would take is told as `serve` tells it."""
        set_up(bare, "c.WebSettings.url = 'http://tool.example.org'")
        [(good, seen)] = self.findings(bare).values()
        assert not good
        assert "only over https" in seen

    def test_says_that_nothing_is_set_up_yet(self, bare: Course) -> None:
        """Without a database it is told which commands make one; looking makes none."""
        set_up(bare, "c.WebSettings.url = 'https://tool.example.org'")
        good, seen = self.findings(bare)["database of the web tool"]
        assert not good
        assert "`autograder serve`, `autograder lms register`" in seen
        assert not (folder_of(bare) / "web.db").exists()

    def test_sees_a_folder_that_others_may_read(self, bare: Course) -> None:
        """A folder that is open to other users is told with what closes it."""
        set_up(bare, "c.WebSettings.url = 'https://tool.example.org'")
        folder_of(bare).chmod(0o755)
        assert self.findings(bare)["the web tool's folder is closed to other users"] == (
            False,
            f"chmod 700 {folder_of(bare)}",
        )

    def test_sees_what_waits_and_who_does_not_answer(self, here: WorkerCourse, other: Lms) -> None:
        """Nobody at the address, an LMS without keys, no worker, refused scores: each in both languages."""
        set_up(here.course, f"c.WebSettings.url = 'http://127.0.0.1:{free_port()}'")
        other.answer("/keys", 200, {"keys": []})
        with here.database.write() as session:
            link = database_rows.course_link(session, session.get_one(Platform, here.platform), "arithmetic")
            who = here_person(session, here)
            attempt = database_rows.attempt(session, link, who)
            session.add(GradingJob(attempt_id=attempt, free_at=now() - timedelta(minutes=7)))
            refused = {"course_link_id": link, "person_id": who, "score": 1, "maximum": 2, "comment": ""}
            session.add(Delivery(**refused, state="refused", lms_error=Text.same("HTTP 403")))
        found = self.findings(here.course)
        assert found["this tool answers at its URL"][0] is False
        assert found["this tool answers at its URL"][1].endswith("/lti/jwks: ConnectionError")
        assert found[f"LMS {other.address} (client-1)"] == (
            False,
            f"{other.address}/keys: an empty key set",
        )
        assert found["1 submission waiting to be graded, the oldest for 7 min"] == (False, "")
        assert found["no worker is grading (last seen -)"] == (False, "autograder worker")
        assert found["0 scores waiting to be sent, 1 refused by an LMS"] == (False, "")
        korean = self.findings(here.course, "ko")
        assert "채점을 기다리는 제출물 1개, 가장 오래된 것은 7분째" in korean
        assert "채점하는 worker가 없습니다(마지막 확인 -)" in korean
        assert "보내기를 기다리는 점수 0개, LMS가 거절한 것 1개" in korean

    def test_unconfirmed_courses_of_an_lms_are_listed(self, here: WorkerCourse, other: Lms) -> None:
        """With their numbers and the command; they are no problem, since somebody else's may stay so."""
        set_up(here.course, f"c.WebSettings.url = 'http://127.0.0.1:{free_port()}'")
        name = "courses of an LMS that nobody has confirmed"
        with here.database.write() as session:
            session.execute(update(Context).values(confirmed_at=now()))
        assert name not in self.findings(here.course)
        with here.database.write() as session:
            for lms_id, title in (("7", "RNNs\n\x1b[2J2"), ("8", "")):
                context = Context(platform_id=here.platform, deployment="1", lms_id=lms_id, title=title)
                session.add(context)
                session.flush()
            last = context.id
        good, seen = self.findings(here.course)[name]
        assert good is None
        assert seen == f"{last - 1} “RNNs [2J2”, {last} “8”; if one is yours: `autograder lms confirm NUMBER`"
        assert "아무도 확인하지 않은 LMS 강좌" in self.findings(here.course, "ko")

    def test_sees_an_lms_that_gives_no_token(self, here: WorkerCourse, other: Lms) -> None:
        """An LMS that gives no token, as where it cannot fetch our key set, is told of before a score is refused."""
        set_up(here.course, f"c.WebSettings.url = 'http://127.0.0.1:{free_port()}'")
        name = f"LMS {other.address} (client-1)"
        assert self.findings(here.course)[name] == (True, "1")
        other.answer("/token", 404, {"error": "no key set"})
        good, seen = self.findings(here.course)[name]
        assert not good
        assert seen.startswith('no access token: HTTP 404: {"error": "no key set"')


def here_person(session: Any, here: WorkerCourse) -> int:
    """Somebody whom the LMS knows."""
    return database_rows.person(session, session.get_one(Platform, here.platform))


PAGES = [
    ROOT / "docs" / f"{name}{language}.md"
    for name in ("web", "privacy", "lti-moodle", "lti-canvas", "lti-blackboard", "lti-openedx", "lti-sakai")
    for language in ("", ".ko")
]


class TestPages:
    """What the pages for instructors say."""

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
    def test_every_command_is_one(self, page: Path) -> None:
        """Each line to copy is understood by the command as it is, whatever stands for one's own data."""
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        lines = re.findall(r"^ *(?:\.venv/bin/)?autograder (.+)$", text, flags=re.MULTILINE)
        assert lines
        for line in lines:
            assert _parser().parse_args(shlex.split(line, comments=True)).run

    @pytest.mark.parametrize("page", PAGES[:2], ids=lambda page: page.stem)
    def test_the_settings_are_those_that_there_are(self, page: Path) -> None:
        """The table has every setting of the web tool with its default, and no other."""
        rows = re.findall(
            r"^\| `c\.WebSettings\.(\w+)` \| (?:`(.+?)`)? ?\|", page.read_text(encoding="utf-8"), re.M
        )
        known = {name: trait.default_value for name, trait in WebSettings.class_own_traits().items()}
        assert {name: ast.literal_eval(value or "''") for name, value in rows} == known

    @pytest.mark.parametrize("unit", ["serve", "worker"])
    def test_unit_runs_a_command(self, unit: str) -> None:
        """The service files start commands that there are."""
        text = (ROOT / "docs" / "deploy" / f"autograder-{unit}.service").read_text(encoding="utf-8")
        [line] = re.findall(r"^ExecStart=\S+/autograder (.+)$", text, flags=re.MULTILINE)
        assert _parser().parse_args(shlex.split(line)).run


HELPED = (
    "serve", "worker", "lms", "lms register", "lms list", "lms show", "lms confirm", "lms disable", "lms rotate-key",
    "erase-student", "export-student-data",
)  # fmt: skip


@pytest.mark.parametrize("command", HELPED)
def test_help_teaches(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command's help says what it does and shows lines to copy."""
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0
    output = capsys.readouterr().out
    assert f"examples:\n  autograder {command}" in output


def test_help_needs_no_web_package() -> None:
    """Neither --help nor the parser loads Flask, the database or nbgrader."""
    code = (
        "import sys\nfrom autograder.cli.main import main\ntry: main(['serve', '--help'])\nexcept SystemExit: pass\n"
        "print('loaded', *{'flask', 'sqlalchemy', 'nbgrader', 'jupyter_client', 'waitress', 'jwt'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == "loaded"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW9m-x", "token …"),
        ("GET /lti/register/nuWllfUf0h0i8Df9dp_ADH-vuyikoGfVz2oTNWn93SI", "GET /lti/register/…"),
        ("state=nuWllfUf0h0i8Df9dp_ADH-vuyikoGfVz2oTNWn93SI", "state=…"),
        ("grading attempt 17 of p-4f2a (lstm_parameters)", "grading attempt 17 of p-4f2a (lstm_parameters)"),
    ],
)
def test_log_shows_no_token(line: str, shown: str) -> None:
    """Whatever looks like a token is left out of a line, and of a traceback; other words stay."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(RedactingFormatter("%(message)s"))
    log = logging.Logger("of this test")
    log.addHandler(handler)
    try:
        raise ValueError(line)
    except ValueError:
        log.exception("%s", line)
    written = out.getvalue().splitlines()
    assert written[0] == shown
    assert written[-1] == f"ValueError: {shown}"

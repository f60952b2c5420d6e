"""A class in its browsers, and the tool and its worker as processes, for the benchmarks of the web tool.

All of them share this machine; the LMS is one of the tests', on loopback. Each student launches, downloads the
notebook, hands it in, and looks at the attempt's page as its script does until the result is there.
"""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import nbformat
import requests

from autograder.authoring import demo_class
from autograder.course import Course
from autograder.notebooks.cells import cell_metadata, grade_id, is_solution
from autograder.questions.variants import Owner

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from tests.web.loopback import LTI, Browser, Lms, launch  # noqa: E402 - the tests' own LMS

PROGRAMS = Path(sys.executable).parent
ASSIGNMENT = "gru_parameters"
ACTIVITY = {LTI + "custom": {"assignment": ASSIGNMENT}}
"""The claim of a launch that names the assignment."""
REPLACED = "gru_params"
"""The question of which wrong answers are given."""
WRONG = "def gru_params(input_dim, units, reset_after=True):\n    return 0"
PATIENCE = 60
"""Seconds after which a request has failed."""


@dataclass
class Figures:
    """The seconds of every request, by its kind, and the hand-ins that failed."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    earned: dict[str, float] = field(default_factory=dict)
    """The score that each student has earned, by the LMS's id."""

    def add(self, kind: str, seconds: float) -> None:
        """Note a request."""
        self.seconds.setdefault(kind, []).append(seconds)

    @property
    def requests(self) -> int:
        """How many there were."""
        return sum(map(len, self.seconds.values()))


class Answers:
    """The answers of students, read once: not every Python lets threads parse files side by side."""

    def __init__(self, course: Course) -> None:
        self._course = course.id
        self._questions = {question.id: question for question in course.assignment(ASSIGNMENT).questions}
        text = (ROOT / "solutions" / ASSIGNMENT / "demo_class.toml").read_text(encoding="utf-8")
        self._right: dict[str, str] = tomllib.loads(text)["right"]

    def into(self, blank: str, wrong: str) -> tuple[float, str]:
        """Return what the answers are worth, and a student's own notebook with them.

        wrong: the answer to the question `REPLACED`; empty for the right one.
        """
        notebook = nbformat.reads(blank, as_version=4)
        written = next(cell.source for cell in notebook.cells if cell_metadata(cell).get("part") == "student")
        named = re.search(r"student_id\s*=\s*(['\"]?)(.*?)\1\s*(#.*)?$", written, re.MULTILINE)
        chosen = Owner(self._course).choose_variant(named[2] if named else "")
        answers = self._right | ({REPLACED: wrong} if wrong else {})
        for cell in notebook.cells:
            name = grade_id(cell) or ""
            if is_solution(cell) and name in answers:
                question = self._questions[name]
                numbers = chosen.numbers(question) if question.is_number else {}
                cell.source = demo_class.with_numbers(answers[name], numbers)
        worth = sum(one.points for one in self._questions.values() if not (wrong and one.id == REPLACED))
        return worth, nbformat.writes(notebook)


class Student:
    """One student and the browser."""

    def __init__(self, subject: str, wrong: str, place: Place) -> None:
        """wrong: as in `Answers.into`."""
        self.subject, self._wrong, self._place, self._figures = subject, wrong, place, place.figures
        self._browser = TimedBrowser(self._figures)

    def hand_in(self, after: float) -> None:
        """All that a student does, some seconds from now."""
        time.sleep(after)
        try:
            self._whole()
        except Exception as error:  # whatever it is, the run has failed
            self._figures.failed.append(f"{self.subject}: {type(error).__name__}: {error}")

    def _whole(self) -> None:
        changed = {"sub": self.subject, "name": self.subject, "email": None, **ACTIVITY}
        page = launch(self._browser, self._place.web, self._place.lms, "#Learner", **changed)
        file = re.search(rf'href="([^"]*/en/{ASSIGNMENT}\.ipynb)"', page.text)
        csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert file is not None, f"no notebook to download at {page.url}"
        assert csrf is not None, f"nothing to hand in with at {page.url}"
        blank = self._browser.get(urljoin(page.url, file[1])).text
        worth, notebook = self._place.answers.into(blank, self._wrong)
        self._figures.earned[self.subject] = worth
        action = re.search(r'action="([^"]*/hand-in)"', page.text)
        assert action is not None
        attempt = self._browser.post(
            urljoin(page.url, action[1]), data={"csrf": csrf[1]},
            files={"notebook": (f"{ASSIGNMENT}.ipynb", notebook, "application/x-ipynb+json")},
        )  # fmt: skip
        watch = re.search(r'data-watch="([^"]+)" data-again="(\d+)"', attempt.text)
        waits = watch is not None
        again = int(watch[2]) if watch else 0
        while waits:
            assert watch is not None
            time.sleep(again)
            told = self._browser.get(urljoin(attempt.url, watch[1])).json()
            waits, again = told["waiting"], told["again"]
        self._browser.get(attempt.url)


class TimedBrowser(Browser):
    """A browser that notes how long it waited, and takes no page that tells of a failure."""

    def __init__(self, figures: Figures) -> None:
        super().__init__()
        self._figures = figures

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """See requests."""
        start = time.monotonic()
        response = super().send(request, **{**kwargs, "timeout": PATIENCE})
        # each redirect comes by here on its own, so of the first request only its own time counts
        own = response.history[0].elapsed.total_seconds() if response.history else time.monotonic() - start
        self._figures.add(_kind(request), own)
        assert response.status_code < 400, f"{request.method} {request.url}: {response.status_code}"
        return response


def _kind(request: requests.PreparedRequest) -> str:
    path = (request.url or "").partition("?")[0]
    if "/lti/" in path:
        return "launch"
    if request.method == "POST":
        return "hand in"
    return "is it graded?" if path.endswith("/state") else "download" if path.endswith(".ipynb") else "page"


@dataclass
class Place:
    """Where a class hands in: the tool and its worker, which run as processes, and the LMS."""

    course: Course
    database: str
    lms: Lms
    jobs: int
    figures: Figures = field(default_factory=Figures)

    def __post_init__(self) -> None:
        self.answers, self._at = Answers(self.course), f"127.0.0.1:{_free_port()}"
        self.web: Any = SimpleNamespace(base_url=f"http://{self._at}")
        """As the tests' own browsers know the tool."""
        self.worker: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def served(self) -> Iterator[None]:
        """Run the tool and its worker for the time of a block; then stop them and check that they exited cleanly."""
        tool = self._run("serve", "--url", self.web.base_url, "--listen", self._at, "--threads", "8")
        try:
            self.start_worker()
            end = time.monotonic() + 120
            while True:
                with contextlib.suppress(requests.ConnectionError):
                    requests.get(f"{self.web.base_url}/lti/keys", timeout=PATIENCE)
                    break
                if time.monotonic() > end or tool.poll() is not None:
                    raise SystemExit((self.course.root / "serve.log").read_text())
                time.sleep(0.1)
            yield
            self._stop("serve", tool)
            self.stop_worker()
        finally:
            for process in (tool, self.worker):
                if process is not None:
                    process.kill()

    def start_worker(self) -> None:
        """Run the worker."""
        self.worker = self._run("worker", "--jobs", str(self.jobs))

    def stop_worker(self) -> None:
        """Stop the worker, and check that it exited cleanly."""
        assert self.worker is not None
        self._stop("worker", self.worker)

    def kill_worker(self) -> None:
        """End the worker with `kill -9`."""
        assert self.worker is not None
        self.worker.kill()
        self.worker.wait()

    def at_once(
        self, wrong_by_subject: Iterable[tuple[str, str]], seconds: float = 0
    ) -> list[threading.Thread]:
        """Let students hand in side by side, evenly within some seconds. Returns their threads, which have begun.

        wrong_by_subject: the students, each with the wrong answer that `Answers.into` takes.
        """
        students = [Student(subject, wrong, self) for subject, wrong in wrong_by_subject]
        threads = [
            threading.Thread(target=student.hand_in, args=(seconds * number / len(students),), daemon=True)
            for number, student in enumerate(students)
        ]
        for thread in threads:
            thread.start()
        return threads

    def _run(self, command: str, *words: str) -> subprocess.Popen[bytes]:
        with (self.course.root / f"{command}.log").open("ab") as log:
            return subprocess.Popen(
                [PROGRAMS / "autograder", command, *words, "--database", self.database],
                cwd=self.course.root, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def _stop(self, command: str, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGTERM)
        if process.wait(120) != 0:
            last = (self.course.root / f"{command}.log").read_text()[-3000:]
            raise SystemExit(f"{command} ended with {process.returncode}:\n{last}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def p95(seconds: Sequence[float]) -> float:
    """Return what 95 of 100 do not exceed."""
    ranked = sorted(seconds)
    return ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]


def fail_with(wrong: Sequence[str]) -> None:
    """Raise SystemExit with every discrepancy, if there is any."""
    if wrong:
        raise SystemExit("\n".join([f"{len(wrong)} thing(s) are wrong:", *wrong[:40]]))

"""A class hands in over the web within a minute while a worker grades: nothing fails, nothing is lost. How quick is it?

The tool, its worker and the students' browsers share this machine; the LMS is one of the tests', on loopback. Each
student launches, downloads the notebook, hands it in, and looks at the attempt's page as its script does until the
result is there. Two students of three have everything right.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import nbformat
import requests
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from autograder.authoring import demo_class
from autograder.course import Course
from autograder.notebooks.cells import cell_metadata, grade_id, is_solution
from autograder.questions.variants import Owner
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, Delivery, Person

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from tests.web.loopback import LTI, Browser, Lms, launch, lms  # noqa: E402 - the tests' own LMS

PROGRAMS = Path(sys.executable).parent
ASSIGNMENT = "gru_parameters"
WRONG = "def gru_params(input_dim, units, reset_after=True):\n    return 0"
PATIENCE = 60
"""Seconds after which a request has failed."""
STUCK = 300
"""Seconds in which nothing changes, after which the run has failed."""


@dataclass
class Figures:
    """What the students saw: seconds of every request by its kind, and what failed."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    earned: dict[str, float] = field(default_factory=dict)
    """What each student should get, by the LMS's id."""

    def add(self, kind: str, seconds: float) -> None:
        """Note a request."""
        self.seconds.setdefault(kind, []).append(seconds)

    @property
    def requests(self) -> int:
        """How many there were."""
        return sum(map(len, self.seconds.values()))


class Answers:
    """What students answer, read once: threads may not parse files side by side in every Python."""

    def __init__(self, course: Course) -> None:
        self._course = course.id
        self._questions = {question.id: question for question in course.assignment(ASSIGNMENT).questions}
        text = (ROOT / "solutions" / ASSIGNMENT / "demo_class.toml").read_text(encoding="utf-8")
        self._right: dict[str, str] = tomllib.loads(text)["right"]

    def into(self, blank: str, *, is_right: bool) -> tuple[float, str]:
        """Return what the answers are worth, and a student's own notebook with them."""
        notebook = nbformat.reads(blank, as_version=4)
        written = next(cell.source for cell in notebook.cells if cell_metadata(cell).get("part") == "student")
        named = re.search(r"student_id\s*=\s*(['\"]?)(.*?)\1\s*(#.*)?$", written, re.MULTILINE)
        chosen = Owner(self._course).choose_variant(named[2] if named else "")
        answers = self._right | ({} if is_right else {"gru_params": WRONG})
        for cell in notebook.cells:
            name = grade_id(cell) or ""
            if is_solution(cell) and name in answers:
                question = self._questions[name]
                numbers = chosen.numbers(question) if question.is_number else {}
                cell.source = demo_class.with_numbers(answers[name], numbers)
        worth = sum(one.points for one in self._questions.values() if is_right or one.id != "gru_params")
        return worth, nbformat.writes(notebook)


class Student:
    """One student and the browser."""

    def __init__(self, number: int, tool: str, answers: Answers, other: Lms, figures: Figures) -> None:
        self.subject, self.is_right = f"student-{number:04}", number % 3 != 0
        self._tool, self._answers, self._lms, self._figures = tool, answers, other, figures
        self._browser = _Timed(figures)

    def hand_in(self, after: float) -> None:
        """All that a student does, some seconds from now."""
        time.sleep(after)
        try:
            self._whole()
        except Exception as error:  # whatever it is, the run has failed
            self._figures.failed.append(f"{self.subject}: {type(error).__name__}: {error}")

    def _whole(self) -> None:
        changed = {"sub": self.subject, "name": self.subject, "email": None,
                   LTI + "custom": {"assignment": ASSIGNMENT}}  # fmt: skip
        web: Any = SimpleNamespace(base_url=self._tool)
        page = launch(self._browser, web, self._lms, "#Learner", **changed)
        file = re.search(rf'href="([^"]*/en/{ASSIGNMENT}\.ipynb)"', page.text)
        csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert file is not None, f"no notebook to download at {page.url}"
        assert csrf is not None, f"nothing to hand in with at {page.url}"
        blank = self._browser.get(urljoin(page.url, file[1])).text
        worth, notebook = self._answers.into(blank, is_right=self.is_right)
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


class _Timed(Browser):
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


def run(students: int, seconds: float, jobs: int, database: str, console: Console) -> Figures:
    """Let a class hand in; returns what was seen. Raises SystemExit where anything failed or was lost."""
    with tempfile.TemporaryDirectory(prefix="web-load-") as folder, lms() as other:
        course = demo_class.copy_course(Course.open(ROOT), Path(folder) / "course")
        url = database or f"sqlite:///{folder}/web.db"
        opened = Database.open(url)
        other.register(opened)
        other.answer("/ags/1/scores?type_id=2", 200)
        figures, answers, start = Figures(), Answers(course), time.monotonic()
        try:
            with _served(course, url, jobs) as tool:
                threads = []
                for number in range(students):
                    student = Student(number, tool, answers, other, figures)
                    after = seconds * number / students
                    threads.append(threading.Thread(target=student.hand_in, args=(after,), daemon=True))
                start = time.monotonic()
                for thread in threads:
                    thread.start()
                _wait(opened, students, figures, console)
                for thread in threads:
                    thread.join(PATIENCE * 2)
            console.print(f"{students} students within {seconds:g} s: the last score arrived after "
                          f"{time.monotonic() - start:.0f} s")  # fmt: skip
            _check(opened, other, students, figures)
        finally:
            opened.close()
    return figures


@contextlib.contextmanager
def _served(course: Course, database: str, jobs: int) -> Iterator[str]:
    """Run the tool and its worker; stop them at the end and check that they exited cleanly."""
    at = f"127.0.0.1:{_free_port()}"
    where = ["--database", database]
    commands = {
        "serve": ["serve", "--url", f"http://{at}", "--listen", at, "--threads", "8", *where],
        "worker": ["worker", "--jobs", str(jobs), *where],
    }
    with contextlib.ExitStack() as stack:
        processes = {}
        for name, words in commands.items():
            told = stack.enter_context((course.root / f"{name}.log").open("wb"))
            process = subprocess.Popen(
                [PROGRAMS / "autograder", *words], cwd=course.root, stdout=told, stderr=subprocess.STDOUT
            )
            stack.callback(process.kill)
            processes[name] = process
        end = time.monotonic() + 120
        while True:
            with contextlib.suppress(requests.ConnectionError):
                requests.get(f"http://{at}/lti/keys", timeout=PATIENCE)
                break
            if time.monotonic() > end or processes["serve"].poll() is not None:
                raise SystemExit((course.root / "serve.log").read_text())
            time.sleep(0.1)
        yield f"http://{at}"
        for name, process in processes.items():
            process.send_signal(signal.SIGTERM)
            if process.wait(120) != 0:
                told_last = (course.root / f"{name}.log").read_text()[-3000:]
                raise SystemExit(f"{name} ended with {process.returncode}:\n{told_last}")


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def _wait(database: Database, students: int, figures: Figures, console: Console) -> None:
    """Wait until every score has arrived, or nothing changes any more."""
    seen, changed = (0, 0, 0, 0), time.monotonic()
    with console.status("") as status:
        while seen[2] < students - len(figures.failed):
            with database.read() as session:
                attempts = session.scalar(select(func.count(Attempt.id))) or 0
                graded = session.scalar(select(func.count(Attempt.id)).where(Attempt.state == "graded")) or 0
                sent = (
                    session.scalar(select(func.count(Delivery.id)).where(Delivery.state == "confirmed")) or 0
                )
            now = (attempts, graded, sent, len(figures.failed))
            if now != seen:
                seen, changed = now, time.monotonic()
            status.update(f"{attempts} handed in, {graded} graded, {sent} scores at the LMS")
            if time.monotonic() - changed > STUCK:
                break
            time.sleep(0.5)


def _check(database: Database, other: Lms, students: int, figures: Figures) -> None:
    """Raise SystemExit with every discrepancy."""
    wrong = list(figures.failed[:20])
    with database.read() as session:
        rows = session.execute(
            select(Person.subject, Attempt.state, Attempt.score).join(Attempt.person)
        ).all()
    posts = [json.loads(body) for path, _, body in other.asked if path == "/ags/1/scores?type_id=2"]
    times = Counter(post["userId"] for post in posts)
    at_lms = {post["userId"]: post["scoreGiven"] for post in posts}
    if len(rows) != students or len({subject for subject, *_ in rows}) != students:
        wrong.append(f"{len(rows)} attempts of {students} students")
    for subject, state, score in rows:
        earned = figures.earned.get(subject)
        if (state, score, at_lms.get(subject), times[subject]) != ("graded", earned, earned, 1):
            wrong.append(
                f"{subject}: expected graded, {earned} points, told the LMS once; found {state}, {score} points, "
                f"{at_lms.get(subject)} at the LMS, told {times[subject]} time(s)"
            )
    if wrong:
        raise SystemExit("\n".join([f"{len(wrong)} thing(s) are wrong:", *wrong[:40]]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=500, metavar="N", help="(default: %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=60, metavar="S", help="in which they hand in (%(default)s)"
    )
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="graded side by side (%(default)s)")
    parser.add_argument(
        "--database", default="", metavar="URL", help="of an empty database (default: a new SQLite file)"
    )
    arguments = parser.parse_args()
    console = Console(highlight=False)
    figures = run(arguments.students, arguments.seconds, arguments.jobs, arguments.database, console)
    cores = len(os.sched_getaffinity(0))
    table = Table(title=f"seconds that students waited, on {cores} cores, while hand-ins were graded")
    for name in ("request", "number", "median", "95th of 100", "worst"):
        table.add_column(name, justify="left" if name == "request" else "right")
    every = [one for seconds in figures.seconds.values() for one in seconds]
    for kind, seconds in [*sorted(figures.seconds.items()), ("all", every)]:
        ranked = sorted(seconds)
        late = ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
        table.add_row(
            kind, str(len(ranked)), f"{statistics.median(ranked):.3f}", f"{late:.3f}", f"{ranked[-1]:.3f}"
        )
    console.print(table)
    number = arguments.students
    console.print(
        f"{figures.requests} requests, none failed; {number} attempts, {number} graded, {number} scores at the LMS, "
        "each what was earned and told once"
    )


if __name__ == "__main__":
    main()

"""What a class of 10,000 costs, tenth by tenth, and how long an instructor then waits for pages and files.

A mixed class hands in one counting assignment: of ten students seven have everything right, the others are those of the
demo's class. `autograder grade` is measured while it runs; then formgrader's pages, from a real server on loopback, and
the commands of an instructor. What was measured is kept in FOLDER/figures.md, row by row: it may be interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import dataclasses
import http.cookiejar
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

from hand_ins import ROOT
from measuring import PROGRAMS, cpu_of, cpu_of_the_ended, descendants, memory_of
from rich.console import Console
from rich.table import Table

from autograder.authoring import demo_class
from autograder.course import Course

ASSIGNMENT, QUESTION = "gru_parameters", "gru_params"
LOOK_SECONDS = 2.0
PATIENCE = 3600
"""Seconds after which a page has failed."""
OURS = (sys.executable, "-m", "autograder")
NBGRADER = (str(PROGRAMS / "nbgrader"),)


@dataclass
class Figures:
    """A table that is written down whenever a row is added."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [self.columns, ("---", *["---:"] * (len(self.columns) - 1)), *self.rows]
        return "\n".join([f"{self.title}:", "", *(f"| {' | '.join(line)} |" for line in lines), ""])

    def table(self) -> Table:
        """Return the table for a terminal."""
        table = Table(title=self.title)
        for place, name in enumerate(self.columns):
            table.add_column(name, justify="right" if place else "left")
        for row in self.rows:
            table.add_row(*row)
        return table


@dataclass(frozen=True)
class Look:
    """What a command holds and has used at one moment: its processes' CPU seconds so far, and their memory in MB."""

    seconds: float
    cpu: float
    memory: float
    done: int = 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=10_000, metavar="N", help="(%(default)s)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="workers (%(default)s)")
    parser.add_argument(
        "--folder", type=Path, default=Path("build/growth"), help="where the class is put (%(default)s)"
    )
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    arguments = parser.parse_args()
    console = Console()
    growth = Growth(arguments.folder.resolve(), arguments.submissions, arguments.jobs, console)
    try:
        growth.measure()
    except KeyboardInterrupt:
        console.print(f"stopped; what was measured is in {growth.kept}", soft_wrap=True)
        raise SystemExit(130) from None
    finally:
        for figures in growth.tables:
            console.print(figures.markdown() if arguments.markdown else figures.table(), markup=False)


class Growth:
    """The measurements of one class."""

    def __init__(self, folder: Path, number: int, jobs: int, console: Console) -> None:
        self.kept = folder / "figures.md"
        self._number, self._jobs, self._console = number, jobs, console
        self._course = demo_class.copy_course(Course.open(ROOT), folder)
        self._grading = Figures(
            f"`autograder grade --jobs {jobs}`, {number:,} submissions",
            ("submissions", "s", "s / submission", "CPU s / submission", "most MB", "gradebook MB"),
        )
        self._opening = Figures(
            f"What an instructor opens after {number:,} submissions",
            ("what", "s", "CPU s", "answer MB", "most MB"),
        )
        self.tables = [self._grading, self._opening]

    def measure(self) -> None:
        """All of it, in the order in which a course does it."""
        self._time(
            "autograder roster, of Canvas's file", *OURS, "roster", self._canvas(), "--new-by", "username"
        )
        with self._console.status(f"{self._number} students hand in"):
            demo_class.submit(self._course, students(self._number))
        self._grade()
        with formgrader(self._course.root) as server:
            for name, paths in self._pages(server).items():
                self._look_at(server, name, paths)
        self._time("nbgrader export", *NBGRADER, "export")
        self._time("autograder export canvas", *OURS, "export", "canvas", ASSIGNMENT, self._canvas())
        self._time("autograder export moodle", *OURS, "export", "moodle", ASSIGNMENT, self._moodle())
        self._time("autograder collect, nothing new", *OURS, "collect", "downloads", before=self._download)
        self._time("autograder grade, nothing new", *OURS, "grade", ASSIGNMENT)
        self._time("autograder grade, one changed", *OURS, "grade", ASSIGNMENT, before=self._change_one)

    def _grade(self) -> None:
        """Grade the class; a row for each tenth, and for what goes before the first and follows the last."""
        begun = last = Look(time.monotonic(), 0, 0)
        most, wanted = 0.0, [1, *(self._number * tenth // 10 for tenth in range(1, 11))]
        for look in self._run(*OURS, "grade", ASSIGNMENT, "--jobs", str(self._jobs)):
            most = max(most, look.memory)
            while wanted and look.done >= wanted[0]:
                if look.done > last.done or last is begun:
                    name = "start" if last is begun else f"{last.done:,} to {look.done:,}"
                    self._row(name, last, look, most)
                    last, most = look, look.memory
                wanted.pop(0)
            final = look
        self._row("end", last, final, most)
        self._row(f"all {final.done:,}", begun, final, max(float(row[4]) for row in self._grading.rows))

    def _row(self, name: str, before: Look, now: Look, most: float) -> None:
        seconds, cpu, done = now.seconds - before.seconds, now.cpu - before.cpu, now.done - before.done
        each = (f"{seconds / done:.3f}", f"{cpu / done:.3f}") if done > 1 else ("", f"{cpu:.1f} in all")
        size = sum(path.stat().st_size for path in self._course.root.glob("gradebook.db*")) / 1e6
        self._add(self._grading, name, f"{seconds:.1f}", *each, f"{most:.0f}", f"{size:.1f}")

    def _time(self, name: str, *words: str, before: Callable[[], None] = lambda: None) -> None:
        """Run a command to its end and record it."""
        before()
        start = time.monotonic()
        looks = list(self._run(*words))
        most, cpu = max(look.memory for look in looks), looks[-1].cpu
        self._add(self._opening, name, f"{time.monotonic() - start:.1f}", f"{cpu:.1f}", "", f"{most:.0f}")

    def _add(self, figures: Figures, *row: str) -> None:
        figures.rows.append(row)
        self.kept.write_text("\n".join(one.markdown() for one in self.tables), encoding="utf-8")

    def _run(self, *words: str) -> Iterator[Look]:
        """Run a command in the course; it must succeed. What it says is kept beside the figures."""
        log, name = self.kept.with_name("commands.log"), " ".join(words[-3:])
        before = cpu_of_the_ended()
        with log.open("ab") as file, self._console.status(name) as status:
            process = subprocess.Popen(
                words, cwd=self._course.root, stdout=file, stderr=file, env=environment()
            )
            look = Look(time.monotonic(), 0, 0)
            try:
                while process.poll() is None:
                    look = self._look(process.pid, look)
                    status.update(f"{name}: {look.done:,}, {look.memory:.0f} MB")
                    yield look
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(LOOK_SECONDS)
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGINT)
                process.wait()
        if process.returncode:
            raise SystemExit(f"{' '.join(words)} failed; see {log}")
        cpu = max(look.cpu, cpu_of_the_ended() - before)
        yield dataclasses.replace(look, seconds=time.monotonic(), cpu=cpu)

    def _look(self, pid: int, before: Look) -> Look:
        pids = [pid, *descendants(pid)]
        graded = self._course.root / "autograded"
        done = sum(1 for _ in graded.iterdir()) if graded.is_dir() else 0
        # what ends between two looks is its parent's a moment later
        cpu = max(before.cpu, sum(map(cpu_of, pids)))
        return Look(time.monotonic(), cpu, sum(map(memory_of, pids)), done)

    def _look_at(self, server: Server, name: str, paths: tuple[str, ...]) -> None:
        with self._console.status(name):
            start, busy = time.monotonic(), cpu_of(server.pid)
            size = sum(len(server.get(path)) for path in paths)
            seconds, cpu, memory = time.monotonic() - start, cpu_of(server.pid) - busy, memory_of(server.pid)
        self._add(self._opening, name, f"{seconds:.1f}", f"{cpu:.1f}", f"{size / 1e6:.1f}", f"{memory:.0f}")

    def _pages(self, server: Server) -> dict[str, tuple[str, ...]]:
        """Return what a browser requests from formgrader, by page: the page, then the rows that it shows."""
        student = student_id(self._number // 2)
        answers = f"api/student_notebook_submissions/{student}/{ASSIGNMENT}"
        one = json.loads(server.get(answers))[0]["id"]
        return {
            "formgrader: assignments": ("manage_assignments", "api/assignments"),
            "formgrader: submissions of an assignment": (
                f"manage_submissions/{ASSIGNMENT}",
                f"api/submissions/{ASSIGNMENT}",
            ),
            "formgrader: manual grading, assignments": ("gradebook", "api/assignments"),
            "formgrader: manual grading, notebooks": (
                f"gradebook/{ASSIGNMENT}",
                f"api/notebooks/{ASSIGNMENT}",
            ),
            "formgrader: manual grading, submissions": (
                f"gradebook/{ASSIGNMENT}/{ASSIGNMENT}",
                f"api/submitted_notebooks/{ASSIGNMENT}/{ASSIGNMENT}",
            ),
            "formgrader: one submission": (
                f"submissions/{one}/",
                f"api/grades?submission_id={one}",
                f"api/comments?submission_id={one}",
            ),
            "formgrader: from one submission to the next": (f"submissions/{one}/next",),
            "formgrader: students": ("manage_students", "api/students"),
            "formgrader: one student": (f"manage_students/{student}", f"api/student_submissions/{student}"),
        }

    def _canvas(self) -> str:
        """Canvas's gradebook file of the class."""
        header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{ASSIGNMENT} (1)"]
        points = sum(question.points for question in self._course.assignment(ASSIGNMENT).questions)
        rows = [
            [f"Student, {student_id(place)}", str(place + 1), f"{10**7 + place}", student_id(place), "A", ""]
            for place in range(self._number)
        ]
        return self._sheet(
            "canvas.csv", [header, ["    Points Possible", "", "", "", "", f"{points:g}"], *rows]
        )

    def _moodle(self) -> str:
        """Moodle's grading worksheet of the class."""
        header = [
            "Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Maximum Grade",
            "Grade can be changed", "Last modified (submission)", "Last modified (grade)", "Feedback comments",
        ]  # fmt: skip
        points = sum(question.points for question in self._course.assignment(ASSIGNMENT).questions)
        when = "Friday, 6 March 2026, 3:00 PM"
        rows = [
            [
                f"Participant {place + 1}", f"{student_id(place)} Student", f"{10**7 + place}", "",
                "Submitted for grading", "", f"{points:.2f}", "Yes", when, "-", "",
            ]
            for place in range(self._number)
        ]  # fmt: skip
        return self._sheet("worksheet.csv", [header, *rows])

    def _sheet(self, name: str, rows: list[list[str]]) -> str:
        with (self._course.root / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return name

    def _download(self) -> None:
        """Copy the submissions into a folder of downloads."""
        for place in range(self._number):
            folder = self._course.root / "downloads" / student_id(place)
            folder.mkdir(parents=True, exist_ok=True)
            handed_in = self._course.submitted / folder.name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            shutil.copyfile(handed_in, folder / "answers.ipynb")

    def _change_one(self) -> None:
        """Let the student in the middle hand in another answer."""
        path = self._course.submitted / student_id(self._number // 2) / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        changed = path.read_text(encoding="utf-8").replace("+ biases)", "+ 2 * biases)")
        path.write_text(changed, encoding="utf-8")


def student_id(place: int) -> str:
    """Return the id of a student of the class."""
    return f"s{place:05}"


def students(number: int) -> list[demo_class.DemoStudent]:
    """Return the class: seven of ten right, three like the demo's class, each with a remark of its own in an answer."""
    folder = ROOT / "solutions"
    found = [one for one in demo_class.read_class(folder) if one.assignment == ASSIGNMENT]
    answers = tomllib.loads((folder / ASSIGNMENT / "demo_class.toml").read_text(encoding="utf-8"))["right"]
    right = demo_class.DemoStudent("", ASSIGNMENT, "", answers)
    mixed = []
    for place in range(number):
        turn, which = divmod(place, 10)
        like = found[(3 * turn + which - 7) % len(found)] if which >= 7 else right
        name = student_id(place)
        answers = dict(like.answers)
        if QUESTION in answers:
            answers[QUESTION] = f"{answers[QUESTION]}\n# {name}"
        mixed.append(
            dataclasses.replace(
                like,
                id=name,
                answers=answers,
                writes=name if like.writes == like.id else like.writes,
                edition=("ko", "en")[place % 2],
            )
        )
    return mixed


@dataclass
class Server:
    """A Jupyter server with formgrader."""

    address: str
    token: str
    pid: int = 0

    def __post_init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
        self._opener.addheaders = [("Authorization", f"token {self.token}")]

    def get(self, path: str) -> bytes:
        """Return the server's response."""
        with self._opener.open(f"{self.address}/formgrader/{path}", timeout=PATIENCE) as answer:
            said: bytes = answer.read()
        return said


@contextlib.contextmanager
def formgrader(root: Path) -> Iterator[Server]:
    """Start a Jupyter server of the course, with formgrader, on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(f"http://127.0.0.1:{port}", secrets.token_hex(16))
    words = [
        sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--port={port}", "--ip=127.0.0.1",
        f"--IdentityProvider.token={server.token}",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]  # fmt: skip
    with (root / "server.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=root, stdout=log, stderr=log, env=environment())
        server.pid = process.pid
        try:
            for _ in range(60):
                with contextlib.suppress(URLError):
                    server.get("api/status")
                    break
                time.sleep(1)
            else:
                raise SystemExit(f"the server did not start; see {log.name}")
            yield server
        finally:
            process.terminate()
            process.wait()


def environment() -> dict[str, str]:
    """Nothing of what this machine's Jupyter is set to, and nbgrader's `alembic` found by its name."""
    paths = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": paths, "JUPYTER_NO_CONFIG": "1", "JUPYTER_PREFER_ENV_PATH": "1"}


if __name__ == "__main__":
    main()

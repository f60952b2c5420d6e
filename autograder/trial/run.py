"""Runs the tool, a worker and the small LMS for a simulated class, all in a temporary folder."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from flask import Flask
from waitress import wasyncore

from autograder.authoring.demo_class import copy_course
from autograder.course import Course
from autograder.errors import CourseError, GraderError
from autograder.i18n import _
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.questions.variants import pools_of
from autograder.roster import RosterEntry
from autograder.roster import write as write_roster
from autograder.trial.simulated_class import SimulatedStudent, hand_ins, students
from autograder.trial.small_lms import (
    CLIENT_ID,
    COURSE_ID,
    DEPLOYMENT,
    Activity,
    Member,
    SmallLms,
    make_lms,
)
from autograder.web.app import make_app
from autograder.web.catalog import AssignmentOption, assignment_options
from autograder.web.db.database import Database
from autograder.web.db.models import Context, now
from autograder.web.lti.platforms import PlatformDetails, register_platform
from autograder.web.server import create, listening
from autograder.web.settings import folder_of, settings_of

THREADS = 8
END_SECONDS = 30
"""Seconds that the worker has to end."""
REQUEST_SECONDS = 30
CSRF = re.compile(r'name="csrf" value="(\w+)"')
TEACHERS: Mapping[str, str] = {"ko": "선생님", "en": "Teacher"}
SETTINGS = """

# added by `autograder serve --try`: nothing of the course itself is opened
c.CourseDirectory.db_url = ""
c.CourseSettings.roster = "roster.csv"
c.CourseSettings.scheduler = ""
c.WebSettings.database = ""
"""


@dataclass
class Trial:
    """What runs."""

    course: Course
    lms: SmallLms
    hands_in: int
    """Students who hand in."""
    log: Path
    """What the worker says."""
    failed: list[Exception] = field(default_factory=list)
    """Why the class stopped handing in, if it did."""
    _worker: subprocess.Popen[bytes] | None = None

    def url(self, language: str, *, teacher: bool) -> str:
        """Return where somebody is a teacher, or a student, in a language if anybody speaks it."""
        people = [member for member in self.lms.members.values() if member.is_teacher == teacher]
        chosen = next((member for member in people if member.language == language), people[0])
        return f"{self.lms.address}/as/{chosen.id}"

    def check(self) -> None:
        """Raise GraderError if the worker has ended, and what kept the class from handing in."""
        for error in self.failed:
            raise error
        if self._worker is not None and self._worker.poll() is not None:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            raise GraderError(_("the worker ended: {reason}", reason=lines[-1] if lines else "?"))


@contextlib.contextmanager
def trial(course: Course, *, listen: str, jobs: int, class_size: int) -> Iterator[Trial]:
    """Run a trial of the tool for the time of a block, with a copy of the course.

    listen: HOST:PORT of the tool on loopback; the LMS has the next port, and if the port is 0, each has a free one.
    Raises CourseError if a port is taken, or if the course has nothing to hand in.
    """
    with contextlib.ExitStack() as stack:
        tool_socket = stack.enter_context(listening(listen))
        host, port = tool_socket.getsockname()[:2]
        lms_port = port + 1 if listen.rpartition(":")[2] != "0" else 0
        lms_socket = stack.enter_context(listening(f"{host}:{lms_port}"))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autograder-try-")))
        copied = _copied(course, folder / "course")
        people = students(copied, class_size)
        write_roster(
            copied.root / "roster.csv",
            (RosterEntry(student.id, section=student.section) for student in people),
        )
        activities = _activities(copied)
        first = next(iter(activities))
        lms = SmallLms(
            address=f"http://{host}:{lms_socket.getsockname()[1]}",
            tool=f"http://{host}:{port}",
            title=copied.id or copied.root.name,
            members=_members(copied, people),
            activities=activities,
        )
        database = stack.enter_context(contextlib.closing(Database.open(folder_of(copied) / "web.db")))
        _connect(database, lms)
        limit = (settings_of(copied).max_megabytes + 1) * 1024 * 1024
        stack.enter_context(_serving(make_app(database, copied, base_url=lms.tool), tool_socket, limit))
        stack.enter_context(_serving(make_lms(lms), lms_socket, limit))
        notebooks = [*hand_ins(copied, first, people)]
        made = Trial(copied, lms, len(notebooks), folder / "worker.log")
        made._worker = stack.enter_context(_worker(copied, made.log, jobs))
        stack.enter_context(_handing_in(made, first, notebooks))
        yield made


def _copied(course: Course, folder: Path) -> Course:
    """Return a copy of the course, whose settings name nothing of the course itself."""
    copied = copy_course(course, folder)
    with (copied.root / CONFIG_FILE).open("a", encoding="utf-8") as config:
        config.write(SETTINGS)
    return Course.open(copied.root)


def _activities(course: Course) -> dict[str, Activity]:
    """Return the activities of the LMS: the assignments, first those that train no models and have variants.

    Raises CourseError if nothing is released.
    """
    options = [
        option for option in assignment_options(course) if course.assignment(option.name).release().is_file()
    ]
    if not options:
        raise CourseError(
            _("nothing is released in {folder}; run `autograder build` first", folder=course.root)
        )

    def rank(option: AssignmentOption) -> tuple[bool, bool]:
        assignment = course.assignment(option.name)
        return assignment.profile != "counting", not pools_of(assignment.questions)

    options.sort(key=rank)
    return {option.name: Activity(option.name, option.title, option.points) for option in options}


def _members(course: Course, people: Sequence[SimulatedStudent]) -> dict[str, Member]:
    teachers = [
        Member(f"teacher-{language}", TEACHERS.get(language, TEACHERS["en"]), language, is_teacher=True)
        for language in course.languages
    ]
    learners = [Member(student.id, student.name, student.language) for student in people]
    return {member.id: member for member in (*teachers, *learners)}


def _connect(database: Database, lms: SmallLms) -> None:
    """Register the LMS with the tool, and confirm its course."""
    platform = register_platform(
        database,
        PlatformDetails(
            issuer=lms.address,
            client_id=CLIENT_ID,
            auth_login_url=f"{lms.address}/auth",
            auth_token_url=f"{lms.address}/token",
            key_set_url=f"{lms.address}/keys",
            deployments=[DEPLOYMENT],
        ),
    )
    with database.write() as session:
        session.add(
            Context(platform_id=platform.id, deployment=DEPLOYMENT, lms_id=COURSE_ID, confirmed_at=now())
        )


@contextlib.contextmanager
def _serving(app: Flask, listener: socket.socket, limit: int) -> Iterator[None]:
    """Serve an application in a thread. limit: of the bytes of a request with its content."""
    server = create(app, listener, threads=THREADS, max_kept=limit)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        # closed by the thread itself, whose loop fails where others close its sockets; it ends without any,
        # and both the browser and the tool keep connections
        server.task_dispatcher.shutdown(timeout=1)
        server.trigger.pull_trigger(partial(wasyncore.close_all, server._map))
        thread.join(END_SECONDS)


@contextlib.contextmanager
def _worker(course: Course, log: Path, jobs: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `autograder worker` in the course."""
    command = [sys.executable, "-P", "-m", "autograder", "worker", "--jobs", str(jobs)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=course.root, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _handing_in(
    made: Trial, assignment: str, notebooks: Sequence[tuple[SimulatedStudent, bytes]]
) -> Iterator[None]:
    """Let the class hand in, one after the other, as browsers do."""
    stop = threading.Event()

    def run() -> None:
        try:
            for student, notebook in notebooks:
                if stop.is_set():
                    return
                _hand_in(made.lms, student.id, assignment, notebook)
        except Exception as error:  # told by `check`, since a thread has nobody to tell
            made.failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(END_SECONDS)


class _Browser(requests.Session):
    """A browser that takes loopback for as good as HTTPS, as real ones do."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request with all cookies, which requests keeps from plain HTTP if they are secure."""
        request.headers["Cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
        return super().send(request, **{**kwargs, "timeout": REQUEST_SECONDS})


def _hand_in(lms: SmallLms, member: str, assignment: str, notebook: bytes) -> None:
    """Open an activity as a student and hand in a notebook. Raises GraderError if the tool does not take it."""
    with _Browser() as browser:
        address = lms.login_url(lms.members[member], lms.activities[assignment])
        while not address.startswith(f"{lms.address}/auth"):
            response = browser.get(address, allow_redirects=False)
            address = urljoin(address, response.headers["Location"])
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        token = lms.token(asked["login_hint"], asked["nonce"])
        launch = {"state": asked["state"], "id_token": token}
        page = browser.post(f"{lms.tool}/lti/launch", data=launch)
        found = CSRF.search(page.text)
        if found is None:
            raise GraderError(_("the tool shows {student} no place to hand in", student=member))
        taken = browser.post(
            f"{page.url.rstrip('/')}/hand-in",
            data={"csrf": found[1]},
            files={"notebook": (f"{assignment}.ipynb", notebook)},
        )
        if taken.status_code != 200:
            raise GraderError(_("the tool does not take what {student} hands in", student=member))

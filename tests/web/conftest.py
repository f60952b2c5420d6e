"""A database of each kind, with a PostgreSQL server that these tests start for themselves; a course with a worker."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from autograder.web.db.database import Database
from tests.web.loopback import Lms, Web, lms, quick, tool
from tests.web.worker_course import WorkerCourse, release, worker_course


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps them off the PATH."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb"), shutil.which("initdb")]
    return next((Path(one).parent for one in found if one), None)


def as_whom() -> tuple[int, list[str]]:
    """Who PostgreSQL runs as, which refuses root, and the words before its commands that see to it.

    The server ends with these tests, however they end.
    """
    words = ["setpriv", "--pdeathsig=QUIT"] if shutil.which("setpriv") else []
    if os.getuid() != 0:
        return os.getuid(), words
    user = pwd.getpwnam("nobody")
    with suppress(KeyError):
        user = pwd.getpwnam("postgres")
    return user.pw_uid, [*words, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@dataclass
class Cluster:
    """A running server."""

    socket: Path
    start: Callable[[], subprocess.Popen[bytes]]
    server: subprocess.Popen[bytes]
    names: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        return f"postgresql://owner@/{name}?host={self.socket}"

    def new(self) -> str:
        """The URL of a database with nothing in it."""
        import psycopg

        name = f"web{next(self.names)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url(name)

    def stop(self, how: signal.Signals) -> None:
        """End the server: SIGINT ends its connections and shuts it down."""
        self.server.send_signal(how)
        self.server.wait(120)

    def restart(self) -> None:
        """Start it again, and wait until it answers."""
        self.server = self.start()
        self.wait()

    def wait(self) -> None:
        """Wait until it answers."""
        import psycopg

        for _ in range(600):
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.url("postgres")).close()
                break
            assert self.server.poll() is None, (self.socket / "log").read_text()
            time.sleep(0.05)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of these tests' own, which listens on a socket in its folder and nowhere else."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    where = programs()
    if where is None:
        pytest.skip("PostgreSQL is not installed")
    user, words = as_whom()
    # pytest's own folders are closed to others, and a socket's path must be short
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    os.chown(folder, user, -1)
    data = folder / "data"
    how = [where / "initdb", "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run([*words, *how], cwd=folder, check=True, capture_output=True)
    how = [where / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]

    def start() -> subprocess.Popen[bytes]:
        with (folder / "log").open("ab") as log:
            return subprocess.Popen([*words, *how], cwd=folder, stderr=log)

    started = Cluster(folder, start, start())
    try:
        started.wait()
        yield started
    finally:
        started.stop(signal.SIGQUIT)  # at once: nothing in it is wanted any more
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a database of each kind may be made."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/web.db"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new()


@pytest.fixture
def web(tmp_path: Path, course: Path, url: str, other: Lms) -> Iterator[Web]:
    """The tool on a new database of each kind, with the course of the tests' own module."""
    with tool(tmp_path, course, url=url, http=quick()) as made:
        other.register(made.database)
        yield made


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A new database of each kind."""
    opened = Database.open(url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course of two questions worth 2 points each."""
    return release(tmp_path_factory.mktemp("worker") / "course")


@pytest.fixture(scope="module")
def other() -> Iterator[Lms]:
    """An LMS."""
    with lms() as made:
        yield made


@pytest.fixture
def here(released: Path, tmp_path: Path, other: Lms) -> Iterator[WorkerCourse]:
    """A course that nobody handed in to yet."""
    with worker_course(released, tmp_path, tmp_path / "web.db", other) as made:
        yield made

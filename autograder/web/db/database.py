"""Opens the web tool's database, brings its schema up to date and gives transactions."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from autograder.errors import CourseError

MIGRATIONS = Path(__file__).parent / "migrations"
WAIT = 30
"""Seconds that we wait for another writer on SQLite, or for PostgreSQL to answer a call."""
LOCK = 0x6175746F
"""What processes that open a PostgreSQL database at once agree to wait for."""
MODE = "autograder_mode"
"""The option of a connection that says what its transactions are for: read, migrate or (left out) write."""
VERSION = "autograder_version"
"""The table that alembic notes the schema's version in; nbgrader's gradebook has one of alembic's own name."""
DUMP = partial(json.dumps, allow_nan=False)
"""NaN is no JSON: PostgreSQL refuses it, and SQLite would not."""


class Database:
    """An open database whose schema is this program's.

    `write()` and `read()` give a session in a transaction: committed at the end of the block, rolled back where it
    raises. Objects stay readable after the block. Writers on SQLite stand in line, so none ever has to begin again,
    and a write within a write waits in vain; readers wait for nobody and may not write. On PostgreSQL whoever decides
    by a row that another may change locks it (`with_for_update`, which SQLite ignores).
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        reads: dict[str, Any] = {MODE: "read"}
        if engine.dialect.name == "postgresql":
            reads["postgresql_readonly"] = True
        self._reading = engine.execution_options(**reads)
        # SQLite lets whoever asks at the right moment go first, and some thread never does
        self._writers = _Line() if engine.dialect.name == "sqlite" else nullcontext()

    @classmethod
    def open(cls, url: str | Path) -> Database:
        """The database at a URL, or the SQLite file at a path; made where there is none, migrated where it is older.

        Raises CourseError for a URL of another kind, a database that cannot be opened, or one that a newer
        version of the program has migrated.
        """
        where = _parsed(url)
        shown = where.render_as_string(hide_password=True)
        engine = _sqlite(where) if where.get_backend_name() == "sqlite" else _postgresql(where)
        with ExitStack() as stack:
            stack.callback(engine.dispose)
            try:
                if where.get_backend_name() == "sqlite":
                    _prepare(engine)
                _migrate(engine, shown)
            except (DBAPIError, sqlite3.Error, OSError) as error:
                told = error.orig if isinstance(error, DBAPIError) else error
                raise CourseError(f"the database {shown} cannot be opened: {str(told).strip()}") from None
            stack.pop_all()
        return cls(engine)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that may change things."""
        with self._writers, Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that may only look; what it sees on SQLite is one moment's state."""
        with Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


class _Line:
    """A lock that threads get in the order in which they came; Python's own goes to whoever is quickest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        turn = threading.Event()
        with self._lock:
            self._waiting.append(turn)
            if self._waiting[0] is turn:
                turn.set()
        try:
            if not turn.wait(WAIT):
                raise TimeoutError(f"other writers of the database took longer than {WAIT} seconds")
        except BaseException:
            self._leave(turn)
            raise

    def __exit__(self, *_: object) -> None:
        self._leave(self._waiting[0])

    def _leave(self, turn: threading.Event) -> None:
        with self._lock:
            self._waiting.remove(turn)
            if self._waiting:
                self._waiting[0].set()


def _parsed(url: str | Path) -> URL:
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = URL.create("")
    kind = parsed.get_backend_name() if parsed.drivername else ""
    if kind == "sqlite" and parsed.database not in (None, "", ":memory:"):
        # nbgrader changes the folder for a while, and a connection may be made then
        return parsed.set(database=str(Path(parsed.database or "").absolute()))
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    shown = parsed.render_as_string(hide_password=True) if parsed.drivername else "this"
    raise CourseError(
        f"a database is sqlite:///path/to/file.db or postgresql://user:password@host/name, and {shown} is neither"
    )


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, json_serializer=DUMP, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins nothing; we do, below
        connection.execute(f"PRAGMA busy_timeout={WAIT * 1000}")
        connection.execute("PRAGMA synchronous=FULL")  # what was committed survives a power cut

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        mode = connection.get_execution_options().get(MODE)
        connection.exec_driver_sql(f"PRAGMA query_only={int(mode == 'read')}")
        # to change a column is to make the table anew, and dropping the old one would delete what refers to it
        connection.exec_driver_sql(f"PRAGMA foreign_keys={int(mode != 'migrate')}")
        connection.exec_driver_sql("BEGIN" if mode == "read" else "BEGIN IMMEDIATE")

    return engine


def _prepare(engine: Engine) -> None:
    """Make the file, and set WAL, which it remembers. SQLite does not wait for others here, whatever its timeout."""
    # private keys and students' names stand in it; SQLite gives its side files the same rights
    Path(engine.url.database or "").touch(mode=0o600)
    raw = engine.raw_connection()
    try:
        for patience in range(WAIT * 20, -1, -1):
            try:
                raw.cursor().execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or not patience:
                    raise
                time.sleep(0.05)
    finally:
        raw.close()


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            json_serializer=DUMP,
            hide_parameters=True,  # keys and tokens among them, in no log
            pool_pre_ping=True,  # a server that was restarted costs nobody a request
            connect_args={"connect_timeout": WAIT},
        )
    except ModuleNotFoundError:
        raise CourseError(
            'PostgreSQL needs one more library: pip install "rnn-course-kit[postgresql]"'
        ) from None


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that may change the schema; of several processes one has it, the rest wait."""
    with engine.execution_options(**{MODE: "migrate"}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        yield connection


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to a revision, on a connection of `migrating`.

    Raises CommandError if the database is at a revision that this program does not know.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION
    command.upgrade(config, revision)


def _migrate(engine: Engine, shown: str) -> None:
    """Bring the schema up to date."""
    with migrating(engine) as connection:
        tables = inspect(connection).get_table_names()
        if tables and VERSION not in tables:
            raise CourseError(
                f"the database {shown} holds something else (tables {', '.join(sorted(tables)[:3])} ...); "
                "the web tool needs one of its own"
            )
        try:
            upgrade(connection)
        except CommandError as error:
            raise CourseError(
                f"the database {shown} was used by a newer version of autograder ({error}); "
                "install that version, or open a copy from before it"
            ) from None

"""Opens the web tool's database, migrates its schema and provides transactions."""

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
from autograder.i18n import _

MIGRATIONS = Path(__file__).parent / "migrations"
WAIT = 30
"""Seconds to wait for another writer on SQLite, or for a connection to PostgreSQL."""
LOCK = 0x6175746F
"""The advisory lock of processes that open a PostgreSQL database at the same time."""
MODE = "autograder_mode"
"""The execution option for what the transactions of a connection do: read, migrate or (if absent) write."""
VERSION = "autograder_version"
"""The table of alembic's schema version; nbgrader's gradebook has one of alembic's default name."""
DUMP = partial(json.dumps, allow_nan=False)
"""NaN is not JSON: PostgreSQL would reject it, SQLite would not."""


class Database:
    """An open database with the current schema.

    `write()` and `read()` open a session in a transaction: committed at the end of the block, rolled back if it
    raises. Objects stay readable after the block. Writers on SQLite queue, so none has to retry, and a write nested
    in a write times out; readers never wait and cannot write. On PostgreSQL, code that decides by a row that another
    transaction may change locks it (`with_for_update`, which SQLite ignores).
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        reads: dict[str, Any] = {MODE: "read"}
        if engine.dialect.name == "postgresql":
            reads["postgresql_readonly"] = True
        self._reading = engine.execution_options(**reads)
        # SQLite polls for its lock in no order, so a thread could starve
        self._writers = _FairLock() if engine.dialect.name == "sqlite" else nullcontext()

    @classmethod
    def open(cls, url: str | Path) -> Database:
        """Open the database at a URL, or the SQLite file at a path; create it if missing, migrate it if older.

        Raises CourseError for an unsupported URL, a database that cannot be opened, or one that a newer version of
        the program has migrated.
        """
        parsed = _parse(url)
        address = parsed.render_as_string(hide_password=True)
        engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
        with ExitStack() as stack:
            stack.callback(engine.dispose)
            try:
                if parsed.get_backend_name() == "sqlite":
                    _prepare(engine)
                _migrate(engine, address)
            except (DBAPIError, sqlite3.Error, OSError) as error:
                cause = error.orig if isinstance(error, DBAPIError) else error
                raise CourseError(
                    _("cannot open the database {shown}: {reason}", shown=address, reason=str(cause).strip())
                ) from None
            stack.pop_all()
        return cls(engine)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session that may write."""
        with self._writers, Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a read-only session; on SQLite it sees one consistent snapshot."""
        with Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class _FairLock:
    """A lock that threads acquire in first-come order, which `threading.Lock` does not guarantee."""

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
                raise TimeoutError(f"no write lock on the database within {WAIT} seconds")
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


def _parse(url: str | Path) -> URL:
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = URL.create("")
    kind = parsed.get_backend_name() if parsed.drivername else ""
    if kind == "sqlite" and parsed.database not in (None, "", ":memory:"):
        # nbgrader changes the working directory for a while, and a connection may be opened then
        return parsed.set(database=str(Path(parsed.database or "").absolute()))
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    # one that cannot be parsed is not shown: it may hold a password
    address = f" {parsed.render_as_string(hide_password=True)}" if parsed.drivername else ""
    raise CourseError(
        _(
            "unsupported database URL{shown}; expected sqlite:///path/to/file.db or "
            "postgresql://user:password@host/name",
            shown=address,
        )
    )


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, json_serializer=DUMP, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins no transaction; the listener below does
        connection.execute(f"PRAGMA busy_timeout={WAIT * 1000}")
        connection.execute("PRAGMA synchronous=FULL")  # commits survive a power failure

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        mode = connection.get_execution_options().get(MODE)
        connection.exec_driver_sql(f"PRAGMA query_only={int(mode == 'read')}")
        # changing a column recreates the table, and dropping the old one would delete the rows that refer to it
        connection.exec_driver_sql(f"PRAGMA foreign_keys={int(mode != 'migrate')}")
        connection.exec_driver_sql("BEGIN" if mode == "read" else "BEGIN IMMEDIATE")

    return engine


def _prepare(engine: Engine) -> None:
    """Create the file and set WAL mode, which is persistent. SQLite ignores its timeout here, so retry."""
    # it holds private keys and students' names; SQLite gives its side files the same permissions
    Path(engine.url.database or "").touch(mode=0o600)
    raw = engine.raw_connection()
    try:
        for retries in range(WAIT * 20, -1, -1):
            try:
                raw.cursor().execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or not retries:
                    raise
                time.sleep(0.05)
    finally:
        raw.close()


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            json_serializer=DUMP,
            hide_parameters=True,  # keeps keys and tokens out of logs
            pool_pre_ping=True,  # so that no request fails after a restart of the server
            connect_args={"connect_timeout": WAIT},
        )
    except ModuleNotFoundError:
        raise CourseError(
            _('PostgreSQL needs an additional package: pip install "rnn-course-kit[postgresql]"')
        ) from None


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """Open a connection in a transaction that may change the schema; other processes wait for it."""
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


def _migrate(engine: Engine, address: str) -> None:
    """Migrate the schema to the newest revision."""
    with migrating(engine) as connection:
        tables = inspect(connection).get_table_names()
        if tables and VERSION not in tables:
            raise CourseError(
                _(
                    "the database {shown} belongs to another program (tables {tables} ...); give the web tool "
                    "its own database",
                    shown=address,
                    tables=", ".join(sorted(tables)[:3]),
                )
            )
        try:
            upgrade(connection)
        except CommandError as error:
            raise CourseError(
                _(
                    "the database {shown} was used by a newer version of autograder ({error}); install that "
                    "version, or restore a backup from before the upgrade",
                    shown=address,
                    error=error,
                )
            ) from None

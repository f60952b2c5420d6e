"""Explains SQLite's errors: which file, what is wrong, what to do."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import traceback
from collections.abc import Iterator, Mapping

EXPLANATIONS: Mapping[str, str] = {
    "database or disk is full": "cannot write {file}: the disk is full; free some space",
    "disk I/O error": "cannot read or write {file}: disk I/O error; check whether the disk is full or failing",
    "attempt to write a readonly database": "cannot write {file}: the file or its folder is read-only; "
    "give this user write permission on both",
    "database is locked": "{file} is locked by another program that is writing to it; wait until that has ended",
    "unable to open database file": "cannot open {file}; give this user read and write permission on it and its folder",
    "database disk image is malformed": "{file} is damaged; restore it from a backup",
    "file is not a database": "{file} is not an SQLite database; restore it from a backup",
}
RETRY = ", and run the command again"


def explain_error(error: BaseException, file: str = "") -> str:
    """Return an explanation of a database error, or of an error caused by one; empty for any other.

    file: the database to name if the error itself does not.
    """
    for cause in _causes(error):
        original = getattr(cause, "orig", cause)  # SQLAlchemy's errors wrap the driver's
        if isinstance(original, sqlite3.Error):
            return explain_message(str(original), _file_of(cause) or file)
    return ""


def explain_message(text: str, file: str) -> str:
    """Return an explanation of SQLite's message in `text`; empty if there is none."""
    for message, explanation in EXPLANATIONS.items():
        if message in text:
            return explanation.format(file=file or "the database") + RETRY
    return ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _file_of(error: BaseException) -> str:
    """Return the database file from the connection that raised, since the error does not name it."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        engine = getattr(frame.f_locals.get("self"), "engine", None)
        if database := getattr(getattr(engine, "url", None), "database", None):
            return str(database).removeprefix("file:").partition("?")[0]
    return ""


@contextlib.contextmanager
def untraced() -> Iterator[None]:
    """Keep nbgrader's tracebacks of failed writes off the terminal: it also raises them."""

    def is_other(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Rolling back session due to database error")

    log = logging.getLogger("tornado.application")
    log.addFilter(is_other)
    try:
        yield
    finally:
        log.removeFilter(is_other)

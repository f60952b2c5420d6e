"""Says in words why SQLite could not do what was asked of a database: which file, what is wrong, what to do."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import traceback
from collections.abc import Iterator, Mapping

SENTENCES: Mapping[str, str] = {
    "database or disk is full": "{file} cannot be written, as the disk is full; make room",
    "disk I/O error": "{file} cannot be read or written (disk I/O error); look whether its disk is full or broken",
    "attempt to write a readonly database": "{file} cannot be written, as it or its folder is read-only; "
    "let this user write both",
    "database is locked": "{file} is locked, as another program is writing to it; wait until that has ended",
    "unable to open database file": "{file} cannot be opened; let this user read and write it and its folder",
    "database disk image is malformed": "{file} is damaged; put a copy of it in its place",
    "file is not a database": "{file} is no SQLite database; put a copy of it in its place",
}
THEN = ", and run the command again"


def sentence(error: BaseException, file: str = "") -> str:
    """Return what to tell a person of a database error, or of an error with one as its cause; empty for any other.

    file: the database where the error itself does not say which one it was.
    """
    for one in _causes(error):
        found = getattr(one, "orig", one)  # SQLAlchemy's errors hold the driver's
        if isinstance(found, sqlite3.Error):
            return sentence_of(str(found), _file_of(one) or file)
    return ""


def sentence_of(text: str, file: str) -> str:
    """Return what to tell a person where `text` holds a message of SQLite's; empty where it holds none."""
    for message, told in SENTENCES.items():
        if message in text:
            return told.format(file=file or "the database") + THEN
    return ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _file_of(error: BaseException) -> str:
    """Return the file of a database by the connection that raised: the error itself does not name it."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        engine = getattr(frame.f_locals.get("self"), "engine", None)
        if found := getattr(getattr(engine, "url", None), "database", None):
            return str(found).removeprefix("file:").partition("?")[0]
    return ""


@contextlib.contextmanager
def untraced() -> Iterator[None]:
    """Keep nbgrader's tracebacks of failed writes off the terminal for the time of a block; it raises them too."""

    def is_other(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Rolling back session due to database error")

    log = logging.getLogger("tornado.application")
    log.addFilter(is_other)
    try:
        yield
    finally:
        log.removeFilter(is_other)

"""Open the gradebook of a course."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.course import Course
from autograder.errors import CourseError
from autograder.i18n import _

TABLES = frozenset({"assignment", "submitted_assignment", "alembic_version"})
"""Tables of nbgrader's schema. One is enough, because nbgrader creates them one after another."""


def open_gradebook(course: Course) -> Gradebook:
    """Open the gradebook of a course, or create it if it is missing.

    Raises CourseError if the file has none of nbgrader's tables: nbgrader would fill it in silence.
    """
    _check_tables(course.gradebook_url)
    return Gradebook(course.gradebook_url, course.id)


def _check_tables(url: str) -> None:
    """Raise CourseError if a database URL names an SQLite file without nbgrader's tables.

    A file that cannot be read is explained where it is opened.
    """
    path = Path(url.removeprefix("sqlite:///")).absolute()
    if not url.startswith("sqlite:///") or not path.is_file():
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error:
        return
    if not tables & TABLES:
        raise CourseError(
            _(
                "{path} is empty, or no gradebook of nbgrader's: restore it from a backup; if there are no scores yet, "
                "delete it and run the command again",
                path=path,
            )
        )

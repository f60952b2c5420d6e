"""Options and start-up of the web tool's commands: the course, its web settings, the database."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from autograder.cli.help_format import Parser
from autograder.course import Course
from autograder.i18n import _

if TYPE_CHECKING:
    from autograder.web.db.database import Database


def database_option(command: Parser) -> None:
    """Add the option that overrides the database setting."""
    command.add_argument(
        "--database", default="", metavar="URL",
        help=_("sqlite:///path/to/file.db or postgresql://user:password@host/name (default: c.WebSettings.database, "
        "else web/web.db of the course)"),
    )  # fmt: skip


def opened_course(arguments: argparse.Namespace) -> Course:
    """Open the course and override its web settings with the options. Raises CourseError."""
    from autograder.web.settings import check_packages

    check_packages()
    course = Course.open()
    course.check_settings()
    for name in ("url", "listen", "threads", "database"):
        if value := getattr(arguments, name, None):
            course.config.WebSettings[name] = value
    return course


@contextmanager
def opened_database(course: Course) -> Iterator[Database]:
    """Open the database of the web tool, creating or migrating it as needed. Raises CourseError."""
    from autograder.web.db.database import Database
    from autograder.web.settings import database_of

    database = Database.open(database_of(course))
    try:
        yield database
    finally:
        database.close()

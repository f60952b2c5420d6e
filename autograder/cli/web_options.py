"""Options and start-up of the web tool's commands: the course, its web settings, the database."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from autograder.course import Course
from autograder.errors import CourseError
from autograder.settings import CONFIG_FILE

if TYPE_CHECKING:
    from autograder.web.db.database import Database

NEEDED = ("flask", "jwt", "pylti1p3", "requests", "waitress")


def database_option(command: argparse.ArgumentParser) -> None:
    """Add the option that overrides the database setting."""
    command.add_argument(
        "--database", default="", metavar="URL",
        help="sqlite:///path/to/file.db or postgresql://user:password@host/name (default: c.WebSettings.database, "
        "else web/web.db of the course)",
    )  # fmt: skip


def needed() -> None:
    """Raises CourseError where the packages of the web tool are not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise CourseError(
            f"the web tool needs packages that are not installed ({', '.join(missing)}); "
            'in the clone run `pip install ".[course,web]"`'
        )


def opened_course(arguments: argparse.Namespace) -> Course:
    """Open the course and override its web settings with the options. Raises CourseError."""
    needed()
    course = Course.open()
    course.check_settings()
    for name in ("url", "listen", "threads", "database"):
        if given := getattr(arguments, name, None):
            course.config.WebSettings[name] = given
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


def address_of(course: Course) -> str:
    """Where browsers and LMSs reach the tool, without a slash at the end. Raises CourseError where that is no good."""
    from autograder.web.http import is_url
    from autograder.web.settings import settings_of

    url = str(settings_of(course).url).rstrip("/")
    if not url:
        raise CourseError(
            "the web tool needs its address, as browsers and the LMS reach it: put "
            f"c.WebSettings.url = 'https://tool.example.org' into {course.root / CONFIG_FILE}, or give --url"
        )
    if is_url(url) and url.count("/") == 2:
        return url
    if url.startswith("http://"):
        raise CourseError(
            f"the address of the web tool is {url}, and inside the page of an LMS browsers keep its cookies only "
            "over https; put a web server with TLS before it (docs/web.md) and give the https:// address"
        )
    raise CourseError(
        f"the address of the web tool is {url!r}; expected one like https://tool.example.org, a host and no path"
    )

"""The settings of the web tool, in the course's `nbgrader_config.py`."""

from __future__ import annotations

from pathlib import Path

from traitlets import Bool, Int, TraitError, Unicode
from traitlets.config import Configurable

from autograder.course import Course
from autograder.errors import CourseError
from autograder.settings import CONFIG_FILE


class WebSettings(Configurable):  # type: ignore[misc]
    """What `autograder serve` and `autograder worker` go by."""

    url = Unicode(
        "",
        help="Where browsers and LMSs reach the tool, such as 'https://tool.example.org'; no slash at the end.",
    ).tag(config=True)
    listen = Unicode("127.0.0.1:8000", help="Where it listens; a web server with TLS stands before it.").tag(
        config=True
    )
    threads = Int(8, min=1, help="Requests that are answered side by side.").tag(config=True)
    behind_proxy = Bool(
        True, help="Whether the address of a browser is the one that the web server before it tells."
    ).tag(config=True)
    database = Unicode(
        "",
        help="sqlite:///path/to/file.db or postgresql://user:password@host/name; web/web.db where it is empty.",
    ).tag(config=True)
    max_megabytes = Int(10, min=1, help="How large a hand-in may be.").tag(config=True)
    hand_ins_an_hour = Int(30, min=1, help="How many hand-ins of one person are taken in an hour.").tag(
        config=True
    )
    keep_days = Int(
        0, min=0, help="Days after which the files of attempts that do not count are deleted; 0: never."
    ).tag(config=True)


def settings_of(course: Course) -> WebSettings:
    """The settings. Raises CourseError where one is malformed."""
    try:
        return WebSettings(config=course.config)
    except TraitError as error:
        raise CourseError(f"{course.root / CONFIG_FILE}: {error}") from error


def folder_of(course: Course) -> Path:
    """Where the tool keeps what it got: closed to other users, and to every student's kernel."""
    folder = course.root / "web"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def database_of(course: Course) -> str | Path:
    """Where the database is."""
    return settings_of(course).database or folder_of(course) / "web.db"

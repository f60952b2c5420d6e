"""The settings of the web tool, in the course's `nbgrader_config.py`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from traitlets import Bool, Int, TraitError, Unicode
from traitlets.config import Configurable

from autograder.course import Course
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.nbgrader_hooks import CONFIG_FILE

REQUIRED_PACKAGES = ("flask", "jwt", "pylti1p3", "requests", "waitress")


class WebSettings(Configurable):  # type: ignore[misc]
    """Settings of `autograder serve` and `autograder worker`."""

    url = Unicode(
        "",
        help="URL at which browsers and LMSs reach the tool, such as 'https://tool.example.org'; no trailing slash.",
    ).tag(config=True)
    listen = Unicode(
        "127.0.0.1:8000", help="HOST:PORT to listen on, behind a reverse proxy that does TLS."
    ).tag(config=True)
    threads = Int(8, min=1, help="Number of requests handled concurrently.").tag(config=True)
    behind_proxy = Bool(
        True, help="Whether to take a browser's address from the headers of the reverse proxy."
    ).tag(config=True)
    database = Unicode(
        "",
        help="sqlite:///path/to/file.db or postgresql://user:password@host/name; empty: web/web.db of the course.",
    ).tag(config=True)
    max_megabytes = Int(10, min=1, help="Maximum size of a submission, in MB.").tag(config=True)
    hand_ins_an_hour = Int(30, min=1, help="Maximum number of submissions per person and hour.").tag(
        config=True
    )
    keep_days = Int(
        0, min=0, help="Days after which the files of attempts that do not count are deleted; 0: never."
    ).tag(config=True)


def settings_of(course: Course) -> WebSettings:
    """Return the web settings of a course. Raises CourseError if one is malformed."""
    try:
        return WebSettings(config=course.config)
    except TraitError as error:
        raise CourseError(_("{file}: {error}", file=course.root / CONFIG_FILE, error=error)) from error


def folder_of(course: Course) -> Path:
    """Return the folder of the tool's data, created if missing.

    It is closed to other users of the machine and to every student's kernel.
    """
    folder = course.root / "web"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def files_of(course: Course) -> Path:
    """Return the folder of the submitted files, which may not exist yet."""
    return folder_of(course) / "files"


def database_of(course: Course) -> str | Path:
    """Return the URL or the file of the database."""
    return settings_of(course).database or folder_of(course) / "web.db"


def base_url_of(course: Course) -> str:
    """Return the URL at which browsers and LMSs reach the tool, without a trailing slash.

    Raises CourseError if it is missing, or if no LMS would accept it.
    """
    from autograder.web.http import is_url

    url = str(settings_of(course).url).rstrip("/")
    if not url:
        raise CourseError(
            _(
                "the URL of the web tool is not set; set c.WebSettings.url = 'https://tool.example.org' in "
                "{file}, or pass --url",
                file=course.root / CONFIG_FILE,
            )
        )
    if is_url(url) and url.count("/") == 2:
        return url
    if url.startswith("http://"):
        raise CourseError(
            _(
                "the URL of the web tool is {url}, but within the page of an LMS browsers keep its cookies "
                "only over https; put a reverse proxy with TLS in front of it (`autograder docs web`) and use the "
                "https:// URL",
                url=url,
            )
        )
    raise CourseError(
        _(
            "invalid URL of the web tool: {url}; expected scheme and host without a path, such as "
            "https://tool.example.org",
            url=repr(url),
        )
    )


def check_packages() -> None:
    """Raise CourseError if packages of the web tool are not installed."""
    missing = [name for name in REQUIRED_PACKAGES if find_spec(name) is None]
    if missing:
        raise CourseError(
            _(
                "the web tool needs packages that are not installed ({missing}); in the clone run `pip "
                'install ".[course,web]"`',
                missing=", ".join(missing),
            )
        )

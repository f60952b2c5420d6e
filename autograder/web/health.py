"""Health checks of the web tool: its URL, its database, the LMS connections, the queues."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import make_url

from autograder.course import Course
from autograder.errors import CourseError
from autograder.i18n import _, moment_text, ngettext
from autograder.reports.finding import Finding
from autograder.text import Text, one_line, some_of, visible
from autograder.web.catalog import refusals
from autograder.web.db.database import Database
from autograder.web.db.models import Context, Platform, now
from autograder.web.db.queue_status import read_queue_status
from autograder.web.heartbeat import is_silent, last_beat
from autograder.web.settings import base_url_of, check_packages, database_of, folder_of, settings_of

MAX_TITLE = 60
"""Characters of the title of an LMS's course, which its teachers choose."""


def check_web_tool(course: Course) -> tuple[Finding, ...]:
    """Run all checks; empty if the course has no web tool. Calls the tool and the LMSs, with timeouts."""
    if not settings_of(course).url:
        return ()
    return tuple(_findings(course))


def _findings(course: Course) -> Iterator[Finding]:
    try:
        check_packages()
        url = base_url_of(course)
    except CourseError as error:
        yield Finding(_("web tool"), False, error.message)
        return
    yield Finding(_("URL of the web tool"), True, url)
    yield _folder(course)
    database, finding = _open_database(course)
    yield finding
    if database is None:
        return
    try:
        yield _key_set(database, url)
        yield from _platforms(database)
        yield from _unconfirmed(database)
        for name, reason in refusals(course).items():
            yield Finding(_("{assignment} cannot be opened over the web", assignment=name), None, reason)
        yield from _waiting(course, database, now())
    finally:
        database.close()


def _folder(course: Course) -> Finding:
    folder = folder_of(course)
    open_bits = folder.stat().st_mode & 0o077
    return Finding(
        _("the web tool's folder is closed to other users"),
        not open_bits,
        f"chmod 700 {folder}" if open_bits else str(folder),
    )


def _open_database(course: Course) -> tuple[Database | None, Finding]:
    name = _("database of the web tool")
    location = database_of(course)
    try:
        if isinstance(location, Path) and not location.exists():
            return None, Finding(name, False, f"{location}: `autograder serve`, `autograder lms register`")
        database = Database.open(location)
    except CourseError as error:
        return None, Finding(name, False, error.message)
    address = (
        location if isinstance(location, Path) else make_url(location).render_as_string(hide_password=True)
    )
    return database, Finding(name, True, str(address))


def _key_set(database: Database, url: str) -> Finding:
    """Check that the base URL leads to this tool, by the keys published there."""
    from autograder.web.lti.tool_keys import published_keys

    own = {key["kid"] for key in published_keys(database)["keys"]}
    served, problem = _keys_at(f"{url}/lti/jwks")
    if not problem and not own <= served:
        problem = "another tool's keys, or another database's / 다른 도구나 다른 데이터베이스의 키"
    return Finding(_("this tool answers at its URL"), not problem, problem or f"{url}/lti/jwks")


def _platforms(database: Database) -> Iterator[Finding]:
    from autograder.web.http import LmsHttpClient
    from autograder.web.lti.services import Services

    with database.read() as session:
        platforms = session.scalars(select(Platform).where(Platform.active).order_by(Platform.id)).all()
    if not platforms:
        yield Finding(_("registered LMS"), False, "autograder lms register --help")
    for platform in platforms:
        problem: Text | str
        _keys, problem = _keys_at(platform.key_set_url)
        if not problem and not platform.deployments:
            problem = "autograder lms register ... --deployment ID"
        if not problem:
            with LmsHttpClient() as http:
                error = Services(database, http).token_error(platform.id)
            problem = _("no access token: {error}", error=error) if error else ""
        name = f"LMS {platform.issuer} ({platform.client_id})"
        yield Finding(Text.same(name), not problem, problem or ", ".join(platform.deployments))


def _unconfirmed(database: Database) -> Iterator[Finding]:
    """Yield the courses of an LMS that nobody has confirmed; somebody else's may stay so."""
    with database.read() as session:
        contexts = session.scalars(
            select(Context).where(Context.confirmed_at.is_(None)).order_by(Context.id)
        ).all()
    if contexts:
        names = [
            f"{context.id} “{visible(one_line(context.title or context.lms_id), MAX_TITLE)}”"
            for context in contexts
        ]
        yield Finding(
            _("courses of an LMS that nobody has confirmed"),
            None,
            _("{courses}; if one is yours: `autograder lms confirm NUMBER`", courses=some_of(names)),
        )


def _keys_at(url: str) -> tuple[set[str], Text | str]:
    """Return the key ids of the key set at a URL, and an error message, or an empty one."""
    import requests

    from autograder.web.http import LmsHttpClient

    try:
        with LmsHttpClient() as http:
            response = http.get(url)
        if response.status_code != 200:
            return set(), f"{url}: HTTP {response.status_code}"
        keys = {str(key["kid"]) for key in response.json()["keys"]}
    except requests.RequestException as error:
        return set(), f"{url}: {type(error).__name__}"
    except (ValueError, TypeError, KeyError, RecursionError):
        return set(), _("{url}: not a key set", url=url)
    return keys, "" if keys else _("{url}: an empty key set", url=url)


def _waiting(course: Course, database: Database, moment: datetime) -> Iterator[Finding]:
    with database.read() as session:
        left = read_queue_status(session, moment, course.hidden_assignments(moment))
    age = int((moment - left.since).total_seconds() // 60) if left.since else 0
    yield Finding(
        ngettext(
            "{n} submission waiting to be graded, the oldest for {age} min",
            "{n} submissions waiting to be graded, the oldest for {age} min",
            left.free,
            age=age,
        )
        if left.free
        else _("no submission waiting to be graded"),
        not left.too_long(moment),
        "",
    )
    alive = last_beat(course)
    seen = moment_text(alive, course.zone) if alive else "-"
    if is_silent(alive, moment):
        yield Finding(_("no worker is grading (last seen {seen})", seen=seen), False, "autograder worker")
    else:
        yield Finding(_("a worker is grading (last seen {seen})", seen=seen), True, "")
    yield Finding(
        ngettext(
            "{n} score waiting to be sent, {refused} refused by an LMS",
            "{n} scores waiting to be sent, {refused} refused by an LMS",
            left.unsent,
            refused=left.refused,
        ),
        not left.refused,
        "",
    )
    if left.hidden:
        yield Finding(left.hidden_text, True, "")

"""Rows that the tests of the store begin with."""

from __future__ import annotations

import secrets
import time

import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, Context, Person, Platform, ResourceLink

HARD_NAMES = ('Kim, "Minji"', "김민지", "=SUM(1,2)", "O'Neil", "Müller; Jörg")


def platform(session: Session) -> Platform:
    """An LMS."""
    made = Platform(
        issuer="https://lms.example",
        client_id=secrets.token_hex(8),
        auth_login_url="https://lms.example/login",
        auth_token_url="https://lms.example/token",
        key_set_url="https://lms.example/keys",
        deployments=["1"],
    )
    session.add(made)
    session.flush()
    return made


def course_link(session: Session, where: Platform, name: str = "lstm") -> int:
    """An activity in a course of the LMS."""
    context = Context(platform=where, deployment="1", lms_id=name)
    made = ResourceLink(context=context, resource_link_id=name, assignment=name)
    session.add(made)
    session.flush()
    return made.id


def person(session: Session, where: Platform, name: str = "김민지") -> int:
    """Somebody whom the LMS knows."""
    made = Person(platform=where, subject=secrets.token_hex(8), name=name, pseudonym=secrets.token_hex(8))
    session.add(made)
    session.flush()
    return made.id


def attempt(session: Session, link: int, who: int) -> int:
    """A file handed in."""
    made = Attempt(course_link_id=link, person_id=who, sha256="0" * 64, path="1/lstm.ipynb", edition="en")
    session.add(made)
    session.flush()
    return made.id


def attempts(session: Session, count: int) -> list[int]:
    """So many files handed in, by as many people."""
    where = platform(session)
    link = course_link(session, where)
    names = HARD_NAMES * (count // len(HARD_NAMES) + 1)
    return [attempt(session, link, person(session, where, name)) for name in names[:count]]


def clear(session: Session) -> None:
    """Take all rows away: everything hangs on a platform."""
    session.execute(delete(Platform))


def somebody_waits(database: Database) -> None:
    """Wait until a transaction on PostgreSQL waits for another one's lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(1200):
        with database.read() as session:
            if session.scalar(waiting):
                return
        time.sleep(0.05)
    pytest.fail("nobody waits for anybody")

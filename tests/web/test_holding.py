"""On PostgreSQL rows are locked in one order: nobody waits for somebody who waits for them.

It shows with one student who has two accounts in an activity, since the worker writes what stands for both at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from autograder.course import Course, SubmissionId
from autograder.nbgrader.final_grades import Entry
from autograder.web.db import final_grades
from autograder.web.db.database import Database
from autograder.web.db.models import Context, FinalGrade, Person, now
from autograder.web.lti.roster_sync import Fetch, store_members
from autograder.web.lti.services import Member
from autograder.web.worker.watch_gradebook import GradebookWatcher
from tests.support import copy_course
from tests.web import database_rows
from tests.web.conftest import Cluster


@dataclass
class Student:
    """Two accounts; what stands for the second was written first, so that a scan finds it first."""

    database: Database
    link: int
    accounts: tuple[int, int]

    def meanwhile(self, other: Callable[[], Any], table: type[Person] | type[FinalGrade]) -> None:
        """The worker has the first account's row, the other begins and waits, and the worker takes the second's."""
        first, second = (one if table is Person else (self.link, one) for one in self.accounts)
        with ThreadPoolExecutor(1) as pool:
            with self.database.write() as session:
                session.get_one(table, first, with_for_update={"key_share": True})
                begun = pool.submit(other)
                database_rows.somebody_waits(self.database)
                session.get_one(table, second, with_for_update={"key_share": True})
            begun.result(120)

    def is_stale(self) -> bool:
        with self.database.read() as session:
            return all(session.scalars(select(FinalGrade.stale)))


@pytest.fixture
def student(cluster: Cluster) -> Iterator[Student]:
    database = Database.open(cluster.new())
    with database.write() as session:
        where = database_rows.platform(session)
        link = database_rows.course_link(session, where)
        first, second = database_rows.person(session, where), database_rows.person(session, where)
        for one in (second, first):
            session.get_one(Person, one).student_id = "s1"
            database_rows.attempt(session, link, one)
            session.add(FinalGrade(course_link_id=link, person_id=one, stale=False))
            session.flush()
    yield Student(database, link, (first, second))
    database.close()


def test_having_a_class_worked_out_anew(student: Student) -> None:
    """As after a change of the settings."""

    def ask() -> None:
        with student.database.write() as session:
            final_grades.mark_stale(session, student.link)

    student.meanwhile(ask, FinalGrade)
    assert student.is_stale()


def test_noticing_what_formgrader_did(student: Student) -> None:
    """The gradebook says something else of both accounts."""
    entry = Entry({"last_hidden-check": {"score": 1.0, "points": 4.0, "manual": True}})
    opened: Any = SimpleNamespace(
        gradebook=SimpleNamespace(entries=lambda: {SubmissionId("s1", "lstm"): entry})
    )
    student.meanwhile(lambda: GradebookWatcher(student.database).step(opened), FinalGrade)
    assert student.is_stale()


def test_reading_the_roster(student: Student, tmp_path: Path) -> None:
    """The LMS lists the second account first, and both have another name by now."""
    course = Course.open(copy_course(tmp_path / "course"))
    with student.database.read() as session:
        context = session.scalars(select(Context)).one()
        subjects = [session.get_one(Person, one).subject for one in reversed(student.accounts)]
    members = [Member(one, "박서준", "", "student", active=True) for one in subjects]
    fetch = Fetch(now(), now(), student.accounts[0])
    student.meanwhile(lambda: store_members(student.database, course, context, members, fetch), Person)
    with student.database.read() as session:
        assert set(session.scalars(select(Person.name))) == {"박서준"}

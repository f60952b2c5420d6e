"""Erases a student: rows, files, gradebook entries, and the traces of deleted rows in database files."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.errors import CourseError
from autograder.grading import given_out, regrade_log
from autograder.i18n import _
from autograder.nbgrader.grades_csv import write_grades_files
from autograder.nbgrader.students import is_in_gradebook, remove_student
from autograder.reports.report_files import remove_reports
from autograder.roster import Group, Roster, groups_of, write, write_groups
from autograder.web.db.database import Database
from autograder.web.db.models import (
    Attempt,
    ClassRegrade,
    Extension,
    GradingJob,
    Launch,
    Membership,
    Override,
    Person,
    RegradeRequest,
    ResourceLink,
    StaffMessage,
)
from autograder.web.privacy import lookup
from autograder.web.worker_lock import worker_lock

WAIT = 30.0
"""Seconds to wait for other processes to release a database file."""


@dataclass(frozen=True)
class StoredData:
    """The stored data of a student."""

    student: lookup.FoundStudent
    rows: dict[str, int]
    """The number of rows by table."""
    folders: tuple[Path, ...]
    in_gradebook: bool
    in_roster: bool
    groups: tuple[str, ...]
    """Assignments in which the student is in a group."""


def find_stored_data(database: Database, course: Course, query: str) -> StoredData:
    """Return what `erase_student` would delete. Raises CourseError unless the query matches exactly one student."""
    with database.read() as session:
        student = lookup.find(session, course, query)
        by_table = lookup.rows(session, student)
        for account in student.accounts:
            _ = account.platform.issuer  # loaded now, to be shown after the session
    return StoredData(
        student,
        {name: len(rows) for name, rows in by_table.items() if rows},
        tuple(lookup.folders(course, by_table, student)),
        is_in_gradebook(course, student.student_id),
        lookup.in_roster(course, student) is not None,
        tuple(lookup.groups_with(course, student)),
    )


def erase_student(database: Database, course: Course, kept: StoredData) -> list[str]:
    """Delete all data of a student. Returns the database files that could not be wiped, with the reason.

    Rows are deleted last, so that the same command can continue after an interruption. Raises CourseError while a
    submission of the student is being graded, since the grader would store it again.
    """
    student = kept.student
    with worker_lock(course) as no_worker, database.write() as session:
        _lock_jobs(session, student, is_graded=not no_worker)
        # locked and read again: the student may have submitted since the data was shown
        session.scalars(
            select(Person.id).where(Person.id.in_(student.ids)).order_by(Person.id).with_for_update()
        ).all()
        for folder in lookup.folders(course, lookup.rows(session, student), student):
            shutil.rmtree(folder)
        _remove_from_gradebook(course, student.student_id)
        if student.student_id is not None:
            given_out.forget(course, student.student_id)
            regrade_log.forget(course, student.student_id)
        remove_reports(course)
        _remove_from_lists(course, student)
        _pseudonymize_staff(session, course, student)
        launches = [
            launch.id for launch in lookup.rows(session, student)["launch"] if isinstance(launch, Launch)
        ]
        session.execute(delete(Launch).where(Launch.id.in_(launches)))
        session.execute(delete(Person).where(Person.id.in_(student.ids)))
    urls = [database.engine.url, make_url(course.gradebook_url)]
    files = [Path(url.database) for url in urls if url.get_backend_name() == "sqlite" and url.database]
    return [problem for path in files if path.is_file() and (problem := _wipe(path))]


def _lock_jobs(session: Session, student: lookup.FoundStudent, *, is_graded: bool) -> None:
    """Lock the student's jobs until the end of the transaction. is_graded: whether a worker grades what is claimed."""
    jobs = session.scalars(
        select(GradingJob)
        .join(Attempt, GradingJob.attempt_id == Attempt.id)
        .where(Attempt.person_id.in_(student.ids))
        .with_for_update(of=GradingJob)
    ).all()
    if is_graded and any(job.state == "leased" for job in jobs):
        raise CourseError(
            _("a submission of this student is being graded; nothing was deleted. Try again in a minute")
        )


def _remove_from_gradebook(course: Course, student_id: str | None) -> None:
    if student_id is None or not is_in_gradebook(course, student_id):
        return
    remove_student(course, student_id)
    if (course.root / "grades.csv").is_file():
        write_grades_files(course)


def _remove_from_lists(course: Course, student: lookup.FoundStudent) -> None:
    """Remove the student from the roster and from groups."""
    roster = Roster.of(course)
    if roster.path and lookup.in_roster(course, student):
        write(roster.path, [person for person in roster.people if person.student_id != student.student_id])
    for name in lookup.groups_with(course, student):
        others = [
            Group(group.name, tuple(member for member in group.members if member != student.student_id))
            for group in groups_of(course, name)
        ]
        write_groups(course, name, others)


def _pseudonymize_staff(session: Session, course: Course, student: lookup.FoundStudent) -> None:
    """Replace the name by the pseudonym in other people's rows, for a person who taught or assisted."""
    for account in student.accounts:
        taught = (
            select(ResourceLink.id)
            .join(Membership, Membership.context_id == ResourceLink.context_id)
            .where(Membership.person_id == account.id, Membership.role != "student")
        )
        if not account.name:
            continue
        for table in (Extension, Override, StaffMessage):
            session.execute(
                update(table)
                .where(table.made_by == account.name, table.course_link_id.in_(taught))
                .values(made_by=account.pseudonym)
            )
        theirs = select(Attempt.id).where(Attempt.course_link_id.in_(taught))
        if account.name in _regraders(session, taught):
            regrade_log.rename_account(course, account.name, account.pseudonym)
        for column in (ClassRegrade.made_by, ClassRegrade.applied_by, ClassRegrade.undone_by):
            session.execute(
                update(ClassRegrade)
                .where(column == account.name, ClassRegrade.course_link_id.in_(taught))
                .values({column: account.pseudonym})
            )
        session.execute(
            update(RegradeRequest)
            .where(RegradeRequest.answered_by == account.name, RegradeRequest.attempt_id.in_(theirs))
            .values(answered_by=account.pseudonym)
        )


def _regraders(session: Session, links: Select[Any]) -> set[str]:
    """Return who applied or undid a regrade in some activities, by name."""
    query = select(ClassRegrade.applied_by, ClassRegrade.undone_by).where(
        ClassRegrade.course_link_id.in_(links)
    )
    return {name for row in session.execute(query) for name in row if name}


def _wipe(path: Path) -> str:
    """Rewrite a database file without the traces of deleted rows. Returns why it failed, or an empty text."""
    try:
        with closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        return f"{path}: {error}"
    return f"{path}: another process is reading it" if busy else ""

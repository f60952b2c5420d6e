"""Finds a student by id, e-mail address or LMS id, and everything stored about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.nbgrader.students import is_in_gradebook
from autograder.roster import STUDENT, Roster, RosterEntry, groups_of
from autograder.suggestions import near_names, plain
from autograder.web.db.models import (
    Attempt,
    Delivery,
    Extension,
    FinalGrade,
    GradingJob,
    KeptCases,
    Launch,
    Membership,
    Override,
    Person,
    RegradedAttempt,
    RegradeRequest,
    StaffMessage,
)
from autograder.web.db.types import Table
from autograder.web.settings import files_of

OF_PERSON: tuple[Any, ...] = (Membership, Attempt, Delivery, Extension, Override, FinalGrade, StaffMessage)
OF_ATTEMPT: tuple[Any, ...] = (GradingJob, RegradeRequest, RegradedAttempt, KeptCases)


@dataclass(frozen=True)
class FoundStudent:
    """A student of the course, with their accounts in LMSs."""

    student_id: str | None
    """None for an account that is not linked to the gradebook."""
    accounts: tuple[Person, ...]

    @property
    def ids(self) -> list[int]:
        """The ids of the accounts' rows."""
        return [account.id for account in self.accounts]

    def __str__(self) -> str:
        accounts = [f"{account.platform.issuer} (in logs: {account.pseudonym})" for account in self.accounts]
        return " at ".join(filter(None, (self.student_id or "without a student id", ", ".join(accounts))))


def find(session: Session, course: Course, query: str) -> FoundStudent:
    """Return the student with this id, e-mail address, LMS subject or pseudonym in the logs.

    Raises CourseError if no student matches, or more than one.
    """
    people = session.scalars(select(Person)).all()
    query = query.strip()
    hits = [person for person in people if _matches(query, person)]
    roster = Roster.of(course)
    ids = {person.student_id for person in hits if person.student_id}
    ids |= {entry.student_id for entry in roster.people if _matches_entry(query, entry)}
    if not ids and not hits and STUDENT.fullmatch(query) and _is_in_course(course, query):
        ids.add(query)
    nameless = [person for person in hits if not person.student_id]
    students = [
        *(
            FoundStudent(student_id, tuple(p for p in people if p.student_id == student_id))
            for student_id in sorted(ids)
        ),
        *(FoundStudent(None, (person,)) for person in nameless),
    ]
    if not students:
        identifiers = {text for person in people for text in (person.student_id, person.email) if text}
        identifiers |= {text for entry in roster.people for text in (entry.student_id, entry.email) if text}
        near = near_names(query, sorted(identifiers))
        hint = (
            _("did you mean {name}?", name=", ".join(near))
            if near
            else _("give a student id, an e-mail address or an LMS's id")
        )
        raise CourseError(_("no student {query}; {hint}", query=repr(query), hint=hint))
    if len(students) > 1:
        raise CourseError(
            _(
                "{query} matches {number} people: {found}. Give a student id, or the pseudonym in the logs",
                query=repr(query),
                number=len(students),
                found="; ".join(map(str, students)),
            )
        )
    return students[0]


def rows(session: Session, student: FoundStudent) -> dict[str, list[Table]]:
    """Return every row about a student, by the name of its table."""
    by_table: dict[str, list[Table]] = {"person": list(student.accounts)}
    for table in OF_PERSON:
        by_table[table.__tablename__] = _all(session, select(table).where(table.person_id.in_(student.ids)))
    attempts = [attempt.id for attempt in by_table["attempt"] if isinstance(attempt, Attempt)]
    for table in OF_ATTEMPT:
        by_table[table.__tablename__] = _all(session, select(table).where(table.attempt_id.in_(attempts)))
    by_table["launch"] = list(_launches(session, student))
    return by_table


def folders(course: Course, by_table: Mapping[str, Iterable[Table]], student: FoundStudent) -> list[Path]:
    """Return the existing folders with a student's submissions and feedback."""
    files = files_of(course)
    kept = [(files / attempt.path).parent for attempt in by_table["attempt"] if isinstance(attempt, Attempt)]
    # a path that leads outside is not followed, whoever wrote it
    kept = [folder for folder in kept if folder != files and folder.resolve().is_relative_to(files.resolve())]
    if student.student_id:
        parts = (*course.student_folders, course.set_aside("replaced"))
        kept += [part / student.student_id for part in parts]
    return sorted({folder for folder in kept if folder.is_dir() and not folder.is_symlink()})


def in_roster(course: Course, student: FoundStudent) -> RosterEntry | None:
    """Return the student's entry in the roster, if any."""
    return next((entry for entry in Roster.of(course).people if entry.student_id == student.student_id), None)


def groups_with(course: Course, student: FoundStudent) -> list[str]:
    """Return the assignments in which the student is in a group."""
    return [
        name
        for name in course.assignments
        if any(student.student_id in group.members for group in groups_of(course, name))
    ]


def _matches(query: str, account: Person) -> bool:
    return query in (account.subject, account.pseudonym) or plain(query) in {
        plain(text) for text in (account.student_id, account.email) if text
    }


def _matches_entry(query: str, entry: RosterEntry) -> bool:
    return query == entry.lti_subject or plain(query) in {plain(entry.student_id), plain(entry.email)} - {""}


def _is_in_course(course: Course, student_id: str) -> bool:
    there = FoundStudent(student_id, ())
    return bool(folders(course, {"attempt": []}, there)) or is_in_gradebook(course, student_id)


def _all(session: Session, wanted: Select[Any]) -> list[Table]:
    return list(session.scalars(wanted).all())


def _launches(session: Session, student: FoundStudent) -> Iterable[Launch]:
    """Yield the student's launches."""
    for launch in session.scalars(select(Launch)):
        if (launch.claims or {}).get("person") in student.ids:
            yield launch

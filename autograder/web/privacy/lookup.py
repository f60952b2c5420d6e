"""Who is meant by an id, an address or an LMS's own id, and what the course keeps of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.errors import CourseError
from autograder.roster import STUDENT, Roster, groups_of, plain
from autograder.roster import Person as Someone
from autograder.web.db.models import (
    Attempt,
    Delivery,
    Extension,
    FinalGrade,
    GradingJob,
    Launch,
    Membership,
    Override,
    Person,
    RegradeRequest,
    Replay,
)
from autograder.web.db.types import Table
from autograder.web.settings import folder_of

OF_PERSON: tuple[Any, ...] = (Membership, Attempt, Delivery, Extension, Override, FinalGrade)
OF_ATTEMPT: tuple[Any, ...] = (GradingJob, RegradeRequest, Replay)
FOLDERS = (
    ("submitted_directory", "submitted"),
    ("autograded_directory", "autograded"),
    ("feedback_directory", "feedback"),
)


@dataclass(frozen=True)
class Student:
    """One student of the course, with the accounts that LMSs know them by."""

    student_id: str | None
    """None for an account of which the gradebook knows nothing."""
    accounts: tuple[Person, ...]

    @property
    def ids(self) -> list[int]:
        """Of the accounts' rows."""
        return [one.id for one in self.accounts]

    def __str__(self) -> str:
        known = [f"{one.platform.issuer} (in logs: {one.pseudonym})" for one in self.accounts]
        return " at ".join(filter(None, (self.student_id or "without a student id", ", ".join(known))))


def find(session: Session, course: Course, told: str) -> Student:
    """The one student whose id, address or LMS subject this is, or whose pseudonym in the logs.

    Raises CourseError where it is nobody's, or several students'.
    """
    people = session.scalars(select(Person)).all()
    told = told.strip()
    hits = [one for one in people if _is(told, one)]
    roster = Roster.of(course)
    ids = {one.student_id for one in hits if one.student_id}
    ids |= {one.student_id for one in roster.people if _is_in_roster(told, one)}
    if not ids and not hits and STUDENT.fullmatch(told) and _is_in_course(course, told):
        ids.add(told)
    nameless = [one for one in hits if not one.student_id]
    found = [
        *(Student(one, tuple(p for p in people if p.student_id == one)) for one in sorted(ids)),
        *(Student(None, (one,)) for one in nameless),
    ]
    if not found:
        known = {text for one in people for text in (one.student_id, one.email) if text}
        known |= {text for one in roster.people for text in (one.student_id, one.email) if text}
        near = difflib.get_close_matches(told, sorted(known), n=3)
        hint = (
            f"did you mean {', '.join(near)}?"
            if near
            else "give a student id, an e-mail address or an LMS's id"
        )
        raise CourseError(f"nobody here is {told!r}; {hint}")
    if len(found) > 1:
        raise CourseError(
            f"{told!r} is {len(found)} people: {'; '.join(map(str, found))}. Name one by the student id, or by what "
            "stands for them in logs"
        )
    return found[0]


def rows(session: Session, student: Student) -> dict[str, list[Table]]:
    """Every row about a student, by the name of its table."""
    found: dict[str, list[Table]] = {"person": list(student.accounts)}
    for table in OF_PERSON:
        found[table.__tablename__] = _all(session, select(table).where(table.person_id.in_(student.ids)))
    attempts = [one.id for one in found["attempt"] if isinstance(one, Attempt)]
    for table in OF_ATTEMPT:
        found[table.__tablename__] = _all(session, select(table).where(table.attempt_id.in_(attempts)))
    found["launch"] = list(_launches(session, student))
    return found


def folders(course: Course, found: Mapping[str, Iterable[Table]], student: Student) -> list[Path]:
    """The folders that hold a student's hand-ins and feedback, those that exist."""
    files = folder_of(course) / "files"
    kept = [(files / one.path).parent for one in found["attempt"] if isinstance(one, Attempt)]
    # a path that leads elsewhere is not followed, whoever wrote it
    kept = [one for one in kept if one != files and one.resolve().is_relative_to(files.resolve())]
    if student.student_id:
        parts = [str(course.config.CourseDirectory.get(name, usual)) for name, usual in FOLDERS]
        kept += [course.root / part / student.student_id for part in (*parts, "build/replaced")]
    return sorted({one for one in kept if one.is_dir() and not one.is_symlink()})


def in_roster(course: Course, student: Student) -> Someone | None:
    """The student's line in the roster."""
    return next((one for one in Roster.of(course).people if one.student_id == student.student_id), None)


def groups_with(course: Course, student: Student) -> list[str]:
    """Assignments in which a group has the student."""
    return [
        name
        for name in course.assignments
        if any(student.student_id in group.members for group in groups_of(course, name))
    ]


def is_in_gradebook(course: Course, student_id: str | None) -> bool:
    """Whether the gradebook knows a student."""
    if student_id is None or not _is_there(course):
        return False
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        try:
            gradebook.find_student(student_id)
        except MissingEntry:
            return False
    return True


def _is_there(course: Course) -> bool:
    """Whether there is a gradebook; to open one that is not there would make it."""
    path = course.gradebook_url.removeprefix("sqlite:///")
    return path == course.gradebook_url or Path(path).is_file()


def _is(told: str, one: Person) -> bool:
    return told in (one.subject, one.pseudonym) or plain(told) in {
        plain(text) for text in (one.student_id, one.email) if text
    }


def _is_in_roster(told: str, one: Someone) -> bool:
    return told == one.lti_subject or plain(told) in {plain(one.student_id), plain(one.email)} - {""}


def _is_in_course(course: Course, student_id: str) -> bool:
    there = Student(student_id, ())
    return bool(folders(course, {"attempt": []}, there)) or is_in_gradebook(course, student_id)


def _all(session: Session, wanted: Select[Any]) -> list[Table]:
    return list(session.scalars(wanted).all())


def _launches(session: Session, student: Student) -> Iterable[Launch]:
    """Launches of the student's, and logins that were begun for them and not gone on with."""
    begun = {(one.platform_id, one.subject) for one in student.accounts}
    for one in session.scalars(select(Launch)):
        of = (one.claims or {}).get("person")
        if of in student.ids or (of is None and (one.platform_id, one.params.get("login_hint")) in begun):
            yield one

"""Submission times and extensions, for nbgrader's late policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.i18n import _, moment_text
from autograder.lms.moodle.worksheet import Worksheet
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.nbgrader.registration import ensure_registered, unreleased
from autograder.roster import Roster, RosterEntry, id_of, rows_of
from autograder.text import Text, some_of

COLUMNS = ("student_id", "assignment", "handed_in", "extended_until")


@dataclass(frozen=True)
class Time:
    """The time of a submission and the end of its extension; None if unknown."""

    handed_in: datetime | None = None
    extended_until: datetime | None = None


@dataclass
class Times:
    """Times that were read, and the lines that name nothing known."""

    by_submission: dict[SubmissionId, Time] = field(default_factory=dict)
    unknown: list[Text] = field(default_factory=list)
    """Students and assignments that the course does not have, with similar names, and lines without a usable time."""
    is_of_whole_class: bool = False
    """Whether the file names everybody, also those whose submissions are not here."""


@dataclass
class Noted:
    """The outcome of recording times."""

    handed_in: int = 0
    extended: int = 0
    early: list[Text] = field(default_factory=list)
    """Students whose submissions are not here yet, which is nothing wrong."""
    lost: list[Text] = field(default_factory=list)
    """Times that somebody has to see to: unknown students, submissions that are not here, no due date to extend."""


def of_worksheet(worksheet: Worksheet, roster: Roster, assignment: str) -> Times:
    """Return the times in Moodle's worksheet; participants with a time who are not in the roster are unknown."""
    read = Times(is_of_whole_class=True)
    for participant in worksheet.participants:
        if not (participant.handed_in or participant.extended_until):
            continue
        person = roster.find(participant.identifiers, assignment=assignment)
        if isinstance(person, RosterEntry):
            submission = SubmissionId(person.student_id, assignment)
            read.by_submission[submission] = Time(participant.handed_in, participant.extended_until)
        else:
            read.unknown.append(person.text)
    return read


def of_file(course: Course, path: Path, known: Roster) -> Times:
    """Return the times in a CSV file with the columns student_id and assignment, and handed_in, extended_until or both.

    known: the students whom the file may name; see `Roster.known`. Several lines may give the times of one submission.
    Raises CourseError, with the line, for an invalid time.
    """
    read = Times()
    for line, row in rows_of(path, COLUMNS, needed=("student_id", "assignment")):
        time = _time_in(row, course, path, line)
        try:
            assignment = course.check_assignment(row["assignment"])
            submission = SubmissionId(id_of(known.find_any(row["student_id"])), assignment)
            read.by_submission[submission] = _merged(read.by_submission.get(submission, Time()), time)
        except CourseError as error:
            read.unknown.append(_("{path}:{line}: {error}", path=path, line=line, error=error.message))
    return read


def _time_in(row: Mapping[str, str], course: Course, path: Path, line: int) -> Time:
    try:
        return Time(**{name: _iso(row[name], course) if row.get(name) else None for name in COLUMNS[2:]})
    except ValueError as error:
        raise CourseError(
            _(
                "{path}:{line}: {error}; expected a time such as 2027-03-31 23:59",
                path=path,
                line=line,
                error=error,
            )
        ) from None


def _merged(earlier: Time, time: Time) -> Time:
    """Return the times of two lines about one submission. Raises CourseError where they differ, or none is given."""
    if time == Time():
        raise CourseError(_("no time; fill in handed_in, extended_until or both"))
    given = {name: value for name, value in vars(time).items() if value is not None}
    if any(getattr(earlier, name) not in (None, value) for name, value in given.items()):
        raise CourseError(_("another time than in an earlier line, which counts; keep one of the two"))
    return replace(earlier, **given)


def _iso(text: str, course: Course) -> datetime:
    if len(text) <= len("2027-03-31"):  # a date alone would mean midnight: a day too early, or too late
        raise ValueError(f"{text!r} names no hour")
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=course.zone)


def note(course: Course, times: Times) -> Noted:
    """Write the times where nbgrader looks for them: next to the submission, and in the gradebook."""
    noted = Noted(lost=list(times.unknown))
    extended: dict[SubmissionId, datetime] = {}
    not_here: dict[str, list[str]] = {}
    for job, time in times.by_submission.items():
        if not course.submitted_folder(job).is_dir():
            if time.handed_in is not None:
                not_here.setdefault(job.assignment, []).append(job.student)
            if time.extended_until is not None:
                noted.early.append(
                    _(
                        "{student} has not handed in {assignment}, and may until {time}",
                        student=job.student,
                        assignment=job.assignment,
                        time=moment_text(time.extended_until, course.zone),
                    )
                )
            continue
        if time.handed_in is not None:
            text = time.handed_in.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            atomic_write(course.submitted_folder(job) / "timestamp.txt", text + "\n")
            noted.handed_in += 1
        if time.extended_until is not None:
            extended[job] = time.extended_until
    # a worksheet lists everybody, with or without a submission or a due date here
    unused = noted.early if times.is_of_whole_class else noted.lost
    unused.extend(
        _(
            "{students}: a submission time, but no submission of {assignment} in {folder}; collect it and run this "
            "again",
            students=some_of(students),
            assignment=assignment,
            folder=course.submitted,
        )
        for assignment, students in not_here.items()
    )
    if extended:
        names = sorted({job.assignment for job in extended})
        ensure_registered(course, [name for name in names if course.assignment(name).is_built])
        missing = unreleased(course, [name for name in names if not course.assignment(name).is_built])
        noted.lost += missing.values()
        with GradebookWriter(course) as ledger:
            for job, until in extended.items():
                if job.assignment in missing:
                    continue
                if ledger.grant(job, until):
                    noted.extended += 1
                else:
                    unused.append(
                        _(
                            "{assignment} has no due date to extend for {student}: set c.CourseSettings.due and run "
                            "this again",
                            assignment=job.assignment,
                            student=job.student,
                        )
                    )
    return noted

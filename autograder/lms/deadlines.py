"""Submission times and extensions, for nbgrader's late policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.i18n import _, moment_text
from autograder.lms.moodle.worksheet import Worksheet
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.nbgrader.registration import ensure_registered
from autograder.roster import Roster, RosterEntry, rows_of
from autograder.text import Text

COLUMNS = ("student_id", "assignment", "handed_in", "extended_until")


@dataclass(frozen=True)
class Time:
    """The time of a submission and the end of its extension; None if unknown."""

    handed_in: datetime | None = None
    extended_until: datetime | None = None


@dataclass
class Noted:
    """The outcome of recording times."""

    handed_in: int = 0
    extended: int = 0
    without: list[Text] = field(default_factory=list)
    """Students with a time but no submission here, or with an extension but no due date."""


def of_worksheet(worksheet: Worksheet, roster: Roster, assignment: str) -> dict[SubmissionId, Time]:
    """Return the times in Moodle's worksheet, of its participants who are in the roster."""
    times = {}
    for participant in worksheet.participants:
        person = roster.find(participant.identifiers, assignment=assignment)
        if isinstance(person, RosterEntry) and (participant.handed_in or participant.extended_until):
            times[SubmissionId(person.student_id, assignment)] = Time(
                participant.handed_in, participant.extended_until
            )
    return times


def of_file(course: Course, path: Path, roster: Roster) -> dict[SubmissionId, Time]:
    """Return the times in a CSV file with the columns student_id and assignment, and handed_in, extended_until or both.

    Raises CourseError, with the line, for an invalid time or a student who is not in the roster.
    """
    times = {}
    for line, row in rows_of(path, COLUMNS, needed=("student_id", "assignment")):
        course.check_assignment(row["assignment"])
        student = row["student_id"]
        if roster:
            person = roster.find_any(student)
            if not isinstance(person, RosterEntry):
                raise CourseError(_("{path}:{line}: {person}", path=path, line=line, person=person.text))
            student = person.student_id
        try:
            moments = {name: _iso(row[name], course) if row.get(name) else None for name in COLUMNS[2:]}
        except ValueError as error:
            raise CourseError(
                _(
                    "{path}:{line}: {error}; expected a time such as 2027-03-31 23:59",
                    path=path,
                    line=line,
                    error=error,
                )
            ) from None
        times[SubmissionId(student, row["assignment"])] = Time(**moments)
    return times


def _iso(text: str, course: Course) -> datetime:
    if len(text) <= len("2027-03-31"):  # a date alone would mean midnight: a day too early, or too late
        raise ValueError(f"{text!r} names no hour")
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=course.zone)


def note(course: Course, times: Mapping[SubmissionId, Time]) -> Noted:
    """Write the times where nbgrader looks for them: next to the submission, and in the gradebook."""
    noted = Noted()
    there = {job: time for job, time in times.items() if course.submitted_folder(job).is_dir()}
    noted.without += [
        _(
            "{student} has not handed in {assignment}, and may until {time}",
            student=job.student,
            assignment=job.assignment,
            time=moment_text(time.extended_until, course.zone),
        )
        for job, time in times.items()
        if job not in there and time.extended_until
    ]
    for job, time in there.items():
        if time.handed_in is not None:
            text = time.handed_in.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            path = course.submitted_folder(job) / "timestamp.txt"
            atomic_write(path, text + "\n")
            noted.handed_in += 1
    extended = {job: time.extended_until for job, time in there.items() if time.extended_until}
    if extended:
        ensure_registered(course, {job.assignment for job in extended})
        with GradebookWriter(course) as ledger:
            for job, until in extended.items():
                if ledger.grant(job, until):
                    noted.extended += 1
                else:
                    noted.without.append(
                        _(
                            "{assignment} has no due date to extend for {student}: set c.CourseSettings.due and run "
                            "this again",
                            assignment=job.assignment,
                            student=job.student,
                        )
                    )
    return noted

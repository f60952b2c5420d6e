"""Exports of the class: a table as CSV, and a zip of submitted files."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from flask import Blueprint, Response, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.errors import UnreadableSubmission
from autograder.files import csv_file
from autograder.grading.wording import plain
from autograder.i18n import _, ngettext
from autograder.notebooks.cells import GRADE_SUFFIX
from autograder.submissions import safe_read
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.db.models import Attempt, FinalGrade, Person
from autograder.web.pages.class_queries import Row, load_rows
from autograder.web.pages.forms import FormError
from autograder.web.pages.sections import load_sections
from autograder.web.pages.staff.access import STAFF, attachment, authenticate_staff, log_change
from autograder.web.pages.staff.class_list import STATES, class_page
from autograder.web.pages.staff.selection import FIELD, load_students, named, selected_ids
from autograder.web.settings import files_of
from autograder.web.visits import Visit

MAX_ZIP = 500_000_000
"""Bytes of submitted files in one zip."""
IN_NAMES = re.compile(r"[^\w@+-]+")
"""What a name in a zip does not contain; a dot could lead out of the folder."""
MISSING = "missing.txt"
DELIVERY_STATES: Mapping[str, Text] = {
    "waiting": _("waiting for the LMS"),
    "confirmed": _("confirmed"),
    "refused": _("refused by the LMS"),
}

blueprint = Blueprint("class_exports", __name__, url_prefix=STAFF)


@blueprint.get("/scores.csv")
def scores(visit_name: str) -> ResponseReturnValue:
    """Send the table of all students as CSV."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        rows = [row for row in load_rows(session, visit.link, load_sections()) if not row.is_staff]
    return _csv_response(visit, rows)


@blueprint.post("/selection/scores.csv")
def selected_scores(visit_name: str) -> ResponseReturnValue:
    """Send the table of the selected students as CSV."""
    visit = authenticate_staff(visit_name)
    try:
        people = selected_ids()
        with tool.database.read() as session:
            load_students(session, visit, people)
            rows = [row for row in load_rows(session, visit.link, load_sections()) if row.person in {*people}]
    except FormError as error:
        return class_page(visit, error)
    return _csv_response(visit, rows)


@blueprint.post("/selection/files.zip")
def files(visit_name: str) -> ResponseReturnValue:
    """Send the submitted files of the selected students: of each the attempt that counts, else the last one."""
    visit = authenticate_staff(visit_name)
    try:
        people = selected_ids()
        with tool.database.read() as session:
            students = load_students(session, visit, people)
            attempts = _attempts(session, visit, people)
        archive = _zip(visit, students, attempts)
    except FormError as error:
        return class_page(visit, error)
    log_change(visit, f"downloaded the files of {len(students)} students")
    return send_file(archive, "application/zip", as_attachment=True, download_name=f"{visit.assignment}.zip")


def _csv_response(visit: Visit, rows: Sequence[Row]) -> Response:
    log_change(visit, "exported the scores")
    return attachment(_to_csv(rows, visit.language), "text/csv", f"{visit.assignment}.csv")


def _to_csv(rows: Sequence[Row], language: str) -> bytes:
    """Return the rows as a CSV file, with a column for the points of each question."""
    questions = list(dict.fromkeys(cell for row in rows for cell in row.cells))
    columns = [
        _("name"), _("student id"), _("e-mail"), _("score"), _("late penalty"), _("maximum"),
        _("attempts"), _("state"), _("handed in at"), _("extended until"), _("more attempts"), _("delivery to the LMS"),
        _("confirmed at"), _("message of the LMS"),
    ]  # fmt: skip
    has_sections = any(row.section for row in rows)
    if has_sections:
        columns.insert(3, _("section"))
    header = [*(column.in_language(language) for column in columns),
              *(cell.removesuffix(GRADE_SUFFIX) for cell in questions)]  # fmt: skip
    return csv_file([header, *(_line(row, questions, language, has_sections) for row in rows)])


def _line(row: Row, questions: Sequence[str], language: str, has_sections: bool) -> list[object]:
    has_score, sent = row.score is not None, row.delivery
    cells = [row.cells.get(name) or {} for name in questions]
    points = [None if cell.get("waits") else cell.get("score") for cell in cells]
    return [
        row.name,
        row.student_id,
        row.email,
        *([row.section] if has_sections else []),
        plain(row.score) if row.score is not None else "",
        plain(row.late) if has_score else "",
        plain(row.maximum) if row.maximum is not None else "",
        row.attempts,
        STATES[row.state].in_language(language),
        _local(row.received_at),
        _local(row.due_at),
        row.more_attempts or "",
        DELIVERY_STATES[sent.state].in_language(language) if sent and sent.state in DELIVERY_STATES else "",
        _local(sent.confirmed_at) if sent else "",
        sent.lms_error.in_language(language) if sent and sent.lms_error else "",
        *("" if value is None else plain(value) for value in points),
    ]


def _local(moment: datetime | None) -> str:
    """Return a time in the zone of the course, as spreadsheets read it."""
    return "" if moment is None else moment.astimezone(tool.course.zone).strftime("%Y-%m-%d %H:%M")


def _attempts(session: Session, visit: Visit, people: Collection[int]) -> dict[int, Any]:
    """Return the attempt of each person that counts, or the last one while none counts."""
    of_link = Attempt.course_link_id == visit.link.id
    last = (
        select(func.max(Attempt.id)).where(of_link, Attempt.person_id.in_(people)).group_by(Attempt.person_id)
    )
    counting = select(FinalGrade.attempt_id).where(
        FinalGrade.course_link_id == visit.link.id, FinalGrade.person_id.in_(people)
    )
    chosen = [*session.scalars(last), *filter(None, session.scalars(counting))]
    columns = (Attempt.id, Attempt.person_id, Attempt.path)
    rows = session.execute(select(*columns).where(of_link, Attempt.id.in_(chosen))).all()
    order = {number: place for place, number in enumerate(chosen)}  # the ones that count come last, and stay
    return {row.person_id: row for row in sorted(rows, key=lambda row: order[row.id])}


def _zip(visit: Visit, students: Sequence[Person], attempts: Mapping[int, Any]) -> IO[bytes]:
    """Return a zip with a folder for each student, and a list of those who have no file. Raises FormError."""
    archive = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
            missing = _write_files(target, visit, students, attempts)
            if len(missing) == len(students):
                raise FormError(
                    _("Students: {names} – no submitted file is there.", names=named(missing)), FIELD
                )
            if missing:
                title = ngettext("{n} student without a file:", "{n} students without a file:", len(missing))
                lines = [f"{person.name} {person.student_id or ''}".strip() for person in missing]
                target.writestr(MISSING, "\n".join([title.in_language(visit.language), *lines, ""]))
    except BaseException:
        archive.close()
        raise
    archive.seek(0)
    return archive


def _write_files(
    target: zipfile.ZipFile, visit: Visit, students: Sequence[Person], attempts: Mapping[int, Any]
) -> list[Person]:
    """Write the files to a zip and return the students who have none. Raises FormError if they are too large."""
    below, size, missing, taken = files_of(tool.course), 0, [], set[str]()
    for student in students:
        attempt = attempts.get(student.id)
        try:
            content = safe_read.read_bytes(below / attempt.path, below=below) if attempt else None
        except (UnreadableSubmission, ValueError):  # a path that leads out of the folder is a ValueError
            content = None
        if content is None:
            missing.append(student)
            continue
        size += len(content)
        if size > MAX_ZIP:
            most = MAX_ZIP // 10**6
            raise FormError(
                _("Students: their files are larger than {n} MB together. Select fewer.", n=most), FIELD
            )
        folder = IN_NAMES.sub("_", student.student_id or f"person-{student.id}")
        folder = folder if folder not in taken else f"{folder}-{student.id}"
        taken.add(folder)
        target.writestr(f"{folder}/{visit.assignment}.ipynb", content)
    return missing

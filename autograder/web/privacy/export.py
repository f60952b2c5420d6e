"""Exports all data of one student, as a file to give to them.

Secrets are left out: tokens, the hidden cells of a graded notebook, and the failing cases that are kept for staff.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_file
from autograder.i18n import _, moment_text
from autograder.nbgrader.students import student_record
from autograder.text import Text
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, KeptCases, Membership, ResourceLink, now
from autograder.web.db.types import Table
from autograder.web.privacy import lookup
from autograder.web.settings import files_of

SECRET = frozenset({"token", "state", "nonce", "lease", "worker", "changes"})
FOR_STAFF = frozenset({KeptCases.__tablename__})
"""Tables with hidden inputs and right answers."""
README = """\
{name}

이 파일은 {made_ko}에 만들었습니다. 과제 채점 도구가 여러분에 대해 가지고 있는 것이 모두 들어 있습니다.

- data.json: 이름, 이메일, LMS에서 쓰는 번호, 활동을 연 때, 제출한 것과 점수와 피드백, 선생님이 준 점수와 늘려 준 기한,
  LMS에 보낸 점수, 성적부에 있는 것.
- hand-ins/: 제출한 노트북과 피드백 페이지. 폴더 이름은 data.json에 있는 attempt의 번호입니다.
- course/: 과목 폴더에 있는, 채점에 쓰인 노트북과 그 피드백 페이지.

들어 있지 않은 것: 로그인에 쓴 비밀 값, 채점한 노트북(남에게 보이지 않는 검사가 들어 있습니다), 통과하지
못한 경우(채점할 때 쓴 숨은 입력과 그때 나온 값, 선생님만 봅니다).

---

This file was made on {made_en}. It holds everything that the grading tool keeps about you.

- data.json: name, e-mail address, the LMS's id of you, when you opened activities, what you handed in with scores and
  feedback, points and extensions that teachers gave, the scores sent to the LMS, and what the gradebook holds.
- hand-ins/: the notebooks that you handed in, with their feedback pages. A folder is named by the number of the
  attempt in data.json.
- course/: the notebook that was graded, and its feedback page, in the course's own folder.

Not in it: the secret values of log-ins, graded notebooks (they hold hidden tests), and the failing cases that only
staff see (hidden inputs of grading, with what came back).
"""


def export_student(database: Database, course: Course, query: str, target: Path) -> lookup.FoundStudent:
    """Write a student's data to a zip that only the file's owner can read. Returns the student.

    Raises CourseError unless the query matches exactly one student, or if the file exists.
    """
    if target.exists():
        raise CourseError(_("{target} already exists; choose another file", target=target))
    with database.read() as session:
        student = lookup.find(session, course, query)
        by_table = lookup.rows(session, student)
        data: dict[str, Any] = {
            name: [_columns(row) for row in rows] for name, rows in by_table.items() if name not in FOR_STAFF
        }
        links = {attempt.course_link_id for attempt in by_table["attempt"] if isinstance(attempt, Attempt)}
        data["activity"] = [_activity(session.get_one(ResourceLink, link)) for link in sorted(links)]
        for membership, row in zip(by_table["membership"], data["membership"], strict=True):
            assert isinstance(membership, Membership)
            row["course"] = membership.context.title
        for account, row in zip(student.accounts, data["person"], strict=True):
            row["lms"] = account.platform.issuer
    listed = lookup.in_roster(course, student)
    data["roster"] = listed and {name: value for name, value in asdict(listed).items() if value}
    data["gradebook"] = student_record(course, student.student_id)
    _write_zip(target, course, student, by_table, data)
    return student


def _columns(row: Table) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key)
        for column in inspect(type(row)).column_attrs
        if column.key not in SECRET
    }


def _activity(link: ResourceLink) -> dict[str, Any]:
    return {
        "course_link_id": link.id,
        "title": link.title,
        "assignment": link.assignment,
        "course": link.context.title,
    }


def _write_zip(
    target: Path,
    course: Course,
    student: lookup.FoundStudent,
    by_table: dict[str, list[Table]],
    data: dict[str, Any],
) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=2, default=_plain)
    name = next((account.name for account in student.accounts if account.name), student.student_id)
    files = files_of(course)
    attempts = [attempt for attempt in by_table["attempt"] if isinstance(attempt, Attempt)]
    own = set(lookup.folders(course, by_table, student))
    with atomic_file(target, mode=0o600) as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        made = moment_text(now(), course.zone)
        archive.writestr("README.txt", README.format(name=name or "", made_ko=made.ko, made_en=made.en))
        archive.writestr("data.json", text)
        for attempt in attempts:
            folder = (files / attempt.path).parent
            if folder in own:
                _add_files(
                    archive, folder, f"hand-ins/{attempt.id}", Path(attempt.path).name, "feedback.html"
                )
        if student.student_id:
            for part, all_parts in (("submitted", course.submitted), ("feedback", course.feedback)):
                if (folder := all_parts / student.student_id) in own:
                    _add_files(archive, folder, f"course/{part}")


def _add_files(archive: zipfile.ZipFile, folder: Path, name: str, *only: str) -> None:
    """Add the files of a folder, or the named ones, to the zip; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and (not only or path.name in only):
            archive.write(path, f"{name}/{path.relative_to(folder).as_posix()}")


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return value.to_dict()
    return value.isoformat() if isinstance(value, datetime) else str(value)

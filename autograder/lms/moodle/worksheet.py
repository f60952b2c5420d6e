"""Moodle's grading worksheet: submissions with times and groups, and the cells for grades.

Moodle finds the columns by their names in the language of the user who downloaded the file, so the file is filled
without changing them. The format was observed in Moodle 5.1, in English and Korean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

import dateparser

from autograder.errors import CourseError
from autograder.i18n import _
from autograder.lms.sheet import Sheet, read
from autograder.roster import Group, Roster, RosterEntry, Unmatched
from autograder.text import Text

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "identifier": ("Identifier", "식별자"),
    "name": ("Full name", "전체 이름"),
    "student_number": ("ID number", "id 번호"),
    "email": ("Email address", "이메일 주소"),
    "username": ("Username", "사용자 아이디"),
    "status": ("Status", "상태"),
    "group": ("Group", "그룹"),
    "due": ("Due date", "마감 일시"),
    "grade": ("Grade", "성적"),
    "most": ("Maximum grade", "최대 성적"),
    "changeable": ("Grade can be changed", "성적을 변경할 수 있음"),
    "handed_in": ("Last modified (submission)", "마지막 수정됨(제출)"),
    "graded": ("Last modified (grade)", "마지막 수정됨(성적)"),
    "comment": ("Feedback comments", "피드백 코멘트"),
}
NEEDED = ("identifier", "grade", "graded")
EXTENSION = re.compile(r"Extension granted until: (?P<en>.+?) - |(?P<ko>[^-]+?) 까지 연장되었습니다")
YES = ("", "yes", "예")


@dataclass(frozen=True)
class Participant:
    """One row of a worksheet. Times are time zone aware; missing data is empty."""

    row: int
    number: str
    name: str
    email: str
    student_number: str
    username: str
    group: str
    handed_in: datetime | None
    extended_until: datetime | None
    grade: str
    comment: str
    changeable: bool

    @property
    def identifiers(self) -> dict[str, str]:
        """Identifiers of the person by roster column, the most reliable first."""
        if not (self.name or self.email or self.student_number or self.username):  # anonymous grading
            return {"moodle_participant": self.number}
        return {
            "student_number": self.student_number,
            "email": self.email,
            "student_id": self.username,
            "name": self.name,
        }


@dataclass(frozen=True)
class Worksheet:
    """A worksheet as downloaded from Moodle."""

    sheet: Sheet
    columns: Mapping[str, int]
    participants: tuple[Participant, ...]
    most: float
    """Moodle's maximum grade; 0 if unknown."""

    @property
    def is_of_a_team(self) -> bool:
        """Whether groups submit together: Moodle then names folders after groups."""
        return "group" in self.columns

    @property
    def groups(self) -> dict[str, list[Participant]]:
        """The members of each group; people without a group, for whom Moodle writes a sentence, are left out."""
        members_of: dict[str, list[Participant]] = {}
        for participant in self.participants:
            if participant.group:
                members_of.setdefault(participant.group, []).append(participant)
        return {
            name: members
            for name, members in members_of.items()
            if any(participant.handed_in for participant in members)
        }


def read_worksheet(path: Path, zone: ZoneInfo) -> Worksheet:
    """Read Moodle's worksheet. zone: the time zone of the instructor's Moodle profile.

    Raises CourseError if the file is not a worksheet.
    """
    sheet = read(path)
    columns = {name: index for name, titles in COLUMNS.items() if (index := sheet.column(titles)) is not None}
    missing = [" / ".join(COLUMNS[name]) for name in NEEDED if name not in columns]
    if missing:
        raise CourseError(
            _(
                "{path} is not a Moodle grading worksheet in English or Korean: no column {missing} among "
                "{header}. Download it there: Submissions, Actions, Download grading worksheet",
                path=sheet.path,
                missing=", ".join(missing),
                header=", ".join(sheet.header),
            )
        )
    participants = tuple(_participant(sheet, columns, row, zone) for row in range(1, len(sheet.rows)))
    if not participants:
        raise CourseError(_("{path} has no participants", path=sheet.path))
    return Worksheet(sheet, columns, participants, _most(sheet, columns))


def _participant(sheet: Sheet, columns: Mapping[str, int], row: int, zone: ZoneInfo) -> Participant:
    def cell(name: str) -> str:
        return sheet.cell(row, columns[name]) if name in columns else ""

    number = re.search(r"\d+$", cell("identifier"))
    if number is None:
        raise CourseError(
            _(
                "{path}: row {row} has no participant number but {found}",
                path=sheet.path,
                row=row + 1,
                found=repr(cell("identifier")),
            )
        )
    extension = EXTENSION.search(cell("status"))
    until = extension[extension.lastgroup] if extension and extension.lastgroup else cell("due")
    group = cell("group")
    return Participant(
        row, number[0], cell("name"), cell("email"), cell("student_number"), cell("username"), group,
        moment(cell("handed_in"), zone), moment(until, zone), cell("grade"), cell("comment"),
        cell("changeable").casefold() in YES,
    )  # fmt: skip


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """Parse a time as Moodle and people write it, in English or Korean; None if it is not one."""
    settings = {
        "TIMEZONE": zone.key,
        "RETURN_AS_TIMEZONE_AWARE": True,
        "DATE_ORDER": "YMD",
        "REQUIRE_PARTS": ["day", "month", "year"],
    }
    return dateparser.parse(text, languages=["en", "ko"], settings=settings) if text.strip(" -") else None


def _most(sheet: Sheet, columns: Mapping[str, int]) -> float:
    if "most" not in columns:
        return 0.0
    text = sheet.cell(1, columns["most"]).replace(",", ".")
    try:
        return float(text)
    except ValueError:
        raise CourseError(
            _(
                "{path}: the maximum grade is {text}; expected a number, not a scale",
                path=sheet.path,
                text=repr(text),
            )
        ) from None


def comment_text(lines: list[str]) -> str:
    """Format lines as a Moodle comment: HTML without characters that its CSV reader takes for an escape."""
    return "<br>".join(escape(line, quote=False).replace("\\", "&#92;") for line in lines)


def groups_in(worksheet: Worksheet, roster: Roster, assignment: str) -> tuple[list[Group], list[Text]]:
    """Return the groups that submitted together, and the members who are not in the roster."""
    groups: list[Group] = []
    unknown: list[Text] = []
    for name, members in worksheet.groups.items():
        matches = [roster.find(member.identifiers, assignment=assignment) for member in members]
        unknown += [person.text for person in matches if isinstance(person, Unmatched)]
        people = tuple(person.student_id for person in matches if isinstance(person, RosterEntry))
        if people:
            groups.append(Group(name, people))
    return groups, unknown

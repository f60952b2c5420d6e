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
    places: Mapping[str, int]
    participants: tuple[Participant, ...]
    most: float
    """Moodle's maximum grade; 0 if unknown."""

    @property
    def is_of_a_team(self) -> bool:
        """Whether groups submit together: Moodle then names folders after groups."""
        return "group" in self.places

    @property
    def groups(self) -> dict[str, list[Participant]]:
        """The members of each group; people without a group, for whom Moodle writes a sentence, are left out."""
        found: dict[str, list[Participant]] = {}
        for one in self.participants:
            if one.group:
                found.setdefault(one.group, []).append(one)
        return {name: members for name, members in found.items() if any(one.handed_in for one in members)}


def read_worksheet(path: Path, zone: ZoneInfo) -> Worksheet:
    """Read Moodle's worksheet. zone: the time zone of the instructor's Moodle profile.

    Raises CourseError if the file is not a worksheet.
    """
    sheet = read(path)
    places = {name: place for name, known in COLUMNS.items() if (place := sheet.column(known)) is not None}
    missing = [" / ".join(COLUMNS[name]) for name in NEEDED if name not in places]
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
    participants = tuple(_participant(sheet, places, row, zone) for row in range(1, len(sheet.rows)))
    if not participants:
        raise CourseError(_("{path} has no participants", path=sheet.path))
    return Worksheet(sheet, places, participants, _most(sheet, places))


def _participant(sheet: Sheet, places: Mapping[str, int], row: int, zone: ZoneInfo) -> Participant:
    def cell(name: str) -> str:
        return sheet.cell(row, places[name]) if name in places else ""

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


def _most(sheet: Sheet, places: Mapping[str, int]) -> float:
    if "most" not in places:
        return 0.0
    text = sheet.cell(1, places["most"]).replace(",", ".")
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
        found = [roster.find(one.identifiers, assignment=assignment) for one in members]
        unknown += [one.text for one in found if isinstance(one, Unmatched)]
        people = tuple(one.student_id for one in found if isinstance(one, RosterEntry))
        if people:
            groups.append(Group(name, people))
    return groups, unknown

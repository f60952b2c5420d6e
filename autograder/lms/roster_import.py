"""Roster import from LMS exports: Moodle's worksheet and participants, Canvas's gradebook, Gradescope's roster."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.errors import CourseError
from autograder.i18n import _
from autograder.lms.sheet import TEST_STUDENT, Sheet
from autograder.roster import COLUMNS, STUDENT, STUDENT_RULE, Roster, RosterEntry, plain_name
from autograder.suggestions import plain
from autograder.text import Text

KNOWN: Mapping[str, tuple[str, ...]] = {
    "student_id": ("student_id",),
    "name": ("Full name", "전체 이름", "Student", "Name", "name", "이름"),
    "student_number": ("ID number", "id 번호", "SIS User ID", "SID", "Student ID", "student_number", "학번"),
    "email": ("Email address", "이메일 주소", "Email", "email", "이메일"),
    "username": ("Username", "사용자 아이디", "SIS Login ID"),
    "moodle_participant": ("Identifier", "식별자"),
    "lti_subject": ("lti_subject",),
    "hub_user": ("hub_user",),
}
FIRST, LAST = ("First name", "FirstName", "이름"), ("Last name", "LastName", "성")
IDENTIFYING = ("canvas_id", "student_number", "lti_subject", "hub_user", "email", "student_id")


@dataclass
class Learned:
    """The roster after an import."""

    people: list[RosterEntry] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    filled: int = 0
    """People whose data was completed."""
    differing: list[Text] = field(default_factory=list)
    """Conflicts between sheet and roster; the roster's value is kept."""
    unmatched: list[Text] = field(default_factory=list)


def learn(
    roster: Roster, sheet: Sheet, *, assignment: str = "", new_by: str = "", folders: Sequence[str] = ()
) -> Learned:
    """Fill empty fields of the roster from a sheet and return the result.

    assignment: the assignment of the sheet's Moodle participant numbers. new_by: the column with the id of people who
    are not in the roster; without it they are listed, not added. folders: ids under which students have submitted; a
    person who has the name of one of them gets it as the id. Raises CourseError for a sheet without people.
    """
    learned, current = Learned(), roster
    column = new_by
    people = list(_people(sheet, assignment))
    claims = Counter(_folder_of(fields, folders) for fields in people)
    for fields in people:
        folder = _folder_of(fields, folders)
        if claims[folder] > 1:  # it is named as several people are
            folder = ""
        if folder:
            fields["student_id"] = folder
        new_by = "student_id" if folder else column
        if new_by and not fields.get(new_by):
            learned.unmatched.append(
                _("{person}: no {column} in the sheet", person=_shown(fields), column=new_by)
            )
            continue
        wanted = {column: fields.get(column, "") for column in IDENTIFYING}
        if new_by:
            wanted["student_id"] = fields[new_by]
        else:
            # names are not ids: they find people but cannot tell new ones apart
            wanted["name"] = fields.get("name", "")
        person = current.find(wanted, hints=not new_by)
        if isinstance(person, RosterEntry):
            filled = _filled(learned, person, fields)
            if filled != person:
                current = current.changed(filled, instead_of=person)
                learned.filled += 1
        elif new_by and person.is_new:
            student = fields[new_by]
            if not STUDENT.fullmatch(student):
                learned.unmatched.append(
                    _(
                        "{person}: {id} cannot be an id: {rule}. Write a line with another id and this address or "
                        "number into the roster, and run the command again",
                        person=_shown(fields),
                        id=repr(student),
                        rule=STUDENT_RULE,
                    )
                )
                continue
            new = RosterEntry(**{**{n: v for n, v in fields.items() if n in COLUMNS}, "student_id": student})
            current = current.changed(new)
            learned.added.append(student)
        else:
            learned.unmatched.append(person.text)
    learned.people += current.people
    return learned


def _folder_of(fields: Mapping[str, str], folders: Sequence[str]) -> str:
    """Return the only folder that is named as a person is: by number, address, the part before its @, or name."""
    texts = [fields.get(column, "") for column in ("student_id", "student_number", "email", "username")]
    ids = {plain(text) for text in (*texts, texts[2].partition("@")[0]) if text}
    name = plain_name(fields.get("name", ""))
    found = [folder for folder in folders if plain(folder) in ids or (name and plain_name(folder) == name)]
    return found[0] if len(found) == 1 else ""


def _filled(learned: Learned, person: RosterEntry, fields: Mapping[str, str]) -> RosterEntry:
    """Return a person with missing fields filled in."""
    changes = {}
    for column, value in fields.items():
        if column not in COLUMNS or column == "student_id":
            continue
        before = getattr(person, column)
        if column == "moodle_participant" and "=" in value:
            others = [part for part in before.split() if part.partition("=")[0] != value.partition("=")[0]]
            value, before = " ".join([*others, value]), ""
        if not before:
            changes[column] = value
        elif before != value and column != "name":
            learned.differing.append(
                _(
                    "{student}: {column} {ours} is kept, the sheet says {theirs}",
                    student=person.student_id,
                    column=column,
                    ours=repr(before),
                    theirs=repr(value),
                )
            )
    return replace(person, **changes)


def _people(sheet: Sheet, assignment: str) -> Iterator[dict[str, str]]:
    columns = {name: index for name, titles in KNOWN.items() if (index := sheet.column(titles)) is not None}
    first, last = sheet.column(FIRST), sheet.column(LAST)
    if "Student" in sheet.header or "LastName" in sheet.header:
        columns["canvas_id"] = sheet.header.index("ID") if "ID" in sheet.header else len(sheet.header)
    if {"assignment", "student_id", "max_score"} <= set(sheet.header):
        raise CourseError(
            _(
                "{path} holds grades of this course, not people; take a list of people that your LMS exports",
                path=sheet.path,
            )
        )
    if not {"name", "email", "student_number", "student_id", "username"} & columns.keys():
        raise CourseError(
            _(
                "{path}: no known column of names, numbers or addresses among {header}",
                path=sheet.path,
                header=", ".join(sheet.header),
            )
        )
    for row in range(1, len(sheet.rows)):
        if "canvas_id" in columns and sheet.cell(row, 0) == TEST_STUDENT:
            continue
        fields = {name: text for name, index in columns.items() if (text := sheet.cell(row, index))}
        if first is not None and last is not None:
            fields["name"] = ", ".join(filter(None, (sheet.cell(row, last), sheet.cell(row, first))))
        number = re.search(r"\d+$", fields.pop("moodle_participant", ""))
        if number and assignment:
            fields["moodle_participant"] = f"{assignment}={number[0]}"
        is_person = any(
            fields.get(name) for name in ("email", "student_number", "student_id", "username", "canvas_id")
        )
        if is_person or (
            fields.get("name") and "Points Possible" not in fields["name"] and "canvas_id" not in columns
        ):
            yield fields


def _shown(fields: Mapping[str, str]) -> str:
    return " ".join(fields.values())

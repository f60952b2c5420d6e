"""The roster: a file that maps each student of a course to the names in LMSs, hubs and file names."""

from __future__ import annotations

import csv
import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_write, csv_file, of_cell
from autograder.i18n import _
from autograder.suggestions import near_names, plain
from autograder.text import Text

STUDENT = re.compile(r"[^\W_][\w.@+-]{0,99}")
STUDENT_RULE = _("only letters, digits and . _ @ + - are allowed, as in carol_kim")
# Moodle leaves these out of folder names; a comma reverses a name
LEFT_OUT = str.maketrans("_", " ", "&<>\"'`|:\\/*?,")
GROUP_COLUMNS = ("assignment", "group", "student_id")


@dataclass(frozen=True)
class RosterEntry:
    """A student. Every field but the id may be empty."""

    student_id: str
    """Names the folder in `submitted/` and the row in the gradebook, and determines the student's variants."""
    name: str = ""
    student_number: str = ""
    """The institution's number. A student may write it into the notebook instead of the id."""
    email: str = ""
    moodle_participant: str = ""
    """Moodle's participant number in each assignment: `lstm_parameters=123 tagging=456`."""
    canvas_id: str = ""
    lti_subject: str = ""
    hub_user: str = ""
    section: str = ""
    """A part of the class that is compared with the others, such as the students of one assistant."""


COLUMNS = tuple(column.name for column in fields(RosterEntry))
IDENTIFYING = tuple(name for name in COLUMNS if name != "section")
UNIQUE = tuple(name for name in IDENTIFYING if name not in ("name", "moodle_participant"))


@dataclass(frozen=True)
class Unmatched:
    """No match, or more than one, with suggestions."""

    wanted: str
    near: tuple[str, ...] = ()
    several: bool = False
    is_new: bool = False
    """Whether none of the given identifiers matches anyone."""
    folder: str = ""
    """The folder of submissions that was searched in place of a roster."""

    @property
    def text(self) -> Text:
        """Return who was looked for, and who could be meant."""
        wanted, near = repr(self.wanted), ", ".join(self.near)
        if self.several:
            return _("{wanted} matches several students in the roster: {near}", wanted=wanted, near=near)
        if self.folder and near:
            return _(
                "no student {wanted} in {folder}; did you mean {near}?",
                wanted=wanted,
                folder=self.folder,
                near=near,
            )
        if self.folder:
            return _("no student {wanted} in {folder}", wanted=wanted, folder=self.folder)
        if near:
            return _("no student {wanted} in the roster; did you mean {near}?", wanted=wanted, near=near)
        return _("no student {wanted} in the roster", wanted=wanted)

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class Roster:
    """The students of a course. It is empty without a roster file."""

    people: tuple[RosterEntry, ...] = ()
    path: Path | None = None
    folder: str = ""
    """The folder of submissions that stands in for a roster; see `known`."""

    @classmethod
    def of(cls, course: Course) -> Roster:
        """Read the roster from the file that `c.CourseSettings.roster` names; empty if there is none.

        Raises CourseError, with the line, for a duplicate identifier or an invalid file.
        """
        path = course.root / course.settings.roster
        return read(path) if path.is_file() else cls()

    @classmethod
    def known(cls, course: Course) -> Roster:
        """Read the roster, or without one return the students who have a folder of submissions, as a roster.

        For ids that a file or a command line names. Raises CourseError if the roster is invalid.
        """
        if roster := cls.of(course):
            return roster
        folders = course.submitted.iterdir() if course.submitted.is_dir() else ()
        names = sorted(path.name for path in folders if path.is_dir())
        return cls(tuple(map(RosterEntry, names)), folder=str(course.submitted))

    def __bool__(self) -> bool:
        return bool(self.people)

    def find(
        self, wanted: Mapping[str, str], *, assignment: str = "", hints: bool = True
    ) -> RosterEntry | Unmatched:
        """Return the person who matches every given identifier, as far as the roster has it.

        wanted: values by column, the most reliable first; empty ones are ignored. The first value that the roster has
        decides, unless another value belongs to a different person, or the roster has a different value in a more
        reliable column. assignment: the one of the Moodle participant numbers. hints: whether to look for suggestions
        if there is no match, which is slow in a large course.
        """
        values = {column: value.strip() for column, value in wanted.items() if value.strip()}
        text = " ".join(dict.fromkeys(values.values()))
        matches = {column: self._people(column, value, assignment) for column, value in values.items()}
        matched = [people for people in matches.values() if people]
        if not matched:
            near = self._near(values.values()) if hints else ()
            return Unmatched(text, near, is_new=True, folder=self.folder)
        common = [person for person in matched[0] if all(person in people for people in matched)]
        surer = itertools.takewhile(
            lambda column: not matches[column], (column for column in values if column != "student_id")
        )
        if len(common) == 1 and not any(getattr(common[0], column) for column in surer):
            return common[0]
        shown = {_shown(person) for people in matched for person in people}
        return Unmatched(text, tuple(sorted(shown)), several=len(shown) > 1, folder=self.folder)

    def find_any(self, text: str, *, hints: bool = True) -> RosterEntry | Unmatched:
        """Return the person with this id, or else the only one with this value in any column.

        hints: see `find`.
        """
        by_id = self._people("student_id", text)
        exact = [person for person in by_id if person.student_id == text]  # folders may differ in case alone
        if len(exact or by_id) == 1:
            return (exact or by_id)[0]
        people = {person for column in IDENTIFYING for person in self._people(column, text)}
        if len(people) == 1:
            return people.pop()
        if people:
            return Unmatched(text, tuple(sorted(map(_shown, people))), several=True)
        return Unmatched(text, self._near([text]) if hints else (), folder=self.folder)

    def _people(self, column: str, value: str, assignment: str = "") -> tuple[RosterEntry, ...]:
        if column == "moodle_participant":
            return self._by[column].get(f"{assignment}={value}", ())
        people = self._by[column].get(_compared(column, value), ())
        if column == "student_number" and not people:  # many courses use it as the id
            people = self._by["student_id"].get(plain(value), ())
        return people

    @cached_property
    def _by(self) -> dict[str, dict[str, tuple[RosterEntry, ...]]]:
        by: dict[str, dict[str, tuple[RosterEntry, ...]]] = {column: {} for column in IDENTIFYING}
        for person in self.people:
            for column, value in _index_keys(person):
                by[column][value] = (*by[column].get(value, ()), person)
        return by

    def changed(self, person: RosterEntry, *, instead_of: RosterEntry | None = None) -> Roster:
        """Return the roster with a person added, or replaced.

        It takes over this roster's index, which must not be used afterwards: building it again for every line of a
        sheet would take hours in a large course.
        """
        people, by = (*self.people, person), self._by
        if instead_of is not None:
            people = tuple(person if entry is instead_of else entry for entry in self.people)
            for column, value in _index_keys(instead_of):
                by[column][value] = tuple(entry for entry in by[column][value] if entry is not instead_of)
        for column, value in _index_keys(person):
            by[column][value] = (*by[column].get(value, ()), person)
        roster = Roster(people, self.path)
        roster.__dict__["_by"] = by  # where `cached_property` keeps its value
        return roster

    def _near(self, wanted: Iterable[str]) -> tuple[str, ...]:
        labels = {
            value: _shown(person)
            for person in self.people
            for value in (person.student_id, person.name, person.email, person.student_number)
            if value
        }
        near = [hit for text in wanted for hit in near_names(text, labels)]
        return tuple(dict.fromkeys(labels[hit] for hit in near))


def read(path: Path) -> Roster:
    """Read a roster from a CSV file. Raises CourseError, with the line, if it is invalid."""
    people: list[RosterEntry] = []
    taken: dict[tuple[str, str], int] = {}
    for line, row in rows_of(path, COLUMNS, needed=("student_id",)):
        person = RosterEntry(**row)
        if not STUDENT.fullmatch(person.student_id):
            raise CourseError(
                _(
                    "{path}:{line}: invalid student id {student}: {rule}",
                    path=path,
                    line=line,
                    student=repr(person.student_id),
                    rule=STUDENT_RULE,
                )
            )
        for column in UNIQUE:
            value = plain(getattr(person, column))
            if value and taken.setdefault((column, value), line) != line:
                raise CourseError(
                    _(
                        "{path}:{line}: duplicate {column} {value} (also on line {other}); each student needs a "
                        "different one",
                        path=path,
                        line=line,
                        column=column,
                        value=repr(getattr(person, column)),
                        other=taken[column, value],
                    )
                )
        people.append(person)
    return Roster(tuple(people), path)


def write(path: Path, people: Iterable[RosterEntry]) -> None:
    """Write a roster file; one without sections has no column for them."""
    people = list(people)
    columns = COLUMNS if any(person.section for person in people) else IDENTIFYING
    rows = [[getattr(person, column) for column in columns] for person in people]
    atomic_write(path, csv_file([columns, *rows]))


def id_of(match: RosterEntry | Unmatched) -> str:
    """Return the id of a person who was found. Raises CourseError, with the reason, if nobody was."""
    if isinstance(match, Unmatched):
        raise CourseError(match.text)
    return match.student_id


@dataclass(frozen=True)
class Group:
    """Students who submit together in one assignment. The first member's variant counts."""

    name: str
    members: tuple[str, ...]
    """Student ids."""


def groups_of(course: Course, assignment: str) -> tuple[Group, ...]:
    """Read the groups of an assignment from the file that `c.CourseSettings.groups` names, with a line per member.

    Raises CourseError, with the line, if a student is in two groups of an assignment.
    """
    path = course.root / course.settings.groups
    groups: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    for line, row in rows_of(path, GROUP_COLUMNS, needed=GROUP_COLUMNS) if path.is_file() else ():
        course.check_assignment(row["assignment"])
        if row["assignment"] != assignment:
            continue
        if lines.setdefault(row["student_id"], line) != line:
            raise CourseError(
                _(
                    "{path}:{line}: duplicate student {student} (also on line {other}); a student can be in only "
                    "one group of an assignment",
                    path=path,
                    line=line,
                    student=repr(row["student_id"]),
                    other=lines[row["student_id"]],
                )
            )
        groups.setdefault(row["group"], []).append(row["student_id"])
    return tuple(Group(name, tuple(members)) for name, members in groups.items())


def members_by_student(groups: Iterable[Group]) -> dict[str, tuple[str, ...]]:
    """Return the members of each student's group. Students without a group are left out."""
    return {student: group.members for group in groups for student in group.members}


def misspelled(students: Iterable[str], known: Roster) -> list[Text]:
    """Return a line for each id that is not written as a known student's is, with similar ones; see `Roster.known`.

    For files whose ids are compared as they are written, such as that of the groups.
    """
    found = {student: known.find_any(student) for student in dict.fromkeys(students)}
    return [
        person.text
        if isinstance(person, Unmatched)
        else Unmatched(student, (_shown(person),), folder=known.folder).text
        for student, person in found.items()
        if isinstance(person, Unmatched) or person.student_id != student
    ]


def write_groups(course: Course, assignment: str, groups: Iterable[Group]) -> None:
    """Replace the groups of one assignment in the file; those of other assignments stay."""
    path = course.root / course.settings.groups
    kept = [
        (name, group)
        for name in course.assignments
        if name != assignment
        for group in groups_of(course, name)
    ]
    rows = [
        (name, group.name, member)
        for name, group in [*kept, *((assignment, group) for group in groups)]
        for member in group.members
    ]
    atomic_write(path, csv_file([GROUP_COLUMNS, *rows]))


def rows_of(
    path: Path, columns: Collection[str], *, needed: Collection[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the lines of a CSV file with their numbers, as values by column.

    Raises CourseError for an unknown column, or a missing required column or value.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, restkey="", strict=True, delimiter=max(",;\t", key=first.count))
            header = reader.fieldnames or []
            wrong = [name for name in header if name not in columns] + [n for n in needed if n not in header]
            if wrong or len(set(header)) != len(header):
                raise CourseError(
                    _(
                        "{path}: the first line is {header}; expected {needed} and optionally {optional}",
                        path=path,
                        header=", ".join(header) or "empty",
                        needed=", ".join(needed),
                        optional=", ".join(n for n in columns if n not in needed) or "no more",
                    )
                )
            for row in reader:
                if "" in row:
                    raise CourseError(
                        _(
                            "{path}:{line}: more values than columns in the first line",
                            path=path,
                            line=reader.line_num,
                        )
                    )
                values = {
                    name: of_cell(unicodedata.normalize("NFC", value or "").strip())
                    for name, value in row.items()
                }
                missing = [name for name in needed if not values[name]]
                if missing:
                    raise CourseError(
                        _(
                            "{path}:{line}: no {missing}",
                            path=path,
                            line=reader.line_num,
                            missing=", ".join(missing),
                        )
                    )
                yield reader.line_num, values
    except FileNotFoundError as error:
        raise CourseError(_("there is no file {path}", path=path)) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(
            _(
                "{path} cannot be read as CSV in UTF-8: {error}; in a spreadsheet, save it as “CSV UTF-8”",
                path=path,
                error=error,
            )
        ) from error


def natural(name: str) -> list[tuple[bool, int, str]]:
    """Return the key that sorts names such as sections: numbers in them by value, the rest without case."""
    parts = re.findall(r"\d+|\D+", plain(name))
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def plain_name(text: str) -> str:
    """Normalize the name of a person or group for comparison: LMSs reorder its words and leave out some signs."""
    return " ".join(sorted(plain(text).translate(LEFT_OUT).split()))


def _index_keys(person: RosterEntry) -> Iterator[tuple[str, str]]:
    """Yield the columns and normalized values that a person is found by."""
    for column in IDENTIFYING:
        text = getattr(person, column)
        values = text.split() if column == "moodle_participant" else [_compared(column, text)]
        yield from ((column, value) for value in dict.fromkeys(values) if value)


def _compared(column: str, text: str) -> str:
    return plain_name(text) if column == "name" else plain(text)


def _shown(person: RosterEntry) -> str:
    return f"{person.student_id} ({person.name})" if person.name else person.student_id

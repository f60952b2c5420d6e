"""Who is who: one file maps each person of a course to the names that LMSs, hubs and files know them by."""

from __future__ import annotations

import csv
import difflib
import io
import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import as_cell, atomic_write, of_cell

STUDENT = re.compile(r"[^\W_][\w.@+-]{0,99}")
STUDENT_RULE = "it may hold letters, digits and . _ @ + - only, such as carol_kim"
LEFT_OUT = str.maketrans(
    "_", " ", "&<>\"'`|:\\/*?,"
)  # by Moodle, of names of folders; a comma turns a name around
GROUP_COLUMNS = ("assignment", "group", "student_id")


@dataclass(frozen=True)
class Person:
    """One student. Every field but the id may be empty."""

    student_id: str
    """Names the folder in `submitted/` and the row in the gradebook, and gives the numbers of one's own."""
    name: str = ""
    student_number: str = ""
    """As the institution writes it; a student may write it into the notebook in the place of the id."""
    email: str = ""
    moodle_participant: str = ""
    """Moodle numbers its participants in each assignment anew: `lstm_parameters=123 tagging=456`."""
    canvas_id: str = ""
    lti_subject: str = ""
    hub_user: str = ""

    def participant(self, assignment: str) -> str:
        """The Moodle participant number in one assignment; empty where it is not known."""
        numbers = dict(part.partition("=")[::2] for part in self.moodle_participant.split())
        return numbers.get(assignment, "")


COLUMNS = tuple(one.name for one in fields(Person))
UNIQUE = tuple(name for name in COLUMNS if name not in ("name", "moodle_participant"))


@dataclass(frozen=True)
class Unmatched:
    """That somebody is nobody of the roster, or several, and the near names."""

    wanted: str
    near: tuple[str, ...] = ()
    several: bool = False
    is_new: bool = False
    """Whether nothing that is told of them is anybody's."""

    def __str__(self) -> str:
        if self.several:
            return f"{self.wanted!r} fits several in the roster: {', '.join(self.near)}"
        hint = f"; near: {', '.join(self.near)}" if self.near else ""
        return f"{self.wanted!r} is nobody in the roster{hint}"


@dataclass(frozen=True)
class Roster:
    """The people of a course; without a roster file, nobody."""

    people: tuple[Person, ...] = ()
    path: Path | None = None

    @classmethod
    def of(cls, course: Course) -> Roster:
        """The roster of a course, from the file that `c.CourseSettings.roster` names; empty where there is none.

        Raises CourseError, with the line, where two people share an id or the file is no roster.
        """
        path = course.root / course.settings.roster
        return read(path) if path.is_file() else cls()

    def __bool__(self) -> bool:
        return bool(self.people)

    def find(
        self, wanted: Mapping[str, str], *, assignment: str = "", hints: bool = True
    ) -> Person | Unmatched:
        """The one person who is all that is told of them, as far as the roster knows it.

        wanted: values by column, the surest first; empty ones tell nothing. The first that somebody in the roster has
        decides, unless another one is somebody else's, or the roster has something else for a surer one.
        assignment: whose Moodle participant numbers are meant. hints: whether to look for near names where there is
        nobody, which takes its time in a large course.
        """
        told = {column: value.strip() for column, value in wanted.items() if value.strip()}
        shown = " ".join(dict.fromkeys(told.values()))
        found = {column: self._people(column, value, assignment) for column, value in told.items()}
        matched = [people for people in found.values() if people]
        if not matched:
            return Unmatched(shown, self._near(told.values()) if hints else (), is_new=True)
        common = [person for person in matched[0] if all(person in people for people in matched)]
        surer = itertools.takewhile(
            lambda column: not found[column], (one for one in told if one != "student_id")
        )
        if len(common) == 1 and not any(getattr(common[0], column) for column in surer):
            return common[0]
        near = {_shown(person) for people in matched for person in people}
        return Unmatched(shown, tuple(sorted(near)), several=len(near) > 1)

    def find_any(self, text: str, *, hints: bool = True) -> Person | Unmatched:
        """The one person whose id a text is, or whom it names by another column; one that names two is nobody's.

        hints: see `find`.
        """
        if len(by_id := self._people("student_id", text)) == 1:
            return by_id[0]
        found = {one for column in COLUMNS for one in self._people(column, text)}
        if len(found) == 1:
            return found.pop()
        if found:
            return Unmatched(text, tuple(sorted(map(_shown, found))), several=True)
        return Unmatched(text, self._near([text]) if hints else ())

    def _people(self, column: str, value: str, assignment: str = "") -> tuple[Person, ...]:
        if column == "moodle_participant":
            return self._by[column].get(f"{assignment}={value}", ())
        found = self._by[column].get(_compared(column, value), ())
        if column == "student_number" and not found:  # many courses take it for the id
            found = self._by["student_id"].get(plain(value), ())
        return found

    @cached_property
    def _by(self) -> dict[str, dict[str, tuple[Person, ...]]]:
        by: dict[str, dict[str, tuple[Person, ...]]] = {column: {} for column in COLUMNS}
        for person in self.people:
            for column, value in _found_by(person):
                by[column][value] = (*by[column].get(value, ()), person)
        return by

    def changed(self, person: Person, *, instead_of: Person | None = None) -> Roster:
        """The roster with one more person, or with one in another's place.

        It takes this one's index over: made anew for every line of a sheet, it would take hours for a large course.
        Ask this one no more.
        """
        people, by = (*self.people, person), self._by
        if instead_of is not None:
            people = tuple(person if one is instead_of else one for one in self.people)
            for column, value in _found_by(instead_of):
                by[column][value] = tuple(one for one in by[column][value] if one is not instead_of)
        for column, value in _found_by(person):
            by[column][value] = (*by[column].get(value, ()), person)
        roster = Roster(people, self.path)
        roster.__dict__["_by"] = by  # where `cached_property` looks
        return roster

    def _near(self, wanted: Iterable[str]) -> tuple[str, ...]:
        known = {
            plain(value): _shown(person)
            for person in self.people
            for value in (person.student_id, person.name, person.email, person.student_number)
            if value
        }
        near = [hit for text in wanted for hit in difflib.get_close_matches(plain(text), known, n=3)]
        return tuple(dict.fromkeys(known[hit] for hit in near))


def read(path: Path) -> Roster:
    """The roster in a CSV file. Raises CourseError, with the line, where it is none."""
    people: list[Person] = []
    taken: dict[tuple[str, str], int] = {}
    for line, row in rows_of(path, COLUMNS, needed=("student_id",)):
        person = Person(**row)
        if not STUDENT.fullmatch(person.student_id):
            raise CourseError(f"{path}:{line}: {person.student_id!r} is no student id: {STUDENT_RULE}")
        for column in UNIQUE:
            value = plain(getattr(person, column))
            if value and taken.setdefault((column, value), line) != line:
                raise CourseError(
                    f"{path}:{line}: {column} {getattr(person, column)!r} stands in line {taken[column, value]} "
                    "too; give each person one of their own"
                )
        people.append(person)
    return Roster(tuple(people), path)


def write(path: Path, people: Iterable[Person]) -> None:
    """Write a roster file, with the mark by which spreadsheets know UTF-8."""
    _write_rows(path, [COLUMNS, *(tuple(asdict(person).values()) for person in people)])


def _write_rows(path: Path, rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(map(as_cell, row) for row in rows)
    atomic_write(path, text.getvalue().encode("utf-8-sig"))


@dataclass(frozen=True)
class Group:
    """Who handed in together in one assignment; the numbers of the first count."""

    name: str
    members: tuple[str, ...]
    """Student ids."""


def groups_of(course: Course, assignment: str) -> tuple[Group, ...]:
    """The groups of an assignment, from the file that `c.CourseSettings.groups` names: a line for each member.

    Raises CourseError, with the line, where one is in two groups of an assignment.
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
                f"{path}:{line}: {row['student_id']!r} stands in line {lines[row['student_id']]} too; a student is "
                "in one group of an assignment"
            )
        groups.setdefault(row["group"], []).append(row["student_id"])
    return tuple(Group(name, tuple(members)) for name, members in groups.items())


def members_by_student(groups: Iterable[Group]) -> dict[str, tuple[str, ...]]:
    """The members of each student's group; who is in none does not stand in it."""
    return {student: group.members for group in groups for student in group.members}


def write_groups(course: Course, assignment: str, groups: Iterable[Group]) -> None:
    """Put the groups of one assignment in the place of those that the file has; the other assignments' stay."""
    path = course.root / course.settings.groups
    others = [
        (name, group)
        for name in course.assignments
        if name != assignment
        for group in groups_of(course, name)
    ]
    rows = [
        (name, group.name, member)
        for name, group in [*others, *((assignment, group) for group in groups)]
        for member in group.members
    ]
    _write_rows(path, [GROUP_COLUMNS, *rows])


def rows_of(
    path: Path, columns: Collection[str], *, needed: Collection[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a CSV file of ours, with their numbers: a value for each of its columns.

    Raises CourseError where it has a column of another name, lacks a needed one or a needed value.
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
                    f"{path}: the first line is {', '.join(header) or 'empty'}; expected {', '.join(needed)} and, "
                    f"where you have them, some of {', '.join(n for n in columns if n not in needed) or 'no more'}"
                )
            for row in reader:
                if "" in row:
                    raise CourseError(f"{path}:{reader.line_num}: it has more values than the first line")
                values = {
                    name: of_cell(unicodedata.normalize("NFC", value or "").strip())
                    for name, value in row.items()
                }
                missing = [name for name in needed if not values[name]]
                if missing:
                    raise CourseError(f"{path}:{reader.line_num}: no {', '.join(missing)}")
                yield reader.line_num, values
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(
            f"{path} cannot be read as CSV in UTF-8: {error}; a spreadsheet calls it “CSV UTF-8” when it saves"
        ) from error


def plain(text: str) -> str:
    """An id or an address as it is compared: the same however it is spelt, spaced and cased."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def plain_name(text: str) -> str:
    """A person's or a group's name as it is compared: LMSs turn its words around and leave out some signs."""
    return " ".join(sorted(plain(text).translate(LEFT_OUT).split()))


def _found_by(person: Person) -> Iterator[tuple[str, str]]:
    """What a person is found by: the columns, and what is compared in them."""
    for column in COLUMNS:
        told = getattr(person, column)
        values = told.split() if column == "moodle_participant" else [_compared(column, told)]
        yield from ((column, value) for value in dict.fromkeys(values) if value)


def _compared(column: str, text: str) -> str:
    return plain_name(text) if column == "name" else plain(text)


def _shown(person: Person) -> str:
    return f"{person.student_id} ({person.name})" if person.name else person.student_id

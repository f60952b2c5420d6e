"""Whose a hand-in is: what its file and folder names tell, against the roster."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograder.errors import CourseError
from autograder.roster import STUDENT, STUDENT_RULE, Group, Person, Roster, Unmatched, plain_name
from autograder.submissions.archives import stem_of

MOODLE = re.compile(r"(?P<name>.*?)(?:_(?P<moodle_participant>\d+))?_assignsubmission_[a-z]+(?:_|$)")
ANONYMOUS = ("participant", "참가자")
CANVAS = re.compile(r"[^_]*(?:_LATE)?_(?P<canvas_id>\d+)_\d+_.")
NOISE = re.compile(
    r"^copy of |^사본 - |의 사본$|[ _-]*\(\d+\)$|[ _-]+copy ?\d*$|-checkpoint$|[ _-]+복사본$", re.IGNORECASE
)
NAMELESS = "its name does not say whose it is: put it into a folder named as the student, or give --student"


@dataclass(frozen=True)
class StudentIdentifier:
    """Tells students by the names of hand-ins."""

    roster: Roster = field(default_factory=Roster)
    groups: Mapping[str, tuple[Group, ...]] = field(default_factory=dict)
    """By assignment."""
    participants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What a Moodle worksheet tells of each participant number: values by column of the roster."""

    def student(self, named: str, outermost: str, stem: str, *, assignment: str) -> str:
        """The student's id.

        named: what the operator said; empty where nothing. outermost: the first folder of a hand-in within what is
        collected, or its file where it lies in none. All that is below it is the student's own choice, and tells
        nothing. stem: the file's name without noise. Raises CourseError, with the near names, where nobody is named.
        """
        told = {} if named else told_by(outermost)
        if told:
            return self._in_lms(told, assignment)
        return self._named(named or without(stem, assignment))

    def owner_of(self, archive: str, assignments: Iterable[str]) -> str:
        """By which name all that is in an archive is one student's; empty where the archive's own name tells nobody.

        It is told by an LMS, or is what somebody in the roster is known by. Else the folders in the archive tell:
        without a roster `homework` may be a student or what a whole class handed in.
        """
        if told_by(archive):
            return archive
        stem = quiet(stem_of(archive))
        for name in dict.fromkeys([stem, *(without(stem, assignment) for assignment in assignments)]):
            found = self.roster.find_any(name, hints=False)
            if name and (isinstance(found, Person) or found.several):
                return name
        return ""

    def _in_lms(self, told: Mapping[str, str], assignment: str) -> str:
        shown = ", ".join(f"{column} {value}" for column, value in told.items() if value)
        if not self.roster:
            raise CourseError(
                f"an LMS named it ({shown}), and only a roster tells who that is: see `autograder roster`"
            )
        if "canvas_id" in told:
            return _id(self.roster.find(told))
        # the number is a participant's, or a group's: the name tells which, and whether it is of this assignment
        name, number = told["name"], told["moodle_participant"]
        listed = self.participants.get(number, {})
        person = self.roster.find(listed or {"moodle_participant": number}, assignment=assignment)
        if isinstance(person, Person):
            names = map(plain_name, (listed.get("name", ""), person.name))
            if plain_name(name) in ANONYMOUS or plain_name(name) in filter(None, names):
                return person.student_id
        groups = [one for one in self.groups.get(assignment, ()) if plain_name(one.name) == plain_name(name)]
        if len(groups) == 1:
            return groups[0].members[0]
        if listed:
            raise CourseError(
                f"the worksheet knows participant {number} as {listed.get('name')!r}, not as {name!r}"
            )
        return _id(self.roster.find({"name": name}))

    def _named(self, named: str) -> str:
        named = unicodedata.normalize("NFC", named).strip()
        if not named:
            raise CourseError(NAMELESS)
        if self.roster:
            return _id(self.roster.find_any(named))
        if not STUDENT.fullmatch(named):
            raise CourseError(f"invalid student id {named!r}: {STUDENT_RULE}")
        return named


def told_by(outermost: str) -> dict[str, str]:
    """What Moodle's or Canvas's name of a folder or a file tells of its student; nothing where neither named it."""
    found = MOODLE.match(outermost) or CANVAS.match(outermost)
    return (
        {}
        if found is None
        else {column: (value or "").strip() for column, value in found.groupdict().items()}
    )


def without(stem: str, assignment: str) -> str:
    """What a file name's stem says beside the assignment."""
    return stem.replace(assignment, "", 1).strip(" _-.")


def quiet(stem: str) -> str:
    """A file name's stem without what browsers, Colab and file managers add."""
    stem = unicodedata.normalize("NFC", stem).strip()
    while (shorter := NOISE.sub("", stem).strip()) != stem:
        stem = shorter
    return stem


def _id(found: Person | Unmatched) -> str:
    if isinstance(found, Unmatched):
        raise CourseError(str(found))
    return found.student_id

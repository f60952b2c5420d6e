"""Identification of students by the names of submitted files and folders, against the roster."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograder.errors import CourseError
from autograder.i18n import _
from autograder.roster import STUDENT, STUDENT_RULE, Group, Roster, RosterEntry, id_of, plain_name
from autograder.submissions.archives import stem_of

MOODLE = re.compile(r"(?P<name>.*?)(?:_(?P<moodle_participant>\d+))?_assignsubmission_[a-z]+(?:_|$)")
ANONYMOUS = ("participant", "참가자")
CANVAS = re.compile(r"[^_]*(?:_LATE)?_(?P<canvas_id>\d+)_\d+_.")
NOISE = re.compile(
    r"^copy of |^사본 - |의 사본$|[ _-]*\(\d+\)$|[ _-]+copy ?\d*$|-checkpoint$|[ _-]+복사본$", re.IGNORECASE
)
GENERIC = re.compile(
    r"(?:home ?work|hw|assignments?|exercises?|submissions?|notebooks?|class|course|downloads?|archive|untitled"
    r"(?: folder)?|new folder|files?|src|work|labs?|weeks?|sheets?|과제|숙제|제출물?|실습|주차|새 폴더)[ _-]*\d*",
    re.IGNORECASE,
)
"""Names of folders and archives that name no student."""
NAMELESS = (
    "its name does not identify a student: put it into a folder named after the student, or give --student"
)


@dataclass(frozen=True)
class StudentIdentifier:
    """Identifies students by the names of submitted files."""

    roster: Roster = field(default_factory=Roster)
    groups: Mapping[str, tuple[Group, ...]] = field(default_factory=dict)
    """By assignment."""
    participants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By participant number: the data of a Moodle worksheet, as values by column of the roster."""

    def identify(self, explicit: str, outermost: str, stem: str, *, assignment: str) -> str:
        """Return the student's id.

        explicit: the student that the operator gave, or empty. outermost: the first folder of a file within what is
        collected, or the file itself if it is in no folder; names below it are chosen by the student and are ignored.
        stem: the normalized stem of the file name. Raises CourseError, with suggestions, if nobody is identified.
        """
        fields = {} if explicit else lms_fields(outermost)
        if fields:
            return self._by_lms_fields(fields, assignment)
        return self._by_name(explicit or _without(stem, assignment))

    def owner_of(self, archive: str, assignments: Iterable[str]) -> str:
        """Return the name by which everything in an archive belongs to one student; empty if it may be several's.

        That name comes from an LMS, or is a name of somebody in the roster. In any other case the folders in the
        archive decide: without a roster, `homework` may be a student or the submissions of a whole class.
        """
        if lms_fields(archive):
            return archive
        stem = normalized_stem(stem_of(archive))
        for name in dict.fromkeys([stem, *(_without(stem, assignment) for assignment in assignments)]):
            match = self.roster.find_any(name, hints=False)
            if name and (isinstance(match, RosterEntry) or match.several):
                return name
        return ""

    def owner_by_archive(self, inner: str, archive: str, assignment: str) -> str:
        """Return the student after whom an archive is named, if what is in it names none; else an empty string.

        Without a roster only: `ida.zip` with the folder `homework` is ida's, `class.zip` with `kim` is kim's.
        inner: the outermost folder in it, or the stem of a file that is in no folder.
        """
        if self.roster or not archive or not _is_generic(normalized_stem(inner), assignment):
            return ""
        name = _without(normalized_stem(stem_of(archive)), assignment)
        return "" if _is_generic(name, assignment) else name

    def _by_lms_fields(self, fields: Mapping[str, str], assignment: str) -> str:
        text = ", ".join(f"{column} {value}" for column, value in fields.items() if value)
        if not self.roster:
            raise CourseError(
                _(
                    "an LMS named it ({shown}), and only a roster identifies the student: see `autograder roster`",
                    shown=text,
                )
            )
        if "canvas_id" in fields:
            return id_of(self.roster.find(fields))
        # the number may be a participant's or a group's, and of another assignment: the name decides
        name, number = fields["name"], fields["moodle_participant"]
        listed = self.participants.get(number, {})
        person = self.roster.find(listed or {"moodle_participant": number}, assignment=assignment)
        if isinstance(person, RosterEntry):
            names = map(plain_name, (listed.get("name", ""), person.name))
            if plain_name(name) in ANONYMOUS or plain_name(name) in filter(None, names):
                return person.student_id
        groups = [
            group for group in self.groups.get(assignment, ()) if plain_name(group.name) == plain_name(name)
        ]
        if len(groups) == 1:
            return groups[0].members[0]
        if listed:
            raise CourseError(
                _(
                    "the worksheet lists participant {number} as {listed}, not as {name}",
                    number=number,
                    listed=repr(listed.get("name")),
                    name=repr(name),
                )
            )
        return id_of(self.roster.find({"name": name}))

    def _by_name(self, name: str) -> str:
        name = unicodedata.normalize("NFC", name).strip()
        if not name:
            raise CourseError(NAMELESS)
        if self.roster:
            return id_of(self.roster.find_any(name))
        if not STUDENT.fullmatch(name):
            raise CourseError(_("invalid student id {name}: {rule}", name=repr(name), rule=STUDENT_RULE))
        return name


def lms_fields(outermost: str) -> dict[str, str]:
    """Return what a name that Moodle or Canvas gave a folder or a file says of its student; empty for other names."""
    match = MOODLE.match(outermost) or CANVAS.match(outermost)
    return (
        {}
        if match is None
        else {column: (value or "").strip() for column, value in match.groupdict().items()}
    )


def _is_generic(name: str, assignment: str) -> bool:
    """Return whether a name is none, that of the assignment, or one that many folders have."""
    return not _without(name, assignment) or bool(GENERIC.fullmatch(name))


def _without(stem: str, assignment: str) -> str:
    """Return the stem of a file name without the assignment's name."""
    return stem.replace(assignment, "", 1).strip(" _-.")


def normalized_stem(stem: str) -> str:
    """Return the stem of a file name without what browsers, Colab and file managers add."""
    stem = unicodedata.normalize("NFC", stem).strip()
    while (shorter := NOISE.sub("", stem).strip()) != stem:
        stem = shorter
    return stem

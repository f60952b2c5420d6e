"""Import of submitted files as `submitted/<student>/<assignment>/<assignment>.ipynb`.

The assignment is recognized by a file's content, not by its name: by metadata, else grade ids, else cell ids, else the
names it defines. The student is identified by the folder of the file, else by what its name holds besides the
assignment's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from types import MappingProxyType

from nbformat import NotebookNode

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError, UnreadableSubmission
from autograder.i18n import _
from autograder.notebooks.cells import (
    NAMESPACE,
    cell_id,
    grade_id,
    is_solution,
    read_notebook,
    with_ids,
)
from autograder.roster import Roster, groups_of, members_by_student, misspelled
from autograder.submissions.archives import NO_NOTEBOOK, SubmittedFile, files_in, stem_of
from autograder.submissions.identify import StudentIdentifier, lms_fields, normalized_stem
from autograder.submissions.parse import edition_of, names_defined, parse_submitted
from autograder.submissions.placement import Placement, place
from autograder.submissions.selection import answers_in
from autograder.text import Text, some_of

Editions = dict[str, dict[str, NotebookNode]]


@dataclass(frozen=True)
class Placed:
    """A file that became a submission, or would have if another one did not count instead."""

    file: SubmittedFile
    student: str
    assignment: str
    recognized_by: Text
    """How the assignment was recognized."""
    worked: int
    """Number of answers that differ from the stub."""
    counts: bool = True
    readable: bool = True
    notebook: str = ""
    """Which notebook of the assignment it is, where these have names of their own."""
    claimed_name: str = ""
    """The name that identified the student; empty if the operator gave the student."""
    named_by_lms: bool = False
    """Whether an LMS gave that name."""
    placements: tuple[Placement, ...] = ()
    """What happened to the submission of each student of the group, if this file counts."""

    @property
    def is_taken(self) -> bool:
        """Whether it is now the submission of all whose it is."""
        return self.counts and all(placement.is_taken for placement in self.placements)


@dataclass(frozen=True)
class Unplaced:
    """A file that was not imported, and why."""

    name: str
    reason: Text
    folder: str = ""


@dataclass(frozen=True)
class Collected:
    """Result of an import: the files that became submissions, and the others."""

    placed: list[Placed]
    unplaced: list[Unplaced]
    strangers: list[Text] = field(default_factory=list)
    """Members of groups who are not in the roster, with similar names."""


def collect(
    course: Course,
    source: Path,
    *,
    student: str = "",
    assignment: str = "",
    participants: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    replace_newer: bool = False,
) -> Collected:
    """Import the files of a folder, an archive or a single notebook as submissions.

    student, assignment: those that every file belongs to, if the files do not identify them. participants: data of a
    Moodle worksheet by participant number, as values by column of the roster.

    Of several files of one student or group, the newest counts that is readable and has an answer, and of equally new
    ones the one with the most answers; every member of a group gets it. Files that differ and come under different
    names for the same student are left to the operator. A submission that is newer than what is collected stays, unless
    `replace_newer`. What is replaced in `submitted/` is kept under `build/replaced/`. Raises CourseError if `source` is
    none of the three.
    """
    if assignment:
        course.check_assignment(assignment)
    releases = read_releases(course)
    editions = _read_editions(course, releases)
    if assignment:
        releases = {name: release for name, release in releases.items() if name.split("/")[0] == assignment}
    recognized: list[Placed] = []
    unplaced: list[Unplaced] = []
    groups = {name: groups_of(course, name) for name in course.assignments}
    roster = Roster.of(course)
    identifier = StudentIdentifier(roster, groups, participants)
    files = list(files_in(source, lambda archive: identifier.owner_of(archive, releases)))
    members = {name: members_by_student(of_assignment) for name, of_assignment in groups.items()}
    _check_student(student, files)
    for file in files:
        result = _place(file, releases, editions, assignment, identifier, student)
        if isinstance(result, Placed):
            recognized.append(result)
        else:
            unplaced.append(result)
    unplaced = [failure for failure in unplaced if not _is_attachment(failure, recognized)]
    chosen, in_doubt = _choose(recognized, members)
    placed = [
        _placed(course, file, members[file.assignment].get(file.student, (file.student,)), replace_newer)
        if file.counts
        else file
        for file in chosen
    ]
    grouped = [student for of_assignment in members.values() for student in of_assignment]
    return Collected(placed, unplaced + in_doubt, misspelled(grouped, roster) if roster else [])


def _placed(course: Course, file: Placed, students: Iterable[str], replace_newer: bool) -> Placed:
    """Return a file with what happened to the submission of each student to whom it was given."""
    return replace(
        file,
        placements=tuple(
            place(
                course,
                SubmissionId(student, file.assignment, file.notebook),
                file.file.raw,
                file.file.modified,
                replace_newer=replace_newer,
            )
            for student in students
        ),
    )


def find_counting_files(course: Course, source: Path, assignment: str) -> dict[str, SubmittedFile]:
    """Return the files that count in a folder of one student's files, by notebook of the assignment.

    They are chosen as `collect` does. A notebook of another assignment, or an unreadable one, counts only if there is
    no other, and where the assignment has several, only by its name.
    """
    of_all = read_releases(course)
    releases = {name: release for name, release in of_all.items() if name.split("/")[0] == assignment}
    editions = _read_editions(course, releases)
    recognized: list[Placed] = []
    others: list[SubmittedFile] = []
    for file in files_in(source):
        result = _recognize(file, releases, editions, "")
        if isinstance(result, Placed):
            recognized.append(result)
        elif not file.refused:
            others.append(file)
    notebooks = course.assignment(assignment).notebooks
    found: dict[str, SubmittedFile] = {}
    for notebook in notebooks:
        best = _best(placed for placed in recognized if (placed.notebook or assignment) == notebook)
        left = [file for file in others if len(notebooks) == 1 or PurePath(file.parts[-1]).stem == notebook]
        if best is not None or left:
            found[notebook] = best.file if best is not None else left[0]
    return found


def _is_attachment(failure: Unplaced, recognized: Iterable[Placed]) -> bool:
    """Return whether a file is not a notebook, but in a folder with a recognized one."""
    return (
        failure.reason == NO_NOTEBOOK
        and bool(failure.folder)
        and any(failure.folder == placed.file.folder for placed in recognized)
    )


def _check_student(student: str, files: list[SubmittedFile]) -> None:
    """Raise CourseError if files that should belong to one student are in several folders."""
    folders = sorted({file.folder for file in files} - {""})
    if student and len(folders) > 1:
        raise CourseError(
            _(
                "--student {student} would assign the files of several folders ({folders}) to one student; "
                "collect that student's folder alone, or omit --student",
                student=student,
                folders=", ".join(folders),
            )
        )


def read_releases(course: Course) -> dict[str, NotebookNode]:
    """Read the released notebooks in the first language, by assignment; see `name_of`.

    Raises CourseError if there are none.
    """
    releases = {}
    for name in course.assignments:
        for notebook in course.assignment(name).notebooks:
            path = course.assignment(name).release(notebook=notebook)
            if path.exists():
                releases[name_of(name, notebook)] = with_ids(read_notebook(path))
    if not releases:
        command = "nbgrader generate_assignment" if course.is_released_by_nbgrader else "autograder build"
        raise CourseError(
            _(
                "nothing is released in {folder}; run `{command}` first",
                folder=course.folder_of("release"),
                command=command,
            )
        )
    return releases


def name_of(assignment: str, notebook: str) -> str:
    """Return the name of a released notebook: that of its assignment, followed by its own if that is another."""
    return assignment if notebook == assignment else f"{assignment}/{notebook}"


def assignment_of(name: str) -> str:
    """Return the assignment of a released notebook by its name; see `name_of`."""
    return name.partition("/")[0]


def _read_editions(course: Course, names: Iterable[str]) -> Editions:
    """Read the released notebooks, by name and language."""
    editions: Editions = {}
    for name in names:
        assignment, _slash, notebook = name.partition("/")
        editions[name] = {
            language: with_ids(read_notebook(path))
            for language in course.languages
            if (path := course.assignment(assignment).release(language, notebook)).exists()
        }
    return editions


def _place(
    file: SubmittedFile,
    releases: dict[str, NotebookNode],
    editions: Editions,
    assignment: str,
    identifier: StudentIdentifier,
    student: str,
) -> Placed | Unplaced:
    """Recognize the assignment of a file and identify its student."""
    result = _recognize(file, releases, editions, assignment)
    if isinstance(result, Unplaced):
        return result
    fields = {} if student else lms_fields(file.parts[0])
    by_archive = (
        ""
        if fields
        else identifier.owner_by_archive(file.folder or _stem(file), file.inside, result.assignment)
    )
    explicit = student or by_archive or ("" if fields else file.folder)
    stem = _stem(file)
    if result.notebook:
        stem = stem.replace(normalized_stem(result.notebook), "", 1)
    try:
        owner = identifier.identify(explicit, file.parts[0], stem, assignment=result.assignment)
    except CourseError as error:
        return Unplaced(file.name, error.message, file.folder)
    claimed_name = "" if student else " ".join(fields.values()) or _claimed_name(file)
    return replace(result, student=owner, claimed_name=claimed_name, named_by_lms=bool(fields))


def _claimed_name(file: SubmittedFile) -> str:
    """Return the name of the folder or file that identifies a student, with the archive that contains it."""
    name = f"{normalized_stem(file.folder)}/" if file.folder else _stem(file)
    # an archive in a student's folder is that student's, as a file beside it is
    archive = f"{normalized_stem(stem_of(file.archive[0]))}:" if len(file.archive) == 1 else ""
    return f"{archive}{name}".casefold()


def _recognize(
    file: SubmittedFile, releases: dict[str, NotebookNode], editions: Editions, assignment: str
) -> Placed | Unplaced:
    """Recognize the assignment of a file; its student is left empty."""
    if file.refused:
        return Unplaced(file.name, file.refused, file.folder)
    how: Text = _("by --assignment")
    worked, readable = 0, True
    try:
        notebook = parse_submitted(file.raw)
    except UnreadableSubmission as error:
        # the owner of a broken file should hear of it, if its name identifies the owner
        name = _named_in(file, releases) or (
            next(iter(releases)) if assignment and len(releases) == 1 else ""
        )
        if not name:
            return Unplaced(file.name, error.reason, file.folder)
        readable = False
        how = _("by its file name; it cannot be read, and its feedback will say so")
    else:
        if assignment and len(releases) == 1:
            [name] = releases
        else:
            name, how = recognize_assignment(notebook, releases)
        if not name and (name := _named_in(file, releases)):
            how = _("by its file name")
        if not name:
            return Unplaced(file.name, how, file.folder)
        language = edition_of(notebook, tuple(editions[name]), "")
        worked = len(answers_in(notebook, editions[name].get(language, releases[name])))
    assignment, _slash, part = name.partition("/")
    return Placed(file, "", assignment, how, worked, readable=readable, notebook=part)


def _named_in(file: SubmittedFile, releases: Iterable[str]) -> str:
    """Return the only released notebook whose name is in a file's, or an empty string."""
    matches = [name for name in releases if normalized_stem(name.rpartition("/")[2]) in _stem(file)]
    return matches[0] if len(matches) == 1 else ""


def _stem(file: SubmittedFile) -> str:
    return normalized_stem(PurePath(file.parts[-1]).stem)


def recognize_assignment(notebook: NotebookNode, releases: dict[str, NotebookNode]) -> tuple[str, Text]:
    """Return the assignment of a notebook and how it was recognized, or an empty string and why it was not."""
    assignment = notebook.metadata.get(NAMESPACE, {}).get("assignment")
    if assignment in releases:
        return str(assignment), _("by its metadata")
    for how, key in (
        (_("by its grade ids"), grade_id),
        (_("by its cell ids"), cell_id),
        (_("by the cells that are as released"), _locked_text),
    ):
        keys_by_name = {
            name: {key(cell) for cell in release.cells} - {""} for name, release in releases.items()
        }
        best = _best_match({key(cell) for cell in notebook.cells}, keys_by_name)
        if best:
            return best, how
    best = _best_match(
        {name for cell in notebook.cells for name in names_defined(cell)},
        {name: {grade_id(cell) for cell in nb.cells if is_solution(cell)} for name, nb in releases.items()},
    )
    if best:
        return best, _("by the names it defines")
    return "", _("nothing in it belongs to a released assignment")


def _locked_text(cell: NotebookNode) -> str:
    """Return the text of a graded or locked cell, which students do not change, else an empty string."""
    marks = cell.get("metadata", {}).get("nbgrader", {})
    return str(cell.source) if marks and not is_solution(cell) else ""


def _best_match(keys: set[str], keys_by_name: dict[str, set[str]]) -> str:
    """Return the assignment that shares the most keys; empty if there is none or several."""
    shared = {name: len(keys & of_assignment) for name, of_assignment in keys_by_name.items()}
    best = max(shared.values(), default=0)
    winners = [name for name, number in shared.items() if number == best]
    return winners[0] if best and len(winners) == 1 else ""


def _best(files: Iterable[Placed]) -> Placed | None:
    """Return the file that counts: the newest that is readable and has an answer, of equally new ones the fullest."""

    def rank(placed: Placed, time: float) -> tuple[bool, bool, float, int]:
        return placed.readable, placed.worked > 0, time, placed.worked

    # the student chose the times in an archive: they only order the files within it
    best_of_archive: dict[tuple[str, ...] | str, Placed] = {}
    for placed in files:
        key = placed.file.archive or placed.file.name
        best = best_of_archive.setdefault(key, placed)
        if rank(placed, placed.file.saved) > rank(best, best.file.saved):
            best_of_archive[key] = placed
    return max(best_of_archive.values(), key=lambda placed: rank(placed, placed.file.modified), default=None)


def _choose(
    files: Iterable[Placed], groups: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> tuple[list[Placed], list[Unplaced]]:
    """Mark one file per assignment and student or group as counting, and return the doubtful files separately.

    Files that come under several names for the same student are given to nobody: no student is two participants of an
    LMS, and whoever names a file may name it after somebody else.
    """
    by_owner: dict[tuple[str, str, str], list[Placed]] = {}
    for placed in files:
        members = groups[placed.assignment].get(placed.student, (placed.student,))
        by_owner.setdefault((members[0], placed.assignment, placed.notebook), []).append(placed)
    chosen: list[Placed] = []
    doubtful: list[Unplaced] = []
    for of_owner in by_owner.values():
        by_student: dict[str, list[Placed]] = {}
        for placed in of_owner:
            by_student.setdefault(placed.student, []).append(placed)
        doubts = {student: _doubt(of_student) for student, of_student in by_student.items()}
        doubtful += [
            Unplaced(placed.file.name, doubt)
            for placed in of_owner
            if (doubt := doubts[placed.student]) is not None
        ]
        certain = [placed for placed in of_owner if not doubts[placed.student]]
        best = _best(certain)
        chosen += [replace(placed, counts=placed is best) for placed in certain]
    return chosen, doubtful


def _doubt(files: Sequence[Placed]) -> Text | None:
    """Return why files may not all belong to the student they are assigned to; None if there is no doubt."""
    student = files[0].student
    names = {placed.claimed_name for placed in files}
    lms_names = {placed.claimed_name for placed in files if placed.named_by_lms}
    if len(lms_names) > 1:
        return _(
            "{student} matches several people in the LMS ({names}): fix the roster",
            student=student,
            names=some_of(sorted(lms_names)),
        )
    if len(names) > 1 and len({placed.file.raw for placed in files}) > 1:
        return _(
            "several different files come as {student}'s, under different names ({names}): find out which is theirs "
            "and collect that one by itself, with --student {student}",
            student=student,
            names=some_of(sorted(names)),
        )
    return None

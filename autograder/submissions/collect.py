"""Hand-ins as they really come -> `submitted/<student>/<assignment>/<assignment>.ipynb`.

A hand-in is recognised by what is in it, not by its name: metadata, else grade ids, else cell ids, else the
names it defines. Its student is the folder it lies in, else what its file name says beside the assignment.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePath
from types import MappingProxyType

import nbformat
from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import CourseError, UnreadableSubmission
from autograder.files import atomic_write
from autograder.notebooks.cells import NAMESPACE, cell_id, grade_id, is_solution
from autograder.roster import Roster, groups_of, members_by_student
from autograder.submissions.archives import NO_NOTEBOOK, SubmittedFile, files_in, stem_of
from autograder.submissions.identify import StudentIdentifier, quiet, told_by
from autograder.submissions.parse import edition_of, names_defined, parse_submitted
from autograder.submissions.selection import answers_in
from autograder.text import some_of

Editions = dict[str, dict[str, NotebookNode]]


@dataclass(frozen=True)
class Placed:
    """A hand-in that became a submission, or would have if a newer one had not."""

    hand_in: SubmittedFile
    student: str
    assignment: str
    how: str
    worked: int
    """How many answers differ from the stub."""
    counts: bool = True
    readable: bool = True
    called: str = ""
    """The name that says whose it is; empty where the operator said it."""
    by_lms: bool = False
    """Whether an LMS gave that name."""


@dataclass(frozen=True)
class Unplaced:
    """A hand-in that is nobody's submission yet, and why."""

    name: str
    reason: str
    folder: str = ""


@dataclass(frozen=True)
class Collected:
    """What became of the hand-ins."""

    placed: list[Placed]
    unplaced: list[Unplaced]


def collect(
    course: Course,
    source: Path,
    *,
    student: str = "",
    assignment: str = "",
    participants: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Collected:
    """Turn the hand-ins in a folder, a zip or a file into submissions.

    student, assignment: whose they all are, and to what, where the files do not tell. participants: what a
    Moodle worksheet tells of each participant number, by column of the roster.
    Of several from one student, or one group, the newest counts that can be read and has an answer in it, of
    equally new ones the one with the most answers; each member of a group gets it. What differs, and comes under
    different names as one student's, is left to the operator. What is replaced in `submitted/` is kept under
    `build/replaced/`. Raises CourseError where `source` is none.
    """
    if assignment:
        course.check_assignment(assignment)
    releases = released(course)
    editions = _editions(course, releases)
    found: list[Placed] = []
    unplaced: list[Unplaced] = []
    groups = {name: groups_of(course, name) for name in course.assignments}
    whose = StudentIdentifier(Roster.of(course), groups, participants)
    hand_ins = list(files_in(source, lambda archive: whose.owner_of(archive, releases)))
    together = {name: members_by_student(theirs) for name, theirs in groups.items()}
    _check_student(student, hand_ins)
    for hand_in in hand_ins:
        one = _place(hand_in, releases, editions, assignment, whose, student)
        if isinstance(one, Placed):
            found.append(one)
        else:
            unplaced.append(one)
    unplaced = [one for one in unplaced if not _is_beside(one, found)]
    placed, in_doubt = _choose(found, together)
    for one in placed:
        if one.counts:
            for member in together[one.assignment].get(one.student, (one.student,)):
                _write(course, one, member)
    return Collected(placed, unplaced + in_doubt)


def one_that_counts(course: Course, source: Path, assignment: str) -> SubmittedFile | None:
    """The hand-in that counts, of all that lies in a folder that is one student's; None where there is no notebook.

    It is chosen as `collect` chooses; one that belongs to no assignment, or cannot be read, counts where it is alone.
    """
    releases = {assignment: released(course)[assignment]}
    editions = _editions(course, releases)
    found: list[Placed] = []
    others: list[SubmittedFile] = []
    for hand_in in files_in(source):
        one = _look_into(hand_in, releases, editions, "")
        if isinstance(one, Placed):
            found.append(one)
        elif not hand_in.refused:
            others.append(hand_in)
    best = _best(found)
    return best.hand_in if best is not None else next(iter(others), None)


def _is_beside(one: Unplaced, found: Iterable[Placed]) -> bool:
    """Whether it is no notebook, but lies in a folder with one that was found."""
    return (
        one.reason == NO_NOTEBOOK
        and bool(one.folder)
        and any(one.folder == two.hand_in.folder for two in found)
    )


def _check_student(student: str, hand_ins: list[SubmittedFile]) -> None:
    """Raise CourseError where the hand-ins of one student lie in several students' folders."""
    folders = sorted({hand_in.folder for hand_in in hand_ins} - {""})
    if student and len(folders) > 1:
        raise CourseError(
            f"--student {student} would make one student's of what lies in {', '.join(folders)}; "
            "collect that student's folder alone, or leave --student out"
        )


def released(course: Course) -> dict[str, NotebookNode]:
    """The released notebooks by assignment, in the first language. Raises CourseError where there are none."""
    releases = {}
    for name in course.assignments:
        path = course.release(name, course.languages[0])
        if path.exists():
            releases[name] = nbformat.read(path, as_version=4)
    if not releases:
        raise CourseError(f"nothing is released in {course.root / 'release'}; run `autograder build` first")
    return releases


def _editions(course: Course, assignments: Iterable[str]) -> Editions:
    """The released notebooks, by assignment and language."""
    return {
        name: {
            language: nbformat.read(path, as_version=4)
            for language in course.languages
            if (path := course.release(name, language)).exists()
        }
        for name in assignments
    }


def _place(
    hand_in: SubmittedFile,
    releases: dict[str, NotebookNode],
    editions: Editions,
    assignment: str,
    whose: StudentIdentifier,
    student: str,
) -> Placed | Unplaced:
    one = _look_into(hand_in, releases, editions, assignment)
    if isinstance(one, Unplaced):
        return one
    told = {} if student else told_by(hand_in.parts[0])
    named = student or ("" if told else hand_in.folder)
    try:
        owner = whose.student(named, hand_in.parts[0], _stem(hand_in), assignment=one.assignment)
    except CourseError as error:
        return Unplaced(hand_in.name, str(error), hand_in.folder)
    called = "" if student else " ".join(told.values()) or _called(hand_in)
    return replace(one, student=owner, called=called, by_lms=bool(told))


def _called(hand_in: SubmittedFile) -> str:
    """The name of a folder or a file that says whose a hand-in is, with the archive in which it stands."""
    name = f"{quiet(hand_in.folder)}/" if hand_in.folder else _stem(hand_in)
    # one in a student's folder is that student's, as a file beside it
    archive = f"{quiet(stem_of(hand_in.archive[0]))}:" if len(hand_in.archive) == 1 else ""
    return f"{archive}{name}".casefold()


def _look_into(
    hand_in: SubmittedFile, releases: dict[str, NotebookNode], editions: Editions, assignment: str
) -> Placed | Unplaced:
    """To what it is handed in, whosever it is."""
    if hand_in.refused:
        return Unplaced(hand_in.name, hand_in.refused, hand_in.folder)
    how, worked, readable = "by --assignment", 0, True
    try:
        notebook = parse_submitted(hand_in.raw)
    except UnreadableSubmission as refusal:
        # a broken file still has an owner who should hear of it, where its name says whose it is
        named = [name for name in releases if name in _stem(hand_in)]
        name = assignment or (named[0] if len(named) == 1 else "")
        if not name:
            return Unplaced(hand_in.name, refusal.reason.en, hand_in.folder)
        readable = False
        how = "by its file name; it cannot be read, and its feedback will say so"
    else:
        name, how = (assignment, how) if assignment else recognise(notebook, releases)
        if not name:
            return Unplaced(hand_in.name, how, hand_in.folder)
        language = edition_of(notebook, "")
        worked = len(answers_in(notebook, editions[name].get(language, releases[name])))
    return Placed(hand_in, "", name, how, worked, readable=readable)


def _stem(hand_in: SubmittedFile) -> str:
    return quiet(PurePath(hand_in.parts[-1]).stem)


def recognise(notebook: NotebookNode, releases: dict[str, NotebookNode]) -> tuple[str, str]:
    """Assignment and how it was recognised; or nothing and why not."""
    told = notebook.metadata.get(NAMESPACE, {}).get("assignment")
    if told in releases:
        return str(told), "by its metadata"
    for how, key in (("by its grade ids", grade_id), ("by its cell ids", cell_id)):
        known = {name: {key(cell) for cell in release.cells} - {""} for name, release in releases.items()}
        best = _most_shared({key(cell) for cell in notebook.cells}, known)
        if best:
            return best, how
    defined = {name for cell in notebook.cells for name in names_defined(cell)}
    best = _most_shared(
        defined,
        {name: {grade_id(cell) for cell in nb.cells if is_solution(cell)} for name, nb in releases.items()},
    )
    if best:
        return best, "by the names it defines"
    return "", "nothing in it belongs to a released assignment"


def _most_shared(found: set[str], known: dict[str, set[str]]) -> str:
    shared = {name: len(found & keys) for name, keys in known.items()}
    best = max(shared.values(), default=0)
    winners = [name for name, number in shared.items() if number == best]
    return winners[0] if best and len(winners) == 1 else ""


def _best(found: Iterable[Placed]) -> Placed | None:
    """The one that counts: the newest that can be read and has an answer in it, of equally new ones the fullest."""

    def worth(one: Placed, moment: float) -> tuple[bool, bool, float, int]:
        return one.readable, one.worked > 0, moment, one.worked

    # the times in an archive are the student's own: they choose within it alone
    of_each: dict[tuple[str, ...] | str, Placed] = {}
    for one in found:
        key = one.hand_in.archive or one.hand_in.name
        best = of_each.setdefault(key, one)
        if worth(one, one.hand_in.saved) > worth(best, best.hand_in.saved):
            of_each[key] = one
    return max(of_each.values(), key=lambda one: worth(one, one.hand_in.modified), default=None)


def _choose(
    found: Iterable[Placed], groups: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> tuple[list[Placed], list[Unplaced]]:
    """The hand-ins, of each student or group and assignment only one marked as counting.

    What comes as one student's under several names is given to none: nobody is two participants of an LMS, and
    whoever names a file may name it after somebody else.
    """
    owners: dict[tuple[str, str], list[Placed]] = {}
    for one in found:
        members = groups[one.assignment].get(one.student, (one.student,))
        owners.setdefault((members[0], one.assignment), []).append(one)
    chosen: list[Placed] = []
    refused: list[Unplaced] = []
    for group in owners.values():
        of_each: dict[str, list[Placed]] = {}
        for one in group:
            of_each.setdefault(one.student, []).append(one)
        doubts = {student: _doubt(theirs) for student, theirs in of_each.items()}
        refused += [Unplaced(one.hand_in.name, doubts[one.student]) for one in group if doubts[one.student]]
        group = [one for one in group if not doubts[one.student]]
        best = _best(group)
        chosen += [replace(one, counts=one is best) for one in group]
    return chosen, refused


def _doubt(theirs: Sequence[Placed]) -> str:
    """Why hand-ins may not all be the student's whose they are said to be; empty where nothing speaks against it."""
    student = theirs[0].student
    called = {one.called for one in theirs}
    by_lms = {one.called for one in theirs if one.by_lms}
    if len(by_lms) > 1:
        return f"{student} would be several people of the LMS ({some_of(sorted(by_lms))}): mend the roster"
    if len(called) > 1 and len({one.hand_in.raw for one in theirs}) > 1:
        names = some_of(sorted(called))
        return (
            f"several that differ come as {student}'s, under different names ({names}): find out which is theirs and "
            f"collect that one by itself, with --student {student}"
        )
    return ""


def _write(course: Course, one: Placed, student: str) -> None:
    folder = course.submitted / student / one.assignment
    target = folder / f"{one.assignment}.ipynb"
    folder.mkdir(parents=True, exist_ok=True)
    others = [
        path for path in folder.glob("*.ipynb") if path != target or path.read_bytes() != one.hand_in.raw
    ]
    kept = course.root / "build" / "replaced" / student
    moment = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    for path in others:
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, kept / f"{path.stem}-{moment}.ipynb")
    atomic_write(target, one.hand_in.raw)
    for path in others:
        if path != target:  # another edition would be graded in its place
            path.unlink()
        (folder / "timestamp.txt").unlink(missing_ok=True)  # it told of what was replaced

"""Hand-ins as they really come -> `submitted/<student>/<assignment>/<assignment>.ipynb`.

A hand-in is recognised by what is in it, not by its name: metadata, else grade ids, else cell ids, else the
names it defines. Its student is the folder it lies in, else what its file name says beside the assignment.
"""

from __future__ import annotations

import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from types import MappingProxyType

import nbformat
from nbformat import NotebookNode

from autograder import intake
from autograder.course import Course
from autograder.editions import answers_in
from autograder.errors import CourseError, Refusal
from autograder.files import write_whole
from autograder.intake import MAX_FILE
from autograder.notebook import NAMESPACE
from autograder.roster import Roster, groups_of, members_by_student
from autograder.whose import Whose, quiet, told_by

MAX_ARCHIVE, MAX_ENTRIES = 2_000_000_000, 100_000
MAX_STUDENT = 150_000_000  # of one folder of an archive: all of it is held in memory
NO_NOTEBOOK = "it is no notebook; ask for the .ipynb file"
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
UNREADABLE = (
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, RuntimeError,
    NotImplementedError, ValueError, OSError,
)  # fmt: skip


@dataclass(frozen=True)
class HandIn:
    """One file as it came: where from, when, its bytes, and why it cannot be read where it cannot."""

    name: str
    modified: float
    raw: bytes
    parts: tuple[str, ...]
    """Its folders and its name, within the folder or the archive that is collected."""
    refused: str = ""

    @property
    def folder(self) -> str:
        """The outermost folder that it lies in; empty where it lies in none."""
        return self.parts[0] if len(self.parts) > 1 else ""


@dataclass(frozen=True)
class Placed:
    """A hand-in that became a submission, or would have if a newer one had not."""

    hand_in: HandIn
    student: str
    assignment: str
    how: str
    worked: int
    """How many answers differ from the stub."""
    counts: bool = True
    readable: bool = True
    told: str = ""
    """What an LMS calls the student, where it named the hand-in."""


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
    equally new ones the one with the most answers; each member of a group gets it. What it replaces in `submitted/`
    is kept under `build/replaced/`. Raises CourseError where `source` is none.
    """
    if assignment:
        course.check_assignment(assignment)
    releases = _releases(course)
    found: list[Placed] = []
    unplaced: list[Unplaced] = []
    hand_ins = list(_hand_ins(source))
    groups = {name: groups_of(course, name) for name in course.assignments}
    whose = Whose(Roster.of(course), groups, participants)
    together = {name: members_by_student(theirs) for name, theirs in groups.items()}
    _check_student(student, hand_ins)
    for hand_in in hand_ins:
        one = _place(hand_in, releases, assignment, whose, student)
        if isinstance(one, Placed):
            found.append(one)
        else:
            unplaced.append(one)
    unplaced = [one for one in unplaced if not _is_beside(one, found)]
    placed, claimed_twice = _choose(found, together)
    for one in placed:
        if one.counts:
            for member in together[one.assignment].get(one.student, (one.student,)):
                _write(course, one, member)
    return Collected(placed, unplaced + claimed_twice)


def one_that_counts(course: Course, source: Path, assignment: str) -> HandIn | None:
    """The hand-in that counts, of all that lies in a folder that is one student's; None where there is no notebook.

    It is chosen as `collect` chooses; one that belongs to no assignment, or cannot be read, counts where it is alone.
    """
    releases = {assignment: _releases(course)[assignment]}
    found: list[Placed] = []
    others: list[HandIn] = []
    for hand_in in _hand_ins(source):
        one = _look_into(hand_in, releases, "")
        if isinstance(one, Placed):
            found.append(one)
        elif not hand_in.refused:
            others.append(hand_in)
    best = max(found, key=_worth, default=None)
    return best.hand_in if best is not None else next(iter(others), None)


def _is_beside(one: Unplaced, found: Iterable[Placed]) -> bool:
    """Whether it is no notebook, but lies in a folder with one that was found."""
    return (
        one.reason == NO_NOTEBOOK
        and bool(one.folder)
        and any(one.folder == two.hand_in.folder for two in found)
    )


def _check_student(student: str, hand_ins: list[HandIn]) -> None:
    """Raise CourseError where the hand-ins of one student lie in several students' folders."""
    folders = sorted({hand_in.folder for hand_in in hand_ins} - {""})
    if student and len(folders) > 1:
        raise CourseError(
            f"--student {student} would make one student's of what lies in {', '.join(folders)}; "
            "collect that student's folder alone, or leave --student out"
        )


def _releases(course: Course) -> dict[str, NotebookNode]:
    releases = {}
    for name in course.assignments:
        path = course.release(name, course.languages[0])
        if path.exists():
            releases[name] = nbformat.read(path, as_version=4)
    if not releases:
        raise CourseError(f"nothing is released in {course.root / 'release'}; run `autograder build` first")
    return releases


def _hand_ins(source: Path) -> Iterator[HandIn]:
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if _is_archive(path) and path.is_file():
                yield from _in_archive(path, path.relative_to(source).parts)
            elif any(part.startswith(".") for part in path.relative_to(source).parts):
                continue
            elif path.suffix.lower() == ".ipynb":
                yield _in_file(path, path.relative_to(source).parts)
            elif path.is_file():
                yield HandIn(str(path), 0.0, b"", path.relative_to(source).parts, NO_NOTEBOOK)
    elif _is_archive(source) and source.is_file():
        yield from _in_archive(source, (source.name,))
    elif source.is_file():
        yield _in_file(source, (source.name,))
    else:
        raise CourseError(f"{source} is no folder, archive (.zip, .tar.gz) or notebook")


def _in_file(path: Path, parts: tuple[str, ...]) -> HandIn:
    try:
        return HandIn(str(path), path.lstat().st_mtime, intake.read_bytes(path), parts)
    except Refusal as refusal:
        return HandIn(str(path), 0.0, b"", parts, refusal.reason.en)


@dataclass(frozen=True)
class _Entry:
    """What an archive says of one of its entries; `read` gives its bytes, at most so many."""

    name: str
    plain: bool
    """Whether it is a regular file, not a link or a device."""
    size: int
    modified: float
    read: Callable[[int], bytes]


def _in_archive(path: Path, parts: tuple[str, ...]) -> list[HandIn]:
    """The notebooks in an archive, read in memory: no name in it ever becomes a path of ours.

    parts: where the archive lies. One in a student's folder is all that student's.
    """
    found: list[HandIn] = []
    total, sizes = 0, Counter[str]()
    above = parts[:-1]
    try:
        for number, entry in enumerate(_zip_entries(path) if _is_zip(path) else _tar_entries(path)):
            total += entry.size
            if total > MAX_ARCHIVE or number >= MAX_ENTRIES:
                reason = (
                    f"it would unpack to more than {MAX_ARCHIVE:,} bytes or {MAX_ENTRIES:,} files; not opened"
                )
                return [HandIn(str(path), 0.0, b"", parts, reason)]
            one = _in_entry(entry, str(path), above)
            if one is not None:
                sizes[one.folder] += len(one.raw)
                if sizes[one.folder] > MAX_STUDENT:
                    one = replace(
                        one, raw=b"", refused=f"it and what lies beside it exceed {MAX_STUDENT:,} bytes"
                    )
                found.append(one)
    except UNREADABLE as error:
        found.append(HandIn(str(path), 0.0, b"", parts, f"the archive cannot be read: {error}"))
    return found


def _in_entry(entry: _Entry, archive: str, above: tuple[str, ...]) -> HandIn | None:
    name = PurePosixPath(entry.name.replace("\\", "/"))
    label, parts = f"{archive}:{entry.name}", (*above, *name.parts)
    if "__MACOSX" in name.parts or name.name.startswith("."):
        return None
    if _is_archive(name):
        return HandIn(label, 0.0, b"", parts, "it is an archive within an archive; unpack it first")
    if name.suffix.lower() != ".ipynb":
        return HandIn(label, 0.0, b"", parts, NO_NOTEBOOK)
    if entry.size > MAX_FILE or not entry.plain:
        return HandIn(label, 0.0, b"", parts, "it is a link, or too big")
    try:
        return HandIn(label, entry.modified, entry.read(MAX_FILE), parts)
    except UNREADABLE as error:
        return HandIn(label, 0.0, b"", parts, f"it cannot be read out of the archive: {error}")


def _is_zip(path: PurePath) -> bool:
    return path.suffix.lower() == ".zip"


def _is_archive(path: PurePath) -> bool:
    return path.name.lower().endswith((".zip", *TARS))


def _zip_entries(path: Path) -> Iterator[_Entry]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                plain = not stat.S_ISLNK(entry.external_attr >> 16)
                yield _Entry(
                    entry.filename,
                    plain,
                    entry.file_size,
                    _moment(entry, path),
                    partial(_unzipped, archive, entry),
                )


def _unzipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(entry) as file:
        return file.read(most)


def _tar_entries(path: Path) -> Iterator[_Entry]:
    with tarfile.open(path) as archive:
        for entry in archive:
            if not entry.isdir():
                # a hard link has no bytes of its own: `isreg` says so
                yield _Entry(
                    entry.name,
                    entry.isreg(),
                    entry.size,
                    float(entry.mtime),
                    partial(_untarred, archive, entry),
                )


def _untarred(archive: tarfile.TarFile, entry: tarfile.TarInfo, most: int) -> bytes:
    file = archive.extractfile(entry)
    return file.read(most) if file is not None else b""


def _moment(entry: zipfile.ZipInfo, path: Path) -> float:
    try:
        return datetime(*entry.date_time).timestamp()
    except (ValueError, OverflowError):  # some tools write no date
        return path.stat().st_mtime


def _place(
    hand_in: HandIn, releases: dict[str, NotebookNode], assignment: str, whose: Whose, student: str
) -> Placed | Unplaced:
    one = _look_into(hand_in, releases, assignment)
    if isinstance(one, Unplaced):
        return one
    named = student or ("" if told_by(hand_in.parts[0]) else hand_in.folder)
    try:
        owner = whose.student(named, hand_in.parts[0], _stem(hand_in), assignment=one.assignment)
    except CourseError as error:
        return Unplaced(hand_in.name, str(error), hand_in.folder)
    return replace(one, student=owner, told="" if named else " ".join(told_by(hand_in.parts[0]).values()))


def _look_into(hand_in: HandIn, releases: dict[str, NotebookNode], assignment: str) -> Placed | Unplaced:
    """To what it is handed in, whosever it is."""
    if hand_in.refused:
        return Unplaced(hand_in.name, hand_in.refused, hand_in.folder)
    how, worked, readable = "by --assignment", 0, True
    try:
        notebook = intake.parse_submitted(hand_in.raw)
    except Refusal as refusal:
        # a broken file still has an owner who should hear of it, where its name says whose it is
        named = [name for name in releases if name in _stem(hand_in)]
        name = assignment or (named[0] if len(named) == 1 else "")
        if not name:
            return Unplaced(hand_in.name, refusal.reason.en, hand_in.folder)
        readable = False
        how = "by its file name; it cannot be read, and its feedback will say so"
    else:
        name, how = (assignment, how) if assignment else _recognise(notebook, releases)
        if not name:
            return Unplaced(hand_in.name, how, hand_in.folder)
        worked = len(answers_in(notebook, releases[name]))
    return Placed(hand_in, "", name, how, worked, readable=readable)


def _stem(hand_in: HandIn) -> str:
    return quiet(PurePath(hand_in.parts[-1]).stem)


def _recognise(notebook: NotebookNode, releases: dict[str, NotebookNode]) -> tuple[str, str]:
    """Assignment and how it was recognised; or nothing and why not."""
    told = notebook.metadata.get(NAMESPACE, {}).get("assignment")
    if told in releases:
        return str(told), "by its metadata"
    for how, key in (("by its grade ids", intake.grade_id), ("by its cell ids", intake.cell_id)):
        known = {name: {key(cell) for cell in release.cells} - {""} for name, release in releases.items()}
        best = _most_shared({key(cell) for cell in notebook.cells}, known)
        if best:
            return best, how
    defined = {name for cell in notebook.cells for name in intake.names_defined(cell)}
    best = _most_shared(
        defined,
        {
            name: {intake.grade_id(cell) for cell in nb.cells if intake.is_solution(cell)}
            for name, nb in releases.items()
        },
    )
    if best:
        return best, "by the names it defines"
    return "", "nothing in it belongs to a released assignment"


def _most_shared(found: set[str], known: dict[str, set[str]]) -> str:
    shared = {name: len(found & keys) for name, keys in known.items()}
    best = max(shared.values(), default=0)
    winners = [name for name, number in shared.items() if number == best]
    return winners[0] if best and len(winners) == 1 else ""


def _worth(one: Placed) -> tuple[bool, bool, float, int]:
    """By which the one that counts is the greatest."""
    return one.readable, one.worked > 0, one.hand_in.modified, one.worked


def _choose(
    found: Iterable[Placed], groups: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> tuple[list[Placed], list[Unplaced]]:
    """The hand-ins, of each student or group and assignment only one marked as counting.

    Nobody is two participants of an LMS: what several would then have handed in is given to none.
    """
    owners: dict[tuple[str, str], list[Placed]] = {}
    for one in found:
        members = groups[one.assignment].get(one.student, (one.student,))
        owners.setdefault((members[0], one.assignment), []).append(one)
    chosen: list[Placed] = []
    refused: list[Unplaced] = []
    for group in owners.values():
        known_as: dict[str, set[str]] = {}
        for one in group:
            if one.told:
                known_as.setdefault(one.student, set()).add(one.told)
        twice = {student: names for student, names in known_as.items() if len(names) > 1}
        for one in group:
            if one.student in twice:
                names = ", ".join(sorted(twice[one.student]))
                reason = f"{one.student} would be several people of the LMS ({names}): mend the roster"
                refused.append(Unplaced(one.hand_in.name, reason))
        group = [one for one in group if one.student not in twice]
        best = max(group, key=_worth, default=None)
        chosen += [replace(one, counts=one is best) for one in group]
    return chosen, refused


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
    write_whole(target, one.hand_in.raw)
    for path in others:
        if path != target:  # another edition would be graded in its place
            path.unlink()
        (folder / "timestamp.txt").unlink(missing_ok=True)  # it told of what was replaced

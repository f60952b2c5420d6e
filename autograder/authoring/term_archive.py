"""Archives of finished terms: a zip file of a course with everybody's work, grades and the versions that made them."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from autograder import __version__
from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_file, visible_files
from autograder.grading.course_secret import KEY_FILE
from autograder.grading.versions import version_of
from autograder.i18n import _
from autograder.nbgrader import converters
from autograder.nbgrader_hooks import CONFIG_FILE

FOLDER = "archives"
SUMS, VERSIONS = "SHA256SUMS", "versions.json"
GRADEBOOK = "gradebook.db"
PACKAGES = ("nbgrader", "numpy", "tensorflow", "keras")
COURSE = (
    CONFIG_FILE, ".gitignore", "README.md", KEY_FILE, "grades.csv", "question_scores.csv", "roster.csv", "groups.csv",
    "times.csv", "source",
    "solutions", "release", "submitted", "autograded", "feedback", "reports", "regrades", "build/regrade.csv",
    "build/certificate.json",
)  # fmt: skip
"""What an archive holds of a course, besides the gradebook: files and folders."""


@dataclass(frozen=True)
class Archive:
    """A written archive."""

    path: Path
    files: int
    students: int
    sha256: str


def pack(course: Course, path: Path) -> Archive:
    """Pack a course into a zip file that only its owner may read, and write its checksum beside it.

    Links are left out: they may lead out of the course. Raises CourseError if the file exists or no grades do.
    """
    checksum = path.with_name(f"{path.name}.sha256")
    for existing in (path, checksum):
        if existing.exists():
            raise CourseError(_("{path} already exists; archives are never overwritten", path=existing))
    if not (course.root / "grades.csv").exists():
        raise CourseError(
            _(
                "{root} has no grades.csv: nothing was graded yet; run `autograder grade` first",
                root=course.root,
            )
        )
    sums: dict[str, str] = {}
    with (
        tempfile.TemporaryDirectory(prefix="archive-") as temporary,
        atomic_file(path, mode=0o600) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as packed,
    ):
        copied = Path(temporary) / GRADEBOOK
        converters.copy_gradebook(course, copied)
        for name, source in (*_files(course), *([(GRADEBOOK, copied)] if copied.exists() else ())):
            sums[name] = _sum_of(source)
            packed.write(source, name)
        versions = {"course": course.id, "made": datetime.now(UTC).isoformat(timespec="seconds")}
        versions |= {"autograder": __version__, "python": platform.python_version()}
        versions |= {package: version_of(package) for package in PACKAGES}
        content = json.dumps(versions, indent=1) + "\n"
        sums[VERSIONS] = hashlib.sha256(content.encode()).hexdigest()
        packed.writestr(VERSIONS, content)
        packed.writestr(SUMS, "".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    digest = _sum_of(path)
    opened = os.open(checksum, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as written:
        written.write(f"{digest}  {path.name}\n")
    students = {PurePosixPath(name).parts[1] for name in sums if name.startswith("submitted/")}
    return Archive(path, len(sums), len(students), digest)


def unpack(path: Path, folder: Path, wanted: Collection[str]) -> None:
    """Unpack some top-level files and folders of an archive.

    Raises CourseError if it is no archive of a course, or if a file in it has changed.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            listed = packed.read(SUMS).decode().splitlines()
            sums = {name: digest for digest, name in (line.split("  ", 1) for line in listed)}
            for name in packed.namelist():
                parts = PurePosixPath(name).parts
                if not parts or parts[0] not in wanted:
                    continue
                content = packed.read(name)
                if hashlib.sha256(content).hexdigest() != sums.get(name) or ".." in parts:
                    raise CourseError(
                        _("{path}: {name} has changed since it was archived", path=path, name=name)
                    )
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise CourseError(
            _("{path} is not an archive of `autograder archive`: {error}", path=path, error=error)
        ) from error


def _files(course: Course) -> Iterator[tuple[str, Path]]:
    """Yield the name in the archive and the path of each file of the course, without links."""
    moved = {"submitted": course.submitted, "autograded": course.autograded, "feedback": course.feedback}
    for name in COURSE:
        path = moved.get(name, course.root / name)
        if path.is_file():
            yield name, path
        for inner in visible_files(path.resolve()) if path.is_dir() else ():
            if not inner.is_symlink():
                yield f"{name}/{inner.relative_to(path.resolve()).as_posix()}", inner


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

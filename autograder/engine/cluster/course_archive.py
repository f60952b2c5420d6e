"""Packs the files of a course that grading needs, which is all that a worker's machine gets of it.

The archive holds no submission, gradebook, roster or group: each request carries what one submission needs of them. Nor
does it hold the course's secret, but only the keys of the assignments.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.course import Course
from autograder.files import visible_files
from autograder.grading.course_secret import KEY_FILE, key_file_for
from autograder.nbgrader_hooks import CONFIG_FILE

DATED = (1980, 1, 1, 0, 0, 0)  # one date for all, so that equal files are equal bytes


def pack(course: Course, assignments: Sequence[str]) -> bytes:
    """Pack the settings, and some assignments' questions, releases and keys. Equal files give equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in _files(course, assignments):
            name = path.relative_to(course.root).as_posix()
            archive.writestr(zipfile.ZipInfo(name, DATED), path.read_bytes(), zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo(KEY_FILE, DATED), key_file_for(course, assignments))
    return packed.getvalue()


def _files(course: Course, assignments: Sequence[str]) -> Iterator[Path]:
    yield course.root / CONFIG_FILE
    for name in sorted(assignments):
        yield from course.assignment(name).question_files
        for folder in [
            course.assignment(name).release(language).parent for language in sorted(course.languages)
        ]:
            yield from visible_files(folder)


def unpack(packed: bytes, folder: Path) -> None:
    """Extract the files into a folder, which must be private."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)


def digest(*parts: bytes) -> str:
    """Return a digest of all that a worker must have before it grades. If it is equal, nothing needs to be sent."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()

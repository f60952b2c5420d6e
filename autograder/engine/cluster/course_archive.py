"""Packs the files of a course that grading needs, which is all that a worker's machine gets of it.

The archive holds no submission, gradebook, roster or group: each request carries what one submission needs of them. Nor
does it hold the course's secret, but only the keys of the assignments.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from autograder.course import Course
from autograder.grading.course_secret import KEY_FILE, key_file_for

DATED = (1980, 1, 1, 0, 0, 0)  # one date for all, so that equal files are equal bytes


def pack(course: Course, assignments: Sequence[str]) -> bytes:
    """Pack the settings, and some assignments' questions, sources of tests, releases and keys.

    Equal files give equal bytes. Raises CourseError if a file lies outside the course.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        files = course.config_files
        for assignment in sorted(assignments):
            files |= course.assignment(assignment).grading_files
        for name, path in files.items():
            archive.writestr(zipfile.ZipInfo(name, DATED), path.read_bytes(), zipfile.ZIP_DEFLATED)
        if keyed := [name for name in assignments if course.assignment(name).has_questions]:
            archive.writestr(zipfile.ZipInfo(KEY_FILE, DATED), key_file_for(course, keyed))
    return packed.getvalue()


def unpack(packed: bytes, folder: Path) -> None:
    """Extract the files into a folder, which must be private."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)


def digest(*parts: bytes) -> str:
    """Return a digest of all that a worker must have before it grades. If it is equal, nothing needs to be sent."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()

"""Placement of collected notebooks in `submitted/`: never over a newer one, and what is replaced is kept.

The time of a submission is that of its file, which is set to the time that the download carried, or that in
`timestamp.txt` if it is later.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from autograder.course import Course, SubmissionId
from autograder.errors import UnreadableSubmission
from autograder.files import atomic_write
from autograder.submissions.safe_read import read_bytes

KEPT_TIME = r"\d{8}-\d{6}-\d{6}"
"""The time in the name of a replaced submission."""
MAX_TIMESTAMP = 100
RESOLUTION = 2.0
"""Seconds: a zip has every second one."""
FIRST_TIME = datetime(1981, 1, 1, tzinfo=UTC).timestamp()
"""Archives without times give their files that of 1970 or 1980."""

Outcome = Literal["new", "same", "replaced", "undated", "older"]
"""Undated: replaced, although one of the two has no known time. Older: not taken, since the submission is newer."""


@dataclass(frozen=True)
class Placement:
    """What happened to one student's submission when a file was collected."""

    student: str
    outcome: Outcome
    time: datetime | None
    """Of the collected file; None if unknown."""
    before: datetime | None = None
    """Of the submission that was there; None if there was none, or its time is unknown."""

    @property
    def is_taken(self) -> bool:
        """Whether the submission is now the collected file."""
        return self.outcome != "older"


def place(
    course: Course, submission: SubmissionId, raw: bytes, modified: float, *, replace_newer: bool = False
) -> Placement:
    """Write a submission, unless the one that is there is newer; keep what it replaces under `build/replaced/`.

    modified: the time of the file, as seconds since 1970. replace_newer: whether it is written over a newer one, too.
    """
    folder = course.submitted_folder(submission)
    target = folder / f"{submission.notebook}.ipynb"
    there = [target] if submission.part else folder.glob("*.ipynb")
    others = [path for path in there if path.exists() and (path != target or path.read_bytes() != raw)]
    given = min(modified, time.time())  # whoever made the archive chose its times
    outcome, before = _outcome(folder, others, given, replace_newer=replace_newer)
    if target.exists() and not others:
        outcome = "same"
    if outcome != "older":
        folder.mkdir(parents=True, exist_ok=True)
        _keep(course, submission.student, others)
        if outcome != "same":
            atomic_write(target, raw)
            if _is_known(given):
                os.utime(target, (given, given))
        for path in others:
            if path != target:  # another edition would be graded instead
                path.unlink()
            (folder / "timestamp.txt").unlink(missing_ok=True)  # it is the time of the replaced submission
    return Placement(submission.student, outcome, _moment(given), _moment(before))


def _outcome(folder: Path, there: list[Path], given: float, *, replace_newer: bool) -> tuple[Outcome, float]:
    """Return what is to become of other notebooks in a folder, and the time of the newest; 0 if it is unknown."""
    if not there:
        return "new", 0.0
    before = max(_recorded(folder), *(path.stat().st_mtime for path in there))
    if not (_is_known(before) and _is_known(given)):
        return "undated", before
    is_older = given < before - RESOLUTION
    return ("older" if is_older and not replace_newer else "replaced"), before


def _recorded(folder: Path) -> float:
    """Return the time in `timestamp.txt`, as `autograder deadlines` and nbgrader write it in UTC; 0 without one."""
    path = folder / "timestamp.txt"
    try:
        text = read_bytes(path, below=path.parents[2])[:MAX_TIMESTAMP].decode().strip()
        moment = datetime.fromisoformat(text.removesuffix("UTC").strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (UnreadableSubmission, ValueError, OverflowError):
        return 0.0


def _keep(course: Course, student: str, paths: list[Path]) -> None:
    backup = replaced_folder(course, student)
    now = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    for path in paths:
        backup.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, backup / f"{path.stem}-{now}.ipynb")


def _is_known(seconds: float) -> bool:
    return seconds >= FIRST_TIME


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if _is_known(seconds) else None


def replaced_folder(course: Course, student: str) -> Path:
    """Return the folder of a student's replaced submissions."""
    return course.set_aside("replaced") / student


def attempt_of(course: Course, submission: SubmissionId) -> int | None:
    """Return which of the student's submissions the collected one is; None if it replaced no earlier one."""
    kept = re.compile(rf"{re.escape(submission.notebook)}-{KEPT_TIME}\.ipynb")
    replaced = sum(
        bool(kept.fullmatch(path.name)) for path in replaced_folder(course, submission.student).glob("*")
    )
    return replaced + 1 if replaced else None

"""An attempt's folder: the file handed in, and beside it what grading made of it."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat

from autograder.course import Course, SubmissionId, Tells
from autograder.files import atomic_write
from autograder.nbgrader.graded_notebook import read_off, reports_in
from autograder.nbgrader.records import GradedSubmission, Scores
from autograder.submissions.safe_read import read_bytes
from autograder.submissions.selection import File
from autograder.web.settings import folder_of

SHOWN, TELLS = "\n<!-- scores {}", ", tells {} -->\n"
"""End a page: which scores it shows, and how much it tells."""


@dataclass(frozen=True)
class Folder:
    """Where an attempt's files lie; path: as `Attempt.path`."""

    course: Course
    path: str

    @property
    def root(self) -> Path:
        """The folder that all of them lie in."""
        return folder_of(self.course) / "files"

    @property
    def handed_in(self) -> Path:
        """The file handed in."""
        return self.root / self.path

    @property
    def graded(self) -> Path:
        """The graded notebook, whence the gradebook gets its scores when this is what counts."""
        return self.handed_in.parent / "graded.ipynb"

    @property
    def page(self) -> Path:
        """The feedback page."""
        return self.handed_in.parent / "feedback.html"

    def read(self, name: str) -> File:
        """The file handed in, under a name. Raises Refusal where it is gone or cannot be read."""
        return File(name, read_bytes(self.handed_in, below=self.root))

    def keep(self, graded: GradedSubmission, page: str, scores: Scores, tells: Tells) -> None:
        """Put down what grading gave."""
        atomic_write(self.graded, graded.notebook)
        self.keep_page(page, scores, tells)

    def keep_page(self, page: str, scores: Scores, tells: Tells) -> None:
        """Put down a page that shows these scores and tells so much."""
        atomic_write(self.page, page + _end(scores, tells))

    def page_of(self, scores: Scores, tells: Tells) -> str | None:
        """The page, where there is one that shows just these scores and tells just so much."""
        try:
            page = self.page.read_text(encoding="utf-8")
        except OSError:
            return None
        return page if page.endswith(_end(scores, tells)) else None

    def tells_another(self, tells: Tells) -> bool:
        """Whether there is a page, and it tells more or less than this."""
        end = TELLS.format(tells).encode()
        try:
            with self.page.open("rb") as file:
                file.seek(-min(len(end), self.page.stat().st_size), os.SEEK_END)
                return file.read() != end
        except OSError:
            return False

    def read_graded(self, job: SubmissionId) -> GradedSubmission:
        """What grading gave. Raises OSError or ValueError where it cannot be read."""
        written = self.graded.read_text(encoding="utf-8")
        notebook = nbformat.reads(written, as_version=4)
        return read_off(job, notebook, written, reports_in(notebook))

    def hand_to_nbgrader(self, job: SubmissionId, received_at: datetime) -> None:
        """Put the file where nbgrader, formgrader and `autograder grade` look for what was handed in."""
        folder = self.course.submitted_folder(job)
        atomic_write(folder / f"{job.assignment}.ipynb", self.handed_in.read_bytes())
        atomic_write(folder / "timestamp.txt", f"{received_at:%Y-%m-%d %H:%M:%S.%f} UTC\n")

    def delete(self) -> bool:
        """Whether there was anything to delete."""
        folder = self.handed_in.parent
        if folder == self.root or self.root not in folder.parents or not folder.is_dir():
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return True


def _end(scores: Scores, tells: Tells) -> str:
    return SHOWN.format(_digest(scores)) + TELLS.format(tells)


def _digest(scores: Scores) -> str:
    numbers = [(name, *(round(one, 6) for one in cell)) for name, cell in sorted(scores.cells.items())]
    told = numbers, sorted((scores.comments or {}).items()), round(scores.late_penalty or 0.0, 6)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]

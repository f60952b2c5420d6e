"""The folder of an attempt: the submitted file, the graded notebook and the feedback page."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat

from autograder.course import Course, SubmissionId
from autograder.course_settings import FeedbackLevel
from autograder.files import atomic_write
from autograder.grading.submission_grader import GradedSubmission
from autograder.nbgrader.graded_notebook import grade_record, reports_in
from autograder.nbgrader.records import GradeRecord, Scores
from autograder.submissions.safe_read import read_bytes
from autograder.submissions.selection import File
from autograder.web.settings import files_of

SHOWN, LEVEL = "\n<!-- scores {}", ", tells {} -->\n"
"""Comments at the end of a page: a digest of its scores, and how much it discloses."""


@dataclass(frozen=True)
class AttemptFolder:
    """The files of an attempt. path: as `Attempt.path`."""

    course: Course
    path: str

    @property
    def submitted(self) -> Path:
        """The submitted file."""
        return files_of(self.course) / self.path

    @property
    def graded(self) -> Path:
        """The graded notebook; the gradebook gets its scores if this attempt counts."""
        return self.submitted.parent / "graded.ipynb"

    @property
    def page(self) -> Path:
        """The feedback page."""
        return self.submitted.parent / "feedback.html"

    def read(self, name: str) -> File:
        """Read the submitted file, under a name. Raises UnreadableSubmission if it is missing or unreadable."""
        return File(name, read_bytes(self.submitted, below=files_of(self.course)))

    def write(self, graded: GradeRecord, page: str, scores: Scores, level: FeedbackLevel) -> None:
        """Write the graded notebook and its page."""
        atomic_write(self.graded, graded.notebook)
        self.write_page(page, scores, level)

    def write_page(self, page: str, scores: Scores, level: FeedbackLevel) -> None:
        """Write a page that shows these scores and discloses this much."""
        atomic_write(self.page, page + _end(scores, level))

    def page_of(self, scores: Scores, level: FeedbackLevel) -> str | None:
        """Return the page if it shows exactly these scores and discloses exactly this much, else None."""
        try:
            page = self.page.read_text(encoding="utf-8")
        except OSError:
            return None
        return page if page.endswith(_end(scores, level)) else None

    def is_outdated(self, level: FeedbackLevel) -> bool:
        """Check whether there is a page that discloses more or less than this."""
        end = LEVEL.format(level).encode()
        try:
            with self.page.open("rb") as file:
                file.seek(-min(len(end), self.page.stat().st_size), os.SEEK_END)
                return file.read() != end
        except OSError:
            return False

    def read_graded(self, submission: SubmissionId) -> GradeRecord:
        """Read the graded notebook. Raises OSError or ValueError if it cannot be read."""
        written = self.graded.read_text(encoding="utf-8")
        notebook = nbformat.reads(written, as_version=4)
        return grade_record(GradedSubmission(submission, notebook, reports_in(notebook)), written)

    def submit_to_nbgrader(self, submission: SubmissionId, received_at: datetime) -> None:
        """Copy the file to where nbgrader, formgrader and `autograder grade` look for submissions."""
        folder = self.course.submitted_folder(submission)
        atomic_write(folder / f"{submission.assignment}.ipynb", self.submitted.read_bytes())
        atomic_write(folder / "timestamp.txt", f"{received_at:%Y-%m-%d %H:%M:%S.%f} UTC\n")

    def delete(self) -> bool:
        """Delete the folder. Returns whether there was one."""
        folder, root = self.submitted.parent, files_of(self.course)
        if folder == root or root not in folder.parents or not folder.is_dir():
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return True


def _end(scores: Scores, level: FeedbackLevel) -> str:
    return SHOWN.format(_digest(scores)) + LEVEL.format(level)


def _digest(scores: Scores) -> str:
    numbers = [(name, *(round(number, 6) for number in cell)) for name, cell in sorted(scores.cells.items())]
    late = round(scores.late_penalty or 0.0, 6)
    content = numbers, sorted((scores.comments or {}).items()), late, scores.waiting, scores.attempt
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]

"""The folder of an attempt: the submitted file, the graded notebook and the feedback page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import nbformat

from autograder.course import Course, SubmissionId
from autograder.course_settings import FeedbackLevel
from autograder.feedback.page_state import scores_digest, state_of_page
from autograder.files import atomic_write
from autograder.grading.submission_grader import GradedSubmission
from autograder.nbgrader.graded_notebook import grade_record, reports_in
from autograder.nbgrader.records import GradeRecord, Scores
from autograder.submissions.safe_read import read_bytes
from autograder.submissions.selection import File
from autograder.web.settings import files_of

Side = Literal["before", "after"]


@dataclass(frozen=True)
class SavedResult:
    """A result of an attempt that does not count: what a regrade would give it, or what it had before."""

    folder: Path

    def exists(self) -> bool:
        """Return whether the result is there as a whole."""
        return self._values.is_file()

    def save(self, values: Mapping[str, Any], notebook: bytes, page: bytes) -> None:
        """Write the result. values: of the row of the attempt, as JSON."""
        atomic_write(self._notebook, notebook)
        atomic_write(self._page, page)
        atomic_write(self._values, json.dumps(values))

    @property
    def values(self) -> dict[str, Any]:
        """The values of the row of the attempt."""
        found: dict[str, Any] = json.loads(self._values.read_text(encoding="utf-8"))
        return found

    @property
    def files(self) -> tuple[bytes, bytes]:
        """The graded notebook and the page."""
        return self._notebook.read_bytes(), self._page.read_bytes()

    @property
    def _notebook(self) -> Path:
        return self.folder / "notebook.ipynb"

    @property
    def _page(self) -> Path:
        return self.folder / "page.html"

    @property
    def _values(self) -> Path:
        return self.folder / "result.json"


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

    def saved(self, regrade: int, side: Side) -> SavedResult:
        """Return the result of the attempt before or after a regrade."""
        return SavedResult(self._regrade(regrade) / side)

    def forget(self, regrade: int) -> None:
        """Delete the results of a regrade."""
        shutil.rmtree(self._regrade(regrade), ignore_errors=True)

    def _regrade(self, regrade: int) -> Path:
        return self.submitted.parent / f"regrade-{regrade}"

    def write(self, graded: GradeRecord, page: str) -> None:
        """Write the graded notebook and its page."""
        self.write_files(graded.notebook.encode(), page.encode())

    def write_files(self, notebook: bytes, page: bytes) -> None:
        """Write a graded notebook and its page."""
        atomic_write(self.graded, notebook)
        atomic_write(self.page, page)

    def page_of(self, scores: Scores, level: FeedbackLevel) -> str | None:
        """Return the page if it shows exactly these scores and discloses exactly this much, else None."""
        digest = scores_digest(scores.cells, scores.comments, scores.late_penalty, scores.waiting)
        shown = state_of_page(self.page)
        if (shown.scores, shown.level) != (digest, level):
            return None
        return self.page.read_text(encoding="utf-8")

    def is_outdated(self, level: FeedbackLevel) -> bool:
        """Check whether there is a page that discloses more or less than this."""
        return self.page.is_file() and state_of_page(self.page).level != level

    def read_graded(self, submission: SubmissionId) -> GradeRecord:
        """Read the graded notebook. Raises OSError or ValueError if it cannot be read."""
        written = self.graded.read_text(encoding="utf-8")
        notebook = nbformat.reads(written, as_version=4)
        return grade_record(GradedSubmission(submission, notebook, reports_in(notebook)), written)

    def submit_to_nbgrader(self, submission: SubmissionId, received_at: datetime) -> None:
        """Copy the file to where nbgrader, formgrader and `autograder grade` look for submissions."""
        folder = self.course.submitted_folder(submission)
        atomic_write(folder / f"{submission.notebook}.ipynb", self.submitted.read_bytes())
        atomic_write(folder / "timestamp.txt", f"{received_at:%Y-%m-%d %H:%M:%S.%f} UTC\n")

    def delete(self) -> bool:
        """Delete the folder. Returns whether there was one."""
        folder, root = self.submitted.parent, files_of(self.course)
        if folder == root or root not in folder.parents or not folder.is_dir():
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return True

"""What was graded before: where it lies, whether it still stands, and if not, why it is graded again."""

from __future__ import annotations

import contextlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.engine import worker
from autograder.engine.messages import Result, SubmissionId, intern_reports
from autograder.errors import CourseError, UnreadableSubmission
from autograder.grading.feedback import shown_in
from autograder.grading.fingerprint import NOT_STALE, Fingerprints, RegradeReason, difference
from autograder.grading.report import Report
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.notebooks.essays import texts_by_hand
from autograder.notebooks.stamp import NAMESPACE
from autograder.questions.variants import Claim, plain_id
from autograder.roster import groups_of, members_by_student
from autograder.sandbox.fit_mode import Fit
from autograder.submissions import rebuild, selection
from autograder.submissions.selection import File

EXCHANGE_FILES, MAX_EXCHANGE_FILE = ("timestamp.txt", "submission_secret.txt"), 1000


class KeptGrades:
    """What a course's folders and gradebook hold of earlier runs."""

    def __init__(self, course: Course, ledger: GradebookWriter, *, force: bool = False) -> None:
        """force: whether nothing of it is to stand."""
        self._course, self._ledger, self._force = course, ledger, force
        self._records = Fingerprints(course)

    def lookup(self, job: SubmissionId) -> Result | RegradeReason:
        """What was found before, where that still stands; else why not, or `NOT_STALE` where nothing was."""
        path = graded_path(self._course, job)
        if not path.exists():
            return NOT_STALE
        if self._force:
            return RegradeReason("asked")
        try:
            graded = json.loads(path.read_bytes())
            told = graded["metadata"].get(NAMESPACE, {})
            claim, claimed = worker.claim_in(graded)
        except (OSError, ValueError, KeyError, TypeError):  # no run leaves it so: it is written whole
            return RegradeReason("unrecorded")
        why = self._why(job, told, claim, claimed)
        if why.reason:
            return why
        return Result(
            job, "kept", reports=intern_reports(worker.reports_in(graded)), seal=told.get("seal", ""),
            fit=Fit.from_data(told.get("fit")), claim=(claim, claimed),
            essays=worker.essays_in(graded),
        )  # fmt: skip

    def _why(self, job: SubmissionId, told: Any, claim: Claim, claimed: str) -> RegradeReason:
        """What is not as it was."""
        course = self._course
        if told.get("submitted") != selection.digest(submitted_files(course, job)):
            return RegradeReason("answers")
        changed = difference(told.get("record"), self._records.of(job.assignment))
        if changed.reason:
            return changed
        # handed in once more, the same file has another time and asks for its page by another secret
        if exchange_files(course, job) != _kept_exchange_files(course, job):
            return RegradeReason("handed in")
        if claim == "nobody's" and claimed in self._known:
            return RegradeReason("claimed")
        if claim == "another's" and claimed in self._together(job):
            return RegradeReason("group")
        if job not in self._settled:
            return RegradeReason("score")
        return NOT_STALE if self._is_as_late(job) else RegradeReason("late")

    def has_stale_page(self, job: SubmissionId) -> bool:
        """Whether the page of a grade that stands is gone, or does not show what the gradebook says."""
        if job.assignment not in self._states:
            self._states[job.assignment] = self._ledger.states(job.assignment)
        return shown_in(feedback_path(self._course, job)) != self._states[job.assignment].get(job.student)

    @cached_property
    def _states(self) -> dict[str, dict[str, str]]:
        return {}

    def _together(self, job: SubmissionId) -> set[str]:
        """The plain ids of those with whom a student handed in."""
        try:
            groups = members_by_student(groups_of(self._course, job.assignment))
        except CourseError:  # grading anew tells what is wrong with the file
            return set()
        return {plain_id(one) for one in groups.get(job.student, ())}

    def _is_as_late(self, job: SubmissionId) -> bool:
        try:
            before, today = self._ledger.late_penalties(job)
            return before == today
        except Exception:  # a course's own policy failed: grading it anew tells whose fault that is
            return False

    @cached_property
    def _settled(self) -> set[SubmissionId]:
        return self._ledger.settled()

    @cached_property
    def _known(self) -> dict[str, str]:
        return self._ledger.known_ids()


def submitted_folder(course: Course, job: SubmissionId) -> Path:
    """Where a student's submission lies."""
    return course.submitted / job.student / job.assignment


def submitted_files(course: Course, job: SubmissionId) -> tuple[File, ...]:
    """The notebooks in a submission."""
    return selection.read_files(submitted_folder(course, job), course.languages, below=course.submitted)


def exchange_files(course: Course, job: SubmissionId) -> dict[str, str]:
    """What nbgrader's exchange put beside a submission, by file name; empty where it came another way.

    nbgrader keeps them with what it graded, and finds by them whether a submission is newer and whose a page is.
    """
    slips = {}
    for name in EXCHANGE_FILES:
        with contextlib.suppress(UnreadableSubmission, ValueError):
            path = submitted_folder(course, job) / name
            slips[name] = rebuild.read_bytes(path, below=course.submitted)[:MAX_EXCHANGE_FILE].decode()
    return slips


def graded_path(course: Course, job: SubmissionId) -> Path:
    """Where nbgrader keeps the graded notebook."""
    return course.autograded / job.student / job.assignment / f"{job.assignment}.ipynb"


def feedback_path(course: Course, job: SubmissionId) -> Path:
    """Where nbgrader puts the feedback page."""
    return course.feedback / job.student / job.assignment / f"{job.assignment}.html"


def _kept_exchange_files(course: Course, job: SubmissionId) -> dict[str, str]:
    """The slips that lie beside the graded notebook, of those that the submission has."""
    folder = graded_path(course, job).parent
    kept = {}
    for name in exchange_files(course, job):
        with contextlib.suppress(OSError, ValueError):
            kept[name] = (folder / name).read_text()
    return kept


def kept_texts(course: Course, job: SubmissionId) -> dict[str, str]:
    """What a person grades of a submission as it was graded last, by grade id; empty where it is not graded."""
    try:
        return texts_by_hand(json.loads(graded_path(course, job).read_bytes())["cells"])
    except (OSError, ValueError, KeyError, TypeError):  # of an older release, or damaged
        return {}


def kept_reports(course: Course, job: SubmissionId) -> dict[str, Report]:
    """The reports on a submission as it was graded last; empty where it is not graded."""
    try:
        return worker.reports_in(json.loads(graded_path(course, job).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):  # there is none, or not as a run leaves it
        return {}

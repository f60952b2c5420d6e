"""What was graded before: where it lies, whether it still stands, and if not, why it is graded again."""

from __future__ import annotations

import contextlib
import json
from functools import cached_property
from typing import Any

from autograder.course import Course, SubmissionId
from autograder.engine.messages import Result, intern_reports
from autograder.errors import CourseError, UnreadableSubmission
from autograder.grading.feedback import shown_in
from autograder.grading.fingerprint import NOT_STALE, Fingerprints, RegradeReason, difference
from autograder.grading.question_grader import Report
from autograder.nbgrader import graded_notebook
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

    def __init__(self, course: Course, gradebook: GradebookWriter, *, force: bool = False) -> None:
        """force: whether nothing of it is to stand."""
        self._course, self._gradebook, self._force = course, gradebook, force
        self._records = Fingerprints(course)

    def lookup(self, submission: SubmissionId) -> Result | RegradeReason:
        """What was found before, where that still stands; else why not, or `NOT_STALE` where nothing was."""
        path = self._course.graded_path(submission)
        if not path.exists():
            return NOT_STALE
        if self._force:
            return RegradeReason("asked")
        try:
            graded = json.loads(path.read_bytes())
            told = graded["metadata"].get(NAMESPACE, {})
            claim, claimed = graded_notebook.claim_in(graded)
        except (OSError, ValueError, KeyError, TypeError):  # no run leaves it so: it is written whole
            return RegradeReason("unrecorded")
        why = self._why(submission, told, claim, claimed)
        if why.reason:
            return why
        return Result(
            submission, "kept", reports=intern_reports(graded_notebook.reports_in(graded)), seal=told.get("seal", ""),
            fit=Fit.from_data(told.get("fit")), claim=(claim, claimed),
            essays=graded_notebook.essays_in(graded),
        )  # fmt: skip

    def _why(self, submission: SubmissionId, told: Any, claim: Claim, claimed: str) -> RegradeReason:
        """What is not as it was."""
        course = self._course
        if told.get("submitted") != selection.digest(submitted_files(course, submission)):
            return RegradeReason("answers")
        changed = difference(told.get("record"), self._records.of(submission.assignment))
        if changed.reason:
            return changed
        # handed in once more, the same file has another time and asks for its page by another secret
        if exchange_files(course, submission) != _kept_exchange_files(course, submission):
            return RegradeReason("handed in")
        if claim == "nobody's" and claimed in self._known:
            return RegradeReason("claimed")
        if claim == "another's" and claimed in self._together(submission):
            return RegradeReason("group")
        if submission not in self._settled:
            return RegradeReason("score")
        return NOT_STALE if self._is_as_late(submission) else RegradeReason("late")

    def has_stale_page(self, submission: SubmissionId) -> bool:
        """Whether the page of a grade that stands is gone, or does not show what the gradebook says."""
        if submission.assignment not in self._states:
            self._states[submission.assignment] = self._gradebook.states(submission.assignment)
        return shown_in(self._course.feedback_path(submission)) != self._states[submission.assignment].get(
            submission.student
        )

    @cached_property
    def _states(self) -> dict[str, dict[str, str]]:
        return {}

    def _together(self, submission: SubmissionId) -> set[str]:
        """The plain ids of those with whom a student handed in."""
        try:
            groups = members_by_student(groups_of(self._course, submission.assignment))
        except CourseError:  # grading anew tells what is wrong with the file
            return set()
        return {plain_id(one) for one in groups.get(submission.student, ())}

    def _is_as_late(self, submission: SubmissionId) -> bool:
        try:
            before, today = self._gradebook.late_penalties(submission)
            return before == today
        except Exception:  # a course's own policy failed: grading it anew tells whose fault that is
            return False

    @cached_property
    def _settled(self) -> set[SubmissionId]:
        return self._gradebook.settled()

    @cached_property
    def _known(self) -> dict[str, str]:
        return self._gradebook.known_ids()


def submitted_files(course: Course, submission: SubmissionId) -> tuple[File, ...]:
    """The notebooks in a submission."""
    return selection.read_files(course.submitted_folder(submission), course.languages, below=course.submitted)


def exchange_files(course: Course, submission: SubmissionId) -> dict[str, str]:
    """What nbgrader's exchange put beside a submission, by file name; empty where it came another way.

    nbgrader keeps them with what it graded, and finds by them whether a submission is newer and whose a page is.
    """
    slips = {}
    for name in EXCHANGE_FILES:
        with contextlib.suppress(UnreadableSubmission, ValueError):
            path = course.submitted_folder(submission) / name
            slips[name] = rebuild.read_bytes(path, below=course.submitted)[:MAX_EXCHANGE_FILE].decode()
    return slips


def _kept_exchange_files(course: Course, submission: SubmissionId) -> dict[str, str]:
    """The slips that lie beside the graded notebook, of those that the submission has."""
    folder = course.graded_path(submission).parent
    kept = {}
    for name in exchange_files(course, submission):
        with contextlib.suppress(OSError, ValueError):
            kept[name] = (folder / name).read_text()
    return kept


def kept_texts(course: Course, submission: SubmissionId) -> dict[str, str]:
    """What a person grades of a submission as it was graded last, by grade id; empty where it is not graded."""
    try:
        return texts_by_hand(json.loads(course.graded_path(submission).read_bytes())["cells"])
    except (OSError, ValueError, KeyError, TypeError):  # of an older release, or damaged
        return {}


def kept_reports(course: Course, submission: SubmissionId) -> dict[str, Report]:
    """The reports on a submission as it was graded last; empty where it is not graded."""
    try:
        return graded_notebook.reports_in(json.loads(course.graded_path(submission).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):  # there is none, or not as a run leaves it
        return {}

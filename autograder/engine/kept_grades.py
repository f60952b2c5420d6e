"""Kept grades: loads them from the course's folders and decides whether they are stale, and why."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from autograder.course import Course, SubmissionId
from autograder.engine.messages import Result, intern_reports
from autograder.errors import CourseError, UnreadableSubmission
from autograder.feedback.page_state import contact_digest, state_of_page
from autograder.grading.course_secret import (
    RECORDED,
    HandIn,
    next_hand_in,
    recorded_hand_in,
    recorded_metadata,
)
from autograder.grading.fingerprint import NO_REASON, SHOWN, Fingerprints, RegradeReason, difference
from autograder.grading.given_out import given_out
from autograder.grading.report import Report
from autograder.i18n import _
from autograder.nbgrader import graded_notebook
from autograder.nbgrader.gradebook import GradebookWriter, points_of, recorded_notebook
from autograder.nbgrader.open_gradebook import open_gradebook
from autograder.nbgrader.timestamp import submitted_at
from autograder.notebooks.cells import NAMESPACE
from autograder.notebooks.essays import manual_texts
from autograder.questions.variants import IdOwner, plain_id
from autograder.roster import groups_of, members_by_student
from autograder.submissions import safe_read, selection
from autograder.submissions.selection import File
from autograder.test_cells.proof import AUTHOR_FAILS
from autograder.text import some_of

CHANGED_ELSEWHERE = ("unrecorded", "questions", "release", RECORDED, "settings", "versions")
"""The reasons why a score may be another that have nothing to do with the submission itself."""
OF_THE_SUBMISSION = ("answers", "handed in", "claimed", "group")
"""Those because of which a score that is given out may become any other."""
EXCHANGE_FILES, MAX_EXCHANGE_FILE = ("timestamp.txt", "submission_secret.txt"), 1000


class KeptGrades:
    """The grades that earlier runs left in a course's folders and gradebook."""

    def __init__(
        self,
        course: Course,
        gradebook: GradebookWriter,
        given_out: Container[SubmissionId] = (),
        *,
        force: bool = False,
    ) -> None:
        """Read nothing yet. given_out: see `GivenOut`. force: treat every grade as stale."""
        self._course, self._gradebook, self._given_out, self._force = course, gradebook, given_out, force
        self._records = Fingerprints(course)
        self._digests: dict[tuple[str, str], dict[str, str]] = {}
        """The gradebook's state of each student's scores, by assignment."""
        self._contacts: dict[str, str] = {}
        """The digest of the contact for questions, by assignment."""
        self._points: dict[tuple[str, str], dict[str, float]] = {}
        """The points of the questions today, by assignment and notebook."""

    def lookup(self, submission: SubmissionId) -> Result | RegradeReason:
        """Return the kept result if it is current, else why it is stale; `NO_REASON` if there is no kept grade.

        A score that is given out is kept, and its result says so, where something else than the submission changed.
        """
        path = self._course.graded_path(submission)
        if not path.exists():
            return NO_REASON
        if self._force:
            return RegradeReason("asked")
        try:
            graded = json.loads(path.read_bytes())
            metadata = graded["metadata"].get(NAMESPACE, {})
            claim, claimed = graded_notebook.claim_in(graded)
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
        ):  # not left by a run, which writes the file atomically
            return RegradeReason("unrecorded")
        reports = graded_notebook.reports_in(graded)
        stale = self._staleness(submission, metadata, claim, claimed, reports)
        outdated = NO_REASON
        if submission in self._given_out and stale.reason in CHANGED_ELSEWHERE:
            outdated, stale = stale, NO_REASON
        if stale.reason:
            return stale
        return Result(
            submission, "kept", reports=intern_reports(reports),
            seal=metadata.get("seal", ""), claim=(claim, claimed),
            essays=graded_notebook.essays_in(graded), outdated=outdated,
        )  # fmt: skip

    def _staleness(
        self,
        submission: SubmissionId,
        metadata: Any,
        claim: IdOwner,
        claimed: str,
        reports: Mapping[str, Report],
    ) -> RegradeReason:
        """Return the first thing that changed since the submission was graded; of one given out, its own come first."""
        course, is_given_out = self._course, submission in self._given_out
        files = submitted_files(course, submission) + attached_files(course, submission)
        if "submitted" not in metadata:
            return RegradeReason("unrecorded")
        if metadata.get("submitted") != selection.digest(files):
            return RegradeReason("answers")
        now = self._records.of(submission.assignment)
        changed = difference(metadata.get("record"), now, of_scores=is_given_out)
        if changed.reason and not is_given_out:
            return changed
        # the same file, submitted again, has a new timestamp and a new secret by which its page is requested
        if exchange_files(course, submission) != _kept_exchange_files(course, submission):
            return RegradeReason("handed in")
        if claim == "nobody's" and claimed in self._known:
            return RegradeReason("claimed")
        if claim == "another's" and claimed in self._group_ids(submission):
            return RegradeReason("group")
        settled = (submission.student, submission.assignment, submission.notebook) in self._settled
        # what the author's solution fails stays without a score until the test is another
        if not settled and {report.ungraded for report in reports.values()} - {None} != {AUTHOR_FAILS}:
            return RegradeReason("score")
        if is_given_out:
            return changed
        return NO_REASON if self.has_same_penalty(submission) else RegradeReason("late")

    def has_stale_page(self, submission: SubmissionId) -> bool:
        """Return whether the page of a kept grade is missing, or differs from the gradebook.

        Or if it names another contact than the settings. One that is given out also differs if it says more, or less,
        than the feedback setting allows today.
        """
        here = submission.assignment, submission.notebook
        if here not in self._digests:
            self._digests[here] = self._gradebook.page_digests(*here)
        expected = self._digests[here].get(submission.student)
        state = state_of_page(self._course.feedback_path(submission))
        if submission in self._given_out and state.level != self._level(submission.assignment):
            return True
        return (state.scores, state.contact) != (expected, self._contact(submission.assignment))

    def has_other_points(self, submission: SubmissionId, reports: Mapping[str, Report]) -> bool:
        """Return whether a question of a kept grade has other points today, so that a page would show wrong ones."""
        here = submission.assignment, submission.notebook
        if here not in self._points:
            self._points[here] = points_of(self._gradebook.recorded(submission))
        return bool(_changed_points(reports, self._points[here]))

    def _contact(self, assignment: str) -> str:
        if assignment not in self._contacts:
            self._contacts[assignment] = contact_digest(self._course.assignment(assignment).contact)
        return self._contacts[assignment]

    def _level(self, assignment: str) -> str:
        return str(self._records.of(assignment)["settings"][SHOWN])

    def _group_ids(self, submission: SubmissionId) -> set[str]:
        """Return the plain ids of the student's group."""
        try:
            groups = members_by_student(groups_of(self._course, submission.assignment))
        except CourseError:  # grading the submission again reports what is wrong with the file
            return set()
        return {plain_id(member) for member in groups.get(submission.student, ())}

    def has_same_penalty(self, submission: SubmissionId) -> bool:
        """Return whether the recorded late penalty is the one that the dates of a submission give today."""
        try:
            before, today = self._gradebook.late_penalties(submission)
            return before == today
        except Exception:  # the course's late policy failed: grading the submission again reports it
            return False

    @cached_property
    def _settled(self) -> set[tuple[str, str, str]]:
        return self._gradebook.settled()

    @cached_property
    def _known(self) -> dict[str, str]:
        return self._gradebook.known_ids()


def submitted_files(course: Course, submission: SubmissionId) -> tuple[File, ...]:
    """Return the notebooks in a submission of which one counts."""
    folder, assignment = course.submitted_folder(submission), course.assignment(submission.assignment)
    if assignment.is_built:
        return selection.read_files(folder, course.languages, below=course.submitted)
    return selection.read_notebook(folder, submission.notebook, assignment.notebooks, below=course.submitted)


def attached_files(course: Course, submission: SubmissionId) -> tuple[File, ...]:
    """Return the data files in a submission, which only nbgrader's own tests may need."""
    if course.assignment(submission.assignment).is_built:
        return ()
    return selection.read_attached(course.submitted_folder(submission), below=course.submitted)


def exchange_files(course: Course, submission: SubmissionId) -> dict[str, str]:
    """Return the files that nbgrader's exchange put beside a submission, by name; empty if it came another way.

    nbgrader keeps them with the graded notebook. It tells by them whether a submission is newer and whose a page is.
    """
    contents = {}
    for name in EXCHANGE_FILES:
        with contextlib.suppress(UnreadableSubmission, ValueError):
            path = course.submitted_folder(submission) / name
            contents[name] = safe_read.read_bytes(path, below=course.submitted)[:MAX_EXCHANGE_FILE].decode()
    return contents


def _kept_exchange_files(course: Course, submission: SubmissionId) -> dict[str, str]:
    """Return the copies of a submission's exchange files beside the graded notebook."""
    folder = course.graded_path(submission).parent
    kept = {}
    for name in exchange_files(course, submission):
        with contextlib.suppress(OSError, ValueError):
            kept[name] = (folder / name).read_text()
    return kept


def hand_in_of(course: Course, submission: SubmissionId, submitted: Sequence[File]) -> HandIn:
    """Return the hand-in that an earlier grade recorded, or a new one if files were handed in since."""
    if not course.assignment(submission.assignment).has_questions:  # no inputs are drawn
        return HandIn()
    metadata = recorded_metadata(course.graded_path(submission))
    if exchange_files(course, submission) == _kept_exchange_files(course, submission):
        recorded = recorded_hand_in(course, submission.assignment, metadata, selection.digest(submitted))
        if recorded is not None:
            return recorded
    time = submitted_at(course.submitted_folder(submission))
    return next_hand_in(metadata, time.isoformat() if time is not None else "")


def kept_texts(course: Course, submission: SubmissionId) -> dict[str, str]:
    """Return the manually graded texts of a submission as last graded, by grade id; empty if it is not graded."""
    try:
        return manual_texts(json.loads(course.graded_path(submission).read_bytes())["cells"])
    except (OSError, ValueError, KeyError, TypeError):  # from an older release, or damaged
        return {}


def kept_reports(course: Course, submission: SubmissionId) -> dict[str, Report]:
    """Return the reports on a submission as last graded; empty if it is not graded."""
    notebook = kept_notebook(course, submission)
    return {} if notebook is None else graded_notebook.reports_in(notebook)


def kept_notebook(course: Course, submission: SubmissionId) -> Any:
    """Return the notebook of a submission as last graded; None if it is not graded."""
    try:
        notebook = json.loads(course.graded_path(submission).read_bytes())
        graded_notebook.reports_in(notebook)
        graded_notebook.record_in(notebook)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # missing, or not left by a run
        return None
    return notebook


def _changed_points(reports: Mapping[str, Report], today: Mapping[str, float]) -> list[str]:
    return [name for name, report in reports.items() if today.get(name, report.points) != report.points]


def check_points(course: Course, assignment: str) -> None:
    """Raise CourseError if scores that are given out are out of other points than their questions have today.

    In a file of an LMS they would count as more, or as less, than students were told.
    """
    students = given_out(course).students.get(assignment, {})
    with open_gradebook(course) as gradebook:
        for notebook in course.assignment(assignment).notebooks if students else ():
            part = "" if course.assignment(assignment).is_built else notebook
            today = points_of(recorded_notebook(gradebook, SubmissionId("", assignment, part)))
            for student in students:
                changed = _changed_points(
                    kept_reports(course, SubmissionId(student, assignment, part)), today
                )
                if changed:
                    raise CourseError(
                        _(
                            "{questions} of {assignment} had other points when scores were given out, for example that "
                            "of {student}: run `autograder regrade {assignment}`, or put the points back",
                            questions=some_of(changed),
                            assignment=assignment,
                            student=student,
                        )
                    )


def changed_points(course: Course, results: Iterable[Result]) -> dict[str, list[str]]:
    """Return the questions that had other points when scores of a run were given out than today, by assignment.

    In `grades.csv`, such a score and its maximum do not fit each other.
    """
    found: dict[str, dict[str, None]] = {}
    outdated = [result for result in results if result.outdated.reason]
    if not outdated:
        return {}
    with open_gradebook(course) as gradebook:
        for name in dict.fromkeys(result.submission.assignment for result in outdated):
            if not course.assignment(name).is_built:
                continue
            today = points_of(recorded_notebook(gradebook, SubmissionId("", name)))
            of_name = (result for result in outdated if result.submission.assignment == name)
            changed = (one for result in of_name for one in _changed_points(result.reports, today))
            if names := dict.fromkeys(changed):
                found[name] = names
    return {name: [*names] for name, names in found.items()}


def outdated_scores(course: Course, assignments: Iterable[str]) -> dict[SubmissionId, RegradeReason]:
    """Return the scores that are given out and follow what was there before, with what changed since."""
    records, out = Fingerprints(course), given_out(course)
    found: dict[SubmissionId, RegradeReason] = {}
    for name in assignments:
        for student in out.students.get(name, {}):
            for notebook in course.assignment(name).notebooks:
                part = "" if course.assignment(name).is_built else notebook
                submission = SubmissionId(student, name, part)
                graded = kept_notebook(course, submission)
                if graded is None:
                    continue
                changed = difference(graded_notebook.record_in(graded), records.of(name), of_scores=True)
                if changed.reason:
                    found.setdefault(submission.whole, changed)
    return found

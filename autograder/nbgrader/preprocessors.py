"""The preprocessors that `configure` and `seal_grading` add to nbgrader's pipeline.

nbgrader and our workers change into the course's folder before they convert, so the current folder is the course.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import preprocessors
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.feedback.page_state import PageState, contact_digest, scores_digest
from autograder.grading.course_secret import HandIn, unrecorded_hand_in
from autograder.grading.submission_grader import CourseGrader, grade_rebuilt, rebuild_submission
from autograder.nbgrader import submission_reader
from autograder.nbgrader.converters import Resources
from autograder.nbgrader.gradebook import is_waiting, known_ids, recorded_notebook, ungraded_on_error
from autograder.nbgrader.graded_notebook import fill_grade_cells, is_ungraded
from autograder.nbgrader.tested_assignment import SealedTests, proved_tests
from autograder.nbgrader_hooks import NO_KERNEL
from autograder.notebooks import images
from autograder.notebooks.cells import KERNELSPEC, NAMESPACE, cell_metadata, grade_id, notebook_json
from autograder.notebooks.released_pools import EARLIER
from autograder.notebooks.stamp import worked_solutions
from autograder.sandbox.profiles import KERNEL_PROFILES
from autograder.submissions.placement import attempt_of
from autograder.text import joined
from autograder.verification.released import check_proved


class Edition(NbGraderPreprocessor):  # type: ignore[misc]
    """Keeps the cells of one language, with their images, and records the edition in the notebook's metadata."""

    language = Unicode("", help="Language of the edition; if empty, the course's first.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook of one edition, without stamps."""
        course = Course.open(Path.cwd())
        language = self.language or course.languages[0]
        nb.cells = [cell for cell in nb.cells if cell_metadata(cell).get("lang", language) == language]
        for cell in nb.cells:
            metadata = cell.metadata.get(NAMESPACE)
            if metadata is not None:
                metadata.pop("stamp", None)
        mistakes = [*images.mistakes(nb, course.pictures)]
        if mistakes:
            raise CourseError(joined("; ", mistakes))
        images.embed(nb, course.pictures)
        nb.metadata["kernelspec"] = nbformat.from_dict(dict(KERNELSPEC))
        metadata = nb.metadata.get(NAMESPACE, {})
        nb.metadata[NAMESPACE] = {
            "course": course.id,
            "assignment": resources["nbgrader"]["assignment"],
            "edition": language,
            "drafts": list(metadata.get("drafts", ())),
            **({EARLIER: metadata[EARLIER]} if EARLIER in metadata else {}),
        }
        return nb, resources


class SaveCells(preprocessors.SaveCells):  # type: ignore[misc]
    """nbgrader's `SaveCells`, which here writes a kernel that does not exist into the gradebook; see `NO_KERNEL`."""

    def _create_notebook(self, nb: NotebookNode) -> None:
        super()._create_notebook(nb)
        notebook = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        notebook.kernelspec = json.dumps(dict(KERNELSPEC) | {"name": NO_KERNEL})
        self.gradebook.db.commit()


class CoursePreprocessor(NbGraderPreprocessor):  # type: ignore[misc]
    """Base of preprocessors that need the course, which is opened once."""

    @cached_property
    def course(self) -> Course:
        """The course in the current folder."""
        return Course.open(Path.cwd())

    @cached_property
    def grader(self) -> CourseGrader:
        """The course with its fork servers."""
        return CourseGrader(self.course)


class Rebuild(CoursePreprocessor):
    """Puts the student's answers and own cells into the released notebook of the submitted edition."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the rebuilt notebook, whose metadata record how each answer was found."""
        assignment = resources["nbgrader"]["assignment"]
        if not self.course.assignment(assignment).is_built:  # the reader has rebuilt it
            return nb, resources
        with ungraded_on_error(resources["nbgrader"]):
            check_proved(self.course.assignment(assignment))  # nbgrader's own command proves nothing
            return rebuild_submission(self.grader, assignment, nb), resources


class Grade(CoursePreprocessor):
    """Replaces `Execute`: runs the notebook in a sealed session and grades it from outside."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with one finite number and the feedback in each grade cell.

        Raises GraderError for a fault of the grader. The submission is then marked as not graded.
        """
        submission = resources["nbgrader"]
        assignment = self.course.assignment(submission["assignment"])
        part = "" if assignment.is_built else submission["notebook"]
        key = SubmissionId(submission["student"], assignment.name, part)
        with ungraded_on_error(submission):
            if not assignment.is_built:
                check_proved(assignment)
            with Gradebook(submission["db_url"]) as gradebook:
                known = known_ids(self.course, gradebook)
                row = gradebook.find_submission(assignment.name, key.student)
                hand_in = unrecorded_hand_in(row.timestamp.isoformat() if row.timestamp else "")
                recorded = recorded_notebook(gradebook, key)
            tests = None
            if assignment.has_tests or not assignment.is_built:
                tests = proved_tests(self.course, key, recorded, self.grader.pool)
            graded = submission_reader.BUDGET.run_in_fork(
                self._grade_in_fork(nb, key, known, hand_in, tests),
                submission_reader.BUDGET.judging_seconds(self.course.limits, has_tests=tests is not None),
            )
            return nbformat.reads(graded, as_version=4), resources

    def _grade_in_fork(
        self,
        nb: NotebookNode,
        submission: SubmissionId,
        known: Mapping[str, str],
        hand_in: HandIn,
        tests: SealedTests | None,
    ) -> Callable[[], str]:
        """Return a function that grades a notebook in a fork of this process, whose fork servers stay in this one."""
        grader, pool = self.grader, self.grader.pool
        assignment = self.course.assignment(submission.assignment)
        profiles = [KERNEL_PROFILES[assignment.profile]] if assignment.has_questions else []
        profiles += [tests.assignment.profile] if tests is not None else []
        for profile in profiles:
            pool.get(profile, self.course.settings.seal)
        sources = pool.revive()

        def grade() -> str:
            pool.addresses = sources
            graded = grade_rebuilt(grader, submission, nb, known=known, hand_in=hand_in, tests=tests)
            fill_grade_cells(graded.notebook, graded.reports)
            return notebook_json(graded.notebook)

        return grade


class SaveGrades(preprocessors.SaveAutoGrades):  # type: ignore[misc]
    """nbgrader's `SaveAutoGrades`, which would give full points to a cell that is not graded; here it gets no score."""

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_score(cell, resources)
        if is_ungraded(cell):
            grade = self.gradebook.find_grade(
                grade_id(cell), self.notebook_id, self.assignment_id, self.student_id
            )
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()


class RefreshFeedback(CoursePreprocessor):
    """Adds what the feedback page shows besides scores and comments, as far as the feedback setting allows today."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook unchanged, and the resources with what the exporter reads."""
        graded = resources["nbgrader"]
        assignment = self.course.assignment(graded["assignment"])
        if graded.get("db_url"):  # nbgrader's own command; a worker has no gradebook
            graded |= _in_gradebook(self.course, graded)
        metadata = [cell.metadata.nbgrader for cell in nb.cells if "nbgrader" in cell.metadata]
        cells = {cell.grade_id: cell for cell in metadata if "grade_id" in cell}
        level, contact = assignment.feedback_level(datetime.now(UTC)), assignment.contact
        handed_in = graded.get("handed_in")
        digest = scores_digest(
            {name: (cell["score"], cell["points"]) for name, cell in cells.items() if "score" in cell},
            {name: cell.get("comment") for name, cell in cells.items()},
            graded.get("late_penalty"),
            graded.get("waiting", ()),
        )
        graded |= {
            "state": PageState(digest, level, contact_digest(contact)),
            "contact": contact,
            "solutions": worked_solutions(assignment.readable_questions) if level == "solution" else {},
            "handed_in": datetime.fromisoformat(handed_in).astimezone(self.course.zone)
            if handed_in
            else None,
        }
        return nb, resources


def _in_gradebook(course: Course, graded: Mapping[str, Any]) -> dict[str, Any]:
    """Return when a submission was handed in, and which of its cells wait for a person."""
    with Gradebook(graded["db_url"]) as gradebook:
        notebook = gradebook.find_submission_notebook(
            graded["notebook"], graded["assignment"], graded["student"]
        )
        timestamp = notebook.assignment.timestamp
        return {
            "waiting": tuple(sorted(grade.name for grade in notebook.grades if is_waiting(grade))),
            "handed_in": "" if timestamp is None else timestamp.replace(tzinfo=UTC).isoformat(),
            "attempt": attempt_of(course, SubmissionId(graded["student"], graded["assignment"])),
        }

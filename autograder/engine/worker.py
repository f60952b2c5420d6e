"""The worker: grades a submission or renders a feedback page, without access to the gradebook.

nbgrader's preprocessors read a record of the gradebook instead, and those that write it are left to its only writer.
"""

from __future__ import annotations

import contextlib
from functools import cached_property
from typing import Any

import nbformat

from autograder.course import Course
from autograder.engine.messages import GradeTask, RenderTask
from autograder.errors import GraderError, Starved, message_of
from autograder.grading.fingerprint import questions_digest
from autograder.grading.submission_grader import CourseGrader, GradedSubmission, grade_submission
from autograder.i18n import _
from autograder.nbgrader.converters import captured
from autograder.nbgrader.detached_preprocessors import (
    GradedNotebookWriter,
    RecallGrades,
    feedback_exporter,
    resources_of,
)
from autograder.nbgrader.records import GradeRecord
from autograder.nbgrader.tested_assignment import SealedTests, TestedAssignment
from autograder.notebooks.cells import NAMESPACE
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions.selection import digest


class Worker:
    """An open course, nbgrader's preprocessors for it, and the fork servers of their kernels."""

    def __init__(self, course: Course, pool: ForkServerPool) -> None:
        """Create a worker. pool: belongs to the caller, who closes it."""
        self.course, self.pool = course, pool
        self._grader = CourseGrader(course, pool)
        self._tested: dict[tuple[str, str], TestedAssignment] = {}
        """The assignment with nbgrader's own tests that was graded last, by name and digest of its sources."""

    def grade(self, task: GradeTask) -> GradeRecord:
        """Grade one submission. A fault of the grader is reported in the result."""
        try:
            return self._grade(task)
        except MemoryError:
            raise
        except Exception as error:  # a fault in one submission must not stop the others
            is_starved = isinstance(error, Starved)
            return GradeRecord(task.submission, reason=message_of(error), is_starved=is_starved)

    def _grade(self, task: GradeTask) -> GradeRecord:
        self._check_questions(task)
        with self.pool.prefetch(another=task.prefetch):
            graded = self.grade_submission(task)
        self._check_questions(task)
        if task.regrade_reason.reason:
            graded.notebook.metadata[NAMESPACE]["again"] = [
                task.regrade_reason.reason,
                task.regrade_reason.detail,
            ]
        with captured(), contextlib.chdir(self.course.root):
            return self._writer.write(graded, task.recorded)

    def _check_questions(self, task: GradeTask) -> None:
        if task.questions and questions_digest(self.course, task.submission.assignment) != task.questions:
            raise GraderError(_("the question files changed during the run; run the command again"))

    def grade_submission(self, task: GradeTask, *, record_cases: str = "") -> GradedSubmission:
        """Grade a submission; see `grade_submission` in `grading.submission_grader`."""
        graded = grade_submission(
            self._grader, task.submission, task.submitted, known=task.known, owner=task.owner,
            hand_in=task.hand_in, unproved=task.unproved, record_cases=record_cases,
            tests=self._tests(task),
        )  # fmt: skip
        if task.attached:
            graded.notebook.metadata[NAMESPACE]["submitted"] = digest((*task.submitted, *task.attached))
        return graded

    def _tests(self, task: GradeTask) -> SealedTests | None:
        if task.tests is None:
            return None
        name, known = task.submission.assignment, self._tested
        if (name, task.questions) not in known:  # the sources are read once, unless they change
            known.clear()
            known[name, task.questions] = TestedAssignment(self.course, name)
        assignment = known[name, task.questions]
        return SealedTests(assignment, task.submission.notebook, task.tests, self.pool, task.attached)

    def render(self, page: RenderTask) -> str:
        """Render the feedback page as HTML."""
        with captured(), contextlib.chdir(self.course.root):
            exporter, recall = self._feedback
            recall.scores = page.scores
            notebook = nbformat.v4.reads(page.notebook)  # our own: not validated again
            html, _ = exporter.from_notebook_node(notebook, resources=resources_of(page.submission))
        return str(html)

    @cached_property
    def _writer(self) -> GradedNotebookWriter:
        return GradedNotebookWriter(self.course)

    @cached_property
    def _feedback(self) -> tuple[Any, RecallGrades]:
        return feedback_exporter(self.course)

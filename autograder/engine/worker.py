"""The worker: grades a submission or renders a feedback page, without access to the gradebook.

The preprocessors are nbgrader's, as the course's settings list them. Those that read the gradebook read a record of
it instead, and those that write it are left to the gradebook's only writer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.validator import get_validator

from autograder.course import Course, SubmissionId
from autograder.engine.messages import GradeTask, RenderTask
from autograder.errors import GraderError, message_of
from autograder.grading.fingerprint import questions_digest
from autograder.grading.report import Report
from autograder.i18n import _
from autograder.nbgrader.converters import captured
from autograder.nbgrader.detached_preprocessors import (
    RecallCells,
    RecallGrades,
    feedback_exporter,
    grading_preprocessors,
)
from autograder.nbgrader.graded_notebook import read_scores
from autograder.nbgrader.preprocessors import CoursePreprocessor, Grade
from autograder.nbgrader.records import GradedSubmission
from autograder.nbgrader.submission_reader import submitted_notebook
from autograder.notebooks.cells import NAMESPACE, notebook_json
from autograder.sandbox.fork_server import ForkServerPool

# nbconvert looks this up for every page and nbformat makes this at first use: do both once, before workers are forked
import_module("IPython.lib.lexers")
get_validator(nbformat.current_nbformat, nbformat.current_nbformat_minor)

Resources = dict[str, Any]


def grade(worker: Worker, task: GradeTask) -> GradedSubmission:
    """Grade one submission. A fault of the grader is reported in the result."""
    try:
        return worker.grade(task)
    except MemoryError:
        raise
    except Exception as error:  # a fault in one submission must not stop the others
        return GradedSubmission(task.submission, reason=message_of(error))


def render(worker: Worker, page: RenderTask) -> str:
    """Render the feedback page of a graded submission as HTML."""
    return worker.render(page)


class Worker:
    """An open course, nbgrader's preprocessors for it, and the fork servers of their kernels."""

    def __init__(self, course: Course, pool: ForkServerPool) -> None:
        """Create a worker. pool: belongs to the caller, who closes it."""
        self.course, self.pool = course, pool

    def grade(self, task: GradeTask) -> GradedSubmission:
        """Return the graded submission. Raises GraderError for a fault of the grader."""
        self._check_questions(task)
        with self.pool.prefetch(another=task.prefetch):
            notebook, reports = self.grade_notebook(task)
        self._check_questions(task)
        if task.regrade_reason.reason:
            notebook.metadata[NAMESPACE]["again"] = [task.regrade_reason.reason, task.regrade_reason.detail]
        return read_scores(task.submission, notebook, notebook_json(notebook) + "\n", reports)

    def _check_questions(self, task: GradeTask) -> None:
        if task.questions and questions_digest(self.course, task.submission.assignment) != task.questions:
            raise GraderError(_("the question files changed during the run; run the command again"))

    def grade_notebook(
        self, task: GradeTask, *, record_cases: str = ""
    ) -> tuple[NotebookNode, Mapping[str, Report]]:
        """Return the notebook with its grade cells filled, and the reports.

        record_cases: the question whose report includes every case. Raises GraderError for a fault of the grader.
        """
        release = self.course.assignment(task.submission.assignment).release()
        notebook = submitted_notebook(task.submitted, release)
        submission, resources = task.submission, _resources(task.submission)
        reports: Mapping[str, Report] = {}
        with captured(), contextlib.chdir(self.course.root):
            for preprocessor in self._preprocessors:
                if isinstance(preprocessor, RecallCells):
                    preprocessor.recorded = task.recorded
                if isinstance(preprocessor, CoursePreprocessor):
                    preprocessor.unproved = task.unproved
                if isinstance(preprocessor, Grade):
                    preprocessor.pool = self.pool
                    reports = preprocessor.grade(
                        notebook,
                        submission.assignment,
                        submission.student,
                        task.known,
                        owner=task.owner,
                        record_cases=record_cases,
                    )
                else:
                    notebook, resources = preprocessor(notebook, resources)
        return notebook, reports

    def render(self, page: RenderTask) -> str:
        """Render the feedback page as HTML."""
        with captured(), contextlib.chdir(self.course.root):
            exporter, recall = self._feedback
            recall.scores = page.scores
            notebook = nbformat.v4.reads(page.notebook)  # our own: not validated again
            html, _ = exporter.from_notebook_node(notebook, resources=_resources(page.submission))
        return str(html)

    @cached_property
    def _preprocessors(self) -> list[Any]:
        return grading_preprocessors(self.course)

    @cached_property
    def _feedback(self) -> tuple[Any, RecallGrades]:
        return feedback_exporter(self.course)


def _resources(submission: SubmissionId) -> Resources:
    return {
        "unique_key": submission.assignment,
        "output_files_dir": f"{submission.assignment}_files",
        "nbgrader": {
            "student": submission.student,
            "assignment": submission.assignment,
            "notebook": submission.assignment,
            "db_url": "",
        },
    }

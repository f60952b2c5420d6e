"""What `seal_grading` adds to nbgrader's grading: submissions are read within bounds, and their tests run sealed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.log import get_logger

from autograder.course import Course, SubmissionId
from autograder.grading.submission_grader import (
    CourseGrader,
    grade_rebuilt,
    rebuild_submission,
    submitted_notebook,
)
from autograder.nbgrader.converters import Resources, require_hooks
from autograder.nbgrader.gradebook import recorded_notebook, ungraded_on_error
from autograder.nbgrader.graded_notebook import fill_grade_cells
from autograder.nbgrader.records import RecordedNotebook
from autograder.nbgrader.submission_reader import BUDGET, prepare_or_stop, set_irregular_files_aside
from autograder.nbgrader.tested_assignment import SealedTests, TestedAssignment
from autograder.nbgrader.timestamp import submitted_at
from autograder.notebooks.cells import NAMESPACE, notebook_json
from autograder.permissions import make_closed
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions import selection
from autograder.test_cells.prove import Proof


class SealedReader(NotebookExporter):  # type: ignore[misc]
    """Reader of a submitted notebook: the release with the student's answers and own cells."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        require_hooks(self)
        if isinstance(self.parent, Autograde):
            self.parent.run_pre_convert_hook = partial(prepare_or_stop, self.parent)
            self.parent.coursedir.get_existing_timestamp = submitted_at

    def from_filename(
        self, filename: str, resources: Resources | None = None, **kw: Any
    ) -> tuple[str, Resources]:
        """Convert a submitted notebook, or nbgrader's own in `autograded`. Raises GraderError if it cannot be read."""
        path = Path(filename).absolute()
        course = Course.open(Path.cwd())
        if path.is_relative_to(course.autograded):
            notebook = nbformat.read(path, as_version=4)
        else:
            with ungraded_on_error((resources or {}).get("nbgrader", {})):
                written = BUDGET.run_in_fork(lambda: _rebuilt(course, path), BUDGET.slack_seconds)
            notebook = nbformat.reads(written, as_version=4)
        output: tuple[str, Resources] = self.from_notebook_node(notebook, resources=resources, **kw)
        return output


def _rebuilt(course: Course, path: Path) -> str:
    assignment, name = TestedAssignment(course, path.parent.name), path.stem
    tests = SealedTests(assignment, name, Proof(assignment.plan(name)), ForkServerPool())
    files = (selection.read_file(path, below=course.submitted),)
    submitted = submitted_notebook(files, tests.release)
    attached = selection.read_attached(path.parent, below=course.submitted)
    submitted.metadata[NAMESPACE]["submitted"] = selection.digest((*files, *attached))
    return notebook_json(rebuild_submission(CourseGrader(course), assignment.name, submitted, tests=tests))


def prepare_files(assignment: str, student: str, notebooks: list[str]) -> None:
    """Set irregular files of a submission aside before nbgrader reads it; see `set_irregular_files_aside`."""
    try:
        course = Course.open(Path.cwd())
        make_closed(course.autograded)
    except Exception as error:
        get_logger().error("cannot grade: %s", error)
        raise SystemExit(1) from error
    set_irregular_files_aside(course, assignment, student, notebooks)


class RunTests(NbGraderPreprocessor):  # type: ignore[misc]
    """Replaces nbgrader's `Execute`: runs the notebook and its tests in sealed kernels."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with outputs from which nbgrader determines the scores. Raises GraderError."""
        submission = resources["nbgrader"]
        with ungraded_on_error(submission):
            course, pool = _opened(Path.cwd())
            key = SubmissionId(submission["student"], submission["assignment"], submission["notebook"])
            with Gradebook(submission["db_url"]) as gradebook:
                recorded = recorded_notebook(gradebook, key)
            work = _grading(course, key, nb, recorded, pool)
            graded = BUDGET.run_in_fork(work, BUDGET.judging_seconds(course.limits))
        return nbformat.reads(graded, as_version=4), resources


def _grading(
    course: Course,
    submission: SubmissionId,
    nb: NotebookNode,
    recorded: RecordedNotebook,
    pool: ForkServerPool,
) -> Callable[[], str]:
    """Return a function that grades a notebook in a fork of this process, whose fork servers stay in this one."""
    assignment, notebook = TestedAssignment(course, submission.assignment), submission.notebook
    plan = assignment.plan(notebook, recorded)
    proof = assignment.known_proof(notebook, plan)
    if proof is None:
        proof = assignment.prove(notebook, plan, pool)
        assignment.keep(notebook, proof)
    folder = course.submitted_folder(submission)
    attached = selection.read_attached(folder, below=course.submitted)
    tests = SealedTests(assignment, notebook, proof, pool, attached)
    pool.get(assignment.profile, course.settings.seal)
    addresses = pool.revive()

    def grade() -> str:
        pool.addresses = addresses
        graded = grade_rebuilt(CourseGrader(course, pool), submission, nb, known={}, tests=tests)
        fill_grade_cells(graded.notebook, graded.reports)
        return notebook_json(graded.notebook)

    return grade


@cache
def _opened(root: Path) -> tuple[Course, ForkServerPool]:
    """Return the course and its fork servers, which end with this process."""
    course = Course.open(root)
    return course, ForkServerPool(private=(course.root,), fit=course.settings.fit)

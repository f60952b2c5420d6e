"""The reader of submissions that stock nbgrader uses: it picks the notebook that counts and sets odd files aside.

Of an assignment that nbgrader releases, each notebook counts by its name, and is rebuilt here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from traitlets.log import get_logger

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError, GraderError
from autograder.grading.course_secret import ensure_secret, key_of, recorded_metadata
from autograder.grading.given_out import begin_record, check_no_regrade_pending, given_out
from autograder.grading.submission_grader import CourseGrader, rebuild_submission, submitted_notebook
from autograder.nbgrader.converters import Resources, require_hooks
from autograder.nbgrader.gradebook import ungraded_on_error
from autograder.nbgrader.gradebook_queries import has_auto_score
from autograder.nbgrader.tested_assignment import SealedTests, TestedAssignment
from autograder.nbgrader.timestamp import submitted_at
from autograder.notebooks.cells import NAMESPACE, notebook_json
from autograder.permissions import make_closed
from autograder.sandbox.budget import Budget
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions import safe_read, selection
from autograder.test_cells.proof import Proof

BUDGET = Budget()
"""Of a submission that nbgrader's own commands grade, where there are no workers."""


class SubmissionReader(NotebookExporter):  # type: ignore[misc]
    """Reader of the notebook that counts in a submission; if none can be read, of an empty one with the reason."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        require_hooks(self)
        if isinstance(self.parent, Autograde):
            if self.parent.coursedir.assignment_id:  # not in a worker, which grades what it is sent
                _check_secret(self.parent)
            self.parent.run_pre_convert_hook = partial(prepare_or_stop, self.parent)
            self.parent.init_destination = partial(_init_destination, self.parent)
            self.parent.coursedir.get_existing_timestamp = submitted_at

    def from_filename(
        self, filename: str, resources: Resources | None = None, **kw: Any
    ) -> tuple[str, Resources]:
        """Convert the notebook that counts in the file's folder, or nbgrader's own in `autograded`.

        A submission is read and rebuilt within its budget. Raises GraderError if it exceeds it.
        """
        path = Path(filename).absolute()
        course = Course.open(Path.cwd())
        if path.is_relative_to(course.autograded):  # nbgrader reads the rebuilt notebook
            notebook = nbformat.read(path, as_version=4)
            output: tuple[str, Resources] = self.from_notebook_node(notebook, resources=resources, **kw)
            return output

        def rebuilt() -> str:
            if not course.assignment(path.parent.name).is_built:
                return _rebuilt(course, path)
            files = selection.read_files(path.parent, course.languages, below=course.submitted)
            files = files or (selection.read_file(path, below=course.submitted),)
            notebook = submitted_notebook(files, course.assignment(path.parent.name).release())
            return str(self.from_notebook_node(notebook, resources=resources, **kw)[0])

        with ungraded_on_error((resources or {}).get("nbgrader", {})):
            written = BUDGET.run_in_fork(rebuilt, BUDGET.slack_seconds)
        return written, self._init_resources(resources)


def _rebuilt(course: Course, path: Path) -> str:
    """Return a submitted notebook, rebuilt from what nbgrader released."""
    assignment, notebook = TestedAssignment(course, path.parent.name), path.stem
    tests = SealedTests(assignment, notebook, Proof(assignment.plan(notebook)), ForkServerPool())
    files = (selection.read_file(path, below=course.submitted),)
    submitted = submitted_notebook(files, tests.release)
    attached = selection.read_attached(path.parent, below=course.submitted)
    submitted.metadata[NAMESPACE]["submitted"] = selection.digest((*files, *attached))
    return notebook_json(rebuild_submission(CourseGrader(course), assignment.name, submitted, tests=tests))


def _check_secret(converter: Autograde) -> None:
    """Raise NbGraderException if submissions were graded with a secret that is gone, or if it is damaged.

    nbgrader removes what `--force` grades again before it calls its hook.
    """
    course = Course.open(Path(converter.coursedir.root))
    if not course.assignment(converter.coursedir.assignment_id).has_questions:
        return
    try:
        ensure_secret(course)
        key_of(course, converter.coursedir.assignment_id)
    except CourseError as error:
        converter.log.error("cannot grade: %s", error)
        raise NbGraderException(str(error)) from error


def _init_destination(converter: Autograde, assignment: str, student: str) -> bool:
    """Return whether nbgrader may grade a submission, and remove what an earlier grade left.

    A score that is given out, of an unchanged submission, is kept, also with `--force`, which formgrader's button uses.
    """
    if converter.coursedir.assignment_id:  # not in a worker
        submission = SubmissionId(student, assignment)
        course = Course.open(Path(converter.coursedir.root))
        check_no_regrade_pending(course)
        if submission in given_out(course) and _has_kept_score(course, submission):
            converter.log.warning(
                "%s of %s is kept: its score was given out, and the submission did not change; `autograder regrade` "
                "changes such scores", assignment, student,
            )  # fmt: skip
            return False
    return bool(type(converter).init_destination(converter, assignment, student))


def _has_kept_score(course: Course, submission: SubmissionId) -> bool:
    """Return whether a submission has a score and is as it was graded.

    Whether one without its graded notebooks is as it was, `autograder grade` finds out.
    """
    if not has_auto_score(course, submission):
        return False
    assignment, folder = course.assignment(submission.assignment), course.submitted_folder(submission)
    for notebook in assignment.notebooks:
        path = course.graded_path(replace(submission, part=notebook))
        if not path.is_file():
            continue
        files = (
            selection.read_files(folder, course.languages, below=course.submitted)
            if assignment.is_built
            else selection.read_notebook(folder, notebook, assignment.notebooks, below=course.submitted)
            + selection.read_attached(folder, below=course.submitted)
        )
        if recorded_metadata(path).get("submitted") != selection.digest(files):
            return False
    graded = submitted_at(course.autograded / submission.student / submission.assignment)
    handed_in = submitted_at(folder)
    return handed_in is None or graded is None or handed_in <= graded


class Unprepared(SystemExit):
    """A submission that must not be converted.

    It is not an `Exception`, since nbgrader only logs those that its hook raises, and would continue and follow links.
    """


def prepare_or_stop(converter: Autograde) -> None:
    """Run nbgrader's hook before a conversion, and stop this submission if it fails; see `Unprepared`.

    Raises GraderError, before anything is written. nbgrader reports it at its end and continues with the others.
    """
    try:
        type(converter).run_pre_convert_hook(converter)
    except Unprepared as error:
        raise GraderError(str(error)) from error


def prepare_submission(assignment: str, student: str, notebooks: list[str]) -> None:
    """Prepare a submission before nbgrader grades it: set aside irregular files and name the expected notebook.

    nbgrader would follow a link to any file of this machine, and wait forever on a pipe. It would skip notebooks not
    named like a built assignment, and `SubmissionReader` finds the one that counts under that name. nbgrader calls this
    as its `pre_convert_hook`, from the course's folder, and grades what is added to `notebooks`.

    Raises Unprepared if a file cannot be set aside, which `prepare_or_stop` turns into an error of that student alone.
    Exits, before any score is touched, if the course's secret is lost. formgrader writes files with Jupyter's umask,
    so the folders for them are closed here.
    """
    try:
        course = Course.open(Path.cwd())
        if course.assignment(assignment).has_questions:
            ensure_secret(course)
        begin_record(course)
        make_closed(course.autograded)
        make_closed(course.feedback)
    except Exception as error:
        get_logger().error("cannot grade: %s", error)
        raise SystemExit(1) from error
    _set_irregular_files_aside(course, assignment, student, notebooks)
    if course.assignment(assignment).is_built:
        expected = {
            str(Path(notebook).with_name(f"{Path(notebook).parent.name}.ipynb")) for notebook in notebooks
        }
        notebooks.extend(expected - set(notebooks))


def _set_irregular_files_aside(
    course: Course, assignment: str, student: str, notebooks: Sequence[str]
) -> None:
    """Move what is no plain file out of the folders of notebooks. Raises Unprepared if that fails."""
    try:
        for folder in {Path(notebook).absolute().parent for notebook in notebooks}:
            if folder.is_relative_to(course.submitted):
                parts = folder.relative_to(course.submitted).parts
                for path in safe_read.set_aside(course.submitted, parts, course.set_aside("refused")):
                    get_logger().warning(
                        "%s of %s: not a plain file, or too much data; moved to %s", assignment, student, path
                    )
    except Exception as error:
        raise Unprepared(f"cannot prepare the submission for grading: {error}") from error

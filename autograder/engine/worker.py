"""What a worker does: grades a submission, renders a feedback page. It never sees a gradebook.

The stages are nbgrader's, as the course's settings list them; those that read the gradebook read what was
recorded of it, those that write it are left to the one writer.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.validator import get_validator
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    GetGrades,
    NbGraderPreprocessor,
    OverwriteCells,
    SaveAutoGrades,
)
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from traitlets import Unicode
from traitlets.config import SingletonConfigurable
from traitlets.utils.importstring import import_item

from autograder.course import Course
from autograder.engine.messages import (
    GradedSubmission,
    GradeTask,
    RecordedAssignment,
    RenderTask,
    Scores,
    SubmissionId,
)
from autograder.errors import CourseError, GraderError, QuestionError
from autograder.grading.fingerprint import questions_digest
from autograder.grading.report import Report, from_dict
from autograder.nbgrader.converters import captured, config_of
from autograder.nbgrader.preprocessors import Grade, OfTheCourse, submitted_notebook
from autograder.notebooks.essays import is_essay
from autograder.notebooks.stamp import NAMESPACE, cell_metadata, graded_by
from autograder.questions.variants import Claim
from autograder.sandbox.fit_mode import Fit
from autograder.sandbox.fork_server import ForkServerPool

# what nbconvert looks up by name for each page, and what nbformat makes at first use: once, before workers are forked
import_module("IPython.lib.lexers")
get_validator(nbformat.current_nbformat, nbformat.current_nbformat_minor)

Resources = dict[str, Any]


def grade(task: GradeTask) -> GradedSubmission:
    """Grade one submission; a fault of ours is told in the result."""
    try:
        worker: Worker = Worker.instance()
        return worker.grade(task)
    except MemoryError:
        raise
    except (GraderError, CourseError, QuestionError) as error:
        return GradedSubmission(task.job, reason=str(error))
    except Exception as error:  # nothing that goes wrong with one submission may end the others
        return GradedSubmission(task.job, reason=f"{type(error).__name__}: {error}")


def render(page: RenderTask) -> str:
    """The feedback page of a graded submission, as HTML."""
    worker: Worker = Worker.instance()
    return worker.render(page)


class Worker(SingletonConfigurable):  # type: ignore[misc]
    """The course and nbgrader's stages, opened once in a process."""

    root = Unicode()
    seal = Unicode("required")
    fit = Unicode("fast")

    def grade(self, task: GradeTask) -> GradedSubmission:
        """The graded notebook. Raises GraderError where the fault is ours."""
        self._check_questions(task)
        with ForkServerPool.instance().prefetch(another=task.more):
            notebook, reports = self.judged(task)
        self._check_questions(task)
        if task.why.reason:
            notebook.metadata[NAMESPACE]["again"] = [task.why.reason, task.why.detail]
        return read_off(task.job, notebook, nbformat.writes(notebook) + "\n", reports)

    def _check_questions(self, task: GradeTask) -> None:
        if task.questions and questions_digest(self.course, task.job.assignment) != task.questions:
            raise GraderError("its question files changed during the run: run the command again")

    def judged(self, task: GradeTask, *, watched: str = "") -> tuple[NotebookNode, Mapping[str, Report]]:
        """The notebook, its grade cells filled, and the reports; that on `watched`, a question, holds what was asked.

        Raises GraderError where the fault is ours.
        """
        release = self.course.release(task.job.assignment, self.course.languages[0])
        notebook = submitted_notebook(task.submitted, release)
        resources = _resources(task.job)
        reports: Mapping[str, Report] = {}
        with captured(), contextlib.chdir(self.root):
            for stage in self._grading:
                if isinstance(stage, _Recalled):
                    stage.recorded = task.recorded
                if isinstance(stage, OfTheCourse):
                    stage.unproved = task.unproved
                if isinstance(stage, Grade):
                    job = task.job
                    reports = stage.grade(
                        notebook, job.assignment, job.student, task.known, owner=task.owner, watched=watched
                    )
                else:
                    notebook, resources = stage(notebook, resources)
        return notebook, reports

    def render(self, page: RenderTask) -> str:
        """The feedback page."""
        with captured(), contextlib.chdir(self.root):
            exporter, recall = self._feedback
            recall.scores = page.scores
            notebook = nbformat.reads(page.notebook, as_version=4)
            html, _ = exporter.from_notebook_node(notebook, resources=_resources(page.job))
        return str(html)

    @cached_property
    def course(self) -> Course:
        """The course whose submissions are graded here."""
        course = Course.open(Path(self.root))
        course.config.CourseSettings.seal = self.seal
        course.config.CourseSettings.fit = self.fit
        return course

    @cached_property
    def _converters(self) -> tuple[Any, Any]:
        course = self.course
        config = config_of(course, course.root, course.gradebook_url)
        coursedir = CourseDirectory(config=config)
        return Autograde(coursedir=coursedir, config=config), GenerateFeedback(
            coursedir=coursedir, config=config
        )

    @cached_property
    def _grading(self) -> list[Any]:
        converter, _ = self._converters
        exporter = converter.exporter_class(parent=converter, config=converter.config)
        names = [*converter.sanitize_preprocessors, *converter.autograde_preprocessors]
        stages = [import_item(name) if isinstance(name, str) else name for name in names]
        writing = (SaveAutoGrades, AssignLatePenalties)
        return [
            self._opened(RECALLED.get(stage, stage), exporter) for stage in stages if stage not in writing
        ]

    @cached_property
    def _feedback(self) -> tuple[Any, RecallGrades]:
        _, converter = self._converters
        exporter = converter.exporter_class(parent=converter, config=converter.config)
        exporter.optimistic_validation = True  # of the finished notebook, not after every stage
        recall = RecallGrades(parent=exporter)
        for name in converter.preprocessors:
            stage = import_item(name) if isinstance(name, str) else name
            opened = recall if stage is GetGrades else self._opened(stage, exporter)
            exporter.register_preprocessor(opened)
        return exporter, recall

    def _opened(self, stage: Any, exporter: Any) -> Any:
        opened = stage(parent=exporter)
        if isinstance(opened, OfTheCourse):
            opened.course = self.course
        return opened


def read_off(
    job: SubmissionId, notebook: NotebookNode, written: str, reports: Mapping[str, Report]
) -> GradedSubmission:
    """A graded notebook with what nbgrader reads off its cells. written: the same notebook as its file holds it."""
    ungraded = {name for name, report in reports.items() if report.ungraded}
    return GradedSubmission(
        job, written, reports,
        auto_scores={
            cell.metadata.nbgrader.grade_id: None if graded_by(cell) in ungraded else determine_grade(cell)[0]
            for cell in notebook.cells
            if is_grade(cell)
        },
        auto_comments={
            cell.metadata.nbgrader.grade_id: _comment(cell)
            for cell in notebook.cells
            if is_solution(cell) or is_task(cell)
        },
        seal=notebook.metadata[NAMESPACE].get("seal", ""),
        fit=Fit.from_data(notebook.metadata[NAMESPACE].get("fit")),
        claim=claim_in(notebook),
        essays=essays_in(notebook),
    )  # fmt: skip


def reports_in(notebook: Any) -> dict[str, Report]:
    """The reports that a graded notebook holds."""
    kept = [
        from_dict(cell_metadata(cell)["report"])
        for cell in notebook["cells"]
        if "report" in cell_metadata(cell)
    ]
    return {report.question: report for report in kept}


def claim_in(notebook: Any) -> tuple[Claim, str]:
    """What the id in a graded notebook was found to be."""
    claim, claimed = notebook["metadata"].get(NAMESPACE, {}).get("claim", ("", ""))
    return claim, claimed


def essays_in(notebook: Any) -> tuple[str, ...]:
    """The essays in a graded notebook of whose answer something is told: how it was found, why it was lost."""
    notes = notebook["metadata"].get(NAMESPACE, {}).get("notes", {})
    ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in notebook["cells"] if is_essay(cell)]
    return tuple(name for name in ids if name in notes)


def _comment(cell: NotebookNode) -> str | None:
    """What nbgrader's `SaveAutoGrades` says of a cell."""
    untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
    return "No response." if untouched else None


def _resources(job: SubmissionId) -> Resources:
    return {
        "unique_key": job.assignment,
        "output_files_dir": f"{job.assignment}_files",
        "nbgrader": {
            "student": job.student,
            "assignment": job.assignment,
            "notebook": job.assignment,
            "db_url": "",
        },
    }


class _Recalled(NbGraderPreprocessor):  # type: ignore[misc]
    """A stage of nbgrader's that reads, in the place of the gradebook, what was recorded of it."""

    recorded: RecordedAssignment


class RecallCells(_Recalled, OverwriteCells):  # type: ignore[misc]
    """`OverwriteCells`."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook whose cells are what was released."""
        self.notebook_id = self.assignment_id = resources["nbgrader"]["assignment"]
        self.gradebook = SimpleNamespace(find_source_cell=self._cell, find_graded_cell=self._cell)
        nb, resources = super(OverwriteCells, self).preprocess(nb, resources)
        return nb, resources

    def _cell(self, name: str, notebook: str, assignment: str) -> Any:
        if name not in self.recorded.cells:
            raise MissingEntry(name)
        return self.recorded.cells[name]


class RecallChecks(CheckCellMetadata):  # type: ignore[misc]
    """`CheckCellMetadata`, once for all submissions whose cells say the same to nbgrader: they are the release's.

    It checks its own schema anew with every cell, which takes longer than to rebuild and fill the notebook.
    """

    @cached_property
    def _valid(self) -> set[str]:
        return set()

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook as it is; raises nbgrader's ValidationError where its metadata are broken."""
        said = [(cell.cell_type, cell.metadata.nbgrader) for cell in nb.cells if "nbgrader" in cell.metadata]
        written = json.dumps(said, sort_keys=True)
        if written not in self._valid:
            nb, resources = super().preprocess(nb, resources)
            self._valid.add(written)
        return nb, resources


class RecallGrades(GetGrades):  # type: ignore[misc]
    """`GetGrades`, from the scores that the gradebook's writer told."""

    scores: Scores

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook with its scores and comments."""
        self.notebook_id = self.assignment_id = resources["nbgrader"]["assignment"]
        self.student_id = resources["nbgrader"]["student"]
        self.gradebook = SimpleNamespace(find_grade=self._grade, find_comment=self._comment)
        nb, resources = super(GetGrades, self).preprocess(nb, resources)
        penalty = self.scores.late_penalty or 0
        resources["nbgrader"] |= {
            "score": self.scores.score - penalty, "max_score": self.scores.max_score, "late_penalty": penalty,
        }  # fmt: skip
        return nb, resources

    def _grade(self, name: str, *where: str) -> Any:
        score, most = self.scores.cells[name]
        return SimpleNamespace(score=score, max_score=most)

    def _comment(self, name: str, *where: str) -> Any:
        return SimpleNamespace(comment=self.scores.comments.get(name))


RECALLED: Mapping[Any, Any] = {OverwriteCells: RecallCells, CheckCellMetadata: RecallChecks}

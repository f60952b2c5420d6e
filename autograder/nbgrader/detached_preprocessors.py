"""nbgrader's preprocessors that read the gradebook, for a worker without one: they read a record of it instead."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, GetGrades, LimitOutput, OverwriteCells
from traitlets.utils.importstring import import_item

from autograder.course import Course, SubmissionId
from autograder.grading.submission_grader import GradedSubmission
from autograder.nbgrader.converters import Resources, config_of
from autograder.nbgrader.graded_notebook import fill_grade_cells, grade_record
from autograder.nbgrader.records import GradeRecord, RecordedNotebook, Scores
from autograder.nbgrader_hooks import HOOKS
from autograder.notebooks.cells import notebook_json


class RecallCells(OverwriteCells):  # type: ignore[misc]
    """`OverwriteCells`, from the cells that were recorded."""

    recorded: RecordedNotebook

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with its cells as released."""
        self.notebook_id = resources["nbgrader"]["notebook"]
        self.assignment_id = resources["nbgrader"]["assignment"]
        self.gradebook = SimpleNamespace(find_source_cell=self._cell, find_graded_cell=self._cell)
        nb, resources = super(OverwriteCells, self).preprocess(nb, resources)
        return nb, resources

    def _cell(self, name: str, notebook: str, assignment: str) -> Any:
        if name not in self.recorded.cells:
            raise MissingEntry(name)
        return self.recorded.cells[name]


class RecallChecks(CheckCellMetadata):  # type: ignore[misc]
    """`CheckCellMetadata`, once for all submissions with equal cell metadata, which is the release's.

    nbgrader checks its own schema again for every cell, which takes longer than to rebuild and fill the notebook.
    """

    @cached_property
    def _valid(self) -> set[str]:
        return set()

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook unchanged. Raises nbgrader's ValidationError for invalid metadata."""
        cells = [cell for cell in nb.cells if "nbgrader" in cell.metadata]
        key = json.dumps([(cell.cell_type, cell.metadata.nbgrader) for cell in cells], sort_keys=True)
        if key not in self._valid:
            nb, resources = super().preprocess(nb, resources)
            self._valid.add(key)
        return nb, resources


class RecallGrades(GetGrades):  # type: ignore[misc]
    """`GetGrades`, from the scores that the gradebook's writer sent."""

    scores: Scores

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with its scores and comments."""
        self.notebook_id = resources["nbgrader"]["notebook"]
        self.assignment_id = resources["nbgrader"]["assignment"]
        self.student_id = resources["nbgrader"]["student"]
        self.gradebook = SimpleNamespace(find_grade=self._grade, find_comment=self._comment)
        nb, resources = super(GetGrades, self).preprocess(nb, resources)
        penalty = self.scores.late_penalty or 0
        resources["nbgrader"] |= {
            "score": self.scores.score - penalty, "max_score": self.scores.max_score, "late_penalty": penalty,
            "waiting": self.scores.waiting, "handed_in": self.scores.handed_in, "attempt": self.scores.attempt,
        }  # fmt: skip
        return nb, resources

    def _grade(self, name: str, *where: str) -> Any:
        score, max_score = self.scores.cells[name]
        return SimpleNamespace(score=score, max_score=max_score)

    def _comment(self, name: str, *where: str) -> Any:
        return SimpleNamespace(comment=self.scores.comments.get(name))


class GradedNotebookWriter:
    """Writes graded notebooks as `nbgrader autograde` does, with the cells that the gradebook recorded."""

    def __init__(self, course: Course) -> None:
        """Open nbgrader's preprocessors with the course's settings."""
        _converter_of, exporter = _converter(Autograde, course)
        self._cells, self._checks, self._limit = (
            preprocessor(parent=exporter) for preprocessor in (RecallCells, RecallChecks, LimitOutput)
        )

    def write(self, graded: GradedSubmission, recorded: RecordedNotebook) -> GradeRecord:
        """Return what the gradebook gets. Raises GraderError if the points in the gradebook are not the questions'."""
        notebook, resources = graded.notebook, resources_of(graded.submission)
        self._cells.recorded = recorded
        for preprocessor in (self._cells, self._checks):
            notebook, resources = preprocessor(notebook, resources)
        fill_grade_cells(notebook, graded.reports)
        for preprocessor in (self._limit, self._checks):
            notebook, resources = preprocessor(notebook, resources)
        return grade_record(replace(graded, notebook=notebook), notebook_json(notebook) + "\n")


def resources_of(submission: SubmissionId) -> Resources:
    """Return what nbgrader tells its preprocessors about a submission."""
    return {
        "unique_key": submission.notebook,
        "output_files_dir": f"{submission.notebook}_files",
        "nbgrader": {
            "student": submission.student,
            "assignment": submission.assignment,
            "notebook": submission.notebook,
            "db_url": "",
        },
    }


def feedback_exporter(course: Course) -> tuple[Any, RecallGrades]:
    """Return the exporter of `nbgrader generate_feedback`, and the preprocessor that takes a submission's scores.

    Pages are rendered in the course's folder, from which `RefreshFeedback` opens the course.
    """
    converter, exporter = _converter(GenerateFeedback, course)
    recall = RecallGrades(parent=exporter)
    for name in converter.preprocessors:
        preprocessor = import_item(name) if isinstance(name, str) else name
        instance = recall if preprocessor is GetGrades else preprocessor(parent=exporter)
        exporter.register_preprocessor(instance)
    return exporter, recall


def _converter(kind: Any, course: Course) -> tuple[Any, Any]:
    """Return a converter of nbgrader's with the course's settings, and its exporter."""
    config = config_of(course, course.root, course.gradebook_url)
    if course.is_released_by_nbgrader:  # its config leaves feedback to nbgrader's own command
        for (section, name), value in HOOKS.items():
            if section == "GenerateFeedback":
                config[section][name] = list(value) if isinstance(value, list) else value
    converter = kind(coursedir=CourseDirectory(config=config), config=config)
    return converter, converter.exporter_class(parent=converter, config=converter.config)

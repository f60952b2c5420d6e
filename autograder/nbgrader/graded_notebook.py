"""A graded notebook: the scores, comments and reports that are read off it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task

from autograder.course import SubmissionId
from autograder.grading.report import Report, from_dict
from autograder.nbgrader.records import GradedSubmission
from autograder.notebooks.cells import NAMESPACE, cell_metadata, graded_by
from autograder.notebooks.essays import is_essay
from autograder.questions.variants import Claim
from autograder.sandbox.fit_mode import Fit


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

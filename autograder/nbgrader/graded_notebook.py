"""Reads scores, comments and reports off a graded notebook."""

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
from autograder.questions.variants import IdOwner


def read_scores(
    submission: SubmissionId, notebook: NotebookNode, written: str, reports: Mapping[str, Report]
) -> GradedSubmission:
    """Return a graded notebook with what nbgrader reads off its cells. written: the text of the notebook's file."""
    ungraded = {name for name, report in reports.items() if report.ungraded}
    return GradedSubmission(
        submission, written, reports,
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
        claim=claim_in(notebook),
        essays=essays_in(notebook),
    )  # fmt: skip


def reports_in(notebook: Any) -> dict[str, Report]:
    """Return the reports in a graded notebook, by question."""
    reports = [
        from_dict(cell_metadata(cell)["report"])
        for cell in notebook["cells"]
        if "report" in cell_metadata(cell)
    ]
    return {report.question: report for report in reports}


def claim_in(notebook: Any) -> tuple[IdOwner, str]:
    """Return the kind of student id in a graded notebook, and that id if it is not the student's own."""
    claim, claimed = notebook["metadata"].get(NAMESPACE, {}).get("claim", ("", ""))
    return claim, claimed


def essays_in(notebook: Any) -> tuple[str, ...]:
    """Return the essays in a graded notebook with a note on how the answer was found, or why it was lost."""
    notes = notebook["metadata"].get(NAMESPACE, {}).get("notes", {})
    ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in notebook["cells"] if is_essay(cell)]
    return tuple(name for name in ids if name in notes)


def _comment(cell: NotebookNode) -> str | None:
    """Return the comment that nbgrader's `SaveAutoGrades` would write for a cell."""
    untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
    return "No response." if untouched else None

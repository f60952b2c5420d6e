"""Graded notebooks as nbgrader keeps them: scores and feedback in the grade cells, and what the gradebook gets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task

from autograder.errors import GraderError
from autograder.grading.report import Report, from_dict, to_dict
from autograder.i18n import _
from autograder.nbgrader.records import GradeRecord
from autograder.notebooks.cells import NAMESPACE, cell_metadata, grade_id, graded_by, notebook_json
from autograder.notebooks.essays import is_essay
from autograder.questions.variants import IdOwner

if TYPE_CHECKING:
    from autograder.grading.submission_grader import GradedSubmission


def fill_grade_cells(notebook: NotebookNode, reports: Mapping[str, Report]) -> None:
    """Write each report into its grade cell: the score for nbgrader to read, the feedback for people.

    A cell that is not graded gets no score. Raises GraderError if a cell has other points than its question.
    """
    language = notebook.metadata[NAMESPACE]["edition"]
    for cell in notebook.cells:
        if (report := reports.get(graded_by(cell))) is not None:
            _fill(cell, report, language)


def _fill(cell: NotebookNode, report: Report, language: str) -> None:
    # here: the process that writes the gradebook fills no cells
    from autograder.feedback.page import render_report

    points = float(cell.metadata.nbgrader["points"])
    if points != report.points:
        raise GraderError(
            _(
                "{question}: {points} points in the gradebook, but {in_file} in its question file; "
                "run `autograder build`",
                question=report.question,
                points=f"{points:g}",
                in_file=f"{report.points:g}",
            )
        )
    cell.metadata[NAMESPACE] = dict(cell_metadata(cell)) | {"report": to_dict(report)}
    html = render_report(report, language, for_staff=True)
    outputs: list[dict[str, Any]] = [
        {"output_type": "display_data", "data": {"text/html": html}, "metadata": {}}
    ]
    if report.recorded_score is not None:
        number = {"text/plain": repr(report.recorded_score)}
        outputs.append(
            {"output_type": "execute_result", "data": number, "metadata": {}, "execution_count": 1}
        )
    cell.outputs = [nbformat.from_dict(output) for output in outputs]
    cell.execution_count = 1


def grade_record(graded: GradedSubmission, written: str) -> GradeRecord:
    """Return what the gradebook gets of a graded submission. written: the text of the notebook's file."""
    notebook, reports = graded.notebook, graded.reports
    return GradeRecord(
        graded.submission, written, reports,
        auto_scores={
            cell.metadata.nbgrader.grade_id: reports[graded_by(cell)].recorded_score
            if graded_by(cell) in reports
            else determine_grade(cell)[0]  # graded manually: 0 if the cell is untouched
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
        failing=graded.failing,
    )  # fmt: skip


def shown_scores(graded: GradedSubmission) -> dict[str, float | None]:
    """Return the scores that nbgrader reads off the grade cells; None if a cell is graded manually, or not graded."""
    return {
        cell.metadata.nbgrader.grade_id: None
        if graded_by(cell) in graded.reports and graded.reports[graded_by(cell)].ungraded
        else determine_grade(cell)[0]
        for cell in graded.notebook.cells
        if is_grade(cell)
    }


def is_ungraded(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell of a graded notebook is not graded, through no fault of the student."""
    return bool(cell_metadata(cell).get("report", {}).get("ungraded"))


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


def with_earlier(
    graded: GradeRecord, earlier: Any, questions: Collection[str], *, is_current: bool
) -> GradeRecord:
    """Return a graded submission in which some questions keep the report and the score of an earlier grade.

    earlier: the notebook of that grade. is_current: whether the scores are to count as those of today, so that they
    are not out of date.
    """
    notebook = nbformat.reads(graded.notebook, as_version=nbformat.NO_CONVERT)
    kept = {graded_by(cell): cell for cell in earlier["cells"] if graded_by(cell) in questions}
    for cell in notebook["cells"]:
        if (of_before := kept.get(graded_by(cell))) is not None:
            cell["metadata"][NAMESPACE] = of_before["metadata"][NAMESPACE]
            cell["outputs"] = nbformat.from_dict(of_before["outputs"])
            cell["execution_count"] = of_before["execution_count"]
    if not is_current:
        record = record_in(earlier)
        if isinstance(record, dict):  # the other reports are of the files of today, so it is that of neither
            record = {**record, "questions": ""}
        notebook["metadata"][NAMESPACE]["record"] = record
    reports = reports_in(earlier)
    names = {graded_by(cell): grade_id(cell) for cell in notebook["cells"]}
    return replace(
        graded,
        notebook=notebook_json(notebook),
        reports={**graded.reports, **{name: reports[name] for name in questions}},
        auto_scores={
            **graded.auto_scores,
            **{names[name]: reports[name].recorded_score for name in questions},
        },
    )


def record_in(notebook: Any) -> Any:
    """Return what the grade of a notebook depends on, as recorded with it; see `Fingerprints`."""
    return notebook["metadata"].get(NAMESPACE, {}).get("record")


def essays_in(notebook: Any) -> tuple[str, ...]:
    """Return the essays in a graded notebook with a note on how the answer was found, or why it was lost."""
    notes = notebook["metadata"].get(NAMESPACE, {}).get("notes", {})
    ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in notebook["cells"] if is_essay(cell)]
    return tuple(name for name in ids if name in notes)


def _comment(cell: NotebookNode) -> str | None:
    """Return the comment that nbgrader's `SaveAutoGrades` would write for a cell."""
    untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
    return "No response." if untouched else None

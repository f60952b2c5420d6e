"""Compares the scores that nbgrader's own tests give here with those that a gradebook has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course import Course, SubmissionId
from autograder.engine.batch import NOBODY, Listener, regrade_class
from autograder.engine.messages import Regrade, Result
from autograder.grading.report import Report
from autograder.i18n import _
from autograder.nbgrader.gradebook_queries import recorded_scores
from autograder.nbgrader.records import TOLERANCE
from autograder.notebooks.cells import GRADE_SUFFIX, grade_id
from autograder.text import Text, joined, visible

MAX_MESSAGE = 200


@dataclass(frozen=True)
class Difference:
    """A test that gives another score here than the one on record."""

    submission: SubmissionId
    test: str
    """Its name, after that of its notebook."""
    recorded: float
    here: float | None
    """None if it is not graded here."""
    why: Text


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison."""

    results: Sequence[Result]
    compared: int
    """The number of scores that are on record."""
    differences: Sequence[Difference]
    without_record: int = 0
    """The number of scores here for which none is on record."""


def compare(
    course: Course, submissions: Sequence[SubmissionId], *, workers: int = 1, listener: Listener = NOBODY
) -> Comparison:
    """Grade submissions into a scratch gradebook, and return where a score differs from the one on record.

    No score, page or report of the course is written. Raises as `grade_class` does.
    """
    recorded = recorded_scores(course)
    everything = Regrade(everything=True)
    results = regrade_class(course, submissions, everything, workers=workers, preview=True, listener=listener)
    differences = []
    compared = without_record = 0
    for result in results:
        before = recorded.get((result.submission.student, result.submission.assignment), {})
        for name, report in result.reports.items():
            cell = name if name in before else name + GRADE_SUFFIX
            if (score := before.get(cell)) is None:
                without_record += 1
                continue
            compared += 1
            here = report.recorded_score
            if here is None or abs(here - score) > TOLERANCE:
                why = _why(course, result.submission, cell, report, score)
                differences.append(Difference(result.submission, name, score, here, why))
    return Comparison(results, compared, differences, without_record)


def _why(course: Course, submission: SubmissionId, cell: str, report: Report, recorded: float) -> Text:
    """Return why a score is another one: what stops or fails the test here, or what nbgrader showed of it."""
    if report.ungraded is not None:
        return joined(": ", [_("not graded here"), report.ungraded])
    if report.score < recorded:
        return report.checks[0].message
    shown = _error_on_record(course, submission, cell)
    return (
        _("it passes here; on record: {error}", error=shown)
        if shown
        else _("it passes here, and did not on record")
    )


def _error_on_record(course: Course, submission: SubmissionId, cell: str) -> str:
    """Return the error that a notebook graded earlier shows below a test; empty if there is none."""
    notebook, _slash, name = cell.rpartition("/")
    path = course.graded_path(SubmissionId(submission.student, submission.assignment, notebook))
    try:
        cells = json.loads(path.read_bytes())["cells"]
        outputs = [output for found in cells if grade_id(found) == name for output in found["outputs"]]
        errors = [output for output in outputs if output["output_type"] == "error"]
        shown = [f"{error['ename']}: {error['evalue']}".removesuffix(": ") for error in errors]
        return visible(shown[0], MAX_MESSAGE) if shown else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""

"""Validates what a cluster's worker sent back, on the side that writes the gradebook. Whatever can be checked is.

A graded submission travels as its notebook alone. The scores are read off it here, as nbgrader would, and compared with
the reports in it, the question files and the gradebook.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, get_args

import nbformat

from autograder.course import SubmissionId
from autograder.engine.cluster.serialization import Data
from autograder.engine.messages import GradeTask
from autograder.grading.failing_cases import FailingCases
from autograder.grading.report import Outcome, Report
from autograder.grading.submission_grader import GradedSubmission
from autograder.nbgrader.converters import captured
from autograder.nbgrader.graded_notebook import grade_record, reports_in, shown_scores
from autograder.nbgrader.records import GradeRecord, RecordedNotebook
from autograder.nbgrader.tested_assignment import SealedTests
from autograder.notebooks.cells import GRADE_SUFFIX, NAMESPACE
from autograder.plain_data import from_data
from autograder.questions.variants import IdOwner
from autograder.sandbox.seal import SEAL_DESCRIPTIONS
from autograder.submissions import selection
from autograder.test_cells.plan import Step
from autograder.text import Text, visible

MALFORMED = (AttributeError, IndexError, KeyError, RecursionError, TypeError, nbformat.ValidationError)


def graded_from(data: Data, task: GradeTask, points: Mapping[str, float]) -> GradeRecord:
    """Return the graded submission, or the reason why it is not graded.

    task: the worker's task, whose unproved questions are those of this notebook. points: of each question in it.
    Raises ValueError, with what was expected and found.
    """
    try:
        _check_job(data, task.submission)
        if data.get("reason"):
            reason = from_data(data["reason"], Text)
            return GradeRecord(task.submission, reason=reason, is_starved=data.get("starved") is True)
        graded = _graded(_text(data, "notebook"), task, points)
        return replace(graded, failing=_failing(data, graded))
    except MALFORMED as error:
        raise ValueError(f"expected a graded notebook, found one in which {error!r}") from error


def page_from(data: Data, submission: SubmissionId) -> str:
    """Return the feedback page. Raises ValueError, with what was expected and found."""
    _check_job(data, submission)
    return _text(data, "page")


def _check_job(data: Data, submission: SubmissionId) -> None:
    answered = data.get("submission")
    if answered != asdict(submission):
        raise ValueError("expected the answer for one submission, found that for another")


def _text(data: Data, name: str) -> str:
    if not isinstance(data.get(name), str):
        raise ValueError(f"expected a text as {name}, found {type(data.get(name)).__name__}")
    return str(data[name])


def _graded(written: str, task: GradeTask, points: Mapping[str, float]) -> GradeRecord:
    with captured():
        notebook = nbformat.reads(written, as_version=4)
        nbformat.validate(notebook)
        submission = GradedSubmission(task.submission, notebook, reports_in(notebook))
        # what stands in the cells is checked, since formgrader shows it
        graded = replace(grade_record(submission, written), auto_scores=shown_scores(submission))
    if notebook.metadata[NAMESPACE]["submitted"] != selection.digest((*task.submitted, *task.attached)):
        raise ValueError("expected the submitted notebook, found another")
    if graded.seal not in (*SEAL_DESCRIPTIONS, "") or graded.claim[0] not in get_args(IdOwner):
        raise ValueError(f"expected a seal and a claim, found {graded.seal!r} and {graded.claim!r}")
    _check_scores(graded, task.recorded)
    tests = _tests(task)
    points = {**points, **{name: step.points for name, step in tests.items()}}
    expected = {*points, *task.unproved}
    if set(graded.reports) != expected:
        raise ValueError(f"expected reports of {sorted(expected)}, found {sorted(graded.reports)}")
    for name, report in graded.reports.items():
        score = graded.auto_scores.get(tests[name].id if name in tests else f"{name}{GRADE_SUFFIX}")
        if not report.ungraded:
            _check_report(report, points[name], score)
        elif not (task.unproved or name in tests) or score is not None:
            raise ValueError(
                f"{name}: expected a score, found none, or a score with a reason for having none"
            )
    return graded


def _failing(data: Data, graded: GradeRecord) -> dict[str, FailingCases]:
    """Return the failing cases, for staff, of questions that have a report."""
    try:
        failing = from_data(data.get("failing"), dict[str, FailingCases])
    except ValueError as error:
        raise ValueError(f"failing cases: {visible(error, 200)}") from error
    return {name: cases for name, cases in failing.items() if name in graded.reports}


def _tests(task: GradeTask) -> dict[str, Step]:
    """Return nbgrader's own tests in the notebook of a task, by name."""
    return (
        {}
        if task.tests is None
        else dict(zip(SealedTests.names(task.tests), task.tests.plan.tests, strict=True))
    )


def _check_scores(graded: GradeRecord, recorded: RecordedNotebook) -> None:
    """Check that every score belongs to a grade cell of the gradebook and is between 0 and its points."""
    for name, score in graded.auto_scores.items():
        max_score = recorded.cells[name].max_score if name in recorded.cells else None
        if max_score is None:
            raise ValueError(f"expected scores of the gradebook's cells, found one of {name!r}")
        if score is not None and not _is_within(score, max_score):
            raise ValueError(f"{name}: expected a score from 0 to {max_score:g}, found {score!r}")
    if not set(graded.auto_comments) <= set(recorded.cells):
        raise ValueError("expected comments on the gradebook's cells, found others")


def _check_report(report: Report, points: float, score: Any) -> None:
    """Check that a report is of this question and agrees with its grade cell."""
    numbers = [number for check in report.checks for number in (check.points, check.earned)]
    numbers += [report.named_credit, report.near_credit]
    if report.points != points or not all(_is_within(number, points) for number in numbers):
        raise ValueError(f"{report.question}: expected {points:g} points, found a report of others")
    if not {check.outcome for check in report.checks} <= {*get_args(Outcome)}:
        raise ValueError(f"{report.question}: expected outcomes, found others")
    if score is None or abs(score - report.score) > 0.0001:
        raise ValueError(
            f"{report.question}: expected the score {report.score:g} of its report, found {score!r}"
        )


def _is_within(number: object, limit: float) -> bool:
    return isinstance(number, (int, float)) and math.isfinite(number) and 0 <= number <= limit

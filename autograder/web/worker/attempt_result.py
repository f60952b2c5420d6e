"""Validates the result that a worker process returned for an attempt, and converts it for the database."""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib.metadata import version

import nbformat

from autograder import __version__
from autograder.grading.failing_cases import FailingCases
from autograder.grading.report import to_dict
from autograder.i18n import _
from autograder.nbgrader.graded_notebook import record_in
from autograder.nbgrader.records import GradeRecord, SourceCell
from autograder.notebooks.cells import NAMESPACE
from autograder.questions.question import total_points
from autograder.text import Text
from autograder.web.db import job_queue
from autograder.web.db.attempts import DIGITS, QUESTION_FILES
from autograder.web.worker.open_course import OpenCourse


def result_of(opened: OpenCourse, graded: GradeRecord) -> job_queue.AttemptResult:
    """Return the result to store for an attempt."""
    reports = graded.reports.values()
    notebook = nbformat.reads(graded.notebook, as_version=4)
    record = record_in(notebook)
    return job_queue.AttemptResult(
        score=sum(score or 0.0 for score in graded.auto_scores.values()),
        points=total_points(report.points for report in reports),
        report={
            "assignment": graded.submission.assignment,
            "edition": notebook.metadata.get(NAMESPACE, {}).get("edition", opened.course.languages[0]),
            "claim": list(graded.claim),
            "questions": [to_dict(report) for report in reports],
        },
        versions={
            "autograder": __version__,
            "numpy": version("numpy"),
            QUESTION_FILES: record["questions"][:DIGITS] if isinstance(record, dict) else "",
            "seal": graded.seal,
        },
        failing={
            name: graded.failing.get(name, FailingCases())
            for name, report in graded.reports.items()
            if not (report.right or report.ungraded)
        },
    )


def invalid_scores(graded: GradeRecord, cells: Mapping[str, SourceCell]) -> Text | None:
    """Return what is wrong with a worker's scores, or None; they were computed next to a student's code."""
    for name, score in graded.auto_scores.items():
        limit = cells[name].max_score if name in cells else None
        if limit is None:
            return _("the gradebook has no grade cell {name}", name=repr(name))
        if score is not None and not (math.isfinite(score) and 0 <= score <= limit):
            return _(
                "{name} was scored {score}; expected a number from 0 to {limit:g}",
                name=name,
                score=repr(score),
                limit=limit,
            )
    return None

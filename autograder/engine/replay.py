"""Replays the grading of one question, to explain its score with the inputs and outputs of every case.

A replay is the same grading with the same seed, so it shows what was graded. It runs the whole notebook, since an
answer may depend on everything that ran before. For staff only: it shows hidden inputs and right answers.
"""

from __future__ import annotations

import hashlib
import math
import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import numpy as np

from autograder import __version__
from autograder.engine.messages import ReplayTask
from autograder.engine.worker import Worker
from autograder.errors import message_of
from autograder.grading.failing_cases import MAX_TEXT, FailingCases, limited, rendered
from autograder.grading.judge import failure_message
from autograder.grading.report import CheckResult, Outcome, Report
from autograder.i18n import _, ngettext
from autograder.questions.question import Check, Question
from autograder.text import Text, visible

MAX_CASES = 40

Words = dict[str, str]
"""A text by language."""


class ReplayedCase(TypedDict):
    """A case of a check, as short lines of text."""

    given: str
    wanted: str
    """Empty if only the check knows it."""
    got: str
    passed: bool
    message: Words


class ReplayedCheck(TypedDict):
    """A check with its cases; failed ones come first."""

    name: str
    text: Words
    outcome: Outcome
    points: float
    earned: float
    message: Words
    too_easy: bool
    cases: list[ReplayedCase]
    more: int
    """The number of cases left out."""


class ReplayedMisconception(TypedDict):
    """A misconception that explains the answer."""

    name: str
    text: Words


class Versions(TypedDict):
    """The versions that a replay ran with; `question` is the start of the SHA-256 of the question file, if any."""

    autograder: str
    python: str
    numpy: str
    question: str


class Replayed(TypedDict):
    """A replay: the report of the question, with the cases of each check."""

    question: str
    title: Words
    score: float
    points: float
    granted: float | None
    """The score if what is blocked as too easy were carried over; None if nothing is."""
    checks: list[ReplayedCheck]
    misconceptions: list[ReplayedMisconception]
    computed: list[Words]
    notes: list[Words]
    versions: Versions
    same: bool | None
    """Whether the score equals the one on record; None if there is none."""


class Failed(TypedDict):
    """The reason why a question cannot be replayed."""

    failed: Words


ReplayResult = Replayed | Failed


def replay(worker: Worker, task: ReplayTask) -> ReplayResult:
    """Run a replay in a worker. Return JSON-compatible data."""
    try:
        graded = worker.grade_submission(task.task, record_cases=task.question)
        reports = graded.reports
        assignment = task.submission.assignment
        questions = {question.id: question for question in worker.course.assignment(assignment).questions}
        if task.question not in questions and task.question in reports:
            failing = graded.failing.get(task.question, FailingCases())
            return _summarize_test(reports[task.question], failing, task.score)
        if task.question not in questions:
            unknown = _(
                "{assignment} has no question {name}",
                assignment=assignment,
                name=repr(visible(task.question, 80)),
            )
            return {"failed": unknown.to_dict()}
        if (ungraded := reports[task.question].ungraded) is not None:
            return {"failed": ungraded.to_dict()}
        return _summarize(questions[task.question], reports[task.question], task.score)
    except Exception as error:  # staff see any error
        return {"failed": plain_words(message_of(error))}


def draw_notes(report: Report) -> list[Text]:
    """Return what staff read of draws that were skipped before the one that was used."""
    n = report.skipped_draws
    if not n:
        return []
    return [
        ngettext(
            "{n} earlier draw of hidden inputs was unfit to judge by",
            "{n} earlier draws of hidden inputs were unfit to judge by",
            n,
        )
    ]


def _summarize_test(report: Report, failing: FailingCases, score: float | None) -> ReplayResult:
    """Return the replay of a test of nbgrader's own, with the message about hidden tests if it failed."""
    if report.ungraded is not None:
        return {"failed": report.ungraded.to_dict()}
    hidden = {check.name: check.message for check in failing.checks}
    checks = [replace(result, message=hidden.get(result.name, result.message)) for result in report.checks]
    return _summary(report, [_replayed(result, []) for result in checks], score, "")


def _summarize(question: Question, report: Report, score: float | None) -> Replayed:
    checks = {check.name: check for check in question.checks}
    replayed = [_check(question, checks[result.name], result, report) for result in report.checks]
    digest = hashlib.sha256(Path(question.path).read_bytes()).hexdigest()[:12]
    return _summary(report, replayed, score, digest)


def _summary(report: Report, checks: list[ReplayedCheck], score: float | None, digest: str) -> Replayed:
    return {
        "question": report.question,
        "title": report.title.to_dict(),
        "score": report.score,
        "points": report.points,
        "granted": report.granted.score if report.at_stake else None,
        "checks": checks,
        "misconceptions": [
            {"name": named.name, "text": named.text.to_dict()} for named in report.misconceptions
        ],
        "computed": [plain_words(formula) for formula in report.computed],
        "notes": [plain_words(note) for note in (*report.corrections, *report.notes, *draw_notes(report))],
        "versions": {
            "autograder": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "question": digest,
        },
        "same": None if score is None else math.isclose(score, report.score, abs_tol=1e-4),
    }


def _check(question: Question, check: Check, result: CheckResult, report: Report) -> ReplayedCheck:
    blocked = result.outcome == "blocked" and not result.too_easy
    # failed cases first: they cost the points
    cases = [] if blocked else sorted(_cases(question, check, report), key=lambda case: case["passed"])
    return _replayed(result, cases)


def _replayed(result: CheckResult, cases: list[ReplayedCase]) -> ReplayedCheck:
    return {
        "name": result.name,
        "text": result.text.to_dict(),
        "outcome": result.outcome,
        "points": result.points,
        "earned": result.earned,
        "message": plain_words(result.message),
        "too_easy": result.too_easy,
        "cases": cases[:MAX_CASES],
        "more": len(cases[MAX_CASES:]),
    }


def _cases(question: Question, check: Check, report: Report) -> Iterator[ReplayedCase]:
    for result in report.cases:
        if not check.covers(result.case):
            continue
        message = failure_message(check, result)
        given, wanted, got = rendered(question, check, result)
        yield {
            "given": given,
            "wanted": wanted,
            "got": got,
            "passed": message is None,
            "message": plain_words(message or Text()),
        }


def plain_words(message: Text) -> Words:
    """Return a text as data, with control characters escaped: it may quote a student."""
    return limited(message, MAX_TEXT).to_dict()

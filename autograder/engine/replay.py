"""Why these points: a submission is graded once more, and what one question was given and gave back is told.

It is the grading itself, with the seed it has, so that what is seen is what was judged; and the whole notebook of
it, since what an answer gives may hang on all that ran before. For staff: it shows hidden inputs and right answers.
"""

from __future__ import annotations

import hashlib
import math
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder import __version__
from autograder.course import Course, unknown
from autograder.engine import batch, kept_grades
from autograder.engine.messages import GradeTask, SubmissionId, WorkItem
from autograder.engine.value_format import arguments, short
from autograder.engine.worker import Worker
from autograder.errors import AutograderError, CourseError
from autograder.grading.question_grader import compared_values, failure_message
from autograder.grading.report import CheckResult, Report
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.questions.question import Check, Question
from autograder.text import Text, visible

MAX_CASES = 40
MAX_MESSAGE = 2000
ReplayResult = dict[str, Any]


@dataclass(frozen=True)
class ReplayTask:
    """A question of a submission that is to be run once more."""

    task: GradeTask
    question: str
    score: float | None = None
    """What it earned when it was graded, so that it can be said whether it earns the same; None where it was not."""

    @property
    def job(self) -> SubmissionId:
        """The submission."""
        return self.task.job


def replay(again: ReplayTask) -> ReplayResult:
    """What was seen, as JSON holds it, or `{"failed": reason}`; a piece of work for an engine.

    Each check has its cases: what was given, what was wanted, what came back, all as short lines of text; those that
    it objects to come first, and `more` says how many are left out. `wanted` is empty where only the check knows.
    `same` says whether the score is the one on record; it is None where none is.
    """
    try:
        worker: Worker = Worker.instance()
        _, reports = worker.judged(again.task, watched=again.question)
        questions = {one.id: one for one in worker.course.questions(again.task.job.assignment)}
        if again.question not in questions:
            return {"failed": f"{again.task.job.assignment} has no question {visible(again.question, 80)!r}"}
        return _told(questions[again.question], reports[again.question], again.score)
    except AutograderError as error:
        return {"failed": visible(error, MAX_MESSAGE)}
    except Exception as error:  # whatever goes wrong with it, staff are told
        return {"failed": visible(f"{type(error).__name__}: {error}", MAX_MESSAGE)}


def replay_submission(course: Course, job: SubmissionId, question: str) -> ReplayResult:
    """What `replay` sees of a submission that lies in the course's folder.

    Raises CourseError, with the near names, for a question that is not there; GraderError where there is no seal.
    """
    known = [one.id for one in course.questions(job.assignment)]
    if question not in known:
        raise CourseError(unknown("question", question, known))
    batch.registered(course, [job.assignment])
    with GradebookWriter(course) as ledger:
        recorded, people = ledger.recorded(job.assignment), ledger.known_ids()
    kept = kept_grades.kept_reports(course, job).get(question)
    task = GradeTask(job, kept_grades.submitted_files(course, job), recorded, people)
    with batch.workers_for(course, [job.assignment], 1, apart=True, scheduler="") as engine:
        engine.submit(WorkItem(job, replay, ReplayTask(task, question, kept.score if kept else None)))
        while True:
            for finished in engine.completed(batch.LOOK_SECONDS):
                return (
                    finished.value if not finished.error else {"failed": visible(finished.error, MAX_MESSAGE)}
                )


def _told(question: Question, report: Report, score: float | None) -> ReplayResult:
    checks = {check.name: check for check in question.checks}
    return {
        "title": report.title.to_dict(),
        "score": report.score,
        "points": report.points,
        "checks": [_check(question, checks[result.name], result, report) for result in report.checks],
        "misconceptions": [
            {"name": named.name, "text": named.text.to_dict()} for named in report.misconceptions
        ],
        "computed": [_plain(told) for told in report.computed],
        "notes": [_plain(note) for note in report.notes],
        "versions": {
            "autograder": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "question": hashlib.sha256(Path(question.path).read_bytes()).hexdigest()[:12],
        },
        "same": None if score is None else math.isclose(score, report.score, abs_tol=1e-4),
    }


def _check(question: Question, check: Check, result: CheckResult, report: Report) -> ReplayResult:
    blocked = result.outcome == "blocked"
    # those that it objects to first: they are why points are missing
    cases = [] if blocked else sorted(_cases(question, check, report), key=lambda case: bool(case["passed"]))
    return {
        "name": result.name,
        "text": result.text.to_dict(),
        "outcome": result.outcome,
        "points": result.points,
        "earned": result.earned,
        "message": _plain(result.message),
        "cases": cases[:MAX_CASES],
        "more": len(cases[MAX_CASES:]),
    }


def _cases(question: Question, check: Check, report: Report) -> Iterator[ReplayResult]:
    for one in report.cases:
        if not check.covers(one.case):
            continue
        message = failure_message(check, one)
        got, want = compared_values(check, one)
        unknown = check.judges == "value" and (question.needs_tensorflow or question.reference is None)
        yield {
            "given": arguments(question, one.case),
            "wanted": "" if unknown else short(want),
            "got": "" if one.error is not None else short(got),
            "passed": message is None,
            "message": _plain(message or Text()),
        }


def _plain(told: Text) -> dict[str, str]:
    """A text that may quote a student."""
    return {language: visible(text, MAX_MESSAGE) for language, text in told.to_dict().items()}

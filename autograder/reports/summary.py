"""Scores of a class, and what it misunderstood: read from the graded notebooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import nbformat

from autograder import feedback
from autograder.course import Course
from autograder.engine.local import Job, graded_path
from autograder.grading import Named, Report
from autograder.notebook import mark


@dataclass(frozen=True)
class Graded:
    """One graded submission: its reports by question."""

    job: Job
    reports: dict[str, Report] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Sum over its questions."""
        return sum(report.score for report in self.reports.values())

    @property
    def points(self) -> float:
        """What could be earned."""
        return sum(report.points for report in self.reports.values())

    @property
    def notes(self) -> list[str]:
        """Questions whose answer needs a teacher's look: how it was found, why it was lost."""
        return [name for name, report in self.reports.items() if report.notes]


@dataclass(frozen=True)
class Misunderstood:
    """A mistake that students of the class share."""

    assignment: str
    question: str
    mistake: Named
    students: int


def read_graded(course: Course, jobs: Iterable[Job]) -> list[Graded]:
    """The graded submissions among `jobs`."""
    graded = []
    for job in jobs:
        path = graded_path(course, job)
        if path.exists():
            notebook = nbformat.read(path, as_version=4)
            kept = [mark(cell)["report"] for cell in notebook.cells if "report" in mark(cell)]
            reports = [feedback.from_dict(data) for data in kept]
            graded.append(Graded(job, {report.question: report for report in reports}))
    return graded


def misunderstood(graded: Iterable[Graded]) -> list[Misunderstood]:
    """The mistakes found, the most frequent first."""
    counts: Counter[tuple[str, str, Named]] = Counter()
    for submission in graded:
        for report in submission.reports.values():
            for named in report.misconceptions:
                counts[submission.job.assignment, report.question, named] += 1
    found = [Misunderstood(*key, students) for key, students in counts.items()]
    return sorted(found, key=lambda one: (-one.students, one.assignment, one.question, one.mistake.name))

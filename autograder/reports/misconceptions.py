"""Count what a class misunderstood: the misconceptions recognized in its reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.engine.messages import Result
from autograder.grading.diagnosis import NamedMisconception


@dataclass(frozen=True)
class SharedMisconception:
    """A misconception shared by students of the class."""

    assignment: str
    question: str
    misconception: NamedMisconception
    students: int


def shared_misconceptions(results: Iterable[Result]) -> list[SharedMisconception]:
    """Return the misconceptions recognized in the results, the most frequent first."""
    counts: Counter[tuple[str, str, NamedMisconception]] = Counter()
    for result in results:
        for report in result.reports.values():
            for named in report.misconceptions:
                counts[result.submission.assignment, report.question, named] += 1
    shared = [SharedMisconception(*key, students) for key, students in counts.items()]
    return sorted(
        shared, key=lambda item: (-item.students, item.assignment, item.question, item.misconception.name)
    )

"""What a class misunderstood: the mistakes that its reports name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.engine.messages import Result
from autograder.grading.diagnosis import NamedMisconception


@dataclass(frozen=True)
class SharedMisconception:
    """A mistake that students of the class share."""

    assignment: str
    question: str
    misconception: NamedMisconception
    students: int


def shared_misconceptions(results: Iterable[Result]) -> list[SharedMisconception]:
    """The mistakes found, the most frequent first."""
    counts: Counter[tuple[str, str, NamedMisconception]] = Counter()
    for result in results:
        for report in result.reports.values():
            for named in report.misconceptions:
                counts[result.submission.assignment, report.question, named] += 1
    found = [SharedMisconception(*key, students) for key, students in counts.items()]
    return sorted(
        found, key=lambda one: (-one.students, one.assignment, one.question, one.misconception.name)
    )

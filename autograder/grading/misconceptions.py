"""Choose the misconceptions that are named of a wrong answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autograder.grading.combinations import combined_misconceptions
from autograder.grading.diagnosis import CaseResult, NamedMisconception, recognized_misconceptions
from autograder.grading.observations import partial_misconceptions
from autograder.questions.question import Question


def choose_misconceptions(
    question: Question, results: Sequence[CaseResult], failed: Collection[str]
) -> tuple[NamedMisconception, ...]:
    """Return the misconceptions that explain the answer: alone, else in combination, else its values in part.

    failed: as for `recognized_misconceptions`.
    """
    return tuple(
        recognized_misconceptions(question, results, failed)
        or combined_misconceptions(question, results, failed)
        or partial_misconceptions(question, results, failed)
    )

"""Choose the misconceptions that are named of a wrong answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from autograder.grading.diagnosis import CaseResult, NamedMisconception, recognized_misconceptions
from autograder.grading.followed_mistakes import mistakes_below
from autograder.grading.observations import partial_misconceptions
from autograder.grading.parts import misconceptions_in_parts
from autograder.grading.two_mistakes import two_misconceptions
from autograder.questions.question import Question

if TYPE_CHECKING:
    from autograder.grading.report import Report


def choose_misconceptions(
    question: Question, results: Sequence[CaseResult], failed: Collection[str], earlier: Mapping[str, Report]
) -> tuple[NamedMisconception, ...]:
    """Return the misconceptions that explain the answer: alone, else with others, else its values in part.

    failed: as for `recognized_misconceptions`. earlier: the reports of questions that this one may follow.
    """
    return tuple(
        recognized_misconceptions(question, results, failed)
        or mistakes_below(question, results, failed, earlier)
        or partial_misconceptions(question, results, failed)
        or two_misconceptions(question, results, failed)
        or misconceptions_in_parts(question, results, failed)
    )

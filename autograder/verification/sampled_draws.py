"""Prove a question on many draws of hidden inputs, since each student has another one."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder.errors import GraderError
from autograder.grading.draws import Draw, draw_number, results_of, unfit
from autograder.grading.judge import judge_checks
from autograder.i18n import _
from autograder.questions.question import Question
from autograder.text import Text

SAMPLED = 200
MAX_SECONDS = 60.0
"""Time after which no further draw is sampled; a question whose reference is slow is proved on fewer."""
REPEATED_DRAWS, REPEATED = 3, 5
"""Number of draws on which each check judges the same values again, and how often."""


@dataclass(frozen=True)
class DrawSample:
    """The result of sampling draws."""

    draws: int
    """Number of draws tried, with the seeds from 0."""
    seconds: float
    """Time that a draw took, with the reference's values for it."""
    problem: Text | None = None


def sample_draws(question: Question) -> DrawSample:
    """Prove that draws of a function question without TensorFlow are fit to judge by. Stop at the first that is not."""
    began, drawing = time.monotonic(), 0.0
    for seed in range(SAMPLED):
        before = time.monotonic()
        if before - began > MAX_SECONDS:
            return DrawSample(seed, drawing / seed)
        try:
            draw = draw_number(question, seed)
            drawing += time.monotonic() - before
            problem = unfit(question, draw)
            varies = problem is not None and unfit(question, draw) != problem
            if varies or (seed < REPEATED_DRAWS and _is_random(question, draw)):
                problem = _(
                    "a check judges the same value in two ways, or an answer of the file gives two values"
                )
        except GraderError as error:
            problem = error.message
        if problem is not None:
            return DrawSample(
                seed + 1,
                drawing / (seed + 1),
                _("the draw with the seed {seed} is unfit to judge by: {reason}", seed=seed, reason=problem),
            )
    return DrawSample(SAMPLED, drawing / SAMPLED)


def _is_random(question: Question, draw: Draw) -> bool:
    """Return whether a check judges the same values differently when it judges them again."""
    for answer in (question.reference, *(misconception.answer for misconception in question.misconceptions)):
        results = results_of(question, answer, draw)
        first = judge_checks(question, results)
        if any(judge_checks(question, results) != first for _time in range(REPEATED)):
            return True
    return False

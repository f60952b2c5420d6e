"""Hidden inputs judge an answer only if they tell right from wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.errors import GraderError
from autograder.grading.direct_session import DirectSession
from autograder.grading.draws import MAX_DRAWS, SharedDraws, UnfitDraws, draw_number, fit_draw, unfit
from autograder.grading.question_grader import grade
from autograder.questions.loader import load_question
from autograder.questions.question import Question
from autograder.verification.sampled_draws import SAMPLED, sample_draws

QUOTIENT = '''"""A mean that has none for an empty total."""
import numpy as np
from autograder import Case, Fail, Question, Text, expect

question = Question(title=Text(en="quotient"), statement=Text(en="Divide."))


@question.answer
def quotient(total, count):
    """The mean, or NaN for none."""
    return total / count if count else float("nan")


@question.cases
def cases(rng):
    return [Case(int(total), int(count)) for total, count in rng.integers(0, {high}, size=({n}, 2))]


@question.check(points=2, text=Text(en="the mean is right"))
def is_right(got, case, want):
    {check}


@question.misconception(text=Text(en="forgets to divide"), fails=[is_right])
def forgets_to_divide(total, count):
    return total
'''
CLOSE = "expect.close(got, want)"
CLOSE_OR_NAN = "expect.close(got, want, nan=True)"
CARELESS = "if abs(got - want) > 1e-6:\n        raise Fail(Text(en='wrong'))"
RARE, ALWAYS = 40, 1
"""The upper end of drawn numbers: with the first, one draw in ten contains a zero; with the second, every one."""


def question_of(folder: Path, check: str = CLOSE, *, high: int = RARE, n: int = 4) -> Question:
    """A question whose reference gives NaN where the second argument is 0."""
    path = folder / "questions" / "quotient.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(QUOTIENT.format(check=check, high=high, n=n), encoding="utf-8")
    return load_question(path, ("en",))


def has_zero(question: Question, seed: int) -> bool:
    """Whether the first draw of a seed contains a 0 as the second argument."""
    return any(case.args[1] == 0 for case in draw_number(question, seed).cases)


@pytest.fixture
def rare(tmp_path: Path) -> Question:
    """A question with a rare input for which the reference gives NaN."""
    return question_of(tmp_path)


def test_right_answers_earn_full_points_on_every_draw(rare: Question) -> None:
    """An equal answer in other words earns the same, although some first draws refuse the reference."""
    seeds = range(100)
    assert any(has_zero(rare, seed) for seed in seeds)

    def other_words(total: int, count: int) -> float:
        return float("nan") if count == 0 else total * (1 / count)

    assert {grade(rare, DirectSession(other_words), seed=seed).score for seed in seeds} == {2.0}


def test_skipped_draws_are_recorded(rare: Question) -> None:
    """A draw that refuses the reference is skipped, and the report says how many were."""
    seed = next(seed for seed in range(100) if has_zero(rare, seed))
    draw = fit_draw(rare, seed)
    assert draw.skipped >= 1
    assert all(case.args[1] for case in draw.cases)
    assert grade(rare, DirectSession(rare.reference), seed=seed).skipped_draws == draw.skipped


def test_seed_determines_the_draw(rare: Question) -> None:
    """Which draw counts follows from the seed alone."""
    first, second = ([fit_draw(rare, seed) for seed in range(60)] for _time in range(2))
    assert first == second


def test_misconceptions_earn_nothing_on_any_draw(tmp_path: Path) -> None:
    """A draw of counts of 1 alone, for which a forgotten division is right, is not used."""
    question = question_of(tmp_path, CLOSE_OR_NAN, high=3, n=1)
    forgetful = DirectSession(question.misconceptions[0].answer)
    seeds = range(60)
    first = [draw_number(question, seed) for seed in seeds]
    assert {grade(question, forgetful, draw=draw).score for draw in first} == {0.0, 2.0}
    assert {grade(question, forgetful, seed=seed).score for seed in seeds} == {0.0}


def test_draws_that_are_all_unfit_are_the_graders_fault(tmp_path: Path) -> None:
    """After a bounded number of draws the question is not graded, with the reason."""
    question = question_of(tmp_path, high=ALWAYS)
    with pytest.raises(UnfitDraws) as caught:
        grade(question, DirectSession(question.reference))
    assert str(caught.value) == (
        f"none of {MAX_DRAWS} draws of hidden inputs tells right from wrong; of the last one: the reference fails "
        "check is_right for the arguments [0, 0]"
    )


def test_nan_equals_nan_only_if_the_check_says_so(tmp_path: Path) -> None:
    """With `nan=True`, a reference may give NaN, and an answer has to."""
    question = question_of(tmp_path, CLOSE_OR_NAN, high=ALWAYS + 1)
    seed = next(
        seed for seed in range(100) if has_zero(question, seed) and not fit_draw(question, seed).skipped
    )
    assert grade(question, DirectSession(question.reference), seed=seed).score == 2
    assert (
        grade(question, DirectSession(lambda total, count: total / count if count else 0.0), seed=seed).score
        == 0
    )


def test_check_that_accepts_anything_for_nan_is_found(tmp_path: Path) -> None:
    """Nothing differs from NaN by more than a tolerance, so such a check would pay any number."""
    question = question_of(tmp_path, CARELESS, high=ALWAYS)
    reason = unfit(question, draw_number(question, 0))
    assert reason is not None
    assert reason.en == (
        "the reference gives NaN for the arguments [0, 0], and check is_right accepts any number there"
    )


def test_public_draws_are_proved_once(rare: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    """All submissions share them."""
    draws = SharedDraws(0)
    first = draws.of(rare)
    monkeypatch.setattr("autograder.grading.draws.fit_draw", None)
    assert draws.of(rare) is first


class TestSamples:
    """What `build` proves of draws."""

    def test_rare_draw_is_found(self, rare: Question) -> None:
        """It is told with its seed and the arguments."""
        sample = sample_draws(rare)
        assert sample.problem is not None
        assert sample.problem.en.startswith(
            f"the draw with the seed {sample.draws - 1} is unfit to judge by: "
        )
        assert has_zero(rare, sample.draws - 1)

    def test_fit_question_is_tried_on_all(self, tmp_path: Path) -> None:
        """Its certificate names the number."""
        sample = sample_draws(question_of(tmp_path, CLOSE_OR_NAN))
        assert (sample.problem, sample.draws) == (None, SAMPLED)

    def test_random_check_is_found(self, tmp_path: Path) -> None:
        """One value in fifty is refused at random, which three draws would hardly show."""
        check = "if np.random.random() < 0.02:\n        raise Fail(Text(en='bad luck'))\n    " + CLOSE_OR_NAN
        np.random.seed(1)
        sample = sample_draws(question_of(tmp_path, check))
        assert sample.problem is not None
        assert "a check judges the same value in two ways" in sample.problem.en


def test_check_with_tolerance_pays_no_number_for_nan(tmp_path: Path) -> None:
    """A check with a tolerance refuses every number where the right one is NaN."""
    question = question_of(tmp_path, high=ALWAYS)
    with pytest.raises(GraderError):
        grade(question, DirectSession(lambda total, count: 1.0))


def test_reference_that_calls_another_question_is_told_what_to_write(tmp_path: Path) -> None:
    """A question file does not know the answers to others: the message names the decorator that does."""
    question_of(tmp_path)
    path = tmp_path / "questions" / "halved.py"
    text = QUOTIENT.format(check=CLOSE, high=RARE, n=4).replace("quotient", "halved")
    path.write_text(
        text.replace("return total / count if", "return quotient(total, count) if"), encoding="utf-8"
    )
    with pytest.raises(
        GraderError,
        match=r"halved\.py:11: halved raised NameError: name 'quotient' is not defined; a question file cannot call "
        r'the answer to another question: compute it here, and write @question\.follows\("quotient"\)',
    ):
        draw_number(load_question(path, ("en",)), 0)

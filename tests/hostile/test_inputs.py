"""What an answer was asked about is told nowhere: not in the page, nor in the graded notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from autograder.course import SubmissionId
from autograder.grading.disclosure import PUBLIC_SEED
from autograder.grading.draws import draw_cases
from autograder.questions.question import Case
from tests.hostile.arena import Arena, arena, points, recorded_seed
from tests.hostile.attack import GRU, LSTM, TAGGING, Attack
from tests.hostile.attacks.inputs import COUNTING, JOINS, MODELS, TELLING

pytestmark = [pytest.mark.seal, pytest.mark.long]


def cases_of(made: Arena, attack: Attack, *, seed: int | None = None) -> list[Case]:
    """The inputs that an attacker's functions are asked about, by its seed or another."""
    course = made.course
    if seed is None:
        path = course.graded_path(SubmissionId(attack.id, attack.assignment))
        seed = recorded_seed(path)
    return [
        case
        for question in course.assignment(attack.assignment).questions
        if not question.is_number and question.id in attack.answers
        for case in draw_cases(question, np.random.default_rng([seed, question.id_hash]))
    ]


def asked_of(made: Arena, attack: Attack, *, seed: int | None = None) -> set[tuple[int, int]]:
    """The first two sizes of each of these inputs."""
    return {case.args[:2] for case in cases_of(made, attack, seed=seed)}


def vocabularies(made: Arena, attack: Attack, *, seed: int | None = None) -> set[str]:
    """The vocabularies that `encode` is asked about, as an attacker writes them."""
    asked = cases_of(made, replace(attack, answers={"encode": ""}), seed=seed)
    return {"-".join(case.args[1]) for case in asked}


def kept(made: Arena, attack: Attack) -> str:
    """All that is kept of an attacker: the graded notebook and the page."""
    return made.graded(attack.id, attack.assignment) + made.page(attack.id, attack.assignment)


def found(sizes: tuple[int, int], join: str, text: str) -> bool:
    """Whether a text tells both sizes, joined as an attack joins them."""
    return re.search(rf"(?<![\w.])[A-Z]?{sizes[0]}{join}{sizes[1]}(?![\w.])", text) is not None


class TestCounting:
    """Attackers and honest students, graded as one class."""

    @pytest.fixture(scope="class")
    def graded(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
        """What became of them."""
        with arena(tmp_path_factory.mktemp("hostile"), GRU, LSTM) as made:
            made.grade([made.hand_in(attack) for attack in COUNTING])
            yield made

    @pytest.mark.parametrize("attack", TELLING, ids=lambda attack: attack.id)
    def test_hidden_inputs_are_not_disclosed(self, graded: Arena, attack: Attack) -> None:
        """No hidden input stands in what is kept, as a text or within a number; public ones may."""
        public = asked_of(graded, attack, seed=PUBLIC_SEED)
        hidden = asked_of(graded, attack) - public
        text, reports = kept(graded, attack), str(graded.results[attack.id].reports)
        assert len(hidden) >= 8
        assert [one for one in hidden if any(found(one, join, text) for join in JOINS)] == []
        # 10006 is 10 and 6 by the one join, and 1 and 6, which may be told, by the other
        disclosed = {f"{first}000{second}" for first, second in public}
        assert [
            one for one in hidden if found(one, "00", reports) and f"{one[0]}00{one[1]}" not in disclosed
        ] == []

    @pytest.mark.parametrize("attack", COUNTING, ids=lambda attack: attack.id)
    def test_it_gains_and_loses_nothing(self, graded: Arena, attack: Attack) -> None:
        """What is honest in it earns its points; the rest, a table of earlier inputs too, earns none."""
        result = graded.results[attack.id]
        assert result.state == "graded", result.reason
        assert {name: score for name, score in points(result).items() if score} == attack.earns

    def test_later_cell_keeps_its_outputs(self, graded: Arena) -> None:
        """They come from a kernel that was asked about nothing hidden."""
        assert "honest-output" in graded.page("I01", GRU)

    def test_errors_quote_public_inputs(self, graded: Arena) -> None:
        """An honest mistake needs its message, which a hidden input must not be in."""
        [check, *_] = graded.results["I02"].reports["gru_params"].checks
        public = asked_of(graded, COUNTING[1], seed=PUBLIC_SEED)
        assert check.message.en.removeprefix("running the answer raised ValueError: ") in {
            f"{d}:{u}" for d, u in public
        }


@pytest.mark.full
@pytest.mark.tensorflow
class TestModels:
    """Notebooks that may train models."""

    @pytest.fixture(scope="class")
    def graded(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
        """What became of them."""
        with arena(tmp_path_factory.mktemp("hostile"), TAGGING) as made:
            made.grade([made.hand_in(attack) for attack in MODELS])
            yield made

    @pytest.mark.parametrize("attack", MODELS, ids=lambda attack: attack.id)
    def test_hidden_inputs_are_not_disclosed(self, graded: Arena, attack: Attack) -> None:
        """Neither the outputs, errors nor names of types that tell a hidden vocabulary; public ones may."""
        text = kept(graded, attack)
        hidden = vocabularies(graded, attack) - vocabularies(graded, attack, seed=PUBLIC_SEED)
        assert len(hidden) >= 4
        assert [words for words in hidden if words in text or words.replace("-", "_") in text] == []

    @pytest.mark.parametrize("attack", MODELS, ids=lambda attack: attack.id)
    def test_it_gains_and_loses_nothing(self, graded: Arena, attack: Attack) -> None:
        """What is right in it earns its points."""
        earned = {name: score for name, score in points(graded.results[attack.id]).items() if score}
        assert earned == attack.earns

    def test_errors_quote_public_inputs(self, graded: Arena) -> None:
        """The answer that raised it was called with them before, in another kernel."""
        [check, *_] = graded.results["I11"].reports["encode"].checks
        told = check.message.en.removeprefix("running the answer raised ").partition(": ")[2]
        assert told in vocabularies(graded, MODELS[0], seed=PUBLIC_SEED)

    def test_later_outputs_tell_public_inputs(self, graded: Arena) -> None:
        """All answers are right, and a later cell prints what they were called with."""
        public = vocabularies(graded, MODELS[1], seed=PUBLIC_SEED)
        assert any(words in kept(graded, MODELS[1]) for words in public)

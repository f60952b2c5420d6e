"""What the LSTM questions want of time steps, ratios and budgets, held to the layers that Keras builds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from support import ROOT

from autograder.course import Course
from autograder.grading import draw_cases, wanted

pytestmark = pytest.mark.tensorflow

BIGGEST = 300  # of the sizes that are built: large layers only take time
DEAREST = 300_000


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, in this process: the oracle."""
    return pytest.importorskip("keras", reason="Keras is the oracle of these tests")


def asked(name: str, biggest: int) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Hidden arguments of a seed, none of them beyond `biggest`, and what is wanted; at least eight."""
    questions = {question.id: question for question in Course.open(ROOT).questions("lstm_parameters")}
    cases = [
        case for case in draw_cases(questions[name], np.random.default_rng(0)) if max(case.args) <= biggest
    ]
    assert len(cases) >= 8
    for case in cases:
        yield case.args, wanted(questions[name], case)


def weights_of(layer: Any, shape: tuple[int | None, ...]) -> int:
    layer.build((None, *shape))
    return int(layer.count_params())


def test_time_steps_change_nothing(keras: Any) -> None:
    """An LSTM built for an input of that length has as many weights."""
    for (input_dim, units, timesteps), want in asked("params_at", BIGGEST):
        assert weights_of(keras.layers.LSTM(units), (timesteps, input_dim)) == want


def test_ratios_are_those_of_the_models_of_the_statement(keras: Any) -> None:
    """Layer by layer and model by model."""
    for (input_dim, units, n_tags), want in asked("lstm_rnn_ratio", BIGGEST):
        counts = []
        for kind in (keras.layers.LSTM, keras.layers.SimpleRNN):
            dense = keras.layers.Dense(n_tags, activation="softmax")
            model = keras.Sequential(
                [keras.Input((None, input_dim)), kind(units, return_sequences=True), dense]
            )
            counts.append((model.layers[0].count_params(), model.count_params()))
        (lstm, lstm_model), (rnn, rnn_model) = counts
        assert want == (lstm / rnn, lstm_model / rnn_model)


def test_one_more_unit_is_over_the_budget(keras: Any) -> None:
    """The layer of the wanted size is within the budget, the next larger one is not."""
    for (input_dim, budget), want in asked("max_lstm_units", DEAREST):
        if want > 0:
            assert weights_of(keras.layers.LSTM(want), (None, input_dim)) <= budget
        assert weights_of(keras.layers.LSTM(want + 1), (None, input_dim)) > budget

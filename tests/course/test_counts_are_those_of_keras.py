"""The counting questions' right answers and rubrics, held to the layers that Keras builds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograder.course import Course
from autograder.grading.draws import draw_cases, reference_value
from tests.support import ROOT

pytestmark = pytest.mark.tensorflow

Keras = Any
BIGGEST = 100  # of the sizes that are built: a count is a polynomial, and large layers only take time
LARGEST = 300  # of the LSTM questions, as above
DEAREST = 300_000


def built(layer: Any, input_dim: int) -> Any:
    layer.build((None, None, input_dim))
    return layer


def gru_params(keras: Keras, input_dim: int, units: int, reset_after: bool = True) -> int:
    """Weights of a GRU."""
    gru = keras.layers.GRU(units, reset_after=reset_after)
    return int(built(gru, input_dim).count_params())


def gru_weight_shapes(keras: Keras, input_dim: int, units: int, reset_after: bool) -> list[tuple[int, ...]]:
    """Shapes of a GRU's arrays."""
    gru = keras.layers.GRU(units, reset_after=reset_after)
    return [weight.shape for weight in built(gru, input_dim).get_weights()]


def bilstm_params(keras: Keras, input_dim: int, units: int) -> int:
    """Weights of an LSTM in both directions."""
    return int(built(keras.layers.Bidirectional(keras.layers.LSTM(units)), input_dim).count_params())


def bilstm_tagger_params(
    keras: Keras, input_dim: int, units: int, n_tags: int, merge_mode: str | None = None
) -> int:
    """Weights of the tagger of the statement; without merge_mode it is left to Keras."""
    how = {} if merge_mode is None else {"merge_mode": merge_mode}
    model = keras.Sequential(
        [
            keras.Input((None, input_dim)),
            keras.layers.Bidirectional(keras.layers.LSTM(units, return_sequences=True), **how),
            keras.layers.Dense(n_tags, activation="softmax"),
        ]
    )
    return int(model.count_params())


def embedding_lstm_params(
    keras: Keras, vocab_size: int, embedding_dim: int, units: int, mask_zero: bool = True
) -> int:
    """Weights of the two layers of the statement."""
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(vocab_size, embedding_dim, mask_zero=mask_zero),
            keras.layers.LSTM(units),
        ]
    )
    return int(model.count_params())


ORACLES: tuple[Callable[..., Any], ...] = (
    gru_params,
    gru_weight_shapes,
    bilstm_params,
    bilstm_tagger_params,
    embedding_lstm_params,
)


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, in this process: the oracle."""
    return pytest.importorskip("keras", reason="Keras is the oracle of these tests")


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.__name__)
def test_the_right_answer_is_what_keras_builds(keras: Any, oracle: Callable[..., Any]) -> None:
    """For the hidden inputs of a seed, and with everything left out that a call may leave out."""
    questions = Course.open(ROOT).assignment("gru_parameters").questions
    question = next(question for question in questions if question.id == oracle.__name__)
    tried = 0
    for case in draw_cases(question, np.random.default_rng(0)):
        if all(not isinstance(size, int) or size <= BIGGEST for size in case.args):
            assert reference_value(question, case) == oracle(keras, *case.args, **case.kwargs), case
            tried += 1
    assert tried >= 8
    keras.backend.clear_session()


def asked(name: str, biggest: int) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Hidden arguments of a seed, none of them beyond `biggest`, and what is wanted; at least eight."""
    questions = {
        question.id: question for question in Course.open(ROOT).assignment("lstm_parameters").questions
    }
    cases = [
        case for case in draw_cases(questions[name], np.random.default_rng(0)) if max(case.args) <= biggest
    ]
    assert len(cases) >= 8
    for case in cases:
        yield case.args, reference_value(questions[name], case)


def weights_of(layer: Any, shape: tuple[int | None, ...]) -> int:
    layer.build((None, *shape))
    return int(layer.count_params())


@pytest.mark.parametrize("timesteps", [1, 12, None])
def test_time_steps_change_nothing(keras: Any, timesteps: int | None) -> None:
    """An LSTM built for an input of that length has as many weights."""
    for (input_dim, units), want in asked("lstm_params", LARGEST):
        assert weights_of(keras.layers.LSTM(units), (timesteps, input_dim)) == want


def test_ratios_are_those_of_the_models_of_the_statement(keras: Any) -> None:
    """Layer by layer and model by model."""
    for (input_dim, units, n_tags), want in asked("lstm_rnn_ratio", LARGEST):
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

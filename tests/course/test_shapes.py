"""The assignment on shapes, held to Keras; and its debugging question, held to its notebook."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.questions.loader import load_question
from tests.support import ROOT

with_keras = pytest.mark.tensorflow
SIZES = [(1, 1, 1, 1), (2, 6, 3, 5), (5, 3, 7, 3), (4, 4, 4, 4)]  # batch, timesteps, input_dim, units
FLAGS = list(itertools.product((False, True), repeat=2))
MODES = ["concat", "sum", "ave", "mul", None]
SINGLE = {"rtol": 1e-5, "atol": 1e-5}


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, in this process: the oracle."""
    return pytest.importorskip("keras", reason="Keras is the oracle of these tests")


def reference(name: str) -> Callable[..., Any]:
    """The right answer to a question."""
    question = load_question(ROOT / "solutions" / "shapes" / f"{name}.py", ("ko", "en"))
    assert question.reference is not None
    return question.reference


def drawn(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def shape_of(output: Any) -> tuple[int, ...]:
    return tuple(output.shape)


@with_keras
@pytest.mark.parametrize(("return_sequences", "return_state"), FLAGS)
@pytest.mark.parametrize("cell", ["LSTM", "GRU", "SimpleRNN"])
def test_output_shapes_are_those_of_keras(
    keras: Any, cell: str, return_sequences: bool, return_state: bool
) -> None:
    """All twelve combinations of cell and flags."""
    shapes = reference("rnn_output_shapes")
    for batch, timesteps, input_dim, units in SIZES:
        layer = getattr(keras.layers, cell)(
            units, return_sequences=return_sequences, return_state=return_state
        )
        given = layer(drawn(batch, timesteps, input_dim))
        outputs = given if return_state else [given]
        found = shapes(cell, batch, timesteps, input_dim, units, return_sequences, return_state)
        assert found == [shape_of(output) for output in outputs]


@with_keras
@pytest.mark.parametrize("merge_mode", MODES)
@pytest.mark.parametrize("return_sequences", [False, True])
def test_bidirectional_shapes_are_those_of_keras(
    keras: Any, return_sequences: bool, merge_mode: str | None
) -> None:
    """Every merge mode; without merging there are two."""
    shape = reference("bi_shape")
    for batch, timesteps, input_dim, units in SIZES:
        layer = keras.layers.LSTM(units, return_sequences=return_sequences)
        given = keras.layers.Bidirectional(layer, merge_mode=merge_mode)(drawn(batch, timesteps, input_dim))
        want = [shape_of(one) for one in given] if merge_mode is None else shape_of(given)
        assert shape(batch, timesteps, units, return_sequences, merge_mode) == want


@with_keras
def test_the_outputs_of_an_lstm_are_in_the_order_taught(keras: Any) -> None:
    """The sequence, its last step, and a cell state that is another."""
    outputs = keras.layers.LSTM(5, return_sequences=True, return_state=True)(drawn(2, 6, 3))
    parts = reference("split_outputs")([np.asarray(output) for output in outputs])
    np.testing.assert_allclose(reference("last_hidden")(parts["h_seq"]), parts["h"], **SINGLE)
    assert parts["c"].shape == parts["h"].shape
    assert not np.allclose(parts["c"], parts["h"], atol=1e-3)


@with_keras
def test_the_states_of_a_gru_cell_make_the_outputs_of_a_gru(keras: Any) -> None:
    """Stepped by hand, the cell gives what the layer does."""
    gru = keras.layers.GRU(5, return_sequences=True, return_state=True)
    x = drawn(2, 6, 3)
    want = gru(x)
    states, state = [], np.zeros((2, 5), dtype="float32")
    for step in range(6):
        state, _ = gru.cell(x[:, step], [state])
        states.append(np.asarray(state))
    for got, right in zip(reference("gru_outputs")(states), want, strict=True):
        np.testing.assert_allclose(got, right, **SINGLE)


@with_keras
@pytest.mark.parametrize("cell", ["LSTM", "GRU", "SimpleRNN"])
@pytest.mark.parametrize("timesteps", [1, 6])
def test_the_final_output_of_a_bidirectional_layer_is_rebuilt(keras: Any, cell: str, timesteps: int) -> None:
    """With the same weights, from the sequence; its last place would not do."""
    kind, x = getattr(keras.layers, cell), drawn(2, timesteps, 3)
    with_sequence = keras.layers.Bidirectional(kind(5, return_sequences=True))
    without = keras.layers.Bidirectional(kind(5))
    sequence, _ = np.asarray(with_sequence(x)), without(x)
    without.set_weights(with_sequence.get_weights())
    final = np.asarray(without(x))
    np.testing.assert_allclose(reference("bi_final")(sequence, 5), final, **SINGLE)
    assert np.allclose(sequence[:, -1], final, atol=1e-3) == (timesteps == 1)


def test_the_variable_left_over_is_that_of_the_notebook() -> None:
    """The mistake is recognised by the very numbers that the notebook's LSTM leaves behind."""
    path = ROOT / "source" / "shapes" / "shapes.ipynb"
    [cell] = [
        cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["id"] == "lstm-numbers"
    ]
    found: dict[str, Any] = {"np": np}
    exec("".join(cell["source"]), found)
    left_over, _ = next(
        known.answer([np.zeros((1, 1))])
        for known in load_question(
            ROOT / "solutions" / "shapes" / "gru_outputs.py", ("ko", "en")
        ).misconceptions
        if known.name == "left_over_sequence"
    )
    assert np.array_equal(found["whole_seq_output"], left_over)
    assert np.array_equal(found["whole_seq_output"][:, -1], found["final_memory_state"])

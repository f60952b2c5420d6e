"""The references that compute what a cell does, held to Keras's own cells and layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.questions.loader import load_question
from tests.support import ROOT

pytestmark = pytest.mark.tensorflow
SINGLE = {"rtol": 1e-5, "atol": 1e-5}  # Keras computes in single precision
SIZES = [(1, 1, 1), (2, 3, 3), (5, 4, 2), (3, 2, 7)]  # batch, input_dim, units


@pytest.fixture(scope="module")
def layers() -> Any:
    """Keras's layers, in this process: the oracle."""
    return pytest.importorskip("keras", reason="Keras is the oracle of these tests").layers


def reference(name: str, assignment: str = "cells") -> Any:
    """The right answer to a question of the assignment."""
    return load_question(ROOT / "solutions" / assignment / f"{name}.py", ("ko", "en")).reference


def drawn(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(np.float32)


def built(layer: Any, *shape: int | None) -> tuple[Any, list[Any]]:
    """A layer or cell with drawn weights, no bias 0, and these weights."""
    layer.build(shape)
    weights = [0.7 * drawn(*weight.shape, seed=1) for weight in layer.get_weights()]
    layer.set_weights(weights)
    return layer, weights


@pytest.mark.parametrize(("batch", "input_dim", "units"), SIZES)
def test_lstm_step_is_what_an_lstm_cell_computes(layers: Any, batch: int, input_dim: int, units: int) -> None:
    """Both new states agree."""
    cell, weights = built(layers.LSTMCell(units), None, input_dim)
    x, h, c = drawn(batch, input_dim), drawn(batch, units, seed=2), drawn(batch, units, seed=3)
    _, (want_h, want_c) = cell(x, [h, c])
    got_h, got_c = reference("lstm_step")(x, h, c, *weights)
    np.testing.assert_allclose(got_h, want_h, **SINGLE)
    np.testing.assert_allclose(got_c, want_c, **SINGLE)


@pytest.mark.parametrize(("batch", "input_dim", "units"), SIZES)
def test_split_gates_divides_as_an_lstm_cell_does(
    layers: Any, batch: int, input_dim: int, units: int
) -> None:
    """With these blocks in their places, the equations give what the cell gives."""
    cell, (kernel, recurrent_kernel, bias) = built(layers.LSTMCell(units), None, input_dim)
    x, h, c = drawn(batch, input_dim), drawn(batch, units, seed=2), drawn(batch, units, seed=3)
    blocks = reference("split_gates")(x @ kernel + h @ recurrent_kernel + bias, units)
    enter, forget, out = (1 / (1 + np.exp(-blocks[place])) for place in (0, 1, 3))
    want = cell(x, [h, c])[1][1]
    np.testing.assert_allclose(forget * c + enter * np.tanh(blocks[2]), want, **SINGLE)
    np.testing.assert_allclose(out * np.tanh(want), cell(x, [h, c])[0], **SINGLE)


@pytest.mark.parametrize("steps", [1, 5])
@pytest.mark.parametrize(("batch", "input_dim", "units"), SIZES)
def test_lstm_forward_is_what_an_lstm_layer_computes(
    layers: Any, batch: int, input_dim: int, units: int, steps: int
) -> None:
    """Every hidden state and the last two states agree."""
    layer = layers.LSTM(units, return_sequences=True, return_state=True)
    layer, weights = built(layer, None, steps, input_dim)
    x = drawn(batch, steps, input_dim)
    for got, want in zip(reference("lstm_forward")(x, *weights), layer(x), strict=True):
        np.testing.assert_allclose(got, want, **SINGLE)


@pytest.mark.parametrize(("batch", "input_dim", "units"), SIZES)
def test_two_layer_forward_is_what_a_stack_computes(
    layers: Any, batch: int, input_dim: int, units: int
) -> None:
    """The last hidden state agrees with that of two layers in Keras, the first with return_sequences."""
    lower, first = built(layers.LSTM(units, return_sequences=True), None, 4, input_dim)
    upper, second = built(layers.LSTM(3), None, 4, units)
    x = drawn(batch, 4, input_dim)
    got = reference("two_layer_forward")(x, tuple(first), tuple(second))
    np.testing.assert_allclose(got, upper(lower(x)), **SINGLE)


@pytest.mark.parametrize("reset_after", [False, True])
@pytest.mark.parametrize(("batch", "input_dim", "units"), SIZES)
def test_gru_step_is_what_a_gru_cell_computes(
    layers: Any, batch: int, input_dim: int, units: int, reset_after: bool
) -> None:
    """The new state agrees in both forms, with no bias 0."""
    cell, weights = built(layers.GRUCell(units, reset_after=reset_after), None, input_dim)
    x, h = drawn(batch, input_dim), drawn(batch, units, seed=2)
    got = reference("gru_step")(x, h, *weights, reset_after)
    np.testing.assert_allclose(got, cell(x, [h])[0], **SINGLE)


@pytest.mark.parametrize(("batch", "input_dim", "units"), SIZES)
def test_cell_gradients_are_what_tensorflow_differentiates(
    layers: Any, batch: int, input_dim: int, units: int
) -> None:
    """With the hidden states held, the gradient of the last cell state through the cells agrees at every step."""
    tensorflow = pytest.importorskip("tensorflow")
    cell, weights = built(layers.LSTMCell(units), None, input_dim)
    x = drawn(batch, 4, input_dim)
    h = c = tensorflow.zeros((batch, units))
    with tensorflow.GradientTape(persistent=True) as tape:
        passed = []
        for t in range(4):
            _, (h, c) = cell(x[:, t], [tensorflow.stop_gradient(h), c])
            tape.watch(c)
            passed.append(c)
    got = reference("cell_gradients")(x.astype(float), *(weight.astype(float) for weight in weights))
    for t in range(3):
        np.testing.assert_allclose(got[:, t], tape.gradient(passed[-1], passed[t]), **SINGLE)
    np.testing.assert_array_equal(got[:, 3], 1)


def test_keep_first_keeps_the_first_marked_value_in_a_layer(layers: Any) -> None:
    """In single precision, too, as students try it."""
    unit = layers.LSTM(1, return_state=True)
    unit.build((None, None, 2))
    unit.set_weights([np.array(weight) for weight in reference("keep_first", "lstm_parameters")()])
    rng = np.random.default_rng(0)
    values, marks = rng.uniform(0.1, 0.5, size=(50, 200)), rng.uniform(size=(50, 200)) < 0.05
    marks[:, 150] = True
    first = values[np.arange(50), marks.argmax(axis=1)]
    kept = unit(np.stack([values, marks], axis=-1).astype(np.float32))[2]
    assert np.abs(np.array(kept)[:, 0] - first).max() < 0.05

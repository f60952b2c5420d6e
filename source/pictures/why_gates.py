"""Runs the experiment of why-gates.png: `python source/pictures/why_gates.py` writes why_gates.json beside this file.

Needs TensorFlow. Each layer is trained at three learning rates, from five seeds each; `draw.py` draws the result.
The minGRU, which `cells` tells of and the picture does not show, is trained in the same way.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}

import keras
import numpy as np
import tensorflow as tf

LAYERS = ("SimpleRNN", "GRU", "LSTM")
RATES = (0.001, 0.003, 0.01)
SEEDS = (1, 2, 3, 4, 5)
STEPS, TRAINED, TESTED, EPOCHS, BATCH, UNITS = 40, 2000, 500, 30, 50, 16


class MinGRUCell(keras.layers.Layer):
    """One step of a minGRU (Feng et al. 2024); z is the share that is kept."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.state_size = self.output_size = units
        self.both = keras.layers.Dense(2 * units)

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights for an input of a shape."""
        self.both.build(shape)
        self.built = True

    def call(self, inputs: tf.Tensor, states: list[tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Return the new hidden state, as output and as state."""
        gate, candidate = keras.ops.split(self.both(inputs), 2, axis=-1)
        z = keras.ops.sigmoid(gate)
        h = z * states[0] + (1 - z) * candidate
        return h, [h]


def task() -> tuple[np.ndarray, np.ndarray]:
    """Return sequences of shape (2500, 40, 2), a number and a mark at each time step, and the marked numbers."""
    rng = np.random.default_rng(0)
    numbers = rng.uniform(-1, 1, size=(TRAINED + TESTED, STEPS))
    marks = np.eye(STEPS)[rng.integers(STEPS, size=TRAINED + TESTED)]
    series = np.stack([numbers, marks], axis=-1).astype("float32")
    return series, np.sum(numbers * marks, axis=1).astype("float32")


def new_model(layer: str, seed: int) -> keras.Model:
    """Return an untrained model."""
    keras.utils.set_random_seed(seed)
    is_minimal = layer == "minGRU"
    recurrent = keras.layers.RNN(MinGRUCell(UNITS)) if is_minimal else getattr(keras.layers, layer)(UNITS)
    return keras.Sequential([keras.Input((None, 2)), recurrent, keras.layers.Dense(1)])


def first_gradient(layer: str, seed: int) -> float:
    """Return the size, before training, of the gradient of the answer by the number at a marked first step."""
    marked_first = task()[0][:100]
    marked_first[:, :, 1] = np.eye(STEPS)[0]
    read, model = tf.constant(marked_first), new_model(layer, seed)
    with tf.GradientTape() as tape:
        tape.watch(read)
        answers = tf.reduce_sum(model(read))
    return float(np.abs(tape.gradient(answers, read)[:, 0, 0]).mean())


def errors(layer: str, rate: float, seed: int) -> list[float]:
    """Return the mean squared error on the last 500 sequences after each epoch of training on the others."""
    series, targets = task()
    model = new_model(layer, seed)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
    run = model.fit(
        series[:TRAINED], targets[:TRAINED], epochs=EPOCHS, batch_size=BATCH, verbose=0,
        validation_data=(series[TRAINED:], targets[TRAINED:]), validation_batch_size=TESTED,
    )  # fmt: skip
    keras.backend.clear_session()
    return [round(float(error), 5) for error in run.history["val_loss"]]


def errors_by_rate(layer: str) -> dict[str, list[list[float]]]:
    """Return the errors of a layer: by learning rate a list for each seed."""
    return {str(rate): [errors(layer, rate, seed) for seed in SEEDS] for rate in RATES}


def main() -> None:
    """Train all models and write their errors, and the seconds that the 45 of the picture took."""
    began = time.monotonic()
    found = {layer: errors_by_rate(layer) for layer in LAYERS}
    result = {
        "keras": keras.__version__,
        "seconds": round(time.monotonic() - began),
        "first_gradients": {layer: [first_gradient(layer, seed) for seed in SEEDS] for layer in LAYERS},
        "errors": found,
        "min_gru": errors_by_rate("minGRU"),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""The trial of the fast fit: small models trained Keras's way and the fast way, compared to the last bit.

It runs ops, so it is held in a child of the warm parent, which itself could not be forked any more.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import fast_fit

EPOCHS, SEED, ROWS = 3, 7, 12
UNEVEN_BATCH, EVEN_BATCH = 5, 4  # of the rows, in a batch: what leaves some over, and what does not
UNSEEDED: tuple[str, dict[str, Any]] = ("Dense", {"batch_size": UNEVEN_BATCH, "shuffle": False})
# each shape of batches is a trace of its own, which takes a second for recurrent layers: they get one shape
SEEDED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("GRU and LSTM", {"batch_size": UNEVEN_BATCH}),
    ("GRU and LSTM", {"batch_size": UNEVEN_BATCH, "shuffle": False}),
    ("Dense", {}),
    ("Dense", {"batch_size": EVEN_BATCH}),
    ("Dense", {"batch_size": UNEVEN_BATCH, "shuffle": "batch"}),
    ("Dense", {"batch_size": UNEVEN_BATCH, "validation_split": 0.3}),
)


def find_difference() -> str:
    """Why no model is to be trained the fast way here; empty where it was equal and made fewer iterators."""
    try:
        # without a seed first: one that was set stays
        return _check_orders() or _check_trainings()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _check_orders() -> str:
    """Without a seed each epoch is all the rows, in an order of its own."""
    adapters = importlib.import_module("keras.src.trainers.data_adapters")
    dataset = adapters.get_data_adapter(np.arange(ROWS), shuffle=True).get_tf_dataset()
    batches = iter(fast_fit.endless(dataset, shuffled=True))
    orders = [tuple(np.asarray(next(batches)).tolist()) for _ in range(EPOCHS)]
    right = all(sorted(order) == list(range(ROWS)) for order in orders) and len(set(orders)) == EPOCHS
    return "" if right else f"without a seed the rows come as {orders}"


def _check_trainings() -> str:
    trainer: Any = importlib.import_module(fast_fit.TRAINER)
    keras = importlib.import_module("keras")
    stock = trainer.TFEpochIterator, trainer.TensorFlowTrainer.fit
    fast_fit.install()
    fast = trainer.TFEpochIterator, trainer.TensorFlowTrainer.fit
    models = {name: _model(name) for name, _ in SEEDED}
    for number, (name, settings) in enumerate((UNSEEDED, *SEEDED)):
        if number == 1:  # once, since a new seed takes away what TensorFlow has compiled
            keras.utils.set_random_seed(SEED)
        model, x, y = models[name]
        before = [np.array(variable) for variable in _variables(model)]
        results: list[Any] = []
        counts: list[int] = []
        for trainer.TFEpochIterator, trainer.TensorFlowTrainer.fit in (stock, fast):
            for variable, value in zip(_variables(model), before, strict=True):
                variable.assign(value)
            with _count_iterators() as opened:
                losses = model.fit(x, y, epochs=EPOCHS, verbose=0, **settings).history
            results.append((losses, [np.array(variable).tobytes() for variable in _variables(model)]))
            counts.append(len(opened))
        if results[0] != results[1]:
            return f"{name} with {settings} gives a different result"
        if counts[1] != 1 + ("validation_split" in settings) or counts[1] >= counts[0]:
            return f"{name} with {settings} opens {counts[1]} iterators, and Keras's own fit {counts[0]}"
    return ""


@contextmanager
def _count_iterators() -> Iterator[list[Any]]:
    """The datasets that are opened meanwhile, each as often as it is."""
    dataset = importlib.import_module("tensorflow").data.Dataset
    opened: list[Any] = []
    stock = dataset.__iter__

    def counting_iter(self: Any) -> Any:
        opened.append(self)
        return stock(self)

    dataset.__iter__ = counting_iter
    try:
        yield opened
    finally:
        dataset.__iter__ = stock


def _variables(model: Any) -> list[Any]:
    """Weights, the state of dropout and that of the optimizer."""
    return [*model.variables, *model.optimizer.variables]


def _model(name: str) -> tuple[Any, Any, Any]:
    """A small model of the kind, and what to train it on."""
    keras, rng = importlib.import_module("keras"), np.random.default_rng(SEED)
    layers = keras.layers
    x: Any
    if name == "Dense":
        stack = [keras.Input((3,)), layers.Dense(4, activation="relu")]
        x = rng.normal(size=(ROWS, 3))
    else:
        stack = [
            keras.Input((3,), dtype="int32"), layers.Embedding(5, 3),
            layers.GRU(3, return_sequences=True), layers.LSTM(3), layers.Dropout(0.3),
        ]  # fmt: skip
        x = rng.integers(0, 5, (ROWS, 3))
    model = keras.Sequential([*stack, layers.Dense(2, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.1), "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model, x, rng.integers(0, 2, ROWS)

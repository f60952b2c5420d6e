"""Self-test of the fast fit: trains small models with it and with Keras's own fit, and compares them to the last bit.

It runs ops, so it runs in a child of the fork server, which could not be forked any more otherwise.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import fast_fit

EPOCHS, SEED, ROWS = 3, 7, 12
UNEVEN_BATCH, EVEN_BATCH = 5, 4  # rows per batch: one size leaves a remainder, one does not
UNSEEDED: tuple[str, dict[str, Any]] = ("Dense", {"batch_size": UNEVEN_BATCH, "shuffle": False})
# each batch shape needs its own trace, which takes a second for recurrent layers: they get one shape
SEEDED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("GRU and LSTM", {"batch_size": UNEVEN_BATCH}),
    ("GRU and LSTM", {"batch_size": UNEVEN_BATCH, "shuffle": False}),
    ("Dense", {}),
    ("Dense", {"batch_size": EVEN_BATCH}),
    ("Dense", {"batch_size": UNEVEN_BATCH, "shuffle": "batch"}),
    ("Dense", {"batch_size": UNEVEN_BATCH, "validation_split": 0.3}),
)


def find_difference() -> str:
    """Return why the fast fit must not be used here; empty if it gave equal results with fewer iterators."""
    try:
        # without a seed first: a seed once set stays set
        return _check_orders() or _check_trainings()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _check_orders() -> str:
    """Check that without a seed, each epoch has all rows in a new order."""
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
    stock_step = trainer.TensorFlowTrainer.make_train_function
    fast_fit.install()
    fast = trainer.TFEpochIterator, trainer.TensorFlowTrainer.fit
    models = {name: _model(name) for name, _ in SEEDED}
    for number, (name, settings) in enumerate((UNSEEDED, *SEEDED)):
        if number == 1:  # only once: a new seed discards what TensorFlow has compiled
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
    return _check_first_steps(trainer, stock_step)


def _check_first_steps(trainer: Any, stock: Any) -> str:
    """Check that models learn the same, and that their optimizers hold the same, if the first step builds none."""
    fast = trainer.TensorFlowTrainer.make_train_function
    models = [_model("Dense", has_built_optimizer=False) for _way in range(2)]
    models[1][0].set_weights(models[0][0].get_weights())
    results: list[Any] = []
    for (model, x, y), trainer.TensorFlowTrainer.make_train_function in zip(
        models, (stock, fast), strict=True
    ):
        losses = [model.train_on_batch(x, y) for _step in range(EPOCHS)]
        results.append((losses, [np.array(variable).tobytes() for variable in _variables(model)]))
    return "" if results[0] == results[1] else "an optimizer that was built before gives a different result"


@contextmanager
def _count_iterators() -> Iterator[list[Any]]:
    """Collect the datasets that are opened in the block, once per opening."""
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
    """Return the weights and the state of dropout and optimizer."""
    return [*model.variables, *model.optimizer.variables]


def _model(name: str, *, has_built_optimizer: bool = True) -> tuple[Any, Any, Any]:
    """Return a small model of this kind, and data to train it on."""
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
    if has_built_optimizer:
        model.optimizer.build(model.trainable_variables)
    return model, x, rng.integers(0, 2, ROWS)

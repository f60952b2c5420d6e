"""The fast fit: Keras's own training, with one `tf.data` iterator for arrays, and with one trace of the first step.

Keras's TensorFlow trainer opens its dataset again at the end of an epoch and once more at the start of the next, which
takes longer than training a small model. One endless iterator over the same batches gives the same results. Every
other use of `fit` is left to Keras unchanged.

TensorFlow traces a step a second time if variables were created in the first trace, as those of an optimizer are, and a
trace takes longer than training a small model, too. Here they are created just before the first step.

`fast_fit_selftest` proves on this machine, with the installed Keras, that the results are the same, before any model is
trained this way.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from typing import Any

import numpy as np

TRAINER = "keras.src.backend.tensorflow.trainer"
ADAPTER = "keras.src.trainers.data_adapters.array_data_adapter"
PLAIN_ARGUMENTS = frozenset(
    {"self", "x", "y", "batch_size", "epochs", "verbose", "validation_split", "shuffle"}
)
"""Arguments of `fit` that may be given; all others must have their default."""
MAX_BYTES = 64 << 20  # the batches of one epoch are cached in memory


def install() -> None:
    """Train models with the fast fit from now on. Runs no op: a process that has run none can still be forked."""
    trainer: Any = importlib.import_module(TRAINER)
    fast = _FastFit(trainer)
    trainer.TFEpochIterator, trainer.TensorFlowTrainer.fit = fast.iterator, fast.fit
    trainer.TensorFlowTrainer.make_train_function = fast.make_train_function


class _FastFit:
    """Replacements of Keras's `fit`, of the epoch iterator that it uses, and of what prepares the first step."""

    def __init__(self, trainer: Any) -> None:
        self._is_plain = False
        """Whether the current call of `fit` is the plain case."""
        self._file = trainer.__file__
        self.iterator = self._wrap_iterator(trainer.TFEpochIterator)
        self.fit = trainer.traceback_utils.filter_traceback(
            self._wrap_fit(trainer.TensorFlowTrainer.fit.__wrapped__)
        )
        self.make_train_function = self._wrap_make_train_function(
            trainer.TensorFlowTrainer.make_train_function
        )

    def _wrap_fit(self, stock: Any) -> Any:
        signature = inspect.signature(stock)

        @functools.wraps(stock)
        def fit(*args: Any, **kwargs: Any) -> Any:
            before, self._is_plain = self._is_plain, is_plain(signature, args, kwargs)
            try:
                return stock(*args, **kwargs)
            finally:
                self._is_plain = before

        return self._hide_from_traceback(fit)

    def _wrap_make_train_function(self, stock: Any) -> Any:
        @functools.wraps(stock)
        def make_train_function(*args: Any, **kwargs: Any) -> Any:
            made, model = stock(*args, **kwargs), args[0]
            if is_built_apart_from_optimizer(model):
                backend = importlib.import_module("keras.src.backend")
                with backend.name_scope(
                    model.optimizer.name, caller=model.optimizer
                ):  # as the first step does
                    model.optimizer.build(model.trainable_weights)
            return made

        return self._hide_from_traceback(make_train_function)

    def _wrap_iterator(self, stock: Any) -> Any:
        fast = self
        adapter = importlib.import_module(ADAPTER).ArrayDataAdapter

        class TFEpochIterator(stock):  # type: ignore[misc]
            """Keras's epoch iterator, which in the plain case continues where the previous epoch ended."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self._reuses_iterator = (
                    fast._is_plain and type(self.data_adapter) is adapter
                    and self.steps_per_epoch is None and self.steps_per_execution == 1
                )  # fmt: skip
                self._between_epochs: Any = None
                """An iterator that has yielded a whole epoch, and nothing of the next."""

            def _enumerate_iterator(self) -> Any:
                if not self._reuses_iterator:
                    yield from super()._enumerate_iterator()
                    return
                self.data_adapter.on_epoch_begin()
                iterator, self._between_epochs = self._between_epochs, None
                if iterator is None:
                    iterator = iter(endless(self._get_iterator(), shuffled=bool(self.data_adapter._shuffle)))
                for step in range(self._num_batches):
                    self._steps_seen = step + 1
                    yield step, step, iterator
                self._between_epochs = iterator
                self.data_adapter.on_epoch_end()

        for function in (TFEpochIterator.__init__, TFEpochIterator._enumerate_iterator):
            self._hide_from_traceback(function)
        return TFEpochIterator

    def _hide_from_traceback(self, function: Any) -> Any:
        """Let Keras leave a function out of a student's traceback, as it does with its own."""
        function.__code__ = function.__code__.replace(co_filename=self._file)
        return function


def is_built_apart_from_optimizer(model: Any) -> bool:
    """Return whether a model of Keras's own classes has all of its weights, and no variables of its optimizer yet.

    Not with a frozen layer: a callback could let it learn before the first step, and an optimizer knows the weights
    that it was built for alone.
    """
    optimizer = getattr(model, "optimizer", None)
    return bool(
        _is_keras_model(model)
        and optimizer is not None
        and type(optimizer).__module__.startswith("keras.src.optimizers.")
        and not optimizer.built
        and not model.run_eagerly
        and all(layer.built and layer.trainable for layer in model._flatten_layers())
        and model.trainable_weights
    )


def _is_keras_model(model: Any) -> bool:
    """Return whether a model is of Keras's own classes and trained on one device."""
    keras, tf = importlib.import_module("keras"), importlib.import_module("tensorflow")
    return (
        type(model) in (keras.Model, keras.Sequential, keras.src.models.Functional)
        and not tf.distribute.has_strategy()
        and model._distribute_strategy is None
    )


def is_plain(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Return whether a call of `fit` is a case that the self-test covers; all others are left to Keras."""
    tf = importlib.import_module("tensorflow")
    config = importlib.import_module("tensorflow.python.framework.config")
    try:
        arguments = signature.bind(*args, **kwargs).arguments
    except TypeError:  # Keras reports the error
        return False
    model = arguments["self"]
    return bool(
        all(
            name in PLAIN_ARGUMENTS or value is signature.parameters[name].default
            for name, value in arguments.items()
        )
        and _is_array(arguments.get("x"), tf)
        and _is_array(arguments.get("y"), tf)
        and _is_keras_model(model)
        and model.steps_per_execution == 1
        and not model.run_eagerly
        and not tf.config.functions_run_eagerly()
        and not config.is_op_determinism_enabled()
    )


def _is_array(value: Any, tf: Any) -> bool:
    """Return whether a value is a numeric array small enough to be kept twice."""
    if isinstance(value, tf.Tensor) and hasattr(value, "numpy"):
        value = value.numpy()
    return type(value) is np.ndarray and value.dtype.kind in "biuf" and value.nbytes <= MAX_BYTES


def endless(dataset: Any, *, shuffled: bool) -> Any:
    """Return the dataset repeated without end, with every epoch as if the dataset were opened again.

    shuffled: whether its order is random. With a global seed, a dataset opened again repeats its order; without one, it
    draws a new order.
    """
    context = importlib.import_module("tensorflow.python.eager.context")
    if shuffled and context.global_seed() is None:
        return dataset.repeat()
    return dataset.cache().repeat()

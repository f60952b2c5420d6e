"""The fast fit: Keras's own `fit` on arrays, but with one `tf.data` iterator where it makes two in each epoch.

Keras's TensorFlow trainer opens its dataset anew at the end of an epoch and once more at the start of the next,
which takes longer than to train a small model. An iterator over the same batches without end gives the same results;
`fit_trial` proves it on this machine, with the Keras that is installed, before anybody's model is trained so. Whatever
is not the plain case is Keras's own, untouched.
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
"""What may be given to `fit`; whatever else is given must be its default."""
MAX_BYTES = 64 << 20  # the batches of an epoch are kept in memory


def install() -> None:
    """Train models the fast way from now on. Runs no op: a process that has run none can still be forked."""
    trainer: Any = importlib.import_module(TRAINER)
    fast = _FastFit(trainer)
    trainer.TFEpochIterator, trainer.TensorFlowTrainer.fit = fast.iterator, fast.fit


class _FastFit:
    """What takes the place of Keras's `fit`, and of the iterator that it makes."""

    def __init__(self, trainer: Any) -> None:
        self._is_plain = False
        """Whether the call of `fit` that is under way is the plain case."""
        self._file = trainer.__file__
        self.iterator = self._wrap_iterator(trainer.TFEpochIterator)
        self.fit = trainer.traceback_utils.filter_traceback(
            self._wrap_fit(trainer.TensorFlowTrainer.fit.__wrapped__)
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

    def _wrap_iterator(self, stock: Any) -> Any:
        fast = self
        adapter = importlib.import_module(ADAPTER).ArrayDataAdapter

        class TFEpochIterator(stock):  # type: ignore[misc]
            """Keras's own, which in the plain case goes on where the epoch before has ended."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self._reuses_iterator = (
                    fast._is_plain and type(self.data_adapter) is adapter
                    and self.steps_per_epoch is None and self.steps_per_execution == 1
                )  # fmt: skip
                self._between_epochs: Any = None
                """An iterator that has given all of an epoch, and nothing of the next."""

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


def is_plain(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a call of `fit` is one for which the fast way was tried: the rest is Keras's own."""
    keras, tf = importlib.import_module("keras"), importlib.import_module("tensorflow")
    config = importlib.import_module("tensorflow.python.framework.config")
    try:
        arguments = signature.bind(*args, **kwargs).arguments
    except TypeError:  # Keras tells what is wrong
        return False
    model = arguments["self"]
    return bool(
        all(
            name in PLAIN_ARGUMENTS or value is signature.parameters[name].default
            for name, value in arguments.items()
        )
        and _is_array(arguments.get("x"), tf)
        and _is_array(arguments.get("y"), tf)
        and type(model) in (keras.Model, keras.Sequential, keras.src.models.Functional)
        and model.steps_per_execution == 1
        and not model.run_eagerly
        and not tf.config.functions_run_eagerly()
        and not config.is_op_determinism_enabled()
        and not tf.distribute.has_strategy()
        and model._distribute_strategy is None
    )


def _is_array(value: Any, tf: Any) -> bool:
    """Whether a value is an array of numbers that may be kept twice."""
    if isinstance(value, tf.Tensor) and hasattr(value, "numpy"):
        value = value.numpy()
    return type(value) is np.ndarray and value.dtype.kind in "biuf" and value.nbytes <= MAX_BYTES


def endless(dataset: Any, *, shuffled: bool) -> Any:
    """The dataset, epoch after epoch, as it would be if it were opened anew for each.

    shuffled: whether its order is. With a global seed a dataset that is opened anew repeats the order it had before;
    without one it draws another.
    """
    context = importlib.import_module("tensorflow.python.eager.context")
    if shuffled and context.global_seed() is None:
        return dataset.repeat()
    return dataset.cache().repeat()

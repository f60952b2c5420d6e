"""Arguments and values as short lines that staff can read; whatever is in them, showing it does nothing.

What crossed the wire is plain data, so that no `repr` of a student's own is ever asked.
"""

from __future__ import annotations

import contextlib
import inspect
import reprlib
from typing import Any

import numpy as np

from autograder.questions.question import Case, Question
from autograder.sandbox.model import Layer, Model
from autograder.text import visible

MAX_VALUE = 400
MIN_ARGUMENT = 60
MAX_ITEMS = 16
MAX_AXES = 4  # printing some numbers of each axis is slow where there are many
SHOWN_SETTINGS = (
    "units",
    "activation",
    "return_sequences",
    "use_bias",
    "reset_after",
    "input_dim",
    "output_dim",
)


def short(value: Any, most: int = MAX_VALUE) -> str:
    """A value on one line of at most so many letters: arrays with shape and type, models by their layers."""
    return visible(_Short().repr(value), most)


def arguments(question: Question, case: Case) -> str:
    """What a case gives to the answer, by the names that the reference has for it."""
    named: dict[str, Any] = dict(case.kwargs)
    placed: tuple[Any, ...] = case.args
    if question.reference is not None:
        with contextlib.suppress(
            TypeError
        ):  # a question that asks in a way of its own may draw what is no call
            named, placed = inspect.signature(question.reference).bind(*placed, **named).arguments, ()
    # each gets its part, so that a long first one hides none of the others
    most = max(MIN_ARGUMENT, MAX_VALUE // max(1, len(placed) + len(named)))
    shown = [short(value, most) for value in placed]
    shown += [f"{name}={short(value, most - len(name) - 1)}" for name, value in named.items()]
    return visible(", ".join(shown) or "()", MAX_VALUE)


class _Short(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxlist = self.maxtuple = self.maxdict = MAX_ITEMS
        self.maxstring = self.maxother = MAX_VALUE
        self.maxlong = MIN_ARGUMENT

    def repr_ndarray(self, value: np.ndarray[Any, Any], level: int) -> str:
        told = f"array {value.shape} {value.dtype}"
        if value.ndim > MAX_AXES:
            return told
        numbers = np.array2string(
            value, max_line_width=10**6, precision=5, threshold=24, edgeitems=2, separator=", "
        )
        return f"{told}: {' '.join(numbers.split())}"

    def repr_Layer(self, layer: Layer, level: int) -> str:  # noqa: N802 - reprlib finds it by the type's name
        told = [
            f"{name}={self.repr1(layer.settings[name], 1)}"
            for name in SHOWN_SETTINGS
            if name in layer.settings
        ]
        told += [self.repr1(layer.inner, level - 1)] if layer.inner is not None else []
        return f"{layer.kind}({', '.join([*told, f'{layer.count} weights'])})"

    def repr_Model(self, model: Model, level: int) -> str:  # noqa: N802
        layers = " → ".join(self.repr1(layer, level - 1) for layer in model.layers[:MAX_ITEMS])
        told = [f"model {model.input_shape} → {model.output_shape}", layers]
        if model.loss is not None:
            told.append(f"{model.loss}, {model.optimizer} with a learning rate of {model.learning_rate}")
        return "; ".join(told if model.chain else [*told, "no chain"])

"""Formats arguments and values as short lines for staff, with no side effects whatever they contain.

Values that crossed the wire are plain data, so no `repr` defined by a student is ever called.
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
MAX_AXES = 4  # printing a few numbers of each axis is slow if there are many axes
SHOWN_SETTINGS = (
    "units",
    "activation",
    "return_sequences",
    "use_bias",
    "reset_after",
    "input_dim",
    "output_dim",
)


def short(value: Any, max_length: int = MAX_VALUE) -> str:
    """Format a value on one line of limited length: arrays with shape and dtype, models by their layers."""
    try:
        return visible(_Short().repr(value), max_length)
    except ValueError:  # Python writes no integer of thousands of digits
        return "…"


def arguments(question: Question, case: Case) -> str:
    """Format the arguments of a case, with the reference's parameter names."""
    named: dict[str, Any] = dict(case.kwargs)
    positional: tuple[Any, ...] = case.args
    if question.reference is not None:
        # a question with its own `asks` may draw cases that are not calls
        with contextlib.suppress(TypeError):
            named, positional = inspect.signature(question.reference).bind(*positional, **named).arguments, ()
    # each argument gets its share, so that a long first one does not hide the others
    share = max(MIN_ARGUMENT, MAX_VALUE // max(1, len(positional) + len(named)))
    parts = [short(value, share) for value in positional]
    parts += [f"{name}={short(value, share - len(name) - 1)}" for name, value in named.items()]
    return visible(", ".join(parts) or "()", MAX_VALUE)


class _Short(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxlist = self.maxtuple = self.maxdict = MAX_ITEMS
        self.maxstring = self.maxother = MAX_VALUE
        self.maxlong = MIN_ARGUMENT

    def repr1(self, x: Any, level: int) -> str:
        """Format a NumPy number as the number alone: `np.float64(0.5)` is how it is written, not what it is."""
        if isinstance(x, np.generic):
            return repr(x.item()) if isinstance(x, (np.str_, np.bytes_)) else str(x)
        return super().repr1(x, level)

    def repr_ndarray(self, value: np.ndarray[Any, Any], level: int) -> str:
        kind = f"array {value.shape} {value.dtype}"
        if value.ndim > MAX_AXES:
            return kind
        numbers = np.array2string(
            value, max_line_width=10**6, precision=5, threshold=24, edgeitems=2, separator=", "
        )
        return f"{kind}: {' '.join(numbers.split())}"

    def repr_Layer(self, layer: Layer, level: int) -> str:  # noqa: N802 - reprlib finds it by the type's name
        parts = [
            f"{name}={self.repr1(layer.settings[name], 1)}"
            for name in SHOWN_SETTINGS
            if name in layer.settings
        ]
        parts += [self.repr1(layer.inner, level - 1)] if layer.inner is not None else []
        return f"{layer.kind}({', '.join([*parts, f'{layer.count} weights'])})"

    def repr_Model(self, model: Model, level: int) -> str:  # noqa: N802
        layers = " → ".join(self.repr1(layer, level - 1) for layer in model.layers[:MAX_ITEMS])
        parts = [f"model {model.input_shape} → {model.output_shape}", layers]
        if model.loss is not None:
            parts.append(f"{model.loss}, {model.optimizer} with a learning rate of {model.learning_rate}")
        return "; ".join(parts if model.chain else [*parts, "no chain"])

"""NumPy reference of recurrent layers: forward passes, weight shapes; and the shape of a tagger's output.

`LAYERS` gives them to `models.forward`; another course does the same for its own. The tests compare them with Keras.

Gate order in Keras's kernels: LSTM i, f, c, o; GRU z, r, h.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from autograder.errors import Fail
from autograder.i18n import _
from autograder.questions import models
from autograder.questions.models import LayerFunction, UnsupportedLayer, check_shapes
from autograder.sandbox.model import Array, Layer, Model

__all__ = [
    "LAYERS", "RECURRENT", "UnsupportedLayer", "forward", "gru", "lstm", "simple_rnn", "values_a_word",
    "weight_shapes",
]  # fmt: skip

GATES: Mapping[str, int] = MappingProxyType({"LSTM": 4, "GRU": 3, "SimpleRNN": 1})
RECURRENT = tuple(GATES)


def lstm(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    *,
    activation: str = "tanh",
    recurrent_activation: str = "sigmoid",
) -> tuple[Array, Array]:
    """Compute the hidden states of an LSTM layer at every time step, and its last cell state.

    x: (batch, time, d). kernel: (d, 4u). recurrent_kernel: (u, 4u). bias: (4u,).
    Returns (batch, time, u) and (batch, u).
    """
    act, gate = models.activation(activation), models.activation(recurrent_activation)
    h = np.zeros((x.shape[0], recurrent_kernel.shape[0]), dtype=x.dtype)
    c = np.zeros_like(h)
    states = []
    for t in range(x.shape[1]):
        i, f, new, o = np.split(x[:, t] @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
        c = gate(f) * c + gate(i) * act(new)
        h = gate(o) * act(c)
        states.append(h)
    return np.stack(states, axis=1), c


def gru(
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    *,
    activation: str = "tanh",
    recurrent_activation: str = "sigmoid",
    reset_after: bool = True,
) -> Array:
    """Compute the hidden states of a GRU layer at every time step.

    x: (batch, time, d). kernel: (d, 3u). recurrent_kernel: (u, 3u).
    bias: (2, 3u) with reset_after, the second row for the recurrent part; (3u,) without.
    Returns (batch, time, u).
    """
    act, gate = models.activation(activation), models.activation(recurrent_activation)
    units = recurrent_kernel.shape[0]
    h = np.zeros((x.shape[0], units), dtype=x.dtype)
    input_bias, recurrent_bias = bias if reset_after else (bias, np.zeros_like(bias))
    states = []
    for t in range(x.shape[1]):
        from_x = x[:, t] @ kernel + input_bias
        gates = from_x[:, : 2 * units] + h @ recurrent_kernel[:, : 2 * units]
        z, r = np.split(gate(gates + recurrent_bias[: 2 * units]), 2, axis=-1)
        if reset_after:
            candidate = r * (h @ recurrent_kernel[:, 2 * units :] + recurrent_bias[2 * units :])
        else:
            candidate = (r * h) @ recurrent_kernel[:, 2 * units :]
        h = z * h + (1 - z) * act(from_x[:, 2 * units :] + candidate)
        states.append(h)
    return np.stack(states, axis=1)


def simple_rnn(
    x: Array, kernel: Array, recurrent_kernel: Array, bias: Array, *, activation: str = "tanh"
) -> Array:
    """Compute the hidden states of a SimpleRNN layer at every time step: (batch, time, d) -> (batch, time, u)."""
    act = models.activation(activation)
    h = np.zeros((x.shape[0], recurrent_kernel.shape[0]), dtype=x.dtype)
    states = []
    for t in range(x.shape[1]):
        h = act(x[:, t] @ kernel + h @ recurrent_kernel + bias)
        states.append(h)
    return np.stack(states, axis=1)


def _recurrent(layer: Layer, x: Array) -> Array:
    settings = layer.settings
    if x.ndim != 3:
        raise UnsupportedLayer(f"{layer.kind} on an input of {x.ndim} axes")
    for flag in ("go_backwards", "return_state", "stateful"):
        if settings.get(flag):
            raise UnsupportedLayer(f"{layer.kind} with {flag}")
    kernel, recurrent_kernel = layer.weights[:2]
    expected = weight_shapes(
        layer.kind, x.shape[-1], recurrent_kernel.shape[0], reset_after=bool(settings.get("reset_after"))
    )
    bias = layer.weights[2] if settings["use_bias"] else np.zeros(expected[2])
    check_shapes([kernel, recurrent_kernel, bias], expected)
    chosen = {"activation": settings["activation"]}
    if layer.kind == "SimpleRNN":
        states = simple_rnn(x, kernel, recurrent_kernel, bias, **chosen)
    else:
        chosen["recurrent_activation"] = settings["recurrent_activation"]
        if layer.kind == "LSTM":
            states, _ = lstm(x, kernel, recurrent_kernel, bias, **chosen)
        else:
            reset_after = settings["reset_after"]
            states = gru(x, kernel, recurrent_kernel, bias, reset_after=reset_after, **chosen)
    return states if settings["return_sequences"] else states[:, -1]


LAYERS: Mapping[str, LayerFunction] = MappingProxyType(dict.fromkeys(RECURRENT, _recurrent))
"""The recurrent layers, for `models.forward`."""


def forward(model: Model, x: Array) -> Array:
    """Compute the output of a model that may have recurrent layers; see `models.forward`. x: (batch, time, d)."""
    return models.forward(model, x, LAYERS)


def weight_shapes(
    kind: str, input_dim: int, units: int, *, reset_after: bool = True
) -> list[tuple[int, ...]]:
    """Return the shapes of kernel, recurrent kernel and bias of a recurrent layer, as Keras stores them."""
    columns = GATES[kind] * units
    bias = (2, columns) if kind == "GRU" and reset_after else (columns,)
    return [(input_dim, columns), (units, columns), bias]


def values_a_word(found: Sequence[int], want: Sequence[int]) -> None:
    """Require the shape `want` of a tagger's output: (sentences, words, tags). found: the actual shape."""
    if list(found) == list(want):
        return
    last = found[-1]
    shape = (
        _("(sentences, words, {last})", last=last) if len(found) == 3 else _("(sentences, {last})", last=last)
    )
    raise Fail(
        _(
            "the output has the shape {shape}; there should be {number} values for every word of every sentence",
            shape=shape,
            number=want[-1],
        )
    )

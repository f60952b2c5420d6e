"""NumPy reference of the supported layers: forward passes, weight shapes, weight counts.

It computes the outputs of a student's Keras model from the model's description alone, so that the trusted process
needs no TensorFlow. The tests compare it with Keras.

Gate order in Keras's kernels: LSTM i, f, c, o; GRU z, r, h.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.sandbox.model import GATES, RECURRENT, Array, Layer, Model

__all__ = [
    "RECURRENT", "UnsupportedLayer", "forward", "gru", "lstm", "simple_rnn", "weight_shapes",
]  # fmt: skip

FAMILIAR = frozenset({
    "Activation", "Add", "AdditiveAttention", "Attention", "Average", "AveragePooling1D",
    "BatchNormalization", "Bidirectional", "Concatenate", "Conv1D", "Dense", "Dropout", "ELU", "Embedding",
    "Flatten", "Functional", "GRU", "GRUCell", "GaussianNoise", "GlobalAveragePooling1D",
    "GlobalMaxPooling1D", "InputLayer", "LSTM", "LSTMCell", "Lambda", "LayerNormalization", "LeakyReLU",
    "Masking", "MaxPooling1D", "MultiHeadAttention", "Multiply", "PReLU", "Permute", "RNN", "ReLU",
    "RepeatVector", "Reshape", "Sequential", "SimpleRNN", "SimpleRNNCell", "Softmax", "SpatialDropout1D",
    "Subtract", "TimeDistributed", "elu", "exponential", "gelu", "hard_sigmoid", "leaky_relu", "linear",
    "log_softmax", "relu", "relu6", "selu", "sigmoid", "silu", "softmax", "softplus", "softsign", "swish",
    "tanh",
})  # fmt: skip
"""Keras's names of layers and activations. Any other name is the student's own and could leak a hidden input."""


class UnsupportedLayer(Exception):
    """A layer or a setting that this module does not support; the message names it."""


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))  # no overflow for large |x|


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "relu": lambda x: np.maximum(x, 0),
    "softmax": _softmax,
}


def _activation(name: Any) -> Callable[[Array], Array]:
    try:
        return ACTIVATIONS[name]
    except (KeyError, TypeError):
        raise UnsupportedLayer(
            f"activation {_safe_name(name)!r}" if name is not None else "activation None"
        ) from None


def _safe_name(name: Any) -> str:
    """Return a name if it is Keras's own, so that a message may show it, else `unknown`."""
    return str(name) if str(name).removeprefix("own ") in FAMILIAR else "unknown"


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
    act, gate = _activation(activation), _activation(recurrent_activation)
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
    act, gate = _activation(activation), _activation(recurrent_activation)
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
    act = _activation(activation)
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
    _check_shapes([kernel, recurrent_kernel, bias], expected)
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


def _dense(layer: Layer, x: Array) -> Array:
    kernel = layer.weights[0]
    columns = kernel.shape[-1]
    bias = layer.weights[1] if layer.settings["use_bias"] else np.zeros(columns)
    _check_shapes([kernel, bias], [(x.shape[-1], columns), (columns,)])
    return _activation(layer.settings["activation"])(x @ kernel + bias)


def _check_shapes(weights: Sequence[Array], expected: Sequence[tuple[int, ...]]) -> None:
    """Raise ValueError if weights have other shapes: NumPy would broadcast some of them, to any size."""
    if [weight.shape for weight in weights] != list(expected):
        raise ValueError("weights that do not fit")


def forward(model: Model, x: Array) -> Array:
    """Compute the model's output for x in double precision.

    x: (batch, time, d). Raises UnsupportedLayer if the model contains something that this module does not support, or
    if its arrays do not fit each other.
    """
    if not model.chain:
        raise UnsupportedLayer("layers that are not one chain")
    out = np.asarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):  # a student's weights may be anything
        for layer in model.layers:
            out = _apply(layer, out)
    return out


def _apply(layer: Layer, x: Array) -> Array:
    if layer.own:
        raise UnsupportedLayer(f"the layer class {_safe_name(layer.kind)}")
    try:
        if layer.kind in RECURRENT:
            return _recurrent(layer, x)
        if layer.kind == "Dense":
            return _dense(layer, x)
        if layer.kind == "TimeDistributed" and layer.inner is not None:
            return _apply(layer.inner, x)
        if layer.kind == "Activation":
            return _activation(layer.settings["activation"])(x)
        if layer.kind == "Softmax":
            if layer.settings["axis"] not in (-1, x.ndim - 1):
                raise UnsupportedLayer("Softmax over another axis than the last")
            return _softmax(x)
        if layer.kind in ("Dropout", "SpatialDropout1D"):
            return x
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise UnsupportedLayer(f"a {_safe_name(layer.kind)} whose weights do not fit") from error
    raise UnsupportedLayer(f"the layer {_safe_name(layer.kind)}")


def weight_shapes(
    kind: str, input_dim: int, units: int, *, reset_after: bool = True
) -> list[tuple[int, ...]]:
    """Return the shapes of kernel, recurrent kernel and bias of a recurrent layer, as Keras stores them."""
    columns = GATES[kind] * units
    bias = (2, columns) if kind == "GRU" and reset_after else (columns,)
    return [(input_dim, columns), (units, columns), bias]

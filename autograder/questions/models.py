"""NumPy reference of Keras models: what a described model computes, layer by layer.

It computes the outputs of a student's model from the model's description alone, so that the trusted process needs no
TensorFlow. A course adds the layers of its topic: see `forward`. The tests compare it with Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from autograder.sandbox.model import Array, Layer, Model

__all__ = ["LayerFunction", "UnsupportedLayer", "activation", "check_shapes", "forward"]

LayerFunction = Callable[[Layer, Array], Array]
"""Computes the output of a layer: takes its description, with settings and weights, and the layer's input."""

MAX_WIDTH = 4_096
"""Columns of a weight matrix. The size of what a layer computes grows with it; no layer taught needs a tenth of it."""
COMPUTED = ("float32", "float64")

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


def activation(name: Any) -> Callable[[Array], Array]:
    """Return the function that a layer's activation names. Raises UnsupportedLayer for an unknown one."""
    try:
        return ACTIVATIONS[name]
    except (KeyError, TypeError):
        raise UnsupportedLayer(
            f"activation {_safe_name(name)!r}" if name is not None else "activation None"
        ) from None


def _safe_name(name: Any) -> str:
    """Return a name if it is Keras's own, so that a message may show it, else `unknown`."""
    return str(name) if str(name).removeprefix("own ") in FAMILIAR else "unknown"


def _dense(layer: Layer, x: Array) -> Array:
    kernel = layer.weights[0]
    columns = kernel.shape[-1]
    bias = layer.weights[1] if layer.settings["use_bias"] else np.zeros(columns)
    check_shapes([kernel, bias], [(x.shape[-1], columns), (columns,)])
    return activation(layer.settings["activation"])(x @ kernel + bias)


def check_shapes(weights: Sequence[Array], expected: Sequence[tuple[int, ...]]) -> None:
    """Raise ValueError if weights have other shapes: NumPy would broadcast some of them, to any size.

    Raises ValueError also for other weights than floats, and UnsupportedLayer for more than MAX_WIDTH columns.
    """
    if any(shape[-1] > MAX_WIDTH for shape in expected if shape):
        raise UnsupportedLayer(f"a layer with more than {MAX_WIDTH} columns of weights")
    if any(weight.dtype.name not in COMPUTED for weight in weights):
        raise ValueError("weights that are not floats")
    if [weight.shape for weight in weights] != list(expected):
        raise ValueError("weights that do not fit")


def _softmax_layer(layer: Layer, x: Array) -> Array:
    axis = layer.settings["axis"]
    if type(axis) is not int or axis == 0 or not -x.ndim < axis < x.ndim:
        raise UnsupportedLayer("Softmax over another axis than those of a sample")
    return np.moveaxis(_softmax(np.moveaxis(x, axis, -1)), -1, axis)


LAYERS: Mapping[str, LayerFunction] = MappingProxyType({
    "Activation": lambda layer, x: activation(layer.settings["activation"])(x),
    "Dense": _dense,
    "Dropout": lambda layer, x: x,
    "Softmax": _softmax_layer,
    "SpatialDropout1D": lambda layer, x: x,
})  # fmt: skip
"""The layers that every course has."""


def forward(model: Model, x: Array, layers: Mapping[str, LayerFunction] = MappingProxyType({})) -> Array:
    """Compute the model's output for x in double precision.

    x: (batch, ...). layers: more layers, by the name of their Keras class, as `recurrent.LAYERS`. Each function takes
    the layer's description and its input, checks the shapes of the weights (`check_shapes`: they are a student's), and
    returns its output. Raises UnsupportedLayer if the model contains a layer or a setting that is in neither, or if its
    arrays do not fit each other.
    """
    if not model.chain:
        raise UnsupportedLayer("layers that are not one chain")
    functions = {**LAYERS, **layers}
    out = np.asarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):  # a student's weights may be anything
        for layer in model.layers:
            out = _apply(layer, out, functions)
    return out


def _apply(layer: Layer, x: Array, functions: Mapping[str, LayerFunction]) -> Array:
    if layer.own:
        raise UnsupportedLayer(f"the layer class {_safe_name(layer.kind)}")
    if layer.kind == "TimeDistributed" and layer.inner is not None:
        return _apply(layer.inner, x, functions)
    if layer.kind not in functions:
        raise UnsupportedLayer(f"the layer {_safe_name(layer.kind)}")
    try:
        return functions[layer.kind](layer, x)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise UnsupportedLayer(f"a {_safe_name(layer.kind)} whose weights do not fit") from error

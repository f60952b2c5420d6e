"""Description of a Keras model as plain data, as a session returns it for a student's model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.i18n import _
from autograder.text import Text

Array = NDArray[Any]

DEFAULTS: Mapping[str, Any] = MappingProxyType({
    "use_bias": True, "recurrent_activation": "sigmoid", "unit_forget_bias": True,
    "dropout": 0, "recurrent_dropout": 0, "go_backwards": False, "return_state": False, "stateful": False,
    "kernel_initializer": "GlorotUniform", "recurrent_initializer": "Orthogonal", "bias_initializer": "Zeros",
    **dict.fromkeys((
        "kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "activity_regularizer",
        "kernel_constraint", "recurrent_constraint", "bias_constraint",
    )),
})  # fmt: skip
"""Keras's defaults for the layer settings that few questions mention."""
ADAM_DEFAULTS: Mapping[str, Any] = MappingProxyType({
    "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False, "use_ema": False,
    **dict.fromkeys((
        "weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "loss_scale_factor", "gradient_accumulation_steps",
    )),
})  # fmt: skip
"""Keras's defaults for the settings of Adam."""

MAX_LAYERS, MAX_WEIGHTS = 200, 6_000_000
"""Limits on a described model. The cost of computing what it does grows with their product."""


class ModelTooLarge(ValueError):
    """A described model has more layers or weights than are read; `excess` says which, and how many."""

    def __init__(self, excess: Text) -> None:
        self.excess = excess
        super().__init__(excess.en)


@dataclass(frozen=True)
class Layer:
    """One layer of a described model."""

    kind: str
    settings: Mapping[str, Any]
    weights: tuple[Array, ...]
    inner: Layer | None = None
    own: bool = False
    """Whether the class is the student's own, not Keras's."""
    trainable: bool = True
    """Whether training changes all of the layer's weights."""

    @property
    def count(self) -> int:
        """Return the number of weights."""
        return sum(int(weight.size) for weight in self.weights)

    @property
    def unusual(self) -> list[str]:
        """Return the settings in `DEFAULTS` that differ from Keras's defaults, and `trainable` if it is off."""
        layer = self.inner or self
        changed = [name for name, value in DEFAULTS.items() if layer.settings.get(name, value) != value]
        return changed if self.trainable else [*changed, "trainable"]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Layer:
        """Parse a layer from wire data. Raises KeyError, TypeError or ValueError if it is malformed."""
        if not isinstance(data, Mapping):
            raise TypeError("a layer is a mapping")
        inner = data["inner"]
        weights = tuple(data["weights"])
        if not all(isinstance(weight, np.ndarray) for weight in weights):
            raise TypeError("weights are arrays")
        return cls(
            kind=str(data["kind"])[:80],
            settings=dict(data["settings"]),
            weights=weights,
            inner=cls.from_data(inner) if inner is not None else None,
            own=bool(data["own"]),
            trainable=bool(data["trainable"]),
        )


@dataclass(frozen=True)
class Model:
    """A Keras model as data: the return value of a student's `build_...` function."""

    layers: tuple[Layer, ...]
    chain: bool
    """Whether the layers form one chain: each reads the output of the previous one only."""
    input_shape: tuple[int | None, ...] | None
    output_shape: tuple[int | None, ...] | None
    loss: str | None = None
    from_logits: bool = False
    optimizer: str | None = None
    learning_rate: float | None = None
    optimizer_settings: Mapping[str, Any] = field(default_factory=dict)
    has_numeric_loss_weights: bool = True
    """Whether `compile` got numbers as `loss_weights`, or none at all."""
    updates: int | None = None
    """How often the model's current optimizer has updated the weights."""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Model:
        """Parse a model from wire data.

        Raises KeyError, TypeError or ValueError if it is malformed, ModelTooLarge if it is too large.
        """
        if not isinstance(data, Mapping):
            raise TypeError("a model is a mapping")
        loss, rate, updates = data["loss"], data["learning_rate"], data["updates"]
        if loss is not None and not isinstance(loss, Mapping):
            raise TypeError("a loss is a mapping")
        if updates is not None and type(updates) is not int:
            raise TypeError("updates are a whole number")
        if len(data["layers"]) > MAX_LAYERS:
            raise ModelTooLarge(_("{number} layers", number=len(data["layers"])))
        layers = tuple(Layer.from_data(layer) for layer in data["layers"])
        weights = sum(_total_weights(layer) for layer in layers)
        if weights > MAX_WEIGHTS:
            raise ModelTooLarge(_("{weights} weights", weights=weights))
        return cls(
            layers=layers,
            chain=bool(data["chain"]),
            input_shape=_shape(data["input_shape"]),
            output_shape=_shape(data["output_shape"]),
            loss=None if loss is None else str(loss["name"]),
            from_logits=loss is not None and bool(loss["from_logits"]),
            optimizer=None if data["optimizer"] is None else str(data["optimizer"]),
            learning_rate=None if rate is None else float(rate),
            optimizer_settings=dict(data["optimizer_settings"]),
            has_numeric_loss_weights=bool(data["has_numeric_loss_weights"]),
            updates=updates,
        )

    @property
    def counts(self) -> list[int]:
        """Return the number of weights of each layer that has any."""
        return [layer.count for layer in self.layers if layer.count]

    @property
    def unusual_in_adam(self) -> list[str]:
        """Return the settings that differ from Keras's defaults for Adam, and `learning_rate` if it is a schedule."""
        settings = self.optimizer_settings
        changed = [
            name
            for name, default in ADAM_DEFAULTS.items()
            if not _is_default(settings.get(name, default), default)
        ]
        return [*changed, "learning_rate"] if isinstance(settings.get("learning_rate"), str) else changed

    @property
    def has_first_biases(self) -> bool:
        """Return whether no bias has been trained: Keras initializes biases with zeros, and some with ones."""
        used = [layer for layer in self.layers if (layer.inner or layer).settings.get("use_bias")]
        return bool(used) and all(
            bool(layer.weights and np.isin(layer.weights[-1], (0, 1)).all()) for layer in used
        )

    def of_kind(self, *kinds: str) -> list[Layer]:
        """Return the layers of these kinds, in order."""
        return [layer for layer in self.layers if layer.kind in kinds]


def _is_default(value: Any, default: Any) -> bool:
    """Return whether a setting has its default; Keras leaves out what is 0, None or False in different ways."""
    if isinstance(default, float):
        return isinstance(value, (int, float)) and math.isclose(value, default, rel_tol=1e-6)
    return bool(value) == bool(default)


def _total_weights(layer: Layer) -> int:
    """Return the number of weights of a layer and its inner layers."""
    return layer.count + (_total_weights(layer.inner) if layer.inner is not None else 0)


def _shape(data: Any) -> tuple[int | None, ...] | None:
    if data is None:
        return None
    sizes = tuple(data)
    if not all(size is None or type(size) is int for size in sizes):
        raise TypeError("a shape holds whole numbers")
    return sizes

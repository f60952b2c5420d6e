"""Values as JSON and back: the codec used on both ends of the wire. `decode` trusts nothing in its input.

Wire values: JSON null, bool, int (at most 40 digits), finite float, str and list represent themselves;
everything else is an object with one tag:
    {"float": "nan"}  {"scalar": dtype, "value": v}  {"tuple": [...]}  {"dict": [[key, value], ...]}
    {"fraction": [n, d]}  {"decimal": "364"}  {"array": base64, "dtype": d, "shape": [...]}
    {"layers": [...]}  {"handle": n}
"""

from __future__ import annotations

import base64
import decimal
import fractions
import json
import math
import types
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
DTYPES = frozenset(["bool", *INTEGERS, "float16", "float32", "float64"])
MAX_DEPTH = 12
MAX_DIGITS = 40
MAX_ITEMS = 100_000  # in all lists and dicts of a value together
MAX_KEYS = 1_000  # in one dict
MAX_EQUAL_HASHES = 10  # dict keys with the same hash: each is compared with all before it
MAX_ARRAY_BYTES = 16_000_000
MAX_TEXT = 100_000
MAX_REASON = 300
MAX_REPLY = 4_000_000  # characters in a reply
BATCH_SECONDS = 1.0  # after which no further call of a request of many begins
MAX_MODEL = 24_000_000  # in a reply with a model's weights: a layer of 1,000 units has 16 MB
PLAIN_TYPES: Any = (
    (int, int.__int__), (float, float.__float__), (str, str.__str__),
    (list, lambda value: list(list.__iter__(value))), (tuple, lambda value: tuple(tuple.__iter__(value))),
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """How much one value may have, on both ends of a wire."""

    depth: int = MAX_DEPTH
    items: int = MAX_ITEMS
    keys: int = MAX_KEYS
    digits: int = MAX_DIGITS
    integer: int = 10**MAX_DIGITS
    """The smallest integer that has too many digits; a power that would take long to compute for each integer."""
    decimal: int = 60
    """Characters of a Decimal."""
    text: int = MAX_TEXT
    array_bytes: int = MAX_ARRAY_BYTES


TENSOR_MODULES = ("tensorflow", "keras", "torch", "jax", "jaxlib")
"""Packages whose tensors are arrays, too; another object with a method `numpy` is none."""


class NotSerializable(Exception):
    """A value cannot cross the wire; the message says why, for a student to read."""

    def __init__(self, en: str, ko: str = "") -> None:
        self.ko = ko or en
        super().__init__(en)

    @property
    def reason(self) -> str:
        """The message in both languages, as JSON text."""
        return json.dumps({"en": str(self)[:MAX_REASON], "ko": self.ko[:MAX_REASON]})


class Handle:
    """Reference to a value that stays in the kernel."""

    def __init__(self, number: int) -> None:
        self.number = number


class Layers:
    """A stack of Keras layers to build and compile in the kernel.

    layers: (class name, keyword arguments) per layer.
    input_shape: shape of one example, with None for free sizes.
    """

    def __init__(
        self, input_shape: tuple[int | None, ...], layers: list[tuple[str, dict[str, Any]]],
        *, loss: str, learning_rate: float,
    ) -> None:  # fmt: skip
        self.input_shape, self.layers = input_shape, layers
        self.loss, self.learning_rate = loss, learning_rate


def encode(value: Any) -> Any:
    """Encode a value as JSON data. Raises NotSerializable.

    Of an instance of a subclass, whose methods may lie, only the built-in value inside is encoded.
    """
    return Encoder().value(value, 0)


class Budget:
    """Number of items that a value may still have while it is encoded or decoded."""

    limits: ClassVar[Limits] = Limits()

    def __init__(self) -> None:
        self._left = self.limits.items

    def take(self, items: int) -> None:
        """Count items. Raises NotSerializable if there are too many."""
        self._left -= items
        if self._left < 0:
            raise NotSerializable("it has too many items", "항목이 너무 많습니다")


class Encoder(Budget):
    """Encodes one value within its item budget."""

    def value(self, value: Any, depth: int) -> Any:
        """Encode a part of the value at this nesting depth."""
        if depth > self.limits.depth:
            raise NotSerializable("it is nested too deeply", "너무 깊이 겹친 값입니다")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is str:
            self.take_text(value)
            return value
        if kind is int:
            return self.integer(value)
        if kind is float:
            return value if math.isfinite(value) else {"float": str(value)}
        if kind is fractions.Fraction:
            return {"fraction": [self.integer(value.numerator), self.integer(value.denominator)]}
        if kind is decimal.Decimal:
            if value.is_snan() or len(str(value)) > self.limits.decimal:
                raise NotSerializable(
                    "it is a Decimal that is not a number, or too long", "수가 아니거나 너무 긴 Decimal입니다"
                )
            return {"decimal": str(value)}
        if kind is np.str_:
            return self.value(str(value), depth)
        if kind in (list, tuple, range):
            self.take(len(value[: self.limits.items + 1]))  # a range may be too long for `len`
            items = self.items(value, depth + 1)
            return {"tuple": items} if kind is tuple else items
        if isinstance(value, dict):
            return {"dict": self.pairs(len(value), value.items(), depth)}
        if kind is Handle:
            return {"handle": value.number}
        if kind is Layers:
            return {"layers": encode([value.input_shape, value.layers, value.loss, value.learning_rate])}
        if kind is np.longdouble:  # compared with numbers of 64 bits anyway
            with np.errstate(over="ignore"):
                value = np.float64(value)
        if isinstance(value, np.generic) and type(value).__module__ == "numpy" and value.dtype.name in DTYPES:
            return {"scalar": value.dtype.name, "value": self.value(value.item(), 0)}
        for base, plain in PLAIN_TYPES:
            if isinstance(value, base) and not isinstance(value, np.generic):
                # an IntEnum or a named tuple, as its plain value
                return self.value(plain(value), depth)
        if kind.__module__.partition(".")[0] in TENSOR_MODULES and callable(getattr(value, "numpy", None)):
            value = value.numpy()
            if isinstance(value, np.generic):
                return self.value(value, 0)
        if isinstance(value, np.ndarray):
            return self.array(np.asarray(value), depth)
        raise NotSerializable(f"its type is {kind.__name__}"[:80], f"자료형이 {kind.__name__}입니다"[:80])

    def take_text(self, text: str) -> None:
        """Count the characters of a string. Raises NotSerializable if there are too many."""
        if len(text) > self.limits.text:
            raise NotSerializable("it is a string that is too long", "너무 긴 문자열입니다")

    def integer(self, value: int) -> int:
        """Return an integer. Raises NotSerializable if it has too many digits."""
        if abs(value) >= self.limits.integer:
            raise NotSerializable(
                f"it is an integer of more than {self.limits.digits} digits",
                f"{self.limits.digits}자리가 넘는 정수입니다",
            )
        return value

    def items(self, values: Iterable[Any], depth: int) -> list[Any]:
        """Encode the items of a list, which are counted already."""
        return [self.value(item, depth) for item in values]

    def pairs(self, number: int, pairs: Iterable[tuple[Any, Any]], depth: int) -> list[Any]:
        """Count and encode the keys and values of a dict."""
        if number > self.limits.keys:
            raise NotSerializable("it has too many items", "항목이 너무 많습니다")
        self.take(2 * number)
        return [[self.value(part, depth + 1) for part in pair] for pair in pairs]

    def array(self, value: np.ndarray[Any, Any], depth: int) -> Any:
        """Encode an array of numbers or strings."""
        if value.dtype.kind == "U":
            return self.value(value.tolist(), depth)
        if value.dtype.type is np.longdouble:
            with np.errstate(over="ignore"):
                value = value.astype(np.float64)
        if value.dtype.name not in DTYPES:
            raise NotSerializable(f"it is an array of {value.dtype.name}", f"{value.dtype.name} 배열입니다")
        if value.nbytes > self.limits.array_bytes:
            raise NotSerializable("it is an array that is too big", "너무 큰 배열입니다")
        value = np.array(value, dtype=value.dtype.newbyteorder("="), order="C")
        data = base64.b64encode(value.tobytes()).decode("ascii")
        return {"array": data, "dtype": value.dtype.name, "shape": list(value.shape)}


def decode(data: Any) -> Any:
    """Decode wire data. Raises NotSerializable. Never runs or builds anything else."""
    return Decoder().value(data, 0)


class Decoder(Budget):
    """Decodes one value within its item budget."""

    faults: ClassVar[tuple[type[Exception], ...]] = (KeyError, TypeError, ValueError, ArithmeticError)
    """What decoding a tag raises for malformed data."""

    def value(self, data: Any, depth: int) -> Any:
        """Decode a part of the value at this nesting depth."""
        if depth > self.limits.depth + 2:
            raise NotSerializable("nested too deeply")
        if data is None or type(data) in (bool, str):
            return data
        if type(data) is int:
            if abs(data) >= self.limits.integer:
                raise NotSerializable("integer too long")
            return data
        if type(data) is float:
            if not math.isfinite(data):
                raise NotSerializable("float not finite")
            return data
        if type(data) is list:
            return self.items(data, depth + 1)
        if type(data) is not dict:
            raise NotSerializable("unknown type")
        tag, decode_tag = self.tagged(data)
        try:
            return decode_tag(self, data, depth + 1)
        except NotSerializable:
            raise
        except self.faults as error:
            raise NotSerializable(f"malformed {tag}") from error

    def tagged(self, data: dict[str, Any]) -> tuple[str, Any]:
        """Return the tag of an object, and what decodes it. Raises NotSerializable if it has none."""
        tag = next((name for name in TAGGED if name in data), None)
        if tag is None:
            raise NotSerializable("unknown tag")
        return tag, TAGGED[tag]

    def items(self, data: Any, depth: int) -> list[Any]:
        """Decode the items of a list."""
        if type(data) is not list:
            raise NotSerializable("expected a list")
        self.take(len(data))
        return [self.value(item, depth) for item in data]

    def check_keys(self, keys: list[Any]) -> None:
        """Check what will be hashed together. Raises NotSerializable if that would take too long."""
        if len(keys) <= MAX_EQUAL_HASHES:
            return
        if len(keys) > self.limits.keys or max(Counter(map(hash, keys)).values()) > MAX_EQUAL_HASHES:
            raise NotSerializable("too many keys, or too many of one hash")


def _decode_float(decoder: Decoder, data: dict[str, Any], depth: int) -> float:
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[data["float"]]


def _decode_scalar(decoder: Decoder, data: dict[str, Any], depth: int) -> Any:
    if data["scalar"] not in DTYPES:
        raise NotSerializable("dtype not allowed")
    value = decoder.value(data["value"], depth)
    if type(value) not in (bool, int, float):
        raise NotSerializable("a scalar is one number")
    with np.errstate(all="ignore"):  # a forged value may overflow, without a warning
        return np.dtype(data["scalar"]).type(value)


def _decode_tuple(decoder: Decoder, data: dict[str, Any], depth: int) -> tuple[Any, ...]:
    return tuple(decoder.items(data["tuple"], depth))


def _decode_dict(decoder: Decoder, data: dict[str, Any], depth: int) -> dict[Any, Any]:
    return decode_pairs(decoder, data["dict"], depth)


def decode_pairs(decoder: Decoder, pairs: Any, depth: int) -> dict[Any, Any]:
    """Decode the pairs of a dict."""
    parts = decoder.items([part for key, value in pairs for part in (key, value)], depth)
    keys, values = parts[::2], parts[1::2]
    decoder.check_keys(keys)
    return dict(zip(keys, values, strict=True))


def _decode_fraction(decoder: Decoder, data: dict[str, Any], depth: int) -> fractions.Fraction:
    top, bottom = decoder.items(data["fraction"], depth)
    if type(top) is not int or type(bottom) is not int:
        raise NotSerializable("a fraction is made of two integers")
    return fractions.Fraction(top, bottom)


def _decode_decimal(decoder: Decoder, data: dict[str, Any], depth: int) -> decimal.Decimal:
    if type(data["decimal"]) is not str:
        raise NotSerializable("a decimal is made of text")
    value = decimal.Decimal(data["decimal"])
    if value.is_snan():  # raises in every comparison
        raise NotSerializable("a decimal that is not a number")
    return value


def _decode_array(decoder: Decoder, data: dict[str, Any], depth: int) -> np.ndarray[Any, Any]:
    shape = tuple(data["shape"])
    if data["dtype"] not in DTYPES or len(shape) > 8:
        raise NotSerializable("array not allowed")
    if not all(type(size) is int and 0 <= size <= MAX_ARRAY_BYTES for size in shape):
        raise NotSerializable("array shape not allowed")
    dtype = np.dtype(data["dtype"])
    if math.prod(max(1, size) for size in shape) * dtype.itemsize > MAX_ARRAY_BYTES:
        raise NotSerializable("array too big")
    raw = base64.b64decode(data["array"], validate=True)
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise NotSerializable("array data do not fit its shape")
    return np.frombuffer(raw, dtype=dtype).reshape(shape).copy()


def _decode_handle(decoder: Decoder, data: dict[str, Any], depth: int) -> Handle:
    if type(data["handle"]) is not int:
        raise NotSerializable("malformed handle")
    return Handle(data["handle"])


def _decode_layers(decoder: Decoder, data: dict[str, Any], depth: int) -> Layers:
    shape, layers, loss, rate = decoder.value(data["layers"], depth)
    return Layers(shape, layers, loss=loss, learning_rate=rate)


TAGGED: Any = types.MappingProxyType(
    {
        "float": _decode_float, "scalar": _decode_scalar, "tuple": _decode_tuple,
        "dict": _decode_dict, "fraction": _decode_fraction, "decimal": _decode_decimal,
        "array": _decode_array, "handle": _decode_handle, "layers": _decode_layers,
    }
)  # fmt: skip

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
import math
import types
from collections import Counter
from typing import Any

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
MAX_REPLY = 4_000_000  # characters in a reply
MAX_MODEL = 24_000_000  # in a reply with a model's weights: a layer of 1,000 units has 16 MB
PLAIN_TYPES: Any = (
    (int, int.__int__), (float, float.__float__), (str, str.__str__),
    (list, lambda value: list(list.__iter__(value))), (tuple, lambda value: tuple(tuple.__iter__(value))),
)  # fmt: skip


class NotSerializable(Exception):
    """A value cannot cross the wire; the message says why, for a student to read."""

    def __init__(self, en: str, ko: str = "") -> None:
        self.ko = ko or en
        super().__init__(en)


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
    return _encode(value, 0, _ItemBudget())


class _ItemBudget:
    """Number of items that a value may still have while it is encoded or decoded."""

    def __init__(self) -> None:
        self._left = MAX_ITEMS

    def take(self, items: int) -> None:
        """Count items. Raises NotSerializable if there are too many."""
        self._left -= items
        if self._left < 0:
            raise NotSerializable("it has too many items", "항목이 너무 많습니다")


def _encode(value: Any, depth: int, budget: _ItemBudget) -> Any:
    if depth > MAX_DEPTH:
        raise NotSerializable("it is nested too deeply", "너무 깊이 겹친 값입니다")
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        if len(value) > MAX_TEXT:
            raise NotSerializable("it is a string that is too long", "너무 긴 문자열입니다")
        return value
    if kind is int:
        if abs(value) >= 10**MAX_DIGITS:
            raise NotSerializable(
                f"it is an integer of more than {MAX_DIGITS} digits", f"{MAX_DIGITS}자리가 넘는 정수입니다"
            )
        return value
    if kind is float:
        return value if math.isfinite(value) else {"float": str(value)}
    if kind is fractions.Fraction:
        return {"fraction": [encode(value.numerator), encode(value.denominator)]}
    if kind is decimal.Decimal:
        if value.is_snan() or len(str(value)) > 60:
            raise NotSerializable(
                "it is a Decimal that is not a number, or too long", "수가 아니거나 너무 긴 Decimal입니다"
            )
        return {"decimal": str(value)}
    if kind is np.str_:
        return _encode(str(value), depth, budget)
    if kind in (list, tuple, range):
        budget.take(len(value[: MAX_ITEMS + 1]))  # a range may be too long for `len`
        items = [_encode(item, depth + 1, budget) for item in value]
        return {"tuple": items} if kind is tuple else items
    if isinstance(value, dict):
        if len(value) > MAX_KEYS:
            raise NotSerializable("it has too many items", "항목이 너무 많습니다")
        budget.take(2 * len(value))
        pairs = [[_encode(part, depth + 1, budget) for part in pair] for pair in value.items()]
        return {"dict": pairs}
    if kind is Handle:
        return {"handle": value.number}
    if kind is Layers:
        return {"layers": encode([value.input_shape, value.layers, value.loss, value.learning_rate])}
    if kind is np.longdouble:  # compared with numbers of 64 bits anyway
        with np.errstate(over="ignore"):
            value = np.float64(value)
    if isinstance(value, np.generic) and type(value).__module__ == "numpy" and value.dtype.name in DTYPES:
        return {"scalar": value.dtype.name, "value": encode(value.item())}
    for base, plain in PLAIN_TYPES:
        if isinstance(value, base) and not isinstance(value, np.generic):
            # an IntEnum or a named tuple, as its plain value
            return _encode(plain(value), depth, budget)
    if not isinstance(value, np.ndarray) and callable(getattr(value, "numpy", None)):
        value = value.numpy()  # a TensorFlow tensor
        if isinstance(value, np.generic):
            return encode(value)
    if isinstance(value, np.ndarray):
        value = np.asarray(value)
        if value.dtype.kind == "U":
            return _encode(value.tolist(), depth, budget)
        if value.dtype.type is np.longdouble:
            with np.errstate(over="ignore"):
                value = value.astype(np.float64)
        if value.dtype.name not in DTYPES:
            raise NotSerializable(f"it is an array of {value.dtype.name}", f"{value.dtype.name} 배열입니다")
        if value.nbytes > MAX_ARRAY_BYTES:
            raise NotSerializable("it is an array that is too big", "너무 큰 배열입니다")
        value = np.array(value, dtype=value.dtype.newbyteorder("="), order="C")
        data = base64.b64encode(value.tobytes()).decode("ascii")
        return {"array": data, "dtype": value.dtype.name, "shape": list(value.shape)}
    raise NotSerializable(f"it is a {kind.__name__}"[:80], f"자료형이 {kind.__name__}입니다"[:80])


def decode(data: Any) -> Any:
    """Decode wire data. Raises NotSerializable. Never runs or builds anything else."""
    return _Decoder().value(data, 0)


class _Decoder:
    """Decodes one value within its item budget."""

    def __init__(self) -> None:
        self._budget = _ItemBudget()

    def value(self, data: Any, depth: int) -> Any:
        """Decode a part of the value at this nesting depth."""
        if depth > MAX_DEPTH + 2:
            raise NotSerializable("nested too deeply")
        if data is None or type(data) in (bool, str):
            return data
        if type(data) is int:
            if abs(data) >= 10**MAX_DIGITS:
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
        tag = next((name for name in _TAGGED if name in data), None)
        if tag is None:
            raise NotSerializable("unknown tag")
        try:
            return _TAGGED[tag](self, data, depth + 1)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise NotSerializable(f"malformed {tag}") from error

    def items(self, data: Any, depth: int) -> list[Any]:
        """Decode the items of a list."""
        if type(data) is not list:
            raise NotSerializable("expected a list")
        self._budget.take(len(data))
        return [self.value(item, depth) for item in data]


def _decode_float(decoder: _Decoder, data: dict[str, Any], depth: int) -> float:
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[data["float"]]


def _decode_scalar(decoder: _Decoder, data: dict[str, Any], depth: int) -> Any:
    if data["scalar"] not in DTYPES:
        raise NotSerializable("dtype not allowed")
    value = decoder.value(data["value"], depth)
    if type(value) not in (bool, int, float):
        raise NotSerializable("a scalar is one number")
    with np.errstate(all="ignore"):  # a forged value may overflow, without a warning
        return np.dtype(data["scalar"]).type(value)


def _decode_tuple(decoder: _Decoder, data: dict[str, Any], depth: int) -> tuple[Any, ...]:
    return tuple(decoder.items(data["tuple"], depth))


def _decode_dict(decoder: _Decoder, data: dict[str, Any], depth: int) -> dict[Any, Any]:
    pairs = decoder.items([part for key, value in data["dict"] for part in (key, value)], depth)
    keys, values = pairs[::2], pairs[1::2]
    hashes = Counter(map(hash, keys))
    if len(keys) > MAX_KEYS or max(hashes.values(), default=0) > MAX_EQUAL_HASHES:
        raise NotSerializable("too many keys, or too many of one hash")
    return dict(zip(keys, values, strict=True))


def _decode_fraction(decoder: _Decoder, data: dict[str, Any], depth: int) -> fractions.Fraction:
    top, bottom = decoder.items(data["fraction"], depth)
    if type(top) is not int or type(bottom) is not int:
        raise NotSerializable("a fraction is made of two integers")
    return fractions.Fraction(top, bottom)


def _decode_decimal(decoder: _Decoder, data: dict[str, Any], depth: int) -> decimal.Decimal:
    if type(data["decimal"]) is not str:
        raise NotSerializable("a decimal is made of text")
    value = decimal.Decimal(data["decimal"])
    if value.is_snan():  # raises in every comparison
        raise NotSerializable("a decimal that is not a number")
    return value


def _decode_array(decoder: _Decoder, data: dict[str, Any], depth: int) -> np.ndarray[Any, Any]:
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


def _decode_handle(decoder: _Decoder, data: dict[str, Any], depth: int) -> Handle:
    if type(data["handle"]) is not int:
        raise NotSerializable("malformed handle")
    return Handle(data["handle"])


def _decode_layers(decoder: _Decoder, data: dict[str, Any], depth: int) -> Layers:
    shape, layers, loss, rate = decoder.value(data["layers"], depth)
    return Layers(shape, layers, loss=loss, learning_rate=rate)


_TAGGED: Any = types.MappingProxyType(
    {
        "float": _decode_float, "scalar": _decode_scalar, "tuple": _decode_tuple,
        "dict": _decode_dict, "fraction": _decode_fraction, "decimal": _decode_decimal,
        "array": _decode_array, "handle": _decode_handle, "layers": _decode_layers,
    }
)  # fmt: skip

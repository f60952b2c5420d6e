"""NumPy's arrays and scalars with their dtype, for the rich codec.

{"array": base64, "dtype": d, "shape": [...]}  and "swapped": true in the other byte order
{"object_array": [...], "shape": [...]}  {"matrix": array}
{"masked": array, "mask": array or null, "fill": array or null}  {"masked_constant": true}
{"numpy_scalar": array without dimensions}  {"numpy_str": text}  {"numpy_bytes": base64}
"""

from __future__ import annotations

import base64
import math
import re
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from . import codec
from .codec import DTYPES, NotSerializable

NUMBERS = DTYPES | {"complex64", "complex128"}
REAL: Mapping[type, str] = MappingProxyType({np.dtype(name).type: name for name in DTYPES})
EXACT: Mapping[str, Any] = MappingProxyType({"bool": bool, "int64": int, "float64": float})
"""Python's types whose values are, or are refused as, scalars of these without a warning."""
TIMES = re.compile(r"(datetime64|timedelta64)(\[([1-9][0-9]{0,8})?(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?")
STRINGS = re.compile(r"[US](0|[1-9][0-9]{0,7})")
MAX_DIMENSIONS = 32
LARGEST_CHARACTER = sys.maxunicode
Array = np.ndarray[Any, Any]


def dtype_name(dtype: np.dtype[Any]) -> str:
    """Return the name of a dtype on the wire. Raises NotSerializable for one that cannot cross."""
    if dtype.kind in "US":
        return f"{dtype.kind}{dtype.itemsize // (4 if dtype.kind == 'U' else 1)}"
    if dtype.kind in "mM" or dtype.name in NUMBERS:
        return dtype.name
    raise NotSerializable(f"it is an array of {dtype.name}", f"{dtype.name} 배열입니다")


def read_dtype(name: Any) -> np.dtype[Any]:
    """Return the dtype of a name on the wire. Raises NotSerializable for any other name."""
    if type(name) is not str or not (name in NUMBERS or TIMES.fullmatch(name) or STRINGS.fullmatch(name)):
        raise NotSerializable("dtype not allowed")
    return np.dtype(name)


def encode_array(encoder: Any, value: Array, depth: int) -> Any:
    """Encode an array with its dtype; one of objects item by item."""
    value = np.asarray(value)
    if value.dtype == object:
        encoder.take(value.size)
        return {"object_array": encoder.items(value.ravel().tolist(), depth + 1), "shape": list(value.shape)}
    name = dtype_name(value.dtype)
    encoder.take_bytes(value.nbytes)
    wire: dict[str, Any] = {
        "array": base64.b64encode(value.tobytes()).decode("ascii"),
        "dtype": name,
        "shape": list(value.shape),
    }
    if not value.dtype.isnative:
        wire["swapped"] = True
    if value.flags.fnc:  # sums and products may differ in the last bit
        wire["columns"] = True
    return wire


def _encode_matrix(encoder: Any, value: Array, depth: int) -> Any:
    return {"matrix": encode_array(encoder, value, depth)}


def _encode_masked(encoder: Any, value: Any, depth: int) -> Any:
    mask = None if value.mask is np.ma.nomask else encode_array(encoder, value.mask, depth)
    fill = None if value.dtype == object else encode_array(encoder, np.asarray(value.fill_value), depth)
    return {"masked": encode_array(encoder, value.data, depth), "mask": mask, "fill": fill}


def _encode_real(encoder: Any, value: Any, depth: int) -> Any:
    number = value.item()
    return {
        "scalar": REAL[type(value)],
        "value": number if type(number) is int else encoder.value(number, depth),
    }


def _encode_scalar(encoder: Any, value: Any, depth: int) -> Any:
    return {"numpy_scalar": encode_array(encoder, np.asarray(value), depth)}


def _encode_str(encoder: Any, value: Any, depth: int) -> Any:
    encoder.take_text(value)
    return {"numpy_str": str.__str__(value)}  # `str` and an array drop null characters at its end


def _encode_bytes(encoder: Any, value: Any, depth: int) -> Any:
    encoder.take_bytes(len(value))
    return {"numpy_bytes": base64.b64encode(bytes(value)).decode("ascii")}


def _shape(data: dict[str, Any]) -> tuple[int, ...]:
    shape = data["shape"]
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
        raise NotSerializable("array shape not allowed")
    if not all(type(size) is int and 0 <= size < 2**62 for size in shape):
        raise NotSerializable("array shape not allowed")
    return tuple(shape)


def _decode_array(decoder: Any, data: dict[str, Any], depth: int) -> Array:
    shape, dtype = _shape(data), read_dtype(data["dtype"])
    size = math.prod(max(1, size) for size in shape) * max(1, dtype.itemsize)
    if size > decoder.limits.array_bytes:
        raise NotSerializable("array too big")
    raw = base64.b64decode(data["array"], validate=True)
    decoder.take_bytes(len(raw))
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise NotSerializable("array data do not fit its shape")
    stored = dtype.newbyteorder() if data.get("swapped") is True else dtype
    if not raw:
        return np.ndarray(shape, dtype=stored)
    array: Array = np.ndarray(shape, stored, buffer=bytearray(raw))
    if dtype.kind == "U":
        characters = array.reshape(-1).view(array.dtype.str[0] + "u4")
        if (characters > LARGEST_CHARACTER).any():
            raise NotSerializable("array of strings with characters that do not exist")
    if dtype.kind == "b":  # a forged byte would be a truth value that counts as more than one
        array = np.asarray(array.view(np.uint8) != 0)
    return np.asfortranarray(array) if data.get("columns") is True else array


def _decode_object_array(decoder: Any, data: dict[str, Any], depth: int) -> Array:
    with decoder.without_references():
        items = decoder.items(data["object_array"], depth)
    shape = _shape(data)
    if math.prod(max(1, size) for size in shape) > decoder.limits.items or math.prod(shape) != len(items):
        raise NotSerializable("array data do not fit its shape")
    array = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):  # assigned together, lists of one length would become dimensions
        array[place] = item
    return array.reshape(shape)


def part(decoder: Any, data: Any, depth: int) -> Array:
    """Decode an array that is part of something else. Raises NotSerializable for anything but an array."""
    if type(data) is not dict or not ("array" in data or "object_array" in data):
        raise NotSerializable("expected an array")
    return (
        _decode_array(decoder, data, depth) if "array" in data else _decode_object_array(decoder, data, depth)
    )


def _decode_own(decoder: Any, data: dict[str, Any], depth: int) -> Array:
    array = part(decoder, data, depth)
    if not array.size:
        decoder.notice()
    return array


def _decode_matrix(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    return _decode_own(decoder, data["matrix"], depth).view(np.matrix)


def _decode_masked(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    values = _decode_own(decoder, data["masked"], depth)
    mask = np.ma.nomask if data["mask"] is None else part(decoder, data["mask"], depth)
    fill: Any = None if data["fill"] is None else part(decoder, data["fill"], depth)[()]
    if mask is not np.ma.nomask and (mask.dtype != bool or mask.shape != values.shape):
        raise NotSerializable("a mask that does not fit its array")
    if np.any(mask):
        decoder.notice()
    return np.ma.MaskedArray(values, mask=mask, fill_value=fill)


def _decode_masked_constant(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    decoder.notice()
    return np.ma.masked


def _decode_real(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    value, name = decoder.value(data["value"], depth), data["scalar"]
    if EXACT.get(name) is type(value):
        return np.dtype(name).type(value)
    return codec.TAGGED["scalar"](decoder, data, depth)


def _decode_scalar(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    array = part(decoder, data["numpy_scalar"], depth)
    if array.shape != () or array.dtype == object:
        raise NotSerializable("a scalar is one value")
    return array[()]


def _decode_str(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    if type(data["numpy_str"]) is not str:
        raise NotSerializable("expected text")
    return np.str_(data["numpy_str"])


def _decode_bytes(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    return np.bytes_(base64.b64decode(data["numpy_bytes"], validate=True))


ENCODERS: Mapping[type, Any] = MappingProxyType(
    {
        np.ndarray: encode_array, np.matrix: _encode_matrix, np.ma.MaskedArray: _encode_masked,
        type(np.ma.masked): lambda encoder, value, depth: {"masked_constant": True},
        **dict.fromkeys(REAL, _encode_real), np.str_: _encode_str, np.bytes_: _encode_bytes,
        **dict.fromkeys((np.complex64, np.complex128, np.datetime64, np.timedelta64), _encode_scalar),
    }
)  # fmt: skip
TAGS: Mapping[str, Any] = MappingProxyType(
    {
        "array": _decode_own, "object_array": _decode_own, "matrix": _decode_matrix,
        "masked": _decode_masked, "masked_constant": _decode_masked_constant,
        "scalar": _decode_real, "numpy_scalar": _decode_scalar, "numpy_str": _decode_str, "numpy_bytes": _decode_bytes,
    }
)  # fmt: skip

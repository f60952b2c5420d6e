"""Built-in values and collections that JSON does not have, for the rich codec.

{"range": [start, stop, step]}  {"complex": [real, imaginary]}  {"slice": [start, stop, step]}  {"ellipsis": true}
{"bytes": base64}  {"bytearray": base64}  {"set": [...]}  {"frozenset": [...]}  {"deque": [...], "maxlen": n}
{"counter": [[key, value], ...]}  {"ordered_dict": [[key, value], ...]}
{"defaultdict": [[key, value], ...], "factory": "int", or the reference of a function}
{"view": "dict_keys", "of": [...]}  {"namedtuple": name, "fields": [...], "items": [...]}
"""

from __future__ import annotations

import base64
import keyword
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Mapping
from types import EllipsisType, FunctionType, MappingProxyType
from typing import Any

from .codec import NotSerializable

FACTORIES: Mapping[str, Any] = MappingProxyType(
    {kind.__name__: kind for kind in (int, float, str, list, dict, set)}
)
KEYS, VALUES, ITEMS = type({0: 0}.keys()), type({0: 0}.values()), type({0: 0}.items())
MAX_NAME = 200
MAX_FIELDS = 255
MAX_CLASSES = 200
"""Of named tuples in a value; each costs a tenth of a millisecond."""


def fields_of(kind: type) -> list[str] | None:
    """Return the fields of a class that `namedtuple` can rebuild; None for any other class."""
    fields = getattr(kind, "_fields", None) if issubclass(kind, tuple) else None
    if type(fields) is not tuple or not 0 < len(fields) <= MAX_FIELDS or len(kind.__name__) > MAX_NAME:
        return None
    names = [kind.__name__, *fields]
    if any(type(one) is not str or not one.isidentifier() or keyword.iskeyword(one) for one in names):
        return None
    return list(fields) if len(set(fields)) == len(fields) else None


def encode_namedtuple(encoder: Any, value: Any, fields: list[str], depth: int) -> Any:
    """Encode a named tuple with the name of its class and its fields."""
    encoder.take(2 * len(fields))
    items = encoder.items(tuple.__iter__(value), depth + 1)
    return {"namedtuple": type(value).__name__, "fields": fields, "items": items}


def _encode_range(encoder: Any, value: range, depth: int) -> Any:
    return {"range": [encoder.integer(part) for part in (value.start, value.stop, value.step)]}


def _encode_complex(encoder: Any, value: complex, depth: int) -> Any:
    return {"complex": [encoder.value(value.real, depth), encoder.value(value.imag, depth)]}


def _encode_slice(encoder: Any, value: slice, depth: int) -> Any:
    return {"slice": [encoder.value(part, depth + 1) for part in (value.start, value.stop, value.step)]}


def _encode_ellipsis(encoder: Any, value: Any, depth: int) -> Any:
    return {"ellipsis": True}


def _encode_bytes(encoder: Any, value: bytes | bytearray, depth: int) -> Any:
    encoder.take_bytes(len(value))
    return {type(value).__name__: base64.b64encode(value).decode("ascii")}


def _encode_set(encoder: Any, value: Any, depth: int) -> Any:
    if len(value) > encoder.limits.keys:
        raise NotSerializable("it has too many items", "항목이 너무 많습니다")
    encoder.take(len(value))
    return {type(value).__name__: encoder.items(value, depth + 1)}


def _encode_counter(encoder: Any, value: Any, depth: int) -> Any:
    return {"counter": encoder.pairs(len(value), value.items(), depth)}


def _encode_ordered(encoder: Any, value: Any, depth: int) -> Any:
    return {"ordered_dict": encoder.pairs(len(value), value.items(), depth)}


def _encode_defaultdict(encoder: Any, value: Any, depth: int) -> Any:
    factory: Any = next((name for name, kind in FACTORIES.items() if value.default_factory is kind), None)
    if factory is None and value.default_factory is not None:
        if type(value.default_factory) is not FunctionType:
            raise NotSerializable(
                "it is a defaultdict whose factory is no function, nor int, float, str, list, dict or set",
                "factory가 함수나 int, float, str, list, dict, set이 아닌 defaultdict입니다",
            )
        factory = encoder.value(value.default_factory, depth + 1)
    return {"defaultdict": encoder.pairs(len(value), value.items(), depth), "factory": factory}


def _encode_deque(encoder: Any, value: Any, depth: int) -> Any:
    encoder.take(len(value))
    return {"deque": encoder.items(value, depth + 1), "maxlen": value.maxlen}


def _encode_view(encoder: Any, value: Any, depth: int) -> Any:
    encoder.take(len(value))
    return {"view": type(value).__name__, "of": encoder.items(value, depth + 1)}


def _three(decoder: Any, data: Any, depth: int) -> list[Any]:
    parts: list[Any] = decoder.items(data, depth)
    if len(parts) != 3:
        raise NotSerializable("expected three parts")
    return parts


def _decode_range(decoder: Any, data: dict[str, Any], depth: int) -> range:
    parts = _three(decoder, data["range"], depth)
    if any(type(part) is not int for part in parts):
        raise NotSerializable("a range is made of integers")
    return range(*parts)


def _decode_complex(decoder: Any, data: dict[str, Any], depth: int) -> complex:
    real, imaginary = decoder.items(data["complex"], depth)
    if type(real) is not float or type(imaginary) is not float:
        raise NotSerializable("a complex number is made of two floats")
    return complex(real, imaginary)


def _decode_slice(decoder: Any, data: dict[str, Any], depth: int) -> slice:
    return slice(*_three(decoder, data["slice"], depth))


def _decode_ellipsis(decoder: Any, data: dict[str, Any], depth: int) -> EllipsisType:
    return ...


def _raw(decoder: Any, text: Any) -> bytes:
    raw = base64.b64decode(text, validate=True)
    decoder.take_bytes(len(raw))
    return raw


def _decode_bytes(decoder: Any, data: dict[str, Any], depth: int) -> bytes:
    return _raw(decoder, data["bytes"])


def _decode_bytearray(decoder: Any, data: dict[str, Any], depth: int) -> bytearray:
    return bytearray(_raw(decoder, data["bytearray"]))


def _members(decoder: Any, data: Any, depth: int) -> list[Any]:
    members: list[Any] = decoder.items(data, depth)
    decoder.check_keys(members)
    return members


def _decode_set(decoder: Any, data: dict[str, Any], depth: int) -> set[Any]:
    return set(_members(decoder, data["set"], depth))


def _decode_frozenset(decoder: Any, data: dict[str, Any], depth: int) -> frozenset[Any]:
    return frozenset(_members(decoder, data["frozenset"], depth))


def _decode_counter(decoder: Any, data: dict[str, Any], depth: int) -> Counter[Any]:
    return Counter(decoder.pairs(data["counter"], depth))


def _decode_ordered(decoder: Any, data: dict[str, Any], depth: int) -> OrderedDict[Any, Any]:
    return OrderedDict(decoder.pairs(data["ordered_dict"], depth))


def _decode_defaultdict(decoder: Any, data: dict[str, Any], depth: int) -> defaultdict[Any, Any]:
    factory = data["factory"]
    if type(factory) is dict:
        factory = decoder.value(factory, depth)
        if type(factory) is not FunctionType:
            raise NotSerializable("malformed defaultdict")
    elif factory is not None:
        factory = FACTORIES[factory]
    return defaultdict(factory, decoder.pairs(data["defaultdict"], depth))


def _decode_deque(decoder: Any, data: dict[str, Any], depth: int) -> deque[Any]:
    maxlen = data["maxlen"]
    if maxlen is not None and (type(maxlen) is not int or not 0 <= maxlen < 2**62):
        raise NotSerializable("malformed deque")
    return deque(decoder.items(data["deque"], depth), maxlen)


def _decode_view(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    kind = data["view"]
    if kind == KEYS.__name__:
        return dict.fromkeys(_members(decoder, data["of"], depth)).keys()
    items = decoder.items(data["of"], depth)
    if kind == VALUES.__name__:
        return dict(enumerate(items)).values()
    if kind != ITEMS.__name__:
        raise NotSerializable("malformed view")
    pairs = [(key, value) for key, value in items]
    decoder.check_keys([key for key, _value in pairs])
    return dict(pairs).items()


def _decode_namedtuple(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    # with a function as a field, it would be an object with methods of its own
    with decoder.without_references():
        items = decoder.items(data["items"], depth)
    name, fields = data["namedtuple"], data["fields"]
    if type(fields) is not list or not 0 < len(fields) <= MAX_FIELDS or len(items) != len(fields):
        raise NotSerializable("malformed named tuple")
    if any(type(one) is not str or len(one) > MAX_NAME for one in (name, *fields)):
        raise NotSerializable("malformed named tuple")
    decoder.take(len(fields))
    kind = decoder.classes.get((name, *fields))
    if kind is None:
        if len(decoder.classes) >= MAX_CLASSES:
            raise NotSerializable("too many classes of named tuples")
        # checks that the names are identifiers and renames those that a field may not have, such as `_1`
        kind = decoder.classes[name, *fields] = namedtuple(name, fields, rename=True)
    return kind._make(items)


def _chain(kind: Any) -> Any:
    return lambda value: kind(kind.__iter__(value))


def _own(kind: type, name: str, value: Any) -> Any:
    """Return an attribute as a built-in type has it, whatever a subclass says."""
    return kind.__dict__[name].__get__(value)


PLAIN_TYPES: Any = (
    (Counter, lambda value: Counter(dict(dict.items(value)))),
    (OrderedDict, lambda value: OrderedDict(OrderedDict.items(value))),
    (defaultdict, lambda value: defaultdict(_own(defaultdict, "default_factory", value), dict.items(value))),
    (dict, lambda value: dict(dict.items(value))),
    (deque, lambda value: deque(deque.__iter__(value), _own(deque, "maxlen", value))),
    (set, _chain(set)), (frozenset, _chain(frozenset)),
    (bytes, lambda value: bytes.__getitem__(value, slice(None))),
    (bytearray, lambda value: bytearray.__getitem__(value, slice(None))),
    (complex, complex.__complex__),
)  # fmt: skip
ENCODERS: Mapping[type, Any] = MappingProxyType(
    {
        range: _encode_range, complex: _encode_complex, slice: _encode_slice, EllipsisType: _encode_ellipsis,
        bytes: _encode_bytes, bytearray: _encode_bytes, set: _encode_set, frozenset: _encode_set,
        Counter: _encode_counter, OrderedDict: _encode_ordered, defaultdict: _encode_defaultdict,
        deque: _encode_deque, **dict.fromkeys((KEYS, VALUES, ITEMS), _encode_view),
    }
)  # fmt: skip
TAGS: Mapping[str, Any] = MappingProxyType(
    {
        "range": _decode_range, "complex": _decode_complex, "slice": _decode_slice, "ellipsis": _decode_ellipsis,
        "bytes": _decode_bytes, "bytearray": _decode_bytearray, "set": _decode_set,
        "frozenset": _decode_frozenset, "counter": _decode_counter, "ordered_dict": _decode_ordered,
        "defaultdict": _decode_defaultdict, "deque": _decode_deque, "namedtuple": _decode_namedtuple,
        "view": _decode_view,
    }
)  # fmt: skip

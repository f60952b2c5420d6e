"""Exceptions as JSON and back between two sealed kernels, with their type as far as the other kernel knows it.

    {"exception": [[module, class], ...], "args": [argument, ...], "attributes": [[name, value], ...], "text": text}
The classes are those that it inherits from, nearest first. An argument is {"data": wire value} or {"text": text}.
A constructor that is not of a built-in exception is called only where setting attributes does not give the text.
"""

from __future__ import annotations

import builtins
import contextlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from .codec import NotSerializable
from .rich_codec import Refer, Resolve, RichDecoder, RichEncoder, guarded

MAX_CLASSES = 40
MAX_ARGUMENTS = 100
MAX_NAME = 200
MAX_TEXT = 20_000
QUIET = frozenset(["StopIteration", "StopAsyncIteration", "SkipTest"])
"""Exceptions that end a loop or a test without an error."""
LIBRARIES = frozenset([
    ("json.decoder", "JSONDecodeError"), ("numpy.linalg", "LinAlgError"), ("numpy.exceptions", "AxisError"),
    ("decimal", "InvalidOperation"), ("decimal", "DivisionByZero"), ("decimal", "Overflow"),
    ("statistics", "StatisticsError"), ("queue", "Empty"), ("queue", "Full"), ("_csv", "Error"),
    ("re", "error"), ("re", "PatternError"), ("struct", "error"), ("binascii", "Error"), ("zlib", "error"),
    ("dataclasses", "FrozenInstanceError"), ("graphlib", "CycleError"), ("subprocess", "CalledProcessError"),
    ("zoneinfo._common", "ZoneInfoNotFoundError"), ("configparser", "NoSectionError"),
    ("pandas.errors", "EmptyDataError"), ("pandas.errors", "ParserError"), ("pandas.errors", "MergeError"),
    ("pandas.errors", "InvalidIndexError"), ("pandas.errors", "UndefinedVariableError"),
])  # fmt: skip
"""Exceptions of other modules that are found where these are loaded."""
WITH_NAME = (AttributeError, NameError, ImportError)
IN_C = ("name", "path")
"""Attributes of these that neither their arguments nor their `__dict__` have."""


class _Quoted(str):
    """Text that a KeyError shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def encode_exception(error: BaseException, refer: Refer | None = None) -> Any:
    """Encode an exception as JSON data. Raises NotSerializable only.

    refer: as in `encode_rich`, for functions among its arguments.
    """
    return guarded(lambda: _encode(error, RichEncoder(refer)))


def _encode(error: BaseException, encoder: RichEncoder) -> Any:
    classes = [kind for kind in type(error).__mro__ if kind is not object]
    if Exception in classes:
        classes = classes[: classes.index(Exception) + 1]
    return {
        "exception": [
            [str(kind.__module__)[:MAX_NAME], kind.__name__[:MAX_NAME]] for kind in classes[:MAX_CLASSES]
        ],
        "args": [_argument(encoder, one) for one in _arguments(error)[:MAX_ARGUMENTS]],
        "attributes": list(_attributes(encoder, error)),
        "text": _text(error, type(error).__name__),
    }


def _text(value: Any, otherwise: str = "") -> str:
    try:
        return str.__str__(str(value))[:MAX_TEXT]
    except Exception:  # of a student's own `__str__`
        return otherwise


def _arguments(error: BaseException) -> tuple[Any, ...]:
    if isinstance(error, OSError) and error.filename is not None:
        # `args` has no file names
        names = (error.filename,) if error.filename2 is None else (error.filename, None, error.filename2)
        return (error.errno, error.strerror, *names)
    return tuple(BaseException.__dict__["args"].__get__(error))


def _argument(encoder: RichEncoder, value: Any) -> dict[str, Any]:
    try:
        return {"data": encoder.value(value, 0)}
    except Exception:  # NotSerializable, or of a value's own methods
        return {"text": _text(value, type(value).__name__)}


def _attributes(encoder: RichEncoder, error: BaseException) -> Any:
    own = BaseException.__dict__["__dict__"].__get__(error)
    in_c = {name: getattr(error, name, None) for name in IN_C} if isinstance(error, WITH_NAME) else {}
    for name, value in [*in_c.items(), *own.items(), *_of_class(error, own)][:MAX_ARGUMENTS]:
        argument = _argument(encoder, value)
        if value is not None and "data" in argument and _may_be_set(name):
            yield [name, argument["data"]]


def _of_class(error: BaseException, own: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what the classes of a notebook give an exception: class attributes and the values of properties."""
    classes = [kind for kind in type(error).__mro__ if kind.__module__ == "__main__"]
    for name in dict.fromkeys(name for kind in classes for name in vars(kind)):
        if name not in own and not name.startswith("__"):
            with contextlib.suppress(Exception):  # of a property
                yield name, getattr(error, name)


def _may_be_set(name: Any) -> bool:
    """Return whether data may have this name: never what the interpreter or a handler uses of every exception."""
    return (
        type(name) is str
        and name.isidentifier()
        and len(name) <= MAX_NAME
        and not hasattr(BaseException, name)
    )


def decode_exception(
    data: Any, namespace: Mapping[str, Any], *, resolve: Resolve | None = None
) -> BaseException:
    """Decode the JSON data of `encode_exception`. Raises NotSerializable only.

    The exception has the first of its classes that is a built-in one, or of a common library that is loaded, or has
    its name in the namespace. One that would end a program, such as SystemExit, or a loop without an error, such as
    StopIteration, is a RuntimeError whose text names it.

    namespace: of the cells that will catch it, which may define exceptions of their own.
    resolve: as in `decode_rich`; without it, a function is its name.
    """
    error: BaseException = guarded(lambda: _decode(data, namespace, RichDecoder(resolve or _name)))
    return error


def _name(number: int, name: str, doc: str | None, signature: Any) -> str:
    return name


def _decode(data: Any, namespace: Mapping[str, Any], decoder: RichDecoder) -> BaseException:
    classes, text = _classes(data["exception"]), data["text"]
    if type(text) is not str or len(text) > MAX_TEXT or type(data["args"]) is not list:
        raise NotSerializable("malformed exception")
    args = tuple(_decode_argument(decoder, one) for one in data["args"][:MAX_ARGUMENTS])
    attributes = {name: decoder.value(value, 0) for name, value in data["attributes"][:MAX_ARGUMENTS]}
    if not all(map(_may_be_set, attributes)):
        raise NotSerializable("malformed exception")
    kinds = [kind for kind in (_find(*one, namespace) for one in classes) if kind is not None]
    if not kinds or classes[0][1] in QUIET:
        return RuntimeError(": ".join(part for part in (classes[0][1], text) if part))
    return _build([*kinds, Exception], args, attributes, text)


def _classes(data: Any) -> list[tuple[str, str]]:
    if type(data) is not list or not 0 < len(data) <= MAX_CLASSES:
        raise NotSerializable("malformed exception")
    classes = [(module, name) for module, name in data]
    if any(type(part) is not str or len(part) > MAX_NAME for one in classes for part in one):
        raise NotSerializable("malformed exception")
    return classes


def _decode_argument(decoder: RichDecoder, data: Any) -> Any:
    if "data" in data:
        return decoder.value(data["data"], 0)
    if type(data["text"]) is not str or len(data["text"]) > MAX_TEXT:
        raise NotSerializable("malformed exception")
    return data["text"]


def _find(module: str, name: str, namespace: Mapping[str, Any]) -> Any:
    """Return the exception class of this name in this process; None if there is none."""
    if module == "builtins":
        kind = vars(builtins).get(name)
    elif (module, name) in LIBRARIES and module in sys.modules:
        kind = vars(sys.modules[module]).get(name)
    else:
        kind = namespace.get(name)
    return kind if isinstance(kind, type) and issubclass(kind, Exception) and name not in QUIET else None


def _build(kinds: list[Any], args: tuple[Any, ...], attributes: dict[str, Any], text: str) -> BaseException:
    """Return an exception of the first class that can be built, with its arguments and text as far as possible."""
    for kind in kinds:
        built = None
        ways = ((_new, args), (kind, args), (_new, (text,)), (_new, (_Quoted(text),)))
        for way, arguments in ways:
            error = _make(kind, way, arguments, attributes)
            if error is not None and _text(error) == text:
                return error
            built = built or error
        if built is not None:
            return built
    return Exception(text)


def _new(kind: Any, *args: Any) -> BaseException:
    """Return an exception without calling a constructor of its class but that of a built-in one."""
    base = next(one for one in kind.__mro__ if one.__module__ == "builtins")
    error: BaseException = base.__new__(kind, *args)
    base.__init__(error, *args)
    return error


def _make(kind: Any, way: Any, args: tuple[Any, ...], attributes: dict[str, Any]) -> BaseException | None:
    try:
        error: BaseException = way(*args) if way is kind else way(kind, *args)
    except Exception:  # such as a UnicodeDecodeError of one argument
        return None
    if not isinstance(error, Exception):  # of a `__new__` of its own
        return None
    for name, value in attributes.items():
        with contextlib.suppress(AttributeError, TypeError):  # a property of its class
            object.__setattr__(error, name, value)
    return error

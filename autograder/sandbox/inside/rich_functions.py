"""Functions and generators as references, for the rich codec: their number, and what describes a function.

    {"function": n, "name": text, "doc": text or null, "signature": [[name, kind, has default, default], ...] or null}
    {"generator": n}
A function that a decorator wraps has also `"wrapped"`, the reference of the function inside. A kind is the name of one
of `inspect.Parameter`'s. A default that is not data is null. An iterator is called by `step`.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import types
from collections.abc import Callable, Generator, Iterator
from typing import Any

from .codec import NotSerializable

MAX_NAME = 200
MAX_DOC = 5_000
MAX_PARAMETERS = 255
KINDS = tuple(kind.name for kind in (
    inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD,
))  # fmt: skip


def encode_function(encoder: Any, value: Any, depth: int) -> Any:
    """Encode a callable as a reference. Raises NotSerializable if the encoder has no number for it."""
    number = None if encoder.refer is None else encoder.refer(value)
    kind = type(value).__name__
    if number is None:
        raise NotSerializable(f"its type is {kind}"[:80], f"자료형이 {kind}입니다"[:80])
    name, doc = getattr(value, "__name__", None), getattr(value, "__doc__", None)
    described = {
        "function": int(number),
        "name": str.__str__(name if isinstance(name, str) else kind)[:MAX_NAME],
        "doc": str.__str__(doc)[:MAX_DOC] if isinstance(doc, str) else None,
        "signature": _describe(encoder, value, depth),
    }
    wrapped = getattr(value, "__wrapped__", None)
    if type(wrapped) is types.FunctionType:
        with contextlib.suppress(NotSerializable):  # nested without end
            described["wrapped"] = encoder.value(wrapped, depth + 1)
    return described


def _describe(encoder: Any, value: Any, depth: int) -> list[list[Any]] | None:
    if not (
        inspect.isroutine(value) or isinstance(value, functools.partial) or hasattr(value, "__wrapped__")
    ):
        return None  # a mock would record that it was looked at
    try:
        parameters = list(inspect.signature(value).parameters.values())[: MAX_PARAMETERS + 1]
    except Exception:  # a built-in function without one, or what a student's own `__signature__` raises
        return None
    if len(parameters) > MAX_PARAMETERS:
        return None
    described = []
    for one in parameters:
        has_default = one.default is not inspect.Parameter.empty
        default = _default(encoder, one.default, depth + 1) if has_default else None
        described.append([str.__str__(one.name)[:MAX_NAME], one.kind.name, has_default, default])
    return described


def _default(encoder: Any, value: Any, depth: int) -> Any:
    try:
        with encoder.without_references():
            return encoder.value(value, depth)
    except NotSerializable:
        return None


def decode_function(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    """Decode a reference with the decoder's `resolve`. Raises NotSerializable if it has none."""
    number, name, doc, signature = (data[key] for key in ("function", "name", "doc", "signature"))
    if decoder.resolve is None:
        raise NotSerializable("it is a function", "함수입니다")
    if type(number) is not int or not 0 <= number < 2**62:
        raise NotSerializable("malformed function")
    if type(name) is not str or len(name) > MAX_NAME:
        raise NotSerializable("malformed function name")
    if doc is not None and (type(doc) is not str or len(doc) > MAX_DOC):
        raise NotSerializable("malformed function doc")
    if signature is not None:
        if type(signature) is not list or len(signature) > MAX_PARAMETERS:
            raise NotSerializable("malformed signature")
        signature = [_parameter(decoder, one, depth + 1) for one in signature]
    function = decoder.resolve(number, name, doc, signature)
    if "wrapped" in data and not hasattr(function, "__wrapped__"):
        wrapped = decoder.value(data["wrapped"], depth)
        if type(wrapped) is not types.FunctionType:
            raise NotSerializable("malformed function")
        function.__wrapped__ = wrapped
    return function


def encode_generator(encoder: Any, value: Any) -> Any:
    """Encode a generator, or another iterator, as a reference.

    Raises NotSerializable if the encoder has no number for it.
    """
    if encoder.refer is None:
        raise NotSerializable("it is a generator", "제너레이터입니다")
    return {"generator": int(encoder.refer(value))}


def decode_generator(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    """Decode a reference as a generator whose items come one by one. Raises NotSerializable if nothing calls it."""
    number = data["generator"]
    if type(number) is not int or not 0 <= number < 2**62:
        raise NotSerializable("malformed generator")
    remote = decoder.resolve and decoder.resolve(number, "generator", None, None)
    if not callable(remote):
        raise NotSerializable("it is a generator", "제너레이터입니다")
    return _stepped(remote)


def step(iterator: Iterator[Any], sent: Any) -> tuple[bool, Any]:
    """Return whether an iterator goes on, and its next item, or else what it returned. sent: to a generator."""
    try:
        return True, iterator.send(sent) if isinstance(iterator, types.GeneratorType) else next(iterator)
    except (
        StopIteration
    ) as stop:  # it would not arrive as one: no function can end a loop of the other kernel's
        return False, stop.value


def _stepped(remote: Callable[[Any], Any]) -> Generator[Any, Any, Any]:
    """Yield the items of a generator of the other kernel. remote: calls `step` with it there.

    The end of this generator is not told to the other kernel: it may come while a message is under way.
    """
    goes_on, item = remote(None)
    while goes_on:
        goes_on, item = remote((yield item))
    return item


def _parameter(decoder: Any, data: Any, depth: int) -> list[Any]:
    name, kind, has_default, default = data
    if type(name) is not str or len(name) > MAX_NAME or type(has_default) is not bool or kind not in KINDS:
        raise NotSerializable("malformed signature")
    decoder.take(1)
    with decoder.without_references():
        return [name, kind, has_default, decoder.value(default, depth)]


def to_signature(parameters: list[list[Any]] | None) -> inspect.Signature | None:
    """Return the signature that decoded parameters describe; None if there is none, or they contradict each other."""
    if parameters is None:
        return None
    try:
        return inspect.Signature([
            inspect.Parameter(
                name, getattr(inspect.Parameter, kind), default=default if has_default else inspect.Parameter.empty
            )
            for name, kind, has_default, default in parameters
        ])  # fmt: skip
    except ValueError:
        return None

"""Dataclasses as plain data, which travels as JSON: nothing is ever unpickled."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from autograder.text import Text

T = TypeVar("T")


def to_data(message: object) -> Any:
    """Return a dataclass as plain data; bytes become base64."""
    return msgspec.to_builtins(message, enc_hook=_from_text)


def from_data(data: Any, kind: type[T]) -> T:
    """Return the object that `to_data` converted. Raises ValueError, with the place, for data of another shape."""
    return msgspec.convert(data, kind, dec_hook=_to_text)


def _from_text(value: object) -> dict[str, str]:
    if isinstance(value, Text):
        return value.to_dict()
    raise NotImplementedError


def _to_text(kind: type, data: Any) -> Text:
    if issubclass(kind, Text):
        return Text(**msgspec.convert(data, dict[str, str]))
    raise NotImplementedError

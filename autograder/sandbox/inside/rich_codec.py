"""Values as JSON and back between two sealed kernels: with their exact type; functions and generators as references.

`codec.py` has the wire values that both know; `rich_arrays.py`, `rich_collections.py`, `rich_times.py`,
`rich_frames.py` and `rich_functions.py` have the others. The trusted process decodes none of them. `decode_rich` trusts
nothing in its input, and builds nothing but these values.

Exceptions to the exact type: a member of an enumeration arrives as its value; an instance of a subclass of a built-in
type as the built-in value inside it; a named tuple as one of a new class with the same name and fields; a tensor as an
array. What is shared between two parts of a value arrives twice. An iterator arrives as a generator. Members of
enumerations and named tuples of classes that the notebook gives keep their class on their way to the student's kernel.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal
from fractions import Fraction
from types import GeneratorType, MappingProxyType
from typing import Any

import numpy as np

from . import codec, rich_arrays, rich_collections, rich_frames, rich_functions, rich_times
from .codec import Decoder, Encoder, Limits, NotSerializable

LIMITS = Limits(
    depth=60, items=2_000_000, keys=500_000, digits=4_000, integer=10**4_000, decimal=4_000,
    text=48_000_000, array_bytes=64_000_000,
)  # fmt: skip
"""Text and bytes of arrays are those of all strings and arrays of a value together."""
WHOLE = 2**63
"""Integers that are counted as text, as their digits are many."""
MAX_RAISED = 80
ITSELF = frozenset([str, int, float, bool, type(None)])
FROM_CODEC = ITSELF | {list, tuple, dict, Fraction, Decimal}
ENCODERS: Mapping[type, Any] = MappingProxyType(
    {**rich_arrays.ENCODERS, **rich_collections.ENCODERS, **rich_times.ENCODERS}
)
Refer = Callable[[Any], "int | None"]
Resolve = Callable[[int, str, "str | None", "list[list[Any]] | None"], Any]
Describe = Callable[[Any, bool], Any]
Find = Callable[[dict[str, Any], int], Any]
Notice = Callable[[], None]


def encode_rich(value: Any, refer: Refer | None = None, describe: Describe | None = None) -> Any:
    """Encode a value as JSON data. Raises NotSerializable and nothing else.

    refer: returns the number by which the other kernel may call a generator or a callable that is no class, or None.
    describe: returns a reference to an object or a class (`remote_objects.py`), or None. It is asked with True before
    an object is tried as data, and with False if it is none.
    """
    return guarded(lambda: RichEncoder(refer, describe).value(value, 0))


def decode_rich(
    data: Any, resolve: Resolve | None = None, find: Find | None = None, notice: Notice | None = None
) -> Any:
    """Decode the JSON data of `encode_rich`. Raises NotSerializable and nothing else.

    resolve: returns the callable for a number, name, docstring and parameters: [name, kind, has default, default] each.
    find: returns what a reference to an object or a class stands for, or None for the data inside; its second argument
    is how deep it is inside the value.
    notice: called for an empty array, and for one, or a column, with missing values of which every comparison holds.
    """
    return guarded(lambda: RichDecoder(resolve, find, notice).value(data, 0))


def guarded(work: Callable[[], Any]) -> Any:
    """Call a function, turning what it raises into NotSerializable: values may have methods that raise anything."""
    try:
        return work()
    except NotSerializable:
        raise
    except Exception as error:
        kind = type(error).__name__[:MAX_RAISED]
        raise NotSerializable(f"reading it raised {kind}", f"읽는 중에 {kind} 오류가 났습니다") from error


class _Counted(codec.Budget):
    """What encoder and decoder count besides items."""

    limits = LIMITS

    def __init__(self) -> None:
        super().__init__()
        self._characters_left, self._bytes_left = self.limits.text, self.limits.array_bytes

    def take_text(self, text: str) -> None:
        """Count the characters of a string. Raises NotSerializable if there are too many in all."""
        self.take_characters(len(text))

    def take_characters(self, number: int) -> None:
        """Count characters. Raises NotSerializable if there are too many in all."""
        self._characters_left -= number
        if self._characters_left < 0:
            raise NotSerializable("it has too much text", "텍스트가 너무 많습니다")

    def take_bytes(self, number: int) -> None:
        """Count bytes. Raises NotSerializable if there are too many in all."""
        self._bytes_left -= number
        if self._bytes_left < 0:
            raise NotSerializable("its arrays are too big", "배열이 너무 큽니다")

    def represent_themselves(self, items: list[Any]) -> bool:
        """Return whether each item is its own wire value, and count their text: most lists are long and plain."""
        kinds = set(map(type, items))
        if not kinds <= ITSELF:
            return False
        if int in kinds:
            whole = items if kinds == {int} else [one for one in items if type(one) is int]
            if max(whole) >= WHOLE or min(whole) <= -WHOLE:
                return False
        if float in kinds:
            real = items if kinds == {float} else (one for one in items if type(one) is float)
            if not all(map(math.isfinite, real)):
                return False
        if str in kinds:
            text = items if kinds == {str} else (one for one in items if type(one) is str)
            self.take_characters(sum(map(len, text)))
        return True


class RichEncoder(_Counted, Encoder):
    """Encodes one value of the rich codec.

    refer, describe: as in `encode_rich`.
    """

    def __init__(self, refer: Refer | None, describe: Describe | None = None) -> None:
        super().__init__()
        self.refer, self.describe = refer, describe

    def value(self, value: Any, depth: int) -> Any:
        """Encode a part of the value at this nesting depth."""
        kind = type(value)
        if kind in FROM_CODEC:
            return super().value(value, depth)
        if depth > self.limits.depth:
            raise NotSerializable("it is nested too deeply", "너무 깊이 겹친 값입니다")
        if kind in ENCODERS:
            return ENCODERS[kind](self, value, depth)
        encode = rich_frames.encoder_for(kind)
        if encode is not None:
            return encode(self, value, depth)
        if self.describe is None:
            return self._of_other_class(value, kind, depth)
        reference = self.describe(value, True)
        if reference is not None:
            if "data" in reference:
                del reference["data"]
                with suppress(NotSerializable):  # there is none inside
                    reference["data"] = self._of_other_class(value, kind, depth)
            return reference
        try:
            return self._of_other_class(value, kind, depth)
        except NotSerializable:
            if (reference := self.describe(value, False)) is None:
                raise
            return reference

    def _of_other_class(self, value: Any, kind: type, depth: int) -> Any:
        fields = rich_collections.fields_of(kind)
        if fields is not None and tuple.__len__(value) == len(fields):
            return rich_collections.encode_namedtuple(self, value, fields, depth)
        for base, plain in (*rich_collections.PLAIN_TYPES, *codec.PLAIN_TYPES):
            if issubclass(kind, base) and not issubclass(kind, np.generic):
                return self.value(plain(value), depth)
        if issubclass(kind, enum.Enum):
            return self.value(value.value, depth + 1)
        if kind is GeneratorType or (
            kind.__module__ in ("builtins", "itertools") and isinstance(value, Iterator)
        ):
            return rich_functions.encode_generator(self, value)
        if callable(value) and not issubclass(kind, (type, np.ndarray)):
            return rich_functions.encode_function(self, value, depth)
        if issubclass(kind, (type, np.ma.MaskedArray)):
            raise NotSerializable(f"its type is {kind.__name__}"[:80], f"자료형이 {kind.__name__}입니다"[:80])
        return super().value(value, depth)

    def integer(self, value: int) -> int:
        """Return an integer. Raises NotSerializable if it has too many digits."""
        if not -WHOLE < value < WHOLE:
            self.take_characters(value.bit_length() // 3)
        return super().integer(value)

    def items(self, values: Iterable[Any], depth: int) -> list[Any]:
        """Encode the items of a list, which are counted already."""
        items = list(values)
        return items if self.represent_themselves(items) else super().items(items, depth)

    def array(self, value: np.ndarray[Any, Any], depth: int) -> Any:
        """Encode an array with its dtype."""
        return rich_arrays.encode_array(self, value, depth)

    @contextmanager
    def without_references(self) -> Iterator[None]:
        """Refuse functions and objects for a while."""
        before = self.refer, self.describe
        self.refer = self.describe = None
        try:
            yield
        finally:
            self.refer, self.describe = before


class RichDecoder(_Counted, Decoder):
    """Decodes one value of the rich codec.

    resolve, find, notice: as in `decode_rich`.
    """

    faults = (Exception,)

    def __init__(
        self, resolve: Resolve | None, find: Find | None = None, notice: Notice | None = None
    ) -> None:
        super().__init__()
        self.resolve, self.find, self.notice = resolve, find, notice or (lambda: None)
        self.classes: dict[tuple[str, ...], Any] = {}
        """Classes of named tuples by their name and fields."""

    def value(self, data: Any, depth: int) -> Any:
        """Decode a part of the value at this nesting depth."""
        if type(data) is str:
            self.take_text(data)
        elif type(data) is int and not -WHOLE < data < WHOLE:
            self.take_characters(data.bit_length() // 3)
        return super().value(data, depth)

    def items(self, data: Any, depth: int) -> list[Any]:
        """Decode the items of a list."""
        if type(data) is list and self.represent_themselves(data):
            self.take(len(data))
            return list(data)
        return super().items(data, depth)

    def pairs(self, pairs: Any, depth: int) -> dict[Any, Any]:
        """Decode the pairs of a dict."""
        return codec.decode_pairs(self, pairs, depth)

    def tagged(self, data: dict[str, Any]) -> tuple[str, Any]:
        """Return the tag of an object, and what decodes it. Raises NotSerializable if it has none."""
        tag = next((name for name in data if name in TAGS), None)
        if tag is None:
            raise NotSerializable("unknown tag")
        return tag, TAGS[tag]

    @contextmanager
    def without_references(self) -> Iterator[None]:
        """Refuse functions and objects for a while."""
        before = self.resolve, self.find
        self.resolve = self.find = None
        try:
            yield
        finally:
            self.resolve, self.find = before


def _decode_decimal(decoder: RichDecoder, data: dict[str, Any], depth: int) -> Any:
    if type(data["decimal"]) is not str or len(data["decimal"]) > decoder.limits.decimal:
        raise NotSerializable("a decimal that is too long")
    return codec.TAGGED["decimal"](decoder, data, depth)


def _decode_reference(decoder: RichDecoder, data: dict[str, Any], depth: int) -> Any:
    if decoder.find is None:
        raise NotSerializable("it is an object of its own class", "자신의 클래스로 만든 객체입니다")
    decoder.take(1)
    found = decoder.find(data, depth - 1)
    return decoder.value(data["data"], depth - 1) if found is None else found


TAGS: Mapping[str, Any] = MappingProxyType(
    {
        **codec.TAGGED, "decimal": _decode_decimal,
        **rich_arrays.TAGS, **rich_collections.TAGS, **rich_times.TAGS, **rich_frames.TAGS,
        "function": rich_functions.decode_function, "generator": rich_functions.decode_generator,
        **dict.fromkeys(("object", "student_class", "exception_class", "own", "given_class"), _decode_reference),
    }
)  # fmt: skip

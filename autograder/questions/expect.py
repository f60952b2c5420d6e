"""Assertions on values and arrays: they pass silently, or raise `Fail` with a message for the student.

A message says what was expected and what kind of value came back. It never shows a hidden input, the right answer, or a
value that a function returned for a hidden input: a student could return the input.
"""

from __future__ import annotations

import decimal
import fractions
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.errors import Fail
from autograder.questions.recurrent import UnsupportedLayer, forward
from autograder.sandbox.model import Model
from autograder.text import Text

MAX_WHOLE = 10**40


def kind_of(value: Any) -> Text:
    """Describe the kind of a value in a few words."""
    if value is None:
        return Text(ko="None (return이 빠졌는지 보세요)", en="None (is a return missing?)")
    if type(value) is bool or isinstance(value, np.bool_):
        return Text(ko="참/거짓 값", en="a truth value")
    if isinstance(value, (int, np.integer)):
        return Text(ko="정수", en="an integer")
    if isinstance(value, (float, np.floating)):
        if not math.isfinite(value):
            return Text(ko=f"{value}", en=f"{value}")
        return Text(ko="소수점이 있는 수", en="a number with a fraction")
    if isinstance(value, str):
        return Text(ko="문자열", en="a string")
    if isinstance(value, np.ndarray):
        shape = f"{value.shape} {value.dtype}"
        return Text(ko=f"모양이 {shape}인 배열", en=f"an array of shape {shape}")
    if isinstance(value, (list, tuple)):
        name = {list: ("리스트", "a list"), tuple: ("튜플", "a tuple")}[type(value)]
        return Text(ko=f"길이 {len(value)}인 {name[0]}", en=f"{name[1]} of length {len(value)}")
    return Text(ko=type(value).__name__, en=f"a {type(value).__name__}")


def _wrong_kind(expected: Text, got: Any) -> Fail:
    found = kind_of(got)
    return Fail(
        Text(
            ko=f"기대한 것은 {expected.ko}, 받은 것은 {found.ko}입니다.",
            en=f"expected {expected.en}, got {found.en}",
        )
    )


WHOLE_NUMBER = Text(ko="정수", en="a whole number")


def whole(got: Any) -> int:
    """Return `got` as an integer: an int, a NumPy integer, a float without a fraction, or a 0-d array of these.

    Raises Fail for anything else, Booleans included.
    """
    if isinstance(got, np.ndarray) and got.shape == ():
        got = got[()]
    if type(got) is int:
        return got
    if isinstance(got, np.integer):
        return int(got)
    exact = float(got) if isinstance(got, np.floating) else got  # a float16 cannot be compared with MAX_WHOLE
    finite = math.isfinite(exact) if isinstance(exact, float) else not _is_non_finite(exact)
    fractional = isinstance(exact, (float, fractions.Fraction, decimal.Decimal))
    # no abs(): it overflows for a Decimal beyond the context's exponents
    if fractional and finite and -MAX_WHOLE < exact < MAX_WHOLE and exact == int(exact):
        return int(exact)
    raise _wrong_kind(WHOLE_NUMBER, got)


def _is_non_finite(value: Any) -> bool:
    return isinstance(value, decimal.Decimal) and not value.is_finite()


def count(got: Any, want: int) -> None:
    """Require the integer `want`."""
    if whole(got) != want:
        raise Fail(
            Text(
                ko="정수를 돌려주었지만 개수가 맞지 않습니다.",
                en="a whole number came back, but the count is not right",
            )
        )


def near(got: Any, want: int, *, within: int) -> None:
    """Require a number, integer or not, that differs from `want` by at most `within`."""
    number = got.item() if isinstance(got, (np.ndarray, np.generic)) and got.shape == () else got
    fraction = isinstance(number, float) and math.isfinite(number)
    if abs((number if fraction else whole(got)) - want) > within:
        raise Fail(
            Text(
                ko="수를 돌려주었지만 그보다 크게 어긋납니다.",
                en="a number came back, but it is off by more than that",
            )
        )


def number(got: Any, want: int) -> None:
    """Require the integer `want` from a student who knows the numbers of the problem; the message may show `got`."""
    found = whole(got)
    if found != want:
        shown = str(found) if abs(found) < 10**12 else f"{found:.3e}" if abs(found) < 1e40 else "…"
        raise Fail(Text(ko=f"받은 값 {shown}은(는) 맞지 않습니다.", en=f"got {shown}, which is not right"))


RATIO = Text(ko="수 하나로 된 비율", en="a ratio as one number")


def ratio(got: Any, want: float) -> None:
    """Require the quotient `want` as a Fraction, an integer, or a float with the precision of a division.

    A different order of the same operations may change a float's last digits; a rounded ratio is further off.
    """
    if isinstance(got, np.ndarray) and got.shape == ():
        got = got[()]
    slack = 1e-6 if isinstance(got, np.float32) else 1e-12
    number: Any = (
        got.item() if isinstance(got, np.generic) else got
    )  # a float16 cannot be compared with MAX_WHOLE
    kinds = (int, float, fractions.Fraction, decimal.Decimal)
    infinite = isinstance(number, float) and not math.isfinite(number)
    if not isinstance(number, kinds) or type(number) is bool or infinite or _is_non_finite(number):
        raise _wrong_kind(RATIO, got)
    if not -MAX_WHOLE < number < MAX_WHOLE or not math.isclose(number, want, rel_tol=slack):
        raise Fail(
            Text(
                ko="수를 돌려주었지만 비율이 맞지 않습니다.",
                en="a number came back, but the ratio is not right",
            )
        )


MAX_LISTED = 10_000


def sequence(got: Any, expected: Text) -> list[Any]:
    """Return the items of a list, a tuple or an array.

    expected: what the message of the Fail for anything else asks for.
    """
    if isinstance(got, np.ndarray) and got.ndim > 0:
        if len(got) > MAX_LISTED:
            raise Fail(Text(ko=f"항목이 {len(got)}개나 됩니다.", en=f"it has far too many items: {len(got)}"))
        return list(got)
    if isinstance(got, (list, tuple)):
        return list(got)
    raise _wrong_kind(expected, got)


COUNTS = Text(ko="층마다 개수 하나씩 담은 리스트", en="a list with one count a layer")


def counts(got: Any, want: Sequence[int], *, where: slice = slice(None)) -> None:
    """Require as many counts as in `want`, equal to it in the places `where`."""
    found = sequence(got, COUNTS)
    if len(found) != len(want):
        raise Fail(
            Text(
                ko="층의 개수와 리스트의 길이가 다릅니다. 층마다 하나씩, Dense를 마지막에 넣으세요.",
                en="the list is not as long as there are layers: one count a layer, Dense last",
            )
        )
    for one, right in zip(found[where], list(want)[where], strict=True):
        count(one, right)


SHAPES = Text(ko="모양(튜플)의 리스트", en="a list of shapes")
SHAPE = Text(
    ko="리스트의 자리마다 모양 하나(정수의 튜플, 축이 하나이면 (12,)처럼 쉼표를 붙인 것)",
    en="a shape in each place of the list: a tuple of whole numbers, with one axis written as in (12,)",
)


def shapes(got: Any, want: Sequence[tuple[int, ...]], *, where: slice = slice(None)) -> None:
    """Require shapes of weight arrays, each a tuple or a list of integers, equal to `want` in the places `where`.

    There must be as many as in `want`, unless only the first are compared.
    """
    found, first = sequence(got, SHAPES), where.start in (None, 0) and where.stop is not None
    read = _shapes(found[where])
    if len(found) < len(want[where]) or (len(found) != len(want) and not first):
        raise Fail(
            Text(
                ko=f"가중치 배열은 {len(want)}개인데 모양이 {len(found)}개입니다.",
                en=f"there are {len(want)} weight arrays, but {len(found)} shapes came back",
            )
        )
    _same_shapes(read, want[where], start=where.start or 0)


def outputs(got: Any, want: Sequence[tuple[int, ...]]) -> None:
    """Require the shapes of a layer's outputs `want`; the message does not reveal how many there are."""
    read = _shapes(got)
    if len(read) != len(want):
        raise Fail(
            Text(
                ko="모양의 개수가 층이 내보내는 것의 개수와 다릅니다.",
                en="there are not as many shapes as the layer has outputs",
            )
        )
    _same_shapes(read, want)


def _shapes(got: Any) -> list[tuple[int, ...]]:
    return [tuple(_size(size) for size in sequence(shape, SHAPE)) for shape in sequence(got, SHAPES)]


def _same_shapes(read: Sequence[tuple[int, ...]], want: Sequence[tuple[int, ...]], *, start: int = 0) -> None:
    pairs = enumerate(zip(read, want, strict=True), start + 1)
    wrong = [place for place, pair in pairs if pair[0] != pair[1]]
    if wrong:
        places = ", ".join(map(str, wrong))
        raise Fail(
            Text(ko=f"{places}번째 모양이 맞지 않습니다.", en=f"the shape at place {places} is not right")
        )


def _size(value: Any) -> int:
    """Return a size in a shape as an integer. None, which a summary shows for the batch, gets a message of its own."""
    if value is None:
        raise Fail(
            Text(
                ko="모양 안에 None이 있습니다. 여기에서는 모든 축의 크기가 주어집니다.",
                en="there is None in the shape; here the size of every axis is given",
            )
        )
    return whole(value)


SIZES = Text(ko="모양 하나(정수의 튜플)", en="one shape, a tuple of whole numbers")


def sizes(got: Any, want: tuple[int, ...]) -> None:
    """Require one shape, a tuple or a list of integers, equal to `want`."""
    read = sequence(got, SIZES)
    if any(isinstance(size, (list, tuple)) for size in read):
        raise Fail(
            Text(
                ko="모양 하나가 아니라 모양을 담은 리스트나 튜플이 왔습니다.",
                en="expected one shape, got shapes inside a list or a tuple",
            )
        )
    if tuple(map(_size, read)) != want:
        raise Fail(Text(ko="모양이 맞지 않습니다.", en="the shape is not right"))


STRINGS = Text(ko="문자열의 리스트", en="a list of strings")


def strings(got: Any, want: Sequence[str]) -> None:
    """Require a list of strings equal to `want`."""
    found = sequence(got, STRINGS)
    for item in found:
        if not isinstance(item, str):
            raise _wrong_kind(STRINGS, item)
    if len(found) != len(want):
        raise Fail(
            Text(
                ko="문장마다 문자열 하나씩이어야 하는데 개수가 다릅니다.",
                en="there should be one string a sentence, but the number differs",
            )
        )
    if found != list(want):
        raise Fail(Text(ko="문자열이 맞지 않습니다.", en="the strings are not right"))


ARRAY = Text(ko="NumPy 배열", en="a NumPy array")


def shape(got: Any, want: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Return `got`, which must be an array of shape `want`; a nested list is refused."""
    if not isinstance(got, np.ndarray):
        raise _wrong_kind(ARRAY, got)
    if got.shape != want:
        raise Fail(
            Text(
                ko=f"배열의 모양은 {want}이어야 하는데 {got.shape}입니다.",
                en=f"shape should be {want}, got {got.shape}",
            )
        )
    return got


def array(got: Any, want: np.ndarray[Any, Any], *, tolerance: float = 1e-6) -> None:
    """Require an array of the shape of `want` whose numbers differ by at most `tolerance`."""
    found = shape(got, want.shape)
    if not np.allclose(found.astype(float), want, rtol=0, atol=tolerance):
        raise Fail(Text(ko="모양은 맞지만 값이 다릅니다.", en="the shape is right, but the values are not"))


def dtype(got: Any, want: str) -> None:
    """Require an array of dtype `want`."""
    if not isinstance(got, np.ndarray) or got.dtype != np.dtype(want):
        name = got.dtype.name if isinstance(got, np.ndarray) else ""
        found = Text(ko=name, en=name) if name else kind_of(got)
        raise Fail(
            Text(
                ko=f"dtype은 {want}이어야 하는데 {found.ko}입니다.",
                en=f"dtype should be {want}, got {found.en}",
            )
        )


DICT = Text(ko="딕셔너리(dict)", en="a dict")


def item(got: Any, key: str) -> Any:
    """Return the value of `key` in the dict `got`. Raises Fail if there is none."""
    if not isinstance(got, dict):
        raise _wrong_kind(DICT, got)
    if key not in got:
        raise Fail(Text(ko=f"딕셔너리에 키 {key!r}가 없습니다.", en=f"the dict has no key {key!r}"))
    return got[key]


def output(model: Model, inputs: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Compute the output of a described model by the NumPy reference. Raises Fail for an unsupported model.

    inputs: (sentences, words, numbers per word).
    """
    try:
        return forward(model, inputs)
    except UnsupportedLayer as error:
        raise Fail(
            Text(
                ko=f"돌려준 모델을 채점기가 계산할 수 없습니다 ({error}). 문제에 적힌 층만 쓰고, 입력이 단어마다 "
                f"수 {inputs.shape[-1]}개인지 보세요.",
                en=f"the grader cannot compute the model that came back ({error}); use only the layers that the "
                f"question names, on an input of {inputs.shape[-1]} numbers a word",
            )
        ) from error


def values_a_word(found: Sequence[int], want: Sequence[int]) -> None:
    """Require the shape `want` of a tagger's output: (sentences, words, tags). found: the actual shape."""
    if list(found) == list(want):
        return
    ko, en = (("문장", "단어"), ("sentences", "words")) if len(found) == 3 else (("문장",), ("sentences",))
    last = str(found[-1])
    raise Fail(
        Text(
            ko=f"출력의 모양이 ({', '.join((*ko, last))})입니다. 문장마다, 단어마다 값이 {want[-1]}개씩 나와야 "
            "합니다.",
            en=f"the output has the shape ({', '.join((*en, last))}); there should be {want[-1]} values for "
            "every word of every sentence",
        )
    )


def shown(seen: object) -> None:
    """Recognize a misconception: raise Fail unless it was seen."""
    if not seen:
        raise Fail(Text(ko="이 실수가 보이지 않습니다.", en="this mistake does not show"))

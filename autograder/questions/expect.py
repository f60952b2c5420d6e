"""Assertions on values and arrays: they pass silently, or raise `Fail` with a message for the student.

A message says what was expected and what kind of value came back. It never shows a hidden input, the right answer, or a
value that a function returned for a hidden input: a student could return the input.
"""

from __future__ import annotations

import decimal
import fractions
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from autograder.errors import Fail
from autograder.i18n import _, ngettext
from autograder.questions.models import LayerFunction, UnsupportedLayer, forward
from autograder.sandbox.model import Model
from autograder.text import Text

MAX_WHOLE = 10**40
ERROR_RATE = 1e-6
"""Probability, at most, with which a sample from the right distribution fails."""
MIN_SAMPLE = 500
"""Values from which the distributions of two samples can be told apart at all."""


def kind_of(value: Any) -> Text:
    """Describe the kind of a value in a few words."""
    if value is None:
        return _("None (is a `return` missing?)")
    if type(value) is bool or isinstance(value, np.bool_):
        return _("a truth value")
    if isinstance(value, (int, np.integer)):
        return _("an integer")
    if isinstance(value, (float, np.floating)):
        if not math.isfinite(value):
            return Text.same(value)
        return _("a number with a fraction")
    if isinstance(value, str):
        return _("a string")
    if isinstance(value, np.ndarray):
        shape = f"{value.shape} {value.dtype}"
        return _("an array of shape {shape}", shape=shape)
    if isinstance(value, (list, tuple)):
        if isinstance(value, list):
            return _("a list of length {length}", length=len(value))
        return _("a tuple of length {length}", length=len(value))
    return _("a {type}", type=type(value).__name__)


def _wrong_kind(expected: Text, got: Any) -> Fail:
    kind = kind_of(got)
    return Fail(_("expected {expected}, got {found}", expected=expected, found=kind))


WHOLE_NUMBER = _("a whole number")


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


def _is_nan(got: Any) -> bool:
    value = got[()] if isinstance(got, np.ndarray) and got.shape == () else got
    if isinstance(value, decimal.Decimal):
        return value.is_nan()
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def _is_non_finite(value: Any) -> bool:
    return isinstance(value, decimal.Decimal) and not value.is_finite()


def count(got: Any, want: int) -> None:
    """Require the integer `want`."""
    if whole(got) != want:
        raise Fail(_("a whole number came back, but the count is not right"))


def near(got: Any, want: int, *, within: int, meaning: Text | None = None) -> None:
    """Require a number, integer or not, that differs from `want` by at most `within`.

    meaning: `within` in words, such as "one unit", for the message of the Fail.
    """
    number = got.item() if isinstance(got, (np.ndarray, np.generic)) and got.shape == () else got
    fraction = isinstance(number, float) and math.isfinite(number)
    if not abs((number if fraction else whole(got)) - want) <= within:
        raise Fail(
            _("a number came back, but it is off by more than {amount}", amount=meaning)
            if meaning is not None
            else _("a number came back, but it is further off than this check allows")
        )


def number(got: Any, want: int) -> None:
    """Require the integer `want` from a student who knows the numbers of the problem; the message may show `got`."""
    if got is None:  # a variable, for which no `return` is missing
        raise Fail(_("expected {expected}, got {found}", expected=WHOLE_NUMBER, found="None"))
    value = whole(got)
    if value != want:
        text = str(value) if abs(value) < 10**12 else f"{value:.3e}" if abs(value) < 1e40 else "…"
        raise Fail(_("got {shown}, which is not right", shown=text))


def ratio(got: Any, want: float) -> None:
    """Require the quotient `want` as a Fraction, an integer, or a float with the precision of a division.

    A different order of the same operations may change a float's last digits; a rounded ratio is further off.
    """
    slack = 1e-6 if getattr(got, "dtype", None) == np.float32 else 1e-12
    number = _real(got, _("a ratio as one number"))
    if not -MAX_WHOLE < number < MAX_WHOLE or not math.isclose(number, want, rel_tol=slack):
        raise Fail(_("a number came back, but the ratio is not right"))


def _real(got: Any, expected: Text) -> Any:
    """Return a finite real number as Python's own, which can be compared with MAX_WHOLE; a float16 cannot."""
    if isinstance(got, np.ndarray) and got.shape == ():
        got = got[()]
    number: Any = got.item() if isinstance(got, np.generic) else got
    kinds = (int, float, fractions.Fraction, decimal.Decimal)
    infinite = isinstance(number, float) and not math.isfinite(number)
    if not isinstance(number, kinds) or type(number) is bool or infinite or _is_non_finite(number):
        raise _wrong_kind(expected, got)
    return number


def close(got: Any, want: float, *, tolerance: float = 1e-6, nan: bool = False) -> None:
    """Require a real number within `tolerance` of `want`: times `want` where that is above 1, else absolute.

    An integer, a Fraction, a Decimal, or a 0-d array is a number, too. NaN and the infinities are not.
    nan: require NaN where `want` is NaN. Without it, nothing is close to NaN.
    """
    if nan and math.isnan(want) and _is_nan(got):
        return
    number = _real(got, _("a number"))
    slack = tolerance * max(1.0, abs(want))
    if not -MAX_WHOLE < number < MAX_WHOLE or not abs(float(number) - want) <= slack:
        raise Fail(_("a number came back, but it is not right"))


def string(got: Any, want: str) -> None:
    """Require the string `want`, with the same letters, spaces and line breaks."""
    if not isinstance(got, str):
        raise _wrong_kind(_("a string"), got)
    if got != want:
        wrong = _("a string came back, but it is not right")
        spaces = _("a string came back, and only its capital letters or spaces are not right")
        raise Fail(spaces if _folded(got) == _folded(want) else wrong)


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


MAX_LISTED = 10_000


def sequence(got: Any, expected: Text) -> list[Any]:
    """Return the items of a list, a tuple or an array.

    expected: what the message of the Fail for anything else asks for.
    """
    if isinstance(got, np.ndarray) and got.ndim > 0:
        if len(got) > MAX_LISTED:
            raise Fail(_("it has far too many items: {length}", length=len(got)))
        return list(got)
    if isinstance(got, (list, tuple)):
        return list(got)
    raise _wrong_kind(expected, got)


def counts(got: Any, want: Sequence[int], *, where: slice = slice(None)) -> None:
    """Require as many counts as in `want`, equal to it in the places `where`."""
    items = sequence(got, _("a list with one count a layer"))
    if len(items) != len(want):
        raise Fail(_("the list is not as long as there are layers: one count a layer, Dense last"))
    for value, right in zip(items[where], list(want)[where], strict=True):
        count(value, right)


SHAPES = _("a list of shapes")
SHAPE = _("a shape in each place of the list: a tuple of whole numbers, with one axis written as in (12,)")


def shapes(got: Any, want: Sequence[tuple[int, ...]], *, where: slice = slice(None)) -> None:
    """Require shapes of weight arrays, each a tuple or a list of integers, equal to `want` in the places `where`.

    There must be as many as in `want`, unless only the first are compared.
    """
    items, first = sequence(got, SHAPES), where.start in (None, 0) and where.stop is not None
    read = _shapes(items[where])
    if len(items) < len(want[where]) or (len(items) != len(want) and not first):
        raise Fail(
            _(
                "there are {wanted} weight arrays, but {found} shapes came back",
                wanted=len(want),
                found=len(items),
            )
        )
    _same_shapes(read, want[where], start=where.start or 0)


def outputs(got: Any, want: Sequence[tuple[int, ...]]) -> None:
    """Require the shapes of a layer's outputs `want`; the message does not reveal how many there are."""
    read = _shapes(got)
    if len(read) != len(want):
        raise Fail(
            _("the layer has another number of outputs than the {found} that came back", found=len(read))
        )
    _same_shapes(read, want)


def _shapes(got: Any) -> list[tuple[int, ...]]:
    return [tuple(_size(size) for size in sequence(shape, SHAPE)) for shape in sequence(got, SHAPES)]


def _same_shapes(read: Sequence[tuple[int, ...]], want: Sequence[tuple[int, ...]], *, start: int = 0) -> None:
    pairs = enumerate(zip(read, want, strict=True), start + 1)
    wrong = [position for position, pair in pairs if pair[0] != pair[1]]
    if wrong:
        positions = ", ".join(map(str, wrong))
        raise Fail(
            ngettext(
                "the shape at place {places} is not right",
                "the shapes at places {places} are not right",
                len(wrong),
                places=positions,
            )
        )


def _size(value: Any) -> int:
    """Return a size in a shape as an integer. None, which a summary shows for the batch, gets a message of its own."""
    if value is None:
        raise Fail(_("there is None in the shape; here the size of every axis is given"))
    return whole(value)


def sizes(got: Any, want: tuple[int, ...]) -> None:
    """Require one shape, a tuple or a list of integers, equal to `want`."""
    read = sequence(got, _("one shape, a tuple of whole numbers"))
    if any(isinstance(size, (list, tuple)) for size in read):
        raise Fail(_("expected one shape, got shapes inside a list or a tuple"))
    if tuple(map(_size, read)) != want:
        raise Fail(_("the shape is not right"))


STRINGS = _("a list of strings")


def strings(got: Any, want: Sequence[str]) -> None:
    """Require a list of strings equal to `want`."""
    items = sequence(got, STRINGS)
    for item in items:
        if not isinstance(item, str):
            raise _wrong_kind(STRINGS, item)
    if len(items) != len(want):
        raise Fail(_("there should be one string a sentence, but {found} came back", found=len(items)))
    if items != list(want):
        raise Fail(_("the strings are not right"))


def shape(got: Any, want: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Return `got`, which must be an array of shape `want`; a nested list is refused."""
    if not isinstance(got, np.ndarray):
        raise _wrong_kind(_("a NumPy array"), got)
    if got.shape != want:
        raise Fail(_("shape should be {want}, got {shape}", want=want, shape=got.shape))
    return got


def array(
    got: Any, want: np.ndarray[Any, Any], *, tolerance: float = 1e-6, lists: bool = False, nan: bool = False
) -> None:
    """Require an array of the shape of `want` whose numbers differ by at most `tolerance`, or by their last digits.

    lists: also accept the numbers in a list or tuple, nested if there are several axes. nan: require NaN where `want`
    is NaN. Without it, nothing is close to NaN.
    """
    if lists and isinstance(got, (list, tuple)):
        try:
            read = np.array(got)
        except ValueError:  # rows of different lengths
            read = np.array(None)
        got = read if read.dtype.kind in "biuf" else got
    checked = shape(got, want.shape)
    rounding = 1e-10 if want.dtype.kind == "f" else 0
    if not np.allclose(checked.astype(float), want, rtol=rounding, atol=tolerance, equal_nan=nan):
        raise Fail(_("the shape is right, but the values are not"))


def distribution(got: Any, want: Any) -> None:
    """Require as many numbers as in `want`, drawn independently of each other from the same distribution.

    The distribution functions of the two samples of n values may differ by √(2 ln(4 / ERROR_RATE) / n). A sample of the
    right distribution exceeds half of this with a probability of at most ERROR_RATE / 2, whatever the distribution
    (P. Massart, The tight constant in the Dvoretzky–Kiefer–Wolfowitz inequality, Ann. Probab. 18, 1990).
    Two ways to compute a number differ in its last digits, also in float32: numbers count as the same within a relative
    1e-6, or within 1/1000 of the standard deviation where that is less.
    Raises ValueError if `want` has fewer than MIN_SAMPLE values.
    """
    right = np.sort(np.asarray(want, dtype=float).ravel())
    if right.size < MIN_SAMPLE:
        raise ValueError(f"draw at least {MIN_SAMPLE} values, not {right.size}")
    sample = np.sort(_numbers(got))
    if sample.size != right.size:
        raise Fail(_("there are not as many numbers as asked for"))
    points = np.concatenate([sample, right])
    typical = (
        np.median(np.abs(right[right != 0])) if right.any() else 0.0
    )  # numbers near 0 are rounded like the rest
    with np.errstate(over="ignore", invalid="ignore"):
        rounding = np.fmin(1e-6 * np.maximum(typical, np.abs(points)), 1e-3 * right.std())
    slack = np.maximum(rounding, 1e-12 * np.maximum(1.0, np.abs(points)))
    excess = max(
        (_number_up_to(points + slack, one) - _number_up_to(points + 2 * slack, other)).max() / right.size
        for one, other in ((sample, right), (right, sample))
    )
    if excess > math.sqrt(2 * math.log(4 / ERROR_RATE) / right.size):
        raise Fail(_("the numbers come from another distribution"))


def _number_up_to(points: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return how many of some sorted values are at most each point."""
    return np.searchsorted(values, points, side="right")


def _numbers(got: Any) -> np.ndarray[Any, Any]:
    """Return the finite numbers of a list, a tuple or an array with one axis."""
    expected = _("a list of numbers")
    if isinstance(got, np.ndarray) and got.ndim == 1 and got.dtype.kind in "iuf":
        numbers = got.astype(float)
    elif isinstance(got, (list, tuple)):
        numbers = np.array([float(_real(one, expected)) for one in got])
    else:
        raise _wrong_kind(expected, got)
    if not np.isfinite(numbers).all():
        raise Fail(_("one of the numbers is not finite"))
    return numbers


def dtype(got: Any, want: str) -> None:
    """Require an array of dtype `want`."""
    if not isinstance(got, np.ndarray) or got.dtype != np.dtype(want):
        name = got.dtype.name if isinstance(got, np.ndarray) else ""
        kind = Text.same(name) if name else kind_of(got)
        raise Fail(_("the dtype should be {want}, got {found}", want=want, found=kind))


def item(got: Any, key: str) -> Any:
    """Return the value of `key` in the dict `got`. Raises Fail if there is none."""
    if not isinstance(got, dict):
        raise _wrong_kind(_("a dict"), got)
    if key not in got:
        raise Fail(_("the dict has no key {key}", key=repr(key)))
    return got[key]


def output(
    model: Model, inputs: np.ndarray[Any, Any], layers: Mapping[str, LayerFunction] = MappingProxyType({})
) -> np.ndarray[Any, Any]:
    """Compute the output of a described model by the NumPy reference. Raises Fail for an unsupported model.

    inputs: as the model takes them, the batch first. layers: more layers than `models` has, as `recurrent.LAYERS`.
    """
    try:
        return forward(model, inputs, layers)
    except UnsupportedLayer as error:
        raise Fail(
            _(
                "the grader cannot compute the model that came back ({error}); use only the layers that the "
                "question names, with the settings it names, on inputs whose last axis has {width} numbers",
                error=error,
                width=inputs.shape[-1],
            )
        ) from error


def shown(seen: object) -> None:
    """Recognize a misconception: raise Fail unless it was seen."""
    if not seen:
        raise Fail(_("this mistake does not show"))

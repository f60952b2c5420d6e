"""What the tests of the codec between two kernels share: values, their comparison, and spoilt data."""

from __future__ import annotations

import datetime
import json
from collections import deque
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from autograder.sandbox.inside.rich_codec import decode_rich, encode_rich


def object_array(items: list[Any]) -> Any:
    array = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        array[place] = item
    return array


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in type and content, a NaN being equal to a NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray) and one.dtype == object:
        return one.shape == other.shape and same(one.ravel().tolist(), other.ravel().tolist())
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, np.generic):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, (list, tuple, deque)):
        if getattr(one, "maxlen", None) != getattr(other, "maxlen", None) or len(one) != len(other):
            return False
        return all(map(same, one, other))
    if isinstance(one, dict):
        factories = (getattr(which, "default_factory", None) for which in (one, other))
        pairs = zip(one.items(), other.items(), strict=False)
        return (
            len(one) == len(other)
            and len(set(factories)) == 1
            and all(same(list(left), list(right)) for left, right in pairs)
        )
    if isinstance(one, complex):
        return same([one.real, one.imag], [other.real, other.imag])
    if isinstance(one, (datetime.datetime, datetime.time)):
        return repr(one) == repr(other)  # with time zone and fold
    if isinstance(one, (set, frozenset)):
        return one == other and {type(item) for item in one} == {type(item) for item in other}
    return bool(one == other) or bool(one != one and other != other)


def over_the_wire(data: Any) -> Any:
    return json.loads(json.dumps(data, allow_nan=False))


def crossed(value: Any) -> Any:
    """A value after its way over the wire as JSON text."""
    return decode_rich(over_the_wire(encode_rich(value)))


def seoul(*days: str) -> Any:
    return pd.DatetimeIndex(days, tz="Asia/Seoul")


COLUMNS = {
    "bool": np.array([True, False, True]),
    "int8": np.array([1, 2, 3], "int8"),
    "float32": np.array([1, np.nan, 3], "float32"),
    "complex": np.array([1j, 2, np.nan]),
    "str": ["a", None, "c"],
    "string": pd.array(["a", None, "c"], dtype="string"),
    "object": pd.Series(["a", np.nan, [1, {2}]], dtype=object),
    "mixed": pd.Series([pd.NaT, pd.NA, pd.Timestamp("2026-01-01", tz="Asia/Seoul")], dtype=object),
    "days": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
    "seconds": pd.DatetimeIndex(["2026-01-01"] * 3).as_unit("s"),
    "zone": seoul("2026-01-01", "NaT", "2026-01-03"),
    "utc": pd.DatetimeIndex(["2026-01-01"] * 3, tz="UTC"),
    "offset": pd.DatetimeIndex(["2026-01-01T00:00+05:30"] * 3),
    "delta": pd.to_timedelta([1, None, 3], unit="s"),
    "category": pd.Categorical(["x", None, "x"], categories=["y", "x"], ordered=True),
    "cut": pd.cut([1, 5, 9], [0, 3, 10]),
    "Int64": pd.array([1, None, 2**60 + 1], dtype="Int64"),
    "UInt8": pd.array([1, None, 3], dtype="UInt8"),
    "Float64": pd.array([1, None, 0.1], dtype="Float64"),
    "boolean": pd.array([True, None, False], dtype="boolean"),
}
INDEXES = {
    "range": pd.RangeIndex(6, 0, -2, name="row"),
    "labels": pd.Index(["a", "b", "b"], name=("tuple", 1)),
    "objects": pd.Index([1, "a", (2, 3)], dtype=object),
    "integers": pd.Index([3, 1, 2], dtype="int32"),
    "dates": pd.date_range("2026-01-01", periods=3, freq="2h", tz="Asia/Seoul", name="t"),
    "months": pd.date_range("2026-01-31", periods=3, freq="ME"),
    "weeks": pd.date_range("2026-01-31", periods=3, freq="W-WED"),
    "deltas": pd.timedelta_range("1s", periods=3, freq="s"),
    "categories": pd.CategoricalIndex(["x", "y", "x"], name="c"),
    "intervals": pd.interval_range(0, 3, closed="left"),
    "several": pd.MultiIndex.from_product([["a", "b"], seoul("2026-01-01", "2026-01-02")], names=["l", None])[
        :3
    ],
    "nullable": pd.Index([1, None, 3], dtype="Int64"),
}


ODD = st.sampled_from(
    [None, True, -1, 0, 2**31, 2**62, 2**70, 10**4100, 0.5, "", "O", "U99999999", "object", "nan", "../etc", "AAAA",
     [], [1], {}, {"set": []}, {"complex": [0.5, 0.5]}, {"pandas": "NA"}, {"range": [0, 9, 1]}, [[]] * 3]
)  # fmt: skip


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all parts of JSON data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


def mutated(data: Any, path: tuple[Any, ...], new: Any) -> Any:
    """JSON data with another part at this place."""
    if not path:
        return new
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = mutated(copy[path[0]], path[1:], new)
    return copy

"""Values of pandas, for the rich codec.

Each is {"pandas": kind, ...}, its other keys as in the function that encodes it. Columns and indexes keep their dtype,
names and order. Attributes, flags and subclasses do not cross, nor do dtypes other than these: NumPy's, datetimes with
a time zone, categories, intervals, strings, and the nullable integers, floats and booleans.

pandas is not imported for encoding: without it no value is of pandas.
"""

from __future__ import annotations

import functools
import importlib
import re
import sys
import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from . import rich_arrays
from .codec import NotSerializable
from .rich_times import decode_zone, encode_zone

UNITS = ("s", "ms", "us", "ns")
NULLABLE = (
    "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean",
)  # fmt: skip
STORAGES = ("python", "pyarrow", "pyarrow_numpy")
SIDES = ("left", "right", "both", "neither")
FREQUENCY = re.compile(r"-?[0-9]{0,9}[A-Za-z]{1,8}(-[A-Z]{3})?")
MAX_ROWS = 64_000_000
"""Of an index that is only described."""


def encoder_for(kind: type) -> Any:
    """Return the function that encodes values of this class of pandas; None for any other class."""
    if "pandas" not in sys.modules or not str(kind.__module__).startswith("pandas"):
        return None
    return _encoders(sys.modules["pandas"]).get(kind)


@functools.cache
def _encoders(pd: Any) -> Mapping[type, Any]:
    names = "String", "ArrowString", "Integer", "Floating", "Boolean", "Interval", "Datetime", "Timedelta"
    arrays = dict.fromkeys((getattr(pd.arrays, f"{name}Array", None) for name in names), _encode_column)
    return {
        pd.DataFrame: _encode_frame, pd.Series: _encode_series, pd.MultiIndex: _encode_multi_index,
        pd.RangeIndex: _encode_range_index, pd.Timestamp: _encode_timestamp, pd.Timedelta: _encode_timedelta,
        pd.Interval: _encode_interval, type(pd.NaT): _encode_missing, type(pd.NA): _encode_missing,
        pd.Categorical: _encode_column, **arrays,
        **dict.fromkeys(
            (pd.Index, pd.DatetimeIndex, pd.TimedeltaIndex, pd.CategoricalIndex, pd.IntervalIndex), _encode_index
        ),
    }  # fmt: skip


def _encode_frame(encoder: Any, value: Any, depth: int) -> Any:
    encoder.take(value.shape[1])
    columns = [
        _encode_values(encoder, value.iloc[:, place].array, depth + 1) for place in range(value.shape[1])
    ]
    index, names = encoder.value(value.index, depth + 1), encoder.value(value.columns, depth + 1)
    return {"pandas": "frame", "columns": columns, "names": names, "index": index}


def _encode_series(encoder: Any, value: Any, depth: int) -> Any:
    values, index = _encode_values(encoder, value.array, depth + 1), encoder.value(value.index, depth + 1)
    return {
        "pandas": "series",
        "values": values,
        "index": index,
        "name": encoder.value(value.name, depth + 1),
    }


def _encode_index(encoder: Any, value: Any, depth: int) -> Any:
    wire = {"pandas": "index", "values": _encode_values(encoder, value.array, depth + 1)}
    frequency = getattr(value, "freqstr", None)
    return wire | {"name": encoder.value(value.name, depth + 1), "freq": frequency}


def _encode_range_index(encoder: Any, value: Any, depth: int) -> Any:
    steps = [value.start, value.stop, value.step]
    return {"pandas": "range", "steps": steps, "name": encoder.value(value.name, depth + 1)}


def _encode_multi_index(encoder: Any, value: Any, depth: int) -> Any:
    levels = encoder.items(value.levels, depth + 1)
    codes = [rich_arrays.encode_array(encoder, np.asarray(one), depth) for one in value.codes]
    names = encoder.items(value.names, depth + 1)
    return {"pandas": "multi", "levels": levels, "codes": codes, "names": names}


def _encode_column(encoder: Any, value: Any, depth: int) -> Any:
    return {"pandas": "values", "values": _encode_values(encoder, value, depth + 1)}


def _encode_values(encoder: Any, values: Any, depth: int) -> Any:
    """Encode the values of a column or an index."""
    pd: Any = sys.modules["pandas"]
    dtype = values.dtype
    kind = type(dtype)
    if isinstance(dtype, np.dtype) or type(values) is pd.arrays.NumpyExtensionArray:
        return rich_arrays.encode_array(encoder, np.asarray(values), depth)
    if kind is pd.DatetimeTZDtype:
        times = np.asarray(values, dtype=f"datetime64[{dtype.unit}]")  # in UTC
        zone = encode_zone(dtype.tz)
        return {"pandas": "zoned", "times": rich_arrays.encode_array(encoder, times, depth), "zone": zone}
    if kind is pd.CategoricalDtype:
        codes = rich_arrays.encode_array(encoder, np.asarray(values.codes), depth)
        categories = encoder.value(values.categories, depth + 1)
        return {
            "pandas": "categories",
            "codes": codes,
            "categories": categories,
            "in_order": bool(values.ordered),
        }
    if kind is pd.StringDtype:
        encoder.take(len(values))
        text = encoder.items(values.to_numpy(dtype=object, na_value=None).tolist(), depth + 1)
        missing = "NA" if dtype.na_value is pd.NA else "nan"
        return {"pandas": "strings", "text": text, "missing": missing, "storage": dtype.storage}
    if dtype.name in NULLABLE:
        numbers = values.to_numpy(dtype=dtype.numpy_dtype, na_value=0)
        parts = {"numbers": numbers, "mask": np.asarray(values.isna())}
        encoded = {name: rich_arrays.encode_array(encoder, part, depth) for name, part in parts.items()}
        return {"pandas": "nullable", "dtype": dtype.name, **encoded}
    if kind is pd.IntervalDtype:
        ends = {
            "left": encoder.value(values.left, depth + 1),
            "right": encoder.value(values.right, depth + 1),
        }
        return {"pandas": "intervals", **ends, "closed": values.closed}
    name = str(dtype)[:40]
    raise NotSerializable(f"it has a column of {name}", f"자료형이 {name}인 열이 있습니다")


def _encode_timestamp(encoder: Any, value: Any, depth: int) -> Any:
    number = int(value.asm8.view("int64"))  # in UTC
    return {"pandas": "timestamp", "value": number, "unit": value.unit, "zone": encode_zone(value.tz)}


def _encode_timedelta(encoder: Any, value: Any, depth: int) -> Any:
    return {"pandas": "timedelta", "value": int(value.asm8.view("int64")), "unit": value.unit}


def _encode_interval(encoder: Any, value: Any, depth: int) -> Any:
    left, right = encoder.value(value.left, depth + 1), encoder.value(value.right, depth + 1)
    return {"pandas": "interval", "left": left, "right": right, "closed": value.closed}


def _encode_missing(encoder: Any, value: Any, depth: int) -> Any:
    return {"pandas": "NaT" if value is sys.modules["pandas"].NaT else "NA"}


def _decode(decoder: Any, data: dict[str, Any], depth: int) -> Any:
    kind = data["pandas"]
    try:
        pd: Any = sys.modules.get("pandas") or importlib.import_module("pandas")
    except ImportError:
        raise NotSerializable(
            "it needs pandas, which is not installed", "pandas가 설치되어 있지 않습니다"
        ) from None
    if kind in SCALARS:  # there may be many
        return SCALARS[kind](decoder, data, depth, pd)
    decode = DECODERS[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of forged values
        value = decode(decoder, data, depth, pd)
    if isinstance(value, (pd.DataFrame, pd.Series)) and not value.size:
        decoder.notice()
    return value


def _index(decoder: Any, data: Any, depth: int, pd: Any) -> Any:
    index = decoder.value(data, depth)
    if not isinstance(index, pd.Index):
        raise NotSerializable("expected an index")
    return index


def _unique(decoder: Any, index: Any) -> Any:
    """Return an index whose values pandas will hash."""
    if index.dtype == object:
        decoder.check_keys(list(index))
    return index


def _values(decoder: Any, data: Any, depth: int, pd: Any) -> Any:
    if type(data) is dict and data.get("pandas") in COLUMNS:
        return decoder.value(data, depth)
    values = rich_arrays.part(decoder, data, depth)
    if values.ndim != 1:
        raise NotSerializable("a column has one dimension")
    return values


def _decode_frame(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    index, names = _index(decoder, data["index"], depth, pd), _index(decoder, data["names"], depth, pd)
    columns = data["columns"]
    if type(columns) is not list or len(columns) != len(names):
        raise NotSerializable("malformed frame")
    decoder.take(len(columns))
    # columns of one index are not aligned, and numbers for names are never equal
    frame = pd.DataFrame(
        {
            place: _series(_values(decoder, one, depth, pd), index, None, pd)
            for place, one in enumerate(columns)
        },
        index=index,
    )
    frame.columns = names
    return frame


def _decode_series(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    index = _index(decoder, data["index"], depth, pd)
    values = _values(decoder, data["values"], depth, pd)
    return _series(values, index, decoder.value(data["name"], depth), pd)


def _series(values: Any, index: Any, name: Any, pd: Any) -> Any:
    if len(values) != len(index):
        raise NotSerializable("a column that does not fit its index")
    return pd.Series(values, index=index, name=name, dtype=values.dtype, copy=False)


def _decode_index(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    values, name = _values(decoder, data["values"], depth, pd), decoder.value(data["name"], depth)
    index = pd.Index(values, name=name, dtype=values.dtype, copy=False, tupleize_cols=False)
    frequency = data["freq"]
    if type(frequency) is str and FREQUENCY.fullmatch(frequency) and hasattr(index, "freq"):
        try:
            index.freq = pd.tseries.frequencies.to_offset(frequency)
        except ValueError:  # not every frequency is all in its name
            index.freq = None
    return index


def _decode_range_index(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    steps = data["steps"]
    if type(steps) is not list or len(steps) != 3:
        raise NotSerializable("malformed index")
    if any(type(one) is not int or abs(one) >= 2**62 for one in steps) or len(range(*steps)) > MAX_ROWS:
        raise NotSerializable("malformed index")
    return pd.RangeIndex(*steps, name=decoder.value(data["name"], depth))


def _decode_multi_index(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    if any(type(data[part]) is not list for part in ("levels", "codes", "names")):
        raise NotSerializable("malformed index")
    decoder.take(3 * len(data["levels"]))
    levels = [_unique(decoder, _index(decoder, one, depth, pd)) for one in data["levels"]]
    codes = [rich_arrays.part(decoder, one, depth) for one in data["codes"]]
    if any(one.dtype.kind != "i" or one.ndim != 1 for one in codes):
        raise NotSerializable("malformed index")
    return pd.MultiIndex(levels=levels, codes=codes, names=decoder.items(data["names"], depth))


def _decode_column(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    values = _values(decoder, data["values"], depth, pd)
    if isinstance(values, np.ndarray):
        if values.dtype.kind not in "mM":
            raise NotSerializable("an array of its own")
        return pd.array(values, dtype=values.dtype)
    return values


def _decode_zoned(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    times, zone = rich_arrays.part(decoder, data["times"], depth), decode_zone(data["zone"])
    if times.dtype.kind != "M" or times.ndim != 1 or zone is None:
        raise NotSerializable("malformed times")
    return pd.DatetimeIndex(times).tz_localize("UTC").tz_convert(zone).array


def _decode_categories(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    codes = rich_arrays.part(decoder, data["codes"], depth)
    categories = _unique(decoder, _index(decoder, data["categories"], depth, pd))
    if codes.dtype.kind != "i" or codes.ndim != 1 or type(data["in_order"]) is not bool:
        raise NotSerializable("malformed categories")
    return pd.Categorical.from_codes(codes, categories=categories, ordered=data["in_order"])


def _decode_strings(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    text, storage = decoder.items(data["text"], depth), data["storage"]
    if not {str, type(None)} >= set(map(type, text)) or storage not in STORAGES:
        raise NotSerializable("malformed strings")
    if data["missing"] == "NA" and None in text:
        decoder.notice()
    # pandas 2.2 has no `na_value`, and a storage for it
    missing = {} if data["missing"] == "NA" or storage == "pyarrow_numpy" else {"na_value": np.nan}
    return pd.array(text, dtype=pd.StringDtype(storage, **missing))


def _decode_nullable(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    name = data["dtype"]
    numbers, mask = (rich_arrays.part(decoder, data[part], depth) for part in ("numbers", "mask"))
    if name not in NULLABLE or numbers.dtype.name != name.removesuffix("ean").lower() or numbers.ndim != 1:
        raise NotSerializable("malformed column")
    if mask.any():
        decoder.notice()
    kinds = {"b": pd.arrays.BooleanArray, "f": pd.arrays.FloatingArray}
    return kinds.get(numbers.dtype.kind, pd.arrays.IntegerArray)(numbers, mask)


def _decode_intervals(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    left, right = (_index(decoder, data[side], depth, pd) for side in ("left", "right"))
    if data["closed"] not in SIDES:
        raise NotSerializable("malformed intervals")
    return pd.arrays.IntervalArray.from_arrays(left, right, closed=data["closed"])


def _time(data: dict[str, Any], kind: Any) -> Any:
    value, unit = data["value"], data["unit"]
    if type(value) is not int or not -(2**63) < value < 2**63 or unit not in UNITS:
        raise NotSerializable("malformed time")
    return kind(value, unit)


def _decode_timestamp(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    stamp, zone = pd.Timestamp(_time(data, np.datetime64)), decode_zone(data["zone"])
    return stamp if zone is None else stamp.tz_localize("UTC").tz_convert(zone)


def _decode_timedelta(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    return pd.Timedelta(_time(data, np.timedelta64))


def _decode_na(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    decoder.notice()
    return pd.NA


def _decode_interval(decoder: Any, data: dict[str, Any], depth: int, pd: Any) -> Any:
    left, right = decoder.value(data["left"], depth), decoder.value(data["right"], depth)
    return pd.Interval(left, right, closed=data["closed"])


COLUMNS: Mapping[str, Any] = MappingProxyType(
    {
        "zoned": _decode_zoned, "categories": _decode_categories, "strings": _decode_strings,
        "nullable": _decode_nullable, "intervals": _decode_intervals,
    }
)  # fmt: skip
DECODERS: Mapping[str, Any] = MappingProxyType(
    {
        "frame": _decode_frame, "series": _decode_series, "index": _decode_index, "range": _decode_range_index,
        "multi": _decode_multi_index, "values": _decode_column, **COLUMNS,
    }
)  # fmt: skip
SCALARS: Mapping[str, Any] = MappingProxyType(
    {
        "timestamp": _decode_timestamp, "timedelta": _decode_timedelta, "interval": _decode_interval,
        "NaT": lambda decoder, data, depth, pd: pd.NaT, "NA": _decode_na,
    }
)  # fmt: skip
TAGS: Mapping[str, Any] = MappingProxyType({"pandas": _decode})

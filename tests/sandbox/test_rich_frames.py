"""Values of pandas between two sealed kernels: frames, series and indexes keep dtypes, names and order."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.sandbox.inside.rich_codec import encode_rich
from tests.sandbox.rich_values import COLUMNS, INDEXES, crossed, same
from tests.support import ROOT


class TestPandas:
    """Frames, series and indexes keep dtypes, names and order."""

    @pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
    def test_index_crosses(self, index: Any) -> None:
        """Each class of index, with its dtype, names and frequency."""
        got = crossed(index)
        assert type(got) is type(index)
        pd.testing.assert_index_equal(got, index, exact=True, check_exact=True)
        assert got.names == index.names
        assert getattr(got, "freq", None) == getattr(index, "freq", None)

    @pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
    @pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
    def test_series_crosses(self, column: Any, index: Any) -> None:
        """Each dtype, on each index."""
        series = pd.Series(column, index=index if not isinstance(column, pd.Series) else None, name=3)
        got = crossed(series)
        pd.testing.assert_series_equal(got, series, check_freq=True, check_index_type=True, check_exact=True)
        assert got.dtype == series.dtype
        assert type(got.index) is type(series.index)
        assert same(got.astype(object).map(repr).tolist(), series.astype(object).map(repr).tolist())

    @pytest.mark.parametrize("rows", [3, 0])
    def test_frame_of_all_columns_crosses(self, rows: int) -> None:
        """With its dtypes, order, duplicate names and no rows at all."""
        frame = pd.DataFrame({name: pd.Series(column) for name, column in COLUMNS.items()})[:rows]
        frame.columns = [*frame.columns[:-2], "twice", "twice"]
        frame.columns.name = "columns"
        frame.index = INDEXES["labels"][:rows]
        got = crossed(frame)
        pd.testing.assert_frame_equal(got, frame, check_exact=True, check_freq=True)
        assert got.dtypes.tolist() == frame.dtypes.tolist()

    @pytest.mark.parametrize(
        "frame",
        [
            pd.DataFrame(), pd.DataFrame(index=[1, 2]), pd.DataFrame(columns=["a"]),
            pd.DataFrame(np.arange(6).reshape(2, 3)),
            pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
            pd.DataFrame({"g": list("aab"), "v": [1, 2, 3]}).groupby("g").agg({"v": ["sum", "mean"]}),
        ],
    )  # fmt: skip
    def test_frame_with_an_odd_shape_crosses(self, frame: Any) -> None:
        """Without rows, without columns, and with several levels of columns."""
        got = crossed(frame)
        pd.testing.assert_frame_equal(got, frame, check_exact=True)
        assert (type(got.index), type(got.columns)) == (type(frame.index), type(frame.columns))

    @pytest.mark.parametrize(
        "value",
        [
            pd.Timestamp("2026-01-01 01:02:03.123456789"), pd.Timestamp("2026-01-01").as_unit("s"),
            pd.Timestamp("2026-11-01 06:30", tz="UTC").tz_convert("America/New_York"),
            pd.Timestamp("2026-01-01T00:00+05:30"),
            pd.Timedelta("1 day 2ns"), pd.Timedelta(5, "s").as_unit("ms"), pd.NaT, pd.NA,
            pd.Interval(0, 1.5, closed="both"), pd.Interval(pd.Timestamp("2026"), pd.Timestamp("2027")),
        ],
    )  # fmt: skip
    def test_scalar_crosses(self, value: Any) -> None:
        """With its unit, zone and type; NaT and NA are the same objects."""
        got = crossed(value)
        assert type(got) is type(value)
        assert repr(got) == repr(value)
        assert getattr(got, "unit", None) == getattr(value, "unit", None)
        assert got is value or got == value

    @pytest.mark.parametrize("name", ["string", "zone", "category", "cut", "Int64", "boolean", "Float64"])
    def test_values_of_a_column_cross(self, name: str) -> None:
        """What `Series.array` and `unique()` return has its type."""
        values = pd.Series(COLUMNS[name]).array
        got = crossed(values)
        assert type(got) is type(values)
        pd.testing.assert_extension_array_equal(got, values)

    def test_pandas_is_imported_only_where_data_need_it(self) -> None:
        """A kernel without frames does not pay for pandas; one that receives a frame imports it."""
        program = (
            "import sys, json\n"
            "from autograder.sandbox.inside.rich_codec import decode_rich, encode_rich\n"
            "decode_rich(encode_rich([1, {2}]))\n"
            "assert 'pandas' not in sys.modules\n"
            "print(decode_rich(json.loads(sys.stdin.read())).sum())\n"
        )
        wire = json.dumps(encode_rich(pd.Series([1, 2])))
        ran = subprocess.run(
            [sys.executable, "-c", program], input=wire, capture_output=True, text=True, cwd=ROOT
        )
        assert ran.stdout == "3\n", ran.stderr

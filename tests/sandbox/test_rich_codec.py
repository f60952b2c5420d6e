"""What crosses between two sealed kernels: values with their exact type, and functions as references."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import enum
import functools
import inspect
import math
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.sandbox.inside import codec
from autograder.sandbox.inside.codec import NotSerializable
from autograder.sandbox.inside.rich_codec import TAGS, decode_rich, encode_rich
from autograder.sandbox.inside.rich_functions import to_signature
from tests.sandbox.rich_values import (
    COLUMNS,
    INDEXES,
    ODD,
    crossed,
    mutated,
    object_array,
    over_the_wire,
    places,
    same,
    seoul,
)

few = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
Point = namedtuple("Point", "x y")

ZONES = st.none() | st.sampled_from([
    datetime.UTC, datetime.timezone(datetime.timedelta(hours=9)), datetime.timezone(datetime.timedelta(hours=9), "KST"),
    zoneinfo.ZoneInfo("Asia/Seoul"), zoneinfo.ZoneInfo("America/New_York"),
])  # fmt: skip
NUMBERS = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
           "float16", "float32", "float64", "complex64", "complex128")  # fmt: skip
ARRAY_DTYPES = (
    *NUMBERS,
    "datetime64[D]",
    "datetime64[ns]",
    "datetime64[25s]",
    "timedelta64[ms]",
    "U5",
    "S3",
    ">i4",
    ">U2",
)
ARRAYS = arrays.arrays(
    st.sampled_from(ARRAY_DTYPES), arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
)
SCALARS = st.sampled_from((*NUMBERS, "datetime64[D]", "timedelta64[ns]")).flatmap(
    lambda name: arrays.from_dtype(np.dtype(name)).map(lambda value: np.array([value], dtype=name)[0])
)
INTEGERS = st.integers(-(10**50), 10**50)
KEYS = (
    st.none() | st.booleans() | INTEGERS | st.text(max_size=5) | st.binary(max_size=5)
    | st.floats(allow_nan=False) | st.complex_numbers(allow_nan=False) | st.fractions()
    | st.dates() | st.timedeltas()
    | st.decimals(allow_nan=False) | st.tuples(INTEGERS, st.text(max_size=2))
)  # fmt: skip
LEAVES = (
    KEYS | st.floats() | st.complex_numbers() | ARRAYS | SCALARS
    | st.just(...) | st.builds(slice, INTEGERS, INTEGERS) | st.builds(range, INTEGERS, INTEGERS)
    | st.binary(max_size=5).map(bytearray) | st.binary(max_size=5).map(np.bytes_)
    | st.text(max_size=5).map(np.str_) | st.datetimes(timezones=ZONES) | st.times(timezones=ZONES)
    | st.sets(KEYS, max_size=4) | st.frozensets(KEYS, max_size=4)
)  # fmt: skip


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Everything that holds other values."""
    lists, dicts = st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)
    return (
        lists | lists.map(tuple) | dicts | dicts.map(Counter) | dicts.map(OrderedDict)
        | st.builds(defaultdict, st.sampled_from([None, int, float, list, dict, set, str]), dicts)
        | st.builds(deque, lists, st.none() | st.integers(3, 5)) | lists.map(object_array)
    )  # fmt: skip


VALUES = st.recursive(LEAVES, containers, max_leaves=8)


def refusal(value: Any) -> str:
    with pytest.raises(NotSerializable) as error:
        encode_rich(value)
    return str(error.value)


class TestRoundTrip:
    """Values keep their exact type."""

    @few
    @given(VALUES)
    @example(-0.0)
    @example(np.str_("a\0"))
    @example({1: [math.nan], True and 2.0: "x"})
    @example(np.zeros((2, 0, 3), "U0"))
    @example(np.array(False))
    @example(np.array([], ">i4"))
    def test_value_keeps_its_type_and_content(self, value: Any) -> None:
        """Every kind of value, nested, has the same type and content afterwards."""
        assert same(crossed(value), value)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (range(3), [0, 1, 2]), (np.str_("a"), "a"), ([1], (1,)), (Counter(), {}), ({1}, frozenset([1])),
            (np.zeros(2, ">i4"), np.zeros(2, "<i4")), (deque([1], 2), deque([1])), (1, True),
            (defaultdict(int), defaultdict(list)), (np.datetime64(1, "s"), np.datetime64(1000, "ms")),
        ],
    )  # fmt: skip
    def test_the_comparison_of_this_module_sees_a_difference(self, one: Any, other: Any) -> None:
        """`same` tells values of unequal types apart."""
        assert not same(one, other)

    def test_array_may_be_written_to(self) -> None:
        """An array off the wire is one of its own."""
        assert all(crossed(np.zeros(2, dtype)).flags.writeable for dtype in (bool, float, "U2", object))

    def test_array_keeps_the_order_of_its_items_in_memory(self) -> None:
        """NumPy adds and multiplies in that order, and rounds each time."""
        for array in (np.arange(6.0).reshape(2, 3), np.arange(6).reshape(2, 3).T, np.eye(2, 3, dtype=bool).T):
            arrived = crossed(array)
            assert np.array_equal(arrived, array)
            assert (arrived.flags.fnc, arrived.flags.forc) == (array.flags.fnc, array.flags.forc)

    def test_lists_in_an_object_array_stay_lists(self) -> None:
        """Lists of equal length in an array do not become another dimension."""
        got = crossed(object_array([[1, 2], [3, 4]]).reshape(1, 2))
        assert got.shape == (1, 2)
        assert got[0, 1] == [3, 4]

    def test_matrix_stays_a_matrix(self) -> None:
        """The product of two matrices is not that of their elements."""
        assert (crossed(np.matrix([[1, 2], [3, 4]])) * np.matrix([[1], [1]])).tolist() == [[3], [7]]

    def test_masked_array_keeps_mask_and_fill_value(self) -> None:
        """What is masked stays so, and is filled with the same value."""
        got = crossed(np.ma.masked_greater(np.arange(4.0), 2))
        got.fill_value = -1
        assert crossed(got).filled().tolist() == [0, 1, 2, -1]
        assert crossed(np.ma.masked) is np.ma.masked

    def test_named_tuple_has_its_name_and_fields(self) -> None:
        """It is equal as a tuple, its attributes work, and two of one class have one class again."""
        one, other = crossed([Point(1, [2]), Point(3, 4)])
        assert one == (1, [2])
        assert (one.y, repr(other)) == ([2], "Point(x=3, y=4)")
        assert type(one) is type(other)

    def test_ordered_dict_keeps_an_order_of_its_own(self) -> None:
        """Keys that were moved stay where they were moved."""
        value = OrderedDict(a=1, b=2)
        value.move_to_end("a")
        assert list(crossed(value)) == ["b", "a"]

    @pytest.mark.parametrize("value", [math.factorial(200), decimal.Decimal(2) ** 300 / 7])
    def test_numbers_of_hundreds_of_digits_cross(self, value: Any) -> None:
        """A right answer may have more digits than the checks of a question need."""
        with decimal.localcontext(prec=500):
            assert same(crossed(value), value)

    @pytest.mark.parametrize("depth", [30, 60])
    @pytest.mark.parametrize(
        "wrap",
        [
            lambda inner: [inner], lambda inner: (inner,), lambda inner: {"in": inner}, lambda inner: deque([inner]),
            lambda inner: Point(1, inner), lambda inner: object_array([inner]), lambda inner: slice(inner),
            lambda inner: OrderedDict(a=inner),
        ],
    )  # fmt: skip
    def test_every_encoded_depth_decodes(self, wrap: Any, depth: int) -> None:
        """The reading end is not stricter about depth than the sending end."""
        value: Any = 1j
        for _ in range(depth):
            value = wrap(value)
        assert repr(crossed(value)) == repr(value)

    def test_function_inside_a_value_is_resolved(self) -> None:
        """A reference inside lists and dicts arrives as what its number stands for."""
        value = [{"f": len}, [max]]
        wire = over_the_wire(encode_rich(value, [len, max].index))
        got = decode_rich(wire, lambda number, *described: [len, max][number])
        assert got[0]["f"] is len
        assert got[1][0] is max

    @pytest.mark.parametrize(
        "value",
        [object_array([max]), namedtuple("Frame", "equals")(max)],
        ids=["an object array", "a named tuple"],
    )
    def test_no_value_has_methods_of_the_other_kernel(self, value: Any) -> None:
        """A function as a field would be called like a method of the value."""
        wire = over_the_wire(encode_rich(value, [max].index))
        with pytest.raises(NotSerializable, match="it is a function"):
            decode_rich(wire, lambda number, *described: max)


class TestPlainValues:
    """Of a subclass of a built-in type, the value in it crosses, whatever its methods say."""

    @pytest.mark.parametrize(
        ("value", "plain"),
        [
            (type("L", (list,), {"__iter__": lambda self: iter([9]), "__len__": lambda self: 9})([1]), [1]),
            (type("D", (dict,), {"items": lambda self: [(9, 9)], "__len__": lambda self: 9})(a=1), {"a": 1}),
            (type("S", (set,), {"__iter__": lambda self: iter([9])})([1]), {1}),
            (type("B", (bytes,), {"__bytes__": lambda self: b"no", "__len__": lambda self: 0})(b"yes"), b"yes"),
            (type("C", (complex,), {"real": 9.0, "__complex__": lambda self: 9j})(1j), 1j),
            (type("Q", (deque,), {"maxlen": 1, "__iter__": lambda self: iter([9])})([1, 2]), deque([1, 2])),
            (type("N", (Counter,), {"items": lambda self: [(9, 9)]})("aab"), Counter("aab")),
            (type("P", (Point,), {"_fields": ("x",)})(1, 2), (1, 2)),
            (type("A", (np.ndarray,), {"tobytes": lambda self: b""})((1,), buffer=b"\1" * 8, dtype=int).view(), None),
            (enum.Enum("Color", {"RED": (1, 2)}).RED, (1, 2)),
            (enum.IntFlag("Flags", {"A": 1, "B": 2})(3), 3),
            (enum.StrEnum("Word", {"A": "a"}).A, "a"),
        ],
        ids=lambda value: type(value).__name__,
    )  # fmt: skip
    def test_it_is_the_plain_value(self, value: Any, plain: Any) -> None:
        """And of exactly that type; a member of an enumeration is its value."""
        got = crossed(value)
        assert same(got, np.asarray(value) if plain is None else plain)

    def test_tensor_is_an_array(self) -> None:
        """A tensor of a library that is known is what its method `numpy` returns."""
        marks = {
            "__module__": "tensorflow.python.framework.ops",
            "numpy": lambda self: np.ones(2, "float32"),
        }
        tensor = type("EagerTensor", (), marks)()
        assert same(crossed(tensor), np.ones(2, "float32"))


class TestRefused:
    """What is not data is refused by name."""

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (object(), "its type is object"),
            (int, "its type is type"),
            (print, "its type is builtin_function_or_method"),
            (lambda: 1, "its type is function"),
            (NotImplemented, "its type is NotImplementedType"),
            (zip([1]), "it is a generator"),
            (map(abs, [1]), "it is a generator"),
            (filter(None, [1]), "it is a generator"),
            ((one for one in [1]), "it is a generator"),
            (iter([1]), "it is a generator"),
            (memoryview(b"a"), "its type is memoryview"),
            (10**4000, "it is an integer of more than 4000 digits"),
            ([0] * 2_000_001, "it has too many items"),
            ("x" * 48_000_001, "it has too much text"),
            (["x" * 30_000_000] * 2, "it has too much text"),
            (np.zeros(8_000_001), "its arrays are too big"),
            ([np.zeros(5_000_000)] * 2, "its arrays are too big"),
            ([math.factorial(1000)] * 100_000, "it has too much text"),
            (np.zeros(1, "i4,i4"), "it is an array of void64"),
            (
                defaultdict(len),
                "it is a defaultdict whose factory is no function, nor int, float, str, list, dict or set",
            ),
            (
                datetime.time(tzinfo=type("Zone", (datetime.tzinfo,), {})()),
                "it has a time zone without a name",
            ),
            (pd.Series([1]).groupby([0]), "its type is SeriesGroupBy"),
            (pd.period_range("2026", periods=2), "its type is PeriodIndex"),
            (pd.Series(pd.period_range("2026", periods=2)), "it has a column of period[D]"),
        ],
        ids=lambda value: value if isinstance(value, str) and len(value) < 99 else "",
    )
    def test_refusal_names_the_kind_of_value(self, value: Any, message: str) -> None:
        """The message names the kind of thing, or the limit."""
        assert refusal(value).replace("[Y-DEC]", "[D]") == message

    @pytest.mark.parametrize("number", [-1, 2**62, True, "0", None])
    def test_generator_with_a_number_that_is_none_is_refused(self, number: Any) -> None:
        """The other kernel may write what it likes; without anything that calls it, no generator arrives at all."""
        with pytest.raises(NotSerializable, match="malformed generator"):
            decode_rich({"generator": number}, lambda *_given: print)
        with pytest.raises(NotSerializable, match="it is a generator"):
            decode_rich({"generator": 0})

    def test_value_in_itself_is_refused(self) -> None:
        """A list, a dict and an object array that hold themselves end at the limit of depth."""
        loop: list[Any] = []
        loop.append(loop)
        table: dict[str, Any] = {}
        table["self"] = table
        array = np.empty(1, dtype=object)
        array[0] = array
        assert {refusal(value) for value in (loop, table, array)} == {"it is nested too deeply"}

    def test_errors_of_a_students_value_are_refused(self) -> None:
        """Errors of a value's own methods do not leave the codec."""

        class Tensor:
            __module__ = "torch"

            def numpy(self) -> None:
                raise RuntimeError

        assert refusal(Tensor()) == "reading it raised RuntimeError"

    def test_texts_are_korean_as_well(self) -> None:
        """Each message has its Korean."""
        with pytest.raises(NotSerializable) as error:
            encode_rich(memoryview(b""))
        assert error.value.ko == "자료형이 memoryview입니다"

    def test_the_codec_of_questions_knows_none_of_it(self) -> None:
        """What the trusted process decodes has not grown by the tags of this codec."""
        new = [tag for tag in TAGS if tag not in codec.TAGGED]
        assert len(new) > 20
        for value in (
            1j,
            {1},
            range(3),
            np.str_("a"),
            pd.Series([1]),
            datetime.date.min,
            np.zeros(1, complex),
        ):
            with pytest.raises(NotSerializable):
                codec.decode(encode_rich(value))


class TestFunctions:
    """A callable crosses as a number and its description."""

    def test_function_is_described(self) -> None:
        """Name, docstring and parameters cross; a default that is not data is null."""

        def scale(x: Any, /, by: Any = (1, 2), *rest: Any, key: Any = len, **more: Any) -> None:
            """Scale."""

        seen: list[Any] = []
        wire = over_the_wire(encode_rich(scale, lambda value: 7))
        got = decode_rich(wire, lambda *arguments: seen.append(arguments) or "proxy")
        assert got == "proxy"
        number, name, doc, parameters = seen[0]
        assert (number, name, doc) == (7, "scale", "Scale.")
        assert parameters == [
            ["x", "POSITIONAL_ONLY", False, None], ["by", "POSITIONAL_OR_KEYWORD", True, (1, 2)],
            ["rest", "VAR_POSITIONAL", False, None], ["key", "KEYWORD_ONLY", True, None],
            ["more", "VAR_KEYWORD", False, None],
        ]  # fmt: skip
        assert str(to_signature(parameters)) == "(x, /, by=(1, 2), *rest, key=None, **more)"

    @pytest.mark.parametrize(
        ("value", "name"),
        [
            (len, "len"), ([].append, "append"), (functools.partial(max, 1), "partial"), (np.add, "add"),
            (type("Layer", (), {"__call__": lambda self: 1})(), "Layer"), (math.hypot, "hypot"),
            (type("Odd", (), {"__call__": lambda self: 1, "__name__": 5, "__signature__": 5})(), "Odd"),
        ],
    )  # fmt: skip
    def test_everything_callable_has_a_reference(self, value: Any, name: str) -> None:
        """Built-in functions, methods, partials, ufuncs and callable instances are functions."""
        wire = over_the_wire(encode_rich([value], lambda asked: 3 if asked is value else None))
        assert decode_rich(wire, lambda number, name, doc, signature: (number, name)) == [(3, name)]

    def test_long_names_and_docstrings_are_cut(self) -> None:
        """A docstring has at most 5,000 characters, a name 200."""

        def long() -> None: ...

        long.__name__, long.__doc__ = "n" * 999, "d" * 9999
        wire = encode_rich(long, lambda value: 0)
        assert (len(wire["name"]), len(wire["doc"])) == (200, 5_000)

    def test_class_is_never_asked_for(self) -> None:
        """A class is not data, whatever `refer` would say."""
        with pytest.raises(NotSerializable, match="its type is type"):
            encode_rich(dict, lambda value: 1)

    @pytest.mark.parametrize("refer", [None, lambda value: None])
    def test_without_a_number_a_function_is_refused(self, refer: Any) -> None:
        """A function that has no reference is named as what it is."""
        with pytest.raises(NotSerializable, match="its type is function"):
            encode_rich(lambda: 1, refer)

    def test_without_resolve_a_function_is_refused(self) -> None:
        """A forged reference is not an error of ours."""
        with pytest.raises(NotSerializable, match="it is a function"):
            decode_rich(encode_rich(len, lambda value: 1))

    def test_parameters_that_contradict_each_other_are_no_signature(self) -> None:
        """A forged description has two parameters of one name."""
        twice = [["x", "KEYWORD_ONLY", False, None]] * 2
        assert to_signature(twice) is None
        assert isinstance(to_signature([]), inspect.Signature)


def samples() -> list[Any]:
    """Wire data of every kind."""
    frame = pd.DataFrame({name: pd.Series(column) for name, column in COLUMNS.items()})
    values = [
        frame, *INDEXES.values(), pd.Interval(0, 1), pd.Timestamp("2026", tz="UTC"), pd.Timedelta(1), pd.NaT,
        Point(1, 2), range(3), 1j, {1, 2}, frozenset([1]), b"a", bytearray(b"a"), slice(1), ..., deque([1], 3),
        Counter("a"), OrderedDict(a=1), defaultdict(int, a=1), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        datetime.date(2026, 1, 1), datetime.time(1), datetime.timedelta(1), np.zeros(2, "U3"), object_array([1]),
        np.ma.masked_equal([1, 2], 1), np.matrix([[1]]), np.datetime64(1, "s"), np.str_("a"), np.bytes_(b"a"),
        np.float32(1), 0.5, math.nan, decimal.Decimal("1.5"), seoul("2026-01-01"), np.ma.masked, {"a": (1,)},
    ]  # fmt: skip
    return [over_the_wire(encode_rich(value)) for value in values] + [
        encode_rich(lambda a, b=1: a, lambda value: 1)
    ]


SAMPLES = samples()


class TestHostile:
    """Forged data are a value or NotSerializable, and run nothing."""

    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def test_spoilt_data_are_refused_or_data(self, data: st.DataObject) -> None:
        """One or two parts of real data, replaced by something else or by each other, raise nothing else."""
        wire = data.draw(st.sampled_from(SAMPLES))
        for _ in range(data.draw(st.integers(1, 2))):
            part = ODD | st.sampled_from(SAMPLES)
            wire = mutated(wire, data.draw(st.sampled_from(places(wire))), data.draw(part))
        with contextlib.suppress(NotSerializable):
            decode_rich(wire, lambda *described: len)

    @pytest.mark.parametrize(
        "data",
        [
            {"array": "AA==", "dtype": "object", "shape": [1]},
            {"array": "AA==", "dtype": "V1", "shape": [1]},
            {"array": "AA==", "dtype": "i1,i1", "shape": [1]},
            {"array": "", "dtype": "U99999999", "shape": [0]},
            {"array": "", "dtype": "int8", "shape": [0, 2**40]},
            {"array": "/////w==", "dtype": "U1", "shape": [1]},
            {"object_array": [], "shape": [0, 2**40]},
            {"numpy_scalar": {"object_array": [1], "shape": []}},
            {"namedtuple": "P", "fields": ["x"], "items": []},
            {"namedtuple": "1); import os", "fields": ["x"], "items": [1]},
            {"namedtuple": "P", "fields": [], "items": []},
            {"defaultdict": [], "factory": "eval"},
            {"datetime": [2026, 1, 1, 0, 0, 0, 0], "fold": 0, "zone": {"key": "../../etc/passwd"}},
            {"datetime": [2026, 1, 1, 0, 0, 0, 0], "fold": 0, "zone": {"key": "tzdata"}},
            {"timedelta": [10**30, 0, 0]},
            {"deque": [1], "maxlen": -1},
            {"decimal": "1" * 4_001},
            {"set": [[1]]},
            {"set": [number * (2**61 - 1) for number in range(1, 20)]},
            {"pandas": "eval"},
            {"pandas": ["frame"]},
            {"pandas": "range", "steps": [0, 2**50, 1], "name": None},
            {"pandas": "nullable", "dtype": "object", "numbers": None, "mask": None},
            {"pandas": "timestamp", "value": 1, "unit": "Y", "zone": None},
            {"pandas": "strings", "text": ["a", 1], "missing": "nan", "storage": "python"},
            {"pandas": "strings", "text": ["a"], "missing": "nan", "storage": "other"},
            {"unknown": 1},
            object(),
            math.nan,
        ],
        ids=lambda data: "an object" if type(data) is object else str(data)[:60],
    )
    def test_forged_value_is_refused(self, data: Any) -> None:
        """Wrong names, sizes, types and dtypes are refused."""
        with pytest.raises(NotSerializable):
            decode_rich(data)

    @pytest.mark.parametrize("key", ["../etc/passwd", "/etc/passwd", "Asia/.", "a b", "a" * 99, ""])
    def test_zone_is_never_a_path(self, key: str) -> None:
        """The name of a time zone is refused before a file or a module is looked for."""
        for zone in ({"key": key}, {"pytz": key}):
            with pytest.raises(NotSerializable, match=r"^malformed time zone$"):
                decode_rich({"time": [0, 0, 0, 0], "fold": 0, "zone": zone})

    def test_forged_truth_value_counts_as_one(self) -> None:
        """A byte of 7 in an array of truth values is True, and its sum 1."""
        got = decode_rich({"array": "Bw==", "dtype": "bool", "shape": [1]})
        assert got.view(np.uint8).tolist() == [1]

    def test_classes_of_named_tuples_are_counted(self) -> None:
        """A forged list of thousands of classes is refused before it costs seconds."""
        data = [{"namedtuple": f"P{number}", "fields": ["x"], "items": [1]} for number in range(1_000)]
        with pytest.raises(NotSerializable, match="too many classes"):
            decode_rich(data)

    def test_levels_of_equal_hashes_are_refused(self) -> None:
        """pandas would compare each of the categories with all before it."""
        wire = encode_rich(pd.Categorical([1, 2]))
        items = [{"fraction": [number * (2**61 - 1), 1]} for number in range(1, 20)]
        wire["values"]["categories"] = {
            "pandas": "index", "values": {"object_array": items, "shape": [len(items)]}, "name": None, "freq": None,
        }  # fmt: skip
        with pytest.raises(NotSerializable, match="too many of one hash"):
            decode_rich(wire)

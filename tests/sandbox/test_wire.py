"""What crosses the wire: every kind of value comes back as it was, and nothing malformed gets further."""

from __future__ import annotations

import base64
import decimal
import fractions
import json
import math
from collections import namedtuple
from enum import IntEnum
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.errors import AnswerError
from autograder.sandbox import wire
from autograder.sandbox.inside.codec import Handle, Layers, NotSerializable, decode, encode

bounded = settings(max_examples=100)

WHOLE = st.integers(-(10**40) + 1, 10**40 - 1)
DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float16", "float32", "float64")  # fmt: skip
SCALARS = st.sampled_from(DTYPES).flatmap(
    lambda name: arrays.from_dtype(np.dtype(name)).map(np.dtype(name).type)
)
ARRAYS = arrays.arrays(
    dtype=st.sampled_from(DTYPES), shape=arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
)
KEYS = st.none() | st.booleans() | WHOLE | st.text(max_size=20)
LEAVES = (
    KEYS
    | st.floats()
    | st.fractions()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9)
    | SCALARS
    | ARRAYS
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)

# JSON whose objects often carry our tags, so that arbitrary objects get past the first test
TAGS = ("float", "scalar", "value", "tuple", "dict", "fraction", "decimal", "array", "dtype", "shape",
        "layers", "handle", "fault", "type", "message", "arguments")  # fmt: skip
WORDS = ("nan", "inf", "sNaN", "1e400", "raised", "missing", "not data", "AAAA", "\ud800", *DTYPES)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(TAGS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=15,
)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in type, shape and content, a NaN being equal to a NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        pairs = zip(one.items(), other.items(), strict=False)
        return len(one) == len(other) and all(same(list(left), list(right)) for left, right in pairs)
    return bool(one == other) or bool(one != one and other != other)


def crossed(value: Any) -> Any:
    """A value after its way over the wire as JSON text."""
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)))


def array(data: bytes, dtype: str, shape: list[Any]) -> dict[str, Any]:
    """A wire array as a kernel would send it, right or wrong."""
    return {"array": base64.b64encode(data).decode("ascii"), "dtype": dtype, "shape": shape}


def refused(text: str) -> AnswerError:
    """The error with which a reply is refused."""
    with pytest.raises(AnswerError) as error:
        wire.read_reply(text)
    return error.value


class TestRoundTrip:
    """What an answer gives back arrives as it was."""

    @bounded
    @given(VALUES)
    def test_value_comes_back_as_it_was(self, value: Any) -> None:
        """Every kind of value, nested as answers nest them, keeps its type and content."""
        assert same(crossed(value), value)

    @bounded
    @given(ARRAYS)
    def test_array_may_be_written_to(self, value: np.ndarray[Any, Any]) -> None:
        """An array off the wire is a copy of its own: a check may work on it."""
        assert crossed(value).flags.writeable

    def test_the_comparison_of_this_module_sees_a_difference(self) -> None:
        """`same` tells an integer from a NumPy integer, float32 from float64 and a list from a tuple."""
        assert not same(364, np.int64(364))
        assert not same(np.zeros(2), np.zeros(2, np.float32))
        assert not same([1], (1,))
        assert not same({"a": [1]}, {"a": [2]})
        assert same([math.nan], [math.nan])

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (range(3), [0, 1, 2]),
            (np.array(["LSTM", "GRU"]), ["LSTM", "GRU"]),
            (np.str_("LSTM"), "LSTM"),
            ([[1, [2]], (3,)], [[1, [2]], (3,)]),
            (-0.0, 0.0),
            (decimal.Decimal("364.50"), decimal.Decimal("364.50")),
            (fractions.Fraction(7, 3), fractions.Fraction(7, 3)),
        ],
    )
    def test_nearly_plain_values_arrive_plain(self, value: Any, expected: Any) -> None:
        """A range arrives as a list, an array of strings as a list of strings."""
        got = crossed(value)
        assert type(got) is type(expected)
        assert got == expected

    @pytest.mark.parametrize(
        "value", [np.longdouble("0.1"), np.array(["0.1", "nan", "1e4000"], np.longdouble)]
    )
    def test_longer_floats_arrive_with_64_bits(self, value: Any) -> None:
        """A number that was computed with more digits than the reference has is the same number."""
        got = crossed(value)
        assert got.dtype == np.float64
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(got, np.asarray(value).astype(np.float64))

    @pytest.mark.parametrize("order", ["C", "F"])
    @pytest.mark.parametrize("byte_order", ["<", ">"])
    def test_array_keeps_its_numbers_in_any_memory_order(self, order: Any, byte_order: str) -> None:
        """Fortran order, foreign byte order and strides do not mix the numbers up."""
        given_array = np.array([[1, 2, 3], [4, 5, 6]], dtype=f"{byte_order}i4", order=order)[:, ::2]
        got = crossed(given_array)
        assert got.tolist() == [[1, 3], [4, 6]]
        assert got.dtype == np.int32

    @pytest.mark.parametrize("kind", [list, tuple, dict])
    @pytest.mark.parametrize("depth", [7, 8, 12])
    def test_every_encoded_depth_decodes(self, kind: type, depth: int) -> None:
        """The reading end is not stricter about depth than the sending end."""
        value: Any = 364
        for _ in range(depth):
            value = {"in": value} if kind is dict else kind([value])
        assert same(crossed(value), value)

    def test_handle_keeps_its_number(self) -> None:
        """A handle crosses as a number."""
        assert crossed(Handle(7)).number == 7

    def test_layers_cross_as_they_were(self) -> None:
        """A description of layers keeps shape, layers, settings, loss and learning rate."""
        stack = [("LSTM", {"units": 7, "return_sequences": True}), ("Dense", {"units": 1})]
        got = crossed(Layers((None, 5), stack, loss="mse", learning_rate=0.01))
        assert type(got) is Layers
        assert got.input_shape == (None, 5)
        assert got.layers == stack
        assert got.loss == "mse"
        assert got.learning_rate == 0.01


class TestPlainValues:
    """Of a subclass of a plain type, the value in it crosses."""

    @pytest.mark.parametrize(
        ("value", "plain"),
        [
            (IntEnum("Gate", {"INPUT": 3}).INPUT, 3),
            (type("Mine", (float,), {"__float__": lambda self: 9.0})(0.5), 0.5),
            (type("Mine", (str,), {"__str__": lambda self: "other"})("tag"), "tag"),
            (namedtuple("Shape", "rows columns")(3, 4), (3, 4)),
            (type("Mine", (list,), {"__iter__": lambda self: iter([9])})([1, 2]), [1, 2]),
        ],
        ids=["enum", "float", "str", "named tuple", "list"],
    )
    def test_it_is_the_plain_value(self, value: Any, plain: Any) -> None:
        """And of exactly that type, whatever the subclass says of itself."""
        got = crossed(value)
        assert got == plain
        assert type(got) is type(plain)


class TestEncode:
    """What an answer gives back and is no data is refused by name, and no other error leaves `encode`."""

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (object(), "its type is object"),
            ({1, 2}, "its type is set"),
            (b"364", "its type is bytes"),
            (364j, "its type is complex"),
            (print, "its type is builtin_function_or_method"),
            (10**40, "it is an integer of more than 40 digits"),
            ([0] * 100_001, "it has too many items"),
            ("x" * 100_001, "it is a string that is too long"),
            (np.array([object()]), "it is an array of object"),
            (np.array([1j]), "it is an array of complex128"),
            (np.zeros(2_000_001), "it is an array that is too big"),
            (np.array(["2026-01-01"], dtype="datetime64[D]"), "it is an array of datetime64[D]"),
        ],
        ids=lambda value: value if isinstance(value, str) and len(value) < 99 else "",
    )
    def test_refusal_names_the_kind_of_value(self, value: Any, message: str) -> None:
        """The message, which a student reads, names the kind of thing."""
        with pytest.raises(NotSerializable) as error:
            encode(value)
        assert str(error.value) == message

    def test_list_in_itself_is_refused(self) -> None:
        """A list that holds itself does not hang the kernel."""
        loop: list[Any] = []
        loop.append(loop)
        with pytest.raises(NotSerializable, match="it is nested too deeply"):
            encode(loop)

    def test_range_without_a_length_is_refused(self) -> None:
        """A range too long for `len` is too many items, not an OverflowError."""
        with pytest.raises(NotSerializable, match="it has too many items"):
            encode(range(10**30))

    def test_long_decimal_is_never_cut_into_another_number(self) -> None:
        """A Decimal of more digits than may cross is refused, not shortened."""
        long = decimal.Decimal("9" * 70)
        try:
            got = crossed(long)
        except NotSerializable:
            return
        assert got == long


class TestDecode:
    """The reading end believes nothing: what is malformed is NotData."""

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"unknown": 1},
            {"value": 1},
            {"float": "infinity"},
            {"float": [1]},
            {"float": None},
            {"scalar": "object", "value": 1},
            {"scalar": "int8", "value": 1000},
            {"scalar": "int64"},
            {"scalar": ["int64"], "value": 1},
            {"scalar": "float64", "value": "many"},
            {"tuple": 1},
            {"tuple": None},
            {"dict": 1},
            {"dict": [[1]]},
            {"dict": [[1, 2, 3]]},
            {"dict": [[[1], 2]]},
            {"fraction": [1]},
            {"fraction": [1, 0]},
            {"fraction": [1.5, 2]},
            {"fraction": "12"},
            {"decimal": "many"},
            {"decimal": None},
            {"decimal": {}},
            {"layers": []},
            {"layers": [1, 2]},
            {"handle": "0"},
            {"handle": True},
            {"handle": None},
            {"handle": 0.0},
            10**40,
            math.inf,
            math.nan,
            array(b"\0" * 8, "float64", [2]),
            array(b"\0" * 8, "float64", [-1]),
            array(b"\0" * 8, "float64", [True]),
            array(b"\0" * 8, "float64", ["1"]),
            array(b"\0" * 8, "float64", [1.0]),
            array(b"", "float64", [0] * 9),
            array(b"", "float64", [0, 10**9]),
            array(b"", "float64", [10**5, 10**5]),
            array(b"\0" * 8, "object", [1]),
            array(b"\0" * 8, "O", [1]),
            array(b"\0" * 16, "complex128", [1]),
            array(b"\0" * 8, "datetime64", [1]),
            array(b"\0" * 8, "i8,i8", [1]),
            {"array": "!!!!", "dtype": "int8", "shape": [3]},
            {"array": "é", "dtype": "int8", "shape": [1]},
            {"array": 5, "dtype": "int8", "shape": [1]},
            {"array": "AA==", "dtype": ["int8"], "shape": [1]},
            {"array": "AA==", "dtype": "int8", "shape": 1},
            {"array": "AA==", "dtype": "int8", "shape": None},
            {"array": "AA==", "dtype": "int8"},
        ],
        ids=lambda data: json.dumps(data)[:60],
    )
    def test_malformed_value_is_not_data(self, data: Any) -> None:
        """Wrong tags, types, shapes, dtypes and sizes are refused."""
        with pytest.raises(NotSerializable):
            decode(data)

    def test_data_of_no_json_type_are_refused(self) -> None:
        """Only what JSON knows is looked at."""
        with pytest.raises(NotSerializable, match="unknown type"):
            decode(object())

    @pytest.mark.parametrize("tag", ["list", "tuple", "dict"])
    def test_deep_nesting_is_refused(self, tag: str) -> None:
        """A hundred levels are refused before Python's own limit is near."""
        data: Any = 1
        for _ in range(100):
            data = {"list": [data], "tuple": {"tuple": [data]}, "dict": {"dict": [[1, data]]}}[tag]
        with pytest.raises(NotSerializable, match="nested too deeply"):
            decode(data)

    @pytest.mark.parametrize("data", [{"fraction": ["1e20000", None]}, {"fraction": ["1/3", None]}])
    def test_fraction_is_made_of_two_integers(self, data: Any) -> None:
        """A forged fraction of text would have the trusted process compute a power of ten of any size."""
        with pytest.raises(NotSerializable):
            decode(data)

    def test_scalar_is_not_made_of_a_decimal(self) -> None:
        """A forged scalar of a Decimal would have the trusted process write out all its digits."""
        with pytest.raises(NotSerializable):
            decode({"scalar": "bool", "value": {"decimal": "1e20000"}})

    @pytest.mark.parametrize("value", [[1, 2], {"tuple": [1]}, "12", array(b"\0\0\0\0", "int8", [2, 2])])
    def test_scalar_is_one_number(self, value: Any) -> None:
        """A forged scalar is not a way to an array that the caps on arrays have not seen."""
        with pytest.raises(NotSerializable):
            decode({"scalar": "float64", "value": value})

    @pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity"])
    def test_decimal_that_is_no_number_cannot_be_compared_by_mistake(self, text: str) -> None:
        """A signalling NaN raises wherever it is compared: it arrives as a plain one, or not at all."""
        try:
            got = decode({"decimal": text})
        except NotSerializable:
            return
        assert (got == 364) is False

    def test_no_more_items_arrive_than_may_be_sent(self) -> None:
        """A forged dict may not be longer than an honest one."""
        with pytest.raises(NotSerializable):
            decode({"dict": [[number, 0] for number in range(100_001)]})

    def test_items_are_counted_over_all_lists_together(self) -> None:
        """Short lists in a long one cost the reader as much as a long list of numbers."""
        decode([[0] * 9] * 9_999)
        with pytest.raises(NotSerializable, match="too many items"):
            decode([[0] * 9] * 10_001)
        with pytest.raises(NotSerializable, match="too many items"):
            encode([[0] * 9] * 10_001)

    def test_keys_that_were_chosen_to_have_one_hash_are_refused(self) -> None:
        """Each is compared with all before it; an honest dict has few such."""
        step = 2**61 - 1  # whole numbers have their remainder by it as their hash
        with pytest.raises(NotSerializable, match="too many of one hash"):
            decode({"dict": [[number * step, 0] for number in range(11)]})
        assert len(decode({"dict": [[number, 0] for number in range(1_000)]})) == 1_000

    @bounded
    @given(JSON)
    @example({"scalar": "float16", "value": 1e300})
    @example({"scalar": "int64", "value": array(np.array([np.nan]).tobytes(), "float64", [1])})
    def test_any_json_is_a_value_or_not_data(self, data: Any) -> None:
        """No JSON value makes `decode` raise or warn of anything else."""
        try:
            decode(data)
        except NotSerializable as error:
            assert str(error)


class TestReadReply:
    """A reply is data, or an AnswerError; nothing else comes of any text."""

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "no JSON",
            "'{\"value\": 1}'",
            "null",
            "[]",
            "364",
            '"value"',
            "{}",
            '{"arguments": []}',
            '{"value": NaN}',
            '{"value": Infinity}',
            '{"value": -Infinity}',
            '{"value": 1e999}',
            '{"value": -1e999}',
            '{"value": {"unknown": 1}}',
            '{"value": 1, "arguments": 5}',
            '{"value": 1, "arguments": null}',
            '{"value": 1, "arguments": [{"handle": "x"}]}',
            '{"value": ' + "9" * 50 + "}",
            '{"value": ' + "9" * 5000 + "}",
            '{"value": ' + "[" * 50 + "]" * 50 + "}",
            '{"value": ' + "[" * 200_000 + "]" * 200_000 + "}",
            "[" * 200_000,
            '{"value": {"array": "", "dtype": "object", "shape": [0]}}',
            '{"value": {"array": "AAAA", "dtype": "float64", "shape": [1]}}',
            '{"value": {"handle": 1.0}}',
        ],
        ids=lambda text: text[:40],
    )
    def test_malformed_reply_is_not_data(self, text: str) -> None:
        """Text that is no reply is told to the student as a value that cannot be read."""
        error = refused(text)
        assert error.fault == "not data"
        assert (
            error.message.en
            == "what the answer gave back cannot be read; return a plain value, list or array"
        )
        assert error.message.ko.startswith("답이 돌려준 값을 읽을 수 없습니다.")

    def test_reply_that_is_too_long_is_not_read(self) -> None:
        """The cap on a reply is looked at before its text."""
        text = '{"value": "' + "x" * 100 + '"}'
        assert wire.read_reply(text) == wire.Reply("x" * 100)
        with pytest.raises(AnswerError, match="cannot be read"):
            wire.read_reply(text, 100)

    def test_reply_of_many_small_parts_is_not_read(self) -> None:
        """An empty list costs two characters to send, and sixty bytes to hold."""
        with pytest.raises(AnswerError, match="cannot be read"):
            wire.read_reply(f'{{"value": [{"[]," * 300_000}0]}}')

    def test_no_more_replies_are_read_than_were_asked_for(self) -> None:
        """Each further one would cost time, and answer nothing."""
        replies = wire.read_replies(
            '{"value": null, "answers": [{"value": 1}, {"value": 2}, {"value": 3}]}', 2
        )
        assert replies == [wire.Reply(1), wire.Reply(2)]

    def test_reply_tells_value_and_arguments(self) -> None:
        """Both are decoded; arguments come as a tuple, as they were given."""
        text = '{"value": {"tuple": [1, 2]}, "arguments": [[3], {"scalar": "int8", "value": 4}]}'
        assert wire.read_reply(text) == wire.Reply((1, 2), ([3], np.int8(4)))

    @pytest.mark.parametrize(
        ("reply", "fault", "message"),
        [
            (
                {"fault": "missing"},
                "missing",
                "there is no answer: its cell is untouched, failed to run, or the name has changed",
            ),
            (
                {"fault": "not data", "message": "its type is set"},
                "not data",
                "the answer did not give back a value that can be judged: its type is set",
            ),
            (
                {"fault": "raised", "type": "ValueError", "message": "units"},
                "raised",
                "running the answer raised ValueError: units",
            ),
            ({"fault": "raised", "type": "KeyError"}, "raised", "running the answer raised KeyError"),
            (
                {"fault": "raised", "type": "OSError", "message": "[Errno 38] Function not implemented"},
                "raised",
                "running the answer raised OSError: [Errno 38] Function not implemented (a system call that is not "
                "available where answers are graded; if your answer is right, tell your instructor)",
            ),
        ],
    )
    def test_fault_is_told_in_words(self, reply: dict[str, str], fault: str, message: str) -> None:
        """What the kernel says of a fault reaches the student."""
        error = refused(json.dumps(reply))
        assert error.fault == fault
        assert error.message.en == message

    @pytest.mark.parametrize("fault", [None, 1, "full points", ["missing"], {"fault": "missing"}])
    def test_forged_fault_is_a_fault(self, fault: Any) -> None:
        """A fault that we do not know counts as one that the answer raised."""
        assert refused(json.dumps({"fault": fault, "value": 364})).fault == "raised"

    def test_fault_of_any_length_is_told_in_a_few_words(self) -> None:
        """A student's error text cannot fill the feedback."""
        error = refused(json.dumps({"fault": "raised", "type": "T" * 10_000, "message": "m" * 10_000}))
        assert len(error.message.en) < 450

    @pytest.mark.parametrize("part", ["type", "message"])
    def test_fault_can_be_written_into_a_file(self, part: str) -> None:
        """An error text with half a character in it must not keep the feedback from being saved."""
        error = refused(json.dumps({"fault": "raised", part: "\ud800"}))
        assert error.message.en.encode("utf-8")
        assert error.message.ko.encode("utf-8")

    @bounded
    @given(st.text(max_size=200))
    def test_any_text_is_a_reply_or_an_answer_error(self, text: str) -> None:
        """No text makes `read_reply` raise anything else."""
        try:
            wire.read_reply(text)
        except AnswerError as error:
            assert error.fault in ("missing", "raised", "not data")

    @bounded
    @given(JSON)
    @example({"value": {"scalar": "float16", "value": 1e300}})
    def test_any_json_object_is_a_reply_or_an_answer_error(self, value: Any) -> None:
        """No JSON makes `read_reply` raise or warn of anything else, wherever in the reply it stands."""
        for reply in (value, {"value": value}, {"value": 1, "arguments": value}, {"fault": value}):
            try:
                wire.read_reply(json.dumps(reply))
            except AnswerError as error:
                assert error.fault in ("missing", "raised", "not data")

    @bounded
    @given(st.text(alphabet='{}[]":,0123456789.eE+-naulftrsNI\\ ', max_size=60))
    def test_json_like_text_is_a_reply_or_an_answer_error(self, text: str) -> None:
        """Text made of JSON's own characters is read or refused, in any place of a reply."""
        for whole in (text, f'{{"value": {text}}}', f'{{"fault": {text}}}'):
            try:
                wire.read_reply(whole)
            except AnswerError as error:
                assert error.fault in ("missing", "raised", "not data")

    @bounded
    @given(VALUES, st.data())
    def test_reply_with_one_character_changed_is_a_reply_or_an_answer_error(
        self, value: Any, data: st.DataObject
    ) -> None:
        """Real replies, spoilt in one place, raise nothing else either."""
        text = json.dumps({"value": encode(value)})
        place = data.draw(st.integers(0, len(text) - 1))
        spoilt = text[:place] + data.draw(st.sampled_from('{}[]":,9eN-')) + text[place + 1 :]
        try:
            wire.read_reply(spoilt)
        except AnswerError as error:
            assert error.fault in ("missing", "raised", "not data")


class TestRequest:
    """What we send is ASCII JSON whatever is in it."""

    @bounded
    @given(st.text(max_size=20), VALUES)
    def test_request_is_plain_ascii(self, name: str, value: Any) -> None:
        """Names and values of any script cross as ASCII, and read back as they were."""
        positional, named = wire.encode_arguments((value,), {name: value})
        text = wire.request("call", name, positional, named)
        assert text.isascii()
        verb, called, args, kwargs = json.loads(text)
        assert (verb, called) == ("call", name)
        assert same(decode(args[0]), value)
        assert same(decode(kwargs[0][1]), value)

"""Judgements on values: what is accepted, what is refused, and that no message tells the answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import Fail, Text
from autograder.questions import expect

ITEMS = Text(ko="리스트", en="a list")
WHOLE_NUMBERS = st.integers(-(10**12), 10**12)
SMALL = st.integers(0, 100)
INTEGER_TYPES = st.sampled_from(
    [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
)
FLOAT_TYPES = st.sampled_from([np.float16, np.float32, np.float64])
bounded = settings(max_examples=60)


def failure(judge: Callable[..., Any], *args: Any, **kwargs: Any) -> Text:
    """The message with which a judgement fails."""
    with pytest.raises(Fail) as caught:
        judge(*args, **kwargs)
    return caught.value.message


class TestWhole:
    """What counts as a whole number."""

    @bounded
    @given(number=WHOLE_NUMBERS)
    def test_int_is_itself(self, number: int) -> None:
        """A Python integer of any size is accepted as it is."""
        assert expect.whole(number) == number

    @bounded
    @given(number=SMALL, kind=INTEGER_TYPES)
    def test_numpy_integer_is_accepted(self, number: int, kind: type[np.integer]) -> None:
        """An integer of any NumPy type becomes a Python integer."""
        found = expect.whole(kind(number))
        assert found == number
        assert type(found) is int

    @bounded
    @given(number=WHOLE_NUMBERS)
    def test_float_without_a_fraction_is_accepted(self, number: int) -> None:
        """`364.0` is what a division leaves, and counts."""
        assert expect.whole(float(number)) == number

    @bounded
    @given(number=SMALL, kind=FLOAT_TYPES)
    def test_numpy_float_without_a_fraction_is_accepted(self, number: int, kind: type[np.floating]) -> None:
        """A NumPy float of any precision counts, without a warning."""
        assert expect.whole(kind(number)) == number

    @bounded
    @given(number=SMALL, kind=st.one_of(INTEGER_TYPES, FLOAT_TYPES))
    def test_array_without_axes_is_its_number(self, number: int, kind: type[np.generic]) -> None:
        """A 0-d array, as `sum` of an array may be, counts as the number in it."""
        assert expect.whole(np.array(number, dtype=kind)) == number

    @bounded
    @given(number=WHOLE_NUMBERS)
    def test_exact_fraction_is_accepted(self, number: int) -> None:
        """Fractions and decimals without a rest count too."""
        assert expect.whole(Fraction(number)) == number
        assert expect.whole(Decimal(number)) == number

    @bounded
    @given(number=st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: x != math.floor(x)))
    def test_fraction_is_refused(self, number: float) -> None:
        """A number that is not whole is told to be one with a fraction, without the number."""
        assert failure(expect.whole, number).en == "expected a whole number, got a number with a fraction"

    @pytest.mark.parametrize(
        ("value", "found"),
        [
            (True, "a truth value"),
            (False, "a truth value"),
            (np.True_, "a truth value"),
            (np.array(True), "a truth value"),
            (math.nan, "nan"),
            (math.inf, "inf"),
            (-math.inf, "-inf"),
            (np.float32("nan"), "nan"),
            ("364", "a string"),
            ("", "a string"),
            (None, "None (is a `return` missing?)"),
            ([364], "a list of length 1"),
            ((3, 4), "a tuple of length 2"),
            (np.array([364]), "an array of shape (1,) int64"),
            (np.ones((2, 3), np.float32), "an array of shape (2, 3) float32"),
            ({"a": 1}, "a dict"),
            (3 + 0j, "a complex"),
            (Fraction(1, 2), "a Fraction"),
            (Decimal("NaN"), "a Decimal"),
            (Decimal("sNaN"), "a Decimal"),
            (Decimal("1e999999"), "a Decimal"),
            (Decimal("1e999999999"), "a Decimal"),
        ],
    )
    def test_anything_else_is_refused(self, value: Any, found: str) -> None:
        """What is no whole number is refused with what kind of thing it is."""
        assert failure(expect.whole, value).en == f"expected a whole number, got {found}"

    def test_the_refusal_is_korean_too(self) -> None:
        """The same refusal reads as Korean in the Korean edition."""
        assert failure(expect.whole, True).ko == "기대한 것: 정수, 받은 것: 참/거짓 값"
        assert failure(expect.whole, None).ko == (
            "기대한 것: 정수, 받은 것: None (`return`이 빠졌는지 보세요)"
        )

    @pytest.mark.parametrize("value", [1e300, Fraction(10**400), Decimal(10) ** 400])
    def test_number_beyond_all_counts_is_refused(self, value: Any) -> None:
        """A number so large that its digits mean nothing is no count."""
        with pytest.raises(Fail):
            expect.whole(value)


class TestCount:
    """A hidden count: right or not, and nothing else is told."""

    @bounded
    @given(number=SMALL, kind=st.one_of(INTEGER_TYPES, FLOAT_TYPES))
    def test_the_right_count_passes_in_any_type(self, number: int, kind: type[np.generic]) -> None:
        """The type that holds the right number costs nobody a mark."""
        expect.count(number, number)
        expect.count(float(number), number)
        expect.count(kind(number), number)

    @bounded
    @given(got=WHOLE_NUMBERS, want=WHOLE_NUMBERS)
    def test_another_count_fails(self, got: int, want: int) -> None:
        """A whole number that is not the one wanted fails, however near it is."""
        if got == want:
            got += 1
        assert failure(expect.count, got, want) == Text(
            ko="정수를 돌려주었지만 개수가 맞지 않습니다.",
            en="a whole number came back, but the count is not right",
        )

    @pytest.mark.parametrize("got", [True, math.nan, math.inf, "1", None, [1], np.array([1])])
    def test_values_that_are_not_numbers_fail(self, got: Any) -> None:
        """A truth value, a string, a list that equals or holds the right count does not pass."""
        assert failure(expect.count, got, 1).en.startswith("expected a whole number, got ")

    @bounded
    @given(want=st.integers(1000, 10**9), off=st.integers(1, 10**9), kind=st.sampled_from([int, float, str]))
    def test_no_message_holds_a_number(self, want: int, off: int, kind: type) -> None:
        """Neither the wanted count nor the one returned for a hidden input stands in the message."""
        message = failure(expect.count, kind(want + off), want)
        assert not any(digit in message.ko + message.en for digit in "0123456789")


class TestNear:
    """A count that may be off by so much."""

    @pytest.mark.parametrize("got", [90, 110, np.int8(100), 99.5, np.float32(101), np.array(100)])
    def test_values_within_the_bound_pass(self, got: Any) -> None:
        """Whole or not, up to the bound."""
        expect.near(got, 100, within=10)

    @pytest.mark.parametrize("got", [89, 111, -100, 110.5, np.int8(-100)])
    def test_values_beyond_the_bound_fail(self, got: Any) -> None:
        """On either side."""
        assert (
            failure(expect.near, got, 100, within=10).en
            == "a number came back, but it is further off than this check allows"
        )

    def test_the_bound_is_told_in_the_words_of_the_check(self) -> None:
        """The message may stand first, where nothing else says what is allowed."""
        unit = Text(ko="유닛 하나", en="one unit")
        assert failure(partial(expect.near, meaning=unit), 3, 1, within=1) == Text(
            ko="수를 돌려주었지만 유닛 하나보다 더 어긋납니다.",
            en="a number came back, but it is off by more than one unit",
        )

    @pytest.mark.parametrize("got", [None, True, "100", [100], math.nan, math.inf])
    def test_values_that_are_not_numbers_fail(self, got: Any) -> None:
        """It says what was expected."""
        assert failure(expect.near, got, 100, within=10).en.startswith("expected a whole number")


class TestNumber:
    """A number that the student wrote down for sizes that are no secret."""

    def test_the_right_number_passes(self) -> None:
        """Arithmetic that ends in a float is right too."""
        expect.number(364.0, 364)

    @pytest.mark.parametrize(
        ("got", "shown"),
        [(363, "363"), (-4, "-4"), (91.0, "91"), (10**15, "1.000e+15"), (10**45, "…")],
    )
    def test_wrong_number_is_shown_back(self, got: Any, shown: str) -> None:
        """The student sees what was read, in bounded length, and not what was wanted."""
        assert failure(expect.number, got, 364) == Text(
            ko=f"{shown}: 맞지 않는 답입니다.", en=f"got {shown}, which is not right"
        )

    def test_values_that_are_not_numbers_fail(self) -> None:
        """No value or a truth value is told by its kind; a variable that is None lacks no return."""
        assert failure(expect.number, None, 1).en == "expected a whole number, got None"
        assert failure(expect.number, True, 1).en == "expected a whole number, got a truth value"


class TestRatio:
    """A quotient of two counts, in whatever number holds it."""

    @bounded
    @given(top=st.integers(1, 10**6), bottom=st.integers(1, 10**6))
    def test_the_right_quotient_passes_in_any_type(self, top: int, bottom: int) -> None:
        """A float, a Fraction, a Decimal, NumPy's floats and an array without axes all hold the quotient."""
        want = top / bottom
        quotients = (
            want, Fraction(top, bottom), Decimal(top) / Decimal(bottom), np.float64(want), np.float32(want),
            np.array(top) / np.array(bottom),
        )  # fmt: skip
        for got in quotients:
            expect.ratio(got, want)

    def test_whole_ratio_passes_as_an_integer(self) -> None:
        """4 is 4.0, in every type that holds it."""
        for got in (4, 4.0, np.int8(4), np.float16(4), Fraction(8, 2), Decimal(4), np.array(4)):
            expect.ratio(got, 4.0)

    def test_another_order_of_the_arithmetic_passes(self) -> None:
        """The last digits of a float depend on the way to it, and cost nobody a mark."""
        assert 1 / (156 / 516) != 516 / 156
        expect.ratio(1 / (156 / 516), 516 / 156)

    @pytest.mark.parametrize("digits", range(11))
    def test_rounded_ratio_fails(self, digits: int) -> None:
        """Rounding to as many as ten places is told from the quotient."""
        message = failure(expect.ratio, round(516 / 156, digits), 516 / 156)
        assert message == Text(
            ko="수를 돌려주었지만 비율이 맞지 않습니다.",
            en="a number came back, but the ratio is not right",
        )

    @pytest.mark.parametrize(
        "got",
        [
            3, Fraction(43, 14), -43 / 13, np.float16(516 / 156), 1e300, Fraction(10**400), Decimal("1e999999"),
            Decimal("-1e999999999"),
        ],
    )  # fmt: skip
    def test_another_number_fails(self, got: Any) -> None:
        """A near fraction, a float too coarse to tell, a number of any size."""
        assert failure(expect.ratio, got, 516 / 156).en == "a number came back, but the ratio is not right"

    @pytest.mark.parametrize(
        ("got", "found"),
        [
            (True, "a truth value"),
            (np.True_, "a truth value"),
            (None, "None (is a `return` missing?)"),
            ("43/13", "a string"),
            ((516, 156), "a tuple of length 2"),
            (np.array([516 / 156]), "an array of shape (1,) float64"),
            (math.nan, "nan"),
            (np.float32("inf"), "inf"),
            (Decimal("sNaN"), "a Decimal"),
            (1j, "a complex"),
        ],
    )
    def test_values_that_are_not_numbers_fail(self, got: Any, found: str) -> None:
        """It is told by its kind."""
        assert failure(expect.ratio, got, 1.0).en == f"expected a ratio as one number, got {found}"


class TestClose:
    """A real number within a tolerance."""

    @pytest.mark.parametrize("got", [1.0, 0, np.float64(2.5), math.nan, np.nan])
    def test_no_number_is_close_to_nan(self, got: Any) -> None:
        """A reference that gives NaN by accident pays no answer."""
        with pytest.raises(Fail):
            expect.close(got, math.nan)

    @pytest.mark.parametrize("got", [math.nan, np.float32("nan"), np.array(math.nan), Decimal("nan")])
    def test_nan_is_required_where_the_check_says_so(self, got: Any) -> None:
        """With `nan=True`, NaN passes where the reference gives it, and a number does not."""
        expect.close(got, math.nan, nan=True)
        assert failure(expect.close, 1.0, math.nan, nan=True).en == "a number came back, but it is not right"
        assert failure(expect.close, got, 1.0, nan=True).en.startswith("expected a number")

    def test_nan_in_an_array_is_required_where_the_check_says_so(self) -> None:
        """The other numbers still have to be right."""
        want = np.array([1.0, math.nan])
        expect.array(want.copy(), want, nan=True)
        assert failure(expect.array, want.copy(), want)
        assert failure(expect.array, np.array([2.0, math.nan]), want, nan=True)


class TestCounts:
    """One hidden count a layer."""

    @bounded
    @given(want=st.lists(SMALL, min_size=1, max_size=6))
    def test_any_sequence_of_the_right_counts_passes(self, want: list[int]) -> None:
        """A list, a tuple or an array will do."""
        expect.counts(want, want)
        expect.counts(tuple(want), want)
        expect.counts(np.array(want), want)

    @bounded
    @given(want=st.lists(SMALL, min_size=1, max_size=6), data=st.data())
    def test_one_wrong_count_fails(self, want: list[int], data: st.DataObject) -> None:
        """One wrong place is enough."""
        place = data.draw(st.integers(0, len(want) - 1))
        got = [*want[:place], want[place] + 1, *want[place + 1 :]]
        assert failure(expect.counts, got, want).en == "a whole number came back, but the count is not right"

    def test_only_the_places_asked_for_are_compared(self) -> None:
        """Partial credit looks at some layers and lets the others be wrong."""
        expect.counts([1, 99, 3], [1, 2, 3], where=slice(0, 1))
        expect.counts([1, 99, 3], [1, 2, 3], where=slice(-1, None))
        with pytest.raises(Fail):
            expect.counts([1, 99, 3], [1, 2, 3], where=slice(1, 2))

    @pytest.mark.parametrize("got", [[], [1, 2], [1, 2, 3, 4]])
    def test_another_length_fails_wherever_it_is_looked(self, got: list[int]) -> None:
        """With a layer too few or too many no place is right."""
        message = failure(expect.counts, got, [1, 2, 3], where=slice(0, 1))
        assert message.en == "the list is not as long as there are layers: one count a layer, Dense last"
        assert message.ko.startswith("층의 개수와 리스트의 길이가 다릅니다.")

    @pytest.mark.parametrize(
        ("got", "found"),
        [(6, "an integer"), (None, "None (is a `return` missing?)"), ("123", "a string"), ({1: 2}, "a dict"),
         (np.array(6), "an array of shape () int64")],
    )  # fmt: skip
    def test_values_that_are_not_sequences_fail(self, got: Any, found: str) -> None:
        """One number for all, a string or a dict is told by its kind."""
        assert failure(expect.counts, got, [1, 2, 3]).en == (
            f"expected a list with one count a layer, got {found}"
        )

    def test_item_that_is_no_number_fails(self) -> None:
        """A truth value in the place of the count 1 does not pass."""
        assert failure(expect.counts, [True], [1]).en == "expected a whole number, got a truth value"

    @bounded
    @given(want=st.lists(st.integers(1000, 10**9), min_size=1, max_size=5), off=st.integers(1, 10**9))
    def test_no_message_holds_a_number(self, want: list[int], off: int) -> None:
        """Neither the wanted counts nor those returned stand in the message."""
        for got in ([number + off for number in want], want[:-1], sum(want)):
            message = failure(expect.counts, got, want)
            assert not any(digit in message.ko + message.en for digit in "0123456789")


class TestShapes:
    """A list of shapes."""

    def test_lists_and_tuples_pass(self) -> None:
        """How a shape is written costs nobody a mark."""
        expect.shapes([[5, 28], (7, 28), (np.int64(28),)], [(5, 28), (7, 28), (28,)])

    def test_wrong_shape_is_told_by_its_place(self) -> None:
        """The place is told, counted from one, and no size."""
        message = failure(expect.shapes, [(28, 5), (7, 28), (29,)], [(5, 28), (7, 28), (28,)])
        assert message == Text(
            ko="1, 3번째 모양이 맞지 않습니다.", en="the shapes at places 1, 3 are not right"
        )

    def test_missing_comma_is_told(self) -> None:
        """A number in brackets is no shape, and what is missing is said."""
        message = failure(expect.shapes, [(5, 28), (7, 28), 28], [(5, 28), (7, 28), (28,)])
        assert message.en.startswith("expected a shape in each place of the list")
        assert "(12,)" in message.ko

    def test_only_some_are_compared(self) -> None:
        """The first of them, whatever comes behind; the others, where there are as many as wanted."""
        want = [(5, 28), (7, 28), (28,)]
        expect.shapes([(5, 28), (7, 28)], want, where=slice(0, 2))
        expect.shapes([(1, 1), (1, 1), (28,)], want, where=slice(2, None))
        message = failure(expect.shapes, [(5, 28), (7, 28), (2, 28)], want, where=slice(2, None))
        assert message.en == "the shape at place 3 is not right"
        message = failure(expect.shapes, [(5, 28), (7, 28)], want, where=slice(2, None))
        assert message.en == "there are 3 weight arrays, but 2 shapes came back"

    def test_another_number_of_shapes_fails(self) -> None:
        """How many arrays a layer holds is no secret."""
        message = failure(expect.shapes, [(5, 28), (7, 28)], [(5, 28), (7, 28), (28,)])
        assert message.en == "there are 3 weight arrays, but 2 shapes came back"

    @pytest.mark.parametrize("got", [7, [7, 28], [(7.5, 2)], [("7", 2)]])
    def test_values_that_are_not_lists_of_shapes_fail(self, got: Any) -> None:
        """A number where a shape should be is told by its kind."""
        assert failure(expect.shapes, got, [(7, 2)]).en.startswith("expected a ")


class TestOutputs:
    """A list with the shapes of a layer's outputs."""

    def test_lists_and_tuples_pass(self) -> None:
        """However each shape is written, and the list of them too."""
        expect.outputs(([6, 9, 7], (np.int64(6), 7)), [(6, 9, 7), (6, 7)])
        expect.outputs(np.array([[6, 7], [6, 7]]), [(6, 7), (6, 7)])

    @pytest.mark.parametrize("got", [[(6, 7)], [(6, 7)] * 3, []])
    def test_how_many_outputs_there_are_is_not_told(self, got: Any) -> None:
        """That is what the question asks."""
        message = failure(expect.outputs, got, [(6, 7), (6, 7)])
        assert message == Text(
            ko=f"돌려준 모양은 {len(got)}개인데, 층이 내보내는 것은 그만큼이 아닙니다.",
            en=f"the layer has another number of outputs than the {len(got)} that came back",
        )

    def test_wrong_shape_is_told_by_its_place(self) -> None:
        """The place is told, counted from one, and no size."""
        assert failure(expect.outputs, [(6, 7), (7, 6)], [(6, 7), (6, 7)]).en == (
            "the shape at place 2 is not right"
        )

    def test_one_bare_shape_is_no_list_of_shapes(self) -> None:
        """A layer with one output has a list of one shape."""
        message = failure(expect.outputs, (6, 7), [(6, 7)])
        assert message.en == (
            "expected a shape in each place of the list: a tuple of whole numbers, with one axis written as in "
            "(12,), got an integer"
        )


class TestSizes:
    """One shape."""

    @pytest.mark.parametrize("got", [(6, 7), [6, 7.0], np.array([6, 7])])
    def test_the_right_shape_passes(self, got: Any) -> None:
        """A tuple, a list or an array of whole numbers."""
        expect.sizes(got, (6, 7))

    @pytest.mark.parametrize("got", [(7, 6), (6, 7, 1), (6,), ()])
    def test_another_shape_fails(self, got: Any) -> None:
        """No size is told, and not how many axes there are."""
        message = failure(expect.sizes, got, (6, 7))
        assert message == Text(ko="모양이 맞지 않습니다.", en="the shape is not right")

    @pytest.mark.parametrize("got", [[(6, 7)], ([6, 7], [6, 7])])
    def test_list_of_shapes_is_told(self, got: Any) -> None:
        """Even where the right one is in it."""
        message = failure(expect.sizes, got, (6, 7))
        assert message.en == "expected one shape, got shapes inside a list or a tuple"

    @pytest.mark.parametrize("got", [6, None, "67", (6, "7")])
    def test_values_that_are_not_shapes_fail(self, got: Any) -> None:
        """It is told by its kind."""
        assert failure(expect.sizes, got, (6, 7)).en.startswith("expected ")

    def test_none_in_a_shape_is_no_missing_return(self) -> None:
        """It stands for the batch in a summary."""
        message = Text(
            ko="모양 안에 None이 있습니다. 여기에서는 모든 축의 크기가 주어집니다.",
            en="there is None in the shape; here the size of every axis is given",
        )
        assert failure(expect.sizes, (None, 7), (6, 7)) == message
        assert failure(expect.outputs, [(None, 7)], [(6, 7)]) == message


class TestItem:
    """What a dict holds under a key."""

    def test_the_value_comes_back(self) -> None:
        """Whatever it is; other keys are not looked at."""
        assert expect.item({"h": 7, "note": None}, "h") == 7

    def test_missing_key_is_told(self) -> None:
        """The key is named in the statement, so the message may name it."""
        message = failure(expect.item, {"H": 7}, "h")
        assert message == Text(ko="딕셔너리에 키 'h'가 없습니다.", en="the dict has no key 'h'")

    @pytest.mark.parametrize("got", [None, [("h", 7)], 7])
    def test_values_that_are_not_dicts_fail(self, got: Any) -> None:
        """It is told by its kind."""
        assert failure(expect.item, got, "h").en.startswith("expected a dict, got ")


class TestStrings:
    """A list of strings."""

    def test_the_right_strings_pass(self) -> None:
        """A tuple will do as well as a list."""
        expect.strings(("O", "B-PER"), ["O", "B-PER"])

    def test_wrong_strings_fail(self) -> None:
        """No string of the answer is told."""
        message = failure(expect.strings, ["O", "O"], ["O", "B-PER"])
        assert message == Text(ko="문자열이 맞지 않습니다.", en="the strings are not right")

    def test_another_number_fails(self) -> None:
        """There is one string for each sentence."""
        assert failure(expect.strings, ["O"], ["O", "O"]).en == (
            "there should be one string a sentence, but 1 came back"
        )

    def test_one_string_is_no_list(self) -> None:
        """A string is not taken letter by letter."""
        assert failure(expect.strings, "OO", ["O", "O"]).en == "expected a list of strings, got a string"

    @pytest.mark.parametrize("got", [[1, "O"], ["O", 1]])
    def test_item_that_is_no_string_is_told(self, got: list[Any]) -> None:
        """The item told is the one that is no string, wherever it stands."""
        assert failure(expect.strings, got, ["O", "O"]).en == "expected a list of strings, got an integer"


class TestSequence:
    """What counts as a list of items."""

    def test_lists_tuples_and_arrays_give_their_items(self) -> None:
        """Each gives a list."""
        assert expect.sequence([1, 2], ITEMS) == [1, 2]
        assert expect.sequence((1, 2), ITEMS) == [1, 2]
        assert expect.sequence(np.array([1, 2]), ITEMS) == [1, 2]

    @pytest.mark.parametrize("got", ["ab", {1, 2}, {1: 2}, 12, None, np.array(12)])
    def test_anything_else_is_refused(self, got: Any) -> None:
        """A string, a set or a number is no list."""
        assert failure(expect.sequence, got, ITEMS).en.startswith("expected a list, got ")


class TestArray:
    """Arrays: shape first, then values."""

    def test_array_within_the_tolerance_passes(self) -> None:
        """Rounding costs nobody a mark."""
        expect.array(np.array([1.0, 2.0], np.float32), np.array([1.0, 2.0 + 5e-7]))
        expect.array(np.array([1.0, 2.0]), np.array([1.0, 2.05]), tolerance=0.1)

    def test_large_floats_may_be_rounded_in_another_way(self) -> None:
        """The last digits of a large number depend on the order of a sum; a whole number has to be exact."""
        incomes = np.array([4.1e12, 2.9e11]) / 3
        expect.array(np.nextafter(incomes, np.inf), incomes)
        assert failure(expect.array, incomes + 1000, incomes)
        assert failure(expect.array, np.array([10**15 + 1]), np.array([10**15]))

    def test_array_beyond_the_tolerance_fails(self) -> None:
        """What is further off than the tolerance is wrong, whatever its size."""
        message = failure(expect.array, np.array([1e9 + 1]), np.array([1e9]))
        assert message == Text(
            ko="모양은 맞지만 값이 다릅니다.", en="the shape is right, but the values are not"
        )

    def test_not_a_number_fails(self) -> None:
        """NaN and infinity do not pass for a number, and raise no warning."""
        for value in (math.nan, math.inf, -math.inf):
            with pytest.raises(Fail):
                expect.array(np.array([value]), np.array([1.0]))

    def test_another_shape_is_told(self) -> None:
        """A shape is no secret: the statement names it."""
        message = failure(expect.array, np.zeros(3), np.zeros((4, 3)))
        assert message == Text(
            ko="배열의 모양은 (4, 3)이어야 하는데 (3,)입니다.", en="shape should be (4, 3), got (3,)"
        )

    def test_one_number_is_not_stretched(self) -> None:
        """An array that NumPy would stretch to the wanted shape is of another shape."""
        assert failure(expect.array, np.ones(1), np.ones(3)).en == "shape should be (3,), got (1,)"

    @pytest.mark.parametrize(
        ("got", "found"),
        [([1.0, 2.0], "a list of length 2"), (None, "None (is a `return` missing?)"),
         (1.0, "a number with a fraction")],
    )  # fmt: skip
    def test_values_that_are_not_arrays_fail(self, got: Any, found: str) -> None:
        """A nested list will not do where an array is asked for."""
        assert failure(expect.array, got, np.array([1.0, 2.0])).en == f"expected a NumPy array, got {found}"

    def test_the_shape_gives_the_array_back(self) -> None:
        """A check may go on with the array whose shape is right."""
        got = np.zeros((2, 3))
        assert expect.shape(got, (2, 3)) is got

    @bounded
    @given(want=st.lists(st.integers(1000, 10**6), min_size=1, max_size=5), off=st.integers(1, 1000))
    def test_no_message_holds_a_value(self, want: list[int], off: int) -> None:
        """Neither a wanted value nor a returned one stands in the message."""
        message = failure(expect.array, np.array(want) + off, np.array(want, float))
        assert not any(digit in message.ko + message.en for digit in "0123456789")


class TestDtype:
    """The type of an array's numbers."""

    def test_the_right_dtype_passes(self) -> None:
        """float32 is float32."""
        expect.dtype(np.zeros(2, np.float32), "float32")

    def test_another_dtype_is_told(self) -> None:
        """Both dtypes are told: the statement names the one wanted."""
        assert failure(expect.dtype, np.zeros(2), "float32") == Text(
            ko="배열의 dtype은 float32이어야 하는데 float64입니다.",
            en="the dtype should be float32, got float64",
        )

    def test_missing_arrays_are_reported_in_either_language(self) -> None:
        """A list has no dtype, and is told by its kind in the reader's language."""
        message = failure(expect.dtype, [0.0], "float32")
        assert message.en == "the dtype should be float32, got a list of length 1"
        assert message.ko == "배열의 dtype은 float32이어야 하는데 길이 1인 리스트입니다."


@bounded
@given(
    value=st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.decimals(),
        st.fractions(), st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=2), st.integers()),
    )
)  # fmt: skip
def test_every_judgement_passes_or_fails(value: Any) -> None:
    """Whatever an answer gives, a judgement is silent or raises Fail; nothing else comes out."""
    judgements: list[Callable[[], Any]] = [
        lambda: expect.count(value, 3),
        lambda: expect.number(value, 3),
        lambda: expect.ratio(value, 0.3),
        lambda: expect.counts(value, [3]),
        lambda: expect.shapes(value, [(3,)]),
        lambda: expect.outputs(value, [(3,)]),
        lambda: expect.sizes(value, (3,)),
        lambda: expect.item(value, "h"),
        lambda: expect.strings(value, ["a"]),
        lambda: expect.array(value, np.zeros(1)),
        lambda: expect.dtype(value, "float32"),
    ]
    for judgement in judgements:
        try:
            judgement()
        except Fail as error:
            assert error.message.ko
            assert error.message.en

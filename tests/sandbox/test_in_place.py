"""Changes that a student's function made to its arguments in one kernel, and that are made in the other."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.sandbox.inside.in_place import update_in_place
from tests.sandbox.rich_values import object_array, same


class TestUpdateInPlace:
    """What a function did to its argument is done to the original."""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ([1, [2]], [3]), ({"a": 1, "b": 2}, {"b": 3, "a": 1}), ({1}, {2, 3}), (bytearray(b"a"), bytearray(b"bc")),
            (deque([1], 3), deque([2, 3], 3)), (Counter("aab"), Counter("b")),
            (defaultdict(list), defaultdict(list, a=[1])),
            (OrderedDict(a=1), OrderedDict(b=1)), (np.zeros((2, 2)), np.eye(2)),
            (object_array([1]), object_array(["a"])),
            (np.ma.masked_equal([1, 2], 1), np.ma.masked_equal([3, 4], 4)), ((np.zeros(2), 5), (np.ones(2), 5)),
        ],
    )  # fmt: skip
    def test_it_is_equal_and_the_same_object(self, old: Any, new: Any) -> None:
        """Each mutable type takes the content of the other, in its order."""
        assert update_in_place(old, new) is True
        assert same(old, new)
        if isinstance(old, np.ma.MaskedArray):
            assert old.mask.tolist() == [False, True]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (1, 1), ("a", "b"), ([1], (1,)), (np.zeros(2), np.zeros(3)), (np.zeros(2), np.zeros(2, int)),
            (frozenset([1]), frozenset([2])), (deque([1], 3), deque([1], 4)), ((1,), (2,)), (range(2), range(2)),
            (np.broadcast_to(1.0, (2,)), np.zeros(2)), (object(), object()),
        ],
    )  # fmt: skip
    def test_unchangeable_values_say_so(self, old: Any, new: Any) -> None:
        """Immutable values, other types, shapes and dtypes, and arrays that are not writable."""
        assert update_in_place(old, new) is False

    def test_frame_takes_rows_columns_and_dtypes(self) -> None:
        """Whatever the function did to the frame."""
        frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
        frame.attrs["source"] = "survey"
        alias, new = frame, pd.DataFrame({"c": [1.5]}, index=["row"])
        assert frame["a"].sum() == 3
        assert update_in_place(frame, new)
        pd.testing.assert_frame_equal(alias, new)
        new.loc["row", "c"] = 9
        assert alias.loc["row", "c"] == 1.5
        alias["d"] = 1
        assert alias.columns.tolist() == ["c", "d"]
        assert alias.attrs == {"source": "survey"}

    def test_series_takes_values_index_and_name(self) -> None:
        """Whatever the function did to the series."""
        series, new = pd.Series([1, 2], name="a"), pd.Series(["x"], index=[5], name="b")
        assert update_in_place(series, new)
        pd.testing.assert_series_equal(series, new)

    def test_arrays_in_a_dict_and_a_list_keep_their_other_names(self) -> None:
        """Parameters that a step of training changed are seen under each name."""
        weights, bias = np.zeros(2), np.zeros(1)
        held = {"layer": [weights], "bias": bias}
        assert update_in_place(held, {"layer": [np.ones(2)], "bias": np.ones(1)})
        assert held["layer"][0] is weights
        assert (weights.tolist(), bias.tolist()) == ([1, 1], [1])

    def test_items_of_a_list_that_changed_keep_their_other_names(self) -> None:
        """Records and rows in a list that a function changed are seen under each name."""
        account, weights, rows = {"balance": 10}, np.zeros(2), [{"balance": 0}]
        held = [account, (weights, 1), rows]
        assert update_in_place(held, [{"balance": 5}, (np.ones(2), 1), [{"balance": 5}]])
        assert held[0] is account
        assert held[2] is rows
        assert (account, weights.tolist(), rows) == ({"balance": 5}, [1, 1], [{"balance": 5}])

    def test_items_of_a_sorted_list_are_the_same_items(self) -> None:
        """A list of dicts that was sorted holds the dicts that it held, unchanged."""
        one, two = {"n": 2}, {"n": 1}
        rows = [one, two]
        assert update_in_place(rows, [{"n": 1}, {"n": 2}])
        assert rows[0] is two
        assert rows[1] is one
        assert (one, two) == ({"n": 2}, {"n": 1})

    def test_arrays_that_only_moved_are_not_written_to(self) -> None:
        """A list of arrays that was reversed holds the same arrays."""
        one, two = np.zeros(2), np.ones(2)
        held = [one, two]
        assert update_in_place(held, [np.ones(2), np.zeros(2)])
        assert held[0] is two
        assert (one.tolist(), two.tolist()) == ([0, 0], [1, 1])

    def test_array_in_two_places_does_not_get_the_content_of_the_second(self) -> None:
        """The result is equal to the new value even if that has two arrays for one."""
        array = np.zeros(1)
        held = [array, array]
        assert update_in_place(held, [np.ones(1), np.full(1, 2.0)])
        assert [one.tolist() for one in held] == [[1], [2]]

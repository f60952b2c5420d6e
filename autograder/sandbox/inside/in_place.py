"""Changes of arguments: what a student's function did to a mutable argument in its kernel, done to the original."""

from __future__ import annotations

import sys
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

import numpy as np

from .rich_codec import encode_rich, guarded

ARRAYS = (np.ndarray, np.matrix, np.ma.MaskedArray)
DICTS = (dict, Counter, OrderedDict, defaultdict)


def update_in_place(old: Any, new: Any) -> bool:
    """Make a mutable value equal to another one of its type; return whether that was possible.

    Arrays and frames inside a list, and whatever mutable is inside a dict or a tuple, are changed in place as well, for
    they may have other names. Other items of a list are replaced: a list that was sorted has its items elsewhere.
    """
    try:
        return guarded(lambda: _Update().update(old, new))  # type: ignore[no-any-return]
    except Exception:  # a value whose own methods raise
        return False


class _Update:
    """One update. What has two places in the old value is changed in the first of them, and replaced in the second."""

    def __init__(self) -> None:
        self._seen: dict[int, Any] = {}

    def update(self, old: Any, new: Any) -> bool:
        kind = type(old)
        if kind is not type(new) or id(old) in self._seen:
            return False
        self._seen[id(old)] = old
        if kind in ARRAYS:
            return _update_array(old, new)
        if kind in DICTS:
            return self._update_dict(old, new)
        if kind is tuple:
            return self._update_tuple(old, new)
        if kind is list or kind is bytearray:
            old[:] = self._merged(old, new) if kind is list else new
            return True
        if kind is set or kind is deque:
            if kind is deque and old.maxlen != new.maxlen:
                return False
            merged = self._merged(list(old), list(new)) if kind is deque else new
            old.clear()
            (old.extend if kind is deque else old.update)(merged)
            return True
        return _is_of_pandas(old) and _update_of_pandas(old, new)

    def _merged(self, old: Any, new: Any) -> list[Any]:
        """Return the items of a list, with the old arrays and frames made equal to the new ones."""
        if len(old) != len(new):
            return list(new)
        pairs = zip(old, new, strict=True)
        return [one if _is_array(one) and self.update(one, other) else other for one, other in pairs]

    def _update_dict(self, old: Any, new: Any) -> bool:
        merged = [
            (key, old[key] if key in old and self.update(old[key], new[key]) else new[key]) for key in new
        ]
        if type(old) is defaultdict:
            old.default_factory = new.default_factory
        old.clear()
        for key, value in merged:
            old[key] = value
        return True

    def _update_tuple(self, old: Any, new: Any) -> bool:
        if len(old) != len(new):
            return False
        return all(
            [self.update(one, other) or _same(one, other) for one, other in zip(old, new, strict=True)]
        )


def _same(one: Any, other: Any) -> bool:
    return bool(encode_rich(one) == encode_rich(other))


def _is_array(value: Any) -> bool:
    return type(value) in ARRAYS or _is_of_pandas(value)


def _update_array(old: Any, new: Any) -> bool:
    if old.shape != new.shape or old.dtype != new.dtype or not old.flags.writeable:
        return False
    if type(old) is np.ma.MaskedArray:
        old.mask = new.mask
        old.data[...] = new.data
    else:
        old[...] = new
    return True


def _is_of_pandas(value: Any) -> bool:
    pd: Any = sys.modules.get("pandas")
    return pd is not None and type(value) in (pd.DataFrame, pd.Series)


def _update_of_pandas(old: Any, new: Any) -> bool:
    # pandas has no other public way to give a frame the columns, rows and dtypes of another one
    type(old).__init__(old, new.copy())
    return True

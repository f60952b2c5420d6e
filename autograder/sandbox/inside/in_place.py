"""Changes of arguments: what a student's function did to a mutable argument in its kernel, done to the original."""

from __future__ import annotations

import json
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

import numpy as np

from .codec import NotSerializable
from .rich_codec import encode_rich, guarded

ARRAYS = (np.ndarray, np.matrix, np.ma.MaskedArray)
DICTS = (dict, Counter, OrderedDict, defaultdict)
MUTABLE = (*ARRAYS, *DICTS, list, set, deque, bytearray)


def update_in_place(old: Any, new: Any) -> bool:
    """Make a mutable value equal to another one of its type; return whether that was possible.

    What is inside it may have other names, and is changed in place as well where it is under the same key or in the
    same place. An item of a list that is equal to one of the items before is that one: it only moved. After a False,
    parts of a tuple may have changed.
    """
    try:
        return bool(guarded(lambda: _Update().update(old, new)))
    except NotSerializable:  # of a value whose own methods raise
        return False


def merge_in_place(old: Any, data: Any, encode: Callable[[Any], Any], decode: Callable[[Any], Any]) -> bool:
    """Make a list or dict what data says, as another kernel that has a copy of it sends it; return whether that is one.

    What is in it stays as it is where that kernel has changed nothing: an `Enum` or an object of a subclass of `str`
    is not the plain value that crossed in its place. encode, decode: of this kernel.
    """
    if isinstance(old, list) and type(data) is list:
        known: dict[str, list[Any]] = defaultdict(list)
        for one in reversed(old):
            known[_crossed(one, encode)].append(one)
        found = [known[text].pop() if known[text := json.dumps(one)] else None for one in data]
        kept = {id(one) for one in found}
        for place, (one, part) in enumerate(zip(found, data, strict=True)):
            if one is None:
                before = old[place] if place < len(old) else None
                is_same = id(before) not in kept and merge_in_place(before, part, encode, decode)
                found[place] = before if is_same else decode(part)
        list.__setitem__(old, slice(None), found)
        return True
    if isinstance(old, dict) and type(data) is dict and list(data) == ["dict"] and type(old) not in DICTS[1:]:
        merged = []
        keys = {_crossed(key, encode): key for key in old}
        for key_data, part in data["dict"]:
            key = keys.get(json.dumps(key_data))
            if key is None:
                merged.append((decode(key_data), decode(part)))
                continue
            before = dict.__getitem__(old, key)
            is_same = _crossed(before, encode) == json.dumps(part) or merge_in_place(
                before, part, encode, decode
            )
            merged.append((key, before if is_same else decode(part)))
        dict.clear(old)
        for key, value in merged:
            dict.__setitem__(old, key, value)
        return True
    return False


def _crossed(value: Any, encode: Callable[[Any], Any]) -> str:
    """Return the message of what a value is in the other kernel."""
    try:
        data = encode(value)
    except NotSerializable:
        return f"{id(value)}"
    if isinstance(data, dict) and "object" in data:
        data = data["data"] if "data" in data else {"own": data["object"]}
    return json.dumps(data)


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

    def _merged(self, old: list[Any], new: list[Any]) -> list[Any]:
        """Return the items of a list, with those that it had before in the place of equal ones."""
        known = defaultdict(list)
        for one in reversed(old):
            if _is_mutable(one):
                known[_text(one)].append(one)
        found = [known[text].pop() if known[text := _is_mutable(one) and _text(one)] else one for one in new]
        if len(old) != len(new):
            return found
        moved = {id(one) for one, other in zip(found, new, strict=True) if one is not other}
        for place, (before, one, other) in enumerate(zip(old, found, new, strict=True)):
            if (
                one is other
                and _is_mutable(before)
                and id(before) not in moved
                and self.update(before, other)
            ):
                found[place] = before
        return found

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
        done = [
            self.update(one, other) or _text(one) == _text(other) for one, other in zip(old, new, strict=True)
        ]
        return all(done)


def _text(value: Any) -> Any:
    """Return text by which equal values are recognized; the identity of a value that is not data."""
    try:
        return json.dumps(encode_rich(value))
    except NotSerializable:
        return id(value)


def _is_mutable(value: Any) -> bool:
    """Return whether it, or a part of a tuple, can change."""
    return (
        type(value) in MUTABLE
        or _is_of_pandas(value)
        or (type(value) is tuple and any(map(_is_mutable, value)))
    )


def _update_array(old: Any, new: Any) -> bool:
    if old.shape != new.shape or old.dtype != new.dtype or not old.flags.writeable:
        return False
    if type(old) is np.ma.MaskedArray:
        old.mask, old.fill_value = new.mask, new.fill_value
        old.data[...] = new.data
    else:
        old[...] = new
    return True


def _is_of_pandas(value: Any) -> bool:
    pd: Any = sys.modules.get("pandas")
    return pd is not None and type(value) in (pd.DataFrame, pd.Series)


def _update_of_pandas(old: Any, new: Any) -> bool:
    # pandas has no other public way to give a frame the columns, rows and dtypes of another one
    attributes = old.attrs
    type(old).__init__(old, new.copy())
    old.attrs = attributes
    return True

"""Keeps values that are computed from files or from the database until these change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any


class VersionedCache:
    """The latest value of each name, with the version of what it was computed from. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[Hashable, tuple[Hashable, Any]] = {}

    def get(self, name: Hashable, version: Hashable, load: Callable[[], Any]) -> Any:
        """Return the value of a name; `load` is called if there is none of this version, once at a time."""
        with self._lock:
            entry = self._entries.get(name)
            if entry is None or entry[0] != version:
                entry = self._entries[name] = (version, load())
            return entry[1]

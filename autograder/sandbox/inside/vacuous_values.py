"""Values of the student's for which every comparison of a test may hold, where the author's solution has others.

Examples are an empty array, which is equal to any number, and a masked one. A test that used one is not graded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .remote_objects import Opaque, RemoteObjects, own_number

NUMBERS = (int, float, complex, np.number)
MAX_PARTS = 1_000
"""Parts of a value that are compared in kind with those of the author's."""


class VacuousValues:
    """Keeps track of them. namespace: of the kernel of the tests. objects: know what the author's solution has."""

    def __init__(self, namespace: dict[str, Any], objects: RemoteObjects) -> None:
        self._namespace, self._objects = namespace, objects
        self.places: set[str] = set()
        """Places from which such values came in this step."""
        self._kept: dict[str, tuple[Any, set[str]]] = {}
        """For each name to which such values are ascribed: what it meant then, and their places."""
        self._seen: dict[str, int] = {}
        """Identities of what names meant when the last step ended."""

    def note(self, place: str) -> None:
        """Note a value from this place, if the author's solution has none of the kind there."""
        if not self._objects.admits(f"{place} is vacuous"):
            self.places.add(place)

    def compare(self, value: Any, place: str) -> None:
        """Record where the author's solution has numbers, or note what is empty there; also for parts of a value."""
        parts = list(value.values()) if type(value) is dict else value if type(value) in (list, tuple) else ()
        for where, found in ((place, [value]), (f"{place}[]", parts[:MAX_PARTS])):
            kinds = {isinstance(one, NUMBERS) for one in found}
            if True in kinds:
                self._objects.record_number(where)
            if False in kinds and (self._objects.is_recording or self._objects.expects_number(where)):
                is_empty = any(map(_is_empty, found))
                if is_empty and not self._objects.admits(f"{where} is empty"):
                    self.places.add(place)

    def keep(self, names: Iterable[str]) -> None:
        """Ascribe the values noted since the last call to what these names mean now."""
        if self.places:
            self._kept |= {name: (self._namespace[name], {*self.places}) for name in names}
            self.places.clear()

    def end_step(self) -> None:
        """Ascribe the values of a cell or a test to all names to which it has given a value."""
        self.keep(name for name, value in self._namespace.items() if self._seen.get(name) != id(value))
        self._seen = {name: id(value) for name, value in self._namespace.items()}

    def begin_test(self, names: Iterable[str]) -> None:
        """Note the values of earlier steps that these names, which the test reads, still mean."""
        for name in self._kept.keys() & {*names}:
            value, places = self._kept[name]
            if self._namespace.get(name) is value:
                self.places |= places


def _is_empty(value: Any) -> bool:
    """Return whether a value has no number in it although NumPy takes it for an array."""
    if (
        isinstance(value, (*NUMBERS, str, bytes))
        or value is None
        or own_number(value) is not None
        or callable(value)
    ):
        return False
    try:
        return not isinstance(value, (dict, set, frozenset, Opaque)) and np.size(value) == 0
    except ValueError:  # its rows differ in length
        return False

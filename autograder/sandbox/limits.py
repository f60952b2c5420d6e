"""Time limits for student code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Time limits for student code, in seconds of wall time."""

    cell: float = 60.0
    call: float = 20.0
    training: float = 300.0
    """A call whose result is kept, because it builds or trains a model, and a cell of a TensorFlow notebook."""
    session: float = 1800.0
    """The whole submission."""

"""How long student code may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How long student code may take, in seconds of wall time."""

    cell: float = 60.0
    call: float = 20.0
    training: float = 300.0
    """A call whose result is kept, since it builds or trains a model; and a cell in a TensorFlow notebook."""
    session: float = 1800.0
    """All of a submission together."""

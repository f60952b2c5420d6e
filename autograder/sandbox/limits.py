"""Limits for student code: its time, and what its kernel may use."""

from __future__ import annotations

from dataclasses import dataclass

SLOWER = 10
"""How many times as long code may take in a kernel of low priority."""


@dataclass(frozen=True)
class Limits:
    """Time limits for student code, in seconds of wall time."""

    cell: float = 60.0
    call: float = 20.0
    training: float = 300.0
    """A call whose result is kept, because it builds or trains a model, and a cell of a TensorFlow notebook."""
    session: float = 1800.0
    """The whole submission."""


@dataclass(frozen=True)
class ResourceLimits:
    """Limits of one kernel, for all its processes together where the layer can see them.

    memory_mb: on top of the fork server's memory. processes: includes threads. disk_mb: files it writes, in memory.
    cpu_seconds: per process.
    """

    memory_mb: int = 1000
    processes: int = 256
    file_mb: int = 64
    disk_mb: int = 192
    cpu_seconds: int = 600

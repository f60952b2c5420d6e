"""Intervals and timeouts of the worker; tests use shorter ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Intervals and timeouts of the worker, in seconds."""

    poll: float = 0.2
    """Between two polls for new work."""
    retry_pauses: tuple[float, ...] = (10.0, 120.0)
    """Before the next tries of an attempt that could not be graded."""
    retry_unavailable: float = 30.0
    """Before the next try of an assignment that cannot be opened, or a final grade that cannot be computed."""
    long_attempt: float = 10.0
    """After which an attempt that is graded leaves its slot to others, if not before: see `ProcessPool`."""
    sweep: float = 5.0
    """Between two scans of the gradebook for changes that others made."""
    course: float = 3.0
    """Between two checks whether the course's files changed."""
    cleanup: float = 3600.0
    """Between two cleanups."""
    max_pause: float = 15.0
    """The longest pause before an unavailable database is tried again."""
    shutdown: float = 10.0
    """How long a stopping worker waits for an unavailable database."""

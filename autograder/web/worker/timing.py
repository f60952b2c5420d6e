"""How long the worker waits for what, in seconds; tests wait less."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """The worker's times, in seconds."""

    look: float = 0.2
    """Between two looks for new work."""
    lease: float = 60.0
    """Of a job; extended while it is under way."""
    after_fault: tuple[float, ...] = (10.0, 120.0)
    """Before an attempt that could not be graded is tried again."""
    closed: float = 30.0
    """Until an assignment that cannot be opened, or a standing that cannot be worked out, is looked at again."""
    sweep: float = 5.0
    """Between two looks at what others changed in the gradebook."""
    course: float = 3.0
    """Between two looks at whether the course's files changed."""
    tidy: float = 3600.0
    patience: float = 15.0
    """The longest pause before a database that is away is tried again."""
    delivery: float = 180.0
    """How long a score may be on its way: a token that has to be fetched anew, and every time limit on the way."""
    parting: float = 10.0
    """How long a database that is away is waited for when the worker is told to stop."""

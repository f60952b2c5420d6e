"""A finding of `autograder doctor`."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.text import Text


@dataclass(frozen=True)
class Finding:
    """The result of one check of the machine, the course or the web tool."""

    name: Text
    good: bool | None
    """None where it does not matter."""
    seen: Text | str
    """What was observed, or the command that fixes it."""

"""What is known of the tests of a notebook: how one ended, and how all do on the author's own solutions.

Imports nothing that runs a notebook: the process that writes grades has proofs, and no kernel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.i18n import _
from autograder.test_cells.plan import Plan
from autograder.text import Text

AUTHOR_FAILS = _(
    "the author's own solution does not pass this test: `autograder build` says why; fix it, then run "
    "`nbgrader generate_assignment --force` and `autograder build`"
)
CANNOT_CROSS = _("a value cannot be handed to the test: {reason}")


@dataclass(frozen=True)
class Outcome:
    """How a test ended."""

    earned: float = 0.0
    """Points, by nbgrader's rule."""
    shown: float | None = None
    """The number that its last line shows, by which it may give partial credit."""
    error: str = ""
    """The type of what it raised; empty if it reached its end."""
    message: str = ""
    """The text of that, or of what it wrote to stderr."""
    asserted: Text | None = None
    """What the assertion that failed compared."""
    printed: str = ""
    """What it printed before it failed."""
    answer_failed: Text | None = None
    """How the answer cell before it stopped, if it did."""
    ungraded: Text | None = None
    """Why there is no score through no fault of the student."""
    stopped: Text | None = None
    """Why the student's code was stopped."""


@dataclass(frozen=True)
class Proof:
    """How the tests of a notebook do on the author's solutions."""

    plan: Plan
    together: Mapping[str, Text] = field(default_factory=dict)
    """Tests that run among the student's code, with the reason why they cannot run apart from it."""
    objects: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Objects of the author's solutions that tests use apart from that code, and where each is from, by test."""
    failing: Mapping[str, Outcome] = field(default_factory=dict)
    """Tests that the author's solutions fail in either way."""
    free: tuple[str, ...] = ()
    """Tests with points that the notebook passes as students get it."""
    partial: tuple[str, ...] = ()
    """Tests that give partial credit: the author's solutions make them show their points as a number."""
    first_error: str = ""
    """The first cell of the solved notebook that stopped, and its error, if tests fail and one did."""
    author_seconds: float = 0.0
    """How long the author's cells took in the kernel of the tests, where each run of a submission runs them again."""

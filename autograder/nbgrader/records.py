"""Records that go into the gradebook and come out of it, as plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from autograder.course import SubmissionId
from autograder.grading.failing_cases import FailingCases
from autograder.grading.report import Report
from autograder.questions.variants import IdOwner
from autograder.text import Text

TOLERANCE = 1e-9
"""Points are sums of floating-point numbers."""


@dataclass(frozen=True)
class SourceCell:
    """A released cell as the gradebook has it."""

    cell_type: str
    source: str
    checksum: str
    locked: bool
    max_score: float | None = None


@dataclass(frozen=True)
class ManualCell:
    """A manually graded cell of a submission as the gradebook has it."""

    score: float | None
    """Without extra credit; None if the cell has no score yet. An untouched cell has 0."""
    extra: float
    max_score: float
    waits: bool
    comment: str
    """The comment of a person; empty if there is none."""


@dataclass(frozen=True)
class ScoreAboveMaximum:
    """A score that a person gave, above the points that the cell has today."""

    submission: SubmissionId
    cell: str
    """The grade id, of a question its name."""
    score: float
    max_score: float


@dataclass(frozen=True)
class ManualScore:
    """What a person gives a manually graded cell; nothing is changed by a score of None or an empty comment."""

    score: float | None
    comment: str = ""


@dataclass(frozen=True)
class RecordedNotebook:
    """A released notebook as the gradebook has it."""

    cells: Mapping[str, SourceCell]


class KnownIds(dict[str, str]):
    """All students, by each of their plain ids. They travel with every task; a local worker parses them only once."""

    @cached_property
    def written(self) -> bytes:
        """The mapping as JSON, which is written once since it does not change."""
        return json.dumps(self).encode()

    def __reduce__(self) -> tuple[Any, tuple[bytes]]:
        """Unpickle to the previous mapping if it is equal."""
        return _read, (self.written,)


@lru_cache(1)
def _read(written: bytes) -> KnownIds:
    return KnownIds(json.loads(written))


@dataclass(frozen=True)
class ScoreState:
    """The scores of a notebook of a submission, by grade cell, which can be put back as they were."""

    scores: Mapping[str, float | None]
    """Automatic scores."""
    comments: Mapping[str, str | None]
    """Automatic comments, by the cell of the answer."""
    manual: Mapping[str, float | None] = field(default_factory=dict)
    """Scores that people gave."""
    waits: Mapping[str, bool] = field(default_factory=dict)
    """Whether a cell waits for a person; empty if that follows from its score."""


@dataclass(frozen=True)
class GradeRecord:
    """A graded submission: its notebook as nbgrader keeps it and the reports in it, or why it is not graded."""

    submission: SubmissionId
    notebook: str = ""
    reports: Mapping[str, Report] = field(default_factory=dict)
    auto_scores: Mapping[str, float | None] = field(default_factory=dict)
    """As nbgrader reads them off the grade cells; None if the cell is graded manually."""
    auto_comments: Mapping[str, str | None] = field(default_factory=dict)
    seal: str = ""
    claim: tuple[IdOwner, str] = ("", "")
    reason: Text | None = None
    is_starved: bool = False
    """Whether grading stopped because the code got too little processor time."""
    essays: Sequence[str] = ()
    """Manually graded cells whose answer was found in an unusual way, or lost."""
    failing: Mapping[str, FailingCases] = field(default_factory=dict, repr=False)
    """Failing cases by question, for staff alone. The notebook does not have them."""


@dataclass(frozen=True)
class Scores:
    """The scores and comments of a submission in the gradebook, as its feedback shows them."""

    cells: Mapping[str, tuple[float, float]]
    """Score and maximum, by grade cell."""
    comments: Mapping[str, str | None]
    score: float
    max_score: float
    late_penalty: float | None
    waiting: tuple[str, ...] = ()
    """Cells that have no score yet: nobody has graded them, or they could not be graded."""
    handed_in: str = ""
    """The time of the submission in ISO 8601; empty if it is not known."""
    attempt: int | None = None
    """Which attempt of the student it is, where attempts are counted."""

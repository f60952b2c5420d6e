"""What crosses between the one who writes the gradebook and the workers: plain data, both ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal, Protocol

from autograder.grading.fingerprint import NOT_STALE, RegradeReason
from autograder.grading.report import Report
from autograder.questions.variants import Claim, Owner
from autograder.sandbox.fit_mode import NO_FIT, Fit
from autograder.submissions.selection import File

State = Literal["graded", "kept", "ungraded"]


@dataclass(frozen=True)
class SubmissionId:
    """One submission to grade."""

    student: str
    assignment: str


def intern_reports(reports: Mapping[str, Report]) -> dict[str, Report]:
    """The reports; those that say what an earlier one said are that one: most of a class says the same."""
    return {name: _intern(report) for name, report in reports.items()}


@lru_cache(2000)
def _intern(report: Report) -> Report:
    return report


@dataclass(frozen=True)
class Result:
    """What became of one submission: graded now, kept from before, or not graded and why."""

    job: SubmissionId
    state: State
    reason: str = ""
    reports: Mapping[str, Report] = field(default_factory=dict)
    """By question; empty where there is no grade."""
    seal: str = ""
    """What kept the student's code in; empty where none was run."""
    fit: Fit = NO_FIT
    """How models were trained."""
    claim: tuple[Claim, str] = ("", "")
    """What the id in the notebook is, and that id where it is not the student's own."""
    why: RegradeReason = NOT_STALE
    """Why it was graded again, where it was."""
    renewed: bool = False
    """Whether a grade from before was kept and its feedback page made anew: it showed other scores or comments."""
    essays: Sequence[str] = ()
    """Manually graded cells whose answer was found in an unusual way, or lost."""

    @property
    def score(self) -> float:
        """Sum over its questions."""
        return sum(report.score for report in self.reports.values())

    @property
    def points(self) -> float:
        """What could be earned."""
        return sum(report.points for report in self.reports.values())

    @property
    def ungraded(self) -> dict[str, str]:
        """Why single questions have no score, by their ids."""
        return {name: report.ungraded for name, report in self.reports.items() if report.ungraded}

    @property
    def notes(self) -> list[str]:
        """Questions and essays whose answer needs a teacher's look: how it was found, why it was lost."""
        return [*(name for name, report in self.reports.items() if report.notes), *self.essays]


LATE = "late penalty"


@dataclass(frozen=True)
class Change:
    """What a regrade makes of the score of one question. None stands for no score."""

    job: SubmissionId
    question: str
    """Its id, or `LATE`."""
    before: float | None
    after: float | None


def changes(job: SubmissionId, before: Mapping[str, Report], after: Mapping[str, Report]) -> list[Change]:
    """Return how the scores of a submission differ, by its reports from before and now."""

    def score(reports: Mapping[str, Report], name: str) -> float | None:
        report = reports.get(name)
        return None if report is None or report.ungraded else round(report.score, 4)

    pairs = [(name, score(before, name), score(after, name)) for name in {**before, **after}]
    return [Change(job, name, old, new) for name, old, new in pairs if old != new]


@dataclass(frozen=True)
class SourceCell:
    """What the gradebook knows of a released cell."""

    cell_type: str
    source: str
    checksum: str
    locked: bool
    max_score: float | None = None


@dataclass(frozen=True)
class RecordedAssignment:
    """What the gradebook knows of an assignment."""

    cells: Mapping[str, SourceCell]


class KnownIds(dict[str, str]):
    """All students, by each of their plain ids. They go with every task; a worker on this machine reads them once."""

    @cached_property
    def written(self) -> bytes:
        """All of it; it does not change any more."""
        return json.dumps(self).encode()

    def __reduce__(self) -> tuple[Any, tuple[bytes]]:
        """Sent between processes, it arrives as the one that came before where that is equal."""
        return _read, (self.written,)


@lru_cache(1)
def _read(written: bytes) -> KnownIds:
    return KnownIds(json.loads(written))


@dataclass(frozen=True)
class GradeTask:
    """A submission to grade: the notebooks in it, of which one counts."""

    job: SubmissionId
    submitted: Sequence[File]
    recorded: RecordedAssignment
    known: Mapping[str, str] = field(default_factory=KnownIds)
    owner: Owner | None = None
    """Who handed it in, for a worker that has no roster to find it out."""
    why: RegradeReason = NOT_STALE
    """Why it is graded again: kept with the grade."""
    unproved: Mapping[str, str] = field(default_factory=dict)
    """Why questions of the assignment must not grade, by their ids."""
    questions: str = ""
    """The digest of the question files that were proved, for a worker that reads the same files."""
    more: bool = False
    """Whether its worker will be given another of the same assignment: the kernel for that may start early."""


@dataclass(frozen=True)
class GradedSubmission:
    """A graded submission: its notebook as nbgrader keeps it, and the reports in it; or why it is not graded."""

    job: SubmissionId
    notebook: str = ""
    reports: Mapping[str, Report] = field(default_factory=dict)
    auto_scores: Mapping[str, float | None] = field(default_factory=dict)
    """As nbgrader reads them off the grade cells; None is for a person to grade."""
    auto_comments: Mapping[str, str | None] = field(default_factory=dict)
    seal: str = ""
    fit: Fit = NO_FIT
    claim: tuple[Claim, str] = ("", "")
    reason: str = ""
    essays: Sequence[str] = ()
    """As `Result.essays`."""


@dataclass(frozen=True)
class Scores:
    """What the gradebook says of a submission, as its feedback shows it."""

    cells: Mapping[str, tuple[float, float]]
    """Score and maximum, by grade cell."""
    comments: Mapping[str, str | None]
    score: float
    max_score: float
    late_penalty: float | None


@dataclass(frozen=True)
class RenderTask:
    """A feedback page to render."""

    job: SubmissionId
    notebook: str
    scores: Scores


@dataclass(frozen=True)
class WorkItem:
    """A piece of work: a function of `autograder.engine.worker`, and what it is given; `key` is the asker's own."""

    key: Any
    work: Callable[[Any], Any]
    data: Any


@dataclass(frozen=True)
class WorkResult:
    """What became of a piece of work: its value, or why there is none."""

    key: Any
    value: Any = None
    error: str = ""
    lost: bool = False
    """Whether its worker ended before it did: it may be begun again."""


class Executor(Protocol):
    """Workers. What goes in and out of them is data of this module."""

    @property
    def slots(self) -> int:
        """How many pieces of work go on side by side, as it is now; 0 where the workers are away."""
        ...

    def submit(self, piece: WorkItem) -> None:
        """Let a worker do a piece of work."""
        ...

    def completed(self, seconds: float) -> Iterator[WorkResult]:
        """What has been finished; waits for it at most `seconds`. What has ended meanwhile is replaced."""
        ...

    def close(self) -> None:
        """End the workers, whatever they are at."""
        ...

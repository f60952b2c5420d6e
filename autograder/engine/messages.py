"""Messages between the gradebook's writer and the workers, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from autograder.course import SubmissionId
from autograder.grading.course_secret import HandIn
from autograder.grading.fingerprint import NO_REASON, RegradeReason
from autograder.grading.report import EARNS, NOTHING, PRECISION, Report
from autograder.grading.wording import OUTCOMES
from autograder.i18n import _
from autograder.nbgrader.records import TOLERANCE, GradeRecord, KnownIds, RecordedNotebook, Scores
from autograder.questions.question import total_points
from autograder.questions.variants import IdOwner, Owner
from autograder.sandbox.fit_mode import Fit
from autograder.submissions.selection import File
from autograder.test_cells.proof import Proof
from autograder.text import Text, joined

if TYPE_CHECKING:
    from autograder.engine.worker import Worker

ResultState = Literal["graded", "kept", "ungraded"]


def intern_reports(reports: Mapping[str, Report]) -> dict[str, Report]:
    """Intern equal reports: most of a class has the same ones."""
    return {name: _intern(report) for name, report in reports.items()}


@lru_cache(2000)
def _intern(report: Report) -> Report:
    return report


@dataclass(frozen=True)
class Result:
    """The result of one submission: graded now, kept from an earlier run, or not graded and why."""

    submission: SubmissionId
    state: ResultState
    reason: Text | None = None
    reports: Mapping[str, Report] = field(default_factory=dict)
    """By question; empty if there is no grade."""
    seal: str = ""
    """The seal that the student's code ran in; empty if no code ran."""
    claim: tuple[IdOwner, str] = ("", "")
    """The kind of id in the notebook, and that id if it is not the student's own."""
    regrade_reason: RegradeReason = NO_REASON
    """The reason for a regrade."""
    renewed: bool = False
    """Whether the grade was kept and its feedback page rendered again, because it showed other scores or comments."""
    essays: Sequence[str] = ()
    """Manually graded cells whose answer was found in an unusual way, or lost."""
    outdated: RegradeReason = NO_REASON
    """Why the score, which is given out, is out of date: only a regrade changes it."""

    @property
    def score(self) -> float:
        """The sum over the questions."""
        return sum(report.score for report in self.reports.values())

    @property
    def points(self) -> float:
        """The maximum score."""
        return total_points(report.points for report in self.reports.values())

    @property
    def ungraded(self) -> dict[str, Text]:
        """The reason for each question without a score, by its id."""
        return {name: report.ungraded for name, report in self.reports.items() if report.ungraded}

    @property
    def notes(self) -> list[str]:
        """The questions and essays whose answer an instructor should review, as it was found unusually or lost."""
        return [*(name for name, report in self.reports.items() if report.notes), *self.essays]


def together(parts: Sequence[Result]) -> Result:
    """Return the result of a submission from those of its notebooks.

    It is not graded if one of them is not, and the names of questions say in which notebook they are.
    """
    if not any(part.submission.part for part in parts):
        [result] = parts
        return result
    states = {part.state for part in parts}
    reasons = [
        joined(": ", [Text.same(part.submission.notebook), part.reason]) for part in parts if part.reason
    ]
    return replace(
        parts[0],
        submission=parts[0].submission.whole,
        state=next(state for state in ("ungraded", "graded", "kept") if state in states),
        reason=joined("; ", reasons) if reasons else None,
        reports={
            part.submission.full_name(name): report for part in parts for name, report in part.reports.items()
        },
        seal=next((part.seal for part in parts if part.seal), ""),
        regrade_reason=next((part.regrade_reason for part in parts if part.regrade_reason.reason), NO_REASON),
        renewed=any(part.renewed for part in parts),
        essays=[part.submission.full_name(name) for part in parts for name in part.essays],
        outdated=next((part.outdated for part in parts if part.outdated.reason), NO_REASON),
    )


@dataclass(frozen=True)
class Regrade:
    """What a regrade changes of the scores that are given out and out of date."""

    question: str = ""
    """The only question whose scores change; empty for all."""
    keep_better: bool = False
    """Whether a score stays that would become lower."""
    everything: bool = False
    """Whether every submission is graded again, given out or not, and every score changes."""


LATE = "late penalty"
CARRIED = frozenset(["carried", "too_easy"])
"""How a check is shown that depends on the answer to another question."""


@dataclass(frozen=True)
class ScoreChange:
    """A change to the score of one question by a regrade. None is no score."""

    submission: SubmissionId
    question: str
    """The question's id, or `LATE`."""
    before: float | None
    after: float | None
    reason: Text = field(default_factory=Text, compare=False)
    """The differences between the two reports."""
    by_hand: float | None = None
    """The score of a person, which stays: before and after are what the checks give."""
    carried: bool = False
    """Whether a check moved because something is carried over from another question, or is not any more."""
    stays: bool = False
    """Whether the earlier score stays because it is better."""


def changes(
    submission: SubmissionId,
    before: Mapping[str, Report],
    after: Mapping[str, Report],
    recorded: Mapping[str, float] = MappingProxyType({}),
) -> list[ScoreChange]:
    """Return the differences between the scores in a submission's earlier and current reports.

    recorded: scores in the gradebook, by question; one without an earlier report was given by nbgrader alone.
    """

    def score(reports: Mapping[str, Report], name: str) -> float | None:
        report = reports.get(name)
        return None if report is None or report.ungraded else round(report.score, PRECISION)

    pairs = [
        (name, score(before, name) if name in before else recorded.get(name), score(after, name))
        for name in {**before, **after} or recorded
    ]
    return [
        ScoreChange(
            submission,
            name,
            old,
            new,
            _difference(before.get(name), after.get(name))
            if name in before or name not in recorded
            else _by_nbgrader_alone(after.get(name)),
            carried=_is_carried(before.get(name), after.get(name)),
        )
        for name, old, new in pairs
        if old != new
    ]


def scores_that_stay(
    submission: SubmissionId,
    before: Mapping[str, float | None],
    earlier: Mapping[str, Report],
    after: Mapping[str, Report],
    regrade: Regrade | None,
) -> tuple[list[str], list[str]]:
    """Return the questions whose score on record stays though it would be another: held back, and because it is better.

    before: the scores on record, by question. earlier: the reports of then. regrade: what may change; None for nothing.
    """
    held, better = [], []
    for name, report in after.items():
        old, new = before.get(name), report.recorded_score
        if old is None or (new is not None and abs(new - old) <= TOLERANCE):
            continue
        wanted = regrade is not None and regrade.question in ("", name, submission.full_name(name))
        # a score out of other points would be more, or less, than it was
        has_same_points = name in earlier and earlier[name].points == report.points
        if not wanted or new is None:
            held.append(name)
        elif regrade is not None and regrade.keep_better and new < old and has_same_points:
            better.append(name)
    return held, better


def _by_nbgrader_alone(after: Report | None) -> Text:
    """Describe why a question has another score than nbgrader gave without this package."""
    why: list[Text] = []
    if after is not None and after.ungraded:
        why = [after.ungraded]
    elif after is not None:
        why = [
            check.message for check in after.checks if check.outcome not in EARNS and check.message != NOTHING
        ]
    return joined(": ", [_("nbgrader gave the score before"), *why])


def _is_carried(before: Report | None, after: Report | None) -> bool:
    """Return whether a check has another outcome, one of which depends on the answer to another question."""
    if before is None or after is None:
        return False
    earlier = {check.name: check.shown_as for check in before.checks}
    now = {check.name: check.shown_as for check in after.checks}
    return any(
        earlier[name] != now[name] and {earlier[name], now[name]} & CARRIED
        for name in earlier.keys() & now.keys()
    )


def _difference(before: Report | None, after: Report | None) -> Text:
    """Describe why a question has another score: the checks with another outcome or points, and the credit."""
    if before is None or after is None:
        return _("the question is new") if before is None else _("the question is gone")
    if before.ungraded or after.ungraded:
        return after.ungraded or _("it could not be graded before")
    earlier = {check.name: check for check in before.checks}
    texts = [text for text in after.corrections if text not in before.corrections]
    texts += [
        _("no longer: {correction}", correction=text)
        for text in before.corrections
        if text not in after.corrections
    ]
    if after.marking == "not counted":
        return joined("; ", texts)
    for check in after.checks:
        old = earlier.pop(check.name, None)
        if old is None:
            texts.append(_("{check}: new", check=check.text))
        elif old.shown_as != check.shown_as:
            change = _(
                "{check}: {before} → {after}",
                check=check.text,
                before=OUTCOMES[old.shown_as],
                after=OUTCOMES[check.shown_as],
            )
            # what is carried over is explained to the student, whose answer it is
            tells = check.message != NOTHING and check.shown_as not in CARRIED
            texts.append(joined(": ", [change, check.message]) if tells else change)
        elif old.points != check.points:
            texts.append(
                _(
                    "{check}: worth {after:g} in the place of {before:g}",
                    check=check.text,
                    before=old.points,
                    after=check.points,
                )
            )
    texts += [_("{check}: gone", check=check.text) for check in earlier.values()]
    if not texts:  # a misconception alone changes the credit
        known, now = ({one.name: one for one in report.misconceptions} for report in (before, after))
        texts += [_("recognized: {mistake}", mistake=now[name].text) for name in now if name not in known]
        texts += [
            _("not recognized any more: {mistake}", mistake=known[name].text)
            for name in known
            if name not in now
        ]
    if before.credit != after.credit:
        texts.append(
            _("credit for a known mistake: {before:g} → {after:g}", before=before.credit, after=after.credit)
        )
    return joined("; ", texts)


@dataclass(frozen=True)
class GradeTask:
    """A submission to grade: its notebooks, of which one counts."""

    submission: SubmissionId
    submitted: tuple[File, ...]
    recorded: RecordedNotebook
    known: Mapping[str, str] = field(default_factory=KnownIds)
    owner: Owner | None = None
    """The submitter, for a worker that has no roster to look them up."""
    hand_in: HandIn = HandIn()  # noqa: RUF009
    regrade_reason: RegradeReason = NO_REASON
    """The reason for a regrade, which is kept with the grade."""
    unproved: Mapping[str, Text] = field(default_factory=dict)
    """The reasons why questions of the assignment must not grade, by their ids."""
    questions: str = ""
    """The digest of the question files that were proved, for a worker that reads the same files."""
    tests: Proof | None = None
    """The proof of nbgrader's own tests in the notebook, if these grade it."""
    attached: tuple[File, ...] = ()
    """The data files that were handed in with the notebook, for such tests."""
    prefetch: bool = False
    """Whether the worker will get another submission to the same assignment, so that its kernel may start early."""


@dataclass(frozen=True)
class RenderTask:
    """A feedback page to render."""

    submission: SubmissionId
    notebook: str
    scores: Scores


@dataclass(frozen=True)
class ReplayTask:
    """A question of a submission to run again."""

    task: GradeTask
    question: str
    score: float | None = None
    """Its score on record, to compare with the replay's; None if it is not graded."""

    @property
    def submission(self) -> SubmissionId:
        """The submission that the question belongs to."""
        return self.task.submission


@dataclass(frozen=True)
class WorkItem:
    """A function that a worker can import, with its second argument; the first is the worker.

    `key` belongs to the caller.
    """

    key: Any
    work: Callable[[Any, Any], Any]
    data: Any


def grade_with(worker: Worker, task: GradeTask) -> GradeRecord:
    """Grade a submission; see `Worker.grade`. A work item names it without importing what workers import."""
    return worker.grade(task)


def render_with(worker: Worker, page: RenderTask) -> str:
    """Render a feedback page; see `Worker.render`."""
    return worker.render(page)


@dataclass(frozen=True)
class WorkResult:
    """The value of a work item, or the error that prevented it."""

    key: Any
    value: Any = None
    error: Text | None = None
    lost: bool = False
    """Whether the worker ended before the item was done. It may be submitted again."""


class Executor(Protocol):
    """A set of workers, which take and return messages of this module."""

    @property
    def fit(self) -> Fit:
        """How models are trained now, as far as this process knows."""
        ...

    @property
    def slots(self) -> int:
        """The number of items that run in parallel at present; 0 while no worker is available."""
        ...

    @property
    def beside_slots(self) -> Collection[Any]:
        """The keys of the items that take long, and so have left their slots to others."""
        ...

    def submit(self, item: WorkItem) -> None:
        """Queue an item for a worker."""
        ...

    def completed(self, seconds: float) -> Iterator[WorkResult]:
        """Yield what is finished, after waiting at most `seconds`. Workers that have ended are replaced."""
        ...

    def close(self) -> None:
        """End the workers, even at work."""
        ...

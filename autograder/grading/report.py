"""The result of grading one question: the outcome of each check, the misconceptions found, and the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.formula import Formula
from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.errors import AnswerFault
from autograder.i18n import _
from autograder.questions.pool import as_tuple
from autograder.questions.question import total_points
from autograder.text import Text, intern_text

Outcome = Literal["passed", "carried", "failed", "errored", "blocked"]
Quotes = Literal["error", "type", "value", ""]
EARNS: tuple[Outcome, ...] = ("passed", "carried")
Marking = Literal["full marks", "not counted", ""]
"""How a correction of the question marks the answer in the place of the checks; empty where the checks mark it."""
ExampleResult = Literal["passed", "failed", ""]
"""Whether the visible example passed; empty if it was not run."""
NOTHING = Text()
UNANSWERED = _("not answered: no answer was written in its cell")
PRECISION = 4
"""Decimals of a score in the gradebook."""


@dataclass(frozen=True)
class CheckResult:
    """The result of one check."""

    name: str
    text: Text
    outcome: Outcome
    points: float
    message: Text = NOTHING
    quotes: Quotes = field(default="", compare=False)
    """Which part of the message may quote what the answer produced; see `disclosure`. Not saved."""
    too_easy: bool = False
    """Whether it is blocked although it follows from the student's own wrong function, which makes it easier."""
    part: float | None = None
    """The points that a test of nbgrader's gave; None for all or none of them."""

    @property
    def earned(self) -> float:
        """Points this check adds to the score."""
        if self.part is not None:
            return self.part
        return self.points if self.outcome in EARNS else 0.0

    @property
    def shown_as(self) -> str:
        """The key of its word in `OUTCOMES` and of its mark in `SYMBOLS`."""
        return "too_easy" if self.too_easy else self.outcome


@dataclass(frozen=True)
class Counterexample:
    """A call for which the answer is wrong, as code, without the right value."""

    call: str
    """Empty for a number question, whose answer is a number."""
    value: str
    """What the answer returned."""


@dataclass(frozen=True)
class Report:
    """The result of one question of one submission: its checks, recognized misconceptions and score."""

    question: str
    title: Text
    points: float
    checks: tuple[CheckResult, ...]
    misconceptions: tuple[NamedMisconception, ...] = ()
    computed: tuple[Text, ...] = ()
    """What a wrong counting function computes and which part of it is wrong; else observations on the wrong values."""
    notes: tuple[Text, ...] = ()
    """Further remarks for the student: how the answer was found, why it was lost."""
    fault: AnswerFault | None = None
    """Why no check had anything to judge."""
    ungraded: Text | None = None
    """Why there is no score through no fault of the student; shown to staff."""
    numbers: tuple[tuple[str, Any], ...] = ()
    """The numbers by which a number question was graded, with their names, in the order of these."""
    counterexample: Counterexample | None = None
    example: ExampleResult = ""
    section: Text = field(default=NOTHING, compare=False)
    """The heading of the notebook to read again if no misconception is named; empty if the author names none."""
    cases: tuple[CaseResult, ...] = field(default=(), repr=False, compare=False)
    """Every case with the expected and the actual value, if recorded. Not saved."""
    near_credit: float = 0.0
    """Credit of a misconception that is at least as far from the right answer in every case."""
    varies: bool = field(default=False, compare=False)
    """Whether the answer returned different values for different cases. Not saved."""
    formula: Formula | None = field(default=None, repr=False, compare=False)
    """What a wrong counting function computes, if no misconception explains it. Not saved."""
    gave_nothing: bool = field(default=False, compare=False)
    """Whether the answer returned None for every case. Not saved."""
    skipped_draws: int = field(default=0, compare=False)
    """How many draws of hidden inputs were unfit to judge by, before the one that was used."""
    corrections: tuple[Text, ...] = ()
    """The corrections of the question as students read them, each with its date."""
    marking: Marking = ""
    other: str = field(default="", compare=False)
    """The other right answer by which every check passed; empty for the reference. Not saved."""

    @classmethod
    def not_graded(cls, question: str, title: Text, points: float, reason: Text) -> Report:
        """Return a report without a score. reason: why there is none, through no fault of the student."""
        return cls(question, title, points, (), ungraded=reason)

    @property
    def right(self) -> bool:
        """Whether every check passed on the reference's values, none by follow-through."""
        return all(check.outcome == "passed" for check in self.checks)

    @property
    def unanswered(self) -> bool:
        """Whether nothing was written, so that each check says no more than this."""
        return self.fault == "missing" and all(check.message == UNANSWERED for check in self.checks)

    @property
    def is_carried(self) -> bool:
        """Whether every check passed, on the reference's values or by follow-through."""
        return all(check.outcome in EARNS for check in self.checks)

    @property
    def score(self) -> float:
        """All points by a correction; else those of the checks, or the credit of a misconception if that is more."""
        return self.points if self.marking == "full marks" else self._judged

    @property
    def _judged(self) -> float:
        """Points of the passed and carried-over checks, or the credit of a misconception if that is more."""
        return min(self.points, max(self._earned, self.named_credit, self.near_credit))

    @property
    def _earned(self) -> float:
        return total_points(check.earned for check in self.checks)

    @property
    def recorded_score(self) -> float | None:
        """The score as the gradebook keeps it, from 0 to the points; None if the question is not graded."""
        if self.ungraded:
            return None
        return min(float(self.points), max(0.0, float(round(self.score, PRECISION))))

    @property
    def named_credit(self) -> float:
        """The most credit of a recognized misconception."""
        return max((named.credit for named in self.misconceptions), default=0.0)

    @property
    def credit(self) -> float:
        """Points for a misconception beyond those of the checks."""
        return self._judged - self._earned

    @property
    def granted(self) -> Report:
        """The report as it were if what is blocked as too easy had been carried over."""
        return replace(
            self,
            checks=tuple(
                replace(check, outcome="carried", message=NOTHING, too_easy=False)
                if check.too_easy
                else check
                for check in self.checks
            ),
        )

    @property
    def at_stake(self) -> float:
        """Points that a person may grant for what is blocked as too easy."""
        if not any(check.too_easy for check in self.checks):
            return 0.0
        return round(self.granted.score - self.score, PRECISION)

    def is_scored(self, score: float | None) -> bool:
        """Return whether a score of the gradebook is the one of this report."""
        return score is not None and round(abs(score - self.score), PRECISION) == 0

    def as_scored(self, score: float | None) -> Report:
        """Return the report with what a person granted carried over. score: that of the gradebook."""
        return self.granted if self.at_stake and self.granted.is_scored(score) else self


def to_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain data, to be saved in a graded notebook."""
    return {
        "question": report.question,
        "title": report.title.to_dict(),
        "points": report.points,
        "score": report.score,
        "checks": [
            {
                "name": check.name,
                "text": check.text.to_dict(),
                "outcome": check.outcome,
                "points": check.points,
                "message": check.message.to_dict(),
                "too_easy": check.too_easy,
                **({} if check.part is None else {"part": check.part}),
            }
            for check in report.checks
        ],
        "misconceptions": [
            {
                "name": named.name,
                "text": named.text.to_dict(),
                "credit": named.credit,
                "section": named.section.to_dict(),
            }
            for named in report.misconceptions
        ],
        "computed": [text.to_dict() for text in report.computed],
        "numbers": dict(report.numbers),
        "counterexample": None if report.counterexample is None else asdict(report.counterexample),
        "example": report.example,
        "section": report.section.to_dict(),
        "near_credit": report.near_credit,
        "notes": [note.to_dict() for note in report.notes],
        "fault": report.fault,
        "ungraded": report.ungraded and report.ungraded.to_dict(),
        "skipped_draws": report.skipped_draws,
        "corrections": [text.to_dict() for text in report.corrections],
        "marking": report.marking,
    }


def from_dict(data: Mapping[str, Any]) -> Report:
    """Return the report that `to_dict` converted to data."""
    return Report(
        question=data["question"],
        title=intern_text(data["title"]),
        points=data["points"],
        checks=tuple(
            CheckResult(
                check["name"],
                intern_text(check["text"]),
                check["outcome"],
                check["points"],
                intern_text(check["message"]),
                too_easy=check.get("too_easy", False),
                part=check.get("part"),
            )
            for check in data["checks"]
        ),
        misconceptions=tuple(
            NamedMisconception(
                named["name"],
                intern_text(named["text"]),
                named["credit"],
                intern_text(named.get("section", {})),
            )
            for named in data["misconceptions"]
        ),
        computed=tuple(intern_text(text) for text in data.get("computed", ())),
        numbers=tuple((name, as_tuple(number)) for name, number in data.get("numbers", {}).items()),
        counterexample=Counterexample(**call) if (call := data.get("counterexample")) else None,
        example=data.get("example", ""),
        section=intern_text(data.get("section", {})),
        near_credit=data.get("near_credit", 0.0),
        notes=tuple(intern_text(note) for note in data["notes"]),
        fault=data["fault"],
        ungraded=_reason(data.get("ungraded")),
        skipped_draws=data.get("skipped_draws", 0),
        corrections=tuple(intern_text(text) for text in data.get("corrections", ())),
        marking=data.get("marking", ""),
    )


def _reason(data: Mapping[str, str] | str | None) -> Text | None:
    """Return why there is no score. Earlier versions stored an English string, which was empty if there was one."""
    if not data:
        return None
    return Text.same(data) if isinstance(data, str) else intern_text(data)

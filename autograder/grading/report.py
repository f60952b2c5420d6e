"""The result of grading one question: the outcome of each check, the misconceptions found, and the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autograder.errors import AnswerFault
from autograder.grading.diagnosis import CaseResult, NamedMisconception
from autograder.text import Text, shared

Outcome = Literal["passed", "carried", "failed", "errored", "blocked"]
Quotes = Literal["error", "type", "value", ""]
EARNS: tuple[Outcome, ...] = ("passed", "carried")
NOTHING = Text()


@dataclass(frozen=True)
class CheckResult:
    """What one check found."""

    name: str
    text: Text
    outcome: Outcome
    points: float
    message: Text = NOTHING
    quotes: Quotes = field(default="", compare=False)
    """Of what the message may hold a part that the answer chose; see `disclosure`. It is no part of what is kept."""

    @property
    def earned(self) -> float:
        """Points this check adds to the score."""
        return self.points if self.outcome in EARNS else 0.0


@dataclass(frozen=True)
class Report:
    """One question of one submission: its checks, the mistakes it shows, its score."""

    question: str
    title: Text
    points: float
    checks: tuple[CheckResult, ...]
    misconceptions: tuple[NamedMisconception, ...] = ()
    computed: tuple[Text, ...] = ()
    """What a wrong counting function computes, and which part of it is wrong."""
    notes: tuple[Text, ...] = ()
    """What else the student should know: how the answer was found, why it was lost."""
    fault: AnswerFault | None = None
    """Why there was nothing to judge, where no check could look at anything."""
    ungraded: str = ""
    """Why there is no score, through no fault of the student's: for staff."""
    cases: tuple[CaseResult, ...] = field(default=(), repr=False, compare=False)
    """Every case with what was wanted and what came back, where that is to be shown; it is no part of what is kept."""
    varies: bool = field(default=False, compare=False)
    """Whether the answer gave different values for different cases; it is no part of what is kept."""

    @property
    def right(self) -> bool:
        """Whether every check is passed by the truth."""
        return all(check.outcome == "passed" for check in self.checks)

    @property
    def score(self) -> float:
        """Sum of the checks that are passed or carried over, or the credit of a known mistake where that is more."""
        earned = sum(check.earned for check in self.checks)
        credit = max((named.credit for named in self.misconceptions), default=0.0)
        return min(self.points, max(earned, credit))

    @property
    def credit(self) -> float:
        """Points for a known mistake, above those of the checks."""
        return self.score - sum(check.earned for check in self.checks)


def to_dict(report: Report) -> dict[str, Any]:
    """The report as plain data, to be kept in a graded notebook."""
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
            }
            for check in report.checks
        ],
        "misconceptions": [
            {"name": named.name, "text": named.text.to_dict(), "credit": named.credit}
            for named in report.misconceptions
        ],
        "computed": [told.to_dict() for told in report.computed],
        "notes": [note.to_dict() for note in report.notes],
        "fault": report.fault,
        "ungraded": report.ungraded,
    }


def from_dict(data: Mapping[str, Any]) -> Report:
    """The report that `to_dict` gave as data."""
    return Report(
        question=data["question"],
        title=_text(data["title"]),
        points=data["points"],
        checks=tuple(
            CheckResult(
                check["name"],
                _text(check["text"]),
                check["outcome"],
                check["points"],
                _text(check["message"]),
            )
            for check in data["checks"]
        ),
        misconceptions=tuple(
            NamedMisconception(named["name"], _text(named["text"]), named["credit"])
            for named in data["misconceptions"]
        ),
        computed=tuple(_text(told) for told in data.get("computed", ())),
        notes=tuple(_text(note) for note in data["notes"]),
        fault=data["fault"],
        ungraded=data.get("ungraded", ""),
    )


def _text(told: Mapping[str, str]) -> Text:
    return shared(told["ko"], told["en"])

"""The questions of an attempt, with what teachers gave and what the student asked: for students and for staff."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.feedback.cards import Card, CellGrade, cards
from autograder.notebooks.cells import GRADE_SUFFIX, NAMESPACE, cell_metadata
from autograder.text import Text
from autograder.web.catalog import AssignmentInfo
from autograder.web.db.models import Attempt, FinalGrade, Override, RegradeRequest


@dataclass(frozen=True)
class DisplayedOverride:
    """Points or a comment that a teacher gave for one grade cell."""

    title: Text
    score: float | None
    points: float | None
    manual: bool
    """Whether the score replaces what the grader found."""
    waits: bool
    """Whether a person still has to grade it."""
    reason: str
    by: str


@dataclass(frozen=True)
class QuestionResult:
    """A question of a graded attempt."""

    card: Card
    override: DisplayedOverride | None = None
    requests: Sequence[RegradeRequest] = ()
    """Its regrade requests, the oldest first."""

    @property
    def is_folded(self) -> bool:
        """Whether nothing about it must be read."""
        commented = self.override is not None and bool(self.override.reason)
        return self.card.is_folded and not self.requests and not commented

    @property
    def may_ask(self) -> bool:
        """Whether every earlier request was answered."""
        return all(request.answer is not None for request in self.requests)


def displayed_overrides(
    final_grade: FinalGrade | None, overrides: Iterable[Override], info: AssignmentInfo
) -> dict[str, DisplayedOverride]:
    """Return the points and comments in force that teachers gave, by grade cell. overrides: the oldest first."""
    latest = {override.cell: override for override in overrides}
    displayed = {}
    for cell, grade in ({} if final_grade is None else final_grade.cells).items():
        comment = str(grade.get("comment") or "")
        question = cell.removesuffix(GRADE_SUFFIX)
        is_automatic = cell.endswith(GRADE_SUFFIX) or question in info.questions
        if not grade.get("manual") and not comment and is_automatic:
            continue
        override = latest.get(cell)
        applies = override is not None and override.points is not None and grade.get("manual")
        displayed[cell] = DisplayedOverride(
            title=info.questions.get(question, Text.same(cell)),
            score=grade.get("score"),
            points=grade.get("points"),
            manual=bool(grade.get("manual")),
            waits=bool(grade.get("waits")),
            reason=override.reason if override is not None and applies else comment,
            by=override.made_by if override is not None and applies else "",
        )
    return displayed


def question_results(
    attempt: Attempt,
    language: str,
    graded: Path,
    *,
    overrides: Mapping[str, DisplayedOverride],
    requests: Iterable[RegradeRequest],
    solutions: Mapping[str, str],
) -> list[QuestionResult]:
    """Return the questions of an attempt in the order of the notebook; empty if it has never been graded.

    graded: the graded notebook, which has the student's code. overrides: as `displayed_overrides` returns them.
    requests: of the attempt. solutions: worked solutions to show.
    """
    if not attempt.report:
        return []
    grades = {
        name: CellGrade(override.score or 0.0, override.points or 0.0, waiting=override.waits)
        for name, override in overrides.items()
        if override.waits or (override.manual and override.score is not None)
    }
    asked = list(requests)
    return [
        QuestionResult(
            card=card,
            override=overrides.get(card.name + GRADE_SUFFIX) or overrides.get(card.name),
            requests=[request for request in asked if request.question == card.name],
        )
        for card in cards(graded_notebook(attempt.report, graded), language, grades, solutions=solutions)
    ]


def graded_notebook(report: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """Return the graded notebook of an attempt, with the reports of the database. report: as `Attempt.report`.

    If the file is gone, it has nothing but the grade cells.
    """
    reports = {of_question["question"]: of_question for of_question in report["questions"]}
    try:
        notebook = json.loads(path.read_bytes())
        cells, metadata = notebook["cells"], notebook["metadata"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        cells, metadata = (
            [],
            {NAMESPACE: {name: report[name] for name in ("edition", "claim") if name in report}},
        )
    for cell in cells:
        ours = cell_metadata(cell)
        if "report" in ours:
            cell["metadata"][NAMESPACE]["report"] = reports.pop(ours["report"]["question"], ours["report"])
    for name, of_question in reports.items():
        marks = {
            "nbgrader": {"grade_id": name + GRADE_SUFFIX, "grade": True},
            NAMESPACE: {"report": of_question},
        }
        cells.append({"cell_type": "code", "source": "", "metadata": marks})
    return {"metadata": metadata, "cells": cells}

"""A regrade as plain data: who moves, from what to what, and why. Its page, its table and its log are made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from autograder.course import Course
from autograder.engine.messages import LATE, Regrade, Result, ScoreChange
from autograder.grading.fingerprint import Fingerprints
from autograder.i18n import _
from autograder.roster import Roster
from autograder.text import Text

FORMAT = 1
LATE_PENALTY = _("late penalty")


def regrade_data(
    course: Course, results: Sequence[Result], changes: Sequence[ScoreChange], regrade: Regrade
) -> dict[str, Any]:
    """Return what a regrade changes. Texts are mappings from language to text; a score of None is none."""
    names = {person.student_id: person.name for person in Roster.of(course).people}
    graded = [result for result in results if result.state == "graded"]
    reasons = Counter((result.submission.assignment, result.regrade_reason) for result in graded)
    assignments = sorted({result.submission.assignment for result in graded})
    records = Fingerprints(course)
    return {
        "format": FORMAT,
        "course": course.id,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "timezone": str(course.zone),
        "question": regrade.question,
        "keep_better": regrade.keep_better,
        "graded": len(graded),
        "reasons": [
            {"assignment": assignment, "text": why.text.to_dict(), "scores": number}
            for (assignment, why), number in reasons.items()
        ],
        "versions": {name: records.of(name)["versions"] for name in assignments},
        "summary": _summary(changes),
        "changes": [_change(change, names) for change in changes if not change.stays],
        "kept": [_change(change, names) for change in changes if change.stays],
        "ungraded": [
            {
                "student": result.submission.student,
                "name": names.get(result.submission.student, ""),
                "assignment": result.submission.assignment,
                "reason": result.reason.to_dict(),
            }
            for result in results
            if result.reason
        ],
    }


def _summary(changes: Sequence[ScoreChange]) -> list[dict[str, Any]]:
    """Return how many scores go up and down, by assignment and question."""
    groups: dict[tuple[str, str], list[ScoreChange]] = {}
    for change in changes:
        groups.setdefault((change.submission.assignment, _question(change)), []).append(change)
    summary = []
    for (assignment, question), group in groups.items():
        moved = [change for change in group if not change.stays]
        differences = [
            change.after - change.before
            for change in moved
            if change.before is not None and change.after is not None
        ]
        summary.append({
            "assignment": assignment,
            "question": question,
            "up": sum(difference > 0 for difference in differences),
            "down": sum(difference < 0 for difference in differences),
            "new": sum(change.before is None for change in moved),
            "kept": len(group) - len(moved),
            "by_hand": sum(change.by_hand is not None for change in group),
            "carried": sum(change.carried for change in moved),
        })  # fmt: skip
    return summary


def _change(change: ScoreChange, names: dict[str, str]) -> dict[str, Any]:
    return {
        "student": change.submission.student,
        "name": names.get(change.submission.student, ""),
        "assignment": change.submission.assignment,
        "question": _question(change),
        "before": change.before,
        "after": change.after,
        "why": change.reason.to_dict(),
        "by_hand": change.by_hand,
        "carried": change.carried,
    }


def _question(change: ScoreChange) -> str:
    return change.question if change.question == LATE else change.submission.full_name(change.question)


def question_text(question: str) -> Text:
    """Return what people read in the place of a question's id."""
    return LATE_PENALTY if question == LATE else Text.same(question)

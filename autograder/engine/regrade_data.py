"""A regrade as plain data: who moves, from what to what, and why. Its page, its table and its log are made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autograder.course import Course, SubmissionId
from autograder.engine.messages import LATE, Regrade, Result, ScoreChange
from autograder.grading.fingerprint import Fingerprints
from autograder.i18n import _
from autograder.roster import Roster
from autograder.text import Text

FORMAT = 1
LATE_PENALTY = _("late penalty")


@dataclass(frozen=True)
class GradedAgain:
    """The submissions of a regrade, each graded again or not, and the scores that change."""

    graded: Sequence[tuple[SubmissionId, Text]]
    """Each with the reason for the regrade."""
    ungraded: Sequence[tuple[SubmissionId, Text]]
    """Each with the reason why it could not be graded."""
    changes: Sequence[ScoreChange]
    names: Mapping[str, str]
    """The names of the students, by id."""


def regrade_data(
    course: Course, results: Sequence[Result], changes: Sequence[ScoreChange], regrade: Regrade
) -> dict[str, Any]:
    """Return what a regrade of submissions changes; see `as_data`."""
    again = GradedAgain(
        [(each.submission, each.regrade_reason.text) for each in results if each.state == "graded"],
        [(each.submission, each.reason) for each in results if each.reason],
        changes,
        {person.student_id: person.name for person in Roster.of(course).people},
    )
    return as_data(course, regrade, again)


def as_data(course: Course, regrade: Regrade, again: GradedAgain) -> dict[str, Any]:
    """Return what a regrade changes. Texts are mappings from language to text; a score of None is none."""
    names = again.names
    # in the order of the class, whatever was graded first; the questions of a student stay in theirs
    changes = sorted(again.changes, key=lambda one: (one.submission.assignment, one.submission.student))
    reasons = Counter((submission.assignment, why) for submission, why in again.graded)
    assignments = sorted({submission.assignment for submission, _why in again.graded})
    records = Fingerprints(course)
    return {
        "format": FORMAT,
        "course": course.id,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "timezone": str(course.zone),
        "question": regrade.question,
        "keep_better": regrade.keep_better,
        "graded": len(again.graded),
        "reasons": [
            {"assignment": assignment, "text": why.to_dict(), "scores": number}
            for (assignment, why), number in reasons.items()
        ],
        "versions": {name: records.of(name)["versions"] for name in assignments},
        "summary": _summary(changes),
        "changes": [_change(change, names) for change in changes if not change.stays],
        "kept": [_change(change, names) for change in changes if change.stays],
        "ungraded": [
            {
                "student": submission.student,
                "name": names.get(submission.student, ""),
                "assignment": submission.assignment,
                "reason": reason.to_dict(),
            }
            for submission, reason in again.ungraded
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


def _change(change: ScoreChange, names: Mapping[str, str]) -> dict[str, Any]:
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


def students_moved(data: Mapping[str, Any]) -> int:
    """Return the number of students whose score a regrade changes, of data as `as_data` returns it."""
    return len({change["student"] for change in data["changes"]})


def question_text(question: str) -> Text:
    """Return what people read in the place of a question's id."""
    return LATE_PENALTY if question == LATE else Text.same(question)

"""Gradescope's data about a submission: students, time, and earlier attempts (`submission_metadata.json`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.i18n import _


@dataclass(frozen=True)
class Earlier:
    """An earlier submission of the same student."""

    score: float | None
    results: Mapping[str, Any] = field(default_factory=dict)
    """Its output; Gradescope keeps only that of the last one."""


@dataclass(frozen=True)
class Metadata:
    """A submission as Gradescope describes it. Every field may be missing."""

    created: datetime | None = None
    due: datetime | None = None
    emails: tuple[str, ...] = ()
    """Of every member of the group."""
    earlier: tuple[Earlier, ...] = ()
    """Submissions that were run; one that failed by Gradescope's own account is not an attempt."""

    @property
    def seconds_late(self) -> float:
        """Measured at the time of submission, never now: rerunning the autograder makes nobody late."""
        if self.created is None or self.due is None:
            return 0.0
        return max(0.0, (self.created - self.due).total_seconds())

    @property
    def best(self) -> float | None:
        """The best score so far."""
        return max(
            (submission.score for submission in self.earlier if submission.score is not None), default=None
        )

    @property
    def not_graded(self) -> int:
        """How many earlier submissions were not graded because of a grader error, as counted by the last one."""
        extra = self.earlier[-1].results.get("extra_data") if self.earlier else None
        number = extra.get("not_graded") if isinstance(extra, dict) else None
        return min(number, len(self.earlier)) if isinstance(number, int) and number > 0 else 0

    @property
    def attempt(self) -> int:
        """The number of this attempt, starting at 1."""
        return len(self.earlier) - self.not_graded + 1


def read(path: Path) -> Metadata:
    """Read the metadata file; empty if there is none, for example when an image is tried by hand.

    Raises GraderError if the file is not in Gradescope's format.
    """
    if not path.exists():
        return Metadata()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        earlier = [
            (
                _moment(submission.get("submission_time")),
                Earlier(_score(submission.get("score")), submission.get("results") or {}),
            )
            for submission in data.get("previous_submissions") or ()
            if not submission.get("autograder_error")
        ]
        if all(moment is not None for moment, _earlier in earlier):
            earlier.sort(key=lambda pair: pair[0])  # type: ignore[arg-type,return-value]
        return Metadata(
            _moment(data.get("created_at")),
            _moment((data.get("assignment") or {}).get("due_date")),
            tuple(str(user.get("email") or "") for user in data.get("users") or ()),
            tuple(submission for _moment_of, submission in earlier),
        )
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise GraderError(
            _("{path} is not what Gradescope documents: {error}", path=path, error=error)
        ) from error


def _moment(text: Any) -> datetime | None:
    """Parse a time with its UTC offset; Gradescope always writes one."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} lacks its offset")
    return moment


def _score(value: Any) -> float | None:
    return None if value is None else float(value)

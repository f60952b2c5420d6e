"""Match scores to the rows of an LMS's sheet, and account for everybody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from autograder.course import SubmissionId
from autograder.i18n import _, moment_text
from autograder.lms.scores import LmsScores, StudentScore
from autograder.roster import Unmatched
from autograder.text import Text, joined


@dataclass(frozen=True)
class Line:
    """One person's row of a sheet."""

    row: int
    identifiers: Mapping[str, str]
    """Identifiers of the person by roster column, the most reliable first."""
    shown: str
    current: str = ""
    """The current content of the score cell."""
    locked: Text | None = None
    """Why the LMS would reject a score here; None if it would not."""
    handed_in: bool = False
    """Whether the LMS is known to have a submission of this person."""
    extended_until: datetime | None = None


@dataclass
class Filled:
    """The scores for a sheet, and who is left out and why."""

    scores: dict[int, float] = field(default_factory=dict)
    """By row: the score in the LMS's points."""
    standings: dict[int, StudentScore] = field(default_factory=dict)
    """By row: everybody who was matched."""
    capped: list[Text] = field(default_factory=list)
    """Students whose bonus exceeded the LMS's maximum."""
    kept: list[Text] = field(default_factory=list)
    """Students whose cell was left unchanged, and why."""
    ungraded: list[Text] = field(default_factory=list)
    """Students with a submission but no score in the sheet, and why."""
    unmatched: list[Text] = field(default_factory=list)
    """Rows that match no student of the roster, with similar names."""
    missing: list[Text] = field(default_factory=list)
    """Students with a score but without a row in the sheet."""
    waiting: dict[str, list[str]] = field(default_factory=dict)
    """By manually graded cell: students who wait for it and have no score in the sheet until then."""

    @property
    def is_whole(self) -> bool:
        """Whether every submission has its score in the sheet or waits for a manual one."""
        return not self.ungraded and not self.missing

    def given_out(self, assignment: str) -> list[SubmissionId]:
        """Return the submissions whose scores are in the sheet."""
        return [
            SubmissionId(standing.student, assignment)
            for row, standing in self.standings.items()
            if row in self.scores and standing.state == "settled"
        ]


def fill(
    standings: LmsScores,
    lines: Sequence[Line],
    most: float,
    *,
    absent: str = "zero",
    keep_bonus: bool = False,
) -> Filled:
    """Return the scores for a sheet whose maximum is `most`, or the kit's maximum if that is 0.

    absent: students without a submission whose deadline has passed get 0 in an empty cell (`zero`) or nothing
    (`blank`). keep_bonus: allow scores above the maximum.
    """
    matches = {
        line.row: standings.roster.find(line.identifiers, assignment=standings.assignment) for line in lines
    }
    times = Counter(person for person in matches.values() if not isinstance(person, Unmatched))
    filling, most = Filled(), most or standings.most
    for line in lines:
        person = matches[line.row]
        if isinstance(person, Unmatched):
            (filling.ungraded if line.handed_in else filling.unmatched).append(person.text)
        elif times[person] > 1:
            filling.unmatched.append(
                _(
                    "{name}: {number} rows of the sheet match {student}",
                    name=line.shown,
                    number=times[person],
                    student=person.student_id,
                )
            )
        else:
            standing = standings.by_person[person.student_id]
            filling.standings[line.row] = standing
            score = scaled(standing.score, standings.most, most)
            _fill_line(filling, line, standing, score, most if not keep_bonus else 0, absent, standings.due)
    reached = {standing.student for standing in filling.standings.values()}
    filling.missing += [
        Text.same(standing.student)
        for standing in standings.by_person.values()
        if standing.state != "absent" and standing.student not in reached
    ]
    filling.missing += standings.strangers
    return filling


def _fill_line(
    filling: Filled,
    line: Line,
    standing: StudentScore,
    score: float,
    most: float,
    absent: str,
    due: datetime | None,
) -> None:
    who = f"{standing.student} ({line.shown})"
    if standing.state == "ungraded":
        filling.ungraded.append(Text.same(who))
    elif standing.state == "waiting":
        for cell in standing.waits:
            filling.waiting.setdefault(cell, []).append(standing.student)
    elif line.locked:
        (filling.ungraded if standing.state == "settled" else filling.kept).append(
            joined(": ", [Text.same(who), line.locked])
        )
    elif standing.state == "absent" and line.handed_in:
        filling.ungraded.append(_("{student}: the LMS has a submission that was not collected", student=who))
    elif standing.state == "absent" and (until := _still(line.extended_until, due)):
        filling.kept.append(
            _("{student}: may submit until {time}", student=who, time=moment_text(until, until.tzinfo))
        )
    elif standing.state == "absent":
        if line.current.strip("0.,"):
            filling.kept.append(
                _("{student}: no submission, and the LMS has {score}", student=who, score=line.current)
            )
        elif absent == "zero" and not line.current:
            filling.scores[line.row] = 0.0
    else:
        if most and score > most:
            filling.capped.append(
                _(
                    "{student}: {score} of {maximum}",
                    student=who,
                    score=plain_number(score),
                    maximum=plain_number(most),
                )
            )
            score = most
        filling.scores[line.row] = score


def _still(*times: datetime | None) -> datetime | None:
    """Return the latest of these times, or None if it has passed."""
    latest = max((time for time in times if time is not None), default=None)
    return latest if latest is not None and latest > datetime.now(UTC) else None


def scaled(score: float, ours: float, theirs: float) -> float:
    """Scale a score from `ours` to `theirs` points, rounded half up to hundredths, as LMSs store it."""
    if not ours:
        return score
    exact = Decimal(str(score)) * Decimal(str(theirs)) / Decimal(str(ours))
    return float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


def plain_number(value: float) -> str:
    """Format a number with a decimal point, no thousands separator and no trailing zeros, as every LMS reads it."""
    return f"{value:.2f}".rstrip("0").rstrip(".")

"""Which score goes into which line of an LMS's sheet, and what becomes of everybody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.lms.standing import Standing, Standings
from autograder.roster import Unmatched


@dataclass(frozen=True)
class Line:
    """One person's line of a sheet."""

    row: int
    told: Mapping[str, str]
    """What it tells of the person, by column of the roster, the surest first."""
    shown: str
    current: str = ""
    """What stands in the cell of the score."""
    locked: str = ""
    """Why the LMS would not take a score here; empty where it would."""
    handed_in: bool = False
    """Whether the LMS is known to hold a hand-in of theirs."""


@dataclass(frozen=True)
class Filled:
    """What a sheet is filled with, and who is left out and why."""

    scores: Mapping[int, float]
    """By row: the LMS's own points."""
    standings: Mapping[int, Standing]
    """By row: of everybody who is known."""
    capped: Sequence[str] = ()
    """Whose bonus reached beyond the LMS's maximum."""
    kept: Sequence[str] = ()
    """Whose cell was left as it is, and why."""
    ungraded: Sequence[str] = ()
    unmatched: Sequence[str] = ()
    """Lines of the sheet that are nobody's in the roster, with the near names."""
    missing: Sequence[str] = ()
    """Students with a score who have no line in the sheet."""

    @property
    def is_whole(self) -> bool:
        """Whether every hand-in has its score in the sheet."""
        return not self.ungraded and not self.missing


@dataclass
class _Filling:
    scores: dict[int, float] = field(default_factory=dict)
    standings: dict[int, Standing] = field(default_factory=dict)
    capped: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)


def fill(
    standings: Standings,
    lines: Sequence[Line],
    most: float,
    *,
    absent: str = "zero",
    keep_bonus: bool = False,
) -> Filled:
    """What stands in the sheet where the LMS's maximum is `most`, or ours where that is 0.

    absent: who handed in nothing has 0 (`zero`) where the cell is empty, or nothing (`blank`). keep_bonus: scores
    may be above the maximum. A cell is changed only by a settled score.
    """
    found = {line.row: standings.roster.find(line.told, assignment=standings.assignment) for line in lines}
    times = Counter(person for person in found.values() if not isinstance(person, Unmatched))
    filling, most = _Filling(), most or standings.most
    for line in lines:
        person = found[line.row]
        if isinstance(person, Unmatched):
            filling.unmatched.append(str(person))
        elif times[person] > 1:
            filling.unmatched.append(
                f"{line.shown}: {times[person]} lines of the sheet would be {person.student_id}"
            )
        else:
            standing = standings.by_person[person.student_id]
            filling.standings[line.row] = standing
            scale = most / standings.most if standings.most else 1.0
            _fill_line(filling, line, standing, scale, most if not keep_bonus else 0, absent)
    reached = {standing.student for standing in filling.standings.values()}
    missing = [
        one.student
        for one in standings.by_person.values()
        if one.state != "absent" and one.student not in reached
    ]
    return Filled(
        filling.scores, filling.standings, filling.capped, filling.kept, filling.ungraded, filling.unmatched,
        [*missing, *(f"{student} {reason}" for student, reason in standings.strangers.items())],
    )  # fmt: skip


def _fill_line(
    filling: _Filling, line: Line, standing: Standing, scale: float, most: float, absent: str
) -> None:
    who = f"{standing.student} ({line.shown})"
    if standing.state == "ungraded":
        filling.ungraded.append(who)
    elif line.locked:
        filling.kept.append(f"{who}: {line.locked}")
    elif standing.state == "absent" and line.handed_in:
        filling.ungraded.append(f"{who}: the LMS has a hand-in of theirs that was not collected")
    elif standing.state == "absent":
        if line.current.strip("0.,"):
            filling.kept.append(f"{who}: handed in nothing, and the LMS has {line.current}")
        elif absent == "zero" and not line.current:
            filling.scores[line.row] = 0.0
    else:
        score = round(standing.score * scale, 2)
        if most and score > most:
            filling.capped.append(f"{who}: {plain_number(score)} of {plain_number(most)}")
            score = most
        filling.scores[line.row] = score


def plain_number(value: float) -> str:
    """A number with a plain point, no thousands and no needless zeros: what every LMS reads."""
    return f"{value:.2f}".rstrip("0").rstrip(".")

"""Judges the questions of an assignment: is each any good, and what is there to do about it?

A question is an alarm only if a bootstrap interval, at the size of this class, says so; see `ALARM`.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from autograder.grading.report import EARNS
from autograder.i18n import _
from autograder.reports.behaviours import Behaviour, Groups, group_all
from autograder.reports.class_results import ClassResults, Item
from autograder.reports.psychometrics import (
    AssignmentStatistics,
    Bootstrap,
    Floats,
    Interval,
    ItemStatistics,
    assignment_statistics,
    correlation,
    interval,
    item_statistics,
)
from autograder.text import Text

Level = Literal["alarm", "note", "fine", "unknown"]
ALARM = 0.99
"""Confidence of the intervals on which an alarm rests; wider than those shown, since many are looked at."""
SAMPLES = 1000
FEWEST = 10
"""Answers below which nothing is said about a question."""
FEWEST_OF_A_KIND = 5
"""Answers on each side of a comparison."""
HARD, EASY = 0.3, 0.95
FLAT, SEPARATES = 0.1, 0.3
"""Item-rest correlations: below the first a question does not separate, if it is surely below the second."""


@dataclass(frozen=True)
class CheckStatistics:
    """How a check separates the class."""

    name: str
    text: Text
    n: int
    passed: int
    discrimination: Interval
    """Correlation of passing with the score in the other questions; an interval of the confidence `ALARM`."""


@dataclass(frozen=True)
class ItemQuality:
    """The verdict on a question, and what it rests on."""

    item: Item
    statistics: ItemStatistics
    checks: tuple[CheckStatistics, ...]
    level: Level
    verdict: str
    """The name of the verdict, a key of `VERDICTS`."""
    sentence: Text
    advice: Text
    by_edition: Mapping[str, tuple[int, float]]
    """Number of answers and facility, by edition."""
    by_variant: Mapping[str, tuple[int, float]]
    """Number of answers and facility, by the right answer of a student's variant."""


@dataclass(frozen=True)
class Quality:
    """The quality of an assignment and of its questions."""

    whole: AssignmentStatistics
    items: tuple[ItemQuality, ...]


VERDICTS: Mapping[str, tuple[Level, Text, Text]] = {
    "fine": (
        "fine",
        _("The question is fine."),
        Text(),
    ),
    "few": (
        "unknown",
        _("Too few answers to judge the question: {n}."),
        Text(),
    ),
    "unsure": (
        "unknown",
        _("This class is too small to tell whether the question separates."),
        _("Look again when another class has answered it."),
    ),
    "reversed": (
        "alarm",
        _("Check this question: students who do well on the others do worse on this one."),
        _("Look whether the reference and the checks are right, and whether the statement can "
"be read in two ways. After a fix, `autograder grade --preview` lists the scores that"
" change."),
    ),
    "reversed check": (
        "alarm",
        _("Is a check the wrong way round? Those who pass “{check}” do worse elsewhere."),
        _("Read the answers of good students that fail it, below. If they are right, the check "
"is not."),
    ),
    "same answer": (
        "alarm",
        _("Is the key right? {n} students who do better elsewhere than those with full points "
"all lost points here in the same way."),
        _("Read the largest group below. If these answers are right, fix the reference or the "
"check; if they are wrong, name the misconception."),
    ),
    "nobody": (
        "alarm",
        _("Broken? Nobody passed “{check}”."),
        _("Make sure that the check tests what the statement says, and that it was taught."),
    ),
    "hard": (
        "note",
        _("The question is hard."),
        _("Take up its commonest mistake in class, or add a hint or a public example."),
    ),
    "easy": (
        "note",
        _("Nearly everyone has it right, so it tells little about the class."),
        _("Good as a warm-up. To measure, make it a little harder."),
    ),
    "flat": (
        "note",
        _("The question does not separate: who has it right says little about the rest."),
        _("It may ask something else than the other questions, or be won by luck."),
    ),
}  # fmt: skip


def assess(results: ClassResults, groups: Groups | None = None) -> Quality:
    """Return the quality of the assignment and of each question that has been answered. Deterministic.

    groups: the answers as `group_all` groups them, if known.
    """
    groups = group_all(results) if groups is None else groups
    seed = zlib.crc32(results.assignment.encode())
    scores, points = results.scores, results.item_points
    statistics = item_statistics(scores, points, seed=seed) if len(scores) else []
    bootstrap = Bootstrap(len(scores), samples=SAMPLES, seed=seed)
    filled = np.where(np.isfinite(scores), scores, 0.0)
    items = []
    for index, figures in enumerate(statistics):
        item = results.items[index]
        rest = filled.sum(axis=1) - filled[:, index]
        items.append(_assess_item(results, item, figures, index, rest, bootstrap, groups[item.id]))
    return Quality(assignment_statistics(scores, seed=seed), tuple(items))


def _assess_item(
    results: ClassResults,
    item: Item,
    figures: ItemStatistics,
    index: int,
    rest: Floats,
    bootstrap: Bootstrap,
    groups: Sequence[Behaviour],
) -> ItemQuality:
    checks = _checks(results, item, rest, bootstrap)
    name, values = _verdict(results, figures, checks, groups, index, rest, bootstrap)
    level, sentence, advice = VERDICTS[name]
    return ItemQuality(
        item, figures, checks, level, name, sentence.format(**values), advice.format(**values),
        by_edition=_facility_by(results, index, {student.id: student.edition for student in results.graded}),
        by_variant=_facility_by(results, index, item.right_numbers),
    )  # fmt: skip


def _verdict(
    results: ClassResults,
    figures: ItemStatistics,
    checks: Sequence[CheckStatistics],
    groups: Sequence[Behaviour],
    index: int,
    rest: Floats,
    bootstrap: Bootstrap,
) -> tuple[str, dict[str, Any]]:
    if figures.n < FEWEST:
        return "few", {"n": figures.n}
    for check in checks:
        if check.passed == 0 and _does_well(results, index):
            return "nobody", {"check": check.text}
    if (number := _better_with_one_answer(results, groups, rest, bootstrap)) > 0:
        return "same answer", {"n": number}
    of_rest = bootstrap.correlations(
        np.nan_to_num(results.scores[:, [index]]), rest[:, None]
    )  # those without a score in it count as 0
    if interval(figures.discrimination.value, of_rest[:, 0], level=ALARM).high < 0:
        return "reversed", {}
    for check in checks:
        if check.discrimination.high < 0:
            return "reversed check", {"check": check.text}
    if figures.facility.value < HARD:
        return "hard", {}
    if figures.facility.value > EASY:
        return "easy", {}
    r = figures.discrimination
    if r.value < FLAT:
        return ("flat" if r.high < SEPARATES else "unsure"), {}
    return "fine", {}


def _does_well(results: ClassResults, index: int) -> bool:
    """Return whether the class earns a fair share of the points of the other questions."""
    others = np.delete(results.scores, index, axis=1)
    points = np.delete(results.item_points, index)
    return bool(others.size) and float(np.nansum(others)) > HARD * len(others) * float(points.sum())


def _checks(
    results: ClassResults, item: Item, rest: Floats, bootstrap: Bootstrap
) -> tuple[CheckStatistics, ...]:
    """Return the statistics of each check. A blocked check counts as failed; no answer at all counts for none."""
    rows = {student.id: row for row, student in enumerate(results.graded)}
    answers = [
        (rows[student.id], answer)
        for student, answer in results.answers_to(item.id)
        if answer.report.fault != "missing"
    ]
    if not answers:
        return ()
    names = [check.name for check in answers[0][1].report.checks]
    texts = {check.name: check.text for check in answers[0][1].report.checks}
    passed = np.full((len(rows), len(names)), np.nan)
    for row, answer in answers:
        outcomes = {check.name: check.outcome for check in answer.report.checks}
        passed[row] = [outcomes.get(name) in EARNS for name in names]
    samples = bootstrap.correlations(passed, np.repeat(rest[:, None], len(names), axis=1))
    figures = []
    for column, name in enumerate(names):
        number = int(np.nansum(passed[:, column]))
        enough = min(number, len(answers) - number) >= FEWEST_OF_A_KIND
        value = correlation(passed[:, column], rest) if enough else float("nan")
        figures.append(
            CheckStatistics(
                name, texts[name], len(answers), number, interval(value, samples[:, column], level=ALARM)
            )
        )
    return tuple(figures)


def _better_with_one_answer(
    results: ClassResults, groups: Sequence[Behaviour], rest: Floats, bootstrap: Bootstrap
) -> int:
    """Return the size of the largest group of wrong answers if its members do better elsewhere than those with a right
    answer, and 0 otherwise."""
    right = {student.id for group in groups if group.kind == "right" for student in group.students}
    wrong = [group for group in groups if group.kind in ("named", "formula", "alike", "error")]
    if not wrong or len(right) < FEWEST_OF_A_KIND:
        return 0
    largest = max(wrong, key=lambda group: len(group.members))
    members = {student.id for student in largest.students}
    if len(members) < FEWEST_OF_A_KIND:
        return 0
    ids = [student.id for student in results.graded]
    columns = np.column_stack(
        [
            [rest[row] if name in group else np.nan for row, name in enumerate(ids)]
            for group in (members, right)
        ]
    )
    means = bootstrap.means(columns)
    gap = float(np.nanmean(columns[:, 0]) - np.nanmean(columns[:, 1]))
    return len(members) if interval(gap, means[:, 0] - means[:, 1], level=ALARM).low > 0 else 0


def _facility_by(
    results: ClassResults, index: int, group_of: Mapping[str, str]
) -> dict[str, tuple[int, float]]:
    """Return number of answers and facility in each group of students. group_of: by student."""
    shares: dict[str, list[float]] = {}
    points = results.item_points[index]
    for student, score in zip(results.graded, results.scores[:, index], strict=True):
        if np.isfinite(score) and points > 0 and group_of.get(student.id):
            shares.setdefault(group_of[student.id], []).append(float(score / points))
    return {name: (len(values), float(np.mean(values))) for name, values in sorted(shares.items())}

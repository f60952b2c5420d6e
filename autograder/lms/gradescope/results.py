"""`results.json`: what a student and an instructor see at Gradescope.

The total is always given at the top, so that Gradescope's sum cannot differ from it. A result without a grade has no
score at all.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from autograder.course_settings import FeedbackLevel
from autograder.feedback.page import render_report
from autograder.files import atomic_write
from autograder.grading.report import PRECISION, Report
from autograder.grading.wording import plain
from autograder.i18n import LANGUAGES, _
from autograder.lms.gradescope.metadata import Metadata
from autograder.text import Text, in_all

Result = dict[str, Any]

NOT_GRADED = _(
    "This has NOT been graded yet, through no fault of yours; it is not a zero. Your teacher "
    "will fix it and have it graded again."
)
KEPT = _("Until then your best score so far, {score}, stands.")
FOR_THE_TEACHER = _(
    "For the teacher: the reason stands in “Autograder Output” of this submission; fix it, then "
    "press “Rerun Autograder”."
)
TOO_MANY = _(
    "You have used your {allowed} attempts, so this one (number {attempt}) was not graded. Your "
    "best score so far, {score}, stands."
)
UNKNOWN = _(
    "Your e-mail address at Gradescope is not in the course's roster, so this was judged on the "
    "numbers of the id in the notebook."
)
LATE = _("Late: by {time}")
TAKEN_OFF = _("{penalty} points were taken off for it.")
BONUS = _("{title} (bonus, up to {points})")
BY_HAND = _("{name} ({points} points)")
LATER = _("A person grades this; its points are no part of the autograder's score.")
ATTEMPT = _("This is attempt {attempt} of {allowed}.")
GRADED_FROM = _("Graded: {name}")


@dataclass(frozen=True)
class Marked:
    """A graded submission: reports in the order of its notebooks, in the submitted language, with further data."""

    reports: Mapping[str, Report]
    """By question, or test."""
    language: str
    bonus: Collection[str] = ()
    """The questions whose points are extra."""
    level: FeedbackLevel = "diagnosis"
    solutions: Mapping[str, str] = field(default_factory=dict)
    """Worked solutions by question, where they may be shown."""
    penalty: float = 0.0
    """The late penalty, in points."""
    notes: Sequence[Text] = ()
    by_hand: Mapping[str, float] = field(default_factory=dict)
    """Points of the cells that are graded by hand at Gradescope; not part of the score."""
    seal: str = ""

    @property
    def raw(self) -> float:
        """The sum over the questions, including bonus points."""
        return sum(report.score for report in self.reports.values())

    @property
    def score(self) -> float:
        """The score after the late penalty."""
        return round(max(0.0, self.raw - self.penalty), PRECISION)


def graded(marked: Marked, metadata: Metadata, seconds: float) -> Result:
    """Return the result of a graded submission. seconds: the time that grading took."""
    tests = [_test(number, name, marked) for number, name in enumerate(marked.reports, 1)]
    for name, points in marked.by_hand.items():
        title = BY_HAND.in_language(marked.language).format(name=name, points=plain(points))
        tests.append(
            {"name": title, "output": LATER.in_language(marked.language), "output_format": "text", **SHOWN}
        )
    if marked.penalty:
        time = duration(metadata.seconds_late, marked.language)
        penalty = TAKEN_OFF.in_language(marked.language).format(penalty=plain(marked.penalty))
        tests.append(_note(LATE.in_language(marked.language).format(time=time), penalty))
    extra = {
        "seal": marked.seal,
        "edition": marked.language,
        "raw_score": round(marked.raw, PRECISION),
        "late_penalty": round(marked.penalty, PRECISION),
        "attempt": metadata.attempt,
        "not_graded": metadata.not_graded,
    }
    return {
        "score": marked.score,
        "execution_time": round(seconds, 1),
        **_output([note.in_language(marked.language) for note in marked.notes]),
        "tests": tests,
        "extra_data": extra,
        **EVERYWHERE,
    }


def not_graded(metadata: Metadata, languages: Sequence[str] = LANGUAGES) -> Result:
    """Return the result after a grader error, in the languages of the course.

    It has the best earlier score, or none, neither at the top nor in its one test: a zero would count for the student.
    """
    lines = []
    for language in languages:
        kept = KEPT.in_language(language).format(score=plain(metadata.best or 0))
        lines.append(NOT_GRADED.in_language(language) + (f" {kept}" if metadata.best is not None else ""))
    lines += [FOR_THE_TEACHER.in_language(language) for language in languages]
    result: Result = {} if metadata.best is None else {"score": metadata.best}
    was_hidden = bool(metadata.earlier) and metadata.earlier[-1].results.get("visibility") == LATER_ON
    result |= {
        **_output(lines),
        "tests": [_note(in_all(_("not graded"), languages), "\n".join(lines))],
        "extra_data": {"not_graded": metadata.not_graded + 1},
        **EVERYWHERE,
    }
    return hide(result) if was_hidden else result


def too_many(metadata: Metadata, allowed: int, languages: Sequence[str] = LANGUAGES) -> Result:
    """Return the result of an attempt beyond the limit: the best score so far, and the output of the last attempt."""
    paragraphs = [
        TOO_MANY.in_language(language).format(
            allowed=allowed, attempt=metadata.attempt, score=plain(metadata.best or 0)
        )
        for language in languages
    ]
    tests = metadata.earlier[-1].results.get("tests")
    return {
        "score": metadata.best or 0.0,
        **_output(paragraphs),
        "tests": tests if isinstance(tests, list) else [],
        "extra_data": {"attempt": metadata.attempt, "not_graded": metadata.not_graded},
        **EVERYWHERE,
    }


def hide(result: Result) -> Result:
    """Return the result as students see it once grades are published at Gradescope, and not before."""
    tests = [test | {"visibility": LATER_ON} for test in result["tests"]]
    # Gradescope always shows the text at the top, which may tell a score
    if output := result.get("output"):
        note = {"output": output, "output_format": result["output_format"]}
        tests.insert(0, note | {"visibility": LATER_ON})
    without_output = {name: value for name, value in result.items() if not name.startswith("output")}
    return without_output | {"tests": tests, "visibility": LATER_ON}


def write(path: Path, result: Result) -> None:
    """Replace the file atomically: a complete result exists whenever the grader is ended."""
    atomic_write(path, json.dumps(result, allow_nan=False), mode=0o600)


def duration(seconds: float, language: str) -> str:
    """Format a duration in days, hours and minutes, rounded up."""
    minutes = -int(-seconds // 60)
    days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, _("{n} d", n=days)), (hours, _("{n} h", n=hours)), (left, _("{n} min", n=left)))
    return " ".join(text.in_language(language) for number, text in parts if number)


LATER_ON = "after_published"
"""Gradescope's word for tests that students see once grades are published."""
SHOWN: Mapping[str, Any] = {"name_format": "text", "visibility": "visible"}
EVERYWHERE: Mapping[str, Any] = {"visibility": "visible", "stdout_visibility": "hidden"}


def _test(number: int, name: str, marked: Marked) -> Result:
    """Return the test of one question. A bonus question has a maximum of 0, since its points are extra."""
    report, language, is_bonus = marked.reports[name], marked.language, name in marked.bonus
    title = report.title.in_language(language)
    if is_bonus:
        title = BONUS.in_language(language).format(title=title, points=plain(report.points))
    misconceptions = [] if marked.level == "score" else [named.name for named in report.misconceptions]
    return {
        "score": round(report.score, PRECISION),
        "max_score": 0.0 if is_bonus else report.points,
        "status": "passed" if report.score >= report.points else "failed",
        "name": title,
        "number": str(number),
        "output": render_report(
            report, language, level=marked.level, solution=marked.solutions.get(report.question, "")
        ),
        "output_format": "html",
        "extra_data": {"question": name, "misconceptions": misconceptions},
        **SHOWN,
    }


def _note(name: str, output: str) -> Result:
    """Return a line that is worth no points."""
    return {"name": name, "status": "failed", "output": output, "output_format": "text", **SHOWN}


def _output(lines: Sequence[str]) -> Result:
    if not lines:
        return {}
    return {"output": "".join(f"<p>{escape(line)}</p>" for line in lines), "output_format": "html"}

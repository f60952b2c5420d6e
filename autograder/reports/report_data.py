"""The instructor's report on an assignment as plain data, which is saved as JSON and rendered as a page."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from autograder.grading.report import PRECISION
from autograder.i18n import _
from autograder.notebooks.cells import GRADE_SUFFIX
from autograder.questions.question import total_points
from autograder.reports.behaviours import Behaviour, Groups, group_all, kind_of, tidy
from autograder.reports.class_results import ClassResults, Student
from autograder.reports.item_quality import ItemQuality, assess
from autograder.reports.misunderstandings import misunderstandings, unlisted
from autograder.reports.similarity import Cluster, Pair, pseudonyms, shared_work
from autograder.roster import natural
from autograder.text import Text

FORMAT = 1
MAX_SAMPLES = 8
"""Different codes that are kept of each group of answers."""
MAX_CODE = 4_000
"""Characters that are kept of a code."""
BELOW = 0.5
"""Share of the points below which a student needs help."""
UNANSWERED = 1 / 3
"""Share of the questions without a working answer from which a student needs help."""
BINS = 12
STEPS = (0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 25, 50, 100)
PERIODS = tuple(
    timedelta(**step)
    for step in ({"minutes": 15}, {"hours": 1}, {"hours": 3}, {"hours": 6}, {"hours": 12}, {"days": 1}, {"days": 2},
                 {"days": 7}, {"days": 28})
)  # fmt: skip
MOST_PERIODS = 24
CLAIMS: Mapping[str, Text] = {
    "none": _("Wrote no id, and was graded on the public numbers."),
    "nobody's": _(
        "Wrote the id {claimed}, which no student has, and was graded on the numbers "
        "that the notebook showed."
    ),
    "another's": _(
        "Wrote {claimed}, the id of another student, and was graded on the submitter's own numbers."
    ),
}


def report_data(results: ClassResults) -> dict[str, Any]:
    """Return the report on a class as plain data. Texts are mappings from language to text; undefined numbers None."""
    groups = group_all(results)
    quality = assess(results, groups)
    data = {
        "format": FORMAT,
        "course": results.course,
        "assignment": results.assignment,
        "title": results.title,
        "made_at": results.made_at.isoformat(timespec="seconds"),
        "timezone": results.timezone,
        "due_at": results.due_at.isoformat() if results.due_at else None,
        "points": results.points,
        "counts": _counts(results),
        "whole": dataclasses.asdict(quality.whole),
        "scores": _score_summary(results.graded),
        "sections": list(_sections(results)),
        "students": [_student(student) for student in results.students],
        "help": list(_in_need(results)),
        "ungraded_questions": list(_ungraded_questions(results)),
        "forgeable": [
            {"question": item.id, "reason": item.forgeable}
            for item in results.items
            if item.forgeable is not None
        ],
        "waiting": list(_waiting(results)),
        "look": list(_to_look_at(results)),
        "too_easy": _too_easy(results),
        "misconceptions": list(_misconceptions(results)),
        "unlisted": list(_unlisted(results, groups)),
        "questions": [_question(item, groups[item.item.id]) for item in quality.items],
        "shared": [_cluster(cluster) for cluster in shared_work(results, groups)],
        "distribution": _distribution(results),
        "times": _times(results),
        "attempts": _attempts(results),
    }
    plain_data: dict[str, Any] = _plain(data)
    return plain_data


def _plain(value: Any) -> Any:
    """Return data with texts as mappings, and None in place of undefined numbers, which JSON does not have."""
    if isinstance(value, Text):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def _counts(results: ClassResults) -> dict[str, int]:
    states = Counter(student.state for student in results.students)
    return {
        "students": len(results.students),
        **{state: states[state] for state in ("graded", "ungraded", "waiting", "absent")},
        "late": sum(student.late > 0 for student in results.graded),
    }


def _score_summary(students: Sequence[Student]) -> dict[str, float]:
    """Return mean, median, quartiles and extremes of the scores of graded students after late penalties."""
    totals = [student.total for student in students if student.is_whole]
    if not totals:
        return {}
    low, first, median, third, high = (float(value) for value in np.quantile(totals, [0, 0.25, 0.5, 0.75, 1]))
    return {"n": len(totals), "mean": float(np.mean(totals)), "lowest": low, "first_quartile": first,
            "median": median, "third_quartile": third, "highest": high}  # fmt: skip


def _sections(results: ClassResults) -> Iterator[dict[str, Any]]:
    """Yield the sections of the roster in order, and last those who are in none; nothing without sections.

    The share of the points of a question is that of the graded answers; None where a section has none.
    """
    names = sorted(
        {student.section for student in results.students}, key=lambda name: (not name, natural(name))
    )
    if names in ([], [""]):
        return
    for name in names:
        students = [student for student in results.students if student.section == name]
        graded = [student for student in students if student.state == "graded"]
        questions = {
            item.id: [student.scores[item.id] for student in graded if item.id in student.scores]
            for item in results.items
            if item.points
        }
        points = {item.id: item.points for item in results.items}
        yield {
            "section": name,
            "students": len(students),
            "handed_in": sum(student.state != "absent" for student in students),
            "late": sum(student.late > 0 for student in graded),
            "scores": _score_summary(graded),
            "questions": {
                question: float(np.mean(scores)) / points[question] if scores else None
                for question, scores in questions.items()
            },
        }


def _student(student: Student) -> dict[str, Any]:
    return {
        "id": student.id,
        "name": student.name,
        "email": student.email,
        "section": student.section,
        "state": student.state,
        "reason": student.reason,
        "edition": student.edition,
        "score": student.total if student.is_whole else None,
        "late": student.late,
        "scores": dict(student.scores),
        "submitted_at": student.submitted_at.isoformat() if student.submitted_at else None,
        "attempts": student.attempts,
        "claim": list(student.claim),
        "waiting": list(student.waiting),
    }


def _in_need(results: ClassResults) -> Iterator[dict[str, Any]]:
    """Yield the graded students who need help, the weakest first, with the reasons."""
    for student in sorted(results.graded, key=lambda student: (student.total, student.id)):
        reports = [answer.report for answer in student.answers.values() if not answer.report.ungraded]
        kinds = Counter(kind_of(report) for report in reports)
        silent = kinds["missing"] + kinds["error"]
        possible = total_points(
            item.points
            for item in results.items
            if item.id in student.scores and item.id not in student.waiting and not item.bonus
        )
        few = student.total < BELOW * possible
        if not few and not (reports and silent >= UNANSWERED * len(reports)):
            continue
        reasons = []
        if reports and kinds["missing"] == len(reports):
            reasons.append(_("answered nothing"))
        elif kinds["missing"]:
            number = kinds["missing"]
            reasons.append(_("{number} unanswered", number=number))
        if kinds["error"]:
            number = kinds["error"]
            reasons.append(_("{number} raised an error or did not end", number=number))
        wrong = kinds["named"] + kinds["formula"] + kinds["alike"]
        if wrong:
            reasons.append(_("{wrong} wrong", wrong=wrong))
        if kinds["too_easy"]:
            number = kinds["too_easy"]
            reasons.append(_("{number} not carried over", number=number))
        if student.late:
            reasons.append(_("late penalty {late:g}", late=student.late))
        yield {"student": student.id, "score": student.total, "reasons": reasons}


def _ungraded_questions(results: ClassResults) -> Iterator[dict[str, Any]]:
    """Yield the questions that could not be graded in some submissions, with the reason."""
    by_reason: dict[tuple[str, Text], list[str]] = {}
    for student in results.graded:
        for name, answer in student.answers.items():
            if answer.report.ungraded and name not in student.scores:
                by_reason.setdefault((name, answer.report.ungraded), []).append(student.id)
    for (name, reason), students in by_reason.items():
        yield {"question": name, "reason": reason, "students": students}


def _waiting(results: ClassResults) -> Iterator[dict[str, Any]]:
    """Yield the cells that wait for a person, with their students."""
    cells: dict[str, list[str]] = {}
    for student in results.graded:
        for cell in student.waiting:
            cells.setdefault(cell, []).append(student.id)
    for cell, students in cells.items():
        yield {"cell": cell, "students": students}


def _to_look_at(results: ClassResults) -> Iterator[dict[str, Any]]:
    """Yield what a person should look at: odd ids, and answers that were found in an unusual way or lost."""
    for student in results.graded:
        claim, claimed = student.claim
        if claim in CLAIMS:
            text = CLAIMS[claim]
            yield {"student": student.id, "questions": [],
                   "text": text.format(claimed=claimed)}  # fmt: skip
        notes: dict[Text, list[str]] = {}
        for name, note in student.notes.items():
            same = note.map(partial(_without, name)) if name else note
            notes.setdefault(same, []).extend(filter(None, [name]))
        for same, names in notes.items():
            note = student.notes[names[0]] if len(names) == 1 else same
            yield {"student": student.id, "questions": names, "text": note}


def _too_easy(results: ClassResults) -> list[dict[str, Any]]:
    """Return what is blocked as too easy and nobody has decided on: by reason, and below it by student.

    The reason of most students is the first. `score` is what a person enters to grant the `points`.
    """
    by_reason: dict[Text, dict[str, list[dict[str, Any]]]] = {}
    for item in results.items:
        for student, answer in results.answers_to(item.id):
            report = answer.report
            if report.at_stake and report.is_scored(student.scores.get(item.id)):
                reason = next(check.message for check in report.checks if check.too_easy)
                by_reason.setdefault(reason, {}).setdefault(student.id, []).append({
                    "question": item.id, "cell": item.id + GRADE_SUFFIX,
                    "points": report.at_stake, "score": round(report.granted.score, PRECISION),
                })  # fmt: skip
    reasons = sorted(by_reason.items(), key=lambda entry: -len(entry[1]))
    return [
        {
            "text": reason,
            "students": [
                {
                    "student": student,
                    "points": sum(answer["points"] for answer in answers),
                    "answers": answers,
                }
                for student, answers in by_student.items()
            ],
        }
        for reason, by_student in reasons
    ]


def _without(name: str, text: str) -> str:
    return text.replace(name, "…")


def _misconceptions(results: ClassResults) -> Iterator[dict[str, Any]]:
    for misunderstanding in misunderstandings(results):
        answered = len(results.answers_to(misunderstanding.item.id))
        yield {
            "question": misunderstanding.item.id,
            "name": misunderstanding.known.name,
            "text": misunderstanding.known.text,
            "students": [student.id for student in misunderstanding.students],
            "share": len(misunderstanding.members) / answered if answered else 0.0,
            "example": misunderstanding.example[:MAX_CODE],
        }


def _unlisted(results: ClassResults, groups: Groups) -> Iterator[dict[str, Any]]:
    for mistake in unlisted(results, groups):
        answered = len(results.answers_to(mistake.item.id))
        group = mistake.behaviour
        yield {
            "question": mistake.item.id,
            "title": group.title,
            "formula": group.formula,
            "observed": list(group.report.computed[bool(group.formula) :]),
            "students": [student.id for student in group.students],
            "share": len(group.members) / answered if answered else 0.0,
            "example": group.samples[0].code[:MAX_CODE] if group.samples else "",
            "codes": len(group.samples),
            "stub": mistake.stub,
            "path": mistake.item.path,
        }


def _question(quality: ItemQuality, groups: Sequence[Behaviour]) -> dict[str, Any]:
    item = quality.item
    return {
        "id": item.id,
        "title": item.title,
        "points": item.points,
        "bonus": item.bonus,
        "manual": item.manual,
        "path": item.path,
        "level": quality.level,
        "verdict": quality.verdict,
        "sentence": quality.sentence,
        "advice": quality.advice,
        "statistics": dataclasses.asdict(quality.statistics),
        "checks": [dataclasses.asdict(check) | {"text": check.text} for check in quality.checks],
        "by_edition": quality.by_edition,
        "by_variant": quality.by_variant,
        "groups": [_group(group) for group in groups],
    }


def _group(group: Behaviour) -> dict[str, Any]:
    samples = group.samples
    return {
        "kind": group.kind,
        "title": group.title,
        "formula": group.formula,
        "checks": [
            {"name": check.name, "text": check.text, "outcome": check.shown_as}
            for check in group.report.checks
        ],
        "size": len(group.members),
        "students": [student.id for student in group.students],
        "codes": len(samples),
        "samples": [
            {"code": sample.code[:MAX_CODE], "students": [student.id for student in sample.students]}
            for sample in samples[:MAX_SAMPLES]
        ],
    }


def _cluster(cluster: Cluster) -> dict[str, Any]:
    return {
        "students": [student.id for student in cluster.students],
        "pseudonyms": pseudonyms(cluster.students),
        "evidence": len(
            {(evidence.kind, evidence.shared) for pair in cluster.pairs for evidence in pair.evidence}
        ),
        "pairs": [_pair(pair) for pair in cluster.pairs],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "first": pair.first.id,
        "second": pair.second.id,
        "bits": pair.bits,
        "evidence": [dataclasses.asdict(evidence) for evidence in pair.evidence],
        "codes": [
            {"question": name, "first": _code_of(pair.first, name), "second": _code_of(pair.second, name)}
            for name in pair.questions
        ],
    }


def _code_of(student: Student, question: str) -> str:
    answer = student.answers.get(question)
    return tidy(answer.code)[:MAX_CODE] if answer else ""


def _distribution(results: ClassResults) -> list[dict[str, Any]]:
    """Return the number of students in each bin of scores."""
    totals = [student.total for student in results.graded if student.is_whole]
    most = max([results.points, *totals])
    if most <= 0:
        return []
    step = next((step for step in STEPS if most / step <= BINS), most / BINS)
    number = max(1, math.ceil(round(most / step, 9)))
    counts = Counter(min(number - 1, int(round(total / step, 9))) for total in totals)
    return [
        {"low": index * step, "high": min(most, (index + 1) * step), "students": counts[index]}
        for index in range(number)
    ]


def _times(results: ClassResults) -> dict[str, Any]:
    """Return the number of submissions in each period, in the time zone of the course; empty where none has a time."""
    zone = ZoneInfo(results.timezone)
    moments = sorted(
        student.submitted_at.astimezone(zone) for student in results.students if student.submitted_at
    )
    if not moments:
        return {}
    first, last = moments[0], moments[-1]
    step = next((step for step in PERIODS if (last - first) / step < MOST_PERIODS), PERIODS[-1])
    start = _floor(first, step)
    counts = Counter(int((moment - start) / step) for moment in moments)
    periods = [
        {"start": (start + index * step).isoformat(), "submissions": counts[index]}
        for index in range(max(counts) + 1)
    ]
    late = sum(results.due_at is not None and moment > results.due_at for moment in moments)
    return {"minutes": step.total_seconds() / 60, "periods": periods, "after_due": late, "n": len(moments)}


def _floor(moment: datetime, step: timedelta) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if step >= timedelta(days=1) else midnight + int((moment - midnight) / step) * step


def _attempts(results: ClassResults) -> list[dict[str, int]]:
    """Return how many students made how many attempts; empty where only one is kept."""
    counts = Counter(student.attempts for student in results.students if student.attempts)
    return [{"attempts": number, "students": counts[number]} for number in sorted(counts)]

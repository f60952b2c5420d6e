"""Applies the corrections of a question to the report on an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from autograder.grading.report import Report
from autograder.i18n import _, date_text
from autograder.questions.question import Correction, Question
from autograder.text import Text

CORRECTED = _("The marking was corrected on {date}: {text}")


def corrected(question: Question, report: Report, *, untouched: bool) -> Report:
    """Return the report of a question with what its corrections say and give.

    A correction never takes points away, except by other points and where the question is not counted. An answer that
    is not graded, through no fault of the student, has a score then if its correction gives full marks, or if it
    is not counted.
    untouched: whether the answer cell is as released.
    """
    if not question.corrections:
        return report
    report = replace(report, corrections=tuple(map(_sentence, question.corrections)))
    if question.is_not_counted:
        return _not_counted(report)
    if _has_full_marks(question, report, untouched=untouched) and (
        report.ungraded or report.score < report.points
    ):
        return replace(report, points=question.points, ungraded=None, marking="full marks")
    return report


def _not_counted(report: Report) -> Report:
    """Return a report without points, which still says what is wrong in the answer."""
    return replace(
        report,
        points=0.0,
        checks=tuple(replace(check, points=0.0) for check in report.checks),
        misconceptions=tuple(replace(named, credit=0.0) for named in report.misconceptions),
        near_credit=0.0,
        ungraded=None,
        marking="not counted",
    )


def _has_full_marks(question: Question, report: Report, *, untouched: bool) -> bool:
    """Return whether full marks are for this answer. That to an untouched cell may be in another one."""
    if question.full_marks != "answered":
        return question.full_marks == "everybody"
    return not report.unanswered and not (untouched and (report.ungraded or report.fault == "missing"))


def _sentence(correction: Correction) -> Text:
    return CORRECTED.format(date=date_text(date.fromisoformat(correction.date)), text=correction.text)

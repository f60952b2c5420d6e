"""Corrections of a released question: what is wrong in one, and how new points are spread over the checks."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from datetime import date
from typing import get_args

from autograder.i18n import _
from autograder.questions.question import FullMarks, Question
from autograder.text import Text

Problem = tuple[Text, Text]
"""A problem and its fix."""


def find_correction_problems(question: Question) -> Iterator[Problem]:
    """Yield what is wrong in the corrections of a question, besides a missing language."""
    for correction in question.corrections:
        name = _("correction {date}", date=repr(correction.date))
        if not _is_date(correction.date):
            yield (
                _("the date of a correction is {date}", date=repr(correction.date)),
                _('write it in ISO 8601, as in "2026-12-01"'),
            )
        if correction.full_marks not in get_args(FullMarks):
            yield (
                _(
                    "{correction} gives full_marks={value}",
                    correction=name,
                    value=repr(correction.full_marks),
                ),
                _("known: {known}", known=", ".join(filter(None, get_args(FullMarks)))),
            )
        if correction.points is not None and not _are_points(correction.points):
            yield (
                _("{correction} gives points={value}", correction=name, value=repr(correction.points)),
                _("give more than 0; a question that counts no more has not_counted=True"),
            )
        if type(correction.not_counted) is not bool:
            yield (
                _(
                    "{correction} gives not_counted={value}",
                    correction=name,
                    value=repr(correction.not_counted),
                ),
                _("write not_counted=True, or leave it out"),
            )
    yield from _contradictions(question)


def _contradictions(question: Question) -> Iterator[Problem]:
    effects = {
        effect: [one.date for one in question.corrections if getattr(one, effect) not in ("", None, False)]
        for effect in ("full_marks", "points", "not_counted")
    }
    fix = _("keep it in the one that is to count; the others may stay with date and text alone")
    for effect, dates in effects.items():
        if len(dates) > 1:
            listed = ", ".join(map(str, dates))
            yield _("several corrections give {effect}=: {dates}", effect=effect, dates=listed), fix
    others = [effect for effect in ("full_marks", "points") if effects[effect]]
    if effects["not_counted"] and others:
        yield (
            _("its corrections give not_counted= and {others}=", others="=, ".join(others)),
            _("keep one of them: a question that is not counted has no points"),
        )


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _are_points(value: object) -> bool:
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    )


def apply_points(question: Question) -> None:
    """Spread the points that a correction gives over the checks and credits of a question that is not sealed yet."""
    given = next((one.points for one in question.corrections if one.points is not None), None)
    if given is None:
        return
    question.scale = scale = given / question.rubric_points
    question.replace_checks(
        lambda check: dataclasses.replace(check, points=check.points * scale),
        lambda misconception: dataclasses.replace(misconception, credit=misconception.credit * scale),
    )

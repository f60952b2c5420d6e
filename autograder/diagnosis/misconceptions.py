"""Recognize the misconceptions of a question by the values that an answer gave."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.comparison import same
from autograder.errors import AnswerError, Fail
from autograder.i18n import _
from autograder.questions.number_answers import are_alike
from autograder.questions.question import Case, Misconception, Question
from autograder.text import Text

MAX_COMPARED = 60
"""Characters of an error's text that are compared; a longer text may reach the grader truncated."""

TOGETHER = _("Two things are wrong:")
"""Precedes the first of two misconceptions that explain an answer together."""


@dataclass(frozen=True)
class NamedMisconception:
    """A misconception recognized in an answer."""

    name: str
    text: Text
    credit: float = 0.0
    section: Text = field(default_factory=Text, compare=False)
    """The heading of the notebook below which it is explained; empty if its author names none."""
    in_part: bool = field(default=False, compare=False)
    """True if it explains only some inputs, as its text says, and the answer is right for the others. Not saved."""
    with_others: bool = field(default=False, compare=False)
    """True if it explains only parts of the values, as its text says, and another mistake is in the rest.

    Not saved.
    """


def recognized_misconceptions(
    question: Question, results: Sequence[CaseResult], failed: Collection[str]
) -> list[NamedMisconception]:
    """Return the misconceptions that return what the answer returned, raise where it raised, and fail what it failed.

    failed: names of the checks that failed or errored. If no misconception matches in type as well, those that match
    in value are returned.
    """
    judged = [result for result in results if result.error is None]
    if any(result.error is not None and result.error.fault != "raised" for result in results):
        return []
    if not judged and (not results or question.is_number):
        return []
    for typed in (True, False):
        if not typed and all(result.error is None and same(result.got, result.want) for result in results):
            break  # the values are right: only a misconception about their type could be named
        named = [
            NamedMisconception(
                misconception.name, misconception.text, misconception.credit, misconception.section
            )
            for misconception in question.misconceptions
            if _fails(question, misconception, failed) and shows(misconception, results, typed=typed)
        ]
        if named:
            return named
    return [] if not question.is_number else _alike(question, judged[0], failed)


def _fails(question: Question, misconception: Misconception, failed: Collection[str]) -> bool:
    """Return whether an answer failed what a misconception fails; a model passes some of it by chance."""
    by_chance = question.needs_tensorflow and misconception.seen_in is not None
    return (any if by_chance else all)(check.name in failed for check in misconception.fails)


def candidates(question: Question, failed: Collection[str]) -> list[Misconception]:
    """Return the misconceptions that are computed here and fail one of the failed checks."""
    return [
        misconception
        for misconception in question.misconceptions
        if misconception.seen_in is None and any(check.name in failed for check in misconception.fails)
    ]


def _alike(question: Question, result: CaseResult, failed: Collection[str]) -> list[NamedMisconception]:
    """Return the misconceptions whose answer the checks of a number question cannot tell from what was given."""
    named = []
    for misconception in question.misconceptions:
        try:
            mistaken = misconception.answer(**result.case.kwargs)
        except Exception:  # noqa: S112 - a misconception may be undefined for some numbers
            continue
        if all(check.name in failed for check in misconception.fails) and are_alike(
            question, result.case.kwargs, result.got, mistaken
        ):
            named.append(
                NamedMisconception(
                    misconception.name, misconception.text, misconception.credit, misconception.section
                )
            )
    return named


def shows(misconception: Misconception, results: Sequence[CaseResult], *, typed: bool) -> bool:
    """Return whether an answer gave what a misconception gives for all these inputs. typed: in the same type, too."""
    if misconception.seen_in is not None:
        seen_in = misconception.seen_in
        return all(result.error is None and _is_silent(seen_in, result) for result in results)
    always_raises = all(result.error is not None for result in results)
    for result in results:
        try:
            mistaken = result.case.given_by(misconception.answer)
        except Exception as error:  # a misconception may be undefined for some input, as the answer was
            if result.error is None or not _same_error(error, result.error):
                return False
            if always_raises and not str(error):  # the text of the error is the only evidence
                return False
            continue
        if result.error is not None or not same(result.got, mistaken, typed=typed):
            return False
    return True


def _same_error(expected: Exception, raised: AnswerError) -> bool:
    """Return whether an answer raised the expected error: other mistakes may raise for the same inputs, too.

    An expected error without a text matches any error.
    """
    kind, text, message = (
        re.sub(r"\d+", "", words) for words in (type(expected).__name__, str(expected), str(raised.message))
    )
    return not text or (kind in message and text[:MAX_COMPARED] in message)


def _is_silent(judge: Callable[[Any, Case, Any], None], result: CaseResult) -> bool:
    try:
        judge(result.got, result.case, result.want)
    except Fail:
        return False
    return True

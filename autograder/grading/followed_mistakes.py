"""Recognize mistakes across questions that follow each other.

An answer may build on a wrong function of its own, or write out wrongly what that function computes. Both
show in its values: a misconception of the followed question takes the place of the right function, here on the trusted
side.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.grading.diagnosis import CaseResult, NamedMisconception, shows
from autograder.i18n import _
from autograder.questions.question import Followed, Misconception, Question
from autograder.text import Text

if TYPE_CHECKING:
    from autograder.grading.report import Report

BESIDES = _("Besides what is wrong in your own `{name}`: {text}")
INSIDE = _("What `{name}` should compute is wrong here: {text}")


def mistakes_below(
    question: Question, results: Sequence[CaseResult], failed: Collection[str], earlier: Mapping[str, Report]
) -> list[NamedMisconception]:
    """Return the misconceptions that explain an answer together with a question that it follows. They earn no credit.

    These are its own, on top of the student's wrong function; else those of a followed question, where it should have
    called that function. failed: as for `recognized_misconceptions`. earlier: the reports of followed questions.
    """
    followed = question.followed
    if followed is None or question.is_number or question.needs_tensorflow:
        return []
    if all(one.error is not None for one in results):  # an error alone tells too little
        return []
    own = _own_functions(followed, earlier)
    if own and _follows(followed, own, results):
        return []
    if own:
        known = [
            dataclasses.replace(one, answer=followed.applied_to(one.applied, _functions(followed, own)))
            for one in question.misconceptions
            if one.applied is not None
            and one.seen_in is None
            and any(check.name in failed for check in one.fails)
        ]
        if found := _named(known, results, BESIDES, _wrong_names(own)):
            return found
    for name in followed.questions:
        inside = [one for one in _inherited(followed) if one.name.startswith(f"{name}.")]
        if found := _named(inside, results, INSIDE, name):
            return found
    return []


def errors_below(
    question: Question, results: Sequence[CaseResult], earlier: Mapping[str, Report]
) -> Iterator[Text]:
    """Yield why an answer raises, if its error comes from a function of the student that it follows."""
    followed, errors = question.followed, [one.error for one in results if one.error is not None]
    if followed is None or not errors or any(error.fault != "raised" for error in errors):
        return
    if len(errors) == len(results) and all("NoneType" in error.message.en for error in errors):
        for name in _names_below(followed):
            if name in earlier and earlier[name].gave_nothing:
                yield _(
                    "your own `{name}` returned None: is it written, and does it return its result?",
                    name=name,
                )
                return
    own = _own_functions(followed, earlier)
    if own and _follows(followed, own, results):
        yield _("the error comes from your own `{name}`: fix that first", name=_wrong_names(own))


def _follows(followed: Followed, own: Own, results: Sequence[CaseResult]) -> bool:
    """Return whether an answer gives what follows from the student's own wrong functions, errors included."""
    follower = Misconception("", Text(), followed.by(_functions(followed, own)), ())
    return shows(follower, results, typed=False)


def _named(
    known: Sequence[Misconception], results: Sequence[CaseResult], text: Text, name: str
) -> list[NamedMisconception]:
    return [
        NamedMisconception(one.name, text.format(name=name, text=one.text), section=one.section)
        for one in known
        if shows(one, results, typed=False)
    ]


@dataclass(frozen=True)
class _OwnFunction:
    """A wrong function of the student, as misconceptions give it."""

    answer: Callable[..., Any]
    wrong: tuple[str, ...]
    """The functions in which the mistake is: itself, or those below it."""


Own = Mapping[str, _OwnFunction]


def _functions(followed: Followed, own: Own) -> dict[str, Callable[..., Any]]:
    return {**followed.references, **{name: function.answer for name, function in own.items()}}


def _wrong_names(own: Own) -> str:
    return "`, `".join(dict.fromkeys(name for function in own.values() for name in function.wrong))


def _own_functions(followed: Followed, earlier: Mapping[str, Report]) -> Own:
    """Return the student's own functions that are known to be wrong."""
    own = {name: _own_function(below, earlier) for name, below in followed.questions.items()}
    return {name: function for name, function in own.items() if function is not None}


def _own_function(question: Question, earlier: Mapping[str, Report]) -> _OwnFunction | None:
    """Return the answer that a student gave to a question, if misconceptions explain it; None if not, or if right."""
    report, followed = earlier.get(question.id), question.followed
    if report is None or report.right:
        return None
    below = {} if followed is None else _own_functions(followed, earlier)
    names = [one.name for one in report.misconceptions if not one.in_part and not one.with_others]
    known = (*question.misconceptions, *_inherited(followed))
    named = next((one for one in known if one.name in names), None)
    if named is not None and (followed is None or not below or named.applied is None):
        return _OwnFunction(named.answer, (question.id,))
    if followed is None or not below:
        return None
    wrong = [name for function in below.values() for name in function.wrong]
    functions = _functions(followed, below)
    if named is not None and named.applied is not None:
        return _OwnFunction(followed.applied_to(named.applied, functions), (*wrong, question.id))
    if all(check.outcome in ("passed", "carried") for check in report.checks):
        return _OwnFunction(followed.by(functions), (*wrong,))
    return None


def _inherited(followed: Followed | None) -> Iterator[Misconception]:
    """Yield the misconceptions of the questions that are followed, as answers to the one that follows them.

    Those that only their values show are left out: these are not what comes back here.
    """
    if followed is None:
        return
    for name, below in followed.questions.items():
        for one in (*below.misconceptions, *_inherited(below.followed)):
            if one.seen_in is None:
                answer = followed.by({**followed.references, name: one.answer})
                yield dataclasses.replace(one, name=f"{name}.{one.name}", answer=answer, applied=None)


def _names_below(followed: Followed) -> Iterator[str]:
    """Yield the names of the questions that are followed, the deepest first."""
    for name, below in followed.questions.items():
        if below.followed is not None:
            yield from _names_below(below.followed)
        yield name

"""Results of calling an answer with one set of arguments."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from autograder.errors import AnswerError
from autograder.questions.question import Case, Question

ENOUGH = 3
"""Minimum number of wrong values for a statement about all of them."""


@dataclass(frozen=True)
class CaseResult:
    """A case with the expected and the actual value, and its arguments after the call if the answer changed them."""

    case: Case
    want: Any
    got: Any
    arguments: tuple[Any, ...] | None = None
    error: AnswerError | None = None
    tried: bool = True
    """Whether the answer was called. If not, an earlier case took too long, and `error` is the error of that case."""


def arguments_of(question: Question, result: CaseResult) -> dict[str, Any]:
    """Return the arguments of a case by name, with defaults for those that it leaves out."""
    bound = _bound(question, result)
    bound.apply_defaults()
    return dict(bound.arguments)


def left_out(question: Question, result: CaseResult) -> list[str]:
    """Return the parameters that a case gives no argument for."""
    bound = _bound(question, result)
    return [name for name in bound.signature.parameters if name not in bound.arguments]


def _bound(question: Question, result: CaseResult) -> inspect.BoundArguments:
    assert question.reference is not None
    return _signature(question.reference).bind(*result.case.args, **result.case.kwargs)


_signature = lru_cache(100)(inspect.signature)  # it takes longer than anything done with it

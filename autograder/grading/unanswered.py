"""Tell an answer cell that nobody has written in from an answer that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.comparison import same
from autograder.errors import AnswerError
from autograder.i18n import _
from autograder.questions.question import Question
from autograder.sandbox.inside.codec import Handle, Layers
from autograder.sandbox.model import Model
from autograder.sandbox.session import Arguments, Session
from autograder.sandbox.wire import Reply


class IdleSession:
    """A session in which the answer to one question does nothing and returns None; all else is the student's."""

    NOTHING = Handle(-1)
    """Stands for the None that the answer returns."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name

    def seed(self, seed: int) -> None:
        """Seed the student's kernel."""
        self._session.seed(seed)

    def get(self, name: str) -> Any:
        """Return the value of a variable; of the answer, None."""
        return None if name == self._name else self._session.get(name)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call a function; the answer returns None."""
        return Reply(None) if name == self._name else self._session.call(name, *args, **kwargs)

    def call_all(self, name: str, calls: Sequence[Arguments], seed: int) -> list[Reply | AnswerError]:
        """Call a function once per set of arguments; the answer returns None each time."""
        return [Reply(None)] * len(calls) if name == self._name else self._session.call_all(name, calls, seed)

    def keep(self, name: str, *args: Any, **kwargs: Any) -> Handle:
        """Call a function and keep its result; the answer's is None."""
        return self.NOTHING if name == self._name else self._session.keep(name, *args, **kwargs)

    def build(self, layers: Layers) -> Handle:
        """Build a compiled Keras model in the student's kernel."""
        return self._session.build(layers)

    def describe(self, handle: Handle) -> Model:
        """Return a kept Keras model as data. Raises AnswerError for what the answer returned."""
        if handle is self.NOTHING:
            raise AnswerError("not data", _("the model cannot be read"))
        return self._session.describe(handle)


def is_unanswered(
    question: Question,
    session: Session,
    results: Sequence[CaseResult],
    call_all: Callable[[Session], Sequence[CaseResult]],
) -> bool:
    """Return whether an answer gave nothing: no value, nbgrader's stub, or what `asks` makes of one that does nothing.

    results: the cases with what the answer gave. call_all: calls the answer in the same cases in a session.
    """
    if all(gave_nothing(result) or _is_stub(result) for result in results):
        return True
    if question.ask is None:
        return False
    idle = call_all(IdleSession(session, question.id))
    return all(map(_gave_the_same, results, idle))


def gave_nothing(result: CaseResult) -> bool:
    """Return whether the answer gave no value for a case, and did not fail either."""
    return result.got is None and (result.error is None or result.error.fault in ("missing", "not data"))


def _is_stub(result: CaseResult) -> bool:
    """Return whether the answer raised what nbgrader's stub raises."""
    error = result.error
    return error is not None and error.fault == "raised" and "NotImplementedError" in error.message.en


def _gave_the_same(result: CaseResult, idle: CaseResult) -> bool:
    if result.error is not None or idle.error is not None:
        return result.error is not None and idle.error is not None and result.error.fault == idle.error.fault
    return same(result.got, idle.got)

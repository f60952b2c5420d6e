"""All errors of the package, by whose fault they are.

AutograderError
├── QuestionError          author: stops a build; nothing is written
├── CourseError            operator: an unknown assignment, a folder that is not a course
│   └── NoSecret           operator: the secret that hidden inputs are drawn from is lost, and grades depend on it
├── UnreadableSubmission   student: the file is not a notebook; becomes an empty submission with the reason
├── AnswerError            student: the answer is missing, raised, hung, died or returned no data
├── Fail                   student: a check found the answer wrong
└── GraderError            grader or machine: never a score
    ├── NoSeal             this machine cannot seal student code, or lacks a part of the seal
    ├── LeaseLost          the work took too long and was given to another worker; the result is dropped
    ├── SessionLost        a kernel was lost through no fault of the student: grade the submission again
    └── Starved            the machine had too little processor time or memory for the code: grade it alone
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from autograder.i18n import _
from autograder.text import Text

AnswerFault = Literal["missing", "raised", "timed out", "died", "not data"]
TOO_SLOW: tuple[AnswerFault, ...] = ("timed out", "died")
"""Faults that may be those of a busy machine. A further call may cost the same time limit, or another kernel."""


class AutograderError(Exception):
    """Base class of all errors of the package.

    message: what people read, in the language of the interface. As a string, the error is in English.
    """

    def __init__(self, message: Text | str = "") -> None:
        self.message = message if isinstance(message, Text) else Text.same(message)
        super().__init__(str(message))


PART_DONE, NOTHING_DONE = "a part was done before this error", "nothing was done before this interrupt"


@contextmanager
def part_done(is_begun: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Mark an error in the block as one before which files or the gradebook were changed.

    is_begun: whether anything was changed when the error came.
    """
    try:
        yield
    except Exception as error:
        if is_begun():
            error.add_note(PART_DONE)
        raise


@contextmanager
def nothing_done(is_true: Callable[[], bool]) -> Iterator[None]:
    """Mark an interrupt in the block as one before which nothing was written. is_true: whether that is so."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if is_true():
            interrupt.add_note(NOTHING_DONE)
        raise


def is_part_done(error: BaseException) -> bool:
    """Check whether something was changed before an error."""
    return PART_DONE in getattr(error, "__notes__", ())


def is_nothing_done(interrupt: BaseException) -> bool:
    """Check whether nothing was written before an interrupt."""
    return NOTHING_DONE in getattr(interrupt, "__notes__", ())


class QuestionError(AutograderError):
    """A mistake in a question file, with its place, the problem and the fix.

    more: further mistakes of the file. The message is about the first alone.
    """

    def __init__(
        self,
        path: Path | str,
        line: int | None,
        problem: Text | str,
        fix: Text | str,
        more: Sequence[QuestionError] = (),
    ) -> None:
        self.path, self.line, self.problem, self.fix = Path(path), line, str(problem), str(fix)
        self.more = tuple(more)
        self.arguments = (path, line, problem, fix, self.more)
        """To raise an equal error; one that is raised twice collects tracebacks."""
        where = f"{path}:{line}" if line else str(path)
        super().__init__(_("{where}: {problem}\n  fix: {fix}", where=where, problem=problem, fix=fix))


class CourseError(AutograderError):
    """A request of the operator that cannot be carried out; the message says what to do instead."""


class NoSecret(CourseError):
    """The course's secret cannot be read; the message gives the reason and the remedy."""


class UnreadableSubmission(AutograderError):
    """A submitted file that cannot be read as a notebook, with the reason for the student."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(reason)


class AnswerError(AutograderError):
    """An answer that returned no data to check.

    is_judgement: whether the question file wrote the message, as that of a failed check, and not the kernel.
    """

    def __init__(self, fault: AnswerFault, message: Text, *, is_judgement: bool = False) -> None:
        self.fault: AnswerFault = fault
        self.is_judgement = is_judgement
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.fault}: {self.message}"


class Fail(AutograderError):
    """A failed check, with a message for the student."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)


class GraderError(AutograderError):
    """A fault of the grader or the machine. The submission stays ungraded."""


class NoSeal(GraderError):
    """No seal works on this machine, so student code is not run; the message gives the reason and the remedy."""


class SessionLost(GraderError):
    """A kernel ended because its fork server did. Its earlier results cannot be continued from."""


class Starved(GraderError):
    """Code reached a time limit while it waited for a processor, or was ended because the machine had no more memory.

    So it is not known to be slow or to use too much.
    """


class LeaseLost(GraderError):
    """The work has been leased to another worker. Code that raises this has written nothing."""


def message_of(error: BaseException) -> Text:
    """Return an error as people read it: the message of one of this package, else its type and its own words."""
    if isinstance(error, AutograderError):
        return error.message
    return Text.same(f"{type(error).__name__}: {error}")

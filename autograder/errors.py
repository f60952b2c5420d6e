"""Every error of the kit, by whose fault it is.

AutograderError
├── QuestionError     the author's: stops a build; nothing is written
├── CourseError       the operator's: an unknown assignment, a folder that is no course
│   └── NoSecret      the secret that hidden inputs are drawn from is lost, and grades depend on it
├── Refusal           a hand-in that cannot be read: becomes an empty submission with the reason
├── AnswerError       the student's: the answer is missing, raised, hung, died or returned no data
├── Fail              the student's: a check judged the answer wrong
└── GraderError       ours or the machine's: never a score
    ├── NoSeal        this machine has no seal for student code, or not the parts of one
    ├── LeaseLost     work took too long and was given to another worker: what was found is dropped
    └── SessionLost   a kernel was lost through no fault of the student's: grade the submission again
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from autograder.text import Text

AnswerFault = Literal["missing", "raised", "timed out", "died", "not data"]


class AutograderError(Exception):
    """What all errors of the kit have in common."""


class QuestionError(AutograderError):
    """A mistake in a question file: where it is, what is wrong, how to mend it."""

    def __init__(self, path: Path | str, line: int | None, problem: str, mend: str) -> None:
        self.path, self.line, self.problem, self.mend = Path(path), line, problem, mend
        where = f"{path}:{line}" if line else str(path)
        super().__init__(f"{where}: {problem}\n  to mend it: {mend}")


class CourseError(AutograderError):
    """What the operator asked for cannot be done; the message says what to do instead."""


class NoSecret(CourseError):
    """The secret of the course cannot be read, why, and the way out."""

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.en)


class UnreadableSubmission(AutograderError):
    """A submitted file that cannot be read as a notebook, with the reason a student can use."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(reason.en)


class AnswerError(AutograderError):
    """The answer gave no data that could be judged."""

    def __init__(self, fault: AnswerFault, message: Text) -> None:
        self.fault: AnswerFault = fault
        self.message = message
        super().__init__(f"{fault}: {message.en}")


class Fail(AutograderError):
    """A check's judgement that the answer is wrong, in words a student can use."""

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.en)


class GraderError(AutograderError):
    """We or the machine failed; the submission stays ungraded."""


class NoSeal(GraderError):
    """Student code is not run here, why, and the way out."""

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.en)


class SessionLost(GraderError):
    """A kernel ended because the process that it came from did; nothing it said before can be gone on with."""


class LeaseLost(GraderError):
    """Another worker has the work by now; whoever raises this has written nothing."""

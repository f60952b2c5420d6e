"""The results of a class in one assignment, as plain data: what the statistics and the report read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from autograder.grading.report import Report
from autograder.questions.question import total_points
from autograder.text import Text

StudentState = Literal["graded", "ungraded", "waiting", "absent"]


@dataclass(frozen=True)
class Item:
    """A question of the assignment, or a cell that a person grades."""

    id: str
    title: Text
    points: float
    bonus: bool = False
    manual: bool = False
    """Whether a person grades it; it has no reports then."""
    forgeable: Text | None = None
    """Why it ran among the student's code, which may have forged its result; None for every other one."""
    path: str = ""
    """The question file, relative to the course."""
    parameters: tuple[str, ...] = ()
    """The parameters of the answer, if it is a function."""
    right_numbers: Mapping[str, str] = field(default_factory=dict)
    """For a number question, the right answer to each student's numbers, by student."""


@dataclass(frozen=True)
class Answer:
    """A student's answer to one question."""

    report: Report
    code: str = ""
    """The student's code, without the cells of the release."""


@dataclass(frozen=True)
class Student:
    """A student and what is known of the submission."""

    id: str
    name: str = ""
    email: str = ""
    state: StudentState = "graded"
    """`waiting`: handed in through the web tool, and not graded yet."""
    reason: Text | None = None
    """Why there is no grade, if that is known."""
    edition: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """By question."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """By question, as in the gradebook: with overrides and manual scores. Questions without a score are left out."""
    late: float = 0.0
    """The late penalty."""
    submitted_at: datetime | None = None
    attempts: int | None = None
    """The number of attempts; None where only one is kept."""
    claim: tuple[str, str] = ("", "")
    """The kind of student id in the notebook, and that id if it is not the student's own."""
    waiting: tuple[str, ...] = ()
    """The cells that wait for a person."""
    notes: Mapping[str, Text] = field(default_factory=dict)
    """How an answer was found, or why it was lost, by question; by an empty name for the whole notebook."""
    own_code: str = ""
    """The code of the student's own cells."""
    section: str = ""
    """In the roster; empty without one."""

    @property
    def label(self) -> str:
        """The name with the id, or the id alone."""
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id

    @property
    def is_whole(self) -> bool:
        """Whether there is a score in every question that was graded by the kit, or by a person where it could not."""
        return self.state == "graded" and not any(
            answer.report.ungraded and name not in self.scores for name, answer in self.answers.items()
        )

    @property
    def total(self) -> float:
        """The score after the late penalty."""
        return max(0.0, sum(self.scores.values()) - self.late)


@dataclass(frozen=True)
class ClassResults:
    """The results of a class in one assignment."""

    course: str
    assignment: str
    items: Sequence[Item]
    students: Sequence[Student]
    made_at: datetime
    timezone: str = "UTC"
    due_at: datetime | None = None
    title: Text = field(default_factory=Text)
    """The first heading of the released notebooks."""
    template: str = ""
    """The text that nobody wrote: code and prose of the release and of the question files."""
    groups: Sequence[frozenset[str]] = ()
    """Students who submit together."""

    @property
    def points(self) -> float:
        """The maximum score, without bonus questions."""
        return total_points(item.points for item in self.items if not item.bonus)

    @cached_property
    def graded(self) -> list[Student]:
        """The students with a grade, in order."""
        return [student for student in self.students if student.state == "graded"]

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """The scores of `graded` (row) in each item (column); `nan` where there is none."""
        rows = [[student.scores.get(item.id, np.nan) for item in self.items] for student in self.graded]
        return np.array(rows, dtype=float).reshape(len(rows), len(self.items))

    @cached_property
    def item_points(self) -> NDArray[np.float64]:
        """The points of each item."""
        return np.array([item.points for item in self.items], dtype=float)

    def item(self, name: str) -> Item:
        """Return the item with this id."""
        return next(item for item in self.items if item.id == name)

    def answers_to(self, name: str) -> list[tuple[Student, Answer]]:
        """Return the graded answers to a question, with their students."""
        return self._answers.get(name, [])

    @cached_property
    def _answers(self) -> dict[str, list[tuple[Student, Answer]]]:
        answers: dict[str, list[tuple[Student, Answer]]] = {}
        for student in self.graded:
            for name, answer in student.answers.items():
                if not answer.report.ungraded:
                    answers.setdefault(name, []).append((student, answer))
        return answers

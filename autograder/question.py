"""What an author writes: a question, its reference, its checks and the mistakes it knows.

A question file holds one `question = Question(...)` and decorates functions with its methods.
Once `loading` has read it, a question is pure data and refuses further change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from autograder.text import Text

if TYPE_CHECKING:
    import numpy as np

    from autograder.sandbox.session import Session

Judge = Callable[[Any, "Case", Any], None]
Judged = Literal["value", "arguments"]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, init=False)
class Case:
    """One set of arguments that a hidden test gives to an answer."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        object.__setattr__(self, "args", args)
        object.__setattr__(self, "kwargs", kwargs)


@dataclass(frozen=True)
class Check:
    """A hidden test worth points: silent where the answer is right, raising `Fail` where it is not."""

    name: str
    text: Text
    """The line a student reads: what the check looks at."""
    points: float
    judge: Judge
    when: Callable[[Case], bool] | None = None
    """Which cases the check looks at; all where None."""
    needs: Check | None = None
    """The check is blocked unless this earlier one passed."""
    judges: Judged = "value"
    """`arguments`: got and want are the arguments after and before the call."""

    def covers(self, case: Case) -> bool:
        """Whether the check looks at `case`."""
        return self.when is None or self.when(case)


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer, what to tell the student, and the credit it may earn."""

    name: str
    text: Text
    answer: Callable[..., Any]
    fails: tuple[Check, ...]
    credit: float = 0.0
    seen_in: Judge | None = None
    """For answers that cannot be computed without the student's kernel: silent where what the answer
    gave shows this mistake, raising `Fail` where it does not."""


@dataclass
class Question:
    """One exercise. See the template of `autograder new` for a whole file.

    title, statement: what the student reads, in every language of the course.
    source: where the question comes from.
    numbers: makes it a number question; one mapping of names to values a variant, the first public.
    sample: arguments, known to students, with which the last cell of a notebook tries the answer; None
        where it does not call it.
    returns: the type that the last cell of a notebook expects of the answer: "int", "list", "array",
        "model" or "" (not looked at).
    needs_tensorflow: the reference and the misconceptions run only in a student's kernel.
    bonus: its points come on top of the course's, so that nobody needs them.
    """

    title: Text
    statement: Text
    source: str = ""
    numbers: Sequence[Mapping[str, Any]] = ()
    sample: tuple[Any, ...] | None = None
    returns: Literal["int", "list", "array", "model", ""] = ""
    needs_tensorflow: bool = False
    bonus: bool = False

    id: str = field(default="", init=False)
    assignment: str = field(default="", init=False)
    path: str = field(default="", init=False)
    reference: Callable[..., Any] | None = field(default=None, init=False)
    examples: Callable[..., Any] | None = field(default=None, init=False)
    draw_cases: Callable[[np.random.Generator], Sequence[Case]] | None = field(default=None, init=False)
    ask: Callable[[Session, Case], Any] | None = field(default=None, init=False)
    checks: tuple[Check, ...] = field(default=(), init=False)
    misconceptions: tuple[Misconception, ...] = field(default=(), init=False)
    _sealed: bool = field(default=False, init=False, repr=False)

    def __setattr__(self, name: str, value: Any) -> None:
        if getattr(self, "_sealed", False):
            raise AttributeError(f"question {self.id!r} is loaded; its {name} can no longer change")
        super().__setattr__(name, value)

    @property
    def is_number(self) -> bool:
        """Whether the student writes a number into a variable, rather than a function."""
        return bool(self.numbers)

    @property
    def points(self) -> float:
        """Sum of the points of the rubric."""
        return sum(check.points for check in self.checks)

    def answer(self, reference: F) -> F:
        """Decorate the reference: the right answer, named as the student's answer is."""
        self.reference = reference
        return reference

    def example(self, examples: F) -> F:
        """Decorate the public test: a function of the answer whose body the student sees and runs."""
        self.examples = examples
        return examples

    def cases(self, draw: F) -> F:
        """Decorate the function that draws the hidden inputs: NumPy generator -> list of `Case`."""
        self.draw_cases = draw
        return draw

    def asks(self, ask: F) -> F:
        """Decorate what to ask of a kernel for a case, where that is more than one call.

        ask(session, case) returns what the checks get. It runs in the trusted process.
        """
        self.ask = ask
        return ask

    def check(
        self,
        *,
        points: float,
        text: Text,
        when: Callable[[Case], bool] | None = None,
        needs: Check | None = None,
        judges: Judged = "value",
    ) -> Callable[[Judge], Check]:
        """Decorate a hidden test: judge(got, case, want), silent or raising `Fail`."""

        def add(judge: Judge) -> Check:
            check = Check(judge.__name__, text, points, judge, when, needs, judges)
            self.checks += (check,)
            return check

        return add

    def misconception(
        self,
        *,
        text: Text,
        fails: Sequence[Check],
        credit: float = 0.0,
        seen_in: Judge | None = None,
    ) -> Callable[[Callable[..., Any]], Misconception]:
        """Decorate a known wrong answer, with the same parameters as the reference."""

        def add(answer: Callable[..., Any]) -> Misconception:
            known = Misconception(answer.__name__, text, answer, tuple(fails), credit, seen_in)
            self.misconceptions += (known,)
            return known

        return add

    def seal(self, *, id: str, assignment: str, path: str) -> None:
        """Give the question its identity and freeze it. Called by `loading` alone."""
        self.id, self.assignment, self.path = id, assignment, path
        self._sealed = True

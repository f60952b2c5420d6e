"""What an author writes: a question, its reference, its checks and the mistakes it knows.

A question file holds one `question = Question(...)` and decorates functions with its methods.
Once `loading` has read it, a question is pure data and refuses further change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
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
class Pool:
    """The numbers of one problem: the public ones, and those of which each student gets one set."""

    name: str
    names: tuple[str, ...]
    public: tuple[Any, ...]
    """What a notebook without an id shows; no student's own."""
    variants: tuple[tuple[Any, ...], ...] = ()
    shows: str = ""
    """The problem as code, with the names of its numbers in braces."""

    def mapping(self, numbers: tuple[Any, ...]) -> dict[str, Any]:
        """The numbers of one variant, by name."""
        return dict(zip(self.names, numbers, strict=True))


@dataclass(frozen=True)
class Term:
    """One term that a counting function may be a sum of: a product of parameters, and what it counts.

    product: names of parameters joined by `*`, or `1` for a constant.
    counts: what the right formula counts by it; None where the right formula does not have the term.
    """

    product: str
    counts: Text | None = None

    @property
    def factors(self) -> tuple[str, ...]:
        """The parameters that are multiplied; none for a constant."""
        return () if self.product == "1" else tuple(self.product.split("*"))


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
    like: tuple[str, ...] = ()
    """Names of others that give the same number in some variant; there all of them are named."""
    seen_in: Judge | None = None
    """For answers that cannot be computed without the student's kernel: silent where what the answer
    gave shows this mistake, raising `Fail` where it does not."""


@dataclass(frozen=True)
class Followed:
    """Other questions on whose answers this one builds: what is right here by the student's own functions."""

    formulas: tuple[str, ...]
    applied: Callable[..., Any]
    """Takes one function for each of the formulas, then the reference's parameters."""
    references: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Once loaded: the right function of each formula."""

    def by(self, functions: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
        """What is right here by some functions, one for each of the formulas; takes the reference's arguments."""
        return partial(self.applied, *(functions[name] for name in self.formulas))


@dataclass
class Question:
    """One exercise. See the template of `autograder new` for a whole file.

    title, statement: what the student reads, in every language of the course.
    source: where the question comes from.
    numbers: makes it a number question. The name of a pool, `<name>.json` beside the question file, which
        other questions of the assignment may share; or the variants themselves, one mapping of names to
        values each, the first of them public.
    terms: for a counting function, what its formula may be a sum of; wrong ones are then told what their
        own formula is.
    sample: arguments, known to students, with which the last cell of a notebook tries the answer; None
        where it does not call it.
    returns: the type that the last cell of a notebook expects of the answer: "int", "list", "array",
        "model" or "" (not looked at).
    in_quiz: for a number question, what a quiz in an LMS asks above the problem; a quiz leaves the question out
        where it is empty.
    bonus: its points come on top of the course's, so that nobody needs them.
    needs_tensorflow: the reference and the misconceptions run only in a student's kernel.
    """

    title: Text
    statement: Text
    source: str = ""
    numbers: str | Sequence[Mapping[str, Any]] = ()
    terms: Sequence[Term] = ()
    sample: tuple[Any, ...] | None = None
    returns: Literal["int", "list", "array", "model", ""] = ""
    in_quiz: Text = field(default_factory=Text)
    bonus: bool = False
    needs_tensorflow: bool = False

    id: str = field(default="", init=False)
    assignment: str = field(default="", init=False)
    path: str = field(default="", init=False)
    reference: Callable[..., Any] | None = field(default=None, init=False)
    examples: Callable[..., Any] | None = field(default=None, init=False)
    draw_cases: Callable[[np.random.Generator], Sequence[Case]] | None = field(default=None, init=False)
    ask: Callable[[Session, Case], Any] | None = field(default=None, init=False)
    checks: tuple[Check, ...] = field(default=(), init=False)
    misconceptions: tuple[Misconception, ...] = field(default=(), init=False)
    pool: Pool | None = field(default=None, init=False)
    """Of a number question, once loaded."""
    followed: Followed | None = field(default=None, init=False)
    _sealed: bool = field(default=False, init=False, repr=False)

    def __setattr__(self, name: str, value: Any) -> None:
        if getattr(self, "_sealed", False):
            raise AttributeError(f"question {self.id!r} is loaded; its {name} can no longer change")
        super().__setattr__(name, value)

    @property
    def formulas(self) -> tuple[str, ...]:
        """Names of the questions that this one follows."""
        return () if self.followed is None else self.followed.formulas

    @property
    def is_number(self) -> bool:
        """Whether the student writes a number into a variable, rather than a function."""
        return bool(self.numbers)

    @property
    def variants(self) -> list[dict[str, Any]]:
        """All numbers of a loaded number question, the public ones first; empty for another question."""
        return [] if self.pool is None else [*map(self.pool.mapping, (self.pool.public, *self.pool.variants))]

    @property
    def students_variants(self) -> list[dict[str, Any]]:
        """The numbers that students get: all but the public ones, or those where there are no others."""
        return self.variants[1:] or self.variants

    def right_number(self, numbers: Mapping[str, Any]) -> Any:
        """The right answer to a number question with some numbers."""
        assert self.reference is not None
        return self.reference(**numbers)

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

    def follows(self, *formulas: str) -> Callable[[F], F]:
        """Decorate what is right here by the student's own answers to other questions.

        formulas: questions of the assignment whose answers are functions. The decorated function takes one function
        for each of them, then the reference's parameters; with right ones it gives what the reference gives. A check
        that is passed by the student's own functions alone is carried over: a mistake costs once. A number question
        knows every mistake that is known of its formulas.
        """

        def add(applied: F) -> F:
            self.followed = Followed(formulas, applied)
            return applied

        return add

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
        like: Sequence[str] = (),
        seen_in: Judge | None = None,
    ) -> Callable[[Callable[..., Any]], Misconception]:
        """Decorate a known wrong answer, with the same parameters as the reference."""

        def add(answer: Callable[..., Any]) -> Misconception:
            known = Misconception(answer.__name__, text, answer, tuple(fails), credit, tuple(like), seen_in)
            self.misconceptions += (known,)
            return known

        return add

    def seal(
        self,
        *,
        id: str,
        assignment: str,
        path: str,
        pool: Pool | None = None,
        followed: Followed | None = None,
        inherited: Sequence[Misconception] = (),
    ) -> None:
        """Give the question its identity, numbers and inherited mistakes; freeze it. Called by `loading` alone."""
        self.followed, self.misconceptions = followed, (*self.misconceptions, *inherited)
        self.id, self.assignment, self.path, self.pool = id, assignment, path, pool
        self._sealed = True

"""Authoring API: a question with its reference, checks and misconceptions.

A question file holds one `question = Question(...)` and decorates functions with its methods.
Once the loader has sealed it, a question is immutable.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from autograder.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from autograder.sandbox.profiles import Profile
    from autograder.sandbox.session import Session

Judge = Callable[[Any, "Case", Any], None]
Judged = Literal["value", "arguments"]
FullMarks = Literal["answered", "everybody", ""]
"""Who gets full marks regardless of the checks: everyone with an answer, or with a submission."""
F = TypeVar("F", bound=Callable[..., Any])
POINT_DECIMALS = 9
UNCHANGEABLE = frozenset([bool, int, float, complex, str, bytes, type(None)])
"""Immutable types, whose values need no copy."""
MAX_CALLS = 500
"""Calls of the followed functions, for one case of a question that follows them."""


def total_points(points: Iterable[float]) -> float:
    """Return the sum of points as people add them: 0.1 and 0.2 are 0.3, not 0.30000000000000004."""
    return round(sum(points), POINT_DECIMALS)


@dataclass(frozen=True, init=False)
class Case:
    """One set of arguments that a hidden test passes to an answer."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    trials: Any = None
    """What the checks try the returned value on; the answer does not get it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        object.__setattr__(self, "args", args)
        object.__setattr__(self, "kwargs", kwargs)
        object.__setattr__(self, "_given", {})

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what functions gave, which a process that gets the case computes if it needs it."""
        return {**self.__dict__, "_given": {}}

    def tried_on(self, trials: Any) -> Case:
        """Return the same call with `trials`, which only the checks see.

        For an answer that returns a design, such as weights, which the checks judge by what it does.
        """
        case = Case(*self.args, **self.kwargs)
        object.__setattr__(case, "trials", trials)
        return case

    def passed_to(self, function: Callable[..., Any]) -> Any:
        """Call a function with copies of the arguments, which it may change, and return what it returns."""
        args, kwargs = self.copied()
        return function(*args, **kwargs)

    def given_by(self, mistaken: Callable[..., Any]) -> Any:
        """Return what a misconception returns, or raise what it raises. It is called once; change no returned value."""
        known: dict[Callable[..., Any], tuple[Any, Exception | None]] = self.__dict__["_given"]
        if mistaken not in known:
            try:
                known[mistaken] = self.passed_to(mistaken), None
            except Exception as error:  # a misconception may be undefined for some input
                known[mistaken] = None, error.with_traceback(None)
        value, raised = known[mistaken]
        if raised is not None:
            raise raised.with_traceback(None)
        return value

    def copied(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return copies of the arguments, without `trials`, for a function that may change them."""
        if all(type(value) in UNCHANGEABLE for value in (*self.args, *self.kwargs.values())):
            return self.args, dict(self.kwargs)
        return copy.deepcopy((self.args, dict(self.kwargs)))


@dataclass(frozen=True)
class Pool:
    """The numbers of one problem: a public variant, and the variants of which each student gets one."""

    name: str
    names: tuple[str, ...]
    public: tuple[Any, ...]
    """The numbers that a notebook without a student id shows; no student gets them."""
    variants: tuple[tuple[Any, ...], ...] = ()
    shows: str = ""
    """The problem as code, with the names of its numbers in braces."""

    def mapping(self, numbers: tuple[Any, ...]) -> dict[str, Any]:
        """Return the numbers of one variant, by name."""
        return dict(zip(self.names, numbers, strict=True))


@dataclass(frozen=True)
class Term:
    """A possible term of a counting function: a product of parameters, and what it counts.

    product: names of parameters joined by `*`, or `1` for a constant.
    counts: what the term counts in the right formula; None if the right formula does not contain it.
    """

    product: str
    counts: Text | None = None

    @property
    def factors(self) -> tuple[str, ...]:
        """The parameters that are multiplied; empty for a constant."""
        return () if self.product == "1" else tuple(self.product.split("*"))


@dataclass(frozen=True)
class Check:
    """A hidden test worth points: passes silently, or raises `Fail`."""

    name: str
    text: Text
    """The line that students read: what the check tests."""
    points: float
    judge: Judge
    when: Callable[[Case], bool] | None = None
    """Selects the cases that the check tests; None for all."""
    needs: Check | None = None
    """An earlier check; unless it passed, this one is blocked."""
    judges: Judged = "value"
    """If `arguments`, got and want are the arguments after and before the call."""

    def covers(self, case: Case) -> bool:
        """Return whether the check tests `case`."""
        return self.when is None or self.when(case)


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer, with its explanation for the student and the credit it may earn."""

    name: str
    text: Text
    answer: Callable[..., Any]
    fails: tuple[Check, ...]
    credit: float = 0.0
    like: tuple[str, ...] = ()
    """Names of misconceptions that give the same number in some variant; feedback then names all of them."""
    seen_in: Judge | None = None
    """For answers that only the student's kernel can compute: recognizes the misconception in the result, and raises
    `Fail` if it is not there."""
    trivial: bool = False
    """Whether it makes the questions that follow this one easier: they are then not carried over."""
    section: Text = field(default_factory=Text)
    """The heading of the notebook below which it is explained; empty for the last part above the question that
    explains something."""
    applied: Callable[..., Any] | None = None
    """Takes one function per question that this one follows, then the reference's parameters. None if the author's
    function takes only these; filled in by the loader."""


@dataclass(frozen=True)
class Correction:
    """A dated change of how a released question is marked, of which students are told."""

    date: str
    """In ISO 8601, as in 2026-12-01."""
    text: Text
    """What changed, for students."""
    full_marks: FullMarks = ""
    points: float | None = None
    """What the question is worth from now on; None for as much as before."""
    not_counted: bool = False


@dataclass(frozen=True)
class Followed:
    """Other questions on whose answers this one builds, so that it can be graded by the student's own functions."""

    names: tuple[str, ...]
    applied: Callable[..., Any]
    """Takes one function per question, then the reference's parameters."""
    enough: Callable[..., bool] | None = None
    """Says of wrong functions whether the question is as hard with them; takes what `applied` takes."""
    questions: Mapping[str, Question] = field(default_factory=dict)
    """The followed questions by name; filled in by the loader."""

    @property
    def references(self) -> dict[str, Callable[..., Any]]:
        """The reference of each question."""
        return {
            name: question.reference
            for name, question in self.questions.items()
            if question.reference is not None
        }

    def by(self, functions: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
        """Return the right answer that follows from the given functions, one per question.

        It takes the reference's arguments.
        """
        return self.applied_to(self.applied, functions)

    def applied_to(
        self, applied: Callable[..., Any], functions: Mapping[str, Callable[..., Any]]
    ) -> Callable[..., Any]:
        """Return what `applied` does with the given functions, of the reference's arguments."""
        return partial(self._compute, applied, functions)

    def _compute(
        self,
        applied: Callable[..., Any],
        functions: Mapping[str, Callable[..., Any]],
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Raise RuntimeError once a followed function was called too often: a search by wrong ones may not end."""
        calls = itertools.count(1)

        def call(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
            if next(calls) > MAX_CALLS:
                raise RuntimeError("this is a search, or it does not end")
            return function(*arguments, **named)

        return applied(*(partial(call, functions[name]) for name in self.names), *args, **kwargs)


@dataclass
class Question:
    """An exercise. See the template of `autograder new` for a complete file.

    title, statement: texts for the student, in every language of the course.
    source: where the question comes from.
    numbers: makes it a number question. Either the name of a pool, `<name>.json` next to the question file, which
        other questions of the assignment may share; or the variants themselves, one mapping of names to
        values each, the first of them public.
    terms: for a counting function, the possible terms of its formula; the feedback on a wrong answer then shows the
        student's own formula.
    sample: public arguments with which the self-check in a notebook calls the answer; None to not call it.
    returns: the type that the self-check expects of the answer: "int", "float", "str", "list", "array", "model" or ""
        (any; for a number question, that of the right answer).
    parts: how many values the self-check expects, in a tuple, a list or an array, each of the type `returns`; 0 for a
        single value.
    in_quiz: for a number question, what a quiz in an LMS asks above the problem; a quiz leaves the question out
        if it is empty.
    section: the heading of the notebook to read again after a wrong answer; empty for the last part above the question
        that explains something. A misconception may name another one.
    bonus: whether its points are added on top of the course's total.
    needs_tensorflow: whether the reference and the misconceptions run only in a student's kernel.
    """

    title: Text
    statement: Text
    source: str = ""
    numbers: str | Sequence[Mapping[str, Any]] = ()
    terms: Sequence[Term] = ()
    sample: tuple[Any, ...] | None = None
    returns: Literal["int", "float", "str", "list", "array", "model", ""] = ""
    parts: int = 0
    in_quiz: Text = field(default_factory=Text)
    section: Text = field(default_factory=Text)
    bonus: bool = False
    needs_tensorflow: bool = False

    id: str = field(default="", init=False)
    assignment: str = field(default="", init=False)
    path: str = field(default="", init=False)
    reference: Callable[..., Any] | None = field(default=None, init=False)
    others: tuple[Callable[..., Any], ...] = field(default=(), init=False)
    """Other right answers, by each of which every check may pass, too."""
    examples: Callable[..., Any] | None = field(default=None, init=False)
    draw_cases: Callable[[np.random.Generator], Sequence[Case]] | None = field(default=None, init=False)
    ask: Callable[[Session, Case], Any] | None = field(default=None, init=False)
    checks: tuple[Check, ...] = field(default=(), init=False)
    misconceptions: tuple[Misconception, ...] = field(default=(), init=False)
    corrections: tuple[Correction, ...] = field(default=(), init=False)
    scale: float = field(default=1.0, init=False)
    """By how much a correction multiplied the points of each check; filled in by the loader."""
    pool: Pool | None = field(default=None, init=False)
    """The numbers of a number question; filled in by the loader."""
    followed: Followed | None = field(default=None, init=False)
    data_files: tuple[Path, ...] = field(default=(), init=False)
    """The data files that are released with the assignment; filled in by the loader."""
    is_in_exam: bool = field(default=False, init=False)
    """Whether the question is asked again by an exam; see `ExamQuestion`."""
    _sealed: bool = field(default=False, init=False, repr=False)

    def __setattr__(self, name: str, value: Any) -> None:
        if getattr(self, "_sealed", False):
            raise AttributeError(f"question {self.id!r} is loaded; its {name} can no longer change")
        super().__setattr__(name, value)

    @property
    def followed_names(self) -> tuple[str, ...]:
        """Names of the questions that this one follows."""
        return () if self.followed is None else self.followed.names

    @property
    def is_number(self) -> bool:
        """Whether the answer is a number in a variable, not a function."""
        return bool(self.numbers)

    @property
    def variants(self) -> list[dict[str, Any]]:
        """All variants of a loaded number question, the public one first; empty for any other question."""
        return [] if self.pool is None else [*map(self.pool.mapping, (self.pool.public, *self.pool.variants))]

    @property
    def student_variants(self) -> list[dict[str, Any]]:
        """The variants that students get: all but the public one, unless it is the only one."""
        return self.variants[1:] or self.variants

    def right_number(self, numbers: Mapping[str, Any]) -> Any:
        """Return the right answer to a number question for one variant."""
        assert self.reference is not None
        return self.reference(**numbers)

    @property
    def id_hash(self) -> int:
        """A number of 32 bits that the id alone determines, for what is random but the same in every run."""
        return int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:4], "big")

    @property
    def rubric_points(self) -> float:
        """Sum of the points of the rubric."""
        return total_points(check.points for check in self.checks)

    @property
    def points(self) -> float:
        """Points that the question is worth: those of the rubric, or 0 if a correction says that it is not counted."""
        return 0.0 if self.is_not_counted else self.rubric_points

    @property
    def is_not_counted(self) -> bool:
        """Whether a correction takes the question out of the score and the maximum."""
        return any(correction.not_counted for correction in self.corrections)

    @property
    def full_marks(self) -> FullMarks:
        """Who has full marks by a correction."""
        return next((correction.full_marks for correction in self.corrections if correction.full_marks), "")

    def answer(self, reference: F) -> F:
        """Decorate the reference: the right answer, with the name of the student's function."""
        self.reference = reference
        return reference

    def also_right(self, other: F) -> F:
        """Decorate another right answer, with the parameters of the reference and a name of its own.

        An answer is right that passes every check on what this function returns. Any other is marked by the reference.
        """
        self.others += (other,)
        return other

    def example(self, examples: F) -> F:
        """Decorate the public test: a function of the answer whose body students see and run."""
        self.examples = examples
        return examples

    def cases(self, draw: F) -> F:
        """Decorate the function that draws the hidden inputs: NumPy generator -> list of `Case`."""
        self.draw_cases = draw
        return draw

    def asks(self, ask: F) -> F:
        """Decorate the function that queries a kernel for a case, if one call of the answer is not enough.

        ask(session, case) returns the value that the checks get. It runs in the trusted process.
        """
        self.ask = ask
        return ask

    def follows(self, *formulas: str, enough: Callable[..., bool] | None = None) -> Callable[[F], F]:
        """Decorate the function that computes the right answer from the student's own answers to other questions.

        formulas: questions of the assignment whose answers are functions. The decorated function takes one function
        per formula, then the reference's parameters; with the references of the formulas it returns what the reference
        returns. A check that passes only with the student's own functions is carried over, so that a mistake costs
        points once, unless the mistake makes the question easier. A number question inherits the misconceptions of its
        formulas.

        enough: takes what the decorated function takes, and returns whether the question is as hard with these
        functions as with right ones. It is asked of functions that are wrong in an unknown way, for every case.
        """

        def add(applied: F) -> F:
            self.followed = Followed(formulas, applied, enough)
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
        """Decorate a hidden test, judge(got, case, want), which passes silently or raises `Fail`."""

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
        trivial: bool = False,
        section: Text | None = None,
    ) -> Callable[[Callable[..., Any]], Misconception]:
        """Decorate a known wrong answer, with the same parameters as the reference.

        That of a question that follows others may take one function for each of them first, like what `follows`
        decorates: it is then recognized on top of the student's own wrong function, too.
        section: the heading of the notebook below which it is explained, in each language; the feedback on it says to
        read that again. None for that of the question.
        """

        def add(answer: Callable[..., Any]) -> Misconception:
            misconception = Misconception(
                answer.__name__, text, answer, tuple(fails), credit, tuple(like), seen_in, trivial,
                section if section is not None else self.section,
            )  # fmt: skip
            self.misconceptions += (misconception,)
            return misconception

        return add

    def correction(
        self,
        date: str,
        *,
        text: Text,
        full_marks: FullMarks = "",
        points: float | None = None,
        not_counted: bool = False,
    ) -> None:
        """Say how the marking was corrected after the release. Pages and comments to an LMS show date and text.

        With date and text alone, it says what another change in the file does.
        full_marks: `"answered"` gives full marks to everybody who wrote an answer, `"everybody"` to all who handed in
        the assignment. points: what the question is worth now; each check and credit keeps its share of it.
        not_counted: whether the question counts neither in scores nor in the maximum.
        """
        self.corrections += (Correction(date, text, full_marks, points, not_counted),)

    def in_exam(self, assignment: str, *, is_followed: bool) -> Question:
        """Return a loaded question as the exam `assignment` asks it again. Only the loader calls it.

        Its pool has another name, so that a student draws other numbers; its sections are not in the exam's notebook.
        is_followed: whether the exam asks the questions that it follows, too.
        """
        asked = copy.copy(self)
        pool = self.pool and replace(self.pool, name=f"{assignment}-{self.assignment}-{self.pool.name}")
        vars(asked).update(
            assignment=assignment,
            is_in_exam=True,
            examples=None,
            pool=pool,
            followed=self.followed if is_followed else None,
            section=Text(),
            misconceptions=tuple(replace(one, section=Text()) for one in self.misconceptions),
            data_files=(),
        )
        return asked

    def replace_checks(
        self, check: Callable[[Check], Check], misconception: Callable[[Misconception], Misconception]
    ) -> None:
        """Replace each check and each misconception, wherever another one names it. Only the loader calls it."""
        checks: dict[str, Check] = {}
        for old in self.checks:
            needs = None if old.needs is None else checks[old.needs.name]
            checks[old.name] = replace(check(old), needs=needs)
        self.checks = tuple(checks.values())
        self.misconceptions = tuple(
            replace(misconception(old), fails=tuple(checks[failed.name] for failed in old.fails))
            for old in self.misconceptions
        )

    def seal(
        self,
        *,
        id: str,
        assignment: str,
        path: str,
        pool: Pool | None = None,
        followed: Followed | None = None,
        inherited: Sequence[Misconception] = (),
        data_files: tuple[Path, ...] = (),
    ) -> None:
        """Set what the loader knows of the question, and freeze it. Only the loader calls it."""
        self.followed, self.misconceptions = followed, (*self.misconceptions, *inherited)
        self.data_files = data_files
        self.id, self.assignment, self.path, self.pool = id, assignment, path, pool
        self._sealed = True


def profile_of(questions: Iterable[Question]) -> Profile:
    """Return `tensorflow` if one of these questions needs it, else `counting`, which is graded with stub modules."""
    return "tensorflow" if any(question.needs_tensorflow for question in questions) else "counting"

"""The laws that every question obeys, each with its number.

A question without TensorFlow is checked in this process, on its author's own functions. One that needs TensorFlow is
checked in a session, as a student's answer would be.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from nbformat import NotebookNode

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.comparison import same
from autograder.diagnosis.formula_fit import unexplained
from autograder.errors import GraderError
from autograder.grading.direct_session import DirectSession
from autograder.grading.draws import Draw, draw_cases, draw_number, draw_of_numbers, reference_value, unfit
from autograder.grading.question_grader import CHANGES, grade
from autograder.grading.report import Report
from autograder.grading.wording import OUTCOMES
from autograder.i18n import _, ngettext
from autograder.notebooks.cells import is_setup
from autograder.notebooks.stamp import example_text
from autograder.questions.number_answers import are_alike, is_whole
from autograder.questions.question import Case, Followed, Question
from autograder.questions.syntax import function_source
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.session import KernelSession, open_session
from autograder.text import Text, joined
from autograder.verification.nearness import credited_trivial_counts, unfair_between, unfair_pairs

SEEDS = (0, 1, 2)
REFERENCE = ""
"""Stands for the reference among the names of misconceptions."""


@dataclass(frozen=True)
class Violation:
    """A violated law, with the question and the problem."""

    law: int
    question: str
    path: str
    problem: Text

    @property
    def text(self) -> Text:
        """The problem with its place."""
        return _("{path}: law {law}: {problem}", path=self.path, law=self.law, problem=self.problem)


def violations(
    question: Question,
    setup: Sequence[NotebookNode] = (),
    *,
    examples: bool = False,
    data: Path | None = None,
    pool: ForkServerPool | None = None,
) -> Iterator[Violation]:
    """Yield every law that the question violates.

    setup: the cells of its notebook, for a question that needs TensorFlow. examples: also run the examples of such a
    question, which may train a model; a build runs them in the solved notebook. data: the folder of the assignment's
    data files, for its kernel. pool: see `open_session`.
    """

    def broken(law: int, problem: Text) -> Violation:
        return Violation(law, question.id, question.path, problem)

    with _grading_functions(question, setup, data, pool, examples=examples) as (judge, examples_error):
        try:
            for law, problem in _laws(question, judge, examples_error):
                yield broken(law, problem)
        except GraderError as error:
            yield broken(1, error.message)


class Judge(Protocol):
    """Grades a function or value of the question file as a student's answer."""

    def __call__(self, answer: Any, seed: int, *, untouched: bool = False) -> Report:
        """Return the report. untouched: as for `grade`."""
        ...


ExamplesError = Callable[[], Text | None]
"""Runs a question's examples on its reference and returns the error, if any."""


@contextlib.contextmanager
def _grading_functions(
    question: Question,
    setup: Sequence[NotebookNode],
    data: Path | None,
    pool: ForkServerPool | None,
    *,
    examples: bool,
) -> Iterator[tuple[Judge, ExamplesError]]:
    """Provide functions that grade a function of the question file as a student's answer, and run the examples."""
    drawn = functools.cache(partial(_draw, question))

    def draw(seed: int) -> Draw | None:
        return drawn(seed) if seed in SEEDS else _draw(question, seed)  # law 9 draws the same seed twice

    if not question.needs_tensorflow:
        yield (
            lambda answer, seed, **options: grade(
                question, DirectSession(answer), draw=draw(seed), **options
            ),
            lambda: _examples_error(question),
        )
        return
    with open_session("tensorflow", data, need="preferred", pool=pool) as session:
        run_setup(session, setup)

        def judge(answer: Any, seed: int, *, untouched: bool = False) -> Report:
            _define_answer(question, session, answer)
            return grade(question, session, draw=draw(seed), untouched=untouched)

        def examples_error() -> Text | None:
            if question.examples is None or not examples:
                return None
            _define_answer(question, session, question.reference)
            result = session.run(example_text(question))
            return Text.same(f"{result.error}: {result.detail}") if result.error else None

        yield judge, examples_error


def _draw(question: Question, seed: int) -> Draw | None:
    """Return the draw of a seed as it is, fit or not. A number question has none."""
    return None if question.is_number else draw_number(question, seed)


def run_setup(session: KernelSession, cells: Sequence[NotebookNode]) -> None:
    """Run the author's code of a source notebook, which an answer may use, except demonstrations."""
    for cell in cells:
        if is_setup(cell):
            session.run(cell.source)


def _define_answer(question: Question, session: KernelSession, answer: Any) -> None:
    """Define an answer from the question file in the session, under the name that a student would use."""
    if isinstance(answer, str):
        source = f"{question.id} = {answer}"
    else:
        node = function_source(question, answer)
        node.decorator_list, node.name = [], question.id
        source = ast.unparse(node)
    session.run(source)


def _laws(question: Question, judge: Judge, examples_error: ExamplesError) -> Iterator[tuple[int, Text]]:
    answer = _as_answer(question, question.reference)
    for seed in SEEDS:
        report = judge(answer, seed)
        if report.score != question.rubric_points or report.misconceptions:
            problem = _(
                "the reference earns {score:g} of {points:g}; {findings}",
                score=report.score,
                points=question.rubric_points,
                findings=joined("; ", findings_of(report)),
            )
            if any(check.message == CHANGES for check in report.checks):
                problem = _(
                    "{problem}. To ask for a simulation, give the answer a seed as an argument: see “Simulations” in "
                    "`autograder docs api`",
                    problem=problem,
                )
            yield 1, problem
            return
    for other in question.others:
        for seed in SEEDS:
            report = judge(_as_answer(question, other), seed)
            if report.score != question.rubric_points:
                problem = _(
                    "{name}, which is also right, earns {score:g} of {points:g}; {findings}",
                    name=other.__name__,
                    score=report.score,
                    points=question.rubric_points,
                    findings=joined("; ", findings_of(report)),
                )
                yield 1, problem
                break
    if judge(_stub(question), 0).score != 0:
        yield 2, _("the untouched stub earns points")
    elif judge(_stub(question), 0, untouched=True).fault != "missing":
        yield (
            2,
            _(
                "the untouched stub is judged as an answer, not reported as “not answered”: what asks returns for an "
                "answer that does nothing must be the same each time; seed the session in it"
            ),
        )
    if error := examples_error():
        yield 3, _("the reference does not pass its examples: {error}", error=error)
    yield from _misconceptions(question, judge)
    for name, trivial in _trivial(question):
        earned = judge(trivial, 0).score
        if earned >= question.rubric_points / 2:
            yield (
                6,
                _(
                    "the trivial answer {name} earns {earned:g} of {points:g}",
                    name=name,
                    earned=earned,
                    points=question.rubric_points,
                ),
            )
    if not question.needs_tensorflow and judge(answer, 7) != judge(answer, 7):
        yield 9, _("the same seed gives different reports")
    if question.is_number:
        yield from _variants(question)
    elif not question.needs_tensorflow:
        yield from _credits(question)
    if question.terms:
        yield from _terms(question)
    if question.followed is not None:
        yield from _follow_through(question, question.followed)


def _examples_error(question: Question) -> Text | None:
    """Run the examples of a question in this process and return the error, if any."""
    if question.examples is None:
        return None
    reference: Any = question.reference
    try:
        question.examples(reference)
    except Exception as error:
        lines = [
            frame.line
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == question.path
        ]
        description = ": ".join(filter(None, (type(error).__name__, str(error))))
        return _("{error} at `{line}`", error=description, line=lines[-1] if lines else "?")
    return None


def _misconceptions(question: Question, judge: Judge) -> Iterator[tuple[int, Text]]:
    failed_by_any: set[str] = set()
    told: set[str] = set()
    for place, misconception in enumerate(question.misconceptions):
        want = {check.name for check in misconception.fails}
        # one that trains a model takes seconds
        seeds = [SEEDS[place % len(SEEDS)]] if question.needs_tensorflow else SEEDS
        for seed in seeds:
            report = judge(_as_answer(question, misconception.answer), seed)
            failed = {check.name for check in report.checks if check.outcome in ("failed", "errored")}
            failed_by_any |= failed
            if failed != want:
                problem = _(
                    "misconception {name} fails {failed}, its file says {expected}",
                    name=misconception.name,
                    failed=sorted(failed),
                    expected=sorted(want),
                )
                yield 4, joined("; ", [problem, *findings_of(report)])
                break
            if misconception.name not in [named.name for named in report.misconceptions]:
                yield 4, _("misconception {name} is not recognized from its values", name=misconception.name)
                break
            same_values = [named.name for named in report.misconceptions if named.name != misconception.name]
            same_values = [name for name in same_values if name not in told]  # each pair once
            if same_values and not question.is_number:  # two formulas may coincide for a student's numbers
                told.add(misconception.name)
                yield (
                    4,
                    _(
                        "misconception {name} gives the same as {others} in every case: draw one that tells them "
                        "apart, or merge them",
                        name=misconception.name,
                        others=", ".join(same_values),
                    ),
                )
                break
    for check in question.checks:
        if check.name not in failed_by_any:
            yield 5, _("no misconception fails check {check}: add one that does", check=check.name)


def _variants(question: Question) -> Iterator[tuple[int, Text]]:
    pairs = {
        frozenset((misconception.name, other))
        for misconception in question.misconceptions
        for other in misconception.like
    }
    met: dict[tuple[str, str], list[Any]] = {}
    for numbers in question.variants:
        values = {other.__name__: other(**numbers) for other in question.others}
        values[REFERENCE] = question.right_number(numbers)
        for misconception in question.misconceptions:
            value = misconception.answer(**numbers)
            for name, other in values.items():
                alike = are_alike(question, numbers, value, other)
                if alike and frozenset((misconception.name, name)) not in pairs:
                    met.setdefault((misconception.name, name), []).append(numbers)
            values[misconception.name] = value
    for (first, second), where in met.items():
        variants = Text.same(where[0])
        if more := len(where) - 1:
            variants = ngettext("{first} and {n} more", "{first} and {n} more", more, first=where[0])
        yield (
            10,
            _(
                "{first} gives the same number as {second} in variant {variants}",
                first=first,
                second=_("the reference") if second == REFERENCE else second,
                variants=variants,
            ),
        )
    for numbers in [] if met else question.variants:
        if (reason := unfit(question, draw_of_numbers(question, numbers))) is not None:
            yield 16, _("in variant {numbers}, {reason}", numbers=Text.same(numbers), reason=reason)
            break
    answers = [question.right_number(numbers) for numbers in question.student_variants]
    lengths = {len(str(answer)) for answer in answers if is_whole(answer)}
    if len(lengths) > 1:
        yield (
            10,
            _(
                "the students' answers have {lengths} digits: give all of them equally many",
                lengths=sorted(lengths),
            ),
        )


def _credits(question: Question) -> Iterator[tuple[int, Text]]:
    """Check that no worse answer earns more."""
    draw = _draw(question, 0)
    judged = [
        (
            misconception.name,
            grade(question, DirectSession(misconception.answer), draw=draw, record_cases=True),
        )
        for misconception in question.misconceptions
    ]
    for nearer, farther in unfair_pairs(judged):
        yield (
            13,
            _(
                "misconception {nearer} is nearer to the right answer than {farther} but earns less",
                nearer=nearer,
                farther=farther,
            ),
        )
    for name, report in judged:
        for corrected in unfair_between(question, report):
            yield (
                13,
                _(
                    "misconception {name} earns more than the same with {corrected} corrected",
                    name=name,
                    corrected=corrected,
                ),
            )
    if question.terms and judged:
        for count, credit in credited_trivial_counts(question, judged[0][1].cases):
            yield (
                13,
                _(
                    "the trivial answer {answer} is no farther from the right one than a misconception, and earns "
                    "its credit of {credit:g}: draw sizes that differ more, or give it no credit",
                    answer=count,
                    credit=credit,
                ),
            )


def _terms(question: Question) -> Iterator[tuple[int, Text]]:
    """Check that the terms determine the formula of the reference uniquely."""
    cases = draw_cases(question, np.random.default_rng(0))
    asked = [
        CaseResult(case, reference_value(question, case), reference_value(question, case)) for case in cases
    ]
    for reason in unexplained(question, asked):
        yield 11, reason


def _follow_through(question: Question, followed: Followed) -> Iterator[tuple[int, Text]]:
    """Check that following right answers gives the reference's values."""
    by_right = followed.by(followed.references)
    cases = draw_cases(question, np.random.default_rng(0))
    for case in [Case(**numbers) for numbers in question.variants] or cases:
        try:
            value = case.passed_to(by_right)
        except Exception as error:
            yield (
                12,
                _(
                    "{function} raises {kind}: {error}",
                    function=followed.applied.__name__,
                    kind=type(error).__name__,
                    error=error,
                ),
            )
            return
        if not same(value, reference_value(question, case)):
            formulas = ", ".join(followed.names)
            yield (
                12,
                _(
                    "{function} does not give the reference's value with the right {formulas}",
                    function=followed.applied.__name__,
                    formulas=formulas,
                ),
            )
            return
        if followed.enough is not None and not case.passed_to(
            followed.applied_to(followed.enough, followed.references)
        ):
            formulas = ", ".join(followed.names)
            yield (
                12,
                _(
                    "{function} says that the right {formulas} make the question easier",
                    function=followed.enough.__name__,
                    formulas=formulas,
                ),
            )
            return


def _as_answer(question: Question, function: Any) -> Any:
    """Return what the student's answer would be: for a number question its number."""
    return function(**question.variants[0]) if question.is_number else function


def _stub(question: Question) -> Any:
    if question.needs_tensorflow:
        return "lambda *args, **kwargs: None"
    return None if question.is_number else lambda *args, **kwargs: None


def _trivial(question: Question) -> Iterator[tuple[Text | str, Any]]:
    if question.needs_tensorflow:
        yield "None", "lambda *args, **kwargs: None"
        yield _("an echo of the input"), "lambda *args, **kwargs: args[0] if args else 0"
        return
    cases = draw_cases(question, np.random.default_rng(0))
    if question.is_number:
        yield "0", 0
        yield "1", 1
        for name, value in question.variants[0].items():
            yield _("its own {name}", name=name), value
        return
    constant = reference_value(question, cases[0])
    yield "0", lambda *args, **kwargs: 0
    yield "1", lambda *args, **kwargs: 1
    yield "[]", lambda *args, **kwargs: []
    yield _("an echo of the input"), lambda *args, **kwargs: args[0] if args else None
    yield _("zeros"), lambda *args, **kwargs: _filled(constant, 0)
    yield _("ones"), lambda *args, **kwargs: _filled(constant, 1)
    if any(case.args or case.kwargs for case in cases):  # of a function without arguments a constant is asked
        yield _("the right answer to one case"), lambda *args, **kwargs: constant


def _filled(like: Any, value: int) -> Any:
    """Return a value shaped like a right answer and filled with one number."""
    if isinstance(like, np.ndarray):
        return np.full_like(like, value)
    if isinstance(like, (list, tuple)):
        return type(like)(_filled(item, value) for item in like)
    return value


def findings_of(report: Report) -> list[Text]:
    """Return which checks were not passed, and why, and which misconceptions were named."""
    findings: list[Text] = [
        _(
            "{check} {outcome}: {message}",
            check=check.name,
            outcome=OUTCOMES[check.outcome],
            message=check.message,
        )
        for check in report.checks
        if check.outcome != "passed"
    ]
    if report.misconceptions:
        names = ", ".join(misconception.name for misconception in report.misconceptions)
        findings.append(_("named {misconceptions}", misconceptions=names))
    return findings

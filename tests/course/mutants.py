"""Wrong answers made by rule: every function one edit away from the reference of a question, or from a right answer.

mutmut and cosmic-ray change files and run a test suite for each change. Here a mutant is a student's answer: it is
judged in this process by the values that it gives, so that a hundred take a second, and it is changed as students
err (an axis, a bound of a slice, two names, lost brackets), of which those tools know little.

`python tests/course/mutants.py lstm_params encode` shows what each mutant of these questions earns and is told.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import functools
import gc
import inspect
import re
import signal
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from unittest.mock import patch

import numpy as np

from autograder.diagnosis.case_result import CaseResult
from autograder.diagnosis.comparison import same
from autograder.diagnosis.diagnose import Diagnosis, choose_misconceptions
from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.errors import AnswerError
from autograder.grading import question_grader
from autograder.grading.direct_session import DirectSession
from autograder.grading.draws import SharedDraws
from autograder.grading.question_grader import grade
from autograder.grading.report import Report
from autograder.questions.loader import load_assignment
from autograder.questions.question import Case, Question
from autograder.questions.syntax import function_source
from autograder.sandbox.wire import Reply
from autograder.text import Text
from tests.support import ROOT

SOLUTIONS = ROOT / "solutions"
LIMIT = 0.25
"""Seconds of computing that one call may take."""
OPERATORS: Mapping[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.MatMult: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
NEIGHBOURS: Mapping[str, tuple[str, ...]] = {
    "tanh": ("sin",),
    "exp": ("exp2",),
    "zeros": ("ones",),
    "zeros_like": ("ones_like",),
    "stack": ("concatenate",),
    "concatenate": ("stack",),
    "argmax": ("argmin", "max"),
    "float32": ("float64", "int32"),
    "append": ("extend",),
}
SIGMOID = ast.parse("lambda z: 1 / (1 + np.exp(-z))", mode="eval").body


def reference_of(question: Question) -> str:
    """The source of the reference, without its docstring."""
    assert question.reference is not None
    tree = copy.deepcopy(function_source(question, question.reference))
    tree.decorator_list, tree.body = [], tree.body[1:]
    return ast.unparse(tree)


def mutants(question: Question, source: str) -> list[str]:
    """The source of each answer one edit away from the one that `source` defines, each once, in a fixed order."""
    assert question.reference is not None
    words = re.findall(r'"(\w+)"', question.reference.__doc__ or "")
    tree = ast.parse(source)
    together = _bound_together(tree)
    edited = {ast.unparse(tree): None}
    others = {other.id for other in questions()} - {question.id}  # they are judged by themselves
    for children, place in list(_places(tree, others)):
        child = children[place]
        for new in _edits(child, words, together):
            children[place] = new
            edited[ast.unparse(tree)] = None
        children[place] = child
    return list(edited)[1:]


class Notebook(DirectSession):
    """A session in this process, with the answers that a source defines among the names of a question's file."""

    def __init__(self, question: Question, source: str) -> None:
        assert question.reference is not None
        self._names = {
            name: value for name, value in question.reference.__globals__.items() if name != question.id
        }
        with warnings.catch_warnings(), contextlib.suppress(Exception):  # a cell may end with an error
            warnings.simplefilter("ignore")
            exec(compile(source, question.id, "exec"), self._names)
        super().__init__(self._names.get(question.id))

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call one of the functions; a call without an end is stopped."""
        if name not in self._names:
            raise AnswerError("missing", Text(en=f"there is no {name}"))
        try:
            with _time_limit(), warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return DirectSession(self._names[name]).call(name, *args, **kwargs)
        except _Endless as error:
            raise AnswerError("timed out", Text(en="it does not end")) from error


class _Endless(BaseException):
    """A call took too long."""


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    """Raise _Endless in what runs longer than LIMIT."""

    def stop(number: int, frame: Any) -> None:
        raise _Endless

    before, collects = signal.signal(signal.SIGVTALRM, stop), gc.isenabled()
    gc.disable()  # what is raised in a callback of a collection is lost
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        if collects:
            gc.enable()


def judged(question: Question, source: str, *, seed: int = 0) -> Report:
    """The report of the answer that `source` defines."""
    with warnings.catch_warnings():  # infinite values may meet the grader's arithmetic
        warnings.simplefilter("ignore")
        return grade(question, Notebook(question, source), draw=shared_draws(seed).of(question))


@functools.cache
def shared_draws(seed: int) -> SharedDraws:
    """The draws of a seed, for all answers."""
    return SharedDraws(seed)


def is_paid_in_full(question: Question, source: str, *, seed: int = 0) -> bool:
    """Whether the answer that `source` defines earns all points; most of the time is not spent on its diagnosis."""
    if any(misconception.credit >= question.points for misconception in question.misconceptions):
        return judged(question, source, seed=seed).score == question.points
    # what a diagnosis can earn is the credit of a misconception
    with patch.object(question_grader, "diagnose", lambda *args, **options: Diagnosis()):
        return judged(question, source, seed=seed).score == question.points


def named_alone(question: Question, source: str) -> list[NamedMisconception]:
    """The mistakes that are named of an answer, but for those named beside others, which take long to find."""

    def diagnose(
        question: Question,
        results: Sequence[CaseResult],
        *,
        failed: Collection[str],
        earlier: Any,
        **options: Any,
    ) -> Diagnosis:
        return Diagnosis(choose_misconceptions(question, results, failed, earlier))

    with (
        patch.object(question_grader, "diagnose", diagnose),
        # these are named beside each other; what is tried after them and named alone is for answers that raise
        # or give nothing, of which there are no two
        patch("autograder.diagnosis.diagnose.two_misconceptions", lambda *args: []),
    ):
        return [one for one in judged(question, source).misconceptions if not one.with_others]


def is_told(report: Report) -> bool:
    """Whether a wrong answer hears more than that it is wrong: what it does, or that it raises."""
    raised = any(check.outcome == "errored" for check in report.checks)
    return bool(report.misconceptions or report.computed or raised)


def difference(
    question: Question, source: str, cases: Iterable[Case], *, than: Callable[..., Any] | None = None
) -> Case | None:
    """The first of some inputs for which an answer does other than the reference; None where there is none.

    than: a known mistake in the place of the reference.
    """
    mutant = Notebook(question, source)
    right = Notebook(question, reference_of(question)) if than is None else DirectSession(than)
    spares_arguments = than is None and any(check.judges == "arguments" for check in question.checks)
    for case in cases:
        given, wanted = (_given(session, question, case) for session in (mutant, right))
        if isinstance(given, AnswerError) or isinstance(wanted, AnswerError):
            faults = {one.fault if isinstance(one, AnswerError) else "" for one in (given, wanted)}
            if "timed out" in faults or faults == {"raised"}:  # it may be slow alone
                continue
            return case
        if not same(given.value, wanted.value) or (spares_arguments and given.arguments is not None):
            return case
    return None


def _given(session: DirectSession, question: Question, case: Case) -> Reply | AnswerError:
    """What an answer gives for an input, or why it gives nothing."""
    try:
        return session.call(question.id, *case.args, **case.kwargs)
    except AnswerError as error:
        return error


class _Field(list[Any]):
    """The one node in a field, as a list."""

    def __init__(self, parent: ast.AST, name: str) -> None:
        super().__init__([getattr(parent, name)])
        self._parent, self._name = parent, name

    def __setitem__(self, place: Any, node: Any) -> None:
        setattr(self._parent, self._name, node)


def _places(tree: ast.AST, others: Collection[str]) -> Iterator[tuple[list[Any], int]]:
    """Where the nodes of a tree stand: a list that takes another in their place, and the place.

    others: functions in which nothing is edited.
    """
    for name, value in ast.iter_fields(tree):
        children = value if isinstance(value, list) else _Field(tree, name)
        for place, child in enumerate(children):
            if isinstance(child, ast.FunctionDef) and child.name in others:
                continue
            if isinstance(child, ast.AST):
                yield children, place
                yield from _places(child, others)


def _bound_together(tree: ast.AST) -> list[set[str]]:
    """Names that one may take for each other: the parameters, and those that one value is unpacked into."""
    together = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            together.append({argument.arg for argument in node.args})
        elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            together.append({item.id for item in node.elts if isinstance(item, ast.Name)})
    return together


def _edits(node: ast.AST, words: Sequence[str], together: Sequence[set[str]]) -> Iterator[ast.AST]:
    """What may stand in the place of a node; nothing is edited in the node itself."""
    yield from (operator() for operator in OPERATORS.get(type(node), ()))
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Constant(value=str(value)):
            yield from (ast.Constant(word) for word in [*words, "" if value else " "] if word != value)
        case ast.Name(id=name, ctx=ast.Load()):
            others = {other for names in together if name in names for other in names - {name}}
            yield from (ast.Name(other, ast.Load()) for other in sorted(others))
        case ast.Attribute(value=value, attr=name):
            yield from (ast.Attribute(value, other, ast.Load()) for other in NEIGHBOURS.get(name, ()))
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.BinOp():
            yield from _of_operands(node)
        case ast.Slice():
            yield from _of_bounds(node)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            yield from (_with(node, elts=order) for order in _reordered(items, shorter=True))
        case ast.Call():
            yield from _of_call(node)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield from (body, orelse, ast.IfExp(test, orelse, body))
        case ast.If(test=test):
            tests = (ast.UnaryOp(ast.Not(), test), ast.Constant(True), ast.Constant(False))
            yield from (_with(node, test=other) for other in tests)
        case ast.For(iter=items) | ast.comprehension(iter=items):
            for step in ("1:", ":-1", "::-1"):
                part = ast.parse(f"list(_)[{step}]", mode="eval").body
                assert isinstance(part, ast.Subscript) and isinstance(part.value, ast.Call)
                part.value.args = [items]
                yield _with(node, iter=part)
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)):
        yield ast.Pass()


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    """A copy of a node with other children."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _reordered(items: Sequence[Any], *, shorter: bool = False) -> Iterator[list[Any]]:
    """Items with two neighbours exchanged; shorter: also with one left out."""
    for place in range(len(items) - 1):
        yield [*items[:place], items[place + 1], items[place], *items[place + 2 :]]
    if shorter and len(items) > 1:
        yield from ([*items[:place], *items[place + 1 :]] for place in range(len(items)))


def _of_operands(node: ast.BinOp) -> Iterator[ast.AST]:
    """One operand alone, both exchanged, one transposed, brackets lost."""
    left, op, right = node.left, node.op, node.right
    yield from (left, right)
    match right:
        case ast.BinOp(right=ast.Call(func=ast.Attribute(np_, "exp"), args=[ast.UnaryOp(operand=z)])):
            yield ast.Call(ast.Attribute(np_, "tanh", ast.Load()), [z], [])
    if isinstance(op, (ast.Sub, ast.Div, ast.MatMult)):
        yield ast.BinOp(right, op, left)
    if isinstance(op, ast.MatMult):
        yield ast.BinOp(left, op, ast.Attribute(right, "T", ast.Load()))
    sums = (ast.Add, ast.Sub)
    if isinstance(op, ast.Mult) and isinstance(right, ast.BinOp) and isinstance(right.op, sums):
        yield ast.BinOp(ast.BinOp(left, op, right.left), right.op, right.right)
    if isinstance(op, ast.Mult) and isinstance(left, ast.BinOp) and isinstance(left.op, sums):
        yield ast.BinOp(left.left, left.op, ast.BinOp(left.right, op, right))


def _of_bounds(node: ast.Slice) -> Iterator[ast.AST]:
    """A bound left out, off by one, or on the other side."""
    lower, upper = node.lower, node.upper
    yield from (ast.Slice(), ast.Slice(lower), ast.Slice(None, upper), ast.Slice(upper, lower))
    for step in (ast.Add(), ast.Sub()):
        if lower is not None:
            yield ast.Slice(ast.BinOp(lower, step, ast.Constant(1)), upper)
        if upper is not None:
            yield ast.Slice(lower, ast.BinOp(upper, step, ast.Constant(1)))


def _of_call(node: ast.Call) -> Iterator[ast.AST]:
    """Arguments exchanged or left out, the function left out, a sigmoid for a tanh."""
    yield from (ast.Call(node.func, args, node.keywords) for args in _reordered(node.args, shorter=True))
    for keyword in node.keywords:
        yield ast.Call(node.func, node.args, [other for other in node.keywords if other is not keyword])
    if node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "tanh":
            yield ast.Call(SIGMOID, node.args, [])


@functools.cache
def questions() -> list[Question]:
    """The function questions of the course that need no TensorFlow, but for designs, such as weights.

    A design is judged by what it does, and most that are one edit away from a right one are right, too.
    """
    return [
        question
        for folder in sorted(path for path in SOLUTIONS.iterdir() if path.is_dir())
        for question in load_assignment(folder, ("ko", "en"))
        if not question.is_number and not question.needs_tensorflow and _takes_arguments(question)
        if not question.is_in_exam  # which asks the same again
    ]


def _takes_arguments(question: Question) -> bool:
    return question.reference is not None and bool(inspect.signature(question.reference).parameters)


def main(names: Sequence[str]) -> None:
    """Print what each mutant of some questions earns and is told."""
    for question in questions():
        for source in mutants(question, reference_of(question)) if question.id in names else ():
            report = judged(question, source)
            diagnoses = [named.name for named in report.misconceptions] + [
                text.en for text in report.computed
            ]
            raised = [check.message.en for check in report.checks if check.outcome == "errored"]
            print(
                source,
                f"# {report.score:g} of {report.points:g}",
                diagnoses or raised[:1] or "silence",
                sep="\n",
            )


if __name__ == "__main__":
    main(sys.argv[1:])

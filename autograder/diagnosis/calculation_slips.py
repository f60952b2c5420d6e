"""Edits of a calculation that a wrong answer may amount to: brackets lost, a name confused.

The calculation is the reference's, a sum of products of the numbers of a question, or of the arguments of a function.
Only values are compared: how the student wrote the calculation is not known.
"""

from __future__ import annotations

import ast
import inspect
import math
import operator
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import combinations, permutations, product
from types import CodeType
from typing import Any

from autograder.diagnosis.case_result import CaseResult, arguments_of
from autograder.diagnosis.comparison import same
from autograder.i18n import _
from autograder.questions.question import Question
from autograder.text import Text

SLIP = _("your number is what the right calculation gives {edited}")
COMPUTES = _("this is the right calculation {edited}")
WRONG_DIGIT = _(
    "your number is what the right calculation gives if one digit of an intermediate result is wrong; write the "
    "calculation itself between the brackets, and Python computes it"
)


@dataclass(frozen=True)
class Sum:
    """Parts that are added."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Product:
    """Parts that are multiplied."""

    parts: tuple[Node, ...]


Node = str | int | Sum | Product
"""A calculation: a name, a whole number, or parts that are added or multiplied."""

Edited = tuple[Text, Node]
"""The description of an edit, and the edited calculation."""


def calculation_slips(question: Question) -> Iterator[tuple[Text, Callable[[Mapping[str, Any]], Any]]]:
    """Yield each slip in the reference's calculation: what it is, and what it gives for the numbers of a case.

    Yields nothing if the reference is anything but sums and products of its parameters and whole numbers.
    """
    names, whole = _calculation_of(question)
    if whole is None:
        return
    for edited, node in (*_edits(whole, names), *_of_the_result(whole, names)):
        yield edited, partial(_value, node)


def has_wrong_digit(question: Question, numbers: Mapping[str, Any], got: Any) -> bool:
    """Return whether the reference's calculation gives a number if one digit of an intermediate result is wrong.

    False if the reference is anything but sums and products of its parameters and whole numbers.
    """
    _names, whole = _calculation_of(question)
    if whole is None or type(got) is not int:
        return False
    for step, calculation in _steps(whole):
        at_0, at_1 = (_value(calculation, {**numbers, _INSTEAD: instead}) for instead in (0, 1))
        instead, rest = divmod(got - at_0, at_1 - at_0) if at_1 != at_0 else (0, 1)
        if not rest and _differ_in_one_digit(instead, _value(step, numbers)):
            return True
    return False


_INSTEAD = ""
"""Stands for the wrong number in a calculation, where a name would stand."""


def _steps(node: Node) -> Iterator[tuple[Node, Node]]:
    """Yield the intermediate results of a calculation, each with the calculation that has `_INSTEAD` in its place."""
    if not isinstance(node, (Sum, Product)):
        return
    yield node, _INSTEAD
    indices = range(len(node.parts))
    for chosen in (chosen for size in indices[2:] for chosen in combinations(indices, size)):
        if isinstance(node, Product):
            rest = [node.parts[index] for index in indices if index not in chosen]
            yield Product(tuple(node.parts[index] for index in chosen)), Product((_INSTEAD, *rest))
    for index, part in enumerate(node.parts):
        for step, calculation in _steps(part):
            yield step, type(node)((*node.parts[:index], calculation, *node.parts[index + 1 :]))


def _differ_in_one_digit(first: int, second: int) -> bool:
    ours, theirs = str(first), str(second)
    return len(ours) == len(theirs) and sum(map(operator.ne, ours, theirs)) == 1


def _calculation_of(question: Question) -> tuple[list[str], Node | None]:
    """Return the parameters of the reference and its calculation; None if it computes anything else."""
    assert question.reference is not None
    tree = _definition(question.reference.__code__)
    if tree is None:
        return [], None
    names = [argument.arg for argument in tree.args.args]
    return names, _whole_calculation(tree.body, names)


@lru_cache(200)
def _definition(code: CodeType) -> ast.FunctionDef | None:
    """Return the syntax tree of a function, which takes longer than all slips; None if it is not a plain `def`."""
    try:
        [node] = ast.parse(textwrap.dedent(inspect.getsource(code))).body
    except (OSError, SyntaxError, ValueError):
        return None
    return node if isinstance(node, ast.FunctionDef) else None


def edited_calculation(question: Question, results: Sequence[CaseResult]) -> Text | None:
    """Return the one edit of a counting function's calculation that gives every returned value; None if several do."""
    if any(result.error is not None for result in results) or not results:
        return None
    inputs = [arguments_of(question, result) for result in results]
    edits = {
        edited
        for edited, compute in calculation_slips(question)
        if all(same(result.got, compute(values)) for values, result in zip(inputs, results, strict=True))
    }
    return COMPUTES.format(edited=edits.pop()) if len(edits) == 1 else None


def _whole_calculation(statements: Sequence[ast.stmt], names: Sequence[str]) -> Node | None:
    """Return what a function returns as a calculation of its arguments; None if it is anything else."""
    assigned: dict[str, Node] = {}
    for statement in statements:
        match statement:
            case ast.Expr(value=ast.Constant()):  # its docstring
                continue
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                calculated = _calculation(value, assigned)
                if calculated is None:
                    return None
                assigned[name] = calculated
            case ast.Return(value=value):
                return _calculation(value, assigned | {name: name for name in names if name not in assigned})
            case _:
                return None
    return None


def _calculation(node: ast.AST | None, assigned: Mapping[str, Node]) -> Node | None:
    """Return the calculation that a syntax tree stands for, None for any other expression.

    assigned: what local names stand for.
    """
    match node:
        case ast.Name(id=name):
            return assigned.get(name, name)
        case ast.Constant(value=int(number)):
            return number
        case ast.BinOp(left=left, op=ast.Add() | ast.Mult() as op, right=right):
            kind: type[Sum | Product] = Sum if isinstance(op, ast.Add) else Product
            parts: list[Node] = []
            for side in (_calculation(left, assigned), _calculation(right, assigned)):
                if side is None:
                    return None
                parts += side.parts if isinstance(side, kind) else (side,)
            return kind(tuple(parts))
    return None


def _value(node: Node, numbers: Mapping[str, Any]) -> Any:
    match node:
        case str(name):
            return numbers[name]
        case int(number):
            return number
        case Sum(parts):
            return sum(_value(part, numbers) for part in parts)
        case Product(parts):
            return math.prod(_value(part, numbers) for part in parts)


def _edits(node: Node, names: Sequence[str]) -> Iterator[Edited]:
    """Yield a calculation with one edit anywhere in it."""
    match node:
        case str(name):
            for other in names:
                if other != name:
                    yield _("with `{other}` in the place of one `{name}`", other=other, name=name), other
            yield _("with one `{name}` doubled", name=name), Product((2, name))
        case Sum(parts):
            yield from _of_a_sum(parts)
        case Product(parts):
            yield from _of_a_product(parts)
    if isinstance(node, (Sum, Product)):
        for index, part in enumerate(node.parts):
            for edited, new in _edits(part, names):
                yield edited, type(node)((*node.parts[:index], new, *node.parts[index + 1 :]))


def _of_a_sum(parts: Sequence[Node]) -> Iterator[Edited]:
    for index, part in enumerate(parts):
        others = (*parts[:index], *parts[index + 1 :])
        if isinstance(part, str):
            yield _("without adding `{name}`", name=part), Sum(others)
        yield _("with a `-` in the place of one `+`"), Sum((*others, Product((-1, part))))
        for following in range(index, len(others)):
            rest = (*others[:following], *others[following + 1 :])
            yield _("with a `*` in the place of one `+`"), Sum((*rest, Product((part, others[following]))))


def _of_a_product(parts: Sequence[Node]) -> Iterator[Edited]:
    for index, part in enumerate(parts):
        others = (*parts[:index], *parts[index + 1 :])
        if isinstance(part, str):
            yield _("without multiplying by `{name}`", name=part), Product(others)
            yield _("with `{name}` as a factor twice", name=part), Product((*parts, part))
        yield _("with a `+` in the place of one `*`"), Sum((Product(others), part))
        if isinstance(part, Sum):
            for without in _without_brackets(part.parts, others):
                yield _("without the brackets around a sum"), without
            for outside in range(len(others)):  # other brackets remain, and one factor in front of them
                inside = (*others[:outside], *others[outside + 1 :])
                for without in _without_brackets(part.parts, inside) if inside else ():
                    yield _("without the brackets around a sum"), Product((others[outside], without))


def _without_brackets(parts: Sequence[Node], factors: Sequence[Node]) -> Iterator[Node]:
    """Yield a sum in brackets times factors as it is read without the brackets.

    The factors before it then belong to its first part, and those after it to its last, in whatever order both were
    written.
    """
    for sides in product((True, False), repeat=len(factors)):
        before = [factor for factor, is_before in zip(factors, sides, strict=True) if is_before]
        after = [factor for factor, is_before in zip(factors, sides, strict=True) if not is_before]
        for first, last in permutations(range(len(parts)), 2):
            yield Sum(
                tuple(
                    Product((*(before if index == first else ()), part, *(after if index == last else ())))
                    for index, part in enumerate(parts)
                )
            )


def _of_the_result(whole: Node, names: Sequence[str]) -> Iterator[Edited]:
    for name in names:
        yield _("multiplied by `{name}`", name=name), Product((whole, name))
        yield _("with `{name}` added at the end", name=name), Sum((whole, name))
    yield _("doubled"), Product((2, whole))

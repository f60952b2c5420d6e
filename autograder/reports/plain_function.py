"""Select functions of students that an author may paste into a question file.

They run there with the author's rights.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterable

MAX_CODE, MAX_LINE = 800, 100
"""Characters of a function and of its lines: it has to be seen whole."""
MAX_NUMBER, MAX_POWER = 10_000, 8
CALLED = frozenset((
    "abs", "divmod", "enumerate", "float", "int", "len", "list", "max", "min", "range", "round", "sum", "tuple", "zip",
))  # fmt: skip
PLAIN = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign, ast.If, ast.For, ast.Pass,
    ast.Expr, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Constant, ast.Name, ast.List,
    ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.comprehension, ast.Subscript, ast.Slice, ast.expr_context,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
"""The kinds of code in a plain function: no attribute, import, loop without end, or code in a text."""


def first_plain_function(codes: Iterable[str], name: str, new_name: str) -> str:
    """Return the first plain function among some codes, regenerated under a new name; empty if there is none.

    A plain function looks at nothing but its arguments, with a few built-in functions. It is written without its
    comments, docstring and annotations, in short lines. It may still take long, as any function may.
    """
    for code in codes:
        try:
            [function] = ast.parse(code).body
            if not isinstance(function, ast.FunctionDef) or function.name != name:
                continue
            function.name, function.returns = new_name, None
            for argument in function.args.args:
                argument.annotation = None
            if ast.get_docstring(function) is not None:
                function.body = function.body[1:]
            text = ast.unparse(function)
            short = len(text) <= MAX_CODE and max(map(len, text.splitlines())) <= MAX_LINE
            symtable.symtable(text, new_name, "exec")  # raises SyntaxError where no function comes of it
            if short and _is_plain(function):
                return text
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ""


def _is_plain(function: ast.FunctionDef) -> bool:
    """Return whether a function consists of `PLAIN` code, and uses no names but its own and `CALLED`."""
    arguments = function.args
    if (
        arguments.posonlyargs
        or arguments.kwonlyargs
        or arguments.vararg
        or arguments.kwarg
        or not function.body
    ):
        return False
    if not all(isinstance(default, ast.Constant) for default in arguments.defaults):
        return False
    nodes = [*ast.walk(function)]
    own = {argument.arg for argument in arguments.args}
    own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return (
        all(map(_is_plain_name, own))
        and all(isinstance(node, PLAIN) and _is_harmless(node) for node in nodes)
        and all(node.id in own | CALLED for node in nodes if isinstance(node, ast.Name))
        and not any(isinstance(node, ast.FunctionDef) for node in nodes if node is not function)
    )


def _is_harmless(node: ast.AST) -> bool:
    """Return whether a node of `PLAIN` code changes nothing outside, and makes no huge number by itself."""
    match node:
        case ast.FunctionDef():
            return not node.decorator_list
        case ast.Call(func=ast.Name(id="range")):  # as long as an argument, not as a product of several
            return not any(isinstance(part, (ast.Mult, ast.Pow, ast.LShift)) for part in ast.walk(node))
        case ast.Call():
            return isinstance(node.func, ast.Name) and node.func.id in CALLED
        case ast.Constant():
            return node.value is None or (
                isinstance(node.value, (int, float)) and abs(node.value) <= MAX_NUMBER
            )
        case ast.BinOp(op=ast.Pow() | ast.LShift()):
            return (
                isinstance(node.left, ast.Name)
                and isinstance(node.right, ast.Constant)
                and node.right.value in range(MAX_POWER + 1)
            )
        case ast.Subscript():
            return isinstance(node.ctx, ast.Load)
        case ast.comprehension():
            return not node.is_async
    return True


def _is_plain_name(name: str) -> bool:
    return name.isascii() and "__" not in name and not hasattr(builtins, name)

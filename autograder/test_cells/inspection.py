"""Finds tests that look at more than values: apart from the student's code, they would pass whatever it does."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterator

from autograder.i18n import _
from autograder.test_cells.names import as_python
from autograder.test_cells.plan import Step
from autograder.text import Text

BUILT_IN = frozenset(dir(builtins)) - {"input", "print", "_"}
"""Built-in names whose replacement by a test would not reach the student's code; what it prints and asks for does."""
CROSSES = ("builtins.input", "builtins.print", "sys.stdout", "sys.stderr", "sys.stdin")
OF_CODE = frozenset(["__code__", "__closure__", "__kwdefaults__", "__defaults__"])
SHARED_MEMORY = frozenset(["shares_memory", "may_share_memory"])
CHANGING = frozenset([
    "append", "extend", "insert", "add", "update", "pop", "popitem", "remove", "discard", "clear", "sort", "reverse",
    "setdefault", "fill",
])  # fmt: skip
"""Methods that change a value in place."""
IDENTITY = frozenset(["assertIs", "assertIsNot", "is_", "is_not"])
"""Functions that ask for it."""
QUOTES = "'\""
PATCHES = frozenset(["patch", "monkeypatch", "setattr", "delattr"])


def looks_inside(test: Step) -> Text | None:
    """Return what a test does that needs the student's own code and objects; None if it only compares values.

    Its hidden tests are looked at as well. Code that is no Python is not.
    """
    tree = _parsed(test.source)
    return next(_findings(tree), None) if tree is not None else None


def _parsed(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(as_python(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _findings(tree: ast.AST) -> Iterator[Text]:
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    crossed = frozenset(_crossed(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops):
            if all(map(_is_object, (node.left, *node.comparators))):
                yield _("it asks whether two values are one object")
        elif isinstance(node, ast.Attribute):
            if node.attr in OF_CODE or node.attr.startswith("co_"):
                yield _("it looks at the code of a function")
            elif node.attr in SHARED_MEMORY:
                yield _("it asks whether two arrays share memory")
            elif isinstance(node.ctx, (ast.Store, ast.Del)) and _replaces(node, imported):
                yield _("it replaces something in a library")
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Subscript):
                yield _("it changes a part of a part of a value")
        elif isinstance(node, ast.Call) and _changes_part(node, crossed):
            yield _("it changes a part of a part of a value")
        elif isinstance(node, ast.Call) and _asks_for_identity(node):
            yield _("it asks whether two values are one object")
        elif isinstance(node, ast.Call) and _is_patch(node.func) and not _crosses(node):
            yield _("it replaces something in a library")
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and _imports(node) & {"dis", "doctest"}:
            yield _("it looks at the code or the documentation of a function")
        elif isinstance(node, ast.FunctionDef) and node.name in BUILT_IN:
            yield _("it replaces a built-in function")


def _crossed(tree: ast.AST) -> Iterator[str]:
    """Yield the names of variables of the test that are results or arguments of functions which are not built in."""
    for node in ast.walk(tree):
        calls = (
            [one for one in ast.walk(node) if isinstance(one, ast.Call)]
            if isinstance(node, ast.Assign)
            else [node]
        )
        for call in calls:
            if isinstance(call, ast.Call) and _name_of(call.func) not in BUILT_IN:
                yield from (argument.id for argument in call.args if isinstance(argument, ast.Name))
                if isinstance(node, ast.Assign):
                    yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _changes_part(call: ast.Call, names: frozenset[str]) -> bool:
    """Return whether a call changes a part of a variable in place. names: of variables whose parts may be shared."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in CHANGING:
        return False
    part = call.func.value
    return isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and part.value.id in names


def _asks_for_identity(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name) and call.func.id == "id":
        return True
    return _name_of(call.func) in IDENTITY and all(map(_is_object, call.args))


def _is_object(node: ast.expr) -> bool:
    """Return whether an expression may be an object whose identity matters: no constant, and no type."""
    if isinstance(node, ast.Constant):
        return False
    if isinstance(node, ast.Call):
        return _name_of(node.func) not in ("type", "bool")
    return not (isinstance(node, ast.Name) and (node.id in BUILT_IN or node.id == "NotImplemented"))


def _replaces(node: ast.Attribute, imported: set[str]) -> bool:
    base: ast.expr = node
    while isinstance(base, ast.Attribute):
        base = base.value
    path = ast.unparse(node)
    is_library = isinstance(base, ast.Name) and (
        base.id in imported or base.id in ("builtins", "np", "pd", "math")
    )
    return is_library and path not in CROSSES


def _is_patch(function: ast.expr) -> bool:
    """Return whether a function is one such as `patch`, or a method of it, such as `patch.object`."""
    of_patch = isinstance(function, ast.Attribute) and _name_of(function.value) == "patch"
    return of_patch or _name_of(function) in PATCHES


def _crosses(call: ast.Call) -> bool:
    """Return whether a patch is one of what crosses between the kernels: input, output, or a name of the notebook's."""
    target = call.args[0] if call.args else None
    if isinstance(call.func, ast.Attribute) and call.func.attr == "object" and len(call.args) > 1:
        name = call.args[1]
        path = f"{ast.unparse(call.args[0])}.{ast.unparse(name).strip(QUOTES)}"
        return path in CROSSES or "__main__" in path
    if isinstance(target, ast.Constant):
        return target.value in CROSSES or bool(re.fullmatch(r"__main__\.\w+", str(target.value)))
    return _name_of(call.func) in ("setattr", "delattr") and not isinstance(target, ast.Name)


def _name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _imports(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").split(".")[0]}
    return {alias.name.split(".")[0] for alias in node.names}

"""Runs an author's test in a kernel, and tells how it ended: what it returned, raised and printed."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import sys
import traceback
import types
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from .peer import Blocked

FILE = "<test>"
MAX_TEXT = 2_000
MAX_PRINTED = 20_000
MAX_CODE = 120
"""Maximum length of a piece of code, or of a value, in the description of a failed assertion."""
LEFT, RIGHT = "_autograder_left", "_autograder_right"
"""Names under which an assertion keeps the values that it compares."""
OF_HISTORY = ("rerun", "recall", "rep", "history", "hist", "macro", "save")
"""Magics that read IPython's history, in which no cell is here: a test that reruns nothing would pass."""
OPERATORS = types.MappingProxyType({
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
})  # fmt: skip
GUARDED = (
    "builtins", "math", "operator", "random", "statistics", "unittest.case", "numpy", "numpy.testing",
    "numpy.testing._private.utils", "pandas", "pandas.testing", "IPython.core.interactiveshell",
)  # fmt: skip
"""Modules by which tests judge. A test runs with what they contained before the student's code ran."""


class Guard:
    """What modules and names contained before the student's code ran, put back before a test runs among it."""

    def __init__(self) -> None:
        self._modules = {
            name: dict(vars(module))
            for name in GUARDED
            if isinstance(module := sys.modules.get(name), types.ModuleType)
        }
        test_case = getattr(sys.modules.get("unittest.case"), "TestCase", None)
        self._test_case = (test_case, dict(vars(test_case))) if test_case is not None else None
        self._names: dict[str, Any] = {}

    def keep(self, namespace: dict[str, Any], names: Iterable[str]) -> None:
        """Keep what names mean now: an author's cell has just defined them."""
        self._names |= {name: namespace[name] for name in names if name in namespace}

    def keep_again(self, namespace: dict[str, Any], names: Iterable[str]) -> None:
        """Keep what names mean now among those that are kept: a test may define a name of the author's anew."""
        self.keep(namespace, self._names.keys() & {*names})

    def restore(self, namespace: dict[str, Any]) -> None:
        """Put back what was replaced."""
        for name, contents in self._modules.items():
            module = vars(sys.modules.get(name) or types.ModuleType(name))
            for key, value in contents.items():
                if module.get(key) is not value and (callable(value) or key not in module):
                    module[key] = value
        if self._test_case is not None:
            case, contents = self._test_case
            for key, value in contents.items():
                if callable(value) and vars(case).get(key) is not value:
                    setattr(case, key, value)
        namespace |= self._names


@contextlib.contextmanager
def _shown_errors(shell: Any) -> Iterator[list[tuple[str, str]]]:
    """Collect the errors that the shell shows: a magic that runs code, as `%%capture`, raises none of them."""
    errors: list[tuple[str, str]] = []
    before = shell._showtraceback
    shell._showtraceback = lambda kind, value, _traceback: errors.append((kind.__name__, _text(value)))
    try:
        yield errors
    finally:
        shell._showtraceback = before


@contextlib.contextmanager
def _without_history(shell: Any) -> Iterator[None]:
    """Let the magics of IPython's history raise an error, so that a test that uses one fails."""
    magics = shell.magics_manager.magics["line"]
    before = {name: magics[name] for name in OF_HISTORY if name in magics}
    magics |= dict.fromkeys(OF_HISTORY, _refuse_history)
    try:
        yield
    finally:
        for name in OF_HISTORY:
            del magics[name]
        magics |= before


def _refuse_history(_line: str) -> None:
    raise LookupError("IPython's history has no cells in a test")


class Watched:
    """A test whose assertions keep the values that they compare, without evaluating anything twice."""

    def __init__(self, source: str) -> None:
        """Parse a test. Raises SyntaxError."""
        self.body: ast.Module = ast.parse(source, FILE)
        self._source = source
        self._asserts: list[tuple[ast.Assert, str, list[tuple[str, str]]]] = []
        """Each assertion with its operator, which may be empty, and the code and the name of what it compares."""
        self._tests: dict[ast.Assert, str] = {}
        for node in [*ast.walk(self.body)]:
            if isinstance(node, ast.Assert):
                self._tests[node] = self._code(node.test)
                self._watch(node)

    def _watch(self, node: ast.Assert) -> None:
        test = node.test
        if isinstance(test, ast.Tuple | ast.Constant):  # Python warns of a tuple, which is always true
            return
        if isinstance(test, ast.Call) and len(test.args) >= 2:
            sides = []
            for number, name in enumerate((LEFT, RIGHT)):
                argument = test.args[number]
                if not isinstance(argument, ast.Constant | ast.Starred | ast.GeneratorExp):
                    sides.append((self._code(argument), name))
                    test.args[number] = _named(argument, name)
            self._asserts.append((node, "", sides))
        elif not isinstance(test, ast.Compare) or len(test.ops) != 1:
            self._asserts.append((node, "", [(self._code(test), LEFT)]))
            node.test = _named(test, LEFT)
        elif operator := OPERATORS.get(type(test.ops[0])):
            left, right = test.left, test.comparators[0]
            if operator.startswith("is") and isinstance(
                right, ast.Constant
            ):  # Python warns of a number there
                self._asserts.append((node, operator, [(self._code(left), LEFT)]))
                test.left = _named(left, LEFT)
                return
            self._asserts.append((node, operator, [(self._code(left), LEFT), (self._code(right), RIGHT)]))
            test.left, test.comparators = _named(left, LEFT), [_named(right, RIGHT)]

    def _code(self, node: ast.AST) -> str:
        if isinstance(node, ast.Constant):  # as its value is shown
            return _value(node.value)
        code = " ".join((ast.get_source_segment(self._source, node) or "").split())
        return code if len(code) <= MAX_CODE else code[: MAX_CODE - 1] + "…"

    def failed(self, error: AssertionError) -> dict[str, Any]:
        """Return the operator, and the code and value of each side, of the assertion that raised an error.

        It is empty if none did, as where a function of a library raised it.
        """
        traces = [*traceback.walk_tb(error.__traceback__)]
        frame, line = traces[-1] if traces else (None, 0)
        if frame is None or frame.f_code.co_filename != FILE:
            return {}
        for node, operator, sides in reversed(self._asserts):
            if node.lineno <= line <= (node.end_lineno or node.lineno):
                if not all(name in frame.f_locals for _code, name in sides):
                    return {}
                values = [(code, _value(frame.f_locals[name])) for code, name in sides]
                return {"test": self._tests[node], "operator": operator, "sides": values}
        return {}


def _named(node: ast.expr, name: str) -> ast.expr:
    """Return an expression with the same value, which also keeps it under a name."""
    return ast.copy_location(ast.NamedExpr(ast.copy_location(ast.Name(name, ast.Store()), node), node), node)


def _value(value: Any) -> str:
    try:
        text = " ".join(repr(value).split())
    except BaseException:  # a value whose `__repr__` raises
        return ""
    return text if len(text) <= MAX_CODE else text[: MAX_CODE - 1] + "…"


def run_test(source: str, shell: Any, token: str) -> dict[str, Any]:
    """Run a test and return what happened.

    source: Python, without IPython's magics: student code could change how the shell translates them.
    token: returned as `done` if the last statement has been reached. `shown` is what a notebook would show as the
    value of the last expression, and `number` is that value if it is a number.
    """
    printed, warned = io.StringIO(), io.StringIO()
    namespace = shell.user_ns
    outcome: dict[str, Any] = {}
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(warned),
        _shown_errors(shell) as shown_errors,
        _without_history(shell),
    ):
        watched: Watched | None = None
        try:
            watched = Watched(source)
            body = watched.body
            last = body.body[-1] if body.body else None
            shown = None
            if isinstance(last, ast.Expr) and not _is_silenced(source):
                _execute(ast.Module(body.body[:-1], []), namespace)
                shown = _execute(ast.Expression(last.value), namespace)
            else:
                _execute(body, namespace)
            if shown_errors:
                name, text = shown_errors[0]
                return {"error": name, "message": text}
            outcome["done"] = token
            if shown is not None:
                namespace["_"] = shown
                outcome["shown"] = repr(shown)[:MAX_TEXT]
                if isinstance(shown, (int, float, np.number)) and not isinstance(shown, bool):
                    outcome["number"] = repr(float(shown))
        except KeyboardInterrupt:
            raise
        except Blocked as error:
            outcome |= {"blocked": str(error)[:MAX_TEXT]}
        except BaseException as error:
            outcome |= {"error": type(error).__name__[:200], "message": _text(error)}
            if isinstance(error, AssertionError) and watched is not None:
                outcome |= {"asserted": watched.failed(error)}
        finally:
            for name in (LEFT, RIGHT):
                namespace.pop(name, None)
    return outcome | {"printed": printed.getvalue()[:MAX_PRINTED], "warned": warned.getvalue()[:MAX_PRINTED]}


def _execute(tree: ast.Module | ast.Expression, namespace: dict[str, Any]) -> Any:
    """Execute code, which may await something at its top level, and return the value of an expression."""
    mode = "eval" if isinstance(tree, ast.Expression) else "exec"
    code = compile(tree, FILE, mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    result = eval(code, namespace)
    return _awaited(result) if code.co_flags & inspect.CO_COROUTINE else result


def _awaited(coroutine: Any) -> Any:
    """Return the result of a coroutine. It has an event loop of its own: that of the kernel waits for this test."""
    of_kernel = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(coroutine)
    finally:
        asyncio._set_running_loop(of_kernel)


def _is_silenced(source: str) -> bool:
    """Return whether a cell ends with a semicolon, after which a notebook shows no value."""
    return source.rstrip().endswith(";")


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except BaseException:  # an exception whose `__str__` raises
        return ""

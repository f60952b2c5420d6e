"""Runs an author's test in a kernel, and tells how it ended: what it returned, raised and printed."""

from __future__ import annotations

import ast
import contextlib
import io
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

from .peer import Blocked

FILE = "<test>"
MAX_TEXT = 2_000
MAX_PRINTED = 20_000
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


def run_test(source: str, shell: Any, token: str) -> dict[str, Any]:
    """Run a test and return what happened.

    source: Python, without IPython's magics: student code could change how the shell translates them.
    token: returned as `done` if the last statement has been reached. `shown` is what a notebook would show as the
    value of the last expression.
    """
    printed, warned = io.StringIO(), io.StringIO()
    namespace = shell.user_ns
    outcome: dict[str, Any] = {}
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(warned),
        _shown_errors(shell) as shown_errors,
    ):
        try:
            body: ast.Module = ast.parse(source, FILE)
            last = body.body[-1] if body.body else None
            shown = None
            if isinstance(last, ast.Expr) and not _is_silenced(source):
                before, body.body = ast.Module(body.body[:-1], []), []
                exec(compile(before, FILE, "exec", dont_inherit=True), namespace)
                shown = eval(compile(ast.Expression(last.value), FILE, "eval", dont_inherit=True), namespace)
            else:
                exec(compile(body, FILE, "exec", dont_inherit=True), namespace)
            if shown_errors:
                name, text = shown_errors[0]
                return {"error": name, "message": text}
            outcome["done"] = token
            if shown is not None:
                namespace["_"] = shown
                outcome["shown"] = repr(shown)[:MAX_TEXT]
        except KeyboardInterrupt:
            raise
        except Blocked as error:
            outcome |= {"blocked": str(error)[:MAX_TEXT]}
        except BaseException as error:
            outcome |= {"error": type(error).__name__[:200], "message": _text(error)}
    return outcome | {"printed": printed.getvalue()[:MAX_PRINTED], "warned": warned.getvalue()[:MAX_PRINTED]}


def _is_silenced(source: str) -> bool:
    """Return whether a cell ends with a semicolon, after which a notebook shows no value."""
    return source.rstrip().endswith(";")


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except BaseException:  # an exception whose `__str__` raises
        return ""

"""Syntax trees of question files and of students' code."""

from __future__ import annotations

import ast
import copy
import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.errors import QuestionError
from autograder.i18n import _
from autograder.questions.question import Question

SHARED = "_shared"
"""Stem of the file whose code the question files of an assignment may import: `from ._shared import ...`."""
TEMPLATE_HINT = _("compare with the template that `autograder new` writes")
BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
"""The fields of a statement that hold other statements, in source order."""
_PARSER_LOCK = threading.Lock()


def parse_source(source: str, name: str = "<unknown>") -> ast.Module:
    """Parse a source text. Raises what `ast.parse` raises.

    Calls are serialized: before Python 3.11.8 and 3.12.2, threads share the recursion depth of the trees that they
    build, and one of them occasionally gets a SystemError (CPython issue 106905).
    """
    with _PARSER_LOCK:
        return ast.parse(source, filename=name)


# several readers parse a question's file and its shared code in turn
_kept = lru_cache(4)(parse_source)


def parse_file(path: Path) -> ast.Module:
    """Parse a question file. The tree is shared, so it must not be changed.

    Raises QuestionError if the file is not UTF-8 or not valid Python.
    """
    try:
        return _kept(path.read_text(encoding="utf-8-sig"), str(path))
    except SyntaxError as error:
        raise QuestionError(
            path,
            error.lineno,
            _("the file is not valid Python: {reason}", reason=error.msg),
            _("fix the syntax error"),
        ) from error
    except UnicodeDecodeError as error:
        raise QuestionError(path, None, _("the file is not UTF-8"), _("save it as UTF-8")) from error


def walk_statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and the statements in it, in the order of `ast.walk`, without walking through expressions.

    What holds statements besides statements is yielded, too: handlers of exceptions, and cases of a `match`.
    """
    waiting = deque([tree])
    while waiting:
        node = waiting.popleft()
        for part in BLOCKS:
            waiting.extend(getattr(node, part, ()))
        yield node


def private_functions(question: Question) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield name and syntax tree of every function that students must not see.

    These are the right answers, the checks, the misconceptions, what draws or collects cases, and all shared code.
    """
    private: set[Any] = {question.reference, *question.others, question.draw_cases, question.ask}
    private |= {check.judge for check in question.checks}
    private |= set() if question.followed is None else {question.followed.applied}
    for misconception in question.misconceptions:
        private |= {misconception.answer, misconception.applied, misconception.seen_in}
    names = {function.__name__ for function in private if hasattr(function, "__name__")}
    for node in walk_statements(parse_file(Path(question.path))):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            yield node.name, node
    shared = Path(question.path).with_name(f"{SHARED}.py")
    if shared.exists():
        for node in walk_statements(parse_file(shared)):
            if isinstance(node, ast.FunctionDef):
                yield node.name, node


def imports_shared(node: ast.AST) -> bool:
    """Return whether a statement is `from ._shared import ...`."""
    return isinstance(node, ast.ImportFrom) and (node.level, node.module) == (1, SHARED)


def function_source(question: Question, function: Callable[..., Any]) -> ast.FunctionDef:
    """Return the syntax tree of a function of a question file. Its name and decorators may be replaced.

    Raises QuestionError if the function was not defined by a plain `def` in the file.
    """
    line = function.__code__.co_firstlineno
    for node in walk_statements(parse_file(Path(question.path))):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            if line in (first, node.lineno):
                return copy.copy(node)
    raise QuestionError(
        question.path,
        line,
        _("{function} is not a plain function", function=function.__name__),
        TEMPLATE_HINT,
    )

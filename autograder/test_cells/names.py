"""The names that a cell of an author's defines and mentions, and its texts."""

from __future__ import annotations

import ast
import contextlib
import re
import symtable
import warnings
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from typing import Any

IDENTIFIER = re.compile(r"[^\W\d]\w*")
OF_SHELL = frozenset(["run_line_magic", "run_cell_magic", "system", "getoutput"])
"""Methods of the shell, as which IPython writes magics and commands."""
BRACES = re.compile(r"\{([^{}]+)\}|\$(\w+)")
MAX_QUOTED = 500
"""Length of a string in which names are looked for: the code of a magic, or an argument of `eval`."""


@dataclass(frozen=True)
class Names:
    """The names in a cell."""

    defined: Set[str] = frozenset()
    """At the top level, or by its functions as global."""
    imported: Set[str] = frozenset()
    """Those among them that nothing but an import defines."""
    mentioned: Set[str] = frozenset()
    quoted: Set[str] = frozenset()
    """Those in strings that are code themselves."""
    bodies: Mapping[str, Set[str]] = field(default_factory=dict)
    """By function and class: what its body mentions, which is looked up when it is called."""
    libraries: Set[str] = frozenset()
    """Packages that it imports."""
    needed: Set[str] = frozenset()
    """Those among them that it imports outside any `try`."""
    texts: Set[str] = frozenset()
    """The strings that stand in it, which it may run as code: whole, by line, and as magics and doctest take them."""


def as_python(source: str) -> str:
    """Return the code of a cell with IPython's magics and shell commands as calls."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
        return source.lstrip("\n")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return str(_transformer().transform_cell(source))


@cache
def _transformer() -> Any:
    from IPython.core.inputtransformer2 import TransformerManager  # not needed where nothing is new

    return TransformerManager()  # type: ignore[no-untyped-call]


def names_in(source: str) -> Names:
    """Return the names in the code of a cell, which may have magics. Code with syntax errors counts as a string."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = as_python(source)
            tree = ast.parse(text)
            table = symtable.symtable(text, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Names(quoted=frozenset(IDENTIFIER.findall(source)))
    defined, assigned = frozenset(_defined(tree)), frozenset(_defined(tree, imports=False))
    return Names(
        defined=defined,
        imported=defined - assigned,
        mentioned=frozenset(_global_names(table)),
        quoted=frozenset(_quoted_in(tree)),
        bodies={child.get_name(): frozenset(_global_names(child)) for child in table.get_children()},
        libraries=frozenset(_libraries(tree)),
        needed=frozenset(_libraries(tree, on_trial=False)),
        texts=frozenset(_runnable(tree)),
    )


def with_bodies(mentioned: Set[str], bodies: Mapping[str, Set[str]]) -> Set[str]:
    """Return names with those that the functions among them mention, and so on."""
    found: set[str] = set()
    new = set(mentioned)
    while new:
        found |= new
        new = {name for known in new for name in bodies.get(known, ())} - found
    return frozenset(found)


def given_anew(source: str) -> Set[str]:
    """Return the names to which the code of a cell gives a value before it mentions them otherwise."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            statements = ast.parse(as_python(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    given: set[str] = set()
    mentioned: set[str] = set()
    for statement in statements:
        targets: list[ast.expr] = []
        before: ast.AST = statement
        if isinstance(statement, ast.Assign):
            targets, before = statement.targets, statement.value
        elif isinstance(statement, ast.For):
            targets, before = [statement.target], statement.iter
        mentioned |= {node.id for node in ast.walk(before) if isinstance(node, ast.Name)}
        parts = [part for target in targets for part in getattr(target, "elts", [target])]
        given |= {part.id for part in parts if isinstance(part, ast.Name)} - mentioned
        mentioned |= {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return frozenset(given)


def _defined(tree: ast.AST, *, imports: bool = True) -> Iterator[str]:
    """Yield the names that code binds in its own scope, and those that its functions declare as global.

    imports: also those that it imports.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
            yield from (
                name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names
            )
            continue
        if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if imports:
                yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            yield node.name
        yield from _defined(node, imports=imports)


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the names of the notebook that code reads or sets, also in its functions."""
    is_top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if is_top or symbol.is_global():
            yield symbol.get_name()
    for child in table.get_children():
        yield from _global_names(child)


def _strings(tree: ast.AST) -> Iterator[str]:
    """Yield the strings in code, but for the messages of assertions and errors."""
    messages: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.msg is not None:
            messages |= {*ast.walk(node.msg)}
        elif isinstance(node, ast.Raise) and node.exc is not None:
            messages |= {*ast.walk(node.exc)}
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in messages:
            yield node.value


def _runnable(tree: ast.AST) -> Iterator[str]:
    """Yield the texts that code may run: its strings, their lines, and what doctest and magics find in them."""
    for text in _strings(tree):
        yield text
        yield from text.splitlines()
        if ">>>" in text:
            import doctest  # and with it a debugger

            with contextlib.suppress(ValueError):  # an example that is not indented evenly
                yield from (example.source for example in doctest.DocTestParser().get_examples(text))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in OF_SHELL:
            for one in node.args:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield from _of_magic(one.value)


def _of_magic(text: str) -> Iterator[str]:
    """Yield what a magic or a command runs of its line: what follows its options, and Python within braces."""
    rest = text[:MAX_QUOTED]
    while rest:
        yield rest
        rest = rest.partition(" ")[2].lstrip()
    for braces, name in BRACES.findall(text):
        yield braces or name


def _quoted_in(tree: ast.AST) -> Iterator[str]:
    for text in {*_runnable(tree)}:
        if len(text) <= MAX_QUOTED:
            yield from _quoted(text)


def _quoted(text: str) -> Iterator[str]:
    """Yield the names in a string that is code itself."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    names = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    yield from (text.split(".")[1] if name == "__main__" and "." in text else name for name in names)


def _libraries(tree: ast.AST, *, on_trial: bool = True) -> Iterator[str]:
    """Yield the packages that code imports. on_trial: also in a `try`, where it may go on without them."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from [node.module.split(".")[0]] if node.module and not node.level else []
        elif on_trial or not isinstance(node, ast.Try):
            yield from _libraries(node, on_trial=on_trial)

"""The top-level statements of a student's code: their text, the names that they define, and what an answer needs."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.notebooks.cells import runs_when_graded
from autograder.questions.syntax import parse_source
from autograder.submissions.parse import MAX_PARSED, remembered

IPYTHON_LINE = re.compile(r"^([^\S\n]*)[%!?][^\n]*$", re.MULTILINE)
"""A line that only IPython reads, such as `%matplotlib inline`. Its pattern does not begin at the empty lines above."""
DEFINING = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign,
    ast.AugAssign,
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """A top-level statement of a cell."""

    node: ast.stmt
    text: str
    """Its lines in the cell."""
    lines: range
    defines: frozenset[str]
    """The names that it binds in the notebook."""
    uses: frozenset[str]
    """The names of the notebook that it reads, or that its functions read."""
    key: str
    """What equal statements have in common, whatever their layout."""

    @property
    def is_definition(self) -> bool:
        """Return whether it defines something, and does not only compute, test or print."""
        return any(isinstance(node, DEFINING) for node in ast.walk(self.node))

    @property
    def is_self_contained(self) -> bool:
        """Return whether it defines the same in any place of a notebook: a function or import, or plain data."""
        if isinstance(self.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom)):
            return not getattr(self.node, "decorator_list", ())
        return isinstance(self.node, ast.Assign) and not self.uses

    @property
    def imports_all(self) -> bool:
        """Return whether it is a `from module import *`, which may define any name."""
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"


@remembered
def statements_of(source: str) -> tuple[Statement, ...] | None:
    """Return the top-level statements of a cell without those of IPython; None if it is not Python."""
    python = IPYTHON_LINE.sub(r"\1pass", source)
    lines = source.splitlines()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # syntax warnings about a student's code concern the student only
            return tuple(_statement(node, lines) for node in parse_source(python).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _statement(node: ast.stmt, lines: list[str]) -> Statement:
    decorators = getattr(node, "decorator_list", ())
    first = min(part.lineno for part in (node, *decorators))
    last = node.end_lineno or node.lineno
    plain = ast.unparse(node)
    table = symtable.symtable(plain, "<cell>", "exec")
    defines = {
        symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()
    }
    return Statement(
        node, "\n".join(lines[first - 1 : last]), range(first, last + 1), frozenset(defines),
        frozenset(_globals_read(table)), plain,
    )  # fmt: skip


def _globals_read(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the names that code reads from the notebook, or from Python's built-in names."""
    at_top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (at_top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals_read(child)


def needed_by(name: str, notebook: NotebookNode) -> list[Statement]:
    """Return the statements of a rebuilt notebook that define an answer, those that define what these read, and so on.

    Only cells that run when it is graded are considered.
    """
    statements: list[Statement] = []
    characters = 0
    for cell in notebook.cells:
        if runs_when_graded(cell) and (characters := characters + len(cell.source)) <= MAX_PARSED:
            statements += statements_of(cell.source) or ()
    places: dict[str, list[int]] = {}
    for place, statement in enumerate(statements):
        for defined in statement.defines:
            places.setdefault(defined, []).append(place)
    needed: dict[int, Statement] = {}
    names, waiting = {name}, [name]
    while waiting:
        for place in places.get(waiting.pop(), ()):
            if place not in needed:
                needed[place] = statements[place]
                waiting += statements[place].uses - names
                names |= statements[place].uses
    if names - places.keys() - set(dir(builtins)):
        stars = (statement for statement in statements if statement.imports_all)
        needed |= {-number: statement for number, statement in enumerate(stars, 1)}
    return [*needed.values()]

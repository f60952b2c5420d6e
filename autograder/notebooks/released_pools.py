"""The pools that a released notebook shows numbers from, read back from its cells."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nbformat import NotebookNode

from autograder.notebooks.cells import cell_metadata
from autograder.questions.question import Pool


def released_pools(cells: Iterable[NotebookNode]) -> dict[str, Pool]:
    """Return the pools of a release of ours by name, without the text of their problems."""
    pools = {}
    for cell in cells:
        if cell_metadata(cell).get("part") == "numbers":
            [statement] = ast.parse(cell.source).body
            assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
            _course, name, names, _shows, public, variants = map(ast.literal_eval, statement.value.args)
            pools[name] = Pool(name, names, public, variants)
    return pools


def gives_other_numbers(pool: Pool, released: Pool) -> bool:
    """Return whether a pool gives other numbers than the released one of its name, to anybody."""
    return (pool.names, pool.public, set(pool.variants)) != (
        released.names,
        released.public,
        set(released.variants),
    )

"""The pools that a released notebook shows numbers from, and those that earlier releases of it showed.

A notebook shows the numbers of the release from which it was downloaded. So a release whose pool gives other numbers
than the one before keeps the earlier pool in its metadata, as a record of the numbers that students may have got.
"""

from __future__ import annotations

import ast
import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence

from nbformat import NotebookNode

from autograder.notebooks.cells import NAMESPACE, cell_metadata
from autograder.questions.pool import as_tuple
from autograder.questions.question import Pool

EARLIER = "earlier_pools"
"""Key of the record in the metadata of a release."""
MAX_EARLIER = 8
"""Number of earlier pools that a release remembers."""


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


def with_earlier(pools: Mapping[str, Pool], released: NotebookNode) -> dict[str, list[str]]:
    """Return the record for a release with these pools that takes the place of a released one; empty pools are absent.

    It holds the last few pools that give other numbers, the latest first.
    """
    current, earlier = released_pools(released.cells), earlier_pools(released)
    record: dict[str, list[str]] = {}
    for name, pool in pools.items():
        before = [*([current[name]] if name in current else []), *earlier.get(name, ())]
        others = [other for other in before if other.variants and gives_other_numbers(pool, other)]
        if others:
            record[name] = list(dict.fromkeys(map(_packed, others)))[:MAX_EARLIER]
    return record


def earlier_pools(released: NotebookNode) -> dict[str, list[Pool]]:
    """Return the pools that earlier releases showed, the latest first, by name. released: a release of ours."""
    record = released.metadata.get(NAMESPACE, {}).get(EARLIER, {})
    return {name: [_unpacked(name, packed) for packed in pools] for name, pools in record.items()}


def shown_pool(pools: Sequence[Pool], submitted: Iterable[NotebookNode]) -> Pool | None:
    """Return the first of some pools whose numbers are in a cell of a submitted notebook; None if there is none."""
    sources = [cell.source for cell in submitted if cell.cell_type == "code"]
    return next((pool for pool in pools if any(variants_text(pool) in source for source in sources)), None)


def variants_text(pool: Pool) -> str:
    """Return the public numbers and the variants of a pool as the cell that shows them has them."""
    variants = ",".join(f"({''.join(f'{number!r},' for number in numbers)})" for numbers in pool.variants)
    return f"{pool.public!r}, ({variants},)"


def _packed(pool: Pool) -> str:
    """Return a pool as letters and digits, in which nobody finds a number by chance."""
    data = json.dumps([pool.names, pool.public, pool.variants]).encode()
    return base64.b32encode(zlib.compress(data, 9)).decode().rstrip("=")


def _unpacked(name: str, packed: str) -> Pool:
    data = zlib.decompress(base64.b32decode(packed + "=" * (-len(packed) % 8)))
    names, public, variants = as_tuple(json.loads(data))
    return Pool(name, names, public, variants)


def gives_other_numbers(pool: Pool, released: Pool) -> bool:
    """Return whether a pool gives other numbers than the released one of its name, to anybody."""
    return (pool.names, pool.public, set(pool.variants)) != (
        released.names,
        released.public,
        set(released.variants),
    )

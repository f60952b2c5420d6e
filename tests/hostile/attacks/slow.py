"""What takes the trusted side, which knows no time limit, far longer to read than a student to write.

The sizes are bounded: each costs seconds here, and would cost hours in a notebook that is as long as may be.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile.attack import GRU, Attack, Notebook, honest, worth
from tests.hostile.attacks.wire import all_calls, forger


def _prose(text: str) -> Callable[[Notebook], None]:
    def mutate(notebook: Notebook) -> None:
        notebook["cells"].insert(1, {"cell_type": "markdown", "id": "slow", "metadata": {}, "source": text})

    return mutate


KNOWN = {"answers": honest(GRU, "g1"), "earns": worth(GRU, "g1"), "keeps": ("g1",)}
ATTACKS = (
    Attack("P01", "code of attributes of attributes",
        first="%%script false --no-raise-error\na" + ".a" * 10_000, **KNOWN),
    Attack("P02", "pictures that are never closed", mutate=_prose("![" * 18_000), **KNOWN),
    Attack("P03", "formulas that begin and never end", mutate=_prose("\\begin{a}" * 9_000), **KNOWN),
    Attack("P04", "brackets of formulas that never close", mutate=_prose("\\\\(" * 18_000), **KNOWN),
    Attack("P05", "links whose address never ends", mutate=_prose("[a](<b" * 13_000), **KNOWN),
    Attack("P06", "footnotes of footnotes", mutate=_prose("[^a]" * 18_000), **KNOWN),
    Attack("P07", "half a million empty rows in a reply of fifty bytes",
        first=forger(all_calls("{'value': {'array': '', 'dtype': 'int8', 'shape': [500_000, 0]}}"))),
    Attack("P08", "a dictionary whose keys all share one hash",
        first=forger("json.dumps({'value': {'dict': [[k * (2**61 - 1), 0] for k in range(5_000)]}})")),
)  # fmt: skip

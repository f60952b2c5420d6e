"""Objects that the student's code hands back: the test sees whether they are those that it knows already."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.test_cells.notebooks import Kernels, answer, check

COPY = "import copy\ndef cp(a):\n    return copy.deepcopy(a)"
SAME = "def cp(a):\n    return a"
CASES: Mapping[str, tuple[str, str, str]] = {
    # solution, test, wrong answer
    "list": (COPY, "a = [1, 2]\nb = cp(a)\nb.append(3)\nassert a == [1, 2]", SAME),
    "array": (COPY, "import numpy as np\na = np.zeros(2)\nb = cp(a)\nb[0] = 5\nassert a[0] == 0", SAME),
    "dict": (COPY, "a = {'x': 1}\nb = cp(a)\nb['y'] = 2\nassert a == {'x': 1}", SAME),
    "set": (COPY, "a = {1}\nb = cp(a)\nb.add(2)\nassert a == {1}", SAME),
    "frame": (
        "def cp(d):\n    return d.assign(y=1)",
        "import pandas as pd\nd = pd.DataFrame({'x': [1]})\nr = cp(d)\nr['z'] = 0\nassert 'z' not in d.columns",
        "def cp(d):\n    d['y'] = 1\n    return d",
    ),
    "argument by its name": (COPY, "a = [1, 2]\nb = cp(a=a)\nb.append(3)\nassert a == [1, 2]", SAME),
    "result of two calls": (
        "def mk():\n    return []", "a = mk()\nb = mk()\na.append(1)\nassert b == []",
        "one = []\ndef mk():\n    return one",
    ),
    "two variables": (
        "orig = [1]\nclone = list(orig)", "clone.append(2)\nassert orig == [1]", "orig = [1]\nclone = orig",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_result_that_should_be_a_copy_is_found_out(kernels: Kernels, name: str) -> None:
    """No call follows the change which shows that it is none."""
    solution, test, wrong = CASES[name]
    cells = [answer("a", solution), check("t", test)]
    proof = kernels.prove(*cells)
    assert (dict(proof.together), proof.failing) == ({}, {})
    assert kernels.grade(cells, proof).scores == {"t": 1}
    assert kernels.grade(cells, proof, a=wrong).scores == {"t": 0}


@pytest.mark.parametrize(
    ("solution", "test", "wrong"),
    [
        (COPY, "a = [[1], [2]]\nb = cp(a)\nb[0].append(3)\nassert a == [[1], [2]]", "def cp(a):\n    return list(a)"),
        (
            "def grid(n):\n    return [[0] * n for _ in range(n)]",
            "g = grid(2)\ng[0].append(7)\nassert g[1] == [0, 0]",
            "def grid(n):\n    return [[0] * n] * n",
        ),
    ],
)  # fmt: skip
def test_change_of_a_part_runs_together(kernels: Kernels, solution: str, test: str, wrong: str) -> None:
    """A part of a value arrives as a copy, so that the test would pass whatever else refers to it."""
    cells = [answer("a", solution), check("t", test)]
    proof = kernels.prove(*cells)
    assert proof.together["t"].en == "it changes a part of a part of a value"
    assert kernels.grade(cells, proof).scores == {"t": 1}
    assert kernels.grade(cells, proof, a=wrong).scores == {"t": 0}


def test_claim_of_being_the_argument_binds_no_other_value(kernels: Kernels) -> None:
    """A patched kernel of the student's may claim anything; what is not equal stays a value of its own."""
    forged = (
        "import sys\nPeer = type(sys.modules['autograder_agent'].agent._peer)\n"
        "Peer._key_of = lambda self, result, given, call: f'{call}.0'\ndef cp(a):\n    return [9]"
    )
    cells = [answer("a", COPY), check("t", "a = [1, 2]\nassert cp(a) == [1, 2] and a == [1, 2]")]
    proof = kernels.prove(*cells)
    assert kernels.grade(cells, proof, a=forged).scores == {"t": 0}

"""Tests that forbid a way, or measure one: they see what the student's code uses, as they would under nbgrader."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.test_cells.notebooks import Kernels, answer, check, given

BAN = "def banned(*args, **kwargs):\n    raise AssertionError('not allowed')\n"
MEAN = ("def f(xs):\n    return sum(xs) / len(xs)", "import numpy as np\ndef f(xs):\n    return np.mean(xs)")
SORT = (
    "def f(xs):\n    out = []\n    for x in xs:\n        i = 0\n        while i < len(out) and out[i] < x:\n"
    "            i += 1\n        out.insert(i, x)\n    return out",
    "def f(xs):\n    return sorted(xs)",
)
STATISTICS = (MEAN[0], "def f(xs):\n    return statistics.mean(xs)")
IMPORTED = (MEAN[0], "def f(xs):\n    import statistics\n    return statistics.mean(xs)")
DEEP = (
    "def f(n):\n    return n * (n + 1) // 2",
    "def f(n):\n    return 0 if n == 0 else n + f(n - 1)",
)
HUNGRY = ("def f(n):\n    return sum(range(n))", "def f(n):\n    return sum(list(range(n)))")
SIX = "assert f([3, 1, 2]) == [1, 2, 3]"
TWO = "assert f([1, 2, 3]) == 2"
CASES: Mapping[str, tuple[str, tuple[str, str], str]] = {
    # given, right and forbidden answer, test
    "method of patch": (
        "import numpy as np", MEAN, f"from unittest import mock\n{BAN}"
        f"with mock.patch.object(np, 'mean', banned):\n    {TWO}",
    ),
    "module of a test's own": ("import numpy as np", MEAN, f"{BAN}np.mean = banned\n{TWO}"),
    "built-in name by assignment": ("", SORT, f"{BAN}sorted = banned\n{SIX}"),
    "built-in name by a lambda": ("", SORT, f"sorted = lambda *xs: 1 / 0\n{SIX}"),
    "built-in name by a mock": (
        "", SORT, f"from unittest.mock import Mock\nsorted = Mock(side_effect=AssertionError)\n{SIX}",
    ),
    "built-in name among the globals": ("", SORT, f"{BAN}globals()['sorted'] = banned\n{SIX}"),
    "built-in name in the built-ins": (
        "", SORT, f"{BAN}import builtins as b\nkept = b.sorted\nb.__dict__['sorted'] = banned\ntry:\n"
        f"    {SIX}\nfinally:\n    b.sorted = kept",
    ),
    "module that is given": (
        "import statistics", STATISTICS, f"{BAN}kept = statistics.mean\nstatistics.mean = banned\ntry:\n    {TWO}\n"
        "finally:\n    statistics.mean = kept",
    ),
    "name of a module": ("import statistics", STATISTICS, f"statistics = None\n{TWO}"),
    "deleted name of a module": ("import statistics", STATISTICS, f"del statistics\n{TWO}"),
    "what may be imported": ("import statistics", IMPORTED, f"import sys\nsys.modules['statistics'] = None\n{TWO}"),
    "what may be imported, by a patch": (
        "import statistics", IMPORTED, "import sys\nfrom unittest import mock\n"
        f"with mock.patch.dict(sys.modules, {{'statistics': None}}):\n    {TWO}",
    ),
    "depth of calls": (
        "", DEEP, "import sys\nkept = sys.getrecursionlimit()\nsys.setrecursionlimit(300)\ntry:\n"
        "    assert f(1000) == 500500\nfinally:\n    sys.setrecursionlimit(kept)",
    ),
    "memory": (
        "", HUNGRY, "import tracemalloc\ntracemalloc.start()\nassert f(100_000) == 4999950000\n"
        "peak = tracemalloc.get_traced_memory()[1]\ntracemalloc.stop()\nassert peak < 500_000",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_forbidden_way_earns_nothing(kernels: Kernels, name: str) -> None:
    """The test runs among the student's code, since it would pass apart from it whatever that uses."""
    before, (solution, forbidden), test = CASES[name]
    cells = [answer("a", solution), check("t", test)]
    cells = [given(before), *cells] if before else cells
    proof = kernels.prove(*cells)
    assert "t" in proof.together
    assert "it replaces" in proof.together["t"].en
    assert kernels.grade(cells, proof).scores == {"t": 1}
    assert kernels.grade(cells, proof, a=forbidden).scores == {"t": 0}


@pytest.mark.parametrize(
    "test",
    [
        "sum = f(2)\nassert sum == 4",
        "for id, max in ((1, 1), (2, 4)):\n    assert f(id) == max",
        "import random\nrandom.seed(1)\nx = random.random()\nassert f(x) == x * x",
        "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(f(2), 4)\n"
        "import io\nrunner = unittest.TextTestRunner(io.StringIO())\n"
        "assert runner.run(unittest.defaultTestLoader.loadTestsFromTestCase(T)).wasSuccessful()",
        "import io\nfrom contextlib import redirect_stdout\nwith redirect_stdout(io.StringIO()):\n    assert f(2) == 4",
        "from math import sqrt\nassert sqrt(f(2)) == 2",
        "e = 2\nassert f(e) == 4",
        "from unittest import mock\nimport builtins\nwith mock.patch.object(builtins, 'input', lambda: '2'):\n"
        "    assert f(2) == 4",
        "import sys, json, decimal\nassert json.loads(str(f(2))) == 4 and decimal.Decimal(f(2)) == 4",
        "import numpy as np\nassert np.allclose(f(np.arange(3)), [0, 1, 4])\nassert np.linalg.norm(f(np.ones(4))) == 2",
        "def check(x):\n    return f(x) == x * x\nassert all(map(check, range(100)))",
    ],
)
def test_what_replaces_nothing_runs_apart(kernels: Kernels, test: str) -> None:
    """A plain value under the name of a function is none that the student's code could call."""
    cells = [
        given("import numpy as np\nfrom math import e"),
        answer("a", "def f(x):\n    return x * x"),
        check("t", test),
    ]
    proof = kernels.prove(*cells)
    assert (dict(proof.together), proof.failing) == ({}, {})


@pytest.mark.parametrize("name", ["assertIsNot", "assertIs"])
def test_identity_by_a_method_runs_together(kernels: Kernels, name: str) -> None:
    """A part of a value is a copy, and never the same object."""
    right, wrong = ("list(xs[0])", "xs[0]")[:: 1 if name == "assertIsNot" else -1]
    test = f"import unittest\nxs = [[1]]\nunittest.TestCase().{name}(f(xs), xs[0])"
    cells = [answer("a", f"def f(xs):\n    return {right}"), check("t", test)]
    proof = kernels.prove(*cells)
    assert proof.together["t"].en == "it asks whether two values are one object"
    assert kernels.grade(cells, proof).scores == {"t": 1}
    assert kernels.grade(cells, proof, a=f"def f(xs):\n    return {wrong}").scores == {"t": 0}

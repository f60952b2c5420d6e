"""Right answers that use another type than the author's solution, where a test asks for no particular one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from nbformat import NotebookNode

from tests.test_cells.notebooks import Kernels, answer, check, given

P = """
class P:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def s(self):
        return self.x + self.y"""
TUPLE = """
from typing import NamedTuple
class P(NamedTuple):
    x: int
    y: int
    def s(self):
        return self.x + self.y"""
LEVEL = "from enum import IntEnum\nclass Level(IntEnum):\n    LOW = 1\n    HIGH = 2"
POINT = "from collections import namedtuple\nPoint = namedtuple('Point', 'x y')"
E = """
class E(Exception):
    def __init__(self, n):
        super().__init__(f'code {n}')
        self.n = n
def g():
    raise E(4)"""
CATCH = """
try:
    g()
except E as error:
    assert error.n == 4 and str(error) == 'code 4'
else:
    assert 0"""
NODE = "class N:\n    def __init__(self, v):\n        self.v = v\ndef up(n):\n    n.v += 1\n    return n"
COUNTER = """
def counter():
    n = 0
    def step():
        nonlocal n
        n += 1
        return n
    return step"""
WORDS = "def by(ws):\n    d = {}\n    for w in ws:\n        d.setdefault(len(w), []).append(w)\n    return d"
CASES: Mapping[str, tuple[str, str, str, str, str]] = {
    # given, solution, test, another right answer, and what makes it wrong
    "named tuple with a method": ("", P, "assert P(1, 2).s() == 3", TUPLE, "+ self.y"),
    "identity of a member that was given": (
        LEVEL, "def f(one):\n    return 'low' if one == Level.LOW else 'high'",
        "assert f(Level.LOW) == 'low' and f(Level.HIGH) == 'high'",
        "def f(one):\n    return 'low' if one is Level.LOW else 'high'", " is Level.LOW",
    ),
    "class of a named tuple that was given": (
        POINT, "def f(p):\n    return p.x + p.y", "assert f(Point(1, 2)) == 3",
        "def f(p):\n    match p:\n        case Point(x, y):\n            return x + y", " + y",
    ),
    "list of named tuples": (
        POINT, "def f(ps):\n    return sum(p.x for p in ps)", "assert f([Point(1, 2), Point(3, 4)]) == 4",
        "def f(ps):\n    return sum(p.x for p in ps if isinstance(p, Point))", "p.x for",
    ),
    "property of an exception": (
        "", E, CATCH,
        "class E(Exception):\n    @property\n    def n(self):\n        return self.args[0]\n    def __str__(self):\n"
        "        return f'code {self.n}'\ndef g():\n    raise E(4)", "E(4)",
    ),
    "class attribute of an exception": (
        "", E, CATCH,
        "class E(Exception):\n    n = 4\n    def __str__(self):\n        return 'code 4'\ndef g():\n    raise E",
        "n = 4",
    ),
    "class for a function that is returned": (
        "", "def pick(k):\n    return lambda text: float(text)", "assert pick('f')('2.5') == 2.5",
        "def pick(k):\n    return float", "float",
    ),
    "class for a function": (
        "", COUNTER, "c = counter()\nassert c() == 1 and c() == 2",
        "class counter:\n    n = 0\n    def __call__(self):\n        self.n += 1\n        return self.n", "+= 1",
    ),
    "map for a list": (
        "", "def f(xs):\n    return [x * x for x in xs]", "assert list(f([1, 3])) == [1, 9]",
        "def f(xs):\n    return map(lambda x: x * x, xs)", "* x",
    ),
    "view for a list": (
        "", "def f(d):\n    return list(d.items())", "r = f({'a': 1})\nassert list(r) == [('a', 1)] and len(r) == 1",
        "def f(d):\n    return d.items()", ".items()",
    ),
    "keys for a list": (
        "", "def f(d):\n    return list(d)", "assert sorted(f({'b': 1, 'a': 2})) == ['a', 'b'] and 'a' in f({'a': 2})",
        "def f(d):\n    return d.keys()", ".keys()",
    ),
    "values for a list": (
        "", "def f(d):\n    return list(d.values())", "assert sum(f({'b': 1, 'a': 2})) == 3",
        "def f(d):\n    return d.values()", "d.values()",
    ),
    "defaultdict with a function": (
        "", WORDS, "d = by(['a', 'bb'])\nassert d == {1: ['a'], 2: ['bb']} and 3 not in d",
        "from collections import defaultdict\ndef by(ws):\n    d = defaultdict(lambda: [])\n    for w in ws:\n"
        "        d[len(w)].append(w)\n    return d", ".append(w)",
    ),
    "new object for the one that was given": (
        "", NODE, "a = N(1)\nassert up(a).v == 2", "class N:\n    def __init__(self, v):\n        self.v = v\n"
        "def up(n):\n    return N(n.v + 1)", "+ 1",
    ),
}  # fmt: skip
WRONG: Mapping[str, str] = {
    "E(4)": "E(5)", "n = 4": "n = 5", "float": "int", "+= 1": "+= 2", ".keys()": ".values()", "d.values()": "d.keys()",
    "p.x for": "p.y for", ".items()": ".keys()", " is Level.LOW": " is not Level.LOW",
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_other_type_has_full_points_if_it_is_right(kernels: Kernels, name: str) -> None:
    """It passes apart from the test's code as it would beside it, and a wrong one does not."""
    before, solution, test, other, right = CASES[name]
    cells: list[NotebookNode] = [answer("a", solution), check("t", test)]
    cells = [given(before), *cells] if before else cells
    proof = kernels.prove(*cells)
    assert (dict(proof.together), proof.failing) == ({}, {})
    assert kernels.grade(cells, proof, a=other).scores == {"t": 1}
    wrong = other.replace(right, WRONG.get(right, ""))
    assert wrong != other
    assert kernels.grade(cells, proof, a=wrong).scores == {"t": 0}


@pytest.mark.parametrize("test", ["assert f() == [1, 2]", "assert len(f()) == 2", "assert f()[0] == 1"])
@pytest.mark.parametrize("other", ["map(int, [1, 2])", "{1: 0, 2: 0}.keys()"])
def test_iterator_is_no_list(kernels: Kernels, test: str, other: str) -> None:
    """Beside the code of a test, it would fail as well."""
    cells = [answer("a", "def f():\n    return [1, 2]"), check("t", test)]
    graded = kernels.grade(cells, kernels.prove(*cells), a=f"def f():\n    return {other}")
    assert graded.scores == {"t": 1 if "len" in test and "keys" in other else 0}

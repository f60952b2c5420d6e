"""Tests that run apart from the student's code, with its values and functions."""

from __future__ import annotations

import io
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from nbformat import NotebookNode
from rich.console import Console

from autograder.cli.tested_course import print_proofs
from autograder.sandbox.limits import Limits
from autograder.test_cells.proof import Proof
from autograder.test_cells.run import NotebookRun
from tests.test_cells.notebooks import Authored, Kernels, answer, check, given

pytestmark = [pytest.mark.seal, pytest.mark.long]

FEATURES = {
    "values": [
        answer("a", "total, names = 3.5, {'x': [1, 2]}"),
        check("t", "assert total == 3.5 and type(total) is float and names == {'x': [1, 2]}"),
    ],
    "a table": [
        given("import pandas as pd"),
        answer("a", "table = pd.DataFrame({'a': [1, 2], 'b': ['x', None]})"),
        check("t", "assert isinstance(table, pd.DataFrame) and list(table.a) == [1, 2] and table.b.isna().sum() == 1"),
    ],
    "sets and dates": [
        given("import datetime"),
        answer("a", "seen, day = {1, 2}, datetime.date(2027, 3, 1)"),
        check("t", "assert seen == {2, 1} and isinstance(seen, set) and day.month == 3"),
    ],
    "generators": [
        answer(
            "a",
            "def count(n):\n    print('counting')\n    for i in range(n):\n        yield i\n    return 'end'\n"
            "def total():\n    so_far = 0\n    while True:\n        so_far += yield so_far\nrest = count(5)",
        ),
        check(
            "t",
            "import inspect, itertools\nassert inspect.isgenerator(count(3)) and list(count(3)) == [0, 1, 2]\n"
            "assert list(itertools.islice(total(), 1)) == [0] and next(rest) == 0\n"
            "sums = total()\nassert (next(sums), sums.send(3), sums.send(4)) == (0, 3, 7)\n"
            "def whole():\n    return (yield from count(2))\n"
            "steps = whole()\nassert [next(steps), next(steps)] == [0, 1]\n"
            "try:\n    next(steps)\nexcept StopIteration as stop:\n    assert stop.value == 'end'\n"
            "else:\n    raise AssertionError",
        ),
        answer("b", "def double(items):\n    return (2 * item for item in items)\nnext(rest)"),
        check("u", "assert list(double(i for i in range(3))) == [0, 2, 4] and list(rest) == [2, 3, 4]"),
    ],
    "functions with keywords": [
        answer("a", "def power(base, *, exponent=2):\n    'Powers.'\n    return base ** exponent"),
        check(
            "t",
            "import inspect\nassert power(3) == 9 and power(2, exponent=3) == 8\n"
            "assert list(inspect.signature(power).parameters) == ['base', 'exponent'] and power.__doc__ == 'Powers.'",
        ),
    ],
    "a returned function": [
        answer("a", "def adder(n):\n    return lambda k: n + k"),
        check("t", "assert adder(3)(4) == 7"),
    ],
    "a function as an argument": [
        answer("a", "def twice(f, x):\n    return f(f(x))"),
        check("t", "seen = []\nassert twice(lambda v: seen.append(v) or v + 1, 1) == 3\nassert seen == [1, 2]"),
    ],
    "a function of the student's as an argument": [
        answer("a", "def square(x):\n    return x * x\ndef each(f, xs):\n    return [f(x) for x in xs]"),
        check("t", "assert each(square, [1, 2, 3]) == [1, 4, 9]"),
    ],
    "an exception": [
        given("class TooSmall(ValueError):\n    pass"),
        answer("a", "def root(x):\n    if x < 0:\n        raise TooSmall('below 0')\n    return x ** 0.5"),
        check("t", "try:\n    root(-1)\nexcept TooSmall as error:\n    assert str(error) == 'below 0'\n"
            "else:\n    assert False"),
    ],
    "a changed argument": [
        answer("a", "def sort(xs):\n    xs.sort()"),
        check("t", "xs = [3, 1, 2]\nassert sort(xs) is None and xs == [1, 2, 3]"),
    ],
    "a value that a test changes": [
        answer("a", "stack = [1]\ndef size():\n    return len(stack)"),
        check("t", "stack.append(2)\nassert size() == 2"),
    ],
    "a value that a solution changes": [
        given("xs = [1]"),
        answer("a", "xs.append(2)"),
        check("t", "assert xs == [1, 2]"),
    ],
    "a seed": [
        given("import random\nimport numpy as np"),
        answer("a", "def roll():\n    return random.randint(1, 6), np.random.rand()"),
        check(
            "t",
            "random.seed(3); np.random.seed(3)\nfirst = roll()\nrandom.seed(3); np.random.seed(3)\n"
            "assert first == (random.randint(1, 6), np.random.rand())\nassert roll() != first",
        ),
    ],
    "printed text": [
        answer("a", "def greet(name):\n    print('Hello', name)"),
        check(
            "t",
            "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    greet('Mina')\n"
            "assert out.getvalue() == 'Hello Mina\\n'",
        ),
    ],
    "input": [
        answer("a", "def ask():\n    return int(input('How many? ')) + 1"),
        check(
            "t",
            "import builtins\nbefore, asked = builtins.input, []\n"
            "builtins.input = lambda text='': asked.append(text) or '3'\n"
            "try:\n    assert ask() == 4 and asked == ['How many? ']\nfinally:\n    builtins.input = before",
        ),
    ],
    "a helper of the author's": [
        given("def check_it(n):\n    assert double(n) == 2 * n"),
        answer("a", "def double(n):\n    return 2 * n"),
        check("t", "check_it(4)"),
    ],
    "a replaced function": [
        answer("a", "def inner(x):\n    return x\ndef outer(x):\n    return inner(x) + 1"),
        check("t", "before, inner = inner, lambda x: 10\nassert outer(1) == 11"),
    ],
    "names of a test in a later answer": [
        check("s", "base = 4"),
        answer("a", "def more():\n    return base + 1"),
        check("t", "assert more() == 5"),
    ],
    "a library that the solution imports": [
        answer("a", "import math\nfrom collections import Counter"),
        check("t", "assert math.pi > 3 and Counter('aab')['a'] == 2"),
    ],
    "magics": [
        answer("a", "def shout(text):\n    print(text.upper())"),
        check("t", "%%capture\nassert shout('a') is None"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("cells", FEATURES.values(), ids=FEATURES)
def test_right_answers_pass_apart_from_their_code(kernels: Kernels, cells: list[NotebookNode]) -> None:
    """No test needs the student's kernel, and an empty notebook passes none that judges something."""
    proof = kernels.prove(*cells)
    assert (proof.together, proof.failing) == ({}, {})
    assert "t" not in proof.free


HIDDEN = [
    answer("a", "def f(x):\n    return x * x"),
    check(
        "t", "assert f(2) == 4\n### BEGIN HIDDEN TESTS\nassert f(-31) == 961, f(-31)\n### END HIDDEN TESTS", 2
    ),
    given("print('the end')"),
]


class TestHiddenTests:
    """What a student may learn of them."""

    @pytest.fixture(scope="class")
    def proof(self, kernels: Kernels) -> Proof:
        """Of a notebook with one."""
        return kernels.prove(*HIDDEN)

    def test_they_count(self, kernels: Kernels, proof: Proof) -> None:
        """An answer that passes what is visible alone has no points."""
        graded = kernels.grade(HIDDEN, proof, a="def f(x):\n    return 4")
        assert graded.scores == {"t": 0}
        assert graded.messages == {"t": "a hidden test failed"}

    def test_nothing_of_them_is_written_into_the_notebook(self, kernels: Kernels, proof: Proof) -> None:
        """Not by an answer that tells what it was called with: in its value, by its error, or in a later cell."""
        spy = "seen = []\ndef f(x):\n    seen.append(x)\n    open('seen', 'a').write(str(x))\n    print(x)\n    {end}"
        for end in ("return str(seen)", "raise ValueError(str(seen))", "return x * x if x == 2 else seen"):
            cells = [*HIDDEN[:2], answer("b", "pass")]
            later = "print(seen, open('seen').read() if seen else '')"
            graded = kernels.grade(cells, proof, a=spy.replace("{end}", end), b=later)
            assert graded.scores == {"t": 0}
            assert "-31" not in graded.text

    def test_failed_visible_tests_show_their_message(self, kernels: Kernels, proof: Proof) -> None:
        """With the message of the assertion that failed."""
        graded = kernels.grade(HIDDEN, proof, a="def f(x):\n    raise KeyError('mine')")
        assert graded.messages == {"t": "KeyError: 'mine'"}


def test_tests_without_a_name_are_numbered(kernels: Kernels) -> None:
    """nbgrader gives a cell an id that tells a reader nothing."""
    cells = [
        answer("a", "x = 1"),
        check("first", "assert x"),
        check("cell-0b1c2d3e4f5a6b7c", "assert x == 1"),
    ]
    assert kernels.grade(cells, kernels.prove(*cells)).titles == ["first", "Test 2"]


class TestCellsThatNoTestNeeds:
    """What is run for a test alone ends with the last one."""

    CELLS = (answer("a", "n = 3"), check("t", "assert n == 3"), given("late = n"), answer("b", "later = n"))

    def run(self, kernels: Kernels, *, tests_only: bool, together: Collection[str] = ()) -> list[bool]:
        """Return whether the kernel of the tests has started and has the last cell, and the student's has it."""
        authored = Authored([*self.CELLS])
        with kernels.sessions() as (student, tests):
            run = NotebookRun(authored.plan, student, tests, kernels.limits, together=together)
            assert not run.outcomes(authored.answered({}), tests_only=tests_only)["t"].error
            found = [tests._kernel is not None]
            for session, name in ((tests, "late"), (student, "later")):
                session.run(f"{name}_is_there = '{name}' in globals()")
                found.append(session.get(f"{name}_is_there"))
        return found

    def test_author_cells_after_it_are_run_for_the_student_alone(self, kernels: Kernels) -> None:
        """A page shows what all cells print."""
        assert self.run(kernels, tests_only=False) == [True, False, True]

    def test_run_that_nobody_sees_ends_there(self, kernels: Kernels) -> None:
        """As with hidden tests."""
        assert self.run(kernels, tests_only=True) == [True, False, False]

    def test_kernel_without_a_test_is_not_started(self, kernels: Kernels) -> None:
        """All tests run among the student's code."""
        assert self.run(kernels, tests_only=False, together=["t"]) == [False, False, True]


def test_cost_of_the_authors_cells_is_told(kernels: Kernels) -> None:
    """A proof knows how long they take in the kernel of the tests, and the list of proofs names a slow notebook."""
    cells = [
        given("import time\ntime.sleep(1.2)\nlimit = 3"),
        answer("a", "n = 3"),
        check("t", "assert n == limit"),
    ]
    proof = kernels.prove(*cells)
    assert 1.2 <= proof.author_seconds < 30
    console = Console(width=200, record=True, file=io.StringIO())
    print_proofs(console, {"week1": {"slow": proof, "quick": replace(proof, author_seconds=0.5)}}, "en")
    told = console.export_text().partition("the author's cells are slow, and run again for each submission:")[
        2
    ]
    assert re.search(r"week1/slow: 2 × \d+ s", told)
    assert "quick" not in told


@pytest.mark.parametrize(
    ("right", "wrong", "test"),
    [
        ("def save():\n    open('saved.txt', 'w').write('2')", "def save():\n    pass", "save()\n"),
        ("open('saved.txt', 'w').write('2')", "pass", ""),
    ],
)
def test_file_that_students_write_is_not_the_authors(
    kernels: Kernels, tmp_path: Path, right: str, wrong: str, test: str
) -> None:
    """A test that reads a file which the answer writes runs where students write it; other tests stay apart."""
    (tmp_path / "saved.txt").write_text("2")
    (tmp_path / "table.txt").write_text("1")
    cells = [
        answer("a", f"n = 1\n{right}"),
        check("t", f"{test}assert open('saved.txt').read() == '2'"),
        check("u", "assert open('table.txt').read() == str(n)"),
    ]
    kernels = replace(kernels, data=tmp_path)
    proof = kernels.prove(*cells)
    assert {name: str(reason) for name, reason in proof.together.items()} == {
        "t": "it fails apart from that code: FileNotFoundError: [Errno 2] No such file or directory: 'saved.txt'"
    }
    written = f"n = 1\nopen('saved.txt', 'w').write('3')\n{wrong}"
    assert kernels.grade(cells, proof, a=written).scores == {"t": 0, "u": 1}
    assert kernels.grade(cells, proof).scores == {"t": 1, "u": 1}


def test_file_that_the_authors_cells_write_stays_where_it_is(kernels: Kernels, tmp_path: Path) -> None:
    """The kernel of the tests runs these cells as well, and reads what they wrote."""
    (tmp_path / "table.txt").write_text("1")
    cells = [
        given("table = open('table.txt').read()\nopen('table.txt', 'w').write(table)"),
        answer("a", "n = 1"),
        check("t", "assert open('table.txt').read() == table == str(n)"),
    ]
    assert replace(kernels, data=tmp_path).prove(*cells).together == {}


HONEST_WRONG = {
    "an empty list": ("def f(xs):\n    return sorted(xs)", "assert f([2, 1]) == [1, 2]", "def f(xs):\n    return []"),
    "an empty array": (
        "import numpy as np\ndef f(xs):\n    return np.sort(xs)",
        "assert list(f([2, 1])) == [1, 2]",
        "import numpy as np\ndef f(xs):\n    return np.array([])",
    ),
    "an empty list for a number": (
        "def f(xs):\n    return sum(xs)", "assert f([2, 1]) == 3", "def f(xs):\n    return []",
    ),
}  # fmt: skip
"""A solution, a test and a wrong answer that a student may give in good faith."""


@pytest.mark.parametrize("name", HONEST_WRONG)
def test_empty_value_that_fails_is_a_zero(kernels: Kernels, name: str) -> None:
    """It is left to a person only where a test passes with it."""
    solution, test, wrong = HONEST_WRONG[name]
    cells = [answer("a", solution), check("t", test)]
    assert kernels.grade(cells, kernels.prove(*cells), a=wrong).scores == {"t": 0}


@pytest.mark.parametrize(
    ("solution", "test"),
    [
        ("import numpy as np\ndef f(xs):\n    return np.array(xs)", "assert f([]).size == 0"),
        ("def f(xs):\n    return xs[:0]", "assert f([1]) == []"),
        ("import pandas as pd\nx = pd.Series([1, None], dtype='Int64')", "assert x.isna().sum() == 1"),
    ],
)
def test_value_may_be_empty_where_the_authors_is(kernels: Kernels, solution: str, test: str) -> None:
    """It has the points of the test."""
    cells = [answer("a", solution), check("t", test)]
    assert kernels.grade(cells, kernels.prove(*cells), a=f"{solution}\n").scores == {"t": 1}


@pytest.mark.parametrize(
    ("solution", "other", "score"),
    [
        ("from math import isclose, sqrt\ndef f(x):\n    return sqrt(x)",
         "from math import sqrt, isclose\nf = sqrt", 1),
        ("from math import isclose\ndef f(x):\n    return x ** 0.5", "def f(x):\n    return x ** 0.5", 0),
        ("import math\nisclose, f = math.isclose, math.sqrt",
         "def f(x):\n    return x ** 0.5\ndef isclose(a, b):\n    return abs(a - b) < 1e-6", 1),
        ("from math import *\ndef f(x):\n    return sqrt(x)", "from math import *\ndef f(x):\n    return x ** 0.5", 1),
    ],
    ids=["in another order", "without it", "not imported by the author", "all names of a module"],
)  # fmt: skip
def test_function_that_an_answer_imports_is_that_of_the_library(
    kernels: Kernels, solution: str, other: str, score: float
) -> None:
    """A function that the author's solution does not only import is an answer like any other."""
    cells = [answer("a", solution), check("t", "assert isclose(f(9), 3)")]
    proof = kernels.prove(*cells)
    assert (proof.together, proof.failing, proof.free) == ({}, {}, ())
    assert kernels.grade(cells, proof, a=other).scores == {"t": score}


def test_test_may_await(kernels: Kernels) -> None:
    """Its own coroutine apart from the student's code, and the student's beside it."""
    cells = [
        given("import asyncio\nlock = asyncio.Lock()"),
        answer(
            "a", "def f(x):\n    return x * x\nasync def g(x):\n    await asyncio.sleep(0)\n    return f(x)"
        ),
        check(
            "own",
            "async def twice(x):\n    return 2 * f(x)\nasync with lock:\n    assert await twice(3) == 18",
        ),
        check("part", "n = await g(2)\nn", 4),
    ]
    proof = kernels.prove(*cells)
    assert ({*proof.together}, proof.failing, proof.free) == ({"part"}, {}, ())
    wrong = "def f(x):\n    return x\nasync def g(x):\n    return 3"
    assert kernels.grade(cells, proof, a=wrong).scores == {"own": 0, "part": 3}


class TestScores:
    """nbgrader's own rules."""

    CELLS: ClassVar = [
        answer("a", "def f(x):\n    return x * x"),
        check("part", "score = 0\nfor x in (1, 2, 3, 4):\n    score += f(x) == x * x\nscore", 4),
        check("text", "f(1)\n'checked'", 1),
        check("quiet", "f(1);", 2),
        check("nothing", "assert f(2) == 4", 0),
    ]

    def test_number_that_a_test_returns_is_its_score(self, kernels: Kernels) -> None:
        """Another value, or none, gives full points."""
        proof = kernels.prove(*self.CELLS)
        assert kernels.grade(self.CELLS, proof).scores == {"part": 4, "text": 1, "quiet": 2, "nothing": 0}
        graded = kernels.grade(self.CELLS, proof, a="def f(x):\n    return x if x < 2 else 4")
        assert graded.scores == {"part": 2, "text": 1, "quiet": 2, "nothing": 0}

    def test_number_of_a_library_is_a_score(self, kernels: Kernels) -> None:
        """Whatever version of NumPy shows it; by what nbgrader reads, NumPy 2 would give full points."""
        cells = [
            answer("a", "import numpy as np\ndef f(x):\n    return np.int64(x * x)"),
            check("t", "score = 0\nfor x in (1, 2, 3, 4):\n    score += f(x) == x * x\nscore", 4),
        ]
        proof = kernels.prove(*cells)
        assert kernels.grade(cells, proof).scores == {"t": 4}
        wrong = "import numpy as np\ndef f(x):\n    return np.int64(x + x)"
        assert kernels.grade(cells, proof, a=wrong).scores == {"t": 1}

    def test_partial_credit_by_no_number_is_left_to_a_person(self, kernels: Kernels) -> None:
        """It says which numbers count."""
        proof = kernels.prove(*self.CELLS)
        graded = kernels.grade(self.CELLS, proof, a="import numpy as np\ndef f(x):\n    return np.array([x])")
        assert graded.scores["part"] is None
        assert "shows no number from 0 to 4" in graded.messages["part"]

    def test_warning_counts_as_an_error(self, kernels: Kernels) -> None:
        """As in nbgrader: whatever is written to stderr; the message quotes it."""
        cells = [answer("a", "def f():\n    return 1"), check("t", "assert f() == 1")]
        graded = kernels.grade(
            cells,
            kernels.prove(*cells),
            a="import warnings\ndef f():\n    warnings.warn('old')\n    return 1",
        )
        assert graded.scores == {"t": 0}
        assert "it wrote to stderr, which nbgrader counts as an error" in graded.messages["t"]

    def test_more_than_the_maximum_is_not_a_score(self, kernels: Kernels) -> None:
        """It is an error of the course, which `build` names; nobody's score is 7."""
        cells = [answer("a", "n = 1"), check("t", "7", 2)]
        proof = kernels.prove(*cells)
        assert "the test returned 7, but is worth 2 points" in str(proof.failing["t"].ungraded)


class TestFaults:
    """A value that cannot cross, and code that does not end."""

    CELLS: ClassVar = [
        answer("a", "def f(x):\n    return [x]"),
        check("t", "assert f(3) == [3]"),
        check("u", "assert f(0)"),
    ]

    @pytest.fixture(scope="class")
    def proof(self, kernels: Kernels) -> Proof:
        """Of a notebook with one function."""
        return kernels.prove(*self.CELLS)

    def test_value_that_cannot_cross_is_not_a_zero(self, kernels: Kernels, proof: Proof) -> None:
        """The reason says of what type it is, and nothing is paid."""
        graded = kernels.grade(self.CELLS, proof, a="class Own:\n    pass\ndef f(x):\n    return Own()")
        assert graded.scores == {"t": None, "u": None}
        assert "its type is Own" in graded.messages["t"]

    def test_code_that_hangs_costs_its_own_test(self, kernels: Kernels, proof: Proof) -> None:
        """The next one is graded. Nothing that the test catches hides it."""
        short = Kernels(kernels.pool, Limits(cell=3, call=1.5))
        graded = short.grade(
            self.CELLS,
            proof,
            a="import threading\ndef f(x):\n    if x:\n        threading.Event().wait()\n    return [x]",
        )
        assert graded.scores == {"t": 0, "u": 1}
        assert "did not finish within" in graded.messages["t"]

    def test_code_that_ends_its_kernel_costs_its_own_test(self, kernels: Kernels, proof: Proof) -> None:
        """The cells are run again for the next one."""
        graded = kernels.grade(
            self.CELLS, proof, a="import os\ndef f(x):\n    if x:\n        os._exit(0)\n    return [x]"
        )
        assert graded.scores == {"t": 0, "u": 1}


PEER = """
import json, sys
peer = sys.modules["autograder_agent"].agent._peer
before = peer.answer
accepts = lambda: before({"values": ["f"]})["found"]["f"]
def f(x, y=None):
    return 0 if y is None else None
n = 4
"""
"""Takes over what the student's kernel says to that of the tests. `f` accepts what `equal` is called with."""
ATTACKS = {
    "replaced helpers": "def equal(a, b):\n    pass\nnp.testing.assert_equal = print\nn = 4\ndef f(x):\n    return 0",
    "replaced built-ins": "import builtins\nbuiltins.isinstance = lambda *given: True\nn = 4\ndef f(x):\n    return 0",
    "equal to everything": """
class Any:
    def __eq__(self, other):
        return True
def f(x):
    return Any()
n = Any()
""",
    "ends the cell": "def get_ipython():\n    raise SystemExit\ndef f(x):\n    raise SystemExit(0)\nn = 4",
    "a value for a name that nobody asked for": PEER + """
def forged(request):
    answer = before(request)
    if "values" in request:
        answer["found"]["equal"] = accepts()
    return answer
peer.answer = forged
""",
    "a change in the other kernel": PEER + """
def f(x, y=None):
    if y is None:
        changed = {"equal": accepts()["value"]}
        peer._send(json.dumps({"call": 0, "args": [1], "kwargs": {"dict": []}, "changed": changed}))
    return (2 if x == 1 else 0) if y is None else None  # `equal` is looked up before the first call
""",
    "an object of a library": PEER + """
def forged(request):
    answer = before(request)
    if "values" in request:
        answer["found"] = {"n": {"module": "unittest.mock", "name": "ANY"}}
    return answer
peer.answer = forged
""",
}  # fmt: skip


class TestTheStudent:
    """What student code can do to tests that run apart from it."""

    CELLS: ClassVar = [
        given("import unittest.mock\nimport numpy as np\ndef equal(a, b):\n    assert a == b"),
        answer("a", "def f(x):\n    return x + 1\nn = 3"),
        check("helper", "equal(f(1), 2)\nequal(f(2), 3)"),
        answer("b", "def run(function):\n    return function()"),
        check("callback", "run(lambda: 1)\nequal(f(1), 2)\nequal(f(2), 3)"),
        check("library", "np.testing.assert_equal(f(2), 3)"),
        check("value", "assert n == 3"),
        check("type", "assert isinstance(n, int) and n == 3"),
    ]  # fmt: skip

    @pytest.fixture(scope="class")
    def proof(self, kernels: Kernels) -> Proof:
        """Of a notebook with a helper of the author's."""
        return kernels.prove(*self.CELLS)

    @pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
    def test_cannot_replace_what_a_test_judges_by(self, kernels: Kernels, proof: Proof, attack: str) -> None:
        """No point is paid; what cannot cross is left to a person."""
        graded = kernels.grade(self.CELLS, proof, a=attack)
        assert not any(graded.scores.values())

    LISTENS: ClassVar = PEER + (
        "asked = []\ndef listen(request):\n    asked.extend(request.get('values', ()))\n"
        "    return before(request)\npeer.answer = listen\n"
    )

    @pytest.mark.parametrize(
        "hidden",
        ["assert turn('stressed') == 'desserts'", "assert turn(seen) == 'ba'"],
        ids=["a text", "a name"],
    )
    def test_is_not_asked_for_what_hidden_tests_mention(self, kernels: Kernels, hidden: str) -> None:
        """A word in a text may be a hidden input: what asks for it would show it on the student's page."""
        cells = [
            answer("a", "seen = 'ab'\ndef turn(text):\n    return text[::-1]"),
            check("t", f"assert turn('a') == 'a'\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"),
            answer("b", "pass"),
        ]
        attack = self.LISTENS + "def turn(text):\n    return asked[-1] if asked[-1] != 'turn' else text"
        graded = kernels.grade(cells, kernels.prove(*cells), a=attack, b="print('asked for', asked)")
        assert graded.scores == {"t": 0}
        assert "asked for ['turn']" in graded.text

    @pytest.mark.parametrize("alias", ["AssertionError", "Exception", "object"])
    def test_cannot_let_a_test_catch_everything(self, kernels: Kernels, alias: str) -> None:
        """The name of an exception of the author's is none of Python's."""
        cells = [
            answer(
                "a", "class TooMany(Exception):\n    pass\ndef take(x):\n    if x > 3:\n        raise TooMany"
            ),
            check("t", "try:\n    take(4)\n    assert False\nexcept TooMany:\n    pass"),
            check("u", "assert isinstance(TooMany(), TooMany)"),
        ]
        proof = kernels.prove(*cells)
        assert (proof.together, proof.failing, proof.free) == ({}, {}, ())
        assert kernels.grade(cells, proof).scores == {"t": 1, "u": 1}
        graded = kernels.grade(cells, proof, a=f"TooMany = {alias}\ndef take(x):\n    pass")
        assert not any(graded.scores.values())

    def test_cannot_choose_what_a_test_draws(self, kernels: Kernels) -> None:
        """A seed that student code sets is its own kernel's."""
        cells = [
            given("import random"),
            answer("a", "def square(x):\n    return x * x"),
            check("t", "for _ in range(20):\n    x = random.randint(1, 1000)\n    assert square(x) == x * x"),
        ]
        attack = "def square(x):\n    random.seed(0)\n    return 865 ** 2"
        graded = kernels.grade(cells, kernels.prove(*cells), a=attack)
        assert graded.scores == {"t": 0}

    def test_cannot_call_a_right_function_under_its_own_name(self, kernels: Kernels) -> None:
        """A test may give the name of an answer to the right function, to compare the two."""
        cells = [
            answer("a", "def order(xs):\n    return sorted(xs)"),
            check(
                "t",
                "theirs = order\ndef order(xs):\n    return sorted(xs)\nassert theirs([3, 1]) == order([3, 1])",
            ),
        ]
        attack = (
            "def order(xs):\n    now = globals()['order']\n    return now(xs) if now is not mine else None\n"
            "mine = order"
        )
        graded = kernels.grade(cells, kernels.prove(*cells), a=attack)
        assert graded.scores == {"t": 0}


def test_last_inputs_are_those_of_the_notebook(kernels: Kernels) -> None:
    """IPython's names `_i` and `_ii` are the student's cells in the kernel of the tests, too."""
    cells = [
        answer("a", "def f(x):\n    return x + 1"),
        answer("b", "n = f(2)"),
        check("t", "assert 'f' in _i and 'return' in _ii and n == 3"),
    ]
    proof = kernels.prove(*cells)
    assert (proof.together, proof.failing, proof.free) == ({}, {}, ())
    assert kernels.grade(cells, proof).scores == {"t": 1}
    assert kernels.grade(cells, proof, b="n = 3").scores == {"t": 0}


def test_last_value_is_that_of_the_student(kernels: Kernels) -> None:
    """IPython's name `_` is what the answer cell shows, in the kernel of the tests, too."""
    cells = [answer("a", "16 ** 2"), check("t", "assert '**' in _i\nassert type(_) is int and _ == 256")]
    proof = kernels.prove(*cells)
    assert (proof.together, proof.failing, proof.free) == ({}, {}, ())
    assert kernels.grade(cells, proof, a="2 ** 8").scores == {"t": 1}
    assert kernels.grade(cells, proof, a="2 ** 9").scores == {"t": 0}


@pytest.mark.parametrize("magic", ["%rerun", "%recall 1", "%history"])
def test_magic_that_reads_the_history_is_an_error_of_the_course(kernels: Kernels, magic: str) -> None:
    """No cell is in it, and a test that reran none would pass whatever a student writes."""
    proof = kernels.prove(answer("a", "n = 1"), check("t", magic))
    assert proof.failing["t"].message == "IPython's history has no cells in a test"


def test_value_that_cannot_cross_is_the_reason_of_a_test_without_points(kernels: Kernels) -> None:
    """As of one with points."""
    proof = kernels.prove(answer("a", "class Many(list):\n    pass"), check("t", "assert Many() == []", 0))
    assert "Many: it is a class made of list" in proof.together["t"].en


def test_replaced_function_of_the_notebook_is_one_in_its_kernel(kernels: Kernels) -> None:
    """By `unittest.mock`, until the test gives it back."""
    cells = [
        answer("a", "def f(x):\n    return x\ndef g():\n    return [f(1), f(2)]"),
        check(
            "t",
            "from unittest.mock import call, patch\nwith patch('__main__.f') as mocked:\n    g()\n"
            "mocked.assert_has_calls([call(1), call(2)])\nassert g() == [1, 2]",
        ),
    ]
    proof = kernels.prove(*cells)
    assert (proof.together, proof.failing, proof.free) == ({}, {}, ())
    assert kernels.grade(cells, proof, a="def f(x):\n    return x\ndef g():\n    return [1, 2]").scores == {
        "t": 0
    }

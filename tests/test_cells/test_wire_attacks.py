"""Answers that are wrong, and try to be found right by what they send to the kernel of the tests."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import pytest
from nbformat import NotebookNode

from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.kernel import Kernel
from autograder.sandbox.limits import Limits
from autograder.test_cells.proof import Proof
from tests.hostile.attacks.channel import TAKEN, WAYS
from tests.hostile.seals import SEALS, only
from tests.test_cells.notebooks import Kernels, answer, check, given

pytestmark = [pytest.mark.seal, pytest.mark.long]
SQUARE = answer("a", "def f(x):\n    return x * x")
AGENT = (
    "import json, sys\npeer = sys.modules['autograder_agent'].agent._peer\n"
    "def send(message):\n    return json.loads(peer._send(json.dumps(message)))\n"
)
ATTACKS: Mapping[str, tuple[list[NotebookNode], str]] = {
    "asks for the value that is expected": (
        [SQUARE, check("t", "expected = 49\nassert f(7) == expected")],
        AGENT
        + "def f(x):\n    return send({'input': '', 'values': ['expected']})['found']['expected']['value']",
    ),
    "calls the author's reference": (
        [SQUARE, check("t", "def reference(x):\n    return x * x\nassert f(7) == reference(7)")],
        AGENT + "def f(x):\n    return send({'call': 0, 'args': [x], 'kwargs': {}})['value']",
    ),
    "replaces what a star import brought": (
        [given("from numpy.testing import *"), SQUARE, check("t", "assert_allclose(f(3), 9)")],
        "def f(x):\n    return 0\ndef assert_allclose(*given, **named):\n    pass",
    ),
    "replaces what a magic defined": (
        [given("%%capture\ndef same(a, b):\n    assert a == b"), SQUARE, check("t", "same(f(3), 9)")],
        "def f(x):\n    return 0\ndef same(a, b):\n    pass",
    ),
    "replaces what a later cell of the author's defines by a magic": (
        [
            SQUARE,
            given("%%capture\ndef same(a, b):\n    assert a == b\nsame(1, 1)"),
            check("t", "same(f(3), 9)"),
        ],
        "def f(x):\n    return 0\ndef same(a, b):\n    pass",
    ),
    "replaces what a test brought by a star import": (
        [
            SQUARE,
            check("s", "from numpy.testing import *\nassert_allclose(1, 1)"),
            check("t", "assert_allclose(f(3), 9)"),
        ],
        "def f(x):\n    return 0\ndef assert_allclose(*given, **named):\n    pass",
    ),
    "replaces what the answer imports": (
        [
            answer("a", "from math import isclose\ndef f(x):\n    return x * x"),
            check("t", "assert isclose(f(3), 9)"),
        ],
        "def f(x):\n    return 0\ndef isclose(*given):\n    return True",
    ),
    "replaces what the answer imports by something else of a library": (
        [
            answer("a", "from math import isclose\ndef f(x):\n    return x * x"),
            check("t", "assert isclose(f(3), 9)"),
        ],
        "def f(x):\n    return 0\nfrom builtins import max as isclose",
    ),
    "replaces a class that the answer imports": (
        [
            answer("a", "from collections import Counter\ndef f(text):\n    return dict(Counter(text))"),
            check("t", "assert Counter(f('aab')) == Counter('aab')"),
        ],
        "def f(text):\n    return {}\ndef Counter(given):\n    return 0",
    ),
    "runs a word of the test's message": (
        [
            answer("a", "choice = 'x * y'"),
            check(
                "t", "x, y = 3, 4\nexpected = 12\nassert 'x * y' and eval(choice) == expected, 'expected 12'"
            ),
        ],
        "choice = 'expected'",
    ),
    "runs a message of the test": (
        [
            answer("a", "choice = 'x * y'"),
            check("t", "x, y = 3, 4\nexpected = 12\nassert 'x * y' and eval(choice) == expected, 'expected'"),
        ],
        "choice = 'expected'",
    ),
    "composes a statement of lines in a text": (
        [
            answer("a", "stmt = 'seen.append(sum(xs))'"),
            check(
                "t",
                "import timeit\nxs, seen, wanted = [1, 2, 3], [], 6\n"
                "timeit.timeit(stmt, globals=globals(), number=1)\n"
                "assert seen == [6] and 'seen.append(sum(xs))' and 'wanted ) seen.append('",
            ),
        ],
        "stmt = 'seen.append(\\nwanted\\n)'",
    ),
    "returns an empty array": (
        [
            given("import numpy as np"),
            answer("a", "def f(x):\n    return np.cumsum(x)"),
            check("t", "assert np.allclose(f([1, 2, 4]), [1, 3, 7])"),
        ],
        "def f(x):\n    return np.empty((0, 1, 1))",
    ),
    "returns an empty list for a number": (
        [
            given("import numpy as np"),
            answer("a", "def f(x):\n    return np.mean(x)"),
            check("t", "assert np.allclose(f([1, 2, 3]), 2)"),
        ],
        "def f(x):\n    return []",
    ),
    "has an empty array as a variable": (
        [
            given("import numpy as np"),
            answer("a", "n = np.zeros(3)"),
            check("s", "assert len(n) >= 0"),
            check("t", "assert np.allclose(n, 0)"),
        ],
        "n = np.array([])",
    ),
    "returns an empty part for a number": (
        [
            given("import numpy as np"),
            answer("a", "def f(x):\n    return 2.0, 1.0"),
            check("t", "m, b = f([1, 2, 3])\nassert np.allclose(m, 2) and np.allclose(b, 1)"),
        ],
        "def f(x):\n    return [], []",
    ),
    "returns an empty list in a list for a number": (
        [
            given("import numpy as np"),
            answer("a", "def f(x):\n    return 2.0"),
            check("t", "assert np.allclose(f([1, 2, 3]), 2)"),
        ],
        "def f(x):\n    return [[]]",
    ),
    "returns an empty frame": (
        [
            given("import numpy as np, pandas as pd"),
            answer("a", "def f(x):\n    return np.array(x) * 2"),
            check("t", "assert np.allclose(f([1, 2, 3]), [2, 4, 6])"),
        ],
        "def f(x):\n    return pd.DataFrame({'a': np.zeros(0)})",
    ),
    "fills an argument with missing values": (
        [
            given("import pandas as pd"),
            answer("a", "def f(df):\n    df['c'] = df['a'] + 1"),
            check(
                "t", "d = pd.DataFrame({'a': [1, 2]})\nf(d)\nassert len(d) == 2 and (d['c'] == [2, 3]).all()"
            ),
        ],
        "def f(df):\n    df['c'] = pd.array([pd.NA] * 2, 'Int64')",
    ),
    "returns an empty array to a cell before the test": (
        [
            given("import numpy as np"),
            answer("a", "def f(x):\n    return 2.0"),
            given("r = f([1, 2, 3])"),
            check("t", "assert np.allclose(r, 2)"),
        ],
        "def f(x):\n    return np.array([])",
    ),
    "returns an empty array to a cell before the test, which a helper reads": (
        [
            given("import numpy as np"),
            answer("a", "def f(x):\n    return 2.0"),
            given("r = f([1, 2, 3])\ndef near(wanted):\n    return np.allclose(r, wanted)"),
            check("t", "assert near(2)"),
        ],
        "def f(x):\n    return np.array([])",
    ),
    "returns an empty array to the test before": (
        [
            given("import numpy as np"),
            answer("a", "def f(x):\n    return 2.0"),
            check("s", "r = f([1, 2, 3])"),
            check("t", "assert np.allclose(r, 2)"),
        ],
        "def f(x):\n    return np.array([])",
    ),
    "returns missing values": (
        [
            given("import pandas as pd"),
            answer("a", "def f(df):\n    return df.a + 1"),
            check("t", "assert (f(pd.DataFrame({'a': [1, 2]})) == pd.Series([2, 3])).all()"),
        ],
        "def f(df):\n    return pd.Series([pd.NA] * len(df), dtype='Int64')",
    ),
    "returns a masked value": (
        [given("import numpy as np"), SQUARE, check("t", "if f(7) != 49:\n    raise AssertionError")],
        "def f(x):\n    return np.ma.masked",
    ),
    "gives partial credit by no number": (
        [SQUARE, check("t", "score = 0\nfor x in (2, 3):\n    score += f(x) == x * x\nscore", 2)],
        "import numpy as np\ndef f(x):\n    return np.array([0])",
    ),
    "gives partial credit by a number that is none": (
        [SQUARE, check("t", "4 - abs(f(3) - 9)", 4)],
        "def f(x):\n    return float('nan')",
    ),
    "gives partial credit below zero": (
        [SQUARE, check("t", "4 - abs(f(3) - 9)", 4)],
        "def f(x):\n    return 1000",
    ),
    "returns a table that is equal to every other one": (
        [
            given("import pandas as pd"),
            answer("a", "def f():\n    return pd.DataFrame({'a': [1]})"),
            check("t", "assert f().equals(pd.DataFrame({'a': [1]}))"),
        ],
        "from collections import namedtuple\ndef f():\n    return namedtuple('D', 'equals')(lambda other: True)",
    ),
    "ends the loop of a test": (
        [SQUARE, check("t", "assert all(map(lambda x: f(x) == x * x, [1, 2, 3]))")],
        "def f(x):\n    raise StopIteration",
    ),
    "changes an argument that was given by name": (
        [
            answer("a", "def f(xs):\n    return sorted(xs)"),
            check("t", "xs = [3, 1]\nassert f(xs=xs) == [1, 3]\nassert xs == [3, 1]"),
        ],
        "def f(xs):\n    xs.sort()\n    return list(xs)",
    ),
    "changes what is in a tuple": (
        [
            answer("a", "def f(pair):\n    return sum(pair[0])"),
            check("t", "pair = ([3, 1],)\nassert f(pair) == 4\nassert pair == ([3, 1],)"),
        ],
        "def f(pair):\n    total = sum(pair[0])\n    pair[0].clear()\n    return total",
    ),
    "returns one list for all rows": (
        [
            answer("a", "def f(n):\n    return [[0] * n for _ in range(n)]"),
            check("t", "rows = f(2)\nrows[0][0] = 1\nassert rows[1][0] == 0"),
        ],
        "def f(n):\n    return [[0] * n] * n",
    ),
    "returns what it was given instead of a copy": (
        [
            answer("a", "def f(xs):\n    return list(xs)"),
            check("t", "xs = [1]\nys = f(xs)\nassert ys == xs and ys is not xs"),
        ],
        "def f(xs):\n    return xs",
    ),
    "uses what a test forbids": (
        [
            answer("a", "def f(xs):\n    total = 0\n    for x in xs:\n        total += x\n    return total"),
            check("t", "assert f([1, 2]) == 3\nassert 'sum' not in f.__code__.co_names"),
        ],
        "def f(xs):\n    return sum(xs)",
    ),
    "calls what a test has taken away": (
        [
            given("import numpy as np"),
            answer("a", "def f(xs):\n    return sum(xs) / len(xs)"),
            check(
                "t",
                "kept = np.mean\ndef no(*given):\n    raise AssertionError('no np.mean')\nnp.mean = no\n"
                "try:\n    assert f([1, 3]) == 2\nfinally:\n    np.mean = kept",
            ),
        ],
        "def f(xs):\n    return np.mean(xs)",
    ),
}


TWO = [SQUARE, check("t", "assert f(3) == 9"), check("u", "assert f(-2) == 4")]
"""A test in which answers attack, and another."""


@pytest.fixture(scope="module", params=SEALS)
def sealed(request: pytest.FixtureRequest) -> Iterator[tuple[Kernels, Proof]]:
    """Kernels under each seal, with short limits, and the proof of `TWO`."""
    with only(SEALS[request.param]), ForkServerPool() as pool:
        kernels = Kernels(pool, Limits(cell=4, call=2, session=60))
        yield kernels, kernels.prove(*TWO)


@pytest.mark.parametrize("name", WAYS)
def test_connection_in_the_hands_of_an_answer_costs_its_own_test(
    sealed: tuple[Kernels, Proof], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Where it is not the answer that is due; the next test is graded, and none is left to a person."""
    monkeypatch.setattr("autograder.sandbox.kernel.INTERRUPT_SECONDS", 0.5)
    monkeypatch.setattr(
        Kernel, "processor_use", lambda _kernel, limit: (0.0, limit)
    )  # on a busy machine, too
    kernels, proof = sealed
    attack = (
        TAKEN
        + WAYS[name]
        + "\ndef f(x):\n    if x == 3:\n        attack()\n        return 8\n    return x * x"
    )
    graded = kernels.grade(TWO, proof, a=attack)
    assert graded.scores["t"] == 0, graded.messages
    assert graded.scores["u"] in (0, 1), graded.messages


@pytest.mark.parametrize(
    "loop",
    [
        "send({'input': ''})",
        "send({'call': 0, 'args': [], 'kwargs': {'dict': []}})",
        "connection.sendall(frame(b'Q', server._answered.id, '{\"input\": \"\"}'))",
    ],
)
def test_answer_that_asks_without_end_is_stopped(
    kernels: Kernels, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    """Its test has no points, and none is left to a person."""
    monkeypatch.setattr(
        Kernel, "processor_use", lambda _kernel, limit: (0.0, limit)
    )  # on a busy machine, too
    short = Kernels(kernels.pool, Limits(cell=4, call=2))
    attack = AGENT + TAKEN + f"def f(x):\n    while x == 3:\n        {loop}\n    return x * x"
    began = time.monotonic()
    graded = short.grade(TWO, kernels.prove(*TWO), a=attack)
    assert graded.scores["t"] == 0, graded.messages
    assert graded.scores["u"] in (0, 1), graded.messages
    assert time.monotonic() - began < 40


def test_value_given_anew_is_not_doubted(kernels: Kernels) -> None:
    """A test that does not use the empty result of an earlier one is graded by its own."""
    cells = [
        given("import numpy as np"),
        answer("a", "def f(x):\n    return 2.0\ndef g(x):\n    return 3.0"),
        check("s", "r = f(1)\nassert np.allclose(r, 2)"),
        check("t", "assert np.allclose(g(1), 3)"),
        check("u", "r = g(1)\nassert np.allclose(r, 3)"),
        check("v", "assert np.allclose(r, 3)"),
    ]
    attack = "def f(x):\n    return np.array([])\ndef g(x):\n    return 3.0"
    graded = kernels.grade(cells, kernels.prove(*cells), a=attack)
    assert graded.scores == {"s": None, "t": 1, "u": 1, "v": 1}
    assert "f() is empty or has missing values" in graded.messages["s"]


def test_answer_is_called_from_several_threads(kernels: Kernels) -> None:
    """Of a test: one after the other."""
    cells = [
        SQUARE,
        check(
            "t",
            "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool:\n"
            "    assert list(pool.map(f, range(200))) == [x * x for x in range(200)]",
        ),
    ]
    proof = kernels.prove(*cells)
    assert (proof.together, proof.failing) == ({}, {})


@pytest.mark.parametrize("name", ATTACKS)
def test_earns_nothing(kernels: Kernels, name: str) -> None:
    """Though the author's solution has full points."""
    cells, attack = ATTACKS[name]
    proof = kernels.prove(*cells)
    assert not proof.failing
    assert not kernels.grade(cells, proof, a=attack).scores["t"]


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ("assert f(1) is not f(1)", "it asks whether two values are one object"),
        ("assert f.__code__.co_argcount == 1", "it looks at the code of a function"),
        ("import dis\nassert f(2) == 4", "it looks at the code or the documentation of a function"),
        ("assert f(2) is not None and type(f(2)) is int", ""),
        ("from unittest.mock import patch\nwith patch('builtins.input', lambda: '2'):\n    assert f(2) == 4", ""),
        ("from unittest.mock import patch\nwith patch('builtins.sum', lambda xs: 0):\n    assert f(2) == 4",
         "it replaces something in a library"),
        ("sum = f(2)\nassert sum == 4", ""),
        ("import re\npattern = 'f'\nassert re.compile(pattern).match('f') and f(2) == 4", ""),
    ],
)  # fmt: skip
def test_build_names_what_needs_the_students_code(kernels: Kernels, test: str, reason: str) -> None:
    """And runs everything else apart from it."""
    solution = answer("a", "def f(x):\n    return [x] if x == 1 else x * x")
    proof = kernels.prove(solution, check("t", test))
    assert not proof.failing
    assert str(proof.together.get("t", "")) == reason


def test_message_says_why_the_answer_did_not_run_and_what_the_test_printed(kernels: Kernels) -> None:
    """Before the error that follows from it."""
    cells = [SQUARE, check("t", "print('trying 3')\nassert f(3) == 9")]
    proof = kernels.prove(*cells)
    message = kernels.grade(cells, proof, a="def f(x)\n    return x").messages["t"]
    assert message.startswith("running the answer cell stopped: SyntaxError: ")
    assert "NameError: name 'f' is not defined" in message
    assert message.endswith("the test printed: trying 3")


def test_proof_names_the_first_cell_that_stops(kernels: Kernels) -> None:
    """Where a test fails because of it."""
    proof = kernels.prove(
        given(
            "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/data.csv', timeout=2)\nrows = [1]"
        ),
        answer("a", "total = sum(rows)"),
        check("t", "assert total == 1"),
    )
    assert set(proof.failing) == {"t"}
    assert "cell-0: URLError: " in proof.first_error


@pytest.mark.parametrize("text", ['{"en": 5}', '{"ko": ["z"]}', '{"en": "a", "ko": "\\ud800"}', "5", '"no"'])
def test_forged_reason_of_a_stop_is_a_text(kernels: Kernels, text: str) -> None:
    """Whatever its shape, the test has no points, and grading goes on."""
    cells = [SQUARE, check("t", "assert f(3) == 9"), check("u", "assert f(0) == 0")]
    attack = (
        "import sys, json\npeer = sys.modules['autograder_agent'].agent._peer\n"
        f"peer.answer = lambda request: {{'stopped': json.loads({text!r})}}\ndef f(x):\n    return x"
    )
    graded = kernels.grade(cells, kernels.prove(*cells), a=attack)
    assert not graded.scores["t"]
    assert graded.messages["t"]


def test_class_as_the_value_of_a_name_that_a_test_calls_is_called(kernels: Kernels) -> None:
    """As the function that the author wrote."""
    cells = [answer("a", "def parse(text):\n    return int(text)"), check("t", "assert parse('3') == 3")]
    assert kernels.grade(cells, kernels.prove(*cells), a="parse = int").scores == {"t": 1.0}

"""Tests that run among the student's code, because what they judge cannot leave its kernel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.limits import Limits
from autograder.test_cells.proof import Proof
from autograder.test_cells.prove import prove
from tests.test_cells.notebooks import Authored, Kernels, answer, check, given

pytestmark = [pytest.mark.seal, pytest.mark.long]

CELLS = [
    given("import numpy as np\ndef equal(a, b):\n    assert a == b"),
    answer("a", "class Point(list):\n    def __init__(self, x):\n        self.x = x"),
    check("own", "equal(Point(3).x, 3)\nnp.testing.assert_equal(Point(4).x, 4)"),
    answer("b", "def count():\n    return iter([1, 2])"),
    check("copy", "import copy\nassert list(copy.copy(count())) == [1, 2]\nprint('the right ones are 1 and 2')"),
    answer("c", "n = 1"),
    check("value", "assert n == 1"),
]  # fmt: skip
WRONG = "class Point(list):\n    def __init__(self, x):\n        self.x = 0\n"
ATTACKS = {
    "empty every cell": "get_ipython().input_transformers_post.append(lambda lines: [])",
    "empty the shell's cells": "get_ipython().transform_cell = lambda text: ''",
    "patch the library": "np.testing.assert_equal = lambda *given: None\nequal = print",
    "patch the helper's code": "equal = lambda a, b: None",
    "patch builtins": "import builtins\nbuiltins.AssertionError = KeyError\n"
    "builtins.list = lambda x: [1, 2]\nequal = print",
    "report without the token": "import sys\nagent = sys.modules['autograder_agent'].agent\n"
    "agent.do_test_here = lambda source, token: {'printed': ''}",
    "exit": "import atexit, os\natexit.register(lambda: None)\nos._exit(0)",
    "raise what ends cells": "def equal(a, b):\n    raise SystemExit(0)",
}


@pytest.fixture(scope="module")
def proof(kernels: Kernels) -> Proof:
    """Of a notebook with a class made of a list, and an object that is copied."""
    return kernels.prove(*CELLS)


def test_only_what_cannot_run_apart_runs_together(proof: Proof) -> None:
    """With the reason."""
    assert set(proof.together) == {"own", "copy"}
    assert "it is a class made of list" in proof.together["own"].en
    assert proof.together["copy"].en.endswith("cannot pickle 'generator' object")
    assert proof.together["copy"].ko.startswith("학생 코드와 떨어져서는 실패합니다")
    assert proof.failing == {}


def test_cell_of_the_student_can_be_run_again(kernels: Kernels) -> None:
    """By its text in IPython's list of inputs, as a test does that captures what an answer prints."""
    again = "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    exec(In[-2])"
    cells = [answer("a", "print('Hello')"), check("t", f"{again}\nassert out.getvalue() == 'Hello\\n'")]
    proof = kernels.prove(*cells)
    assert (set(proof.together), proof.failing, proof.free) == ({"t"}, {}, ())
    assert kernels.grade(cells, proof).scores == {"t": 1}
    assert kernels.grade(cells, proof, a="print('Hullo')").scores == {"t": 0}


def test_right_answers_have_full_points(kernels: Kernels, proof: Proof) -> None:
    """What the tests print is not in the notebook."""
    graded = kernels.grade(CELLS, proof)
    assert graded.scores == {"own": 1, "copy": 1, "value": 1}
    assert "the right ones" not in graded.text.replace("print('the right ones are 1 and 2')", "")


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_plain_attacks_earn_nothing(kernels: Kernels, proof: Proof, attack: str) -> None:
    """They replace what tests judge by, which is put back before a test runs; some end in a kernel that hangs."""
    graded = Kernels(kernels.pool, Limits(cell=5)).grade(
        CELLS, proof, a=WRONG + attack, b="def count():\n    return []", c="n = 2"
    )
    assert graded.scores == {"own": 0, "copy": 0, "value": 0}


def test_names_of_an_earlier_test_are_there(kernels: Kernels) -> None:
    """Although that one ran apart from the student's code."""
    cells = [
        answer("f", "def f(x):\n    return x * 2"),
        check("first", "from operator import eq\nassert eq(f(2), 4)"),
        answer("C", "class C(list):\n    value = 4"),
        check("second", "assert eq(C().value, 4)"),
    ]
    proof = kernels.prove(*cells)
    assert (set(proof.together), proof.failing) == ({"second"}, {})
    assert kernels.grade(cells, proof).scores == {"first": 1, "second": 1}


def test_text_that_forbids_a_way_keeps_forbidding_it(kernels: Kernels) -> None:
    """It is of a class of the author's, and would arrive as plain text in another kernel."""
    forbids = (
        "class Letters(str):\n    def __contains__(self, other):\n        raise TypeError('use a loop')\n"
        "assert has(Letters('loop'), 'p')\nassert not has(Letters('loop'), 'x')"
    )
    cells = [
        answer("a", "def has(text, letter):\n    return any(letter == one for one in text)"),
        check("t", forbids),
    ]
    proof = kernels.prove(*cells)
    assert proof.together["t"].en.endswith("its type is Letters")
    assert kernels.grade(cells, proof).scores == {"t": 1}
    wrong = "def has(text, letter):\n    return letter in text"
    assert kernels.grade(cells, proof, a=wrong).scores == {"t": 0}


def test_notebook_without_tests_is_proved_at_once() -> None:
    """No kernel is started for it."""

    def sessions() -> Any:
        raise AssertionError("a kernel was started")

    authored = Authored([given("x = 1"), answer("a", "y = 2")])
    assert prove(authored.plan, authored.release, sessions, Limits()).plan.tests == []


TEXT_AS_CODE = {
    "an expression": ([], "assert eval(text) == 4"),
    "a statement": ([], "exec(text)"),
    "a compiled one": ([], "exec(compile(text, 'answer', 'exec'))"),
    "each of several": ([], "assert list(map(eval, [text])) == [4]"),
    "in a function of the author's": ([given("def value(code):\n    return eval(code)")], "assert value(text) == 4"),
    "in a magic": ([], "%%capture\nassert eval(text) == 4"),
    "in a text": ([], "exec('assert eval(text) == 4')"),
    "by the shell": ([], "get_ipython().run_cell(text)"),
    "as a command": ([], "import subprocess, sys\nsubprocess.run([sys.executable, '-c', text], check=True)"),
    "as a command of IPython": ([], "lines = !echo {text}\nassert lines and text"),
    "of a table": (
        [given("import pandas as pd\ntable = pd.DataFrame({'a': [4]})")],
        "assert table.query(f'a == {text}').size == 1",
    ),
    "by a library": ([], "import timeit\nassert timeit.timeit(text, number=1) < 9"),
    "by an interpreter": ([], "import code\nassert not code.InteractiveInterpreter().runsource(text)"),
    "under another name": ([given("calc = eval")], "assert calc(text) == 4"),
    "in a thread": ([], "import threading\nt = threading.Thread(target=exec, args=(text,))\nt.start()\nt.join()"),
    "as a file": ([], "open('prog.py', 'w').write(text)\nimport prog"),
    "as a command that forks": ([], "!echo {text}\nassert text"),
    "as the file of a magic": ([], "with open('prog.py', 'w') as file:\n    file.write(text)\n%run prog.py"),
    "with a setting of a magic": ([], "%timeit -n 1 -r 1 eval(text)\nassert text"),
}  # fmt: skip
"""The author's cells before it, and a test."""


@pytest.mark.parametrize("name", TEXT_AS_CODE)
def test_text_of_a_student_runs_as_code_in_no_kernel_of_tests(kernels: Kernels, name: str) -> None:
    """There it would see hidden tests, and could be equal to everything."""
    cells, test = TEXT_AS_CODE[name]
    solution = answer("a", "text = '2 * 2'")
    proof = kernels.prove(*cells, solution, check("t", test))
    assert proof.failing == {}
    assert str(proof.together["t"]) == "a value cannot be handed to the test: it would run as code there"


def test_function_that_another_process_calls_runs_together(kernels: Kernels) -> None:
    """Two processes would read one another's answers from one connection."""
    cells = [
        answer("a", "def f(x):\n    return x * x"),
        check(
            "t", "from multiprocessing import Pool\nwith Pool(2) as p:\n    assert p.map(f, [1, 2]) == [1, 4]"
        ),
        check("u", "assert f(3) == 9"),
    ]
    proof = kernels.prove(*cells)
    assert ({*proof.together}, proof.failing) == ({"t"}, {})
    assert "another process" in proof.together["t"].en
    assert kernels.grade(cells, proof).scores == {"t": 1, "u": 1}


@pytest.mark.parametrize(
    "test",
    [
        "assert eval('f(2)') == 4",
        "exec('n = 2')\nassert f(n) == 4",
        "%timeit -n 1 -r 1 f(2)\nassert f(2) == 4",
        "import timeit\nassert timeit.timeit('f(2)', globals=globals(), number=1) < 9",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nassert P(f(2)) == P(4)",
        "from collections import namedtuple\nassert namedtuple('P', 'x')(f(2)) == (4,)",
        "import pandas as pd\nassert len(pd.DataFrame({'a': [f(2)]}).query('a > 2')) == 1",
        "import ast\nassert ast.literal_eval(str(f(2))) == 4",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(1)'], check=True)\nassert f(2) == 4",
        "import pickle\nassert pickle.loads(pickle.dumps({f(2)})) == {4}",
        "import pandas as pd\nn = 2\nt = pd.DataFrame({'a b': [f(2)], 'c': [1]})\n"
        "assert len(t.query('`a b` > @n & c < 5')) == 1",
        "took = %timeit -o -n 1 -r 1 f(2)\nassert took.best < 9",
        "%%timeit -n 1 -r 1 x = 2\nassert f(x) == 4",
        "import timeit\nassert timeit.timeit('f(x)\\nf(x + 1)', 'from __main__ import f\\nx = 2', number=1) < 9",
        "import pandas as pd\nt = pd.DataFrame({'a': [f(2)]})\nassert t.eval('b = a * 2\\nc = b + 1').c.sum() == 9",
        "open('now.py', 'w').write('n = 4')\nfrom now import n\nassert f(2) == n",
        "exec(open('helper.py').read())\nassert near(f(2), 4)",
        "%run helper.py\nassert near(f(2), 4)",
        "import runpy\nassert runpy.run_path('helper.py')['near'](f(2), 4)",
        "%config InlineBackend.figure_format = 'retina'\nassert f(2) == 4",
        "import multiprocessing\ndef root(x):\n    return x ** 0.5\n"
        "with multiprocessing.Pool(1) as pool:\n    assert pool.map(root, [f(2)]) == [2]",
        "import platform\nplatform.platform(), platform.processor()\nassert f(2) == 4",
        "!echo 1\nassert f(2) == 4",
    ],
)
def test_text_that_stands_in_the_test_keeps_it_apart(kernels: Kernels, tmp_path: Path, test: str) -> None:
    """It is the author's, as is a file beside the notebook."""
    (tmp_path / "helper.py").write_text("def near(a, b):\n    return abs(a - b) < 1\n")
    proof = replace(kernels, data=tmp_path).prove(
        answer("a", "def f(x):\n    return x * x"), check("t", test)
    )
    assert (proof.together, proof.failing) == ({}, {})


RUN = (
    "import pickle\nclass Runs:\n    def __reduce__(self):\n"
    "        return exec, ('import builtins\\nbuiltins.seen = 1',)\n"
)
"""An object whose pickle runs code when it is read."""
RUNS = "text = 'exec(\"import builtins; builtins.seen = 1\")'"
LATER = [
    answer("b", "def double(x):\n    return 2 * x"),
    check("u", "import builtins\nassert hasattr(builtins, 'seen') or double(3) == 6"),
]
"""A test that passes once code of a student's has run in its kernel."""
UNPROVED = {
    "in a pickle": (
        [answer("a", "import pickle\ndata = pickle.dumps({'x': 4})"),
         check("t", "import pickle\nassert pickle.loads(data)['x'] == 4")],
        RUN + "data = pickle.dumps(Runs())",
    ),
    "in a pickle of what is equal to everything": (
        [answer("a", "import pickle\ndata = pickle.dumps({'x': 4})"),
         check("t", "import pickle\nassert pickle.loads(data) == {'x': 4}")],
        "data = b'cunittest.mock\\nANY\\n.'",
    ),
    "in a pickle that changes a class": (
        [given("from collections import Counter"),
         answer("a", "import pickle\ndata = pickle.dumps({'a': 2, 'b': 1})"),
         check("t", "import pickle\nassert pickle.loads(data) == {'a': 2, 'b': 1}"),
         answer("c", "from collections import Counter\ndef count(words):\n    return Counter(words)"),
         check("v", "assert Counter('aab') == count('aab')")],
        "data = (b'\\x80\\x04ccollections\\nCounter\\nN}(X\\x06\\0\\0\\0__eq__cbuiltins\\nslice\\n'\n"
        "        b'u\\x86b0ccollections\\nCounter\\n)R.')\n",
    ),
    "in a pickle of a dictionary with attributes": (
        [answer("a", "import pickle\ndata = pickle.dumps({'a': 2})"),
         check("t", "import pickle\nassert pickle.loads(data).get('a', 0)")],
        "import pickle\nfrom collections import OrderedDict\nd = OrderedDict()\nd.get = slice\n"
        "data = pickle.dumps(d)",
    ),
    "in the template of a library": (
        [answer("a", "text = '2 * 2'"), given("import timeit\nprint('It took', timeit.timeit(text, number=1))"),
         check("t", "assert text == '2 * 2'")],
        "text = \"def inner(_it, _timer=setattr(__import__('builtins'), 'seen', 1)): pass\"",
    ),
    "in a cell that students have": (
        [answer("a", "text = '2 * 2'"), given("print('It is', eval(text))"), check("t", "assert text == '2 * 2'")],
        RUNS,
    ),
    "in a test that fails": (
        [answer("a", "text = '2 * 2'"), check("t", "assert eval(text) == 5")],
        RUNS,
    ),
    "by a module under another name": (
        [given("import numpy as np"), answer("a", "import json\ndef to_json(x):\n    return json.dumps(x)"),
         check("t", "assert json.loads(to_json(1)) == 1")],
        RUN + "class json: pass\njson.__module__, json.__qualname__ = 'numpy', '_core._methods.pickle'\n"
        "def to_json(x):\n    return pickle.dumps(Runs())",
    ),
    "by a class under another name": (
        [given("import pandas as pd"), answer("a", "def decode(text):\n    return text[::-1]"),
         check("t", "assert decode(['touch', 'seen']) == ['seen', 'touch']")],
        "class decode: pass\n"
        "decode.__module__, decode.__qualname__ = 'pandas', '_config.localization.subprocess.Popen'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNPROVED)
def test_code_of_a_student_runs_in_no_kernel_of_tests(kernels: Kernels, name: str) -> None:
    """Refuse it where the author's solution runs no text, so that the tests run apart."""
    cells, attack = UNPROVED[name]
    proof = kernels.prove(*cells, *LATER)
    assert "u" not in proof.together
    wrong = "def double(x):\n    return 0\ndef count(words):\n    return 0"
    scores = kernels.grade([*cells, *LATER], proof, a=attack, b=wrong, c=wrong).scores
    assert scores["u"] == 0
    assert not any(scores.values())


def test_command_that_is_refused_in_a_cell_costs_no_later_test(kernels: Kernels) -> None:
    """Though the process that was to run it ended in the kernel of the tests."""
    cells = [
        answer("a", "text = 'x'"),
        given("print(len(text))\n!echo {text}"),
        check("t", "assert text == 'x'"),
    ]
    proof = kernels.prove(*cells)
    assert (proof.together, proof.failing) == ({}, {})
    assert kernels.grade(cells, proof).scores == {"t": 1}


def test_library_under_the_name_of_another_earns_nothing(kernels: Kernels) -> None:
    """Such as one in which values that differ are equal."""
    test = "assert np.allclose(f([1, 2]), [2, 4])"
    for given_cells in ([], [given("import numpy as np")]):
        cells = [
            *given_cells,
            answer("a", "import numpy as np\ndef f(x):\n    return 2 * np.array(x)"),
            check("t", test),
        ]
        proof = kernels.prove(*cells)
        assert (proof.together, proof.failing) == ({}, {})
        assert kernels.grade(cells, proof).scores == {"t": 1}
        wrong = "import numpy.ma as np\ndef f(x):\n    return np.masked_all(1)"
        assert not kernels.grade(cells, proof, a=wrong).scores["t"]
    cells = [
        answer("a", "import math\ndef f(x):\n    return math.sqrt(x)"),
        check("t", "assert hasattr(math, 'polar') or f(9) == 3"),
    ]
    wrong = "import cmath as math\ndef f(x):\n    return 0"
    assert not kernels.grade(cells, kernels.prove(*cells), a=wrong).scores["t"]


def test_name_that_a_test_defines_anew_is_kept_for_the_next(kernels: Kernels) -> None:
    """As under nbgrader: what the author's cell gave is put back only where student code has replaced it."""
    cells = [
        given("class Node:\n    def __init__(self, v):\n        self.v = v"),
        answer("a", "def up(n):\n    n.v += 1\n    return n"),
        check("t", "class Node(Node):\n    made = 0\nn = Node(1)\nassert up(n).v == 2"),
        check("u", "Node.made += 1\nassert up(Node(3)).v == 4 and Node.made == 1"),
    ]
    proof = kernels.prove(*cells)
    assert (set(proof.together), proof.failing) == ({"t", "u"}, {})
    assert kernels.grade(cells, proof).scores == {"t": 1, "u": 1}
    replaced = "class Node:\n    def __init__(self, v):\n        self.v = 4\ndef up(n):\n    return n"
    assert kernels.grade(cells, proof, a=replaced).scores == {"t": 0, "u": 0}

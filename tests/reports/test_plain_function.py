"""Functions of students that a report offers for a question file."""

from __future__ import annotations

import pytest

from autograder.reports.plain_function import first_plain_function

PLAIN = [
    "def f(units, d=2):\n    return 4 * units * (units + d) + 1",
    "def f(xs):\n    total = 0\n    for x in xs:\n        total += x if x > 0 else -x\n    return total",
    "def f(xs):\n    return sum([x ** 2 for x in xs[1:]]) // max(len(xs), 1)",
]
HARMFUL = [
    "import os\ndef f(a):\n    return a",
    "def f(a):\n    import os\n    return a",
    "def f(a):\n    return a.__class__",
    "def f(a):\n    return open(a)",
    "def f(a):\n    return getattr(a, 'x')",
    "def f(a):\n    return eval",
    "def f(a=print(1)):\n    return a",
    "@print\ndef f(a):\n    return a",
    "def f(a):\n    return (lambda: a)()",
    "def f(a):\n    return [print][0](a)",
    "def f(a):\n    def g():\n        return a\n    return g()",
    "def f(a):\n    while True:\n        pass",
    "def f(a):\n    return 9 ** a",
    "def f(a):\n    return [a] * 10 ** 9",
    "def f(a):\n    return f'{a}'",
    "def f(a):\n    return __builtins__",
    "def f(α):\n    return 1",
    "def f(a):\n    return 1" + " + 1" * 60,
    "def f(a):\n" + "    a += 1\n" * 200 + "    return a",
    "def f(a):\n    'only words'",
    "def f(a: int",
    "def f(a=range(9)):\n    return a",
    "def f(*a: print(1)):\n    return a",
    "def f(a, *, b=1):\n    return a",
    "def f(a):\n    return TABLE",
    "def f(a):\n    a[0] = 1\n    return a",
    "def f(a):\n    for a[0] in a:\n        pass\n    return a",
    "def f(a):\n    return sum(range(10 ** 8))",
    "def f(a):\n    return list(range(a * a))",
    "def f(a):\n    return (9 ** 8) ** 8",
    "def f(a, a):\n    return a",
    "def f(a):\n    return [b async for b in a]",
]  # fmt: skip


@pytest.mark.parametrize("code", PLAIN)
def test_plain_function_is_offered_under_a_new_name(code: str) -> None:
    """As it was written."""
    assert first_plain_function([code], "f", "unlisted_1") == code.replace("def f(", "def unlisted_1(")


@pytest.mark.parametrize("code", HARMFUL)
def test_code_that_does_more_than_compute_is_not_offered(code: str) -> None:
    """Whoever pastes it runs it; a plain one of another student is taken instead."""
    assert first_plain_function([code], "f", "g") == ""
    assert first_plain_function([code, PLAIN[0]], "f", "f") == PLAIN[0]


def test_offered_code_shows_all_that_runs() -> None:
    """Comments, docstrings and annotations go, and with them what a line hides far to the right."""
    code = 'def f(a: "x" = 1) -> "y":\n    """Say."""\n    b = a' + " " * 160 + "; b += 1  # no\n    return b"
    assert first_plain_function([code], "f", "g") == "def g(a=1):\n    b = a\n    b += 1\n    return b"

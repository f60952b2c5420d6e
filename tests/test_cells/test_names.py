"""The names that an author's cell defines and mentions."""

from __future__ import annotations

import pytest

from autograder.test_cells.names import given_anew, names_in, with_bodies


@pytest.mark.parametrize(
    ("source", "defined"),
    [
        ("a = b", {"a"}),
        ("a, (b, *c) = 1, (2, 3)", {"a", "b", "c"}),
        ("for i in range(3):\n    total += i", {"i", "total"}),
        ("import numpy as np\nfrom math import sqrt\nimport os.path", {"np", "sqrt", "os"}),
        ("def f(x):\n    y = x\n    return y", {"f"}),
        ("def f():\n    global g\n    g = 1", {"f", "g"}),
        ("class A:\n    b = 1", {"A"}),
        ("[x for x in range(3)]", set()),
        ("with open('f') as file:\n    pass", {"file"}),
        ("try:\n    pass\nexcept ValueError as error:\n    pass", {"error"}),
        ("lines = !echo one", {"lines"}),
        ("if (n := 3) > 2:\n    pass", {"n"}),
    ],
)
def test_names_that_a_cell_binds_are_its_own(source: str, defined: set[str]) -> None:
    """Not those of functions and comprehensions in it."""
    assert names_in(source).defined == defined


@pytest.mark.parametrize(
    ("source", "mentioned", "not_mentioned"),
    [
        ("assert f(3) == 9", {"f"}, set()),
        ("def g(x):\n    return h(x)", {"h"}, {"x"}),
        ("[f(x) for x in data]", {"f", "data"}, set()),
        ("assert 'total' in globals()", {"total"}, set()),
        ("assert eval('f(2) + n') == 5", {"f", "n"}, set()),
        ("%timeit f(3)", {"f"}, set()),
        ("%%capture out\nprint(f(3))", {"f"}, set()),
        ("this is no Python", {"Python"}, set()),
    ],
)
def test_names_that_a_cell_may_look_up_are_mentioned(
    source: str, mentioned: set[str], not_mentioned: set[str]
) -> None:
    """In functions, magics and strings that are code, too; of what cannot be parsed, every word."""
    names = names_in(source).mentioned | names_in(source).quoted
    assert mentioned <= names
    assert not not_mentioned & names


def test_names_of_functions_that_a_cell_calls_are_found() -> None:
    """Through several of them, also if they call each other."""
    bodies = names_in("def a():\n    return b()\ndef b():\n    return a() + answer").bodies
    assert {"a", "b", "answer"} <= with_bodies({"a"}, bodies)


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("r = f(1)\nassert r == 2", {"r"}),
        ("assert r == 2\nr = f(1)", set()),
        ("r = r + 1", set()),
        ("a, b = f(1)\na += c", {"a", "b"}),
        ("r[0] = 1", set()),
        ("for x in xs:\n    y = f(x)", {"x"}),
        ("for x in x:\n    pass\nx = 1", set()),
        ("if True:\n    r = 1", set()),
        ("def f():\n    return r\nr = 1", set()),
        ("%time r = f(1)", set()),
        ("r = = 1", set()),
    ],
)
def test_names_that_a_cell_gives_a_value_first_are_found(source: str, given: set[str]) -> None:
    """In its own statements, one after the other: what it may have given no value is not among them."""
    assert given_anew(source) == given

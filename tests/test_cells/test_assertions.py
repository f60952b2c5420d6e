"""What a student reads of an assertion that failed."""

from __future__ import annotations

import pytest

from autograder.sandbox.inside.author_test import Watched
from tests.test_cells.notebooks import Kernels, answer, check, given

DOUBLE = answer("a", "def double(x):\n    return 2 * x")
WRONG = "def double(x):\n    return x + 1"


@pytest.mark.seal
@pytest.mark.long
@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("assert double(3) == 6", "`double(3)` gave `4`, expected `6`"),
        ("assert 6 == double(3)", "`double(3)` gave `4`, expected `6`"),
        (
            "wanted = 2 * 3\nassert double(3) == wanted",
            "`double(3)` gave `4`, expected `6`, the value of `wanted`",
        ),
        ("for x in (1, 2):\n    assert double(x) == 2 * x", "`double(x)` gave `3`, expected `4`, the value of `2 * x`"),
        ("assert double(3) > 5", "`double(3) > 5` is false; `double(3) = 4`"),
        ("assert double(3) in (6, 7)", "`double(3) in (6, 7)` is false; `double(3) = 4`"),
        ("assert not double(3) - 6", "`not double(3) - 6` gave `False`"),
        ("assert double(3) == 6, 'twice three'", "AssertionError: twice three. `double(3)` gave `4`, expected `6`"),
        ("import math\nassert math.isclose(double(3), 6)", "`math.isclose(double(3), 6)` is false; `double(3) = 4`"),
        ("assert isinstance(double('a'), str)", "TypeError: can only concatenate str (not \"int\") to str"),
        ("assert all(double(x) == 2 * x for x in (2, 3))",
         "`all(double(x) == 2 * x for x in (2, 3))` gave `False`"),
        ("assert double(\n    3\n) == 6", "`double( 3 )` gave `4`, expected `6`"),
        ("def same(a, b):\n    assert a == b, (a, b)\nsame(double(3), 6)",
         "AssertionError: (4, 6). `a` gave `4`, expected `6`, the value of `b`"),
        ("import numpy as np\nnp.testing.assert_equal(double(3), 6)", "AssertionError: "),
        ("if double(3) != 6:\n    raise AssertionError('no')", "AssertionError: no"),
    ],
)  # fmt: skip
def test_message_says_what_was_compared(kernels: Kernels, test: str, message: str) -> None:
    """Read off the values, and evaluated once."""
    cells = [DOUBLE, check("t", test)]
    graded = kernels.grade(cells, kernels.prove(*cells), a=WRONG)
    assert graded.scores == {"t": 0.0}
    assert graded.messages["t"] == message if not message.endswith(": ") else message in graded.messages["t"]


@pytest.mark.seal
@pytest.mark.long
def test_assertion_calls_an_answer_once(kernels: Kernels) -> None:
    """What a test changes stays changed as often as it says."""
    cells = [
        answer("a", "calls = []\ndef count():\n    calls.append(1)\n    return len(calls)"),
        check("one", "assert count() == 1"),
        check("two", "assert count() == 2"),
    ]
    proof = kernels.prove(*cells)
    assert not proof.together
    assert not proof.failing
    wrong = "calls = []\ndef count():\n    calls.append(1)\n    return len(calls) + 1"
    assert kernels.grade(cells, proof, a=wrong).messages["two"] == "`count()` gave `3`, expected `2`"


@pytest.mark.seal
@pytest.mark.long
def test_values_of_hidden_tests_stay_hidden(kernels: Kernels) -> None:
    """Their assertion is not quoted."""
    hidden = "assert double(0) == 0\n### BEGIN HIDDEN TESTS\nassert double(31) == 62\n### END HIDDEN TESTS"
    cells = [DOUBLE, check("t", hidden)]
    graded = kernels.grade(cells, kernels.prove(*cells), a="def double(x):\n    return 0")
    assert graded.messages["t"] == "a hidden test failed"
    assert "62" not in graded.text


@pytest.mark.seal
@pytest.mark.long
def test_names_of_a_test_are_the_authors_alone(kernels: Kernels) -> None:
    """What keeps the values is gone once a test has ended."""
    cells = [
        given("before = set(dir())"),
        DOUBLE,
        check("t", "assert double(1) == 2"),
        check("u", "names = dir()\nassert not [name for name in names if name.startswith('_autograder')]"),
    ]
    proof = kernels.prove(*cells)
    assert not proof.failing
    assert not proof.together


@pytest.mark.parametrize("source", ["assert (1, 'text')", "assert x is 3"])
def test_code_with_a_syntax_warning_keeps_its_warning(source: str) -> None:
    """nbgrader counts a warning as an error."""
    with pytest.warns(SyntaxWarning):
        compile(Watched(source).body, "<test>", "exec")

"""The plan of a notebook: what its cells are, and what of them is hidden."""

from __future__ import annotations

import nbformat
from hypothesis import given as given_values
from hypothesis import strategies as st
from nbgrader.utils import get_partial_grade

from autograder.test_cells.plan import hidden_lines
from autograder.test_cells.run import points_of
from tests.test_cells.notebooks import Authored, answer, check, given

HIDDEN = "assert f(1) == 1\n### BEGIN HIDDEN TESTS\nassert f(7) == 49\n### END HIDDEN TESTS\nprint('end')"


def test_each_code_cell_is_an_answer_a_test_or_given() -> None:
    """With the author's text and that of students."""
    steps = Authored(
        [given("n = 1"), answer("f", "def f(x): return x * x"), check("t", HIDDEN, 2)]
    ).plan.steps
    assert [(step.id, step.kind, step.points) for step in steps] == [
        ("cell-0", "shared", 0), ("f", "answer", 0), ("t", "test", 2)
    ]  # fmt: skip
    assert "49" in steps[2].source
    assert "49" not in steps[2].released


def test_lines_between_the_delimiters_are_hidden() -> None:
    """With those of the delimiters themselves."""
    assert hidden_lines(HIDDEN, ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")) == {2, 3, 4}
    assert hidden_lines("a\n# <h>\nb", ("<h>", "</h>")) == {2, 3}


def test_tests_whose_names_later_cells_use_are_known() -> None:
    """Students' kernels need these names, and no others."""
    plan = Authored(
        [check("t", "x = 1"), check("u", "y = 1"), answer("a", "z = x + 1"), check("v", "assert y")]
    ).plan
    assert [step.id for step in plan.tests if step.used_later] == ["t"]


def test_functions_of_given_cells_count_for_what_a_test_mentions() -> None:
    """A helper of the author's may call an answer."""
    plan = Authored([given("def helper():\n    return f(3)"), check("t", "assert helper() == 9")]).plan
    assert "f" in plan.tests[0].mentioned


@given_values(
    st.one_of(st.floats(allow_nan=False).map(repr), st.integers(-3, 12).map(str), st.text(min_size=1))
)
def test_values_count_as_they_do_for_nbgrader(shown: str) -> None:
    """Numbers from 0 are scores, others full credit, and those above the maximum an error."""
    output = nbformat.v4.new_output("execute_result", data={"text/plain": shown})
    try:
        wanted: float | None = get_partial_grade(output, 5.0)
    except ValueError:
        wanted = None
    try:
        got: float | None = points_of(shown, 5.0)
    except ValueError:
        got = None
    assert got == wanted

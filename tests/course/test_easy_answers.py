"""Nobody earns points by making the questions of this course easier: whole notebooks, as a student hands them in."""

from __future__ import annotations

from collections.abc import Mapping

import nbformat
import pytest

from autograder.course import Course
from autograder.grading.course_secret import PUBLIC_KEY
from autograder.grading.notebook_grader import GradingOptions, KernelOptions, grade_notebook
from autograder.grading.report import Report
from autograder.questions.question import profile_of
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions.rebuild import rebuild
from autograder.verification.trivial_answers import SHARE, most_by_trivial_answers
from tests.support import ROOT

COURSE = Course.open(ROOT)
SIZES = {  # of the public numbers: what each number question counts, as arguments of `lstm_params` or `dense_params`
    "p1": (12, 20),
    "p2_dense": (24, 50),
    "layer2": (20, 30),
    "layer3": (30, 50),
}
RATIO = (
    "def lstm_rnn_ratio(input_dim, units, n_tags):\n    rnn = units * (input_dim + units + 1)\n"
    "    lstm, dense = ({0}), ({1})\n    return lstm / rnn, (lstm + dense) / (rnn + dense)"
)
STACKED = (
    "def stacked_params(input_dim, lstm_units, dense_units):\n    below = [input_dim, *lstm_units]\n"
    "    return [f(a, b) for a, b in zip(below, [*lstm_units, dense_units])]"
)


def everywhere(expression: str, largest: str) -> dict[str, str]:
    """An expression of `input_dim` and `units` as every formula, and what follows from it."""

    def at(input_dim: str, units: str) -> str:
        return expression.replace("input_dim", f"({input_dim})").replace("units", f"({units})")

    return {
        "lstm_params": f"def lstm_params(input_dim, units):\n    return {expression}",
        "dense_params": f"def dense_params(input_dim, units):\n    return {expression}",
        "stacked_params": f"f = lambda input_dim, units: {expression}\n{STACKED}",
        "max_lstm_units": f"def max_lstm_units(input_dim, budget):\n    return {largest}",
        "lstm_rnn_ratio": RATIO.format(at("input_dim", "units"), at("units", "n_tags")),
        **{name: f"{name} = {at(*map(str, sizes))}" for name, sizes in SIZES.items()},
    }


SHORT: Mapping[str, str] = everywhere("units", "budget") | {
    "stacked_params": "def stacked_params(input_dim, lstm_units, dense_units):\n    return [*lstm_units, dense_units]"
}
RIGHT_FORMULA = "def lstm_params(input_dim, units):\n    return 4 * units * (input_dim + units + 1)"
STEP = "import numpy as np\n\ndef lstm_step(x, h, c, kernel, recurrent_kernel, bias):\n    return {0}"
FORWARD = """\
import numpy as np

def lstm_forward(X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    every_h = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        every_h.append(h)
    return np.stack(every_h, axis=1), h, c
"""
TWO_LAYERS = """\
def two_layer_forward(X, first, second):
    h_seq, _, _ = lstm_forward(X, *first)
    return lstm_forward(h_seq, *second)[1]
"""


@pytest.fixture(scope="module")
def pool() -> ForkServerPool:
    """Fork servers for all notebooks of this module."""
    return ForkServerPool()


def graded(assignment: str, answers: Mapping[str, str], pool: ForkServerPool) -> dict[str, Report]:
    """The reports of a released notebook in which these answers are written."""
    release = nbformat.read(COURSE.assignment(assignment).release("en"), as_version=4)
    filled = nbformat.from_dict(dict(release))
    filled.cells = [nbformat.from_dict(dict(cell)) for cell in release.cells]
    written = set()
    for cell in filled.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source, _ = answers[name], written.add(name)
    assert written == set(answers)
    questions = COURSE.assignment(assignment).questions
    notebook = rebuild(filled, release).notebook
    with pool:
        return grade_notebook(
            notebook,
            questions,
            GradingOptions(PUBLIC_KEY.proof(0)),
            KernelOptions(profile_of(questions), need="preferred", pool=pool),
        ).reports


def scores(reports: Mapping[str, Report]) -> dict[str, float]:
    """The scores above zero."""
    return {name: report.score for name, report in reports.items() if report.score}


class TestCountingNotebook:
    """`lstm_parameters` is worth 20 points; a tenth of them is the most that no formula of an LSTM earns."""

    @pytest.mark.parametrize(
        "answers",
        [
            SHORT,
            everywhere("input_dim * units", "budget // input_dim"),
            everywhere("input_dim + units", "max(0, budget - input_dim)"),
            everywhere("input_dim + 1", "budget"),
            everywhere("units + 1", "budget - 1"),
        ],
        ids=["units", "product", "sum", "input plus one", "units plus one"],
    )
    def test_consistent_easy_answers_earn_at_most_a_tenth(
        self, answers: Mapping[str, str], pool: ForkServerPool
    ) -> None:
        """A function that makes what follows easier carries nothing over."""
        earned = scores(graded("lstm_parameters", answers, pool))
        assert sum(earned.values()) <= SHARE * 20, earned

    def test_constants_earn_nothing(self, pool: ForkServerPool) -> None:
        """One number everywhere is worth nothing."""
        assert scores(graded("lstm_parameters", everywhere("24", "24"), pool)) == {}

    def test_blank_followers_earn_nothing_beside_a_right_formula(self, pool: ForkServerPool) -> None:
        """The right `lstm_params`, all else blank, earns its own points."""
        assert scores(graded("lstm_parameters", {"lstm_params": RIGHT_FORMULA}, pool)) == {"lstm_params": 4}

    def test_honest_slip_costs_once(self, pool: ForkServerPool) -> None:
        """With three gates counted everywhere, only `lstm_params` loses points, but for the ratio and the search."""
        honest = everywhere("3 * units * (input_dim + units + 1)", "0")
        dense = {
            "dense_params": "def dense_params(input_dim, units):\n    return units * (input_dim + 1)",
            "p2_dense": "p2_dense = 50 * 25",
            "layer3": "layer3 = 50 * 31",
            "stacked_params": (
                "def stacked_params(input_dim, lstm_units, dense_units):\n    below = [input_dim, *lstm_units]\n"
                "    counts = [lstm_params(a, b) for a, b in zip(below, lstm_units)]\n"
                "    return [*counts, dense_params(lstm_units[-1], dense_units)]"
            ),
        }
        reports = graded("lstm_parameters", honest | dense, pool)
        followers = ("p1", "layer2", "stacked_params")
        assert {name: reports[name].score for name in followers} == {
            name: reports[name].points for name in followers
        }


class TestCells:
    """In `cells` the followers of a step are as hard as its author says."""

    def test_step_without_input_carries_nothing_over(self, pool: ForkServerPool) -> None:
        """`h + 1, c + 1` and the functions that follow it right earn what the shapes are worth."""
        answers = {
            "lstm_step": STEP.format("h + 1, c + 1"),
            "lstm_forward": FORWARD,
            "two_layer_forward": TWO_LAYERS,
        }
        reports = graded("cells", answers, pool)
        assert scores(reports) == {"lstm_step": 2}
        assert [check.too_easy for check in reports["two_layer_forward"].checks] == [True]

    def test_right_followers_of_an_unknown_step_keep_their_points(self, pool: ForkServerPool) -> None:
        """A step that reads its input and its state, wrong in a way that nobody listed, costs its own points."""
        step = STEP.format("np.tanh(x @ kernel[:, : h.shape[1]] + h + 0.1 * c), np.sin(h + c)")
        answers = {
            "lstm_step": "import numpy as np\n\n" + step,
            "lstm_forward": FORWARD,
            "two_layer_forward": TWO_LAYERS,
        }
        reports = graded("cells", answers, pool)
        assert scores(reports) == {"lstm_step": 2, "lstm_forward": 3, "two_layer_forward": 2}


@pytest.mark.parametrize("assignment", COURSE.assignments)
def test_trivial_functions_earn_at_most_a_tenth(assignment: str) -> None:
    """Each argument alone, their sum, product and the like, with the answers that follow from them."""
    questions = COURSE.assignment(assignment).questions
    points, answer = most_by_trivial_answers(questions)
    assert points <= SHARE * sum(question.points for question in questions), answer.en

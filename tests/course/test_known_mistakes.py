"""The mistakes that people are known to make, each with its formula: named wherever a student makes it.

The formulas are those collected for the course (26 of an LSTM, 20 of a GRU, 14 of a second layer, 12 of a Dense
layer, 7 of both directions), written down here apart from the question files.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.questions.loader import load_question
from autograder.questions.question import Question
from autograder.questions.variants import VariantChoice
from tests.support import ROOT

Formula = Callable[..., int]

LSTM: Mapping[str, tuple[Formula, str]] = {
    "L01": (lambda d, u, t: 4 * u * (u + d), "no_bias"),
    "L02": (lambda d, u, t: 4 * u * (d + 1), "no_recurrent_weights"),
    "L03": (lambda d, u, t: u * (u + d + 1), "one_gate_of_four"),
    "L04": (lambda d, u, t: 3 * u * (u + d + 1), "three_gates"),
    "L05": (lambda d, u, t: 2 * u * (u + d + 1), "two_gates"),
    "L06": (lambda d, u, t: 5 * u * (u + d + 1), "cell_state_as_a_fifth"),
    "L07": (lambda d, u, t: 4 * u * (u + d + 2), "two_biases"),
    "L08": (lambda d, u, t: t * 4 * u * (u + d + 1), "times_timesteps"),
    "L09": (lambda d, u, t: 4 * u * (u + t + 1), "timesteps_as_input_dim"),
    "L10": (lambda d, u, t: 4 * d * (d + u + 1), "units_and_input_dim_swapped"),
    "L11": (lambda d, u, t: 4 * u * (d + 2), "one_recurrent_weight_a_unit"),
    "L12": (lambda d, u, t: 4 * u * (u + t * d + 1), "timesteps_flattened"),
    "L13": (lambda d, u, t: 4 * u * (u + d) + u, "one_bias_for_all_gates"),
    "L14": (lambda d, u, t: 4 * (u * (u + d) + 1), "one_bias_a_gate"),
    "L15": (lambda d, u, t: 4 * u * (u + d) + 1, "one_bias_in_all"),
    "L16": (lambda d, u, t: 3 * u * (u + d + 1) + u, "cell_state_for_candidate"),
    "L17": (lambda d, u, t: 4 * u * (u + d + 1) + 2 * u, "states_counted"),
    "L18": (lambda d, u, t: 4 * u * (u + d + 1) + 3 * u, "peepholes"),
    "L19": (lambda d, u, t: u + d + 4 * u, "no_brackets"),
    "L20": (lambda d, u, t: 4 * (u + d + 1), "one_unit_only"),
    "L21": (lambda d, u, t: u * (d + 1), "dense_formula"),
    "L22": (lambda d, u, t: 4 * u * (u + d + 1) + u, "forget_bias_counted_twice"),
    "L23": (lambda d, u, t: 4 * u * (u + 1), "no_input_weights"),
    "L24": (lambda d, u, t: 4 * (u * (u + d) + d), "bias_as_long_as_input"),
    "L25": (lambda d, u, t: 4 * (u * (u + d) + u + d), "bias_as_long_as_both"),
    "L26": (lambda d, u, t: 4 * u * d + u * u + u, "only_kernel_for_every_gate"),
}
GRU: Mapping[str, tuple[Formula, str]] = {
    "G01": (lambda d, u: 3 * u * (u + d + 2), "reset_after_count"),
    "G02": (lambda d, u: 4 * u * (u + d + 1), "lstm_formula"),
    "G03": (lambda d, u: 2 * u * (u + d + 1), "two_gates"),
    "G04": (lambda d, u: u * (u + d + 1), "one_gate_of_three"),
    "G05": (lambda d, u: 3 * u * (u + d), "no_bias"),
    "G06": (lambda d, u: 3 * u * (d + 1), "no_recurrent_weights"),
    "G07": (lambda d, u: 3 * d * (d + u + 1), "units_and_input_dim_swapped"),
    "G08": (lambda d, u: 3 * u * (d + 2), "one_recurrent_weight_a_unit"),
    "G09": (lambda d, u: 3 * u * (u + d + 1) + u, "one_extra_bias"),
    "G10": (lambda d, u: 3 * u * (u + d) + u, "one_bias_for_all_gates"),
    "G11": (lambda d, u: 3 * (u * (u + d) + 1), "one_bias_a_gate"),
    "G12": (lambda d, u: 6 * u * (u + d + 1), "everything_doubled"),
    "G13": (lambda d, u: 3 * u * (d + 1) + 2 * u * u, "candidate_without_recurrent_weights"),
    "G14": (lambda d, u: 3 * u * (u + d) + 2 * u, "candidate_without_bias"),
    "G15": (lambda d, u: 2 * u * (u + d + 1) + u, "two_gates_and_one_bias"),
    "G16": (lambda d, u: 3 * (u + d + 1), "one_unit_only"),
    "G17": (lambda d, u: 4 * u * (u + d), "lstm_formula_without_bias"),
    "G18": (lambda d, u: 3 * u * (u + 1), "no_input_weights"),
    "G19": (lambda d, u: u * (d + 1), "dense_formula"),
    "G20": (lambda d, u: u + d + 3 * u, "no_brackets"),
}
# g sets of weights, d the model's input, a the units below, u the units, t the time steps
SECOND: Mapping[str, tuple[Formula, str]] = {
    "S01": (lambda g, d, a, u, t: g * u * (u + d + 1), "original_input_dim"),
    "S02": (lambda g, d, a, u, t: g * u * (u + 2 * a + 1), "input_doubled"),
    "S03": (lambda g, d, a, u, t: g * u * (u + t * a + 1), "timesteps_flattened"),
    "S04": (lambda g, d, a, u, t: t * g * u * (u + a + 1), "times_timesteps"),
    "S05": (lambda g, d, a, u, t: g * u * (2 * a + 1), "recurrent_weights_from_below"),
    "S06": (lambda g, d, a, u, t: g * u * (u + d + a + 1), "input_and_layer_below"),
    "S07": (lambda g, d, a, u, t: g * a * (a + u + 1), "both_layers_swapped"),
    "S08": (lambda g, d, a, u, t: g * u * (u + 1), "no_input_weights"),
    "S09": (lambda g, d, a, u, t: g * u * (u + a), "no_bias"),
    "S10": (lambda g, d, a, u, t: g * u * (a + 1), "no_recurrent_weights"),
    "S11": (lambda g, d, a, u, t: g * u * (u + a + 2), "two_biases"),
    "S12": (lambda g, d, a, u, t: g * a * (a + d + 1), "first_layer"),
    "S13": (lambda g, d, a, u, t: (7 - g) * u * (u + a + 1), "three_gates"),
    "S14": (lambda g, d, a, u, t: g * u * (2 * u + 1), "input_as_long_as_units"),
}
IN_A_GRU = {"S11": "reset_after_count", "S13": "lstm_formula"}
WITHOUT_TIME_STEPS = {"S03", "S04"}  # the GRU's problem leaves their number open
# n the units below, d the model's input, k the units, t the time steps
DENSE: Mapping[str, tuple[Formula, str]] = {
    "D01": (lambda n, d, k, t: n * k, "no_bias"),
    "D02": (lambda n, d, k, t: d * k + k, "original_input_dim"),
    "D03": (lambda n, d, k, t: n * k + 1, "one_bias_in_all"),
    "D04": (lambda n, d, k, t: t * n * k + k, "timesteps_flattened"),
    "D05": (lambda n, d, k, t: t * (n * k + k), "times_timesteps"),
    "D06": (lambda n, d, k, t: 2 * n * k + k, "both_states_read"),
    "D07": (lambda n, d, k, t: 4 * (n * k + k), "gates_counted"),
    "D08": (lambda n, d, k, t: k * (n + k + 1), "recurrent_weights_added"),
    "D09": (lambda n, d, k, t: n * k + n, "bias_as_long_as_input"),
    "D10": (lambda n, d, k, t: 2 * (n * k + k), "everything_doubled"),
    "D11": (lambda n, d, k, t: n + k + 1, "sum_for_product"),
    "D12": (lambda n, d, k, t: n + 1, "one_unit_only"),
}


def load(assignment: str, name: str) -> Question:
    return load_question(ROOT / "solutions" / assignment / f"{name}.py", ("ko", "en"))


class Fixed(VariantChoice):
    """Numbers that a test chooses."""

    def __init__(self, numbers: dict[str, Any]) -> None:
        super().__init__()
        object.__setattr__(self, "fixed", numbers)

    def numbers(self, question: Question) -> dict[str, Any]:
        """Those."""
        fixed: dict[str, Any] = self.fixed  # type: ignore[attr-defined]
        return fixed


Everywhere = Callable[[Question, Callable[[dict[str, Any]], int], str], None]


@pytest.fixture
def named_everywhere(pytestconfig: pytest.Config) -> Everywhere:
    """Asserts that a number is told its mistake in every variant; in every tenth without `--full`."""
    step = 1 if pytestconfig.getoption("--full") else 10
    return functools.partial(named, step=step)


def named(question: Question, formula: Callable[[dict[str, Any]], int], name: str, *, step: int) -> None:
    """The number earns no more than its credit, and its mistake is named, alone or with those listed as alike."""
    alike = {frozenset((known.name, other)) for known in question.misconceptions for other in known.like}
    for numbers in question.variants[::step]:
        report = grade(question, DirectSession(formula(numbers)), variant=Fixed(numbers))
        assert name in [known.name for known in report.misconceptions], numbers
        others = [known.name for known in report.misconceptions if known.name != name]
        assert all({name, other} in alike for other in others) or numbers == question.variants[0]
        assert report.score < question.points


@pytest.mark.parametrize("code", LSTM)
def test_lstm_layer(named_everywhere: Everywhere, code: str) -> None:
    """All 26, in every variant."""
    formula, wanted = LSTM[code]
    named_everywhere(
        load("lstm_parameters", "p1"),
        lambda n: formula(n["input_dim"], n["units"], n["timesteps"]),
        wanted,
    )


@pytest.mark.parametrize("code", GRU)
def test_gru_layer(named_everywhere: Everywhere, code: str) -> None:
    """All 20, in every variant."""
    formula, wanted = GRU[code]
    named_everywhere(
        load("gru_parameters", "g1"), lambda n: formula(n["input_dim"], n["first_units"]), wanted
    )


@pytest.mark.parametrize("code", SECOND)
def test_second_lstm_layer(named_everywhere: Everywhere, code: str) -> None:
    """All 14, in every variant."""
    formula, wanted = SECOND[code]

    def value(n: dict[str, Any]) -> int:
        return formula(4, n["input_dim"], n["first_units"], n["second_units"], n["timesteps"])

    named_everywhere(load("lstm_parameters", "layer2"), value, wanted)


@pytest.mark.parametrize("code", [code for code in SECOND if code not in WITHOUT_TIME_STEPS])
def test_second_gru_layer(named_everywhere: Everywhere, code: str) -> None:
    """All that can be made without knowing the number of time steps."""
    formula, wanted = SECOND[code]

    def value(n: dict[str, Any]) -> int:
        return formula(3, n["input_dim"], n["first_units"], n["second_units"], None)

    named_everywhere(load("gru_parameters", "g2"), value, IN_A_GRU.get(code, wanted))


@pytest.mark.parametrize("code", DENSE)
@pytest.mark.parametrize(("name", "below"), [("p2_dense", "units"), ("layer3", "second_units")])
def test_dense_layer(named_everywhere: Everywhere, code: str, name: str, below: str) -> None:
    """All 12, in both problems and every variant."""
    formula, wanted = DENSE[code]
    named_everywhere(
        load("lstm_parameters", name),
        lambda n: formula(n[below], n["input_dim"], n["dense_units"], n["timesteps"]),
        wanted,
    )


DIRECTIONS: Mapping[str, tuple[Formula, str]] = {
    "B01": (lambda d, u: 4 * u * (u + d + 1), "bilstm_params"),
    "B02": (lambda d, u: 8 * u * (2 * u + d + 1), "bilstm_params"),
    "B03": (lambda d, u: 8 * u * (u + d), "bilstm_params"),
    "B04": (lambda d, u: 4 * u * (2 * u + d + 1), "bilstm_params"),
    "B05": (lambda d, u: 4 * u * (u + 2 * d + 1), "bilstm_params"),
    "T01": (lambda d, u, k, merge_mode="concat": 8 * u * (u + d + 1) + (u + 1) * k, "bilstm_tagger_params"),
    "T03": (
        lambda d, u, k, merge_mode="concat": (
            8 * u * (u + d + 1) + (2 * (u + 1) if merge_mode == "concat" else u + 1) * k
        ),
        "bilstm_tagger_params",
    ),
}


@pytest.mark.parametrize("code", DIRECTIONS)
def test_both_directions(code: str) -> None:
    """All 7, by functions."""
    formula, name = DIRECTIONS[code]
    question = load("gru_parameters", name)
    report = grade(question, DirectSession(formula))
    assert len(report.misconceptions) == 1
    assert report.score < question.points


@pytest.mark.parametrize("assignment", ["lstm_parameters", "gru_parameters"])
def test_nothing_is_named_for_a_right_number(assignment: str) -> None:
    """In no variant of any problem."""
    for path in sorted((ROOT / "solutions" / assignment).glob("[!_]*.py")):
        question = load(assignment, path.stem)
        assert question.reference is not None
        for numbers in question.variants:
            report = grade(question, DirectSession(question.reference(**numbers)), variant=Fixed(numbers))
            assert (report.score, report.misconceptions, report.notes) == (question.points, (), ())


def named_of(assignment: str, name: str, answer: Callable[..., Any]) -> list[str]:
    question = load_question(ROOT / "solutions" / assignment / f"{name}.py", ("ko", "en"))
    return [one.name for one in grade(question, DirectSession(answer)).misconceptions]


def stack(lstm: Formula, dense: Formula) -> Callable[..., list[int]]:
    """An answer to stacked_params whose layers are counted by two formulas."""

    def stacked_params(input_dim: int, lstm_units: list[int], dense_units: int) -> list[int]:
        below = [input_dim, *lstm_units]
        counts = [lstm(*pair) for pair in zip(below, lstm_units, strict=False)]
        return [*counts, dense(below[-1], dense_units)]

    return stacked_params


@pytest.mark.parametrize(
    ("lstm", "dense", "expected"),
    [
        (lambda d, u: 4 * u * d + u + 1, lambda d, k: k * (d + 1), ["lstm_without_brackets"]),
        (lambda d, u: 4 * (u * u + d + 1), lambda d, k: k * (d + 1), ["lstm_without_brackets"]),
        (lambda d, u: 4 * u * d + u + 2, lambda d, k: k * (d + 1), []),
        (lambda d, u: 4 * u * (u + u + 1), lambda d, k: k * (d + 1), ["every_lstm_reads_its_own_units"]),
        (lambda d, u: 4 * u * (d + u - 1), lambda d, k: k * (d + 1), ["lstm_biases_taken_away"]),
        (lambda d, u: 4 * u * (d + u - 2), lambda d, k: k * (d + 1), []),
    ],
)
def test_slips_in_a_stack_are_named(lstm: Formula, dense: Formula, expected: list[str]) -> None:
    """Lost brackets, a wrong sign and a layer's own units are named, and nothing near to them is."""
    assert named_of("lstm_parameters", "stacked_params", stack(lstm, dense)) == expected


def solved(input_dim: int, budget: int) -> float:
    """How many units use a budget up exactly, as a number with a fraction."""
    return (math.sqrt((input_dim + 1) ** 2 + budget) - (input_dim + 1)) / 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda d, b: max(0, round(solved(d, b) - 0.5)), ["below_the_budget_only"]),
        (lambda d, b: int(solved(d, b) + 0.01), ["one_short_counted_as_fitting"]),
        (lambda d, b: int(4 * solved(d, b)), ["divided_by_two_alone"]),
        (lambda d, b: int(3 * solved(d, b)), []),
        (lambda d, b: max(0, int(math.sqrt((d + 1) ** 2 + b) / 2 - (d + 1))), ["root_alone_divided"]),
        (lambda d, b: max(0, int(math.sqrt((d + 1) ** 2 + b) / 2 - d)), []),
    ],
)
def test_slips_in_solving_the_equation_are_named(answer: Callable[..., Any], expected: list[str]) -> None:
    """A budget used up exactly, a tolerance, and a lost part of the quadratic formula are named; others are not."""
    assert named_of("lstm_parameters", "max_lstm_units", answer) == expected


@pytest.mark.parametrize(
    ("dense", "expected"),
    [
        (lambda d, u, k: k * (k + 1), ["dense_reads_the_tags"]),
        (lambda d, u, k: k * (k + 2), []),
        (lambda d, u, k: k * (u + d + 1), ["no_input_weights"]),
    ],
)
def test_slips_in_a_shared_dense_layer_are_named(dense: Formula, expected: list[str]) -> None:
    """What the Dense layer was counted as reading is named, with the other slip that gives the same ratios."""

    def answer(input_dim: int, units: int, n_tags: int) -> tuple[float, float]:
        rnn, top = units * (input_dim + units + 1), dense(input_dim, units, n_tags)
        return 4, (4 * rnn + top) / (rnn + top)

    assert named_of("lstm_parameters", "lstm_rnn_ratio", answer) == expected

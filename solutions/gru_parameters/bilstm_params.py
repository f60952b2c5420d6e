"""Bidirectional LSTM of any size: how many parameters does it hold?"""

from autograder import Case, Question, Term, Text, expect

from ._shared import (
    BIAS_AS_LONG_AS_INPUT,
    GRU_FORMULA,
    GRU_SECTION,
    LSTM_SECTION,
    NO_BRACKETS,
    NO_INPUT_WEIGHTS,
    NO_RECURRENT_WEIGHTS,
    ONE_BIAS_A_GATE,
    ONE_RECURRENT_WEIGHT_A_UNIT,
    ONE_SET_A_DIRECTION,
    TWO_BIASES,
    UNITS_AND_INPUT_DIM_SWAPPED,
)

question = Question(
    title=Text(ko="양방향 LSTM의 파라미터 개수", en="Parameters of a bidirectional LSTM"),
    statement=Text(
        ko="""
시점마다 수를 `input_dim`개씩 읽는 `Bidirectional(LSTM(units))`이 학습하는 파라미터의 개수를 돌려주는 함수
`bilstm_params(input_dim, units)`를 완성하세요. 나머지는 Keras의 기본 설정(`use_bias=True`)을 따릅니다.

- 인수는 모두 1 이상의 정수이고, 정수 하나를 돌려줍니다. `units`는 코드에 적힌 그대로 LSTM **하나**의 유닛 수입니다.
- TensorFlow 없이 채점하므로, 층을 만들어 `count_params()`를 부르지 말고 식을 쓰세요.
""",
        en="""
Complete `bilstm_params(input_dim, units)` so that it returns how many parameters a `Bidirectional(LSTM(units))` learns
when each time step of its input has `input_dim` numbers. Otherwise Keras's defaults apply (`use_bias=True`).

- Both arguments are whole numbers of at least 1; return one whole number. As in the code, `units` is the number
  of units of **one** LSTM.
- This is graded without TensorFlow: write the formula instead of building a layer for `count_params()`.
""",
    ),
    source="lecture notebook, Bidirectional(LSTM(8))",
    sample=(3, 2),
    returns="int",
    terms=(
        Term("units*units", Text(ko="순환 가중치", en="recurrent weights")),
        Term("units*input_dim", Text(ko="입력에 곱하는 가중치", en="weights of the input")),
        Term("units", Text(ko="편향", en="biases")),
        Term("input_dim*input_dim"),
        Term("input_dim"),
        Term("1"),
    ),
)


@question.answer
def bilstm_params(input_dim, units):
    """Number of parameters of Bidirectional(LSTM(units)).

    input_dim, units: int >= 1. Returns int.
    양방향 LSTM의 파라미터 개수를 정수로 돌려줍니다.
    """
    one_direction = 4 * units * (input_dim + units + 1)
    return 2 * one_direction


@question.example
def example(bilstm_params):
    assert bilstm_params(3, 2) == 96
    assert bilstm_params(2, 10) == 1040


@question.cases
def cases(rng):
    edges = [Case(1, 70), Case(70, 1), Case(5, 5), Case(900, 257)]
    sizes = rng.permutation(range(4, 65))[:16].reshape(8, 2)
    return edges + [Case(int(input_dim), int(units)) for input_dim, units in sizes]


@question.check(
    points=1,
    text=Text(ko="어떤 크기의 층이든 개수가 맞는다", en="counts the parameters of a layer of any size"),
)
def counts_every_layer(got, case, want):
    expect.count(got, want)


@question.misconception(
    text=Text(
        ko="한 방향만 셌습니다. 거꾸로 읽는 LSTM이 자기 가중치를 따로 갖는지 보세요.",
        en="You counted one direction only. Does the LSTM that reads backwards have weights of its own?",
    ),
    fails=[counts_every_layer],
)
def one_direction_only(input_dim, units):
    return 4 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="유닛이 두 배인 LSTM처럼 셌습니다. 두 은닉 상태는 LSTM 밖에서 이어질 뿐입니다. 한 방향이 다시 "
        "읽는 은닉 상태의 길이를 보세요.",
        en="You counted as for an LSTM with twice the units. The two hidden states are joined only outside "
        "the LSTMs: how long is the hidden state that one direction reads?",
    ),
    fails=[counts_every_layer],
)
def units_doubled(input_dim, units):
    return 8 * units * (2 * units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치만 두 세트 셌습니다. 한 방향이 가진 세 배열을 적어 보고, 둘째 방향에도 모두 있는지 "
        "보세요.",
        en="You counted two sets of recurrent weights and one of the rest. List the three arrays of one "
        "direction: does the other have them all?",
    ),
    fails=[counts_every_layer],
)
def only_recurrent_weights_doubled(input_dim, units):
    return 4 * units * (2 * units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="입력에 곱하는 가중치만 두 세트 셌습니다. 한 방향이 가진 세 배열을 적어 보고, 둘째 방향에도 모두 "
        "있는지 보세요.",
        en="You counted two sets of input weights and one of the rest. List the three arrays of one "
        "direction: does the other have them all?",
    ),
    fails=[counts_every_layer],
)
def only_input_weights_doubled(input_dim, units):
    return 4 * units * (units + 2 * input_dim + 1)


@question.misconception(
    text=Text(
        ko="한 방향만 세고 편향을 두 세트 셌습니다. 방향마다 따로 있는 것이 편향뿐인지 보세요.",
        en="You counted one direction, with two sets of biases. Are the biases the only thing that each "
        "direction has separately?",
    ),
    fails=[counts_every_layer],
)
def only_bias_doubled(input_dim, units):
    return 4 * units * (units + input_dim + 2)


@question.misconception(
    text=Text(
        ko="두 방향이 입력에 곱하는 가중치를 함께 쓰는 것으로 셌습니다. 같은 입력을 읽는다고 가중치까지 "
        "같은 것은 아닙니다.",
        en="You let the two directions share the weights for the input. Reading the same input does not "
        "mean using the same weights.",
    ),
    fails=[counts_every_layer],
)
def input_weights_shared(input_dim, units):
    return 4 * units * (input_dim + 2 * units + 2)


@question.misconception(
    text=Text(
        ko="두 방향이 순환 가중치를 함께 쓰는 것으로 셌습니다. 두 방향의 은닉 상태는 서로 섞이지 않습니다.",
        en="You let the two directions share the recurrent weights. Their hidden states do not mix.",
    ),
    fails=[counts_every_layer],
)
def recurrent_weights_shared(input_dim, units):
    return 4 * units * (2 * input_dim + units + 2)


@question.misconception(
    text=Text(
        ko="두 방향이 편향을 함께 쓰는 것으로 셌습니다. 방향마다 온전한 LSTM이 하나씩 있습니다.",
        en="You let the two directions share the bias. Each direction is a whole LSTM.",
    ),
    fails=[counts_every_layer],
)
def bias_shared(input_dim, units):
    return 4 * units * (2 * input_dim + 2 * units + 1)


@question.misconception(
    text=Text(
        ko="둘째 LSTM이 첫째 LSTM의 출력을 읽는 것으로 셌습니다. 두 LSTM은 쌓인 것이 아닙니다. 방향마다 무엇을 "
        "읽는지 보세요.",
        en="You counted the second LSTM as reading the output of the first. The two are not stacked: what "
        "does each direction read?",
    ),
    fails=[counts_every_layer],
)
def second_direction_reads_first(input_dim, units):
    return 4 * units * (input_dim + units + 1) + 4 * units * (units + units + 1)


@question.misconception(
    text=Text(
        ko="두 방향을 두 번 곱했습니다. 출력이 두 배로 길어진다고 파라미터가 더 늘지는 않습니다.",
        en="You doubled the count twice. That the output is twice as long adds no parameters.",
    ),
    fails=[counts_every_layer],
)
def doubled_twice(input_dim, units):
    return 16 * units * (input_dim + units + 1)


@question.misconception(
    text=Text(
        ko="은닉 상태와 셀 상태의 길이를 더했습니다. 상태는 시점마다 계산되는 값이고 학습되지 않습니다.",
        en="You added the lengths of the hidden and cell states. States are computed at every time step; "
        "they are not learnt.",
    ),
    section=LSTM_SECTION,
    fails=[counts_every_layer],
)
def states_counted(input_dim, units):
    return 8 * units * (input_dim + units + 1) + 4 * units


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨렸습니다. 방향마다 LSTM의 편향이 있습니다.",
        en="The bias is missing: the LSTM of each direction has one.",
    ),
    section=LSTM_SECTION,
    fails=[counts_every_layer],
    credit=0.5,
)
def no_bias(input_dim, units):
    return 8 * units * (units + input_dim)


@question.misconception(text=TWO_BIASES, section=LSTM_SECTION, fails=[counts_every_layer])
def two_biases(input_dim, units):
    return 8 * units * (units + input_dim + 2)


@question.misconception(text=NO_RECURRENT_WEIGHTS, section=LSTM_SECTION, fails=[counts_every_layer])
def no_recurrent_weights(input_dim, units):
    return 8 * units * (input_dim + 1)


@question.misconception(text=NO_INPUT_WEIGHTS, section=LSTM_SECTION, fails=[counts_every_layer])
def no_input_weights(input_dim, units):
    return 8 * units * (units + 1)


@question.misconception(text=GRU_FORMULA, section=LSTM_SECTION, fails=[counts_every_layer])
def gru_formula(input_dim, units):
    return 6 * units * (units + input_dim + 1)


@question.misconception(
    text=ONE_SET_A_DIRECTION, section=LSTM_SECTION, fails=[counts_every_layer], credit=0.25
)
def one_set_a_direction(input_dim, units):
    return 2 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="셀 상태까지 한 세트로 셌습니다. 셀 상태는 게이트들이 고치는 값일 뿐 자기 가중치가 없습니다.",
        en="You counted a set of weights for the cell state. The gates change it; it has no weights of "
        "its own.",
    ),
    section=LSTM_SECTION,
    fails=[counts_every_layer],
)
def cell_state_as_a_gate(input_dim, units):
    return 10 * units * (units + input_dim + 1)


@question.misconception(text=UNITS_AND_INPUT_DIM_SWAPPED, section=GRU_SECTION, fails=[counts_every_layer])
def units_and_input_dim_swapped(input_dim, units):
    return 8 * input_dim * (input_dim + units + 1)


@question.misconception(text=ONE_RECURRENT_WEIGHT_A_UNIT, section=GRU_SECTION, fails=[counts_every_layer])
def one_recurrent_weight_a_unit(input_dim, units):
    return 8 * units * (input_dim + 1 + 1)


@question.misconception(
    text=Text(
        ko="편향을 한 방향의 게이트와 후보가 함께 쓰는 것으로 셌습니다. 편향도 저마다 따로 있습니다.",
        en="You counted biases shared by the gates and the candidate of a direction. Each has its own.",
    ),
    section=LSTM_SECTION,
    fails=[counts_every_layer],
)
def one_bias_for_all_gates(input_dim, units):
    return 8 * units * (units + input_dim) + 2 * units


@question.misconception(text=ONE_BIAS_A_GATE, section=LSTM_SECTION, fails=[counts_every_layer])
def one_bias_a_gate(input_dim, units):
    return 8 * (units * (units + input_dim) + 1)


@question.misconception(
    text=BIAS_AS_LONG_AS_INPUT, section=GRU_SECTION, fails=[counts_every_layer], credit=0.5
)
def bias_as_long_as_input(input_dim, units):
    return 8 * (units * (units + input_dim) + input_dim)


@question.misconception(
    text=Text(
        ko="유닛 하나의 가중치만 셌습니다. 한 방향에 유닛이 몇 개 있는지 보세요.",
        en="You counted the weights of one unit. How many units does a direction have?",
    ),
    section=GRU_SECTION,
    fails=[counts_every_layer],
)
def one_unit_only(input_dim, units):
    return 8 * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="Dense 층 두 개를 센 것입니다. LSTM에는 그 밖에 무엇이 더 있는지 보세요.",
        en="That is the count of two Dense layers. What else does an LSTM have?",
    ),
    section=LSTM_SECTION,
    fails=[counts_every_layer],
)
def dense_formula(input_dim, units):
    return 2 * units * (input_dim + 1)


@question.misconception(text=NO_BRACKETS, section=GRU_SECTION, fails=[counts_every_layer])
def no_brackets(input_dim, units):
    return units + input_dim + 1 * units * 8


@question.misconception(
    text=Text(
        ko="방향별 개수를 따로 돌려주었습니다. 층 전체의 개수 하나를 돌려주세요.",
        en="You returned a count for each direction. Return one count for the whole layer.",
    ),
    fails=[counts_every_layer],
)
def count_a_direction(input_dim, units):
    return [4 * units * (input_dim + units + 1)] * 2


@question.misconception(
    text=Text(
        ko="GRU의 식에 편향을 두 세트 센 것입니다. LSTM의 게이트와 셀 후보를 하나씩 적고, 편향이 몇 세트인지 "
        "보세요.",
        en="That is a GRU with two sets of biases in each direction. Write down the gates of an LSTM and "
        "its cell candidate, and see how many biases each has.",
    ),
    section=LSTM_SECTION,
    fails=[counts_every_layer],
)
def gru_with_two_biases(input_dim, units):
    return 6 * units * (units + input_dim + 2)


@question.misconception(
    text=Text(
        ko="방향마다 순환 가중치를 한 세트만 셌습니다. 은닉 상태에 곱하는 U가 식마다 따로 있는지 보세요.",
        en="The recurrent weights were counted once for each direction. Does each equation have a U of its "
        "own?",
    ),
    section=LSTM_SECTION,
    fails=[counts_every_layer],
)
def one_recurrent_kernel_for_all_gates(input_dim, units):
    return 8 * units * (input_dim + 1) + 2 * units * units


@question.misconception(
    text=Text(
        ko="한 방향만, 그것도 편향 없이 셌습니다. 거꾸로 읽는 LSTM과 편향이 어디에 들어가는지 보세요.",
        en="You counted one direction only, and no bias. Where do the LSTM that reads backwards and the "
        "biases come in?",
    ),
    fails=[counts_every_layer],
)
def one_direction_without_bias(input_dim, units):
    return 4 * units * (units + input_dim)


@question.misconception(
    text=Text(
        ko="게이트가 셀 상태를 들여다보는 가중치(peephole)를 더했습니다. Keras의 LSTM에도 있는지 보세요.",
        en="You added weights with which the gates read the cell state (peepholes). Does the LSTM of Keras "
        "have any?",
    ),
    section=LSTM_SECTION,
    fails=[counts_every_layer],
)
def peepholes(input_dim, units):
    return 8 * units * (units + input_dim + 1) + 6 * units


@question.misconception(
    text=Text(
        ko="방향마다 편향을 하나만 셌습니다. 편향이 유닛마다 있는지 보세요.",
        en="One bias was counted for each direction. Does each unit have its own?",
    ),
    section=GRU_SECTION,
    fails=[counts_every_layer],
)
def one_bias_in_all(input_dim, units):
    return 8 * units * (units + input_dim) + 2


@question.misconception(
    text=Text(
        ko="두 방향의 출력을 합치는 데에 가중치를 더했습니다. 이어 붙이는 데에 학습되는 것이 있는지 보세요.",
        en="You added weights for joining the two outputs. Is anything learnt when they are concatenated?",
    ),
    fails=[counts_every_layer],
)
def dense_on_both(input_dim, units):
    return 8 * units * (units + input_dim + 1) + 2 * units

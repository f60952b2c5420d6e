"""LSTM layer of any size: how many parameters does it hold?"""

from autograder import Case, Question, Term, Text, expect

from ._shared import (
    ARRAYS_SECTION,
    BIAS_AS_LONG_AS_INPUT,
    FUNCTIONS_SECTION,
    LSTM_SECTION,
    ONE_GATE_OF_FOUR,
    ONE_UNIT_ONLY,
    ONLY_KERNEL_FOR_EVERY_GATE,
    RNN_SECTION,
    THREE_GATES,
    UNITS_AND_INPUT_DIM_SWAPPED,
)

question = Question(
    title=Text(ko="LSTM 층의 파라미터 개수", en="Parameters of an LSTM layer"),
    statement=Text(
        ko="""
시점마다 수를 `input_dim`개씩 읽는 LSTM 층의 유닛이 `units`개일 때, 학습되는 파라미터의 개수를 돌려주는 함수
`lstm_params(input_dim, units)`를 완성하세요. Keras의 기본 설정(`use_bias=True`)을 따릅니다.

- 인수는 모두 1 이상의 정수이고, 정수 하나를 돌려줍니다. (`128.0`처럼 소수점 아래가 0인 수도 받습니다.)
- TensorFlow 없이 채점하므로, 층을 만들어 `count_params()`를 부르지 말고 식을 쓰세요.
""",
        en="""
Complete `lstm_params(input_dim, units)` so that it returns how many parameters an LSTM layer of `units` units
learns when each time step of its input has `input_dim` numbers. Keras's defaults apply (`use_bias=True`).

- Both arguments are whole numbers of at least 1; return one whole number (`128.0` is accepted too).
- This is graded without TensorFlow: write the formula instead of building a layer for `count_params()`.
""",
    ),
    source="lecture notebook, LSTM problems 1 to 3",
    sample=(3, 4),
    returns="int",
    terms=(
        Term("units*units", Text(ko="순환 가중치", en="recurrent weights")),
        Term("units*input_dim", Text(ko="입력에 곱하는 가중치", en="weights of the input")),
        Term("units", Text(ko="편향", en="biases")),
        Term("input_dim*input_dim"),
        Term("input_dim"),
        Term("1"),
    ),
    section=LSTM_SECTION,
)


@question.answer
def lstm_params(input_dim, units):
    """Number of parameters of an LSTM layer.

    input_dim, units: int >= 1. Returns int.
    LSTM 층의 파라미터 개수를 정수로 돌려줍니다.
    """
    one_gate = units * (input_dim + units + 1)
    return 4 * one_gate


@question.example
def example(lstm_params):
    assert lstm_params(3, 4) == 128
    assert lstm_params(1, 1) == 12


@question.cases
def cases(rng):
    edges = [Case(1, 70), Case(70, 1), Case(4, 4), Case(900, 257)]
    sizes = rng.permutation(range(2, 65))[:20].reshape(10, 2)
    return edges + [Case(int(input_dim), int(units)) for input_dim, units in sizes]


@question.check(
    points=2,
    text=Text(
        ko="어떤 크기의 층이든 두 kernel의 개수가 맞는다 (편향만큼은 어긋나도 됨)",
        en="counts the two kernels of a layer of any size, biases aside",
    ),
)
def counts_the_kernels(got, case, want):
    expect.near(got, want, within=4 * max(case.args), meaning=Text(ko="편향의 개수", en="the biases"))


@question.check(
    points=2,
    text=Text(ko="어떤 크기의 층이든 개수가 맞는다", en="counts the parameters of a layer of any size"),
)
def counts_every_layer(got, case, want):
    expect.count(got, want)


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨렸습니다. 게이트와 셀 후보마다 유닛 하나에 편향이 하나씩 있습니다.",
        en="The bias is missing. Each gate, and the cell candidate, has one per unit.",
    ),
    fails=[counts_every_layer],
)
def no_bias(input_dim, units):
    return 4 * units * (units + input_dim)


@question.misconception(
    text=Text(
        ko="순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 말고 무엇을 더 읽는지 보세요.",
        en="The recurrent weights are missing. Besides its input, what else does the layer read at "
        "every time step?",
    ),
    fails=[counts_the_kernels, counts_every_layer],
)
def no_recurrent_weights(input_dim, units):
    return 4 * units * (input_dim + 1)


@question.misconception(text=ONE_GATE_OF_FOUR, fails=[counts_the_kernels, counts_every_layer], credit=1)
def one_gate_of_four(input_dim, units):
    return units * (units + input_dim + 1)


@question.misconception(text=THREE_GATES, fails=[counts_the_kernels, counts_every_layer], credit=1)
def three_gates(input_dim, units):
    return 3 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="가중치를 한 세트 더 셌습니다. 셀 상태는 층이 계산해서 들고 다니는 값이고, 학습되는 가중치가 "
        "아닙니다.",
        en="You counted one set of weights too many. The cell state is a value the layer computes and "
        "carries along; nothing in it is learnt.",
    ),
    fails=[counts_the_kernels, counts_every_layer],
    credit=1,
)
def cell_state_as_a_fifth(input_dim, units):
    return 5 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="편향을 두 세트 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 다릅니다. Keras가 보여 주는 "
        "bias의 모양을 보세요.",
        en="You counted two sets of biases. PyTorch's LSTM has two; look at the shape of the bias that Keras "
        "shows.",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_every_layer],
)
def two_biases(input_dim, units):
    return 4 * units * (units + input_dim + 2)


@question.misconception(
    text=UNITS_AND_INPUT_DIM_SWAPPED, section=RNN_SECTION, fails=[counts_the_kernels, counts_every_layer]
)
def units_and_input_dim_swapped(input_dim, units):
    return 4 * input_dim * (input_dim + units + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치를 유닛마다 하나씩만 셌습니다. 유닛 하나가 이전 시점의 은닉 상태에서 수를 몇 개 "
        "읽는지 보세요.",
        en="You counted one recurrent weight for each unit. How many numbers of the previous hidden state "
        "does one unit read?",
    ),
    section=RNN_SECTION,
    fails=[counts_the_kernels, counts_every_layer],
)
def one_recurrent_weight_a_unit(input_dim, units):
    return 4 * units * (input_dim + 2)


@question.misconception(
    text=Text(
        ko="편향을 한 세트만 두고 네 곳에서 함께 쓰는 것으로 셌습니다. 편향도 게이트와 셀 후보마다 따로 "
        "있습니다.",
        en="You counted one set of biases shared by all. The gates and the cell candidate each have "
        "their own.",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_every_layer],
)
def one_bias_for_all_gates(input_dim, units):
    return 4 * units * (units + input_dim) + units


@question.misconception(
    text=Text(
        ko="게이트와 셀 후보마다 편향을 하나만 셌습니다. 편향이 유닛마다 있도록 괄호의 위치를 다시 보세요.",
        en="You counted a single bias for each gate and for the cell candidate. Every unit has its own: check "
        "where the brackets are.",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_every_layer],
)
def one_bias_a_gate(input_dim, units):
    return 4 * (units * (units + input_dim) + 1)


@question.misconception(
    text=Text(
        ko="층 전체에 편향을 하나만 셌습니다. 게이트와 셀 후보가, 또 그 안의 유닛들이 편향 하나를 함께 "
        "쓰는지 보세요.",
        en="One bias was counted for the whole layer. Do the gates and the cell candidate share it, and do "
        "all units?",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_every_layer],
)
def one_bias_in_all(input_dim, units):
    return 4 * units * (units + input_dim) + 1


@question.misconception(
    text=Text(
        ko="은닉 상태와 셀 상태의 길이를 더했습니다. 상태는 시점마다 계산되는 값이고 학습되지 않습니다.",
        en="You added the lengths of the hidden state and the cell state. States are computed at every "
        "time step; they are not learnt.",
    ),
    fails=[counts_every_layer],
)
def states_counted(input_dim, units):
    return 4 * units * (units + input_dim + 1) + 2 * units


@question.misconception(
    text=Text(
        ko="게이트가 셀 상태에 곱하는 가중치(peephole)를 더했습니다. 그런 LSTM도 있지만 Keras의 LSTM에는 "
        "없습니다.",
        en="You added weights with which the gates read the cell state (peepholes). Some LSTMs have them; the "
        "LSTM of Keras does not.",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_every_layer],
)
def peepholes(input_dim, units):
    return 4 * units * (units + input_dim + 1) + 3 * units


@question.misconception(
    text=Text(
        ko="괄호가 빠져 곱셈이 마지막 항에만 걸렸습니다. 무엇 전체에 곱하려던 것인지 보세요.",
        en="Without brackets only the last term is multiplied. What did you mean to multiply as a whole?",
    ),
    fails=[counts_the_kernels, counts_every_layer],
)
def no_brackets(input_dim, units):
    return units + input_dim + 1 * units * 4


@question.misconception(text=ONE_UNIT_ONLY, fails=[counts_the_kernels, counts_every_layer])
def one_unit_only(input_dim, units):
    return 4 * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="Dense 층의 식입니다. LSTM에는 그 밖에 무엇이 더 있는지 보세요.",
        en="That is the formula of a Dense layer. What else does an LSTM have?",
    ),
    fails=[counts_the_kernels, counts_every_layer],
)
def dense_formula(input_dim, units):
    return units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="개수가 유닛 수만큼 많습니다. `unit_forget_bias`는 망각 게이트의 편향의 초깃값을 정할 뿐 "
        "편향을 더 만들지 않고, 은닉 상태의 길이도 파라미터가 아닙니다.",
        en="The count is too large by the number of units. `unit_forget_bias` only sets the initial value of "
        "the forget gate's biases and adds none, and the length of the hidden state is not a parameter.",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_every_layer],
)
def forget_bias_counted_twice(input_dim, units):
    return 4 * units * (units + input_dim + 1) + units


@question.misconception(
    text=Text(
        ko="입력에 곱하는 가중치(kernel)를 빠뜨렸습니다. 은닉 상태만 읽는 층은 입력을 알 수 없습니다.",
        en="The weights of the input (kernel) are missing. A layer that reads only its hidden state "
        "would never see the input.",
    ),
    fails=[counts_the_kernels, counts_every_layer],
)
def no_input_weights(input_dim, units):
    return 4 * units * (units + 1)


@question.misconception(
    text=ONLY_KERNEL_FOR_EVERY_GATE,
    section=ARRAYS_SECTION,
    fails=[counts_the_kernels, counts_every_layer],
    credit=1,
)
def only_kernel_for_every_gate(input_dim, units):
    return 4 * units * input_dim + units * units + units


@question.misconception(
    text=Text(
        ko="네 개수를 담은 리스트가 되었습니다. 파이썬에서 리스트에 4를 곱하면 더해지지 않고 네 번 "
        "되풀이됩니다.",
        en="This gives a list of four counts. In Python a list times 4 is repeated, not added up.",
    ),
    section=FUNCTIONS_SECTION,
    fails=[counts_the_kernels, counts_every_layer],
)
def four_counts_in_a_list(input_dim, units):
    return [(units + input_dim + 1) * units] * 4


@question.misconception(
    text=Text(
        ko="가중치를 두 세트만 셌습니다. LSTM의 게이트와 셀 후보를 하나씩 적어 보세요.",
        en="You counted two sets of weights. Write down the gates of an LSTM and its cell candidate, "
        "one by one.",
    ),
    fails=[counts_the_kernels, counts_every_layer],
    credit=1,
)
def two_gates(input_dim, units):
    return 2 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="세 게이트에 셀 상태의 길이를 더했습니다. 셀 상태 자체는 학습되지 않지만, 거기에 쓸 셀 "
        "후보를 만드는 데에는 게이트만큼 가중치가 듭니다.",
        en="You added the length of the cell state to three gates. The cell state is not learnt, but "
        "the candidate written to it takes as many weights as a gate.",
    ),
    fails=[counts_the_kernels, counts_every_layer],
    credit=1,
)
def cell_state_for_candidate(input_dim, units):
    return 3 * units * (units + input_dim + 1) + units


@question.misconception(text=BIAS_AS_LONG_AS_INPUT, fails=[counts_every_layer])
def bias_as_long_as_input(input_dim, units):
    return 4 * (units * (units + input_dim) + input_dim)


@question.misconception(
    text=Text(
        ko="두 kernel은 맞는데, 편향을 유닛이 읽는 수마다 하나씩 셌거나 1을 다른 괄호 안에서 더했습니다. 유닛은 많은 "
        "수를 읽지만, 가중치를 곱해 더한 값에 편향을 하나만 더합니다.",
        en="The kernels are right, but you counted one bias for each number that a unit reads, or the 1 is in the "
        "wrong brackets. A unit reads many numbers, but adds only one bias to their weighted sum.",
    ),
    fails=[counts_every_layer],
)
def bias_as_long_as_both(input_dim, units):
    return 4 * (units * (units + input_dim) + units + input_dim)


@question.misconception(
    text=Text(
        ko="순환 가중치를 한 세트만 셌습니다. 은닉 상태에 곱하는 U가 식마다 따로 있는지 보세요.",
        en="The recurrent weights were counted once for the whole layer. Does each equation have a U of its "
        "own?",
    ),
    fails=[counts_the_kernels, counts_every_layer],
    credit=1,
)
def one_recurrent_kernel_for_all_gates(input_dim, units):
    return 4 * units * (input_dim + 1) + units * units


@question.misconception(
    text=Text(
        ko="모두 두 번 셌습니다. 이 층에는 게이트 세 개와 셀 후보 하나가 있습니다. 두 배가 되는 것이 있는지 "
        "보세요.",
        en="Everything is counted twice. The layer has three gates and one cell candidate: is there a reason to "
        "double them?",
    ),
    fails=[counts_the_kernels, counts_every_layer],
)
def both_directions(input_dim, units):
    return 8 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="유닛 하나가 읽는 두 길이를 더하지 않고 곱했습니다. 유닛 하나가 입력에 곱하는 가중치와 은닉 상태에 "
        "곱하는 가중치를 따로 세어 보세요.",
        en="You multiplied the two lengths that a unit reads instead of adding them. For one unit, count the "
        "weights of the input and the weights of the hidden state separately.",
    ),
    fails=[counts_the_kernels, counts_every_layer],
)
def lengths_multiplied(input_dim, units):
    return 4 * units * (units * input_dim + 1)


@question.misconception(
    text=Text(
        ko="4와 유닛 수를 곱하려 한 것은 맞는데, 괄호가 없어서 첫 항에만 곱해졌습니다. 무엇 전체에 곱하려던 것인지 "
        "보세요.",
        en="Multiplying by 4 and by the units is right, but without brackets only the first term is multiplied. "
        "What did you mean to multiply as a whole?",
    ),
    fails=[counts_the_kernels, counts_every_layer],
    like=("no_input_weights", "second_layer"),
)
def brackets_lost(input_dim, units):
    return 4 * units * units + input_dim + 1


@question.misconception(
    text=Text(
        ko="네 세트인 것은 맞는데, 한 세트 안에서 유닛 수가 첫 항에만 곱해졌습니다. 괄호가 하나 더 필요한 곳이 "
        "어디인지 보세요.",
        en="The four sets are right, but within a set only the first term is multiplied by the units. Where does "
        "another pair of brackets belong?",
    ),
    fails=[counts_the_kernels, counts_every_layer],
    like=("one_gate_of_four", "units_and_input_dim_swapped", "dense_layer", "both_layers_swapped"),
)
def inner_brackets_lost(input_dim, units):
    return 4 * (units * units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="두 kernel과 세 게이트의 편향은 맞는데, 셀 후보의 편향이 빠졌습니다. 이름에 ‘게이트’가 없어도 저마다 "
        "편향이 있습니다.",
        en="The kernels and the biases of the three gates are right, but the biases of the cell candidate are "
        "missing. It has its own, although it is not called a gate.",
    ),
    fails=[counts_every_layer],
)
def candidate_without_bias(input_dim, units):
    return 4 * units * (units + input_dim) + 3 * units


@question.misconception(
    text=Text(
        ko="순환 가중치를 입력 크기의 제곱으로 셌습니다. 은닉 상태를 읽어 은닉 상태를 만드는 행렬은 가로와 세로가 각각 "
        "무엇의 길이인가요?",
        en="You counted the recurrent weights as the square of the input's size. That matrix turns a hidden state into "
        "a hidden state: how long are its two axes?",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_the_kernels, counts_every_layer],
    like=("lengths_multiplied", "one_recurrent_weight_a_unit", "timesteps_as_input_dim"),
)
def recurrent_weights_squared_from_the_input(input_dim, units):
    return 4 * (units * input_dim + input_dim * input_dim + units)

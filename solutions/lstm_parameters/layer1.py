"""Problem 3: the first layer of LSTM(5), LSTM(7), Dense(1)."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제 3-1: 첫 번째 층", en="Problem 3.1: the first layer"),
    statement=Text(
        ko="""
입력 모양이 `(2, 10)`이고 `LSTM(5, return_sequences=True)`, `LSTM(7)`, `Dense(1)`을 차례로 쌓은 모델입니다. **첫
번째 층**의 파라미터 개수를 구하는 식을 `layer1`의 괄호 안에 쓰세요. 파이썬의 사칙연산만 쓴 식이면 됩니다.
계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
The model reads an input of shape `(2, 10)` and stacks `LSTM(5, return_sequences=True)`, `LSTM(7)` and
`Dense(1)`. Write the number of weights of the **first layer** between the brackets of `layer1`. Plain Python
arithmetic is wanted; the finished number will do as well. Graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 3",
    numbers=({"timesteps": 2, "input_dim": 10, "first_units": 5, "second_units": 7, "dense_units": 1},),
    returns="int",
)


@question.answer
def layer1(timesteps, input_dim, first_units, second_units, dense_units):
    """Number of weights of the first layer."""
    return 4 * first_units * (input_dim + first_units + 1)


@question.check(
    points=1,
    text=Text(ko="첫 번째 층의 파라미터 개수가 맞는다", en="the count of the first layer is right"),
)
def counts_the_first_layer(got, case, want):
    expect.number(got, want)


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨렸습니다. 게이트마다 유닛 하나에 편향이 하나씩 있습니다.",
        en="The bias is missing: each gate has one for every unit.",
    ),
    fails=[counts_the_first_layer],
)
def no_bias(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim)


@question.misconception(
    text=Text(
        ko="순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 말고 무엇을 더 읽는지 보세요.",
        en="The recurrent weights are missing. Besides its input, what else does the layer read at "
        "every time step?",
    ),
    fails=[counts_the_first_layer],
)
def no_recurrent_weights(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="게이트 네 개 가운데 하나만 셌습니다. LSTM에는 게이트 세 개와 셀 후보까지 네 벌의 가중치가 "
        "있습니다.",
        en="You counted one gate of four: an LSTM holds weights for three gates and for the cell candidate.",
    ),
    fails=[counts_the_first_layer],
)
def one_gate_of_four(timesteps, input_dim, first_units, second_units, dense_units):
    return first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="둘 가운데 하나입니다. 셀 후보를 빠뜨리고 세 벌만 셌거나, 순환 가중치를 유닛마다 하나씩만 "
        "셌습니다. 유닛 하나가 은닉 상태에서 수를 몇 개 읽는지 보세요.",
        en="It is one of two things: either the cell candidate is missing, or you counted one recurrent "
        "weight for each unit. How many numbers of the hidden state does one unit read?",
    ),
    fails=[counts_the_first_layer],
)
def three_gates_or_recurrent_weights_too_few(timesteps, input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="둘 가운데 하나입니다. 가중치를 두 벌만 셌거나, 시점의 개수를 입력의 크기로 썼습니다. "
        "게이트를 하나씩 적어 보고, 입력 모양의 어느 수가 한 시점의 크기인지도 보세요.",
        en="It is one of two things: either you counted two sets of weights, or you took the number of "
        "time steps for the size of the input. List the gates, and see which number of the input "
        "shape belongs to one time step.",
    ),
    fails=[counts_the_first_layer],
)
def two_gates_or_timesteps_as_input_dim(timesteps, input_dim, first_units, second_units, dense_units):
    return 2 * first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="가중치를 한 벌 더 셌습니다. 셀 상태는 층이 계산해서 들고 다니는 값이고, 학습되는 가중치가 "
        "아닙니다.",
        en="You counted one set of weights too many. The cell state is a value the layer computes and "
        "carries along; nothing in it is learnt.",
    ),
    fails=[counts_the_first_layer],
)
def cell_state_as_a_fifth(timesteps, input_dim, first_units, second_units, dense_units):
    return 5 * first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="편향을 너무 많이 셌습니다. PyTorch처럼 두 벌을 셌거나, 유닛이 아니라 입력의 수마다 하나씩 "
        "셌습니다. Keras가 보여 주는 bias의 모양을 보세요.",
        en="You counted too many biases: either two sets, as PyTorch has them, or one for each number "
        "of the input instead of each unit. Look at the shape of the bias that Keras shows.",
    ),
    fails=[counts_the_first_layer],
)
def two_biases_or_bias_as_long_as_input(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim + 2)


@question.misconception(
    text=Text(
        ko="둘 가운데 하나입니다. 시점의 개수를 곱했거나, 유닛의 개수와 입력의 크기를 바꾸어 썼습니다. "
        "시점마다 가중치가 새로 생기는지, 은닉 상태의 길이를 무엇이 정하는지 보세요.",
        en="It is one of two things: either you multiplied by the number of time steps, or you swapped "
        "the units and the size of the input. Does every time step have weights of its own? What "
        "sets the length of the hidden state?",
    ),
    fails=[counts_the_first_layer],
)
def times_timesteps_or_sizes_swapped(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * 4 * first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="모든 시점의 입력을 한 줄로 이어서 셌습니다. 층은 한 번에 한 시점의 입력만 읽습니다.",
        en="You counted the input of all time steps in one row, but the layer reads one time step at a time.",
    ),
    fails=[counts_the_first_layer],
)
def timesteps_flattened(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + timesteps * input_dim + 1)


@question.misconception(
    text=Text(
        ko="편향을 한 벌만 두고 네 곳에서 함께 쓰는 것으로 셌습니다. 편향도 게이트와 셀 후보마다 따로 "
        "있습니다.",
        en="You counted one set of biases shared by all. The gates and the cell candidate each have "
        "their own.",
    ),
    fails=[counts_the_first_layer],
)
def one_bias_for_all_gates(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim) + first_units


@question.misconception(
    text=Text(
        ko="게이트마다 편향을 하나만 셌습니다. 편향이 유닛마다 있도록 괄호의 자리를 다시 보세요.",
        en="You counted a single bias for each gate. Every unit has its own: check where the brackets stand.",
    ),
    fails=[counts_the_first_layer],
)
def one_bias_a_gate(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * (first_units * (first_units + input_dim) + 1)


@question.misconception(
    text=Text(
        ko="층 전체에 편향을 하나만 셌습니다. 게이트가 몇 개이고 그 안에 유닛이 몇 개인지 보세요.",
        en="You counted one bias for the whole layer. How many gates are there, and how many units in each?",
    ),
    fails=[counts_the_first_layer],
)
def one_bias_in_all(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim) + 1


@question.misconception(
    text=Text(
        ko="세 게이트에 셀 상태의 길이를 더했습니다. 셀 상태 자체는 학습되지 않지만, 거기에 쓸 셀 "
        "후보를 만드는 데에는 게이트만큼 가중치가 듭니다.",
        en="You added the length of the cell state to three gates. The cell state is not learnt, but "
        "the candidate written to it takes as many weights as a gate.",
    ),
    fails=[counts_the_first_layer],
)
def cell_state_for_candidate(timesteps, input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + input_dim + 1) + first_units


@question.misconception(
    text=Text(
        ko="은닉 상태와 셀 상태의 길이를 더했습니다. 상태는 시점마다 계산되는 값이고 학습되지 않습니다.",
        en="You added the lengths of the hidden state and the cell state. States are computed at every "
        "time step; they are not learnt.",
    ),
    fails=[counts_the_first_layer],
)
def states_counted(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim + 1) + 2 * first_units


@question.misconception(
    text=Text(
        ko="게이트가 셀 상태를 들여다보는 가중치(peephole)를 더했습니다. 그런 LSTM도 있지만 Keras의 "
        "LSTM에는 없습니다.",
        en="You added weights by which the gates look at the cell state (peepholes). Some LSTMs have "
        "them; the one of Keras does not.",
    ),
    fails=[counts_the_first_layer],
)
def peepholes(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim + 1) + 3 * first_units


@question.misconception(
    text=Text(
        ko="괄호가 빠져 곱셈이 마지막 항에만 걸렸습니다. 무엇 전체에 곱하려던 것인지 보세요.",
        en="Without brackets only the last term is multiplied. What did you mean to multiply as a whole?",
    ),
    fails=[counts_the_first_layer],
)
def no_brackets(timesteps, input_dim, first_units, second_units, dense_units):
    return first_units + input_dim + 1 * first_units * 4


@question.misconception(
    text=Text(
        ko="유닛 하나의 가중치만 셌습니다. 층에 유닛이 몇 개 있는지 보세요.",
        en="You counted the weights of one unit. How many units does the layer have?",
    ),
    fails=[counts_the_first_layer],
)
def one_unit_only(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="Dense 층처럼 셌습니다. LSTM에는 순환 가중치와 게이트가 더 있습니다.",
        en="You counted as for a Dense layer. An LSTM has recurrent weights and gates as well.",
    ),
    fails=[counts_the_first_layer],
)
def dense_formula(timesteps, input_dim, first_units, second_units, dense_units):
    return first_units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="forget 게이트의 편향을 한 번 더 셌습니다. `unit_forget_bias`는 그 편향의 첫값을 정할 뿐, "
        "편향을 더 만들지 않습니다.",
        en="You counted the bias of the forget gate once more. `unit_forget_bias` only sets its initial "
        "value; it adds no bias.",
    ),
    fails=[counts_the_first_layer],
)
def forget_bias_counted_twice(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim + 1) + first_units


@question.misconception(
    text=Text(
        ko="입력에 곱하는 가중치(kernel)를 빠뜨렸습니다. 은닉 상태만 읽는 층은 입력을 알 수 없습니다.",
        en="The weights of the input (kernel) are missing. A layer that reads only its hidden state "
        "would never see the input.",
    ),
    fails=[counts_the_first_layer],
)
def no_input_weights(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + 1)


@question.misconception(
    text=Text(
        ko="편향을 유닛이 읽는 수마다 하나씩 셌습니다. 유닛은 많은 수를 읽지만, 더한 다음에 붙이는 "
        "편향은 하나입니다.",
        en="You counted one bias for each number that a unit reads. A unit reads many numbers but adds "
        "one bias to their sum.",
    ),
    fails=[counts_the_first_layer],
)
def bias_as_long_as_both(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * (first_units * (first_units + input_dim) + first_units + input_dim)


@question.misconception(
    text=Text(
        ko="입력 가중치만 게이트마다 두고 순환 가중치와 편향은 한 벌만 셌습니다. 세 배열의 마지막 축을 "
        "서로 비교해 보세요.",
        en="You counted input weights for every gate, but only one set of recurrent weights and biases. "
        "Compare the last axis of the three arrays.",
    ),
    fails=[counts_the_first_layer],
)
def only_kernel_for_every_gate(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * input_dim + first_units * first_units + first_units


@question.misconception(
    text=Text(
        ko="두 번째 층을 셌습니다. 모델의 입력을 읽는 층이 어느 것인지 보세요.",
        en="You counted the second layer. Which one reads the model's input?",
    ),
    fails=[counts_the_first_layer],
)
def second_layer(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="모델 전체를 셌습니다. 여기에서는 한 층만 묻습니다.",
        en="You counted the whole model. Only one layer is asked for here.",
    ),
    fails=[counts_the_first_layer],
)
def whole_model(timesteps, input_dim, first_units, second_units, dense_units):
    return (
        4 * first_units * (input_dim + first_units + 1)
        + 4 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )

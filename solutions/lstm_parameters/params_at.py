"""LSTM layer reading an input of any length: what does the number of time steps change?"""

from autograder import Case, Question, Term, Text, expect

from ._shared import (
    ARRAYS_SECTION,
    LSTM_SECTION,
    RNN_SECTION,
    TIME_STEPS_SECTION,
    TIMESTEPS_AS_INPUT_DIM,
)

question = Question(
    title=Text(ko="시점의 개수와 파라미터의 개수", en="Parameters and time steps"),
    statement=Text(
        ko="""
유닛이 `units`개인 LSTM 층이 모양이 `(timesteps, input_dim)`인 입력을 읽습니다. 이 층에서 학습되는 파라미터의 개수를
돌려주는 함수 `params_at(input_dim, units, timesteps)`를 완성하세요. Keras의 기본 설정을 따릅니다.

- 인수는 모두 1 이상의 정수이고, 정수 하나를 돌려줍니다.
- TensorFlow 없이 채점하므로 식을 쓰세요. 앞에서 만든 함수를 불러도 됩니다.
""",
        en="""
An LSTM layer of `units` units reads an input of shape `(timesteps, input_dim)`. Complete
`params_at(input_dim, units, timesteps)` so that it returns how many parameters the layer learns. Keras's defaults
apply.

- All arguments are whole numbers of at least 1; return one whole number.
- This is graded without TensorFlow: write the formula. You may call the functions you wrote above.
""",
    ),
    source="lecture notebook, LSTM problem 1",
    sample=(3, 4, 6),
    returns="int",
    terms=(
        Term("units*units", Text(ko="순환 가중치", en="recurrent weights")),
        Term("units*input_dim", Text(ko="입력에 곱하는 가중치", en="weights of the input")),
        Term("units", Text(ko="편향", en="biases")),
        Term("units*units*timesteps"),
        Term("units*input_dim*timesteps"),
        Term("units*timesteps"),
        Term("timesteps*timesteps"),
        Term("input_dim*timesteps"),
        Term("timesteps"),
        Term("input_dim*input_dim"),
        Term("input_dim"),
        Term("1"),
    ),
    section=TIME_STEPS_SECTION,
)


@question.answer
def params_at(input_dim, units, timesteps):
    """Number of parameters of an LSTM layer, which has the same weights at every time step.

    input_dim, units, timesteps: int >= 1. Returns int.
    시점이 timesteps개인 입력을 읽는 LSTM 층의 파라미터 개수를 정수로 돌려줍니다.
    """
    return 4 * units * (input_dim + units + 1)


@question.example
def example(params_at):
    assert params_at(3, 4, 1) == 128


@question.cases
def cases(rng):
    edges = [
        Case(1, 70, 9),
        Case(70, 1, 5),
        Case(4, 4, 4),
        Case(300, 257, 1000),
        Case(5, 11, 1),
        Case(2, 3, 500),
    ]
    sizes = rng.permutation(range(2, 65))[:16].reshape(8, 2)
    lengths = rng.permutation(range(2, 200))[:8]
    drawn = [
        Case(int(input_dim), int(units), int(timesteps))
        for (input_dim, units), length in zip(sizes, lengths, strict=True)
        for timesteps in (length, length + 1)
    ]
    return edges + drawn


@question.check(
    points=1,
    text=Text(
        ko="시점이 몇 개이든 LSTM 층의 개수가 맞는다",
        en="counts the parameters of the layer, however many time steps there are",
    ),
)
def counts_at_every_length(got, case, want):
    expect.count(got, want)


@question.follows("lstm_params")
def by_own(lstm_params, input_dim, units, timesteps):
    return lstm_params(input_dim, units)


@question.misconception(
    text=Text(
        ko="시점의 개수를 곱했습니다. 시점마다 새 가중치가 생기는지, LSTM의 식에서 W, U, b를 보세요.",
        en="You multiplied by the number of time steps. Does every time step have its own weights? Look at W, U "
        "and b in the equations of the LSTM.",
    ),
    fails=[counts_at_every_length],
)
def times_timesteps(input_dim, units, timesteps):
    return timesteps * 4 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="모든 시점의 입력을 한 줄로 이어서 셌거나, 입력에 곱하는 가중치를 시점마다 따로 두었습니다. 층은 "
        "한 번에 한 시점의 입력만 읽습니다.",
        en="You counted the input of all time steps as one long vector, or gave each time step its own weights "
        "for the input. The layer reads one time step at a time.",
    ),
    fails=[counts_at_every_length],
)
def timesteps_flattened(input_dim, units, timesteps):
    return 4 * units * (units + timesteps * input_dim + 1)


@question.misconception(text=TIMESTEPS_AS_INPUT_DIM, section=RNN_SECTION, fails=[counts_at_every_length])
def timesteps_as_input_dim(input_dim, units, timesteps):
    return 4 * units * (units + timesteps + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 유닛의 개수로 썼습니다. 유닛은 시점마다 하나씩 있는 것이 아니라, 모든 유닛이 "
        "시점마다 일합니다.",
        en="You took the number of time steps for the number of units. There is not one unit for each "
        "time step: all units work at every time step.",
    ),
    fails=[counts_at_every_length],
)
def timesteps_as_units(input_dim, units, timesteps):
    return 4 * timesteps * (timesteps + input_dim + 1)


@question.misconception(
    text=Text(
        ko="유닛 하나가 입력 말고 시점의 개수만큼 수를 더 읽는 것으로 셌습니다. 시점의 개수는 층이 읽는 "
        "값이 아니라 층을 몇 번 쓰는지입니다.",
        en="You counted each unit as reading as many additional numbers as there are time steps. The number of "
        "time steps is not something the layer reads; it is how often the layer is used.",
    ),
    fails=[counts_at_every_length],
)
def timesteps_read_as_well(input_dim, units, timesteps):
    return 4 * units * (units + input_dim + timesteps + 1)


@question.misconception(
    text=Text(
        ko="편향을 시점마다 따로 셌습니다. 편향도 모든 시점에서 함께 쓰는지 보세요.",
        en="You counted separate biases for each time step. Do the time steps share the biases as well?",
    ),
    fails=[counts_at_every_length],
)
def biases_for_every_timestep(input_dim, units, timesteps):
    return 4 * units * (units + input_dim + timesteps)


@question.misconception(
    text=Text(
        ko="순환 가중치를 시점마다 따로 셌습니다. 은닉 상태에 곱하는 U에 t가 붙어 있는지 보세요.",
        en="You counted separate recurrent weights for each time step. Does the U that multiplies the "
        "hidden state carry a t?",
    ),
    fails=[counts_at_every_length],
)
def recurrent_weights_for_every_timestep(input_dim, units, timesteps):
    return 4 * units * (timesteps * units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치를 시점과 시점 사이마다 따로 셌습니다. 사이가 몇 군데이든 같은 가중치가 쓰이는지 "
        "보세요.",
        en="You counted separate recurrent weights between each time step and the next. Are different weights "
        "used each time?",
    ),
    fails=[counts_at_every_length],
)
def recurrent_weights_between_timesteps(input_dim, units, timesteps):
    return 4 * units * ((timesteps - 1) * units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점마다 나오는 은닉 상태를 더했습니다. 은닉 상태는 계산되는 값이고 학습되지 않습니다.",
        en="You added the hidden states of all time steps. They are computed, not learnt.",
    ),
    fails=[counts_at_every_length],
)
def hidden_states_counted(input_dim, units, timesteps):
    return 4 * units * (units + input_dim + 1) + timesteps * units


@question.misconception(
    text=Text(
        ko="시점마다 나오는 은닉 상태와 셀 상태를 더했습니다. 상태는 계산되는 값이고 학습되지 않습니다.",
        en="You added the hidden and cell states of all time steps. States are computed, not learnt.",
    ),
    fails=[counts_at_every_length],
)
def both_states_counted(input_dim, units, timesteps):
    return 4 * units * (units + input_dim + 1) + 2 * timesteps * units


@question.misconception(
    text=Text(
        ko="가중치 세트의 수 대신 시점의 개수를 곱했습니다. 한 층의 가중치가 몇 세트인지는 시점이 아니라 게이트와 "
        "셀 후보가 정합니다.",
        en="You multiplied by the number of time steps instead of the number of sets of weights. The gates and "
        "the cell candidate decide how many sets there are, not the time steps.",
    ),
    section=LSTM_SECTION,
    fails=[counts_at_every_length],
)
def timesteps_for_gates(input_dim, units, timesteps):
    return timesteps * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 편향(bias)을 빠뜨렸습니다. 게이트와 셀 후보마다 유닛 하나에 "
        "편향이 하나씩 있습니다.",
        en="You are right about the time steps, but the bias is missing. Each gate, and the cell candidate, "
        "has one per unit.",
    ),
    section=LSTM_SECTION,
    fails=[counts_at_every_length],
    credit=0.5,
)
def no_bias(input_dim, units, timesteps):
    return 4 * units * (units + input_dim)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 "
        "말고 무엇을 더 읽는지 보세요.",
        en="You are right about the time steps, but the recurrent weights are missing. Besides its "
        "input, what else does the layer read at every time step?",
    ),
    section=LSTM_SECTION,
    fails=[counts_at_every_length],
)
def no_recurrent_weights(input_dim, units, timesteps):
    return 4 * units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 가중치와 편향을 한 세트만 셌습니다. 게이트와 셀 후보를 하나씩 적어 "
        "보고, 저마다 한 세트씩 있는지 보세요.",
        en="You are right about the time steps, but you counted one set of weights and biases. Does "
        "each gate, and the cell candidate, have its own set?",
    ),
    section=LSTM_SECTION,
    fails=[counts_at_every_length],
    credit=0.25,
)
def one_gate_of_four(input_dim, units, timesteps):
    return units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 가중치를 세 세트만 셌습니다. 셀 상태에 새로 쓸 값이 어디에서 나오는지 "
        "보세요.",
        en="You are right about the time steps, but you counted three sets of weights. Where does the "
        "value written to the cell state come from?",
    ),
    section=LSTM_SECTION,
    fails=[counts_at_every_length],
)
def three_gates(input_dim, units, timesteps):
    return 3 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 편향을 두 세트 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 "
        "다릅니다.",
        en="You are right about the time steps, but you counted two sets of biases. PyTorch's LSTM has two, "
        "Keras's has one.",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_at_every_length],
)
def two_biases(input_dim, units, timesteps):
    return 4 * units * (units + input_dim + 2)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 유닛의 개수와 입력의 크기를 바꾸어 썼습니다. 은닉 상태의 길이를 "
        "정하는 것이 어느 쪽인지 보세요.",
        en="You are right about the time steps, but the number of units and the size of the input are "
        "swapped. Which of them sets the length of the hidden state?",
    ),
    section=RNN_SECTION,
    fails=[counts_at_every_length],
)
def units_and_input_dim_swapped(input_dim, units, timesteps):
    return 4 * input_dim * (input_dim + units + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 가중치를 한 세트 더 셌습니다. 셀 상태에 학습되는 것이 있는지 보세요.",
        en="You are right about the time steps, but one set of weights too many was counted. Is anything in "
        "the cell state learnt?",
    ),
    section=LSTM_SECTION,
    fails=[counts_at_every_length],
)
def cell_state_as_a_fifth(input_dim, units, timesteps):
    return 5 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 가중치를 두 세트만 셌습니다. LSTM의 게이트와 셀 후보를 하나씩 적어 "
        "보세요.",
        en="You are right about the time steps, but two sets of weights were counted. Write down the gates "
        "of an LSTM and its cell candidate, one by one.",
    ),
    section=LSTM_SECTION,
    fails=[counts_at_every_length],
)
def two_gates(input_dim, units, timesteps):
    return 2 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 편향을 한 세트만 셌습니다. 게이트와 셀 후보가 편향을 함께 쓰는지 "
        "보세요.",
        en="You are right about the time steps, but the biases were counted once for the whole layer. Do "
        "the gates and the cell candidate share them?",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_at_every_length],
)
def one_bias_for_all_gates(input_dim, units, timesteps):
    return 4 * units * (units + input_dim) + units


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 게이트와 셀 후보마다 편향을 하나만 셌습니다. 편향이 유닛마다 있도록 "
        "괄호의 위치를 다시 보세요.",
        en="You are right about the time steps, but you counted a single bias for each gate and for the cell "
        "candidate. Every unit has its own: check where the brackets are.",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_at_every_length],
)
def one_bias_a_gate(input_dim, units, timesteps):
    return 4 * (units * (units + input_dim) + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 순환 가중치를 유닛마다 하나씩만 셌습니다. 유닛 하나가 이전 시점의 "
        "은닉 상태에서 수를 몇 개 읽는지 보세요.",
        en="You are right about the time steps, but one recurrent weight was counted for each unit. How "
        "many numbers of the previous hidden state does one unit read?",
    ),
    section=RNN_SECTION,
    fails=[counts_at_every_length],
)
def one_recurrent_weight_a_unit(input_dim, units, timesteps):
    return 4 * units * (input_dim + 2)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 입력에 곱하는 가중치(kernel)를 빠뜨렸습니다. 층이 입력에 무엇을 "
        "곱하는지 보세요.",
        en="You are right about the time steps, but the weights of the input (kernel) are missing. What "
        "does the layer multiply its input by?",
    ),
    section=LSTM_SECTION,
    fails=[counts_at_every_length],
)
def no_input_weights(input_dim, units, timesteps):
    return 4 * units * (units + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 쓰지 않은 것은 맞지만 Dense 층의 식을 썼습니다. LSTM에는 그 밖에 무엇이 더 있는지 보세요.",
        en="You are right about the time steps, but that is the formula of a Dense layer. What else does "
        "an LSTM have?",
    ),
    section=LSTM_SECTION,
    fails=[counts_at_every_length],
)
def dense_formula(input_dim, units, timesteps):
    return units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 더했습니다. 시점마다 학습되는 수가 하나씩 생기는지 보세요.",
        en="You added the number of time steps. Is there a learnt number for each time step?",
    ),
    fails=[counts_at_every_length],
)
def timesteps_added(input_dim, units, timesteps):
    return 4 * units * (units + input_dim + 1) + timesteps


@question.misconception(
    text=Text(
        ko="시점의 개수보다 하나 적은 수를 곱했습니다. 시점과 시점 사이마다 새 파라미터가 생기는지 보세요.",
        en="You multiplied by one less than the number of time steps. Are there new parameters between each "
        "time step and the next?",
    ),
    fails=[counts_at_every_length],
)
def between_timesteps(input_dim, units, timesteps):
    return (timesteps - 1) * 4 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="인수의 자리가 바뀌었습니다. `(timesteps, input_dim)`은 입력의 모양이고, 함수의 인수는 다른 "
        "순서로 옵니다.",
        en="You took the arguments in the wrong order. `(timesteps, input_dim)` is the shape of the input; in "
        "which order does the function get its arguments?",
    ),
    section=RNN_SECTION,
    fails=[counts_at_every_length],
)
def input_and_timesteps_swapped(input_dim, units, timesteps):
    return 4 * timesteps * (units + timesteps + 1)

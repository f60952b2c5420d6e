"""LSTM layer reading an input of any length: what does the number of time steps change?"""

from autograder import Case, Question, Text, expect

question = Question(
    title=Text(ko="시점의 개수와 파라미터의 개수", en="Weights and time steps"),
    statement=Text(
        ko="""
유닛이 `units`개인 LSTM 층이 모양이 `(timesteps, input_dim)`인 입력을 읽습니다. 이 층에서 학습되는 파라미터의 개수를
돌려주는 함수 `params_at(input_dim, units, timesteps)`를 완성하세요. Keras의 기본 설정을 따릅니다.

- 인수는 모두 1 이상의 정수이고, 정수 하나를 돌려줍니다.
- TensorFlow 없이 채점하므로 식을 쓰세요. 앞에서 만든 함수를 불러도 됩니다.
""",
        en="""
An LSTM layer of `units` units reads an input of shape `(timesteps, input_dim)`. Complete
`params_at(input_dim, units, timesteps)` so that it returns how many weights the layer learns. Keras's defaults
apply.

- All arguments are whole numbers of at least 1; return one whole number.
- This is graded without TensorFlow: write the formula. You may call the functions you wrote above.
""",
    ),
    source="lecture notebook, LSTM problem 1",
    sample=(3, 4, 6),
    returns="int",
)


@question.answer
def params_at(input_dim, units, timesteps):
    """Number of weights of an LSTM layer whose input has a given number of time steps.

    input_dim, units, timesteps: int >= 1. Returns int.
    시점이 timesteps개인 입력을 읽는 LSTM 층의 파라미터 개수를 정수로 돌려줍니다.
    """
    # timesteps is not used: the layer has the same weights at every time step
    return 4 * units * (input_dim + units + 1)


@question.example
def example(params_at):
    assert params_at(3, 4, 1) == 128


@question.cases
def cases(rng):
    edges = [Case(1, 6, 9), Case(7, 1, 5), Case(4, 4, 4), Case(300, 257, 1000), Case(5, 11, 1)]
    sizes = rng.permutation(range(2, 65))[:12].reshape(6, 2)
    lengths = rng.permutation(range(2, 200))[:6]
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
        en="counts the weights of the layer, however many time steps there are",
    ),
)
def counts_at_every_length(got, case, want):
    expect.count(got, want)


@question.misconception(
    text=Text(
        ko="시점의 개수를 곱했습니다. 시점마다 새 가중치가 생기는지, LSTM의 식에서 W, U, b를 보세요.",
        en="You multiplied by the number of time steps. Does every one bring weights of its own? Look at "
        "W, U and b in the equations of the LSTM.",
    ),
    fails=[counts_at_every_length],
)
def times_timesteps(input_dim, units, timesteps):
    return timesteps * 4 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="모든 시점의 입력을 한 줄로 이어서 셌거나, 입력에 곱하는 가중치를 시점마다 따로 두었습니다. 층은 "
        "한 번에 한 시점의 입력만 읽습니다.",
        en="You counted the input of all time steps in one row, or gave each time step its own weights "
        "for the input. The layer reads one time step at a time.",
    ),
    fails=[counts_at_every_length],
)
def timesteps_flattened(input_dim, units, timesteps):
    return 4 * units * (units + timesteps * input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 입력의 크기로 썼습니다. 입력 모양의 두 수 가운데 한 시점에 들어오는 수의 개수가 "
        "어느 것인지 보세요.",
        en="You took the number of time steps for the size of the input. Which of the two numbers of "
        "the input shape tells how much arrives at one time step?",
    ),
    fails=[counts_at_every_length],
)
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
        en="You let each unit read as many further numbers as there are time steps. Their number is not "
        "something the layer reads; it tells how often the layer is used.",
    ),
    fails=[counts_at_every_length],
)
def timesteps_read_as_well(input_dim, units, timesteps):
    return 4 * units * (units + input_dim + timesteps + 1)


@question.misconception(
    text=Text(
        ko="편향을 시점마다 따로 셌습니다. 편향도 모든 시점에서 함께 쓰는지 보세요.",
        en="You counted separate biases for each time step. Are they, too, shared by all of them?",
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
        en="You counted separate recurrent weights between one time step and the next. Are other ones "
        "used at each of these passages?",
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
        ko="게이트의 자리에 시점의 개수를 곱했습니다. 한 층의 가중치가 몇 벌인지는 시점이 아니라 게이트와 셀 "
        "후보가 정합니다.",
        en="You multiplied by the number of time steps where the gates belong. How many sets of weights "
        "there are is up to the gates and the cell candidate, not to the time steps.",
    ),
    fails=[counts_at_every_length],
)
def timesteps_for_gates(input_dim, units, timesteps):
    return timesteps * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수는 옳게 다루었지만 편향(bias)을 빠뜨렸습니다. 게이트마다 유닛 하나에 편향이 하나씩 "
        "있습니다.",
        en="You are right about the time steps, but the bias is missing: each gate has one for every unit.",
    ),
    fails=[counts_at_every_length],
)
def no_bias(input_dim, units, timesteps):
    return 4 * units * (units + input_dim)


@question.misconception(
    text=Text(
        ko="시점의 개수는 옳게 다루었지만 순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 "
        "말고 무엇을 더 읽는지 보세요.",
        en="You are right about the time steps, but the recurrent weights are missing. Besides its "
        "input, what else does the layer read at every time step?",
    ),
    fails=[counts_at_every_length],
)
def no_recurrent_weights(input_dim, units, timesteps):
    return 4 * units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수는 옳게 다루었지만 게이트 네 개 가운데 하나만 셌습니다. LSTM에는 게이트 세 개와 셀 "
        "후보까지 네 벌의 가중치가 있습니다.",
        en="You are right about the time steps, but you counted one gate of four: an LSTM holds weights "
        "for three gates and for the cell candidate.",
    ),
    fails=[counts_at_every_length],
)
def one_gate_of_four(input_dim, units, timesteps):
    return units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수는 옳게 다루었지만 가중치를 세 벌만 셌습니다. 셀 상태에 새로 쓸 값이 어디에서 나오는지 "
        "보세요.",
        en="You are right about the time steps, but you counted three sets of weights. Where does the "
        "value written to the cell state come from?",
    ),
    fails=[counts_at_every_length],
)
def three_gates(input_dim, units, timesteps):
    return 3 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수는 옳게 다루었지만 편향을 두 벌 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 "
        "다릅니다.",
        en="You are right about the time steps, but you counted the bias twice. That is how PyTorch's "
        "LSTM has it, not Keras's.",
    ),
    fails=[counts_at_every_length],
)
def two_biases(input_dim, units, timesteps):
    return 4 * units * (units + input_dim + 2)


@question.misconception(
    text=Text(
        ko="시점의 개수는 옳게 다루었지만 유닛의 개수와 입력의 크기를 바꾸어 썼습니다. 은닉 상태의 길이를 "
        "정하는 것이 어느 쪽인지 보세요.",
        en="You are right about the time steps, but the number of units and the size of the input are "
        "swapped. Which of them sets the length of the hidden state?",
    ),
    fails=[counts_at_every_length],
)
def units_and_input_dim_swapped(input_dim, units, timesteps):
    return 4 * input_dim * (input_dim + units + 1)

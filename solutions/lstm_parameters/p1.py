"""Problem 1: a single LSTM layer."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제 1: LSTM 층 하나", en="Problem 1: a single LSTM layer"),
    statement=Text(
        ko="""
문제 1에서 자기 수로 출력된 LSTM 층에서 학습되는 파라미터의 개수를 구하는 식을 `p1`의 괄호 안에 쓰세요. 파이썬의
사칙연산만 쓴 식이면 됩니다. 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the LSTM layer of problem 1 learn, as printed above with your numbers? Write the arithmetic
between the brackets of `p1`. Write the calculation, as
in `3 * (4 + 5)`, or just its result. This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 1",
    numbers="problem1",
    returns="int",
    in_quiz=Text(
        ko="이 모델의 LSTM 층에서 학습되는 파라미터는 모두 몇 개인가요?",
        en="How many parameters does the LSTM layer of this model learn?",
    ),
)


@question.answer
def p1(timesteps, input_dim, units):
    """Number of parameters of the LSTM layer."""
    return 4 * units * (input_dim + units + 1)


@question.check(
    points=3,
    text=Text(ko="LSTM 층의 파라미터 개수가 맞는다", en="the count of the LSTM layer is right"),
)
def counts_the_layer(got, case, want):
    expect.number(got, want)


@question.follows("lstm_params")
def by_the_formula(lstm_params, timesteps, input_dim, units):
    return lstm_params(input_dim, units)


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨렸습니다. 게이트와 셀 후보마다 유닛 하나에 편향이 하나씩 있습니다.",
        en="The bias is missing. Each gate, and the cell candidate, has one for every unit.",
    ),
    fails=[counts_the_layer],
    credit=1,
)
def no_bias(timesteps, input_dim, units):
    return 4 * units * (units + input_dim)


@question.misconception(
    text=Text(
        ko="편향을 두 벌 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 다릅니다. Keras가 보여 "
        "주는 bias의 모양을 보세요.",
        en="You counted the bias twice. That is how PyTorch's LSTM has it; look at the shape of the "
        "bias that Keras shows.",
    ),
    fails=[counts_the_layer],
    credit=1,
)
def two_biases(timesteps, input_dim, units):
    return 4 * units * (units + input_dim + 2)


@question.misconception(
    text=Text(
        ko="시점의 개수를 곱했습니다. 층은 모든 시점에서 같은 가중치를 다시 씁니다.",
        en="You multiplied by the number of time steps, but the layer uses the same weights again at "
        "every one of them.",
    ),
    fails=[counts_the_layer],
)
def times_timesteps(timesteps, input_dim, units):
    return timesteps * 4 * units * (units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 입력의 크기로 썼습니다. 입력 모양의 두 수 가운데 한 시점에 들어오는 수의 "
        "개수가 어느 것인지 보세요.",
        en="You took the number of time steps for the size of the input. Which of the two numbers of "
        "the input shape tells how much arrives at one time step?",
    ),
    fails=[counts_the_layer],
)
def timesteps_as_input_dim(timesteps, input_dim, units):
    return 4 * units * (units + timesteps + 1)


@question.misconception(
    text=Text(
        ko="모든 시점의 입력을 한 줄로 이어서 셌습니다. 층이 한 번에 몇 시점을 읽는지 보세요.",
        en="The input of all time steps was counted as one long vector. How many time steps does the layer "
        "read at once?",
    ),
    fails=[counts_the_layer],
)
def timesteps_flattened(timesteps, input_dim, units):
    return 4 * units * (units + timesteps * input_dim + 1)

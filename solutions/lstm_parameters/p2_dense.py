"""Problem 2: the Dense layer above an LSTM."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제 2-2: Dense 층", en="Problem 2.2: the Dense layer"),
    statement=Text(
        ko="""
위에 출력된 문제 2의 모델에서 **Dense 층**의 파라미터는 몇 개입니까? 그 개수를 `p2_dense`의 괄호 안에 쓰세요.
`3 * (4 + 5)`처럼 계산식으로 써도 되고, 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the **Dense layer** of problem 2 have, in the model printed above with your numbers? Write the
calculation, as in `3 * (4 + 5)`, or just its result, between the brackets of `p2_dense`. This is graded without
TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 2",
    numbers="problem2",
    returns="int",
    in_quiz=Text(
        ko="이 모델의 Dense 층에서 학습되는 파라미터는 모두 몇 개인가요?",
        en="How many parameters does the Dense layer of this model learn?",
    ),
)


@question.answer
def p2_dense(timesteps, input_dim, units, dense_units):
    """Number of parameters of the Dense layer."""
    return dense_units * (units + 1)


@question.check(
    points=0.5,
    text=Text(ko="Dense 층의 파라미터 개수가 맞는다", en="the count of the Dense layer is right"),
)
def counts_the_dense(got, case, want):
    expect.number(got, want)


@question.follows("dense_params")
def by_the_formula(dense_params, timesteps, input_dim, units, dense_units):
    return dense_params(units, dense_units)


@question.misconception(
    text=Text(
        ko="모델의 입력 크기로 셌습니다. Dense가 실제로 읽는 것은 바로 아래층의 출력입니다.",
        en="You used the size of the model's input. What a Dense layer reads is the output of the "
        "layer below it.",
    ),
    fails=[counts_the_dense],
)
def original_input_dim(timesteps, input_dim, units, dense_units):
    return dense_units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="Dense가 모든 시점의 은닉 상태를 한 줄로 읽는 것으로 셌습니다. 바로 아래층이 무엇을 "
        "내보내는지 보세요.",
        en="You counted the Dense layer as reading the hidden states of all time steps laid end to end. What does "
        "the layer below it give?",
    ),
    fails=[counts_the_dense],
)
def timesteps_flattened(timesteps, input_dim, units, dense_units):
    return timesteps * units * dense_units + dense_units


@question.misconception(
    text=Text(
        ko="Dense의 개수에 시점의 개수를 곱했습니다. 가중치가 시점마다 새로 생기는지 보세요.",
        en="You multiplied the count of the Dense layer by the number of time steps. Does every time "
        "step have weights of its own?",
    ),
    fails=[counts_the_dense],
)
def times_timesteps(timesteps, input_dim, units, dense_units):
    return timesteps * dense_units * (units + 1)


@question.misconception(
    text=Text(
        ko="LSTM 층을 셌습니다. 여기에서는 그 위의 Dense 층을 묻습니다.",
        en="You counted the LSTM layer. Here the Dense layer above it is asked for.",
    ),
    fails=[counts_the_dense],
)
def lstm_layer(timesteps, input_dim, units, dense_units):
    return 4 * units * (input_dim + units + 1)


@question.misconception(
    text=Text(
        ko="모델 전체를 셌습니다. 여기에서는 한 층만 묻습니다.",
        en="That is the count of the whole model. Only one layer is asked for here.",
    ),
    fails=[counts_the_dense],
)
def whole_model(timesteps, input_dim, units, dense_units):
    return 4 * units * (input_dim + units + 1) + dense_units * (units + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 Dense가 읽는 수로 썼습니다. 바로 아래층이 무엇을 내보내는지 보세요.",
        en="You used the number of time steps instead of the size of the Dense layer's input. What does "
        "the layer below it give?",
    ),
    fails=[counts_the_dense],
)
def timesteps_as_input_dim(timesteps, input_dim, units, dense_units):
    return dense_units * (timesteps + 1)


@question.misconception(
    text=Text(
        ko="모델의 입력 크기로 세고 편향도 빠뜨렸습니다. Dense가 실제로 읽는 것이 무엇인지 보세요.",
        en="That is the model's input size times the units, without biases. What does a Dense layer read, "
        "and what does it add?",
    ),
    fails=[counts_the_dense],
)
def original_input_dim_without_bias(timesteps, input_dim, units, dense_units):
    return input_dim * dense_units


@question.misconception(
    text=Text(
        ko="Dense 층의 식은 맞는데, LSTM 층의 파라미터 개수를 넣었습니다. LSTM 층이 위로 보내는 것은 무엇인가요?",
        en="The formula of a Dense layer is right, but you put in how many parameters the LSTM layer has. What does "
        "that layer hand up?",
    ),
    fails=[counts_the_dense],
)
def reads_the_count_below(timesteps, input_dim, units, dense_units):
    return dense_units * (4 * units * (units + input_dim + 1) + 1)


@question.misconception(
    text=Text(
        ko="강의 예제의 결과입니다. 여기에서는 위에 출력된 여러분의 모델로 계산하세요.",
        en="That is the result of the lecture's example. Here the model printed above, with your own numbers, is "
        "meant.",
    ),
    fails=[counts_the_dense],
)
def lecture_example(timesteps, input_dim, units, dense_units):
    return 6

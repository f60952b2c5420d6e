"""Problem 3: the second layer of two LSTM layers under a Dense layer."""

from autograder import Question, Text, expect

from ._shared import (
    DENSE_LAYER,
    LECTURE_EXAMPLE,
    LSTM_SECTION,
    STACK_SECTION,
    TIMESTEPS_AS_UNITS,
    TIMESTEPS_FOR_GATES,
    WHOLE_MODEL,
)

question = Question(
    title=Text(ko="문제 3-1: 두 번째 층", en="Problem 3.1: the second layer"),
    statement=Text(
        ko="""
위에 출력된 문제 3의 모델에서 **두 번째 층**의 파라미터는 몇 개일까요? 그 개수를 `layer2`의 괄호 안에 쓰세요.
`3*(4+5)`처럼 계산식으로 써도 되고, 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the **second layer** of problem 3 have, in the model printed above with your numbers? Between
the brackets of `layer2`, write the calculation, as in `3*(4+5)`, or just its result. This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 3",
    numbers="problem3",
    returns="int",
    in_quiz=Text(
        ko="이 모델의 두 번째 층에서 학습되는 파라미터는 모두 몇 개인가요?",
        en="How many parameters does the second layer of this model learn?",
    ),
)


@question.answer
def layer2(timesteps, input_dim, first_units, second_units, dense_units):
    """Number of parameters of the second layer."""
    return 4 * second_units * (first_units + second_units + 1)


@question.check(
    points=1,
    text=Text(ko="두 번째 층의 파라미터 개수가 맞는다", en="the count of the second layer is right"),
)
def counts_the_second_layer(got, case, want):
    expect.number(got, want)


@question.follows("lstm_params")
def by_the_formula(lstm_params, timesteps, input_dim, first_units, second_units, dense_units):
    return lstm_params(first_units, second_units)


@question.misconception(
    text=Text(
        ko="두 번째 층이 모델의 입력을 읽는 것으로 셌습니다. 바로 아래층이 한 시점에 무엇을 "
        "내보내는지 보세요.",
        en="You counted the second layer as reading the model's input. What does the layer right below it "
        "output at one time step?",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def original_input_dim(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (input_dim + second_units + 1)


@question.misconception(
    text=Text(
        ko="두 번째 층이 읽는 수를 아래층 유닛의 두 배로 셌습니다. 위층에 넘겨지는 것이 은닉 상태인지, 셀 "
        "상태까지인지 보세요.",
        en="The second layer was counted as reading two numbers for each unit below. What does an LSTM pass "
        "on: its hidden state, or its cell state as well?",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def input_doubled(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (2 * first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="아래층이 모든 시점에 낸 것을 한 줄로 이어서 셌습니다. `return_sequences=True`여도 위층은 "
        "한 번에 한 시점만 읽습니다.",
        en="You counted the output of the layer below at all time steps as one long vector. Even with "
        "`return_sequences=True`, the upper layer reads one time step at a time.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def timesteps_flattened(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (timesteps * first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 곱했습니다. `return_sequences=True`는 출력의 모양만 바꾸고, 가중치는 모든 "
        "시점에서 다시 쓰입니다.",
        en="You multiplied by the number of time steps. `return_sequences=True` changes the shape of "
        "the output only; the same weights are used at every time step.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def times_timesteps(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * 4 * second_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치가 아래층의 은닉 상태를 읽는 것으로 셌습니다. 층은 자기의 은닉 상태를 다시 읽습니다.",
        en="You counted the recurrent weights as reading the hidden state of the layer below. A layer "
        "reads its own.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def recurrent_weights_from_below(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (2 * first_units + 1)


@question.misconception(
    text=Text(
        ko="모델의 입력과 아래층의 출력을 함께 읽는 것으로 셌습니다. 쌓은 층은 바로 아래층만 읽습니다.",
        en="You counted both the model's input and the output of the layer below. A stacked layer "
        "reads the layer below and nothing else.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def input_and_layer_below(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (input_dim + first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="두 층의 유닛 수를 바꾸어 썼습니다. 어느 쪽이 입력이고 어느 쪽이 은닉 상태인지 보세요.",
        en="The units of the two layers are swapped. Which of them are the input of this layer, and which are "
        "its hidden state?",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def both_layers_swapped(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="첫 번째 층을 셌습니다. 두 번째 층은 유닛의 개수도, 읽는 것도 다릅니다.",
        en="You counted the first layer. The second has a different number of units and a different input.",
    ),
    fails=[counts_the_second_layer],
)
def first_layer(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (input_dim + first_units + 1)


@question.misconception(
    text=Text(
        ko="자기의 은닉 상태를 입력으로도 셌습니다. 입력은 아래층에서 옵니다.",
        en="You counted the layer's own hidden state as its input too. The input comes from the layer below.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def input_as_long_as_units(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (2 * second_units + 1)


@question.misconception(
    text=Text(
        ko="첫 번째 층까지 더했습니다. 여기에서는 두 번째 층만 묻습니다.",
        en="You added the first layer. Only the second is asked for here.",
    ),
    fails=[counts_the_second_layer],
)
def both_layers(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (input_dim + first_units + 1) + 4 * second_units * (
        first_units + second_units + 1
    )


@question.misconception(text=WHOLE_MODEL, fails=[counts_the_second_layer])
def whole_model(timesteps, input_dim, first_units, second_units, dense_units):
    return (
        4 * first_units * (input_dim + first_units + 1)
        + 4 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )


@question.misconception(
    text=Text(
        ko="시점의 개수를 입력의 크기로 썼습니다. 층이 한 시점에 수를 몇 개 읽는지, 그 수가 어디에서 오는지 "
        "보세요.",
        en="You used the number of time steps instead of the size of the input. How many numbers does the "
        "layer read at one time step, and where do they come from?",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def timesteps_as_input_dim(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (timesteps + second_units + 1)


@question.misconception(text=DENSE_LAYER, fails=[counts_the_second_layer])
def dense_layer(timesteps, input_dim, first_units, second_units, dense_units):
    return dense_units * (second_units + 1)


@question.misconception(text=TIMESTEPS_AS_UNITS, fails=[counts_the_second_layer])
def timesteps_as_units(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * timesteps * (first_units + timesteps + 1)


@question.misconception(text=TIMESTEPS_FOR_GATES, section=LSTM_SECTION, fails=[counts_the_second_layer])
def timesteps_for_gates(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * second_units * (first_units + second_units + 1)


@question.misconception(text=LECTURE_EXAMPLE, fails=[counts_the_second_layer])
def lecture_example(timesteps, input_dim, first_units, second_units, dense_units):
    return 364


@question.misconception(
    text=Text(
        ko="입력에 곱하는 가중치와 편향은 맞는데, 순환 가중치는 첫 번째 층의 것을 셌습니다. 이 층의 은닉 상태는 "
        "길이가 얼마인가요?",
        en="The input weights and the biases are right, but you counted the recurrent weights of the first layer. How "
        "long is the hidden state of this layer?",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
    like=("inner_brackets_lost",),
)
def recurrent_weights_of_the_first_layer(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * (second_units * first_units + first_units * first_units + second_units)

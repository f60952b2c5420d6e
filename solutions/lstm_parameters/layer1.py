"""Problem 3: the first layer of two LSTM layers under a Dense layer."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제 3-1: 첫 번째 층", en="Problem 3.1: the first layer"),
    statement=Text(
        ko="""
위에 출력된 문제 3의 모델에서 **첫 번째 층**의 파라미터는 몇 개입니까? 그 개수를 `layer1`의 괄호 안에 쓰세요.
`3 * (4 + 5)`처럼 계산식으로 써도 되고, 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the **first layer** of problem 3 have, in the model printed above with your numbers? Write the
calculation, as in `3 * (4 + 5)`, or just its result, between the brackets of `layer1`. This is graded without
TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 3",
    numbers="problem3",
    returns="int",
    in_quiz=Text(
        ko="이 모델의 첫 번째 층에서 학습되는 파라미터는 모두 몇 개인가요?",
        en="How many parameters does the first layer of this model learn?",
    ),
)


@question.answer
def layer1(timesteps, input_dim, first_units, second_units, dense_units):
    """Number of parameters of the first layer."""
    return 4 * first_units * (input_dim + first_units + 1)


@question.check(
    points=0.5,
    text=Text(ko="첫 번째 층의 파라미터 개수가 맞는다", en="the count of the first layer is right"),
)
def counts_the_first_layer(got, case, want):
    expect.number(got, want)


@question.follows("lstm_params")
def by_the_formula(lstm_params, timesteps, input_dim, first_units, second_units, dense_units):
    return lstm_params(input_dim, first_units)


@question.misconception(
    text=Text(
        ko="시점의 개수를 곱했습니다. 층은 모든 시점에서 같은 가중치를 다시 씁니다.",
        en="You multiplied by the number of time steps, but the layer uses the same weights again at "
        "every one of them.",
    ),
    fails=[counts_the_first_layer],
)
def times_timesteps(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * 4 * first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 입력의 크기로 썼습니다. 입력 모양의 두 수 가운데 한 시점에 들어오는 수의 "
        "개수가 어느 것인지 보세요.",
        en="You took the number of time steps for the size of the input. Which of the two numbers of "
        "the input shape tells how much arrives at one time step?",
    ),
    fails=[counts_the_first_layer],
)
def timesteps_as_input_dim(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + timesteps + 1)


@question.misconception(
    text=Text(
        ko="모든 시점의 입력을 한 줄로 이어서 셌습니다. 층이 한 번에 몇 시점을 읽는지 보세요.",
        en="The input of all time steps was counted as one long vector. How many time steps does the layer "
        "read at once?",
    ),
    fails=[counts_the_first_layer],
)
def timesteps_flattened(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + timesteps * input_dim + 1)


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
        en="That is the count of the whole model. Only one layer is asked for here.",
    ),
    fails=[counts_the_first_layer],
)
def whole_model(timesteps, input_dim, first_units, second_units, dense_units):
    return (
        4 * first_units * (input_dim + first_units + 1)
        + 4 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )


@question.misconception(
    text=Text(
        ko="Dense 층을 셌습니다. 여기에서 어느 층을 묻는지 보세요.",
        en="That is the count of the Dense layer. Which layer is asked for here?",
    ),
    fails=[counts_the_first_layer],
)
def dense_layer(timesteps, input_dim, first_units, second_units, dense_units):
    return dense_units * (second_units + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 유닛의 개수로 썼습니다. 모델의 코드에서 유닛의 개수가 어디에 적혀 있는지 보세요.",
        en="You used the number of time steps instead of the number of units. Where does the model's code "
        "say how many units there are?",
    ),
    fails=[counts_the_first_layer],
)
def timesteps_as_units(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * timesteps * (input_dim + timesteps + 1)


@question.misconception(
    text=Text(
        ko="게이트의 자리에 시점의 개수를 곱했습니다. 가중치가 몇 세트인지를 무엇이 정하는지 보세요.",
        en="The count is multiplied by the number of time steps where the gates belong. What decides how "
        "many sets of weights there are?",
    ),
    fails=[counts_the_first_layer],
)
def timesteps_for_gates(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * first_units * (input_dim + first_units + 1)


@question.misconception(
    text=Text(
        ko="네 벌과 편향은 맞는데, 한 번에 읽는 수에 시점의 개수까지 더했습니다. 한 시점에 들어오는 것이 무엇인지 "
        "보세요.",
        en="The four sets and their biases are right, but you added the number of time steps to the numbers read at "
        "once. What arrives at one time step?",
    ),
    fails=[counts_the_first_layer],
    like=("cell_state_as_a_fifth",),
)
def timesteps_read_too(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim + timesteps + 1)


@question.misconception(
    text=Text(
        ko="강의 예제의 결과입니다. 여기에서는 위에 출력된 여러분의 모델로 계산하세요.",
        en="That is the result of the lecture's example. Here the model printed above, with your own numbers, is "
        "meant.",
    ),
    fails=[counts_the_first_layer],
    like=("one_unit_only", "one_gate_of_four", "dense_formula"),
)
def lecture_example(timesteps, input_dim, first_units, second_units, dense_units):
    return 320

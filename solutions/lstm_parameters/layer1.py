"""Problem 3: the first layer of two LSTM layers under a Dense layer."""

from autograder import Question, Text, expect

from ._shared import (
    DENSE_LAYER,
    LECTURE_EXAMPLE,
    LSTM_SECTION,
    RNN_SECTION,
    TIME_STEPS_SECTION,
    TIMES_TIMESTEPS,
    TIMESTEPS_AS_INPUT_DIM,
    TIMESTEPS_AS_UNITS,
    TIMESTEPS_FLATTENED,
    TIMESTEPS_FOR_GATES,
    TIMESTEPS_READ_TOO,
    WHOLE_MODEL,
)

question = Question(
    title=Text(ko="문제 3-1: 첫 번째 층", en="Problem 3.1: the first layer"),
    statement=Text(
        ko="""
위에 출력된 문제 3의 모델에서 **첫 번째 층**의 파라미터는 몇 개일까요? 그 개수를 `layer1`의 괄호 안에 쓰세요.
`3*(4+5)`처럼 계산식으로 써도 되고, 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the **first layer** of problem 3 have, in the model printed above with your numbers? Between
the brackets of `layer1`, write the calculation, as in `3*(4+5)`, or just its result. This is graded without TensorFlow.
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


@question.misconception(text=TIMES_TIMESTEPS, section=TIME_STEPS_SECTION, fails=[counts_the_first_layer])
def times_timesteps(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * 4 * first_units * (first_units + input_dim + 1)


@question.misconception(text=TIMESTEPS_AS_INPUT_DIM, section=RNN_SECTION, fails=[counts_the_first_layer])
def timesteps_as_input_dim(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + timesteps + 1)


@question.misconception(text=TIMESTEPS_FLATTENED, section=TIME_STEPS_SECTION, fails=[counts_the_first_layer])
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


@question.misconception(text=WHOLE_MODEL, fails=[counts_the_first_layer])
def whole_model(timesteps, input_dim, first_units, second_units, dense_units):
    return (
        4 * first_units * (input_dim + first_units + 1)
        + 4 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )


@question.misconception(text=DENSE_LAYER, fails=[counts_the_first_layer])
def dense_layer(timesteps, input_dim, first_units, second_units, dense_units):
    return dense_units * (second_units + 1)


@question.misconception(text=TIMESTEPS_AS_UNITS, fails=[counts_the_first_layer])
def timesteps_as_units(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * timesteps * (input_dim + timesteps + 1)


@question.misconception(text=TIMESTEPS_FOR_GATES, section=LSTM_SECTION, fails=[counts_the_first_layer])
def timesteps_for_gates(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * first_units * (input_dim + first_units + 1)


@question.misconception(
    text=TIMESTEPS_READ_TOO,
    section=TIME_STEPS_SECTION,
    fails=[counts_the_first_layer],
    like=("cell_state_as_a_fifth",),
)
def timesteps_read_too(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim + timesteps + 1)


@question.misconception(
    text=LECTURE_EXAMPLE,
    fails=[counts_the_first_layer],
    like=("one_unit_only", "one_gate_of_four", "dense_formula"),
)
def lecture_example(timesteps, input_dim, first_units, second_units, dense_units):
    return 320

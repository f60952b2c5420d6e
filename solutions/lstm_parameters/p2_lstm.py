"""Problem 2: the LSTM layer of an LSTM under a Dense layer."""

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
    title=Text(ko="문제 2-1: LSTM 층", en="Problem 2.1: the LSTM layer"),
    statement=Text(
        ko="""
위에 출력된 문제 2의 모델에서 **LSTM 층**의 파라미터는 몇 개일까요? 그 개수를 `p2_lstm`의 괄호 안에 쓰세요.
`3*(4+5)`처럼 계산식으로 써도 되고, 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the **LSTM layer** of problem 2 have, in the model printed above with your numbers? Between
the brackets of `p2_lstm`, write the calculation, as in `3*(4+5)`, or just its result. This is graded without
TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 2",
    numbers="problem2",
    returns="int",
    in_quiz=Text(
        ko="이 모델의 LSTM 층에서 학습되는 파라미터는 모두 몇 개인가요?",
        en="How many parameters does the LSTM layer of this model learn?",
    ),
)


@question.answer
def p2_lstm(timesteps, input_dim, units, dense_units):
    """Number of parameters of the LSTM layer."""
    return 4 * units * (input_dim + units + 1)


@question.check(
    points=0.5,
    text=Text(ko="LSTM 층의 파라미터 개수가 맞는다", en="the count of the LSTM layer is right"),
)
def counts_the_lstm(got, case, want):
    expect.number(got, want)


@question.follows("lstm_params")
def by_the_formula(lstm_params, timesteps, input_dim, units, dense_units):
    return lstm_params(input_dim, units)


@question.misconception(text=TIMES_TIMESTEPS, section=TIME_STEPS_SECTION, fails=[counts_the_lstm])
def times_timesteps(timesteps, input_dim, units, dense_units):
    return timesteps * 4 * units * (units + input_dim + 1)


@question.misconception(text=TIMESTEPS_AS_INPUT_DIM, section=RNN_SECTION, fails=[counts_the_lstm])
def timesteps_as_input_dim(timesteps, input_dim, units, dense_units):
    return 4 * units * (units + timesteps + 1)


@question.misconception(text=TIMESTEPS_FLATTENED, section=TIME_STEPS_SECTION, fails=[counts_the_lstm])
def timesteps_flattened(timesteps, input_dim, units, dense_units):
    return 4 * units * (units + timesteps * input_dim + 1)


@question.misconception(text=WHOLE_MODEL, fails=[counts_the_lstm])
def whole_model(timesteps, input_dim, units, dense_units):
    return 4 * units * (input_dim + units + 1) + dense_units * (units + 1)


@question.misconception(text=DENSE_LAYER, fails=[counts_the_lstm])
def dense_layer(timesteps, input_dim, units, dense_units):
    return dense_units * (units + 1)


@question.misconception(text=TIMESTEPS_AS_UNITS, fails=[counts_the_lstm])
def timesteps_as_units(timesteps, input_dim, units, dense_units):
    return 4 * timesteps * (input_dim + timesteps + 1)


@question.misconception(text=TIMESTEPS_FOR_GATES, section=LSTM_SECTION, fails=[counts_the_lstm])
def timesteps_for_gates(timesteps, input_dim, units, dense_units):
    return timesteps * units * (input_dim + units + 1)


@question.misconception(
    text=TIMESTEPS_READ_TOO, section=TIME_STEPS_SECTION, fails=[counts_the_lstm], like=("both_directions",)
)
def timesteps_read_too(timesteps, input_dim, units, dense_units):
    return 4 * units * (units + input_dim + timesteps + 1)


@question.misconception(text=LECTURE_EXAMPLE, fails=[counts_the_lstm])
def lecture_example(timesteps, input_dim, units, dense_units):
    return 320

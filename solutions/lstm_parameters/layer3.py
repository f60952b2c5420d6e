"""Problem 3: the Dense layer above two LSTM layers."""

from autograder import Question, Text, expect

from ._shared import (
    DENSE_ORIGINAL_INPUT_DIM,
    DENSE_ORIGINAL_INPUT_DIM_WITHOUT_BIAS,
    DENSE_SECTION,
    DENSE_TIMES_TIMESTEPS,
    DENSE_TIMESTEPS_AS_INPUT_DIM,
    DENSE_TIMESTEPS_FLATTENED,
    LECTURE_EXAMPLE,
    STACK_SECTION,
    WHOLE_MODEL,
)

question = Question(
    title=Text(ko="문제 3-2: 세 번째 층", en="Problem 3.2: the third layer"),
    statement=Text(
        ko="""
위에 출력된 문제 3의 모델에서 **세 번째 층**의 파라미터는 몇 개일까요? 그 개수를 `layer3`의 괄호 안에 쓰세요.
`3*(4+5)`처럼 계산식으로 써도 되고, 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the **third layer** of problem 3 have, in the model printed above with your numbers? Between
the brackets of `layer3`, write the calculation, as in `3*(4+5)`, or just its result. This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 3",
    numbers="problem3",
    returns="int",
    in_quiz=Text(
        ko="이 모델의 세 번째 층에서 학습되는 파라미터는 모두 몇 개인가요?",
        en="How many parameters does the third layer of this model learn?",
    ),
)


@question.answer
def layer3(timesteps, input_dim, first_units, second_units, dense_units):
    """Number of parameters of the Dense layer."""
    return dense_units * (second_units + 1)


@question.check(
    points=0.5,
    text=Text(ko="Dense 층의 파라미터 개수가 맞는다", en="the count of the Dense layer is right"),
)
def counts_the_dense(got, case, want):
    expect.number(got, want)


@question.follows("dense_params")
def by_the_formula(dense_params, timesteps, input_dim, first_units, second_units, dense_units):
    return dense_params(second_units, dense_units)


@question.misconception(text=DENSE_ORIGINAL_INPUT_DIM, section=DENSE_SECTION, fails=[counts_the_dense])
def original_input_dim(timesteps, input_dim, first_units, second_units, dense_units):
    return dense_units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="첫 번째 층의 출력을 읽는 것으로 셌습니다. Dense 바로 아래에 있는 층이 어느 것인지 보세요.",
        en="You counted the Dense layer as reading the first layer. Which layer is right below it?",
    ),
    section=STACK_SECTION,
    fails=[counts_the_dense],
)
def first_layer_below(timesteps, input_dim, first_units, second_units, dense_units):
    return dense_units * (first_units + 1)


@question.misconception(text=DENSE_TIMESTEPS_FLATTENED, section=DENSE_SECTION, fails=[counts_the_dense])
def timesteps_flattened(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * second_units * dense_units + dense_units


@question.misconception(text=DENSE_TIMES_TIMESTEPS, section=DENSE_SECTION, fails=[counts_the_dense])
def times_timesteps(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * dense_units * (second_units + 1)


@question.misconception(
    text=Text(
        ko="두 번째 층을 셌습니다. 여기에서는 그 위의 Dense 층을 묻습니다.",
        en="You counted the second layer. This question asks for the Dense layer above it.",
    ),
    fails=[counts_the_dense],
)
def second_layer(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (first_units + second_units + 1)


@question.misconception(text=WHOLE_MODEL, fails=[counts_the_dense])
def whole_model(timesteps, input_dim, first_units, second_units, dense_units):
    return (
        4 * first_units * (input_dim + first_units + 1)
        + 4 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )


@question.misconception(text=DENSE_TIMESTEPS_AS_INPUT_DIM, section=DENSE_SECTION, fails=[counts_the_dense])
def timesteps_as_input_dim(timesteps, input_dim, first_units, second_units, dense_units):
    return dense_units * (timesteps + 1)


@question.misconception(
    text=Text(
        ko="첫 번째 층을 셌습니다. 여기에서 어느 층을 묻는지 보세요.",
        en="That is the count of the first layer. Which layer is asked for here?",
    ),
    fails=[counts_the_dense],
)
def first_layer(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (input_dim + first_units + 1)


@question.misconception(
    text=DENSE_ORIGINAL_INPUT_DIM_WITHOUT_BIAS, section=DENSE_SECTION, fails=[counts_the_dense]
)
def original_input_dim_without_bias(timesteps, input_dim, first_units, second_units, dense_units):
    return input_dim * dense_units


@question.misconception(
    text=Text(
        ko="유닛마다 편향을 하나씩 둔 것은 맞는데, 두 LSTM 층의 출력을 모두 읽는 것으로 셌습니다. 쌓은 층은 바로 "
        "아래층의 출력만 읽습니다.",
        en="One bias for each unit is right, but you counted the Dense layer as reading the output of both LSTM "
        "layers. A stacked layer reads only the output of the layer right below it.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_dense],
    like=("input_as_long_as_units", "timesteps_as_input_dim", "original_input_dim"),
)
def both_layers_below(timesteps, input_dim, first_units, second_units, dense_units):
    return dense_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="Dense 층의 식은 맞는데, 입력의 크기 대신 아래층의 파라미터 개수를 넣었습니다. 아래층이 위층에 넘기는 "
        "것은 무엇인가요?",
        en="The formula of a Dense layer is right, but instead of the size of its input you used the number of "
        "parameters of the layer below. What does that layer output?",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def reads_the_count_below(timesteps, input_dim, first_units, second_units, dense_units):
    return dense_units * (4 * second_units * (first_units + second_units + 1) + 1)


@question.misconception(text=LECTURE_EXAMPLE, fails=[counts_the_dense])
def lecture_example(timesteps, input_dim, first_units, second_units, dense_units):
    return 8

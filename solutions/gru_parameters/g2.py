"""GRU problem 1: the second layer of two GRU layers under a Dense layer."""

from autograder import Question, Text, expect

from ._shared import (
    DENSE_LAYER,
    EVERYTHING_DOUBLED,
    GRU_SECTION,
    LECTURE_EXAMPLE,
    NO_BIAS,
    ONE_EXTRA_BIAS,
    RESET_AFTER_COUNT,
    RESET_AFTER_SECTION,
    STACK_SECTION,
    WHOLE_MODEL,
)

question = Question(
    title=Text(ko="문제 1-2: 두 번째 층", en="Problem 1.2: the second layer"),
    statement=Text(
        ko="""
위에 출력된 문제 1의 모델에서 **두 번째 층**의 파라미터는 몇 개일까요? 그 개수를 `g2`의 괄호 안에 쓰세요.
`3*(4+5)`처럼 계산식으로 써도 되고, 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the **second layer** of problem 1 have, in the model printed above with your numbers? Between
the brackets of `g2`, write the calculation, as in `3*(4+5)`, or just its result. This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, GRU problem 1",
    numbers="problem1",
    returns="int",
    in_quiz=Text(
        ko="이 모델의 두 번째 층에서 학습되는 파라미터는 모두 몇 개인가요?",
        en="How many parameters does the second layer of this model learn?",
    ),
)


@question.answer
def g2(input_dim, first_units, second_units, dense_units):
    """Number of parameters of the second layer."""
    return 3 * second_units * (first_units + second_units + 1)


@question.check(
    points=1,
    text=Text(ko="두 번째 층의 파라미터 개수가 맞는다", en="the count of the second layer is right"),
)
def counts_the_second_layer(got, case, want):
    expect.number(got, want)


@question.follows("gru_params")
def by_the_formula(gru_params, input_dim, first_units, second_units, dense_units):
    return gru_params(first_units, second_units, False)


@question.misconception(
    text=Text(
        ko="두 번째 층이 모델의 입력을 읽는 것으로 셌습니다. 바로 아래층이 한 시점에 무엇을 "
        "내보내는지 보세요.",
        en="You counted the second layer as reading the model's input. What does the layer right "
        "below it output at one time step?",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
    like=("reset_after_count",),
)
def original_input_dim(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (input_dim + second_units + 1)


@question.misconception(text=RESET_AFTER_COUNT, section=RESET_AFTER_SECTION, fails=[counts_the_second_layer])
def reset_after_count(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (first_units + second_units + 2)


@question.misconception(text=NO_BIAS, section=GRU_SECTION, fails=[counts_the_second_layer])
def no_bias(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (first_units + second_units)


@question.misconception(
    text=Text(
        ko="아래층이 내보내는 것을 두 배로 셌습니다. 양방향이 아닌 GRU는 한 시점에 은닉 상태 하나만 "
        "내보냅니다.",
        en="You counted the output of the layer below twice. A GRU that reads in one direction outputs one "
        "hidden state per time step.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def input_doubled(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (second_units + 2 * first_units + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치가 아래층의 은닉 상태를 읽는 것으로 셌습니다. 층은 자기 은닉 상태를 다시 읽습니다.",
        en="You counted the recurrent weights as reading the hidden state of the layer below. A layer reads "
        "its own hidden state.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def recurrent_weights_from_below(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (2 * first_units + 1)


@question.misconception(
    text=Text(
        ko="모델의 입력과 아래층의 출력을 함께 읽는 것으로 셌습니다. 쌓은 층은 바로 아래층만 읽습니다.",
        en="You counted both the model's input and the output of the layer below. A stacked layer "
        "reads the layer below and nothing else.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def input_and_layer_below(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (input_dim + first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="두 층의 유닛 수를 바꾸어 썼습니다. 이 층의 입력 길이와 은닉 상태의 길이가 각각 어느 쪽인지 "
        "보세요.",
        en="The units of the two layers are swapped. Which number is the length of this layer's input, and "
        "which that of its hidden state?",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def both_layers_swapped(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="첫 번째 층을 셌습니다. 두 번째 층은 유닛의 개수도, 읽는 것도 다릅니다.",
        en="You counted the first layer. The second has a different number of units and reads a different "
        "input.",
    ),
    fails=[counts_the_second_layer],
)
def first_layer(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (input_dim + first_units + 1)


@question.misconception(
    text=Text(
        ko="자기 은닉 상태를 입력으로도 셌습니다. 입력은 아래층에서 옵니다.",
        en="You counted the layer's own hidden state as its input too. The input comes from the layer below.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def input_as_long_as_units(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (2 * second_units + 1)


@question.misconception(text=EVERYTHING_DOUBLED, section=RESET_AFTER_SECTION, fails=[counts_the_second_layer])
def everything_doubled(input_dim, first_units, second_units, dense_units):
    return 6 * second_units * (second_units + first_units + 1)


@question.misconception(text=ONE_EXTRA_BIAS, section=RESET_AFTER_SECTION, fails=[counts_the_second_layer])
def one_extra_bias(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (second_units + first_units + 1) + second_units


@question.misconception(
    text=Text(
        ko="첫 번째 층까지 더했습니다. 여기에서는 두 번째 층만 묻습니다.",
        en="You added the first layer. Only the second is asked for here.",
    ),
    fails=[counts_the_second_layer],
)
def both_layers(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (input_dim + first_units + 1) + 3 * second_units * (
        first_units + second_units + 1
    )


@question.misconception(text=WHOLE_MODEL, fails=[counts_the_second_layer])
def whole_model(input_dim, first_units, second_units, dense_units):
    return (
        3 * first_units * (input_dim + first_units + 1)
        + 3 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )


@question.misconception(text=DENSE_LAYER, fails=[counts_the_second_layer])
def dense_layer(input_dim, first_units, second_units, dense_units):
    return dense_units * (second_units + 1)


@question.misconception(text=LECTURE_EXAMPLE, fails=[counts_the_second_layer], like=("dense_formula",))
def lecture_example(input_dim, first_units, second_units, dense_units):
    return 288


@question.misconception(
    text=Text(
        ko="입력에 곱하는 가중치와 편향은 맞는데, 순환 가중치는 첫 번째 층의 것을 셌습니다. 이 층의 은닉 상태는 "
        "길이가 얼마인가요?",
        en="The input weights and the biases are right, but you counted the recurrent weights of the first layer. How "
        "long is the hidden state of this layer?",
    ),
    section=STACK_SECTION,
    fails=[counts_the_second_layer],
)
def recurrent_weights_of_the_first_layer(input_dim, first_units, second_units, dense_units):
    return 3 * (second_units * first_units + first_units * first_units + second_units)

"""GRU problem 1: the first layer of two GRU layers under a Dense layer."""

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
    WHOLE_MODEL,
)

question = Question(
    title=Text(ko="문제 1-1: 첫 번째 층", en="Problem 1.1: the first layer"),
    statement=Text(
        ko="""
위에 출력된 문제 1의 모델에서 **첫 번째 층**의 파라미터는 몇 개일까요? 그 개수를 `g1`의 괄호 안에 쓰세요.
`3*(4+5)`처럼 계산식으로 써도 되고, 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the **first layer** of problem 1 have, in the model printed above with your numbers? Between
the brackets of `g1`, write the calculation, as in `3*(4+5)`, or just its result. This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, GRU problem 1",
    numbers="problem1",
    returns="int",
    in_quiz=Text(
        ko="이 모델의 첫 번째 층에서 학습되는 파라미터는 모두 몇 개인가요?",
        en="How many parameters does the first layer of this model learn?",
    ),
)


@question.answer
def g1(input_dim, first_units, second_units, dense_units):
    """Number of parameters of the first layer."""
    return 3 * first_units * (input_dim + first_units + 1)


@question.check(
    points=0.5,
    text=Text(ko="첫 번째 층의 파라미터 개수가 맞는다", en="the count of the first layer is right"),
)
def counts_the_first_layer(got, case, want):
    expect.number(got, want)


@question.follows("gru_params")
def by_the_formula(gru_params, input_dim, first_units, second_units, dense_units):
    return gru_params(input_dim, first_units, False)


@question.misconception(text=RESET_AFTER_COUNT, section=RESET_AFTER_SECTION, fails=[counts_the_first_layer])
def reset_after_count(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + input_dim + 2)


@question.misconception(text=NO_BIAS, section=GRU_SECTION, fails=[counts_the_first_layer])
def no_bias(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + input_dim)


@question.misconception(text=EVERYTHING_DOUBLED, section=RESET_AFTER_SECTION, fails=[counts_the_first_layer])
def everything_doubled(input_dim, first_units, second_units, dense_units):
    return 6 * first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="게이트 두 개만 세고 유닛 수를 더했습니다. 후보에도 게이트만큼 파라미터가 있습니다.",
        en="You counted two gates and added the number of units. The candidate has as many parameters as a "
        "gate.",
    ),
    section=GRU_SECTION,
    fails=[counts_the_first_layer],
)
def two_gates_and_one_bias(input_dim, first_units, second_units, dense_units):
    return 2 * first_units * (first_units + input_dim + 1) + first_units


@question.misconception(
    text=Text(
        ko="LSTM처럼 네 세트를 세고 편향을 빠뜨렸습니다. GRU의 게이트와 후보를 하나씩 적고, 저마다 "
        "편향이 있는지도 보세요.",
        en="You counted four sets of weights, as in an LSTM, and no bias. List the gates of a GRU and "
        "its candidate, and see whether each has a bias.",
    ),
    section=GRU_SECTION,
    fails=[counts_the_first_layer],
)
def lstm_formula_without_bias(input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim)


@question.misconception(text=ONE_EXTRA_BIAS, section=RESET_AFTER_SECTION, fails=[counts_the_first_layer])
def one_extra_bias(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + input_dim + 1) + first_units


@question.misconception(
    text=Text(
        ko="두 번째 층을 셌습니다. 모델의 입력을 읽는 층이 어느 것인지 보세요.",
        en="You counted the second layer. Which one reads the model's input?",
    ),
    fails=[counts_the_first_layer],
)
def second_layer(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (first_units + second_units + 1)


@question.misconception(text=WHOLE_MODEL, fails=[counts_the_first_layer])
def whole_model(input_dim, first_units, second_units, dense_units):
    return (
        3 * first_units * (input_dim + first_units + 1)
        + 3 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )


@question.misconception(text=DENSE_LAYER, fails=[counts_the_first_layer])
def dense_layer(input_dim, first_units, second_units, dense_units):
    return dense_units * (second_units + 1)


@question.misconception(
    text=LECTURE_EXAMPLE, fails=[counts_the_first_layer], like=("units_and_input_dim_swapped",)
)
def lecture_example(input_dim, first_units, second_units, dense_units):
    return 540

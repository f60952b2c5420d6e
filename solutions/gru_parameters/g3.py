"""GRU problem 1: the Dense layer above two GRU layers."""

from autograder import Question, Text, expect

from ._shared import (
    BIAS_AS_LONG_AS_INPUT,
    DENSE_SECTION,
    LECTURE_EXAMPLE,
    ONE_UNIT_ONLY,
    STACK_SECTION,
    WHOLE_MODEL,
)

question = Question(
    title=Text(ko="문제 1-3: 세 번째 층", en="Problem 1.3: the third layer"),
    statement=Text(
        ko="""
위에 출력된 문제 1의 모델에서 **세 번째 층**의 파라미터는 몇 개일까요? 그 개수를 `g3`의 괄호 안에 쓰세요.
`3*(4+5)`처럼 계산식으로 써도 되고, 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
How many parameters does the **third layer** of problem 1 have, in the model printed above with your numbers? Between
the brackets of `g3`, write the calculation, as in `3*(4+5)`, or just its result. This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, GRU problem 1",
    numbers="problem1",
    returns="int",
    in_quiz=Text(
        ko="이 모델의 세 번째 층에서 학습되는 파라미터는 모두 몇 개인가요?",
        en="How many parameters does the third layer of this model learn?",
    ),
)


@question.answer
def g3(input_dim, first_units, second_units, dense_units):
    """Number of parameters of the Dense layer."""
    return dense_units * (second_units + 1)


@question.check(
    points=0.5,
    text=Text(ko="Dense 층의 파라미터 개수가 맞는다", en="the count of the Dense layer is right"),
)
def counts_the_dense(got, case, want):
    expect.number(got, want)


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨렸습니다. Dense의 유닛에도 하나씩 있습니다.",
        en="The bias is missing: the units of a Dense layer have one each.",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def no_bias(input_dim, first_units, second_units, dense_units):
    return second_units * dense_units


@question.misconception(
    text=Text(
        ko="모델의 입력 크기로 셌습니다. Dense가 실제로 읽는 것은 바로 아래층의 출력입니다.",
        en="You used the size of the model's input. What a Dense layer reads is the output of the "
        "layer below it.",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def original_input_dim(input_dim, first_units, second_units, dense_units):
    return dense_units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="첫 번째 층의 출력을 읽는 것으로 셌습니다. Dense 바로 아래에 있는 층이 어느 것인지 보세요.",
        en="You counted the Dense layer as reading the output of the first layer. Which layer is right "
        "below it?",
    ),
    section=STACK_SECTION,
    fails=[counts_the_dense],
    like=("recurrent_weights_added",),
)
def first_layer_below(input_dim, first_units, second_units, dense_units):
    return dense_units * (first_units + 1)


@question.misconception(
    text=Text(
        ko="두 GRU 층의 출력을 모두 읽는 것으로 셌습니다. 쌓은 층은 바로 아래층의 출력만 읽습니다.",
        en="You counted the Dense layer as reading the output of both GRU layers. It reads the layer right below.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_dense],
    like=("original_input_dim",),
)
def both_layers_below(input_dim, first_units, second_units, dense_units):
    return dense_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치까지 셌습니다. Dense는 이전 시점의 자기 출력을 다시 읽지 않습니다.",
        en="You counted recurrent weights. A Dense layer does not read its own previous output.",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def recurrent_weights_added(input_dim, first_units, second_units, dense_units):
    return dense_units * (second_units + dense_units + 1)


@question.misconception(
    text=Text(
        ko="층 전체에 편향을 하나만 셌습니다. 편향이 유닛마다 있는지 보세요.",
        en="You counted one bias for the whole layer. Does each unit have its own?",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def one_bias_in_all(input_dim, first_units, second_units, dense_units):
    return second_units * dense_units + 1


@question.misconception(
    text=Text(
        ko="읽는 수를 두 배로 셌습니다. 양방향이 아닌 GRU는 은닉 상태 하나만 내보냅니다.",
        en="You counted the input twice. A GRU that reads in one direction outputs one hidden state.",
    ),
    section=STACK_SECTION,
    fails=[counts_the_dense],
)
def both_directions(input_dim, first_units, second_units, dense_units):
    return 2 * second_units * dense_units + dense_units


@question.misconception(
    text=Text(
        ko="Dense에도 게이트와 후보가 있는 것처럼 세 배를 했습니다. 그것은 GRU에만 있습니다.",
        en="You multiplied the count by three, as if a Dense layer had gates and a candidate. Only the GRU "
        "has them.",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def gates_counted(input_dim, first_units, second_units, dense_units):
    return 3 * dense_units * (second_units + 1)


@question.misconception(
    text=Text(
        ko="네 배를 했습니다. Dense에는 게이트가 없습니다.",
        en="You multiplied the count by four. A Dense layer has no gates.",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def lstm_gates_counted(input_dim, first_units, second_units, dense_units):
    return 4 * dense_units * (second_units + 1)


@question.misconception(text=BIAS_AS_LONG_AS_INPUT, section=DENSE_SECTION, fails=[counts_the_dense])
def bias_as_long_as_input(input_dim, first_units, second_units, dense_units):
    return second_units * dense_units + second_units


@question.misconception(
    text=Text(
        ko="모두 두 번 셌습니다. Dense의 가중치 배열은 kernel과 bias 하나씩입니다.",
        en="You counted everything twice. A Dense layer holds one kernel and one bias.",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def everything_doubled(input_dim, first_units, second_units, dense_units):
    return 2 * dense_units * (second_units + 1)


@question.misconception(
    text=Text(
        ko="입력의 크기와 유닛의 개수를 곱하지 않고 더했습니다. 유닛마다 입력 전체에 곱하는 가중치가 "
        "있습니다.",
        en="You added the size of the input and the number of units instead of multiplying. Each unit "
        "has weights for the whole input.",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def sum_for_product(input_dim, first_units, second_units, dense_units):
    return second_units + dense_units + 1


@question.misconception(text=ONE_UNIT_ONLY, section=DENSE_SECTION, fails=[counts_the_dense])
def one_unit_only(input_dim, first_units, second_units, dense_units):
    return second_units + 1


@question.misconception(
    text=Text(
        ko="두 번째 층을 셌습니다. 여기에서는 그 위의 Dense 층을 묻습니다.",
        en="You counted the second layer. Count the Dense layer above it.",
    ),
    fails=[counts_the_dense],
)
def second_layer(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (first_units + second_units + 1)


@question.misconception(text=WHOLE_MODEL, fails=[counts_the_dense])
def whole_model(input_dim, first_units, second_units, dense_units):
    return (
        3 * first_units * (input_dim + first_units + 1)
        + 3 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )


@question.misconception(
    text=Text(
        ko="첫 번째 층을 셌습니다. 여기에서 어느 층을 묻는지 보세요.",
        en="That is the count of the first layer. Which layer is asked for here?",
    ),
    fails=[counts_the_dense],
)
def first_layer(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (input_dim + first_units + 1)


@question.misconception(
    text=Text(
        ko="GRU의 식으로 셌습니다. Dense의 식 y = xW + b에 게이트나 순환 가중치가 있는지 보세요.",
        en="That is the formula of a GRU. Look at y = xW + b: does a Dense layer have gates, or recurrent "
        "weights?",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def gru_formula(input_dim, first_units, second_units, dense_units):
    return 3 * dense_units * (second_units + dense_units + 1)


@question.misconception(
    text=Text(
        ko="편향을 두 세트 셌습니다. y = xW + b에 b가 몇 번 나오는지 보세요.",
        en="The bias was counted twice. How often does b appear in y = xW + b?",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
    like=("bias_as_long_as_input",),
)
def two_biases(input_dim, first_units, second_units, dense_units):
    return dense_units * (second_units + 2)


@question.misconception(
    text=Text(
        ko="Dense 층의 식은 맞는데, 아래층의 파라미터 개수를 넣었습니다. 아래층이 Dense에 넘겨주는 것은 "
        "무엇인가요?",
        en="The formula of a Dense layer is right, but you put in how many parameters the layer below has. "
        "What does that layer pass on to the Dense layer?",
    ),
    section=DENSE_SECTION,
    fails=[counts_the_dense],
)
def reads_the_count_below(input_dim, first_units, second_units, dense_units):
    return dense_units * (3 * second_units * (first_units + second_units + 1) + 1)


@question.misconception(text=LECTURE_EXAMPLE, fails=[counts_the_dense], like=("one_unit_only",))
def lecture_example(input_dim, first_units, second_units, dense_units):
    return 21

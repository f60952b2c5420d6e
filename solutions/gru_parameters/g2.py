"""GRU problem 1: the second layer of GRU(9), GRU(6), Dense(3)."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제 1-2: 두 번째 층", en="Problem 1.2: the second layer"),
    statement=Text(
        ko="""
입력 모양이 `(None, 10)`이고 `GRU(9, return_sequences=True, reset_after=False)`, `GRU(6, reset_after=False)`,
`Dense(3)`을 차례로 쌓은 모델입니다. **두 번째 층**의 파라미터 개수를 구하는 식을 `g2`의 괄호 안에 쓰세요.
파이썬의 사칙연산만 쓴 식이면 됩니다. 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
The model reads an input of shape `(None, 10)` and stacks `GRU(9, return_sequences=True, reset_after=False)`,
`GRU(6, reset_after=False)` and `Dense(3)`. Write the number of weights of the **second layer** between the
brackets of `g2`. Plain Python arithmetic is wanted; the finished number will do as well. Graded without
TensorFlow.
""",
    ),
    source="lecture notebook, GRU problem 1",
    numbers=({"input_dim": 10, "first_units": 9, "second_units": 6, "dense_units": 3},),
    returns="int",
)


@question.answer
def g2(input_dim, first_units, second_units, dense_units):
    """Number of weights of the second layer."""
    return 3 * second_units * (first_units + second_units + 1)


@question.check(
    points=1,
    text=Text(ko="두 번째 층의 파라미터 개수가 맞는다", en="the count of the second layer is right"),
)
def counts_the_second_layer(got, case, want):
    expect.number(got, want)


@question.misconception(
    text=Text(
        ko="둘 가운데 하나입니다. 두 번째 층이 모델의 입력을 읽는 것으로 셌거나, `reset_after=True`처럼 "
        "편향을 두 벌 셌습니다. 첫 번째 층이 한 시점에 무엇을 내보내는지, 모델의 코드가 "
        "`reset_after`를 어떻게 주었는지 보세요.",
        en="It is one of two things: either you let the second layer read the model's input, or you "
        "counted the bias twice, as for `reset_after=True`. What does the first layer give at one "
        "time step, and how does the code set `reset_after`?",
    ),
    fails=[counts_the_second_layer],
)
def original_input_or_two_biases(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (input_dim + second_units + 1)


@question.misconception(
    text=Text(
        ko="아래층이 내보내는 것을 두 배로 셌습니다. 양방향이 아닌 GRU는 한 시점에 은닉 상태 하나만 "
        "내보냅니다.",
        en="You counted twice what the layer below gives. A GRU that reads in one direction gives one "
        "hidden state a time step.",
    ),
    fails=[counts_the_second_layer],
)
def input_doubled(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (second_units + 2 * first_units + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치가 아래층의 은닉 상태를 읽는 것으로 셌습니다. 층은 자기의 은닉 상태를 다시 읽습니다.",
        en="You counted the recurrent weights as reading the hidden state of the layer below. A layer "
        "reads its own.",
    ),
    fails=[counts_the_second_layer],
)
def recurrent_weights_from_below(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (2 * first_units + 1)


@question.misconception(
    text=Text(
        ko="모델의 입력과 아래층의 출력을 함께 읽는 것으로 셌습니다. 차례로 쌓은 층은 바로 아래층만 "
        "읽습니다.",
        en="You counted both the model's input and the output of the layer below. A stacked layer reads "
        "the layer below and nothing else.",
    ),
    fails=[counts_the_second_layer],
)
def input_and_layer_below(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (input_dim + first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="두 층의 유닛 수를 바꾸어 썼습니다. 어느 쪽이 입력이고 어느 쪽이 은닉 상태인지 보세요.",
        en="The units of the two layers are swapped. Which are the input of this layer, and which its "
        "hidden state?",
    ),
    fails=[counts_the_second_layer],
)
def both_layers_swapped(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="아래층의 출력에 곱하는 가중치(kernel)를 빠뜨렸습니다. 은닉 상태만 읽는 층은 아래층이 낸 "
        "것을 알 수 없습니다.",
        en="The weights for the output of the layer below (kernel) are missing. A layer that reads only "
        "its hidden state would never see it.",
    ),
    fails=[counts_the_second_layer],
)
def no_input_weights(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (second_units + 1)


@question.misconception(
    text=Text(
        ko="첫 번째 층을 셌습니다. 두 번째 층은 유닛의 개수도, 읽는 것도 다릅니다.",
        en="You counted the first layer. The second has other units and reads something else.",
    ),
    fails=[counts_the_second_layer],
)
def first_layer(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (input_dim + first_units + 1)


@question.misconception(
    text=Text(
        ko="자기의 은닉 상태를 입력으로도 셌습니다. 입력은 아래층에서 옵니다.",
        en="You counted the layer's own hidden state as its input too. The input comes from the layer below.",
    ),
    fails=[counts_the_second_layer],
)
def input_as_long_as_units(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (2 * second_units + 1)


@question.misconception(
    text=Text(
        ko="LSTM처럼 네 벌을 셌습니다. GRU의 게이트와 후보를 하나씩 적어 보세요.",
        en="You counted four sets of weights, as in an LSTM. Write down the gates of a GRU and its "
        "candidate, one by one.",
    ),
    fails=[counts_the_second_layer],
)
def lstm_formula(input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (second_units + first_units + 1)


@question.misconception(
    text=Text(
        ko="게이트 둘만 셌습니다. 새 은닉 상태의 후보를 만드는 데에도 게이트만큼 가중치가 듭니다.",
        en="You counted the two gates only. The candidate for the new hidden state takes as many "
        "weights as a gate.",
    ),
    fails=[counts_the_second_layer],
)
def two_gates(input_dim, first_units, second_units, dense_units):
    return 2 * second_units * (second_units + first_units + 1)


@question.misconception(
    text=Text(
        ko="SimpleRNN처럼 한 벌만 셌습니다. GRU에는 게이트와 후보마다 한 벌씩 있습니다.",
        en="You counted one set of weights, as in a SimpleRNN. A GRU holds one for each gate and one "
        "for the candidate.",
    ),
    fails=[counts_the_second_layer],
)
def one_gate_of_three(input_dim, first_units, second_units, dense_units):
    return second_units * (second_units + first_units + 1)


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨렸습니다. Keras의 GRU에는 편향이 있습니다.",
        en="The bias is missing: the GRU of Keras has one.",
    ),
    fails=[counts_the_second_layer],
)
def no_bias(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (second_units + first_units)


@question.misconception(
    text=Text(
        ko="순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 말고 무엇을 더 읽는지 보세요.",
        en="The recurrent weights are missing. Besides its input, what else does the layer read at "
        "every time step?",
    ),
    fails=[counts_the_second_layer],
)
def no_recurrent_weights(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (first_units + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치를 유닛마다 하나씩만 셌습니다. 유닛 하나가 앞 시점의 은닉 상태에서 수를 몇 개 "
        "읽는지 보세요.",
        en="You counted one recurrent weight for each unit. How many numbers of the last hidden state "
        "does one unit read?",
    ),
    fails=[counts_the_second_layer],
)
def one_recurrent_weight_a_unit(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (first_units + 1 + 1)


@question.misconception(
    text=Text(
        ko="편향을 유닛 수만큼 더 셌습니다. 이 모델은 `reset_after=False`이고, 상태의 길이도 가중치가 "
        "아닙니다.",
        en="You added the number of units once more. This model has `reset_after=False`, and the length "
        "of the state is no weight either.",
    ),
    fails=[counts_the_second_layer],
)
def one_extra_bias(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (second_units + first_units + 1) + second_units


@question.misconception(
    text=Text(
        ko="편향을 게이트와 후보가 함께 쓰는 것으로 셌습니다. 편향도 저마다 따로 있습니다.",
        en="You counted biases shared by the gates and the candidate. Each has its own.",
    ),
    fails=[counts_the_second_layer],
)
def one_bias_for_all_gates(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (second_units + first_units) + 1 * second_units


@question.misconception(
    text=Text(
        ko="게이트마다 편향을 유닛 수와 상관없이 셌습니다. 편향이 유닛마다 있도록 괄호의 자리를 다시 보세요.",
        en="You counted the biases of a gate without regard to its units. Every unit has its own: check "
        "where the brackets stand.",
    ),
    fails=[counts_the_second_layer],
)
def one_bias_a_gate(input_dim, first_units, second_units, dense_units):
    return 3 * (second_units * (second_units + first_units) + 1)


@question.misconception(
    text=Text(
        ko="모두 두 번 셌습니다. `reset_after`도 `return_sequences`도 가중치를 한 벌씩 더 만들지는 않습니다.",
        en="You counted everything twice. Neither `reset_after` nor `return_sequences` makes a second "
        "set of all weights.",
    ),
    fails=[counts_the_second_layer],
)
def everything_doubled(input_dim, first_units, second_units, dense_units):
    return 6 * second_units * (second_units + first_units + 1)


@question.misconception(
    text=Text(
        ko="후보의 순환 가중치를 빠뜨렸습니다. 후보도 리셋 게이트를 거친 은닉 상태를 읽습니다.",
        en="The recurrent weights of the candidate are missing. It too reads the hidden state, through "
        "the reset gate.",
    ),
    fails=[counts_the_second_layer],
)
def candidate_without_recurrent_weights(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (first_units + 1) + 2 * second_units * second_units


@question.misconception(
    text=Text(
        ko="후보의 편향을 빠뜨렸습니다. 편향은 게이트에만 있는 것이 아닙니다.",
        en="The bias of the candidate is missing: not only the gates have one.",
    ),
    fails=[counts_the_second_layer],
)
def candidate_without_bias(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (second_units + first_units) + 2 * 1 * second_units


@question.misconception(
    text=Text(
        ko="유닛 하나의 가중치만 셌습니다. 층에 유닛이 몇 개 있는지 보세요.",
        en="You counted the weights of one unit. How many units does the layer have?",
    ),
    fails=[counts_the_second_layer],
)
def one_unit_only(input_dim, first_units, second_units, dense_units):
    return 3 * (second_units + first_units + 1)


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


@question.misconception(
    text=Text(
        ko="모델 전체를 셌습니다. 여기에서는 한 층만 묻습니다.",
        en="You counted the whole model. Only one layer is asked for here.",
    ),
    fails=[counts_the_second_layer],
)
def whole_model(input_dim, first_units, second_units, dense_units):
    return (
        3 * first_units * (input_dim + first_units + 1)
        + 3 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )

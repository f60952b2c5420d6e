"""GRU problem 1: the first layer of GRU(9), GRU(6), Dense(3)."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제 1-1: 첫 번째 층", en="Problem 1.1: the first layer"),
    statement=Text(
        ko="""
입력 모양이 `(None, 10)`이고 `GRU(9, return_sequences=True, reset_after=False)`, `GRU(6, reset_after=False)`,
`Dense(3)`을 차례로 쌓은 모델입니다. **첫 번째 층**의 파라미터 개수를 구하는 식을 `g1`의 괄호 안에 쓰세요.
파이썬의 사칙연산만 쓴 식이면 됩니다. 계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
The model reads an input of shape `(None, 10)` and stacks `GRU(9, return_sequences=True, reset_after=False)`,
`GRU(6, reset_after=False)` and `Dense(3)`. Write the number of weights of the **first layer** between the
brackets of `g1`. Plain Python arithmetic is wanted; the finished number will do as well. Graded without
TensorFlow.
""",
    ),
    source="lecture notebook, GRU problem 1",
    numbers=({"input_dim": 10, "first_units": 9, "second_units": 6, "dense_units": 3},),
    returns="int",
)


@question.answer
def g1(input_dim, first_units, second_units, dense_units):
    """Number of weights of the first layer."""
    return 3 * first_units * (input_dim + first_units + 1)


@question.check(
    points=1,
    text=Text(ko="첫 번째 층의 파라미터 개수가 맞는다", en="the count of the first layer is right"),
)
def counts_the_first_layer(got, case, want):
    expect.number(got, want)


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때의 개수입니다. 모델의 코드가 이 인수를 어떻게 주었는지 보세요.",
        en="That is the count for `reset_after=True`. See how the model's code sets this argument.",
    ),
    fails=[counts_the_first_layer],
)
def reset_after_count(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + input_dim + 2)


@question.misconception(
    text=Text(
        ko="LSTM처럼 네 벌을 셌습니다. GRU의 게이트와 후보를 하나씩 적어 보세요.",
        en="You counted four sets of weights, as in an LSTM. Write down the gates of a GRU and its "
        "candidate, one by one.",
    ),
    fails=[counts_the_first_layer],
)
def lstm_formula(input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="게이트 둘만 셌습니다. 새 은닉 상태의 후보를 만드는 데에도 게이트만큼 가중치가 듭니다.",
        en="You counted the two gates only. The candidate for the new hidden state takes as many "
        "weights as a gate.",
    ),
    fails=[counts_the_first_layer],
)
def two_gates(input_dim, first_units, second_units, dense_units):
    return 2 * first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="SimpleRNN처럼 한 벌만 셌습니다. GRU에는 게이트와 후보마다 한 벌씩 있습니다.",
        en="You counted one set of weights, as in a SimpleRNN. A GRU holds one for each gate and one "
        "for the candidate.",
    ),
    fails=[counts_the_first_layer],
)
def one_gate_of_three(input_dim, first_units, second_units, dense_units):
    return first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨렸습니다. Keras의 GRU에는 편향이 있습니다.",
        en="The bias is missing: the GRU of Keras has one.",
    ),
    fails=[counts_the_first_layer],
)
def no_bias(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + input_dim)


@question.misconception(
    text=Text(
        ko="순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 말고 무엇을 더 읽는지 보세요.",
        en="The recurrent weights are missing. Besides its input, what else does the layer read at "
        "every time step?",
    ),
    fails=[counts_the_first_layer],
)
def no_recurrent_weights(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="유닛의 개수와 입력의 크기를 바꾸어 썼습니다. 은닉 상태의 길이를 정하는 것이 어느 쪽인지 보세요.",
        en="The number of units and the size of the input are swapped. Which of them sets the length of "
        "the hidden state?",
    ),
    fails=[counts_the_first_layer],
)
def units_and_input_dim_swapped(input_dim, first_units, second_units, dense_units):
    return 3 * input_dim * (input_dim + first_units + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치를 유닛마다 하나씩만 셌습니다. 유닛 하나가 앞 시점의 은닉 상태에서 수를 몇 개 "
        "읽는지 보세요.",
        en="You counted one recurrent weight for each unit. How many numbers of the last hidden state "
        "does one unit read?",
    ),
    fails=[counts_the_first_layer],
)
def one_recurrent_weight_a_unit(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (input_dim + 1 + 1)


@question.misconception(
    text=Text(
        ko="편향을 유닛 수만큼 더 셌습니다. 이 모델은 `reset_after=False`이고, 상태의 길이도 가중치가 "
        "아닙니다.",
        en="You added the number of units once more. This model has `reset_after=False`, and the length "
        "of the state is no weight either.",
    ),
    fails=[counts_the_first_layer],
)
def one_extra_bias(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + input_dim + 1) + first_units


@question.misconception(
    text=Text(
        ko="편향을 게이트와 후보가 함께 쓰는 것으로 셌습니다. 편향도 저마다 따로 있습니다.",
        en="You counted biases shared by the gates and the candidate. Each has its own.",
    ),
    fails=[counts_the_first_layer],
)
def one_bias_for_all_gates(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + input_dim) + 1 * first_units


@question.misconception(
    text=Text(
        ko="게이트마다 편향을 유닛 수와 상관없이 셌습니다. 편향이 유닛마다 있도록 괄호의 자리를 다시 보세요.",
        en="You counted the biases of a gate without regard to its units. Every unit has its own: check "
        "where the brackets stand.",
    ),
    fails=[counts_the_first_layer],
)
def one_bias_a_gate(input_dim, first_units, second_units, dense_units):
    return 3 * (first_units * (first_units + input_dim) + 1)


@question.misconception(
    text=Text(
        ko="모두 두 번 셌습니다. `reset_after`도 `return_sequences`도 가중치를 한 벌씩 더 만들지는 않습니다.",
        en="You counted everything twice. Neither `reset_after` nor `return_sequences` makes a second "
        "set of all weights.",
    ),
    fails=[counts_the_first_layer],
)
def everything_doubled(input_dim, first_units, second_units, dense_units):
    return 6 * first_units * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="후보의 순환 가중치를 빠뜨렸습니다. 후보도 리셋 게이트를 거친 은닉 상태를 읽습니다.",
        en="The recurrent weights of the candidate are missing. It too reads the hidden state, through "
        "the reset gate.",
    ),
    fails=[counts_the_first_layer],
)
def candidate_without_recurrent_weights(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (input_dim + 1) + 2 * first_units * first_units


@question.misconception(
    text=Text(
        ko="후보의 편향을 빠뜨렸습니다. 편향은 게이트에만 있는 것이 아닙니다.",
        en="The bias of the candidate is missing: not only the gates have one.",
    ),
    fails=[counts_the_first_layer],
)
def candidate_without_bias(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + input_dim) + 2 * 1 * first_units


@question.misconception(
    text=Text(
        ko="게이트 둘에 유닛 수만큼을 더했습니다. 후보에도 게이트만큼 가중치가 듭니다.",
        en="You added the number of units to two gates. The candidate takes as many weights as a gate.",
    ),
    fails=[counts_the_first_layer],
)
def two_gates_and_one_bias(input_dim, first_units, second_units, dense_units):
    return 2 * first_units * (first_units + input_dim + 1) + first_units


@question.misconception(
    text=Text(
        ko="유닛 하나의 가중치만 셌습니다. 층에 유닛이 몇 개 있는지 보세요.",
        en="You counted the weights of one unit. How many units does the layer have?",
    ),
    fails=[counts_the_first_layer],
)
def one_unit_only(input_dim, first_units, second_units, dense_units):
    return 3 * (first_units + input_dim + 1)


@question.misconception(
    text=Text(
        ko="LSTM처럼 네 벌을 세고 편향을 빠뜨렸습니다. GRU의 게이트와 후보를 하나씩 적고, 저마다 편향이 "
        "있는지도 보세요.",
        en="You counted four sets of weights, as in an LSTM, and no bias. List the gates of a GRU and "
        "its candidate, and see whether each has a bias.",
    ),
    fails=[counts_the_first_layer],
)
def lstm_formula_without_bias(input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + input_dim)


@question.misconception(
    text=Text(
        ko="입력에 곱하는 가중치(kernel)를 빠뜨렸습니다. 은닉 상태만 읽는 층은 입력을 알 수 없습니다.",
        en="The weights of the input (kernel) are missing. A layer that reads only its hidden state "
        "would never see the input.",
    ),
    fails=[counts_the_first_layer],
)
def no_input_weights(input_dim, first_units, second_units, dense_units):
    return 3 * first_units * (first_units + 1)


@question.misconception(
    text=Text(
        ko="Dense 층처럼 셌습니다. GRU에는 순환 가중치와 게이트가 더 있습니다.",
        en="You counted as for a Dense layer. A GRU has recurrent weights and gates as well.",
    ),
    fails=[counts_the_first_layer],
)
def dense_formula(input_dim, first_units, second_units, dense_units):
    return first_units * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="괄호가 빠져 곱셈이 마지막 항에만 걸렸습니다. 무엇 전체에 곱하려던 것인지 보세요.",
        en="Without brackets only the last term is multiplied. What did you mean to multiply as a whole?",
    ),
    fails=[counts_the_first_layer],
)
def no_brackets(input_dim, first_units, second_units, dense_units):
    return first_units + input_dim + 1 * first_units * 3


@question.misconception(
    text=Text(
        ko="두 번째 층을 셌습니다. 모델의 입력을 읽는 층이 어느 것인지 보세요.",
        en="You counted the second layer. Which one reads the model's input?",
    ),
    fails=[counts_the_first_layer],
)
def second_layer(input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="모델 전체를 셌습니다. 여기에서는 한 층만 묻습니다.",
        en="You counted the whole model. Only one layer is asked for here.",
    ),
    fails=[counts_the_first_layer],
)
def whole_model(input_dim, first_units, second_units, dense_units):
    return (
        3 * first_units * (input_dim + first_units + 1)
        + 3 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )

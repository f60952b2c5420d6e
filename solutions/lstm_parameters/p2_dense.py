"""Problem 2: the Dense layer of LSTM(5), Dense(1) on 2 time steps of 10 numbers."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제 2-2: Dense 층", en="Problem 2.2: the Dense layer"),
    statement=Text(
        ko="""
입력 모양이 `(2, 10)`이고 `LSTM(5)`와 `Dense(1)`을 차례로 쌓은 모델입니다. **Dense 층**의 파라미터 개수를 구하는
식을 `p2_dense`의 괄호 안에 쓰세요. 파이썬의 사칙연산만 쓴 식이면 됩니다. 계산한 수를 바로 적어도 됩니다.
TensorFlow 없이 채점합니다.
""",
        en="""
The model reads an input of shape `(2, 10)` and stacks `LSTM(5)` and `Dense(1)`, in this order. Write the number
of weights of the **Dense layer** between the brackets of `p2_dense`. Plain Python arithmetic is wanted; the
finished number will do as well. Graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 2",
    numbers=({"timesteps": 2, "input_dim": 10, "units": 5, "dense_units": 1},),
    returns="int",
)


@question.answer
def p2_dense(timesteps, input_dim, units, dense_units):
    """Number of weights of the Dense layer."""
    return dense_units * (units + 1)


@question.check(
    points=1,
    text=Text(ko="Dense 층의 파라미터 개수가 맞는다", en="the count of the Dense layer is right"),
)
def counts_the_dense(got, case, want):
    expect.number(got, want)


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨렸습니다. Dense의 유닛에도 하나씩 있습니다.",
        en="The bias is missing: the units of a Dense layer have one each.",
    ),
    fails=[counts_the_dense],
)
def no_bias(timesteps, input_dim, units, dense_units):
    return units * dense_units


@question.misconception(
    text=Text(
        ko="둘 가운데 하나입니다. Dense에 순환 가중치를 더했거나, 입력의 크기와 유닛의 개수를 곱하지 "
        "않고 더했습니다. Dense가 자기 출력을 다시 읽는지, 유닛 하나에 가중치가 몇 개 드는지 보세요.",
        en="It is one of two things: either you gave the Dense layer recurrent weights, or you added "
        "the size of its input and its units instead of multiplying. Does it read its own output? "
        "How many weights does one unit have?",
    ),
    fails=[counts_the_dense],
)
def recurrent_weights_or_sum(timesteps, input_dim, units, dense_units):
    return dense_units * (units + dense_units + 1)


@question.misconception(
    text=Text(
        ko="둘 가운데 하나입니다. 시점의 개수를 곱했거나, 가중치를 두 벌 셌습니다. 시점이 가중치를 "
        "늘리는지, Dense의 가중치 배열이 몇 개인지 보세요.",
        en="It is one of two things: either you multiplied by the number of time steps, or you counted "
        "two sets of weights. Do time steps add weights? How many arrays does a Dense layer hold?",
    ),
    fails=[counts_the_dense],
)
def everything_twice(timesteps, input_dim, units, dense_units):
    return timesteps * (units * dense_units + dense_units)


@question.misconception(
    text=Text(
        ko="Dense에도 게이트가 있는 것처럼 네 배를 했습니다. 게이트는 LSTM에만 있습니다.",
        en="You took four times the count, as if a Dense layer had gates. Only the LSTM has them.",
    ),
    fails=[counts_the_dense],
)
def gates_counted(timesteps, input_dim, units, dense_units):
    return 4 * (units * dense_units + dense_units)


@question.misconception(
    text=Text(
        ko="편향을 입력의 수마다 하나씩 셌습니다. 편향은 입력이 아니라 유닛에 붙습니다.",
        en="You counted one bias for each number of the input. Biases belong to the units, not to the input.",
    ),
    fails=[counts_the_dense],
)
def bias_as_long_as_input(timesteps, input_dim, units, dense_units):
    return units * dense_units + units


@question.misconception(
    text=Text(
        ko="Dense가 읽는 입력의 크기가 다릅니다. 모델의 입력을 그대로 썼거나, 모든 시점을 이어 "
        "붙였거나, 은닉 상태와 셀 상태를 함께 셌습니다. LSTM이 위층에 무엇을 내보내는지 보세요.",
        en="The Dense layer reads an input of another size. Either you used the model's input, or "
        "joined all time steps, or counted the hidden and the cell state together. What does the "
        "LSTM give to the layer above?",
    ),
    fails=[counts_the_dense],
)
def input_of_another_size(timesteps, input_dim, units, dense_units):
    return input_dim * dense_units + dense_units


@question.misconception(
    text=Text(
        ko="모델 전체를 셌습니다. 여기에서는 한 층만 묻습니다.",
        en="You counted the whole model. Only one layer is asked for here.",
    ),
    fails=[counts_the_dense],
)
def whole_model(timesteps, input_dim, units, dense_units):
    return 4 * units * (input_dim + units + 1) + dense_units * (units + 1)


@question.misconception(
    text=Text(
        ko="LSTM 층을 셌습니다. 여기에서는 그 위의 Dense 층을 묻습니다.",
        en="You counted the LSTM layer. Here the Dense layer above it is asked for.",
    ),
    fails=[counts_the_dense],
)
def lstm_layer(timesteps, input_dim, units, dense_units):
    return 4 * units * (input_dim + units + 1)

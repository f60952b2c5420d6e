"""Problem 3: the third layer of LSTM(5), LSTM(7), Dense(1)."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제 3-3: 세 번째 층", en="Problem 3.3: the third layer"),
    statement=Text(
        ko="""
입력 모양이 `(2, 10)`이고 `LSTM(5, return_sequences=True)`, `LSTM(7)`, `Dense(1)`을 차례로 쌓은 모델입니다. **세
번째 층**의 파라미터 개수를 구하는 식을 `layer3`의 괄호 안에 쓰세요. 파이썬의 사칙연산만 쓴 식이면 됩니다.
계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
The model reads an input of shape `(2, 10)` and stacks `LSTM(5, return_sequences=True)`, `LSTM(7)` and
`Dense(1)`. Write the number of weights of the **third layer** between the brackets of `layer3`. Plain Python
arithmetic is wanted; the finished number will do as well. Graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 3",
    numbers=({"timesteps": 2, "input_dim": 10, "first_units": 5, "second_units": 7, "dense_units": 1},),
    returns="int",
)


@question.answer
def layer3(timesteps, input_dim, first_units, second_units, dense_units):
    """Number of weights of the Dense layer."""
    return dense_units * (second_units + 1)


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
def no_bias(timesteps, input_dim, first_units, second_units, dense_units):
    return second_units * dense_units


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
def recurrent_weights_or_sum(timesteps, input_dim, first_units, second_units, dense_units):
    return dense_units * (second_units + dense_units + 1)


@question.misconception(
    text=Text(
        ko="둘 가운데 하나입니다. 시점의 개수를 곱했거나, 가중치를 두 벌 셌습니다. 시점이 가중치를 "
        "늘리는지, Dense의 가중치 배열이 몇 개인지 보세요.",
        en="It is one of two things: either you multiplied by the number of time steps, or you counted "
        "two sets of weights. Do time steps add weights? How many arrays does a Dense layer hold?",
    ),
    fails=[counts_the_dense],
)
def everything_twice(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * (second_units * dense_units + dense_units)


@question.misconception(
    text=Text(
        ko="Dense에도 게이트가 있는 것처럼 네 배를 했습니다. 게이트는 LSTM에만 있습니다.",
        en="You took four times the count, as if a Dense layer had gates. Only the LSTM has them.",
    ),
    fails=[counts_the_dense],
)
def gates_counted(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * (second_units * dense_units + dense_units)


@question.misconception(
    text=Text(
        ko="편향을 입력의 수마다 하나씩 셌습니다. 편향은 입력이 아니라 유닛에 붙습니다.",
        en="You counted one bias for each number of the input. Biases belong to the units, not to the input.",
    ),
    fails=[counts_the_dense],
)
def bias_as_long_as_input(timesteps, input_dim, first_units, second_units, dense_units):
    return second_units * dense_units + second_units


@question.misconception(
    text=Text(
        ko="모델의 입력 크기로 셌습니다. Dense가 실제로 읽는 것은 바로 아래층의 출력입니다.",
        en="You used the size of the model's input. What a Dense layer reads is the output of the layer "
        "below it.",
    ),
    fails=[counts_the_dense],
)
def original_input_dim(timesteps, input_dim, first_units, second_units, dense_units):
    return input_dim * dense_units + dense_units


@question.misconception(
    text=Text(
        ko="첫 번째 층의 출력을 읽는 것으로 셌습니다. Dense 바로 아래에 있는 층이 어느 것인지 보세요.",
        en="You took the first layer for the one below. Which layer stands right under the Dense layer?",
    ),
    fails=[counts_the_dense],
)
def first_layer_below(timesteps, input_dim, first_units, second_units, dense_units):
    return first_units * dense_units + dense_units


@question.misconception(
    text=Text(
        ko="읽는 수를 두 배로 셌습니다. 모든 시점을 이어 붙였거나 은닉 상태와 셀 상태를 함께 센 것인데, "
        "두 번째 층이 위층에 무엇을 내보내는지 보세요.",
        en="You counted twice as many inputs: either all time steps joined, or the hidden and the cell "
        "state together. What does the second layer give to the layer above?",
    ),
    fails=[counts_the_dense],
)
def timesteps_or_both_states(timesteps, input_dim, first_units, second_units, dense_units):
    return 2 * second_units * dense_units + dense_units


@question.misconception(
    text=Text(
        ko="두 번째 층을 셌습니다. 여기에서는 그 위의 Dense 층을 묻습니다.",
        en="You counted the second layer. Here the Dense layer above it is asked for.",
    ),
    fails=[counts_the_dense],
)
def second_layer(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="모델 전체를 셌습니다. 여기에서는 한 층만 묻습니다.",
        en="You counted the whole model. Only one layer is asked for here.",
    ),
    fails=[counts_the_dense],
)
def whole_model(timesteps, input_dim, first_units, second_units, dense_units):
    return (
        4 * first_units * (input_dim + first_units + 1)
        + 4 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )

"""Problem 3: the second layer of LSTM(5), LSTM(7), Dense(1)."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="문제 3-2: 두 번째 층", en="Problem 3.2: the second layer"),
    statement=Text(
        ko="""
입력 모양이 `(2, 10)`이고 `LSTM(5, return_sequences=True)`, `LSTM(7)`, `Dense(1)`을 차례로 쌓은 모델입니다. **두
번째 층**의 파라미터 개수를 구하는 식을 `layer2`의 괄호 안에 쓰세요. 파이썬의 사칙연산만 쓴 식이면 됩니다.
계산한 수를 바로 적어도 됩니다. TensorFlow 없이 채점합니다.
""",
        en="""
The model reads an input of shape `(2, 10)` and stacks `LSTM(5, return_sequences=True)`, `LSTM(7)` and
`Dense(1)`. Write the number of weights of the **second layer** between the brackets of `layer2`. Plain Python
arithmetic is wanted; the finished number will do as well. Graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 3",
    numbers=({"timesteps": 2, "input_dim": 10, "first_units": 5, "second_units": 7, "dense_units": 1},),
    returns="int",
)


@question.answer
def layer2(timesteps, input_dim, first_units, second_units, dense_units):
    """Number of weights of the second layer."""
    return 4 * second_units * (first_units + second_units + 1)


@question.check(
    points=1,
    text=Text(ko="두 번째 층의 파라미터 개수가 맞는다", en="the count of the second layer is right"),
)
def counts_the_second_layer(got, case, want):
    expect.number(got, want)


@question.misconception(
    text=Text(
        ko="두 번째 층이 읽는 입력의 크기가 다릅니다. 모델의 입력을 그대로 썼거나, 은닉 상태와 셀 "
        "상태를 함께 셌거나, 모든 시점을 이어 붙였습니다. 첫 번째 층이 한 시점에 무엇을 내보내는지 "
        "보세요.",
        en="The second layer reads an input of another size. Either you used the model's input, or "
        "counted the hidden and the cell state together, or joined all time steps. What does the "
        "first layer give at one time step?",
    ),
    fails=[counts_the_second_layer],
)
def input_of_another_size(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (input_dim + second_units + 1)


@question.misconception(
    text=Text(
        ko="시점의 개수를 곱했습니다. `return_sequences=True`는 출력의 모양만 바꾸고, 가중치는 모든 "
        "시점에서 다시 쓰입니다.",
        en="You multiplied by the number of time steps. `return_sequences=True` changes the shape of "
        "the output only; the same weights serve every time step.",
    ),
    fails=[counts_the_second_layer],
)
def times_timesteps(timesteps, input_dim, first_units, second_units, dense_units):
    return timesteps * 4 * second_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치가 아래층의 은닉 상태를 읽는 것으로 셌습니다. 층은 자기의 은닉 상태를 다시 읽습니다.",
        en="You counted the recurrent weights as reading the hidden state of the layer below. A layer "
        "reads its own.",
    ),
    fails=[counts_the_second_layer],
)
def recurrent_weights_from_below(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (2 * first_units + 1)


@question.misconception(
    text=Text(
        ko="모델의 입력과 아래층의 출력을 함께 읽는 것으로 셌습니다. 차례로 쌓은 층은 바로 아래층만 "
        "읽습니다.",
        en="You counted both the model's input and the output of the layer below. A stacked layer reads "
        "the layer below and nothing else.",
    ),
    fails=[counts_the_second_layer],
)
def input_and_layer_below(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (input_dim + first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="두 층의 유닛 수를 바꾸어 썼습니다. 어느 쪽이 입력이고 어느 쪽이 은닉 상태인지 보세요.",
        en="The units of the two layers are swapped. Which are the input of this layer, and which its "
        "hidden state?",
    ),
    fails=[counts_the_second_layer],
)
def both_layers_swapped(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="아래층의 출력에 곱하는 가중치(kernel)를 빠뜨렸습니다. 은닉 상태만 읽는 층은 아래층이 낸 "
        "것을 알 수 없습니다.",
        en="The weights for the output of the layer below (kernel) are missing. A layer that reads only "
        "its hidden state would never see it.",
    ),
    fails=[counts_the_second_layer],
)
def no_input_weights(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (second_units + 1)


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨렸습니다. 게이트마다 유닛 하나에 편향이 하나씩 있습니다.",
        en="The bias is missing: each gate has one for every unit.",
    ),
    fails=[counts_the_second_layer],
)
def no_bias(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (first_units + second_units)


@question.misconception(
    text=Text(
        ko="순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 말고 무엇을 더 읽는지 보세요.",
        en="The recurrent weights are missing. Besides its input, what else does the layer read at "
        "every time step?",
    ),
    fails=[counts_the_second_layer],
)
def no_recurrent_weights(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (first_units + 1)


@question.misconception(
    text=Text(
        ko="편향을 두 벌 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 다릅니다. Keras가 보여 주는 "
        "bias의 모양을 보세요.",
        en="You counted the bias twice. That is how PyTorch's LSTM has it; look at the shape of the "
        "bias that Keras shows.",
    ),
    fails=[counts_the_second_layer],
)
def two_biases(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (first_units + second_units + 2)


@question.misconception(
    text=Text(
        ko="첫 번째 층을 셌습니다. 두 번째 층은 유닛의 개수도, 읽는 것도 다릅니다.",
        en="You counted the first layer. The second has other units and reads something else.",
    ),
    fails=[counts_the_second_layer],
)
def first_layer(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (input_dim + first_units + 1)


@question.misconception(
    text=Text(
        ko="가중치를 세 벌만 셌습니다. 이름에 ‘게이트’가 없어도 자기 가중치를 가진 것이 있습니다. 셀 "
        "상태에 새로 쓸 값이 어디에서 나오는지 보세요.",
        en="You counted three sets of weights. Something that is not called a gate has its own set too: "
        "where does the value written to the cell state come from?",
    ),
    fails=[counts_the_second_layer],
)
def three_gates(timesteps, input_dim, first_units, second_units, dense_units):
    return 3 * second_units * (first_units + second_units + 1)


@question.misconception(
    text=Text(
        ko="자기의 은닉 상태를 입력으로도 셌습니다. 입력은 아래층에서 옵니다.",
        en="You counted the layer's own hidden state as its input too. The input comes from the layer below.",
    ),
    fails=[counts_the_second_layer],
)
def input_as_long_as_units(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (2 * second_units + 1)


@question.misconception(
    text=Text(
        ko="게이트 네 개 가운데 하나만 셌습니다. LSTM에는 게이트 세 개와 셀 후보까지 네 벌의 가중치가 "
        "있습니다.",
        en="You counted one gate of four: an LSTM holds weights for three gates and for the cell candidate.",
    ),
    fails=[counts_the_second_layer],
)
def one_gate_of_four(timesteps, input_dim, first_units, second_units, dense_units):
    return second_units * (second_units + first_units + 1)


@question.misconception(
    text=Text(
        ko="가중치를 두 벌만 셌습니다. LSTM의 게이트와 셀 후보를 하나씩 적어 보세요.",
        en="You counted two sets of weights. Write down the gates of an LSTM and its cell candidate, "
        "one by one.",
    ),
    fails=[counts_the_second_layer],
)
def two_gates(timesteps, input_dim, first_units, second_units, dense_units):
    return 2 * second_units * (second_units + first_units + 1)


@question.misconception(
    text=Text(
        ko="가중치를 한 벌 더 셌습니다. 셀 상태는 층이 계산해서 들고 다니는 값이고, 학습되는 가중치가 "
        "아닙니다.",
        en="You counted one set of weights too many. The cell state is a value the layer computes and "
        "carries along; nothing in it is learnt.",
    ),
    fails=[counts_the_second_layer],
)
def cell_state_as_a_fifth(timesteps, input_dim, first_units, second_units, dense_units):
    return 5 * second_units * (second_units + first_units + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치를 적게 셌습니다. 유닛마다 하나씩만 셌거나, 게이트마다 있는 것을 한 벌만 "
        "셌습니다. recurrent kernel의 두 축을 보세요.",
        en="You counted too few recurrent weights: either one for each unit, or one set for all gates. "
        "Look at both axes of the recurrent kernel.",
    ),
    fails=[counts_the_second_layer],
)
def recurrent_weights_too_few(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (first_units + 2)


@question.misconception(
    text=Text(
        ko="편향을 한 벌만 두고 네 곳에서 함께 쓰는 것으로 셌습니다. 편향도 게이트와 셀 후보마다 따로 "
        "있습니다.",
        en="You counted one set of biases shared by all. The gates and the cell candidate each have "
        "their own.",
    ),
    fails=[counts_the_second_layer],
)
def one_bias_for_all_gates(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (second_units + first_units) + second_units


@question.misconception(
    text=Text(
        ko="게이트마다 편향을 하나만 셌습니다. 편향이 유닛마다 있도록 괄호의 자리를 다시 보세요.",
        en="You counted a single bias for each gate. Every unit has its own: check where the brackets stand.",
    ),
    fails=[counts_the_second_layer],
)
def one_bias_a_gate(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * (second_units * (second_units + first_units) + 1)


@question.misconception(
    text=Text(
        ko="은닉 상태와 셀 상태의 길이를 더했습니다. 상태는 시점마다 계산되는 값이고 학습되지 않습니다.",
        en="You added the lengths of the hidden state and the cell state. States are computed at every "
        "time step; they are not learnt.",
    ),
    fails=[counts_the_second_layer],
)
def states_counted(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (second_units + first_units + 1) + 2 * second_units


@question.misconception(
    text=Text(
        ko="게이트가 셀 상태를 들여다보는 가중치(peephole)를 더했습니다. 그런 LSTM도 있지만 Keras의 "
        "LSTM에는 없습니다.",
        en="You added weights by which the gates look at the cell state (peepholes). Some LSTMs have "
        "them; the one of Keras does not.",
    ),
    fails=[counts_the_second_layer],
)
def peepholes(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (second_units + first_units + 1) + 3 * second_units


@question.misconception(
    text=Text(
        ko="유닛 하나의 가중치만 셌습니다. 층에 유닛이 몇 개 있는지 보세요.",
        en="You counted the weights of one unit. How many units does the layer have?",
    ),
    fails=[counts_the_second_layer],
)
def one_unit_only(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * (second_units + first_units + 1)


@question.misconception(
    text=Text(
        ko="forget 게이트의 편향을 한 번 더 셌습니다. `unit_forget_bias`는 그 편향의 첫값을 정할 뿐, "
        "편향을 더 만들지 않습니다.",
        en="You counted the bias of the forget gate once more. `unit_forget_bias` only sets its initial "
        "value; it adds no bias.",
    ),
    fails=[counts_the_second_layer],
)
def forget_bias_counted_twice(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * second_units * (second_units + first_units + 1) + second_units


@question.misconception(
    text=Text(
        ko="첫 번째 층까지 더했습니다. 여기에서는 두 번째 층만 묻습니다.",
        en="You added the first layer. Only the second is asked for here.",
    ),
    fails=[counts_the_second_layer],
)
def both_layers(timesteps, input_dim, first_units, second_units, dense_units):
    return 4 * first_units * (input_dim + first_units + 1) + 4 * second_units * (
        first_units + second_units + 1
    )


@question.misconception(
    text=Text(
        ko="모델 전체를 셌습니다. 여기에서는 한 층만 묻습니다.",
        en="You counted the whole model. Only one layer is asked for here.",
    ),
    fails=[counts_the_second_layer],
)
def whole_model(timesteps, input_dim, first_units, second_units, dense_units):
    return (
        4 * first_units * (input_dim + first_units + 1)
        + 4 * second_units * (first_units + second_units + 1)
        + dense_units * (second_units + 1)
    )

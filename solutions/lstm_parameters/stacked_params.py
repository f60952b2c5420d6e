"""A stack of LSTM layers with a Dense layer on top: how many parameters does each hold?"""

from autograder import Case, Fail, Question, Text, expect

question = Question(
    title=Text(ko="쌓은 층의 파라미터 개수", en="Parameters of stacked layers"),
    statement=Text(
        ko="""
LSTM 층을 여러 개 쌓고 맨 위에 Dense 층을 하나 올린 모델이 있습니다. 층마다 학습되는 파라미터의 개수를 차례로 담은
리스트를 돌려주는 함수 `stacked_params(input_dim, lstm_units, dense_units)`를 완성하세요.

- `input_dim`은 모델이 시점마다 읽는 수의 개수입니다.
- `lstm_units`는 LSTM 층의 유닛 수를 아래층부터 적은 리스트입니다. 층은 하나일 수도, 여럿일 수도 있습니다.
- `dense_units`는 Dense 층의 유닛 수입니다.
- 맨 위의 LSTM만 마지막 은닉 상태를 내보내고, 나머지는 `return_sequences=True`입니다.
- 돌려주는 리스트에는 층마다 정수가 하나씩 있고, Dense의 개수가 마지막입니다.
- 받은 리스트 `lstm_units`는 부른 쪽의 것이므로 바꾸지 마세요.
- TensorFlow 없이 채점하므로 식을 쓰세요. 앞에서 만든 함수를 불러도 됩니다.
""",
        en="""
A model stacks one or more LSTM layers and puts a Dense layer on top. Complete
`stacked_params(input_dim, lstm_units, dense_units)` so that it returns a list with the number of parameters that each
layer learns, from the lowest layer up.

- `input_dim` is how many numbers the model reads at each time step.
- `lstm_units` is a list with the units of the LSTM layers, the lowest first. There may be one layer or several.
- `dense_units` is the number of units of the Dense layer.
- The topmost LSTM gives its last hidden state only; the others have `return_sequences=True`.
- The list you return holds one whole number a layer, the count of the Dense layer last.
- The list `lstm_units` belongs to the caller: leave it as it was.
- This is graded without TensorFlow: write the formula. You may call the functions you wrote above.
""",
    ),
    source="lecture notebook, LSTM problem 3",
    sample=(3, [4, 2], 5),
    returns="list",
)


@question.answer
def stacked_params(input_dim, lstm_units, dense_units):
    """Number of parameters of each layer of an LSTM stack with a Dense layer on top.

    input_dim, dense_units: int >= 1. lstm_units: list of int >= 1, the lowest layer first.
    Returns a list of int, one a layer, the Dense layer last.
    층마다 파라미터 개수를 하나씩 담은 리스트를 돌려줍니다. Dense가 마지막입니다.
    """
    layer_counts = []
    reads = input_dim
    for units in lstm_units:
        layer_counts.append(4 * units * (reads + units + 1))
        reads = units
    layer_counts.append(dense_units * (reads + 1))
    return layer_counts


@question.example
def example(stacked_params):
    assert stacked_params(3, [4], 5) == [128, 25]
    assert stacked_params(3, [4, 2], 5) == [128, 56, 15]


@question.cases
def cases(rng):
    drawn = []
    for n_layers in (1, 1, 2, 2, 3, 3, 4, 4):
        sizes = [int(size) for size in rng.permutation(range(2, 40))[: n_layers + 2]]
        drawn.append(Case(sizes[0], sizes[1:-1], sizes[-1]))
    return drawn


def has_later_layers(case):
    return len(case.args[1]) > 1


@question.check(
    points=1,
    text=Text(ko="첫 번째 층의 개수가 맞는다", en="counts the first layer"),
)
def counts_first_layer(got, case, want):
    expect.counts(got, want, where=slice(0, 1))


@question.check(
    points=2,
    text=Text(
        ko="LSTM이 몇 층이든 두 번째부터의 LSTM 층의 개수가 맞는다",
        en="counts the second LSTM layer and every one above it",
    ),
    when=has_later_layers,
)
def counts_later_layers(got, case, want):
    expect.counts(got, want, where=slice(1, -1))


@question.check(
    points=1,
    text=Text(ko="Dense 층의 개수가 맞는다", en="counts the Dense layer"),
)
def counts_dense(got, case, want):
    expect.counts(got, want, where=slice(-1, None))


@question.check(
    points=1,
    text=Text(ko="받은 리스트를 그대로 둔다", en="leaves the list it was given as it was"),
    needs=counts_later_layers,
    judges="arguments",
)
def leaves_its_list(got, case, want):
    if got[1] != want[1]:
        raise Fail(
            Text(
                ko="부른 뒤에 lstm_units의 내용이 달라졌습니다.",
                en="after the call, lstm_units no longer holds what it held",
            )
        )


@question.misconception(
    text=Text(
        ko="모든 LSTM 층이 모델의 입력을 읽는 것으로 셌습니다. 두 번째 층부터는 무엇을 읽는지 보세요.",
        en="You let every LSTM layer read the model's input. What do the layers above the first read?",
    ),
    fails=[counts_later_layers],
)
def original_input_dim(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim] * len(lstm_units), lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="Dense까지 모든 층이 모델의 입력을 읽는 것으로 셌습니다. 쌓은 층은 바로 아래층의 출력을 읽습니다.",
        en="You let every layer, the Dense one too, read the model's input. A stacked layer reads the "
        "output of the layer below.",
    ),
    fails=[counts_later_layers, counts_dense],
)
def original_input_dim_for_all(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim] * len(lstm_units), lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (input_dim + 1)]


@question.misconception(
    text=Text(
        ko="Dense가 모델의 입력을 읽는 것으로 셌습니다. Dense 바로 아래에 어느 층이 있는지 보세요.",
        en="You let the Dense layer read the model's input. Which layer stands right under it?",
    ),
    fails=[counts_dense],
)
def original_input_dim_for_dense(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (input_dim + 1)]


@question.misconception(
    text=Text(
        ko="위층이 읽는 수를 두 배로 셌습니다. 위층에 넘겨지는 것이 은닉 상태인지, 셀 상태까지인지 보세요.",
        en="The upper layers were counted as reading twice as much. What does an LSTM pass to the layer "
        "above: the hidden state, or the cell state as well?",
    ),
    fails=[counts_later_layers],
)
def input_doubled(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *(2 * size for size in lstm_units[:-1])], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="순환 가중치가 층의 입력과 같은 길이를 읽는 것으로 셌습니다. 층이 되읽는 은닉 상태의 길이를 "
        "무엇이 정하는지 보세요.",
        en="You counted the recurrent weights as if they read as many numbers as the input has. What "
        "sets the length of the hidden state that a layer reads back?",
    ),
    fails=[counts_first_layer, counts_later_layers],
)
def recurrent_weights_from_below(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (2 * below + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="위층이 모델의 입력과 아래층의 출력을 함께 읽는 것으로 셌습니다. 차례로 쌓은 층은 바로 "
        "아래층만 읽습니다.",
        en="You let the upper layers read the model's input beside the layer below. A stacked layer "
        "reads the layer below and nothing else.",
    ),
    fails=[counts_later_layers],
)
def input_and_layer_below(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *(input_dim + size for size in lstm_units[:-1])], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="층의 유닛 수와 입력의 크기를 바꾸어 썼습니다. 은닉 상태의 길이를 정하는 것이 어느 쪽인지 보세요.",
        en="The units of a layer and the size of its input are swapped. Which of them sets the length "
        "of the hidden state?",
    ),
    fails=[counts_first_layer, counts_later_layers],
)
def units_and_input_swapped(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * below * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="위층에서 아래층의 출력에 곱하는 가중치(kernel)를 빠뜨렸습니다.",
        en="In the upper layers, the weights for the output of the layer below (kernel) are missing.",
    ),
    fails=[counts_later_layers],
)
def no_input_weights_above(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *(0 for _ in lstm_units[:-1])], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="LSTM 층의 편향(bias)을 빠뜨렸습니다. 게이트와 셀 후보마다 유닛 하나에 편향이 하나씩 있습니다.",
        en="The bias of the LSTM layers is missing. Each gate, and the cell candidate, has one for every unit.",
    ),
    fails=[counts_first_layer, counts_later_layers],
)
def no_lstm_bias(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="모든 층에서 편향(bias)을 빠뜨렸습니다. LSTM과 Dense의 유닛에는 모두 편향이 있습니다.",
        en="The bias is missing in every layer. The units of LSTM and Dense layers all have one.",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
)
def no_bias_anywhere(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units) for below, units in pairs]
    return [*lstm_counts, dense_units * lstm_units[-1]]


@question.misconception(
    text=Text(
        ko="Dense 층의 편향(bias)을 빠뜨렸습니다. Dense의 유닛에도 하나씩 있습니다.",
        en="The bias of the Dense layer is missing: its units have one each.",
    ),
    fails=[counts_dense],
)
def no_dense_bias(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * lstm_units[-1]]


@question.misconception(
    text=Text(
        ko="LSTM 층의 순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 말고 무엇을 더 "
        "읽는지 보세요.",
        en="The recurrent weights of the LSTM layers are missing. Besides its input, what else does a "
        "layer read at every time step?",
    ),
    fails=[counts_first_layer, counts_later_layers],
)
def no_recurrent_weights(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="LSTM 층의 편향을 두 벌 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 다릅니다.",
        en="You counted the bias of the LSTM layers twice. That is how PyTorch has it, not Keras.",
    ),
    fails=[counts_first_layer, counts_later_layers],
)
def two_biases(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 2) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="모든 LSTM 층에 첫 번째 층의 개수를 적었습니다. 층마다 유닛의 개수와 읽는 것이 다릅니다.",
        en="You gave every LSTM layer the count of the first. Each has its own units and reads "
        "something else.",
    ),
    fails=[counts_later_layers],
)
def same_as_first(input_dim, lstm_units, dense_units):
    first_count = 4 * lstm_units[0] * (input_dim + lstm_units[0] + 1)
    return [first_count] * len(lstm_units) + [dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="두 번째 층부터 모두 첫 번째 층을 읽는 것으로 셌습니다. 층이 셋 이상일 때 세 번째 층의 바로 "
        "아래가 어느 층인지 보세요.",
        en="You let every layer above the first read the first one. With three layers or more, which is "
        "right under the third?",
    ),
    fails=[counts_later_layers],
)
def first_layer_below_all(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *(lstm_units[0] for _ in lstm_units[:-1])], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="위층이 자기 유닛 수만큼 읽는 것으로 셌습니다. 입력은 아래층에서 옵니다.",
        en="You let the upper layers read as many numbers as they have units. Their input comes from "
        "the layer below.",
    ),
    fails=[counts_later_layers],
)
def input_as_long_as_units(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[1:]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="가중치를 세 벌만 셌습니다. 이름에 ‘게이트’가 없어도 자기 가중치를 가진 것이 있습니다. 셀 "
        "상태에 새로 쓸 값이 어디에서 나오는지 보세요.",
        en="You counted three sets of weights. Something that is not called a gate has its own set too: "
        "where does the value written to the cell state come from?",
    ),
    fails=[counts_first_layer, counts_later_layers],
)
def three_gates(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [3 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="가중치와 편향을 한 벌만 셌습니다. 게이트와 셀 후보를 하나씩 적어 보고, 저마다 한 벌씩 있는지 "
        "보세요.",
        en="One set of weights and biases was counted. Write down the gates and the cell candidate: has "
        "each a set of its own?",
    ),
    fails=[counts_first_layer, counts_later_layers],
)
def one_gate_of_four(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="층마다의 개수가 아니라 그 층까지 더한 개수를 적었습니다.",
        en="You listed running totals. Each place of the list is for one layer alone.",
    ),
    fails=[counts_later_layers, counts_dense],
)
def running_total(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    own = [*lstm_counts, dense_units * (lstm_units[-1] + 1)]
    return [sum(own[: place + 1]) for place in range(len(own))]


@question.misconception(
    text=Text(
        ko="모델 전체의 개수 하나를 돌려주었습니다. 층마다 하나씩 리스트에 담으세요.",
        en="You returned one count for the whole model. Return a list with one count a layer.",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
)
def total_instead_of_list(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return sum(lstm_counts) + dense_units * (lstm_units[-1] + 1)


@question.misconception(
    text=Text(
        ko="Dense 층이 리스트에 없습니다. 맨 위의 층도 리스트의 마지막에 넣으세요.",
        en="The Dense layer is not in the list. The topmost layer belongs there too, at the end.",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
)
def dense_left_out(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    return [4 * units * (below + units + 1) for below, units in pairs]


@question.misconception(
    text=Text(
        ko="Dense가 첫 번째 LSTM 층을 읽는 것으로 셌습니다. Dense 바로 아래에 어느 층이 있는지 보세요.",
        en="You let the Dense layer read the first LSTM layer. Which layer stands right under it?",
    ),
    fails=[counts_dense],
)
def dense_reads_first_lstm(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[0] + 1)]


@question.misconception(
    text=Text(
        ko="Dense가 모든 LSTM 층의 출력을 읽는 것으로 셌습니다. 차례로 쌓은 층은 바로 아래층만 읽습니다.",
        en="You let the Dense layer read the output of all LSTM layers. A stacked layer reads the one "
        "right below.",
    ),
    fails=[counts_dense],
)
def dense_reads_all_lstms(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (sum(lstm_units) + 1)]


@question.misconception(
    text=Text(
        ko="Dense에도 게이트가 있는 것처럼 LSTM의 식으로 셌습니다. Dense에는 게이트도 순환 가중치도 "
        "없습니다.",
        en="You counted the Dense layer as an LSTM. It has neither gates nor recurrent weights.",
    ),
    fails=[counts_dense],
)
def dense_gates(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, 4 * dense_units * (lstm_units[-1] + dense_units + 1)]


@question.misconception(
    text=Text(
        ko="Dense에도 게이트가 있는 것처럼 네 배를 했습니다. 게이트는 LSTM에만 있습니다.",
        en="You took four times the count, as if a Dense layer had gates. Only the LSTM has them.",
    ),
    fails=[counts_dense],
)
def dense_times_four(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, 4 * dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="순환 가중치까지 셌습니다. Dense는 자기가 앞에 낸 값을 다시 읽지 않습니다.",
        en="You counted recurrent weights. A Dense layer does not read what it gave before.",
    ),
    fails=[counts_dense],
)
def dense_recurrent_weights(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + dense_units + 1)]


@question.misconception(
    text=Text(
        ko="Dense 층 전체에 편향을 하나만 셌습니다. 편향이 유닛마다 있는지 보세요.",
        en="You counted one bias for the whole Dense layer. Does each unit have its own?",
    ),
    fails=[counts_dense],
)
def dense_one_bias(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * lstm_units[-1] + 1]


@question.misconception(
    text=Text(
        ko="Dense의 편향을 입력의 수마다 하나씩 셌습니다. 편향은 입력이 아니라 유닛에 붙습니다.",
        en="You counted one bias of the Dense layer for each number of its input. Biases belong to the "
        "units.",
    ),
    fails=[counts_dense],
)
def dense_bias_as_long_as_input(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * lstm_units[-1] + lstm_units[-1]]


@question.misconception(
    text=Text(
        ko="Dense에서 입력의 크기와 유닛의 개수를 곱하지 않고 더했습니다.",
        en="In the Dense layer you added the size of the input and the number of units instead of "
        "multiplying.",
    ),
    fails=[counts_dense],
)
def dense_sum_for_product(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, lstm_units[-1] + dense_units + 1]


@question.misconception(
    text=Text(
        ko="Dense의 유닛 하나의 가중치만 셌습니다. Dense에 유닛이 몇 개 있는지 보세요.",
        en="You counted the weights of one unit of the Dense layer. How many units does it have?",
    ),
    fails=[counts_dense],
)
def dense_one_unit_only(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, lstm_units[-1] + 1]


@question.misconception(
    text=Text(
        ko="개수는 맞지만 받은 리스트를 바꾸었습니다. pop, insert, append, sort 같은 메서드는 부른 쪽의 "
        "리스트를 고칩니다. 읽기만 하거나 사본을 만드세요.",
        en="The counts are right, but the list you were given is changed. Methods such as pop, insert, "
        "append or sort work on the caller's own list: only read it, or make a copy.",
    ),
    fails=[leaves_its_list],
)
def changes_its_list(input_dim, lstm_units, dense_units):
    layer_counts, reads = [], input_dim
    while lstm_units:
        units = lstm_units.pop(0)
        layer_counts.append(4 * units * (reads + units + 1))
        reads = units
    return [*layer_counts, dense_units * (reads + 1)]

"""A stack of LSTM layers with a Dense layer on top: how many parameters does each hold?"""

import itertools

from autograder import Case, Fail, Question, Text, expect

from ._shared import (
    ARRAYS_SECTION,
    DENSE_SECTION,
    LSTM_SECTION,
    NO_DENSE_BIAS,
    ONE_GATE_OF_FOUR,
    RNN_SECTION,
    STACK_SECTION,
    THREE_GATES,
)

question = Question(
    title=Text(ko="쌓은 층의 파라미터 개수", en="Parameters of stacked layers"),
    statement=Text(
        ko="""
LSTM 층을 여러 개 쌓고 맨 위에 Dense 층을 하나 올린 모델이 있습니다. 층마다 학습되는 파라미터의 개수를 아래층부터
순서대로 담은 리스트를 돌려주는 함수 `stacked_params(input_dim, lstm_units, dense_units)`를 완성하세요.

- `input_dim`은 모델이 시점마다 읽는 수의 개수입니다.
- `lstm_units`는 LSTM 층의 유닛 수를 아래층부터 적은 리스트입니다. 층은 하나일 수도, 여럿일 수도 있습니다.
- `dense_units`는 Dense 층의 유닛 수입니다.
- 맨 위의 LSTM만 마지막 은닉 상태를 내보내고, 나머지는 `return_sequences=True`입니다.
- 돌려주는 리스트에는 층마다 정수가 하나씩 있고, Dense의 개수가 마지막입니다. (튜플이나 배열로 돌려주어도 됩니다.)
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
- The topmost LSTM outputs only its last hidden state; the others have `return_sequences=True`.
- The list you return holds one whole number per layer, the count of the Dense layer last. (A tuple or an array is
  fine, too.)
- The list `lstm_units` belongs to the caller: do not change it.
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
    assert list(stacked_params(3, [4], 5)) == [128, 25]
    assert list(stacked_params(3, [4, 2], 5)) == [128, 56, 15]


@question.cases
def cases(rng):
    # two layers of one size are two layers
    drawn = [Case(5, [7, 7], 3), Case(6, [9, 4, 9], 11)]
    for n_layers in (1, 1, 2, 2, 3, 3, 4, 4):
        sizes = [int(size) for size in rng.permutation(range(2, 40))[: n_layers + 2]]
        drawn.append(Case(sizes[0], sizes[1:-1], sizes[-1]))
    return drawn


def has_later_layers(case):
    return len(case.args[1]) > 1


@question.check(
    points=0.5,
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
    points=0.5,
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


@question.follows("lstm_params", "dense_params")
def by_own(lstm_params, dense_params, input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    return [*(lstm_params(below, units) for below, units in pairs), dense_params(lstm_units[-1], dense_units)]


# What the mistakes at the end leave as it should be.


def lstm(below, units):
    return 4 * units * (below + units + 1)


def dense(below, units):
    return units * (below + 1)


def stacked(input_dim, lstm_units, dense_units, lstm=lstm, dense=dense):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    return [*(lstm(below, units) for below, units in pairs), dense(lstm_units[-1], dense_units)]


def lacks_brackets(got, case, want):
    """Seen in LSTM layers that are all counted with the same brackets lost, below a right Dense layer."""
    lost = (
        lambda below, units: units + below + 1 * units * 4,
        lambda below, units: 4 * units * below + units + 1,
        lambda below, units: 4 * units * units + below + 1,
        lambda below, units: 4 * (units * below + units + 1),
        lambda below, units: 4 * (units * units + below + 1),
        lambda below, units: 4 * below + units + 1 * units,
    )
    expect.shown(
        isinstance(got, (list, tuple))
        and all(isinstance(count, (int, float)) for count in got)
        and any([*got] == stacked(*case.args, lstm=lstm) for lstm in lost)
    )


@question.misconception(
    text=Text(
        ko="모든 LSTM 층이 모델의 입력을 읽는 것으로 셌습니다. 두 번째 층부터는 무엇을 읽는지 보세요.",
        en="You counted every LSTM layer as reading the model's input. What do the layers above the first read?",
    ),
    section=STACK_SECTION,
    fails=[counts_later_layers],
)
def original_input_dim(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim] * len(lstm_units), lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="Dense까지 모든 층이 모델의 입력을 읽는 것으로 셌습니다. 쌓은 층은 바로 아래층의 출력을 읽습니다.",
        en="You counted every layer, even the Dense layer, as reading the model's input. A stacked layer reads "
        "the output of the layer below.",
    ),
    section=STACK_SECTION,
    fails=[counts_later_layers, counts_dense],
)
def original_input_dim_for_all(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim] * len(lstm_units), lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (input_dim + 1)]


@question.misconception(
    text=Text(
        ko="Dense가 모델의 입력을 읽는 것으로 셌습니다. Dense 바로 아래에 어느 층이 있는지 보세요.",
        en="You counted the Dense layer as reading the model's input. Which layer is right below it?",
    ),
    section=DENSE_SECTION,
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
    section=STACK_SECTION,
    fails=[counts_later_layers],
)
def input_doubled(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *(2 * size for size in lstm_units[:-1])], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="순환 가중치가 층의 입력과 같은 길이를 읽는 것으로 셌습니다. 층이 다시 읽는 은닉 상태의 길이를 "
        "무엇이 정하는지 보세요.",
        en="You counted the recurrent weights as if they read as many numbers as the input has. What "
        "sets the length of the hidden state that a layer reads back?",
    ),
    section=STACK_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def recurrent_weights_from_below(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (2 * below + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="위층이 모델의 입력과 아래층의 출력을 함께 읽는 것으로 셌습니다. 쌓은 층은 바로 "
        "아래층만 읽습니다.",
        en="You counted the upper layers as reading the model's input as well as the layer below. A stacked "
        "layer reads the layer below and nothing else.",
    ),
    section=STACK_SECTION,
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
    section=STACK_SECTION,
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
    section=STACK_SECTION,
    fails=[counts_later_layers],
)
def no_input_weights_above(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *(0 for _ in lstm_units[:-1])], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="LSTM 층의 편향(bias)을 빠뜨렸습니다. 게이트와 셀 후보마다 유닛 하나에 편향이 하나씩 있습니다.",
        en="The bias of the LSTM layers is missing. Each gate, and the cell candidate, has one per unit.",
    ),
    section=LSTM_SECTION,
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
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers, counts_dense],
    credit=1,
)
def no_bias_anywhere(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units) for below, units in pairs]
    return [*lstm_counts, dense_units * lstm_units[-1]]


@question.misconception(text=NO_DENSE_BIAS, section=DENSE_SECTION, fails=[counts_dense])
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
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def no_recurrent_weights(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="LSTM 층의 편향을 두 세트 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 다릅니다.",
        en="You counted two sets of biases in the LSTM layers. PyTorch's LSTM has two, Keras's has one.",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def two_biases(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 2) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="모든 LSTM 층에 첫 번째 층의 개수를 적었습니다. 층마다 유닛의 개수와 읽는 것이 다릅니다.",
        en="You gave every LSTM layer the count of the first. Each layer has its own number of units and its "
        "own input.",
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
        en="You counted every layer above the first as reading the first. With three layers or more, which one "
        "is right below the third?",
    ),
    section=STACK_SECTION,
    fails=[counts_later_layers],
)
def first_layer_below_all(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *(lstm_units[0] for _ in lstm_units[:-1])], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="위층이 자기 유닛 수만큼 읽는 것으로 셌습니다. 입력은 아래층에서 옵니다.",
        en="You counted the upper layers as reading as many numbers as they have units. Their input comes from "
        "the layer below.",
    ),
    section=STACK_SECTION,
    fails=[counts_later_layers],
)
def input_as_long_as_units(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[1:]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=THREE_GATES, section=LSTM_SECTION, fails=[counts_first_layer, counts_later_layers]
)
def three_gates(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [3 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=ONE_GATE_OF_FOUR, section=LSTM_SECTION, fails=[counts_first_layer, counts_later_layers]
)
def one_gate_of_four(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="층마다의 개수가 아니라 그 층까지 더한 개수를 적었습니다. 리스트의 자리마다 어느 층의 개수를 "
        "적어야 하는지 보세요.",
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
        en="You returned one count for the whole model. Return a list with one count per layer.",
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
        en="You counted the Dense layer as reading the first LSTM layer. Which layer is right below it?",
    ),
    section=STACK_SECTION,
    fails=[counts_dense],
)
def dense_reads_first_lstm(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[0] + 1)]


@question.misconception(
    text=Text(
        ko="Dense가 모든 LSTM 층의 출력을 읽는 것으로 셌습니다. 쌓은 층은 바로 아래층만 읽습니다.",
        en="You counted the Dense layer as reading the output of all LSTM layers. A stacked layer reads the one "
        "right below.",
    ),
    section=STACK_SECTION,
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
    section=DENSE_SECTION,
    fails=[counts_dense],
)
def dense_gates(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, 4 * dense_units * (lstm_units[-1] + dense_units + 1)]


@question.misconception(
    text=Text(
        ko="Dense에도 게이트가 있는 것처럼 네 배를 했습니다. Dense에는 게이트가 없습니다.",
        en="You multiplied the count by four, as if a Dense layer had gates. It has none.",
    ),
    section=DENSE_SECTION,
    fails=[counts_dense],
)
def dense_times_four(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, 4 * dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="순환 가중치까지 셌습니다. Dense는 이전 시점의 자기 출력을 다시 읽지 않습니다.",
        en="You counted recurrent weights. A Dense layer does not read its own previous output.",
    ),
    section=DENSE_SECTION,
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
    section=DENSE_SECTION,
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
    section=DENSE_SECTION,
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
    section=DENSE_SECTION,
    fails=[counts_dense],
)
def dense_sum_for_product(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * units * (below + units + 1) for below, units in pairs]
    return [*lstm_counts, lstm_units[-1] + dense_units + 1]


@question.misconception(
    text=Text(
        ko="Dense의 유닛 하나의 개수만 셌습니다. Dense에 유닛이 몇 개 있는지 보세요.",
        en="That is the count for one unit of the Dense layer. How many units does it have?",
    ),
    section=DENSE_SECTION,
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


@question.misconception(
    text=Text(
        ko="LSTM의 가중치를 한 세트 더 셌습니다. 셀 상태에 학습되는 것이 있는지 보세요.",
        en="One set of weights too many was counted in the LSTM layers. Is anything in the cell state learnt?",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def cell_state_as_a_fifth(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim, lstm_units, dense_units, lstm=lambda below, units: 5 * units * (below + units + 1)
    )


@question.misconception(
    text=Text(
        ko="LSTM의 가중치를 두 세트만 셌습니다. 게이트와 셀 후보를 하나씩 적어 보세요.",
        en="Two sets of weights were counted in the LSTM layers. Write down the gates and the cell "
        "candidate, one by one.",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def two_gates(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim, lstm_units, dense_units, lstm=lambda below, units: 2 * units * (below + units + 1)
    )


@question.misconception(
    text=Text(
        ko="LSTM의 편향을 한 세트만 셌습니다. 게이트와 셀 후보가 편향을 함께 쓰는지 보세요.",
        en="The biases of an LSTM were counted once for the whole layer. Do the gates and the cell "
        "candidate share them?",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def one_lstm_bias_for_all_gates(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim, lstm_units, dense_units, lstm=lambda below, units: 4 * units * (below + units) + units
    )


@question.misconception(
    text=Text(
        ko="LSTM의 게이트와 셀 후보마다 편향을 하나만 셌습니다. 편향이 유닛마다 있도록 괄호의 위치를 다시 "
        "보세요.",
        en="You counted a single bias for each gate of an LSTM and for its cell candidate. Every unit has its "
        "own: check where the brackets are.",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def one_lstm_bias_a_gate(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim, lstm_units, dense_units, lstm=lambda below, units: 4 * (units * (below + units) + 1)
    )


@question.misconception(
    text=Text(
        ko="LSTM의 게이트가 셀 상태에 곱하는 가중치(peephole)를 더했습니다. Keras의 LSTM에도 있는지 보세요.",
        en="You added weights with which the gates read the cell state (peepholes). Does the LSTM of Keras "
        "have any?",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def peepholes(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim,
        lstm_units,
        dense_units,
        lstm=lambda below, units: 4 * units * (below + units + 1) + 3 * units,
    )


@question.misconception(
    text=Text(
        ko="LSTM의 은닉 상태와 셀 상태의 길이를 더했습니다. 상태가 학습되는 것인지 보세요.",
        en="The lengths of the hidden state and the cell state were added. Are states learnt?",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def states_counted(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim,
        lstm_units,
        dense_units,
        lstm=lambda below, units: 4 * units * (below + units + 1) + 2 * units,
    )


@question.misconception(
    text=Text(
        ko="순환 가중치를 유닛마다 하나씩만 셌습니다. 유닛 하나가 이전 시점의 은닉 상태에서 수를 몇 개 읽는지 "
        "보세요.",
        en="One recurrent weight was counted for each unit. How many numbers of the previous hidden state "
        "does one unit read?",
    ),
    section=RNN_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def one_recurrent_weight_a_unit(input_dim, lstm_units, dense_units):
    return stacked(input_dim, lstm_units, dense_units, lstm=lambda below, units: 4 * units * (below + 2))


@question.misconception(
    text=Text(
        ko="모든 LSTM 층에서 입력에 곱하는 가중치(kernel)를 빠뜨렸습니다. 층이 아래에서 받은 것에 무엇을 "
        "곱하는지 보세요.",
        en="The weights of the input (kernel) are missing in all LSTM layers. What does a layer multiply its "
        "input from below by?",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def no_input_weights(input_dim, lstm_units, dense_units):
    return stacked(input_dim, lstm_units, dense_units, lstm=lambda below, units: 4 * units * (units + 1))


@question.misconception(
    text=Text(
        ko="LSTM의 식에 괄호가 빠져 곱셈이 일부 항에만 걸렸습니다. 무엇 전체에 곱하려던 것인지 보세요.",
        en="Brackets are missing in the formula of the LSTM: only some of its terms are multiplied. What did you mean "
        "to multiply as a whole?",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers],
    seen_in=lacks_brackets,
)
def lstm_without_brackets(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim, lstm_units, dense_units, lstm=lambda below, units: units + below + 1 * units * 4
    )


@question.misconception(
    text=Text(
        ko="LSTM의 유닛 하나의 개수만 셌습니다. 층에 유닛이 몇 개 있는지 보세요.",
        en="That is the count for one unit of each LSTM. How many units does a layer have?",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def one_lstm_unit_only(input_dim, lstm_units, dense_units):
    return stacked(input_dim, lstm_units, dense_units, lstm=lambda below, units: 4 * (units + below + 1))


@question.misconception(
    text=Text(
        ko="LSTM 층도 Dense의 식으로 셌습니다. LSTM에는 그 밖에 무엇이 더 있는지 보세요.",
        en="You counted the LSTM layers, too, with the formula of a Dense layer. What else does an LSTM have?",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def lstm_as_dense(input_dim, lstm_units, dense_units):
    return stacked(input_dim, lstm_units, dense_units, lstm=lambda below, units: units * (below + 1))


@question.misconception(
    text=Text(
        ko="LSTM 층을 모두 두 번 셌습니다. 모델에 두 방향으로 읽는 층이 있는지 보세요.",
        en="Every LSTM layer is counted twice. Is there a layer in this model that reads in two directions?",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def lstms_doubled(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim, lstm_units, dense_units, lstm=lambda below, units: 8 * units * (below + units + 1)
    )


@question.misconception(
    text=Text(
        ko="Dense가 읽는 수를 두 배로 셌습니다. 위층에 넘겨지는 것이 은닉 상태인지, 셀 상태까지인지 보세요.",
        en="The Dense layer was counted as reading twice as much. What does an LSTM pass to the layer "
        "above: the hidden state, or the cell state as well?",
    ),
    section=DENSE_SECTION,
    fails=[counts_dense],
)
def dense_reads_both_states(input_dim, lstm_units, dense_units):
    return stacked(input_dim, lstm_units, dense_units, dense=lambda below, units: units * (2 * below + 1))


@question.misconception(
    text=Text(
        ko="Dense를 두 번 셌습니다. Dense의 가중치 배열은 kernel과 bias 하나씩입니다.",
        en="The Dense layer is counted twice. It has one kernel and one bias.",
    ),
    section=DENSE_SECTION,
    fails=[counts_dense],
)
def dense_doubled(input_dim, lstm_units, dense_units):
    return stacked(input_dim, lstm_units, dense_units, dense=lambda below, units: 2 * units * (below + 1))


@question.misconception(
    text=Text(
        ko="Dense의 편향을 두 세트 셌습니다. y = xW + b에 b가 몇 번 나오는지 보세요.",
        en="The bias of the Dense layer was counted twice. How often does b occur in y = xW + b?",
    ),
    section=DENSE_SECTION,
    fails=[counts_dense],
)
def dense_bias_twice(input_dim, lstm_units, dense_units):
    return stacked(input_dim, lstm_units, dense_units, dense=lambda below, units: units * (below + 2))


@question.misconception(
    text=Text(
        ko="Dense의 개수를 리스트의 맨 앞에 두었습니다. 아래층부터 적으면 Dense가 어디에 오는지 보세요.",
        en="The count of the Dense layer comes first. Listed from the lowest layer up, where does it belong?",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
    credit=2,
)
def dense_first(input_dim, lstm_units, dense_units):
    *lstms, top = stacked(input_dim, lstm_units, dense_units)
    return [top, *lstms]


@question.misconception(
    text=Text(
        ko="위층부터 거꾸로 적었습니다. 문제에서 어느 층부터 적으라고 했는지 보세요.",
        en="The counts are listed from the top down. With which layer should the list begin?",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
    credit=2,
)
def from_the_top_down(input_dim, lstm_units, dense_units):
    return stacked(input_dim, lstm_units, dense_units)[::-1]


@question.misconception(
    text=Text(
        ko="개수를 크기순으로 늘어놓았습니다. 리스트의 자리는 층의 순서를 따릅니다.",
        en="The counts are sorted by size. The places of the list follow the layers.",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
)
def sorted_counts(input_dim, lstm_units, dense_units):
    return sorted(stacked(input_dim, lstm_units, dense_units))


@question.misconception(
    text=Text(
        ko="모델 전체의 개수를 리스트의 끝에 덧붙였습니다. 층이 몇 개인지, 리스트에 몇 개가 있어야 하는지 "
        "보세요.",
        en="The total of the model is added at the end of the list. How many layers are there, and how many "
        "places should the list have?",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
    credit=2,
)
def total_at_the_end(input_dim, lstm_units, dense_units):
    own = stacked(input_dim, lstm_units, dense_units)
    return [*own, sum(own)]


@question.misconception(
    text=Text(
        ko="모델 전체의 개수 하나만 리스트에 담았습니다. 층마다 하나씩 담으세요.",
        en="The list holds one count, that of the whole model. It should hold one for each layer.",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
)
def total_in_a_list(input_dim, lstm_units, dense_units):
    return [sum(stacked(input_dim, lstm_units, dense_units))]


@question.misconception(
    text=Text(
        ko="리스트의 맨 앞에 입력의 자리를 두었습니다. 입력은 층이 아니어서 학습되는 것이 없습니다. "
        "리스트에 몇 개가 있어야 하는지 보세요.",
        en="The list begins with a place for the input. The input is not a layer and learns nothing: how many "
        "places should the list have?",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
    credit=2,
)
def input_counted_as_a_layer(input_dim, lstm_units, dense_units):
    return [0, *stacked(input_dim, lstm_units, dense_units)]


@question.misconception(
    text=Text(
        ko="LSTM 층마다 Dense의 개수를 덧붙였습니다. 모델에 Dense가 몇 개 있는지, 그 줄이 반복문 안에 "
        "있는지 보세요.",
        en="A count of the Dense layer follows every LSTM. How many Dense layers are there, and does that "
        "line belong in the loop?",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
)
def dense_after_every_lstm(input_dim, lstm_units, dense_units):
    *lstms, _ = stacked(input_dim, lstm_units, dense_units)
    pairs = zip(lstms, lstm_units, strict=True)
    return [count for one, units in pairs for count in (one, dense(units, dense_units))]


@question.misconception(
    text=Text(
        ko="첫 번째 층의 개수만 있습니다. `return`이 반복문 안에 있는지 보세요.",
        en="Only the first layer is in the list. Is `return` inside the loop?",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
)
def stops_after_the_first(input_dim, lstm_units, dense_units):
    return stacked(input_dim, lstm_units, dense_units)[:1]


@question.misconception(
    text=Text(
        ko="위층이 아래의 모든 것을 이어서 읽는 것으로 셌습니다. 층이 바뀔 때마다 읽는 길이에 더할지, 새로 "
        "정할지 보세요.",
        en="You counted each layer as reading everything below it. From layer to layer, should you add to the "
        "size of the input or replace it?",
    ),
    fails=[counts_later_layers, counts_dense],
)
def reads_all_layers_below(input_dim, lstm_units, dense_units):
    reads, own = input_dim, []
    for units in lstm_units:
        own.append(lstm(reads, units))
        reads += units
    return [*own, dense(reads, dense_units)]


@question.misconception(
    text=Text(
        ko="층이 바로 아래가 아니라 그보다 한 층 더 아래의 출력을 읽는 것으로 셌습니다. 읽는 길이를 언제 "
        "바꾸어 적는지 보세요.",
        en="A layer was counted as reading not the layer right below but the one below that. At which point "
        "does your loop update the size of the input?",
    ),
    fails=[counts_later_layers, counts_dense],
)
def reads_the_layer_before_last(input_dim, lstm_units, dense_units):
    below = [input_dim, input_dim, *lstm_units][: len(lstm_units) + 1]
    own = [lstm(size, units) for size, units in zip(below, lstm_units, strict=False)]
    return [*own, dense(below[-1], dense_units)]


@question.misconception(
    text=Text(
        ko="세 번째 층부터 한 층 더 아래의 출력을 읽는 것으로 셌습니다. 층이 셋 이상일 때 인덱스가 하나 "
        "어긋나지 않는지 보세요.",
        en="From the third layer on, the layer below the one below was taken. With three layers or more, is "
        "an index off by one?",
    ),
    fails=[counts_later_layers],
)
def third_layer_reads_the_first(input_dim, lstm_units, dense_units):
    below = [input_dim, lstm_units[0], *lstm_units[:-2]][: len(lstm_units)]
    own = [lstm(size, units) for size, units in zip(below, lstm_units, strict=True)]
    return [*own, dense(lstm_units[-1], dense_units)]


@question.misconception(
    text=Text(
        ko="Dense가 맨 위가 아니라 그 아래의 LSTM을 읽는 것으로 셌습니다. 반복이 끝난 뒤 읽는 길이가 어느 "
        "층의 것인지 보세요.",
        en="The Dense layer was counted as reading not the topmost LSTM but what is below it. After the "
        "loop, which layer does your size of the input come from?",
    ),
    fails=[counts_dense],
)
def dense_reads_the_layer_before_last(input_dim, lstm_units, dense_units):
    *lstms, _ = stacked(input_dim, lstm_units, dense_units)
    below = [input_dim, *lstm_units][-2]
    return [*lstms, dense(below, dense_units)]


@question.misconception(
    text=Text(
        ko="두 번째 층부터 모두 첫 번째 층과 유닛 수가 같은 것으로 셌습니다. 층마다 유닛 수가 어디에 적혀 "
        "있는지 보세요.",
        en="You counted the layers above the first with the units of the first. Where do you find the units of "
        "each layer?",
    ),
    fails=[counts_later_layers],
)
def second_layer_of_the_first_size(input_dim, lstm_units, dense_units):
    later = [lstm(lstm_units[0], lstm_units[0]) for _ in lstm_units[1:]]
    return [lstm(input_dim, lstm_units[0]), *later, dense(lstm_units[-1], dense_units)]


@question.misconception(
    text=Text(
        ko="LSTM이 셋 이상이어도 두 층까지만 셌습니다. 층의 개수는 정해져 있지 않습니다.",
        en="Only two LSTM layers were counted, even where there are more. Their number is not fixed.",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
)
def only_two_layers(input_dim, lstm_units, dense_units):
    return [*stacked(input_dim, lstm_units, dense_units)[:-1][:2], dense(lstm_units[-1], dense_units)]


@question.misconception(
    text=Text(
        ko="첫 번째 층에서만 순환 가중치를 빠뜨렸습니다. 첫 번째 층도 시점마다 무엇을 다시 읽는지 보세요.",
        en="The recurrent weights are missing in the first layer alone. What does that layer, too, read "
        "back at each time step?",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer],
)
def first_layer_without_recurrent_weights(input_dim, lstm_units, dense_units):
    return [4 * lstm_units[0] * (input_dim + 1), *stacked(input_dim, lstm_units, dense_units)[1:]]


@question.misconception(
    text=Text(
        ko="첫 번째 층에서만 편향을 빠뜨렸습니다. 위의 층들과 다르게 셀 이유가 있는지 보세요.",
        en="The biases are missing in the first layer alone. Is there a reason to count it differently "
        "from the layers above?",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer],
)
def first_layer_without_bias(input_dim, lstm_units, dense_units):
    return [4 * lstm_units[0] * (input_dim + lstm_units[0]), *stacked(input_dim, lstm_units, dense_units)[1:]]


@question.misconception(
    text=Text(
        ko="두 번째 층부터 편향을 빠뜨렸습니다. 첫 번째 층과 다르게 셀 이유가 있는지 보세요.",
        en="The biases are missing from the second layer on. Is there a reason to count these layers "
        "differently from the first?",
    ),
    section=LSTM_SECTION,
    fails=[counts_later_layers],
)
def later_layers_without_bias(input_dim, lstm_units, dense_units):
    first, *_, top = stacked(input_dim, lstm_units, dense_units)
    later = [4 * units * (below + units) for below, units in itertools.pairwise(lstm_units)]
    return [first, *later, top]


@question.misconception(
    text=Text(
        ko="LSTM 층을 GRU의 식으로 셌습니다. LSTM의 게이트와 셀 후보를 하나씩 적고, 편향이 몇 세트인지 보세요.",
        en="The LSTM layers were counted by the formula of a GRU. Write down the gates of an LSTM and its "
        "cell candidate, and see how many biases each has.",
    ),
    section=LSTM_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def gru_with_two_biases(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim, lstm_units, dense_units, lstm=lambda below, units: 3 * units * (below + units + 2)
    )


@question.misconception(
    text=Text(
        ko="LSTM 층마다 유닛 수만큼 더 셌습니다. `unit_forget_bias`가 편향을 더 만드는지, 상태가 학습되는 "
        "것인지 보세요.",
        en="There is one number too many for each unit of the LSTM layers. Does `unit_forget_bias` add "
        "biases, and are states learnt?",
    ),
    section=ARRAYS_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def one_extra_bias(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim, lstm_units, dense_units, lstm=lambda below, units: 4 * units * (below + units + 1) + units
    )


@question.misconception(
    text=Text(
        ko="Dense가 모델의 입력까지 함께 읽는 것으로 셌습니다. 쌓은 층은 무엇을 읽는지 보세요.",
        en="The Dense layer was counted as reading the model's input as well. What does a stacked layer read?",
    ),
    section=DENSE_SECTION,
    fails=[counts_dense],
)
def dense_reads_the_input_too(input_dim, lstm_units, dense_units):
    *lstms, _ = stacked(input_dim, lstm_units, dense_units)
    return [*lstms, dense(input_dim + lstm_units[-1], dense_units)]


@question.misconception(
    text=Text(
        ko="LSTM 층의 개수를 하나로 더했습니다. 리스트에는 층마다 하나씩 담으세요.",
        en="The LSTM layers are added up in one count. The list should hold one for each layer.",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
)
def lstms_added_up(input_dim, lstm_units, dense_units):
    *lstms, top = stacked(input_dim, lstm_units, dense_units)
    return [sum(lstms), top]


@question.misconception(
    text=Text(
        ko="Dense는 맞지만, 세 번째 층부터 LSTM이 아래의 모든 LSTM을 이어서 읽는 것으로 셌습니다. 층은 바로 아래의 "
        "것만 읽습니다.",
        en="The Dense layer is right, but from the third layer on an LSTM was counted as reading all LSTM layers below "
        "it, concatenated. A layer reads only the one right below.",
    ),
    section=STACK_SECTION,
    fails=[counts_later_layers],
)
def lstms_read_all_lstms_below(input_dim, lstm_units, dense_units):
    reads = [input_dim, *(sum(lstm_units[:place]) for place in range(1, len(lstm_units)))]
    own = [lstm(size, units) for size, units in zip(reads, lstm_units, strict=True)]
    return [*own, dense(lstm_units[-1], dense_units)]


@question.misconception(
    text=Text(
        ko="Dense가 자기 유닛 수만큼의 수를 읽는 것으로 셌습니다. Dense의 입력은 맨 위 LSTM에서 옵니다.",
        en="You counted the Dense layer as reading as many numbers as it has units. Its input is the "
        "output of the topmost LSTM.",
    ),
    section=DENSE_SECTION,
    fails=[counts_dense],
)
def dense_reads_as_many_as_its_units(input_dim, lstm_units, dense_units):
    return [*stacked(input_dim, lstm_units, dense_units)[:-1], dense(dense_units, dense_units)]


@question.misconception(
    text=Text(
        ko="입력 가중치와 편향은 맞는데, 순환 가중치를 입력 크기의 제곱으로 셌습니다. 은닉 상태를 읽어 은닉 상태를 "
        "만드는 행렬은 가로와 세로가 각각 무엇의 길이인가요?",
        en="The weights of the input and the biases are right, but you counted the recurrent weights as the square of "
        "the input's size. That matrix turns a hidden state into a hidden state: how long are its two axes?",
    ),
    section=STACK_SECTION,
    fails=[counts_first_layer, counts_later_layers],
)
def recurrent_weights_squared_from_below(input_dim, lstm_units, dense_units):
    pairs = zip([input_dim, *lstm_units[:-1]], lstm_units, strict=True)
    lstm_counts = [4 * (units * below + below * below + units) for below, units in pairs]
    return [*lstm_counts, dense_units * (lstm_units[-1] + 1)]


@question.misconception(
    text=Text(
        ko="그 위의 층들은 맞는데, 첫 번째 층이 맨 위 LSTM의 은닉 상태를 읽는 것으로 셌습니다. 첫 번째 층에서 "
        "`i - 1`은 리스트의 어느 자리를 가리키나요?",
        en="The layers above are right, but the first one was counted as reading the topmost LSTM. If you look up the "
        "layer below by an index such as `i - 1`, which item is that for the first layer?",
    ),
    fails=[counts_first_layer],
)
def first_layer_reads_the_topmost(input_dim, lstm_units, dense_units):
    return stacked(lstm_units[-1], lstm_units, dense_units)


@question.misconception(
    text=Text(
        ko="유닛 수가 같은 층이 있으면 아래층을 잘못 찾습니다. `index`처럼 값으로 자리를 찾으면 같은 값 가운데 첫 "
        "번째가 나옵니다.",
        en="Where two layers have equally many units, the layer below is the wrong one. Looking up a place by its "
        "value, as `index` does, finds the first of equal values.",
    ),
    fails=[counts_later_layers],
)
def layer_below_found_by_its_size(input_dim, lstm_units, dense_units):
    below = [[input_dim, *lstm_units][lstm_units.index(units)] for units in lstm_units]
    own = [lstm(size, units) for size, units in zip(below, lstm_units, strict=True)]
    return [*own, dense(lstm_units[-1], dense_units)]


@question.misconception(
    text=Text(
        ko="첫 번째 층까지 모든 LSTM이 자기 유닛 수만큼 읽는 것으로 셌습니다. 읽는 길이를 바꾸는 줄이 그 층을 세기 "
        "전에 있지 않은지 보세요.",
        en="Every LSTM layer, even the first, was counted as reading as many numbers as it has units. Does the line "
        "that changes the size of the input stand before the layer is counted?",
    ),
    fails=[counts_first_layer, counts_later_layers],
)
def every_lstm_reads_its_own_units(input_dim, lstm_units, dense_units):
    return stacked(input_dim, lstm_units, dense_units, lstm=lambda below, units: lstm(units, units))


@question.misconception(
    text=Text(
        ko="위층이 아래층의 파라미터 개수만큼 읽는 것으로 셌습니다. 층이 위로 넘기는 것이 무엇인지 보세요.",
        en="The upper layers were counted as reading as many numbers as the layer below has parameters. What does a "
        "layer pass on?",
    ),
    fails=[counts_later_layers],
)
def reads_the_count_below(input_dim, lstm_units, dense_units):
    counted = [input_dim]
    for units in lstm_units:
        counted.append(lstm(counted[-1], units))
    return [*counted[1:], dense(lstm_units[-1], dense_units)]


@question.misconception(
    text=Text(
        ko="Dense는 맞지만, 위의 LSTM이 입력과 아래의 모든 층을 이어서 읽는 것으로 셌습니다. 층이 바뀔 때마다 읽는 "
        "길이에 더할지, 새로 정할지 보세요.",
        en="The Dense layer is right, but the upper LSTM layers were counted as reading the input and everything below "
        "them. From layer to layer, should you add to the size of the input or replace it?",
    ),
    fails=[counts_later_layers],
)
def lstms_read_everything_below(input_dim, lstm_units, dense_units):
    reads = [input_dim + sum(lstm_units[:place]) for place in range(len(lstm_units))]
    own = [lstm(size, units) for size, units in zip(reads, lstm_units, strict=True)]
    return [*own, dense(lstm_units[-1], dense_units)]


@question.misconception(
    text=Text(
        ko="LSTM에서 편향을 더하지 않고 뺐습니다. 식의 부호를 보세요.",
        en="In the LSTM layers the biases are subtracted instead of added. Look at the signs in your formula.",
    ),
    fails=[counts_first_layer, counts_later_layers],
)
def lstm_biases_taken_away(input_dim, lstm_units, dense_units):
    return stacked(
        input_dim, lstm_units, dense_units, lstm=lambda below, units: 4 * units * (below + units - 1)
    )


@question.misconception(
    text=Text(
        ko="LSTM이 둘 이상이면 맨 위의 LSTM이 빠집니다. 반복하는 범위가 어디에서 끝나는지 보세요.",
        en="With two LSTM layers or more, the topmost is missing. Where does the range of your loop end?",
    ),
    fails=[counts_first_layer, counts_later_layers, counts_dense],
)
def topmost_lstm_left_out(input_dim, lstm_units, dense_units):
    *lstms, top = stacked(input_dim, lstm_units, dense_units)
    return [*(lstms[:-1] or lstms), top]


@question.misconception(
    text=Text(
        ko="첫 번째 층 말고는 편향을 모두 빠뜨렸습니다. 위의 LSTM과 Dense의 유닛에도 편향이 있습니다.",
        en="Only the first layer has its biases. The units of the LSTM layers above it and of the Dense layer have "
        "biases, too.",
    ),
    fails=[counts_later_layers, counts_dense],
)
def biases_in_the_first_layer_only(input_dim, lstm_units, dense_units):
    first, *_ = stacked(input_dim, lstm_units, dense_units)
    later = [4 * units * (below + units) for below, units in itertools.pairwise(lstm_units)]
    return [first, *later, dense_units * lstm_units[-1]]

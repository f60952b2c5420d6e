"""A tagger on a bidirectional LSTM: how many parameters, whatever becomes of its two directions?"""

from autograder import Case, Question, Term, Text, expect

from ._shared import (
    CELL_STATE_AS_A_FIFTH,
    COUNT_A_LAYER,
    DENSE_SECTION,
    DIRECTIONS_SECTION,
    GRU_FORMULA,
    GRU_SECTION,
    LSTM_SECTION,
    NO_RECURRENT_WEIGHTS,
    ONE_SET_A_DIRECTION,
    STATES_COUNTED,
    TWO_BIASES,
)

question = Question(
    title=Text(ko="양방향 태깅 모델의 파라미터 개수", en="Parameters of a bidirectional tagger"),
    statement=Text(
        ko="""
다음 두 층으로 된 태깅 모델이 학습하는 파라미터의 개수를 **모두 더해** 돌려주는 함수
`bilstm_tagger_params(input_dim, units, n_tags, merge_mode="concat")`를 완성하세요. 모델은 시점마다 수를
`input_dim`개씩 읽습니다.

```python
layers.Bidirectional(layers.LSTM(units, return_sequences=True), merge_mode=merge_mode)
layers.Dense(n_tags, activation="softmax")
```

- `input_dim`, `units`, `n_tags`는 1 이상의 정수, `merge_mode`는 `"concat"`, `"sum"`, `"ave"`, `"mul"` 가운데
  하나이고, 정수 하나를 돌려줍니다.
- `merge_mode`는 네 번째 인수로 줄 수도 있고 생략할 수도 있습니다.
- TensorFlow 없이 채점하므로 식을 쓰세요. 앞에서 만든 함수를 불러도 됩니다.
""",
        en="""
Complete `bilstm_tagger_params(input_dim, units, n_tags, merge_mode="concat")` so that it returns how many parameters a
tagging model of the two layers below learns **in all**. Each time step of the model's input has `input_dim` numbers.

```python
layers.Bidirectional(layers.LSTM(units, return_sequences=True), merge_mode=merge_mode)
layers.Dense(n_tags, activation="softmax")
```

- `input_dim`, `units` and `n_tags` are whole numbers of at least 1, `merge_mode` is `"concat"`, `"sum"`, `"ave"` or
  `"mul"`; return one whole number.
- `merge_mode` may be given as the fourth argument or left out.
- This is graded without TensorFlow: write the formula. You may call the functions you wrote above.
""",
    ),
    source="lecture notebook, Bidirectional(LSTM(8)) and the tagging model",
    sample=(3, 4, 3, "concat"),
    returns="int",
    terms=(
        Term("units*units", Text(ko="순환 가중치", en="recurrent weights")),
        Term("units*input_dim", Text(ko="입력에 곱하는 가중치", en="weights of the input")),
        Term("units", Text(ko="LSTM의 편향", en="biases of the LSTM")),
        Term("units*n_tags", Text(ko="Dense의 가중치", en="weights of the Dense layer")),
        Term("n_tags", Text(ko="Dense의 편향", en="biases of the Dense layer")),
        Term("1"),
    ),
)


@question.answer
def bilstm_tagger_params(input_dim, units, n_tags, merge_mode="concat"):
    """Number of parameters of a bidirectional LSTM with a Dense layer on top.

    input_dim, units, n_tags: int >= 1. merge_mode: "concat" (where left out), "sum", "ave" or "mul". Returns int.
    두 층의 파라미터 개수를 더한 정수를 돌려줍니다.
    """
    both_directions = 2 * 4 * units * (input_dim + units + 1)
    length = 2 * units if merge_mode == "concat" else units
    return both_directions + n_tags * (length + 1)


@question.example
def example(bilstm_tagger_params):
    assert bilstm_tagger_params(3, 4, 3) == 283
    assert bilstm_tagger_params(3, 4, 3, "concat") == 283
    assert bilstm_tagger_params(3, 4, 3, merge_mode="sum") == 271


@question.cases
def cases(rng):
    drawn = []
    edges = [(1, 70, 4), (70, 1, 5), (9, 8, 1), (4, 4, 4), (2, 3, 80), (300, 257, 41)]
    drawn_sizes = rng.permutation(range(4, 65))[:24].reshape(8, 3)
    sizes = [*edges, *((int(d), int(u), int(k)) for d, u, k in drawn_sizes)]
    for place, size in enumerate(sizes):
        drawn += [[Case(*size, "concat"), Case(*size)][place % 2]]
        drawn += [Case(*size, merge_mode) for merge_mode in ("sum", "ave", "mul")]
    return drawn


def joins(case):
    return len(case.args) < 4 or case.args[3] == "concat"


def merges(case):
    return not joins(case)


@question.check(
    points=1,
    text=Text(
        ko='merge_mode가 "concat"일 때와 생략했을 때, 어떤 크기의 모델이든 개수가 맞는다',
        en='counts any model with merge_mode="concat", and when it is left out',
    ),
    when=joins,
)
def counts_concat(got, case, want):
    expect.count(got, want)


@question.check(
    points=1,
    text=Text(
        ko='merge_mode가 "sum", "ave", "mul"일 때, 어떤 크기의 모델이든 개수가 맞는다',
        en='counts any model with merge_mode="sum", "ave" and "mul"',
    ),
    when=merges,
)
def counts_other_modes(got, case, want):
    expect.count(got, want)


@question.follows("bilstm_params")
def by_own(bilstm_params, input_dim, units, n_tags, merge_mode="concat"):
    return bilstm_params(input_dim, units) + n_tags * (read_by_dense(units, merge_mode) + 1)


# What the mistakes below leave as it should be.


def bilstm(input_dim, units):
    return 8 * units * (input_dim + units + 1)


def read_by_dense(units, merge_mode):
    return 2 * units if merge_mode == "concat" else units


@question.misconception(
    text=Text(
        ko="`merge_mode`와 상관없이 Dense가 두 은닉 상태를 이은 것을 읽는 것으로 셌습니다. 원소별로 "
        "더하거나 곱하면 길이가 어떻게 되는지, 그리고 비교하는 문자열의 철자가 맞는지 보세요.",
        en="Whatever `merge_mode` says, you counted the Dense layer as reading the two hidden states "
        "concatenated. How long is the result when they are added or multiplied element-wise? Check the "
        "spelling of the strings that you compare, too.",
    ),
    fails=[counts_other_modes],
)
def merge_mode_ignored(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + n_tags * (2 * units + 1)


@question.misconception(
    text=Text(
        ko="`merge_mode`와 상관없이 Dense가 은닉 상태 하나만 읽는 것으로 셌습니다. 두 은닉 상태를 이으면 "
        "길이가 어떻게 되는지, 그리고 비교하는 문자열의 철자가 맞는지 보세요.",
        en="Whatever `merge_mode` says, you counted the Dense layer as reading a single hidden state. How "
        "long is the result when the two are concatenated? Check the spelling of the string that you "
        "compare, too.",
    ),
    fails=[counts_concat],
)
def dense_input_not_doubled(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + n_tags * (units + 1)


@question.misconception(
    text=Text(
        ko="`merge_mode`를 거꾸로 읽었습니다. 두 은닉 상태가 이어지는 것이 어느 쪽인지 보세요.",
        en="You read `merge_mode` the wrong way round. For which value are the two hidden states "
        "concatenated?",
    ),
    fails=[counts_concat, counts_other_modes],
)
def modes_reversed(input_dim, units, n_tags, merge_mode="concat"):
    length = units if merge_mode == "concat" else 2 * units
    return bilstm(input_dim, units) + n_tags * (length + 1)


@question.misconception(
    text=Text(
        ko="`merge_mode`를 생략하면 이어 붙이지 않는 것으로 보았습니다. Keras의 기본값이 무엇인지 보세요.",
        en="When `merge_mode` is left out, you treat the hidden states as not concatenated. What is Keras's "
        "default?",
    ),
    fails=[counts_concat],
)
def default_is_sum(input_dim, units, n_tags, merge_mode="sum"):
    return bilstm(input_dim, units) + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko='`"sum"`만 따로 다루었습니다. `"ave"`와 `"mul"`은 두 은닉 상태를 이어 붙이는지 보세요.',
        en='You handled only `"sum"` separately. Do `"ave"` and `"mul"` concatenate the two hidden states?',
    ),
    fails=[counts_other_modes],
)
def only_sum_is_short(input_dim, units, n_tags, merge_mode="concat"):
    length = units if merge_mode == "sum" else 2 * units
    return bilstm(input_dim, units) + n_tags * (length + 1)


@question.misconception(
    text=Text(
        ko='`"sum"`일 때 길이를 더했습니다. 더하는 것은 두 은닉 상태의 길이가 아니라 같은 위치의 값입니다.',
        en='For `"sum"` you added the lengths. What is added is not the lengths but the elements of the two '
        "hidden states.",
    ),
    fails=[counts_other_modes],
)
def sum_adds_lengths(input_dim, units, n_tags, merge_mode="concat"):
    length = 2 * units if merge_mode in ("concat", "sum") else units
    return bilstm(input_dim, units) + n_tags * (length + 1)


@question.misconception(
    text=Text(
        ko='`"mul"`일 때 길이를 곱했습니다. 곱하는 것은 두 은닉 상태의 길이가 아니라 같은 위치의 값입니다.',
        en='For `"mul"` you multiplied the lengths. What is multiplied is not the lengths but the elements '
        "of the two hidden states.",
    ),
    fails=[counts_other_modes],
)
def mul_multiplies_lengths(input_dim, units, n_tags, merge_mode="concat"):
    length = units * units if merge_mode == "mul" else read_by_dense(units, merge_mode)
    return bilstm(input_dim, units) + n_tags * (length + 1)


@question.misconception(
    text=Text(
        ko='`"concat"`이 아닐 때 LSTM을 하나만 셌습니다. 합치기 전에 두 은닉 상태를 만든 것이 무엇인지 보세요.',
        en='For the modes other than `"concat"` you counted a single LSTM. What computes the two hidden '
        "states that are merged?",
    ),
    section=DIRECTIONS_SECTION,
    fails=[counts_other_modes],
)
def merging_leaves_one_lstm(input_dim, units, n_tags, merge_mode="concat"):
    times = 2 if merge_mode == "concat" else 1
    lstms = times * 4 * units * (input_dim + units + 1)
    return lstms + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko='`"concat"`일 때 Dense의 편향까지 두 배로 셌습니다. 층이 읽는 수가 늘어나면 편향도 늘어나는지 '
        "보세요.",
        en='For `"concat"` you doubled the bias of the Dense layer as well. Does the number of biases grow '
        "with the length of what the layer reads?",
    ),
    fails=[counts_concat],
)
def dense_doubled_with_bias(input_dim, units, n_tags, merge_mode="concat"):
    times = 2 if merge_mode == "concat" else 1
    return bilstm(input_dim, units) + n_tags * times * (units + 1)


@question.misconception(
    text=Text(
        ko="Dense를 방향마다 하나씩 셌습니다. Bidirectional이 감싼 것이 어느 층인지 보세요.",
        en="You counted one Dense layer for each direction. Which layer does Bidirectional wrap?",
    ),
    fails=[counts_concat, counts_other_modes],
)
def dense_for_each_direction(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + 2 * n_tags * (units + 1)


@question.misconception(
    text=Text(
        ko="LSTM을 한 방향만 셌습니다. 거꾸로 읽는 LSTM이 자기 가중치를 따로 갖는지 보세요.",
        en="You counted the LSTM of one direction. Does the one that reads backwards have weights of its own?",
    ),
    section=DIRECTIONS_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def one_direction_only(input_dim, units, n_tags, merge_mode="concat"):
    one_lstm = 4 * units * (input_dim + units + 1)
    return one_lstm + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="Bidirectional을 빼고 셌습니다. LSTM도 하나, Dense가 읽는 은닉 상태도 하나로 셌습니다. "
        "Bidirectional이 무엇을 둘로 만드는지 보세요.",
        en="You left Bidirectional out: one LSTM, and a Dense layer that reads its hidden state. What does "
        "Bidirectional double?",
    ),
    section=DIRECTIONS_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def bidirectional_ignored(input_dim, units, n_tags, merge_mode="concat"):
    return 4 * units * (input_dim + units + 1) + n_tags * (units + 1)


@question.misconception(
    text=Text(
        ko="유닛이 두 배인 LSTM처럼 셌습니다. 두 은닉 상태는 LSTM 밖에서 합쳐집니다. 한 방향이 다시 읽는 은닉 "
        "상태의 길이를 보세요.",
        en="You counted as for an LSTM with twice the units. The two hidden states are merged outside the "
        "LSTMs: how long is the hidden state that one direction reads?",
    ),
    section=DIRECTIONS_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def units_doubled(input_dim, units, n_tags, merge_mode="concat"):
    lstms = 8 * units * (input_dim + 2 * units + 1)
    return lstms + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="LSTM의 순환 가중치만 두 세트 셌습니다. 한 방향이 가진 세 배열을 적어 보고, 둘째 방향에도 모두 "
        "있는지 보세요.",
        en="You counted two sets of recurrent weights and one of the rest. List the three arrays of one "
        "direction: does the other have them all?",
    ),
    section=DIRECTIONS_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def only_recurrent_weights_doubled(input_dim, units, n_tags, merge_mode="concat"):
    lstms = 4 * units * (input_dim + 2 * units + 1)
    return lstms + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="LSTM의 입력에 곱하는 가중치만 두 세트 셌습니다. 한 방향이 가진 세 배열을 적어 보고, 둘째 방향에도 "
        "모두 있는지 보세요.",
        en="You counted two sets of input weights and one of the rest. List the three arrays of one "
        "direction: does the other have them all?",
    ),
    section=DIRECTIONS_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def only_input_weights_doubled(input_dim, units, n_tags, merge_mode="concat"):
    lstms = 4 * units * (2 * input_dim + units + 1)
    return lstms + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="LSTM의 편향(bias)을 빠뜨렸습니다. 방향마다 LSTM의 편향이 있습니다.",
        en="The bias of the LSTM is missing: each direction has one.",
    ),
    section=LSTM_SECTION,
    fails=[counts_concat, counts_other_modes],
    credit=1,
)
def no_lstm_bias(input_dim, units, n_tags, merge_mode="concat"):
    lstms = 8 * units * (input_dim + units)
    return lstms + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="Dense의 편향(bias)을 빠뜨렸습니다. Dense의 유닛에도 하나씩 있습니다.",
        en="The bias of the Dense layer is missing: its units have one each.",
    ),
    section=DENSE_SECTION,
    fails=[counts_concat, counts_other_modes],
    credit=1,
)
def no_dense_bias(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + n_tags * read_by_dense(units, merge_mode)


@question.misconception(
    text=Text(
        ko="두 층 모두 편향(bias)을 빠뜨렸습니다. LSTM과 Dense의 유닛에는 모두 편향이 있습니다.",
        en="The bias is missing in both layers. The units of LSTM and Dense layers all have one.",
    ),
    section=LSTM_SECTION,
    fails=[counts_concat, counts_other_modes],
    credit=1,
)
def no_bias_anywhere(input_dim, units, n_tags, merge_mode="concat"):
    return 8 * units * (input_dim + units) + n_tags * read_by_dense(units, merge_mode)


@question.misconception(text=TWO_BIASES, section=LSTM_SECTION, fails=[counts_concat, counts_other_modes])
def two_biases(input_dim, units, n_tags, merge_mode="concat"):
    lstms = 8 * units * (input_dim + units + 2)
    return lstms + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=NO_RECURRENT_WEIGHTS, section=LSTM_SECTION, fails=[counts_concat, counts_other_modes]
)
def no_recurrent_weights(input_dim, units, n_tags, merge_mode="concat"):
    lstms = 8 * units * (input_dim + 1)
    return lstms + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(text=GRU_FORMULA, section=LSTM_SECTION, fails=[counts_concat, counts_other_modes])
def gru_formula(input_dim, units, n_tags, merge_mode="concat"):
    grus = 6 * units * (input_dim + units + 1)
    return grus + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=ONE_SET_A_DIRECTION, section=LSTM_SECTION, fails=[counts_concat, counts_other_modes], credit=0.5
)
def one_set_a_direction(input_dim, units, n_tags, merge_mode="concat"):
    rnns = 2 * units * (input_dim + units + 1)
    return rnns + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="LSTM에서 유닛의 개수와 입력의 크기를 바꾸어 썼습니다. 은닉 상태의 길이를 정하는 것이 어느 "
        "쪽인지 보세요.",
        en="In the LSTM, the number of units and the size of the input are swapped. Which of them sets the "
        "length of the hidden state?",
    ),
    section=GRU_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def units_and_input_dim_swapped(input_dim, units, n_tags, merge_mode="concat"):
    lstms = 8 * input_dim * (input_dim + units + 1)
    return lstms + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="Dense가 읽는 수를 두 배로 셌습니다. 위층에 넘겨지는 것이 은닉 상태인지, 셀 상태까지인지 보세요.",
        en="The Dense layer was counted as reading twice as much. What does an LSTM pass to the layer "
        "above: the hidden state, or the cell state as well?",
    ),
    fails=[counts_concat, counts_other_modes],
)
def dense_reads_cell_states(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + n_tags * (2 * read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="Dense가 모델의 입력을 읽는 것으로 셌습니다. Dense 바로 아래에 어느 층이 있는지 보세요.",
        en="You counted the Dense layer as reading the model's input. Which layer is right below it?",
    ),
    section=DENSE_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def dense_reads_model_input(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + n_tags * (input_dim + 1)


@question.misconception(
    text=Text(
        ko="Dense를 빠뜨렸습니다. 모델의 두 층을 모두 더하세요.",
        en="The Dense layer is missing. Add up both layers of the model.",
    ),
    fails=[counts_concat, counts_other_modes],
)
def dense_left_out(input_dim, units, n_tags, merge_mode="concat"):
    return 2 * (4 * units * (input_dim + units + 1))


@question.misconception(
    text=Text(
        ko="Dense의 개수만 돌려주었습니다. 모델의 두 층을 모두 더하세요.",
        en="You returned the count of the Dense layer alone. Add up both layers of the model.",
    ),
    fails=[counts_concat, counts_other_modes],
)
def dense_alone(input_dim, units, n_tags, merge_mode="concat"):
    return n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="Dense 층 전체에 편향을 하나만 셌습니다. 편향이 유닛마다 있는지 보세요.",
        en="You counted one bias for the whole Dense layer. Does each unit have its own?",
    ),
    section=DENSE_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def dense_one_bias(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + n_tags * read_by_dense(units, merge_mode) + 1


@question.misconception(
    text=Text(
        ko="Dense의 편향을 입력의 수마다 하나씩 셌습니다. 편향은 입력이 아니라 유닛에 붙습니다.",
        en="You counted one bias of the Dense layer for each number of its input. Biases belong to the "
        "units.",
    ),
    section=DENSE_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def dense_bias_as_long_as_input(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + read_by_dense(units, merge_mode) * (n_tags + 1)


@question.misconception(
    text=Text(
        ko="Dense의 유닛 하나만 셌습니다. 태그의 개수만큼 유닛이 있습니다.",
        en="You counted only one unit of the Dense layer. The layer has one unit for each tag.",
    ),
    section=DENSE_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def dense_one_unit_only(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + read_by_dense(units, merge_mode) + 1


@question.misconception(
    text=Text(
        ko="Dense의 순환 가중치까지 셌습니다. Dense는 이전 시점의 자기 출력을 다시 읽지 않습니다.",
        en="You counted recurrent weights in the Dense layer. It does not read its own previous output.",
    ),
    section=DENSE_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def dense_recurrent_weights(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + n_tags * (read_by_dense(units, merge_mode) + n_tags + 1)


@question.misconception(
    text=Text(
        ko="Dense에도 게이트가 있는 것처럼 네 배를 했습니다. 게이트는 LSTM에만 있습니다.",
        en="You multiplied the count of the Dense layer by four, as if it had gates. Only the LSTM has them.",
    ),
    section=DENSE_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def dense_times_four(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + 4 * n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(text=COUNT_A_LAYER, fails=[counts_concat, counts_other_modes])
def count_a_layer(input_dim, units, n_tags, merge_mode="concat"):
    return [bilstm(input_dim, units), n_tags * (read_by_dense(units, merge_mode) + 1)]


@question.misconception(
    text=Text(
        ko='`"ave"`일 때 길이를 반으로 나누었습니다. 평균을 내는 것은 두 은닉 상태의 길이가 아니라 같은 '
        "위치의 값입니다.",
        en='For `"ave"` you halved the length. What is averaged is not the lengths but the elements of the '
        "two hidden states.",
    ),
    fails=[counts_other_modes],
)
def ave_halves_length(input_dim, units, n_tags, merge_mode="concat"):
    length = units // 2 if merge_mode == "ave" else read_by_dense(units, merge_mode)
    return bilstm(input_dim, units) + n_tags * (length + 1)


@question.misconception(
    text=Text(
        ko='`"mul"`일 때도 이어 붙인 것으로 셌습니다. 원소별로 곱하면 길이가 어떻게 되는지 보세요.',
        en='For `"mul"` you counted the two hidden states as concatenated. How long is the result when they '
        "are multiplied element-wise?",
    ),
    fails=[counts_other_modes],
)
def mul_stays_joined(input_dim, units, n_tags, merge_mode="concat"):
    length = 2 * units if merge_mode in ("concat", "mul") else units
    return bilstm(input_dim, units) + n_tags * (length + 1)


@question.misconception(
    text=Text(
        ko='`"ave"`일 때도 이어 붙인 것으로 셌습니다. 원소별로 평균을 내면 길이가 어떻게 되는지 보세요.',
        en='For `"ave"` you counted the two hidden states as concatenated. How long is the result when '
        "their element-wise mean is taken?",
    ),
    fails=[counts_other_modes],
)
def ave_stays_joined(input_dim, units, n_tags, merge_mode="concat"):
    length = 2 * units if merge_mode in ("concat", "ave") else units
    return bilstm(input_dim, units) + n_tags * (length + 1)


@question.misconception(
    text=Text(
        ko="LSTM에서 입력에 곱하는 가중치(kernel)를 빠뜨렸습니다. 각 방향이 입력에 무엇을 곱하는지 보세요.",
        en="In the LSTM, the weights of the input (kernel) are missing. What does each direction multiply "
        "its input by?",
    ),
    section=LSTM_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def no_input_weights(input_dim, units, n_tags, merge_mode="concat"):
    return 8 * units * (units + 1) + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="순환 가중치를 유닛마다 하나씩만 셌습니다. 유닛 하나가 이전 시점의 은닉 상태에서 수를 몇 개 읽는지 "
        "보세요.",
        en="One recurrent weight was counted for each unit. How many numbers of the previous hidden state "
        "does one unit read?",
    ),
    section=GRU_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def one_recurrent_weight_a_unit(input_dim, units, n_tags, merge_mode="concat"):
    return 8 * units * (input_dim + 2) + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=CELL_STATE_AS_A_FIFTH, section=LSTM_SECTION, fails=[counts_concat, counts_other_modes]
)
def cell_state_as_a_fifth(input_dim, units, n_tags, merge_mode="concat"):
    return 10 * units * (input_dim + units + 1) + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="두 방향이 편향을 함께 쓰는 것으로 셌습니다. 거꾸로 읽는 LSTM에 무엇이 따로 있는지 보세요.",
        en="You let the two directions share the biases. What does the LSTM that reads backwards have of "
        "its own?",
    ),
    section=DIRECTIONS_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def bias_shared(input_dim, units, n_tags, merge_mode="concat"):
    return 4 * units * (2 * input_dim + 2 * units + 1) + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(text=STATES_COUNTED, section=LSTM_SECTION, fails=[counts_concat, counts_other_modes])
def states_counted(input_dim, units, n_tags, merge_mode="concat"):
    return 8 * units * (input_dim + units + 1) + 4 * units + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="LSTM을 네 번 셌습니다. 두 방향을 두 번 곱하지 않았는지 보세요.",
        en="The LSTM is counted four times. Was it doubled twice for the two directions?",
    ),
    section=DIRECTIONS_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def doubled_twice(input_dim, units, n_tags, merge_mode="concat"):
    return 16 * units * (input_dim + units + 1) + n_tags * (read_by_dense(units, merge_mode) + 1)


@question.misconception(
    text=Text(
        ko="Dense에서 입력의 크기와 태그의 개수를 곱하지 않고 더했습니다. 태그마다 읽는 수 모두에 가중치가 "
        "있는지 보세요.",
        en="In the Dense layer, the size of the input and the number of tags were added instead of "
        "multiplied. Does each tag have a weight for every number that the layer reads?",
    ),
    section=DENSE_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def dense_sum_for_product(input_dim, units, n_tags, merge_mode="concat"):
    return bilstm(input_dim, units) + read_by_dense(units, merge_mode) + n_tags + 1


@question.misconception(
    text=Text(
        ko="Dense도 LSTM의 식으로 셌습니다. Dense에 게이트나 순환 가중치가 있는지 보세요.",
        en="You counted the Dense layer with the formula of an LSTM. Does it have gates or recurrent "
        "weights?",
    ),
    section=DENSE_SECTION,
    fails=[counts_concat, counts_other_modes],
)
def dense_as_lstm(input_dim, units, n_tags, merge_mode="concat"):
    below = read_by_dense(units, merge_mode)
    return bilstm(input_dim, units) + 4 * n_tags * (below + n_tags + 1)

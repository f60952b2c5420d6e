"""An LSTM on an Embedding, with and without a mask: how many parameters?"""

from autograder import Case, Question, Term, Text, expect

from ._shared import (
    CELL_STATE_AS_A_FIFTH,
    COUNT_A_LAYER,
    DIRECTIONS_SECTION,
    EMBEDDING_SECTION,
    GRU_SECTION,
    LSTM_SECTION,
    MASK_SECTION,
    STATES_COUNTED,
)

question = Question(
    title=Text(ko="Embedding 위의 LSTM의 파라미터 개수", en="Parameters of an LSTM on an Embedding"),
    statement=Text(
        ko="""
단어의 번호를 읽는 다음 두 층이 학습하는 파라미터의 개수를 **모두 더해** 돌려주는 함수
`embedding_lstm_params(vocab_size, embedding_dim, units, mask_zero=True)`를 완성하세요.

```python
layers.Embedding(vocab_size, embedding_dim, mask_zero=mask_zero)
layers.LSTM(units)
```

- `vocab_size`는 2 이상의 정수입니다. 번호는 0부터 `vocab_size - 1`까지이고, `mask_zero=True`일 때는 0번으로
  빈자리를 채웁니다.
- `embedding_dim`과 `units`는 1 이상의 정수, `mask_zero`는 `True` 아니면 `False`이고, 정수 하나를 돌려줍니다.
- `mask_zero`는 네 번째 인수로 줄 수도 있고 생략할 수도 있습니다.
- TensorFlow 없이 채점하므로 식을 쓰세요.
""",
        en="""
Complete `embedding_lstm_params(vocab_size, embedding_dim, units, mask_zero=True)` so that it returns how many
parameters the two layers below, which read word indices, learn **in all**.

```python
layers.Embedding(vocab_size, embedding_dim, mask_zero=mask_zero)
layers.LSTM(units)
```

- `vocab_size` is a whole number of at least 2. The indices run from 0 to `vocab_size - 1`; with `mask_zero=True`,
  index 0 is the padding.
- `embedding_dim` and `units` are whole numbers of at least 1, `mask_zero` is `True` or `False`; return one whole
  number.
- `mask_zero` may be given as the fourth argument or left out.
- This is graded without TensorFlow: write the formula.
""",
    ),
    source="beyond the lecture notebook",
    sample=(5, 3, 2, True),
    returns="int",
    terms=(
        Term("vocab_size*embedding_dim", Text(ko="Embedding의 벡터", en="vectors of the Embedding")),
        Term("units*units", Text(ko="순환 가중치", en="recurrent weights")),
        Term("units*embedding_dim", Text(ko="입력에 곱하는 가중치", en="weights of the input")),
        Term("units", Text(ko="편향", en="biases")),
        Term("vocab_size"),
        Term("embedding_dim"),
        Term("1"),
    ),
    section=EMBEDDING_SECTION,
)


@question.answer
def embedding_lstm_params(vocab_size, embedding_dim, units, mask_zero=True):
    """Number of parameters of an LSTM layer that reads an Embedding.

    vocab_size: int >= 2. embedding_dim, units: int >= 1. mask_zero: bool, True where left out. Returns int.
    두 층의 파라미터 개수를 더한 정수를 돌려줍니다.
    """
    table = vocab_size * embedding_dim
    return table + 4 * units * (embedding_dim + units + 1)


@question.example
def example(embedding_lstm_params):
    assert embedding_lstm_params(5, 3, 2) == 63
    assert embedding_lstm_params(500, 3, 2, mask_zero=False) == 1548


@question.cases
def cases(rng):
    drawn = []
    edges = [(2, 7, 5), (12, 1, 70), (300, 70, 1), (8, 8, 8), (10000, 900, 257)]
    drawn_sizes = rng.permutation(range(4, 65))[:24].reshape(8, 3)
    sizes = [*edges, *((int(v), int(e), int(u)) for v, e, u in drawn_sizes)]
    for place, size in enumerate(sizes):
        drawn += [[Case(*size, True), Case(*size)][place % 2], Case(*size, False)]
    return drawn


def masks(case):
    return len(case.args) < 4 or case.args[3]


def masks_nothing(case):
    return not masks(case)


@question.check(
    points=1,
    text=Text(
        ko="mask_zero=False일 때, 어떤 크기이든 개수가 맞는다",
        en="counts layers of any size with mask_zero=False",
    ),
    when=masks_nothing,
)
def counts_without_mask(got, case, want):
    expect.count(got, want)


@question.check(
    points=1,
    text=Text(
        ko="mask_zero=True일 때와 생략했을 때, 어떤 크기이든 개수가 맞는다",
        en="counts layers of any size with mask_zero=True, and when it is left out",
    ),
    when=masks,
)
def counts_with_mask(got, case, want):
    expect.count(got, want)


# What the mistakes below leave as it should be.


def lstm(reads, units):
    return 4 * units * (reads + units + 1)


@question.misconception(
    text=Text(
        ko="`mask_zero=True`일 때 표에 한 행을 더 셌습니다. 0번 행이 `vocab_size`에 이미 들어 있는지 보세요.",
        en="For `mask_zero=True` you counted one more row of the table. Is the row of index 0 already "
        "included in `vocab_size`?",
    ),
    section=MASK_SECTION,
    fails=[counts_with_mask],
)
def row_added_for_the_mask(vocab_size, embedding_dim, units, mask_zero=True):
    rows = vocab_size + 1 if mask_zero else vocab_size
    return rows * embedding_dim + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="`mask_zero=True`일 때 0번 행을 뺐습니다. 가려지는 것은 시점입니다. Keras가 표의 행까지 없애는지 "
        "보세요.",
        en="For `mask_zero=True` you left the row of index 0 out. What is masked is a time step: does Keras "
        "remove the row from the table too?",
    ),
    section=MASK_SECTION,
    fails=[counts_with_mask],
)
def masked_row_left_out(vocab_size, embedding_dim, units, mask_zero=True):
    rows = vocab_size - 1 if mask_zero else vocab_size
    return rows * embedding_dim + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="`mask_zero=True`일 때 번호마다 수를 하나씩 더 셌습니다. 마스크가 학습되는 값인지, 입력에서 "
        "그때그때 계산되는 값인지 보세요.",
        en="For `mask_zero=True` you counted one more number for every index. Is a mask learnt, or computed "
        "from the input each time?",
    ),
    section=MASK_SECTION,
    fails=[counts_with_mask],
)
def mask_counted_for_every_index(vocab_size, embedding_dim, units, mask_zero=True):
    mask = vocab_size if mask_zero else 0
    return vocab_size * embedding_dim + mask + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="`mask_zero=True`일 때 하나를 더했습니다. 마스크가 학습되는 값인지, 입력에서 그때그때 계산되는 "
        "값인지 보세요.",
        en="For `mask_zero=True` you added one. Is a mask learnt, or computed from the input each time?",
    ),
    section=MASK_SECTION,
    fails=[counts_with_mask],
)
def mask_counted_once(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + lstm(embedding_dim, units) + int(mask_zero)


@question.misconception(
    text=Text(
        ko="`mask_zero=True`일 때 LSTM이 읽는 수를 하나 늘렸습니다. 마스크는 시점을 건너뛰게 할 뿐, LSTM의 "
        "입력에 붙지 않습니다.",
        en="For `mask_zero=True` you counted the LSTM as reading one more number. A mask makes it skip time "
        "steps; it is not part of what the LSTM reads.",
    ),
    section=MASK_SECTION,
    fails=[counts_with_mask],
)
def mask_read_by_the_lstm(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + lstm(embedding_dim + int(mask_zero), units)


@question.misconception(
    text=Text(
        ko="둘 가운데 하나입니다. 표에 한 행을 더 셌거나, Embedding에 편향을 셌습니다. 번호가 0부터 "
        "어디까지인지, 표의 행을 꺼낸 뒤에 더하는 것이 있는지 보세요.",
        en="It is one of two things: a row too many in the table, or a bias for the Embedding. Where do the "
        "indices start and end, and is anything added to a row once it is looked up?",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def row_too_many_or_embedding_bias(vocab_size, embedding_dim, units, mask_zero=True):
    return (vocab_size + 1) * embedding_dim + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="표에서 한 행을 뺐습니다. 번호가 0부터 어디까지인지 보고, 번호마다 행이 있는지 보세요.",
        en="You left out one row of the table. Where do the indices start and end, and does each have a row?",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def one_row_too_few(vocab_size, embedding_dim, units, mask_zero=True):
    return (vocab_size - 1) * embedding_dim + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="표의 행마다 편향을 하나씩 셌습니다. Embedding은 행을 꺼내 줄 뿐이고, 더하는 것이 없습니다.",
        en="You counted a bias for each row of the table. An Embedding looks a row up and adds nothing.",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def bias_for_every_row(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * (embedding_dim + 1) + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="Embedding 없이 LSTM이 원-핫 벡터를 읽는 것으로 셌습니다. 단어가 LSTM에 닿을 때 길이가 얼마인지 "
        "보세요.",
        en="You counted an LSTM that reads one-hot vectors, without the Embedding. How long is a word when "
        "it reaches the LSTM?",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def one_hot_in_place_of_embedding(vocab_size, embedding_dim, units, mask_zero=True):
    return lstm(vocab_size, units)


@question.misconception(
    text=Text(
        ko="LSTM이 단어의 개수만큼 읽는 것으로 셌습니다. Embedding이 번호 하나를 무엇으로 바꾸어 내보내는지 "
        "보세요.",
        en="You counted the LSTM as reading as many numbers as there are words. What does the Embedding turn an index "
        "into?",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def lstm_reads_the_vocabulary(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + lstm(vocab_size, units)


@question.misconception(
    text=Text(
        ko="LSTM이 번호를 그대로 읽는 것으로 셌습니다. Embedding이 번호 하나를 무엇으로 바꾸어 내보내는지 "
        "보세요.",
        en="You counted the LSTM as reading the index itself. What does the Embedding turn an index into?",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def lstm_reads_the_index(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + lstm(1, units)


@question.misconception(
    text=Text(
        ko="LSTM이 표 전체를 읽는 것으로 셌습니다. 한 시점에 표에서 몇 행이 나오는지 보세요.",
        en="You counted the LSTM as reading the whole table. How many of its rows are looked up at one time step?",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def lstm_reads_the_table(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + lstm(vocab_size * embedding_dim, units)


@question.misconception(
    text=Text(
        ko="Embedding을 빠뜨렸습니다. 표의 수는 처음에 무작위이고, 다른 가중치처럼 학습됩니다.",
        en="The Embedding is missing. The numbers in its table start at random and are learnt like other "
        "weights.",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def embedding_left_out(vocab_size, embedding_dim, units, mask_zero=True):
    return lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="Embedding의 개수만 돌려주었습니다. 두 층을 모두 더하세요.",
        en="You returned the count of the Embedding alone. Add up both layers.",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def embedding_alone(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim


@question.misconception(
    text=Text(
        ko="표의 행과 열의 개수를 곱하지 않고 더했습니다. 번호마다 벡터가 하나씩 있습니다.",
        en="You added the numbers of rows and columns of the table instead of multiplying. Every index has "
        "a vector.",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def sum_for_product(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size + embedding_dim + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="표에서 한 행의 길이를 LSTM의 유닛 수로 셌습니다. 벡터의 길이를 정하는 인수가 어느 것인지 보세요.",
        en="You counted as many numbers in a row of the table as the LSTM has units. Which argument sets "
        "the length of a vector?",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def rows_as_long_as_units(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * units + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="Embedding에도 게이트가 있는 것처럼 네 배를 했습니다. 게이트는 LSTM에만 있습니다.",
        en="You multiplied the count of the Embedding by four, as if it had gates. Only the LSTM has them.",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def embedding_times_four(vocab_size, embedding_dim, units, mask_zero=True):
    return 4 * vocab_size * embedding_dim + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="LSTM에서 유닛의 개수와 입력의 크기를 바꾸어 썼습니다. 은닉 상태의 길이를 정하는 것이 어느 "
        "쪽인지 보세요.",
        en="In the LSTM, the number of units and the size of the input are swapped. Which of them sets the "
        "length of the hidden state?",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def units_and_embedding_dim_swapped(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + lstm(units, embedding_dim)


@question.misconception(
    text=Text(
        ko="LSTM의 편향(bias)을 빠뜨렸습니다. 게이트와 셀 후보마다 유닛 하나에 편향이 하나씩 있습니다.",
        en="The bias of the LSTM is missing. Each gate, and the cell candidate, has one per unit.",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
    credit=1,
)
def no_lstm_bias(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 4 * units * (embedding_dim + units)


@question.misconception(
    text=Text(
        ko="LSTM의 편향을 두 세트 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 다릅니다.",
        en="You counted two sets of biases in the LSTM. PyTorch's LSTM has two; the LSTM of Keras does not.",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def two_biases(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 4 * units * (embedding_dim + units + 2)


@question.misconception(
    text=Text(
        ko="LSTM의 순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 말고 무엇을 더 읽는지 "
        "보세요.",
        en="The recurrent weights of the LSTM are missing. Besides its input, what else does it read at "
        "every time step?",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def no_recurrent_weights(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 4 * units * (embedding_dim + 1)


@question.misconception(
    text=Text(
        ko="LSTM의 순환 가중치를 유닛마다 하나씩만 셌습니다. 유닛 하나가 이전 시점의 은닉 상태에서 수를 몇 개 "
        "읽는지 보세요.",
        en="You counted one recurrent weight for each unit of the LSTM. How many numbers of the previous "
        "hidden state does one unit read?",
    ),
    section=GRU_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def one_recurrent_weight_a_unit(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 4 * units * (embedding_dim + 1 + 1)


@question.misconception(
    text=Text(
        ko="GRU처럼 세 세트를 셌습니다. LSTM의 게이트와 셀 후보를 하나씩 적어 보세요.",
        en="You counted three sets of weights, as in a GRU. Write down the gates and the cell candidate of "
        "an LSTM, one by one.",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def gru_formula(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 3 * units * (embedding_dim + units + 1)


@question.misconception(
    text=Text(
        ko="SimpleRNN처럼 한 세트만 셌습니다. LSTM에는 게이트와 셀 후보마다 한 세트씩 있습니다.",
        en="You counted one set of weights, as in a SimpleRNN. An LSTM holds one for each gate and one for "
        "the cell candidate.",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
    credit=0.5,
)
def one_gate_of_four(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + units * (embedding_dim + units + 1)


@question.misconception(
    text=Text(
        ko="LSTM을 두 방향으로 셌습니다. 이 모델에는 Bidirectional이 없습니다.",
        en="You counted the LSTM in two directions. There is no Bidirectional in this model.",
    ),
    section=DIRECTIONS_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def lstm_in_two_directions(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 2 * lstm(embedding_dim, units)


@question.misconception(text=COUNT_A_LAYER, fails=[counts_without_mask, counts_with_mask])
def count_a_layer(vocab_size, embedding_dim, units, mask_zero=True):
    return [vocab_size * embedding_dim, lstm(embedding_dim, units)]


@question.misconception(
    text=Text(
        ko="`embedding_dim`과 `units`를 바꾸어 썼습니다. 벡터의 길이를 정하는 것과 은닉 상태의 길이를 "
        "정하는 것이 어느 쪽인지 보세요.",
        en="`embedding_dim` and `units` are swapped. Which of them is the length of a vector, and which "
        "that of the hidden state?",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def last_sizes_swapped(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * units + lstm(units, embedding_dim)


@question.misconception(
    text=Text(
        ko="Embedding을 두 번 셌습니다. 표가 몇 개 있는지 보세요.",
        en="The Embedding is counted twice. How many tables are there?",
    ),
    fails=[counts_without_mask, counts_with_mask],
)
def embedding_counted_twice(vocab_size, embedding_dim, units, mask_zero=True):
    return 2 * vocab_size * embedding_dim + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="`mask_zero=False`일 때 Embedding의 표를 빠뜨렸습니다. 마스크가 없으면 표도 없는지 보세요.",
        en="For `mask_zero=False` the table of the Embedding is missing. Does the table exist only with a "
        "mask?",
    ),
    section=MASK_SECTION,
    fails=[counts_without_mask],
)
def no_table_without_mask(vocab_size, embedding_dim, units, mask_zero=True):
    return (vocab_size if mask_zero else 0) * embedding_dim + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="`mask_zero=False`일 때 표에 한 행을 더 셌습니다. 번호가 0부터 어디까지인지 보세요.",
        en="For `mask_zero=False` you counted one more row of the table. Where do the indices start and end?",
    ),
    fails=[counts_without_mask],
)
def row_added_without_the_mask(vocab_size, embedding_dim, units, mask_zero=True):
    rows = vocab_size if mask_zero else vocab_size + 1
    return rows * embedding_dim + lstm(embedding_dim, units)


@question.misconception(
    text=Text(
        ko="`mask_zero=True`일 때 Embedding을 빠뜨렸습니다. 마스크가 표를 없애는지 보세요.",
        en="For `mask_zero=True` the Embedding is missing. Does a mask remove the table?",
    ),
    section=MASK_SECTION,
    fails=[counts_with_mask],
)
def embedding_not_learnt_with_mask(vocab_size, embedding_dim, units, mask_zero=True):
    return (0 if mask_zero else vocab_size) * embedding_dim + lstm(embedding_dim, units)


@question.misconception(
    text=CELL_STATE_AS_A_FIFTH, section=LSTM_SECTION, fails=[counts_without_mask, counts_with_mask]
)
def cell_state_as_a_fifth(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 5 * units * (embedding_dim + units + 1)


@question.misconception(
    text=Text(
        ko="LSTM의 가중치를 두 세트만 셌습니다. 게이트와 셀 후보를 하나씩 적어 보세요.",
        en="Two sets of weights were counted in the LSTM. Write down its gates and its cell candidate, one "
        "by one.",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def two_gates(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 2 * units * (embedding_dim + units + 1)


@question.misconception(
    text=Text(
        ko="LSTM의 편향을 한 세트만 셌습니다. 게이트와 셀 후보가 편향을 함께 쓰는지 보세요.",
        en="The biases of the LSTM were counted once for the whole layer. Do the gates and the cell "
        "candidate share them?",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def one_bias_for_all_gates(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 4 * units * (embedding_dim + units) + units


@question.misconception(
    text=Text(
        ko="LSTM의 게이트마다 편향을 하나만 셌습니다. 편향이 유닛마다 있도록 괄호의 위치를 다시 보세요.",
        en="A single bias was counted for each gate of the LSTM. Every unit has its own: check where the "
        "brackets are.",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def one_bias_a_gate(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 4 * (units * (embedding_dim + units) + 1)


@question.misconception(
    text=Text(
        ko="LSTM에서 입력에 곱하는 가중치(kernel)를 빠뜨렸습니다. LSTM이 벡터에 무엇을 곱하는지 보세요.",
        en="In the LSTM, the weights of the input (kernel) are missing. What does it multiply a vector by?",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def no_input_weights(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 4 * units * (units + 1)


@question.misconception(
    text=Text(
        ko="LSTM을 Dense의 식으로 셌습니다. LSTM에는 그 밖에 무엇이 더 있는지 보세요.",
        en="You counted the LSTM with the formula of a Dense layer. What else does an LSTM have?",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def lstm_as_dense(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + units * (embedding_dim + 1)


@question.misconception(
    text=Text(
        ko="LSTM의 유닛 하나의 개수만 셌습니다. LSTM에 유닛이 몇 개 있는지 보세요.",
        en="One unit of the LSTM was counted. How many units does it have?",
    ),
    section=LSTM_SECTION,
    fails=[counts_without_mask, counts_with_mask],
)
def one_lstm_unit_only(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + 4 * (embedding_dim + units + 1)


@question.misconception(
    text=STATES_COUNTED, section=LSTM_SECTION, fails=[counts_without_mask, counts_with_mask]
)
def states_counted(vocab_size, embedding_dim, units, mask_zero=True):
    return vocab_size * embedding_dim + lstm(embedding_dim, units) + 2 * units

"""Four blocks in one array: which columns belong to which gate? Code for another order is repaired."""

import numpy as np

from autograder import Case, Fail, Question, Text, expect

from ._shared import (
    BLOCKS_SECTION,
    FORGET_AND_OUTPUT_SWAPPED,
    INPUT_AND_OUTPUT_SWAPPED,
    ORDER_SECTION,
)

question = Question(
    title=Text(ko="고치기: 게이트의 순서", en="Repair: the order of the gates"),
    statement=Text(
        ko="""
다음 함수는 가중치를 `f`, `g`, `i`, `o`의 순서로 둔 책(위 표의 둘째 줄)의 코드에서 가져온 것입니다. `g`는 그
책에서 후보를 부르는 이름입니다. Keras의 가중치와 함께 쓰면 오류는 나지 않고 값만 틀립니다.

```python
def split_gates(z, units):
    f = z[:, :units]
    g = z[:, units : 2 * units]
    i = z[:, 2 * units : 3 * units]
    o = z[:, 3 * units :]
    return i, f, g, o
```

**Keras의 순서로 둔** `z`를 나누도록 고쳐 아래에 쓰세요.

- `z`는 활성화 함수를 지나기 전의 값이고(GRU의 업데이트 게이트가 아닙니다), 모양이 `(batch, 4 * units)`인 실수
  배열입니다. `batch`와 `units`는 1 이상의 정수입니다.
- 배열 네 개를 **입력 게이트, 망각 게이트, 후보, 출력 게이트**의 순서로 튜플이나 리스트에 담아 돌려줍니다. 모양은
  모두 `(batch, units)`입니다.
- 값은 그대로 둡니다. 활성화 함수를 적용하지 마세요. TensorFlow 없이 채점합니다.
- 아래 예는 모양과 출력 게이트만 확인합니다. 나머지 순서는 `columns`를 출력해 확인해 보세요.
""",
        en="""
The function below comes from a book that keeps the weights in the order `f`, `g`, `i`, `o` (the second row
of the table above), where `g` is the book's name for the candidate. With weights from Keras it raises no error, but
its values are wrong.

```python
def split_gates(z, units):
    f = z[:, :units]
    g = z[:, units : 2 * units]
    i = z[:, 2 * units : 3 * units]
    o = z[:, 3 * units :]
    return i, f, g, o
```

Write it below so that it divides a `z` **in Keras's order**.

- `z` holds the values before any activation (it is not the update gate of a GRU), an array of floats of shape
  `(batch, 4 * units)`. `batch` and `units` are whole numbers of at least 1.
- Return four arrays in a tuple or a list: **input gate, forget gate, candidate, output gate**, in this order,
  each of shape `(batch, units)`.
- Leave the values as they are and apply no activation. This is graded without TensorFlow.
- The example below checks only the shapes and the output gate. Print `columns` to check the rest of the order.
""",
    ),
    source="gate orders of common textbooks and frameworks beside Keras's",
    sample=(np.zeros((1, 8)), 2),
    returns="array",
    parts=4,
    section=ORDER_SECTION,
)


@question.answer
def split_gates(z, units):
    """(batch, 4 * units), int -> 4 x (batch, units)"""
    return tuple(z[:, place * units : (place + 1) * units] for place in range(4))


@question.example
def example(split_gates):
    import numpy as np

    columns = split_gates(np.array([[10.0, 20.0, 30.0, 40.0]]), 1)
    assert len(columns) == 4
    assert all(column.shape == (1, 1) for column in columns)
    assert float(columns[-1][0, 0]) == 40.0


@question.cases
def cases(rng):
    sizes = [(1, 1), (1, 4), (2, 3), (5, 2), (2, 6), (4, 3), (5, 5)]
    sizes += [(int(rng.choice([1, 2, 5])), int(rng.integers(2, 9))) for _ in range(3)]
    return [
        Case(rng.normal(size=(batch, 4 * units)).astype((np.float64, np.float32)[place % 2]), units)
        for place, (batch, units) in enumerate(sizes)
    ]


BLOCKS = Text(ko="배열 네 개를 담은 튜플", en="a tuple of four arrays")


@question.check(
    points=2,
    text=Text(
        ko="입력 게이트, 망각 게이트, 후보, 출력 게이트의 블록을 순서대로 돌려준다",
        en="gives the blocks of input gate, forget gate, candidate and output gate, in this order",
    ),
)
def divides_by_gate(got, case, want):
    found = expect.sequence(got, BLOCKS)
    if len(found) != len(want) and isinstance(got, np.ndarray):
        raise Fail(
            Text(
                ko=f"배열은 {len(want)}개여야 하는데 모양이 {got.shape}인 배열 하나를 돌려주었습니다.",
                en=f"there should be {len(want)} arrays, but one array of shape {got.shape} came back",
            )
        )
    if len(found) != len(want):
        raise Fail(
            Text(
                ko=f"배열은 {len(want)}개여야 하는데 {len(found)}개를 돌려주었습니다.",
                en=f"there should be {len(want)} arrays, but {len(found)} came back",
            )
        )
    for block, right in zip(found, want, strict=True):
        expect.array(block, right)


@question.misconception(
    text=Text(
        ko="고치기 전과 똑같이 나눕니다. ‘Keras의 가중치 저장 순서’ 절의 표에서 첫째 블록은 어느 게이트의 "
        "것인가요?",
        en="It still divides as before the repair. In the section on the order of the weights, to which gate "
        "does the first block belong in Keras?",
    ),
    fails=[divides_by_gate],
)
def left_as_it_was(z, units):
    forget, new, enter, out = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="망각 게이트와 입력 게이트가 서로 바뀌었습니다. Keras는 어느 것을 먼저 두나요?",
        en="The forget gate and the input gate are swapped. Which of them comes first in Keras?",
    ),
    fails=[divides_by_gate],
)
def input_and_forget_swapped(z, units):
    forget, enter, new, out = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="둘째로 돌려준 것이 셋째 블록이고, 셋째로 돌려준 것이 둘째 블록입니다. Keras의 둘째 블록과 셋째 "
        "블록은 각각 무엇인가요? 옛 TensorFlow 셀에서는 후보가 둘째입니다.",
        en="The third block comes back second, and the second one third. What are these two blocks in Keras? "
        "In an old TensorFlow cell the candidate is second.",
    ),
    fails=[divides_by_gate],
)
def candidate_second(z, units):
    enter, new, forget, out = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="출력 게이트와 후보가 서로 바뀌었습니다. 세 게이트를 먼저 모아 두는 구현도 있지만 Keras는 그렇지 "
        "않습니다. 마지막 블록이 무엇인지 보세요.",
        en="The output gate and the candidate are swapped. Some implementations keep the three gates together; "
        "Keras does not. What is its last block?",
    ),
    fails=[divides_by_gate],
)
def candidate_last(z, units):
    enter, forget, out, new = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="망각, 입력, 출력, 후보의 순서로 읽었습니다. 식을 적는 순서와 Keras가 가중치를 저장하는 순서는 "
        "다릅니다.",
        en="The blocks are read as forget, input, output, candidate. The order in which equations are written "
        "is not the order in which Keras stores the weights.",
    ),
    fails=[divides_by_gate],
)
def forget_first_candidate_last(z, units):
    forget, enter, out, new = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="입력, 출력, 망각, 후보의 순서로 읽었습니다. ONNX의 순서입니다. 본문에 있는 Keras의 순서를 "
        "보세요.",
        en="The blocks are read as input, output, forget, candidate, which is ONNX's order. Look at Keras's "
        "order in the lesson.",
    ),
    fails=[divides_by_gate],
)
def order_of_onnx(z, units):
    enter, out, forget, new = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="입력 게이트와 후보가 서로 바뀌었습니다. Keras에서 첫째 블록은 둘 가운데 어느 쪽의 것인가요?",
        en="The input gate and the candidate are swapped. To which of them does the first block belong in Keras?",
    ),
    fails=[divides_by_gate],
)
def candidate_first(z, units):
    new, forget, enter, out = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="블록은 바르게 읽었습니다. 돌려주는 순서만 책의 순서입니다. return 줄을 문제와 비교하세요.",
        en="The blocks are read correctly; only the order in which they are returned is the book's. Compare "
        "the return line with the question.",
    ),
    fails=[divides_by_gate],
)
def returned_in_the_book_s_order(z, units):
    enter, forget, new, out = np.split(z, 4, axis=1)
    return forget, new, enter, out


@question.misconception(
    text=Text(
        ko="열을 네 개마다 하나씩 골라 읽었습니다. 한 게이트의 열들은 서로 붙어 있습니다.",
        en="Every fourth column was taken. The columns of one gate are next to each other.",
    ),
    fails=[divides_by_gate],
)
def every_fourth_column(z, units):
    return tuple(z[:, place::4] for place in range(4))


@question.misconception(
    text=Text(
        ko="열이 아니라 행을 나누었습니다. 행은 샘플 하나하나입니다. 나눌 축을 정해 주었는지 보세요.",
        en="The rows were divided, not the columns. Each row is one sample of the batch. Did you say which "
        "axis to divide?",
    ),
    section=BLOCKS_SECTION,
    fails=[divides_by_gate],
)
def rows_divided(z, units):
    return tuple(np.split(z, 4))


@question.misconception(
    text=Text(
        ko="나누면서 시그모이드와 tanh까지 적용했습니다. 여기서는 나누기만 합니다.",
        en="The blocks went through sigmoid and tanh as well. Only divide them here.",
    ),
    fails=[divides_by_gate],
)
def activated(z, units):
    enter, forget, new, out = np.split(z, 4, axis=1)
    enter, forget, out = (1 / (1 + np.exp(-block)) for block in (enter, forget, out))
    return enter, forget, np.tanh(new), out


@question.misconception(
    text=Text(
        ko="블록의 시작만 정하고 끝을 정하지 않았습니다. 슬라이스의 끝을 보세요.",
        en="Each block has its start but no end. Look at where the slices stop.",
    ),
    section=BLOCKS_SECTION,
    fails=[divides_by_gate],
)
def slices_without_end(z, units):
    return tuple(z[:, place * units :] for place in range(4))


@question.misconception(
    text=Text(
        ko="게이트 셋만 돌려주었습니다. 후보의 블록도 z에 들어 있습니다.",
        en="Only the three gates came back. The candidate has its block in z too.",
    ),
    fails=[divides_by_gate],
)
def candidate_left_out(z, units):
    enter, forget, _, out = np.split(z, 4, axis=1)
    return enter, forget, out


@question.misconception(
    text=Text(
        ko="게이트를 나타내는 축이 있는 배열 하나를 돌려주었습니다. 배열 네 개를 따로 돌려주세요.",
        en="One array with an axis for the gates came back. Return four arrays.",
    ),
    fails=[divides_by_gate],
)
def gates_on_an_axis(z, units):
    return z.reshape(len(z), 4, units)


@question.misconception(
    text=Text(
        ko="딕셔너리를 돌려주었습니다. 배열 네 개를 문제의 순서대로 튜플에 담으세요.",
        en="A dict came back. Put the four arrays into a tuple, in the order of the question.",
    ),
    fails=[divides_by_gate],
)
def as_a_dict(z, units):
    return dict(zip("ifco", np.split(z, 4, axis=1), strict=True))


@question.misconception(
    text=Text(
        ko="출력 게이트를 맨 앞에서 읽었습니다. Keras에서 출력 게이트의 블록이 어디에 있나요?",
        en="The output gate is read first. Where is its block in Keras?",
    ),
    fails=[divides_by_gate],
)
def output_first(z, units):
    a, b, c, d = np.split(z, 4, axis=1)
    return b, c, d, a


@question.misconception(
    text=Text(
        ko="네 블록의 순서가 거꾸로입니다. 앞에서부터 무엇의 블록인지 하나씩 짚어 보세요.",
        en="The four blocks come in reverse. Name them one by one, from the left.",
    ),
    fails=[divides_by_gate],
)
def reversed_order(z, units):
    a, b, c, d = np.split(z, 4, axis=1)
    return d, c, b, a


@question.misconception(text=INPUT_AND_OUTPUT_SWAPPED, fails=[divides_by_gate])
def input_and_output_swapped(z, units):
    a, b, c, d = np.split(z, 4, axis=1)
    return d, b, c, a


@question.misconception(text=FORGET_AND_OUTPUT_SWAPPED, fails=[divides_by_gate])
def forget_and_output_swapped(z, units):
    a, b, c, d = np.split(z, 4, axis=1)
    return a, d, c, b


@question.misconception(
    text=Text(
        ko="블록마다 끝만 정하고 시작은 모두 첫 열입니다. 슬라이스의 시작을 보세요.",
        en="Each block has its end, but all of them begin at the first column. Look at where the slices start.",
    ),
    section=BLOCKS_SECTION,
    fails=[divides_by_gate],
)
def slices_from_the_start(z, units):
    return tuple(z[:, : (place + 1) * units] for place in range(4))


@question.misconception(
    text=Text(
        ko="열이 아니라 행에서 `units`개씩 꺼냈습니다. 둘째 축을 자르려면 첫째 축의 자리에 무엇을 적어야 "
        "하나요?",
        en="The slices take `units` rows, not columns. What goes before the comma to slice the second axis?",
    ),
    section=BLOCKS_SECTION,
    fails=[divides_by_gate],
)
def rows_sliced(z, units):
    return tuple(z[place * units : (place + 1) * units] for place in range(4))


@question.misconception(
    text=Text(
        ko="게이트마다 열을 하나씩만 꺼냈습니다. 게이트 하나의 열은 유닛마다 하나씩입니다.",
        en="Each gate gets a single column. A gate has one column per unit.",
    ),
    fails=[divides_by_gate],
)
def one_column_for_each_gate(z, units):
    return tuple(z[:, place] for place in range(4))


@question.misconception(
    text=Text(
        ko="블록의 시작이 한 열씩만 밀려서 서로 겹칩니다. 다음 블록은 앞 블록이 끝난 곳에서 시작합니다.",
        en="Each block starts one column after the previous one, so they overlap. A block starts where the "
        "one before it ends.",
    ),
    section=BLOCKS_SECTION,
    fails=[divides_by_gate],
)
def blocks_that_overlap(z, units):
    return tuple(z[:, place : place + units] for place in range(4))


@question.misconception(
    text=Text(
        ko="출력 게이트의 블록이 빠졌습니다. z에 블록이 몇 개인지 세어 보세요.",
        en="The block of the output gate is missing. How many blocks does z hold?",
    ),
    fails=[divides_by_gate],
)
def output_gate_left_out(z, units):
    a, b, c, _ = np.split(z, 4, axis=1)
    return a, b, c


@question.misconception(
    text=Text(
        ko="reshape로 나누어서 샘플마다의 값이 여러 게이트에 흩어졌습니다. reshape는 값을 행을 따라 순서대로 "
        "나눕니다. 열을 나누세요.",
        en="A reshape spread the values along the rows, so that those of one sample are scattered over the "
        "gates. Divide the columns.",
    ),
    section=BLOCKS_SECTION,
    fails=[divides_by_gate],
)
def reshaped_over_the_rows(z, units):
    return tuple(np.reshape(z, (4, len(z), units)))


@question.misconception(
    text=Text(
        ko="열이 아니라 행을 나누었습니다. `array_split`은 똑같이 나누어지지 않아도 오류를 내지 않습니다. 나눌 "
        "축을 정해 주세요.",
        en="The rows were divided, not the columns. `array_split` raises no error when they do not divide "
        "evenly. Say which axis to divide.",
    ),
    section=BLOCKS_SECTION,
    fails=[divides_by_gate],
)
def rows_divided_unevenly(z, units):
    return tuple(np.array_split(z, 4))


@question.misconception(
    text=Text(
        ko="첫 샘플의 행만 나누었습니다. 샘플마다 한 행이 있어야 합니다.",
        en="Only the first sample's row was divided. There should be a row for each sample.",
    ),
    fails=[divides_by_gate],
)
def first_example_only(z, units):
    return tuple(np.split(z[0], 4))


@question.misconception(
    text=Text(
        ko="값은 맞지만 NumPy 배열이 아니라 리스트입니다. 블록을 배열로 돌려주세요.",
        en="The values are right, but each block is a list. Return NumPy arrays.",
    ),
    fails=[divides_by_gate],
)
def lists_for_arrays(z, units):
    return [block.tolist() for block in np.split(z, 4, axis=1)]


@question.misconception(
    text=Text(
        ko="나누면서 네 블록 모두에 시그모이드를 적용했습니다. 여기서는 나누기만 합니다.",
        en="All four blocks went through a sigmoid. Only divide them here.",
    ),
    fails=[divides_by_gate],
)
def sigmoid_on_all(z, units):
    return tuple(np.split(1 / (1 + np.exp(-z)), 4, axis=1))


@question.misconception(
    text=Text(
        ko="게이트의 블록에 시그모이드를 적용했습니다. 여기서는 나누기만 합니다.",
        en="The gates' blocks went through a sigmoid. Only divide them here.",
    ),
    fails=[divides_by_gate],
)
def gates_activated(z, units):
    a, b, c, d = np.split(z, 4, axis=1)
    a, b, d = (1 / (1 + np.exp(-block)) for block in (a, b, d))
    return a, b, c, d


@question.misconception(
    text=Text(
        ko="후보의 블록에 tanh를 적용했습니다. 여기서는 나누기만 합니다.",
        en="The candidate's block went through a tanh. Only divide it here.",
    ),
    fails=[divides_by_gate],
)
def candidate_activated(z, units):
    a, b, c, d = np.split(z, 4, axis=1)
    return a, b, np.tanh(c), d


@question.misconception(
    text=Text(
        ko="네 블록을 맨 뒤의 새 축에 쌓은 배열 하나가 나왔습니다. 배열 네 개를 따로 돌려주세요.",
        en="One array came back, with the four blocks stacked on a new last axis. Return four arrays.",
    ),
    fails=[divides_by_gate],
)
def gates_on_the_last_axis(z, units):
    return np.moveaxis(z.reshape(len(z), 4, units), 1, 2)


@question.misconception(
    text=Text(
        ko="네 블록을 다시 이은 배열 하나가 나왔습니다. 배열 네 개를 따로 돌려주세요.",
        en="One array came back, with the four blocks joined again. Return four arrays.",
    ),
    fails=[divides_by_gate],
)
def joined_again(z, units):
    return z


@question.misconception(
    text=Text(
        ko="블록의 모양이 나왔습니다. 배열을 돌려주세요.",
        en="Those are the shapes of the blocks. Return the arrays.",
    ),
    fails=[divides_by_gate],
)
def shapes_for_arrays(z, units):
    return ((len(z), units),) * 4


@question.misconception(
    text=Text(
        ko="첫 블록이 네 번 나왔습니다. 다음 블록이 어느 열에서 시작하는지 보세요.",
        en="The first block came back four times. At which column does the next one start?",
    ),
    section=BLOCKS_SECTION,
    fails=[divides_by_gate],
)
def first_block_four_times(z, units):
    return (z[:, :units],) * 4


@question.misconception(
    text=Text(
        ko="블록을 `units`개로 나누었습니다. 그래서 블록마다 열이 네 개입니다. 블록은 몇 개여야 하고, 블록마다 열이 몇 "
        "개여야 하나요?",
        en="`z` is split into `units` blocks of four columns. How many blocks should there be, and how many columns "
        "does each have?",
    ),
    section=BLOCKS_SECTION,
    fails=[divides_by_gate],
)
def as_many_blocks_as_units(z, units):
    return tuple(np.split(z, units, axis=-1))


@question.misconception(
    text=Text(
        ko="둘째 블록부터 모두 한 열씩 앞에서 잘렸습니다. 인덱스는 0부터 셉니다.",
        en="From the second block on, each is cut one column early. Indices count from 0.",
    ),
    fails=[divides_by_gate],
)
def one_column_early(z, units):
    first, *others = np.split(z, 4, axis=1)
    return first, *(z[:, place * units - 1 : (place + 1) * units - 1] for place in range(1, len(others) + 1))


@question.misconception(
    text=Text(
        ko="마지막 블록에서 끝의 한 열이 빠졌습니다. `-1`에서 끝나는 슬라이스에는 마지막 열이 들어가지 않습니다.",
        en="The last block lacks its last column. A slice that ends at `-1` leaves that column out.",
    ),
    fails=[divides_by_gate],
)
def last_column_left_out(z, units):
    *others, last = np.split(z, 4, axis=1)
    return *others, last[:, : units - 1]


@question.misconception(
    text=Text(
        ko="블록마다 끝의 한 열이 빠졌습니다. 슬라이스의 끝 인덱스에 있는 열은 슬라이스에 들어가지 않습니다.",
        en="Each block lacks its last column. The column at the end index of a slice is not part of it.",
    ),
    fails=[divides_by_gate],
)
def every_block_one_column_short(z, units):
    return tuple(block[:, : units - 1] for block in np.split(z, 4, axis=1))

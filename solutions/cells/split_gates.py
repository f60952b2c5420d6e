"""Four blocks in one array: which columns belong to which gate? Code for another order is repaired."""

import numpy as np

from autograder import Case, Fail, Question, Text, expect

question = Question(
    title=Text(ko="고치기: 게이트의 차례", en="Repair: the order of the gates"),
    statement=Text(
        ko="""
다음 함수는 가중치를 `f`, `g`, `i`, `o`의 차례로 둔 책의 코드에서 가져온 것입니다. `g`는 그 책에서 후보를 부르는
이름입니다. Keras의 가중치와 함께 쓰면 오류는 나지 않고 값만 틀립니다.

```python
def split_gates(z, units):
    f = z[:, :units]
    g = z[:, units : 2 * units]
    i = z[:, 2 * units : 3 * units]
    o = z[:, 3 * units :]
    return i, f, g, o
```

**Keras의 차례로 둔** `z`를 나누도록 고쳐 아래에 쓰세요.

- `z`는 활성화 함수를 지나기 전의 값이고, 모양이 `(batch, 4 * units)`인 실수 배열입니다. `batch`와 `units`는 1
  이상의 정수입니다.
- 배열 네 개를 **입력 게이트, 망각 게이트, 후보, 출력 게이트**의 차례로 담은 튜플을 돌려줍니다. 모양은 모두
  `(batch, units)`입니다.
- 값은 그대로 둡니다. 활성화 함수를 적용하지 마세요. TensorFlow 없이 채점합니다.
""",
        en="""
The function below comes from a book that keeps the weights in the order `f`, `g`, `i`, `o`, where `g` is the
book's name for the candidate. With weights from Keras it raises no error, and its values are wrong.

```python
def split_gates(z, units):
    f = z[:, :units]
    g = z[:, units : 2 * units]
    i = z[:, 2 * units : 3 * units]
    o = z[:, 3 * units :]
    return i, f, g, o
```

Write it below so that it divides a `z` **in Keras's order**.

- `z` holds the values before any activation, an array of floats of shape `(batch, 4 * units)`. `batch` and
  `units` are whole numbers of at least 1.
- Return a tuple of four arrays: **input gate, forget gate, candidate, output gate**, in this order, each of
  shape `(batch, units)`.
- Leave the values as they are and apply no activation. This is graded without TensorFlow.
""",
    ),
    source="gate orders of common textbooks and frameworks beside Keras's",
    returns="list",
)


@question.answer
def split_gates(z, units):
    """The blocks of the four blocks of an LSTM, before their activations.

    z: float array (batch, 4 * units), in Keras's order. units: int >= 1.
    Returns (input gate, forget gate, candidate, output gate), arrays of shape (batch, units).
    입력 게이트, 망각 게이트, 후보, 출력 게이트의 배열을 차례로 담은 튜플을 돌려줍니다.
    """
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
    points=1,
    text=Text(
        ko="입력 게이트, 망각 게이트, 후보, 출력 게이트의 몫을 차례로 돌려준다",
        en="gives the blocks of input gate, forget gate, candidate and output gate, in this order",
    ),
)
def divides_by_gate(got, case, want):
    found = expect.sequence(got, BLOCKS)
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
        ko="고치기 전과 똑같이 나눕니다. z의 첫 번째 묶음이 Keras에서 어느 게이트의 것인지 보세요.",
        en="It still divides as before the repair. To which gate does the first block of z belong in Keras?",
    ),
    fails=[divides_by_gate],
)
def left_as_it_was(z, units):
    forget, new, enter, out = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="망각 게이트와 입력 게이트의 자리가 서로 바뀌었습니다. Keras가 어느 것을 먼저 두는지 보세요.",
        en="The forget gate and the input gate have each other's place. Which of them comes first in Keras?",
    ),
    fails=[divides_by_gate],
)
def input_and_forget_swapped(z, units):
    forget, enter, new, out = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="입력 게이트 다음에 후보를 읽었습니다. 옛 TensorFlow 셀의 차례입니다. 지금의 Keras에서 둘째 묶음이 "
        "무엇인지 보세요.",
        en="The candidate is read right after the input gate, as in an old cell of TensorFlow. What is the "
        "second block in Keras?",
    ),
    fails=[divides_by_gate],
)
def candidate_second(z, units):
    enter, new, forget, out = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="출력 게이트와 후보의 자리가 서로 바뀌었습니다. 세 게이트를 먼저 모아 두는 구현도 있지만 Keras는 "
        "그렇지 않습니다.",
        en="The output gate and the candidate have each other's place. Some implementations keep the three "
        "gates together; Keras does not.",
    ),
    fails=[divides_by_gate],
)
def candidate_last(z, units):
    enter, forget, out, new = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="망각, 입력, 출력, 후보의 차례로 읽었습니다. 식을 적는 차례와 Keras가 가중치를 두는 차례는 "
        "다릅니다.",
        en="The blocks are read as forget, input, output, candidate. The order in which equations are written "
        "is not the order in which Keras keeps the weights.",
    ),
    fails=[divides_by_gate],
)
def forget_first_candidate_last(z, units):
    forget, enter, out, new = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="입력, 출력, 망각, 후보의 차례로 읽었습니다. ONNX의 차례입니다. 본문에 있는 Keras의 차례를 보세요.",
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
        ko="후보를 맨 앞에서 읽었습니다. 어느 두 묶음이 자리를 바꾸어야 하는지 하나씩 짚어 보세요.",
        en="The candidate is read first. Go through the blocks one by one: which of them have to move?",
    ),
    fails=[divides_by_gate],
)
def candidate_first(z, units):
    new, forget, enter, out = np.split(z, 4, axis=1)
    return enter, forget, new, out


@question.misconception(
    text=Text(
        ko="묶음은 알맞게 읽었지만, 돌려주는 차례가 책의 차례입니다. return 줄의 차례를 문제와 견주어 보세요.",
        en="The blocks are read well, but they come back in the book's order. Compare the return line with "
        "the question.",
    ),
    fails=[divides_by_gate],
)
def returned_in_the_book_s_order(z, units):
    enter, forget, new, out = np.split(z, 4, axis=1)
    return forget, new, enter, out


@question.misconception(
    text=Text(
        ko="네 칸마다 하나씩 건너뛰며 읽었습니다. 한 게이트의 열들은 서로 붙어 있습니다.",
        en="Every fourth column was taken. The columns of one gate stand next to each other.",
    ),
    fails=[divides_by_gate],
)
def every_fourth_column(z, units):
    return tuple(z[:, place::4] for place in range(4))


@question.misconception(
    text=Text(
        ko="열이 아니라 행을 나누었습니다. 행은 묶음(batch)의 예 하나하나입니다. 나눌 축을 정해 주었는지 "
        "보세요.",
        en="The rows were divided, not the columns. Each row is one example of the batch. Did you say which "
        "axis to divide?",
    ),
    fails=[divides_by_gate],
)
def rows_divided(z, units):
    return tuple(np.split(z, 4))


@question.misconception(
    text=Text(
        ko="나누면서 시그모이드와 tanh까지 적용했습니다. 여기서는 나누기만 합니다.",
        en="The blocks went through sigmoid and tanh as well. Here they are only to be divided.",
    ),
    fails=[divides_by_gate],
)
def activated(z, units):
    enter, forget, new, out = np.split(z, 4, axis=1)
    enter, forget, out = (1 / (1 + np.exp(-block)) for block in (enter, forget, out))
    return enter, forget, np.tanh(new), out


@question.misconception(
    text=Text(
        ko="묶음의 시작만 정하고 끝을 정하지 않았습니다. 슬라이스의 끝을 보세요.",
        en="Each block has its start but no end. Look at where the slices stop.",
    ),
    fails=[divides_by_gate],
)
def slices_without_end(z, units):
    return tuple(z[:, place * units :] for place in range(4))


@question.misconception(
    text=Text(
        ko="게이트 셋만 돌려주었습니다. 후보의 몫도 z에 들어 있습니다.",
        en="Only the three gates came back. The candidate has its block in z too.",
    ),
    fails=[divides_by_gate],
)
def candidate_left_out(z, units):
    enter, forget, _, out = np.split(z, 4, axis=1)
    return enter, forget, out


@question.misconception(
    text=Text(
        ko="게이트를 세는 축이 있는 배열 하나를 돌려주었습니다. 배열 네 개를 따로 돌려주세요.",
        en="One array with an axis for the gates came back. Return four arrays.",
    ),
    fails=[divides_by_gate],
)
def gates_on_an_axis(z, units):
    return z.reshape(len(z), 4, units)


@question.misconception(
    text=Text(
        ko="딕셔너리를 돌려주었습니다. 배열 네 개를 문제의 차례대로 튜플에 담으세요.",
        en="A dict came back. Put the four arrays into a tuple, in the order of the question.",
    ),
    fails=[divides_by_gate],
)
def as_a_dict(z, units):
    return dict(zip("ifco", np.split(z, 4, axis=1), strict=True))

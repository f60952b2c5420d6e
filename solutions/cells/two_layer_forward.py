"""Two LSTM layers on top of each other: code in which return_sequences is missing is repaired."""

import numpy as np

from autograder import Case, Question, Text, expect

from ._shared import (
    LIST_OF_ROWS,
    UNROLLING_SECTION,
)

question = Question(
    title=Text(ko="고치기: LSTM 위의 LSTM", en="Repair: an LSTM on an LSTM"),
    statement=Text(
        ko="""
LSTM 두 층을 쌓은 모델입니다. 처음에는 Keras에서처럼 축이 모자란다는 오류가 났는데, 누군가 `np.newaxis`를 넣어
오류를 없앴습니다. 이제 오류는 나지 않지만 값이 Keras의 모델과 다릅니다.

```python
def two_layer_forward(X, first, second):
    h_seq, h, c = lstm_forward(X, *first)
    h_seq, h, c = lstm_forward(h[:, np.newaxis], *second)
    return h
```

첫 번째 층에 `return_sequences=True`를 준 Keras의 모델처럼, 두 번째 층이 첫 번째 층의 **모든 시점**을 읽도록 고쳐 아래에
쓰세요.

- `X`의 모양은 `(batch, T, d)`이고 `T`는 2 이상입니다.
- `first`와 `second`는 각 층의 가중치 `(kernel, recurrent_kernel, bias)`입니다. 첫 번째 층의 유닛 수 `u1`과
  두 번째 층의 유닛 수 `u2`는 다를 수 있습니다.
- 두 번째 층의 **마지막 은닉 상태**를 돌려줍니다. 모양이 `(batch, u2)`인 배열이고, 값의 오차는 0.00001까지 허용합니다.
- 앞에서 쓴 여러분의 `lstm_forward`를 그대로 쓰면 됩니다. 그것이 틀렸으면 이 문제는 **여러분의**
  `lstm_forward`를 바르게 이어 얻은 값으로도 점수를 받습니다. TensorFlow 없이 채점합니다.
- 아래 예의 첫 번째 층은 기억을 남기지 않아, 마지막 은닉 상태가 시퀀스의 앞부분과 무관합니다. 그러나 그 앞의 은닉
  상태들은 앞부분에 따라 달라지므로 결과도 달라져야 합니다.
""",
        en="""
This is a model of two LSTM layers. At first it raised an error, as Keras does, because an axis was missing.
The error was then silenced with `np.newaxis`. The code now runs, but returns other values than the model in Keras.

```python
def two_layer_forward(X, first, second):
    h_seq, h, c = lstm_forward(X, *first)
    h_seq, h, c = lstm_forward(h[:, np.newaxis], *second)
    return h
```

Write it below so that the second layer reads **every time step** of the first, as in a Keras model whose first
layer has `return_sequences=True`.

- `X` has the shape `(batch, T, d)`; `T` is at least 2.
- `first` and `second` are the weights `(kernel, recurrent_kernel, bias)` of each layer. The first layer has
  `u1` units and the second `u2`, which may differ.
- Return the **last hidden state** of the second layer, an array of shape `(batch, u2)`, accurate to within
  0.00001.
- You can use the `lstm_forward` that you wrote above. If it is wrong, the values that **your own**
  `lstm_forward` gives when the layers are joined correctly earn the points as well. This is graded without TensorFlow.
- In the example below the first layer keeps no memory, so its last hidden state does not depend on the beginning
  of the sequence. Its earlier hidden states do, so your result must change when the beginning changes.
""",
    ),
    source="lecture notebook, LSTM problem 3: a stack without return_sequences",
    sample=(
        np.zeros((3, 2, 2)),
        (np.zeros((2, 4)), np.zeros((1, 4)), np.zeros(4)),
        (np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4)),
    ),
    returns="array",
)

TOLERANCE = 1e-5


def lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    """One step, for the layers below."""
    i, f, g, o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
    i, f, o = (1 / (1 + np.exp(-block)) for block in (i, f, o))
    new_c = f * c + i * np.tanh(g)
    return o * np.tanh(new_c), new_c


def lstm_forward(X, kernel, recurrent_kernel, bias, h=None, c=None):
    """The layer that the reference and the mistakes below stack."""
    zeros = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    h, c = zeros if h is None else h, zeros if c is None else c
    every_h = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        every_h.append(h)
    return np.stack(every_h, axis=1), h, c


@question.answer
def two_layer_forward(X, first, second):
    """(batch, T, d), 2 x (kernel, recurrent_kernel, bias) -> (batch, u2)"""
    below, _, _ = lstm_forward(X, *first)
    _, top, _ = lstm_forward(below, *second)
    return top


@question.example
def example(two_layer_forward):
    import numpy as np

    rng = np.random.default_rng(7)
    X = rng.normal(size=(3, 6, 2))
    first = rng.normal(size=(2, 16)), np.zeros((4, 16)), rng.normal(size=16)
    first[2][4:8] = -50
    second = rng.normal(size=(4, 4)), rng.normal(size=(1, 4)), rng.normal(size=4)
    last = two_layer_forward(X, first, second)
    assert last.shape == (3, 1)
    other = two_layer_forward(np.concatenate([-X[:, :3], X[:, 3:]], axis=1), first, second)
    assert not np.allclose(last, other)


@question.cases
def cases(rng):
    sizes = [
        (1, 2, 3, 5, 2), (2, 4, 3, 4, 5), (5, 2, 6, 4, 4), (2, 5, 4, 4, 4), (1, 7, 1, 2, 3), (5, 3, 5, 2, 6)
    ]  # fmt: skip
    for _ in range(2):
        d, lower, upper = (int(size) for size in rng.permutation(range(2, 9))[:3])
        sizes.append((int(rng.choice([1, 2, 5])), int(rng.integers(2, 6)), d, lower, upper))
    drawn = []
    for place, (batch, steps, d, lower, upper) in enumerate(sizes):
        dtype = (np.float64, np.float32)[place % 2]
        X = rng.normal(size=(batch, steps, d)).astype(dtype)
        layers = [
            tuple(
                (0.7 * rng.normal(size=shape)).astype(dtype)
                for shape in ((reads, 4 * units), (units, 4 * units), (4 * units,))
            )
            for reads, units in ((d, lower), (lower, upper))
        ]
        drawn.append(Case(X, *layers))
    return drawn


def reads_every_step(lstm_forward, X, first, second):
    """Whether a layer reads its first input, and the code as it was can be told from right code."""
    below, last, _ = lstm_forward(X, *first)
    of_another_input, _, _ = lstm_forward(np.concatenate([-X[:, :1], X[:, 1:]], axis=1), *first)
    _, top, _ = lstm_forward(below, *second)
    _, as_it_was, _ = lstm_forward(last[:, np.newaxis], *second)
    return not np.allclose(of_another_input, below) and not np.allclose(
        as_it_was, top, rtol=TOLERANCE, atol=TOLERANCE
    )


@question.follows("lstm_forward", enough=reads_every_step)
def by_own_layer(lstm_forward, X, first, second):
    below, _, _ = lstm_forward(X, *first)
    _, top, _ = lstm_forward(below, *second)
    return top


@question.check(
    points=2,
    text=Text(
        ko="두 번째 층이 첫 번째 층의 모든 시점을 읽고, 마지막 은닉 상태를 낸다",
        en="the second layer reads every time step of the first and gives its last hidden state",
    ),
)
def reads_every_step(got, case, want):
    right = want.astype(float)
    size = np.maximum(1, np.abs(right))  # a wrong layer may let the values grow
    with np.errstate(invalid="ignore"):
        expect.array(expect.shape(got, right.shape).astype(float) / size, right / size, tolerance=TOLERANCE)


@question.misconception(
    text=Text(
        ko="고치기 전과 똑같이 계산합니다. 두 번째 층이 읽는 시퀀스의 모양을 출력해 보세요. 시점이 몇 개인가요?",
        en="It still computes what it did before the repair. Print the shape of what the second layer reads: "
        "how many time steps does it have?",
    ),
    fails=[reads_every_step],
)
def left_as_it_was(lstm_forward, X, first, second):
    last = lstm_forward(X, *first)[1]
    return lstm_forward(last.reshape(len(X), 1, -1), *second)[1]


@question.misconception(
    text=Text(
        ko="첫 번째 층의 마지막 은닉 상태를 시점마다 되풀이했습니다. 두 번째 층은 시점마다 다른 은닉 상태를 읽어야 "
        "합니다.",
        en="The last hidden state of the first layer is repeated at every time step. The second layer should "
        "read a different one at each.",
    ),
    fails=[reads_every_step],
)
def last_state_repeated(lstm_forward, X, first, second):
    last = lstm_forward(X, *first)[1]
    return lstm_forward(np.repeat(last[:, None], X.shape[1], axis=1), *second)[1]


@question.misconception(
    text=Text(
        ko="첫 시점만 결과에 들어갑니다. 어느 쪽 층에서든 첫 시점만 꺼내지 않았는지 확인하세요.",
        en="Only the first time step reaches the result. Does one of the layers pass on its first time step "
        "only?",
    ),
    fails=[reads_every_step],
)
def first_step_only(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0][:, :1], *second)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층이 첫 번째 층의 마지막 셀 상태를 한 시점짜리 입력으로 읽습니다. 위층으로 올라가는 것은 모든 "
        "시점의 은닉 상태입니다.",
        en="The second layer reads the last cell state of the first, as a sequence of one step. What goes up to the "
        "next layer is the hidden state, at every time step.",
    ),
    fails=[reads_every_step],
)
def cell_state_goes_up(lstm_forward, X, first, second):
    cell = lstm_forward(X, *first)[2]
    return lstm_forward(cell[:, None], *second)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층이 첫 번째 층의 은닉 상태를 거꾸로 읽습니다. 두 층은 같은 방향으로 읽어야 합니다.",
        en="The second layer reads the hidden states of the first backwards. Both layers should read in the same "
        "direction.",
    ),
    fails=[reads_every_step],
)
def read_backwards(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0][:, ::-1], *second)[1]


@question.misconception(
    text=Text(
        ko="첫 번째 층의 은닉 상태를 시점에 걸쳐 평균 냈습니다. 그러면 시점의 순서가 사라집니다. 시점마다 하나씩 "
        "올려 보내세요.",
        en="The hidden states of the first layer are averaged over time, which loses their order. Pass on one per time "
        "step.",
    ),
    fails=[reads_every_step],
)
def averaged_over_time(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0].mean(axis=1, keepdims=True), *second)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층의 상태가 첫 번째 층의 마지막 상태에서 시작합니다. 층마다 상태는 0에서 시작합니다.",
        en="The second layer starts from the last states of the first. Each layer starts from zeros.",
    ),
    section=UNROLLING_SECTION,
    fails=[reads_every_step],
)
def states_handed_up(X, first, second):
    below, h, c = lstm_forward(X, *first)
    return lstm_forward(below, *second, h, c)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층의 마지막 셀 상태를 돌려주었습니다. 은닉 상태를 돌려주세요.",
        en="The last cell state of the second layer came back. Return its hidden state.",
    ),
    section=UNROLLING_SECTION,
    fails=[reads_every_step],
)
def cell_state_returned(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0], *second)[2]


@question.misconception(
    text=Text(
        ko="두 번째 층의 모든 시점을 돌려주었습니다. 여기서는 마지막 은닉 상태만 돌려줍니다.",
        en="All time steps of the second layer came back. Only its last hidden state is needed here.",
    ),
    section=UNROLLING_SECTION,
    fails=[reads_every_step],
)
def every_step_returned(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0], *second)[0]


@question.misconception(
    text=Text(
        ko="lstm_forward가 돌려준 세 배열을 그대로 돌려주었습니다. 그 가운데 무엇을 돌려줄지 보세요.",
        en="All three arrays of lstm_forward came back. Which of them is asked for?",
    ),
    section=UNROLLING_SECTION,
    fails=[reads_every_step],
)
def everything_returned(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0], *second)


@question.misconception(
    text=Text(
        ko="첫 번째 층의 마지막 은닉 상태를 돌려주었습니다. 두 번째 층은 어디에 있나요?",
        en="The last hidden state of the first layer came back. Where is the second layer?",
    ),
    fails=[reads_every_step],
)
def first_layer_only(lstm_forward, X, first, second):
    return lstm_forward(X, *first)[1]


@question.misconception(
    text=Text(
        ko="두 층 모두에 첫 번째 층의 가중치를 썼습니다. `second`가 어디에 쓰이나요?",
        en="Both layers use the weights of the first. Where is `second` used?",
    ),
    fails=[reads_every_step],
)
def first_weights_twice(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0], *first)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층이 첫 번째 층이 아니라 X를 읽습니다. 첫 번째 층이 내보낸 것이 어디로 가나요?",
        en="The second layer reads X instead of the first layer. Where does the output of the first layer go?",
    ),
    fails=[reads_every_step],
)
def second_layer_reads_the_input(lstm_forward, X, first, second):
    return lstm_forward(X, *second)[1]


@question.misconception(
    text=Text(
        ko="두 층의 순서가 바뀌었습니다. X를 읽는 것은 어느 층인가요?",
        en="The layers are swapped. Which of them reads X?",
    ),
    fails=[reads_every_step],
)
def layers_swapped(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *second)[0], *first)[1]


def is_a_list_of_rows(got, case, want):
    """Silent where a list came back, with a row for each example."""
    expect.shown(
        isinstance(got, list)
        and len(got) == len(want)
        and all(isinstance(row, list) and len(row) == want.shape[1] for row in got)
    )


@question.misconception(
    text=Text(
        ko="두 번째 층이 샘플들을 시점으로 읽습니다. 새 축을 앞에 두면 어느 축이 시점이 되나요?",
        en="The second layer reads the samples as time steps. If a new axis is put in front, which one "
        "becomes time?",
    ),
    fails=[reads_every_step],
)
def examples_read_as_time_steps(lstm_forward, X, first, second):
    last = lstm_forward(X, *first)[1]
    return lstm_forward(last.reshape(1, *last.shape), *second)[1]


@question.misconception(
    text=Text(
        ko="마지막 시점이 결과에 들어가지 않습니다. 두 번째 층이 그 시점을 읽지 않거나, 그 이전 시점의 은닉 "
        "상태를 돌려준 것입니다. 슬라이스의 끝과, 돌려줄 때 쓴 인덱스를 보세요.",
        en="The last time step does not reach the result: the second layer does not read it, or the state of the "
        "step before is returned. Look at where slices end and which index is returned.",
    ),
    fails=[reads_every_step],
)
def last_step_left_out(lstm_forward, X, first, second):
    below = lstm_forward(X, *first)[0]
    return lstm_forward(below[:, : X.shape[1] - 1], *second)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층이 첫 시점을 읽지 않습니다. 슬라이스의 시작을 보세요.",
        en="The second layer does not read the first time step. Look at where the slice starts.",
    ),
    fails=[reads_every_step],
)
def first_step_left_out(lstm_forward, X, first, second):
    below = lstm_forward(X, *first)[0]
    return lstm_forward(below[:, 1:], *second)[1]


@question.misconception(
    text=Text(
        ko="두 층 사이에서 샘플 축과 시점 축을 바꾸었습니다. lstm_forward는 어느 축을 시점으로 읽나요?",
        en="Between the layers the axes of samples and time are swapped. Which axis does lstm_forward read "
        "as time?",
    ),
    fails=[reads_every_step],
)
def axes_of_batch_and_time_swapped(lstm_forward, X, first, second):
    below = lstm_forward(X, *first)[0]
    return lstm_forward(np.moveaxis(below, 0, 1), *second)[1]


@question.misconception(
    text=Text(
        ko="두 층 사이에서 시점 축과 유닛 축을 바꾸었습니다. 두 번째 층이 시점마다 읽는 것은 무엇인가요?",
        en="Between the layers the axes of time and units are swapped. What does the second layer read at each "
        "time step?",
    ),
    fails=[reads_every_step],
)
def axes_of_time_and_units_swapped(lstm_forward, X, first, second):
    below = lstm_forward(X, *first)[0]
    return lstm_forward(np.moveaxis(below, 1, 2), *second)[1]


@question.misconception(
    text=Text(
        ko="두 층 사이의 reshape가 값을 다른 샘플과 시점으로 옮깁니다. h_seq는 이미 두 번째 층이 읽을 모양입니다.",
        en="A reshape between the layers moves values to other samples and steps. h_seq already has the "
        "shape that the second layer reads.",
    ),
    fails=[reads_every_step],
)
def reshaped_between(lstm_forward, X, first, second):
    below = lstm_forward(X, *first)[0]
    batch, steps, units = below.shape
    return lstm_forward(np.reshape(below, (steps, batch, units)), *second)[1]


@question.misconception(
    text=Text(
        ko="첫 번째 층의 은닉 상태를 시점에 걸쳐 더했습니다. 그러면 시점의 순서가 사라집니다. 두 번째 층이 읽는 "
        "것의 모양을 출력해 보세요.",
        en="The hidden states of the first layer are added up over time, which loses their order. Print the "
        "shape of what the second layer reads.",
    ),
    fails=[reads_every_step],
)
def summed_over_time(lstm_forward, X, first, second):
    below = lstm_forward(X, *first)[0]
    return lstm_forward(below.sum(axis=1)[:, None], *second)[1]


@question.misconception(
    text=Text(
        ko="첫 번째 층의 은닉 상태에서 시점에 걸쳐 가장 큰 값을 골랐습니다. 두 번째 층은 시점마다 하나씩 읽어야 "
        "합니다.",
        en="The maximum over time of the first layer's hidden states is taken. The second layer should read one "
        "at every time step.",
    ),
    fails=[reads_every_step],
)
def largest_over_time(lstm_forward, X, first, second):
    below = lstm_forward(X, *first)[0]
    return lstm_forward(below.max(axis=1)[:, None], *second)[1]


@question.misconception(
    text=Text(
        ko="첫 번째 층의 마지막 셀 상태를 시점마다 되풀이했습니다. 두 번째 층은 시점마다 다른 은닉 상태를 읽어야 "
        "합니다.",
        en="The last cell state of the first layer is repeated at every time step. The second layer should "
        "read a different hidden state at each.",
    ),
    fails=[reads_every_step],
)
def cell_state_repeated(lstm_forward, X, first, second):
    cell = lstm_forward(X, *first)[2]
    return lstm_forward(np.stack([cell] * X.shape[1], axis=1), *second)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층에서 시점마다 마지막 유닛의 값을 돌려주었습니다. h_seq의 축은 각각 무엇을 나타내나요?",
        en="The last unit of the second layer at every time step came back. What does each axis of h_seq "
        "count?",
    ),
    fails=[reads_every_step],
)
def last_unit_returned(lstm_forward, X, first, second):
    top = lstm_forward(lstm_forward(X, *first)[0], *second)
    return top[0][..., -1]


@question.misconception(
    text=Text(
        ko="두 번째 층에서 마지막 샘플의 모든 시점을 돌려주었습니다. h_seq의 첫째 축은 무엇을 나타내나요?",
        en="All time steps of the last sample came back. What does the first axis of h_seq count?",
    ),
    fails=[reads_every_step],
)
def last_example_returned(lstm_forward, X, first, second):
    top = lstm_forward(lstm_forward(X, *first)[0], *second)
    return top[0][-1]


@question.misconception(
    text=Text(
        ko="마지막 은닉 상태에 길이 1인 시점 축이 남아 있습니다. 그 축을 없애세요.",
        en="A time axis of length 1 is left in the last hidden state. Drop it.",
    ),
    fails=[reads_every_step],
)
def axis_kept(lstm_forward, X, first, second):
    top = lstm_forward(lstm_forward(X, *first)[0], *second)
    return np.expand_dims(top[1], 1)


@question.misconception(
    text=Text(
        ko="두 번째 층의 은닉 상태를 시점에 걸쳐 평균 냈습니다. 마지막 시점의 것만 돌려주세요.",
        en="The hidden states of the second layer are averaged over time. Return the one of the last step.",
    ),
    fails=[reads_every_step],
)
def mean_returned(lstm_forward, X, first, second):
    top = lstm_forward(lstm_forward(X, *first)[0], *second)
    return top[0].mean(axis=1)


@question.misconception(
    text=Text(
        ko="두 번째 층의 은닉 상태에서 시점에 걸쳐 가장 큰 값을 돌려주었습니다. 마지막 시점의 것만 돌려주세요.",
        en="The maximum over time of the second layer's hidden states came back. Return the hidden state of the "
        "last step.",
    ),
    fails=[reads_every_step],
)
def largest_returned(lstm_forward, X, first, second):
    top = lstm_forward(lstm_forward(X, *first)[0], *second)
    return top[0].max(axis=1)


@question.misconception(
    text=Text(
        ko="첫 번째 층의 모든 시점을 돌려주었습니다. 두 번째 층은 어디에 있나요?",
        en="All time steps of the first layer came back. Where is the second layer?",
    ),
    fails=[reads_every_step],
)
def sequence_of_the_first_layer_returned(lstm_forward, X, first, second):
    return lstm_forward(X, *first)[0]


@question.misconception(
    text=Text(
        ko="두 번째 층의 셀 상태까지 함께 돌려주었습니다. 배열 하나만 돌려주세요.",
        en="The cell state of the second layer came back as well. Return one array only.",
    ),
    section=UNROLLING_SECTION,
    fails=[reads_every_step],
)
def both_states_returned(lstm_forward, X, first, second):
    top = lstm_forward(lstm_forward(X, *first)[0], *second)
    return list(top[1:])


@question.misconception(
    text=Text(
        ko="두 층 모두에 두 번째 층의 가중치를 썼습니다. `first`가 어디에 쓰이나요?",
        en="Both layers use the weights of the second. Where is `first` used?",
    ),
    fails=[reads_every_step],
)
def second_weights_twice(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *second)[0], *second)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층을 두 번 적용했습니다. 층이 모두 몇 개인지 세어 보세요.",
        en="The second layer is applied twice. Count the layers.",
    ),
    fails=[reads_every_step],
)
def second_layer_twice(lstm_forward, X, first, second):
    top = lstm_forward(lstm_forward(X, *first)[0], *second)
    return lstm_forward(top[0], *second)[1]


@question.misconception(
    text=Text(
        ko="첫 번째 층을 두 번 적용했습니다. 층이 모두 몇 개인지 세어 보세요.",
        en="The first layer is applied twice. Count the layers.",
    ),
    fails=[reads_every_step],
)
def first_layer_twice(lstm_forward, X, first, second):
    below = lstm_forward(lstm_forward(X, *first)[0], *first)[0]
    return lstm_forward(below, *second)[1]


@question.misconception(
    text=Text(
        ko="두 층의 은닉 상태를 이었습니다. 두 번째 층의 것만 돌려주세요.",
        en="The hidden states of both layers are joined. Return only the one of the second layer.",
    ),
    fails=[reads_every_step],
)
def states_of_both_layers_joined(lstm_forward, X, first, second):
    below, h, _ = lstm_forward(X, *first)
    return np.hstack([h, lstm_forward(below, *second)[1]])


@question.misconception(
    text=Text(
        ko="두 층 사이에 ReLU가 있습니다. 은닉 상태를 그대로 올려 보내세요.",
        en="There is a ReLU between the layers. Pass the hidden states on unchanged.",
    ),
    fails=[reads_every_step],
)
def activated_between(lstm_forward, X, first, second):
    below = lstm_forward(X, *first)[0]
    return lstm_forward(below.clip(0, None), *second)[1]


@question.misconception(
    text=Text(
        ko="두 층 사이에 tanh가 하나 더 있습니다. 은닉 상태를 그대로 올려 보내세요.",
        en="There is one more tanh between the layers. Pass the hidden states on unchanged.",
    ),
    fails=[reads_every_step],
)
def activated_between_tanh(lstm_forward, X, first, second):
    below = lstm_forward(X, *first)[0]
    return lstm_forward(np.tanh(below), *second)[1]


@question.misconception(text=LIST_OF_ROWS, fails=[reads_every_step], seen_in=is_a_list_of_rows)
def list_of_rows(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0], *second)[1].tolist()


@question.misconception(
    text=Text(
        ko="두 번째 층의 은닉 상태를 시점에 걸쳐 더했습니다. 마지막 시점의 은닉 상태 하나면 됩니다.",
        en="The hidden states of the second layer are added up over time. The one of the last step is enough.",
    ),
    fails=[reads_every_step],
)
def sum_returned(lstm_forward, X, first, second):
    top = lstm_forward(lstm_forward(X, *first)[0], *second)
    return top[0].sum(axis=1)


@question.misconception(
    text=Text(
        ko="첫 번째 층은 모든 시점을 올려 보냈는데, 그 사이에서 샘플 축과 시점 축을 바꾸었습니다. 두 번째 층은 어느 "
        "축을 따라 읽나요?",
        en="The first layer passes on every time step, but between the layers the axes of samples and time are "
        "swapped. Along which axis does the second layer read?",
    ),
    fails=[reads_every_step],
)
def axes_swapped_between_the_layers(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0].transpose(1, 0, 2), *second)[0][-1]


@question.misconception(
    text=Text(
        ko="두 번째 층이 첫 번째 층의 은닉 상태가 아니라 셀 상태를 시점마다 읽습니다. 위층으로 올라가는 것은 은닉 "
        "상태입니다.",
        en="At every time step the second layer reads the cell state of the first, not its hidden state. What goes "
        "up to the next layer is the hidden state.",
    ),
    fails=[reads_every_step],
)
def cell_states_go_up(lstm_forward, X, first, second):
    prefixes = (lstm_forward(X[:, : end + 1], *first) for end in range(X.shape[1]))
    return lstm_forward(np.stack([c for _, _, c in prefixes], axis=1), *second)[1]


@question.misconception(
    text=Text(
        ko="첫 번째 층이 X를 거꾸로 읽습니다. 두 층 모두 첫 시점부터 읽어야 합니다.",
        en="The first layer reads X backwards. Both layers should read from the first time step on.",
    ),
    fails=[reads_every_step],
)
def first_layer_reads_backwards(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X[:, ::-1], *first)[0], *second)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층이 첫 번째 층의 마지막 두 시점만 읽습니다. 슬라이스의 시작을 보세요.",
        en="The second layer reads only the last two time steps. Look at where the slice starts.",
    ),
    fails=[reads_every_step],
)
def last_two_steps_only(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0][:, -2:], *second)[1]


@question.misconception(
    text=Text(
        ko="X에 시점이 몇 개이든 예에서처럼 여섯 시점을 읽습니다. 시점의 개수는 어디에서 알 수 있나요?",
        en="It reads six time steps, as many as in the example, whatever X holds. What tells how many there are?",
    ),
    fails=[reads_every_step],
)
def as_many_steps_as_in_the_example(lstm_forward, X, first, second):
    below = lstm_forward(X, *first)[0]
    return lstm_forward(np.stack([below[:, t] for t in range(6)], axis=1), *second)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층이 시점마다 그때까지의 은닉 상태를 모두 더한 것을 읽습니다. 시점마다 그 시점의 것만 올려 "
        "보내세요.",
        en="At every time step the second layer reads the sum of all hidden states so far. Pass on only the one of "
        "that step.",
    ),
    fails=[reads_every_step],
)
def running_sum_goes_up(lstm_forward, X, first, second):
    return lstm_forward(np.cumsum(lstm_forward(X, *first)[0], axis=1), *second)[1]


@question.misconception(
    text=Text(
        ko="두 번째 층의 마지막 은닉 상태가 tanh를 한 번 더 지났습니다. 그대로 돌려주세요.",
        en="The last hidden state of the second layer goes through one more tanh. Return it as it is.",
    ),
    fails=[reads_every_step],
)
def squashed_at_the_end(lstm_forward, X, first, second):
    return np.tanh(lstm_forward(lstm_forward(X, *first)[0], *second)[1])


@question.misconception(
    text=Text(
        ko="두 번째 층에 편향이 더해지지 않았습니다. `second`에 든 가중치 셋이 모두 쓰이는지 보세요.",
        en="The second layer gets no bias. Are all three of the weights in `second` used?",
    ),
    fails=[reads_every_step],
)
def second_layer_without_bias(lstm_forward, X, first, second):
    kernel, recurrent_kernel, bias = second
    return lstm_forward(lstm_forward(X, *first)[0], kernel, recurrent_kernel, 0 * bias)[1]


@question.misconception(
    text=Text(
        ko="첫 번째 층에 편향이 더해지지 않았습니다. `first`에 든 가중치 셋이 모두 쓰이는지 보세요.",
        en="The first layer gets no bias. Are all three of the weights in `first` used?",
    ),
    fails=[reads_every_step],
)
def first_layer_without_bias(lstm_forward, X, first, second):
    kernel, recurrent_kernel, bias = first
    return lstm_forward(lstm_forward(X, kernel, recurrent_kernel, 0 * bias)[0], *second)[1]


def reads_the_first_steps(got, case, want):
    """Silent where the second layer reads a few of the first time steps, however many there are."""
    expect.shown(isinstance(got, np.ndarray) and got.shape == want.shape)
    X, first, second = case.args
    below = lstm_forward(X, *first)[0]
    tops = lstm_forward(below, *second)[0]
    ends = (min(steps, X.shape[1]) - 1 for steps in range(2, 7))
    expect.shown(any(np.allclose(tops[:, end], got, rtol=0, atol=TOLERANCE) for end in ends))


@question.misconception(
    text=Text(
        ko="X에 시점이 더 있어도 두 번째 층은 앞의 몇 시점만 읽습니다. 슬라이스의 끝이 정해진 수가 아닌지 보세요.",
        en="The second layer reads a fixed number of the first time steps, even if X has more. Does a slice end at a "
        "fixed number?",
    ),
    fails=[reads_every_step],
    seen_in=reads_the_first_steps,
)
def first_steps_only(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0][:, :3], *second)[1]


@question.misconception(
    text=Text(
        ko="X의 첫 시점을 어느 층도 읽지 않습니다. 슬라이스의 시작을 보세요.",
        en="Neither layer reads the first time step of X. Look at where the slice starts.",
    ),
    fails=[reads_every_step],
)
def first_step_of_the_input_left_out(lstm_forward, X, first, second):
    return lstm_forward(lstm_forward(X[:, 1:], *first)[0], *second)[1]

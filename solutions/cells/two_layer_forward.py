"""Two LSTM layers on top of each other: code in which return_sequences is missing is repaired."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder import Case, Fail, Question, Text, expect
from autograder.errors import AnswerError

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

첫째 층에 `return_sequences=True`를 준 Keras의 모델처럼, 둘째 층이 첫째 층의 **모든 시점**을 읽도록 고쳐 아래에
쓰세요.

- `X`의 모양은 `(batch, T, d)`이고 `T`는 2 이상입니다.
- `first`와 `second`는 각 층의 가중치 `(kernel, recurrent_kernel, bias)`입니다. 첫째 층의 유닛 수 `u1`과 둘째
  층의 유닛 수 `u2`는 다를 수 있습니다.
- 둘째 층의 **마지막 은닉 상태**, 모양 `(batch, u2)`인 배열을 돌려줍니다. 값은 1e-5까지 맞으면 됩니다.
- 앞에서 쓴 여러분의 `lstm_forward`를 그대로 쓰면 됩니다. 그것이 틀렸으면 이 문제는 **여러분의**
  `lstm_forward`를 바르게 이어 얻은 값으로 채점합니다. TensorFlow 없이 채점합니다.
""",
        en="""
This is a model of two LSTM layers. At first it failed as Keras would, for want of an axis, and somebody
silenced the error with `np.newaxis`. It runs now, but its values are not those of the model in Keras.

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
- Return the **last hidden state** of the second layer, an array of shape `(batch, u2)`, right to within 1e-5.
- You can use the `lstm_forward` that you wrote above. Where it is wrong, this question is judged by what **your
  own** `lstm_forward` gives when the layers are joined rightly. Graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM problem 3: a stack without return_sequences",
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
    """The last hidden state of an LSTM layer that reads another one.

    X: (batch, T, d), T >= 2. first, second: (kernel, recurrent_kernel, bias) of a layer of u1 and of u2 units.
    Returns an array of shape (batch, u2).
    둘째 층의 마지막 은닉 상태를 돌려줍니다.
    """
    below, _, _ = lstm_forward(X, *first)
    _, top, _ = lstm_forward(below, *second)
    return top


@question.example
def example(two_layer_forward):
    import numpy as np

    rng = np.random.default_rng(7)
    X = rng.normal(size=(3, 6, 2))
    first = rng.normal(size=(2, 16)), rng.normal(size=(4, 16)), rng.normal(size=16)
    second = rng.normal(size=(4, 4)), rng.normal(size=(1, 4)), rng.normal(size=4)
    last = two_layer_forward(X, first, second)
    assert last.shape == (3, 1)
    # what comes early in the sequence reaches the second layer, too
    other = two_layer_forward(np.concatenate([-X[:, :3], X[:, 3:]], axis=1), first, second)
    assert not np.allclose(last, other)


@question.cases
def cases(rng):
    sizes = [
        (1, 2, 3, 5, 2), (2, 4, 3, 3, 5), (5, 2, 6, 4, 4), (2, 5, 4, 4, 4), (1, 7, 1, 2, 3), (5, 3, 5, 2, 6)
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


@dataclass(frozen=True, eq=False)
class ByOwnLayer:
    """What two_layer_forward gave, and what the student's own wrong lstm_forward gives, joined rightly."""

    given: Any
    own: Any


def agree(one, other):
    """Whether two arrays hold the same numbers; a wrong layer may let them grow, so relatively too."""
    return (
        isinstance(one, np.ndarray)
        and isinstance(other, np.ndarray)
        and one.shape == other.shape
        and np.allclose(one.astype(float), other.astype(float), rtol=TOLERANCE, atol=TOLERANCE)
    )


@question.asks
def asks(session, case):
    given = session.call("two_layer_forward", *case.args).value
    right = two_layer_forward(*case.args)
    if agree(given, right):
        return given
    own = joined(session, *case.args)
    return given if own is None or agree(own, right) else ByOwnLayer(given, own)


def joined(session, X, first, second):
    """The student's own lstm_forward, joined rightly here; None where that tells nothing."""
    below = layer(session, X, first)
    if below is None or below[0].ndim != 3:
        return None
    top = layer(session, below[0], second)
    if top is None:
        return None
    # where the code as it was gives the same, nobody can say whether it was repaired
    as_it_was = layer(session, below[1][:, np.newaxis], second) if below[1].ndim == 2 else None
    return None if as_it_was is not None and agree(as_it_was[1], top[1]) else top[1]


def layer(session, X, weights):
    """What the student's own lstm_forward gives, if that is three arrays."""
    try:
        states = session.call("lstm_forward", X, *weights).value
    except AnswerError as error:
        if error.fault in ("timed out", "died"):  # asking on would cost the same limit, or kernel, each time
            raise
        return None
    if not isinstance(states, (list, tuple)) or len(states) != 3:
        return None
    return states if all(isinstance(state, np.ndarray) for state in states) else None


@question.check(
    points=2,
    text=Text(
        ko="둘째 층이 첫째 층의 모든 시점을 읽고, 마지막 은닉 상태를 낸다",
        en="the second layer reads every time step of the first and gives its last hidden state",
    ),
)
def reads_every_step(got, case, want):
    if not isinstance(got, ByOwnLayer):
        expect.array(got, want, tolerance=TOLERANCE)
    elif not agree(got.given, got.own):
        expect.shape(got.given, want.shape)
        raise Fail(
            Text(
                ko="모양은 맞지만, 여러분의 lstm_forward를 바르게 이어 얻은 값과 다릅니다.",
                en="the shape is right, but the values are not those of your own lstm_forward, joined rightly",
            )
        )


@question.misconception(
    text=Text(
        ko="고치기 전과 똑같이 계산합니다. 둘째 층이 읽는 시퀀스에 시점이 몇 개 있는지 모양을 찍어 보세요.",
        en="It still computes what it did before the repair. Print the shape of what the second layer reads: "
        "how many time steps does it have?",
    ),
    fails=[reads_every_step],
)
def left_as_it_was(X, first, second):
    last = lstm_forward(X, *first)[1]
    return lstm_forward(last.reshape(len(X), 1, -1), *second)[1]


@question.misconception(
    text=Text(
        ko="첫째 층의 마지막 은닉 상태를 시점마다 되풀이했습니다. 둘째 층은 시점마다 다른 은닉 상태를 읽어야 "
        "합니다.",
        en="The last hidden state of the first layer is repeated at every time step. The second layer should "
        "read a different one at each.",
    ),
    fails=[reads_every_step],
)
def last_state_repeated(X, first, second):
    last = lstm_forward(X, *first)[1]
    return lstm_forward(np.repeat(last[:, None], X.shape[1], axis=1), *second)[1]


@question.misconception(
    text=Text(
        ko="첫 시점만 결과에 들어갑니다. 어느 쪽 층에서든 첫 시점만 꺼내지 않았는지 보세요.",
        en="Only the first time step reaches the result. Is the first one taken out of either layer, instead "
        "of all or the last?",
    ),
    fails=[reads_every_step],
)
def first_step_only(X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0][:, :1], *second)[1]


@question.misconception(
    text=Text(
        ko="둘째 층이 첫째 층의 셀 상태를 읽습니다. 위층으로 올라가는 것은 은닉 상태입니다.",
        en="The second layer reads the cell state of the first. What goes up to the next layer is the hidden "
        "state.",
    ),
    fails=[reads_every_step],
)
def cell_state_goes_up(X, first, second):
    cell = lstm_forward(X, *first)[2]
    return lstm_forward(cell[:, None], *second)[1]


@question.misconception(
    text=Text(
        ko="둘째 층이 첫째 층의 은닉 상태를 거꾸로 읽습니다.",
        en="The second layer reads the hidden states of the first backwards.",
    ),
    fails=[reads_every_step],
)
def read_backwards(X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0][:, ::-1], *second)[1]


@question.misconception(
    text=Text(
        ko="첫째 층의 은닉 상태를 시점에 걸쳐 평균 냈습니다. 시점의 차례가 사라집니다.",
        en="The hidden states of the first layer are averaged over time, which forgets their order.",
    ),
    fails=[reads_every_step],
)
def averaged_over_time(X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0].mean(axis=1, keepdims=True), *second)[1]


@question.misconception(
    text=Text(
        ko="둘째 층의 상태가 첫째 층의 마지막 상태에서 시작합니다. 층마다 상태는 0에서 시작합니다.",
        en="The second layer starts from the last states of the first. Each layer starts from zeros.",
    ),
    fails=[reads_every_step],
)
def states_handed_up(X, first, second):
    below, h, c = lstm_forward(X, *first)
    return lstm_forward(below, *second, h, c)[1]


@question.misconception(
    text=Text(
        ko="둘째 층의 마지막 셀 상태를 돌려주었습니다. 은닉 상태를 돌려주세요.",
        en="The last cell state of the second layer came back. Return its hidden state.",
    ),
    fails=[reads_every_step],
)
def cell_state_returned(X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0], *second)[2]


@question.misconception(
    text=Text(
        ko="둘째 층의 모든 시점을 돌려주었습니다. 여기서는 마지막 은닉 상태만 돌려줍니다.",
        en="All time steps of the second layer came back. Only its last hidden state is wanted here.",
    ),
    fails=[reads_every_step],
)
def every_step_returned(X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0], *second)[0]


@question.misconception(
    text=Text(
        ko="lstm_forward가 돌려준 세 배열을 그대로 돌려주었습니다. 그 가운데 무엇을 돌려줄지 보세요.",
        en="All three arrays of lstm_forward came back. Which of them is asked for?",
    ),
    fails=[reads_every_step],
)
def everything_returned(X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0], *second)


@question.misconception(
    text=Text(
        ko="첫째 층의 마지막 은닉 상태를 돌려주었습니다. 둘째 층은 어디에 있나요?",
        en="The last hidden state of the first layer came back. Where is the second layer?",
    ),
    fails=[reads_every_step],
)
def first_layer_only(X, first, second):
    return lstm_forward(X, *first)[1]


@question.misconception(
    text=Text(
        ko="두 층 모두에 첫째 층의 가중치를 썼습니다.",
        en="Both layers use the weights of the first.",
    ),
    fails=[reads_every_step],
)
def first_weights_twice(X, first, second):
    return lstm_forward(lstm_forward(X, *first)[0], *first)[1]


@question.misconception(
    text=Text(
        ko="둘째 층이 첫째 층이 아니라 X를 읽습니다.",
        en="The second layer reads X instead of the first layer.",
    ),
    fails=[reads_every_step],
)
def second_layer_reads_the_input(X, first, second):
    return lstm_forward(X, *second)[1]


@question.misconception(
    text=Text(
        ko="두 층의 차례가 바뀌었습니다. X를 먼저 읽는 것이 첫째 층입니다.",
        en="The layers have changed places. The first one is the one that reads X.",
    ),
    fails=[reads_every_step],
)
def layers_swapped(X, first, second):
    return lstm_forward(lstm_forward(X, *second)[0], *first)[1]

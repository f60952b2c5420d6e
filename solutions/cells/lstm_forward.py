"""An LSTM over a whole sequence: the student's own step, unrolled."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder import Case, Fail, Question, Text, expect
from autograder.errors import AnswerError

question = Question(
    title=Text(ko="LSTM 펼치기", en="Unrolling an LSTM"),
    statement=Text(
        ko="""
시퀀스 전체를 읽는 함수 `lstm_forward(X, kernel, recurrent_kernel, bias)`를 완성하세요. 한 시점씩 지나가는 일은
앞에서 쓴 여러분의 `lstm_step`에 맡깁니다.

- `X`의 모양은 `(batch, T, d)`이고, 시점의 개수 `T`는 1 이상입니다. 가중치는 `lstm_step`에서와 같고, 모든
  시점에서 같은 가중치를 씁니다.
- 처음의 은닉 상태와 셀 상태는 0입니다.
- `(h_seq, h, c)`를 돌려줍니다. `h_seq`는 모든 시점의 은닉 상태를 담은 모양 `(batch, T, units)`의 배열이고,
  `h`와 `c`는 마지막 시점이 지난 뒤의 두 상태, 모양 `(batch, units)`입니다. 값은 1e-5까지 맞으면 됩니다.
- `lstm_step`이 틀렸으면 이 문제는 **여러분의** `lstm_step`을 차례로 불러 얻은 값으로 채점합니다. TensorFlow
  없이 채점합니다.
""",
        en="""
Complete `lstm_forward(X, kernel, recurrent_kernel, bias)`, which reads a whole sequence. Leave each single time
step to the `lstm_step` that you wrote above.

- `X` has the shape `(batch, T, d)` with `T` time steps, at least 1. The weights are those of `lstm_step`, and
  every time step uses the same ones.
- The hidden state and the cell state start as zeros.
- Return `(h_seq, h, c)`: `h_seq` holds the hidden state at every time step, an array of shape
  `(batch, T, units)`; `h` and `c` are the two states after the last time step, of shape `(batch, units)`. Every
  value is to be right to within 1e-5.
- Where your `lstm_step` is wrong, this question is judged by what **your own** `lstm_step` gives, called step
  by step. Graded without TensorFlow.
""",
    ),
    source="lecture notebook, the three outputs of an LSTM with return_sequences and return_state",
    returns="list",
)

TOLERANCE = 1e-5


def lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    """The step that the reference and the mistakes below unroll."""
    i, f, g, o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
    i, f, o = (1 / (1 + np.exp(-block)) for block in (i, f, o))
    new_c = f * c + i * np.tanh(g)
    return o * np.tanh(new_c), new_c


@question.answer
def lstm_forward(X, kernel, recurrent_kernel, bias):
    """The states of an LSTM over a sequence, from states of zeros.

    X: (batch, T, d), T >= 1. kernel: (d, 4 * units). recurrent_kernel: (units, 4 * units).
    bias: (4 * units,). Returns (h_seq, h, c), shapes (batch, T, units), (batch, units), (batch, units).
    모든 시점의 은닉 상태와 마지막 두 상태를 (h_seq, h, c)로 돌려줍니다.
    """
    h = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    c = np.zeros_like(h)
    every_h = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        every_h.append(h)
    return np.stack(every_h, axis=1), h, c


@question.example
def example(lstm_forward):
    import numpy as np

    rng = np.random.default_rng(6)
    X = rng.normal(size=(3, 4, 2))
    h_seq, h, c = lstm_forward(X, rng.normal(size=(2, 16)), rng.normal(size=(4, 16)), rng.normal(size=16))
    assert h_seq.shape == (3, 4, 4)
    assert h.shape == c.shape == (3, 4)
    assert np.allclose(h_seq[:, -1], h)
    assert not np.allclose(c, h)


@question.cases
def cases(rng):
    sizes = [
        (2, 1, 3, 5), (1, 5, 1, 1), (1, 5, 4, 4), (2, 5, 3, 6), (5, 5, 6, 2), (5, 1, 2, 6), (2, 3, 5, 5)
    ]  # fmt: skip
    d, units = (int(size) for size in rng.permutation(range(2, 9))[:2])
    sizes.append((int(rng.choice([1, 2, 5])), 5, d, units))
    drawn = []
    for place, (batch, steps, d, units) in enumerate(sizes):
        X = rng.normal(size=(batch, steps, d))
        weights = [
            0.6 * rng.normal(size=shape) for shape in ((d, 4 * units), (units, 4 * units), (4 * units,))
        ]
        drawn.append(Case(*(array.astype((np.float64, np.float32)[place % 2]) for array in (X, *weights))))
    return drawn


@dataclass(frozen=True, eq=False)
class ByOwnStep:
    """What lstm_forward gave, and what the student's own wrong lstm_step gives, unrolled."""

    given: Any
    own: tuple[Any, Any, Any]


def agree(one, other):
    """Whether two arrays hold the same numbers; a wrong step may let them grow, so relatively too."""
    return (
        isinstance(one, np.ndarray)
        and one.shape == other.shape
        and np.allclose(one.astype(float), other.astype(float), rtol=TOLERANCE, atol=TOLERANCE)
    )


@question.asks
def asks(session, case):
    given = session.call("lstm_forward", *case.args).value
    right = lstm_forward(*case.args)
    if isinstance(given, (list, tuple)) and len(given) == 3 and all(map(agree, given, right)):
        return given
    own = unrolled(session, *case.args)
    if own is None or all(map(agree, own, right)):
        return given
    return ByOwnStep(given, own)


def unrolled(session, X, *weights):
    """The student's own lstm_step, called step by step; None where that shows nothing."""
    h = np.zeros((X.shape[0], weights[1].shape[0]), dtype=X.dtype)
    shape, c = h.shape, h
    every_h = []
    try:
        for t in range(X.shape[1]):
            reply = expect.sequence(session.call("lstm_step", X[:, t], h, c, *weights).value, STATES)
            if len(reply) != 2:
                return None
            h, c = (expect.shape(state, shape) for state in reply)
            every_h.append(h)
    except Fail:
        return None
    except AnswerError as error:
        if error.fault in ("timed out", "died"):  # asking on would cost the same limit, or kernel, each time
            raise
        return None
    h_seq = np.stack(every_h, axis=1)
    # a step that always gives the same carries nothing along: any constant would agree with it
    constant = np.all(h_seq == h_seq[:, :1]) if len(every_h) > 1 else not np.any(h_seq)
    return None if constant else (h_seq, h, c)


STATES = Text(ko="배열 세 개를 담은 튜플 (h_seq, h, c)", en="a tuple of three arrays (h_seq, h, c)")


def judge(got, want, places):
    """Fail unless the parts at these places are right, or what the student's own lstm_step gives."""
    given = got.given if isinstance(got, ByOwnStep) else got
    found = expect.sequence(given, STATES)
    if len(found) != 3:
        raise Fail(
            Text(
                ko=f"배열 세 개 (h_seq, h, c)를 기대했는데 {len(found)}개를 돌려주었습니다.",
                en=f"expected three arrays (h_seq, h, c), but {len(found)} came back",
            )
        )
    for place in places:
        if isinstance(got, ByOwnStep):
            if agree(expect.shape(found[place], want[place].shape), got.own[place]):
                continue
            if not agree(found[place], want[place]):
                raise Fail(
                    Text(
                        ko="모양은 맞지만, 여러분의 lstm_step을 차례로 불러 얻은 값과도 다릅니다.",
                        en="the shape is right, but the values are not even those of your own lstm_step, "
                        "called step by step",
                    )
                )
        expect.array(found[place], want[place], tolerance=TOLERANCE)


@question.check(
    points=2,
    text=Text(
        ko="모든 시점의 은닉 상태 h_seq가 맞는다",
        en="h_seq holds the hidden state at every time step",
    ),
)
def gives_every_hidden_state(got, case, want):
    judge(got, want, (0,))


@question.check(
    points=1,
    text=Text(
        ko="마지막 은닉 상태 h와 셀 상태 c가 맞는다",
        en="h and c are the states after the last time step",
    ),
)
def gives_last_states(got, case, want):
    judge(got, want, (1, 2))


def walk(X, kernel, recurrent_kernel, bias, *, keep_h=1, keep_c=1):
    """Hidden and cell states at every time step, (batch, T, units) each."""
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], keep_h * h, keep_c * c, kernel, recurrent_kernel, bias)
        met.append((h, c))
    h_seq, c_seq = (np.stack(states, axis=1) for states in zip(*met, strict=True))
    return h_seq, c_seq


@question.misconception(
    text=Text(
        ko="마지막 두 상태의 차례가 바뀌었습니다. 은닉 상태가 먼저입니다.",
        en="The last two states have changed places. The hidden state comes first.",
    ),
    fails=[gives_last_states],
)
def states_swapped(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return h_seq, c_seq[:, -1], h_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점 축이 맨 앞에 있습니다. 은닉 상태들을 쌓을 때 어느 축에 쌓는지 보세요.",
        en="The axis of the time steps comes first. Along which axis are the hidden states to be stacked?",
    ),
    fails=[gives_every_hidden_state],
)
def time_axis_first(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return h_seq.transpose(1, 0, 2), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq가 배열의 리스트로 남아 있습니다. 시점이 둘째 축이 되도록 배열 하나로 쌓으세요.",
        en="h_seq is still a list of arrays. Stack them into one array whose second axis is time.",
    ),
    fails=[gives_every_hidden_state],
)
def list_of_states(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return list(h_seq.transpose(1, 0, 2)), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="은닉 상태들을 옆으로 이어 붙여 시점 축이 없습니다. 시점마다 따로 꺼낼 수 있게 새 축을 두세요.",
        en="The hidden states were joined side by side, without an axis for time. Give the time steps an axis "
        "of their own.",
    ),
    fails=[gives_every_hidden_state],
)
def states_joined_in_a_row(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return h_seq.reshape(len(X), -1), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq에 셀 상태를 모았습니다. 층이 내보내는 것은 은닉 상태입니다.",
        en="h_seq holds the cell states. What a layer gives is its hidden state.",
    ),
    fails=[gives_every_hidden_state],
)
def cell_states_in_the_sequence(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return c_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq에 마지막 은닉 상태만 있습니다. 시점마다 하나씩 모으세요.",
        en="h_seq is the last hidden state alone. Collect one at every time step.",
    ),
    fails=[gives_every_hidden_state],
)
def last_state_only(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return h_seq[:, -1], h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq의 모든 시점에 마지막 은닉 상태가 들어 있습니다. 같은 배열을 시점마다 다시 쓰지 않았는지 "
        "보세요.",
        en="h_seq holds the last hidden state at every time step. Is one array written over at each step?",
    ),
    fails=[gives_every_hidden_state],
)
def last_state_everywhere(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return np.repeat(h_seq[:, -1:], X.shape[1], axis=1), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq에 처음의 0까지 들어 있습니다. 시점마다 하나씩이면 몇 개인지 세어 보세요.",
        en="h_seq holds the zeros of the start too. How many states are there with one for each time step?",
    ),
    fails=[gives_every_hidden_state],
)
def first_zeros_included(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return np.concatenate([0 * h_seq[:, :1], h_seq], axis=1), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq가 한 시점씩 밀려 있습니다. 시점을 지나기 전이 아니라 지난 뒤의 은닉 상태를 모으세요.",
        en="h_seq lags one time step behind. Collect the hidden state after each step, not before it.",
    ),
    fails=[gives_every_hidden_state],
)
def states_before_each_step(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return np.concatenate([0 * h_seq[:, :1], h_seq[:, :-1]], axis=1), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq의 시점 차례가 거꾸로입니다. 첫 시점의 은닉 상태가 맨 앞에 와야 합니다.",
        en="The time steps of h_seq run backwards. The hidden state of the first step comes first.",
    ),
    fails=[gives_every_hidden_state],
)
def sequence_turned_round(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return h_seq[:, ::-1], h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="입력을 마지막 시점부터 거꾸로 읽었습니다.",
        en="The input was read backwards, from its last time step.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def read_backwards(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X[:, ::-1], kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점마다 셀 상태가 0에서 다시 시작합니다. 돌려받은 셀 상태를 다음 시점에 넘기세요.",
        en="The cell state starts from zeros at every time step. Hand the one that came back on to the next "
        "step.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def cell_state_not_carried(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias, keep_c=0)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점마다 은닉 상태가 0에서 다시 시작합니다. 돌려받은 은닉 상태를 다음 시점에 넘기세요.",
        en="The hidden state starts from zeros at every time step. Hand the one that came back on to the next "
        "step.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def hidden_state_not_carried(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias, keep_h=0)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점마다 두 상태가 모두 0에서 다시 시작합니다. 상태를 0으로 두는 줄이 반복문 안에 있지 않은지 "
        "보세요.",
        en="Both states start from zeros at every time step. Do the lines that set them stand inside the "
        "loop?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def nothing_carried(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias, keep_h=0, keep_c=0)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="다음 시점에 은닉 상태와 셀 상태를 바꾸어 넘겼습니다. lstm_step이 돌려주는 차례와 받는 차례를 "
        "견주어 보세요.",
        en="The next time step gets the hidden state as cell state and the other way round. Compare the order "
        "in which lstm_step returns the two with the order in which it takes them.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def states_crossed(X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], c, h, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="모든 시점에서 첫 시점의 입력을 읽었습니다.",
        en="The input of the first time step was read at every step.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def first_input_always(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(np.repeat(X[:, :1], X.shape[1], axis=1), kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점이 아니라 예(batch)를 하나씩 지나갔습니다. X에서 시점이 어느 축인지 보세요.",
        en="The loop walks over the examples of the batch instead of the time steps. Which axis of X is time?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def loop_over_the_batch(X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for example in X:
        h, c = lstm_step(example, h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="마지막 시점을 읽지 않았습니다. 반복문의 끝을 보세요.",
        en="The last time step was not read. Look at where the loop ends.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def last_step_left_out(X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    h_seq = np.zeros((*X.shape[:2], h.shape[1]), dtype=X.dtype)
    for t in range(X.shape[1] - 1):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        h_seq[:, t] = h
    return h_seq, h, c


@question.misconception(
    text=Text(
        ko="셀 상태 c를 돌려주지 않았습니다.",
        en="The cell state c did not come back.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def cell_state_left_out(X, kernel, recurrent_kernel, bias):
    h_seq, _ = walk(X, kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1]


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태만 돌려주었습니다. 마지막 두 상태도 함께 돌려주세요.",
        en="Only the hidden states of all time steps came back. Return the last two states as well.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def sequence_only(X, kernel, recurrent_kernel, bias):
    h_seq, _ = walk(X, kernel, recurrent_kernel, bias)
    return h_seq


@question.misconception(
    text=Text(
        ko="두 상태를 리스트 하나에 묶어 돌려주었습니다. 세 배열을 나란히 돌려주세요.",
        en="The two states came back in a list of their own. Return the three arrays side by side.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def states_in_a_list(X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(X, kernel, recurrent_kernel, bias)
    return h_seq, [h_seq[:, -1], c_seq[:, -1]]

"""An LSTM over a whole sequence: the student's own step, unrolled."""

import numpy as np

from autograder import Case, Fail, Question, Text, expect

question = Question(
    title=Text(ko="LSTM 펼치기", en="Unrolling an LSTM"),
    statement=Text(
        ko="""
시퀀스 전체를 읽는 함수 `lstm_forward(X, kernel, recurrent_kernel, bias)`를 완성하세요. 한 시점의 계산은
앞에서 쓴 여러분의 `lstm_step`에 맡깁니다.

- `X`의 모양은 `(batch, T, d)`이고, 시점의 개수 `T`는 1 이상입니다. 가중치는 `lstm_step`에서와 같고, 모든
  시점에서 같은 가중치를 씁니다.
- 은닉 상태와 셀 상태의 초깃값은 0입니다.
- `(h_seq, h, c)`를 돌려줍니다. `h_seq`는 모든 시점의 은닉 상태를 담은 배열이고 모양은 `(batch, T, units)`입니다.
  `h`와 `c`는 마지막 시점이 지난 뒤의 두 상태이고 모양은 `(batch, units)`입니다. 값의 오차는 0.00001까지
  허용합니다.
- 세 배열은 튜플이나 리스트에 담습니다. `lstm_step`이 틀렸으면 이 문제는 **여러분의** `lstm_step`을 순서대로 불러
  얻은 값으로도 점수를 받습니다. TensorFlow 없이 채점합니다.
""",
        en="""
Complete `lstm_forward(X, kernel, recurrent_kernel, bias)`, which reads a whole sequence. Leave each single time
step to the `lstm_step` that you wrote above.

- `X` has the shape `(batch, T, d)` with `T` time steps, at least 1. The weights are those of `lstm_step`, and
  every time step uses the same ones.
- The hidden state and the cell state start as zeros.
- Return `(h_seq, h, c)`: `h_seq` holds the hidden state at every time step, an array of shape
  `(batch, T, units)`; `h` and `c` are the two states after the last time step, of shape `(batch, units)`. All
  values are to be accurate to within 0.00001.
- The three arrays come in a tuple or a list. If your `lstm_step` is wrong, the values that **your own**
  `lstm_step` gives, called step by step, earn the points as well. This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, the three outputs of an LSTM with return_sequences and return_state",
    sample=(np.zeros((2, 2, 2)), np.zeros((2, 4)), np.zeros((1, 4)), np.zeros(4)),
    returns="array",
    parts=3,
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
    """(batch, T, d), (d, 4 * units), (units, 4 * units), (4 * units,) -> h_seq, h, c"""
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
        (2, 1, 3, 5), (1, 5, 1, 1), (1, 5, 4, 4), (2, 5, 3, 6), (5, 5, 6, 2), (5, 1, 2, 6), (2, 3, 5, 5),
        (2, 4, 4, 3),
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


def is_a_step(lstm_step, X, kernel, recurrent_kernel, bias):
    """Whether the next states depend on the input and on the states before: no loop can then be left out."""
    x, nothing = X[:, 0], np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    h, c = lstm_step(x, nothing, nothing, kernel, recurrent_kernel, bias)
    of_another_input, _ = lstm_step(-x, nothing, nothing, kernel, recurrent_kernel, bias)
    one_later, _ = lstm_step(x, h, c, kernel, recurrent_kernel, bias)
    return not np.allclose(of_another_input, h) and not np.allclose(one_later, h)


@question.follows("lstm_step", enough=is_a_step)
def by_own_step(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    every_h = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        every_h.append(h)
    return np.stack(every_h, axis=1), h, c


STATES = Text(ko="배열 세 개를 담은 튜플 (h_seq, h, c)", en="a tuple of three arrays (h_seq, h, c)")


def judge(got, want, places):
    """Fail unless the parts at these places are right. A wrong step may let them grow, so relatively."""
    if isinstance(got, np.ndarray):
        raise Fail(
            Text(
                ko=f"배열 세 개 (h_seq, h, c)를 기대했는데 모양이 {got.shape}인 배열 하나를 돌려주었습니다.",
                en=f"expected three arrays (h_seq, h, c), but one array of shape {got.shape} came back",
            )
        )
    found = expect.sequence(got, STATES)
    if len(found) != 3:
        raise Fail(
            Text(
                ko=f"배열 세 개 (h_seq, h, c)를 기대했는데 {len(found)}개를 돌려주었습니다.",
                en=f"expected three arrays (h_seq, h, c), but {len(found)} came back",
            )
        )
    for place in places:
        right = want[place].astype(float)
        size = np.maximum(1, np.abs(right))
        part = expect.shape(found[place], right.shape).astype(float)
        with np.errstate(invalid="ignore"):  # of what has grown beyond all numbers nothing can be told
            expect.array(part / size, right / size, tolerance=TOLERANCE)


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


def walk(lstm_step, X, kernel, recurrent_kernel, bias, *, keep_h=1, keep_c=1):
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
        ko="마지막 두 상태의 순서가 바뀌었습니다. 문제에서는 어느 쪽이 먼저인가요?",
        en="The last two states are swapped. Which of them does the question put first?",
    ),
    fails=[gives_last_states],
)
def states_swapped(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, c_seq[:, -1], h_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점 축이 맨 앞에 있습니다. ‘시퀀스 전체로 펼치기’ 절에서 `np.stack`의 `axis`가 하는 일을 "
        "보세요.",
        en="The time axis comes first. See what `axis` does in `np.stack`, in the section “Unrolling over a "
        "sequence”.",
    ),
    fails=[gives_every_hidden_state],
)
def time_axis_first(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq.transpose(1, 0, 2), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq가 배열의 리스트로 남아 있습니다. 시점이 둘째 축이 되도록 배열 하나로 쌓으세요.",
        en="h_seq is still a list of arrays. Stack them into one array whose second axis is time.",
    ),
    fails=[gives_every_hidden_state],
)
def list_of_states(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return list(h_seq.transpose(1, 0, 2)), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="은닉 상태들을 옆으로 이어 붙여 시점 축이 없습니다. 시점마다 따로 꺼낼 수 있게 새 축을 두세요.",
        en="The hidden states were joined side by side, without an axis for time. Give the time steps an axis "
        "of their own.",
    ),
    fails=[gives_every_hidden_state],
)
def states_joined_in_a_row(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq.reshape(len(X), -1), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq에 셀 상태를 모았습니다. 시점마다 층이 내보내는 것은 어느 상태인가요?",
        en="h_seq holds the cell states. Which of the two states does a layer return for each time step?",
    ),
    fails=[gives_every_hidden_state],
)
def cell_states_in_the_sequence(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return c_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq에 마지막 은닉 상태만 있습니다. 시점마다 하나씩 모으세요.",
        en="h_seq holds only the last hidden state. Collect one at every time step.",
    ),
    fails=[gives_every_hidden_state],
)
def last_state_only(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq[:, -1], h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq의 모든 시점에 마지막 은닉 상태가 들어 있습니다. 같은 배열을 시점마다 다시 쓰지 않았는지 "
        "확인하세요.",
        en="h_seq holds the last hidden state at every time step. Is the same array overwritten at each step?",
    ),
    fails=[gives_every_hidden_state],
)
def last_state_everywhere(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return np.repeat(h_seq[:, -1:], X.shape[1], axis=1), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq의 맨 앞에 초깃값 0까지 들어 있습니다. 시점마다 하나씩이면 모두 몇 개인가요?",
        en="h_seq starts with the initial zeros. With one hidden state per time step, how many should it "
        "hold?",
    ),
    fails=[gives_every_hidden_state],
)
def first_zeros_included(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return np.concatenate([0 * h_seq[:, :1], h_seq], axis=1), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq가 한 시점씩 밀려 있습니다. 시점을 지나기 전이 아니라 지난 뒤의 은닉 상태를 모으세요.",
        en="h_seq lags one time step behind. Collect the hidden state after each step, not before it.",
    ),
    fails=[gives_every_hidden_state],
)
def states_before_each_step(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return np.concatenate([0 * h_seq[:, :1], h_seq[:, :-1]], axis=1), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h_seq의 시점 순서가 거꾸로입니다. 첫 시점의 은닉 상태가 맨 앞에 와야 합니다.",
        en="The time steps of h_seq are reversed. The hidden state of the first step comes first.",
    ),
    fails=[gives_every_hidden_state],
)
def sequence_turned_round(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq[:, ::-1], h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="입력을 마지막 시점부터 거꾸로 읽었습니다. 반복문이 어느 시점에서 시작하는지 보세요.",
        en="The input was read backwards, from its last time step. At which step does the loop start?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def read_backwards(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X[:, ::-1], kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점마다 셀 상태가 0에서 다시 시작합니다. 돌려받은 셀 상태를 다음 시점에 넘기세요.",
        en="The cell state starts from zeros at every time step. Pass the returned one on to the next step.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def cell_state_not_carried(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias, keep_c=0)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점마다 은닉 상태가 0에서 다시 시작합니다. 돌려받은 은닉 상태를 다음 시점에 넘기세요.",
        en="The hidden state starts from zeros at every time step. Pass the returned one on to the next "
        "step.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def hidden_state_not_carried(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias, keep_h=0)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점마다 두 상태가 모두 0에서 다시 시작합니다. 상태를 0으로 두는 줄이 반복문 안에 있거나, lstm_step이 "
        "돌려준 상태를 다음 시점에 넘기지 않은 것은 아닌지 확인하세요.",
        en="Both states start from zeros at every time step. Are the lines that set them inside the loop, or is what "
        "lstm_step returns not passed on to the next step?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
    trivial=True,
)
def nothing_carried(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias, keep_h=0, keep_c=0)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="다음 시점에 은닉 상태와 셀 상태를 바꾸어 넘겼습니다. lstm_step이 돌려주는 순서와 받는 순서를 "
        "비교하세요.",
        en="The hidden state and the cell state are swapped on the way to the next time step. Compare the order "
        "in which lstm_step returns the two with the order in which it takes them.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def states_crossed(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], c, h, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="모든 시점에서 첫 시점의 입력을 읽었습니다. X에서 시점의 인덱스를 확인하세요.",
        en="The input of the first time step was read at every step. Check the index of the time step in X.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def first_input_always(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, np.repeat(X[:, :1], X.shape[1], axis=1), kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점이 아니라 샘플을 하나씩 지나갔습니다. X에서 시점이 어느 축인지 보세요.",
        en="The loop walks over the samples of the batch instead of the time steps. Which axis of X is time?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def loop_over_the_batch(lstm_step, X, kernel, recurrent_kernel, bias):
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
def last_step_left_out(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    h_seq = np.zeros((*X.shape[:2], h.shape[1]), dtype=X.dtype)
    for t in range(X.shape[1] - 1):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        h_seq[:, t] = h
    return h_seq, h, c


@question.misconception(
    text=Text(
        ko="셀 상태 c를 돌려주지 않았습니다. 돌려줄 것이 몇 개인지 세어 보세요.",
        en="The cell state c did not come back. Count what the question asks for.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def cell_state_left_out(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, _ = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1]


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태만 돌려주었습니다. 마지막 두 상태도 함께 돌려주세요.",
        en="Only the hidden states of all time steps came back. Return the last two states as well.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def sequence_only(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, _ = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq


@question.misconception(
    text=Text(
        ko="두 상태를 리스트 하나에 묶어 돌려주었습니다. 세 배열을 하나씩 따로 돌려주세요.",
        en="The two states came back together in one list. Return three separate arrays.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def states_in_a_list(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, [h_seq[:, -1], c_seq[:, -1]]


def are_lists(got, case, want):
    """Silent where three things came back, each of them a list as long as the array that is wanted."""
    found = expect.sequence(got, STATES)
    expect.shown(
        len(found) == len(want)
        and all(
            isinstance(one, list) and len(one) == len(right) for one, right in zip(found, want, strict=True)
        )
    )


@question.misconception(
    text=Text(
        ko="lstm_step이 돌려준 둘을 (c, h)의 순서로 받았습니다. lstm_step이 무엇을 먼저 돌려주는지 보세요.",
        en="What lstm_step returns is unpacked as (c, h). Which of the two does it return first?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def step_unpacked_as_c_h(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        c, h = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="h와 c의 이름이 처음부터 끝까지 서로 바뀌었습니다. 그래서 셀 상태가 모였습니다. lstm_step이 받는 "
        "순서와 돌려주는 순서를 보세요.",
        en="The names h and c are swapped throughout, so that the cell states were collected. In which order "
        "does lstm_step take and return them?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def names_exchanged_throughout(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return c_seq, c_seq[:, -1], h_seq[:, -1]


@question.misconception(
    text=Text(
        ko="첫 시점을 읽지 않았습니다. 반복문이 몇에서 시작하는지 보세요.",
        en="The first time step was not read. Where does the loop begin?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def first_step_left_out(lstm_step, X, kernel, recurrent_kernel, bias):
    if X.shape[1] == 1:
        raise ValueError
    h_seq, c_seq = walk(lstm_step, X[:, 1:], kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="마지막 시점을 읽지 않아서 h_seq도 한 시점 짧습니다. 반복문의 끝을 보세요.",
        en="The last time step was not read, and h_seq is one step short. Look at where the loop ends.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def last_step_left_out_of_all(lstm_step, X, kernel, recurrent_kernel, bias):
    if X.shape[1] == 1:
        raise ValueError
    h_seq, c_seq = walk(lstm_step, X[:, :-1], kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점의 개수가 아니라 샘플의 개수만큼 반복했습니다. `len(X)`는 어느 축의 길이인가요?",
        en="The loop takes as many steps as there are samples. Which axis does `len(X)` measure?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def as_many_steps_as_examples(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(len(X)):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="시점의 개수가 아니라 시점마다 들어오는 수의 개수만큼 반복했습니다. X에서 시점은 몇째 축인가요?",
        en="The loop takes as many steps as there are numbers at each step. Which axis of X is time?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def as_many_steps_as_numbers(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[2]):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="h_seq의 모양은 맞지만 값이 제자리에 없습니다. reshape는 축을 옮기지 않습니다. 은닉 상태들을 쌓을 "
        "때 새 축을 어디에 둘지 정하세요.",
        en="The shape of h_seq is right, but its values are in the wrong places. A reshape does not move axes: "
        "say where the new axis goes when the states are stacked.",
    ),
    fails=[gives_every_hidden_state],
)
def reshaped_for_stacked(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    batch, steps, units = h_seq.shape
    return h_seq.transpose(1, 0, 2).reshape(batch, steps, units), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="시점 축이 맨 뒤에 있습니다. 은닉 상태들을 쌓을 때 어느 축에 쌓는지 보세요.",
        en="The time axis comes last. Along which axis should the hidden states be stacked?",
    ),
    fails=[gives_every_hidden_state],
)
def time_axis_last(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq.transpose(0, 2, 1), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="은닉 상태들을 아래로 이어 붙여 시점 축이 없습니다. 시점마다 따로 꺼낼 수 있게 새 축을 두세요.",
        en="The hidden states were joined one below the other, without an axis for time. Give the time steps "
        "an axis of their own.",
    ),
    fails=[gives_every_hidden_state],
)
def states_one_below_the_other(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return np.vstack(list(h_seq.transpose(1, 0, 2))), h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="첫 시점만 지나고 돌려주었습니다. return이 반복문 안에 있지 않은지 보세요.",
        en="It returns after the first time step. Is the return inside the loop?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
    trivial=True,
)
def return_inside_the_loop(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq[:, :1], h_seq[:, 0], c_seq[:, 0]


@question.misconception(
    text=Text(
        ko="시점이 아니라 샘플을 꺼냈습니다. X에서 시점은 몇째 축인가요?",
        en="X is indexed by sample instead of time step. Which axis of X is time?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def example_for_time_step(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[t], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="모든 시점에서 마지막 시점의 입력을 읽었습니다. X에서 시점의 인덱스를 확인하세요.",
        en="The input of the last time step was read at every step. Check the index of the time step in X.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def last_input_always(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for _ in range(X.shape[1]):
        h, c = lstm_step(X[:, -1], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="첫 시점 다음에는 뒤에서부터 읽었습니다. 음수 인덱스가 무엇을 뜻하는지 보세요.",
        en="After the first time step, the input was read from the end. What does a negative index mean?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def read_from_the_end_but_for_the_first(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, -t], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="시점마다 한 시점 앞의 입력을 읽었습니다. 첫 시점에서는 어느 인덱스를 읽나요?",
        en="Each time step reads the input of the step before. Which index is read at the first step?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def input_of_the_step_before(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t - 1], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="시점이 아니라 마지막 축에서 꺼냈습니다. X에서 시점은 몇째 축인가요?",
        en="The last axis of X is indexed instead of time. Which axis of X is time?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def wrong_axis_of_the_input(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[..., t], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="입력을 거꾸로 읽고 h_seq만 다시 뒤집었습니다. 그러면 시점마다 앞의 입력이 아니라 뒤의 입력을 읽은 "
        "상태가 됩니다. 첫 시점부터 읽으세요.",
        en="The input was read backwards, and h_seq reversed again. Then the state at each step depends on the "
        "inputs after it, not before it. Read from the first step on.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def read_backwards_and_turned_round(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X[:, ::-1], kernel, recurrent_kernel, bias)
    return h_seq[:, ::-1], h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="두 상태를 넘기지 않아서 시점마다 0에서 시작하고, 마지막에도 0이 나왔습니다. 돌려받은 상태를 어느 "
        "변수에 저장하는지 보세요.",
        en="The states are not passed on: every step starts from zeros, and zeros came back at the end. "
        "In which variables do you store what lstm_step returns?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
    trivial=True,
)
def nothing_carried_and_zeros_returned(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias, keep_h=0, keep_c=0)
    return h_seq, 0 * h_seq[:, 0], 0 * c_seq[:, 0]


@question.misconception(
    text=Text(
        ko="셀 상태가 끝까지 0입니다. 돌려받은 셀 상태를 버리지 말고 다음 시점에 넘기세요.",
        en="The cell state stays zero to the end. Keep the one that comes back and pass it on.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def cell_state_stays_zero(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias, keep_c=0)
    return h_seq, h_seq[:, -1], 0 * c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="은닉 상태를 다음 시점에 넘기지 않아서 h가 끝까지 0입니다. 돌려받은 은닉 상태를 어느 변수에 "
        "저장하는지 보세요.",
        en="The hidden state is not passed on, and h stays zero to the end. In which variable do you store "
        "the one that comes back?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
    trivial=True,
)
def hidden_state_stays_zero(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias, keep_h=0)
    return h_seq, 0 * h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="한 시점에서 lstm_step을 두 번 불렀는데, 두 번째에는 이미 바뀐 h가 들어갑니다. 한 번 불러 두 상태를 "
        "함께 받으세요.",
        en="lstm_step is called twice at each time step, the second time with the new h. Call it once and take "
        "both states.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def step_taken_twice(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        before = h, c
        h = lstm_step(X[:, t], *before, kernel, recurrent_kernel, bias)[0]
        c = lstm_step(X[:, t], h, before[1], kernel, recurrent_kernel, bias)[1]
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="초기 상태가 1입니다. 문제에서 초깃값이 무엇인지 보세요.",
        en="The states start as ones. Which initial values does the question ask for?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def starts_from_ones(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.ones((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="h_seq가 모두 0입니다. 정수 배열에 담아 소수점 아래가 잘렸거나, 배열을 채우지 않은 것입니다. "
        "배열의 dtype과 채우는 줄을 확인하세요.",
        en="h_seq is all zeros: the fractions were cut off in an integer array, or the array was never filled. "
        "Check its dtype and the line that fills it.",
    ),
    fails=[gives_every_hidden_state],
)
def zeros_in_the_sequence(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return 0 * h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="c에 모든 시점의 셀 상태가 들어 있습니다. 마지막 시점의 것만 돌려주세요.",
        en="c holds the cell states of all time steps. Return the last one only.",
    ),
    fails=[gives_last_states],
)
def all_cell_states(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], c_seq


@question.misconception(
    text=Text(
        ko="c의 자리에도 은닉 상태가 있습니다. return 줄의 이름을 보세요.",
        en="The hidden state is in the place of c, too. Look at the names in the return line.",
    ),
    fails=[gives_last_states],
)
def hidden_state_twice(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, _ = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], h_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h의 자리에도 셀 상태가 있습니다. return 줄의 이름을 보세요.",
        en="The cell state is in the place of h, too. Look at the names in the return line.",
    ),
    fails=[gives_last_states],
)
def cell_state_twice(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, c_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h에 길이 1인 시점 축이 남아 있습니다. 상태 하나에는 시점 축이 없습니다.",
        en="A time axis of length 1 is left in h. A single state has no time axis.",
    ),
    fails=[gives_last_states],
)
def last_state_with_an_axis(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1:], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h가 첫 시점의 은닉 상태입니다. 마지막 시점의 인덱스는 무엇인가요?",
        en="h is the hidden state of the first time step. What is the index of the last one?",
    ),
    fails=[gives_last_states],
    trivial=True,
)
def first_hidden_state_as_the_last(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, 0], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h가 마지막 시점이 아니라 마지막 샘플입니다. h_seq의 첫째 축은 무엇을 나타내나요?",
        en="h is the last sample instead of the last time step. What does the first axis of h_seq count?",
    ),
    fails=[gives_last_states],
)
def last_example_as_h(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, h_seq[-1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="어느 시점에도 편향이 더해지지 않았습니다. 받은 가중치 셋이 모두 쓰이는지 보세요.",
        en="The bias is not added at any time step. Are all three of the weights you are given used?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def bias_not_handed_on(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, 0 * bias)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="kernel과 recurrent_kernel이, 또는 입력과 은닉 상태가 서로 바뀌어 들어갔습니다. lstm_step이 인자를 받는 "
        "순서를 보세요.",
        en="The kernel and the recurrent kernel are swapped, or the input and the hidden state are. In which order "
        "does lstm_step take its arguments?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def kernels_swapped(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, c, recurrent_kernel, kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="초기 상태의 길이를 입력에서 가져왔습니다. 은닉 상태의 길이는 어느 배열의 모양에서 알 수 있나요?",
        en="The initial states have the length of the input. The shape of which array gives the length of a "
        "hidden state?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def states_as_long_as_the_input(lstm_step, X, kernel, recurrent_kernel, bias):
    if X.shape[2] != recurrent_kernel.shape[0]:
        raise ValueError
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="딕셔너리로 돌려주었습니다. 세 배열을 문제의 순서대로 돌려주세요.",
        en="A dict came back. Return the three arrays in the order of the question.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def as_a_dict(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return dict(zip(("h_seq", "h", "c"), (h_seq, h_seq[:, -1], c_seq[:, -1]), strict=True))


@question.misconception(
    text=Text(
        ko="h_seq가 맨 뒤에 있습니다. 세 배열의 순서를 문제에서 확인하세요.",
        en="h_seq comes last. In which order does the question ask for the three arrays?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def sequence_last(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq[:, -1], c_seq[:, -1], h_seq


@question.misconception(
    text=Text(
        ko="h_seq와 h가 서로 바뀌었습니다. 세 배열의 순서를 문제에서 확인하세요.",
        en="h_seq and h are swapped. In which order does the question ask for the three arrays?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def sequence_second(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq[:, -1], h_seq, c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="마지막 두 상태만 돌려주었습니다. 모든 시점의 은닉 상태가 그 앞에 와야 합니다.",
        en="Only the last two states came back. The hidden states of every time step come before them.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def last_states_only(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="셋이 모두 배열이 아니라 리스트입니다. NumPy 배열을 돌려주세요.",
        en="All three are lists. Return NumPy arrays.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
    seen_in=are_lists,
)
def lists_for_arrays(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq.tolist(), h_seq[:, -1].tolist(), c_seq[:, -1].tolist()


@question.misconception(
    text=Text(
        ko="첫 시점을 읽지 않아 h_seq의 첫 자리가 0으로 남아 있습니다. 반복문의 시작을 보세요.",
        en="The first time step was not read, and its place in h_seq is still 0. Look at where the loop starts.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def first_step_skipped(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    h_seq = np.zeros((*X.shape[:2], h.shape[1]), dtype=X.dtype)
    for t in range(1, X.shape[1]):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        h_seq[:, t] = h
    return h_seq, h, c


@question.misconception(
    text=Text(
        ko="시점마다 이전 셀 상태가 들어갈 자리에도 이전 은닉 상태가 들어갑니다. 다음 시점에 무엇을 어느 자리에 "
        "넘기는지 보세요.",
        en="At every time step the previous hidden state is also in the place of the previous cell state. What is "
        "passed on to the next step, and in which place?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def hidden_state_handed_on_twice(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, h, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="시점마다 이전 은닉 상태가 들어갈 자리에도 이전 셀 상태가 들어갑니다. 다음 시점에 무엇을 어느 자리에 "
        "넘기는지 보세요.",
        en="At every time step the previous cell state is also in the place of the previous hidden state. What is "
        "passed on to the next step, and in which place?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def cell_state_handed_on_twice(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], c, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="셀 상태가 다음 시점으로 갈 때 tanh를 한 번 지납니다. 셀 상태는 그대로 넘깁니다.",
        en="On its way to the next time step the cell state goes through a tanh. Pass it on unchanged.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def squashed_cell_state_handed_on(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, np.tanh(c), kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="시점을 하나씩 건너뛰며 읽었습니다. 반복문의 간격을 보세요.",
        en="Only every second time step is read. Look at the step of the loop.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def every_second_step(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X[:, ::2], kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], c_seq[:, -1]


@question.misconception(
    text=Text(
        ko="h에 모든 시점의 은닉 상태를 평균 낸 것이 있습니다. 마지막 시점의 것을 돌려주세요.",
        en="h is the mean of the hidden states over time. Return the one of the last time step.",
    ),
    fails=[gives_last_states],
)
def mean_as_h(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X, kernel, recurrent_kernel, bias)
    return h_seq, h_seq.mean(axis=1), c_seq[:, -1]


STEPS_OF_THE_EXAMPLE = 4


@question.misconception(
    text=Text(
        ko="X에 시점이 몇 개이든 예에서처럼 네 시점을 읽습니다. 시점의 개수는 어디에서 알 수 있나요?",
        en="It reads four time steps, as many as in the example, whatever X holds. What tells how many there are?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def as_many_steps_as_in_the_example(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(STEPS_OF_THE_EXAMPLE):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="h_seq에 예에서처럼 네 시점만큼의 자리만 만들었습니다. 시점의 개수는 어디에서 알 수 있나요?",
        en="h_seq has room for four time steps, as many as in the example, whatever X holds. What tells how many there "
        "are?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def room_for_the_steps_of_the_example(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]), dtype=X.dtype)
    h_seq = np.zeros((X.shape[0], STEPS_OF_THE_EXAMPLE, h.shape[1]), dtype=X.dtype)
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        h_seq[:, t] = h
    return h_seq, h, c


@question.misconception(
    text=Text(
        ko="샘플이 몇 개이든 초기 상태는 예에서처럼 세 개입니다. 샘플의 개수는 어디에서 알 수 있나요?",
        en="The initial states are for three samples, as in the example, whatever X holds. What tells how many there "
        "are?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def samples_of_the_example(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((3, recurrent_kernel.shape[0]), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="초기 상태의 길이가 예에서처럼 언제나 4입니다. 은닉 상태의 길이는 어느 배열의 모양에서 알 수 있나요?",
        en="The initial states always have the length 4, as in the example. The shape of which array gives the length "
        "of a hidden state?",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def units_of_the_example(lstm_step, X, kernel, recurrent_kernel, bias):
    h = c = np.zeros((X.shape[0], 4), dtype=X.dtype)
    met = []
    for t in range(X.shape[1]):
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
        met.append(h)
    return np.stack(met, axis=1), h, c


@question.misconception(
    text=Text(
        ko="X에 시점이 더 있어도 예에서처럼 앞의 네 시점까지만 읽습니다. 슬라이스의 끝을 보세요.",
        en="It reads the first four time steps at most, as many as in the example, even if X has more. Look at where "
        "the slice ends.",
    ),
    fails=[gives_every_hidden_state, gives_last_states],
)
def first_four_steps(lstm_step, X, kernel, recurrent_kernel, bias):
    h_seq, c_seq = walk(lstm_step, X[:, :STEPS_OF_THE_EXAMPLE], kernel, recurrent_kernel, bias)
    return h_seq, h_seq[:, -1], c_seq[:, -1]

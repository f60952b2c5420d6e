"""One time step of an LSTM, with the weights as Keras holds them."""

import numpy as np

from autograder import Case, Fail, Question, Text, expect

question = Question(
    title=Text(ko="LSTM의 한 시점", en="One step of an LSTM"),
    statement=Text(
        ko="""
LSTM이 한 시점을 지나가는 함수 `lstm_step(x, h, c, kernel, recurrent_kernel, bias)`를 NumPy로 완성하세요. 식과
게이트의 차례는 Keras의 `LSTM` 층을 기본 설정으로 쓸 때와 같습니다.

- `x`는 이 시점의 입력, 모양 `(batch, d)`입니다. `h`와 `c`는 앞 시점의 은닉 상태와 셀 상태, 모양
  `(batch, units)`입니다.
- `kernel`의 모양은 `(d, 4 * units)`, `recurrent_kernel`은 `(units, 4 * units)`, `bias`는 `(4 * units,)`입니다.
- `d`와 `units`는 1 이상이고, 서로 같을 수도 다를 수도 있습니다. 배열은 모두 `float32`이거나 모두
  `float64`입니다.
- 이 시점이 지난 뒤의 상태를 `(h, c)`의 차례로, 모양 `(batch, units)`인 배열 두 개로 돌려줍니다. 값은 1e-5까지
  맞으면 됩니다.
- 받은 배열의 내용은 **바꾸지 마세요**.
- 셀 상태가 틀려도, 은닉 상태는 여러분의 셀 상태에서 바르게 구했으면 점수를 받습니다. TensorFlow 없이
  채점합니다.
""",
        en="""
Complete `lstm_step(x, h, c, kernel, recurrent_kernel, bias)` in NumPy: it takes an LSTM through one time step.
The equations and the order of the gates are those of Keras's `LSTM` layer with its default settings.

- `x` is the input at this time step, of shape `(batch, d)`. `h` and `c` are the hidden state and the cell state
  of the time step before, of shape `(batch, units)`.
- `kernel` has the shape `(d, 4 * units)`, `recurrent_kernel` `(units, 4 * units)`, and `bias` `(4 * units,)`.
- `d` and `units` are at least 1 and may be equal or not. All arrays are `float32`, or all are `float64`.
- Return the states after this time step as `(h, c)`: two arrays of shape `(batch, units)`, right to within
  1e-5.
- **Do not change** what is in the arrays that you are given.
- Where the cell state is wrong, the hidden state still earns its points if it follows from your own cell state.
  This is graded without TensorFlow.
""",
    ),
    source="equations of the LSTM layer of Keras, for the LSTM of the lecture notebook",
    returns="list",
)

NAMES = ("x", "h", "c", "kernel", "recurrent_kernel", "bias")
TOLERANCE = 1e-5


@question.answer
def lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    """One time step of an LSTM.

    x: (batch, d). h, c: (batch, units), the states before. Weights in Keras's shapes and order:
    kernel: (d, 4 * units). recurrent_kernel: (units, 4 * units). bias: (4 * units,).
    Returns the new states (h, c), each (batch, units).
    이 시점이 지난 뒤의 은닉 상태와 셀 상태를 (h, c)로 돌려줍니다.
    """
    mixed = x @ kernel + h @ recurrent_kernel + bias
    i, f, candidate, o = np.split(mixed, 4, axis=-1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    new_c = f * c + i * np.tanh(candidate)
    return o * np.tanh(new_c), new_c


@question.example
def example(lstm_step):
    import numpy as np

    rng = np.random.default_rng(5)
    x, h, c = rng.normal(size=(3, 2)), rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    before = c.copy()
    after = lstm_step(x, h, c, np.zeros((2, 16)), np.zeros((4, 16)), np.zeros(16))
    assert len(after) == 2
    assert after[0].shape == after[1].shape == (3, 4)
    # without weights every gate is half open and the candidate is 0
    assert np.allclose(after[1], before / 2)
    assert np.allclose(after[0], np.tanh(before / 2) / 2)
    assert np.array_equal(c, before)


@question.cases
def cases(rng):
    sizes = [(2, 1, 1), (1, 4, 4), (2, 3, 5), (5, 6, 2), (2, 5, 5), (5, 2, 6), (1, 7, 3), (5, 3, 3)]
    for _ in range(2):
        d, units = (int(size) for size in rng.permutation(range(2, 9))[:2])
        sizes.append((int(rng.choice([1, 2, 5])), d, units))
    drawn = []
    for place, (batch, d, units) in enumerate(sizes):
        shapes = [
            (batch, d), (batch, units), (batch, units), (d, 4 * units), (units, 4 * units), (4 * units,)
        ]  # fmt: skip
        x, h, c, *weights = (rng.normal(size=shape) for shape in shapes)
        if place == 6:
            h = np.zeros_like(h)  # as at a sequence's first step; c stays, or a wrong one could hide in zeros
        arrays = (x, h, c, *(0.6 * weight for weight in weights))
        drawn.append(Case(*(array.astype((np.float64, np.float32)[place % 2]) for array in arrays)))
    return drawn


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def blocks(x, h, kernel, recurrent_kernel, bias):
    """The four blocks before their activations, in Keras's order."""
    return np.split(x @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)


def updated(i, f, g, o, c):
    """The new states, from blocks before their activations."""
    new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


PAIR = Text(ko="배열 두 개를 담은 튜플 (h, c)", en="a tuple of two arrays (h, c)")


def states(got):
    """The two states that came back, or Fail."""
    found = expect.sequence(got, PAIR)
    if len(found) != 2:
        raise Fail(
            Text(
                ko=f"상태 두 개 (h, c)를 기대했는데 {len(found)}개를 돌려주었습니다.",
                en=f"expected two states (h, c), but {len(found)} came back",
            )
        )
    return found


@question.check(
    points=1,
    text=Text(
        ko="모양이 (batch, units)인 배열 두 개를 돌려준다",
        en="gives two arrays of shape (batch, units)",
    ),
)
def has_two_states(got, case, want):
    for state, right in zip(states(got), want, strict=True):
        expect.shape(state, right.shape)


@question.check(
    points=3,
    text=Text(ko="새 셀 상태가 맞는다", en="the new cell state is right"),
    needs=has_two_states,
)
def updates_cell_state(got, case, want):
    expect.array(states(got)[1], want[1], tolerance=TOLERANCE)


@question.check(
    points=2,
    text=Text(
        ko="새 은닉 상태가 맞거나, 돌려준 셀 상태에서 바르게 구한 것이다",
        en="the new hidden state is right, or follows from the cell state that came back",
    ),
    needs=has_two_states,
)
def updates_hidden_state(got, case, want):
    new_h, new_c = (state.astype(float) for state in states(got))
    x, h, _, *weights = case.args
    following = sigmoid(blocks(x, h, *weights)[3]) * np.tanh(new_c)
    # zeros follow from zeros, and tell nothing about the output gate
    informative = not np.allclose(following, 0, rtol=0, atol=TOLERANCE)
    if not (informative and np.allclose(new_h, following, rtol=0, atol=TOLERANCE)):
        expect.array(new_h, want[0], tolerance=TOLERANCE)


@question.check(
    points=1,
    text=Text(ko="받은 배열을 그대로 둔다", en="leaves the arrays it was given as they were"),
    needs=has_two_states,
    judges="arguments",
)
def leaves_its_arguments(got, case, want):
    changed = [
        name
        for name, after, before in zip(NAMES, got, want, strict=True)
        if not np.array_equal(after, before)
    ]
    if changed:
        listed = ", ".join(changed)
        raise Fail(
            Text(
                ko=f"부른 뒤에 배열의 내용이 달라졌습니다: {listed}.",
                en=f"after the call, these arrays no longer hold what they held: {listed}",
            )
        )


@question.misconception(
    text=Text(
        ko="게이트를 f, g, i, o의 차례로 나누었습니다. 책에 따라 쓰는 차례이지만 Keras의 차례는 다릅니다.",
        en="The gates are divided in the order f, g, i, o. Some books keep them so; Keras has another order.",
    ),
    fails=[updates_cell_state],
)
def order_f_g_i_o(x, h, c, kernel, recurrent_kernel, bias):
    f, g, i, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="출력 게이트와 후보의 자리가 바뀌었습니다. 마지막 묶음이 어느 게이트의 것인지 보세요.",
        en="The output gate and the candidate have changed places. To which gate does the last block belong?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def order_i_f_o_c(x, h, c, kernel, recurrent_kernel, bias):
    i, f, o, g = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="입력 게이트와 망각 게이트가 서로 바뀌었습니다. 앞의 셀 상태에 곱하는 것이 어느 게이트인지, 그 "
        "묶음이 어디에 있는지 보세요.",
        en="The input gate and the forget gate have changed places. Which gate multiplies the cell state "
        "before, and where is its block?",
    ),
    fails=[updates_cell_state],
)
def input_and_forget_swapped(x, h, c, kernel, recurrent_kernel, bias):
    f, i, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="후보를 망각 게이트보다 먼저 나누었습니다. 옛 TensorFlow 셀의 차례입니다. 지금의 Keras에서 둘째 "
        "묶음이 무엇인지 보세요.",
        en="The candidate is taken before the forget gate, as in an old cell of TensorFlow. What is the "
        "second block in Keras?",
    ),
    fails=[updates_cell_state],
)
def order_i_c_f_o(x, h, c, kernel, recurrent_kernel, bias):
    i, g, f, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="망각, 입력, 출력, 후보의 차례로 나누었습니다. 식을 적는 차례와 Keras가 가중치를 두는 차례는 "
        "다릅니다.",
        en="The blocks are taken as forget, input, output, candidate. The order in which equations are "
        "written is not the order in which Keras keeps the weights.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def order_f_i_o_c(x, h, c, kernel, recurrent_kernel, bias):
    f, i, o, g = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="입력, 출력, 망각, 후보의 차례로 나누었습니다. ONNX의 차례입니다. 본문에 있는 Keras의 차례를 "
        "보세요.",
        en="The blocks are taken as input, output, forget, candidate, which is ONNX's order. Look at Keras's "
        "order in the lesson.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def order_i_o_f_c(x, h, c, kernel, recurrent_kernel, bias):
    i, o, f, g = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="네 칸마다 하나씩 건너뛰며 게이트를 나누었습니다. 한 게이트의 열들은 서로 붙어 있습니다.",
        en="Every fourth column was taken for a gate. The columns of one gate stand next to each other.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def every_fourth_column(x, h, c, kernel, recurrent_kernel, bias):
    mixed = np.concatenate(blocks(x, h, kernel, recurrent_kernel, bias), axis=-1)
    return updated(*(mixed[:, place::4] for place in range(4)), c)


@question.misconception(
    text=Text(
        ko="후보에도 시그모이드를 썼습니다. 후보는 음수도 될 수 있어야 합니다.",
        en="The candidate went through a sigmoid like the gates. It has to be able to be negative.",
    ),
    fails=[updates_cell_state],
)
def candidate_sigmoid(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = (sigmoid(block) for block in blocks(x, h, kernel, recurrent_kernel, bias))
    new_c = f * c + i * g
    return o * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="시그모이드와 tanh를 서로 바꾸어 썼습니다. 0과 1 사이에서 열고 닫는 것이 무엇인지 생각해 보세요.",
        en="Sigmoid and tanh have changed places. Which of the four should open and close between 0 and 1?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def sigmoid_and_tanh_swapped(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = np.tanh(f) * c + np.tanh(i) * sigmoid(g)
    return np.tanh(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="게이트에도 tanh를 썼습니다. 게이트는 0과 1 사이의 값이어야 합니다.",
        en="The gates went through tanh as well. A gate lies between 0 and 1.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def tanh_everywhere(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = (np.tanh(block) for block in blocks(x, h, kernel, recurrent_kernel, bias))
    new_c = f * c + i * g
    return o * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="게이트에 활성화 함수를 쓰지 않았습니다. 게이트는 0과 1 사이의 값이어야 합니다.",
        en="The gates have no activation. A gate lies between 0 and 1.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def gates_without_activation(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = f * c + i * np.tanh(g)
    return o * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="후보에 활성화 함수를 쓰지 않았습니다. 후보의 식을 다시 보세요.",
        en="The candidate has no activation. Look at its equation again.",
    ),
    fails=[updates_cell_state],
)
def candidate_without_activation(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + sigmoid(i) * g
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="시그모이드를 직선 조각으로 어림했습니다(hard sigmoid). 지금의 Keras는 시그모이드를 그대로 씁니다.",
        en="The sigmoid is replaced by straight pieces (hard sigmoid). Keras now uses the sigmoid itself.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def hard_sigmoid(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    i, f, o = (np.clip(0.2 * block + 0.5, 0, 1) for block in (i, f, o))
    new_c = f * c + i * np.tanh(g)
    return o * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="은닉 상태에 출력 게이트만 곱했습니다. 셀 상태가 그 전에 무엇을 지나는지 보세요.",
        en="The hidden state is the output gate times the bare cell state. What does the cell state go "
        "through first?",
    ),
    fails=[updates_hidden_state],
)
def no_tanh_on_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * new_c, new_c


@question.misconception(
    text=Text(
        ko="은닉 상태를 만들 때 셀 상태에 시그모이드를 썼습니다. 게이트가 아닌 값에 무엇을 쓰는지 보세요.",
        en="For the hidden state, the cell state went through a sigmoid. Which function is used for what is "
        "no gate?",
    ),
    fails=[updates_hidden_state],
)
def sigmoid_on_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    _, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    o = sigmoid(blocks(x, h, kernel, recurrent_kernel, bias)[3])
    return o * sigmoid(new_c), new_c


@question.misconception(
    text=Text(
        ko="은닉 상태를 앞 시점의 셀 상태에서 만들었습니다. 어느 시점의 셀 상태가 필요한지 보세요.",
        en="The hidden state is made from the cell state of the time step before. Which cell state is meant?",
    ),
    fails=[updates_hidden_state],
)
def hidden_state_from_old_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    _, new_c = updated(i, f, g, o, c)
    return sigmoid(o) * np.tanh(c), new_c


@question.misconception(
    text=Text(
        ko="은닉 상태에 출력 게이트를 곱하지 않았습니다.",
        en="The hidden state was not multiplied by the output gate.",
    ),
    fails=[updates_hidden_state],
)
def output_gate_left_out(x, h, c, kernel, recurrent_kernel, bias):
    _, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="tanh를 지난 셀 상태를 돌려주었습니다. 다음 시점으로 가는 셀 상태는 tanh를 지나기 전의 값입니다.",
        en="The cell state came back after its tanh. What goes on to the next time step has not been through "
        "it.",
    ),
    fails=[updates_cell_state],
)
def squashed_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    new_h, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return new_h, np.tanh(new_c)


@question.misconception(
    text=Text(
        ko="편향을 더하지 않았습니다.",
        en="The bias was not added.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def bias_forgotten(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, 0 * bias), c)


@question.misconception(
    text=Text(
        ko="편향을 입력 쪽에서 한 번, 은닉 상태 쪽에서 또 한 번 더했습니다. Keras의 LSTM에는 편향이 한 "
        "벌뿐입니다.",
        en="The bias was added twice, once for the input and once for the hidden state. The LSTM of Keras has "
        "one set of biases.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def bias_added_twice(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, 2 * bias), c)


@question.misconception(
    text=Text(
        ko="앞 시점의 은닉 상태를 쓰지 않았습니다. recurrent_kernel에 무엇을 곱하는지 보세요.",
        en="The hidden state of the time step before is not used. What does the recurrent kernel multiply?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def hidden_state_not_used(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, 0 * h, kernel, recurrent_kernel, bias), c)


@question.misconception(
    text=Text(
        ko="recurrent_kernel에 은닉 상태가 아니라 셀 상태를 곱했습니다. 게이트가 읽는 상태가 어느 것인지 "
        "보세요.",
        en="The recurrent kernel was applied to the cell state. Which of the two states do the gates read?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def gates_read_the_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, c, kernel, recurrent_kernel, bias), c)


@question.misconception(
    text=Text(
        ko="앞의 셀 상태에 망각 게이트를 곱하지 않고 그대로 더했습니다.",
        en="The cell state before was added as it is, without the forget gate.",
    ),
    fails=[updates_cell_state],
)
def nothing_forgotten(x, h, c, kernel, recurrent_kernel, bias):
    i, _, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="앞의 셀 상태가 사라졌습니다. 새로 적을 것만 남기지 말고, 남길 것도 더하세요.",
        en="The cell state before is lost. There is something to keep beside what is newly written.",
    ),
    fails=[updates_cell_state],
)
def old_cell_state_dropped(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, bias), 0 * c)


@question.misconception(
    text=Text(
        ko="후보에 입력 게이트를 곱하지 않았습니다.",
        en="The candidate was not multiplied by the input gate.",
    ),
    fails=[updates_cell_state],
)
def input_gate_left_out(x, h, c, kernel, recurrent_kernel, bias):
    _, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="입력 게이트 대신 1에서 망각 게이트를 뺀 값을 썼습니다. GRU와 달리 LSTM에는 두 게이트가 따로 "
        "있습니다.",
        en="In place of the input gate stands 1 minus the forget gate. Unlike a GRU, an LSTM has two gates "
        "for that.",
    ),
    fails=[updates_cell_state],
)
def one_gate_for_two(x, h, c, kernel, recurrent_kernel, bias):
    _, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="새로 적을 것을 더한 다음에 망각 게이트를 곱했습니다. 망각 게이트는 앞의 셀 상태에만 곱합니다.",
        en="The forget gate was applied after the new part was added. It multiplies the cell state before, "
        "nothing else.",
    ),
    fails=[updates_cell_state],
)
def forgets_the_new_part_too(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * (c + sigmoid(i) * np.tanh(g))
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="망각 게이트를 앞의 셀 상태가 아니라 앞의 은닉 상태에 곱했습니다.",
        en="The forget gate was applied to the hidden state before instead of the cell state.",
    ),
    fails=[updates_cell_state],
)
def hidden_state_for_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, bias), h)


@question.misconception(
    text=Text(
        ko="kernel과 recurrent_kernel이 서로 바뀌었습니다. 입력에 곱하는 것이 어느 쪽인지 모양을 보세요.",
        en="The kernel and the recurrent kernel have changed places. Their shapes tell which one the input "
        "multiplies.",
    ),
    fails=[has_two_states],
)
def kernels_swapped(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, recurrent_kernel, kernel, bias), c)


@question.misconception(
    text=Text(
        ko="입력과 은닉 상태를 이어 붙인 차례가 두 kernel을 쌓은 차례와 다릅니다.",
        en="The input and the hidden state were joined in one order and the two kernels in the other.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def joined_in_two_orders(x, h, c, kernel, recurrent_kernel, bias):
    joined, both = np.hstack([h, x]), np.vstack([kernel, recurrent_kernel])
    return updated(*np.split(joined @ both + bias, 4, axis=-1), c)


@question.misconception(
    text=Text(
        ko="두 상태를 (c, h)의 차례로 돌려주었습니다. 문제의 차례를 보세요.",
        en="The two states came back as (c, h). Look at the order that the question asks for.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def states_swapped(x, h, c, kernel, recurrent_kernel, bias):
    new_h, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return new_c, new_h


@question.misconception(
    text=Text(
        ko="은닉 상태만 돌려주었습니다. 다음 시점에는 셀 상태도 필요합니다.",
        en="Only the hidden state came back. The next time step needs the cell state as well.",
    ),
    fails=[has_two_states],
)
def hidden_state_only(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)[0]


@question.misconception(
    text=Text(
        ko="Keras의 셀처럼 출력과 상태의 리스트를 돌려주었습니다. 여기서는 배열 두 개만 돌려줍니다.",
        en="An output and a list of states came back, as from a cell of Keras. Here only the two arrays are "
        "wanted.",
    ),
    fails=[has_two_states],
)
def returned_as_keras_does(x, h, c, kernel, recurrent_kernel, bias):
    new_h, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return new_h, [new_h, new_c]


@question.misconception(
    text=Text(
        ko="값은 맞지만 받은 배열을 바꾸었습니다. `*=`와 `+=`는 부른 쪽의 배열을 고칩니다. 새 배열을 만드는 "
        "식으로 쓰세요.",
        en="The values are right, but an array you were given is changed. `*=` and `+=` work on the caller's "
        "own array: write it so that a new one is made.",
    ),
    fails=[leaves_its_arguments],
)
def changes_its_arguments(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    c *= sigmoid(f)
    c += sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c

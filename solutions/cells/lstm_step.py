"""One time step of an LSTM, with the weights as Keras holds them."""

from itertools import permutations

import numpy as np

from autograder import Case, Fail, Question, Text, expect

from ._shared import (
    CANDIDATE_SIGMOID,
    CANDIDATE_WITHOUT_ACTIVATION,
    CANDIDATE_WITHOUT_BIAS,
    FORGET_AND_OUTPUT_SWAPPED,
    HARD_SIGMOID,
    IN_PLACE_SECTION,
    INPUT_AND_OUTPUT_SWAPPED,
    KERNELS_SWAPPED,
    LSTM_SECTION,
    ORDER_SECTION,
    ROUNDED,
    SIGMOID_WITHOUT_BRACKETS,
    TANH_EVERYWHERE,
)

question = Question(
    title=Text(ko="LSTM의 한 시점 계산하기", en="Writing one step of an LSTM"),
    statement=Text(
        ko="""
LSTM의 한 시점을 계산하는 함수 `lstm_step(x, h, c, kernel, recurrent_kernel, bias)`를 NumPy로 완성하세요. 식과
게이트의 순서는 Keras의 `LSTM` 층을 기본 설정으로 쓸 때와 같습니다.

- `x`는 이 시점의 입력이고 모양은 `(batch, d)`입니다. `h`와 `c`는 이전 시점의 은닉 상태와 셀 상태이고 모양은
  `(batch, units)`입니다.
- `kernel`의 모양은 `(d, 4 * units)`, `recurrent_kernel`은 `(units, 4 * units)`, `bias`는 `(4 * units,)`입니다.
- `d`와 `units`는 1 이상이고, 서로 같을 수도 다를 수도 있습니다. 배열은 모두 `float32`이거나 모두
  `float64`입니다.
- 이 시점이 지난 뒤의 두 상태를 `(h, c)`의 순서로 튜플이나 리스트에 담아 돌려줍니다. 둘 다 모양이 `(batch, units)`인
  배열이고, 값의 오차는 0.00001까지 허용합니다.
- 받은 배열의 내용은 **바꾸지 마세요**.
- 셀 상태가 틀려도, 은닉 상태는 여러분의 셀 상태에서 바르게 구했으면 점수를 받습니다. TensorFlow 없이
  채점합니다.
- 아래 예에서는 가중치가 모두 0이라서, 게이트는 모두 반쯤(0.5) 열리고 후보는 0입니다.
""",
        en="""
Complete `lstm_step(x, h, c, kernel, recurrent_kernel, bias)` in NumPy. It computes one time step of an LSTM.
The equations and the order of the gates are those of Keras's `LSTM` layer with its default settings.

- `x` is the input at this time step, of shape `(batch, d)`. `h` and `c` are the previous hidden state and
  the previous cell state, of shape `(batch, units)`.
- `kernel` has the shape `(d, 4 * units)`, `recurrent_kernel` `(units, 4 * units)`, and `bias` `(4 * units,)`.
- `d` and `units` are at least 1 and may be equal or not. All arrays are `float32`, or all are `float64`.
- Return the states after this time step as `(h, c)`, in a tuple or a list: two arrays of shape `(batch, units)`,
  accurate to within 0.00001.
- **Do not change** what is in the arrays that you are given.
- If the cell state is wrong, the hidden state still earns its points if it follows from your own cell state.
  This is graded without TensorFlow.
- In the example below all weights are 0, so every gate is half open (0.5) and the candidate is 0.
""",
    ),
    source="equations of the LSTM layer of Keras, for the LSTM of the lecture notebook",
    sample=(np.zeros((3, 2)), *np.zeros((2, 3, 1)), np.zeros((2, 4)), np.zeros((1, 4)), np.zeros(4)),
    returns="array",
    parts=2,
    section=LSTM_SECTION,
)

NAMES = ("x", "h", "c", "kernel", "recurrent_kernel", "bias")
TOLERANCE = 1e-5
RIGHT_BUT_FOR_THE_ORDER = 3.5
"""Points of a cell whose equations are right and whose blocks are in another order: half of all."""


@question.answer
def lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    """(batch, d), 2 x (batch, units), (d, 4 * units), (units, 4 * units), (4 * units,) -> h, c"""
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
    old_h, old_c = h.copy(), c.copy()
    after = lstm_step(x, h, c, np.zeros((2, 16)), np.zeros((4, 16)), np.zeros(16))
    assert len(after) == 2
    assert after[0].shape == after[1].shape == (3, 4)
    assert np.allclose(after[1], old_c / 2)
    assert np.allclose(after[0], np.tanh(old_c / 2) / 2)
    assert np.array_equal(h, old_h) and np.array_equal(c, old_c)


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
    if len(found) != 2 and isinstance(got, np.ndarray):
        raise Fail(
            Text(
                ko=f"상태 두 개 (h, c)를 기대했는데 모양이 {got.shape}인 배열 하나를 돌려주었습니다.",
                en=f"expected two states (h, c), but one array of shape {got.shape} came back",
            )
        )
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
    text=Text(ko="받은 배열을 그대로 둔다", en="does not change the arrays that it receives"),
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
                ko=f"함수를 부른 뒤에 배열의 내용이 달라졌습니다: {listed}.",
                en=f"the call changed these arrays: {listed}",
            )
        )


@question.misconception(
    text=Text(
        ko="게이트를 f, g, i, o의 순서로 나누었습니다. 그렇게 쓰는 책도 있지만 Keras의 순서는 다릅니다. "
        "‘Keras의 가중치 저장 순서’ 절을 보세요.",
        en="The gates are divided in the order f, g, i, o. Some books use that order, Keras does not: see "
        "“The order in which Keras stores the weights”.",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state],
)
def order_f_g_i_o(x, h, c, kernel, recurrent_kernel, bias):
    f, g, i, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="출력 게이트와 후보가 서로 바뀌었습니다. 마지막 블록은 둘 가운데 어느 쪽의 것인가요?",
        en="The output gate and the candidate are swapped. To which of them does the last block belong?",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state, updates_hidden_state],
    credit=RIGHT_BUT_FOR_THE_ORDER,
)
def order_i_f_o_c(x, h, c, kernel, recurrent_kernel, bias):
    i, f, o, g = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="입력 게이트와 망각 게이트가 서로 바뀌었습니다. 이전 셀 상태에 곱하는 것은 어느 게이트이고, 그 "
        "블록은 어디에 있나요?",
        en="The input gate and the forget gate are swapped. Which gate multiplies the previous cell state, and "
        "where is its block?",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state],
)
def input_and_forget_swapped(x, h, c, kernel, recurrent_kernel, bias):
    f, i, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="후보를 망각 게이트보다 먼저 나누었습니다. 옛 TensorFlow 셀의 순서입니다. 지금의 Keras에서 둘째 "
        "블록이 무엇인지 보세요.",
        en="The candidate is taken before the forget gate, as in an old TensorFlow cell. What is the second "
        "block in Keras?",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state],
)
def order_i_c_f_o(x, h, c, kernel, recurrent_kernel, bias):
    i, g, f, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="망각, 입력, 출력, 후보의 순서로 나누었습니다. 식을 적는 순서와 Keras가 가중치를 저장하는 순서는 "
        "다릅니다.",
        en="The blocks are taken as forget, input, output, candidate. The order in which equations are "
        "written is not the order in which Keras stores the weights.",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state, updates_hidden_state],
    credit=RIGHT_BUT_FOR_THE_ORDER,
)
def order_f_i_o_c(x, h, c, kernel, recurrent_kernel, bias):
    f, i, o, g = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="입력, 출력, 망각, 후보의 순서로 나누었습니다. ONNX의 순서입니다. 본문에 있는 Keras의 순서를 "
        "보세요.",
        en="The blocks are taken as input, output, forget, candidate, which is ONNX's order. Look at Keras's "
        "order in the lesson.",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state, updates_hidden_state],
    credit=RIGHT_BUT_FOR_THE_ORDER,
)
def order_i_o_f_c(x, h, c, kernel, recurrent_kernel, bias):
    i, o, f, g = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


ORDERS_OF_THEIR_OWN = ((0, 1, 3, 2), (1, 0, 3, 2), (0, 2, 3, 1), (0, 3, 2, 1), (3, 1, 2, 0), (1, 2, 3, 0))
"""The blocks of i, f, the candidate and o where another misconception names the order."""

OTHER_ORDERS = [
    order for order in permutations(range(4)) if order[3] != 3 and order not in ORDERS_OF_THEIR_OWN
]


def has_another_order(got, case, want):
    """Silent where the states are right for blocks in an order that no other misconception names."""
    found = states(got)
    x, h, c, *weights = case.args
    before = blocks(x, h, *weights)
    reordered = (updated(*(before[place] for place in order), c) for order in OTHER_ORDERS)
    expect.shown(
        any(
            all(
                isinstance(state, np.ndarray)
                and state.shape == right.shape
                and np.allclose(state, right, rtol=0, atol=TOLERANCE)
                for state, right in zip(found, pair, strict=True)
            )
            for pair in reordered
        )
    )


@question.misconception(
    text=Text(
        ko="식은 맞지만 네 블록의 순서가 Keras와 다릅니다. ‘Keras의 가중치 저장 순서’ 절의 표에서 블록마다 어느 "
        "게이트의 것인지 하나씩 확인하세요.",
        en="The equations are right, but the four blocks are not in Keras's order. In “The order in which Keras stores "
        "the weights”, check one by one which block belongs to which gate.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
    credit=RIGHT_BUT_FOR_THE_ORDER,
    seen_in=has_another_order,
)
def in_another_order(x, h, c, kernel, recurrent_kernel, bias):
    o, g, f, i = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="열을 네 개마다 하나씩 골라 게이트를 나누었습니다. 한 게이트의 열들은 서로 붙어 있습니다.",
        en="Every fourth column was taken for a gate. The columns of one gate are next to each other.",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state, updates_hidden_state],
)
def every_fourth_column(x, h, c, kernel, recurrent_kernel, bias):
    mixed = np.concatenate(blocks(x, h, kernel, recurrent_kernel, bias), axis=-1)
    return updated(*(mixed[:, place::4] for place in range(4)), c)


@question.misconception(
    text=Text(
        ko="편향을 활성화 함수를 적용한 뒤에 더했습니다. 식에서 편향이 괄호 안에 있는지 밖에 있는지 보세요.",
        en="The biases are added after the activations. Is the bias inside or outside the brackets in the equations?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def bias_after_activation(x, h, c, kernel, recurrent_kernel, bias):
    activations = [sigmoid, sigmoid, np.tanh, sigmoid]
    i, f, g, o = (
        activation(block) + added
        for activation, block, added in zip(
            activations, blocks(x, h, kernel, recurrent_kernel, 0 * bias), np.split(bias, 4), strict=True
        )
    )
    new_c = f * c + i * g
    return o * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="블록의 폭을 유닛 수가 아니라 입력의 길이로 잡았습니다. `x`와 `h` 가운데 어느 것의 둘째 축이 유닛 수인가요?",
        en="The width of the blocks is the length of the input, not the number of units. Which of `x` and `h` has "
        "the units on its second axis?",
    ),
    section=ORDER_SECTION,
    fails=[has_two_states],
)
def units_of_the_input(x, h, c, kernel, recurrent_kernel, bias):
    z = x @ kernel + h @ recurrent_kernel + bias
    width = x.shape[1]
    return updated(*(z[:, place * width : (place + 1) * width] for place in range(4)), c)


@question.misconception(text=CANDIDATE_SIGMOID, fails=[updates_cell_state])
def candidate_sigmoid(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = (sigmoid(block) for block in blocks(x, h, kernel, recurrent_kernel, bias))
    new_c = f * c + i * g
    return o * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="시그모이드와 tanh가 서로 바뀌었습니다. 0과 1 사이에서 열고 닫는 것은 넷 가운데 무엇인가요? "
        "‘LSTM의 한 시점’ 절의 표를 보세요.",
        en="Sigmoid and tanh are swapped. Which of the four blocks open and close between 0 and 1? See the "
        "table in “One step of an LSTM”.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def sigmoid_and_tanh_swapped(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = np.tanh(f) * c + np.tanh(i) * sigmoid(g)
    return np.tanh(o) * np.tanh(new_c), new_c


@question.misconception(text=TANH_EVERYWHERE, fails=[updates_cell_state, updates_hidden_state])
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


@question.misconception(text=CANDIDATE_WITHOUT_ACTIVATION, fails=[updates_cell_state])
def candidate_without_activation(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + sigmoid(i) * g
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(text=HARD_SIGMOID, fails=[updates_cell_state, updates_hidden_state])
def hard_sigmoid(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    i, f, o = (np.clip(0.2 * block + 0.5, 0, 1) for block in (i, f, o))
    new_c = f * c + i * np.tanh(g)
    return o * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="출력 게이트는 맞게 곱했는데, 셀 상태를 그대로 썼습니다. 셀 상태는 그 전에 어떤 함수를 지나나요?",
        en="The output gate is right, but it multiplies the cell state itself. Which function does the cell "
        "state go through first?",
    ),
    fails=[updates_hidden_state],
)
def no_tanh_on_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * new_c, new_c


@question.misconception(
    text=Text(
        ko="은닉 상태를 만들 때 셀 상태에 시그모이드를 썼습니다. 시그모이드는 게이트에만 씁니다. 은닉 상태의 "
        "식에서 셀 상태가 지나는 함수를 찾으세요.",
        en="For the hidden state, the cell state went through a sigmoid, which only the gates use. Find the "
        "right function in the equation of the hidden state.",
    ),
    fails=[updates_hidden_state],
)
def sigmoid_on_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    _, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    o = sigmoid(blocks(x, h, kernel, recurrent_kernel, bias)[3])
    return o * sigmoid(new_c), new_c


@question.misconception(
    text=Text(
        ko="은닉 상태를 이전 시점의 셀 상태에서 만들었습니다. 어느 시점의 셀 상태가 필요한지 보세요.",
        en="The hidden state is computed from the previous cell state. The cell state of which time step is needed?",
    ),
    fails=[updates_hidden_state],
)
def hidden_state_from_old_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    _, new_c = updated(i, f, g, o, c)
    return sigmoid(o) * np.tanh(c), new_c


@question.misconception(
    text=Text(
        ko="은닉 상태에 출력 게이트를 곱하지 않았습니다. 은닉 상태의 식을 다시 보세요.",
        en="The hidden state was not multiplied by the output gate. Look at its equation again.",
    ),
    fails=[updates_hidden_state],
)
def output_gate_left_out(x, h, c, kernel, recurrent_kernel, bias):
    _, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="tanh를 지나는 것은 은닉 상태를 만들 때뿐입니다. 다음 시점으로 가는 셀 상태는 tanh를 지나기 전의 "
        "값입니다. 그림 1에서 위쪽 선을 따라가 보세요.",
        en="The tanh is for the hidden state only. The cell state that goes on to the next step is the value "
        "before the tanh: follow the upper line in figure 1.",
    ),
    fails=[updates_cell_state],
)
def squashed_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    new_h, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return new_h, np.tanh(new_c)


@question.misconception(
    text=Text(
        ko="편향을 더하지 않았습니다. 네 줄의 식 모두에 편향이 있습니다.",
        en="The bias was not added. All four equations have one.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def bias_forgotten(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, 0 * bias), c)


@question.misconception(
    text=Text(
        ko="편향을 입력 쪽에서 한 번, 은닉 상태 쪽에서 또 한 번 더했습니다. Keras의 LSTM에는 편향이 한 "
        "세트뿐입니다.",
        en="The bias was added twice, once for the input and once for the hidden state. The LSTM in Keras "
        "has one set of biases.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def bias_added_twice(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, 2 * bias), c)


@question.misconception(
    text=Text(
        ko="이전 시점의 은닉 상태를 쓰지 않았습니다. recurrent_kernel에 무엇을 곱하나요?",
        en="The previous hidden state is not used. What does the recurrent kernel multiply?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def hidden_state_not_used(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, 0 * h, kernel, recurrent_kernel, bias), c)


@question.misconception(
    text=Text(
        ko="recurrent_kernel에 은닉 상태가 아니라 셀 상태를 곱했습니다. 게이트가 읽는 상태가 어느 것인가요?",
        en="The recurrent kernel was applied to the cell state. Which of the two states do the gates read?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def gates_read_the_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, c, kernel, recurrent_kernel, bias), c)


@question.misconception(
    text=Text(
        ko="이전 시점의 셀 상태에 망각 게이트를 곱하지 않고 그대로 더했습니다. 얼마나 남길지는 무엇이 "
        "정하나요?",
        en="The previous cell state was added as it is, without the forget gate. What decides how much of it is kept?",
    ),
    fails=[updates_cell_state],
)
def nothing_forgotten(x, h, c, kernel, recurrent_kernel, bias):
    i, _, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="이전 셀 상태가 사라졌습니다. 새로 적을 것만 남기지 말고, 남길 것도 더하세요.",
        en="The previous cell state is lost. Add the part of it that is kept to what is newly written.",
    ),
    fails=[updates_cell_state],
)
def old_cell_state_dropped(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, bias), 0 * c)


@question.misconception(
    text=Text(
        ko="후보에 입력 게이트를 곱하지 않았습니다. 새 값을 얼마나 적을지는 무엇이 정하나요?",
        en="The candidate was not multiplied by the input gate. What decides how much of the new value is written?",
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
        en="1 minus the forget gate replaces the input gate. Unlike a GRU, an LSTM has two gates for that.",
    ),
    fails=[updates_cell_state],
)
def one_gate_for_two(x, h, c, kernel, recurrent_kernel, bias):
    _, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="새로 적을 것을 더한 다음에 망각 게이트를 곱했습니다. 망각 게이트는 이전 셀 상태에만 곱합니다.",
        en="The forget gate was applied after the new part was added. It multiplies only the previous cell "
        "state.",
    ),
    fails=[updates_cell_state],
)
def forgets_the_new_part_too(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * (c + sigmoid(i) * np.tanh(g))
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="망각 게이트를 이전 시점의 셀 상태가 아니라 은닉 상태에 곱했습니다. 기억을 담은 것은 어느 "
        "쪽인가요?",
        en="The forget gate was applied to the previous hidden state. Which of the two states is the memory?",
    ),
    fails=[updates_cell_state],
)
def hidden_state_for_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, bias), h)


@question.misconception(text=KERNELS_SWAPPED, section=ORDER_SECTION, fails=[has_two_states])
def kernels_swapped(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, recurrent_kernel, kernel, bias), c)


@question.misconception(
    text=Text(
        ko="입력과 은닉 상태를 이어 붙인 순서가 두 kernel을 쌓은 순서와 다릅니다. 무엇이 무엇에 곱해지는지 "
        "짝을 맞추어 보세요.",
        en="The input and the hidden state were joined in one order and the two kernels in the other. Match each "
        "of the two with its kernel.",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state, updates_hidden_state],
)
def joined_in_two_orders(x, h, c, kernel, recurrent_kernel, bias):
    joined, both = np.hstack([h, x]), np.vstack([kernel, recurrent_kernel])
    return updated(*np.split(joined @ both + bias, 4, axis=-1), c)


@question.misconception(
    text=Text(
        ko="두 상태를 (c, h)의 순서로 돌려주었습니다. 문제가 정한 순서와 비교하세요.",
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
        en="An output and a list of states came back, as from a Keras cell. Here only the two arrays are "
        "needed.",
    ),
    fails=[has_two_states],
    credit=4,  # nearer than a wrong cell state: both new states are there and right
)
def returned_as_keras_does(x, h, c, kernel, recurrent_kernel, bias):
    new_h, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return new_h, [new_h, new_c]


@question.misconception(
    text=Text(
        ko="값은 맞습니다. 다만 받은 배열이 바뀌었습니다. ‘한 시점을 함수로 쓰기’ 절의 `doubled_in_place`처럼 "
        "`*=`와 `+=`는 부른 쪽의 배열을 고칩니다.",
        en="The values are right, but an array that you received has changed. Like `doubled_in_place` in the "
        "section “A step as a function”, `*=` and `+=` work on the caller's own array.",
    ),
    section=IN_PLACE_SECTION,
    fails=[leaves_its_arguments],
)
def changes_its_arguments(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    c *= sigmoid(f)
    c += sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@question.misconception(
    text=FORGET_AND_OUTPUT_SWAPPED,
    section=ORDER_SECTION,
    fails=[updates_cell_state, updates_hidden_state],
    credit=RIGHT_BUT_FOR_THE_ORDER,
)
def forget_and_output_swapped(x, h, c, kernel, recurrent_kernel, bias):
    i, o, g, f = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="후보를 맨 앞에서 읽고 입력 게이트와 망각 게이트를 한 자리씩 밀었습니다. Keras에서 후보의 블록은 "
        "몇째인가요?",
        en="The candidate is read first, and the input gate and the forget gate one block late. Which block "
        "belongs to the candidate in Keras?",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state],
)
def order_c_i_f_o(x, h, c, kernel, recurrent_kernel, bias):
    g, i, f, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="입력 게이트와 후보가 서로 바뀌었습니다. 첫째 블록과 셋째 블록은 각각 어느 쪽의 것인가요?",
        en="The input gate and the candidate are swapped. Which of them has the first block, and which the third?",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state],
)
def input_and_candidate_swapped(x, h, c, kernel, recurrent_kernel, bias):
    g, f, i, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=INPUT_AND_OUTPUT_SWAPPED,
    section=ORDER_SECTION,
    fails=[updates_cell_state, updates_hidden_state],
    credit=RIGHT_BUT_FOR_THE_ORDER,
)
def input_and_output_swapped(x, h, c, kernel, recurrent_kernel, bias):
    o, f, g, i = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="출력 게이트를 맨 앞에서 읽었습니다. Keras에서 출력 게이트의 블록은 몇째인가요?",
        en="The output gate is read first. Which block belongs to it in Keras?",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state, updates_hidden_state],
    credit=RIGHT_BUT_FOR_THE_ORDER,
)
def order_o_i_f_c(x, h, c, kernel, recurrent_kernel, bias):
    o, i, f, g = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="시그모이드의 지수에 음의 부호가 빠졌습니다. z가 클 때 1에 가까운지 확인하세요.",
        en="The sigmoid lacks the minus sign of its exponent. Is it near 1 for a large z?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def sigmoid_without_minus(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(-i, -f, g, -o, c)


@question.misconception(text=SIGMOID_WITHOUT_BRACKETS, fails=[updates_cell_state, updates_hidden_state])
def sigmoid_without_brackets(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    i, f, o = (1 + np.exp(-block) for block in (i, f, o))
    new_c = f * c + i * np.tanh(g)
    return o * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="출력 게이트를 곱한 다음에 tanh를 적용했습니다. tanh는 어디까지 감싸나요?",
        en="The tanh is applied after the output gate was multiplied. How far does the tanh reach?",
    ),
    fails=[updates_hidden_state],
)
def tanh_around_the_product(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    _, new_c = updated(i, f, g, o, c)
    return np.tanh(sigmoid(o) * new_c), new_c


@question.misconception(
    text=Text(
        ko="활성화 함수를 하나도 쓰지 않았습니다. 게이트와 후보와 은닉 상태의 식에서 함수를 찾으세요.",
        en="No activation is applied anywhere. Find the functions in the equations of the gates, the candidate "
        "and the hidden state.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def no_activation_at_all(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = f * c + i * g
    return o * new_c, new_c


@question.misconception(
    text=Text(
        ko="이 시점의 입력을 쓰지 않았습니다. kernel에 무엇을 곱하나요?",
        en="The input of this time step is not used. What does the kernel multiply?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def input_not_used(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(0 * x, h, kernel, recurrent_kernel, bias), c)


@question.misconception(
    text=Text(
        ko="셀 상태에 새로 적은 것이 없습니다. 이전 기억을 남긴 다음에 무엇을 더하나요?",
        en="Nothing new is written to the cell state. What is added to the memory that is kept?",
    ),
    fails=[updates_cell_state],
    trivial=True,
)
def nothing_written(x, h, c, kernel, recurrent_kernel, bias):
    _, f, _, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="망각 게이트가 거꾸로 쓰였습니다. f가 1에 가까우면 이전 기억이 남나요, 사라지나요?",
        en="The forget gate is used the wrong way around. If f is near 1, is the memory kept or lost?",
    ),
    fails=[updates_cell_state],
)
def forget_gate_turned_round(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = (1 - sigmoid(f)) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="망각 게이트 대신 1에서 입력 게이트를 뺀 값을 썼습니다. GRU와 달리 LSTM에는 두 게이트가 따로 "
        "있습니다.",
        en="1 minus the input gate replaces the forget gate. Unlike a GRU, an LSTM has a separate gate for "
        "that.",
    ),
    fails=[updates_cell_state],
)
def one_minus_the_input_gate(x, h, c, kernel, recurrent_kernel, bias):
    i, _, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = (1 - sigmoid(i)) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="새로 적을 것을 더하지 않고 뺐습니다. 셀 상태의 식에서 부호를 보세요.",
        en="The new part is subtracted instead of added. Look at the signs in the equation of the cell state.",
    ),
    fails=[updates_cell_state],
)
def new_part_subtracted(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c - sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="후보에 입력 게이트가 아니라 출력 게이트를 곱했습니다. 기억에 적는 일과 기억을 내보이는 일을 구별해 "
        "보세요.",
        en="The candidate is multiplied by the output gate. Which gate is for writing to the memory, which for "
        "showing it?",
    ),
    fails=[updates_cell_state],
)
def output_gate_for_the_input_gate(x, h, c, kernel, recurrent_kernel, bias):
    _, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + sigmoid(o) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="은닉 상태에 출력 게이트가 아니라 입력 게이트를 곱했습니다. 기억을 내보이는 게이트는 어느 것인가요?",
        en="The hidden state is multiplied by the input gate. Which gate is for showing the memory?",
    ),
    fails=[updates_hidden_state],
)
def input_gate_for_the_output_gate(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    _, new_c = updated(i, f, g, o, c)
    return sigmoid(i) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="은닉 상태에 출력 게이트가 아니라 망각 게이트를 곱했습니다. 기억을 내보이는 게이트는 어느 것인가요?",
        en="The hidden state is multiplied by the forget gate. Which gate is for showing the memory?",
    ),
    fails=[updates_hidden_state],
)
def forget_gate_for_the_output_gate(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    _, new_c = updated(i, f, g, o, c)
    return sigmoid(f) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="남길 것과 새로 적을 것을 곱했습니다. 두 몫을 어떻게 합치는지 식을 보세요.",
        en="What is kept and what is newly written are multiplied. How does the equation combine the two?",
    ),
    fails=[updates_cell_state],
    trivial=True,
)
def multiplied_for_added(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c * sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="출력 게이트를 곱하지 않고 더했습니다. 게이트는 얼마나 통과시킬지를 어떻게 정하나요?",
        en="The output gate is added instead of multiplied. How does a gate decide how much gets through?",
    ),
    fails=[updates_hidden_state],
)
def output_gate_added(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    _, new_c = updated(i, f, g, o, c)
    return sigmoid(o) + np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="은닉 상태를 이전 시점의 은닉 상태에서 만들었습니다. tanh 안에 들어가는 것이 무엇인지 보세요.",
        en="The hidden state is computed from the previous hidden state. What goes into the tanh?",
    ),
    fails=[updates_hidden_state],
    trivial=True,
)
def hidden_state_from_the_old_one(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    _, new_c = updated(i, f, g, o, c)
    return sigmoid(o) * np.tanh(h), new_c


@question.misconception(
    text=Text(
        ko="은닉 상태를 후보에서 만들었습니다. 후보는 셀 상태에 적히고, 은닉 상태는 셀 상태에서 나옵니다.",
        en="The hidden state is computed from the candidate. The candidate is written to the cell state, and "
        "the hidden state comes from there.",
    ),
    fails=[updates_hidden_state],
)
def hidden_state_from_the_candidate(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    _, new_c = updated(i, f, g, o, c)
    return sigmoid(o) * np.tanh(g), new_c


@question.misconception(
    text=Text(
        ko="은닉 상태를 만들 때 셀 상태가 tanh를 두 번 지났습니다. 식에는 tanh가 몇 번 있나요?",
        en="For the hidden state the cell state went through tanh twice. How many times does tanh appear in the "
        "equation?",
    ),
    fails=[updates_hidden_state],
)
def tanh_twice(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    _, new_c = updated(i, f, g, o, c)
    return sigmoid(o) * np.tanh(np.tanh(new_c)), new_c


@question.misconception(
    text=Text(
        ko="셀 상태의 식 전체에 tanh를 적용하고, 은닉 상태를 만들 때 또 적용했습니다. 셀 상태의 식에서 tanh는 "
        "무엇만 감싸나요?",
        en="A tanh was applied to the whole new cell state, and another one for the hidden state. What does "
        "the tanh in the equation of the cell state enclose?",
    ),
    fails=[updates_cell_state],
)
def cell_state_squashed_twice(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    _, new_c = updated(i, f, g, o, c)
    new_c = np.tanh(new_c)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="게이트에 편향을 더하지 않았습니다. 편향은 후보에만 있는 것이 아닙니다.",
        en="The gates lack their bias. The candidate is not the only one that has it.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def gates_without_bias(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    i, f, _, o = blocks(x, h, kernel, recurrent_kernel, 0 * bias)
    return updated(i, f, g, o, c)


@question.misconception(text=CANDIDATE_WITHOUT_BIAS, fails=[updates_cell_state])
def candidate_without_bias(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    g = blocks(x, h, kernel, recurrent_kernel, 0 * bias)[2]
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="후보가 이전 시점의 은닉 상태를 읽지 않습니다. 후보의 식에 무엇이 들어가나요?",
        en="The candidate does not read the previous hidden state. What goes into its equation?",
    ),
    fails=[updates_cell_state],
)
def candidate_does_not_read_the_state(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    g = blocks(x, 0 * h, kernel, recurrent_kernel, bias)[2]
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="게이트가 이전 시점의 은닉 상태를 읽지 않습니다. 게이트의 식에 무엇이 들어가나요?",
        en="The gates do not read the previous hidden state. What goes into their equations?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def gates_do_not_read_the_state(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    i, f, _, o = blocks(x, 0 * h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="게이트가 이 시점의 입력을 읽지 않습니다. 게이트의 식에 무엇이 들어가나요?",
        en="The gates do not read the input of this time step. What goes into their equations?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def gates_do_not_read_the_input(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    i, f, _, o = blocks(0 * x, h, kernel, recurrent_kernel, bias)
    return updated(i, f, g, o, c)


@question.misconception(
    text=Text(
        ko="망각 게이트에 1을 더했습니다. Keras의 `unit_forget_bias`는 처음 만든 편향에 이미 들어 있으므로, "
        "받은 편향만 쓰세요.",
        en="1 is added to the forget gate. Keras's `unit_forget_bias` is already in the bias that a new layer "
        "starts with: use the bias you are given.",
    ),
    fails=[updates_cell_state],
)
def forget_bias_added(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return updated(i, f + 1, g, o, c)


@question.misconception(
    text=Text(
        ko="후보에 ReLU를 썼습니다. Keras의 LSTM은 기본 설정에서 무엇을 쓰나요?",
        en="The candidate went through a ReLU. What does Keras's LSTM use by default?",
    ),
    fails=[updates_cell_state],
)
def candidate_relu(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + sigmoid(i) * np.clip(g, 0, None)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="받은 은닉 상태가 그대로 나왔습니다. 새로 구한 것을 돌려주세요.",
        en="The hidden state that was passed in came back unchanged. Return the new one.",
    ),
    fails=[updates_hidden_state],
    trivial=True,
)
def old_hidden_state_returned(x, h, c, kernel, recurrent_kernel, bias):
    return h, updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)[1]


@question.misconception(
    text=Text(
        ko="받은 셀 상태가 그대로 나왔습니다. 새로 구한 것을 돌려주세요.",
        en="The cell state that was passed in came back unchanged. Return the new one.",
    ),
    fails=[updates_cell_state],
)
def old_cell_state_returned(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)[0], c


@question.misconception(
    text=Text(
        ko="셀 상태만 돌려주었습니다. 다음 시점에는 은닉 상태도 필요합니다.",
        en="Only the cell state came back. The next time step needs the hidden state as well.",
    ),
    fails=[has_two_states],
)
def cell_state_only(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)[1]


@question.misconception(
    text=Text(
        ko="은닉 상태가 출력으로 한 번, 상태로 또 한 번 나왔습니다. 여기서는 배열 두 개만 돌려줍니다.",
        en="The hidden state came back twice, as output and as state. Here only the two arrays are needed.",
    ),
    fails=[has_two_states],
)
def output_and_both_states(x, h, c, kernel, recurrent_kernel, bias):
    new_h, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return new_h, new_h, new_c


@question.misconception(
    text=Text(
        ko="두 상태를 배열 하나로 이었습니다. 배열 두 개를 따로 돌려주세요.",
        en="The two states are joined in one array. Return two arrays.",
    ),
    fails=[has_two_states],
)
def states_joined(x, h, c, kernel, recurrent_kernel, bias):
    new_h, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return np.hstack([new_h, new_c])


@question.misconception(
    text=Text(
        ko="딕셔너리로 돌려주었습니다. 두 배열을 (h, c)의 순서로 돌려주세요.",
        en="A dict came back. Return the two arrays as (h, c).",
    ),
    fails=[has_two_states],
)
def states_in_a_dict(x, h, c, kernel, recurrent_kernel, bias):
    new_h, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return dict(zip("hc", (new_h, new_c), strict=True))


def are_lists(got, case, want):
    """Silent where both states have their shapes, as lists."""
    found = states(got)
    expect.shown(
        all(
            isinstance(state, list)
            and [len(state), *{len(row) for row in state if isinstance(row, list)}] == [*right.shape]
            for state, right in zip(found, want, strict=True)
        )
    )


@question.misconception(
    text=Text(
        ko="두 상태가 NumPy 배열이 아니라 리스트입니다. 배열로 돌려주세요.",
        en="The two states are lists. Return NumPy arrays.",
    ),
    fails=[has_two_states],
    seen_in=are_lists,
)
def lists_for_arrays(x, h, c, kernel, recurrent_kernel, bias):
    new_h, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return [state.tolist() for state in (new_h, new_c)]


@question.misconception(
    text=Text(
        ko="셀 상태의 자리에도 은닉 상태가 있습니다. return 줄의 이름을 보세요.",
        en="The hidden state is in the place of the cell state, too. Look at the names in the return line.",
    ),
    fails=[updates_cell_state],
)
def hidden_state_twice(x, h, c, kernel, recurrent_kernel, bias):
    new_h, _ = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return (new_h,) * 2


@question.misconception(
    text=Text(
        ko="은닉 상태의 자리에도 셀 상태가 있습니다. return 줄의 이름을 보세요.",
        en="The cell state is in the place of the hidden state, too. Look at the names in the return line.",
    ),
    fails=[updates_hidden_state],
)
def cell_state_twice(x, h, c, kernel, recurrent_kernel, bias):
    _, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return (new_c,) * 2


@question.misconception(
    text=Text(
        ko="첫 샘플의 상태만 나왔습니다. 샘플마다 한 행이 있어야 합니다.",
        en="Only the first sample's states came back. There should be a row for each sample.",
    ),
    fails=[has_two_states],
)
def first_example_only(x, h, c, kernel, recurrent_kernel, bias):
    new_h, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return new_h[0], new_c[0]


@question.misconception(
    text=Text(
        ko="시그모이드를 직선으로 근사했습니다(Keras 3의 hard sigmoid). `LSTM` 층은 기본 설정에서 "
        "시그모이드를 그대로 씁니다.",
        en="The sigmoid is approximated by straight lines (Keras 3's hard sigmoid). By default the layer `LSTM` "
        "uses the sigmoid itself.",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def hard_sigmoid_of_keras_3(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    i, f, o = (np.clip((block + 3) / 6, 0, 1) for block in (i, f, o))
    new_c = f * c + i * np.tanh(g)
    return o * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="게이트가 이전 시점의 은닉 상태 대신 tanh를 지난 셀 상태를 읽습니다. 게이트가 읽는 상태가 어느 "
        "것인가요?",
        en="The gates read the tanh of the previous cell state. Which of the two states do they read?",
    ),
    fails=[updates_cell_state, updates_hidden_state],
)
def gates_read_the_squashed_cell_state(x, h, c, kernel, recurrent_kernel, bias):
    return updated(*blocks(x, np.tanh(c), kernel, recurrent_kernel, bias), c)


def differs_a_little(got, case, want):
    """Silent where every number is right to some decimals, though not to as many as are asked for."""
    found = states(got)
    close = [
        isinstance(state, np.ndarray)
        and state.shape == right.shape
        and np.allclose(state, right, rtol=0, atol=6e-3)
        for state, right in zip(found, want, strict=True)
    ]
    expect.shown(all(close))


@question.misconception(
    text=ROUNDED, fails=[updates_cell_state, updates_hidden_state], seen_in=differs_a_little
)
def rounded(x, h, c, kernel, recurrent_kernel, bias):
    both = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    return tuple(state.round(3) for state in both)


@question.misconception(
    text=Text(
        ko="은닉 상태의 자리에 출력 게이트가 있습니다. 출력 게이트를 무엇에 곱하는지 보세요.",
        en="The output gate itself came back in place of the hidden state. What does that gate multiply?",
    ),
    fails=[updates_hidden_state],
)
def output_gate_returned(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    return sigmoid(o), updated(i, f, g, o, c)[1]


@question.misconception(
    text=Text(
        ko="새로 적을 것을 후보가 아니라 이전 시점의 셀 상태에서 가져왔습니다. 입력 게이트를 무엇에 곱하는지 "
        "보세요.",
        en="What is newly written comes from the previous cell state instead of the candidate. What does the input "
        "gate multiply?",
    ),
    fails=[updates_cell_state],
    trivial=True,
)
def old_cell_state_written_again(x, h, c, kernel, recurrent_kernel, bias):
    i, f, _, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + sigmoid(i) * c
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="출력 게이트에 tanh를 썼습니다. 게이트의 값은 어느 두 수 사이에 있어야 하나요?",
        en="The output gate went through a tanh. Between which two numbers does a gate lie?",
    ),
    fails=[updates_hidden_state],
)
def output_gate_tanh(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return np.tanh(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="입력 게이트에 tanh를 썼습니다. tanh를 지나는 블록은 하나뿐입니다. 어느 것인가요?",
        en="The input gate went through a tanh. Only one of the four blocks does: which one?",
    ),
    fails=[updates_cell_state],
)
def input_gate_tanh(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = sigmoid(f) * c + np.tanh(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="망각 게이트에 tanh를 썼습니다. 그러면 셀 상태의 부호까지 바꿀 수 있습니다. 게이트는 "
        "얼마나 남길지만 정합니다.",
        en="The forget gate went through a tanh and could even flip the sign of the cell state. "
        "A gate only decides how much is kept.",
    ),
    fails=[updates_cell_state],
)
def forget_gate_tanh(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = blocks(x, h, kernel, recurrent_kernel, bias)
    new_c = np.tanh(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


def with_one_block(place, change, x, h, c, kernel, recurrent_kernel, bias):
    """The new states with another input gate (place 0), forget gate (1), candidate (2) or output gate (3).

    change: takes the shares of the input, of the hidden state and of the bias.
    """
    before = blocks(x, h, kernel, recurrent_kernel, bias)
    opened = [sigmoid(before[0]), sigmoid(before[1]), np.tanh(before[2]), sigmoid(before[3])]
    parts = [np.split(part, 4, axis=-1)[place] for part in (x @ kernel, h @ recurrent_kernel, bias)]
    opened[place] = change(*parts)
    i, f, g, o = opened
    new_c = f * c + i * g
    return o * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="나머지는 맞는데, 입력 게이트에 시그모이드를 쓰지 않았습니다. 게이트의 값은 어떤 두 수 사이에 있어야 "
        "하나요?",
        en="The rest is right, but the input gate has no sigmoid. Between which two numbers should a gate lie?",
    ),
    fails=[updates_cell_state],
)
def input_gate_without_activation(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(0, lambda a, b, d: a + b + d, x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="나머지는 맞는데, 입력 게이트에 편향을 더하지 않았습니다. 편향의 첫째 블록이 어디에 쓰이나요?",
        en="The rest is right, but the input gate has no bias. Where is the first block of the bias used?",
    ),
    fails=[updates_cell_state],
)
def input_gate_without_bias(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(0, lambda a, b, d: sigmoid(a + b), x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="나머지는 맞는데, 입력 게이트가 이전 시점의 은닉 상태를 읽지 않습니다. 게이트가 입력 말고 무엇을 "
        "더 보는지 식에서 찾아보세요.",
        en="The rest is right, but the input gate does not read the previous hidden state. What does a gate look at "
        "besides the input?",
    ),
    fails=[updates_cell_state],
)
def input_gate_does_not_read_the_state(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(0, lambda a, b, d: sigmoid(a + d), x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="나머지는 맞는데, 입력 게이트가 입력을 읽지 않습니다. kernel의 첫째 블록이 어디에 쓰이나요?",
        en="The rest is right, but the input gate does not read the input. Where is the first block of the kernel "
        "used?",
    ),
    fails=[updates_cell_state],
)
def input_gate_does_not_read_the_input(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(0, lambda a, b, d: sigmoid(b + d), x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="나머지는 맞는데, 망각 게이트에 시그모이드를 쓰지 않았습니다. 게이트의 값은 어떤 두 수 사이에 있어야 "
        "하나요?",
        en="The rest is right, but the forget gate has no sigmoid. Between which two numbers should a gate lie?",
    ),
    fails=[updates_cell_state],
)
def forget_gate_without_activation(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(1, lambda a, b, d: a + b + d, x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="나머지는 맞는데, 망각 게이트에 편향을 더하지 않았습니다. 편향의 둘째 블록이 어디에 쓰이나요?",
        en="The rest is right, but the forget gate has no bias. Where is the second block of the bias used?",
    ),
    fails=[updates_cell_state],
)
def forget_gate_without_bias(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(1, lambda a, b, d: sigmoid(a + b), x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="나머지는 맞는데, 망각 게이트가 이전 시점의 은닉 상태를 읽지 않습니다. 게이트가 입력 말고 무엇을 "
        "더 보는지 식에서 찾아보세요.",
        en="The rest is right, but the forget gate does not read the previous hidden state. What does a gate look at "
        "besides the input?",
    ),
    fails=[updates_cell_state],
)
def forget_gate_does_not_read_the_state(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(1, lambda a, b, d: sigmoid(a + d), x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="나머지는 맞는데, 망각 게이트가 입력을 읽지 않습니다. kernel의 둘째 블록이 어디에 쓰이나요?",
        en="The rest is right, but the forget gate does not read the input. Where is the second block of the kernel "
        "used?",
    ),
    fails=[updates_cell_state],
)
def forget_gate_does_not_read_the_input(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(1, lambda a, b, d: sigmoid(b + d), x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="셀 상태는 맞는데, 출력 게이트에 시그모이드를 쓰지 않았습니다. 게이트의 값은 어떤 두 수 사이에 있어야 "
        "하나요?",
        en="The cell state is right, but the output gate has no sigmoid. Between which two numbers should a gate lie?",
    ),
    fails=[updates_hidden_state],
)
def output_gate_without_activation(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(3, lambda a, b, d: a + b + d, x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="셀 상태는 맞는데, 출력 게이트에 편향을 더하지 않았습니다. 편향의 마지막 블록이 어디에 쓰이나요?",
        en="The cell state is right, but the output gate has no bias. Where is the last block of the bias used?",
    ),
    fails=[updates_hidden_state],
)
def output_gate_without_bias(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(3, lambda a, b, d: sigmoid(a + b), x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="셀 상태는 맞는데, 출력 게이트가 이전 시점의 은닉 상태를 읽지 않습니다. 게이트가 입력 말고 무엇을 "
        "더 보는지 식에서 찾아보세요.",
        en="The cell state is right, but the output gate does not read the previous hidden state. What does a gate "
        "look at besides the input?",
    ),
    fails=[updates_hidden_state],
)
def output_gate_does_not_read_the_state(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(3, lambda a, b, d: sigmoid(a + d), x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="셀 상태는 맞는데, 출력 게이트가 입력을 읽지 않습니다. kernel의 마지막 블록이 어디에 쓰이나요?",
        en="The cell state is right, but the output gate does not read the input. Where is the last block of the "
        "kernel used?",
    ),
    fails=[updates_hidden_state],
)
def output_gate_does_not_read_the_input(x, h, c, kernel, recurrent_kernel, bias):
    return with_one_block(3, lambda a, b, d: sigmoid(b + d), x, h, c, kernel, recurrent_kernel, bias)


@question.misconception(
    text=Text(
        ko="셀 상태는 맞는데, 출력 게이트가 이전 은닉 상태가 아니라 tanh를 씌운 새 셀 상태를 읽었습니다. 게이트를 모두 "
        "계산하기 전에 `h`에 새 값을 넣지 않았는지 보세요.",
        en="The cell state is right, but the output gate reads the tanh of the new cell state instead of the previous "
        "hidden state. Is `h` overwritten before all gates are computed?",
    ),
    fails=[updates_hidden_state],
)
def output_gate_reads_the_new_state(x, h, c, kernel, recurrent_kernel, bias):
    _, new_c = updated(*blocks(x, h, kernel, recurrent_kernel, bias), c)
    o = blocks(x, np.tanh(new_c), kernel, recurrent_kernel, bias)[3]
    return sigmoid(o) * np.tanh(new_c), new_c


@question.misconception(
    text=Text(
        ko="recurrent_kernel의 블록을 하나씩 전치해서 곱했습니다. `h`가 행렬의 왼쪽에 있으면 블록을 전치할 필요가 "
        "없습니다.",
        en="Each block of the recurrent kernel is transposed. With `h` to the left of the matrix, no block needs "
        "transposing.",
    ),
    section=ORDER_SECTION,
    fails=[updates_cell_state, updates_hidden_state],
)
def recurrent_blocks_transposed(x, h, c, kernel, recurrent_kernel, bias):
    turned = np.concatenate([block.T for block in np.split(recurrent_kernel, 4, axis=-1)], axis=-1)
    return updated(*blocks(x, h, kernel, turned, bias), c)


@question.misconception(
    text=Text(
        ko="두 상태를 맨 뒤의 새 축에 쌓은 배열 하나가 나왔습니다. 배열 두 개를 따로 돌려주세요.",
        en="One array came back, with the two states stacked on a new last axis. Return two arrays.",
    ),
    fails=[has_two_states],
)
def states_on_the_last_axis(x, h, c, kernel, recurrent_kernel, bias):
    return np.stack(updated(*blocks(x, h, kernel, recurrent_kernel, bias), c), axis=-1)


@question.misconception(
    text=Text(
        ko="유닛이 몇 개이든 블록마다 예에서처럼 네 열을 읽습니다. 유닛 수는 어느 배열의 모양에서 알 수 있나요?",
        en="Each block has four columns, as in the example, whatever the number of units. The shape of which array "
        "tells that number?",
    ),
    fails=[has_two_states],
)
def units_of_the_example(x, h, c, kernel, recurrent_kernel, bias):
    z = x @ kernel + h @ recurrent_kernel + bias
    return updated(z[:, :4], z[:, 4:8], z[:, 8:12], z[:, 12:], c)


def every_mixture(case):
    """The right values before the activations, by place, and those of all mixtures of columns: 4 and 64 arrays."""
    x, h, _, kernel, recurrent_kernel, bias = case.args
    of_input, of_state, biases = (
        np.stack(np.split(part, 4, axis=-1)) for part in (x @ kernel, h @ recurrent_kernel, bias)
    )
    mixed = of_input[:, None, None] + of_state[None, :, None] + biases[None, None, :, None]
    return of_input + of_state + biases[:, None], mixed.reshape(64, *of_input[0].shape)


ALL_OF_ONE_BLOCK = (0, 21, 42, 63)
"""The places of what is no mixture; a gate that reads all of another block has a misconception of its own."""


def is_any_of(state, found):
    return (np.abs(found - state) < TOLERANCE).all(axis=(1, 2)).any()


def mixes_the_output_gate(got, case, want):
    """Silent where the hidden state is right but for the columns that the output gate reads."""
    new_h, new_c = states(got)
    for state in (new_h, new_c):
        expect.shape(state, want[0].shape)
    expect.array(new_c, want[1], tolerance=TOLERANCE)
    _, mixed = every_mixture(case)
    expect.shown(is_any_of(new_h, sigmoid(np.delete(mixed, ALL_OF_ONE_BLOCK[:2], axis=0)) * np.tanh(want[1])))


def mixes_the_cell_state(got, case, want):
    """Silent where the cell state is right but for the columns that one gate or the candidate reads."""
    new_h, new_c = states(got)
    for state in (new_h, new_c):
        expect.shape(state, want[0].shape)
    right, mixed = every_mixture(case)
    i, f, o = (sigmoid(right[place]) for place in (0, 1, 3))
    g, c = np.tanh(right[2]), case.args[2]
    expect.array(new_h, o * np.tanh(new_c), tolerance=TOLERANCE)
    gates = sigmoid(mixed)
    entered = np.delete(gates, ALL_OF_ONE_BLOCK[3], axis=0)
    expect.shown(
        is_any_of(new_c, np.concatenate([f * c + entered * g, gates * c + i * g, f * c + i * np.tanh(mixed)]))
    )


@question.misconception(
    text=Text(
        ko="출력 게이트가 다른 블록의 열을 읽습니다. 그 줄에서 kernel, recurrent_kernel, 편향을 자른 자리를 다른 줄과 "
        "비교하세요.",
        en="The output gate reads columns of another block. Compare with the other lines where its kernel, recurrent "
        "kernel and bias are sliced.",
    ),
    fails=[updates_hidden_state],
    seen_in=mixes_the_output_gate,
)
def output_gate_of_mixed_blocks(x, h, c, kernel, recurrent_kernel, bias):
    before = blocks(x, h, kernel, recurrent_kernel, bias)
    before[3] = (x @ kernel + bias)[:, 3 * h.shape[1] :] + np.split(h @ recurrent_kernel, 4, axis=-1)[1]
    return updated(*before, c)


@question.misconception(
    text=Text(
        ko="입력 게이트, 망각 게이트, 후보 가운데 하나가 다른 블록의 열을 읽습니다. 줄마다 kernel, recurrent_kernel, "
        "편향을 자른 자리를 비교하세요.",
        en="One of input gate, forget gate and candidate reads columns of another block. Compare, line by line, where "
        "kernel, recurrent kernel and bias are sliced.",
    ),
    fails=[updates_cell_state],
    seen_in=mixes_the_cell_state,
)
def cell_state_of_mixed_blocks(x, h, c, kernel, recurrent_kernel, bias):
    before = blocks(x, h, kernel, recurrent_kernel, bias)
    before[1] = (x @ kernel + bias)[:, h.shape[1] : 2 * h.shape[1]] + np.split(
        h @ recurrent_kernel, 4, axis=-1
    )[0]
    return updated(*before, c)

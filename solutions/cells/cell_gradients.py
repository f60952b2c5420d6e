"""The gradient of the last cell state along the cell state: a product of forget gates."""

import numpy as np

from autograder import Case, Question, Text, expect

from ._shared import (
    FORGET_AND_OUTPUT_SWAPPED,
    GRADIENT_SECTION,
    LIST_OF_ROWS,
    LSTM_SECTION,
    ORDER_SECTION,
    TANH_EVERYWHERE,
)

question = Question(
    title=Text(ko="셀 상태를 따라가는 기울기", en="The gradient along the cell state"),
    statement=Text(
        ko="""
마지막 셀 상태를 시점마다의 셀 상태로 미분한 $\\partial c_T / \\partial c_t$를 구하는 함수
`cell_gradients(X, kernel, recurrent_kernel, bias)`를 완성하세요. **셀 상태를 따라가는 길만** 셉니다.

- `X`와 가중치는 `lstm_forward`에서와 같고, 두 상태는 0에서 시작합니다. 배열은 모두 `float64`입니다.
- 게이트와 후보는 `X`를 읽을 때의 값 그대로 둡니다. $c_t$가 바뀌면 $h_t$와 그다음 게이트도 바뀌지만, 그 영향은
  빼고 셉니다.
- 모양이 `(batch, T, units)`인 배열을 돌려줍니다. `[:, t]`는 인덱스가 `t`인 시점이 지난 뒤의 셀 상태로 미분한
  것이고, 마지막 시점에서는 1입니다. 값의 오차는 0.00001까지 허용합니다.
- 앞에서 쓴 함수를 불러도 됩니다. `lstm_step`과 `lstm_forward`가 돌려주는 것은 게이트가 아니라 상태입니다. 한 시점의
  망각 게이트는 그 시점의 입력과 이전 시점의 은닉 상태로 계산합니다.
- `lstm_step`이 틀렸으면 **여러분의** `lstm_step`에서 나오는 기울기로도 점수를 받습니다. TensorFlow 없이 채점합니다.
""",
        en="""
Complete `cell_gradients(X, kernel, recurrent_kernel, bias)` so that it returns $\\partial c_T / \\partial c_t$, the
derivative of the last cell state with respect to the cell state at each time step, **along the cell state alone**.

- `X` and the weights are those of `lstm_forward`, and both states start as zeros. All arrays are `float64`.
- The gates and the candidate keep the values that they have when `X` is read. A change of $c_t$ also changes $h_t$, and
  with it later gates; leave that out.
- Return an array of shape `(batch, T, units)`. `[:, t]` is the derivative with respect to the cell state after the step
  of index `t`; at the last step it is 1. All values are to be accurate to within 0.00001.
- You may call the functions that you wrote above. `lstm_step` and `lstm_forward` return states, not gates: the forget
  gate of a step is computed from its input and the hidden state of the step before.
- If your `lstm_step` is wrong, the gradients of **your own** `lstm_step` earn the points as well. This is graded
  without TensorFlow.
""",
    ),
    source="backpropagation through time along the constant error carousel, Hochreiter and Schmidhuber 1997",
    sample=(np.zeros((2, 2, 2)), np.zeros((2, 4)), np.zeros((1, 4)), np.zeros(4)),
    returns="array",
    section=GRADIENT_SECTION,
)

TOLERANCE = 1e-5


def lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    """The step that the reference and the mistakes below repeat."""
    i, f, g, o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
    i, f, o = (1 / (1 + np.exp(-block)) for block in (i, f, o))
    new_c = f * c + i * np.tanh(g)
    return o * np.tanh(new_c), new_c


@question.answer
def cell_gradients(X, kernel, recurrent_kernel, bias):
    """(batch, T, d), (d, 4 * units), (units, 4 * units), (4 * units,) -> (batch, T, units)"""
    units = recurrent_kernel.shape[0]
    h = c = np.zeros((X.shape[0], units))
    forget_gates = []
    for t in range(X.shape[1]):
        z = X[:, t] @ kernel + h @ recurrent_kernel + bias
        forget_gates.append(1 / (1 + np.exp(-z[:, units : 2 * units])))
        h, c = lstm_step(X[:, t], h, c, kernel, recurrent_kernel, bias)
    gradients = [np.ones_like(c)]
    for f in forget_gates[:0:-1]:
        gradients.append(gradients[-1] * f)
    return np.stack(gradients[::-1], axis=1)


@question.example
def example(cell_gradients):
    import numpy as np

    rng = np.random.default_rng(9)
    gradients = cell_gradients(rng.normal(size=(3, 5, 2)), np.zeros((2, 16)), np.zeros((4, 16)), np.zeros(16))
    assert gradients.shape == (3, 5, 4)
    assert np.allclose(gradients[:, -1], 1)
    assert np.allclose(gradients[:, 0], 0.5**4)


@question.cases
def cases(rng):
    sizes = [(1, 1, 3, 2), (2, 2, 3, 5), (1, 5, 3, 4), (3, 4, 2, 2), (2, 6, 4, 3), (4, 3, 5, 1), (2, 7, 1, 6)]
    d, units = (int(size) for size in rng.permutation(range(2, 9))[:2])
    sizes.append((int(rng.choice([1, 2, 3])), 5, d, units))
    return [
        Case(
            rng.normal(size=(batch, steps, d)),
            *(0.7 * rng.normal(size=shape) for shape in ((d, 4 * units), (units, 4 * units), (4 * units,))),
        )
        for batch, steps, d, units in sizes
    ]


MOVED = 0.5
"""By how much a cell state is changed: without loss, since the next one is linear in it."""


def walk(step, X, kernel, recurrent_kernel, bias):
    """What a step reads and gives at each time step: (x, h, c, new h, new c)."""
    h = c = np.zeros((X.shape[0], recurrent_kernel.shape[0]))
    for t in range(X.shape[1]):
        before = X[:, t], h, c
        h, c = step(*before, kernel, recurrent_kernel, bias)
        yield *before, h, c


def measured(step, X, *weights):
    """The derivative of each cell state with respect to the one before, by finite differences of a step."""
    factors = []
    for x, h, c, *_ in walk(step, X, *weights):
        above, below = (step(x, h, c + moved, *weights)[1] for moved in (MOVED, -MOVED))
        factors.append((above - below) / (2 * MOVED))
    return factors


def products(factors):
    """For each step the product of all later factors."""
    gradients = [np.ones_like(factors[0])]
    for factor in factors[:0:-1]:
        gradients.append(gradients[-1] * factor)
    return np.stack(gradients[::-1], axis=1)


def has_a_forget_gate(lstm_step, X, kernel, recurrent_kernel, bias):
    """Whether the cell state is multiplied by what depends on the input: no product can then be left out."""
    weights = kernel, recurrent_kernel, bias
    x, nothing = X[:, 0], np.zeros((X.shape[0], recurrent_kernel.shape[0]))
    h, c = lstm_step(x, nothing, nothing, *weights)
    one_later, _ = lstm_step(x, h, c, *weights)
    [factor], [of_another_input] = (measured(lstm_step, sign * X[:, :1], *weights) for sign in (1, -1))
    return not np.allclose(one_later, h) and not np.allclose(factor, of_another_input)


@question.follows("lstm_step", enough=has_a_forget_gate)
def by_own_step(lstm_step, X, kernel, recurrent_kernel, bias):
    return products(measured(lstm_step, X, kernel, recurrent_kernel, bias))


@question.check(
    points=1,
    text=Text(
        ko="마지막 시점과 그 앞 시점의 기울기가 맞는다",
        en="the gradients of the last step and of the one before are right",
    ),
)
def goes_one_step_back(got, case, want):
    expect.array(expect.shape(got, want.shape)[:, -2:], want[:, -2:], tolerance=TOLERANCE)


@question.check(
    points=1,
    text=Text(ko="모든 시점의 기울기가 맞는다", en="the gradients of all steps are right"),
)
def goes_back_to_the_start(got, case, want):
    expect.array(got, want, tolerance=TOLERANCE)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def blocks(X, *weights):
    """The four blocks before their activations, at each time step."""
    kernel, recurrent_kernel, bias = weights
    return [
        np.split(x @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
        for x, h, *_ in walk(lstm_step, X, *weights)
    ]


def whole_gradients(X, *weights, alone):
    """Finite differences of the last cell state where the hidden state changes, too.

    alone: move one unit at a time, else all of them together.
    """
    gradients = []
    for t, (x, h, _, _, new_c) in enumerate(walk(lstm_step, X, *weights)):
        z = x @ weights[0] + h @ weights[1] + weights[2]
        shown = sigmoid(np.split(z, 4, axis=-1)[3])
        units = range(new_c.shape[1])
        columns = []
        for moved in np.eye(len(units)) if alone else np.ones((1, len(units))):
            ends = []
            for size in (1e-5, -1e-5):
                c_end = new_c + size * moved
                h_end = shown * np.tanh(c_end)
                for later in range(t + 1, X.shape[1]):
                    h_end, c_end = lstm_step(X[:, later], h_end, c_end, *weights)
                ends.append(c_end)
            columns.append((ends[0] - ends[1]) / 2e-5)
        gradients.append(
            np.stack([columns[unit][:, unit] for unit in units], axis=-1) if alone else columns[0]
        )
    return np.stack(gradients, axis=1)


def is_a_list(got, case, want):
    """Silent where the right arrays came back in a list, one for each time step."""
    expect.shown(isinstance(got, (list, tuple)) and len(got) == want.shape[1])
    parts = [np.asarray(part, dtype=float) for part in got if isinstance(part, np.ndarray)]
    expect.shown(len(parts) == len(got) and all(part.shape == want[:, 0].shape for part in parts))
    expect.shown(np.allclose(np.stack(parts, axis=1), want, rtol=0, atol=TOLERANCE))


def goes_through_the_hidden_state(got, case, want):
    """Silent where the whole gradient came back, of one unit at a time or of all together."""
    expect.shown(isinstance(got, np.ndarray) and got.shape == want.shape)
    either = (whole_gradients(*case.args, alone=alone) for alone in (True, False))
    expect.shown(any(np.allclose(got, whole, rtol=0, atol=1e-4) for whole in either))


@question.misconception(
    text=Text(
        ko="인자가 하나 더 곱해졌습니다. $f_t$는 $c_{t-1}$에서 $c_t$로 가는 길에 있습니다. $c_t$에서 시작하면 "
        "첫 인자는 무엇인가요?",
        en="There is one factor too many. $f_t$ lies on the way from $c_{t-1}$ to $c_t$. Which factor comes "
        "first if you start from $c_t$?",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def starts_one_step_early(lstm_step, X, kernel, recurrent_kernel, bias):
    factors = measured(lstm_step, X, kernel, recurrent_kernel, bias)
    return products([factors[0], *factors])[:, :-1]


@question.misconception(
    text=Text(
        ko="마지막 시점의 망각 게이트가 곱해지지 않습니다. 곱은 $f_T$까지 이어집니다. 반복문이나 슬라이스의 "
        "끝을 보세요.",
        en="The forget gate of the last step is missing: the product goes up to $f_T$. Look at where the loop "
        "or the slice ends.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def leaves_out_the_last_gate(lstm_step, X, kernel, recurrent_kernel, bias):
    factors = measured(lstm_step, X, kernel, recurrent_kernel, bias)
    return products([*factors[:-1], np.ones_like(factors[-1])])


@question.misconception(
    text=Text(
        ko="앞에서부터 그 시점까지 곱했습니다. 곱해야 하는 것은 그 시점 뒤의 망각 게이트입니다.",
        en="The gates are multiplied from the first step up to this one. The later ones are needed.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def multiplies_from_the_front(lstm_step, X, kernel, recurrent_kernel, bias):
    return np.cumprod(np.stack(measured(lstm_step, X, kernel, recurrent_kernel, bias), axis=1), axis=1)


@question.misconception(
    text=Text(
        ko="값은 맞지만 시점의 순서가 거꾸로입니다. 마지막 시점의 기울기가 1이어야 합니다.",
        en="The values are right, but the time steps are in reverse order. The gradient of the last step is the "
        "one that is 1.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def time_reversed(lstm_step, X, kernel, recurrent_kernel, bias):
    return products(measured(lstm_step, X, kernel, recurrent_kernel, bias))[:, ::-1]


@question.misconception(
    text=Text(
        ko="기울기가 한 시점씩 뒤로 밀려 있고, 첫 자리에 1이 있습니다. 1은 어느 시점의 것인가요?",
        en="The gradients are one step late, and the 1 stands first. To which step does the 1 belong?",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def shifted_by_one(lstm_step, X, kernel, recurrent_kernel, bias):
    right = products(measured(lstm_step, X, kernel, recurrent_kernel, bias))
    return np.concatenate([right[:, -1:], right[:, :-1]], axis=1)


@question.misconception(
    text=Text(
        ko="망각 게이트를 더했습니다. 시점을 지날 때마다 기울기에 인자가 곱해집니다.",
        en="The forget gates are added. At every step the gradient is multiplied by a factor.",
    ),
    fails=[goes_back_to_the_start],
)
def adds_the_gates(lstm_step, X, kernel, recurrent_kernel, bias):
    factors = np.stack(measured(lstm_step, X, kernel, recurrent_kernel, bias), axis=1)
    later = np.cumsum(factors[:, ::-1], axis=1)[:, ::-1] - factors
    later[:, -1] = 1
    return later


@question.misconception(
    text=Text(
        ko="시점마다 다음 시점의 망각 게이트 하나만 있습니다. 마지막 시점까지 가려면 몇 개를 지나야 하나요?",
        en="There is only the forget gate of the next step. How many of them lie between a step and the last?",
    ),
    fails=[goes_back_to_the_start],
)
def one_gate_only(lstm_step, X, kernel, recurrent_kernel, bias):
    factors = measured(lstm_step, X, kernel, recurrent_kernel, bias)
    return np.stack([*factors[1:], np.ones_like(factors[0])], axis=1)


@question.misconception(
    text=Text(
        ko="어느 시점에서나 마지막 망각 게이트만 곱해집니다. 그 사이에 있는 게이트는 어디에 있나요?",
        en="At every step only the last forget gate is used. Where are the gates in between?",
    ),
    fails=[goes_back_to_the_start],
)
def last_gate_everywhere(lstm_step, X, kernel, recurrent_kernel, bias):
    factors = measured(lstm_step, X, kernel, recurrent_kernel, bias)
    return np.stack([factors[-1]] * (len(factors) - 1) + [np.ones_like(factors[0])], axis=1)


@question.misconception(
    text=Text(
        ko="마지막 망각 게이트를 거듭제곱했습니다. 게이트의 값은 시점마다 다릅니다.",
        en="A power of the last forget gate came back. The gates differ from step to step.",
    ),
    fails=[goes_back_to_the_start],
)
def power_of_the_last_gate(lstm_step, X, kernel, recurrent_kernel, bias):
    factors = measured(lstm_step, X, kernel, recurrent_kernel, bias)
    return products([factors[-1]] * len(factors))


@question.misconception(
    text=Text(
        ko="모든 시점에 같은 곱이 있습니다. 늦은 시점일수록 지나야 할 게이트가 적습니다.",
        en="The same product stands at every step. The later the step, the fewer gates lie ahead.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def whole_product_everywhere(lstm_step, X, kernel, recurrent_kernel, bias):
    right = products(measured(lstm_step, X, kernel, recurrent_kernel, bias))
    return np.repeat(right[:, :1], right.shape[1], axis=1)


@question.misconception(
    text=Text(
        ko="시점 축이 없습니다. 전체의 곱 하나가 아니라 시점마다의 기울기를 돌려주세요.",
        en="The time axis is missing. Return the gradient of every step, not one product of all.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def first_gradient_only(lstm_step, X, kernel, recurrent_kernel, bias):
    return products(measured(lstm_step, X, kernel, recurrent_kernel, bias))[:, 0]


@question.misconception(
    text=Text(
        ko="마지막 시점의 기울기가 없습니다. 그 시점에는 곱할 게이트가 남아 있지 않으므로 1입니다.",
        en="The gradient of the last step is missing. No gate lies ahead of it, so it is 1.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def last_step_left_out(lstm_step, X, kernel, recurrent_kernel, bias):
    return products(measured(lstm_step, X, kernel, recurrent_kernel, bias))[:, :-1]


@question.misconception(
    text=Text(
        ko="마지막 시점의 기울기가 0입니다. 곱할 것이 하나도 없는 곱은 얼마인가요?",
        en="The gradient of the last step is 0. What is a product of no factors?",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def zero_at_the_last_step(lstm_step, X, kernel, recurrent_kernel, bias):
    right = products(measured(lstm_step, X, kernel, recurrent_kernel, bias))
    right[:, -1] = 0
    return right


@question.misconception(
    text=Text(
        ko="시점 축이 맨 앞에 있습니다. 모양은 (batch, T, units)여야 합니다.",
        en="The time axis comes first. The shape should be (batch, T, units).",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def time_axis_first(lstm_step, X, kernel, recurrent_kernel, bias):
    return np.moveaxis(products(measured(lstm_step, X, kernel, recurrent_kernel, bias)), 1, 0)


@question.misconception(
    text=LIST_OF_ROWS,
    fails=[goes_one_step_back, goes_back_to_the_start],
    seen_in=is_a_list,
)
def list_of_arrays(lstm_step, X, kernel, recurrent_kernel, bias):
    return list(np.moveaxis(products(measured(lstm_step, X, kernel, recurrent_kernel, bias)), 1, 0))


@question.misconception(
    text=Text(
        ko="게이트마다 1에서 뺀 값을 곱했습니다. 망각 게이트는 잊는 비율이 아니라 남기는 비율입니다.",
        en="One minus each gate is multiplied. The forget gate is the share that is kept, not the one that is "
        "lost.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
    section=LSTM_SECTION,
)
def what_is_forgotten(lstm_step, X, kernel, recurrent_kernel, bias):
    return products([1 - factor for factor in measured(lstm_step, X, kernel, recurrent_kernel, bias)])


@question.misconception(
    text=Text(
        ko="게이트가 아니라 시그모이드의 기울기 f(1 − f)를 곱했습니다. $c_t = f_t \\odot c_{t-1} + \\dots$를 "
        "$c_{t-1}$로 미분하면 무엇이 남나요?",
        en="The slopes f(1 − f) of the sigmoids are multiplied instead of the gates. What remains if you "
        "differentiate $c_t = f_t \\odot c_{t-1} + \\dots$ with respect to $c_{t-1}$?",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def slope_of_the_sigmoid(lstm_step, X, kernel, recurrent_kernel, bias):
    return products(
        [factor * (1 - factor) for factor in measured(lstm_step, X, kernel, recurrent_kernel, bias)]
    )


@question.misconception(
    text=Text(
        ko="곱이 아니라 곱의 로그가 돌아왔습니다. 로그를 더했으면 마지막에 np.exp를 쓰세요.",
        en="The logarithm of the product came back. After adding logarithms, use np.exp.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def logarithm(lstm_step, X, kernel, recurrent_kernel, bias):
    return np.log(products(measured(lstm_step, X, kernel, recurrent_kernel, bias)))


@question.misconception(
    text=Text(
        ko="시그모이드를 쓰지 않은 값을 곱했습니다. 게이트는 0과 1 사이의 값입니다.",
        en="What is multiplied has not gone through the sigmoid. A gate lies between 0 and 1.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
    section=LSTM_SECTION,
)
def without_the_sigmoid(X, kernel, recurrent_kernel, bias):
    return products([f for _, f, _, _ in blocks(X, kernel, recurrent_kernel, bias)])


@question.misconception(
    text=TANH_EVERYWHERE,
    fails=[goes_one_step_back, goes_back_to_the_start],
    section=LSTM_SECTION,
)
def tanh_for_the_sigmoid(X, kernel, recurrent_kernel, bias):
    return products([np.tanh(f) for _, f, _, _ in blocks(X, kernel, recurrent_kernel, bias)])


@question.misconception(
    text=Text(
        ko="망각 게이트가 아니라 입력 게이트를 곱했습니다. 둘째 블록이 어느 게이트의 것인지 보세요.",
        en="The input gates are multiplied instead of the forget gates. To which gate does the second block "
        "belong?",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
    section=ORDER_SECTION,
)
def input_gates(X, kernel, recurrent_kernel, bias):
    return products([sigmoid(i) for i, _, _, _ in blocks(X, kernel, recurrent_kernel, bias)])


@question.misconception(
    text=FORGET_AND_OUTPUT_SWAPPED,
    fails=[goes_one_step_back, goes_back_to_the_start],
    section=ORDER_SECTION,
)
def output_gates(X, kernel, recurrent_kernel, bias):
    return products([sigmoid(o) for _, _, _, o in blocks(X, kernel, recurrent_kernel, bias)])


@question.misconception(
    text=Text(
        ko="셋째 블록을 썼습니다. 그것은 후보의 블록입니다. Keras에서 망각 게이트는 몇째 블록인가요?",
        en="The third block is used, which is that of the candidate. Which block is the forget gate in Keras?",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
    section=ORDER_SECTION,
)
def candidate_for_the_gate(X, kernel, recurrent_kernel, bias):
    return products([sigmoid(g) for _, _, g, _ in blocks(X, kernel, recurrent_kernel, bias)])


@question.misconception(
    text=Text(
        ko="게이트를 구할 때 은닉 상태가 모든 시점에서 0입니다. 반복문에서 h도 바뀌는지 보세요.",
        en="The gates are computed with a hidden state of 0 at every step. Does h change in your loop?",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
    section=LSTM_SECTION,
)
def without_the_hidden_state(X, kernel, recurrent_kernel, bias):
    z = X @ kernel + bias
    factors = sigmoid(np.split(z, 4, axis=-1)[1])
    return products(list(np.moveaxis(factors, 1, 0)))


@question.misconception(
    text=Text(
        ko="게이트를 같은 시점에서 나온 은닉 상태로 구했습니다. 게이트가 읽는 것은 이전 시점의 은닉 상태입니다. "
        "lstm_step을 부르기 전에 구하세요.",
        en="The gates are computed with the hidden state that comes out of the same step. They read the one "
        "before: compute them before you call lstm_step.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
    section=LSTM_SECTION,
)
def hidden_state_of_the_same_step(X, kernel, recurrent_kernel, bias):
    return products(
        [
            sigmoid(np.split(x @ kernel + new_h @ recurrent_kernel + bias, 4, axis=-1)[1])
            for x, _, _, new_h, _ in walk(lstm_step, X, kernel, recurrent_kernel, bias)
        ]
    )


@question.misconception(
    text=Text(
        ko="게이트가 입력을 읽지 않습니다. 망각 게이트의 식에는 항이 몇 개 있나요?",
        en="The gates do not read the input. How many terms does the equation of the forget gate have?",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
    section=LSTM_SECTION,
)
def without_the_input(X, kernel, recurrent_kernel, bias):
    return products(
        [
            sigmoid(np.split(h @ recurrent_kernel + bias, 4, axis=-1)[1])
            for _, h, *_ in walk(lstm_step, X, kernel, recurrent_kernel, bias)
        ]
    )


@question.misconception(
    text=Text(
        ko="게이트에 편향을 더하지 않았습니다.",
        en="The bias is missing from the gates.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
    section=LSTM_SECTION,
)
def without_the_bias(X, kernel, recurrent_kernel, bias):
    return products(
        [
            sigmoid(np.split(x @ kernel + h @ recurrent_kernel, 4, axis=-1)[1])
            for x, h, *_ in walk(lstm_step, X, kernel, recurrent_kernel, bias)
        ]
    )


@question.misconception(
    text=Text(
        ko="마지막 셀 상태가 아니라 마지막 은닉 상태의 기울기입니다. 출력 게이트와 tanh는 셀 상태 다음에 옵니다.",
        en="This is the gradient of the last hidden state, not of the last cell state. The output gate and the "
        "tanh come after the cell state.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def gradient_of_the_hidden_state(X, kernel, recurrent_kernel, bias):
    *_, c = [*walk(lstm_step, X, kernel, recurrent_kernel, bias)][-1]
    after = sigmoid(blocks(X, kernel, recurrent_kernel, bias)[-1][3]) * (1 - np.tanh(c) ** 2)
    return products(measured(lstm_step, X, kernel, recurrent_kernel, bias)) * after[:, None]


@question.misconception(
    text=Text(
        ko="셀 상태가 아니라 후보로 미분했습니다. 입력 게이트가 한 번 더 곱해져 있습니다.",
        en="This is the derivative with respect to the candidate, not to the cell state: the input gate is in "
        "it, too.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
)
def gradient_by_the_candidate(X, kernel, recurrent_kernel, bias):
    written = np.stack([sigmoid(i) for i, *_ in blocks(X, kernel, recurrent_kernel, bias)], axis=1)
    return products(measured(lstm_step, X, kernel, recurrent_kernel, bias)) * written


@question.misconception(
    text=Text(
        ko="은닉 상태를 거치는 길까지 셌습니다. 셀 상태를 바꾼 뒤에도 은닉 상태는 원래 값을 넣으세요.",
        en="The path through the hidden state is counted as well. After you change the cell state, keep the "
        "hidden states as they were.",
    ),
    fails=[goes_one_step_back, goes_back_to_the_start],
    seen_in=goes_through_the_hidden_state,
)
def through_the_hidden_state(X, kernel, recurrent_kernel, bias):
    return whole_gradients(X, kernel, recurrent_kernel, bias, alone=True)

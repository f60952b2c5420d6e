"""One time step of a GRU, in both forms, with the weights as Keras holds them."""

import numpy as np

from autograder import Case, Question, Text, expect

from ._shared import (
    CANDIDATE_SIGMOID,
    CANDIDATE_WITHOUT_ACTIVATION,
    CANDIDATE_WITHOUT_BIAS,
    FORMS_SECTION,
    HARD_SIGMOID,
    KERNELS_SWAPPED,
    LIST_OF_ROWS,
    ORDER_SECTION,
    RESET_SECTION,
    ROUNDED,
    SIGMOID_WITHOUT_BRACKETS,
    TANH_EVERYWHERE,
)

question = Question(
    title=Text(ko="GRU의 한 시점 계산하기", en="Writing one step of a GRU"),
    statement=Text(
        ko="""
GRU의 한 시점을 계산하는 함수 `gru_step(x, h, kernel, recurrent_kernel, bias, reset_after=True)`를 NumPy로
완성하세요. 식과 게이트의 순서는 Keras의 `GRU` 층을 쓸 때와 같고, `reset_after`를 생략하면 그 층처럼 `True`입니다.

- `x`는 이 시점의 입력이고 모양은 `(batch, d)`입니다. `h`는 이전 시점의 은닉 상태이고 모양은 `(batch, units)`입니다.
- `kernel`의 모양은 `(d, 3 * units)`, `recurrent_kernel`은 `(units, 3 * units)`입니다.
- `bias`의 모양은 `reset_after=False`이면 `(3 * units,)`, `True`이면 `(2, 3 * units)`입니다. `True`일 때 첫째
  행은 입력 쪽, 둘째 행은 은닉 상태 쪽 편향이고, 어느 행에도 0이 아닌 값이 있을 수 있습니다.
- `d`와 `units`는 1 이상이고, 서로 같을 수도 다를 수도 있습니다. 배열은 모두 `float32`이거나 모두
  `float64`입니다.
- 이 시점이 지난 뒤의 은닉 상태를 돌려줍니다. 모양이 `(batch, units)`인 배열 하나이고, 값의 오차는 0.00001까지
  허용합니다.
- 한 형태만 맞아도 점수의 절반을 받습니다. TensorFlow 없이 채점합니다.
- 아래 예에서는 가중치가 모두 0이라서, 업데이트 게이트는 반쯤(0.5) 열리고 후보는 0입니다.
""",
        en="""
Complete `gru_step(x, h, kernel, recurrent_kernel, bias, reset_after=True)` in NumPy. It computes one time step
of a GRU. The equations, the order of the gates and the default of `reset_after` are those of Keras's `GRU`
layer.

- `x` is the input at this time step, of shape `(batch, d)`, and `h` the previous hidden state, of shape
  `(batch, units)`.
- `kernel` has the shape `(d, 3 * units)` and `recurrent_kernel` `(units, 3 * units)`.
- `bias` has the shape `(3 * units,)` with `reset_after=False` and `(2, 3 * units)` with `True`. In the second
  form the first row belongs to the input and the second to the hidden state; both can hold nonzero values.
- `d` and `units` are at least 1 and may be equal or not. All arrays are `float32`, or all are `float64`.
- Return the hidden state after this time step: one array of shape `(batch, units)`, accurate to within 0.00001.
- One form alone earns half the points. This is graded without TensorFlow.
- In the example below all weights are 0, so the update gate is half open (0.5) and the candidate is 0.
""",
    ),
    source="equations of the GRU layer of Keras; lecture notebook, the remark on reset_after",
    sample=(np.zeros((3, 2)), np.zeros((3, 1)), np.zeros((2, 3)), np.zeros((1, 3)), np.zeros((2, 3))),
    returns="array",
)

TOLERANCE = 1e-5
RIGHT_BUT_FOR_A_CONVENTION = 3.5
"""Points of a cell with its blocks in another order, or with z for 1 - z: half of all."""


@question.answer
def gru_step(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    """(batch, d), (batch, units), (d, 3 * units), (units, 3 * units), bias, bool -> (batch, units)"""
    input_bias, recurrent_bias = bias if reset_after else (bias, np.zeros_like(bias))
    x_z, x_r, x_new = np.split(x @ kernel + input_bias, 3, axis=-1)
    h_z, h_r, h_new = np.split(h @ recurrent_kernel + recurrent_bias, 3, axis=-1)
    z, r = 1 / (1 + np.exp(-x_z - h_z)), 1 / (1 + np.exp(-x_r - h_r))
    if not reset_after:
        h_new = (r * h) @ np.split(recurrent_kernel, 3, axis=-1)[2]
    candidate = np.tanh(x_new + (r * h_new if reset_after else h_new))
    return z * h + (1 - z) * candidate


@question.example
def example(gru_step):
    import numpy as np

    rng = np.random.default_rng(8)
    x, h = rng.normal(size=(3, 2)), rng.normal(size=(3, 4))
    after = gru_step(x, h, np.zeros((2, 12)), np.zeros((4, 12)), np.zeros(12), False)
    assert after.shape == (3, 4)
    assert np.allclose(after, h / 2)
    after = gru_step(x, h, np.zeros((2, 12)), np.zeros((4, 12)), np.zeros((2, 12)))
    assert np.allclose(after, h / 2)


@question.cases
def cases(rng):
    sizes = [(2, 1, 1), (1, 4, 4), (2, 3, 5), (5, 6, 2), (2, 5, 5), (5, 2, 6), (1, 7, 3)]
    d, units = (int(size) for size in rng.permutation(range(2, 9))[:2])
    sizes.append((int(rng.choice([1, 2, 5])), d, units))
    drawn = []
    for place, (batch, d, units) in enumerate(sizes):
        for reset_after in (False, True):
            bias = (2, 3 * units) if reset_after else (3 * units,)
            shapes = [(batch, d), (batch, units), (d, 3 * units), (units, 3 * units), bias]
            scales = (1, 1, 0.7, 0.7, 0.7)
            dtype = (np.float64, np.float32)[place % 2]
            arrays = [
                (scale * rng.normal(size=shape)).astype(dtype)
                for scale, shape in zip(scales, shapes, strict=True)
            ]
            # by a default of False the two rows of the bias then fit no batch of 5, and raise an error
            left_out = reset_after and batch == 5
            drawn.append(Case(*arrays) if left_out else Case(*arrays, reset_after))
    return drawn


def resets_after(case):
    return len(case.args) == 5 or case.args[5]


def resets_before(case):
    return not resets_after(case)


@question.check(
    points=3.5,
    text=Text(
        ko="reset_after=False일 때 새 은닉 상태가 맞는다",
        en="gives the new hidden state with reset_after=False",
    ),
    when=resets_before,
)
def steps_without_reset_after(got, case, want):
    expect.array(got, want, tolerance=TOLERANCE)


@question.check(
    points=3.5,
    text=Text(
        ko="reset_after=True일 때 새 은닉 상태가 맞는다",
        en="gives the new hidden state with reset_after=True",
    ),
    when=resets_after,
)
def steps_with_reset_after(got, case, want):
    expect.array(got, want, tolerance=TOLERANCE)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def rows(bias, reset_after):
    """The bias of the input and that of the hidden state, three blocks each."""
    pair = bias if reset_after else (bias, 0 * bias)
    return [np.split(row, 3) for row in pair]


def shares(x, h, kernel, recurrent_kernel, bias, reset_after):
    """What the input and what the hidden state add to z, r and the candidate; the third of h unreset."""
    of_input, of_state = rows(bias, reset_after)
    from_x = [x @ block + row for block, row in zip(np.split(kernel, 3, axis=1), of_input, strict=True)]
    from_h = [
        h @ block + row for block, row in zip(np.split(recurrent_kernel, 3, axis=1), of_state, strict=True)
    ]
    return from_x, from_h


def gates(x, h, kernel, recurrent_kernel, bias, reset_after):
    """The two gates."""
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    return sigmoid(from_x[0] + from_h[0]), sigmoid(from_x[1] + from_h[1])


def proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after):
    """The candidate before its activation, for a given reset gate."""
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    if reset_after:
        return from_x[2] + r * from_h[2]
    return from_x[2] + (r * h) @ np.split(recurrent_kernel, 3, axis=1)[2]


def mixed(z, h, candidate):
    """The new state."""
    return z * h + (1 - z) * candidate


def reordered(array, *places):
    """The blocks of an array in another order."""
    blocks = np.split(array, 3, axis=-1)
    return np.concatenate([blocks[place] for place in places], axis=-1)


@question.misconception(
    text=Text(
        ko="z의 뜻을 반대로 잡은 다른 관례의 식입니다. 그 관례에서는 맞지만 이 과목은 Keras를 따릅니다. Keras에서는 "
        "z가 1에 가까우면 이전 은닉 상태와 후보 가운데 어느 쪽이 남나요? ‘GRU의 한 시점’ 절의 마지막 식을 보세요.",
        en="This is right in another convention, in which z means the opposite; this course uses Keras's. If z is near "
        "1, does Keras keep the previous hidden state or the candidate? See the last equation in “One step of a GRU”.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
    credit=RIGHT_BUT_FOR_A_CONVENTION,
)
def update_gate_turned_round(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(1 - z, h, new)


@question.misconception(
    text=Text(
        ko="업데이트 게이트와 리셋 게이트가 서로 바뀌었습니다. 첫째 블록은 어느 게이트의 것인가요?",
        en="The update gate and the reset gate are swapped. To which of them does the first block belong?",
    ),
    section=RESET_SECTION,
    fails=[steps_without_reset_after, steps_with_reset_after],
    credit=RIGHT_BUT_FOR_A_CONVENTION,
)
def order_r_z_h(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    r, z = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new)


@question.misconception(
    text=Text(
        ko="후보의 블록을 맨 앞에서 읽었습니다. Keras에서는 게이트가 먼저입니다.",
        en="The candidate's block is read first. In Keras the gates come first.",
    ),
    section=RESET_SECTION,
    fails=[steps_without_reset_after, steps_with_reset_after],
    credit=RIGHT_BUT_FOR_A_CONVENTION,
)
def candidate_first(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    weights = [reordered(array, 1, 2, 0) for array in (kernel, recurrent_kernel, bias)]
    z, r = gates(x, h, *weights, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, *weights, reset_after)))


@question.misconception(
    text=Text(
        ko="후보의 블록을 두 게이트 사이에서 읽었습니다. Keras에서 마지막 블록은 셋 가운데 어느 것인가요?",
        en="The candidate's block is read between the two gates. Which of the three comes last in Keras?",
    ),
    section=RESET_SECTION,
    fails=[steps_without_reset_after, steps_with_reset_after],
    credit=RIGHT_BUT_FOR_A_CONVENTION,
)
def candidate_second(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    weights = [reordered(array, 0, 2, 1) for array in (kernel, recurrent_kernel, bias)]
    z, r = gates(x, h, *weights, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, *weights, reset_after)))


@question.misconception(
    text=Text(
        ko="업데이트 게이트와 후보가 서로 바뀌었습니다. Keras에서 첫째 블록은 둘 가운데 어느 쪽의 것인가요?",
        en="The update gate and the candidate are swapped. To which of them does the first block belong in Keras?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
    credit=RIGHT_BUT_FOR_A_CONVENTION,
)
def order_h_r_z(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    weights = [reordered(array, 2, 1, 0) for array in (kernel, recurrent_kernel, bias)]
    z, r = gates(x, h, *weights, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, *weights, reset_after)))


@question.misconception(
    text=Text(
        ko="업데이트 게이트의 블록을 맨 뒤에서 읽었습니다. Keras에서는 몇째 블록인가요?",
        en="The block of the update gate is read last. Which block is it in Keras?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
    credit=RIGHT_BUT_FOR_A_CONVENTION,
)
def order_r_h_z(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    weights = [reordered(array, 2, 0, 1) for array in (kernel, recurrent_kernel, bias)]
    z, r = gates(x, h, *weights, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, *weights, reset_after)))


@question.misconception(
    text=Text(
        ko="두 형태 모두 리셋 게이트를 행렬보다 먼저 곱했습니다. `reset_after=False`에는 맞습니다. ‘리셋 "
        "게이트의 두 위치’ 절의 식을 보세요.",
        en="In both forms the reset gate comes before the matrix. That fits `reset_after=False`; for `True` "
        "see the equation in “Two places for the reset gate”.",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def always_resets_before(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    together = bias.sum(axis=0) if reset_after else bias
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, together, False)))


@question.misconception(
    text=Text(
        ko="`reset_after=True`에서도 `False`의 식을 쓰고, 편향은 첫 행만 더했습니다. 리셋 게이트의 위치와 편향의 "
        "둘째 행이 어디에 쓰이는지를 둘 다 보세요.",
        en="For `reset_after=True` the equations for `False` are used, with the first row of the bias alone. Check two "
        "things: the place of the reset gate, and where the second row of the bias is used.",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def resets_before_with_the_first_row(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    used = bias[0] if reset_after else bias
    z, r = gates(x, h, kernel, recurrent_kernel, used, False)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, used, False)))


@question.misconception(
    text=Text(
        ko="두 형태 모두 행렬을 곱한 다음에 리셋 게이트를 곱했습니다. `reset_after=True`에는 맞습니다. "
        "`False`의 식을 다시 보세요.",
        en="In both forms the reset gate comes after the matrix. That fits `reset_after=True`; look again at "
        "the equation for `False`.",
    ),
    section=RESET_SECTION,
    fails=[steps_without_reset_after],
)
def always_resets_after(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(from_x[2] + r * from_h[2]))


@question.misconception(
    text=Text(
        ko="`reset_after`를 거꾸로 읽었습니다. 어느 쪽일 때 행렬을 먼저 곱하나요?",
        en="`reset_after` is read the wrong way around. For which value does the matrix come first?",
    ),
    section=RESET_SECTION,
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def flag_reversed(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    late = from_x[2] + r * from_h[2]
    early = from_x[2] + (r * h) @ np.split(recurrent_kernel, 3, axis=1)[2] + rows(bias, reset_after)[1][2]
    return mixed(z, h, np.tanh(early if reset_after else late))


@question.misconception(
    text=Text(
        ko="`reset_after=False`일 때 오류가 났습니다. 이 형태가 아직 없거나, 편향을 두 행으로 나누려 한 "
        "것입니다. 이 형태의 편향이 몇 행인지 보세요.",
        en="With `reset_after=False` it raises an error: this form is not written yet, or the bias is split into "
        "two rows. How many rows does it have here?",
    ),
    section=RESET_SECTION,
    fails=[steps_without_reset_after],
)
def two_rows_always(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    of_input, of_state = bias
    both = np.stack([of_input, of_state])
    z, r = gates(x, h, kernel, recurrent_kernel, both, True)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, both, True)))


@question.misconception(
    text=Text(
        ko="`reset_after=False`일 때 아무것도 돌려주지 않았습니다. return이 한쪽 갈래에만 있지 않은지 보세요.",
        en="Nothing came back for `reset_after=False`. Is the return in the other branch only?",
    ),
    section=FORMS_SECTION,
    fails=[steps_without_reset_after],
)
def form_without_reset_after_missing(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    if not reset_after:
        return None
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 아무것도 돌려주지 않았습니다. return이 한쪽 갈래에만 있지 않은지 보세요.",
        en="Nothing came back for `reset_after=True`. Is the return in the other branch only?",
    ),
    section=FORMS_SECTION,
    fails=[steps_with_reset_after],
)
def form_with_reset_after_missing(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    if reset_after:
        return None
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 편향의 둘째 행을 쓰지 않았습니다. 그 행은 어느 쪽 편향인가요?",
        en="For `reset_after=True` the second row of the bias is not used. What does that row belong to?",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def first_row_only(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    used = bias * [[1], [0]] if reset_after else bias
    z, r = gates(x, h, kernel, recurrent_kernel, used, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, used, reset_after)))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 편향의 첫째 행을 쓰지 않았습니다. 그 행은 어느 쪽 편향인가요?",
        en="For `reset_after=True` the first row of the bias is not used. What does that row belong to?",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def second_row_only(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    used = bias * [[0], [1]] if reset_after else bias
    z, r = gates(x, h, kernel, recurrent_kernel, used, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, used, reset_after)))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 편향의 두 행이 서로 바뀌었습니다. 어느 행이 입력 쪽인지 보세요.",
        en="For `reset_after=True` the two rows of the bias are swapped. Which row belongs to the input?",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def rows_swapped(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    used = bias[::-1] if reset_after else bias
    z, r = gates(x, h, kernel, recurrent_kernel, used, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, used, reset_after)))


@question.misconception(
    text=Text(
        ko="후보에서 은닉 상태 쪽 편향이 리셋 게이트 밖에 있습니다. 두 행을 미리 합쳐도 그렇게 됩니다. 그 "
        "게이트를 어디까지 곱하나요?",
        en="In the candidate, the bias of the hidden state is outside the reset gate. Adding up the two rows "
        "first has the same effect. How far does that gate reach?",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def recurrent_bias_outside_the_reset(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    row = rows(bias, reset_after)[1][2]
    new = proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(new + (1 - r) * row))


@question.misconception(
    text=Text(
        ko="후보에서 입력 쪽 편향에까지 리셋 게이트를 곱했습니다. 그 게이트를 어디까지 곱하나요?",
        en="In the candidate, the bias of the input is multiplied by the reset gate as well. How far does that "
        "gate reach?",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def input_bias_inside_the_reset(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    row = rows(bias, reset_after)[0][2] if reset_after else 0
    new = proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(new - (1 - r) * row))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 두 게이트에 은닉 상태 쪽 편향을 더하지 않았습니다. 이 편향은 후보에만 "
        "있는 것이 아닙니다.",
        en="For `reset_after=True` the two gates lack the bias of the hidden state. The candidate is not the "
        "only one that has it.",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def gates_without_recurrent_bias(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias[0] if reset_after else bias, False)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="두 행인 편향을 나누지 않고 그대로 더했습니다. 그러면 샘플마다 다른 행이 더해지거나 모양이 맞지 "
        "않습니다. 먼저 두 행을 나누세요.",
        en="The bias of two rows was added as it is. Then each sample of the batch gets a different row, or the "
        "shapes do not fit. Separate the rows first.",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def rows_not_separated(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    x_z, x_r, x_new = np.split(x @ kernel + bias, 3, axis=-1)
    h_z, h_r, h_new = np.split(h @ recurrent_kernel, 3, axis=-1)
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    late = r * h_new
    early = (r * h) @ np.split(recurrent_kernel, 3, axis=1)[2]
    return mixed(z, h, np.tanh(x_new + (late if reset_after else early)))


@question.misconception(
    text=Text(
        ko="편향을 더하지 않았습니다. 두 게이트와 후보의 식에 모두 편향이 있습니다.",
        en="The bias was not added. Both gates and the candidate have one.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def bias_forgotten(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, 0 * bias, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, 0 * bias, reset_after)))


@question.misconception(
    text=CANDIDATE_WITHOUT_BIAS, fails=[steps_without_reset_after, steps_with_reset_after]
)
def candidate_without_bias(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, 0 * bias, reset_after)))


@question.misconception(
    text=Text(
        ko="게이트가 이전 시점의 은닉 상태를 읽지 않습니다. recurrent_kernel의 앞 블록들이 무엇에 쓰이나요?",
        en="The gates do not read the previous hidden state. What are the first blocks of the recurrent kernel "
        "for?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def gates_do_not_read_the_state(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, 0 * h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="후보가 이전 시점의 은닉 상태를 읽지 않습니다. recurrent_kernel의 마지막 블록이 무엇에 쓰이나요?",
        en="The candidate does not read the previous hidden state. What is the last block of the recurrent kernel "
        "for?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def candidate_does_not_read_the_state(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, _ = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    from_x, _ = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(from_x[2]))


@question.misconception(
    text=Text(
        ko="리셋 게이트를 어디에도 쓰지 않았습니다. 후보의 식을 다시 보세요.",
        en="The reset gate is used nowhere. Look at the candidate's equation again.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def reset_gate_not_used(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, _ = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(from_x[2] + from_h[2]))


@question.misconception(
    text=Text(
        ko="리셋 게이트가 후보의 입력 쪽에까지 곱해졌습니다. 이 게이트는 무엇을 리셋하나요?",
        en="In the candidate, the reset gate multiplies the input term as well. What does this gate reset?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def input_reset_too(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(r * (from_x[2] + from_h[2])))


@question.misconception(
    text=Text(
        ko="리셋 게이트를 완성된 후보에 곱했습니다. tanh 안의 은닉 상태에 곱해야 합니다.",
        en="The reset gate multiplies the finished candidate. It belongs inside the tanh, on the hidden "
        "state.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def reset_outside_the_candidate(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, r * np.tanh(from_x[2] + from_h[2]))


@question.misconception(
    text=Text(
        ko="마지막 식에서도 리셋된 은닉 상태를 썼습니다. 거기에서 남기는 것은 이전 시점의 은닉 상태 "
        "그대로입니다.",
        en="The last equation uses the reset hidden state as well. What is kept there is the unchanged "
        "previous hidden state.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def keeps_the_reset_state(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, r * h, new)


@question.misconception(text=CANDIDATE_SIGMOID, fails=[steps_without_reset_after, steps_with_reset_after])
def candidate_sigmoid(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, sigmoid(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=CANDIDATE_WITHOUT_ACTIVATION, fails=[steps_without_reset_after, steps_with_reset_after]
)
def candidate_without_activation(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))


@question.misconception(text=TANH_EVERYWHERE, fails=[steps_without_reset_after, steps_with_reset_after])
def tanh_everywhere(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    z, r = np.tanh(from_x[0] + from_h[0]), np.tanh(from_x[1] + from_h[1])
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="시그모이드와 tanh를 서로 바꾸어 썼습니다. 0과 1 사이에서 열고 닫는 것이 무엇인지 생각해 보세요.",
        en="Sigmoid and tanh are swapped. Which of the three blocks should open and close between 0 and 1?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def sigmoid_and_tanh_swapped(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    z, r = np.tanh(from_x[0] + from_h[0]), np.tanh(from_x[1] + from_h[1])
    return mixed(z, h, sigmoid(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(text=HARD_SIGMOID, fails=[steps_without_reset_after, steps_with_reset_after])
def hard_sigmoid(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    z, r = (np.clip(0.2 * (from_x[place] + from_h[place]) + 0.5, 0, 1) for place in (0, 1))
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="이전 시점의 은닉 상태가 사라졌습니다. 새 값과 함께 남는 것이 있어야 합니다.",
        en="The previous hidden state is lost. Some of it is kept beside the new value.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def old_state_dropped(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, 0 * h, new)


@question.misconception(
    text=Text(
        ko="후보를 통째로 더했습니다. 이전 상태를 남긴 만큼 후보의 몫은 줄어듭니다.",
        en="The candidate was added whole. The more of the previous hidden state is kept, the smaller is the "
        "candidate's share.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def candidate_added_whole(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return z * h + np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))


@question.misconception(
    text=Text(
        ko="후보를 그대로 돌려주었습니다. 업데이트 게이트를 쓰는 마지막 식이 남아 있습니다.",
        en="The candidate itself came back. The last equation, with the update gate, is still missing.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def candidate_returned(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    _, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))


@question.misconception(
    text=KERNELS_SWAPPED, section=ORDER_SECTION, fails=[steps_without_reset_after, steps_with_reset_after]
)
def kernels_swapped(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, recurrent_kernel, kernel, bias, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, recurrent_kernel, kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="Keras의 셀처럼 출력과 상태의 리스트를 돌려주었습니다. 여기서는 배열 하나만 돌려줍니다.",
        en="An output and a list of states came back, as from a Keras cell. Here one array is needed.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def returned_as_keras_does(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))
    return new, [new]


def is_a_right_list(got, case, want):
    """Silent where the right array came back as a list."""
    try:
        found = np.array(got if isinstance(got, list) else None, dtype=float)
    except (TypeError, ValueError):  # a list that is no array
        found = np.array(None, dtype=float)
    expect.shown(found.shape == want.shape and np.allclose(found, want, rtol=0, atol=TOLERANCE))


def differs_a_little(got, case, want):
    """Silent where every number is right to some decimals, though not to as many as are asked for."""
    alike = isinstance(got, np.ndarray) and got.shape == want.shape
    expect.shown(alike and np.allclose(got, want, rtol=0, atol=6e-3))


@question.misconception(
    text=Text(
        ko="업데이트 게이트와 리셋 게이트의 블록이 서로 바뀌고, 업데이트 게이트가 거꾸로 쓰였습니다. Keras의 "
        "첫째 블록과, z가 1에 가까울 때 남는 것을 확인하세요.",
        en="The blocks of update gate and reset gate are swapped, and the update gate is used the wrong way "
        "around. Check Keras's first block, and what is kept if z is near 1.",
    ),
    section=RESET_SECTION,
    fails=[steps_without_reset_after, steps_with_reset_after],
    credit=RIGHT_BUT_FOR_A_CONVENTION / 2,
)
def order_r_z_h_turned_round(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    r, z = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(1 - z, h, new)


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 후보에 은닉 상태 쪽 편향이 없습니다. 후보의 식에서 그 편향의 자리를 "
        "찾으세요.",
        en="For `reset_after=True` the candidate lacks the bias of the hidden state. Find its place in the "
        "candidate's equation.",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def candidate_without_recurrent_bias(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    used = bias * [[1], [0]] if reset_after else bias
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, used, reset_after)))


@question.misconception(
    text=Text(
        ko="후보를 두 형태에서 똑같이 계산했습니다. `reset_after=True`일 때는 리셋 게이트의 자리도, 더하는 "
        "편향도 다릅니다.",
        en="The candidate is computed in the same way in both forms. With `reset_after=True` both the place of "
        "the reset gate and the biases differ.",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def always_resets_before_without_recurrent_bias(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    first = rows(bias, reset_after)[0]
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, np.concatenate(first), False)))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 편향은 제자리에 있지만, 은닉 상태에 행렬보다 리셋 게이트를 먼저 "
        "곱했습니다. ‘리셋 게이트의 두 위치’ 절의 식에서 곱하는 순서를 보세요.",
        en="For `reset_after=True` the bias is where it belongs, but the reset gate comes before the matrix. "
        "Look at the order in the equation of “Two places for the reset gate”.",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def resets_before_the_matrix(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    of_input, of_state = rows(bias, reset_after)
    early = proposed(x, h, r, kernel, recurrent_kernel, np.concatenate(of_input), False)
    return mixed(z, h, np.tanh(early + r * of_state[2]))


@question.misconception(
    text=Text(
        ko="`reset_after=False`일 때 후보에 리셋 게이트가 없습니다. 이 형태에서는 무엇에 곱하나요?",
        en="For `reset_after=False` the candidate has no reset gate. What does that gate multiply in this "
        "form?",
    ),
    fails=[steps_without_reset_after],
)
def not_reset_without_reset_after(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    late = from_x[2] + (r if reset_after else 1) * from_h[2]
    return mixed(z, h, np.tanh(late))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 후보에 리셋 게이트가 없습니다. 이 형태에서는 무엇에 곱하나요?",
        en="For `reset_after=True` the candidate has no reset gate. What does that gate multiply in this form?",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def not_reset_with_reset_after(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    if reset_after:
        r = np.ones_like(r)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="후보에 리셋 게이트가 아니라 업데이트 게이트를 곱했습니다. 두 게이트가 하는 일을 구별해 보세요.",
        en="In the candidate the update gate replaces the reset gate. What does each of the two gates do?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def update_gate_for_the_reset_gate(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, _ = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, z, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="마지막 식에 업데이트 게이트가 아니라 리셋 게이트를 썼습니다. 두 게이트가 하는 일을 구별해 보세요.",
        en="In the last equation the reset gate replaces the update gate. What does each of the two gates "
        "do?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def reset_gate_for_the_update_gate(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    _, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(r, h, new)


@question.misconception(
    text=Text(
        ko="후보에 리셋 게이트를 곱해서 더했습니다. 마지막 식에서 후보의 몫은 무엇이 정하나요?",
        en="In the last equation the candidate is multiplied by the reset gate. What decides its share there?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def reset_gate_for_one_minus_z(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return z * h + r * new


@question.misconception(
    text=Text(
        ko="남기는 쪽과 적는 쪽에 모두 z를 곱했습니다. 많이 남기면 적는 것은 어떻게 되나요?",
        en="Both what is kept and what is written are multiplied by z. If more is kept, what happens to the "
        "share that is written?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def update_gate_for_both(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return z * (h + new)


@question.misconception(
    text=Text(
        ko="남기는 쪽과 적는 쪽에 모두 1 - z를 곱했습니다. z는 어느 쪽의 몫인가요?",
        en="Both what is kept and what is written are multiplied by 1 - z. Which of the two shares is z?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def one_minus_z_for_both(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return (1 - z) * (h + new)


@question.misconception(
    text=Text(
        ko="남기는 것과 적는 것을 곱했습니다. 마지막 식에서 두 몫을 어떻게 합치는지 보세요.",
        en="What is kept and what is written are multiplied. How does the last equation combine the two?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def multiplied_for_added(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return z * h * (1 - z) * new


@question.misconception(
    text=Text(
        ko="후보의 몫을 더하지 않고 뺐습니다. 마지막 식의 부호를 보세요.",
        en="The candidate's share is subtracted. Look at the signs of the last equation.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def candidate_subtracted(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return z * h - (1 - z) * new


@question.misconception(
    text=Text(
        ko="1 - z의 괄호가 빠져 z만 후보에 곱해집니다. 곱하기가 빼기보다 먼저 계산됩니다.",
        en="The brackets of 1 - z are missing, so that z alone multiplies the candidate. "
        "Multiplication comes before subtraction.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def brackets_forgotten(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return z * h + 1 - z * new


@question.misconception(
    text=Text(
        ko="마지막 식의 결과가 tanh를 한 번 더 지났습니다. LSTM의 식에는 tanh가 두 번 나옵니다. GRU의 식에는 몇 번 "
        "나오나요?",
        en="The result of the last equation went through one more tanh. The equations of an LSTM have two tanh; "
        "how many do those of a GRU have?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def squashed_at_the_end(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return np.tanh(mixed(z, h, new))


@question.misconception(
    text=Text(
        ko="후보가 새 은닉 상태에 들어가지 않습니다. 남긴 것에 무엇을 더하나요?",
        en="The candidate does not reach the new hidden state. What is added to what is kept?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def nothing_written(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, _ = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return z * h


@question.misconception(
    text=Text(
        ko="업데이트 게이트가 그대로 나왔습니다. 그것을 쓰는 마지막 식이 남아 있습니다.",
        en="The update gate itself came back. The last equation, which uses it, is still missing.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def update_gate_returned(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    return gates(x, h, kernel, recurrent_kernel, bias, reset_after)[0]


@question.misconception(
    text=Text(
        ko="시그모이드의 지수에 음의 부호가 빠졌습니다. 큰 수를 넣으면 1에 가까운지 확인하세요.",
        en="The sigmoid lacks the minus sign of its exponent. Is it near 1 for a large number?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def sigmoid_without_minus(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    z, r = 1 - z, 1 - r
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new)


@question.misconception(
    text=SIGMOID_WITHOUT_BRACKETS, fails=[steps_without_reset_after, steps_with_reset_after]
)
def sigmoid_without_brackets(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    z, r = (1 + np.exp(-from_x[place] - from_h[place]) for place in (0, 1))
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new)


@question.misconception(
    text=Text(
        ko="게이트에 활성화 함수를 쓰지 않았습니다. 게이트는 어떤 두 수 사이에 있어야 하나요?",
        en="The gates have no activation. Between which two numbers should a gate lie?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def gates_without_activation(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    z, r = (from_x[place] + from_h[place] for place in (0, 1))
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new)


@question.misconception(
    text=Text(
        ko="후보에 ReLU를 썼습니다. Keras의 GRU는 기본 설정에서 무엇을 쓰나요?",
        en="The candidate went through a ReLU. What does Keras's GRU use by default?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def candidate_relu(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.clip(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after), 0, None))


@question.misconception(
    text=Text(
        ko="게이트가 이 시점의 입력을 읽지 않습니다. kernel의 앞 블록들이 무엇에 쓰이나요?",
        en="The gates do not read the input of this time step. What are the first blocks of the kernel for?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def gates_do_not_read_the_input(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    _, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    z, r = sigmoid(from_h[0]), sigmoid(from_h[1])
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new)


@question.misconception(
    text=Text(
        ko="게이트에 은닉 상태의 항이 통째로 빠졌습니다. 행렬의 곱도 그 편향도 없습니다. 게이트의 식을 다시 "
        "보세요.",
        en="The gates lack the whole term of the hidden state, the matrix product as well as its bias. Look "
        "at their equations again.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def gates_without_the_share_of_the_state(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    from_x, _ = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    z, r = sigmoid(from_x[0]), sigmoid(from_x[1])
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new)


@question.misconception(
    text=Text(
        ko="후보가 이 시점의 입력을 읽지 않습니다. kernel의 마지막 블록이 무엇에 쓰이나요?",
        en="The candidate does not read the input of this time step. What is the last block of the kernel for?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def candidate_does_not_read_the_input(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    from_x, _ = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(new - from_x[2]))


@question.misconception(
    text=Text(
        ko="블록의 너비를 입력의 길이에서 가져왔습니다. 한 게이트의 열은 몇 개인가요?",
        en="The blocks are as wide as the input. How many columns does one gate have?",
    ),
    section=ORDER_SECTION,
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def blocks_as_wide_as_the_input(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    if x.shape[1] != h.shape[1]:
        raise ValueError
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new)


@question.misconception(
    text=Text(
        ko="`reset_after=False`일 때 게이트에 편향을 두 번 더했습니다. 이 형태에는 편향이 몇 세트 있나요?",
        en="For `reset_after=False` the bias is added to the gates twice. How many sets of biases does this form have?",
    ),
    section=RESET_SECTION,
    fails=[steps_without_reset_after],
)
def bias_twice_without_reset_after(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    used = bias if reset_after else 2 * bias
    z, r = gates(x, h, kernel, recurrent_kernel, used, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 편향의 첫째 행을 두 곳에 모두 썼습니다. 은닉 상태 쪽 편향은 어느 "
        "행인가요?",
        en="For `reset_after=True` the first row of the bias is used in both places. Which row belongs to the "
        "hidden state?",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def first_row_twice(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    used = bias[[0, 0]] if reset_after else bias
    z, r = gates(x, h, kernel, recurrent_kernel, used, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, used, reset_after)))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 오류가 났습니다. 이 형태가 아직 없거나, 두 행인 편향을 행으로 나누지 "
        "않은 것입니다. 이 형태의 `bias`의 모양을 출력해 보세요.",
        en="With `reset_after=True` it raises an error: this form is not written yet, or the bias is not split "
        "into its two rows. Print the shape of `bias` in this form.",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def form_with_reset_after_raises(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    if reset_after:
        raise ValueError
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new)


@question.misconception(
    text=Text(
        ko="배열이 튜플이나 리스트에 싸여 있습니다. 배열 하나만 돌려주세요. return 줄 끝에 쉼표가 없는지도 "
        "보세요.",
        en="The array is inside a tuple or a list. Return the array alone; is there a comma at the end of the "
        "return line?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def state_in_a_tuple(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return [mixed(z, h, new)]


@question.misconception(
    text=LIST_OF_ROWS, fails=[steps_without_reset_after, steps_with_reset_after], seen_in=is_a_right_list
)
def list_of_rows(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new).tolist()


@question.misconception(
    text=Text(
        ko="은닉 상태가 두 번 나왔습니다. GRU에는 셀 상태가 없으므로 배열 하나만 돌려줍니다.",
        en="The hidden state came back twice. A GRU has no cell state: one array is needed.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def state_twice(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return (mixed(z, h, new),) * 2


@question.misconception(
    text=Text(
        ko="첫 샘플의 은닉 상태만 나왔습니다. 샘플마다 한 행이 있어야 합니다.",
        en="Only the first sample's state came back. There should be a row for each sample.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def first_example_only(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new)[0]


@question.misconception(
    text=Text(
        ko="리셋 게이트를 은닉 상태가 아니라 입력 쪽에 곱했습니다. 이 게이트는 무엇을 리셋하나요?",
        en="The reset gate multiplies the input term instead of that of the hidden state. What does this "
        "gate reset?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def input_reset_instead(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(r * from_x[2] + from_h[2]))


@question.misconception(
    text=Text(
        ko="시그모이드를 직선으로 근사했습니다(Keras 3의 hard sigmoid). `GRU` 층은 기본 설정에서 "
        "시그모이드를 그대로 씁니다.",
        en="The sigmoid is approximated by straight lines (Keras 3's hard sigmoid). By default the layer `GRU` "
        "uses the sigmoid itself.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def hard_sigmoid_of_keras_3(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    z, r = (np.clip((from_x[place] + from_h[place] + 3) / 6, 0, 1) for place in (0, 1))
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new)


@question.misconception(
    text=Text(
        ko="후보에서 `reset_after`를 거꾸로 읽었습니다. 어느 쪽일 때 행렬을 먼저 곱하는지 보세요.",
        en="The candidate reads `reset_after` the wrong way around. For which value does the matrix come "
        "first?",
    ),
    section=RESET_SECTION,
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def flag_reversed_for_the_candidate(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    early = from_x[2] + (r * h) @ np.split(recurrent_kernel, 3, axis=1)[2]
    return mixed(z, h, np.tanh(early if reset_after else from_x[2] + r * from_h[2]))


@question.misconception(
    text=Text(
        ko="`reset_after`를 생략하고 부르면 오류가 납니다. 생략했을 때의 값이 문제의 것과 같은지 보세요.",
        en="Calls that leave `reset_after` out raise an error. Is its default the one that the question gives?",
    ),
    section=FORMS_SECTION,
    fails=[steps_with_reset_after],
)
def another_default(x, h, kernel, recurrent_kernel, bias, reset_after=None):
    if reset_after is None:
        raise ValueError
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=ROUNDED, fails=[steps_without_reset_after, steps_with_reset_after], seen_in=differs_a_little
)
def rounded(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(z, h, new).round(3)


@question.misconception(
    text=Text(
        ko="업데이트 게이트에 tanh를 썼습니다. 남기는 몫은 0과 1 사이여야 합니다.",
        en="The update gate went through a tanh. The share that is kept should lie between 0 and 1.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def update_gate_tanh(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)[1]
    new = np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after))
    return mixed(np.tanh(from_x[0] + from_h[0]), h, new)


@question.misconception(
    text=Text(
        ko="리셋 게이트에 tanh를 썼습니다. tanh는 후보에만 쓰고, 두 게이트에는 같은 활성화 함수를 씁니다.",
        en="The reset gate went through a tanh. Only the candidate uses tanh; both gates use the same activation.",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def reset_gate_tanh(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)[0], np.tanh(from_x[1] + from_h[1])
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="리셋 게이트가 거꾸로 쓰였습니다. r이 0에 가까우면 후보가 이전 시점의 은닉 상태를 보나요?",
        en="The reset gate is used the wrong way around. If r is near 0, does the candidate look at the "
        "previous hidden state?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def reset_gate_turned_round(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    z, r = gates(x, h, kernel, recurrent_kernel, bias, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, 1 - r, kernel, recurrent_kernel, bias, reset_after)))


def with_one_gate(place, change, x, h, kernel, recurrent_kernel, bias, reset_after):
    """The new state with another update gate (place 0) or reset gate (1), made of the shares of the input and of h."""
    from_x, from_h = shares(x, h, kernel, recurrent_kernel, bias, reset_after)
    both = [*gates(x, h, kernel, recurrent_kernel, bias, reset_after)]
    both[place] = change(from_x[place], from_h[place])
    z, r = both
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, bias, reset_after)))


@question.misconception(
    text=Text(
        ko="리셋 게이트와 후보는 맞는데, 업데이트 게이트에 시그모이드를 쓰지 않았습니다. 남기는 몫은 어떤 두 수 사이에 "
        "있어야 하나요?",
        en="The reset gate and the candidate are right, but the update gate has no sigmoid. Between which two numbers "
        "should the share that is kept lie?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def update_gate_without_activation(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    return with_one_gate(0, np.add, x, h, kernel, recurrent_kernel, bias, reset_after)


@question.misconception(
    text=Text(
        ko="업데이트 게이트는 맞는데, 리셋 게이트에 시그모이드를 쓰지 않았습니다. 게이트의 값은 어떤 두 수 사이에 "
        "있어야 하나요?",
        en="The update gate is right, but the reset gate has no sigmoid. Between which two numbers should a gate lie?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def reset_gate_without_activation(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    return with_one_gate(1, np.add, x, h, kernel, recurrent_kernel, bias, reset_after)


@question.misconception(
    text=Text(
        ko="리셋 게이트와 후보는 맞는데, 업데이트 게이트가 이전 시점의 은닉 상태를 읽지 않습니다. 게이트가 "
        "입력 말고 무엇을 더 보는지 식에서 찾아보세요.",
        en="The reset gate and the candidate are right, but the update gate does not read the previous hidden state. "
        "What does a gate look at besides the input?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def update_gate_does_not_read_the_state(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    return with_one_gate(0, lambda a, _: sigmoid(a), x, h, kernel, recurrent_kernel, bias, reset_after)


@question.misconception(
    text=Text(
        ko="업데이트 게이트는 맞는데, 리셋 게이트가 이전 시점의 은닉 상태를 읽지 않습니다. 게이트가 입력 "
        "말고 무엇을 더 보는지 식에서 찾아보세요.",
        en="The update gate is right, but the reset gate does not read the previous hidden state. What does a gate "
        "look at besides the input?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def reset_gate_does_not_read_the_state(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    return with_one_gate(1, lambda a, _: sigmoid(a), x, h, kernel, recurrent_kernel, bias, reset_after)


@question.misconception(
    text=Text(
        ko="리셋 게이트와 후보는 맞는데, 업데이트 게이트가 입력을 읽지 않습니다. kernel의 첫째 블록이 어디에 "
        "쓰이나요?",
        en="The reset gate and the candidate are right, but the update gate does not read the input. Where is the "
        "first block of the kernel used?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def update_gate_does_not_read_the_input(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    return with_one_gate(0, lambda _, b: sigmoid(b), x, h, kernel, recurrent_kernel, bias, reset_after)


@question.misconception(
    text=Text(
        ko="업데이트 게이트는 맞는데, 리셋 게이트가 입력을 읽지 않습니다. kernel의 둘째 블록이 어디에 "
        "쓰이나요?",
        en="The update gate is right, but the reset gate does not read the input. Where is the second block of the "
        "kernel used?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def reset_gate_does_not_read_the_input(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    return with_one_gate(1, lambda _, b: sigmoid(b), x, h, kernel, recurrent_kernel, bias, reset_after)


def without_bias_of(place, bias):
    """The bias with zeros in one block."""
    blocks = np.split(bias, 3, axis=-1)
    blocks[place] = 0 * blocks[place]
    return np.concatenate(blocks, axis=-1)


@question.misconception(
    text=Text(
        ko="리셋 게이트와 후보는 맞는데, 업데이트 게이트에 편향을 더하지 않았습니다. 편향의 첫째 블록이 "
        "어디에 쓰이나요?",
        en="The reset gate and the candidate are right, but the update gate has no bias. Where is the first block of "
        "the bias used?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def update_gate_without_bias(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    return gru_step(x, h, kernel, recurrent_kernel, without_bias_of(0, bias), reset_after)


@question.misconception(
    text=Text(
        ko="업데이트 게이트는 맞는데, 리셋 게이트에 편향을 더하지 않았습니다. 편향의 둘째 블록이 어디에 "
        "쓰이나요?",
        en="The update gate is right, but the reset gate has no bias. Where is the second block of the bias used?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def reset_gate_without_bias(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    return gru_step(x, h, kernel, recurrent_kernel, without_bias_of(1, bias), reset_after)


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 편향의 두 행을 평균해서 입력 쪽에만 더했습니다. 두 행은 서로 다른 곳에 더해지는 "
        "다른 편향입니다. 각각 어느 쪽의 것인가요?",
        en="For `reset_after=True` the mean of the two rows of the bias is added to the input's share. They are two "
        "different biases for two places. Which row belongs to the input, and which to the hidden state?",
    ),
    section=RESET_SECTION,
    fails=[steps_with_reset_after],
)
def rows_averaged(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    used = np.stack([bias.mean(axis=0), 0 * bias[0]]) if reset_after else bias
    z, r = gates(x, h, kernel, recurrent_kernel, used, reset_after)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, used, reset_after)))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때는 맞습니다. `False`일 때에도 같은 식에 `bias[0]`과 `bias[1]`을 썼는데, 이때 "
        "bias는 축이 하나라서 그것은 행이 아니라 수 하나입니다. `bias`를 통째로 더하세요.",
        en="The form for `reset_after=True` is right. For `False` the same equations take `bias[0]` and `bias[1]`, but "
        "here the bias has one axis: those are single numbers, not rows. Add the whole `bias`.",
    ),
    section=RESET_SECTION,
    fails=[steps_without_reset_after],
)
def rows_of_a_bias_without_rows(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    both = bias if reset_after else np.stack([0 * bias + bias[0], 0 * bias + bias[1]])
    z, r = gates(x, h, kernel, recurrent_kernel, both, True)
    return mixed(z, h, np.tanh(proposed(x, h, r, kernel, recurrent_kernel, both, True)))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때는 맞습니다. `False`일 때는 bias의 축이 하나라서 `bias[0]`과 `bias[1]`이 "
        "행이 아니라 수 하나입니다. `bias`를 통째로 더하세요.",
        en="The form for `reset_after=True` is right. For `False` the bias has one axis, so that `bias[0]` and "
        "`bias[1]` are single numbers, not rows. Add the whole `bias`.",
    ),
    fails=[steps_without_reset_after],
)
def numbers_of_a_bias_without_rows(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    of_input, of_state = (0 * bias + bias[0], bias[1]) if not reset_after else (bias[0], bias[1])
    both = bias if reset_after else np.stack([of_input, 0 * bias + of_state])
    z, r = gates(x, h, kernel, recurrent_kernel, both, True)
    return mixed(
        z,
        h,
        np.tanh(proposed(x, h, r, kernel, recurrent_kernel, both if reset_after else of_input, reset_after)),
    )


@question.misconception(
    text=Text(
        ko="유닛이 몇 개이든 블록마다 예에서처럼 네 열을 읽습니다. 유닛 수는 어느 배열의 모양에서 알 수 있나요?",
        en="Each block has four columns, as in the example, whatever the number of units. The shape of which array "
        "tells that number?",
    ),
    fails=[steps_without_reset_after, steps_with_reset_after],
)
def units_of_the_example(x, h, kernel, recurrent_kernel, bias, reset_after=True):
    if h.shape[1] != 4:
        raise ValueError
    return gru_step(x, h, kernel, recurrent_kernel, bias, reset_after)

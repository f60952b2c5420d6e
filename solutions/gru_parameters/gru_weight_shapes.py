"""The weight arrays of a GRU layer: their shapes, in both forms."""

from autograder import Case, Question, Text, expect

from ._shared import (
    ARRAYS_SECTION,
    GRU_SECTION,
    RESET_AFTER_SECTION,
    SHAPES_SECTION,
    UNITS_AND_INPUT_DIM_SWAPPED,
)

question = Question(
    title=Text(ko="GRU 층의 가중치 모양", en="Shapes of a GRU layer's weights"),
    statement=Text(
        ko="""
GRU 층의 `get_weights()`는 배열 셋을 `kernel`, `recurrent_kernel`, `bias`의 순서로 돌려줍니다. 그 모양을 같은
순서대로 담은 리스트를 돌려주는 함수 `gru_weight_shapes(input_dim, units, reset_after)`를 완성하세요.

- `input_dim`과 `units`는 1 이상의 정수, `reset_after`는 `True` 아니면 `False`입니다.
- 모양 하나는 정수의 튜플입니다. 축이 하나인 배열의 모양은 `(12,)`처럼 쉼표를 붙여 씁니다. (리스트와 튜플은 서로 바꾸어
  써도 됩니다.)
- TensorFlow 없이 채점하므로, 층을 만들지 말고 모양을 계산하세요.
""",
        en="""
`get_weights()` of a GRU layer returns three arrays: `kernel`, `recurrent_kernel` and `bias`, in this order. Complete
`gru_weight_shapes(input_dim, units, reset_after)` so that it returns a list of their shapes, in the same order.

- `input_dim` and `units` are whole numbers of at least 1, `reset_after` is `True` or `False`.
- A shape is a tuple of whole numbers. That of an array with one axis is written with a comma, as in `(12,)`. (Lists and
  tuples are interchangeable here.)
- This is graded without TensorFlow: compute the shapes instead of building a layer.
""",
    ),
    source="lecture notebook, the loop over the weights of the GRU model and its remark on reset_after",
    sample=(2, 5, True),
    returns="list",
    section=ARRAYS_SECTION,
)


@question.answer
def gru_weight_shapes(input_dim, units, reset_after):
    """Shapes of a GRU layer's kernel, recurrent kernel and bias, as get_weights() orders them.

    input_dim, units: int >= 1. reset_after: bool. Returns a list of three tuples of int.
    kernel, recurrent kernel, bias의 모양(튜플)을 순서대로 담은 리스트를 돌려줍니다.
    """
    wide = 3 * units
    bias = (2, wide) if reset_after else (wide,)
    return [(input_dim, wide), (units, wide), bias]


@question.example
def example(gru_weight_shapes):
    assert [tuple(shape) for shape in gru_weight_shapes(2, 5, False)] == [(2, 15), (5, 15), (15,)]
    assert len(gru_weight_shapes(2, 5, True)) == 3


@question.cases
def cases(rng):
    drawn = []
    edges = [(1, 6), (7, 1), (4, 4)]
    sizes = [*edges, *((int(d), int(u)) for d, u in rng.permutation(range(2, 65))[:10].reshape(5, 2))]
    for size in sizes:
        drawn += [Case(*size, flag) for flag in (False, True)]
    return drawn


def resets_after(case):
    return case.kwargs["reset_after"] if case.kwargs else case.args[2]


def resets_before(case):
    return not resets_after(case)


@question.check(
    points=1,
    text=Text(ko="두 kernel의 모양이 맞는다", en="gives the shapes of the two kernels"),
)
def shapes_of_the_kernels(got, case, want):
    expect.shapes(got, want, where=slice(0, 2))


@question.check(
    points=0.5,
    text=Text(
        ko="reset_after=False일 때 bias의 모양이 맞는다",
        en="gives the shape of the bias with reset_after=False",
    ),
    when=resets_before,
)
def bias_without_reset_after(got, case, want):
    expect.shapes(got, want, where=slice(2, None))


@question.check(
    points=1.5,
    text=Text(
        ko="reset_after=True일 때 bias의 모양이 맞는다",
        en="gives the shape of the bias with reset_after=True",
    ),
    when=resets_after,
)
def bias_with_reset_after(got, case, want):
    expect.shapes(got, want, where=slice(2, None))


# What the mistakes at the end leave as it should be.


def shapes(input_dim, units, reset_after, *, bias=None, kernels=None):
    """The three shapes, with the bias or the kernels of a mistake."""
    right = (2, 3 * units) if reset_after else (3 * units,)
    return [*(kernels or [(input_dim, 3 * units), (units, 3 * units)]), right if bias is None else bias]


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 편향 두 세트를 한 줄로 이었습니다. Keras가 두 세트를 어떻게 쌓아 두는지 "
        "보세요.",
        en="For `reset_after=True` you joined the two sets of biases end to end. How does Keras stack "
        "the two?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_with_reset_after],
)
def bias_in_one_row(input_dim, units, reset_after):
    bias = (6 * units,) if reset_after else (3 * units,)
    return [(input_dim, 3 * units), (units, 3 * units), bias]


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 편향을 배열 둘로 나누었습니다. Keras에서는 배열이 셋 그대로입니다.",
        en="For `reset_after=True` you split the bias into two arrays. In Keras there are still three "
        "arrays.",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_with_reset_after],
)
def bias_as_two_arrays(input_dim, units, reset_after):
    bias = (3 * units,)
    return [(input_dim, 3 * units), (units, 3 * units)] + [bias] * (1 + reset_after)


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 bias의 두 축을 바꾸었습니다. 앞의 축이 무엇을 세는지 보세요.",
        en="For `reset_after=True` the two axes of the bias are swapped. What does its first axis count?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_with_reset_after],
)
def bias_transposed(input_dim, units, reset_after):
    bias = (3 * units, 2) if reset_after else (3 * units,)
    return [(input_dim, 3 * units), (units, 3 * units), bias]


@question.misconception(
    text=Text(
        ko="`reset_after`와 상관없이 편향을 한 세트만 두었습니다. `True`일 때 무엇이 늘어나는지 보세요.",
        en="You gave the bias one set whatever `reset_after` says. What is added when it is `True`?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_with_reset_after],
)
def bias_never_doubled(input_dim, units, reset_after):
    return [(input_dim, 3 * units), (units, 3 * units), (3 * units,)]


@question.misconception(
    text=Text(
        ko="`reset_after`와 상관없이 편향을 두 세트 두었습니다. `False`일 때의 bias를 다시 보세요.",
        en="You gave the bias two sets whatever `reset_after` says. Look again at the bias when it is "
        "`False`.",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_without_reset_after],
)
def bias_always_doubled(input_dim, units, reset_after):
    return [(input_dim, 3 * units), (units, 3 * units), (2, 3 * units)]


@question.misconception(
    text=Text(
        ko="`reset_after`를 거꾸로 읽었습니다. 어느 쪽일 때 편향이 두 세트가 되는지 보세요.",
        en="You read `reset_after` the wrong way round. For which value are there two sets of biases?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def flag_reversed(input_dim, units, reset_after):
    bias = (3 * units,) if reset_after else (2, 3 * units)
    return [(input_dim, 3 * units), (units, 3 * units), bias]


@question.misconception(
    text=Text(
        ko="`reset_after=False`일 때 bias에 축을 하나 더 두었습니다. 한 세트뿐이면 Keras는 축을 하나만 둡니다.",
        en="For `reset_after=False` you gave the bias one more axis. With a single set, Keras keeps one "
        "axis.",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_without_reset_after],
)
def bias_of_one_row(input_dim, units, reset_after):
    bias = (2, 3 * units) if reset_after else (1, 3 * units)
    return [(input_dim, 3 * units), (units, 3 * units), bias]


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 세 배열을 모두 두 세트로 만들었습니다. 편향만 두 세트가 됩니다.",
        en="For `reset_after=True` you doubled all three arrays. Only the bias comes in two sets.",
    ),
    section=RESET_AFTER_SECTION,
    fails=[shapes_of_the_kernels, bias_with_reset_after],
)
def everything_doubled(input_dim, units, reset_after):
    wide = 6 * units if reset_after else 3 * units
    return [(input_dim, wide), (units, wide), (wide,)]


@question.misconception(
    text=Text(
        ko="편향을 유닛마다 하나씩만 두었습니다. 게이트와 후보마다 따로 있습니다.",
        en="You gave each unit one bias. Each gate and the candidate have their own.",
    ),
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def bias_without_gates(input_dim, units, reset_after):
    bias = (2, units) if reset_after else (units,)
    return [(input_dim, 3 * units), (units, 3 * units), bias]


@question.misconception(
    text=Text(
        ko="kernel과 recurrent kernel의 두 축을 바꾸었습니다. Keras는 입력을 왼쪽에, 행렬을 오른쪽에 "
        "두고 곱합니다.",
        en="The axes of both kernels are swapped. Keras multiplies with the input on the left and the "
        "matrix on the right.",
    ),
    fails=[shapes_of_the_kernels],
)
def transposed(input_dim, units, reset_after):
    bias = (2, 3 * units) if reset_after else (3 * units,)
    return [(3 * units, input_dim), (3 * units, units), bias]


@question.misconception(
    text=Text(
        ko="LSTM처럼 네 세트를 두었습니다. GRU의 게이트와 후보를 하나씩 적어 보세요.",
        en="You made four sets, as in an LSTM. Write down the gates of a GRU and its candidate.",
    ),
    section=GRU_SECTION,
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
    credit=0.75,
)
def four_gates(input_dim, units, reset_after):
    bias = (2, 4 * units) if reset_after else (4 * units,)
    return [(input_dim, 4 * units), (units, 4 * units), bias]


@question.misconception(
    text=Text(
        ko="게이트 둘만 두었습니다. 후보에도 게이트만큼 가중치가 듭니다.",
        en="You made room for the two gates only. The candidate takes as many weights as a gate.",
    ),
    section=GRU_SECTION,
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
    credit=0.75,
)
def two_gates(input_dim, units, reset_after):
    bias = (2, 2 * units) if reset_after else (2 * units,)
    return [(input_dim, 2 * units), (units, 2 * units), bias]


@question.misconception(
    text=Text(
        ko="SimpleRNN처럼 한 세트만 두었습니다. GRU에는 게이트와 후보마다 한 세트씩 있습니다.",
        en="You made one set, as in a SimpleRNN. A GRU holds one for each gate and one for the candidate.",
    ),
    section=GRU_SECTION,
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
    credit=0.75,
)
def one_gate(input_dim, units, reset_after):
    bias = (2, units) if reset_after else (units,)
    return [(input_dim, units), (units, units), bias]


def shows_an_array_for_each_set(got, case, want):
    """Seen in three shapes where Keras has one, however they are ordered."""
    of_one = [(*shape[:-1], case.args[1]) for shape in want]
    expect.shown(
        isinstance(got, (list, tuple))
        and all(isinstance(shape, (list, tuple)) for shape in got)
        and sorted(tuple(shape) for shape in got) == sorted(3 * of_one)
    )


@question.misconception(
    text=Text(
        ko="배열을 게이트마다 나누었습니다. Keras는 게이트와 후보의 블록을 한 배열에 나란히 둡니다.",
        en="You split the arrays by gate. Keras keeps the blocks of the gates and the candidate side by "
        "side in one array.",
    ),
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
    seen_in=shows_an_array_for_each_set,
)
def one_array_a_gate(input_dim, units, reset_after):
    bias = (2, units) if reset_after else (units,)
    return [(input_dim, units)] * 3 + [(units, units)] * 3 + [bias] * 3


@question.misconception(
    text=Text(
        ko="게이트를 세는 축을 따로 두었습니다. Keras에서는 게이트가 마지막 축 안에 나란히 있습니다.",
        en="You gave the gates an axis of their own. In Keras they stand side by side within the last axis.",
    ),
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
)
def gates_on_an_axis(input_dim, units, reset_after):
    bias = (2, 3, units) if reset_after else (3, units)
    return [(3, input_dim, units), (3, units, units), bias]


@question.misconception(
    text=Text(
        ko="kernel과 recurrent kernel을 한 배열로 합쳤습니다. Keras는 둘을 따로 둡니다.",
        en="You joined the kernel and the recurrent kernel in one array. Keras keeps them apart.",
    ),
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
)
def kernels_joined(input_dim, units, reset_after):
    bias = (2, 3 * units) if reset_after else (3 * units,)
    return [(input_dim + units, 3 * units), bias]


@question.misconception(
    text=Text(
        ko="kernel과 recurrent kernel의 순서가 바뀌었습니다. 입력에 곱하는 것이 먼저 옵니다.",
        en="The kernel and the recurrent kernel are swapped. Which of the two does `get_weights()` return "
        "first?",
    ),
    fails=[shapes_of_the_kernels],
)
def kernels_in_the_wrong_order(input_dim, units, reset_after):
    bias = (2, 3 * units) if reset_after else (3 * units,)
    return [(units, 3 * units), (input_dim, 3 * units), bias]


@question.misconception(
    text=Text(
        ko="bias를 맨 앞에 두었습니다. `get_weights()`의 순서를 다시 보세요.",
        en="You put the bias first. Look again at the order of `get_weights()`.",
    ),
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
    credit=1.5,
)
def bias_first(input_dim, units, reset_after):
    bias = (2, 3 * units) if reset_after else (3 * units,)
    return [bias, (input_dim, 3 * units), (units, 3 * units)]


@question.misconception(
    text=Text(
        ko="bias를 빠뜨렸습니다. Keras의 GRU에는 배열이 셋 있습니다.",
        en="The bias is missing. The GRU of Keras holds three arrays.",
    ),
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def no_bias(input_dim, units, reset_after):
    return [(input_dim, 3 * units), (units, 3 * units)]


@question.misconception(
    text=Text(
        ko="recurrent kernel을 한 세트만 두었습니다. 게이트와 후보마다 은닉 상태에 곱하는 가중치가 따로 "
        "있습니다.",
        en="You gave the recurrent kernel one set. Each gate and the candidate have their own weights "
        "for the hidden state.",
    ),
    fails=[shapes_of_the_kernels],
)
def recurrent_kernel_without_gates(input_dim, units, reset_after):
    bias = (2, 3 * units) if reset_after else (3 * units,)
    return [(input_dim, 3 * units), (units, units), bias]


@question.misconception(
    text=UNITS_AND_INPUT_DIM_SWAPPED,
    section=GRU_SECTION,
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
)
def units_and_input_dim_swapped(input_dim, units, reset_after):
    bias = (2, 3 * input_dim) if reset_after else (3 * input_dim,)
    return [(units, 3 * input_dim), (input_dim, 3 * input_dim), bias]


@question.misconception(
    text=Text(
        ko="모양이 아니라 배열별 원소 개수를 돌려주었습니다. 각 축의 길이를 튜플로 적으세요.",
        en="You returned how many numbers each array holds instead of its shape. Return the length of every "
        "axis, as a tuple.",
    ),
    section=SHAPES_SECTION,
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
)
def sizes_for_shapes(input_dim, units, reset_after):
    biases = 6 * units if reset_after else 3 * units
    return [3 * input_dim * units, 3 * units * units, biases]


@question.misconception(
    text=Text(
        ko="축이 하나인 모양에 쉼표가 없습니다. 쉼표가 없으면 괄호를 친 수일 뿐입니다.",
        en="The comma is missing in the shape with one axis. Without it, there is just a number in brackets.",
    ),
    section=SHAPES_SECTION,
    fails=[bias_without_reset_after],
)
def comma_forgotten(input_dim, units, reset_after):
    bias = (2, 3 * units) if reset_after else (3 * units)
    return shapes(input_dim, units, reset_after, bias=bias)


@question.misconception(
    text=Text(
        ko="`reset_after=False`일 때 bias에 축을 하나 더 두었습니다. 더하기만 하는 한 세트에 축이 몇 개 "
        "있으면 되는지 보세요.",
        en="For `reset_after=False` the bias has a second axis of length 1. How many axes does a single set "
        "need?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_without_reset_after],
)
def bias_of_one_column(input_dim, units, reset_after):
    bias = (2, 3 * units) if reset_after else (3 * units, 1)
    return shapes(input_dim, units, reset_after, bias=bias)


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 세 배열에 모두 길이 2인 축을 두었습니다. 두 세트가 되는 것이 어느 "
        "배열인지 보세요.",
        en="For `reset_after=True` all three arrays have an axis of length 2. Which of them comes in two sets?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[shapes_of_the_kernels],
)
def all_arrays_with_two_rows(input_dim, units, reset_after):
    two = (2,) if reset_after else ()
    return [(*two, input_dim, 3 * units), (*two, units, 3 * units), (*two, 3 * units)]


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 bias의 앞 축을 게이트와 후보로 셌습니다. 게이트와 후보는 이미 뒤의 축에 "
        "나란히 있습니다. 앞의 축이 무엇을 세는지 보세요.",
        en="For `reset_after=True` the first axis of the bias counts the gates and the candidate, which "
        "stand side by side in the last axis already. What does the first axis count?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_with_reset_after],
)
def three_rows_of_bias(input_dim, units, reset_after):
    bias = (3, 3 * units) if reset_after else (3 * units,)
    return shapes(input_dim, units, reset_after, bias=bias)


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 두 세트에 저마다 게이트 하나의 편향만 두었습니다. 한 세트가 얼마나 긴지 "
        "보세요.",
        en="For `reset_after=True` each of the two sets holds the biases of one gate only. How long is one "
        "set?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_with_reset_after],
)
def bias_of_one_set_in_two_rows(input_dim, units, reset_after):
    bias = (2, units) if reset_after else (3 * units,)
    return shapes(input_dim, units, reset_after, bias=bias)


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 늘어나는 편향을 게이트 하나의 것만 뒤에 이어 붙였습니다. 무엇이 두 "
        "세트가 되는지, Keras가 두 세트를 어떻게 쌓아 두는지 보세요.",
        en="For `reset_after=True` you added the biases of one gate only, at the end of the row. What comes "
        "in two sets, and how does Keras stack them?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_with_reset_after],
)
def one_extra_vector(input_dim, units, reset_after):
    bias = (4 * units,) if reset_after else (3 * units,)
    return shapes(input_dim, units, reset_after, bias=bias)


@question.misconception(
    text=Text(
        ko="bias에서만 게이트를 세는 축을 따로 두었습니다. 두 kernel에서는 게이트가 어느 축 안에 있는지 "
        "보세요.",
        en="The gates have an axis of their own in the bias alone. In which axis are they in the kernels?",
    ),
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def gates_on_an_axis_of_the_bias(input_dim, units, reset_after):
    bias = (2, 3, units) if reset_after else (3, units)
    return shapes(input_dim, units, reset_after, bias=bias)


@question.misconception(
    text=Text(
        ko="bias의 길이를 입력의 크기로 정했습니다. 편향이 무엇마다 하나씩 있는지 보세요.",
        en="The length of the bias comes from the size of the input. To what do biases belong?",
    ),
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def bias_as_long_as_input(input_dim, units, reset_after):
    bias = (2, 3 * input_dim) if reset_after else (3 * input_dim,)
    return shapes(input_dim, units, reset_after, bias=bias)


@question.misconception(
    text=Text(
        ko="bias에 입력의 축이나 유닛의 축을 하나 더 두었습니다. 편향은 곱하지 않고 더합니다. 어느 축이 "
        "있어야 하는지 보세요.",
        en="The bias has the axes of a kernel. It is added, not multiplied: which axis does it need?",
    ),
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def bias_as_a_matrix(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, bias=(units, 3 * units))


@question.misconception(
    text=Text(
        ko="bias의 모양이 비어 있습니다. `()`는 수 하나입니다. 편향이 몇 개인지 보세요.",
        en="The shape of the bias is empty: `()` is a single number. How many biases are there?",
    ),
    section=SHAPES_SECTION,
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def no_axis_for_the_bias(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, bias=())


@question.misconception(
    text=Text(
        ko="게이트와 후보를 kernel의 앞 축에 나란히 두었습니다. `x_t W`를 계산하면 어느 축이 결과에 남는지 "
        "보세요.",
        en="The gates and the candidate stand side by side in the first axis of the kernels. Which axis is "
        "left when `x_t W` is computed?",
    ),
    fails=[shapes_of_the_kernels],
)
def gates_on_first_axis(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, kernels=[(3 * input_dim, units), (3 * units, units)])


@question.misconception(
    text=Text(
        ko="kernel을 한 세트만 두었습니다. 게이트와 후보마다 입력에 곱하는 가중치가 따로 있는지 보세요.",
        en="The kernel holds one set. Do the gates and the candidate have their own weights for the input?",
    ),
    fails=[shapes_of_the_kernels],
)
def kernel_without_gates(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, kernels=[(input_dim, units), (units, 3 * units)])


@question.misconception(
    text=Text(
        ko="두 kernel을 한 세트씩만 두었습니다. 게이트와 후보가 W와 U를 따로 갖는지 보세요.",
        en="Both kernels hold one set. Do the gates and the candidate have a W and a U of their own?",
    ),
    fails=[shapes_of_the_kernels],
)
def kernels_without_gates(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, kernels=[(input_dim, units), (units, units)])


@question.misconception(
    text=Text(
        ko="kernel의 두 축을 바꾸었습니다. `x_t W`에서 어느 축이 입력과 만나는지 보세요.",
        en="The axes of the kernel are swapped. Which of them meets the input in `x_t W`?",
    ),
    fails=[shapes_of_the_kernels],
)
def kernel_transposed(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, kernels=[(3 * units, input_dim), (units, 3 * units)])


@question.misconception(
    text=Text(
        ko="recurrent kernel의 두 축을 바꾸었습니다. `h U`에서 어느 축이 은닉 상태와 만나는지 보세요.",
        en="The axes of the recurrent kernel are swapped. Which of them meets the hidden state in `h U`?",
    ),
    fails=[shapes_of_the_kernels],
)
def recurrent_kernel_transposed(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, kernels=[(input_dim, 3 * units), (3 * units, units)])


@question.misconception(
    text=Text(
        ko="recurrent kernel의 앞 축을 입력의 크기로 정했습니다. recurrent kernel이 무엇에 곱해지는지 보세요.",
        en="The first axis of the recurrent kernel is as long as the input. What is this array multiplied "
        "with?",
    ),
    section=GRU_SECTION,
    fails=[shapes_of_the_kernels],
)
def recurrent_kernel_reads_input(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, kernels=[(input_dim, 3 * units)] * 2)


@question.misconception(
    text=Text(
        ko="kernel의 앞 축을 유닛 수로 정했습니다. kernel이 무엇에 곱해지는지 보세요.",
        en="The first axis of the kernel is as long as the hidden state. What is this array multiplied with?",
    ),
    section=GRU_SECTION,
    fails=[shapes_of_the_kernels],
)
def kernel_reads_state(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, kernels=[(units, 3 * units)] * 2)


@question.misconception(
    text=Text(
        ko="bias를 가운데에 두었습니다. 문제에 적힌 `get_weights()`의 순서를 다시 보세요.",
        en="The bias is in the middle. Look again at the order of `get_weights()`.",
    ),
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
    credit=1.5,
)
def bias_second(input_dim, units, reset_after):
    kernel, recurrent, bias = shapes(input_dim, units, reset_after)
    return [kernel, bias, recurrent]


@question.misconception(
    text=Text(
        ko="세 배열의 모양을 거꾸로 늘어놓았습니다. 문제에 적힌 `get_weights()`의 순서를 다시 보세요.",
        en="The three shapes are in reverse order. Look again at the order of `get_weights()`.",
    ),
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
    credit=1.5,
)
def in_reverse(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after)[::-1]


@question.misconception(
    text=Text(
        ko="맨 앞에 배치의 축을 두었습니다. 샘플이 많아지면 가중치도 늘어나는지 보세요.",
        en="There is an axis for the batch in front. Does the layer have more weights when there are more "
        "samples?",
    ),
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
)
def batch_axis(input_dim, units, reset_after):
    return [(None, *shape) for shape in shapes(input_dim, units, reset_after)]


@question.misconception(
    text=Text(
        ko="recurrent kernel이 없습니다. 층이 시점마다 입력 말고 무엇을 더 읽는지 보세요.",
        en="The recurrent kernel is missing. Besides its input, what does the layer read at every time step?",
    ),
    section=GRU_SECTION,
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
)
def recurrent_kernel_left_out(input_dim, units, reset_after):
    kernel, _, bias = shapes(input_dim, units, reset_after)
    return [kernel, bias]


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 recurrent kernel까지 두 세트로 만들었습니다. 두 세트가 되는 것이 어느 "
        "배열인지 보세요.",
        en="For `reset_after=True` the recurrent kernel is doubled as well. Which array comes in two sets?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[shapes_of_the_kernels],
)
def kernels_doubled(input_dim, units, reset_after):
    wide = 6 * units if reset_after else 3 * units
    return shapes(input_dim, units, reset_after, kernels=[(input_dim, 3 * units), (units, wide)])


@question.misconception(
    text=Text(
        ko="모양 세 개를 하나로 이어 썼습니다. 배열마다 모양을 따로 담으세요.",
        en="You ran the three shapes together in one. Return a separate shape for each array.",
    ),
    section=SHAPES_SECTION,
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
)
def all_in_one_tuple(input_dim, units, reset_after):
    return [size for shape in shapes(input_dim, units, reset_after) for size in shape]


@question.misconception(
    text=Text(
        ko="bias의 모양만 돌려주었습니다. 배열이 몇 개인지 문제에서 보세요.",
        en="You returned only the shape of the bias. How many arrays does the question name?",
    ),
    fails=[shapes_of_the_kernels, bias_without_reset_after, bias_with_reset_after],
)
def only_the_bias(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after)[-1]


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 세 배열을 모두 두 번 적었습니다. 두 세트가 되는 것이 어느 배열인지 보세요.",
        en="For `reset_after=True` all three arrays are listed twice. Which of them comes in two sets?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_with_reset_after],
)
def all_arrays_twice(input_dim, units, reset_after):
    return shapes(input_dim, units, False) * (1 + reset_after)


@question.misconception(
    text=Text(
        ko="bias의 앞에 길이 1인 축을 두었습니다. 한 세트일 때와 두 세트일 때 bias의 모양을 보세요.",
        en="The bias has a first axis of length 1. Look at the shape of the bias with one set and with two.",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def bias_always_of_one_row(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, bias=(1, 3 * units))


@question.misconception(
    text=Text(
        ko="`reset_after`와 상관없이 편향 두 세트를 한 줄로 이었습니다. 언제 두 세트가 되고, Keras가 어떻게 "
        "쌓아 두는지 보세요.",
        en="Whatever `reset_after` says, two sets of biases are joined in one row. When are there two, and "
        "how does Keras stack them?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def bias_always_in_one_long_row(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, bias=(6 * units,))


@question.misconception(
    text=Text(
        ko="`reset_after`와 상관없이 편향을 두 세트 두었고 축도 바뀌었습니다. `False`일 때의 bias와, 앞의 "
        "축이 무엇을 세는지 보세요.",
        en="Whatever `reset_after` says, there are two sets of biases, and the axes are swapped. Look at "
        "the bias when it is `False`, and at what the first axis counts.",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def bias_always_transposed(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, bias=(3 * units, 2))


@question.misconception(
    text=Text(
        ko="`reset_after`와 상관없이 편향을 유닛마다 하나씩만 두었습니다. 게이트와 후보에 편향이 따로 "
        "있는지, `True`일 때 무엇이 늘어나는지 보세요.",
        en="Whatever `reset_after` says, each unit has one bias. Do the gates and the candidate have their "
        "own biases, and what is added when it is `True`?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[bias_without_reset_after, bias_with_reset_after],
)
def one_bias_a_unit(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, bias=(units,))


@question.misconception(
    text=Text(
        ko="recurrent kernel의 앞 축도 세 배로 했습니다. `h U`에서 앞의 축과 만나는 은닉 상태의 길이가 "
        "얼마인지 보세요.",
        en="You made the first axis of the recurrent kernel three times as long, too. How long is the "
        "hidden state that meets it in `h U`?",
    ),
    fails=[shapes_of_the_kernels],
)
def recurrent_kernel_reads_gates(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, kernels=[(input_dim, 3 * units), (3 * units, 3 * units)])


@question.misconception(
    text=Text(
        ko="두 kernel에만 LSTM처럼 네 세트를 두었습니다. GRU의 게이트와 후보를 하나씩 적어 보세요.",
        en="The two kernels hold four sets, as in an LSTM. Write down the gates of a GRU and its candidate.",
    ),
    section=GRU_SECTION,
    fails=[shapes_of_the_kernels],
)
def four_sets_in_the_kernels(input_dim, units, reset_after):
    return shapes(input_dim, units, reset_after, kernels=[(input_dim, 4 * units), (units, 4 * units)])

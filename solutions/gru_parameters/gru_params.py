"""GRU layer of any size, in both forms: how many parameters does it hold?"""

from autograder import Case, Question, Term, Text, expect

from ._shared import (
    BIAS_AS_LONG_AS_INPUT,
    FUNCTIONS_SECTION,
    GRU_SECTION,
    NO_BIAS,
    NO_BRACKETS,
    NO_INPUT_WEIGHTS,
    ONE_BIAS_A_GATE,
    ONE_RECURRENT_WEIGHT_A_UNIT,
    ONE_UNIT_ONLY,
    RESET_AFTER_SECTION,
    UNITS_AND_INPUT_DIM_SWAPPED,
)

question = Question(
    title=Text(ko="GRU 층의 파라미터 개수", en="Parameters of a GRU layer"),
    statement=Text(
        ko="""
시점마다 수를 `input_dim`개씩 읽는 GRU 층의 유닛이 `units`개일 때, 학습되는 파라미터의 개수를 돌려주는 함수
`gru_params(input_dim, units, reset_after=True)`를 완성하세요. 나머지는 Keras의 기본 설정(`use_bias=True`)을 따릅니다.

- `input_dim`과 `units`는 1 이상의 정수, `reset_after`는 `True` 아니면 `False`이고, 정수 하나를 돌려줍니다.
- `reset_after`는 세 번째 인수로 줄 수도 있고 생략할 수도 있습니다.
- TensorFlow 없이 채점하므로, 층을 만들어 `count_params()`를 부르지 말고 식을 쓰세요.
""",
        en="""
Complete `gru_params(input_dim, units, reset_after=True)` so that it returns how many parameters a GRU layer of `units`
units learns when each time step of its input has `input_dim` numbers. Otherwise Keras's defaults apply
(`use_bias=True`).

- `input_dim` and `units` are whole numbers of at least 1, `reset_after` is `True` or `False`; return one whole number.
- `reset_after` may be given as the third argument or left out.
- This is graded without TensorFlow: write the formula instead of building a layer for `count_params()`.
""",
    ),
    source="lecture notebook, GRU problem 1 and its remark on reset_after",
    sample=(2, 5, True),
    returns="int",
    terms=(
        Term("units*units", Text(ko="순환 가중치", en="recurrent weights")),
        Term("units*input_dim", Text(ko="입력에 곱하는 가중치", en="weights of the input")),
        Term("units", Text(ko="편향", en="biases")),
        Term("input_dim*input_dim"),
        Term("input_dim"),
        Term("1"),
    ),
    section=GRU_SECTION,
)


@question.answer
def gru_params(input_dim, units, reset_after=True):
    """Number of parameters of a GRU layer.

    input_dim, units: int >= 1. reset_after: bool, True where left out. Returns int.
    GRU 층의 파라미터 개수를 정수로 돌려줍니다.
    """
    biases = 2 if reset_after else 1
    return 3 * units * (input_dim + units + biases)


@question.example
def example(gru_params):
    assert gru_params(2, 5, False) == 120
    assert gru_params(2, 5, reset_after=True) == 135
    assert gru_params(2, 5) == 135


@question.cases
def cases(rng):
    drawn = []
    edges = [(1, 70), (70, 1), (4, 4), (900, 257)]
    sizes = [*edges, *((int(d), int(u)) for d, u in rng.permutation(range(2, 65))[:20].reshape(10, 2))]
    for place, size in enumerate(sizes):
        with_flag = [Case(*size, True), Case(*size)][place % 2]
        without = Case(*size, False)
        drawn += [with_flag, without]
    return drawn


def resets_after(case):
    return case.args[2] if len(case.args) > 2 else case.kwargs.get("reset_after", True)


def resets_before(case):
    return not resets_after(case)


def counts_the_kernels(got, case, want):
    expect.near(got, want, within=6 * max(case.args[:2]), meaning=Text(ko="편향의 개수", en="the biases"))


@question.check(
    points=1,
    text=Text(
        ko="reset_after=True일 때와 생략했을 때, 두 kernel의 개수가 맞는다 (편향만큼은 어긋나도 됨)",
        en="counts the two kernels with reset_after=True, and when it is left out, biases aside",
    ),
    when=resets_after,
)
def counts_kernels_reset_after(got, case, want):
    counts_the_kernels(got, case, want)


@question.check(
    points=1,
    text=Text(
        ko="reset_after=False일 때, 두 kernel의 개수가 맞는다 (편향만큼은 어긋나도 됨)",
        en="counts the two kernels with reset_after=False, biases aside",
    ),
    when=resets_before,
)
def counts_kernels_without_reset_after(got, case, want):
    counts_the_kernels(got, case, want)


@question.check(
    points=1,
    text=Text(
        ko="reset_after=True일 때와 생략했을 때, 어떤 크기의 층이든 개수가 맞는다",
        en="counts any layer with reset_after=True, and when it is left out",
    ),
    when=resets_after,
)
def counts_reset_after(got, case, want):
    expect.count(got, want)


@question.check(
    points=1,
    text=Text(
        ko="reset_after=False일 때, 어떤 크기의 층이든 개수가 맞는다",
        en="counts any layer with reset_after=False",
    ),
    when=resets_before,
)
def counts_without_reset_after(got, case, want):
    expect.count(got, want)


def lacks_brackets(got, case, want):
    """Seen in a sum of which only some terms are multiplied."""
    input_dim, units = case.args[:2]
    biases = 2 if resets_after(case) else 1
    expect.shown(
        isinstance(got, (int, float))
        and got
        in (
            units + input_dim + biases * units * 3,
            3 * units * input_dim + units + biases,
            3 * (units * input_dim + units + biases),
            3 * input_dim + units + biases * units,
        )
    )


@question.misconception(
    text=Text(
        ko="`reset_after`와 상관없이 편향을 두 세트 셌습니다. `False`일 때 bias의 모양이 어떤지 보세요.",
        en="You counted two sets of biases whatever `reset_after` says. What is the shape of the bias "
        "when it is `False`?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[counts_without_reset_after],
)
def always_two_biases(input_dim, units, reset_after=True):
    return 3 * units * (input_dim + units + 2)


@question.misconception(
    text=Text(
        ko="`reset_after`와 상관없이 편향을 한 세트만 셌습니다. `True`일 때 bias의 모양이 어떤지 보세요.",
        en="You counted one set of biases whatever `reset_after` says. What is the shape of the bias "
        "when it is `True`?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[counts_reset_after],
)
def always_one_bias(input_dim, units, reset_after=True):
    return 3 * units * (input_dim + units + 1)


@question.misconception(
    text=Text(
        ko="`reset_after`를 거꾸로 읽었습니다. 어느 쪽일 때 편향이 늘어나는지 보세요.",
        en="You read `reset_after` the wrong way round. For which value are there more biases?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[counts_reset_after, counts_without_reset_after],
)
def flag_reversed(input_dim, units, reset_after=True):
    biases = 1 if reset_after else 2
    return 3 * units * (input_dim + units + biases)


@question.misconception(
    text=Text(
        ko="`reset_after`를 생략하면 `False`로 보았습니다. Keras의 기본값이 무엇인지 보세요.",
        en="When `reset_after` is left out, you treat it as `False`. What is Keras's default?",
    ),
    section=FUNCTIONS_SECTION,
    fails=[counts_reset_after],
)
def default_is_false(input_dim, units, reset_after=False):
    biases = 2 if reset_after else 1
    return 3 * units * (input_dim + units + biases)


@question.misconception(text=NO_BIAS, fails=[counts_reset_after, counts_without_reset_after])
def no_bias(input_dim, units, reset_after=True):
    return 3 * units * (units + input_dim)


@question.misconception(
    text=Text(
        ko="편향을 한 세트 적게 셌습니다. `reset_after`가 `False`일 때와 `True`일 때 bias의 모양이 어떤지 "
        "다시 보세요.",
        en="You counted one set of biases too few. Look again at the shape of the bias for "
        "`reset_after=False` and for `True`.",
    ),
    section=RESET_AFTER_SECTION,
    fails=[counts_reset_after, counts_without_reset_after],
)
def one_set_of_biases_too_few(input_dim, units, reset_after=True):
    return 3 * units * (input_dim + units + int(reset_after))


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 늘어나는 편향을 게이트 둘과 후보 가운데 하나에만 더했습니다. 이 가운데 어느 것에 "
        "편향이 더 붙는지 보세요.",
        en="For `reset_after=True` you added biases to only one of the three: the two gates and the candidate. "
        "Which of them get more biases?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[counts_reset_after],
)
def one_extra_vector(input_dim, units, reset_after=True):
    extra = units if reset_after else 0
    return 3 * units * (input_dim + units + 1) + extra


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 늘어나는 편향을 게이트와 후보마다 하나씩만 셌습니다. 편향은 유닛마다 "
        "있습니다.",
        en="For `reset_after=True` you added a single number for each gate and the candidate. Every unit "
        "has its own bias.",
    ),
    section=RESET_AFTER_SECTION,
    fails=[counts_reset_after],
)
def one_extra_number_a_gate(input_dim, units, reset_after=True):
    extra = 3 if reset_after else 0
    return 3 * units * (input_dim + units + 1) + extra


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 모두 두 배로 셌습니다. 두 세트가 되는 것이 세 배열 가운데 어느 것인지 "
        "보세요.",
        en="For `reset_after=True` you doubled everything. Which of the three arrays comes in two sets?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[counts_kernels_reset_after, counts_reset_after],
)
def everything_doubled(input_dim, units, reset_after=True):
    times = 2 if reset_after else 1
    return times * 3 * units * (input_dim + units + 1)


@question.misconception(
    text=Text(
        ko="`reset_after=True`일 때 순환 가중치까지 두 세트로 셌습니다. 두 세트가 되는 것이 세 배열 가운데 "
        "어느 것인지 보세요.",
        en="For `reset_after=True` you counted the recurrent weights twice as well. Which of the three "
        "arrays comes in two sets?",
    ),
    section=RESET_AFTER_SECTION,
    fails=[counts_kernels_reset_after, counts_reset_after],
)
def recurrent_weights_doubled(input_dim, units, reset_after=True):
    sets = 2 if reset_after else 1
    return 3 * units * (input_dim + sets * units + sets)


@question.misconception(
    text=Text(
        ko="LSTM의 식입니다. GRU의 게이트와 후보를 하나씩 적어 보고, `reset_after`가 무엇을 바꾸는지 보세요.",
        en="That is the formula of an LSTM. Write down the gates of a GRU and its candidate, and see "
        "what `reset_after` changes.",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
    credit=1,
)
def lstm_formula(input_dim, units, reset_after=True):
    return 4 * units * (input_dim + units + 1)


@question.misconception(
    text=Text(
        ko="LSTM처럼 네 세트를 셌습니다. GRU의 게이트와 후보를 하나씩 적어 보세요.",
        en="You counted four sets of weights, as in an LSTM. Write down the gates of a GRU and its "
        "candidate, one by one.",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
    credit=1,
)
def four_sets_of_weights(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 4 * units * (units + input_dim + biases)


@question.misconception(
    text=Text(
        ko="게이트 둘만 셌습니다. 새 은닉 상태의 후보를 만드는 데에도 게이트만큼 가중치가 듭니다.",
        en="You counted the two gates only. The candidate for the new hidden state takes as many "
        "weights as a gate.",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
    credit=1,
)
def two_gates(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 2 * units * (units + input_dim + biases)


@question.misconception(
    text=Text(
        ko="SimpleRNN처럼 한 세트만 셌습니다. GRU에는 게이트와 후보마다 한 세트씩 있습니다.",
        en="You counted one set of weights, as in a SimpleRNN. A GRU holds one for each gate and one "
        "for the candidate.",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
    credit=1,
)
def one_gate_of_three(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return units * (units + input_dim + biases)


@question.misconception(
    text=Text(
        ko="순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 말고 무엇을 더 읽는지 보세요.",
        en="The recurrent weights are missing. Besides its input, what else does the layer read at "
        "every time step?",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
)
def no_recurrent_weights(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * units * (input_dim + biases)


@question.misconception(
    text=UNITS_AND_INPUT_DIM_SWAPPED,
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
)
def units_and_input_dim_swapped(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * input_dim * (input_dim + units + biases)


@question.misconception(
    text=ONE_RECURRENT_WEIGHT_A_UNIT,
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
)
def one_recurrent_weight_a_unit(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * units * (input_dim + 1 + biases)


@question.misconception(
    text=Text(
        ko="게이트와 후보가 편향을 함께 쓰는 것처럼 셌습니다. 편향도 저마다 따로 있는지 보세요.",
        en="You counted the biases as if the gates and the candidate shared them. Does each have its own?",
    ),
    fails=[counts_reset_after, counts_without_reset_after],
)
def one_bias_for_all_gates(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * units * (units + input_dim) + biases * units


@question.misconception(text=ONE_BIAS_A_GATE, fails=[counts_reset_after, counts_without_reset_after])
def one_bias_a_gate(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * (units * (units + input_dim) + biases)


@question.misconception(
    text=Text(
        ko="층 전체에 편향을 하나만 셌습니다. 게이트와 후보가, 또 그 안의 유닛들이 편향 하나를 함께 쓰는지 보세요.",
        en="One bias was counted for the whole layer. Do the gates and the candidate share it, and do all units?",
    ),
    fails=[counts_reset_after, counts_without_reset_after],
)
def one_bias_in_all(input_dim, units, reset_after=True):
    return 3 * units * (units + input_dim) + (2 if reset_after else 1)


@question.misconception(
    text=Text(
        ko="후보의 순환 가중치를 빠뜨렸습니다. 후보도 리셋 게이트를 거친 은닉 상태를 읽습니다.",
        en="The recurrent weights of the candidate are missing. It too reads the hidden state, through "
        "the reset gate.",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
    credit=1,
)
def candidate_without_recurrent_weights(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * units * (input_dim + biases) + 2 * units * units


@question.misconception(
    text=Text(
        ko="후보의 편향을 빠뜨렸습니다. 편향은 게이트에만 있는 것이 아닙니다.",
        en="The bias of the candidate is missing. Do only the gates have one?",
    ),
    fails=[counts_reset_after, counts_without_reset_after],
)
def candidate_without_bias(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * units * (units + input_dim) + 2 * biases * units


@question.misconception(
    text=ONE_UNIT_ONLY,
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
)
def one_unit_only(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * (units + input_dim + biases)


@question.misconception(
    text=NO_INPUT_WEIGHTS,
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
)
def no_input_weights(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * units * (units + biases)


@question.misconception(
    text=Text(
        ko="Dense 층의 식입니다. GRU에는 그 밖에 무엇이 더 있는지 보세요.",
        en="That is the formula of a Dense layer. What else does a GRU have?",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
)
def dense_formula(input_dim, units, reset_after=True):
    return units * (input_dim + 1)


@question.misconception(
    text=NO_BRACKETS,
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
    seen_in=lacks_brackets,
)
def no_brackets(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return units + input_dim + biases * units * 3


@question.misconception(
    text=Text(
        ko="은닉 상태의 길이를 더했습니다. 상태는 시점마다 계산되는 값이고 학습되지 않습니다.",
        en="You added the length of the hidden state. The state is computed at every time step; it is "
        "not learnt.",
    ),
    fails=[counts_reset_after, counts_without_reset_after],
)
def state_counted(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * units * (input_dim + units + biases) + units


@question.misconception(text=BIAS_AS_LONG_AS_INPUT, fails=[counts_reset_after, counts_without_reset_after])
def bias_as_long_as_input(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * (units * (units + input_dim) + biases * input_dim)


@question.misconception(
    text=Text(
        ko="순환 가중치를 한 세트만 셌습니다. 은닉 상태에 곱하는 U가 식마다 따로 있는지 보세요.",
        en="The recurrent weights were counted once for the whole layer. Does each equation have a U of its "
        "own?",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
    credit=1,
)
def one_recurrent_kernel_for_all_gates(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * units * (input_dim + biases) + units * units


@question.misconception(
    text=Text(
        ko="유닛 하나가 읽는 두 길이를 더하지 않고 곱했습니다. 유닛 하나에는 입력의 수마다, 또 은닉 상태의 "
        "수마다 가중치가 하나씩 있습니다. 모두 몇 개인지 보세요.",
        en="The two lengths that a unit reads were multiplied instead of added. A unit has one weight for "
        "each number of the input and one for each number of the hidden state: how many is that in all?",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
)
def lengths_multiplied(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * units * (units * input_dim + biases)


@question.misconception(
    text=Text(
        ko="두 kernel은 맞는데, 편향을 유닛이 읽는 수마다 하나씩 셌거나 편향을 더한 괄호가 다릅니다. 유닛은 많은 수를 "
        "읽지만, 더한 다음에 붙이는 편향은 몇 개인지 보세요.",
        en="The kernels are right, but one bias was counted for each number that a unit reads, or the "
        "biases are inside the wrong brackets. A unit reads many numbers: how many biases does it add to "
        "their sum?",
    ),
    fails=[counts_reset_after, counts_without_reset_after],
)
def bias_as_long_as_both(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * (units * (units + input_dim) + biases * (units + input_dim))


@question.misconception(
    text=Text(
        ko="세 개수를 담은 리스트가 되었습니다. 파이썬에서 리스트에 3을 곱하면 더해지지 않고 세 번 "
        "되풀이됩니다. 리스트가 아니라 수에 3을 곱하세요.",
        en="You returned a list of three counts. In Python, multiplying a list by 3 repeats it and adds "
        "nothing up. Multiply a number instead.",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
)
def three_counts_in_a_list(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return [units * (units + input_dim + biases)] * 3


@question.misconception(
    text=Text(
        ko="3과 유닛 수를 곱하려 한 것은 맞는데, 괄호가 없어서 첫 항에만 곱해졌습니다. 무엇 전체에 곱하려던 것인지 "
        "보세요.",
        en="Multiplying by 3 and by the units is right, but without brackets only the first term is multiplied. "
        "What did you mean to multiply as a whole?",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
    like=("no_input_weights",),
)
def brackets_lost(input_dim, units, reset_after=True):
    return 3 * units * units + input_dim + (2 if reset_after else 1)


@question.misconception(
    text=Text(
        ko="세 세트인 것은 맞는데, 한 세트 안에서 유닛 수가 첫 항에만 곱해졌습니다. 괄호가 하나 더 필요한 "
        "곳이 어디인지 보세요.",
        en="The three sets are right, but within a set only the first term is multiplied by the units. Where does "
        "another pair of brackets belong?",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
    like=("one_gate_of_three",),
)
def inner_brackets_lost(input_dim, units, reset_after=True):
    return 3 * (units * units + input_dim + (2 if reset_after else 1))


@question.misconception(
    text=Text(
        ko="순환 가중치를 입력 크기의 제곱으로 셌습니다. 은닉 상태를 읽어 은닉 상태를 만드는 행렬은 가로와 세로가 각각 "
        "무엇의 길이인가요?",
        en="You counted the recurrent weights as the square of the input's size. That matrix turns a hidden state into "
        "a hidden state: how long are its two axes?",
    ),
    fails=[
        counts_kernels_reset_after,
        counts_kernels_without_reset_after,
        counts_reset_after,
        counts_without_reset_after,
    ],
)
def recurrent_weights_squared_from_the_input(input_dim, units, reset_after=True):
    biases = 2 if reset_after else 1
    return 3 * (units * input_dim + input_dim * input_dim + biases * units)

"""Budget of parameters: how many units may an LSTM layer have?"""

import math

import numpy as np

from autograder import Case, Question, Text, expect

from ._shared import (
    ARRAYS_SECTION,
    LSTM_SECTION,
    ONE_GATE_OF_FOUR,
    ONLY_KERNEL_FOR_EVERY_GATE,
    RNN_SECTION,
    UNITS_AND_INPUT_DIM_SWAPPED,
)

question = Question(
    title=Text(ko="예산 안에서 가장 큰 LSTM", en="The largest LSTM within a budget"),
    statement=Text(
        ko="""
시점마다 수를 `input_dim`개씩 읽는 LSTM 층을 만드는데, 학습되는 파라미터가 `budget`개를 넘으면 안 됩니다. 유닛을
몇 개까지 둘 수 있는지 돌려주는 함수 `max_lstm_units(input_dim, budget)`를 완성하세요. Keras의 기본 설정을 따릅니다.

- 파라미터가 꼭 `budget`개인 층은 예산 안에 있습니다.
- 유닛 하나짜리 층도 예산을 넘으면 0을 돌려줍니다.
- `input_dim`은 1 이상의 정수, `budget`은 0 이상 10억 이하의 정수이고, 정수 하나를 돌려줍니다.
- 예산이 커도 몇 초 안에 답해야 합니다.
- TensorFlow 없이 채점하므로 식을 쓰세요. 앞에서 만든 함수를 불러도 됩니다.
""",
        en="""
An LSTM layer that reads `input_dim` numbers at each time step may learn at most `budget` parameters. Complete
`max_lstm_units(input_dim, budget)` so that it returns the largest number of units the layer can have. Keras's
defaults apply.

- A layer with exactly `budget` parameters is within the budget.
- If even one unit takes too many parameters, return 0.
- `input_dim` is a whole number of at least 1, `budget` one from 0 to a billion; return one whole number.
- For a large budget, too, the function must return within seconds.
- This is graded without TensorFlow: write the formula. You may call the functions you wrote above.
""",
    ),
    sample=(2, 100),
    returns="int",
)


@question.answer
def max_lstm_units(input_dim, budget):
    """Largest number of units of an LSTM layer with at most `budget` parameters.

    input_dim: int >= 1. budget: int from 0 to 10**9. Returns int, 0 where no unit fits.
    파라미터가 budget개를 넘지 않는 LSTM 층의 가장 큰 유닛 수를 정수로 돌려줍니다.
    """
    fitting = 0
    while 4 * (fitting + 1) * (input_dim + fitting + 2) <= budget:
        fitting += 1
    return fitting


@question.example
def example(max_lstm_units):
    assert max_lstm_units(2, 100) == 3
    assert max_lstm_units(2, 10) == 0
    assert max_lstm_units(2, 10**9) == 15809


@question.cases
def cases(rng):
    budgets = [Case(9, 0), Case(9, 3), Case(300, 1000), Case(17, 10**9), Case(640, 10**9)]
    budgets += [Case(1, 10**9), Case(1, 30), Case(5_000, 10**6), Case(200_000, 10**7), Case(3, 1_000)]
    budgets += [Case(11, 1_000)]  # of one budget and two inputs: does the input make a difference?
    sizes = [(9, 1), (1, 1), (1, 12), (33, 2)]
    sizes += [(int(dim), int(units)) for dim, units in rng.permutation(range(3, 65))[:10].reshape(5, 2)]
    # of the first, unlike some others, single floats hold neither the weights nor one less
    sizes += [(7, 9_001), (3, 15_001), (int(rng.integers(3, 400)), int(rng.integers(8_000, 14_000)))]
    exact = [(input_dim, 4 * units * (input_dim + units + 1)) for input_dim, units in sizes]
    at_the_edge = [Case(dim, weights + off) for dim, weights in exact for off in (-1, 0, 1)]
    # where layers counted without their biases, or without some, begin to fit
    too_cheap = [(dim, units, 4 * units * (dim + units)) for dim, units in sizes[5:8]]
    at_a_wrong_edge = [Case(dim, weights + off) for dim, units, weights in too_cheap for off in (0, 1, units)]
    # where layers counted with too much, or with single biases, still fit
    at_a_wrong_edge += [
        Case(dim, weights + off)
        for dim, units, weights in too_cheap
        for off in (4, 5 * units, 6 * units, 7 * units)
    ]
    return budgets + at_the_edge + at_a_wrong_edge


def most(budget, *, square, each, fixed=0):
    """Largest n >= 0 with square * n * n + each * n + fixed <= budget; 0 where there is none."""
    inside = each * each + 4 * square * (budget - fixed)
    return max(0, (math.isqrt(max(0, inside)) - each) // (2 * square))


def weights_of(case, units):
    return 4 * units * (case.args[0] + units + 1)


def holds_none(case):
    return case.args[1] < weights_of(case, 1)


def holds_some(case):
    return not holds_none(case)


def is_at_an_edge(case):
    """Whether the budget is what some layer takes, or one less."""
    input_dim, budget = case.args
    units = most(budget + 1, square=4, each=4 * (input_dim + 1))
    return holds_some(case) and weights_of(case, units) in (budget, budget + 1)


def is_between_edges(case):
    return holds_some(case) and not is_at_an_edge(case)


@question.check(
    points=1,
    text=Text(
        ko="어떤 예산이든 유닛의 개수가 하나 넘게 어긋나지 않는다",
        en="is off by no more than one unit for any budget",
    ),
    when=holds_some,
)
def is_within_one(got, case, want):
    expect.near(got, want, within=1, meaning=Text(ko="유닛 하나", en="one unit"))


@question.check(
    points=1.5,
    text=Text(
        ko="남는 파라미터가 있는 예산에서 유닛의 개수가 맞는다",
        en="finds the largest number of units where some of the budget is left over",
    ),
    when=is_between_edges,
)
def fits_between_edges(got, case, want):
    expect.count(got, want)


@question.check(
    points=1,
    text=Text(
        ko="예산이 꼭 맞거나 하나 모자랄 때 유닛의 개수가 맞는다",
        en="finds the largest number of units where the budget is used up exactly, or is one too small",
    ),
    when=is_at_an_edge,
)
def fits_at_an_edge(got, case, want):
    expect.count(got, want)


@question.check(
    points=0.5,
    text=Text(ko="유닛이 하나도 들어가지 않으면 0이다", en="gives 0 where not even one unit fits"),
    when=holds_none,
    needs=fits_between_edges,
)
def gives_zero(got, case, want):
    expect.count(got, want)


def is_nearly_right(got, case, want):
    """Seen in right answers up to a budget of 100,000, and in ones off by one at most above."""
    whole = isinstance(got, (int, np.integer)) and not isinstance(got, bool)
    expect.shown(whole and abs(int(got) - want) <= (case.args[1] > 100_000))


def is_within_unless_exact(got, case, want):
    """Seen in right answers that are one too small for some budgets which a layer uses up exactly."""
    exact = case.args[1] == weights_of(case, want)
    expect.shown(type(got) is int and got in ((want, want - 1) if exact else (want,)))


def is_within_unless_one_short(got, case, want):
    """Seen in right answers that are one too large for some budgets, small ones too, which are one too small."""
    one_short = case.args[1] + 1 == weights_of(case, want + 1)
    shows_rounding = case.args == (33, weights_of(case, 2) - 1)  # floats that lose digits are right here
    expect.shown(
        type(got) is int and got - want in ((1,) if shows_rounding else (0, 1) if one_short else (0,))
    )


def only_the_root_halved(case):
    """The solution of the equation of budget and units, with lost brackets around the numerator."""
    input_dim, budget = case.args
    return math.sqrt((input_dim + 1) ** 2 + budget) / 2 - (input_dim + 1)


def four_times_the_solution(case):
    """The solution of the equation of budget and units, divided by 2 and not by twice the factor of the square."""
    input_dim, budget = case.args
    return 2 * (math.sqrt((input_dim + 1) ** 2 + budget) - (input_dim + 1))


def is_cut(got, value):
    """Seen in a number without its decimals, or 0 in the place of a negative one."""
    whole = {int(value), math.floor(value), round(value), max(0, int(value))}
    expect.shown(type(got) in (int, float) and (got in whole or math.isclose(got, value)))


def is_only_the_root_halved(got, case, want):
    """Seen in what the solution is without brackets around the numerator."""
    is_cut(got, only_the_root_halved(case))


def is_four_times_the_solution(got, case, want):
    """Seen in four times the solution."""
    is_cut(got, four_times_the_solution(case))


def is_right_for_small_budgets(got, case, want):
    """Seen in right answers up to a budget of 100,000, and in wrong ones above."""
    right = isinstance(got, (int, np.integer)) and got == want
    expect.shown(right if case.args[1] <= 100_000 else isinstance(got, (int, np.integer)) and got > 0)


@question.follows("lstm_params")
def by_own(lstm_params, input_dim, budget):
    # a student's own function is asked for each size tried: start from the right one, then halve what is left
    fitting, step = most(budget, square=4, each=4 * (input_dim + 1)), 1
    while fitting > 0 and lstm_params(input_dim, fitting) > budget:
        fitting, step = max(0, fitting - step), 2 * step
    beyond, step = fitting + 1, 1
    while lstm_params(input_dim, beyond) <= budget:
        fitting, beyond, step = beyond, beyond + step, 2 * step
    while beyond - fitting > 1:
        middle = (fitting + beyond) // 2
        if lstm_params(input_dim, middle) <= budget:
            fitting = middle
        else:
            beyond = middle
    return fitting


@question.misconception(
    text=Text(
        ko="예산을 꼭 맞게 쓰는 층이 빠집니다. 그런 층이 예산 안에 있는지 문제에서 보고, 반올림 때문에 빠지지 않는지도 "
        "보세요.",
        en="A layer that uses the budget exactly is left out. What does the question say about such a layer? Or does "
        "rounding take it away?",
    ),
    fails=[fits_at_an_edge],
    seen_in=is_within_unless_exact,
)
def below_the_budget_only(input_dim, budget):
    return most(budget - 1, square=4, each=4 * (input_dim + 1))


@question.misconception(
    text=Text(
        ko="예산을 처음으로 넘는 유닛의 개수를 돌려주었습니다. 반복을 멈춘 순간의 값이 예산 안에 있는지 "
        "보세요.",
        en="You returned the first number of units that is over the budget. Is the value at which your "
        "loop stops still within it?",
    ),
    fails=[fits_between_edges, fits_at_an_edge],
)
def first_beyond_the_budget(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 1)) + 1


@question.misconception(
    text=Text(
        ko="예산 안의 가장 큰 개수보다 하나 작습니다. 반복이 멈춘 뒤에 하나를 더 빼지 않았는지, 범위의 끝이 "
        "어디인지 보세요.",
        en="This is one less than the largest number that fits. Did you subtract one too often, or does "
        "your range end one too early?",
    ),
    fails=[fits_between_edges, fits_at_an_edge],
)
def one_too_few(input_dim, budget):
    return max(0, most(budget, square=4, each=4 * (input_dim + 1)) - 1)


@question.misconception(
    text=Text(
        ko="유닛이 하나도 들어가지 않을 때에도 1을 돌려주었습니다. 하나짜리 층이 예산을 넘는지 먼저 보세요.",
        en="You returned 1 where no unit fits. First check whether a layer of one unit is within the budget.",
    ),
    fails=[gives_zero],
)
def at_least_one_unit(input_dim, budget):
    return max(1, most(budget, square=4, each=4 * (input_dim + 1)))


@question.misconception(
    text=Text(
        ko="식을 푼 값을 가장 가까운 정수로 반올림했습니다. 반올림한 값이 커지면 그 층은 예산을 넘습니다.",
        en="You rounded the solution of the equation to the nearest whole number. If that rounds up, "
        "the layer is over the budget.",
    ),
    fails=[fits_between_edges, fits_at_an_edge],
)
def rounded_to_nearest(input_dim, budget):
    return round((math.sqrt((input_dim + 1) ** 2 + budget) - (input_dim + 1)) / 2)


@question.misconception(
    text=Text(
        ko="식을 푼 값을 올림했습니다. 꼭 맞아떨어지지 않으면 예산을 넘습니다.",
        en="You rounded the solution of the equation up. Unless the solution is a whole number, the layer is "
        "over the budget.",
    ),
    fails=[fits_between_edges, fits_at_an_edge],
)
def rounded_up(input_dim, budget):
    return math.ceil((math.sqrt((input_dim + 1) ** 2 + budget) - (input_dim + 1)) / 2)


@question.misconception(
    text=Text(
        ko="소수점이 있는 유닛의 개수를 돌려주었습니다. 유닛은 하나씩만 셀 수 있으니 예산을 넘지 않는 정수를 "
        "고르세요.",
        en="You returned a number of units with a fraction. Units are whole: choose the whole number "
        "that stays within the budget.",
    ),
    fails=[fits_between_edges, fits_at_an_edge],
)
def part_of_a_unit(input_dim, budget):
    return (math.sqrt((input_dim + 1) ** 2 + budget) - (input_dim + 1)) / 2


@question.misconception(
    text=Text(
        ko="유닛의 개수가 아니라 그 층의 파라미터 개수를 돌려주었습니다. 무엇의 개수를 묻는지 보세요.",
        en="You returned the number of parameters of that layer. What does the question ask you to count?",
    ),
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def weights_for_units(input_dim, budget):
    fitting = most(budget, square=4, each=4 * (input_dim + 1))
    return 4 * fitting * (input_dim + fitting + 1)


@question.misconception(
    text=Text(
        ko="유닛 하나짜리 층의 개수로 예산을 나누었습니다. 유닛이 늘면 유닛 하나가 읽는 은닉 상태도 "
        "길어집니다.",
        en="You divided the budget by the count of a layer of one unit. With more units, the hidden "
        "state that each of them reads gets longer too.",
    ),
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def every_unit_costs_the_same(input_dim, budget):
    return budget // (4 * (input_dim + 2))


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨리고 셌습니다. 게이트와 셀 후보마다 유닛 하나에 편향이 하나씩 있습니다.",
        en="The count is without biases. Each gate, and the cell candidate, has one per unit.",
    ),
    section=LSTM_SECTION,
    fails=[fits_between_edges, fits_at_an_edge],
)
def no_bias(input_dim, budget):
    return most(budget, square=4, each=4 * input_dim)


@question.misconception(
    text=Text(
        ko="순환 가중치(recurrent kernel)를 빠뜨리고 셌습니다. 층이 시점마다 입력 말고 무엇을 더 읽는지 "
        "보세요.",
        en="You counted without the recurrent weights. Besides its input, what else does the layer read "
        "at every time step?",
    ),
    section=LSTM_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def no_recurrent_weights(input_dim, budget):
    return budget // (4 * (input_dim + 1))


@question.misconception(
    text=Text(
        ko="입력에 곱하는 가중치(kernel)를 빠뜨리고 셌습니다. 입력이 길수록 유닛 하나에 드는 가중치도 "
        "많습니다.",
        en="You counted without the weights of the input (kernel). The longer the input, the more weights "
        "a unit takes.",
    ),
    section=LSTM_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def no_input_weights(input_dim, budget):
    return most(budget, square=4, each=4)


@question.misconception(
    text=Text(
        ko="순환 가중치만 셌습니다. 입력에 곱하는 가중치와 편향도 예산에 들어갑니다.",
        en="You counted the recurrent weights alone. The weights of the input and the biases count "
        "towards the budget as well.",
    ),
    section=LSTM_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def recurrent_weights_only(input_dim, budget):
    return math.isqrt(budget // 4)


@question.misconception(
    text=ONE_GATE_OF_FOUR, section=LSTM_SECTION, fails=[is_within_one, fits_between_edges, fits_at_an_edge]
)
def one_gate_of_four(input_dim, budget):
    return most(budget, square=1, each=input_dim + 1)


@question.misconception(
    text=Text(
        ko="가중치를 세 세트만 셌습니다. 셀 상태에 새로 쓸 값이 어디에서 나오는지 보세요.",
        en="You counted three sets of weights. Where does the value written to the cell state come from?",
    ),
    section=LSTM_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
    credit=1,
)
def three_gates(input_dim, budget):
    return most(budget, square=3, each=3 * (input_dim + 1))


@question.misconception(
    text=Text(
        ko="편향을 두 세트 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 다릅니다.",
        en="You counted two sets of biases. PyTorch's LSTM has two, Keras's has one.",
    ),
    section=ARRAYS_SECTION,
    fails=[fits_between_edges, fits_at_an_edge],
)
def two_biases(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 2))


@question.misconception(
    text=UNITS_AND_INPUT_DIM_SWAPPED,
    section=RNN_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def units_and_input_dim_swapped(input_dim, budget):
    return max(0, budget // (4 * input_dim) - input_dim - 1)


@question.misconception(
    text=ONLY_KERNEL_FOR_EVERY_GATE,
    section=ARRAYS_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def only_kernel_for_every_gate(input_dim, budget):
    return most(budget, square=1, each=4 * input_dim + 1)


@question.misconception(
    text=Text(
        ko="예산 안의 가장 큰 개수보다 하나 작고, 하나도 들어가지 않으면 -1이 됩니다. 반복이 멈춘 뒤에 "
        "얼마를 빼는지 보세요.",
        en="This is one less than the largest number that fits, and -1 where none does. How much do you "
        "subtract after the loop has stopped?",
    ),
    fails=[fits_between_edges, fits_at_an_edge],
)
def taken_back_twice(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 1)) - 1


@question.misconception(
    text=Text(
        ko="예산을 꼭 맞게 쓰는 층을 예산 밖으로 보았고, 반복을 멈춘 순간의 값을 그대로 돌려주었습니다. 그 "
        "값이 예산 안에 있는지 보세요.",
        en="A layer that uses the budget exactly was taken to be over it, and the value at which the loop "
        "stops was returned. Is it still within the budget?",
    ),
    fails=[fits_between_edges, fits_at_an_edge],
)
def first_not_below(input_dim, budget):
    return most(budget - 1, square=4, each=4 * (input_dim + 1)) + 1


@question.misconception(
    text=Text(
        ko="유닛의 개수가 아니라 예산에서 남는 파라미터의 개수를 돌려주었습니다. 무엇의 개수를 묻는지 보세요.",
        en="You returned what is left of the budget. What does the question ask you to count?",
    ),
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def what_is_left(input_dim, budget):
    fitting = most(budget, square=4, each=4 * (input_dim + 1))
    return budget - 4 * fitting * (input_dim + fitting + 1)


@question.misconception(
    text=Text(
        ko="예산의 제곱근입니다. 유닛 n개짜리 층의 개수를 n의 식으로 쓰면 n² 말고 무엇이 더 있는지 보세요.",
        en="That is the square root of the budget. Write the count of a layer of n units as a formula in n: "
        "what is there besides n²?",
    ),
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def root_of_the_budget(input_dim, budget):
    return math.isqrt(budget)


@question.misconception(
    text=Text(
        ko="`input_dim`과 상관없이 같은 값입니다. 입력이 길수록 유닛 하나에 드는 가중치도 많아집니다.",
        en="The result is the same for every `input_dim`. How does a longer input change the number of "
        "weights of a unit?",
    ),
    section=LSTM_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def input_dim_forgotten(input_dim, budget):
    return most(budget, square=4, each=12)  # the size of the example's input


@question.misconception(
    text=Text(
        ko="가중치를 두 세트만 셌습니다. 게이트와 셀 후보를 하나씩 적어 보세요.",
        en="Two sets of weights were counted. Write down the gates and the cell candidate, one by one.",
    ),
    section=LSTM_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def two_gates(input_dim, budget):
    return most(budget, square=2, each=2 * (input_dim + 1))


@question.misconception(
    text=Text(
        ko="가중치를 한 세트 더 셌습니다. 셀 상태에 학습되는 것이 있는지 보세요.",
        en="One set of weights too many was counted. Is anything in the cell state learnt?",
    ),
    section=LSTM_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
    credit=1,
)
def cell_state_as_a_fifth(input_dim, budget):
    return most(budget, square=5, each=5 * (input_dim + 1))


@question.misconception(
    text=Text(
        ko="편향을 한 세트만 셌습니다. 게이트와 셀 후보가 편향을 함께 쓰는지 보세요.",
        en="The biases were counted once for the whole layer. Do the gates and the cell candidate share them?",
    ),
    section=ARRAYS_SECTION,
    fails=[fits_between_edges, fits_at_an_edge],
)
def one_bias_for_all_gates(input_dim, budget):
    return most(budget, square=4, each=4 * input_dim + 1)


@question.misconception(
    text=Text(
        ko="편향을 층 전체에 하나만 셌거나, 편향 없이 세면서 예산을 꼭 맞게 쓰는 층을 뺐습니다. 편향이 "
        "유닛마다 있는지 보세요.",
        en="You counted one bias for the whole layer, or you counted none and left out a layer that uses the "
        "budget exactly. Does each unit have its own bias?",
    ),
    section=ARRAYS_SECTION,
    fails=[fits_between_edges, fits_at_an_edge],
)
def one_bias_in_all(input_dim, budget):
    return most(budget, square=4, each=4 * input_dim, fixed=1)


@question.misconception(
    text=Text(
        ko="게이트와 셀 후보마다 편향을 하나만 셌습니다. 편향이 유닛마다 있도록 괄호의 위치를 다시 보세요.",
        en="You counted a single bias for each gate and for the cell candidate. Every unit has its own: check "
        "where the brackets are.",
    ),
    section=ARRAYS_SECTION,
    fails=[fits_between_edges, fits_at_an_edge],
)
def one_bias_a_gate(input_dim, budget):
    return most(budget, square=4, each=4 * input_dim, fixed=4)


@question.misconception(
    text=Text(
        ko="게이트가 셀 상태에 곱하는 가중치(peephole)를 더했습니다. Keras의 LSTM에도 있는지 보세요.",
        en="You added weights with which the gates read the cell state (peepholes). Does the LSTM of Keras "
        "have any?",
    ),
    section=ARRAYS_SECTION,
    fails=[fits_between_edges, fits_at_an_edge],
)
def peepholes(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 1) + 3)


@question.misconception(
    text=Text(
        ko="은닉 상태와 셀 상태의 길이를 더했습니다. 상태가 학습되는 것인지 보세요.",
        en="The lengths of the hidden state and the cell state were added. Are states learnt?",
    ),
    section=LSTM_SECTION,
    fails=[fits_between_edges, fits_at_an_edge],
)
def states_counted(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 1) + 2)


@question.misconception(
    text=Text(
        ko="Dense 층의 식으로 셌습니다. LSTM에는 그 밖에 무엇이 더 있는지 보세요.",
        en="That is the formula of a Dense layer. What else does an LSTM have?",
    ),
    section=LSTM_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def dense_formula(input_dim, budget):
    return budget // (input_dim + 1)


@question.misconception(
    text=Text(
        ko="층을 두 번 셌습니다. 이 층이 두 방향으로 읽는지 보세요.",
        en="The layer was counted twice. Does it read in two directions?",
    ),
    section=LSTM_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def both_directions(input_dim, budget):
    return most(budget, square=8, each=8 * (input_dim + 1))


@question.misconception(
    text=Text(
        ko="그 위에 Dense 유닛 하나를 더 셌습니다. 예산은 LSTM 층만의 것입니다.",
        en="A Dense unit on top was counted as well. Is it part of the LSTM layer?",
    ),
    fails=[fits_between_edges, fits_at_an_edge],
)
def dense_on_top(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 1) + 1, fixed=1)


@question.misconception(
    text=Text(
        ko="유닛을 두 배씩만 늘려 보았습니다. 그 사이의 개수도 들어갈 수 있는지 보세요.",
        en="The number of units was only ever doubled. Could a number in between fit?",
    ),
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def doubling_only(input_dim, budget):
    fitting = most(budget, square=4, each=4 * (input_dim + 1))
    return 1 << (fitting.bit_length() - 1) if fitting else 0


@question.misconception(
    text=Text(
        ko="짝수만 보았습니다. 범위의 간격이 얼마인지 보세요.",
        en="Only even numbers were tried. How wide are the steps of your range?",
    ),
    fails=[fits_between_edges, fits_at_an_edge],
)
def even_numbers_only(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 1)) // 2 * 2


@question.misconception(
    text=Text(
        ko="예산에 들어가는 개수 가운데 가장 작은 것을 돌려주었습니다. 처음 들어맞을 때 멈추지 않는지 보세요.",
        en="That is the smallest number that fits. Does your search stop at the first?",
    ),
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
)
def smallest_that_fits(input_dim, budget):
    return min(1, most(budget, square=4, each=4 * (input_dim + 1)))


@question.misconception(
    text=Text(
        ko="유닛이 하나도 들어가지 않을 때 -1입니다. 그때 무엇을 돌려주라고 했는지 문제에서 보세요.",
        en="Where no unit fits, this returns -1. What does the question say about that case?",
    ),
    fails=[gives_zero],
)
def minus_one_where_none_fits(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 1)) or -1


@question.misconception(
    text=Text(
        ko="유닛이 하나도 들어가지 않을 때 None을 돌려줍니다. 그때 무엇을 돌려주라고 했는지 문제에서 보세요.",
        en="Where no unit fits, this returns None. What does the question say about that case?",
    ),
    fails=[gives_zero],
)
def none_where_none_fits(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 1)) or None


@question.misconception(
    text=Text(
        ko="작은 예산에서는 맞지만 큰 예산에서는 맞지 않습니다. 범위나 반복에 끝이 정해져 있는지, 큰 수에서 "
        "끝자리를 잃는 실수(float)를 쓰는지 보세요.",
        en="Right for small budgets, wrong for large ones. Does your range or loop have a fixed end, or "
        "does a float lose digits with large numbers?",
    ),
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
    credit=2,
    seen_in=is_right_for_small_budgets,
)
def ends_too_early(input_dim, budget):
    return min(5_000, most(budget, square=4, each=4 * (input_dim + 1)))


@question.misconception(
    text=Text(
        ko="작은 예산에서는 맞지만 큰 예산에서 하나씩 어긋납니다. 큰 수에서 끝자리를 잃는 실수(float)로 "
        "계산하거나 비교하지 않는지 보세요.",
        en="Right for small budgets, off by one for some large ones. Do you compute or compare with floats, "
        "which lose the last digits of large numbers?",
    ),
    fails=[fits_at_an_edge],
    credit=3,
    seen_in=is_nearly_right,
)
def digits_lost(input_dim, budget):
    units = np.arange(1, 16_000, dtype=np.float32)
    return int((np.float32(4) * units * (units + np.float32(input_dim + 1)) <= np.float32(budget)).sum())


@question.misconception(
    text=Text(
        ko="유닛마다 수를 하나씩 더 셌습니다. `unit_forget_bias`가 편향을 더 만드는지, 상태가 학습되는 "
        "것인지 보세요.",
        en="There is one number too many for each unit. Does `unit_forget_bias` add biases, and are states "
        "learnt?",
    ),
    section=ARRAYS_SECTION,
    fails=[fits_between_edges, fits_at_an_edge],
)
def one_extra_bias(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 1) + 1)


@question.misconception(
    text=Text(
        ko="GRU의 식으로 셌습니다. LSTM의 게이트와 셀 후보를 하나씩 적고, 편향이 몇 세트인지 보세요.",
        en="That is the formula of a GRU. Write down the gates of an LSTM and its cell candidate, and see "
        "how many biases each has.",
    ),
    section=LSTM_SECTION,
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
    credit=1,
)
def gru_with_two_biases(input_dim, budget):
    return most(budget, square=3, each=3 * (input_dim + 2))


@question.misconception(
    text=Text(
        ko="예산이 하나 모자라는 층까지 들어가는 것으로 셌고, 그 밖에는 맞습니다. 반올림하거나 여유를 "
        "더하지 않았는지 보세요.",
        en="Right, except where the budget is one too small for a layer: that layer is counted as fitting. Is "
        "something rounded up, or a tolerance added?",
    ),
    fails=[fits_at_an_edge],
    seen_in=is_within_unless_one_short,
)
def one_short_counted_as_fitting(input_dim, budget):
    return int((math.sqrt((input_dim + 1) ** 2 + budget) - (input_dim + 1)) / 2 + 0.01)


@question.misconception(
    text=Text(
        ko="근의 공식에서 분자를 묶는 괄호가 빠져 제곱근만 나누었습니다. 무엇 전체를 나누려던 것인지 보세요.",
        en="In the quadratic formula the numerator has no brackets, so that only the root is divided. What did you "
        "mean to divide as a whole?",
    ),
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
    seen_in=is_only_the_root_halved,
)
def root_alone_divided(input_dim, budget):
    return max(0, int(math.sqrt((input_dim + 1) ** 2 + budget) / 2 - (input_dim + 1)))


@question.misconception(
    text=Text(
        ko="방정식을 푼 값의 네 배입니다. 근의 공식의 분모가 2a인데, 2로만 나누지 않았는지 보세요.",
        en="That is four times the solution of the equation. The denominator of the quadratic formula is 2a: did you "
        "divide by 2 alone?",
    ),
    fails=[is_within_one, fits_between_edges, fits_at_an_edge],
    seen_in=is_four_times_the_solution,
)
def divided_by_two_alone(input_dim, budget):
    return int(2 * (math.sqrt((input_dim + 1) ** 2 + budget) - (input_dim + 1)))

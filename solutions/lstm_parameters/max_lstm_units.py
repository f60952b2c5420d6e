"""Budget of parameters: how many units may an LSTM layer have?"""

import math

from autograder import Case, Question, Text, expect

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
- Where even one unit takes too many parameters, return 0.
- `input_dim` is a whole number of at least 1, `budget` one from 0 to a billion; return one whole number.
- Large budgets, too, have to be answered within seconds.
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
    sizes = [(9, 1), (1, 1), (1, 12), (33, 2)]
    sizes += [(int(dim), int(units)) for dim, units in rng.permutation(range(3, 65))[:10].reshape(5, 2)]
    # of the first, unlike some others, single floats hold neither the weights nor one less
    sizes += [(7, 9_001), (int(rng.integers(3, 400)), int(rng.integers(8_000, 14_000)))]
    exact = [(input_dim, 4 * units * (input_dim + units + 1)) for input_dim, units in sizes]
    at_the_edge = [Case(dim, weights + off) for dim, weights in exact for off in (-1, 0, 1)]
    # where layers counted without their biases, or without some, begin to fit
    too_cheap = [(dim, units, 4 * units * (dim + units)) for dim, units in sizes[5:8]]
    at_a_wrong_edge = [Case(dim, weights + off) for dim, units, weights in too_cheap for off in (0, 1, units)]
    return budgets + at_the_edge + at_a_wrong_edge


@question.check(
    points=2,
    text=Text(
        ko="어떤 예산이든 들어갈 수 있는 유닛의 개수가 맞는다",
        en="finds the largest number of units for any budget",
    ),
)
def fits_every_budget(got, case, want):
    expect.count(got, want)


def most(budget, *, square, each, fixed=0):
    """Largest n >= 0 with square * n * n + each * n + fixed <= budget; 0 where there is none."""
    inside = each * each + 4 * square * (budget - fixed)
    return max(0, (math.isqrt(max(0, inside)) - each) // (2 * square))


@question.misconception(
    text=Text(
        ko="예산보다 적게 쓰는 층만 셌습니다. 예산을 꼭 맞게 쓰는 층은 어떤지 문제에서 보세요.",
        en="You only took layers below the budget. What does the question say of a layer that uses the "
        "budget exactly?",
    ),
    fails=[fits_every_budget],
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
    fails=[fits_every_budget],
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
    fails=[fits_every_budget],
)
def one_too_few(input_dim, budget):
    return max(0, most(budget, square=4, each=4 * (input_dim + 1)) - 1)


@question.misconception(
    text=Text(
        ko="유닛이 하나도 들어가지 않을 때에도 1을 돌려주었습니다. 하나짜리 층이 예산을 넘는지 먼저 보세요.",
        en="You returned 1 where no unit fits. See first whether a layer of one unit is within the budget.",
    ),
    fails=[fits_every_budget],
)
def at_least_one_unit(input_dim, budget):
    return max(1, most(budget, square=4, each=4 * (input_dim + 1)))


@question.misconception(
    text=Text(
        ko="식을 푼 값을 가장 가까운 정수로 반올림했습니다. 반올림한 값이 커지면 그 층은 예산을 넘습니다.",
        en="You rounded the solution of the equation to the nearest whole number. Where that goes up, "
        "the layer is over the budget.",
    ),
    fails=[fits_every_budget],
)
def rounded_to_nearest(input_dim, budget):
    return round((math.sqrt((input_dim + 1) ** 2 + budget) - (input_dim + 1)) / 2)


@question.misconception(
    text=Text(
        ko="식을 푼 값을 올림했습니다. 꼭 맞아떨어지지 않으면 예산을 넘습니다.",
        en="You rounded the solution of the equation up. Unless it comes out even, the layer is over the "
        "budget.",
    ),
    fails=[fits_every_budget],
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
    fails=[fits_every_budget],
)
def part_of_a_unit(input_dim, budget):
    return (math.sqrt((input_dim + 1) ** 2 + budget) - (input_dim + 1)) / 2


@question.misconception(
    text=Text(
        ko="유닛의 개수가 아니라 그 층의 파라미터 개수를 돌려주었습니다.",
        en="You returned how many parameters that layer has, in the place of how many units.",
    ),
    fails=[fits_every_budget],
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
    fails=[fits_every_budget],
)
def every_unit_costs_the_same(input_dim, budget):
    return budget // (4 * (input_dim + 2))


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨리고 셌습니다. 게이트와 셀 후보마다 유닛 하나에 편향이 하나씩 있습니다.",
        en="The count is without biases. Each gate, and the cell candidate, has one for every unit.",
    ),
    fails=[fits_every_budget],
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
    fails=[fits_every_budget],
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
    fails=[fits_every_budget],
)
def no_input_weights(input_dim, budget):
    return most(budget, square=4, each=4)


@question.misconception(
    text=Text(
        ko="순환 가중치만 셌습니다. 입력에 곱하는 가중치와 편향도 예산에서 나갑니다.",
        en="You counted the recurrent weights alone. The weights of the input and the biases are paid "
        "from the budget as well.",
    ),
    fails=[fits_every_budget],
)
def recurrent_weights_only(input_dim, budget):
    return math.isqrt(budget // 4)


@question.misconception(
    text=Text(
        ko="가중치와 편향을 한 벌만 셌습니다. 게이트와 셀 후보를 하나씩 적어 보고, 저마다 한 벌씩 있는지 "
        "보세요.",
        en="One set of weights and biases was counted. Write down the gates and the cell candidate: has "
        "each a set of its own?",
    ),
    fails=[fits_every_budget],
)
def one_gate_of_four(input_dim, budget):
    return most(budget, square=1, each=input_dim + 1)


@question.misconception(
    text=Text(
        ko="가중치를 세 벌만 셌습니다. 셀 상태에 새로 쓸 값이 어디에서 나오는지 보세요.",
        en="You counted three sets of weights. Where does the value written to the cell state come from?",
    ),
    fails=[fits_every_budget],
)
def three_gates(input_dim, budget):
    return most(budget, square=3, each=3 * (input_dim + 1))


@question.misconception(
    text=Text(
        ko="편향을 두 벌 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 다릅니다.",
        en="You counted the bias twice. That is how PyTorch's LSTM has it, not Keras's.",
    ),
    fails=[fits_every_budget],
)
def two_biases(input_dim, budget):
    return most(budget, square=4, each=4 * (input_dim + 2))


@question.misconception(
    text=Text(
        ko="유닛의 개수와 입력의 크기를 바꾸어 썼습니다. 은닉 상태의 길이를 정하는 것이 어느 쪽인지 보세요.",
        en="The number of units and the size of the input are swapped. Which of them sets the length of "
        "the hidden state?",
    ),
    fails=[fits_every_budget],
)
def units_and_input_dim_swapped(input_dim, budget):
    return max(0, budget // (4 * input_dim) - input_dim - 1)


@question.misconception(
    text=Text(
        ko="입력 가중치만 게이트마다 두고 순환 가중치와 편향은 한 벌만 셌습니다. 세 배열의 마지막 축을 서로 "
        "비교해 보세요.",
        en="You counted input weights for every gate, but only one set of recurrent weights and biases. "
        "Compare the last axis of the three arrays.",
    ),
    fails=[fits_every_budget],
)
def only_kernel_for_every_gate(input_dim, budget):
    return most(budget, square=1, each=4 * input_dim + 1)

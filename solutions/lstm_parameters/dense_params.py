"""Dense layer of any size: how many parameters does it hold?"""

from autograder import Case, Question, Term, Text, expect

from ._shared import (
    BIAS_AS_LONG_AS_INPUT,
    DENSE_SECTION,
    ONE_UNIT_ONLY,
)

question = Question(
    title=Text(ko="Dense 층의 파라미터 개수", en="Parameters of a Dense layer"),
    statement=Text(
        ko="""
`input_dim`개의 수를 읽는 Dense 층의 유닛이 `units`개일 때, 학습되는 파라미터의 개수를 돌려주는 함수
`dense_params(input_dim, units)`를 완성하세요. Keras의 기본 설정(`use_bias=True`)을 따릅니다.

- 인수는 모두 1 이상의 정수이고, 정수 하나를 돌려줍니다.
- TensorFlow 없이 채점하므로 식을 쓰세요.
""",
        en="""
Complete `dense_params(input_dim, units)` so that it returns how many parameters a Dense layer of `units` units
learns when it reads `input_dim` numbers. Keras's defaults apply (`use_bias=True`).

- Both arguments are whole numbers of at least 1; return one whole number.
- This is graded without TensorFlow: write the formula.
""",
    ),
    source="lecture notebook, LSTM problem 2",
    sample=(3, 4),
    returns="int",
    terms=(
        Term("units*input_dim", Text(ko="입력에 곱하는 가중치", en="weights of the input")),
        Term("units", Text(ko="편향", en="biases")),
        Term("units*units"),
        Term("units*units*input_dim"),
        Term("input_dim"),
        Term("1"),
    ),
    section=DENSE_SECTION,
)


@question.answer
def dense_params(input_dim, units):
    """Number of parameters of a Dense layer.

    input_dim, units: int >= 1. Returns int.
    Dense 층의 파라미터 개수를 정수로 돌려줍니다.
    """
    return input_dim * units + units


@question.example
def example(dense_params):
    assert dense_params(3, 4) == 16
    assert dense_params(9, 1) == 10


@question.cases
def cases(rng):
    edges = [Case(1, 6), Case(7, 1), Case(5, 5), Case(300, 257)]
    sizes = rng.permutation(range(2, 65))[:16].reshape(8, 2)
    return edges + [Case(int(input_dim), int(units)) for input_dim, units in sizes]


@question.check(
    points=1,
    text=Text(ko="어떤 크기의 층이든 개수가 맞는다", en="counts the parameters of a layer of any size"),
)
def counts_every_layer(got, case, want):
    expect.count(got, want)


@question.misconception(
    text=Text(
        ko="편향(bias)을 빠뜨렸습니다. Dense의 유닛에도 하나씩 있습니다.",
        en="The bias is missing: the units of a Dense layer have one each.",
    ),
    fails=[counts_every_layer],
)
def no_bias(input_dim, units):
    return input_dim * units


@question.misconception(
    text=Text(
        ko="층 전체에 편향을 하나만 셌습니다. 편향이 유닛마다 있는지 보세요.",
        en="You counted one bias for the whole layer. Does each unit have its own?",
    ),
    fails=[counts_every_layer],
)
def one_bias_in_all(input_dim, units):
    return input_dim * units + 1


@question.misconception(
    text=Text(
        ko="Dense에도 게이트가 있는 것처럼 네 배를 했습니다. Dense에는 게이트가 없습니다.",
        en="You multiplied the count by four, as if a Dense layer had gates. It has none.",
    ),
    fails=[counts_every_layer],
)
def gates_counted(input_dim, units):
    return 4 * (input_dim * units + units)


@question.misconception(
    text=Text(
        ko="순환 가중치까지 셌습니다. Dense는 이전 시점의 자기 출력을 다시 읽지 않습니다.",
        en="You counted recurrent weights. A Dense layer does not read its own previous output.",
    ),
    fails=[counts_every_layer],
)
def recurrent_weights_added(input_dim, units):
    return units * (input_dim + units + 1)


@question.misconception(text=BIAS_AS_LONG_AS_INPUT, fails=[counts_every_layer])
def bias_as_long_as_input(input_dim, units):
    return input_dim * units + input_dim


@question.misconception(
    text=Text(
        ko="모두 두 번 셌습니다. Dense의 가중치 배열은 kernel과 bias 하나씩입니다.",
        en="You counted everything twice. A Dense layer holds one kernel and one bias.",
    ),
    fails=[counts_every_layer],
)
def everything_doubled(input_dim, units):
    return 2 * (input_dim * units + units)


@question.misconception(
    text=Text(
        ko="입력의 크기와 유닛의 개수를 곱하지 않고 더했습니다. 유닛마다 입력 전체에 곱하는 가중치가 "
        "있습니다.",
        en="You added the size of the input and the number of units instead of multiplying. Each unit "
        "has weights for the whole input.",
    ),
    fails=[counts_every_layer],
)
def sum_for_product(input_dim, units):
    return input_dim + units + 1


@question.misconception(text=ONE_UNIT_ONLY, fails=[counts_every_layer])
def one_unit_only(input_dim, units):
    return input_dim + 1


@question.misconception(
    text=Text(
        ko="Dense가 읽는 수를 두 배로 셌습니다. Dense에 들어오는 수가 몇 개인지 다시 보세요.",
        en="The Dense layer was counted as reading twice as many numbers. How many does it get?",
    ),
    fails=[counts_every_layer],
)
def both_states_read(input_dim, units):
    return 2 * input_dim * units + units


@question.misconception(
    text=Text(
        ko="LSTM의 식으로 셌습니다. 네 세트의 가중치와 순환 가중치가 Dense에도 있는지, Dense의 식 y = xW + "
        "b를 보세요.",
        en="That is the formula of an LSTM. Look at y = xW + b: does a Dense layer have four sets of "
        "weights, or recurrent ones?",
    ),
    fails=[counts_every_layer],
)
def lstm_formula(input_dim, units):
    return 4 * units * (input_dim + units + 1)


@question.misconception(
    text=Text(
        ko="편향을 두 세트 셌습니다. y = xW + b에 b가 몇 번 나오는지 보세요.",
        en="The bias was counted twice. How often does b occur in y = xW + b?",
    ),
    fails=[counts_every_layer],
)
def two_biases(input_dim, units):
    return input_dim * units + 2 * units


@question.misconception(
    text=Text(
        ko="입력의 크기 자리에 유닛 수를 썼습니다. Dense의 유닛이 무엇을 읽는지 보세요.",
        en="You used the number of units instead of the size of the input. What does a unit of a Dense "
        "layer read?",
    ),
    fails=[counts_every_layer],
)
def input_as_long_as_units(input_dim, units):
    return units * (units + 1)


@question.misconception(
    text=Text(
        ko="괄호가 없어서 유닛의 개수가 편향에만 곱해집니다. 무엇과 무엇을 더한 다음에 곱하려고 했나요?",
        en="Without brackets the number of units multiplies the bias alone. What did you mean to add up first?",
    ),
    fails=[counts_every_layer],
)
def no_brackets(input_dim, units):
    return input_dim + 1 * units

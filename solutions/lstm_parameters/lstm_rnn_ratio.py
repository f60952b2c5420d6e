"""LSTM against SimpleRNN: how many times as large is the layer, and how many times the whole tagger?"""

import math
from fractions import Fraction

from autograder import Case, Fail, Question, Text, expect

from ._shared import (
    ARRAYS_SECTION,
    DENSE_SECTION,
    LSTM_SECTION,
    MODELS_SECTION,
    NO_DENSE_BIAS,
    RNN_SECTION,
)

question = Question(
    title=Text(ko="층은 몇 배, 모델은 몇 배?", en="How many times: the layer and the model"),
    statement=Text(
        ko="""
시점마다 수를 `input_dim`개씩 읽고 시점마다 태그 `n_tags`개의 확률을 내는 태깅 모델을 두 가지로 만듭니다. 하나는
`LSTM(units, return_sequences=True)`, 다른 하나는 `SimpleRNN(units, return_sequences=True)`이고, 두 모델 모두 그
위에 `Dense(n_tags, activation="softmax")`가 있습니다. 두 비율을 `(층의 비율, 모델의 비율)`의 순서로 돌려주는
함수 `lstm_rnn_ratio(input_dim, units, n_tags)`를 완성하세요.

- 층의 비율은 LSTM 층의 파라미터 개수가 SimpleRNN 층의 몇 배인지입니다.
- 모델의 비율은 LSTM으로 만든 모델 전체의 파라미터 개수가 SimpleRNN으로 만든 모델 전체의 몇 배인지입니다.
- `input_dim`과 `units`는 1 이상, `n_tags`는 2 이상의 정수이고, 나머지는 Keras의 기본 설정을 따릅니다.
- 비율은 나눈 값 그대로이고, 반올림하지 않습니다. `fractions.Fraction`으로 돌려주어도 됩니다.
- TensorFlow 없이 채점하므로 식을 쓰세요. 앞에서 만든 함수를 불러도 됩니다.
""",
        en="""
A tagger reads `input_dim` numbers at each time step and gives the probabilities of `n_tags` tags at each. It is
built in two ways, with an `LSTM(units, return_sequences=True)` and with a `SimpleRNN(units, return_sequences=True)`;
both models have a `Dense(n_tags, activation="softmax")` on top. Complete `lstm_rnn_ratio(input_dim, units, n_tags)`
so that it returns two ratios, `(ratio of the layers, ratio of the models)`.

- The ratio of the layers is the number of parameters of the LSTM layer divided by that of the SimpleRNN layer.
- The ratio of the models is the number of parameters of the whole LSTM tagger divided by that of the whole SimpleRNN
  tagger.
- `input_dim` and `units` are whole numbers of at least 1, `n_tags` of at least 2; otherwise Keras's defaults apply.
- Return each ratio unrounded; a `fractions.Fraction` is fine, too.
- This is graded without TensorFlow: write the formula. You may call the functions you wrote above.
""",
    ),
    source='lecture notebook: "an LSTM has about 4 times the parameters of an RNN"',
    sample=(4, 3, 3),
    returns="float",
    parts=2,
)


@question.answer
def lstm_rnn_ratio(input_dim, units, n_tags):
    """How many times the parameters of a SimpleRNN an LSTM has: of the layer alone, of the whole tagger.

    input_dim, units: int >= 1. n_tags: int >= 2. Returns a pair of numbers, (layers, models).
    층의 비율과 모델의 비율을 순서대로 담은 튜플을 돌려줍니다.
    """
    rnn = units * (input_dim + units + 1)
    lstm = 4 * rnn
    dense = n_tags * (units + 1)
    return lstm / rnn, (lstm + dense) / (rnn + dense)


@question.example
def example(lstm_rnn_ratio):
    of_layers, of_models = lstm_rnn_ratio(4, 3, 3)
    assert of_layers == 4
    assert abs(of_models - 3) < 1e-9


@question.cases
def cases(rng):
    edges = [Case(1, 1, 2), Case(1, 6, 2), Case(7, 1, 4), Case(5, 5, 5), Case(300, 64, 17), Case(2, 3, 250)]
    sizes = rng.permutation(range(2, 65))[:30].reshape(10, 3)
    return edges + [Case(*(int(size) for size in row)) for row in sizes]


PAIR = Text(ko="두 비율을 담은 튜플", en="a tuple of two ratios")


def pair(got):
    """The two ratios that `got` holds, or `Fail`."""
    ratios = expect.sequence(got, PAIR)
    if len(ratios) != 2:
        raise Fail(
            Text(
                ko="비율이 둘이어야 합니다. 층의 비율, 모델의 비율의 순서로 돌려주세요.",
                en="there should be two ratios: that of the layers, then that of the models",
            )
        )
    return ratios


def by_a_quarter(case, want):
    """The ratios that follow from the same LSTM where the SimpleRNN is a quarter of it, as one who forgot the biases in
    both counts it; `want` where it is that of right functions.
    """
    if not isinstance(want[1], Fraction) or want[1] == 1:
        return want
    input_dim, units, _ = case.args
    rnn = units * (input_dim + units + 1)
    lstm = want[0] * rnn
    dense = (lstm - want[1] * rnn) / (want[1] - 1)
    return 4, (lstm + dense) / (lstm / 4 + dense)


def compare(got, case, want, place):
    """One of the two ratios is right."""
    try:
        expect.ratio(pair(got)[place], want[place])
    except Fail:
        expect.ratio(pair(got)[place], by_a_quarter(case, want)[place])


# The layers alone would be answered by the lecture's own sentence, so the models carry most of the points.
@question.check(
    points=0.5,
    text=Text(ko="층의 비율이 맞는다", en="the ratio of the layers is right"),
)
def compares_layers(got, case, want):
    compare(got, case, want, 0)


@question.check(
    points=1.5,
    text=Text(ko="모델의 비율이 맞는다", en="the ratio of the whole models is right"),
)
def compares_models(got, case, want):
    compare(got, case, want, 1)


@question.follows("lstm_params", "dense_params")
def by_own(lstm_params, dense_params, input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    lstm, dense = lstm_params(input_dim, units), dense_params(units, n_tags)
    return Fraction(lstm) / rnn, Fraction(lstm + dense) / (rnn + dense)


def is_rounded(got, case, want):
    """Seen in the models' ratio: what is wanted, rounded to three places or more, or cut after two or more."""
    of_models = pair(got)[1]
    rounded = [round(want[1], places) for places in range(3, 10)]
    cut = [math.floor(want[1] * 10**places) / 10**places for places in range(2, 10)]
    expect.shown(isinstance(of_models, float) and of_models in rounded + cut)


def lacks_brackets(got, case, want):
    """Seen in the models' ratio: numerator, denominator or both are not in brackets."""
    input_dim, units, n_tags = case.args
    rnn, dense = units * (input_dim + units + 1), n_tags * (units + 1)
    lost = (4 * rnn + dense / rnn + dense, (4 * rnn + dense) / rnn + dense, 4 * rnn + dense / (rnn + dense))
    of_models = pair(got)[1]
    expect.shown(isinstance(of_models, float) and any(math.isclose(of_models, one) for one in lost))


# What the mistakes at the end leave as it should be.


def ratios(input_dim, units, n_tags, *, dense=None, sets=4):
    """Both ratios, with another count of the Dense layer, or of the sets of weights in the LSTM."""
    rnn = units * (input_dim + units + 1)
    top = n_tags * (units + 1) if dense is None else dense
    return sets, (sets * rnn + top) / (rnn + top)


@question.misconception(
    text=Text(
        ko="모델도 층과 같은 비율이라고 했습니다. 순환층을 바꾸어도 그대로인 층이 모델에 있는지 보세요.",
        en="You gave the models the ratio of the layers. Is there a layer in the model that stays as it "
        "is when the recurrent layer is replaced?",
    ),
    fails=[compares_models],
)
def same_for_models(input_dim, units, n_tags):
    return 4, 4


@question.misconception(text=NO_DENSE_BIAS, section=DENSE_SECTION, fails=[compares_models])
def no_dense_bias(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * units
    return 4, (4 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="Dense 층 전체에 편향을 하나만 셌습니다. 편향이 유닛마다 있는지 보세요.",
        en="You counted one bias for the whole Dense layer. Does each unit have its own?",
    ),
    section=DENSE_SECTION,
    fails=[compares_models],
)
def one_dense_bias(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * units + 1
    return 4, (4 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="순환층의 편향(bias)을 빠뜨렸습니다. 층의 비율에는 드러나지 않지만 모델의 비율은 달라집니다.",
        en="The biases of the recurrent layers are missing. The ratio of the layers does not show it; "
        "that of the models does.",
    ),
    section=RNN_SECTION,
    fails=[compares_models],
)
def no_recurrent_layer_bias(input_dim, units, n_tags):
    rnn = units * (input_dim + units)
    dense = n_tags * (units + 1)
    return 4, (4 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="모든 층에서 편향(bias)을 빠뜨렸습니다. 층의 비율에는 드러나지 않지만 모델의 비율은 달라집니다.",
        en="The biases of all layers are missing. The ratio of the layers does not show it; that of the "
        "models does.",
    ),
    section=RNN_SECTION,
    fails=[compares_models],
)
def no_bias_anywhere(input_dim, units, n_tags):
    rnn = units * (input_dim + units)
    dense = n_tags * units
    return 4, (4 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="두 순환층에서 순환 가중치(recurrent kernel)를 빠뜨렸습니다. 층이 시점마다 입력 말고 무엇을 더 "
        "읽는지 보세요.",
        en="The recurrent weights are missing in both recurrent layers. Besides its input, what else "
        "does such a layer read at every time step?",
    ),
    section=RNN_SECTION,
    fails=[compares_models],
)
def no_recurrent_weights(input_dim, units, n_tags):
    rnn = units * (input_dim + 1)
    dense = n_tags * (units + 1)
    return 4, (4 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="순환층에서 유닛의 개수와 입력의 크기를 바꾸어 썼습니다. 은닉 상태의 길이를 정하는 것이 어느 "
        "쪽인지 보세요.",
        en="In the recurrent layers, the number of units and the size of the input are swapped. Which "
        "of them sets the length of the hidden state?",
    ),
    section=RNN_SECTION,
    fails=[compares_models],
)
def units_and_input_dim_swapped(input_dim, units, n_tags):
    rnn = input_dim * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return 4, (4 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="Dense가 모델의 입력을 읽는 것으로 셌습니다. Dense 바로 아래에 어느 층이 있는지 보세요.",
        en="You counted the Dense layer as reading the model's input. Which layer is right below it?",
    ),
    section=DENSE_SECTION,
    fails=[compares_models],
)
def dense_reads_the_input(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (input_dim + 1)
    return 4, (4 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="LSTM 위의 Dense가 셀 상태까지 읽는 것으로 셌습니다. LSTM이 위층으로 내보내는 것이 무엇인지 보세요.",
        en="You counted the Dense layer on the LSTM as reading the cell state as well. What does an LSTM pass to "
        "the layer above?",
    ),
    section=DENSE_SECTION,
    fails=[compares_models],
)
def dense_reads_both_states(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return 4, (4 * rnn + dense + n_tags * units) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="Dense 층을 LSTM 모델에서만 셌습니다. SimpleRNN 모델에도 Dense가 있습니다.",
        en="You counted the Dense layer in the LSTM model only. The SimpleRNN model has one too.",
    ),
    section=MODELS_SECTION,
    fails=[compares_models],
)
def dense_in_the_lstm_model_only(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    return 4, (4 * rnn + n_tags * (units + 1)) / rnn


@question.misconception(
    text=Text(
        ko="Dense 층을 SimpleRNN 모델에서만 셌습니다. LSTM 모델에도 Dense가 있습니다.",
        en="You counted the Dense layer in the SimpleRNN model only. The LSTM model has one too.",
    ),
    section=MODELS_SECTION,
    fails=[compares_models],
)
def dense_in_the_rnn_model_only(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    return 4, 4 * rnn / (rnn + n_tags * (units + 1))


@question.misconception(
    text=Text(
        ko="층마다 비율을 구해 평균을 냈습니다. 모델의 비율은 먼저 개수를 모두 더하고 나서 나눕니다.",
        en="You averaged the ratios of the single layers. For the models, add up the counts first and "
        "divide afterwards.",
    ),
    fails=[compares_models],
)
def mean_of_ratios(input_dim, units, n_tags):
    return 4, 2.5


@question.misconception(
    text=Text(
        ko="비율을 소수점 아래 둘째 자리로 반올림했습니다. 나눈 값을 그대로 돌려주세요.",
        en="The ratios are rounded to two places. Return them unrounded.",
    ),
    fails=[compares_models],
    credit=1.75,
)
def rounded_to_hundredths(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return 4, round((4 * rnn + dense) / (rnn + dense), 2)


@question.misconception(
    text=Text(
        ko="비율을 소수점 아래 첫째 자리로 반올림했습니다. 나눈 값을 그대로 돌려주세요.",
        en="The ratios are rounded to one place. Return them unrounded.",
    ),
    fails=[compares_models],
    credit=1.5,
)
def rounded_to_tenths(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return 4, round((4 * rnn + dense) / (rnn + dense), 1)


@question.misconception(
    text=Text(
        ko="비율이 정수로 잘렸습니다. 파이썬에서 `//`나 `int`는 소수점 아래를 버립니다.",
        en="The ratio is cut to a whole number. In Python, `//` and `int` drop the digits after the point.",
    ),
    fails=[compares_models],
)
def cut_to_whole_numbers(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return 4, (4 * rnn + dense) // (rnn + dense)


@question.misconception(
    text=Text(
        ko="LSTM의 가중치를 세 세트만 셌습니다. 셀 상태에 새로 쓸 값이 어디에서 나오는지 보세요.",
        en="You counted three sets of weights in the LSTM. Where does the value written to the cell "
        "state come from?",
    ),
    section=LSTM_SECTION,
    fails=[compares_layers, compares_models],
    credit=0.5,
)
def three_gates(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return 3, (3 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="LSTM의 편향을 두 세트 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 다릅니다.",
        en="You counted two sets of biases in the LSTM. PyTorch's LSTM has two, Keras's has one.",
    ),
    section=ARRAYS_SECTION,
    fails=[compares_layers, compares_models],
)
def two_biases(input_dim, units, n_tags):
    lstm = 4 * units * (input_dim + units + 2)
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return lstm / rnn, (lstm + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="SimpleRNN을 Dense처럼 셌습니다. SimpleRNN도 이전 시점의 은닉 상태를 다시 읽습니다.",
        en="You counted the SimpleRNN as a Dense layer. It, too, reads back its hidden state.",
    ),
    section=RNN_SECTION,
    fails=[compares_layers, compares_models],
)
def rnn_counted_as_dense(input_dim, units, n_tags):
    lstm = 4 * units * (input_dim + units + 1)
    rnn = units * (input_dim + 1)
    dense = n_tags * (units + 1)
    return lstm / rnn, (lstm + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="거꾸로 나누었습니다. LSTM이 SimpleRNN의 몇 배인지를 묻습니다.",
        en="You divided the other way round. The question is how many times as large the LSTM is.",
    ),
    fails=[compares_layers, compares_models],
)
def upside_down(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return 1 / 4, (rnn + dense) / (4 * rnn + dense)


@question.misconception(
    text=Text(
        ko="두 비율의 순서가 바뀌었습니다. 층의 비율이 앞입니다.",
        en="The two ratios are in the wrong order: that of the layers comes first.",
    ),
    fails=[compares_layers, compares_models],
)
def models_first(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return (4 * rnn + dense) / (rnn + dense), 4


@question.misconception(
    text=Text(
        ko="비율이 아니라 차이를 돌려주었습니다. 몇 배인지는 나누어야 나옵니다.",
        en="You returned differences. How many times as large something is comes from a division.",
    ),
    fails=[compares_layers, compares_models],
)
def differences(input_dim, units, n_tags):
    more = 3 * units * (input_dim + units + 1)
    return more, more


@question.misconception(
    text=Text(
        ko="비율이 아니라 두 모델의 개수를 돌려주었습니다. 한 개수를 다른 개수로 나누세요.",
        en="You returned the counts of the two models instead of ratios. Divide one count by another.",
    ),
    fails=[compares_layers, compares_models],
)
def counts_of_the_models(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return 4 * rnn + dense, rnn + dense


@question.misconception(
    text=Text(
        ko="모델의 비율 하나만 돌려주었습니다. 층의 비율과 함께 튜플로 돌려주세요.",
        en="You returned the ratio of the models alone. Return both, that of the layers first, as a tuple.",
    ),
    fails=[compares_layers, compares_models],
)
def ratio_of_models_alone(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return (4 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="층의 비율 하나만 돌려주었습니다. 모델의 비율과 함께 튜플로 돌려주세요.",
        en="You returned the ratio of the layers alone. Return both, that of the layers first, as a tuple.",
    ),
    fails=[compares_layers, compares_models],
)
def ratio_of_layers_alone(input_dim, units, n_tags):
    return 4


@question.misconception(
    text=Text(
        ko="모델의 비율을 언제나 3이라고 했습니다. 3배는 강의의 모델에서 나온 값입니다. 크기가 바뀌면 "
        "어떻게 되는지 보세요.",
        en="You returned 3 for the models, whatever their sizes. That is the ratio of the lecture's models: what "
        "is it with other sizes?",
    ),
    fails=[compares_models],
)
def three_for_models(input_dim, units, n_tags):
    return 4, 3


@question.misconception(
    text=Text(
        ko="두 비율이 언제나 3입니다. 강의 모델의 표에서 층의 비율과 모델의 비율을 비교해 보세요.",
        en="Both ratios are always 3. Compare the layer and the whole model in the lecture's table.",
    ),
    section=MODELS_SECTION,
    fails=[compares_layers, compares_models],
)
def three_for_both(input_dim, units, n_tags):
    return 3, 3


@question.misconception(
    text=Text(
        ko="모델의 비율을 층의 비율 자리에도 적었습니다. 층의 비율에는 Dense가 들어가지 않습니다.",
        en="The ratio of the models is in both places. Does the Dense layer belong in the ratio of the "
        "layers?",
    ),
    fails=[compares_layers],
)
def ratio_of_models_twice(input_dim, units, n_tags):
    _, of_models = ratios(input_dim, units, n_tags)
    return of_models, of_models


@question.misconception(
    text=Text(
        ko="층마다의 비율을 더했습니다. 모델의 비율은 먼저 개수를 모두 더하고 나서 나눕니다.",
        en="The ratios of the single layers were added. For the models, add up the counts first and divide "
        "afterwards.",
    ),
    fails=[compares_models],
)
def sum_of_ratios(input_dim, units, n_tags):
    return 4, 5


@question.misconception(
    text=Text(
        ko="괄호가 빠져, 나눗셈이 바로 옆의 개수에만 걸렸습니다. 무엇을 무엇으로 나누려던 것인지 보세요.",
        en="Brackets are missing: the division takes only a count beside it. What did you mean to divide by what?",
    ),
    fails=[compares_models],
    seen_in=lacks_brackets,
)
def brackets_missing_in_quotient(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    dense = n_tags * (units + 1)
    return 4, 4 * rnn + dense / rnn + dense


@question.misconception(
    text=Text(
        ko="비율을 정수로 반올림했습니다. 나눈 값을 그대로 돌려주세요.",
        en="The ratios are rounded to whole numbers. Return them unrounded.",
    ),
    fails=[compares_models],
)
def rounded_to_whole(input_dim, units, n_tags):
    of_layers, of_models = ratios(input_dim, units, n_tags)
    return of_layers, round(of_models)


@question.misconception(
    text=Text(
        ko="LSTM의 가중치를 두 세트만 셌습니다. 게이트와 셀 후보를 하나씩 적어 보세요.",
        en="Two sets of weights were counted in the LSTM. Write down its gates and its cell candidate, one "
        "by one.",
    ),
    section=LSTM_SECTION,
    fails=[compares_layers, compares_models],
    credit=0.5,
)
def two_gates(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, sets=2)


@question.misconception(
    text=Text(
        ko="LSTM의 가중치를 한 세트 더 셌습니다. 셀 상태에 학습되는 것이 있는지 보세요.",
        en="One set of weights too many was counted in the LSTM. Is anything in the cell state learnt?",
    ),
    section=LSTM_SECTION,
    fails=[compares_layers, compares_models],
    credit=0.5,
)
def cell_state_as_a_fifth(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, sets=5)


@question.misconception(
    text=Text(
        ko="LSTM에서만 편향을 빠뜨렸습니다. SimpleRNN과 다르게 셀 이유가 있는지 보세요.",
        en="The biases are missing in the LSTM alone. Is there a reason to count it differently from the "
        "SimpleRNN?",
    ),
    section=LSTM_SECTION,
    fails=[compares_layers, compares_models],
)
def no_bias_in_the_lstm(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    lstm, dense = 4 * units * (input_dim + units), n_tags * (units + 1)
    return lstm / rnn, (lstm + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="SimpleRNN에서만 편향을 빠뜨렸습니다. LSTM과 다르게 셀 이유가 있는지 보세요.",
        en="The biases are missing in the SimpleRNN alone. Is there a reason to count it differently "
        "from the LSTM?",
    ),
    section=RNN_SECTION,
    fails=[compares_layers, compares_models],
)
def no_bias_in_the_rnn(input_dim, units, n_tags):
    rnn = units * (input_dim + units)
    lstm, dense = 4 * units * (input_dim + units + 1), n_tags * (units + 1)
    return lstm / rnn, (lstm + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="LSTM의 편향을 한 세트만 셌습니다. 게이트와 셀 후보가 편향을 함께 쓰는지 보세요.",
        en="The biases of the LSTM were counted once for the whole layer. Do the gates and the cell "
        "candidate share them?",
    ),
    section=ARRAYS_SECTION,
    fails=[compares_layers, compares_models],
)
def one_bias_for_all_gates(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    lstm, dense = 4 * units * (input_dim + units) + units, n_tags * (units + 1)
    return lstm / rnn, (lstm + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="LSTM의 은닉 상태와 셀 상태의 길이를 더했습니다. 상태가 학습되는 것인지 보세요.",
        en="The lengths of the LSTM's hidden state and cell state were added. Are states learnt?",
    ),
    section=LSTM_SECTION,
    fails=[compares_layers, compares_models],
)
def states_counted(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    lstm, dense = 4 * rnn + 2 * units, n_tags * (units + 1)
    return lstm / rnn, (lstm + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="비율이 아니라 두 층의 개수를 돌려주었습니다. 한 개수를 다른 개수로 나누세요.",
        en="These are the counts of the two layers instead of ratios. Divide one count by another.",
    ),
    fails=[compares_layers, compares_models],
)
def counts_of_the_layers(input_dim, units, n_tags):
    rnn = units * (input_dim + units + 1)
    return 4 * rnn, rnn


@question.misconception(
    text=Text(
        ko="비율에 100을 곱했습니다. 몇 배인지를 묻습니다.",
        en="The ratios are percentages. The question is how many times as large the LSTM is.",
    ),
    fails=[compares_layers, compares_models],
)
def percent(input_dim, units, n_tags):
    of_layers, of_models = ratios(input_dim, units, n_tags)
    return 100 * of_layers, 100 * of_models


@question.misconception(
    text=Text(
        ko="비율에서 1을 뺐습니다. 얼마나 더 큰지가 아니라 몇 배인지를 묻습니다.",
        en="You subtracted 1 from each ratio. The question is not how much larger the LSTM is, but how many "
        "times as large.",
    ),
    fails=[compares_layers, compares_models],
)
def how_much_more(input_dim, units, n_tags):
    of_layers, of_models = ratios(input_dim, units, n_tags)
    return of_layers - 1, of_models - 1


@question.misconception(
    text=Text(
        ko="모델의 비율 대신 LSTM 모델에서 LSTM 층이 차지하는 비율을 구했습니다. 무엇을 무엇으로 나눌지 보세요.",
        en="That is the share of the LSTM layer in its own model. Which two counts should be divided?",
    ),
    fails=[compares_models],
)
def part_of_the_lstm_model(input_dim, units, n_tags):
    lstm = 4 * units * (input_dim + units + 1)
    return 4, lstm / (lstm + n_tags * (units + 1))


@question.misconception(
    text=Text(
        ko="모델의 비율만 거꾸로 나누었습니다. LSTM 모델이 SimpleRNN 모델의 몇 배인지를 묻습니다.",
        en="The ratio of the models is divided the other way round. How many times as large is the LSTM model?",
    ),
    fails=[compares_models],
)
def models_upside_down(input_dim, units, n_tags):
    of_layers, of_models = ratios(input_dim, units, n_tags)
    return of_layers, 1 / of_models


@question.misconception(
    text=Text(
        ko="모델의 비율 대신 두 개수의 차이를 구했습니다. 몇 배인지는 나누어야 나옵니다.",
        en="For the models you took the difference of two counts. How many times as large something is "
        "comes from a division.",
    ),
    fails=[compares_models],
)
def difference_of_the_models(input_dim, units, n_tags):
    return 4, 3 * units * (input_dim + units + 1)


@question.misconception(
    text=Text(
        ko="Dense의 순환 가중치까지 셌습니다. Dense가 이전 시점의 자기 출력을 다시 읽는지 보세요.",
        en="Recurrent weights were counted in the Dense layer. Does it read its own previous output?",
    ),
    section=DENSE_SECTION,
    fails=[compares_models],
)
def dense_with_recurrent_weights(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, dense=n_tags * (units + n_tags + 1))


@question.misconception(
    text=Text(
        ko="Dense에도 게이트가 있는 것처럼 네 배를 했습니다. Dense에 게이트가 있는지 보세요.",
        en="You multiplied the count of the Dense layer by four. Does it have gates?",
    ),
    section=DENSE_SECTION,
    fails=[compares_models],
)
def dense_times_four_in_both(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, dense=4 * n_tags * (units + 1))


@question.misconception(
    text=Text(
        ko="Dense를 두 번 셌습니다. 모델마다 Dense가 몇 개 있는지 보세요.",
        en="The Dense layer is counted twice. How many are there in each model?",
    ),
    section=DENSE_SECTION,
    fails=[compares_models],
)
def dense_in_both_directions(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, dense=2 * n_tags * (units + 1))


@question.misconception(
    text=Text(
        ko="Dense의 편향을 입력의 수마다 하나씩 셌습니다. 편향이 무엇마다 하나씩 있는지, 그리고 Dense의 개수를 셀 때 "
        "입력과 유닛을 맞바꾸어 넘기지 않았는지 보세요.",
        en="One bias of the Dense layer was counted for each number of its input. What do biases belong to? Or were "
        "the input and the units of the Dense layer passed in the wrong order?",
    ),
    section=DENSE_SECTION,
    fails=[compares_models],
)
def dense_bias_as_long_as_input(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, dense=units * (n_tags + 1))


@question.misconception(
    text=Text(
        ko="Dense의 유닛 하나의 개수만 셌습니다. Dense에 유닛이 몇 개 있는지 보세요.",
        en="One unit of the Dense layer was counted. How many units does it have?",
    ),
    section=DENSE_SECTION,
    fails=[compares_models],
)
def dense_one_unit_only(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, dense=units + 1)


@question.misconception(
    text=Text(
        ko="Dense에서 입력의 크기와 유닛의 개수를 곱하지 않고 더했습니다.",
        en="In the Dense layer, the size of the input and the number of units were added instead of "
        "multiplied.",
    ),
    section=DENSE_SECTION,
    fails=[compares_models],
)
def dense_sum_for_product(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, dense=units + n_tags + 1)


@question.misconception(
    text=Text(
        ko="순환층에서 순환 가중치를 유닛마다 하나씩만 셌습니다. 유닛 하나가 이전 시점의 은닉 상태에서 수를 "
        "몇 개 읽는지 보세요.",
        en="In the recurrent layers, one recurrent weight was counted for each unit. How many numbers of "
        "the previous hidden state does one unit read?",
    ),
    section=RNN_SECTION,
    fails=[compares_models],
)
def one_recurrent_weight_a_unit(input_dim, units, n_tags):
    rnn, dense = units * (input_dim + 2), n_tags * (units + 1)
    return 4, (4 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="두 가지 가운데 하나입니다. 순환층에서 입력에 곱하는 가중치(kernel)를 빠뜨렸거나, Dense가 모델의 입력까지 "
        "함께 읽는 것으로 셌습니다. 두 층이 저마다 무엇을 읽는지 보세요.",
        en="One of two things: in the recurrent layers the weights of the input (kernel) are missing, or the Dense "
        "layer was counted as reading the model's input as well. What does each of the two layers read?",
    ),
    section=RNN_SECTION,
    fails=[compares_models],
)
def no_input_weights(input_dim, units, n_tags):
    rnn, dense = units * (units + 1), n_tags * (units + 1)
    return 4, (4 * rnn + dense) / (rnn + dense)


@question.misconception(
    text=Text(
        ko="비율을 반올림했습니다. 나눈 값을 그대로 돌려주세요.",
        en="The ratios are rounded. Return them unrounded.",
    ),
    fails=[compares_models],
    credit=1.75,
    seen_in=is_rounded,
)
def rounded_further(input_dim, units, n_tags):
    of_layers, of_models = ratios(input_dim, units, n_tags)
    return of_layers, round(of_models, 4)


@question.misconception(
    text=Text(
        ko="Dense가 읽는 수를 두 배로 셌습니다. 순환층이 위층에 넘기는 것이 무엇인지 보세요.",
        en="The Dense layer was counted as reading twice as much. What does a recurrent layer pass to the "
        "layer above?",
    ),
    section=DENSE_SECTION,
    fails=[compares_models],
)
def dense_reads_twice_in_both(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, dense=n_tags * (2 * units + 1))


@question.misconception(
    text=Text(
        ko="모델의 비율 자리에 Dense만의 비율이 있습니다. 모델 전체에는 어느 층들이 들어가는지 보세요.",
        en="Instead of the ratio of the models you returned the ratio of the Dense layers alone. Which layers "
        "make up a model?",
    ),
    fails=[compares_models],
)
def only_the_dense(input_dim, units, n_tags):
    return 4, 1


@question.misconception(
    text=Text(
        ko="Dense의 개수를 더하지 않고 뺐습니다. 모델 전체에는 어느 층들이 들어가는지 보세요.",
        en="The Dense layer is subtracted instead of added. Which layers make up a model?",
    ),
    fails=[compares_models],
)
def dense_taken_away(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, dense=-n_tags * (units + 1))


@question.misconception(
    text=Text(
        ko="거꾸로 나누었고 두 비율의 순서도 바뀌었습니다. 무엇이 무엇의 몇 배인지, 어느 비율이 앞인지 보세요.",
        en="Divided the other way round, and in the wrong order. What is how many times as large as what, "
        "and which ratio comes first?",
    ),
    fails=[compares_layers, compares_models],
)
def upside_down_and_models_first(input_dim, units, n_tags):
    of_layers, of_models = ratios(input_dim, units, n_tags)
    return 1 / of_models, 1 / of_layers


@question.misconception(
    text=Text(
        ko="Dense가 태그의 개수만큼 수를 읽는 것으로 셌습니다. Dense는 바로 아래층의 출력을 읽습니다. 그 길이를 무엇이 "
        "정하는지 보세요.",
        en="The Dense layer was counted as reading as many numbers as there are tags. It reads the output of the "
        "layer below: what sets its length?",
    ),
    fails=[compares_models],
)
def dense_reads_the_tags(input_dim, units, n_tags):
    return ratios(input_dim, units, n_tags, dense=n_tags * (n_tags + 1))


@question.misconception(
    text=Text(
        ko="순환층의 유닛 수로 태그의 개수를 썼습니다. 유닛 수가 모델의 코드에서 어디에 적혀 있는지 보세요.",
        en="In the recurrent layers, the number of tags was used as the number of units. Where does the model's code "
        "say how many units there are?",
    ),
    fails=[compares_models],
)
def tags_for_units(input_dim, units, n_tags):
    rnn, dense = n_tags * (input_dim + n_tags + 1), n_tags * (units + 1)
    return 4, (4 * rnn + dense) / (rnn + dense)

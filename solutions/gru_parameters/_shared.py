"""Texts of misconceptions that several questions on counting share."""

from autograder import Text

# The headings of sections in the notebook, to read again.
GRU_SECTION = Text(ko="GRU 안에 있는 것", en="What is inside a GRU")
ARRAYS_SECTION = Text(ko="Keras의 세 배열", en="Three arrays in Keras")
RESET_AFTER_SECTION = Text(ko="reset_after가 바꾸는 것", en="What reset_after changes")
DENSE_SECTION = Text(ko="태깅 모델", en="A tagging model")
STACK_SECTION = Text(ko="GRU 위의 GRU", en="A GRU on a GRU")
FUNCTIONS_SECTION = Text(ko="어떤 크기든 세는 함수", en="Functions for any size")
SHAPES_SECTION = Text(ko="모양 적기", en="Writing shapes")
DIRECTIONS_SECTION = Text(ko="두 방향으로 읽기", en="Reading in both directions")
LSTM_SECTION = Text(ko="감싼 층이 LSTM일 때", en="When the layer inside is an LSTM")
EMBEDDING_SECTION = Text(ko="단어의 번호를 읽기", en="Reading word indices")
MASK_SECTION = Text(ko="패딩 가리기", en="Masking the padding")

TWO_BIASES = Text(
    ko="방향마다 편향을 두 세트 셌습니다. PyTorch의 LSTM은 그렇지만 Keras의 LSTM은 다릅니다.",
    en="You counted two sets of biases in each direction. PyTorch's LSTM has two; the LSTM of Keras does "
    "not.",
)

NO_RECURRENT_WEIGHTS = Text(
    ko="순환 가중치(recurrent kernel)를 빠뜨렸습니다. 각 방향이 시점마다 입력 말고 무엇을 더 읽는지 보세요.",
    en="The recurrent weights are missing. Besides its input, what else does each direction read at "
    "every time step?",
)

NO_INPUT_WEIGHTS = Text(
    ko="입력에 곱하는 가중치(kernel)를 빠뜨렸습니다. 은닉 상태만 읽는 층은 입력을 알 수 없습니다.",
    en="The weights of the input (kernel) are missing. A layer that reads only its hidden state "
    "would never see the input.",
)

GRU_FORMULA = Text(
    ko="GRU처럼 한 방향에 세 세트를 셌습니다. LSTM의 게이트와 셀 후보를 하나씩 적어 보세요.",
    en="You counted three sets of weights in each direction, as in a GRU. Write down the gates and the cell "
    "candidate of an LSTM, one by one.",
)

ONE_SET_A_DIRECTION = Text(
    ko="SimpleRNN처럼 한 방향에 한 세트만 셌습니다. LSTM에는 게이트와 셀 후보마다 한 세트씩 있습니다.",
    en="You counted one set of weights in each direction, as in a SimpleRNN. An LSTM holds one for each "
    "gate and one for the cell candidate.",
)

UNITS_AND_INPUT_DIM_SWAPPED = Text(
    ko="유닛의 개수와 입력의 크기를 바꾸어 썼습니다. 은닉 상태의 길이를 정하는 것이 어느 쪽인지 보세요.",
    en="The number of units and the size of the input are swapped. Which of them sets the length of "
    "the hidden state?",
)

ONE_RECURRENT_WEIGHT_A_UNIT = Text(
    ko="순환 가중치를 유닛마다 하나씩만 셌습니다. 유닛 하나가 이전 시점의 은닉 상태에서 수를 몇 개 "
    "읽는지 보세요.",
    en="You counted one recurrent weight for each unit. How many numbers of the previous hidden state "
    "does one unit read?",
)

ONE_BIAS_A_GATE = Text(
    ko="게이트마다 편향을 유닛 수와 상관없이 셌습니다. 편향이 유닛마다 있도록 괄호의 위치를 다시 보세요.",
    en="You counted the biases of a gate without regard to its units. Every unit has its own: check where "
    "the brackets are.",
)

BIAS_AS_LONG_AS_INPUT = Text(
    ko="편향을 입력의 수마다 하나씩 셌습니다. 편향은 입력이 아니라 유닛에 붙습니다.",
    en="You counted one bias for each number of the input. Biases belong to the units, not to the input.",
)

NO_BRACKETS = Text(
    ko="괄호가 빠져 곱셈이 일부 항에만 걸렸습니다. 무엇 전체에 곱하려던 것인지 보세요.",
    en="Brackets are missing: only some of the terms are multiplied. What did you mean to multiply as a whole?",
)

COUNT_A_LAYER = Text(
    ko="층별 개수를 따로 돌려주었습니다. 두 층을 더한 개수 하나를 돌려주세요.",
    en="You returned a count for each layer. Return one count for the two layers together.",
)

CELL_STATE_AS_A_FIFTH = Text(
    ko="LSTM의 가중치를 한 세트 더 셌습니다. 셀 상태에 학습되는 것이 있는지 보세요.",
    en="One set of weights too many was counted in the LSTM. Is anything in the cell state learnt?",
)

STATES_COUNTED = Text(
    ko="은닉 상태와 셀 상태의 길이를 더했습니다. 상태가 학습되는 것인지 보세요.",
    en="The lengths of the hidden and cell states were added. Are states learnt?",
)

RESET_AFTER_COUNT = Text(
    ko="`reset_after=True`일 때의 개수입니다. 모델의 코드가 이 인수를 어떻게 주었는지 보세요.",
    en="That is the count for `reset_after=True`. See how the model's code sets this argument.",
)

NO_BIAS = Text(
    ko="편향(bias)을 빠뜨렸습니다. Keras의 GRU에는 편향이 있습니다.",
    en="The bias is missing: the GRU of Keras has one.",
)

EVERYTHING_DOUBLED = Text(
    ko="모두 두 번 셌습니다. 이 모델의 배열 가운데 두 세트로 있는 것이 있는지 보세요.",
    en="Everything is counted twice. Is there an array in this model that comes in two sets?",
)

ONE_EXTRA_BIAS = Text(
    ko="개수가 유닛 수만큼 많습니다. `reset_after=False`이면 편향은 한 세트이고, 은닉 상태의 길이는 "
    "파라미터가 아닙니다.",
    en="The count is too large by the number of units. With `reset_after=False` there is one set of biases, "
    "and the length of the hidden state is not a parameter.",
)

WHOLE_MODEL = Text(
    ko="모델 전체를 셌습니다. 여기에서는 한 층만 묻습니다.",
    en="That is the count of the whole model. Only one layer is asked for here.",
)

DENSE_LAYER = Text(
    ko="Dense 층을 셌습니다. 여기에서 어느 층을 묻는지 보세요.",
    en="That is the count of the Dense layer. Which layer is asked for here?",
)

LECTURE_EXAMPLE = Text(
    ko="강의 예제의 결과입니다. 여기에서는 위에 출력된 여러분의 모델로 계산하세요.",
    en="That is the result of the lecture's example. Count the model printed above instead, with your own "
    "numbers.",
)

ONE_UNIT_ONLY = Text(
    ko="유닛 하나의 가중치만 셌습니다. 층에 유닛이 몇 개 있는지 보세요.",
    en="That is the count for one unit. How many units does the layer have?",
)

"""Texts of misconceptions that several questions on counting share."""

from autograder import Text

# The headings of sections in the notebook, to read again.
RNN_SECTION = Text(ko="SimpleRNN에서 시작하기", en="Starting from a SimpleRNN")
LSTM_SECTION = Text(ko="LSTM 안에 있는 것", en="What is inside an LSTM")
ARRAYS_SECTION = Text(ko="Keras의 세 배열", en="Three arrays in Keras")
TIME_STEPS_SECTION = Text(ko="시점이 늘면 파라미터도 늘까요?", en="Do more time steps need more parameters?")
DESIGN_SECTION = Text(ko="가중치를 손으로 정하기", en="Choosing weights by hand")
MODELS_SECTION = Text(ko="태깅 모델로 비교하기", en="Comparison on a tagging model")
DENSE_SECTION = Text(ko="LSTM 위의 Dense", en="A Dense layer on an LSTM")
STACK_SECTION = Text(ko="LSTM 위의 LSTM", en="An LSTM on an LSTM")
FUNCTIONS_SECTION = Text(ko="어떤 크기든 세는 함수", en="Functions for any size")

BIAS_AS_LONG_AS_INPUT = Text(
    ko="편향을 입력의 수마다 하나씩 셌습니다. 편향은 입력이 아니라 유닛에 붙습니다.",
    en="You counted one bias for each number of the input. Biases belong to the units, not to the input.",
)

ONE_UNIT_ONLY = Text(
    ko="유닛 하나의 개수만 셌습니다. 층에 유닛이 몇 개 있는지 보세요.",
    en="That is the count for one unit. How many units does the layer have?",
)

TIMES_TIMESTEPS = Text(
    ko="시점의 개수를 곱했습니다. 층은 모든 시점에서 같은 가중치를 다시 씁니다.",
    en="You multiplied by the number of time steps, but the layer uses the same weights again at "
    "every one of them.",
)

TIMESTEPS_AS_INPUT_DIM = Text(
    ko="시점의 개수를 입력의 크기로 썼습니다. 입력 모양의 두 수 가운데 한 시점에 들어오는 수의 "
    "개수가 어느 것인지 보세요.",
    en="You used the number of time steps as the size of the input. Which of the two numbers in the input "
    "shape counts what arrives at one time step?",
)

TIMESTEPS_FLATTENED = Text(
    ko="모든 시점의 입력을 한 줄로 이어서 셌습니다. 층이 한 번에 몇 시점을 읽는지 보세요.",
    en="The input of all time steps was counted as one long vector. How many time steps does the layer "
    "read at once?",
)

WHOLE_MODEL = Text(
    ko="모델 전체를 셌습니다. 여기에서는 한 층만 묻습니다.",
    en="That is the count of the whole model. Only one layer is asked for here.",
)

DENSE_LAYER = Text(
    ko="Dense 층을 셌습니다. 여기에서 어느 층을 묻는지 보세요.",
    en="That is the count of the Dense layer. Which layer is asked for here?",
)

TIMESTEPS_AS_UNITS = Text(
    ko="시점의 개수를 유닛의 개수로 썼습니다. 모델의 코드에서 유닛의 개수가 어디에 적혀 있는지 보세요.",
    en="You used the number of time steps instead of the number of units. Where does the model's code "
    "say how many units there are?",
)

TIMESTEPS_FOR_GATES = Text(
    ko="가중치 세트의 수 대신 시점의 개수를 곱했습니다. 가중치가 몇 세트인지를 무엇이 정하는지 보세요.",
    en="You multiplied by the number of time steps instead of the number of sets of weights. What decides "
    "how many sets there are?",
)

TIMESTEPS_READ_TOO = Text(
    ko="네 세트와 편향은 맞는데, 한 번에 읽는 수에 시점의 개수까지 더했습니다. 한 시점에 들어오는 것이 무엇인지 "
    "보세요.",
    en="The four sets and their biases are right, but you added the number of time steps to the numbers read at "
    "once. What arrives at one time step?",
)

LECTURE_EXAMPLE = Text(
    ko="강의 예제의 결과입니다. 여기에서는 위에 출력된 여러분의 모델로 계산하세요.",
    en="That is the result of the lecture's example. Count the model printed above instead, with your own "
    "numbers.",
)

DENSE_ORIGINAL_INPUT_DIM = Text(
    ko="모델의 입력 크기로 셌습니다. Dense가 실제로 읽는 것은 바로 아래층의 출력입니다.",
    en="You used the size of the model's input. What a Dense layer reads is the output of the "
    "layer below it.",
)

DENSE_TIMESTEPS_FLATTENED = Text(
    ko="Dense가 모든 시점의 은닉 상태를 한 줄로 읽는 것으로 셌습니다. 바로 아래층이 무엇을 "
    "내보내는지 보세요.",
    en="You counted the Dense layer as reading the hidden states of all time steps as one long vector. What "
    "does the layer below it output?",
)

DENSE_TIMES_TIMESTEPS = Text(
    ko="Dense의 개수에 시점의 개수를 곱했습니다. 가중치가 시점마다 새로 생기는지 보세요.",
    en="You multiplied the count of the Dense layer by the number of time steps. Does every time "
    "step have weights of its own?",
)

DENSE_TIMESTEPS_AS_INPUT_DIM = Text(
    ko="시점의 개수를 Dense가 읽는 수로 썼습니다. 바로 아래층이 무엇을 내보내는지 보세요.",
    en="You used the number of time steps instead of the size of the Dense layer's input. What does "
    "the layer below it output?",
)

DENSE_ORIGINAL_INPUT_DIM_WITHOUT_BIAS = Text(
    ko="모델의 입력 크기로 세고 편향도 빠뜨렸습니다. Dense가 실제로 읽는 것이 무엇인지 보세요.",
    en="That is the model's input size times the units, without biases. What does a Dense layer read, "
    "and what does it add?",
)

ONE_GATE_OF_FOUR = Text(
    ko="가중치와 편향을 한 세트만 셌습니다. 게이트와 셀 후보를 하나씩 적어 보고, 저마다 한 세트씩 있는지 "
    "보세요.",
    en="One set of weights and biases was counted. Write down the gates and the cell candidate: does "
    "each have its own set?",
)

THREE_GATES = Text(
    ko="가중치를 세 세트만 셌습니다. 이름에 ‘게이트’가 없어도 자기 가중치를 가진 것이 있습니다. 셀 "
    "상태에 새로 쓸 값이 어디에서 나오는지 보세요.",
    en="You counted three sets of weights. Something that is not called a gate has its own set too: "
    "where does the value written to the cell state come from?",
)

UNITS_AND_INPUT_DIM_SWAPPED = Text(
    ko="유닛의 개수와 입력의 크기를 바꾸어 썼습니다. 은닉 상태의 길이를 정하는 것이 어느 쪽인지 보세요.",
    en="The number of units and the size of the input are swapped. Which of them sets the length of "
    "the hidden state?",
)

ONLY_KERNEL_FOR_EVERY_GATE = Text(
    ko="입력 가중치만 게이트와 셀 후보마다 두고 순환 가중치와 편향은 한 세트만 셌습니다. 세 배열의 "
    "마지막 축을 서로 비교해 보세요.",
    en="You counted input weights for each gate and for the cell candidate, but only one set of recurrent "
    "weights and biases. Compare the last axis of the three arrays.",
)

NO_DENSE_BIAS = Text(
    ko="Dense 층의 편향(bias)을 빠뜨렸습니다. Dense의 유닛에도 하나씩 있습니다.",
    en="The bias of the Dense layer is missing: its units have one each.",
)

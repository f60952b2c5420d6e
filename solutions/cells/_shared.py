"""Texts of misconceptions that several questions on cells share."""

from autograder import Text

# The headings of sections in the notebook, to read again.
LSTM_SECTION = Text(ko="LSTM의 한 시점", en="One step of an LSTM")
ORDER_SECTION = Text(ko="Keras의 가중치 저장 순서", en="The order in which Keras stores the weights")
BLOCKS_SECTION = Text(ko="배열을 블록으로 나누기", en="Dividing an array into blocks")
IN_PLACE_SECTION = Text(ko="한 시점을 함수로 쓰기", en="A step as a function")
GRADIENT_SECTION = Text(ko="셀 상태를 따라가는 길", en="The path along the cell state")
UNROLLING_SECTION = Text(ko="시퀀스 전체로 펼치기", en="Unrolling over a sequence")
RESET_SECTION = Text(ko="리셋 게이트의 두 위치", en="Two places for the reset gate")
FORMS_SECTION = Text(ko="GRU를 함수로 쓰기", en="A GRU as a function")

CANDIDATE_WITHOUT_BIAS = Text(
    ko="후보에 편향을 더하지 않았습니다. 게이트에만 편향이 있는 것이 아닙니다.",
    en="The candidate lacks its bias. The gates are not the only ones that have it.",
)

CANDIDATE_SIGMOID = Text(
    ko="후보에도 시그모이드를 썼습니다. 후보는 음수도 될 수 있어야 합니다.",
    en="The candidate went through a sigmoid like the gates. It must be able to take negative values.",
)

CANDIDATE_WITHOUT_ACTIVATION = Text(
    ko="후보에 활성화 함수를 쓰지 않았습니다. 후보의 식을 다시 보세요.",
    en="The candidate has no activation. Look at its equation again.",
)

TANH_EVERYWHERE = Text(
    ko="게이트에도 tanh를 썼습니다. 게이트는 0과 1 사이의 값이어야 합니다.",
    en="The gates went through tanh as well. A gate lies between 0 and 1.",
)

HARD_SIGMOID = Text(
    ko="시그모이드를 직선으로 근사했습니다(hard sigmoid). 지금의 Keras는 시그모이드를 그대로 씁니다.",
    en="The sigmoid is approximated by straight lines (hard sigmoid). Keras now uses the sigmoid itself.",
)

KERNELS_SWAPPED = Text(
    ko="kernel과 recurrent_kernel이 서로 바뀌었습니다. 모양을 보고, 입력에 곱하는 것이 어느 쪽인지 확인하세요.",
    en="The kernel and the recurrent kernel are swapped. Compare their shapes: which one does the input multiply?",
)

SIGMOID_WITHOUT_BRACKETS = Text(
    ko="시그모이드의 분모에 괄호가 빠졌습니다. 나누기가 더하기보다 먼저 계산됩니다.",
    en="The sigmoid lacks the brackets of its denominator. Division comes before addition.",
)

LIST_OF_ROWS = Text(
    ko="배열이 아니라 리스트입니다. NumPy 배열을 돌려주세요.",
    en="A list came back. Return a NumPy array.",
)

ROUNDED = Text(
    ko="값이 거의 맞지만 소수점 아래 몇 자리까지만 맞습니다. 반올림했거나 자릿수가 적은 자료형에 담지 "
    "않았는지 확인하세요.",
    en="The values are nearly right, but only to a few decimals. Are they rounded, or kept in a type with too "
    "few digits?",
)

FORGET_AND_OUTPUT_SWAPPED = Text(
    ko="망각 게이트와 출력 게이트가 서로 바뀌었습니다. 둘째 블록과 마지막 블록은 각각 어느 게이트의 것인가요?",
    en="The forget gate and the output gate are swapped. Which of them has the second block, and which the last?",
)

INPUT_AND_OUTPUT_SWAPPED = Text(
    ko="입력 게이트와 출력 게이트가 서로 바뀌었습니다. 첫째 블록과 마지막 블록은 각각 어느 게이트의 것인가요?",
    en="The input gate and the output gate are swapped. Which of them has the first block, and which the last?",
)

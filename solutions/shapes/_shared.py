"""Texts of misconceptions that several questions on shapes share."""

from autograder import Text

# The headings of sections in the notebook, to read again.
AXES_SECTION = Text(ko="입력의 세 축", en="The three axes of the input")
UNITS_SECTION = Text(
    ko="유닛의 개수는 은닉 상태의 길이", en="The number of units is the length of the hidden state"
)
RETURNS_SECTION = Text(ko="return_sequences와 return_state", en="return_sequences and return_state")
VALUES_SECTION = Text(ko="어느 값이 어디에 있는가", en="Which value is where")
DIRECTIONS_SECTION = Text(ko="양방향 층", en="A bidirectional layer")
MERGE_SECTION = Text(ko="두 방향을 합치는 방법", en="Combining the two directions")

ZEROS = Text(
    ko="값이 모두 0입니다. 정수 배열에 담아 소수점 아래가 잘렸거나 채우지 않은 배열입니다. 값이 어디에서 "
    "오는지 보세요.",
    en="Every value is 0: the fractions were cut off in an integer array, or the array was never filled. "
    "Check where its values come from.",
)

RETURN_SEQUENCES_REVERSED = Text(
    ko="`return_sequences`를 거꾸로 해석했습니다. 어느 쪽일 때 시점의 축이 남는지 보세요.",
    en="`return_sequences` is used the wrong way around. For which value does the time axis stay?",
)

NO_BATCH_AXIS = Text(
    ko="샘플을 세는 축을 빠뜨렸습니다. Keras의 층은 여러 개의 샘플을 한 번에 받습니다.",
    en="The axis that counts the samples is missing. A Keras layer takes several samples at once.",
)

NONE_FOR_THE_BATCH = Text(
    ko="샘플의 개수가 있을 자리에 None이 있습니다. `summary()`는 그 수를 아직 몰라서 None을 보여 주지만, "
    "여기에서는 `batch`로 알 수 있습니다. 그 값을 쓰세요.",
    en="None takes the place of the number of samples. `summary()` shows None because it does not know "
    "that number yet; here, use `batch`.",
)

SINGLE_STEP_WITHOUT_ITS_AXIS = Text(
    ko="시점이 하나뿐일 때 `return_sequences=True`인데도 시점의 축이 없습니다. 시점이 하나여도 축은 "
    "남습니다.",
    en="With a single time step, the time axis is missing although `return_sequences` is `True`. It stays "
    "even then.",
)

AXES_OF_ONE_DROPPED = Text(
    ko="길이가 1인 축이 사라졌습니다. 샘플이나 시점, 유닛이 하나여도 그 축은 남습니다.",
    en="Axes of length 1 have disappeared. An axis stays even if there is one sample, one time step or one "
    "unit.",
)

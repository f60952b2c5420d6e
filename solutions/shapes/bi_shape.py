"""A bidirectional layer: the shape of its output in every merge mode."""

from autograder import Case, Question, Text, expect

from ._shared import (
    AXES_OF_ONE_DROPPED,
    AXES_SECTION,
    DIRECTIONS_SECTION,
    NO_BATCH_AXIS,
    NONE_FOR_THE_BATCH,
    RETURN_SEQUENCES_REVERSED,
    RETURNS_SECTION,
    SINGLE_STEP_WITHOUT_ITS_AXIS,
)

question = Question(
    title=Text(ko="양방향 층의 출력 모양", en="Output shape of a bidirectional layer"),
    statement=Text(
        ko="""
`Bidirectional(LSTM(units, return_sequences=return_sequences), merge_mode=merge_mode)`의 출력 모양을 돌려주는 함수
`bi_shape(batch, timesteps, units, return_sequences, merge_mode)`를 완성하세요.

- `batch`, `timesteps`, `units`는 1 이상의 정수이고 `return_sequences`는 `True` 아니면 `False`입니다.
- `merge_mode`는 `"concat"`, `"sum"`, `"ave"`, `"mul"`, `None` 가운데 하나입니다.
- 모양 하나를 정수의 튜플로 돌려줍니다. `merge_mode`가 `None`이면 출력이 둘이므로 모양 둘을 담아 돌려줍니다. 순방향이
  먼저입니다. 튜플과 리스트 가운데 어느 것을 써도 됩니다.
- TensorFlow 없이 채점하므로, 층을 만들지 말고 모양을 계산하세요.
""",
        en="""
Complete `bi_shape(batch, timesteps, units, return_sequences, merge_mode)` so that it returns the shape of the output of
`Bidirectional(LSTM(units, return_sequences=return_sequences), merge_mode=merge_mode)`.

- `batch`, `timesteps` and `units` are whole numbers of at least 1, `return_sequences` is `True` or `False`.
- `merge_mode` is `"concat"`, `"sum"`, `"ave"`, `"mul"` or `None`.
- Return one shape, a tuple of whole numbers. If `merge_mode` is `None` there are two outputs: return two shapes, the
  forward one first. Tuples and lists are interchangeable.
- This is graded without TensorFlow: compute the shapes instead of building a layer.
""",
    ),
    source="lecture notebook, Bidirectional(LSTM(8)) and its remark on the hidden state",
    sample=(2, 6, 5, False, "concat"),
    returns="list",
)


@question.answer
def bi_shape(batch, timesteps, units, return_sequences, merge_mode):
    """3 x int, bool, str | None -> tuple[int, ...]; None -> 2 x tuple[int, ...]"""
    width = 2 * units if merge_mode == "concat" else units
    output = (batch, timesteps, width) if return_sequences else (batch, width)
    return output if merge_mode else [output, output]


@question.example
def example(bi_shape):
    assert tuple(bi_shape(2, 6, 5, False, "concat")) == (2, 10)
    assert len(bi_shape(2, 6, 5, True, "mul")) == 3
    assert len(bi_shape(2, 6, 5, True, None)) == 2


@question.cases
def cases(rng):
    edges = [(1, 9, 7), (8, 1, 3), (5, 12, 1), (4, 4, 4), (6, 10, 5)]
    drawn = []
    for mode in ("concat", "sum", "ave", "mul", None):
        for flag in (False, True):
            anywhere = [int(size) for size in rng.permutation(range(3, 40))[:3]]
            drawn += [Case(*sizes, flag, mode) for sizes in (anywhere, *edges)]
    return drawn


def joins(case):
    return case.args[4] == "concat"


def combines(case):
    return case.args[4] in ("sum", "ave", "mul")


def keeps_apart(case):
    return case.args[4] is None


@question.check(
    points=2,
    text=Text(ko='"concat"일 때 모양이 맞는다', en='gives the shape for "concat"'),
    when=joins,
)
def shape_of_concat(got, case, want):
    expect.sizes(got, want)


@question.check(
    points=1,
    text=Text(ko='"sum", "ave", "mul"일 때 모양이 맞는다', en='gives the shape for "sum", "ave" and "mul"'),
    when=combines,
)
def shape_of_sum_ave_mul(got, case, want):
    expect.sizes(got, want)


@question.check(
    points=1,
    text=Text(ko="None일 때 두 모양이 맞는다", en="gives the two shapes for None"),
    when=keeps_apart,
)
def shapes_of_none(got, case, want):
    expect.outputs(got, want)


EVERY_MODE = [shape_of_concat, shape_of_sum_ave_mul, shapes_of_none]


def shape(batch, timesteps, width, return_sequences):
    """One shape, where a mistake lies elsewhere."""
    return (batch, timesteps, width) if return_sequences else (batch, width)


@question.misconception(
    text=Text(
        ko='두 배는 `"concat"`에 맞는 길이입니다. 다른 `merge_mode`에도 맞을까요? ‘두 방향을 합치는 방법’ '
        "절에서 길이가 3인 은닉 상태 둘을 합친 결과를 보세요.",
        en='Doubling fits `"concat"`. Does it fit the other modes, too? Look at the results for two hidden '
        "states of length 3 in the section “Combining the two directions”.",
    ),
    fails=[shape_of_sum_ave_mul, shapes_of_none],
)
def always_doubled(batch, timesteps, units, return_sequences, merge_mode):
    return shape(batch, timesteps, 2 * units, return_sequences)


@question.misconception(
    text=Text(
        ko='두 배는 `"concat"`에 맞는 길이입니다. `"sum"`, `"ave"`, `"mul"`에서도 두 배로 했는데, 길이가 3인 '
        "두 벡터를 원소별로 더하면 길이가 얼마인가요?",
        en='Doubling fits `"concat"`, but `"sum"`, `"ave"` and `"mul"` are doubled as well. How long is the '
        "element-wise sum of two vectors of length 3?",
    ),
    fails=[shape_of_sum_ave_mul],
)
def doubled_unless_none(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units, return_sequences)
    return [one, one] if merge_mode is None else shape(batch, timesteps, 2 * units, return_sequences)


@question.misconception(
    text=Text(
        ko='`"sum"`에서 길이를 두 배로 했습니다. 벡터를 더하는 것은 이어 붙이는 것과 다릅니다.',
        en='For `"sum"` the width was doubled. Adding two vectors does not join them.',
    ),
    fails=[shape_of_sum_ave_mul],
)
def sum_doubled(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units, return_sequences)
    if merge_mode is None:
        return [one, one]
    return shape(batch, timesteps, units * (1 + (merge_mode in ("concat", "sum"))), return_sequences)


@question.misconception(
    text=Text(
        ko='`"mul"`에서 유닛의 개수를 제곱했습니다. 곱하는 것은 각 원소의 값입니다.',
        en='The number of units is squared for `"mul"`. It is the values that are multiplied, element-wise.',
    ),
    fails=[shape_of_sum_ave_mul],
)
def units_squared_for_mul(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units, return_sequences)
    widths = {"concat": 2 * units, "mul": units * units}
    merged = shape(batch, timesteps, widths.get(merge_mode, units), return_sequences)
    return [one, one] if merge_mode is None else merged


@question.misconception(
    text=Text(
        ko='`"sum"`, `"ave"`, `"mul"`이 시점을 따라 합치는 것으로 보았습니다. 합치는 것은 두 방향이고, 시점은 그대로 '
        "남습니다.",
        en='`"sum"`, `"ave"` and `"mul"` run over the time steps here. The two directions are combined; the '
        "time steps stay.",
    ),
    fails=[shape_of_sum_ave_mul],
)
def merged_over_time(batch, timesteps, units, return_sequences, merge_mode):
    if merge_mode in ("sum", "ave", "mul"):
        return (batch, units)
    one = shape(batch, timesteps, units, return_sequences)
    return shape(batch, timesteps, 2 * units, return_sequences) if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko='`"concat"`에서도 `"sum"`처럼 길이를 그대로 두었습니다. 앞에서 `Bidirectional(LSTM(8))`은 수 몇 '
        "개를 냈나요?",
        en='For `"concat"` the width stays the same, as for `"sum"`. How many numbers did '
        "`Bidirectional(LSTM(8))` return above?",
    ),
    section=DIRECTIONS_SECTION,
    fails=[shape_of_concat],
)
def never_doubled(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units, return_sequences)
    return [one, one] if merge_mode is None else one


@question.misconception(
    text=Text(
        ko="한 방향의 층과 같은 모양을 돌려주었습니다. 양방향 층에는 방향이 둘이고, `merge_mode`가 그 둘을 어떻게 할지 "
        "정합니다.",
        en="That is the shape of a layer with one direction. A bidirectional layer has two, and "
        "`merge_mode` decides how they are combined.",
    ),
    section=DIRECTIONS_SECTION,
    fails=[shape_of_concat, shapes_of_none],
)
def one_direction(batch, timesteps, units, return_sequences, merge_mode):
    return shape(batch, timesteps, units, return_sequences)


@question.misconception(
    text=Text(
        ko='두 방향의 결과를 시점의 축을 따라 이었습니다. `"concat"`은 시점마다 두 은닉 상태를 잇습니다.',
        en='The two directions are joined along the time steps. `"concat"` joins the two hidden states of each '
        "time step.",
    ),
    fails=[shape_of_concat],
)
def joined_along_time(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units, return_sequences)
    if merge_mode == "concat":
        return (batch, 2 * timesteps, units) if return_sequences else (batch, 2 * units)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="두 방향의 결과를 샘플의 축을 따라 이었습니다. 샘플의 개수는 달라지지 않습니다.",
        en="The two directions are joined along the samples. The number of samples does not change.",
    ),
    fails=[shape_of_concat],
)
def joined_along_batch(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units, return_sequences)
    if merge_mode == "concat":
        return (2 * batch, *one[1:])
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko='`"concat"`에 방향을 세는 축을 새로 두었습니다. 이어 붙이면 새 축이 생기지 않고 이미 있는 축이 '
        "길어집니다.",
        en='For `"concat"` the directions got an axis of their own. Joining adds no axis: it makes an '
        "existing axis longer.",
    ),
    fails=[shape_of_concat],
)
def axis_of_directions(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units, return_sequences)
    if merge_mode == "concat":
        return (*one[:-1], 2, units)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko='`None`을 `"concat"`과 같은 것으로 보았습니다. 이 인수를 생략했을 때와 `None`을 주었을 때는 다릅니다.',
        en='`None` is treated like `"concat"`. Leaving the argument out is not the same as passing `None`.',
    ),
    fails=[shapes_of_none],
)
def none_like_concat(batch, timesteps, units, return_sequences, merge_mode):
    doubled = merge_mode in ("concat", None)
    return shape(batch, timesteps, units * (1 + doubled), return_sequences)


@question.misconception(
    text=Text(
        ko="`None`일 때 한 방향의 모양 하나만 돌려주었습니다. 합치지 않으면 두 방향의 결과가 어떻게 나오는지 "
        "보세요. 문자열 `'None'`은 `None`과 다릅니다.",
        en="For `None` you gave the shape of one direction. What comes out of the two directions when they are "
        "not merged? The string `'None'` is not `None`.",
    ),
    fails=[shapes_of_none],
)
def one_shape_for_none(batch, timesteps, units, return_sequences, merge_mode):
    return shape(batch, timesteps, units * (1 + (merge_mode == "concat")), return_sequences)


@question.misconception(
    text=Text(
        ko="`None`일 때 이어 붙인 모양을 두 번 담았습니다. 방향 하나의 결과가 얼마나 긴가요?",
        en="For `None` the joined shape is there twice. How long is the result of one direction?",
    ),
    fails=[shapes_of_none],
)
def doubled_shapes_for_none(batch, timesteps, units, return_sequences, merge_mode):
    doubled = shape(batch, timesteps, 2 * units, return_sequences)
    if merge_mode is None:
        return [doubled, doubled]
    return doubled if merge_mode == "concat" else shape(batch, timesteps, units, return_sequences)


@question.misconception(
    text=Text(
        ko="`None`일 때 두 결과를 한 배열로 쌓았습니다. Keras는 두 결과를 따로 내보냅니다.",
        en="For `None` you stacked the two results in one array. Keras returns them separately.",
    ),
    fails=[shapes_of_none],
)
def stacked_for_none(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units, return_sequences)
    if merge_mode is None:
        return (2, *one)
    return shape(batch, timesteps, units * (1 + (merge_mode == "concat")), return_sequences)


@question.misconception(
    text=Text(
        ko="모양은 맞지만, 하나뿐인 모양을 또 한 번 리스트나 튜플에 담았습니다. 모양을 여럿 담는 것은 "
        "`None`일 때뿐입니다.",
        en="The shape is right, but a single shape is inside another list or tuple. Only for `None` are "
        "there several shapes to return.",
    ),
    fails=[shape_of_concat, shape_of_sum_ave_mul],
)
def list_around_one_shape(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units * (1 + (merge_mode == "concat")), return_sequences)
    return [one] if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="`return_sequences`를 보지 않고 시점의 축을 없앴습니다. 이 인수가 `True`일 때를 보세요.",
        en="The time axis is gone whatever `return_sequences` says. Look at the case where it is `True`.",
    ),
    section=RETURNS_SECTION,
    fails=EVERY_MODE,
)
def return_sequences_ignored(batch, timesteps, units, return_sequences, merge_mode):
    one = (batch, units * (1 + (merge_mode == "concat")))
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="`return_sequences`와 상관없이 시점의 축을 두었습니다. 이 인수가 `False`일 때를 보세요.",
        en="The time axis is there whatever `return_sequences` says. Look at the case where it is `False`.",
    ),
    section=RETURNS_SECTION,
    fails=EVERY_MODE,
)
def sequence_always(batch, timesteps, units, return_sequences, merge_mode):
    one = (batch, timesteps, units * (1 + (merge_mode == "concat")))
    return one if merge_mode else [one, one]


@question.misconception(text=RETURN_SEQUENCES_REVERSED, section=RETURNS_SECTION, fails=EVERY_MODE)
def return_sequences_reversed(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units * (1 + (merge_mode == "concat")), not return_sequences)
    return one if merge_mode else [one, one]


@question.misconception(text=NO_BATCH_AXIS, section=AXES_SECTION, fails=EVERY_MODE)
def no_batch_axis(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units * (1 + (merge_mode == "concat")), return_sequences)[1:]
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="`None`일 때 모양 둘을 돌려준 것은 맞지만, 길이가 언제나 두 배입니다. 합치지 않은 방향 하나의 "
        "결과는 길이가 얼마인가요?",
        en="Two shapes for `None` are right, but the width is always doubled. How long is the result of "
        "one direction that is not merged?",
    ),
    fails=[shape_of_sum_ave_mul, shapes_of_none],
)
def always_doubled_and_two_for_none(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, 2 * units, return_sequences)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko='`"mul"`에서 길이를 두 배로 했습니다. 길이가 같은 두 벡터를 원소별로 곱하면 수가 몇 개 나오나요?',
        en='For `"mul"` the width was doubled. How many numbers come out when two vectors of the same '
        "length are multiplied element-wise?",
    ),
    fails=[shape_of_sum_ave_mul],
)
def mul_doubled(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units * (1 + (merge_mode in ("concat", "mul"))), return_sequences)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko='`"ave"`에서 길이를 두 배로 했습니다. 길이가 같은 두 벡터의 평균은 길이가 얼마인가요?',
        en='For `"ave"` the width was doubled. How long is the average of two vectors of the same length?',
    ),
    fails=[shape_of_sum_ave_mul],
)
def ave_doubled(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units * (1 + (merge_mode in ("concat", "ave"))), return_sequences)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="`None`일 때 방향을 세는 축을 맨 뒤에 두었습니다. Keras는 두 결과를 배열 하나로 쌓지 않고 따로 "
        "내보냅니다.",
        en="For `None` there is an axis of directions at the end. Keras does not stack the two results: it "
        "returns two arrays.",
    ),
    fails=[shapes_of_none],
)
def stacked_for_none_at_the_end(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(batch, timesteps, width, return_sequences)
    return one if merge_mode else (*one, 2)


@question.misconception(
    text=Text(
        ko="`None`일 때 상태의 모양까지 다섯을 담았습니다. 여기에는 `return_state`가 없습니다.",
        en="For `None` there are five shapes, as if the states came out, too. `return_state` is not set "
        "here.",
    ),
    section=RETURNS_SECTION,
    fails=[shapes_of_none],
)
def states_for_none(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(batch, timesteps, width, return_sequences)
    return one if merge_mode else [one, *[(batch, units)] * 4]


@question.misconception(
    text=Text(
        ko="`None`일 때 모양을 하나만 담았습니다. 방향마다 하나씩 몇 개가 나오나요?",
        en="For `None` there is one shape in the list. How many outputs are there with one per direction?",
    ),
    fails=[shapes_of_none],
)
def one_shape_in_a_list_for_none(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(batch, timesteps, width, return_sequences)
    return one if merge_mode else [one]


@question.misconception(
    text=Text(
        ko="`None`일 때 아무것도 돌려주지 않았습니다. `merge_mode`가 `None`일 때 어느 return에 이르는지 따라가 "
        "보세요.",
        en="Nothing comes back for `None`. Follow the code with `merge_mode=None`: which `return` does it "
        "reach?",
    ),
    fails=[shapes_of_none],
)
def nothing_for_none(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(batch, timesteps, width, return_sequences)
    return one if merge_mode else None


@question.misconception(
    text=Text(
        ko="`None`일 때 두 모양의 수를 한 줄로 이었습니다. 모양 둘을 저마다 튜플로 담으세요.",
        en="For `None` the sizes of both shapes are in one flat list. Make each of the two a tuple of its "
        "own.",
    ),
    fails=[shapes_of_none],
)
def sizes_of_both_in_one_list(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(batch, timesteps, width, return_sequences)
    return one if merge_mode else (*one, *one)


@question.misconception(text=NONE_FOR_THE_BATCH, fails=EVERY_MODE, credit=2)
def none_for_the_batch(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(None, timesteps, width, return_sequences)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="시점의 축과 마지막 축이 바뀌었습니다. 은닉 상태의 길이는 마지막 축에 나타납니다.",
        en="The time axis and the last axis are swapped. The last axis holds the length of the hidden "
        "states.",
    ),
    section=AXES_SECTION,
    fails=EVERY_MODE,
)
def units_before_time(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = (batch, width, timesteps) if return_sequences else (batch, width)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="시점의 축이 맨 앞에 있습니다. Keras에서 맨 앞의 축이 무엇을 세나요?",
        en="The time axis comes first. What does the first axis count in Keras?",
    ),
    section=AXES_SECTION,
    fails=EVERY_MODE,
)
def time_first(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = (timesteps, batch, width) if return_sequences else (batch, width)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="`return_sequences=False`일 때 길이 1인 시점의 축이 남아 있습니다. 이때에는 축이 몇 개인가요?",
        en="With `return_sequences=False` a time axis of length 1 is left. How many axes are there then?",
    ),
    section=RETURNS_SECTION,
    fails=EVERY_MODE,
)
def axis_of_one_step(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = (batch, timesteps if return_sequences else 1, width)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko='`"concat"`에서 방향을 세는 축을 맨 앞에 두었습니다. 이어 붙이면 이미 있는 축 하나가 '
        "길어집니다. 어느 축인가요?",
        en='For `"concat"` an axis of directions was put in front. Joining makes an existing axis longer: '
        "which one?",
    ),
    fails=[shape_of_concat],
)
def axis_of_directions_first(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units, return_sequences)
    if merge_mode == "concat":
        return (2, *one)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko='`"concat"`에서 유닛의 개수를 제곱했습니다. 길이가 같은 벡터 둘을 이으면 길이가 얼마인가요?',
        en='For `"concat"` the number of units is squared. How long are two vectors of the same length when '
        "joined?",
    ),
    fails=[shape_of_concat],
)
def units_squared(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units**2 if merge_mode == "concat" else units, return_sequences)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko='`"concat"`에서 길이를 네 배로 했습니다. 이어 붙이는 것은 게이트가 아니라 두 방향의 은닉 '
        "상태입니다.",
        en='For `"concat"` the width was set to four times the units. It is not the gates that are joined '
        "but the hidden states of the two directions.",
    ),
    fails=[shape_of_concat],
)
def four_times(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units * (4 if merge_mode == "concat" else 1), return_sequences)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko='`return_sequences=False`일 때 `"concat"`인데도 길이를 늘리지 않았습니다. 마지막 은닉 상태만 '
        "나올 때에도 두 방향을 합칩니다.",
        en='With `return_sequences=False` the width for `"concat"` was not changed. The two directions '
        "are merged then, too.",
    ),
    fails=[shape_of_concat],
)
def doubled_with_the_sequence_only(batch, timesteps, units, return_sequences, merge_mode):
    doubled = merge_mode == "concat" and return_sequences
    one = shape(batch, timesteps, units * (1 + doubled), return_sequences)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko='`return_sequences=True`일 때 `"concat"`인데도 길이를 늘리지 않았습니다. 시점마다 두 은닉 '
        "상태를 합칩니다.",
        en='With `return_sequences=True` the width for `"concat"` was not changed. The two hidden states '
        "are merged at every time step.",
    ),
    fails=[shape_of_concat],
)
def doubled_without_the_sequence_only(batch, timesteps, units, return_sequences, merge_mode):
    doubled = merge_mode == "concat" and not return_sequences
    one = shape(batch, timesteps, units * (1 + doubled), return_sequences)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="`None`일 때 한 방향만 모든 시점을 내보냈습니다. `return_sequences`는 두 방향에 똑같이 "
        "작용합니다.",
        en="For `None` you returned every time step of one direction only. `return_sequences` works on "
        "both directions alike.",
    ),
    fails=[shapes_of_none],
)
def one_direction_cut_for_none(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(batch, timesteps, width, return_sequences)
    return one if merge_mode else [one, (batch, units)]


@question.misconception(
    text=Text(
        ko="마지막 축의 길이만 돌려주었습니다. 모양에는 다른 축도 모두 들어갑니다.",
        en="That is the length of the last axis alone. A shape has an entry for every axis.",
    ),
    fails=[shape_of_concat, shape_of_sum_ave_mul],
)
def width_alone(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(batch, timesteps, units, return_sequences)
    return width if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="모양을 문자열로 적었습니다. 정수를 담은 튜플 그대로 돌려주세요.",
        en="The shape is a string. Return a tuple of whole numbers.",
    ),
    fails=EVERY_MODE,
)
def shape_as_text(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(batch, timesteps, width, return_sequences)
    return str(one if merge_mode else [one, one])


@question.misconception(
    text=SINGLE_STEP_WITHOUT_ITS_AXIS, section=RETURNS_SECTION, fails=EVERY_MODE, credit=2
)
def single_step_without_its_axis(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(batch, timesteps, width, return_sequences and timesteps > 1)
    return one if merge_mode else [one, one]


@question.misconception(text=AXES_OF_ONE_DROPPED, fails=EVERY_MODE, credit=2)
def axes_of_one_dropped(batch, timesteps, units, return_sequences, merge_mode):
    width = units * (1 + (merge_mode == "concat"))
    one = shape(batch, timesteps, width, return_sequences)
    one = tuple(size for size in one if size > 1)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="한 방향의 모양은 맞는데, 언제나 두 개를 내보냈습니다. `merge_mode`가 `None`이 아니면 두 결과는 하나로 "
        "합쳐집니다.",
        en="The shape of one direction is right, but you gave two shapes for every `merge_mode`. Unless it is `None`, "
        "the two results are merged into one.",
    ),
    fails=[shape_of_concat, shape_of_sum_ave_mul],
)
def two_shapes_always(batch, timesteps, units, return_sequences, merge_mode):
    one = shape(batch, timesteps, units, return_sequences)
    return [one, one]


@question.misconception(
    text=Text(
        ko='`"ave"`에서 길이를 반으로 줄였습니다. 평균은 길이가 아니라 같은 위치의 두 값에서 구합니다.',
        en='For `"ave"` you halved the width. The mean is taken of the two values at each position, not '
        "of the lengths.",
    ),
    fails=[shape_of_sum_ave_mul],
)
def ave_halves_the_width(batch, timesteps, units, return_sequences, merge_mode):
    width = {"concat": 2 * units, "ave": units // 2}.get(merge_mode, units)
    one = shape(batch, timesteps, width, return_sequences)
    return one if merge_mode else [one, one]


@question.misconception(
    text=Text(
        ko="None일 때 두 방향의 출력은 맞는데, 상태의 모양까지 붙였습니다. 상태는 무엇을 주어야 나오나요?",
        en="For None the outputs of the two directions are right, but the shapes of states follow them. What would "
        "have to be set for states to come out?",
    ),
    section=RETURNS_SECTION,
    fails=[shapes_of_none],
)
def states_follow_for_none(batch, timesteps, units, return_sequences, merge_mode):
    if merge_mode is None:
        return [shape(batch, timesteps, units, return_sequences)] * 2 + [(batch, units)] * 2
    return shape(batch, timesteps, 2 * units if merge_mode == "concat" else units, return_sequences)

"""The three outputs of an LSTM, each under its name."""

import numpy as np

from autograder import Case, Question, Text, expect, recurrent

question = Question(
    title=Text(ko="LSTM의 세 출력에 이름 붙이기", en="Naming the three outputs of an LSTM"),
    statement=Text(
        ko="""
`LSTM(units, return_sequences=True, return_state=True)`가 내보낸 `outputs`를 받아, 이름을 붙인 딕셔너리를 돌려주는 함수
`split_outputs(outputs)`를 완성하세요.

- `outputs`는 NumPy 배열 셋을 Keras의 순서대로 담은 튜플 또는 리스트입니다.
- 딕셔너리의 키는 셋입니다.
  - `"h_seq"`: 모든 시점의 은닉 상태, `(batch, timesteps, units)`
  - `"h"`: 마지막 은닉 상태, `(batch, units)`
  - `"c"`: 마지막 셀 상태, `(batch, units)`
- TensorFlow 없이 채점합니다.
""",
        en="""
Complete `split_outputs(outputs)`. It takes the output of `LSTM(units, return_sequences=True, return_state=True)` and
returns a dict that names the parts.

- `outputs` is a tuple or a list of three NumPy arrays, in Keras's order.
- The dict has three keys:
  - `"h_seq"`: the hidden states of every time step, `(batch, timesteps, units)`
  - `"h"`: the last hidden state, `(batch, units)`
  - `"c"`: the last cell state, `(batch, units)`
- This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, the three names that an LSTM's outputs are unpacked into",
    sample=((np.zeros((1, 3, 2)), np.zeros((1, 2)), np.zeros((1, 2))),),
)


@question.answer
def split_outputs(outputs):
    """[h_seq, h, c] -> {"h_seq": (batch, timesteps, units), "h": (batch, units), "c": (batch, units)}"""
    h_seq, h, c = outputs
    return {"h_seq": h_seq, "h": h, "c": c}


@question.example
def example(split_outputs):
    import numpy as np

    outputs = (np.zeros((2, 5, 3)), np.zeros((2, 3)), np.ones((2, 3)))
    parts = split_outputs(outputs)
    assert sorted(parts) == ["c", "h", "h_seq"]
    assert parts["h_seq"].shape == (2, 5, 3)


@question.cases
def cases(rng):
    drawn = []
    sizes = [(1, 5, 4), (6, 1, 3), (4, 4, 4), (3, 7, 1)]
    sizes += [tuple(int(size) for size in rng.permutation(range(3, 12))[:3]) for _ in range(6)]
    for place, (batch, timesteps, units) in enumerate(sizes):
        weights = [rng.normal(size=(rows, 4 * units)) for rows in (2, units)]
        h_seq, c = recurrent.lstm(
            rng.normal(size=(batch, timesteps, 2)), *weights, rng.normal(size=4 * units)
        )
        outputs = [part.astype(np.float32) for part in (h_seq, h_seq[:, -1], c)]
        # a tuple in Keras 3, a list in the Keras of TensorFlow 2.12
        drawn.append(Case(outputs if place % 2 else tuple(outputs)))
    return drawn


@question.check(
    points=1,
    text=Text(
        ko='"h_seq"에 모든 시점의 은닉 상태가 있다',
        en='the hidden states of every time step are under "h_seq"',
    ),
)
def names_the_sequence(got, case, want):
    expect.array(expect.item(got, "h_seq"), want["h_seq"])


@question.check(
    points=1,
    text=Text(
        ko='"h"에 마지막 은닉 상태가, "c"에 마지막 셀 상태가 있다',
        en='the last hidden state is under "h", the last cell state under "c"',
    ),
)
def tells_h_from_c(got, case, want):
    expect.array(expect.item(got, "h"), want["h"])
    expect.array(expect.item(got, "c"), want["c"])


@question.misconception(
    text=Text(
        ko="은닉 상태와 셀 상태가 바뀌었습니다. ‘어느 값이 어디에 있는가’ 절에서, 시퀀스의 마지막 행과 같은 "
        "것은 어느 쪽이었나요?",
        en="The hidden state and the cell state are swapped. In the section “Which value is where”, which of "
        "them equals the last row of the sequence?",
    ),
    fails=[tells_h_from_c],
)
def h_and_c_swapped(outputs):
    return {"h_seq": outputs[0], "h": outputs[2], "c": outputs[1]}


@question.misconception(
    text=Text(
        ko='"c"에도 은닉 상태가 들어 있습니다. 세 출력 가운데 셀 상태는 어느 것인가요?',
        en='The hidden state is under "c", too. Which of the three outputs is the cell state?',
    ),
    fails=[tells_h_from_c],
)
def hidden_state_twice(outputs):
    return {"h_seq": outputs[0], "h": outputs[1], "c": outputs[1]}


@question.misconception(
    text=Text(
        ko="은닉 상태의 자리에도 셀 상태를 담았습니다. 시퀀스의 마지막 시점과 비교해 보세요.",
        en='The cell state is under "h", too. Compare it with the last time step of the sequence.',
    ),
    fails=[tells_h_from_c],
)
def cell_state_twice(outputs):
    return {"h_seq": outputs[0], "h": outputs[2], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko="셀 상태를 빠뜨렸습니다. LSTM이 몇 개를 내보내는지 세어 보세요.",
        en="The cell state is missing. Count the outputs of an LSTM.",
    ),
    fails=[tells_h_from_c],
)
def no_cell_state(outputs):
    return {"h_seq": outputs[0], "h": outputs[1]}


@question.misconception(
    text=Text(
        ko='"h"에 첫 시점의 은닉 상태를 담았습니다. 층이 모든 시점을 읽고 난 뒤의 상태가 어느 것인가요?',
        en='"h" holds the hidden state of the first time step. Which one comes after all steps are read?',
    ),
    fails=[tells_h_from_c],
)
def first_step_as_h(outputs):
    return {"h_seq": outputs[0], "h": outputs[0][:, 0], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h"에 마지막 시점이 아니라 마지막 샘플을 담았습니다. 시퀀스의 맨 앞의 축이 무엇을 세나요?',
        en='"h" holds the last sample, not the last time step. What does the first axis of the sequence '
        "count?",
    ),
    fails=[tells_h_from_c],
)
def last_sample_as_h(outputs):
    return {"h_seq": outputs[0], "h": outputs[0][-1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h"에 모든 시점의 은닉 상태를 담았습니다. `return_state`가 내보내는 것이 어느 시점의 상태인가요?',
        en='"h" holds the hidden states of every time step. Which time step do the states of '
        "`return_state` belong to?",
    ),
    fails=[tells_h_from_c],
)
def sequence_as_h(outputs):
    return {"h_seq": outputs[0], "h": outputs[0], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h_seq"에서 마지막 시점만 남겼습니다. 그것은 "h"에 들어갈 값이고, "h_seq"에는 모든 시점이 들어갑니다.',
        en='"h_seq" is cut down to its last time step. That one belongs to "h"; "h_seq" holds them all.',
    ),
    fails=[names_the_sequence],
)
def sequence_cut_to_its_last_step(outputs):
    return {"h_seq": outputs[0][:, -1], "h": outputs[1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h_seq"와 "h"가 바뀌었습니다. 시점의 축이 있는 것이 어느 쪽인가요?',
        en='"h_seq" and "h" are swapped. Which of the two has a time axis?',
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def sequence_and_h_swapped(outputs):
    return {"h_seq": outputs[1], "h": outputs[0], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko="세 출력을 거꾸로 읽었습니다. Keras가 무엇을 맨 앞에 두는지 모양에서 보세요.",
        en="The three outputs are read in reverse. Their shapes show which one Keras puts first.",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def read_from_the_back(outputs):
    return {"h_seq": outputs[2], "h": outputs[1], "c": outputs[0]}


@question.misconception(
    text=Text(
        ko="세 출력을 한 자리씩 밀어 읽었습니다. Keras는 상태보다 출력을 먼저 내보냅니다.",
        en="The three outputs are read shifted by one place. Keras returns the output before the states.",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def states_first(outputs):
    return {"h_seq": outputs[2], "h": outputs[0], "c": outputs[1]}


@question.misconception(
    text=Text(
        ko="받은 것을 그대로 돌려주었습니다. 이름을 키로 하는 딕셔너리를 만드세요.",
        en="The outputs came back unchanged. Return a dict with the names as its keys.",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def given_back_unnamed(outputs):
    return tuple(outputs)


@question.misconception(
    text=Text(
        ko="예제의 변수 이름을 키로 썼습니다. 문제에 적힌 키를 쓰세요.",
        en="The keys are the variable names of the example. Use those that the question asks for.",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def names_of_the_lecture(outputs):
    names = ("whole_seq_output", "final_memory_state", "final_carry_state")
    return dict(zip(names, outputs, strict=True))


@question.misconception(
    text=Text(
        ko="첫 샘플의 것만 담았습니다. 샘플이 하나인 예도 있었지만 여기에서는 여럿일 수 있습니다.",
        en="Only the first sample's arrays are there. An earlier example had one sample; here there may be several.",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def first_sample_only(outputs):
    return {"h_seq": outputs[0][0], "h": outputs[1][0], "c": outputs[2][0]}


@question.misconception(
    text=Text(
        ko="배열이 아니라 배열의 모양을 담았습니다. 배열 자체를 담으세요.",
        en="The shapes of the arrays are there, not the arrays. Put in the arrays themselves.",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def shapes_for_arrays(outputs):
    return {name: part.shape for name, part in zip(("h_seq", "h", "c"), outputs, strict=True)}


@question.misconception(
    text=Text(
        ko="값은 맞지만 NumPy 배열이 아니라 리스트입니다. 배열을 그대로 담으세요.",
        en="The values are right, but they are in lists. Put in the NumPy arrays as they are.",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def lists_for_arrays(outputs):
    return {name: part.tolist() for name, part in zip(("h_seq", "h", "c"), outputs, strict=True)}


@question.misconception(
    text=Text(
        ko='"h_seq"에서 샘플의 축과 시점의 축이 바뀌었습니다. Keras가 내보낸 배열을 그대로 담으세요.',
        en='In "h_seq" the batch axis and the time axis are swapped. Keep the array as Keras returns it.',
    ),
    fails=[names_the_sequence],
)
def sequence_time_first(outputs):
    return {"h_seq": np.moveaxis(outputs[0], 1, 0), "h": outputs[1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h_seq"에서 시점의 축과 유닛의 축이 바뀌었습니다. 마지막 축이 은닉 상태 하나의 길이입니다.',
        en='In "h_seq" the time axis and the axis of the units are swapped. The last axis is the length '
        "of one hidden state.",
    ),
    fails=[names_the_sequence],
)
def sequence_units_before_time(outputs):
    return {"h_seq": np.moveaxis(outputs[0], 2, 1), "h": outputs[1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h_seq"의 모양을 reshape로 바꾸었습니다. reshape는 축을 옮기지 않고 값을 순서대로 다시 '
        "채웁니다. 배열을 그대로 담으세요.",
        en='"h_seq" went through a reshape. A reshape does not move axes; it refills the array in order. '
        "Keep the array as it is.",
    ),
    fails=[names_the_sequence],
)
def sequence_reshaped(outputs):
    batch, timesteps, units = outputs[0].shape
    return {"h_seq": np.reshape(outputs[0], (timesteps, batch, units)), "h": outputs[1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h_seq"에서 시점마다의 은닉 상태를 한 줄로 이었습니다. 시점의 축을 그대로 두세요.',
        en='In "h_seq" the hidden states of all time steps are joined in one row. Keep the time axis.',
    ),
    fails=[names_the_sequence],
)
def sequence_in_one_row(outputs):
    return {"h_seq": np.hstack(list(np.moveaxis(outputs[0], 1, 0))), "h": outputs[1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h_seq"의 시점 순서가 거꾸로입니다. 첫 시점이 맨 앞에 와야 합니다.',
        en='The time steps of "h_seq" are reversed. The first one comes first.',
    ),
    fails=[names_the_sequence],
)
def sequence_reversed(outputs):
    return {"h_seq": np.flip(outputs[0], axis=1), "h": outputs[1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h_seq"에 첫 시점만 있습니다. 여기에는 모든 시점이 들어갑니다.',
        en='"h_seq" holds the first time step alone. All of them belong there.',
    ),
    fails=[names_the_sequence],
)
def sequence_cut_to_its_first_step(outputs):
    return {"h_seq": outputs[0].take(0, axis=1), "h": outputs[1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h_seq"에 마지막 시점이 없습니다. 마지막 시점의 은닉 상태는 "h"에도 있지만 여기에도 들어갑니다.',
        en='The last time step is missing from "h_seq". Its hidden state is under "h" and belongs here as '
        "well.",
    ),
    fails=[names_the_sequence],
)
def sequence_without_its_last_step(outputs):
    timesteps = outputs[0].shape[1]
    return {"h_seq": outputs[0][:, : timesteps - 1], "h": outputs[1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h_seq"가 시점마다의 배열을 담은 리스트입니다. Keras가 내보낸 배열 하나를 그대로 담으세요.',
        en='"h_seq" is a list with an array per time step. Keep the one array that Keras returns.',
    ),
    fails=[names_the_sequence],
)
def sequence_as_a_list_of_steps(outputs):
    return {"h_seq": list(np.moveaxis(outputs[0], 1, 0)), "h": outputs[1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h"에 시점마다 마지막 유닛의 값을 담았습니다. 시퀀스의 축이 저마다 무엇을 세나요?',
        en='"h" holds the last unit at every time step. What does each axis of the sequence count?',
    ),
    fails=[tells_h_from_c],
)
def last_unit_as_h(outputs):
    return {"h_seq": outputs[0], "h": outputs[0][..., -1], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h"에 마지막 바로 앞 시점의 은닉 상태를 담았습니다. 끝에서부터 셀 때 마지막 시점의 인덱스는 '
        "얼마인가요?",
        en='"h" holds the time step before the last one. Counted from the end, what is the index of the '
        "last one?",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def last_but_one_as_h(outputs):
    timesteps = outputs[0].shape[1]
    if timesteps == 1:
        raise IndexError
    return {"h_seq": outputs[0], "h": outputs[0][:, timesteps - 2], "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h"에 길이 1인 시점의 축이 남아 있습니다. 상태 하나에는 시점의 축이 없습니다.',
        en='"h" still has a time axis of length 1. A single state has no such axis: drop it.',
    ),
    fails=[tells_h_from_c],
)
def h_with_an_axis_of_time(outputs):
    return {"h_seq": outputs[0], "h": np.expand_dims(outputs[1], 1), "c": outputs[2]}


@question.misconception(
    text=Text(
        ko='"h"에 모든 시점의 평균을 담았습니다. 마지막 시점을 읽고 난 은닉 상태 하나만 담으세요.',
        en='"h" holds the mean over the time steps. It should be the hidden state after the last one.',
    ),
    fails=[tells_h_from_c],
)
def mean_as_h(outputs):
    return {
        "h_seq": outputs[0],
        "h": sum(np.moveaxis(outputs[0], 1, 0)) / outputs[0].shape[1],
        "c": outputs[2],
    }


@question.misconception(
    text=Text(
        ko='셀 상태에 tanh를 적용해서 "c"에 담았습니다. 나온 그대로 담으세요.',
        en='A tanh was applied to the cell state before it was put under "c". Keep it as it came out.',
    ),
    fails=[tells_h_from_c],
)
def c_after_its_tanh(outputs):
    return {"h_seq": outputs[0], "h": outputs[1], "c": np.tanh(outputs[2])}


@question.misconception(
    text=Text(
        ko='"c"에 첫 시점의 은닉 상태를 담았습니다. 시퀀스에는 은닉 상태만 있습니다. 셀 상태는 어느 '
        "출력인가요?",
        en='"c" holds the hidden state of the first time step. The sequence holds hidden states only. '
        "Which output is the cell state?",
    ),
    fails=[tells_h_from_c],
)
def sequence_step_as_c(outputs):
    return {"h_seq": outputs[0], "h": outputs[1], "c": outputs[0].take(0, axis=1)}


@question.misconception(
    text=Text(
        ko='"c"에 모든 시점의 은닉 상태를 담았습니다. 세 출력의 모양을 찍어 보세요.',
        en='"c" holds the hidden states of every time step. Print the shapes of the three outputs.',
    ),
    fails=[tells_h_from_c],
)
def sequence_as_c(outputs):
    return {"h_seq": outputs[0], "h": outputs[1], "c": outputs[0]}


@question.misconception(
    text=Text(
        ko="값에서 소수점 아래가 잘렸습니다. 배열을 정수로 바꾸지 말고 그대로 담으세요.",
        en="The fractions of the values are cut off. Keep the arrays as they are instead of turning them into "
        "integers.",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def fractions_cut_off(outputs):
    return {
        "h_seq": np.trunc(outputs[0]).astype(int),
        "h": np.trunc(outputs[1]).astype(int),
        "c": np.trunc(outputs[2]).astype(int),
    }


@question.misconception(
    text=Text(
        ko="두 상태에서 첫 샘플의 것만 담았습니다. 샘플마다 상태가 하나씩 있어야 합니다.",
        en="Only the first sample's states are there. There should be one state for each sample.",
    ),
    fails=[tells_h_from_c],
)
def states_of_the_first_sample(outputs):
    return {"h_seq": outputs[0], "h": outputs[1][0], "c": outputs[2][0]}


@question.misconception(
    text=Text(
        ko="배열은 dict의 키나 set의 원소가 될 수 없어서 오류가 납니다. 콜론 앞에는 이름을, 뒤에는 배열을 쓰세요.",
        en="An array cannot be a key of a dict or an item of a set, hence the error. Write the name "
        "before the colon and the array after it.",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def array_for_a_key(outputs):
    return {part: name for name, part in zip(("h_seq", "h", "c"), outputs, strict=True)}


@question.misconception(
    text=Text(
        ko="출력을 꺼내는 인덱스가 너무 큽니다. 출력은 셋이고, 인덱스는 0부터 셉니다.",
        en="An index goes beyond the last output. There are three outputs, and indices count from 0.",
    ),
    fails=[names_the_sequence, tells_h_from_c],
)
def beyond_the_last_output(outputs):
    return {"h_seq": outputs[0], "h": outputs[1], "c": outputs[3]}


@question.misconception(
    text=Text(
        ko='"h"에 셀 상태의 tanh를 담았습니다. 은닉 상태를 다시 계산할 필요가 없습니다. 세 출력 가운데 하나입니다.',
        en='"h" holds the tanh of the cell state. The hidden state need not be computed again: it is one of the three '
        "outputs.",
    ),
    fails=[tells_h_from_c],
)
def tanh_of_c_as_h(outputs):
    return {"h_seq": outputs[0], "h": np.tanh(outputs[2]), "c": outputs[2]}

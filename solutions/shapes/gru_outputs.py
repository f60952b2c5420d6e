"""Debugging: the lecture's GRU cell, which shows a variable that another cell left over."""

import numpy as np

from autograder import Case, Fail, Question, Text, expect, recurrent

from ._shared import RETURNS_SECTION, VALUES_SECTION

question = Question(
    title=Text(ko="고치기: 마지막 시점이 맞지 않는 GRU", en="Repair: a GRU whose last step does not agree"),
    statement=Text(
        ko="""
GRU를 부르는 한 셀이 오류 없이 실행되었지만, 출력한 마지막 시점의 은닉 상태가 마지막 상태와 달랐습니다. 다음은 그
셀을 함수로 옮긴 것이고, 같은 버그가 들어 있습니다. 이 노트북에서 부르면 역시 오류 없이 틀린 값을 돌려줍니다.

```python
def gru_outputs(states):
    whole_sequence_output = np.stack(states, axis=1)
    final_state = states[-1]
    return whole_seq_output, final_state
```

버그를 찾아, 고친 `gru_outputs(states)`를 아래에 쓰세요.

- `states`는 GRU가 시점마다 낸 은닉 상태를 순서대로 담은 리스트입니다. 하나하나는 모양이 `(batch, units)`인 NumPy
  배열이고, 시점은 하나 이상입니다.
- `GRU(units, return_sequences=True, return_state=True)`가 내보내는 둘을 튜플이나 리스트로 돌려줍니다. 모든 시점의
  은닉 상태 `(batch, timesteps, units)`와 마지막 상태 `(batch, units)`입니다.
- 마지막 시점의 은닉 상태와 마지막 상태는 같아야 하고, 둘 다 **이번에 받은** `states`의 것이어야 합니다.
- TensorFlow 없이 채점합니다.
""",
        en="""
A notebook cell that calls a GRU ran without an error, but in its output the last time step of the sequence did not
equal the final state. Below is that cell as a function, with the same bug. In this notebook it, too, runs without an
error and returns wrong values.

```python
def gru_outputs(states):
    whole_sequence_output = np.stack(states, axis=1)
    final_state = states[-1]
    return whole_seq_output, final_state
```

Find the bug and write the repaired `gru_outputs(states)` below.

- `states` is a list of the hidden states that a GRU computed, one for each time step, in order. Each is a NumPy array
  of shape `(batch, units)`, and there is at least one time step.
- Return the two things that `GRU(units, return_sequences=True, return_state=True)` returns, in a tuple or a list: the
  hidden states of every time step, `(batch, timesteps, units)`, and the final state, `(batch, units)`.
- The last time step of the first must equal the second, and both must come from the `states` given **this time**.
- This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, GRU with return_sequences and return_state",
    sample=([np.zeros((1, 2)), np.zeros((1, 2)), np.zeros((1, 2))],),
    returns="array",
    parts=2,
)

LEFT_OVER = np.array(
    [
        [[-0.12, 0.12, 0.06], [-0.21, 0.20, 0.10], [-0.29, 0.14, 0.12]],
        [[-0.13, 0.06, -0.03], [-0.19, 0.16, 0.03], [-0.10, -0.04, -0.05]],
    ]
)
"""What the notebook's LSTM left in `whole_seq_output`; a test holds it to the notebook."""
CELL_LEFT_OVER = np.array([[-0.50, 0.38, 0.20], [-0.22, -0.07, -0.13]])
"""What it left in `final_carry_state`."""


@question.answer
def gru_outputs(states):
    """timesteps x (batch, units) -> (batch, timesteps, units), (batch, units)"""
    whole = np.stack(states, axis=1)
    return whole, whole[:, -1]


@question.example
def example(gru_outputs):
    import numpy as np

    states = [np.array([[0.1, 0.2]]), np.array([[0.3, 0.4]]), np.array([[0.5, 0.6]])]
    whole, final = gru_outputs(states)
    assert whole.shape == (1, 3, 2)
    assert final.shape == (1, 2)
    assert np.allclose(whole[0], [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])


@question.cases
def cases(rng):
    drawn = []
    sizes = [LEFT_OVER.shape, (1, 6, 4), (5, 1, 3), (4, 4, 4)]
    sizes += [tuple(int(size) for size in rng.permutation(range(3, 10))[:3]) for _ in range(5)]
    for batch, timesteps, units in sizes:
        weights = [rng.normal(size=(rows, 3 * units)) for rows in (2, units, 2)]
        given_back = recurrent.gru(rng.normal(size=(batch, timesteps, 2)), *weights).astype(np.float32)
        drawn.append(Case([given_back[:, step] for step in range(timesteps)]))
    return drawn


PAIR = Text(ko="모든 시점의 은닉 상태와 마지막 상태의 튜플", en="a tuple: the hidden states, the final state")


@question.check(
    points=2,
    text=Text(
        ko="받은 상태에서 모든 시점의 은닉 상태와 마지막 상태를 만들고, 둘이 서로 맞는다",
        en="makes the hidden states and the final state from the states given, and the two agree",
    ),
)
def gives_what_the_gru_gives(got, case, want):
    if isinstance(got, np.ndarray):
        raise Fail(
            Text(
                ko=f"둘을 담은 튜플이 아니라 모양이 {got.shape}인 배열 하나를 돌려주었습니다.",
                en=f"one array of shape {got.shape} came back, not a tuple of two",
            )
        )
    found = expect.sequence(got, PAIR)
    if len(found) != 2:
        raise Fail(
            Text(
                ko=f"둘을 담은 튜플이어야 하는데 {len(found)}개가 들어 있습니다.",
                en=f"there should be two in the tuple, but there are {len(found)}",
            )
        )
    whole, final = (expect.shape(one, right.shape) for one, right in zip(found, want, strict=True))
    if not np.allclose(whole[:, -1], final):
        raise Fail(
            Text(
                ko="마지막 시점의 은닉 상태와 마지막 상태가 다릅니다.",
                en="the last time step of the hidden states is not the final state",
            )
        )
    expect.array(whole, want[0])


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태가 아직 앞의 LSTM이 남긴 값입니다. `return`에 적은 이름이 이 함수 안에서 "
        "만든 것인지 한 글자씩 비교하세요.",
        en="The sequence is still what the LSTM left over. Compare each name in the `return`, letter by "
        "letter, with the names assigned inside this function.",
    ),
    fails=[gives_what_the_gru_gives],
)
def left_over_sequence(states):
    return LEFT_OVER, states[len(states) - 1]


@question.misconception(
    text=Text(
        ko="마지막 상태도 앞의 LSTM이 남긴 값에서 꺼냈습니다. 두 값이 서로 맞더라도 이번에 받은 상태의 "
        "것이 아닙니다. 둘 다 `states`에서 만드세요.",
        en="The final state, too, is taken from what the LSTM left over. The two agree now, but neither "
        "comes from the states given. Make both from `states`.",
    ),
    fails=[gives_what_the_gru_gives],
)
def both_left_over(states):
    return LEFT_OVER, LEFT_OVER[:, -1]


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태는 고쳤지만, 마지막 상태를 앞의 LSTM이 남긴 값에서 꺼냈습니다. 마지막 "
        "상태도 `states`에서 꺼내세요.",
        en="The sequence is repaired, but the final state is taken from what the LSTM left over. Take it "
        "from `states`, too.",
    ),
    fails=[gives_what_the_gru_gives],
)
def left_over_final_state(states):
    return np.stack(states, axis=1), LEFT_OVER[:, -1]


@question.misconception(
    text=Text(
        ko="시점의 축이 맨 앞에 있습니다. 시점마다의 배열을 쌓을 때 새 축을 어디에 둘지 보세요.",
        en="The time axis comes first. See where the new axis goes when the arrays are stacked.",
    ),
    fails=[gives_what_the_gru_gives],
)
def steps_on_the_first_axis(states):
    return np.array(states), states[-1]


@question.misconception(
    text=Text(
        ko="시점의 축이 맨 뒤에 있습니다. 시점마다의 배열을 쌓을 때 새 축을 어디에 둘지 보세요.",
        en="The time axis comes last. See where the new axis goes when the arrays are stacked.",
    ),
    fails=[gives_what_the_gru_gives],
)
def steps_on_the_last_axis(states):
    return np.stack(states, axis=-1), states[-1]


@question.misconception(
    text=Text(
        ko="시점마다의 은닉 상태를 한 줄로 이었습니다. 시점의 축이 따로 있어야 합니다.",
        en="The hidden states of all time steps are joined in one row. The time steps need an axis of their own.",
    ),
    fails=[gives_what_the_gru_gives],
)
def steps_in_one_row(states):
    return np.concatenate(states, axis=1), states[-1]


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태를 리스트인 채로 돌려주었습니다. 배열 하나로 쌓으세요.",
        en="The hidden states are still a list. Stack them into one array.",
    ),
    fails=[gives_what_the_gru_gives],
)
def steps_left_in_their_list(states):
    return states, states[-1]


@question.misconception(
    text=Text(
        ko="마지막 상태로 첫 시점의 것을 돌려주었습니다. 리스트의 어느 쪽 끝이 마지막 시점인지 보세요.",
        en="The final state is that of the first time step. At which end of the list is the last one?",
    ),
    section=VALUES_SECTION,
    fails=[gives_what_the_gru_gives],
)
def first_state_as_the_final_one(states):
    return np.stack(states, axis=1), states[0]


@question.misconception(
    text=Text(
        ko="마지막 상태로 마지막 샘플을 꺼냈습니다. 모든 시점을 쌓은 배열의 맨 앞의 축이 무엇을 세나요?",
        en="The final state is the last sample instead of the last time step. What does the first axis of the "
        "stacked array count?",
    ),
    section=VALUES_SECTION,
    fails=[gives_what_the_gru_gives],
)
def last_sample_as_the_final_state(states):
    stacked = np.stack(states, axis=1)
    return stacked, stacked[-1]


@question.misconception(
    text=Text(
        ko="마지막 상태에 길이 1인 시점의 축이 남아 있습니다. 상태 하나에는 시점의 축이 없습니다.",
        en="The final state still has an axis for its one time step. A single state has no such axis.",
    ),
    fails=[gives_what_the_gru_gives],
)
def axis_kept(states):
    stacked = np.stack(states, axis=1)
    return stacked, stacked[:, -1:]


@question.misconception(
    text=Text(
        ko="두 값의 순서가 바뀌었습니다. Keras가 상태보다 무엇을 먼저 내보내는지 보세요.",
        en="The two are swapped. What does Keras return before the state?",
    ),
    section=RETURNS_SECTION,
    fails=[gives_what_the_gru_gives],
    credit=1,
)
def state_first(states):
    return states[-1], np.stack(states, axis=1)


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태만 돌려주었습니다. `return_state=True`가 더 내보내는 것도 함께 돌려주세요.",
        en="Only the hidden states came back. Return what `return_state=True` adds as well.",
    ),
    section=RETURNS_SECTION,
    fails=[gives_what_the_gru_gives],
)
def sequence_alone(states):
    return np.stack(states, axis=1)


@question.misconception(
    text=Text(
        ko="셋을 돌려주었습니다. GRU에는 셀 상태가 없으니 둘만 돌려주세요.",
        en="Three outputs came back. A GRU has no cell state, so return two.",
    ),
    section=RETURNS_SECTION,
    fails=[gives_what_the_gru_gives],
)
def three_as_of_an_lstm(states):
    return np.stack(states, axis=1), states[-1], states[-1]


@question.misconception(
    text=Text(
        ko="시점을 거꾸로 쌓았습니다. 리스트의 순서를 그대로 두세요.",
        en="The time steps are stacked in reverse. Keep the order of the list.",
    ),
    fails=[gives_what_the_gru_gives],
)
def steps_reversed(states):
    return np.stack(states[::-1], axis=1), states[-1]


@question.misconception(
    text=Text(
        ko="모양은 맞지만 값이 제자리에 없습니다. reshape는 축을 옮기지 않고 값을 메모리에 놓인 순서대로 "
        "다시 채웁니다. 시점의 축을 둘째 축으로 두고 쌓으세요.",
        en="The shape of the sequence is right, but its values are in the wrong places. A reshape does "
        "not move axes; it refills the array in memory order. Put the time axis second when stacking.",
    ),
    fails=[gives_what_the_gru_gives],
)
def reshaped_for_stacked(states):
    batch, units = states[0].shape
    return np.concatenate(states).reshape(batch, len(states), units), states[-1]


@question.misconception(
    text=Text(
        ko="모든 시점을 reshape로 만들고 거기에서 마지막 상태를 꺼냈습니다. 두 값이 서로 맞더라도, "
        "reshape가 다른 샘플과 시점의 값을 섞었습니다. 새 축에 쌓으세요.",
        en="The sequence was made by a reshape and the final state taken from it. The two agree, but the "
        "reshape mixed the values of different samples and steps. Stack along a new axis instead.",
    ),
    fails=[gives_what_the_gru_gives],
)
def reshaped_and_its_last_step(states):
    batch, units = states[0].shape
    whole = np.concatenate(states).reshape(batch, len(states), units)
    return whole, whole[:, -1]


@question.misconception(
    text=Text(
        ko="시점마다의 배열을 아래로 이었습니다. 새 축이 있어야 시점을 샘플과 따로 셀 수 있습니다.",
        en="The arrays of the time steps are joined one below the other. It takes a new axis to count the "
        "steps apart from the samples.",
    ),
    fails=[gives_what_the_gru_gives],
)
def states_one_below_the_other(states):
    return np.vstack(states), states[-1]


@question.misconception(
    text=Text(
        ko="시점의 축을 맨 앞에 두고 쌓은 다음 `[:, -1]`로 꺼냈습니다. 그 배열의 둘째 축은 무엇을 세나요?",
        en="The arrays were stacked with the time steps in front, and then `[:, -1]` was taken. What does the "
        "second axis of that array count?",
    ),
    fails=[gives_what_the_gru_gives],
)
def stacked_in_front_and_its_last_column(states):
    stacked = np.stack(states)
    return stacked, stacked[:, -1]


@question.misconception(
    text=Text(
        ko="`.T`로 축을 모두 뒤집었습니다. 시점의 축만 옮겨 둘째 축으로 두세요.",
        en="`.T` reversed all the axes. Only the time axis should move, to the second place.",
    ),
    fails=[gives_what_the_gru_gives],
)
def steps_on_the_last_axis_turned(states):
    return np.stack([state.T for state in states], axis=2), states[-1]


@question.misconception(
    text=Text(
        ko="마지막 상태로 시점마다 마지막 유닛의 값을 꺼냈습니다. 모든 시점을 쌓은 배열의 축이 저마다 무엇을 "
        "세나요?",
        en="The final state is the last unit at every time step. What does each axis of the stacked array "
        "count?",
    ),
    section=VALUES_SECTION,
    fails=[gives_what_the_gru_gives],
)
def last_unit_as_the_final_state(states):
    stacked = np.stack(states, axis=1)
    return stacked, stacked[..., -1]


@question.misconception(
    text=Text(
        ko="마지막 상태로 마지막 바로 앞 시점의 것을 돌려주었습니다. 끝에서부터 셀 때 마지막 시점의 "
        "인덱스는 얼마인가요?",
        en="The final state is that of the step before the last one. Counted from the end, what is the "
        "index of the last one?",
    ),
    section=VALUES_SECTION,
    fails=[gives_what_the_gru_gives],
)
def last_but_one_as_the_final_state(states):
    stacked = np.stack(states, axis=1)
    return stacked, stacked[:, -2]


@question.misconception(
    text=Text(
        ko="마지막 상태로 모든 시점의 평균을 돌려주었습니다. 마지막 시점을 읽고 난 상태 하나만 돌려주세요.",
        en="The final state is the mean over the time steps. It should be the state after the last one.",
    ),
    fails=[gives_what_the_gru_gives],
)
def mean_as_the_final_state(states):
    stacked = np.stack(states, axis=1)
    return stacked, stacked.mean(axis=1)


@question.misconception(
    text=Text(
        ko="마지막 상태로 모든 시점의 합을 돌려주었습니다. 마지막 시점을 읽고 난 상태 하나만 돌려주세요.",
        en="The final state is the sum over the time steps. It should be the state after the last one.",
    ),
    fails=[gives_what_the_gru_gives],
)
def sum_as_the_final_state(states):
    stacked = np.stack(states, axis=1)
    return stacked, stacked.sum(axis=1)


@question.misconception(
    text=Text(
        ko="마지막 상태만 돌려주었습니다. 모든 시점의 은닉 상태가 그 앞에 와야 합니다.",
        en="Only the final state came back. The hidden states of every time step come before it.",
    ),
    section=RETURNS_SECTION,
    fails=[gives_what_the_gru_gives],
)
def state_alone(states):
    return states[-1]


@question.misconception(
    text=Text(
        ko="딕셔너리로 돌려주었습니다. Keras처럼 두 배열을 순서대로 담은 튜플로 돌려주세요.",
        en="A dict came back. Return the two arrays in a tuple, in Keras's order.",
    ),
    fails=[gives_what_the_gru_gives],
)
def pair_as_a_dict(states):
    stacked = np.stack(states, axis=1)
    return {"whole": stacked, "final": states[-1]}


@question.misconception(
    text=Text(
        ko="값은 맞지만 NumPy 배열이 아니라 리스트입니다. 배열로 돌려주세요.",
        en="The values are right, but they are in nested lists. Return NumPy arrays.",
    ),
    fails=[gives_what_the_gru_gives],
)
def nested_lists(states):
    return [[list(map(float, state[k])) for state in states] for k in range(len(states[0]))], states[
        -1
    ].tolist()


@question.misconception(
    text=Text(
        ko="두 배열의 모양이 나왔습니다. 배열을 돌려주세요.",
        en="Those are the shapes of the two arrays. Return the arrays.",
    ),
    fails=[gives_what_the_gru_gives],
)
def shapes_for_arrays(states):
    batch, units = states[0].shape
    return (batch, len(states), units), (batch, units)


@question.misconception(
    text=Text(
        ko="시점을 거꾸로 쌓고 거기에서 마지막 것을 꺼냈습니다. 두 값이 서로 맞더라도 그것은 첫 시점의 "
        "상태입니다. 리스트의 순서를 그대로 두세요.",
        en="The time steps are stacked in reverse, and the last one is taken from that. The two agree, "
        "but it is the state of the first step. Keep the order of the list.",
    ),
    fails=[gives_what_the_gru_gives],
)
def steps_reversed_and_its_last(states):
    stacked = np.stack(states[::-1], axis=1)
    return stacked, states[0]


@question.misconception(
    text=Text(
        ko="모든 시점의 배열에서 샘플의 순서가 거꾸로입니다. 맨 앞의 축이 무엇을 세나요?",
        en="In the array of all steps the samples are reversed. What does the first axis count?",
    ),
    fails=[gives_what_the_gru_gives],
)
def samples_reversed(states):
    return np.stack([state[::-1] for state in states], axis=1), states[-1]


@question.misconception(
    text=Text(
        ko="마지막 상태에 첫 샘플의 것만 있습니다. 샘플마다 한 행이어야 합니다.",
        en="The final state holds the first sample alone. There should be a row for each sample.",
    ),
    fails=[gives_what_the_gru_gives],
)
def first_sample_of_the_final_state(states):
    stacked = np.stack(states, axis=1)
    return stacked, stacked[0, -1]


@question.misconception(
    text=Text(
        ko="마지막 상태가 리스트 하나에 더 싸여 있습니다. 배열 그대로 돌려주세요. 슬라이스 `[-1:]`은 리스트를 "
        "돌려줍니다.",
        en="The final state is inside a list. Return the array itself; a slice such as `[-1:]` gives a list.",
    ),
    fails=[gives_what_the_gru_gives],
)
def final_state_in_a_list(states):
    stacked = np.stack(states, axis=1)
    return stacked, [states[-1]]


@question.misconception(
    text=Text(
        ko="마지막 상태가 있을 곳에도 모든 시점이 들어 있습니다. 그 가운데 마지막 시점만 필요합니다.",
        en="The final state holds every time step, too. Only the last of them belongs there.",
    ),
    fails=[gives_what_the_gru_gives],
)
def sequence_twice(states):
    stacked = np.stack(states, axis=1)
    return stacked, stacked


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태가 있을 곳에도 마지막 상태가 들어 있습니다. 거기에는 시점마다의 은닉 "
        "상태가 모두 들어갑니다.",
        en="The final state also takes the place of the sequence. The hidden states of every time step "
        "belong there.",
    ),
    fails=[gives_what_the_gru_gives],
)
def state_twice(states):
    return states[-1], states[-1]


@question.misconception(
    text=Text(
        ko="마지막 상태로 앞의 LSTM이 남긴 셀 상태가 나옵니다. GRU에는 셀 상태가 없습니다. 그 이름을 어디에서 "
        "만들었는지 찾으세요.",
        en="The final state is the cell state that the LSTM left over. A GRU has no cell state: find where "
        "that name was assigned.",
    ),
    fails=[gives_what_the_gru_gives],
)
def left_over_cell_state(states):
    stacked = np.stack(states, axis=1)
    return stacked, CELL_LEFT_OVER


@question.misconception(
    text=Text(
        ko="길이가 1인 축을 모두 없앴습니다. 샘플이나 시점, 유닛이 하나여도 그 축은 남습니다.",
        en="Every axis of length 1 is dropped. The axes stay even with one sample, one time step or one unit.",
    ),
    fails=[gives_what_the_gru_gives],
)
def axes_of_one_dropped(states):
    stacked = np.stack(states, axis=1)
    return stacked.squeeze(), states[-1]


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태가 모두 0입니다. 정수 배열에 담아 소수점 아래가 잘렸거나 채우지 않은 "
        "배열입니다.",
        en="The hidden states of all steps are 0: their fractions were cut off in an integer array, or the "
        "array was never filled.",
    ),
    fails=[gives_what_the_gru_gives],
)
def zeros_in_the_sequence(states):
    stacked = np.stack(states, axis=1)
    return 0 * stacked, states[-1]


@question.misconception(
    text=Text(
        ko="모든 시점에 마지막 상태가 들어 있습니다. 반복할 때마다 배열 전체에 쓰지 않았는지 확인하세요.",
        en="The last state is at every time step. Does each turn of the loop write to the whole array?",
    ),
    fails=[gives_what_the_gru_gives],
)
def last_state_everywhere(states):
    return np.stack([states[-1] for _ in states], axis=1), states[-1]


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태에서 마지막 시점이 빠졌습니다. 시점이 몇 개인지 세어 보세요.",
        en="The last time step is missing from the sequence. How many steps are there?",
    ),
    fails=[gives_what_the_gru_gives],
)
def one_step_short(states):
    if len(states) == 1:
        raise ValueError
    return np.stack(states[: len(states) - 1], axis=1), states[-1]

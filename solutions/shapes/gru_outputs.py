"""Debugging: the lecture's GRU cell, which shows a variable that another cell left over."""

import numpy as np

from autograder import Case, Fail, Question, Text, expect
from autograder.recurrent import gru

question = Question(
    title=Text(ko="고치기: 마지막 시점이 맞지 않는 GRU", en="Repair: a GRU whose last step does not agree"),
    statement=Text(
        ko="""
강의의 GRU 칸은 오류 없이 돌았지만, 출력한 마지막 시점의 은닉 상태가 마지막 상태와 달랐습니다. 다음은 그 칸을 함수로
옮긴 것이고, 같은 잘못이 들어 있습니다. 이 노트북에서 부르면 역시 오류 없이 값을 돌려줍니다.

```python
def gru_outputs(states):
    whole_sequence_output = np.stack(states, axis=1)
    final_state = states[-1]
    return whole_seq_output, final_state
```

잘못을 찾아, 고친 `gru_outputs(states)`를 아래에 쓰세요.

- `states`는 GRU가 시점마다 낸 은닉 상태를 차례로 담은 리스트입니다. 하나하나는 모양이 `(batch, units)`인 NumPy
  배열이고, 시점은 하나 이상입니다.
- `GRU(units, return_sequences=True, return_state=True)`가 내보내는 둘을 튜플로 돌려줍니다. 모든 시점의 은닉 상태
  `(batch, timesteps, units)`와 마지막 상태 `(batch, units)`입니다.
- 마지막 시점의 은닉 상태와 마지막 상태는 같아야 하고, 둘 다 **이번에 받은** `states`의 것이어야 합니다.
- TensorFlow 없이 채점합니다.
""",
        en="""
The lecture's GRU cell ran without an error, but the last hidden state that it printed was not the final state. Below,
that cell has become a function, with the same fault in it. Called in this notebook, it too returns values without an
error.

```python
def gru_outputs(states):
    whole_sequence_output = np.stack(states, axis=1)
    final_state = states[-1]
    return whole_seq_output, final_state
```

Find the fault and write the repaired `gru_outputs(states)` below.

- `states` is a list of the hidden states that a GRU gave, one for each time step, in order. Each is a NumPy array of
  shape `(batch, units)`, and there is at least one time step.
- Return the two things that `GRU(units, return_sequences=True, return_state=True)` gives back, as a tuple: the hidden
  states of every time step, `(batch, timesteps, units)`, and the final state, `(batch, units)`.
- The last time step of the first must equal the second, and both must come from the `states` given **this time**.
- Graded without TensorFlow.
""",
    ),
    source="lecture notebook, GRU with return_sequences and return_state",
)

LEFT_OVER = np.array(
    [
        [[-0.12, 0.12, 0.06], [-0.21, 0.20, 0.10], [-0.29, 0.14, 0.12]],
        [[-0.13, 0.06, -0.03], [-0.19, 0.16, 0.03], [-0.10, -0.04, -0.05]],
    ]
)
"""What the notebook's LSTM left in `whole_seq_output`; a test holds it to the notebook."""


@question.answer
def gru_outputs(states):
    """What a GRU with return_sequences and return_state gives back, from its hidden states.

    states: list of arrays (batch, units), one for each time step.
    Returns a tuple of arrays: (batch, timesteps, units) and (batch, units).
    모든 시점의 은닉 상태와 마지막 상태를 튜플로 돌려줍니다.
    """
    # of these states: whole_seq_output is another name, and holds what the LSTM left over
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
        given_back = gru(rng.normal(size=(batch, timesteps, 2)), *weights).astype(np.float32)
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
        ko="앞의 LSTM이 남긴 값이 그대로 나옵니다. `return`에 적은 이름이 이 함수 안에서 만든 것인지 한 글자씩 "
        "보세요.",
        en="What the LSTM left over still comes out. Look letter by letter whether each name in the `return` "
        "was made inside this function.",
    ),
    fails=[gives_what_the_gru_gives],
)
def left_over_sequence(states):
    return LEFT_OVER, states[len(states) - 1]


@question.misconception(
    text=Text(
        ko="마지막 상태도 앞의 LSTM이 남긴 값에서 꺼냈습니다. 두 값이 서로 맞더라도 이번에 받은 상태의 것이 아닙니다.",
        en="You took the final state, too, from what the LSTM left over. The two agree now, but neither comes "
        "from the states given.",
    ),
    fails=[gives_what_the_gru_gives],
)
def both_left_over(states):
    return LEFT_OVER, LEFT_OVER[:, -1]


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태는 고쳤지만, 마지막 상태를 앞의 LSTM이 남긴 값에서 꺼냈습니다.",
        en="The sequence is repaired, but you take the final state from what the LSTM left over.",
    ),
    fails=[gives_what_the_gru_gives],
)
def left_over_final_state(states):
    return np.stack(states, axis=1), LEFT_OVER[:, -1]


@question.misconception(
    text=Text(
        ko="시점의 축이 맨 앞에 있습니다. 시점마다의 배열을 쌓을 때 새 축을 어디에 둘지 보세요.",
        en="The axis of the time steps comes first. See where the new axis goes when the arrays are stacked.",
    ),
    fails=[gives_what_the_gru_gives],
)
def steps_on_the_first_axis(states):
    return np.array(states), states[-1]


@question.misconception(
    text=Text(
        ko="시점의 축이 맨 뒤에 있습니다. 시점마다의 배열을 쌓을 때 새 축을 어디에 둘지 보세요.",
        en="The axis of the time steps comes last. See where the new axis goes when the arrays are stacked.",
    ),
    fails=[gives_what_the_gru_gives],
)
def steps_on_the_last_axis(states):
    return np.stack(states, axis=-1), states[-1]


@question.misconception(
    text=Text(
        ko="시점마다의 은닉 상태를 한 줄로 이었습니다. 시점은 제 축을 가져야 합니다.",
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
    fails=[gives_what_the_gru_gives],
)
def first_state_as_the_final_one(states):
    return np.stack(states, axis=1), states[0]


@question.misconception(
    text=Text(
        ko="마지막 상태로 마지막 데이터를 꺼냈습니다. 모든 시점을 쌓은 배열의 맨 앞의 축이 무엇을 세는지 보세요.",
        en="The final state is the last sample instead of the last time step. What does the first axis of the "
        "stacked array count?",
    ),
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
        ko="두 값의 차례가 바뀌었습니다. Keras가 상태보다 무엇을 먼저 내보내는지 보세요.",
        en="The two have changed places. What does Keras give before the state?",
    ),
    fails=[gives_what_the_gru_gives],
)
def state_first(states):
    return states[-1], np.stack(states, axis=1)


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태만 돌려주었습니다. `return_state=True`가 더 내보내는 것도 함께 돌려주세요.",
        en="Only the hidden states came back. Return what `return_state=True` adds as well.",
    ),
    fails=[gives_what_the_gru_gives],
)
def sequence_alone(states):
    return np.stack(states, axis=1)


@question.misconception(
    text=Text(
        ko="셋을 돌려주었습니다. GRU에는 셀 상태가 없습니다.",
        en="Three things came back. A GRU has no cell state.",
    ),
    fails=[gives_what_the_gru_gives],
)
def three_as_of_an_lstm(states):
    return np.stack(states, axis=1), states[-1], states[-1]


@question.misconception(
    text=Text(
        ko="시점을 거꾸로 쌓았습니다. 리스트의 차례를 그대로 두세요.",
        en="The time steps are stacked in reverse. Keep the order of the list.",
    ),
    fails=[gives_what_the_gru_gives],
)
def steps_reversed(states):
    return np.stack(states[::-1], axis=1), states[-1]

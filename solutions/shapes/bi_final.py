"""Bidirectional: its output without return_sequences, rebuilt from its output with it."""

import numpy as np

from autograder import Case, Question, Text, expect, recurrent

from ._shared import (
    MERGE_SECTION,
    VALUES_SECTION,
    ZEROS,
)

question = Question(
    title=Text(ko="양방향 층의 마지막 출력 되찾기", en="The final output of a bidirectional layer"),
    statement=Text(
        ko="""
`return_sequences=True`인 층을 `Bidirectional(..., merge_mode="concat")`로 감싸서 얻은 배열 `sequence`가 있습니다.
가중치와 입력이 같고 `return_sequences=False`였다면 나왔을 배열을 `sequence`에서 만들어 돌려주는 함수
`bi_final(sequence, units)`를 완성하세요.

- `sequence`는 모양이 `(batch, timesteps, 2 * units)`인 NumPy 배열이고, `units`는 한 방향의 유닛 수입니다.
- 모양이 `(batch, 2 * units)`인 배열을 돌려줍니다. 순방향의 부분이 먼저입니다.
- TensorFlow 없이 채점합니다.
""",
        en="""
The array `sequence` is the output of `Bidirectional(..., merge_mode="concat")` around a layer with
`return_sequences=True`. Complete `bi_final(sequence, units)` so that it computes from `sequence` the output that the
layer would return with `return_sequences=False`, for the same weights and the same input.

- `sequence` is a NumPy array of shape `(batch, timesteps, 2 * units)`; `units` is the number of units of one direction.
- Return an array of shape `(batch, 2 * units)`. The part of the forward direction comes first.
- This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, Bidirectional(LSTM(8)) and its last hidden state",
    sample=(np.zeros((1, 3, 4)), 2),
    returns="array",
)


@question.answer
def bi_final(sequence, units):
    """(batch, timesteps, 2 * units), int -> (batch, 2 * units)"""
    forward = sequence[:, -1, :units]
    backward = sequence[:, 0, units:]
    return np.concatenate([forward, backward], axis=-1)


@question.example
def example(bi_final):
    import numpy as np

    sequence = np.zeros((2, 5, 6))
    assert bi_final(sequence, 3).shape == (2, 6)
    one_step = np.array([[[0.1, 0.2, 0.3, 0.4]]])
    assert np.allclose(bi_final(one_step, 2), [[0.1, 0.2, 0.3, 0.4]])


@question.cases
def cases(rng):
    drawn = []
    sizes = [(1, 7, 4), (5, 1, 3), (3, 8, 4), (6, 5, 1), (8, 8, 4)]
    sizes += [tuple(int(size) for size in rng.permutation(range(3, 12))[:3]) for _ in range(5)]
    for batch, timesteps, units in sizes:
        x = rng.normal(size=(batch, timesteps, 2))
        there, back = (
            recurrent.simple_rnn(
                read, *(rng.normal(size=size) for size in ((2, units), (units, units), units))
            )
            for read in (x, x[:, ::-1])
        )
        both = np.concatenate([there, back[:, ::-1]], axis=-1)
        drawn.append(Case(both.astype(np.float32), units))
    return drawn


@question.check(
    points=3,
    text=Text(
        ko="return_sequences=False일 때의 출력을 되찾는다",
        en="rebuilds the output without return_sequences",
    ),
)
def rebuilds_the_final_output(got, case, want):
    expect.array(got, want)


@question.misconception(
    text=Text(
        ko="두 방향 모두 마지막 시점에서 꺼냈습니다. 순방향에는 맞습니다. ‘두 방향이 끝나는 곳’ 절의 표에서 "
        "위치 2의 역방향은 단어를 몇 개 읽었나요?",
        en="Both directions are taken at the last time step. That fits the forward one. In the table of "
        "“Where the two directions end”, how many words has the backward one read at position 2?",
    ),
    fails=[rebuilds_the_final_output],
)
def last_step_for_both(sequence, units):
    return sequence[:, -1]


@question.misconception(
    text=Text(
        ko="두 방향 모두 첫 시점에서 꺼냈습니다. 역방향에는 맞습니다. 순방향은 어느 위치에서 문장을 다 "
        "읽나요?",
        en="Both directions are taken at the first time step. That fits the backward one. At which position "
        "has the forward one read the whole sentence?",
    ),
    fails=[rebuilds_the_final_output],
)
def first_step_for_both(sequence, units):
    return sequence[:, 0]


@question.misconception(
    text=Text(
        ko="두 방향의 시점이 서로 바뀌었습니다. 방향마다 처음 읽는 시점과 마지막에 읽는 시점을 적어 보세요.",
        en="The time steps of the two directions are swapped. Write down, for each direction, the step "
        "it reads first and the one it reads last.",
    ),
    fails=[rebuilds_the_final_output],
)
def steps_exchanged(sequence, units):
    return np.hstack([sequence[:, 0, :units], sequence[:, -1, units:]])


@question.misconception(
    text=Text(
        ko="두 방향의 부분은 맞지만 이은 순서가 바뀌었습니다. 어느 방향의 부분이 먼저인지 보세요.",
        en="The parts of the two directions are right, but joined in the wrong order. Which direction "
        "comes first?",
    ),
    fails=[rebuilds_the_final_output],
    credit=1.5,
)
def backward_share_first(sequence, units):
    return np.hstack([sequence[:, 0, units:], sequence[:, -1, :units]])


@question.misconception(
    text=Text(
        ko="마지막 축의 앞쪽 절반을 역방향의 것으로 보았습니다. 이어 붙인 배열에서 어느 방향이 먼저인지 "
        "보세요.",
        en="The first half of the last axis is taken for the backward direction. Which direction comes first in "
        "the joined array?",
    ),
    fails=[rebuilds_the_final_output],
)
def halves_mistaken(sequence, units):
    return np.hstack([sequence[:, -1, units:], sequence[:, 0, :units]])


@question.misconception(
    text=Text(
        ko="두 부분을 모두 순방향에서 꺼냈습니다. 역방향의 부분이 마지막 축의 어디에 있나요?",
        en="Both parts are of the forward direction. Where on the last axis does the backward direction lie?",
    ),
    fails=[rebuilds_the_final_output],
)
def forward_twice(sequence, units):
    return np.hstack([sequence[:, -1, :units], sequence[:, 0, :units]])


@question.misconception(
    text=Text(
        ko="두 방향이 마지막 축에 번갈아 놓인 것으로 보았습니다. 이어 붙이면 한 방향의 부분이 통째로 먼저 "
        "옵니다.",
        en="The last axis is read as if the two directions alternated. Joining puts one whole part before "
        "the other.",
    ),
    fails=[rebuilds_the_final_output],
)
def directions_taking_turns(sequence, units):
    return np.hstack([sequence[:, -1, ::2], sequence[:, 0, 1::2]])


@question.misconception(
    text=Text(
        ko="두 부분을 잇지 않고 더했습니다. `merge_mode`가 무엇인지 보세요.",
        en="The two parts are added instead of joined. Which `merge_mode` is it?",
    ),
    section=MERGE_SECTION,
    fails=[rebuilds_the_final_output],
)
def shares_added(sequence, units):
    return sequence[:, -1, :units] + sequence[:, 0, units:]


@question.misconception(
    text=Text(
        ko="두 부분을 샘플의 축을 따라 이었습니다. 샘플마다 두 은닉 상태가 한 줄로 이어져야 합니다.",
        en="The two parts are joined along the samples. For each sample the two hidden states should form "
        "one row.",
    ),
    fails=[rebuilds_the_final_output],
    credit=1.5,
)
def joined_along_batch(sequence, units):
    return np.vstack([sequence[:, -1, :units], sequence[:, 0, units:]])


@question.misconception(
    text=Text(
        ko="두 부분을 새 축에 쌓았습니다. 이미 있는 마지막 축을 따라 이으세요.",
        en="The two parts are stacked on a new axis. Join them along the last axis, which is already there.",
    ),
    fails=[rebuilds_the_final_output],
)
def stacked_on_a_new_axis(sequence, units):
    return np.stack([sequence[:, -1, :units], sequence[:, 0, units:]], axis=1)


@question.misconception(
    text=Text(
        ko="두 부분을 따로 돌려주었습니다. 한 배열로 이으세요.",
        en="The two parts came back separately. Join them in one array.",
    ),
    fails=[rebuilds_the_final_output],
    credit=1.5,
)
def shares_apart(sequence, units):
    return sequence[:, -1, :units], sequence[:, 0, units:]


@question.misconception(
    text=Text(
        ko="값은 맞지만 길이 1인 시점의 축이 남아 있습니다. 그 축을 없애세요.",
        en="The values are right, but a time axis of length 1 is left. Drop it.",
    ),
    fails=[rebuilds_the_final_output],
    credit=1.5,
)
def axis_kept(sequence, units):
    return np.concatenate([sequence[:, -1:, :units], sequence[:, :1, units:]], axis=2)


@question.misconception(
    text=Text(
        ko="순방향의 부분만 돌려주었습니다. 출력에는 두 방향이 모두 있습니다.",
        en="Only the part of the forward direction came back. The output holds both.",
    ),
    fails=[rebuilds_the_final_output],
)
def forward_only(sequence, units):
    return sequence[:, -1, :units]


@question.misconception(
    text=Text(
        ko="마지막 시점이 아니라 마지막 샘플을 꺼냈습니다. 맨 앞의 축이 무엇을 세나요?",
        en="The last sample is taken, not the last time step. What does the first axis count?",
    ),
    section=VALUES_SECTION,
    fails=[rebuilds_the_final_output],
)
def last_and_first_sample(sequence, units):
    return np.hstack([sequence[-1, :, :units], sequence[0, :, units:]])


@question.misconception(
    text=Text(
        ko="모든 시점의 평균을 냈습니다. 방향마다 한 시점의 은닉 상태만 나옵니다.",
        en="This is the mean over the time steps. Each direction gives the hidden state of one step only.",
    ),
    fails=[rebuilds_the_final_output],
)
def mean_over_time(sequence, units):
    return sequence.mean(axis=1)


@question.misconception(
    text=Text(
        ko="역방향의 유닛이 거꾸로 놓였습니다. 뒤집히는 것은 읽는 시점의 순서이지 유닛의 순서가 아닙니다.",
        en="The units of the backward direction are reversed. It is the order of the time steps that is "
        "reversed, not that of the units.",
    ),
    fails=[rebuilds_the_final_output],
)
def units_reversed(sequence, units):
    return np.hstack([sequence[:, -1, :units], sequence[:, 0, units:][:, ::-1]])


@question.misconception(
    text=Text(
        ko="두 부분을 모두 역방향에서 꺼냈습니다. 순방향의 부분이 마지막 축의 어디에 있나요?",
        en="Both parts are of the backward direction. Where on the last axis does the forward direction lie?",
    ),
    fails=[rebuilds_the_final_output],
)
def backward_twice(sequence, units):
    return np.hstack([sequence[:, 0, units:]] * 2)


@question.misconception(
    text=Text(
        ko="순방향의 마지막 은닉 상태가 두 번 들어 있습니다. 역방향의 부분은 마지막 축의 다른 절반에 "
        "있습니다. 어느 시점의 것이 필요한가요?",
        en="The last hidden state of the forward direction is there twice. The backward one lies in the other "
        "half of the last axis: at which step?",
    ),
    fails=[rebuilds_the_final_output],
)
def last_forward_twice(sequence, units):
    return np.hstack([sequence[:, -1, :units]] * 2)


@question.misconception(
    text=Text(
        ko="두 부분의 평균을 냈습니다. `merge_mode`가 무엇인가요?",
        en="The two parts are averaged. Which `merge_mode` is it?",
    ),
    section=MERGE_SECTION,
    fails=[rebuilds_the_final_output],
)
def shares_averaged(sequence, units):
    return np.mean([sequence[:, -1, :units], sequence[:, 0, units:]], axis=0)


@question.misconception(
    text=Text(
        ko="두 부분을 곱했습니다. `merge_mode`가 무엇인가요?",
        en="The two parts are multiplied. Which `merge_mode` is it?",
    ),
    section=MERGE_SECTION,
    fails=[rebuilds_the_final_output],
)
def shares_multiplied(sequence, units):
    return np.prod([sequence[:, -1, :units], sequence[:, 0, units:]], axis=0)


@question.misconception(
    text=Text(
        ko="역방향의 부분을 둘째 시점에서 꺼냈습니다. 인덱스는 몇부터 세나요?",
        en="The backward part comes from the second time step. From which number do indices count?",
    ),
    section=VALUES_SECTION,
    fails=[rebuilds_the_final_output],
)
def second_step_for_backward(sequence, units):
    return np.hstack([sequence[:, -1, :units], sequence[:, 1, units:]])


@question.misconception(
    text=Text(
        ko="순방향의 부분을 마지막 바로 앞의 시점에서 꺼냈습니다. 끝에서부터 셀 때 마지막 시점의 인덱스는 "
        "얼마인가요?",
        en="The forward part comes from the time step before the last one. Counted from the end, what is "
        "the index of the last one?",
    ),
    section=VALUES_SECTION,
    fails=[rebuilds_the_final_output],
)
def last_but_one_for_forward(sequence, units):
    return np.hstack([sequence[:, -2, :units], sequence[:, 0, units:]])


@question.misconception(
    text=Text(
        ko="`units`를 다시 반으로 나누었습니다. `units`는 이미 한 방향의 유닛 수입니다.",
        en="`units` is halved once more. It already is the number of units of one direction.",
    ),
    fails=[rebuilds_the_final_output],
)
def width_halved_again(sequence, units):
    half = units // 2
    return np.hstack([sequence[:, -1, :half], sequence[:, 0, half:]])


@question.misconception(
    text=Text(
        ko="두 부분을 새 축에 쌓아 맨 앞에 두었습니다. 이미 있는 마지막 축을 따라 이으세요.",
        en="The two parts are stacked on a new axis in front. Join them along the last axis, which is "
        "already there.",
    ),
    fails=[rebuilds_the_final_output],
)
def stacked_in_front(sequence, units):
    return np.stack([sequence[:, -1, :units], sequence[:, 0, units:]])


@question.misconception(
    text=Text(
        ko="두 부분을 맨 뒤의 새 축에 쌓았습니다. 이미 있는 마지막 축을 따라 이으세요.",
        en="The two parts are stacked on a new axis at the end. Join them along the last axis, which is "
        "already there.",
    ),
    fails=[rebuilds_the_final_output],
)
def stacked_at_the_end(sequence, units):
    return np.moveaxis(np.stack([sequence[:, -1, :units], sequence[:, 0, units:]]), 0, -1)


@question.misconception(
    text=Text(
        ko="두 부분의 값이 하나씩 번갈아 놓였습니다. 순방향의 부분이 통째로 먼저 와야 합니다.",
        en="The values of the two parts alternate. The whole forward part should come first.",
    ),
    fails=[rebuilds_the_final_output],
)
def shares_taking_turns(sequence, units):
    return np.array(
        [
            np.ravel(list(zip(sequence[k, -1, :units], sequence[k, 0, units:], strict=True)))
            for k in range(len(sequence))
        ]
    )


@question.misconception(
    text=Text(
        ko="두 부분을 쌓은 다음 reshape로 이었습니다. reshape는 값을 메모리에 놓인 순서대로 채우므로, "
        "다른 샘플의 부분끼리 이어집니다. 마지막 축을 따라 이어 붙이세요.",
        en="The parts were stacked and then joined by a reshape, which refills the array in memory order: "
        "parts of different samples are joined. Join them along the last axis instead.",
    ),
    fails=[rebuilds_the_final_output],
)
def reshaped_for_joined(sequence, units):
    both = np.concatenate([sequence[:, -1, :units], sequence[:, 0, units:]])
    return both.reshape(len(sequence), 2 * units)


@question.misconception(
    text=Text(
        ko="역방향의 부분만 돌려주었습니다. 출력에는 두 방향이 모두 있습니다.",
        en="Only the part of the backward direction came back. The output holds both.",
    ),
    fails=[rebuilds_the_final_output],
)
def backward_only(sequence, units):
    return sequence[:, 0, units:]


@question.misconception(
    text=Text(
        ko="시점을 모두 더했습니다. 방향마다 한 시점의 은닉 상태만 나옵니다.",
        en="The time steps are added up. Each direction gives the hidden state of one step only.",
    ),
    fails=[rebuilds_the_final_output],
)
def sum_over_time(sequence, units):
    return sequence.sum(axis=1)


@question.misconception(
    text=Text(
        ko="시점에 걸쳐 가장 큰 값을 골랐습니다. 값의 크기가 아니라 시점의 위치를 보고 꺼내세요.",
        en="The largest value over time was taken. Select by the position of the time step, not by the "
        "value.",
    ),
    fails=[rebuilds_the_final_output],
)
def largest_over_time(sequence, units):
    return sequence.max(axis=1)


@question.misconception(
    text=Text(
        ko="마지막 축이 통째로 뒤집혔습니다. 뒤집히는 것은 읽는 시점의 순서입니다. 유닛의 순서와 두 부분의 "
        "순서는 그대로입니다.",
        en="The whole last axis is reversed. It is the order of the time steps that is reversed; units and "
        "parts keep theirs.",
    ),
    fails=[rebuilds_the_final_output],
)
def whole_row_reversed(sequence, units):
    return np.hstack([sequence[:, -1, :units], sequence[:, 0, units:]])[:, ::-1]


@question.misconception(
    text=Text(
        ko="마지막 시점과 첫 시점을 통째로 이었습니다. 각 시점에서 필요한 것은 한 방향의 부분뿐입니다.",
        en="The whole last step and the whole first step are joined. Only one direction's part of each is "
        "needed.",
    ),
    fails=[rebuilds_the_final_output],
)
def all_units_of_both_steps(sequence, units):
    return np.hstack([sequence[:, -1], sequence[:, 0]])


@question.misconception(
    text=Text(
        ko="값은 맞지만 NumPy 배열이 아니라 리스트입니다. 배열을 돌려주세요.",
        en="The values are right, but they are in a list. Return a NumPy array.",
    ),
    fails=[rebuilds_the_final_output],
    credit=1.5,
)
def list_of_rows(sequence, units):
    return [[*sequence[k, -1, :units], *sequence[k, 0, units:]] for k in range(len(sequence))]


@question.misconception(
    text=Text(
        ko="받은 배열이 그대로 나왔습니다. 시점의 축이 없는 배열을 만들어야 합니다.",
        en="The array came back unchanged. The result has no time axis.",
    ),
    fails=[rebuilds_the_final_output],
)
def whole_sequence(sequence, units):
    return sequence


@question.misconception(
    text=Text(
        ko="출력의 모양이 나왔습니다. 값이 담긴 배열을 돌려주세요.",
        en="That is the shape of the output. Return the array with its values.",
    ),
    fails=[rebuilds_the_final_output],
)
def shape_for_the_array(sequence, units):
    return len(sequence), 2 * units


@question.misconception(
    text=Text(
        ko="길이가 1인 축을 모두 없앴습니다. 샘플이 하나여도 그 축은 남습니다.",
        en="Every axis of length 1 is dropped. The batch axis stays, even with one sample.",
    ),
    fails=[rebuilds_the_final_output],
)
def axes_of_one_dropped(sequence, units):
    return np.hstack([sequence[:, -1, :units], sequence[:, 0, units:]]).squeeze()


@question.misconception(
    text=Text(
        ko="샘플을 모두 한 줄로 이었습니다. 샘플마다 한 행이어야 합니다.",
        en="All samples are joined in one row. There should be a row for each sample.",
    ),
    fails=[rebuilds_the_final_output],
)
def samples_in_one_row(sequence, units):
    return np.concatenate([np.hstack([row[-1, :units], row[0, units:]]) for row in sequence])


@question.misconception(text=ZEROS, fails=[rebuilds_the_final_output])
def zeros(sequence, units):
    return 0 * sequence[:, 0]


@question.misconception(
    text=Text(
        ko="두 방향 모두 마지막 샘플에서 꺼냈습니다. 맨 앞의 축이 무엇을 세나요?",
        en="Both directions are taken from the last sample. What does the first axis count?",
    ),
    section=VALUES_SECTION,
    fails=[rebuilds_the_final_output],
)
def last_sample(sequence, units):
    return sequence[-1]


@question.misconception(
    text=Text(
        ko="첫 샘플의 것만 나왔습니다. 샘플마다 한 행이어야 합니다.",
        en="Only the first sample's row came back. There should be one for each sample.",
    ),
    fails=[rebuilds_the_final_output],
)
def first_sample_only(sequence, units):
    return np.hstack([sequence[0, -1, :units], sequence[0, 0, units:]])


@question.misconception(
    text=Text(
        ko="첫 시점과 마지막 시점의 줄을 통째로 더했습니다. 두 시점에서 저마다 한 방향의 부분만 꺼내 "
        "이으세요.",
        en="The whole rows of the first and the last time step are added. Take one direction's part from "
        "each, and join the two.",
    ),
    fails=[rebuilds_the_final_output],
)
def both_steps_added(sequence, units):
    return sequence[:, -1] + sequence[:, 0]


@question.misconception(
    text=Text(
        ko="두 방향의 경계가 유닛 하나만큼 앞에 있습니다. 순방향의 마지막 유닛은 마지막 축의 몇 번째인지 "
        "세어 보세요.",
        en="The border between the two directions lies one unit too early. At which position on the last "
        "axis is the last unit of the forward direction?",
    ),
    fails=[rebuilds_the_final_output],
)
def border_one_too_early(sequence, units):
    return np.hstack([sequence[:, -1, : units - 1], sequence[:, 0, units - 1 :]])


@question.misconception(
    text=Text(
        ko="순방향의 부분에서 `units`까지 자르지 않아, 마지막 시점의 두 방향이 모두 들어갔습니다. 마지막 축의 "
        "어디까지가 순방향인가요?",
        en="The backward part is right, but the forward part is not cut at `units`: both directions of the last time "
        "step are in it. How far along the last axis does the forward direction go?",
    ),
    fails=[rebuilds_the_final_output],
)
def forward_not_cut(sequence, units):
    return np.concatenate([sequence[:, -1], sequence[:, 0, units:]], axis=-1)


@question.misconception(
    text=Text(
        ko="순방향의 부분은 맞는데, 역방향의 부분에서 `units`부터 자르지 않아 첫 시점의 두 방향이 모두 들어갔습니다. "
        "마지막 축의 어디부터가 역방향인가요?",
        en="The forward part is right, but the backward part is not cut at `units`: both directions of the first time "
        "step are in it. From where on the last axis is it the backward direction?",
    ),
    fails=[rebuilds_the_final_output],
)
def backward_not_cut(sequence, units):
    return np.concatenate([sequence[:, -1, :units], sequence[:, 0]], axis=-1)


@question.misconception(
    text=Text(
        ko="첫 시점과 마지막 시점을 골랐지만 둘을 평균했습니다. 방향마다 어느 시점에서 끝나는지 보고, 거기에서 그 "
        "방향의 부분만 꺼내세요.",
        en="The first and the last time step are the right ones to look at, but their mean was taken. At "
        "which of them does each direction end? Take only its part there.",
    ),
    fails=[rebuilds_the_final_output],
)
def mean_of_the_two_ends(sequence, units):
    return (sequence[:, 0] + sequence[:, -1]) / 2


@question.misconception(
    text=Text(
        ko="순방향의 부분은 맞는데, 역방향의 부분이 유닛 하나만큼 앞에서 시작합니다. 역방향의 첫 유닛은 마지막 축의 몇 "
        "번째인지 세어 보세요.",
        en="The forward part is right, but the backward part starts one unit too early. At which position on the last "
        "axis is the first unit of the backward direction?",
    ),
    fails=[rebuilds_the_final_output],
)
def backward_part_one_too_early(sequence, units):
    return np.hstack([sequence[:, -1, :units], sequence[:, 0, units - 1 : 2 * units - 1]])


@question.misconception(
    text=Text(
        ko="순방향의 부분은 맞는데, 역방향의 부분이 유닛 하나만큼 뒤에서 시작합니다. 역방향의 첫 유닛은 마지막 축의 몇 "
        "번째인지 세어 보세요.",
        en="The forward part is right, but the backward part starts one unit too late. At which position on the last "
        "axis is the first unit of the backward direction?",
    ),
    fails=[rebuilds_the_final_output],
)
def backward_part_one_too_late(sequence, units):
    return np.hstack([sequence[:, -1, :units], sequence[:, 0, units + 1 :]])


@question.misconception(
    text=Text(
        ko="마지막 축이 아니라 시점의 축을 반으로 나눴습니다. 두 방향은 마지막 축에 나란히 있습니다. `np.hsplit`과 "
        "`np.split`이 어느 축을 나누는지 보세요.",
        en="The time axis was split in half, not the last axis, along which the two directions lie side by side. Which "
        "axis do `np.hsplit` and `np.split` divide?",
    ),
    fails=[rebuilds_the_final_output],
)
def time_axis_split(sequence, units):
    first, second = np.split(sequence, 2, axis=1)
    return np.concatenate([first[:, -1], second[:, 0]], axis=-1)

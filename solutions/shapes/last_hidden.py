"""From the hidden states of every time step, the last one."""

import numpy as np

from autograder import Case, Question, Text, expect

from ._shared import ZEROS

question = Question(
    title=Text(ko="마지막 은닉 상태", en="The last hidden state"),
    statement=Text(
        ko="""
`return_sequences=True`인 순환층이 내보낸 배열에서 마지막 시점의 은닉 상태를 꺼내는 함수 `last_hidden(seq_out)`를
완성하세요.

- `seq_out`은 모양이 `(batch, timesteps, units)`인 NumPy 배열입니다.
- 모양이 `(batch, units)`인 배열을 돌려줍니다.
- TensorFlow 없이 채점합니다.
""",
        en="""
Complete `last_hidden(seq_out)`. It takes the output of a recurrent layer with `return_sequences=True` and returns
the hidden state of the last time step.

- `seq_out` is a NumPy array of shape `(batch, timesteps, units)`.
- Return an array of shape `(batch, units)`.
- This is graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM with return_sequences and return_state",
    sample=(np.zeros((2, 3, 2)),),
    returns="array",
)


@question.answer
def last_hidden(seq_out):
    """(batch, timesteps, units) -> (batch, units)"""
    return seq_out[:, -1]


@question.example
def example(last_hidden):
    import numpy as np

    seq_out = np.array([[[1, 2], [3, 4], [5, 6]], [[-1, -2], [-3, -4], [-5, -6]]]) / 10
    assert last_hidden(seq_out).shape == (2, 2)
    assert np.allclose(last_hidden(seq_out)[0], [0.5, 0.6])


@question.cases
def cases(rng):
    sizes = [(1, 6, 4), (5, 1, 3), (4, 4, 4), (3, 8, 1)]
    sizes += [tuple(int(size) for size in rng.permutation(range(3, 12))[:3]) for _ in range(5)]
    return [Case(rng.uniform(-1, 1, size).astype(np.float32)) for size in sizes]


@question.check(
    points=1,
    text=Text(
        ko="모든 샘플에서 마지막 시점의 은닉 상태를 꺼낸다",
        en="takes the hidden state of the last time step of every sample",
    ),
)
def takes_the_last_step(got, case, want):
    expect.array(got, want)


@question.misconception(
    text=Text(
        ko="마지막 것을 꺼낸 것은 맞지만, 시점이 아니라 샘플에서 꺼냈습니다. 모양 `(batch, timesteps, "
        "units)`에서 맨 앞의 축은 무엇을 세나요?",
        en="Taking the last entry is right, but along the wrong axis: this is the last sample. In `(batch, "
        "timesteps, units)`, what does the first axis count?",
    ),
    fails=[takes_the_last_step],
)
def last_sample(seq_out):
    return seq_out[-1]


@question.misconception(
    text=Text(
        ko="마지막 시점이 아니라 시점마다 마지막 유닛의 값을 꺼냈습니다. 마지막 축이 무엇을 세나요?",
        en="The last unit at every time step came back, not the last time step. What does the last axis count?",
    ),
    fails=[takes_the_last_step],
)
def last_unit(seq_out):
    return seq_out[..., -1]


@question.misconception(
    text=Text(
        ko="첫 시점의 은닉 상태를 꺼냈습니다. 층은 어느 시점까지 다 읽은 뒤의 상태를 내보내나요?",
        en="The hidden state of the first time step came back. After which step has the layer read everything?",
    ),
    fails=[takes_the_last_step],
)
def first_step(seq_out):
    return seq_out[:, 0]


@question.misconception(
    text=Text(
        ko="마지막 시점은 맞지만 시점의 축이 길이 1로 남아 있습니다. 그 축을 없애세요.",
        en="It is the last time step, but its axis is still there, with length 1. Drop that axis.",
    ),
    fails=[takes_the_last_step],
)
def axis_kept(seq_out):
    return seq_out[:, -1:]


@question.misconception(
    text=Text(
        ko='마지막 바로 앞의 시점을 꺼냈습니다. `words = ["John", "loves", "Jane"]`에서 `words[-1]`은 '
        "무엇이었나요?",
        en='That is the time step before the last one. What was `words[-1]` for `words = ["John", "loves", '
        '"Jane"]`?',
    ),
    fails=[takes_the_last_step],
)
def last_but_one(seq_out):
    return seq_out[:, -2]


@question.misconception(
    text=Text(
        ko="시점에 걸쳐 평균을 냈습니다. 마지막 시점의 은닉 상태에는 앞 시점의 정보가 이미 들어 있으니, "
        "그것만 꺼내세요.",
        en="This is the mean over the time steps. The last hidden state already carries what came before: "
        "take that one alone.",
    ),
    fails=[takes_the_last_step],
)
def mean_over_time(seq_out):
    return seq_out.mean(axis=1)


@question.misconception(
    text=Text(
        ko="시점을 모두 더했습니다. 필요한 것은 한 시점의 값뿐입니다. 어느 시점인가요?",
        en="The time steps are added up. The values of one step alone are needed: which one?",
    ),
    fails=[takes_the_last_step],
)
def sum_over_time(seq_out):
    return seq_out.sum(axis=1)


@question.misconception(
    text=Text(
        ko="유닛마다 가장 큰 값을 골랐습니다. 값의 크기가 아니라 시점의 위치를 보고 꺼내세요.",
        en="The largest value of each unit came back. Select by the position of the time step, not by the "
        "value.",
    ),
    fails=[takes_the_last_step],
)
def largest_over_time(seq_out):
    return seq_out.max(axis=1)


@question.misconception(
    text=Text(
        ko="마지막 샘플의 마지막 시점만 꺼냈습니다. 샘플마다 은닉 상태가 하나씩 있어야 합니다.",
        en="Only the last time step of the last sample came back. There should be one hidden state for each "
        "sample.",
    ),
    fails=[takes_the_last_step],
)
def one_sample_only(seq_out):
    return seq_out[-1, -1]


@question.misconception(
    text=Text(
        ko="값은 맞지만 두 축이 바뀌었습니다. 샘플을 세는 축이 앞에 와야 합니다.",
        en="The values are right, but the two axes are swapped. The batch axis comes first.",
    ),
    fails=[takes_the_last_step],
)
def transposed(seq_out):
    return seq_out[:, -1].T


@question.misconception(
    text=Text(
        ko="값은 맞지만 NumPy 배열이 아니라 리스트입니다. 배열을 그대로 돌려주세요.",
        en="The values are right, but they are in a list. Return the NumPy array itself.",
    ),
    fails=[takes_the_last_step],
)
def list_of_rows(seq_out):
    return seq_out[:, -1].tolist()


@question.misconception(
    text=Text(
        ko="첫 샘플의 모든 시점이 나왔습니다. 맨 앞의 축이 무엇을 세나요?",
        en="All time steps of the first sample came back. What does the first axis count?",
    ),
    fails=[takes_the_last_step],
)
def first_sample(seq_out):
    return seq_out[0]


@question.misconception(
    text=Text(
        ko="시점마다 첫 유닛의 값이 나왔습니다. 마지막 축이 무엇을 세나요?",
        en="The first unit at every time step came back. What does the last axis count?",
    ),
    fails=[takes_the_last_step],
)
def first_unit(seq_out):
    return seq_out[..., 0]


@question.misconception(
    text=Text(
        ko="둘째 시점의 은닉 상태가 나왔습니다. 시점이 몇 개든 마지막 것을 꺼내야 합니다.",
        en="The hidden state of the second time step came back. It should be the last one, however many there "
        "are.",
    ),
    fails=[takes_the_last_step],
)
def second_step(seq_out):
    return seq_out[:, 1]


@question.misconception(
    text=Text(
        ko="마지막 시점의 인덱스를 샘플의 개수로 정했습니다. `len(seq_out)`은 어느 축의 길이인가요?",
        en="The index of the last time step was computed from the number of samples. Which axis does "
        "`len(seq_out)` measure?",
    ),
    fails=[takes_the_last_step],
)
def index_from_another_axis(seq_out):
    return np.moveaxis(seq_out, 1, 0)[len(seq_out) - 1]


@question.misconception(
    text=Text(
        ko="마지막 시점의 인덱스를 유닛의 개수로 정했습니다. 시점의 개수는 어느 축의 길이인가요?",
        en="The index of the last time step was computed from the number of units. Which axis counts the "
        "time steps?",
    ),
    fails=[takes_the_last_step],
)
def index_from_the_units(seq_out):
    return np.moveaxis(seq_out, 1, 0)[seq_out.shape[2] - 1]


@question.misconception(
    text=Text(
        ko="마지막 시점만 빼고 나머지가 모두 나왔습니다. `:-1`과 `-1`은 무엇이 다른가요?",
        en="Everything but the last time step came back. How do `:-1` and `-1` differ?",
    ),
    fails=[takes_the_last_step],
)
def all_but_the_last(seq_out):
    return seq_out[:, : seq_out.shape[1] - 1]


@question.misconception(
    text=Text(
        ko="모든 시점이 그대로 나왔습니다. 그 가운데 마지막 시점만 꺼내세요.",
        en="Every time step came back. Take the last of them.",
    ),
    fails=[takes_the_last_step],
)
def whole_sequence(seq_out):
    return seq_out


@question.misconception(
    text=Text(
        ko="샘플마다 모든 시점을 한 줄로 이었습니다. 한 시점의 은닉 상태만 꺼내세요.",
        en="The time steps of each sample are joined in one row. Take the hidden state of a single step.",
    ),
    fails=[takes_the_last_step],
)
def steps_in_one_row(seq_out):
    return np.hstack(list(np.moveaxis(seq_out, 1, 0)))


@question.misconception(
    text=Text(
        ko="마지막 시점은 맞지만 샘플을 모두 한 줄로 이었습니다. 샘플마다 한 행이어야 합니다.",
        en="It is the last time step, but all samples are joined in one row. There should be a row for each "
        "sample.",
    ),
    fails=[takes_the_last_step],
)
def samples_in_one_row(seq_out):
    return np.concatenate(list(seq_out[:, -1]))


@question.misconception(
    text=Text(
        ko="마지막 시점은 맞지만 길이 1인 축이 뒤에 하나 더 있습니다. 그 축을 없애세요.",
        en="It is the last time step, with an axis of length 1 added at the end. Drop that axis.",
    ),
    fails=[takes_the_last_step],
)
def axis_at_the_end(seq_out):
    return np.expand_dims(seq_out[:, -1], 2)


@question.misconception(
    text=Text(
        ko="마지막 시점은 맞지만 길이 1인 축이 앞에 하나 더 있습니다. 그 축을 없애세요.",
        en="It is the last time step, with an axis of length 1 added in front. Drop that axis.",
    ),
    fails=[takes_the_last_step],
)
def axis_in_front(seq_out):
    return np.stack([seq_out[:, -1]])


@question.misconception(
    text=Text(
        ko="마지막 시점은 맞지만 tanh를 한 번 더 적용했습니다. 층이 낸 값을 그대로 돌려주세요.",
        en="It is the last time step, but with a tanh applied once more. Return the values as the layer "
        "returned them.",
    ),
    fails=[takes_the_last_step],
)
def activated_again(seq_out):
    return np.tanh(seq_out[:, -1])


@question.misconception(
    text=Text(
        ko="마지막 시점은 맞지만 값이 반올림되었습니다. 그대로 돌려주세요.",
        en="It is the last time step, but its values are rounded. Return them as they are.",
    ),
    fails=[takes_the_last_step],
)
def rounded(seq_out):
    return (seq_out[:, -1] * 100).round() / 100


@question.misconception(
    text=Text(
        ko="마지막 시점의 모양이 나왔습니다. 값이 담긴 배열을 돌려주세요.",
        en="That is the shape of the last time step. Return the array with its values.",
    ),
    fails=[takes_the_last_step],
)
def shape_for_the_state(seq_out):
    return len(seq_out), seq_out.shape[2]


@question.misconception(
    text=Text(
        ko="길이가 1인 축을 모두 없앴습니다. 샘플이나 유닛이 하나여도 그 축은 남습니다.",
        en="Every axis of length 1 is dropped. The axes of the samples and of the units stay, even with one "
        "sample or one unit.",
    ),
    fails=[takes_the_last_step],
)
def axes_of_one_dropped(seq_out):
    return seq_out[:, -1].squeeze()


@question.misconception(
    text=Text(
        ko="축을 모두 뒤집은 다음에 맨 뒤를 꺼내서, 마지막 시점이 아니라 마지막 유닛이 나왔습니다. `.T`가 "
        "축의 순서를 어떻게 바꾸는지 보세요.",
        en="All axes were reversed before the last entry was taken, so it is the last unit and not the last "
        "step. What does `.T` do with three axes?",
    ),
    fails=[takes_the_last_step],
)
def last_unit_transposed(seq_out):
    return np.moveaxis(seq_out[..., -1], 1, 0)


@question.misconception(
    text=Text(
        ko="첫 샘플의 마지막 시점만 나왔습니다. 반복문 안에서 곧바로 return하지 않았는지 확인하세요. "
        "샘플마다 은닉 상태가 하나씩 있어야 합니다.",
        en="Only the first sample's last time step came back. Is there a `return` inside a loop? There should "
        "be one hidden state per sample.",
    ),
    fails=[takes_the_last_step],
)
def first_sample_only(seq_out):
    return seq_out[0, -1]


@question.misconception(
    text=Text(
        ko="값은 맞지만 샘플마다의 배열을 담은 리스트입니다. 배열 하나로 쌓으세요.",
        en="The values are right, but they are a list with an array per sample. Stack them into one array.",
    ),
    fails=[takes_the_last_step],
)
def list_of_arrays(seq_out):
    return list(seq_out[:, -1])


@question.misconception(
    text=Text(
        ko="마지막 은닉 상태 말고 모든 시점도 함께 돌려주었습니다. 배열 하나만 돌려주세요.",
        en="The whole sequence came back beside the last hidden state. Return that one array only.",
    ),
    fails=[takes_the_last_step],
)
def sequence_and_state(seq_out):
    return [seq_out, seq_out[:, -1]]


@question.misconception(
    text=Text(
        ko="마지막 시점은 맞지만 유닛의 순서가 뒤집혔습니다. 유닛의 축은 그대로 두세요.",
        en="It is the last time step, but its units are reversed. Leave that axis as it is.",
    ),
    fails=[takes_the_last_step],
)
def units_reversed(seq_out):
    return np.flip(seq_out[:, -1], axis=1)


@question.misconception(text=ZEROS, fails=[takes_the_last_step])
def zeros(seq_out):
    return 0 * seq_out[:, -1]


@question.misconception(
    text=Text(
        ko="reshape로 축을 옮기려고 했거나, 샘플과 시점을 한 축으로 합친 다음에 꺼냈습니다. reshape는 축의 "
        "길이만 바꾸고 값의 순서는 그대로 둡니다.",
        en="A reshape was used to move axes, or samples and time steps were merged into one axis. A reshape "
        "changes the lengths of the axes and leaves the values in their order.",
    ),
    fails=[takes_the_last_step],
)
def last_rows_of_all(seq_out):
    return np.concatenate(list(seq_out))[-len(seq_out) :]


@question.misconception(
    text=Text(
        ko="언제나 세 번째 시점을 꺼냈습니다. 시점이 몇 개인지는 입력마다 다르니, 뒤에서부터 세는 방법을 "
        "찾아보세요.",
        en="You always take the third time step, but the number of time steps differs from input to "
        "input. How can you count from the end?",
    ),
    fails=[takes_the_last_step],
)
def third_step(seq_out):
    return seq_out[:, 2]

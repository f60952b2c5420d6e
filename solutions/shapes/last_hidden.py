"""From the hidden states of every time step, the last one."""

import numpy as np

from autograder import Case, Question, Text, expect

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
Complete `last_hidden(seq_out)`. It takes what a recurrent layer with `return_sequences=True` gives back and returns
the hidden state of the last time step.

- `seq_out` is a NumPy array of shape `(batch, timesteps, units)`.
- Return an array of shape `(batch, units)`.
- Graded without TensorFlow.
""",
    ),
    source="lecture notebook, LSTM with return_sequences and return_state",
    returns="array",
)


@question.answer
def last_hidden(seq_out):
    """Hidden state of the last time step.

    seq_out: array (batch, timesteps, units). Returns an array (batch, units).
    마지막 시점의 은닉 상태를 돌려줍니다.
    """
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
        ko="모든 데이터에서 마지막 시점의 은닉 상태를 꺼낸다",
        en="takes the hidden state of the last time step of every sample",
    ),
)
def takes_the_last_step(got, case, want):
    expect.array(got, want)


@question.misconception(
    text=Text(
        ko="마지막 시점이 아니라 마지막 데이터를 꺼냈습니다. 맨 앞의 축이 무엇을 세는지 보세요.",
        en="The last sample came back, not the last time step. What does the first axis count?",
    ),
    fails=[takes_the_last_step],
)
def last_sample(seq_out):
    return seq_out[-1]


@question.misconception(
    text=Text(
        ko="마지막 시점이 아니라 시점마다 마지막 유닛의 값을 꺼냈습니다. 마지막 축이 무엇을 세는지 보세요.",
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
        ko="마지막 바로 앞의 시점을 꺼냈습니다. 끝에서부터 세는 자리가 어디에서 시작하는지 보세요.",
        en="That is the time step before the last one. Where does counting from the end begin?",
    ),
    fails=[takes_the_last_step],
)
def last_but_one(seq_out):
    return seq_out[:, -2]


@question.misconception(
    text=Text(
        ko="모든 시점의 평균을 냈습니다. 마지막 시점의 은닉 상태에는 앞 시점의 정보가 이미 들어 있습니다.",
        en="You averaged over the time steps. The last hidden state already carries what came before.",
    ),
    fails=[takes_the_last_step],
)
def mean_over_time(seq_out):
    return seq_out.mean(axis=1)


@question.misconception(
    text=Text(
        ko="모든 시점을 더했습니다. 마지막 시점의 은닉 상태에는 앞 시점의 정보가 이미 들어 있습니다.",
        en="You added up the time steps. The last hidden state already carries what came before.",
    ),
    fails=[takes_the_last_step],
)
def sum_over_time(seq_out):
    return seq_out.sum(axis=1)


@question.misconception(
    text=Text(
        ko="유닛마다 가장 큰 값을 골랐습니다. 값의 크기가 아니라 시점의 자리를 보고 꺼내세요.",
        en="You took each unit's largest value. Choose by the place of the time step, not by the value.",
    ),
    fails=[takes_the_last_step],
)
def largest_over_time(seq_out):
    return seq_out.max(axis=1)


@question.misconception(
    text=Text(
        ko="마지막 데이터의 마지막 시점만 꺼냈습니다. 데이터마다 은닉 상태가 하나씩 있어야 합니다.",
        en="Only the last time step of the last sample came back. There should be one hidden state for each "
        "sample.",
    ),
    fails=[takes_the_last_step],
)
def one_sample_only(seq_out):
    return seq_out[-1, -1]


@question.misconception(
    text=Text(
        ko="값은 맞지만 두 축이 바뀌었습니다. 데이터를 세는 축이 앞에 와야 합니다.",
        en="The values are right, but the two axes have changed places. The axis of the samples comes first.",
    ),
    fails=[takes_the_last_step],
)
def transposed(seq_out):
    return seq_out[:, -1].T


@question.misconception(
    text=Text(
        ko="값은 맞지만 NumPy 배열이 아니라 리스트입니다. 배열을 그대로 돌려주세요.",
        en="The values are right, but they are in a list, not in a NumPy array.",
    ),
    fails=[takes_the_last_step],
)
def list_of_rows(seq_out):
    return seq_out[:, -1].tolist()

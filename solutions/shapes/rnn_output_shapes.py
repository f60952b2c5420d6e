"""Any recurrent layer with any flags: which outputs does it give, and of what shapes?"""

import itertools

from autograder import Case, Question, Text, expect

question = Question(
    title=Text(ko="순환층의 출력 모양", en="Output shapes of a recurrent layer"),
    statement=Text(
        ko="""
순환층을 입력에 적용했을 때 나오는 것들의 모양을 돌려주는 함수
`rnn_output_shapes(cell, batch, timesteps, input_dim, units, return_sequences, return_state)`를 완성하세요.

- `cell`은 `"LSTM"`, `"GRU"`, `"SimpleRNN"` 가운데 하나입니다.
- 입력의 모양은 `(batch, timesteps, input_dim)`이고 `units`는 층의 유닛 수입니다. 넷 모두 1 이상의 정수입니다.
- `return_sequences`와 `return_state`는 `True` 아니면 `False`입니다.
- 층이 내보내는 것마다 모양을 하나씩, Keras가 내보내는 차례대로 담은 **리스트**를 돌려줍니다. 모양 하나는
  정수의 튜플입니다. 내보내는 것이 하나뿐이어도 리스트에 담으세요.
- TensorFlow 없이 채점하므로, 층을 만들지 말고 모양을 계산하세요.
""",
        en="""
Complete `rnn_output_shapes(cell, batch, timesteps, input_dim, units, return_sequences, return_state)` so that it
returns the shapes of everything a recurrent layer gives back for an input.

- `cell` is `"LSTM"`, `"GRU"` or `"SimpleRNN"`.
- The input has the shape `(batch, timesteps, input_dim)` and the layer has `units` units: four whole numbers of at
  least 1.
- `return_sequences` and `return_state` are `True` or `False`.
- Return a **list** with one shape for each output, in the order in which Keras gives them. A shape is a tuple of
  whole numbers. Where there is only one output, the list holds one shape.
- This is graded without TensorFlow: compute the shapes instead of building a layer.
""",
    ),
    source="lecture notebook, LSTM(8) on a random input and the number of its outputs",
    sample=("GRU", 2, 6, 3, 5, False, False),
    returns="list",
)


@question.answer
def rnn_output_shapes(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    """Shapes of what a recurrent layer gives back, one for each output, in the order of Keras.

    cell: "LSTM", "GRU" or "SimpleRNN". batch, timesteps, input_dim, units: int >= 1.
    return_sequences, return_state: bool. Returns a list of tuples of int.
    층이 내보내는 것마다 모양(튜플)을 하나씩 담은 리스트를 돌려줍니다.
    """
    output = (batch, timesteps, units) if return_sequences else (batch, units)
    n_states = 2 if cell == "LSTM" else 1
    return [output, *[(batch, units)] * n_states] if return_state else [output]


@question.example
def example(rnn_output_shapes):
    assert rnn_output_shapes("SimpleRNN", 2, 6, 3, 5, False, False) == [(2, 5)]
    assert rnn_output_shapes("GRU", 2, 6, 3, 5, True, False) == [(2, 6, 5)]
    assert isinstance(rnn_output_shapes("LSTM", 2, 6, 3, 5, False, True), list)


@question.cases
def cases(rng):
    edges = itertools.cycle([(1, 9, 4, 7), (8, 1, 5, 3), (6, 4, 1, 11), (5, 12, 8, 1), (4, 4, 4, 4)])
    drawn = []
    for cell in ("LSTM", "GRU", "SimpleRNN"):
        for flags in itertools.product((False, True), repeat=2):
            anywhere = [int(size) for size in rng.permutation(range(3, 40))[:4]]
            drawn += [Case(cell, *anywhere, *flags), Case(cell, *next(edges), *flags)]
    return drawn


def is_simple_rnn(case):
    return case.args[0] == "SimpleRNN"


def is_gru(case):
    return case.args[0] == "GRU"


def is_lstm(case):
    return case.args[0] == "LSTM"


@question.check(
    points=1,
    text=Text(
        ko="SimpleRNN: 인수가 어떻든 내보내는 것의 모양이 모두 맞는다",
        en="SimpleRNN: gives the shape of every output, whatever the arguments",
    ),
    when=is_simple_rnn,
)
def shapes_of_simple_rnn(got, case, want):
    expect.outputs(got, want)


@question.check(
    points=1,
    text=Text(
        ko="GRU: 인수가 어떻든 내보내는 것의 모양이 모두 맞는다",
        en="GRU: gives the shape of every output, whatever the arguments",
    ),
    when=is_gru,
)
def shapes_of_gru(got, case, want):
    expect.outputs(got, want)


@question.check(
    points=2,
    text=Text(
        ko="LSTM: 인수가 어떻든 내보내는 것의 모양이 모두 맞는다",
        en="LSTM: gives the shape of every output, whatever the arguments",
    ),
    when=is_lstm,
)
def shapes_of_lstm(got, case, want):
    expect.outputs(got, want)


EVERY_CELL = [shapes_of_simple_rnn, shapes_of_gru, shapes_of_lstm]


def output_of(batch, timesteps, units, return_sequences):
    """What stands first, where a mistake lies elsewhere."""
    return (batch, timesteps, units) if return_sequences else (batch, units)


def states_of(cell, batch, units, return_state):
    """What follows, where a mistake lies elsewhere."""
    return [(batch, units)] * ((2 if cell == "LSTM" else 1) if return_state else 0)


@question.misconception(
    text=Text(
        ko="LSTM도 `return_state=True`일 때 상태를 하나만 더 내보내는 것으로 보았습니다. LSTM이 시점에서 시점으로 "
        "넘기는 것을 모두 적어 보세요.",
        en="With `return_state=True` you let the LSTM give one state more, as the others do. List all that an "
        "LSTM hands on from one time step to the next.",
    ),
    fails=[shapes_of_lstm],
)
def lstm_without_cell_state(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output] + [(batch, units)] * int(return_state)


@question.misconception(
    text=Text(
        ko="GRU와 SimpleRNN에도 셀 상태가 있는 것으로 보았습니다. 셀 상태를 가진 층이 어느 것인지 보세요.",
        en="You gave the GRU and the SimpleRNN a cell state as well. Which of the three layers has one?",
    ),
    fails=[shapes_of_simple_rnn, shapes_of_gru],
)
def cell_state_everywhere(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output] + [(batch, units)] * (2 * return_state)


@question.misconception(
    text=Text(
        ko="GRU에도 LSTM처럼 셀 상태가 있는 것으로 보았습니다. GRU가 들고 다니는 상태를 다시 보세요.",
        en="You gave the GRU a cell state, as an LSTM has. Look again at what a GRU carries along.",
    ),
    fails=[shapes_of_gru],
)
def gru_with_cell_state(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    carried = {"LSTM": 2, "GRU": 2, "SimpleRNN": 1}[cell]
    return [output] + [(batch, units)] * (carried * return_state)


@question.misconception(
    text=Text(
        ko="`return_state`를 보지 않았습니다. 이 인수가 `True`이면 출력 뒤에 무엇이 더 오는지 보세요.",
        en="You did not look at `return_state`. What comes after the output when it is `True`?",
    ),
    fails=EVERY_CELL,
)
def return_state_ignored(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    return [output_of(batch, timesteps, units, return_sequences)]


@question.misconception(
    text=Text(
        ko="`return_state`와 상관없이 언제나 상태를 더 내보냅니다. 이 인수가 `False`일 때를 보세요.",
        en="You let the layer give its states whatever `return_state` says. Look at the case where it is "
        "`False`.",
    ),
    fails=EVERY_CELL,
)
def states_always(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    return [output_of(batch, timesteps, units, return_sequences), *states_of(cell, batch, units, True)]


@question.misconception(
    text=Text(
        ko="`return_state=True`일 때 상태만 남기고 원래의 출력을 빠뜨렸습니다. 상태는 출력을 대신하지 않고 "
        "뒤에 붙습니다.",
        en="With `return_state=True` the output itself is gone and only the states are left. They come after "
        "the output, not in its place.",
    ),
    fails=EVERY_CELL,
)
def states_in_place_of_the_output(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return states_of(cell, batch, units, return_state) or [output]


@question.misconception(
    text=Text(
        ko="출력과 마지막 은닉 상태가 같은 값일 때 하나를 뺐습니다. Keras는 값이 같아도 따로 내보냅니다.",
        en="Where the output is the last hidden state, you left one of the two out. Keras gives both, equal "
        "as they are.",
    ),
    fails=EVERY_CELL,
)
def equal_outputs_given_once(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    states = states_of(cell, batch, units, return_state)
    if return_sequences or not return_state:
        return [output_of(batch, timesteps, units, return_sequences), *states]
    return states


@question.misconception(
    text=Text(
        ko="`return_sequences`를 보지 않고 마지막 은닉 상태만 내보냈습니다. 이 인수가 `True`일 때를 보세요.",
        en="Only the last hidden state comes out, whatever `return_sequences` says. Look at the case where it "
        "is `True`.",
    ),
    fails=EVERY_CELL,
)
def return_sequences_ignored(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    return [(batch, units), *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="`return_sequences`와 상관없이 모든 시점을 내보냈습니다. 이 인수가 `False`일 때를 보세요.",
        en="Every time step comes out, whatever `return_sequences` says. Look at the case where it is `False`.",
    ),
    fails=EVERY_CELL,
)
def sequence_always(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    return [(batch, timesteps, units), *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="`return_sequences`를 거꾸로 읽었습니다. 어느 쪽일 때 시점의 축이 남는지 보세요.",
        en="You read `return_sequences` the wrong way round. For which value does the axis of the time steps "
        "stay?",
    ),
    fails=EVERY_CELL,
)
def return_sequences_reversed(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, not return_sequences)
    return [output, *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="두 인수 `return_sequences`와 `return_state`를 서로 바꾸어 썼습니다.",
        en="The arguments `return_sequences` and `return_state` have changed places.",
    ),
    fails=EVERY_CELL,
)
def flags_swapped(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_state)
    return [output, *states_of(cell, batch, units, return_sequences)]


@question.misconception(
    text=Text(
        ko="은닉 상태의 길이를 입력에서 가져왔습니다. 시점마다 들어오는 수의 개수는 출력의 모양에 나타나지 않습니다.",
        en="You took the length of the hidden state from the input. How many numbers come in at each time "
        "step does not show in the shapes of the outputs.",
    ),
    fails=EVERY_CELL,
)
def input_dim_for_units(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, input_dim, return_sequences)
    return [output, *states_of(cell, batch, input_dim, return_state)]


@question.misconception(
    text=Text(
        ko="유닛의 개수와 시점의 개수를 바꾸어 썼습니다. 유닛은 시점마다 하나씩 있는 것이 아닙니다.",
        en="The number of units and the number of time steps have changed places. There is not one unit for "
        "each time step.",
    ),
    fails=EVERY_CELL,
)
def timesteps_for_units(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, units, timesteps, return_sequences)
    return [output, *states_of(cell, batch, timesteps, return_state)]


@question.misconception(
    text=Text(
        ko="`return_sequences=True`일 때 상태도 모든 시점의 것을 내보냈습니다. `return_state`가 내보내는 것이 어느 "
        "시점의 상태인지 보세요.",
        en="With `return_sequences=True` you let the states, too, come out for every time step. Of which time "
        "step are the states that `return_state` gives?",
    ),
    fails=EVERY_CELL,
)
def states_at_every_step(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output] * (1 + len(states_of(cell, batch, units, return_state)))


@question.misconception(
    text=Text(
        ko="`return_sequences=True`일 때 LSTM의 셀 상태도 모든 시점의 것을 내보냈습니다. 이 인수가 내보내는 것이 "
        "무엇의 시퀀스인지 보세요.",
        en="With `return_sequences=True` you let the cell state of the LSTM come out for every time step as "
        "well. Of what does this argument give the whole sequence?",
    ),
    fails=[shapes_of_lstm],
)
def cell_state_at_every_step(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    states = states_of(cell, batch, units, return_state)
    return [output, *states[:1], *[output] * len(states[1:])]


@question.misconception(
    text=Text(
        ko="LSTM의 셀 상태의 길이를 입력에서 가져왔습니다. 셀 상태의 길이는 은닉 상태의 길이와 같습니다.",
        en="You took the length of the LSTM's cell state from the input. It is as long as the hidden state.",
    ),
    fails=[shapes_of_lstm],
)
def cell_state_as_long_as_the_input(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    states = states_of(cell, batch, units, return_state)
    return [output, *states[:1], *[(batch, input_dim)] * len(states[1:])]


@question.misconception(
    text=Text(
        ko="LSTM의 은닉 상태와 셀 상태를 하나로 이었습니다. Keras는 둘을 따로 내보냅니다.",
        en="You joined the hidden state and the cell state of the LSTM. Keras gives them apart.",
    ),
    fails=[shapes_of_lstm],
)
def states_joined(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    width = units * len(states_of(cell, batch, units, True))
    return [output, (batch, width)] if return_state else [output]


@question.misconception(
    text=Text(
        ko="은닉 상태 하나에도 길이가 1인 시점의 축을 남겼습니다. 마지막 시점만 내보낼 때 Keras는 그 축을 없앱니다.",
        en="You kept an axis of length 1 for the time step of a single hidden state. Where only the last time "
        "step comes out, Keras drops that axis.",
    ),
    fails=EVERY_CELL,
)
def axis_of_one_step(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps if return_sequences else 1, units, True)
    return [output, *[(batch, 1, units)] * len(states_of(cell, batch, units, return_state))]


@question.misconception(
    text=Text(
        ko="시점의 축을 맨 앞에 두었습니다. Keras에서 맨 앞의 축이 무엇을 세는지 보세요.",
        en="You put the axis of the time steps first. What does the first axis count in Keras?",
    ),
    fails=EVERY_CELL,
)
def time_first(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = (timesteps, batch, units) if return_sequences else (batch, units)
    return [output, *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="시점의 축과 유닛의 축을 바꾸었습니다. 마지막 축이 은닉 상태 하나의 길이입니다.",
        en="The axis of the time steps and that of the units have changed places. The last axis is the length "
        "of one hidden state.",
    ),
    fails=EVERY_CELL,
)
def units_before_time(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = (batch, units, timesteps) if return_sequences else (batch, units)
    return [output, *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="데이터를 세는 축을 빠뜨렸습니다. Keras의 층은 여러 개의 데이터를 한 번에 받습니다.",
        en="The axis that counts the samples is missing. A layer of Keras takes several samples at once.",
    ),
    fails=EVERY_CELL,
)
def no_batch_axis(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = (timesteps, units) if return_sequences else (units,)
    return [output, *[(units,)] * len(states_of(cell, batch, units, return_state))]


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태를 한 줄로 이었습니다. 시점은 제 축을 그대로 가지고 나옵니다.",
        en="You joined the hidden states of all time steps in one row. The time steps keep an axis of their "
        "own.",
    ),
    fails=EVERY_CELL,
)
def steps_in_one_row(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = (batch, timesteps * units) if return_sequences else (batch, units)
    return [output, *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="내보내는 것이 하나일 때 리스트에 담지 않았습니다. 그때에도 리스트를 돌려주세요.",
        en="A single shape came back without its list. Return a list there, too.",
    ),
    fails=EVERY_CELL,
)
def bare_shape_for_one_output(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *states_of(cell, batch, units, return_state)] if return_state else output

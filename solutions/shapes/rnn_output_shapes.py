"""Any recurrent layer with any flags: which outputs does it give, and of what shapes?"""

import itertools

from autograder import Case, Question, Text, expect

from ._shared import (
    AXES_OF_ONE_DROPPED,
    AXES_SECTION,
    NO_BATCH_AXIS,
    NONE_FOR_THE_BATCH,
    RETURN_SEQUENCES_REVERSED,
    SINGLE_STEP_WITHOUT_ITS_AXIS,
    UNITS_SECTION,
)

question = Question(
    title=Text(ko="출력 모양 구하기", en="Listing the output shapes"),
    statement=Text(
        ko="""
순환층이 입력을 받아 내보내는 것들의 모양을 돌려주는 함수
`rnn_output_shapes(cell, batch, timesteps, input_dim, units, return_sequences, return_state)`를 완성하세요.

- `cell`은 `"LSTM"`, `"GRU"`, `"SimpleRNN"` 가운데 하나입니다.
- 입력의 모양은 `(batch, timesteps, input_dim)`이고 `units`는 층의 유닛 수입니다. 넷 모두 1 이상의 정수입니다.
- `return_sequences`와 `return_state`는 `True` 아니면 `False`입니다.
- 층이 내보내는 것마다 모양을 하나씩, Keras가 내보내는 순서대로 담은 리스트를 돌려줍니다. 모양 하나는 정수의
  튜플입니다. 리스트와 튜플은 서로 바꾸어 써도 됩니다. 내보내는 것이 하나뿐이어도 모양 하나를 담은 리스트입니다.
- TensorFlow 없이 채점하므로, 층을 만들지 말고 모양을 계산하세요.
""",
        en="""
Complete `rnn_output_shapes(cell, batch, timesteps, input_dim, units, return_sequences, return_state)` so that it
returns the shape of every output of a recurrent layer.

- `cell` is `"LSTM"`, `"GRU"` or `"SimpleRNN"`.
- The input has the shape `(batch, timesteps, input_dim)`, and the layer has `units` units. All four are whole
  numbers, at least 1.
- `return_sequences` and `return_state` are `True` or `False`.
- Return a list with one shape per output, in Keras's order. A shape is a tuple of whole numbers. Lists and tuples are
  interchangeable here. If there is only one output, the list holds one shape.
- This is graded without TensorFlow: compute the shapes instead of building a layer.
""",
    ),
    source="lecture notebook, LSTM(8) on a random input and the number of its outputs",
    sample=("GRU", 2, 6, 3, 5, False, False),
    returns="list",
)


@question.answer
def rnn_output_shapes(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    """str, 4 x int, 2 x bool -> list[tuple[int, ...]]"""
    output = (batch, timesteps, units) if return_sequences else (batch, units)
    n_states = 2 if cell == "LSTM" else 1
    return [output, *[(batch, units)] * n_states] if return_state else [output]


@question.example
def example(rnn_output_shapes):
    shapes = rnn_output_shapes("SimpleRNN", 2, 6, 3, 5, False, False)
    assert [tuple(shape) for shape in shapes] == [(2, 5)]
    shapes = rnn_output_shapes("GRU", 2, 6, 3, 5, True, False)
    assert [tuple(shape) for shape in shapes] == [(2, 6, 5)]


@question.cases
def cases(rng):
    edges = [(1, 9, 4, 7), (8, 1, 5, 3), (6, 4, 1, 11), (5, 12, 8, 1), (4, 4, 4, 4)]
    drawn = []
    for cell in ("LSTM", "GRU", "SimpleRNN"):
        for flags in itertools.product((False, True), repeat=2):
            anywhere = [int(size) for size in rng.permutation(range(3, 40))[:4]]
            drawn += [Case(cell, *sizes, *flags) for sizes in (anywhere, *edges)]
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
        ko="은닉 상태는 내보냈습니다. 그런데 `return_state=True`일 때 LSTM은 상태를 하나 더 내보냅니다. "
        "‘return_sequences와 return_state’ 절의 표에서 LSTM이 시점에서 시점으로 넘기는 것을 모두 "
        "찾으세요. `cell`과 비교하는 문자열의 대소문자도, "
        "`or`의 양쪽에 비교가 하나씩 온전히 있는지도 확인하세요.",
        en="The hidden state is there, but with `return_state=True` an LSTM returns one more state. The "
        "table in the section “return_sequences and return_state” lists everything that an LSTM passes "
        "from step to step. Where you compare `cell`, check upper and lower case, and that there is a whole comparison "
        "on either side of an `or`.",
    ),
    fails=[shapes_of_lstm],
)
def lstm_without_cell_state(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output] + [(batch, units)] * int(return_state)


@question.misconception(
    text=Text(
        ko="LSTM에는 셀 상태가 있습니다. GRU와 SimpleRNN에도 있는 것으로 보았는데, 셋 가운데 셀 상태를 가진 "
        "층은 어느 것인가요?",
        en="An LSTM does have a cell state, but here the GRU and the SimpleRNN return one as well. Which of "
        "the three layers has one?",
    ),
    fails=[shapes_of_simple_rnn, shapes_of_gru],
)
def cell_state_everywhere(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output] + [(batch, units)] * (2 * return_state)


@question.misconception(
    text=Text(
        ko="GRU에도 LSTM처럼 셀 상태가 있는 것으로 보았습니다. ‘return_sequences와 return_state’ 절의 "
        "표에서 GRU가 시점에서 시점으로 넘기는 상태를 확인하세요.",
        en="Here the GRU returns a cell state, as an LSTM does. Check what a GRU passes from step to step "
        "in the table of the section “return_sequences and return_state”.",
    ),
    fails=[shapes_of_gru],
)
def gru_with_cell_state(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    carried = {"LSTM": 2, "GRU": 2, "SimpleRNN": 1}[cell]
    return [output] + [(batch, units)] * (carried * return_state)


@question.misconception(
    text=Text(
        ko="`return_state`를 바꾸어도 결과가 그대로입니다. 이 인수가 `True`이면 출력 뒤에 무엇이 더 "
        "나오나요?",
        en="`return_state` changes nothing here. What follows the output if it is `True`?",
    ),
    fails=EVERY_CELL,
)
def return_state_ignored(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    return [output_of(batch, timesteps, units, return_sequences)]


@question.misconception(
    text=Text(
        ko="`return_state`와 상관없이 언제나 상태를 더 내보냈습니다. 이 인수가 `False`일 때를 보세요.",
        en="The states are returned here whatever `return_state` is. Look at the case where it is `False`.",
    ),
    fails=EVERY_CELL,
)
def states_always(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    return [output_of(batch, timesteps, units, return_sequences), *states_of(cell, batch, units, True)]


@question.misconception(
    text=Text(
        ko="`return_state=True`일 때 상태만 남기고 원래의 출력을 빠뜨렸습니다. 상태는 출력을 대신하지 않고 "
        "뒤에 붙습니다.",
        en="With `return_state=True` you returned the states without the output. They come after the "
        "output, not in its place.",
    ),
    fails=EVERY_CELL,
)
def states_in_place_of_the_output(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return states_of(cell, batch, units, return_state) or [output]


@question.misconception(
    text=Text(
        ko="두 값이 같다는 것은 바르게 보았습니다. 그래도 Keras는 출력과 마지막 은닉 상태를 따로 내보냅니다.",
        en="You are right that the output equals the last hidden state here. Keras still returns both.",
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
        ko="`return_sequences=False`일 때의 출력을 언제나 내보냈습니다. `True`이면 축이 하나 더 생깁니다. "
        "그림 1에서 찾아보세요.",
        en="You always returned the output for `return_sequences=False`. With `True` there is one more "
        "axis: find it in figure 1.",
    ),
    fails=EVERY_CELL,
)
def return_sequences_ignored(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    return [(batch, units), *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="`return_sequences`와 상관없이 모든 시점을 내보냈습니다. 이 인수가 `False`일 때를 보세요.",
        en="Here every time step is returned whatever `return_sequences` is. Look at the case where it is "
        "`False`.",
    ),
    fails=EVERY_CELL,
)
def sequence_always(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    return [(batch, timesteps, units), *states_of(cell, batch, units, return_state)]


@question.misconception(text=RETURN_SEQUENCES_REVERSED, fails=EVERY_CELL)
def return_sequences_reversed(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, not return_sequences)
    return [output, *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="두 인수 `return_sequences`와 `return_state`를 서로 바꾸어 썼습니다. 시점의 축을 남기는 것은 "
        "어느 쪽인가요?",
        en="The arguments `return_sequences` and `return_state` are swapped. Which of them keeps the time "
        "axis?",
    ),
    fails=EVERY_CELL,
)
def flags_swapped(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_state)
    return [output, *states_of(cell, batch, units, return_sequences)]


@question.misconception(
    text=Text(
        ko="은닉 상태의 길이를 입력에서 가져왔습니다. 앞에서 입력이 (5, 3), (50, 3), (5, 20)으로 달라져도 "
        "`LSTM(4)`의 출력은 그대로였습니다. 그 길이는 무엇이 정하나요?",
        en="The hidden state has the length of the input's vectors. Yet above, the output of `LSTM(4)` "
        "stayed the same for inputs of 3 and of 20 numbers per step. What sets its length?",
    ),
    section=UNITS_SECTION,
    fails=EVERY_CELL,
)
def input_dim_for_units(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, input_dim, return_sequences)
    return [output, *states_of(cell, batch, input_dim, return_state)]


@question.misconception(
    text=Text(
        ko="유닛의 개수와 시점의 개수가 바뀌었습니다. 유닛은 시점마다 하나씩 있는 것이 아닙니다. ‘유닛의 "
        "개수는 은닉 상태의 길이’ 절에서 시점 5개와 50개의 출력을 비교해 보세요.",
        en="The number of units and the number of time steps are swapped. There is not one unit per time "
        "step: compare the outputs for 5 and for 50 time steps in the section on units.",
    ),
    section=UNITS_SECTION,
    fails=EVERY_CELL,
)
def timesteps_for_units(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, units, timesteps, return_sequences)
    return [output, *states_of(cell, batch, timesteps, return_state)]


@question.misconception(
    text=Text(
        ko="시점의 축은 출력에만 있습니다. 여기서는 상태도 모든 시점의 것이 나옵니다. `return_state`가 "
        "내보내는 것은 어느 시점의 상태인가요?",
        en="The time axis belongs to the output. Here the states have one as well: the state of which time "
        "step does `return_state` return?",
    ),
    fails=EVERY_CELL,
)
def states_at_every_step(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output] * (1 + len(states_of(cell, batch, units, return_state)))


@question.misconception(
    text=Text(
        ko="`return_sequences=True`여도 셀 상태는 마지막 시점의 것만 나옵니다. 이 인수가 내보내는 것은 "
        "무엇의 시퀀스인가요?",
        en="Even with `return_sequences=True` the cell state comes out for the last time step only. What is "
        "the sequence that this argument returns made of?",
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
        en="The LSTM's cell state got the length of the input's vectors. It should be as long as the hidden state.",
    ),
    section=UNITS_SECTION,
    fails=[shapes_of_lstm],
)
def cell_state_as_long_as_the_input(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    states = states_of(cell, batch, units, return_state)
    return [output, *states[:1], *[(batch, input_dim)] * len(states[1:])]


@question.misconception(
    text=Text(
        ko="LSTM의 은닉 상태와 셀 상태를 하나로 이었습니다. Keras는 둘을 따로 내보냅니다.",
        en="The hidden state and the cell state of the LSTM are joined. Keras returns them separately.",
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
        en="A single hidden state has an axis of length 1 for its time step. When only the last time step "
        "comes out, Keras drops that axis.",
    ),
    fails=EVERY_CELL,
)
def axis_of_one_step(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps if return_sequences else 1, units, True)
    return [output, *[(batch, 1, units)] * len(states_of(cell, batch, units, return_state))]


@question.misconception(
    text=Text(
        ko="시점의 축을 맨 앞에 두었습니다. Keras에서 맨 앞의 축이 무엇을 세나요?",
        en="The time axis comes first. What does the first axis count in Keras?",
    ),
    section=AXES_SECTION,
    fails=EVERY_CELL,
)
def time_first(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = (timesteps, batch, units) if return_sequences else (batch, units)
    return [output, *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="시점의 축과 유닛의 축을 바꾸었습니다. 마지막 축이 은닉 상태 하나의 길이입니다.",
        en="The time axis and the axis of the units are swapped. The last axis is the length of one "
        "hidden state.",
    ),
    section=AXES_SECTION,
    fails=EVERY_CELL,
)
def units_before_time(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = (batch, units, timesteps) if return_sequences else (batch, units)
    return [output, *states_of(cell, batch, units, return_state)]


@question.misconception(text=NO_BATCH_AXIS, section=AXES_SECTION, fails=EVERY_CELL)
def no_batch_axis(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = (timesteps, units) if return_sequences else (units,)
    return [output, *[(units,)] * len(states_of(cell, batch, units, return_state))]


@question.misconception(
    text=Text(
        ko="모든 시점의 은닉 상태를 한 줄로 이었습니다. 시점의 축은 그대로 남습니다.",
        en="The hidden states of all time steps are joined in one row. The time axis stays.",
    ),
    fails=EVERY_CELL,
)
def steps_in_one_row(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = (batch, timesteps * units) if return_sequences else (batch, units)
    return [output, *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="모양은 맞습니다. 모양이 하나뿐일 때에도 리스트에 담아 돌려주세요.",
        en="The shape is right. Return it in a list, even if it is the only one.",
    ),
    fails=EVERY_CELL,
    credit=2,
)
def bare_shape_for_one_output(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *states_of(cell, batch, units, return_state)] if return_state else output


@question.misconception(
    text=Text(
        ko="`return_state=True`인데 GRU와 SimpleRNN의 상태가 빠졌습니다. 이 두 층은 시점에서 시점으로 "
        "무엇을 넘기나요?",
        en="With `return_state=True` the states of the GRU and the SimpleRNN are missing. What do these "
        "two pass from step to step?",
    ),
    fails=[shapes_of_simple_rnn, shapes_of_gru],
)
def states_of_the_lstm_alone(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *[(batch, units)] * (2 * return_state * (cell == "LSTM"))]


@question.misconception(
    text=Text(
        ko="SimpleRNN의 상태만 빠졌습니다. 게이트가 없는 층도 다음 시점에 넘기는 것이 있습니다.",
        en="Only the state of the SimpleRNN is missing. A layer without gates passes something on to the "
        "next time step, too.",
    ),
    fails=[shapes_of_simple_rnn],
)
def simple_rnn_without_state(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *states_of(cell, batch, units, return_state and cell != "SimpleRNN")]


@question.misconception(
    text=Text(
        ko="GRU의 상태만 빠졌습니다. GRU에는 셀 상태가 없지만, 다음 시점에 넘기는 것은 있습니다.",
        en="Only the state of the GRU is missing. A GRU has no cell state, but it does pass something on "
        "to the next time step.",
    ),
    fails=[shapes_of_gru],
)
def gru_without_state(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *states_of(cell, batch, units, return_state and cell != "GRU")]


@question.misconception(
    text=Text(
        ko="상태가 출력보다 앞에 있습니다. Keras가 내보내는 순서를 보세요.",
        en="The states come before the output. In which order does Keras return them?",
    ),
    fails=EVERY_CELL,
    credit=2,
)
def states_before_the_output(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [*states_of(cell, batch, units, return_state), output]


@question.misconception(
    text=Text(
        ko="시점마다 상태를 하나씩 내보냈습니다. `return_state`는 어느 시점의 상태를 내보내나요?",
        en="You returned one state for every time step. Which time step does the state of `return_state` "
        "belong to?",
    ),
    fails=EVERY_CELL,
)
def one_state_for_each_step(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *[(batch, units)] * (timesteps * return_state)]


@question.misconception(
    text=Text(
        ko="`return_sequences=True`일 때 출력의 마지막 축을 입력의 것 그대로 두었습니다. 시점마다 나오는 "
        "것은 입력이 아니라 은닉 상태입니다.",
        en="With `return_sequences=True` you kept the last axis of the input. What comes out at each time "
        "step is a hidden state.",
    ),
    section=UNITS_SECTION,
    fails=EVERY_CELL,
)
def sequence_as_wide_as_the_input(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    states = states_of(cell, batch, units, return_state)
    return [(batch, timesteps, input_dim) if return_sequences else (batch, units), *states]


@question.misconception(
    text=Text(
        ko="출력의 길이는 맞지만 상태의 길이를 입력에서 가져왔습니다. 마지막 은닉 상태의 길이는 무엇이 "
        "정하나요?",
        en="The output is right, but the states got the length of the input's vectors. What sets the "
        "length of a hidden state?",
    ),
    section=UNITS_SECTION,
    fails=EVERY_CELL,
)
def states_as_long_as_the_input(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *states_of(cell, batch, input_dim, return_state)]


@question.misconception(
    text=Text(
        ko="상태의 길이를 시점의 개수로 했습니다. 상태는 마지막 시점을 읽고 난 벡터 하나이고, 그 길이는 "
        "시점이 몇 개든 같습니다.",
        en="The states got the number of time steps as their length. A state is one vector, after the "
        "last step, and its length is the same for any number of steps.",
    ),
    section=UNITS_SECTION,
    fails=EVERY_CELL,
)
def states_as_long_as_the_sequence(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *states_of(cell, batch, timesteps, return_state)]


@question.misconception(
    text=Text(
        ko="`return_sequences=False`일 때 출력에 길이 1인 시점의 축이 남아 있습니다. 이때에는 축이 몇 "
        "개인가요?",
        en="With `return_sequences=False` the output still has a time axis of length 1. How many axes are "
        "left then?",
    ),
    fails=EVERY_CELL,
)
def axis_of_one_step_in_the_output(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps if return_sequences else 1, units, True)
    return [output, *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="상태에 길이 1인 시점의 축이 있습니다. 상태 하나는 시점을 세지 않습니다.",
        en="The states have a time axis of length 1. A single state does not count time steps.",
    ),
    fails=EVERY_CELL,
)
def axis_of_one_step_in_the_states(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    states = states_of(cell, batch, units, return_state)
    return [output, *[(batch, 1, units)] * len(states)]


@question.misconception(
    text=Text(
        ko="`return_sequences=True`일 때 시점마다 수를 하나씩만 내보냈습니다. 시점마다 나오는 은닉 상태는 "
        "길이가 얼마인가요?",
        en="With `return_sequences=True` you returned a single number per time step. How long is the "
        "hidden state at each step?",
    ),
    section=UNITS_SECTION,
    fails=EVERY_CELL,
)
def sequence_without_units(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    states = states_of(cell, batch, units, return_state)
    return [(batch, timesteps) if return_sequences else (batch, units), *states]


@question.misconception(
    text=Text(
        ko="`return_sequences=False`일 때 `return_state=True`인데도 상태가 빠졌습니다. 두 인수는 따로 "
        "작용합니다.",
        en="With `return_sequences=False` the states are missing even for `return_state=True`. The two "
        "arguments work independently.",
    ),
    fails=EVERY_CELL,
)
def states_with_the_sequence_only(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *states_of(cell, batch, units, return_state and return_sequences)]


@question.misconception(
    text=Text(
        ko="두 인수가 모두 `True`일 때 상태가 빠졌습니다. `return_sequences`를 켜도 `return_state`는 "
        "그대로 작용합니다.",
        en="With both arguments `True`, the states are missing. `return_state` works the same whatever "
        "`return_sequences` is.",
    ),
    fails=EVERY_CELL,
)
def states_without_the_sequence_only(
    cell, batch, timesteps, input_dim, units, return_sequences, return_state
):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *states_of(cell, batch, units, return_state and not return_sequences)]


@question.misconception(
    text=Text(
        ko="층마다 상태를 하나씩 더 내보냈습니다. 출력까지 상태로 세지 않았는지 확인하세요.",
        en="You returned one state too many for each layer. Did you count the output as a state as well?",
    ),
    fails=EVERY_CELL,
)
def one_state_too_many(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    states = states_of(cell, batch, units, return_state)
    return [output, *states, *states[:1]]


@question.misconception(
    text=Text(
        ko="LSTM의 상태를 셋 내보냈습니다. 게이트는 상태가 아닙니다. LSTM이 다음 시점에 넘기는 것을 세어 "
        "보세요.",
        en="You returned three states for the LSTM. Gates are not states: count what an LSTM passes on to "
        "the next time step.",
    ),
    fails=[shapes_of_lstm],
)
def lstm_with_three_states(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    states = states_of(cell, batch, units, return_state)
    return [output, *states, *states[1:]]


@question.misconception(text=NONE_FOR_THE_BATCH, fails=EVERY_CELL, credit=2)
def none_for_the_batch(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(None, timesteps, units, return_sequences)
    return [output, *states_of(cell, None, units, return_state)]


@question.misconception(
    text=Text(
        ko="샘플이 몇 개든 1개로 두었습니다. 앞의 예에서는 하나였지만 `batch`는 다른 수일 수 있습니다.",
        en="The number of samples is always 1. It was 1 in one of the examples, but `batch` may be another "
        "number.",
    ),
    section=AXES_SECTION,
    fails=EVERY_CELL,
)
def one_sample_always(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(1, timesteps, units, return_sequences)
    return [output, *states_of(cell, 1, units, return_state)]


@question.misconception(
    text=Text(
        ko="모양마다 따로 담지 않고 모든 수를 한 줄로 늘어놓았습니다. 모양 하나가 튜플 하나입니다.",
        en="All sizes are in one flat list. Each shape should be a tuple of its own.",
    ),
    fails=EVERY_CELL,
)
def all_sizes_in_one_list(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [size for one in [output, *states_of(cell, batch, units, return_state)] for size in one]


@question.misconception(
    text=Text(
        ko="내보내는 것이 몇 개인지를 돌려주었습니다. 개수가 아니라 하나하나의 모양을 담으세요.",
        en="That is the number of outputs. Return the shape of each of them.",
    ),
    fails=EVERY_CELL,
)
def number_of_outputs(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    return 1 + len(states_of(cell, batch, units, return_state))


@question.misconception(
    text=Text(
        ko="상태들을 리스트 하나에 따로 묶었습니다. 출력 뒤에 나란히 늘어놓으세요.",
        en="The states are in a list of their own. List them one by one after the output.",
    ),
    fails=EVERY_CELL,
    credit=2,
)
def states_in_a_list(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    states = states_of(cell, batch, units, return_state)
    return [output, states] if states else [output]


@question.misconception(text=AXES_OF_ONE_DROPPED, fails=EVERY_CELL, credit=2)
def axes_of_one_dropped(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    found = [output, *states_of(cell, batch, units, return_state)]
    return [tuple(size for size in one if size > 1) for one in found]


@question.misconception(text=SINGLE_STEP_WITHOUT_ITS_AXIS, fails=EVERY_CELL, credit=2)
def single_step_without_its_axis(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences and timesteps > 1)
    return [output, *states_of(cell, batch, units, return_state)]


@question.misconception(
    text=Text(
        ko="`return_state=False`인데도 LSTM의 셀 상태를 내보냈습니다. 상태를 내보낼지는 `return_state`가 "
        "정합니다.",
        en="You returned the cell state of the LSTM even with `return_state=False`. Whether states come "
        "out depends on `return_state`.",
    ),
    fails=[shapes_of_lstm],
)
def cell_state_always(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [
        output,
        *(states_of(cell, batch, units, True) if return_state else states_of(cell, batch, units, True)[1:]),
    ]


@question.misconception(
    text=Text(
        ko="`return_sequences=False`일 때 LSTM의 셀 상태가 빠졌습니다. 이 인수는 상태의 개수를 바꾸지 "
        "않습니다.",
        en="With `return_sequences=False` the cell state of the LSTM is missing. That argument does not change "
        "how many states come out.",
    ),
    fails=[shapes_of_lstm],
)
def cell_state_with_the_sequence_only(
    cell, batch, timesteps, input_dim, units, return_sequences, return_state
):
    output = output_of(batch, timesteps, units, return_sequences)
    states = states_of(cell, batch, units, return_state)
    return [output, *(states if return_sequences else states[:1])]


@question.misconception(
    text=Text(
        ko="`return_sequences=True`일 때 LSTM의 셀 상태가 빠졌습니다. 모든 시점의 은닉 상태가 나와도 "
        "마지막 셀 상태는 따로 나옵니다.",
        en="With `return_sequences=True` the cell state of the LSTM is missing. The last cell state is a "
        "separate output, not part of the hidden states.",
    ),
    fails=[shapes_of_lstm],
)
def cell_state_without_the_sequence_only(
    cell, batch, timesteps, input_dim, units, return_sequences, return_state
):
    output = output_of(batch, timesteps, units, return_sequences)
    states = states_of(cell, batch, units, return_state)
    return [output, *(states[:1] if return_sequences else states)]


@question.misconception(
    text=Text(
        ko="샘플의 축과 유닛의 축이 바뀌었습니다. 맨 앞의 축이 무엇을 세나요?",
        en="The batch axis and the axis of the units are swapped. What does the first axis count?",
    ),
    section=AXES_SECTION,
    fails=EVERY_CELL,
)
def batch_and_units_swapped(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [one[::-1] for one in [output, *states_of(cell, batch, units, return_state)]]


@question.misconception(
    text=Text(
        ko="모양을 문자열로 적었습니다. 정수를 담은 튜플 그대로 돌려주세요.",
        en="The shapes are strings. Return tuples of whole numbers.",
    ),
    fails=EVERY_CELL,
)
def shapes_as_text(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [str(one) for one in [output, *states_of(cell, batch, units, return_state)]]


@question.misconception(
    text=Text(
        ko="LSTM이 언제나 상태를 내보낸다고 했습니다. `return_state=True`일 때는 맞습니다. `False`이면 무엇이 "
        "나오나요?",
        en="The LSTM always returns its states here. That is right for `return_state=True`; what comes out for "
        "`False`?",
    ),
    fails=[shapes_of_lstm],
)
def lstm_states_always(cell, batch, timesteps, input_dim, units, return_sequences, return_state):
    output = output_of(batch, timesteps, units, return_sequences)
    return [output, *states_of(cell, batch, units, return_state or cell == "LSTM")]

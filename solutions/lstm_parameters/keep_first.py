"""A unit of an LSTM designed by hand: it keeps the first marked value that it reads."""

from functools import cached_property, lru_cache
from itertools import permutations

import numpy as np

from autograder import Case, Fail, Question, Text, expect

from ._shared import ARRAYS_SECTION, DESIGN_SECTION

question = Question(
    title=Text(ko="유닛 설계하기", en="Designing a unit"),
    statement=Text(
        ko="""
`LSTM(1)`이 시점마다 수를 두 개 `(값, 표시)` 읽습니다. 표시는 1이거나 0입니다. 이 유닛이 **처음으로 표시된 시점의 값**을
셀 상태에 끝까지 간직하도록 가중치 16개를 정하세요. `keep_first()`가 그 가중치를 돌려주게 완성합니다.

- 값은 모두 0.1 이상 0.5 이하입니다. 시점은 1개에서 200개까지이고, 표시된 시점이 적어도 하나 있습니다. **여러 개일
  수도 있습니다.** 그때는 처음 것만 남아야 합니다.
- `(kernel, recurrent_kernel, bias)`를 돌려줍니다. 모양은 `(2, 4)`, `(1, 4)`, `(4,)`이고 블록의 순서는 Keras와
  같습니다. `kernel`의 첫 행은 값에, 둘째 행은 표시에 곱합니다. 배열 대신 리스트도 됩니다.
- 마지막 시점의 셀 상태와 그 값의 차이가 0.05 이하이면 맞습니다. 두 상태는 0에서 시작합니다.
- 위의 조건대로 움직이기만 하면 **어떤 가중치든 정답입니다.** 다만 크기가 백만을 넘지 않는 유한한 수여야 합니다.
- 표시가 하나뿐인 시퀀스에서 맞으면 점수의 절반을 받습니다. 숨은 시퀀스로 TensorFlow 없이 채점합니다.
- 도움말: 유닛은 자신의 은닉 상태도 읽습니다. 아직 아무것도 적지 않았을 때 은닉 상태는 얼마인가요?
""",
        en="""
An `LSTM(1)` reads two numbers `(value, mark)` at each time step. The mark is 1 or 0. Choose its 16 weights so that its
cell state keeps the **value of the first marked step** to the end. Complete `keep_first()` so that it returns these
weights.

- All values lie between 0.1 and 0.5. There are 1 to 200 time steps, and at least one of them is marked. **There may be
  several marks**; only the value of the first is to remain.
- Return `(kernel, recurrent_kernel, bias)` of the shapes `(2, 4)`, `(1, 4)` and `(4,)`, with the blocks in Keras's
  order. The first row of `kernel` multiplies the value, the second the mark. Lists will do instead of arrays.
- The cell state after the last step is right if it differs from that value by at most 0.05. Both states start as 0.
- **Any weights are right** if the unit behaves like this. They have to be finite and no larger than a million in size.
- A unit that is right for sequences with a single mark earns half the points. Hidden sequences are used for grading,
  without TensorFlow.
- Hint: the unit also reads its own hidden state. What is it as long as nothing has been written?
""",
    ),
    source="the marked numbers of Hochreiter and Schmidhuber 1997, made small enough for one unit",
    sample=(),
    returns="array",
    parts=3,
    section=DESIGN_SECTION,
)

LOW, HIGH, LONGEST = 0.1, 0.5, 200
TOLERANCE = 0.05
LARGEST = 1e6
SHAPES = {"kernel": (2, 4), "recurrent_kernel": (1, 4), "bias": (4,)}
RIGHT_BUT_FOR_A_CONVENTION = 1
"""Points of a unit that is right with its blocks, or the rows of its kernel, in another order: half of all."""


@question.answer
def keep_first():
    """kernel (2, 4), recurrent_kernel (1, 4), bias (4,)"""
    kernel = np.array([[0, 0, 1.05, 0], [30, 0, 0, 0]])  # i opens for a mark; the candidate is the value
    recurrent_kernel = np.array([[-600, 0, 0, 0]])  # and stays shut once h is no longer 0
    bias = np.array([-15, 20, 0, 20])
    return kernel, recurrent_kernel, bias


@question.example
def example(keep_first):
    import numpy as np

    kernel, recurrent_kernel, bias = keep_first()
    assert np.shape(kernel) == (2, 4)
    assert np.shape(recurrent_kernel) == (1, 4)
    assert np.shape(bias) == (4,)


def values_of(rng, number):
    """Values of so many sequences, the least and the greatest among them."""
    drawn = rng.uniform(LOW, HIGH, size=(number, LONGEST))
    extreme = rng.uniform(size=drawn.shape)
    return np.where(extreme < 0.1, LOW, np.where(extreme > 0.9, HIGH, drawn))


def trial(values, marks, ends):
    """Sequences, the index of the last step of each, and the value of its first mark."""
    first = marks.argmax(axis=1)
    return np.stack([values, marks], axis=-1), ends - 1, values[np.arange(len(values)), first]


def with_one_mark(rng, number):
    """Sequences with one mark: at the first step and the last, after and before greater and smaller values."""
    values, ends = values_of(rng, number), rng.integers(1, LONGEST + 1, size=number)
    ends[: number // 2] = LONGEST
    places = rng.integers(ends)
    places[:6] = 0, LONGEST - 1, 0, 0, LONGEST - 1, LONGEST - 1
    for row, kept, other in ((2, LOW, HIGH), (3, HIGH, LOW), (4, LOW, HIGH), (5, HIGH, LOW)):
        values[row], values[row, places[row]] = other, kept
    ends[6], places[6] = 1, 0
    return trial(values, np.eye(LONGEST)[places], ends)


def with_several_marks(rng, number):
    """Sequences with two marks to two hundred: next to each other and far apart, then smaller and greater values."""
    values, ends = values_of(rng, number), rng.integers(2, LONGEST + 1, size=number)
    ends[: number // 2] = LONGEST
    places = rng.integers(ends - 1)
    places[:6] = 0, 0, 0, LONGEST - 2, 0, 0
    later = rng.integers(places + 1, ends)
    later[2:4] = 1, LONGEST - 1
    steps = np.arange(LONGEST)
    often = rng.choice([0, 0.02, 0.2, 1], size=number)
    often[:6] = 1, 1, 0, 0, 0, 0.2
    marks = (rng.uniform(size=values.shape) < often[:, None]) & (steps > places[:, None])
    marks = (marks | (steps == places[:, None]) | (steps == later[:, None])).astype(float)
    for row, kept, other in ((0, LOW, HIGH), (1, HIGH, LOW), (2, LOW, HIGH), (3, HIGH, LOW), (4, HIGH, LOW)):
        values[row], values[row, places[row]] = other, kept
    return trial(values, marks, ends)


class Trials(tuple):
    """The two trials of a case."""

    @cached_property
    def together(self):
        """The sequences of both as one trial."""
        return [np.concatenate(parts) for parts in zip(*self, strict=True)]

    @cached_property
    def right_of_known(self):
        """By the weights of each unit of this file, the sequences in which it is right. Computed together for speed."""
        designs = (question.reference, *(misconception.answer for misconception in question.misconceptions))
        units = {unit.tobytes(): unit for unit in (unit_of(design()) for design in designs)}
        return dict(zip(units, are_right(np.array([*units.values()]), self.together), strict=True))


@question.cases
def cases(rng):
    return [Case().tried_on(Trials((with_one_mark(rng, 60), with_several_marks(rng, 60))))]


@question.asks
def asks(session, case):
    """The weights and where the unit is right: how far they are from those of the reference says nothing."""
    return tried(session.call("keep_first").value, case)


def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2  # overflows for no weight


def cell_states(units, sequences):
    """Cell states (units, sequences, steps) of some units, each given by 4 rows of 4 weights: value, mark, h, bias."""
    of_value, of_mark, of_state, bias = np.moveaxis(units, 0, 2)[..., None]  # the gates come first
    h = c = np.zeros((len(units), len(sequences)))
    kept = []
    for value, mark in np.ascontiguousarray(np.moveaxis(sequences, (1, 2), (0, 1))):
        z = value * of_value + mark * of_mark + h * of_state + bias
        i, f, _, o = sigmoid(z)
        c = f * c + i * np.tanh(z[2])
        h = o * np.tanh(c)
        kept.append(c)
    return np.stack(kept, axis=-1)


def are_right(units, trial):
    """For each unit and each sequence, whether the unit holds the wanted value after the last step."""
    sequences, last, want = trial
    states = cell_states(units, sequences)[:, np.arange(len(last)), last]
    return np.abs(states - want) <= TOLERANCE


THREE = Text(
    ko="배열 세 개를 담은 튜플 (kernel, recurrent_kernel, bias)",
    en="a tuple of three arrays (kernel, recurrent_kernel, bias)",
)


def unit_of(got):
    """The weights that came back as 4 rows of 4: value, mark, hidden state, bias. Fail unless they are weights."""
    found = expect.sequence(got, THREE)
    if len(found) != len(SHAPES):
        raise Fail(
            Text(
                ko=f"배열 세 개 (kernel, recurrent_kernel, bias)를 기대했는데 {len(found)}개를 돌려주었습니다.",
                en=f"expected three arrays (kernel, recurrent_kernel, bias), but {len(found)} came back",
            )
        )
    rows = []
    for (name, shape), part in zip(SHAPES.items(), found, strict=True):
        try:
            numbers = np.asarray(part)
            if numbers.dtype.kind not in "biufO":
                raise TypeError
            numbers = numbers.astype(float)
        except (TypeError, ValueError, OverflowError):
            raise Fail(
                Text(
                    ko=f"{name}에 수가 아닌 것이 있거나, 행의 길이가 서로 다릅니다.",
                    en=f"{name} holds something other than numbers, or rows of different lengths",
                )
            ) from None
        if numbers.shape != shape:
            raise Fail(
                Text(
                    ko=f"{name}의 모양은 {shape}이어야 하는데 {numbers.shape}입니다.",
                    en=f"{name} should have the shape {shape}, not {numbers.shape}",
                )
            )
        if not np.all(np.abs(numbers) <= LARGEST):  # NaN is not, either
            raise Fail(
                Text(
                    ko=f"{name}에 유한하지 않거나 크기가 백만을 넘는 수가 있습니다.",
                    en=f"{name} holds a number that is not finite, or larger than a million",
                )
            )
        rows.append(numbers.reshape(-1, 4))
    return np.concatenate(rows)


def tried(weights, case):
    """The weights and, for each trial, in which sequences the unit is right; only what came back if it is no unit."""
    try:
        unit = unit_of(weights)
    except Fail:
        return None if weights is None else {"weights": weights}
    right = case.trials.right_of_known.get(unit.tobytes())
    if right is None:
        right = are_right(unit[None], case.trials.together)[0]
    return {"weights": weights, "right": np.split(right, [len(case.trials[0][0])])}


def judge(got, case, place):
    if not isinstance(got, dict):  # nothing, or weights as the reference returns them
        got = tried(got, case) or {"weights": None}
    unit_of(got["weights"])
    right = got["right"][place]
    if not right.all():
        raise Fail(
            Text(
                ko=f"시퀀스 {right.size}개 가운데 {right.sum()}개에서만 마지막 셀 상태가 맞습니다.",
                en=f"the last cell state is right for {right.sum()} of {right.size} sequences",
            )
        )


@question.check(
    points=1,
    text=Text(
        ko="표시가 하나뿐이면 그 값을 끝까지 간직한다",
        en="keeps the value of the marked step to the end if there is one mark",
    ),
)
def keeps_the_only_one(got, case, want):
    judge(got, case, 0)


@question.check(
    points=1,
    text=Text(
        ko="표시가 여러 개이면 처음 것의 값을 끝까지 간직한다",
        en="keeps the value of the first marked step to the end if there are several marks",
    ),
    needs=keeps_the_only_one,
)
def keeps_the_first_of_several(got, case, want):
    judge(got, case, 1)


IN, FORGET, NEW, OUT = range(4)
VALUE, MARK, STATE, BIAS = range(4)
GOOD = np.array([[0, 0, 1.05, 0], [30, 0, 0, 0], [-600, 0, 0, 0], [-15, 20, 0, 20]])
"""A unit that keeps the first marked value, as 4 rows of 4: its columns replace those of a wrong unit."""
TYPICAL = 0.3
"""A value, and about what the hidden state is while it is stored."""
TRIED = 16
"""Sequences of each kind on which a changed unit is tried."""


def with_good(unit, *gates):
    """The unit with other columns for some gates."""
    changed = unit.copy()
    changed[:, gates] = GOOD[:, gates]
    return changed


def times(unit, rows, gates, factor):
    """The unit with some weights multiplied."""
    changed = unit.copy()
    changed[np.ix_(rows, gates)] *= factor
    return changed


def mirrored(unit):
    """The unit whose states are those of this one times -1."""
    changed = unit.copy()
    changed[np.ix_([VALUE, MARK, BIAS], [NEW])] *= -1
    changed[np.ix_([STATE], [IN, FORGET, OUT])] *= -1
    return changed


def level(unit, gate, mark, state, value=TYPICAL):
    """How far a gate is open."""
    return sigmoid(np.array([value, mark, state, 1]) @ unit[:, gate])


ORDERS = [order for order in permutations(range(4)) if order != (0, 1, 2, 3)]


def changes(unit):
    """The unit changed in ways that could make it right, by name."""
    return {
        **{f"order {order}": unit[:, order] for order in ORDERS},
        "rows": unit[[MARK, VALUE, STATE, BIAS]],
        "mirrored": mirrored(unit),
        "larger": times(unit, range(4), [IN, FORGET, OUT], 10),
        "candidate": with_good(unit, NEW),
        "forget": with_good(unit, FORGET),
        "input": with_good(unit, IN),
        "output": with_good(unit, OUT),
        "input, forget": with_good(unit, IN, FORGET),
        **{f"fed back {factor}": times(unit, [STATE], [IN], factor) for factor in (10, 100, 1000)},
    }


@lru_cache(maxsize=1)  # every misconception asks for the same
def mistake_in(unit, right_with_one, *parts):
    """The name of the misconception that explains a wrong unit, found by changing the unit and trying it again.

    unit: its weights, and parts: those of the two trials, as bytes.
    """
    unit = np.frombuffer(unit).reshape(4, 4)
    changed = changes(unit)
    one, several = (
        dict(zip(changed, are_right(np.array([*changed.values()]), trial).all(axis=1), strict=True))
        for trial in (from_bytes(*parts[:3]), from_bytes(*parts[3:]))
    )
    both = {name for name in changed if one[name] and several[name]}
    if right_with_one:
        return mistake_with_several(unit, both)
    if not unit.any():
        return "all_zero"
    if "order (0, 1, 3, 2)" in both:  # the candidate alone could be replaced as well
        return "blocks_in_another_order"
    if one["candidate"] and not is_the_value(unit):
        return mistake_in_candidate(unit)
    if one["forget"]:
        return mistake_in_forget_gate(unit)
    if one["input"]:
        return mistake_in_input_gate(unit)
    if any(name.startswith("order") for name in both):
        return "blocks_in_another_order"
    if "rows" in both:
        return "rows_of_the_kernel_swapped"
    if "mirrored" in both:
        return "value_stored_with_a_minus"
    if "larger" in both:
        return "gates_half_open"
    if one["input, forget"] and level(unit, IN, 0, TYPICAL) > 0.9 and level(unit, FORGET, 0, TYPICAL) < 0.1:
        return "keeps_the_last_value"
    return "something_else"


def is_the_value(unit):
    """Whether the candidate is the value, near enough for gates that open and shut as they should."""
    of_value, *others = unit[:, NEW]
    return 0.95 <= of_value <= 1.15 and not any(others)


def mistake_in_candidate(unit):
    of_value, of_mark, of_state, bias = unit[:, NEW]
    if of_mark or of_state or bias:
        return "more_than_the_value" if of_value else "mark_stored"
    if not of_value:
        return "nothing_to_write"
    if of_value < 0:
        return "value_stored_with_a_minus"
    return "value_squashed" if of_value > 1 else "value_shrunk"


def mistake_in_forget_gate(unit):
    kept = [level(unit, FORGET, 0, state, value) for state in (LOW, HIGH) for value in (LOW, HIGH)]
    if max(kept) < 0.6:
        return "forgets_at_once"
    return "forgets_slowly" if min(kept) > 0.9 else "forgets_at_some_steps"


def mistake_in_input_gate(unit):
    if level(unit, IN, 1, 0) < 0.2:
        return "never_writes"
    if level(unit, IN, 0, 0) < 0.2:
        return "writes_a_little_always" if level(unit, IN, 1, 0) > 0.95 else "writes_a_part"
    return "writes_the_first_of_all" if level(unit, IN, 0, TYPICAL) < 0.01 else "writes_at_every_step"


def mistake_with_several(unit, both):
    """The same of a unit that is right as long as there is one mark."""
    if "output" in both:
        return "shows_nothing"
    if any(name.startswith("fed back") for name in both):
        return "closes_too_little"
    if "forget" in both:
        return "forgets_at_later_marks"
    if unit[STATE, IN] > 0 and "input" in both:
        return "opens_further"
    if "input" in both:
        return "adds_later_marks"
    if "input, forget" in both and level(unit, FORGET, 1, TYPICAL) < 0.1:
        return "keeps_the_last_mark"
    return "something_else_with_several"


def seen(name):
    """Silent where the unit makes this mistake."""

    def is_seen(got, case, want):
        expect.shown(isinstance(got, dict) and "right" in got)
        parts = (part[:TRIED].tobytes() for trial in case.trials for part in trial)
        right_with_one = bool(got["right"][0].all())
        expect.shown(mistake_in(unit_of(got["weights"]).tobytes(), right_with_one, *parts) == name)

    return is_seen


def from_bytes(sequences, last, want):
    """The first sequences of a trial again."""
    return (
        np.frombuffer(sequences).reshape(-1, LONGEST, 2),
        np.frombuffer(last, dtype=int),
        np.frombuffer(want),
    )


def weights(change=(), base=GOOD):
    """The weights of a unit, with some entries of `base` changed: (row, gate, number)."""
    unit = base.copy()
    for row, gate, number in change:
        unit[row, gate] = number
    return unit[:2], unit[2:3], unit[3]


@question.misconception(
    text=Text(
        ko="블록의 순서만 다릅니다. 같은 가중치를 다른 순서로 놓으면 맞습니다. Keras에서 네 블록의 순서는 "
        "무엇인가요?",
        en="Only the order of the blocks is wrong: in another order, the same weights are right. In "
        "which order does Keras store the four blocks?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("blocks_in_another_order"),
    credit=RIGHT_BUT_FOR_A_CONVENTION,
    section=ARRAYS_SECTION,
)
def blocks_in_another_order():
    return weights(base=GOOD[:, [FORGET, IN, NEW, OUT]])


@question.misconception(
    text=Text(
        ko="kernel의 두 행이 서로 바뀌었습니다. 값과 표시 가운데 첫 행에 곱하는 것은 어느 쪽인가요?",
        en="The two rows of the kernel are swapped. Which does the first row multiply, the value or the "
        "mark?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("rows_of_the_kernel_swapped"),
    credit=RIGHT_BUT_FOR_A_CONVENTION,
    section=ARRAYS_SECTION,
)
def rows_of_the_kernel_swapped():
    return weights(base=GOOD[[MARK, VALUE, STATE, BIAS]])


@question.misconception(
    text=Text(
        ko="값이 음수로 적힙니다. 후보에서 값에 곱하는 가중치의 부호를 보세요.",
        en="The value is stored with a minus. Look at the sign of the weight with which the candidate "
        "multiplies it.",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("value_stored_with_a_minus"),
)
def value_stored_with_a_minus():
    return weights([(VALUE, NEW, -1.05), (STATE, IN, 600)])


@question.misconception(
    text=Text(
        ko="가중치가 모두 0입니다. 그러면 후보도 0이라서 아무것도 적히지 않습니다.",
        en="All weights are 0. The candidate is 0 then, and nothing is ever written.",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("all_zero"),
)
def all_zero():
    return weights(base=0 * GOOD)


@question.misconception(
    text=Text(
        ko="생각은 맞지만 게이트가 덜 열리고 덜 닫힙니다. 조금씩 새는 것이 200시점 동안 쌓입니다. 게이트의 가중치를 "
        "열 배로 하면 어떻게 되나요?",
        en="The idea is right, but the gates are neither quite open nor quite shut, and what leaks adds "
        "up over 200 steps. What do weights of the gates that are ten times as large do?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("gates_half_open"),
)
def gates_half_open():
    return weights(base=GOOD * [0.15, 0.15, 1, 0.15])


@question.misconception(
    text=Text(
        ko="후보에 값 말고 다른 것도 들어갑니다. 적을 것은 값뿐입니다. 후보의 나머지 세 가중치를 보세요.",
        en="The candidate holds more than the value. Only the value is to be written: look at the other "
        "three weights of the candidate.",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("more_than_the_value"),
)
def more_than_the_value():
    return weights([(MARK, NEW, 0.5)])


@question.misconception(
    text=Text(
        ko="값이 아니라 표시나 편향이 적힙니다. 후보가 값을 읽나요?",
        en="The mark or a bias is written instead of the value. Does the candidate read the value?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("mark_stored"),
)
def mark_stored():
    return weights([(VALUE, NEW, 0), (MARK, NEW, 1)])


@question.misconception(
    text=Text(
        ko="후보의 가중치가 모두 0이라서 적히는 것이 0입니다. 후보는 무엇이어야 하나요?",
        en="The weights of the candidate are all 0, so what is written is 0. What should the candidate be?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("nothing_to_write"),
)
def nothing_to_write():
    return weights([(VALUE, NEW, 0)])


@question.misconception(
    text=Text(
        ko="후보의 값이 너무 큽니다. tanh는 큰 수를 모두 1 가까이로 눌러서 서로 구별되지 않게 합니다. "
        "tanh(x)가 x와 거의 같은 것은 언제인가요?",
        en="The candidate is too large. tanh squeezes all large numbers to nearly 1, where they can no "
        "longer be told apart. When is tanh(x) almost x?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("value_squashed"),
)
def value_squashed():
    return weights([(VALUE, NEW, 10)])


@question.misconception(
    text=Text(
        ko="값의 일부만 적힙니다. 후보에서 값에 곱하는 가중치가 너무 작습니다.",
        en="Only a part of the value is written: the weight with which the candidate multiplies it is "
        "too small.",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("value_shrunk"),
)
def value_shrunk():
    return weights([(VALUE, NEW, 0.5)])


@question.misconception(
    text=Text(
        ko="적은 값이 다음 시점에 절반도 남지 않습니다. 표시가 없을 때 망각 게이트의 값은 얼마인가요?",
        en="One step after it was written, half of the value or more is gone. How far is the forget gate"
        " open at a step without a mark?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("forgets_at_once"),
)
def forgets_at_once():
    return weights([(BIAS, FORGET, 0)])


@question.misconception(
    text=Text(
        ko="시점마다 기억이 조금씩 줄어듭니다. 망각 게이트가 0.99이면 200시점 뒤에 0.13만 남습니다. 얼마나 1에"
        " 가까워야 하나요?",
        en="A little of the memory is lost at every step. With a forget gate of 0.99, only 0.13 of it is"
        " left after 200 steps. How near to 1 must the gate be?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("forgets_slowly"),
)
def forgets_slowly():
    return weights([(BIAS, FORGET, 4)])


@question.misconception(
    text=Text(
        ko="망각 게이트가 어떤 시점에 닫혀서 적은 값이 사라집니다. 망각 게이트에서 값이나 은닉 상태에 곱하는 "
        "가중치를 보세요.",
        en="The forget gate closes at some steps, and what was written is lost. Look at its weights for "
        "the value and for the hidden state.",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("forgets_at_some_steps"),
)
def forgets_at_some_steps():
    return weights([(VALUE, FORGET, -60)])


@question.misconception(
    text=Text(
        ko="표시가 있어도 입력 게이트가 열리지 않아서 아무것도 적히지 않습니다. 표시가 1이고 은닉 상태가 0일 때 입력 "
        "게이트의 시그모이드에 들어가는 수는 얼마인가요?",
        en="The input gate does not open for a mark, so nothing is written. What goes into its sigmoid "
        "if the mark is 1 and the hidden state 0?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("never_writes"),
)
def never_writes():
    return weights([(MARK, IN, 0)])


@question.misconception(
    text=Text(
        ko="표시가 있을 때 입력 게이트가 덜 열려서 값의 일부만 적힙니다. 그때 입력 게이트의 값은 얼마인가요?",
        en="At a mark the input gate opens only in part, and only a part of the value is written. How "
        "far is it open there?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("writes_a_part"),
)
def writes_a_part():
    return weights([(MARK, IN, 15)])


@question.misconception(
    text=Text(
        ko="표시가 없는 시점에도 입력 게이트가 조금 열려 있어서 다른 값이 섞입니다. 그때 입력 게이트는 얼마나 0에 "
        "가까워야 하나요?",
        en="The input gate is a little open at steps without a mark too, and other values get in. How "
        "near to 0 must it be there?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("writes_a_little_always"),
)
def writes_a_little_always():
    return weights([(MARK, IN, 20), (BIAS, IN, -3), (STATE, IN, 0)])


@question.misconception(
    text=Text(
        ko="표시가 없는 시점의 값도 적습니다. 입력 게이트는 표시가 있을 때만 열려야 합니다.",
        en="Values without a mark are written, too. The input gate should open for a mark only.",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("writes_at_every_step"),
)
def writes_at_every_step():
    return weights([(BIAS, IN, 15), (STATE, IN, 0)])


@question.misconception(
    text=Text(
        ko="표시와 상관없이 맨 처음 값을 적습니다. 입력 게이트는 표시를 기다려야 합니다.",
        en="The very first value is written, marked or not. The input gate has to wait for a mark.",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("writes_the_first_of_all"),
)
def writes_the_first_of_all():
    return weights([(BIAS, IN, 15)])


@question.misconception(
    text=Text(
        ko="시점마다 기억을 지우고 새 값을 적어서 마지막 값만 남습니다. 표시가 없는 시점에는 두 게이트가 "
        "각각 어때야 하나요?",
        en="At every step the memory is cleared and a new value written, so only the last value remains."
        " What should the forget gate and the input gate be at a step without a mark?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("keeps_the_last_value"),
)
def keeps_the_last_value():
    return weights([(BIAS, IN, 15), (STATE, IN, 0), (BIAS, FORGET, -20)])


@question.misconception(
    text=Text(
        ko="표시가 하나뿐일 때도 값이 남지 않습니다. 짧은 시퀀스를 정해서 시점마다 네 식의 값을 손으로 구해 보세요. "
        "표시가 있을 때와 없을 때 게이트는 각각 얼마여야 하나요?",
        en="Even with a single mark, the value does not remain. Take a short sequence and work out the "
        "four equations at each step by hand. What should each gate be with a mark, and without one?",
    ),
    fails=[keeps_the_only_one],
    seen_in=seen("something_else"),
)
def something_else():
    return weights([(MARK, IN, -30), (BIAS, FORGET, -20), (BIAS, IN, 3), (VALUE, NEW, 3)])


@question.misconception(
    text=Text(
        ko="뒤에 표시된 값도 더해집니다. 한 번 적은 뒤에는 표시가 있어도 입력 게이트가 닫혀 있어야 합니다. 그때 유닛이"
        " 읽는 것 가운데 처음과 다른 것은 무엇인가요?",
        en="Values that are marked later are added. Once something is written, the input gate has to "
        "stay shut even at a mark. Of what the unit reads, what is different then?",
    ),
    fails=[keeps_the_first_of_several],
    seen_in=seen("adds_later_marks"),
)
def adds_later_marks():
    return weights([(STATE, IN, 0)])


@question.misconception(
    text=Text(
        ko="은닉 상태가 입력 게이트를 닫지 않고 더 엽니다. 은닉 상태에 곱하는 가중치의 부호를 보세요.",
        en="The hidden state opens the input gate further instead of shutting it. Look at the sign of "
        "the weight that multiplies it.",
    ),
    fails=[keeps_the_first_of_several],
    seen_in=seen("opens_further"),
)
def opens_further():
    return weights([(STATE, IN, 5)])


@question.misconception(
    text=Text(
        ko="은닉 상태가 입력 게이트를 닫기는 하지만 작은 값을 적었을 때는 다 닫지 못합니다. 0.1을 적은 뒤의 은닉 "
        "상태는 얼마이고, 표시가 있을 때 시그모이드에 들어가는 수는 얼마가 되나요?",
        en="The hidden state does shut the input gate, but not far enough after a small value. What is "
        "the hidden state once 0.1 is stored, and what goes into the sigmoid at a mark then?",
    ),
    fails=[keeps_the_first_of_several],
    seen_in=seen("closes_too_little"),
)
def closes_too_little():
    return weights([(STATE, IN, -60)])


@question.misconception(
    text=Text(
        ko="출력 게이트가 닫혀 있어서, 적은 것이 있어도 은닉 상태가 거의 0입니다. 그러면 유닛은 무엇을 적었는지 알 수"
        " 없습니다.",
        en="The output gate is shut, so the hidden state stays near 0 even if something is stored. The "
        "unit cannot tell then that it has written.",
    ),
    fails=[keeps_the_first_of_several],
    seen_in=seen("shows_nothing"),
)
def shows_nothing():
    return weights([(BIAS, OUT, -20)])


@question.misconception(
    text=Text(
        ko="뒤의 표시를 새로 적지는 않지만, 그때 망각 게이트가 닫혀서 적어 둔 값이 사라집니다.",
        en="Later marks are not written, but the forget gate closes at them, and the stored value is lost.",
    ),
    fails=[keeps_the_first_of_several],
    seen_in=seen("forgets_at_later_marks"),
)
def forgets_at_later_marks():
    return weights([(MARK, FORGET, -40)])


@question.misconception(
    text=Text(
        ko="표시가 나올 때마다 앞의 값을 지우고 새로 적어서 마지막으로 표시된 값이 남습니다. 물은 것은 처음 값입니다. "
        "이미 적었다는 것을 유닛은 무엇으로 알 수 있나요?",
        en="At every mark the value before is cleared and the new one written, so the last marked value "
        "remains. The first is asked for. By what can the unit know that it has written already?",
    ),
    fails=[keeps_the_first_of_several],
    seen_in=seen("keeps_the_last_mark"),
)
def keeps_the_last_mark():
    return weights([(STATE, IN, 0), (MARK, FORGET, -40)])


@question.misconception(
    text=Text(
        ko="표시가 하나뿐이면 맞지만 여러 개이면 처음 값이 남지 않습니다. 둘째 표시를 읽을 때 네 식의 값이 각각 "
        "얼마인지 손으로 구해 보세요.",
        en="With one mark it is right; with several, the first value does not remain. Work out the four "
        "equations by hand for the step with the second mark.",
    ),
    fails=[keeps_the_first_of_several],
    seen_in=seen("something_else_with_several"),
)
def something_else_with_several():
    return weights([(STATE, IN, 0), (MARK, FORGET, -19)])

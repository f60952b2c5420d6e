"""The lecture's stack of two GRU layers, which current Keras refuses to build."""

import numpy as np

from autograder import Case, Fail, Question, Text, expect, recurrent

from ._shared import MODEL_SECTION

question = Question(
    title=Text(ko="돌아가지 않는 GRU 모델 고치기", en="Repairing a GRU model"),
    statement=Text(
        ko="""
다음 코드는 예전 Keras에서는 돌아갔지만, Keras 3에서는 오류를 내고 멈춥니다.

```python
model = Sequential()
model.add(GRU(9, input_dim=10, return_sequences=True, reset_after=False))
model.add(GRU(6, reset_after=False))
model.add(Dense(3))
```

같은 모델을 만들어 돌려주는 함수 `build_gru_stack()`을 완성하세요. 인수는 없습니다.

- 시점마다 특성(수)이 10개인 문장을 받습니다. 예전 코드처럼 문장의 **길이는 정하지 않습니다**. 4단어짜리든
  9단어짜리든 받아야 합니다.
- 세 층의 종류, 유닛 수, 설정은 위의 코드와 같습니다.
- 컴파일하거나 학습시킬 필요는 없습니다. 다만 가중치가 만들어져 있어야 하므로, 입력의 모양을 모델에 알려
  주세요.
- 쓸 수 있는 층은 `Input`, `GRU`, `Dense`입니다.
""",
        en="""
This code ran on older versions of Keras. On Keras 3 it stops with an error.

```python
model = Sequential()
model.add(GRU(9, input_dim=10, return_sequences=True, reset_after=False))
model.add(GRU(6, reset_after=False))
model.add(Dense(3))
```

Complete `build_gru_stack()`, which takes no arguments and returns the same model.

- It reads sentences with 10 features (numbers) at each time step. As in the old code, **the length of a sentence is
  left open**: sentences of four and of nine words must both work.
- The three layers have the kinds, units and settings of the code above.
- You need not compile or train it, but its weights must exist, so tell the model the shape of its input.
- Use only the layers `Input`, `GRU` and `Dense`.
""",
    ),
    source="lecture notebook, GRU problem 1",
    sample=(),
    returns="model",
    needs_tensorflow=True,
)


@question.answer
def build_gru_stack():
    """-> keras.Model: (sentences, words, 10) -> (sentences, 3)"""
    import keras

    lower = keras.layers.GRU(9, return_sequences=True, reset_after=False)
    upper = keras.layers.GRU(6, reset_after=False)
    return keras.Sequential([keras.Input((None, 10)), lower, upper, keras.layers.Dense(3)])


@question.example
def example(build_gru_stack):
    import numpy as np

    model = build_gru_stack()
    for length in (2, 7):
        got = model(np.ones((5, length, 10), dtype="float32"))
        assert tuple(got.shape) == (5, 3)
    assert model.count_params() == 849


@question.asks
def asks(session, case):
    handle = session.keep("build_gru_stack")
    return session.describe(handle)


@question.cases
def cases(rng):
    return [Case()]


LECTURES = (
    ("GRU", {"units": 9, "return_sequences": True, "reset_after": False, "activation": "tanh"}),
    ("GRU", {"units": 6, "return_sequences": False, "reset_after": False, "activation": "tanh"}),
    ("Dense", {"units": 3, "activation": "linear"}),
)


@question.check(
    points=1,
    text=Text(
        ko="길이가 정해지지 않은, 시점마다 특성이 10개인 문장을 받는다",
        en="takes sentences of any length with 10 features at each time step",
    ),
)
def any_length(got, case, want):
    if not got.counts:
        raise Fail(
            Text(
                ko="모델에 아직 가중치가 없습니다. 입력의 모양을 알려 주세요.",
                en="the model has no weights yet; tell it the shape of its input",
            )
        )
    shape = got.input_shape
    if shape is None or len(shape) != 3 or len(got.counts) < 2:
        raise Fail(
            Text(
                ko="입력이 (문장, 단어, 특성)인 층을 순서대로 쌓은 모델이 아닙니다.",
                en="this is not a stack of layers on an input of shape (sentences, words, features)",
            )
        )
    if shape[2] != 10:
        raise Fail(
            Text(
                ko=f"시점마다 특성을 10개가 아니라 {shape[2]}개 받는 모델입니다. 입력의 모양을 보세요.",
                en=f"the model reads {shape[2]} features at each time step, not 10; look at the shape of its input",
            )
        )
    if is_length_fixed(shape):
        raise Fail(
            Text(
                ko=f"모델에 알려 준 입력의 모양에서 문장의 길이가 {shape[1]}(으)로 정해져 있습니다. 길이를 열어 "
                "두세요.",
                en=f"the model's input shape fixes the length of a sentence at {shape[1]}; leave it open",
            )
        )


def is_length_fixed(shape):
    """Whether an input shape was told with a number of words. One that a call left holds its sentences, too."""
    return shape[1] is not None and shape[0] is None


@question.check(
    points=1,
    text=Text(
        ko="문제의 모델과 같은 층을 같은 설정으로 쌓는다",
        en="stacks the layers of the model in the question, with the same settings",
    ),
)
def same_layers(got, case, want):
    kinds = [layer.kind for layer in got.layers]
    if len(kinds) != len(LECTURES):
        raise Fail(
            Text(
                ko=f"층이 {len(kinds)}개입니다. 문제의 모델은 입력을 빼고 세 층입니다.",
                en=f"the number of layers is {len(kinds)}; the question's model has three, not counting its input",
            )
        )
    for place, (layer, (kind, settings)) in enumerate(zip(got.layers, LECTURES, strict=True), 1):
        if layer.kind != kind or layer.own:
            raise Fail(
                Text(
                    ko=f"{place}번째 층의 종류가 문제의 모델과 다릅니다.",
                    en=f"layer {place} is not of the same kind as in the question's model",
                )
            )
        changed = [name for name, value in settings.items() if layer.settings.get(name) != value]
        for name in (*changed, *layer.unusual):
            raise Fail(
                Text(
                    ko=f"{place}번째 층({kind})의 {name} 설정이 문제의 모델과 다릅니다.",
                    en=f"the setting {name} of layer {place} ({kind}) differs from the question's model",
                )
            )
    if not got.chain:
        raise Fail(
            Text(
                ko="층들이 순서대로 이어져 있지 않습니다. 각 층은 바로 아래층의 출력만 받습니다.",
                en="the layers do not form a chain: each should read only the output of the one below",
            )
        )
    if got.counts and not got.has_first_biases:
        raise Fail(
            Text(
                ko="가중치가 새로 만든 층의 것이 아닙니다. 학습시키거나 가중치를 바꾸지 마세요.",
                en="the weights are not those of new layers; do not train the model or set its weights",
            )
        )
    try:
        if got.counts and got.input_shape is not None and got.input_shape[-1] == 10:
            recurrent.forward(got, np.zeros((1, 4, 10)))
    except recurrent.UnsupportedLayer as error:
        raise Fail(
            Text(
                ko=f"이 모델은 채점기가 계산할 수 없습니다 ({error}).",
                en=f"the grader cannot compute this model ({error})",
            )
        ) from error


def shows_reset_after(got, case, want):
    expect.shown(any(layer.settings.get("reset_after") for layer in got.of_kind("GRU")))


@question.misconception(
    text=Text(
        ko="reset_after가 True인 GRU 층이 있습니다. 적지 않으면 그렇게 됩니다. 문제의 코드와 비교하세요.",
        en="A GRU layer has its reset_after at True, as it is if you leave it out. Compare with the question's code.",
    ),
    section=MODEL_SECTION,
    fails=[same_layers],
    seen_in=shows_reset_after,
)
def reset_after_left_on():
    import keras

    lower = keras.layers.GRU(9, return_sequences=True)
    return keras.Sequential([keras.Input((None, 10)), lower, keras.layers.GRU(6), keras.layers.Dense(3)])


def shows_sequences_on_top(got, case, want):
    grus = got.of_kind("GRU")
    expect.shown(len(grus) == 2 and all(layer.settings.get("return_sequences") for layer in grus))


@question.misconception(
    text=Text(
        ko="위의 GRU까지 모든 시점의 은닉 상태를 내보냅니다. 문장 하나에 답이 하나이려면 어느 시점의 은닉 "
        "상태가 Dense로 가야 하는지 생각해 보세요.",
        en="The upper GRU also returns its hidden state at every time step. For one answer per sentence, which "
        "time step's state should reach the Dense layer?",
    ),
    fails=[same_layers],
    seen_in=shows_sequences_on_top,
)
def sequences_from_both():
    import keras

    lower = keras.layers.GRU(9, return_sequences=True, reset_after=False)
    upper = keras.layers.GRU(6, return_sequences=True, reset_after=False)
    return keras.Sequential([keras.Input((None, 10)), lower, upper, keras.layers.Dense(3)])


def shows_swapped_units(got, case, want):
    expect.shown([layer.settings.get("units") for layer in got.of_kind("GRU", "LSTM", "SimpleRNN")] == [6, 9])


@question.misconception(
    text=Text(
        ko="두 GRU 층의 유닛 수가 서로 바뀌었습니다. 먼저 add한 층이 아래층입니다.",
        en="The two GRU layers have their numbers of units swapped: the layer added first is the lower one.",
    ),
    fails=[same_layers],
    seen_in=shows_swapped_units,
)
def units_swapped():
    import keras

    lower = keras.layers.GRU(6, return_sequences=True, reset_after=False)
    upper = keras.layers.GRU(9, reset_after=False)
    return keras.Sequential([keras.Input((None, 10)), lower, upper, keras.layers.Dense(3)])


def shows_another_cell(got, case, want):
    kinds = [layer.kind for layer in got.of_kind("GRU", "LSTM", "SimpleRNN")]
    expect.shown(len(kinds) == 2 and kinds != ["GRU", "GRU"])


@question.misconception(
    text=Text(
        ko="GRU가 아닌 순환층을 썼습니다. 고칠 것은 입력의 모양을 알려 주는 방법뿐입니다.",
        en="A recurrent layer is not a GRU. All that needs repair is how the model gets the shape of its "
        "input.",
    ),
    fails=[same_layers],
    seen_in=shows_another_cell,
)
def another_cell():
    import keras

    lower = keras.layers.LSTM(9, return_sequences=True)
    return keras.Sequential([keras.Input((None, 10)), lower, keras.layers.LSTM(6), keras.layers.Dense(3)])


def shows_an_activation_on_top(got, case, want):
    last = got.layers[-1] if got.layers else None
    expect.shown(last is not None and last.kind in ("Dense", "Softmax", "Activation"))
    expect.shown(last.settings.get("activation", "softmax") != "linear")


@question.misconception(
    text=Text(
        ko="문제의 코드에는 출력에 활성화 함수가 없습니다. 더하지 마세요.",
        en="The question's code has no activation on its output. Do not add one.",
    ),
    fails=[same_layers],
    seen_in=shows_an_activation_on_top,
)
def activation_added():
    import keras

    lower = keras.layers.GRU(9, return_sequences=True, reset_after=False)
    upper = keras.layers.GRU(6, reset_after=False)
    tags = keras.layers.Dense(3, activation="softmax")
    return keras.Sequential([keras.Input((None, 10)), lower, upper, tags])


def shows_ten_steps(got, case, want):
    shape = got.input_shape
    expect.shown(shape is not None and len(shape) == 3 and shape[1] == 10 and shape[2] != 10)


@question.misconception(
    text=Text(
        ko="10을 문장의 길이로 읽었습니다. input_dim은 시점 하나에 들어오는 특성의 개수입니다.",
        en="The 10 was read as the length of a sentence. input_dim is the number of features at one time "
        "step.",
    ),
    fails=[any_length],
    seen_in=shows_ten_steps,
)
def input_dim_as_length():
    import keras

    lower = keras.layers.GRU(9, return_sequences=True, reset_after=False)
    upper = keras.layers.GRU(6, reset_after=False)
    return keras.Sequential([keras.Input((10, 1)), lower, upper, keras.layers.Dense(3)])


def shows_no_weights(got, case, want):
    expect.shown(got.layers and not got.counts)


@question.misconception(
    text=Text(
        ko="층만 쌓고 입력의 모양은 알려 주지 않았습니다. 그러면 첫 입력이 들어올 때까지 가중치가 없습니다. "
        "입력의 모양은 모델의 어디에 적나요?",
        en="The layers are stacked, but the shape of the input is missing, so there are no weights until the "
        "first input arrives. Where in the model do you give the shape of its input?",
    ),
    fails=[any_length],
    seen_in=shows_no_weights,
)
def input_not_told():
    import keras

    lower = keras.layers.GRU(9, return_sequences=True, reset_after=False)
    return keras.Sequential([lower, keras.layers.GRU(6, reset_after=False), keras.layers.Dense(3)])


def shows_units_as_features(got, case, want):
    shape = got.input_shape
    expect.shown(shape is not None and len(shape) == 3 and shape[1] != 10 and shape[2] in (1, 3, 6, 9))


@question.misconception(
    text=Text(
        ko="시점마다 들어오는 특성의 개수가 10이 아닙니다. 그 수는 유닛 수나 출력의 개수와 따로, 문제의 코드에서 "
        "input_dim에 적혀 있습니다.",
        en="The number of features at each time step is not 10. It has nothing to do with the units or the outputs: "
        "the question's code writes it as input_dim.",
    ),
    fails=[any_length],
    seen_in=shows_units_as_features,
)
def units_as_features():
    import keras

    lower = keras.layers.GRU(9, return_sequences=True, reset_after=False)
    upper = keras.layers.GRU(6, reset_after=False)
    return keras.Sequential([keras.Input((None, 9)), lower, upper, keras.layers.Dense(3)])


def shows_fixed_length(got, case, want):
    shape = got.input_shape
    expect.shown(shape is not None and len(shape) == 3 and shape[2] == 10 and is_length_fixed(shape))


@question.misconception(
    text=Text(
        ko="입력의 모양에 문장의 길이를 적었습니다. 길이를 정하지 않을 때 그 축에 무엇을 적는지 보세요.",
        en="The shape of the input fixes the length of the sentences. What do you write for an axis whose size "
        "is left open?",
    ),
    fails=[any_length],
    seen_in=shows_fixed_length,
)
def length_fixed():
    import keras

    lower = keras.layers.GRU(9, return_sequences=True, reset_after=False)
    upper = keras.layers.GRU(6, reset_after=False)
    return keras.Sequential([keras.Input((4, 10)), lower, upper, keras.layers.Dense(3)])

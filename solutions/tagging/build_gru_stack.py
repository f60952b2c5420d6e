"""The lecture's stack of two GRU layers, which current Keras refuses to build."""

import numpy as np

from autograder import Case, Fail, Question, Text, expect
from autograder.recurrent import NotTaught, forward

question = Question(
    title=Text(ko="돌아가지 않는 GRU 모델 고치기", en="Repairing a GRU model"),
    statement=Text(
        ko="""
강의에 나온 다음 코드는 예전 Keras에서는 돌아갔지만, Keras 3에서는 오류를 내고 멈춥니다.

```python
model = Sequential()
model.add(GRU(9, input_dim=10, return_sequences=True, reset_after=False))
model.add(GRU(6, reset_after=False))
model.add(Dense(3))
```

같은 모델을 만들어 돌려주는 함수 `build_gru_stack()`을 완성하세요. 인수는 없습니다.

- 시점마다 특성이 10개인 문장을 받습니다. 예전 코드처럼 문장의 **길이는 정하지 않습니다**. 4단어짜리든
  9단어짜리든 받아야 합니다.
- 세 층의 종류, 유닛 수, 설정은 위의 코드와 같습니다.
- 컴파일하거나 학습시킬 필요는 없습니다. 다만 가중치가 만들어져 있어야 하므로, 입력의 모양을 모델에 알려
  주세요.
- 쓸 수 있는 층은 `Input`, `GRU`, `Dense`입니다.
""",
        en="""
This code of the lecture ran on older versions of Keras. On Keras 3 it stops with an error.

```python
model = Sequential()
model.add(GRU(9, input_dim=10, return_sequences=True, reset_after=False))
model.add(GRU(6, reset_after=False))
model.add(Dense(3))
```

Complete `build_gru_stack()`, which takes no arguments and returns the same model.

- It reads sentences with 10 features at each time step. As in the old code, **the length of a sentence is
  left open**: four words or nine, both must do.
- The three layers have the kinds, units and settings of the code above.
- It need not be compiled or trained, but its weights must exist, so tell the model the shape of its input.
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
    """The lecture's GRU stack: (sentences, any number of words, 10) -> (sentences, 3).

    Returns a Keras model whose weights exist. 가중치가 만들어진 Keras 모델을 돌려줍니다.
    """
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


@question.asks
def asks(session, case):
    handle = session.keep("build_gru_stack")
    return session.describe(handle)


@question.cases
def cases(rng):
    return [Case()]


def shape_for(model, length):
    """Shape of the model's output for two sentences of some length, or Fail where there is none."""
    if not model.counts:
        raise Fail(
            Text(
                ko="모델에 아직 가중치가 없습니다. 입력의 모양을 알려 주세요.",
                en="the model has no weights yet; tell it the shape of its input",
            )
        )
    try:
        return forward(model, np.random.default_rng(length).normal(size=(2, length, 10))).shape
    except NotTaught as error:
        raise Fail(
            Text(
                ko=f"시점마다 특성이 10개인 문장을 이 모델에 넣을 수 없습니다 ({error}). 입력의 모양과 "
                "층들을 보세요.",
                en=f"sentences with 10 features at each time step do not go through this model ({error}); "
                "look at the shape of its input and at its layers",
            )
        ) from error


@question.check(
    points=2,
    text=Text(
        ko="강의의 모델과 같은 층을 쌓아 문장마다 값을 세 개 낸다",
        en="stacks the lecture's layers and gives three values a sentence",
    ),
)
def same_layers(got, case, want):
    if any(shape_for(got, length) != (2, 3) for length in (4, 9)):
        raise Fail(
            Text(
                ko="문장마다 값이 세 개 나오지 않습니다. 층의 return_sequences를 보세요.",
                en="there are not three values a sentence; look at return_sequences of the layers",
            )
        )
    kinds = [layer.kind for layer in got.layers]
    activations = [layer.settings.get("activation") for layer in got.layers]
    if kinds != ["GRU", "GRU", "Dense"] or activations != ["tanh", "tanh", "linear"]:
        raise Fail(
            Text(
                ko="층의 종류나 개수, 활성화 함수가 강의의 모델과 다릅니다.",
                en="the layers differ from the lecture's in kind, number or activation",
            )
        )
    wrong = [place for place, right in enumerate((540, 288, 21)) if got.counts[place] != right]
    if wrong:
        place = wrong[0] + 1
        raise Fail(
            Text(
                ko=f"{place}번째 층의 가중치 개수가 강의의 모델과 다릅니다. 유닛 수와 설정을 보세요.",
                en=f"layer {place} holds another number of weights than in the lecture's model; look at "
                "its units and settings",
            )
        )


@question.check(
    points=1,
    text=Text(ko="문장의 길이를 정하지 않는다", en="leaves the length of a sentence open"),
    needs=same_layers,
)
def any_length(got, case, want):
    if got.input_shape is None or got.input_shape[1] is not None:
        raise Fail(
            Text(
                ko="모델이 받는 문장의 길이가 한 값으로 정해져 있습니다.",
                en="the model takes sentences of one length only",
            )
        )


def shows_reset_after(got, case, want):
    expect.shown(any(layer.settings.get("reset_after") for layer in got.of_kind("GRU")))


@question.misconception(
    text=Text(
        ko="GRU의 reset_after가 기본값으로 남은 층이 있습니다. 강의의 코드와 견주어 보세요.",
        en="A GRU layer has its reset_after left at the default. Compare with the lecture's code.",
    ),
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
        en="The upper GRU gives its hidden state at every time step too. For one answer a sentence, which "
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
    expect.shown([layer.settings.get("units") for layer in got.of_kind("GRU")] == [6, 9])


@question.misconception(
    text=Text(
        ko="두 GRU 층의 유닛 수가 서로 바뀌었습니다. 먼저 add한 층이 아래층입니다.",
        en="The two GRU layers have changed their numbers of units: the layer added first is the lower one.",
    ),
    fails=[same_layers],
    seen_in=shows_swapped_units,
)
def units_swapped():
    import keras

    lower = keras.layers.GRU(6, return_sequences=True, reset_after=False)
    upper = keras.layers.GRU(9, reset_after=False)
    return keras.Sequential([keras.Input((None, 10)), lower, upper, keras.layers.Dense(3)])


def shows_ten_steps(got, case, want):
    shape = got.input_shape
    expect.shown(shape is not None and len(shape) == 3 and shape[1] == 10 and shape[2] != 10)


@question.misconception(
    text=Text(
        ko="10을 문장의 길이로 읽었습니다. input_dim은 시점 하나에 들어오는 특성의 개수입니다.",
        en="The 10 was read as the length of a sentence. input_dim is the number of features at one time "
        "step.",
    ),
    fails=[same_layers],
    seen_in=shows_ten_steps,
)
def input_dim_as_length():
    import keras

    lower = keras.layers.GRU(9, return_sequences=True, reset_after=False)
    upper = keras.layers.GRU(6, reset_after=False)
    return keras.Sequential([keras.Input((10, 1)), lower, upper, keras.layers.Dense(3)])


def shows_fixed_length(got, case, want):
    shape = got.input_shape
    expect.shown(shape is not None and len(shape) == 3 and shape[1] is not None and shape[2] == 10)


@question.misconception(
    text=Text(
        ko="층은 맞지만 문장의 길이를 한 값으로 정했습니다. 길이를 정하지 않을 때 그 축에 무엇을 적는지 "
        "보세요.",
        en="The layers are right, but the length of a sentence is fixed. What stands for an axis whose "
        "size is open?",
    ),
    fails=[any_length],
    seen_in=shows_fixed_length,
)
def length_fixed():
    import keras

    lower = keras.layers.GRU(9, return_sequences=True, reset_after=False)
    upper = keras.layers.GRU(6, reset_after=False)
    return keras.Sequential([keras.Input((4, 10)), lower, upper, keras.layers.Dense(3)])

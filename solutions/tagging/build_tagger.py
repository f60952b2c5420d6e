"""The tagger as a Keras model: a recurrent layer that returns every step, and a softmax over the tags."""

import numpy as np

from autograder import Case, Fail, Question, Text, expect, recurrent

from ._shared import DATA_SECTION, MODEL_SECTION

question = Question(
    title=Text(ko="태깅 모델 만들기", en="Building the tagger"),
    statement=Text(
        ko="""
문장의 단어마다 주어(S), 동사(V), 목적어(O)의 확률을 내는 모델을 만들어 **컴파일한 뒤** 돌려주는 함수
`build_tagger(cell="lstm", learning_rate=0.1)`을 완성하세요. 학습은 시키지 않습니다.

1. 입력: 단어마다 수 4개. 문장의 길이는 3으로 정해도 되고, `None`으로 열어 두어도 됩니다.
2. 순환층: 유닛 3개. `cell`이 `"lstm"`이면 `LSTM`, `"gru"`이면 `GRU`이고, **모든 시점의** 은닉 상태를
   내보냅니다. `GRU`에는 `reset_after=False`를 줍니다. 나머지 설정은 기본값을 그대로 둡니다.
3. 출력: 단어마다 유닛 3개짜리 `Dense`와 소프트맥스(softmax).
4. 컴파일: 정수 태그에 맞는 교차 엔트로피(sparse categorical cross-entropy)와, 학습률이 `learning_rate`인
   Adam. Adam의 나머지 설정은 기본값을 그대로 둡니다.

`Sequential`로 만들든 함수형 API로 만들든 상관없습니다. 다만 쓸 수 있는 층은 `Input`, `LSTM`, `GRU`,
`Dense`, `TimeDistributed`, `Activation`, `Softmax`, `Dropout`이고, 활성화 함수는 `"softmax"`처럼 문자열로
적습니다. 채점할 때는 모델의 층과 가중치를 읽어 새로운 입력으로 계산해 보므로, 입력의 모양이 정해져 있어
가중치가 이미 만들어진 모델이어야 합니다.
""",
        en="""
Complete `build_tagger(cell="lstm", learning_rate=0.1)`. It builds a model that gives, for every word of a
sentence, the probabilities of subject (S), verb (V) and object (O), and returns it **compiled**. Do not
train the model.

1. Input: 4 numbers per word. The length of a sentence may be fixed at 3 or left open with `None`.
2. Recurrent layer: 3 units, an `LSTM` if `cell` is `"lstm"` and a `GRU` if it is `"gru"`, returning its
   hidden state at **every** time step. The `GRU` gets `reset_after=False`; all other settings keep their
   defaults.
3. Output: for each word a `Dense` of 3 units and a softmax.
4. Compilation: the cross-entropy for whole-number tags (sparse categorical cross-entropy), and Adam with
   the learning rate `learning_rate`. The other settings of Adam keep their defaults.

Use either `Sequential` or the functional API. Allowed layers: `Input`, `LSTM`, `GRU`, `Dense`,
`TimeDistributed`, `Activation`, `Softmax` and `Dropout`. Give an activation as a string such as
`"softmax"`. The grader reads the model's layers and weights and computes what they do with new inputs, so
the weights must exist: the model has to know the shape of its input.
""",
    ),
    source="lecture notebook, LSTM and GRU models of the tagging problem",
    sample=(),
    returns="model",
    needs_tensorflow=True,
)


@question.answer
def build_tagger(cell="lstm", learning_rate=0.1):
    """str, float -> keras.Model: (sentences, words, 4) -> (sentences, words, 3)"""
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    tags = keras.layers.Dense(3, activation="softmax")
    model = keras.Sequential([keras.Input((None, 4)), reader, tags])
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=keras.optimizers.Adam(learning_rate),
    )
    return model


@question.example
def example(build_tagger):
    import numpy as np

    for cell in ("lstm", "gru"):
        model = build_tagger(cell, learning_rate=0.03)
        got = np.array(model(np.zeros((5, 3, 4), dtype="float32")))
        assert got.shape == (5, 3, 3)
        assert np.allclose(got.sum(axis=-1), 1, atol=1e-5)
        assert model.count_params() == {"lstm": 108, "gru": 84}[cell]
        assert np.isclose(model.optimizer.learning_rate.numpy(), 0.03)
        model.train_on_batch(np.zeros((5, 3, 4)), np.zeros((5, 3, 1)))


@question.asks
def asks(session, case):
    handle = session.keep("build_tagger", *case.args, **case.kwargs)
    return session.describe(handle)


@question.cases
def cases(rng):
    first, second, third = (float(rate) for rate in rng.permutation([0.3, 0.05, 0.02, 0.008, 0.004])[:3])
    return [
        Case(),
        Case("gru", first),
        Case("lstm", second),
        Case(cell="gru", learning_rate=third),
    ]


def given(case):
    """The arguments of a case by name, with the defaults that the statement gives."""
    by_place = dict(zip(("cell", "learning_rate"), case.args, strict=False))
    return {"cell": "lstm", "learning_rate": 0.1} | by_place | dict(case.kwargs)


WEIGHTLESS = ("Activation", "Softmax", "Dropout")
SENTENCES = np.random.default_rng(3).normal(size=(5, 3, 4))


def outputs(model, x=SENTENCES):
    """What the model gives for some sentences, or Fail where it holds what the question does not allow."""
    if not model.counts:
        raise Fail(
            Text(
                ko="모델에 아직 가중치가 없습니다. 첫 층 앞에 layers.Input(...)을 두어 입력의 모양을 알려 "
                "주세요.",
                en="the model has no weights yet; put layers.Input(...) before its first layer, so that "
                "it knows the shape of its input",
            )
        )
    shape = model.input_shape
    if shape is not None and shape[-1] != 4:
        raise Fail(
            Text(
                ko=f"단어마다 수를 4개가 아니라 {shape[-1]}개 받는 모델입니다. 입력의 모양을 보세요.",
                en=f"the model reads {shape[-1]} numbers per word, not 4; look at the shape of its input",
            )
        )
    try:
        return recurrent.forward(model, x)
    except recurrent.UnsupportedLayer as error:
        raise Fail(
            Text(
                ko=f"이 모델은 채점기가 계산할 수 없습니다 ({error}). 문제에 적힌 층과 설정만 쓰고, 입력이 "
                "단어마다 수 4개인지 보세요.",
                en=f"the grader cannot compute this model ({error}); use only the layers and settings that "
                "the question names, on an input of 4 numbers per word",
            )
        ) from error


def last_activation(model):
    """The name of the activation that the model's output went through."""
    if not model.layers:
        return None
    last = model.layers[-1].inner or model.layers[-1]
    return "softmax" if last.kind == "Softmax" else last.settings.get("activation")


def softmaxes(model):
    """How often the model takes a softmax above its recurrent layers."""
    above = [layer.inner or layer for layer in model.layers if layer.kind not in recurrent.RECURRENT]
    return sum("softmax" in (layer.kind.lower(), layer.settings.get("activation")) for layer in above)


def activations(model):
    """The activations from the model's last weights on that are no softmax."""
    last = max((place for place, layer in enumerate(model.layers) if layer.weights or layer.inner), default=0)
    above = [layer.inner or layer for layer in model.layers[last:] if layer.kind not in recurrent.RECURRENT]
    return [
        name
        for layer in above
        if (name := layer.settings.get("activation")) not in (None, "linear", "softmax")
    ]


def are_probabilities(given_by_model):
    """Whether each word's outputs are at least 0 and sum to 1."""
    sums = given_by_model.sum(axis=-1)
    return bool(np.all(given_by_model >= 0) and np.allclose(sums, 1, rtol=0, atol=1e-5))


@question.check(
    points=2,
    text=Text(
        ko="LSTM이나 GRU로 읽어, 모든 단어마다 값을 세 개씩 낸다",
        en="reads with an LSTM or a GRU and gives three values for every word",
    ),
)
def tags_every_word(got, case, want):
    out = outputs(got)
    if out.shape != (5, 3, 3):
        words = ("문장 개수", "단어 개수") if out.ndim == 3 else ("문장 개수",)
        plain = ("sentences", "words") if out.ndim == 3 else ("sentences",)
        cell, sizes = given(case)["cell"], ", ".join((*words, str(out.shape[-1])))
        raise Fail(
            Text(
                ko=f'cell="{cell}"일 때 출력의 모양이 ({sizes})입니다. 문장마다, 단어마다 값이 세 개씩 나와야 합니다.',
                en=f'with cell="{cell}" the output has the shape ({", ".join((*plain, str(out.shape[-1])))}); there '
                "should be three values for every word of every sentence",
            )
        )
    shape = got.input_shape
    if shape is not None and shape[0] is None and shape[1] not in (None, 3):
        raise Fail(
            Text(
                ko=f"모델에 알려 준 입력의 모양에서 문장의 길이가 {shape[1]}(으)로 정해져 있습니다. "
                "3이나 None이어야 합니다.",
                en=f"the model's input shape fixes the length of a sentence at {shape[1]}; it should be 3 or None",
            )
        )
    if not got.of_kind("LSTM", "GRU"):
        raise Fail(Text(ko="LSTM 층도 GRU 층도 없습니다.", en="there is neither an LSTM nor a GRU layer"))
    changed = SENTENCES.copy()
    changed[:, 0] += 1
    if np.allclose(outputs(got, changed)[:, -1], out[:, -1], rtol=0, atol=1e-9):
        raise Fail(
            Text(
                ko="앞 단어를 바꾸어도 마지막 단어의 출력이 그대로입니다. 층의 가중치의 초깃값과 활성화 "
                "함수가 기본값인지 보세요.",
                en="the last word's output stays the same whatever word comes first; do the layers keep their "
                "default initial weights and activations?",
            )
        )


@question.check(
    points=1,
    text=Text(ko="단어마다 세 값이 확률이다", en="each word's three values are probabilities"),
    needs=tags_every_word,
)
def gives_probabilities(got, case, want):
    if softmaxes(got) > 1:
        raise Fail(
            Text(
                ko="소프트맥스가 두 번 걸립니다. 한 번이면 확률이 됩니다.",
                en="the softmax is taken twice; once gives probabilities",
            )
        )
    if softmaxes(got) and last_activation(got) == "softmax" and not are_probabilities(outputs(got)):
        raise Fail(
            Text(
                ko="단어마다 세 값의 합이 1이어야 하는데, 소프트맥스가 마지막 축이 아닌 다른 축에 걸립니다.",
                en="each word's three values should sum to 1, but the softmax is taken over another axis than the last",
            )
        )
    if not are_probabilities(outputs(got)):
        above = "Dense" if got.layers[-1].kind in recurrent.RECURRENT else last_activation(got)
        raise Fail(
            Text(
                ko="순환층 위에 Dense가 없습니다."
                if above == "Dense"
                else f"단어마다 세 값의 합이 1이어야 합니다. 출력의 활성화 함수는 {above}입니다.",
                en="there is no Dense layer above the recurrent one"
                if above == "Dense"
                else f"each word's three values should sum to 1; the activation of the output is {above}",
            )
        )
    for name in activations(got):
        raise Fail(
            Text(
                ko=f"소프트맥스 앞에 활성화 함수 {name}이(가) 하나 더 있습니다. Dense의 값을 그대로 소프트맥스에 "
                "넣으세요.",
                en=f"another activation, {name}, comes before the softmax; pass the values of the Dense to the softmax "
                "as they are",
            )
        )


@question.check(
    points=1,
    text=Text(
        ko="cell로 지정한 순환층 하나를 쓰고, 유닛 수와 활성화 함수, reset_after가 문제와 같다",
        en="has one recurrent layer, of the kind that cell names, with its units, activation and reset_after as asked",
    ),
)
def has_the_layers(got, case, want):
    kind = given(case)["cell"].upper()
    if [layer.kind for layer in got.of_kind(*recurrent.RECURRENT)] != [kind]:
        raise Fail(
            Text(
                ko=f'cell="{kind.lower()}"일 때 순환층은 {kind} 하나여야 합니다.',
                en=f'with cell="{kind.lower()}" there should be exactly one recurrent layer, of the kind {kind}',
            )
        )
    layers = [
        layer
        for layer in got.layers
        if layer.weights or layer.inner or not (got.counts or layer.kind in WEIGHTLESS)
    ]
    if [layer.kind for layer in layers] not in ([kind, "Dense"], [kind, "TimeDistributed"]):
        raise Fail(
            Text(
                ko=f"가중치가 있는 층은 {kind} 하나와 그 위의 Dense 하나여야 합니다.",
                en=f"the layers with weights should be one {kind} and one Dense above it",
            )
        )
    wanted = {"units": 3, "activation": "tanh"} | ({"reset_after": False} if kind == "GRU" else {})
    changed = [(kind, name) for name, value in wanted.items() if layers[0].settings.get(name) != value]
    changed += [(layer.kind, name) for layer in layers for name in layer.unusual]
    for layer, name in changed:
        raise Fail(
            Text(
                ko=f'cell="{kind.lower()}"일 때 {layer} 층의 {name} 설정이 문제와 다릅니다.',
                en=f'with cell="{kind.lower()}" the setting {name} of the {layer} layer is not the one asked for',
            )
        )
    if got.counts and not got.has_first_biases:
        raise Fail(
            Text(
                ko="가중치가 새로 만든 층의 것이 아닙니다. 모델을 학습시키거나 가중치를 바꾸지 마세요.",
                en="the weights are not those of new layers; do not train the model or set its weights",
            )
        )


@question.check(
    points=2,
    text=Text(
        ko="맞는 손실 함수와 주어진 학습률로 컴파일한다",
        en="is compiled with the right loss and the learning rate given",
    ),
)
def is_compiled(got, case, want):
    if got.loss is None and got.optimizer is not None:
        raise Fail(
            Text(
                ko="compile에 손실 함수(loss)를 주지 않았습니다.",
                en="compile was given no loss",
            )
        )
    if got.loss is None:
        raise Fail(
            Text(
                ko="컴파일하지 않은 모델입니다. compile에 손실 함수와 옵티마이저를 주세요.",
                en="the model is not compiled; give compile a loss and an optimizer",
            )
        )
    if is_misspelt(got.loss):
        raise Fail(
            Text(
                ko="Keras에 없는 이름의 손실 함수라 학습할 때 오류가 납니다. 철자를 보세요.",
                en="Keras has no loss of that name, and training fails; look at its spelling",
            )
        )
    if loss_name(got) != "sparsecategoricalcrossentropy":
        raise Fail(
            Text(
                ko="손실 함수가 정수 태그에 맞는 교차 엔트로피가 아닙니다.",
                en="the loss is not the cross-entropy that takes whole-number tags",
            )
        )
    if got.from_logits and softmaxes(got):
        raise Fail(
            Text(
                ko="손실 함수는 from_logits=True인데 모델이 이미 확률을 냅니다. 소프트맥스가 두 번 걸립니다.",
                en="the loss says from_logits=True, but the model gives probabilities already: "
                "softmax would be taken twice",
            )
        )
    if not got.has_numeric_loss_weights:
        raise Fail(
            Text(
                ko="compile의 loss_weights에 수가 아닌 것이 들어 있어 학습할 때 오류가 납니다. 지표는 metrics=[...]로 "
                "주세요.",
                en="compile got something other than numbers as loss_weights, its third argument, and training "
                "fails; write metrics=[...]",
            )
        )
    if got.optimizer != "Adam":
        raise Fail(
            Text(ko="옵티마이저가 Adam이 아닙니다.", en="the optimizer is not Adam"),
        )
    if not has_rate(got, given(case)["learning_rate"]):
        raise Fail(
            Text(
                ko="옵티마이저의 학습률이 인수 learning_rate와 다릅니다.",
                en="the optimizer's learning rate is not the argument learning_rate",
            )
        )
    for name in got.unusual_in_adam:
        raise Fail(
            Text(
                ko="Adam에 고정된 학습률 대신 스케줄을 주었습니다. learning_rate를 그대로 주세요.",
                en="Adam was given a schedule instead of a fixed learning rate; give it learning_rate as it is",
            )
            if name == "learning_rate"
            else Text(
                ko=f"Adam의 {name} 설정을 바꾸었습니다. 학습률만 정하고 나머지는 기본값으로 두세요.",
                en=f"the setting {name} of Adam was changed; choose its learning rate and leave the rest as it is",
            )
        )


def loss_name(model):
    """The loss in small letters, without underscores: given by name, as a function or as an object."""
    return (model.loss or "").replace("_", "").lower()


def is_misspelt(loss):
    """Whether a loss would be the one asked for, were it spelt so."""
    plain = loss.replace("_", "").replace(" ", "").replace("-", "").lower()
    right = ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy")
    return plain in ("sparsecategoricalcrossentropy", "sparsecategoricalcrossentrophy") and loss not in right


def has_rate(model, rate):
    """Whether the model was compiled with a learning rate, up to the rounding to single precision."""
    return model.learning_rate is not None and bool(np.isclose(model.learning_rate, rate, rtol=1e-4))


def readers(model):
    """The recurrent layers of a model."""
    return model.of_kind(*recurrent.RECURRENT)


def shows_only_the_last_step(got, case, want):
    expect.shown(readers(got) and not readers(got)[-1].settings.get("return_sequences"))


@question.misconception(
    text=Text(
        ko="순환층이 마지막 시점의 은닉 상태만 내보냅니다. 단어마다 태그를 붙이려면 모든 시점의 은닉 상태가 "
        "필요합니다. ‘모델’ 절을 보세요.",
        en="The recurrent layer returns its last hidden state only. Tagging every word needs the hidden "
        "state at every time step: see “The model”.",
    ),
    section=MODEL_SECTION,
    fails=[tags_every_word],
    seen_in=shows_only_the_last_step,
)
def last_step_only(cell="lstm", learning_rate=0.1):
    import keras

    reader = keras.layers.GRU(3, reset_after=False) if cell == "gru" else keras.layers.LSTM(3)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_no_recurrent_layer(got, case, want):
    wordwise = ("Dense", "TimeDistributed", "Activation", "Softmax", "Dropout")
    expect.shown(got.counts and all(layer.kind in wordwise for layer in got.layers))


@question.misconception(
    text=Text(
        ko="순환층 없이 단어를 하나씩 따로 봅니다. Jane은 한 문장에서 목적어, 다른 문장에서 주어이므로, 앞에 "
        "온 단어를 기억하는 층이 필요합니다.",
        en="Without a recurrent layer, the model sees each word alone. Jane is an object in one sentence and "
        "a subject in the other, so a layer has to remember the words before.",
    ),
    section=DATA_SECTION,
    fails=[tags_every_word, has_the_layers],
    seen_in=shows_no_recurrent_layer,
)
def words_looked_at_alone(cell="lstm", learning_rate=0.1):
    import keras

    model = keras.Sequential([keras.Input((None, 4)), keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_a_simple_rnn(got, case, want):
    expect.shown([layer.kind for layer in readers(got)] == ["SimpleRNN"])


@question.misconception(
    text=Text(
        ko="SimpleRNN을 썼습니다. 이 문제의 순환층은 LSTM이나 GRU입니다.",
        en="The recurrent layer is a SimpleRNN; this question asks for an LSTM or a GRU.",
    ),
    fails=[tags_every_word, has_the_layers],
    seen_in=shows_a_simple_rnn,
)
def simple_rnn_used(cell="lstm", learning_rate=0.1):
    import keras

    reader = keras.layers.SimpleRNN(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_no_activation(got, case, want):
    expect.shown(last_activation(got) == "linear")


@question.misconception(
    text=Text(
        ko="출력에 활성화 함수가 없습니다. 단어마다 세 값을 합이 1인 확률로 바꾸는 함수가 필요합니다.",
        en="The output has no activation. Each word's three values still need the function that turns them "
        "into probabilities that sum to 1.",
    ),
    fails=[gives_probabilities],
    seen_in=shows_no_activation,
)
def no_softmax(cell="lstm", learning_rate=0.1):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3)])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_a_sigmoid(got, case, want):
    expect.shown(last_activation(got) == "sigmoid")


@question.misconception(
    text=Text(
        ko="출력에 시그모이드를 썼습니다. 시그모이드는 태그마다 따로 예/아니요를 답합니다. 세 태그 가운데 "
        "하나를 고르는 함수를 쓰세요.",
        en="The output goes through a sigmoid, which answers yes or no for each tag on its own. Use the "
        "function that chooses one tag among three.",
    ),
    fails=[gives_probabilities],
    seen_in=shows_a_sigmoid,
)
def sigmoid_for_softmax(cell="lstm", learning_rate=0.1):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_the_other_cell(got, case, want):
    expect.shown([layer.kind for layer in readers(got)] == ["LSTM"])


@question.misconception(
    text=Text(
        ko='cell="gru"일 때도 LSTM을 만듭니다. cell의 값을 무엇과 비교하는지, 대소문자까지 보세요.',
        en='An LSTM is built even with cell="gru". What do you compare the value of cell with? Check upper '
        "and lower case, too.",
    ),
    fails=[has_the_layers],
    seen_in=shows_the_other_cell,
)
def cell_ignored(cell="lstm", learning_rate=0.1):
    import keras

    reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_a_gru_always(got, case, want):
    expect.shown([layer.kind for layer in readers(got)] == ["GRU"])


@question.misconception(
    text=Text(
        ko='cell="lstm"일 때도 GRU를 만듭니다. cell의 값을 무엇과 비교하는지, 대소문자까지 보세요.',
        en='A GRU is built even with cell="lstm". What do you compare the value of cell with? Check upper '
        "and lower case, too.",
    ),
    fails=[has_the_layers],
    seen_in=shows_a_gru_always,
)
def gru_always(cell="lstm", learning_rate=0.1):
    import keras

    reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_swapped_cells(got, case, want):
    other = {"lstm": "GRU", "gru": "LSTM"}[given(case)["cell"]]
    expect.shown([layer.kind for layer in readers(got)] == [other])


@question.misconception(
    text=Text(
        ko="cell이 LSTM을 가리킬 때 GRU를, GRU를 가리킬 때 LSTM을 만듭니다. 조건의 두 갈래를 보세요.",
        en="A GRU is built when cell asks for an LSTM, and vice versa. Look at the two branches of the "
        "condition.",
    ),
    fails=[has_the_layers],
    seen_in=shows_swapped_cells,
)
def cells_swapped(cell="lstm", learning_rate=0.1):
    import keras

    if cell == "lstm":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_another_default(got, case, want):
    asked = given(case)["cell"] if case.args or case.kwargs else "gru"
    expect.shown([layer.kind for layer in readers(got)] == [asked.upper()])


@question.misconception(
    text=Text(
        ko='인수 없이 부르면 LSTM이 아니라 GRU를 만듭니다. 첫 줄의 기본값은 cell="lstm"입니다.',
        en="Called without arguments it builds a GRU, not an LSTM. Look at the default of cell in the first line.",
    ),
    fails=[has_the_layers],
    seen_in=shows_another_default,
)
def gru_by_default(cell="gru", learning_rate=0.1):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_reset_after(got, case, want):
    if given(case)["cell"] == "gru":
        expect.shown(any(layer.kind == "GRU" and layer.settings.get("reset_after") for layer in got.layers))


@question.misconception(
    text=Text(
        ko="GRU의 reset_after가 True입니다. 적지 않으면 그렇게 됩니다. 문제에서 정한 값을 주세요.",
        en="The GRU's reset_after is True, as it is if you leave it out. Give it the value that the question asks for.",
    ),
    section=MODEL_SECTION,
    fails=[has_the_layers],
    seen_in=shows_reset_after,
)
def reset_after_left_on(cell="lstm", learning_rate=0.1):
    import keras

    kind = keras.layers.GRU if cell == "gru" else keras.layers.LSTM
    reader = kind(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_four_units(got, case, want):
    expect.shown(readers(got) and readers(got)[0].settings.get("units") == 4)


@question.misconception(
    text=Text(
        ko="순환층의 유닛 수를 단어 하나를 나타내는 수의 개수와 같게 두었습니다. 유닛 수는 입력의 크기와 "
        "따로 정합니다.",
        en="The recurrent layer has as many units as a word has numbers. You choose the number of units "
        "independently of the input's size.",
    ),
    fails=[has_the_layers],
    seen_in=shows_four_units,
)
def units_taken_from_input(cell="lstm", learning_rate=0.1):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(4, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(4, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_no_compiling(got, case, want):
    expect.shown(got.loss is None and got.optimizer is None)


@question.misconception(
    text=Text(
        ko="층은 쌓았지만 compile을 부르지 않았습니다.",
        en="The layers are stacked, but compile was never called.",
    ),
    fails=[is_compiled],
    seen_in=shows_no_compiling,
)
def not_compiled(cell="lstm", learning_rate=0.1):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    return keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])


def shows_the_default_rate(got, case, want):
    expect.shown(
        got.optimizer == "Adam" and loss_name(got) == "sparsecategoricalcrossentropy" and has_rate(got, 0.001)
    )


@question.misconception(
    text=Text(
        ko="옵티마이저가 기본 학습률을 씁니다. 인수 learning_rate를 Adam에 넘기세요.",
        en="The optimizer runs at its default learning rate. Pass the argument learning_rate to Adam.",
    ),
    fails=[is_compiled],
    seen_in=shows_the_default_rate,
)
def default_learning_rate(cell="lstm", learning_rate=0.1):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model


def shows_one_rate_for_all(got, case, want):
    fixed = has_rate(got, 0.1) or has_rate(got, 0.01)  # given once, and never
    expect.shown(got.optimizer == "Adam" and loss_name(got) == "sparsecategoricalcrossentropy" and fixed)


@question.misconception(
    text=Text(
        ko="학습률을 한 값으로 정해 두었습니다. 부를 때마다 달라지는 인수 learning_rate를 쓰세요.",
        en="The learning rate is fixed at one value. Use the argument learning_rate, which differs from "
        "call to call.",
    ),
    fails=[is_compiled],
    seen_in=shows_one_rate_for_all,
)
def learning_rate_fixed(cell="lstm", learning_rate=0.1):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.1), "sparse_categorical_crossentropy")
    return model


def shows_another_default_rate(got, case, want):
    without_arguments = not case.args and not case.kwargs
    expect.shown(got.optimizer == "Adam" and loss_name(got) == "sparsecategoricalcrossentropy")
    expect.shown(has_rate(got, given(case)["learning_rate"]) != without_arguments)


@question.misconception(
    text=Text(
        ko="인수 없이 부르면 학습률이 0.1이 아닙니다. 첫 줄에 적힌 learning_rate의 기본값을 보세요.",
        en="Called without arguments, the learning rate is not 0.1. Look at the default of learning_rate in the first "
        "line.",
    ),
    fails=[is_compiled],
    seen_in=shows_another_default_rate,
)
def another_default_rate(cell="lstm", learning_rate=0.01):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model


def shows_a_one_hot_loss(got, case, want):
    expect.shown(loss_name(got) == "categoricalcrossentropy")


@question.misconception(
    text=Text(
        ko="교차 엔트로피를 고른 것은 맞습니다. 다만 이것은 태그가 원-핫 벡터일 때 씁니다. 여기서는 태그가 "
        "0, 1, 2 같은 정수입니다. ‘모델’ 절을 보세요.",
        en="A cross-entropy is right, but this one is for tags written as one-hot vectors. Here a tag is a "
        "whole number: 0, 1 or 2. See the section “The model”.",
    ),
    fails=[is_compiled],
    seen_in=shows_a_one_hot_loss,
)
def loss_for_one_hot_tags(cell="lstm", learning_rate=0.1):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "categorical_crossentropy")
    return model


def shows_squared_error(got, case, want):
    expect.shown(loss_name(got) in ("mse", "meansquarederror"))


@question.misconception(
    text=Text(
        ko="회귀에 쓰는 제곱 오차를 손실로 골랐습니다. 태그는 크기가 아니라 클래스의 번호이므로 분류의 "
        "손실을 쓰세요.",
        en="Squared error is a loss for regression. Tags are classes, not quantities: use a loss for "
        "classification.",
    ),
    fails=[is_compiled],
    seen_in=shows_squared_error,
)
def squared_error(cell="lstm", learning_rate=0.1):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(learning_rate), "mse")
    return model


def shows_two_softmaxes(got, case, want):
    expect.shown(got.from_logits and last_activation(got) == "softmax")


@question.misconception(
    text=Text(
        ko="모델이 이미 확률을 내는데 손실 함수에 from_logits=True를 주었습니다. 둘 가운데 하나만 "
        "소프트맥스를 맡아야 합니다.",
        en="The model gives probabilities already, yet the loss gets from_logits=True. Only one of them "
        "should apply the softmax.",
    ),
    fails=[is_compiled],
    seen_in=shows_two_softmaxes,
)
def softmax_taken_twice(cell="lstm", learning_rate=0.1):
    import keras

    if cell == "gru":
        reader = keras.layers.GRU(3, return_sequences=True, reset_after=False)
    else:
        reader = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    return model

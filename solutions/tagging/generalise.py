"""Sentences that were not in training: does the model read them as well, wherever the words stand?"""

import itertools

import numpy as np

from autograder import Case, Fail, Question, Text, expect, recurrent

question = Question(
    title=Text(ko="처음 보는 문장 읽기", en="Reading sentences never seen"),
    statement=Text(
        ko="""
'존이 제인을 본다'는 영어로 John sees Jane입니다. 여기에 now(지금)를 넣을 자리는 셋입니다. now의 태그는
부사어(A)입니다.

| 문장 | 태그 |
|---|---|
| now John sees Jane | A S V O |
| John now sees Jane | S A V O |
| John sees Jane now | S V O A |

John, Jane, Alex 가운데 두 사람을 순서대로 골라 이렇게 만들 수 있는 문장은 18개입니다. 그 가운데 12문장과 그 태그를
받아, 모델을 **만들고 학습시켜 돌려주는** 함수 `generalise(X, Y)`를 완성하세요. 채점할 때는 보여 주지 않은 나머지
6문장도 그 모델에 넣어 봅니다.

- `X`는 모양이 `(12, 4, 5)`인 float32 배열로, 원-핫 벡터로 나타낸 12문장입니다. 문장마다 단어가 4개, 단어마다
  수가 5개입니다. 공정하게 나누었으므로 세 이름이 모두 이 문장들 안에서 주어로도, 목적어로도 나옵니다.
- `Y`는 모양이 `(12, 4, 1)`인 배열로, 단어마다 정수 태그 0, 1, 2, 3 가운데 하나가 들어 있습니다.
- 부를 때마다 단어의 번호도, **태그의 번호도** 다를 수 있습니다. 주어가 꼭 0인 것은 아닙니다.
- 돌려줄 것은 단어마다 수 5개를 받아 값 4개를 내는 Keras 모델입니다. 네 값 가운데 가장 큰 것의 번호를
  모델의 태그로 봅니다.
- 쓸 수 있는 층은 `Input`, `SimpleRNN`, `LSTM`, `GRU`, `Dense`, `TimeDistributed`, `Activation`, `Softmax`,
  `Dropout`입니다. 층과 유닛의 수, 손실 함수, 옵티마이저, 학습률은 마음대로 정하세요.
- 학습률을 잘 고르면 100 에포크 안에 됩니다. 몇 분이 지나도 끝나지 않으면 채점기가 멈춥니다.

받은 12문장의 48단어를 모두 맞히면 2점, 처음 보는 6문장의 24단어 가운데 23개 이상을 맞히면 2점입니다. 위치만 세거나
단어를 하나씩 따로 보아서는 어느 쪽도 얻지 못합니다. 가중치의 초깃값은 무작위이므로 채점기는 세 번까지 시도하게 하여
가장 좋은 결과를 봅니다.
""",
        en="""
Put "now" into the sentence "John sees Jane", and there are three places for it. Its tag is A, for adverbial.

| sentence | tags |
|---|---|
| now John sees Jane | A S V O |
| John now sees Jane | S A V O |
| John sees Jane now | S V O A |

With two of John, Jane and Alex as subject and object, this makes 18 sentences. Complete `generalise(X, Y)`. It
gets 12 of them with their tags, **builds a model, trains it and returns it**. The grader then gives the model
the 6 sentences that it was not shown, too.

- `X` is a float32 array of shape `(12, 4, 5)`: 12 sentences of 4 words as one-hot vectors, 5 numbers per word. The
  split is a fair one: each of the three names is a subject somewhere in these sentences, and an object somewhere.
- `Y` is an array of shape `(12, 4, 1)` with a whole-number tag for each word: 0, 1, 2 or 3.
- From call to call the words may be numbered differently, and **so may the tags**: a subject need not be 0.
- Return a Keras model that reads 5 numbers per word and gives 4 values for every word. The number of the largest
  of the four is taken as the model's tag.
- Allowed layers: `Input`, `SimpleRNN`, `LSTM`, `GRU`, `Dense`, `TimeDistributed`, `Activation`, `Softmax` and
  `Dropout`. The number of layers and units, the loss, the optimizer and its learning rate are yours to choose.
- With a well-chosen learning rate, 100 epochs are enough. Training that has not ended after some minutes is
  stopped.

All 48 words of the 12 sentences given earn 2 points, and at least 23 of the 24 words of the 6 new sentences earn
2 points. Counting positions earns neither, and nor does looking at each word alone. Weights start at random, so
the grader lets your function try up to three times and takes the best result.
""",
    ),
    source="lecture notebook, the tagging problem taken further",
    returns="model",
    needs_tensorflow=True,
)

WORDS = 5
SHAPE = (4, 4)
"""Words of a sentence, tags."""
NUMBERINGS = ([2, 0, 3, 1], [3, 2, 1, 0], [1, 3, 0, 2])
"""Numbers of S, V, O and A. Each call draws two, so that no fixed numbering fits both."""
TRIES = (4, 23, 86)
"""Seeds for the answer. With 60 updates at a learning rate of 0.1, an LSTM of 8 units reads all 48 known and
all 24 new words from each of 40,000 random initial weights and fair splits. A model that counts positions reads at
most 28 and 14 of them, one that looks at each word alone at most 39 and 21."""


@question.answer
def generalise(X, Y):
    """(12, 4, 5), (12, 4, 1) -> keras.Model: (sentences, 4, 5) -> (sentences, 4, 4)"""
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    tags = keras.layers.Dense(4, activation="softmax")
    model = keras.Sequential([keras.Input(X.shape[1:]), reader, tags])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    # one update each, as an epoch of `fit` makes of so few sentences, in a fraction of its time
    for _ in range(60):
        model.train_on_batch(X, Y)
    return model


@question.example
def example(generalise):
    import keras
    import numpy as np

    pairs = [(0, 1), (1, 2), (2, 0), (0, 2), (1, 0), (2, 1)]
    words = [row for a, b in pairs for row in ([4, a, 3, b], [a, 4, 3, b], [a, 3, b, 4])]
    X = np.eye(5, dtype="float32")[words]
    Y = np.array([[3, 1, 2, 0], [1, 3, 2, 0], [1, 2, 0, 3]] * 6, dtype="float32")[..., np.newaxis]
    trained = generalise(X[:12], Y[:12])
    assert isinstance(trained, keras.Model)
    right = np.argmax(trained(X), axis=-1) == Y[..., 0]
    print(f"{right[:12].sum()}/48 {right[12:].sum()}/24")
    assert right[:12].all()
    assert right[12:].sum() >= 23


@question.cases
def cases(rng):
    drawn = []
    for place in rng.permutation(len(NUMBERINGS))[:2]:
        verb, now, *names = (int(word) for word in rng.permutation(WORDS))
        pairs = rng.permutation(list(itertools.permutations(names, 2))).tolist()
        # held out: two pairs that share neither subject nor object; of the other four, each name is both
        first = pairs.pop()
        second = next(pair for pair in pairs if pair[0] != first[0] and pair[1] != first[1])
        pairs.remove(second)
        known, new = (
            [row for a, b in some for row in ([now, a, verb, b], [a, now, verb, b], [a, verb, b, now])]
            for some in (pairs, [first, second])
        )
        s, v, o, a = NUMBERINGS[place]
        tags = np.array([[a, s, v, o], [s, a, v, o], [s, v, o, a]], dtype=np.float32)[..., np.newaxis]
        hot = np.eye(WORDS, dtype=np.float32)
        drawn.append(Case(hot[known], np.tile(tags, (4, 1, 1)), hot[new], np.tile(tags, (2, 1, 1))))
    return drawn


@question.asks
def asks(session, case):
    X, Y, new, new_tags = case.args
    best = None
    for seed in TRIES:
        session.seed(seed)
        model = session.describe(session.keep("generalise", X, Y))
        found = outcome(model, X, Y, new, new_tags)
        if best is None or merit(found) > merit(best):
            best = found
        if is_settled(found):
            break
    return best


def merit(found):
    """What tells a better try from a worse one: checks passed, then words."""
    return (found["known"] == 48) + (found["new"] >= 23), found["known"] + found["new"]


def outcome(model, X, Y, new, new_tags):
    """What the model makes of the sentences, and what shows how it was trained, as plain data."""
    out = expect.output(model, np.concatenate([X, new]), recurrent.LAYERS)
    fits = out.shape == (len(X) + len(new), *SHAPE)
    tags, right = np.argmax(out, axis=-1), np.concatenate([Y, new_tags])[..., 0].astype(int)
    good = tags == right if fits and np.ptp(out, axis=0).max() > 1e-9 else np.zeros(right.shape, dtype=bool)
    known, unseen = int(good[: len(X)].sum()), int(good[len(X) :].sum())
    top = (model.layers[-1].inner or model.layers[-1]) if model.layers else None
    softmax = top is not None and "softmax" in (top.kind.lower(), top.settings.get("activation"))
    return {
        "known": known,
        "new": unseen,
        "shape": list(out.shape),
        "finite": bool(np.isfinite(out).all()),
        "reads": bool(fits and np.ptp(out, axis=0).max() > 1e-9),
        "tags": tags.tolist() if fits else [],
        "right": right.tolist(),
        "sure": float(np.mean(np.max(out if softmax else probabilities(out), axis=-1))) if fits else 0.0,
        "recurrent": bool(model.of_kind(*recurrent.RECURRENT)),
        "fitted": not model.has_first_biases,
        "loss": (model.loss or "").replace("_", "").lower(),
        "softmaxes": int(softmax) + int(model.from_logits),
        "rate": model.learning_rate or 0.0,
    }


def probabilities(out):
    """The softmax of some outputs."""
    powers = np.exp(out - out.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def is_settled(found):
    """Whether no other try would change what this one found."""
    tagger = found["shape"][1:] == list(SHAPE) and found["recurrent"] and found["fitted"]
    if merit(found)[0] == 2 or not tagger:
        return True
    return found["sure"] > 0.8 and has_a_pattern(found)


def must_tag(got):
    """Fail where the output is not one set of tags for each word, or does not depend on the words."""
    recurrent.values_a_word(got["shape"], [18, *SHAPE])
    if not got["finite"]:
        raise Fail(
            Text(
                ko="모델의 출력이 수가 아닙니다(nan). 학습이 발산했으니 학습률을 낮춰 보세요.",
                en="the model's outputs are not numbers (nan): training ran away; lower the learning rate",
            )
        )
    if not got["reads"]:
        raise Fail(
            Text(
                ko="어느 문장을 넣어도 출력이 똑같습니다. 모델이 단어를 읽지 않습니다.",
                en="the output is the same whatever the sentence: the model does not read the words",
            )
        )


@question.check(
    points=2,
    text=Text(
        ko="학습한 12문장의 48단어 모두에 맞는 태그를 붙인다",
        en="gives the right tag to all 48 words of the 12 sentences it was trained on",
    ),
)
def fits_the_known_sentences(got, case, want):
    must_tag(got)
    if got["known"] < 48:
        raise Fail(
            Text(
                ko=f"학습한 48단어 가운데 {got['known']}개에만 맞는 태그를 붙였습니다.",
                en=f"the model gave the right tag to {got['known']} of the 48 words it was trained on",
            )
        )


@question.check(
    points=2,
    text=Text(
        ko="처음 보는 6문장의 24단어 가운데 23개 이상에 맞는 태그를 붙인다",
        en="gives the right tag to at least 23 of the 24 words of the 6 new sentences",
    ),
)
def reads_new_sentences(got, case, want):
    must_tag(got)
    if got["new"] < 23:
        raise Fail(
            Text(
                ko=f"처음 보는 24단어 가운데 {got['new']}개에만 맞는 태그를 붙였습니다.",
                en=f"the model gave the right tag to {got['new']} of the 24 new words",
            )
        )


AMOUNTS = ("mse", "meansquarederror", "mae", "meanabsoluteerror", "huber", "logcosh", "msle", "mape")


def trained(got):
    """Whether what came back is a trained tagger of the right shape with a recurrent layer: its errors then tell."""
    return got["shape"][1:] == list(SHAPE) and got["finite"] and got["fitted"] and got["recurrent"]


def trained_for_classes(got):
    """The same, by a loss for classification that is given probabilities, or by none that is known."""
    return trained(got) and got["loss"] not in AMOUNTS and (got["softmaxes"] > 0 or not got["loss"])


def numbers_given(got):
    """The number given in the place of each right number, where that is always the same one; else nothing."""
    pairs = set(zip(np.ravel(got["right"]).tolist(), np.ravel(got["tags"]).tolist(), strict=True))
    return dict(pairs) if len(pairs) == len(dict(pairs)) else {}


def is_renumbered(got):
    """Whether the roles are told apart, but by other numbers."""
    found = numbers_given(got)
    return len(set(found.values())) == SHAPE[-1] and any(right != given for right, given in found.items())


def is_shifted(got):
    """Whether the tags are those of the words beside."""
    tags, right = np.array(got["tags"]), np.array(got["right"])
    return any(agree(tags, np.roll(right, shift, axis=1)) for shift in (-1, 1))


def is_alike(got):
    """Whether all sentences have the same tags."""
    tags = np.array(got["tags"])
    return bool(np.all(tags == tags[0]))


def has_a_pattern(got):
    """Whether the tags given follow a rule of their own, wrong as they are."""
    return is_shifted(got) or is_renumbered(got) or is_alike(got)


def agree(tags, wanted):
    """Whether most tags are those wanted: what comes next cannot always be known."""
    return bool(np.mean(tags == wanted) > 0.75)


def shows_first_biases(got, case, want):
    expect.shown(not got["fitted"])


@question.misconception(
    text=Text(
        ko="돌려준 모델의 편향이 모두 초깃값 그대로입니다. 학습시키지 않았거나, 다른 모델을 학습시켰습니다.",
        en="Every bias of the returned model still has its initial value: nothing was fitted, or another "
        "model was.",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_first_biases,
)
def never_fitted(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    return model


def shows_little_training(got, case, want):
    expect.shown(trained(got) and not has_a_pattern(got) and got["sure"] < 0.6 and got["rate"] < 0.5)
    expect.shown(
        got["softmaxes"] == 1
        and got["loss"] in ("", "sparsecategoricalcrossentropy", "categoricalcrossentropy")
    )


@question.misconception(
    text=Text(
        ko="모델이 아직 거의 배우지 않았습니다. 가장 큰 확률도 1/4에서 멀지 않습니다. ‘학습’ 절의 손실 "
        "곡선처럼 학습률과 에포크 수를 함께 보세요.",
        en="The model has hardly learnt yet: even its largest probabilities are not far from 1/4. Look at "
        "the learning rate and the number of epochs together, as with the loss curves in “Training”.",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_little_training,
)
def trained_too_little(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", run_eagerly=True)
    for _ in range(3):
        model.train_on_batch(X, Y)
    return model


def shows_a_great_rate(got, case, want):
    expect.shown(trained(got) and not has_a_pattern(got) and got["rate"] >= 0.5)


@question.misconception(
    text=Text(
        ko="학습률이 너무 큽니다. 손실이 줄지 않고 튀는지, 에포크마다 출력해 보세요.",
        en="The learning rate is too large. Print the loss of every epoch: does it fall, or jump?",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_a_great_rate,
)
def rate_too_large(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(
        optimizer=keras.optimizers.Adam(30.0), loss="sparse_categorical_crossentropy", run_eagerly=True
    )
    for _ in range(6):
        model.train_on_batch(X, Y)
    return model


def shows_a_loss_for_amounts(got, case, want):
    expect.shown(trained(got) and got["loss"] in AMOUNTS)


@question.misconception(
    text=Text(
        ko="손실 함수가 수의 크기를 비교합니다. 태그의 번호는 크기가 아니라 클래스의 번호이므로 분류의 "
        "손실을 쓰세요.",
        en="The loss compares quantities. A tag's number names a class and is not a quantity: use a loss for "
        "classification.",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_a_loss_for_amounts,
)
def loss_for_amounts(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mse", run_eagerly=True)
    for _ in range(6):
        model.train_on_batch(X, Y)
    return model


def shows_no_softmax(got, case, want):
    expect.shown(trained(got) and not is_shifted(got) and not is_renumbered(got) and got["softmaxes"] == 0)
    expect.shown(
        got["rate"] < 0.5 and got["loss"] in ("sparsecategoricalcrossentropy", "categoricalcrossentropy")
    )


@question.misconception(
    text=Text(
        ko="교차 엔트로피는 확률을 받는데, 모델의 출력에 소프트맥스가 없고 손실 함수도 from_logits를 모릅니다.",
        en="The cross-entropy expects probabilities, but the model's output has no softmax, and the loss "
        "does not get from_logits=True.",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_no_softmax,
)
def no_softmax(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4)])
    model.compile(
        optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy", run_eagerly=True
    )
    model.train_on_batch(X, Y)
    return model


def shows_no_memory(got, case, want):
    expect.shown(got["shape"][1:] == list(SHAPE) and got["fitted"] and not got["recurrent"])


@question.misconception(
    text=Text(
        ko="순환층이 없어 단어를 하나씩 따로 봅니다. 동사는 알아볼 수 있지만, 이름이 주어인지 목적어인지는 앞에 "
        "무엇이 나왔는지에 달려 있습니다.",
        en="Without a recurrent layer, the model sees each word alone. That is enough for a verb, but "
        "whether a name is subject or object depends on what came before.",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_no_memory,
)
def words_looked_at_alone(X, Y):
    import keras

    hidden = keras.layers.Dense(8, activation="relu")
    model = keras.Sequential([keras.Input((4, 5)), hidden, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(30):
        model.train_on_batch(X, Y)
    return model


def shows_positions(got, case, want):
    expect.shown(trained_for_classes(got) and is_alike(got) and got["sure"] >= 0.6)
    expect.shown(len(set(np.ravel(got["tags"]).tolist())) > 1)


@question.misconception(
    text=Text(
        ko="모든 문장에 같은 태그를 같은 순서로 붙입니다. 자리만 세어서는 답할 수 없습니다. 모델이 단어를 "
        "읽는지, 문장마다 그 문장의 Y를 배우는지 보세요.",
        en="Every sentence gets the same tags in the same order, but counting positions does not give the answer. "
        "Are the words read, and is each sentence learnt with its own row of Y?",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_positions,
)
def positions_counted(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(40):
        model.train_on_batch(X, np.repeat(Y[:1], len(X), axis=0))
    return model


def shows_one_tag(got, case, want):
    expect.shown(trained_for_classes(got) and len(set(np.ravel(got["tags"]).tolist())) == 1)


@question.misconception(
    text=Text(
        ko="모든 단어에 같은 태그를 붙입니다. 학습에 넘긴 태그에 번호가 모두 들어 있는지 보세요.",
        en="Every word gets the same tag. Do the tags passed to training hold all the numbers?",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_one_tag,
)
def one_tag_for_all(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(10):
        model.train_on_batch(X, np.ones_like(Y))
    return model


def shows_shifted_tags(got, case, want):
    expect.shown(trained_for_classes(got) and is_shifted(got))


@question.misconception(
    text=Text(
        ko="단어마다 그 단어가 아니라 옆 단어의 태그를 배웠습니다. 태깅에서는 입력과 답의 시점이 같습니다.",
        en="Each word learnt the tag of the word beside it. In tagging, input and tag belong to the same "
        "time step.",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_shifted_tags,
)
def neighbours_tag(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(60):
        model.train_on_batch(X, np.roll(Y, -1, axis=1))
    return model


def shows_other_numbers(got, case, want):
    expect.shown(trained_for_classes(got) and is_renumbered(got))


@question.misconception(
    text=Text(
        ko="역할은 구별하지만 번호가 Y와 다릅니다. Y의 번호를 바꾸거나 정해 두지 않았는지 확인하세요.",
        en="The roles are told apart, but by other numbers than those of Y. Were the numbers changed, or "
        "assumed?",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_other_numbers,
)
def other_numbers(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(60):
        model.train_on_batch(X, (Y + 1) % 4)
    return model


def shows_one_tag_a_sentence(got, case, want):
    expect.shown(len(got["shape"]) == 2)


@question.misconception(
    text=Text(
        ko="문장마다 답이 하나뿐입니다. 단어마다 답하려면 순환층이 모든 시점의 은닉 상태를 내보내야 합니다.",
        en="There is one answer per sentence. For one per word, the recurrent layer has to give its hidden state at "
        "every time step.",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_one_tag_a_sentence,
)
def one_tag_a_sentence(X, Y):
    import keras

    model = keras.Sequential([keras.Input((4, 5)), keras.layers.LSTM(8)])
    model.add(keras.layers.Dense(4, activation="softmax"))
    model.compile(
        optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy", run_eagerly=True
    )
    model.train_on_batch(X, Y[:, -1])
    return model


def shows_one_number_a_word(got, case, want):
    expect.shown(len(got["shape"]) == 3 and got["shape"][-1] == 1)


@question.misconception(
    text=Text(
        ko="단어마다 수를 하나만 냅니다. 태그의 번호는 크기가 아니라 클래스의 번호입니다. 클래스마다 값이 "
        "하나씩 있어야 합니다.",
        en="There is a single number for each word. A tag's number names a class and is not a quantity, so "
        "there should be one value for each class.",
    ),
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_one_number_a_word,
)
def one_number_a_word(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mse", run_eagerly=True)
    model.train_on_batch(X, Y)
    return model

"""Training the tagger until it reads both sentences: is the model fitted, and long enough?"""

import numpy as np

from autograder import AnswerError, Case, Fail, Layers, Question, Text, expect, recurrent

from ._shared import (
    AMOUNTS,
    DATA_SECTION,
    MODEL_SECTION,
    TRAINING_SECTION,
    must_be_finite,
)

question = Question(
    title=Text(ko="태깅 모델 학습시키기", en="Training the tagger"),
    statement=Text(
        ko="""
컴파일된 모델 `model`을 받아, 두 문장의 여섯 단어에 모두 맞는 태그를 붙일 때까지 학습시키는 함수
`train(model, X, Y)`를 완성하세요.

- `X`는 모양이 `(2, 3, 4)`인 float32 배열로, 원-핫 벡터로 나타낸 두 문장입니다. 위의 두 문장이지만 단어의
  번호는 다를 수 있습니다.
- `Y`는 모양이 `(2, 3, 1)`인 배열로, 단어마다 정수 태그가 들어 있습니다.
- `model`은 위에서 만든 것과 같은 LSTM 또는 GRU 모델이고, 학습률이 0.1인 Adam으로 컴파일되어 있습니다.
  원한다면 다시 컴파일해도 됩니다.
- 받은 `model`을 **그 자리에서** 학습시키세요. 무엇을 돌려주어도 됩니다. 모델을 돌려주면 그 모델을, 아니면
  받은 `model`을 채점합니다.
- 학습률이 0.1이면 100 에포크로 충분합니다. 진행 상황을 출력하지 않으려면 `verbose=0`을 줍니다. 몇 분이 지나도
  끝나지 않으면 채점기가 학습을 중단합니다.

가중치의 초깃값은 무작위이므로, 채점기는 새 모델로 세 번까지 시도하게 하여 가장 좋은 결과를 봅니다.
""",
        en="""
Complete `train(model, X, Y)`. It takes a compiled model and trains it until it gives the right tag to all
six words of two sentences.

- `X` is a float32 array of shape `(2, 3, 4)`: two sentences as one-hot vectors. They are the two
  sentences above, but the words may be numbered differently.
- `Y` is an array of shape `(2, 3, 1)` with a whole-number tag for each word.
- `model` is an LSTM or a GRU model like the one you built above, compiled with Adam at a learning rate of
  0.1. You may compile it again if you like.
- Train the `model` you are given **in place**. The return value is up to you. If you return a model, that one is
  graded; otherwise the `model` you were given.
- At a learning rate of 0.1, 100 epochs are enough. `verbose=0` keeps the progress from being printed. The grader
  stops training that takes more than a few minutes.

Weights start at random, so the grader lets your function try up to three times, each with a new model, and
takes the best result.
""",
    ),
    source="lecture notebook, training of the tagging problem",
    needs_tensorflow=True,
)

TAGS = np.array([[0, 1, 2], [0, 1, 2]])
TRIES = (11, 31, 52)
"""Seeds of the models to train. Untrained, they tag at most two words right, however the words are numbered
(measured with Keras 3.15): an answer that hardly trains never passes by luck. With 60 updates at the learning
rate given, LSTM and GRU read both sentences from each of 40,000 random initial weights: the reference fails in
fewer than 1 of 10,000 even with a single try."""
FEW = 30
"""Updates after which, at the learning rate given, a model may still be unsure of its tags."""


@question.answer
def train(model, X, Y):
    """keras.Model, (2, 3, 4), (2, 3, 1) -> model"""
    model.fit(X, Y, epochs=60, verbose=0)
    return model


@question.example
def example(train):
    import keras
    import numpy as np

    X = np.eye(4, dtype="float32")[[[3, 0, 1], [1, 0, 2]]]
    Y = np.array([[[0], [1], [2]], [[0], [1], [2]]], dtype="float32")
    given = keras.Sequential([keras.Input((3, 4)), keras.layers.LSTM(3, return_sequences=True)])
    given.add(keras.layers.Dense(3, activation="softmax"))
    given.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    result = train(given, X, Y)
    trained = result if isinstance(result, keras.Model) else given
    assert np.argmax(trained(X), axis=-1).tolist() == [[0, 1, 2], [0, 1, 2]]


@question.cases
def cases(rng):
    drawn = []
    for settings in ({"units": 3}, {"units": 3, "reset_after": False}):
        john, loves, jane, alex = (int(place) for place in rng.permutation(4))
        sentences = [[john, loves, jane], [jane, loves, alex]]
        hot = np.eye(4, dtype=np.float32)[np.array(sentences)]
        tags = TAGS[..., np.newaxis].astype(np.float32)
        drawn.append(Case("GRU" if "reset_after" in settings else "LSTM", settings, hot, tags))
    return drawn


@question.asks
def asks(session, case):
    kind, settings, X, Y = case.args
    best = None
    for seed in TRIES:
        session.seed(seed)
        recurrent = (kind, settings | {"return_sequences": True})
        output = ("Dense", {"units": 3, "activation": "softmax"})
        layers = Layers(
            (3, 4), [recurrent, output], loss="sparse_categorical_crossentropy", learning_rate=0.1
        )
        given = session.build(layers)
        before = session.describe(given)
        result = session.keep("train", given, X, Y)
        found = outcome(before, judged_model(session, given, result), X)
        if best is None or found["right"] > best["right"]:
            best = found
        if best["right"] == TAGS.size or found["settled"]:
            break
    return best


def judged_model(session, given, result):
    """The model that train returned, or the one it was given where it returned none."""
    try:
        return session.describe(result)
    except AnswerError as error:
        if error.fault != "not data":
            raise
        return session.describe(given)


def weights_of(model):
    """All weights of a model in one row."""
    return np.concatenate([[], *(weight.ravel() for layer in model.layers for weight in layer.weights)])


def outcome(before, after, X):
    """What became of the model, as plain data."""
    old, new = weights_of(before), weights_of(after)
    with np.errstate(all="ignore"):  # weights may have run off to infinity
        change = float(np.max(np.abs(new - old))) if new.size == old.size else np.inf
        try:
            out = recurrent.forward(after, X)
            tags = np.argmax(out, axis=-1)
        except recurrent.UnsupportedLayer as error:
            raise Fail(
                Text(
                    ko=f"돌려준 모델을 채점기가 계산할 수 없습니다 ({error}). 받은 model을 학습시키세요.",
                    en=f"the grader cannot compute the model that came back ({error}); train the model given",
                )
            ) from error
    fits = out.shape == (*TAGS.shape, 3)
    right = int(np.sum(tags == TAGS)) if fits and change > 0 else 0
    has_recurrent = bool(after.of_kind(*recurrent.RECURRENT))
    return {
        "right": right,
        "shape": list(out.shape),
        "finite": bool(np.isfinite(out).all()),
        "tags": tags.tolist(),
        "change": change,
        "updates": after.updates or 0,
        "frozen": any(layer.weights and not layer.trainable for layer in after.layers),
        "recurrent": has_recurrent,
        "fitted": not after.has_first_biases,
        "loss": (after.loss or "").replace("_", "").lower(),
        "rate": after.learning_rate or 0.0,
        # how sure the model is: of its own tags, and of the right ones in either sentence and in reversed ones
        "sure": float(np.mean(np.max(out, axis=-1))) if fits else 0.0,
        "sure_of": [least_sure(out[:1]), least_sure(out[1:])] if fits else [0.0, 0.0],
        "sure_reversed": least_sure(recurrent.forward(after, X[:, ::-1]))
        if fits and right < TAGS.size
        else 0.0,
        # what no other try would change
        "settled": change == 0
        or not (fits and has_recurrent)
        or (change > 2 and bool(np.all(tags == tags[0]))),
    }


def least_sure(out):
    """The least probability that a model gives to the right tag of a word."""
    return float(np.min(np.diagonal(out, axis1=1, axis2=2)))


@question.check(
    points=1,
    text=Text(
        ko="학습한 모델이 여섯 단어 가운데 다섯 이상에 맞는 태그를 붙인다",
        en="after training, at least five of the six words get the right tag",
    ),
)
def learns_most_words(got, case, want):
    at_least(got, case, 5)


@question.check(
    points=2,
    text=Text(
        ko="학습한 모델이 여섯 단어 모두에 맞는 태그를 붙인다",
        en="after training, all six words get the right tag",
    ),
)
def learns_every_word(got, case, want):
    at_least(got, case, 6)


def at_least(got, case, words):
    """Fail where the best of the tries gives the right tag to fewer of the six words."""
    if got["change"] == 0:
        raise Fail(
            Text(
                ko="train을 부른 뒤에도 모델의 가중치가 그대로입니다.",
                en="the model's weights are the same as before train was called",
            )
        )
    recurrent.values_a_word(got["shape"], [*TAGS.shape, 3])
    must_be_finite(got)
    if got["right"] < words:
        raise Fail(
            Text(
                ko=f"{case.args[0]} 모델이 여섯 단어 가운데 {got['right']}개에만 맞는 태그를 붙였습니다.",
                en=f"the {case.args[0]} model gave the right tag to {got['right']} of the six words",
            )
        )


def shows_no_change(got, case, want):
    expect.shown(got["change"] == 0 and got["updates"] == 0 and not got["frozen"])


@question.misconception(
    text=Text(
        ko="모델을 학습시키지 않았거나, 받은 model이 아닌 다른 모델을 학습시키고 돌려주지 않았습니다. 받은 model을 "
        "학습시키세요.",
        en="Either no model was trained, or a model other than the one given was trained and not returned. Train "
        "the model you are given.",
    ),
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_no_change,
)
def never_fitted(model, X, Y):
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model


def shows_a_frozen_layer(got, case, want):
    expect.shown(got["frozen"])


@question.misconception(
    text=Text(
        ko="모델에 얼려 둔(trainable이 False인) 층이 있습니다. 그런 층의 가중치는 학습으로 바뀌지 않습니다.",
        en="A layer of the model is frozen: its trainable is False, so training leaves its weights as they are.",
    ),
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_a_frozen_layer,
)
def frozen(model, X, Y):
    model.trainable = False
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(X, Y, epochs=2, verbose=0)


def shows_weights_set_back(got, case, want):
    expect.shown(got["change"] == 0 and got["updates"] > 0 and not got["frozen"])


@question.misconception(
    text=Text(
        ko="model을 학습시키기는 했는데 가중치가 모두 처음 값과 같습니다. 학습한 뒤에 처음 가중치를 다시 넣었거나, "
        "학습률이나 "
        "표본의 가중치를 0으로 두지 않았는지 확인하세요.",
        en="The model was trained, but all of its weights have the values they had at first. Did you put the first "
        "weights back, or set the learning rate or the sample weights to 0?",
    ),
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_weights_set_back,
)
def weights_set_back(model, X, Y):
    first = model.get_weights()
    model.train_on_batch(X, Y)
    model.set_weights(first)


def trained(got):
    """Whether what came back is a trained tagger of the right shape with a recurrent layer: its errors then tell."""
    fits = got["shape"] == [*TAGS.shape, 3] and got["finite"] and not got["frozen"]
    return fits and got["recurrent"] and got["fitted"] and got["change"] > 0


def trained_for_classes(got):
    """Whether it was also trained long enough, for classes, at a rate that is not far too large."""
    right_way = got["rate"] < 0.5 and got["loss"] not in AMOUNTS
    return trained(got) and right_way and not is_hardly_trained(got)


def is_hardly_trained(got):
    """Whether the weights hardly moved, or a few updates left the model unsure."""
    return got["change"] < 0.6 or (got["updates"] <= FEW and got["sure"] < 0.75)


def are_tags_in_one_order(got):
    """Whether both sentences get the same three tags."""
    tags = np.array(got["tags"])
    return bool(np.all(tags == tags[0])) and sorted(tags[0].tolist()) == [0, 1, 2]


def shows_another_model(got, case, want):
    expect.shown(got["change"] > 0 and not got["fitted"])


@question.misconception(
    text=Text(
        ko="모델의 가중치가 받은 model의 것이 아니고, 편향은 모두 초깃값 그대로입니다. 학습시키지 않은 새 "
        "모델을 돌려주지 않았는지 확인하세요.",
        en="The weights are not those of the model given, and every bias still has its initial value. Did you "
        "return a new model that was never trained?",
    ),
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_another_model,
)
def new_model_returned(model, X, Y):
    import keras

    reader = keras.layers.LSTM(3, return_sequences=True)
    return keras.Sequential([keras.Input((3, 4)), reader, keras.layers.Dense(3, activation="softmax")])


def shows_a_small_change(got, case, want):
    expect.shown(trained(got) and got["updates"] > 0 and is_hardly_trained(got) and got["rate"] < 0.5)
    expect.shown(got["loss"] not in AMOUNTS)


def shows_one_epoch(got, case, want):
    shows_a_small_change(got, case, want)
    expect.shown(got["updates"] == 1)


def shows_several_epochs(got, case, want):
    shows_a_small_change(got, case, want)
    expect.shown(got["updates"] > 1)


@question.misconception(
    text=Text(
        ko="모델이 아직 거의 배우지 않았습니다. 한 에포크만 학습했습니다. `fit`에 에포크의 수를 `epochs=`로 주었는지 "
        "확인하세요. 셋째 자리의 인수는 `batch_size`입니다.",
        en="The model has hardly learnt yet: it was trained for one epoch. Does `fit` get the number of epochs as "
        "`epochs=`? Its third positional argument is `batch_size`.",
    ),
    section=TRAINING_SECTION,
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_one_epoch,
)
def trained_for_one_epoch(model, X, Y):
    model.fit(X, Y, 100, verbose=0)


@question.misconception(
    text=Text(
        ko="모델이 아직 거의 배우지 않았습니다. 학습률에 비해 에포크가 너무 적습니다. 다시 컴파일하면서 "
        "학습률이 작아지지 않았는지 확인하세요.",
        en="The model has hardly learnt yet: there are too few epochs for this learning rate. Did compiling again "
        "make the rate smaller?",
    ),
    section=TRAINING_SECTION,
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_several_epochs,
)
def trained_too_little(model, X, Y):
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(X, Y, epochs=5, verbose=0)


def shows_a_great_rate(got, case, want):
    expect.shown(trained(got) and got["rate"] >= 0.5)


@question.misconception(
    text=Text(
        ko="다시 컴파일하면서 준 학습률이 너무 큽니다. 손실이 줄지 않고 튀는지, 에포크마다 출력해 보세요.",
        en="The learning rate given when compiling again is too large. Print the loss of every epoch: does it fall, or "
        "jump?",
    ),
    section=TRAINING_SECTION,
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_a_great_rate,
)
def rate_too_large(model, X, Y):
    import keras

    adam = keras.optimizers.Adam(100.0)
    model.compile(optimizer=adam, loss="sparse_categorical_crossentropy", run_eagerly=True)
    model.train_on_batch(X, Y)


def shows_a_loss_for_amounts(got, case, want):
    expect.shown(trained(got) and got["loss"] in AMOUNTS and got["rate"] < 0.5)


@question.misconception(
    text=Text(
        ko="다시 컴파일하면서 수의 크기를 비교하는 손실 함수를 주었습니다. 태그의 번호는 크기가 아니라 "
        "클래스의 번호이므로 분류의 손실을 쓰세요.",
        en="When you compiled again, you chose a loss that compares quantities. A tag's number names a class "
        "and is not a quantity: use a loss for classification.",
    ),
    section=MODEL_SECTION,
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_a_loss_for_amounts,
)
def loss_for_amounts(model, X, Y):
    import keras

    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mse")
    for _ in range(20):
        model.train_on_batch(X, Y)


def shows_weights_set_by_hand(got, case, want):
    expect.shown(trained(got) and got["updates"] == 0 and not are_tags_in_one_order(got))


@question.misconception(
    text=Text(
        ko="가중치는 바뀌었지만, 마지막으로 컴파일한 뒤에 이 모델의 옵티마이저가 한 번도 갱신한 적이 없습니다. fit을 "
        "부르지 않고 "
        "가중치를 손으로 넣지 않았는지 확인하세요.",
        en="The weights changed, but the model's optimizer has made no update since it was last compiled. Were weights "
        "set by hand, without a call of fit?",
    ),
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_weights_set_by_hand,
)
def weights_set_by_hand(model, X, Y):
    weights = model.get_weights()
    weights[-1] += [0, 5, 0]
    model.set_weights(weights)


def shows_one_tag(got, case, want):
    expect.shown(trained_for_classes(got) and got["updates"] > 0)
    expect.shown(len(set(np.ravel(got["tags"]).tolist())) == 1)


@question.misconception(
    text=Text(
        ko="여섯 단어에 모두 같은 태그를 붙입니다. fit에 넘긴 태그에 0, 1, 2가 모두 들어 있는지 보세요.",
        en="All six words get the same tag. Do the tags passed to fit hold 0, 1 and 2?",
    ),
    section=DATA_SECTION,
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_one_tag,
)
def one_tag_for_all(model, X, Y):
    for _ in range(20):
        model.train_on_batch(X, 0 * Y)


def shows_tags_out_of_place(got, case, want):
    expect.shown(trained_for_classes(got) and are_tags_in_one_order(got))


@question.misconception(
    text=Text(
        ko="모델이 두 문장에 같은 태그를 배우기는 했지만 Y의 태그가 아닙니다. 학습에 넘긴 Y를 한 단어씩 "
        "밀거나 뒤집거나, 번호를 바꾸지 않았는지 확인하세요.",
        en="The model learnt the same tags for both sentences, but not those of Y. Did you shift the Y passed "
        "to training by a word, reverse it, or change its numbers?",
    ),
    section=DATA_SECTION,
    fails=[learns_most_words, learns_every_word],
    seen_in=shows_tags_out_of_place,
)
def tags_out_of_place(model, X, Y):
    for _ in range(50):
        model.train_on_batch(X, np.roll(Y, -1, axis=1))


def shows_reversed_words(got, case, want):
    expect.shown(trained_for_classes(got) and got["sure_reversed"] > 0.75)


@question.misconception(
    text=Text(
        ko="문장을 거꾸로 넣으면 여섯 단어에 모두 맞는 태그를 붙이는 모델입니다. 학습에 넘긴 X의 단어 순서를 뒤집지 "
        "않았는지 "
        "확인하세요.",
        en="The model gives the right tag to all six words if each sentence is reversed. Did you reverse the words of "
        "the X passed to training?",
    ),
    fails=[learns_every_word],
    seen_in=shows_reversed_words,
)
def words_reversed(model, X, Y):
    # trained on reversed words alone, a model gets some words of X right, by luck; here it also learns five of six
    tags = np.array([[[0], [1], [2]], [[0], [1], [0]]])
    both, all_tags = np.concatenate([X[:, ::-1], X]), np.concatenate([Y, tags])
    for _ in range(100):
        model.train_on_batch(both, all_tags)


def shows_one_sentence(got, case, want):
    expect.shown(trained_for_classes(got) and got["sure_reversed"] <= 0.75)
    expect.shown(max(got["sure_of"]) > 0.9 and min(got["sure_of"]) < 0.3)


@question.misconception(
    text=Text(
        ko="두 문장 가운데 하나만 배웠습니다. 그 문장의 태그에는 자신이 있는데 다른 문장은 맞히지 못합니다. 학습에 "
        "두 문장을 "
        "모두, 저마다 제 태그와 함께 넘겼는지 보세요.",
        en="Only one of the two sentences was learnt: the model is sure of its tags, but not right about the other "
        "sentence. Did training get both, each with its own tags?",
    ),
    fails=[learns_every_word],
    seen_in=shows_one_sentence,
)
def one_sentence_learnt(model, X, Y):
    # trained on one sentence alone, a model gets three to five words right, by luck; on these tags it gets five
    tags = np.array([[[0], [1], [2]], [[0], [1], [0]]])
    for _ in range(60):
        model.train_on_batch(X, tags)


def shows_no_memory(got, case, want):
    expect.shown(got["change"] > 0 and got["fitted"] and not got["recurrent"])


@question.misconception(
    text=Text(
        ko="순환층이 없는 다른 모델을 학습시켜 돌려주었습니다. Jane은 한 문장에서 주어, 다른 문장에서 "
        "목적어이므로 단어만 보아서는 여섯을 모두 맞힐 수 없습니다. 받은 model을 학습시키세요.",
        en="You trained and returned a model without a recurrent layer. It cannot get every Jane right: she is "
        "the subject of one sentence and the object of the other. Train the model you are given.",
    ),
    section=DATA_SECTION,
    fails=[learns_every_word],
    seen_in=shows_no_memory,
)
def words_looked_at_alone(model, X, Y):
    import keras

    other = keras.Sequential([keras.Input((3, 4)), keras.layers.Dense(3, activation="softmax")])
    other.compile(keras.optimizers.Adam(0.1), "sparse_categorical_crossentropy")
    for _ in range(60):
        other.train_on_batch(X, Y)
    return other

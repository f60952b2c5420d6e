"""English and Korean word order in one model: position alone no longer tells the tags, nor does the word."""

import itertools

import numpy as np

from autograder import Case, Fail, Question, Text, expect, recurrent

question = Question(
    title=Text(ko="두 가지 어순 읽기", en="Reading two word orders"),
    statement=Text(
        ko="""
영어는 '주어 동사 목적어', 한국어는 '주어 목적어 동사' 순으로 말합니다. 이 문제의 문장에는 두 어순이 섞여
있습니다. 한국어에서 역할을 알려 주는 조사는 빼고 단어만 남깁니다.

| 어순 | 문장 | 뜻 | 태그 |
|---|---|---|---|
| 영어 | John loves Jane | 존이 제인을 사랑한다 | S V O |
| 한국어 | John Jane loves | 존이 제인을 사랑한다 | S O V |
| 영어 | Mina sees Theo | 미나가 테오를 본다 | S V O |
| 한국어 | Mina Theo sees | 미나가 테오를 본다 | S O V |

이름은 John, Jane, Alex, Mina, Theo, Hana 여섯, 동사는 loves와 sees 둘입니다. 서로 다른 두 이름과 동사
하나로 만들 수 있는 문장은 두 어순을 합쳐 120개입니다. 그 가운데 무작위로 고른 60문장과 태그를 받아, 모델을
**만들고 학습시켜 돌려주는** 함수 `tag_mixed_order(X, Y)`를 완성하세요. 나머지 60문장으로 채점합니다.

- `X`는 모양이 `(60, 3, 8)`인 float32 배열로, 원-핫 벡터로 나타낸 문장입니다.
- `Y`는 모양이 `(60, 3, 1)`인 배열로, 단어마다 정수 태그 0, 1, 2 가운데 하나가 들어 있습니다. 단어의 번호도,
  **태그의 번호도** 부를 때마다 다를 수 있습니다.
- 돌려줄 것은 단어마다 값 3개를 내는 Keras 모델입니다. 세 값 가운데 가장 큰 것의 번호를 모델의 태그로
  봅니다.
- 쓸 수 있는 층은 `Input`, `SimpleRNN`, `LSTM`, `GRU`, `Dense`, `TimeDistributed`, `Activation`, `Softmax`,
  `Dropout`입니다. 층과 유닛의 수, 손실 함수, 옵티마이저, 학습률은 마음대로 정하세요.
- 학습률을 잘 고르면 100 에포크 안에 됩니다. 몇 분이 지나도 끝나지 않으면 채점기가 멈춥니다.

처음 보는 60문장의 180단어 가운데 95% 이상을 맞히면 4점, 99% 이상을 맞히면 7점입니다. 가중치의 초깃값은 무작위이므로
채점기는 세 번까지 시도하게 하여 가장 좋은 결과를 봅니다.
""",
        en="""
English says subject, verb, object; Korean says subject, object, verb. The sentences of this question come in
both orders. Korean marks the roles with particles; here they are left out, so that only the words remain.

| order | sentence | in Korean | tags |
|---|---|---|---|
| English | John loves Jane | 존이 제인을 사랑한다 | S V O |
| Korean | John Jane loves | 존이 제인을 사랑한다 | S O V |
| English | Mina sees Theo | 미나가 테오를 본다 | S V O |
| Korean | Mina Theo sees | 미나가 테오를 본다 | S O V |

There are six names, John, Jane, Alex, Mina, Theo and Hana, and two verbs, loves and sees. Two different names
and a verb make 120 sentences in the two orders together. Complete `tag_mixed_order(X, Y)`. It gets 60 of them,
chosen at random, with their tags, **builds a model, trains it and returns it**. The other 60 are what it is
graded on.

- `X` is a float32 array of shape `(60, 3, 8)`: sentences as one-hot vectors.
- `Y` is an array of shape `(60, 3, 1)` with a whole-number tag for each word: 0, 1 or 2. From call to call the
  words may be numbered differently, and **so may the tags**.
- Return a Keras model that gives 3 values for every word. The number of the largest of the three is taken as
  the model's tag.
- Allowed layers: `Input`, `SimpleRNN`, `LSTM`, `GRU`, `Dense`, `TimeDistributed`, `Activation`, `Softmax` and
  `Dropout`. The number of layers and units, the loss, the optimizer and its learning rate are yours to choose.
- With a well-chosen learning rate, 100 epochs are enough. Training that has not ended after some minutes is
  stopped.

Of the 180 words of the 60 new sentences, 95 % right earn 4 points and 99 % right earn all 7. Weights start at
random, so the grader lets your function try up to three times and takes the best result.
""",
    ),
    source="lecture notebook, the tagging problem taken further",
    returns="model",
    needs_tensorflow=True,
)

NAMES, VERBS = 6, 2
SHAPE = (3, 3)
"""Words of a sentence, tags."""
NUMBERINGS = ([0, 2, 1], [2, 1, 0], [1, 0, 2])
"""Numbers of S, V and O: never those of the lecture, which would fit an answer that ignores Y."""
TRIES = (9, 35, 60)
"""Seeds for the answer. With 60 updates at a learning rate of 0.1, an LSTM of 16 units stays below 99 % from 1
of 30,000 random initial weights and splits, and never below 95 %: it fails in fewer than 1 of 10,000 even with
a single try."""


@question.answer
def tag_mixed_order(X, Y):
    """(60, 3, 8), (60, 3, 1) -> keras.Model: (sentences, 3, 8) -> (sentences, 3, 3)"""
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    tags = keras.layers.Dense(3, activation="softmax")
    model = keras.Sequential([keras.Input((3, X.shape[-1])), reader, tags])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    # one update each, as an epoch of `fit` with batch_size=60 makes, in a fraction of its time
    for _ in range(60):
        model.train_on_batch(X, Y)
    return model


@question.example
def example(tag_mixed_order):
    import itertools

    import keras
    import numpy as np

    sentences, roles = [], []
    for (one, other), action in itertools.product(itertools.permutations(range(2, 8), 2), range(2)):
        sentences += [[one, action, other], [one, other, action]]
        roles += [[2, 0, 1], [2, 1, 0]]
    shuffled = np.random.default_rng(4).permutation(len(sentences))
    X = np.eye(8, dtype="float32")[np.array(sentences)[shuffled]]
    Y = np.array(roles, dtype="float32")[shuffled, :, np.newaxis]
    trained = tag_mixed_order(X[:60], Y[:60])
    assert isinstance(trained, keras.Model)
    best = np.argmax(trained(X[60:]), axis=-1)
    print(np.mean(best == Y[60:, :, 0]))
    assert np.mean(best == Y[60:, :, 0]) >= 0.95


@question.cases
def cases(rng):
    words = rng.permutation(NAMES + VERBS)
    subject, verb, obj = NUMBERINGS[rng.integers(len(NUMBERINGS))]
    sentences, tags = [], []
    for (who, whom), action in itertools.product(itertools.permutations(words[:NAMES], 2), words[NAMES:]):
        sentences += [[who, action, whom], [who, whom, action]]
        tags += [[subject, verb, obj], [subject, obj, verb]]
    order = rng.permutation(len(sentences))
    hot = np.eye(NAMES + VERBS, dtype=np.float32)[np.array(sentences)[order]]
    numbers = np.array(tags, dtype=np.float32)[order, :, np.newaxis]
    return [Case(hot[:60], numbers[:60], hot[60:], numbers[60:])]


@question.asks
def asks(session, case):
    X, Y, new, new_tags = case.args
    best = None
    for seed in TRIES:
        session.seed(seed)
        model = session.describe(session.keep("tag_mixed_order", X, Y))
        found = outcome(model, X, Y, new, new_tags)
        if best is None or merit(found) > merit(best):
            best = found
        if is_settled(found):
            break
    return best


def merit(found):
    """What tells a better try from a worse one: checks passed, then words."""
    return (found["new"] >= 0.95 * 180) + (found["new"] >= 0.99 * 180), found["new"]


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


def at_least(got, case, share):
    """Fail where the model tags fewer of the new words right."""
    recurrent.values_a_word(got["shape"], [120, *SHAPE])
    if not got["finite"]:
        raise Fail(
            Text(
                ko="모델의 출력이 수가 아닙니다(nan). 학습이 발산했으니 학습률을 낮춰 보세요.",
                en="the model's outputs are not numbers (nan): training ran away; lower the learning rate",
            )
        )
    words = case.args[3].size
    if got["new"] / words < share:
        raise Fail(
            Text(
                ko=f"처음 보는 {words}단어 가운데 {got['new']}개에만 맞는 태그를 붙였습니다.",
                en=f"the model gave the right tag to {got['new']} of the {words} new words",
            )
        )


@question.check(
    points=4,
    text=Text(
        ko="처음 보는 문장의 단어 가운데 95% 이상에 맞는 태그를 붙인다",
        en="gives the right tag to at least 95 % of the words of new sentences",
    ),
)
def reads_both_orders(got, case, want):
    at_least(got, case, 0.95)


@question.check(
    points=3,
    text=Text(
        ko="처음 보는 문장의 단어 가운데 99% 이상에 맞는 태그를 붙인다",
        en="gives the right tag to at least 99 % of the words of new sentences",
    ),
)
def hardly_ever_errs(got, case, want):
    at_least(got, case, 0.99)


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
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_first_biases,
)
def never_fitted(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
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
        ko="모델이 아직 거의 배우지 않았습니다. 가장 큰 확률도 1/3에서 멀지 않습니다. ‘학습’ 절의 손실 "
        "곡선처럼 학습률과 에포크 수를 함께 보세요.",
        en="The model has hardly learnt yet: even its largest probabilities are not far from 1/3. Look at "
        "the learning rate and the number of epochs together, as with the loss curves in “Training”.",
    ),
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_little_training,
)
def trained_too_little(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
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
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_a_great_rate,
)
def rate_too_large(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
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
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_a_loss_for_amounts,
)
def loss_for_amounts(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
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
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_no_softmax,
)
def no_softmax(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3)])
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
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_no_memory,
)
def words_looked_at_alone(X, Y):
    import keras

    hidden = keras.layers.Dense(16, activation="relu")
    model = keras.Sequential([keras.Input((3, 8)), hidden, keras.layers.Dense(3, activation="softmax")])
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
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_positions,
)
def positions_counted(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
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
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_one_tag,
)
def one_tag_for_all(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
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
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_shifted_tags,
)
def neighbours_tag(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
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
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_other_numbers,
)
def other_numbers(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(60):
        model.train_on_batch(X, (Y + 1) % 3)
    return model


def shows_one_tag_a_sentence(got, case, want):
    expect.shown(len(got["shape"]) == 2)


@question.misconception(
    text=Text(
        ko="문장마다 답이 하나뿐입니다. 단어마다 답하려면 순환층이 모든 시점의 은닉 상태를 내보내야 합니다.",
        en="There is one answer per sentence. For one per word, the recurrent layer has to give its hidden state at "
        "every time step.",
    ),
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_one_tag_a_sentence,
)
def one_tag_a_sentence(X, Y):
    import keras

    model = keras.Sequential([keras.Input((3, 8)), keras.layers.LSTM(16)])
    model.add(keras.layers.Dense(3, activation="softmax"))
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
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_one_number_a_word,
)
def one_number_a_word(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mse", run_eagerly=True)
    model.train_on_batch(X, Y)
    return model

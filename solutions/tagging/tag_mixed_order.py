"""English and Korean word order in one model: position alone no longer tells the tags, nor does the word."""

import itertools

import numpy as np

from autograder import Case, Fail, Question, Text

from ._shared import (
    DATA_SECTION,
    FIT_SECTION,
    FROZEN,
    LOSS_FOR_AMOUNTS,
    MODEL_SECTION,
    NEIGHBOURS_TAG,
    NEVER_FITTED,
    NO_SOFTMAX,
    ONE_NUMBER_A_WORD,
    ONE_TAG_A_SENTENCE,
    ONE_TAG_FOR_ALL,
    ONLY_THE_FIRST,
    OTHER_NUMBERS,
    POSITIONS_COUNTED,
    RATE_TOO_LARGE,
    TRAINING_SECTION,
    WORDS_LOOKED_AT_ALONE,
    WORDS_REVERSED,
    best_try,
    must_tag,
    shows_a_frozen_layer,
    shows_a_great_rate,
    shows_a_loss_for_amounts,
    shows_first_biases,
    shows_little_training,
    shows_no_memory,
    shows_no_softmax,
    shows_one_number_a_word,
    shows_one_tag,
    shows_one_tag_a_sentence,
    shows_other_numbers,
    shows_positions,
    shows_reversed_words,
    shows_shifted_tags,
    shows_the_first_alone,
)

question = Question(
    title=Text(ko="두 가지 어순 읽기", en="Reading two word orders"),
    statement=Text(
        ko="""
영어는 ‘주어 동사 목적어’, 한국어는 ‘주어 목적어 동사’ 순으로 말합니다. 이 문제의 문장에는 두 어순이 섞여
있습니다. 한국어에서 역할을 알려 주는 조사는 빼고 단어만 남깁니다.

| 어순 | 본래 문장 | 단어만 남긴 문장 | 태그 |
|---|---|---|---|
| 영어 | John loves Jane | John loves Jane | S V O |
| 한국어 | 존이 제인을 사랑한다 | John Jane loves | S O V |
| 영어 | Mina sees Theo | Mina sees Theo | S V O |
| 한국어 | 미나가 테오를 본다 | Mina Theo sees | S O V |

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
- 학습률을 잘 고르면 100 에포크 안에 됩니다. 몇 분이 지나도 끝나지 않으면 채점기가 학습을 중단합니다.

처음 보는 60문장의 180단어 가운데 95% 이상을 맞히면 4점, 99% 이상을 맞히면 7점입니다. 가중치의 초깃값은 무작위이므로
채점기는 세 번까지 시도하게 하여 가장 좋은 결과를 봅니다.
""",
        en="""
The order of English is subject, verb, object; that of Korean is subject, object, verb. The sentences of this
question come in both orders. Korean marks the roles with particles; here they are left out, so that only the
words remain.

| order | full sentence | words that remain | tags |
|---|---|---|---|
| English | John loves Jane | John loves Jane | S V O |
| Korean | 존이 제인을 사랑한다 | John Jane loves | S O V |
| English | Mina sees Theo | Mina sees Theo | S V O |
| Korean | 미나가 테오를 본다 | Mina Theo sees | S O V |

There are six names, John, Jane, Alex, Mina, Theo and Hana, and two verbs, loves and sees. Two different names
and a verb, in both word orders, make 120 sentences. Complete `tag_mixed_order(X, Y)`. It gets 60 of them,
chosen at random, with their tags, **builds a model, trains it and returns it**. It is graded on the other 60.

- `X` is a float32 array of shape `(60, 3, 8)`: sentences as one-hot vectors.
- `Y` is an array of shape `(60, 3, 1)` with a whole-number tag for each word: 0, 1 or 2. From call to call the
  words may be numbered differently, and **so may the tags**.
- Return a Keras model that gives 3 values for every word. The index of the largest of the three is the
  model's tag.
- Allowed layers: `Input`, `SimpleRNN`, `LSTM`, `GRU`, `Dense`, `TimeDistributed`, `Activation`, `Softmax` and
  `Dropout`. Choose the number of layers and units, the loss, the optimizer and its learning rate freely.
- With a well-chosen learning rate, 100 epochs are enough. The grader stops training that takes more than a few
  minutes.

Of the 180 words of the 60 new sentences, at least 95% right earn 4 points, at least 99% all 7. Weights start at
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
"""Seeds for the answer. With 60 updates at a learning rate of 0.1, an LSTM of 16 units stays below 99% from 1
of 30,000 random initial weights and splits, and never below 95%: it fails in fewer than 1 of 10,000 even with
a single try."""


@question.answer
def tag_mixed_order(X, Y):
    """(60, 3, 8), (60, 3, 1) -> keras.Model: (sentences, 3, 8) -> (sentences, 3, 3)

    A call of train_on_batch makes one update, as an epoch of fit with batch_size=60 does, and is much faster.
    """
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    tags = keras.layers.Dense(3, activation="softmax")
    model = keras.Sequential([keras.Input((3, X.shape[-1])), reader, tags])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
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
    return best_try(session, "tag_mixed_order", case, seeds=TRIES, shape=SHAPE, merit=merit)


def merit(found):
    """What tells a better try from a worse one: checks passed, then words."""
    return (found["new"] >= 0.95 * 180) + (found["new"] >= 0.99 * 180), found["new"]


def at_least(got, case, share):
    """Fail where the model tags fewer of the new words right."""
    must_tag(got)
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
        en="gives the right tag to at least 95% of the words of new sentences",
    ),
)
def reads_both_orders(got, case, want):
    at_least(got, case, 0.95)


@question.check(
    points=3,
    text=Text(
        ko="처음 보는 문장의 단어 가운데 99% 이상에 맞는 태그를 붙인다",
        en="gives the right tag to at least 99% of the words of new sentences",
    ),
)
def hardly_ever_errs(got, case, want):
    at_least(got, case, 0.99)


@question.misconception(
    text=NEVER_FITTED,
    section=FIT_SECTION,
    fails=[reads_both_orders, hardly_ever_errs],
    seen_in=shows_first_biases,
)
def never_fitted(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    return model


@question.misconception(
    text=Text(
        ko="모델이 아직 충분히 배우지 않아 어느 태그에도 확신이 없습니다. ‘학습’ 절의 손실 곡선처럼 학습률과 에포크 "
        "수를 함께 보세요.",
        en="The model has not learnt enough yet: it is unsure of its tags. Look at "
        "the learning rate and the number of epochs together, as with the loss curves in “Training”.",
    ),
    section=TRAINING_SECTION,
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


@question.misconception(
    text=RATE_TOO_LARGE,
    section=TRAINING_SECTION,
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


@question.misconception(
    text=LOSS_FOR_AMOUNTS,
    section=MODEL_SECTION,
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


@question.misconception(
    text=NO_SOFTMAX,
    section=MODEL_SECTION,
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


@question.misconception(
    text=WORDS_LOOKED_AT_ALONE,
    section=DATA_SECTION,
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


@question.misconception(
    text=POSITIONS_COUNTED, fails=[reads_both_orders, hardly_ever_errs], seen_in=shows_positions
)
def positions_counted(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(40):
        model.train_on_batch(X, np.repeat(Y[:1], len(X), axis=0))
    return model


@question.misconception(
    text=ONE_TAG_FOR_ALL,
    section=DATA_SECTION,
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


@question.misconception(
    text=NEIGHBOURS_TAG,
    section=DATA_SECTION,
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


@question.misconception(
    text=OTHER_NUMBERS,
    section=DATA_SECTION,
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


@question.misconception(
    text=FROZEN, fails=[reads_both_orders, hardly_ever_errs], seen_in=shows_a_frozen_layer
)
def frozen(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
    model.trainable = False
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", run_eagerly=True)
    model.train_on_batch(X, Y)
    return model


@question.misconception(
    text=ONLY_THE_FIRST, fails=[reads_both_orders, hardly_ever_errs], seen_in=shows_the_first_alone
)
def only_the_first(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(40):
        model.train_on_batch(X[:1], Y[:1])
    return model


@question.misconception(
    text=WORDS_REVERSED, fails=[reads_both_orders, hardly_ever_errs], seen_in=shows_reversed_words
)
def words_reversed(X, Y):
    import keras

    reader = keras.layers.LSTM(16, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 8)), reader, keras.layers.Dense(3, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(60):
        model.train_on_batch(X[:, ::-1], Y)
    return model


@question.misconception(
    text=ONE_TAG_A_SENTENCE,
    section=MODEL_SECTION,
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


@question.misconception(
    text=ONE_NUMBER_A_WORD,
    section=MODEL_SECTION,
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

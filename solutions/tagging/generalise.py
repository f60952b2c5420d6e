"""Sentences that were not in training: does the model read them as well, wherever the words stand?"""

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
    title=Text(ko="처음 보는 문장 읽기", en="Reading unseen sentences"),
    statement=Text(
        ko="""
‘존이 제인을 본다’는 영어로 John sees Jane입니다. 여기에 now(지금)를 자연스럽게 넣을 자리는 셋입니다. now의 태그는
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
- 학습률을 잘 고르면 100 에포크 안에 됩니다. 몇 분이 지나도 끝나지 않으면 채점기가 학습을 중단합니다.

받은 12문장의 48단어를 모두 맞히면 2점, 처음 보는 6문장의 24단어 가운데 23개 이상을 맞히면 2점입니다. 위치만 세거나
단어를 하나씩 따로 보아서는 어느 쪽도 얻지 못합니다. 가중치의 초깃값은 무작위이므로 채점기는 세 번까지 시도하게 하여
가장 좋은 결과를 봅니다.
""",
        en="""
The word “now” fits into the sentence “John sees Jane” in three natural places. Its tag is A, for adverbial.

| sentence | tags |
|---|---|
| now John sees Jane | A S V O |
| John now sees Jane | S A V O |
| John sees Jane now | S V O A |

With two of John, Jane and Alex as subject and object, this makes 18 sentences. Complete `generalise(X, Y)`. It
gets 12 of them with their tags, **builds a model, trains it and returns it**. The grader then also
tests the model on the 6 sentences that it was not shown.

- `X` is a float32 array of shape `(12, 4, 5)`: 12 sentences of 4 words as one-hot vectors, 5 numbers per word. The
  split is fair: in these sentences, each of the three names occurs both as a subject and as an object.
- `Y` is an array of shape `(12, 4, 1)` with a whole-number tag for each word: 0, 1, 2 or 3.
- From call to call the words may be numbered differently, and **so may the tags**: a subject need not be 0.
- Return a Keras model that reads 5 numbers per word and gives 4 values for every word. The index of the largest
  of the four is the model's tag.
- Allowed layers: `Input`, `SimpleRNN`, `LSTM`, `GRU`, `Dense`, `TimeDistributed`, `Activation`, `Softmax` and
  `Dropout`. Choose the number of layers and units, the loss, the optimizer and its learning rate freely.
- With a well-chosen learning rate, 100 epochs are enough. The grader stops training that takes more than a few
  minutes.

Tagging all 48 words of the 12 given sentences right earns 2 points, and at least 23 of the 24 words of the 6 new
sentences earn 2 points. Counting positions earns neither, nor does looking at each word alone. Weights start at
random, so the grader lets your function try up to three times and takes the best result.
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
    """(12, 4, 5), (12, 4, 1) -> keras.Model: (sentences, 4, 5) -> (sentences, 4, 4)

    A call of train_on_batch makes one update, as an epoch of fit does with so few sentences, and is much faster.
    """
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    tags = keras.layers.Dense(4, activation="softmax")
    model = keras.Sequential([keras.Input(X.shape[1:]), reader, tags])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
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
    return best_try(session, "generalise", case, seeds=TRIES, shape=SHAPE, merit=merit)


def merit(found):
    """What tells a better try from a worse one: checks passed, then words."""
    return (found["known"] == 48) + (found["new"] >= 23), found["known"] + found["new"]


def must_read(got):
    """Fail where the output is not one set of tags for each word, or does not depend on the words."""
    must_tag(got)
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
    must_read(got)
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
    must_read(got)
    if got["new"] < 23:
        raise Fail(
            Text(
                ko=f"처음 보는 24단어 가운데 {got['new']}개에만 맞는 태그를 붙였습니다.",
                en=f"the model gave the right tag to {got['new']} of the 24 new words",
            )
        )


@question.misconception(
    text=NEVER_FITTED,
    section=FIT_SECTION,
    fails=[fits_the_known_sentences, reads_new_sentences],
    seen_in=shows_first_biases,
)
def never_fitted(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
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


@question.misconception(
    text=RATE_TOO_LARGE,
    section=TRAINING_SECTION,
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


@question.misconception(
    text=LOSS_FOR_AMOUNTS,
    section=MODEL_SECTION,
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


@question.misconception(
    text=NO_SOFTMAX,
    section=MODEL_SECTION,
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


@question.misconception(
    text=WORDS_LOOKED_AT_ALONE,
    section=DATA_SECTION,
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


@question.misconception(
    text=POSITIONS_COUNTED, fails=[fits_the_known_sentences, reads_new_sentences], seen_in=shows_positions
)
def positions_counted(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(40):
        model.train_on_batch(X, np.repeat(Y[:1], len(X), axis=0))
    return model


@question.misconception(
    text=ONE_TAG_FOR_ALL,
    section=DATA_SECTION,
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


@question.misconception(
    text=NEIGHBOURS_TAG,
    section=DATA_SECTION,
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


@question.misconception(
    text=OTHER_NUMBERS,
    section=DATA_SECTION,
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


@question.misconception(
    text=FROZEN, fails=[fits_the_known_sentences, reads_new_sentences], seen_in=shows_a_frozen_layer
)
def frozen(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.trainable = False
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", run_eagerly=True)
    model.train_on_batch(X, Y)
    return model


@question.misconception(
    text=ONLY_THE_FIRST, fails=[fits_the_known_sentences, reads_new_sentences], seen_in=shows_the_first_alone
)
def only_the_first(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(40):
        model.train_on_batch(X[:1], Y[:1])
    return model


@question.misconception(
    text=WORDS_REVERSED, fails=[fits_the_known_sentences, reads_new_sentences], seen_in=shows_reversed_words
)
def words_reversed(X, Y):
    import keras

    reader = keras.layers.LSTM(8, return_sequences=True)
    model = keras.Sequential([keras.Input((4, 5)), reader, keras.layers.Dense(4, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(60):
        model.train_on_batch(X[:, ::-1], Y)
    return model


@question.misconception(
    text=ONE_TAG_A_SENTENCE,
    section=MODEL_SECTION,
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


@question.misconception(
    text=ONE_NUMBER_A_WORD,
    section=MODEL_SECTION,
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

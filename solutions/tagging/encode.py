"""Sentences as one-hot arrays: which shape, which order, which dtype?"""

import numpy as np

from autograder import Case, Question, Text, expect

question = Question(
    title=Text(ko="문장을 원-핫 배열로 바꾸기", en="Sentences as one-hot arrays"),
    statement=Text(
        ko="""
문장의 단어를 하나씩 원-핫 벡터로 바꾸는 함수 `encode(sentences, vocab)`를 완성하세요.

- `sentences`는 문자열의 리스트입니다. 단어는 빈칸 하나로 나뉘고, 한 번에 주어지는 문장들은 단어의 개수가
  모두 같습니다.
- `vocab`은 서로 다른 단어의 리스트입니다. 문장에 나오는 단어는 모두 `vocab`에 있고, **`vocab`에서의
  위치**가 곧 1이 놓이는 자리입니다. 순서는 강의에서와 다를 수 있습니다.
- 모양이 `(문장의 개수, 문장당 단어의 개수, len(vocab))`이고 dtype이 `float32`인 NumPy 배열을 돌려줍니다.
""",
        en="""
Complete `encode(sentences, vocab)`, which turns every word of every sentence into a one-hot vector.

- `sentences` is a list of strings. Words are separated by one space, and all sentences of one call have
  equally many words.
- `vocab` is a list of different words. Every word of the sentences is in it, and **its position in
  `vocab`** is where the 1 goes. The order may differ from the lecture's.
- Return a NumPy array of shape `(number of sentences, words per sentence, len(vocab))` and dtype `float32`.
""",
    ),
    source="lecture notebook, training data of the tagging problem",
    sample=(["Jane loves John", "Alex loves Jane"], ["loves", "Alex", "Jane", "John"]),
    returns="array",
)


@question.answer
def encode(sentences, vocab):
    """One-hot vectors of the words of some sentences.

    sentences: list of str, words separated by one space, equally many in each.
    vocab: list of different words; the position of a word is the position of its 1.
    Returns a float32 array of shape (sentences, words per sentence, len(vocab)).
    문장마다, 단어마다 원-핫 벡터 하나를 담은 float32 배열을 돌려줍니다.
    """
    places = [[vocab.index(word) for word in sentence.split()] for sentence in sentences]
    return np.eye(len(vocab), dtype=np.float32)[np.array(places)]


@question.example
def example(encode):
    import numpy as np

    got = encode(["we read", "you read"], ["read", "write", "you", "we", "they"])
    assert isinstance(got, np.ndarray)
    assert got.shape == (2, 2, 5)
    assert got.dtype == np.float32
    assert got[0].tolist() == [[0, 0, 0, 1, 0], [1, 0, 0, 0, 0]]
    assert got[1].tolist() == [[0, 0, 1, 0, 0], [1, 0, 0, 0, 0]]


@question.cases
def cases(rng):
    words = ["John", "loves", "Jane", "Alex", "sees", "Mina", "helps", "Theo", "calls", "today"]
    lecture = [str(word) for word in rng.permutation(words[:4])]
    drawn = [Case(["John loves Jane", "Jane loves Alex"], lecture)]
    for n_sentences, n_words, n_vocab in ((1, 3, 4), (2, 2, 5), (3, 4, 7), (4, 5, 6), (5, 3, 7)):
        vocab = [str(word) for word in rng.permutation(words)[:n_vocab]]
        texts = [" ".join(rng.choice(vocab, n_words)) for _ in range(n_sentences)]
        drawn.append(Case(texts, vocab))
    return drawn


@question.check(
    points=2,
    text=Text(
        ko="단어마다 vocab에서의 자리에만 1이 있다",
        en="each word has a 1 at its place in vocab and nowhere else",
    ),
)
def one_hot(got, case, want):
    expect.array(got, want)


@question.check(points=1, text=Text(ko="dtype이 float32이다", en="the dtype is float32"), needs=one_hot)
def is_float32(got, case, want):
    expect.dtype(got, "float32")


@question.misconception(
    text=Text(
        ko="단어의 번호를 그대로 돌려주었습니다. 번호마다 길이가 len(vocab)인 벡터가 되어야 합니다.",
        en="The words' numbers came back: each number should still become a vector as long as vocab.",
    ),
    fails=[one_hot],
)
def indices_only(sentences, vocab):
    return np.array([[vocab.index(word) for word in text.split()] for text in sentences], dtype=np.float32)


@question.misconception(
    text=Text(
        ko="단어가 문장에 처음 나온 차례로 번호를 매겼습니다. 번호는 vocab의 순서를 따라야 합니다.",
        en="The words are numbered in the order in which the sentences bring them up. Which list sets the "
        "order?",
    ),
    fails=[one_hot],
)
def order_of_appearance(sentences, vocab):
    met = list(dict.fromkeys(word for text in sentences for word in text.split()))
    hot = np.eye(len(vocab), dtype=np.float32)
    return np.stack([[hot[met.index(word)] for word in text.split()] for text in sentences])


@question.misconception(
    text=Text(
        ko="vocab을 가나다(알파벳) 순으로 다시 늘어놓았습니다. 주어진 순서를 그대로 쓰세요.",
        en="vocab was put into alphabetical order first. Use it in the order in which it is given.",
    ),
    fails=[one_hot],
)
def sorted_vocab(sentences, vocab):
    listed = sorted(vocab)
    hot = np.eye(len(listed), dtype=np.float32)
    return np.stack([[hot[listed.index(word)] for word in text.split()] for text in sentences])


@question.misconception(
    text=Text(
        ko="한 문장의 단어 벡터들을 한 줄로 이어 붙였습니다. 순환층은 단어(시점)마다 벡터를 따로 받습니다.",
        en="The vectors of a sentence were joined into one row. A recurrent layer reads one vector a word, "
        "so words need an axis of their own.",
    ),
    fails=[one_hot],
)
def flattened(sentences, vocab):
    hot = np.eye(len(vocab), dtype=np.float32)
    return np.stack([hot[[vocab.index(word) for word in text.split()]].ravel() for text in sentences])


@question.misconception(
    text=Text(
        ko="단어 축과 vocab 축이 바뀌었습니다. 마지막 축이 한 단어의 벡터여야 합니다.",
        en="The axis of the words and the axis of vocab have changed places: the last axis is one word's "
        "vector.",
    ),
    fails=[one_hot],
)
def axes_swapped(sentences, vocab):
    hot = np.eye(len(vocab), dtype=np.float32)
    return np.stack([hot[:, [vocab.index(word) for word in text.split()]] for text in sentences])


@question.misconception(
    text=Text(
        ko="문장 하나를 벡터 하나로 더했습니다. 그러면 누가 먼저 나왔는지가 사라집니다. 단어마다 벡터를 "
        "하나씩 두세요.",
        en="A sentence was summed into one vector, which forgets the order of its words. Keep one vector "
        "a word.",
    ),
    fails=[one_hot],
)
def bag_of_words(sentences, vocab):
    hot = np.eye(len(vocab), dtype=np.float32)
    return np.stack([hot[[vocab.index(word) for word in text.split()]].sum(axis=0) for text in sentences])


@question.misconception(
    text=Text(
        ko="값은 맞지만 NumPy의 기본 실수형으로 남아 있습니다. Keras의 가중치와 같은 실수형으로 바꾸세요.",
        en="The values are right, but they are still NumPy's default kind of float. Give them the one that "
        "Keras's weights have.",
    ),
    fails=[is_float32],
)
def left_as_float64(sentences, vocab):
    return np.eye(len(vocab))[[[vocab.index(word) for word in text.split()] for text in sentences]]


@question.misconception(
    text=Text(
        ko="값은 맞지만 정수 배열입니다. 신경망의 입력은 실수로 두세요.",
        en="The values are right, but the array holds integers. A network's input should be floats.",
    ),
    fails=[is_float32],
)
def left_as_integers(sentences, vocab):
    return np.array(
        [[[int(word == known) for known in vocab] for word in text.split()] for text in sentences]
    )

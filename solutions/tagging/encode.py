"""Sentences as one-hot arrays: which shape, which order, which dtype?"""

import numpy as np

from autograder import Case, Fail, Question, Text, expect

question = Question(
    title=Text(ko="문장을 원-핫 배열로 바꾸기", en="Sentences as one-hot arrays"),
    statement=Text(
        ko="""
문장의 단어를 하나씩 원-핫 벡터로 바꾸는 함수 `encode(sentences, vocab)`를 완성하세요.

- `sentences`는 문자열의 리스트입니다. 단어는 빈칸 하나로 나뉘고, 한 번에 주어지는 문장들은 단어의 개수가
  모두 같습니다. 한 단어짜리 문장도 있습니다.
- `vocab`은 서로 다른 단어의 리스트입니다. 문장에 나오는 단어는 모두 `vocab`에 있고, **`vocab`에서의
  위치**가 곧 1이 놓이는 자리입니다. 순서는 위의 예와 다를 수 있습니다. `may`와 `May`처럼 대소문자만 달라도
  다른 단어입니다.
- 모양이 `(문장의 개수, 문장당 단어의 개수, len(vocab))`이고 dtype이 `float32`인 NumPy 배열을 돌려줍니다.
""",
        en="""
Complete `encode(sentences, vocab)`, which turns every word of every sentence into a one-hot vector.

- `sentences` is a list of strings. Words are separated by one space, and all sentences in one call have the
  same number of words, which may be one.
- `vocab` is a list of different words. Every word of the sentences is in it, and **its position in
  `vocab`** is where the 1 goes. The order may differ from the one above. Words that differ only in upper and
  lower case, such as `may` and `May`, are different words.
- Return a NumPy array of shape `(number of sentences, words per sentence, len(vocab))` and dtype `float32`.
""",
    ),
    source="lecture notebook, training data of the tagging problem",
    sample=(["Jane loves John", "Alex loves Jane"], ["loves", "Alex", "Jane", "John"]),
    returns="array",
)


@question.answer
def encode(sentences, vocab):
    """list[str], list[str] -> float32 (sentences, words, len(vocab))"""
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
    assert encode(["may"], ["May", "may"]).tolist() == [[[0, 1]]]


@question.cases
def cases(rng):
    words = ["John", "loves", "Jane", "Alex", "sees", "Mina", "helps", "Theo", "calls", "today"]
    lecture = [str(word) for word in rng.permutation(words[:4])]
    drawn = [Case(["John loves Jane", "Jane loves Alex"], lecture)]
    for n_sentences, n_words, n_vocab in ((1, 3, 4), (2, 2, 5), (3, 4, 7), (4, 5, 6), (5, 3, 7)):
        vocab = [str(word) for word in rng.permutation(words)[:n_vocab]]
        texts = [" ".join(rng.choice(vocab, n_words)) for _ in range(n_sentences)]
        drawn.append(Case(texts, vocab))
    # words that differ only in case, or that are parts and beginnings of others; sentences of one word, one twice
    drawn.append(
        Case(["Will may call May", "May will call Will"], ["call", "may", "Will", "May", "will", "must"])
    )
    drawn.append(Case(["he hears her here", "she hears he her"], ["she", "here", "he", "her", "hears"]))
    drawn.append(Case(["go", "wait", "go"], ["go", "run", "wait", "stop"]))
    return drawn


def of_one_word(case):
    return " " not in case.args[0][0]


def of_several_words(case):
    return not of_one_word(case)


@question.check(
    points=1,
    text=Text(
        ko="단어마다 vocab에서의 자리에만 1이 있다",
        en="each word has a 1 at its place in vocab and nowhere else",
    ),
    when=of_several_words,
)
def one_hot(got, case, want):
    vectors(got, want)


def vectors(got, want):
    """Fail where the vectors are not those wanted, and say how they are no one-hot vectors."""
    found = expect.shape(got, want.shape).astype(float)
    if np.allclose(found, want, rtol=0, atol=1e-6):
        return
    ones = np.isclose(found, 1, rtol=0, atol=1e-6)
    number = ones.sum(axis=-1)
    if not np.all(ones | np.isclose(found, 0, rtol=0, atol=1e-6)):
        told = Text(
            ko="모양은 맞지만 배열에 0과 1이 아닌 수가 있습니다.",
            en="the shape is right, but the array holds numbers other than 0 and 1",
        )
    elif np.any(number > 1):
        told = Text(
            ko="모양은 맞지만 1이 둘 이상인 단어가 있습니다.",
            en="the shape is right, but there are words with more than one 1",
        )
    elif np.any(number == 0):
        told = Text(
            ko="모양은 맞지만 1이 하나도 없는 단어가 있습니다.",
            en="the shape is right, but there are words without a 1",
        )
    else:
        told = Text(
            ko="단어마다 1이 하나씩 있지만 제자리에 있지 않은 것이 있습니다.",
            en="each word has one 1, but not always at its place",
        )
    raise Fail(told)


@question.check(
    points=0.5,
    text=Text(ko="한 단어짜리 문장에서도 그렇다", en="the same holds for sentences of one word"),
    when=of_one_word,
    needs=one_hot,
)
def one_word_too(got, case, want):
    vectors(got, want)


@question.check(points=0.5, text=Text(ko="dtype이 float32이다", en="the dtype is float32"), needs=one_hot)
def is_float32(got, case, want):
    expect.dtype(got, "float32")


def numbers(sentences, vocab):
    """The place of each word in vocab."""
    return [[vocab.index(word) for word in text.split()] for text in sentences]


def hot(sentences, vocab):
    """The right vectors, without regard to a dtype."""
    return np.eye(len(vocab))[np.array(numbers(sentences, vocab))]


def by(compare, sentences, vocab):
    """An array of what a comparison of each word with each word of vocab gives."""
    return np.array(
        [[[float(compare(word, known)) for known in vocab] for word in text.split()] for text in sentences]
    )


def first_only(marked):
    """The same with only the first of several marks in a row."""
    return marked * (np.cumsum(marked, axis=-1) == 1)


def is_array(got, *wanted):
    """Whether what came back is an array of one of these values."""
    return isinstance(got, np.ndarray) and any(
        got.shape == one.shape and np.allclose(got.astype(float), one) for one in wanted
    )


def shows_numbers(got, case, want):
    found = np.array(numbers(*case.args))
    expect.shown(is_array(got, found, found[..., np.newaxis]))


@question.misconception(
    text=Text(
        ko="단어의 번호는 맞게 찾았습니다. 이제 카드의 예처럼 번호마다 길이가 len(vocab)인 벡터로 바꾸세요.",
        en="The words' numbers are right. Turn each of them into a vector as long as vocab, as in the example "
        "with the cards.",
    ),
    fails=[one_hot],
    seen_in=shows_numbers,
)
def indices_only(sentences, vocab):
    return np.array([[vocab.index(word) for word in text.split()] for text in sentences], dtype=np.float32)


def shows_appearance(got, case, want):
    sentences, vocab = case.args
    met = list(dict.fromkeys(" ".join(sentences).split()))
    expect.shown(
        is_array(got, hot(sentences, met), hot(sentences, met + [word for word in vocab if word not in met]))
    )


@question.misconception(
    text=Text(
        ko="단어가 문장에 처음 나온 순서로 번호를 매겼습니다. 번호는 vocab의 순서를 따라야 합니다.",
        en="The words are numbered in the order in which they appear in the sentences. Which list sets the "
        "order?",
    ),
    fails=[one_hot],
    seen_in=shows_appearance,
)
def order_of_appearance(sentences, vocab):
    met = list(dict.fromkeys(word for text in sentences for word in text.split()))
    hot = np.eye(len(vocab), dtype=np.float32)
    return np.stack([[hot[met.index(word)] for word in text.split()] for text in sentences])


def shows_the_alphabet(got, case, want):
    sentences, vocab = case.args
    met = sorted(set(" ".join(sentences).split()))
    others = [word for word in vocab if word not in met]
    expect.shown(is_array(got, *(hot(sentences, words) for words in (sorted(vocab), met, met + others))))


@question.misconception(
    text=Text(
        ko="단어를 가나다(알파벳) 순으로 다시 늘어놓았습니다. vocab의 순서를 그대로 쓰세요.",
        en="The words were put into alphabetical order first. Use vocab in the order in which it is given.",
    ),
    fails=[one_hot],
    seen_in=shows_the_alphabet,
)
def sorted_vocab(sentences, vocab):
    listed = sorted(vocab)
    hot = np.eye(len(listed), dtype=np.float32)
    return np.stack([[hot[listed.index(word)] for word in text.split()] for text in sentences])


def shifted(case, by):
    """The right vectors with every 1 moved on, the last place followed by the first."""
    return np.roll(hot(*case.args), by, axis=-1)


def shows_a_shift(got, case, want):
    expect.shown(is_array(got, shifted(case, 1), shifted(case, -1)))


@question.misconception(
    text=Text(
        ko="1이 모두 한 자리씩 밀려 있습니다. vocab에서의 위치는 0부터 셉니다.",
        en="Every 1 is off by one. Positions in vocab are counted from 0.",
    ),
    fails=[one_hot],
    seen_in=shows_a_shift,
)
def one_place_beside(sentences, vocab):
    return np.roll(np.eye(len(vocab), dtype=np.float32), 1, axis=1)[
        [[vocab.index(word) for word in text.split()] for text in sentences]
    ]


@question.misconception(
    text=Text(
        ko="번호를 1부터 매긴 것으로 보입니다. 그러면 vocab의 마지막 단어에는 자리가 없습니다. "
        "vocab에서의 위치는 0부터 "
        "셉니다.",
        en="The numbers seem to begin at 1, which leaves no place for the last word of vocab. From which number "
        "are positions counted?",
    ),
    fails=[one_hot],
)
def numbered_from_one(sentences, vocab):
    places = [[vocab.index(word) + 1 for word in text.split()] for text in sentences]
    return np.eye(len(vocab), dtype=np.float32)[np.array(places)]


def shows_a_place_too_many(got, case, want):
    right = hot(*case.args)
    spare = np.zeros((*right.shape[:2], 1))
    expect.shown(
        is_array(got, np.concatenate([spare, right], axis=-1), np.concatenate([right, spare], axis=-1))
    )


@question.misconception(
    text=Text(
        ko="벡터가 vocab보다 한 자리 깁니다. 남는 자리에 해당하는 단어가 있나요?",
        en="The vectors are one place longer than vocab. Which word would the extra place belong to?",
    ),
    fails=[one_hot],
    seen_in=shows_a_place_too_many,
)
def one_place_too_many(sentences, vocab):
    places = [[vocab.index(word) + 1 for word in text.split()] for text in sentences]
    return np.eye(len(vocab) + 1, dtype=np.float32)[np.array(places)]


def shows_the_largest_number(got, case, want):
    places = np.array(numbers(*case.args))
    short = np.eye(places.max() + 1)[places]
    expect.shown(is_array(got, short, np.squeeze(short, 1) if of_one_word(case) else short))


@question.misconception(
    text=Text(
        ko="벡터의 길이가 len(vocab)이 아니라 문장에 나온 가장 큰 번호에 따라 달라집니다. 문장에 나오지 않는 단어도 "
        "자리를 차지합니다. to_categorical을 썼다면 num_classes를 보세요.",
        en="The length of the vectors depends on the largest number in the sentences, not on vocab. Words that do "
        "not occur have a place, too. If you used to_categorical, look at num_classes.",
    ),
    fails=[one_hot],
    seen_in=shows_the_largest_number,
)
def as_long_as_the_largest_number(sentences, vocab):
    places = np.array([[vocab.index(word) for word in text.split()] for text in sentences])
    return np.eye(places.max() + 1, dtype=np.float32)[places]


def shows_case_ignored(got, case, want):
    loose = by(lambda word, known: word.lower() == known.lower(), *case.args)
    small = by(lambda word, known: word.lower() == known, *case.args)
    expect.shown(is_array(got, loose, first_only(loose), small))


@question.misconception(
    text=Text(
        ko="대문자를 소문자로 바꾸어 비교했습니다. 대소문자가 다르면 다른 단어입니다.",
        en="Words were compared ignoring upper and lower case. Words that differ in case are different words.",
    ),
    fails=[one_hot],
    seen_in=shows_case_ignored,
)
def case_ignored(sentences, vocab):
    lower = [word.lower() for word in vocab]
    places = [[lower.index(word.lower()) for word in text.split()] for text in sentences]
    return np.eye(len(vocab), dtype=np.float32)[np.array(places)]


PARTS = (
    lambda word, known: word in known,
    lambda word, known: known in word,
    lambda word, known: known.startswith(word),
    lambda word, known: word.startswith(known),
    lambda word, known: word[0] == known[0],
)


def shows_parts_of_words(got, case, want):
    marked = [by(compare, *case.args) for compare in PARTS]
    expect.shown(is_array(got, *marked, *map(first_only, marked)))


@question.misconception(
    text=Text(
        ko="단어를 통째로 비교하지 않았습니다. he가 she나 her의 일부이듯, 한 단어가 다른 단어의 일부일 수 있습니다. 두 "
        "문자열이 같은지 무엇으로 확인하는지 보세요.",
        en="Words were not compared whole: one word may be part of another, as “he” is of “she” and “her”. How do "
        "you test whether two strings are equal?",
    ),
    fails=[one_hot],
    seen_in=shows_parts_of_words,
)
def parts_of_words(sentences, vocab):
    marked = by(lambda word, known: word in known, sentences, vocab)
    return np.eye(len(vocab), dtype=np.float32)[marked.argmax(axis=-1)]


def shows_the_whole_sentence(got, case, want):
    sentences, vocab = case.args
    in_words = [[[float(one in text.split()) for one in vocab]] * len(text.split()) for text in sentences]
    in_text = [[[float(one in text) for one in vocab]] * len(text.split()) for text in sentences]
    expect.shown(is_array(got, np.array(in_words), np.array(in_text)))


@question.misconception(
    text=Text(
        ko="시점마다 문장에 나오는 모든 단어의 자리에 1이 있습니다. 시점 하나에는 단어 하나만 표시합니다. 문장 전체와 "
        "비교했는지, 벡터 하나를 모든 시점에 다시 썼는지 보세요.",
        en="At every time step all words of the sentence are marked, but only one belongs there. Do you compare "
        "with the whole sentence, or use one vector for all time steps?",
    ),
    fails=[one_hot],
    seen_in=shows_the_whole_sentence,
)
def whole_sentence_at_every_step(sentences, vocab):
    return np.array(
        [[[float(known in text.split()) for known in vocab] for _ in text.split()] for text in sentences],
        dtype=np.float32,
    )


def shows_a_vector_used_again(got, case, want):
    right = hot(*case.args)
    so_far = np.minimum(np.cumsum(right, axis=1), 1)
    over_all = np.minimum(np.cumsum(right.reshape(-1, right.shape[-1]), axis=0), 1).reshape(right.shape)
    expect.shown(is_array(got, so_far, over_all))


@question.misconception(
    text=Text(
        ko="앞 단어의 1이 다음 단어의 벡터에도 남아 있습니다. 0으로 채운 벡터를 언제 새로 만드나요?",
        en="The 1 of one word is still there in the vector of the next. When is a new vector of zeros made?",
    ),
    fails=[one_hot],
    seen_in=shows_a_vector_used_again,
)
def vector_used_again(sentences, vocab):
    rows = []
    for text in sentences:
        vector, row = np.zeros(len(vocab), dtype=np.float32), []
        for word in text.split():
            vector[vocab.index(word)] = 1
            row.append(vector.copy())
        rows.append(row)
    return np.array(rows)


@question.misconception(
    text=Text(
        ko="한 문장에 같은 단어가 두 번 나오면 두 번째는 표시되지 않습니다. words.index(word)는 처음 나온 "
        "시점만 알려 줍니다. 시점은 어떻게 셀 수 있을까요?",
        en="If a word occurs twice in a sentence, the second one is not marked: words.index(word) gives the "
        "first time step only. How can you count the time steps?",
    ),
    fails=[one_hot],
)
def time_step_by_index(sentences, vocab):
    array = np.zeros((len(sentences), len(sentences[0].split()), len(vocab)), dtype=np.float32)
    for row, text in zip(array, sentences, strict=True):
        for word in text.split():
            row[text.split().index(word), vocab.index(word)] = 1
    return array


@question.misconception(
    text=Text(
        ko="같은 문장이 두 번 주어지면 두 번째 자리는 비어 있습니다. sentences.index(sentence)는 처음 나온 "
        "문장만 알려 줍니다. 문장의 번호는 어떻게 셀 수 있을까요?",
        en="If a sentence is given twice, the second one stays empty: sentences.index(sentence) gives the "
        "first only. How can you count the sentences?",
    ),
    fails=[one_word_too],
)
def sentence_by_index(sentences, vocab):
    array = np.zeros((len(sentences), len(sentences[0].split()), len(vocab)), dtype=np.float32)
    for text in sentences:
        for place, word in enumerate(text.split()):
            array[sentences.index(text), place, vocab.index(word)] = 1
    return array


@question.misconception(
    text=Text(
        ko="한 단어짜리 문장에서 단어의 축이 사라졌습니다. keras의 to_categorical은 길이가 1인 마지막 축을 없앱니다. "
        "다른 방법을 쓰거나 모양을 되돌리세요.",
        en="With sentences of one word the axis of the words is gone. Keras's to_categorical drops a last axis of "
        "length 1: use another way, or restore the shape.",
    ),
    fails=[one_word_too],
)
def axis_of_one_word_lost(sentences, vocab):
    places = np.array([[vocab.index(word) for word in text.split()] for text in sentences])
    return np.eye(len(vocab), dtype=np.float32)[places[:, 0] if places.shape[1] == 1 else places]


def shows_an_early_return(got, case, want):
    one_sentence, one_word = np.zeros((2, *want.shape))
    one_sentence[0], one_word[0, 0] = want[0], want[0, 0]
    expect.shown(is_array(got, one_sentence, one_word))


@question.misconception(
    text=Text(
        ko="첫 문장, 또는 그 첫 단어까지만 채워지고 나머지는 0입니다. return이 반복문 안에 있지 않은지 보세요.",
        en="Only the first sentence, or its first word, is filled in; the rest is 0. Is the return inside a loop?",
    ),
    fails=[one_hot],
    seen_in=shows_an_early_return,
)
def returned_too_early(sentences, vocab):
    array = np.zeros((len(sentences), len(sentences[0].split()), len(vocab)), dtype=np.float32)
    for place, word in enumerate(sentences[0].split()):
        array[0, place, vocab.index(word)] = 1
    return array


def shows_one_sentence(got, case, want):
    expect.shown(is_array(got, want[:1], want[0], want[-1:], want[-1]))


@question.misconception(
    text=Text(
        ko="문장 하나만 돌아왔습니다. 반복할 때마다 결과를 모으는지, return이 반복문 안에 있지 않은지 보세요.",
        en="Only one sentence came back. Are the results collected in the loop, and is the return outside it?",
    ),
    fails=[one_hot],
    seen_in=shows_one_sentence,
)
def one_sentence_only(sentences, vocab):
    return np.eye(len(vocab), dtype=np.float32)[[vocab.index(word) for word in sentences[-1].split()]]


@question.misconception(
    text=Text(
        ko="문장당 단어가 셋이라고 정해 두었습니다. 단어의 개수는 문장에서 얻으세요.",
        en="Three words per sentence are assumed. Where can you read off their number?",
    ),
    fails=[one_hot],
)
def three_words_fixed(sentences, vocab):
    array = np.zeros((len(sentences), 3, len(vocab)), dtype=np.float32)
    for row, text in zip(array, sentences, strict=True):
        for place, word in enumerate(text.split()):
            row[place, vocab.index(word)] = 1
    return array


@question.misconception(
    text=Text(
        ko="vocab의 단어가 넷이라고 정해 두었습니다. 벡터의 길이는 vocab에서 얻으세요.",
        en="Four words in vocab are assumed. Where can you read off the length of a vector?",
    ),
    fails=[one_hot],
)
def four_known_words_fixed(sentences, vocab):
    array = np.zeros((len(sentences), len(sentences[0].split()), 4), dtype=np.float32)
    for row, text in zip(array, sentences, strict=True):
        for place, word in enumerate(text.split()):
            row[place, vocab.index(word)] = 1
    return array


@question.misconception(
    text=Text(
        ko="한 문장의 단어 벡터들을 한 줄로 이어 붙였습니다. 순환층은 단어(시점)마다 벡터를 따로 받습니다.",
        en="The vectors of a sentence were joined into one row. A recurrent layer reads one vector per word, so "
        "words need an axis of their own.",
    ),
    fails=[one_hot],
)
def flattened(sentences, vocab):
    hot = np.eye(len(vocab), dtype=np.float32)
    return np.stack([hot[[vocab.index(word) for word in text.split()]].ravel() for text in sentences])


@question.misconception(
    text=Text(
        ko="모든 문장의 단어가 축 하나에 이어져 있습니다. 어느 문장의 단어인지 알 수 있게 문장의 축을 따로 두세요.",
        en="The words of all sentences follow one another on one axis. Give the sentences an axis of their own.",
    ),
    fails=[one_hot],
)
def sentences_joined(sentences, vocab):
    hot = np.eye(len(vocab), dtype=np.float32)
    return hot[[vocab.index(word) for text in sentences for word in text.split()]]


def shows_other_axes(got, case, want):
    orders = [(0, 2, 1), (1, 0, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)]
    expect.shown(is_array(got, *(want.transpose(order) for order in orders)))


@question.misconception(
    text=Text(
        ko="값은 모두 있지만 축의 순서가 다릅니다. 문장, 단어, 벡터의 축이 순서대로 와야 합니다.",
        en="All values are there, but the axes are in the wrong order. The question asks for sentences, words, "
        "vectors.",
    ),
    fails=[one_hot],
    seen_in=shows_other_axes,
)
def axes_swapped(sentences, vocab):
    hot = np.eye(len(vocab), dtype=np.float32)
    return np.stack([hot[:, [vocab.index(word) for word in text.split()]] for text in sentences])


@question.misconception(
    text=Text(
        ko="문장이나 단어가 하나뿐이면 그 축이 사라집니다. 길이가 1인 축도 남아 있어야 합니다.",
        en="With a single sentence or a single word that axis is gone. An axis of length 1 has to stay.",
    ),
    fails=[one_hot],
)
def squeezed(sentences, vocab):
    hot = np.eye(len(vocab), dtype=np.float32)
    return np.squeeze(np.stack([hot[[vocab.index(word) for word in text.split()]] for text in sentences]))


def shows_sums(got, case, want):
    expect.shown(
        is_array(
            got, *(way(want, axis=1) for way in (np.sum, np.max, np.mean)), want.sum(axis=1, keepdims=True)
        )
    )


@question.misconception(
    text=Text(
        ko="문장 하나를 벡터 하나로 만들었습니다. 그러면 누가 먼저 나왔는지가 사라집니다. 단어마다 벡터를 "
        "하나씩 두세요.",
        en="Each sentence was put into one vector, which forgets the order of its words. Keep one vector "
        "per word.",
    ),
    fails=[one_hot],
    seen_in=shows_sums,
)
def bag_of_words(sentences, vocab):
    hot = np.eye(len(vocab), dtype=np.float32)
    return np.stack([hot[[vocab.index(word) for word in text.split()]].sum(axis=0) for text in sentences])


@question.misconception(
    text=Text(
        ko="문장을 통째로 vocab의 단어와 비교했습니다. 먼저 문장을 단어로 나누세요.",
        en="Whole sentences were compared with the words of vocab. Split a sentence into its words first.",
    ),
    fails=[one_hot],
)
def not_split(sentences, vocab):
    return np.array([[text == word for word in vocab] for text in sentences], dtype=np.float32)


@question.misconception(
    text=Text(
        ko="배열이 모두 0입니다. 1을 넣는 줄이 실행되는지, =를 써야 할 곳에 ==를 쓰지 않았는지 확인하세요.",
        en="The array holds nothing but zeros. Does the line that sets the ones run, and does it say = rather "
        "than ==?",
    ),
    fails=[one_hot],
)
def nothing_set(sentences, vocab):
    return np.zeros((len(sentences), len(sentences[0].split()), len(vocab)), dtype=np.float32)


@question.misconception(
    text=Text(
        ko="단어의 자리에만 0이 있고 나머지가 모두 1입니다. 0과 1이 바뀌었습니다.",
        en="There is a 0 at the word's place and a 1 everywhere else: ones and zeros are swapped.",
    ),
    fails=[one_hot],
)
def ones_and_zeros_swapped(sentences, vocab):
    places = [[vocab.index(word) for word in text.split()] for text in sentences]
    return np.float32(1) - np.eye(len(vocab), dtype=np.float32)[np.array(places)]


@question.misconception(
    text=Text(
        ko="자리는 맞지만 1이 아니라 단어의 번호가 들어 있습니다. 원-핫 벡터에는 0과 1만 있습니다.",
        en="The places are right, but they hold the words' numbers. A one-hot vector holds only 0 and 1.",
    ),
    fails=[one_hot],
)
def number_at_its_place(sentences, vocab):
    places = [[vocab.index(word) for word in text.split()] for text in sentences]
    return np.diag(np.arange(len(vocab), dtype=np.float32))[np.array(places)]


def shows_an_order_of_its_own(got, case, want):
    sentences, vocab = case.args
    expect.shown(isinstance(got, np.ndarray) and got.shape == want.shape)
    found, right = got.reshape(-1, len(vocab)).astype(float), want.reshape(-1, len(vocab))
    expect.shown(np.all((found == 0) | (found == 1)) and np.all(found.sum(axis=1) == 1))
    pairs = set(zip(right.argmax(axis=1).tolist(), found.argmax(axis=1).tolist(), strict=True))
    expect.shown(len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs}))
    if sentences[0].startswith("Will may"):  # where these differ from one another
        for shows in (shows_appearance, shows_the_alphabet, shows_a_shift):
            expect.shown(not is_silent(shows, got, case, want))


def is_silent(shows, got, case, want):
    """Whether a mistake shows in a case."""
    try:
        shows(got, case, want)
    except Fail:
        return False
    return True


@question.misconception(
    text=Text(
        ko="단어마다 자리가 하나씩 있지만 vocab에서의 위치가 아닙니다. vocab을 뒤집거나 set으로 바꾸면 "
        "순서가 달라집니다.",
        en="Every word has a place of its own, but not its position in vocab. Reversing vocab, or turning it into a "
        "set, changes the order.",
    ),
    fails=[one_hot],
    seen_in=shows_an_order_of_its_own,
)
def vocab_in_another_order(sentences, vocab):
    places = [[len(vocab) - 1 - vocab.index(word) for word in text.split()] for text in sentences]
    return np.eye(len(vocab), dtype=np.float32)[np.array(places)]


def shows_places_in_the_sentence(got, case, want):
    texts = [text.split() for text in case.args[0]]
    size = want.shape[-1]
    counted = np.eye(max(size, want.shape[1]))[:, :size]
    by_place = np.stack([counted[range(len(words))] for words in texts])
    by_first = np.stack([counted[[words.index(word) for word in words]] for words in texts])
    expect.shown(is_array(got, by_place, by_first))


@question.misconception(
    text=Text(
        ko="1이 vocab에서의 위치가 아니라 문장에서 그 단어가 몇 번째인지를 따라 놓였습니다.",
        en="The 1 stands at the word's place in its sentence, not at its place in vocab.",
    ),
    fails=[one_hot],
    seen_in=shows_places_in_the_sentence,
)
def place_in_the_sentence(sentences, vocab):
    hot = np.eye(len(vocab), dtype=np.float32)
    return np.stack([hot[range(len(text.split()))] for text in sentences])


def shows_words_alike(got, case, want):
    sentences, vocab = case.args
    expect.shown(isinstance(got, np.ndarray) and got.shape == want.shape)
    found = got.reshape(-1, len(vocab)).astype(float)
    expect.shown(np.all((found == 0) | (found == 1)) and np.all(found.sum(axis=1) == 1))
    pairs = set(zip(" ".join(sentences).split(), found.argmax(axis=1).tolist(), strict=True))
    expect.shown(len(pairs) == len({word for word, _ in pairs}))
    if sentences[0].startswith("Will may"):  # most ways to mix up words do so here
        expect.shown(len(pairs) > len({place for _, place in pairs}))
        for shows in (shows_case_ignored, shows_parts_of_words):
            expect.shown(not is_silent(shows, got, case, want))


@question.misconception(
    text=Text(
        ko="서로 다른 단어가 같은 벡터를 얻는 일이 있습니다. vocab의 단어마다 자리가 하나씩 따로 있어야 합니다.",
        en="Some words that differ get the same vector. Every word of vocab has a place of its own.",
    ),
    fails=[one_hot],
    seen_in=shows_words_alike,
)
def words_alike(sentences, vocab):
    places = [[len(word) % len(vocab) for word in text.split()] for text in sentences]
    return np.eye(len(vocab), dtype=np.float32)[np.array(places)]


@question.misconception(
    text=Text(
        ko="값은 맞지만 NumPy의 기본 실수형으로 남아 있습니다. Keras의 가중치와 같은 실수형으로 바꾸세요.",
        en="The values are right, but they still have NumPy's default float type. Use the float type of "
        "Keras's weights.",
    ),
    fails=[is_float32],
)
def left_as_float64(sentences, vocab):
    return np.eye(len(vocab))[[[vocab.index(word) for word in text.split()] for text in sentences]]


def shows_whole_numbers(got, case, want):
    expect.shown(is_array(got, want) and got.dtype.kind in "iub")


@question.misconception(
    text=Text(
        ko="값은 맞지만 정수나 참, 거짓을 담은 배열입니다. 신경망의 입력은 실수로 두세요.",
        en="The values are right, but the array holds integers or Booleans. A network's input should be floats.",
    ),
    fails=[is_float32],
    seen_in=shows_whole_numbers,
)
def left_as_integers(sentences, vocab):
    return np.array(
        [[[int(word == known) for known in vocab] for word in text.split()] for text in sentences]
    )


@question.misconception(
    text=Text(
        ko="단어와 시점의 자리는 맞는데, 모든 문장을 첫 문장의 자리에 겹쳐 적었습니다. 첫째 축의 번호로 무엇을 썼는지 "
        "보세요.",
        en="The places of words and time steps are right, but every sentence is written over the first one. What "
        "do you use as the index of the first axis?",
    ),
    fails=[one_hot],
)
def all_sentences_in_the_first(sentences, vocab):
    array = np.zeros((len(sentences), len(sentences[0].split()), len(vocab)), dtype=np.float32)
    for text in sentences:
        for place, word in enumerate(text.split()):
            array[0, place, vocab.index(word)] = 1
    return array


@question.misconception(
    text=Text(
        ko="문장과 단어의 자리는 맞는데, 한 문장의 단어를 모두 첫 시점에 적었습니다. 둘째 축의 번호로 무엇을 썼는지 "
        "보세요.",
        en="The places of sentences and words are right, but all words of a sentence are written at its first time "
        "step. What do you use as the index of the second axis?",
    ),
    fails=[one_hot],
)
def all_words_at_the_first_step(sentences, vocab):
    array = np.zeros((len(sentences), len(sentences[0].split()), len(vocab)), dtype=np.float32)
    for row, text in zip(array, sentences, strict=True):
        for word in text.split():
            row[0, vocab.index(word)] = 1
    return array


@question.misconception(
    text=Text(
        ko="단어와 문장의 자리는 맞는데, 시점이 언제나 셋이어서 긴 문장은 잘리고 짧은 문장은 0으로 채워집니다. 단어의 "
        "개수는 문장에서 얻으세요.",
        en="The places of words and sentences are right, but there are always three time steps: longer sentences are "
        "cut, and shorter ones are padded with zeros. Where can you read off the number of words?",
    ),
    fails=[one_hot],
)
def cut_to_three_words(sentences, vocab):
    array = np.zeros((len(sentences), 3, len(vocab)), dtype=np.float32)
    for row, text in zip(array, sentences, strict=True):
        for place, word in enumerate(text.split()[:3]):
            row[place, vocab.index(word)] = 1
    return array


def shows_letters(got, case, want):
    sentences, vocab = case.args
    expect.shown(
        isinstance(got, np.ndarray)
        and any(got.shape == (len(sentences), len(text), len(vocab)) for text in sentences)
    )


@question.misconception(
    text=Text(
        ko="둘째 축의 길이가 단어가 아니라 글자의 개수입니다. 문자열을 그대로 반복하면 글자가 하나씩 나옵니다. 먼저 "
        "단어로 나누세요.",
        en="The second axis counts letters, not words: a loop over a string gives its letters one by one. Split the "
        "sentence into words first.",
    ),
    fails=[one_hot],
    seen_in=shows_letters,
)
def letters_for_words(sentences, vocab):
    array = np.zeros((len(sentences), max(len(text) for text in sentences), len(vocab)), dtype=np.float32)
    for row, text in zip(array, sentences, strict=True):
        for place, letter in enumerate(text):
            if letter in vocab:
                row[place, vocab.index(letter)] = 1
    return array


@question.misconception(
    text=Text(
        ko="`vocab`을 쓰지 않고 노트북의 네 단어를 함수 안에 적어 두었습니다. 그래서 다른 단어에서 KeyError가 납니다. "
        "단어의 자리는 `vocab`에서 얻으세요.",
        en="The four words of the notebook are written into the function, and `vocab` is not used: hence the "
        "KeyError for any other word. Look up the place of each word in `vocab`.",
    ),
    fails=[one_hot],
)
def words_of_the_lesson(sentences, vocab):
    place_of = {"John": 0, "loves": 1, "Jane": 2, "Alex": 3}
    return np.eye(4, dtype=np.float32)[
        np.array([[place_of[word] for word in text.split()] for text in sentences])
    ]

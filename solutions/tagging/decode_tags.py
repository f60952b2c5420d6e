"""From probabilities to tags: which axis is the argmax taken over?"""

import numpy as np

from autograder import Case, Fail, Question, Text, expect

question = Question(
    title=Text(ko="확률에서 태그 읽기", en="Reading tags from probabilities"),
    statement=Text(
        ko="""
모델의 출력을 태그 문자열로 바꾸는 함수 `decode_tags(probs, idx2tag)`를 완성하세요.

- `probs`는 모양이 `(문장의 개수, 문장당 단어의 개수, 태그의 개수)`인 NumPy 배열입니다. 단어마다 태그의
  확률이 들어 있고, 그 합은 1입니다.
- `idx2tag`는 태그 글자의 리스트입니다. `k`번째 확률은 태그 `idx2tag[k]`의 확률입니다. 글자와 순서는 위의
  `S`, `V`, `O`와 다를 수 있고, 태그가 셋이 아닐 수도 있습니다.
- 단어마다 확률이 가장 큰 태그를 골라, 문장마다 `"SVO"`처럼 빈칸 없이 이은 문자열 하나씩을 담은 **리스트**를
  돌려줍니다(튜플도 됩니다).
- 가장 큰 확률이 0.5보다 작을 수도 있고, 단어의 개수와 태그의 개수가 다를 수도 있습니다.
""",
        en="""
Complete `decode_tags(probs, idx2tag)`, which turns a model's output into strings of tags.

- `probs` is a NumPy array of shape `(number of sentences, words per sentence, number of tags)`: for each
  word the probability of each tag, summing to 1.
- `idx2tag` is a list of letters: probability number `k` belongs to the tag `idx2tag[k]`. The letters,
  their order and their number may differ from the `S`, `V`, `O` above.
- Choose the most probable tag of each word and return a **list** (or a tuple) with one string per sentence,
  such as `"SVO"`, without spaces.
- The largest probability may be below 0.5, and there need not be as many tags as words.
""",
    ),
    source="lecture notebook, reading the predictions of the tagging problem",
    sample=(np.full((1, 2, 2), 0.5), ["S", "O"]),
    returns="list",
)


@question.answer
def decode_tags(probs, idx2tag):
    """(sentences, words, tags), list[str] -> list[str]"""
    return ["".join(idx2tag[place] for place in row) for row in np.argmax(probs, axis=-1)]


@question.example
def example(decode_tags):
    import numpy as np

    probs = np.array(
        [
            [[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]],
            [[0.3, 0.4, 0.2, 0.1], [0.2, 0.2, 0.5, 0.1]],
        ]
    )
    assert list(decode_tags(probs, ["N", "V", "D", "A"])) == ["AN", "VD"]
    assert list(decode_tags(probs, ["D", "A", "N", "V"])) == ["VD", "AN"]


@question.cases
def cases(rng):
    drawn = []
    for n_sentences, n_words, letters, ordered in (
        (2, 3, "SVO", True),
        (3, 2, "SVO", True),
        (4, 3, "SVO", True),
        (2, 5, "SVO", True),
        (3, 3, "SVO", False),
        (2, 4, "SVOCA", False),
        (3, 4, "SVO", False),
        (5, 2, "SVOA", False),
    ):
        tags = list(letters)
        while not ordered and tags == sorted(tags, key="SVOCA".index):
            tags = [str(letter) for letter in rng.permutation(tags)]
        size = (n_sentences, n_words)
        while True:
            probs = rng.dirichlet([3.0] * len(tags), size)
            two = np.sort(probs, axis=-1)[..., -2:]
            clear = np.all(two[..., 1] - two[..., 0] > 0.02)
            best = probs.argmax(axis=-1)
            # each tag at least once, at no word alike in all sentences; some word without a tag above 0.5
            varied = len(np.unique(best)) == len(tags) and np.all(np.ptp(best, axis=0) > 0)
            if clear and varied and np.any(two[..., 1] < 0.5):
                break
        drawn.append(Case(probs.astype(np.float32), tags))
    return drawn


def in_lecture_order(case):
    return case.args[1] == ["S", "V", "O"]


def in_another_order(case):
    return not in_lecture_order(case)


@question.check(
    points=2,
    text=Text(
        ko="태그가 S, V, O일 때 단어마다 가장 그럴듯한 태그를 읽는다",
        en="reads each word's most probable tag if the tags are S, V, O",
    ),
    when=in_lecture_order,
)
def reads_every_sentence(got, case, want):
    tags(got, case, want)


def tags(got, case, want):
    """Fail where the strings are not those wanted, and say whether their lengths or their letters are others."""
    if not are_strings(got) or len(got) != len(want) or list(got) == want:
        expect.strings(got, want)
        return
    if any(not set(text) <= set(case.args[1]) for text in got):
        raise Fail(
            Text(
                ko="문자열에 idx2tag에 없는 글자가 있습니다.",
                en="the strings hold characters that are not in idx2tag",
            )
        )
    if any(len(text) != len(right) for text, right in zip(got, want, strict=True)):
        raise Fail(
            Text(
                ko="태그의 개수가 문장의 단어 개수와 다른 문자열이 있습니다.",
                en="there are strings with more or fewer tags than their sentence has words",
            )
        )
    expect.strings(got, want)


@question.check(
    points=1,
    text=Text(
        ko="태그의 글자, 순서, 개수가 달라도 맞게 읽는다",
        en="also reads other letters, in another order or number",
    ),
    when=in_another_order,
    needs=reads_every_sentence,
)
def follows_idx2tag(got, case, want):
    tags(got, case, want)


def best_of(case):
    """The number of each word's most probable tag."""
    return np.argmax(case.args[0], axis=-1)


def joined(case, numbers):
    """The strings that some numbers of tags stand for."""
    return ["".join(case.args[1][number] for number in row) for row in numbers]


def are_strings(got):
    """Whether what came back is a sequence of strings."""
    return isinstance(got, (list, tuple)) and all(isinstance(text, str) for text in got)


def is_list(got, *wanted):
    """Whether what came back is a sequence of strings, and one of these."""
    return are_strings(got) and any(list(got) == one for one in wanted)


def is_one_sentence(got, text):
    """Whether what came back is this string, alone or in a sequence, or its letters."""
    return (isinstance(got, str) and got == text) or is_list(got, [text], list(text))


@question.misconception(
    text=Text(
        ko="태그가 아니라 단어 축을 따라 가장 큰 값을 찾았습니다. 한 단어의 확률들이 어느 축에 놓여 "
        "있는지 보세요.",
        en="You took the largest value along the words instead of the tags. Which axis do the probabilities "
        "of one word lie on?",
    ),
    fails=[reads_every_sentence],
)
def argmax_over_words(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops) for tops in np.argmax(probs, axis=1)]


@question.misconception(
    text=Text(
        ko="태그가 아니라 문장 축을 따라 가장 큰 값을 찾았습니다. 한 단어의 확률들이 어느 축에 놓여 있는지 보세요.",
        en="You took the largest value along the sentences instead of the tags. Which axis do the "
        "probabilities of one word lie on?",
    ),
    fails=[reads_every_sentence],
)
def argmax_over_sentences(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops) for tops in np.argmax(probs, axis=0)]


def shows_a_threshold(got, case, want):
    probs, tags = case.args
    expect.shown(
        is_list(
            got,
            *(
                ["".join(tags[k] for word in text for k in np.flatnonzero(word > least)) for text in probs]
                for least in (0.5, 1 / 3, 1 / len(tags))
            ),
        )
    )


@question.misconception(
    text=Text(
        ko="정해 둔 값보다 확률이 큰 태그를 골랐습니다. 그런 태그는 한 단어에 없을 수도, 여럿일 수도 "
        "있습니다. 확률이 모두 1/3에 가까우면 어떻게 되나요? ‘확률에서 태그로’ 절을 보세요.",
        en="Tags above a fixed probability were chosen. A word may have none or several of those: think of "
        "three probabilities near 1/3. See the section “From probabilities to tags”.",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_a_threshold,
)
def threshold_of_one_half(probs, idx2tag):
    return ["".join(idx2tag[k] for word in text for k in np.flatnonzero(word > 0.5)) for text in probs]


def shows_rounding(got, case, want):
    probs = case.args[0]
    expect.shown(
        is_list(
            got,
            joined(case, np.argmax(probs > 0.5, axis=-1)),
            joined(case, np.argmax(np.round(probs), axis=-1)),
            joined(case, np.zeros(probs.shape[:2], dtype=int)),
        )
    )


@question.misconception(
    text=Text(
        ko="가장 큰 값을 찾기 전에 확률을 반올림하거나 0과 1로 바꾸었습니다. 그러면 0.5를 넘는 태그가 "
        "없는 단어에서는 늘 "
        "첫 태그가 나옵니다.",
        en="The probabilities were rounded, or turned into 0 and 1, before the largest was chosen. What "
        "comes out for a word with no tag above 0.5?",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_rounding,
)
def rounded_first(probs, idx2tag):
    return ["".join(idx2tag[int(np.argmax(np.round(word)))] for word in text) for text in probs]


@question.misconception(
    text=Text(
        ko="확률이 가장 작은 태그를 골랐습니다. argsort를 썼다면 어느 끝이 가장 큰 값인지 보세요.",
        en="The least probable tag was chosen. If you sorted, which end holds the largest?",
    ),
    fails=[reads_every_sentence],
)
def argmin_taken(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops) for tops in np.argmin(probs, axis=-1)]


@question.misconception(
    text=Text(
        ko="확률이 두 번째로 큰 태그를 골랐습니다. 정렬한 뒤 몇 번째를 가져오는지 보세요.",
        en="The second most probable tag was chosen. Which position do you take after sorting?",
    ),
    fails=[reads_every_sentence],
)
def second_taken(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops) for tops in np.argsort(probs, axis=-1)[..., -2]]


@question.misconception(
    text=Text(
        ko="태그는 맞지만 문장마다 글자의 리스트로 남아 있습니다. 글자들을 한 문자열로 이으세요.",
        en="The tags are right, but each sentence is still a list of letters. Join them into one string.",
    ),
    fails=[reads_every_sentence],
)
def letters_not_joined(probs, idx2tag):
    return [[idx2tag[k] for k in tops] for tops in np.argmax(probs, axis=-1)]


@question.misconception(
    text=Text(
        ko="문자열마다 리스트로 한 번 더 싸여 있습니다. 문자열만 담은 리스트를 돌려주세요.",
        en="Each string is wrapped in a list of its own. Return a list of plain strings.",
    ),
    fails=[reads_every_sentence],
)
def each_in_a_list(probs, idx2tag):
    return [["".join(idx2tag[k] for k in tops)] for tops in np.argmax(probs, axis=-1)]


def shows_something_between(got, case, want):
    expect.shown(
        are_strings(got)
        and list(got) != want
        and ["".join(letter for letter in text if letter.isalpha()) for text in got] == want
    )


@question.misconception(
    text=Text(
        ko="태그는 맞지만 문자열에 빈칸이나 다른 기호가 들어 있습니다. 태그만 이으세요.",
        en="The tags are right, but the strings also hold spaces or other characters. Join the tags with nothing "
        "between them.",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_something_between,
)
def joined_with_spaces(probs, idx2tag):
    return [" ".join(idx2tag[k] for k in tops) for tops in np.argmax(probs, axis=-1)]


@question.misconception(
    text=Text(
        ko="태그를 소문자로 바꾸었습니다. idx2tag의 글자를 그대로 쓰세요.",
        en="The tags were turned into lower case. Use the letters of idx2tag as they are.",
    ),
    fails=[reads_every_sentence],
)
def small_letters(probs, idx2tag):
    return ["".join(idx2tag[k].lower() for k in tops) for tops in np.argmax(probs, axis=-1)]


def shows_numbers(got, case, want):
    best = best_of(case)
    if isinstance(got, (list, tuple)) and are_strings(got):
        expect.shown(["".join(sign for sign in text if sign.isdigit()) for text in got] == digits(best))
    else:
        try:
            found = np.array(got)
        except ValueError:
            found = None
        expect.shown(found is not None and found.dtype.kind in "iu" and np.array_equal(found, best))


def digits(best):
    """The numbers of each sentence as one string."""
    return ["".join(map(str, row)) for row in best.tolist()]


@question.misconception(
    text=Text(
        ko="번호를 찾았지만 글자로 바꾸지 않았습니다. 번호 k의 태그는 어디에 적혀 있나요?",
        en="These are the tags' numbers, not yet their letters. Where can you look up tag number k?",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_numbers,
)
def numbers_left(probs, idx2tag):
    return np.argmax(probs, axis=-1)


def shows_probabilities(got, case, want):
    tops = case.args[0].max(axis=-1)
    expect.shown(isinstance(got, np.ndarray) and got.shape == tops.shape and np.allclose(got, tops))


@question.misconception(
    text=Text(
        ko="가장 큰 확률 자체를 돌려주었습니다. 필요한 것은 값이 아니라 그 값이 놓인 번호입니다.",
        en="The largest probabilities themselves came back. What you need is not the value but its position.",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_probabilities,
)
def max_for_argmax(probs, idx2tag):
    return np.max(probs, axis=-1)


def shows_the_first_sentence(got, case, want):
    expect.shown(is_one_sentence(got, want[0]))


@question.misconception(
    text=Text(
        ko="첫 문장만 읽었습니다. 반복문 안에서 return하거나, `probs`에서 문장 하나만 꺼내지 않았는지 확인하세요.",
        en="Only the first sentence was read. Is there a return inside the loop, or is one sentence taken out of "
        "`probs`?",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_the_first_sentence,
)
def only_first_sentence(probs, idx2tag):
    return ["".join(idx2tag[k] for k in np.argmax(probs[0], axis=-1))]


def shows_the_last_sentence(got, case, want):
    expect.shown(is_one_sentence(got, want[-1]))


@question.misconception(
    text=Text(
        ko="마지막 문장만 남았습니다. 문장마다 얻은 문자열을 리스트에 모으는지 보세요.",
        en="Only the last sentence is left. Is the string of each sentence added to a list?",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_the_last_sentence,
)
def only_last_sentence(probs, idx2tag):
    return ["".join(idx2tag[k] for k in np.argmax(probs[-1], axis=-1))]


@question.misconception(
    text=Text(
        ko="마지막 문장이 빠졌습니다. 반복이 어디에서 끝나나요?",
        en="The last sentence is missing. Where does the loop end?",
    ),
    fails=[reads_every_sentence],
)
def last_sentence_missing(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops) for tops in np.argmax(probs, axis=-1)[:-1]]


@question.misconception(
    text=Text(
        ko="문장이 둘이라고 정해 두었습니다. 문장의 개수는 probs에서 얻으세요.",
        en="Two sentences are assumed. Where can you read off their number?",
    ),
    fails=[reads_every_sentence],
)
def two_sentences_fixed(probs, idx2tag):
    return ["".join(idx2tag[k] for k in np.argmax(probs[row], axis=-1)) for row in range(2)]


@question.misconception(
    text=Text(
        ko="문장마다 단어가 셋이라고 정해 두었습니다. 단어의 개수는 probs에서 얻으세요.",
        en="Three words per sentence are assumed. Where can you read off their number?",
    ),
    fails=[reads_every_sentence],
)
def three_words_fixed(probs, idx2tag):
    return ["".join(idx2tag[np.argmax(text[place])] for place in range(3)) for text in probs]


def shows_tags_for_words(got, case, want):
    expect.shown(is_list(got, [text[: len(case.args[1])] for text in want]))


@question.misconception(
    text=Text(
        ko="단어의 개수를 세어야 할 곳에서 태그의 개수를 셌습니다. 둘은 다를 수 있습니다.",
        en="The number of tags was taken for the number of words. The two need not be the same.",
    ),
    fails=[reads_every_sentence],
)
def as_many_words_as_tags(probs, idx2tag):
    return ["".join(idx2tag[np.argmax(text[place])] for place in range(len(idx2tag))) for text in probs]


@question.misconception(
    text=Text(
        ko="태그의 개수보다 단어가 많으면 남은 단어를 읽지 않습니다. 단어의 개수는 probs의 어느 축인지 보세요.",
        en="If there are more words than tags, the remaining words are not read. Which axis of probs counts "
        "the words?",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_tags_for_words,
)
def no_more_words_than_tags(probs, idx2tag):
    least = min(len(idx2tag), probs.shape[1])
    return ["".join(idx2tag[k] for k in tops[:least]) for tops in np.argmax(probs, axis=-1)]


def shows_one_string(got, case, want):
    text = got[0] if are_strings(got) and len(got) == 1 else got
    expect.shown(isinstance(text, str))
    expect.shown("".join(letter for letter in text if letter.isalpha()) == "".join(want))


@question.misconception(
    text=Text(
        ko="모든 문장을 문자열 하나로 이었습니다. 문장마다 문자열을 하나씩 두세요.",
        en="All sentences were joined into one string. Return one string per sentence.",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_one_string,
)
def one_long_string(probs, idx2tag):
    return "".join(idx2tag[k] for tops in np.argmax(probs, axis=-1) for k in tops)


@question.misconception(
    text=Text(
        ko="모든 단어의 태그가 리스트 하나에 글자로 이어져 있습니다. 문장마다 문자열 하나로 잇고, "
        "리스트에는 append로 넣었는지 "
        "보세요.",
        en="The tags of all words come one after another as single letters. Does each sentence have its own "
        "string, and is it added to the list with append?",
    ),
    fails=[reads_every_sentence],
)
def letters_in_one_list(probs, idx2tag):
    return [idx2tag[k] for tops in np.argmax(probs, axis=-1) for k in tops]


@question.misconception(
    text=Text(
        ko="앞 문장의 태그가 다음 문장의 문자열에 남아 있습니다. 빈 문자열을 언제 새로 만드나요?",
        en="The tags of one sentence are still there in the string of the next. When do you start a new, empty string?",
    ),
    fails=[reads_every_sentence],
)
def text_not_emptied(probs, idx2tag):
    texts, text = [], ""
    for tops in np.argmax(probs, axis=-1):
        text += "".join(idx2tag[k] for k in tops)
        texts.append(text)
    return texts


@question.misconception(
    text=Text(
        ko="글자를 하나 더할 때마다 문자열을 리스트에 넣었습니다. append가 어느 반복문 안에 있는지 보세요.",
        en="A string is added to the list after every letter. Which of the loops is append in?",
    ),
    fails=[reads_every_sentence],
)
def added_after_every_letter(probs, idx2tag):
    texts = [["".join(idx2tag[k] for k in tops)] for tops in np.argmax(probs, axis=-1)]
    return [text[: end + 1] for (text,) in texts for end in range(len(text))]


@question.misconception(
    text=Text(
        ko="문장마다 마지막 단어의 태그만 남았습니다. 글자를 이어 붙이지 않고 덮어쓰거나, 마지막 자리만 꺼내지 "
        "않았는지 보세요.",
        en="Of each sentence, only the tag of the last word is left. Do you overwrite the string instead of "
        "appending to it, or look up the last position only?",
    ),
    fails=[reads_every_sentence],
)
def only_last_word(probs, idx2tag):
    return [idx2tag[tops[-1]] for tops in np.argmax(probs, axis=-1)]


@question.misconception(
    text=Text(
        ko="문장마다 첫 단어와 마지막 단어의 태그만 있습니다. 문장은 두 단어보다 길 수 있습니다.",
        en="Each string holds only the tags of the first and the last word. A sentence may have more than two words.",
    ),
    fails=[reads_every_sentence],
)
def first_and_last_word_alone(probs, idx2tag):
    return [idx2tag[tops[0]] + idx2tag[tops[-1]] for tops in np.argmax(probs, axis=-1)]


def shows_a_word_missing(got, case, want):
    expect.shown(is_list(got, [text[:-1] for text in want], [text[1:] for text in want]))


@question.misconception(
    text=Text(
        ko="문장마다 끝이나 처음의 단어가 하나 빠졌습니다. 반복이 어디에서 시작해서 어디에서 끝나나요?",
        en="The last or the first word of every sentence is missing. Where does the loop begin, and where does it end?",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_a_word_missing,
)
def one_word_missing(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops[:-1]) for tops in np.argmax(probs, axis=-1)]


@question.misconception(
    text=Text(
        ko="태그가 거꾸로 이어져 있습니다. 새 글자를 문자열의 어느 쪽에 붙이나요?",
        en="The tags are joined in reverse order. On which side of the string is a new letter added?",
    ),
    fails=[reads_every_sentence],
)
def words_turned_round(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops[::-1]) for tops in np.argmax(probs, axis=-1)]


@question.misconception(
    text=Text(
        ko="문장의 순서가 거꾸로입니다. 새 문자열을 리스트의 어느 쪽에 넣는지 보세요.",
        en="The sentences come out in reverse order. At which end of the list do you add a new string?",
    ),
    fails=[reads_every_sentence],
)
def sentences_turned_round(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops) for tops in np.argmax(probs, axis=-1)[::-1]]


@question.misconception(
    text=Text(
        ko="확률을 보지 않고 모든 문장에 SVO를 돌려주었습니다. 문장마다 확률이 다르면 태그도 달라야 합니다.",
        en="Every sentence is tagged SVO, whatever its probabilities are. Read the tags from probs.",
    ),
    fails=[reads_every_sentence],
)
def always_svo(probs, idx2tag):
    return ["SVO"] * len(probs)


def shows_other_letters(got, case, want):
    expect.shown(are_strings(got) and [*map(len, got)] == [*map(len, want)])
    pairs = {pair for one, other in zip(want, got, strict=True) for pair in zip(one, other, strict=True)}
    expect.shown(len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs}))
    expect.shown({other for _, other in pairs} <= set(case.args[1]))


@question.misconception(
    text=Text(
        ko="단어마다 태그를 골랐지만 번호와 글자의 짝이 어긋납니다. 번호 k의 글자는 정렬하거나 뒤집지 "
        "않은 idx2tag의 k번째, "
        "곧 idx2tag[k]입니다.",
        en="A tag is chosen for each word, but number and letter do not belong together. Number k is at place k of "
        "idx2tag, counted from 0 and neither sorted nor reversed.",
    ),
    fails=[reads_every_sentence],
    seen_in=shows_other_letters,
)
def other_letters(probs, idx2tag):
    return ["".join(idx2tag[k - 1] for k in tops) for tops in np.argmax(probs, axis=-1)]


@question.misconception(
    text=Text(
        ko="idx2tag를 쓰지 않고 태그를 S, V, O 순서로 정해 두었습니다. 번호를 글자로 바꿀 때 인수를 쓰세요.",
        en="The tags are fixed as S, V, O in that order. Use the argument idx2tag to turn a number into a "
        "letter.",
    ),
    fails=[follows_idx2tag],
)
def idx2tag_ignored(probs, idx2tag):
    best = np.argmax(probs, axis=-1)
    if best.max() > 2:
        raise IndexError
    return ["".join("SVO"[k] for k in tops) for tops in best]


def shows_fixed_letters(got, case, want):
    fixed = ["".join("SVO?"[min(k, 3)] for k in row) for row in best_of(case)]
    expect.shown(are_strings(got) and [*map(len, got)] == [*map(len, want)])
    pairs = [pair for one, other in zip(fixed, got, strict=True) for pair in zip(one, other, strict=True)]
    expect.shown(all(one in ("?", other) for one, other in pairs))


@question.misconception(
    text=Text(
        ko="번호 0, 1, 2를 언제나 S, V, O로 읽습니다. 글자와 개수는 인수 idx2tag가 정합니다.",
        en="The numbers 0, 1 and 2 are always read as S, V and O. It is the argument idx2tag that says which letters "
        "there are.",
    ),
    fails=[follows_idx2tag],
    seen_in=shows_fixed_letters,
)
def three_letters_fixed(probs, idx2tag):
    return ["".join("SVO"[min(k, 2)] for k in tops) for tops in np.argmax(probs, axis=-1)]


@question.misconception(
    text=Text(
        ko="태그가 셋이 넘어도 처음 셋의 확률만 비교했습니다. 태그의 개수는 idx2tag가 정합니다.",
        en="Only the first three probabilities were compared, although there may be more tags. Which argument "
        "says how many there are?",
    ),
    fails=[follows_idx2tag],
)
def only_three_tags(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops) for tops in np.argmax(probs[..., :3], axis=-1)]


@question.misconception(
    text=Text(
        ko="한 문장에서 같은 태그가 두 번 나오지 않게 했습니다. 다른 단어가 무엇이든 단어마다 가장 그럴듯한 태그를 "
        "고르세요.",
        en="No tag is given twice in a sentence while others are left. Choose the most probable tag of each word, "
        "whatever the other words have.",
    ),
    fails=[reads_every_sentence],
)
def each_tag_once(probs, idx2tag):
    texts = []
    for words in probs:
        text = ""
        for word in words:
            left = [k for k in range(len(idx2tag)) if idx2tag[k] not in text] or range(len(idx2tag))
            text += idx2tag[max(left, key=word.__getitem__)]
        texts.append(text)
    return texts


@question.misconception(
    text=Text(
        ko="문장의 모든 단어에 첫 단어의 태그를 붙였습니다. 단어마다 그 단어의 확률을 보세요.",
        en="Every word of a sentence has the tag of the first. Look at the probabilities of each word in turn.",
    ),
    fails=[reads_every_sentence],
)
def first_words_tag(probs, idx2tag):
    return [idx2tag[int(np.argmax(words[0]))] * len(words) for words in probs]

"""From probabilities to tags: which axis is the argmax taken over?"""

import numpy as np

from autograder import Case, Question, Text, expect

question = Question(
    title=Text(ko="확률에서 태그 읽기", en="Reading tags from probabilities"),
    statement=Text(
        ko="""
모델의 출력을 태그 문자열로 바꾸는 함수 `decode_tags(probs, idx2tag)`를 완성하세요.

- `probs`는 모양이 `(문장의 개수, 문장당 단어의 개수, 태그의 개수)`인 NumPy 배열입니다. 단어마다 태그의
  확률이 들어 있고, 그 합은 1입니다.
- `idx2tag`는 태그 글자의 리스트입니다. `k`번째 확률은 태그 `idx2tag[k]`의 확률입니다. 글자와 순서는 강의의
  `S`, `V`, `O`와 다를 수 있고, 태그가 셋이 아닐 수도 있습니다.
- 단어마다 확률이 가장 큰 태그를 골라, 문장마다 `"SVO"`처럼 빈칸 없이 이은 문자열 하나씩을 담은 **리스트**를
  돌려줍니다.
- 가장 큰 확률이 0.5보다 작을 수도 있고, 단어의 개수와 태그의 개수가 다를 수도 있습니다.
""",
        en="""
Complete `decode_tags(probs, idx2tag)`, which turns a model's output into strings of tags.

- `probs` is a NumPy array of shape `(number of sentences, words per sentence, number of tags)`: for each
  word the probability of each tag, summing to 1.
- `idx2tag` is a list of letters: probability number `k` belongs to the tag `idx2tag[k]`. The letters and
  their order may differ from the lecture's `S`, `V`, `O`, and there may be more than three.
- Choose the most probable tag of each word and return a **list** with one string a sentence, such as
  `"SVO"`, without spaces.
- The largest probability may be below 0.5, and there need not be as many tags as words.
""",
    ),
    source="lecture notebook, reading the predictions of the tagging problem",
    returns="list",
)


@question.answer
def decode_tags(probs, idx2tag):
    """The most probable tags of some sentences, as strings.

    probs: array (sentences, words, tags), each word's probabilities summing to 1.
    idx2tag: list of one letter a tag. Returns a list of str, one a sentence.
    문장마다 태그 문자열 하나씩을 담은 리스트를 돌려줍니다.
    """
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
    assert decode_tags(probs, ["N", "V", "D", "A"]) == ["AN", "VD"]
    assert decode_tags(probs, ["D", "A", "N", "V"]) == ["VD", "AN"]


@question.cases
def cases(rng):
    drawn = []
    for n_sentences, n_words, letters, ordered in (
        (2, 3, "SVO", True),
        (3, 2, "SVO", True),
        (4, 3, "SVO", True),
        (3, 3, "SVO", False),
        (2, 4, "SVOCA", False),
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
            varied = len(np.unique(probs.argmax(axis=-1))) > 1
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
        en="reads each word's most probable tag where the tags are S, V, O",
    ),
    when=in_lecture_order,
)
def reads_every_sentence(got, case, want):
    expect.strings(got, want)


@question.check(
    points=1,
    text=Text(
        ko="태그의 글자, 순서, 개수가 달라도 맞게 읽는다",
        en="reads them as well with other letters, in another order or number",
    ),
    when=in_another_order,
    needs=reads_every_sentence,
)
def follows_idx2tag(got, case, want):
    expect.strings(got, want)


@question.misconception(
    text=Text(
        ko="태그가 아니라 단어 축을 따라 가장 큰 값을 찾았습니다. 한 단어의 확률들이 어느 축에 놓여 "
        "있는지 보세요.",
        en="The largest value was sought along the words instead of the tags. On which axis do the "
        "probabilities of one word lie?",
    ),
    fails=[reads_every_sentence],
)
def argmax_over_words(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops) for tops in np.argmax(probs, axis=1)]


@question.misconception(
    text=Text(
        ko="확률이 0.5를 넘는 태그만 골랐습니다. 태그가 셋 이상이면 가장 그럴듯한 태그도 0.5에 못 미칠 수 "
        "있습니다.",
        en="Only tags above 0.5 were chosen. With three tags or more, even the most probable may stay "
        "below that.",
    ),
    fails=[reads_every_sentence],
)
def threshold_of_one_half(probs, idx2tag):
    return ["".join(idx2tag[k] for word in text for k in np.flatnonzero(word > 0.5)) for text in probs]


@question.misconception(
    text=Text(
        ko="확률이 가장 작은 태그를 골랐습니다.",
        en="The least probable tag was chosen.",
    ),
    fails=[reads_every_sentence],
)
def argmin_taken(probs, idx2tag):
    return ["".join(idx2tag[k] for k in tops) for tops in np.argmin(probs, axis=-1)]


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
        ko="태그 사이에 빈칸이 있습니다. 빈칸 없이 이으세요.",
        en="There are spaces between the tags. Join them without any.",
    ),
    fails=[reads_every_sentence],
)
def joined_with_spaces(probs, idx2tag):
    return [" ".join(idx2tag[k] for k in tops) for tops in np.argmax(probs, axis=-1)]


@question.misconception(
    text=Text(
        ko="첫 문장만 읽었습니다. 반복문 안에서 return하지 않았는지 보세요.",
        en="Only the first sentence was read. Is there a return inside the loop?",
    ),
    fails=[reads_every_sentence],
)
def only_first_sentence(probs, idx2tag):
    return ["".join(idx2tag[k] for k in np.argmax(probs[0], axis=-1))]


@question.misconception(
    text=Text(
        ko="모든 문장을 문자열 하나로 이었습니다. 문장마다 문자열을 하나씩 두세요.",
        en="All sentences were joined into one string. Return one string a sentence.",
    ),
    fails=[reads_every_sentence],
)
def one_long_string(probs, idx2tag):
    return "".join(idx2tag[k] for tops in np.argmax(probs, axis=-1) for k in tops)


@question.misconception(
    text=Text(
        ko="idx2tag를 쓰지 않고 태그를 S, V, O 순서로 정해 두었습니다. 번호를 글자로 바꿀 때 인수를 쓰세요.",
        en="The tags are fixed as S, V, O in that order. Use the argument idx2tag to turn a number into a "
        "letter.",
    ),
    fails=[follows_idx2tag],
)
def idx2tag_ignored(probs, idx2tag):
    return ["".join("SVO"[k] for k in tops) for tops in np.argmax(probs, axis=-1)]

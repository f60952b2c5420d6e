"""Shared by the questions in which students train a tagger: how it is asked, judged and diagnosed."""

import numpy as np

from autograder import Fail, Text, expect, recurrent

# The headings of sections in the notebook, to read again.
DATA_SECTION = Text(ko="태깅 문제와 데이터", en="The task and its data")
MODEL_SECTION = Text(ko="모델", en="The model")
TRAINING_SECTION = Text(ko="학습", en="Training")
FIT_SECTION = Text(ko="`fit`이 돌려주는 것", en="What `fit` returns")

NEVER_FITTED = Text(
    ko="돌려준 모델의 편향이 모두 초깃값 그대로입니다. 학습시키지 않았거나, 다른 모델을 학습시켰습니다. "
    "돌려줄 모델을 학습시키세요.",
    en="Every bias of the returned model still has its initial value: no model was trained, or a different "
    "one was. Train the model that you return.",
)

FROZEN = Text(
    ko="모델에 얼려 둔(trainable이 False인) 층이 있습니다. 그런 층의 가중치는 학습으로 바뀌지 않습니다.",
    en="A layer of the model is frozen: its trainable is False, so training leaves its weights as they are.",
)

RATE_TOO_LARGE = Text(
    ko="학습률이 너무 큽니다. 손실이 줄지 않고 튀는지, 에포크마다 출력해 보세요.",
    en="The learning rate is too large. Print the loss of every epoch: does it fall, or jump?",
)

LOSS_FOR_AMOUNTS = Text(
    ko="손실 함수가 수의 크기를 비교합니다. 태그의 번호는 크기가 아니라 클래스의 번호이므로 분류의 "
    "손실을 쓰세요.",
    en="The loss compares quantities. A tag's number names a class and is not a quantity: use a loss for "
    "classification.",
)

NO_SOFTMAX = Text(
    ko="교차 엔트로피는 확률을 받는데, 모델의 출력에 소프트맥스가 없고 손실 함수에 from_logits=True도 없습니다. "
    "둘 가운데 하나만 추가하세요.",
    en="The cross-entropy expects probabilities, but the model's output has no softmax, and the loss "
    "does not get from_logits=True. Add one of the two.",
)

WORDS_LOOKED_AT_ALONE = Text(
    ko="순환층이 없어 단어를 하나씩 따로 봅니다. 동사는 알아볼 수 있지만, 이름이 주어인지 목적어인지는 앞에 "
    "무엇이 나왔는지에 달려 있습니다.",
    en="Without a recurrent layer, the model sees each word alone. That is enough for a verb, but "
    "whether a name is subject or object depends on what came before.",
)

POSITIONS_COUNTED = Text(
    ko="모든 문장에 같은 태그를 같은 순서로 붙입니다. 자리만 세어서는 답할 수 없습니다. 모델이 단어를 "
    "읽는지, 모든 문장을 저마다 그 문장의 Y로 배우는지 보세요.",
    en="Every sentence gets the same tags in the same order, but counting positions does not give the answer. "
    "Does the model read the words, and does it learn all sentences, each with its own row of Y?",
)

ONLY_THE_FIRST = Text(
    ko="앞의 문장 하나 또는 몇 개에는 확신을 가지고 맞는 태그를 붙이는데, 그 뒤의 문장은 대개 틀립니다. 학습에 X와 Y를 "
    "모두, 문장마다 그 문장의 Y로 넘겼는지 보세요.",
    en="The model is sure and right about the first sentence, or the first few, and mostly wrong about those after "
    "them. Did training get all of X and Y, each sentence with its own row?",
)

WORDS_REVERSED = Text(
    ko="문장을 거꾸로 넣어야 대부분 맞는 태그를 붙이는 모델입니다. 학습에 넘긴 X의 단어 순서를 뒤집지 않았는지 "
    "확인하세요.",
    en="The model gets most words right if each sentence is reversed. Did you reverse the words of the X passed to "
    "training?",
)

ONE_TAG_FOR_ALL = Text(
    ko="모든 단어에 같은 태그를 붙입니다. 학습에 넘긴 태그에 번호가 모두 들어 있는지 보세요.",
    en="Every word gets the same tag. Do the tags passed to training hold all the numbers?",
)

NEIGHBOURS_TAG = Text(
    ko="단어마다 그 단어가 아니라 옆 단어의 태그를 배웠습니다. 태깅에서는 입력과 답의 시점이 같습니다.",
    en="For each word, the model learnt the tag of the word beside it. In tagging, input and tag belong to "
    "the same time step.",
)

OTHER_NUMBERS = Text(
    ko="역할은 구별하지만 번호가 Y와 다릅니다. Y의 번호를 바꾸거나 정해 두지 않았는지 확인하세요.",
    en="The model distinguishes the roles, but its numbers are not those of Y. Did you change the numbers, "
    "or assume them?",
)

ONE_TAG_A_SENTENCE = Text(
    ko="문장마다 답이 하나뿐입니다. 단어마다 답하려면 순환층이 모든 시점의 은닉 상태를 내보내야 합니다.",
    en="There is one answer per sentence. For one per word, the recurrent layer has to return its hidden state "
    "at every time step.",
)

ONE_NUMBER_A_WORD = Text(
    ko="단어마다 수를 하나만 냅니다. 태그의 번호는 크기가 아니라 클래스의 번호입니다. 클래스마다 값이 "
    "하나씩 있어야 합니다.",
    en="There is a single number for each word. A tag's number names a class and is not a quantity, so "
    "there should be one value for each class.",
)


AMOUNTS = ("mse", "meansquarederror", "mae", "meanabsoluteerror", "huber", "logcosh", "msle", "mape")
"""Losses that compare quantities, as `outcome` spells them."""

MANY = 300
"""Updates by Adam after which a model that is still unsure of its tags lacks something else than training."""


def best_try(session, name, case, *, seeds, shape, merit):
    """Return the outcome of the best model that the student's function trains in a few tries, as plain data.

    shape: words of a sentence, tags. merit: what tells a better try from a worse one: checks passed, then words.
    """
    X, Y, new, new_tags = case.args
    best = None
    for seed in seeds:
        session.seed(seed)
        model = session.describe(session.keep(name, X, Y))
        found = outcome(model, X, Y, new, new_tags, shape)
        if best is None or merit(found) > merit(best):
            best = found
        if merit(found)[0] == 2 or is_settled(found):
            break
    return best


def outcome(model, X, Y, new, new_tags, shape):
    """Return the tags that a model gives to the sentences, and how it was trained, as plain data."""
    sentences = np.concatenate([X, new])
    out = expect.output(model, sentences, recurrent.LAYERS)
    fits = out.shape == (len(X) + len(new), *shape)
    tags, right = np.argmax(out, axis=-1), np.concatenate([Y, new_tags])[..., 0].astype(int)
    good = tags == right if fits and np.ptp(out, axis=0).max() > 1e-9 else np.zeros(right.shape, dtype=bool)
    known, unseen = int(good[: len(X)].sum()), int(good[len(X) :].sum())
    top = (model.layers[-1].inner or model.layers[-1]) if model.layers else None
    softmax = top is not None and "softmax" in (top.kind.lower(), top.settings.get("activation"))
    sure = np.max(out if softmax else probabilities(out), axis=-1) if fits else np.zeros(right.shape)
    turned = np.full(right.shape, -1)
    if fits and known + unseen < 0.95 * right.size:
        turned = np.argmax(recurrent.forward(model, sentences[:, ::-1]), axis=-1)
    in_either = (np.mean((turned == tags)[: len(X)]) for tags in (right, right[:, ::-1]))
    return {
        "known": known,
        "new": unseen,
        "shape": list(out.shape),
        "expected": [len(X) + len(new), *shape],
        "finite": bool(np.isfinite(out).all()),
        "reads": bool(fits and np.ptp(out, axis=0).max() > 1e-9),
        "tags": tags.tolist() if fits else [],
        "right": right.tolist(),
        "sure": float(np.mean(sure)),
        "learnt first": learnt_first(good[: len(X)], sure[: len(X)]),
        "right if reversed": float(max(in_either)),
        "frozen": any(layer.weights and not layer.trainable for layer in model.layers),
        "updates": model.updates or 0,
        "optimizer": model.optimizer or "",
        "recurrent": bool(model.of_kind(*recurrent.RECURRENT)),
        "fitted": not model.has_first_biases,
        "loss": (model.loss or "").replace("_", "").lower(),
        "softmaxes": int(softmax) + int(model.from_logits),
        "rate": model.learning_rate or 0.0,
    }


def learnt_first(good, sure):
    """Return how many sentences come first that are all tagged right and with certainty, if few others are; else 0."""
    known = np.all(good & (sure > 0.85), axis=1)
    first = len(known) if known.all() else int(np.argmin(known))
    others = np.all(good[first:], axis=1)
    return first if first <= len(known) / 2 and np.mean(others) < 0.5 else 0


def probabilities(out):
    """Return the softmax of outputs."""
    powers = np.exp(out - out.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def is_settled(found):
    """Return whether no other try would change this outcome, although it fails a check."""
    if not (has_the_shape(found) and found["recurrent"] and found["fitted"] and not found["frozen"]):
        return True
    return found["sure"] > 0.8 and (has_a_pattern(found) or found["learnt first"] > 0)


def has_the_shape(got):
    """Return whether each word has one value for each tag."""
    return got["shape"][1:] == got["expected"][1:]


def must_tag(got):
    """Fail where the output is not one finite value for each word and tag."""
    recurrent.values_a_word(got["shape"], got["expected"])
    must_be_finite(got)


def must_be_finite(got):
    """Fail where an output of the model is nan or infinite."""
    if not got["finite"]:
        raise Fail(
            Text(
                ko="모델의 출력이 수가 아닙니다(nan). 학습이 발산했으니 학습률을 낮춰 보세요.",
                en="the model's outputs are not numbers (nan): training diverged; lower the learning rate",
            )
        )


def trained(got):
    """Return whether the model is trained, recurrent and of the right shape, so that its errors mean something."""
    learnt = got["fitted"] and not got["frozen"]
    return has_the_shape(got) and got["finite"] and learnt and got["recurrent"]


def trained_for_classes(got):
    """Return the same for a model with a loss for classification on probabilities, or with an unknown loss."""
    return trained(got) and got["loss"] not in AMOUNTS and (got["softmaxes"] > 0 or not got["loss"])


def numbers_given(got):
    """Return the number given for each right number; empty if a right number gets several."""
    pairs = set(zip(np.ravel(got["right"]).tolist(), np.ravel(got["tags"]).tolist(), strict=True))
    return dict(pairs) if len(pairs) == len(dict(pairs)) else {}


def is_renumbered(got):
    """Return whether the roles are distinguished, but by other numbers."""
    found = numbers_given(got)
    return len(set(found.values())) == got["expected"][-1] and any(
        right != given for right, given in found.items()
    )


def is_shifted(got):
    """Return whether the tags are those of the neighbouring words."""
    tags, right = np.array(got["tags"]), np.array(got["right"])
    return any(agree(tags, np.roll(right, shift, axis=1)) for shift in (-1, 1))


def is_alike(got):
    """Return whether all sentences have the same tags."""
    tags = np.array(got["tags"])
    return bool(np.all(tags == tags[0]))


def has_a_pattern(got):
    """Return whether the wrong tags follow a rule."""
    return is_shifted(got) or is_renumbered(got) or is_alike(got) or is_for_reversed_words(got)


def is_for_reversed_words(got):
    """Return whether most tags would be right for reversed sentences. Not all can be: the end is not always known."""
    return got["right if reversed"] >= 0.8


def agree(tags, wanted):
    """Return whether most tags are the wanted ones. Not all can be: the next word is not always known."""
    return bool(np.mean(tags == wanted) > 0.75)


def shows_first_biases(got, case, want):
    expect.shown(not got["fitted"] and not got["frozen"] and got["updates"] == 0)


def shows_a_frozen_layer(got, case, want):
    expect.shown(got["frozen"])


def shows_little_training(got, case, want):
    expect.shown(trained(got) and not has_a_pattern(got) and got["sure"] < 0.8 and got["rate"] < 0.5)
    expect.shown(got["updates"] < MANY or got["rate"] <= 0.01 or got["optimizer"] != "Adam")
    expect.shown(
        got["softmaxes"] == 1
        and got["loss"] in ("", "sparsecategoricalcrossentropy", "categoricalcrossentropy")
    )


def shows_a_great_rate(got, case, want):
    expect.shown(trained(got) and not has_a_pattern(got) and got["rate"] >= 0.5)


def shows_a_loss_for_amounts(got, case, want):
    expect.shown(trained(got) and got["loss"] in AMOUNTS)


def shows_no_softmax(got, case, want):
    expect.shown(trained(got) and not is_shifted(got) and not is_renumbered(got) and got["softmaxes"] == 0)
    expect.shown(
        got["rate"] < 0.5 and got["loss"] in ("sparsecategoricalcrossentropy", "categoricalcrossentropy")
    )


def shows_no_memory(got, case, want):
    expect.shown(has_the_shape(got) and got["fitted"] and not got["recurrent"])


def shows_positions(got, case, want):
    expect.shown(trained_for_classes(got) and is_alike(got) and got["sure"] >= 0.6)
    expect.shown(len(set(np.ravel(got["tags"]).tolist())) > 1)


def shows_one_tag(got, case, want):
    expect.shown(trained_for_classes(got) and len(set(np.ravel(got["tags"]).tolist())) == 1)


def shows_shifted_tags(got, case, want):
    expect.shown(trained_for_classes(got) and is_shifted(got))


def shows_other_numbers(got, case, want):
    expect.shown(trained_for_classes(got) and is_renumbered(got))


def shows_reversed_words(got, case, want):
    expect.shown(trained_for_classes(got) and is_for_reversed_words(got))


def shows_the_first_alone(got, case, want):
    expect.shown(trained_for_classes(got) and not has_a_pattern(got) and got["rate"] < 0.5)
    expect.shown(got["learnt first"] > 0)


def shows_one_tag_a_sentence(got, case, want):
    expect.shown(len(got["shape"]) == 2)


def shows_one_number_a_word(got, case, want):
    expect.shown(len(got["shape"]) == 3 and got["shape"][-1] == 1)

"""What is told of a wrong answer that nobody foresaw: only what is true of its values and of their inputs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import Case, Question, Text
from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.questions import expect

FACTOR = "every wrong value is the right one times the same factor"
AMOUNT = "every wrong value is 2 too small"
SAME = "every wrong value is the same"
AXES = "the values are right, but the axes are in another order"
BACKWARDS = "the values are right, but one axis runs backwards"
SHIFTED = "the values are right, but shifted by one along an axis"
PLACES = "all the right values are there, but at other places"
SCALED = "every value is the right one times the same factor"
ONE_NUMBER = "all the numbers in the array are the same"
TRUNCATED = (
    "the values are the right ones without their decimals: are they written into an array of whole numbers?"
)
ROUNDED = (
    "the values are near the right ones, but digits were lost: they are rounded, or kept in a type with few, such as "
    "float16"
)
REPEATED = "along axis 1 of the array every place holds the same; the places should differ"


def asked_about(
    reference: Callable[..., Any],
    cases: list[Case],
    compare: Callable[[Any, Any], None],
    known: Sequence[Callable[..., Any]] = (),
) -> Question:
    """A question with one check, and known mistakes."""
    question = Question(title=Text(ko="물음", en="A question"), statement=Text(ko="답하세요.", en="Answer."))
    question.answer(reference)
    question.cases(lambda rng: cases)

    @question.check(points=1, text=Text(ko="맞다", en="right"))
    def right(got: Any, case: Case, want: Any) -> None:
        compare(got, want)

    for one in known:
        name = f"This is {one.__name__}."
        question.misconception(text=Text(ko=name, en=name), fails=[right], credit=0.5)(one)
    question.seal(id=reference.__name__, assignment="any", path=__file__)
    return question


def explanations(question: Question, answer: Callable[..., Any]) -> list[str]:
    """What the report tells in English."""
    return [text.en for text in grade(question, DirectSession(answer)).computed]


def product(a: int, b: int, mode: str = "plain", flag: bool = False) -> int:
    """A reference of numbers."""
    return a * b + {"plain": 0, "sum": 7, "mul": 9}[mode] + flag


PRODUCTS = [
    Case(a, b, mode=mode, flag=flag)
    for mode in ("plain", "sum", "mul")
    for flag in (True, False)
    for a, b in ((1, 5), (4, 4), (9, 3), (2, 8))
]
NUMBERS = asked_about(product, PRODUCTS, expect.count)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda a, b, mode, flag: 3 * product(a, b, mode, flag), [FACTOR]),
        (lambda a, b, mode, flag: product(a, b, mode, flag) - 2, [AMOUNT]),
        (lambda a, b, mode, flag: 1234, [SAME]),
        (
            lambda a, b, mode, flag: product(a, b, mode, flag) + a + 1,
            ["every wrong value is too large by `a + 1`"],
        ),
        (
            lambda a, b, mode, flag: product(a, b, mode, flag) - a * b,
            ["every wrong value is too small by `a * b`"],
        ),
        (
            lambda a, b, mode, flag: product(a, b, mode, flag) + (a == 1) * b * a + (a == 1) * flag,
            ["of the inputs tried, it is wrong only where `a` is 1"],
        ),
        (
            lambda a, b, mode, flag: product(a, b, mode, flag) + (a > b) * (a + flag),
            ["of the inputs tried, it is wrong only where `a > b`"],
        ),
        (
            lambda a, b, mode, flag: product(a, b, mode, flag) + (mode == "sum") * a * a,
            ["of the inputs tried, it is wrong only where `mode` is 'sum'"],
        ),
        (
            lambda a, b, mode, flag: product(a, b, mode, flag) + (mode != "sum") * a * a,
            ["of the inputs tried, it is right only where `mode` is 'sum'"],
        ),
        (
            lambda a, b, mode, flag: product(a, b, mode, flag) + (mode == "sum" and flag) * a * a,
            ["of the inputs tried, it is wrong only where `mode` is 'sum' and `flag` is True"],
        ),
        (lambda a, b, mode, flag: a**b * (a + 3) ** 2 - 50, []),
    ],
)
def test_numbers(answer: Callable[..., Any], expected: list[str]) -> None:
    """A factor, an amount, one value, and the inputs that went wrong are told; where nothing holds, nothing is."""
    assert explanations(NUMBERS, answer) == expected


def seven_forgotten(a: int, b: int, mode: str, flag: bool) -> int:
    return product(a, b, mode, flag) - 7 * (b % 2) - 7


def eight_forgotten(a: int, b: int, mode: str, flag: bool) -> int:
    return seven_forgotten(a, b, mode, flag) - (not flag)


KNOWN = asked_about(product, PRODUCTS, expect.count, known=[seven_forgotten, eight_forgotten])


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            lambda a, b, mode, flag: mode == "sum" or flag,
            [],
        ),
        (
            lambda a, b, mode, flag: flag,
            [
                "Of the inputs tried, it is wrong only where `flag` is True. This is seven_forgotten.",
                "Of the inputs tried, it is wrong only where `flag` is True. This is eight_forgotten.",
            ],
        ),
        (
            lambda a, b, mode, flag: not flag,
            ["Of the inputs tried, it is right only where `flag` is True. This is seven_forgotten."],
        ),
        (lambda a, b, mode, flag: a != 9 and flag, []),
        (lambda a, b, mode, flag: mode == "sum", []),
    ],
)
def test_known_mistake_made_for_some_inputs(made: Callable[..., bool], expected: list[str]) -> None:
    """It is named with the inputs it is made for, if those can be told and are at least half."""

    def answer(a: int, b: int, mode: str, flag: bool) -> int:
        return (seven_forgotten if made(a, b, mode, flag) else product)(a, b, mode, flag)

    named = grade(KNOWN, DirectSession(answer)).misconceptions
    assert [one.text.en for one in named] == expected
    assert all(one.credit == 0 for one in named)


def width(units: int, mode: str) -> int:
    """A reference that treats two of the settings alike."""
    return units * (2 if mode == "join" else 1)


def always_joined(units: int, mode: str) -> int:
    return 2 * units


WIDTHS = asked_about(
    width,
    [Case(units, mode) for mode in ("join", "sum", "mean") for units in (3, 5, 8)],
    expect.count,
    known=[always_joined],
)


@pytest.mark.parametrize(
    ("doubled", "expected"),
    [
        (("join", "sum", "mean"), ["always_joined"]),
        (("join", "sum"), []),
    ],
)
def test_known_mistake_that_is_more_general(doubled: tuple[str, ...], expected: list[str]) -> None:
    """ "Always" is not said of an answer that tells apart two settings which the mistake and the truth treat alike."""
    named = grade(WIDTHS, DirectSession(lambda units, mode: units * (1 + (mode in doubled))))
    assert [one.name for one in named.misconceptions] == expected
    where = "of the inputs tried, it is wrong only where `mode` is 'sum'"
    assert (where in [text.en for text in named.computed]) is not bool(expected)


def output(units: int, sequence: bool, state: bool) -> int:
    """A reference with two flags."""
    return units * (3 if sequence else 1) + 100 * state


def sequence_ignored(units: int, sequence: bool, state: bool) -> int:
    return units + 100 * state


OUTPUTS = asked_about(
    output,
    [Case(units, *flags) for flags in itertools.product((True, False), repeat=2) for units in (3, 5, 8)],
    expect.count,
    known=[sequence_ignored],
)


@pytest.mark.parametrize(("ignored_with_state_only", "expected"), [(False, ["sequence_ignored"]), (True, [])])
def test_flag_that_is_not_always_ignored(*, ignored_with_state_only: bool, expected: list[str]) -> None:
    """It is not said of a flag that the answer ignores it where the answer is right for both of its values."""

    def answer(units: int, sequence: bool, state: bool) -> int:
        return (output if ignored_with_state_only and not state else sequence_ignored)(units, sequence, state)

    named = grade(OUTPUTS, DirectSession(answer)).misconceptions
    assert [one.name for one in named] == expected


def table(xs: Any) -> Any:
    """A reference of arrays."""
    return np.cumsum(xs, axis=1)


ARRAYS = asked_about(
    table,
    [Case(np.random.default_rng(seed).normal(size=(2 + seed, 4, 3))) for seed in range(4)],
    expect.array,
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda xs: table(xs).transpose(1, 0, 2), [AXES]),
        (lambda xs: table(xs)[:, ::-1], [BACKWARDS]),
        (lambda xs: np.roll(table(xs), 1, axis=1), [SHIFTED]),
        (lambda xs: table(xs).reshape(4, -1, 3), [PLACES]),
        (lambda xs: 2 * table(xs), [SCALED]),
        (lambda xs: 0 * table(xs), [ONE_NUMBER]),
        (lambda xs: np.round(table(xs), 2), [ROUNDED]),
        (lambda xs: table(xs).astype("float16"), [ROUNDED]),
        (lambda xs: table(xs).astype(int), [TRUNCATED]),
        (lambda xs: np.repeat(table(xs)[:, :1] + 1, 4, axis=1), [REPEATED]),
        (lambda xs: table(xs)[:, :-1], ["along axis 1 the array ends too early; what it holds is right"]),
        (lambda xs: table(xs)[:, :, 1:], ["along axis 2 the array begins too late; what it holds is right"]),
        (
            lambda xs: np.pad(table(xs), ((0, 0), (0, 1), (0, 0))),
            ["along axis 1 the array goes on too far; up to there it is right"],
        ),
        (
            lambda xs: np.pad(table(xs), ((2, 0), (0, 0), (0, 0))),
            ["along axis 0 the array begins too early; after that it is right"],
        ),
        (lambda xs: np.vstack([table(xs), table(xs)[: len(xs) - 3]]) if len(xs) > 3 else xs[:-1], []),
        (lambda xs: table(xs) + xs, []),
    ],
)
def test_arrays(answer: Callable[..., Any], expected: list[str]) -> None:
    """Axes, directions, shifts, places, a factor, lost digits, repeated places and cut ends are told of arrays."""
    assert explanations(ARRAYS, answer) == expected


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (slice(0, 1), "the first place is wrong"),
        (slice(-1, None), "the last place is wrong"),
        (slice(1, None), "the first place is right"),
        (slice(None, -1), "the last place is right"),
        (slice(None, 2), "the first half is wrong"),
        (slice(2, None), "the second half is wrong"),
        (slice(1, 3), None),
    ],
)
def test_ends_and_halves_of_an_axis(places: slice, expected: str | None) -> None:
    """Where the wrong values of all arrays lie at an end or in a half of an axis, that is told."""

    def answer(xs: Any) -> Any:
        got = table(xs)
        got[:, places] += xs[:, places] ** 2
        return got

    assert explanations(ARRAYS, answer) == (
        [f"along axis 1 of the array only {expected}"] if expected else []
    )


def parts(a: int, b: int) -> list[int]:
    """A reference of lists."""
    return [a, b, a + b]


LISTS = asked_about(parts, [Case(2, 3), Case(5, 9), Case(4, 7), Case(8, 6)], expect.counts)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda a, b: [a + b, b, a], ["the items are right, but in reverse order"]),
        (lambda a, b: [b, a, a + b], ["the items are right, but in another order"]),
        (lambda a, b: [a, b, a * b], ["wherever the third number is wrong, it is `a * b`"]),
        (lambda a, b: [a, b, a * b + 7], ["only the third number is wrong"]),
        (lambda a, b: [a, b, 2 * a + 2 * b], ["only the third number is wrong", FACTOR]),
        (lambda a, b: [a, 3 * b, 3 * a + 3 * b], ["only the second and third numbers are wrong", FACTOR]),
        (lambda a, b: [a + 5, b + 5, a * b + 7], []),
        (lambda a, b: [a, b], ["the list ends too early; what it holds is right"]),
        (
            lambda a, b: [b, a + b],
            ["the list begins too late: its first item is missing, and the rest is right"],
        ),
    ],
)
def test_lists(answer: Callable[..., Any], expected: list[str]) -> None:
    """The order of items, and the one that is wrong, are told."""
    assert explanations(LISTS, answer) == expected


def views(xs: Any) -> tuple[Any, ...]:
    """A reference of several arrays."""
    return xs, np.cumsum(xs, axis=1), xs**2


VIEWS = asked_about(
    views,
    [Case(np.random.default_rng(seed).normal(size=(2 + seed, 4, 3))) for seed in range(4)],
    lambda got, want: [expect.array(*pair) for pair in zip(got, want, strict=True)],
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda xs: (xs, xs, xs**2), ["only the second array is wrong: it is the first one"]),
        (lambda xs: (xs, table(xs), xs[:, ::-1] ** 2), ["only the third array is wrong", BACKWARDS]),
        (
            lambda xs: (xs, table(xs), table(xs[:, ::-1])[:, ::-1]),
            ["only the third array is wrong"],
        ),
        (lambda xs: tuple(part.astype("float16") for part in views(xs)), [ROUNDED]),
    ],
)
def test_how_items_are_wrong(answer: Callable[..., Any], expected: list[str]) -> None:
    """Of wrong items it is told how they are wrong, and of a single one which other stands there."""
    assert explanations(VIEWS, answer) == expected


def several(count: int, a: int) -> list[int]:
    """A reference of lists of different lengths."""
    return [a * 2**place + 1 for place in range(count)]


SEVERAL = asked_about(several, [Case(count, 3 + count) for count in (2, 3, 5, 4)], expect.counts)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            lambda count, a: [*several(count, a)[:-1], 7 * a + count],
            ["in the list only the last place is wrong"],
        ),
        (
            lambda count, a: [several(count, a)[0], *range(count - 1)],
            ["in the list only the first place is right"],
        ),
        (lambda count, a: [*range(count)], []),
    ],
)
def test_ends_of_lists(answer: Callable[..., Any], expected: list[str]) -> None:
    """Where lists are of different lengths, an end that alone is wrong or right is told."""
    assert explanations(SEVERAL, answer) == expected


def hot(numbers: Any) -> Any:
    """A reference of zeros and ones."""
    return np.eye(5)[numbers]


HOT = asked_about(
    hot, [Case(np.random.default_rng(seed).permutation(5)[:4]) for seed in range(4)], expect.array
)


def test_few_different_values_at_other_places() -> None:
    """That zeros and ones are at other places is told of every one-hot vector, and so of none."""
    assert explanations(HOT, lambda numbers: hot((3 * numbers + 1) % 5)) == []


def words(count: int, letter: str) -> list[str]:
    """A reference of strings."""
    return [letter + "bcdefgh"[:count], letter]


WORDS = asked_about(words, [Case(count, "a") for count in (3, 4, 5)], expect.strings)


def test_strings_cut_short() -> None:
    """Strings that are the beginnings of the right ones are told to be."""
    assert explanations(WORDS, lambda count, letter: [word[:2] for word in words(count, letter)]) == [
        "the strings are cut off at the end"
    ]


def tags(count: int, letter: str) -> list[str]:
    """A reference of words in which letters come again."""
    return ["bca" + letter * count + "Cab", letter + "bd" * count]


TAGS = asked_about(tags, [Case(2, "e"), Case(3, "f"), Case(4, "g"), Case(5, "h")], expect.strings)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda word: word[3:], "the strings end right, but their beginnings are missing"),
        (lambda word: word[::-1], "the letters of the strings are in reverse order"),
        (lambda word: "".join(sorted(word)), "the letters of the strings were sorted"),
        (
            lambda word: "".join(dict.fromkeys(word)),
            "each string holds no letter twice: letters that come again are missing",
        ),
        (
            lambda word: "".join(letter for letter, _ in itertools.groupby(word)),
            "letters equal to the one before them are missing in the strings",
        ),
        (lambda word: word[::2], "the strings hold every second letter only"),
        (lambda word: word[1::2], "the strings hold every second letter only"),
        (lambda word: word.upper(), "upper and lower case differ in the strings"),
        (
            lambda word: " ".join(word),
            "the letters of the strings are right, but others, or spaces, stand between them",
        ),
        (lambda word: word[1:] + word[:1], "the letters of the strings are right, but in another order"),
    ],
)
def test_strings(made: Callable[[str], str], expected: str) -> None:
    """Letters that are missing, in another order, in another case or between the right ones are told."""
    assert explanations(TAGS, lambda count, letter: [made(word) for word in tags(count, letter)]) == [
        expected
    ]


def test_constant_results_are_reported() -> None:
    """Lists or arrays that are the same for every input are told to be."""
    unchanging = "the same comes back whatever the input is: is it made from the arguments of the function?"
    assert explanations(LISTS, lambda a, b: [2, 3, 6]) == [unchanging]
    assert explanations(HOT, lambda numbers: np.eye(5)[[3, 1, 4, 1]]) == [unchanging]


def shape_of(batch: int, steps: int, units: int) -> list[tuple[int, ...]]:
    """A reference of shapes."""
    return [(batch, steps, units), (batch, units)]


SHAPES = asked_about(shape_of, [Case(2, 3, 5), Case(4, 9, 7), Case(6, 8, 11), Case(3, 5, 13)], expect.outputs)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            lambda batch, steps, units: [(batch, steps, 2 * units), (batch, units)],
            ["wherever the first shape is wrong, it is `(batch, steps, 2 * units)`"],
        ),
        (
            lambda batch, steps, units: [(steps, batch, units), (batch, units)],
            ["the numbers of the first shape are right, but in another order"],
        ),
        (
            lambda batch, steps, units: [(batch, steps, units), (units, batch)],
            ["the two axes of the second shape are swapped"],
        ),
        (
            lambda batch, steps, units: [(3, batch, units), (2 * units,)],
            [
                "wherever the first shape is wrong, it is `(3, batch, units)`",
                "wherever the second shape is wrong, it is `(2 * units,)`",
            ],
        ),
        (
            lambda batch, steps, units: [(batch, units), (batch, units)],
            ["wherever the first shape is wrong, it is `(batch, units)`"],
        ),
        (
            lambda batch, steps, units: [(batch, steps + 7, units), (batch, units)],
            ["only the first shape is wrong"],
        ),
    ],
)
def test_shapes(answer: Callable[..., Any], expected: list[str]) -> None:
    """What stands in the place of a wrong size is told by the name of the parameter."""
    assert explanations(SHAPES, answer) == expected


def keyed(a: int, b: int) -> dict[str, int]:
    """A reference of dicts."""
    return {"sum": a + b, "product": a * b}


DICTS = asked_about(
    keyed,
    [Case(2, 3), Case(5, 9), Case(4, 7)],
    lambda got, want: [expect.count(expect.item(got, key), value) for key, value in want.items()],
)


def test_dicts() -> None:
    """The key whose value is wrong is told."""
    assert explanations(DICTS, lambda a, b: keyed(a, b) | {"sum": 10 * a + b}) == [
        "only the value of the key 'sum' is wrong"
    ]


def test_entries_of_dicts_exchanged_for_another() -> None:
    """The key whose value stands under another is told."""
    assert explanations(DICTS, lambda a, b: keyed(a, b) | {"sum": a * b}) == [
        "only the value of the key 'sum' is wrong: it is that of the key 'product'",
    ]


@given(st.integers(-9, 9), st.integers(-9, 9), st.sampled_from(["a", "b", "a*b", "a*a", "1"]))
def test_reported_linear_slips_are_true(factor: int, amount: int, term: str) -> None:
    """A factor is told only where there is one, and an amount only where it is one."""

    def answer(a: int, b: int, mode: str, flag: bool) -> int:
        return (
            factor * product(a, b, mode, flag)
            + amount * {"a": a, "b": b, "a*b": a * b, "a*a": a * a, "1": 1}[term]
        )

    pairs = [
        (answer(*case.args, **case.kwargs), product(*case.args, **case.kwargs))
        for case in PRODUCTS  # type: ignore[arg-type]
    ]
    wrong = [(got, want) for got, want in pairs if got != want]
    for text in explanations(NUMBERS, answer):
        if text == FACTOR:
            assert len({got / want for got, want in wrong}) == 1
        elif text == AMOUNT:
            assert len({got - want for got, want in wrong}) == 1
        elif text == SAME:
            assert len({got for got, _ in wrong}) == 1


def test_both_languages_tell_it() -> None:
    """A Korean reader is told the same."""
    (told_here,) = grade(NUMBERS, DirectSession(lambda a, b, mode, flag: product(a, b) + flag)).computed
    assert told_here.ko == "시험한 입력 가운데 `mode='plain'`일 때만 맞습니다."


def halves(x: Any, h: Any) -> Any:
    """A reference of two arrays."""
    return x[:, :1] + h[:, h.shape[1] // 2 :].sum()


MATRICES = asked_about(
    halves,
    [Case(np.arange(2.0 * d).reshape(2, d), np.ones((2, u))) for d, u in ((3, 3), (2, 6), (5, 4), (4, 4))],
    expect.array,
)


def test_where_an_answer_raises() -> None:
    """What the inputs have in common for which an answer raises is told; here two axes of one length."""

    assert explanations(MATRICES, lambda x, h: halves(x, h) + 0 * (x + h)[:, :1]) == [
        "of the inputs tried, it is right only where `x.shape[1] = h.shape[1]`"
    ]


def dense(x: Any, kernel: Any) -> Any:
    """A reference of one product of arrays."""
    return x @ kernel


DENSE = asked_about(
    dense,
    [Case(np.ones((b, d)), np.ones((d, u))) for b, d, u in ((2, 3, 5), (4, 2, 7), (3, 6, 4), (7, 5, 2))],
    expect.array,
)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda x, kernel: kernel @ x, "here they have `kernel.shape[1]` and `x.shape[0]` ("),
        (lambda x, kernel: x @ kernel.T, "here they have `x.shape[1]` and `kernel.shape[1]` ("),
        (
            lambda x, kernel: x * kernel,
            "has the length `x.shape[1]` and the same axis of the other has `kernel.sh",
        ),
        (
            lambda x, kernel: np.ones((len(x), 4 * x.shape[1] + 1)),
            "its axis 1 has the length `4 * x",
        ),
        (lambda x, kernel: (x @ kernel)[:, 9:], "the array is empty, since axis 1 has the length 0"),
    ],
)
def test_sizes_are_told_by_their_names(answer: Callable[..., Any], told: str) -> None:
    """Which two sizes met where arrays do not fit, and what a wrong size is, is told in terms of the arguments."""
    assert any(told in text for text in explanations(DENSE, answer))


def test_one_flag_for_another() -> None:
    """Where one flag is read in the place of another, that is told."""

    def flags(size: int, first: bool, second: bool) -> list[int]:
        return [size + first, size - second]

    cases = [Case(size, *both) for size in (3, 8) for both in itertools.product((False, True), repeat=2)]
    assert explanations(
        asked_about(flags, cases, expect.counts), lambda size, first, second: flags(size, second, second)
    ) == ["what came back would be right if `first` were the same as `second`"]


def layer(batch: int, steps: int, inputs: int, units: int) -> list[tuple[int, ...]]:
    """A reference of the shapes of a layer."""
    return [(batch, steps, units), (batch, units)]


def input_in_the_first(batch: int, steps: int, inputs: int, units: int) -> list[tuple[int, ...]]:
    return [(batch, steps, inputs), (batch, units)]


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        (Case(3, 5, 4, 4), ["of the inputs tried, it is right only where `inputs = units`"]),
        (Case(3, 3, 4, 4), []),
    ],
)
def test_condition_is_told_where_it_is_the_only_one(right: Case, expected: list[str]) -> None:
    """Where two conditions tell the right values from the wrong ones, one is chance, and neither is told."""
    cases = [Case(2, 3, 4, 7), Case(3, 8, 5, 6), Case(9, 4, 8, 3), Case(2, 5, 4, 9), right]
    where_wrong, *condition = explanations(asked_about(layer, cases, expect.outputs), input_in_the_first)
    assert where_wrong == "wherever the first shape is wrong, it is `(batch, steps, inputs)`"
    assert condition == expected

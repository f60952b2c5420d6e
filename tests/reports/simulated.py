"""Simulated classes with a planted truth: who can do what, what is broken, who copied from whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from autograder.diagnosis.formula_text import FORMULA
from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.grading.report import CheckResult, Outcome, Report
from autograder.reports.class_results import Answer, ClassResults, Item, Student
from autograder.text import Text

START = datetime(2026, 11, 2, tzinfo=UTC)
WORDS = (
    "units input hidden state gate gates count total sum bias kernel weight weights layer size steps time dense one "
    "four result answer value number params all each per out output first last candidate cell memory length shape dim"
)
RARE_WORDS = (
    "blob chunk pile bucket magic factor tmp extra helper combo stuff piece block batch acc running partial inner "
    "outer left right big small new old current previous final double half whole stack slice mul plus term part"
)
PHRASES = (
    "number of weights", "bias for every unit", "kernel and recurrent kernel", "four gates", "count the input",
    "one for each gate", "this is the formula", "sum of all parts", "편향도 더한다", "게이트마다 한 벌씩",
    "입력 가중치", "why is this wrong", "not sure about this part", "try again later", "same as before",
)  # fmt: skip
LETTERS = "abcdefgh"


def text(words: str) -> Text:
    return Text(ko=words, en=words)


@dataclass(frozen=True)
class Plan:
    """What is planted in a class."""

    broken: str = ""
    """A question that the better students get wrong."""
    miskeyed: str = ""
    """A question whose second check fails the right answers and passes one wrong one."""
    impossible: str = ""
    """A question whose second check nobody passes."""
    copied: Sequence[tuple[int, int]] = ()
    """Who handed in whose work."""
    spread: Mapping[str, float] = field(default_factory=dict)
    """Share of the class with the misconception `planted`, by question."""


def simulate(
    seed: int, *, students: int = 60, items: int = 8, numbers: int = 2, plan: Plan = Plan()
) -> ClassResults:
    """Return a class in which nobody knows of anybody, but for what is planted."""
    rng = np.random.default_rng([seed, students])
    abilities = rng.normal(size=students)
    functions = [_item(f"q{place}") for place in range(items)]
    counted = [_number_item(f"n{place}", students, rng) for place in range(numbers)]
    difficulties = rng.permutation(np.linspace(-1.2, 1.0, items + numbers))
    people = []
    for person in range(students):
        answers = {}
        for item, difficulty in zip([*functions, *counted], difficulties, strict=True):
            chance = 1 / (1 + np.exp(-1.5 * (abilities[person] - difficulty)))
            answers[item.id] = _answer(item, person, chance, abilities[person], plan, rng)
        people.append(_student(person, answers, rng))
    for taker, giver in plan.copied:
        people[taker] = _copied(people[taker], people[giver], [*functions, *counted])
    return ClassResults("sim", "simulated", [*functions, *counted], people, START + timedelta(days=8),
                        template="units input_dim kernel bias gate weights of the layer")  # fmt: skip


def _item(name: str) -> Item:
    return Item(
        name, text(f"Question {name}"), 2.0, path=f"solutions/simulated/{name}.py", parameters=("a", "b")
    )


def _number_item(name: str, students: int, rng: np.random.Generator) -> Item:
    pool = rng.choice(np.arange(300, 12_000), size=240, replace=False)
    drawn = {f"s{person:04}": str(pool[rng.integers(240)]) for person in range(students)}
    return Item(name, text(f"Number {name}"), 1.0, right_numbers=drawn)


def _zipf(rng: np.random.Generator, size: int) -> int:
    return int(min(size - 1, rng.zipf(1.4) - 1))


def _answer(
    item: Item, person: int, chance: float, ability: float, plan: Plan, rng: np.random.Generator
) -> Answer:
    name, student = item.id, f"s{person:04}"
    right = bool(rng.random() < chance)
    if name == plan.broken:
        right = bool(rng.random() < 1 / (1 + np.exp(1.5 * ability)))
    if item.right_numbers:
        wrong = str(int(rng.integers(300, 12_000)))
        value = item.right_numbers[student] if right else wrong
        code = f"{name} = (\n    {value}\n)"
        message = text("") if right else text(f"got {value}, which is not right")
        return Answer(_report(item, ["passed" if right else "failed"], message=message), code)
    code = _code(name, rng)
    if rng.random() < plan.spread.get(name, 0.0):
        return Answer(_report(item, ["passed", "failed"], named="planted"), code)
    if name == plan.miskeyed:
        formula = "a² + b"  # what the right ones compute, and the key does not know
        return Answer(_report(item, ["passed", "failed"] if right else ["passed", "passed"],
                              formula=formula if right else ""), code)  # fmt: skip
    if name == plan.impossible:
        return Answer(
            _report(item, ["passed" if right else "failed", "failed"], message=text("not right")), code
        )
    if right:
        return Answer(_report(item, ["passed", "passed"]), code)
    first: Outcome = "passed" if rng.random() < 0.5 else "failed"
    kind = rng.random()
    if kind < 0.5:
        return Answer(_report(item, [first, "failed"], named=f"mistake_{_zipf(rng, 8)}"), code)
    if kind < 0.75:
        return Answer(_report(item, [first, "failed"], formula=f"{2 + _zipf(rng, 60)}·a² + b"), code)
    if kind < 0.9:
        message = text(f"expected a whole number, got kind {LETTERS[_zipf(rng, 8)]}")
        return Answer(_report(item, [first, "failed"], message=message), code)
    if kind < 0.95:
        error = text("running the answer raised NameError")
        return Answer(_report(item, ["errored", "errored"], message=error, fault=True), code)
    return Answer(
        replace(_report(item, ["errored", "errored"]), fault="missing"), f"def {name}(a, b):\n    ..."
    )


def _report(
    item: Item,
    outcomes: Sequence[Outcome],
    *,
    named: str = "",
    formula: str = "",
    message: Text = Text(),  # noqa: B008
    fault: bool = False,
) -> Report:
    checks = tuple(
        CheckResult(f"check_{place}", text(f"check {place} of {item.id}"), outcome, item.points / len(outcomes),
                    message if outcome in ("failed", "errored") else Text())
        for place, outcome in enumerate(outcomes)
    )  # fmt: skip
    known = (NamedMisconception(named, text(f"That is {named} of {item.id}.")),) if named else ()
    computed = (
        (Text(ko=FORMULA.ko.format(formula=formula), en=FORMULA.en.format(formula=formula)),)
        if formula
        else ()
    )
    return Report(
        item.id, item.title, item.points, checks, known, computed, fault="raised" if fault else None
    )


def _code(name: str, rng: np.random.Generator) -> str:
    """Return code with the words that students use: most are common, some are not."""
    common, rare = WORDS.split(), RARE_WORDS.split()
    lines = [f"def {name}(a, b):"]
    for _ in range(int(rng.integers(1, 6))):
        words = [common[_zipf(rng, len(common))], rare[int(rng.integers(len(rare)))]]
        variable = words[0] if rng.random() < 0.6 else "_".join(rng.permutation(words))
        comment = f"  # {PHRASES[_zipf(rng, len(PHRASES))]}" if rng.random() < 0.2 else ""
        if rng.random() < 0.05:  # a thought that only this student has
            own = " ".join(str(rng.choice([*common, *rare])) for _ in range(6))
            comment = f"  # {own}"
        lines.append(f"    {variable} = a * {int(rng.integers(2, 9))} + b{comment}")
    return "\n".join([*lines, "    return a + b"])


def _student(person: int, answers: Mapping[str, Answer], rng: np.random.Generator) -> Student:
    number = f"s{person:04}"
    moment = START + timedelta(days=float(7 * rng.beta(4, 1)))
    return Student(
        number, f"Kim {person}", f"{number}@example.org", edition="ko" if person % 3 else "en", answers=answers,
        scores={name: answer.report.score for name, answer in answers.items()}, submitted_at=moment,
    )  # fmt: skip


def _copied(taker: Student, giver: Student, items: Collection[Item]) -> Student:
    """Return the taker with the giver's work, in which a number is right only if both have the same."""
    answers = dict(giver.answers)
    for item in items:
        theirs, own = item.right_numbers.get(giver.id), item.right_numbers.get(taker.id)
        if theirs != own and answers[item.id].report.right:
            message = text(f"got {theirs}, which is not right")
            answers[item.id] = Answer(_report(item, ["failed"], message=message), answers[item.id].code)
    scores = {name: answer.report.score for name, answer in answers.items()}
    return replace(taker, answers=answers, scores=scores)

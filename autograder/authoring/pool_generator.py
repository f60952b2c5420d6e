"""Generate a pool: numbers for which no misconception is right and no two give the same number."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.i18n import _
from autograder.questions.number_answers import are_alike, key_of
from autograder.questions.pool import read_pool
from autograder.questions.question import Question
from autograder.questions.variants import chance_of_sharing
from autograder.suggestions import unknown
from autograder.text import Text

TRIES = 400_000
OBSTACLES: Mapping[str, Text] = {
    "digits": _('the answer to {question} does not have the length that "digits" asks for'),
    "taken": _("another variant has the same answer to {question}"),
    "printed": _("the answer to {question} is printed in a source notebook"),
    "raises": _("the misconception {name} of {question} raises an error"),
    "right": _("the checks of {question} accept the number of the misconception {name}"),
    "alike": _("to the checks of {question}, the misconceptions {other} and {name} give the same number"),
    "range": _("the ranges hold no other numbers"),
}


class Obstacle(NamedTuple):
    """Why numbers make no variant."""

    kind: str
    """A key of `OBSTACLES`."""
    question: str
    name: str = ""
    other: str = ""


@dataclass(frozen=True)
class FilledPool:
    """The result of filling a pool."""

    path: Path
    kept: int
    removed: int
    added: int
    chances: Mapping[str, float]
    """Probability that two students have the same answer, by question."""


def fill(
    course: Course,
    assignment: str,
    name: str,
    *,
    size: int = 240,
    on_progress: Callable[[Text], None] = lambda text: None,
) -> FilledPool:
    """Write `size` variants into the pool `name` of an assignment, keeping those that are still valid.

    The pool file gives the range of each number in `ranges`, and the length of the answers by question in `digits`. No
    two variants have the same answer to a question. Raises CourseError if too few variants are found.
    """
    path = course.assignment(course.check_assignment(assignment)).folder / f"{name}.json"
    if not path.exists():
        names = sorted(file.stem for file in path.parent.glob("*.json"))
        raise CourseError(unknown("pool", name, names))
    pool = read_pool(path)
    data = json.loads(path.read_text(encoding="utf-8"))
    try:
        draws = [_draw(data["ranges"][number]) for number in pool.names]
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise CourseError(
            _(
                '{path}: expected "ranges" for {names}, such as {{"units": [2, 30], "rate": [0.1, 0.9, 0.1], '
                '"padding": ["same", "valid"], "values": {{"of": [1, 9], "length": 5}}}}',
                path=path,
                names=", ".join(pool.names),
            )
        ) from error
    questions = _questions_of(course, assignment, name)
    printed = _printed(course)
    taken: set[tuple[str, Any]] = set()
    digits: dict[str, int] = data.get("digits", {})

    refused: Counter[Obstacle] = Counter()

    def obstacle(answers: Collection[tuple[str, Any]], numbers: Mapping[str, Any]) -> Obstacle | None:
        for question, answer in answers:
            if len(str(answer)) != digits.get(question, len(str(answer))):
                return Obstacle("digits", question)
            if (question, answer) in taken:
                return Obstacle("taken", question)
            if str(answer) in printed:
                return Obstacle("printed", question)
        return next(filter(None, (confusion(question, numbers) for question in questions)), None)

    def is_valid(numbers: tuple[Any, ...]) -> bool:
        by_name = pool.mapping(numbers)
        answers = {(question.id, key_of(question.right_number(by_name))) for question in questions}
        if reason := obstacle(answers, by_name):
            refused[reason] += 1
            return False
        taken.update(answers)
        return True

    variants = [numbers for numbers in pool.variants if is_valid(numbers)][:size]
    kept = len(variants)
    rng = random.Random(f"{course.id}/{assignment}/{name}")  # noqa: S311 - nothing secret
    for tried in range(TRIES):
        if len(variants) == size:
            break
        if tried % 1000 == 0:
            on_progress(
                _(
                    "{name}: {found} of {size} variants, {tried} sets of numbers tried",
                    name=name,
                    found=len(variants),
                    size=size,
                    tried=tried,
                )
            )
        numbers = tuple(draw(rng) for draw in draws)
        if numbers != pool.public and numbers not in variants and is_valid(numbers):
            variants.append(numbers)
    if len(variants) < size:
        [(commonest, _times)] = refused.most_common(1) or [(Obstacle("range", ""), 0)]
        raise CourseError(
            _(
                "{path}: only {found} of {size} variants found in {tries} tries; the commonest obstacle: {why}. "
                "Remove it, widen the ranges, or request fewer with --size",
                path=path,
                found=len(variants),
                size=size,
                tries=TRIES,
                why=OBSTACLES[commonest.kind].format(**commonest._asdict()),
            )
        )
    _write(path, data, variants)
    filled = _questions_of(course, assignment, name)  # read again, with the variants that were written
    chances = {question.id: chance_of_sharing(question) for question in filled}
    return FilledPool(path, kept, len(pool.variants) - kept, len(variants) - kept, chances)


def _questions_of(course: Course, assignment: str, pool: str) -> list[Question]:
    """Return the questions of an assignment that draw their numbers from a pool."""
    questions = course.assignment(assignment).questions
    return [question for question in questions if question.pool is not None and question.pool.name == pool]


def _draw(definition: Any) -> Callable[[random.Random], Any]:
    """Return the function that draws one number.

    definition: `[low, high]` for integers, `[low, high, step]` for decimal fractions, a list of strings to choose
    from, or `{"of": ..., "length": n}` for a list of numbers that are drawn in this way. Raises KeyError, TypeError
    or ValueError for anything else.
    """
    if isinstance(definition, Mapping):
        draw, length = _draw(definition["of"]), int(definition["length"])
        return lambda rng: tuple(draw(rng) for _ in range(length))
    if all(isinstance(choice, str) for choice in definition):
        choices: Sequence[Any] = definition
    elif len(definition) == 2 and all(type(bound) is int for bound in definition):
        choices = range(definition[0], definition[1] + 1)
    else:
        low, high, step = (Decimal(str(bound)) for bound in definition)
        choices = [float(low + index * step) for index in range(int((high - low) / step) + 1)]
    if not choices:
        raise ValueError("a range is empty")
    return lambda rng: rng.choice(choices)


def _printed(course: Course) -> set[str]:
    """Return the numbers that appear in the source notebooks, which no answer may equal."""
    texts = [path.read_text(encoding="utf-8") for path in (course.root / "source").rglob("*.ipynb")]
    return {token for text in texts for token in re.findall(r"(?<![0-9A-Za-z])\d{3,}(?![0-9A-Za-z])", text)}


def confusion(question: Question, numbers: Mapping[str, Any]) -> Obstacle | None:
    """Return which two answers these numbers do not tell apart: two misconceptions, or one and the right answer."""
    answers = {"": question.right_number(numbers)}
    for misconception in question.misconceptions:
        try:
            value = misconception.answer(**numbers)
        except Exception:  # a misconception that is undefined for these numbers could not be recognized
            return Obstacle("raises", question.id, misconception.name)
        for name, other in answers.items():
            if name not in misconception.like and are_alike(question, numbers, value, other):
                return Obstacle("alike" if name else "right", question.id, misconception.name, name)
        answers[misconception.name] = value
    return None


def _write(path: Path, data: Mapping[str, Any], variants: Sequence[tuple[Any, ...]]) -> None:
    """Write one variant per line, so that a change of the pool is readable."""
    entries = {key: json.dumps(value, ensure_ascii=False) for key, value in data.items() if key != "variants"}
    rows = ",\n  ".join(json.dumps(numbers) for numbers in variants)
    entries["variants"] = f"[\n  {rows}\n ]"
    listed = ",\n".join(f' "{key}": {text}' for key, text in entries.items())
    atomic_write(path, f"{{\n{listed}\n}}\n")

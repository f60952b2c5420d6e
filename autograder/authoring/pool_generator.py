"""Fills a pool: numbers with which no known mistake is right, and no two give the same number."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course, unknown
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.questions.pool import read_pool
from autograder.questions.question import Question
from autograder.questions.variants import chance_of_sharing

TRIES = 400_000


@dataclass(frozen=True)
class FilledPool:
    """What became of a pool."""

    path: Path
    kept: int
    removed: int
    added: int
    chances: Mapping[str, float]
    """By question: the chance that two students have the same answer."""


def fill(
    course: Course,
    assignment: str,
    name: str,
    *,
    size: int = 240,
    on_progress: Callable[[str], None] = lambda text: None,
) -> FilledPool:
    """Write `size` variants into the pool `name` of an assignment; those that still hold are kept.

    The file says in `ranges` from where to where each number goes, and in `digits`, by question, how long the
    answers are. No two variants have the same answer to a question. Raises CourseError where there are too few.
    """
    path = course.root / "solutions" / course.check_assignment(assignment) / f"{name}.json"
    if not path.exists():
        there = sorted(other.stem for other in path.parent.glob("*.json"))
        raise CourseError(unknown("pool", name, there))
    pool = read_pool(path)
    data = json.loads(path.read_text(encoding="utf-8"))
    try:
        ranges = [range(low, high + 1) for low, high in (data["ranges"][one] for one in pool.names)]
        if not all(ranges):
            raise ValueError("a range is empty")
    except (KeyError, TypeError, ValueError) as error:
        raise CourseError(
            f'{path}: expected "ranges", as in {{"units": [2, 30]}}, for {", ".join(pool.names)}'
        ) from error
    questions = [
        one for one in course.questions(assignment) if one.pool is not None and one.pool.name == name
    ]
    printed = _printed(course)
    taken: set[tuple[str, Any]] = set()
    digits: dict[str, int] = data.get("digits", {})

    def holds(numbers: tuple[Any, ...]) -> bool:
        answers = {(one.id, one.right_number(pool.mapping(numbers))) for one in questions}
        if answers & taken or any(
            len(str(answer)) != digits.get(question, len(str(answer))) or str(answer) in printed
            for question, answer in answers
        ):
            return False
        if not all(is_separable(one, pool.mapping(numbers)) for one in questions):
            return False
        taken.update(answers)
        return True

    variants = [numbers for numbers in pool.variants if holds(numbers)][:size]
    kept = len(variants)
    rng = random.Random(f"{course.id}/{assignment}/{name}")  # noqa: S311 - nothing secret
    for tried in range(TRIES):
        if len(variants) == size:
            break
        if tried % 1000 == 0:
            on_progress(f"{name}: {len(variants)} of {size} variants, {tried} sets of numbers tried")
        numbers = tuple(rng.choice(one) for one in ranges)
        if numbers != pool.public and numbers not in variants and holds(numbers):
            variants.append(numbers)
    if len(variants) < size:
        raise CourseError(
            f"{path}: only {len(variants)} of {size} variants found in {TRIES} tries; widen its ranges, or ask "
            "for fewer with --size"
        )
    _write(path, data, variants)
    questions = [
        one for one in course.questions(assignment) if one.pool is not None and one.pool.name == name
    ]
    chances = {one.id: chance_of_sharing(one) for one in questions}
    return FilledPool(path, kept, len(pool.variants) - kept, len(variants) - kept, chances)


def _printed(course: Course) -> set[str]:
    """The numbers that stand in the source notebooks, where no answer may."""
    texts = [path.read_text(encoding="utf-8") for path in (course.root / "source").rglob("*.ipynb")]
    return {token for text in texts for token in re.findall(r"(?<![0-9A-Za-z])\d{3,}(?![0-9A-Za-z])", text)}


def is_separable(question: Question, numbers: Mapping[str, Any]) -> bool:
    """Whether every known mistake is wrong with these numbers, and each gives a number of its own."""
    given = {"": question.right_number(numbers)}
    for known in question.misconceptions:
        try:
            value = known.answer(**numbers)
        except Exception:  # a mistake that is undefined for these numbers could not be told
            return False
        if any(value == other and name not in known.like for name, other in given.items()):
            return False
        given[known.name] = value
    return True


def _write(path: Path, data: Mapping[str, Any], variants: Sequence[tuple[Any, ...]]) -> None:
    """One variant a line, so that a change of the pool can be read."""
    entries = {key: json.dumps(value, ensure_ascii=False) for key, value in data.items() if key != "variants"}
    rows = ",\n  ".join(json.dumps(numbers) for numbers in variants)
    entries["variants"] = f"[\n  {rows}\n ]"
    listed = ",\n".join(f' "{key}": {text}' for key, text in entries.items())
    atomic_write(path, f"{{\n{listed}\n}}\n")

"""Generate a pool: numbers for which no misconception is right and no two give the same number."""

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
from autograder.i18n import _
from autograder.questions.pool import read_pool
from autograder.questions.question import Question
from autograder.questions.variants import chance_of_sharing

TRIES = 400_000


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
    on_progress: Callable[[str], None] = lambda text: None,
) -> FilledPool:
    """Write `size` variants into the pool `name` of an assignment, keeping those that are still valid.

    The pool file gives the range of each number in `ranges`, and the length of the answers by question in `digits`. No
    two variants have the same answer to a question. Raises CourseError if too few variants are found.
    """
    path = course.assignment(course.check_assignment(assignment)).folder / f"{name}.json"
    if not path.exists():
        names = sorted(other.stem for other in path.parent.glob("*.json"))
        raise CourseError(unknown("pool", name, names))
    pool = read_pool(path)
    data = json.loads(path.read_text(encoding="utf-8"))
    try:
        ranges = [range(low, high + 1) for low, high in (data["ranges"][number] for number in pool.names)]
        if not all(ranges):
            raise ValueError("a range is empty")
    except (KeyError, TypeError, ValueError) as error:
        raise CourseError(
            _(
                '{path}: expected "ranges", as in {{"units": [2, 30]}}, for {names}',
                path=path,
                names=", ".join(pool.names),
            )
        ) from error
    questions = [
        question
        for question in course.assignment(assignment).questions
        if question.pool is not None and question.pool.name == name
    ]
    printed = _printed(course)
    taken: set[tuple[str, Any]] = set()
    digits: dict[str, int] = data.get("digits", {})

    def is_valid(numbers: tuple[Any, ...]) -> bool:
        answers = {(question.id, question.right_number(pool.mapping(numbers))) for question in questions}
        if answers & taken or any(
            len(str(answer)) != digits.get(question, len(str(answer))) or str(answer) in printed
            for question, answer in answers
        ):
            return False
        if not all(is_separable(question, pool.mapping(numbers)) for question in questions):
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
            on_progress(f"{name}: {len(variants)} of {size} variants, {tried} sets of numbers tried")
        numbers = tuple(rng.choice(choices) for choices in ranges)
        if numbers != pool.public and numbers not in variants and is_valid(numbers):
            variants.append(numbers)
    if len(variants) < size:
        raise CourseError(
            _(
                "{path}: only {found} of {size} variants found in {tries} tries; widen the ranges, or "
                "request fewer with --size",
                path=path,
                found=len(variants),
                size=size,
                tries=TRIES,
            )
        )
    _write(path, data, variants)
    questions = [
        question
        for question in course.assignment(assignment).questions
        if question.pool is not None and question.pool.name == name
    ]
    chances = {question.id: chance_of_sharing(question) for question in questions}
    return FilledPool(path, kept, len(pool.variants) - kept, len(variants) - kept, chances)


def _printed(course: Course) -> set[str]:
    """Return the numbers that appear in the source notebooks, which no answer may equal."""
    texts = [path.read_text(encoding="utf-8") for path in (course.root / "source").rglob("*.ipynb")]
    return {token for text in texts for token in re.findall(r"(?<![0-9A-Za-z])\d{3,}(?![0-9A-Za-z])", text)}


def is_separable(question: Question, numbers: Mapping[str, Any]) -> bool:
    """Return whether every misconception is wrong with these numbers, and each gives a different number."""
    given = {"": question.right_number(numbers)}
    for known in question.misconceptions:
        try:
            value = known.answer(**numbers)
        except Exception:  # a misconception that is undefined for these numbers could not be recognized
            return False
        if any(value == other and name not in known.like for name, other in given.items()):
            return False
        given[known.name] = value
    return True


def _write(path: Path, data: Mapping[str, Any], variants: Sequence[tuple[Any, ...]]) -> None:
    """Write one variant per line, so that a change of the pool is readable."""
    entries = {key: json.dumps(value, ensure_ascii=False) for key, value in data.items() if key != "variants"}
    rows = ",\n  ".join(json.dumps(numbers) for numbers in variants)
    entries["variants"] = f"[\n  {rows}\n ]"
    listed = ",\n".join(f' "{key}": {text}' for key, text in entries.items())
    atomic_write(path, f"{{\n{listed}\n}}\n")

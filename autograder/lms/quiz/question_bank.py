"""Number questions of an assignment as quiz questions: problems, right numbers, and known mistakes."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from numbers import Integral, Real
from typing import Any

from autograder.course import Course
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.questions.number_answers import are_alike, tolerance
from autograder.questions.question import Misconception, Question
from autograder.text import Text, joined, one_line

RIGHT = _("Right.")
NOT_RIGHT = _("This number is not right, and no mistake that we know of gives it.")
PART_BY_PART = _("Count part by part: {parts}.")
STEP_BY_STEP = _(
    "Write down step by step what you computed, and look which number of the problem each step uses."
)
NEW_LINE = "\n"
CODE_PART = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Wrong:
    """A wrong number and the mistakes that give it."""

    number: int | float
    mistakes: tuple[str, ...]
    """Names of the mistakes; several if they give the same number here."""
    texts: tuple[Text, ...]
    credit: float
    """Share of the points as partial credit, from 0 to below 1."""


@dataclass(frozen=True)
class Variant:
    """A question with one variant of numbers."""

    id: str
    """Identifier that depends on question and numbers only, not on texts; at most 100 characters."""
    numbers: tuple[Any, ...]
    problem: str
    """The problem with its numbers, as one or more lines of code."""
    right: int | float
    wrong: tuple[Wrong, ...]
    """In the order of the question's misconceptions: its own, then inherited ones."""
    tolerance: float = 0.0
    """By how much a typed number may differ from these."""


@dataclass(frozen=True)
class QuizQuestion:
    """A number question with the variants that a student may get."""

    id: str
    title: Text
    asks: Text
    look: Text
    """Feedback for a number that no known mistake gives."""
    points: float
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class Quiz:
    """The number questions of one assignment, ordered by title."""

    assignment: str
    questions: tuple[QuizQuestion, ...]
    left_out: tuple[str, ...]
    """Ids of number questions without `in_quiz`."""


def quiz_of(course: Course, assignment: str, *, variants: int = 20) -> Quiz:
    """Return the quiz of an assignment with up to this number of the students' variants.

    Raises CourseError if a known mistake gives the right number.
    """
    questions = course.assignment(course.check_assignment(assignment)).questions
    counting = sorted(
        (question for question in questions if question.is_number),
        key=lambda question: question.title.in_language(course.languages[0]),
    )
    return Quiz(
        assignment,
        tuple(_asked(question, questions, variants) for question in counting if question.in_quiz != Text()),
        tuple(question.id for question in counting if question.in_quiz == Text()),
    )


def _asked(question: Question, questions: Sequence[Question], variants: int) -> QuizQuestion:
    return QuizQuestion(
        question.id,
        question.title,
        question.in_quiz,
        _look(question, questions),
        question.rubric_points,
        tuple(_variant(question, numbers) for numbers in question.student_variants[:variants]),
    )


def _look(question: Question, questions: Sequence[Question]) -> Text:
    """Return a hint: the parts of the formula, if the question declares its terms."""
    counts = [
        term.counts
        for other in questions
        if other.id in question.followed_names
        for term in other.terms
        if term.counts is not None
    ]
    parts = joined(", ", [part.map(one_line) for part in counts])
    return joined(" ", [NOT_RIGHT, PART_BY_PART.format(parts=parts) if counts else STEP_BY_STEP])


def _variant(question: Question, numbers: Mapping[str, Any]) -> Variant:
    assert question.pool is not None
    described = f"{question.id} with {', '.join(f'{name}={value}' for name, value in numbers.items())}"
    right = _number(question.right_number(numbers))
    if right is None:
        raise CourseError(
            _(
                "{path}: {given} has the answer {answer}; a quiz needs a number",
                path=question.path,
                given=described,
                answer=repr(question.right_number(numbers)),
            )
        )
    shows = question.pool.shows or "\n".join(f"{name} = {{{name}}}" for name in numbers)
    digest = hashlib.sha256(
        f"{question.assignment}/{question.id}/{tuple(numbers.items())}".encode()
    ).hexdigest()
    wrong = tuple(_wrong(question, numbers))
    for wrong_number in wrong:
        if are_alike(question, numbers, wrong_number.number, right):
            raise CourseError(
                _(
                    "{path}: {given} has the right answer {right}, and so has the known mistake {mistakes}: a "
                    "quiz would mark it right. Take these numbers out of its pool; where that is a file, "
                    "`autograder pool {assignment} {pool}` does it",
                    path=question.path,
                    given=described,
                    right=right,
                    mistakes=", ".join(wrong_number.mistakes),
                    assignment=question.assignment,
                    pool=question.pool.name,
                )
            )
    return Variant(
        f"{question.assignment}.{question.id}"[:87] + f".{digest[:12]}",
        tuple(numbers.values()),
        shows.format(**numbers),
        right,
        wrong,
        0.0 if isinstance(right, int) else tolerance(question, numbers, right),
    )


def _wrong(question: Question, numbers: Mapping[str, Any]) -> Iterator[Wrong]:
    """Return the distinct numbers that the known mistakes give."""
    by_number: dict[int | float, list[Misconception]] = {}
    for mistake in question.misconceptions:
        number = _mistaken(mistake, numbers)
        if number is not None:
            by_number.setdefault(number, []).append(mistake)
    for number, mistakes in by_number.items():
        yield Wrong(
            number,
            tuple(mistake.name for mistake in mistakes),
            tuple(dict.fromkeys(mistake.text for mistake in mistakes)),
            max(mistake.credit for mistake in mistakes) / question.rubric_points,
        )


def _mistaken(mistake: Misconception, numbers: Mapping[str, Any]) -> int | float | None:
    try:
        return _number(mistake.answer(**numbers))
    except Exception:  # a misconception may be undefined for some variants
        return None


def _number(value: Any) -> int | float | None:
    """Return a number as a student may type it, or None if it is not one."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        return None
    if isinstance(value, Integral):
        return int(value)
    number = float(value)
    return int(number) if number.is_integer() else number


def as_html(*texts: str) -> str:
    """Return texts as HTML paragraphs, with backticks as code."""
    paragraphs = (CODE_PART.sub(r"<code>\1</code>", _escape(one_line(text))) for text in texts)
    return "".join(f"<p>{text}</p>" for text in paragraphs)


def problem_as_html(variant: Variant) -> str:
    """Return the problem of a variant as HTML, keeping its lines."""
    code = variant.problem.expandtabs(4)
    return f"<pre>{_escape(''.join(letter for letter in code if letter == NEW_LINE or letter.isprintable()))}</pre>"


def _escape(text: str) -> str:
    return escape(text, quote=False)  # Canvas shows an escaped apostrophe literally

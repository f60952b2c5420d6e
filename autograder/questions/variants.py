"""Variants: the numbers that a student gets, derived from the student id by a public hash.

The three functions at the top are copied verbatim into notebooks, so that a student's notebook and the grader derive
the same numbers: changing a letter of them changes every release. They need only the standard library, and the words of
the notebook's edition.
"""

from __future__ import annotations

import hashlib
import inspect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autograder.i18n import _
from autograder.questions.number_answers import key_of
from autograder.questions.question import Pool, Question
from autograder.text import Text


def plain_id(student_id: object) -> str:
    """An id without what people write differently: width, case, spaces, dashes, zeros in front."""
    import unicodedata

    text = unicodedata.normalize("NFKC", str(student_id)).casefold()
    return "".join(letter for letter in text if letter.isalnum()).lstrip("0")


def own_numbers(
    course: str, student_id: object, problem: str, variants: tuple[tuple[int, ...], ...]
) -> tuple[int, ...]:
    """The variant that this student draws: the one whose hash with the id is the greatest."""
    import hashlib

    def rank(numbers: tuple[int, ...]) -> bytes:
        return hashlib.sha256(f"{course}/{plain_id(student_id)}/{problem}/{numbers}".encode()).digest()

    return max(variants, key=rank)


def show_numbers(
    course: str,
    problem: str,
    names: tuple[str, ...],
    text: str,
    public: tuple[int, ...],
    variants: tuple[tuple[int, ...], ...],
) -> None:
    """Print a problem with the numbers of the id above, or with the public ones if there is none."""
    words, student = globals()["WORDS"], plain_id(globals().get("student_id", ""))
    numbers = own_numbers(course, student, problem, variants) if student else public
    place = variants.index(numbers) + 1 if student else 0
    print(words["own" if student else "public"].format(id=student, place=place, count=len(variants)))
    print()
    print(text.format(**dict(zip(names, numbers, strict=True))))


SHOW_NUMBERS: Mapping[str, Text] = {
    "own": _("{id}: your numbers are set {place} of {count}."),
    "public": _("No student id yet: these are the public numbers."),
}
"""The words of `show_numbers`."""


def notebook_code() -> str:
    """Return the source of the functions above, as notebooks contain it."""
    sources = [inspect.getsource(function) for function in (plain_id, own_numbers, show_numbers)]
    return "\n\n".join(sources).rstrip()


IdOwner = Literal["own", "none", "nobody's", "another's", ""]
"""The id in a notebook: the owner's, missing, unknown, or of another student; empty if it does not matter."""

# one text for both cases: two would reveal who is in the class
NOT_YOURS = _(
    "the id in the notebook, {claimed}, is not that of the student who handed it in; write your "
    "own id and run the cells below it, and the notebook shows your own numbers"
)
CLAIM_NOTES: Mapping[str, Text] = {
    "none": _(
        "there was no id in the notebook, so this was judged on the public numbers; write your id in "
        "it and it shows your own numbers"
    ),
    "nobody's": NOT_YOURS,
    "another's": NOT_YOURS,
}
STRICT = _(
    "there is no id in the notebook, and this course pays answers to your own numbers alone; "
    "write your id in it and run the cells below it, and it shows your own"
)
EARLIER = _("this was judged by the numbers of an earlier release of this notebook, which gave you others")
PUBLIC = _("this fits the public numbers; run the cell with the numbers again after writing your id")


@dataclass(frozen=True)
class Owner:
    """The student who submitted a notebook, and the known student ids."""

    course: str
    student: str = ""
    """Empty for a notebook that no student submitted."""
    known: Mapping[str, str] = field(default_factory=dict)
    """All students, by each of their plain ids."""
    group: tuple[str, ...] = ()
    """The members of a group submission; the numbers of the first one count."""
    strict: bool = False
    """Whether a notebook without the owner's id is graded by the owner's numbers, not by those that it showed."""

    @property
    def own(self) -> VariantChoice:
        """The variant of the owner, or of the first member of the group."""
        return VariantChoice(self.course, plain_id(next(iter(self.group), self.student)), "own")

    def choose_variant(self, written: object) -> VariantChoice:
        """Choose the variant that a notebook is graded by. written: the id in the notebook, untrusted."""
        claimed, own = plain_id(written)[:100], self.own.student
        shown_id = own if self.strict else claimed
        if not claimed:
            return VariantChoice(self.course, shown_id, "none" if own else "")
        members = self.group or ((self.student,) if own else ())
        if self.known.get(claimed) in members or claimed in map(plain_id, members):
            return VariantChoice(self.course, claimed, "own")
        if own and claimed in self.known:
            return VariantChoice(self.course, own, "another's", claimed)
        return VariantChoice(self.course, shown_id or claimed, "nobody's" if own else "", claimed)


@dataclass(frozen=True)
class VariantChoice:
    """The choice of a variant: that of `student`, or the public one if it is empty."""

    course: str = ""
    student: str = ""
    claim: IdOwner = ""
    claimed: str = ""
    pool: Pool | None = None
    """The pool of an earlier release, whose numbers count in the place of the question's."""
    _drawn: dict[str, tuple[Pool, tuple[Any, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The numbers drawn so far from each pool, by its name: several questions ask for them, again and again."""

    def numbers(self, question: Question) -> dict[str, Any]:
        """Return the numbers of a number question in this variant."""
        pool = self.pool or question.pool
        assert pool is not None
        if not self.student or not pool.variants:
            return pool.mapping(pool.public)
        known = self._drawn.get(pool.name)
        if known is None or known[0] is not pool:
            drawn = numbers_of_class(self.course, [self.student], pool)[self.student]
            known = self._drawn[pool.name] = pool, drawn
        return pool.mapping(known[1])

    @property
    def note(self) -> Text | None:
        """The note about the choice for the student."""
        note = STRICT if self.claim == "none" and self.student else CLAIM_NOTES.get(self.claim)
        if note is None:
            return None
        return note.format(claimed=self.claimed)


def pools_of(questions: Iterable[Question]) -> dict[str, Pool]:
    """Return the pools with variants, by name, in the order of their first question."""
    return {
        question.pool.name: question.pool
        for question in questions
        if question.pool is not None and question.pool.variants
    }


def numbers_of_class(course: str, students: Iterable[str], pool: Pool) -> dict[str, tuple[Any, ...]]:
    """Return the numbers that each student draws: those of `own_numbers`, for a class, in a quarter of the time."""
    endings = [(f"/{pool.name}/{numbers}".encode(), numbers) for numbers in pool.variants]
    drawn = {}
    for student in students:
        begun = hashlib.sha256(f"{course}/{plain_id(student)}".encode())

        def rank(ending: tuple[bytes, tuple[Any, ...]], begun: Any = begun) -> bytes:
            hashed = begun.copy()
            hashed.update(ending[0])
            return bytes(hashed.digest())

        drawn[student] = max(endings, key=rank)[1]
    return drawn


def chance_of_sharing(question: Question) -> float:
    """Return the probability that two students have the same answer to a number question."""
    counts = Counter(key_of(question.right_number(numbers)) for numbers in question.student_variants)
    return sum((count / counts.total()) ** 2 for count in counts.values())

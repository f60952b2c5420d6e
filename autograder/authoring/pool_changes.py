"""Find pools without variants, and the students whose numbers a changed pool changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograder.assignment import Assignment
from autograder.i18n import _
from autograder.notebooks.cells import read_notebook
from autograder.notebooks.released_pools import gives_other_numbers, released_pools
from autograder.questions.question import Question
from autograder.questions.variants import numbers_of_class, pools_of
from autograder.text import Text

MAX_STUDENTS = 12
"""Number of students that a note names."""


def unfilled_pools(questions: Mapping[str, Sequence[Question]]) -> Iterator[Text]:
    """Yield each pool file without variants: no student would see numbers. questions: by assignment."""
    unfilled = {
        (name, question.pool.name): Path(question.path).with_name(f"{question.numbers}.json")
        for name, group in questions.items()
        for question in group
        if isinstance(question.numbers, str) and question.pool is not None and not question.pool.variants
    }
    for (assignment, pool), path in unfilled.items():
        yield _(
            "{path}: the pool has no variants, and the notebook would show no numbers; run `autograder pool "
            "{assignment} {pool}`, or write the numbers as numbers=({{...}},) into the question if all students get "
            "the same",
            path=path,
            assignment=assignment,
            pool=pool,
        )


def changed_numbers(assignment: Assignment, questions: Sequence[Question]) -> Iterator[Text]:
    """Yield, for each pool that the release shows otherwise, who of those who have submitted gets other numbers."""
    course, path = assignment.course, assignment.release()
    submitted = (folder for folder in course.submitted.glob(f"*/{assignment.name}") if folder.is_dir())
    students = sorted(folder.parent.name for folder in submitted)
    released = released_pools(read_notebook(path).cells) if path.is_file() and students else {}
    for name, pool in pools_of(questions).items():
        before = released.get(name)
        if before is None or not before.variants or not gives_other_numbers(pool, before):
            continue
        old, new = (numbers_of_class(course.id, students, one) for one in (before, pool))
        others = [student for student in students if old[student] != new[student]]
        yield _(
            "{assignment}: the pool {pool} gives other numbers than the release to {n} of those who have submitted "
            "({students}); the numbers that the release gave them still count",
            n=len(others),
            assignment=assignment.name,
            pool=name,
            students=", ".join(others[:MAX_STUDENTS]) + (" …" if others[MAX_STUDENTS:] else "") or "–",
        )

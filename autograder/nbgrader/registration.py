"""A source notebook with its questions stamped, and what the gradebook has to know of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from autograder.course import Course
from autograder.errors import CourseError
from autograder.nbgrader import converters
from autograder.notebooks import images
from autograder.notebooks.cells import GRADE_SUFFIX, NAMESPACE, missing_questions, read_notebook
from autograder.notebooks.stamp import new_notebook, stamp
from autograder.questions.question import Question
from autograder.settings import CONFIG_FILE, NO_KERNEL
from autograder.verification.answer_bank import is_draft
from autograder.verification.proofs import digest_of, released_questions


def ensure_registered(course: Course, assignments: Iterable[str]) -> None:
    """Let the gradebook know the assignments, each as its question files say."""
    for assignment in assignments:
        if not _is_registered(course, assignment):
            register(course, assignment)


def _is_registered(course: Course, assignment: str) -> bool:
    """Whether the gradebook knows every question of the assignment, for the points it is worth, and no kernel."""
    wanted = {
        f"{question.id}{GRADE_SUFFIX}": question.points for question in released_questions(course, assignment)
    }
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        try:
            notebook = gradebook.find_notebook(assignment, assignment)
        except MissingEntry:
            return False
        known = {cell.name: cell.max_score for cell in notebook.grade_cells}
        guarded = NO_KERNEL in (notebook.kernelspec or "")
    return guarded and all(known.get(name) == points for name, points in wanted.items())


def register(course: Course, assignment: str) -> None:
    """Write an assignment's cells and points into the course's gradebook, as nbgrader does at a release.

    Raises CourseError where the release asks a question that has no file: the gradebook would not know its cell, and
    nbgrader adds none once somebody has handed in.
    """
    questions, path = course.questions(assignment), course.release(assignment, course.languages[0])
    if path.exists():
        if not course.source(assignment).exists():
            raise CourseError(
                f"{course.source(assignment)} is missing: put it back, it says which cells are graded"
            )
        known = [question.id for question in questions]
        for gone in missing_questions(
            read_notebook(path), known, course.root / "solutions" / assignment
        ).values():
            raise CourseError(gone)
        questions = released_questions(course, assignment)
    with tempfile.TemporaryDirectory(prefix="register-") as temporary:
        root = Path(temporary)
        shutil.copy(course.root / CONFIG_FILE, root / CONFIG_FILE)
        stamp_source(course, root, assignment, questions)
        converters.generate_assignment(
            course, assignment, course.languages[0], root=root, gradebook_url=course.gradebook_url
        )


def stamp_source(course: Course, root: Path, name: str, questions: Sequence[Question]) -> None:
    """Write the source notebook of an assignment, its questions stamped, below `root`, with what it needs."""
    path = course.source(name)
    folder = root / "source" / name
    if path.parent.exists():
        shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    else:
        folder.mkdir(parents=True)
    source = read_notebook(path) if path.exists() else new_notebook(name, course.languages)
    strict = course.settings.own_numbers == "strict"
    stamped = stamp(
        source, questions, course.languages, course.settings.graded_with, course.id, strict=strict
    )
    drafts = [question.id for question in questions if is_draft(course.root, question)]
    # a build writes only what is proved
    proved = {question.id: digest_of(question) for question in questions}
    stamped.metadata[NAMESPACE] = {"drafts": drafts, "proved": proved}
    images.link(stamped)
    text = nbformat.writes(stamped) + "\n"
    (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    drawn = root / course.pictures.relative_to(course.root)
    drawn.mkdir(exist_ok=True)
    for picture in course.pictures.glob("*.png"):
        shutil.copy(picture, drawn)

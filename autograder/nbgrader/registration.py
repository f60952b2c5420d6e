"""Registers assignments in the gradebook, from source notebooks with their questions stamped."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from nbgrader.api import MissingEntry

from autograder.assignment import Assignment
from autograder.course import Course
from autograder.errors import CourseError
from autograder.i18n import _, format_moment
from autograder.nbgrader import converters
from autograder.nbgrader.open_gradebook import open_gradebook
from autograder.nbgrader_hooks import CONFIG_FILE, NO_KERNEL
from autograder.notebooks import images
from autograder.notebooks.cells import (
    GRADE_SUFFIX,
    NAMESPACE,
    grade_id,
    is_test,
    missing_questions,
    read_notebook,
)
from autograder.notebooks.released_pools import EARLIER, with_earlier
from autograder.notebooks.stamp import new_notebook, stamp
from autograder.questions.question import Question
from autograder.questions.variants import pools_of
from autograder.text import Text, some_of
from autograder.verification.released import digest_of, released_questions


def ensure_registered(course: Course, assignments: Iterable[str]) -> None:
    """Register each assignment whose questions or points in the gradebook are not current."""
    for name in assignments:
        if not _is_registered(course.assignment(name)):
            register(course.assignment(name))


def _is_registered(assignment: Assignment) -> bool:
    """Return whether the gradebook has every question of the assignment with its points, and no real kernel."""
    questions = released_questions(assignment)
    expected = {f"{question.id}{GRADE_SUFFIX}": question.points for question in questions}
    if assignment.has_tests:
        tests = filter(is_test, read_notebook(assignment.source).cells)
        expected |= {grade_id(cell): float(cell.metadata.nbgrader.points) for cell in tests}
    with open_gradebook(assignment.course) as gradebook:
        try:
            notebook = gradebook.find_notebook(assignment.name, assignment.name)
        except MissingEntry:
            return False
        points_of = {cell.name: cell.max_score for cell in notebook.grade_cells}
        guarded = NO_KERNEL in (notebook.kernelspec or "")
    return guarded and all(points_of.get(name) == points for name, points in expected.items())


def register(assignment: Assignment) -> None:
    """Write an assignment's cells and points into the course's gradebook, as nbgrader does at a release.

    Raises CourseError if the release has a question without a question file: the gradebook would lack its cell, and
    nbgrader adds no cells once there is a submission.
    """
    course, questions, path = assignment.course, assignment.questions, assignment.release()
    if path.exists():
        if not assignment.source.exists():
            raise CourseError(
                _(
                    "{path} is missing; restore it, since it defines which cells are graded",
                    path=assignment.source,
                )
            )
        expected = [question.id for question in questions]
        for reason in missing_questions(read_notebook(path), expected, assignment.folder).values():
            raise CourseError(reason)
        questions = released_questions(assignment)
    with tempfile.TemporaryDirectory(prefix="register-") as temporary:
        root = Path(temporary)
        shutil.copy(course.root / CONFIG_FILE, root / CONFIG_FILE)
        stamp_source(course, root, assignment.name, questions)
        converters.generate_assignment(
            course, assignment.name, course.languages[0], root=root, gradebook_url=course.gradebook_url
        )


def unreleased(course: Course, names: Iterable[str]) -> dict[str, Text]:
    """Return why assignments that nbgrader releases cannot be graded: it has not released all of their notebooks."""
    missing: dict[str, Text] = {}
    if not (names := list(names)):
        return missing
    with open_gradebook(course) as gradebook:
        for name in names:
            try:
                for notebook in course.assignment(name).notebooks:
                    gradebook.find_notebook(notebook, name)
            except MissingEntry as error:
                missing[name] = _(
                    "{name} is not in the gradebook as its sources are ({error}); run `nbgrader generate_assignment "
                    "{name}` first",
                    name=name,
                    error=error,
                )
    return missing


def check_single_notebook(assignment: Assignment) -> None:
    """Check that no other notebook of an assignment has cells that nbgrader would grade.

    A notebook without such cells, as an appendix, may lie there. Raises CourseError.
    """
    others = sorted({*assignment.source.parent.glob("*.ipynb")} - {assignment.source})
    for path in others:
        cells = [grade_id(cell) for cell in read_notebook(path).cells if grade_id(cell)]
        if cells:
            raise CourseError(
                _(
                    "{path} has cells of nbgrader ({cells}), but an assignment has a single notebook, {notebook}: move "
                    "them there, or the notebook into an assignment of its own",
                    path=path,
                    cells=some_of(cells),
                    notebook=assignment.source.name,
                )
            )


def stamp_source(course: Course, root: Path, name: str, questions: Sequence[Question]) -> None:
    """Write the source notebook of an assignment, with its questions stamped and its files, below `root`."""
    path = course.assignment(name).source
    folder = root / "source" / name
    if path.parent.exists():
        shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    else:
        folder.mkdir(parents=True)
    source = read_notebook(path) if path.exists() else new_notebook(name, course.languages)
    moment = course.assignment(name).due

    def due(language: str) -> str:
        assert moment is not None
        return f"{format_moment(moment, course.zone, language)} ({course.settings.timezone})"

    stamped = stamp(
        source,
        questions,
        course.languages,
        course.settings.graded_with,
        course.id,
        strict=course.assignment(name).is_strict,
        due=due if moment else None,
    )
    from autograder.verification.answer_bank import is_draft  # here, since it imports what grades an answer

    drafts = [question.id for question in questions if is_draft(question)]
    # a build writes only proved questions
    proved = {question.id: digest_of(question) for question in questions}
    stamped.metadata[NAMESPACE] = {"drafts": drafts, "proved": proved}
    release = course.assignment(name).release()
    if release.is_file() and (earlier := with_earlier(pools_of(questions), read_notebook(release))):
        stamped.metadata[NAMESPACE][EARLIER] = earlier
    images.link(stamped)
    text = nbformat.writes(stamped) + "\n"
    (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    pictures = root / course.pictures.relative_to(course.root)
    pictures.mkdir(exist_ok=True)
    for picture in course.pictures.glob("*.png"):
        shutil.copy(picture, pictures)

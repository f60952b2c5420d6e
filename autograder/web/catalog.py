"""The catalog of a course's assignments, cached until their files change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.assignment import Assignment
from autograder.course import Course
from autograder.errors import AutograderError, CourseError
from autograder.grading.fingerprint import questions_digest
from autograder.notebooks.stamp import ID_CELL, worked_solutions
from autograder.questions.question import total_points
from autograder.questions.variants import pools_of
from autograder.roster import STUDENT
from autograder.submissions.collect import name_of, read_releases
from autograder.submissions.selection import manual_points, points_of_tests
from autograder.text import Text
from autograder.web.cache import VersionedCache

log = logging.getLogger(__name__)
JSON_STRING = '"{}"'


@dataclass(frozen=True)
class AssignmentInfo:
    """An assignment as students see it."""

    title: Text
    points: float | None
    """Without bonus questions; None if its question files cannot be loaded."""
    questions: Mapping[str, Text] = field(default_factory=dict)
    """Titles, by id."""
    solutions: Mapping[str, str] = field(default_factory=dict)
    """Worked solutions, by id."""
    has_variants: bool = False
    """Whether its notebooks ask for the student's id and show numbers that depend on it."""


@dataclass(frozen=True)
class AssignmentOption:
    """An assignment that a teacher can pick for an activity of the LMS."""

    name: str
    title: Text
    points: float
    """Without bonus questions, which come on top of the maximum."""


class AssignmentCatalog:
    """The assignments of a course. Thread-safe."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._cache = VersionedCache()

    def info(self, name: str) -> AssignmentInfo:
        """Return an assignment as students see it."""
        assignment = self._course.assignment(name)
        files = [assignment.source, *assignment.releases, *assignment.question_files]
        info: AssignmentInfo = self._cached(f"info of {name}", files, partial(_load_info, assignment))
        return info

    def questions_digest(self, name: str) -> str:
        """Return the digest of an assignment's question files as they are now; see `questions_digest`."""
        files = self._course.assignment(name).question_files
        digest: str = self._cached(
            f"questions of {name}", files, partial(questions_digest, self._course, name)
        )
        return digest

    def released(self) -> Mapping[str, NotebookNode]:
        """Return the released notebooks in the first language, by name as in `name_of`. They must not be modified.

        Raises CourseError if nothing is released.
        """
        course = self._course
        files = [path for name in course.assignments for path in course.assignment(name).releases]
        notebooks: Mapping[str, NotebookNode] = self._cached(
            "released", files, partial(read_releases, course)
        )
        return notebooks

    def release_of(self, name: str) -> NotebookNode:
        """Return the released notebook of an assignment that has one; see `released`."""
        return self.released()[name_of(name, self._course.submission("", name).notebook)]

    def files(self, assignment: str, language: str) -> dict[str, Path]:
        """Return the released files by name: the notebook first, then its data."""
        notebook = self._course.assignment(assignment).release(language)
        paths = [path for path in sorted(notebook.parent.rglob("*")) if path.is_file() and path != notebook]
        named = {path.relative_to(notebook.parent).as_posix(): path for path in paths}
        public = {
            name: path for name, path in named.items() if not any(part[0] in "._" for part in name.split("/"))
        }
        return ({notebook.name: notebook} if notebook.is_file() else {}) | public

    def _cached(self, name: str, files: Iterable[Path], load: Callable[[], Any]) -> Any:
        """Return the result of `load`, which is called again only after one of the files has changed."""
        return self._cache.get(name, versions_of(files), load)


def assignment_options(course: Course) -> tuple[AssignmentOption, ...]:
    """Return the assignments that can be picked.

    One whose questions cannot be loaded is left out, and the log says why.
    """
    options = []
    for name in course.assignments:
        assignment = course.assignment(name)
        try:
            course.submission("", name)
            points = _points(assignment)
        except AutograderError as error:
            log.error("cannot offer %s: %s", name, error)
            continue
        if points > 0:  # an LMS accepts no maximum of 0
            options.append(AssignmentOption(name, assignment.title, points))
    return tuple(options)


def refusals(course: Course) -> dict[str, Text]:
    """Return why assignments cannot be opened over the web, by name: those with several notebooks."""
    found: dict[str, Text] = {}
    for name in course.assignments:
        try:
            course.submission("", name)
        except CourseError as error:
            found[name] = error.message
    return found


def personalize(notebook: bytes, student: str | None) -> bytes:
    """Return a released notebook with the student's id filled in, so that it shows their own numbers.

    All other bytes stay the same. Unchanged if the notebook asks for no id, or if the student's id is unknown.
    """
    escaped = ID_CELL.replace('"', r"\"")
    before = JSON_STRING.format(escaped).encode()
    if student is None or not STUDENT.fullmatch(student) or notebook.count(before) != 1:
        return notebook
    after = JSON_STRING.format(escaped.replace(r"\"\"", rf"\"{student}\"")).encode()
    return notebook.replace(before, after)


def _load_info(assignment: Assignment) -> AssignmentInfo:
    try:
        questions, points = assignment.questions, _points(assignment)
    except AutograderError as error:
        log.error("cannot load the questions of %s: %s", assignment.name, error)
        return AssignmentInfo(assignment.title, None)
    titles = {name: Text.same(name) for name in points_of_tests(assignment)}
    titles = {name.rpartition("/")[2]: title for name, title in titles.items()} | {
        question.id: question.title for question in questions
    }
    solutions = worked_solutions(questions)
    return AssignmentInfo(assignment.title, points, titles, solutions, bool(pools_of(questions)))


def _points(assignment: Assignment) -> float:
    """Return the points of an assignment, with tests and manually graded cells, without bonus questions."""
    points = [question.points for question in assignment.questions if not question.bonus]
    others = manual_points(assignment) | points_of_tests(assignment)
    return total_points([*points, *others.values()])


def versions_of(files: Iterable[Path]) -> tuple[tuple[str, int, int], ...]:
    """Return what changes when one of the files does."""
    return tuple((str(path), *_version(path)) for path in sorted(files))


def _version(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
